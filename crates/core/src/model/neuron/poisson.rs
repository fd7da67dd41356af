//! Poisson source: a population without a membrane, whose members fire at random.
//!
//! It has no state to integrate and so no [`super::Neuron`]: the engine draws its spikes from the population's random stream. A
//! member fires at most once a step, with probability 1 − e^(−ν·dt), so that the intervals are those of a Poisson process seen
//! on the grid.

use crate::param::{Kind, ParamSpec, Unit};

pub static POISSON: Kind = Kind {
    equations: &["P(spike in a step) = 1 − e^(−ν · dt), independent for each neuron and step"],
    references: &[
        "D. Heeger, Poisson Model of Spike Generation (2000); D. R. Cox & P. A. W. Lewis, The Statistical Analysis of Series of Events (1966)",
    ],
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
    std::ptr::eq(kind, &raw const POISSON)
}
