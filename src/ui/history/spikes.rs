//! Spikes of the recent past, compact (8 bytes each), in order of time, found by binary search.

use spikeground_core::protocol::Spike;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Spikes in a block; the oldest are dropped by blocks.
const BLOCK: usize = 1 << 16;
/// Spikes kept unless [`SpikeHistory::with_capacity`] says otherwise: 64 MB.
const CAPACITY: usize = 8_000_000;

#[derive(Clone)]
struct Block {
    /// Serial number of the first spike.
    serial: u64,
    base: u64,
    /// Steps after `base`, `[n]`, never falling.
    steps: Vec<u32>,
    /// Neuron ids, `[n]`.
    ids: Vec<u32>,
}

/// A run of spikes: `steps[i] + base` is the step of the spike of neuron `ids[i]`.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    pub base: u64,
    pub steps: &'a [u32],
    pub ids: &'a [u32],
}

impl<'a> Run<'a> {
    /// (step, neuron) of each spike.
    pub fn iter(self) -> impl Iterator<Item = (u64, u32)> + 'a {
        self.steps.iter().zip(self.ids).map(move |(s, n)| (self.base + u64::from(*s), *n))
    }
}

/// All spikes of the recent past. A clone shares all but the newest of them.
#[derive(Clone)]
pub struct SpikeHistory {
    /// Shared with snapshots; only the last one still grows.
    blocks: VecDeque<Arc<Block>>,
    capacity: usize,
    /// Serial number that the next spike gets.
    next: u64,
    epoch: u64,
}

/// A number that no memory had before.
fn new_epoch() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Default for SpikeHistory {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

impl SpikeHistory {
    /// Keeps at least the last `capacity` spikes, and at most two blocks more.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { blocks: VecDeque::new(), capacity, next: 0, epoch: new_epoch() }
    }

    pub fn clear(&mut self) {
        *self = Self::with_capacity(self.capacity);
    }

    /// Changes when spikes were taken away or renumbered, so that readers who follow along start anew.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    pub fn extend(&mut self, spikes: &[Spike]) {
        for spike in spikes {
            self.push(spike.step, spike.neuron);
        }
    }

    /// Takes in a spike. Time only goes on: an earlier step counts as the latest one.
    pub fn push(&mut self, step: u64, neuron: u32) {
        let last = self.last_step().unwrap_or(0);
        let step = step.max(last);
        let fits = self.blocks.back().is_some_and(|b| b.ids.len() < BLOCK && step - b.base <= u64::from(u32::MAX));
        if !fits {
            let room = BLOCK.min(self.capacity.max(1));
            let block = Block { serial: self.next, base: step, steps: Vec::with_capacity(room), ids: Vec::with_capacity(room) };
            self.blocks.push_back(Arc::new(block));
            while self.blocks.front().is_some_and(|b| self.len() - b.ids.len() >= self.capacity) {
                self.blocks.pop_front();
            }
        }
        if let Some(block) = self.blocks.back_mut().map(Arc::make_mut) {
            block.steps.push((step - block.base) as u32);
            block.ids.push(neuron);
            self.next += 1;
        }
    }

    pub fn len(&self) -> usize {
        self.blocks.front().map_or(0, |b| (self.next - b.serial) as usize)
    }

    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Serial numbers of the spikes at hand.
    pub fn serials(&self) -> Range<u64> {
        self.blocks.front().map_or(self.next, |b| b.serial)..self.next
    }

    /// Step of the oldest spike at hand.
    pub fn first_step(&self) -> Option<u64> {
        self.blocks.front().map(|b| b.base)
    }

    pub fn last_step(&self) -> Option<u64> {
        self.blocks.back().and_then(|b| b.steps.last().map(|s| b.base + u64::from(*s)))
    }

    /// Serial number of the first spike at or after `step`.
    pub fn serial_at(&self, step: u64) -> u64 {
        let i = self.blocks.partition_point(|b| b.base < step);
        let Some(block) = i.checked_sub(1).and_then(|i| self.blocks.get(i)) else { return self.serials().start };
        let within = block.steps.partition_point(|s| block.base + u64::from(*s) < step);
        block.serial + within as u64
    }

    /// How many spikes have `step` in the range.
    pub fn count(&self, steps: Range<u64>) -> u64 {
        self.serial_at(steps.end).saturating_sub(self.serial_at(steps.start))
    }

    /// The spikes with steps in the range, in order of time.
    pub fn runs(&self, steps: Range<u64>) -> impl Iterator<Item = Run<'_>> {
        self.runs_of_serials(self.serial_at(steps.start)..self.serial_at(steps.end))
    }

    /// The spikes with these serial numbers, as far as they are at hand.
    pub fn runs_of_serials(&self, serials: Range<u64>) -> impl Iterator<Item = Run<'_>> {
        let first = self.blocks.partition_point(|b| b.serial + b.ids.len() as u64 <= serials.start);
        self.blocks.iter().skip(first).take_while(move |b| b.serial < serials.end).map(move |b| {
            let n = b.ids.len();
            let low = (serials.start.saturating_sub(b.serial) as usize).min(n);
            let high = ((serials.end - b.serial) as usize).clamp(low, n);
            Run { base: b.base, steps: &b.steps[low..high], ids: &b.ids[low..high] }
        })
    }

    /// The spikes with steps in the range as they are now, to be read elsewhere while the history goes on. Copies nothing.
    pub fn snapshot(&self, steps: Range<u64>) -> Snapshot {
        let fits = |b: &&Arc<Block>| b.base < steps.end && b.steps.last().is_some_and(|s| b.base + u64::from(*s) >= steps.start);
        Snapshot { blocks: self.blocks.iter().filter(fits).map(Arc::clone).collect(), steps }
    }

    /// Gives neurons other ids; `None` forgets a neuron's spikes.
    pub fn renumber(&mut self, new_id: impl Fn(u32) -> Option<u32>) {
        let old = std::mem::take(&mut self.blocks);
        self.epoch = new_epoch();
        for block in old {
            for (step, neuron) in (Run { base: block.base, steps: &block.steps, ids: &block.ids }).iter() {
                if let Some(id) = new_id(neuron) {
                    self.push(step, id);
                }
            }
        }
    }
}

/// Spikes of a range of steps at one moment.
#[derive(Clone)]
pub struct Snapshot {
    blocks: Vec<Arc<Block>>,
    steps: Range<u64>,
}

impl Snapshot {
    /// (step, neuron) of each spike, in order of time.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        let all = self.blocks.iter().flat_map(|b| (Run { base: b.base, steps: &b.steps, ids: &b.ids }).iter());
        all.filter(|(step, _)| self.steps.contains(step))
    }
}

/// The spikes of a few neurons, picked out of a [`SpikeHistory`] as it grows.
#[derive(Default)]
pub struct Picked {
    neurons: Vec<u32>,
    /// Steps of the spikes of `neurons[i]`, in order.
    steps: Vec<Vec<u64>>,
    read_to: u64,
    epoch: u64,
}

impl Picked {
    /// Follows these neurons from now on. Only new spikes are read, unless the neurons changed.
    pub fn update(&mut self, neurons: &[u32], history: &SpikeHistory) {
        let serials = history.serials();
        if self.neurons != neurons || self.epoch != history.epoch() {
            self.epoch = history.epoch();
            self.neurons = neurons.to_vec();
            self.steps = vec![Vec::new(); neurons.len()];
            self.read_to = serials.start;
        }
        if !neurons.is_empty() {
            for run in history.runs_of_serials(self.read_to..serials.end) {
                for (step, id) in run.iter() {
                    if let Some(i) = self.neurons.iter().position(|n| *n == id) {
                        self.steps[i].push(step);
                    }
                }
            }
        }
        self.read_to = serials.end;
        let gone = history.first_step().unwrap_or(0);
        for steps in self.steps.iter_mut().filter(|s| s.len() > BLOCK) {
            steps.drain(..steps.partition_point(|s| *s < gone));
        }
    }

    /// Steps of the spikes of the i-th neuron inside the range.
    pub fn of(&self, i: usize, steps: Range<u64>) -> &[u64] {
        let Some(all) = self.steps.get(i) else { return &[] };
        let (low, high) = (all.partition_point(|s| *s < steps.start), all.partition_point(|s| *s < steps.end));
        &all[low..high.max(low)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(n: u64, capacity: usize) -> SpikeHistory {
        let mut h = SpikeHistory::with_capacity(capacity);
        for i in 0..n {
            h.push(i / 2, (i % 7) as u32);
        }
        h
    }

    #[test]
    fn spikes_are_found_by_step_across_blocks() {
        let h = filled(200_000, 1_000_000);
        assert_eq!(h.len(), 200_000);
        for range in [0..10, 32_760..32_775, 99_990..100_010, 5..5, 500_000..500_001] {
            let expected: Vec<_> = (0..200_000u64).map(|i| (i / 2, (i % 7) as u32)).filter(|s| range.contains(&s.0)).collect();
            let found: Vec<_> = h.runs(range.clone()).flat_map(Run::iter).collect();
            assert_eq!(found, expected, "{range:?}");
            assert_eq!(h.count(range), expected.len() as u64);
        }
    }

    #[test]
    fn a_snapshot_stays_as_it_was_while_the_history_goes_on() {
        let mut h = filled(100_000, 1_000_000);
        let snapshot = h.snapshot(49_998..50_000);
        let expected: Vec<_> = h.runs(49_998..50_000).flat_map(Run::iter).collect();
        h.push(49_999, 3);
        h.clear();
        assert_eq!(snapshot.iter().collect::<Vec<_>>(), expected);
        assert_eq!(expected.len(), 4);
    }

    #[test]
    fn the_oldest_spikes_are_dropped_and_no_more_than_two_blocks_too_many_are_kept() {
        let h = filled(500_000, 100_000);
        assert!(h.len() >= 100_000 && h.len() <= 100_000 + 2 * BLOCK, "{}", h.len());
        assert_eq!(h.last_step(), Some(249_999));
        let first = h.first_step().unwrap_or(0);
        assert_eq!(h.count(0..u64::MAX), h.len() as u64);
        assert_eq!(h.count(0..first), 0);
    }

    #[test]
    fn long_silence_does_not_overflow_the_compact_steps() {
        let mut h = SpikeHistory::default();
        let far = u64::from(u32::MAX) * 3;
        h.push(1, 0);
        h.push(far, 1);
        h.push(far + 1, 2);
        assert_eq!(h.runs(0..u64::MAX).flat_map(Run::iter).collect::<Vec<_>>(), [(1, 0), (far, 1), (far + 1, 2)]);
        assert_eq!(h.count(2..far + 1), 1);
    }

    #[test]
    fn picked_neurons_are_followed_and_a_cleared_history_starts_anew() {
        let mut h = filled(1000, 1_000_000);
        let mut p = Picked::default();
        p.update(&[3, 5], &h);
        assert_eq!(p.of(0, 0..10), [1, 5, 8]);
        h.push(600, 5);
        p.update(&[3, 5], &h);
        assert_eq!(p.of(1, 590..700), [600]);
        h.clear();
        h.push(2, 5);
        p.update(&[3, 5], &h);
        assert_eq!((p.of(0, 0..1000).len(), p.of(1, 0..1000)), (0, &[2][..]));
    }

    #[test]
    fn renumbering_keeps_times_and_drops_what_is_gone() {
        let mut h = filled(14, 100);
        h.renumber(|id| (id >= 5).then(|| id + 100));
        let found: Vec<_> = h.runs(0..100).flat_map(Run::iter).collect();
        assert_eq!(found, [(2, 105), (3, 106), (6, 105), (6, 106)]);
    }
}
