//! Two ways to learn, one result: rows brought up to date when their source fires, and synapses changed at each postsynaptic spike.

#[path = "support/net.rs"]
mod net;

use net::{exponential, model, network, probability, stimulate, uniform_weight};
use proptest::prelude::*;
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::model::plasticity::stdp;
use spikeground_core::model::{distribution, stimulus};
use spikeground_core::part::Part;
use spikeground_core::protocol::{Command, Watch};
use spikeground_core::spec::{NetworkSpec, PopulationSpec, ProjectionSpec, Updates};

const STEPS: u64 = 2500;

#[derive(Clone, Debug)]
struct Plan {
    seed: u64,
    sizes: (u32, u32),
    /// Hz
    pre_rate: f64,
    post_rate: f64,
    pairing: u32,
    mu: f64,
    /// Shortest and longest delay, ms.
    delays: (f64, f64),
    p: f64,
    /// Step, parameter and new value.
    changes: Vec<(u64, &'static str, f64)>,
    chunk: u64,
    threads: usize,
}

fn plan() -> impl Strategy<Value = Plan> {
    let change = prop_oneof![
        (0.0..0.03f64).prop_map(|x| ("a_plus", x)),
        (0.0..0.03f64).prop_map(|x| ("a_minus", x)),
        (3.0..50.0f64).prop_map(|x| ("tau_plus", x)),
        (3.0..50.0f64).prop_map(|x| ("tau_minus", x)),
        (0..2u32).prop_map(|x| ("learning", f64::from(x))),
        (0..4u32).prop_map(|x| ("pairing", f64::from(x))),
        prop::sample::select(vec![0.0, 0.3, 1.0]).prop_map(|x| ("mu_plus", x)),
    ];
    let changes = prop::collection::vec((0..STEPS, change), 0..5).prop_map(|mut list| {
        list.sort_by_key(|c| c.0);
        list.into_iter().map(|(step, (key, value))| (step, key, value)).collect::<Vec<_>>()
    });
    let mu = prop::sample::select(vec![0.0, 0.4, 1.0]);
    let rates = (5.0..400.0f64, 5.0..400.0f64);
    let delays = (0.1..3.0f64, 0.0..6.0f64).prop_map(|(a, b)| (a, a + b));
    let network = (any::<u64>(), (1..40u32, 1..40u32), rates, delays, 0.2..1.0f64);
    (network, 0..4u32, mu, changes, 1..300u64, prop::sample::select(vec![1usize, 2, 4])).prop_map(
        |((seed, sizes, (pre_rate, post_rate), delays, p), pairing, mu, changes, chunk, threads)| Plan {
            seed,
            sizes,
            pre_rate,
            post_rate,
            pairing,
            mu,
            delays,
            p,
            changes,
            chunk,
            threads,
        },
    )
}

/// Sources, and neurons that fire when their own input says so: the synapses between them learn but are far too weak to be felt.
fn spec(plan: &Plan, updates: Updates) -> NetworkSpec {
    let mut spec = network(0.1);
    (spec.seed, spec.updates) = (plan.seed, updates);
    spec.populations.push(PopulationSpec::new("pre", plan.sizes.0, model("poisson").with("rate", plan.pre_rate)));
    spec.populations.push(PopulationSpec::new("post", plan.sizes.1, model("lif").with("t_ref", 0.0).with("tau_m", 0.02)));
    spec.stimuli.push(stimulate("post", Part::new(&stimulus::POISSON).with("rate", plan.post_rate).with("weight", 1000.0)));
    let mut p = ProjectionSpec::new("pre → post", "pre", "post");
    (p.synapse, p.connect, p.weight) = (exponential(5.0), probability(plan.p), uniform_weight(0.0, 1.0));
    p.delay = Part::new(&distribution::delays::UNIFORM).with("low", plan.delays.0).with("high", plan.delays.1);
    let rule = Part::new(&stdp::KIND).with("a_plus", 0.01).with("a_minus", 0.0105).with("mu_plus", plan.mu).with("mu_minus", plan.mu);
    p.plasticity = Some(rule.with("pairing", f64::from(plan.pairing)));
    spec.projections.push(p);
    spec
}

/// Weights at each change and at the end, and the hash of all spikes.
fn weights(plan: &Plan, updates: Updates) -> (Vec<f32>, u64) {
    let spec = spec(plan, updates);
    let mut s = Simulation::new(&spec).expect("builds");
    s.set_threads(plan.threads);
    let mut out = Vec::new();
    let until = |s: &mut Simulation, step: u64| {
        while s.step_count() < step {
            s.advance(plan.chunk.min(step - s.step_count()));
        }
    };
    for (step, key, value) in &plan.changes {
        until(&mut s, *step);
        out.extend(s.weights(0).iter().map(|w| w.2));
        s.apply(&Command::Watch(Some(Watch { projection: Some(0), max_rows: 64, max_cols: 64 })));
        let _ = s.picture();
        let path = s.spec().find(&format!("pre → post.{key}")).expect("a parameter");
        s.apply(&Command::Set { path, value: *value });
        // Through the bytes of a file, half the time.
        if step % 2 == 0 {
            let bytes = spikeground_core::session::encode(&s.record(true));
            let record = spikeground_core::session::decode(&bytes).expect("reads");
            s = Simulation::resume(&record, &mut |_| true).expect("resumes").expect("nobody gave up");
            s.set_threads(plan.threads);
        }
    }
    until(&mut s, STEPS);
    out.extend(s.weights(0).iter().map(|w| w.2));
    (out, s.spike_hash())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lazy_and_eager_updates_give_the_same_weights_on_the_same_spikes(plan in plan()) {
        let (lazy, lazy_spikes) = weights(&plan, Updates::Lazy);
        let (eager, eager_spikes) = weights(&plan, Updates::Eager);
        prop_assert_eq!(lazy_spikes, eager_spikes, "the weights were felt");
        prop_assert_eq!(lazy.len(), eager.len());
        let worst = lazy.iter().zip(&eager).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        // Either rounds each update of its own to single precision.
        prop_assert!(worst < 1e-6 * (1.0 + events(&plan) * 2e-2) as f32, "{worst}");
    }
}

/// An older trace stands above a newer one after τ₋ has grown: a spike inside the delay must still meet the newest before it.
#[test]
fn after_a_change_of_tau_minus_the_latest_trace_counts_not_the_largest() {
    let plan = Plan {
        seed: 3_905_493_301_749_301_677,
        sizes: (3, 21),
        pre_rate: 209.56370476090098,
        post_rate: 93.43682799413286,
        pairing: 0,
        mu: 0.0,
        delays: (0.1, 0.1),
        p: 0.9572599053280691,
        changes: vec![(643, "tau_minus", 48.97629732173451)],
        chunk: 1,
        threads: 1,
    };
    let (lazy, eager) = (weights(&plan, Updates::Lazy).0, weights(&plan, Updates::Eager).0);
    assert!(lazy.iter().zip(&eager).all(|(a, b)| (a - b).abs() < 1e-6));
}

/// About how many updates a weight gets.
fn events(plan: &Plan) -> f64 {
    (plan.pre_rate + plan.post_rate) * STEPS as f64 * 1e-4
}

/// Changing over while the network runs keeps weights, traces and spikes under way.
#[test]
fn a_running_network_may_change_from_one_way_to_the_other() {
    for (pairing, mu) in [(0, 0.0), (0, 1.0), (1, 0.4), (2, 0.0), (3, 0.0)] {
        let plan = Plan {
            seed: 5,
            sizes: (20, 20),
            pre_rate: 60.0,
            post_rate: 60.0,
            pairing,
            mu,
            delays: (0.3, 7.0),
            p: 0.7,
            changes: Vec::new(),
            chunk: 1000,
            threads: 1,
        };
        let (lazy, _) = weights(&plan, Updates::Lazy);
        let ways = [Updates::Eager, Updates::Lazy, Updates::Eager, Updates::Lazy];
        let load = |updates| Command::Load { spec: spec(&plan, updates).into(), keep: true };
        let log: Vec<_> = ways.into_iter().zip(1u64..).map(|(updates, k)| (500 * k, load(updates))).collect();
        let s = Simulation::replay_with(&spec(&plan, Updates::Lazy), &log, STEPS, &mut |_| true).expect("builds").expect("whole");
        let changed: Vec<f32> = s.weights(0).iter().map(|w| w.2).collect();
        let worst = lazy.iter().zip(&changed).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 3e-6, "pairing {pairing}, μ {mu}: {worst}");
        let start = Simulation::new(&spec(&plan, Updates::Lazy)).expect("builds").weights(0);
        assert!(start.iter().zip(&lazy).any(|(a, b)| (a.2 - b).abs() > 1e-3), "nothing was learned");
    }
}
