//! From a network to files that other programs read: scripts for Brian2, NEST and PyNN, a protocol in Markdown, arrays for NumPy.
//!
//! An exact export runs the network and puts the very connections, weights, delays, initial states and stimuli beside the script, so that
//! the other program repeats this run spike by spike. What a target cannot express is refused by name, never approximated
//! ([`support`] holds the table); where conventions differ, the script follows ours and says so in a comment.

mod brian2;
mod brian2_models;
pub mod markdown;
mod nest;
mod nest_models;
pub mod npy;
mod plan;
mod pynn;
pub mod repeat;
pub mod snapshot;
mod source;
pub mod support;

use crate::engine::builder::Progress;
use crate::spec::NetworkSpec;
use crate::spec::validate::Problem;

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Brian2,
    Nest,
    Pynn,
    Markdown,
}

impl Target {
    pub const ALL: [Self; 4] = [Self::Brian2, Self::Nest, Self::Pynn, Self::Markdown];

    /// The name on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Brian2 => "brian2",
            Self::Nest => "nest",
            Self::Pynn => "pynn",
            Self::Markdown => "markdown",
        }
    }

    /// The name as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brian2 => "Brian2",
            Self::Nest => "NEST",
            Self::Pynn => "PyNN",
            Self::Markdown => "Markdown",
        }
    }

    pub fn extension(self) -> &'static str {
        if self == Self::Markdown { "md" } else { "py" }
    }
}

/// A finished export: the text, for an exact one the arrays that belong beside it, and the run they come from.
pub struct Export {
    pub text: String,
    pub arrays: npy::Arrays,
    /// Our own run (empty unless the export is exact).
    pub run: snapshot::Snapshot,
}

/// Writes `spec` for `target`. `stem` is the name, without ending, that the files will have. `Ok(None)`: given up by `progress`; an error
/// lists everything that the target cannot express, each with what could be changed.
pub fn export(spec: &NetworkSpec, target: Target, exact: bool, stem: &str, progress: Progress<'_>) -> Result<Option<Export>, Vec<Problem>> {
    let exact = exact || target == Target::Markdown;
    let Some(plan) = plan::Plan::new(spec, exact, progress)? else { return Ok(None) };
    let refused = support::refusals(&plan, target);
    if !refused.is_empty() {
        return Err(refused);
    }
    let text = match target {
        Target::Brian2 => brian2::script(&plan, stem),
        Target::Nest => nest::script(&plan, stem),
        Target::Pynn => pynn::script(&plan, stem),
        Target::Markdown => markdown::protocol(&plan),
    };
    let arrays = if exact && target != Target::Markdown { repeat::arrays(&plan) } else { Vec::new() };
    Ok(Some(Export { text, arrays, run: plan.snapshot }))
}
