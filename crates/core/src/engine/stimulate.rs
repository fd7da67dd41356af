//! Stimuli at run time.

use super::cells::Cells;
use super::checkpoint::{Damage, Sink, Source};
use super::network::{Group, Members};
use super::noise;
use super::parted::Parted;
use super::poisson::{GROUP, Poisson};
use crate::model::stimulus::{current_at, step_of};
use crate::model::synapse::Shape;
use crate::part::Part;
use crate::real::Column;
use crate::rng::{self, Purpose, Stream};
use std::ops::Range;

/// How a stimulus acts.
#[derive(Clone)]
enum Action {
    Current,
    /// White noise: one stream per group of neurons, σ of one step.
    Noise {
        streams: Parted<Stream>,
        sd: f64,
    },
    Poisson {
        source: Poisson,
        port: usize,
    },
    /// Spikes as (stamp, neuron index or all), ascending, the next one to come, and those that arrive in this step.
    List {
        spikes: Vec<(u64, Option<u32>)>,
        next: usize,
        due: Range<usize>,
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
                Action::List { spikes, next: 0, due: 0..0, port }
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
            Action::List { spikes: _, next, due: _, port } => to.put(&(next, port)),
        }
    }

    /// Takes over what [`Stimulator::save`] wrote, into a stimulus of the same description.
    pub fn load(&mut self, from: &mut Source<'_>) -> Result<(), Damage> {
        (self.enabled, self.shape) = from.get()?;
        match &mut self.action {
            Action::Current => {}
            Action::Noise { streams, sd: _ } => streams.load(from)?,
            Action::Poisson { source, port } => {
                *port = from.get()?;
                source.load(from)?;
            }
            Action::List { spikes: _, next, due: _, port } => (*next, *port) = from.get()?,
        }
        Ok(())
    }

    /// Where the neurons of its target may be divided between workers: at multiples of the groups that share a random stream, counted
    /// from this one. `None`: anywhere.
    pub fn grain(&self) -> Option<usize> {
        matches!(self.action, Action::Noise { .. } | Action::Poisson { .. }).then_some(self.first)
    }

    /// Prepares the step that starts at `step`: the current that all neurons of its target get, and which listed spikes are due.
    pub fn begin(&mut self, step: u64, groups: &mut [Group]) {
        if !self.enabled {
            return;
        }
        if let Action::List { spikes, next, due, .. } = &mut self.action {
            let from = *next + spikes[*next..].iter().take_while(|s| s.0 <= step).count();
            *next = from + spikes[from..].iter().take_while(|s| s.0 == step + 1).count();
            *due = from..*next;
        }
        if let (Action::Current, Members::Cells(cells)) = (&self.action, &mut groups[self.target].members)
            && self.is_for_all(&**cells)
        {
            cells.add_to_all(current_at(&self.part, step, self.dt));
        }
    }

    fn is_for_all(&self, cells: &dyn Cells) -> bool {
        self.first == 0 && self.last == cells.len()
    }

    /// Before neurons `range` integrate the step that starts at `step`: currents, and spikes through delta synapses.
    ///
    /// # Safety
    /// Meanwhile nobody else has to do with these neurons, and `range` begins and ends where [`Stimulator::grain`] allows.
    pub unsafe fn before(&self, step: u64, groups: &[Group], range: &Range<usize>) {
        let Members::Cells(cells) = &groups[self.target].members else { return };
        let reached = self.first.max(range.start)..self.last.min(range.end);
        if !self.enabled {
            return;
        }
        if self.shape == Shape::Delta {
            // SAFETY: promised by the caller.
            unsafe { self.spikes(step + 1, &**cells, range, &reached) };
        }
        if reached.is_empty() {
            return;
        }
        match &self.action {
            Action::Current if !self.is_for_all(&**cells) => {
                let current = current_at(&self.part, step, self.dt);
                if current != 0.0 {
                    // SAFETY: promised by the caller.
                    unsafe { cells.currents_part(reached) }.add_everywhere(current);
                }
            }
            Action::Noise { streams, sd } => {
                if self.window.contains(&step) {
                    // SAFETY: promised by the caller: the streams of whole groups of these neurons, and their currents.
                    let (streams, column) = unsafe { (streams.part(self.groups(&reached)), cells.currents_part(reached)) };
                    match column {
                        Column::Double(column) => noise::add(column, streams, self.mean, *sd),
                        Column::Single(column) => noise::add(column, streams, self.mean, *sd),
                    }
                }
            }
            Action::Current | Action::Poisson { .. } | Action::List { .. } => {}
        }
    }

    /// The groups of the neurons that are reached.
    fn groups(&self, reached: &Range<usize>) -> Range<usize> {
        debug_assert!((reached.start - self.first).is_multiple_of(GROUP), "a group is drawn as a whole");
        (reached.start - self.first) / GROUP..(reached.end - self.first).div_ceil(GROUP)
    }

    /// After neurons `range` have integrated: spikes that arrive at `now` through synapses with a time course.
    ///
    /// # Safety
    /// As [`Stimulator::before`].
    pub unsafe fn after(&self, now: u64, groups: &[Group], range: &Range<usize>) {
        let reached = self.first.max(range.start)..self.last.min(range.end);
        if let Members::Cells(cells) = &groups[self.target].members
            && self.enabled
            && self.shape != Shape::Delta
        {
            // SAFETY: promised by the caller.
            unsafe { self.spikes(now, &**cells, range, &reached) };
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

    /// # Safety
    /// As [`Stimulator::before`].
    unsafe fn spikes(&self, now: u64, cells: &dyn Cells, range: &Range<usize>, reached: &Range<usize>) {
        match &self.action {
            Action::Poisson { source, port } => {
                if self.window.contains(&(now - 1)) && !reached.is_empty() {
                    // SAFETY: promised by the caller.
                    unsafe {
                        let (inbox, factor) = cells.inbox_part(*port, reached.clone());
                        source.add_part(reached.start - self.first..reached.end - self.first, inbox, self.weight * factor);
                    }
                }
            }
            Action::List { spikes, due, port, .. } => {
                if due.is_empty() {
                    return;
                }
                // SAFETY: promised by the caller.
                let (mut inbox, factor) = unsafe { cells.inbox_part(*port, range.clone()) };
                for (_, neuron) in &spikes[due.clone()] {
                    let to = neuron.map_or(reached.clone(), |i| i as usize..i as usize + 1);
                    for i in to.filter(|i| range.contains(i)) {
                        inbox.add(i - range.start, self.weight * factor);
                    }
                }
            }
            Action::Current | Action::Noise { .. } => {}
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
