//! Events on their way: for projections with several delays, the synapses of a spike are sorted by arrival when it is emitted.
//!
//! A row is then read once, in order, and each arrival step is one plain loop. The buckets follow from the spikes of the last steps and
//! are filled from them again after a restore.

use super::memory::with_capacity;
use super::rows::{Procedural, Rows, Targets, Weights};
use crate::real::{Column, Real};
use std::ops::Range;

/// What arrives in one step.
#[derive(Clone, Default)]
struct Bucket {
    targets: Vec<u32>,
    /// Empty where one weight serves all.
    weights: Vec<f32>,
}

/// A ring of buckets by arrival step.
#[derive(Clone)]
pub struct Buckets {
    slots: Vec<Bucket>,
    room: usize,
    share: usize,
}

impl Buckets {
    /// For the targets of worker `share` of `of`.
    pub fn new(rows: &Rows, share: usize, of: usize) -> Self {
        let n = rows.n_synapses().div_ceil(of);
        let n_slots = rows.delays.last().map_or(1, |d| *d as usize) + 1;
        // Room for half of all synapses to be under way, and for every bucket of a small network; beyond, a bucket grows.
        let room = (n / (2 * rows.delays.len()) + (1 << 16)).min(2 * n + 64) + AT_ONCE;
        let weighted = !matches!(rows.weights, Weights::One(_));
        let slot = || Bucket { targets: with_capacity(room), weights: with_capacity(if weighted { room } else { 0 }) };
        Self { slots: (0..n_slots).map(|_| slot()).collect(), room, share }
    }

    /// Makes the room that a copy lacks.
    pub fn make_room(&mut self) {
        for slot in &mut self.slots {
            slot.targets.reserve(self.room.saturating_sub(slot.targets.len()));
            slot.weights.reserve(self.room.saturating_sub(slot.weights.len()));
        }
    }

    pub fn clear(&mut self) {
        for slot in &mut self.slots {
            slot.targets.clear();
            slot.weights.clear();
        }
    }

    /// Sorts the synapses of spikes stamped `stamp` by arrival, leaving out what arrived up to `done`.
    pub fn emit(&mut self, rows: &Rows, fired: &[u32], stamp: u64, done: u64) {
        let n_slots = self.slots.len() as u64;
        if let Targets::Procedural(p) = &rows.targets {
            return crate::simd::dispatch(
                #[inline(always)]
                || self.emit_drawn(rows, p, fired, stamp, done),
            );
        }
        for (k, pre) in fired.iter().enumerate() {
            if let Some(later) = fired.get(k + 8) {
                rows.prefetch_cuts(*later);
            }
            if let Some(next) = fired.get(k + 4) {
                rows.prefetch(rows.row(*next), LINES);
            }
            for (d, delay) in rows.delays.iter().enumerate() {
                let range = rows.share(*pre, d, self.share);
                let arrival = stamp + u64::from(*delay);
                if range.is_empty() || arrival <= done {
                    continue;
                }
                let slot = &mut self.slots[(arrival % n_slots) as usize];
                match &rows.targets {
                    Targets::Short(t) => append(&mut slot.targets, t, &range, widened, u32::from),
                    Targets::Long(t) => append(&mut slot.targets, t, &range, |t| t, |t| t),
                    Targets::All { .. } | Targets::Bits(_) | Targets::Procedural(_) => unreachable!("these have one delay, or no list"),
                }
                if let Weights::Each(w) = &rows.weights {
                    append(&mut slot.weights, w, &range, |w| w, |w| w);
                }
            }
        }
    }

    /// The same for procedural rows.
    #[inline(always)]
    fn emit_drawn(&mut self, rows: &Rows, p: &Procedural, fired: &[u32], stamp: u64, done: u64) {
        let (n_slots, targets) = (self.slots.len() as u64, rows.targets_of(self.share));
        let (weighted, shortest) = (matches!(rows.weights, Weights::Procedural), rows.delays[0]);
        // Where each delay but for the ring's turn goes: a modulo a synapse would cost as much as drawing it.
        let first = (stamp + u64::from(shortest)) % n_slots;
        for pre in fired {
            let (weight_row, delay_row) = (p.weight_row(*pre), p.delay_row(*pre));
            p.each(
                *pre,
                &targets,
                #[inline(always)]
                |post| {
                    let d = u64::from(p.delay_in(delay_row, post));
                    if stamp + u64::from(shortest) + d > done {
                        let at = first + d;
                        let slot = &mut self.slots[(if at < n_slots { at } else { at - n_slots }) as usize];
                        slot.targets.push(post);
                        if weighted {
                            slot.weights.push(p.weight_in(weight_row, post) as f32);
                        }
                    }
                },
            );
        }
    }

    /// Adds what arrives at `now` to its targets. `inbox` begins with target `first`.
    ///
    /// # Safety
    /// `inbox` is for the targets of the worker that these buckets are for.
    pub unsafe fn deliver(&mut self, rows: &Rows, now: u64, factor: f64, inbox: &mut Column<'_>, first: usize) {
        // SAFETY: promised by the caller.
        unsafe {
            match inbox {
                Column::Double(column) => self.deliver_to(rows, now, factor, column, first),
                Column::Single(column) => self.deliver_to(rows, now, factor, column, first),
            }
        }
    }

    /// # Safety
    /// As [`Buckets::deliver`].
    unsafe fn deliver_to<R: Real>(&mut self, rows: &Rows, now: u64, factor: f64, column: &mut [R], first: usize) {
        let at = (now % self.slots.len() as u64) as usize;
        let slot = &mut self.slots[at];
        // SAFETY: all targets were copied from the rows of this worker's share, and lie within its bounds.
        unsafe { rows.add_events(&slot.targets, &slot.weights, factor, column, first) };
        slot.targets.clear();
        slot.weights.clear();
    }
}

/// Cache lines of a row that are asked for before it is sorted.
const LINES: usize = 8;
/// Elements that are copied at once.
const AT_ONCE: usize = 8;

#[inline(always)]
fn widened(targets: [u16; AT_ONCE]) -> [u32; AT_ONCE] {
    let mut wide = [0; AT_ONCE];
    wide.iter_mut().zip(targets).for_each(|(to, t)| *to = u32::from(t));
    wide
}

/// Appends `from[range]`, some elements at once: segments are short, so that a call to copy one costs more than the copy. What is written
/// beyond the end stays outside the length.
#[inline(always)]
fn append<T: Copy, U>(to: &mut Vec<U>, from: &[T], range: &Range<usize>, map: impl Fn([T; AT_ONCE]) -> [U; AT_ONCE], one: impl Fn(T) -> U) {
    let n = range.len();
    to.reserve(n + AT_ONCE);
    if range.end + AT_ONCE > from.len() {
        to.extend(from[range.clone()].iter().map(|x| one(*x)));
        return;
    }
    let length = to.len();
    // SAFETY: the first is within the room, the second within the slice.
    let (at, source) = unsafe { (to.as_mut_ptr().add(length), from.as_ptr().add(range.start)) };
    for k in (0..n).step_by(AT_ONCE) {
        // SAFETY: k is below n, and n + AT_ONCE elements of `from` follow `range.start`.
        let block = unsafe { source.add(k).cast::<[T; AT_ONCE]>().read() };
        // SAFETY: for so many elements there is room.
        unsafe { at.add(k).cast::<[U; AT_ONCE]>().write(map(block)) };
    }
    // SAFETY: n elements have been written, and there is room for more.
    unsafe { to.set_len(length + n) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appending_at_once_equals_appending_one_by_one() {
        let from: Vec<u16> = (0..100).collect();
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for range in (0..100).flat_map(|start| [0, 1, 7, 8, 9, 30].map(|n| start..(start + n).min(100))) {
            append(&mut a, &from, &range, widened, u32::from);
            from[range].iter().for_each(|x| b.push(u32::from(*x)));
        }
        assert_eq!(a, b);
    }
}
