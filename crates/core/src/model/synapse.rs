//! Synapses: what a presynaptic spike does to the postsynaptic neuron.
//!
//! All kernels are linear, so synapses of one kind onto one population share state: see `engine::population`. A spike of weight
//! w that arrives at time t acts from t on; for `delta` it is part of the step that ends at t.

use crate::param::{Kind, ParamSpec, Unit};
use crate::part::Part;

/// The temporal shape of a synaptic effect, with its constants.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Shape {
    /// The voltage jumps by the weight (mV).
    Delta,
    /// Current w·e^(−t/τ).
    Exponential { tau: f64 },
    /// Current w·(e·t/τ)·e^(−t/τ): peaks at w when t = τ.
    Alpha { tau: f64 },
    /// Conductance w·e^(−t/τ), driving the voltage to `e_rev`.
    Conductance { tau: f64, e_rev: f64 },
}

const TAU_SYN: ParamSpec = ParamSpec::new(
    "tau_syn",
    "τ_syn",
    Unit::Ms,
    5.0,
    (0.01, 10_000.0),
    "Time constant of the synapse. Larger: each spike acts longer and inputs add up; smaller: inputs must coincide to add up",
)
.slider(0.1, 100.0)
.log();

pub static DELTA: Kind = Kind {
    equations: &["v → v + w at each arriving spike"],
    ..Kind::new("delta", "Delta", "The voltage jumps by the weight at once", &[])
};

pub static EXPONENTIAL: Kind = Kind {
    equations: &["dI/dt = −I/τ_syn", "I → I + w at each arriving spike"],
    ..Kind::new("exponential", "Exponential current", "A current that jumps by the weight and decays exponentially", &[TAU_SYN])
};

pub static ALPHA: Kind = Kind {
    equations: &["I(t) = w · (e·t/τ_syn) · e^(−t/τ_syn)"],
    ..Kind::new("alpha", "Alpha current", "A current that rises smoothly to the weight at t = τ_syn and decays", &[TAU_SYN])
};

pub static CONDUCTANCE: Kind = Kind {
    equations: &["dg/dt = −g/τ_syn", "g → g + w at each arriving spike", "I_syn = g · (E_rev − v)"],
    ..Kind::new(
        "conductance",
        "Exponential conductance",
        "A conductance that jumps by the weight, decays exponentially and pulls the voltage to E_rev",
        &[
            TAU_SYN,
            ParamSpec::new(
                "e_rev",
                "E_rev",
                Unit::Mv,
                0.0,
                (-200.0, 200.0),
                "Reversal potential. Above threshold: excitatory; at or below rest: inhibitory (shunting near rest)",
            )
            .slider(-100.0, 20.0),
        ],
    )
};

pub static ALL: super::Family = &[&DELTA, &EXPONENTIAL, &ALPHA, &CONDUCTANCE];

/// The shape a synapse part describes.
pub fn shape(part: &Part) -> Shape {
    match part.kind.key {
        "delta" => Shape::Delta,
        "exponential" => Shape::Exponential { tau: part.get("tau_syn") },
        "alpha" => Shape::Alpha { tau: part.get("tau_syn") },
        "conductance" => Shape::Conductance { tau: part.get("tau_syn"), e_rev: part.get("e_rev") },
        other => unreachable!("synapse {other} has no shape"),
    }
}

/// The unit of a weight through `synapse` onto a population of kind `neuron`.
pub fn weight_unit(synapse: &Part, neuron: &Kind) -> Unit {
    match synapse.kind.key {
        "delta" => neuron.states.first().map_or(Unit::Mv, |v| v.unit),
        "conductance" => neuron.conductance_unit,
        _ => neuron.current_unit,
    }
}
