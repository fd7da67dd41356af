//! Exports: the text of the scripts, the arrays beside them, what is refused, and what comes back compared with our own run.

use spikeground_core::export::npy::{self, Array};
use spikeground_core::export::repeat::{Elsewhere, projection_names};
use spikeground_core::export::{Export, Target, export};
use spikeground_core::preset;
use spikeground_core::spec::NetworkSpec;

const SMALL: &str = r#"(
    format: 1,
    name: "Small",
    purpose: "Two populations, one of everything",
    dt: 0.1,
    seed: 5,
    duration: 40,
    populations: [
        (name: "in", size: 3, model: poisson(rate: 100)),
        (name: "E", size: 4, model: lif(i_e: 400), spread: { c_m: normal(sd: 5) }, initial: { v: uniform(low: -60, high: -51) }),
        (name: "lambda", size: 1, model: lif),
    ],
    projections: [
        (pre: "in", post: "E", synapse: exponential(tau_syn: 3), weight: 30, delay: 0.5, plasticity: stdp(w_max: 60)),
        (pre: "E", post: "lambda", synapse: exponential(tau_syn: 3), weight: 40, delay: uniform(low: 0.5, high: 2)),
    ],
    stimuli: [
        (name: "step", target: "E", stimulus: step(amplitude: 100, start: 10, stop: 20)),
        (name: "kicks", target: "lambda", stimulus: spike_list(weight: 500, rows: [[5], [9.5]]), synapse: exponential(tau_syn: 3)),
    ],
    probes: [(population: "E", variable: "v", neurons: [1])],
)"#;

fn small() -> NetworkSpec {
    preset::check_text(SMALL).unwrap_or_else(|p| panic!("{p:?}"))
}

fn written(spec: &NetworkSpec, target: Target, exact: bool) -> Export {
    export(spec, target, exact, "small", &mut |_| true).unwrap_or_else(|p| panic!("{p:?}")).expect("not given up")
}

fn refused(text: &str, target: Target) -> String {
    let spec = preset::check_text(text).unwrap_or_else(|p| panic!("{p:?}"));
    let problems = export(&spec, target, true, "small", &mut |_| true).err().expect("refused");
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Compares with the stored text; `SPIKEGROUND_BLESS=1` stores it anew, to be read before it is committed.
fn assert_golden(name: &str, text: &str) {
    let text = text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    let path = format!("{}/tests/data/export/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("SPIKEGROUND_BLESS").is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    let stored = std::fs::read_to_string(&path).expect("the stored text");
    let differing = stored.lines().zip(text.lines()).enumerate().find(|(_, (a, b))| a != b);
    assert!(stored == text, "{name} differs, first in {differing:?}; SPIKEGROUND_BLESS=1 stores the new text");
}

#[test]
fn the_scripts_of_a_small_network_read_as_they_did() {
    let mut network = small();
    assert_golden("small_nest_exact.py", &written(&network, Target::Nest, true).text);
    assert_golden("small_brian2_exact.py", &written(&network, Target::Brian2, true).text);
    assert_golden("small_brian2.py", &written(&network, Target::Brian2, false).text);
    assert_golden("small.md", &written(&network, Target::Markdown, false).text);
    network.projections[0].plasticity = None;
    assert_golden("small_pynn.py", &written(&network, Target::Pynn, false).text);
}

#[test]
fn the_data_beside_an_exact_script_is_that_of_the_run() {
    let spec = small();
    let export = written(&spec, Target::Nest, true);
    let bytes = npy::npz(&export.arrays).expect("packs");
    let arrays = npy::read_npz(&bytes).expect("reads back");
    assert_eq!(arrays, export.arrays);
    let get =
        |key: &str| npy::find(&arrays, key).unwrap_or_else(|| panic!("{key} in {:?}", arrays.iter().map(|a| &a.0).collect::<Vec<_>>()));
    assert_eq!(get("in_to_E.pre").len(), 12);
    assert!(get("E_to_lambda.delay").iter().all(|d| (5.0..=20.0).contains(d)));
    assert_eq!(get("E.c_m").len(), 4);
    assert_eq!(get("E.v0").len(), 4);
    assert_eq!(get("kicks.step"), [50.0, 95.0]);
    let current = get("E.current");
    assert_eq!(current.len(), 400);
    assert!(current.iter().enumerate().all(|(k, x)| *x == if (100..200).contains(&k) { 100.0 } else { 0.0 }));
    // The run of an export is the run of the engine.
    let mut simulation = spikeground_core::engine::simulation::Simulation::new(&spec).expect("builds");
    simulation.advance(400);
    assert_eq!(export.run.spikes.step.len() as u64, simulation.n_spikes());
    assert_eq!(get("spikes.step").len() as u64, simulation.n_spikes());
    assert!(simulation.n_spikes() > 10);
}

#[test]
fn python_names_never_collide_with_those_of_the_script() {
    let text = written(&small(), Target::Nest, true).text;
    assert!(text.contains("lambda_2 = nest.Create(") && text.contains("in_2 = nest.Create("), "{text}");
}

#[test]
fn what_a_target_cannot_express_is_refused_by_name_with_what_could_be_changed() {
    let one =
        |model: &str| format!("(format: 1, name: \"x\", dt: 0.1, duration: 10, populations: [(name: \"A\", size: 1, model: {model})])");
    let message = refused(&one("izhikevich(scheme: rk4)"), Target::Nest);
    assert!(message.contains("“A”") && message.contains("network2003") && message.contains("Brian2"), "{message}");
    let message = refused(&one("izhikevich(scheme: rk4, accommodation: true)"), Target::Pynn);
    assert!(message.contains("“A”") && message.contains("NEST or Brian2"), "{message}");
    for (model, target) in [
        ("izhikevich(scheme: accurate)", Target::Brian2),
        ("lif(scheme: accurate)", Target::Nest),
        ("adex(scheme: accurate)", Target::Pynn),
    ] {
        let message = refused(&one(model), target);
        assert!(message.contains("inside the step") && message.contains("use "), "{message}");
    }
    for model in ["eif()", "qif()", "fitzhugh_nagumo()", "morris_lecar()", "wang_buzsaki()"] {
        for target in [Target::Nest, Target::Brian2, Target::Pynn] {
            let message = refused(&one(model), target);
            assert!(message.contains("“A”") && message.contains("adex"), "{message}");
        }
    }
    let message = refused(&one("hh(temperature: 18.5)"), Target::Nest);
    assert!(message.contains("6.3"), "{message}");
    let mixed = SMALL
        .replace("weight: 40, delay: uniform(low: 0.5, high: 2)", "weight: 40")
        .replace("(pre: \"E\", post: \"lambda\", synapse: exponential(tau_syn: 3)", "(pre: \"E\", post: \"lambda\", synapse: delta");
    assert!(refused(&mixed, Target::Nest).contains("one kind of synapse"), "{}", refused(&mixed, Target::Nest));
    let single = SMALL.replace("dt: 0.1", "dt: 0.1, precision: single");
    assert!(refused(&single, Target::Brian2).contains("precision: double"));
    let fine = SMALL.replace("dt: 0.1", "dt: 0.0125").replace("duration: 40", "duration: 1");
    assert!(refused(&fine, Target::Nest).contains("0.001 ms"));
    assert!(refused(SMALL, Target::Pynn).contains("learning: false"));
}

#[test]
fn every_preset_is_exported_or_refused_with_a_reason() {
    for preset in preset::list() {
        let mut spec = preset.spec.clone();
        if spec.n_neurons() > 1500 {
            continue;
        }
        spec.duration = 5.0;
        for target in Target::ALL {
            match export(&spec, target, true, preset.key, &mut |_| true) {
                Ok(export) => assert!(export.expect("not given up").text.len() > 500, "{}", preset.key),
                Err(problems) => assert!(
                    problems.iter().all(|p| p.what.contains("use ") || p.what.contains("export to") || p.what.contains("set ")),
                    "{} to {}: {problems:?}",
                    preset.key,
                    target.name()
                ),
            }
        }
    }
}

#[test]
fn an_export_that_is_given_up_gives_nothing() {
    let spec = preset::find("exact-lif-100").expect("the preset").spec.clone();
    assert!(export(&spec, Target::Nest, true, "x", &mut |_| false).expect("no problem").is_none());
}

#[test]
fn the_first_deviation_is_the_first_spike_that_only_one_run_has() {
    let spec = small();
    let export = written(&spec, Target::Nest, true);
    let names = projection_names(&export.arrays);
    assert_eq!(names, ["in_to_E", "E_to_lambda"]);
    let run = &export.run;
    let files = |steps: Vec<i64>, neurons: Vec<u32>| -> Vec<(String, Array)> {
        vec![("step".into(), steps.into()), ("neuron".into(), neurons.into()), ("engine".into(), "nest".into())]
    };
    let same = files(run.spikes.step.clone(), run.spikes.neuron.clone());
    let back = Elsewhere::read(&[same], &names, run.traces.len()).expect("reads");
    assert_eq!((back.first_deviation(run, spec.dt), back.engine.as_str()), (None, "nest"));
    assert_eq!(back.largest_shift(run), Some(0));
    // Two processes, each with its own neurons, are one run.
    let half = |odd: bool| {
        let pairs = || run.spikes.step.iter().zip(&run.spikes.neuron).filter(move |(_, n)| (*n % 2 == 1) == odd);
        files(pairs().map(|p| *p.0).collect(), pairs().map(|p| *p.1).collect())
    };
    let back = Elsewhere::read(&[half(false), half(true)], &names, 0).expect("reads");
    assert_eq!(back.first_deviation(run, spec.dt), None);
    let mut steps = run.spikes.step.clone();
    let at = steps.len() / 2;
    let earlier = steps[at];
    steps[at] += 1;
    let back = Elsewhere::read(&[files(steps, run.spikes.neuron.clone())], &names, 0).expect("reads");
    let expected = (earlier as f64 * spec.dt * 1e9).round() / 1e9;
    assert_eq!(back.first_deviation(run, spec.dt), Some(expected));
    assert!(Elsewhere::read(&[Vec::new()], &names, 0).is_err());
}
