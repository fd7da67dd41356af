//! Networks from presets and files, and back into files; the one place that knows the file format's functions.

use spikeground_core::spec::NetworkSpec;
use std::path::Path;

/// A network that comes with the program.
#[derive(Clone, Copy, Debug)]
pub struct PresetInfo {
    pub key: &'static str,
    pub name: &'static str,
    pub purpose: &'static str,
}

/// All presets, in the order of the gallery.
pub fn presets() -> Vec<PresetInfo> {
    Vec::new()
}

/// The network of a preset.
pub fn preset(key: &str) -> Result<NetworkSpec, String> {
    Err(format!("there is no preset {key}"))
}

/// The network of a file, or all its problems.
pub fn read(path: &Path) -> Result<NetworkSpec, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    parse(&text)
}

/// The network described by a text.
pub fn parse(_text: &str) -> Result<NetworkSpec, String> {
    Err("files cannot be read yet".into())
}

/// The network as text.
pub fn text(_spec: &NetworkSpec) -> String {
    String::new()
}

/// Stores a network; a crash never leaves half a file.
pub fn write(path: &Path, spec: &NetworkSpec) -> Result<(), String> {
    write_atomically(path, &text(spec)).map_err(|e| format!("{}: {e}", path.display()))
}

/// Writes beside the target, makes sure it is on the disk, then puts it in place.
fn write_atomically(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let name = path.file_name().ok_or_else(|| std::io::Error::other("this is not the name of a file"))?;
    let mut temporary = name.to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(temporary);
    let result = (|| {
        let mut file = std::fs::File::create(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    })();
    if result.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    result
}

/// The document the program starts with.
pub fn first() -> super::document::Document {
    super::document::Document::new(super::edit::blank())
}
