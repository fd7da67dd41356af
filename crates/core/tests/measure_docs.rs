//! `docs/measures.md` says what the descriptors say. `UPDATE_DOCS=1 cargo test -p spikeground-core --test measure_docs` writes it anew.

use spikeground_core::analysis::{self, Measure, Takes};
use spikeground_core::param::{ParamKind, ParamSpec};
use std::fmt::Write;
use std::path::PathBuf;

const HEAD: &str = "<!-- Made from the descriptors in crates/core/src/analysis by crates/core/tests/measure_docs.rs; change those. -->

# Measures

What can be measured of spikes, in the analysis panel, with `spikeground analyse` and over parameters with `spikeground sweep`. Times are in ms, rates
in Hz. How well each agrees with other programs: [validation.md](validation.md). What the spikes do not define is answered with the reason.
";

fn page() -> String {
    let mut groups: Vec<&str> = Vec::new();
    for measure in analysis::ALL {
        if !groups.contains(&measure.group) {
            groups.push(measure.group);
        }
    }
    let mut out = HEAD.to_owned();
    for group in groups {
        let _ = write!(out, "\n## {group}\n");
        analysis::ALL.iter().filter(|m| m.group == group).for_each(|m| describe(&mut out, m));
    }
    out
}

fn describe(out: &mut String, m: &Measure) {
    let takes = match m.takes {
        Takes::Each => "each train; the mean over trains",
        Takes::Pairs => "pairs of trains",
        Takes::Population => "all trains together",
        Takes::Trials => "trains around onsets",
        Takes::Signal => "trains and a recorded signal",
        Takes::Weights => "synaptic weights",
    };
    let _ = write!(out, "\n### {}: `{}`\n\n{}\n\n```text\n{}\n```\n\n", m.name, m.key, m.definition, m.formula);
    let _ = writeln!(out, "Of {takes}; believed from {} {} on.", m.min_samples, m.samples);
    if !m.params.is_empty() {
        out.push_str("\n| parameter | default | range | what it is |\n|---|---|---|---|\n");
        for p in m.params {
            let (default, range) = values(p);
            let _ = writeln!(out, "| `{}` ({}) | {default} | {range} | {} |", p.key, p.symbol, p.doc);
        }
    }
    let elephant = if m.elephant.is_empty() { String::new() } else { format!(" Elephant: {}.", m.elephant) };
    let _ = writeln!(out, "\nSource: {}.{elephant}", m.source);
}

fn values(p: &ParamSpec) -> (String, String) {
    let unit = p.unit.symbol();
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    match p.kind {
        ParamKind::Choice(keys) => (keys[p.default as usize].to_owned(), keys.join(", ")),
        ParamKind::Flag => ((if p.default == 0.0 { "no" } else { "yes" }).to_owned(), "yes, no".to_owned()),
        _ => (format!("{}{unit}", p.default), format!("{} to {}{unit}", p.valid.0, p.valid.1)),
    }
}

#[test]
fn the_page_of_measures_says_what_the_descriptors_say() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/measures.md");
    let expected = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).expect("docs/measures.md can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(found == expected, "docs/measures.md is out of date; UPDATE_DOCS=1 cargo test -p spikeground-core --test measure_docs");
}
