//! What the window remembers of the simulation: spikes, traces, weights and spike pairs of the last minute.

pub mod activity;
pub mod pairs;
pub mod weights;

use spikeground_core::protocol::Frame;

/// The memory of all panels, fed once a frame.
#[derive(Default)]
pub struct History {
    generation: u64,
    pub weights: weights::WeightHistory,
    pub pairs: pairs::PairHistory,
    pub activity: activity::ActivityHistory,
}

impl History {
    /// Takes over a frame; a new generation (load, reset) starts an empty memory.
    pub fn ingest(&mut self, frame: &mut Frame) {
        if frame.status.generation != self.generation {
            *self = Self { generation: frame.status.generation, ..Self::default() };
        }
        self.weights.ingest(frame);
        self.pairs.ingest(frame);
        self.activity.ingest(frame);
    }
}
