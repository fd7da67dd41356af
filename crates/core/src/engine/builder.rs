//! From a description to a network. May fail, with all problems at once; afterwards nothing in a step can.

use super::cells::Cells;
use super::network::{Group, Members, Network, Wire, rooms};
use super::parted::Parted;
use super::plastic::Plastic;
use super::poisson::Poisson;
use super::population::{Native, Population, Typed};
use super::port::PerNeuron;
use super::stimulate::Stimulator;
use crate::equations;
use crate::model::connectivity::Sides;
use crate::model::distribution;
use crate::model::neuron::Neuron;
use crate::model::plasticity::stdp::Stdp;
use crate::model::stimulus;
use crate::model::synapse::{self, Shape};
use crate::param::Kind;
use crate::rng::{self, Purpose, name_id};
use crate::spec::estimate::longest_delay;
use crate::spec::layout;
use crate::spec::validate::Problem;
use crate::spec::{NetworkSpec, PopulationSpec, Precision, ProjectionSpec};

/// Told how far a build has come (0 to 1); returns false to give up.
pub type Progress<'a> = &'a mut dyn FnMut(f32) -> bool;

/// Builds a network, or lists what is wrong. `None` in the inner result: given up by `progress`.
pub fn build(spec: &NetworkSpec, progress: Progress<'_>) -> Result<Option<Network>, Vec<Problem>> {
    build_wired(spec, &[], progress)
}

/// The same with the wiring of each projection drawn from a seed of its own (that of the network where none is given).
pub fn build_wired(spec: &NetworkSpec, seeds: &[u64], progress: Progress<'_>) -> Result<Option<Network>, Vec<Problem>> {
    let problems = spec.obstacles();
    if !problems.is_empty() {
        return Err(problems);
    }
    if let Some(problem) = spec.check_memory(super::memory::budget()) {
        return Err(vec![problem]);
    }
    let ring_len = 2 + spec.projections.iter().map(|p| longest_delay(p, spec.dt)).max().unwrap_or(1) as usize;
    let mut groups: Vec<Group> = spec
        .populations
        .iter()
        .zip(spec.first_ids())
        .map(|(p, first)| Group {
            size: p.size,
            first,
            members: members(spec, p),
            ring: rooms(ring_len, room_for_spikes(spec, p)),
            room: room_for_spikes(spec, p),
            n_spikes: 0,
        })
        .collect();
    let mut wires = Vec::new();
    let total: f64 = spec.projections.iter().map(|p| spec.expected_synapses_of(p)).sum::<f64>().max(1.0);
    let mut done = 0.0;
    for (i, projection) in spec.projections.iter().enumerate() {
        let seed = seeds.get(i).copied().unwrap_or(spec.seed);
        let share = spec.expected_synapses_of(projection);
        let mut inner = |part: f32| progress(((done + share * f64::from(part)) / total) as f32);
        match wire(spec, projection, seed, &mut groups, ring_len, &mut inner) {
            Ok(Some(wire)) => wires.push(wire),
            Ok(None) => return Ok(None),
            Err(problem) => return Err(vec![problem]),
        }
        done += share;
    }
    let stimuli = spec.stimuli.iter().map(|s| stimulator(spec, s, &mut groups)).collect();
    let (pulses, shares) = (Vec::new(), Vec::new());
    let mut network = Network { dt: spec.dt, step: 0, groups, wires, stimuli, pulses, n_spikes: 0, hash: 0, shares };
    network.divide(1);
    Ok(Some(network))
}

/// The parameters of a population: one row, or one a neuron when any is spread.
pub fn parameters(spec: &NetworkSpec, p: &PopulationSpec) -> PerNeuron<Vec<f64>> {
    if p.spread.is_empty() {
        return PerNeuron::Same(p.model.values.clone());
    }
    let entity = name_id(&p.name);
    let mut rows = vec![p.model.values.clone(); p.size as usize];
    // One r a neuron, shared by all its r^k spreads; one z a neuron and parameter otherwise.
    let mut shared = rng::stream(spec.seed, Purpose::Spread, entity, u64::MAX);
    let r: Vec<f64> = (0..p.size).map(|_| rng::uniform(&mut shared)).collect();
    for (param, spread) in &p.spread {
        let descriptor = &p.model.kind.params[*param];
        let mut stream = rng::stream(spec.seed, Purpose::Spread, entity, *param as u64);
        for (row, r) in rows.iter_mut().zip(&r) {
            let v = &spread.values;
            let deviation = match spread.kind.key {
                "normal" => v[0] * rng::normal(&mut stream),
                "uniform" => v[0] * (2.0 * rng::uniform(&mut stream) - 1.0),
                _ => v[0] * if v[1] >= 2.0 { r * r } else { *r },
            };
            row[*param] = (row[*param] + deviation).clamp(descriptor.valid.0, descriptor.valid.1);
        }
    }
    PerNeuron::Each(rows)
}

/// Most spikes of a population in one step: one a neuron, but a Poisson source may fire several times.
fn room_for_spikes(spec: &NetworkSpec, p: &PopulationSpec) -> usize {
    let n = p.size as usize;
    if p.model.kind.key != "poisson" {
        return n;
    }
    let expected = n as f64 * p.model.get("rate") * 1e-3 * spec.dt;
    n.max((expected + 10.0 * expected.sqrt()) as usize + 64)
}

fn members(spec: &NetworkSpec, p: &PopulationSpec) -> Members {
    let n = p.size as usize;
    if p.model.kind.key == "poisson" {
        let lambda = p.model.get("rate") * 1e-3 * spec.dt;
        return Members::Poisson(Poisson::new(spec.seed, Purpose::Poisson, name_id(&p.name), n, lambda));
    }
    let params = parameters(spec, p);
    let mut cells = cells(p.model.kind, n, &params, spec.dt, spec.precision);
    for (state, initial) in &p.initial {
        let mut stream = rng::stream(spec.seed, Purpose::Initial, name_id(&p.name), *state as u64);
        for i in 0..n {
            cells.set_state(*state, i, distribution::draw(initial, &mut stream));
        }
    }
    Members::Cells(cells)
}

/// `n` neurons of the model `kind`, at its initial state.
pub(super) fn cells(kind: &Kind, n: usize, params: &PerNeuron<Vec<f64>>, dt: f64, precision: Precision) -> Box<dyn Cells> {
    macro_rules! make {
        ($($model:ty, $states:literal;)*) => {
            $(if std::ptr::eq(kind, <$model as Neuron<$states>>::KIND) {
                return match precision {
                    Precision::Double => Box::new(Population::<Native<$model, f64, $states>, f64>::new((), n, params, dt)),
                    Precision::Single => Box::new(Population::<Native<$model, f32, $states>, f32>::new((), n, params, dt)),
                };
            })*
        };
    }
    crate::neuron_models!(make);
    if let Some(model) = equations::of(kind) {
        return match precision {
            Precision::Double => Box::new(Population::<Typed<f64>, f64>::new(model, n, params, dt)),
            Precision::Single => Box::new(Population::<Typed<f32>, f32>::new(model, n, params, dt)),
        };
    }
    unreachable!("{} is not in the list of models", kind.key)
}

/// The port for `synapse` on a population of cells; sources take no input.
fn port(groups: &mut [Group], population: usize, shape: Shape, dt: f64) -> usize {
    match &mut groups[population].members {
        Members::Cells(cells) => cells.port(shape, dt),
        Members::Poisson(_) => 0,
    }
}

fn stimulator(spec: &NetworkSpec, s: &crate::spec::StimulusSpec, groups: &mut [Group]) -> Stimulator {
    let target = spec.population(&s.target).unwrap_or(0);
    let size = spec.populations[target].size;
    let range = s.neurons.map_or((0, size), |(a, b)| (a.min(size), b.min(size).max(a.min(size))));
    let shape = synapse::shape(&s.synapse);
    let port = if stimulus::sends_spikes(s.stimulus.kind) { port(groups, target, shape, spec.dt) } else { 0 };
    if let Members::Cells(cells) = &mut groups[target].members
        && (s.stimulus.kind.key == "noise" || range != (0, size))
    {
        cells.expect_currents();
    }
    let mut out = Stimulator::new(&s.stimulus, name_id(&s.name), spec.seed, spec.dt, target, range, shape, port);
    out.enabled = s.enabled;
    out
}

fn wire(
    spec: &NetworkSpec,
    p: &ProjectionSpec,
    seed: u64,
    groups: &mut [Group],
    ring_len: usize,
    progress: Progress<'_>,
) -> Result<Option<Wire>, Problem> {
    let missing = |name: &str| Problem { at: p.name.clone(), what: format!("there is no population {name}") };
    let pre = spec.population(&p.pre).ok_or_else(|| missing(&p.pre))?;
    let post = spec.population(&p.post).ok_or_else(|| missing(&p.post))?;
    let sides = Sides { n_pre: spec.populations[pre].size, n_post: spec.populations[post].size, same: pre == post };
    let rule = p.plasticity.as_ref().map(Stdp::of);
    let Some(mut rows) = super::wiring::connect(spec, p, seed, sides, rule.as_ref().map(|r| r.w_max), progress) else { return Ok(None) };
    let shape = synapse::shape(&p.synapse);
    let mut plastic = rule.map(|rule| Plastic::new(rule, &rows, spec.dt, ring_len));
    if let (Some(plastic), true) = (&mut plastic, layout::is_eager(spec, p)) {
        plastic.set_eager(true, &mut rows, 0);
    }
    Ok(Some(Wire { pre, post, port: port(groups, post, shape, spec.dt), shape, plastic, rows, seed, sent: Parted::default() }))
}
