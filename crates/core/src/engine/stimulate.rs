//! Stimuli at run time.

use super::checkpoint::{Damage, Sink, Source};
use super::network::{Group, Members};
use super::poisson::Poisson;
use crate::model::stimulus::{current_at, step_of};
use crate::model::synapse::Shape;
use crate::part::Part;
use crate::real::{Column, Real};
use crate::rng::{self, Purpose, Stream};
use std::ops::Range;

/// Neurons that share a noise stream.
const GROUP: usize = 64;

/// How a stimulus acts.
#[derive(Clone)]
enum Action {
    Current,
    /// White noise: one stream per 64 neurons, σ of one step.
    Noise {
        streams: Vec<Stream>,
        sd: f64,
    },
    Poisson {
        source: Poisson,
        port: usize,
    },
    /// Spikes as (stamp, neuron index or all), ascending, and the next one due.
    List {
        spikes: Vec<(u64, Option<u32>)>,
        next: usize,
        port: usize,
    },
}

/// One stimulus.
#[derive(Clone)]
pub struct Stimulator {
    pub part: Part,
    pub target: usize,
    /// Neurons it reaches.
    first: usize,
    last: usize,
    pub enabled: bool,
    /// Shape of its synapse: delta spikes act before, others after the neurons integrate.
    pub shape: Shape,
    dt: f64,
    action: Action,
    /// Steps in which it acts, weight of its spikes and mean of its noise: looked up once, not every step.
    window: Range<u64>,
    weight: f64,
    mean: f64,
}

impl Stimulator {
    /// `port` is the port of its synapse on the target (unused by currents).
    pub fn new(part: &Part, entity: u64, seed: u64, dt: f64, target: usize, range: (u32, u32), shape: Shape, port: usize) -> Self {
        let (first, last) = (range.0 as usize, range.1 as usize);
        let n = last - first;
        let action = match part.kind.key {
            "noise" => Action::Noise {
                streams: (0..n.div_ceil(GROUP)).map(|g| rng::stream(seed, Purpose::Stimulus, entity, g as u64)).collect(),
                sd: noise_sd(part, dt),
            },
            "poisson" => Action::Poisson { source: Poisson::new(seed, Purpose::Stimulus, entity, n, lambda(part, dt)), port },
            "spike_list" => {
                let mut spikes: Vec<_> =
                    part.table.iter().filter_map(|row| row.first().map(|t| (step_of(*t, dt), row.get(1).map(|n| *n as u32)))).collect();
                spikes.sort_unstable();
                Action::List { spikes, next: 0, port }
            }
            _ => Action::Current,
        };
        let mut stimulator =
            Self { part: part.clone(), target, first, last, enabled: true, shape, dt, action, window: 0..0, weight: 0.0, mean: 0.0 };
        stimulator.look_up();
        stimulator
    }

    fn look_up(&mut self) {
        let value = |key: &str| self.part.kind.param(key).map(|i| self.part.values[i]);
        let step = |key: &str| value(key).map(|ms| step_of(ms, self.dt));
        self.window = step("start").unwrap_or(0)..step("stop").unwrap_or(u64::MAX);
        (self.weight, self.mean) = (value("weight").unwrap_or(0.0), value("mean").unwrap_or(0.0));
    }

    /// Takes over a changed parameter.
    pub fn set(&mut self, param: usize, value: f64) {
        self.part.values[param] = value;
        self.look_up();
        match &mut self.action {
            Action::Noise { sd, .. } => *sd = noise_sd(&self.part, self.dt),
            Action::Poisson { source, .. } => source.set_lambda(lambda(&self.part, self.dt)),
            Action::Current | Action::List { .. } => {}
        }
    }

    /// The port its spikes go to; none for currents.
    pub fn port(&self) -> Option<usize> {
        match &self.action {
            Action::Poisson { port, .. } | Action::List { port, .. } => Some(*port),
            Action::Current | Action::Noise { .. } => None,
        }
    }

    pub fn set_port(&mut self, to: usize, shape: Shape) {
        self.shape = shape;
        if let Action::Poisson { port, .. } | Action::List { port, .. } = &mut self.action {
            *port = to;
        }
    }

    /// Skips listed spikes that lie at or before `step` (a stimulus that joins a running network).
    pub fn skip_to(&mut self, step: u64) {
        if let Action::List { spikes, next, .. } = &mut self.action {
            *next = spikes.partition_point(|s| s.0 <= step);
        }
    }

    /// Continues the random streams of the same stimulus in a former network.
    pub fn adopt(&mut self, old: &Self) {
        if self.part.kind.key != old.part.kind.key || self.last - self.first != old.last - old.first {
            return;
        }
        match (&mut self.action, &old.action) {
            (Action::Noise { streams, .. }, Action::Noise { streams: former, .. }) => streams.clone_from(former),
            (Action::Poisson { source, .. }, Action::Poisson { source: former, .. }) => {
                source.adopt(former);
            }
            _ => {}
        }
    }

    /// Writes the random streams, the place in a list, and the port (which edits may have moved).
    pub fn save(&self, to: &mut Sink) {
        let Self { part: _, target: _, first: _, last: _, enabled, shape, dt: _, action, window: _, weight: _, mean: _ } = self;
        to.put(&(enabled, shape));
        match action {
            Action::Current => {}
            Action::Noise { streams, sd: _ } => to.put(streams),
            Action::Poisson { source, port } => {
                to.put(port);
                source.save(to);
            }
            Action::List { spikes: _, next, port } => to.put(&(next, port)),
        }
    }

    /// Takes over what [`Stimulator::save`] wrote, into a stimulus of the same description.
    pub fn load(&mut self, from: &mut Source<'_>) -> Result<(), Damage> {
        (self.enabled, self.shape) = from.get()?;
        match &mut self.action {
            Action::Current => {}
            Action::Noise { streams, sd: _ } => from.fill(streams)?,
            Action::Poisson { source, port } => {
                *port = from.get()?;
                source.load(from)?;
            }
            Action::List { spikes: _, next, port } => (*next, *port) = from.get()?,
        }
        Ok(())
    }

    /// Before the neurons integrate the step that starts at `step`: currents, and spikes through delta synapses.
    pub fn before(&mut self, step: u64, groups: &mut [Group]) {
        if !self.enabled {
            return;
        }
        if self.shape == Shape::Delta {
            self.spikes(step + 1, groups);
        }
        let Members::Cells(cells) = &mut groups[self.target].members else { return };
        match &mut self.action {
            Action::Current => {
                let current = current_at(&self.part, step, self.dt);
                if current != 0.0 {
                    cells.add_currents(self.first, self.last, current);
                }
            }
            Action::Noise { streams, sd } => {
                if self.window.contains(&step) {
                    match cells.currents().part(self.first, self.last) {
                        Column::Double(column) => add_noise(column, streams, self.mean, *sd),
                        Column::Single(column) => add_noise(column, streams, self.mean, *sd),
                    }
                }
            }
            Action::Poisson { .. } | Action::List { .. } => {}
        }
    }

    /// After the neurons have integrated: spikes that arrive at `now` through synapses with a time course.
    pub fn after(&mut self, now: u64, groups: &mut [Group]) {
        if self.enabled && self.shape != Shape::Delta {
            self.spikes(now, groups);
        }
    }

    /// Draws the spikes that arrive at `now`, to be written down instead of delivered: calls `arrive(neuron, count)` for each neuron that gets
    /// some. Must be called for every step in turn, as it moves the random streams on.
    pub fn emit(&mut self, now: u64, mut arrive: impl FnMut(usize, u32)) {
        match &mut self.action {
            Action::Poisson { source, .. } => {
                if self.window.contains(&(now - 1)) {
                    source.draw(|i, count| arrive(self.first + i, count));
                }
            }
            Action::List { spikes, next, .. } => {
                while let Some((stamp, neuron)) = spikes.get(*next).copied().filter(|s| s.0 <= now) {
                    *next += 1;
                    if stamp == now {
                        let range = neuron.map_or(self.first..self.last, |i| i as usize..i as usize + 1);
                        range.for_each(|i| arrive(i, 1));
                    }
                }
            }
            Action::Current | Action::Noise { .. } => {}
        }
    }

    fn spikes(&mut self, now: u64, groups: &mut [Group]) {
        let Members::Cells(cells) = &mut groups[self.target].members else { return };
        match &mut self.action {
            Action::Poisson { source, port } => {
                if self.window.contains(&(now - 1)) {
                    let (inbox, factor) = cells.inbox(*port);
                    source.add_to(inbox.part(self.first, self.last), self.weight * factor);
                }
            }
            Action::List { spikes, next, port } => {
                let weight = self.weight;
                while let Some((stamp, neuron)) = spikes.get(*next).copied().filter(|s| s.0 <= now) {
                    *next += 1;
                    if stamp < now {
                        continue;
                    }
                    let (mut inbox, factor) = cells.inbox(*port);
                    let range = neuron.map_or(self.first..self.last, |i| i as usize..i as usize + 1);
                    for i in range {
                        inbox.add(i, weight * factor);
                    }
                }
            }
            Action::Current | Action::Noise { .. } => {}
        }
    }
}

fn add_noise<R: Real>(column: &mut [R], streams: &mut [Stream], mean: f64, sd: f64) {
    for (part, stream) in column.chunks_mut(GROUP).zip(streams) {
        for x in part {
            *x += R::of(mean + sd * rng::normal(stream));
        }
    }
}

/// Standard deviation of one step's noise current: the stated one holds for an average over 1 ms.
fn noise_sd(part: &Part, dt: f64) -> f64 {
    part.get("sd") / dt.sqrt()
}

fn lambda(part: &Part, dt: f64) -> f64 {
    part.get("rate") * 1e-3 * dt
}
