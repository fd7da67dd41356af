//! The Python that the documentation shows runs as it stands, on results of our own.

use super::environment;
use std::path::Path;
use std::process::Command;

/// The Python blocks of a page.
fn blocks(page: &str) -> Vec<String> {
    page.split("```python\n").skip(1).filter_map(|rest| rest.split("```").next()).map(str::to_owned).collect()
}

#[test]
fn the_lines_that_lead_to_neo_and_elephant_run_as_they_are_printed() {
    if !environment::wanted() {
        return;
    }
    let python = environment::python();
    let folder = tempfile::tempdir().expect("a folder");
    let here = |command: &mut Command| {
        let output = command.current_dir(folder.path()).output().expect("it starts");
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let spikeground = env!("CARGO_BIN_EXE_spikeground");
    let run = here(Command::new(spikeground).args("run exact-lif-100 --duration 1000 --out results --format npy --json".split(' ')));
    here(Command::new(spikeground).args("export exact-lif-100 --to nest --exact --out network.py".split(' ')));
    here(Command::new(&python).args(["network.py", "--no-plot", "--result", "result.npz"]));
    let summary: serde_json::Value = serde_json::from_str(&run).expect("JSON");
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/export.md")).expect("the page");
    let blocks = blocks(&page);
    assert!(blocks.len() >= 2, "the page shows how");
    for block in blocks {
        let check = format!(
            "{block}\nfrom elephant.statistics import mean_firing_rate\n\
             print(sum(t.size for t in trains), sum(float(mean_firing_rate(t).rescale('Hz')) for t in trains))\n"
        );
        let said = here(Command::new(&python).args(["-c", &check]));
        let n: u64 = said.split_whitespace().next().and_then(|n| n.parse().ok()).expect("a number of spikes");
        assert_eq!(Some(n), summary["spikes"].as_u64(), "{block}");
    }
}
