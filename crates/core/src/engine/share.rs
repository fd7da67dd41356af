//! The share of a step that one worker does: a range of the neurons of each population, with everything that reaches them.
//!
//! Each neuron is served by one worker, its inputs are added in the same order whoever that is, and random numbers belong to neurons, not
//! to workers: so the spikes do not depend on how the work is shared.

use super::buckets::Buckets;
use super::network::{Group, Network, Wire};
use super::port::{BLOCK, Scratch};
use super::rows::BITS;
use super::stimulate::Stimulator;
use std::ops::Range;

/// Shares begin at multiples of this: whole blocks of neurons, words of bit rows and groups that share a random stream.
const GRAIN: usize = if BITS > BLOCK { BITS } else { BLOCK };

/// One worker's share, and the room it needs for itself.
#[derive(Clone)]
pub struct Share {
    pub index: usize,
    /// Its neurons of each population.
    pub ranges: Vec<Range<usize>>,
    /// Those that fired in this step.
    pub fired: Vec<Vec<u32>>,
    /// Of each projection that has several delays and does not learn: its events under way.
    pub buckets: Vec<Option<Buckets>>,
    pub scratch: Scratch,
}

impl Share {
    /// Makes the room that no step may ask for.
    pub fn make_room(&mut self, groups: &[Group]) {
        for (list, group) in self.fired.iter_mut().zip(groups) {
            list.reserve(group.room.saturating_sub(list.len()));
        }
        self.buckets.iter_mut().flatten().for_each(Buckets::make_room);
    }
}

/// Where the neurons of a population are divided between `n` workers.
fn bounds<'a>(size: usize, n: usize, mut stimuli: impl Iterator<Item = &'a Stimulator>) -> Vec<usize> {
    // Groups of neurons that share a random stream are counted from the first neuron that a stimulus reaches.
    let whole = stimuli.any(|s| s.grain().is_some_and(|first| !first.is_multiple_of(super::poisson::GROUP)));
    let at = |k: usize| if whole { size } else { (size * k / n).next_multiple_of(GRAIN).min(size) };
    (1..n).map(at).collect()
}

impl Network {
    /// Workers that a step is shared between.
    pub fn n_shares(&self) -> usize {
        self.shares.len()
    }

    /// Divides the work of a step between `n` workers. What is computed stays the same.
    pub fn divide(&mut self, n: usize) {
        let cuts: Vec<Vec<usize>> = self
            .groups
            .iter()
            .enumerate()
            .map(|(g, group)| bounds(group.size as usize, n.max(1), self.stimuli.iter().filter(|s| s.target == g)))
            .collect();
        for wire in &mut self.wires {
            wire.rows.divide(&cuts[wire.post].iter().map(|c| *c as u32).collect::<Vec<_>>());
        }
        let share = |index: usize| {
            let range = |(group, cuts): (&Group, &Vec<usize>)| {
                let first = if index == 0 { 0 } else { cuts[index - 1] };
                first..cuts.get(index).copied().unwrap_or(group.size as usize)
            };
            let ranges: Vec<_> = self.groups.iter().zip(&cuts).map(range).collect();
            Share {
                index,
                fired: vec![Vec::new(); ranges.len()],
                ranges,
                buckets: self.wires.iter().map(|w| w.needs_buckets().then(|| Buckets::new(&w.rows, index, n.max(1)))).collect(),
                scratch: Scratch::default(),
            }
        };
        self.shares = (0..n.max(1)).map(share).collect();
        self.make_room();
        self.refill();
    }

    /// Sorts the spikes under way by arrival again, after the lists of spikes were put in place from elsewhere.
    pub fn refill(&mut self) {
        let Self { groups, wires, step, shares, .. } = self;
        for share in shares {
            for (wire, buckets) in wires.iter().zip(&mut share.buckets) {
                let Some(buckets) = buckets else { continue };
                buckets.clear();
                let (group, reach) = (&groups[wire.pre], u64::from(wire.rows.delays.last().copied().unwrap_or(1)));
                for stamp in (*step + 1).saturating_sub(reach).max(1)..=*step {
                    buckets.emit(&wire.rows, group.spikes(stamp), stamp, *step);
                }
            }
        }
    }
}

impl Wire {
    /// Whether events are sorted by arrival when a spike is emitted.
    fn needs_buckets(&self) -> bool {
        self.plastic.is_none() && self.rows.delays.len() > 1
    }
}
