//! The spike time tiling coefficient: correlation of two trains that does not depend on their rates.

use super::correlation::GROUP;
use super::measure::{Ended, Input, Measure, Takes, Watch};
use super::pairs::{Comparison, NEURONS, compare};
use crate::param::{ParamSpec, Unit};

pub static STTC: Measure = Measure {
    group: GROUP,
    definition: "How much more often the spikes of two trains lie within Δt of each other than they would by chance: 1 for equal trains, 0 \
for independent ones. Unlike most correlations it does not grow with the rates.",
    formula: "½ [(P_A − T_B)/(1 − P_A T_B) + (P_B − T_A)/(1 − P_B T_A)]",
    params: &[
        ParamSpec::new("dt", "Δt", Unit::Ms, 5.0, (1e-2, 1e4), "Farthest that two spikes may lie apart to count as together.")
            .slider(0.5, 100.0)
            .log(),
        NEURONS,
    ],
    takes: Takes::Pairs,
    samples: "pairs",
    source: "Cutts & Eglen 2014, doi:10.1523/JNEUROSCI.2767-14.2014",
    elephant: "spike_train_correlation.spike_time_tiling_coefficient (whose Δt grows by 1e-5 of the time since zero; ours does not)",
    slow: true,
    ..Measure::new("sttc", "Spike time tiling", run)
};

/// The coefficient of two trains in a window; none where one of them is silent. `dt` in ms.
pub fn sttc(a: &[f64], b: &[f64], window: (f64, f64), dt: f64) -> Option<f64> {
    if a.is_empty() || b.is_empty() || !(window.1 > window.0) {
        return None;
    }
    let (pa, pb) = (near(a, b, dt), near(b, a, dt));
    let (ta, tb) = (tiled(a, window, dt), tiled(b, window, dt));
    // Where every spike is near one of the other train and the tiles cover everything, the half is 1 by continuity.
    let half = |p: f64, t: f64| if p * t == 1.0 { 0.5 } else { 0.5 * (p - t) / (1.0 - p * t) };
    Some(half(pa, tb) + half(pb, ta))
}

/// Fraction of the spikes of `a` that have one of `b` within `dt`.
fn near(a: &[f64], b: &[f64], dt: f64) -> f64 {
    let mut next = 0;
    let mut n = 0;
    for t in a {
        // Differences of times that are sums of steps carry rounding errors.
        let slack = dt + 1e-9 * dt.max(t.abs() * 1e-3);
        while next < b.len() && b[next] < t - slack {
            next += 1;
        }
        n += usize::from(b.get(next).is_some_and(|other| (other - t).abs() <= slack));
    }
    n as f64 / a.len() as f64
}

/// Fraction of the window within `dt` of a spike.
fn tiled(train: &[f64], (from, to): (f64, f64), dt: f64) -> f64 {
    let between: f64 = train.windows(2).map(|w| (w[1] - w[0]).min(2.0 * dt)).sum();
    let ends = (train[0] - from).min(dt) + (to - train[train.len() - 1]).min(dt);
    (between + ends) / (to - from)
}

fn run(input: &Input<'_>, params: &[f64], watch: Watch<'_>) -> Ended {
    let trains = input.trains;
    let what = Comparison { name: "STTC", unit: "", own: 1.0, least: 1 };
    compare(trains, params[1] as usize, &what, watch, |a, b| sttc(trains.train(a), trains.train(b), trains.window(), params[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_not_depend_on_where_time_begins() {
        let at = |begin: f64| {
            let (a, b) = ([10.0, 100.0, 300.0].map(|t| t + begin), [15.5, 106.0, 306.0].map(|t| t + begin));
            sttc(&a, &b, (begin, begin + 1000.0), 5.0).expect("both fire")
        };
        // Elephant 1.2.1 gives −0.03, too, but 1 from 1e5 ms on: its test of closeness takes 1e-5 of the time as near.
        assert!((at(0.0) + 0.03).abs() < 1e-12 && (at(1e5) - at(0.0)).abs() < 1e-9 && (at(1e6) - at(0.0)).abs() < 1e-9);
    }

    #[test]
    fn a_train_tiles_itself_completely_and_a_silent_one_not_at_all() {
        let a = [10.0, 50.0, 90.0];
        assert_eq!(sttc(&a, &a, (0.0, 100.0), 5.0), Some(1.0));
        assert_eq!(sttc(&a, &a, (0.0, 100.0), 500.0), Some(1.0));
        assert_eq!(sttc(&a, &[], (0.0, 100.0), 5.0), None);
    }
}
