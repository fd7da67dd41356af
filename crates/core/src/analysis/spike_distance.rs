//! SPIKE distance: how far apart the spikes of two trains are at each time, relative to their intervals.

use super::measure::{Ended, Input, Measure, Takes, Watch};
use super::pairs::{Comparison, NEURONS, compare};
use super::victor_purpura::GROUP;

pub static SPIKE_DISTANCE: Measure = Measure {
    group: GROUP,
    definition: "How far the spikes of one train are from those of the other, at each time relative to the intervals, averaged over time: 0 \
for equal trains, about 0.3 for Poisson trains of equal rate. Needs no parameter.",
    formula: "S(t) = (S_a x_b + S_b x_a) / (2 ⟨x⟩²),  S_a(t) = (Δt_P (t_F − t) + Δt_F (t − t_P)) / x_a",
    params: &[NEURONS],
    takes: Takes::Pairs,
    samples: "pairs",
    source: "Kreuz et al. 2013, doi:10.1152/jn.00873.2012",
    slow: true,
    ..Measure::new("spike_distance", "SPIKE distance", run)
};

/// One train with auxiliary spikes at both ends of the window, and the distance of each of its spikes to the nearest of the other train.
struct Side {
    times: Vec<f64>,
    nearest: Vec<f64>,
}

impl Side {
    fn new(train: &[f64], other: &[f64], (from, to): (f64, f64)) -> Self {
        let mut times = Vec::with_capacity(train.len() + 2);
        times.push(from);
        times.extend(train.iter().copied().filter(|t| *t > from && *t < to));
        times.push(to);
        let mut nearest: Vec<f64> = times.iter().map(|t| distance(*t, other)).collect();
        // An auxiliary spike stands for the real one beside it.
        let n = times.len();
        if n > 2 {
            nearest[0] = if train[0] == from { nearest[0] } else { nearest[1] };
            nearest[n - 1] = if train[train.len() - 1] == to { nearest[n - 1] } else { nearest[n - 2] };
        }
        Self { times, nearest }
    }

    /// S and the interval at `t`, between spikes `k` and `k + 1`.
    fn at(&self, k: usize, t: f64) -> (f64, f64) {
        let (before, after) = (self.times[k], self.times[k + 1]);
        let x = after - before;
        ((self.nearest[k] * (after - t) + self.nearest[k + 1] * (t - before)) / x, x)
    }
}

/// Distance of `t` to the nearest spike of a train that has one.
fn distance(t: f64, train: &[f64]) -> f64 {
    let i = train.partition_point(|x| *x < t);
    let after = train.get(i).map_or(f64::INFINITY, |x| x - t);
    let before = if i > 0 { t - train[i - 1] } else { f64::INFINITY };
    after.min(before)
}

/// The distance in a window; none where a train has no spike.
pub fn spike_distance(a: &[f64], b: &[f64], window: (f64, f64)) -> Option<f64> {
    if a.is_empty() || b.is_empty() || !(window.1 > window.0) {
        return None;
    }
    let (sa, sb) = (Side::new(a, b, window), Side::new(b, a, window));
    let profile = |i: usize, j: usize, t: f64| {
        let ((s1, x1), (s2, x2)) = (sa.at(i, t), sb.at(j, t));
        let mean = f64::midpoint(x1, x2);
        (s1 * x2 + s2 * x1) / (2.0 * mean * mean)
    };
    let (mut i, mut j, mut now, mut sum) = (0, 0, window.0, 0.0);
    while i + 1 < sa.times.len() && j + 1 < sb.times.len() {
        let until = sa.times[i + 1].min(sb.times[j + 1]);
        if until > now {
            // Linear between two spikes of either train: the trapezoid is exact.
            sum += (until - now) * 0.5 * (profile(i, j, now) + profile(i, j, until));
        }
        i += usize::from(sa.times[i + 1] <= until);
        j += usize::from(j + 1 < sb.times.len() && sb.times[j + 1] <= until);
        now = until;
    }
    Some(sum / (window.1 - window.0))
}

fn run(input: &Input<'_>, params: &[f64], watch: Watch<'_>) -> Ended {
    let trains = input.trains;
    let what = Comparison { name: "Distance", unit: "", own: 0.0, least: 1 };
    compare(trains, params[0] as usize, &what, watch, |a, b| spike_distance(trains.train(a), trains.train(b), trains.window()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_trains_have_none_and_a_shifted_one_little() {
        let clock: Vec<f64> = (1..100).map(|i| f64::from(i) * 10.0).collect();
        let shifted: Vec<f64> = clock.iter().map(|t| t + 1.0).collect();
        assert_eq!(spike_distance(&clock, &clock, (0.0, 1000.0)), Some(0.0));
        // Every spike is 1 ms from its partner, every interval 10 ms: S = 2 · 1 · 10 / (2 · 10²).
        let d = spike_distance(&clock, &shifted, (0.0, 1000.0)).expect("both fire");
        assert!((d - 0.1).abs() < 2e-3, "{d}");
    }

    #[test]
    fn spikes_at_the_ends_of_the_window_and_twice_at_one_time_are_no_trouble() {
        let d = spike_distance(&[0.0, 5.0, 5.0, 10.0], &[0.0, 10.0], (0.0, 10.0)).expect("both fire");
        assert!(d.is_finite() && d >= 0.0, "{d}");
    }
}
