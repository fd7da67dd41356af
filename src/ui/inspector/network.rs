//! The whole network: name, purpose, dt, seed, precision, notes.

use super::{Desk, chooser, section, text_field};
use crate::ui::command::UiCommand;
use crate::ui::theme;
use crate::ui::view::Action;
use crate::ui::widgets::param_slider::Row;
use egui::{RichText, Ui};
use spikeground_core::param::{ParamSpec, Unit};
use spikeground_core::spec::Precision;

static DT: ParamSpec = ParamSpec::new(
    "dt",
    "dt",
    Unit::Ms,
    0.1,
    (0.0001, 10.0),
    "Step of the simulation. Smaller: more exact and slower; larger: faster, and spikes snap to a coarser grid",
)
.slider(0.01, 1.0)
.log()
.rebuild();
static SEED: ParamSpec = ParamSpec::new(
    "seed",
    "seed",
    Unit::One,
    42.0,
    (0.0, 9_007_199_254_740_991.0),
    "Number from which all randomness grows: the same seed gives the same spikes",
)
.slider(0.0, 1000.0)
.count()
.rebuild();
static DURATION: ParamSpec =
    ParamSpec::new("duration", "T", Unit::Ms, 1000.0, (0.0, 1e9), "How long a run without a window lasts").slider(10.0, 100_000.0).log();

pub fn ui(ui: &mut Ui, desk: &mut Desk<'_, '_>) {
    let spec = desk.view.spec;
    let theme = desk.view.theme;
    if !spec.purpose.is_empty() {
        ui.add(egui::Label::new(RichText::new(&spec.purpose).color(theme.text)).wrap());
    }
    if !spec.notes.is_empty() {
        ui.add_space(4.0);
        ui.add(egui::Label::new(RichText::new(&spec.notes).size(theme::SMALL).color(theme.weak)).wrap().selectable(true));
    }
    section(ui, theme, "Simulation");
    let opened = desk.opened;
    if let Some(c) = (Row { spec: &DT, unit: "ms", value: spec.dt, opened: opened.dt }).show(ui, theme) {
        desk.edit("dt", |s| s.dt = c.value);
    }
    if let Some(c) = (Row { spec: &SEED, unit: "", value: spec.seed as f64, opened: opened.seed as f64 }).show(ui, theme) {
        desk.edit("seed", |s| s.seed = c.value as u64);
    }
    if let Some(c) = (Row { spec: &DURATION, unit: "ms", value: spec.duration, opened: opened.duration }).show(ui, theme) {
        desk.edit("duration", |s| s.duration = c.value);
    }
    let names = ["Double".to_owned(), "Single".to_owned()];
    let tips = ["State in 64-bit numbers: exact, the reference", "State in 32-bit numbers: faster; spike counts differ slightly"];
    if let Some(k) = chooser(ui, "precision", usize::from(spec.precision == Precision::Single), &names, &tips) {
        desk.edit("precision", |s| s.precision = if k == 1 { Precision::Single } else { Precision::Double });
    }
    section(ui, theme, "Size and speed to expect");
    ui.add(egui::Label::new(RichText::new(spec.forecast()).size(theme::SMALL).color(theme.weak)).wrap());
    section(ui, theme, "Description");
    ui.weak("Name");
    if let Some(name) = text_field(ui, "Network name", &spec.name, 1).filter(|n| !n.trim().is_empty()) {
        desk.edit("name", |s| s.name = name.trim().to_owned());
    }
    ui.weak("Purpose, one sentence");
    if let Some(text) = text_field(ui, "Purpose", &spec.purpose, 2) {
        desk.edit("purpose", |s| s.purpose = text);
    }
    section(ui, theme, "Protocol");
    ui.weak("Question");
    if let Some(text) = text_field(ui, "Question", &spec.question, 2) {
        desk.edit("question", |s| s.question = text);
    }
    ui.weak("Conclusion");
    if let Some(text) = text_field(ui, "Conclusion", &spec.conclusion, 3) {
        desk.edit("conclusion", |s| s.conclusion = text);
    }
    if ui
        .button("Write the protocol…")
        .on_hover_text("Question, set-up with all parameters, outcome with figures, notes, conclusion")
        .clicked()
    {
        desk.view.act(Action::Run(UiCommand::ExportProtocol));
    }
    section(ui, theme, "Notes");
    if let Some(text) = text_field(ui, "Notes", &spec.notes, 4) {
        desk.edit("notes", |s| s.notes = text);
    }
}
