//! A built network: populations, projections and stimuli as columns and rows. `step.rs` advances it.

use super::cells::Cells;
use super::parted::Parted;
use super::plastic::Plastic;
use super::poisson::Poisson;
use super::rows::Rows;
use super::share::Share;
use super::stimulate::Stimulator;
use crate::model::synapse::Shape;

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
    /// Spikes that a step may have.
    pub room: usize,
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
    /// The seed it was wired with.
    pub seed: u64,
    /// Each plastic weight as it was last transmitted, for who compares it with another program; kept while not empty.
    pub sent: Parted<f32>,
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
    /// What each worker does of a step; one for a network that a single thread advances.
    pub(super) shares: Vec<Share>,
}

/// `n` lists, each with room for `capacity` entries (a cloned list has none).
pub fn rooms<T>(n: usize, capacity: usize) -> Vec<Vec<T>> {
    (0..n).map(|_| Vec::with_capacity(capacity)).collect()
}

impl Network {
    /// Makes the room that a copy of a network lacks, so that no step has to.
    pub fn make_room(&mut self) {
        for group in &mut self.groups {
            let room = group.room;
            group.ring.iter_mut().for_each(|list| list.reserve(room - list.len().min(room)));
        }
        for wire in &mut self.wires {
            if let Some(plastic) = &mut wire.plastic {
                plastic.make_room();
            }
        }
        let Self { groups, shares, .. } = self;
        shares.iter_mut().for_each(|share| share.make_room(groups));
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

    /// Spikes of the step just done, as neuron ids in ascending order, with how long before its end they were, in steps.
    pub fn fired_early(&self) -> impl Iterator<Item = (u32, f32)> + '_ {
        self.groups.iter().flat_map(|g| {
            let early = |i: u32| if let Members::Cells(cells) = &g.members { cells.early(i as usize) } else { 0.0 };
            g.spikes(self.step).iter().map(move |i| (g.first + i, early(*i)))
        })
    }

    /// Spikes of the step just done, as neuron ids in ascending order.
    pub fn fired(&self) -> impl Iterator<Item = u32> + '_ {
        self.groups.iter().flat_map(|g| g.spikes(self.step).iter().map(|i| g.first + i))
    }
}
