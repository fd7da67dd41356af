//! Sweeps: equal results on any number of threads, what is done is kept, nonsense is refused before anything runs.

use spikeground_core::analysis;
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::preset;
use spikeground_core::spec::NetworkSpec;
use spikeground_core::sweep::{self, Cell, Measured, Plan, Spread};
use std::sync::atomic::{AtomicUsize, Ordering};

fn network() -> NetworkSpec {
    preset::find("exact-lif-100").expect("a preset").spec.clone()
}

fn plan(knobs: &[(&str, f64, f64, usize)], seeds: u64, measures: &[&str]) -> Plan {
    let spec = network();
    let knobs = knobs.iter().map(|(name, a, b, n)| sweep::knob(&spec, name, sweep::range(*a, *b, *n)).expect("a parameter")).collect();
    let measures = measures.iter().map(|key| Measured::new(analysis::find(key).expect("a measure"))).collect();
    Plan { knobs, seeds: (1..=seeds).collect(), ms: 300.0, settle: 0.0, measures, populations: vec![0, 1], spec }
}

/// A parameter of the first population, by its address.
fn address(key: &str) -> String {
    format!("{}.{key}", network().populations[0].name)
}

#[test]
fn results_are_equal_on_one_thread_and_on_three() {
    let plan = plan(&[(&address("tau_m"), 15.0, 25.0, 2), (&address("t_ref"), 1.0, 3.0, 2)], 2, &["rate", "cv", "regime"]);
    let alone = sweep::run(&plan, 1, &|_| true);
    assert_eq!(alone.len(), 8);
    assert_eq!(alone, sweep::run(&plan, 3, &|_| true));
}

#[test]
fn a_run_of_a_sweep_is_the_run_that_the_network_would_make() {
    let name = address("tau_m");
    let plan = plan(&[(&name, 15.0, 25.0, 3)], 1, &["rate"]);
    let runs = sweep::run(&plan, 2, &|_| true);
    let spec = plan.network(&[20.0], 1);
    let mut simulation = Simulation::new(&spec).expect("builds");
    simulation.advance((plan.ms / spec.dt).round() as u64);
    assert_eq!(runs[1].spike_hash, simulation.spike_hash());
    let rate = simulation.population_spikes()[0] as f64 / f64::from(spec.populations[0].size) / (plan.ms * 1e-3);
    let Cell::Number { value, unit } = &runs[1].cells[0][0] else { panic!("{:?}", runs[1]) };
    assert!((value - rate).abs() < 1e-9 && unit == "Hz", "{value} {rate}");
    assert!(runs[0].spike_hash != runs[1].spike_hash && runs[1].spike_hash != runs[2].spike_hash);
}

#[test]
fn mean_and_spread_are_taken_over_the_seeds() {
    let plan = plan(&[], 4, &["rate", "regime", "psth"]);
    let runs = sweep::run(&plan, 1, &|_| true);
    let rows = sweep::summarise(&plan, &runs);
    let rates: Vec<f64> =
        runs.iter().map(|r| if let Cell::Number { value, .. } = r.cells[0][0] { value } else { panic!("a rate") }).collect();
    let mean = rates.iter().sum::<f64>() / 4.0;
    let sd = (rates.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / 3.0).sqrt();
    let Spread::Numbers { mean: ours, sd: Some(spread), n: 4 } = rows[0].measures[0] else { panic!("{:?}", rows[0]) };
    assert!((ours - mean).abs() < 1e-9 && (spread - sd).abs() < 1e-9 && sd > 0.0);
    assert!(matches!(&rows[0].measures[1], Spread::Words { n: 4, .. }), "{:?}", rows[0]);
    assert!(matches!(&rows[0].measures[2], Spread::Undefined(why) if why.contains("onset")), "{:?}", rows[0]);
}

#[test]
fn what_is_done_when_a_sweep_is_ended_is_kept() {
    let plan = plan(&[(&address("tau_m"), 15.0, 25.0, 3)], 2, &["rate"]);
    let heard = AtomicUsize::new(0);
    let runs = sweep::run(&plan, 1, &|done| {
        assert_eq!(done.of, 6);
        if done.last.is_some() {
            heard.fetch_add(1, Ordering::Relaxed);
        }
        done.runs < 2
    });
    assert_eq!((runs.len(), heard.load(Ordering::Relaxed)), (2, 2));
    assert_eq!(runs[..], sweep::run(&plan, 2, &|_| true)[..2]);
}

#[test]
fn nonsense_is_refused_before_anything_runs() {
    let spec = network();
    assert!(sweep::knob(&spec, "nobody.tau_m", vec![1.0]).expect_err("refused").contains("there are"));
    assert!(sweep::knob(&spec, &address("tau_m"), vec![-1.0]).expect_err("refused").contains("valid range"));
    let good = plan(&[(&address("tau_m"), 15.0, 25.0, 2)], 1, &["rate"]);
    assert_eq!(good.check(), Ok(()));
    for bad in [
        Plan { seeds: Vec::new(), ..good.clone() },
        Plan { measures: Vec::new(), ..good.clone() },
        Plan { populations: Vec::new(), ..good.clone() },
        Plan { settle: 300.0, ..good.clone() },
        Plan { ms: f64::NAN, ..good.clone() },
        Plan { seeds: (0..2_000_000).collect(), ..good.clone() },
    ] {
        assert!(bad.check().is_err());
    }
    // Each number is possible, but not with this time step: the gates of Hodgkin–Huxley's rk4 diverge above dt = 0.05 ms.
    let single = preset::find("hodgkin-huxley-single").expect("a preset").spec.clone();
    let name = format!("{}.scheme", single.populations[0].name);
    let knobs = vec![sweep::knob(&single, &name, vec![0.0, 1.0]).expect("a choice")];
    let coarse = Plan { spec: NetworkSpec { dt: 0.1, ..single }, knobs, populations: vec![0], ..good };
    assert!(coarse.check().expect_err("refused").contains("scheme"), "{:?}", coarse.check());
}

#[test]
fn a_range_meets_both_ends_and_its_decimals() {
    assert_eq!(sweep::range(0.0, 1.0, 11)[3], 0.3);
    assert_eq!(sweep::range(2.0, 5.0, 4), [2.0, 3.0, 4.0, 5.0]);
    assert_eq!((sweep::range(2.0, 5.0, 1), sweep::range(2.0, 5.0, 0)), (vec![2.0], vec![]));
}
