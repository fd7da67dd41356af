//! Wang–Buzsáki neuron: a fast-spiking interneuron of the hippocampus, class 1.
//!
//! C v' = I − g_Na m∞³h(v − E_Na) − g_K n⁴(v − E_K) − g_L(v − E_L); x' = φ(α_x(1 − x) − β_x x) for x = h, n; sodium activation
//! follows v at once. A spike is an upward crossing of 0 mV; nothing is reset.
//!
//! Integrator: exponential midpoint: half a step with frozen rates, then the whole step with the rates found there, each exact for
//! frozen partners. Second order, stable for any dt. Units: per membrane area, µF/cm², mS/cm², µA/cm². Validated by
//! `tests/models/planar.rs`: rheobase and the rates of a converged solution.

use super::accurate::ACCURATE;
use super::{Input, Neuron, Numbers};
use crate::param::{Kind, NamedSet, ParamSpec, StateSpec, Unit};
use crate::real::{Real, x_over_one_minus_exp};

pub struct WangBuzsaki;

/// Derived constants of one step.
#[derive(Clone, Copy)]
pub struct Constants<R> {
    g_na: R,
    g_k: R,
    g_l: R,
    e_na: R,
    e_k: R,
    /// g_L·E_L + I_e
    drive: R,
    /// h/C and half of it; φh and half of it.
    per_c: [R; 2],
    phi_h: [R; 2],
}
// SAFETY: all fields are numbers of that type.
unsafe impl<R: Real> Numbers<R> for Constants<R> {}

const fn conductance(key: &'static str, symbol: &'static str, default: f64, doc: &'static str) -> ParamSpec {
    ParamSpec::new(key, symbol, Unit::MsPerCm2, default, (0.0, 10_000.0), doc).slider(0.0, 2.0 * default)
}
const fn potential(key: &'static str, symbol: &'static str, default: f64, slider: (f64, f64), doc: &'static str) -> ParamSpec {
    ParamSpec::new(key, symbol, Unit::Mv, default, (-200.0, 200.0), doc).slider(slider.0, slider.1)
}

static KIND: Kind = Kind {
    states: &[
        StateSpec { key: "v", symbol: "v", unit: Unit::Mv, doc: "Membrane potential" },
        StateSpec { key: "h", symbol: "h", unit: Unit::One, doc: "Share of sodium gates that are not inactivated" },
        StateSpec { key: "n", symbol: "n", unit: Unit::One, doc: "Share of open potassium gates" },
    ],
    current_unit: Unit::UaPerCm2,
    conductance_unit: Unit::MsPerCm2,
    equations: &[
        "C_m · dv/dt = I_e + I_syn + I_stim − g_Na·m_∞³h(v − E_Na) − g_K·n⁴(v − E_K) − g_L(v − E_L)",
        "dx/dt = φ(α_x(1 − x) − β_x·x) for x = h, n;  m_∞ = α_m/(α_m + β_m)",
        "α_m = 0.1(v + 35)/(1 − e^(−(v + 35)/10)),  β_m = 4e^(−(v + 60)/18)",
        "α_h = 0.07e^(−(v + 58)/20),  β_h = 1/(1 + e^(−(v + 28)/10))",
        "α_n = 0.01(v + 34)/(1 − e^(−(v + 34)/10)),  β_n = 0.125e^(−(v + 44)/80)",
        "spike where v crosses 0 mV upwards",
    ],
    references: &["X.-J. Wang & G. Buzsáki, J. Neurosci. 16:6402 (1996), doi:10.1523/JNEUROSCI.16-20-06402.1996"],
    sets: &[NamedSet {
        key: "interneuron",
        name: "Hippocampal interneuron",
        values: &[],
        doc: "Wang & Buzsáki 1996; rheobase 0.1602 µA/cm²",
    }],
    ..Kind::new(
        "wang_buzsaki",
        "Wang–Buzsáki",
        "A fast-spiking interneuron with real channels, which starts to fire at any low rate",
        &[
            ParamSpec::new("c_m", "C_m", Unit::UfPerCm2, 1.0, (0.001, 1000.0), "Membrane capacitance. Larger: slower changes of v")
                .slider(0.2, 5.0)
                .log(),
            conductance("g_na", "g_Na", 35.0, "Sodium conductance, all channels open. Smaller: weaker spikes, then none"),
            conductance("g_k", "g_K", 9.0, "Potassium conductance, all channels open. Smaller: longer spikes"),
            conductance("g_l", "g_L", 0.1, "Leak conductance. Larger: less excitable"),
            potential("e_na", "E_Na", 55.0, (0.0, 100.0), "Sodium reversal potential. Higher: taller spikes"),
            potential("e_k", "E_K", -90.0, (-110.0, -60.0), "Potassium reversal potential"),
            potential("e_l", "E_L", -65.0, (-80.0, -50.0), "Leak reversal potential. Higher: more excitable"),
            ParamSpec::new("phi", "φ", Unit::One, 5.0, (0.01, 1000.0), "Speed of the gates. Smaller: longer spikes, lower rates")
                .slider(1.0, 15.0),
            ParamSpec::new("i_e", "I_e", Unit::UaPerCm2, 0.0, (-10_000.0, 10_000.0), "Constant current. Fires on and on above 0.16")
                .slider(-2.0, 20.0),
            super::accurate::choice(
                &["exponential_midpoint", "accurate"],
                "How time is stepped. exponential_midpoint: quick, spikes at the ends of steps; accurate: as close to the equations as numbers allow, spikes found inside the step",
            ),
        ],
    )
};

/// (m∞, open share of h in the long run and its rate, the same for n); rates in 1/ms before φ.
#[inline(always)]
fn gates<R: Real>(v: R) -> (R, [R; 2], [R; 2]) {
    // As for `hh`: beyond, all gates are fully open or shut.
    let v = v.min_of(R::of(150.0)).max_of(R::of(-130.0));
    let tenth = R::of(0.1);
    let e20 = ((v + R::of(58.0)) * R::of(-0.05)).exp();
    let a_m = x_over_one_minus_exp((v + R::of(35.0)) * tenth);
    let b_m = R::of(4.0) * ((v + R::of(60.0)) * R::of(-1.0 / 18.0)).exp();
    // e^(−(v + 28)/10) = (e^(−(v + 58)/20))² e³
    let (a_h, b_h) = (R::of(0.07) * e20, R::ONE / (R::ONE + e20 * e20 * R::of(20.085_536_923_187_668)));
    let a_n = tenth * x_over_one_minus_exp((v + R::of(34.0)) * tenth);
    let b_n = R::of(0.125) * ((v + R::of(44.0)) * R::of(-1.0 / 80.0)).exp();
    (a_m / (a_m + b_m), [a_h / (a_h + b_h), a_h + b_h], [a_n / (a_n + b_n), a_n + b_n])
}

impl Neuron<3> for WangBuzsaki {
    const KIND: &'static Kind = &KIND;
    const KICK: f64 = 40.0;
    type Constants<R: Real> = Constants<R>;

    fn constants<R: Real>(p: &[f64], dt: f64) -> Constants<R> {
        let &[c_m, g_na, g_k, g_l, e_na, e_k, e_l, phi, i_e, _] = p else { unreachable!("wang_buzsaki has 10 parameters") };
        Constants {
            g_na: R::of(g_na),
            g_k: R::of(g_k),
            g_l: R::of(g_l),
            e_na: R::of(e_na),
            e_k: R::of(e_k),
            drive: R::of(g_l * e_l + i_e),
            per_c: [R::of(dt / c_m), R::of(0.5 * dt / c_m)],
            phi_h: [R::of(phi * dt), R::of(0.5 * phi * dt)],
        }
    }

    /// The rest without any current: the lowest v at which nothing flows, gates settled.
    fn initial(p: &[f64]) -> [f64; 3] {
        let &[_, g_na, g_k, g_l, e_na, e_k, e_l, ..] = p else { unreachable!("wang_buzsaki has 9 parameters") };
        let inward = |v: f64| {
            let (m, [h, _], [n, _]) = gates(v);
            g_na * m * m * m * h * (e_na - v) + g_k * n * n * n * n * (e_k - v) + g_l * (e_l - v)
        };
        let v = super::lowest_zero(inward, e_na.min(e_k).min(e_l), e_na.max(e_k).max(e_l));
        let (_, [h, _], [n, _]) = gates(v);
        [v, h, n]
    }

    #[inline(always)]
    fn step<R: Real, const G: bool, const SCHEME: usize>(c: &Constants<R>, [v, h, n]: [R; 3], input: Input<R>) -> ([R; 3], bool) {
        let (mut drive, mut g_passive) = (c.drive + input.current, c.g_l);
        if G {
            drive += input.ge;
            g_passive += input.g;
        }
        let [v_half, h_half, n_half] = relax::<R, 1>(c, [v, h, n], [v, h, n], drive, g_passive);
        let [v_next, h, n] = relax::<R, 0>(c, [v, h, n], [v_half, h_half, n_half], drive, g_passive);
        let next = v_next + input.jump;
        ([next, h, n], (v < R::ZERO) && (next >= R::ZERO))
    }

    fn scheme(p: &[f64]) -> usize {
        if p[9] == 1.0 { ACCURATE } else { 0 }
    }

    fn slopes(p: &[f64], [v, h, n]: [f64; 3], input: Input<f64>) -> [f64; 3] {
        let &[c_m, g_na, g_k, g_l, e_na, e_k, e_l, phi, i_e, _] = p else { unreachable!("wang_buzsaki has 10 parameters") };
        let (m, [h_inf, h_rate], [n_inf, n_rate]) = gates(v);
        let ionic = g_na * m * m * m * h * (e_na - v) + g_k * (n * n) * (n * n) * (e_k - v) + g_l * (e_l - v);
        let dv = (ionic + i_e + input.current + input.ge - input.g * v) / c_m;
        [dv, phi * h_rate * (h_inf - h), phi * n_rate * (n_inf - n)]
    }

    fn above(_p: &[f64], [v, ..]: [f64; 3]) -> f64 {
        v
    }

    fn check_dt(p: &[f64], dt: f64) -> Result<(), String> {
        if p[9] == 1.0 && dt <= 0.25 {
            return Ok(());
        }
        if dt > 0.1 {
            return Err(format!("dt = {dt} ms is too coarse to follow an action potential; use dt ≤ 0.1 ms, best 0.025 ms"));
        }
        Ok(())
    }
}

/// From `[v, h, n]` over the whole step (`LENGTH` 0) or half of it (1), with all rates and conductances as they are `at`. A function that is always
/// inlined: as a closure it was called, which cost several times the step.
#[inline(always)]
fn relax<R: Real, const LENGTH: usize>(c: &Constants<R>, [v, h, n]: [R; 3], at: [R; 3], drive: R, g_passive: R) -> [R; 3] {
    let (m, [h_inf, h_rate], [n_inf, n_rate]) = gates(at[0]);
    let (g_na, g_k) = (c.g_na * m * m * m * at[1], c.g_k * (at[2] * at[2]) * (at[2] * at[2]));
    let g = g_na + g_k + g_passive;
    let settled = (g_na * c.e_na + g_k * c.e_k + drive) / g;
    let relaxed = settled + (v - settled) * (-(g * c.per_c[LENGTH])).exp();
    // Without any conductance the quotient is undefined and v grows linearly.
    let linear = v + drive * c.per_c[LENGTH];
    let h_next = h_inf + (h - h_inf) * (-(h_rate * c.phi_h[LENGTH])).exp();
    let n_next = n_inf + (n - n_inf) * (-(n_rate * c.phi_h[LENGTH])).exp();
    [if g > R::of(1e-12) { relaxed } else { linear }, h_next, n_next]
}
