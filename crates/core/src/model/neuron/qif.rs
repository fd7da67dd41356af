//! Quadratic integrate-and-fire neuron: the normal form of a neuron that loses its rest at a saddle-node (class 1).
//!
//! C v' = k(v − V_r)(v − V_t) + I; when v ≥ V_peak: spike, v ← V_reset. With peak and reset at ±∞ it is the theta neuron.
//!
//! Integrator: Runge–Kutta of fourth order; where the quadratic part dominates, the time to V_peak comes in closed form,
//! ∫ dv/(k(b² + s)/C) with b = v − (V_r + V_t)/2 (the arcus tangent by its Padé form), and a reset within the step is followed by the rest of
//! the step. Units: ms, mV, pF, pA, nS/mV. Validated by `tests/models/one_dimensional.rs`: the closed-form period.

use super::accurate::ACCURATE;
use super::{Input, Neuron, Numbers};
use crate::param::{Kind, NamedSet, ParamSpec, StateSpec, Unit};
use crate::real::Real;

pub struct Qif;

/// Derived constants of one step.
#[derive(Clone, Copy)]
pub struct Constants<R> {
    k: R,
    v_r: R,
    v_t: R,
    v_peak: R,
    v_reset: R,
    i_e: R,
    h: R,
    per_c: R,
    middle: R,
    /// k(V_t − V_r)²/4: the current at which rest and threshold merge.
    rheobase: R,
    per_k: R,
    /// C/k
    c_over_k: R,
    /// V_peak − middle, and its inverse; a peak below the middle has none.
    per_top: R,
}
// SAFETY: all fields are numbers of that type.
unsafe impl<R: Real> Numbers<R> for Constants<R> {}

const fn potential(key: &'static str, symbol: &'static str, default: f64, slider: (f64, f64), doc: &'static str) -> ParamSpec {
    ParamSpec::new(key, symbol, Unit::Mv, default, (-200.0, 200.0), doc).slider(slider.0, slider.1)
}

static KIND: Kind = Kind {
    states: &[StateSpec { key: "v", symbol: "v", unit: Unit::Mv, doc: "Membrane potential" }],
    equations: &["C_m · dv/dt = k(v − V_r)(v − V_t) + I_e + I_syn + I_stim", "v ≥ V_peak:  spike, v ← V_reset"],
    references: &[
        "G. B. Ermentrout & N. Kopell, SIAM J. Appl. Math. 46:233 (1986), doi:10.1137/0146017",
        "P. E. Latham et al., J. Neurophysiol. 83:808 (2000), doi:10.1152/jn.2000.83.2.808",
    ],
    sets: &[NamedSet { key: "cortical", name: "Cortical cell", values: &[], doc: "Rest −60 mV, threshold −40 mV, rheobase 70 pA" }],
    ..Kind::new(
        "qif",
        "Quadratic integrate-and-fire (QIF)",
        "The simplest neuron that fires as slowly as one likes: rest and threshold meet and vanish",
        &[
            ParamSpec::new("c_m", "C_m", Unit::Pf, 100.0, (0.001, 1e6), "Membrane capacitance. Larger: slower").slider(20.0, 1000.0).log(),
            ParamSpec::new("k", "k", Unit::One, 0.7, (0.0001, 1000.0), "Curvature, nS/mV. Larger: a sharper upswing, a higher rheobase")
                .slider(0.1, 3.0)
                .log(),
            potential("v_r", "V_r", -60.0, (-90.0, -50.0), "Resting potential without current"),
            potential("v_t", "V_t", -40.0, (-60.0, -20.0), "Threshold without current. Higher: more input is needed"),
            potential("v_peak", "V_peak", 35.0, (0.0, 60.0), "Where a spike is cut off"),
            potential("v_reset", "V_reset", -50.0, (-90.0, -45.0), "Potential after a spike. Lower: a longer way back"),
            ParamSpec::new("i_e", "I_e", Unit::Pa, 0.0, (-1e6, 1e6), "Constant current. Above k(V_t − V_r)²/4 the neuron fires by itself")
                .slider(-200.0, 1000.0),
            super::accurate::choice(
                &["rk4", "accurate"],
                "How time is stepped. rk4: quick, spikes at the ends of steps; accurate: as close to the equations as numbers allow, spikes found inside the step",
            ),
        ],
    )
};

/// arctan(√x)/√x, continued to negative x; within 1e-3 for |x| < 0.3.
#[inline(always)]
fn arc<R: Real>(x: R) -> R {
    (R::of(15.0) + R::of(4.0) * x) / (R::of(15.0) + R::of(9.0) * x)
}

impl Neuron<1> for Qif {
    const KIND: &'static Kind = &KIND;
    const KICK: f64 = 1000.0;
    type Constants<R: Real> = Constants<R>;

    fn constants<R: Real>(p: &[f64], dt: f64) -> Constants<R> {
        let &[c_m, k, v_r, v_t, v_peak, v_reset, i_e, _] = p else { unreachable!("qif has 8 parameters") };
        let middle = 0.5 * (v_r + v_t);
        Constants {
            k: R::of(k),
            v_r: R::of(v_r),
            v_t: R::of(v_t),
            v_peak: R::of(v_peak),
            v_reset: R::of(v_reset.min(v_peak - 1e-3)),
            i_e: R::of(i_e),
            h: R::of(dt),
            per_c: R::of(1.0 / c_m),
            middle: R::of(middle),
            rheobase: R::of(0.25 * k * (v_t - v_r) * (v_t - v_r)),
            per_k: R::of(1.0 / k),
            c_over_k: R::of(c_m / k),
            per_top: R::of(if v_peak > middle { 1.0 / (v_peak - middle) } else { 1e-3 }),
        }
    }

    fn initial(p: &[f64]) -> [f64; 1] {
        [p[2].min(p[3])]
    }

    #[inline(always)]
    fn step<R: Real, const G: bool, const SCHEME: usize>(c: &Constants<R>, [v]: [R; 1], input: Input<R>) -> ([R; 1], bool) {
        let current = c.i_e + input.current;
        let synaptic = |v: R| if G { current + input.ge - input.g * v } else { current };
        let below = |v: R| v.min_of(c.v_peak);

        // Near the peak b² outweighs s = (I − rheobase)/k; elsewhere the time would be wrong, and longer than a step.
        let b = below(v) - c.middle;
        let up = b > R::of(1e-3);
        let per_b = R::ONE / if up { b } else { R::ONE };
        let s = (synaptic(v) - c.rheobase) * c.per_k;
        let x = s * per_b * per_b;
        let to_peak = (c.c_over_k * (per_b * arc(x) - c.per_top * arc(s * c.per_top * c.per_top))).max_of(R::ZERO);
        #[allow(clippy::needless_bitwise_bool, reason = "a branch would stop the loop from becoming vector code")]
        let inside = up & (to_peak < c.h) & (x.abs() < R::of(0.5));
        let h = c.h - R::only(inside, to_peak);
        let v = R::pick(inside, c.v_reset, v);

        let (half, two) = (h * R::of(0.5), R::of(2.0));
        let dv = |v: R| (c.k * (v - c.v_r) * (v - c.v_t) + synaptic(v)) * c.per_c;
        let k1 = dv(below(v));
        let k2 = dv(below(v + half * k1));
        let k3 = dv(below(v + half * k2));
        let k4 = dv(below(v + h * k3));
        let v = v + h * R::of(1.0 / 6.0) * (k1 + two * (k2 + k3) + k4) + input.jump;
        let fires = v >= c.v_peak;
        ([R::pick(fires, c.v_reset, v)], fires | inside)
    }

    fn scheme(p: &[f64]) -> usize {
        if p[7] == 1.0 { ACCURATE } else { 0 }
    }

    fn slopes(p: &[f64], [v]: [f64; 1], input: Input<f64>) -> [f64; 1] {
        let &[c_m, k, v_r, v_t, .., i_e, _] = p else { unreachable!("qif has 8 parameters") };
        [(k * (v - v_r) * (v - v_t) + i_e + input.current + input.ge - input.g * v) / c_m]
    }

    fn above(p: &[f64], [v]: [f64; 1]) -> f64 {
        v - p[4]
    }

    fn reset(p: &[f64], _: [f64; 1]) -> Option<[f64; 1]> {
        Some([p[5].min(p[4] - 1e-3)])
    }

    fn check_dt(p: &[f64], dt: f64) -> Result<(), String> {
        if p[7] == 1.0 && dt <= 1.0 {
            return Ok(());
        }
        // 100 mV below the middle the slope is 200 k/C; Runge–Kutta wants less than 2.7 a step.
        let limit = (0.0125 * p[0] / p[1]).min(0.5);
        if dt > limit {
            return Err(format!("dt = {dt} ms is too coarse for k/C_m = {} /(mV ms); use dt ≤ {limit:.4} ms", p[1] / p[0]));
        }
        Ok(())
    }
}
