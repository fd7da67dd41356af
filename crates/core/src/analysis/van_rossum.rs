//! van Rossum distance: of trains in which each spike is a decaying exponential.

use super::measure::{Ended, Input, Measure, Takes, Watch};
use super::pairs::{Comparison, NEURONS, compare};
use super::victor_purpura::GROUP;
use crate::param::{ParamSpec, Unit};

/// Trains whose sum with themselves is kept.
const OWN: usize = 4096;

pub static VAN_ROSSUM: Measure = Measure {
    group: GROUP,
    definition: "The distance of two trains in which each spike is replaced by an exponential that decays with τ: at small τ it counts the \
spikes that do not coincide, at large τ it compares the rates.",
    formula: "D² = (1/τ) ∫ (f − g)² dt = ½ (K_aa + K_bb − 2 K_ab),  K = Σᵢⱼ exp(−|tᵢ − tⱼ|/τ)",
    params: &[
        ParamSpec::new("tau", "τ", Unit::Ms, 10.0, (1e-3, 1e6), "Decay of the exponential: how exactly spikes have to coincide.")
            .slider(1.0, 500.0)
            .log(),
        NEURONS,
    ],
    takes: Takes::Pairs,
    samples: "pairs",
    source: "van Rossum 2001, doi:10.1162/089976601300014321",
    elephant: "spike_train_dissimilarity.van_rossum_distance / √2 (Elephant's is √2 times the published one)",
    slow: true,
    ..Measure::new("van_rossum", "van Rossum distance", run)
};

/// The distance as published; `tau` in ms. One spike against none is √½.
pub fn van_rossum(a: &[f64], b: &[f64], tau: f64) -> f64 {
    (0.5 * (inner(a, a, tau) + inner(b, b, tau)) - inner(a, b, tau)).max(0.0).sqrt()
}

/// Σᵢⱼ exp(−|aᵢ − bⱼ|/τ), in one pass over both trains: the sum over all earlier spikes decays from spike to spike.
fn inner(a: &[f64], b: &[f64], tau: f64) -> f64 {
    let (mut i, mut j) = (0, 0);
    // Sums over the past spikes of each train, as of `last`.
    let (mut past_a, mut past_b, mut sum) = (0.0, 0.0, 0.0);
    let mut last = f64::NEG_INFINITY;
    while i < a.len() || j < b.len() {
        let take_a = j >= b.len() || (i < a.len() && a[i] <= b[j]);
        let time = if take_a { a[i] } else { b[j] };
        let decay = if last == f64::NEG_INFINITY { 0.0 } else { libm::exp(-(time - last) / tau) };
        past_a *= decay;
        past_b *= decay;
        last = time;
        // Equal times: the second of the two meets the first, so that each pair is counted once.
        if take_a {
            sum += past_b;
            past_a += 1.0;
            i += 1;
        } else {
            sum += past_a;
            past_b += 1.0;
            j += 1;
        }
    }
    sum
}

fn run(input: &Input<'_>, params: &[f64], watch: Watch<'_>) -> Ended {
    let (trains, tau) = (input.trains, params[0]);
    let what = Comparison { name: "Distance", unit: "", own: 0.0, least: 0 };
    let own: Vec<f64> = trains.iter().take(OWN).map(|t| inner(t, t, tau)).collect();
    let own = |i: usize| own.get(i).copied().unwrap_or_else(|| inner(trains.train(i), trains.train(i), tau));
    compare(trains, params[1] as usize, &what, watch, |a, b| {
        let cross = inner(trains.train(a), trains.train(b), tau);
        Some((0.5 * (own(a) + own(b)) - cross).max(0.0).sqrt())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pass_gives_the_double_sum() {
        let (a, b) = ([1.0, 4.0, 4.0, 20.0], [0.5, 4.0, 19.0]);
        let double: f64 = a.iter().flat_map(|x| b.iter().map(move |y: &f64| libm::exp(-(x - y).abs() / 7.0))).sum();
        assert!((inner(&a, &b, 7.0) - double).abs() < 1e-13, "{} {double}", inner(&a, &b, 7.0));
    }

    #[test]
    fn one_spike_against_none_is_the_root_of_a_half() {
        assert!((van_rossum(&[3.0], &[], 5.0) - 0.5f64.sqrt()).abs() < 1e-15);
        assert_eq!(van_rossum(&[3.0], &[3.0], 5.0), 0.0);
    }
}
