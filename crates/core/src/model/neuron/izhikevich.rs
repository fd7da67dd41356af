//! Izhikevich neuron, with the three numerical schemes that are in use for it.
//!
//! v' = q2·v² + q1·v + q0 − u + I, u' = a(b·v − u); when v ≥ v_peak: spike, v ← c, u ← u + d. The published firing patterns are
//! properties of the equations *and* of the authors' coarse steps, so the scheme is a parameter:
//!
//! - `network2003`: two Euler half steps for v with the same u and input, then u with the new v. Made for dt = 1 ms. Arriving delta
//!   synapses are a current for the whole step, as in the paper, where spikes found at the start of a step are reset and sent in
//!   that same step; here they are found at the end of the step before and arrive one step later: the same sequence.
//! - `figure2004`: one Euler step for v, then u with the new v; spikes are stamped with the start of the step, as in the figure.
//! - `rk4`: Runge–Kutta of fourth order; the spike time inside the step is interpolated and the rest of the step is integrated
//!   from the reset (second order in dt over many spikes). For dt ≤ 0.1 ms.
//! - `accurate`: see [`super::accurate`].
//!
//! Units: ms, mV, current in mV/ms, conductance in 1/ms. Validated by `tests/models/izhikevich.rs`: the spike times of all 20
//! panels of the 2004 figure and of the 2003 types, exactly.

use super::{Input, Neuron, Numbers, accurate};
use crate::param::{Kind, NamedSet, ParamSpec, StateSpec, Unit};
use crate::real::Real;

pub struct Izhikevich;

/// The values of the parameter `scheme`.
pub const SCHEMES: &[&str] = &["network2003", "figure2004", "rk4", "accurate"];
const NETWORK_2003: f64 = 0.0;
const FIGURE_2004: f64 = 1.0;
const RUNGE_KUTTA: f64 = 2.0;

/// Derived constants of one step.
#[derive(Clone, Copy)]
pub struct Constants<R> {
    a: R,
    b: R,
    c: R,
    d: R,
    q2: R,
    q1: R,
    q0: R,
    i_e: R,
    v_peak: R,
    h: R,
    /// The two Euler steps of v; the second is zero in `figure2004`.
    first: R,
    second: R,
    /// u' = a(b(v − u_origin) − u_leak·u)
    u_origin: R,
    u_leak: R,
    /// What 1 mV of delta synapses adds to the current, and to v at the end of the step.
    jump_to_current: R,
    jump_to_v: R,
}
// SAFETY: all fields are numbers of that type.
unsafe impl<R: Real> Numbers<R> for Constants<R> {}

const fn number(key: &'static str, symbol: &'static str, unit: Unit, default: f64, slider: (f64, f64), doc: &'static str) -> ParamSpec {
    ParamSpec::new(key, symbol, unit, default, (-10_000.0, 10_000.0), doc).slider(slider.0, slider.1)
}

static KIND: Kind = Kind {
    states: &[
        StateSpec { key: "v", symbol: "v", unit: Unit::Mv, doc: "Membrane potential" },
        StateSpec { key: "u", symbol: "u", unit: Unit::MvPerMs, doc: "Recovery: slow current that pulls v down" },
    ],
    current_unit: Unit::MvPerMs,
    conductance_unit: Unit::PerMs,
    equations: &[
        "dv/dt = q_2·v² + q_1·v + q_0 − u + I_e + I_syn + I_stim",
        "du/dt = a(b·v − u), with accommodation: a·b(v + 65)",
        "v ≥ v_peak:  spike, v ← c, u ← u + d",
    ],
    references: &[
        "E. M. Izhikevich, IEEE Trans. Neural Netw. 14:1569 (2003), doi:10.1109/TNN.2003.820440",
        "E. M. Izhikevich, IEEE Trans. Neural Netw. 15:1063 (2004), doi:10.1109/TNN.2004.832719",
    ],
    sets: SETS,
    ..Kind::new(
        "izhikevich",
        "Izhikevich",
        "Two equations that reproduce most firing patterns of cortical neurons",
        &[
            number("a", "a", Unit::PerMs, 0.02, (0.0, 0.2), "Speed of the recovery u. Smaller: slower recovery, lower rates"),
            number("b", "b", Unit::PerMs, 0.2, (-0.1, 0.3), "How strongly u follows v. Larger: subthreshold oscillations, rebound spikes"),
            number("c", "c", Unit::Mv, -65.0, (-80.0, -40.0), "Potential after a spike. Higher: bursts"),
            number("d", "d", Unit::MvPerMs, 8.0, (-5.0, 10.0), "Jump of u at a spike. Larger: more adaptation"),
            number("i_e", "I_e", Unit::MvPerMs, 0.0, (-20.0, 40.0), "Constant current into every neuron. Larger: a higher rate"),
            number("q2", "q_2", Unit::One, 0.04, (0.01, 0.1), "Curvature of the v-nullcline, 1/(mV·ms). Larger: a sharper upswing"),
            number("q1", "q_1", Unit::PerMs, 5.0, (3.0, 7.0), "Slope of the v-nullcline at 0 mV; 4.1 for the integrator patterns"),
            number("q0", "q_0", Unit::MvPerMs, 140.0, (80.0, 160.0), "Height of the v-nullcline at 0 mV; 108 for the integrator patterns"),
            number("v_peak", "v_peak", Unit::Mv, 30.0, (0.0, 60.0), "Where a spike is cut off and v reset"),
            ParamSpec::choice(
                "scheme",
                "scheme",
                SCHEMES,
                0,
                "How time is stepped. network2003: the published network code, for 1 ms; figure2004: the published figure of 20 patterns; rk4: close to the equations, quick; accurate: as close as numbers allow, spikes found inside the step",
            ),
            ParamSpec::flag(
                "accommodation",
                "accommodation",
                false,
                "Use u' = a·b(v + 65), without a leak of u: the published equation of the accommodation pattern",
            ),
        ],
    )
};

const fn set(key: &'static str, name: &'static str, values: &'static [(&'static str, f64)], doc: &'static str) -> NamedSet {
    NamedSet { key, name, values, doc }
}

/// A pattern of the 2004 figure: its panel's parameters under its scheme.
macro_rules! panel {
    ($key:literal, $name:literal, $a:expr, $b:expr, $c:expr, $d:expr, $doc:literal $(, $more:expr)*) => {
        set($key, $name, &[("a", $a), ("b", $b), ("c", $c), ("d", $d), ("scheme", FIGURE_2004) $(, $more)*], $doc)
    };
}

#[rustfmt::skip]
const SETS: &[NamedSet] = &[
    set("rs", "Regular spiking (RS)", &[], "Excitatory cortical cell, 2003 paper"),
    set("ib", "Intrinsically bursting (IB)", &[("c", -55.0), ("d", 4.0)], "Excitatory cortical cell, 2003 paper"),
    set("ch", "Chattering (CH)", &[("c", -50.0), ("d", 2.0)], "Excitatory cortical cell, 2003 paper"),
    set("fs", "Fast spiking (FS)", &[("a", 0.1), ("d", 2.0)], "Inhibitory cortical cell, 2003 paper"),
    set("lts", "Low-threshold spiking (LTS)", &[("b", 0.25), ("d", 2.0)], "Inhibitory cortical cell, 2003 paper"),
    set("tc", "Thalamo-cortical (TC)", &[("b", 0.25), ("d", 0.05)], "Relay cell, 2003 paper; bursts when released from inhibition"),
    set("rz", "Resonator (RZ)", &[("a", 0.1), ("b", 0.26), ("d", 2.0)], "Answers best to input at its own frequency, 2003 paper"),
    panel!("a_tonic_spiking", "A Tonic spiking", 0.02, 0.2, -65.0, 6.0, "2004 figure: 14 from 10 ms, dt 0.25"),
    panel!("b_phasic_spiking", "B Phasic spiking", 0.02, 0.25, -65.0, 6.0, "2004 figure: 0.5 from 20 ms, dt 0.25"),
    panel!("c_tonic_bursting", "C Tonic bursting", 0.02, 0.2, -50.0, 2.0, "2004 figure: 15 from 22 ms, dt 0.25"),
    panel!("d_phasic_bursting", "D Phasic bursting", 0.02, 0.25, -55.0, 0.05, "2004 figure: 0.6 from 20 ms, dt 0.2"),
    panel!("e_mixed_mode", "E Mixed mode", 0.02, 0.2, -55.0, 4.0, "2004 figure: 10 from 16 ms, dt 0.25"),
    panel!("f_adaptation", "F Spike frequency adaptation", 0.01, 0.2, -65.0, 8.0, "2004 figure: 30 from 8.5 ms, dt 0.25"),
    panel!("g_class_1", "G Class 1 excitability", 0.02, -0.1, -55.0, 6.0, "2004 figure: ramp 0.075 a ms from 30 ms, dt 0.25", ("q1", 4.1), ("q0", 108.0)),
    panel!("h_class_2", "H Class 2 excitability", 0.2, 0.26, -65.0, 0.0, "2004 figure: −0.5, ramp 0.015 a ms from 30 ms, dt 0.25"),
    panel!("i_spike_latency", "I Spike latency", 0.02, 0.2, -65.0, 6.0, "2004 figure: 7.04 from 10 to 13 ms, dt 0.2"),
    panel!("j_oscillations", "J Subthreshold oscillations", 0.05, 0.26, -60.0, 0.0, "2004 figure: 2 from 20 to 25 ms, dt 0.25"),
    panel!("k_resonator", "K Resonator", 0.1, 0.26, -60.0, -1.0, "2004 figure: 0.65 for 4 ms at 40, 60, 280 and 320 ms, dt 0.25"),
    panel!("l_integrator", "L Integrator", 0.02, -0.1, -55.0, 6.0, "2004 figure: 9 for 2 ms at 9.1, 14.1, 70 and 80 ms, dt 0.25", ("q1", 4.1), ("q0", 108.0)),
    panel!("m_rebound_spike", "M Rebound spike", 0.03, 0.25, -60.0, 4.0, "2004 figure: −15 from 20 to 25 ms, dt 0.2"),
    panel!("n_rebound_burst", "N Rebound burst", 0.03, 0.25, -52.0, 0.0, "2004 figure: −15 from 20 to 25 ms, dt 0.2"),
    panel!("o_threshold_variability", "O Threshold variability", 0.03, 0.25, -60.0, 4.0, "2004 figure: 1 at 10 ms, −6 at 70 ms, 1 at 80 ms, 5 ms each, dt 0.25"),
    panel!("p_bistability", "P Bistability", 0.1, 0.26, -60.0, 0.0, "2004 figure: 0.24, with 1.24 for 5 ms at 37.5 and 216 ms, dt 0.25"),
    panel!("q_after_potential", "Q Depolarizing after-potential", 1.0, 0.2, -60.0, -21.0, "2004 figure: 20 from 9 to 11 ms, dt 0.1"),
    panel!("r_accommodation", "R Accommodation", 0.02, 1.0, -55.0, 4.0, "2004 figure: slow ramp to 8 by 200 ms, fast ramp to 4 at 300 ms, dt 0.5", ("accommodation", 1.0)),
    panel!("s_inhibition_spiking", "S Inhibition-induced spiking", -0.02, -1.0, -60.0, 8.0, "2004 figure: 80, with 75 from 50 to 250 ms, dt 0.5"),
    panel!("t_inhibition_bursting", "T Inhibition-induced bursting", -0.026, -1.0, -45.0, -2.0, "2004 figure: 80, with 75 from 50 to 250 ms, dt 0.5"),
];

impl Neuron<2> for Izhikevich {
    const KIND: &'static Kind = &KIND;
    const KICK: f64 = 60.0;
    /// The two Euler schemes are one with different constants.
    const SCHEMES: usize = 2;
    type Constants<R: Real> = Constants<R>;

    fn constants<R: Real>(p: &[f64], dt: f64) -> Constants<R> {
        let &[a, b, c, d, i_e, q2, q1, q0, v_peak, scheme, accommodation] = p else { unreachable!("izhikevich has 11 parameters") };
        let (first, second) = if scheme == FIGURE_2004 { (dt, 0.0) } else { (0.5 * dt, 0.5 * dt) };
        let (u_origin, u_leak) = if accommodation == 0.0 { (0.0, 1.0) } else { (-65.0, 0.0) };
        let (jump_to_current, jump_to_v) = if scheme == NETWORK_2003 { (1.0 / dt, 0.0) } else { (0.0, 1.0) };
        Constants {
            a: R::of(a),
            b: R::of(b),
            c: R::of(c),
            d: R::of(d),
            q2: R::of(q2),
            q1: R::of(q1),
            q0: R::of(q0),
            i_e: R::of(i_e),
            v_peak: R::of(v_peak),
            h: R::of(dt),
            first: R::of(first),
            second: R::of(second),
            u_origin: R::of(u_origin),
            u_leak: R::of(u_leak),
            jump_to_current: R::of(jump_to_current),
            jump_to_v: R::of(jump_to_v),
        }
    }

    fn scheme(p: &[f64]) -> usize {
        match p[9] {
            RUNGE_KUTTA => 1,
            3.0 => accurate::ACCURATE,
            _ => 0,
        }
    }

    /// Rest without any current; where there is none, the bottom of the v-nullcline.
    fn initial(p: &[f64]) -> [f64; 2] {
        let &[_, b, _, _, _, q2, q1, q0, _, _, accommodation] = p else { unreachable!("izhikevich has 11 parameters") };
        if accommodation != 0.0 {
            return [-65.0, (q2 * -65.0 + q1) * -65.0 + q0];
        }
        let discriminant = ((q1 - b) * (q1 - b) - 4.0 * q2 * q0).max(0.0);
        let v = if q2 == 0.0 { -65.0 } else { -(q1 - b + libm::sqrt(discriminant)) / (2.0 * q2) };
        [v, b * v]
    }

    #[inline(always)]
    fn step<R: Real, const G: bool, const SCHEME: usize>(c: &Constants<R>, [v, u]: [R; 2], input: Input<R>) -> ([R; 2], bool) {
        let current = c.i_e + input.current + input.jump * c.jump_to_current;
        let dv = |v: R, u: R| {
            // Summed in this order: panel H multiplies rounding by 10¹⁰, and the reference sums so.
            let slope = c.q2 * v * v + c.q1 * v + c.q0 - u + current;
            if G { slope + input.ge - input.g * v } else { slope }
        };
        let du = |v: R, u: R| c.a * (c.b * (v - c.u_origin) - c.u_leak * u);
        let (v, u, fired) = if SCHEME == 1 {
            runge_kutta(c, v, u, dv, du)
        } else {
            let half = v + c.first * dv(v, u);
            let full = half + c.second * dv(half, u);
            (full, u + c.h * du(full, u), false)
        };
        let v = v + input.jump * c.jump_to_v;
        ([v, u], (v >= c.v_peak) | fired)
    }

    /// A spike inside the step of `rk4` has been reset there.
    #[inline(always)]
    fn fired<R: Real>(c: &Constants<R>, [v, u]: [R; 2]) -> [R; 2] {
        if v >= c.v_peak { [c.c, u + c.d] } else { [v, u] }
    }

    fn between_spikes<R: Real>(c: Constants<R>, scheme: usize) -> Constants<R> {
        if scheme == 0 { Constants { c: R::ZERO, d: R::ZERO, ..c } } else { c }
    }

    fn slopes(p: &[f64], [v, u]: [f64; 2], input: Input<f64>) -> [f64; 2] {
        let &[a, b, _, _, i_e, q2, q1, q0, _, _, accommodation] = p else { unreachable!("izhikevich has 11 parameters") };
        let dv = (q2 * v + q1) * v + q0 - u + i_e + input.current + input.ge - input.g * v;
        [dv, if accommodation == 0.0 { a * (b * v - u) } else { a * b * (v + 65.0) }]
    }

    fn above(p: &[f64], [v, _]: [f64; 2]) -> f64 {
        v - p[8]
    }

    fn reset(p: &[f64], [_, u]: [f64; 2]) -> Option<[f64; 2]> {
        Some([p[2].min(p[8] - 1e-9), u + p[3]])
    }

    fn stamps_start(p: &[f64]) -> bool {
        p[9] == FIGURE_2004
    }

    fn check_dt(p: &[f64], dt: f64) -> Result<(), String> {
        let (limit, scheme) = match p[9] {
            NETWORK_2003 => (1.0, "network2003 was published for 1 ms and oscillates beyond it"),
            FIGURE_2004 => (0.5, "figure2004 was published for 0.1 to 0.5 ms and oscillates beyond it"),
            RUNGE_KUTTA => (0.5, "rk4 diverges beyond 0.5 ms under strong inhibition"),
            _ => (1.0, "input is constant for a step"),
        };
        if dt > limit { Err(format!("dt = {dt} ms is too coarse: {scheme}; use dt ≤ {limit} ms")) } else { Ok(()) }
    }
}

/// One Runge–Kutta step; if v crosses the peak, the rest of the step from the reset. The overshoot never enters u.
#[inline(always)]
fn runge_kutta<R: Real>(c: &Constants<R>, v: R, u: R, dv: impl Fn(R, R) -> R, du: impl Fn(R, R) -> R) -> (R, R, bool) {
    let below = |v: R| v.min_of(c.v_peak);
    let (half, sixth) = (c.h * R::of(0.5), c.h * R::of(1.0 / 6.0));
    let two = R::of(2.0);
    let v1 = below(v);
    let (k1, l1) = (dv(v1, u), du(v1, u));
    let (v2, u2) = (below(v + half * k1), u + half * l1);
    let (k2, l2) = (dv(v2, u2), du(v2, u2));
    let (v3, u3) = (below(v + half * k2), u + half * l2);
    let (k3, l3) = (dv(v3, u3), du(v3, u3));
    let (v4, u4) = (below(v + c.h * k3), u + c.h * l3);
    let (k4, l4) = (dv(v4, u4), du(v4, u4));
    let v_end = v + sixth * (k1 + two * (k2 + k3) + k4);
    let u_end = u + sixth * (l1 + two * (l2 + l3) + l4);

    let crosses = v_end >= c.v_peak;
    let part = ((c.v_peak - v) / (v_end - v)).max_of(R::ZERO).min_of(R::ONE);
    let rest = c.h * (R::ONE - part);
    let u_reset = u + part * (u_end - u) + c.d;
    let middle = rest * R::of(0.5);
    let (vm, um) = (c.c + middle * dv(c.c, u_reset), u_reset + middle * du(c.c, u_reset));
    let (v_after, u_after) = (c.c + rest * dv(vm, um), u_reset + rest * du(vm, um));
    (R::pick(crosses, v_after, v_end), R::pick(crosses, u_after, u_end), crosses)
}
