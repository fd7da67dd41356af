//! Plasticity rules: how a weight changes with the spikes on both sides of the synapse.

pub mod stdp;

/// All rules. (A projection without a rule is static.)
pub static ALL: super::Family = &[&stdp::KIND];
