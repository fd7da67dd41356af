//! Canonical networks as benchmarks: each run gives one [`Measurement`], printed by `spikeground bench`.
//!
//! Times are CPU seconds of the simulating threads where the system tells them, else wall seconds. Quote ratios and medians of
//! several runs: machines are noisy.
#![allow(clippy::disallowed_methods, reason = "measures wall time")]

mod cases;
mod clock;
mod cortex;
mod units;

pub use cases::{ALL, Case, LARGE, SWEEPS};
pub use clock::clock_ghz;
pub use units::{UnitCost, units};

use crate::engine::simulation::Simulation;
use crate::protocol::Frame;
use crate::simd;
use crate::spec::Precision;
use crate::spec::validate::Problem;
use std::collections::BTreeMap;
use std::time::Instant;

/// What one benchmark run measured. Field names are the keys of the printed object.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Measurement {
    pub case: &'static str,
    pub neurons: u64,
    pub synapses: u64,
    pub plastic_synapses: u64,
    /// Biological seconds measured (after the warm-up).
    pub bio_s: f64,
    pub build_s: f64,
    pub cpu_s: f64,
    pub wall_s: f64,
    /// CPU seconds a biological second.
    pub rtf_cpu: f64,
    pub spikes: u64,
    pub rate_hz: f64,
    /// Rate of each population, Hz.
    pub rates_hz: BTreeMap<String, f64>,
    /// Mean over the neurons with at least five intervals; null when there are none.
    pub cv_isi: Option<f64>,
    pub ns_per_neuron_step: f64,
    /// CPU time divided by synaptic events (spikes times mean out-degree); null without synapses.
    pub ns_per_event: Option<f64>,
    pub bytes_per_synapse: Option<f64>,
    /// Over all spikes since time zero, in hexadecimal.
    pub spike_hash: String,
    /// Dependent whole-number operations a nanosecond of CPU time, just before and after the run: see [`clock_ghz`].
    pub clock_ghz: f64,
    pub simd: &'static str,
    pub threads: u32,
    pub precision: &'static str,
}

/// Runs one case for `bio_s` biological seconds (its own default when none) after its warm-up, on so many threads.
pub fn run(case: &'static Case, precision: Precision, bio_s: Option<f64>, threads: usize) -> Result<Measurement, Vec<Problem>> {
    let mut spec = (case.spec)();
    spec.precision = precision;
    let start = Instant::now();
    let mut simulation = Simulation::new(&spec)?;
    simulation.set_threads(threads);
    let build_s = start.elapsed().as_secs_f64();
    let steps = |ms: f64| crate::model::stimulus::step_of(ms, spec.dt);
    simulation.advance(steps(case.warm_up));
    simulation.take(&mut Frame::default());
    let bio_s = bio_s.unwrap_or(case.seconds);
    let n_steps = steps(bio_s * 1e3).max(1);
    let of_each = simulation.population_spikes();
    let clock_before = clock_ghz();
    let (before, cpu, wall) = (simulation.n_spikes(), cpu_secs(threads > 1), Instant::now());
    simulation.advance(n_steps);
    let wall_s = wall.elapsed().as_secs_f64();
    let cpu_s = cpu.zip(cpu_secs(threads > 1)).map_or(wall_s, |(a, b)| b - a);
    let clock_ghz = 0.5 * (clock_before + clock_ghz());
    let mut frame = Frame::default();
    simulation.take(&mut frame);
    let n_synapses = simulation.n_synapses();
    let synapses: u64 = n_synapses.iter().sum();
    let plastic = spec.projections.iter().zip(&n_synapses).filter(|(p, _)| p.plasticity.is_some()).map(|(_, n)| n).sum();
    let rates = spec.populations.iter().zip(simulation.population_spikes().into_iter().zip(&of_each));
    let rates = rates.map(|(p, (after, before))| (p.name.clone(), (after - before) as f64 / f64::from(p.size) / bio_s));
    let (neurons, spikes) = (spec.n_neurons(), simulation.n_spikes() - before);
    let events = spikes as f64 * synapses as f64 / neurons as f64;
    Ok(Measurement {
        case: case.key,
        neurons,
        synapses,
        plastic_synapses: plastic,
        bio_s,
        build_s,
        cpu_s,
        wall_s,
        rtf_cpu: cpu_s / bio_s,
        spikes,
        rate_hz: spikes as f64 / neurons as f64 / bio_s,
        rates_hz: rates.collect(),
        cv_isi: mean_cv(&frame, spec.dt),
        ns_per_neuron_step: cpu_s * 1e9 / (neurons as f64 * n_steps as f64),
        ns_per_event: (events > 0.0).then(|| cpu_s * 1e9 / events),
        bytes_per_synapse: (synapses > 0).then(|| simulation.synapse_bytes() as f64 / synapses as f64),
        clock_ghz,
        spike_hash: format!("{:016x}", simulation.spike_hash()),
        simd: simd::level().name(),
        threads: simulation.threads() as u32,
        precision: if precision == Precision::Single { "single" } else { "double" },
    })
}

/// Mean coefficient of variation of the intervals, over neurons with at least five.
fn mean_cv(frame: &Frame, dt: f64) -> Option<f64> {
    let mut trains: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for spike in &frame.spikes {
        trains.entry(spike.neuron).or_default().push(spike.time(0, dt));
    }
    let cvs: Vec<f64> = trains
        .values()
        .filter(|t| t.len() > 5)
        .map(|t| {
            let isi: Vec<f64> = t.windows(2).map(|w| w[1] - w[0]).collect();
            let mean = isi.iter().sum::<f64>() / isi.len() as f64;
            let variance = isi.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / isi.len() as f64;
            variance.sqrt() / mean
        })
        .filter(|cv| cv.is_finite())
        .collect();
    (!cvs.is_empty()).then(|| cvs.iter().sum::<f64>() / cvs.len() as f64)
}

/// CPU seconds so far of this thread, or of all the program's threads together, where the system tells.
#[cfg(unix)]
fn cpu_secs(all: bool) -> Option<f64> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call fills the structure that it is given, which lives on.
    let told =
        unsafe { libc::clock_gettime(if all { libc::CLOCK_PROCESS_CPUTIME_ID } else { libc::CLOCK_THREAD_CPUTIME_ID }, &raw mut time) };
    (told == 0).then_some(time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9)
}

#[cfg(not(unix))]
fn cpu_secs(_: bool) -> Option<f64> {
    None
}
