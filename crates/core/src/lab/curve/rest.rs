//! Rest against a parameter: where a model of any number of variables stands still, and how it leaves.
//!
//! Found on the step itself: a rest is a fixed point of the map that one step is, followed from value to value by Newton's method, and its
//! stability lies in the multipliers μ of that map, λ = ln μ/dt. Nothing of a model is needed but its step.

use super::Cell;
use crate::engine::clones::Clones;
use nalgebra::{DMatrix, DVector};

/// A rest at one value of the parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Rest {
    pub value: f64,
    /// The visible state variables, in the model's order.
    pub state: Vec<f64>,
    /// Largest real part of the eigenvalues, 1/ms: negative when the rest is stable.
    pub growth: f64,
    /// Frequency of the ringing that belongs to it, Hz; 0 when it does not ring.
    pub hz: f64,
}

/// Where a rest changes stability.
#[derive(Clone, Debug, PartialEq)]
pub struct Critical {
    pub rest: Rest,
    /// Whether the rest is lost (rather than regained) as the parameter grows.
    pub lost: bool,
}

/// The rest that begins at the cell's own, followed through `values`; a gap where it cannot be found (it may have ceased to be).
pub fn rests(cell: &Cell, param: usize, values: &[f64]) -> Result<Vec<Option<Rest>>, String> {
    let mut follow = Follow::new(cell, param)?;
    values.iter().map(|value| follow.at(*value)).collect()
}

/// Every change of stability of the rest along `values`, its place found to 1e-9 of their distance.
pub fn critical(cell: &Cell, param: usize, values: &[f64]) -> Result<Vec<Critical>, String> {
    let mut follow = Follow::new(cell, param)?;
    let mut found = Vec::new();
    let mut last: Option<Rest> = None;
    for value in values {
        let here = follow.at(*value)?;
        if let (Some(a), Some(b)) = (&last, &here)
            && (a.growth < 0.0) != (b.growth < 0.0)
        {
            let (mut low, mut high) = (a.value, b.value);
            let lost = a.growth < 0.0;
            for _ in 0..40 {
                let middle = 0.5 * (low + high);
                let Some(rest) = follow.at(middle)? else { break };
                *(if (rest.growth < 0.0) == lost { &mut low } else { &mut high }) = middle;
            }
            found.extend(follow.at(0.5 * (low + high))?.map(|rest| Critical { rest, lost }));
            // Go on from where the scan was.
            follow.at(*value)?;
        }
        last = here;
    }
    Ok(found)
}

struct Follow<'a> {
    cell: &'a Cell,
    param: usize,
    /// One clone at the state, one beside it along each variable.
    clones: Clones,
    n: usize,
    x: DVector<f64>,
}

impl<'a> Follow<'a> {
    fn new(cell: &'a Cell, param: usize) -> Result<Self, String> {
        let n = cell.model.kind.states.len();
        let clones = cell.clones(vec![cell.row(&[]); n + 1])?;
        let x = DVector::from_fn(n, |s, _| clones.state(s, 0));
        Ok(Self { cell, param, clones, n, x })
    }

    /// What a step makes of `x`, minus `x`; and the derivative of that.
    fn motion(&mut self, x: &DVector<f64>) -> (DVector<f64>, DMatrix<f64>) {
        let nudge = |s: usize| 1e-6 * x[s].abs().max(0.1);
        for clone in 0..=self.n {
            for s in 0..self.n {
                let beside = if clone == s + 1 { nudge(s) } else { 0.0 };
                self.clones.set_state(s, clone, x[s] + beside);
            }
        }
        self.clones.advance_alone();
        let after = |clone: usize, s: usize| self.clones.state(s, clone);
        let moved = DVector::from_fn(self.n, |s, _| after(0, s) - x[s]);
        let slope =
            DMatrix::from_fn(self.n, self.n, |s, by| (after(by + 1, s) - after(0, s)) / nudge(by) - if s == by { 1.0 } else { 0.0 });
        (moved, slope)
    }

    fn at(&mut self, value: f64) -> Result<Option<Rest>, String> {
        let row = self.cell.row(&[(self.param, value)]);
        self.clones.set_rows(vec![row; self.n + 1])?;
        let mut x = self.x.clone();
        for _ in 0..50 {
            let (moved, slope) = self.motion(&x);
            let Some(change) = slope.lu().solve(&moved) else { return Ok(None) };
            x -= &change;
            if !x.iter().all(|x| x.is_finite()) {
                return Ok(None);
            }
            if change.iter().zip(x.iter()).all(|(c, x)| c.abs() <= 1e-11 * x.abs().max(1.0)) {
                return Ok(Some(self.describe(value, x)));
            }
        }
        Ok(None)
    }

    fn describe(&mut self, value: f64, x: DVector<f64>) -> Rest {
        let (_, slope) = self.motion(&x);
        let mut multipliers = slope + DMatrix::identity(self.n, self.n);
        // Schur needs finite entries; a model at rest has them.
        multipliers.iter_mut().filter(|m| !m.is_finite()).for_each(|m| *m = 0.0);
        let (mut growth, mut hz) = (f64::NEG_INFINITY, 0.0);
        for m in &multipliers.complex_eigenvalues() {
            let rate = libm::log(libm::hypot(m.re, m.im)) / self.cell.dt;
            if rate > growth {
                growth = rate;
                hz = libm::atan2(m.im, m.re).abs() / self.cell.dt * 1000.0 / std::f64::consts::TAU;
            }
        }
        self.x.clone_from(&x);
        Rest { value, state: x.iter().copied().collect(), growth, hz }
    }
}
