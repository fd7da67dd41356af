//! FitzHugh–Nagumo neuron: excitability with the fewest terms, a cubic and a line.
//!
//! v' = v − v³/3 − w + I, w' = ε(v + a − b·w), without units but for time in ms. A spike is an upward crossing of v_spike; nothing is reset.
//!
//! Integrator: Runge–Kutta of fourth order; below |v| = 10 the cubic stays stable for dt ≤ 0.1, and v beyond is held there.
//! Validated by `tests/models/planar.rs`: rest, both Hopf points, periods.

use super::accurate::ACCURATE;
use super::{Input, Neuron, Numbers};
use crate::param::{Kind, NamedSet, ParamSpec, StateSpec, Unit};
use crate::real::Real;

pub struct FitzHughNagumo;

/// Derived constants of one step.
#[derive(Clone, Copy)]
pub struct Constants<R> {
    a: R,
    b: R,
    epsilon: R,
    i_e: R,
    v_spike: R,
    h: R,
}
// SAFETY: all fields are numbers of that type.
unsafe impl<R: Real> Numbers<R> for Constants<R> {}

static KIND: Kind = Kind {
    states: &[
        StateSpec { key: "v", symbol: "v", unit: Unit::One, doc: "Fast variable, like the membrane potential" },
        StateSpec { key: "w", symbol: "w", unit: Unit::One, doc: "Slow recovery" },
    ],
    current_unit: Unit::One,
    conductance_unit: Unit::PerMs,
    equations: &["dv/dt = v − v³/3 − w + I_e + I_syn + I_stim", "dw/dt = ε(v + a − b·w)", "spike where v crosses v_spike upwards"],
    references: &[
        "R. FitzHugh, Biophys. J. 1:445 (1961), doi:10.1016/S0006-3495(61)86902-6",
        "J. Nagumo et al., Proc. IRE 50:2061 (1962), doi:10.1109/JRPROC.1962.288235",
    ],
    sets: &[NamedSet {
        key: "standard",
        name: "FitzHugh 1961",
        values: &[],
        doc: "a 0.7, b 0.8, ε 0.08: fires on and on for currents between 0.33 and 1.42",
    }],
    ..Kind::new(
        "fitzhugh_nagumo",
        "FitzHugh–Nagumo",
        "Excitability in two equations without units: a cubic and a line",
        &[
            ParamSpec::new("a", "a", Unit::One, 0.7, (-10.0, 10.0), "Where the line lies. Larger: less excitable").slider(0.0, 1.5),
            ParamSpec::new("b", "b", Unit::One, 0.8, (0.0, 10.0), "Slope of the line. Above 1 there can be three rests").slider(0.0, 2.0),
            ParamSpec::new("epsilon", "ε", Unit::PerMs, 0.08, (0.0, 1.0), "Speed of the recovery. Smaller: longer spikes, sharper corners")
                .slider(0.01, 0.5)
                .log(),
            ParamSpec::new("i_e", "I_e", Unit::One, 0.0, (-100.0, 100.0), "Constant current").slider(-1.0, 3.0),
            ParamSpec::new("v_spike", "v_spike", Unit::One, 1.0, (-2.0, 2.0), "A spike is counted where v rises through this value")
                .slider(-1.0, 1.5),
            super::accurate::choice(
                &["rk4", "accurate"],
                "How time is stepped. rk4: quick, spikes at the ends of steps; accurate: as close to the equations as numbers allow, spikes found inside the step",
            ),
        ],
    )
};

impl Neuron<2> for FitzHughNagumo {
    const KIND: &'static Kind = &KIND;
    const KICK: f64 = 1.5;
    type Constants<R: Real> = Constants<R>;

    fn constants<R: Real>(p: &[f64], dt: f64) -> Constants<R> {
        let &[a, b, epsilon, i_e, v_spike, _] = p else { unreachable!("fitzhugh_nagumo has 6 parameters") };
        Constants { a: R::of(a), b: R::of(b), epsilon: R::of(epsilon), i_e: R::of(i_e), v_spike: R::of(v_spike), h: R::of(dt) }
    }

    /// The lowest rest without any current; a horizontal line (b = 0) has its own.
    fn initial(p: &[f64]) -> [f64; 2] {
        let &[a, b, ..] = p else { unreachable!("fitzhugh_nagumo has 5 parameters") };
        if b < 1e-9 {
            return [-a, -a + a * a * a / 3.0];
        }
        let rise = |v: f64| v - v * v * v / 3.0 - (v + a) / b;
        // Rises far to the left and falls far to the right: the first change of sign from the left is the lowest rest.
        let (mut low, mut high) = (-1e4, 1e4);
        for k in 1..=4000 {
            let v = -20.0 + 0.01 * f64::from(k);
            if rise(v) <= 0.0 {
                high = v;
                break;
            }
            low = v;
        }
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            *(if rise(middle) <= 0.0 { &mut high } else { &mut low }) = middle;
        }
        let v = 0.5 * (low + high);
        [v, (v + a) / b]
    }

    #[inline(always)]
    fn step<R: Real, const G: bool, const SCHEME: usize>(c: &Constants<R>, [v, w]: [R; 2], input: Input<R>) -> ([R; 2], bool) {
        let current = c.i_e + input.current;
        let bound = |v: R| v.min_of(R::of(10.0)).max_of(R::of(-10.0));
        let dv = |v: R, w: R| {
            let slope = v - v * v * v * R::of(1.0 / 3.0) - w + current;
            if G { slope + input.ge - input.g * v } else { slope }
        };
        let dw = |v: R, w: R| c.epsilon * (v + c.a - c.b * w);
        let (half, sixth, two) = (c.h * R::of(0.5), c.h * R::of(1.0 / 6.0), R::of(2.0));
        let (k1, l1) = (dv(v, w), dw(v, w));
        let (v2, w2) = (bound(v + half * k1), w + half * l1);
        let (k2, l2) = (dv(v2, w2), dw(v2, w2));
        let (v3, w3) = (bound(v + half * k2), w + half * l2);
        let (k3, l3) = (dv(v3, w3), dw(v3, w3));
        let (v4, w4) = (bound(v + c.h * k3), w + c.h * l3);
        let (k4, l4) = (dv(v4, w4), dw(v4, w4));
        let next = bound(v + sixth * (k1 + two * (k2 + k3) + k4) + input.jump);
        let w = w + sixth * (l1 + two * (l2 + l3) + l4);
        ([next, w], (v < c.v_spike) && (next >= c.v_spike))
    }

    fn scheme(p: &[f64]) -> usize {
        if p[5] == 1.0 { ACCURATE } else { 0 }
    }

    fn slopes(p: &[f64], [v, w]: [f64; 2], input: Input<f64>) -> [f64; 2] {
        let &[a, b, epsilon, i_e, ..] = p else { unreachable!("fitzhugh_nagumo has 6 parameters") };
        [v - v * v * v / 3.0 - w + i_e + input.current + input.ge - input.g * v, epsilon * (v + a - b * w)]
    }

    fn above(p: &[f64], [v, _]: [f64; 2]) -> f64 {
        v - p[4]
    }

    fn check_dt(_p: &[f64], dt: f64) -> Result<(), String> {
        if dt > 0.5 { Err(format!("dt = {dt} ms is too coarse for the cubic; use dt ≤ 0.5 ms, best 0.1 ms")) } else { Ok(()) }
    }
}
