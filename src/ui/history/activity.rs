//! Who fired lately: the rate of each population and the last spike of each neuron, for the network graph.

use spikeground_core::protocol::{Frame, Spike};
use std::collections::VecDeque;

/// Biological time over which rates are counted, ms.
pub const WINDOW: f64 = 300.0;
/// Spikes kept at most; with more the window gets shorter.
const MAX: usize = 60_000;
/// Neurons whose last spike is remembered.
const FLASHING: usize = 4096;

#[derive(Default)]
pub struct ActivityHistory {
    spikes: VecDeque<Spike>,
    /// Step of the last spike of each neuron plus one; 0: none yet.
    last: Vec<u64>,
    step: u64,
    dt: f64,
}

impl ActivityHistory {
    pub fn ingest(&mut self, frame: &Frame) {
        self.step = frame.status.step;
        self.dt = frame.status.dt;
        for spike in &frame.spikes {
            let at = spike.neuron as usize;
            if at < FLASHING {
                if at >= self.last.len() {
                    self.last.resize(at + 1, 0);
                }
                self.last[at] = spike.step + 1;
            }
        }
        let surplus = frame.spikes.len().saturating_sub(MAX);
        self.spikes.extend(&frame.spikes[surplus..]);
        if self.spikes.len() > MAX {
            self.spikes.drain(..self.spikes.len() - MAX);
        }
        #[allow(clippy::cast_precision_loss)]
        while self.spikes.front().is_some_and(|s| self.step.saturating_sub(s.step) as f64 * self.dt > WINDOW) {
            self.spikes.pop_front();
        }
    }

    /// Mean rate in Hz of each population of these sizes over the last `window` ms (at most [`WINDOW`]); none before there was any time to count in.
    #[allow(clippy::cast_precision_loss)]
    pub fn rates(&self, sizes: &[u32], window: f64) -> Option<Vec<f64>> {
        let since = if self.spikes.len() >= MAX { self.spikes.front().map_or(0, |s| s.step) } else { 0 };
        let span = (self.step.saturating_sub(since) as f64 * self.dt).min(window.min(WINDOW));
        if span <= 0.0 {
            return None;
        }
        let mut ends = Vec::with_capacity(sizes.len());
        let mut next = 0u32;
        for size in sizes {
            next = next.saturating_add(*size);
            ends.push(next);
        }
        let mut counts = vec![0u32; sizes.len()];
        for spike in self.spikes.iter().rev() {
            if self.step.saturating_sub(spike.step) as f64 * self.dt >= span {
                break;
            }
            let at = ends.partition_point(|end| *end <= spike.neuron);
            if let Some(count) = counts.get_mut(at) {
                *count += 1;
            }
        }
        Some(counts.iter().zip(sizes).map(|(n, size)| f64::from(*n) / f64::from((*size).max(1)) / span * 1000.0).collect())
    }

    /// Biological time since the last spike of a neuron, ms; none if it did not fire yet.
    #[allow(clippy::cast_precision_loss)]
    pub fn since_spike(&self, neuron: u32) -> Option<f64> {
        let stamp = self.last.get(neuron as usize)?.checked_sub(1)?;
        Some(self.step.saturating_sub(stamp) as f64 * self.dt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::protocol::Status;

    fn frame(step: u64, spikes: Vec<Spike>) -> Frame {
        Frame { status: Status { step, dt: 1.0, ..Status::default() }, spikes, ..Frame::default() }
    }

    #[test]
    fn a_population_of_two_that_fires_six_times_in_300_ms_has_10_hz() {
        let mut history = ActivityHistory::default();
        let spikes = (0..6).map(|k| Spike { step: 50 * k + 1, neuron: 3 + (k % 2) as u32, early: 0.0 }).collect();
        history.ingest(&frame(300, spikes));
        assert_eq!(history.rates(&[3, 2], WINDOW), Some(vec![0.0, 10.0]));
        assert_eq!(history.rates(&[3, 2], 100.0), Some(vec![0.0, 10.0]));
        assert_eq!(history.since_spike(4), Some(49.0));
        assert_eq!(history.since_spike(0), None);
    }

    #[test]
    fn spikes_of_neurons_that_are_gone_are_no_harm() {
        let mut history = ActivityHistory::default();
        history.ingest(&frame(10, vec![Spike { step: 5, neuron: u32::MAX, early: 0.0 }]));
        assert_eq!(history.rates(&[1], WINDOW), Some(vec![0.0]));
        assert_eq!(history.since_spike(u32::MAX), None);
    }

    #[test]
    fn memory_is_bounded() {
        let mut history = ActivityHistory::default();
        history.ingest(&frame(10, vec![Spike { step: 5, neuron: 1, early: 0.0 }; 3 * MAX]));
        assert_eq!(history.spikes.len(), MAX);
    }
}
