//! Random small networks for property tests: all models, synapses, connectors, delays, formats of rows, precisions, rules (lazy and eager) and
//! stimuli, and commands at random steps.
#![allow(dead_code)]

use super::net::{self, alpha, conductance, delta, exponential, in_degree, model, network, probability, stimulate};
use proptest::prelude::*;
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::model::plasticity::stdp;
use spikeground_core::model::{connectivity, distribution, stimulus};
use spikeground_core::part::Part;
use spikeground_core::protocol::{Command, Poke};
use spikeground_core::spec::path::{Path, Place};
use spikeground_core::spec::{NetworkSpec, PopulationSpec, Precision, ProjectionSpec, Updates, Wiring};

pub const STEPS: u64 = 1200;
pub const MODELS: [&str; 7] = ["lif", "izhikevich", "adex", "hh", "poisson", "typed lif", "typed adex"];

/// What proptest draws: enough to say a whole network.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub single: bool,
    /// Model and size of each population.
    pub populations: Vec<(usize, u32)>,
    pub projections: Vec<Join>,
    pub noise: bool,
    /// Draw anew what can be; learn eagerly.
    pub procedural: bool,
    pub eager: bool,
}

/// A projection.
#[derive(Clone, Debug)]
pub struct Join {
    pub pre: usize,
    pub post: usize,
    pub synapse: usize,
    /// 0, 1: each pair with probability `p`; 2: all; 3: a fixed in-degree.
    pub connect: usize,
    pub p: f64,
    /// 0: one; 1: normal; 2: uniform.
    pub weight: usize,
    /// ms
    pub longest: f64,
    /// Whether all delays are the longest.
    pub one_delay: bool,
    /// Pairing and weight dependence of the plasticity, if any.
    pub rule: Option<(u32, bool)>,
}

fn join(n: usize) -> impl Strategy<Value = Join> {
    let rule = prop::option::of((0..4u32, any::<bool>()));
    ((0..n, 0..n, 0..4usize), (0..4usize, 0.05..0.6f64), 0..3usize, 0.1..6.0f64, any::<bool>(), rule).prop_map(
        |((pre, post, synapse), (connect, p), weight, longest, one_delay, rule)| Join {
            pre,
            post,
            synapse,
            connect,
            p,
            weight,
            longest,
            one_delay,
            rule,
        },
    )
}

pub fn plan() -> impl Strategy<Value = Plan> {
    let populations = prop::collection::vec((0..MODELS.len(), 1..40u32), 1..4);
    populations.prop_flat_map(|populations| {
        let n = populations.len();
        let switches = any::<(bool, bool, bool, bool)>();
        (any::<u64>(), switches, Just(populations), prop::collection::vec(join(n), 0..5)).prop_map(
            |(seed, (single, noise, procedural, eager), populations, projections)| Plan {
                seed,
                single,
                populations,
                projections,
                noise,
                procedural,
                eager,
            },
        )
    })
}

/// A current that makes a resting neuron of the model fire now and then, in its unit.
fn lively(model: &str) -> f64 {
    match model {
        "lif" | "typed lif" => 210.0,
        "izhikevich" => 6.0,
        "adex" | "typed adex" => 700.0,
        _ => 8.0,
    }
}

pub fn build(plan: &Plan) -> NetworkSpec {
    let mut spec = network(0.1);
    spec.seed = plan.seed;
    spec.precision = if plan.single { Precision::Single } else { Precision::Double };
    spec.wiring = if plan.procedural { Wiring::Procedural } else { Wiring::Automatic };
    spec.updates = if plan.eager { Updates::Eager } else { Updates::Automatic };
    for (i, (kind, size)) in plan.populations.iter().enumerate() {
        let key = MODELS[*kind];
        let mut cell = model(key);
        if key == "poisson" {
            cell = cell.with("rate", 80.0);
        }
        let name = format!("p{i}");
        spec.populations.push(PopulationSpec::new(&name, *size, cell));
        if key == "poisson" {
            continue;
        }
        let current = lively(key);
        let part = if plan.noise {
            Part::new(&stimulus::NOISE).with("mean", current).with("sd", 0.3 * current)
        } else {
            Part::new(&stimulus::SINE).with("amplitude", 0.5 * current).with("offset", current).with("frequency", 20.0)
        };
        spec.stimuli.push(stimulate(&name, part));
        let mut drive = stimulate(&name, Part::new(&stimulus::POISSON).with("rate", 300.0).with("weight", 0.1 * current));
        drive.synapse = exponential(4.0);
        spec.stimuli.push(drive);
    }
    for (k, join) in plan.projections.iter().enumerate() {
        let Join { pre, post, synapse, connect, p, weight, longest, one_delay, rule } = join;
        let target = MODELS[plan.populations[*post].0];
        if target == "poisson" {
            continue;
        }
        let (synapse, scale) = match synapse {
            0 => (delta(), 1.0),
            1 => (exponential(3.0), 0.2 * lively(target)),
            2 => (alpha(2.0), 0.2 * lively(target)),
            _ => (conductance(5.0, 0.0), 0.005 * lively(target)),
        };
        let mut projection = ProjectionSpec::new(&format!("c{k}"), &format!("p{pre}"), &format!("p{post}"));
        projection.synapse = synapse;
        let sources = plan.populations[*pre].1 - u32::from(pre == post);
        projection.connect = match connect {
            2 => Part::new(&connectivity::ALL_TO_ALL),
            3 => in_degree((f64::from(sources) * p) as u32),
            _ => probability(*p),
        };
        projection.weight = match weight {
            0 => net::weight(0.5 * scale),
            1 => Part::new(&distribution::weights::NORMAL).with("mean", 0.5 * scale).with("sd", 0.2 * scale),
            _ => net::uniform_weight(0.1 * scale, 0.9 * scale),
        };
        projection.delay = if *one_delay {
            net::delay(*longest)
        } else {
            Part::new(&distribution::delays::UNIFORM).with("low", 0.1).with("high", *longest)
        };
        projection.plasticity = rule.map(|(pairing, multiplicative)| {
            let mu = f64::from(u8::from(multiplicative));
            let rule = Part::new(&stdp::KIND).with("w_max", scale).with("a_plus", 0.02).with("a_minus", 0.02);
            rule.with("pairing", f64::from(pairing)).with("mu_plus", mu).with("mu_minus", mu)
        });
        spec.projections.push(projection);
    }
    spec
}

/// Everything that must agree: spikes and all weights, to the bit.
pub type Outcome = (u64, u64, u64, Vec<Vec<(u32, u32, u32, u32)>>);

pub fn outcome(s: &Simulation) -> Outcome {
    let bits = |w: (u32, u32, f32, u32)| (w.0, w.1, w.2.to_bits(), w.3);
    let weights = (0..s.spec().projections.len()).map(|i| s.weights(i).into_iter().map(bits).collect()).collect();
    (s.step_count(), s.n_spikes(), s.spike_hash(), weights)
}

pub fn whole(spec: &NetworkSpec) -> Simulation {
    let mut s = Simulation::new(spec).expect("builds");
    s.advance(STEPS);
    s
}

/// Something done to a running network: which command, and numbers to choose its object and value by.
pub type Deed = (u64, usize, usize, f64);

/// Commands at random steps, in order of time.
pub fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    prop::collection::vec((0..STEPS, 0..7usize, any::<usize>(), 0.5..1.5f64), 0..6).prop_map(|mut deeds| {
        deeds.sort_by_key(|d| d.0);
        deeds
    })
}

/// The command a deed means for `spec`; none when the network has nothing of the kind.
pub fn command(spec: &NetworkSpec, deed: &Deed) -> Option<Command> {
    let (_, what, which, factor) = *deed;
    let pick = |n: usize| (n > 0).then(|| which % n);
    let scaled = |place: Place, key: &str| {
        let part = spec.part(place)?;
        let param = part.kind.param(key)?;
        Some(Command::Set { path: Path { place, param }, value: part.values[param] * factor })
    };
    match what {
        0 => {
            let population = pick(spec.populations.len())?;
            Some(Command::Poke { population, neuron: 0, poke: Poke::Fire })
        }
        1 => {
            let population = pick(spec.populations.len())?;
            let amplitude = lively(spec.populations[population].model.kind.key) * factor;
            Some(Command::Poke { population, neuron: 0, poke: Poke::Pulse { amplitude, duration: 7.0 } })
        }
        2 => Some(Command::Enable { stimulus: pick(spec.stimuli.len())?, enabled: factor > 1.0 }),
        3 => {
            let i = pick(spec.projections.len())?;
            scaled(Place::Synapse(i), "tau_syn")
        }
        4 => {
            let i = pick(spec.projections.len())?;
            scaled(Place::Plasticity(i), ["a_plus", "tau_minus", "w_max"][which % 3])
        }
        5 => {
            let i = pick(spec.projections.len())?;
            let (part, rule) = (Place::Plasticity(i), spec.part(Place::Plasticity(i))?);
            let set = |key: &str, value: f64| Some(Command::Set { path: Path { place: part, param: rule.kind.param(key)? }, value });
            if factor > 1.0 { set("pairing", (which / 5 % 4) as f64) } else { set("learning", f64::from(u8::from(factor > 0.75))) }
        }
        _ => {
            let i = pick(spec.populations.len())?;
            scaled(Place::Model(i), ["tau_m", "a", "c_m", "rate"][which / 7 % 4])
        }
    }
}

/// How a run is carried out; none of it may change what is simulated.
#[derive(Clone, Debug)]
pub struct Manner {
    /// Most steps done in one go.
    pub chunk: u64,
    /// Where the run is cut: a checkpoint is taken, the network led astray, and the checkpoint restored.
    pub cut: u64,
    pub cut_by: Cut,
}

#[derive(Clone, Copy, Debug)]
pub enum Cut {
    No,
    Memory,
    /// Through the bytes of a session file, into a network built anew.
    File,
}

pub fn manner() -> impl Strategy<Value = Manner> {
    (1..400u64, 0..STEPS, prop::sample::select(vec![Cut::No, Cut::Memory, Cut::File])).prop_map(|(chunk, cut, cut_by)| Manner {
        chunk,
        cut,
        cut_by,
    })
}

pub const PLAIN: Manner = Manner { chunk: STEPS, cut: 0, cut_by: Cut::No };

/// Runs `spec` with `deeds`, in a given manner.
pub fn perform(spec: &NetworkSpec, deeds: &[Deed], manner: &Manner) -> Simulation {
    let mut s = Simulation::new(spec).expect("builds");
    let mut next = 0;
    let mut is_cut = false;
    while s.step_count() < STEPS {
        while let Some(deed) = deeds.get(next).filter(|d| d.0 <= s.step_count()) {
            next += 1;
            if let Some(command) = command(spec, deed) {
                s.apply(&command);
            }
        }
        if !is_cut && s.step_count() >= manner.cut {
            is_cut = true;
            s = cut(s, manner.cut_by);
        }
        let stop = deeds.get(next).map_or(STEPS, |d| d.0).min(if is_cut { STEPS } else { manner.cut.max(1) });
        s.advance(stop.saturating_sub(s.step_count()).clamp(1, manner.chunk));
    }
    s
}

fn cut(mut s: Simulation, by: Cut) -> Simulation {
    match by {
        Cut::No => s,
        Cut::Memory => {
            let checkpoint = s.checkpoint();
            s.advance(150);
            s.apply(&Command::Poke { population: 0, neuron: 0, poke: Poke::Fire });
            s.restore(checkpoint);
            s
        }
        Cut::File => {
            let bytes = spikeground_core::session::encode(&s.record(true));
            let record = spikeground_core::session::decode(&bytes).expect("reads");
            Simulation::resume(&record, &mut |_| true).expect("resumes").expect("nobody gave up")
        }
    }
}
