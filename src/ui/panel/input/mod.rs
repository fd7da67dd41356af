//! The current that a population is given, over time, and drawing it with the mouse: a stroke becomes a recorded stimulus of the network.

mod stroke;

use super::super::view::{Action, Item, ViewCtx};
use super::super::widgets::plot;
use super::super::{edit, text};
use super::{Panel, PanelKind, common};
use crate::plot::{Across, Axis, Ink, Item as Drawn, Pen, Plot};
use egui::{Button, DragValue, RichText, Sense, Ui};
use serde::{Deserialize, Serialize};
use spikeground_core::model::stimulus::{self, current_at, sends_spikes};
use spikeground_core::param::Unit;
use spikeground_core::part::Part;
use spikeground_core::spec::{NetworkSpec, StimulusSpec};
use stroke::Stroke;

pub static KIND: PanelKind = PanelKind {
    key: "input",
    title: "Input",
    help: "The current that the selected population is given over time: a thin line for what its other stimuli give together, a thick one for what is \
drawn. Draw with the mouse: the stroke becomes a recorded stimulus of the network, is saved with it and undone like any edit; draw over it to \
change it. Times count from the stimulus' own start: “From now” makes it begin at this moment.",
    make: || Box::<Input>::default(),
};

/// Points along the time axis that a stroke is made of.
const BINS: f64 = 300.0;
const NAME: &str = "Drawn current";
const LABEL: &str = "draw a current";

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    /// Length of the time axis, ms, and height of the other; 0: as the network suggests.
    ms: f64,
    height: f64,
}

#[derive(Default)]
pub struct Input {
    saved: Saved,
    stroke: Stroke,
}

/// The population, and its stimulus that is drawn on, if it has one.
fn subject(view: &ViewCtx<'_>) -> Option<(usize, Option<usize>)> {
    let spec = view.spec;
    let takes = |p: &usize| spec.populations.get(*p).is_some_and(|p| !p.model.kind.states.is_empty());
    if let Item::Stimulus(s) = view.selection.item
        && let Some(selected) = spec.stimuli.get(s)
        && let Some(target) = spec.population(&selected.target).filter(takes)
    {
        let own = (selected.stimulus.kind.key == "recorded").then_some(s);
        return Some((target, own.or_else(|| drawn_on(spec, target))));
    }
    let selected = if let Item::Population(p) = view.selection.item { Some(p) } else { view.selection.neurons.first().map(|n| n.0) };
    let target = selected.filter(takes).or_else(|| (0..spec.populations.len()).find(takes))?;
    Some((target, drawn_on(spec, target)))
}

fn drawn_on(spec: &NetworkSpec, target: usize) -> Option<usize> {
    let name = &spec.populations[target].name;
    spec.stimuli.iter().position(|s| s.target == *name && s.stimulus.kind.key == "recorded")
}

/// How high a current is usually drawn, by the unit of the model.
fn usual_height(unit: Unit) -> f64 {
    match unit {
        Unit::Pa => 500.0,
        _ => 20.0,
    }
}

impl Panel for Input {
    fn is_useful(&self, view: &ViewCtx<'_>) -> bool {
        subject(view).is_some()
    }

    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        let Some((target, own)) = subject(view) else {
            common::empty(
                ui,
                view.theme,
                "The current of a population",
                "Add a population of neurons, or open a network from the gallery",
                None,
            );
            return;
        };
        let (ms, height) = self.extent(view, target, own);
        let bin = ms / BINS;
        let plot = self.plot(view, target, own);
        let painted = plot::show(ui, view.theme, &plot, Sense::click_and_drag());
        let response = painted.response;
        let held = response.is_pointer_button_down_on() && ui.input(|i| i.pointer.primary_down());
        if let (true, Some(p)) = (held, response.interact_pointer_pos()) {
            let p = painted.frame.rect.clamp(p);
            let (t, value) = (painted.frame.x.value(p.x).max(0.0), painted.frame.y.value(p.y));
            // Half a percent of the height is where a hand means nothing.
            let value = if value.abs() < 0.01 * height { 0.0 } else { round_to(value, height) };
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            self.stroke.to((t / bin).round() as u32, value);
        } else if !self.stroke.is_empty() {
            let points = std::mem::take(&mut self.stroke).points(bin);
            let (spec, item) = with_stroke(view.spec, target, own, &points, bin);
            view.act(Action::Edit { spec: Box::new(spec), label: LABEL.into() });
            view.selection.item = item;
        }
        let words = match painted.at {
            Some(at) => format!("{}\nDraw the current with the mouse", plot::place_text(&plot, at)),
            None => "Draw the current with the mouse".to_owned(),
        };
        response.on_hover_cursor(egui::CursorIcon::Crosshair).on_hover_text_at_pointer(words);
    }

    fn bar(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        let Some((target, own)) = subject(view) else { return };
        let (mut ms, mut height) = self.extent(view, target, own);
        if let Some(own) = own {
            if ui.add(Button::new("Clear")).on_hover_text("Removes what is drawn").clicked()
                && let Some(spec) = edit::delete(view.spec, Item::Stimulus(own))
            {
                view.act(Action::Edit { spec: Box::new(spec), label: "clear the drawn current".into() });
                view.selection.item = Item::Population(target);
            }
            if ui.add(Button::new("From now")).on_hover_text("The current begins at this moment").clicked() {
                let mut spec = view.spec.clone();
                if spec.stimuli[own].stimulus.set("start", view.status.time()).is_ok() {
                    view.act(Action::Edit { spec: Box::new(spec), label: "start the current now".into() });
                }
            }
        }
        let unit = view.spec.populations[target].model.kind.current_unit.symbol();
        let speeds = (height / 200.0, ms / 200.0);
        let tall = ui.add(DragValue::new(&mut height).range(1e-3..=1e6).speed(speeds.0).max_decimals(2).suffix(format!(" {unit}")));
        let long = ui.add(DragValue::new(&mut ms).range(1.0..=1e6).speed(speeds.1).max_decimals(0).suffix(" ms"));
        for (response, name, tip) in
            [(&long, "Length of the drawing", "How much time is drawn on"), (&tall, "Height of the drawing", "Largest current")]
        {
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, name));
            response.clone().on_hover_text(tip);
        }
        if long.changed() {
            self.saved.ms = ms;
        }
        if tall.changed() {
            self.saved.height = height;
        }
        ui.label(RichText::new(&view.spec.populations[target].name).color(view.theme.weak)).on_hover_text("The population that gets it");
    }

    fn plots(&mut self, view: &ViewCtx<'_>) -> Vec<Plot> {
        subject(view).map(|(target, own)| self.plot(view, target, own)).into_iter().collect()
    }

    fn save(&self) -> String {
        ron::to_string(&self.saved).unwrap_or_default()
    }

    fn load(&mut self, settings: &str) {
        let saved: Saved = ron::from_str(settings).unwrap_or_default();
        let is_fine = |x: f64| x.is_finite() && x >= 0.0;
        self.saved = if is_fine(saved.ms) && is_fine(saved.height) { saved } else { Saved::default() };
    }
}

/// To a thousandth of the height: numbers that a file is read with.
fn round_to(value: f64, height: f64) -> f64 {
    let step = 10f64.powf((height * 1e-3).log10().floor());
    let n = (value / step).round();
    if step < 1.0 { n / (1.0 / step).round() } else { n * step }
}

/// The network with a stroke in the stimulus that is drawn on, or with a new one.
fn with_stroke(spec: &NetworkSpec, target: usize, own: Option<usize>, points: &[[f64; 2]], bin: f64) -> (NetworkSpec, Item) {
    let mut new = spec.clone();
    let index = own.unwrap_or(new.stimuli.len());
    if own.is_none() {
        let name = edit::free_name(NAME, |n| spec.stimulus(n).is_some());
        new.stimuli.push(StimulusSpec::new(&name, &spec.populations[target].name, Part::new(&stimulus::RECORDED)));
    }
    let part = &mut new.stimuli[index].stimulus;
    let mut table = stroke::laid(&part.table, points, bin);
    // A table needs two times to have a line between them.
    if let [only] = table.as_slice() {
        let next = vec![only[0] + bin, only[1]];
        table.push(next);
    }
    part.table = table.into();
    (new, Item::Stimulus(index))
}

impl Input {
    /// Length and height of the picture: chosen ones, at least what is drawn; else as the network suggests.
    fn extent(&self, view: &ViewCtx<'_>, target: usize, own: Option<usize>) -> (f64, f64) {
        let spec = view.spec;
        let table = own.map_or(&[][..], |s| &spec.stimuli[s].stimulus.table);
        let gain = own.map_or(1.0, |s| spec.stimuli[s].stimulus.get("gain"));
        let largest = table.iter().map(|r| (gain * r[1]).abs()).fold(0.0, f64::max);
        let ms =
            if self.saved.ms > 0.0 { self.saved.ms } else { spec.duration.clamp(100.0, 1000.0).max(table.last().map_or(0.0, |r| r[0])) };
        let height =
            if self.saved.height > 0.0 { self.saved.height } else { usual_height(spec.populations[target].model.kind.current_unit) };
        (ms, height.max(largest))
    }

    fn plot(&self, view: &ViewCtx<'_>, target: usize, own: Option<usize>) -> Plot {
        let (ms, height) = self.extent(view, target, own);
        let spec = view.spec;
        let bin = ms / BINS;
        let population = &spec.populations[target];
        let unit = population.model.kind.current_unit.symbol();
        let start = own.map_or(0.0, |s| spec.stimuli[s].stimulus.get("start"));
        let others: Vec<&StimulusSpec> = (spec.stimuli.iter().enumerate())
            .filter(|(i, s)| Some(*i) != own && s.enabled && s.target == population.name && !sends_spikes(s.stimulus.kind))
            .map(|(_, s)| s)
            .collect();
        let x = Axis::new(if start == 0.0 { "Time (ms)" } else { "Time since its start (ms)" }, (0.0, ms));
        let mut plot = Plot::new(x, Axis::new(format!("Current ({unit})"), (-0.4 * height, height)));
        plot.items.push(Drawn::Rule { across: Across::Y, at: 0.0, pen: Pen::new(Ink::Hairline).thin(), name: String::new() });
        if !others.is_empty() {
            let n = (2.0 * BINS) as u64;
            let dt = spec.dt.max(1e-3);
            let line = (0..=n).map(|k| {
                let t = ms * k as f64 / n as f64;
                let step = stimulus::step_of(start + t, dt);
                [t, others.iter().map(|s| current_at(&s.stimulus, step, dt)).sum()]
            });
            let all: Vec<[f64; 2]> = line.collect();
            plot = plot.line(all, Pen::new(Ink::Weak).thin(), "other stimuli");
        }
        let (table, gain) = own.map_or((&[][..], 1.0), |s| (&spec.stimuli[s].stimulus.table[..], spec.stimuli[s].stimulus.get("gain")));
        let points = self.stroke.points(bin);
        let shown = if points.is_empty() { table.to_vec() } else { stroke::laid(table, &points, bin) };
        let line: Vec<[f64; 2]> = shown.iter().filter(|r| r[0] <= ms + bin).map(|r| [r[0], gain * r[1]]).collect();
        plot = plot.line(line, Pen::new(Ink::Accent), own.map_or(NAME, |s| &spec.stimuli[s].name));
        let now = view.status.time() - start;
        if now >= 0.0 && now <= ms {
            plot.items.push(Drawn::Rule { across: Across::X, at: now, pen: Pen::new(Ink::Weak).thin().dashed(), name: String::new() });
        }
        if let Some(i_e) = population.model.kind.own_current().map(|i| population.model.values[i]).filter(|i| *i != 0.0) {
            plot.note = format!("Besides the model's own constant current of {}", text::with_unit(&text::number(i_e, 4), unit));
        }
        plot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stroke_makes_one_stimulus_and_the_next_one_edits_it() {
        let spec = crate::ui::library::preset("lif-single").expect("a preset");
        let n = spec.stimuli.len();
        let (drawn, item) = with_stroke(&spec, 0, None, &[[10.0, 100.0], [20.0, 200.0]], 10.0);
        assert_eq!((drawn.stimuli.len(), item), (n + 1, Item::Stimulus(n)));
        assert!(drawn.validate().is_empty(), "{:?}", drawn.validate());
        assert_eq!(drawn_on(&drawn, 0), Some(n));
        let (again, item) = with_stroke(&drawn, 0, Some(n), &[[20.0, 50.0]], 10.0);
        assert_eq!((again.stimuli.len(), item), (n + 1, Item::Stimulus(n)));
        assert!(again.validate().is_empty() && again.stimuli[n].stimulus.table != drawn.stimuli[n].stimulus.table);
        let (dot, _) = with_stroke(&spec, 0, None, &[[10.0, 100.0]], 10.0);
        assert!(dot.validate().is_empty(), "{:?}", dot.validate());
    }

    #[test]
    fn heights_are_round_numbers() {
        assert_eq!((round_to(123.456, 500.0), round_to(1.23456, 20.0)), (123.5, 1.23));
    }
}
