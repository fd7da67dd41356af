//! The results of a run as NPZ archives: what `--format npy` leaves instead of CSV.

use spikeground_core::engine::simulation::Simulation;
use spikeground_core::export::npy::{Array, Arrays};
use spikeground_core::protocol::Frame;
use spikeground_core::spec::NetworkSpec;

/// Spikes and traces of a run, kept until its end.
#[derive(Default)]
pub struct Collected {
    /// Time of each spike, ms, and its neuron's id.
    times: Vec<f64>,
    neurons: Vec<u32>,
    /// First id of each population, and by how many steps its stamps lie before the end of the step.
    populations: Vec<(u32, u64)>,
    trace_times: Vec<f64>,
    /// A column for each name.
    traces: Vec<(String, Vec<f32>)>,
    dt: f64,
}

/// A number of steps as milliseconds, free of rounding noise: 3 · 0.1 is 0.3.
pub fn time(steps: u64, dt: f64) -> f64 {
    (steps as f64 * dt * 1e9).round() / 1e9
}

impl Collected {
    /// `columns` names the traces, with their units.
    pub fn new(spec: &NetworkSpec, columns: Vec<String>) -> Self {
        let populations = spec.first_ids().into_iter().enumerate().map(|(i, first)| (first, spec.stamp_shift(i))).collect();
        let traces = columns.into_iter().map(|name| (name, Vec::new())).collect();
        Self { populations, traces, dt: spec.dt, ..Self::default() }
    }

    /// Keeps the spikes and traces of a frame.
    pub fn append(&mut self, frame: &Frame) {
        for spike in &frame.spikes {
            let at = self.populations.partition_point(|p| p.0 <= spike.neuron).saturating_sub(1);
            let shift = self.populations.get(at).map_or(0, |p| p.1);
            self.times.push(spike.time(shift, self.dt));
            self.neurons.push(spike.neuron);
        }
        // All probes record every step, so their chunks run side by side.
        let Some(first) = frame.traces.iter().map(|c| c.first).min() else { return };
        let n = frame.traces.iter().map(|c| c.values.len()).max().unwrap_or(0);
        self.trace_times.extend((0..n as u64).map(|k| time(first + k, self.dt)));
        for ((_, column), chunk) in self.traces.iter_mut().zip(&frame.traces) {
            column.extend((0..n).map(|k| chunk.values.get(k).copied().unwrap_or(f32::NAN)));
        }
    }

    /// `spikes.npz`: times, neuron ids and, by name, first id and size of each population; `traces.npz`: times and a column a probe.
    pub fn finish(self, spec: &NetworkSpec) -> (Arrays, Option<Arrays>) {
        let mut spikes: Arrays =
            vec![("time_ms".into(), self.times.into()), ("neuron".into(), self.neurons.into()), ("dt_ms".into(), self.dt.into())];
        for (p, (first, _)) in spec.populations.iter().zip(&self.populations) {
            spikes.push((format!("population.{}", p.name), vec![*first, p.size].into()));
        }
        let traces = (!self.traces.is_empty()).then(|| {
            let mut arrays: Arrays = vec![("time_ms".into(), self.trace_times.into())];
            arrays.extend(self.traces.into_iter().map(|(name, column)| (name, Array::from(column))));
            arrays
        });
        (spikes, traces)
    }
}

/// `weights.npz`: for each projection that learns its sources, targets, weights with their unit, and delays.
pub fn weights(simulation: &Simulation) -> Option<Arrays> {
    let spec = simulation.spec();
    let mut arrays: Arrays = Vec::new();
    for (i, p) in spec.projections.iter().enumerate().filter(|(_, p)| p.plasticity.is_some()) {
        let all = simulation.weights(i);
        let unit = spec.weight_unit(i);
        let unit = if unit.is_empty() { String::new() } else { format!(" ({unit})") };
        arrays.push((format!("{}.pre", p.name), all.iter().map(|w| w.0).collect::<Vec<_>>().into()));
        arrays.push((format!("{}.post", p.name), all.iter().map(|w| w.1).collect::<Vec<_>>().into()));
        arrays.push((format!("{}.weight{unit}", p.name), all.iter().map(|w| w.2).collect::<Vec<_>>().into()));
        arrays.push((format!("{}.delay_ms", p.name), all.iter().map(|w| time(u64::from(w.3), spec.dt)).collect::<Vec<_>>().into()));
    }
    (!arrays.is_empty()).then_some(arrays)
}
