//! Measures the engine on canonical networks: CPU seconds a biological second, nanoseconds a neuron-step.

use spikeground_core::engine::simulation::Simulation;
use spikeground_core::model::{connectivity, distribution, neuron, plasticity, stimulus, synapse};
use spikeground_core::part::Part;
use spikeground_core::spec::{NetworkSpec, PopulationSpec, Precision, ProjectionSpec, StimulusSpec};

fn model(key: &str) -> Part {
    Part::new(neuron::ALL.iter().find(|k| k.key == key).expect("model"))
}

fn projection(pre: &str, post: &str, synapse: Part, connect: Part, weight: f64, delay: f64) -> ProjectionSpec {
    let mut p = ProjectionSpec::new(&format!("{pre}{post}"), pre, post);
    p.synapse = synapse;
    p.connect = connect;
    p.weight = Part::new(&distribution::weights::CONSTANT).with("value", weight);
    p.delay = Part::new(&distribution::delays::CONSTANT).with("value", delay);
    p
}

fn coba(n: u32) -> NetworkSpec {
    let lif = model("lif").with("e_l", -60.0).with("v_reset", -60.0).with("t_ref", 5.0).with("v_th", -50.0);
    let mut spec = NetworkSpec::default();
    for (name, size) in [("E", n * 4 / 5), ("I", n / 5)] {
        let mut p = PopulationSpec::new(name, size, lif.clone());
        p.initial.push((0, Part::new(&distribution::initial::NORMAL).with("mean", -55.0).with("sd", 5.0)));
        spec.populations.push(p);
    }
    for (pre, tau, e, w) in [("E", 5.0, 0.0, 6.0), ("I", 10.0, -80.0, 67.0)] {
        for post in ["E", "I"] {
            let s = Part::new(&synapse::CONDUCTANCE).with("tau_syn", tau).with("e_rev", e);
            spec.projections.push(projection(pre, post, s, Part::new(&connectivity::PROBABILITY).with("p", 80.0 / f64::from(n)), w, 0.1));
        }
    }
    for post in ["E", "I"] {
        let kick = Part::new(&stimulus::POISSON).with("rate", 300.0).with("weight", 6.0).with("stop", 50.0);
        let mut s = StimulusSpec::new(&format!("kick {post}"), post, kick);
        s.synapse = Part::new(&synapse::CONDUCTANCE).with("tau_syn", 5.0).with("e_rev", 0.0);
        spec.stimuli.push(s);
    }
    spec
}

fn brunel(scale: u32, weighted: bool, plastic: bool) -> NetworkSpec {
    let lif = model("lif").with("e_l", 0.0).with("v_th", 20.0).with("v_reset", 10.0);
    let mut spec = NetworkSpec::default();
    for (name, size) in [("E", 10_000 / scale), ("I", 2_500 / scale)] {
        let mut p = PopulationSpec::new(name, size, lif.clone());
        p.initial.push((0, Part::new(&distribution::initial::UNIFORM).with("low", 0.0).with("high", 20.0)));
        spec.populations.push(p);
        let j = 0.1;
        let s = Part::new(&stimulus::POISSON).with("rate", 20_000.0).with("weight", j);
        spec.stimuli.push(StimulusSpec::new(&format!("ext {name}"), name, s));
    }
    for (pre, k, w) in [("E", 1000.0, 0.1), ("I", 250.0, -0.5)] {
        for post in ["E", "I"] {
            let connect = Part::new(&connectivity::IN_DEGREE).with("k", k / f64::from(scale));
            let mut p = projection(pre, post, Part::new(&synapse::DELTA), connect, w, 1.5);
            if weighted {
                p.weight = Part::new(&distribution::weights::NORMAL).with("mean", w).with("sd", 0.01);
            }
            if plastic && pre == "E" && post == "E" {
                p.plasticity = Some(Part::new(&plasticity::stdp::KIND).with("a_plus", 1e-4).with("a_minus", 1.05e-4).with("w_max", 0.2));
            }
            spec.projections.push(p);
        }
    }
    spec
}

/// CPU seconds of this thread so far (Linux).
fn cpu_secs() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0) * 1e-9
}

fn main() {
    let only = std::env::args().nth(1).unwrap_or_default();
    let single = std::env::args().nth(2).is_some_and(|a| a == "single");
    let cases: Vec<(&str, NetworkSpec, f64)> = vec![
        ("coba-4k", coba(4000), 2000.0),
        ("coba-64k", coba(64_000), 300.0),
        ("brunel-12k", brunel(1, false, false), 500.0),
        ("brunel-12k-weighted", brunel(1, true, false), 500.0),
        ("brunel-12k-stdp", brunel(1, true, true), 300.0),
    ];
    for (name, mut spec, ms) in cases {
        if !name.contains(&only) {
            continue;
        }
        if single {
            spec.precision = Precision::Single;
        }
        let start = std::time::Instant::now();
        let mut s = Simulation::new(&spec).expect("builds");
        let build = start.elapsed().as_secs_f64();
        let n: u64 = s.n_synapses().iter().sum();
        s.advance(1000);
        let (before, start) = (s.n_spikes(), cpu_secs());
        s.advance((ms / spec.dt) as u64);
        let secs = cpu_secs() - start;
        let spikes = (s.n_spikes() - before) as f64;
        let rate = spikes / spec.n_neurons() as f64 / (ms * 1e-3);
        let steps = ms / spec.dt * spec.n_neurons() as f64;
        let per_neuron = n as f64 / spec.n_neurons() as f64;
        println!(
            "{name:20} build {build:6.2} s  {n:9} syn  rtf {:.3}  rate {rate:.1} Hz  {:.2} ns/neuron-step  {:.2} ns/event  hash {:016x}",
            secs / (ms * 1e-3),
            secs * 1e9 / steps,
            secs * 1e9 / (spikes * per_neuron),
            s.spike_hash()
        );
    }
}
