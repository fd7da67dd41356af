//! A population: how many, what they do to others, which model, spread, initial values.

use super::{Desk, labelled, part, section};
use crate::ui::widgets::param_slider::Row;
use crate::ui::{theme, tree};
use egui::{RichText, Ui};
use spikeground_core::model::distribution;
use spikeground_core::param::{ParamSpec, Unit};
use spikeground_core::spec::Role;
use spikeground_core::spec::path::Place;

pub static SIZE: ParamSpec =
    ParamSpec::new("size", "n", Unit::One, 100.0, (1.0, 10_000_000.0), "Number of neurons. Larger: smoother rates, and more to compute")
        .slider(1.0, 10_000.0)
        .count()
        .log()
        .rebuild();

pub fn ui(ui: &mut Ui, desk: &mut Desk<'_, '_>, i: usize) {
    let Some(p) = desk.view.spec.populations.get(i) else { return };
    let theme = desk.view.theme;
    ui.add_space(4.0);
    roles(ui, desk, i, p.role);
    let opened = desk.opened.population(&p.name).map_or(p.size, |k| desk.opened.populations[k].size);
    let row = Row { spec: &SIZE, unit: "", value: f64::from(p.size), opened: f64::from(opened) };
    if let Some(change) = row.show(ui, theme) {
        desk.edit("size", |spec| spec.populations[i].size = change.value as u32);
    }
    section(ui, theme, "Model");
    super::equations::choose_model(ui, desk, i);
    ui.add(egui::Label::new(RichText::new(p.model.kind.summary).size(theme::SMALL).color(theme.weak)).wrap());
    ui.add_space(4.0);
    // Of typed equations the text comes first: it says which sliders there are.
    let typed = !p.model.kind.source.is_empty();
    if typed {
        super::equations::ui(ui, desk, i);
        section(ui, theme, "Parameters");
    }
    part::sets(ui, desk, Place::Model(i), &[]);
    part::rows(ui, desk, Place::Model(i));
    if !typed {
        super::equations::ui(ui, desk, i);
    }
    super::own::ui(ui, desk, i);
    let numbers = p.model.kind.params.iter().map(|s| (s.symbol, s.key)).collect();
    let spread = part::Listed { title: "Spread", family: distribution::spread::ALL, entries: &p.spread, subjects: numbers };
    if let Some(list) = spread.ui(ui, desk, |k| Place::Spread(i, k)) {
        desk.edit("spread", |spec| spec.populations[i].spread = list);
    }
    if !p.model.kind.states.is_empty() {
        let states = p.model.kind.states.iter().map(|s| (s.symbol, s.key)).collect();
        let initial = part::Listed { title: "Initial values", family: distribution::initial::ALL, entries: &p.initial, subjects: states };
        if let Some(list) = initial.ui(ui, desk, |k| Place::Initial(i, k)) {
            desk.edit("initial values", |spec| spec.populations[i].initial = list);
        }
    }
}

/// What the population does to others, as three marks to choose from.
fn roles(ui: &mut Ui, desk: &mut Desk<'_, '_>, i: usize, now: Role) {
    let theme = desk.view.theme;
    ui.horizontal(|ui| {
        labelled(ui, "role");
        ui.spacing_mut().item_spacing.x = 2.0;
        for (role, name, tip) in [
            (Role::Excitatory, "Excitatory", "Drawn as an orange triangle; its weights should be positive"),
            (Role::Inhibitory, "Inhibitory", "Drawn as a blue circle; its weights should be negative"),
            (Role::Other, "Other", "Drawn as a square: input, or mixed"),
        ] {
            let (sign, colour) = tree::mark(role, theme);
            let button = egui::Button::selectable(role == now, RichText::new(sign).color(colour)).min_size(egui::vec2(32.0, theme::ROW));
            let response = ui.add(button).on_hover_text(format!("{name}. {tip}"));
            response.widget_info(|| egui::WidgetInfo::selected(egui::Role::RadioButton, true, role == now, name));
            if response.clicked() && role != now {
                desk.edit("role", |spec| spec.populations[i].role = role);
            }
        }
    });
}
