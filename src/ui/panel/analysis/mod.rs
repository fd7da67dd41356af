//! The analysis panel: any measure of the spikes, of the last seconds or of a brushed range, made anew in the background.

mod measures;
mod question;

use super::super::text;
use super::super::theme::{BODY, SMALL, Theme};
use super::super::view::{Needs, ViewCtx};
use super::super::widgets::param_slider::Row;
use super::super::widgets::plot;
use super::super::worker::Worker;
use super::{Panel, PanelKind, common};
use crate::plot::Plot;
use egui::{Rect, RichText, Sense, Ui, pos2, vec2};
use question::{Answer, Question, Result};
use serde::{Deserialize, Serialize};
use spikeground_core::analysis::{self, Measure, Takes};
use std::collections::BTreeMap;

pub static KIND: PanelKind = PanelKind {
    key: "analysis",
    title: "Analysis",
    help: "Standard measures of spike trains, live. Choose a measure, whose spikes (all, one population, the selected neurons) and which \
time: the last seconds, or a range brushed in the raster or the traces (drag with the right button). The line below the plot defines the \
number; hover it for the formula and its source. A measure that the spikes do not define says why.",
    make: || Box::<Analysis>::default(),
};

/// Seconds between two questions while time flows.
const EVERY: f64 = 0.25;

/// Which time is analysed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Span {
    /// The last so many ms.
    Last(f64),
    /// The range brushed in a time panel; the last second while there is none.
    Brushed,
}

/// Whose spikes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Subject {
    #[default]
    All,
    /// By name, so that it survives other populations coming and going.
    Population(String),
    Selected,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    measure: String,
    span: Span,
    subject: Subject,
    /// Parameters that differ from their defaults, by measure and key.
    params: BTreeMap<String, f64>,
}

impl Default for Saved {
    fn default() -> Self {
        Self { measure: "isi".into(), span: Span::Last(5000.0), subject: Subject::All, params: BTreeMap::new() }
    }
}

pub struct Analysis {
    saved: Saved,
    worker: Worker<Question, Answer>,
    answer: Option<Answer>,
    /// What the last question was about, besides the passing of time, and when it was asked (s).
    asked: Option<(question::Key, f64)>,
}

impl Default for Analysis {
    fn default() -> Self {
        Self { saved: Saved::default(), worker: Worker::new(measures::answer), answer: None, asked: None }
    }
}

impl Panel for Analysis {
    fn is_useful(&self, view: &ViewCtx<'_>) -> bool {
        view.spec.n_neurons() > 0
    }

    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        if view.spec.n_neurons() == 0 {
            common::empty(ui, view.theme, "Measures of the spikes", "Open a network from the gallery, or add a population", None);
            return;
        }
        self.ask(ui, view);
        if let Some(answer) = self.worker.answer() {
            self.answer = Some(answer);
        }
        let measure = self.measure();
        self.params(ui, view.theme, measure);
        match &self.answer {
            Some(answer) if answer.measure == measure.key => {
                if let Some(span) = draw(ui, view.theme, measure, answer) {
                    view.selection.time = Some(span);
                }
            }
            _ => {
                common::empty(ui, view.theme, measure.name, "Being computed", None);
            }
        }
    }

    fn bar(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        self.span_chooser(ui);
        self.subject_chooser(ui, view);
        self.measure_chooser(ui);
    }

    fn needs(&self, view: &ViewCtx<'_>, needs: &mut Needs) {
        match self.measure().takes {
            Takes::Signal => {
                let probe = question::listener(view, &self.saved.subject).map(question::stimulus);
                let missing = probe.filter(|p| !needs.probes.contains(p));
                needs.probes.extend(missing);
            }
            Takes::Weights if needs.watch.is_none() => needs.watch = Some(common::Subject::natural(view.spec, view.selection.item).watch()),
            _ => {}
        }
    }

    fn plots(&mut self, _view: &ViewCtx<'_>) -> Vec<Plot> {
        match self.answer.as_ref().map(|a| &a.result) {
            Some(Ok(shown)) => shown.plots.clone(),
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

impl Analysis {
    fn measure(&self) -> &'static Measure {
        analysis::find(&self.saved.measure).unwrap_or(analysis::ALL[0])
    }

    fn value(&self, measure: &Measure, i: usize) -> f64 {
        let spec = &measure.params[i];
        self.saved.params.get(&format!("{}.{}", measure.key, spec.key)).copied().unwrap_or(spec.default)
    }

    /// Asks when what is asked changed, and again and again while time flows.
    fn ask(&mut self, ui: &Ui, view: &ViewCtx<'_>) {
        let measure = self.measure();
        let params = (0..measure.params.len()).map(|i| self.value(measure, i)).collect();
        let (question, key) = question::make(view, measure, params, self.saved.span, &self.saved.subject);
        let now = ui.input(|i| i.time);
        let same = self.asked.as_ref().filter(|(asked, _)| *asked == key);
        let is_due = match same {
            None => true,
            Some((_, at)) => view.status.running && !self.worker.is_busy() && now - at >= EVERY,
        };
        if is_due {
            self.asked = Some((key, now));
            self.worker.ask(ui.ctx(), question);
        } else if view.status.running {
            ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(EVERY));
        }
    }

    fn params(&mut self, ui: &mut Ui, theme: &Theme, measure: &'static Measure) {
        if measure.params.is_empty() {
            return;
        }
        let width = 250f32.min(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            for (i, spec) in measure.params.iter().enumerate() {
                let value = self.value(measure, i);
                let change = ui.allocate_ui(vec2(width, super::super::theme::ROW), |ui| {
                    Row { spec, unit: spec.unit.symbol(), value, opened: spec.default }.show(ui, theme)
                });
                if let Some(change) = change.inner {
                    self.saved.params.insert(format!("{}.{}", measure.key, spec.key), change.value);
                }
            }
        });
    }

    fn measure_chooser(&mut self, ui: &mut Ui) {
        let now = self.measure();
        let width = (ui.available_width() - 4.0).clamp(110.0, 190.0);
        let combo = egui::ComboBox::from_id_salt("measure").width(width).truncate().selected_text(now.name).height(420.0);
        combo.show_ui(ui, |ui| {
            let mut group = "";
            for m in analysis::ALL {
                if m.group != group {
                    group = m.group;
                    ui.label(RichText::new(group).size(SMALL).weak());
                }
                if ui.selectable_label(m.key == now.key, m.name).on_hover_text(m.definition).clicked() {
                    self.saved.measure = m.key.to_owned();
                }
            }
        });
    }

    fn subject_chooser(&mut self, ui: &mut Ui, view: &ViewCtx<'_>) {
        let words = match &self.saved.subject {
            Subject::All => "All neurons".to_owned(),
            Subject::Population(name) => name.clone(),
            Subject::Selected => "Selected".to_owned(),
        };
        let combo = egui::ComboBox::from_id_salt("subject").width(96.0).truncate().selected_text(words);
        combo.show_ui(ui, |ui| {
            ui.selectable_value(&mut self.saved.subject, Subject::All, "All neurons");
            for p in &view.spec.populations {
                ui.selectable_value(&mut self.saved.subject, Subject::Population(p.name.clone()), &p.name);
            }
            ui.selectable_value(&mut self.saved.subject, Subject::Selected, "Selected neurons");
        });
    }

    fn span_chooser(&mut self, ui: &mut Ui) {
        let name = |span: Span| match span {
            Span::Last(ms) => format!("Last {}", text::with_unit(&text::number(ms / 1000.0, 3), "s")),
            Span::Brushed => "Brushed".to_owned(),
        };
        let combo = egui::ComboBox::from_id_salt("span").width(84.0).truncate().selected_text(name(self.saved.span));
        combo.show_ui(ui, |ui| {
            for span in [1000.0, 2000.0, 5000.0, 10_000.0, 30_000.0, 60_000.0].map(Span::Last) {
                ui.selectable_value(&mut self.saved.span, span, name(span));
            }
            ui.selectable_value(&mut self.saved.span, Span::Brushed, "Brushed range");
        });
    }
}

/// Plots above each other, the numbers, the definition. Returns the span of time that somebody marks on an axis of time, ms.
fn draw(ui: &mut Ui, theme: &Theme, measure: &Measure, answer: &Answer) -> Option<(f64, f64)> {
    let mut marked = None;
    let area = ui.available_rect_before_wrap();
    let foot = 34.0;
    let shown = match &answer.result {
        Result::Ok(shown) => shown,
        Result::Err(because) => {
            common::empty(ui, theme, &format!("{}: not defined", measure.name), &format!("Because {because}"), None);
            definition(ui, theme, measure, &answer.about, area);
            return None;
        }
    };
    let rect = Rect::from_min_max(area.min, pos2(area.right(), area.bottom() - foot));
    if shown.plots.is_empty() {
        ui.scope_builder(egui::UiBuilder::new().max_rect(rect), |ui| {
            ui.vertical_centered(|ui| {
                ui.add_space(rect.height() * 0.3);
                for (name, value) in &shown.readings {
                    ui.label(RichText::new(value).font(super::super::fonts::semibold(22.0)).color(theme.strong));
                    ui.label(RichText::new(name).size(BODY).color(theme.weak));
                    ui.add_space(6.0);
                }
            });
        });
    } else {
        let height = rect.height() / shown.plots.len() as f32;
        for (i, one) in shown.plots.iter().enumerate() {
            let top = rect.top() + height * i as f32;
            let place = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), height - 4.0));
            // Only an axis of time says when something was.
            let is_time = one.x.label == "Time (ms)" && measure.takes != Takes::Trials;
            let sense = if is_time { Sense::click_and_drag() } else { Sense::hover() };
            let painted = ui.push_id(i, |ui| plot::show_in(ui, theme, one, place, sense)).inner;
            if is_time {
                marked = marked.or(brushed(ui, &painted));
            }
            if let Some(at) = painted.at {
                let value = one.picture().and_then(|p| p.at(at.0, at.1)).map(|v| format!("\n{}", text::number(f64::from(v), 4)));
                painted.response.on_hover_text_at_pointer(plot::place_text(one, at) + &value.unwrap_or_default());
            }
        }
    }
    let readings: Vec<String> = shown.readings.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let line = Rect::from_min_max(pos2(area.left(), area.bottom() - foot), pos2(area.right(), area.bottom() - foot / 2.0));
    if !shown.plots.is_empty() {
        plot::small_print_in(ui, line, &readings.join(" · "), super::super::fonts::medium(SMALL), theme.text);
    }
    definition(ui, theme, measure, &answer.about, area);
    marked
}

/// The span that is being dragged over with the right button or Alt, ms.
fn brushed(ui: &Ui, painted: &plot::Painted) -> Option<(f64, f64)> {
    let alt = ui.input(|i| i.modifiers.alt);
    let is_brush = painted.response.dragged_by(egui::PointerButton::Secondary) || alt && painted.response.dragged();
    let (from, to) = (ui.input(|i| i.pointer.press_origin())?, painted.response.interact_pointer_pos()?);
    let at = |x: f32| painted.frame.x.value(x).max(0.0);
    (is_brush && (from.x - to.x).abs() >= 2.0).then(|| (at(from.x.min(to.x)), at(from.x.max(to.x))))
}

/// The line at the bottom: what the measure is, and over what it was taken.
fn definition(ui: &mut Ui, theme: &Theme, measure: &Measure, about: &str, area: Rect) {
    let line = Rect::from_min_max(pos2(area.left(), area.bottom() - 16.0), area.max);
    plot::small_print(ui, theme, line, &format!("{about} · {}", measure.definition));
    ui.interact(line, ui.scope_id().with("definition"), Sense::hover()).on_hover_ui(|ui| {
        ui.set_max_width(360.0);
        ui.label(RichText::new(measure.name).font(super::super::fonts::semibold(BODY)).color(theme.strong));
        ui.label(measure.definition);
        ui.label(RichText::new(measure.formula).font(super::super::fonts::italic(BODY)));
        ui.weak(measure.source);
    });
    ui.allocate_rect(area, Sense::hover());
}
