//! Networks of any size are told what they will take before anything is built, and refused with numbers when it is too much.

#[path = "support/net.rs"]
mod net;

use net::{model, network, probability, weight};
use spikeground_core::engine::builder;
use spikeground_core::spec::layout::{Layout, layout};
use spikeground_core::spec::{NetworkSpec, PopulationSpec, ProjectionSpec, Wiring};

/// `n` neurons with `k` synapses each.
fn random(n: u32, k: f64) -> NetworkSpec {
    let mut spec = network(0.1);
    spec.populations.push(PopulationSpec::new("E", n, model("lif")));
    let mut p = ProjectionSpec::new("E → E", "E", "E");
    (p.connect, p.weight) = (probability(k / f64::from(n)), weight(0.1));
    spec.projections.push(p);
    spec
}

const GB: u64 = 1_000_000_000;

#[test]
fn ten_and_a_hundred_million_synapses_fit_24_gb_and_ten_thousand_million_do_not() {
    for (n, k, millions) in [(100_000, 100.0, 10.0), (1_000_000, 100.0, 100.0)] {
        let spec = NetworkSpec { wiring: Wiring::Stored, ..random(n, k) };
        let e = spec.estimate();
        assert!((e.synapses / (millions * 1e6) - 1.0).abs() < 0.01, "{e:?}");
        assert!(e.bytes > 2.0 * e.synapses && e.bytes < 40.0 * e.synapses, "{e:?}");
        assert_eq!(spec.check_memory(24 * GB), None);
    }
    let spec = NetworkSpec { wiring: Wiring::Stored, ..random(10_000_000, 1000.0) };
    let why = spec.check_memory(8 * GB).expect("refused").what;
    assert!(why.contains("10000000 neurons") && why.contains("1.000e10 synapses") && why.contains("8.0 GB"), "{why}");
}

#[test]
fn what_can_be_drawn_anew_is_not_kept_from_a_hundred_million_synapses_on() {
    for (n, k, format) in [(100_000, 999.0, Layout::OneWeight), (100_000, 1000.0, Layout::Procedural), (20_000, 5000.0, Layout::Bits)] {
        let spec = random(n, k);
        assert_eq!(layout(&spec, &spec.projections[0]), format);
        assert_eq!(spec.estimate().bytes < 0.5 * spec.estimate().synapses, format == Layout::Procedural);
    }
    let mut plastic = random(100_000, 2000.0);
    plastic.projections[0].plasticity = Some(spikeground_core::part::Part::new(&spikeground_core::model::plasticity::stdp::KIND));
    assert_eq!(layout(&plastic, &plastic.projections[0]), Layout::Weighted);
    // Thirty million, forced: counted at building, and held in next to nothing.
    let spec = NetworkSpec { wiring: Wiring::Procedural, ..random(30_000, 1000.0) };
    let s = spikeground_core::engine::simulation::Simulation::new(&spec).expect("builds");
    assert!((s.n_synapses()[0] as f64 / 30e6 - 1.0).abs() < 1e-3 && s.synapse_bytes() < 1000, "{:?}", s.n_synapses());
}

#[test]
fn nothing_and_the_largest_sizes_are_answered_without_trying() {
    let empty = builder::build(&network(0.1), &mut |_| true).expect("an empty network is a network").expect("built");
    assert!(empty.groups.is_empty());
    for n in [100_000_000, u32::MAX] {
        let mut spec = random(n, 1e6);
        // Twice the largest population: the ids no longer fit 32 bits.
        spec.populations.push(PopulationSpec::new("F", n, model("hh")));
        assert!(spec.estimate().bytes.is_finite() && spec.forecast().contains("synapses"));
        let problems = builder::build(&spec, &mut |_| true).err().expect("refused");
        assert!(!problems.is_empty(), "{n}");
    }
}

#[test]
fn an_estimate_is_near_what_a_network_takes() {
    let spec = random(20_000, 100.0);
    let s = spikeground_core::engine::simulation::Simulation::new(&spec).expect("builds");
    let real: u64 = s.n_synapses().iter().sum();
    let e = spec.estimate();
    assert!((e.synapses / real as f64 - 1.0).abs() < 0.02, "{} of {real}", e.synapses);
    assert!(e.bytes > s.synapse_bytes() as f64, "{e:?} against {}", s.synapse_bytes());
}
