//! Firing rates.

/// Mean rate in Hz of a population: spikes ÷ (neurons · time). Silent neurons count, as they must; `duration` in ms.
///
/// Elephant: `statistics.mean_firing_rate`, averaged over all trains. Zero where there are no neurons or no time.
pub fn mean_rate(n_spikes: u64, n_neurons: u64, duration: f64) -> f64 {
    if n_neurons == 0 || duration <= 0.0 {
        return 0.0;
    }
    n_spikes as f64 / (n_neurons as f64 * duration * 1e-3)
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
}
