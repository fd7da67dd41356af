//! The colour scale: holds still until somebody asks, except that a plastic projection's scale ends at w_max.

use super::super::super::widgets::axis;
use super::super::super::widgets::colormap::Map;

/// A scale that stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// What the scale belongs to; another subject gets another scale.
    of: String,
    range: Option<(f64, f64)>,
    asked: bool,
    /// The picture last looked at for its extremes.
    stamp: Option<u64>,
}

impl Held {
    /// Fits the scale to the numbers at the next opportunity.
    pub fn fit(&mut self) {
        self.asked = true;
    }

    /// The scale for `subject` with map: 0 to `w_max` where there is one and nobody asked, else around `extremes`.
    pub fn of(&mut self, subject: &str, w_max: Option<f64>, extremes: impl Fn() -> (f64, f64)) -> ((f64, f64), Map) {
        if self.of != subject {
            *self = Self { of: subject.to_owned(), ..Self::default() };
        }
        if self.asked || (self.range.is_none() && w_max.is_none()) {
            self.asked = false;
            let (low, high) = extremes();
            self.range = Some(if low < 0.0 { symmetric(low, high) } else { axis::round_range(low, high) });
        }
        let range = self.range.or(w_max.map(|w| (0.0, w))).unwrap_or((0.0, 1.0));
        (range, if range.0 < 0.0 { Map::Signed } else { Map::Viridis })
    }

    /// The scale of a change: symmetric, and growing by 1-2-5 steps unless fitted anew.
    pub fn of_change(&mut self, subject: &str, stamp: u64, extremes: impl Fn() -> (f64, f64)) -> (f64, f64) {
        if self.of != subject {
            *self = Self { of: subject.to_owned(), ..Self::default() };
        }
        let (low, high) = if self.asked || self.stamp != Some(stamp) { extremes() } else { (0.0, 0.0) };
        self.stamp = Some(stamp);
        let needed = low.abs().max(high.abs());
        let held = if self.asked { 0.0 } else { self.range.map_or(0.0, |r| r.1) };
        self.asked = false;
        if needed > held && needed.is_finite() {
            let end = axis::step_125(needed);
            self.range = Some((-end, end));
        }
        self.range.unwrap_or((-1.0, 1.0))
    }
}

/// Zero in the middle, so that neutral means zero.
fn symmetric(low: f64, high: f64) -> (f64, f64) {
    let (_, end) = axis::round_range(0.0, low.abs().max(high.abs()));
    (-end, end)
}

/// Smallest and largest number, leaving out what is none.
pub fn spread(values: impl Iterator<Item = f32>) -> (f64, f64) {
    let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
    for v in values {
        low = low.min(v);
        high = high.max(v);
    }
    if low <= high { (f64::from(low), f64::from(high)) } else { (0.0, 0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_holds_still_until_asked() {
        let mut held = Held::default();
        assert_eq!(held.of("a", None, || (0.0, 0.93)).0, (0.0, 1.0));
        assert_eq!(held.of("a", None, || (0.0, 7.0)).0, (0.0, 1.0));
        held.fit();
        assert_eq!(held.of("a", None, || (0.0, 7.0)).0, (0.0, 7.0));
        assert_eq!(held.of("b", None, || (0.0, 20.0)).0, (0.0, 20.0));
    }

    #[test]
    fn a_plastic_projection_is_shown_up_to_w_max_wherever_that_moves() {
        let mut held = Held::default();
        assert_eq!(held.of("a", Some(2.0), || (0.3, 0.4)), ((0.0, 2.0), Map::Viridis));
        assert_eq!(held.of("a", Some(3.0), || (0.3, 0.4)).0, (0.0, 3.0));
        held.fit();
        assert_eq!(held.of("a", Some(3.0), || (0.3, 0.4)).0, (0.3, 0.4));
    }

    #[test]
    fn weights_of_both_signs_have_zero_in_the_middle() {
        let ((low, high), map) = Held::default().of("a", None, || (-4.2, 1.0));
        assert_eq!((low, high, map), (-4.5, 4.5, Map::Signed));
    }

    #[test]
    fn the_scale_of_changes_grows_by_steps_only() {
        let mut held = Held::default();
        assert_eq!(held.of_change("a", 1, || (0.0, 0.0)), (-1.0, 1.0));
        assert_eq!(held.of_change("a", 2, || (-0.03, 0.01)), (-0.05, 0.05));
        assert_eq!(held.of_change("a", 3, || (-0.01, 0.01)), (-0.05, 0.05));
        assert_eq!(held.of_change("a", 4, || (-0.01, 0.06)), (-0.1, 0.1));
        held.fit();
        assert_eq!(held.of_change("a", 5, || (-0.01, 0.018)), (-0.02, 0.02));
    }

    #[test]
    fn no_synapse_is_no_number() {
        assert_eq!(spread([f32::NAN, 2.0, f32::NAN, -1.0].into_iter()), (-1.0, 2.0));
        assert_eq!(spread([f32::NAN].into_iter()), (0.0, 0.0));
    }
}
