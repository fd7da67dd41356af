//! Models of one's own: typed equations against the built-in kernels, and what is said about wrong ones.

#[path = "support/net.rs"]
mod net;

use spikeground_core::engine::builder;
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::equations::{self, TEXTS};
use spikeground_core::model::neuron;
use spikeground_core::part::Part;
use spikeground_core::protocol::Frame;
use spikeground_core::spec::{NetworkSpec, PopulationSpec, Precision};
use std::sync::Arc;

fn text_of(key: &str) -> &'static str {
    TEXTS.iter().find(|t| t.0 == key).expect("a text").1
}

fn typed(source: &str) -> Part {
    match equations::compile(source) {
        Ok(model) => Part::new(&model.kind),
        Err(fault) => panic!("{}\n{source}", fault.in_words(source)),
    }
}

/// The built-in model typed as equations, with the same values: names differ in capitals only.
fn twin(native: &Part, key: &str) -> Part {
    let mut part = typed(text_of(key));
    for (spec, value) in native.kind.params.iter().zip(&native.values) {
        let same = |k: &str| k.eq_ignore_ascii_case(spec.key) || k.replace('_', "").eq_ignore_ascii_case(&spec.key.replace('_', ""));
        if spec.key != "scheme"
            && let Some(i) = part.kind.params.iter().position(|p| same(p.key))
        {
            part.values[i] = *value;
        }
    }
    part
}

fn scheme(part: &Part, name: &str) -> Part {
    let i = part.kind.param("scheme").expect("a scheme");
    let spikeground_core::param::ParamKind::Choice(keys) = part.kind.params[i].kind else { panic!("a choice") };
    part.clone().with("scheme", keys.iter().position(|k| *k == name).expect("a known scheme") as f64)
}

/// Spike times of one neuron, as they are recorded, from the state `start`.
fn spikes(model: &Part, start: &[f64], dt: f64, ms: f64, precision: Precision) -> Vec<f64> {
    let mut spec = NetworkSpec { dt, precision, ..NetworkSpec::default() };
    let mut population = PopulationSpec::new("A", 1, model.clone());
    population.initial = start.iter().enumerate().map(|(i, x)| (i, net::initial("constant", ("value", *x), ("value", *x)))).collect();
    spec.populations.push(population);
    let network = builder::build(&spec, &mut |_| true).expect("valid").expect("not cancelled");
    let mut simulation = Simulation::with(Arc::new(spec), network);
    simulation.advance((ms / dt).round() as u64);
    let mut frame = Frame::default();
    simulation.take(&mut frame);
    frame.spikes.iter().map(|s| s.time(0, dt)).collect()
}

/// Built-in models with a set of parameters and a current at which they fire.
const FIRING: &[(&str, &str, f64)] = &[
    ("lif", "", 300.0),
    ("izhikevich", "rs", 10.0),
    ("izhikevich", "ch", 10.0),
    ("izhikevich", "fs", 10.0),
    ("hh", "", 10.0),
    ("adex", "tonic", 0.0),
    ("adex", "initial_burst", 0.0),
    ("adex", "regular_bursting", 0.0),
    ("eif", "", 200.0),
    ("qif", "", 100.0),
    ("fitzhugh_nagumo", "", 0.5),
    ("morris_lecar", "hopf", 100.0),
    ("morris_lecar", "snic", 50.0),
    ("wang_buzsaki", "", 1.0),
];

fn native(key: &str, set: &str, current: f64) -> Part {
    let part = if set.is_empty() { net::model(key) } else { net::model_set(key, set) };
    if current == 0.0 { part } else { part.with("i_e", current) }
}

#[test]
fn every_built_in_model_has_a_text() {
    for kind in neuron::ALL.iter().filter(|k| k.key != "poisson") {
        assert!(TEXTS.iter().any(|t| t.0 == kind.key), "{}", kind.key);
        let part = typed(text_of(kind.key));
        assert_eq!(part.kind.current_unit, kind.current_unit, "{}", kind.key);
        if !kind.current_unit.symbol().is_empty() {
            assert_eq!(part.kind.conductance_unit.symbol(), kind.conductance_unit.symbol(), "{}", kind.key);
        }
        for (own, theirs) in part.kind.states.iter().zip(kind.states) {
            assert_eq!((own.key, own.unit), (theirs.key, theirs.unit), "{}", kind.key);
        }
    }
}

#[test]
fn built_in_models_typed_as_equations_give_the_spikes_of_the_native_kernels() {
    // Both follow the equations with the scheme `accurate`: spikes agree to its tolerance, not only to the step.
    for (key, set, current) in FIRING {
        let native = native(key, set, *current);
        let start = neuron::initial(native.kind, &native.values);
        let ours = spikes(&scheme(&twin(&native, key), "accurate"), &start, 0.1, 300.0, Precision::Double);
        let theirs = spikes(&scheme(&native, "accurate"), &start, 0.1, 300.0, Precision::Double);
        assert!(theirs.len() >= 3, "{key} {set} fires {} times", theirs.len());
        assert_eq!(ours.len(), theirs.len(), "{key} {set}: {ours:?} against {theirs:?}");
        for (a, b) in ours.iter().zip(&theirs) {
            assert!((a - b).abs() < 1e-4, "{key} {set}: {a} against {b} ms");
        }
    }
}

#[test]
fn the_same_scheme_gives_the_same_steps() {
    // Where a native kernel uses a scheme that typed equations have too, its spikes are met step by step: exponential Euler of a leak is exact,
    // that of Hodgkin–Huxley is staggered the same way, and Runge–Kutta is Runge–Kutta.
    let cases = [
        ("lif", 300.0, "grid", "exponential_euler", 0.1),
        ("hh", 10.0, "exponential_euler", "exponential_euler", 0.025),
        ("hh", 10.0, "rk4", "rk4", 0.025),
        ("fitzhugh_nagumo", 0.5, "rk4", "rk4", 0.1),
    ];
    for (key, current, theirs, ours, dt) in cases {
        let native = native(key, "", current);
        let start = neuron::initial(native.kind, &native.values);
        let a = spikes(&scheme(&twin(&native, key), ours), &start, dt, 300.0, Precision::Double);
        let b = spikes(&scheme(&native, theirs), &start, dt, 300.0, Precision::Double);
        assert!(b.len() >= 3, "{key} fires");
        assert_eq!(a, b, "{key} {theirs}");
    }
}

#[test]
fn the_schemes_of_typed_equations_converge_to_the_accurate_one() {
    for (key, set, current) in FIRING {
        let native = native(key, set, *current);
        let start = neuron::initial(native.kind, &native.values);
        let twin = twin(&native, key);
        let truth = spikes(&scheme(&twin, "accurate"), &start, 0.1, 100.0, Precision::Double);
        for name in ["exponential_euler", "rk4"] {
            let fine = spikes(&scheme(&twin, name), &start, 0.002, 100.0, Precision::Double);
            assert_eq!(fine.len(), truth.len(), "{key} {set} {name}");
            for (a, b) in fine.iter().zip(&truth) {
                assert!((a - b).abs() < 0.15, "{key} {set} {name}: {a} against {b} ms");
            }
        }
    }
}

#[test]
fn single_precision_runs_the_same_program() {
    let native = native("hh", "", 10.0);
    let start = neuron::initial(native.kind, &native.values);
    let part = twin(&native, "hh");
    let double = spikes(&part, &start, 0.025, 100.0, Precision::Double);
    let single = spikes(&part, &start, 0.025, 100.0, Precision::Single);
    assert_eq!(double.len(), single.len());
    assert!(double.iter().zip(&single).all(|(a, b)| (a - b).abs() < 0.1), "{double:?} {single:?}");
}

/// What is said of a text, and the piece of it that is meant.
fn fault(source: &str) -> (String, String) {
    match equations::compile(source) {
        Ok(_) => panic!("accepted:\n{source}"),
        Err(fault) => (fault.what.clone(), source[fault.at.clone()].to_owned()),
    }
}

const REST: &str = "\nthreshold: v >= 30 mV\nreset: v = c\nc = -65 mV\ntau = 10 ms\nR = 100 Mohm\n";

#[test]
fn a_wrong_text_is_told_once_and_where() {
    let with = |line: &str| format!("{line}{REST}");
    let cases = [
        (with("dv/dt = (E_L - v)/tau : mV"), "E_L", "“E_L” is not known"),
        (with("dv/dt = -v/taau : mV"), "taau", "did you mean tau?"),
        (with("dv/dt = -v/tau + R*I : mV\nI : pA"), "R*I", "this is in mV, but the rest of the sum is in mV/ms"),
        (with("dv/dt = (R*I - v + tau)/tau : mV"), "tau", "this is in ms, but the rest of the sum is in mV"),
        (with("dv/dt = -v : mV"), "-v", "dv/dt must be in mV/ms, but this is in mV; is a division by a time missing?"),
        (with("dv/dt = exp(v)*mV/ms : mV"), "v", "exp takes a pure number, but this is in mV"),
        (with("dv/dt = -v/tau*foo(2) : mV"), "foo(2)", "there is no function foo"),
        (with("dv/dt = (-v/tau : mV"), ":", "expected “)”"),
        (with("dv/dt = -v/tau + : mV"), ":", "expected a number, a name or “(”"),
        (with("dv/dt = -v/tau + xi*mV/ms : mV"), "xi", "noise comes from outside"),
        (with("dv/dt = sin(t/ms)*mV/ms : mV"), "t", "equations do not depend on time"),
        (with("dv/dt = -v/(tau - tau) : mV"), "(tau - tau)", "this is 0 at the start"),
        (with("dv/dt = -v/tau : mV\nx = y : 1\ny = x"), "y", "this defines itself"),
        (with("dv/dt = -v/tau : mV\ndv/dt = 1 mV/ms : mV"), "v", "declared twice"),
        ("dv/dt = -v/(10*ms) : mV\nthreshold: v > 3 mV".into(), "threshold", "a threshold needs a reset"),
        ("dv/dt = -v/(10*ms) : mV\nreset: v = 0 mV".into(), "reset: v = 0 mV", "a neuron needs a threshold"),
        ("threshold: v > 3\nreset: none".into(), "t", "there is no differential equation"),
        (with("dv/dt = -v/tau : mV\na = 3 in 5..2"), "in 5..2", "the range 5..2 is empty"),
        (with("dv/dt = -v/tau : mV\na = 9 in 1..2"), "9", "outside its own range"),
        (with("dv/dt = -v/tau : mV\nI = 3 pA"), "I", "it is the input of the neuron"),
        (with("dv/dt = -v/tau : mV\nreset: v = c"), "reset", "two reset lines"),
        (with("dv/dt = v**tau/ms : mV"), "tau", "an exponent must be a pure number"),
        (with("dv/dt = -v/tau ? 3 : mV"), "?", "expected the end of the line"),
        (with("dv/dt = -v/tau : mV\nw = 1e999"), "1e999", "too large"),
    ];
    for (source, piece, message) in cases {
        let (what, where_) = fault(&source);
        assert!(what.contains(message), "{source}\nsays: {what}\nexpected: {message}");
        assert_eq!(where_, piece, "{source}\nsays: {what}");
    }
}

#[test]
fn equations_that_run_away_are_told_before_they_run() {
    let source = format!("dv/dt = v*v/(10 mV*ms) + 1 mV/ms : mV\nthreshold: v < -1e6 mV{}", "\nreset: v = 0 mV\ninitial: v = 1 mV");
    let model = equations::compile(&source).expect("it is well formed");
    let part = Part::new(&model.kind);
    let fault = model.runs_away(&part.values, 0.1, 300.0).expect("it grows beyond all bounds");
    assert!(fault.what.contains("v runs away") && source[fault.at].starts_with('v'), "{}", fault.what);
    for (key, text) in TEXTS {
        let model = equations::compile(text).expect("good");
        assert_eq!(model.runs_away(&Part::new(&model.kind).values, 0.1, 300.0), None, "{key}");
    }
}

#[test]
fn no_text_brings_the_compiler_down() {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};
    let pieces = [
        "dv/dt",
        "=",
        "-v",
        "/",
        "tau",
        "(",
        ")",
        "**",
        "*",
        "+",
        "I",
        ":",
        "mV",
        "ms",
        "\n",
        "threshold:",
        "reset:",
        "v",
        ">=",
        "30",
        "1e-3",
        "in",
        "0..1",
        "#",
        "exp(",
        "exprel(",
        ",",
        "none",
        "refractory:",
        "initial:",
        "u",
        "du/dt",
        ";",
        "+=",
        "0",
        "τ",
        "é",
        "\"",
        "..",
        "title:",
        "pi",
        "(unless refractory)",
        "clip(",
        "int(",
    ];
    let words = proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..60).prop_map(|w| w.join(" "));
    let mut runner = TestRunner::new(Config { cases: 4000, failure_persistence: None, ..Config::default() });
    runner
        .run(&words, |text| {
            if let Err(fault) = equations::compile(&text) {
                prop_assert!(fault.at.start <= fault.at.end && fault.at.end <= text.len());
                prop_assert!(text.is_char_boundary(fault.at.start) && text.is_char_boundary(fault.at.end));
                prop_assert!(!fault.what.is_empty());
            }
            Ok(())
        })
        .expect("no panic");
    runner
        .run(&".{0,200}", |text| {
            let _ = equations::compile(&text);
            Ok(())
        })
        .expect("no panic");
    // Where a whole text is at fault, a letter of two bytes may lie at its beginning or at the limit of its length.
    for text in ["τ = dv/dt", "", "τ", &format!("#{}", "τ".repeat(15_000))] {
        let Err(fault) = equations::compile(text) else { panic!("{text:.20} was not refused") };
        assert!(text.get(fault.at.clone()).is_some(), "{:?} of {text:.20}", fault.at);
    }
    // Damage to a good text: one piece cut out.
    for (_, text) in TEXTS {
        for start in (0..text.len()).step_by(7) {
            let end = (start + 5).min(text.len());
            if text.is_char_boundary(start) && text.is_char_boundary(end) {
                let _ = equations::compile(&format!("{}{}", &text[..start], &text[end..]));
            }
        }
    }
    for deep in ["(", "-", "exp(", "1+", "2**"] {
        let _ = equations::compile(&format!("dv/dt = {}1", deep.repeat(5000)));
    }
}

#[test]
fn files_keep_the_text_and_what_was_moved() {
    let mut spec = NetworkSpec::default();
    let part = typed(text_of("izhikevich")).with("a", 0.05);
    spec.populations.push(PopulationSpec::new("E", 3, part));
    let text = spikeground_core::preset::write(&spec);
    let back = spikeground_core::preset::read(&text).unwrap_or_else(|p| panic!("{p:?}\n{text}"));
    assert_eq!(back.spec, spec);
    // A fault of the text stands at its line of the file.
    let broken = text.replace("q_1*v", "q_1*w");
    let problems = spikeground_core::preset::read(&broken).expect_err("w is not known");
    let line = broken.lines().position(|l| l.contains("q_1*w")).expect("it is there") + 1;
    assert_eq!(problems[0].line as usize, line, "{problems:?}");
    assert!(problems[0].what.contains("“w” is not known"), "{problems:?}");
}
