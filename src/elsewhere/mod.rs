//! Runs of a network in another program: its exact script, started with a Python of the user's, watched, cancelled, and read back.
//!
//! [`Job::start`] returns at once; the handle tells how far the run is, stops it (the child and all its processes), and hands over the
//! [`Outcome`]: the other program's spikes, traces and final weights beside our own run of the same network.

pub mod files;
mod process;
mod python;

use spikeground_core::export::repeat::{Elsewhere, projection_names};
use spikeground_core::export::snapshot::Snapshot;
use spikeground_core::export::{Target, export, npy};
use spikeground_core::spec::NetworkSpec;
use spikeground_core::spec::validate::Problem;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Instant;

/// The other programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Nest,
    Brian2,
    /// NEURON, through PyNN.
    Neuron,
}

impl Engine {
    pub const ALL: [Self; 3] = [Self::Nest, Self::Brian2, Self::Neuron];

    pub fn key(self) -> &'static str {
        match self {
            Self::Nest => "nest",
            Self::Brian2 => "brian2",
            Self::Neuron => "neuron",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Nest => "NEST",
            Self::Brian2 => "Brian2",
            Self::Neuron => "NEURON",
        }
    }

    pub fn target(self) -> Target {
        match self {
            Self::Nest => Target::Nest,
            Self::Brian2 => Target::Brian2,
            Self::Neuron => Target::Pynn,
        }
    }

    /// The modules its script imports.
    pub fn modules(self) -> &'static [&'static str] {
        match self {
            Self::Nest => &["numpy", "nest"],
            Self::Brian2 => &["numpy", "brian2"],
            Self::Neuron => &["numpy", "pyNN", "neuron"],
        }
    }

    /// What installs them.
    pub fn pip(self) -> &'static str {
        match self {
            Self::Nest => "pip install nest-simulator numpy",
            Self::Brian2 => "pip install brian2 \"numpy<2.4\"",
            Self::Neuron => "pip install pyNN neuron numpy",
        }
    }
}

/// How to run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The Python to use; none: the first on the path that has the modules.
    pub python: Option<PathBuf>,
    /// Number of processes under `mpirun`; none: one process without it.
    pub mpi: Option<u32>,
}

/// Why there is no outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The network cannot be built, or the program cannot express it.
    Refused(Vec<Problem>),
    /// No Python, a missing module, no mpirun: says what to install or choose.
    Missing(String),
    /// The script failed: its own last words.
    Failed(String),
    Cancelled,
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(problems) => {
                let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
                write!(f, "{}", lines.join("\n"))
            }
            Self::Missing(what) | Self::Failed(what) => write!(f, "{what}"),
            Self::Cancelled => write!(f, "cancelled"),
        }
    }
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Our own run, which the other program is to repeat.
    Exporting,
    /// Python starts and the network is built there.
    Starting,
    Running,
    Reading,
}

/// Both runs of a network.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub spec: Arc<NetworkSpec>,
    /// Our own run.
    pub ours: Snapshot,
    pub theirs: Elsewhere,
    /// Time of the first spike that only one run has, ms; none when every spike equals.
    pub first_deviation_ms: Option<f64>,
    /// Largest difference of the final weights over `w_max`, for each projection that learns and can be compared.
    pub weight_deviation: Vec<Option<f64>>,
    /// Wall time of our own run with its export, and of the other program with its start, s.
    pub export_s: f64,
    pub run_s: f64,
}

/// What the handle and the working thread share.
struct Shared {
    stage: Mutex<Stage>,
    /// Thousandths of the stage.
    done: AtomicU32,
    cancelled: AtomicBool,
}

impl Shared {
    fn set(&self, stage: Stage, done: f32) {
        if let Ok(mut now) = self.stage.lock() {
            *now = stage;
        }
        self.done.store((done.clamp(0.0, 1.0) * 1000.0) as u32, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// A run elsewhere. Dropping the handle cancels it.
pub struct Job {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Result<Outcome, Trouble>>>,
}

impl Job {
    /// Starts the run on a thread of its own.
    pub fn start(spec: Arc<NetworkSpec>, engine: Engine, options: Options) -> Result<Self, Trouble> {
        let shared = Arc::new(Shared { stage: Mutex::new(Stage::Exporting), done: AtomicU32::new(0), cancelled: AtomicBool::new(false) });
        let (theirs, name) = (Arc::clone(&shared), format!("run in {}", engine.name()));
        let thread = std::thread::Builder::new().name(name).spawn(move || work(&spec, engine, &options, &theirs));
        let thread = thread.map_err(|e| Trouble::Failed(format!("no thread could be started: {e}; close other programs and try again")))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Where it stands, and how far that stage is, 0 to 1.
    pub fn progress(&self) -> (Stage, f32) {
        let stage = self.shared.stage.lock().map_or(Stage::Running, |s| *s);
        (stage, self.shared.done.load(Ordering::Relaxed) as f32 / 1000.0)
    }

    /// Stops it, with every process it has started.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::Relaxed);
    }

    pub fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits for the end.
    pub fn wait(mut self) -> Result<Outcome, Trouble> {
        let thread = self.thread.take().ok_or(Trouble::Cancelled)?;
        thread.join().unwrap_or_else(|_| Err(Trouble::Failed("the export met a fault of its own; please report it".into())))
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.cancel();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn work(spec: &Arc<NetworkSpec>, engine: Engine, options: &Options, shared: &Shared) -> Result<Outcome, Trouble> {
    if engine == Engine::Brian2 && options.mpi.is_some() {
        return Err(Trouble::Missing("Brian2 runs in one process; leave out --mpi, or use --engine nest or neuron".into()));
    }
    let python = python::find(engine, options.python.as_deref())?;
    let start = Instant::now();
    let exported = export(spec, engine.target(), true, "network", &mut |done| {
        shared.set(Stage::Exporting, done);
        !shared.is_cancelled()
    });
    let export = exported.map_err(Trouble::Refused)?.ok_or(Trouble::Cancelled)?;
    let export_s = start.elapsed().as_secs_f64();
    shared.set(Stage::Starting, 0.0);
    let folder = process::Folder::new().map_err(Trouble::Failed)?;
    let data = npy::npz(&export.arrays).map_err(Trouble::Failed)?;
    files::write(&folder.path().join("network.npz"), &data).map_err(Trouble::Failed)?;
    files::write(&folder.path().join("network.py"), export.text.as_bytes()).map_err(Trouble::Failed)?;
    let start = Instant::now();
    process::run(&python, folder.path(), options.mpi, shared)?;
    let run_s = start.elapsed().as_secs_f64();
    shared.set(Stage::Reading, 0.0);
    let results = folder.results()?;
    if options.mpi.is_some_and(|n| results.len() != n as usize) {
        return Err(Trouble::Missing(format!(
            "{} ran {} processes that did not know of each other: this build has no MPI (the one from PyPI has threads only); install a build with \
             MPI, or leave out --mpi",
            engine.name(),
            options.mpi.unwrap_or(1)
        )));
    }
    let names = projection_names(&export.arrays);
    let mut theirs = Elsewhere::read(&results, &names, export.run.traces.len()).map_err(Trouble::Failed)?;
    if theirs.engine.is_empty() {
        theirs.engine = engine.key().into();
    }
    let first_deviation_ms = theirs.first_deviation(&export.run, spec.dt);
    let weight_deviation = (0..spec.projections.len()).map(|i| theirs.weight_deviation(&export.run, spec, i)).collect();
    Ok(Outcome { spec: Arc::clone(spec), ours: export.run, theirs, first_deviation_ms, weight_deviation, export_s, run_s })
}
