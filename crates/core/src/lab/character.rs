//! What a neuron does under its own currents, how far its spikes depend on the step, and what its firing pattern is called.

use super::curve::Cell;
use super::pattern::{self, Named, Protocol, Recording};
use crate::model::neuron;
use crate::model::stimulus::{current_at, sends_spikes, step_of};
use crate::part::Part;
use crate::spec::{NetworkSpec, StimulusSpec};

/// The shadow steps so many times as finely.
const FINER: u64 = 8;
/// Rates that differ by more than this share make the coarse step another model.
const OTHER: f64 = 0.05;

/// A neuron with all that reaches it from outside; noise counts with its mean, and spikes through synapses not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Driven {
    pub cell: Cell,
    /// Currents, as the network has them.
    pub stimuli: Vec<Part>,
    /// How long to look, ms.
    pub ms: f64,
}

impl Driven {
    /// The first neuron of a population with the currents that reach it, for `ms`; none where there is no neuron to integrate.
    pub fn first_of(spec: &NetworkSpec, population: usize, ms: f64) -> Option<Self> {
        let p = spec.populations.get(population).filter(|p| p.size > 0 && !p.model.kind.states.is_empty())?;
        let mut cell = Cell::new(p.model.clone(), spec.dt);
        let fixed = p.initial.iter().filter(|(_, d)| d.kind.key == "constant");
        cell.initial = fixed.filter_map(|(s, d)| Some((*s, *d.values.first()?))).collect();
        let reaches = |s: &&StimulusSpec| {
            s.enabled && s.target == p.name && !sends_spikes(s.stimulus.kind) && s.neurons.is_none_or(|(first, _)| first == 0)
        };
        let stimuli = spec.stimuli.iter().filter(reaches).map(|s| s.stimulus.clone()).collect();
        Some(Self { cell, stimuli, ms })
    }

    /// The current from outside during a step, in the model's unit, without the model's own.
    pub fn current(&self, step: u64, dt: f64) -> f64 {
        self.stimuli.iter().map(|s| current_at(s, step, dt)).sum()
    }
}

/// What a neuron did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Spike times, ms.
    pub spikes: Vec<f64>,
    /// v at the end of each step, in the model's unit.
    pub v: Vec<f64>,
}

/// The same neuron at a step of dt and at dt/8.
#[derive(Clone, Debug, PartialEq)]
pub struct Shadow {
    /// Spikes at dt, and at dt/8.
    pub spikes: (usize, usize),
    /// Largest and mean distance of the k-th spike from the k-th of the other, ms; none while either is silent.
    pub apart: Option<(f64, f64)>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Character {
    pub shadow: Shadow,
    /// None where what is done to the neuron is no protocol that patterns are named for.
    pub named: Option<Named>,
    /// What to mind, in words.
    pub warning: Option<String>,
}

/// Runs the neuron by steps of `dt`; `None` when `go_on` said no.
pub fn record(driven: &Driven, dt: f64, go_on: &mut dyn FnMut() -> bool) -> Result<Option<Record>, String> {
    let cell = Cell { dt, ..driven.cell.clone() };
    let mut clones = cell.clones(vec![cell.row(&[])])?;
    let n = step_of(driven.ms, dt);
    let mut out = Record { spikes: Vec::new(), v: Vec::with_capacity(n as usize) };
    for k in 0..n {
        let current = driven.current(k, dt);
        let (stamp, fired) = clones.advance(|_| current);
        for (_, early) in fired {
            out.spikes.push((stamp as f64 - early) * dt);
        }
        out.v.push(clones.state(0, 0));
        if k % 4096 == 0 && !go_on() {
            return Ok(None);
        }
    }
    Ok(Some(out))
}

/// Runs the neuron at its step and at an eighth of it; `None` when `go_on` said no.
pub fn character(driven: &Driven, go_on: &mut dyn FnMut() -> bool) -> Result<Option<Character>, String> {
    let dt = driven.cell.dt;
    let Some(Record { spikes, v }) = record(driven, dt, go_on)? else { return Ok(None) };
    let Some(Record { spikes: fine, .. }) = record(driven, dt / FINER as f64, go_on)? else { return Ok(None) };
    let distances: Vec<f64> = spikes.iter().zip(&fine).map(|(a, b)| (a - b).abs()).collect();
    let worst = distances.iter().copied().fold(0.0, f64::max);
    let apart = (!distances.is_empty()).then(|| (worst, distances.iter().sum::<f64>() / distances.len() as f64));
    let shadow = Shadow { spikes: (spikes.len(), fine.len()), apart };
    let recording = Recording { spikes: &spikes, end: driven.ms, v: &v, dt };
    let named = protocol(&driven.stimuli, driven.ms).map(|p| pattern::name(&p, &recording));
    let warning = warning(driven, &shadow);
    Ok(Some(Character { shadow, named, warning }))
}

/// What a step this coarse does, where it does something to mind.
fn warning(driven: &Driven, shadow: &Shadow) -> Option<String> {
    let (model, dt) = (&driven.cell.model, driven.cell.dt);
    let (coarse, fine) = (shadow.spikes.0 as f64, shadow.spikes.1 as f64);
    if coarse.max(fine) >= 4.0 && (coarse - fine).abs() > OTHER * fine.max(1.0) {
        let hz = |n: f64| (n / driven.ms * 1e4).round() / 10.0;
        return Some(format!("at this step it is another model: {} Hz instead of {} Hz", hz(coarse), hz(fine)));
    }
    // A refusal that is near is told before it comes.
    neuron::check_dt(model.kind, &model.values, 1.5 * dt).err().map(|why| format!("close to where the scheme fails: {why}"))
}

/// What is done to a neuron by these currents, where that has a name.
fn protocol(stimuli: &[Part], ms: f64) -> Option<Protocol> {
    let mut others = stimuli.iter().filter(|s| s.kind.key != "constant");
    let Some(one) = others.next() else { return Some(Protocol::Step { on: 0.0 }) };
    if others.next().is_some() {
        return None;
    }
    let (on, off) = (one.kind.param("start").map(|i| one.values[i])?, one.kind.param("stop").map(|i| one.values[i])?);
    match one.kind.key {
        "step" if one.get("amplitude") < 0.0 => Some(Protocol::Inhibition { on, off: off.min(ms), short: off - on <= 50.0 }),
        "step" if off >= ms => Some(Protocol::Step { on }),
        "step" if off - on <= 20.0 => Some(Protocol::Pulse { on, off }),
        "ramp" if off >= ms && one.get("to") > one.get("from") => Some(Protocol::Ramp { on }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{find, stimulus};

    fn driven(key: &str, dt: f64, values: &[(&str, f64)]) -> Driven {
        let model = values.iter().fold(Part::new(find(neuron::ALL, key).expect("a model")), |m, (k, v)| m.with(k, *v));
        Driven { cell: Cell::new(model, dt), stimuli: Vec::new(), ms: 1000.0 }
    }

    fn of(d: &Driven) -> Character {
        character(d, &mut || true).expect("possible").expect("not ended")
    }

    #[test]
    fn a_chattering_cell_at_a_millisecond_is_another_model() {
        let ch = driven("izhikevich", 1.0, &[("c", -50.0), ("d", 2.0), ("i_e", 10.0)]);
        let said = of(&ch);
        let words = said.warning.expect("told");
        assert!(words.contains("another model") && said.shadow.spikes.1 > said.shadow.spikes.0 * 3 / 2, "{words}");
    }

    #[test]
    fn the_accurate_scheme_has_nothing_to_be_told() {
        let rs = driven("izhikevich", 0.1, &[("i_e", 10.0), ("scheme", 3.0)]);
        let said = of(&rs);
        assert_eq!(said.warning, None);
        assert!(said.shadow.apart.expect("spikes").0 < 0.005 && said.shadow.spikes.0 == said.shadow.spikes.1, "{:?}", said.shadow);
        // LIF on its grid: each interval is a whole number of steps.
        let lif = of(&driven("lif", 0.1, &[("i_e", 400.0)]));
        assert!(lif.shadow.apart.expect("spikes").0 > 0.01, "{:?}", lif.shadow);
    }

    #[test]
    fn patterns_are_named_for_what_was_done() {
        let mut adex = driven("adex", 0.1, &[]);
        let kind = adex.cell.model.kind;
        let set = kind.sets.iter().find(|s| s.key == "tonic").expect("a set");
        adex.cell.model = set.values.iter().fold(Part::new(kind), |m, (k, v)| m.with(k, *v));
        assert_eq!(of(&adex).named.expect("a step").name, "tonic spiking");
        adex.stimuli = vec![Part::new(&stimulus::SINE)];
        assert_eq!(of(&adex).named, None, "a sine is no protocol of patterns");
    }

    #[test]
    fn a_step_near_the_limit_is_told_before_it_is_refused() {
        let hh = of(&driven("hh", 0.04, &[("scheme", 1.0), ("i_e", 1.0)]));
        assert!(hh.warning.is_some_and(|w| w.contains("rk4")));
    }
}
