//! Firing rates: of a population over time, and of each neuron.

use super::irregularity::distribution;
use super::isi::Moments;
use super::kernel::{Shape, convolve, kernel};
use super::measure::{Ended, Input, Measure, Takes, Watch, undefined};
use super::trains::Trains;
use super::value::{Axis, Curve, Report};
use crate::param::{ParamSpec, Unit};

pub const GROUP: &str = "Rates";
/// How rates are smoothed.
pub const KERNELS: &[&str] = &["bin", "gaussian", "exponential", "boxcar"];

pub static RATE: Measure = Measure {
    group: GROUP,
    definition: "Spikes per second and neuron, silent neurons included; over time in bins, or smoothed with a kernel.",
    formula: "r = spikes / (neurons · T);  r(t) = Σ k(t − tᵢ) / neurons",
    unit: "Hz",
    params: &[
        ParamSpec::choice("kernel", "kernel", KERNELS, 0, "Bins, or the kernel that each spike is replaced by."),
        ParamSpec::new("width", "width", Unit::Ms, 5.0, (1e-2, 1e5), "Width of a bin, or standard deviation σ of the kernel.")
            .slider(0.5, 200.0)
            .log(),
        ParamSpec::new("step", "step", Unit::Ms, 1.0, (1e-2, 1e3), "Time between two samples of a smoothed rate.").slider(0.1, 10.0).log(),
    ],
    takes: Takes::Population,
    samples: "spikes",
    min_samples: 20,
    source: "Nawrot, Aertsen & Rotter 1999, doi:10.1016/S0165-0270(99)00127-2",
    elephant: "statistics.mean_firing_rate, time_histogram, instantaneous_rate (exponential: center_kernel=False)",
    ..Measure::new("rate", "Firing rate", rate)
};

pub static RATES: Measure = Measure {
    group: GROUP,
    definition: "The mean rate of each neuron, and how the rates are spread over the population.",
    formula: "rᵢ = spikes of i / T",
    unit: "Hz",
    takes: Takes::Each,
    samples: "neurons",
    min_samples: 5,
    source: "Nawrot, Aertsen & Rotter 1999, doi:10.1016/S0165-0270(99)00127-2",
    elephant: "statistics.mean_firing_rate",
    ..Measure::new("rates", "Rates of the neurons", rates)
};

/// Mean rate in Hz of a population: spikes ÷ (neurons · time). Silent neurons count, as they must; `duration` in ms.
///
/// Elephant: `statistics.mean_firing_rate`, averaged over all trains. Zero where there are no neurons or no time.
pub fn mean_rate(n_spikes: u64, n_neurons: u64, duration: f64) -> f64 {
    if n_neurons == 0 || duration <= 0.0 {
        return 0.0;
    }
    n_spikes as f64 / (n_neurons as f64 * duration * 1e-3)
}

/// Mean rate per neuron (Hz) in bins of `width` ms: times of the bin borders, and a value for each bin.
pub fn binned(trains: &Trains, width: f64) -> Result<(Vec<f64>, Vec<f64>), String> {
    let grid = trains.grid(width)?;
    let per = 1.0 / (trains.len() as f64 * width * 1e-3);
    Ok((grid.edges(), trains.counts(&grid).into_iter().map(|c| c * per).collect()))
}

/// Mean rate per neuron (Hz) smoothed with a kernel of standard deviation `sigma`, sampled every `step` ms from the beginning on.
pub fn smoothed(trains: &Trains, shape: Shape, sigma: f64, step: f64) -> Result<(Vec<f64>, Vec<f64>), String> {
    let grid = trains.grid(step)?;
    if sigma / step > 1e6 {
        return Err(format!("a kernel of {sigma} ms takes too many samples of {step} ms; use a longer step"));
    }
    let per = 1.0 / trains.len() as f64;
    let counts: Vec<f64> = trains.counts(&grid).into_iter().map(|c| c * per).collect();
    let times = (0..grid.n).map(|i| grid.from + i as f64 * step).collect();
    Ok((times, convolve(&counts, &kernel(shape, sigma, step))))
}

/// The rate over time as the parameters `kernel`, `width` and `step` say.
fn over_time(trains: &Trains, params: &[f64]) -> Result<Curve, String> {
    let (x, y) = (Axis::new("Time", "ms"), Axis::new("Rate", "Hz"));
    let shape = match params[0] as usize {
        0 => {
            let (edges, rates) = binned(trains, params[1])?;
            return Ok(Curve::bars(x, y, edges, rates));
        }
        1 => Shape::Gaussian,
        2 => Shape::Exponential,
        _ => Shape::Boxcar,
    };
    let (times, rates) = smoothed(trains, shape, params[1], params[2])?;
    Ok(Curve::line(x, y, times, rates))
}

fn rate(input: &Input<'_>, params: &[f64], _: Watch<'_>) -> Ended {
    let trains = input.trains;
    let n = trains.n_spikes() as u64;
    let curve = over_time(trains, params).map_err(undefined)?;
    let peak = curve.ys.iter().copied().fold(0.0, f64::max);
    Ok(Report::new(n)
        .scalar("Mean rate", mean_rate(n, trains.len() as u64, trains.duration()), "Hz", n)
        .scalar("Highest rate", peak, "Hz", n)
        .curve("Rate", curve))
}

#[allow(clippy::unnecessary_wraps, reason = "the face of every measure")]
fn rates(input: &Input<'_>, _: &[f64], _: Watch<'_>) -> Ended {
    let trains = input.trains;
    let all: Vec<f64> = trains.iter().map(|t| mean_rate(t.len() as u64, 1, trains.duration())).collect();
    let mut moments = Moments::default();
    all.iter().for_each(|r| moments.add(*r));
    let silent = all.iter().filter(|r| **r == 0.0).count() as f64 / all.len() as f64;
    let n = moments.n();
    let ids = (0..all.len()).map(|i| i as f64).collect();
    let report = Report::new(n)
        .scalar("Mean rate", moments.mean(), "Hz", n)
        .scalar("Spread over neurons", moments.sd(), "Hz", n)
        .scalar("Lowest", all.iter().copied().fold(f64::INFINITY, f64::min), "Hz", n)
        .scalar("Highest", all.iter().copied().fold(0.0, f64::max), "Hz", n)
        .scalar("Silent", silent, "", n);
    let report = if n > 1 { report.curve("Neurons", distribution("Rate", "Hz", &all)) } else { report };
    Ok(report.curve("Each neuron", Curve::line(Axis::new("Neuron", ""), Axis::new("Rate", "Hz"), ids, all)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_spikes_in_200_ms_are_45_hz() {
        assert!((mean_rate(9, 1, 200.0) - 45.0).abs() < 1e-12);
    }

    #[test]
    fn silent_neurons_are_in_the_mean() {
        assert!((mean_rate(9, 3, 200.0) - 15.0).abs() < 1e-12);
    }

    #[test]
    fn no_neurons_and_no_time_have_no_rate() {
        assert_eq!((mean_rate(0, 0, 200.0), mean_rate(3, 1, 0.0)), (0.0, 0.0));
    }

    #[test]
    fn the_area_under_a_smoothed_rate_is_the_number_of_spikes() {
        let trains = Trains::new(&[vec![400.0, 500.0, 620.0], vec![450.0]], (0.0, 1000.0)).expect("finite");
        let (_, rates) = smoothed(&trains, Shape::Gaussian, 20.0, 0.5).expect("defined");
        let area = rates.iter().sum::<f64>() * 0.5e-3;
        assert!((area - 2.0).abs() < 1e-4, "{area}");
    }
}
