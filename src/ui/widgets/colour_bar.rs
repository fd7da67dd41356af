//! The legend of a heatmap: a strip of colours with round ticks and a unit.

use super::super::text;
use super::super::theme::{SMALL, Theme};
use super::axis;
use super::colormap::Table;
use egui::{Align2, FontId, Mesh, Painter, Rect, Shape, Stroke, pos2, vec2};

/// Room that the bar with its numbers takes beside the heatmap.
pub const WIDTH: f32 = 60.0;
const STRIP: f32 = 10.0;

/// Whether some numbers lie below or above the scale; the bar then ends in a point there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beyond {
    pub below: bool,
    pub above: bool,
}

/// Draws the bar at the left of `rect`, its numbers to the right and `title` (symbol and unit) above it.
pub fn draw(painter: &Painter, theme: &Theme, rect: Rect, table: &Table, range: (f64, f64), title: &str, beyond: Beyond) {
    let strip = Rect::from_min_max(rect.min, pos2(rect.left() + STRIP, rect.bottom()));
    let mut mesh = Mesh::default();
    let n = 64u16;
    for i in 0..=n {
        let t = f32::from(i) / f32::from(n);
        let y = strip.bottom() - t * strip.height();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let colour = table[(t * 255.0).round() as usize];
        mesh.colored_vertex(pos2(strip.left(), y), colour);
        mesh.colored_vertex(pos2(strip.right(), y), colour);
        if i > 0 {
            let k = u32::from(i) * 2;
            mesh.add_triangle(k - 2, k - 1, k);
            mesh.add_triangle(k - 1, k, k + 1);
        }
    }
    painter.add(Shape::mesh(mesh));
    for (is_beyond, y, up, colour) in [(beyond.above, strip.top(), -1.0, table[255]), (beyond.below, strip.bottom(), 1.0, table[0])] {
        if is_beyond {
            let tip = pos2(strip.center().x, y + up * 6.0);
            painter.add(Shape::convex_polygon(vec![pos2(strip.left(), y), tip, pos2(strip.right(), y)], colour, Stroke::NONE));
        }
    }
    let font = FontId::proportional(SMALL);
    let marks = axis::ticks(range.0, range.1, f64::from(rect.height() / 40.0).clamp(2.0, 6.0));
    let places = axis::decimals(&marks);
    let scale = axis::Scale { low: range.0, high: range.1, log: false, from: strip.bottom(), to: strip.top() };
    for &tick in &marks {
        let y = painter.round_to_pixel_center(scale.screen(tick));
        painter.hline(strip.right()..=strip.right() + 3.0, y, Stroke::new(1.0, theme.weak));
        painter.text(pos2(strip.right() + 6.0, y), Align2::LEFT_CENTER, text::fixed(tick, places), font.clone(), theme.weak);
    }
    painter.text(rect.left_top() - vec2(0.0, 9.0), Align2::LEFT_BOTTOM, title, font, theme.weak);
}
