//! Axes: the frame of a small plot with ticks, labels and units.

use super::super::theme::{SMALL, Theme};
use crate::plot;
pub use crate::plot::Axis;
pub use crate::plot::ticks::{decimals, round_range, step_125, ticks};
use egui::epaint::TextShape;
use egui::{Align2, FontId, Painter, Pos2, Rangef, Rect, Stroke, pos2};

/// One axis on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    pub log: bool,
    /// Screen coordinates of `low` and `high`.
    pub from: f32,
    pub to: f32,
}

impl Scale {
    fn new(axis: &Axis, from: f32, to: f32) -> Self {
        Self { low: axis.low, high: axis.high, log: axis.log, from, to }
    }

    #[allow(clippy::cast_possible_truncation)]
    pub fn screen(&self, value: f64) -> f32 {
        // Far outside is as good as infinitely far, and the screen's numbers stay small.
        self.from + (self.to - self.from) * plot::part(value, self.low, self.high, self.log).clamp(-1e4, 1e4) as f32
    }

    pub fn value(&self, screen: f32) -> f64 {
        plot::value(f64::from((screen - self.from) / (self.to - self.from)), self.low, self.high, self.log)
    }
}

/// The frame of a plot: where the data go, and the two scales.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub rect: Rect,
    pub x: Scale,
    pub y: Scale,
}

/// Space below the data: x numbers and their title.
pub const BELOW: f32 = 34.0;
/// Space above and right of the data.
const MARGIN: f32 = 8.0;
/// Height of a title that reads upwards, and its distance from the numbers.
const TITLE_WIDTH: f32 = 20.0;

impl Frame {
    /// Draws ground, grid, ticks and labels in `outer`, and says where the data go.
    pub fn draw(painter: &Painter, theme: &Theme, outer: Rect, x: &Axis, y: &Axis) -> Self {
        let font = FontId::proportional(SMALL);
        let layout = |words: String| painter.layout_no_wrap(words, font.clone(), theme.weak);
        let height = outer.height() - BELOW - MARGIN;
        let numbers: Vec<_> = y.ticks(f64::from(height / 36.0)).into_iter().map(|(t, words)| (t, layout(words))).collect();
        // Room for the widest number, by steps: the plot does not shift with every digit.
        let widest = numbers.iter().map(|(_, g)| g.size().x).fold(0.0, f32::max);
        let left = ((TITLE_WIDTH + widest + 6.0) / 12.0).ceil() * 12.0;
        let rect = Rect::from_min_max(outer.min + egui::vec2(left, MARGIN), outer.max - egui::vec2(MARGIN, BELOW));
        let frame = Self { rect, x: Scale::new(x, rect.left(), rect.right()), y: Scale::new(y, rect.bottom(), rect.top()) };
        painter.rect_filled(rect, 0.0, theme.plot);
        let grid = Stroke::new(1.0, Theme::mix(theme.plot, theme.hairline, 0.8));
        for (tick, words) in x.ticks(f64::from(rect.width() / 64.0)) {
            let at = painter.round_to_pixel_center(frame.x.screen(tick));
            painter.vline(at, rect.y_range(), grid);
            painter.text(pos2(at, rect.bottom() + 3.0), Align2::CENTER_TOP, words, font.clone(), theme.weak);
        }
        for (tick, number) in numbers {
            let at = painter.round_to_pixel_center(frame.y.screen(tick));
            painter.hline(rect.x_range(), at, grid);
            painter.galley(pos2(rect.left() - 5.0 - number.size().x, at - number.size().y / 2.0), number, theme.weak);
        }
        painter.text(pos2(rect.center().x, outer.bottom()), Align2::CENTER_BOTTOM, &x.label, font.clone(), theme.weak);
        upright(painter, pos2(outer.left(), rect.center().y), &y.label, font, theme.weak);
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
    fn scales_go_there_and_back() {
        let s = Scale { low: -5.0, high: 5.0, log: false, from: 200.0, to: 100.0 };
        assert!((s.value(s.screen(2.5)) - 2.5).abs() < 1e-5);
        assert!((s.screen(5.0) - 100.0).abs() < 1e-4);
    }
}
