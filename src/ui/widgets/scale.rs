//! How the length of a slider's track maps to values.

use spikeground_core::param::{ParamKind, ParamSpec, Scale};

/// The track of one slider: positions from 0 (left) to 1 (right).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Track {
    pub low: f64,
    pub high: f64,
    pub log: bool,
    pub whole: bool,
}

impl Track {
    /// The track of a parameter that had the value `opened` when the document was opened.
    pub fn of(spec: &ParamSpec, opened: f64) -> Self {
        let (mut low, mut high) = spec.slider;
        if spec.scale == Scale::Relative && opened != 0.0 && opened.is_finite() {
            (low, high) = if opened > 0.0 { (0.0, 4.0 * opened) } else { (4.0 * opened, 0.0) };
        }
        low = low.max(spec.valid.0);
        high = high.min(spec.valid.1);
        Self { low, high, log: spec.scale == Scale::Log && low > 0.0, whole: spec.kind == ParamKind::Count }
    }

    pub fn position(&self, value: f64) -> f32 {
        let part = if self.log {
            (value.max(self.low) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        if part.is_finite() { part.clamp(0.0, 1.0) as f32 } else { 0.0 }
    }

    /// The value at a position, rounded to what one point of a track of `points` can tell apart.
    pub fn value(&self, position: f32, points: f32) -> f64 {
        let part = f64::from(position.clamp(0.0, 1.0));
        let raw = if self.log { self.low * (self.high / self.low).powf(part) } else { self.low + part * (self.high - self.low) };
        self.round(raw, points)
    }

    /// The value `steps` hundredths of the track away from `value`; may leave the track, not what is valid.
    pub fn step(&self, value: f64, steps: f64, valid: (f64, f64)) -> f64 {
        let next = if self.whole {
            let unit = ((self.high - self.low) / 100.0).floor().max(1.0);
            value + if steps.abs() < 1.0 { steps.signum() } else { (steps * unit).round() }
        } else if self.log && value > 0.0 {
            value * (self.high / self.low).powf(steps / 100.0)
        } else {
            value + steps * (self.high - self.low) / 100.0
        };
        self.round(next, 1000.0).clamp(valid.0, valid.1)
    }

    fn round(&self, value: f64, points: f32) -> f64 {
        if self.whole {
            return value.round();
        }
        let per_point =
            if self.log { value.abs() * (self.high / self.low).ln() } else { self.high - self.low } / f64::from(points.max(1.0));
        if per_point <= 0.0 || !per_point.is_finite() {
            return value;
        }
        // Powers of ten as divisors give the shortest decimal: 1.1, not 1.1000000000000001.
        let digits = -per_point.log10().floor();
        let scale = 10f64.powi(digits.abs() as i32);
        if digits >= 0.0 { (value * scale).round() / scale } else { (value / scale).round() * scale }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::param::Unit;

    const TAU: ParamSpec = ParamSpec::new("tau_m", "τ_m", Unit::Ms, 20.0, (0.01, 100_000.0), "").slider(1.0, 100.0).log();
    const WEIGHT: ParamSpec = ParamSpec::new("weight", "w", Unit::One, 1.0, (-1e6, 1e6), "").slider(-10.0, 10.0).relative();

    #[test]
    fn a_logarithmic_track_has_its_geometric_mean_in_the_middle() {
        let t = Track::of(&TAU, 20.0);
        assert_eq!(t.value(0.5, 200.0), 10.0);
        assert!((t.position(10.0) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn a_relative_track_goes_from_zero_to_four_times_the_opened_value() {
        let t = Track::of(&WEIGHT, -0.3);
        assert_eq!((t.low, t.high), (-1.2, 0.0));
        assert_eq!(Track::of(&WEIGHT, 0.0).low, -10.0);
    }

    #[test]
    fn values_of_the_track_are_short_decimals() {
        let t = Track { low: -90.0, high: -40.0, log: false, whole: false };
        for i in 0..=200 {
            let text = t.value(i as f32 / 200.0, 160.0).to_string();
            assert!(text.len() <= 5, "{text}");
        }
    }

    #[test]
    fn arrow_keys_may_leave_the_track_but_not_the_valid_range() {
        let t = Track::of(&TAU, 20.0);
        let mut v = 99.0;
        for _ in 0..1000 {
            v = t.step(v, 1.0, TAU.valid);
        }
        assert_eq!(v, 100_000.0);
    }
}
