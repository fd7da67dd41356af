//! Sessions on the command line: leaving a checkpoint, going on from it, replaying it, and what is refused.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn spikeground(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_spikeground")).args(arguments).output().expect("the program starts")
}

/// The object a command prints that must succeed.
fn told(arguments: &[&str]) -> Value {
    let output = spikeground(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{arguments:?}: {e}"))
}

/// The message of a command that must be refused.
fn refused(arguments: &[&str]) -> String {
    let output = spikeground(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    String::from_utf8(output.stderr).expect("text")
}

fn name(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[test]
fn a_run_that_goes_on_from_a_checkpoint_gives_the_spikes_of_the_whole_run() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    for (preset, whole, at) in [("song-2000", "1500", "700"), ("ei-balance", "300", "120"), ("adex-patterns", "300", "111")] {
        let file = folder.path().join(format!("{preset}.session"));
        let file = name(&file);
        let uninterrupted = told(&["run", preset, "--duration", whole, "--checkpoint", file, "--at", at, "--json"]);
        let rest = (whole.parse::<f64>().expect("a number") - at.parse::<f64>().expect("a number")).to_string();
        let resumed = told(&["run", "--from", file, "--duration", &rest, "--json"]);
        assert_eq!(resumed["spike_hash"], uninterrupted["spike_hash"], "{preset}");
        assert_eq!((&resumed["spikes"], &resumed["duration_ms"]), (&uninterrupted["spikes"], &uninterrupted["duration_ms"]));
        let replayed = told(&["replay", file, "--json"]);
        assert_eq!(replayed["same"], true, "{preset}");
    }
}

#[test]
fn a_change_while_going_on_becomes_part_of_the_session() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (first, second) = (folder.path().join("a.session"), folder.path().join("b.session"));
    let (first, second) = (name(&first), name(&second));
    let plain = told(&["run", "ei-balance", "--duration", "200", "--checkpoint", first, "--at", "100", "--json"]);
    let changed = told(&["run", "--from", first, "--duration", "100", "--set", "E.tau_m=30", "--checkpoint", second, "--json"]);
    assert_ne!(plain["spike_hash"], changed["spike_hash"]);
    let replayed = told(&["replay", second, "--json"]);
    assert_eq!((&replayed["spike_hash"], &replayed["commands"]), (&changed["spike_hash"], &Value::from(1)));
}

#[test]
fn what_cannot_be_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("a.session");
    let file = name(&file);
    assert!(refused(&["run", "lif-single", "--duration", "10", "--checkpoint", file, "--at", "11"]).contains("0 to 10 ms"));
    told(&["run", "lif-single", "--duration", "10", "--checkpoint", file, "--json"]);
    assert!(refused(&["run", "lif-single", "--checkpoint", file]).contains("--force"));
    assert!(refused(&["run", "--from", file, "--seed", "3"]).contains("--seed"));
    assert!(refused(&["run", "--from", file, "--set", "nobody.x=3"]).contains("nobody"));
    assert!(refused(&["replay", "no/such.session"]).contains("no such file"));
    let bytes = fs::read(file).expect("reads");
    for (broken, why) in [(&bytes[..bytes.len() / 2], "ends too early"), (b"(format: 1)", "no session file")] {
        fs::write(file, broken).expect("writes");
        for arguments in [["run", "--from", file, "--json"].as_slice(), &["replay", file]] {
            let message = refused(arguments);
            assert!(message.contains(why) && message.contains(file), "{message}");
        }
    }
}
