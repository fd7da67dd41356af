//! Victor–Purpura distance: the cheapest way to turn one spike train into another.

use super::measure::{Ended, Input, Measure, Takes, Watch};
use super::pairs::{Comparison, NEURONS, compare};
use crate::param::{ParamSpec, Unit};

pub const GROUP: &str = "Distances";

pub static VICTOR_PURPURA: Measure = Measure {
    group: GROUP,
    definition: "The least cost of turning one train into the other, where adding or removing a spike costs 1 and moving one by Δt costs \
q·|Δt|: at q = 0 the difference of the spike counts, at large q the number of spikes that do not coincide.",
    formula: "D(i, j) = min{ D(i−1, j) + 1, D(i, j−1) + 1, D(i−1, j−1) + q |aᵢ − bⱼ| }",
    params: &[
        ParamSpec::new("q", "q", Unit::PerMs, 0.1, (0.0, 1e4), "Cost of moving a spike by 1 ms: beyond 2/q two spikes are different ones.")
            .slider(0.0, 2.0),
        NEURONS,
    ],
    takes: Takes::Pairs,
    samples: "pairs",
    source: "Victor & Purpura 1996, doi:10.1152/jn.1996.76.2.1310",
    elephant: "spike_train_dissimilarity.victor_purpura_distance",
    slow: true,
    ..Measure::new("victor_purpura", "Victor–Purpura distance", run)
};

/// The distance; `q` in 1/ms.
pub fn victor_purpura(a: &[f64], b: &[f64], q: f64) -> f64 {
    // The cost of turning the first spikes of `a` into the first j of `b`, one row of the table at a time.
    let mut row: Vec<f64> = (0..=b.len()).map(|j| j as f64).collect();
    for (i, ta) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (i + 1) as f64;
        for (j, tb) in b.iter().enumerate() {
            let moved = diagonal + q * (ta - tb).abs();
            diagonal = row[j + 1];
            row[j + 1] = moved.min(row[j + 1] + 1.0).min(row[j] + 1.0);
        }
    }
    row[b.len()]
}

fn run(input: &Input<'_>, params: &[f64], watch: Watch<'_>) -> Ended {
    let trains = input.trains;
    let what = Comparison { name: "Distance", unit: "", own: 0.0, least: 0 };
    compare(trains, params[1] as usize, &what, watch, |a, b| Some(victor_purpura(trains.train(a), trains.train(b), params[0])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_spikes_that_are_added_and_moved() {
        assert_eq!(victor_purpura(&[], &[], 1.0), 0.0);
        assert_eq!(victor_purpura(&[1.0, 5.0], &[], 1.0), 2.0);
        assert_eq!(victor_purpura(&[10.0], &[13.0], 0.5), 1.5);
        assert_eq!(victor_purpura(&[10.0], &[19.0], 0.5), 2.0);
    }
}
