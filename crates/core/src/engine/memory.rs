//! How much memory a network may take.

/// Assumed where the system does not say what is free.
const UNKNOWN: u64 = 8 << 30;

/// Bytes a new network may take: 80 % of what is available now.
pub fn budget() -> u64 {
    available().unwrap_or(UNKNOWN) / 10 * 8
}

/// Bytes that can be had without swapping, where the system tells.
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|l| l.starts_with("MemAvailable:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Above this, memory is asked for in huge pages where the system grants them.
const LARGE: usize = 2 << 20;

/// An empty vector with room for `n` entries, in huge pages when it is large: a random access then misses one cache, not two.
pub fn with_capacity<T>(n: usize) -> Vec<T> {
    let v: Vec<T> = Vec::with_capacity(n);
    want_huge(v.as_ptr().cast(), n * size_of::<T>());
    v
}

/// `n` copies of `value`, in huge pages when they are many.
pub fn zeroed<T: Copy>(n: usize, value: T) -> Vec<T> {
    let mut v = with_capacity(n);
    v.resize(n, value);
    v
}

/// The same for a table that is read at random all the time: one that fills a good part of a huge page takes the whole page.
pub fn at_random<T: Copy>(n: usize, value: T) -> Vec<T> {
    let bytes = n * size_of::<T>();
    let mut v = with_capacity(if bytes > LARGE / 8 && bytes < LARGE { LARGE.div_ceil(size_of::<T>()) } else { n });
    v.resize(n, value);
    v
}

#[cfg(target_os = "linux")]
fn want_huge(at: *const u8, bytes: usize) {
    const PAGE: usize = 4096;
    if bytes < LARGE {
        return;
    }
    // Whole small pages, the first included: large allocations begin just behind the boundary of a huge page.
    let before = at.addr() % PAGE;
    let length = (before + bytes).next_multiple_of(PAGE);
    // SAFETY: pages that hold a byte of an allocation of ours are mapped; the advice changes how pages are backed, never what they hold.
    // Refused advice costs speed only.
    unsafe { libc::madvise(at.wrapping_sub(before).cast_mut().cast(), length, libc::MADV_HUGEPAGE) };
}

#[cfg(not(target_os = "linux"))]
fn want_huge(_: *const u8, bytes: usize) {
    let _ = bytes < LARGE;
}
