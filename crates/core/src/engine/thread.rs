//! The simulation thread and the two ways to hold a simulation: [`Handle`] (a thread) and [`Inline`] (the caller's own).
#![allow(clippy::disallowed_methods, reason = "paces frames by the wall clock; what is simulated does not depend on it")]

use super::Link;
use super::driver::{self, Built, Driver, Task};
use super::simulation::Simulation;
pub use super::threads::Threads;
use crate::protocol::{Command, Event, Frame, Speed};
use crate::spec::NetworkSpec;
use crate::spec::validate::Problem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Frames are published at most this often.
const PUBLISH: Duration = Duration::from_millis(15);
/// Spikes kept for a window that does not take them.
const MAX_SPIKES: usize = 4_000_000;
/// Networks below this many expected synapses are built at once, without a thread of their own.
const SMALL: f64 = 200_000.0;

enum Message {
    Command(u64, Command),
    Built(Box<Built>, u64),
    Progress(f32),
    /// The window is gone.
    Quit,
}

type Outbox = Arc<Mutex<Frame>>;

/// A simulation on its own thread. Dropping it ends the thread.
pub struct Handle {
    to: Option<Sender<Message>>,
    out: Outbox,
    seq: u64,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// Starts a simulation thread with the network of `spec`, paused; `wake` is called when there is something to take.
pub fn spawn(spec: &NetworkSpec, threads: Threads, wake: impl Fn() + Send + 'static) -> Result<Handle, Vec<Problem>> {
    let simulation = Simulation::new(spec)?;
    let (to, from) = channel();
    let out = Outbox::default();
    let (own, outbox) = (to.clone(), Arc::clone(&out));
    let speed = if spec.speed > 0.0 { Speed::Factor(spec.speed) } else { Speed::AsFastAsPossible };
    let thread = std::thread::Builder::new()
        .name("simulation".into())
        .spawn(move || {
            Worker { driver: Driver::new(simulation, speed, threads), from, own, outbox, wake: Box::new(wake), build: None }.run();
        })
        .map_err(|e| vec![Problem { at: "simulation thread".into(), what: format!("could not be started: {e}") }])?;
    Ok(Handle { to: Some(to), out, seq: 0, thread: Some(thread) })
}

impl Link for Handle {
    fn send(&mut self, command: Command) -> u64 {
        self.seq += 1;
        if let Some(to) = &self.to {
            // The thread lives as long as this handle; if it is gone all the same, the frame says so.
            let _ = to.send(Message::Command(self.seq, command));
        }
        self.seq
    }

    fn take(&mut self) -> Frame {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let status = out.status.clone();
        let (probes_seq, probes) = (out.probes_seq, Arc::clone(&out.probes));
        std::mem::replace(&mut *out, Frame { status, probes_seq, probes, ..Frame::default() })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(to) = self.to.take() {
            let _ = to.send(Message::Quit);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Worker {
    driver: Driver,
    from: Receiver<Message>,
    /// For the builder threads; dropped messages are ignored.
    own: Sender<Message>,
    outbox: Outbox,
    wake: Box<dyn Fn() + Send>,
    /// The build in progress: its number and the flag that cancels it.
    build: Option<(u64, Arc<AtomicBool>)>,
}

impl Worker {
    fn run(mut self) {
        let mut published = Instant::now();
        self.publish();
        loop {
            let turn = catch_unwind(AssertUnwindSafe(|| self.turn(&mut published)));
            match turn {
                Ok(true) => {}
                Ok(false) => return,
                Err(panic) => self.fault(panic.as_ref()),
            }
        }
    }

    /// One round: commands, a chunk of simulation, a frame when due. False when the window is gone.
    fn turn(&mut self, published: &mut Instant) -> bool {
        let mut dirty = false;
        while let Ok(message) = self.from.try_recv() {
            if !self.receive(message) {
                return false;
            }
            dirty = true;
        }
        let ran = self.driver.is_running();
        let painted = !ran && self.driver.paint();
        let sleep = if ran {
            self.driver.turn()
        } else if self.driver.is_painting() {
            Duration::ZERO
        } else {
            Duration::from_millis(100)
        };
        let stopped = ran && !self.driver.is_running();
        if dirty || stopped || painted || (ran && published.elapsed() >= PUBLISH) {
            self.publish();
            *published = Instant::now();
        }
        if !sleep.is_zero() {
            match self.from.recv_timeout(sleep) {
                Ok(message) => {
                    if !self.receive(message) {
                        return false;
                    }
                    self.publish();
                    *published = Instant::now();
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
        true
    }

    /// False when the window is gone.
    fn receive(&mut self, message: Message) -> bool {
        match message {
            Message::Command(seq, command) => {
                if let Command::StopBuild = command {
                    self.stop_build();
                } else if let Some(task) = self.driver.apply(command) {
                    self.start_build(seq, task);
                }
                self.driver.applied_seq = seq;
            }
            Message::Built(built, number) => {
                if self.build.as_ref().is_some_and(|b| b.0 == number) {
                    self.build = None;
                    self.driver.built(*built);
                }
            }
            Message::Progress(done) => self.driver.simulation.push_event(Event::Building { done }),
            Message::Quit => {
                if let Some((_, cancel)) = self.build.take() {
                    cancel.store(true, Ordering::Relaxed);
                }
                return false;
            }
        }
        true
    }

    /// Gives up what is being built.
    fn stop_build(&mut self) {
        if let Some((_, cancel)) = self.build.take() {
            cancel.store(true, Ordering::Relaxed);
            let (what, why) = ("The network was not built; the running one goes on".into(), "building was cancelled".into());
            self.driver.simulation.push_event(Event::Refused { what, why });
        }
    }

    /// Builds beside the running network; a newer request cancels an older one.
    fn start_build(&mut self, number: u64, task: Task) {
        if let Some((_, cancel)) = self.build.take() {
            cancel.store(true, Ordering::Relaxed);
        }
        if task.size() < SMALL {
            self.driver.built(driver::build(task, &mut |_| true));
            return;
        }
        let cancel = Arc::new(AtomicBool::new(false));
        self.build = Some((number, Arc::clone(&cancel)));
        let own = self.own.clone();
        let spawned = std::thread::Builder::new().name("builder".into()).spawn(move || {
            let mut told = 0.0;
            let built = driver::build(task, &mut |done| {
                if done - told > 0.02 {
                    told = done;
                    let _ = own.send(Message::Progress(done));
                }
                !cancel.load(Ordering::Relaxed)
            });
            let _ = own.send(Message::Built(Box::new(built), number));
        });
        if let Err(e) = spawned {
            let why = format!("no thread could be started: {e}");
            self.driver.simulation.push_event(Event::Refused { what: "The network was not built".into(), why });
        }
    }

    fn publish(&mut self) {
        let mut frame = Frame::default();
        self.driver.publish(&mut frame);
        merge(&mut self.outbox.lock().unwrap_or_else(PoisonError::into_inner), frame);
        (self.wake)();
    }

    /// A fault of our own: say so, and go on paused. The document is with the window and safe.
    fn fault(&mut self, panic: &(dyn std::any::Any + Send)) {
        let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
        let message = text.unwrap_or_else(|| "unknown fault".into());
        let _ = self.driver.apply(Command::Pause);
        self.driver.simulation.push_event(Event::Fault { message });
        self.publish();
    }
}

/// Adds a newer frame to one that was not taken yet.
fn merge(old: &mut Frame, new: Frame) {
    if old.status.generation != new.status.generation {
        // A new history: nothing of the old one is of use, but events are.
        let events = std::mem::take(&mut old.events);
        *old = Frame { events, ..Frame::default() };
    }
    old.status = new.status;
    if old.spikes.is_empty() {
        old.spikes = new.spikes;
    } else {
        old.spikes.extend(new.spikes);
    }
    if old.spikes.len() > MAX_SPIKES {
        let drop = old.spikes.len() - MAX_SPIKES / 2;
        old.spikes.drain(..drop);
        old.dropped_spikes += drop as u64;
    }
    if old.probes_seq != new.probes_seq {
        old.traces.clear();
        old.probes_seq = new.probes_seq;
        old.probes = new.probes;
    }
    for chunk in new.traces {
        match old.traces.iter_mut().find(|t| t.probe == chunk.probe && t.first + t.values.len() as u64 == chunk.first) {
            Some(t) if t.values.len() < 4_000_000 => t.values.extend(chunk.values),
            _ => old.traces.push(chunk),
        }
    }
    if new.weights.is_some() {
        old.weights = new.weights;
    }
    old.pairs.extend(new.pairs);
    let surplus = old.pairs.len().saturating_sub(4000);
    old.pairs.drain(..surplus);
    old.events.extend(new.events);
}

/// A simulation driven by the caller: every `take` first advances by a fixed number of steps while running. For tests.
pub struct Inline {
    driver: Driver,
    steps_per_take: u64,
    seq: u64,
}

impl Inline {
    pub fn new(spec: &NetworkSpec, steps_per_take: u64) -> Result<Self, Vec<Problem>> {
        let mut driver = Driver::new(Simulation::new(spec)?, Speed::AsFastAsPossible, Threads::Exactly(1));
        // Wall time must not matter: a picture is made at once.
        driver.slice = Duration::MAX;
        Ok(Self { driver, steps_per_take, seq: 0 })
    }

    pub fn simulation(&self) -> &Simulation {
        &self.driver.simulation
    }
}

impl Link for Inline {
    fn send(&mut self, command: Command) -> u64 {
        self.seq += 1;
        if let Some(task) = self.driver.apply(command) {
            self.driver.built(driver::build(task, &mut |_| true));
        }
        self.driver.applied_seq = self.seq;
        self.seq
    }

    fn take(&mut self) -> Frame {
        self.driver.steps(self.steps_per_take);
        let mut frame = Frame::default();
        self.driver.publish(&mut frame);
        frame
    }
}
