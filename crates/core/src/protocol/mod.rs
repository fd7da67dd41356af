//! What the window and the simulation say to each other: plain data, no locks, no callbacks.
//!
//! [`Command`] goes down, [`Frame`] comes up. A session is (spec, seed, [(step, Command)]): replaying it gives the same spikes.

pub mod diff;

use crate::spec::NetworkSpec;
use crate::spec::path::Path;
use std::sync::Arc;

/// Biological time per wall time to aim at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// This many biological seconds a wall second.
    Factor(f64),
    AsFastAsPossible,
}

/// What the window asks of the simulation. Commands act between two steps, in order.
#[derive(Clone, Debug)]
pub enum Command {
    Run,
    Pause,
    /// Pause and do this many steps.
    Step(u64),
    /// Run until the next spike of any neuron, then pause.
    StepToSpike,
    /// Back to time zero; `None` keeps the seed (and so repeats the same spikes).
    Reset {
        seed: Option<u64>,
    },
    Speed(Speed),
    /// A live parameter.
    Set {
        path: Path,
        value: f64,
    },
    /// Turn a stimulus on or off.
    Enable {
        stimulus: usize,
        enabled: bool,
    },
    /// A new network takes the place of the running one; built beside it. With `keep`, state that still fits is taken over and
    /// the clock goes on; else it starts at time zero.
    Load {
        spec: Arc<NetworkSpec>,
        keep: bool,
    },
    /// A session takes the place of what runs and goes on where it stands: from its state where this version reads it, else by repeating
    /// its commands. `spec` is the network it stands at (see [`Record::network`]).
    Resume {
        record: Arc<Record>,
        spec: Arc<NetworkSpec>,
    },
    /// Give up the network that is being built; the running one goes on.
    StopBuild,
    Poke {
        population: usize,
        neuron: u32,
        poke: Poke,
    },
    /// Which traces to record from now on (replaces the former set).
    Probe(Vec<Probe>),
    /// Which weights the window shows; none: nothing is copied.
    Watch(Option<Watch>),
    /// Ask for one synapse; answered by [`Event::Synapse`].
    Inspect {
        projection: usize,
        pre: u32,
        post: u32,
    },
    /// Ask for the learned weights as explicit connection lists; answered by [`Event::Weights`].
    TakeWeights,
    /// Ask for the session so far, with or without the state it is in; answered by [`Event::Session`].
    TakeSession {
        state: bool,
    },
}

/// A session: replaying `log` from `origin` gives the same spikes bit for bit.
#[derive(Clone, Debug)]
pub struct Record {
    /// What the run started from at time zero.
    pub origin: Arc<NetworkSpec>,
    /// Every command since then that can change a spike, with the step it acted at.
    pub log: Vec<(u64, Command)>,
    /// Steps done, spikes and hash over them so far.
    pub step: u64,
    pub n_spikes: u64,
    pub spike_hash: u64,
    /// Where it stands, to go on from there without repeating it.
    pub state: Option<State>,
}

impl Record {
    /// The network it stands at, with the parameters in force.
    pub fn network(&self) -> Arc<NetworkSpec> {
        if let Some(state) = &self.state {
            return Arc::clone(&state.spec);
        }
        let mut now = Arc::clone(&self.origin);
        for (_, command) in &self.log {
            match command {
                Command::Load { spec, .. } => now = Arc::clone(spec),
                Command::Set { path, value } => {
                    // What was refused then was logged, too.
                    let is_valid = now.check_set(*path, *value).is_ok();
                    if let Some(part) = Arc::make_mut(&mut now).part_mut(path.place).filter(|_| is_valid) {
                        part.values[path.param] = *value;
                    }
                }
                Command::Enable { stimulus, enabled } => {
                    if let Some(stimulus) = Arc::make_mut(&mut now).stimuli.get_mut(*stimulus) {
                        stimulus.enabled = *enabled;
                    }
                }
                _ => {}
            }
        }
        now
    }
}

/// The moving state of a network, in a form only the engine reads.
#[derive(Clone, Debug)]
pub struct State {
    /// The network with the parameters in force.
    pub spec: Arc<NetworkSpec>,
    /// See `engine::checkpoint::LAYOUT`.
    pub layout: u32,
    pub bytes: Arc<Vec<u8>>,
}

/// A touch of one neuron.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Poke {
    /// Lift v over the threshold in the next step.
    Fire,
    /// Add a constant current (the model's unit) for this many ms.
    Pulse { amplitude: f64, duration: f64 },
    /// Put a state variable (by its place among the model's) to a value, in its unit.
    State { state: usize, value: f64 },
}

/// A trace to record: one variable of one neuron.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Probe {
    pub population: usize,
    pub neuron: u32,
    /// See [`crate::spec::ProbeSpec::variable`].
    pub variable: String,
}

/// Which weights to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// One projection, or the whole network (rows and columns are all neurons in id order).
    pub projection: Option<usize>,
    /// Largest image wanted; a larger matrix comes as block means.
    pub max_rows: u32,
    pub max_cols: u32,
}

/// One spike: neuron ids run through all populations in order.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spike {
    /// The step at whose end the spike is stamped: t = step · dt.
    pub step: u64,
    pub neuron: u32,
    /// How long before that it happened, in steps: 0 but for schemes that find spikes inside the step.
    pub early: f32,
}

impl Spike {
    /// When it happened, ms, free of rounding noise; `shift` is what [`NetworkSpec::stamp_shift`] says of its population.
    pub fn time(&self, shift: u64, dt: f64) -> f64 {
        let steps = self.step.saturating_sub(shift) as f64 - f64::from(self.early);
        (steps * dt * 1e9).round() / 1e9
    }
}

/// A piece of a trace: values at consecutive steps `first`, `first + 1`, …
#[derive(Clone, Debug)]
pub struct TraceChunk {
    /// Index into [`Frame::probes`].
    pub probe: usize,
    pub first: u64,
    /// Steps between two values.
    pub stride: u32,
    pub values: Vec<f32>,
}

/// A picture of weights. NaN marks "no synapse".
#[derive(Clone, Debug)]
pub struct WeightImage {
    pub watch: Watch,
    /// Matrix size, neurons.
    pub n_pre: u32,
    pub n_post: u32,
    /// Image size; smaller than the matrix when blocks are averaged.
    pub rows: u32,
    pub cols: u32,
    /// Row-major `[rows, cols]`, rows are presynaptic.
    pub values: Vec<f32>,
    /// All weights, not only those shown: count, mean, extremes and a histogram of equal bins from `low` to `high`.
    pub stats: WeightStats,
    pub step: u64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct WeightStats {
    pub n: u64,
    pub mean: f64,
    pub sd: f64,
    pub low: f32,
    pub high: f32,
    pub histogram: Vec<u32>,
}

/// A spike pair that changed a weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairEvent {
    pub projection: u32,
    /// t_post + d − t_pre, ms.
    pub delta_t: f32,
    /// Change of the weight by this pair, in its unit.
    pub delta_w: f32,
    pub step: u64,
}

/// Things that happen once.
#[derive(Clone, Debug)]
pub enum Event {
    /// A network is running; `lost` says what could not be taken over from the former one.
    Loaded {
        spec: Arc<NetworkSpec>,
        n_synapses: Vec<u64>,
        build_secs: f64,
        lost: Option<String>,
    },
    /// How far a build has come, 0 to 1.
    Building {
        done: f32,
    },
    /// A command was not carried out; the network runs on as it was.
    Refused {
        what: String,
        why: String,
    },
    /// A state variable is no longer a finite number; the simulation paused.
    Diverged {
        population: usize,
        neuron: u32,
        variable: String,
        step: u64,
        advice: String,
    },
    /// The simulation thread met a fault of its own; the document is safe and a reset starts anew.
    Fault {
        message: String,
    },
    Synapse {
        projection: usize,
        pre: u32,
        post: u32,
        found: Option<SynapseInfo>,
    },
    Session {
        record: Arc<Record>,
    },
    /// Rows `[pre, post, weight, delay]` of each projection (empty where too large or static).
    Weights {
        connections: Vec<Vec<Vec<f64>>>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SynapseInfo {
    pub weight: f32,
    /// Weight when the network was built.
    pub initial: f32,
    /// ms
    pub delay: f64,
}

/// Whether and how fast the simulation runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    pub running: bool,
    /// Steps done since time zero.
    pub step: u64,
    pub dt: f64,
    pub seed: u64,
    /// Spikes since time zero, and the hash over all of them (see `engine::hash`).
    pub n_spikes: u64,
    pub spike_hash: u64,
    /// Reached biological over wall time, averaged over about half a second.
    pub realtime_factor: f64,
    /// The asked speed cannot be kept.
    pub behind: bool,
    /// Steps actually simulated over the life of the thread, and wall seconds spent in them.
    pub steps_done: u64,
    pub busy_secs: f64,
    /// Number of the last command carried out (see `Handle::send`).
    pub applied_seq: u64,
    /// Counts networks: changes when a load or a reset starts a new history.
    pub generation: u64,
}

impl Status {
    /// Biological time, ms.
    #[allow(clippy::cast_precision_loss)]
    pub fn time(&self) -> f64 {
        self.step as f64 * self.dt
    }
}

/// Everything that happened since the last frame was taken.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    pub status: Status,
    /// In order of time.
    pub spikes: Vec<Spike>,
    /// Spikes left out because nobody took frames for long (never when the window is alive).
    pub dropped_spikes: u64,
    pub traces: Vec<TraceChunk>,
    /// Counts probe lists: chunks belong to the list in force, which is `probes`.
    pub probes_seq: u64,
    pub probes: Arc<Vec<Probe>>,
    pub weights: Option<Arc<WeightImage>>,
    pub pairs: Vec<PairEvent>,
    pub events: Vec<Event>,
}
