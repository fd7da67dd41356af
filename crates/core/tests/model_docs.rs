//! `docs/models/*.md` says what the descriptors say. `UPDATE_DOCS=1 cargo test -p spikeground-core --test model_docs` writes it anew.

use spikeground_core::model::{Family, connectivity, distribution, neuron, plasticity, stimulus, synapse};
use spikeground_core::param::{Effect, Kind, ParamKind, ParamSpec};
use std::fmt::Write;
use std::path::PathBuf;

/// File stem, heading, what the family is, and its kinds.
fn pages() -> Vec<(&'static str, &'static str, &'static str, Vec<(&'static str, Family)>)> {
    vec![
        ("neurons", "Neuron models", "What a population is made of: `model` in a file.", vec![("", neuron::ALL)]),
        (
            "synapses",
            "Synapses",
            "What a spike does to its target: `synapse` of a projection or a spike stimulus.",
            vec![("", synapse::ALL)],
        ),
        ("plasticity", "Plasticity rules", "How spikes change the weights of a projection: `plasticity`.", vec![("", plasticity::ALL)]),
        ("connectivity", "Connectors", "Which neurons a projection connects: `connect`.", vec![("", connectivity::ALL)]),
        (
            "distributions",
            "Distributions",
            "How weights, delays, initial values and per-neuron parameters are drawn.",
            vec![
                ("Weights: `weight`", distribution::weights::ALL),
                ("Delays: `delay`", distribution::delays::ALL),
                ("Initial values: `initial`", distribution::initial::ALL),
                ("Spread of a parameter: `spread`", distribution::spread::ALL),
            ],
        ),
        ("stimuli", "Stimuli", "Input from outside: `stimulus`.", vec![("", stimulus::ALL)]),
    ]
}

const NOTE: &str = "<!-- Made from the descriptors in crates/core/src/model by crates/core/tests/model_docs.rs; change those. -->\n\n";

fn page(heading: &str, about: &str, families: &[(&str, Family)]) -> String {
    let mut out = format!("{NOTE}# {heading}\n\n{about}\n");
    for (title, family) in families {
        if !title.is_empty() {
            let _ = write!(out, "\n## {title}\n");
        }
        let level = if title.is_empty() { "##" } else { "###" };
        for kind in *family {
            let _ = write!(out, "\n{level} {}: `{}`\n\n{}\n", kind.name, kind.key, kind.summary);
            describe(&mut out, kind);
        }
    }
    out
}

fn describe(out: &mut String, kind: &Kind) {
    if !kind.equations.is_empty() {
        let _ = write!(out, "\n```text\n{}\n```\n", kind.equations.join("\n"));
    }
    if !kind.columns.is_empty() {
        let columns = if kind.columns == ["*"] { "one row a presynaptic neuron".to_owned() } else { kind.columns.join(", ") };
        let _ = write!(out, "\nTakes a table, `rows`: {columns} (a column with ? may be left out).\n");
    }
    if !kind.params.is_empty() {
        out.push_str("\n| key | symbol | unit | default | valid | what it does |\n|---|---|---|---|---|---|\n");
        for p in kind.params {
            let rebuild = if p.effect == Effect::Rebuild { " *Rebuilds the network.*" } else { "" };
            let (default, valid) = values(p);
            let unit = if p.unit.symbol().is_empty() { "–" } else { p.unit.symbol() };
            let _ = writeln!(out, "| `{}` | {} | {unit} | {default} | {valid} | {}{rebuild} |", p.key, cell(p.symbol), cell(p.doc));
        }
    }
    if !kind.states.is_empty() {
        out.push_str("\n| state | symbol | unit | meaning |\n|---|---|---|---|\n");
        for s in kind.states {
            let unit = if s.unit.symbol().is_empty() { "–" } else { s.unit.symbol() };
            let _ = writeln!(out, "| `{}` | {} | {unit} | {} |", s.key, cell(s.symbol), cell(s.doc));
        }
    }
    if !kind.sets.is_empty() {
        out.push_str("\nNamed sets:\n\n");
        for set in kind.sets {
            let values: Vec<_> = set.values.iter().map(|(k, v)| format!("{k} {}", value(kind, k, *v))).collect();
            let _ = writeln!(out, "- **{}** (`{}`): {}. {}", set.name, set.key, values.join(", "), set.doc);
        }
    }
    if !kind.references.is_empty() {
        let _ = write!(out, "\nSources: {}\n", kind.references.join("; "));
    }
}

fn values(p: &ParamSpec) -> (String, String) {
    let range = || format!("{} to {}", number(p.valid.0), number(p.valid.1));
    match p.kind {
        ParamKind::Flag => ((p.default != 0.0).to_string(), "true or false".into()),
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        ParamKind::Choice(keys) => (keys[p.default as usize].into(), keys.join(", ")),
        ParamKind::Count => (number(p.default), format!("{}, whole", range())),
        ParamKind::Number => (number(p.default), range()),
    }
}

fn value(kind: &Kind, key: &str, v: f64) -> String {
    match kind.param(key).map(|i| kind.params[i].kind) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Some(ParamKind::Choice(keys)) => keys[v as usize].to_owned(),
        Some(ParamKind::Flag) => (v != 0.0).to_string(),
        _ => number(v),
    }
}

fn number(x: f64) -> String {
    let text = if x != 0.0 && (x.abs() >= 1e7 || x.abs() < 1e-4) { format!("{x:e}") } else { format!("{x}") };
    text.replace('-', "−")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/models")
}

#[test]
fn the_manual_says_what_the_descriptors_say() {
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    let mut index = format!("{NOTE}# Models\n\nEvery key that a network file takes, with equations, units, ranges and sources.\n\n");
    let mut files = Vec::new();
    for (stem, heading, about, families) in pages() {
        let names: Vec<_> = families.iter().flat_map(|f| f.1.iter().map(|k| k.name)).collect();
        let _ = writeln!(index, "- [{heading}]({stem}.md): {}", names.join(", "));
        files.push((format!("{stem}.md"), page(heading, about, &families)));
    }
    files.push(("README.md".to_owned(), index));
    for (name, expected) in files {
        let path = folder().join(&name);
        if update {
            std::fs::create_dir_all(folder()).expect("folder");
            std::fs::write(&path, expected).expect("written");
            continue;
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            written.replace("\r\n", "\n") == expected,
            "docs/models/{name} is out of date; run UPDATE_DOCS=1 cargo test -p spikeground-core --test model_docs"
        );
    }
}

#[test]
fn every_parameter_is_explained() {
    for (_, _, _, families) in pages() {
        for kind in families.iter().flat_map(|f| f.1) {
            assert!(!kind.summary.is_empty(), "{}", kind.key);
            for p in kind.params {
                assert!(p.doc.len() > 10, "{}.{} has no explanation", kind.key, p.key);
            }
        }
    }
}
