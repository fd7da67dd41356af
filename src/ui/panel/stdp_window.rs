//! The STDP window: the rule's curve Δw(Δt), the pairs that really happened as dots on it, and handles to change the rule by hand.

use super::super::text;
use super::super::theme::{SMALL, Theme};
use super::super::view::{Action, Item, Needs, ViewCtx};
use super::super::widgets::axis::{self, Axis, Frame};
use super::super::widgets::plot::small_print;
use super::common::{self, Subject};
use super::{Panel, PanelKind};
use crate::plot::{Across, Ink, Item as Drawn, Pen, Plot, Sign};
use egui::{Align2, Color32, FontId, Mesh, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};
use serde::{Deserialize, Serialize};
use spikeground_core::model::plasticity::stdp::{self, Stdp};
use spikeground_core::spec::path::{Path, Place};

pub static KIND: PanelKind = PanelKind {
    key: "stdp",
    title: "STDP window",
    help: "How much one pair of spikes changes a weight, by the time between them in ms: Δt is the time of the postsynaptic spike, plus the delay, minus that of the presynaptic one. Right of zero the \
presynaptic spike comes first and the synapse strengthens (teal); left of zero it weakens (magenta). Dots are pairs that really happened in \
the last 5 s and fade with age; they leave the curve where a weight differs from the mean or meets a bound. The curve moves with the \
sliders of the rule; drag its handles to change A and τ here.",
    make: || Box::<StdpWindow>::default(),
};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    percent: bool,
}

#[derive(Default)]
pub struct StdpWindow {
    saved: Saved,
    /// The projection chosen in the bar, by name.
    chosen: Option<String>,
    item: Item,
    drag: Option<Drag>,
}

/// A handle being dragged.
#[derive(Clone, Copy)]
struct Drag {
    handle: usize,
    gesture: u64,
    /// The axes do not move under the hand.
    x: (f64, f64),
    y: (f64, f64),
}

/// The four handles: parameter, and whether it is an amplitude (dragged up and down) or a time constant (sideways).
const HANDLES: [(&str, bool, f64); 4] =
    [("a_plus", true, 1.0), ("a_minus", true, -1.0), ("tau_plus", false, 1.0), ("tau_minus", false, -1.0)];

impl Panel for StdpWindow {
    fn is_useful(&self, view: &ViewCtx<'_>) -> bool {
        !view.spec.projections.is_empty()
    }

    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        self.follow(view);
        match self.rule(view) {
            Some((projection, rule)) => self.draw(ui, view, projection, &rule),
            None => {
                let hint = "No projection of this network learns. Give one a plasticity rule in the inspector, or open a preset with STDP";
                if common::empty(ui, view.theme, "The rule's curve Δw(Δt)", hint, Some("Open the gallery")) {
                    view.act(Action::ShowPanel("gallery"));
                }
            }
        }
    }

    fn bar(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        let Some((now, _)) = self.rule(view) else { return };
        let percent = ui.selectable_label(self.saved.percent, "% w_max").on_hover_text("Show changes as a percentage of w_max");
        if percent.clicked() {
            self.saved.percent = !self.saved.percent;
        }
        let plastic = || view.spec.projections.iter().enumerate().filter(|(_, p)| is_stdp(p.plasticity.as_ref()));
        if plastic().count() > 1 {
            let width = (ui.available_width() - 8.0).clamp(64.0, 130.0);
            let name = &view.spec.projections[now].name;
            egui::ComboBox::from_id_salt("rule").width(width).truncate().selected_text(name).show_ui(ui, |ui| {
                for (i, p) in plastic() {
                    if ui.selectable_label(i == now, &p.name).clicked() {
                        self.chosen = Some(p.name.clone());
                    }
                }
            });
        }
    }

    fn plots(&mut self, view: &ViewCtx<'_>) -> Vec<Plot> {
        let Some((projection, rule)) = self.rule(view) else { return Vec::new() };
        let unit = view.spec.weight_unit(projection);
        let mean = view.history.weights.of(Some(projection)).map_or(0.5 * rule.w_max, |p| p.last.stats.mean.clamp(0.0, rule.w_max));
        let ((low, high), y) = ranges(&rule);
        let side =
            |from: f64, to: f64| (0..=200).map(|i| from + (to - from) * f64::from(i) / 200.0).map(|t| [t, rule.window(t, mean)]).collect();
        let label = if unit.is_empty() { "Δw".to_owned() } else { format!("Δw ({unit})") };
        let pairs = view.history.pairs.of(projection).map(|(p, _)| [f64::from(p.delta_t), f64::from(p.delta_w)]).collect();
        let level = Drawn::Rule { across: Across::Y, at: 0.0, pen: Pen::new(Ink::Weak).thin(), name: String::new() };
        let mut plot = Plot::new(Axis::new("Δt, time from pre to post (ms)", (low, high)), Axis::new(label, y))
            .with(level)
            .with(Drawn::Points { points: pairs, ink: Ink::Weak, sign: Sign::Dot, size: 3.0, name: "pairs of the last seconds".into() })
            .line(side(low, -1e-9), Pen::new(Ink::Depression), "depression")
            .line(side(1e-9, high), Pen::new(Ink::Potentiation), "potentiation");
        plot.note = format!("at the mean weight {}", text::with_unit(&text::number(mean, 3), unit));
        vec![plot]
    }

    fn needs(&self, view: &ViewCtx<'_>, needs: &mut Needs) {
        if let Some((projection, _)) = self.rule(view)
            && needs.watch.is_none()
        {
            needs.watch = Some(Subject { projection: Some(projection) }.watch());
        }
    }

    fn save(&self) -> String {
        ron::to_string(&self.saved).unwrap_or_default()
    }

    fn load(&mut self, settings: &str) {
        self.saved = ron::from_str(settings).unwrap_or_default();
    }
}

fn is_stdp(part: Option<&spikeground_core::part::Part>) -> bool {
    part.is_some_and(|p| std::ptr::eq(p.kind, &raw const stdp::KIND))
}

impl StdpWindow {
    fn follow(&mut self, view: &ViewCtx<'_>) {
        if self.item != view.selection.item {
            self.item = view.selection.item;
            if let Item::Projection(i) = self.item
                && let Some(p) = view.spec.projections.get(i).filter(|p| is_stdp(p.plasticity.as_ref()))
            {
                self.chosen = Some(p.name.clone());
            }
        }
    }

    /// The projection on show and its rule.
    fn rule(&self, view: &ViewCtx<'_>) -> Option<(usize, Stdp)> {
        let rule = |i: usize| view.spec.projections.get(i)?.plasticity.as_ref().filter(|p| is_stdp(Some(p))).map(Stdp::of);
        let chosen = self.chosen.as_ref().and_then(|name| view.spec.projection(name)).and_then(|i| Some((i, rule(i)?)));
        chosen.or_else(|| (0..view.spec.projections.len()).find_map(|i| Some((i, rule(i)?))))
    }

    fn draw(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>, projection: usize, rule: &Stdp) {
        let area = ui.available_rect_before_wrap();
        ui.allocate_rect(area, egui::Sense::hover());
        let theme = view.theme;
        let pictures = view.history.weights.of(Some(projection));
        let mean = pictures.filter(|p| p.last.stats.n > 0).map(|p| p.last.stats.mean.clamp(0.0, rule.w_max));
        let w = mean.unwrap_or(0.5 * rule.w_max);
        let unit = view.spec.weight_unit(projection);
        let (x, y) = self.drag.map_or_else(|| ranges(rule), |d| (d.x, d.y));
        let percent = self.saved.percent;
        let y_label = match (percent, unit) {
            (true, _) => "Δw (% of w_max)".to_owned(),
            (false, "") => "Δw".to_owned(),
            (false, unit) => format!("Δw ({unit})"),
        };
        let outer = Rect::from_min_max(area.min, area.max - vec2(0.0, 16.0));
        let y = Axis { factor: if percent { 100.0 / rule.w_max } else { 1.0 }, ..Axis::new(y_label, y) };
        let frame = Frame::draw(ui.painter(), theme, outer, &Axis::new("Δt, time from pre to post (ms)", x), &y);
        curves(ui, theme, &frame, rule, w);
        let shown = dots(ui, view, &frame, projection, area);
        let response = ui.interact(frame.rect, ui.scope_id().with("window"), egui::Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "STDP window"));
        let over_handle = self.handles(ui, view, &frame, projection, rule, w);
        let print = Rect::from_min_max(pos2(area.left(), area.bottom() - 16.0), area.max);
        small_print(ui, theme, print, &small(rule, mean, unit, shown, view.history.pairs.is_thinned()));
        if !over_handle && self.drag.is_none() {
            read_out(ui, view, &response, &frame, (projection, rule, w), unit);
        }
    }

    /// Handles at A± (the ends of the curve at Δt = 0) and τ± (where it has fallen to 1/e). True when one is under the pointer.
    fn handles(&mut self, ui: &Ui, view: &mut ViewCtx<'_>, frame: &Frame, projection: usize, rule: &Stdp, w: f64) -> bool {
        let mut is_over = false;
        let Some(part) = view.spec.projections[projection].plasticity.as_ref() else { return false };
        for (k, (key, is_amplitude, sign)) in HANDLES.into_iter().enumerate() {
            let tau = if sign > 0.0 { rule.tau_plus } else { rule.tau_minus };
            let delta_t = if is_amplitude { 0.0 } else { sign * tau };
            let height = rule.window(sign * 1e-9, w) * if is_amplitude { 1.0 } else { (-1f64).exp() };
            let at = frame.at(delta_t, height);
            if !frame.rect.expand(2.0).contains(at) {
                continue;
            }
            let id = ui.scope_id().with(("handle", k));
            let response = ui.interact(Rect::from_center_size(at, vec2(16.0, 16.0)), id, egui::Sense::drag());
            let response = response.on_hover_and_drag_cursor(if is_amplitude {
                egui::CursorIcon::ResizeVertical
            } else {
                egui::CursorIcon::ResizeHorizontal
            });
            let Some(param) = part.kind.param(key) else { continue };
            let descriptor = &part.kind.params[param];
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Slider, true, descriptor.symbol));
            paint_handle(ui, view.theme, at, sign, response.hovered() || response.dragged());
            is_over |= response.hovered() || response.dragged();
            if response.drag_started() {
                self.drag = Some(Drag {
                    handle: k,
                    gesture: common::new_gesture(),
                    x: (frame.x.low, frame.x.high),
                    y: (frame.y.low, frame.y.high),
                });
            }
            if let (Some(drag), Some(p)) =
                (self.drag.filter(|d| d.handle == k), response.interact_pointer_pos().filter(|_| response.dragged()))
            {
                // With weight dependence the curve at w is lower than A by a factor that the hand must not feel.
                let factor = if is_amplitude { height / (sign * part.values[param] * rule.w_max) } else { 1.0 };
                let raw = if is_amplitude { sign * frame.y.value(p.y) / (rule.w_max * factor) } else { sign * frame.x.value(p.x) };
                let value = tidy(raw).clamp(descriptor.valid.0, descriptor.slider.1.max(part.values[param]));
                if raw.is_finite() && value.to_bits() != part.values[param].to_bits() {
                    view.act(Action::Set { path: Path { place: Place::Plasticity(projection), param }, value, gesture: drag.gesture });
                }
            }
            if response.drag_stopped() {
                self.drag = None;
            }
            let unit = descriptor.unit.symbol();
            let words = format!(
                "{} = {}. Drag to change",
                descriptor.symbol.replace('_', ""),
                text::with_unit(&text::number(part.values[param], 4), unit)
            );
            response.on_hover_text(words);
        }
        is_over
    }
}

/// Three significant digits: what a hand can mean.
fn tidy(value: f64) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return 0.0;
    }
    #[allow(clippy::cast_possible_truncation)]
    let places = 2 - value.log10().floor() as i32;
    let scale = 10f64.powi(places.clamp(-12, 12));
    (value * scale).round() / scale
}

/// Axes that hold the whole curve, with round ends so that they change by steps.
fn ranges(rule: &Stdp) -> ((f64, f64), (f64, f64)) {
    let span = axis::step_125(2.5 * rule.tau_plus.max(rule.tau_minus));
    let height = rule.a_plus.max(rule.a_minus) * rule.w_max * 1.08;
    let (_, top) = axis::round_range(0.0, height.max(1e-12));
    ((-span, span), (-top, top))
}

/// The curve at the mean weight, shaded; where it depends on the weight, also its largest and smallest form.
fn curves(ui: &Ui, theme: &Theme, frame: &Frame, rule: &Stdp, w: f64) {
    let painter = ui.painter().with_clip_rect(frame.rect);
    let zero = Stroke::new(1.0, theme.weak);
    painter.hline(frame.rect.x_range(), painter.round_to_pixel_center(frame.y.screen(0.0)), zero);
    painter.vline(painter.round_to_pixel_center(frame.x.screen(0.0)), frame.y_range(), zero);
    for (sign, colour, mu) in [(1.0, theme.potentiation, rule.mu_plus), (-1.0, theme.depression, rule.mu_minus)] {
        let colour = if rule.learning { colour } else { Theme::mix(theme.plot, colour, 0.5) };
        let branch = |w: f64| branch(frame, rule, w, sign);
        if mu > 0.0 {
            // The bound where this branch is strongest; at the other bound it vanishes.
            let strongest = branch(if sign > 0.0 { 0.0 } else { rule.w_max });
            painter.extend(Shape::dashed_line(&strongest, Stroke::new(1.0, colour.gamma_multiply(0.7)), 5.0, 4.0));
        }
        let line = branch(w);
        shade(&painter, frame, &line, colour.gamma_multiply(if theme.dark { 0.20 } else { 0.16 }));
        painter.add(Shape::line(line, Stroke::new(2.0, colour)));
    }
    let font = FontId::proportional(SMALL);
    let corner = |at: Pos2, align, words: &str, colour| painter.text(at, align, words, font.clone(), colour);
    let (stronger, weaker) =
        if frame.rect.width() > 340.0 { ("pre before post: stronger", "post before pre: weaker") } else { ("stronger", "weaker") };
    corner(frame.rect.right_top() + vec2(-6.0, 4.0), Align2::RIGHT_TOP, stronger, theme.potentiation);
    corner(frame.rect.left_bottom() + vec2(6.0, -4.0), Align2::LEFT_BOTTOM, weaker, theme.depression);
    if !rule.learning {
        corner(frame.rect.left_top() + vec2(6.0, 4.0), Align2::LEFT_TOP, "learning is off: weights are frozen", theme.warning);
    }
}

/// One branch from Δt = 0 outwards.
fn branch(frame: &Frame, rule: &Stdp, w: f64, sign: f64) -> Vec<Pos2> {
    let end = if sign > 0.0 { frame.x.high } else { frame.x.low };
    (0..=64)
        .map(|i| {
            // Closer together near zero, where the curve is steep.
            let t = f64::from(i) / 64.0;
            let delta_t = (end * t * t).abs().max(1e-9) * sign;
            frame.at(delta_t, rule.window(delta_t, w))
        })
        .collect()
}

/// Fills between a line and zero.
fn shade(painter: &egui::Painter, frame: &Frame, line: &[Pos2], colour: Color32) {
    let zero = frame.y.screen(0.0);
    let mut mesh = Mesh::default();
    for (i, p) in line.iter().enumerate() {
        mesh.colored_vertex(*p, colour);
        mesh.colored_vertex(pos2(p.x, zero), colour);
        if i > 0 {
            let k = u32::try_from(i).unwrap_or(0) * 2;
            mesh.add_triangle(k - 2, k - 1, k);
            mesh.add_triangle(k - 1, k, k + 1);
        }
    }
    painter.add(Shape::mesh(mesh));
}

/// The pairs of the last seconds; returns how many are drawn and how many lie outside the axes.
fn dots(ui: &Ui, view: &ViewCtx<'_>, frame: &Frame, projection: usize, _area: Rect) -> (usize, usize) {
    let (theme, mut mesh) = (view.theme, Mesh::default());
    let (mut inside, mut outside) = (0, 0);
    for (pair, age) in view.history.pairs.of(projection) {
        let at = frame.at(f64::from(pair.delta_t), f64::from(pair.delta_w));
        if !frame.rect.expand(1.0).contains(at) {
            outside += 1;
            continue;
        }
        inside += 1;
        let hue = if pair.delta_w > 0.0 { theme.potentiation } else { theme.depression };
        #[allow(clippy::cast_possible_truncation)]
        let fresh = (1.0 - age) as f32;
        let colour = Theme::mix(hue, theme.strong, 0.35 * fresh).gamma_multiply(0.12 + 0.78 * fresh * fresh);
        common::dot(&mut mesh, at, 2.4, colour);
    }
    ui.painter().with_clip_rect(frame.rect).add(Shape::mesh(mesh));
    (inside, outside)
}

fn small(rule: &Stdp, mean: Option<f64>, unit: &str, (inside, outside): (usize, usize), is_thinned: bool) -> String {
    let depends = rule.mu_plus > 0.0 || rule.mu_minus > 0.0;
    let mut line = match (inside + outside, is_thinned) {
        (0, _) => "no pairs in the last 5 s".to_owned(),
        (n, true) => format!("the newest {} pairs", text::count(n as u64)),
        (n, false) => format!("{} pairs in the last 5 s", text::count(n as u64)),
    };
    if outside > 0 {
        line += &format!(", {} of them outside the axes", text::count(outside as u64));
    }
    match mean.filter(|_| depends) {
        Some(w) => line += &format!(" · curve at the mean weight {}; dashed: at the bound", common::weight_text(w, unit, false)),
        None if depends => line += " · curve at w_max/2; dashed: at the bound",
        None => {}
    }
    line
}

fn paint_handle(ui: &Ui, theme: &Theme, at: Pos2, sign: f64, is_active: bool) {
    let colour = if sign > 0.0 { theme.potentiation } else { theme.depression };
    let radius = if is_active { 6.0 } else { 4.5 };
    ui.painter().circle(at, radius, theme.plot, Stroke::new(2.0, if is_active { theme.accent } else { colour }));
}

/// Δt and Δw under the pointer, with the point on the curve.
fn read_out(ui: &Ui, view: &ViewCtx<'_>, response: &egui::Response, frame: &Frame, (projection, rule, w): (usize, &Stdp, f64), unit: &str) {
    let Some(p) = response.hover_pos() else { return };
    let delta_t = frame.x.value(p.x);
    let change = rule.window(delta_t, w);
    let near =
        view.history.pairs.of(projection).filter(|(pair, _)| frame.at(f64::from(pair.delta_t), f64::from(pair.delta_w)).distance(p) < 6.0);
    let n_near = near.count();
    let painter = ui.painter().with_clip_rect(frame.rect);
    painter.vline(p.x, frame.y_range(), Stroke::new(1.0, view.theme.hairline));
    painter.circle(frame.at(delta_t, change), 3.5, view.theme.strong, Stroke::NONE);
    let percent = common::weight_text(100.0 * change / rule.w_max, "%", true);
    let mut words = format!(
        "Δt = {}\nΔw = {}\n= {percent} of w_max",
        text::with_unit(&text::fixed(delta_t, 1), "ms"),
        common::weight_text(change, unit, true)
    );
    if n_near > 0 {
        words += &format!("\n{} pairs here", text::count(n_near as u64));
    }
    response.clone().on_hover_ui_at_pointer(|ui| {
        ui.label(egui::RichText::new(words).color(view.theme.text));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::part::Part;

    #[test]
    fn the_axes_hold_the_whole_curve_and_change_by_steps() {
        let rule = Stdp::of(&Part::new(&stdp::KIND));
        let (x, y) = ranges(&rule);
        assert_eq!(x, (-50.0, 50.0));
        assert!(y.1 >= 0.005_25 && y.1 <= 0.007, "{y:?}");
        let slightly = Stdp::of(&Part::new(&stdp::KIND).with("tau_plus", 19.0));
        assert_eq!(ranges(&slightly).0, x);
    }

    #[test]
    fn a_dragged_value_has_three_digits() {
        assert_eq!(tidy(0.012_345), 0.0123);
        assert_eq!(tidy(23.456), 23.5);
        assert_eq!(tidy(-1.0), 0.0);
        assert_eq!(tidy(f64::NAN), 0.0);
    }
}
