//! A simulation: a network in its session. Synchronous; the thread and the headless run both drive this.

use super::builder::{self, parameters};
use super::crew::Crew;
use super::network::{Members, Network, Pulse};
use super::picture::{Job, picture, visit};
use super::record::Recorder;
use crate::model::plasticity::stdp::Stdp;
use crate::model::stimulus::step_of;
use crate::model::synapse;
use crate::protocol::{Command, Event, Frame, Poke, Probe, Status, SynapseInfo, Watch, WeightImage};
use crate::spec::NetworkSpec;
use crate::spec::path::{Path, Place};
use crate::spec::validate::Problem;
use std::sync::Arc;

/// Most synapses of one projection that "keep these weights" writes out.
const KEEP_LIMIT: usize = 2_000_000;

/// A network with its description, recorders and pending events.
pub struct Simulation {
    pub(super) spec: Arc<NetworkSpec>,
    /// What the run started from at time zero.
    pub(super) origin: Arc<NetworkSpec>,
    pub(super) network: Network,
    pub(super) recorder: Recorder,
    probes: Arc<Vec<Probe>>,
    pub watch: Option<Watch>,
    events: Vec<Event>,
    pub(super) generation: u64,
    /// Weights when the network was built, made when first asked for.
    pub(super) initial: Option<Box<Network>>,
    pub(super) diverged: bool,
    /// Every command since time zero that can change a spike, with the step it acted at.
    pub(super) log: Vec<(u64, Command)>,
    /// Who shares the work of a step; nobody when one thread does it.
    crew: Option<Crew>,
}

impl Simulation {
    /// Builds the network of `spec` at time zero.
    pub fn new(spec: &NetworkSpec) -> Result<Self, Vec<Problem>> {
        let network = builder::build(spec, &mut |_| true)?.expect("nobody gave up");
        Ok(Self::with(Arc::new(spec.clone()), network))
    }

    /// A simulation of a network that was built from `spec`.
    pub fn with(spec: Arc<NetworkSpec>, network: Network) -> Self {
        Self {
            origin: Arc::clone(&spec),
            spec,
            network,
            recorder: Recorder::default(),
            probes: Arc::default(),
            watch: None,
            events: Vec::new(),
            generation: 1,
            initial: None,
            diverged: false,
            log: Vec::new(),
            crew: None,
        }
    }

    /// Shares the work of each step between `n` threads from now on (this one included), or fewer where the system grants no more.
    /// The spikes stay the same.
    pub fn set_threads(&mut self, n: usize) {
        if n <= 1 {
            self.crew = None;
        } else if self.crew.as_ref().is_none_or(|c| c.len() != n) {
            self.crew = Some(Crew::new(n));
        }
        self.share_out();
    }

    /// Threads that share the work of a step.
    pub fn threads(&self) -> usize {
        self.crew.as_ref().map_or(1, Crew::len)
    }

    /// Divides a network that has just come in between the threads.
    pub(super) fn share_out(&mut self) {
        if self.network.n_shares() != self.threads() {
            self.network.divide(self.threads());
        }
    }

    /// Commands since time zero that can change a spike, with the step they acted at. With the description the run started from, they
    /// are the whole session: see [`Simulation::replay`].
    pub fn log(&self) -> &[(u64, Command)] {
        &self.log
    }

    /// What the run started from at time zero.
    pub fn origin(&self) -> &Arc<NetworkSpec> {
        &self.origin
    }

    /// Repeats a session: the network of `spec` with the commands of `log`, up to `steps`. Gives the same spikes, bit for bit.
    pub fn replay(spec: &NetworkSpec, log: &[(u64, Command)], steps: u64) -> Result<Self, Vec<Problem>> {
        Ok(Self::replay_with(spec, log, steps, &mut |_| true)?.expect("nobody gave up"))
    }

    /// The same, telling `progress` how far it has come (0 to 1); `None` when that gave up.
    pub fn replay_with(
        spec: &NetworkSpec,
        log: &[(u64, Command)],
        steps: u64,
        progress: builder::Progress<'_>,
    ) -> Result<Option<Self>, Vec<Problem>> {
        let Some(network) = builder::build(spec, &mut |_| progress(0.0))? else { return Ok(None) };
        let mut simulation = Self::with(Arc::new(spec.clone()), network);
        for (at, command) in log {
            if !simulation.advance_to(*at, steps, progress) {
                return Ok(None);
            }
            if let Command::Load { spec, keep } = command {
                let Some(network) = builder::build(spec, &mut |_| progress(*at as f32 / steps.max(1) as f32))? else { return Ok(None) };
                simulation.replace(Arc::clone(spec), network, *keep, 0.0);
            } else {
                simulation.apply(command);
            }
            // Nobody watches a replay.
            simulation.take(&mut Frame::default());
        }
        Ok(simulation.advance_to(steps, steps, progress).then_some(simulation))
    }

    /// Advances to step `to`, of `all` in the end; false when `progress` gave up or a state diverged before.
    fn advance_to(&mut self, to: u64, all: u64, progress: builder::Progress<'_>) -> bool {
        while self.network.step < to {
            if self.diverged || !progress(self.network.step as f32 / all.max(1) as f32) {
                return self.diverged;
            }
            self.advance((to - self.network.step).min(1024));
            self.recorder.clear();
        }
        true
    }

    pub fn spec(&self) -> &Arc<NetworkSpec> {
        &self.spec
    }

    pub fn step_count(&self) -> u64 {
        self.network.step
    }

    pub fn n_spikes(&self) -> u64 {
        self.network.n_spikes
    }

    /// Hash over all spikes since time zero: equal hashes mean equal spikes.
    pub fn spike_hash(&self) -> u64 {
        self.network.hash
    }

    /// Synapses of each projection.
    pub fn n_synapses(&self) -> Vec<u64> {
        self.network.wires.iter().map(|w| w.rows.n_synapses() as u64).collect()
    }

    /// Bytes held by the synapses.
    pub fn synapse_bytes(&self) -> usize {
        self.network.wires.iter().map(|w| w.rows.bytes()).sum()
    }

    /// Spikes since time zero of each population.
    pub fn population_spikes(&self) -> Vec<u64> {
        self.network.groups.iter().map(|g| g.n_spikes).collect()
    }

    /// A state variable of one neuron; `None` when there is no such thing.
    pub fn state(&self, population: usize, key: &str, neuron: u32) -> Option<f64> {
        let column = self.spec.populations.get(population)?.model.kind.state(key)?;
        match &self.network.groups.get(population)?.members {
            Members::Cells(cells) if (neuron as usize) < cells.len() => Some(cells.state(column, neuron as usize)),
            _ => None,
        }
    }

    /// All weights of a projection as (pre, post, weight, delay in steps), with pending plasticity included.
    pub fn weights(&self, projection: usize) -> Vec<(u32, u32, f32, u32)> {
        let Some(wire) = self.network.wires.get(projection) else { return Vec::new() };
        let mut out = Vec::with_capacity(wire.rows.n_synapses());
        visit(wire, self.network.step, |pre, d, post, w| out.push((pre, post, w, wire.rows.delays[d])));
        out
    }

    /// Advances by `steps`, recording everything. Stops early when a state diverges.
    pub fn advance(&mut self, steps: u64) {
        for k in 0..steps {
            self.one_step();
            if k % 1024 == 1023 && self.check_finite() {
                return;
            }
        }
        self.check_finite();
    }

    /// One step; true when any neuron fired. Does not look for divergence.
    pub fn one_step(&mut self) -> bool {
        self.make_room();
        self.bare_step()
    }

    /// Makes sure that the next step finds room for what it records: all the memory that a running simulation asks for.
    pub fn make_room(&mut self) {
        self.recorder.reserve(&self.network);
    }

    /// One step where room was made: neither asks for memory nor gives any back, and takes no lock (`crates/core/tests/steady.rs`).
    pub fn bare_step(&mut self) -> bool {
        let before = self.network.n_spikes;
        self.network.advance(self.crew.as_mut());
        self.recorder.step(&self.network);
        self.network.n_spikes != before
    }

    /// Looks for state that is no longer finite; reports it once. True when there is some.
    pub fn check_finite(&mut self) -> bool {
        if self.diverged {
            return true;
        }
        for (population, group) in self.network.groups.iter().enumerate() {
            let Members::Cells(cells) = &group.members else { continue };
            if let Some((neuron, column)) = cells.find_non_finite() {
                let model = self.spec.populations[population].model.kind;
                let variable = model.states.get(column).map_or("hidden", |s| s.key).to_owned();
                let advice = format!(
                    "{} cannot be integrated with these values; use a smaller dt (now {} ms), another scheme, or a weaker input, then reset",
                    model.name, self.network.dt
                );
                #[allow(clippy::cast_possible_truncation)]
                let neuron = neuron as u32;
                self.events.push(Event::Diverged { population, neuron, variable, step: self.network.step, advice });
                self.diverged = true;
                return true;
            }
        }
        false
    }

    pub fn is_diverged(&self) -> bool {
        self.diverged
    }

    /// Carries out a command that concerns the network (run control, loads and resets belong to the driver).
    pub fn apply(&mut self, command: &Command) {
        if matches!(command, Command::Set { .. } | Command::Enable { .. } | Command::Poke { .. }) {
            self.log.push((self.network.step, command.clone()));
        }
        match command {
            Command::Set { path, value } => self.set(*path, *value),
            Command::Enable { stimulus, enabled } => {
                if let (Some(run), true) = (self.network.stimuli.get_mut(*stimulus), self.spec.stimuli.len() > *stimulus) {
                    run.enabled = *enabled;
                    run.skip_to(self.network.step);
                    Arc::make_mut(&mut self.spec).stimuli[*stimulus].enabled = *enabled;
                }
            }
            Command::Poke { population, neuron, poke } => self.poke(*population, *neuron, *poke),
            Command::Probe(probes) => self.set_probes(Arc::new(probes.clone())),
            Command::Watch(watch) => {
                self.watch = *watch;
                for wire in &mut self.network.wires {
                    if let Some(p) = &mut wire.plastic {
                        // Of all rules: the STDP window may show another projection than the heatmap.
                        p.watch_pairs = watch.is_some();
                    }
                }
            }
            Command::Inspect { projection, pre, post } => self.inspect(*projection, *pre, *post),
            Command::TakeWeights => self.take_weights(),
            Command::TakeSession { state } => {
                let record = Arc::new(self.record(*state));
                self.events.push(Event::Session { record });
            }
            _ => {}
        }
    }

    fn set_probes(&mut self, probes: Arc<Vec<Probe>>) {
        let spec = &self.spec;
        let states = |population: usize, key: &str| spec.populations.get(population).and_then(|p| p.model.kind.state(key));
        self.recorder.set_probes(&probes, &self.network, &states);
        self.recorder.probes_seq += 1;
        self.probes = probes;
    }

    /// A live parameter. Values that cannot be are refused, and the network runs on.
    fn set(&mut self, path: Path, value: f64) {
        let checked = self.spec.check_set(path, value);
        if let (Ok(()), Some(part)) = (&checked, Arc::make_mut(&mut self.spec).part_mut(path.place)) {
            part.values[path.param] = value;
        }
        if let Err(why) = checked {
            self.events.push(Event::Refused { what: "Parameter not changed".into(), why });
            return;
        }
        let (network, spec) = (&mut self.network, &self.spec);
        let dt = network.dt;
        #[allow(clippy::cast_possible_wrap)]
        match path.place {
            Place::Model(i) | Place::Spread(i, _) => {
                let population = &spec.populations[i];
                match &mut network.groups[i].members {
                    Members::Cells(cells) => cells.set_params(&parameters(spec, population), dt),
                    Members::Poisson(source) => source.set_lambda(population.model.get("rate") * 1e-3 * dt),
                }
            }
            Place::Synapse(i) => {
                let wire = &network.wires[i];
                let port = network.reshape(wire.post, wire.port, synapse::shape(&spec.projections[i].synapse));
                network.wires[i].port = port;
                network.wires[i].shape = synapse::shape(&spec.projections[i].synapse);
            }
            Place::StimulusSynapse(i) => {
                let shape = synapse::shape(&spec.stimuli[i].synapse);
                if let Some(port) = network.stimuli[i].port() {
                    let port = network.reshape(network.stimuli[i].target, port, shape);
                    network.stimuli[i].set_port(port, shape);
                }
            }
            Place::Plasticity(i) => {
                let wire = &mut network.wires[i];
                if let (Some(plastic), Some(part)) = (&mut wire.plastic, &spec.projections[i].plasticity) {
                    plastic.set_rule(Stdp::of(part), &mut wire.rows, network.step as i64);
                }
            }
            Place::Stimulus(i) => network.stimuli[i].set(path.param, value),
            Place::Initial(..) | Place::Connect(_) | Place::Weight(_) | Place::Delay(_) => {}
        }
    }

    fn poke(&mut self, population: usize, neuron: u32, poke: Poke) {
        let Some(group) = self.network.groups.get_mut(population).filter(|g| neuron < g.size) else { return };
        let Members::Cells(cells) = &mut group.members else {
            self.events.push(Event::Refused { what: "Poke".into(), why: "a Poisson source has no membrane to poke".into() });
            return;
        };
        let n_states = self.spec.populations.get(population).map_or(0, |p| p.model.kind.states.len());
        match poke {
            Poke::Fire => cells.kick(neuron as usize),
            Poke::Pulse { amplitude, duration } if amplitude.is_finite() && duration.is_finite() => {
                cells.expect_currents();
                let until = self.network.step + step_of(duration, self.network.dt).max(1);
                self.network.pulses.push(Pulse { group: population, neuron, amplitude, until });
            }
            Poke::State { state, value } if value.is_finite() && state < n_states => cells.set_state(state, neuron as usize, value),
            Poke::Pulse { .. } | Poke::State { .. } => {}
        }
    }

    fn inspect(&mut self, projection: usize, pre: u32, post: u32) {
        let dt = self.network.dt;
        let find = |network: &Network| {
            let wire = network.wires.get(projection).filter(|w| pre < w.rows.n_pre)?;
            (0..wire.rows.delays.len()).find_map(|d| {
                let mut found = None;
                wire.rows.each(pre, d, |s, target| {
                    if target == post {
                        found = found.or(Some(s));
                    }
                });
                let synapse = found?;
                #[allow(clippy::cast_possible_wrap)]
                let now = network.step as i64;
                let mut weight = vec![wire.rows.weight(synapse)];
                if let Some(plastic) = &wire.plastic {
                    plastic.peek(&wire.rows, pre, d, synapse..synapse + 1, now, &mut weight);
                }
                Some((weight[0], f64::from(wire.rows.delays[d]) * dt))
            })
        };
        let found = find(&self.network);
        if self.initial.is_none() && found.is_some() && self.network.wires.iter().map(|w| w.rows.n_synapses()).sum::<usize>() < KEEP_LIMIT {
            self.initial = builder::build_wired(&self.spec, &self.network.wiring_seeds(), &mut |_| true).ok().flatten().map(Box::new);
        }
        let initial = self.initial.as_deref().and_then(find).map(|f| f.0);
        let found = found.map(|(weight, delay)| SynapseInfo { weight, initial: initial.unwrap_or(f32::NAN), delay });
        self.events.push(Event::Synapse { projection, pre, post, found });
    }

    fn take_weights(&mut self) {
        let dt = self.network.dt;
        let connections = (0..self.network.wires.len())
            .map(|i| {
                let wire = &self.network.wires[i];
                if wire.plastic.is_none() || wire.rows.n_synapses() > KEEP_LIMIT {
                    return Vec::new();
                }
                let row = |(pre, post, w, d): (u32, u32, f32, u32)| vec![f64::from(pre), f64::from(post), shortest(w), f64::from(d) * dt];
                self.weights(i).into_iter().map(row).collect()
            })
            .collect();
        self.events.push(Event::Weights { connections });
    }

    /// Puts another network in the place of this one. With `keep`, what fits is taken over and the clock goes on.
    pub fn replace(&mut self, spec: Arc<NetworkSpec>, mut network: Network, keep: bool, build_secs: f64) {
        let lost = if keep { super::adopt::adopt(&mut network, &spec, &mut self.network, &self.spec) } else { None };
        self.spec = spec;
        self.network = network;
        self.network.make_room();
        self.share_out();
        self.initial = None;
        self.diverged = false;
        if keep {
            self.log.push((self.network.step, Command::Load { spec: Arc::clone(&self.spec), keep }));
        } else {
            self.log.clear();
            self.origin = Arc::clone(&self.spec);
            self.generation += 1;
            self.recorder.clear();
        }
        self.look_again();
        self.events.push(Event::Loaded { spec: Arc::clone(&self.spec), n_synapses: self.n_synapses(), build_secs, lost });
    }

    /// Tells that the network in place is now `spec`, whose values are those in force.
    pub(super) fn announce(&mut self, spec: Arc<NetworkSpec>, build_secs: f64) {
        let spec = if *spec == *self.spec { spec } else { Arc::clone(&self.spec) };
        self.events.push(Event::Loaded { spec, n_synapses: self.n_synapses(), build_secs, lost: None });
    }

    /// Probes and pictures of the former network point into the new one from now on.
    pub(super) fn look_again(&mut self) {
        let (probes, watch) = (std::mem::take(&mut self.probes), self.watch);
        self.set_probes(probes);
        self.apply(&Command::Watch(watch));
    }

    pub fn push_event(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Fills in what the network knows of its status.
    pub fn status(&self, status: &mut Status) {
        status.step = self.network.step;
        status.dt = self.network.dt;
        status.seed = self.spec.seed;
        status.n_spikes = self.network.n_spikes;
        status.spike_hash = self.network.hash;
        status.generation = self.generation;
    }

    /// Moves everything recorded since the last call into `frame`.
    pub fn take(&mut self, frame: &mut Frame) {
        self.status(&mut frame.status);
        self.recorder.take(frame);
        frame.probes = Arc::clone(&self.probes);
        frame.events.append(&mut self.events);
        for wire in &mut self.network.wires {
            if let Some(p) = &mut wire.plastic {
                frame.pairs.append(&mut p.pairs);
            }
        }
    }

    /// Whether any weight that the window shows changes by itself: static and frozen ones need one picture only.
    pub fn watched_weights_change(&self) -> bool {
        let shown = |i: usize| self.watch.is_some_and(|w| w.projection.is_none_or(|p| p == i));
        self.network.wires.iter().enumerate().any(|(i, w)| shown(i) && w.plastic.as_ref().is_some_and(|p| p.rule.learning))
    }

    /// The weights the window asked for.
    pub fn picture(&self) -> Option<WeightImage> {
        self.watch.map(|w| picture(&self.network, w))
    }

    /// Begins such a picture, to be made in slices.
    pub(super) fn begin_picture(&self) -> Option<Job> {
        self.watch.map(|w| Job::new(&self.network, w))
    }

    /// A slice of it: until it is done, or `more` says no.
    pub(super) fn continue_picture(&self, job: &mut Job, more: &mut dyn FnMut() -> bool) -> Option<WeightImage> {
        job.go_on(&self.network, more)
    }
}

/// The f64 that prints as the f32 does, so that kept weights read well.
fn shortest(w: f32) -> f64 {
    w.to_string().parse().unwrap_or(f64::from(w))
}
