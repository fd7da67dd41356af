//! What the window remembers of the simulation: spikes, traces, weights and spike pairs of the last minute.

use spikeground_core::protocol::Frame;

/// The memory of all panels, fed once a frame.
#[derive(Default)]
pub struct History {
    generation: u64,
}

impl History {
    /// Takes over a frame; a new generation (load, reset) starts an empty memory.
    pub fn ingest(&mut self, frame: &mut Frame) {
        if frame.status.generation != self.generation {
            *self = Self { generation: frame.status.generation };
        }
    }
}
