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

/// Writes a file beside its place and renames it there. On any error what was there stays.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
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
    // Asking for the whole length first finds a full disk before anything is written.
    file.set_len(bytes.len() as u64)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

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
