//! The benchmark networks, with the sources of their parameters.

use crate::model::distribution::{delays, initial, spread, weights};
use crate::model::{self, connectivity, neuron, plasticity, stimulus, synapse};
use crate::part::Part;
use crate::spec::{NetworkSpec, PopulationSpec, ProjectionSpec, Role, StimulusSpec, Wiring};

/// A benchmark.
pub struct Case {
    pub key: &'static str,
    pub what: &'static str,
    pub spec: fn() -> NetworkSpec,
    /// ms before measuring.
    pub warm_up: f64,
    /// Biological seconds measured unless asked otherwise.
    pub seconds: f64,
}

/// All benchmarks.
pub static ALL: &[Case] = &[
    case("coba-4k", "Vogels–Abbott COBA, 3,200 + 800 LIF, p 0.02, dt 0.1 ms (Brette et al. 2007)", || coba(4000), 100.0, 2.0),
    case("coba-64k", "the same with 64,000 neurons and in-degree 80", || coba(64_000), 100.0, 0.3),
    case("brunel-12k", "Brunel 2000 AI state, 12,500 LIF, 15.6 M synapses of two weights", || brunel(Weights::Two, 12_500), 100.0, 0.5),
    case("brunel-12k-weighted", "the same with a weight for each synapse", || brunel(Weights::Each, 12_500), 100.0, 0.5),
    case("brunel-12k-stdp", "the same with 10 M additive pair-STDP synapses E to E", || brunel(Weights::Plastic, 12_500), 100.0, 0.3),
    case("stdp-1250-dense", "1,250 LIF, 1 M plastic synapses all to all", dense, 100.0, 1.0),
    case("hh-1k", "1,000 Hodgkin–Huxley, p 0.02, dt 0.1 ms (after Brette et al. 2007, benchmark 3)", hodgkin_huxley, 100.0, 1.0),
    case("izhikevich-1k", "Izhikevich 2003, 1,000 neurons all to all, dt 1 ms", || izhikevich(1000, None, 1.0), 100.0, 10.0),
    case("izhikevich-10k", "8,000 + 2,000 Izhikevich, 100 synapses each, dt 1 ms", || izhikevich(10_000, Some(100.0), 1.0), 100.0, 5.0),
    case("izhikevich-100k", "100,000 Izhikevich, 100 synapses each, delays 1–20 ms", || izhikevich(100_000, Some(100.0), 20.0), 100.0, 1.0),
    case("feedforward-stdp", "500 Poisson inputs to 1,000 LIF, 0.5 M plastic synapses, dt 1 ms", feed_forward, 100.0, 10.0),
    case("tiny", "three neurons: the fixed cost of a step", tiny, 100.0, 10.0),
];

/// Benchmarks that take more than a minute or several gigabytes: run when asked for by name.
pub static LARGE: &[Case] = &[
    case(
        "potjans-diesmann",
        "cortical microcircuit, 77,169 LIF, 0.3 G synapses with drawn weights and delays (Potjans & Diesmann 2014)",
        || super::cortex::microcircuit(1.0),
        100.0,
        1.0,
    ),
    case("brunel-125k", "Brunel 2000 AI state, 125,000 LIF, 156 M synapses drawn anew at each spike", || sparse(125_000), 50.0, 0.1),
    case("brunel-250k", "the same with 250,000 LIF and 312 M synapses", || sparse(250_000), 50.0, 0.1),
];

/// The same network at growing size, so that a bend in the cost shows.
pub static SWEEPS: &[(&str, &[Case])] = &[
    (
        "coba",
        &[
            case("coba-1k", "COBA, in-degree 80", || coba(1000), 50.0, 2.0),
            case("coba-2k", "", || coba(2000), 50.0, 1.0),
            case("coba-4k", "", || coba(4000), 50.0, 1.0),
            case("coba-8k", "", || coba(8000), 50.0, 0.5),
            case("coba-16k", "", || coba(16_000), 50.0, 0.5),
            case("coba-32k", "", || coba(32_000), 50.0, 0.3),
            case("coba-64k", "", || coba(64_000), 50.0, 0.2),
            case("coba-128k", "", || coba(128_000), 50.0, 0.1),
            case("coba-256k", "", || coba(256_000), 50.0, 0.1),
        ],
    ),
    (
        "brunel",
        &[
            case("brunel-1k", "Brunel, connection probability 0.1", || brunel(Weights::Two, 1000), 100.0, 1.0),
            case("brunel-2k", "", || brunel(Weights::Two, 2500), 100.0, 1.0),
            case("brunel-5k", "", || brunel(Weights::Two, 5000), 100.0, 0.5),
            case("brunel-12k", "", || brunel(Weights::Two, 12_500), 100.0, 0.3),
            case("brunel-25k", "", || brunel(Weights::Two, 25_000), 100.0, 0.1),
        ],
    ),
];

const fn case(key: &'static str, what: &'static str, spec: fn() -> NetworkSpec, warm_up: f64, seconds: f64) -> Case {
    Case { key, what, spec, warm_up, seconds }
}

pub fn model(key: &str) -> Part {
    Part::new(model::find(neuron::ALL, key).unwrap_or_else(|| unreachable!("{key} is a model")))
}

pub fn constant(weight: f64) -> Part {
    Part::new(&weights::CONSTANT).with("value", weight)
}

pub fn population(name: &str, size: u32, model: Part, role: Role) -> PopulationSpec {
    PopulationSpec { role, ..PopulationSpec::new(name, size, model) }
}

pub fn projection(pre: &str, post: &str, synapse: Part, connect: Part, weight: Part, delay: f64) -> ProjectionSpec {
    ProjectionSpec {
        synapse,
        connect,
        weight,
        delay: Part::new(&delays::CONSTANT).with("value", delay),
        ..ProjectionSpec::new(&format!("{pre} → {post}"), pre, post)
    }
}

const SIDES: [(&str, Role); 2] = [("E", Role::Excitatory), ("I", Role::Inhibitory)];

fn coba(n: u32) -> NetworkSpec {
    let lif = model("lif").with("e_l", -60.0).with("v_reset", -60.0).with("t_ref", 5.0).with("v_th", -50.0);
    let mut spec = NetworkSpec { name: "COBA".into(), ..NetworkSpec::default() };
    for ((name, role), size) in SIDES.into_iter().zip([n * 4 / 5, n / 5]) {
        let mut p = population(name, size, lif.clone(), role);
        p.initial.push((0, Part::new(&initial::NORMAL).with("mean", -55.0).with("sd", 5.0)));
        spec.populations.push(p);
        // The published start has conductances already; a short random kick serves the same end.
        let kick = Part::new(&stimulus::POISSON).with("rate", 300.0).with("weight", 6.0).with("stop", 50.0);
        let synapse = Part::new(&synapse::CONDUCTANCE).with("tau_syn", 5.0).with("e_rev", 0.0);
        spec.stimuli.push(StimulusSpec { synapse, ..StimulusSpec::new(&format!("kick {name}"), name, kick) });
    }
    for (pre, tau, e, w) in [("E", 5.0, 0.0, 6.0), ("I", 10.0, -80.0, 67.0)] {
        for (post, _) in SIDES {
            let synapse = Part::new(&synapse::CONDUCTANCE).with("tau_syn", tau).with("e_rev", e);
            let connect = Part::new(&connectivity::PROBABILITY).with("p", 80.0 / f64::from(n));
            spec.projections.push(projection(pre, post, synapse, connect, constant(w), 0.1));
        }
    }
    spec
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Weights {
    Two,
    Each,
    Plastic,
}

/// Connection probability 0.1 at any size.
fn brunel(kind: Weights, n: u32) -> NetworkSpec {
    let lif = model("lif").with("e_l", 0.0).with("v_th", 20.0).with("v_reset", 10.0);
    let mut spec = NetworkSpec { name: "Brunel".into(), ..NetworkSpec::default() };
    for ((name, role), size) in SIDES.into_iter().zip([n * 4 / 5, n / 5]) {
        let mut p = population(name, size, lif.clone(), role);
        p.initial.push((0, Part::new(&initial::UNIFORM).with("low", 0.0).with("high", 20.0)));
        spec.populations.push(p);
        let external = Part::new(&stimulus::POISSON).with("rate", 20_000.0).with("weight", 0.1);
        spec.stimuli.push(StimulusSpec::new(&format!("external {name}"), name, external));
    }
    for (pre, k, w) in [("E", f64::from(n) * 0.08, 0.1), ("I", f64::from(n) * 0.02, -0.5)] {
        for (post, _) in SIDES {
            let weight = if kind == Weights::Two { constant(w) } else { Part::new(&weights::NORMAL).with("mean", w).with("sd", 0.01) };
            let connect = Part::new(&connectivity::IN_DEGREE).with("k", k);
            let mut p = projection(pre, post, Part::new(&synapse::DELTA), connect, weight, 1.5);
            if kind == Weights::Plastic && pre == "E" && post == "E" {
                p.plasticity = Some(Part::new(&plasticity::stdp::KIND).with("a_plus", 1e-4).with("a_minus", 1.05e-4).with("w_max", 0.2));
            }
            spec.projections.push(p);
        }
    }
    spec
}

/// The same at any size with the published number of inputs (1,000 and 250), none of them kept.
fn sparse(n: u32) -> NetworkSpec {
    let mut spec = brunel(Weights::Two, n);
    spec.wiring = Wiring::Procedural;
    for p in &mut spec.projections {
        p.connect = Part::new(&connectivity::PROBABILITY).with("p", 1250.0 / f64::from(n));
    }
    spec
}

fn dense() -> NetworkSpec {
    let lif = model("lif").with("e_l", 0.0).with("v_th", 20.0).with("v_reset", 10.0);
    let mut spec = NetworkSpec { name: "Dense STDP".into(), ..NetworkSpec::default() };
    for ((name, role), size) in SIDES.into_iter().zip([1000, 250]) {
        spec.populations.push(population(name, size, lif.clone(), role));
        let external = Part::new(&stimulus::POISSON).with("rate", 13_000.0).with("weight", 0.1);
        spec.stimuli.push(StimulusSpec::new(&format!("external {name}"), name, external));
    }
    for (pre, w) in [("E", 0.02), ("I", -0.1)] {
        for (post, _) in SIDES {
            let mut p = projection(pre, post, Part::new(&synapse::DELTA), Part::new(&connectivity::ALL_TO_ALL), constant(w), 1.5);
            if pre == "E" && post == "E" {
                p.plasticity = Some(Part::new(&plasticity::stdp::KIND).with("a_plus", 1e-3).with("a_minus", 1.05e-3).with("w_max", 0.04));
            }
            spec.projections.push(p);
        }
    }
    spec
}

fn hodgkin_huxley() -> NetworkSpec {
    let mut spec = NetworkSpec { name: "Hodgkin–Huxley".into(), ..NetworkSpec::default() };
    for ((name, role), size) in SIDES.into_iter().zip([800, 200]) {
        let mut p = population(name, size, model("hh"), role);
        p.initial.push((0, Part::new(&initial::NORMAL).with("mean", -65.0).with("sd", 5.0)));
        spec.populations.push(p);
        let drive = Part::new(&stimulus::POISSON).with("rate", 500.0).with("weight", 0.03);
        let synapse = Part::new(&synapse::CONDUCTANCE).with("tau_syn", 5.0).with("e_rev", 0.0);
        spec.stimuli.push(StimulusSpec { synapse, ..StimulusSpec::new(&format!("drive {name}"), name, drive) });
    }
    for (pre, tau, e, w) in [("E", 5.0, 0.0, 0.03), ("I", 10.0, -80.0, 0.335)] {
        for (post, _) in SIDES {
            let synapse = Part::new(&synapse::CONDUCTANCE).with("tau_syn", tau).with("e_rev", e);
            spec.projections.push(projection(pre, post, synapse, Part::new(&connectivity::PROBABILITY).with("p", 0.02), constant(w), 0.1));
        }
    }
    spec
}

/// Izhikevich 2003 (doi:10.1109/TNN.2003.820440): all to all, or with `k` random targets a neuron; delays 1…`longest` ms.
fn izhikevich(n: u32, k: Option<f64>, longest: f64) -> NetworkSpec {
    let mut spec = NetworkSpec { name: "Izhikevich".into(), dt: 1.0, ..NetworkSpec::default() };
    let power = |c: f64, k: f64| Part::new(&spread::POWER).with("coefficient", c).with("exponent", k);
    let at = |p: &Part, key: &str| p.kind.param(key).unwrap_or(0);
    let cell = model("izhikevich");
    let mut e = population("E", n * 4 / 5, cell.clone(), Role::Excitatory);
    e.spread = vec![(at(&cell, "c"), power(15.0, 2.0)), (at(&cell, "d"), power(-6.0, 2.0))];
    let mut i = population("I", n / 5, cell.clone().with("b", 0.25).with("d", 2.0), Role::Inhibitory);
    i.spread = vec![(at(&cell, "a"), power(0.08, 1.0)), (at(&cell, "b"), power(-0.05, 1.0))];
    spec.populations = vec![e, i];
    for (name, sd) in [("E", 5.0), ("I", 2.0)] {
        let noise = Part::new(&stimulus::NOISE).with("sd", sd);
        spec.stimuli.push(StimulusSpec::new(&format!("thalamus {name}"), name, noise));
    }
    // With fewer synapses each is stronger, so that the summed input stays that of the published network.
    let scale = k.map_or(1.0, |k| 1000.0 / k) * if k.is_some() { 0.2 } else { 1.0 };
    for (pre, low, high) in [("E", 0.0, 0.5 * scale), ("I", -scale, 0.0)] {
        for (post, share) in [("E", 0.8), ("I", 0.2)] {
            let connect = match k {
                None => Part::new(&connectivity::ALL_TO_ALL).with("self_connections", 1.0),
                Some(k) => Part::new(&connectivity::PROBABILITY).with("p", k * share / (f64::from(n) * share)),
            };
            let weight = Part::new(&weights::UNIFORM).with("low", low).with("high", high);
            let mut p = projection(pre, post, Part::new(&synapse::DELTA), connect, weight, 1.0);
            if longest > 1.0 {
                p.delay = Part::new(&delays::UNIFORM).with("low", 1.0).with("high", longest);
            }
            spec.projections.push(p);
        }
    }
    spec
}

fn feed_forward() -> NetworkSpec {
    let mut spec = NetworkSpec { name: "Feed-forward STDP".into(), dt: 1.0, ..NetworkSpec::default() };
    let inputs = model("poisson").with("rate", 15.0);
    spec.populations = vec![population("in", 500, inputs, Role::Excitatory), population("out", 1000, model("lif"), Role::Excitatory)];
    let synapse = Part::new(&synapse::EXPONENTIAL).with("tau_syn", 5.0);
    let weight = Part::new(&weights::UNIFORM).with("low", 0.0).with("high", 12.0);
    let mut p = projection("in", "out", synapse, Part::new(&connectivity::ALL_TO_ALL), weight, 1.0);
    p.plasticity = Some(Part::new(&plasticity::stdp::KIND).with("w_max", 12.0));
    spec.projections.push(p);
    spec
}

fn tiny() -> NetworkSpec {
    let mut spec = NetworkSpec { name: "Tiny".into(), dt: 1.0, ..NetworkSpec::default() };
    spec.populations.push(population("n", 3, model("lif").with("i_e", 300.0), Role::Excitatory));
    let connect = Part::new(&connectivity::MATRIX).with_table(vec![vec![0.0, 0.5, 0.2], vec![0.1, 0.0, 0.3], vec![0.4, 0.2, 0.0]]);
    spec.projections.push(projection("n", "n", Part::new(&synapse::DELTA), connect, constant(1.0), 1.0));
    spec
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_builds_and_fires_in_its_small_form() {
        for case in ALL.iter().filter(|c| matches!(c.key, "coba-4k" | "hh-1k" | "izhikevich-1k" | "feedforward-stdp" | "tiny")) {
            let m = crate::bench::run(case, crate::spec::Precision::Double, Some(0.2), 1).expect(case.key);
            assert!(m.spikes > 0, "{} is silent", case.key);
        }
    }
}
