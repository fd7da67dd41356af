//! A session is (spec, seed, commands): random small networks give the same spikes however the run is cut, watched or held.

#[path = "support/net.rs"]
mod net;

#[path = "support/random.rs"]
mod random;

use net::{model, stimulate};
use proptest::prelude::*;
use random::{Cut, Join, Manner, PLAIN, Plan, STEPS, build, deeds, manner, outcome, perform, plan, whole};
use spikeground_core::engine::Link;
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::engine::thread::Inline;
use spikeground_core::model::stimulus;
use spikeground_core::part::Part;
use spikeground_core::protocol::{Command, Frame, Poke, Probe, Watch};
use spikeground_core::simd::{Level, limit};
use spikeground_core::spec::{NetworkSpec, PopulationSpec, ProjectionSpec};

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
    fn every_vector_width_gives_the_same_bits(plan in plan(), deeds in deeds()) {
        let spec = build(&plan);
        let outcomes: Vec<_> = Level::ALL
            .iter()
            .map(|level| {
                limit(*level);
                outcome(&perform(&spec, &deeds, &PLAIN))
            })
            .collect();
        limit(Level::Avx512);
        prop_assert_eq!(&outcomes[0], &outcomes[1]);
        prop_assert_eq!(&outcomes[0], &outcomes[2]);
    }

    #[test]
    fn chunks_and_checkpoints_in_memory_and_in_a_file_change_nothing(plan in plan(), deeds in deeds(), manner in manner()) {
        let spec = build(&plan);
        let expected = perform(&spec, &deeds, &PLAIN);
        for cut_by in [manner.cut_by, Cut::File] {
            let other = perform(&spec, &deeds, &Manner { cut_by, ..manner.clone() });
            prop_assert_eq!(outcome(&other), outcome(&expected));
            prop_assert_eq!(other.log().len(), expected.log().len());
        }
    }

    #[test]
    fn a_session_read_from_its_file_replays_to_the_same_spikes(plan in plan(), deeds in deeds()) {
        let spec = build(&plan);
        let original = perform(&spec, &deeds, &PLAIN);
        let bytes = spikeground_core::session::encode(&original.record(false));
        let record = spikeground_core::session::decode(&bytes).expect("reads");
        let replayed = Simulation::replay_record(&record, &mut |_| true).expect("replays").expect("nobody gave up");
        prop_assert_eq!(outcome(&replayed), outcome(&original));
        prop_assert_eq!((record.spike_hash, record.n_spikes), (original.spike_hash(), original.n_spikes()));
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

fn join(pre: usize, post: usize, synapse: usize, p: f64, longest: f64, rule: Option<(u32, bool)>) -> Join {
    Join { pre, post, synapse, connect: 0, p, weight: 1, longest, one_delay: false, rule }
}

#[test]
fn the_random_networks_are_alive_and_the_seed_matters() {
    let plan = Plan {
        seed: 1,
        single: false,
        populations: vec![(0, 30), (1, 30), (2, 30), (3, 10), (4, 10)],
        projections: vec![
            join(4, 0, 1, 0.5, 3.0, Some((0, false))),
            join(0, 1, 0, 0.3, 2.0, None),
            join(1, 2, 3, 0.3, 2.0, Some((2, true))),
            join(2, 3, 2, 0.3, 1.0, None),
        ],
        noise: true,
        procedural: false,
        eager: false,
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
