//! Spike-triggered average: the mean of a signal around the spikes.

use super::measure::{Ended, Input, Measure, Signal, Takes, Watch, undefined};
use super::value::{Axis, Curve, Report};
use crate::param::{ParamSpec, Unit};

pub static STA: Measure = Measure {
    group: "Stimulus",
    definition: "The mean of a recorded signal (a stimulus, a potential) around the spikes: what comes before zero is what the neuron \
answers to. Spikes without a whole piece of signal around them are left out.",
    formula: "STA(τ) = ⟨ s(tᵢ + τ) ⟩ᵢ",
    params: &[
        ParamSpec::new("before", "before", Unit::Ms, 50.0, (0.0, 1e5), "Time shown before a spike.").slider(5.0, 500.0),
        ParamSpec::new("after", "after", Unit::Ms, 10.0, (0.0, 1e5), "Time shown after a spike.").slider(0.0, 500.0),
    ],
    takes: Takes::Signal,
    samples: "spikes",
    min_samples: 50,
    source: "de Boer & Kuyper 1968, doi:10.1109/TBME.1968.4502561",
    elephant: "sta.spike_triggered_average",
    ..Measure::new("sta", "Spike-triggered average", run)
};

/// The mean of the signal from `before` ms before the spikes to `after` ms after them, and the number of spikes that are in it.
///
/// The sample of a time is the last one that is not later (Elephant: `spike_triggered_average`).
pub fn average<'a>(signal: &Signal<'_>, spikes: impl Iterator<Item = &'a f64>, before: f64, after: f64) -> (Vec<f64>, u64) {
    let length = ((before + after) / signal.step - 1e-8).ceil().max(0.0) as usize;
    let end = signal.start + signal.values.len() as f64 * signal.step;
    let slack = 1e-8 * signal.step;
    let mut sum = vec![0.0; length];
    let mut n = 0;
    for time in spikes {
        if time - before < signal.start - slack || time + after > end + slack {
            continue;
        }
        let first = ((time - before - signal.start) / signal.step + 1e-8).floor().max(0.0) as usize;
        if let Some(piece) = signal.values.get(first..first + length) {
            sum.iter_mut().zip(piece).for_each(|(s, x)| *s += x);
            n += 1;
        }
    }
    (sum.into_iter().map(|s| s / f64::max(n as f64, 1.0)).collect(), n)
}

fn run(input: &Input<'_>, params: &[f64], _: Watch<'_>) -> Ended {
    let Some(signal) = input.signals.first() else {
        return Err(undefined("no signal is recorded; put a probe on a neuron or a stimulus"));
    };
    if !(signal.step > 0.0) || signal.values.iter().any(|v| !v.is_finite()) {
        return Err(undefined(format!("{} holds values that are not finite", signal.name)));
    }
    let (mean, n) = average(signal, input.trains.times().iter(), params[0], params[1]);
    if n == 0 || mean.is_empty() {
        return Err(undefined("no spike has enough of the signal around it"));
    }
    let xs = (0..mean.len()).map(|i| i as f64 * signal.step - params[0]).collect();
    let at_spike = mean[((params[0] / signal.step + 1e-8) as usize).min(mean.len() - 1)];
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    mean.iter().for_each(|m| (low, high) = (low.min(*m), high.max(*m)));
    Ok(Report::new(n)
        .scalar("At the spike", at_spike, signal.unit, n)
        .scalar("Lowest", low, signal.unit, n)
        .scalar("Highest", high, signal.unit, n)
        .curve("Average", Curve::line(Axis::new("Time from the spike", "ms"), Axis::new(signal.name, signal.unit), xs, mean)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Trains, Value};

    #[test]
    fn a_ramp_is_averaged_to_its_value_around_the_mean_spike() {
        let values: Vec<f64> = (0..1000).map(f64::from).collect();
        let signal = Signal { name: "s", unit: "mV", start: 0.0, step: 0.1, values: &values };
        let trains = Trains::new(&[vec![20.0, 40.0, 0.5]], (0.0, 100.0)).expect("finite");
        let input = Input { signals: &[signal], ..Input::new(&trains) };
        let report = STA.of(&input, &[2.0, 1.0], &mut |_, _| true).expect("done");
        // Spikes at samples 200 and 400; the one at 0.5 ms has no 2 ms before it.
        assert_eq!((report.n, report.number("At the spike")), (2, Some(300.0)));
        assert!(matches!(report.part("Average"), Some(Value::Curve(c)) if c.xs.len() == 30 && c.xs[0] == -2.0));
    }
}
