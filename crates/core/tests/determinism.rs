//! A session is (spec, seed, commands): random small networks give the same spikes however the run is cut, watched or held.

#[path = "support/net.rs"]
mod net;

use net::{alpha, conductance, delta, exponential, model, network, probability, stimulate};
use proptest::prelude::*;
use spikeground_core::engine::Link;
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::engine::thread::Inline;
use spikeground_core::model::plasticity::stdp;
use spikeground_core::model::{distribution, stimulus};
use spikeground_core::part::Part;
use spikeground_core::protocol::{Command, Frame, Poke, Probe, Watch};
use spikeground_core::simd::{Level, limit};
use spikeground_core::spec::{NetworkSpec, PopulationSpec, Precision, ProjectionSpec};

const STEPS: u64 = 1200;
const MODELS: [&str; 5] = ["lif", "izhikevich", "adex", "hh", "poisson"];

/// What proptest draws: enough to say a whole network.
#[derive(Clone, Debug)]
struct Plan {
    seed: u64,
    single: bool,
    /// Model and size of each population.
    populations: Vec<(usize, u32)>,
    /// Source, target, synapse, connection probability, longest delay (ms), pairing of the plasticity if any.
    projections: Vec<(usize, usize, usize, f64, f64, Option<u32>)>,
    noise: bool,
}

fn plan() -> impl Strategy<Value = Plan> {
    let populations = prop::collection::vec((0..MODELS.len(), 1..40u32), 1..4);
    populations.prop_flat_map(|populations| {
        let n = populations.len();
        let projection = (0..n, 0..n, 0..4usize, 0.05..0.6f64, 0.1..6.0f64, prop::option::of(0..4u32));
        (any::<u64>(), any::<bool>(), Just(populations), prop::collection::vec(projection, 0..5), any::<bool>())
            .prop_map(|(seed, single, populations, projections, noise)| Plan { seed, single, populations, projections, noise })
    })
}

/// A current that makes a resting neuron of the model fire now and then, in its unit.
fn lively(model: &str) -> f64 {
    match model {
        "lif" => 210.0,
        "izhikevich" => 6.0,
        "adex" => 700.0,
        _ => 8.0,
    }
}

fn build(plan: &Plan) -> NetworkSpec {
    let mut spec = network(0.1);
    spec.seed = plan.seed;
    spec.precision = if plan.single { Precision::Single } else { Precision::Double };
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
    for (k, (pre, post, synapse, p, d, pairing)) in plan.projections.iter().enumerate() {
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
        projection.connect = probability(*p);
        projection.weight = Part::new(&distribution::weights::NORMAL).with("mean", 0.5 * scale).with("sd", 0.2 * scale);
        projection.delay = Part::new(&distribution::delays::UNIFORM).with("low", 0.1).with("high", *d);
        projection.plasticity = pairing.map(|pairing| {
            Part::new(&stdp::KIND).with("w_max", scale).with("a_plus", 0.02).with("a_minus", 0.02).with("pairing", f64::from(pairing))
        });
        spec.projections.push(projection);
    }
    spec
}

/// Everything that must agree: spikes and all weights, to the bit.
fn outcome(s: &Simulation) -> (u64, u64, u64, Vec<Vec<(u32, u32, u32, u32)>>) {
    let bits = |w: (u32, u32, f32, u32)| (w.0, w.1, w.2.to_bits(), w.3);
    let weights = (0..s.spec().projections.len()).map(|i| s.weights(i).into_iter().map(bits).collect()).collect();
    (s.step_count(), s.n_spikes(), s.spike_hash(), weights)
}

fn whole(spec: &NetworkSpec) -> Simulation {
    let mut s = Simulation::new(spec).expect("builds");
    s.advance(STEPS);
    s
}

fn watch_everything(s: &mut Simulation, spec: &NetworkSpec) {
    let variables = ["v", "i_syn", "g_syn", "trace_pre", "trace_post", "nonsense"];
    let probes = (0..spec.populations.len())
        .flat_map(|population| variables.iter().map(move |v| Probe { population, neuron: 0, variable: (*v).into() }))
        .collect();
    s.apply(&Command::Probe(probes));
    s.apply(&Command::Watch(Some(Watch { projection: None, max_rows: 16, max_cols: 16 })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_is_the_same_however_it_is_cut_and_watched(plan in plan(), cuts in prop::collection::vec(1..300u64, 1..8)) {
        let spec = build(&plan);
        let expected = outcome(&whole(&spec));
        let mut s = Simulation::new(&spec).expect("builds");
        watch_everything(&mut s, &spec);
        for cut in cuts {
            s.advance(cut.min(STEPS - s.step_count()));
            let _ = s.picture();
            for projection in 0..spec.projections.len() {
                let _ = s.weights(projection);
                s.apply(&Command::Inspect { projection, pre: 0, post: 0 });
            }
            s.take(&mut Frame::default());
        }
        s.advance(STEPS - s.step_count());
        prop_assert_eq!(outcome(&s), expected);
    }

    #[test]
    fn every_vector_width_gives_the_same_bits(plan in plan()) {
        let spec = build(&plan);
        let outcomes: Vec<_> = Level::ALL
            .iter()
            .map(|level| {
                limit(*level);
                outcome(&whole(&spec))
            })
            .collect();
        limit(Level::Avx512);
        prop_assert_eq!(&outcomes[0], &outcomes[1]);
        prop_assert_eq!(&outcomes[0], &outcomes[2]);
    }

    #[test]
    fn a_checkpoint_has_the_same_future(plan in plan(), at in 1..STEPS) {
        let spec = build(&plan);
        let expected = outcome(&whole(&spec));
        let mut s = Simulation::new(&spec).expect("builds");
        s.advance(at);
        let checkpoint = s.checkpoint();
        s.advance(300);
        s.restore(checkpoint);
        s.advance(STEPS - at);
        prop_assert_eq!(outcome(&s), expected);
    }

    #[test]
    fn commands_at_the_same_steps_give_the_same_spikes_paused_or_not(plan in plan(), at in 1..STEPS / 2, chunk in 1..200u64) {
        let spec = build(&plan);
        let poke = Command::Poke { population: 0, neuron: 0, poke: Poke::Fire };
        let enable = Command::Enable { stimulus: 0, enabled: false };
        let mut plain = Simulation::new(&spec).expect("builds");
        plain.advance(at);
        plain.apply(&poke);
        if !spec.stimuli.is_empty() {
            plain.apply(&enable);
        }
        plain.advance(at);

        let mut link = Inline::new(&spec, chunk).expect("builds");
        let run = |link: &mut Inline, steps: u64| {
            link.send(Command::Step(steps));
            while link.take().status.running {
                link.send(Command::Speed(spikeground_core::protocol::Speed::Factor(0.5)));
            }
        };
        run(&mut link, at);
        link.send(poke);
        if !spec.stimuli.is_empty() {
            link.send(enable);
        }
        run(&mut link, at);
        prop_assert_eq!(outcome(link.simulation()), outcome(&plain));
    }

    #[test]
    fn what_nobody_listens_to_changes_nothing_for_the_rest(plan in plan()) {
        let spec = build(&plan);
        let mut more = spec.clone();
        more.populations.push(PopulationSpec::new("bystanders", 7, model("lif").with("i_e", 400.0)));
        more.stimuli.push(stimulate("bystanders", Part::new(&stimulus::NOISE).with("sd", 100.0)));
        more.projections.push(ProjectionSpec::new("gossip", "p0", "bystanders"));
        let (mut a, mut b) = (whole(&spec), whole(&more));
        let (alone, beside) = (net::take_spikes(&mut a), net::take_spikes(&mut b));
        prop_assert_eq!(&alone[..], &beside[..alone.len()]);
    }
}

#[test]
fn the_random_networks_are_alive_and_the_seed_matters() {
    let plan = Plan {
        seed: 1,
        single: false,
        populations: vec![(0, 30), (1, 30), (2, 30), (3, 10), (4, 10)],
        projections: vec![(4, 0, 1, 0.5, 3.0, Some(0)), (0, 1, 0, 0.3, 2.0, None), (1, 2, 3, 0.3, 2.0, Some(2)), (2, 3, 2, 0.3, 1.0, None)],
        noise: true,
    };
    let s = whole(&build(&plan));
    assert!(s.population_spikes().iter().all(|n| *n > 10), "{:?}", s.population_spikes());
    let other = whole(&build(&Plan { seed: 2, ..plan.clone() }));
    assert_ne!(s.spike_hash(), other.spike_hash());
    assert_eq!(outcome(&s), outcome(&whole(&build(&plan))));
    let weights: Vec<f32> = s.weights(0).iter().map(|w| w.2).collect();
    let fresh: Vec<f32> = Simulation::new(&build(&plan)).expect("builds").weights(0).iter().map(|w| w.2).collect();
    assert_ne!(weights, fresh, "plasticity should have acted");
}
