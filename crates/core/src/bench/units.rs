//! What one neuron, input or synaptic event costs: the numbers behind the estimate of a network's speed (`spec::cost`).
//!
//! Each is the difference between two networks that differ in this one thing, so that nothing is counted twice.

use super::cpu_secs;
use crate::engine::simulation::Simulation;
use crate::equations;
use crate::model::distribution::{delays, weights};
use crate::model::{connectivity, find, neuron, plasticity, stimulus, synapse};
use crate::part::Part;
use crate::protocol::Frame;
use crate::spec::{NetworkSpec, PopulationSpec, Precision, ProjectionSpec, StimulusSpec, Wiring};

/// One measured cost, ns of one thread.
#[derive(Clone, Debug, serde::Serialize)]
pub struct UnitCost {
    pub key: String,
    /// For each of what: "neuron and step", "event".
    pub per: &'static str,
    pub double: f64,
    pub single: f64,
}

const NEURONS: u32 = 4096;
const STEPS: u64 = 2000;
/// Sources, their rate in Hz, and targets of the networks that measure events.
const SOURCES: u32 = 2000;
const RATE: f64 = 50.0;

/// Measures all unit costs.
pub fn units() -> Vec<UnitCost> {
    let mut out = Vec::new();
    for kind in neuron::ALL.iter().filter(|k| k.key != "poisson") {
        out.push(per_neuron(&format!("neuron.{}", kind.key), &cells(Part::new(kind)), None));
    }
    for (key, text) in equations::TEXTS {
        if let Ok(typed) = equations::compile(text) {
            let count = typed.step(0, false).map_or((0, 0), equations::Program::n_operations);
            let name = format!("typed.{key} ({} operations, {} functions)", count.0, count.1);
            out.push(per_neuron(&name, &cells(Part::new(&typed.kind)), None));
        }
    }
    let lif = cells(model("lif"));
    let with = |part: Part, synapse: Part| {
        let mut spec = lif.clone();
        spec.stimuli.push(StimulusSpec { synapse, ..StimulusSpec::new("in", "p", part) });
        spec
    };
    let silent = || Part::new(&stimulus::POISSON).with("rate", 0.0);
    for kind in [&synapse::DELTA, &synapse::EXPONENTIAL, &synapse::ALPHA, &synapse::CONDUCTANCE] {
        out.push(per_neuron(&format!("port.{}", kind.key), &with(silent(), Part::new(kind)), Some(&lif)));
    }
    let base = with(silent(), Part::new(&synapse::DELTA));
    for rate in [0.0, 100.0, 20_000.0] {
        let spec = with(Part::new(&stimulus::POISSON).with("rate", rate).with("weight", 1e-3), Part::new(&synapse::DELTA));
        out.push(per_neuron(&format!("input.poisson at {rate} Hz"), &spec, Some(&base)));
    }
    out.push(per_neuron("input.noise", &with(Part::new(&stimulus::NOISE).with("sd", 1.0), Part::new(&synapse::DELTA)), Some(&lif)));
    for (key, weight, delay, rule) in [
        ("event.one_weight", false, false, false),
        ("event.weighted", true, false, false),
        ("event.mixed_delays", true, true, false),
        ("event.plastic", true, false, true),
    ] {
        out.push(per_event(key, weight, delay, rule, Wiring::Stored));
    }
    out.push(per_event("event.procedural", false, false, false, Wiring::Procedural));
    out
}

fn model(key: &str) -> Part {
    Part::new(find(neuron::ALL, key).unwrap_or_else(|| unreachable!("{key} is a model")))
}

/// Neurons at rest: what is measured is the update.
fn cells(model: Part) -> NetworkSpec {
    NetworkSpec { dt: 0.05, populations: vec![PopulationSpec::new("p", NEURONS, model)], ..NetworkSpec::default() }
}

fn per_neuron(key: &str, spec: &NetworkSpec, without: Option<&NetworkSpec>) -> UnitCost {
    let cost = |precision| {
        let ns = |spec: &NetworkSpec| nanoseconds(spec, precision).0 / (f64::from(NEURONS) * STEPS as f64);
        (ns(spec) - without.map_or(0.0, ns)).max(0.0)
    };
    UnitCost { key: key.into(), per: "neuron and step", double: cost(Precision::Double), single: cost(Precision::Single) }
}

fn per_event(key: &str, drawn: bool, delays: bool, plastic: bool, wiring: Wiring) -> UnitCost {
    let mut without = NetworkSpec { dt: 0.1, wiring, ..NetworkSpec::default() };
    without.populations.push(PopulationSpec::new("in", SOURCES, model("poisson").with("rate", RATE)));
    without.populations.push(PopulationSpec::new("p", NEURONS, model("lif")));
    let mut p = ProjectionSpec::new("in → p", "in", "p");
    p.connect = Part::new(&connectivity::PROBABILITY).with("p", 0.1);
    p.weight = if drawn {
        Part::new(&weights::UNIFORM).with("low", 1e-4).with("high", 2e-4)
    } else {
        Part::new(&weights::CONSTANT).with("value", 1e-4)
    };
    p.delay = if delays {
        Part::new(&self::delays::UNIFORM).with("low", 0.1).with("high", 10.0)
    } else {
        Part::new(&self::delays::CONSTANT).with("value", 1.0)
    };
    p.plasticity = plastic.then(|| Part::new(&plasticity::stdp::KIND).with("w_max", 3e-4));
    let spec = NetworkSpec { projections: vec![p], ..without.clone() };
    let cost = |precision| {
        let (ns, spikes, synapses) = nanoseconds(&spec, precision);
        let events = spikes as f64 * synapses as f64 / f64::from(SOURCES);
        ((ns - nanoseconds(&without, precision).0) / events.max(1.0)).max(0.0)
    };
    UnitCost { key: key.into(), per: "event", double: cost(Precision::Double), single: cost(Precision::Single) }
}

/// CPU time of the steps, ns (the least of three), spikes and synapses.
fn nanoseconds(spec: &NetworkSpec, precision: Precision) -> (f64, u64, u64) {
    let spec = NetworkSpec { precision, ..spec.clone() };
    let mut s = Simulation::new(&spec).unwrap_or_else(|e| unreachable!("{e:?}"));
    s.advance(STEPS / 4);
    let mut best = f64::INFINITY;
    let mut spikes = 0;
    for _ in 0..3 {
        s.take(&mut Frame::default());
        let (before, from) = (s.n_spikes(), cpu_secs(false).unwrap_or(0.0));
        s.advance(STEPS);
        best = best.min(cpu_secs(false).unwrap_or(0.0) - from);
        spikes = s.n_spikes() - before;
    }
    (best * 1e9, spikes, s.n_synapses().iter().sum())
}
