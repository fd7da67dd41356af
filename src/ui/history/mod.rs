//! What the window remembers of the simulation: spikes, rates, traces, weights and spike pairs of the last minute.

pub mod activity;
pub mod pairs;
pub mod rates;
pub mod spikes;
pub mod traces;
pub mod weights;

use spikeground_core::protocol::{Event, Frame};
use spikeground_core::spec::NetworkSpec;

/// The memory of all panels, fed once a frame.
#[derive(Default)]
pub struct History {
    generation: u64,
    step: u64,
    dt: f64,
    /// Name and size of each population of the network that runs.
    populations: Vec<(String, u32)>,
    pub spikes: spikes::SpikeHistory,
    pub rates: rates::RateHistory,
    pub traces: traces::TraceHistory,
    pub weights: weights::WeightHistory,
    pub pairs: pairs::PairHistory,
    pub activity: activity::ActivityHistory,
}

impl History {
    /// Takes over a frame; a new generation (load, reset) starts an empty memory.
    pub fn ingest(&mut self, frame: &mut Frame) {
        let status = &frame.status;
        let anew = status.generation != self.generation || status.step < self.step;
        if anew || status.dt.to_bits() != self.dt.to_bits() {
            let populations = std::mem::take(&mut self.populations);
            *self = Self { generation: status.generation, dt: status.dt, ..Self::default() };
            self.set_populations(populations);
        }
        self.step = frame.status.step;
        let loaded = frame.events.iter().rev().find_map(|e| match e {
            Event::Loaded { spec, .. } => Some(spec),
            _ => None,
        });
        let changed = loaded.is_some_and(|spec| self.adopt(spec));
        // Spikes of a frame in which the numbering changed cannot be told apart; it is at most a few milliseconds.
        if !changed || anew {
            self.spikes.extend(&frame.spikes);
            for spike in &frame.spikes {
                self.rates.push(spike.step, spike.neuron);
            }
        }
        self.rates.advance(self.step);
        for chunk in &frame.traces {
            if let Some(probe) = frame.probes.get(chunk.probe) {
                self.traces.ingest(probe, chunk);
            }
        }
        self.weights.ingest(frame);
        self.pairs.ingest(frame);
        self.activity.ingest(frame);
    }

    fn set_populations(&mut self, populations: Vec<(String, u32)>) {
        let sizes: Vec<u32> = populations.iter().map(|p| p.1).collect();
        self.rates = rates::RateHistory::new(&sizes, self.dt);
        self.populations = populations;
    }

    /// Takes over the populations of a network; true when neurons got other numbers. What lives on keeps its past.
    fn adopt(&mut self, spec: &NetworkSpec) -> bool {
        let new: Vec<(String, u32)> = spec.populations.iter().map(|p| (p.name.clone(), p.size)).collect();
        if new == self.populations {
            return false;
        }
        let old = std::mem::take(&mut self.populations);
        self.set_populations(new);
        if !self.spikes.is_empty() || !self.traces.is_empty() {
            let home = |i: usize, neuron: u32| -> Option<usize> {
                let name = &old.get(i)?.0;
                self.populations.iter().position(|p| p.0 == *name && neuron < p.1)
            };
            let first = |list: &[(String, u32)], i: usize| list[..i].iter().map(|p| p.1).sum::<u32>();
            let bounds: Vec<u32> = (0..old.len()).map(|i| first(&old, i)).collect();
            let new_id = |id: u32| -> Option<u32> {
                let i = bounds.partition_point(|b| *b <= id).checked_sub(1)?;
                let index = id - bounds[i];
                home(i, index).map(|k| first(&self.populations, k) + index)
            };
            self.spikes.renumber(new_id);
            self.traces.renumber(home);
            for (step, neuron) in self.spikes.runs(0..u64::MAX).flat_map(spikes::Run::iter) {
                self.rates.push(step, neuron);
            }
        }
        true
    }

    /// Spikes, rates, traces and weights as they are now; what goes on in the present does not touch them.
    pub fn copy(&self) -> Self {
        Self {
            generation: self.generation,
            step: self.step,
            dt: self.dt,
            populations: self.populations.clone(),
            spikes: self.spikes.clone(),
            rates: self.rates.clone(),
            traces: self.traces.clone(),
            weights: self.weights.clone(),
            ..Self::default()
        }
    }

    /// The memory of a whole run of `n_steps` steps whose spikes (step, neuron id) are in order of time.
    pub fn of(spec: &NetworkSpec, n_steps: u64, spikes: &[(u64, u32)]) -> Self {
        let mut memory = Self { step: n_steps, dt: spec.dt, ..Self::default() };
        memory.set_populations(spec.populations.iter().map(|p| (p.name.clone(), p.size)).collect());
        for (step, neuron) in spikes {
            memory.spikes.push(*step, *neuron);
            memory.rates.push(*step, *neuron);
        }
        memory.rates.advance(n_steps);
        memory
    }

    /// Step from which on all spikes are at hand: 0 unless old ones had to go.
    pub fn known_from(&self) -> u64 {
        if self.spikes.serials().start == 0 { 0 } else { self.spikes.first_step().unwrap_or(0) }
    }

    /// Step up to which everything is known.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Changes when the memory was emptied.
    pub fn generation(&self) -> u64 {
        self.generation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::model::neuron;
    use spikeground_core::part::Part;
    use spikeground_core::protocol::{Probe, Spike, Status, TraceChunk};
    use spikeground_core::spec::PopulationSpec;
    use std::sync::Arc;

    fn frame(generation: u64, step: u64, spikes: &[(u64, u32)]) -> Frame {
        let spikes = spikes.iter().map(|(step, neuron)| Spike { step: *step, neuron: *neuron, early: 0.0 }).collect();
        Frame { status: Status { generation, step, dt: 0.1, ..Status::default() }, spikes, ..Frame::default() }
    }

    fn loaded(sizes: &[(&str, u32)]) -> Event {
        let mut spec = NetworkSpec::default();
        spec.populations = sizes.iter().map(|(n, s)| PopulationSpec::new(n, *s, Part::new(neuron::ALL[0]))).collect();
        Event::Loaded { spec: Arc::new(spec), n_synapses: vec![], build_secs: 0.0, lost: None }
    }

    #[test]
    fn a_new_generation_starts_an_empty_memory() {
        let mut h = History::default();
        h.ingest(&mut frame(1, 100, &[(50, 3), (99, 4)]));
        assert_eq!(h.spikes.len(), 2);
        h.ingest(&mut frame(2, 10, &[(5, 1)]));
        assert_eq!(h.spikes.runs(0..1000).flat_map(spikes::Run::iter).collect::<Vec<_>>(), [(5, 1)]);
    }

    #[test]
    fn time_that_goes_back_starts_an_empty_memory() {
        let mut h = History::default();
        h.ingest(&mut frame(1, 100, &[(50, 3)]));
        h.ingest(&mut frame(1, 20, &[(10, 3)]));
        assert_eq!(h.spikes.len(), 1);
    }

    #[test]
    fn a_grown_population_keeps_the_past_of_all() {
        let mut h = History::default();
        let mut first = frame(1, 100, &[(50, 0), (60, 10)]);
        first.events.push(loaded(&[("E", 10), ("I", 5)]));
        first.probes = Arc::new(vec![Probe { population: 1, neuron: 0, variable: "v".into() }]);
        first.traces.push(TraceChunk { probe: 0, first: 1, stride: 1, values: vec![1.0; 100] });
        h.ingest(&mut first);
        let mut second = frame(1, 200, &[(150, 3)]);
        second.events.push(loaded(&[("X", 2), ("E", 20), ("I", 5)]));
        h.ingest(&mut second);
        assert_eq!(h.spikes.runs(0..1000).flat_map(spikes::Run::iter).collect::<Vec<_>>(), [(50, 2), (60, 22)]);
        assert_eq!(h.rates.count(2, 5, 1), Some(1), "step 60 ends the sixth millisecond");
        assert!(h.traces.get(&Probe { population: 2, neuron: 0, variable: "v".into() }).is_some());
    }
}
