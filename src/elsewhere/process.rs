//! The child: a script in a folder of its own, its progress, its end.

use super::{Shared, Stage, Trouble};
use spikeground_core::export::npy::{Arrays, read_npz};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Time between two looks at the child.
const LOOK: Duration = Duration::from_millis(20);
/// How long a child that was asked to end may take before it is killed.
const GRACE: Duration = Duration::from_secs(2);
/// Most of a child's complaints that are kept.
const MAX_WORDS: usize = 1 << 16;

/// A folder of this run, gone with its content when dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Result<Self, String> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let base = std::env::temp_dir();
        for _ in 0..1000 {
            let path = base.join(format!("spikeground-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => {
                    return Err(format!("no folder can be made in {}: {e}; free some space or check its permissions", base.display()));
                }
            }
        }
        Err(format!("{} is full of folders of former runs; remove those called spikeground-…", base.display()))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The result files of all processes.
    pub fn results(&self) -> Result<Vec<Arrays>, Trouble> {
        let read = |path: &Path| fs::read(path).map_err(|e| e.to_string()).and_then(|bytes| read_npz(&bytes));
        let mut paths: Vec<PathBuf> = fs::read_dir(&self.0).into_iter().flatten().filter_map(|e| e.ok().map(|e| e.path())).collect();
        paths.retain(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("result.")));
        paths.sort();
        if paths.is_empty() {
            return Err(Trouble::Failed("the script ended without a result; run the exported script by hand to see why".into()));
        }
        paths.iter().map(|p| read(p).map_err(Trouble::Failed)).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs `network.py` in `folder` and waits for it, passing on its progress. A cancelled child is ended with all its processes.
pub fn run(python: &Path, folder: &Path, mpi: Option<u32>, shared: &Shared) -> Result<(), Trouble> {
    let mut command = match mpi {
        None => Command::new(python),
        Some(n) => {
            let mut command = Command::new("mpirun");
            command.arg("-n").arg(n.to_string()).arg(python);
            // More processes than cores are asked for on purpose; Open MPI wants that said.
            command.env("OMPI_MCA_rmaps_base_oversubscribe", "1").env("PRTE_MCA_rmaps_default_mapping_policy", ":oversubscribe");
            if is_root() {
                command.env("OMPI_ALLOW_RUN_AS_ROOT", "1").env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
            }
            command
        }
    };
    command.arg("network.py").arg("--result").arg("result").arg("--no-plot").current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    own_group(&mut command);
    let mut child = command.spawn().map_err(|e| match mpi {
        Some(_) => Trouble::Missing(format!("mpirun cannot be started: {e}; install Open MPI (Debian: apt-get install openmpi-bin)")),
        None => Trouble::Missing(format!("{} cannot be started: {e}; give the path of a Python with --python", python.display())),
    })?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        let words =
            std::thread::Builder::new().name("complaints".into()).spawn_scoped(scope, move || err.map(last_words).unwrap_or_default());
        let progress = std::thread::Builder::new().name("progress".into()).spawn_scoped(scope, move || {
            for line in BufReader::new(out?).lines().map_while(Result::ok) {
                if let Some(done) = line.strip_prefix("progress ").and_then(|x| x.trim().parse::<f32>().ok()) {
                    shared.set(Stage::Running, done);
                }
            }
            Some(())
        });
        let ended = watch(&mut child, shared);
        let words = words.ok().and_then(|w| w.join().ok()).unwrap_or_default();
        let _ = progress.map(std::thread::ScopedJoinHandle::join);
        match ended {
            Ok(true) => Ok(()),
            Ok(false) if words.contains("not compiled with MPI support") => Err(Trouble::Missing(
                "this NEST was built without MPI (the one from PyPI has threads only); install a build with MPI, or leave out --mpi".into(),
            )),
            Ok(false) if words.contains("load_mechanisms") => Err(Trouble::Missing(
                "PyNN's cells are not compiled for this NEURON; go to the folder pyNN/neuron/nmodl of that Python's packages and run nrnivmodl".into(),
            )),
            Ok(false) => Err(Trouble::Failed(format!("the script failed:\n{}", complaint(&words)))),
            Err(trouble) => Err(trouble),
        }
    })
}

/// Waits for the child; whether it ended well.
fn watch(child: &mut Child, shared: &Shared) -> Result<bool, Trouble> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.success()),
            Ok(None) if shared.is_cancelled() => {
                end(child);
                return Err(Trouble::Cancelled);
            }
            Ok(None) => std::thread::sleep(LOOK),
            Err(e) => return Err(Trouble::Failed(format!("the script could not be watched: {e}; try again"))),
        }
    }
}

/// Asks the child and all it has started to end, and kills what does not.
fn end(child: &mut Child) {
    signal(child, "-TERM");
    let asked = Instant::now();
    while asked.elapsed() < GRACE {
        if !matches!(child.try_wait(), Ok(None)) {
            break;
        }
        std::thread::sleep(LOOK);
    }
    signal(child, "-KILL");
    let _ = child.kill();
    let _ = child.wait();
}

/// The child leads a process group of its own, so that a signal reaches everything it starts.
#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}
#[cfg(not(unix))]
fn own_group(_: &mut Command) {}

#[cfg(unix)]
fn signal(child: &Child, which: &str) {
    let group = format!("-{}", child.id());
    let _ = Command::new("kill").args([which, "--", &group]).stderr(Stdio::null()).status();
}
#[cfg(not(unix))]
fn signal(child: &Child, _: &str) {
    let _ =
        Command::new("taskkill").args(["/T", "/F", "/PID", &child.id().to_string()]).stdout(Stdio::null()).stderr(Stdio::null()).status();
}

#[cfg(target_os = "linux")]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}
#[cfg(not(target_os = "linux"))]
fn is_root() -> bool {
    false
}

/// Everything a child writes, but only its end if that is long.
fn last_words(mut from: impl Read) -> String {
    let mut kept = Vec::new();
    let mut piece = [0u8; 4096];
    while let Ok(n) = from.read(&mut piece) {
        if n == 0 {
            break;
        }
        kept.extend(&piece[..n]);
        if kept.len() > 2 * MAX_WORDS {
            kept.drain(..kept.len() - MAX_WORDS);
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// The line that matters, with the few before it.
fn complaint(words: &str) -> String {
    let lines: Vec<&str> = words.lines().filter(|l| !l.trim().is_empty()).collect();
    let tail = &lines[lines.len().saturating_sub(8)..];
    if tail.is_empty() { "it said nothing".into() } else { tail.join("\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_with_its_content() {
        let folder = Folder::new().expect("a folder");
        let path = folder.path().to_owned();
        fs::write(path.join("x"), "y").expect("written");
        assert!(folder.results().is_err());
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn of_long_complaints_the_end_is_kept() {
        let words = last_words(std::io::Cursor::new("a\n".repeat(200_000) + "the reason"));
        assert!(words.len() <= 2 * MAX_WORDS + 4096 && complaint(&words).ends_with("the reason"));
    }
}
