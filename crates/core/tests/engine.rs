//! The engine through its front door: spikes where theory puts them, and the same spikes however the run is cut.
#![allow(clippy::disallowed_methods, reason = "expected values may come from the platform's own functions")]

use spikeground_core::engine::Link;
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::engine::thread::{Inline, spawn};
use spikeground_core::engine::threads::Threads;
use spikeground_core::model::{connectivity, distribution, neuron, plasticity, stimulus, synapse};
use spikeground_core::part::Part;
use spikeground_core::protocol::{Command, Event, Frame, Poke, Spike};
use spikeground_core::spec::path::{Path, Place};
use spikeground_core::spec::{NetworkSpec, PopulationSpec, ProjectionSpec, Role, StimulusSpec};

fn lif() -> Part {
    Part::new(neuron::ALL.iter().find(|k| k.key == "lif").expect("lif"))
}

/// 80 + 20 LIF neurons driven by Poisson spikes, random wiring, STDP from E to E.
fn balanced() -> NetworkSpec {
    let mut spec = NetworkSpec { dt: 0.1, seed: 7, ..NetworkSpec::default() };
    let mut inhibitory = PopulationSpec::new("I", 20, lif());
    inhibitory.role = Role::Inhibitory;
    spec.populations = vec![PopulationSpec::new("E", 80, lif()), inhibitory];
    for (pre, post, weight) in [("E", "E", 40.0), ("E", "I", 40.0), ("I", "E", -160.0), ("I", "I", -160.0)] {
        let mut p = ProjectionSpec::new(&format!("{pre} → {post}"), pre, post);
        p.synapse = Part::new(&synapse::EXPONENTIAL);
        p.connect = Part::new(&connectivity::PROBABILITY).with("p", 0.2);
        p.weight = Part::new(&distribution::weights::CONSTANT).with("value", weight);
        p.delay = Part::new(&distribution::delays::UNIFORM).with("low", 0.5).with("high", 3.0);
        if post == "E" && pre == "E" {
            p.plasticity = Some(Part::new(&plasticity::stdp::KIND).with("w_max", 80.0));
        }
        spec.projections.push(p);
    }
    for target in ["E", "I"] {
        let drive = Part::new(&stimulus::POISSON).with("rate", 2000.0).with("weight", 40.0);
        let mut s = StimulusSpec::new(&format!("drive {target}"), target, drive);
        s.synapse = Part::new(&synapse::EXPONENTIAL);
        spec.stimuli.push(s);
    }
    spec
}

fn hash_after(spec: &NetworkSpec, chunks: &[u64]) -> (u64, u64) {
    let mut s = Simulation::new(spec).expect("builds");
    chunks.iter().for_each(|n| s.advance(*n));
    (s.spike_hash(), s.n_spikes())
}

#[test]
fn the_same_seed_gives_the_same_spikes_however_the_run_is_cut() {
    let whole = hash_after(&balanced(), &[5000]);
    assert!(whole.1 > 500, "the network should be alive: {} spikes", whole.1);
    assert_eq!(whole, hash_after(&balanced(), &[1, 999, 1500, 2500]));
    let other = NetworkSpec { seed: 8, ..balanced() };
    assert_ne!(whole.0, hash_after(&other, &[5000]).0);
}

#[test]
fn watching_probing_and_peeking_change_nothing() {
    let whole = hash_after(&balanced(), &[5000]);
    let mut s = Simulation::new(&balanced()).expect("builds");
    s.apply(&Command::Watch(Some(spikeground_core::protocol::Watch { projection: None, max_rows: 64, max_cols: 64 })));
    s.apply(&Command::Probe(vec![spikeground_core::protocol::Probe { population: 0, neuron: 3, variable: "v".into() }]));
    for _ in 0..50 {
        s.advance(100);
        assert!(s.picture().is_some());
        s.take(&mut Frame::default());
    }
    assert_eq!(whole, (s.spike_hash(), s.n_spikes()));
}

#[test]
fn a_checkpoint_has_the_same_future() {
    let mut s = Simulation::new(&balanced()).expect("builds");
    s.advance(2000);
    let checkpoint = s.checkpoint();
    s.advance(3000);
    let first = s.spike_hash();
    s.restore(checkpoint);
    s.advance(3000);
    assert_eq!(first, s.spike_hash());
}

#[test]
fn a_lif_neuron_fires_on_the_grid_that_theory_gives() {
    // science.md §1.1: first spike from rest at 0.3 nA at 22.0 ms, then every t_ref + dt·⌈ISI/dt⌉.
    let mut spec = NetworkSpec::default();
    spec.populations = vec![PopulationSpec::new("n", 1, lif().with("i_e", 300.0))];
    let mut s = Simulation::new(&spec).expect("builds");
    s.advance(10_000);
    let mut frame = Frame::default();
    s.take(&mut frame);
    let times: Vec<f64> = frame.spikes.iter().map(|s: &Spike| s.step as f64 * 0.1).collect();
    assert!((times[0] - 22.0).abs() < 1e-9, "{times:?}");
    let isi_free = 20.0 * f64::ln((30.0 - 70.0 + 65.0) / (30.0 - 70.0 + 50.0));
    let isi = 2.0 + 0.1 * (isi_free / 0.1).ceil();
    assert!(times.windows(2).all(|w| (w[1] - w[0] - isi).abs() < 1e-9), "{isi} {times:?}");
}

#[test]
fn a_refractory_time_moved_live_holds_for_the_spikes_after_it() {
    let mut spec = NetworkSpec::default();
    spec.populations = vec![PopulationSpec::new("n", 1, lif().with("i_e", 300.0).with("t_ref", 0.0))];
    let mut s = Simulation::new(&spec).expect("builds");
    let path = Path { place: Place::Model(0), param: lif().kind.param("t_ref").expect("t_ref") };
    let spike = |s: &mut Simulation| {
        let before = s.n_spikes();
        let steps = (1..10_000).find(|_| {
            s.advance(1);
            s.n_spikes() > before
        });
        f64::from(steps.expect("a spike")) * 0.1
    };
    spike(&mut s);
    // As above, in ms; the first of each pair is in force when the neuron fires, the second while it is held.
    let free = 0.1 * (20.0 * f64::ln((30.0 - 70.0 + 65.0) / (30.0 - 70.0 + 50.0)) / 0.1).ceil();
    let mut held = 0.0;
    for (at_the_spike, meanwhile) in [(0.0, 5.0), (5.0, 600.0), (600.0, 0.3), (0.3, 0.0), (0.0, 0.0)] {
        let interval = spike(&mut s);
        assert!((interval - held - free).abs() < 1e-9, "{interval} ms instead of {} after t_ref {held}", held + free);
        held = at_the_spike;
        s.apply(&Command::Set { path, value: meanwhile });
    }
}

#[test]
fn a_live_parameter_acts_at_once_and_a_bad_one_is_refused() {
    let mut spec = NetworkSpec::default();
    spec.populations = vec![PopulationSpec::new("n", 3, lif())];
    let mut s = Simulation::new(&spec).expect("builds");
    s.advance(100);
    assert_eq!(s.n_spikes(), 0);
    let path = Path { place: Place::Model(0), param: lif().kind.param("i_e").expect("i_e") };
    s.apply(&Command::Set { path, value: f64::NAN });
    let mut frame = Frame::default();
    s.take(&mut frame);
    assert_eq!(frame.events.len(), 1);
    s.apply(&Command::Set { path, value: 500.0 });
    s.advance(1000);
    assert!(s.n_spikes() > 0);
}

#[test]
fn a_poke_makes_exactly_that_neuron_fire() {
    let mut spec = NetworkSpec::default();
    spec.populations = vec![PopulationSpec::new("n", 5, lif())];
    let mut s = Simulation::new(&spec).expect("builds");
    s.advance(10);
    s.apply(&Command::Poke { population: 0, neuron: 2, poke: Poke::Fire });
    s.advance(10);
    let mut frame = Frame::default();
    s.take(&mut frame);
    assert_eq!(frame.spikes, vec![Spike { step: 11, neuron: 2, early: 0.0 }]);
}

#[test]
fn a_thread_and_a_plain_run_give_the_same_hash() {
    let (expected, _) = hash_after(&balanced(), &[3000]);
    let mut handle = spawn(&balanced(), Threads::Exactly(2), || {}).expect("starts");
    handle.send(Command::Step(1000));
    let mut status = handle.take().status;
    let mut asked = 1000;
    for _ in 0..2000 {
        std::thread::sleep(std::time::Duration::from_millis(5));
        status = handle.take().status;
        if status.step == asked && !status.running {
            if asked == 3000 {
                break;
            }
            asked += 1000;
            handle.send(Command::Step(1000));
        }
    }
    assert_eq!((status.step, status.spike_hash), (3000, expected));
}

#[test]
fn a_structural_edit_keeps_what_still_fits() {
    let spec = balanced();
    let mut link = Inline::new(&spec, 500).expect("builds");
    link.send(Command::Run);
    for _ in 0..10 {
        link.take();
    }
    let learned = link.simulation().weights(0);
    let mut edited = spec.clone();
    edited.populations.push(PopulationSpec::new("new", 3, lif()));
    link.send(Command::Pause);
    link.send(Command::Load { spec: std::sync::Arc::new(edited), keep: true });
    assert_eq!(link.simulation().step_count(), 5000);
    assert_eq!(link.simulation().weights(0), learned);
    assert_eq!(link.simulation().spec().populations.len(), 3);
}

#[test]
fn a_reset_repeats_the_same_spikes() {
    let mut link = Inline::new(&balanced(), 2000).expect("builds");
    link.send(Command::Run);
    let first = link.take().status;
    link.send(Command::Reset { seed: None });
    link.send(Command::Run);
    let second = link.take().status;
    assert_eq!((first.step, first.spike_hash), (second.step, second.spike_hash));
    assert_ne!(first.generation, second.generation);
}

#[test]
fn a_session_replays_from_its_log_to_the_same_spikes() {
    let spec = balanced();
    let mut link = Inline::new(&spec, 700).expect("builds");
    let i_e = Path { place: Place::Model(0), param: lif().kind.param("i_e").expect("i_e") };
    let a_plus = Path { place: Place::Plasticity(0), param: plasticity::stdp::KIND.param("a_plus").expect("a_plus") };
    link.send(Command::Run);
    link.take();
    link.send(Command::Set { path: i_e, value: 80.0 });
    link.take();
    link.send(Command::Poke { population: 0, neuron: 5, poke: Poke::Fire });
    link.send(Command::Set { path: a_plus, value: 0.02 });
    link.take();
    let mut edited = (**link.simulation().spec()).clone();
    edited.populations.push(PopulationSpec::new("new", 3, lif()));
    link.send(Command::Load { spec: std::sync::Arc::new(edited), keep: true });
    link.send(Command::Enable { stimulus: 1, enabled: false });
    let live = link.take().status;
    let log = link.simulation().log().to_vec();
    assert_eq!(log.len(), 5);
    let again = Simulation::replay(&spec, &log, live.step).expect("replays");
    assert_eq!((again.step_count(), again.spike_hash()), (live.step, live.spike_hash));
}

#[test]
fn a_scheme_that_would_diverge_is_refused_while_running() {
    let hh = Part::new(neuron::ALL.iter().find(|k| k.key == "hh").expect("hh"));
    let scheme = hh.kind.param("scheme").expect("scheme");
    let mut spec = NetworkSpec { dt: 0.1, ..NetworkSpec::default() };
    spec.populations = vec![PopulationSpec::new("n", 1, hh)];
    let mut s = Simulation::new(&spec).expect("builds");
    s.apply(&Command::Set { path: Path { place: Place::Model(0), param: scheme }, value: 1.0 });
    s.advance(1000);
    let mut frame = Frame::default();
    s.take(&mut frame);
    assert!(!s.is_diverged());
    assert!(matches!(frame.events.as_slice(), [Event::Refused { .. }]), "{:?}", frame.events);
    assert!(s.spec().populations[0].model.values[scheme].abs() < 0.5, "the former scheme stays");
}

#[test]
fn a_population_made_smaller_runs_with_probes_and_ranges_that_reach_beyond_it() {
    let mut spec = balanced();
    spec.stimuli[0].neurons = Some((50, 80));
    spec.populations[0].size = 40;
    let mut s = Simulation::new(&spec).expect("builds");
    s.apply(&Command::Probe(vec![spikeground_core::protocol::Probe { population: 0, neuron: 70, variable: "v".into() }]));
    s.advance(1000);
    s.take(&mut Frame::default());
    spec.stimuli[0].neurons = Some((30, 20));
    Simulation::new(&spec).expect("builds").advance(10);
}

#[test]
fn a_fault_in_the_simulation_thread_is_told_and_survived() {
    // The only foreign code on that thread is the waker: let it fail once.
    let calls = std::sync::atomic::AtomicU32::new(0);
    let mut handle = spawn(&balanced(), Threads::Exactly(2), move || {
        let call = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        assert!(call != 1, "planted fault");
    })
    .expect("starts");
    let wait_for = |handle: &mut spikeground_core::engine::thread::Handle, what: &dyn Fn(&Frame) -> bool| {
        for _ in 0..10_000 {
            let frame = handle.take();
            if what(&frame) {
                return true;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        false
    };
    handle.send(Command::Step(10));
    // On a busy machine the fault may come before the first steps are done.
    let reached = std::cell::Cell::new(0);
    let told = |f: &Frame| {
        reached.set(f.status.step);
        f.events.iter().any(|e| matches!(e, Event::Fault { message } if message.contains("planted")))
    };
    assert!(wait_for(&mut handle, &told), "the fault is told");
    handle.send(Command::Step(10));
    assert!(wait_for(&mut handle, &|f| f.status.step >= reached.get() + 10), "the simulation goes on");
}

#[test]
fn a_build_can_be_given_up_and_the_running_network_goes_on() {
    let mut handle = spawn(&balanced(), Threads::Exactly(1), || {}).expect("starts");
    // Ten million synapses: far more than are built before the next command is read.
    let mut large = NetworkSpec { populations: vec![PopulationSpec::new("many", 100_000, lif())], ..NetworkSpec::default() };
    let mut p = ProjectionSpec::new("p", "many", "many");
    p.connect = Part::new(&connectivity::PROBABILITY).with("p", 0.001);
    p.weight = Part::new(&distribution::weights::NORMAL).with("mean", 1.0).with("sd", 0.1);
    large.projections.push(p);
    handle.send(Command::Load { spec: std::sync::Arc::new(large), keep: false });
    handle.send(Command::StopBuild);
    handle.send(Command::Step(25));
    let (mut told, mut step) = (false, 0);
    for _ in 0..10_000 {
        let frame = handle.take();
        told |= frame.events.iter().any(|e| matches!(e, Event::Refused { why, .. } if why.contains("cancelled")));
        assert!(!frame.events.iter().any(|e| matches!(e, Event::Loaded { .. })), "the network that was given up came");
        step = frame.status.step;
        if told && step == 25 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    panic!("told: {told}, step {step}");
}

#[test]
fn weights_that_cannot_change_are_pictured_once() {
    for (projection, changes) in [(1, false), (0, true)] {
        let mut link = Inline::new(&balanced(), 100).expect("builds");
        link.send(Command::Watch(Some(spikeground_core::protocol::Watch { projection: Some(projection), max_rows: 64, max_cols: 64 })));
        link.send(Command::Run);
        let mut pictures = 0;
        for _ in 0..10 {
            pictures += u32::from(link.take().weights.is_some());
            std::thread::sleep(std::time::Duration::from_millis(60));
        }
        assert_eq!(pictures > 1, changes, "{pictures} pictures of projection {projection}");
        assert!(pictures > 0);
    }
}
