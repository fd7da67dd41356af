//! The phase plane: where a neuron's state is among the lines on which it would stand still, and where it goes from there.

mod crossing;
mod drag;
mod scene;

use super::super::text;
use super::super::theme::Theme;
use super::super::view::{Action, Needs, Touch, ViewCtx};
use super::super::widgets::plot::{self, Painted};
use super::super::worker::Worker;
use super::{Panel, PanelKind, common};
use crate::plot::{Ink, Plot};
use crossing::Crossing;
use drag::Drag;
use egui::{CursorIcon, Rect, RichText, Sense, Shape, Stroke, Ui, pos2};
use scene::{Far, Question, Scene};
use spikeground_core::lab::phase::{self, Window};
use spikeground_core::part::Part;
use spikeground_core::protocol::{Command, Poke, Probe};
use spikeground_core::spec::NetworkSpec;
use spikeground_core::spec::path::{Path, Place};

pub static KIND: PanelKind = PanelKind {
    key: "phase",
    title: "Phase plane",
    help: "The state of one neuron as a point, its two variables as the axes. On the v-nullcline v stands still, on the other line the \
recovery does; where they cross is a fixed point: a dot attracts (rest), a ring repels, a cross is a saddle, whose dashed separatrix is the \
threshold. The bright line is where the neuron was in the last moments, the thin one the orbit on which it fires. Move the current and see \
the rest vanish, or take a nullcline and drag it: its parameter follows (with Shift the second one it has). Click to put the neuron anywhere. The point is the selected neuron, or the first one.",
    make: || Box::<Phase>::default(),
};

/// How much of the past is drawn, ms.
const TAIL: f64 = 150.0;

pub struct Phase {
    worker: Worker<Question, Far>,
    asked: Option<scene::Key>,
    far: Option<Far>,
    near: Option<(scene::Key, Scene)>,
    /// Model and ends of the axes: they hold still until what is worth seeing has left them.
    window: Option<(&'static str, Window)>,
    drag: Option<Drag>,
    crossing: Crossing,
}

impl Default for Phase {
    fn default() -> Self {
        Self {
            worker: Worker::new(scene::far),
            asked: None,
            far: None,
            near: None,
            window: None,
            drag: None,
            crossing: Crossing::default(),
        }
    }
}

/// The neuron on show: the selected one, or the first of the first population that has a plane.
fn neuron(view: &ViewCtx<'_>) -> Option<(usize, u32)> {
    let has = |p: usize| view.spec.populations.get(p).is_some_and(|p| p.size > 0 && phase::plane(&p.model, 0.0).is_some());
    let selected = view.selection.neurons.iter().copied().find(|(p, n)| has(*p) && *n < view.spec.populations[*p].size);
    selected.or_else(|| (0..view.spec.populations.len()).find(|p| has(*p)).map(|p| (p, 0)))
}

fn probe(population: usize, neuron: u32, variable: &str) -> Probe {
    Probe { population, neuron, variable: variable.into() }
}

impl Panel for Phase {
    fn is_useful(&self, view: &ViewCtx<'_>) -> bool {
        neuron(view).is_some()
    }

    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        let Some((population, index)) = neuron(view) else {
            let hint = "A neuron with two variables has one: Izhikevich, AdEx, FitzHugh–Nagumo, Morris–Lecar, Hodgkin–Huxley (reduced)";
            common::empty(ui, view.theme, "The phase plane", hint, None);
            return;
        };
        let model = &view.spec.populations[population].model;
        let Some(mut plane) = phase::plane(model, 0.0) else { return };
        let current = input(view, population, index, &plane);
        let window = self.steady(model, plane.window());
        (plane.x.range, plane.y.range) = (window.x, window.y);
        let key = scene::Key::new(model, current, window);
        if self.near.as_ref().is_none_or(|(k, _)| *k != key) {
            self.near = scene::near(model, current, window).map(|scene| (key.clone(), scene));
        }
        if self.asked.as_ref() != Some(&key) {
            if self.asked.as_ref().is_some_and(|asked| !asked.is_of_the_model_of(&key)) {
                self.far = None;
            }
            self.worker.ask(ui.ctx(), Question { model: model.clone(), current, window, dt: view.spec.dt });
            self.asked = Some(key);
        }
        if let Some(far) = self.worker.answer() {
            self.far = Some(far);
        }
        let Some((_, scene)) = &self.near else { return };
        self.crossing.look(model, current, window, &scene.points, ui.input(|i| i.time));
        let tail = tail(view, population, index, (plane.x.key, plane.y.key), plane.reset.map(|r| r.peak));
        let plot = scene::plot(&plane, scene, self.far.as_ref(), tail);
        let area = ui.available_rect_before_wrap();
        let foot = 18.0 * (2 + scene.points.len().clamp(1, 3)) as f32 + 4.0;
        let rect = Rect::from_min_max(area.min, pos2(area.right(), (area.bottom() - foot).max(area.top() + 60.0)));
        let painted = plot::show_in(ui, view.theme, &plot, rect, Sense::click_and_drag());
        if let Some(at) = painted.at.filter(|_| painted.response.clicked()) {
            for (variable, value) in [(plane.x.key, at.0), (plane.y.key, at.1)] {
                if let Some(state) = model.kind.states.iter().position(|s| s.key == variable) {
                    let poke = Poke::State { state, value };
                    view.act(Action::Send(Command::Poke { population, neuron: index, poke }));
                }
            }
        }
        self.handle(ui, view, (population, current), painted, &plot);
        let Some((_, scene)) = &self.near else { return };
        let below = Rect::from_min_max(pos2(area.left(), rect.bottom()), area.max);
        let crossed = self.crossing.said(ui.input(|i| i.time));
        ui.scope_builder(egui::UiBuilder::new().max_rect(below), |ui| {
            legend(ui, view, population, scene, self.far.as_ref(), &plane, crossed.as_deref());
        });
    }

    fn bar(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        if let Some((population, index)) = neuron(view) {
            let name = common::neuron_name(view.spec, population, index);
            ui.label(RichText::new(name).color(view.theme.weak)).on_hover_text("The selected neuron; click another in the raster");
        }
    }

    fn needs(&self, view: &ViewCtx<'_>, needs: &mut Needs) {
        let Some((population, index)) = neuron(view) else { return };
        let Some(plane) = phase::plane(&view.spec.populations[population].model, 0.0) else { return };
        for variable in [plane.x.key, plane.y.key, "i_stim", "i_syn"] {
            let probe = probe(population, index, variable);
            if !needs.probes.contains(&probe) {
                needs.probes.push(probe);
            }
        }
    }

    fn plots(&mut self, view: &ViewCtx<'_>) -> Vec<Plot> {
        let Some((population, index)) = neuron(view) else { return Vec::new() };
        let (Some(plane), Some((_, scene))) = (phase::plane(&view.spec.populations[population].model, 0.0), &self.near) else {
            return Vec::new();
        };
        let tail = tail(view, population, index, (plane.x.key, plane.y.key), plane.reset.map(|r| r.peak));
        vec![scene::plot(&plane, scene, self.far.as_ref(), tail)]
    }
}

impl Phase {
    /// The ends of the axes: those of before, until what is worth seeing lies a quarter of the picture elsewhere, and during a drag.
    fn steady(&mut self, model: &Part, natural: Window) -> Window {
        let near = |a: (f64, f64), b: (f64, f64)| {
            let slack = 0.25 * (a.1 - a.0).abs();
            (a.0 - b.0).abs() <= slack && (a.1 - b.1).abs() <= slack
        };
        match self.window {
            Some((key, kept)) if key == model.kind.key && (self.drag.is_some() || near(kept.x, natural.x) && near(kept.y, natural.y)) => {
                kept
            }
            _ => {
                self.window = Some((model.kind.key, natural));
                natural
            }
        }
    }

    /// What the pointer does with the lines: it takes one and drags its parameter along.
    fn handle(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>, (population, current): (usize, f64), painted: Painted, plot: &Plot) {
        let model = &view.spec.populations[population].model;
        let Some((_, scene)) = &self.near else { return };
        let (response, frame) = (&painted.response, &painted.frame);
        let pointer = response.hover_pos().or(response.interact_pointer_pos());
        let second = ui.input(|i| i.modifiers.shift);
        // Where the button went down decides, not where the pointer is when the drag is known to be one.
        let origin = ui.input(|i| i.pointer.press_origin());
        let held = |at: egui::Pos2| {
            let (line, place) = drag::line_at(&scene.nullclines, frame, at).filter(|_| frame.rect.contains(at))?;
            let handles = drag::handles(model, current, line, place);
            let param = if second { handles.get(1).or(handles.first()) } else { handles.first() };
            param.map(|param| (line, *param))
        };
        if response.drag_started() {
            self.drag = origin.and_then(held).map(|(line, param)| Drag { line, param, gesture: common::new_gesture() });
        }
        if !response.dragged() && !response.drag_started() {
            self.drag = None;
        }
        let under = self.drag.map(|d| (d.line, d.param)).or_else(|| pointer.and_then(held));
        let path = |param| Path { place: Place::Model(population), param };
        if let Some((line, param)) = under {
            ui.set_cursor_icon(if self.drag.is_some() { CursorIcon::Grabbing } else { CursorIcon::Grab });
            let ink = plot::colour([Ink::Excitatory, Ink::Inhibitory][line], view.theme);
            let painter = ui.painter().with_clip_rect(frame.rect.intersect(ui.clip_rect()));
            for part in &scene.nullclines[line] {
                painter.add(Shape::line(part.iter().map(|p| frame.at(p[0], p[1])).collect(), Stroke::new(3.0, ink)));
            }
            view.selection.touched = Some(Touch { path: path(param), at: ui.input(|i| i.time) });
        }
        if let (Some(drag), Some(at)) = (self.drag, response.interact_pointer_pos()) {
            let at = frame.rect.clamp(at);
            let target = [frame.x.value(at.x), frame.y.value(at.y)];
            let value = drag::value_through(model, current, drag.line, drag.param, target);
            if let Some(value) = value.filter(|v| v.to_bits() != model.values[drag.param].to_bits()) {
                view.act(Action::Set { path: path(drag.param), value, gesture: drag.gesture });
            }
        }
        let words = match (under, painted.at) {
            (Some((_, param)), _) => {
                let spec = &model.kind.params[param];
                let value = text::with_unit(&text::number(model.values[param], 4), spec.unit.symbol());
                format!("{} = {value}\nDrag the line: {} follows", spec.symbol.replace('_', ""), spec.key)
            }
            (None, Some(at)) => format!("{}\nClick: put the neuron here", plot::place_text(plot, at)),
            (None, None) => return,
        };
        painted.response.on_hover_text_at_pointer(words);
    }
}

/// The input of this moment besides the constant current of the model: the mean over the last 2 ms, by steps that the eye can tell apart, so
/// that the lines hold still under noise.
fn input(view: &ViewCtx<'_>, population: usize, index: u32, plane: &phase::Plane) -> f64 {
    let mean = |variable: &str| common::recent_mean(view, &probe(population, index, variable), 2.0);
    let unit = (plane.y.range.1 - plane.y.range.0).abs() / 200.0;
    let total = mean("i_stim") + mean("i_syn");
    if total.is_finite() { (total / unit).round() * unit } else { 0.0 }
}

/// Where the neuron was in the last moments.
fn tail(view: &ViewCtx<'_>, population: usize, index: u32, (x, y): (&str, &str), peak: Option<f64>) -> Vec<[f64; 2]> {
    let traces = &view.history.traces;
    let (Some(x), Some(y)) = (traces.get(&probe(population, index, x)), traces.get(&probe(population, index, y))) else {
        return Vec::new();
    };
    let (now, dt) = (view.history.step(), view.status.dt.max(f64::MIN_POSITIVE));
    let from = now.saturating_sub((TAIL / dt) as u64);
    let mut points: Vec<[f64; 2]> = Vec::new();
    for step in from..=now {
        let (Some(a), Some(b)) = (x.at(step), y.at(step)) else { continue };
        let next = [f64::from(a), f64::from(b)];
        // A reset is a jump, not a way.
        let jumped = points.last().is_some_and(|p| peak.is_some() && p[0] - next[0] > 15.0);
        if jumped {
            points.push([f64::NAN, f64::NAN]);
        }
        points.push(next);
    }
    points
}

/// What the fixed points are, in words, and at which currents that changes.
fn legend(
    ui: &mut Ui,
    view: &ViewCtx<'_>,
    population: usize,
    scene: &Scene,
    far: Option<&Far>,
    plane: &phase::Plane,
    crossed: Option<&str>,
) {
    let (theme, spec): (&Theme, &NetworkSpec) = (view.theme, view.spec);
    ui.spacing_mut().item_spacing.y = 1.0;
    let small = |words: String| RichText::new(words).size(super::super::theme::SMALL);
    if let Some(crossed) = crossed {
        let words = RichText::new(crossed).font(super::super::fonts::medium(super::super::theme::SMALL)).color(theme.accent);
        ui.add(egui::Label::new(words).truncate());
    }
    if scene.points.is_empty() {
        ui.label(small("No fixed point: nothing holds the neuron, it fires on and on".into()).color(theme.text));
    }
    for p in scene.points.iter().take(3) {
        let rings = p.frequency().map_or_else(String::new, |f| format!(", {}", text::with_unit(&text::number(f, 3), "Hz")));
        let (a, b) = (p.eigenvalues[0], p.eigenvalues[1]);
        let complex = |(re, im): (f64, f64)| {
            if im == 0.0 {
                text::number(re, 3)
            } else {
                format!("{} {} {}i", text::number(re, 3), if im > 0.0 { "+" } else { "−" }, text::number(im.abs(), 3))
            }
        };
        let words = format!("{} at {} = {}{rings}", p.kind.name(), plane.x.key, text::with_unit(&text::number(p.x, 4), plane.x.unit));
        let tip = format!("{}\nEigenvalues {} and {} 1/ms", p.kind.meaning(), complex(a), complex(b));
        ui.label(small(words).color(theme.text)).on_hover_text(tip);
    }
    let unit = spec.populations[population].model.kind.current_unit.symbol();
    let mut facts: Vec<String> = Vec::new();
    if let Some(far) = far {
        facts.extend(
            far.changes
                .iter()
                .take(3)
                .map(|b| format!("{} at I = {}", b.change.name(), text::with_unit(&text::number(b.current, 4), unit))),
        );
        if let Some(cycle) = &far.cycle {
            facts.push(format!(
                "orbit of {}, {}",
                text::with_unit(&text::number(cycle.period, 3), "ms"),
                text::counted(cycle.n_spikes as u64, "spike", "spikes")
            ));
        }
    }
    let line = ui.available_rect_before_wrap();
    plot::small_print(ui, theme, Rect::from_min_size(line.min, egui::vec2(line.width(), 16.0)), &facts.join(" · "));
    if !plane.approximation.is_empty() {
        let n = spec.populations[population].model.kind.states.len();
        let mut words: Vec<String> = Vec::new();
        if let Some(c) = far.and_then(|f| f.whole.iter().find(|c| c.lost)) {
            let at = text::with_unit(&text::number(c.rest.value, 4), unit);
            words.push(format!("with all {n} variables the rest is lost at I = {at}"));
        }
        words.push(plane.approximation.to_owned());
        let words = words.join(" · ");
        let place = Rect::from_min_size(line.min + egui::vec2(0.0, 16.0), egui::vec2(line.width(), 16.0));
        plot::small_print(ui, theme, place, &words);
        ui.interact(place, ui.scope_id().with("approximation"), Sense::hover()).on_hover_text(words);
    }
}
