//! The sweep panel: the network again and again, with other seeds or along one or two parameters, and what the measures say of it.

mod draw;
mod job;

use super::super::text;
use super::super::theme::{SMALL, Theme};
use super::super::view::ViewCtx;
use super::super::widgets::plot;
use super::super::worker::Worker;
use super::{Panel, PanelKind, common};
use crate::plot::Plot;
use egui::{DragValue, Rect, RichText, Sense, Ui, pos2};
use job::Answer;
use serde::{Deserialize, Serialize};
use spikeground_core::analysis::{self, Measure};
use spikeground_core::param::{ParamKind, ParamSpec};
use spikeground_core::spec::NetworkSpec;
use spikeground_core::sweep::{self, Measured, Plan};
use std::collections::BTreeMap;
use std::time::Instant;

pub static KIND: PanelKind = PanelKind {
    key: "sweep",
    title: "Sweep",
    help: "Runs the network on screen many times in the background, without touching it: with several seeds (mean and spread of every \
measure), along one parameter (a curve with its spread) or along two (a map). The dashed line or ring is the present value. The same from the command \
line: spikeground sweep FILE --param E.tau_m=10:30:5 --seeds 3 --measure rate,cv --out DIR.",
    make: || Box::<SweepPanel>::default(),
};

/// Measures that give one number or word of a run.
const MEASURES: [&str; 15] = [
    "rate",
    "cv",
    "cv2",
    "lv",
    "lvr",
    "fano",
    "correlation",
    "sttc",
    "chi",
    "kuramoto",
    "regime",
    "isi_distance",
    "spike_distance",
    "van_rossum",
    "victor_purpura",
];

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    /// Addresses of the parameters along the axes: `E.tau_m`.
    knobs: Vec<String>,
    /// First and last value and how many, by address.
    ranges: BTreeMap<String, (f64, f64, usize)>,
    seeds: u32,
    /// Biological time of a run, and of its begin that is not measured, ms.
    ms: f64,
    settle: f64,
    measures: Vec<String>,
}

impl Default for Saved {
    fn default() -> Self {
        let measures = vec!["rate".into(), "cv".into()];
        Self { knobs: Vec::new(), ranges: BTreeMap::new(), seeds: 5, ms: 1000.0, settle: 200.0, measures }
    }
}

pub struct SweepPanel {
    saved: Saved,
    worker: Worker<Plan, Answer>,
    /// What is being run or was run last, since when.
    plan: Option<(Plan, Instant)>,
    answer: Answer,
    /// Why the last one did not begin.
    refused: Option<String>,
}

impl Default for SweepPanel {
    fn default() -> Self {
        Self { saved: Saved::default(), worker: Worker::new(job::work), plan: None, answer: Answer::default(), refused: None }
    }
}

/// Every number of the network that has an address, by the name of its owner.
fn addresses(spec: &NetworkSpec) -> Vec<(String, Vec<(String, &'static ParamSpec)>)> {
    let mut all: Vec<(String, Vec<(String, &'static ParamSpec)>)> = Vec::new();
    for place in spec.places() {
        let (entity, part) = spec.entity_of(place);
        let Some(kind) = spec.part(place).map(|p| p.kind) else { continue };
        for param in kind.params.iter().filter(|p| p.kind == ParamKind::Number) {
            let plain = format!("{entity}.{}", param.key);
            let whole = format!("{entity}.{part}.{}", param.key);
            let is_mine = |a: &String| spec.find(a).is_ok_and(|p| p.place == place);
            let Some(address) = [plain, whole].into_iter().find(is_mine) else { continue };
            match all.iter_mut().find(|(name, _)| name == entity) {
                Some((_, list)) => list.push((address, param)),
                None => all.push((entity.to_owned(), vec![(address, param)])),
            }
        }
    }
    all
}

impl Panel for SweepPanel {
    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        if view.spec.n_neurons() == 0 {
            common::empty(ui, view.theme, "Many runs of a network", "Open a network from the gallery, or add a population", None);
            return;
        }
        if let Some(answer) = self.worker.answer() {
            self.answer = answer;
        }
        self.saved.knobs.retain(|k| view.spec.find(k).is_ok());
        ui.horizontal_wrapped(|ui| self.axes(ui, view));
        ui.horizontal_wrapped(|ui| self.settings(ui, view));
        self.progress(ui);
        let area = ui.available_rect_before_wrap();
        if let Some(why) = &self.refused {
            common::empty(ui, view.theme, "This sweep cannot begin", why, None);
            return;
        }
        let Some((plan, _)) = &self.plan else {
            let hint = "Choose up to two parameters and press Run; with none the same network runs with several seeds";
            common::empty(ui, view.theme, "Many runs of this network", hint, None);
            return;
        };
        let foot = if plan.knobs.is_empty() { 16.0 * plan.populations.len().min(4) as f32 } else { 0.0 };
        let rect = Rect::from_min_max(area.min, pos2(area.right(), area.bottom() - foot));
        show(ui, view.theme, &draw::plots(plan, &self.answer.runs, &now(plan, view.spec)), rect);
        if foot > 0.0 {
            for (i, line) in draw::words(plan, &self.answer.runs).iter().take(4).enumerate() {
                let top = area.bottom() - foot + 16.0 * i as f32;
                let place = Rect::from_min_max(pos2(area.left(), top), pos2(area.right(), top + 16.0));
                plot::small_print_in(ui, place, line, super::super::fonts::medium(SMALL), view.theme.text);
            }
        }
        ui.allocate_rect(area, Sense::hover());
    }

    fn plots(&mut self, view: &ViewCtx<'_>) -> Vec<Plot> {
        self.plan.as_ref().map_or_else(Vec::new, |(plan, _)| draw::plots(plan, &self.answer.runs, &now(plan, view.spec)))
    }

    fn save(&self) -> String {
        ron::to_string(&self.saved).unwrap_or_default()
    }

    fn load(&mut self, settings: &str) {
        self.saved = ron::from_str(settings).unwrap_or_default();
    }
}

/// The values that the knobs have in the network on screen.
fn now(plan: &Plan, spec: &NetworkSpec) -> draw::Now {
    let value = |k: &sweep::Knob| spec.find(&k.name).ok().and_then(|p| spec.part(p.place).map(|part| part.values[p.param]));
    plan.knobs.iter().filter_map(value).collect()
}

impl SweepPanel {
    /// The parameters along the axes, each with its values.
    fn axes(&mut self, ui: &mut Ui, view: &ViewCtx<'_>) {
        let all = addresses(view.spec);
        for i in 0..(self.saved.knobs.len() + 1).min(2) {
            let chosen = self.saved.knobs.get(i).cloned();
            let words = chosen.clone().unwrap_or_else(|| if i == 0 { "Seeds only" } else { "and a second parameter" }.into());
            let mut picked = chosen.clone();
            egui::ComboBox::from_id_salt(("knob", i)).width(150.0).truncate().selected_text(words).height(420.0).show_ui(ui, |ui| {
                ui.selectable_value(&mut picked, None, "None");
                for (entity, params) in &all {
                    ui.label(RichText::new(entity).size(SMALL).weak());
                    for (address, param) in params {
                        ui.selectable_value(&mut picked, Some(address.clone()), address).on_hover_text(param.doc);
                    }
                }
            });
            if picked != chosen {
                match picked.filter(|p| !self.saved.knobs.contains(p)) {
                    Some(address) if i < self.saved.knobs.len() => self.saved.knobs[i] = address,
                    Some(address) => self.saved.knobs.push(address),
                    None => drop((i < self.saved.knobs.len()).then(|| self.saved.knobs.remove(i))),
                }
            }
            let Some(address) = self.saved.knobs.get(i).cloned() else { continue };
            let Some((path, spec)) = view.spec.find(&address).ok().and_then(|p| Some((p, view.spec.spec_of(p)?))) else { continue };
            let value = view.spec.part(path.place).map_or(spec.default, |p| p.values[path.param]);
            let usual = (spec.slider.0.min(value), spec.slider.1.max(value), if i == 0 { 11 } else { 7 });
            let range = self.saved.ranges.entry(address).or_insert(usual);
            let speed = ((range.1 - range.0).abs() / 200.0).max(1e-6);
            let (low, high) = spec.valid;
            ui.add(DragValue::new(&mut range.0).speed(speed).range(low..=high).max_decimals(4));
            ui.label(RichText::new("to").color(view.theme.weak));
            ui.add(DragValue::new(&mut range.1).speed(speed).range(low..=high).max_decimals(4));
            ui.label(RichText::new(view.spec.unit_of(path)).color(view.theme.weak));
            ui.label(RichText::new("in").color(view.theme.weak));
            ui.add(DragValue::new(&mut range.2).range(2..=200).suffix(" values"));
        }
    }

    fn settings(&mut self, ui: &mut Ui, view: &ViewCtx<'_>) {
        let weak = |ui: &mut Ui, words: &str| ui.label(RichText::new(words).color(view.theme.weak));
        if self.worker.is_busy() {
            if ui.button("Cancel").clicked() {
                self.worker.cancel();
            }
        } else if ui.button("Run").clicked() {
            self.start(ui, view.spec);
        }
        let suffix = if self.saved.seeds == 1 { " seed" } else { " seeds" };
        ui.add(DragValue::new(&mut self.saved.seeds).range(1..=1000).suffix(suffix));
        weak(ui, "of");
        ui.add(DragValue::new(&mut self.saved.ms).range(1.0..=1e7).speed(10.0).suffix(" ms").max_decimals(1));
        weak(ui, "without the first");
        let most = (self.saved.ms - view.spec.dt).max(0.0);
        ui.add(DragValue::new(&mut self.saved.settle).range(0.0..=most).speed(10.0).suffix(" ms").max_decimals(1));
        let names: Vec<&str> = self.measures().iter().map(|m| m.name).collect();
        let combo = egui::ComboBox::from_id_salt("measures").width(150.0).truncate().selected_text(names.join(", "));
        combo.height(420.0).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show_ui(ui, |ui| {
            for measure in MEASURES.iter().filter_map(|k| analysis::find(k)) {
                let mut on = self.saved.measures.iter().any(|k| k == measure.key);
                if ui.checkbox(&mut on, measure.name).on_hover_text(measure.definition).changed() {
                    self.saved.measures.retain(|k| k != measure.key);
                    if on {
                        self.saved.measures.push(measure.key.to_owned());
                    }
                }
            }
        });
    }

    /// The measures asked for, the rate when there is none.
    fn measures(&self) -> Vec<&'static Measure> {
        let known: Vec<_> = self.saved.measures.iter().filter_map(|k| analysis::find(k)).collect();
        if known.is_empty() { analysis::find("rate").into_iter().collect() } else { known }
    }

    fn plan(&self, spec: &NetworkSpec) -> Result<Plan, String> {
        let knob = |address: &String| {
            let (first, last, n) = self.saved.ranges.get(address).copied().unwrap_or((0.0, 1.0, 2));
            sweep::knob(spec, address, sweep::range(first, last, n))
        };
        let plan = Plan {
            knobs: self.saved.knobs.iter().map(knob).collect::<Result<_, _>>()?,
            seeds: (0..u64::from(self.saved.seeds)).map(|i| spec.seed.wrapping_add(i)).collect(),
            ms: self.saved.ms,
            settle: self.saved.settle,
            measures: self.measures().into_iter().map(Measured::new).collect(),
            populations: (0..spec.populations.len()).filter(|p| spec.populations[*p].size > 0).collect(),
            spec: spec.clone(),
        };
        plan.check()?;
        Ok(plan)
    }

    fn start(&mut self, ui: &Ui, spec: &NetworkSpec) {
        match self.plan(spec) {
            Ok(plan) => {
                self.worker.ask(ui.ctx(), plan.clone());
                (self.plan, self.answer, self.refused) = (Some((plan, Instant::now())), Answer::default(), None);
            }
            Err(why) => self.refused = Some(why),
        }
    }

    fn progress(&self, ui: &mut Ui) {
        let Some((_, since)) = self.plan.as_ref().filter(|_| self.worker.is_busy()) else { return };
        let (done, of) = (self.answer.runs.len(), self.answer.of.max(1));
        let share = done as f32 / of as f32;
        let passed = since.elapsed().as_secs_f64();
        let left = if done > 0 { format!(", about {} s left", text::number(passed / f64::from(share) - passed, 2)) } else { String::new() };
        ui.add(egui::ProgressBar::new(share).text(format!("{done} of {of} runs{left}")).desired_height(18.0));
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(200));
    }
}

/// Plots beside or above each other, as the room is.
fn show(ui: &mut Ui, theme: &Theme, plots: &[Plot], rect: Rect) {
    let n = plots.len().max(1);
    let side_by_side = rect.width() > 1.4 * rect.height();
    for (i, one) in plots.iter().enumerate() {
        let (w, h) = if side_by_side { (rect.width() / n as f32, rect.height()) } else { (rect.width(), rect.height() / n as f32) };
        let at = if side_by_side { pos2(rect.left() + w * i as f32, rect.top()) } else { pos2(rect.left(), rect.top() + h * i as f32) };
        let place = Rect::from_min_size(at, egui::vec2(w - 4.0, h - 4.0));
        let painted = ui.push_id(i, |ui| plot::show_in(ui, theme, one, place, Sense::hover())).inner;
        if let Some(at) = painted.at {
            let value = one.picture().and_then(|p| Some((p, p.at(at.0, at.1)?)));
            let value = value.map(|(p, v)| format!("\n{}: {}", p.label, text::number(f64::from(v), 4)));
            painted.response.on_hover_text_at_pointer(plot::place_text(one, at) + &value.unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_offered_exists() {
        for key in MEASURES {
            assert!(analysis::find(key).is_some(), "{key}");
        }
    }

    #[test]
    fn every_address_offered_leads_to_its_parameter() {
        let spec = crate::ui::library::preset("ei-balance").expect("a preset");
        let all = addresses(&spec);
        let names: Vec<_> = all.iter().flat_map(|(_, list)| list.iter().map(|l| l.0.clone())).collect();
        assert!(names.iter().all(|a| spec.find(a).is_ok()) && names.len() > 20, "{names:?}");
        let mut unique = names.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), names.len(), "{names:?}");
    }
}
