//! From a name or a path to a network, or to one message that says everything that is wrong with it.

use super::Failure;
use spikeground_core::near;
use spikeground_core::preset::{self, LoadError};
use spikeground_core::spec::NetworkSpec;
use std::path::Path;

/// The network a user means: a preset by name, else a file.
pub fn open(name_or_file: &str) -> Result<NetworkSpec, Failure> {
    if let Some(preset) = preset::find(name_or_file) {
        return Ok(preset.spec.clone());
    }
    let path = Path::new(name_or_file);
    if !path.exists() && !looks_like_a_path(name_or_file) {
        return Err(unknown(name_or_file));
    }
    read(path)
}

/// Reads a network file; the message lists every problem as `file:line:column: what`.
pub fn read(path: &Path) -> Result<NetworkSpec, Failure> {
    preset::load(path).map(|p| p.spec).map_err(|error| match error {
        LoadError::Content { path, problems } => {
            let lines: Vec<_> = problems.iter().map(|p| format!("{}:{p}", path.display())).collect();
            Failure::usage(lines.join("\n"))
        }
        LoadError::File(why) => Failure::usage(why),
    })
}

/// The failure for a name that is no preset.
pub fn unknown(name: &str) -> Failure {
    let keys: Vec<_> = preset::list().iter().map(|p| p.key).collect();
    let near = keys.iter().filter(|k| k.contains(name) || name.contains(**k) || near::distance(k, name) <= 2).copied().collect::<Vec<_>>();
    if near.is_empty() {
        return Failure::usage(format!("there is no preset and no file called {name}; `spikeground list` shows the presets"));
    }
    Failure::usage(format!("there is no preset and no file called {name}; did you mean {}?", near.join(", ")))
}

fn looks_like_a_path(text: &str) -> bool {
    text.contains(['/', '\\']) || Path::new(text).extension().is_some_and(|e| e.eq_ignore_ascii_case("ron"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_answered_with_the_names_nearby() {
        let failure = open("ei-balanse").expect_err("no such preset");
        assert_eq!(failure.code, 2);
        assert!(failure.message.contains("did you mean ei-balance"), "{}", failure.message);
    }

    #[test]
    fn a_missing_file_is_called_missing() {
        let failure = open("no/such/file.ron").expect_err("no such file");
        assert!(failure.code == 2 && failure.message.contains("no/such/file.ron"), "{}", failure.message);
    }
}
