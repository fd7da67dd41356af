//! What a step is made of: delivery format by format, plastic rows rule by rule, the update of neurons model by model, and random input.
//!
//! Deliveries are measured on a network of silent neurons under Poisson sources; their throughput is in synaptic events, so that the printed time
//! per element is the cost of an event (with its share of the silent neurons). All else counts neurons and steps.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::model::distribution::{delays, weights};
use spikeground_core::model::plasticity::stdp;
use spikeground_core::model::{connectivity, find, neuron, stimulus};
use spikeground_core::part::Part;
use spikeground_core::protocol::Frame;
use spikeground_core::spec::layout::layout;
use spikeground_core::spec::{NetworkSpec, PopulationSpec, Precision, ProjectionSpec, StimulusSpec};
use std::time::Duration;

const SOURCES: u32 = 2000;
const TARGETS: u32 = 10_000;
const STEPS: u64 = 200;

fn network(density: f64, drawn: bool, mixed: bool, precision: Precision) -> NetworkSpec {
    let mut spec = NetworkSpec { dt: 0.1, precision, ..NetworkSpec::default() };
    spec.populations.push(PopulationSpec::new("in", SOURCES, model("poisson").with("rate", 100.0)));
    spec.populations.push(PopulationSpec::new("out", TARGETS, model("lif")));
    let mut p = ProjectionSpec::new("in → out", "in", "out");
    p.connect = Part::new(&connectivity::ALL_TO_ALL);
    if density < 1.0 {
        p.connect = Part::new(&connectivity::PROBABILITY).with("p", density);
    }
    p.weight = if drawn {
        Part::new(&weights::UNIFORM).with("low", 0.0).with("high", 1e-6)
    } else {
        Part::new(&weights::CONSTANT).with("value", 1e-6)
    };
    if mixed {
        p.delay = Part::new(&delays::UNIFORM).with("low", 0.1).with("high", 2.0);
    }
    spec.projections.push(p);
    spec
}

fn model(key: &str) -> Part {
    Part::new(find(neuron::ALL, key).expect("a model"))
}

const PRECISIONS: [(Precision, &str); 2] = [(Precision::Double, "double"), (Precision::Single, "single")];

/// Measures [`STEPS`] steps of a network that has run for a while, with so many elements in them.
fn measure(c: &mut Criterion, group: &str, name: &str, suffix: &str, spec: &NetworkSpec, elements: f64) {
    let mut group = c.benchmark_group(group);
    group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    let mut simulation = Simulation::new(spec).expect("builds");
    group.throughput(Throughput::Elements(elements as u64));
    group.bench_function(BenchmarkId::new(name, suffix), |b| {
        b.iter(|| {
            simulation.advance(STEPS);
            simulation.take(&mut Frame::default());
        });
    });
    group.finish();
}

/// Spikes of the sources in [`STEPS`] steps, times their synapses.
fn events(density: f64) -> f64 {
    f64::from(SOURCES) * 100.0 * STEPS as f64 * 1e-4 * f64::from(TARGETS) * density
}

fn delivery(c: &mut Criterion) {
    for (precision, suffix) in PRECISIONS {
        for (density, drawn, mixed) in
            [(0.02, false, false), (0.02, true, false), (0.02, true, true), (0.1, false, false), (1.0, true, false), (1.0, false, false)]
        {
            let spec = network(density, drawn, mixed, precision);
            let delays = if mixed { ", mixed delays" } else { "" };
            let name = format!("{} at density {density}{delays}", layout(&spec, &spec.projections[0]).name());
            measure(c, "delivery", &name, suffix, &spec, events(density));
        }
    }
}

/// Onto neurons that a constant current makes fire, so that there is something to learn from.
fn plastic(c: &mut Criterion) {
    for (precision, suffix) in PRECISIONS {
        for (name, mu) in [("additive, list", 0.0), ("multiplicative, list", 1.0)] {
            let mut spec = network(0.1, true, false, precision);
            spec.populations[1].model = model("lif").with("i_e", 230.0);
            spec.projections[0].plasticity = Some(Part::new(&stdp::KIND).with("w_max", 1e-6).with("mu_plus", mu).with("mu_minus", mu));
            measure(c, "plastic rows", name, suffix, &spec, events(0.1));
        }
    }
}

fn neurons(c: &mut Criterion) {
    let elements = f64::from(TARGETS) * STEPS as f64;
    for (precision, suffix) in PRECISIONS {
        let alone = |part: Part| {
            let populations = vec![PopulationSpec::new("out", TARGETS, part)];
            NetworkSpec { dt: 0.05, precision, populations, ..NetworkSpec::default() }
        };
        for kind in neuron::ALL.iter().filter(|k| k.key != "poisson") {
            measure(c, "neurons", kind.key, suffix, &alone(Part::new(kind)), elements);
        }
        for (name, part) in [
            ("lif, noise", Part::new(&stimulus::NOISE).with("sd", 1.0)),
            ("lif, Poisson input at 20 kHz", Part::new(&stimulus::POISSON).with("rate", 20_000.0).with("weight", 1e-3)),
        ] {
            let mut spec = alone(model("lif"));
            spec.stimuli.push(StimulusSpec::new("in", "out", part));
            measure(c, "neurons", name, suffix, &spec, elements);
        }
    }
}

criterion_group!(benches, delivery, plastic, neurons);
criterion_main!(benches);
