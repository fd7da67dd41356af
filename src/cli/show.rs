//! `spikeground show NAME`.

use super::{Failure, open, print};
use spikeground_core::preset;

/// Prints the preset as the commented file it is: the start of a file of one's own.
pub fn show(name: &str) -> Result<(), Failure> {
    match preset::find(name) {
        Some(preset) => print(preset.text),
        None => Err(open::unknown(name)),
    }
}
