//! AdEx: the patterns of Naud et al. and the 2005 set, against a Runge–Kutta solution with dt 0.001 ms and NEST.

use crate::drive::{assert_times, run_from_rest};
use crate::table::{self, number, numbers};
use spikeground_core::model::neuron::Neuron;
use spikeground_core::model::neuron::adex::Adex;
use spikeground_core::part::Part;

fn cell(set: &str) -> Part {
    let mut part = Part::new(Adex::KIND);
    part.apply_set(Adex::KIND.sets.iter().find(|s| s.key == set).expect("a known set"), &[]);
    part
}

const PATTERNS: [(&str, &str); 8] = [
    ("tonic spiking", "tonic"),
    ("adaptation", "adaptation"),
    ("initial burst", "initial_burst"),
    ("regular bursting", "regular_bursting"),
    ("delayed accelerating", "delayed_accelerating"),
    ("delayed regular bursting", "delayed_bursting"),
    ("transient spiking", "transient"),
    ("irregular spiking", "irregular"),
];

#[test]
fn every_pattern_fires_as_the_converged_solution_does() {
    let rows = table::read("adex_patterns");
    assert_eq!(rows.len(), PATTERNS.len());
    for (pattern, set) in PATTERNS {
        let row = table::find(&rows, "pattern", pattern);
        let expected = numbers(&row["first10_rk4_dt0.001_ms"]);
        let count = number(row, "n_spikes_rk4_dt0.001");
        for dt in [0.1, 0.05, 0.01] {
            let run = run_from_rest::<2, Adex>(&cell(set), dt, number(row, "t_end_ms"), 0.0);
            // The irregular pattern is chaotic: its count over 600 ms may differ by a few, its first spikes may not.
            let slack = if set == "irregular" { 2.0 } else { 0.0 };
            assert!((run.spikes.len() as f64 - count).abs() <= slack, "{pattern}, dt {dt}: {} spikes", run.spikes.len());
            let n = expected.len().min(if set == "irregular" { 5 } else { 10 });
            // A spike is stamped at the end of its step: 0 to dt late.
            let middle: Vec<f64> = run.spikes[..n].iter().map(|t| t - 0.5 * dt).collect();
            assert_times(&format!("{pattern}, dt {dt}"), &middle, &expected[..n], 0.5 * dt + 0.02);
        }
    }
}

#[test]
fn the_irregular_pattern_is_irregular() {
    let run = run_from_rest::<2, Adex>(&cell("irregular"), 0.1, 20_000.0, 0.0);
    let isi: Vec<f64> = run.spikes.windows(2).map(|w| w[1] - w[0]).collect();
    let mean = isi.iter().sum::<f64>() / isi.len() as f64;
    let cv = (isi.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / isi.len() as f64).sqrt() / mean;
    let rate = run.spikes.len() as f64 / 20.0;
    assert!((0.5..=0.6).contains(&cv) && (50.5..=52.5).contains(&rate), "CV {cv}, {rate} Hz");
}

#[test]
fn the_2005_set_fires_when_nest_does() {
    // NEST 3.10 aeif_cond_alpha with these parameters; 700 pA adapts, 1000 pA faster.
    let spikes = |i: f64| run_from_rest::<2, Adex>(&cell("brette_gerstner"), 0.1, 500.0, i).spikes;
    assert_times("600 pA", &spikes(600.0), &[49.49], 0.07);
    assert_times("700 pA", &spikes(700.0)[..4], &[24.67, 63.28, 142.49, 266.52], 0.1);
    assert_times("1000 pA", &spikes(1000.0)[..4], &[11.85, 25.43, 41.26, 59.85], 0.07);
}

#[test]
fn rheobase_is_where_theory_and_the_converged_solution_have_it() {
    // One spike above 577.00 pA; repetitive firing needs more than I_H = 627.2 pA at rest.
    let n = |i: f64| run_from_rest::<2, Adex>(&cell("brette_gerstner"), 0.1, 2000.0, i).spikes.len();
    assert_eq!((n(576.5), n(577.5)), (0, 1));
}

#[test]
fn the_time_step_hardly_moves_a_spike() {
    let last = |dt: f64| *run_from_rest::<2, Adex>(&cell("tonic"), dt, 590.0, 0.0).spikes.last().expect("spikes");
    // Sixty resets in, where an end-of-step reset would have lost 3 ms.
    assert!((last(0.1) - last(0.005)).abs() < 0.15, "{} {}", last(0.1), last(0.005));
}
