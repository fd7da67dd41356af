//! `spikeground run NAME_OR_FILE --engine NAME`: the network in another program, spike by spike.

use super::progress::Progress;
use super::summary::{PopulationSummary, Summary, hash_text};
use super::{Failure, RunArgs, interrupt, print};
use crate::elsewhere::{Engine, Job, Options, Outcome, Stage, Trouble};
use serde::Serialize;
use spikeground_core::analysis::{isi, rate};
use spikeground_core::rng::mix;
use spikeground_core::spec::NetworkSpec;
use std::sync::Arc;
use std::time::Duration;

/// The programs by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum EngineName {
    Nest,
    Brian2,
    Neuron,
}

impl EngineName {
    fn engine(self) -> Engine {
        match self {
            Self::Nest => Engine::Nest,
            Self::Brian2 => Engine::Brian2,
            Self::Neuron => Engine::Neuron,
        }
    }
}

/// The summary of a run, with what the other program adds. The field names are a promise to scripts: never rename.
#[derive(Debug, Serialize)]
struct Report {
    #[serde(flatten)]
    summary: Summary,
    engine: String,
    engine_version: String,
    /// Time of the first spike that only one of the two runs has; null when every spike equals.
    first_deviation_ms: Option<f64>,
    /// Largest difference of the final weights, as a fraction of `w_max`; null where nothing learns.
    weight_deviation: Option<f64>,
}

/// Runs the network there and reports.
pub fn run(spec: NetworkSpec, name: EngineName, args: &RunArgs) -> Result<(), Failure> {
    let engine = name.engine();
    interrupt::listen();
    let options = Options { python: args.python.clone(), mpi: args.mpi };
    let job = Job::start(Arc::new(spec), engine, options).map_err(failure)?;
    let mut progress = Progress::new();
    while !job.is_finished() {
        if interrupt::requested() {
            job.cancel();
        }
        let (stage, done) = job.progress();
        let what = match stage {
            Stage::Exporting => "running here".to_owned(),
            Stage::Starting => format!("starting {}", engine.name()),
            Stage::Running => format!("running in {}", engine.name()),
            Stage::Reading => "comparing".to_owned(),
        };
        progress.show(f64::from(done), &what);
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(progress);
    let outcome = job.wait().map_err(failure)?;
    let report = report(&outcome);
    if args.json {
        let text = serde_json::to_string_pretty(&report).map_err(|e| Failure::work(e.to_string()))?;
        return print(&format!("{text}\n"));
    }
    let deviation = report.first_deviation_ms.map_or_else(
        || "every spike equals our own run's".to_owned(),
        |t| format!("the first spike that differs from our own run: at {t} ms"),
    );
    let weights = report.weight_deviation.map_or_else(String::new, |w| format!("; final weights within {w:.1e} of w_max"));
    let line = format!("\nin {} {}: {deviation}{weights}\n", engine.name(), report.engine_version);
    print(&(report.summary.table() + &line))
}

fn failure(trouble: Trouble) -> Failure {
    match trouble {
        Trouble::Refused(_) | Trouble::Missing(_) => Failure::usage(trouble.to_string()),
        Trouble::Failed(_) => Failure::work(trouble.to_string()),
        Trouble::Cancelled => Failure { code: 130, message: "cancelled; nothing was kept".into() },
    }
}

fn report(outcome: &Outcome) -> Report {
    let (spec, theirs) = (&outcome.spec, &outcome.theirs);
    let mut tally = isi::Tally::new(spec.n_neurons() as usize);
    theirs.spikes.iter().for_each(|(step, neuron)| tally.spike(*neuron as usize, *step));
    let duration = outcome.ours.n_steps as f64 * spec.dt;
    let populations = spec.populations.iter().zip(spec.first_ids()).map(|(p, first)| {
        let spikes = theirs.spikes.iter().filter(|s| (first..first + p.size).contains(&s.1)).count() as u64;
        PopulationSummary {
            name: p.name.clone(),
            size: p.size,
            spikes,
            rate_hz: rate::mean_rate(spikes, p.size.into(), duration),
            cv_isi: tally.mean_cv(first as usize..(first + p.size) as usize),
        }
    });
    let fold = |hash: u64, step: u64, neuron: u32| mix(hash.rotate_left(5) ^ (step << 32) ^ u64::from(neuron));
    // When every spike equals, so does the hash, also of sources that fired several times in one step.
    let hash = if outcome.first_deviation_ms.is_none() {
        let spikes = &outcome.ours.spikes;
        spikes.step.iter().zip(&spikes.neuron).fold(0, |h, (s, n)| fold(h, *s as u64, *n))
    } else {
        theirs.spikes.iter().fold(0, |h, (s, n)| fold(h, *s, *n))
    };
    let summary = Summary {
        name: spec.name.clone(),
        seed: spec.seed,
        threads: 1,
        dt_ms: spec.dt,
        duration_ms: (duration * 1e9).round() / 1e9,
        neurons: spec.n_neurons(),
        synapses: outcome.ours.projections.iter().map(|p| p.pre.len() as u64).sum(),
        build_s: outcome.export_s,
        sim_s: outcome.run_s,
        realtime_factor: if outcome.run_s > 0.0 { duration * 1e-3 / outcome.run_s } else { 0.0 },
        spikes: theirs.spikes.len() as u64,
        spike_hash: hash_text(hash),
        peak_rss_mb: None,
        populations: populations.collect(),
    };
    let weight_deviation = outcome.weight_deviation.iter().flatten().copied().reduce(f64::max);
    Report {
        summary,
        engine: theirs.engine.clone(),
        engine_version: theirs.version.clone(),
        first_deviation_ms: outcome.first_deviation_ms,
        weight_deviation,
    }
}
