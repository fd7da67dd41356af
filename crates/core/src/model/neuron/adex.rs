//! Adaptive exponential integrate-and-fire neuron.
//!
//! C v' = −g_L(v − E_L) + g_L Δ_T e^((v − V_th)/Δ_T) − w + I, τ_w w' = a(v − E_L) − w; when v ≥ V_peak: spike, v ← V_reset, w ← w + b.
//!
//! Integrator: Runge–Kutta of fourth order with v clamped to V_peak inside every slope (else w would swallow the overshoot). The
//! upswing runs to infinity within a step, where no polynomial follows; but y = e^(−(v − V_th)/Δ_T) obeys
//! y' = −g_L/C − y·L/(C Δ_T), L the linear current, and passes zero smoothly. So at the start of a step the time to V_peak is
//! taken from that equation with frozen L; if it lies within the step, the neuron is reset at that time and the Runge–Kutta
//! step covers the rest. No branch and no sub-steps: spike times at dt = 0.1 ms are within 0.1 ms of those at 0.001 ms. Stable for
//! dt·g/C < 2.7 with the total conductance g. Units: ms, mV, pF, pA, nS. Validated by `tests/models/adex.rs`.

use super::accurate::ACCURATE;
use super::{Input, Neuron, Numbers};
use crate::param::{Kind, NamedSet, ParamSpec, StateSpec, Unit};
use crate::real::Real;

pub struct Adex;

/// Derived constants of one step.
#[derive(Clone, Copy)]
pub struct Constants<R> {
    e_l: R,
    g_l: R,
    v_th: R,
    v_reset: R,
    v_peak: R,
    delta_t: R,
    i_e: R,
    a: R,
    b: R,
    h: R,
    per_c: R,
    per_delta: R,
    per_tau_w: R,
    /// g_L Δ_T, and its inverse.
    swing: R,
    per_swing: R,
    /// C/g_L
    tau_m: R,
    /// e^(−(V_peak − V_th)/Δ_T)
    y_peak: R,
    /// e^((V_reset − V_th)/Δ_T)
    e_reset: R,
}
// SAFETY: all fields are numbers of that type.
unsafe impl<R: Real> Numbers<R> for Constants<R> {}

macro_rules! pattern {
    ($key:literal, $name:literal, $c:expr, $g:expr, $e:expr, $a:expr, $tau:expr, $b:expr, $reset:expr, $i:expr) => {
        NamedSet {
            key: $key,
            name: $name,
            values: &[
                ("c_m", $c),
                ("g_l", $g),
                ("e_l", $e),
                ("v_th", -50.0),
                ("delta_t", 2.0),
                ("a", $a),
                ("tau_w", $tau),
                ("b", $b),
                ("v_reset", $reset),
                ("v_peak", 0.0),
                ("i_e", $i),
            ],
            doc: concat!("Naud et al. 2008, with the constant current ", stringify!($i), " pA"),
        }
    };
}

#[rustfmt::skip]
pub const SETS: &[NamedSet] = &[
    NamedSet { key: "brette_gerstner", name: "Brette & Gerstner 2005", values: &[], doc: "Fitted to a regular-spiking pyramidal cell model" },
    pattern!("tonic", "Tonic spiking", 200.0, 10.0, -70.0, 2.0, 30.0, 0.0, -58.0, 500.0),
    pattern!("adaptation", "Adaptation", 200.0, 12.0, -70.0, 2.0, 300.0, 60.0, -58.0, 500.0),
    pattern!("initial_burst", "Initial burst", 130.0, 18.0, -58.0, 4.0, 150.0, 120.0, -50.0, 400.0),
    pattern!("regular_bursting", "Regular bursting", 200.0, 10.0, -58.0, 2.0, 120.0, 100.0, -46.0, 210.0),
    pattern!("delayed_accelerating", "Delayed accelerating", 200.0, 12.0, -70.0, -10.0, 300.0, 0.0, -58.0, 300.0),
    pattern!("delayed_bursting", "Delayed regular bursting", 100.0, 10.0, -65.0, -10.0, 90.0, 30.0, -47.0, 110.0),
    pattern!("transient", "Transient spiking", 100.0, 10.0, -65.0, 10.0, 90.0, 100.0, -47.0, 180.0),
    pattern!("irregular", "Irregular spiking", 100.0, 12.0, -60.0, -11.0, 130.0, 30.0, -48.0, 160.0),
];

const fn potential(key: &'static str, symbol: &'static str, default: f64, slider: (f64, f64), doc: &'static str) -> ParamSpec {
    ParamSpec::new(key, symbol, Unit::Mv, default, (-1000.0, 1000.0), doc).slider(slider.0, slider.1)
}

static KIND: Kind = Kind {
    states: &[
        StateSpec { key: "v", symbol: "v", unit: Unit::Mv, doc: "Membrane potential" },
        StateSpec { key: "w", symbol: "w", unit: Unit::Pa, doc: "Adaptation current: pulls v down" },
    ],
    equations: &[
        "C_m · dv/dt = −g_L(v − E_L) + g_L·Δ_T·e^((v − V_th)/Δ_T) − w + I_e + I_syn + I_stim",
        "τ_w · dw/dt = a(v − E_L) − w",
        "v ≥ V_peak:  spike, v ← V_reset, w ← w + b",
    ],
    references: &[
        "R. Brette & W. Gerstner, J. Neurophysiol. 94:3637 (2005), doi:10.1152/jn.00686.2005",
        "R. Naud et al., Biol. Cybern. 99:335 (2008), doi:10.1007/s00422-008-0264-7",
    ],
    sets: SETS,
    ..Kind::new(
        "adex",
        "Adaptive exponential (AdEx)",
        "An integrate-and-fire neuron with a sharp upswing and adaptation: few parameters, many patterns",
        &[
            ParamSpec::new("c_m", "C_m", Unit::Pf, 281.0, (0.001, 1e6), "Membrane capacitance. Larger: slower").slider(20.0, 1000.0).log(),
            ParamSpec::new("g_l", "g_L", Unit::Ns, 30.0, (0.001, 1e5), "Leak conductance. Larger: a shorter memory, more current needed")
                .slider(1.0, 100.0)
                .log(),
            potential("e_l", "E_L", -70.6, (-90.0, -40.0), "Resting potential. Higher: more excitable"),
            potential("v_th", "V_th", -50.4, (-65.0, -30.0), "Where the upswing starts. Higher: more input is needed"),
            ParamSpec::new("delta_t", "Δ_T", Unit::Mv, 2.0, (0.01, 100.0), "Sharpness of the upswing. Smaller: a sharper threshold")
                .slider(0.2, 10.0)
                .log(),
            potential("v_peak", "V_peak", 20.0, (-40.0, 40.0), "Where a spike is cut off"),
            potential("v_reset", "V_reset", -70.6, (-90.0, -40.0), "Potential after a spike. Above V_th: bursts"),
            ParamSpec::new(
                "a",
                "a",
                Unit::Ns,
                4.0,
                (-1000.0, 1000.0),
                "Subthreshold adaptation. Positive: resonance; negative: a delayed, accelerating start",
            )
            .slider(-20.0, 40.0),
            ParamSpec::new("b", "b", Unit::Pa, 80.5, (-1e5, 1e5), "Jump of the adaptation at a spike. Larger: more adaptation, or bursts")
                .slider(0.0, 300.0),
            ParamSpec::new("tau_w", "τ_w", Unit::Ms, 144.0, (0.01, 1e5), "Time constant of the adaptation. Larger: it lasts longer")
                .slider(5.0, 500.0)
                .log(),
            ParamSpec::new("i_e", "I_e", Unit::Pa, 0.0, (-1e6, 1e6), "Constant current into every neuron. Larger: a higher rate")
                .slider(-500.0, 1500.0),
            super::accurate::choice(
                &["rk4", "accurate"],
                "How time is stepped. rk4: quick, spikes at the ends of steps; accurate: as close to the equations as numbers allow, spikes found inside the step",
            ),
        ],
    )
};

impl Neuron<2> for Adex {
    const KIND: &'static Kind = &KIND;
    const KICK: f64 = 1000.0;
    type Constants<R: Real> = Constants<R>;

    fn constants<R: Real>(p: &[f64], dt: f64) -> Constants<R> {
        let &[c_m, g_l, e_l, v_th, delta_t, v_peak, v_reset, a, b, tau_w, i_e, _] = p else { unreachable!("adex has 12 parameters") };
        Constants {
            e_l: R::of(e_l),
            g_l: R::of(g_l),
            v_th: R::of(v_th),
            v_reset: R::of(v_reset),
            v_peak: R::of(v_peak),
            delta_t: R::of(delta_t),
            i_e: R::of(i_e),
            a: R::of(a),
            b: R::of(b),
            h: R::of(dt),
            per_c: R::of(1.0 / c_m),
            per_delta: R::of(1.0 / delta_t),
            per_tau_w: R::of(1.0 / tau_w),
            swing: R::of(g_l * delta_t),
            per_swing: R::of(1.0 / (g_l * delta_t)),
            tau_m: R::of(c_m / g_l),
            y_peak: R::of(libm::exp(((v_th - v_peak) / delta_t).clamp(-80.0, 80.0))),
            e_reset: R::of(libm::exp(((v_reset.min(v_peak) - v_th) / delta_t).clamp(-80.0, 80.0))),
        }
    }

    fn initial(p: &[f64]) -> [f64; 2] {
        [p[2], 0.0]
    }

    #[inline(always)]
    fn step<R: Real, const G: bool, const SCHEME: usize>(c: &Constants<R>, [v, w]: [R; 2], input: Input<R>) -> ([R; 2], bool) {
        let current = c.i_e + input.current;
        let below = |v: R| v.min_of(c.v_peak);
        let swing = |v: R| ((v - c.v_th) * c.per_delta).exp();
        let linear = |v: R, w: R| {
            let i = c.g_l * (c.e_l - v) - w + current;
            if G { i + input.ge - input.g * v } else { i }
        };
        let dw = |v: R, w: R| (c.a * (v - c.e_l) - w) * c.per_tau_w;

        // Time to the peak from y' = −1/τ_m − k·y: y/τ_m⁻¹ · ln(1 + x)/x with the Padé form of the logarithm.
        let e_now = swing(below(v));
        let y = R::ONE / e_now - c.y_peak;
        let x = linear(v, w) * y * c.per_swing;
        let to_peak = (c.tau_m * y * (R::of(6.0) + x) / (R::of(6.0) + R::of(4.0) * x)).max_of(R::ZERO);
        let inside = (to_peak < c.h) & (x > R::of(-0.5));

        // On its way up v stays near where it is; its mean is Δ_T higher.
        let w_peak = w + to_peak * dw(v + c.delta_t, w) + c.b;
        // Four choices by one condition: with `if` the compiler would make two paths of them, and one neuron at a time take one.
        let v = R::pick(inside, c.v_reset, v);
        let w = R::pick(inside, w_peak, w);
        let h = c.h - R::only(inside, to_peak);
        let e1 = R::pick(inside, c.e_reset, e_now);

        let (half, two) = (h * R::of(0.5), R::of(2.0));
        let dv = |v: R, w: R, e: R| (linear(v, w) + c.swing * e) * c.per_c;
        let v1 = below(v);
        let (k1, l1) = (dv(v1, w, e1), dw(v1, w));
        let (v2, w2) = (below(v + half * k1), w + half * l1);
        let (k2, l2) = (dv(v2, w2, swing(v2)), dw(v2, w2));
        let (v3, w3) = (below(v + half * k2), w + half * l2);
        let (k3, l3) = (dv(v3, w3, swing(v3)), dw(v3, w3));
        let (v4, w4) = (below(v + h * k3), w + h * l3);
        let (k4, l4) = (dv(v4, w4, swing(v4)), dw(v4, w4));
        let v = v + h * R::of(1.0 / 6.0) * (k1 + two * (k2 + k3) + k4) + input.jump;
        let w = w + h * R::of(1.0 / 6.0) * (l1 + two * (l2 + l3) + l4);

        let fires = v >= c.v_peak;
        let v = R::pick(fires, c.v_reset, v);
        let w = w + R::only(fires, c.b);
        ([v, w], fires | inside)
    }

    fn scheme(p: &[f64]) -> usize {
        if p[11] == 1.0 { ACCURATE } else { 0 }
    }

    fn slopes(p: &[f64], [v, w]: [f64; 2], input: Input<f64>) -> [f64; 2] {
        let &[c_m, g_l, e_l, v_th, delta_t, _, _, a, _, tau_w, i_e, _] = p else { unreachable!("adex has 12 parameters") };
        let linear = g_l * (e_l - v) - w + i_e + input.current + input.ge - input.g * v;
        [(linear + g_l * delta_t * libm::exp((v - v_th) / delta_t)) / c_m, (a * (v - e_l) - w) / tau_w]
    }

    fn above(p: &[f64], [v, _]: [f64; 2]) -> f64 {
        v - p[5]
    }

    fn reset(p: &[f64], [_, w]: [f64; 2]) -> Option<[f64; 2]> {
        Some([p[6].min(p[5] - 1e-9), w + p[8]])
    }

    fn check_dt(p: &[f64], dt: f64) -> Result<(), String> {
        if p[11] == 1.0 && dt <= 1.0 {
            return Ok(());
        }
        let tau_m = p[0] / p[1];
        if dt > tau_m || dt > 1.0 {
            let limit = tau_m.min(1.0);
            return Err(format!("dt = {dt} ms is too coarse for τ_m = C_m/g_L = {tau_m} ms; use dt ≤ {limit} ms, best 0.1 ms"));
        }
        Ok(())
    }
}
