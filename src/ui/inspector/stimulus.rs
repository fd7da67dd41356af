//! A stimulus: what, to whom, and whether it is on.

use super::{Desk, chooser, labelled, part, section};
use crate::ui::command::UiCommand;
use crate::ui::theme;
use crate::ui::view::Action;
use egui::{RichText, Ui};
use spikeground_core::model::{stimulus, synapse};
use spikeground_core::spec::path::Place;

pub fn ui(ui: &mut Ui, desk: &mut Desk<'_, '_>, i: usize) {
    let spec = desk.view.spec;
    let Some(s) = spec.stimuli.get(i) else { return };
    let theme = desk.view.theme;
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        ui.add_space(10.0);
        let mut on = s.enabled;
        if ui.checkbox(&mut on, "On").changed() {
            desk.edit(if on { "switch on" } else { "switch off" }, |spec| spec.stimuli[i].enabled = on);
        }
    });
    let names: Vec<_> = spec.populations.iter().map(|p| p.name.clone()).collect();
    let now = names.iter().position(|n| *n == s.target).unwrap_or(usize::MAX);
    if let Some(k) = chooser(ui, "to", now, &names, &[]) {
        desk.edit("target", |spec| spec.stimuli[i].target.clone_from(&names[k]));
    }
    range(ui, desk, i);
    section(ui, theme, "Input");
    if let Some(new) = part::choose(ui, "", stimulus::ALL, &s.stimulus) {
        desk.edit(new.kind.name, |spec| spec.stimuli[i].stimulus = new);
    }
    ui.add(egui::Label::new(RichText::new(s.stimulus.kind.summary).size(theme::SMALL).color(theme.weak)).wrap());
    part::sets(ui, desk, Place::Stimulus(i), &["amplitude", "start"]);
    part::rows(ui, desk, Place::Stimulus(i));
    if matches!(s.stimulus.kind.key, "recorded" | "spike_list") {
        ui.horizontal(|ui| {
            ui.add_space(10.0);
            let tip = "CSV (time_ms, neuron; or time_ms, current with its unit) or NPY; a file may also be dropped on the window";
            if ui.button("Read from a file…").on_hover_text(tip).clicked() {
                desk.view.act(Action::Run(UiCommand::Import));
            }
            if s.stimulus.kind.key == "recorded" && ui.button("Draw it").on_hover_text("With the mouse, in the panel Input").clicked() {
                desk.view.act(Action::ShowPanel("input"));
            }
        });
    }
    if stimulus::sends_spikes(s.stimulus.kind) {
        section(ui, theme, "Synapse");
        if let Some(new) = part::choose(ui, "", synapse::ALL, &s.synapse) {
            desk.edit("synapse", |spec| spec.stimuli[i].synapse = new);
        }
        part::rows(ui, desk, Place::StimulusSynapse(i));
    }
    part::equations(ui, desk, s.stimulus.kind);
}

/// Which neurons of the target get it.
fn range(ui: &mut Ui, desk: &mut Desk<'_, '_>, i: usize) {
    let spec = desk.view.spec;
    let s = &spec.stimuli[i];
    let size = spec.population(&s.target).map_or(1, |k| spec.populations[k].size);
    ui.horizontal(|ui| {
        labelled(ui, "neurons");
        let mut some = s.neurons.is_some();
        let response = ui.checkbox(&mut some, "only some");
        if response.on_hover_text("Off: all neurons of the population get it").changed() {
            desk.edit("neurons", |spec| spec.stimuli[i].neurons = some.then_some((0, size.min(10))));
        }
        if let Some((mut first, end)) = s.neurons {
            let mut last = end.saturating_sub(1);
            let a = ui.add(egui::DragValue::new(&mut first).range(0..=last)).on_hover_text("First neuron");
            ui.label("to");
            let b = ui.add(egui::DragValue::new(&mut last).range(first..=size.saturating_sub(1).max(first))).on_hover_text("Last neuron");
            a.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, "First neuron"));
            b.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, "Last neuron"));
            if a.changed() || b.changed() {
                desk.edit("neurons", |spec| spec.stimuli[i].neurons = Some((first, last + 1)));
            }
        }
    });
}
