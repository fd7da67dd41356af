//! What the user authored: a [`NetworkSpec`], from which the engine builds a network and the file format reads and writes.
//!
//! Everything with parameters is a [`Part`], so sliders, files, undo and differences need one implementation only.

pub mod cost;
pub mod estimate;
pub mod layout;
pub mod path;
pub mod validate;

use crate::model::{self, neuron};
use crate::part::Part;

/// Floating-point type of the state columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    #[default]
    Double,
    Single,
}

/// Whether synapses are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wiring {
    /// As `layout` says: drawn anew at each spike only where they would take very much memory.
    #[default]
    Automatic,
    /// All of them.
    Stored,
    /// Drawn anew at each spike wherever the connector allows it.
    Procedural,
}

/// When plastic weights are brought up to date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Updates {
    /// Lazily where the rule allows it.
    #[default]
    Automatic,
    /// A whole row when its presynaptic neuron fires.
    Lazy,
    /// Also each incoming synapse when the postsynaptic neuron fires.
    Eager,
}

/// What a population does to others; decides its colour and mark (▲ excitatory, ● inhibitory, ■ other).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    #[default]
    Excitatory,
    Inhibitory,
    Other,
}

/// A note pinned to a moment of biological time. It does not touch the simulation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remark {
    /// ms
    pub at: f64,
    pub text: String,
}

/// A whole network, as a file describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkSpec {
    pub name: String,
    /// One sentence for the gallery: what it shows.
    pub purpose: String,
    /// Longer text for the reader: what to look at, what to try, source.
    pub notes: String,
    /// For the protocol: what was asked, and what came of it.
    pub question: String,
    pub conclusion: String,
    /// What somebody noted at a moment of the run, in order of time.
    pub remarks: Vec<Remark>,
    /// Step of the simulation, ms.
    pub dt: f64,
    pub seed: u64,
    pub precision: Precision,
    /// How the engine holds synapses and learns. The defaults choose by themselves; to choose otherwise is for comparisons.
    pub wiring: Wiring,
    pub updates: Updates,
    /// How long a headless run lasts, ms.
    pub duration: f64,
    /// Biological over wall time at which the window starts to run; 0 is as fast as possible.
    pub speed: f64,
    pub populations: Vec<PopulationSpec>,
    pub projections: Vec<ProjectionSpec>,
    pub stimuli: Vec<StimulusSpec>,
    pub probes: Vec<ProbeSpec>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PopulationSpec {
    pub name: String,
    pub size: u32,
    pub role: Role,
    pub model: Part,
    /// Per-neuron spread of parameters: (parameter index of `model.kind`, distribution of `distribution::spread`).
    pub spread: Vec<(usize, Part)>,
    /// Initial values that replace the model's own: (state index, distribution of `distribution::initial`).
    pub initial: Vec<(usize, Part)>,
    /// Place in the network graph, in units of the panel (0 to 1); none: laid out by the program.
    pub position: Option<[f32; 2]>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ProjectionSpec {
    pub name: String,
    /// Names of the populations.
    pub pre: String,
    pub post: String,
    pub synapse: Part,
    pub connect: Part,
    pub weight: Part,
    pub delay: Part,
    pub plasticity: Option<Part>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct StimulusSpec {
    pub name: String,
    pub target: String,
    pub stimulus: Part,
    /// The synapse through which a spike stimulus acts; unused by currents.
    pub synapse: Part,
    /// First and one past the last neuron that gets it; none: all.
    pub neurons: Option<(u32, u32)>,
    pub enabled: bool,
}

/// A recorded trace: one variable of some neurons of a population.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeSpec {
    pub population: String,
    /// A state key of the model, `i_syn` (synaptic current), `g_syn` (synaptic conductance), `i_stim` (stimulus current),
    /// `trace_pre` or `trace_post` (STDP traces).
    pub variable: String,
    pub neurons: Vec<u32>,
}

/// Variables every population can record besides its model's states: key, symbol, what it is.
pub const COMMON_VARIABLES: &[(&str, &str, &str)] = &[
    ("i_syn", "I_syn", "Total synaptic current"),
    ("g_syn", "g_syn", "Total synaptic conductance"),
    ("i_stim", "I_stim", "Total stimulus current"),
    ("trace_pre", "x", "Presynaptic STDP trace: jumps by 1 at each spike, decays with τ₊"),
    ("trace_post", "y", "Postsynaptic STDP trace: jumps by 1 at each spike, decays with τ₋"),
];

impl Default for NetworkSpec {
    fn default() -> Self {
        Self {
            name: "Untitled".into(),
            purpose: String::new(),
            notes: String::new(),
            question: String::new(),
            conclusion: String::new(),
            remarks: Vec::new(),
            dt: 0.1,
            seed: 42,
            precision: Precision::Double,
            wiring: Wiring::Automatic,
            updates: Updates::Automatic,
            duration: 1000.0,
            speed: 1.0,
            populations: Vec::new(),
            projections: Vec::new(),
            stimuli: Vec::new(),
            probes: Vec::new(),
        }
    }
}

impl PopulationSpec {
    pub fn new(name: &str, size: u32, model: Part) -> Self {
        Self { name: name.into(), size, role: Role::Excitatory, model, spread: Vec::new(), initial: Vec::new(), position: None }
    }
}

impl ProjectionSpec {
    /// All to all through delta synapses of weight 1 after 1 ms.
    pub fn new(name: &str, pre: &str, post: &str) -> Self {
        Self {
            name: name.into(),
            pre: pre.into(),
            post: post.into(),
            synapse: Part::new(&model::synapse::DELTA),
            connect: Part::new(&model::connectivity::ALL_TO_ALL),
            weight: Part::new(&model::distribution::weights::CONSTANT),
            delay: Part::new(&model::distribution::delays::CONSTANT),
            plasticity: None,
        }
    }
}

impl StimulusSpec {
    pub fn new(name: &str, target: &str, stimulus: Part) -> Self {
        Self {
            name: name.into(),
            target: target.into(),
            stimulus,
            synapse: Part::new(&model::synapse::DELTA),
            neurons: None,
            enabled: true,
        }
    }
}

impl NetworkSpec {
    pub fn population(&self, name: &str) -> Option<usize> {
        self.populations.iter().position(|p| p.name == name)
    }

    pub fn projection(&self, name: &str) -> Option<usize> {
        self.projections.iter().position(|p| p.name == name)
    }

    pub fn stimulus(&self, name: &str) -> Option<usize> {
        self.stimuli.iter().position(|s| s.name == name)
    }

    pub fn n_neurons(&self) -> u64 {
        self.populations.iter().map(|p| u64::from(p.size)).sum()
    }

    /// Expected number of synapses of all projections, for decisions and estimates before building.
    pub fn expected_synapses(&self) -> f64 {
        // From a positive zero: the sum of nothing is minus zero.
        self.projections.iter().fold(0.0, |sum, p| sum + self.expected_synapses_of(p))
    }

    /// Expected number of synapses of one projection; 0 when a population is missing.
    pub fn expected_synapses_of(&self, p: &ProjectionSpec) -> f64 {
        let (Some(pre), Some(post)) = (self.population(&p.pre), self.population(&p.post)) else { return 0.0 };
        let sides =
            model::connectivity::Sides { n_pre: self.populations[pre].size, n_post: self.populations[post].size, same: pre == post };
        model::connectivity::expected_synapses(&p.connect, sides)
    }

    /// Id of the first neuron of each population; neurons are numbered through all populations in order.
    pub fn first_ids(&self) -> Vec<u32> {
        let mut next = 0;
        self.populations
            .iter()
            .map(|p| {
                let first = next;
                next += p.size;
                first
            })
            .collect()
    }

    /// How far the stamp of a population's spikes lies before the end of the step, in steps (0 or 1).
    pub fn stamp_shift(&self, population: usize) -> u64 {
        let m = &self.populations[population].model;
        u64::from(neuron::stamps_start(m.kind, &m.values))
    }
}
