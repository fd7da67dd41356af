//! The slow, obvious delivery: a flat list of synapses, looked through for every spike. All formats must give its spikes.

use super::builder::build;
use super::crew::Crew;
use super::network::{Members, Network};
use super::picture::visit;
use super::rows::Rows;
use crate::model::distribution::{delays, weights};
use crate::model::{connectivity, find, neuron, stimulus, synapse};
use crate::part::Part;
use crate::real::Column;
use crate::spec::layout::{Layout, layout};
use crate::spec::{NetworkSpec, PopulationSpec, Precision, ProjectionSpec, StimulusSpec, Wiring};
use proptest::prelude::*;

/// One synapse: source, target, weight, delay in steps.
type Synapse = (u32, u32, f32, u32);

/// A network whose projections were taken out, and their synapses.
struct Reference {
    network: Network,
    /// Format, the weight where one serves all, and the synapses.
    projections: Vec<(Layout, Option<f64>, Vec<Synapse>)>,
}

impl Reference {
    fn new(spec: &NetworkSpec) -> Self {
        let mut network = build(spec, &mut |_| true).expect("sound").expect("nobody gave up");
        let projections = spec
            .projections
            .iter()
            .zip(&mut network.wires)
            .map(|(p, wire)| {
                let mut synapses = Vec::new();
                for pre in 0..wire.rows.n_pre {
                    for (d, delay) in wire.rows.delays.iter().enumerate() {
                        wire.rows.each(pre, d, |s, post| synapses.push((pre, post, wire.rows.weight(s), *delay)));
                    }
                }
                let mut seen = 0;
                visit(wire, 0, |_, _, _, _| seen += 1);
                assert_eq!((seen, synapses.len()), (wire.rows.n_synapses(), wire.rows.n_synapses()));
                wire.rows = Rows::pack(wire.rows.n_post, &mut vec![Vec::new(); wire.rows.n_pre as usize], None);
                (layout(spec, p), (p.weight.kind.key == "constant").then(|| p.weight.values[0]), synapses)
            })
            .collect();
        network.divide(1);
        Self { network, projections }
    }

    fn advance(&mut self) {
        let now = self.network.step + 1;
        self.deliver(now, true);
        self.network.advance(None);
        self.deliver(now, false);
    }

    fn deliver(&mut self, now: u64, delta: bool) {
        for (w, (layout, weight, synapses)) in self.projections.iter().enumerate() {
            let wire = &self.network.wires[w];
            if (wire.shape == synapse::Shape::Delta) != delta {
                continue;
            }
            let longest = synapses.iter().map(|s| s.3).max().unwrap_or(1);
            let mut arrivals = Vec::new();
            for delay in (1..=longest).rev() {
                let stamp = now.saturating_sub(u64::from(delay));
                let fired = if stamp > 0 { self.network.groups[wire.pre].spikes(stamp) } else { &[] };
                let of = |pre: u32| synapses.iter().filter(move |s| s.0 == pre && s.3 == delay).map(|s| (s.1, f64::from(s.2)));
                let arriving: Vec<(u32, f64)> = fired.iter().flat_map(|pre| of(*pre)).collect();
                if *layout != Layout::Bits {
                    arrivals.extend(arriving);
                    continue;
                }
                // Bits count first: at most 255 sources at a time.
                assert!(fired.len() <= 255);
                let mut counts = vec![0u32; wire.rows.n_post as usize];
                arriving.iter().for_each(|(post, _)| counts[*post as usize] += 1);
                let counted = counts.iter().enumerate().filter(|(_, n)| **n > 0);
                arrivals.extend(counted.map(|(post, n)| (post as u32, f64::from(*n))));
            }
            let port = wire.port;
            let Members::Cells(cells) = &mut self.network.groups[wire.post].members else { continue };
            let (mut inbox, factor) = cells.inbox(port);
            for (post, x) in arrivals {
                let post = post as usize;
                // One weight is rounded to the precision of the state after it was scaled; counts multiply that.
                let times = if *layout == Layout::Bits { x } else { 1.0 };
                match (&mut inbox, weight) {
                    (Column::Double(c), Some(weight)) => c[post] += times * (weight * factor),
                    (Column::Double(c), None) => c[post] += x * factor,
                    (Column::Single(c), Some(weight)) => c[post] += times as f32 * (weight * factor) as f32,
                    (Column::Single(c), None) => c[post] += x as f32 * factor as f32,
                }
            }
        }
    }
}

/// Two populations that fire by themselves, connected as drawn.
#[derive(Clone, Debug)]
struct Plan {
    seed: u64,
    single: bool,
    sizes: [u32; 2],
    /// Draw anew what can be.
    procedural: bool,
    /// Source, target, connector, weights, delays, synapse.
    projections: Vec<(usize, usize, usize, usize, usize, usize)>,
}

fn plan() -> impl Strategy<Value = Plan> {
    let projection = (0..2usize, 0..2usize, 0..6usize, 0..5usize, 0..3usize, 0..4usize);
    // From 256 × 256 pairs on, dense projections with one weight are bits.
    let size = prop_oneof![1..60u32, 256..300u32];
    (any::<u64>(), any::<(bool, bool)>(), [size.clone(), size], prop::collection::vec(projection, 1..5))
        .prop_map(|(seed, (single, procedural), sizes, projections)| Plan { seed, single, sizes, procedural, projections })
}

fn spec(plan: &Plan) -> NetworkSpec {
    let precision = if plan.single { Precision::Single } else { Precision::Double };
    let mut spec = NetworkSpec { seed: plan.seed, dt: 0.1, precision, ..NetworkSpec::default() };
    spec.wiring = if plan.procedural { Wiring::Procedural } else { Wiring::Automatic };
    let lif = find(neuron::ALL, "lif").expect("a model");
    for (name, size) in ["A", "B"].into_iter().zip(plan.sizes) {
        spec.populations.push(PopulationSpec::new(name, size, Part::new(lif).with("i_e", 300.0)));
        let noise = Part::new(&stimulus::NOISE).with("sd", 300.0);
        spec.stimuli.push(StimulusSpec::new(&format!("noise {name}"), name, noise));
    }
    for (k, (pre, post, connect, weight, delay, kind)) in plan.projections.iter().enumerate() {
        let mut p = ProjectionSpec::new(&format!("p{k}"), ["A", "B"][*pre], ["A", "B"][*post]);
        p.connect = match connect {
            0 => Part::new(&connectivity::ALL_TO_ALL),
            1 => Part::new(&connectivity::ALL_TO_ALL).with("self_connections", 1.0),
            2 => Part::new(&connectivity::PROBABILITY).with("p", 0.97),
            3 => Part::new(&connectivity::PROBABILITY).with("p", 0.1),
            // More inputs than there are sources are refused.
            4 => Part::new(&connectivity::IN_DEGREE).with("k", f64::from((plan.sizes[*pre] - 1).min(7))),
            _ => Part::new(&connectivity::ONE_TO_ONE),
        };
        p.weight = match weight {
            0 | 1 => Part::new(&weights::CONSTANT).with("value", 0.07),
            2 => Part::new(&weights::CONSTANT).with("value", -0.03),
            3 => Part::new(&weights::UNIFORM).with("low", -0.05).with("high", 0.15),
            _ => Part::new(&weights::NORMAL).with("mean", 0.1).with("sd", 0.05),
        };
        p.delay = match delay {
            0 | 1 => Part::new(&delays::CONSTANT).with("value", 0.7),
            _ => Part::new(&delays::UNIFORM).with("low", 0.1).with("high", 2.0),
        };
        p.synapse = match kind {
            0 => Part::new(&synapse::DELTA),
            1 => Part::new(&synapse::EXPONENTIAL).with("tau_syn", 3.0),
            2 => Part::new(&synapse::ALPHA).with("tau_syn", 2.0),
            _ => Part::new(&synapse::CONDUCTANCE).with("tau_syn", 5.0).with("e_rev", 0.0),
        };
        spec.projections.push(p);
    }
    spec
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn every_format_gives_the_spikes_of_a_slow_and_obvious_delivery(plan in plan()) {
        let spec = spec(&plan);
        let mut real = build(&spec, &mut |_| true).expect("sound").expect("nobody gave up");
        let mut reference = Reference::new(&spec);
        for _ in 0..300 {
            real.advance(None);
            reference.advance();
            prop_assert!(real.fired().eq(reference.network.fired()), "step {}", real.step);
        }
        prop_assert_eq!(real.hash, reference.network.hash);
    }
}

/// The plans with larger populations, so that there is something to share.
fn larger(mut plan: Plan) -> Plan {
    plan.sizes = plan.sizes.map(|n| n * 5);
    plan
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn every_format_gives_the_same_spikes_to_any_number_of_workers(plan in plan().prop_map(larger)) {
        let one = build(&spec(&plan), &mut |_| true).expect("sound").expect("nobody gave up");
        let hashes = [1, 2, 3, 4].map(|n| {
            let (mut network, mut crew) = (one.clone(), Crew::new(n));
            network.divide(n);
            (0..200).for_each(|_| network.advance(Some(&mut crew)));
            // Shared otherwise on the way.
            network.divide(5 - n);
            (0..100).for_each(|_| network.advance(None));
            (network.n_spikes, network.hash)
        });
        prop_assert!(hashes.iter().all(|h| *h == hashes[0]), "{hashes:?}");
    }
}

#[test]
fn the_drawn_networks_hold_every_format_and_fire() {
    let plan = |connect, weight, delay| Plan {
        seed: 1,
        single: false,
        sizes: [280, 280],
        procedural: false,
        projections: vec![(0, 1, connect, weight, delay, 1)],
    };
    let anew = |connect, weight, delay| Plan { procedural: true, ..plan(connect, weight, delay) };
    for (plan, expected) in [
        (plan(0, 0, 0), Layout::Bits),
        (plan(2, 0, 0), Layout::Bits),
        (plan(0, 4, 0), Layout::All),
        (plan(3, 0, 0), Layout::OneWeight),
        (plan(2, 0, 2), Layout::OneWeight),
        (plan(2, 4, 2), Layout::Weighted),
        (anew(2, 0, 0), Layout::Procedural),
        (anew(3, 3, 0), Layout::Procedural),
        (anew(3, 0, 2), Layout::Procedural),
        (anew(2, 3, 2), Layout::Procedural),
        (anew(4, 0, 0), Layout::OneWeight),
    ] {
        let spec = spec(&plan);
        let mut network = build(&spec, &mut |_| true).expect("sound").expect("nobody gave up");
        assert_eq!((layout(&spec, &spec.projections[0]), network.wires[0].rows.format()), (expected, expected.name()));
        (0..300).for_each(|_| network.advance(None));
        assert!(network.n_spikes > 50, "{} spikes", network.n_spikes);
    }
}
