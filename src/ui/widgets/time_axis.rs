//! The time axis that raster and traces share: scale, ticks, pan and zoom, the window control and read-outs.

use super::super::text;
use super::super::theme::{BODY, GRID, SMALL, Theme};
use super::super::time_view::{DEFAULT_SPAN, SPANS, TimeView};
use super::super::view::Selection;
use super::axis;
use egui::{Align2, CursorIcon, FontId, Key, Painter, PointerButton, Pos2, Rangef, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo};
use egui::{pos2, vec2};

/// Room for labels left of the plots; the same in all time panels, so that their axes stay aligned.
pub const GUTTER: f32 = 76.0;
/// Height of the row of tick labels.
pub const AXIS_HEIGHT: f32 = 18.0;
/// Room right of the plots.
pub const MARGIN: f32 = 4.0;

/// Time on the horizontal axis of a plot. The window moves by whole pixels, so that nothing on it trembles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeScale {
    /// Screen coordinates of the plot's sides.
    pub left: f32,
    pub right: f32,
    /// Columns (pixels) a point, and ms a column.
    pub per_point: f32,
    pub ms: f64,
    /// Number of the first column; columns count from time zero.
    pub first: i64,
    /// Columns in the plot.
    pub n: i64,
}

impl TimeScale {
    /// `most` is the largest number of columns (the side of a texture).
    pub fn new(x: Rangef, pixels_per_point: f32, most: usize, view: &TimeView) -> Self {
        let width = x.span().max(1.0);
        let per_point = pixels_per_point.min(most as f32 / width);
        let n = ((width * per_point).round() as i64).max(1);
        let ms = view.span / n as f64;
        Self { left: x.min, right: x.max, per_point, ms, first: (view.right() / ms).ceil() as i64 - n, n }
    }

    /// Column of a time, ms.
    pub fn column(&self, time: f64) -> i64 {
        (time / self.ms).floor() as i64
    }

    /// Screen coordinate of a time, ms.
    pub fn x(&self, time: f64) -> f32 {
        self.left + ((time / self.ms - self.first as f64) as f32) / self.per_point
    }

    /// Screen coordinate of the left side of a column.
    pub fn x_of_column(&self, column: i64) -> f32 {
        self.left + (column - self.first) as f32 / self.per_point
    }

    /// Time at a screen coordinate, ms.
    pub fn time(&self, x: f32) -> f64 {
        (f64::from((x - self.left) * self.per_point) + self.first as f64) * self.ms
    }

    /// First and last time on the axis, ms.
    pub fn times(&self) -> (f64, f64) {
        (self.first as f64 * self.ms, (self.first + self.n) as f64 * self.ms)
    }

    /// The steps of `dt` ms on the axis, and one more on either side.
    pub fn steps(&self, dt: f64) -> std::ops::Range<u64> {
        let (low, high) = self.times();
        if dt <= 0.0 {
            return 0..0;
        }
        (low / dt).floor().max(0.0) as u64..(high / dt).ceil().max(0.0) as u64 + 2
    }
}

/// Grid lines over the plots, and under them the tick labels, the unit in the gutter.
pub fn paint(painter: &Painter, theme: &Theme, scale: &TimeScale, plots: &[Rect], labels_y: f32) {
    let (low, high) = scale.times();
    let wanted = f64::from((scale.right - scale.left) / 88.0).max(2.0);
    let ticks = axis::ticks(low, high, wanted);
    let in_seconds = high - low >= 2000.0;
    let (unit, factor) = if in_seconds { ("s", 1e-3) } else { ("ms", 1.0) };
    let written: Vec<f64> = ticks.iter().map(|t| t * factor).collect();
    let places = axis::decimals(&written);
    let grid = Stroke::new(1.0, Theme::mix(theme.plot, theme.hairline, 0.7));
    let font = FontId::proportional(SMALL);
    for (tick, value) in ticks.iter().zip(written) {
        let x = painter.round_to_pixel_center(scale.x(*tick));
        for plot in plots {
            painter.vline(x, plot.y_range(), grid);
        }
        let label = painter.layout_no_wrap(text::fixed(value, places), font.clone(), theme.weak);
        let half = label.size().x / 2.0;
        // A label that would be cut is left out while its line is on the edge.
        if x - half >= scale.left - 4.0 && x + half <= scale.right + MARGIN {
            painter.galley(pos2(x - half, labels_y + 2.0), label, theme.weak);
        }
    }
    painter.text(pos2(scale.left - 6.0, labels_y + 2.0), Align2::RIGHT_TOP, format!("Time ({unit})"), font, theme.weak);
}

/// Pan by dragging, zoom with the wheel, brush with the right button or Alt, reset with a double-click.
pub fn interact(ui: &Ui, response: &Response, scale: &TimeScale, selection: &mut Selection) {
    let view = &mut selection.time_view;
    let alt = ui.input(|i| i.modifiers.alt);
    let brushing = response.dragged_by(PointerButton::Secondary) || alt && response.dragged_by(PointerButton::Primary);
    if let Some(p) = response.hover_pos().or(response.interact_pointer_pos()) {
        view.set_hover(ui.ctx().cumulative_frame_nr(), scale.time(p.x));
    }
    if brushing {
        let (from, to) = (ui.input(|i| i.pointer.press_origin()), response.interact_pointer_pos());
        if let (Some(from), Some(to)) = (from, to) {
            let (a, b) = (scale.time(from.x).max(0.0), scale.time(to.x).max(0.0));
            selection.time = ((from.x - to.x).abs() >= 2.0).then(|| (a.min(b), a.max(b)));
        }
    } else if response.dragged_by(PointerButton::Primary) {
        view.pan(-f64::from(response.drag_delta().x * scale.per_point) * scale.ms);
    }
    if response.double_clicked() {
        view.reset();
    }
    if response.hovered() {
        let (scroll, zoom) = ui.input(|i| (i.smooth_scroll_delta(), i.zoom_delta()));
        let anchor = response.hover_pos().map_or(view.right(), |p| scale.time(p.x));
        let factor = (-f64::from(scroll.y) * 0.004).exp() / f64::from(zoom);
        if (factor - 1.0).abs() > 1e-6 {
            view.zoom(factor, anchor);
        }
        if scroll.x != 0.0 {
            view.pan(-f64::from(scroll.x * scale.per_point) * scale.ms);
        }
        ui.ctx().set_cursor_icon(if response.dragged() { CursorIcon::Grabbing } else { CursorIcon::Crosshair });
    }
}

/// A line of a read-out, with the colour of its mark.
pub type Reading = (Option<egui::Color32>, String);

/// The brushed range with what was measured in it (`measured`), the time under the pointer in any panel, and the chip that leads back
/// to the present.
pub fn overlay(ui: &mut Ui, theme: &Theme, scale: &TimeScale, plots: &[Rect], selection: &mut Selection, measured: &[Reading]) {
    let painter = ui.painter().clone();
    let frame = ui.ctx().cumulative_frame_nr();
    for plot in plots {
        let painter = painter.with_clip_rect(plot.intersect(painter.clip_rect()));
        if let Some((low, high)) = selection.time {
            let rect = Rect::from_x_y_ranges(scale.x(low)..=scale.x(high), plot.y_range());
            painter.rect_filled(rect, 0.0, theme.accent.gamma_multiply(0.14));
            for x in [rect.left(), rect.right()] {
                painter.vline(painter.round_to_pixel_center(x), plot.y_range(), Stroke::new(1.0, theme.accent.gamma_multiply(0.7)));
            }
        }
        if let Some(time) = selection.time_view.hover(frame) {
            painter.vline(painter.round_to_pixel_center(scale.x(time)), plot.y_range(), Stroke::new(1.0, theme.weak.gamma_multiply(0.5)));
        }
    }
    let Some(first) = plots.first() else { return };
    if let Some((low, high)) = selection.time {
        let (from, to) = (scale.x(low).max(scale.left), scale.x(high).min(scale.right));
        if from < to {
            let hertz = text::with_unit(&text::number(1000.0 / (high - low), 3), "Hz");
            let mut lines = vec![(None, format!("{} long, 1 / length {hertz}", duration(high - low)))];
            lines.extend_from_slice(measured);
            readout(&painter, theme, pos2(to, first.top() - 8.0), plots.iter().fold(*first, |a, b| a.union(*b)), &lines);
        }
    }
    if !selection.time_view.is_live() {
        let rect = Rect::from_min_size(pos2(scale.right - 60.0, first.top() + 4.0), vec2(56.0, 20.0));
        let response = ui.interact(rect, ui.scope_id().with("live"), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Live"));
        let (fill, ink) = if response.hovered() { (theme.accent, theme.on_accent) } else { (theme.accent_ground(), theme.strong) };
        painter.rect_filled(rect, 10.0, fill);
        let c = rect.center();
        painter.circle_filled(pos2(rect.left() + 12.0, c.y), 3.0, if response.hovered() { ink } else { theme.accent });
        painter.text(pos2(rect.left() + 20.0, c.y), Align2::LEFT_CENTER, "Live", super::super::fonts::medium(SMALL), ink);
        if response.on_hover_text("Follow the simulation again (double-click in the plot also resets the zoom)").clicked() {
            selection.time_view.go_live();
        }
    }
}

/// A duration with its unit and three digits: `123 ms`, `1.5 s`.
pub fn duration(ms: f64) -> String {
    if ms.abs() >= 1000.0 { text::with_unit(&text::number(ms / 1000.0, 3), "s") } else { text::with_unit(&text::number(ms, 3), "ms") }
}

/// A moment as exact as the step: `1,234.5 ms`.
pub fn moment(ms: f64, dt: f64) -> String {
    text::with_unit(&text::fixed(ms, axis::decimals(&[0.0, dt]).min(4)), "ms")
}

/// A word on a small ground, readable over anything.
pub fn tag(painter: &Painter, theme: &Theme, at: Pos2, align: Align2, words: &str, ink: egui::Color32) {
    let galley = painter.layout_no_wrap(words.to_owned(), FontId::proportional(SMALL), ink);
    let rect = align.anchor_size(at, galley.size() + vec2(2.0 * GRID, 2.0));
    painter.rect_filled(rect, 3.0, theme.panel.gamma_multiply(0.88));
    painter.galley(rect.min + vec2(GRID, 1.0), galley, ink);
}

/// Lines of a read-out beside the pointer, kept inside `within`; each with the colour of its mark.
pub fn readout(painter: &Painter, theme: &Theme, pointer: Pos2, within: Rect, lines: &[Reading]) {
    let galleys: Vec<_> =
        lines.iter().map(|(mark, words)| (*mark, painter.layout_no_wrap(words.clone(), FontId::proportional(SMALL), theme.text))).collect();
    let indent = if lines.iter().any(|l| l.0.is_some()) { 12.0 } else { 0.0 };
    let width = galleys.iter().map(|g| g.1.size().x).fold(0.0, f32::max) + indent + 12.0;
    let height = galleys.iter().map(|g| g.1.size().y + 2.0).sum::<f32>() + 6.0;
    let mut at = pointer + vec2(14.0, 10.0);
    if at.x + width > within.right() {
        at.x = pointer.x - 14.0 - width;
    }
    at.y = at.y.min(within.bottom() - height).max(within.top());
    at.x = at.x.max(within.left());
    let rect = Rect::from_min_size(at, vec2(width, height));
    painter.rect(rect, 4.0, theme.panel.gamma_multiply(0.95), Stroke::new(1.0, theme.hairline), egui::StrokeKind::Inside);
    let mut y = rect.top() + 4.0;
    for (mark, galley) in galleys {
        let h = galley.size().y;
        if let Some(colour) = mark {
            painter.rect_filled(Rect::from_center_size(pos2(rect.left() + 10.0, y + h / 2.0), vec2(8.0, 3.0)), 1.0, colour);
        }
        painter.galley(pos2(rect.left() + 6.0 + indent, y), galley, theme.text);
        y += h + 2.0;
    }
}

/// The window control for a panel's bar: a logarithmic slider from 50 ms to 60 s with its value.
pub fn span_control(ui: &mut Ui, theme: &Theme, view: &mut TimeView) {
    let length = if ui.available_width() < 400.0 { 36.0 } else { 76.0 };
    let (rect, mut response) = ui.allocate_exact_size(vec2(length + 56.0, ui.spacing().interact_size.y), Sense::click_and_drag());
    let track = Rect::from_center_size(pos2(rect.left() + 6.0 + length / 2.0, rect.center().y), vec2(length, 4.0));
    let whole = (SPANS.1 / SPANS.0).ln();
    let part = ((view.span / SPANS.0).ln() / whole) as f32;
    let old = view.span;
    let mut set = |span: f64| {
        let anchor = view.right();
        let span = span.clamp(SPANS.0, SPANS.1);
        view.zoom(span / view.span, anchor);
        view.span = span;
    };
    if response.double_clicked() {
        set(DEFAULT_SPAN);
    } else if let Some(p) = response.interact_pointer_pos().filter(|_| response.dragged() || response.clicked()) {
        let t = f64::from(((p.x - track.left()) / track.width()).clamp(0.0, 1.0));
        set(rounded(SPANS.0 * (whole * t).exp()));
    }
    if response.has_focus() {
        let keys = egui::EventFilter { horizontal_arrows: true, ..Default::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(response.id, keys));
        let (more, less) = ui.input(|i| (i.num_presses(Key::ArrowRight), i.num_presses(Key::ArrowLeft)));
        match more.cmp(&less) {
            std::cmp::Ordering::Greater => set(axis::step_125(old * 1.01)),
            std::cmp::Ordering::Less => set(axis::step_125(old * 0.499)),
            std::cmp::Ordering::Equal => {}
        }
    }
    let now = view.span;
    if now.to_bits() != old.to_bits() {
        response.mark_changed();
    }
    response.widget_info(|| WidgetInfo { value: Some(now), label: Some("Time window".into()), ..WidgetInfo::new(Role::Slider) });
    let look = ui.style().interact(&response);
    let painter = ui.painter();
    let at = track.left() + part * track.width();
    painter.rect_filled(track, 2.0, theme.control);
    painter.rect_filled(Rect::from_min_max(track.min, pos2(at, track.bottom())), 2.0, theme.accent.gamma_multiply(0.6));
    painter.circle(pos2(at, track.center().y), 5.0, look.text_color(), Stroke::new(1.0, theme.panel));
    let font = super::super::fonts::medium(SMALL.max(BODY - 1.0));
    painter.text(pos2(rect.right() - 2.0, rect.center().y), Align2::RIGHT_CENTER, duration(now), font, theme.text);
    response.on_hover_text("Time window: drag, or turn the wheel over the plot. Double-click: 1 s");
}

/// Two significant digits in steps that people choose: 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 × 10ⁿ.
fn rounded(ms: f64) -> f64 {
    let base = 10f64.powf(ms.log10().floor());
    let steps = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    let distance = |s: &f64| ((s * base).ln() - ms.ln()).abs();
    steps.into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(1.0) * base
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(right: f64, span: f64) -> TimeScale {
        let mut view = TimeView::default();
        view.span = span;
        view.follow(right, false, 1.0);
        TimeScale::new(Rangef::new(100.0, 700.0), 1.5, 4096, &view)
    }

    #[test]
    fn ticks_and_marks_move_by_whole_pixels_when_time_flows() {
        let mut now = 5000.0;
        let base = scale(now, 1000.0);
        let offset = |s: &TimeScale| (f64::from((s.x(4900.0) - base.x(4900.0)) * 1.5), s.first - base.first);
        for _ in 0..50 {
            now += 0.73;
            let (moved, columns) = offset(&scale(now, 1000.0));
            assert!((moved + columns as f64).abs() < 1e-3, "{moved} pixels at {now}");
        }
    }

    #[test]
    fn time_and_place_go_there_and_back() {
        let s = scale(123_456.7, 50.0);
        for t in [123_410.0, 123_456.0] {
            assert!((s.time(s.x(t)) - t).abs() < 0.05, "{t}");
        }
        let (low, high) = s.times();
        assert!((high - low - 50.0).abs() < 1e-6 && high >= 123_456.7 && high < 123_456.9);
        assert_eq!(s.column(low + 0.5 * s.ms), s.first);
    }

    #[test]
    fn a_window_wider_than_a_texture_gets_wider_columns() {
        let s = TimeScale::new(Rangef::new(0.0, 3000.0), 2.0, 2048, &TimeView::default());
        assert!(s.n <= 2048 && (s.x_of_column(s.first + s.n) - 3000.0).abs() < 1.0);
    }

    #[test]
    fn windows_and_moments_are_written_for_people() {
        assert_eq!(duration(1500.0), "1.5\u{202f}s");
        assert_eq!(duration(50.0), "50\u{202f}ms");
        assert_eq!(moment(1234.5, 0.1), "1,234.5\u{202f}ms");
        assert_eq!(moment(7.0, 1.0), "7\u{202f}ms");
        assert_eq!(moment(7.125, 0.025), "7.12\u{202f}ms");
        assert!((rounded(1010.0) - 1000.0).abs() < 1e-9 && (rounded(187.0) - 200.0).abs() < 1e-9);
    }
}
