//! Neuronal avalanches: runs of activity between silences, their sizes, and how many spikes one spike is followed by.

use super::measure::{Ended, Input, Measure, Takes, Watch, undefined};
use super::value::{Axis, Curve, Report};
use crate::param::{ParamSpec, Unit};

pub static AVALANCHES: Measure = Measure {
    group: "Population",
    definition: "An avalanche is a run of bins with spikes between two without. A network at the critical point has sizes with a power law of \
exponent 1.5, durations with 2, and a branching ratio of 1: each spike is followed by one.",
    formula: "σ = ⟨n₂ / n₁⟩ over avalanches (spikes in their second and first bin);  α = 1 + N / Σ ln(s / (s_min − ½))",
    params: &[
        ParamSpec::new(
            "bin",
            "bin",
            Unit::Ms,
            0.0,
            (0.0, 1e4),
            "Width of a bin; 0 takes the mean time between two spikes of the population, or the time step where that is longer.",
        )
        .slider(0.0, 20.0),
        ParamSpec::new("smallest", "s_min", Unit::One, 1.0, (1.0, 1e6), "Smallest size that the exponent is fitted to.")
            .slider(1.0, 100.0)
            .count(),
    ],
    takes: Takes::Population,
    samples: "avalanches",
    min_samples: 100,
    source: "Beggs & Plenz 2003, doi:10.1523/JNEUROSCI.23-35-11167.2003; Clauset, Shalizi & Newman 2009, doi:10.1137/070710111",
    ..Measure::new("avalanches", "Avalanches", run)
};

/// Spikes that tell the step of time.
const SOME: usize = 5000;

/// One avalanche.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Avalanche {
    /// Spikes in it, and in its first and second bin.
    pub size: u64,
    pub first: u64,
    pub second: u64,
    /// Bins it lasts.
    pub bins: u64,
}

/// The avalanches in spike counts. One that has begun before the first bin or goes on after the last is not whole and left out.
pub fn avalanches(counts: &[f64]) -> Vec<Avalanche> {
    let runs = counts.split(|c| *c == 0.0);
    let n_runs = runs.clone().count();
    let whole = runs.enumerate().filter(|(i, run)| *i > 0 && i + 1 < n_runs && !run.is_empty());
    let avalanche = |run: &[f64]| Avalanche {
        size: run.iter().sum::<f64>() as u64,
        first: run[0] as u64,
        second: run.get(1).map_or(0, |c| *c as u64),
        bins: run.len() as u64,
    };
    whole.map(|(_, run)| avalanche(run)).collect()
}

/// Mean over avalanches of the spikes in the second bin over those in the first; none without avalanches.
pub fn branching(avalanches: &[Avalanche]) -> Option<f64> {
    let n = avalanches.len() as f64;
    (n > 0.0).then(|| avalanches.iter().map(|a| a.second as f64 / a.first as f64).sum::<f64>() / n)
}

/// The exponent of a power law fitted to whole numbers from `smallest` on, by maximum likelihood (Clauset et al. 2009, eq. 3.7), and how
/// many there are; none where all are equal to `smallest` or fewer than two are left.
pub fn exponent(values: impl Iterator<Item = u64>, smallest: f64) -> Option<(f64, usize)> {
    let (mut sum, mut n, mut larger) = (0.0, 0, false);
    for value in values.map(|v| v as f64).filter(|v| *v >= smallest) {
        sum += libm::log(value / (smallest - 0.5));
        n += 1;
        larger |= value > smallest;
    }
    (larger && n > 1).then(|| (1.0 + f64::from(n) / sum, n as usize))
}

fn run(input: &Input<'_>, params: &[f64], _: Watch<'_>) -> Ended {
    let trains = input.trains;
    if trains.n_spikes() < 2 {
        return Err(undefined("fewer than two spikes in this window"));
    }
    // The mean interval of the whole population's spikes, from its first to its last.
    let (first, last) = trains.times().iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), t| (a.min(*t), b.max(*t)));
    let mean = (last - first) / (trains.n_spikes() - 1) as f64;
    let step = resolution(trains.times());
    let bin = if params[0] > 0.0 { params[0] } else { mean.max(step) };
    if !(bin > 0.0) {
        return Err(undefined("all spikes are at the same time; give the width of a bin"));
    }
    let grid = trains.grid(bin).map_err(undefined)?;
    let all = avalanches(&trains.counts(&grid));
    if all.is_empty() {
        return Err(undefined("activity never begins and ends within this window: there is no silent bin, or only one avalanche"));
    }
    let n = all.len() as u64;
    let sizes = exponent(all.iter().map(|a| a.size), params[1]);
    let durations = exponent(all.iter().map(|a| a.bins), 1.0);
    // Bins narrower than the steps of time are silent between them, whatever the network does.
    let too_fine = bin < step * (1.0 - 1e-9);
    let widened = params[0] == 0.0 && mean < step;
    let few = "all avalanches are of the smallest size";
    let size = |name: &str| Axis::new(name, "").log();
    let mean = all.iter().map(|a| a.size as f64).sum::<f64>() / n as f64;
    let note = match (widened, too_fine) {
        (true, _) => format!("the bin is the time step of {step:.4} ms: the mean time between two spikes is shorter"),
        (_, true) => format!("the bin is shorter than the time step of {step:.4} ms"),
        _ => String::new(),
    };
    Ok(Report::new(n)
        .maybe("Branching ratio", branching(&all), "", n, few)
        .maybe("Exponent of sizes", sizes.map(|s| s.0), "", sizes.map_or(0, |s| s.1 as u64), few)
        .maybe("Exponent of durations", durations.map(|s| s.0), "", durations.map_or(0, |s| s.1 as u64), "all avalanches last one bin")
        .scalar("Mean size", mean, "", n)
        .scalar("Bin", bin, "ms", n)
        .curve("Sizes", tail(all.iter().map(|a| a.size), size("Size (spikes)")))
        .curve("Durations", tail(all.iter().map(|a| a.bins), size("Duration (bins)")))
        .noting(note))
}

/// The step that times are multiples of, as far as some of them tell: the shortest time between two that differ.
fn resolution(times: &[f64]) -> f64 {
    let mut some: Vec<f64> = times.iter().take(SOME).copied().collect();
    some.sort_by(f64::total_cmp);
    let shortest = some.windows(2).map(|w| w[1] - w[0]).filter(|d| *d > 1e-6).fold(f64::INFINITY, f64::min);
    if shortest.is_finite() { shortest } else { 0.0 }
}

/// Fraction of avalanches at least as large: a power law of exponent α falls with slope 1 − α, without any choice of bars.
fn tail(values: impl Iterator<Item = u64>, x: Axis) -> Curve {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    let n = values.len() as f64;
    let (mut xs, mut ys) = (Vec::new(), Vec::new());
    for (i, value) in values.iter().enumerate() {
        if i == 0 || values[i - 1] != *value {
            xs.push(*value as f64);
            ys.push((n - i as f64) / n);
        }
    }
    Curve::line(x, Axis::new("Fraction at least as large", "").log(), xs, ys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_between_silences_are_counted_and_those_at_the_ends_are_not_whole() {
        let found = avalanches(&[2.0, 0.0, 1.0, 2.0, 3.0, 0.0, 0.0, 4.0, 0.0, 5.0]);
        let expected = [Avalanche { size: 6, first: 1, second: 2, bins: 3 }, Avalanche { size: 4, first: 4, second: 0, bins: 1 }];
        assert_eq!(found, expected);
        assert_eq!(branching(&found), Some(1.0));
        assert!(avalanches(&[0.0, 0.0]).is_empty() && avalanches(&[1.0, 1.0]).is_empty() && avalanches(&[]).is_empty());
    }

    #[test]
    fn bins_are_no_narrower_than_the_steps_of_time() {
        // Ten neurons that fire in the same steps of 1 ms: 0.2 ms between two spikes on average, but no bin of that width follows another.
        let train: Vec<f64> = (0..300).filter(|i| (i * i) % 7 < 3).map(f64::from).collect();
        let trains = super::super::Trains::new(&vec![train; 10], (0.0, 300.0)).expect("finite");
        let report = AVALANCHES.plain(&trains);
        assert_eq!(report.number("Bin"), Some(1.0));
        assert!(report.number("Branching ratio").is_some_and(|r| r > 0.0) && report.note.contains("time step"), "{report:?}");
    }

    #[test]
    fn a_silent_population_and_one_without_pauses_have_no_avalanches() {
        let silent = super::super::Trains::new(&[Vec::<f64>::new()], (0.0, 100.0)).expect("finite");
        assert_eq!(AVALANCHES.plain(&silent).headline().and_then(|p| p.value.number()), None);
    }
}
