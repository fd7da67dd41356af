//! Round ticks, and ranges that change by steps.

/// The smallest of 1, 2, 5 × 10ⁿ that is at least `x` (> 0).
pub fn step_125(x: f64) -> f64 {
    if !(x.is_finite() && x > 0.0) {
        return 1.0;
    }
    let base = 10f64.powf(x.log10().floor());
    let tolerance = 1.0 + 1e-9;
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * base).find(|s| *s * tolerance >= x).unwrap_or(10.0 * base)
}

/// A range around `low..high` with round ends (multiples of a 1-2-5 step). A range of one sign that starts near zero starts at zero.
pub fn round_range(low: f64, high: f64) -> (f64, f64) {
    if !(low.is_finite() && high.is_finite()) {
        return (0.0, 1.0);
    }
    let (low, high) = (low.min(high), low.max(high));
    let low = if low > 0.0 && low <= 0.5 * high || low == high && low > 0.0 { 0.0 } else { low };
    let high = if high < 0.0 && high >= 0.5 * low || low == high && high < 0.0 { 0.0 } else { high };
    if low == high {
        return (0.0, 1.0);
    }
    let step = step_125((high - low) / 10.0);
    // Free of rounding noise, whatever the size of the numbers.
    #[allow(clippy::cast_possible_truncation)]
    let unit = 10f64.powi((3 - step.log10().floor() as i32).clamp(0, 300));
    let tidy = |k: f64| (k * step * unit).round() / unit;
    (tidy((low / step + 1e-9).floor()), tidy((high / step - 1e-9).ceil()))
}

/// Round positions inside `low..=high`, about `wanted` of them.
pub fn ticks(low: f64, high: f64, wanted: f64) -> Vec<f64> {
    if !(high > low) || !(high - low).is_finite() {
        return Vec::new();
    }
    let step = step_125((high - low) / wanted.max(1.0));
    let first = (low / step - 1e-9).ceil();
    let n = ((high / step + 1e-9).floor() - first).clamp(-1.0, 100.0);
    #[allow(clippy::cast_possible_truncation)]
    (0..=n as i64).map(|k| (first + k as f64) * step).collect()
}

/// Decimal places that tell `ticks` apart.
pub fn decimals(ticks: &[f64]) -> usize {
    if let [one] = ticks {
        // As few as the number needs.
        return (0..6).find(|d| (one * 10f64.powi(*d) - (one * 10f64.powi(*d)).round()).abs() < 1e-6).unwrap_or(6) as usize;
    }
    let step = ticks.windows(2).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min);
    if !step.is_finite() || step <= 0.0 {
        return 2;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let places = (-(step * (1.0 + 1e-9)).log10().floor()).clamp(0.0, 9.0) as usize;
    places
}

/// The powers of ten inside `low..=high` (both positive); 1-2-5 steps when the range spans less than a decade and a half.
pub fn decades(low: f64, high: f64) -> Vec<f64> {
    if !(low > 0.0 && high > low && high.is_finite()) {
        return Vec::new();
    }
    #[allow(clippy::cast_possible_truncation)]
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let factors: &[f64] = if (high / low).log10() < 1.5 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let inside = |t: &f64| *t >= low * (1.0 - 1e-9) && *t <= high * (1.0 + 1e-9);
    (first..=last).flat_map(|k| factors.iter().map(move |f| f * 10f64.powi(k))).filter(inside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_get_round_ends() {
        assert_eq!(round_range(0.0, 0.93), (0.0, 1.0));
        assert_eq!(round_range(0.21, 0.93), (0.0, 1.0));
        assert_eq!(round_range(41.0, 59.0), (40.0, 60.0));
        assert_eq!(round_range(-3.1, 7.2), (-4.0, 8.0));
        assert_eq!(round_range(-0.5, -0.1), (-0.5, 0.0));
        assert_eq!(round_range(5.0, 5.0), (0.0, 5.0));
        assert_eq!(round_range(0.0, 0.0), (0.0, 1.0));
        assert_eq!(round_range(f64::NAN, 1.0), (0.0, 1.0));
    }

    #[test]
    fn steps_are_one_two_or_five() {
        for (x, expected) in [(0.9, 1.0), (1.0, 1.0), (1.1, 2.0), (2.5, 5.0), (7.0, 10.0), (0.03, 0.05), (120.0, 200.0)] {
            assert!((step_125(x) / expected - 1.0).abs() < 1e-9, "{x}: {}", step_125(x));
        }
    }

    #[test]
    fn ticks_lie_inside_and_include_round_ends() {
        let t = ticks(-100.0, 100.0, 4.0);
        assert_eq!(t, [-100.0, -50.0, 0.0, 50.0, 100.0]);
        assert!(ticks(1.0, 1.0, 5.0).is_empty() && ticks(f64::NAN, 1.0, 5.0).is_empty());
        assert_eq!(decimals(&ticks(0.0, 0.1, 5.0)), 2);
        assert_eq!((decimals(&[20.0]), decimals(&[0.4]), decimals(&[])), (0, 1, 2));
        assert_eq!(decades(0.5, 2000.0), [1.0, 10.0, 100.0, 1000.0]);
        assert_eq!(decades(1.0, 10.0), [1.0, 2.0, 5.0, 10.0]);
    }
}
