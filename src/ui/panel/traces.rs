//! The traces: variables of single neurons over time, on the time axis of the raster.

mod figure;
mod lines;
mod strip;

use super::super::history::spikes::Picked;
use super::super::text;
use super::super::theme::BODY;
use super::super::view::{Action, Needs, ViewCtx};
use super::super::widgets::auto_range::AutoRange;
use super::super::widgets::plot;
use super::super::widgets::ring_canvas::RingCanvas;
use super::super::widgets::time_axis::{self, AXIS_HEIGHT, GUTTER, MARGIN, TimeScale};
use super::{Panel, PanelKind, common, remarks};
use crate::plot::Plot;
use egui::{Align2, Pos2, Rect, RichText, Sense, Ui, WidgetInfo, pos2, vec2};
use lines::{Line, MOST_LINES, Strip, Variable};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use strip::{Frame, HEAD, Place};

pub static KIND: PanelKind = PanelKind {
    key: "traces",
    title: "Traces",
    help: "Variables of single neurons over time, on the same time axis as the raster: the membrane potential v, or whatever is chosen \
        in the bar. Shown are the selected neurons; if none is selected, those that the network's probes name.\n\nA dashed line is the \
        threshold V_th. Ticks at the top mark spikes. Models that only reset v (LIF, Izhikevich, AdEx) have no spike of their own: a \
        line is drawn up to the model's peak, or as far above the threshold as the reset is below it; its height has no meaning.",
    make: || Box::<Traces>::default(),
};

/// A strip is at least so high, points, with its head.
const LEAST_STRIP: f32 = 56.0;
/// Strips are stacked unless chosen otherwise while each gets so much.
const ROOMY_STRIP: f32 = 72.0;

/// What is saved with the layout.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    /// Keys of variables; none: what the network's probes name, or v.
    variables: Vec<String>,
    /// None: stacked while there is room for it.
    stacked: Option<bool>,
}

#[derive(Default)]
pub struct Traces {
    saved: Saved,
    is_stacked: bool,
    ranges: HashMap<String, AutoRange>,
    spikes: Picked,
    generation: u64,
}

impl Panel for Traces {
    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        if self.generation != view.history.generation() {
            self.generation = view.history.generation();
            self.ranges.clear();
        }
        let all = self.lines(view);
        if all.is_empty() {
            self.empty(ui, view);
            return;
        }
        let wall = ui.input(|i| i.time);
        view.selection.time_view.follow(view.status.time(), view.status.running, wall);
        let n_lines = all.len();
        let outer = ui.available_rect_before_wrap();
        let all: Vec<Line> = all.into_iter().take(MOST_LINES).collect();
        let stacked = lines::strips(all.clone(), true);
        self.is_stacked = self.saved.stacked.unwrap_or(stacked.len() as f32 * ROOMY_STRIP <= outer.height());
        let mut strips = if self.is_stacked { stacked } else { lines::strips(all, false) };
        let room = ((outer.height() - AXIS_HEIGHT) / LEAST_STRIP).floor().max(1.0) as usize;
        let n_strips = strips.len();
        strips.truncate(room);
        self.draw(ui, view, &strips, outer, wall);
        let hidden = match (n_lines > MOST_LINES, n_strips > room) {
            (true, _) => Some(format!("showing {MOST_LINES} of {n_lines} traces")),
            (_, true) => Some(format!("showing {room} of {n_strips} plots: make the panel higher")),
            _ => None,
        };
        if let Some(words) = hidden {
            let at = pos2(outer.right() - MARGIN, outer.bottom() - AXIS_HEIGHT - 2.0);
            time_axis::tag(ui.painter(), view.theme, at, Align2::RIGHT_BOTTOM, &words, view.theme.weak);
        }
    }

    fn bar(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        time_axis::span_control(ui, view.theme, &mut view.selection.time_view);
        let name = if self.is_stacked { "Stacked" } else { "Overlaid" };
        let button = ui.button(RichText::new(name).size(BODY - 1.0));
        if button.on_hover_text("One plot for each population and variable, or all of one unit in one").clicked() {
            self.saved.stacked = Some(!self.is_stacked);
        }
        self.chooser(ui, view);
    }

    fn needs(&self, view: &ViewCtx<'_>, needs: &mut Needs) {
        for line in self.lines(view).into_iter().take(MOST_LINES) {
            if !needs.probes.contains(&line.probe) {
                needs.probes.push(line.probe);
            }
        }
    }

    fn plots(&mut self, view: &ViewCtx<'_>) -> Vec<Plot> {
        figure::plots(view, &lines::strips(self.lines(view).into_iter().take(MOST_LINES).collect(), self.is_stacked))
    }

    fn save(&self) -> String {
        ron::to_string(&self.saved).unwrap_or_default()
    }

    fn load(&mut self, settings: &str) {
        if let Ok(saved) = ron::from_str(settings) {
            self.saved = saved;
        }
    }
}

impl Traces {
    fn lines(&self, view: &ViewCtx<'_>) -> Vec<Line> {
        let chosen = lines::lines(view.spec, &view.selection.neurons, &self.saved.variables);
        // A choice made for another network may mean nothing here.
        if chosen.is_empty() { lines::lines(view.spec, &view.selection.neurons, &[]) } else { chosen }
    }

    fn draw(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>, strips: &[Strip], outer: Rect, wall: f64) {
        let ppp = ui.ctx().pixels_per_point();
        let round = |v: f32| (v * ppp).round() / ppp;
        let side = ui.ctx().input(|i| i.max_texture_side);
        let (left, right) = (round(outer.left() + GUTTER), round(outer.right() - MARGIN));
        let right = right.max(left + 16.0);
        let bottom = outer.bottom() - AXIS_HEIGHT;
        let each = (bottom - outer.top()) / strips.len().max(1) as f32;
        let plots: Vec<Rect> = (0..strips.len())
            .map(|i| {
                let top = outer.top() + i as f32 * each + HEAD;
                Rect::from_min_max(pos2(left, round(top)), pos2(right, round(top - HEAD + each).max(round(top) + 8.0)))
            })
            .collect();
        let area = Rect::from_min_max(pos2(left, outer.top()), pos2(right, bottom));
        let response = ui.interact(area, ui.scope_id().with("plot"), Sense::click_and_drag());
        let words = format!("Traces: {} plots", strips.len());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &words));
        let scale = TimeScale::new((left..=right).into(), ppp, RingCanvas::most_columns(side), &view.selection.time_view);
        time_axis::interact(ui, &response, &scale, view.selection);

        let painter = ui.painter().clone();
        for plot in &plots {
            painter.rect_filled(*plot, 0.0, view.theme.plot);
        }
        time_axis::paint(&painter, view.theme, &scale, &plots, bottom);
        self.pick(view, strips);
        let at = Place {
            painter: &painter,
            theme: view.theme,
            spec: view.spec,
            scale: &scale,
            traces: &view.history.traces,
            spikes: &self.spikes,
            kept: view.kept,
            dt: view.status.dt,
            now: view.history.step(),
        };
        let mut frames = Vec::with_capacity(strips.len());
        for (strip, plot) in strips.iter().zip(&plots) {
            let range = self.ranges.entry(strip.key.clone()).or_default();
            let (low, high) = strip::extent(&at, strip).unwrap_or((f64::NAN, f64::NAN));
            let (low, high) = range.update(low, high, wall);
            let frame = Frame::new(*plot, low, high, strip);
            strip::axis(&at, &frame);
            strip::head(&at, strip, &frame);
            strip::draw(&at, strip, &frame);
            frames.push(frame);
        }
        let measured = view.selection.time.map_or_else(Vec::new, |range| measured(&at, strips, range));
        time_axis::overlay(ui, view.theme, &scale, &plots, view.selection, &measured);
        common::legend_of_kept(ui.painter(), view, plots.first());
        if let Some(pointer) = response.hover_pos().filter(|_| !response.dragged())
            && let Some(i) = plots.iter().position(|p| p.y_range().contains(pointer.y))
            && let (Some(strip), Some(frame)) = (strips.get(i), frames.get(i))
        {
            let hit = read_out(ui, &at, strip, frame, pointer);
            if let Some(line) = hit.filter(|_| response.clicked()) {
                view.selection.neurons = vec![(line.probe.population, line.probe.neuron)];
            }
        }
        remarks::show(ui, view, &scale, &plots, &response);
    }

    /// Follows the spikes of the neurons shown.
    fn pick(&mut self, view: &ViewCtx<'_>, strips: &[Strip]) {
        let first = view.spec.first_ids();
        let mut ids: Vec<u32> = Vec::new();
        for line in strips.iter().flat_map(|s| &s.lines) {
            if line.neuron >= ids.len() {
                ids.resize(line.neuron + 1, u32::MAX);
            }
            ids[line.neuron] = first.get(line.probe.population).map_or(u32::MAX, |f| f + line.probe.neuron);
        }
        self.spikes.update(&ids, &view.history.spikes);
    }

    fn chooser(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        let mut known: Vec<Variable> = Vec::new();
        for population in 0..view.spec.populations.len() {
            for v in lines::variables(view.spec, population) {
                if !known.iter().any(|k| k.key == v.key) {
                    known.push(v);
                }
            }
        }
        let chosen: Vec<&str> = known.iter().filter(|v| self.saved.variables.iter().any(|k| k == v.key)).map(|v| v.key).collect();
        let words = match chosen.as_slice() {
            [] => "Automatic".to_owned(),
            [one, two, _, ..] => format!("{one}, {two}, …"),
            few => few.join(", "),
        };
        let button = ui.button(RichText::new(words).size(BODY - 1.0)).on_hover_text("Which variables are shown");
        let menu = egui::Popup::menu(&button).accessible_name("Variables");
        menu.close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
            ui.set_min_width(260.0);
            if ui.add(egui::Button::selectable(chosen.is_empty(), "Automatic: the network's probes, or v")).clicked() {
                self.saved.variables.clear();
            }
            ui.separator();
            for v in &known {
                let mut on = chosen.contains(&v.key);
                let unit = if v.unit.is_empty() { String::new() } else { format!(" ({})", v.unit) };
                if ui.checkbox(&mut on, format!("{}{unit}", v.key)).on_hover_text(v.doc).changed() {
                    self.saved.variables.retain(|k| k != v.key);
                    if on {
                        self.saved.variables.push(v.key.to_owned());
                    }
                }
            }
        });
    }

    fn empty(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        let what = "The membrane potential of single neurons will be here";
        if view.spec.n_neurons() == 0 {
            let hint = "Open a network from the gallery, or add a population in the network tree";
            if common::empty(ui, view.theme, what, hint, Some("Open the gallery")) {
                view.act(Action::ShowPanel("gallery"));
            }
        } else if view.selection.neurons.is_empty() {
            common::empty(ui, view.theme, what, "The neurons of this network are sources: they have spikes but no potential", None);
        } else if common::empty(ui, view.theme, what, "The selected neurons are sources: they have no potential", Some("Deselect")) {
            view.selection.neurons.clear();
        }
    }
}

/// Values at both ends of a brushed range, ms, and how far they lie apart.
fn measured(at: &Place<'_>, strips: &[Strip], (low, high): (f64, f64)) -> Vec<time_axis::Reading> {
    let mut lines = Vec::new();
    for (strip, line) in strips.iter().flat_map(|s| s.lines.iter().map(move |l| (s, l))).take(8) {
        let value = |time: f64| at.traces.get(&line.probe).and_then(|t| t.at((time / at.dt).round().max(0.0) as u64));
        let (Some(a), Some(b)) = (value(low), value(high)) else { continue };
        let number = |v: f32| text::number(f64::from(v), 4);
        let name = common::neuron_name(at.spec, line.probe.population, line.probe.neuron);
        let sign = if b > a { "+" } else { "" };
        let change = text::with_unit(&format!("{sign}{}", number(b - a)), line.variable.unit);
        let words = format!("{name}  {}: {} to {}, {change}", line.variable.key, number(a), number(b));
        lines.push((Some(strip::colour(at.theme, at.spec, strip, line)), words));
    }
    lines
}

/// Values at the pointer's time; returns the line next to the pointer.
fn read_out<'a>(ui: &Ui, at: &Place<'_>, strip: &'a Strip, frame: &Frame, pointer: Pos2) -> Option<&'a Line> {
    let step = (at.scale.time(pointer.x) / at.dt).round().max(0.0);
    if !step.is_finite() {
        return None;
    }
    let mut rows = vec![(None, format!("t = {}", time_axis::moment(step * at.dt, at.dt)))];
    let mut nearest: Option<(f32, &Line)> = None;
    for line in &strip.lines {
        let Some(value) = at.traces.get(&line.probe).and_then(|t| t.at(step as u64)) else { continue };
        let off = (frame.y(f64::from(value)) - pointer.y).abs();
        if off < 12.0 && nearest.is_none_or(|n| off < n.0) {
            nearest = Some((off, line));
        }
        let name = common::neuron_name(at.spec, line.probe.population, line.probe.neuron);
        let number = text::with_unit(&text::number(f64::from(value), 5), line.variable.unit);
        let words = format!("{name}  {} = {number}", line.variable.key);
        rows.push((Some(strip::colour(at.theme, at.spec, strip, line)), words));
        for (kept, trace) in strip::of_kept(at, line) {
            let Some(other) = trace.at((step * at.dt / kept.spec.dt).round() as u64) else { continue };
            let apart = text::with_unit(&text::number(f64::from(value) - f64::from(other), 3), line.variable.unit);
            let words = format!("{}  {}, apart {apart}", kept.name, text::number(f64::from(other), 5));
            rows.push((Some(plot::colour(kept.ink(), at.theme)), words));
        }
    }
    if rows.len() > 1 {
        let painter = ui.painter();
        time_axis::readout(painter, at.theme, pointer + vec2(0.0, 4.0), painter.clip_rect(), &rows);
    }
    nearest.map(|n| n.1)
}
