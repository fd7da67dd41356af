//! The window through its accessibility labels, with a simulation driven in-line: no display, no threads, no clock.
#![cfg(feature = "gui")]

mod equations;
mod support;

use egui::accesskit::Role as Access;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::protocol::Command;
use std::path::PathBuf;
use support::{Window, network};

#[test]
fn space_pauses_and_runs() {
    let mut w = Window::open();
    assert!(w.runs() && w.has("Pause"));
    w.key(Modifiers::NONE, Key::Space);
    assert!(!w.runs() && w.has("Run"));
    let stood = w.step();
    w.frames(5);
    assert_eq!(w.step(), stood);
    w.key(Modifiers::NONE, Key::Period);
    assert_eq!(w.step(), stood + 1);
    w.click("Run");
    assert!(w.runs());
}

#[test]
fn a_slider_reaches_the_simulation_without_a_rebuild_and_can_be_undone() {
    let mut w = Window::open();
    w.click("Exc");
    w.log.borrow_mut().clear();
    w.set("tau_m", 33.0);
    assert_eq!(w.of_exc("tau_m"), 33.0);
    let set = w.log.borrow().iter().any(|c| matches!(c, Command::Set { value, .. } if *value == 33.0));
    assert!(set && !w.log.borrow().iter().any(|c| matches!(c, Command::Load { .. })));
    w.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(w.of_exc("tau_m"), 20.0);
    assert!(w.log.borrow().iter().any(|c| matches!(c, Command::Set { value, .. } if *value == 20.0)));
    w.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(w.of_exc("tau_m"), 33.0);
}

#[test]
fn one_drag_is_one_step_of_undo() {
    let mut w = Window::open();
    w.click("Exc");
    let rect = w.slider("tau_m").rect();
    let at = |part: f32| egui::pos2(rect.left() + part * rect.width(), rect.center().y);
    w.harness.hover_at(at(0.4));
    w.harness.drag_at(at(0.4));
    w.frames(2);
    for i in 0..6 {
        w.harness.hover_at(at(0.75 + 0.02 * i as f32));
        w.frames(1);
    }
    w.harness.drop_at(at(0.85));
    w.frames(3);
    assert!(w.of_exc("tau_m") > 20.0, "{}", w.of_exc("tau_m"));
    w.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(w.of_exc("tau_m"), 20.0);
    assert!(!w.harness.state().document().is_edited());
}

#[test]
fn arrow_keys_step_the_focused_slider_and_shift_steps_finely() {
    let mut w = Window::open();
    w.click("Exc");
    w.slider("e_l").focus();
    w.frames(2);
    w.key(Modifiers::NONE, Key::ArrowRight);
    let coarse = w.of_exc("e_l") + 70.0;
    w.key(Modifiers::SHIFT, Key::ArrowRight);
    let fine = w.of_exc("e_l") + 70.0 - coarse;
    assert!(coarse > 0.0 && (fine * 10.0 - coarse).abs() < 1e-9, "{coarse} {fine}");
}

#[test]
fn a_typed_value_may_leave_the_slider_but_not_what_is_valid() {
    let mut w = Window::open();
    w.click("Exc");
    for (typed, then) in [("500", 500.0), ("-3", 500.0), ("12 ms", 12.0), ("NaN", 12.0), ("1e300", 12.0)] {
        w.harness.get_by_label("tau_m value").click();
        w.frames(3);
        w.type_text(typed);
        w.key(Modifiers::NONE, Key::Enter);
        assert_eq!(w.of_exc("tau_m"), then, "after typing {typed}");
        w.key(Modifiers::NONE, Key::Escape);
        w.click("Exc");
    }
}

#[test]
fn what_is_added_and_deleted_comes_back_with_undo() {
    let mut w = Window::open();
    let before = w.spec();
    w.click("Add to populations");
    w.click("Leaky integrate-and-fire");
    assert_eq!(w.spec().populations.len(), 3);
    assert!(w.has("Population"), "the tree shows the new one");
    w.click("Exc");
    w.key(Modifiers::NONE, Key::Delete);
    assert_eq!((w.spec().populations.len(), w.spec().projections.len(), w.spec().stimuli.len()), (2, 0, 0));
    w.key(Modifiers::COMMAND, Key::Z);
    w.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(w.spec(), before);
    assert!(w.in_step());
}

#[test]
fn f2_renames_and_everything_follows() {
    let mut w = Window::open();
    w.click("Exc");
    w.key(Modifiers::NONE, Key::F2);
    w.key(Modifiers::COMMAND, Key::A);
    w.type_text("Pyramidal");
    w.key(Modifiers::NONE, Key::Enter);
    assert_eq!(w.spec().populations[0].name, "Pyramidal");
    assert_eq!(w.spec().stimuli[0].target, "Pyramidal");
}

#[test]
fn the_same_seed_gives_the_same_spikes_after_a_reset() {
    let mut w = Window::open();
    w.key(Modifiers::NONE, Key::Space);
    let mut run = || {
        w.key(Modifiers::NONE, Key::R);
        assert_eq!(w.step(), 0);
        w.key(Modifiers::NONE, Key::Space);
        w.frames(30);
        w.key(Modifiers::NONE, Key::Space);
        let s = &w.harness.state().session().status;
        (s.step, s.n_spikes, s.spike_hash)
    };
    let first = run();
    assert!(first.1 > 0, "no spikes to compare");
    assert_eq!(first, run());
}

#[test]
fn unsaved_changes_are_asked_about_without_a_dialog_in_the_way() {
    let mut w = Window::open();
    w.click("Exc");
    w.set("tau_m", 33.0);
    w.key(Modifiers::COMMAND, Key::N);
    assert!(w.has("Discard changes"));
    w.click("Cancel");
    assert_eq!((w.of_exc("tau_m"), w.has("Discard changes")), (33.0, false));
    w.key(Modifiers::COMMAND, Key::N);
    w.click("Discard changes");
    assert_eq!(w.spec().name, "New network");
}

#[test]
fn a_network_that_cannot_be_built_is_refused_and_the_running_one_goes_on() {
    let mut w = Window::open();
    // Longer than the delay of 1 ms.
    w.set("dt", 5.0);
    w.frames(3);
    let texts: Vec<_> = w.harness.state().notices().texts().map(str::to_owned).collect();
    assert!(texts.iter().any(|t| t.contains("not built")), "{texts:?}");
    let (step, dt) = (w.step(), w.harness.state().session().status.dt);
    w.frames(3);
    assert!(w.step() > step && dt == 0.1);
    w.key(Modifiers::COMMAND, Key::Z);
    w.click("Exc");
    w.set("tau_m", 33.0);
    assert!(w.in_step());
}

#[test]
fn the_palette_finds_a_command_by_some_of_its_letters() {
    let mut w = Window::open();
    let dark = w.harness.ctx.global_style().visuals.dark_mode;
    w.key(Modifiers::COMMAND, Key::P);
    w.type_text("dark li");
    w.key(Modifiers::NONE, Key::Enter);
    w.frames(3);
    assert_ne!(w.harness.ctx.global_style().visuals.dark_mode, dark);
    w.key(Modifiers::COMMAND, Key::P);
    assert!(w.harness.query_by_role(Access::SearchInput).is_some());
    w.key(Modifiers::NONE, Key::Escape);
    assert!(w.harness.query_by_role(Access::SearchInput).is_none());
}

#[test]
fn the_palette_opens_a_preset_by_its_name() {
    let mut w = Window::open();
    let preset = spikeground_core::preset::list().last().expect("there are presets");
    w.key(Modifiers::COMMAND, Key::P);
    w.type_text(&preset.spec.name);
    w.key(Modifiers::NONE, Key::Enter);
    w.frames(3);
    assert_eq!(w.spec(), preset.spec);
    assert!(w.in_step() && w.runs());
}

#[test]
fn a_saved_network_reopens_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("mine.ron");
    let mut w = Window::with(network(), file.clone());
    w.click("Exc");
    w.set("tau_m", 33.0);
    assert!(w.harness.state().document().is_edited());
    w.key(Modifiers::COMMAND, Key::S);
    assert!(!w.harness.state().document().is_edited() && file.exists());
    let saved = w.spec();
    w.key(Modifiers::COMMAND, Key::N);
    assert_ne!(w.spec(), saved);
    w.key(Modifiers::COMMAND, Key::O);
    w.frames(3);
    assert_eq!(w.spec(), saved);
    assert!(w.in_step());
}

#[test]
fn a_broken_file_is_refused_with_its_reason_and_nothing_is_lost() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("broken.ron");
    std::fs::write(&file, "(format: 1, populations: [(nam").expect("writing a file");
    let mut w = Window::with(network(), file);
    w.key(Modifiers::COMMAND, Key::O);
    w.frames(3);
    assert_eq!(w.spec(), network());
    assert!(w.harness.state().notices().texts().any(|t| t.contains("broken.ron could not be opened")));
}

#[test]
fn kept_weights_become_explicit_connections_that_can_be_undone() {
    let mut w = Window::open();
    w.frames(40);
    let before = w.spec();
    w.harness.state_mut().run_command(&egui::Context::default(), spikeground::ui::command::UiCommand::KeepWeights);
    w.frames(4);
    let kept = w.spec().projections[0].connect.clone();
    assert_eq!((kept.kind.key, kept.table.len()), ("list", 100));
    assert!(w.in_step());
    w.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(w.spec(), before);
}

#[test]
fn a_session_saved_from_the_window_replays_to_the_same_spikes() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("mine.session");
    let mut w = Window::with(network(), file.clone());
    w.frames(20);
    w.harness.state_mut().selection_mut().neurons = vec![(0, 3)];
    w.frames(2);
    w.click("Fire");
    w.key(Modifiers::NONE, Key::Space);
    w.harness.state_mut().run_command(&egui::Context::default(), spikeground::ui::command::UiCommand::SaveSession);
    w.wait_until(|app| app.notices().texts().any(|t| t.contains("Saved mine.session")));
    let record = spikeground_core::session::load(&file).expect("reads");
    let status = w.harness.state().session().status.clone();
    assert!(status.n_spikes > 0 && record.log.len() == 1, "{} spikes, {} commands", status.n_spikes, record.log.len());
    assert_eq!((record.step, record.spike_hash), (status.step, status.spike_hash));
    let replayed = Simulation::replay_record(&record, &mut |_| true).expect("replays").expect("whole");
    assert_eq!(replayed.spike_hash(), status.spike_hash);
}

#[test]
fn a_session_file_opens_as_its_network_and_goes_on_where_it_stood() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let mut other = network();
    other.name = "From a session".into();
    for (name, state) in [("state.session", true), ("log.session", false)] {
        let file = folder.path().join(name);
        let mut original = Simulation::new(&other).expect("builds");
        original.advance(400);
        original.apply(&Command::Set { path: other.find("Exc.tau_m").expect("known"), value: 13.0 });
        original.advance(100);
        spikeground_core::session::save(&file, &original.record(state)).expect("writes");
        let mut w = Window::with(network(), file.clone());
        w.frames(10);
        w.harness.state_mut().run_command(&egui::Context::default(), spikeground::ui::command::UiCommand::Open);
        w.wait_until(|app| app.document().spec().name == "From a session");
        w.frames(30);
        let (app, status) = (w.harness.state(), w.harness.state().session().status.clone());
        assert!(status.step > 500 && status.running && app.session().runs(app.document()), "{name}: step {}", status.step);
        assert_eq!(app.document().spec(), &**original.spec());
        assert!(app.document().path().is_none() && !app.document().is_edited());
        original.advance(status.step - 500);
        assert_eq!((status.spike_hash, status.n_spikes), (original.spike_hash(), original.n_spikes()), "{name}");
    }
    std::fs::write(folder.path().join("bad.session"), b"SPKGSESS and nothing more").expect("writes");
    let mut w = Window::with(network(), folder.path().join("bad.session"));
    w.harness.state_mut().run_command(&egui::Context::default(), spikeground::ui::command::UiCommand::Open);
    w.wait_until(|app| app.notices().texts().any(|t| t.contains("The session could not be opened")));
    assert_eq!(w.spec(), network());
}

#[test]
fn a_resting_neuron_fires_when_it_is_poked() {
    let mut quiet = network();
    quiet.stimuli.clear();
    let mut w = Window::with(quiet, PathBuf::new());
    w.frames(20);
    assert_eq!(w.harness.state().session().status.n_spikes, 0);
    w.harness.state_mut().selection_mut().neurons = vec![(0, 3)];
    w.frames(2);
    w.click("Fire");
    assert_eq!(w.harness.state().session().status.n_spikes, 1);
    w.click("Pulse");
    w.frames(10);
    assert!(w.harness.state().session().status.n_spikes > 1);
}

#[test]
fn a_current_drawn_with_the_mouse_reaches_the_neurons_and_is_one_step_of_undo() {
    let mut quiet = network();
    quiet.stimuli.clear();
    let mut w = Window::with(quiet.clone(), PathBuf::new());
    w.harness.state_mut().show_panel("input");
    w.frames(4);
    let plot = w.harness.get_by_label(": Current (pA) against Time (ms)").rect();
    let at = |x: f32, y: f32| plot.min + egui::vec2(x * plot.width(), y * plot.height());
    w.harness.hover_at(at(0.15, 0.2));
    w.harness.drag_at(at(0.15, 0.2));
    w.frames(2);
    for k in 0..8 {
        w.harness.hover_at(at(0.15 + 0.1 * k as f32, 0.2));
        w.frames(1);
    }
    assert!(w.spec().stimuli.is_empty(), "the network is left alone while the pen is down");
    w.harness.drop_at(at(0.85, 0.2));
    w.frames(4);
    assert_eq!((w.spec().stimuli.len(), w.spec().stimuli[0].stimulus.kind.key), (1, "recorded"));
    assert!(w.in_step());
    let text = spikeground_core::preset::write(&w.spec());
    assert_eq!(spikeground_core::preset::read(&text).expect("reads").spec, w.spec(), "it is saved in the file");
    w.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(w.spec(), quiet);
}

#[test]
fn a_symbol_in_the_equations_leads_to_its_slider() {
    let mut w = Window::open();
    w.harness.state_mut().show_panel("equations");
    w.frames(4);
    w.harness.get_all_by_label("Go to e_l").next().expect("E_L stands in the equation").click();
    w.frames(6);
    assert!(w.slider("e_l").is_focused(), "the slider of E_L is ready for the arrow keys");
    w.key(Modifiers::NONE, Key::ArrowRight);
    assert!(w.of_exc("e_l") > -70.0);
}

#[test]
fn what_a_crash_left_is_offered_and_recovered() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let mut lost = network();
    lost.name = "Lost work".into();
    // No process has the highest number.
    let file = folder.path().join(format!("autosave-{}.ron", u32::MAX));
    std::fs::write(&file, spikeground_core::preset::write(&lost)).expect("writing a file");
    let mut w = Window::open();
    w.harness.state_mut().offer_recovery(folder.path());
    w.frames(2);
    w.click("Recover");
    assert_eq!(w.spec(), lost);
    assert!(w.harness.state().document().is_edited() && !w.has("Recover") && !file.exists());
}

#[test]
fn nothing_is_drawn_while_nothing_changes() {
    let mut w = Window::open();
    w.key(Modifiers::NONE, Key::Space);
    w.frames(30);
    assert!(w.harness.try_run().is_ok(), "a frame asked for another while paused");
}

#[test]
fn every_control_has_a_name() {
    let mut w = Window::open();
    for item in ["Exc", "Exc → Inh", "Drive", "v of Exc", "Test network"] {
        w.click(item);
        let is_control = |role| {
            use Access::{Button, CheckBox, ComboBox, RadioButton, Slider, SpinButton, TextInput};
            matches!(role, Button | Slider | CheckBox | ComboBox | TextInput | SpinButton | RadioButton)
        };
        let nameless: Vec<_> = w
            .harness
            .root()
            .children_recursive()
            .filter(|n| is_control(n.accesskit_node().role()) && n.accesskit_node().label().is_none_or(|l| l.trim().is_empty()))
            .map(|n| format!("{:?} at {:?}", n.accesskit_node().role(), n.rect()))
            .collect();
        assert!(nameless.is_empty(), "with {item} selected: {nameless:?}");
    }
}
