//! `spikeground run --from FILE` and `--checkpoint FILE`: going on from a session's state, and leaving one.

use super::progress::Progress;
use super::{Failure, RunArgs, interrupt, overrides, run};
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::protocol::{Command, diff};
use spikeground_core::session;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The simulation that stands in `file`, with the changes asked for, and the step at which the run ends.
pub fn resume(file: &Path, args: &RunArgs, progress: &mut Progress) -> Result<(Simulation, u64), Failure> {
    let record = session::load(file).map_err(Failure::usage)?;
    let resumed = Simulation::resume(&record, &mut |done| {
        progress.show(f64::from(done), "building");
        !interrupt::requested()
    });
    let mut simulation = match resumed {
        Ok(Some(simulation)) => simulation,
        Ok(None) => return Err(Failure { code: 130, message: "cancelled while building".into() }),
        Err(problems) => {
            let lines: Vec<_> = problems.iter().map(|p| format!("{}: {p}", file.display())).collect();
            return Err(Failure::usage(lines.join("\n")));
        }
    };
    change(&mut simulation, &args.sets)?;
    let (dt, now) = (simulation.spec().dt, simulation.step_count());
    let n_steps = match run::duration(args)? {
        Some(more) => now + (more / dt).round() as u64,
        None => (simulation.spec().duration / dt).round() as u64,
    };
    if n_steps < now {
        let time = now as f64 * dt;
        let message =
            format!("{} stands at {time} ms, past the network's own duration; say how much further: --duration MS", file.display());
        return Err(Failure::usage(message));
    }
    Ok((simulation, n_steps))
}

/// Applies `--set` as live commands, which become part of the session.
fn change(simulation: &mut Simulation, sets: &[String]) -> Result<(), Failure> {
    let mut spec = (**simulation.spec()).clone();
    overrides::apply(&mut spec, sets)?;
    let commands = diff::diff(simulation.spec(), &Arc::new(spec));
    if commands.iter().any(|c| !matches!(c, Command::Set { .. })) {
        let message = format!("--set {}: this would wire the network anew; a session goes on with the wiring it has", sets.join(" --set "));
        return Err(Failure::usage(message));
    }
    commands.iter().for_each(|c| simulation.apply(c));
    Ok(())
}

/// The checkpoint a run still has to leave.
pub struct Pending {
    file: Option<PathBuf>,
    /// The step at which it is due.
    at: u64,
}

impl Pending {
    /// Checks that the checkpoint can be taken before any work is done.
    pub fn new(args: &RunArgs, simulation: &Simulation, n_steps: u64) -> Result<Self, Failure> {
        let Some(file) = args.checkpoint.clone() else { return Ok(Self { file: None, at: 0 }) };
        if file.exists() && !args.force {
            let message = format!("{} is there already; give --force to replace it, or another name", file.display());
            return Err(Failure::usage(message));
        }
        let (dt, now) = (simulation.spec().dt, simulation.step_count());
        let at = match args.at {
            None => n_steps,
            Some(ms) => {
                let (from, to) = (now as f64 * dt, n_steps as f64 * dt);
                if !(ms >= from && ms <= to) {
                    return Err(Failure::usage(format!("--at {ms}: use a time from {from} to {to} ms, within the run")));
                }
                (ms / dt).round() as u64
            }
        };
        Ok(Self { file: Some(file), at })
    }

    /// The step at which the run must stop for it.
    pub fn next_stop(&self) -> Option<u64> {
        self.file.as_ref().map(|_| self.at)
    }

    /// Leaves the checkpoint if it is due now.
    pub fn take(&mut self, simulation: &Simulation) -> Result<(), Failure> {
        if simulation.step_count() == self.at
            && let Some(file) = self.file.take()
        {
            session::save(&file, &simulation.record(true)).map_err(Failure::work)?;
        }
        Ok(())
    }
}
