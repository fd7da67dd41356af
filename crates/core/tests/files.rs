//! Network files: what is written is read back exactly, and what is wrong is said with its place, whatever the bytes.

use proptest::prelude::*;
use spikeground_core::model::{self, connectivity, distribution, neuron, plasticity, stimulus, synapse};
use spikeground_core::param::{ParamKind, ParamSpec};
use spikeground_core::part::Part;
use spikeground_core::preset::read::decode;
use spikeground_core::preset::{self, read, read_bytes, write};
use spikeground_core::spec::{
    NetworkSpec, PopulationSpec, Precision, ProbeSpec, ProjectionSpec, Remark, Role, StimulusSpec, Updates, Wiring,
};

const SMALL: &str = r#"(
    format: 1,
    name: "Two",
    populations: [
        (name: "E", size: 3, model: lif(tau_m: 15), spread: {v_th: normal(sd: 2)}, initial: {v: uniform(low: -65, high: -50)}),
    ],
    projections: [
        (pre: "E", post: "E", connect: list(rows: [[0, 1, 0.5], (1, 2)]), weight: 2, delay: 1.5, plasticity: stdp(w_max: 3)),
    ],
    stimuli: [(name: "s", target: "E", stimulus: step(amplitude: 300, start: 20), neurons: (0, 2))],
    probes: [(population: "E", variable: "v", neurons: [0, 2])],
)
"#;

/// Problems of `SMALL` after one replacement, as `line:column: what`.
fn problems(from: &str, to: &str) -> Vec<String> {
    assert!(SMALL.contains(from), "{from}");
    match read(&SMALL.replacen(from, to, 1)) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_small_file_is_read_as_it_is_meant() {
    let spec = read(SMALL).unwrap_or_else(|p| panic!("{p:?}")).spec;
    assert_eq!((spec.name.as_str(), spec.populations[0].size, spec.populations[0].model.get("tau_m")), ("Two", 3, 15.0));
    let p = &spec.projections[0];
    assert_eq!(p.name, "E → E");
    assert_eq!(*p.connect.table, vec![vec![0.0, 1.0, 0.5], vec![1.0, 2.0]]);
    assert_eq!((p.weight.get("value"), p.delay.get("value")), (2.0, 1.5));
    assert_eq!(spec.stimuli[0].neurons, Some((0, 2)));
}

#[test]
fn every_kind_of_problem_is_said_with_its_place() {
    // What is replaced by what, the text at whose first character the problem must be, and a part of the message.
    for (from, to, at, part) in [
        ("tau_m: 15", "tau: 15", "tau: 15", "did you mean tau_m?"),
        ("tau_m: 15", "tau_m: \"15\"", "\"15\"", "expected a number, not a text"),
        ("tau_m: 15", "tau_m: -3", "-3", "0.01 to 100000 ms"),
        ("tau_m: 15", "tau_m: NaN", "NaN", "finite"),
        ("tau_m: 15", "tau_m: 1e400", "1e400", "finite"),
        ("lif(", "lief(", "lief(", "did you mean lif?"),
        ("size: 3", "size: 0", "size: 0", "at least 1 neuron"),
        ("size: 3", "size: 2.5", "2.5", "whole number"),
        ("size: 3, ", "", "(name: \"E\"", "needs size"),
        ("size: 3", "size: 3, size: 4", "size: 4", "given twice, first in line 5"),
        ("format: 1,", "", "(", "needs format"),
        ("format: 1,", "format: 2,", "2,", "newer version"),
        ("format: 1,", "format: 2, new <syntax>", "<", "newer version"),
        ("name: \"Two\"", "nam: \"Two\"", "nam:", "did you mean name?"),
        ("post: \"E\"", "post: \"I\"", "post:", "there is no population “I”; there are E"),
        ("(1, 2)", "(1, 3)", "(1, 3)", "no neuron 3 in E"),
        ("(1, 2)", "(1)", "(1)", "has 1 numbers; it needs [pre, post"),
        ("[0, 1, 0.5]", "[0, 1, NaN]", "[0, 1, NaN]", "not finite"),
        ("delay: 1.5", "delay: 0.05", "delay: 0.05", "shorter than dt 0.1 ms"),
        ("delay: 1.5", "delay: ring", "ring", "unknown delay “ring”"),
        ("weight: 2", "weight: (2)", "(2)", "expected a kind"),
        ("w_max: 3", "learning: 1", "1)),\n    ],\n    stimuli", "true or false"),
        ("w_max: 3", "pairing: none", "none", "all_to_all"),
        ("neurons: (0, 2)", "neurons: (2, 1)", "neurons: (2", "no range"),
        ("\"v\"", "\"w\"", "variable: \"w\"", "no variable “w”"),
        ("probes: [(", "probes: [", ": \"E\", variable", "expected"),
    ] {
        let text = SMALL.replacen(from, to, 1);
        let said = problems(from, to);
        let offset = text.find(at).unwrap_or_else(|| panic!("{at}"));
        let line = text[..offset].matches('\n').count() + 1;
        let column = text[..offset].rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let found = said.iter().any(|p| p.starts_with(&format!("{line}:{column}: ")) && p.contains(part));
        assert!(found, "{from} ⇒ {to}: wanted {line}:{column}: … {part}, got {said:#?}");
    }
}

#[test]
fn all_problems_of_a_file_are_listed_at_once_in_order() {
    let text = SMALL.replace("tau_m: 15", "tau_m: -1").replace("w_max: 3", "w_maks: 3").replace("delay: 1.5", "delay: -1");
    let problems = read(&text).unwrap_err();
    assert!(problems.len() == 3, "{problems:#?}");
    assert!(problems.is_sorted_by_key(|p| (p.line, p.column)));
}

#[test]
fn truncated_empty_and_foreign_files_get_one_clear_message() {
    for (bytes, part) in [
        (&b""[..], "empty"),
        (&SMALL.as_bytes()[..200], "cut off"),
        (b"{\"nodes\": []}", "needs format"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "UTF-8"),
        (b"hello", "expected the network"),
        ("(".repeat(100_000).as_bytes(), "deep"),
    ] {
        let problems = read_bytes(bytes).unwrap_err();
        assert!(problems.len() == 1 && problems[0].what.contains(part), "{part}: {problems:?}");
    }
}

/// A value that `p` accepts.
fn value(p: &ParamSpec) -> BoxedStrategy<f64> {
    let (low, high) = p.valid;
    match p.kind {
        ParamKind::Number => prop_oneof![Just(p.default), Just(low), low..=high, (p.slider.0..=p.slider.1)].boxed(),
        ParamKind::Count => (low..=high.min(4.0)).prop_map(f64::round).boxed(),
        ParamKind::Flag | ParamKind::Choice(_) => (low..=high).prop_map(f64::round).boxed(),
    }
}

fn part_of(family: model::Family) -> BoxedStrategy<Part> {
    let kinds = family
        .iter()
        .filter(|k| k.columns.is_empty())
        .map(|kind| kind.params.iter().map(value).collect::<Vec<_>>().prop_map(move |values| Part { values, ..Part::new(kind) }).boxed());
    proptest::strategy::Union::new(kinds.collect::<Vec<_>>()).boxed()
}

fn text() -> BoxedStrategy<String> {
    prop_oneof!["[ -~]{1,12}", "\\PC{1,8}", "( {0,3}[a-z\"\\\\\n\t]{0,9}){0,40}", "[é→µ\u{1}\r\n ]{0,30}"].boxed()
}

fn connector() -> BoxedStrategy<Part> {
    prop_oneof![
        part_of(connectivity::ALL),
        proptest::collection::vec((0..3u8, 0..3u8, -9.0..9.0, 1.0..9.0), 0..4).prop_map(|rows| {
            let rows = rows.into_iter().map(|(a, b, w, d)| vec![f64::from(a), f64::from(b), w, d]).collect();
            Part::new(&connectivity::LIST).with_table(rows)
        }),
    ]
    .boxed()
}

fn network() -> impl Strategy<Value = NetworkSpec> {
    let population =
        (part_of(neuron::ALL), part_of(distribution::initial::ALL), part_of(distribution::spread::ALL), 3..9u32, any::<[f32; 2]>());
    let projection = (
        part_of(synapse::ALL),
        connector(),
        part_of(distribution::weights::ALL),
        part_of(distribution::delays::ALL),
        part_of(plasticity::ALL),
    );
    let stimulation = (part_of(stimulus::ALL), part_of(synapse::ALL), any::<bool>());
    (text(), text(), any::<u64>(), any::<bool>(), population, projection, stimulation).prop_map(
        |(name, notes, seed, flag, pop, proj, stim)| {
            let mut p = PopulationSpec::new("A \"quoted\" λ", pop.3, pop.0);
            p.role = if flag { Role::Inhibitory } else { Role::Other };
            p.initial = p.model.kind.states.iter().take(1).map(|_| (0, pop.1.clone())).collect();
            p.spread = vec![(0, pop.2)];
            p.position = pop.4.iter().all(|x| x.is_finite()).then_some(pop.4);
            let mut j = ProjectionSpec::new(if flag { "named" } else { "A \"quoted\" λ → A \"quoted\" λ" }, &p.name, &p.name);
            (j.synapse, j.connect, j.weight, j.delay) = (proj.0, proj.1, proj.2, proj.3);
            j.plasticity = flag.then_some(proj.4);
            let mut s = StimulusSpec::new("s", &p.name, stim.0);
            (s.synapse, s.enabled, s.neurons) = (stim.1, stim.2, flag.then_some((1, 3)));
            NetworkSpec {
                question: notes.clone(),
                remarks: vec![Remark { at: f64::from(pop.3) * 12.5, text: name.clone() }],
                conclusion: if flag { name.clone() } else { String::new() },
                name,
                notes,
                seed,
                precision: if flag { Precision::Single } else { Precision::Double },
                wiring: if flag { Wiring::Procedural } else { Wiring::Stored },
                updates: if flag { Updates::Lazy } else { Updates::Eager },
                probes: vec![ProbeSpec { population: p.name.clone(), variable: "i_syn".into(), neurons: vec![0, 2] }],
                populations: vec![p],
                projections: vec![j],
                stimuli: vec![s],
                ..NetworkSpec::default()
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back_exactly(spec in network()) {
        let text = write(&spec);
        // Random values need not make a sensible network; here only what the text itself says counts.
        let back = decode(&text).map_err(|p| TestCaseError::fail(format!("{p:#?}\n{text}")))?;
        prop_assert!(back.spec == spec, "{text}");
    }

    #[test]
    fn random_bytes_never_panic_and_get_a_place(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let problems = read_bytes(&bytes).unwrap_err();
        prop_assert!(!problems.is_empty() && problems.iter().all(|p| p.line >= 1 && p.column >= 1 && !p.what.is_empty()));
    }

    #[test]
    fn mutated_files_never_panic(at in 0..SMALL.len(), remove in 0..40usize, insert in "[\\PC(){}\\[\\]:,\"0-9a-z.\\\\/*-]{0,6}") {
        let start = (0..=at).rev().find(|i| SMALL.is_char_boundary(*i)).unwrap_or(0);
        let end = (start + remove).min(SMALL.len());
        let end = (end..=SMALL.len()).find(|i| SMALL.is_char_boundary(*i)).unwrap_or(SMALL.len());
        let text = format!("{}{insert}{}", &SMALL[..start], &SMALL[end..]);
        if let Err(problems) = preset::check_text(&text) {
            prop_assert!(!problems.is_empty() && problems.iter().all(|p| p.line >= 1 && p.column >= 1 && !p.what.is_empty()));
        }
    }
}
