//! Surrogate spike trains: what is left of a train when its exact timing is destroyed.

use crate::rng::{Purpose, Stream, stream};
use rand::RngExt;

/// How a surrogate is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Surrogate {
    /// The same intervals in another order: keeps the rate and the distribution of intervals.
    Shuffle,
    /// Each spike moved by up to so many ms either way: keeps slow changes of the rate.
    Jitter(f64),
}

/// The stream of the surrogates of one neuron.
pub fn source(seed: u64, neuron: usize, repeat: usize) -> Stream {
    stream(seed, Purpose::Surrogate, neuron as u64, repeat as u64)
}

/// A surrogate of `train` within `window`, ascending.
pub fn surrogate(train: &[f64], how: Surrogate, (from, to): (f64, f64), rng: &mut Stream) -> Vec<f64> {
    match how {
        Surrogate::Jitter(width) => {
            // A spike that would leave the window is reflected at its end, so that none is lost.
            let moved = |t: f64| {
                let t = t + width * (2.0 * rng.random::<f64>() - 1.0);
                let t = if t < from { 2.0 * from - t } else { t };
                (if t > to { 2.0 * to - t } else { t }).clamp(from, to)
            };
            let mut out: Vec<f64> = train.iter().copied().map(moved).collect();
            out.sort_by(f64::total_cmp);
            out
        }
        Surrogate::Shuffle => {
            let Some(first) = train.first() else { return Vec::new() };
            let mut intervals: Vec<f64> = train.windows(2).map(|w| w[1] - w[0]).collect();
            for i in (1..intervals.len()).rev() {
                intervals.swap(i, rng.random_range(0..=i));
            }
            // What lies before the first and after the last spike is shared out anew, too.
            let slack = (first - from) + (to - train[train.len() - 1]);
            let mut time = from + slack.max(0.0) * rng.random::<f64>();
            let mut out = vec![time];
            for i in intervals {
                time += i;
                out.push(time.min(to));
            }
            out
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRAIN: [f64; 6] = [3.0, 10.0, 11.0, 50.0, 71.0, 99.0];

    #[test]
    fn a_shuffle_keeps_the_intervals_and_their_number() {
        let out = surrogate(&TRAIN, Surrogate::Shuffle, (0.0, 100.0), &mut source(1, 0, 0));
        let sorted = |train: &[f64]| {
            let mut all: Vec<i64> = train.windows(2).map(|w| ((w[1] - w[0]) * 1e6).round() as i64).collect();
            all.sort_unstable();
            all
        };
        assert_eq!((sorted(&out), out.len()), (sorted(&TRAIN), TRAIN.len()));
        assert!(out != TRAIN && out.iter().all(|t| (0.0..=100.0).contains(t)));
    }

    #[test]
    fn a_jitter_stays_near_and_inside() {
        for repeat in 0..50 {
            let out = surrogate(&TRAIN, Surrogate::Jitter(5.0), (0.0, 100.0), &mut source(1, 0, repeat));
            assert!(out.is_sorted() && out.iter().all(|t| (0.0..=100.0).contains(t)));
            let moved = out.iter().zip(TRAIN).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(moved <= 8.0 && moved > 0.0, "{moved}");
        }
    }
}
