//! Axes: round ticks, ranges that change by steps, and the frame of a small plot with ticks, labels and units.

use super::super::text;
use super::super::theme::{SMALL, Theme};
use egui::epaint::TextShape;
use egui::{Align2, FontId, Painter, Pos2, Rangef, Rect, Stroke, pos2};

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
    let tidy = |k: f64| (k * step * 1e12).round() / 1e12;
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
    let step = ticks.windows(2).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min);
    if !step.is_finite() || step <= 0.0 {
        return 2;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let places = (-(step * (1.0 + 1e-9)).log10().floor()).clamp(0.0, 9.0) as usize;
    places
}

/// A linear scale on one axis of the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    /// Screen coordinates of `low` and `high`.
    pub from: f32,
    pub to: f32,
}

impl Scale {
    #[allow(clippy::cast_possible_truncation)]
    pub fn screen(&self, value: f64) -> f32 {
        let t = (value - self.low) / (self.high - self.low);
        self.from + (self.to - self.from) * t as f32
    }

    pub fn value(&self, screen: f32) -> f64 {
        let t = f64::from((screen - self.from) / (self.to - self.from));
        self.low + (self.high - self.low) * t
    }
}

/// The frame of a plot: where the data go, and the two scales.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub rect: Rect,
    pub x: Scale,
    pub y: Scale,
}

/// What to write along the axes.
#[derive(Clone, Debug, Default)]
pub struct Labels<'a> {
    pub x: &'a str,
    pub y: &'a str,
    /// Decimal places are chosen from the ticks; this multiplies what is written (100 for per cent).
    pub y_factor: f64,
    /// The y axis counts things: only whole numbers are written.
    pub y_counts: bool,
}

/// Space below the data: x numbers and their title.
pub const BELOW: f32 = 34.0;
/// Space above and right of the data.
const MARGIN: f32 = 8.0;
/// Height of a title that reads upwards, and its distance from the numbers.
const TITLE_WIDTH: f32 = 20.0;

impl Frame {
    /// Draws ground, grid, ticks and labels in `outer`, and says where the data go.
    pub fn draw(painter: &Painter, theme: &Theme, outer: Rect, x: (f64, f64), y: (f64, f64), labels: &Labels<'_>) -> Self {
        let font = FontId::proportional(SMALL);
        let height = outer.height() - BELOW - MARGIN;
        let factor = if labels.y_factor == 0.0 { 1.0 } else { labels.y_factor };
        let mut ys = ticks(y.0 * factor, y.1 * factor, f64::from(height / 36.0));
        if labels.y_counts {
            ys.retain(|t| (t - t.round()).abs() < 1e-6);
        }
        let places = decimals(&ys);
        let numbers: Vec<_> = ys.iter().map(|t| painter.layout_no_wrap(text::fixed(*t, places), font.clone(), theme.weak)).collect();
        // Room for the widest number, by steps: the plot does not shift with every digit.
        let widest = numbers.iter().map(|g| g.size().x).fold(0.0, f32::max);
        let left = ((TITLE_WIDTH + widest + 6.0) / 12.0).ceil() * 12.0;
        let rect = Rect::from_min_max(outer.min + egui::vec2(left, MARGIN), outer.max - egui::vec2(MARGIN, BELOW));
        let frame = Self {
            rect,
            x: Scale { low: x.0, high: x.1, from: rect.left(), to: rect.right() },
            y: Scale { low: y.0, high: y.1, from: rect.bottom(), to: rect.top() },
        };
        painter.rect_filled(rect, 0.0, theme.plot);
        let grid = Stroke::new(1.0, Theme::mix(theme.plot, theme.hairline, 0.8));
        let xs = ticks(x.0, x.1, f64::from(rect.width() / 64.0));
        let places = decimals(&xs);
        for &tick in &xs {
            let at = painter.round_to_pixel_center(frame.x.screen(tick));
            painter.vline(at, rect.y_range(), grid);
            painter.text(pos2(at, rect.bottom() + 3.0), Align2::CENTER_TOP, text::fixed(tick, places), font.clone(), theme.weak);
        }
        for (tick, number) in ys.iter().zip(numbers) {
            let at = painter.round_to_pixel_center(frame.y.screen(tick / factor));
            painter.hline(rect.x_range(), at, grid);
            painter.galley(pos2(rect.left() - 5.0 - number.size().x, at - number.size().y / 2.0), number, theme.weak);
        }
        painter.text(pos2(rect.center().x, outer.bottom()), Align2::CENTER_BOTTOM, labels.x, font.clone(), theme.weak);
        upright(painter, pos2(outer.left(), rect.center().y), labels.y, font, theme.weak);
        frame
    }

    pub fn at(&self, x: f64, y: f64) -> Pos2 {
        pos2(self.x.screen(x), self.y.screen(y))
    }

    /// The whole height, for hair lines.
    pub fn y_range(&self) -> Rangef {
        self.rect.y_range()
    }
}

/// Text that reads upwards, its left edge at `left_middle` and centred on it.
pub fn upright(painter: &Painter, left_middle: Pos2, words: &str, font: FontId, colour: egui::Color32) {
    let galley = painter.layout_no_wrap(words.to_owned(), font, colour);
    let at = pos2(left_middle.x, left_middle.y + galley.size().x / 2.0);
    painter.add(TextShape::new(at, galley, colour).with_angle(-std::f32::consts::FRAC_PI_2));
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
    }

    #[test]
    fn scales_go_there_and_back() {
        let s = Scale { low: -5.0, high: 5.0, from: 200.0, to: 100.0 };
        assert!((s.value(s.screen(2.5)) - 2.5).abs() < 1e-5);
        assert!((s.screen(5.0) - 100.0).abs() < 1e-4);
    }
}
