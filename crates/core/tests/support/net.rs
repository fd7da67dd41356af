//! Small helpers to write networks, run them and measure their spikes.
#![allow(dead_code)]
#![allow(clippy::disallowed_methods, reason = "expected values may come from the platform's own functions")]

use spikeground_core::engine::simulation::Simulation;
use spikeground_core::equations;
use spikeground_core::model::{connectivity, distribution, find, neuron, stimulus, synapse};
use spikeground_core::part::Part;
use spikeground_core::protocol::{Command, Frame, Probe};
use spikeground_core::spec::{NetworkSpec, PopulationSpec, ProjectionSpec, StimulusSpec};

/// A built-in model, or with "typed " before its key the same as typed equations.
pub fn model(key: &str) -> Part {
    if let Some(key) = key.strip_prefix("typed ") {
        let text = equations::TEXTS.iter().find(|t| t.0 == key).expect("a text").1;
        return Part::new(&equations::compile(text).expect("good equations").kind);
    }
    Part::new(find(neuron::ALL, key).expect("a known model"))
}

/// `model` with the named parameter set applied.
pub fn model_set(key: &str, set: &str) -> Part {
    let mut part = model(key);
    part.apply_set(part.kind.sets.iter().find(|s| s.key == set).expect("a known set"), &[]);
    part
}

/// An empty network with this step.
pub fn network(dt: f64) -> NetworkSpec {
    NetworkSpec { dt, ..NetworkSpec::default() }
}

pub fn weight(value: f64) -> Part {
    Part::new(&distribution::weights::CONSTANT).with("value", value)
}

pub fn delay(value: f64) -> Part {
    Part::new(&distribution::delays::CONSTANT).with("value", value)
}

pub fn uniform_weight(low: f64, high: f64) -> Part {
    Part::new(&distribution::weights::UNIFORM).with("low", low).with("high", high)
}

pub fn initial(kind: &str, a: (&str, f64), b: (&str, f64)) -> Part {
    Part::new(find(distribution::initial::ALL, kind).expect("a known distribution")).with(a.0, a.1).with(b.0, b.1)
}

pub fn in_degree(k: u32) -> Part {
    Part::new(&connectivity::IN_DEGREE).with("k", f64::from(k))
}

pub fn probability(p: f64) -> Part {
    Part::new(&connectivity::PROBABILITY).with("p", p)
}

pub fn projection(pre: &str, post: &str, synapse: Part, connect: Part, w: Part, d: Part) -> ProjectionSpec {
    let mut p = ProjectionSpec::new(&format!("{pre} → {post}"), pre, post);
    (p.synapse, p.connect, p.weight, p.delay) = (synapse, connect, w, d);
    p
}

/// A stimulus onto `target`; spikes act as delta jumps.
pub fn stimulate(target: &str, stimulus: Part) -> StimulusSpec {
    StimulusSpec::new(&format!("{} on {target}", stimulus.kind.key), target, stimulus)
}

/// Adds a population of neurons that fire exactly at the listed times (ms), one list a neuron, whatever else they receive.
pub fn add_puppets(spec: &mut NetworkSpec, name: &str, times: &[Vec<f64>]) {
    let puppet = model("lif").with("t_ref", 0.0).with("tau_m", 0.02);
    spec.populations.push(PopulationSpec::new(name, times.len() as u32, puppet));
    let rows = times.iter().enumerate().flat_map(|(i, times)| times.iter().map(move |t| vec![*t, i as f64])).collect();
    // The jump must beat the threshold, 20 mV above rest; the short membrane forgets everything else at once.
    let list = Part::new(&stimulus::SPIKE_LIST).with("weight", 1000.0).with_table(rows);
    spec.stimuli.push(stimulate(name, list));
}

/// The spikes of `ms` of a fresh run: for each population, for each neuron, the times in ms.
pub fn spikes(spec: &NetworkSpec, ms: f64) -> Vec<Vec<Vec<f64>>> {
    let mut s = Simulation::new(spec).expect("builds");
    s.advance((ms / spec.dt).round() as u64);
    assert!(!s.is_diverged());
    take_spikes(&mut s)
}

/// The spikes since the last taking.
pub fn take_spikes(s: &mut Simulation) -> Vec<Vec<Vec<f64>>> {
    let spec = std::sync::Arc::clone(s.spec());
    let mut frame = Frame::default();
    s.take(&mut frame);
    let first = spec.first_ids();
    let mut out: Vec<Vec<Vec<f64>>> = spec.populations.iter().map(|p| vec![Vec::new(); p.size as usize]).collect();
    for spike in frame.spikes {
        let p = first.partition_point(|f| *f <= spike.neuron) - 1;
        out[p][(spike.neuron - first[p]) as usize].push(spike.step as f64 * spec.dt);
    }
    out
}

/// One state variable of neuron 0 of a population at the end of each step.
pub fn trace(spec: &NetworkSpec, population: &str, variable: &str, ms: f64) -> Vec<f64> {
    let mut s = Simulation::new(spec).expect("builds");
    let population = spec.population(population).expect("a known population");
    s.apply(&Command::Probe(vec![Probe { population, neuron: 0, variable: variable.into() }]));
    (0..(ms / spec.dt).round() as u64)
        .map(|_| {
            s.advance(1);
            s.state(population, variable, 0).expect("a known variable")
        })
        .collect()
}

/// Spikes a second and neuron, from `from` to `to` ms.
pub fn rate(trains: &[Vec<f64>], from: f64, to: f64) -> f64 {
    let n: usize = trains.iter().map(|t| t.iter().filter(|t| (from..to).contains(t)).count()).sum();
    n as f64 * 1000.0 / (to - from) / trains.len() as f64
}

/// Mean coefficient of variation of the intervals after `from`, over neurons with at least `min` of them.
pub fn mean_cv(trains: &[Vec<f64>], from: f64, min: usize) -> f64 {
    let cvs: Vec<f64> = trains
        .iter()
        .filter_map(|train| {
            let late: Vec<f64> = train.iter().copied().filter(|t| *t >= from).collect();
            let isi: Vec<f64> = late.windows(2).map(|w| w[1] - w[0]).collect();
            let (mean, sd) = mean_sd(&isi);
            (isi.len() >= min).then_some(sd / mean)
        })
        .collect();
    assert!(!cvs.is_empty(), "no neuron has {min} intervals");
    mean_sd(&cvs).0
}

/// Mean and population standard deviation.
pub fn mean_sd(x: &[f64]) -> (f64, f64) {
    let n = x.len().max(1) as f64;
    let mean = x.iter().sum::<f64>() / n;
    (mean, (x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt())
}

/// The frequency (Hz) between `low` and `high` at which the population count in 1 ms bins has most power, from `from` to `to` ms.
/// The spectrum is averaged over windows of 250 ms.
pub fn peak_frequency(trains: &[Vec<f64>], from: f64, to: f64, low: f64, high: f64) -> f64 {
    let mut counts = vec![0.0; (to - from) as usize];
    for t in trains.iter().flatten().filter(|t| (from..to).contains(t)) {
        counts[(t - from) as usize] += 1.0;
    }
    let power = |f: f64| -> f64 {
        let chunks = counts.chunks_exact(250);
        chunks
            .map(|c| {
                let mean = mean_sd(c).0;
                let (mut re, mut im) = (0.0, 0.0);
                for (k, x) in c.iter().enumerate() {
                    let hann = 0.5 - 0.5 * f64::cos(std::f64::consts::TAU * (k as f64 + 0.5) / 250.0);
                    let phase = std::f64::consts::TAU * f * k as f64 * 1e-3;
                    re += hann * (x - mean) * phase.cos();
                    im += hann * (x - mean) * phase.sin();
                }
                re * re + im * im
            })
            .sum()
    };
    let grid = (0..=((high - low) * 2.0) as usize).map(|k| low + k as f64 * 0.5);
    grid.max_by(|a, b| power(*a).total_cmp(&power(*b))).expect("a grid")
}

pub fn delta() -> Part {
    Part::new(&synapse::DELTA)
}

pub fn exponential(tau: f64) -> Part {
    Part::new(&synapse::EXPONENTIAL).with("tau_syn", tau)
}

pub fn alpha(tau: f64) -> Part {
    Part::new(&synapse::ALPHA).with("tau_syn", tau)
}

pub fn conductance(tau: f64, e_rev: f64) -> Part {
    Part::new(&synapse::CONDUCTANCE).with("tau_syn", tau).with("e_rev", e_rev)
}
