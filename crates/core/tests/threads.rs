//! Threads that share a step change nothing, nor do vector levels: random networks of every format of rows, learning lazily or eagerly, with commands
//! and checkpoints at random steps give one hash.

#[path = "support/net.rs"]
mod net;

#[path = "support/random.rs"]
mod random;

use proptest::prelude::*;
use random::{Plan, build, command, deeds, outcome, plan};
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::simd::{Level, limit};

const STEPS: u64 = 300;

/// The same networks with populations that are large enough to be divided.
fn wide(mut plan: Plan) -> Plan {
    plan.populations.iter_mut().for_each(|p| p.1 *= 37);
    for join in &mut plan.projections {
        join.p /= 10.0;
        // Millions of pairs would say no more.
        join.connect = if join.connect == 2 { 3 } else { join.connect };
    }
    plan
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_number_of_threads_gives_the_same_bits(plan in plan().prop_map(wide), deeds in deeds(), cut in 0..STEPS) {
        let spec = build(&plan);
        let outcomes = [(1, Level::Portable), (2, Level::Avx2), (4, Level::Avx512)].map(|(threads, level)| {
            limit(level);
            let mut s = Simulation::new(&spec).expect("builds");
            s.set_threads(threads);
            let mut checkpoint = None;
            for step in 0..STEPS {
                deeds.iter().filter(|d| d.0 == step).filter_map(|d| command(&spec, d)).for_each(|c| s.apply(&c));
                if step == cut {
                    checkpoint = Some(s.checkpoint());
                }
                s.advance(1);
            }
            let whole = outcome(&s);
            // The rest again from the checkpoint, with one thread less or more.
            s.set_threads(if threads == 1 { 2 } else { threads - 1 });
            s.restore(checkpoint.expect("taken"));
            for step in cut..STEPS {
                if step > cut {
                    deeds.iter().filter(|d| d.0 == step).filter_map(|d| command(&spec, d)).for_each(|c| s.apply(&c));
                }
                s.advance(1);
            }
            assert_eq!(outcome(&s), whole, "{threads} threads, from the checkpoint");
            whole
        });
        prop_assert_eq!(&outcomes[0], &outcomes[1]);
        prop_assert_eq!(&outcomes[0], &outcomes[2]);
    }
}
