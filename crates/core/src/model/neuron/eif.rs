//! Exponential integrate-and-fire neuron: the upswing of a sodium current, without adaptation.
//!
//! C v' = −g_L(v − E_L) + g_L Δ_T e^((v − V_th)/Δ_T) + I; when v ≥ V_peak: spike, v ← V_reset, held for t_ref.
//!
//! Integrator: as AdEx's (see there): Runge–Kutta of fourth order, the upswing in closed form. Spike, reset and the end of the
//! refractory time all lie inside the step: t_ref need not be a multiple of dt. Stable for dt·g/C < 2.7. Units: ms, mV, pF, pA, nS.
//! Validated by `tests/models/one_dimensional.rs`: rheobase in closed form, convergence.

use super::accurate::{ACCURATE, Refractory};
use super::{Input, Neuron, Numbers};
use crate::param::{Kind, NamedSet, ParamSpec, StateSpec, Unit};
use crate::real::Real;

pub struct Eif;

/// Derived constants of one step.
#[derive(Clone, Copy)]
pub struct Constants<R> {
    e_l: R,
    g_l: R,
    v_th: R,
    v_reset: R,
    v_peak: R,
    i_e: R,
    h: R,
    t_ref: R,
    per_c: R,
    per_delta: R,
    /// g_L Δ_T, and its inverse.
    swing: R,
    per_swing: R,
    /// C/g_L
    tau_m: R,
    /// e^(−(V_peak − V_th)/Δ_T)
    y_peak: R,
}
// SAFETY: all fields are numbers of that type.
unsafe impl<R: Real> Numbers<R> for Constants<R> {}

const fn potential(key: &'static str, symbol: &'static str, default: f64, slider: (f64, f64), doc: &'static str) -> ParamSpec {
    ParamSpec::new(key, symbol, Unit::Mv, default, (-200.0, 200.0), doc).slider(slider.0, slider.1)
}

static KIND: Kind = Kind {
    states: &[StateSpec { key: "v", symbol: "v", unit: Unit::Mv, doc: "Membrane potential" }],
    equations: &[
        "C_m · dv/dt = −g_L(v − E_L) + g_L·Δ_T·e^((v − V_th)/Δ_T) + I_e + I_syn + I_stim",
        "v ≥ V_peak:  spike, v ← V_reset, held for t_ref",
    ],
    references: &["N. Fourcaud-Trocmé et al., J. Neurosci. 23:11628 (2003), doi:10.1523/JNEUROSCI.23-37-11628.2003"],
    sets: &[NamedSet {
        key: "fourcaud_trocme",
        name: "Fourcaud-Trocmé 2003",
        values: &[],
        doc: "Fitted to the Wang–Buzsáki model; per 100 µm² scaled to 100 pF",
    }],
    ..Kind::new(
        "eif",
        "Exponential integrate-and-fire (EIF)",
        "A leaky neuron whose spike begins by itself: a soft threshold",
        &[
            ParamSpec::new("c_m", "C_m", Unit::Pf, 100.0, (0.001, 1e6), "Membrane capacitance. Larger: slower").slider(20.0, 1000.0).log(),
            ParamSpec::new("g_l", "g_L", Unit::Ns, 10.0, (0.001, 1e5), "Leak conductance. Larger: a shorter memory, more current needed")
                .slider(1.0, 100.0)
                .log(),
            potential("e_l", "E_L", -65.0, (-90.0, -40.0), "Resting potential. Higher: more excitable"),
            potential("v_th", "V_th", -59.9, (-65.0, -30.0), "Where the upswing starts. Higher: more input is needed"),
            ParamSpec::new("delta_t", "Δ_T", Unit::Mv, 3.48, (0.01, 100.0), "Sharpness of the upswing. Smaller: a sharper threshold")
                .slider(0.2, 10.0)
                .log(),
            potential("v_peak", "V_peak", 0.0, (-40.0, 40.0), "Where a spike is cut off"),
            potential("v_reset", "V_reset", -68.0, (-90.0, -50.0), "Potential after a spike. Lower: a longer way back"),
            ParamSpec::new("t_ref", "t_ref", Unit::Ms, 1.7, (0.0, 10_000.0), "Refractory time: v is held at the reset").slider(0.0, 20.0),
            ParamSpec::new(
                "i_e",
                "I_e",
                Unit::Pa,
                0.0,
                (-1e6, 1e6),
                "Constant current. Above g_L(V_th − E_L − Δ_T) the neuron fires by itself",
            )
            .slider(-200.0, 1000.0),
            super::accurate::choice(
                &["rk4", "accurate"],
                "How time is stepped. rk4: quick, spikes at the ends of steps; accurate: as close to the equations as numbers allow, spikes found inside the step",
            ),
        ],
    )
};

impl Neuron<2> for Eif {
    const KIND: &'static Kind = &KIND;
    const KICK: f64 = 1000.0;
    type Constants<R: Real> = Constants<R>;

    fn constants<R: Real>(p: &[f64], dt: f64) -> Constants<R> {
        let &[c_m, g_l, e_l, v_th, delta_t, v_peak, v_reset, t_ref, i_e, _] = p else { unreachable!("eif has 10 parameters") };
        Constants {
            e_l: R::of(e_l),
            g_l: R::of(g_l),
            v_th: R::of(v_th),
            v_reset: R::of(v_reset.min(v_peak)),
            v_peak: R::of(v_peak),
            i_e: R::of(i_e),
            h: R::of(dt),
            t_ref: R::of(t_ref),
            per_c: R::of(1.0 / c_m),
            per_delta: R::of(1.0 / delta_t),
            swing: R::of(g_l * delta_t),
            per_swing: R::of(1.0 / (g_l * delta_t)),
            tau_m: R::of(c_m / g_l),
            y_peak: R::of(libm::exp(((v_th - v_peak) / delta_t).clamp(-80.0, 80.0))),
        }
    }

    /// The second, hidden number is the refractory time that is left, ms.
    fn initial(p: &[f64]) -> [f64; 2] {
        [p[2], 0.0]
    }

    #[inline(always)]
    fn step<R: Real, const G: bool, const SCHEME: usize>(c: &Constants<R>, [v, wait]: [R; 2], input: Input<R>) -> ([R; 2], bool) {
        let current = c.i_e + input.current;
        let below = |v: R| v.min_of(c.v_peak);
        let swing = |v: R| ((v - c.v_th) * c.per_delta).exp();
        let linear = |v: R| {
            let i = c.g_l * (c.e_l - v) + current;
            if G { i + input.ge - input.g * v } else { i }
        };
        let free = (c.h - wait).max_of(R::ZERO);
        let wait = (wait - c.h).max_of(R::ZERO);

        // See `adex`: the time to the peak with frozen linear current.
        let y = R::ONE / swing(below(v)) - c.y_peak;
        let x = linear(v) * y * c.per_swing;
        let to_peak = (c.tau_m * y * (R::of(6.0) + x) / (R::of(6.0) + R::of(4.0) * x)).max_of(R::ZERO);
        let inside = (to_peak < free) & (x > R::of(-0.5));
        let rest = free - to_peak;
        let v = R::pick(inside, c.v_reset, v);
        let wait = R::pick(inside, (c.t_ref - rest).max_of(R::ZERO), wait);
        let h = R::pick(inside, (rest - c.t_ref).max_of(R::ZERO), free);

        let (half, two) = (h * R::of(0.5), R::of(2.0));
        let dv = |v: R| (linear(v) + c.swing * swing(v)) * c.per_c;
        let k1 = dv(below(v));
        let k2 = dv(below(v + half * k1));
        let k3 = dv(below(v + half * k2));
        let k4 = dv(below(v + h * k3));
        let jump = R::only(!(wait > R::ZERO), input.jump);
        let v = v + h * R::of(1.0 / 6.0) * (k1 + two * (k2 + k3) + k4) + jump;

        let peaks = v >= c.v_peak;
        #[allow(clippy::needless_bitwise_bool, reason = "a branch would stop the loop from becoming vector code")]
        let fires = peaks & !inside;
        let v = R::pick(peaks, c.v_reset, v);
        let wait = R::pick(fires, c.t_ref, wait);
        ([v, wait], fires | inside)
    }

    fn scheme(p: &[f64]) -> usize {
        if p[9] == 1.0 { ACCURATE } else { 0 }
    }

    fn slopes(p: &[f64], [v, _]: [f64; 2], input: Input<f64>) -> [f64; 2] {
        let &[c_m, g_l, e_l, v_th, delta_t, .., i_e, _] = p else { unreachable!("eif has 10 parameters") };
        let linear = g_l * (e_l - v) + i_e + input.current + input.ge - input.g * v;
        [(linear + g_l * delta_t * libm::exp((v - v_th) / delta_t)) / c_m, 0.0]
    }

    fn above(p: &[f64], [v, _]: [f64; 2]) -> f64 {
        v - p[5]
    }

    fn reset(p: &[f64], [_, wait]: [f64; 2]) -> Option<[f64; 2]> {
        Some([p[6].min(p[5] - 1e-9), wait])
    }

    fn refractory(p: &[f64], _dt: f64) -> Option<Refractory> {
        Some(Refractory { column: 1, ms: p[7], per_ms: 1.0 })
    }

    fn check_dt(p: &[f64], dt: f64) -> Result<(), String> {
        if p[9] == 1.0 && dt <= 1.0 {
            return Ok(());
        }
        let limit = (p[0] / p[1]).min(1.0);
        if dt > limit {
            return Err(format!("dt = {dt} ms is too coarse for τ_m = C_m/g_L = {} ms; use dt ≤ {limit} ms, best 0.1 ms", p[0] / p[1]));
        }
        Ok(())
    }
}
