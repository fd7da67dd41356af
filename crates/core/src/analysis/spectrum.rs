//! Power spectrum of the population rate by Welch's method, and the spectrogram that shows it over time.

use super::measure::{Ended, Input, Measure, Takes, Watch, tell, undefined};
use super::rate::binned;
use super::value::{Axis, Curve, Matrix, Report, Value};
use crate::param::{ParamSpec, Unit};
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};
use std::f64::consts::PI;
use std::sync::Arc;

pub const GROUP: &str = "Rhythm";
/// Most numbers of a spectrogram.
const MOST_CELLS: usize = 4_000_000;

const BIN: ParamSpec = ParamSpec::new(
    "bin",
    "bin",
    Unit::Ms,
    1.0,
    (0.01, 1e3),
    "Width of the bins in which spikes are counted; the highest frequency is 500 Hz over its number of ms.",
)
.slider(0.1, 20.0)
.log();
const LOWEST: ParamSpec =
    ParamSpec::new("lowest", "from", Unit::Hz, 2.0, (0.0, 1e5), "Lowest frequency at which a peak is looked for: below lie slow changes.")
        .slider(0.0, 50.0);

pub static SPECTRUM: Measure = Measure {
    group: GROUP,
    definition: "How much of the variation of the population's rate is at which frequency: mean over segments that overlap by half, each \
without its mean and under a Hann window, one-sided. A Poisson process is flat at twice its rate over the number of neurons.",
    formula: "P(f) = 2 |Σ w(t) r(t) exp(−2πift)|² / (f_s Σ w²)",
    unit: "Hz",
    params: &[
        BIN,
        ParamSpec::new(
            "segment",
            "segment",
            Unit::Ms,
            500.0,
            (1.0, 1e7),
            "Length of a segment: long ones tell close frequencies apart, short ones are more of them to average.",
        )
        .slider(50.0, 5000.0)
        .log(),
        LOWEST,
    ],
    takes: Takes::Population,
    samples: "segments",
    min_samples: 4,
    source: "Welch 1967, doi:10.1109/TAU.1967.1161901",
    elephant: "spectral.welch_psd(time_histogram(output='rate'), len_segment=…)",
    ..Measure::new("spectrum", "Power spectrum", spectrum)
};

pub static SPECTROGRAM: Measure = Measure {
    group: GROUP,
    definition: "The power spectrum of the population's rate in segments that follow each other: how rhythms come and go.",
    formula: "P(f, t) = 2 |Σ w(s) r(t + s) exp(−2πifs)|² / (f_s Σ w²)",
    unit: "Hz",
    params: &[
        BIN,
        ParamSpec::new(
            "segment",
            "segment",
            Unit::Ms,
            250.0,
            (1.0, 1e7),
            "Length of a segment: long ones tell close frequencies apart, short ones close times.",
        )
        .slider(50.0, 2000.0)
        .log(),
        LOWEST,
        ParamSpec::new("highest", "up to", Unit::Hz, 200.0, (0.1, 1e5), "Highest frequency shown.").slider(20.0, 500.0).log(),
    ],
    takes: Takes::Population,
    samples: "segments",
    min_samples: 4,
    source: "Welch 1967, doi:10.1109/TAU.1967.1161901 (scipy.signal.spectrogram with window='hann', detrend='constant')",
    slow: true,
    ..Measure::new("spectrogram", "Spectrogram", spectrogram)
};

/// Spectra of segments of one length.
struct Segments {
    window: Vec<f64>,
    /// Turns |X|² into a density per Hz.
    scale: f64,
    fft: Arc<dyn Fft<f64>>,
    buffer: Vec<Complex<f64>>,
}

impl Segments {
    /// `rate` is the number of samples a second.
    fn new(length: usize, rate: f64) -> Self {
        // The periodic Hann window, as spectra take it.
        let window: Vec<f64> = (0..length).map(|i| 0.5 - 0.5 * libm::cos(2.0 * PI * i as f64 / length as f64)).collect();
        let power: f64 = window.iter().map(|w| w * w).sum();
        Self {
            scale: 1.0 / (rate * power),
            fft: FftPlanner::new().plan_fft_forward(length),
            buffer: vec![Complex::default(); length],
            window,
        }
    }

    /// One-sided density of one segment without its mean, `length / 2 + 1` values.
    fn density(&mut self, segment: &[f64]) -> Vec<f64> {
        let n = segment.len();
        let mean = segment.iter().sum::<f64>() / n as f64;
        for ((to, x), w) in self.buffer.iter_mut().zip(segment).zip(&self.window) {
            *to = Complex::new((x - mean) * w, 0.0);
        }
        self.fft.process(&mut self.buffer);
        // All but the ends stand for the negative frequencies, too.
        let twice = |k: usize| if k == 0 || 2 * k == n { 1.0 } else { 2.0 };
        (0..=n / 2).map(|k| self.buffer[k].norm_sqr() * self.scale * twice(k)).collect()
    }
}

/// Power spectral density of a signal sampled `rate` times a second, by Welch's method with half overlapping Hann windows of `length`
/// samples: frequencies (Hz), density (unit²/Hz) and the number of segments (`scipy.signal.welch`). None where no segment fits.
pub fn welch(signal: &[f64], rate: f64, length: usize) -> Option<(Vec<f64>, Vec<f64>, usize)> {
    if length < 2 || signal.len() < length {
        return None;
    }
    let mut segments = Segments::new(length, rate);
    let mut sum = vec![0.0; length / 2 + 1];
    let mut n = 0;
    // Overlap of half a segment, rounded down.
    for segment in signal.windows(length).step_by(length - length / 2) {
        segments.density(segment).iter().zip(&mut sum).for_each(|(d, s)| *s += d);
        n += 1;
    }
    let frequencies = (0..sum.len()).map(|k| k as f64 * rate / length as f64).collect();
    Some((frequencies, sum.into_iter().map(|s| s / n as f64).collect(), n))
}

/// The frequency from `lowest` on with the highest density, and how far that density lies above the median: none without power.
pub fn peak(frequencies: &[f64], density: &[f64], lowest: f64) -> Option<(f64, f64)> {
    let first = frequencies.partition_point(|f| *f < lowest).max(1);
    let best = (first..density.len()).max_by(|i, j| density[*i].total_cmp(&density[*j]).then(j.cmp(i)))?;
    let mut sorted = density[first..].to_vec();
    sorted.sort_by(f64::total_cmp);
    let median = sorted[sorted.len() / 2];
    (density[best] > 0.0 && median > 0.0).then(|| (frequencies[best], density[best] / median))
}

/// The rate of the population in bins, per second, and the length of a segment in bins.
fn signal(input: &Input<'_>, params: &[f64]) -> Result<(Vec<f64>, f64, usize), super::Stop> {
    if input.trains.n_spikes() == 0 {
        return Err(undefined("no neuron fired in this window"));
    }
    let (_, rates) = binned(input.trains, params[0]).map_err(undefined)?;
    let length = (params[1] / params[0]).round() as usize;
    if length < 4 {
        return Err(undefined("a segment holds fewer than four bins; choose longer segments or narrower bins"));
    }
    if rates.len() < length {
        return Err(undefined(format!("the window is shorter than a segment of {} ms; choose shorter segments", params[1])));
    }
    Ok((rates, 1e3 / params[0], length))
}

fn spectrum(input: &Input<'_>, params: &[f64], _: Watch<'_>) -> Ended {
    let (rates, per_second, length) = signal(input, params)?;
    let Some((frequencies, density, n)) = welch(&rates, per_second, length) else {
        return Err(undefined("the window is shorter than a segment"));
    };
    let found = peak(&frequencies, &density, params[2]);
    let n = n as u64;
    let because = "the rate does not vary at these frequencies";
    Ok(Report::new(n)
        .maybe("Peak frequency", found.map(|f| f.0), "Hz", n, because)
        .maybe("Peak over median", found.map(|f| f.1), "", n, because)
        .curve("Spectrum", Curve::line(Axis::new("Frequency", "Hz"), Axis::new("Power", "Hz²/Hz"), frequencies, density)))
}

fn spectrogram(input: &Input<'_>, params: &[f64], watch: Watch<'_>) -> Ended {
    let (rates, per_second, length) = signal(input, params)?;
    let hop = length - length / 2;
    let n = (rates.len() - length) / hop + 1;
    let all: Vec<f64> = (0..=length / 2).map(|k| k as f64 * per_second / length as f64).collect();
    let last = all.partition_point(|f| *f <= params[3]);
    let first = all.partition_point(|f| *f < params[2]).max(1);
    if first >= last {
        return Err(undefined(format!(
            "no frequency lies between {} and {} Hz; choose longer segments or a wider range",
            params[2], params[3]
        )));
    }
    if n * (last - first) > MOST_CELLS {
        return Err(undefined("the picture would be too large; choose a shorter window or shorter segments"));
    }
    let mut segments = Segments::new(length, per_second);
    let mut columns = Vec::with_capacity(n);
    for (i, segment) in rates.windows(length).step_by(hop).enumerate() {
        columns.push(segments.density(segment)[first..last].to_vec());
        if i % 256 == 255 {
            tell(watch, i as f64 / n as f64, None)?;
        }
    }
    let values: Vec<f64> = (0..last - first).flat_map(|row| columns.iter().map(move |c| c[row])).collect();
    let from = input.trains.window().0;
    let centre = |i: usize| from + (i as f64 * hop as f64 + 0.5 * length as f64) * params[0];
    let matrix = Matrix {
        x: Axis::new("Time", "ms"),
        y: Axis::new("Frequency", "Hz"),
        z: Axis::new("Power", "Hz²/Hz").log(),
        xs: (0..n).map(centre).collect(),
        ys: all[first..last].to_vec(),
        values,
    };
    let mean: Vec<f64> = (0..last - first).map(|row| columns.iter().map(|c| c[row]).sum::<f64>() / n as f64).collect();
    let best = (0..mean.len()).fold(0, |best, i| if mean[i] > mean[best] { i } else { best });
    let found = (mean[best] > 0.0).then(|| all[first + best]);
    Ok(Report::new(n as u64)
        .maybe("Peak frequency", found, "Hz", n as u64, "the rate does not vary at these frequencies")
        .with("Spectrogram", Value::Matrix(matrix)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_has_its_peak_at_its_frequency_and_its_power_under_it() {
        let signal: Vec<f64> = (0..4000).map(|i| 3.0 * libm::sin(2.0 * PI * 40.0 * f64::from(i) * 1e-3)).collect();
        let (f, p, n) = welch(&signal, 1000.0, 500).expect("fits");
        assert_eq!((peak(&f, &p, 2.0).map(|p| p.0), n), (Some(40.0), 15));
        let power: f64 = p.iter().sum::<f64>() * 2.0;
        assert!((power - 4.5).abs() < 1e-9, "{power}");
    }

    #[test]
    fn silence_has_no_peak() {
        assert_eq!(peak(&[0.0, 1.0, 2.0], &[0.0; 3], 0.0), None);
    }
}
