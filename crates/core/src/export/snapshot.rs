//! A network as it is built and what happens in its run, to the bit: what an exact script repeats elsewhere.
//!
//! Connections, weights, delays, parameters and initial states are those of the built network, not drawn again; the run is our own,
//! step by step, and from it come the currents and spikes of the random stimuli and the spikes that the other program must repeat.

use crate::engine::builder::{self, parameters};
use crate::engine::network::{Members, Network};
use crate::engine::port::PerNeuron;
use crate::model::stimulus::sends_spikes;
use crate::spec::NetworkSpec;
use crate::spec::validate::Problem;

/// Most numbers of recorded stimulus currents and spikes: about 1 GiB.
const MAX_NUMBERS: usize = 1 << 27;

/// A number for each neuron of a population, or one for all.
#[derive(Clone, Debug, PartialEq)]
pub enum Numbers {
    Same(f64),
    Each(Vec<f64>),
}

/// Stimulus current into a population, in its current unit.
#[derive(Clone, Debug, PartialEq)]
pub enum Current {
    None,
    /// The same in every step.
    Constant(Numbers),
    /// One value a step, the same for all neurons.
    Shared(Vec<f64>),
    /// One value a step and neuron: `n_steps` rows of `size`.
    Each(Vec<f64>),
}

#[derive(Clone, Debug)]
pub struct Population {
    /// Every parameter of the model, in the order of its kind.
    pub params: Vec<Numbers>,
    /// Every state of the model before the first step (none for sources).
    pub states: Vec<Numbers>,
    pub current: Current,
}

/// All synapses of a projection: source and target within their populations, weight as delivered, delay in steps.
#[derive(Clone, Debug, Default)]
pub struct Synapses {
    pub pre: Vec<u32>,
    pub post: Vec<u32>,
    pub weight: Vec<f64>,
    pub delay: Vec<u32>,
}

/// Spikes as (step of the stamp, neuron, how many).
#[derive(Clone, Debug, Default)]
pub struct Spikes {
    pub step: Vec<i64>,
    pub neuron: Vec<u32>,
    pub count: Vec<u32>,
}

/// A recorded variable of one neuron: its value at the end of each step.
#[derive(Clone, Debug)]
pub struct Trace {
    pub population: usize,
    pub neuron: u32,
    /// Index of the state.
    pub state: usize,
    pub values: Vec<f64>,
}

/// A built network and, once a run is done, its run.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub n_steps: u64,
    pub populations: Vec<Population>,
    pub projections: Vec<Synapses>,
    /// Arrivals of each stimulus that sends spikes; empty for currents.
    pub arrivals: Vec<Spikes>,
    /// All spikes of the run by neuron id, in order of time.
    pub spikes: Spikes,
    /// Traces of the states that the network's probes ask for.
    pub traces: Vec<Trace>,
    /// For plastic projections, the weights at the end as each synapse last transmitted them, in the order of `projections`.
    pub last_weights: Vec<Vec<f64>>,
}

impl Numbers {
    fn of(values: Vec<f64>) -> Self {
        match values.first() {
            Some(first) if values.iter().all(|x| x.to_bits() == first.to_bits()) => Self::Same(*first),
            Some(_) => Self::Each(values),
            None => Self::Same(0.0),
        }
    }

    /// The number of neuron `i`.
    pub fn at(&self, i: usize) -> f64 {
        match self {
            Self::Same(x) => *x,
            Self::Each(x) => x[i],
        }
    }
}

/// A built network on its way through its run.
pub struct Recording {
    pub snapshot: Snapshot,
    network: Network,
    dt: f64,
}

impl Recording {
    /// Builds the network. `None`: given up by `progress`.
    pub fn build(spec: &NetworkSpec, progress: builder::Progress<'_>) -> Result<Option<Self>, Vec<Problem>> {
        let Some(mut network) = builder::build(spec, progress)? else { return Ok(None) };
        for wire in network.wires.iter_mut().filter(|w| w.plastic.is_some()) {
            wire.sent = wire.rows.learned().to_vec().into();
        }
        let n_steps = (spec.duration / spec.dt).round().max(0.0) as u64;
        let populations = spec
            .populations
            .iter()
            .zip(&network.groups)
            .map(|(p, group)| {
                let count = p.model.kind.params.len();
                let params = match parameters(spec, p) {
                    PerNeuron::Same(row) => row.into_iter().map(Numbers::Same).collect(),
                    PerNeuron::Each(rows) => (0..count).map(|k| Numbers::of(rows.iter().map(|r| r[k]).collect())).collect(),
                };
                let states = match &group.members {
                    Members::Cells(cells) => (0..p.model.kind.states.len())
                        .map(|s| Numbers::of((0..p.size as usize).map(|i| cells.state(s, i)).collect()))
                        .collect(),
                    Members::Poisson(_) => Vec::new(),
                };
                Population { params, states, current: Current::None }
            })
            .collect();
        let mut traces = Vec::new();
        for probe in &spec.probes {
            let Some(population) = spec.population(&probe.population) else { continue };
            let p = &spec.populations[population];
            if let (Some(state), false) = (p.model.kind.state(&probe.variable), p.model.kind.key == "poisson") {
                let known = probe.neurons.iter().filter(|n| **n < p.size);
                traces.extend(known.map(|n| Trace { population, neuron: *n, state, values: Vec::new() }));
            }
        }
        let snapshot = Snapshot {
            n_steps,
            populations,
            projections: (0..network.wires.len()).map(|i| synapses(&network, i)).collect(),
            arrivals: vec![Spikes::default(); spec.stimuli.len()],
            traces,
            ..Snapshot::default()
        };
        Ok(Some(Self { snapshot, network, dt: spec.dt }))
    }

    /// Runs the network for its own duration and keeps what a repetition needs. `Ok(None)`: given up by `progress`.
    pub fn run(mut self, spec: &NetworkSpec, progress: &mut dyn FnMut(f32) -> bool) -> Result<Option<Snapshot>, Problem> {
        let driven: Vec<bool> =
            spec.populations.iter().map(|p| spec.stimuli.iter().any(|s| s.target == p.name && !sends_spikes(s.stimulus.kind))).collect();
        let wanted: usize = spec.populations.iter().zip(&driven).filter(|d| *d.1).map(|(p, _)| p.size as usize).sum();
        if wanted.saturating_mul(self.snapshot.n_steps as usize) > MAX_NUMBERS {
            let longest = (MAX_NUMBERS / wanted.max(1)) as f64 * self.dt;
            return Err(too_much(&format!(
                "the stimulus currents of {wanted} neurons would be too many numbers; use at most {longest:.0} ms"
            )));
        }
        let mut currents: Vec<Vec<f64>> = vec![Vec::new(); spec.populations.len()];
        // The network draws its own spikes; these copies draw the same again, to be written down.
        let mut stimuli = self.network.stimuli.clone();
        for step in 1..=self.snapshot.n_steps {
            for (stimulus, arrivals) in stimuli.iter_mut().zip(&mut self.snapshot.arrivals).filter(|s| s.0.enabled) {
                stimulus.emit(step, |neuron, count| arrivals.push(step, neuron as u32, count));
            }
            self.network.advance(None);
            for (p, group) in self.network.groups.iter().enumerate() {
                if let (Members::Cells(cells), true) = (&group.members, driven[p]) {
                    currents[p].extend((0..cells.len()).map(|i| cells.inputs(i).2));
                }
            }
            for neuron in self.network.fired() {
                self.snapshot.spikes.push(step, neuron, 1);
            }
            for trace in &mut self.snapshot.traces {
                if let Members::Cells(cells) = &self.network.groups[trace.population].members {
                    trace.values.push(cells.state(trace.state, trace.neuron as usize));
                }
            }
            if step % 256 == 0 {
                if !progress(step as f32 / self.snapshot.n_steps as f32) {
                    return Ok(None);
                }
                let n: usize = self.snapshot.arrivals.iter().map(|a| a.step.len()).sum::<usize>() + self.snapshot.spikes.step.len();
                if n > MAX_NUMBERS {
                    let reached = step as f64 * self.dt;
                    return Err(too_much(&format!("there are more than {MAX_NUMBERS} spikes by {reached:.0} ms; use a shorter duration")));
                }
            }
        }
        for (p, values) in currents.into_iter().enumerate().filter(|c| driven[c.0]) {
            self.snapshot.populations[p].current = Current::of(values, spec.populations[p].size as usize);
        }
        self.snapshot.last_weights =
            (0..self.network.wires.len()).map(|i| self.network.wires[i].sent.iter().map(|w| f64::from(*w)).collect()).collect();
        Ok(Some(self.snapshot))
    }
}

fn too_much(what: &str) -> Problem {
    Problem { at: "duration".into(), what: what.into() }
}

/// The synapses of projection `i` with the weights as last transmitted.
fn synapses(network: &Network, i: usize) -> Synapses {
    let rows = &network.wires[i].rows;
    let mut all = Synapses::default();
    for pre in 0..rows.n_pre {
        rows.each_of(pre, |d, synapse, post| {
            all.pre.push(pre);
            all.post.push(post);
            all.weight.push(rows.exact_weight(synapse));
            all.delay.push(rows.delays[d]);
        });
    }
    all
}

impl Spikes {
    fn push(&mut self, step: u64, neuron: u32, count: u32) {
        self.step.push(step as i64);
        self.neuron.push(neuron);
        self.count.push(count);
    }

    /// The spikes of neurons `first..first + size`, numbered from 0, those of one step and neuron put together.
    pub fn of(&self, first: u32, size: u32) -> Self {
        let mut out = Self::default();
        for ((step, neuron), count) in self.step.iter().zip(&self.neuron).zip(&self.count) {
            if (first..first + size).contains(neuron) {
                let same = out.step.last() == Some(step) && out.neuron.last() == Some(&(neuron - first));
                match out.count.last_mut().filter(|_| same) {
                    Some(n) => *n += count,
                    None => out.push(*step as u64, neuron - first, *count),
                }
            }
        }
        out
    }
}

impl Current {
    /// The simplest form of `n_steps` rows of `size` numbers.
    fn of(values: Vec<f64>, size: usize) -> Self {
        if values.iter().all(|x| *x == 0.0) {
            return Self::None;
        }
        let mut rows = values.chunks_exact(size);
        let first = rows.clone().next().unwrap_or_default();
        if rows.clone().all(|row| row == first) {
            return Self::Constant(Numbers::of(first.to_vec()));
        }
        if rows.all(|row| row.iter().all(|x| x == &row[0])) {
            return Self::Shared(values.chunks_exact(size).map(|row| row[0]).collect());
        }
        Self::Each(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currents_take_their_simplest_form() {
        assert_eq!(Current::of(vec![0.0; 6], 2), Current::None);
        assert_eq!(Current::of(vec![1.0, 2.0, 1.0, 2.0], 2), Current::Constant(Numbers::Each(vec![1.0, 2.0])));
        assert_eq!(Current::of(vec![1.0, 1.0, 2.0, 2.0], 2), Current::Shared(vec![1.0, 2.0]));
        assert!(matches!(Current::of(vec![1.0, 1.0, 2.0, 3.0], 2), Current::Each(_)));
    }

    #[test]
    fn spikes_of_one_step_and_neuron_are_put_together() {
        let all = Spikes { step: vec![1, 1, 1, 2], neuron: vec![3, 5, 5, 5], count: vec![1; 4] };
        let some = all.of(4, 2);
        assert_eq!((some.step, some.neuron, some.count), (vec![1, 2], vec![1, 1], vec![2, 1]));
    }
}
