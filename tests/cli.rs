//! The program as a user meets it without a window: commands, files, exit codes and messages.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn spikeground(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_spikeground")).args(arguments).output().expect("the program starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Output of a command that must succeed, and must be silent on stderr.
fn good(arguments: &[&str]) -> String {
    let output = spikeground(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    assert_eq!(stderr(&output), "", "{arguments:?}");
    stdout(&output)
}

/// Message of a command that must be refused with exit code 2 and must print nothing else.
fn refused(arguments: &[&str]) -> String {
    let output = spikeground(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
    assert_eq!(stdout(&output), "", "{arguments:?}");
    let message = stderr(&output);
    assert!(!message.trim().is_empty() && !message.contains("panicked"), "{arguments:?}: {message}");
    message
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// A network of one driven neuron, with a line of the caller's in its place.
fn network(change: &str, to: &str) -> String {
    let text = r#"// A test network
(
    format: 1,
    name: "Two",
    dt: 0.1,
    populations: [
        (name: "E", size: 10, model: lif(i_e: 300)),
        (name: "I", size: 5, model: lif),
    ],
    projections: [
        (pre: "E", post: "I", weight: constant(value: 0.5), delay: constant(value: 1.5), plasticity: stdp(w_max: 1)),
    ],
    probes: [
        (population: "E", variable: "v", neurons: [0, 3]),
    ],
)
"#;
    assert!(text.contains(change), "{change}");
    text.replacen(change, to, 1)
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).expect("written");
    path.to_string_lossy().into_owned()
}

fn temporary() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn list_names_every_preset_and_each_can_be_shown_and_checked() {
    let folder = temporary();
    let presets = json(&good(&["list", "--json"]));
    let presets = presets.as_array().expect("an array");
    let table = good(&["list"]);
    assert!(!presets.is_empty());
    for preset in presets {
        let name = preset["name"].as_str().expect("a name");
        assert!(table.contains(name), "{name}");
        assert!(preset["neurons"].as_u64().is_some_and(|n| n > 0) && preset["purpose"].as_str().is_some_and(|p| !p.is_empty()), "{preset}");
        let file = write(folder.path(), &format!("{name}.ron"), &good(&["show", name]));
        assert!(good(&["check", &file]).contains("good"), "{name}");
    }
}

#[test]
fn every_preset_runs() {
    for preset in json(&good(&["list", "--json"])).as_array().expect("an array") {
        let name = preset["name"].as_str().expect("a name");
        let summary = json(&good(&["run", name, "--duration", "20", "--json"]));
        assert_eq!(summary["duration_ms"].as_f64().map(f64::round), Some(20.0), "{name}");
        assert_eq!(summary["neurons"], preset["neurons"], "{name}");
    }
}

#[test]
fn a_run_prints_one_object_with_the_promised_keys() {
    let summary = json(&good(&["run", "ei-balance", "--duration", "300", "--seed", "7", "--json"]));
    let keys = [
        "name",
        "seed",
        "threads",
        "dt_ms",
        "duration_ms",
        "neurons",
        "synapses",
        "build_s",
        "sim_s",
        "realtime_factor",
        "spikes",
        "spike_hash",
        "peak_rss_mb",
        "populations",
    ];
    let object = summary.as_object().expect("an object");
    assert_eq!(object.len(), keys.len());
    keys.iter().for_each(|k| assert!(object.contains_key(*k), "{k}"));
    assert_eq!((summary["seed"].as_u64(), summary["duration_ms"].as_f64()), (Some(7), Some(300.0)));
    assert!(summary["spike_hash"].as_str().is_some_and(|h| h.len() == 16 && h.chars().all(|c| c.is_ascii_hexdigit())));
    let populations = summary["populations"].as_array().expect("populations");
    let spikes: u64 = populations.iter().filter_map(|p| p["spikes"].as_u64()).sum();
    assert_eq!(summary["spikes"].as_u64(), Some(spikes));
    for p in populations {
        let (n, size) = (p["spikes"].as_f64().expect("spikes"), p["size"].as_f64().expect("size"));
        assert!((p["rate_hz"].as_f64().expect("rate") - n / size / 0.3).abs() < 1e-9, "{p}");
    }
}

#[test]
fn equal_seeds_give_equal_spikes_and_other_seeds_others() {
    let hash = |more: &[&str]| {
        let arguments = [&["run", "ei-balance", "--duration", "200", "--json"], more].concat();
        json(&good(&arguments))["spike_hash"].as_str().expect("hash").to_owned()
    };
    assert_eq!(hash(&[]), hash(&[]));
    assert_eq!(hash(&["--seed", "5"]), hash(&["--seed", "5"]));
    assert_ne!(hash(&["--seed", "5"]), hash(&["--seed", "6"]));
    assert_ne!(hash(&[]), hash(&["--set", "E.tau_m=15"]));
}

#[test]
fn a_regular_neuron_has_its_closed_form_rate_and_no_variation() {
    let folder = temporary();
    let file = write(folder.path(), "one.ron", &network("i_e: 300", "i_e: 300, v_reset: -65, t_ref: 2"));
    let summary = json(&good(&["run", &file, "--duration", "2000", "--json"]));
    let e = &summary["populations"][0];
    // 0.3 nA into the standard neuron: the first spike from rest at 22.0 ms, then one every 20.4 ms (49.02 Hz) on a grid of 0.1 ms.
    let expected = 10 * (1 + ((2000.0_f64 - 22.0) / 20.4).floor() as u64);
    assert_eq!(e["spikes"].as_u64(), Some(expected), "{e}");
    assert!(e["cv_isi"].as_f64().is_some_and(|cv| cv.abs() < 1e-9), "{e}");
    assert!(summary["populations"][1]["cv_isi"].is_null());
}

#[test]
fn out_writes_all_files_with_units_and_refuses_to_replace_them() {
    let folder = temporary();
    let file = write(folder.path(), "net.ron", &network("dt: 0.1", "dt: 0.1"));
    let out = folder.path().join("results");
    let out_text = out.to_string_lossy().into_owned();
    let run = ["run", &file, "--duration", "100", "--json", "--out", &out_text];
    let summary = json(&good(&run));
    let names: Vec<PathBuf> = fs::read_dir(&out).expect("folder").map(|e| e.expect("entry").path()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(json(&read("summary.json"))["spike_hash"], summary["spike_hash"]);
    let spikes = read("spikes.csv");
    assert_eq!(spikes.lines().next(), Some("time_ms,population,neuron"));
    assert_eq!(spikes.lines().count() as u64 - 1, summary["spikes"].as_u64().expect("spikes"));
    let traces = read("traces.csv");
    assert_eq!(traces.lines().next(), Some("time_ms,E.v[0] (mV),E.v[3] (mV)"));
    assert_eq!((traces.lines().count(), traces.lines().nth(3).and_then(|l| l.split(',').next())), (1001, Some("0.3")));
    let weights = read("weights.csv");
    assert_eq!(weights.lines().next(), Some("projection,pre,post,weight,weight_unit,delay_ms"));
    assert_eq!((weights.lines().count(), weights.lines().nth(1).map(|l| l.ends_with(",mV,1.5"))), (51, Some(true)));

    let message = refused(&run);
    assert!(message.contains("--force"), "{message}");
    good(&[&run[..], &["--force"]].concat());
    assert_eq!(fs::read_dir(&out).expect("folder").count(), 4);
}

#[test]
fn spike_times_in_files_are_those_of_the_closed_form() {
    let folder = temporary();
    let file = write(folder.path(), "net.ron", &network("dt: 0.1", "dt: 0.1"));
    let out = folder.path().join("results").to_string_lossy().into_owned();
    good(&["run", &file, "--duration", "30", "--json", "--out", &out]);
    let spikes = fs::read_to_string(Path::new(&out).join("spikes.csv")).expect("spikes");
    // From rest with 0.3 nA: 21.97225 ms, on the grid 22.0.
    assert_eq!(spikes.lines().nth(1), Some("22,E,0"));
}

#[test]
fn every_bad_file_is_refused_with_line_and_column() {
    let folder = temporary();
    let cases: &[(&str, String, &str)] = &[
        ("empty", String::new(), ""),
        ("truncated", network("dt: 0.1", "dt: 0.1")[..120].to_owned(), ""),
        ("not ron", "hello, world".into(), ""),
        ("wrong type", network("size: 10", "size: \"ten\""), "size"),
        ("huge number", network("size: 10", "size: 99999999999999999999999"), "size"),
        ("1e300", network("i_e: 300", "i_e: 1e300"), "i_e"),
        ("NaN", network("i_e: 300", "i_e: NaN"), "i_e"),
        ("infinite", network("i_e: 300", "i_e: inf"), "i_e"),
        ("newer format", network("format: 1", "format: 999"), "format"),
        ("unknown key", network("i_e: 300", "i_ee: 300"), "i_ee"),
        ("unknown model", network("lif(i_e: 300)", "lief(i_e: 300)"), "lief"),
        ("zero neurons", network("size: 10", "size: 0"), "E"),
        ("missing population", network("post: \"I\"", "post: \"X\""), "X"),
        ("dt above the delay", network("constant(value: 1.5)", "constant(value: 0.01)"), "delay"),
        ("dt zero", network("dt: 0.1", "dt: 0"), "dt"),
        ("twice the same name", network("name: \"I\"", "name: \"E\""), "E"),
        ("neuron that is not there", network("[0, 3]", "[0, 10]"), "10"),
    ];
    for (what, text, word) in cases {
        let file = write(folder.path(), "bad.ron", text);
        for command in ["check", "run"] {
            let message = refused(&[command, &file]);
            assert!(message.contains(word), "{what}: {message}");
            for line in message.lines() {
                let place = line.strip_prefix(&format!("{file}:")).unwrap_or_else(|| panic!("{what}: {line}"));
                let mut parts = place.splitn(3, ':');
                let numbers = [parts.next(), parts.next()].map(|n| n.and_then(|n| n.parse::<u32>().ok()).unwrap_or(0));
                assert!(numbers.iter().all(|n| *n > 0) && parts.next().is_some_and(|w| w.len() > 10), "{what}: {line}");
            }
        }
    }
}

#[test]
fn all_problems_of_a_file_are_listed_at_once() {
    let folder = temporary();
    let text = network("i_e: 300", "i_e: 1e300").replace("value: 0.5", "valeu: 0.5").replace("[0, 3]", "[\"a\"]");
    let message = refused(&["check", &write(folder.path(), "bad.ron", &text)]);
    assert!(message.lines().count() >= 3, "{message}");
}

#[test]
fn a_network_too_big_for_memory_is_refused_with_the_estimate() {
    let folder = temporary();
    let text = network("size: 10", "size: 3000000").replace("size: 5", "size: 3000000");
    let message = refused(&["run", &write(folder.path(), "big.ron", &text)]);
    assert!(message.contains("GB") || message.contains("GiB"), "{message}");
}

#[test]
fn missing_files_names_and_bad_arguments_are_answered_in_one_message() {
    for arguments in [
        &["run", "no-such-preset"][..],
        &["show", "no-such-preset"],
        &["check", "no-such-file.ron"],
        &["run", "ei-balance", "--set", "E.tau_m=-1"],
        &["run", "ei-balance", "--set", "E.tau_m=1e300"],
        &["run", "ei-balance", "--set", "E.nothing=1"],
        &["run", "ei-balance", "--duration", "-5"],
        &["run", "ei-balance", "--duration", "NaN"],
        &["run", "ei-balance", "--duration", "1e300"],
        &["run", "ei-balance", "--threads", "0"],
        &["run", "ei-balance", "--seed", "minus"],
        &["bench", "--case", "nothing"],
        &["no-such-preset", "--quit-after", "1"],
        &["--window", "0x0"],
    ] {
        refused(arguments);
    }
    assert!(refused(&["run", "ei-balanse"]).contains("did you mean ei-balance"));
    let message = refused(&["run", "ei-balance", "--set", "E.tau_m=-1"]);
    assert!(message.contains("tau_m") && message.contains("-1") && message.contains("0.01 to"), "{message}");
}

#[test]
fn a_diverging_run_fails_with_an_explanation_and_leaves_no_files() {
    let folder = temporary();
    let text = network("lif(i_e: 300)", "izhikevich(scheme: figure2004, i_e: 10, q2: 50)").replace("dt: 0.1", "dt: 1");
    let file = write(folder.path(), "hh.ron", &text);
    let out = folder.path().join("results");
    let output = spikeground(&["run", &file, "--duration", "200", "--out", &out.to_string_lossy()]);
    let message = stderr(&output);
    assert!(!output.status.success() && message.contains("dt"), "{message}");
    assert!(!out.exists() || fs::read_dir(&out).expect("folder").count() == 0);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_run_cleanly_and_leaves_no_files() {
    let folder = temporary();
    let out = folder.path().join("results");
    let mut command = Command::new(env!("CARGO_BIN_EXE_spikeground"));
    command.args(["run", "ei-balance", "--duration", "3e6", "--json", "--out", &out.to_string_lossy()]);
    let mut child = command.stderr(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().expect("starts");
    // The first file appears when the run has begun.
    while !out.is_dir() || fs::read_dir(&out).expect("folder").next().is_none() {
        assert!(child.try_wait().expect("alive").is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill").success());
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(130));
    assert!(stderr(&output).starts_with("cancelled") && stderr(&output).lines().count() == 1, "{}", stderr(&output));
    assert!(stdout(&output).is_empty() && !out.exists());
}

#[test]
fn the_example_of_the_readme_is_a_good_file() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("README");
    let example = readme.split("```ron\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let folder = temporary();
    let file = write(folder.path(), "readme.ron", example);
    assert!(good(&["check", &file]).contains("good"));
}

#[test]
fn bench_prints_one_object_a_case() {
    let measured = json(&good(&["bench", "--case", "tiny", "--seconds", "0.01", "--json"]));
    for key in [
        "case",
        "neurons",
        "synapses",
        "plastic_synapses",
        "bio_s",
        "build_s",
        "cpu_s",
        "wall_s",
        "rtf_cpu",
        "spikes",
        "rate_hz",
        "cv_isi",
        "ns_per_neuron_step",
        "ns_per_event",
        "bytes_per_synapse",
        "spike_hash",
        "clock_ghz",
        "simd",
        "threads",
        "precision",
    ] {
        assert!(measured.get(key).is_some(), "{key}");
    }
}

#[test]
fn a_curve_has_a_point_a_value_and_a_bad_question_says_what_there_is() {
    let curve = json(&good(&["curve", "izhikevich-single", "--param", "i_e=0:20:81", "--json"]));
    let points = curve["points"].as_array().expect("points");
    assert_eq!((points.len(), points[0]["rate_hz"].as_f64()), (81, Some(0.0)));
    assert!(points[80]["rate_hz"].as_f64().is_some_and(|hz| hz > 10.0), "{}", points[80]);
    let hh = json(&good(&["curve", "hodgkin-huxley-single", "--param", "i_e=0:20:11", "--duration", "500", "--json"]));
    assert_eq!(hh["excitability"]["class"], "class 2", "{}", hh["excitability"]);
    let pairs = json(&good(&["curve", "izhikevich-2004-k", "--kind", "pairs", "--param", "20:40:2", "--json"]));
    let weakest = |i: usize| pairs["points"][i]["current"].as_f64();
    assert!(weakest(1) < weakest(0), "a resonator: 40 ms is its rhythm, 20 ms is not");
    assert!(refused(&["curve", "lif-single", "--param", "foo=0:1:2"]).contains("tau_m"));
    assert!(refused(&["curve", "lif-single", "--param", "i_e=0:1"]).contains("KEY=FIRST:LAST:N"));
}

#[test]
fn neurons_are_compared_on_one_input_and_a_bad_one_says_what_there_is() {
    let compared = json(&good(&["compare", "lif", "izhikevich:fs", "hh", "--input", "step:2", "--json"]));
    let neurons = compared["neurons"].as_array().expect("neurons");
    assert_eq!((neurons.len(), neurons[0]["gamma"].is_null(), neurons[1]["gamma"].is_number()), (3, true, true));
    for n in neurons {
        assert!(n["spikes"].as_u64() > Some(1) && n["rate_at_twice_rheobase_hz"].as_f64() > Some(1.0), "{n}");
        assert!(n["ns_per_step"].as_f64() > Some(0.0) && n["operations"].as_u64() > Some(3), "{n}");
    }
    assert_eq!((neurons[0]["exponentials"].as_u64(), neurons[2]["exponentials"].as_u64() >= Some(6)), (Some(0), true));
    // LIF: the closed form of its rheobase, C/τ·(V_th − E_L) = 200/20·20 pA.
    assert!(neurons[0]["rheobase"].as_f64().is_some_and(|i| (i - 200.0).abs() < 1.0), "{}", neurons[0]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("current.csv");
    fs::write(&file, "time_ms,current\n0,0\n50,0\n51,2\n250,2\n").unwrap();
    let recorded = json(&good(&["compare", "lif", "lif", "--input", &file.display().to_string(), "--json"]));
    assert_eq!(recorded["neurons"][1]["gamma"].as_f64().map(|g| (g * 1e9).round()), Some(1e9));
    assert!(refused(&["compare", "lif", "--input", "step"]).contains("step:1.5"));
    assert!(refused(&["compare", "liff"]).contains("models are lif"));
    assert!(refused(&["compare", "lif:none"]).contains("it has nest"));
}

#[test]
fn results_as_arrays_hold_what_the_tables_hold() {
    use spikeground_core::export::npy::{find, read_npz};
    let folder = tempfile::tempdir().unwrap();
    let run = |form: &str| {
        let out = folder.path().join(form);
        let done = spikeground(&["run", "ei-balance", "--duration", "50", "--out", &out.display().to_string(), "--format", form]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        out
    };
    let (text, arrays) = (run("csv"), run("npy"));
    let spikes = read_npz(&std::fs::read(arrays.join("spikes.npz")).unwrap()).unwrap();
    let (times, neurons) = (find(&spikes, "time_ms").unwrap(), find(&spikes, "neuron").unwrap());
    let lines: Vec<String> = std::fs::read_to_string(text.join("spikes.csv")).unwrap().lines().skip(1).map(str::to_owned).collect();
    assert!(!times.is_empty() && times.len() == lines.len() && neurons.len() == lines.len());
    assert!(lines.iter().zip(&times).all(|(line, t)| line.split(',').next().unwrap().parse::<f64>().unwrap() == *t));
    assert_eq!(find(&spikes, "population.I").unwrap(), [200.0, 50.0]);
    assert!(arrays.join("weights.npz").exists() && !arrays.join("spikes.csv").exists() && arrays.join("summary.json").exists());
}

#[test]
fn data_from_elsewhere_become_stimuli_or_say_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(file("current.csv"), "time (s),current (nA)\n0,0.6\n0.2,0\n").unwrap();
    std::fs::write(file("bad.csv"), "time_ms,current\n0,1\nx,2\n").unwrap();
    let import = |data: &str, out: &str| spikeground(&["import", "lif-single", &file(data), "--out", &file(out)]);
    let done = import("current.csv", "driven.ron");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = std::fs::read_to_string(file("driven.ron")).unwrap();
    assert!(text.contains("recorded(") && text.contains("[200, 0]") && text.contains("[0, 600]"), "{text}");
    let again = import("current.csv", "driven.ron");
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("--force"));
    let bad = import("bad.csv", "other.ron");
    assert!(
        !bad.status.success() && String::from_utf8_lossy(&bad.stderr).contains("bad.csv:3:"),
        "{}",
        String::from_utf8_lossy(&bad.stderr)
    );
    assert!(!std::path::Path::new(&file("other.ron")).exists());
}

#[test]
fn a_protocol_has_its_figures_in_a_folder_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("p.md");
    let export = || spikeground(&["export", "exact-lif-100", "--to", "markdown", "--duration", "50", "--out", &out.display().to_string()]);
    assert!(export().status.success());
    assert!(folder.path().join("p_figures/1-spikes.png").exists());
    std::fs::remove_file(&out).unwrap();
    let again = export();
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("p_figures"), "another's figures are not replaced");
}

#[test]
fn results_that_no_disk_holds_are_refused_before_the_run_begins() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("results");
    let run = spikeground(&["run", "ei-balance", "--duration", "1e12", "--out", &out.display().to_string()]);
    let message = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(!run.status.success() && message.contains("GB") && message.contains("left"), "{message}");
    assert!(!out.exists());
}
