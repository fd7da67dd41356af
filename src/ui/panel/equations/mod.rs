//! The equations of the selected population's model, laid out as in a textbook; each parameter's symbol lives: it lights up while its
//! slider is touched, says its value, and leads to its slider.
//!
//! Made from `Kind::equations` and the symbols of the parameters alone, so that a model that somebody types is shown like the others.

use super::super::theme::{BODY, SMALL, Theme};
use super::super::view::{Item, Touch, ViewCtx};
use super::super::widgets::formula::{Formula, Node, parse};
use super::super::{fonts, text};
use super::{Panel, PanelKind, common};
use egui::{Color32, Rect, RichText, ScrollArea, Sense, Ui, Vec2, pos2, vec2};
use spikeground_core::param::{Kind, ParamKind};
use spikeground_core::spec::path::{Path, Place};

pub static KIND: PanelKind = PanelKind {
    key: "equations",
    title: "Equations",
    help: "The equations of the selected population's model, and what happens at a spike. A symbol lights up while its slider is under the pointer \
or moves, and for a moment after; hover it for its meaning and present value, click it to go to its slider. Variables of state are bright, \
parameters in the colour of what can be set.",
    make: || Box::<Equations>::default(),
};

/// Sizes of the letters, the largest that fits is taken; below the last the panel scrolls.
const SIZES: &[f32] = &[30.0, 27.0, 24.0, 22.0, 20.0, 18.0, 17.0, 16.0, 15.0, 14.0, 13.0];
/// How long a symbol stays lit after its slider was left, s.
const AFTERGLOW: f64 = 1.2;
const MARGIN: f32 = 10.0;

/// Formulas of a kind in a room: made when one of them changes.
struct Set {
    kind: &'static Kind,
    room: Vec2,
    scale: f32,
    letters: f32,
    lines: Vec<Formula>,
}

#[derive(Default)]
pub struct Equations {
    set: Option<Set>,
}

/// The population on show: the selected one, that of the selected neuron, or the first that is integrated.
fn population(view: &ViewCtx<'_>) -> Option<usize> {
    let has = |p: &usize| view.spec.populations.get(*p).is_some_and(|p| !p.model.kind.equations.is_empty());
    let selected = if let Item::Population(p) = view.selection.item { Some(p) } else { None };
    let of_neuron = view.selection.neurons.first().map(|n| n.0);
    selected.or(of_neuron).filter(has).or_else(|| (0..view.spec.populations.len()).find(has))
}

/// The parameter that a symbol of the equations means.
fn param_of(kind: &Kind, name: &str) -> Option<usize> {
    kind.params.iter().position(|p| p.symbol == name || p.key == name)
}

fn is_known(kind: &Kind, name: &str) -> bool {
    param_of(kind, name).is_some() || kind.states.iter().any(|s| s.symbol == name || s.key == name)
}

impl Panel for Equations {
    fn is_useful(&self, view: &ViewCtx<'_>) -> bool {
        population(view).is_some()
    }

    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        let Some(index) = population(view) else {
            let hint = "Select a population whose model has equations, or open a network from the gallery";
            common::empty(ui, view.theme, "The equations of a model", hint, None);
            return;
        };
        let kind = view.spec.populations[index].model.kind;
        let foot = values_height(ui, kind);
        let room = ui.available_size() - vec2(2.0 * MARGIN, foot);
        let scale = ui.ctx().pixels_per_point();
        if self.set.as_ref().is_none_or(|s| !std::ptr::eq(s.kind, kind) || s.room != room || s.scale != scale) {
            self.set = Some(set(ui, kind, room, scale));
        }
        let Some(set) = &self.set else { return };
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            ui.add_space(MARGIN - 4.0);
            for (k, line) in set.lines.iter().enumerate() {
                formula(ui, view, index, (k, line));
                ui.add_space(0.55 * set.letters - 4.0);
            }
            ui.add_space(4.0);
            values(ui, view, index);
        });
    }

    fn bar(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        if let Some(p) = population(view).map(|p| &view.spec.populations[p]) {
            let words = format!("{} · {}", p.name, p.model.kind.name);
            ui.label(RichText::new(words).color(view.theme.weak)).on_hover_text(p.model.kind.summary);
        }
    }
}

/// The largest letters in which no line breaks and all fit; else the smallest.
fn set(ui: &Ui, kind: &'static Kind, room: Vec2, scale: f32) -> Set {
    let nodes: Vec<Node> = kind.equations.iter().map(|line| parse(line, &|name| is_known(kind, name))).collect();
    let mut made = None;
    for letters in SIZES {
        let lines: Vec<Formula> = nodes.iter().map(|n| Formula::set(ui.painter(), n, *letters, room.x)).collect();
        let height: f32 = lines.iter().map(|l| l.size.y + 0.55 * letters).sum();
        let fits = height <= room.y && lines.iter().all(|l| !l.is_broken);
        made = Some(Set { kind, room, scale, letters: *letters, lines });
        if fits {
            break;
        }
    }
    made.unwrap_or(Set { kind, room, scale, letters: BODY, lines: Vec::new() })
}

/// How strongly the symbol of a parameter is lit: 1 while its slider is touched, then fading.
fn glow(touched: Option<Touch>, path: Path, now: f64) -> f32 {
    let since = touched.filter(|t| t.path == path).map(|t| now - t.at);
    since.map_or(0.0, |s| (1.0 - (s - 0.15).max(0.0) / AFTERGLOW).clamp(0.0, 1.0) as f32)
}

fn formula(ui: &mut Ui, view: &mut ViewCtx<'_>, population: usize, (k, line): (usize, &Formula)) {
    let kind = view.spec.populations[population].model.kind;
    let theme = view.theme.clone();
    let (rect, whole) = ui.allocate_exact_size(vec2(ui.available_width(), line.size.y), Sense::hover());
    whole.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, kind.equations.get(k).copied().unwrap_or_default()));
    let at = rect.min + vec2(MARGIN, 0.0);
    let now = ui.input(|i| i.time);
    let path = |param| Path { place: Place::Model(population), param };
    for (i, (name, place)) in line.symbols().iter().enumerate() {
        let place = place.translate(at.to_vec2());
        if let Some(param) = param_of(kind, name) {
            live(ui, view, path(param), place, ("symbol", k, i));
        } else if let Some(state) = kind.states.iter().find(|s| s.symbol == name || s.key == name) {
            let id = ui.scope_id().with(("state", k, i));
            ui.interact(place, id, Sense::hover()).on_hover_ui(|ui| {
                ui.label(RichText::new(state.key).font(fonts::semibold(BODY)));
                ui.label(state.doc);
                ui.weak(if state.unit.symbol().is_empty() { "a pure number" } else { state.unit.symbol() });
            });
        }
    }
    let touched = view.selection.touched;
    let colour = |name: &str| -> Color32 {
        match param_of(kind, name) {
            Some(param) => Theme::mix(Theme::mix(theme.text, theme.accent, 0.55), theme.strong, glow(touched, path(param), now)),
            None if is_known(kind, name.strip_prefix('d').unwrap_or(name)) => theme.strong,
            None => theme.text,
        }
    };
    line.paint(ui.painter(), at, theme.text, &colour);
}

/// A symbol that answers: lit ground, meaning and value under the pointer, a click to its slider.
fn live(ui: &mut Ui, view: &mut ViewCtx<'_>, path: Path, place: Rect, salt: impl std::hash::Hash + std::fmt::Debug) {
    let spec = view.spec;
    let Place::Model(population) = path.place else { return };
    let Some(model) = spec.populations.get(population).map(|p| &p.model) else { return };
    let (descriptor, value) = (&model.kind.params[path.param], model.values[path.param]);
    let now = ui.input(|i| i.time);
    let response = ui.interact(place, ui.scope_id().with(salt), Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Go to {}", descriptor.key)));
    if response.hovered() || response.has_focus() {
        view.selection.touched = Some(Touch { path, at: now });
    }
    let lit = glow(view.selection.touched, path, now);
    if lit > 0.0 {
        ui.painter().rect_filled(place.expand2(vec2(2.0, 1.0)), 4.0, view.theme.accent_ground().gamma_multiply(lit));
        ui.ctx().request_repaint();
    }
    if response.clicked() {
        view.selection.item = Item::Population(population);
        view.selection.wanted = Some(path);
    }
    response.on_hover_cursor(egui::CursorIcon::PointingHand).on_hover_ui(|ui| {
        ui.set_max_width(300.0);
        let shown = shown_value(descriptor.kind, value, spec.unit_of(path));
        ui.label(RichText::new(format!("{} = {shown}", descriptor.key)).font(fonts::semibold(BODY)));
        ui.label(descriptor.doc);
        ui.weak("Click to go to its slider");
    });
}

fn shown_value(kind: ParamKind, value: f64, unit: &str) -> String {
    match kind {
        ParamKind::Flag => if value == 0.0 { "off" } else { "on" }.to_owned(),
        ParamKind::Choice(keys) => keys.get(value as usize).map_or_else(String::new, |k| k.replace('_', " ")),
        ParamKind::Number | ParamKind::Count => text::with_unit(&text::number(value, 4), unit),
    }
}

/// Room that the values below the equations take, at most a third of the panel.
fn values_height(ui: &Ui, kind: &Kind) -> f32 {
    let columns = (ui.available_width() / VALUE).floor().max(1.0);
    let rows = (kind.params.iter().filter(|p| p.kind == ParamKind::Number).count() as f32 / columns).ceil();
    (rows * 18.0 + 14.0).min(ui.available_height() / 3.0)
}

/// Width of one value.
const VALUE: f32 = 118.0;

/// Every number of the model with its symbol.
fn values(ui: &mut Ui, view: &mut ViewCtx<'_>, population: usize) {
    let spec = view.spec;
    let model = &spec.populations[population].model;
    let theme = view.theme.clone();
    let rect = ui.available_rect_before_wrap();
    ui.painter().hline(rect.left() + MARGIN..=rect.right() - MARGIN, rect.top(), ui.visuals().widgets.noninteractive.bg_stroke);
    ui.add_space(5.0);
    let columns = ((rect.width() - MARGIN) / VALUE).floor().max(1.0) as usize;
    let numbers: Vec<usize> = (0..model.kind.params.len()).filter(|i| model.kind.params[*i].kind == ParamKind::Number).collect();
    for row in numbers.chunks(columns) {
        let (line, _) = ui.allocate_exact_size(vec2(rect.width(), 17.0), Sense::hover());
        for (k, param) in row.iter().enumerate() {
            let path = Path { place: Place::Model(population), param: *param };
            let place = Rect::from_min_size(pos2(line.left() + MARGIN + VALUE * k as f32, line.top()), vec2(VALUE - 6.0, 17.0));
            live(ui, view, path, place, ("value", *param));
            let mut job = text::symbol(model.kind.params[*param].symbol, SMALL + 1.0, Theme::mix(theme.text, theme.accent, 0.55));
            let shown = format!(" = {}", shown_value(ParamKind::Number, model.values[*param], spec.unit_of(path)));
            let format = egui::TextFormat { font_id: fonts::medium(SMALL), color: theme.text, ..Default::default() };
            job.append(&shown, 0.0, format);
            job.wrap = egui::text::TextWrapping::truncate_at_width(place.width());
            let galley = ui.painter().layout_job(job);
            ui.painter().galley(pos2(place.left() + 2.0, place.center().y - galley.size().y / 2.0), galley, theme.text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_lit_while_its_slider_is_touched_and_fades_after() {
        let path = Path { place: Place::Model(0), param: 3 };
        let touched = Some(Touch { path, at: 10.0 });
        assert!((glow(touched, path, 10.0) - 1.0).abs() < 1e-6);
        let later = glow(touched, path, 10.8);
        assert!(later > 0.0 && later < 1.0 && glow(touched, path, 20.0) == 0.0);
        assert_eq!(glow(touched, Path { param: 4, ..path }, 10.0), 0.0);
        assert_eq!(glow(None, path, 10.0), 0.0);
    }

    #[test]
    fn symbols_mean_their_parameters() {
        let kind = spikeground_core::model::find(spikeground_core::model::neuron::ALL, "adex").expect("a model");
        let meant = |name| param_of(kind, name).map(|i| kind.params[i].key);
        assert_eq!((meant("g_L"), meant("Δ_T"), meant("tau_w"), meant("v")), (Some("g_l"), Some("delta_t"), Some("tau_w"), None));
        assert!(is_known(kind, "v") && is_known(kind, "w") && !is_known(kind, "spike"));
    }
}
