//! Recorders: spikes and traces collected step by step for the next frame.

use super::network::{Members, Network};
use crate::protocol::{Frame, Probe, Spike, TraceChunk};

/// What a probe reads.
#[derive(Clone, Copy, Debug)]
enum Source {
    State(usize),
    SynapticCurrent,
    Conductance,
    StimulusCurrent,
    /// STDP trace of the first plastic projection on that side.
    Trace {
        wire: usize,
        pre: bool,
    },
    Nothing,
}

/// One trace being recorded.
struct Tap {
    group: usize,
    neuron: usize,
    source: Source,
    first: u64,
    values: Vec<f32>,
}

/// Collects until the next frame is taken.
#[derive(Default)]
pub struct Recorder {
    pub spikes: Vec<Spike>,
    taps: Vec<Tap>,
    pub probes_seq: u64,
}

impl Recorder {
    /// Replaces the traces. Probes that do not fit the network record nothing.
    pub fn set_probes(&mut self, probes: &[Probe], network: &Network, states: &dyn Fn(usize, &str) -> Option<usize>) {
        self.taps = probes
            .iter()
            .map(|p| {
                let fits = network.groups.get(p.population).is_some_and(|g| p.neuron < g.size);
                let source = if fits { source(p, network, states) } else { Source::Nothing };
                Tap { group: p.population, neuron: p.neuron as usize, source, first: network.step + 1, values: Vec::new() }
            })
            .collect();
    }

    /// Reserves room for one more step, so that recording it does not allocate.
    pub fn reserve(&mut self, network: &Network) {
        let n: usize = network.groups.iter().map(|g| g.size as usize).sum();
        if self.spikes.capacity() - self.spikes.len() < 4 * n.max(64) {
            self.spikes.reserve((8 * n).max(4096));
        }
        for tap in &mut self.taps {
            if tap.values.len() == tap.values.capacity() {
                tap.values.reserve(1024);
            }
        }
    }

    /// Records the step just done.
    pub fn step(&mut self, network: &Network) {
        let step = network.step;
        self.spikes.extend(network.fired_early().map(|(neuron, early)| Spike { step, neuron, early }));
        for tap in &mut self.taps {
            if tap.values.is_empty() {
                tap.first = step;
            }
            #[allow(clippy::cast_possible_truncation)]
            tap.values.push(read(network, tap.group, tap.neuron, tap.source) as f32);
        }
    }

    /// Moves everything collected into `frame`.
    pub fn take(&mut self, frame: &mut Frame) {
        frame.spikes.append(&mut self.spikes);
        frame.probes_seq = self.probes_seq;
        for (probe, tap) in self.taps.iter_mut().enumerate() {
            if !tap.values.is_empty() {
                // A copy: the room stays with the tap.
                let values = tap.values.clone();
                tap.values.clear();
                frame.traces.push(TraceChunk { probe, first: tap.first, stride: 1, values });
            }
        }
    }

    pub fn clear(&mut self) {
        self.spikes.clear();
        self.taps.iter_mut().for_each(|t| t.values.clear());
    }
}

fn source(p: &Probe, network: &Network, states: &dyn Fn(usize, &str) -> Option<usize>) -> Source {
    let wire = |pre: bool| {
        let at = network.wires.iter().position(|w| w.plastic.is_some() && p.population == if pre { w.pre } else { w.post });
        at.map_or(Source::Nothing, |wire| Source::Trace { wire, pre })
    };
    match p.variable.as_str() {
        "i_syn" => Source::SynapticCurrent,
        "g_syn" => Source::Conductance,
        "i_stim" => Source::StimulusCurrent,
        "trace_pre" => wire(true),
        "trace_post" => wire(false),
        state => states(p.population, state).map_or(Source::Nothing, Source::State),
    }
}

#[allow(clippy::cast_possible_wrap)]
fn read(network: &Network, group: usize, neuron: usize, source: Source) -> f64 {
    if let Source::Trace { wire, pre } = source {
        return network.wires[wire].plastic.as_ref().map_or(f64::NAN, |p| p.trace(pre, neuron, network.step as i64));
    }
    // A probe of a network that is still being built points at a population that is not there yet.
    let Some(Members::Cells(cells)) = network.groups.get(group).map(|g| &g.members) else { return f64::NAN };
    match source {
        Source::State(column) => cells.state(column, neuron),
        Source::SynapticCurrent => cells.inputs(neuron).0,
        Source::Conductance => cells.inputs(neuron).1,
        Source::StimulusCurrent => cells.inputs(neuron).2,
        Source::Trace { .. } | Source::Nothing => f64::NAN,
    }
}
