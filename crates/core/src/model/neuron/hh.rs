//! Hodgkin–Huxley neuron: the squid axon of 1952, in today's sign convention with rest near −65 mV.
//!
//! C dv/dt = I − g_Na m³h(v − E_Na) − g_K n⁴(v − E_K) − g_L(v − E_L); dx/dt = φ(α_x(1 − x) − β_x x) for x = m, h, n, with
//! φ = 3^((T − 6.3 °C)/10 °C). A spike is an upward crossing of 0 mV; nothing is reset.
//!
//! Schemes: `exponential_euler` (default), staggered: first the gates with the old v, then v with the new gates, each exactly
//! for frozen partners. Second order, stable for any dt: at 0.025 ms the seventh spike at 10 µA/cm² is 0.03 ms late. `rk4`:
//! fourth order, diverges above 0.05 ms (sooner when warm). Forward Euler is not offered (diverges at 0.1 ms, 16 times worse at
//! 0.025 ms). All six rates come from two exponentials; below −110 and above 150 mV they stay as they are there.
//!
//! Units: per membrane area, µF/cm², mS/cm², µA/cm². Validated by `tests/models/hh.rs` against first spikes, rates and thresholds
//! of a converged solution.

use super::{Input, Neuron, Numbers};
use crate::param::{Kind, NamedSet, ParamSpec, StateSpec, Unit};
use crate::real::Real;

pub struct HodgkinHuxley;

/// The values of the parameter `scheme`.
pub const SCHEMES: &[&str] = &["exponential_euler", "rk4", "accurate"];

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
    per_c: R,
    h: R,
    phi: R,
}
// SAFETY: all fields are numbers of that type.
unsafe impl<R: Real> Numbers<R> for Constants<R> {}

const fn conductance(key: &'static str, symbol: &'static str, default: f64, doc: &'static str) -> ParamSpec {
    ParamSpec::new(key, symbol, Unit::MsPerCm2, default, (0.0, 10_000.0), doc).slider(0.0, 2.0 * default)
}
const fn potential(key: &'static str, symbol: &'static str, default: f64, slider: (f64, f64), doc: &'static str) -> ParamSpec {
    ParamSpec::new(key, symbol, Unit::Mv, default, (-200.0, 200.0), doc).slider(slider.0, slider.1)
}
const fn blocked(key: &'static str, symbol: &'static str, doc: &'static str) -> ParamSpec {
    ParamSpec::new(key, symbol, Unit::One, 0.0, (0.0, 1.0), doc)
}
const fn gate(key: &'static str, doc: &'static str) -> StateSpec {
    StateSpec { key, symbol: key, unit: Unit::One, doc }
}

static KIND: Kind = Kind {
    states: &[
        StateSpec { key: "v", symbol: "v", unit: Unit::Mv, doc: "Membrane potential" },
        gate("m", "Opening of the sodium channel (fast): share of open gates"),
        gate("h", "Inactivation of the sodium channel (slow): share of gates that are not inactivated"),
        gate("n", "Opening of the potassium channel (slow): share of open gates"),
    ],
    current_unit: Unit::UaPerCm2,
    conductance_unit: Unit::MsPerCm2,
    equations: &[
        "C_m · dv/dt = I_e + I_syn + I_stim − g_Na·m³h(v − E_Na) − g_K·n⁴(v − E_K) − g_L(v − E_L)",
        "dx/dt = φ(α_x(1 − x) − β_x·x) for x = m, h, n;  φ = 3^((T − 6.3)/10)",
        "α_m = 0.1(v + 40)/(1 − e^(−(v + 40)/10)),  β_m = 4e^(−(v + 65)/18)",
        "α_h = 0.07e^(−(v + 65)/20),  β_h = 1/(1 + e^(−(v + 35)/10))",
        "α_n = 0.01(v + 55)/(1 − e^(−(v + 55)/10)),  β_n = 0.125e^(−(v + 65)/80)",
        "spike where v crosses 0 mV upwards",
    ],
    references: &["A. L. Hodgkin & A. F. Huxley, J. Physiol. 117:500 (1952), doi:10.1113/jphysiol.1952.sp004764"],
    sets: &[
        NamedSet { key: "squid", name: "Squid axon", values: &[], doc: "Hodgkin & Huxley 1952, 6.3 °C" },
        NamedSet {
            key: "squid_warm",
            name: "Squid axon, 18.5 °C",
            values: &[("temperature", 18.5)],
            doc: "The temperature of the propagated action potential in the 1952 paper: shorter spikes, higher rates",
        },
        NamedSet { key: "ttx", name: "Sodium blocked (TTX)", values: &[("g_na", 0.0)], doc: "Tetrodotoxin: no action potential" },
        NamedSet {
            key: "tea",
            name: "Potassium reduced (TEA)",
            values: &[("g_k", 3.6)],
            doc: "Tetraethylammonium: no quick repolarisation",
        },
    ],
    ..Kind::new(
        "hh",
        "Hodgkin–Huxley",
        "The biophysical model of the action potential: sodium and potassium channels",
        &[
            ParamSpec::new("c_m", "C_m", Unit::UfPerCm2, 1.0, (0.001, 1000.0), "Membrane capacitance. Larger: slower changes of v")
                .slider(0.2, 5.0)
                .log(),
            conductance("g_na", "g_Na", 120.0, "Sodium conductance, all channels open. Smaller: weaker spikes, then none"),
            conductance("g_k", "g_K", 36.0, "Potassium conductance, all channels open. Smaller: longer spikes"),
            conductance("g_l", "g_L", 0.3, "Leak conductance. Larger: less excitable"),
            potential("e_na", "E_Na", 50.0, (0.0, 100.0), "Sodium reversal potential. Higher: taller spikes"),
            potential("e_k", "E_K", -77.0, (-110.0, -50.0), "Potassium reversal potential. Higher: more excitable"),
            potential("e_l", "E_L", -54.387, (-90.0, -30.0), "Leak reversal potential; sets the rest near −65 mV"),
            ParamSpec::new(
                "i_e",
                "I_e",
                Unit::UaPerCm2,
                0.0,
                (-10_000.0, 10_000.0),
                "Constant current. From rest the neuron fires on and on above 6.26, and above about 75 no longer (depolarisation block)",
            )
            .slider(-20.0, 100.0),
            ParamSpec::new(
                "temperature",
                "T",
                Unit::Celsius,
                6.3,
                (-20.0, 60.0),
                "Temperature. Warmer: the gates are faster, the spikes shorter and smaller; too warm: none",
            )
            .slider(0.0, 30.0),
            ParamSpec::choice(
                "scheme",
                "scheme",
                SCHEMES,
                0,
                "How time is stepped. exponential_euler: stable at any dt, use 0.025 ms; rk4: more accurate, needs dt ≤ 0.05 ms; accurate: as close to the equations as numbers allow, spikes found inside the step",
            ),
            blocked("ttx", "TTX", "Share of the sodium channels that tetrodotoxin blocks. At 1 there is no action potential"),
            blocked("tea", "TEA", "Share of the potassium channels that tetraethylammonium blocks. Larger: longer spikes"),
        ],
    )
};

/// Opening and closing rates of m, h, n, 1/ms at 6.3 °C.
struct Rates<R> {
    a_m: R,
    b_m: R,
    a_h: R,
    b_h: R,
    a_n: R,
    b_n: R,
}

/// All six rates. The exponents are multiples of (v + 65)/80, but for β_m's: two exponentials do.
#[inline(always)]
fn rates<R: Real>(v: R) -> Rates<R> {
    // Beyond, nothing was measured and all gates are fully open or shut; growing rates would only make the equations stiff.
    let v = v.min_of(R::of(150.0)).max_of(R::of(-110.0));
    let above = v + R::of(65.0);
    let s = (above * R::of(-1.0 / 80.0)).exp();
    let s2 = s * s;
    let s4 = s2 * s2;
    let s8 = s4 * s4;
    Rates {
        a_m: quotient((v + R::of(40.0)) * R::of(0.1), s8 * R::of(12.182_493_960_703_473)),
        b_m: R::of(4.0) * (above * R::of(-1.0 / 18.0)).exp(),
        a_h: R::of(0.07) * s4,
        b_h: R::ONE / (R::ONE + s8 * R::of(20.085_536_923_187_668)),
        a_n: R::of(0.1) * quotient((v + R::of(55.0)) * R::of(0.1), s8 * R::of(std::f64::consts::E)),
        b_n: R::of(0.125) * s,
    }
}

/// x/(1 − e^(−x)) for a given e^(−x), by its series where the quotient would be 0/0. Both are computed, one is taken: no branch.
#[inline(always)]
fn quotient<R: Real>(x: R, exp_minus_x: R) -> R {
    let near = x.abs() < R::of(0.1);
    let x2 = x * x;
    let series = R::ONE + x * R::of(0.5) + x2 * (R::of(1.0 / 12.0) + x2 * (R::of(-1.0 / 720.0) + x2 * R::of(1.0 / 30_240.0)));
    let below = R::ONE - exp_minus_x;
    let safe = if near { R::ONE } else { below };
    let far = x / safe;
    if near { series } else { far }
}

/// Where the gates go at a potential (mV), and how fast: for each (open share in the long run, time constant in ms at 6.3 °C).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gates {
    pub m: (f64, f64),
    pub h: (f64, f64),
    pub n: (f64, f64),
}

/// The gates at `v`, mV.
pub fn gates(v: f64) -> Gates {
    let r = rates(v);
    let gate = |a: f64, b: f64| (a / (a + b), 1.0 / (a + b));
    Gates { m: gate(r.a_m, r.b_m), h: gate(r.a_h, r.b_h), n: gate(r.a_n, r.b_n) }
}

/// How much faster the gates are than at 6.3 °C.
pub fn phi(temperature: f64) -> f64 {
    libm::exp((temperature - 6.3) / 10.0 * libm::log(3.0))
}

impl Neuron<4> for HodgkinHuxley {
    const KIND: &'static Kind = &KIND;
    const KICK: f64 = 30.0;
    const SCHEMES: usize = 2;
    type Constants<R: Real> = Constants<R>;

    fn constants<R: Real>(p: &[f64], dt: f64) -> Constants<R> {
        let &[c_m, g_na, g_k, g_l, e_na, e_k, e_l, i_e, temperature, _, ttx, tea] = p else { unreachable!("hh has 12 parameters") };
        Constants {
            g_na: R::of(g_na * (1.0 - ttx)),
            g_k: R::of(g_k * (1.0 - tea)),
            g_l: R::of(g_l),
            e_na: R::of(e_na),
            e_k: R::of(e_k),
            drive: R::of(g_l * e_l + i_e),
            per_c: R::of(1.0 / c_m),
            h: R::of(dt),
            phi: R::of(phi(temperature)),
        }
    }

    fn scheme(p: &[f64]) -> usize {
        // In the order of `SCHEMES`, with `accurate` last.
        p[9] as usize
    }

    /// The resting state without any current: the lowest v at which nothing flows, gates settled.
    fn initial(p: &[f64]) -> [f64; 4] {
        let &[_, g_na, g_k, g_l, e_na, e_k, e_l, .., ttx, tea] = p else { unreachable!("hh has 12 parameters") };
        let (g_na, g_k) = (g_na * (1.0 - ttx), g_k * (1.0 - tea));
        let settled = |v: f64| {
            let r = rates(v);
            [r.a_m / (r.a_m + r.b_m), r.a_h / (r.a_h + r.b_h), r.a_n / (r.a_n + r.b_n)]
        };
        let outward = |v: f64| {
            let [m, h, n] = settled(v);
            g_na * m * m * m * h * (v - e_na) + g_k * n * n * n * n * (v - e_k) + g_l * (v - e_l)
        };
        // Nothing flows out below all reversal potentials and nothing in above them; scan upwards for the first balance.
        let (lowest, highest) = (e_na.min(e_k).min(e_l), e_na.max(e_k).max(e_l));
        let (mut low, mut high) = (lowest, highest);
        for k in 1..=400 {
            let v = lowest + (highest - lowest) * f64::from(k) / 400.0;
            if outward(v) >= 0.0 {
                high = v;
                break;
            }
            low = v;
        }
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            *(if outward(middle) >= 0.0 { &mut high } else { &mut low }) = middle;
        }
        let v = 0.5 * (low + high);
        let [m, h, n] = settled(v);
        [v, m, h, n]
    }

    #[inline(always)]
    fn step<R: Real, const G: bool, const SCHEME: usize>(c: &Constants<R>, [v, m, h, n]: [R; 4], input: Input<R>) -> ([R; 4], bool) {
        let (mut drive, mut g_passive) = (c.drive + input.current, c.g_l);
        if G {
            drive += input.ge;
            g_passive += input.g;
        }
        let [relaxed, m, h, n] =
            if SCHEME == 1 { runge_kutta(c, [v, m, h, n], drive, g_passive) } else { staggered(c, [v, m, h, n], drive, g_passive) };
        let next = relaxed + input.jump;
        ([next, m, h, n], (v < R::ZERO) && (next >= R::ZERO))
    }

    fn slopes(p: &[f64], x: [f64; 4], input: Input<f64>) -> [f64; 4] {
        // The step's own length plays no part in the slopes.
        let c = Self::constants::<f64>(p, 1.0);
        slope(&c, x, c.drive + input.current + input.ge, c.g_l + input.g)
    }

    fn above(_p: &[f64], [v, ..]: [f64; 4]) -> f64 {
        v
    }

    fn check_dt(p: &[f64], dt: f64) -> Result<(), String> {
        // Measured at the squid's values; the fastest rates grow with g/C and with the temperature.
        let limit = 0.05 * (156.3 * p[0] / (p[1] + p[2] + p[3])).min(1.0 / phi(p[8])).min(1.0);
        if p[9] == 1.0 && dt > limit {
            return Err(format!(
                "dt = {dt} ms is too coarse: rk4 diverges above {limit:.3} ms with these values; use dt ≤ {limit:.3} ms or the scheme exponential_euler"
            ));
        }
        if dt > 0.25 {
            return Err(format!("dt = {dt} ms is too coarse to follow an action potential; use dt ≤ 0.25 ms, best 0.025 ms"));
        }
        Ok(())
    }
}

/// Gates with the old v, then v with the new gates; each step exact for constant coefficients.
#[inline(always)]
fn staggered<R: Real>(c: &Constants<R>, [v, m, h, n]: [R; 4], drive: R, g_passive: R) -> [R; 4] {
    let r = rates(v);
    let relax = |x: R, a: R, b: R| {
        let sum = a + b;
        let settled = a / sum;
        settled + (x - settled) * (-(sum * c.phi * c.h)).exp()
    };
    let (m, h, n) = (relax(m, r.a_m, r.b_m), relax(h, r.a_h, r.b_h), relax(n, r.a_n, r.b_n));
    let g_na = c.g_na * m * m * m * h;
    let g_k = c.g_k * (n * n) * (n * n);
    let g = g_na + g_k + g_passive;
    let settled = (g_na * c.e_na + g_k * c.e_k + drive) / g;
    // Without any conductance (all blocked) the quotient is undefined and v grows linearly.
    let relaxed = settled + (v - settled) * (-(g * c.per_c * c.h)).exp();
    let linear = v + drive * c.per_c * c.h;
    [if g > R::ZERO { relaxed } else { linear }, m, h, n]
}

/// Slopes of v, m, h, n.
#[inline(always)]
fn slope<R: Real>(c: &Constants<R>, [v, m, h, n]: [R; 4], drive: R, g_passive: R) -> [R; 4] {
    let r = rates(v);
    let (g_na, g_k) = (c.g_na * m * m * m * h, c.g_k * (n * n) * (n * n));
    [
        (g_na * (c.e_na - v) + g_k * (c.e_k - v) + drive - g_passive * v) * c.per_c,
        c.phi * (r.a_m * (R::ONE - m) - r.b_m * m),
        c.phi * (r.a_h * (R::ONE - h) - r.b_h * h),
        c.phi * (r.a_n * (R::ONE - n) - r.b_n * n),
    ]
}

#[inline(always)]
fn ahead<R: Real>(x: [R; 4], k: [R; 4], h: R) -> [R; 4] {
    [x[0] + h * k[0], x[1] + h * k[1], x[2] + h * k[2], x[3] + h * k[3]]
}

/// The classical Runge–Kutta step of fourth order.
#[inline(always)]
fn runge_kutta<R: Real>(c: &Constants<R>, x: [R; 4], drive: R, g_passive: R) -> [R; 4] {
    let (half, two, sixth) = (c.h * R::of(0.5), R::of(2.0), R::of(1.0 / 6.0));
    let k1 = slope(c, x, drive, g_passive);
    let k2 = slope(c, ahead(x, k1, half), drive, g_passive);
    let k3 = slope(c, ahead(x, k2, half), drive, g_passive);
    let k4 = slope(c, ahead(x, k3, c.h), drive, g_passive);
    let mean = [
        (k1[0] + two * (k2[0] + k3[0]) + k4[0]) * sixth,
        (k1[1] + two * (k2[1] + k3[1]) + k4[1]) * sixth,
        (k1[2] + two * (k2[2] + k3[2]) + k4[2]) * sixth,
        (k1[3] + two * (k2[3] + k3[3]) + k4[3]) * sixth,
    ];
    ahead(x, mean, c.h)
}
