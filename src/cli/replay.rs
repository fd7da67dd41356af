//! `spikeground replay FILE`: a session from its beginning, to the same spikes.

use super::progress::Progress;
use super::run::summarise;
use super::summary::{Summary, hash_text};
use super::{Failure, ReplayArgs, interrupt, print};
use serde::Serialize;
use spikeground_core::analysis::isi;
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::session;
use std::time::Instant;

/// The summary of a run, and whether the session came out as it did before.
#[derive(Serialize)]
struct Replayed {
    #[serde(flatten)]
    summary: Summary,
    /// Commands that were repeated.
    commands: usize,
    /// What the file says.
    recorded_hash: String,
    same: bool,
}

/// Repeats a session; an outcome that differs is a failure.
pub fn replay(args: &ReplayArgs) -> Result<(), Failure> {
    let record = session::load(&args.file).map_err(Failure::usage)?;
    interrupt::listen();
    let mut progress = Progress::new();
    let start = Instant::now();
    let replayed = Simulation::replay_record(&record, &mut |done| {
        progress.show(f64::from(done), "replaying");
        !interrupt::requested()
    });
    drop(progress);
    let simulation = match replayed {
        Ok(Some(simulation)) => simulation,
        Ok(None) => return Err(Failure { code: 130, message: "cancelled; nothing was changed".into() }),
        Err(problems) => {
            let lines: Vec<_> = problems.iter().map(|p| format!("{}: {p}", args.file.display())).collect();
            return Err(Failure::usage(lines.join("\n")));
        }
    };
    // Spikes are not kept while replaying, so there are no intervals to tell of.
    let tally = isi::Tally::new(simulation.spec().n_neurons() as usize);
    let summary = summarise(&simulation, &tally, 0.0, start.elapsed().as_secs_f64(), 0);
    let same = simulation.spike_hash() == record.spike_hash && simulation.step_count() == record.step;
    let told = Replayed { summary, commands: record.log.len(), recorded_hash: hash_text(record.spike_hash), same };
    let text = if args.json {
        serde_json::to_string_pretty(&told).map_err(|e| Failure::work(e.to_string()))? + "\n"
    } else {
        let verdict = if same { "the same spikes as recorded" } else { "NOT the spikes recorded" };
        format!("{}\n{} commands repeated: {verdict} ({})\n", told.summary.table(), told.commands, told.recorded_hash)
    };
    print(&text)?;
    if same {
        return Ok(());
    }
    let why = "the replay gives other spikes than the session did: it was made by a version with other numerics (see CHANGELOG, Numerics)";
    Err(Failure::work(format!("{}: {why}", args.file.display())))
}
