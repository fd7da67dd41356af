//! Every preset is read, valid, round-trips, runs, and keeps the claims of `tests/data/preset_claims.csv`.

#[path = "support/claims.rs"]
mod claims;
#[path = "support/net.rs"]
mod net;

use spikeground_core::engine::simulation::Simulation;
use spikeground_core::preset::{self, builtin, read, write};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_file_in_presets_is_embedded_and_every_preset_is_good() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../presets");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("presets/")
        .filter_map(|e| e.ok()?.file_name().into_string().ok()?.strip_suffix(".ron").map(str::to_owned))
        .collect();
    let listed: BTreeSet<String> = preset::list().iter().filter(|b| !b.variation).map(|b| b.key.to_owned()).collect();
    assert_eq!(files, listed);
    assert_eq!(preset::list().iter().filter(|b| b.variation).count(), 36);
    for b in preset::list() {
        let problems = read(b.text).err();
        assert!(problems.is_none(), "presets/{}.ron: {problems:#?}", b.key);
    }
    assert!(preset::find(builtin::START).is_some());
}

#[test]
fn every_preset_says_what_it_shows_and_where_it_stands() {
    let mut orders = BTreeSet::new();
    for b in preset::list() {
        let (s, g) = (&b.spec, &b.gallery);
        assert!(!s.name.is_empty() && !s.purpose.is_empty() && s.notes.len() > 100, "{}", b.key);
        assert!(!s.purpose.ends_with('.') && s.purpose.chars().count() <= 90, "{}: {}", b.key, s.purpose);
        assert!(s.notes.contains("Try: "), "{} says what to try", b.key);
        assert!(!g.group.is_empty() && !g.source.is_empty(), "{}", b.key);
        assert!(orders.insert(g.order), "{}: order {} is taken", b.key, g.order);
        assert!(b.text.starts_with("//") && b.text.lines().all(|l| l.chars().count() <= 160), "{}", b.key);
    }
}

#[test]
fn every_preset_survives_being_written_and_read() {
    for b in preset::list() {
        let text = write(&b.spec);
        let back = read(&text).unwrap_or_else(|p| panic!("{}: {p:#?}\n{text}", b.key)).spec;
        assert!(back == b.spec, "{}:\n{text}", b.key);
        assert_eq!(write(&back), text);
    }
}

#[test]
fn every_preset_runs_and_fires_and_stays_finite() {
    for b in preset::list() {
        let mut s = Simulation::new(&b.spec).unwrap_or_else(|p| panic!("{}: {p:?}", b.key));
        s.advance((350.0 / b.spec.dt) as u64);
        assert!(s.n_spikes() > 0 && !s.is_diverged(), "{}", b.key);
    }
}

#[test]
fn every_preset_keeps_its_claims() {
    let runs = claims::read();
    let claimed: BTreeSet<&str> = runs.iter().map(|r| r.preset.as_str()).collect();
    // The firing patterns promise their very spike times, in `patterns.rs`.
    let all: BTreeSet<&str> = preset::list().iter().filter(|b| !b.variation).map(|b| b.key).collect();
    assert_eq!(claimed, all, "every preset promises something");
    let broken: Vec<String> = claims::run_all(&runs);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
