//! Leaky integrate-and-fire neuron.
//!
//! C dv/dt = −(C/τ_m)(v − E_L) + I_e + I_syn + I_stim; when v ≥ V_th: spike, v ← V_reset, v is held for t_ref.
//!
//! Integrator: exact propagators for currents (Rotter & Diesmann 1999), so that spikes on the grid equal NEST's `iaf_psc_exp`
//! and `iaf_psc_alpha`; with conductance synapses exponential Euler with the mid-step conductance (second order, stable for any
//! dt), e^(−x) taken as 1/(1 + x + x²/2 + x³/6 + x⁴/24) with x = g·dt/C: off by x⁵/120, 1e-9 at x = 0.04, and never negative. Units: ms, mV, pF, pA, nS. Validated by `tests/models/lif.rs` and `tests/lif.rs` against the closed-form grid identity and NEST.

use super::accurate::{self, ACCURATE, Refractory};
use super::{Input, Neuron, Numbers, mean_gains};
use crate::model::synapse::Shape;
use crate::param::{Kind, NamedSet, ParamSpec, StateSpec, Unit};
use crate::real::Real;

pub struct Lif;

/// The values of the parameter `scheme`.
pub const SCHEMES: &[&str] = &["grid", "accurate"];

/// Derived constants of one step.
#[derive(Clone, Copy)]
pub struct Constants<R> {
    e_l: R,
    v_th: R,
    v_reset: R,
    i_e: R,
    /// e^(−dt/τ_m)
    decay: R,
    /// (τ_m/C)(1 − e^(−dt/τ_m)): mV per pA held for a step.
    drive: R,
    /// C/τ_m · E_L: pA.
    rest: R,
    /// C/τ_m in the unit of `per_pa`.
    leak: R,
    /// dt/(2C): half of what 1 pA adds to v in a step without leak, mV.
    per_pa: R,
    /// Refractory steps.
    hold: R,
}
// SAFETY: all fields are numbers of that type.
unsafe impl<R: Real> Numbers<R> for Constants<R> {}

static KIND: Kind = Kind {
    states: &[StateSpec { key: "v", symbol: "v", unit: Unit::Mv, doc: "Membrane potential" }],
    equations: &["C_m · dv/dt = −(C_m/τ_m)(v − E_L) + I_e + I_syn + I_stim", "v ≥ V_th:  spike, v ← V_reset, held for t_ref"],
    references: &[
        "L. Lapicque, J. Physiol. Pathol. Gen. 9:620 (1907)",
        "S. Rotter & M. Diesmann, Biol. Cybern. 81:381 (1999), doi:10.1007/s004220050570",
    ],
    sets: &[
        NamedSet {
            key: "nest",
            name: "NEST default",
            values: &[("tau_m", 10.0), ("c_m", 250.0), ("v_th", -55.0), ("v_reset", -70.0)],
            doc: "iaf_psc_exp of NEST 3.10",
        },
        NamedSet {
            key: "brunel",
            name: "Brunel 2000",
            values: &[("e_l", 0.0), ("v_th", 20.0), ("v_reset", 10.0)],
            doc: "N. Brunel, J. Comput. Neurosci. 8:183 (2000); potentials relative to rest",
        },
        NamedSet {
            key: "coba",
            name: "Vogels–Abbott COBA",
            values: &[("e_l", -60.0), ("v_reset", -60.0), ("t_ref", 5.0)],
            doc: "R. Brette et al., J. Comput. Neurosci. 23:349 (2007), benchmark 1",
        },
    ],
    ..Kind::new(
        "lif",
        "Leaky integrate-and-fire",
        "The simplest spiking neuron: a leaky capacitor with a threshold",
        &[
            ParamSpec::new(
                "tau_m",
                "τ_m",
                Unit::Ms,
                20.0,
                (0.01, 100_000.0),
                "Membrane time constant. Larger: a longer memory of past input; smaller: only coincident input counts",
            )
            .slider(1.0, 100.0)
            .log(),
            ParamSpec::new(
                "c_m",
                "C_m",
                Unit::Pf,
                200.0,
                (0.001, 1e6),
                "Membrane capacitance. Larger: the same current moves the voltage less",
            )
            .slider(20.0, 1000.0)
            .log(),
            ParamSpec::new("e_l", "E_L", Unit::Mv, -70.0, (-1000.0, 1000.0), "Resting potential. Closer to threshold: more excitable")
                .slider(-90.0, -40.0),
            ParamSpec::new("v_th", "V_th", Unit::Mv, -50.0, (-1000.0, 1000.0), "Threshold. Higher: more input is needed for a spike")
                .slider(-65.0, -30.0),
            ParamSpec::new(
                "v_reset",
                "V_reset",
                Unit::Mv,
                -65.0,
                (-1000.0, 1000.0),
                "Potential after a spike. Lower: a longer way back to threshold",
            )
            .slider(-90.0, -50.0),
            ParamSpec::new(
                "t_ref",
                "t_ref",
                Unit::Ms,
                2.0,
                (0.0, 10_000.0),
                "Refractory time: v is held at the reset. Longer: a lower ceiling of the rate",
            )
            .slider(0.0, 20.0),
            ParamSpec::new(
                "i_e",
                "I_e",
                Unit::Pa,
                0.0,
                (-1e6, 1e6),
                "Constant current into every neuron. Above (V_th − E_L)·C_m/τ_m the neuron fires by itself",
            )
            .slider(-500.0, 1000.0),
            accurate::choice(
                SCHEMES,
                "How time is stepped. grid: exact between the steps, spikes at their ends, equal to NEST; accurate: spikes and resets found inside the step",
            ),
        ],
    )
};

impl Neuron<2> for Lif {
    const KIND: &'static Kind = &KIND;
    const KICK: f64 = 1000.0;
    const HELD: Option<usize> = Some(1);
    type Constants<R: Real> = Constants<R>;

    fn constants<R: Real>(p: &[f64], dt: f64) -> Constants<R> {
        let &[tau_m, c_m, e_l, v_th, v_reset, t_ref, i_e, _] = p else { unreachable!("lif has 8 parameters") };
        Constants {
            e_l: R::of(e_l),
            v_th: R::of(v_th),
            v_reset: R::of(v_reset),
            i_e: R::of(i_e),
            decay: R::of(libm::exp(-dt / tau_m)),
            drive: R::of(-libm::expm1(-dt / tau_m) * tau_m / c_m),
            rest: R::of(c_m / tau_m * e_l),
            leak: R::of(0.5 * dt / tau_m),
            per_pa: R::of(0.5 * dt / c_m),
            hold: R::of((t_ref / dt).round()),
        }
    }

    fn initial(p: &[f64]) -> [f64; 2] {
        [p[2], 0.0]
    }

    #[inline(always)]
    fn conductance_unit<R: Real>(c: &Constants<R>) -> R {
        c.per_pa
    }

    #[inline(always)]
    fn hold<R: Real>(c: &Constants<R>) -> R {
        c.hold
    }

    #[inline(always)]
    fn fired<R: Real>(c: &Constants<R>, [_, until]: [R; 2]) -> [R; 2] {
        [c.v_reset, until]
    }

    fn between_spikes<R: Real>(c: Constants<R>, _scheme: usize) -> Constants<R> {
        Constants { v_reset: R::ZERO, hold: R::ZERO, ..c }
    }

    #[inline(always)]
    fn step<R: Real, const G: bool, const SCHEME: usize>(c: &Constants<R>, [v, until]: [R; 2], input: Input<R>) -> ([R; 2], bool) {
        let current = c.i_e + input.current;
        let v = if G {
            // v_inf + (v − v_inf) e^(−x) with v_inf = drive/g and x = g·dt/C. With e^(−x) = 1/(1 + x·q) the division by g drops out. In
            // y = x/2 and for 2q the polynomial has the fewest operations and the shortest chain of them, which is what the loop waits for.
            let y = c.leak + input.g;
            let drive = (c.rest + current) * c.per_pa + input.ge;
            let two_y = R::of(2.0) + y;
            let q = (two_y + y) + (y * y) * (two_y * R::of(2.0 / 3.0));
            (v + drive * q) / (R::ONE + y * q) + input.jump
        } else {
            c.e_l + (v - c.e_l) * c.decay + current * c.drive + input.jump
        };
        ([v, until], v >= c.v_th)
    }

    fn scheme(p: &[f64]) -> usize {
        if p[7] == 1.0 { ACCURATE } else { 0 }
    }

    fn slopes(p: &[f64], [v, _]: [f64; 2], input: Input<f64>) -> [f64; 2] {
        let &[tau_m, c_m, e_l, _, _, _, i_e, _] = p else { unreachable!("lif has 8 parameters") };
        [(e_l - v) / tau_m + (i_e + input.current + input.ge - input.g * v) / c_m, 0.0]
    }

    fn above(p: &[f64], [v, _]: [f64; 2]) -> f64 {
        v - p[3]
    }

    fn reset(p: &[f64], [_, wait]: [f64; 2]) -> Option<[f64; 2]> {
        Some([p[4], wait])
    }

    /// In steps, as the other scheme counts, but not in whole ones.
    fn refractory(p: &[f64], dt: f64) -> Option<Refractory> {
        Some(Refractory { column: 1, ms: p[5], per_ms: 1.0 / dt })
    }

    /// Exact for currents: what the synapse adds to v over the step, divided by what a constant 1 pA adds.
    fn gains(p: &[f64], shape: Shape, dt: f64) -> [f64; 2] {
        let (tau_m, c_m) = (p[0], p[1]);
        let drive = -libm::expm1(-dt / tau_m) * tau_m / c_m;
        match shape {
            Shape::Exponential { tau } => [exponential_propagator(tau_m, tau, dt) / c_m / drive, 0.0],
            Shape::Alpha { tau } => {
                let (first, second) = alpha_propagators(tau_m, tau, dt);
                [first / c_m / drive, second / c_m / drive]
            }
            other => mean_gains(other, dt),
        }
    }
}

/// ∫₀ʰ e^(−(h−s)/τ_m) e^(−s/τ_s) ds, with a series where the closed form cancels.
fn exponential_propagator(tau_m: f64, tau_s: f64, h: f64) -> f64 {
    let x = h * (1.0 / tau_m - 1.0 / tau_s);
    // h e^(−h/τ_m) (eˣ − 1)/x
    let ratio = if x.abs() < 1e-9 { 1.0 + 0.5 * x } else { libm::expm1(x) / x };
    h * libm::exp(-h / tau_m) * ratio
}

/// The same for the two states of an alpha synapse: (∫ e^(−(h−s)/τ_m) s e^(−s/τ_s) ds, ∫ e^(−(h−s)/τ_m) e^(−s/τ_s) ds).
fn alpha_propagators(tau_m: f64, tau_s: f64, h: f64) -> (f64, f64) {
    let x = h * (1.0 / tau_m - 1.0 / tau_s);
    // ∫₀¹ u e^(xu) du = (eˣ(x − 1) + 1)/x²
    let ratio = if x.abs() < 1e-2 {
        0.5 + x * (1.0 / 3.0 + x * (1.0 / 8.0 + x * (1.0 / 30.0 + x * (1.0 / 144.0 + x * (1.0 / 840.0 + x / 5760.0)))))
    } else {
        (libm::exp(x) * (x - 1.0) + 1.0) / (x * x)
    };
    (h * h * libm::exp(-h / tau_m) * ratio, exponential_propagator(tau_m, tau_s, h))
}
