//! Curves of one neuron: rate, latency, regularity and extent against any parameter, hysteresis, strength–duration, impedance, maps.
//!
//! Every curve is made by uncoupled clones of the cell in one population, a clone a value. A job reports what it has after an eighth, a
//! quarter and half of its time, so that a rough curve is there at once, and ends early when its watcher says so.

mod class;
mod impedance;
mod pairs;
mod rest;
mod strength;
mod sweep;
mod train;

pub use class::{Class, Excitability, excitability};
pub use impedance::{Impedance, impedance};
pub use pairs::{Pair, pulse_pairs};
pub use rest::{Critical, Rest, critical, rests};
pub use strength::{Threshold, strength_duration};
pub use sweep::{Direction, Noise, Sweep, onset, sweep};
pub use train::Measures;

use crate::part::Part;

/// The neuron a curve is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Model with its parameters.
    pub model: Part,
    /// Step, ms.
    pub dt: f64,
    /// State variables that do not begin at the model's own rest: (index, value).
    pub initial: Vec<(usize, f64)>,
}

impl Cell {
    /// The neuron at its own rest, stepped by `dt` ms.
    pub fn new(model: Part, dt: f64) -> Self {
        Self { model, dt, initial: Vec::new() }
    }

    /// The parameters with some of them changed.
    pub(super) fn row(&self, changes: &[(usize, f64)]) -> Vec<f64> {
        let mut row = self.model.values.clone();
        for (param, value) in changes {
            row[*param] = *value;
        }
        row
    }

    pub(super) fn clones(&self, rows: Vec<Vec<f64>>) -> Result<crate::engine::clones::Clones, String> {
        let mut clones = crate::engine::clones::Clones::new(self.model.kind, rows, self.dt)?;
        for (column, value) in &self.initial {
            (0..clones.len()).for_each(|i| clones.set_state(*column, i, *value));
        }
        Ok(clones)
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn steps(&self, ms: f64) -> u64 {
        (ms / self.dt).round().max(1.0) as u64
    }
}

/// Told how far a job is (0 to 1) and what it has so far; false ends the job.
pub type Watch<'a, T> = &'a mut dyn FnMut(f64, &[T]) -> bool;

/// `n` values from `first` to `last`.
pub fn grid(first: f64, last: f64, n: usize) -> Vec<f64> {
    if n < 2 {
        return vec![first];
    }
    (0..n).map(|k| first + (last - first) * k as f64 / (n - 1) as f64).collect()
}
