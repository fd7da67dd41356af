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
