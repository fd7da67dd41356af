//! Paints a [`Plot`]: axes, what is drawn between them, a legend, small print; reads values off under the pointer.

use super::super::text;
use super::super::theme::{SMALL, Theme};
use super::axis::Frame;
use super::colour_bar::{self, Beyond};
use super::{colormap, fixed_text};
use crate::plot::{Across, Ink, Item, Pen, Picture, Plot, Sign, number};
use egui::epaint::Mesh;
use egui::{Align2, Color32, ColorImage, FontId, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, pos2, vec2};
use std::hash::{Hash, Hasher};

/// The colour of an ink in a theme.
pub fn colour(ink: Ink, theme: &Theme) -> Color32 {
    match ink {
        Ink::Strong => theme.strong,
        Ink::Text => theme.text,
        Ink::Weak => theme.weak,
        Ink::Hairline => theme.hairline,
        Ink::Accent => theme.accent,
        Ink::Excitatory => theme.excitatory,
        Ink::Inhibitory => theme.inhibitory,
        Ink::Potentiation => theme.potentiation,
        Ink::Depression => theme.depression,
        Ink::Warning => theme.warning,
        Ink::Error => theme.error,
        Ink::Series(i) => theme.series(i),
    }
}

/// What was painted, and what the pointer does with it.
pub struct Painted {
    pub response: Response,
    pub frame: Frame,
    /// The place under the pointer in the units of the axes.
    pub at: Option<(f64, f64)>,
}

/// Paints `plot` into all of the space left.
pub fn show(ui: &mut Ui, theme: &Theme, plot: &Plot, sense: Sense) -> Painted {
    let area = ui.available_rect_before_wrap();
    show_in(ui, theme, plot, area, sense)
}

/// Paints `plot` into `area`.
pub fn show_in(ui: &mut Ui, theme: &Theme, plot: &Plot, area: Rect, sense: Sense) -> Painted {
    let response = ui.allocate_rect(area, sense);
    let legend = plot.legend();
    let head = if legend.is_empty() && plot.title.is_empty() { 0.0 } else { 16.0 };
    let foot = if plot.note.is_empty() { 0.0 } else { 16.0 };
    let bar = plot.picture().map_or(0.0, |_| 56.0);
    let outer = Rect::from_min_max(area.min + vec2(0.0, head), area.max - vec2(bar, foot));
    let frame = Frame::draw(ui.painter(), theme, outer, &plot.x, &plot.y);
    let painter = ui.painter().with_clip_rect(frame.rect.expand(1.0).intersect(ui.clip_rect()));
    for (i, one) in plot.items.iter().enumerate() {
        item(ui, &painter, theme, &frame, one, response.id.with(i));
    }
    heading(
        ui.painter(),
        theme,
        plot,
        &legend,
        Rect::from_min_max(pos2(frame.rect.left(), area.top()), pos2(area.right(), area.top() + head)),
    );
    if let Some(p) = plot.picture() {
        let place = Rect::from_min_size(pos2(frame.rect.right() + 12.0, frame.rect.top()), vec2(10.0, frame.rect.height()));
        let range = (f64::from(p.range.0), f64::from(p.range.1));
        colour_bar::draw(ui.painter(), theme, place, colormap::table(p.map, theme.dark), range, &p.label, Beyond::default());
    }
    if !plot.note.is_empty() {
        let at = Rect::from_min_max(pos2(area.left(), area.bottom() - 16.0), area.max);
        small_print(ui, theme, at, &plot.note);
    }
    let words = format!("{}: {} against {}", plot.title, plot.y.label, plot.x.label);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &words));
    let at = response.hover_pos().filter(|p| frame.rect.contains(*p)).map(|p| (frame.x.value(p.x), frame.y.value(p.y)));
    Painted { response, frame, at }
}

/// One line of small print: whole parts (between dots) that fit, the first ones first.
pub fn small_print(ui: &Ui, theme: &Theme, rect: Rect, words: &str) {
    small_print_in(ui, rect, words, FontId::proportional(SMALL), theme.weak);
}

/// The same in any font and colour.
pub fn small_print_in(ui: &Ui, rect: Rect, words: &str, font: FontId, colour: Color32) {
    let width = |words: &str| ui.painter().layout_no_wrap(words.to_owned(), font.clone(), colour).size().x;
    let mut words = words;
    while width(words) > rect.width()
        && let Some((fits, _)) = words.rsplit_once(" · ")
    {
        words = fits;
    }
    let mut job = egui::text::LayoutJob::simple_singleline(words.to_owned(), font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width());
    let galley = ui.painter().layout_job(job);
    let y = rect.center().y - galley.size().y / 2.0;
    ui.painter().galley(pos2(rect.left(), y), galley, colour);
}

/// A number with its name in a row of read-outs: `CV 0.82`.
pub fn reading(ui: &mut Ui, theme: &Theme, width: f32, name: &str, value: &str) -> Response {
    ui.label(egui::RichText::new(name).size(SMALL).color(theme.weak));
    fixed_text(ui, width, value, super::super::fonts::medium(SMALL + 1.0), theme.strong, Align2::LEFT_CENTER)
}

/// The place under the pointer as two numbers with the axes' names, for a tooltip.
pub fn place_text(plot: &Plot, (x, y): (f64, f64)) -> String {
    let digits = |axis: &crate::plot::Axis, v: f64| {
        let (name, unit) = axis.label.rsplit_once(" (").map_or((axis.label.as_str(), ""), |(n, u)| (n, u.trim_end_matches(')')));
        format!("{name}: {}", text::with_unit(&number::number(v, 4), unit))
    };
    format!("{}\n{}", digits(&plot.x, x), digits(&plot.y, y))
}

fn heading(painter: &Painter, theme: &Theme, plot: &Plot, legend: &[(&str, Ink)], rect: Rect) {
    let font = FontId::proportional(SMALL);
    let mut x = rect.left();
    if !plot.title.is_empty() {
        let drawn = painter.text(rect.left_center(), Align2::LEFT_CENTER, &plot.title, super::super::fonts::medium(SMALL), theme.text);
        x = drawn.right() + 14.0;
    }
    for (name, ink) in legend {
        let galley = painter.layout_no_wrap((*name).to_owned(), font.clone(), theme.text);
        if x + 20.0 + galley.size().x > rect.right() {
            break;
        }
        let y = rect.center().y;
        painter.hline(x..=x + 12.0, y, Stroke::new(2.5, colour(*ink, theme)));
        let width = galley.size().x;
        painter.galley(pos2(x + 17.0, y - galley.size().y / 2.0), galley, theme.text);
        x += width + 31.0;
    }
}

fn item(ui: &Ui, painter: &Painter, theme: &Theme, frame: &Frame, item: &Item, id: egui::Id) {
    let at = |p: &[f64; 2]| frame.at(p[0], p[1]);
    let is_fine = |p: &&[f64; 2]| p[0].is_finite() && p[1].is_finite();
    match item {
        Item::Line { points, pen, .. } => {
            for run in points.split(|p| !is_fine(&p)).filter(|r| r.len() > 1) {
                line(painter, theme, thinned(run.iter().map(at)), *pen);
            }
        }
        Item::Points { points, ink, sign, size, .. } => {
            let ink = colour(*ink, theme);
            painter.extend(
                points
                    .iter()
                    .filter(is_fine)
                    .map(at)
                    .filter(|p| painter.clip_rect().expand(8.0).contains(*p))
                    .map(|p| mark(p, *sign, *size, ink)),
            );
        }
        Item::Bars { edges, heights, ink, .. } => {
            let ink = Theme::mix(theme.plot, colour(*ink, theme), 0.8);
            for (edge, height) in edges.windows(2).zip(heights).filter(|(_, h)| h.is_finite() && **h != 0.0) {
                let mut bar = Rect::from_two_pos(frame.at(edge[0], *height), frame.at(edge[1], 0f64.max(frame.y.low)));
                // A single count among many thousands is still seen.
                bar.min.y = bar.min.y.min(bar.max.y - 1.0);
                let gap = if bar.width() > 4.0 { 0.5 } else { 0.0 };
                painter.rect_filled(bar.shrink2(vec2(gap, 0.0)), 0.0, ink);
            }
        }
        Item::Band { points, ink } => {
            let ink = colour(*ink, theme).gamma_multiply(0.15);
            let mut mesh = Mesh::default();
            for p in points.iter().filter(|p| p.iter().all(|v| v.is_finite())) {
                mesh.colored_vertex(frame.at(p[0], p[1]), ink);
                mesh.colored_vertex(frame.at(p[0], p[2]), ink);
            }
            #[allow(clippy::cast_possible_truncation)]
            for k in (0..(mesh.vertices.len() as u32).saturating_sub(2)).step_by(2) {
                mesh.add_triangle(k, k + 1, k + 2);
                mesh.add_triangle(k + 1, k + 2, k + 3);
            }
            painter.add(mesh);
        }
        Item::Rule { across, at, pen, .. } if at.is_finite() => {
            let r = frame.rect;
            let ends = match across {
                Across::X => [pos2(frame.x.screen(*at), r.top()), pos2(frame.x.screen(*at), r.bottom())],
                Across::Y => [pos2(r.left(), frame.y.screen(*at)), pos2(r.right(), frame.y.screen(*at))],
            };
            line(painter, theme, ends.to_vec(), *pen);
        }
        Item::Rule { .. } => {}
        Item::Arrows { arrows, ink } => {
            let stroke = Stroke::new(1.0, colour(*ink, theme));
            for a in arrows.iter().filter(|a| a.iter().all(|v| v.is_finite())) {
                let (from, to) = (frame.at(a[0], a[1]), frame.at(a[0] + a[2], a[1] + a[3]));
                let (along, side) = ((to - from) * 0.3, (to - from).rot90() * 0.15);
                painter.line_segment([from, to], stroke);
                painter.line_segment([to, to - along + side], stroke);
                painter.line_segment([to, to - along - side], stroke);
            }
        }
        Item::Picture(picture) => paint_picture(ui, painter, theme, frame, picture, id),
        Item::Words { at: place, words, ink } => {
            painter.text(at(place), Align2::LEFT_CENTER, words, FontId::proportional(SMALL), colour(*ink, theme));
        }
    }
}

fn line(painter: &Painter, theme: &Theme, points: Vec<Pos2>, pen: Pen) {
    let stroke = Stroke::new(pen.width, colour(pen.ink, theme));
    if pen.dashed {
        painter.extend(Shape::dashed_line(&points, stroke, 5.0, 4.0));
    } else {
        painter.add(Shape::line(points, stroke));
    }
}

/// Points nearer than a third of a point to the last are not worth a vertex.
fn thinned(points: impl Iterator<Item = Pos2>) -> Vec<Pos2> {
    let mut out: Vec<Pos2> = Vec::new();
    for p in points {
        if out.last().is_none_or(|l| (l.x - p.x).abs() > 0.33 || (l.y - p.y).abs() > 0.33) {
            out.push(p);
        }
    }
    out
}

fn mark(p: Pos2, sign: Sign, size: f32, ink: Color32) -> Shape {
    let r = size / 2.0;
    match sign {
        Sign::Dot => Shape::circle_filled(p, r, ink),
        Sign::Ring => Shape::circle_stroke(p, r, Stroke::new(1.5, ink)),
        Sign::Triangle => Shape::convex_polygon(vec![p + vec2(-r, r), p + vec2(0.0, -r), p + vec2(r, r)], ink, Stroke::NONE),
        Sign::Cross => {
            let arm = |a: egui::Vec2| Shape::line_segment([p - a, p + a], Stroke::new(1.5, ink));
            Shape::Vec(vec![arm(vec2(r, r)), arm(vec2(r, -r))])
        }
        Sign::Bar => Shape::line_segment([p - vec2(0.0, r), p + vec2(0.0, r)], Stroke::new(1.0, ink)),
    }
}

/// The matrix as a texture that is made anew only when its numbers change.
fn paint_picture(ui: &Ui, painter: &Painter, theme: &Theme, frame: &Frame, picture: &Picture, id: egui::Id) {
    if picture.cols == 0 || picture.values.is_empty() {
        return;
    }
    let mut hasher = std::hash::DefaultHasher::new();
    picture.values.iter().for_each(|v| v.to_bits().hash(&mut hasher));
    (picture.cols, picture.range.0.to_bits(), picture.range.1.to_bits(), picture.map, theme.dark).hash(&mut hasher);
    let stamp = hasher.finish();
    let known = ui.data(|d| d.get_temp::<(u64, egui::TextureHandle)>(id));
    let make = || {
        let table = colormap::table(picture.map, theme.dark);
        let (low, high) = picture.range;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let pixel = |v: &f32| {
            let t = if high > low { (v - low) / (high - low) } else { 0.5 };
            if v.is_finite() { table[(t * 255.0).round().clamp(0.0, 255.0) as usize] } else { Color32::TRANSPARENT }
        };
        let mut pixels: Vec<Color32> = picture.values.iter().map(pixel).collect();
        pixels.truncate(picture.cols * picture.rows());
        let image = ColorImage::new([picture.cols, picture.rows()], pixels);
        let texture = ui.ctx().load_texture("matrix", image, egui::TextureOptions::NEAREST);
        ui.data_mut(|d| d.insert_temp(id, (stamp, texture.clone())));
        texture
    };
    let texture = known.filter(|(s, _)| *s == stamp).map_or_else(make, |(_, t)| t);
    let rect = Rect::from_two_pos(frame.at(picture.left, picture.top), frame.at(picture.right, picture.bottom));
    let uv = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
    painter.image(texture.id(), rect, uv, super::super::theme::UNTINTED);
}
