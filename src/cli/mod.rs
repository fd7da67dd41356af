//! The command line: what was asked for, who does it, and how errors end.
//!
//! Exit codes: 0 done; 1 the work failed (diverged, disk full); 130 cancelled by Ctrl-C; 2 what was asked for is wrong (arguments, files).

mod analyse;
mod arrays;
mod bench;
mod check;
mod compare;
mod curve;
mod engine;
mod export;
mod import;
mod interrupt;
mod list;
mod measure_files;
mod measures;
mod memory;
mod open;
mod output;
mod overrides;
mod progress;
mod replay;
mod resume;
mod run;
mod show;
mod spike_file;
mod summary;
mod sweep;
mod window;

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// A desktop playground where spiking neural networks are alive.
///
/// Without a command it opens a window.
#[derive(Debug, Parser)]
#[command(name = "spikeground", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Task>,
    #[command(flatten)]
    window: WindowArgs,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run a network without a window
    Run(RunArgs),
    /// Repeat a session file from its beginning and compare the spikes
    Replay(ReplayArgs),
    /// List the networks that come with the program
    List {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Check a network file: every problem with its line and column
    Check {
        /// Network file (RON)
        file: PathBuf,
    },
    /// Print a preset as the file it is
    Show {
        /// Name of the preset, as `list` gives it
        name: String,
    },
    /// Curves of one neuron: rate, latency, regularity, thresholds, impedance, bifurcations
    Curve(CurveArgs),
    /// Up to four neurons on the very same input: spikes, coincidence, distance, rheobase, cost
    Compare(CompareArgs),
    /// Measures of the spikes of a network or of a file: rates, intervals, correlations, distances, rhythms
    Analyse(AnalyseArgs),
    /// Run a network at many parameter values and seeds, and measure each run
    Sweep(SweepArgs),
    /// Add spikes or a current from a CSV or NPY file to a network, as a stimulus
    Import(ImportArgs),
    /// Write a network as a script for Brian2, NEST or PyNN, or as a protocol
    Export(ExportArgs),
    /// Time the canonical networks
    Bench(BenchArgs),
}

#[derive(Clone, Debug, Args)]
struct BenchArgs {
    /// Only this case [default: all]
    #[arg(long, value_name = "NAME")]
    case: Option<String>,
    /// The same network at growing size: coba (1,000 to 256,000 neurons) or brunel (1,000 to 25,000)
    #[arg(long, value_name = "NAME", conflicts_with = "case")]
    sweep: Option<String>,
    /// What one neuron, input and synaptic event costs: the numbers behind the estimate of speed
    #[arg(long, conflicts_with_all = ["case", "sweep", "seconds", "precision"])]
    units: bool,
    /// Print one JSON object a case
    #[arg(long)]
    json: bool,
    /// Biological time to measure, s [default: each case's own]
    #[arg(long, value_name = "S")]
    seconds: Option<f64>,
    /// Threads that share each step; the spikes do not depend on it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: u32,
    /// Numbers the state is kept in
    #[arg(long, value_name = "NAME", default_value = "double")]
    precision: bench::PrecisionName,
    /// Use at most these vector instructions; the spikes do not depend on it
    #[arg(long, value_name = "LEVEL")]
    simd: Option<String>,
}

#[derive(Clone, Debug, Args)]
struct CurveArgs {
    /// Name of a preset, or a network file
    #[arg(value_name = "NAME_OR_FILE")]
    network: String,
    /// What the curve shows
    #[arg(long, value_name = "KIND", default_value = "fi")]
    kind: curve::CurveKind,
    /// Parameter of the model and its values, KEY=FIRST:LAST:N; for cv, strength, pairs and impedance FIRST:LAST:N alone
    #[arg(long, value_name = "RANGE")]
    param: String,
    /// Second parameter of a map
    #[arg(long, value_name = "RANGE")]
    param2: Option<String>,
    /// Also with the state carried from value to value, up and down
    #[arg(long)]
    down: bool,
    /// Neuron of this population [default: the first]
    #[arg(long, value_name = "NAME")]
    population: Option<String>,
    /// Biological time at each value, ms [default: each kind's own]
    #[arg(long, value_name = "MS", value_parser = curve::duration)]
    duration: Option<f64>,
    /// Strongest pulse, or amplitude of the sine, in the model's current unit
    #[arg(long, value_name = "I", allow_hyphen_values = true)]
    amplitude: Option<f64>,
    /// Seed of the noise
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, Args)]
struct CompareArgs {
    /// Neurons, the first is the reference: a model (lif), a model's set (izhikevich:fs), a preset or a network file (its first neuron)
    #[arg(value_name = "NEURON", num_args = 1..=4, required = true)]
    neurons: Vec<String>,
    /// Input: step:HEIGHT[,ON,OFF], ramp:HEIGHT[,ON,OFF], noise:MEAN,SD[,SEED], chirp:MEAN,HEIGHT,FROM,TO, pair:HEIGHT,INTERVAL[,WIDTH],
    /// spikes:HEIGHT,RATE[,TAU[,SEED]], or a CSV or NPY file of a current
    #[arg(long, value_name = "INPUT", default_value = "step:1.5", allow_hyphen_values = true)]
    input: String,
    /// What an input of 1 is: each one's rheobase, the same current over capacitance (mV/ms), or fitted to rheobase and gain of the first
    #[arg(long, value_name = "SCALE", default_value = "rheobase")]
    scale: compare::ScaleName,
    /// Biological time, ms
    #[arg(long, value_name = "MS", default_value_t = 300.0)]
    duration: f64,
    /// Step of models that are not of a network, ms
    #[arg(long, value_name = "MS", default_value_t = 0.05)]
    dt: f64,
    /// Spikes closer than this coincide, ms; van Rossum's time constant is five times as long
    #[arg(long, value_name = "MS", default_value_t = 2.0)]
    precision: f64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, Args)]
struct AnalyseArgs {
    /// Name of a preset, a network file, or spikes: CSV (time_ms, neuron and if wanted population) or NPY (a row of time and neuron each)
    #[arg(value_name = "NAME_OR_FILE")]
    source: String,
    /// What to measure, by key, with commas between; docs/measures.md lists them
    #[arg(long = "measure", value_name = "KEYS", default_value = "rate,cv,regime")]
    measures: Vec<String>,
    /// Parameter of a measure: key=value, or measure.key=value. May be given more than once
    #[arg(long = "param", value_name = "KEY=VALUE")]
    params: Vec<String>,
    /// Begin of the window, ms
    #[arg(long, value_name = "MS", default_value_t = 0.0)]
    from: f64,
    /// End of the window, ms [default: the end of the run, or the last spike of a file]
    #[arg(long, value_name = "MS")]
    to: Option<f64>,
    /// Only this population [default: each for itself]
    #[arg(long, value_name = "NAME")]
    population: Option<String>,
    /// Only these neurons of each population, with commas between
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    select: Vec<u32>,
    /// Population on the other side of a cross-correlogram
    #[arg(long, value_name = "NAME")]
    against: Option<String>,
    /// Times of stimulus onsets, ms, with commas between
    #[arg(long, value_name = "MS", value_delimiter = ',')]
    onsets: Vec<f64>,
    /// Neurons of each population of a spike file, silent ones included [default: as many as fired]
    #[arg(long, value_name = "N")]
    neurons: Option<u32>,
    /// Seed of a network's run and of surrogates [default: the network's own]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Change a parameter of the network before it runs: population.parameter=value
    #[arg(long = "set", value_name = "ENTITY.PARAMETER=VALUE")]
    sets: Vec<String>,
    /// Print one JSON object with every curve and matrix
    #[arg(long)]
    json: bool,
    /// Folder for tables: measures.csv with all numbers, and a table for each curve and matrix
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Form of the tables: CSV, or one NPZ with every curve and matrix
    #[arg(long, value_name = "FORM", default_value = "csv", requires = "out")]
    format: output::Format,
    /// Replace files that are already there
    #[arg(long, requires = "out")]
    force: bool,
}

#[derive(Clone, Debug, Args)]
struct SweepArgs {
    /// Name of a preset, or a network file
    #[arg(value_name = "NAME_OR_FILE")]
    network: String,
    /// Parameter and its values, population.parameter=FIRST:LAST:N; also of projections and stimuli. One or two of them
    #[arg(long = "param", value_name = "RANGE", allow_hyphen_values = true)]
    params: Vec<String>,
    /// Runs at each point, each with the next seed
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    seeds: u32,
    /// What to measure, by key, with commas between; docs/measures.md lists them
    #[arg(long = "measure", value_name = "KEYS", default_value = "rate,cv,regime")]
    measures: Vec<String>,
    /// Parameter of a measure: key=value, or measure.key=value. May be given more than once
    #[arg(long = "with", value_name = "KEY=VALUE")]
    options: Vec<String>,
    /// Folder for results.csv and runs.csv
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Biological time of a run, s [default: the network's own]
    #[arg(short = 't', long, value_name = "S", conflicts_with = "duration")]
    seconds: Option<f64>,
    /// Biological time of a run, ms
    #[arg(long, value_name = "MS")]
    duration: Option<f64>,
    /// Time at the beginning of a run that is not measured, ms
    #[arg(long, value_name = "MS", default_value_t = 0.0)]
    from: f64,
    /// Only this population [default: each for itself]
    #[arg(long, value_name = "NAME")]
    population: Option<String>,
    /// First seed [default: the network's own]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Change a parameter for all runs: population.parameter=value. May be given more than once
    #[arg(long = "set", value_name = "ENTITY.PARAMETER=VALUE")]
    sets: Vec<String>,
    /// Runs at the same time [default: one less than there are cores]; the results do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: Option<u32>,
    /// Replace results that are there already
    #[arg(long)]
    force: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, Args)]
struct ExportArgs {
    /// Name of a preset, or a network file
    #[arg(value_name = "NAME_OR_FILE")]
    network: String,
    /// What to write
    #[arg(long, value_name = "TARGET")]
    to: export::TargetName,
    /// Put the very connections, weights, delays, initial states and stimuli beside the script, so that it repeats the same spikes
    #[arg(long)]
    exact: bool,
    /// File to write [default: the network's name in this folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace files that are already there
    #[arg(long)]
    force: bool,
    /// Biological time to simulate, ms [default: the network's own]
    #[arg(long, value_name = "MS")]
    duration: Option<f64>,
    /// Seed of all random numbers [default: the network's own]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Change a parameter: population.parameter=value; also of projections and stimuli. May be given more than once
    #[arg(long = "set", value_name = "ENTITY.PARAMETER=VALUE")]
    sets: Vec<String>,
}

#[derive(Clone, Debug, Args)]
struct ImportArgs {
    /// Name of a preset, or a network file
    #[arg(value_name = "NAME_OR_FILE")]
    network: String,
    /// CSV (time_ms, neuron; or time_ms, current with its unit) or NPY (rows of time and neuron, or of time and current)
    #[arg(value_name = "DATA")]
    data: PathBuf,
    /// Population that gets it [default: the only one]
    #[arg(long, value_name = "POPULATION")]
    to: Option<String>,
    /// What the data are [default: as their columns say]
    #[arg(long = "as", value_name = "WHAT")]
    form: Option<import::FormName>,
    /// Name of the stimulus [default: the file's]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Network file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace a file that is already there
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Debug, Args)]
struct RunArgs {
    /// Name of a preset, or a network file
    #[arg(value_name = "NAME_OR_FILE", required_unless_present = "from")]
    network: Option<String>,
    /// Go on from the state in this session file instead of time zero
    #[arg(long, value_name = "FILE", conflicts_with_all = ["network", "seed"])]
    from: Option<PathBuf>,
    /// Biological time to simulate, ms; with --from as much more [default: the network's own]
    #[arg(long, value_name = "MS")]
    duration: Option<f64>,
    /// Seed of all random numbers [default: the network's own]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Leave the session with its complete state in this file, to go on from with --from or to repeat with `replay`
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// When to take the checkpoint, ms since time zero [default: at the end]
    #[arg(long, value_name = "MS", requires = "checkpoint")]
    at: Option<f64>,
    /// Threads that share each step; the spikes do not depend on it [default: as many as prove faster]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: Option<u32>,
    /// Change a parameter: population.parameter=value; also of projections and stimuli. May be given more than once
    #[arg(long = "set", value_name = "ENTITY.PARAMETER=VALUE")]
    sets: Vec<String>,
    /// Folder for summary.json, spikes, traces and weights
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Form of spikes, traces and weights in that folder
    #[arg(long, value_name = "FORM", default_value = "csv", requires = "out")]
    format: output::Format,
    /// Replace results and checkpoints that are there already
    #[arg(long)]
    force: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Run in another program instead, with the same connections and stimuli, and compare spike by spike
    #[arg(long, value_name = "NAME", conflicts_with_all = ["out", "force"])]
    engine: Option<engine::EngineName>,
    /// The Python that has that program [default: the first on the path that has it]
    #[arg(long, value_name = "PATH", requires = "engine")]
    python: Option<PathBuf>,
    /// Run there with this many processes under mpirun
    #[arg(long, value_name = "N", requires = "engine", value_parser = clap::value_parser!(u32).range(1..=1024))]
    mpi: Option<u32>,
}

#[derive(Clone, Debug, Args)]
struct ReplayArgs {
    /// Session file, from `run --checkpoint` or File › Save session
    file: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, Args)]
struct WindowArgs {
    /// Name of a preset, a network file, or a session file [default: the network to start with]
    #[arg(value_name = "NAME_OR_FILE")]
    network: Option<String>,
    /// Close the window by itself after this wall time
    #[arg(long, value_name = "MS")]
    quit_after: Option<u64>,
    /// Leave a picture of the window before it closes
    #[arg(long, value_name = "OUT.png")]
    screenshot: Option<PathBuf>,
    /// Size of the window in points
    #[arg(long, value_name = "WxH", value_parser = window::size)]
    window: Option<(f32, f32)>,
    /// Threads that share each step of the simulation [default: as many as prove faster, with one core left to the window]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: Option<u32>,
    /// Colours of the window
    #[arg(long, value_name = "NAME")]
    theme: Option<window::ThemeName>,
    /// Leave frame times, speed and spike hash as JSON when the window closes
    #[arg(long, value_name = "OUT.json")]
    report: Option<PathBuf>,
}

/// Why a task ended early: one message for people, and the exit code.
#[derive(Debug, PartialEq, Eq)]
struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// What was asked for is wrong.
    fn usage(message: impl Into<String>) -> Self {
        Self { code: 2, message: message.into() }
    }

    /// The work failed.
    fn work(message: impl Into<String>) -> Self {
        Self { code: 1, message: message.into() }
    }
}

/// Does what the arguments ask for.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        None => window::open(cli.window),
        Some(Task::Run(args)) => run::run(&args),
        Some(Task::Replay(args)) => replay::replay(&args),
        Some(Task::List { json }) => list::list(json),
        Some(Task::Check { file }) => check::check(&file),
        Some(Task::Show { name }) => show::show(&name),
        Some(Task::Curve(args)) => curve::curve(&args),
        Some(Task::Compare(args)) => compare::compare(&args),
        Some(Task::Analyse(args)) => analyse::analyse(&args),
        Some(Task::Sweep(args)) => sweep::sweep(&args),
        Some(Task::Import(args)) => import::import(&args),
        Some(Task::Export(args)) => export::export(&args),
        Some(Task::Bench(args)) => bench::bench(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}

/// Prints to stdout. A reader that closed the pipe (`| head`) is no error.
fn print(text: &str) -> Result<(), Failure> {
    use std::io::{ErrorKind, Write};
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Failure::work(format!("cannot write the output: {e}"))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_name_alone_opens_a_window() {
        let cli = Cli::try_parse_from(["spikeground", "ei-balance", "--window", "1920x1080", "--theme", "light"]).expect("parses");
        assert!(cli.command.is_none());
        assert_eq!((cli.window.network.as_deref(), cli.window.window), (Some("ei-balance"), Some((1920.0, 1080.0))));
    }

    #[test]
    fn a_command_is_not_mistaken_for_a_network() {
        let cli = Cli::try_parse_from(["spikeground", "run", "lif", "--set", "E.tau_m=10", "--set", "I.tau_m=20"]).expect("parses");
        assert!(matches!(cli.command, Some(Task::Run(RunArgs { sets, .. })) if sets.len() == 2));
    }
}
