//! The curves panel: how a neuron answers every value of a parameter, made by clones of it in the background while one watches.

mod draw;
mod job;

use super::super::theme::{BODY, SMALL, Theme};
use super::super::view::{Needs, ViewCtx};
use super::super::widgets::plot;
use super::super::worker::Worker;
use super::super::{fonts, text};
use super::{Panel, PanelKind, common};
use crate::plot::Plot;
use egui::{DragValue, Rect, RichText, Role, Sense, Ui, WidgetInfo, pos2};
use job::{Answer, Kind, Question};
use serde::{Deserialize, Serialize};
use spikeground_core::lab::curve::Cell;
use spikeground_core::param::{ParamKind, ParamSpec, Unit};
use spikeground_core::protocol::Probe;
use std::collections::BTreeMap;

pub static KIND: PanelKind = PanelKind {
    key: "curves",
    title: "Curves",
    help: "How one neuron answers every value of a parameter: its rate (f–I curve, up and down with the state carried, so that bistability \
shows, and the class of excitability), latency, adaptation, irregularity under noise, the weakest pulse of each duration, the weakest pair of pulses \
at each interval (resonator or integrator), impedance, where it rests and how far it swings, and a \
map over two parameters. Made by uncoupled clones of the selected neuron with its present parameters, without the network and its stimuli; rough \
at first, then finer. The dashed line is the present value; move any other slider and the curve is made anew.",
    make: || Box::<Curves>::default(),
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    kind: Kind,
    /// Keys of the parameters along the axes, by model.
    params: BTreeMap<String, (String, String)>,
    /// Ends of an axis that somebody moved, by model, curve and parameter.
    ranges: BTreeMap<String, (f64, f64)>,
}

pub struct Curves {
    saved: Saved,
    worker: Worker<Question, Answer>,
    asked: Option<Question>,
    answer: Option<Answer>,
    /// The value that the swept parameter has now.
    now: f64,
    /// The same for the second parameter of a map.
    second_now: f64,
}

impl Default for Curves {
    fn default() -> Self {
        Self { saved: Saved::default(), worker: Worker::new(job::work), asked: None, answer: None, now: 0.0, second_now: 0.0 }
    }
}

/// The neuron that is looked at: the selected one, or the first.
fn neuron(view: &ViewCtx<'_>) -> Option<(usize, u32)> {
    let has = |p: usize| view.spec.populations.get(p).is_some_and(|p| p.size > 0 && !p.model.kind.states.is_empty());
    let selected = view.selection.neurons.iter().copied().find(|(p, n)| has(*p) && *n < view.spec.populations[*p].size);
    selected.or_else(|| (0..view.spec.populations.len()).find(|p| has(*p)).map(|p| (p, 0)))
}

/// The stimulus current into a neuron.
fn stimulus(population: usize, neuron: u32) -> Probe {
    Probe { population, neuron, variable: "i_stim".into() }
}

fn is_number(spec: &ParamSpec) -> bool {
    spec.kind == ParamKind::Number
}

/// What an axis spans unless somebody moved its ends: of a current from nothing to what neurons are usually given.
fn natural(spec: &ParamSpec, value: f64) -> (f64, f64) {
    let (low, high) = spec.slider;
    let (low, high) = match spec.unit {
        Unit::Pa => (0.0, high.min(1000.0)),
        Unit::UaPerCm2 => (0.0, high.min(20.0)),
        Unit::MvPerMs => (0.0, high.min(40.0)),
        _ => (low, high),
    };
    // By steps, so that the axis holds still while a slider moves on.
    let step = 0.25 * (high - low);
    let beyond = |by: f64| if step > 0.0 { (by.max(0.0) / step).ceil() * step } else { by.max(0.0) };
    (low - beyond(low - value), high + beyond(value - high))
}

impl Panel for Curves {
    fn is_useful(&self, view: &ViewCtx<'_>) -> bool {
        neuron(view).is_some()
    }

    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        let Some(place) = neuron(view) else {
            common::empty(ui, view.theme, "Curves of a neuron", "Add a population of neurons, or open a network from the gallery", None);
            return;
        };
        let question = self.question(view, place);
        if self.asked.as_ref() != Some(&question) {
            // What is on screen belongs to another axis; a curve of the same axis stays until the new one is there.
            let same = self.asked.as_ref().is_some_and(|a| (a.kind, a.param, a.range) == (question.kind, question.param, question.range));
            if !same {
                self.answer = None;
            }
            self.worker.ask(ui.ctx(), question.clone());
            self.asked = Some(question.clone());
        }
        if let Some(answer) = self.worker.answer() {
            self.answer = Some(answer);
        }
        self.axes(ui, view.theme, &question);
        let area = ui.available_rect_before_wrap();
        let foot = 34.0;
        let rect = Rect::from_min_max(area.min, pos2(area.right(), area.bottom() - foot));
        let words = match self.answer.as_ref().map(|a| (&a.result, a.progress)) {
            None => {
                common::empty(ui, view.theme, question.kind.name(), "Being computed", None);
                String::new()
            }
            Some((Err(why), _)) => {
                common::empty(ui, view.theme, &format!("{}: not defined", question.kind.name()), &format!("Because {why}"), None);
                String::new()
            }
            Some((Ok(found), progress)) => {
                let plots = draw::plots(&question, found, (self.now, self.second_now));
                show(ui, view.theme, &plots, rect);
                let mut words = draw::readings(&question, found, self.now);
                if progress < 1.0 {
                    words = format!("{:.0} %{}{words}", progress * 100.0, if words.is_empty() { "" } else { " · " });
                }
                words
            }
        };
        footer(ui, view.theme, question.kind, &words, area, foot);
    }

    fn bar(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        // The name of the neuron stands beside it.
        let width = (ui.available_width() - 72.0).clamp(104.0, 190.0);
        let combo = egui::ComboBox::from_id_salt("curve").width(width).truncate().selected_text(self.saved.kind.name()).height(420.0);
        let combo = combo.show_ui(ui, |ui| {
            for kind in Kind::ALL {
                ui.selectable_value(&mut self.saved.kind, kind, kind.name()).on_hover_text(kind.definition());
            }
        });
        combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, "Curve"));
        if let Some((p, n)) = neuron(view) {
            let name = common::neuron_name(view.spec, p, n);
            ui.label(RichText::new(name).color(view.theme.weak)).on_hover_text("The selected neuron; click another in the raster");
        }
    }

    fn needs(&self, view: &ViewCtx<'_>, needs: &mut Needs) {
        let probe = neuron(view).map(|(p, n)| stimulus(p, n));
        let missing = probe.filter(|p| !needs.probes.contains(p));
        needs.probes.extend(missing);
    }

    fn plots(&mut self, _view: &ViewCtx<'_>) -> Vec<Plot> {
        match (&self.asked, self.answer.as_ref().map(|a| &a.result)) {
            (Some(question), Some(Ok(found))) => draw::plots(question, found, (self.now, self.second_now)),
            _ => Vec::new(),
        }
    }

    fn save(&self) -> String {
        ron::to_string(&self.saved).unwrap_or_default()
    }

    fn load(&mut self, settings: &str) {
        self.saved = ron::from_str(settings).unwrap_or_default();
    }
}

impl Curves {
    /// The parameters along the axes: chosen ones, else the current and the first other number.
    fn params(&self, cell: &Cell) -> (usize, usize) {
        let kind = cell.model.kind;
        let known = |key: &str| kind.param(key).filter(|i| is_number(&kind.params[*i]));
        let chosen = self.saved.params.get(kind.key);
        let first =
            chosen.and_then(|c| known(&c.0)).or_else(|| kind.own_current()).or_else(|| kind.params.iter().position(is_number)).unwrap_or(0);
        let second = chosen.and_then(|c| known(&c.1)).filter(|s| *s != first);
        let other = || (0..kind.params.len()).find(|i| *i != first && is_number(&kind.params[*i])).unwrap_or(first);
        (first, second.unwrap_or_else(other))
    }

    fn range_key(kind: Kind, cell: &Cell, key: &str) -> String {
        let axis = if kind.sweeps() { key.to_owned() } else { format!("{kind:?}") };
        format!("{}.{axis}", cell.model.kind.key)
    }

    fn question(&mut self, view: &ViewCtx<'_>, (population, index): (usize, u32)) -> Question {
        let p = &view.spec.populations[population];
        let mut cell = Cell::new(p.model.clone(), view.spec.dt);
        let kind = self.saved.kind;
        let (param, second) = self.params(&cell);
        let params = cell.model.kind.params;
        self.now = cell.model.values[param];
        self.second_now = cell.model.values[second];
        if params[param].is_own_current() {
            // What stimuli inject acts as the constant current does.
            self.now += common::recent_mean(view, &stimulus(population, index), 2.0);
        }
        let is_pa = cell.model.kind.current_unit == Unit::Pa;
        let wide = if is_pa { 1000.0 } else { 20.0 };
        let usual = match kind {
            Kind::Noise => (0.0, if is_pa { 500.0 } else { 10.0 }),
            Kind::Strength => (0.1, 100.0),
            Kind::Pairs => (job::PULSE, 100.0),
            Kind::Impedance => (1.0, 200.0),
            _ => natural(&params[param], cell.model.values[param]),
        };
        let saved = |key: &str, usual| self.saved.ranges.get(&Self::range_key(kind, &cell, key)).copied().unwrap_or(usual);
        let range = saved(params[param].key, usual);
        let second_range = match kind {
            // The strongest pulse tried.
            Kind::Strength | Kind::Pairs => (0.0, 100.0 * wide),
            _ => saved(params[second].key, natural(&params[second], cell.model.values[second])),
        };
        if kind.sweeps() {
            cell.model.values[param] = range.0;
        }
        if kind == Kind::Map {
            cell.model.values[second] = second_range.0;
        }
        Question { kind, cell, param, range, second, second_range }
    }

    /// Which parameters run along the axes, and from where to where.
    fn axes(&mut self, ui: &mut Ui, theme: &Theme, q: &Question) {
        let kind = q.cell.model.kind;
        let mut chosen = (q.param, q.second);
        let mut ranges = [(q.param, q.range), (q.second, q.second_range)];
        ui.horizontal_wrapped(|ui| {
            let n = if q.kind == Kind::Map { 2 } else { 1 };
            for (i, (param, range)) in ranges.iter_mut().take(n).enumerate() {
                let mine = if i == 0 { &mut chosen.0 } else { &mut chosen.1 };
                let spec = &kind.params[*param];
                if q.kind.sweeps() {
                    let name = text::symbol(spec.symbol, BODY, theme.text);
                    let combo = egui::ComboBox::from_id_salt(("axis", i)).width(64.0).selected_text(name).height(420.0);
                    let combo = combo.show_ui(ui, |ui| {
                        for (k, spec) in kind.params.iter().enumerate().filter(|(_, s)| is_number(s)) {
                            ui.selectable_value(mine, k, text::symbol(spec.symbol, BODY, theme.text)).on_hover_text(spec.doc);
                        }
                    });
                    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, "Parameter along the axis"));
                } else {
                    let what = match q.kind {
                        Kind::Noise => "sd",
                        Kind::Strength => "duration",
                        Kind::Pairs => "interval",
                        _ => "frequency",
                    };
                    ui.label(RichText::new(what).color(theme.weak));
                }
                let unit = match q.kind {
                    Kind::Noise => kind.current_unit.symbol(),
                    Kind::Strength | Kind::Pairs => "ms",
                    Kind::Impedance => "Hz",
                    _ => spec.unit.symbol(),
                };
                let (low, high) = match q.kind {
                    Kind::Noise => (0.0, 1e6),
                    Kind::Strength | Kind::Pairs | Kind::Impedance => (0.01, 1e4),
                    _ => spec.valid,
                };
                let speed = ((range.1 - range.0).abs() / 200.0).max(1e-6);
                let least = (range.1 - range.0).abs().max(1e-6) * 1e-3;
                let from = ui.add(DragValue::new(&mut range.0).speed(speed).range(low..=range.1 - least).max_decimals(3));
                from.widget_info(|| WidgetInfo::labeled(Role::SpinButton, true, "From"));
                ui.label(RichText::new("to").color(theme.weak));
                let to = ui.add(DragValue::new(&mut range.1).speed(speed).range(range.0 + least..=high).max_decimals(3));
                to.widget_info(|| WidgetInfo::labeled(Role::SpinButton, true, "To"));
                ui.label(RichText::new(unit).color(theme.weak));
            }
        });
        let keys = |c: (usize, usize)| (kind.params[c.0].key.to_owned(), kind.params[c.1].key.to_owned());
        if chosen != (q.param, q.second) {
            self.saved.params.insert(kind.key.to_owned(), keys(chosen));
        }
        for ((param, range), before) in ranges.into_iter().zip([q.range, q.second_range]) {
            if range != before && range.0.is_finite() && range.1.is_finite() && range.0 < range.1 {
                self.saved.ranges.insert(Self::range_key(q.kind, &q.cell, kind.params[param].key), range);
            }
        }
    }
}

fn show(ui: &mut Ui, theme: &Theme, plots: &[Plot], rect: Rect) {
    let height = rect.height() / plots.len().max(1) as f32;
    for (i, one) in plots.iter().enumerate() {
        let top = rect.top() + height * i as f32;
        let place = Rect::from_min_max(pos2(rect.left(), top), pos2(rect.right(), top + height - 4.0));
        let painted = ui.push_id(i, |ui| plot::show_in(ui, theme, one, place, Sense::hover())).inner;
        if let Some(at) = painted.at {
            let value = one.picture().and_then(|p| p.at(at.0, at.1)).map(|v| format!("\nRate: {} Hz", text::number(f64::from(v), 3)));
            painted.response.on_hover_text_at_pointer(plot::place_text(one, at) + &value.unwrap_or_default());
        }
    }
}

/// What is read off, and the definition.
fn footer(ui: &mut Ui, theme: &Theme, kind: Kind, words: &str, area: Rect, foot: f32) {
    let middle = area.bottom() - foot / 2.0;
    let line = Rect::from_min_max(pos2(area.left(), area.bottom() - foot), pos2(area.right(), middle));
    plot::small_print_in(ui, line, words, fonts::medium(SMALL), theme.text);
    let line = Rect::from_min_max(pos2(area.left(), middle), area.max);
    plot::small_print(ui, theme, line, kind.definition());
    ui.interact(line, ui.scope_id().with("definition"), Sense::hover()).on_hover_text(kind.definition());
    ui.allocate_rect(area, Sense::hover());
}
