//! The editor of a model of one's own: every good keystroke runs, a wrong one says where, and the network goes on with the last good text.

use super::{Desk, part, section};
use crate::ui::{fonts, theme};
use egui::text::{LayoutJob, TextFormat};
use egui::{RichText, Role, Stroke, Ui, WidgetInfo};
use spikeground_core::equations::{self, FUNCTIONS, Fault};
use spikeground_core::model::neuron;
use spikeground_core::param::Kind;
use spikeground_core::part::Part;
use spikeground_core::spec::{COMMON_VARIABLES, NetworkSpec};
use std::ops::Range;

/// Name of the choice beside the built-in models.
const OWN: &str = "Equations of your own";

/// How long new equations are tried before they run, ms.
const TRIAL: f64 = 300.0;

/// What stands in the editor: a text that may not be good yet.
#[derive(Clone)]
struct Draft {
    text: String,
    /// The good text it began with; another one in the document (undo, a file) replaces the draft.
    of: &'static str,
    fault: Option<Fault>,
}

/// Chooses the model of population `i` among the built-in ones and equations of one's own.
pub fn choose_model(ui: &mut Ui, desk: &mut Desk<'_, '_>, i: usize) {
    let now = &desk.view.spec.populations[i].model;
    let chosen = neuron::ALL.iter().position(|k| std::ptr::eq(*k, now.kind)).unwrap_or(neuron::ALL.len());
    let own = if now.kind.source.is_empty() { OWN } else { now.kind.name };
    let names: Vec<String> = neuron::ALL.iter().map(|k| k.name).chain([own]).map(str::to_owned).collect();
    let tips: Vec<&str> =
        neuron::ALL.iter().map(|k| k.summary).chain(["The model as it is, as equations that can be changed while they run"]).collect();
    let Some(k) = super::chooser(ui, "", chosen, &names, &tips) else { return };
    let model = match neuron::ALL.get(k) {
        Some(kind) => crate::ui::edit::change_kind(now, kind),
        None => match as_equations(now) {
            Some(model) => model,
            None => return,
        },
    };
    desk.edit(model.kind.name, |spec| set_model(spec, i, model));
}

/// Gives population `i` another model; what belongs to parameters and variables that both have goes on.
fn set_model(spec: &mut NetworkSpec, i: usize, model: Part) {
    let p = &mut spec.populations[i];
    let (old, new) = (p.model.kind, model.kind);
    let both_typed = !old.source.is_empty() && !new.source.is_empty();
    p.spread = std::mem::take(&mut p.spread)
        .into_iter()
        .filter_map(|(k, part)| Some((new.param(old.params.get(k)?.key)?, part)))
        .filter(|_| both_typed)
        .collect();
    p.initial = std::mem::take(&mut p.initial)
        .into_iter()
        .filter_map(|(k, part)| Some((new.state(old.states.get(k)?.key)?, part)))
        .filter(|_| both_typed)
        .collect();
    let name = p.name.clone();
    p.model = model;
    let is_common = |variable: &str| COMMON_VARIABLES.iter().any(|v| v.0 == variable);
    spec.probes.retain(|probe| probe.population != name || new.state(&probe.variable).is_some() || is_common(&probe.variable));
}

/// A built-in model as equations, with the values it has now: its parameters are called alike but for capitals.
fn as_equations(now: &Part) -> Option<Part> {
    let text = equations::TEXTS.iter().find(|t| t.0 == now.kind.key).or_else(|| equations::TEXTS.first())?.1;
    let mut part = Part::new(&equations::compile(text).ok()?.kind);
    let plain = |key: &str| key.replace('_', "").to_lowercase();
    for (spec, value) in now.kind.params.iter().zip(&now.values).filter(|(spec, _)| spec.key != "scheme") {
        if let Some(k) = part.kind.params.iter().position(|p| plain(p.key) == plain(spec.key))
            && part.kind.params[k].check(*value).is_ok()
        {
            part.values[k] = *value;
        }
    }
    Some(part)
}

/// The new equations with the values of the old ones: a slider that was moved stays, unless the text now gives another number.
fn carried(old: &Part, new: &'static Kind) -> Part {
    let mut part = Part::new(new);
    for (k, spec) in new.params.iter().enumerate() {
        if let Some(was) = old.kind.param(spec.key)
            && old.kind.params[was].default.to_bits() == spec.default.to_bits()
            && old.kind.params[was].unit == spec.unit
            && spec.check(old.values[was]).is_ok()
        {
            part.values[k] = old.values[was];
        }
    }
    part
}

/// The editor, for typed equations; for built-in models the equations as text.
pub fn ui(ui: &mut Ui, desk: &mut Desk<'_, '_>, i: usize) {
    let p = &desk.view.spec.populations[i];
    let kind = p.model.kind;
    if kind.source.is_empty() {
        part::equations(ui, desk, kind);
        return;
    }
    let theme = desk.view.theme;
    section(ui, theme, "Equations");
    let id = ui.make_persistent_id(("equations", &p.name));
    let stored: Option<Draft> = ui.data(|d| d.get_temp(id));
    let mut draft =
        stored.filter(|d| d.of == kind.source).unwrap_or_else(|| Draft { text: kind.source.into(), of: kind.source, fault: None });
    let fault = draft.fault.as_ref().map(|f| f.at.clone());
    let mut layout = |ui: &Ui, text: &dyn egui::TextBuffer, width: f32| {
        let mut job = lay_out(text.as_str(), fault.as_ref(), theme);
        job.wrap.max_width = width;
        ui.fonts_mut(|f| f.layout_job(job))
    };
    let response = ui.add(
        egui::TextEdit::multiline(&mut draft.text)
            .id(id.with("text"))
            .layouter(&mut layout)
            .desired_width(f32::INFINITY)
            .desired_rows(6)
            .margin(egui::vec2(8.0, 6.0)),
    );
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(draft.text.clone()),
        ..WidgetInfo::labeled(Role::MultilineTextInput, true, "Equations")
    });
    if response.changed() {
        match equations::compile(&draft.text) {
            Ok(model) => {
                let part = carried(&p.model, &model.kind);
                draft.fault = model.runs_away(&part.values, desk.view.spec.dt, TRIAL);
                if draft.fault.is_none() {
                    draft.of = model.kind.source;
                    if !std::ptr::eq(&raw const model.kind, kind) {
                        desk.edit("equations", |spec| set_model(spec, i, part));
                    }
                }
            }
            Err(fault) => draft.fault = Some(fault),
        }
    }
    match &draft.fault {
        Some(fault) => {
            ui.add(egui::Label::new(RichText::new(fault.in_words(&draft.text)).size(theme::SMALL).color(theme.error)).wrap());
            ui.horizontal(|ui| {
                ui.add(egui::Label::new(RichText::new("The last good equations go on").size(theme::SMALL).color(theme.weak)));
                if super::small_button(ui, "Back to them", theme.accent).clicked() {
                    draft = Draft { text: kind.source.into(), of: kind.source, fault: None };
                }
            });
        }
        None => help(ui, theme),
    }
    ui.data_mut(|d| d.insert_temp(id, draft));
}

/// How to write equations, in a few lines on hover.
fn help(ui: &mut Ui, theme: &theme::Theme) {
    let label = egui::Label::new(RichText::new("How to write equations").size(theme::SMALL).color(theme.weak)).sense(egui::Sense::hover());
    ui.add(label).on_hover_ui(|ui| {
        ui.set_max_width(420.0);
        for (line, meaning) in [
            ("dv/dt = (E_L - v + R*I)/tau : mV", "a differential equation and the unit of its variable; I is all current that flows in"),
            ("x = a*v : 1", "an abbreviation"),
            ("tau = 20 ms in 1..100  # meaning", "a parameter: a slider with its range and its tooltip"),
            ("threshold: v >= V_th", "when it fires"),
            ("reset: v = c; u += d", "what a spike changes; none for models that come back by themselves"),
            ("refractory: 2 ms", "silent so long; (unless refractory) behind an equation holds its variable"),
            ("initial: v = E_L", "where it starts"),
        ] {
            ui.label(RichText::new(line).font(fonts::code(theme::SMALL)).color(theme.text));
            ui.label(RichText::new(meaning).size(theme::SMALL).color(theme.weak));
        }
        let names: Vec<&str> = FUNCTIONS.iter().map(|f| f.name).collect();
        ui.label(RichText::new(format!("Functions: {}", names.join(", "))).size(theme::SMALL).color(theme.weak));
    });
}

/// The text with comments set back, headings set off and the fault underlined.
fn lay_out(text: &str, fault: Option<&Range<usize>>, theme: &theme::Theme) -> LayoutJob {
    let mut job = LayoutJob::default();
    let format = |colour| TextFormat { font_id: fonts::code(theme::SMALL + 1.0), color: colour, ..TextFormat::default() };
    let mut append = |range: Range<usize>, colour| {
        // A fault cuts a piece in three.
        let bad = fault.map_or(range.end..range.end, |f| {
            // Where nothing stands, the character before is marked.
            let start = if f.is_empty() { text[..f.start.min(text.len())].char_indices().next_back().map_or(0, |c| c.0) } else { f.start };
            start.clamp(range.start, range.end)..f.end.max(start).clamp(range.start, range.end)
        });
        for (piece, is_bad) in [(range.start..bad.start, false), (bad.clone(), true), (bad.end..range.end, false)] {
            if let Some(words) = text.get(piece).filter(|w| !w.is_empty()) {
                let mut format = format(colour);
                if is_bad {
                    format.underline = Stroke::new(2.0, theme.error);
                    format.color = theme.error;
                }
                job.append(words, 0.0, format);
            }
        }
    };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let (start, end) = (at, at + line.len());
        let comment = line.find('#').map_or(end, |k| start + k);
        let heading = ["threshold", "reset", "refractory", "initial", "title"].iter().find(|h| line.trim_start().starts_with(**h));
        let head = heading.map_or(start, |h| start + line.len() - line.trim_start().len() + h.len()).min(comment);
        append(start..head, theme.accent);
        append(head..comment, theme.text);
        append(comment..end, theme.weak);
        at = end;
    }
    job
}
