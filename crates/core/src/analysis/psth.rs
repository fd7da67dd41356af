//! Peri-stimulus time histogram: the rate around onsets, averaged over trials.

use super::measure::{Ended, Input, Measure, Takes, Watch, undefined};
use super::rate::GROUP;
use super::trains::{Grid, Trains, within};
use super::value::{Axis, Curve, Points, Report, Value};
use crate::param::{ParamSpec, Unit};

/// Most dots of the raster of trials.
const MOST_DOTS: usize = 20_000;

pub static PSTH: Measure = Measure {
    group: GROUP,
    definition: "The firing rate around the onsets of a stimulus, averaged over trials and neurons. A trial that does not lie in the window \
completely is left out.",
    formula: "r(t) = spikes in the bin / (trials · neurons · bin)",
    unit: "Hz",
    params: &[
        ParamSpec::new("bin", "bin", Unit::Ms, 5.0, (0.01, 1e4), "Width of a bar.").slider(0.5, 100.0).log(),
        ParamSpec::new("before", "before", Unit::Ms, 50.0, (0.0, 1e6), "Time shown before an onset.").slider(0.0, 1000.0),
        ParamSpec::new("after", "after", Unit::Ms, 200.0, (0.1, 1e6), "Time shown after an onset.").slider(10.0, 2000.0),
    ],
    takes: Takes::Trials,
    samples: "trials",
    min_samples: 5,
    source: "Gerstein & Kiang 1960, doi:10.1016/S0006-3495(60)86872-5",
    elephant: "statistics.time_histogram(trials, output='rate')",
    ..Measure::new("psth", "PSTH", run)
};

/// Spikes in each bin of `grid` (times relative to the onset), over all trials and neurons.
pub fn counts(trains: &Trains, onsets: &[f64], grid: &Grid) -> Vec<f64> {
    let mut counts = vec![0.0; grid.n];
    let end = grid.from + grid.n as f64 * grid.width;
    for train in trains.iter() {
        for onset in onsets {
            // A little more on both sides: the grid decides about times at its ends.
            for time in &train[within(train, (onset + grid.from - grid.width, onset + end))] {
                // The end of a trial belongs to what follows.
                let time = time - onset;
                if end - time > 1e-8 * grid.width
                    && let Some(bin) = grid.bin(time)
                {
                    counts[bin] += 1.0;
                }
            }
        }
    }
    counts
}

fn run(input: &Input<'_>, params: &[f64], _: Watch<'_>) -> Ended {
    let (trains, bin, before, after) = (input.trains, params[0], params[1], params[2]);
    let (from, to) = trains.window();
    if input.onsets.is_empty() {
        return Err(undefined("there is no stimulus with an onset in this window; choose a window with one, or give the onsets"));
    }
    let whole = |t: &&f64| **t - before >= from && **t + after <= to;
    let onsets: Vec<f64> = input.onsets.iter().filter(whole).copied().collect();
    if onsets.is_empty() {
        return Err(undefined(format!("no onset has {before} ms before and {after} ms after it in this window")));
    }
    let grid = Grid::new((-before, after), bin).map_err(undefined)?;
    let counts = counts(trains, &onsets, &grid);
    let per = 1.0 / (onsets.len() as f64 * trains.len() as f64 * bin * 1e-3);
    let rates: Vec<f64> = counts.iter().map(|c| c * per).collect();
    let n = onsets.len() as u64;
    let best = (0..rates.len()).fold(0, |best, i| if rates[i] > rates[best] { i } else { best });
    let (mut xs, mut ys) = (Vec::new(), Vec::new());
    'trials: for (trial, onset) in onsets.iter().enumerate() {
        for train in trains.iter() {
            for time in &train[within(train, (onset - before, onset + after))] {
                if xs.len() >= MOST_DOTS {
                    break 'trials;
                }
                xs.push(time - onset);
                ys.push(trial as f64 + 1.0);
            }
        }
    }
    let full = xs.len() >= MOST_DOTS;
    let dots = Points { axes: vec![Axis::new("Time", "ms"), Axis::new("Trial", "")], columns: vec![xs, ys], joined: false };
    let report = Report::new(n).scalar("Highest rate", rates[best], "Hz", n);
    let report = if rates[best] > 0.0 {
        report.scalar("Time of the highest", grid.from + (best as f64 + 0.5) * bin, "ms", n)
    } else {
        report.with("Time of the highest", Value::undefined("no neuron fired in any trial"))
    };
    let report = report
        .curve("PSTH", Curve::bars(Axis::new("Time from onset", "ms"), Axis::new("Rate", "Hz"), grid.edges(), rates))
        .with("Trials", Value::Points(dots));
    let left_out = input.onsets.len() - onsets.len();
    let report =
        if left_out > 0 { report.noting(format!("{left_out} of {} trials reach beyond the window", input.onsets.len())) } else { report };
    Ok(if full { report.noting(format!("the first {MOST_DOTS} dots shown")) } else { report })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spikes_are_averaged_over_trials_and_neurons() {
        let trains = Trains::new(&[vec![105.0, 305.0], vec![112.0]], (0.0, 600.0)).expect("finite");
        let input = Input { onsets: &[100.0, 300.0, 590.0], ..Input::new(&trains) };
        let report = PSTH.of(&input, &[10.0, 50.0, 100.0], &mut |_, _| true).expect("done");
        let Some(Value::Curve(curve)) = report.part("PSTH") else { panic!("{report:?}") };
        // Two trials, two neurons, bins of 10 ms: one spike is 25 Hz.
        assert_eq!((curve.ys[5], curve.ys[6], curve.ys[4], report.n), (50.0, 25.0, 0.0, 2));
        assert!(report.note.contains("1 of 3 trials"), "{}", report.note);
    }

    #[test]
    fn without_onsets_it_is_not_defined() {
        let trains = Trains::new(&[vec![105.0]], (0.0, 600.0)).expect("finite");
        assert_eq!(PSTH.plain(&trains).headline().and_then(|p| p.value.number()), None);
    }
}
