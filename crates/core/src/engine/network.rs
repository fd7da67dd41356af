//! A built network: populations, projections and stimuli as columns and rows, and the one order of a step.

use super::buckets::Buckets;
use super::plastic::Plastic;
use super::poisson::Poisson;
use super::population::Cells;
use super::rows::Rows;
use super::stimulate::Stimulator;
use crate::model::synapse::Shape;
use crate::rng::mix;

/// The members of a population: neurons of some model, or sources that only fire.
#[derive(Clone)]
pub enum Members {
    Cells(Box<dyn Cells>),
    Poisson(Poisson),
}

/// A population at run time.
#[derive(Clone)]
pub struct Group {
    pub size: u32,
    /// Id of its first neuron.
    pub first: u32,
    pub members: Members,
    /// Ascending indices of the spikes of each of the last `ring.len()` steps, by stamp.
    pub ring: Vec<Vec<u32>>,
    pub n_spikes: u64,
}

impl Group {
    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    pub fn spikes(&self, stamp: u64) -> &[u32] {
        &self.ring[(stamp % self.ring.len() as u64) as usize]
    }
}

/// A projection at run time.
#[derive(Clone)]
pub struct Wire {
    pub pre: usize,
    pub post: usize,
    /// Port of the postsynaptic population.
    pub port: usize,
    pub shape: Shape,
    pub rows: Rows,
    pub plastic: Option<Plastic>,
    /// Where static synapses have several delays.
    pub buckets: Option<Buckets>,
    /// The seed it was wired with.
    pub seed: u64,
    /// Each plastic weight as it was last transmitted, for who compares it with another program; kept while not empty.
    pub sent: Vec<f32>,
}

/// A current injected by hand into one neuron.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub struct Pulse {
    pub group: usize,
    pub neuron: u32,
    pub amplitude: f64,
    /// The step before which it ends.
    pub until: u64,
}

/// Everything that moves.
#[derive(Clone)]
pub struct Network {
    pub dt: f64,
    /// Steps done.
    pub step: u64,
    pub groups: Vec<Group>,
    pub wires: Vec<Wire>,
    pub stimuli: Vec<Stimulator>,
    /// Currents injected by hand.
    pub pulses: Vec<Pulse>,
    pub n_spikes: u64,
    pub hash: u64,
}

/// `n` lists, each with room for `capacity` entries (a cloned list has none).
pub fn rooms<T>(n: usize, capacity: usize) -> Vec<Vec<T>> {
    (0..n).map(|_| Vec::with_capacity(capacity)).collect()
}

impl Network {
    /// Makes the room that a copy of a network lacks, so that no step has to.
    pub fn make_room(&mut self) {
        for group in &mut self.groups {
            let room = group.size as usize;
            group.ring.iter_mut().for_each(|list| list.reserve(room - list.len().min(room)));
        }
        for wire in &mut self.wires {
            if let Some(plastic) = &mut wire.plastic {
                plastic.make_room();
            }
            if let Some(buckets) = &mut wire.buckets {
                buckets.make_room();
            }
        }
    }

    /// Sorts the spikes under way by arrival again, after the lists of spikes were put in place from elsewhere.
    pub fn refill(&mut self) {
        let Self { groups, wires, step, .. } = self;
        for wire in wires {
            let Some(buckets) = &mut wire.buckets else { continue };
            buckets.clear();
            let (group, reach) = (&groups[wire.pre], u64::from(wire.rows.delays.last().copied().unwrap_or(1)));
            for stamp in (*step + 1).saturating_sub(reach).max(1)..=*step {
                buckets.emit(&wire.rows, group.spikes(stamp), stamp, *step);
            }
        }
    }

    /// Advances by one step. The order, which defines the numerics (see `docs/numerics.md`):
    ///
    /// 1. stimulus currents of the step, and delta synapses whose spikes arrive at its end;
    /// 2. all neurons integrate from t to t + dt, then threshold and reset; spikes are stamped t + dt;
    /// 3. plasticity notes the spikes of this stamp on both sides;
    /// 4. other synapses take the spikes that arrive at t + dt (for the next step to feel).
    pub fn advance(&mut self) {
        let now = self.step + 1;
        for group in &mut self.groups {
            if let Members::Cells(cells) = &mut group.members {
                cells.begin_currents(0.0);
            }
        }
        self.inject();
        for stimulus in &mut self.stimuli {
            stimulus.before(self.step, &mut self.groups);
        }
        for (i, wire) in self.wires.iter_mut().enumerate() {
            if wire.shape == Shape::Delta {
                wire.deliver(i, now, &mut self.groups);
            }
        }
        for group in &mut self.groups {
            group.fire(now);
        }
        for wire in &mut self.wires {
            wire.note_spikes(now, &self.groups);
        }
        for (i, wire) in self.wires.iter_mut().enumerate() {
            if wire.shape != Shape::Delta {
                wire.deliver(i, now, &mut self.groups);
            }
        }
        for stimulus in &mut self.stimuli {
            stimulus.after(now, &mut self.groups);
        }
        self.step = now;
        self.count();
    }

    /// Gives the user of a port another time constant or reversal potential: in place when nobody shares the port, else through a
    /// port of its own (what the old one still holds decays there). Returns the port to use.
    pub fn reshape(&mut self, group: usize, port: usize, shape: Shape) -> usize {
        let wires = self.wires.iter().filter(|w| w.post == group && w.port == port).count();
        let stimuli = self.stimuli.iter().filter(|s| s.target == group && s.port() == Some(port)).count();
        let dt = self.dt;
        let Members::Cells(cells) = &mut self.groups[group].members else { return port };
        if wires + stimuli > 1 {
            return cells.port(shape, dt);
        }
        cells.set_port_shape(port, shape, dt);
        port
    }

    fn inject(&mut self) {
        let step = self.step;
        self.pulses.retain(|p| p.until > step);
        for pulse in &self.pulses {
            if let Members::Cells(cells) = &mut self.groups[pulse.group].members {
                cells.add_current(pulse.neuron as usize, pulse.amplitude);
            }
        }
    }

    fn count(&mut self) {
        for group in &mut self.groups {
            #[allow(clippy::cast_possible_truncation)]
            let slot = (self.step % group.ring.len() as u64) as usize;
            let fired = &group.ring[slot];
            group.n_spikes += fired.len() as u64;
            self.n_spikes += fired.len() as u64;
            for i in fired {
                self.hash = mix(self.hash.rotate_left(5) ^ (self.step << 32) ^ u64::from(group.first + i));
            }
        }
    }

    /// Spikes of the step just done, as neuron ids in ascending order.
    pub fn fired(&self) -> impl Iterator<Item = u32> + '_ {
        self.groups.iter().flat_map(|g| g.spikes(self.step).iter().map(|i| g.first + i))
    }
}

impl Group {
    #[allow(clippy::cast_possible_truncation)]
    fn fire(&mut self, now: u64) {
        let slot = (now % self.ring.len() as u64) as usize;
        let fired = &mut self.ring[slot];
        fired.clear();
        match &mut self.members {
            Members::Cells(cells) => cells.step(fired),
            Members::Poisson(source) => source.draw(|neuron, count| fired.extend((0..count).map(|_| neuron as u32))),
        }
    }
}

impl Wire {
    /// Adds the spikes that arrive at `now`, delay by delay, source by source.
    fn deliver(&mut self, index: usize, now: u64, groups: &mut [Group]) {
        if let Some(buckets) = &mut self.buckets {
            if let Members::Cells(cells) = &mut groups[self.post].members {
                let (mut inbox, factor) = cells.inbox(self.port);
                buckets.deliver(&self.rows, now, factor, &mut inbox);
            }
            return;
        }
        for d in 0..self.rows.delays.len() {
            let delay = u64::from(self.rows.delays[d]);
            let Some(stamp) = now.checked_sub(delay).filter(|s| *s > 0) else { continue };
            if groups[self.pre].spikes(stamp).is_empty() {
                continue;
            }
            if self.plastic.is_some() {
                self.deliver_plastic(index, d, stamp, groups);
                continue;
            }
            // The target may be the source: take its spike list out while its inbox is borrowed.
            let slot = (stamp % groups[self.pre].ring.len() as u64) as usize;
            let fired = std::mem::take(&mut groups[self.pre].ring[slot]);
            if let Members::Cells(cells) = &mut groups[self.post].members {
                let (mut inbox, factor) = cells.inbox(self.port);
                self.rows.deliver_all(&fired, d, factor, &mut inbox);
            }
            groups[self.pre].ring[slot] = fired;
        }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
    fn deliver_plastic(&mut self, index: usize, d: usize, stamp: u64, groups: &mut [Group]) {
        let Some(plastic) = &mut self.plastic else { return };
        let Members::Cells(cells) = &mut groups[self.post].members else { return };
        let (mut inbox, factor) = cells.inbox(self.port);
        let (stamp, delay) = (stamp as i64, i64::from(self.rows.delays[d]));
        for k in 0..plastic.emitted(stamp).len() {
            let spike = plastic.emitted(stamp)[k];
            let range = self.rows.segment(spike.neuron, d);
            plastic.update(spike, stamp, delay, &mut self.rows, range.clone(), index as u32);
            if !self.sent.is_empty() {
                self.sent[range.clone()].copy_from_slice(&self.rows.learned()[range.clone()]);
            }
            self.rows.deliver(range, factor, &mut inbox);
        }
    }

    #[allow(clippy::cast_possible_wrap)]
    fn note_spikes(&mut self, now: u64, groups: &[Group]) {
        if let (Some(buckets), Members::Cells(_)) = (&mut self.buckets, &groups[self.post].members) {
            buckets.emit(&self.rows, groups[self.pre].spikes(now), now, now);
        }
        if let Some(plastic) = &mut self.plastic {
            plastic.emit(groups[self.pre].spikes(now), now as i64);
            plastic.post(groups[self.post].spikes(now), &mut self.rows, now as i64);
        }
    }
}
