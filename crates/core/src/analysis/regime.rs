//! In which regime a network is, in words and numbers, with the rule that says so.

use super::isi::{MIN_INTERVALS, Moments, cv};
use super::measure::{Ended, Input, Measure, Takes, Watch, undefined};
use super::rate::mean_rate;
use super::spectrum::{peak, welch};
use super::synchrony::{GROUP, chi};
use super::value::{Report, Value};
use crate::param::{ParamSpec, Unit};

/// Bins of synchrony and spectrum, and of bursts, ms.
const BIN: f64 = 1.0;
const BURST_BIN: f64 = 5.0;
/// Segments of the spectrum, ms; shorter in short windows, of which four must fit.
const SEGMENT: f64 = 200.0;
/// Lowest frequency that counts as a rhythm, Hz.
const LOWEST: f64 = 6.0;
/// Bursts: part of the spikes in the busiest tenth of the bins, and Fano factor of the counts (sparse spikes gather by chance, too).
const GATHERED: f64 = 0.6;
const BURST_FANO: f64 = 5.0;
/// Part of the neurons' variation from which on they do the same, whatever the spectrum: sharp volleys have no single peak.
const COMMON: f64 = 0.5;

pub static REGIME: Measure = Measure {
    group: GROUP,
    definition: "What the population does as a whole: silent; regular or irregular by the CV of its neurons; synchronous where a rhythm stands \
out of the population's spectrum and the neurons share enough of it, fast or slow by its frequency; or bursts that hold most of the spikes.",
    formula: "silent: rate below r₀ · regular: CV below c · synchronous: peak over median of the spectrum above p and √(χ² − 1/N) above s · \
fast: from f on · bursts: 60 % of the spikes in a tenth of the 5 ms bins, or √(χ² − 1/N) above ½ without a rhythm",
    params: &[
        ParamSpec::new("silent", "r₀", Unit::Hz, 0.05, (0.0, 100.0), "Mean rate below which the population counts as silent.")
            .slider(0.0, 1.0),
        ParamSpec::new("regular", "c", Unit::One, 0.3, (0.0, 2.0), "Mean CV below which neurons count as regular.").slider(0.0, 1.0),
        ParamSpec::new(
            "peak",
            "p",
            Unit::One,
            24.0,
            (1.0, 1e6),
            "Peak of the spectrum over its median from which on it counts as a rhythm.",
        )
        .slider(5.0, 200.0)
        .log(),
        ParamSpec::new(
            "shared",
            "s",
            Unit::One,
            0.1,
            (0.0, 1.0),
            "Synchrony in bins of 1 ms, without what chance gives, from which on it counts.",
        ),
        ParamSpec::new("fast", "f", Unit::Hz, 80.0, (1.0, 1e4), "Frequency from which on a rhythm counts as fast.").slider(20.0, 200.0),
    ],
    takes: Takes::Population,
    samples: "spikes",
    min_samples: 200,
    source: "the states of Brunel 2000, doi:10.1023/A:1008925309027; the thresholds are ours",
    ..Measure::new("regime", "Regime", run)
};

/// What a network does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    Silent,
    AsynchronousIrregular,
    AsynchronousRegular,
    SynchronousRegular,
    FastSynchronousIrregular,
    SlowSynchronousIrregular,
    PopulationBursts,
}

impl Regime {
    pub fn words(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::AsynchronousIrregular => "asynchronous irregular",
            Self::AsynchronousRegular => "asynchronous regular",
            Self::SynchronousRegular => "synchronous regular",
            Self::FastSynchronousIrregular => "fast synchronous irregular",
            Self::SlowSynchronousIrregular => "slow synchronous irregular",
            Self::PopulationBursts => "population bursts",
        }
    }
}

/// The numbers that the rule looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Numbers {
    rate: f64,
    cv: Option<f64>,
    /// Frequency and peak over median.
    rhythm: Option<(f64, f64)>,
    shared: f64,
    gathered: f64,
    burst_fano: f64,
}

impl Numbers {
    /// The regime, and the part of the rule that decided; none where the neurons have too few intervals to tell.
    fn regime(&self, params: &[f64]) -> Option<(Regime, String)> {
        let &[silent, regular, peak, shared, fast] = params else { return None };
        if self.rate < silent {
            return Some((Regime::Silent, format!("{:.3} Hz is below {silent} Hz", self.rate)));
        }
        let rhythm = self.rhythm.filter(|(_, over)| *over >= peak && self.shared >= shared);
        let gathered = self.gathered >= GATHERED && self.burst_fano >= BURST_FANO;
        let bursts = gathered || (rhythm.is_none() && self.shared >= COMMON);
        let synchrony = match (rhythm, self.rhythm) {
            (Some((f, over)), _) => {
                format!("a rhythm of {f:.0} Hz stands {over:.0} times over the median, and the neurons share {:.2}", self.shared)
            }
            (None, Some((f, over))) if over < peak => {
                format!("the highest peak, at {f:.0} Hz, stands only {over:.1} times over the median")
            }
            (None, Some(_)) => format!("the neurons share only {:.3}", self.shared),
            (None, None) => "no rhythm stands out".to_owned(),
        };
        let together = || {
            let (gathered, shared) = (100.0 * self.gathered, self.shared);
            format!("{gathered:.0} % of the spikes lie in a tenth of the time, and the neurons share {shared:.2}")
        };
        match self.cv {
            Some(cv) if cv < regular => {
                let (regime, why) = match (rhythm, bursts) {
                    (Some(_), _) => (Regime::SynchronousRegular, synchrony),
                    (None, true) => (Regime::SynchronousRegular, together()),
                    (None, false) => (Regime::AsynchronousRegular, synchrony),
                };
                Some((regime, format!("CV {cv:.2} is below {regular}; {why}")))
            }
            _ if bursts => Some((Regime::PopulationBursts, together())),
            None => None,
            Some(cv) => {
                let regime = match rhythm {
                    Some((f, _)) if f >= fast => Regime::FastSynchronousIrregular,
                    Some(_) => Regime::SlowSynchronousIrregular,
                    None => Regime::AsynchronousIrregular,
                };
                Some((regime, format!("CV {cv:.2} is not below {regular}; {synchrony}")))
            }
        }
    }
}

fn run(input: &Input<'_>, params: &[f64], _: Watch<'_>) -> Ended {
    let trains = input.trains;
    let n = trains.n_spikes() as u64;
    let mut cvs = Moments::default();
    trains.iter().filter(|t| t.len() as u64 > MIN_INTERVALS).filter_map(cv).for_each(|c| cvs.add(c));
    let mut numbers =
        Numbers { rate: mean_rate(n, trains.len() as u64, trains.duration()), cv: (cvs.n() > 0).then(|| cvs.mean()), ..Numbers::default() };
    if trains.duration() < 4.0 * 4.0 * BIN {
        return Err(undefined("the window is too short to tell; choose at least some hundred ms"));
    }
    let grid = trains.grid(BIN).map_err(undefined)?;
    let rates: Vec<f64> = trains.counts(&grid).into_iter().map(|c| c * 1e3 / BIN / trains.len() as f64).collect();
    let segment = SEGMENT.min((trains.duration() / 4.0).floor());
    if let Some((frequencies, density, _)) = welch(&rates, 1e3 / BIN, (segment / BIN) as usize) {
        numbers.rhythm = peak(&frequencies, &density, LOWEST);
    }
    let chance = 1.0 / trains.len() as f64;
    numbers.shared = chi(trains, &grid).map_or(0.0, |chi| (chi * chi - chance).max(0.0).sqrt());
    let wide = trains.grid(BURST_BIN).map_err(undefined)?;
    (numbers.gathered, numbers.burst_fano) = gathered(trains.counts(&wide));
    let report = match numbers.regime(params) {
        Some((regime, why)) => {
            Report::new(n).with("Regime", Value::Words { words: regime.words().into() }).with("Because", Value::Words { words: why })
        }
        None => Report::new(n).with("Regime", Value::undefined(format!("no neuron has {MIN_INTERVALS} intervals; choose a longer window"))),
    };
    let none = "the rate does not vary";
    Ok(report
        .scalar("Mean rate", numbers.rate, "Hz", n)
        .maybe("Mean CV", numbers.cv, "", cvs.n(), "no neuron has enough intervals")
        .maybe("Rhythm", numbers.rhythm.map(|r| r.0), "Hz", n, none)
        .maybe("Peak over median", numbers.rhythm.map(|r| r.1), "", n, none)
        .scalar("Synchrony without chance", numbers.shared, "", trains.len() as u64)
        .scalar("Spikes in the busiest tenth", numbers.gathered, "", n))
}

/// Part of the spikes in the busiest tenth of the bins, and the Fano factor of the counts.
fn gathered(mut counts: Vec<f64>) -> (f64, f64) {
    let total: f64 = counts.iter().sum();
    if total == 0.0 {
        return (0.0, 0.0);
    }
    let mut moments = Moments::default();
    counts.iter().for_each(|c| moments.add(*c));
    counts.sort_by(|a, b| b.total_cmp(a));
    let tenth = counts.len().div_ceil(10);
    (counts[..tenth].iter().sum::<f64>() / total, moments.sd() * moments.sd() / moments.mean())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Trains;
    use crate::rng::{Purpose, stream};
    use rand::RngExt;

    fn words(trains: &[Vec<f64>]) -> String {
        let report = REGIME.plain(&Trains::new(trains, (0.0, 2000.0)).expect("finite"));
        match report.part("Regime") {
            Some(Value::Words { words }) => words.clone(),
            other => panic!("{other:?}"),
        }
    }

    /// Poisson trains whose rate (Hz) follows `rate`, below 500.
    fn poisson(n: usize, rate: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
        let train = |k: usize| {
            let mut rng = stream(5, Purpose::Surrogate, k as u64, 0);
            (0..20_000).map(|i| f64::from(i) * 0.1).filter(|t| rng.random::<f64>() < 1e-4 * rate(*t)).collect()
        };
        (0..n).map(train).collect()
    }

    #[test]
    fn independent_poisson_trains_are_asynchronous_and_irregular() {
        assert_eq!(words(&poisson(100, |_| 10.0)), "asynchronous irregular");
    }

    #[test]
    fn clocks_are_regular_together_or_apart() {
        let clock = |shift: f64| (0..100).map(|i| 1.0 + f64::from(i) * 19.7 + shift).collect::<Vec<_>>();
        assert_eq!(words(&vec![clock(0.0); 50]), "synchronous regular");
        let apart: Vec<_> =
            (0..50).map(|k| (0..100).map(|i| 0.3 * f64::from(k) + f64::from(i) * (15.0 + 0.09 * f64::from(k))).collect()).collect();
        assert_eq!(words(&apart), "asynchronous regular");
    }

    #[test]
    fn a_common_rhythm_is_fast_or_slow_by_its_frequency() {
        let rhythm = |hz: f64| move |t: f64| 40.0 * libm::pow(0.5 + 0.5 * libm::sin(2.0 * std::f64::consts::PI * hz * t * 1e-3), 4.0);
        assert_eq!(words(&poisson(200, rhythm(25.0))), "slow synchronous irregular");
        assert_eq!(words(&poisson(200, rhythm(150.0))), "fast synchronous irregular");
    }

    #[test]
    fn rare_volleys_are_bursts_and_nothing_is_silent() {
        let at = [100.0, 420.0, 530.0, 990.0, 1210.0, 1660.0, 1900.0];
        let bursts = poisson(100, |t| if at.iter().any(|b| (0.0..15.0).contains(&(t - b))) { 300.0 } else { 0.3 });
        assert_eq!(words(&bursts), "population bursts");
        assert_eq!(words(&vec![Vec::new(); 10]), "silent");
    }

    #[test]
    fn a_few_scattered_spikes_are_no_burst_and_no_verdict() {
        let trains = Trains::new(&[vec![100.0, 300.0], vec![900.0]], (0.0, 2000.0)).expect("finite");
        let report = REGIME.plain(&trains);
        assert!(matches!(report.part("Regime"), Some(Value::Undefined { .. })), "{report:?}");
    }
}
