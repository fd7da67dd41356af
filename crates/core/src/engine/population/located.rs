//! The step of a population whose scheme finds spikes inside it.

use super::Body;
use crate::engine::port::{BLOCK, BlockInput, Precise};
use crate::model::neuron::Input;
use crate::model::synapse::Shape;
use std::ops::Range;

impl<R: Precise> Body<R> {
    /// The neurons of a range, one after the other, in double precision: `step(neuron, state, input)` says the state after the step and, if
    /// there was a spike, which part of the step had passed then. Columns beyond `S` there are none; states beyond the columns are 0.
    ///
    /// # Safety
    /// As `Cells::step_part`.
    pub(super) unsafe fn located<const S: usize>(
        &self,
        step: impl Fn(usize, [f64; S], Input<f64>) -> ([f64; S], Option<f64>),
        range: Range<usize>,
        input: &mut BlockInput<R>,
        fired: &mut Vec<u32>,
    ) {
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
            let mut columns: [&mut [R]; S] =
                std::array::from_fn(|s| self.columns.get(s).map_or(&mut [][..], |c| unsafe { c.part(lo..lo + n) }));
            // SAFETY: as above.
            let early = unsafe { self.early.part(lo..lo + n) };
            for (i, early) in early.iter_mut().enumerate() {
                let jump = jumps.get_mut(i).map_or(R::ZERO, |j| std::mem::replace(j, R::ZERO));
                let (g, ge) = (input.g[i].f64(), input.ge[i].f64());
                let with = Input { current: input.current[i].f64(), g, ge, jump: jump.f64() };
                let x = std::array::from_fn(|s| columns[s].get(i).map_or(0.0, |x| x.f64()));
                let (x, spike) = step(lo + i, x, with);
                for (column, x) in columns.iter_mut().zip(x) {
                    if let Some(place) = column.get_mut(i) {
                        *place = R::of(x);
                    }
                }
                if let Some(passed) = spike {
                    *early = (1.0 - passed) as f32;
                    fired.push((lo + i) as u32);
                }
            }
            lo += n;
        }
    }
}
