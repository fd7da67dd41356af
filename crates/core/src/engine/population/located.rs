//! The step of a population whose scheme finds spikes inside it.

use super::{BLOCK, BlockInput, Input, Neuron, PerNeuron, Population, Precise, Shape};
use crate::model::neuron::accurate;
use std::ops::Range;

impl<M: Neuron<S>, R: Precise, const S: usize> Population<M, R, S> {
    /// The neurons of a range by the scheme `accurate`: one after the other, in double precision.
    ///
    /// # Safety
    /// As [`Cells::step_part`].
    pub(super) unsafe fn accurate(&self, range: Range<usize>, input: &mut BlockInput<R>, fired: &mut Vec<u32>) {
        let jump = self.ports.iter().position(|p| p.shape == Shape::Delta);
        let mut lo = range.start;
        while lo < range.end {
            let n = BLOCK.min(range.end - lo);
            for i in 0..n {
                input.current[i] = self.all + self.each.get(lo + i).copied().unwrap_or(R::ZERO);
            }
            input.g[..n].fill(R::ZERO);
            input.ge[..n].fill(R::ZERO);
            // SAFETY: these neurons are the caller's, with their columns; the same below.
            self.ports.iter().for_each(|port| unsafe { port.feed(lo, n, input) });
            // SAFETY: as above.
            let jumps = jump.map_or(&mut [][..], |port| unsafe { self.ports[port].jumps(lo, n) });
            // SAFETY: as above, and the columns are apart.
            let (mut columns, early) = unsafe { (self.columns.each_ref().map(|c| c.part(lo..lo + n)), self.early.part(lo..lo + n)) };
            for i in 0..n {
                let p = match &self.params {
                    PerNeuron::Same(p) => p,
                    PerNeuron::Each(rows) => &rows[lo + i],
                };
                let jump = jumps.get_mut(i).map_or(R::ZERO, |j| std::mem::replace(j, R::ZERO));
                let with = Input { current: input.current[i].f64(), g: input.g[i].f64(), ge: input.ge[i].f64(), jump: jump.f64() };
                let x = std::array::from_fn(|s| columns[s][i].f64());
                let (x, spike) = accurate::step::<M, S>(p, x, with, self.dt);
                for (column, x) in columns.iter_mut().zip(x) {
                    column[i] = R::of(x);
                }
                if let Some(passed) = spike {
                    early[i] = (1.0 - passed) as f32;
                    fired.push((lo + i) as u32);
                }
            }
            lo += n;
        }
    }
}
