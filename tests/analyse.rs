//! `analyse` and `sweep` as a user meets them: output, files, exit codes and messages.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn spikeground(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_spikeground")).args(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Output of a command that must succeed, and must be silent on stderr.
fn good(arguments: &[&str]) -> String {
    let output = spikeground(arguments);
    assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// Message of a command that must be refused with exit code 2 and must print nothing else.
fn refused(arguments: &[&str]) -> String {
    let output = spikeground(arguments);
    let message = text(&output.stderr);
    assert!(output.status.code() == Some(2) && output.stdout.is_empty(), "{arguments:?}: {message}");
    assert!(!message.trim().is_empty() && !message.contains("panicked"), "{arguments:?}: {message}");
    message
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_string_lossy().into_owned()
}

/// A spike file of two neurons, the vectors of the literature.
fn vectors(folder: &Path) -> String {
    let a = [10, 22, 31, 55, 78, 99, 140, 152, 190];
    let b = [12, 25, 52, 58, 80, 118, 142, 176, 195];
    let lines = a.iter().map(|t| format!("{t},0\n")).chain(b.iter().map(|t| format!("{t},1\n")));
    let file = path(folder, "two.csv");
    fs::write(&file, format!("time_ms,neuron\n{}", lines.collect::<String>())).expect("written");
    file
}

/// The number of a part of the first measure of the first population.
fn number(object: &Value, part: &str) -> f64 {
    let parts = object["populations"][0]["measures"][0]["parts"].as_array().expect("parts");
    let found = parts.iter().find(|p| p["name"] == part).unwrap_or_else(|| panic!("no {part} in {parts:?}"));
    found["value"].as_f64().unwrap_or_else(|| panic!("{found}"))
}

#[test]
fn spikes_of_a_file_are_measured_as_elephant_measures_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = vectors(folder.path());
    let measure = |arguments: &[&str]| json(&good(&[&["analyse", &file, "--to", "200", "--json"], arguments].concat()));
    assert!((number(&measure(&["--measure", "sttc", "--param", "dt=5"]), "STTC") - 0.420_348).abs() < 1e-6);
    assert!((number(&measure(&["--measure", "cv", "--select", "0"]), "CV") - 0.494_413).abs() < 1e-6);
    let vr = measure(&["--measure", "van_rossum", "--param", "van_rossum.tau=10"]);
    assert!((number(&vr, "Distance") - 1.873_37).abs() < 1e-5);
    assert!((number(&measure(&["--measure", "rate"]), "Mean rate") - 45.0).abs() < 1e-9);
    // A hundred neurons, of which two fired.
    assert!((number(&measure(&["--measure", "rate", "--neurons", "100"]), "Mean rate") - 0.9).abs() < 1e-9);
}

#[test]
fn a_run_and_the_file_of_its_spikes_give_the_same_measures() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = path(folder.path(), "run");
    good(&["run", "exact-lif-100", "--duration", "500", "--out", &out]);
    let arguments = ["--measure", "rate,cv,isi,correlation", "--from", "100", "--to", "500", "--json"];
    let live = json(&good(&[&["analyse", "exact-lif-100"], &arguments[..]].concat()));
    let filed = json(&good(&[&["analyse", &path(&folder.path().join("run"), "spikes.csv")], &arguments[..]].concat()));
    let (live, filed) = (live["populations"].as_array().expect("a list"), filed["populations"].as_array().expect("a list"));
    assert_eq!((live.len(), filed.len()), (2, 2));
    for (a, b) in live.iter().zip(filed) {
        for (a, b) in a["measures"].as_array().expect("a list").iter().zip(b["measures"].as_array().expect("a list")) {
            assert!(a == b, "{} differs", a["key"]);
        }
    }
}

#[test]
fn what_is_not_defined_says_why_and_is_no_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = vectors(folder.path());
    let out = good(&["analyse", &file, "--measure", "psth,weights,cv", "--from", "1", "--to", "2"]);
    assert_eq!(out.matches("not defined, because").count(), 3, "{out}");
    assert!(!out.contains("NaN"), "{out}");
}

#[test]
fn wrong_questions_are_answered_with_what_would_be_right() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = vectors(folder.path());
    for (arguments, expected) in [
        (vec!["analyse", "nowhere.csv"], "nowhere.csv"),
        (vec!["analyse", "ei-balanse"], "did you mean"),
        (vec!["analyse", &file, "--measure", "ratee"], "did you mean rate"),
        (vec!["analyse", &file, "--measure", "rate", "--param", "bin=3"], "rate.width"),
        (vec!["analyse", &file, "--measure", "sttc", "--param", "dt=-3"], "use a value from"),
        (vec!["analyse", &file, "--from", "50", "--to", "50"], "is empty"),
        (vec!["analyse", &file, "--population", "E"], "there are spikes"),
        (vec!["analyse", &file, "--select", "7"], "there is no neuron 7"),
    ] {
        let message = refused(&arguments);
        assert!(message.contains(expected), "{arguments:?}: {message}");
    }
    let broken = path(folder.path(), "broken.csv");
    fs::write(&broken, "time_ms,neuron\n1,0\nsoon,0\n").expect("written");
    assert!(refused(&["analyse", &broken]).contains("broken.csv:3:"));
}

const SWEEP: [&str; 10] = ["sweep", "exact-lif-100", "-t", "0.2", "--seeds", "2", "--measure", "rate,regime", "--population", "E"];

#[test]
fn a_sweep_leaves_a_table_with_units_and_one_of_all_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = path(folder.path(), "sweep");
    let with = ["--param", "E.tau_m=15:25:3", "--out", &out, "--json"];
    let object = json(&good(&[&SWEEP[..], &with].concat()));
    assert_eq!((object["runs"].as_u64(), object["points"].as_array().map(Vec::len)), (Some(6), Some(3)));
    let table = fs::read_to_string(folder.path().join("sweep/results.csv")).expect("written");
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(lines[0], "E.tau_m (ms),population,seeds,rate mean (Hz),rate sd (Hz),rate n,regime mean,regime sd,regime n");
    assert!(lines.len() == 4 && lines[2].starts_with("20,E,2,"), "{table}");
    let runs = fs::read_to_string(folder.path().join("sweep/runs.csv")).expect("written");
    assert_eq!(runs.lines().count(), 7);
    // The mean over the seeds is that of the runs.
    let rates: Vec<f64> = runs.lines().skip(3).take(2).map(|l| l.split(',').nth(4).and_then(|c| c.parse().ok()).expect("a rate")).collect();
    let mean = object["points"][1]["rate"]["mean"].as_f64().expect("a mean");
    assert!((mean - rates.iter().sum::<f64>() / 2.0).abs() < 1e-9, "{mean} {rates:?}");
}

#[test]
fn a_sweep_over_two_parameters_does_not_depend_on_its_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let with = |threads: &str| {
        let out = path(folder.path(), threads);
        let more = ["--param", "E.tau_m=15:25:2", "--param", "E.t_ref=1:3:2", "--out", &out, "--threads", threads];
        good(&[&SWEEP[..], &more].concat())
    };
    let one = with("1");
    assert_eq!((one.lines().count(), &one), (5, &with("3")));
}

#[test]
fn a_sweep_that_cannot_work_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = path(folder.path(), "sweep");
    for (arguments, expected) in [
        (vec!["--param", "E.tau_m=-5:25:3"], "valid range"),
        (vec!["--param", "E.tau_m=15:25"], "FIRST:LAST:N"),
        (vec!["--param", "E.nonsense=1:2:2"], "it has"),
        (vec!["--param", "E.tau_m=1:2:2", "--param", "E.tau_m=1:2:2"], "twice"),
        (vec!["--param", "E.tau_m=1:2:2", "--param", "E.t_ref=1:2:2", "--param", "E.i_e=1:2:2"], "one or two"),
        (vec!["--from", "500"], "settling"),
        (vec!["--with", "bin=3"], "rate.width"),
    ] {
        let message = refused(&[&SWEEP[..], &["--out", &out], &arguments[..]].concat());
        assert!(message.contains(expected), "{arguments:?}: {message}");
    }
    assert!(!folder.path().join("sweep").exists());
}

#[test]
fn a_sweep_does_not_overwrite_what_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = path(folder.path(), "sweep");
    fs::create_dir(&out).expect("made");
    fs::write(folder.path().join("sweep/results.csv"), "precious").expect("written");
    assert!(refused(&[&SWEEP[..], &["--out", &out]].concat()).contains("--force"));
    assert_eq!(fs::read_to_string(folder.path().join("sweep/results.csv")).expect("there"), "precious");
    good(&[&SWEEP[..], &["--out", &out, "--force"]].concat());
    assert!(fs::read_to_string(folder.path().join("sweep/results.csv")).expect("there").starts_with("population,"));
}

#[test]
fn measures_go_into_tables_and_arrays_with_their_units() {
    use spikeground_core::export::npy::{find, read_npz};
    let folder = tempfile::tempdir().unwrap();
    let analyse = |form: &str| {
        let out = folder.path().join(form);
        let measures = "rate,cv,isi,correlation,spectrum,regime";
        let args = ["analyse", "exact-lif-100", "--measure", measures, "--to", "500", "--out", out.to_str().unwrap(), "--format", form];
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_spikeground")).args(args).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        out
    };
    let (text, arrays) = (analyse("csv"), analyse("npy"));
    let numbers = std::fs::read_to_string(text.join("measures.csv")).unwrap();
    assert!(numbers.lines().any(|l| l.starts_with("E,rate,") && l.contains(",Hz,")), "{numbers}");
    assert!(numbers.contains("I,regime,") && !numbers.contains("NaN"));
    let named =
        |end: &str| std::fs::read_dir(&text).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).find(|n| n.starts_with(end));
    let isi = std::fs::read_to_string(text.join(named("E.isi").expect("a table of intervals"))).unwrap();
    assert!(isi.lines().next().unwrap().contains("(ms)"), "{isi}");
    let all = read_npz(&std::fs::read(arrays.join("measures.npz")).unwrap()).unwrap();
    let matrix = all.iter().find(|a| a.0.starts_with("E.correlation") && a.1.shape.len() == 2).expect("a matrix");
    assert_eq!(matrix.1.shape[0], matrix.1.shape[1]);
    let column = all.iter().find(|a| a.0.starts_with("E.isi")).expect("intervals").0.clone();
    assert_eq!(find(&all, &column).unwrap().len(), isi.lines().count(), "edges are one more than bars");
}
