//! Events on their way: for projections with several delays, the synapses of a spike are sorted by arrival when it is emitted.
//!
//! A row is then read once, in order, and each arrival step is one plain loop. The buckets follow from the spikes of the last steps and
//! are filled from them again after a restore.

use super::memory::with_capacity;
use super::rows::{Index, Procedural, Rows, Targets, Weights, scatter};
use crate::real::{Column, Real};
use std::ops::Range;

/// A weight on its way to a target, in one word: the target below, the bits of the weight above.
#[derive(Clone, Copy)]
struct Event(u64);

impl Event {
    #[inline(always)]
    fn new(target: u32, weight: f32) -> Self {
        Self(u64::from(target) | u64::from(weight.to_bits()) << 32)
    }

    #[inline(always)]
    fn parts(self) -> (u32, f32) {
        (self.0 as u32, f32::from_bits((self.0 >> 32) as u32))
    }
}

/// Events of several targets and their weights.
#[inline(always)]
fn events(targets: [u32; AT_ONCE], weights: [f32; AT_ONCE]) -> [Event; AT_ONCE] {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::*;
        let mut events = [Event(0); AT_ONCE];
        #[allow(clippy::cast_ptr_alignment, reason = "these stores ask for no alignment")]
        for k in 0..AT_ONCE / 4 {
            // SAFETY: four targets and four weights are read and four events written, within the arrays; every x86-64 has these instructions.
            unsafe {
                let t = _mm_loadu_si128(targets.as_ptr().add(4 * k).cast());
                let w = _mm_loadu_si128(weights.as_ptr().add(4 * k).cast());
                let to = events.as_mut_ptr().add(4 * k).cast::<__m128i>();
                _mm_storeu_si128(to, _mm_unpacklo_epi32(t, w));
                _mm_storeu_si128(to.add(1), _mm_unpackhi_epi32(t, w));
            }
        }
        events
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::array::from_fn(|k| Event::new(targets[k], weights[k]))
}

/// What arrives in one step: targets where one weight serves all, else events.
#[derive(Clone, Default)]
struct Bucket {
    targets: Vec<u32>,
    events: Vec<Event>,
}

/// A ring of buckets by arrival step.
#[derive(Clone)]
pub struct Buckets {
    slots: Vec<Bucket>,
    room: usize,
    weighted: bool,
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
        let (targets, events) = if weighted { (0, room) } else { (room, 0) };
        let slot = || Bucket { targets: with_capacity(targets), events: with_capacity(events) };
        Self { slots: (0..n_slots).map(|_| slot()).collect(), room, weighted, share }
    }

    /// Makes the room that a copy lacks.
    pub fn make_room(&mut self) {
        for slot in &mut self.slots {
            if self.weighted {
                slot.events.reserve(self.room.saturating_sub(slot.events.len()));
            } else {
                slot.targets.reserve(self.room.saturating_sub(slot.targets.len()));
            }
        }
    }

    pub fn clear(&mut self) {
        for slot in &mut self.slots {
            slot.targets.clear();
            slot.events.clear();
        }
    }

    /// Sorts the synapses of spikes stamped `stamp` by arrival, leaving out what arrived up to `done`.
    pub fn emit(&mut self, rows: &Rows, fired: &[u32], stamp: u64, done: u64) {
        match &rows.targets {
            Targets::Procedural(p) => crate::simd::dispatch(
                #[inline(always)]
                || self.emit_drawn(rows, p, fired, stamp, done),
            ),
            Targets::Short(t) => self.emit_listed(rows, t, fired, stamp, done),
            Targets::Long(t) => self.emit_listed(rows, t, fired, stamp, done),
            Targets::All { .. } | Targets::Bits(_) => unreachable!("these have one delay, or no list"),
        }
    }

    /// The same for lists with these targets.
    fn emit_listed<I: Index>(&mut self, rows: &Rows, targets: &[I], fired: &[u32], stamp: u64, done: u64) {
        let wide = |target: I| target.at() as u32;
        if let Weights::Each(weights) = &rows.weights {
            // One length to look at for both.
            let n = targets.len().min(weights.len());
            let (targets, weights) = (&targets[..n], &weights[..n]);
            self.emit_segments(rows, fired, stamp, done, |slot, range| {
                let one = |k: usize| Event::new(wide(targets[k]), weights[k]);
                // SAFETY: promised by `append`.
                append(&mut slot.events, range, n, one, |k| unsafe { events(at_once(targets, k).map(wide), at_once(weights, k)) });
            });
        } else {
            self.emit_segments(rows, fired, stamp, done, |slot, range| {
                // SAFETY: promised by `append`.
                append(&mut slot.targets, range, targets.len(), |k| wide(targets[k]), |k| unsafe { at_once(targets, k) }.map(wide));
            });
        }
    }

    /// Gives each segment of the rows of `fired` to `append`, with the bucket it belongs to.
    #[inline(always)]
    fn emit_segments(&mut self, rows: &Rows, fired: &[u32], stamp: u64, done: u64, append: impl Fn(&mut Bucket, Range<usize>)) {
        let (n_slots, first) = (self.slots.len(), (stamp % self.slots.len() as u64) as usize);
        for (k, pre) in fired.iter().enumerate() {
            if let Some(far) = fired.get(k + 16) {
                rows.prefetch_start(*far);
            }
            if let Some(later) = fired.get(k + 8) {
                rows.prefetch_cuts(*later);
            }
            if let Some(next) = fired.get(k + 4) {
                rows.prefetch(rows.row(*next), 0..LINES);
            }
            rows.each_share(
                *pre,
                self.share,
                #[inline(always)]
                |d, range| {
                    let delay = rows.delays[d];
                    if !range.is_empty() && stamp + u64::from(delay) > done {
                        // No delay is longer than the ring: a modulo a segment would cost as much as copying it.
                        let at = first + delay as usize;
                        append(&mut self.slots[if at < n_slots { at } else { at - n_slots }], range);
                    }
                },
            );
        }
    }

    /// The same for procedural rows.
    #[inline(always)]
    fn emit_drawn(&mut self, rows: &Rows, p: &Procedural, fired: &[u32], stamp: u64, done: u64) {
        let (n_slots, targets) = (self.slots.len() as u64, rows.targets_of(self.share));
        let (weighted, shortest) = (self.weighted, rows.delays[0]);
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
                        if weighted {
                            slot.events.push(Event::new(post, p.weight_in(weight_row, post) as f32));
                        } else {
                            slot.targets.push(post);
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
        unsafe {
            if let Weights::One(w) = &rows.weights {
                scatter::one(&slot.targets, R::of(w * factor), column, first);
            } else {
                scatter::events(slot.events.iter().map(|e| e.parts()), R::of(factor), column, first);
            }
        }
        slot.targets.clear();
        slot.events.clear();
    }
}

/// Cache lines of a row that are asked for before it is sorted.
const LINES: usize = 8;
/// Elements that are copied at once.
const AT_ONCE: usize = 8;

/// Elements from `from[k]` on.
///
/// # Safety
/// There are so many.
#[inline(always)]
unsafe fn at_once<T: Copy>(from: &[T], k: usize) -> [T; AT_ONCE] {
    debug_assert!(k + AT_ONCE <= from.len(), "beyond the end");
    // SAFETY: promised by the caller.
    unsafe { from.as_ptr().add(k).cast::<[T; AT_ONCE]>().read() }
}

/// Appends what `several` gives from each [`AT_ONCE`]-th place of `range` on: segments are short, so that a call to copy one costs more than
/// the copy. What is written beyond the end stays outside the length. `several` is called for places from which on the source, `of` elements
/// long, has [`AT_ONCE`]; near its end what `one` gives is appended.
#[inline(always)]
fn append<T>(to: &mut Vec<T>, range: Range<usize>, of: usize, one: impl Fn(usize) -> T, several: impl Fn(usize) -> [T; AT_ONCE]) {
    let n = range.len();
    to.reserve(n + AT_ONCE);
    if range.end + AT_ONCE > of {
        to.extend(range.map(one));
        return;
    }
    let length = to.len();
    // SAFETY: within the room.
    let at = unsafe { to.as_mut_ptr().add(length) };
    // Two lines on: no machine foresees as many streams as there are delays.
    scatter::prefetch_at(at.wrapping_byte_add(128), AT_ONCE, 0..1);
    for k in (0..n).step_by(AT_ONCE) {
        // SAFETY: for so many elements there is room.
        unsafe { at.add(k).cast::<[T; AT_ONCE]>().write(several(range.start + k)) };
    }
    // SAFETY: n elements have been written, and there is room for more.
    unsafe { to.set_len(length + n) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_at_once_are_those_one_by_one() {
        let (targets, weights) = (std::array::from_fn(|k| 3 + 70_000 * k as u32), std::array::from_fn(|k| k as f32 * -0.3));
        for (k, event) in events(targets, weights).into_iter().enumerate() {
            assert_eq!(event.parts(), (targets[k], weights[k]));
            assert_eq!(event.0, Event::new(targets[k], weights[k]).0);
        }
    }

    #[test]
    fn appending_at_once_equals_appending_one_by_one() {
        let from: Vec<u16> = (0..100).collect();
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for range in (0..100).flat_map(|start| [0, 1, 7, 8, 9, 30].map(|n| start..(start + n).min(100))) {
            append(
                &mut a,
                range.clone(),
                from.len(),
                |k| u32::from(from[k]),
                // SAFETY: promised by `append`.
                |k| unsafe { at_once(&from, k) }.map(u32::from),
            );
            from[range].iter().for_each(|x| b.push(u32::from(*x)));
        }
        assert_eq!(a, b);
    }
}
