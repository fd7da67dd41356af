//! The network is saved by itself every minute while it has unsaved changes, and offered again after a crash.

use super::document::Document;
use super::library;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_mins(1);

/// Saves by itself into a folder; does nothing without one.
pub struct Autosave {
    file: Option<PathBuf>,
    last: Instant,
    revision: u64,
    /// When the last attempt was made, and whether it worked.
    tried: Option<(Instant, bool)>,
}

impl Autosave {
    pub fn new(folder: Option<&Path>) -> Self {
        let file = folder.map(|f| f.join(format!("autosave-{}.ron", std::process::id())));
        Self { file, last: Instant::now(), revision: 0, tried: None }
    }

    /// Saves when it is time. Call once a frame.
    pub fn tick(&mut self, document: &Document) {
        if self.last.elapsed() >= INTERVAL {
            self.save(document);
        }
    }

    /// Saves now if something changed.
    pub fn save(&mut self, document: &Document) {
        self.last = Instant::now();
        let Some(file) = &self.file else { return };
        if !document.is_edited() {
            let _ = std::fs::remove_file(file);
            self.tried = None;
            return;
        }
        if self.revision == document.revision() {
            return;
        }
        let made = file.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(|e| e.to_string());
        let written = made.and_then(|()| library::write(file, document.spec())).is_ok();
        if written {
            self.revision = document.revision();
        }
        self.tried = Some((self.last, written));
    }

    /// What the status line says of it; empty while nothing needs saving.
    pub fn said(&self) -> String {
        let Some((at, written)) = self.tried else { return String::new() };
        let what = if written { "autosaved" } else { "autosave failed" };
        match at.elapsed().as_secs() / 60 {
            0 => format!("{what} just now"),
            minutes => format!("{what} {} ago", super::text::with_unit(&minutes.to_string(), "min")),
        }
    }

    /// The window closes in good order: nothing to recover.
    pub fn clean(&self) {
        if let Some(file) = &self.file {
            let _ = std::fs::remove_file(file);
        }
    }
}

/// A network left behind by a program that is no longer running.
pub fn left_behind(folder: &Path) -> Option<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let process = path.file_name()?.to_str()?.strip_prefix("autosave-")?.strip_suffix(".ron")?.parse().ok()?;
            (!is_running(process)).then(|| Some((std::fs::metadata(&path).ok()?.modified().ok()?, path)))?
        })
        .collect();
    found.sort();
    found.pop().map(|(_, path)| path)
}

/// Whether a process lives. Where this cannot be known, an old file is offered although its window may still be open.
fn is_running(process: u32) -> bool {
    process == std::process::id() || (cfg!(target_os = "linux") && Path::new(&format!("/proc/{process}")).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_dead_process_left_is_offered() {
        let folder = tempfile::tempdir().unwrap();
        assert!(left_behind(folder.path()).is_none());
        std::fs::write(folder.path().join(format!("autosave-{}.ron", std::process::id())), "x").unwrap();
        std::fs::write(folder.path().join("notes.ron"), "x").unwrap();
        assert!(left_behind(folder.path()).is_none());
        // No process has the highest number.
        let dead = folder.path().join(format!("autosave-{}.ron", u32::MAX));
        std::fs::write(&dead, "x").unwrap();
        assert_eq!(left_behind(folder.path()), Some(dead));
    }
}
