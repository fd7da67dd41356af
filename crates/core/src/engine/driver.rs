//! Run control: running, pausing, stepping, pace and loads, for one simulation. The thread calls [`Driver::turn`] over and over.
#![allow(clippy::disallowed_methods, reason = "paces the simulation by the wall clock; what is simulated does not depend on it")]

use super::builder;
use super::checkpoint::Checkpoint;
use super::network::Network;
use super::picture::Job;
use super::simulation::Simulation;
use super::threads::{Threads, Tuner};
use crate::protocol::{Command, Event, Frame, Record, Speed, Status, WeightImage};
use crate::spec::NetworkSpec;
use crate::spec::validate::Problem;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest time between two looks at the command queue.
const CHUNK: Duration = Duration::from_millis(1);
/// How far the simulation may fall behind before it stops trying to catch up.
const PATIENCE: Duration = Duration::from_millis(100);
/// See [`Driver::slice`].
const SLICE: Duration = Duration::from_micros(500);
/// Between two pictures of the weights (20 a second and a little more).
const PICTURE_INTERVAL: Duration = Duration::from_millis(40);

/// What a command asks to be built.
pub enum Task {
    /// A network; with `keep`, what fits is taken over from the running one.
    Load { spec: Arc<NetworkSpec>, keep: bool },
    /// A session, as far as it went.
    Resume { record: Arc<Record>, spec: Arc<NetworkSpec> },
}

impl Task {
    /// Synapses and neurons of it, roughly: what takes a moment is not built on the simulation's own thread.
    pub fn size(&self) -> f64 {
        match self {
            Self::Load { spec, .. } => spec.expected_synapses() + 10.0 * spec.n_neurons() as f64,
            // Its commands may have to be repeated, however small it is.
            Self::Resume { .. } => f64::INFINITY,
        }
    }
}

/// What came of a task, and how long it took.
pub struct Built {
    task: Task,
    result: Result<Option<Product>, Vec<Problem>>,
    secs: f64,
}

enum Product {
    Network(Box<Network>),
    Session(Box<Checkpoint>),
}

/// A simulation under run control.
pub struct Driver {
    pub simulation: Simulation,
    running: bool,
    /// Steps still to do before pausing again.
    todo: Option<u64>,
    until_spike: bool,
    speed: Speed,
    /// Where the pace is counted from: wall time and step.
    pace: (Instant, u64),
    behind: bool,
    window: (Instant, u64),
    realtime_factor: f64,
    pub applied_seq: u64,
    steps_done: u64,
    busy: Duration,
    last_picture: Option<(Instant, u64)>,
    picture_cost: Duration,
    /// Longest time given to a picture between two chunks.
    pub slice: Duration,
    /// The picture being made, and one that is ready.
    job: Option<Job>,
    finished: Option<WeightImage>,
    tuner: Tuner,
}

impl Driver {
    pub fn new(mut simulation: Simulation, speed: Speed, threads: Threads) -> Self {
        let now = Instant::now();
        let mut tuner = Tuner::new(threads);
        tuner.start(&mut simulation);
        Self {
            simulation,
            running: false,
            todo: None,
            until_spike: false,
            speed,
            pace: (now, 0),
            behind: false,
            window: (now, 0),
            realtime_factor: 0.0,
            applied_seq: 0,
            steps_done: 0,
            busy: Duration::ZERO,
            last_picture: None,
            picture_cost: Duration::ZERO,
            slice: SLICE,
            job: None,
            finished: None,
            tuner,
        }
    }

    pub fn is_running(&self) -> bool {
        self.running
    }

    /// Carries out a command. What needs building is returned; hand the result of [`build`] to [`Driver::built`].
    pub fn apply(&mut self, command: Command) -> Option<Task> {
        match command {
            Command::Run => self.run(None, false),
            Command::Pause => self.pause(),
            Command::Step(n) => self.run(Some(n), false),
            Command::StepToSpike => self.run(None, true),
            Command::Speed(speed) => {
                self.speed = speed;
                self.restart_pace();
            }
            Command::Reset { seed } => {
                let mut spec = Arc::clone(self.simulation.spec());
                if let Some(seed) = seed {
                    Arc::make_mut(&mut spec).seed = seed;
                }
                return Some(Task::Load { spec, keep: false });
            }
            Command::Load { spec, keep } => return Some(Task::Load { spec, keep }),
            Command::Resume { record, spec } => return Some(Task::Resume { record, spec }),
            other => {
                self.forget_picture();
                self.simulation.apply(&other);
            }
        }
        None
    }

    fn run(&mut self, todo: Option<u64>, until_spike: bool) {
        if self.simulation.is_diverged() {
            let why = "the state is no longer finite; reset, then use a smaller dt or weaker input".into();
            self.simulation.push_event(Event::Refused { what: "Cannot run".into(), why });
            return;
        }
        self.running = true;
        self.todo = todo;
        self.until_spike = until_spike;
        self.restart_pace();
        self.window = (Instant::now(), self.simulation.step_count());
    }

    fn pause(&mut self) {
        self.running = false;
        self.todo = None;
        self.until_spike = false;
        self.behind = false;
        self.realtime_factor = 0.0;
    }

    /// The weights look different from now on, or belong to another network.
    fn forget_picture(&mut self) {
        self.last_picture = None;
        self.job = None;
        self.finished = None;
    }

    fn restart_pace(&mut self) {
        self.pace = (Instant::now(), self.simulation.step_count());
        self.behind = false;
    }

    /// Puts what was built in place, or says why there is nothing.
    pub fn built(&mut self, built: Built) {
        match built.result {
            Ok(Some(product)) => {
                match (built.task, product) {
                    (Task::Load { spec, keep }, Product::Network(network)) => self.simulation.replace(spec, *network, keep, built.secs),
                    (Task::Load { spec, .. } | Task::Resume { spec, .. }, Product::Session(checkpoint)) => {
                        self.simulation.restore(*checkpoint);
                        self.simulation.announce(spec, built.secs);
                    }
                    (Task::Resume { .. }, Product::Network(_)) => unreachable!("a session gives a checkpoint"),
                }
                self.tuner.start(&mut self.simulation);
                self.forget_picture();
                self.restart_pace();
                self.window = (Instant::now(), self.simulation.step_count());
            }
            Ok(None) => {}
            Err(problems) => {
                let why = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
                self.simulation.push_event(Event::Refused { what: "The network was not built; the running one goes on".into(), why });
            }
        }
    }

    /// Simulates for at most [`CHUNK`]. Returns how long to sleep: zero while there is work.
    pub fn turn(&mut self) -> Duration {
        let start = Instant::now();
        let Some(due) = self.due(start) else { return Duration::from_millis(1) };
        let first = self.simulation.step_count();
        let mut left = due;
        // From one step on, so that a network that has just become slow is noticed at its first step.
        let (mut batch, mut looked) = (1, Duration::ZERO);
        while left > 0 && self.running {
            for _ in 0..batch.min(left) {
                let fired = self.simulation.one_step();
                if fired && self.until_spike {
                    self.pause();
                    break;
                }
            }
            left = due.saturating_sub(self.simulation.step_count() - first);
            let now = start.elapsed();
            if now >= CHUNK {
                break;
            }
            let took = now.saturating_sub(looked);
            if took < CHUNK / 16 {
                batch *= 2;
            } else if took > CHUNK / 4 {
                batch = (batch / 2).max(1);
            }
            looked = now;
        }
        self.account(start, self.simulation.step_count() - first);
        self.paint();
        if left == 0 { Duration::from_micros(500) } else { Duration::ZERO }
    }

    /// Does up to `n` steps at once if running, without looking at the clock: for tests, where wall time must not matter.
    pub fn steps(&mut self, n: u64) {
        let n = self.todo.unwrap_or(n).min(n);
        let mut done = 0;
        while self.running && done < n {
            done += 1;
            if self.simulation.one_step() && self.until_spike {
                self.pause();
            }
        }
        self.account(Instant::now(), done);
    }

    /// Steps due now; `None` when there is nothing to do.
    fn due(&mut self, now: Instant) -> Option<u64> {
        if !self.running {
            return None;
        }
        if let Some(todo) = self.todo {
            return Some(todo);
        }
        let Speed::Factor(factor) = self.speed else { return Some(u64::MAX) };
        let mut spec = Status::default();
        self.simulation.status(&mut spec);
        let steps_per_sec = factor * 1000.0 / spec.dt;
        let target = self.pace.1 + (now.duration_since(self.pace.0).as_secs_f64() * steps_per_sec) as u64;
        let due = target.saturating_sub(self.simulation.step_count());
        if due as f64 > (steps_per_sec * PATIENCE.as_secs_f64()).max(1.0) {
            self.behind = true;
            self.pace = (now, self.simulation.step_count());
        } else if now.duration_since(self.pace.0) > Duration::from_secs(1) {
            self.behind = false;
        }
        if due == 0 { None } else { Some(due) }
    }

    fn account(&mut self, start: Instant, steps: u64) {
        let took = start.elapsed();
        self.busy += took;
        self.steps_done += steps;
        self.tuner.note(&mut self.simulation, steps, took);
        if let Some(todo) = &mut self.todo {
            *todo = todo.saturating_sub(steps);
            if *todo == 0 {
                self.pause();
            }
        }
    }

    /// Moves what happened into `frame`: status, records, events and, when due, the weights.
    pub fn publish(&mut self, frame: &mut Frame) {
        if self.simulation.check_finite() && self.running {
            self.pause();
        }
        let now = Instant::now();
        self.simulation.take(frame);
        let (since, from) = self.window;
        if self.running && now.duration_since(since) > Duration::from_millis(400) {
            let bio = (self.simulation.step_count().saturating_sub(from)) as f64 * frame.status.dt * 1e-3;
            self.realtime_factor = bio / now.duration_since(since).as_secs_f64();
            self.window = (now, self.simulation.step_count());
        }
        let status = &mut frame.status;
        status.running = self.running;
        status.realtime_factor = self.realtime_factor;
        status.behind = self.behind && self.running;
        status.steps_done = self.steps_done;
        status.busy_secs = self.busy.as_secs_f64();
        status.applied_seq = self.applied_seq;
        self.picture(now, frame);
    }

    /// A picture when asked for, changed, and due: at most a twentieth of the time goes into pictures.
    fn picture(&mut self, now: Instant, frame: &mut Frame) {
        let interval = PICTURE_INTERVAL.max(self.picture_cost * 20);
        let learns = self.simulation.watched_weights_change();
        let due = self.last_picture.is_none_or(|(at, step)| learns && now.duration_since(at) >= interval && step != frame.status.step);
        if due && self.job.is_none() && self.finished.is_none() {
            self.job = self.simulation.begin_picture();
            self.picture_cost = Duration::ZERO;
        }
        self.paint();
        if let Some(picture) = self.finished.take() {
            self.last_picture = Some((now, picture.step));
            frame.weights = Some(Arc::new(picture));
        }
    }

    /// Works on a picture for a moment. True when one is ready for the next frame.
    pub fn paint(&mut self) -> bool {
        let Some(job) = &mut self.job else { return false };
        let start = Instant::now();
        let slice = if self.running { self.slice } else { self.slice.saturating_mul(4) };
        self.finished = self.simulation.continue_picture(job, &mut || start.elapsed() < slice);
        self.picture_cost += start.elapsed();
        if self.finished.is_some() {
            self.job = None;
        }
        self.finished.is_some()
    }

    /// Whether a picture is being made: there is work even while paused.
    pub fn is_painting(&self) -> bool {
        self.job.is_some()
    }
}

/// Builds and times.
pub fn build(task: Task, progress: builder::Progress<'_>) -> Built {
    let start = Instant::now();
    let result = match &task {
        Task::Load { spec, .. } => builder::build(spec, progress).map(|built| built.map(|network| Product::Network(Box::new(network)))),
        Task::Resume { record, .. } => go_on(record, progress).map(|built| built.map(|s| Product::Session(Box::new(s.into_checkpoint())))),
    };
    Built { task, result, secs: start.elapsed().as_secs_f64() }
}

/// The simulation of a session, where it stands.
fn go_on(record: &Record, progress: builder::Progress<'_>) -> Result<Option<Simulation>, Vec<Problem>> {
    if record.state.is_some()
        && let Ok(resumed) = Simulation::resume(record, progress)
    {
        return Ok(resumed);
    }
    // No state, or one of another version: the way there is known.
    let replayed = Simulation::replay_record(record, progress)?;
    if replayed.as_ref().is_some_and(|s| s.spike_hash() != record.spike_hash) {
        let what = "repeating its commands gives other spikes than were recorded; this version computes the network differently";
        return Err(vec![Problem { at: "session".into(), what: what.into() }]);
    }
    Ok(replayed)
}
