//! Poisson source: a population without a membrane, whose members fire at random.
//!
//! It has no state to integrate and so no [`super::Neuron`]: the engine draws the number of spikes of each member and step, whose
//! mean is ν·dt, from the population's random stream (`engine::poisson`).

use crate::param::{Kind, ParamSpec, Unit};

pub static POISSON: Kind = Kind {
    equations: &["number of spikes in a step ~ Poisson(ν · dt), independent for each neuron and step"],
    ..Kind::new(
        "poisson",
        "Poisson source",
        "Fires at random with a given rate, and receives nothing",
        &[ParamSpec::new(
            "rate",
            "ν",
            Unit::Hz,
            10.0,
            (0.0, 100_000.0),
            "Spikes a second of each neuron. Larger: more input to the targets; the irregularity stays the same",
        )
        .slider(0.0, 200.0)],
    )
};

/// Whether populations of `kind` are drawn at random instead of integrated.
pub fn is_source(kind: &Kind) -> bool {
    std::ptr::eq(kind, &POISSON)
}
