//! Networks from presets and files, and back into files: the file format's functions in the words of the window.

use super::document::Document;
use spikeground_core::preset::{self, Builtin, LoadError};
use spikeground_core::spec::NetworkSpec;
use std::path::Path;

/// All presets, in the order of the gallery.
pub fn presets() -> &'static [Builtin] {
    preset::list()
}

/// The network of a preset.
pub fn preset(key: &str) -> Result<NetworkSpec, String> {
    preset::find(key).map(|p| p.spec.clone()).ok_or_else(|| format!("there is no preset {key}"))
}

/// The document the program starts with.
pub fn first() -> Document {
    preset(preset::builtin::START)
        .map_or_else(|_| Document::new(super::edit::blank()), |spec| Document::from_preset(spec, preset::builtin::START))
}

/// The network of a file, or all its problems, one a line.
pub fn read(path: &Path) -> Result<NetworkSpec, String> {
    match preset::load(path) {
        Ok(preset) => Ok(preset.spec),
        Err(LoadError::File(why)) => Err(why),
        Err(LoadError::Content { path, problems }) => {
            let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            Err(problems.iter().map(|p| format!("{name}:{p}")).collect::<Vec<_>>().join("\n"))
        }
    }
}

/// The network of an autosave, even if it cannot run as it stands: what was being edited must not be lost.
pub fn recover(path: &Path) -> Result<NetworkSpec, String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let told = |problems: Vec<preset::Problem>| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    preset::read::decode(&text).map(|p| p.spec).map_err(told)
}

/// Stores a network; a crash never leaves half a file.
pub fn write(path: &Path, spec: &NetworkSpec) -> Result<(), String> {
    preset::save(path, preset::write(spec))
}
