//! A projection: from where to where, through which synapse, who with whom, how strong, how late, and how it learns.

use super::{Desk, chooser, part, section};
use crate::ui::edit;
use egui::Ui;
use spikeground_core::model::{connectivity, distribution, plasticity, synapse};
use spikeground_core::spec::path::Place;

pub fn ui(ui: &mut Ui, desk: &mut Desk<'_, '_>, i: usize) {
    let spec = desk.view.spec;
    let Some(p) = spec.projections.get(i) else { return };
    let theme = desk.view.theme;
    let names: Vec<_> = spec.populations.iter().map(|p| p.name.clone()).collect();
    ui.add_space(4.0);
    let find = |name: &str| names.iter().position(|n| n == name).unwrap_or(usize::MAX);
    if let Some(k) = chooser(ui, "from", find(&p.pre), &names, &[]) {
        desk.edit("from", |s| s.projections[i].pre.clone_from(&names[k]));
    }
    if let Some(k) = chooser(ui, "to", find(&p.post), &names, &[]) {
        desk.edit("to", |s| s.projections[i].post.clone_from(&names[k]));
    }
    // What learns is looked at most, so it comes first.
    learning(ui, desk, i);
    section(ui, theme, "Synapse");
    if let Some(new) = part::choose(ui, "", synapse::ALL, &p.synapse) {
        desk.edit("synapse", |s| s.projections[i].synapse = new);
    }
    part::rows(ui, desk, Place::Synapse(i));
    section(ui, theme, "Weight and delay");
    if let Some(new) = part::choose(ui, "weight", distribution::weights::ALL, &p.weight) {
        desk.edit("weight", |s| s.projections[i].weight = new);
    }
    part::rows(ui, desk, Place::Weight(i));
    if let Some(new) = part::choose(ui, "delay", distribution::delays::ALL, &p.delay) {
        desk.edit("delay", |s| s.projections[i].delay = new);
    }
    part::rows(ui, desk, Place::Delay(i));
    section(ui, theme, "Connections");
    if let Some(new) = part::choose(ui, "", connectivity::ALL, &p.connect) {
        desk.edit("connections", |s| s.projections[i].connect = new);
    }
    part::rows(ui, desk, Place::Connect(i));
    if let Some(rule) = &p.plasticity {
        part::equations(ui, desk, rule.kind);
    }
    part::equations(ui, desk, p.synapse.kind);
}

fn learning(ui: &mut Ui, desk: &mut Desk<'_, '_>, i: usize) {
    let theme = desk.view.theme;
    let p = &desk.view.spec.projections[i];
    section(ui, theme, "Plasticity");
    let names: Vec<_> = std::iter::once("None".to_owned()).chain(plasticity::ALL.iter().map(|k| k.name.to_owned())).collect();
    let tips: Vec<_> = std::iter::once("The weights stay as they are").chain(plasticity::ALL.iter().map(|k| k.summary)).collect();
    let now = p.plasticity.as_ref().and_then(|r| plasticity::ALL.iter().position(|k| std::ptr::eq(*k, r.kind))).map_or(0, |k| k + 1);
    if let Some(k) = chooser(ui, "", now, &names, &tips) {
        let rule = k.checked_sub(1).and_then(|k| plasticity::ALL.get(k)).map(|kind| edit::new_rule(kind, &p.weight));
        desk.edit("plasticity", |s| s.projections[i].plasticity = rule);
    }
    if p.plasticity.is_some() {
        part::sets(ui, desk, Place::Plasticity(i), &[]);
        part::rows(ui, desk, Place::Plasticity(i));
    }
}
