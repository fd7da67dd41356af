//! Plasticity rules: how a weight changes with the spikes on both sides of the synapse.

pub mod stdp;

use crate::param::Kind;

/// All rules. (A projection without a rule is static.)
pub static ALL: super::Family = &[&stdp::KIND];

/// Rules whose changes cannot wait: they depend on what is known only at the moment of a postsynaptic spike.
static IMPATIENT: super::Family = &[];

/// Whether a postsynaptic spike may change its synapses later, when their sources fire: true where the change follows from the weight, the
/// times of the spikes and traces that only spikes move.
pub fn can_wait(kind: &Kind) -> bool {
    !IMPATIENT.iter().any(|k| std::ptr::eq(*k, kind))
}
