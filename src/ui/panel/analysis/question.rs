//! What is asked of the background: which spikes, of whom, over which time, by which measure.

use super::super::super::history::spikes::Snapshot;
use super::super::super::text;
use super::super::super::view::ViewCtx;
use super::super::common;
use super::measures::Measure;
use super::{Span, Subject};
use crate::plot::{Ink, Plot};

/// Neurons that are looked at together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub name: String,
    pub ink: Ink,
    /// Ids of its neurons, ascending.
    pub ids: Vec<u32>,
    /// Steps by which its stamps lie before the end of the step.
    pub shift: u64,
}

/// One question.
pub struct Question {
    pub measure: &'static Measure,
    /// Parameters in the order of the measure's descriptors.
    pub params: Vec<f64>,
    pub groups: Vec<Group>,
    pub spikes: Snapshot,
    /// ms
    pub dt: f64,
    /// Start and end, ms.
    pub window: (f64, f64),
}

/// What makes two questions the same but for the passing of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    measure: &'static str,
    params: Vec<f64>,
    groups: Vec<Group>,
    span: Span,
    brushed: Option<(f64, f64)>,
    generation: u64,
}

/// Plots, and numbers with their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    pub plots: Vec<Plot>,
    pub readings: Vec<(String, String)>,
}

/// What came out, or why it is not defined.
pub type Result = std::result::Result<Shown, String>;

/// One answer.
pub struct Answer {
    pub measure: &'static str,
    /// Whose spikes over which time: `E, 200 neurons, 5 s`.
    pub about: String,
    pub result: Result,
}

/// The question of this moment.
pub fn make(view: &ViewCtx<'_>, measure: &'static Measure, params: Vec<f64>, span: Span, subject: &Subject) -> (Question, Key) {
    let dt = view.status.dt.max(f64::MIN_POSITIVE);
    let now = view.history.step() as f64 * dt;
    let brushed = view.selection.time.filter(|_| span == Span::Brushed);
    let window = match span {
        Span::Last(ms) => ((now - ms).max(0.0), now),
        Span::Brushed => brushed.map_or(((now - 1000.0).max(0.0), now), |(a, b)| (a, b.min(now).max(a))),
    };
    let groups = groups(view, subject);
    let shift = groups.iter().map(|g| g.shift).max().unwrap_or(0);
    let steps = (window.0 / dt).floor().max(0.0) as u64..(window.1 / dt).ceil().max(0.0) as u64 + shift + 1;
    let spikes = view.history.spikes.snapshot(steps);
    let key =
        Key { measure: measure.key, params: params.clone(), groups: groups.clone(), span, brushed, generation: view.history.generation() };
    (Question { measure, params, groups, spikes, dt, window }, key)
}

fn groups(view: &ViewCtx<'_>, subject: &Subject) -> Vec<Group> {
    let spec = view.spec;
    let firsts = spec.first_ids();
    let whole = |p: usize| Group {
        name: spec.populations[p].name.clone(),
        ink: common::ink(spec, p),
        ids: (firsts[p]..firsts[p] + spec.populations[p].size).collect(),
        shift: spec.stamp_shift(p),
    };
    match subject {
        Subject::Population(name) if spec.population(name).is_some() => spec.population(name).map(whole).into_iter().collect(),
        Subject::Selected if !view.selection.neurons.is_empty() => {
            let mut neurons: Vec<(usize, u32)> = view.selection.neurons.clone();
            neurons.retain(|(p, n)| spec.populations.get(*p).is_some_and(|p| *n < p.size));
            let one = |(i, (p, n)): (usize, (usize, u32))| Group {
                name: common::neuron_name(spec, p, n),
                ink: Ink::Series(i),
                ids: vec![firsts[p] + n],
                shift: spec.stamp_shift(p),
            };
            neurons.into_iter().enumerate().map(one).collect()
        }
        _ => (0..spec.populations.len()).map(whole).collect(),
    }
}

impl Question {
    /// Length of the window, ms.
    pub fn length(&self) -> f64 {
        self.window.1 - self.window.0
    }

    /// For each group the spike times (ms) of each of its neurons, `[groups][neurons][spikes]`.
    pub fn trains(&self) -> Vec<Vec<Vec<f64>>> {
        let most = self.groups.iter().filter_map(|g| g.ids.last()).max().map_or(0, |id| *id as usize + 1);
        let mut place = vec![(u32::MAX, 0u32); most];
        for (g, group) in self.groups.iter().enumerate() {
            for (i, id) in group.ids.iter().enumerate() {
                place[*id as usize] = (g as u32, i as u32);
            }
        }
        let mut trains: Vec<Vec<Vec<f64>>> = self.groups.iter().map(|g| vec![Vec::new(); g.ids.len()]).collect();
        for (step, id) in self.spikes.iter() {
            let Some((g, i)) = place.get(id as usize).filter(|(g, _)| *g != u32::MAX) else { continue };
            let group = *g as usize;
            let time = step.saturating_sub(self.groups[group].shift) as f64 * self.dt;
            if time > self.window.0 && time <= self.window.1 {
                trains[group][*i as usize].push(time);
            }
        }
        trains
    }

    /// Whose spikes, over which time.
    pub fn about(&self) -> String {
        let n: usize = self.groups.iter().map(|g| g.ids.len()).sum();
        let who = match self.groups.as_slice() {
            [one] => one.name.clone(),
            many => format!("{} groups", many.len()),
        };
        let neurons = text::counted(n as u64, "neuron", "neurons");
        format!("{who}, {neurons}, {}", text::with_unit(&text::number(self.length() / 1000.0, 3), "s"))
    }
}
