//! Uncoupled clones of one neuron, each with its own parameters, stepped as one population: what curves are made of.

use super::builder;
use super::cells::Cells;
use super::port::{PerNeuron, Scratch};
use crate::model::neuron;
use crate::param::Kind;
use crate::real::Column;
use crate::spec::Precision;

/// Clones of one neuron. Time is counted in steps from the last [`Clones::restart`].
pub struct Clones {
    kind: &'static Kind,
    cells: Box<dyn Cells>,
    rows: Vec<Vec<f64>>,
    dt: f64,
    step: u64,
    shift: u64,
    fired: Vec<u32>,
    scratch: Scratch,
}

impl Clones {
    /// One clone per row of parameters of `kind`, at rest, stepped by `dt` ms. Refuses models that are drawn instead of
    /// integrated, values out of range, rows of different schemes and steps that are too coarse.
    pub fn new(kind: &'static Kind, rows: Vec<Vec<f64>>, dt: f64) -> Result<Self, String> {
        check(kind, &rows, dt)?;
        let cells = builder::cells(kind, rows.len(), &PerNeuron::Each(rows.clone()), dt, Precision::Double);
        let shift = u64::from(neuron::stamps_start(kind, &rows[0]));
        let mut clones = Self { kind, cells, fired: Vec::with_capacity(rows.len()), scratch: Scratch::default(), rows, dt, step: 0, shift };
        clones.cells.expect_currents();
        Ok(clones)
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Steps since the restart.
    pub fn step_count(&self) -> u64 {
        self.step
    }

    /// New parameters; the state is carried on.
    pub fn set_rows(&mut self, rows: Vec<Vec<f64>>) -> Result<(), String> {
        check(self.kind, &rows, self.dt)?;
        self.cells.set_params(&PerNeuron::Each(rows.clone()), self.dt);
        self.rows = rows;
        Ok(())
    }

    /// All clones to the state that their model rests in, at time zero.
    pub fn restart(&mut self) {
        self.cells = builder::cells(self.kind, self.rows.len(), &PerNeuron::Each(self.rows.clone()), self.dt, Precision::Double);
        self.cells.expect_currents();
        self.step = 0;
    }

    pub fn set_state(&mut self, column: usize, clone: usize, value: f64) {
        self.cells.set_state(column, clone, value);
    }

    /// A state variable at the end of the last step.
    pub fn state(&self, column: usize, clone: usize) -> f64 {
        self.cells.state(column, clone)
    }

    /// One step with `current(clone)` on top of the model's own, in its unit. Returns the clones that fire and the step that their spikes
    /// are stamped with.
    pub fn advance(&mut self, current: impl Fn(usize) -> f64) -> (u64, Fired<'_>) {
        self.step_with(current)
    }

    /// One step without any current but the model's own.
    pub fn advance_alone(&mut self) -> (u64, Fired<'_>) {
        self.step_with(|_| 0.0)
    }

    fn step_with(&mut self, current: impl Fn(usize) -> f64) -> (u64, Fired<'_>) {
        let n = self.rows.len();
        self.fired.clear();
        self.cells.begin();
        // SAFETY: the clones are borrowed exclusively, and one after the other.
        unsafe {
            match self.cells.currents_part(0..n) {
                Column::Double(column) => column.iter_mut().enumerate().for_each(|(i, x)| *x = current(i)),
                Column::Single(column) => column.iter_mut().enumerate().for_each(|(i, x)| *x = current(i) as f32),
            }
            self.cells.step_part(0..n, &mut self.scratch, &mut self.fired);
        }
        self.cells.end(&self.fired);
        self.step += 1;
        (self.step - self.shift, Fired { clones: self.fired.iter(), cells: &*self.cells })
    }
}

/// The clones that fired in a step, each with how long before its end that was, in steps.
pub struct Fired<'a> {
    clones: std::slice::Iter<'a, u32>,
    cells: &'a dyn Cells,
}

impl Iterator for Fired<'_> {
    type Item = (u32, f64);

    fn next(&mut self) -> Option<(u32, f64)> {
        self.clones.next().map(|i| (*i, f64::from(self.cells.early(*i as usize))))
    }
}

fn check(kind: &'static Kind, rows: &[Vec<f64>], dt: f64) -> Result<(), String> {
    if kind.states.is_empty() {
        return Err(format!("{} has no state: there is no curve of it; choose a population of neurons", kind.name));
    }
    let Some(first) = rows.first() else { return Err("there are no values: ask for at least one".into()) };
    for row in rows {
        for (spec, value) in kind.params.iter().zip(row) {
            spec.check(*value)?;
        }
        neuron::check_dt(kind, row, dt)?;
        let choices = kind.params.iter().zip(row.iter().zip(first));
        if let Some((spec, _)) = choices.into_iter().find(|(spec, (a, b))| spec.key == "scheme" && a != b) {
            return Err(format!("{}: all points of a curve share one scheme", spec.key));
        }
    }
    Ok(())
}
