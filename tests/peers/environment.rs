//! A Python with the peers.

use std::path::PathBuf;
use std::process::Command;

/// What is installed where no Python is named. Brian2 2.9 does not run with numpy 2.4.
const PACKAGES: &[&str] = &["brian2", "nest-simulator", "numpy<2.4", "scipy", "elephant", "neo", "pyNN", "neuron", "matplotlib"];

/// Whether the comparisons were asked for; says how when not.
pub fn wanted() -> bool {
    let wanted = std::env::var_os("SPIKEGROUND_PEERS").is_some_and(|v| v == "1");
    if !wanted {
        println!(
            "skipped: SPIKEGROUND_PEERS=1 compares with other programs (minutes; installs them unless SPIKEGROUND_PYTHON names a Python)"
        );
    }
    wanted
}

/// The Python named by `SPIKEGROUND_PYTHON`, or one in a throw-away environment with the peers, kept in the target folder.
pub fn python() -> PathBuf {
    if let Some(python) = std::env::var_os("SPIKEGROUND_PYTHON") {
        return python.into();
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("peers");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    if !folder.join("complete").exists() {
        let run = |command: &mut Command| assert!(command.status().expect("Python starts").success(), "{command:?}");
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES));
        std::fs::write(folder.join("complete"), "").expect("written");
    }
    python
}
