//! Exports on the command line: files whole and never over others unasked, clear refusals, and runs elsewhere without the other program.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn spikeground(arguments: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spikeground"));
    command.args(arguments).current_dir(folder).env_remove("SPIKEGROUND_PYTHON").output().expect("the program starts")
}

fn message(output: &Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).expect("listed").map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn an_exact_export_writes_script_and_data_and_asks_before_it_replaces_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["export", "exact-lif-100", "--to", "nest", "--exact", "--duration", "50", "--out", "net.py"];
    let output = spikeground(&arguments, folder.path());
    assert_eq!(message(&output, 0), "");
    assert_eq!(names(folder.path()), ["net.npz", "net.py"]);
    let script = fs::read_to_string(folder.path().join("net.py")).expect("the script");
    assert!(script.contains("\"net.npz\"") && script.contains("iaf_psc_exp"));
    fs::write(folder.path().join("net.py"), "mine").expect("written");
    let refusal = message(&spikeground(&arguments, folder.path()), 2);
    assert!(refusal.contains("net.py") && refusal.contains("--force"), "{refusal}");
    assert_eq!(fs::read_to_string(folder.path().join("net.py")).expect("kept"), "mine");
    let forced: Vec<&str> = arguments.into_iter().chain(["--force"]).collect();
    message(&spikeground(&forced, folder.path()), 0);
    assert_eq!(fs::read_to_string(folder.path().join("net.py")).expect("the script"), script);
    assert_eq!(names(folder.path()), ["net.npz", "net.py"]);
}

#[test]
fn a_network_that_the_target_cannot_express_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let refusal = message(&spikeground(&["export", "izhikevich-single", "--to", "nest"], folder.path()), 2);
    assert!(refusal.contains("NEST cannot take this network") && refusal.contains("network2003"), "{refusal}");
    assert!(names(folder.path()).is_empty());
    let refusal = message(&spikeground(&["export", "lif-single", "--to", "matlab"], folder.path()), 2);
    assert!(refusal.contains("brian2") && refusal.contains("markdown"), "{refusal}");
}

#[test]
fn a_protocol_holds_every_parameter_with_its_unit_and_the_outcome() {
    let folder = tempfile::tempdir().expect("a folder");
    message(&spikeground(&["export", "exact-lif-100", "--to", "markdown", "--duration", "100"], folder.path()), 0);
    let text = fs::read_to_string(folder.path().join("exact-lif-100_markdown.md")).expect("the protocol");
    for part in ["## Question", "## Set-up", "## Outcome", "## Conclusion", "| τm | 20 | ms |", "seed 7", "of 80 |", "format: 1"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_python_without_the_program_is_answered_with_what_to_install() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = ["run", "exact-lif-100", "--duration", "10", "--engine", "nest", "--python"];
    let arguments: Vec<&str> = run.into_iter().chain(["no-such-python"]).collect();
    let refusal = message(&spikeground(&arguments, folder.path()), 2);
    assert!(refusal.contains("no-such-python") && refusal.contains("--python"), "{refusal}");
    let refusal = message(&spikeground(&["run", "lif-single", "--python", "python3"], folder.path()), 2);
    assert!(refusal.contains("--engine"), "{refusal}");
}

/// A stand-in for Python that lacks the module, fails, or never ends.
#[cfg(unix)]
fn stand_in(folder: &Path, body: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("python");
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("made executable");
    path.to_string_lossy().into_owned()
}

#[cfg(unix)]
#[test]
fn a_missing_module_a_failing_script_and_one_without_a_result_are_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |python: &str, code| {
        let arguments = ["run", "exact-lif-100", "--duration", "10", "--engine", "nest", "--python", python];
        message(&spikeground(&arguments, folder.path()), code)
    };
    let text = run(&stand_in(folder.path(), "echo lacks nest"), 2);
    assert!(text.contains("no module nest") && text.contains("-m pip install nest-simulator"), "{text}");
    let text = run(&stand_in(folder.path(), "if [ \"$1\" = -c ]; then echo lacks; else echo out of paper >&2; exit 3; fi"), 1);
    assert!(text.contains("the script failed") && text.contains("out of paper"), "{text}");
    let text = run(&stand_in(folder.path(), "if [ \"$1\" = -c ]; then echo lacks; fi"), 1);
    assert!(text.contains("without a result"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_cancelled_run_elsewhere_ends_with_every_process_it_started() {
    let folder = tempfile::tempdir().expect("a folder");
    // The stand-in starts a process of its own that would leave a mark.
    let mark = folder.path().join("mark");
    let body = format!(
        "if [ \"$1\" = -c ]; then echo lacks; else (sleep 3; touch {}) & touch {}; sleep 60; fi",
        mark.display(),
        mark.with_extension("on").display()
    );
    let python = stand_in(folder.path(), &body);
    let spec = spikeground_core::preset::find("exact-lif-100").expect("the preset").spec.clone();
    let options = spikeground::elsewhere::Options { python: Some(python.into()), mpi: None };
    let spec = std::sync::Arc::new(spikeground_core::spec::NetworkSpec { duration: 10.0, ..spec });
    let job = spikeground::elsewhere::Job::start(spec, spikeground::elsewhere::Engine::Nest, options).expect("starts");
    while !mark.with_extension("on").exists() {
        assert!(!job.is_finished(), "{:?}", job.wait().err());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    job.cancel();
    assert!(matches!(job.wait(), Err(spikeground::elsewhere::Trouble::Cancelled)));
    std::thread::sleep(std::time::Duration::from_secs(4));
    assert!(!mark.exists(), "a process outlived its run");
}
