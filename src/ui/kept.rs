//! Runs that were kept: spikes, traces and weights as they were, to be laid over the present ones.

use super::history::History;
use super::history::weights::Pictures;
use crate::elsewhere::Outcome;
use crate::plot::{Ink, number};
use spikeground_core::protocol::{Probe, TraceChunk};
use spikeground_core::spec::NetworkSpec;
use spikeground_core::spec::path::Path;
use std::sync::Arc;

/// Runs kept at most; the oldest goes first.
const MOST: usize = 8;
/// Colours of the series that populations do not have.
const FIRST_COLOUR: usize = 2;

/// One run.
pub struct Kept {
    pub name: String,
    /// The program it ran in, with its version; empty: this one.
    pub program: String,
    pub spec: Arc<NetworkSpec>,
    /// Spikes, rates, traces and weights.
    pub memory: History,
    /// Whether the panels show it.
    pub shown: bool,
    number: usize,
}

impl Kept {
    pub fn ink(&self) -> Ink {
        Ink::Series(FIRST_COLOUR + self.number)
    }

    /// The population of this run that goes by the name of population `i` of `spec`.
    pub fn population(&self, spec: &NetworkSpec, i: usize) -> Option<usize> {
        self.spec.population(&spec.populations.get(i)?.name)
    }

    /// For each of its populations: its first id here, its size, and the same in `spec`.
    pub fn ids(&self, spec: &NetworkSpec) -> Vec<Home> {
        let (mine, theirs) = (self.spec.first_ids(), spec.first_ids());
        let home = |(i, p): (usize, &spikeground_core::spec::PopulationSpec)| {
            let population = spec.population(&p.name)?;
            let n = p.size.min(spec.populations[population].size);
            Some(Home { first: mine[i], n, population, there: theirs[population], shift: self.spec.stamp_shift(i) })
        };
        self.spec.populations.iter().enumerate().filter_map(home).collect()
    }

    /// The picture of the weights of the projection of that name, if it was seen.
    pub fn weights(&self, spec: &NetworkSpec, projection: Option<usize>) -> Option<&Pictures> {
        let mine = match projection {
            None => None,
            Some(i) => {
                let name = &spec.projections.get(i)?.name;
                Some(self.spec.projections.iter().position(|p| p.name == *name)?)
            }
        };
        self.memory.weights.of(mine)
    }

    /// Time it reaches, ms.
    pub fn end(&self) -> f64 {
        self.memory.step() as f64 * self.spec.dt
    }

    /// Time from which on all its spikes are known, ms.
    pub fn start(&self) -> f64 {
        self.memory.known_from() as f64 * self.spec.dt
    }
}

/// Where neurons of a kept run are in another network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    /// Ids `first .. first + n` of the run are `there .. there + n` of the other, all of `population`.
    pub first: u32,
    pub n: u32,
    pub population: usize,
    pub there: u32,
    /// Steps by which the run's stamps lie before the end of the step.
    pub shift: u64,
}

/// All runs that were kept.
#[derive(Default)]
pub struct Runs {
    list: Vec<Kept>,
    made: usize,
}

impl Runs {
    pub fn list(&self) -> &[Kept] {
        &self.list
    }

    pub fn list_mut(&mut self) -> &mut [Kept] {
        &mut self.list
    }

    /// Those that the panels show.
    pub fn shown(&self) -> impl Iterator<Item = &Kept> {
        self.list.iter().filter(|k| k.shown)
    }

    pub fn remove(&mut self, i: usize) {
        if i < self.list.len() {
            self.list.remove(i);
        }
    }

    pub fn clear(&mut self) {
        self.list.clear();
    }

    /// Keeps the present run of `spec`.
    pub fn keep(&mut self, spec: Arc<NetworkSpec>, memory: History) -> &Kept {
        self.made += 1;
        let name = format!("Run {}", self.made);
        self.add(name, String::new(), spec, memory)
    }

    /// Keeps a run of the same network in another program.
    pub fn keep_outcome(&mut self, program: &str, outcome: &Outcome) -> &Kept {
        let memory = memory_of(outcome);
        let program = format!("{program} {}", outcome.theirs.version);
        self.add(program.clone(), program, Arc::clone(&outcome.spec), memory)
    }

    fn add(&mut self, name: String, program: String, spec: Arc<NetworkSpec>, memory: History) -> &Kept {
        if self.list.len() == MOST {
            self.list.remove(0);
        }
        let number = (0..MOST).find(|n| self.list.iter().all(|k| k.number != *n)).unwrap_or(0);
        self.list.push(Kept { name, program, spec, memory, shown: true, number });
        &self.list[self.list.len() - 1]
    }
}

/// What another program made of a network, as the panels know runs.
fn memory_of(outcome: &Outcome) -> History {
    let (spec, theirs) = (&outcome.spec, &outcome.theirs);
    let mut memory = History::of(spec, outcome.ours.n_steps, &theirs.spikes);
    for (ours, values) in outcome.ours.traces.iter().zip(&theirs.traces) {
        let state = spec.populations.get(ours.population).and_then(|p| p.model.kind.states.get(ours.state));
        let Some(state) = state.filter(|_| !values.is_empty()) else { continue };
        let probe = Probe { population: ours.population, neuron: ours.neuron, variable: state.key.into() };
        let chunk = TraceChunk { probe: 0, first: 1, stride: 1, values: values.iter().map(|v| *v as f32).collect() };
        memory.traces.ingest(&probe, &chunk);
    }
    for (i, weights) in theirs.weights.iter().enumerate().filter(|(_, w)| !w.is_empty()) {
        memory.weights.list(i, weights.iter().map(|w| w.3 as f32).collect(), outcome.ours.n_steps);
    }
    memory
}

/// What tells `other` from `spec`, in words: parameters with both values, the seed, the structure.
pub fn differences(other: &NetworkSpec, spec: &NetworkSpec) -> Vec<String> {
    let mut all = Vec::new();
    if other.seed != spec.seed {
        all.push(format!("seed {}", other.seed));
    }
    if other.dt.to_bits() != spec.dt.to_bits() {
        all.push(format!("dt {} ms", number::number(other.dt, 4)));
    }
    let same = |place| {
        let kinds = (other.part(place).map(|p| p.kind.key), spec.part(place).map(|p| p.kind.key));
        kinds.0 == kinds.1 && other.entity_of(place).0 == spec.entity_of(place).0
    };
    let sizes = |s: &NetworkSpec| s.populations.iter().map(|p| (p.name.clone(), p.size)).collect::<Vec<_>>();
    if other.places() != spec.places() || !other.places().into_iter().all(same) || sizes(other) != sizes(spec) {
        all.push("another structure".into());
        return all;
    }
    for place in other.places() {
        let (Some(a), Some(b)) = (other.part(place), spec.part(place)) else { continue };
        for (param, (x, y)) in a.values.iter().zip(&b.values).enumerate().filter(|(_, (x, y))| x.to_bits() != y.to_bits()) {
            let path = Path { place, param };
            let symbol = other.spec_of(path).map_or("", |s| s.symbol).replace('_', "");
            let number = number::with_unit(&number::number(*x, 4), other.unit_of(path));
            all.push(format!("{} {symbol} = {number} instead of {}", other.entity_of(place).0, number::number(*y, 4)));
        }
    }
    for (a, b) in other.stimuli.iter().zip(&spec.stimuli).filter(|(a, b)| a.enabled != b.enabled) {
        all.push(format!("{} {}", b.name, if a.enabled { "on" } else { "off" }));
    }
    all
}

impl super::app::App {
    /// Keeps what the window knows of the present run.
    pub(super) fn keep_run(&mut self) {
        if self.history.step() == 0 {
            self.notices.note("Nothing has run yet".to_owned());
            return;
        }
        let spec = Arc::new(self.document.spec().clone());
        let kept = self.kept.keep(spec, self.history.copy());
        let words = format!("Kept as {}; the Runs panel lists what is kept", kept.name);
        self.notices.note(words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::protocol::{Frame, Spike, Status};

    fn network() -> NetworkSpec {
        crate::ui::library::preset("exact-lif-100").expect("a preset")
    }

    fn memory(spec: &NetworkSpec, spikes: &[(u64, u32)]) -> History {
        History::of(spec, 1000, spikes)
    }

    #[test]
    fn a_kept_run_does_not_change_when_the_present_goes_on() {
        let spec = network();
        let mut history = History::default();
        let frame = |step, at, neuron| Frame {
            status: Status { generation: 1, step, dt: 0.1, ..Status::default() },
            spikes: vec![Spike { step: at, neuron, early: 0.0 }],
            ..Frame::default()
        };
        history.ingest(&mut frame(100, 50, 3));
        let mut runs = Runs::default();
        runs.keep(Arc::new(spec), history.copy());
        history.ingest(&mut frame(200, 150, 4));
        assert_eq!((history.spikes.len(), runs.list()[0].memory.spikes.len()), (2, 1));
        assert_eq!(runs.list()[0].memory.step(), 100);
    }

    #[test]
    fn colours_are_reused_and_the_oldest_of_too_many_goes() {
        let spec = Arc::new(network());
        let mut runs = Runs::default();
        for _ in 0..=MOST {
            runs.keep(Arc::clone(&spec), memory(&spec, &[]));
        }
        assert_eq!(runs.list().len(), MOST);
        assert_eq!(runs.list()[0].name, "Run 2");
        let inks: Vec<Ink> = runs.list().iter().map(Kept::ink).collect();
        assert!(inks.iter().enumerate().all(|(i, a)| !inks[..i].contains(a)), "{inks:?}");
    }

    #[test]
    fn neurons_are_found_again_by_the_names_of_their_populations() {
        let spec = network();
        let mut other = spec.clone();
        other.populations.reverse();
        let mut runs = Runs::default();
        runs.keep(Arc::new(spec.clone()), memory(&spec, &[(10, 0)]));
        let kept = &runs.list()[0];
        let homes = kept.ids(&other);
        assert_eq!(homes.len(), spec.populations.len());
        let last = spec.populations.len() - 1;
        assert_eq!((homes[0].first, homes[0].population), (0, last));
        assert_eq!(homes[0].there, other.first_ids()[last]);
    }

    #[test]
    fn differences_name_what_was_moved() {
        let spec = network();
        let mut other = spec.clone();
        assert!(differences(&other, &spec).is_empty());
        other.seed += 1;
        other.populations[0].model.values[0] += 1.0;
        let words = differences(&other, &spec);
        assert_eq!(words.len(), 2, "{words:?}");
        assert!(words[1].contains("instead of"), "{words:?}");
        other.populations.pop();
        assert!(differences(&other, &spec).contains(&"another structure".to_owned()));
    }
}
