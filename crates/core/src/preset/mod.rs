//! Network files: reading with every problem placed, writing for people, saving without ever leaving half a file, and the
//! presets that come with the program.
//!
//! Format 1 is RON (see [`tree`] for the grammar): one group with `format: 1` and the fields of [`NetworkSpec`], every part written
//! as `kind(key: value)`, keys and defaults those of the descriptors. A released format is frozen: what it reads, it reads for ever.

pub mod builtin;
mod fields;
mod patterns;
pub mod read;
pub mod save;
pub mod tree;
pub mod write;

use crate::spec::NetworkSpec;

pub use builtin::{Builtin, find, list};
pub use read::{FORMAT, read, read_bytes};
pub use save::{LoadError, load, save};
pub use write::write;

/// Something wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, both from 1.
    pub line: u32,
    pub column: u32,
    /// What is wrong, with the value, and what would be right.
    pub what: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.what)
    }
}

/// A network as a file holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preset {
    pub spec: NetworkSpec,
    pub gallery: Gallery,
}

/// Where a preset stands in the gallery; only built-in presets have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gallery {
    /// Heading: `Single neurons`.
    pub group: String,
    /// Place among all presets, ascending.
    pub order: u64,
    /// The publication the numbers come from.
    pub source: String,
}

/// The network in `text`, or everything that is wrong with it.
pub fn check_text(text: &str) -> Result<NetworkSpec, Vec<Problem>> {
    read(text).map(|p| p.spec)
}
