//! The panels about weights and structure, drawn without a display: what clicks and drags ask for, and that no network, however
//! empty or shrunken, ends the program.

mod laboratory;

use super::super::history::History;
use super::super::kept::Runs;
use super::super::theme::Theme;
use super::super::view::{Action, Item, Selection, ViewCtx};
use super::{ALL, Panel};
use egui::{Pos2, Rect, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use spikeground_core::model::{neuron, plasticity};
use spikeground_core::part::Part;
use spikeground_core::protocol::{Frame, PairEvent, Spike, Status, Watch, WeightImage, WeightStats};
use spikeground_core::spec::path::Place;
use spikeground_core::spec::{NetworkSpec, PopulationSpec, ProjectionSpec};
use std::sync::Arc;

struct Desk {
    panel: Box<dyn Panel>,
    spec: NetworkSpec,
    status: Status,
    history: History,
    selection: Selection,
    actions: Vec<Action>,
}

fn network(size: u32) -> NetworkSpec {
    let mut spec = NetworkSpec { name: "Test".into(), ..NetworkSpec::default() };
    spec.populations.push(PopulationSpec::new("A", size, Part::new(neuron::ALL[0])));
    let mut p = ProjectionSpec::new("A → A", "A", "A");
    p.plasticity = Some(Part::new(plasticity::ALL[0]));
    spec.projections.push(p);
    spec
}

/// A history with pictures of `projection` and of the whole network, spikes and pairs.
fn history(side: u32, projection: usize) -> History {
    let mut history = History::default();
    for watched in [None, Some(projection)] {
        let watch = Watch { projection: watched, max_rows: 1024, max_cols: 1024 };
        let values = (0..side * side).map(|i| if i % 3 == 0 { f32::NAN } else { i as f32 / (side * side) as f32 }).collect();
        let stats = WeightStats { n: 6, mean: 0.5, sd: 0.1, low: 0.0, high: 1.0, histogram: vec![1; 64] };
        let image = WeightImage { watch, n_pre: side, n_post: side, rows: side, cols: side, values, stats, step: 100 };
        let pair = PairEvent { projection: projection as u32, delta_t: 5.0, delta_w: 0.001, step: 99 };
        let mut frame = Frame {
            status: Status { step: 100, dt: 0.1, generation: 1, ..Status::default() },
            spikes: vec![Spike { step: 90, neuron: side - 1, early: 0.0 }],
            weights: Some(Arc::new(image)),
            pairs: vec![pair; 3],
            ..Frame::default()
        };
        history.ingest(&mut frame);
    }
    history
}

fn desk(key: &str, spec: NetworkSpec, history: History) -> Desk {
    let kind = ALL.iter().find(|k| k.key == key).expect("the panel is listed");
    let status = Status { step: 100, dt: 0.1, ..Status::default() };
    Desk { panel: (kind.make)(), spec, status, history, selection: Selection::default(), actions: Vec::new() }
}

fn show(desk: Desk) -> Harness<'static, Desk> {
    let mut harness = Harness::builder()
        .with_size(vec2(480.0, 400.0))
        // Two clicks must come fast enough for a double-click.
        .with_step_dt(1.0 / 60.0)
        .with_context_setup(|ctx| {
            super::super::fonts::install(ctx);
            Theme::dark().apply(ctx);
        })
        .build_ui_state(
            |ui, desk: &mut Desk| {
                let theme = Theme::dark();
                let Desk { panel, spec, status, history, selection, actions } = desk;
                let kept = &mut Runs::default();
                let mut view = ViewCtx { spec, n_synapses: &[], status, history, kept, theme: &theme, selection, actions };
                ui.horizontal(|ui| panel.bar(ui, &mut view));
                panel.ui(ui, &mut view);
                let mut needs = super::super::view::Needs::default();
                panel.needs(&view, &mut needs);
                let figure = crate::plot::Figure { plots: panel.plots(&view), ..Default::default() };
                let svg = crate::plot::svg::write(&figure, 400.0, 300.0);
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "a figure has numbers only");
            },
            desk,
        );
    harness.run_steps(3);
    harness
}

fn click(harness: &mut Harness<'static, Desk>, at: Pos2) {
    harness.drag_at(at);
    harness.drop_at(at);
    harness.run_steps(3);
}

const MINE: [&str; 10] = ["raster", "traces", "weights", "histogram", "stdp", "graph", "gallery", "equations", "input", "phase"];

#[test]
fn every_panel_survives_empty_new_shrunken_and_foreign_networks() {
    for key in MINE {
        show(desk(key, NetworkSpec::default(), History::default()));
        show(desk(key, network(3), History::default()));
        show(desk(key, network(3), history(3, 0)));
        // Pictures of a larger network, and of a projection that is gone.
        let mut shrunken = desk(key, network(2), history(50, 7));
        shrunken.selection.neurons = vec![(9, 900), (0, 49)];
        shrunken.selection.item = Item::Projection(7);
        show(shrunken);
        show(desk(key, NetworkSpec::default(), history(50, 7)));
        let mut headless = network(3);
        headless.projections[0].pre = "nobody".into();
        show(desk(key, headless, history(3, 0)));
    }
}

#[test]
fn a_click_on_the_map_selects_the_two_neurons() {
    let mut harness = show(desk("weights", network(3), history(3, 0)));
    let map = harness.get_by_label("Weights of A → A: 6 synapses").rect();
    // Row 2, column 1: the middle of the lowest row.
    click(&mut harness, cell(map, 1, 2));
    assert_eq!(harness.state().selection.neurons, [(0, 2), (0, 1)]);
    assert_eq!(harness.state().selection.item, Item::Projection(0));
}

fn cell(map: Rect, col: u32, row: u32) -> Pos2 {
    map.min + vec2((col as f32 + 0.5) / 3.0, (row as f32 + 0.5) / 3.0) * map.size()
}

#[test]
fn hovering_a_synapse_asks_for_it() {
    let mut harness = show(desk("weights", network(3), history(3, 0)));
    let map = harness.get_by_label("Weights of A → A: 6 synapses").rect();
    harness.hover_at(cell(map, 2, 1));
    harness.run_steps(3);
    let asked = harness
        .state()
        .actions
        .iter()
        .any(|a| matches!(a, Action::Send(spikeground_core::protocol::Command::Inspect { projection: 0, pre: 1, post: 2 })));
    assert!(asked, "{:?}", harness.state().actions);
}

#[test]
fn dragging_a_handle_of_the_curve_is_one_gesture() {
    let mut harness = show(desk("stdp", network(3), history(3, 0)));
    let handle = harness.get_by_label("A_+").rect().center();
    harness.drag_at(handle);
    harness.run_steps(1);
    for k in 1..=4 {
        harness.hover_at(handle + vec2(0.0, 10.0 * k as f32));
        harness.run_steps(1);
    }
    harness.drop_at(handle + vec2(0.0, 40.0));
    harness.run_steps(2);
    let edits: Vec<_> = harness
        .state()
        .actions
        .iter()
        .filter_map(|a| match a {
            Action::Set { path, value, gesture } => Some((*path, *value, *gesture)),
            _ => None,
        })
        .collect();
    assert!(!edits.is_empty());
    assert!(edits.iter().all(|e| e.0.place == Place::Plasticity(0) && e.0.param == 1 && e.2 == edits[0].2), "{edits:?}");
    assert!(edits[edits.len() - 1].1 < 0.005, "dragging down makes A₊ smaller: {edits:?}");
}

#[test]
fn a_click_on_a_card_opens_its_preset() {
    let mut harness = show(desk("gallery", NetworkSpec::default(), History::default()));
    let first = &spikeground_core::preset::builtin::list()[0];
    let card = harness.get_by_label(&format!("Open {}", first.spec.name)).rect();
    click(&mut harness, card.center());
    assert!(harness.state().actions.iter().any(|a| matches!(a, Action::OpenPreset(key) if *key == first.key)));
}

#[test]
fn a_double_click_on_a_neuron_makes_it_fire_and_a_drag_moves_its_population() {
    let mut harness = show(desk("graph", network(1), history(1, 0)));
    let area = harness.get_by_label("Graph of Test: 1 populations, 1 projections").rect();
    // One population stands in the middle of the stage, which leaves room for names below.
    let node = Rect::from_min_max(area.min + vec2(8.0, 8.0), area.max - vec2(8.0, 30.0)).center();
    for _ in 0..2 {
        harness.drag_at(node);
        harness.drop_at(node);
    }
    harness.run_steps(6);
    let poked = |a: &Action| matches!(a, Action::Send(spikeground_core::protocol::Command::Poke { population: 0, neuron: 0, .. }));
    assert!(harness.state().actions.iter().any(poked), "{:?}", harness.state().actions);
    assert_eq!(harness.state().selection.neurons, [(0, 0)]);
    harness.drag_at(node);
    harness.run_steps(2);
    harness.hover_at(node + vec2(60.0, 0.0));
    harness.run_steps(2);
    harness.drop_at(node + vec2(60.0, 0.0));
    harness.run_steps(2);
    let edits: Vec<_> = harness.state().actions.iter().filter(|a| matches!(a, Action::Edit { .. })).collect();
    assert_eq!(edits.len(), 1, "one drag is one edit");
    assert!(matches!(edits[0], Action::Edit { spec, .. } if spec.populations[0].position.is_some_and(|p| p[0] > 0.5)));
}
