//! What is said of one clone's spikes.

/// Measures of one neuron under one constant input.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measures {
    /// Value of the parameter, and of the second one of a map.
    pub value: f64,
    pub second: f64,
    /// Spikes from the beginning.
    pub n_spikes: usize,
    /// Time of the first spike, ms; none: silent.
    pub first_ms: Option<f64>,
    /// Inverse of the mean interval in the later half, Hz; 0 when there are fewer than two spikes or it has fallen silent.
    pub rate_hz: f64,
    /// Standard deviation of the intervals in the later half over their mean; none below three spikes.
    pub cv: Option<f64>,
    /// Mean of (next − this)/(next + this) over all pairs of successive intervals: 0 regular, positive when it slows down.
    pub adaptation: Option<f64>,
    /// Lowest and highest v at the ends of steps in the later half.
    pub v_min: f64,
    pub v_max: f64,
}

/// Measures of spikes (ms, ascending) in [0, `end`], later half from `from` on.
pub fn measure(spikes: &[f64], from: f64, end: f64) -> Measures {
    let late = &spikes[spikes.partition_point(|t| *t < from)..];
    let intervals: Vec<f64> = late.windows(2).map(|w| w[1] - w[0]).collect();
    let longest = intervals.iter().copied().fold(0.0, f64::max);
    let fires_on = late.last().is_some_and(|t| end - t <= 2.0 * longest);
    let n = intervals.len() as f64;
    let mean = intervals.iter().sum::<f64>() / n.max(1.0);
    let cv = (intervals.len() >= 2).then(|| {
        let variance = intervals.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        libm::sqrt(variance) / mean
    });
    let all: Vec<f64> = spikes.windows(2).map(|w| w[1] - w[0]).collect();
    let adaptation = (all.len() >= 2).then(|| {
        let sum: f64 = all.windows(2).map(|w| (w[1] - w[0]) / (w[1] + w[0])).sum();
        sum / (all.len() - 1) as f64
    });
    Measures {
        n_spikes: spikes.len(),
        first_ms: spikes.first().copied(),
        rate_hz: if fires_on && mean > 0.0 { 1000.0 / mean } else { 0.0 },
        cv,
        adaptation,
        ..Measures::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_needs_firing_to_the_end() {
        let steady: Vec<f64> = (0..100).map(|k| 10.0 * f64::from(k)).collect();
        let m = measure(&steady, 500.0, 1000.0);
        assert!((m.rate_hz - 100.0).abs() < 1e-9 && m.cv == Some(0.0) && m.adaptation == Some(0.0), "{m:?}");
        assert_eq!(measure(&steady[..70], 500.0, 1000.0).rate_hz, 0.0);
        assert_eq!(measure(&[], 500.0, 1000.0), Measures::default());
    }

    #[test]
    fn growing_intervals_are_adaptation() {
        // Intervals 1, 3: (3 − 1)/(3 + 1).
        assert_eq!(measure(&[0.0, 1.0, 4.0], 0.0, 5.0).adaptation, Some(0.5));
    }
}
