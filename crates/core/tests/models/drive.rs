//! Runs one neuron by calling its model step by step.

use spikeground_core::model::neuron::accurate::{self, ACCURATE};
use spikeground_core::model::neuron::{Input, Neuron};
use spikeground_core::part::Part;

/// What one run gave.
pub struct Run<const S: usize> {
    /// Spike times with the model's own stamp, ms.
    pub spikes: Vec<f64>,
    pub end: [f64; S],
    /// v at the end of each step.
    pub v: Vec<f64>,
}

impl<const S: usize> Run<S> {
    /// Spikes a second in [from, to), ms.
    pub fn rate(&self, from: f64, to: f64) -> f64 {
        self.spikes.iter().filter(|t| **t >= from && **t < to).count() as f64 * 1000.0 / (to - from)
    }

    /// The inverse of the mean interval after `from` ms, in Hz.
    pub fn mean_rate_after(&self, from: f64) -> f64 {
        let late: Vec<f64> = self.spikes.iter().copied().filter(|t| *t >= from).collect();
        if late.len() < 2 { 0.0 } else { 1000.0 * (late.len() - 1) as f64 / (late[late.len() - 1] - late[0]) }
    }
}

/// Runs `steps` steps from `start` with the current `i(t)`, t at the start of the step.
pub fn run<const S: usize, N: Neuron<S>>(part: &Part, dt: f64, steps: usize, start: [f64; S], i: impl Fn(f64) -> f64) -> Run<S> {
    let c = N::constants::<f64>(&part.values, dt);
    let stamp = if N::stamps_start(&part.values) { 0 } else { 1 };
    let mut out = Run { spikes: Vec::new(), end: start, v: Vec::with_capacity(steps) };
    for k in 0..steps {
        let input = Input { current: i(k as f64 * dt), ..Input::default() };
        let (x, fires) = one_step::<S, N, false>(&part.values, &c, out.end, input, dt);
        out.end = x;
        out.v.push(x[0]);
        if fires {
            out.spikes.push((k + stamp) as f64 * dt);
        }
    }
    out
}

/// Runs `ms` from the model's own initial state with a constant current.
pub fn run_from_rest<const S: usize, N: Neuron<S>>(part: &Part, dt: f64, ms: f64, i: f64) -> Run<S> {
    run::<S, N>(part, dt, (ms / dt).round() as usize, N::initial(&part.values), |_| i)
}

/// Panics unless the two lists of times agree within `tolerance`.
#[track_caller]
pub fn assert_times(what: &str, ours: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), expected.len(), "{what}: {ours:?} instead of {expected:?}");
    for (a, b) in ours.iter().zip(expected) {
        assert!((a - b).abs() <= tolerance, "{what}: {a} instead of {b} ms in {ours:?}, expected {expected:?}");
    }
}

/// `Neuron::step` with the scheme that the parameters choose.
pub fn one_step<const S: usize, N: Neuron<S>, const G: bool>(
    p: &[f64],
    c: &N::Constants<f64>,
    x: [f64; S],
    input: Input<f64>,
    dt: f64,
) -> ([f64; S], bool) {
    if N::scheme(p) == ACCURATE {
        let (x, spike) = accurate::step::<N, S>(p, x, input, dt);
        return (x, spike.is_some());
    }
    assert!(N::scheme(p) < N::SCHEMES && N::SCHEMES <= 2);
    // The hidden column counts down here; who is refractory does no step.
    if let Some(s) = N::HELD.filter(|s| x[*s] > 0.0) {
        let mut x = x;
        x[s] = (x[s] - 1.0).max(0.0);
        return (x, false);
    }
    let between = &N::between_spikes(*c, N::scheme(p));
    let (mut x, fires) = if N::scheme(p) == 1 { N::step::<f64, G, 1>(between, x, input) } else { N::step::<f64, G, 0>(between, x, input) };
    if fires {
        x = N::fired(c, x);
        if let Some(s) = N::HELD {
            x[s] = N::hold(c);
        }
    }
    (x, fires)
}
