//! Morris–Lecar neuron: the barnacle's muscle fibre; two variables, and every way in which firing can begin.
//!
//! C v' = I − g_Ca m∞(v)(v − E_Ca) − g_K w(v − E_K) − g_L(v − E_L), w' = φ cosh((v − V3)/(2V4)) (w∞(v) − w), with
//! m∞ = (1 + tanh((v − V1)/V2))/2 and w∞ = (1 + tanh((v − V3)/V4))/2. A spike is an upward crossing of 0 mV; nothing is reset.
//!
//! Integrator: exponential midpoint: half a step with frozen rates, then the whole step with the rates found there, each exact for
//! frozen partners. Second order, stable for any dt. Units: per membrane area, µF/cm², mS/cm², µA/cm². Validated by
//! `tests/models/planar.rs`: rests, rates and the currents at which firing begins for the three sets.

use super::accurate::ACCURATE;
use super::{Input, Neuron, Numbers};
use crate::param::{Kind, NamedSet, ParamSpec, StateSpec, Unit};
use crate::real::Real;

pub struct MorrisLecar;

/// Derived constants of one step.
#[derive(Clone, Copy)]
pub struct Constants<R> {
    g_ca: R,
    g_k: R,
    g_l: R,
    e_ca: R,
    e_k: R,
    /// g_L·E_L + I_e
    drive: R,
    v_1: R,
    v_3: R,
    /// −2/V2 and −1/(2V4)
    steep_m: R,
    steep_w: R,
    /// h/C and half of it; φh/2 and half of it (cosh is half a sum).
    per_c: [R; 2],
    speed: [R; 2],
}
// SAFETY: all fields are numbers of that type.
unsafe impl<R: Real> Numbers<R> for Constants<R> {}

const fn conductance(key: &'static str, symbol: &'static str, default: f64, doc: &'static str) -> ParamSpec {
    ParamSpec::new(key, symbol, Unit::MsPerCm2, default, (0.0, 10_000.0), doc).slider(0.0, 2.0 * default)
}
const fn potential(key: &'static str, symbol: &'static str, default: f64, slider: (f64, f64), doc: &'static str) -> ParamSpec {
    ParamSpec::new(key, symbol, Unit::Mv, default, (-200.0, 200.0), doc).slider(slider.0, slider.1)
}
const fn width(key: &'static str, symbol: &'static str, default: f64, doc: &'static str) -> ParamSpec {
    ParamSpec::new(key, symbol, Unit::Mv, default, (1.0, 200.0), doc).slider(5.0, 60.0)
}

static KIND: Kind = Kind {
    states: &[
        StateSpec { key: "v", symbol: "v", unit: Unit::Mv, doc: "Membrane potential" },
        StateSpec { key: "w", symbol: "w", unit: Unit::One, doc: "Share of open potassium channels" },
    ],
    current_unit: Unit::UaPerCm2,
    conductance_unit: Unit::MsPerCm2,
    equations: &[
        "C_m · dv/dt = I_e + I_syn + I_stim − g_Ca·m_∞(v − E_Ca) − g_K·w(v − E_K) − g_L(v − E_L)",
        "dw/dt = φ·cosh((v − V_3)/(2V_4))·(w_∞ − w)",
        "m_∞ = (1 + tanh((v − V_1)/V_2))/2,  w_∞ = (1 + tanh((v − V_3)/V_4))/2",
        "spike where v crosses 0 mV upwards",
    ],
    references: &[
        "C. Morris & H. Lecar, Biophys. J. 35:193 (1981), doi:10.1016/S0006-3495(81)84782-0",
        "J. Rinzel & G. B. Ermentrout, in Methods in Neuronal Modeling, MIT Press (1989)",
    ],
    sets: &[
        NamedSet {
            key: "hopf",
            name: "Hopf",
            values: &[],
            doc: "Class 2: firing begins at a definite rate; rest is lost at 93.86 and regained at 212.02 µA/cm²",
        },
        NamedSet {
            key: "snic",
            name: "Saddle-node on a circle (SNIC)",
            values: &[("phi", 0.067), ("g_ca", 4.0), ("v_3", 12.0), ("v_4", 17.4)],
            doc: "Class 1: firing begins as slowly as one likes at 39.96 µA/cm²",
        },
        NamedSet {
            key: "homoclinic",
            name: "Homoclinic",
            values: &[("phi", 0.23), ("g_ca", 4.0), ("v_3", 12.0), ("v_4", 17.4)],
            doc: "Rest and firing side by side just below 39.96 µA/cm²",
        },
    ],
    ..Kind::new(
        "morris_lecar",
        "Morris–Lecar",
        "Two channels, two equations: the classroom of bifurcations",
        &[
            ParamSpec::new("c_m", "C_m", Unit::UfPerCm2, 20.0, (0.01, 1000.0), "Membrane capacitance. Larger: slower changes of v")
                .slider(5.0, 60.0)
                .log(),
            conductance("g_ca", "g_Ca", 4.4, "Calcium conductance, all channels open. Smaller: weaker spikes, then none"),
            conductance("g_k", "g_K", 8.0, "Potassium conductance, all channels open"),
            conductance("g_l", "g_L", 2.0, "Leak conductance. Larger: less excitable"),
            potential("e_ca", "E_Ca", 120.0, (50.0, 150.0), "Calcium reversal potential. Higher: taller spikes"),
            potential("e_k", "E_K", -84.0, (-110.0, -60.0), "Potassium reversal potential"),
            potential("e_l", "E_L", -60.0, (-80.0, -30.0), "Leak reversal potential. Higher: more excitable"),
            potential("v_1", "V_1", -1.2, (-20.0, 20.0), "Where half of the calcium channels are open"),
            width("v_2", "V_2", 18.0, "Over how many mV the calcium channels open"),
            potential("v_3", "V_3", 2.0, (-20.0, 30.0), "Where half of the potassium channels are open in the long run"),
            width("v_4", "V_4", 30.0, "Over how many mV the potassium channels open"),
            ParamSpec::new("phi", "φ", Unit::PerMs, 0.04, (0.0001, 10.0), "Speed of the potassium channels. Larger: shorter spikes")
                .slider(0.01, 0.5)
                .log(),
            ParamSpec::new("i_e", "I_e", Unit::UaPerCm2, 0.0, (-10_000.0, 10_000.0), "Constant current").slider(-50.0, 300.0),
            super::accurate::choice(
                &["exponential_midpoint", "accurate"],
                "How time is stepped. exponential_midpoint: quick, spikes at the ends of steps; accurate: as close to the equations as numbers allow, spikes found inside the step",
            ),
        ],
    )
};

/// m∞ at `v`.
fn m_inf(p: &[f64], v: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-2.0 * (v - p[7]) / p[8]))
}

/// (w∞, rate of w in 1/ms) at `v`.
pub fn recovery(p: &[f64], v: f64) -> (f64, f64) {
    (1.0 / (1.0 + libm::exp(-2.0 * (v - p[9]) / p[10])), p[11] * libm::cosh((v - p[9]) / (2.0 * p[10])))
}

/// Current that flows inwards at (v, w), without the constant one, µA/cm².
pub fn inward(p: &[f64], v: f64, w: f64) -> f64 {
    p[1] * m_inf(p, v) * (p[4] - v) + p[2] * w * (p[5] - v) + p[3] * (p[6] - v)
}

impl Neuron<2> for MorrisLecar {
    const KIND: &'static Kind = &KIND;
    const KICK: f64 = 60.0;
    type Constants<R: Real> = Constants<R>;

    fn constants<R: Real>(p: &[f64], dt: f64) -> Constants<R> {
        let &[c_m, g_ca, g_k, g_l, e_ca, e_k, e_l, v_1, v_2, v_3, v_4, phi, i_e, _] = p else {
            unreachable!("morris_lecar has 14 parameters")
        };
        Constants {
            g_ca: R::of(g_ca),
            g_k: R::of(g_k),
            g_l: R::of(g_l),
            e_ca: R::of(e_ca),
            e_k: R::of(e_k),
            drive: R::of(g_l * e_l + i_e),
            v_1: R::of(v_1),
            v_3: R::of(v_3),
            steep_m: R::of(-2.0 / v_2),
            steep_w: R::of(-0.5 / v_4),
            per_c: [R::of(dt / c_m), R::of(0.5 * dt / c_m)],
            speed: [R::of(0.5 * phi * dt), R::of(0.25 * phi * dt)],
        }
    }

    /// The rest without any current: the lowest v at which nothing flows, channels settled.
    fn initial(p: &[f64]) -> [f64; 2] {
        let flows = |v: f64| inward(p, v, recovery(p, v).0);
        let v = super::lowest_zero(flows, p[4].min(p[5]).min(p[6]), p[4].max(p[5]).max(p[6]));
        [v, recovery(p, v).0]
    }

    #[inline(always)]
    fn step<R: Real, const G: bool, const SCHEME: usize>(c: &Constants<R>, [v, w]: [R; 2], input: Input<R>) -> ([R; 2], bool) {
        let (mut drive, mut g_passive) = (c.drive + input.current, c.g_l);
        if G {
            drive += input.ge;
            g_passive += input.g;
        }
        let (v_half, w_half) = relax::<R, 1>(c, [v, w], [v, w], drive, g_passive);
        let (v_next, w) = relax::<R, 0>(c, [v, w], [v_half, w_half], drive, g_passive);
        let next = v_next + input.jump;
        ([next, w], (v < R::ZERO) && (next >= R::ZERO))
    }

    fn scheme(p: &[f64]) -> usize {
        if p[13] == 1.0 { ACCURATE } else { 0 }
    }

    fn slopes(p: &[f64], [v, w]: [f64; 2], input: Input<f64>) -> [f64; 2] {
        let (settled, rate) = recovery(p, v);
        [(inward(p, v, w) + p[12] + input.current + input.ge - input.g * v) / p[0], rate * (settled - w)]
    }

    fn above(_p: &[f64], [v, _]: [f64; 2]) -> f64 {
        v
    }

    fn check_dt(_p: &[f64], dt: f64) -> Result<(), String> {
        if dt > 1.0 {
            Err(format!("dt = {dt} ms is too coarse to follow an action potential; use dt ≤ 1 ms, best 0.1 ms"))
        } else {
            Ok(())
        }
    }
}

/// From `[v, w]` over the whole step (`LENGTH` 0) or half of it (1), with all rates and the conductance of w as they are `at`. A function that is
/// always inlined: as a closure it was called, which cost ten times the step.
#[inline(always)]
fn relax<R: Real, const LENGTH: usize>(c: &Constants<R>, [v, w]: [R; 2], at: [R; 2], drive: R, g_passive: R) -> (R, R) {
    let near = at[0].min_of(R::of(200.0)).max_of(R::of(-200.0));
    let m = R::ONE / (R::ONE + ((near - c.v_1) * c.steep_m).exp());
    let q = ((near - c.v_3) * c.steep_w).exp();
    let q2 = q * q;
    let settled = R::ONE / (R::ONE + q2 * q2);
    let w_next = settled + (w - settled) * (-((q + R::ONE / q) * c.speed[LENGTH])).exp();
    let (g_ca, g_k) = (c.g_ca * m, c.g_k * at[1]);
    let g = g_ca + g_k + g_passive;
    let v_settled = (g_ca * c.e_ca + g_k * c.e_k + drive) / g;
    let relaxed = v_settled + (v - v_settled) * (-(g * c.per_c[LENGTH])).exp();
    // Without any conductance the quotient is undefined and v grows linearly.
    let linear = v + drive * c.per_c[LENGTH];
    (if g > R::of(1e-12) { relaxed } else { linear }, w_next)
}
