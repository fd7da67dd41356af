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
const LARGE: usize = 4 << 20;

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

#[cfg(target_os = "linux")]
fn want_huge(at: *const u8, bytes: usize) {
    const PAGE: usize = 2 << 20;
    if bytes < LARGE {
        return;
    }
    // Whole huge pages within the room only.
    let skip = at.align_offset(PAGE);
    let length = bytes.saturating_sub(skip) / PAGE * PAGE;
    if length > 0 {
        // SAFETY: the range lies within one allocation of ours; the advice changes how its pages are backed, never what they hold.
        // Refused advice costs speed only.
        unsafe { libc::madvise(at.add(skip).cast_mut().cast(), length, libc::MADV_HUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
fn want_huge(_: *const u8, bytes: usize) {
    let _ = bytes < LARGE;
}
