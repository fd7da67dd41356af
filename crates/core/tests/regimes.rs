//! The regime of known networks is called by its name.

#[path = "support/net.rs"]
mod net;

use spikeground_core::analysis::{Input, Trains, Value, regime::REGIME};
use spikeground_core::preset;

/// The verdict on a preset, over two seconds after 200 ms, of all its neurons or of one population.
fn regime(key: &str, population: Option<usize>, seed: u64) -> String {
    let spec = spikeground_core::spec::NetworkSpec { seed, ..preset::find(key).expect("a preset").spec.clone() };
    let all = net::spikes(&spec, 2200.0);
    let trains = population.map_or_else(|| all.concat(), |p| all[p].clone());
    let trains = Trains::new(&trains, (200.0, 2200.0)).expect("finite");
    let report = REGIME.of(&Input::new(&trains), &REGIME.defaults(), &mut |_, _| true).expect("done");
    match report.part("Regime") {
        Some(Value::Words { words }) => format!("{words}, because {:?}", report.part("Because")),
        other => panic!("{key}: {other:?}"),
    }
}

#[track_caller]
fn assert_regime(key: &str, population: Option<usize>, expected: &str) {
    for seed in [1, 2, 3] {
        let found = regime(key, population, seed);
        assert!(found.starts_with(&format!("{expected},")), "{key}, seed {seed}: {found}");
    }
}

#[test]
fn brunels_four_regimes_are_told_apart() {
    assert_regime("brunel-sr", None, "synchronous regular");
    assert_regime("brunel-si-fast", None, "fast synchronous irregular");
    assert_regime("brunel-si-slow", None, "slow synchronous irregular");
    assert_regime("brunel-ai", None, "asynchronous irregular");
}

#[test]
fn one_population_of_a_network_shows_its_regime_too() {
    assert_regime("brunel-si-slow", Some(0), "slow synchronous irregular");
    assert_regime("brunel-ai", Some(0), "asynchronous irregular");
}

#[test]
fn the_conductance_benchmark_is_asynchronous_and_irregular() {
    assert_regime("coba-4000", None, "asynchronous irregular");
}
