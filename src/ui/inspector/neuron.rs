//! The neuron clicked last: make it fire, give it a pulse of current, record it.

use super::{Desk, section};
use crate::ui::view::Action;
use crate::ui::widgets::param_slider::Row;
use crate::ui::{theme, tree};
use egui::{Id, RichText, Ui};
use spikeground_core::param::{ParamSpec, Unit};
use spikeground_core::protocol::{Command, Poke};
use spikeground_core::spec::{PopulationSpec, ProbeSpec};

/// Typical size of a pulse for a model's unit of current: enough to make a resting neuron fire.
fn usual(unit: Unit) -> f64 {
    match unit {
        Unit::Pa => 1000.0,
        Unit::UaPerCm2 => 20.0,
        _ => 15.0,
    }
}

static AMPLITUDE: ParamSpec =
    ParamSpec::new("pulse amplitude", "I", Unit::TargetCurrent, 500.0, (-1e6, 1e6), "Size of the pulse. Larger: more depolarisation")
        .relative();
static DURATION: ParamSpec =
    ParamSpec::new("pulse duration", "T", Unit::Ms, 5.0, (0.01, 10_000.0), "Length of the pulse. Longer: more charge")
        .slider(0.1, 100.0)
        .log();

/// Draws the section of the selected neuron; nothing when none is selected.
pub fn ui(ui: &mut Ui, desk: &mut Desk<'_, '_>) {
    let Some(&(population, neuron)) = desk.view.selection.neurons.first() else { return };
    let Some(p) = desk.view.spec.populations.get(population) else { return };
    let theme = desk.view.theme;
    section(ui, theme, "Selected neuron");
    let fire = |desk: &mut Desk<'_, '_>, poke| desk.view.act(Action::Send(Command::Poke { population, neuron, poke }));
    ui.horizontal(|ui| {
        let (sign, colour) = tree::mark(p.role, theme);
        ui.label(RichText::new(sign).size(theme::SMALL).color(colour));
        let others = desk.view.selection.neurons.len() - 1;
        let more = if others > 0 { format!(" and {others} more") } else { String::new() };
        ui.label(format!("{} {neuron}{more}", p.name));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.button("Deselect").clicked() {
                desk.view.selection.neurons.clear();
            }
        });
    });
    if p.model.kind.states.is_empty() {
        ui.weak("A source has no membrane to touch");
        return;
    }
    let usual = usual(p.model.kind.current_unit);
    let (key_a, key_d) = (Id::unique(("pulse amplitude", p.model.kind.key)), Id::unique("pulse duration"));
    let mut amplitude = ui.data(|d| d.get_temp(key_a)).unwrap_or(usual);
    let mut duration = ui.data(|d| d.get_temp(key_d)).unwrap_or(DURATION.default);
    ui.horizontal(|ui| {
        if ui.button("Fire").on_hover_text("Lifts it over the threshold in the next step").clicked() {
            fire(desk, Poke::Fire);
        }
        if ui.button("Pulse").on_hover_text("Injects the current below for the time below").clicked() {
            fire(desk, Poke::Pulse { amplitude, duration });
        }
        record(ui, desk, p, neuron);
    });
    let row = Row { spec: &AMPLITUDE, unit: p.model.kind.current_unit.symbol(), value: amplitude, opened: usual };
    if let Some(change) = row.show(ui, theme) {
        amplitude = change.value;
        ui.data_mut(|d| d.insert_temp(key_a, amplitude));
    }
    let row = Row { spec: &DURATION, unit: "ms", value: duration, opened: DURATION.default };
    if let Some(change) = row.show(ui, theme) {
        duration = change.value;
        ui.data_mut(|d| d.insert_temp(key_d, duration));
    }
}

/// Offers to keep a trace of the first state variable, unless there is one.
fn record(ui: &mut Ui, desk: &mut Desk<'_, '_>, p: &PopulationSpec, neuron: u32) {
    let Some(state) = p.model.kind.states.first() else { return };
    let same = |q: &ProbeSpec| q.population == p.name && q.variable == state.key;
    let is_recorded = desk.view.spec.probes.iter().any(|q| same(q) && q.neurons.contains(&neuron));
    let button = ui.add_enabled(!is_recorded, egui::Button::new(format!("Record {}", state.symbol)));
    if button.on_hover_text("Adds it to the probes").clicked() {
        desk.edit("record a neuron", |spec| match spec.probes.iter_mut().find(|q| same(q)) {
            Some(probe) => probe.neurons.push(neuron),
            None => spec.probes.push(ProbeSpec { population: p.name.clone(), variable: state.key.into(), neurons: vec![neuron] }),
        });
    }
}
