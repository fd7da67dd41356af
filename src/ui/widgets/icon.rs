//! Icons drawn as strokes, sharp at every size, and the buttons that carry them.

use egui::{Color32, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

/// A sign on a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Menu,
    Play,
    Pause,
    Step,
    StepToSpike,
    Reset,
    NewSeed,
    Search,
    Help,
    Theme,
    Plus,
    Close,
    More,
    Export,
}

impl Icon {
    /// Draws the icon in the middle of `rect`, 14 points in size at scale 1.
    pub fn paint(self, painter: &Painter, rect: Rect, colour: Color32) {
        let c = rect.center();
        let p = |x: f32, y: f32| pos2(c.x + x, c.y + y);
        let stroke = Stroke::new(1.5, colour);
        let line = |a: Pos2, b: Pos2| painter.line_segment([a, b], stroke);
        let fill = |points: Vec<Pos2>| painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
        let arc = |r: f32, from: f32, to: f32| {
            let n = 24;
            let points = (0..=n).map(|i| {
                let a = (from + (to - from) * i as f32 / n as f32).to_radians();
                p(r * a.cos(), r * a.sin())
            });
            painter.add(Shape::line(points.collect(), stroke));
        };
        match self {
            Icon::Menu => {
                for y in [-4.5, 0.0, 4.5] {
                    line(p(-6.0, y), p(6.0, y));
                }
            }
            Icon::Play => {
                fill(vec![p(-4.0, -5.5), p(5.5, 0.0), p(-4.0, 5.5)]);
            }
            Icon::Pause => {
                for x in [-4.5, 1.5] {
                    painter.rect_filled(Rect::from_min_size(p(x, -5.0), vec2(3.0, 10.0)), 1.0, colour);
                }
            }
            Icon::Step => {
                painter.rect_filled(Rect::from_min_size(p(-5.5, -5.0), vec2(2.0, 10.0)), 0.5, colour);
                fill(vec![p(-1.5, -5.0), p(6.0, 0.0), p(-1.5, 5.0)]);
            }
            Icon::StepToSpike => {
                fill(vec![p(-6.5, -5.0), p(0.0, 0.0), p(-6.5, 5.0)]);
                painter.add(Shape::line(vec![p(0.5, 5.0), p(2.5, 5.0), p(4.0, -6.0), p(5.5, 5.0), p(7.0, 5.0)], stroke));
            }
            Icon::Reset => {
                arc(5.5, -220.0, 60.0);
                fill(vec![p(-7.0, 0.5), p(-1.0, 0.8), p(-4.8, 5.6)]);
            }
            Icon::NewSeed => {
                painter.rect_stroke(Rect::from_center_size(c, vec2(12.0, 12.0)), 2.5, stroke, egui::StrokeKind::Middle);
                for (x, y) in [(-3.0, -3.0), (3.0, -3.0), (0.0, 0.0), (-3.0, 3.0), (3.0, 3.0)] {
                    painter.circle_filled(p(x, y), 1.2, colour);
                }
            }
            Icon::Search => {
                painter.circle_stroke(p(-1.5, -1.5), 4.5, stroke);
                line(p(2.0, 2.0), p(6.0, 6.0));
            }
            Icon::Help => {
                painter.text(c, egui::Align2::CENTER_CENTER, "?", super::super::fonts::semibold(14.0), colour);
            }
            Icon::Theme => {
                painter.circle_stroke(c, 6.0, stroke);
                let n = 16;
                let half = (0..=n).map(|i| {
                    let a = (-90.0 + 180.0 * i as f32 / n as f32).to_radians();
                    p(6.0 * a.cos(), 6.0 * a.sin())
                });
                fill(half.collect());
            }
            Icon::Plus => {
                line(p(-5.0, 0.0), p(5.0, 0.0));
                line(p(0.0, -5.0), p(0.0, 5.0));
            }
            Icon::Close => {
                line(p(-4.0, -4.0), p(4.0, 4.0));
                line(p(4.0, -4.0), p(-4.0, 4.0));
            }
            Icon::Export => {
                line(p(0.0, -6.0), p(0.0, 2.0));
                painter.add(Shape::line(vec![p(-3.0, -1.0), p(0.0, 2.0), p(3.0, -1.0)], stroke));
                painter.add(Shape::line(vec![p(-6.0, 2.0), p(-6.0, 5.5), p(6.0, 5.5), p(6.0, 2.0)], stroke));
            }
            Icon::More => {
                for x in [-5.0, 0.0, 5.0] {
                    painter.circle_filled(p(x, 0.0), 1.5, colour);
                }
            }
        }
    }
}

/// A button with an icon only; `name` is what screen readers say, `tip` what the pointer shows.
pub fn button(ui: &mut Ui, icon: Icon, name: &str, tip: &str) -> Response {
    labelled(ui, icon, "", name, tip, ui.spacing().interact_size.y + 4.0)
}

/// A button with an icon and a word, of fixed width.
pub fn labelled(ui: &mut Ui, icon: Icon, word: &str, name: &str, tip: &str, width: f32) -> Response {
    let height = ui.spacing().interact_size.y + if word.is_empty() { 0.0 } else { 4.0 };
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    if ui.is_rect_visible(rect) {
        let look = ui.style().interact(&response);
        let quiet = word.is_empty() && !response.hovered() && !response.has_focus() && !response.is_pointer_button_down_on();
        if !quiet {
            ui.painter().rect(rect, look.corner_radius, look.weak_bg_fill, look.bg_stroke, egui::StrokeKind::Inside);
        }
        let colour = if enabled { look.text_color() } else { ui.visuals().weak_text_color() };
        if word.is_empty() {
            icon.paint(ui.painter(), rect, colour);
        } else {
            icon.paint(ui.painter(), Rect::from_center_size(pos2(rect.left() + 18.0, rect.center().y), vec2(14.0, 14.0)), colour);
            let font = super::super::fonts::medium(super::super::theme::BODY);
            ui.painter().text(pos2(rect.left() + 34.0, rect.center().y), egui::Align2::LEFT_CENTER, word, font, colour);
        }
    }
    response.on_hover_text(tip)
}
