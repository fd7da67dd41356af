//! The firing patterns that come with the program: run from the file that `show` prints, they fire when their authors' programs do.

#[path = "support/table.rs"]
mod table;

use spikeground_core::engine::simulation::Simulation;
use spikeground_core::lab::character::{Driven, record};
use spikeground_core::preset;
use spikeground_core::protocol::Frame;
use table::{number, numbers};

/// Spike times of a preset over its own duration, ms, as `spikes.csv` gives them.
fn spike_times(key: &str) -> Vec<f64> {
    let preset = preset::find(key).unwrap_or_else(|| panic!("no preset {key}"));
    let mut s = Simulation::new(&preset.spec).unwrap_or_else(|p| panic!("{key}: {p:?}"));
    s.advance((preset.spec.duration / preset.spec.dt).round() as u64);
    let mut frame = Frame::default();
    s.take(&mut frame);
    let shift = preset.spec.stamp_shift(0);
    frame.spikes.iter().map(|spike| (spike.step - shift) as f64 * preset.spec.dt).collect()
}

#[test]
fn the_twenty_panels_and_the_runs_of_2003_fire_exactly_when_published() {
    let rows = table::read("izhikevich_20");
    assert_eq!(rows.len(), 28);
    for row in &rows {
        let panel = row["panel"].to_lowercase();
        let year = if panel.len() == 1 { 2004 } else { 2003 };
        let (found, expected) = (spike_times(&format!("izhikevich-{year}-{panel}")), numbers(&row["spike_times_ref_ms"]));
        assert_eq!(found.len(), expected.len(), "{panel}: {found:?} instead of {expected:?}");
        assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-9), "{panel}: {found:?} instead of {expected:?}");
    }
}

#[test]
fn the_eight_adex_patterns_fire_when_the_converged_solution_does() {
    let names =
        ["tonic", "adaptation", "initial-burst", "regular-bursting", "delayed-accelerating", "delayed-bursting", "transient", "irregular"];
    let rows = table::read("adex_patterns");
    for (row, key) in rows.iter().zip(names) {
        let (found, expected) = (spike_times(&format!("adex-{key}")), numbers(&row["first10_rk4_dt0.001_ms"]));
        // The irregular pattern is chaotic: its first spikes agree, its count only nearly.
        let (n, slack) = if key == "irregular" { (5, 2.0) } else { (expected.len(), 0.0) };
        assert!((found.len() as f64 - number(row, "n_spikes_rk4_dt0.001")).abs() <= slack, "{key}: {} spikes", found.len());
        let late = found.iter().zip(&expected).take(n).map(|(a, b)| a - b);
        // Stamped with the end of their step: up to 0.1 ms late.
        assert!(late.clone().all(|d| (-0.02..=0.12).contains(&d)), "{key}: {:?}", late.collect::<Vec<_>>());
    }
}

#[test]
fn a_preset_s_neuron_alone_fires_as_it_does_in_its_network() {
    let mut seen = 0;
    for preset in preset::builtin::list().iter().filter(|p| p.variation) {
        let driven = Driven::first_of(&preset.spec, 0, preset.spec.duration).expect("a neuron");
        let alone = record(&driven, preset.spec.dt, &mut || true).expect("possible").expect("not ended");
        let within = spike_times(preset.key);
        assert_eq!(alone.spikes.len(), within.len(), "{}", preset.key);
        assert!(alone.spikes.iter().zip(&within).all(|(a, b)| (a - b).abs() < 1e-9), "{}: {:?} {within:?}", preset.key, alone.spikes);
        seen += 1;
    }
    assert_eq!(seen, 36);
}
