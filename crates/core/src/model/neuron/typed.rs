//! Typed equations as the scheme `accurate` sees them.

use super::Input;
use super::accurate::{Motion, Refractory};
use crate::equations::{Flow, Model};

/// Equations of one neuron with parameters and the input of the step put in.
pub struct Typed<'a> {
    pub flow: &'a Flow<'a>,
    pub model: &'a Model,
    pub input: Input<f64>,
}

impl<const S: usize> Motion<S> for Typed<'_> {
    /// Only what is said to be (`unless refractory`) stands still.
    const RESTS: bool = false;

    fn slopes(&self, x: [f64; S], held: bool) -> [f64; S] {
        let mut out = [0.0; S];
        let n = self.model.n_variables;
        self.flow.slopes(&x, [self.input.current, self.input.g, self.input.ge], &mut out[..n]);
        if held {
            out.iter_mut().zip(&self.model.held).filter(|(_, held)| **held).for_each(|(slope, _)| *slope = 0.0);
        }
        out
    }

    fn above(&self, x: [f64; S]) -> f64 {
        self.flow.above(&x)
    }

    fn reset(&self, mut x: [f64; S]) -> Option<[f64; S]> {
        self.flow.reset(&mut x).then_some(x)
    }

    fn resets(&self) -> bool {
        self.model.has_reset
    }

    /// In steps, as the other schemes count, but not in whole ones.
    fn refractory(&self, dt: f64) -> Option<Refractory> {
        self.model.has_refractory.then(|| Refractory { column: self.model.n_variables, ms: self.flow.refractory, per_ms: 1.0 / dt })
    }
}
