//! The most memory this process has held.

/// Peak resident memory in MB (10⁶ bytes); none where the system does not tell.
pub fn peak_rss_mb() -> Option<f64> {
    peak_kilobytes().map(|kb| (kb * 1.024 / 100.0).round() / 10.0)
}

/// Kilobytes of 1024 bytes.
#[cfg(target_os = "linux")]
fn peak_kilobytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Elsewhere the system's own tool is asked; on Unix it knows only the present size, which at the end of a run is near the peak.
#[cfg(not(target_os = "linux"))]
fn peak_kilobytes() -> Option<f64> {
    let id = std::process::id().to_string();
    let (program, arguments, divisor) = if cfg!(windows) {
        ("powershell", vec!["-NoProfile".to_owned(), "-Command".to_owned(), format!("(Get-Process -Id {id}).PeakWorkingSet64")], 1024.0)
    } else {
        ("ps", vec!["-o".to_owned(), "rss=".to_owned(), "-p".to_owned(), id], 1.0)
    };
    let output = std::process::Command::new(program).args(arguments).output().ok()?;
    let number: f64 = String::from_utf8(output.stdout).ok()?.trim().parse().ok()?;
    Some(number / divisor)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_running_program_holds_some_memory() {
        let peak = super::peak_rss_mb();
        assert!(peak.is_none_or(|mb| mb > 0.5), "{peak:?}");
    }
}
