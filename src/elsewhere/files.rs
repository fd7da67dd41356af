//! Files of an export: whole or not at all, never over another without being asked, never more than the disk holds.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// Refuses a path at which there is something already, unless `force` says so.
pub fn refuse_existing(path: &Path, force: bool) -> Result<(), String> {
    if path.exists() && !force {
        return Err(format!("{} is there already; give --force to replace it, or another name with --out", path.display()));
    }
    Ok(())
}

/// Refuses what would not fit where `path` is to be, with both numbers. A disk that does not tell is trusted.
pub fn fits(path: &Path, bytes: u64) -> Result<(), String> {
    let folder = path.ancestors().skip(1).find(|a| a.exists()).unwrap_or(Path::new("."));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match fs4::available_space(folder) {
        Ok(free) if free < bytes => Err(format!(
            "{} needs {} and the disk has {} left; nothing was changed; free some space or choose another place",
            path.display(),
            size(bytes),
            size(free)
        )),
        _ => Ok(()),
    }
}

/// A size as people say it: `1.2 GB`.
fn size(bytes: u64) -> String {
    let scale = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")].into_iter().find(|s| bytes as f64 >= s.0);
    scale.map_or_else(|| format!("{bytes} bytes"), |(by, unit)| format!("{:.1} {unit}", bytes as f64 / by))
}

/// Writes a file beside its place and renames it there. On any error what was there stays.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fits(path, bytes.len() as u64)?;
    let name = path.file_name().map_or_else(|| "export".into(), |n| n.to_string_lossy().into_owned());
    let temporary = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let done = store(&temporary, path, bytes);
    if done.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    done.map_err(|e| format!("{} could not be written: {e}; nothing was changed; free some space or choose another place", path.display()))
}

fn store(temporary: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_fit_is_refused_with_both_numbers() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new").join("a.npz");
        assert!(fits(&path, 1000).is_ok());
        let why = fits(&path, 1 << 60).expect_err("refused");
        assert!(why.contains("a.npz") && why.contains("GB") && why.contains("left"), "{why}");
        assert_eq!((size(999), size(1500), size(2_500_000_000)), ("999 bytes".into(), "1.5 kB".into(), "2.5 GB".into()));
    }

    #[test]
    fn a_file_is_replaced_only_when_asked_and_always_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.py");
        assert!(refuse_existing(&path, false).is_ok());
        write(&path, b"one").expect("written");
        assert!(refuse_existing(&path, false).is_err_and(|e| e.contains("--force")) && refuse_existing(&path, true).is_ok());
        write(&path, b"two").expect("written");
        assert_eq!(fs::read(&path).expect("read"), b"two");
        assert!(write(&folder.path().join("missing").join("b.py"), b"x").is_err_and(|e| e.contains("b.py")));
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1);
    }
}
