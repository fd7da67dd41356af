//! ISI distance: how different the intervals are that two trains are in at the same time.

use super::measure::{Ended, Input, Measure, Takes, Watch};
use super::pairs::{Comparison, NEURONS, compare};
use super::victor_purpura::GROUP;

pub static ISI_DISTANCE: Measure = Measure {
    group: GROUP,
    definition: "The ratio of the intervals that two trains are in, averaged over time: 0 where they fire at the same rate, towards 1 where \
one is much faster. Needs no parameter.",
    formula: "D = ⟨ |x_a(t) − x_b(t)| / max(x_a(t), x_b(t)) ⟩,  x(t): interval at t; at the edges max(edge, neighbouring interval)",
    params: &[NEURONS],
    takes: Takes::Pairs,
    samples: "pairs",
    source: "Kreuz et al. 2007, doi:10.1016/j.jneumeth.2007.05.031",
    slow: true,
    ..Measure::new("isi_distance", "ISI distance", run)
};

/// The distance in a window; none where a train has no spike.
pub fn isi_distance(a: &[f64], b: &[f64], window: (f64, f64)) -> Option<f64> {
    if a.is_empty() || b.is_empty() || !(window.1 > window.0) {
        return None;
    }
    let (mut i, mut j) = (0, 0);
    let (mut now, mut sum) = (window.0, 0.0);
    while now < window.1 {
        let (xa, xb) = (interval(a, i, window), interval(b, j, window));
        let until = next(a, i, window).min(next(b, j, window));
        let longer = xa.max(xb);
        if longer > 0.0 {
            sum += (until - now) * (xa - xb).abs() / longer;
        }
        while i < a.len() && a[i] <= until {
            i += 1;
        }
        while j < b.len() && b[j] <= until {
            j += 1;
        }
        now = until;
    }
    Some(sum / (window.1 - window.0))
}

/// The interval that ends with spike `k`; before the first and after the last at least as long as its neighbour.
pub fn interval(train: &[f64], k: usize, (from, to): (f64, f64)) -> f64 {
    let n = train.len();
    if k == 0 {
        let edge = train[0] - from;
        if n > 1 { edge.max(train[1] - train[0]) } else { edge }
    } else if k == n {
        let edge = to - train[n - 1];
        if n > 1 { edge.max(train[n - 1] - train[n - 2]) } else { edge }
    } else {
        train[k] - train[k - 1]
    }
}

fn next(train: &[f64], k: usize, window: (f64, f64)) -> f64 {
    train.get(k).copied().unwrap_or(window.1).min(window.1)
}

fn run(input: &Input<'_>, params: &[f64], watch: Watch<'_>) -> Ended {
    let trains = input.trains;
    let what = Comparison { name: "Distance", unit: "", own: 0.0, least: 1 };
    compare(trains, params[0] as usize, &what, watch, |a, b| isi_distance(trains.train(a), trains.train(b), trains.window()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_differ_by_the_ratio_of_their_periods() {
        let clock = |period: f64| (0..).map(|i| f64::from(i) * period).take_while(|t| *t <= 1000.0).collect::<Vec<_>>();
        let d = isi_distance(&clock(10.0), &clock(25.0), (0.0, 1000.0)).expect("both fire");
        assert!((d - 0.6).abs() < 1e-12, "{d}");
        assert_eq!(isi_distance(&clock(10.0), &clock(10.0), (0.0, 1000.0)), Some(0.0));
        assert_eq!(isi_distance(&clock(10.0), &[], (0.0, 1000.0)), None);
    }
}
