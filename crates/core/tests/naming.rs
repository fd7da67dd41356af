//! The pattern namer calls the published patterns what their authors call them, and does not change its mind at a little jitter.

use spikeground_core::engine::simulation::Simulation;
use spikeground_core::lab::pattern::{Named, Protocol, Recording, name};
use spikeground_core::preset;
use spikeground_core::protocol::Frame;
use spikeground_core::spec::NetworkSpec;

fn named(spec: &NetworkSpec, protocol: &Protocol) -> Named {
    let mut s = Simulation::new(spec).expect("it builds");
    let v: Vec<f64> = (0..(spec.duration / spec.dt).round() as u64)
        .map(|_| {
            s.advance(1);
            s.state(0, "v", 0).expect("v")
        })
        .collect();
    let mut frame = Frame::default();
    s.take(&mut frame);
    let spikes: Vec<f64> = frame.spikes.iter().map(|spike| (spike.step - spec.stamp_shift(0)) as f64 * spec.dt).collect();
    name(protocol, &Recording { spikes: &spikes, end: spec.duration, v: &v, dt: spec.dt })
}

/// Preset, what its author calls it, and what was done to it.
fn published() -> Vec<(String, &'static str, Protocol)> {
    use Protocol::{Inhibition, Pairs, PrimedPulse, Pulse, Ramp, Step, Switches, TwoRamps};
    let panels = [
        ("a", "tonic spiking", Step { on: 10.0 }),
        ("b", "phasic spiking", Step { on: 20.0 }),
        ("c", "tonic bursting", Step { on: 22.0 }),
        ("d", "phasic bursting", Step { on: 20.0 }),
        ("e", "mixed mode", Step { on: 16.0 }),
        ("f", "spike frequency adaptation", Step { on: 8.5 }),
        ("g", "class 1 excitability", Ramp { on: 30.0 }),
        ("h", "class 2 excitability", Ramp { on: 30.0 }),
        ("i", "spike latency", Pulse { on: 10.0, off: 13.0 }),
        ("j", "subthreshold oscillations", Pulse { on: 20.0, off: 25.0 }),
        ("k", "resonator", Pairs { pairs: vec![(40.0, 60.0), (280.0, 320.0)], width: 4.0 }),
        ("l", "integrator", Pairs { pairs: vec![(100.0 / 11.0, 100.0 / 11.0 + 5.0), (70.0, 80.0)], width: 2.0 }),
        ("m", "rebound spike", Inhibition { on: 20.0, off: 25.0, short: true }),
        ("n", "rebound burst", Inhibition { on: 20.0, off: 25.0, short: true }),
        ("o", "threshold variability", PrimedPulse { plain: 10.0, primed: 80.0, width: 5.0 }),
        ("p", "bistability", Switches { on: 37.5, off: 216.0 }),
        ("q", "depolarizing after-potential", Pulse { on: 9.0, off: 11.0 }),
        ("r", "accommodation", TwoRamps { slow: (0.0, 200.0), quick: (300.0, 312.5) }),
        ("s", "inhibition-induced spiking", Inhibition { on: 50.0, off: 250.0, short: false }),
        ("t", "inhibition-induced bursting", Inhibition { on: 50.0, off: 250.0, short: false }),
    ];
    let adex = [
        ("tonic", "tonic spiking"),
        ("adaptation", "adaptation"),
        ("initial-burst", "initial burst"),
        ("regular-bursting", "regular bursting"),
        ("delayed-accelerating", "delayed accelerating"),
        ("delayed-bursting", "delayed regular bursting"),
        ("transient", "transient spiking"),
        ("irregular", "irregular spiking"),
    ];
    let panels = panels.into_iter().map(|(key, called, protocol)| (format!("izhikevich-2004-{key}"), called, protocol));
    panels.chain(adex.into_iter().map(|(key, called)| (format!("adex-{key}"), called, Step { on: 0.0 }))).collect()
}

#[test]
fn every_published_pattern_gets_its_authors_name() {
    let mut wrong = Vec::new();
    for (key, called, protocol) in published() {
        let found = named(&preset::find(&key).expect("a preset").spec, &protocol);
        if found.name != called && found.also != Some(called) {
            wrong.push(format!("{key} is {called}, not {found:?}"));
        }
        assert!(!found.why.is_empty());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_little_jitter_of_the_parameters_changes_no_name() {
    let mut changed = Vec::new();
    for (key, called, protocol) in published() {
        for (k, factor) in [1.001, 0.999].into_iter().enumerate() {
            for param in ["a", "b", "c", "d", "c_m", "g_l", "tau_w"] {
                let mut spec = preset::find(&key).expect("a preset").spec.clone();
                let model = &mut spec.populations[0].model;
                let Some(i) = model.kind.param(param) else { continue };
                model.values[i] *= factor;
                let found = named(&spec, &protocol);
                if found.name != called && found.also != Some(called) {
                    changed.push(format!("{key} with {param} jittered ({k}) is {found:?}"));
                }
            }
        }
    }
    // Panels that stand at a border (a resonator that fires by a hair) may cross it.
    assert!(changed.len() <= 6, "{}", changed.join("\n"));
}
