//! The panels of the laboratory, drawn without a display: what clicks, drags and strokes ask for.

use super::super::super::history::History;
use super::super::super::view::{Action, Item};
use super::{Desk, click, desk, show};
use egui::{Rect, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use spikeground_core::model::{find, neuron};
use spikeground_core::part::Part;
use spikeground_core::spec::path::{Path, Place};
use spikeground_core::spec::{NetworkSpec, PopulationSpec};

fn cell(key: &str) -> NetworkSpec {
    let mut spec = NetworkSpec { name: "Test".into(), ..NetworkSpec::default() };
    spec.populations.push(PopulationSpec::new("cell", 1, Part::new(find(neuron::ALL, key).expect("a model"))));
    spec
}

fn open(key: &str, model: &str) -> Harness<'static, Desk> {
    show(desk(key, cell(model), History::default()))
}

#[test]
fn a_click_on_a_miniature_opens_its_preset_in_the_laboratory() {
    let mut harness = open("gallery", "lif");
    for (page, name, key) in [
        ("Izhikevich 2004", "Izhikevich B Phasic spiking", "izhikevich-2004-b"),
        ("Izhikevich 2003", "Fast spiking (FS)", "izhikevich-2003-fs"),
        ("AdEx", "AdEx: tonic spiking", "adex-tonic"),
    ] {
        harness.get_by_label(page).click();
        harness.run_steps(4);
        harness.state_mut().actions.clear();
        let at = harness.get_by_label(&format!("Open {name}")).rect().center();
        click(&mut harness, at);
        let actions = &harness.state().actions;
        assert!(actions.iter().any(|a| matches!(a, Action::OpenPreset(k) if *k == key)), "{page}: {actions:?}");
        assert!(
            actions.iter().any(|a| matches!(a, Action::ShowTogether(k) if k.contains(&"phase") && k.contains(&"traces"))),
            "{actions:?}"
        );
    }
}

#[test]
fn a_symbol_lights_its_slider_and_leads_to_it() {
    let mut harness = open("equations", "adex");
    let path = |key: &str| {
        let kind = find(neuron::ALL, "adex").expect("a model");
        Path { place: Place::Model(0), param: kind.param(key).expect("a parameter") }
    };
    let first = |harness: &Harness<'static, Desk>, key: &str| -> Rect {
        let label = format!("Go to {key}");
        harness.get_all_by_label(&label).next().expect("the symbol is there").rect()
    };
    let at = first(&harness, "g_l").center();
    harness.hover_at(at);
    harness.run_steps(3);
    assert_eq!(harness.state().selection.touched.map(|t| t.path), Some(path("g_l")));
    let at = first(&harness, "tau_w").center();
    click(&mut harness, at);
    assert_eq!(harness.state().selection.wanted, Some(path("tau_w")));
    assert_eq!(harness.state().selection.item, Item::Population(0));
}

/// Presses at `from`, goes to `to` in small steps, and lets go.
fn drag(harness: &mut Harness<'static, Desk>, from: egui::Pos2, to: egui::Pos2) {
    harness.hover_at(from);
    harness.run_steps(1);
    harness.drag_at(from);
    harness.run_steps(1);
    for k in 1..=6 {
        harness.hover_at(from + (to - from) * (k as f32 / 6.0));
        harness.run_steps(1);
    }
    harness.drop_at(to);
    harness.run_steps(2);
}

#[test]
fn dragging_a_nullcline_moves_its_parameter_in_one_gesture() {
    for (model, wanted) in [("izhikevich", ["i_e", "b"]), ("fitzhugh_nagumo", ["i_e", "a"])] {
        let mut seen: Vec<String> = Vec::new();
        // Somewhere along a column both lines are met.
        for k in 0..60 {
            let mut harness = open("phase", model);
            let x = 200.0;
            let y = 40.0 + 4.0 * k as f32;
            drag(&mut harness, pos2(x, y), pos2(x, y + 24.0));
            let spec = &harness.state().spec.populations[0].model;
            let sets: Vec<(usize, u64)> = (harness.state().actions.iter())
                .filter_map(|a| if let Action::Set { path, gesture, .. } = a { Some((path.param, *gesture)) } else { None })
                .collect();
            if let Some((param, gesture)) = sets.first() {
                assert!(sets.iter().all(|s| s == &(*param, *gesture)), "{model}: one drag is one gesture: {sets:?}");
                let key = spec.kind.params[*param].key.to_owned();
                if !seen.contains(&key) {
                    seen.push(key);
                }
                let poked = harness.state().actions.iter().any(|a| matches!(a, Action::Send(_)));
                assert!(!poked, "{model}: a drag puts no neuron anywhere");
            }
        }
        seen.sort();
        assert!(!seen.is_empty() && seen.iter().all(|s| wanted.contains(&s.as_str())), "{model}: {seen:?}");
    }
}

#[test]
fn a_stroke_of_the_mouse_is_one_edit_with_a_recorded_current() {
    let mut harness = open("input", "lif");
    drag(&mut harness, pos2(200.0, 120.0), pos2(320.0, 180.0));
    let edits: Vec<&NetworkSpec> =
        harness.state().actions.iter().filter_map(|a| if let Action::Edit { spec, .. } = a { Some(&**spec) } else { None }).collect();
    assert_eq!(edits.len(), 1, "one stroke is one edit");
    let stimulus = &edits[0].stimuli[0];
    assert!(stimulus.target == "cell" && stimulus.stimulus.kind.key == "recorded" && stimulus.stimulus.table.len() >= 2);
    assert!(edits[0].validate().is_empty());
    let (first, last) = (&stimulus.stimulus.table[0], &stimulus.stimulus.table[stimulus.stimulus.table.len() - 1]);
    assert!(first[0] < last[0] && first[1] > last[1], "it fell from left to right: {:?}", stimulus.stimulus.table);
    assert_eq!(harness.state().selection.item, Item::Stimulus(0));
}

#[test]
fn the_miniatures_stay_inside_the_panel_at_any_size() {
    let mut harness = open("gallery", "lif");
    harness.get_by_label("Izhikevich 2004").click();
    for size in [vec2(640.0, 480.0), vec2(300.0, 260.0), vec2(1200.0, 800.0)] {
        harness.set_size(size);
        harness.run_steps(4);
        let cell = harness.get_by_label("Open Izhikevich A Tonic spiking").rect();
        assert!(cell.width() > 60.0 && cell.right() <= size.x + 1.0, "{size:?}: {cell:?}");
    }
}
