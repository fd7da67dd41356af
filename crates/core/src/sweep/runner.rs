//! Carrying out a sweep: runs on several threads, each measured as soon as it is done.

use super::plan::Plan;
use crate::analysis::{Input, Trains, Value};
use crate::engine::builder;
use crate::engine::simulation::Simulation;
use crate::protocol::Frame;
use crate::spec::NetworkSpec;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Biological time between two looks at whether to go on, ms.
const PIECE: f64 = 20.0;

/// What a measure says of one population in one run.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Number { value: f64, unit: String },
    Words(String),
    Undefined(String),
}

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Index into [`Plan::points`], and seed.
    pub point: usize,
    pub seed: u64,
    /// Equal hashes mean equal spikes.
    pub spike_hash: u64,
    /// `[population of the plan][measure of the plan]`
    pub cells: Vec<Vec<Cell>>,
}

/// How far a sweep is.
#[derive(Clone, Copy, Debug)]
pub struct Done<'a> {
    /// Runs that are done, and all of them.
    pub runs: usize,
    pub of: usize,
    /// The one that was done last; none while they run.
    pub last: Option<&'a Run>,
}

/// Carries out `plan` on up to `threads` threads. `watch` hears of every run and, in between, of time passing; where it answers false the
/// sweep ends, and what was done by then is returned. Runs are in the order of the points, then of the seeds.
pub fn run(plan: &Plan, threads: usize, watch: &(dyn Fn(Done<'_>) -> bool + Sync)) -> Vec<Run> {
    let points = plan.points();
    let of = plan.n_runs();
    let (next, finished, go_on) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(true));
    let results: Mutex<Vec<Option<Run>>> = Mutex::new(vec![None; of]);
    let tell = |last: Option<&Run>| {
        let runs = finished.load(Ordering::Relaxed);
        if !watch(Done { runs, of, last }) {
            go_on.store(false, Ordering::Relaxed);
        }
        go_on.load(Ordering::Relaxed)
    };
    let work = || {
        while go_on.load(Ordering::Relaxed) {
            let job = next.fetch_add(1, Ordering::Relaxed);
            if job >= of {
                return;
            }
            let (point, seed) = (job / plan.seeds.len(), plan.seeds[job % plan.seeds.len()]);
            let Some(cells) = one(plan, plan.network(&points[point], seed), &|| tell(None)) else { return };
            let run = Run { point, seed, spike_hash: cells.0, cells: cells.1 };
            finished.fetch_add(1, Ordering::Relaxed);
            tell(Some(&run));
            results.lock().unwrap_or_else(PoisonError::into_inner)[job] = Some(run);
        }
    };
    std::thread::scope(|scope| {
        for i in 1..threads.clamp(1, of.max(1)) {
            // A thread that cannot be had leaves its runs to the others.
            let _ = std::thread::Builder::new().name(format!("sweep {i}")).spawn_scoped(scope, work);
        }
        work();
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect()
}

/// The time of a number of steps, ms, free of rounding noise: 3 · 0.1 is 0.3, as files have it.
pub fn time_of(steps: u64, dt: f64) -> f64 {
    (steps as f64 * dt * 1e9).round() / 1e9
}

/// Hash of the spikes and cells of one run; none when it was ended.
fn one(plan: &Plan, spec: NetworkSpec, go_on: &dyn Fn() -> bool) -> Option<(u64, Vec<Vec<Cell>>)> {
    let undefined = |why: &str| vec![vec![Cell::Undefined(why.to_owned()); plan.measures.len()]; plan.populations.len()];
    let network = match builder::build(&spec, &mut |_| go_on()) {
        Ok(network) => network?,
        Err(problems) => return Some((0, undefined(&problems.first().map_or_else(String::new, ToString::to_string)))),
    };
    let spec = Arc::new(spec);
    let mut simulation = Simulation::with(Arc::clone(&spec), network);
    let n_steps = (plan.ms / spec.dt).round() as u64;
    let piece = ((PIECE / spec.dt) as u64).max(1);
    let first = spec.first_ids();
    let mut spikes: Vec<Vec<(usize, f64)>> = vec![Vec::new(); spec.populations.len()];
    let shifts: Vec<u64> = (0..spec.populations.len()).map(|p| spec.stamp_shift(p)).collect();
    let mut frame = Frame::default();
    while simulation.step_count() < n_steps {
        if !go_on() {
            return None;
        }
        simulation.advance(piece.min(n_steps - simulation.step_count()));
        simulation.take(&mut frame);
        for spike in frame.spikes.drain(..) {
            let p = first.partition_point(|f| *f <= spike.neuron) - 1;
            let time = spike.time(shifts[p], spec.dt);
            if time >= plan.settle {
                spikes[p].push(((spike.neuron - first[p]) as usize, time));
            }
        }
        if simulation.is_diverged() {
            return Some((simulation.spike_hash(), undefined("a state variable is no longer a number; use a smaller dt")));
        }
    }
    let cells = plan.populations.iter().map(|p| {
        let size = spec.populations[*p].size as usize;
        match Trains::gather(size, (plan.settle, plan.ms), spikes[*p].iter().copied()) {
            Ok(trains) => measured(plan, &trains),
            Err(why) => vec![Cell::Undefined(why); plan.measures.len()],
        }
    });
    Some((simulation.spike_hash(), cells.collect()))
}

fn measured(plan: &Plan, trains: &Trains) -> Vec<Cell> {
    let cell = |m: &super::Measured| {
        let report = m.measure.of(&Input::new(trains), &m.params, &mut |_, _| true).unwrap_or_default();
        let first = report.parts.iter().find(|p| matches!(p.value, Value::Scalar { .. } | Value::Undefined { .. } | Value::Words { .. }));
        match first.map(|p| &p.value) {
            Some(Value::Scalar { value, unit, .. }) => Cell::Number { value: *value, unit: unit.clone() },
            Some(Value::Words { words }) => Cell::Words(words.clone()),
            Some(Value::Undefined { because }) => Cell::Undefined(because.clone()),
            _ => Cell::Undefined("it gives no number".into()),
        }
    };
    plan.measures.iter().map(cell).collect()
}
