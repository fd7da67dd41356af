//! Fano factor: how much spike counts vary, against the length of the window in which they are counted.

use super::isi::Moments;
use super::measure::{Ended, Input, Measure, Takes, Watch, undefined};
use super::rate::GROUP;
use super::trains::{Trains, within};
use super::value::{Axis, Curve, Report};
use crate::param::{ParamSpec, Unit};

/// Shortest window of the curve, ms.
const SHORTEST: f64 = 1.0;
/// Windows that a point of the curve needs.
const WINDOWS: usize = 10;

pub static FANO: Measure = Measure {
    group: GROUP,
    definition: "Variance of a neuron's spike counts over their mean, in windows that follow each other: 1 for a Poisson process at any \
length, below for regular firing, growing with the length where the rate drifts. The mean over neurons that fired.",
    formula: "F(T) = var n(T) / mean n(T)",
    params: &[ParamSpec::new("window", "T", Unit::Ms, 100.0, (0.1, 1e6), "Length of the windows in which spikes are counted.")
        .slider(5.0, 5000.0)
        .log()],
    takes: Takes::Each,
    samples: "windows",
    min_samples: 10,
    source: "Nawrot et al. 2008, doi:10.1016/j.jneumeth.2007.10.013",
    elephant: "statistics.fanofactor of the windows of a train",
    ..Measure::new("fano", "Fano factor", run)
};

/// The mean Fano factor over the trains that fired, and the number of windows of `length` ms; none where no train fired in them.
pub fn fano(trains: &Trains, length: f64) -> Option<(f64, usize)> {
    let grid = trains.grid(length).ok()?;
    let mut mean = Moments::default();
    for train in trains.iter() {
        let (mut sum, mut squares) = (0.0, 0.0);
        for (_, count) in grid.sparse(train) {
            sum += f64::from(count);
            squares += f64::from(count) * f64::from(count);
        }
        if sum > 0.0 {
            let n = grid.n as f64;
            // var / mean with whole numbers above: (n Σc² − (Σc)²) / (n Σc).
            mean.add((n * squares - sum * sum) / (n * sum));
        }
    }
    (mean.n() > 0).then(|| (mean.mean(), grid.n))
}

/// Fano factor of the counts of one neuron in each of the trials that begin at `onsets` (Elephant: `fanofactor`).
pub fn over_trials(train: &[f64], onsets: &[f64], length: f64) -> Option<f64> {
    let mut counts = Moments::default();
    onsets.iter().for_each(|t| counts.add(within(train, (*t, t + length)).len() as f64));
    (counts.n() > 0 && counts.mean() > 0.0).then(|| counts.sd() * counts.sd() / counts.mean())
}

fn run(input: &Input<'_>, params: &[f64], _: Watch<'_>) -> Ended {
    let trains = input.trains;
    if trains.n_spikes() == 0 {
        return Err(undefined("no neuron fired in this window"));
    }
    let here = fano(trains, params[0]).filter(|f| f.1 >= 2);
    let Some((value, n)) = here else {
        return Err(undefined(format!("the window holds fewer than two counting windows of {} ms; choose shorter ones", params[0])));
    };
    let report = Report::new(n as u64).scalar("Fano factor", value, "", n as u64);
    let (xs, ys): (Vec<f64>, Vec<f64>) = against(trains).into_iter().unzip();
    if xs.is_empty() {
        return Ok(report);
    }
    Ok(report.curve("Against the window", Curve::line(Axis::new("Window", "ms").log(), Axis::new("Fano factor", ""), xs, ys)))
}

/// The mean Fano factor at windows that double, from [`SHORTEST`] up to a tenth of the time. Each is counted from the one before, so that
/// all of them take two looks at the spikes.
fn against(trains: &Trains) -> Vec<(f64, f64)> {
    let Ok(grid) = trains.grid(SHORTEST) else { return Vec::new() };
    let levels = (0..).take_while(|k| grid.n >> k >= WINDOWS).count();
    let mut means = vec![Moments::default(); levels];
    let mut counts: Vec<(u32, u32)> = Vec::new();
    for train in trains.iter() {
        counts.clear();
        counts.extend(grid.sparse(train));
        for (level, mean) in means.iter_mut().enumerate() {
            let n = (grid.n >> level) as f64;
            // A last window that is not whole is left out.
            let whole = counts.iter().take_while(|c| u64::from(c.0) < n as u64);
            let (sum, squares) = whole.fold((0.0, 0.0), |(s, q), c| (s + f64::from(c.1), q + f64::from(c.1) * f64::from(c.1)));
            if sum > 0.0 {
                mean.add((n * squares - sum * sum) / (n * sum));
            }
            counts.iter_mut().for_each(|c| c.0 /= 2);
            counts.dedup_by(|next, former| {
                let same = next.0 == former.0;
                former.1 += if same { next.1 } else { 0 };
                same
            });
        }
    }
    let fired = means.iter().enumerate().filter(|(_, m)| m.n() > 0);
    fired.map(|(level, m)| (SHORTEST * (1u64 << level) as f64, m.mean())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_nine_nine_and_seven_have_elephants_fano_factor() {
        let mut train = Vec::new();
        for (trial, n) in [9, 9, 7].into_iter().enumerate() {
            train.extend((0..n).map(|i| 100.0 * trial as f64 + 5.0 + 10.0 * f64::from(i)));
        }
        let trains = Trains::new(&[train.clone()], (0.0, 300.0)).expect("finite");
        let (value, n) = fano(&trains, 100.0).expect("fired");
        assert!((value - 0.106_666_666_666).abs() < 1e-9 && n == 3, "{value}");
        let by_trial = over_trials(&train, &[0.0, 100.0, 200.0], 99.0).expect("fired");
        assert!((by_trial - value).abs() < 1e-12);
    }

    #[test]
    fn windows_that_double_count_what_windows_of_that_length_count() {
        let train = |k: u32| (0..300).map(|i| f64::from(i * 7 + (i * i * k) % 11)).filter(|t| *t < 2000.0).collect::<Vec<_>>();
        let trains = Trains::new(&[train(3), train(5), Vec::new()], (0.0, 1999.0)).expect("finite");
        let curve = against(&trains);
        assert_eq!(curve.len(), 8);
        for (length, value) in curve {
            let (expected, _) = fano(&trains, length).expect("fired");
            assert!((value - expected).abs() < 1e-12, "{length}: {value} {expected}");
        }
    }

    #[test]
    fn a_clock_has_none_and_silence_is_not_defined() {
        let clock = Trains::new(&[(0..100).map(|i| f64::from(i) * 10.0 + 5.0).collect::<Vec<_>>()], (0.0, 1000.0)).expect("finite");
        assert_eq!(FANO.plain(&clock).number("Fano factor"), Some(0.0));
        let silent = Trains::new(&[Vec::<f64>::new()], (0.0, 1000.0)).expect("finite");
        assert_eq!(FANO.plain(&silent).number("Fano factor"), None);
    }
}
