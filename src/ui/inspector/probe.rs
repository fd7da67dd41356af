//! A probe: which variable of which neurons is recorded.

use super::{Desk, chooser, labelled, text_field};
use egui::Ui;
use spikeground_core::spec::COMMON_VARIABLES;

/// Most neurons one probe takes.
const MOST: usize = 32;

pub fn ui(ui: &mut Ui, desk: &mut Desk<'_, '_>, i: usize) {
    let spec = desk.view.spec;
    let Some(probe) = spec.probes.get(i) else { return };
    let Some(p) = spec.population(&probe.population).map(|k| &spec.populations[k]) else { return };
    ui.add_space(4.0);
    let names: Vec<_> = spec.populations.iter().map(|p| p.name.clone()).collect();
    let now = names.iter().position(|n| *n == probe.population).unwrap_or(usize::MAX);
    if let Some(k) = chooser(ui, "of", now, &names, &[]) {
        desk.edit("probe", |s| {
            let target = &s.populations[k];
            let variable =
                if target.model.kind.state(&s.probes[i].variable).is_some() { s.probes[i].variable.clone() } else { "i_syn".into() };
            let size = target.size;
            s.probes[i].population.clone_from(&names[k]);
            s.probes[i].variable = target.model.kind.states.first().map_or(variable, |v| v.key.into());
            s.probes[i].neurons.retain(|n| *n < size);
        });
    }
    let states = p.model.kind.states.iter().map(|s| (s.key, s.doc));
    let all: Vec<_> = states.chain(COMMON_VARIABLES.iter().map(|v| (v.0, v.2))).collect();
    let names: Vec<_> = all.iter().map(|v| v.0.to_owned()).collect();
    let tips: Vec<_> = all.iter().map(|v| v.1).collect();
    if let Some(k) = chooser(ui, "variable", names.iter().position(|n| *n == probe.variable).unwrap_or(usize::MAX), &names, &tips) {
        desk.edit("probe", |s| s.probes[i].variable.clone_from(&names[k]));
    }
    ui.horizontal(|ui| {
        labelled(ui, "neurons");
        let now = probe.neurons.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if let Some(typed) = text_field(ui, "Neurons", &now, 1) {
            let numbers: Vec<u32> =
                typed.split([',', ' ', ';']).filter_map(|t| t.parse().ok()).filter(|n| *n < p.size).take(MOST).collect();
            desk.edit("probe", |s| s.probes[i].neurons = numbers);
        }
    });
    ui.weak(format!("Numbers from 0 to {}, separated by commas, at most {MOST}", p.size.saturating_sub(1)));
}
