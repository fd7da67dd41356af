//! `spikeground run NAME_OR_FILE`: a network without a window.

use super::output::{self, Output, probes};
use super::progress::Progress;
use super::summary::{PopulationSummary, Summary, hash_text};
use super::{Failure, RunArgs, interrupt, memory, open, overrides, print, resume};
use spikeground_core::analysis::{isi, rate};
use spikeground_core::engine::builder;
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::engine::threads::{Threads, Tuner};
use spikeground_core::protocol::{Command, Event, Frame};
use spikeground_core::spec::NetworkSpec;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest biological time of a run, ms (about 32 years).
const LONGEST: f64 = 1e12;
/// Synapses from which on the user is told what to expect.
const LARGE: f64 = 5e6;
/// Wall time of one piece of work between two looks at the keyboard and the progress bar.
const PIECE: Duration = Duration::from_millis(50);

/// Runs the network and reports.
pub fn run(args: &RunArgs) -> Result<(), Failure> {
    if let Some(engine) = args.engine {
        return super::engine::run(network(args)?, engine, args);
    }
    interrupt::listen();
    let mut progress = Progress::new();
    let start = Instant::now();
    let (mut simulation, n_steps) = match &args.from {
        Some(file) => resume::resume(file, args, &mut progress)?,
        None => begin(args, &mut progress)?,
    };
    let build_s = start.elapsed().as_secs_f64();
    let first_step = simulation.step_count();
    let spec = Arc::clone(simulation.spec());
    let mut checkpoint = resume::Pending::new(args, &simulation, n_steps)?;
    if let Some(folder) = &args.out {
        let least = output::least_size(&spec, n_steps.saturating_sub(first_step), args.format);
        crate::elsewhere::files::fits(&folder.join("results"), least).map_err(Failure::work)?;
    }
    let mut output = args.out.as_deref().map(|folder| Output::new(folder, args.force, args.format, &spec)).transpose()?;
    if output.is_some() {
        simulation.apply(&Command::Probe(probes(&spec)));
    }
    let mut tally = isi::Tally::new(spec.n_neurons() as usize);
    let mut sim_s = 0.0;
    let mut piece = 64;
    let mut tuner = Tuner::new(args.threads.map_or(Threads::Auto { spare: 0 }, |n| Threads::Exactly(n as usize)));
    tuner.start(&mut simulation);
    while simulation.step_count() < n_steps {
        if interrupt::requested() {
            return Err(Failure { code: 130, message: cancelled(&simulation, output.is_some()) });
        }
        let (before, first) = (Instant::now(), simulation.step_count());
        let stop = checkpoint.next_stop().unwrap_or(n_steps);
        simulation.advance(piece.min(stop - simulation.step_count()));
        let took = before.elapsed();
        sim_s += took.as_secs_f64();
        let steps = simulation.step_count() - first;
        tuner.note(&mut simulation, steps, took);
        // Grows and shrinks by at most two, so that one slow piece does not upset the next.
        let ideal = piece as f64 * PIECE.as_secs_f64() / took.as_secs_f64().max(1e-9);
        piece = (ideal as u64).clamp(piece / 2, piece * 2).clamp(1, 1 << 20);
        collect(&mut simulation, &mut tally, output.as_mut())?;
        checkpoint.take(&simulation)?;
        progress.show((simulation.step_count() - first_step) as f64 / (n_steps - first_step) as f64, "simulating");
    }
    checkpoint.take(&simulation)?;
    drop(progress);
    let summary = summarise(&simulation, &tally, build_s, sim_s, first_step);
    if let Some(output) = output {
        output.finish(&summary, &simulation)?;
    }
    print(&if args.json { summary.json().map_err(|e| Failure::work(e.to_string()))? } else { summary.table() })
}

/// The network with everything the arguments change.
fn network(args: &RunArgs) -> Result<NetworkSpec, Failure> {
    let mut spec = open::open(args.network.as_deref().unwrap_or_default())?;
    if let Some(seed) = args.seed {
        spec.seed = seed;
    }
    if let Some(duration) = duration(args)? {
        spec.duration = duration;
    }
    overrides::apply(&mut spec, &args.sets)?;
    Ok(spec)
}

/// The time asked for, checked.
pub fn duration(args: &RunArgs) -> Result<Option<f64>, Failure> {
    args.duration.map(check_duration).transpose()?;
    Ok(args.duration)
}

/// Refuses a time that no run can have.
pub fn check_duration(ms: f64) -> Result<(), Failure> {
    if (0.0..=LONGEST).contains(&ms) {
        return Ok(());
    }
    Err(Failure::usage(format!("--duration {ms}: use a time from 0 to {LONGEST} ms")))
}

/// A run from time zero, and the step at which it ends.
fn begin(args: &RunArgs, progress: &mut Progress) -> Result<(Simulation, u64), Failure> {
    let spec = network(args)?;
    let n_steps = (spec.duration / spec.dt).round() as u64;
    forewarn(&spec);
    Ok((build(&spec, progress)?, n_steps))
}

/// Before a large build: what to expect, on stderr so that output stays clean.
fn forewarn(spec: &NetworkSpec) {
    if spec.expected_synapses() >= LARGE {
        eprintln!("{}: {}", spec.name, spec.forecast());
    }
}

fn build(spec: &NetworkSpec, progress: &mut Progress) -> Result<Simulation, Failure> {
    let built = builder::build(spec, &mut |done| {
        progress.show(f64::from(done), "building");
        !interrupt::requested()
    });
    match built {
        Ok(Some(network)) => Ok(Simulation::with(Arc::new(spec.clone()), network)),
        Ok(None) => Err(Failure { code: 130, message: "cancelled while building".into() }),
        Err(problems) => {
            let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
            Err(Failure::usage(lines.join("\n")))
        }
    }
}

/// Takes what was recorded since the last call.
fn collect(simulation: &mut Simulation, tally: &mut isi::Tally, output: Option<&mut Output>) -> Result<(), Failure> {
    let mut frame = Frame::default();
    simulation.take(&mut frame);
    for spike in &frame.spikes {
        tally.spike(spike.neuron as usize, spike.step);
    }
    if let Some(output) = output {
        output.append(&frame)?;
    }
    for event in &frame.events {
        if let Event::Diverged { population, neuron, variable, step, advice } = event {
            let spec = simulation.spec();
            let name = spec.populations.get(*population).map_or("", |p| p.name.as_str());
            let time = *step as f64 * spec.dt;
            return Err(Failure::work(format!("{variable} of neuron {neuron} in {name} is no longer a number at {time:.3} ms: {advice}")));
        }
    }
    Ok(())
}

/// The result so far. Spikes and rates count from time zero, the speed from `first_step` on.
pub fn summarise(simulation: &Simulation, tally: &isi::Tally, build_s: f64, sim_s: f64, first_step: u64) -> Summary {
    let spec = simulation.spec();
    let duration = simulation.step_count() as f64 * spec.dt;
    let mut first = 0;
    let populations = spec
        .populations
        .iter()
        .zip(simulation.population_spikes())
        .map(|(p, spikes)| {
            let members = first..first + p.size as usize;
            first = members.end;
            PopulationSummary {
                name: p.name.clone(),
                size: p.size,
                spikes,
                rate_hz: rate::mean_rate(spikes, p.size.into(), duration),
                cv_isi: tally.mean_cv(members),
            }
        })
        .collect();
    Summary {
        name: spec.name.clone(),
        seed: spec.seed,
        threads: simulation.threads() as u32,
        dt_ms: spec.dt,
        duration_ms: (duration * 1e9).round() / 1e9,
        neurons: spec.n_neurons(),
        synapses: simulation.n_synapses().iter().sum(),
        build_s,
        sim_s,
        realtime_factor: if sim_s > 0.0 { (simulation.step_count() - first_step) as f64 * spec.dt * 1e-3 / sim_s } else { 0.0 },
        spikes: simulation.n_spikes(),
        spike_hash: hash_text(simulation.spike_hash()),
        peak_rss_mb: memory::peak_rss_mb(),
        populations,
    }
}

fn cancelled(simulation: &Simulation, with_files: bool) -> String {
    let time = simulation.step_count() as f64 * simulation.spec().dt;
    format!("cancelled at {time:.1} ms{}", if with_files { "; no files were written" } else { "" })
}
