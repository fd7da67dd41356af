//! A model of one's own in the window: chosen, typed, wrong, mended, taken back.

use crate::support::Window;
use egui::accesskit::Role as Access;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use std::path::PathBuf;

/// The window on one population of typed equations, with the editor ready to be typed into.
fn typed() -> Window {
    let mut w = Window::with(spikeground_core::preset::find("own-equations").expect("the preset").spec.clone(), PathBuf::new());
    w.click("HR");
    w.harness.get_by_role_and_label(Access::MultilineTextInput, "Equations").click();
    w.frames(3);
    w
}

fn source(w: &Window) -> &'static str {
    w.spec().populations[0].model.kind.source
}

#[test]
fn every_good_keystroke_runs_and_a_wrong_one_says_where() {
    let mut w = typed();
    let before = source(&w);
    w.key(Modifiers::COMMAND, Key::A);
    w.type_text("dx/dt = -x/(10*ms)\nthreshold: x >= 1\nreset: x = 0\ntau = 5 ms in 1..20");
    assert!(source(&w).starts_with("dx/dt = -x") && w.in_step(), "{}", source(&w));
    assert!(w.spec().populations[0].model.kind.param("tau").is_some());
    // A mistake at the end: the last good equations go on.
    let (good, stood) = (source(&w), w.step());
    w.type_text(" + ");
    w.frames(5);
    assert_eq!(source(&w), good);
    assert!(w.in_step() && w.step() > stood);
    assert!(w.harness.query_by_label_contains("line 4, column").is_some(), "it says where");
    w.click("Back to them");
    assert!(w.harness.query_by_label_contains("line 4, column").is_none());
    // All that was typed in one go is one step of undo.
    w.key(Modifiers::NONE, Key::Escape);
    w.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(source(&w), before);
}

#[test]
fn equations_that_run_away_do_not_run() {
    let mut w = typed();
    let before = source(&w);
    w.key(Modifiers::COMMAND, Key::A);
    w.type_text("dx/dt = (x*x + 1)/ms\nthreshold: x < -5\nreset: x = 0");
    assert_eq!(source(&w), before);
    assert!(w.harness.query_by_label_contains("x runs away").is_some());
}

#[test]
fn a_built_in_model_becomes_equations_with_its_values() {
    let mut w = Window::open();
    w.click("Exc");
    w.set("tau_m", 33.0);
    w.harness.get_by_role_and_label(Access::ComboBox, "Kind").click();
    w.frames(3);
    w.click("Equations of your own");
    let model = w.spec().populations[0].model.clone();
    assert!(!model.kind.source.is_empty() && model.get("tau_m") == 33.0);
    assert!(w.in_step());
    w.set("tau_m", 12.0);
    assert!(w.spec().populations[0].model.get("tau_m") == 12.0 && w.in_step());
}
