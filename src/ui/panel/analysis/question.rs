//! What is asked of the background: which spikes, of whom, over which time, by which measure.

use super::super::super::history::spikes::Snapshot;
use super::super::super::kept::Kept;
use super::super::super::text;
use super::super::super::view::ViewCtx;
use super::super::common;
use super::{Span, Subject};
use crate::plot::{Ink, Plot};
use spikeground_core::analysis::{Measure, Takes, Trains};
use spikeground_core::protocol::Probe;
use spikeground_core::spec::NetworkSpec;

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
    /// Times at which stimuli begin, ms.
    pub onsets: Vec<f64>,
    pub signals: Vec<Recorded>,
    pub weights: Option<Synapses>,
    /// The same of the runs that were kept and are shown.
    pub kept: Vec<(String, Ink, Question)>,
}

/// A recorded variable in the window, a value a step.
pub struct Recorded {
    pub name: String,
    pub unit: String,
    /// Time of the first value, ms.
    pub start: f64,
    pub values: Vec<f64>,
}

/// Weights as they were last seen.
pub struct Synapses {
    pub values: Vec<f32>,
    pub unit: String,
    pub bounds: Option<(f64, f64)>,
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
    /// Kept runs on show.
    kept: Vec<(String, Ink)>,
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

/// Up to so many selected neurons are shown one by one.
const MOST_APART: usize = 8;

/// The question of this moment.
pub fn make(view: &ViewCtx<'_>, measure: &'static Measure, params: Vec<f64>, span: Span, subject: &Subject) -> (Question, Key) {
    let dt = view.status.dt.max(f64::MIN_POSITIVE);
    let now = view.history.step() as f64 * dt;
    let brushed = view.selection.time.filter(|_| span == Span::Brushed);
    let window = match span {
        Span::Last(ms) => ((now - ms).max(0.0), now),
        Span::Brushed => brushed.map_or(((now - 1000.0).max(0.0), now), |(a, b)| (a, b.min(now).max(a))),
    };
    let groups = groups(view, subject, measure);
    let shift = groups.iter().map(|g| g.shift).max().unwrap_or(0);
    let steps = (window.0 / dt).floor().max(0.0) as u64..(window.1 / dt).ceil().max(0.0) as u64 + shift + 1;
    let spikes = view.history.spikes.snapshot(steps);
    let kept: Vec<_> =
        view.kept.shown().map(|k| (k.name.clone(), k.ink(), of_kept(view, k, measure, &params, span, brushed, &groups))).collect();
    let key = Key {
        measure: measure.key,
        params: params.clone(),
        groups: groups.clone(),
        span,
        brushed,
        generation: view.history.generation(),
        kept: kept.iter().map(|k| (k.0.clone(), k.1)).collect(),
    };
    let signals = if measure.takes == Takes::Signal { signal(view, subject, window).into_iter().collect() } else { Vec::new() };
    let weights = if measure.takes == Takes::Weights { weights(view) } else { None };
    (Question { measure, params, groups, spikes, dt, window, onsets: onsets(view.spec, window), signals, weights, kept }, key)
}

/// The same question of a kept run: the same neurons, the end of its own time or the same brushed range.
fn of_kept(
    view: &ViewCtx<'_>,
    kept: &Kept,
    measure: &'static Measure,
    params: &[f64],
    span: Span,
    brushed: Option<(f64, f64)>,
    groups: &[Group],
) -> Question {
    let (dt, end) = (kept.spec.dt, kept.end());
    let window = match (span, brushed) {
        (Span::Last(ms), _) => ((end - ms).max(kept.start()), end),
        (Span::Brushed, Some((a, b))) => (a.min(end), b.min(end)),
        (Span::Brushed, None) => ((end - 1000.0).max(0.0), end),
    };
    let homes = kept.ids(view.spec);
    let there = |id: &u32| {
        let home = homes.iter().find(|h| (h.there..h.there + h.n).contains(id))?;
        Some(home.first + (id - home.there))
    };
    let moved = |g: &Group| Group { ids: g.ids.iter().filter_map(there).collect(), ink: kept.ink(), ..g.clone() };
    let mut groups: Vec<Group> = groups.iter().map(moved).filter(|g| !g.ids.is_empty()).collect();
    // Populations may come in another order there.
    groups.iter_mut().for_each(|g| g.ids.sort_unstable());
    let shift = groups.iter().map(|g| g.shift).max().unwrap_or(0);
    let steps = (window.0 / dt).floor().max(0.0) as u64..(window.1 / dt).ceil().max(0.0) as u64 + shift + 1;
    let subject = common::Subject::natural(view.spec, view.selection.item);
    let weights = kept.weights(view.spec, subject.projection).map(|p| Synapses {
        values: p.last.values.iter().copied().filter(|w| w.is_finite()).collect(),
        unit: subject.unit(view.spec).unwrap_or_default().to_owned(),
        bounds: subject.w_max(view.spec).map(|w| (0.0, w)),
    });
    Question {
        measure,
        params: params.to_vec(),
        groups,
        spikes: kept.memory.spikes.snapshot(steps),
        dt,
        window,
        onsets: onsets(&kept.spec, window),
        signals: Vec::new(),
        weights: weights.filter(|_| measure.takes == Takes::Weights),
        kept: Vec::new(),
    }
}

/// The neuron whose signal is taken: the first selected one, or the first of the population that is looked at.
pub fn listener(view: &ViewCtx<'_>, subject: &Subject) -> Option<(usize, u32)> {
    let is_cell = |p: usize| view.spec.populations.get(p).is_some_and(|p| p.size > 0 && !p.model.kind.states.is_empty());
    let selected = view.selection.neurons.iter().copied().find(|(p, n)| is_cell(*p) && *n < view.spec.populations[*p].size);
    let named = if let Subject::Population(name) = subject { view.spec.population(name).filter(|p| is_cell(*p)) } else { None };
    let first = || (0..view.spec.populations.len()).find(|p| is_cell(*p));
    selected.filter(|_| named.is_none()).or_else(|| named.or_else(first).map(|p| (p, 0)))
}

/// The stimulus current into that neuron.
pub fn stimulus((population, neuron): (usize, u32)) -> Probe {
    Probe { population, neuron, variable: "i_stim".into() }
}

fn signal(view: &ViewCtx<'_>, subject: &Subject, window: (f64, f64)) -> Option<Recorded> {
    let neuron = listener(view, subject)?;
    let trace = view.history.traces.get(&stimulus(neuron))?;
    let dt = view.status.dt.max(f64::MIN_POSITIVE);
    let steps = (window.0 / dt).ceil().max(1.0) as u64..=(window.1 / dt).floor().max(0.0) as u64;
    // From where on it was recorded without a gap.
    let known: Vec<(u64, f64)> = steps.filter_map(|s| trace.at(s).map(|v| (s, f64::from(v)))).collect();
    let gap = known.windows(2).rposition(|w| w[1].0 != w[0].0 + 1).map_or(0, |k| k + 1);
    let whole = &known[gap..];
    let unit = view.spec.populations[neuron.0].model.kind.current_unit.symbol().to_owned();
    let name = format!("stimulus current of {}", common::neuron_name(view.spec, neuron.0, neuron.1));
    Some(Recorded { name, unit, start: whole.first()?.0 as f64 * dt, values: whole.iter().map(|v| v.1).collect() })
}

fn weights(view: &ViewCtx<'_>) -> Option<Synapses> {
    let subject = common::Subject::natural(view.spec, view.selection.item);
    let picture = &view.history.weights.of(subject.projection)?.last;
    let values = picture.values.iter().copied().filter(|w| w.is_finite()).collect();
    let unit = subject.unit(view.spec).unwrap_or_default().to_owned();
    Some(Synapses { values, unit, bounds: subject.w_max(view.spec).map(|w| (0.0, w)) })
}

/// When stimuli begin, within the window: each start, and each pulse of a train.
fn onsets(spec: &NetworkSpec, (from, to): (f64, f64)) -> Vec<f64> {
    const MOST: f64 = 10_000.0;
    let mut all = Vec::new();
    for s in spec.stimuli.iter().filter(|s| s.enabled) {
        let value = |key: &str| s.stimulus.kind.param(key).map(|i| s.stimulus.values[i]);
        let Some(start) = value("start") else { continue };
        if let (Some(period), Some(count)) = (value("period").filter(|p| *p > 0.0), value("count")) {
            let first = ((from - start) / period).ceil().max(0.0);
            let last = ((to - start) / period).floor().min(count - 1.0).min(first + MOST);
            let n = (last - first + 1.0).max(0.0) as u64;
            all.extend((0..n).map(|k| start + (first + k as f64) * period));
        } else {
            all.push(start);
        }
    }
    all.retain(|t| (from..=to).contains(t));
    all.sort_by(f64::total_cmp);
    all.dedup();
    all
}

fn groups(view: &ViewCtx<'_>, subject: &Subject, measure: &Measure) -> Vec<Group> {
    let spec = view.spec;
    let firsts = spec.first_ids();
    let whole = |p: usize| Group {
        name: spec.populations[p].name.clone(),
        ink: common::ink(spec, p),
        ids: (firsts[p]..firsts[p] + spec.populations[p].size).collect(),
        shift: spec.stamp_shift(p),
    };
    if measure.takes == Takes::Signal {
        let one = |(p, n): (usize, u32)| Group {
            name: common::neuron_name(spec, p, n),
            ink: common::ink(spec, p),
            ids: vec![firsts[p] + n],
            shift: spec.stamp_shift(p),
        };
        return listener(view, subject).map(one).into_iter().collect();
    }
    match subject {
        Subject::Population(name) if spec.population(name).is_some() => spec.population(name).map(whole).into_iter().collect(),
        Subject::Selected if !view.selection.neurons.is_empty() => {
            let mut neurons: Vec<(usize, u32)> = view.selection.neurons.clone();
            neurons.retain(|(p, n)| spec.populations.get(*p).is_some_and(|p| *n < p.size));
            if measure.takes != Takes::Each || neurons.len() > MOST_APART {
                // Set against each other.
                let mut ids: Vec<u32> = neurons.iter().map(|(p, n)| firsts[*p] + n).collect();
                ids.sort_unstable();
                ids.dedup();
                let shift = neurons.iter().map(|(p, _)| spec.stamp_shift(*p)).max().unwrap_or(0);
                return vec![Group { name: "selected".into(), ink: Ink::Accent, ids, shift }];
            }
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

    /// The trains of each group. Refuses what is not finite.
    pub fn trains(&self) -> std::result::Result<Vec<Trains>, String> {
        let most = self.groups.iter().filter_map(|g| g.ids.last()).max().map_or(0, |id| *id as usize + 1);
        let mut place = vec![(u32::MAX, 0u32); most];
        for (g, group) in self.groups.iter().enumerate() {
            for (i, id) in group.ids.iter().enumerate() {
                place[*id as usize] = (g as u32, i as u32);
            }
        }
        let mut spikes: Vec<Vec<(usize, f64)>> = vec![Vec::new(); self.groups.len()];
        for (step, id) in self.spikes.iter() {
            let Some((g, i)) = place.get(id as usize).filter(|(g, _)| *g != u32::MAX) else { continue };
            let group = *g as usize;
            let time = step.saturating_sub(self.groups[group].shift) as f64 * self.dt;
            spikes[group].push((*i as usize, time));
        }
        self.groups.iter().zip(spikes).map(|(g, s)| Trains::gather(g.ids.len(), self.window, s.iter().copied())).collect()
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
