//! The plug-ins: neuron models, synapses, plasticity rules, connectors, distributions and stimuli.
//!
//! Each family is a list of [`Kind`]s. Adding a model touches its own file and one line in its family's list; sliders, file keys,
//! tooltips, documentation and validation come from the descriptor.

pub mod connectivity;
pub mod distribution;
mod gaps;
pub mod neuron;
pub mod plasticity;
pub mod stimulus;
pub mod synapse;

use crate::param::Kind;

/// A list of kinds among which a file or a user chooses.
pub type Family = &'static [&'static Kind];

/// The kind of `family` called `key`.
pub fn find(family: Family, key: &str) -> Option<&'static Kind> {
    family.iter().copied().find(|k| k.key == key)
}

/// Whether a kind may stand where one of `family` is chosen: it is in the list, or a neuron model of one's own.
pub fn is_of(family: Family, kind: &Kind) -> bool {
    family.iter().any(|k| std::ptr::eq(*k, kind)) || (std::ptr::eq(family, neuron::ALL) && !kind.source.is_empty())
}
