//! The one order of a step, alone or shared between workers.

use super::crew::Crew;
use super::network::{Group, Members, Network, Wire};
use super::rows::{AHEAD, FIRST_LINES, Weights};
use super::share::Share;
use crate::model::synapse::Shape;
use crate::real::Column;
use crate::rng::mix;
use std::ops::Range;

impl Network {
    /// Advances by one step. The order, which defines the numerics (see `docs/numerics.md`):
    ///
    /// 1. stimulus currents of the step, and delta synapses whose spikes arrive at its end;
    /// 2. all neurons integrate from t to t + dt, then threshold and reset; spikes are stamped t + dt;
    /// 3. plasticity notes the spikes of this stamp on both sides;
    /// 4. other synapses take the spikes that arrive at t + dt (for the next step to feel).
    ///
    /// Workers do 1 and 2 for their neurons, wait for each other, and then do 4. The crew must have as many as the network has shares.
    pub fn advance(&mut self, crew: Option<&mut Crew>) {
        let mut crew = crew.filter(|_| self.shares.len() > 1);
        let now = self.step + 1;
        self.begin(now);
        // Taken out while the rest is shared.
        let mut shares = std::mem::take(&mut self.shares);
        // SAFETY: the neurons of the shares are apart, and nobody else has to do with the network, which is borrowed exclusively.
        each(crew.as_deref_mut(), &mut shares, |share| unsafe { self.integrate(share, now) });
        for (g, group) in self.groups.iter_mut().enumerate() {
            let slot = group.collect(&mut shares, g, now);
            if let Members::Cells(cells) = &mut group.members {
                cells.end(&group.ring[slot]);
            }
        }
        for wire in &mut self.wires {
            wire.note_spikes(now, &self.groups);
        }
        self.note_updates(now, false);
        // SAFETY: as above.
        each(crew, &mut shares, |share| unsafe { self.arrive(share, now) });
        self.shares = shares;
        self.step = now;
        self.count();
    }

    /// What concerns all neurons of a population at once.
    fn begin(&mut self, now: u64) {
        let step = self.step;
        for group in &mut self.groups {
            if let Members::Cells(cells) = &mut group.members {
                cells.begin();
            }
        }
        self.pulses.retain(|p| p.until > step);
        for wire in &mut self.wires {
            if let Some(plastic) = &mut wire.plastic {
                plastic.settle(&wire.rows, step as i64);
            }
        }
        for stimulus in &mut self.stimuli {
            stimulus.begin(step, &mut self.groups);
        }
        self.note_updates(now, true);
    }

    /// Steps 1 and 2 for the neurons of a share.
    ///
    /// # Safety
    /// Meanwhile nobody has to do with these neurons, and nobody writes anything else but what belongs to other shares.
    unsafe fn integrate(&self, share: &mut Share, now: u64) {
        let step = self.step;
        // SAFETY: promised by the caller; within a share one thing is done after the other.
        unsafe {
            for (group, range) in self.groups.iter().zip(&share.ranges) {
                if let Members::Cells(cells) = &group.members {
                    match cells.currents_part(range.clone()) {
                        Column::Double(column) => column.fill(0.0),
                        Column::Single(column) => column.fill(0.0),
                    }
                }
            }
            for pulse in &self.pulses {
                let (range, neuron) = (&share.ranges[pulse.group], pulse.neuron as usize);
                if let (Members::Cells(cells), true) = (&self.groups[pulse.group].members, range.contains(&neuron)) {
                    cells.currents_part(range.clone()).add(neuron - range.start, pulse.amplitude);
                }
            }
            for stimulus in &self.stimuli {
                stimulus.before(step, &self.groups, &share.ranges[stimulus.target]);
            }
            for (i, wire) in self.wires.iter().enumerate() {
                if wire.shape == Shape::Delta {
                    wire.deliver(i, now, &self.groups, share);
                }
            }
            for ((group, range), fired) in self.groups.iter().zip(&share.ranges).zip(&mut share.fired) {
                fired.clear();
                match &group.members {
                    Members::Cells(cells) => cells.step_part(range.clone(), &mut share.scratch, fired),
                    Members::Poisson(source) => {
                        source.draw_part(range.clone(), |neuron, count| fired.extend((0..count).map(|_| neuron as u32)));
                    }
                }
            }
        }
    }

    /// Step 4 for the neurons of a share.
    ///
    /// # Safety
    /// As [`Network::integrate`].
    unsafe fn arrive(&self, share: &mut Share, now: u64) {
        for (wire, buckets) in self.wires.iter().zip(&mut share.buckets) {
            if let Some(buckets) = buckets {
                buckets.emit(&wire.rows, self.groups[wire.pre].spikes(now), now, now);
            }
        }
        // SAFETY: promised by the caller.
        unsafe {
            for (i, wire) in self.wires.iter().enumerate() {
                if wire.shape != Shape::Delta {
                    wire.deliver(i, now, &self.groups, share);
                }
            }
            for stimulus in &self.stimuli {
                stimulus.after(now, &self.groups, &share.ranges[stimulus.target]);
            }
        }
    }

    /// Notes pairs for who watches, before delta synapses (or the others) are brought up to date.
    fn note_updates(&mut self, now: u64, delta: bool) {
        let step = now as i64;
        for (i, wire) in self.wires.iter_mut().enumerate() {
            let Some(plastic) = wire.plastic.as_mut().filter(|p| p.wants_pairs() && (wire.shape == Shape::Delta) == delta) else {
                continue;
            };
            for (d, delay) in wire.rows.delays.iter().enumerate() {
                if i64::from(*delay) < step {
                    plastic.note_updates(step - i64::from(*delay), d, &wire.rows, i as u32);
                }
            }
        }
    }

    fn count(&mut self) {
        for group in &mut self.groups {
            let slot = (self.step % group.ring.len() as u64) as usize;
            let fired = &group.ring[slot];
            group.n_spikes += fired.len() as u64;
            self.n_spikes += fired.len() as u64;
            for i in fired {
                self.hash = mix(self.hash.rotate_left(5) ^ (self.step << 32) ^ u64::from(group.first + i));
            }
        }
    }
}

/// Does `job` for every share: by the crew, or one after the other.
fn each(crew: Option<&mut Crew>, shares: &mut [Share], job: impl Fn(&mut Share) + Sync) {
    match crew {
        Some(crew) if crew.len() >= shares.len() => crew.each(shares, job),
        _ => shares.iter_mut().for_each(job),
    }
}

impl Group {
    /// Puts the spikes of all shares together, ascending, in the slot of the ring that it returns.
    fn collect(&mut self, shares: &mut [Share], group: usize, now: u64) -> usize {
        let slot = (now % self.ring.len() as u64) as usize;
        let list = &mut self.ring[slot];
        if let [share] = shares {
            std::mem::swap(list, &mut share.fired[group]);
            return slot;
        }
        list.clear();
        shares.iter().for_each(|share| list.extend_from_slice(&share.fired[group]));
        slot
    }
}

impl Wire {
    /// Adds the spikes that arrive at `now` at the neurons of a share, delay by delay, source by source.
    ///
    /// # Safety
    /// Meanwhile nobody else has to do with the inputs of these neurons, their share of these synapses, or the spikes and histories.
    unsafe fn deliver(&self, index: usize, now: u64, groups: &[Group], share: &mut Share) {
        let Members::Cells(cells) = &groups[self.post].members else { return };
        let targets = share.ranges[self.post].clone();
        if targets.is_empty() {
            return;
        }
        // SAFETY: promised by the caller; the rows are divided as the shares are.
        unsafe {
            if let Some(buckets) = &mut share.buckets[index] {
                let (mut inbox, factor) = cells.inbox_part(self.port, targets.clone());
                buckets.deliver(&self.rows, now, factor, &mut inbox, targets.start);
                return;
            }
            for d in 0..self.rows.delays.len() {
                let delay = u64::from(self.rows.delays[d]);
                let Some(stamp) = now.checked_sub(delay).filter(|s| *s > 0) else { continue };
                if let (Some(plastic), Weights::Each(weights)) = (&self.plastic, &self.rows.weights) {
                    plastic.potentiate_due(d, delay as i64, now as i64, &targets, weights);
                }
                let fired = groups[self.pre].spikes(stamp);
                if fired.is_empty() {
                    continue;
                }
                let (mut inbox, factor) = cells.inbox_part(self.port, targets.clone());
                if self.plastic.is_some() {
                    self.deliver_plastic(d, stamp, factor, &mut inbox, share.index, &targets);
                } else {
                    self.rows.deliver_all(fired, d, share.index, factor, &mut inbox, &targets);
                }
            }
        }
    }

    /// # Safety
    /// As [`Wire::deliver`].
    unsafe fn deliver_plastic(&self, d: usize, stamp: u64, factor: f64, inbox: &mut Column<'_>, share: usize, targets: &Range<usize>) {
        let (Some(plastic), Weights::Each(weights)) = (&self.plastic, &self.rows.weights) else { return };
        let (stamp, delay) = (stamp as i64, i64::from(self.rows.delays[d]));
        let spikes = plastic.emitted(stamp);
        for (k, spike) in spikes.iter().enumerate() {
            if let Some(later) = spikes.get(k + AHEAD) {
                self.rows.prefetch(self.rows.share(later.neuron, d, share), 0..FIRST_LINES);
            }
            let next = spikes.get(k + 1).map_or(0..0, |next| self.rows.share(next.neuron, d, share));
            let ahead = |part: Range<usize>| {
                let at = |k: usize| next.start.saturating_add(k).min(next.end);
                self.rows.prefetch(at(part.start)..at(part.end), 0..usize::MAX);
            };
            let range = self.rows.share(spike.neuron, d, share);
            // SAFETY: promised by the caller: these synapses are the share's alone.
            unsafe {
                let row = weights.part(range.clone());
                if plastic.is_eager() {
                    ahead(0..usize::MAX);
                    plastic.depress_due(d, delay, *spike, stamp, &self.rows.targets, range.clone(), row);
                } else {
                    plastic.update(*spike, stamp, delay, &self.rows.targets, range.clone(), row, ahead);
                }
                if !self.sent.is_empty() {
                    self.sent.part(range.clone()).copy_from_slice(row);
                }
                self.rows.deliver(range, factor, inbox, targets.start);
            }
        }
    }

    fn note_spikes(&mut self, now: u64, groups: &[Group]) {
        if let Some(plastic) = &mut self.plastic {
            plastic.emit(groups[self.pre].spikes(now), now as i64);
            plastic.post(groups[self.post].spikes(now), &mut self.rows, now as i64);
        }
    }
}
