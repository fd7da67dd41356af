//! Files on disk: loading with a plain reason on failure, and saving that leaves either the old file or the whole new one.

use super::read::MAX_BYTES;
use super::{Preset, Problem, read_bytes};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Why a file could not be loaded.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LoadError {
    /// The file could not be read at all; the text says what to do.
    #[error("{0}")]
    File(String),
    /// The file was read but is no good network.
    #[error("{} has {} problem{}; the first: {}", path.display(), problems.len(), if problems.len() == 1 { "" } else { "s" }, problems[0])]
    Content { path: PathBuf, problems: Vec<Problem> },
}

/// Loads a network file.
pub fn load(path: &Path) -> Result<Preset, LoadError> {
    let size = fs::metadata(path).map_err(|e| LoadError::File(explain("open", path, &e)))?.len();
    if size > MAX_BYTES as u64 {
        let limit = MAX_BYTES >> 20;
        return Err(LoadError::File(format!("{} has {} MiB; network files may have up to {limit} MiB", path.display(), size >> 20)));
    }
    let bytes = fs::read(path).map_err(|e| LoadError::File(explain("open", path, &e)))?;
    read_bytes(&bytes).map_err(|problems| LoadError::Content { path: path.to_owned(), problems })
}

/// The bytes of a file, or why it could not be read and what to do.
pub fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|e| explain("open", path, &e))
}

/// Replaces the file at `path` by `content`: written beside it, flushed to the disk, then renamed over it. On any error the former
/// file is untouched and the text says what to do.
pub fn save(path: &Path, content: impl AsRef<[u8]>) -> Result<(), String> {
    // A link keeps pointing where it does; what it points to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let temporary = beside(&target);
    let result = write_through(&target, &temporary, content.as_ref());
    if result.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    result.map_err(|e| explain("save", path, &e))
}

/// A name in the same folder, so that the rename stays on one file system.
fn beside(target: &Path) -> PathBuf {
    let name = target.file_name().map_or_else(|| "network.ron".into(), |n| n.to_string_lossy().into_owned());
    target.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}

fn write_through(target: &Path, temporary: &Path, bytes: &[u8]) -> io::Result<()> {
    if target.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(temporary)?;
    if let Ok(former) = fs::metadata(target) {
        if former.permissions().readonly() {
            return Err(ErrorKind::PermissionDenied.into());
        }
        let _ = file.set_permissions(former.permissions());
    }
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(temporary, target)?;
    // The rename itself must reach the disk, too; folders cannot be flushed everywhere.
    if let Some(Ok(folder)) = target.parent().map(File::open) {
        let _ = folder.sync_all();
    }
    Ok(())
}

fn explain(verb: &str, path: &Path, error: &io::Error) -> String {
    let remedy = match error.kind() {
        ErrorKind::NotFound if verb == "open" => "there is no such file; check the name",
        ErrorKind::NotFound => "its folder does not exist; choose another folder",
        ErrorKind::PermissionDenied if verb == "open" => "you may not read it; check its permissions",
        ErrorKind::PermissionDenied => "you may not write there; choose another place or check the permissions",
        ErrorKind::IsADirectory => "this is a folder; choose a file",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "the disk is full; free some space or choose another place",
        ErrorKind::ReadOnlyFilesystem => "this place cannot be written to; choose another place",
        _ => return format!("could not {verb} {}: {error}", path.display()),
    };
    format!("could not {verb} {}: {remedy}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("spikeground-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        dir
    }

    #[test]
    fn saving_replaces_the_file_and_leaves_nothing_else() {
        let dir = folder("save");
        let path = dir.join("a.ron");
        save(&path, "one").unwrap();
        save(&path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 1);
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_failed_save_names_the_path_and_the_remedy_and_keeps_what_was_there() {
        let dir = folder("fail");
        let inside = dir.join("missing").join("a.ron");
        let message = save(&inside, "x").unwrap_err();
        assert!(message.contains("a.ron") && message.contains("choose another folder"), "{message}");
        let message = save(&dir, "x").unwrap_err();
        assert!(message.contains("folder"), "{message}");
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 0);
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn loading_says_why_not() {
        let message = load(Path::new("/no/such/file.ron")).unwrap_err().to_string();
        assert!(message.contains("no such file"), "{message}");
    }
}
