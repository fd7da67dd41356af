//! The range of an axis that follows its data by steps: it grows at once, shrinks only after a while, and has round ends.

use super::axis::step_125;

/// Seconds for which the data must need much less room before the axis shrinks.
const PATIENCE: f64 = 2.5;
/// Data below this part of what the axis shows have died away: the axis stays, and they lie on zero.
const NOTHING: f64 = 1e-6;

/// The smallest range with round ends (multiples of 1, 2 or 5 × 10ⁿ) around `low..high`; a single value gets some room.
fn round_range(low: f64, high: f64) -> (f64, f64) {
    let room = (high - low).max(low.abs().max(high.abs()) * 1e-3).max(1e-9);
    let step = step_125(room / 8.0);
    let tidy = |k: f64| (k * step * 1e12).round() / 1e12;
    let (low, high) = (tidy((low / step + 1e-6).floor()), tidy((high / step - 1e-6).ceil()));
    if high > low { (low, high) } else { (low - step, low + step) }
}

/// A range with round ends.
#[derive(Clone, Debug, Default)]
pub struct AutoRange {
    shown: Option<(f64, f64)>,
    /// Since when the data would fit a smaller range, and the range they needed since.
    loose: Option<(f64, (f64, f64))>,
}

impl AutoRange {
    /// The range for data between `low` and `high` at wall time `wall`, seconds.
    pub fn update(&mut self, low: f64, high: f64, wall: f64) -> (f64, f64) {
        if !(low.is_finite() && high.is_finite()) {
            return self.shown.unwrap_or((0.0, 1.0));
        }
        let largest = |(low, high): (f64, f64)| low.abs().max(high.abs());
        let fit = round_range(low, high);
        let Some(shown) = self.shown else {
            // Nothing but zeros says nothing about the size of what will come.
            if largest((low, high)) == 0.0 {
                return (0.0, 1.0);
            }
            self.shown = Some(fit);
            return fit;
        };
        if low < shown.0 || high > shown.1 {
            // Grow, and keep the old side: two populations that take turns shall not make the axis jump.
            let grown = round_range(low.min(shown.0), high.max(shown.1));
            (self.shown, self.loose) = (Some(grown), None);
            return grown;
        }
        if fit.1 - fit.0 > 0.6 * (shown.1 - shown.0) || largest((low, high)) < NOTHING * largest(shown) {
            self.loose = None;
            return shown;
        }
        let (since, needed) = self.loose.unwrap_or((wall, fit));
        let needed = (needed.0.min(fit.0), needed.1.max(fit.1));
        self.loose = Some((since, needed));
        if wall - since > PATIENCE {
            (self.shown, self.loose) = (Some(round_range(needed.0, needed.1)), None);
        }
        self.shown.unwrap_or(fit)
    }

    /// Forgets the past: the next data decide alone.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_grows_at_once_and_shrinks_late() {
        let mut r = AutoRange::default();
        assert_eq!(r.update(0.0, 9.0, 0.0), (0.0, 10.0), "in steps of 2");
        assert_eq!(r.update(0.0, 19.0, 0.1), (0.0, 20.0));
        for i in 1..25 {
            assert_eq!(r.update(0.0, 4.0, 0.1 * f64::from(i)), (0.0, 20.0), "still waiting");
        }
        assert_eq!(r.update(0.0, 4.0, 2.7), (0.0, 4.0));
    }

    #[test]
    fn ends_are_round_and_zero_is_not_forced_in() {
        assert_eq!(round_range(-70.0, -35.0), (-70.0, -35.0));
        assert_eq!(round_range(-71.3, -34.2), (-75.0, -30.0));
        assert_eq!(round_range(0.0, 0.93), (0.0, 1.0));
        for constant in [0.0, 5.0, -65.0] {
            let (low, high) = round_range(constant, constant);
            assert!(low < high && low <= constant && constant <= high, "{low} to {high}");
        }
    }

    #[test]
    fn a_single_burst_starts_the_wait_anew() {
        let mut r = AutoRange::default();
        r.update(0.0, 20.0, 0.0);
        r.update(0.0, 4.0, 1.0);
        assert_eq!(r.update(0.0, 18.0, 3.0), (0.0, 20.0));
        assert_eq!(r.update(0.0, 4.0, 4.0), (0.0, 20.0));
        assert_eq!(r.update(0.0, 4.0, 6.6), (0.0, 4.0));
    }

    #[test]
    fn what_dies_away_does_not_take_the_axis_along() {
        let mut r = AutoRange::default();
        assert_eq!(r.update(0.0, 0.0, 0.0), (0.0, 1.0), "nothing yet");
        assert_eq!(r.update(0.0, 2e-5, 0.1), (0.0, 2e-5), "the first data decide");
        assert_eq!(r.update(0.0, 780.0, 1.0), (0.0, 800.0));
        for i in 0..1000 {
            // A conductance of 5 ms at a fifth of real time.
            let wall = 1.0 + 0.02 * f64::from(i);
            let (low, high) = r.update(0.0, 780.0 * (-40.0 * (wall - 1.0)).exp(), wall);
            assert!(low == 0.0 && high >= 1.0, "{low} to {high} at {wall} s");
        }
    }

    #[test]
    fn small_wobbles_do_not_move_the_axis() {
        let mut r = AutoRange::default();
        let first = r.update(-70.3, -49.9, 0.0);
        for i in 0..500 {
            let wobble = f64::from(i % 7) * 0.5;
            assert_eq!(r.update(-69.9 + wobble, -50.1 - wobble, f64::from(i) * 0.05), first);
        }
        assert_eq!(r.update(f64::NAN, 1.0, 99.0), first, "no data: stay");
    }
}
