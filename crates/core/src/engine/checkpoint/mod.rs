//! The complete moving state of a network as bytes, and back: what follows after a restore is bit-identical to the uninterrupted run.
//!
//! A checkpoint holds what moves: neurons, ports, traces, plastic weights, the ring of spikes under way, random streams, stimuli, pulses,
//! clock and hash. What the description determines (constants, tables, static wiring) is built anew and compared by a checksum.
//! Each structure is taken apart completely (`let Self { a, b } = self`), so that a field added later is remembered by the compiler.

mod bytes;
mod record;

pub use bytes::{Damage, Sink, Source};
pub use record::Checkpoint;

use super::network::{Group, Members, Network, Wire};
use super::picture::each_of;

/// Changes whenever the bytes of a state change their meaning; a file of another layout is replayed instead of restored.
pub const LAYOUT: u32 = 3;

/// Procedural rows that a checksum looks at.
const SAMPLE: u32 = 64;

impl Network {
    /// The seed each projection was wired with: a network that was edited while it ran may hold wiring of a former seed.
    pub fn wiring_seeds(&self) -> Vec<u64> {
        self.wires.iter().map(|w| w.seed).collect()
    }

    /// Writes everything that moves.
    pub fn save(&self, to: &mut Sink) {
        let Self { dt, step, groups, wires, stimuli, pulses, n_spikes, hash, shares: _ } = self;
        to.put(&(*dt, *step, *n_spikes, *hash));
        to.put(&(groups.len(), wires.len(), stimuli.len()));
        groups.iter().for_each(|g| g.save(to));
        wires.iter().for_each(|w| w.save(to));
        stimuli.iter().for_each(|s| s.save(to));
        to.put(pulses);
    }

    /// Takes over what [`Network::save`] wrote, into a network freshly built from the same description.
    pub fn load(&mut self, from: &mut Source<'_>) -> Result<(), Damage> {
        let Self { dt, step, groups, wires, stimuli, pulses, n_spikes, hash, shares: _ } = self;
        let (its_dt, its_step, its_spikes, its_hash): (f64, u64, u64, u64) = from.get()?;
        (*step, *n_spikes, *hash) = (its_step, its_spikes, its_hash);
        let sizes: (usize, usize, usize) = from.get()?;
        if its_dt.to_bits() != dt.to_bits() || sizes != (groups.len(), wires.len(), stimuli.len()) {
            return Err(Damage::other("it belongs to a network of other parts"));
        }
        for group in &mut *groups {
            group.load(*dt, from)?;
        }
        let has_port = |group: usize, port: usize| match &groups[group].members {
            Members::Cells(cells) => port < cells.n_ports(),
            Members::Poisson(_) => true,
        };
        for wire in wires {
            wire.load(from)?;
            if !has_port(wire.post, wire.port) {
                return Err(Damage::other("a projection points at an input that does not exist"));
            }
        }
        for stimulus in stimuli {
            stimulus.load(from)?;
            if stimulus.port().is_some_and(|port| !has_port(stimulus.target, port)) {
                return Err(Damage::other("a stimulus points at an input that does not exist"));
            }
        }
        *pulses = from.get()?;
        self.make_room();
        self.refill();
        let Self { groups, pulses, .. } = self;
        if pulses.iter().any(|p| groups.get(p.group).is_none_or(|g| p.neuron >= g.size)) {
            return Err(Damage::other("a pulse points at a neuron that does not exist"));
        }
        Ok(())
    }
}

impl Group {
    fn save(&self, to: &mut Sink) {
        let Self { size: _, first: _, members, ring, room: _, n_spikes } = self;
        to.put(n_spikes);
        to.put(ring);
        match members {
            Members::Cells(cells) => cells.save(to),
            Members::Poisson(source) => source.save(to),
        }
    }

    fn load(&mut self, dt: f64, from: &mut Source<'_>) -> Result<(), Damage> {
        let Self { size, first: _, members, ring, room: _, n_spikes } = self;
        *n_spikes = from.get()?;
        let lists: Vec<Vec<u32>> = from.get()?;
        if lists.len() != ring.len() || lists.iter().flatten().any(|i| i >= size) {
            return Err(Damage::other("spikes under way do not fit the network"));
        }
        *ring = lists;
        match members {
            Members::Cells(cells) => cells.load(dt, from),
            Members::Poisson(source) => source.load(from),
        }
    }
}

impl Wire {
    fn save(&self, to: &mut Sink) {
        let Self { pre: _, post: _, port, shape, rows: _, plastic, seed: _, sent: _ } = self;
        to.put(&(*port, *shape, self.wiring_checksum()));
        if let Some(plastic) = plastic {
            to.put(plastic);
            to.put(self.rows.learned());
        }
    }

    fn load(&mut self, from: &mut Source<'_>) -> Result<(), Damage> {
        let checksum = self.wiring_checksum();
        let Self { pre: _, post: _, port, shape, rows, plastic, seed: _, sent: _ } = self;
        let its_checksum: u32;
        (*port, *shape, its_checksum) = from.get()?;
        if checksum != its_checksum {
            return Err(Damage::other("this version wires the network differently"));
        }
        if let Some(plastic) = plastic {
            plastic.load(rows, from)?;
            from.fill(rows.learned_mut())?;
        }
        Ok(())
    }

    /// A checksum of everything that does not change by itself: targets, delays, and weights unless they learn. Of procedural rows the
    /// first rows stand for all: the others come from the same numbers.
    fn wiring_checksum(&self) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        let mut buffer = Vec::with_capacity(1 << 16);
        let learns = self.plastic.is_some();
        let n_pre = if self.rows.is_procedural() { self.rows.n_pre.min(SAMPLE) } else { self.rows.n_pre };
        each_of(&self.rows, 0..n_pre, |pre, d, synapse, post| {
            let weight = if learns { 0.0 } else { self.rows.weight(synapse) };
            let words = [pre, post, self.rows.delays[d], weight.to_bits()];
            words.iter().for_each(|w| buffer.extend_from_slice(&w.to_le_bytes()));
            if buffer.len() + 16 > buffer.capacity() {
                hasher.update(&buffer);
                buffer.clear();
            }
        });
        hasher.update(&buffer);
        hasher.finalize()
    }
}
