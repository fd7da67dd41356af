//! One firing pattern as a small living plot: v above, the current below, a cursor that sweeps over both like the beam of a scope.

use super::super::super::theme::{BODY, SMALL, Theme};
use super::super::super::{fonts, text};
use super::runs::{Outline, Run};
use egui::epaint::{PathShape, PathStroke};
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, pos2, vec2};
use spikeground_core::preset::builtin::Builtin;

/// Seconds the beam takes from left to right.
pub const SWEEP: f64 = 6.0;
/// How far the line has faded when the beam comes by again.
const FADED: f32 = 0.36;
const HEAD: f32 = 20.0;
const TICKS: f32 = 7.0;
const FOOT: f32 = 6.0;

/// Letter and name of a pattern: `("A", "Tonic spiking")`; the letter is empty where the figure has none.
pub fn title(preset: &Builtin) -> (&str, String) {
    let name = preset.spec.name.as_str();
    if let Some(rest) = name.strip_prefix("Izhikevich ")
        && let Some((letter, rest)) = rest.split_once(' ')
        && letter.len() == 1
    {
        return (letter, rest.to_owned());
    }
    let rest = name.strip_prefix("AdEx: ").unwrap_or(name);
    let mut letters = rest.chars();
    ("", letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect()))
}

/// How cells are laid out: (columns, size of a cell, whether all fit without scrolling).
pub fn grid(n: usize, room: Vec2, gap: f32) -> (usize, Vec2, bool) {
    let (least, best) = (vec2(100.0, 70.0), 1.5);
    let of = |columns: usize| {
        let rows = n.div_ceil(columns);
        let cell = |room: f32, n: usize| (room - gap * (n - 1) as f32) / n as f32;
        vec2(cell(room.x, columns), cell(room.y, rows))
    };
    let odd = |size: Vec2| (size.x / size.y / best).ln().abs();
    let fitting = (1..=n.max(1)).map(|c| (c, of(c))).filter(|(_, s)| s.x >= least.x && s.y >= least.y);
    if let Some((columns, size)) = fitting.min_by(|a, b| odd(a.1).total_cmp(&odd(b.1))) {
        return (columns, size.min(vec2(420.0, 300.0)), true);
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let columns = ((room.x + gap) / (132.0 + gap)).floor().max(1.0) as usize;
    let width = (room.x - gap * (columns - 1) as f32) / columns as f32;
    (columns, vec2(width, (width / best).clamp(80.0, 220.0)), false)
}

/// What one cell shows.
pub struct Cell<'a> {
    pub preset: &'a Builtin,
    pub run: Option<&'a Run>,
    pub outline: Option<&'a Outline>,
    pub is_open: bool,
}

/// How wide the lines of a cell are, in columns.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn columns(ui: &Ui, width: f32) -> usize {
    ((width - 16.0) * ui.ctx().pixels_per_point()).max(20.0) as usize
}

impl Cell<'_> {
    /// Draws the cell with the beam at `beam` (0 left, 1 right).
    pub fn show(&self, ui: &mut Ui, theme: &Theme, size: Vec2, beam: f32) -> Response {
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        let name = &self.preset.spec.name;
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Open {name}")));
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let lit = response.hovered() || response.has_focus();
        let edge = match (self.is_open, lit) {
            (true, _) => Stroke::new(1.5, theme.accent),
            (false, true) => Stroke::new(1.0, theme.weak),
            (false, false) => Stroke::new(1.0, theme.hairline),
        };
        let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
        painter.rect_filled(rect, 5.0, theme.plot);
        if lit {
            painter.rect_filled(rect, 5.0, Theme::mix(theme.plot, theme.control, 0.5));
        }
        self.heading(&painter, theme, rect);
        let area = Rect::from_min_max(rect.min + vec2(8.0, HEAD + TICKS), rect.max - vec2(8.0, FOOT));
        if let Some(outline) = self.outline {
            draw(&painter, theme, area, outline, beam, lit);
        }
        painter.rect_stroke(rect, 5.0, edge, StrokeKind::Inside);
        response.on_hover_ui(|ui| self.facts(ui)).on_hover_cursor(egui::CursorIcon::PointingHand)
    }

    fn heading(&self, painter: &Painter, theme: &Theme, rect: Rect) {
        let (letter, name) = title(self.preset);
        let mut x = rect.left() + 6.0;
        let y = rect.top() + HEAD / 2.0 + 1.0;
        if !letter.is_empty() {
            let drawn = painter.text(pos2(x, y), Align2::LEFT_CENTER, letter, fonts::semibold(BODY), theme.accent);
            x = drawn.right() + 4.0;
        }
        let colour = if self.is_open { theme.accent } else { theme.text };
        let mut job = egui::text::LayoutJob::simple_singleline(name, FontId::proportional(SMALL), colour);
        job.wrap = egui::text::TextWrapping::truncate_at_width(rect.right() - 3.0 - x);
        let galley = painter.layout_job(job);
        painter.galley(pos2(x, y - galley.size().y / 2.0), galley, colour);
    }

    /// What there is to know, under the pointer.
    fn facts(&self, ui: &mut Ui) {
        let spec = &self.preset.spec;
        ui.set_max_width(340.0);
        let (letter, name) = title(self.preset);
        let name = if letter.is_empty() { name } else { format!("{letter}  {name}") };
        ui.label(egui::RichText::new(name).font(fonts::semibold(BODY)));
        ui.label(&spec.purpose);
        if let Some(p) = spec.populations.first() {
            let set: Vec<String> = (p.model.kind.params.iter().zip(&p.model.values))
                .filter(|(s, v)| s.kind == spikeground_core::param::ParamKind::Number && (s.key != "i_e" || **v != 0.0))
                .map(|(s, v)| format!("{} = {}", s.symbol.replace('_', ""), text::with_unit(&text::number(*v, 4), s.unit.symbol())))
                .collect();
            ui.weak(format!("{}: {}", p.model.kind.name, set.join(", ")));
            if p.model.kind.param("scheme").is_some() {
                ui.weak(format!("Scheme {}, dt = {}", p.model.choice("scheme"), text::with_unit(&text::number(spec.dt, 3), "ms")));
            }
        }
        if let Some(run) = self.run {
            let first: Vec<String> = run.spikes.iter().take(6).map(|t| text::number(*t, 5)).collect();
            let more = if run.spikes.len() > 6 { ", …" } else { "" };
            let times = if first.is_empty() { String::new() } else { format!(" at {}{more} ms", first.join(", ")) };
            let over = text::with_unit(&text::number(run.ms - run.dt, 4), "ms");
            ui.label(format!("{} in {over}{times}", text::counted(run.spikes.len() as u64, "spike", "spikes")));
            if let Some((named, why)) = &run.named {
                ui.label(format!("Named here: {named}"));
                ui.weak(why);
            }
        }
        ui.weak(&self.preset.gallery.source);
        ui.weak("Click to open it in the laboratory");
    }
}

/// Ticks at the spikes, v, the current, and the beam.
fn draw(painter: &Painter, theme: &Theme, area: Rect, outline: &Outline, beam: f32, lit: bool) {
    let split = area.top() + area.height() * 0.76;
    let upper = Rect::from_min_max(area.min, pos2(area.right(), split));
    let lower = Rect::from_min_max(pos2(area.left(), split + 5.0), area.max);
    let fade = move |colour: Color32, x: f32| colour.gamma_multiply(brightness((x - area.left()) / area.width(), beam));
    let at = |r: Rect, p: &[f32; 2]| pos2(r.left() + p[0] * r.width(), r.bottom() - p[1] * r.height());
    let line = |r: Rect, points: &[[f32; 2]], width: f32, colour: Color32| {
        let points: Vec<Pos2> = points.iter().map(|p| at(r, p)).collect();
        let stroke = PathStroke::new_uv(width, move |_, p| fade(colour, p.x));
        painter.add(PathShape { points, closed: false, fill: Color32::TRANSPARENT, stroke });
    };
    for x in &outline.spikes {
        let x = area.left() + x * area.width();
        painter.vline(x, area.top() - TICKS..=area.top() - TICKS + 4.0, Stroke::new(1.0, fade(theme.excitatory, x)));
    }
    line(lower, &outline.current, 1.0, theme.weak);
    line(upper, &outline.v, if lit { 1.5 } else { 1.2 }, theme.accent);
    let x = area.left() + beam * area.width();
    painter.circle_filled(pos2(x, upper.bottom() - height(&outline.v, beam) * upper.height()), 2.2, theme.strong);
    painter.circle_filled(pos2(x, lower.bottom() - height(&outline.current, beam) * lower.height()), 1.5, theme.weak);
}

/// How bright a line is at a part of its width: fresh behind the beam, faded before it.
fn brightness(at: f32, beam: f32) -> f32 {
    1.0 - (1.0 - FADED) * (beam - at).rem_euclid(1.0).sqrt()
}

/// The height of a line at a part of its width.
fn height(line: &[[f32; 2]], x: f32) -> f32 {
    let k = line.partition_point(|p| p[0] <= x);
    match (k.checked_sub(1).map(|k| line[k]), line.get(k)) {
        (Some(a), Some(b)) if b[0] > a[0] => a[1] + (b[1] - a[1]) * (x - a[0]) / (b[0] - a[0]),
        (Some(a), _) => a[1],
        (None, b) => b.map_or(0.0, |b| b[1]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::preset::builtin;

    #[test]
    fn the_twenty_patterns_fit_the_room_a_panel_usually_has() {
        for room in [vec2(574.0, 380.0), vec2(880.0, 520.0), vec2(560.0, 340.0)] {
            let (columns, size, fits) = grid(20, room, 6.0);
            let rows = 20usize.div_ceil(columns);
            assert!(fits && size.y * rows as f32 + 6.0 * (rows - 1) as f32 <= room.y + 0.1, "{room:?}: {columns} of {size:?}");
        }
        let (columns, size, fits) = grid(20, vec2(300.0, 200.0), 6.0);
        assert!(!fits && columns >= 1 && size.y >= 80.0);
    }

    #[test]
    fn names_are_those_of_the_figure() {
        let named = |key| title(builtin::find(key).expect("a preset"));
        assert_eq!(named("izhikevich-2004-k"), ("K", "Resonator".to_owned()));
        assert_eq!(named("izhikevich-2003-fs"), ("", "Fast spiking (FS)".to_owned()));
        assert_eq!(named("adex-tonic"), ("", "Tonic spiking".to_owned()));
    }

    #[test]
    fn the_line_is_brightest_at_the_beam_and_never_gone() {
        assert!((brightness(0.5, 0.5) - 1.0).abs() < 1e-6);
        for k in 0..=100 {
            let b = brightness(k as f32 / 100.0, 0.3);
            assert!((FADED - 1e-5..=1.0).contains(&b), "{b}");
        }
        assert_eq!(height(&[[0.0, 0.0], [1.0, 1.0]], 0.25), 0.25);
    }
}
