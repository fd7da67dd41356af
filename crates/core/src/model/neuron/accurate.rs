//! The scheme `accurate`, the same for every model: it follows the equations as closely as numbers allow and finds each spike inside its step.
//!
//! Within a step the input is constant. The state is integrated by the embedded Runge–Kutta pair of Dormand & Prince (fifth order, error
//! from the fourth) with steps of its own choice, so that a stiff upswing gets as many as it needs and a resting neuron one. Where v passes
//! the threshold, that moment is located by solving for it (each trial is integrated anew from the last point before), the reset happens
//! there, and the rest of the step goes on from it. The first spike of a step is reported with its moment; delivery stays on the grid. Always in
//! double precision, and with operations in one order, so that results do not depend on vector units or threads.
//!
//! Source: J. R. Dormand & P. J. Prince, J. Comput. Appl. Math. 6:19 (1980), doi:10.1016/0771-050X(80)90013-3. Validated by `tests/accurate.rs`.

use super::{Input, Neuron};
use crate::param::ParamSpec;

/// Number of this scheme, whatever the model.
pub const ACCURATE: usize = 2;

/// Error allowed in one inner step, relative to each state and absolute.
const RELATIVE: f64 = 1e-7;
const ABSOLUTE: f64 = 1e-8;
/// Inner steps of one step at most: beyond, the state is given up to the check for numbers that are none.
const MOST: usize = 20_000;
/// Resets in one step at most.
const MOST_SPIKES: usize = 100;

/// The parameter that chooses it, for models whose other scheme is `usual`.
pub const fn choice(schemes: &'static [&'static str], doc: &'static str) -> ParamSpec {
    ParamSpec::choice("scheme", "scheme", schemes, 0, doc)
}

/// A state that is held after a spike: the hidden column with the time that is left, and how many of its units a ms has.
#[derive(Clone, Copy, Debug)]
pub struct Refractory {
    pub column: usize,
    pub ms: f64,
    pub per_ms: f64,
}

/// The equations of one neuron with parameters and input put in.
pub trait Motion<const S: usize> {
    /// How fast each state changes, per ms; `held` while the neuron is refractory.
    fn slopes(&self, x: [f64; S], held: bool) -> [f64; S];
    /// How far the state is above its spike.
    fn above(&self, x: [f64; S]) -> f64;
    /// The state after a spike; none for models that come back by themselves.
    fn reset(&self, x: [f64; S]) -> Option<[f64; S]>;
    fn resets(&self) -> bool;
    fn refractory(&self, dt: f64) -> Option<Refractory>;
    /// Whether nothing moves while the neuron is refractory.
    const RESTS: bool;
}

/// A built-in model, its parameters and the input of the step.
struct BuiltIn<'a, M>(&'a [f64], Input<f64>, std::marker::PhantomData<M>);

impl<M: Neuron<S>, const S: usize> Motion<S> for BuiltIn<'_, M> {
    const RESTS: bool = true;
    fn slopes(&self, x: [f64; S], _held: bool) -> [f64; S] {
        M::slopes(self.0, x, self.1)
    }
    fn above(&self, x: [f64; S]) -> f64 {
        M::above(self.0, x)
    }
    fn reset(&self, x: [f64; S]) -> Option<[f64; S]> {
        M::reset(self.0, x)
    }
    fn resets(&self) -> bool {
        M::reset(self.0, [0.0; S]).is_some()
    }
    fn refractory(&self, dt: f64) -> Option<Refractory> {
        M::refractory(self.0, dt)
    }
}

/// One step of `dt` ms from `x`. Returns the new state and, if a spike happened, which part of the step had passed then (0 to 1).
pub fn step<M: Neuron<S>, const S: usize>(p: &[f64], x: [f64; S], input: Input<f64>, dt: f64) -> ([f64; S], Option<f64>) {
    follow(&BuiltIn(p, input, std::marker::PhantomData::<M>), x, input.jump, dt)
}

/// The same for any equations; `jump` is what is added to the first state at the end of the step.
pub fn follow<F: Motion<S>, const S: usize>(motion: &F, mut x: [f64; S], jump: f64, dt: f64) -> ([f64; S], Option<f64>) {
    let held = motion.refractory(dt);
    let (mut t, mut inner, mut first, mut spikes) = (0.0, dt, None, 0);
    let mut spike = |x: [f64; S], t: f64| -> [f64; S] {
        first.get_or_insert((t / dt).clamp(0.0, 1.0));
        let mut x = motion.reset(x).unwrap_or(x);
        if let Some(r) = held {
            x[r.column] = r.ms * r.per_ms;
        }
        x
    };
    // What is left below a billionth of a step is rounding.
    let shorten = |x: &mut [f64; S], r: Refractory, by: f64| {
        x[r.column] = if x[r.column] / r.per_ms - by < 1e-9 * dt { 0.0 } else { x[r.column] - by * r.per_ms };
    };
    for _ in 0..MOST {
        let mut wait = held.filter(|r| x[r.column] > 0.0);
        if F::RESTS
            && let Some(r) = wait.take()
        {
            let rest = (x[r.column] / r.per_ms).min(dt - t);
            shorten(&mut x, r, rest);
            t += rest;
        }
        let left = dt - t;
        if left <= 1e-12 * dt {
            break;
        }
        let h = inner.min(left);
        let h = wait.map_or(h, |r| h.min(x[r.column] / r.per_ms));
        let slopes = |x: [f64; S]| motion.slopes(x, wait.is_some());
        let (mut y, error) = trial(&slopes, x, h);
        if !(error <= 1.0) && h > 1e-13 * dt {
            inner = h * if error.is_finite() { (0.9 * libm::pow(error, -0.2)).max(0.1) } else { 0.1 };
            // An upswing that wants steps of a billionth of dt is at its end within a few of them: the spike is here.
            if inner < 1e-9 * dt && slopes(x)[0] > 0.0 && motion.resets() {
                x = spike(x, t);
                inner = dt;
            }
            continue;
        }
        inner = h * (0.9 * libm::pow(error.max(1e-10), -0.2)).clamp(0.2, 5.0);
        if let Some(r) = wait {
            shorten(&mut y, r, h);
            (x, t) = (y, t + h);
        } else if motion.above(x) < 0.0 && motion.above(y) >= 0.0 {
            let (passed, at) = locate(&|h| trial(&slopes, x, h).0, &|x| motion.above(x), x, (h, y));
            t += passed;
            x = spike(at, t);
            spikes += 1;
            inner = dt;
            if spikes >= MOST_SPIKES {
                break;
            }
        } else {
            (x, t) = (y, t + h);
        }
    }
    let free = held.is_none_or(|r| x[r.column] <= 0.0);
    if free && jump != 0.0 {
        let before = motion.above(x);
        x[0] += jump;
        if before < 0.0 && motion.above(x) >= 0.0 {
            x = spike(x, dt);
        }
    }
    // A state put above the threshold from outside (a poke, a click) fires at once.
    if motion.resets() && held.is_none_or(|r| x[r.column] <= 0.0) && motion.above(x) >= 0.0 {
        x = spike(x, dt);
    }
    (x, first)
}

/// The part of `h` after which the spike is, ms, and the state then: a bracket that shrinks from both sides (Illinois).
fn locate<const S: usize>(
    to: &dyn Fn(f64) -> [f64; S],
    above: &dyn Fn([f64; S]) -> f64,
    x: [f64; S],
    (h, y): (f64, [f64; S]),
) -> (f64, [f64; S]) {
    let (mut low, mut f_low) = (0.0, above(x));
    let (mut high, mut f_high, mut at) = (h, above(y), y);
    let mut side = 0;
    for _ in 0..80 {
        if high - low <= 1e-9 * h || f_high <= 1e-9 {
            break;
        }
        // Far beyond the threshold a straight line says little: halve instead.
        let middle =
            if f_high > 1e3 * -f_low || !f_high.is_finite() { 0.5 * (low + high) } else { high - f_high * (high - low) / (f_high - f_low) };
        let middle = middle.clamp(low + 1e-3 * (high - low), high - 1e-3 * (high - low));
        let state = to(middle);
        let f = above(state);
        if f >= 0.0 || !f.is_finite() {
            (high, f_high, at) = (middle, if f.is_finite() { f } else { f64::MAX }, state);
            f_low *= if side == 1 { 0.5 } else { 1.0 };
            side = 1;
        } else {
            (low, f_low) = (middle, f);
            f_high *= if side == -1 { 0.5 } else { 1.0 };
            side = -1;
        }
    }
    (high, at)
}

/// One inner step of Dormand and Prince: the state after `h` ms, and its error as a multiple of what is allowed.
fn trial<const S: usize>(slopes: &impl Fn([f64; S]) -> [f64; S], x: [f64; S], h: f64) -> ([f64; S], f64) {
    let ahead = |terms: &[(f64, &[f64; S])]| {
        let mut y = x;
        for (s, y) in y.iter_mut().enumerate() {
            *y += h * terms.iter().fold(0.0, |sum, (a, k)| sum + a * k[s]);
        }
        y
    };
    let k1 = slopes(x);
    let k2 = slopes(ahead(&[(1.0 / 5.0, &k1)]));
    let k3 = slopes(ahead(&[(3.0 / 40.0, &k1), (9.0 / 40.0, &k2)]));
    let k4 = slopes(ahead(&[(44.0 / 45.0, &k1), (-56.0 / 15.0, &k2), (32.0 / 9.0, &k3)]));
    let k5 = slopes(ahead(&[(19372.0 / 6561.0, &k1), (-25360.0 / 2187.0, &k2), (64448.0 / 6561.0, &k3), (-212.0 / 729.0, &k4)]));
    let sixth = [(9017.0 / 3168.0, &k1), (-355.0 / 33.0, &k2), (46732.0 / 5247.0, &k3), (49.0 / 176.0, &k4), (-5103.0 / 18656.0, &k5)];
    let k6 = slopes(ahead(&sixth));
    let y = ahead(&[(35.0 / 384.0, &k1), (500.0 / 1113.0, &k3), (125.0 / 192.0, &k4), (-2187.0 / 6784.0, &k5), (11.0 / 84.0, &k6)]);
    let k7 = slopes(y);
    let difference = [71.0 / 57600.0, 0.0, -71.0 / 16695.0, 71.0 / 1920.0, -17253.0 / 339_200.0, 22.0 / 525.0, -1.0 / 40.0];
    let mut error = 0.0f64;
    for s in 0..S {
        let k = [k1[s], k2[s], k3[s], k4[s], k5[s], k6[s], k7[s]];
        let e = h * difference.iter().zip(k).fold(0.0, |sum, (d, k)| sum + d * k);
        let part = (e / (ABSOLUTE + RELATIVE * x[s].abs().max(y[s].abs()))).abs();
        // A comparison with no number is false, and must not hide one.
        if !(part <= error) {
            error = part;
        }
        if !y[s].is_finite() {
            return (y, f64::INFINITY);
        }
    }
    (y, error)
}
