//! Delivery, format by format: one second of a network of silent neurons under Poisson sources. Throughput is in synaptic events, so that
//! the printed time per element is the cost of an event (with its share of the silent neurons).

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::model::distribution::{delays, weights};
use spikeground_core::model::{connectivity, find, neuron};
use spikeground_core::part::Part;
use spikeground_core::protocol::Frame;
use spikeground_core::spec::layout::layout;
use spikeground_core::spec::{NetworkSpec, PopulationSpec, Precision, ProjectionSpec};
use std::time::Duration;

const SOURCES: u32 = 2000;
const TARGETS: u32 = 10_000;
const STEPS: u64 = 200;

fn network(density: f64, drawn: bool, mixed: bool, precision: Precision) -> NetworkSpec {
    let model = |key| Part::new(find(neuron::ALL, key).expect("a model"));
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

fn delivery(c: &mut Criterion) {
    let mut group = c.benchmark_group("delivery");
    group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    for (precision, suffix) in [(Precision::Double, "double"), (Precision::Single, "single")] {
        for (density, drawn, mixed) in
            [(0.02, false, false), (0.02, true, false), (0.02, true, true), (0.1, false, false), (1.0, true, false), (1.0, false, false)]
        {
            let spec = network(density, drawn, mixed, precision);
            let mut simulation = Simulation::new(&spec).expect("builds");
            // Spikes of the sources in this many steps, times their synapses.
            let events = f64::from(SOURCES) * 100.0 * STEPS as f64 * 1e-4 * f64::from(TARGETS) * density;
            group.throughput(Throughput::Elements(events as u64));
            let delays = if mixed { ", mixed delays" } else { "" };
            let name = format!("{} at density {density}{delays}", layout(&spec, &spec.projections[0]).name());
            group.bench_function(BenchmarkId::new(name, suffix), |b| {
                b.iter(|| {
                    simulation.advance(STEPS);
                    simulation.take(&mut Frame::default());
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, delivery);
criterion_main!(benches);
