//! The descriptor of a measure: its names, definition, parameters and source, and the function that computes it.

use super::trains::Trains;
use super::value::Report;
use crate::param::ParamSpec;

/// What a measure looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Each train for itself; the mean over trains is given.
    Each,
    /// Two trains; with more of them the mean over all pairs.
    Pairs,
    /// All trains together.
    Population,
    /// Trains around the onsets of trials or stimuli.
    Trials,
    /// Trains and one recorded signal.
    Signal,
    /// Synaptic weights.
    Weights,
}

/// A signal sampled at equal steps.
#[derive(Clone, Copy, Debug)]
pub struct Signal<'a> {
    pub name: &'a str,
    pub unit: &'a str,
    /// Time of the first sample and between two samples, ms.
    pub start: f64,
    pub step: f64,
    pub values: &'a [f64],
}

/// Synaptic weights with what bounds them.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a> {
    pub values: &'a [f32],
    pub unit: &'a str,
    /// Smallest and largest weight that the rule of plasticity allows.
    pub bounds: Option<(f64, f64)>,
}

/// What a measure is computed from. Only what it [takes](Takes) needs to be there.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    pub trains: &'a Trains,
    /// The trains on the other side of a cross-correlogram; without them the pairs are taken among `trains`.
    pub others: Option<&'a Trains>,
    /// Times of stimulus or trial onsets, ms.
    pub onsets: &'a [f64],
    pub signals: &'a [Signal<'a>],
    pub weights: Option<Weights<'a>>,
    /// Seed of surrogates; equal seeds give equal results.
    pub seed: u64,
}

impl<'a> Input<'a> {
    pub fn new(trains: &'a Trains) -> Self {
        Self { trains, others: None, onsets: &[], signals: &[], weights: None, seed: 0 }
    }
}

/// Hears how much of the work is done (0 to 1) and what is known so far; `false` ends the work.
pub type Watch<'a> = &'a mut dyn FnMut(f64, Option<&Report>) -> bool;

/// Why a measure gives nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The spikes do not define it.
    Undefined(String),
    Cancelled,
}

/// What the function of a measure returns.
pub type Ended = Result<Report, Stop>;

/// For `return Err(undefined("…"))`.
pub fn undefined(because: impl Into<String>) -> Stop {
    Stop::Undefined(because.into())
}

/// Goes on, or ends the work.
pub fn tell(watch: Watch<'_>, done: f64, so_far: Option<&Report>) -> Result<(), Stop> {
    if watch(done, so_far) { Ok(()) } else { Err(Stop::Cancelled) }
}

/// Everything the program knows about one measure.
pub struct Measure {
    /// Key on the command line and in files: `cv2`.
    pub key: &'static str,
    /// Name on screen.
    pub name: &'static str,
    /// Measures of one group are offered together.
    pub group: &'static str,
    /// One sentence: what it is.
    pub definition: &'static str,
    pub formula: &'static str,
    /// Unit of its first number.
    pub unit: &'static str,
    pub params: &'static [ParamSpec],
    pub takes: Takes,
    /// What its samples are, and how many it should have before it is believed.
    pub samples: &'static str,
    pub min_samples: u64,
    /// Who defined it, with DOI.
    pub source: &'static str,
    /// The function of Elephant that gives the same number, with what differs; empty where there is none.
    pub elephant: &'static str,
    /// May take longer than a frame: tells of its progress and gives what it knows so far.
    pub slow: bool,
    pub run: fn(&Input<'_>, &[f64], Watch<'_>) -> Ended,
}

impl std::fmt::Debug for Measure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Measure({})", self.key)
    }
}

impl PartialEq for Measure {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Measure {
    /// A measure with nothing but names; fill the rest with `..Measure::new(…)`.
    pub const fn new(key: &'static str, name: &'static str, run: fn(&Input<'_>, &[f64], Watch<'_>) -> Ended) -> Self {
        Self {
            key,
            name,
            group: "",
            definition: "",
            formula: "",
            unit: "",
            params: &[],
            takes: Takes::Population,
            samples: "spikes",
            min_samples: 1,
            source: "",
            elephant: "",
            slow: false,
            run,
        }
    }

    /// The parameters as they are before anyone changes them.
    pub fn defaults(&self) -> Vec<f64> {
        self.params.iter().map(|p| p.default).collect()
    }

    pub fn param(&self, key: &str) -> Option<usize> {
        self.params.iter().position(|p| p.key == key)
    }

    /// The measure, or the reason why it is not defined; none when `watch` ended it.
    pub fn of(&self, input: &Input<'_>, params: &[f64], watch: Watch<'_>) -> Option<Report> {
        match self.checked(input, params, watch) {
            Ok(report) if report.n < self.min_samples => {
                let note = format!("only {} {}: at least {} are wanted", report.n, self.samples, self.min_samples);
                Some(report.noting(note))
            }
            Ok(report) => Some(report),
            Err(Stop::Undefined(because)) => Some(Report::undefined(because)),
            Err(Stop::Cancelled) => None,
        }
    }

    /// With its parameters as they are by default, to the end.
    pub fn plain(&self, trains: &Trains) -> Report {
        self.of(&Input::new(trains), &self.defaults(), &mut |_, _| true).unwrap_or_default()
    }

    fn checked(&self, input: &Input<'_>, params: &[f64], watch: Watch<'_>) -> Ended {
        if params.len() != self.params.len() {
            return Err(undefined(format!("{} takes {} parameters, not {}", self.key, self.params.len(), params.len())));
        }
        if let Some(why) = self.params.iter().zip(params).find_map(|(spec, value)| spec.check(*value).err()) {
            return Err(undefined(why));
        }
        if self.takes != Takes::Weights {
            if input.trains.is_empty() {
                return Err(undefined("there are no neurons"));
            }
            if !(input.trains.duration() > 0.0) {
                return Err(undefined("the window of time is empty"));
            }
        }
        (self.run)(input, params, watch)
    }
}
