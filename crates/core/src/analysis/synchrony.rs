//! Synchrony of a population: χ of its variables, and the order parameter of the neurons' phases.

use super::measure::{Ended, Input, Measure, Signal, Takes, Watch, tell, undefined};
use super::trains::{Grid, Trains};
use super::value::{Axis, Curve, Report};
use crate::param::{ParamSpec, Unit};
use std::f64::consts::PI;

pub const GROUP: &str = "Synchrony";

/// Recorded traces from which on χ is taken of them; fewer are enough where they are all there is.
const TRACES: usize = 10;

pub static CHI: Measure = Measure {
    group: GROUP,
    definition: "How much of the neurons' variation over time is common to all of them: 1 when all do the same, 1/√N when they are \
independent. Taken of recorded traces where there are ten or one of each neuron, else of the spike counts in bins.",
    formula: "χ² = var_t(⟨xᵢ⟩ᵢ) / ⟨var_t(xᵢ)⟩ᵢ",
    params: &[ParamSpec::new("bin", "bin", Unit::Ms, 5.0, (0.01, 1e5), "Width of the bins in which spikes are counted.")
        .slider(0.5, 100.0)
        .log()],
    takes: Takes::Population,
    samples: "neurons",
    min_samples: 10,
    source: "Golomb & Rinzel 1993, doi:10.1103/PhysRevE.48.4810; Golomb 2007, doi:10.4249/scholarpedia.1347",
    ..Measure::new("chi", "Synchrony χ", chi_of)
};

pub static KURAMOTO: Measure = Measure {
    group: GROUP,
    definition: "The phase of a neuron runs from 0 to 2π between its spikes; r is the length of the mean of all phases as arrows: 1 when all \
fire together, about 1/√N when they are independent. At each time those neurons count that are between two spikes.",
    formula: "r(t) = |⟨exp(iφₖ)⟩ₖ|,  φₖ = 2π (t − tₙ)/(tₙ₊₁ − tₙ)",
    params: &[
        ParamSpec::new("step", "step", Unit::Ms, 1.0, (0.01, 1e4), "Time between two samples.").slider(0.1, 20.0).log(),
        ParamSpec::new("neurons", "neurons", Unit::One, 1000.0, (2.0, 1e6), "Most neurons that are looked at.")
            .slider(10.0, 10000.0)
            .log()
            .count(),
    ],
    takes: Takes::Population,
    samples: "neurons",
    min_samples: 10,
    source: "Kuramoto 1984, doi:10.1007/978-3-642-69689-3",
    elephant: "phase_analysis.mean_phase_vector of these phases",
    slow: true,
    ..Measure::new("kuramoto", "Kuramoto order parameter", kuramoto)
};

/// Sums over time of a neuron's variable and of the mean of all.
fn chi_from(n: f64, samples: f64, mean: &[f64], variances: f64) -> Option<f64> {
    let (sum, squares) = mean.iter().fold((0.0, 0.0), |(s, q), x| (s + x, q + x * x));
    // Spread of the mean around its own mean, in two passes so that nothing cancels.
    let centre = sum / samples;
    let spread = if squares > 0.0 { mean.iter().map(|x| (x - centre) * (x - centre)).sum::<f64>() / samples } else { 0.0 };
    let own = variances / n;
    (own > 0.0).then(|| (spread / own).sqrt())
}

/// χ of the spike counts in the bins of `grid`; none where no count varies.
pub fn chi(trains: &Trains, grid: &Grid) -> Option<f64> {
    let (n, samples) = (trains.len() as f64, grid.n as f64);
    let mut variances = 0.0;
    for train in trains.iter() {
        let (mut sum, mut squares) = (0.0, 0.0);
        for (_, count) in grid.sparse(train) {
            sum += f64::from(count);
            squares += f64::from(count) * f64::from(count);
        }
        variances += (samples * squares - sum * sum) / (samples * samples);
    }
    let mean: Vec<f64> = trains.counts(grid).into_iter().map(|c| c / n).collect();
    chi_from(n, samples, &mean, variances)
}

/// χ of recorded signals of equal length; none where none varies.
pub fn chi_of_signals(signals: &[Signal<'_>]) -> Option<f64> {
    let samples = signals.iter().map(|s| s.values.len()).min().filter(|n| *n > 1)?;
    let mut mean = vec![0.0; samples];
    let mut variances = 0.0;
    for signal in signals {
        let centre = signal.values[..samples].iter().sum::<f64>() / samples as f64;
        for (m, x) in mean.iter_mut().zip(signal.values) {
            *m += x / signals.len() as f64;
            variances += (x - centre) * (x - centre) / samples as f64;
        }
    }
    chi_from(signals.len() as f64, samples as f64, &mean, variances)
}

fn chi_of(input: &Input<'_>, params: &[f64], _: Watch<'_>) -> Ended {
    if input.signals.len() >= TRACES || (input.signals.len() > 1 && input.signals.len() >= input.trains.len()) {
        if input.signals.iter().any(|s| s.values.iter().any(|v| !v.is_finite())) {
            return Err(undefined("a trace holds values that are not finite"));
        }
        let n = input.signals.len();
        let value = chi_of_signals(input.signals).ok_or_else(|| undefined("no trace varies in this window"))?;
        return Ok(Report::new(n as u64)
            .scalar("χ", value, "", n as u64)
            .scalar("By chance", 1.0 / (n as f64).sqrt(), "", n as u64)
            .noting(format!("of {n} recorded traces")));
    }
    let trains = input.trains;
    if trains.len() < 2 {
        return Err(undefined("it takes at least two neurons"));
    }
    let grid = trains.grid(params[0]).map_err(undefined)?;
    let value = chi(trains, &grid).ok_or_else(|| undefined("no spike count varies in this window"))?;
    let n = trains.len() as u64;
    Ok(Report::new(n).scalar("χ", value, "", n).scalar("By chance", 1.0 / (n as f64).sqrt(), "", n).noting("of spike counts in bins"))
}

/// The order parameter at each sample: times and r, where at least two neurons are between two spikes.
pub fn order(trains: &Trains, neurons: &[usize], grid: &Grid, watch: Watch<'_>) -> Result<(Vec<f64>, Vec<f64>), super::Stop> {
    let mut sums = vec![(0.0, 0.0, 0u32); grid.n];
    for (done, neuron) in neurons.iter().enumerate() {
        for pair in trains.train(*neuron).windows(2) {
            let interval = pair[1] - pair[0];
            if interval <= 0.0 {
                continue;
            }
            // The samples t with pair[0] ≤ t < pair[1].
            let first = ((pair[0] - grid.from) / grid.width - 1e-9).ceil().max(0.0) as usize;
            let last = (((pair[1] - grid.from) / grid.width - 1e-9).ceil() as usize).min(grid.n);
            if first >= last {
                continue;
            }
            let phase = 2.0 * PI * (grid.from + first as f64 * grid.width - pair[0]) / interval;
            let turn = 2.0 * PI * grid.width / interval;
            // The arrow turns by the same angle from sample to sample.
            let (mut c, mut s) = (libm::cos(phase), libm::sin(phase));
            let (ct, st) = (libm::cos(turn), libm::sin(turn));
            for sum in &mut sums[first..last] {
                sum.0 += c;
                sum.1 += s;
                sum.2 += 1;
                (c, s) = (c * ct - s * st, s * ct + c * st);
            }
        }
        if done % 256 == 255 {
            tell(watch, done as f64 / neurons.len() as f64, None)?;
        }
    }
    let known = sums.iter().enumerate().filter(|(_, s)| s.2 > 1);
    Ok(known.map(|(i, (c, s, n))| (grid.from + i as f64 * grid.width, (c * c + s * s).sqrt() / f64::from(*n))).unzip())
}

fn kuramoto(input: &Input<'_>, params: &[f64], watch: Watch<'_>) -> Ended {
    let trains = input.trains;
    let neurons = trains.active(2, params[1] as usize);
    if neurons.len() < 2 {
        return Err(undefined("fewer than two neurons fired twice in this window: they have no phase"));
    }
    let grid = trains.grid(params[0]).map_err(undefined)?;
    let (times, r) = order(trains, &neurons, &grid, watch)?;
    if r.is_empty() {
        return Err(undefined("no two neurons are between two spikes at the same time"));
    }
    let n = neurons.len() as u64;
    let mean = r.iter().sum::<f64>() / r.len() as f64;
    let report = Report::new(n)
        .scalar("Mean r", mean, "", n)
        .scalar("By chance", (PI / (4.0 * n as f64)).sqrt(), "", n)
        .curve("Order parameter", Curve::line(Axis::new("Time", "ms"), Axis::new("r", ""), times, r));
    let left_out = trains.len() - neurons.len();
    Ok(if left_out > 0 { report.noting(format!("{left_out} of {} neurons left out", trains.len())) } else { report })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clocks(shift: f64) -> Trains {
        let clock = |k: usize| (0..50).map(|i| 1.0 + f64::from(i) * 20.0 + shift * k as f64).collect::<Vec<_>>();
        Trains::new(&(0..10).map(clock).collect::<Vec<_>>(), (0.0, 1000.0)).expect("finite")
    }

    #[test]
    fn neurons_that_do_the_same_are_fully_synchronous() {
        assert!((CHI.plain(&clocks(0.0)).number("χ").expect("varies") - 1.0).abs() < 1e-12);
        assert!((KURAMOTO.plain(&clocks(0.0)).number("Mean r").expect("fires") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn clocks_spread_over_their_period_cancel() {
        let grid = Grid::new((200.0, 800.0), 1.0).expect("bins");
        let trains = clocks(2.0);
        let (_, r) = order(&trains, &trains.active(2, 10), &grid, &mut |_, _| true).expect("not cancelled");
        assert!(r.iter().all(|r| *r < 1e-9), "{r:?}");
    }

    #[test]
    fn traces_are_preferred_and_independent_ones_have_little_in_common() {
        let wave = |k: usize| (0..1000).map(|i| libm::sin(2.0 * PI * (k + 1) as f64 * f64::from(i) / 1000.0)).collect::<Vec<_>>();
        let waves: Vec<_> = (0..16).map(wave).collect();
        let signals: Vec<_> = waves.iter().map(|w| Signal { name: "v", unit: "mV", start: 0.0, step: 1.0, values: w.as_slice() }).collect();
        assert!((chi_of_signals(&signals).expect("varies") - 0.25).abs() < 1e-12);
    }
}
