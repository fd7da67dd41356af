//! Session files: what they hold comes back bit for bit, and whatever is no good file is answered with one clear sentence.

#[path = "support/net.rs"]
mod net;

use net::{conductance, exponential, model, network, probability, stimulate, weight};
use spikeground_core::engine::Link;
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::engine::thread::Inline;
use spikeground_core::model::plasticity::stdp;
use spikeground_core::model::{connectivity, distribution, stimulus};
use spikeground_core::part::Part;
use spikeground_core::protocol::{Command, Event, Poke, Record};
use spikeground_core::session;
use spikeground_core::spec::{NetworkSpec, PopulationSpec, ProjectionSpec};
use std::sync::Arc;

/// Two populations, learning, several delays, noise, Poisson input and a list of spikes.
fn lively() -> NetworkSpec {
    let mut spec = network(0.1);
    spec.populations.push(PopulationSpec::new("E", 60, model("lif")));
    spec.populations.push(PopulationSpec::new("I", 15, model("adex")));
    for (name, mean, sd) in [("E", 350.0, 150.0), ("I", 800.0, 100.0)] {
        spec.stimuli.push(stimulate(name, Part::new(&stimulus::NOISE).with("mean", mean).with("sd", sd)));
        let mut input = stimulate(name, Part::new(&stimulus::POISSON).with("rate", 400.0).with("weight", 20.0));
        input.synapse = exponential(4.0);
        spec.stimuli.push(input);
    }
    let list = Part::new(&stimulus::SPIKE_LIST).with("weight", 30.0).with_table((1..60).map(|k| vec![f64::from(k) * 2.5]).collect());
    spec.stimuli.push(stimulate("E", list));
    let mut learning = ProjectionSpec::new("E → E", "E", "E");
    (learning.synapse, learning.connect) = (exponential(5.0), probability(0.3));
    learning.weight = Part::new(&distribution::weights::NORMAL).with("mean", 20.0).with("sd", 5.0);
    learning.delay = Part::new(&distribution::delays::UNIFORM).with("low", 0.5).with("high", 4.0);
    learning.plasticity = Some(Part::new(&stdp::KIND).with("w_max", 60.0));
    let mut fixed = ProjectionSpec::new("I → E", "I", "E");
    (fixed.synapse, fixed.connect, fixed.weight) = (conductance(8.0, -75.0), probability(0.4), weight(2.0));
    spec.projections = vec![learning, fixed];
    spec
}

fn through_a_file(record: &Record) -> Record {
    session::decode(&session::encode(record)).expect("reads")
}

fn resumed(record: &Record) -> Simulation {
    Simulation::resume(record, &mut |_| true).expect("resumes").expect("nobody gave up")
}

fn bits(s: &Simulation) -> (u64, u64, Vec<u32>) {
    (s.step_count(), s.spike_hash(), s.weights(0).iter().map(|w| w.2.to_bits()).collect())
}

#[test]
fn the_future_after_a_restore_is_that_of_the_uninterrupted_run() {
    let mut s = Simulation::new(&lively()).expect("builds");
    s.advance(1500);
    s.apply(&Command::Poke { population: 0, neuron: 3, poke: Poke::Pulse { amplitude: 400.0, duration: 50.0 } });
    s.apply(&Command::Set { path: s.spec().find("E → E.synapse.tau_syn").expect("known"), value: 9.0 });
    s.advance(77);
    let record = through_a_file(&s.record(true));
    s.advance(3000);
    let mut other = resumed(&record);
    assert_eq!(other.step_count(), 1577);
    other.advance(3000);
    assert!(s.n_spikes() > 500, "{}", s.n_spikes());
    assert_eq!(bits(&other), bits(&s));
    // It is still the same session: the whole of it replays from time zero.
    let replayed = Simulation::replay_record(&through_a_file(&other.record(false)), &mut |_| true).expect("replays").expect("whole");
    assert_eq!(bits(&replayed), bits(&s));
}

#[test]
fn a_restore_in_memory_brings_back_parameters_and_log_too() {
    let mut s = Simulation::new(&lively()).expect("builds");
    s.advance(500);
    let checkpoint = s.checkpoint();
    let path = s.spec().find("E.tau_m").expect("known");
    let before = s.spec().part(path.place).expect("there").values[path.param];
    s.apply(&Command::Set { path, value: 30.0 });
    s.advance(500);
    s.restore(checkpoint);
    assert_eq!(s.spec().part(path.place).expect("there").values[path.param], before);
    assert!(s.log().is_empty());
    s.advance(500);
    let mut plain = Simulation::new(&lively()).expect("builds");
    plain.advance(1000);
    assert_eq!(bits(&s), bits(&plain));
}

#[test]
fn wiring_of_a_former_seed_survives_an_edit_and_the_file() {
    let mut link = Inline::new(&lively(), 500).expect("builds");
    link.send(Command::Step(500));
    link.take();
    // A structural edit with another seed: what fits keeps its wiring, the rest is drawn from the new seed.
    let mut edited = lively();
    edited.seed += 1;
    edited.populations.push(PopulationSpec::new("new", 5, model("lif")));
    edited.projections.push({
        let mut p = ProjectionSpec::new("E → new", "E", "new");
        (p.connect, p.weight) = (probability(0.5), weight(3.0));
        p
    });
    link.send(Command::Load { spec: Arc::new(edited), keep: true });
    link.send(Command::Step(500));
    link.take();
    let record = through_a_file(&link.simulation().record(true));
    link.send(Command::Step(500));
    link.take();
    let mut other = resumed(&record);
    other.advance(500);
    assert_eq!(bits(&other), bits(link.simulation()));
    let replayed = Simulation::replay_record(&through_a_file(&other.record(false)), &mut |_| true).expect("replays").expect("whole");
    assert_eq!(bits(&replayed), bits(&other));
}

#[test]
fn the_window_gets_the_session_by_a_command() {
    let mut link = Inline::new(&lively(), 100).expect("builds");
    link.send(Command::Step(100));
    link.take();
    link.send(Command::TakeSession { state: true });
    let frame = link.take();
    let record = frame.events.iter().find_map(|e| if let Event::Session { record } = e { Some(record) } else { None }).expect("a session");
    assert_eq!((record.step, record.spike_hash), (100, link.simulation().spike_hash()));
    assert!(record.state.is_some());
}

#[test]
fn a_file_that_is_no_good_is_refused_in_one_sentence_with_a_remedy() {
    let mut s = Simulation::new(&lively()).expect("builds");
    s.advance(300);
    let good = session::encode(&s.record(true));
    let refusal = |bytes: &[u8]| session::decode(bytes).expect_err("refused");
    assert!(refusal(b"format: 1, name: \"a network\"").contains("no session file"));
    assert!(refusal(b"").contains("no session file"));
    // Cut anywhere, one byte changed anywhere, one byte too many.
    for n in (8..good.len()).step_by(997).chain([8, 31, 32, good.len() - 1]) {
        assert!(refusal(&good[..n]).contains("ends too early"), "{n}");
    }
    for at in (12..good.len()).step_by(1009).chain([12, 16, 24, 33, good.len() - 1]) {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        let why = refusal(&bad);
        assert!(["damaged", "too early", "too many"].iter().any(|w| why.contains(w)), "{at}: {why}");
    }
    assert!(refusal(&[&good[..], &[0]].concat()).contains("too many"));
    let mut newer = good.clone();
    newer[8] = 9;
    assert!(refusal(&newer).contains("format 9") && refusal(&newer).contains("newer Spikeground"));
}

#[test]
fn a_state_that_does_not_fit_is_refused_and_can_still_be_replayed() {
    let mut s = Simulation::new(&lively()).expect("builds");
    s.advance(300);
    let good = s.record(true);
    let refusal = |record: &Record| Simulation::resume(record, &mut |_| true).err().expect("refused")[0].to_string();
    assert!(refusal(&s.record(false)).contains("replay it instead"));
    let mut other_layout = good.clone();
    if let Some(state) = &mut other_layout.state {
        state.layout += 1;
    }
    assert!(refusal(&other_layout).contains("layout"));
    for change in [resize, rewire, shorten] {
        let mut bad = good.clone();
        change(&mut bad);
        let why = refusal(&bad);
        assert!(why.contains("replay it instead"), "{why}");
    }
    let replayed = Simulation::replay_record(&other_layout, &mut |_| true).expect("replays").expect("whole");
    assert_eq!(bits(&replayed), bits(&s));
}

fn resize(record: &mut Record) {
    let state = record.state.as_mut().expect("a state");
    Arc::make_mut(&mut state.spec).populations[0].size += 1;
}

fn rewire(record: &mut Record) {
    let state = record.state.as_mut().expect("a state");
    Arc::make_mut(&mut state.spec).projections[1].connect = Part::new(&connectivity::ONE_TO_ONE);
}

fn shorten(record: &mut Record) {
    let state = record.state.as_mut().expect("a state");
    let bytes = Arc::make_mut(&mut state.bytes);
    bytes.truncate(bytes.len() / 2);
}

#[test]
fn saving_is_atomic_and_a_failure_names_the_file() {
    let dir = std::env::temp_dir().join(format!("spikeground-session-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    let path = dir.join("a.session");
    let mut s = Simulation::new(&lively()).expect("builds");
    session::save(&path, &s.record(true)).expect("saves");
    s.advance(100);
    session::save(&path, &s.record(true)).expect("saves over it");
    assert_eq!(std::fs::read_dir(&dir).expect("a folder").count(), 1);
    assert!(session::is_session(&path));
    assert_eq!(session::load(&path).expect("reads").step, 100);
    let missing = dir.join("missing").join("b.session");
    assert!(session::save(&missing, &s.record(true)).expect_err("refused").contains("b.session"));
    assert!(session::load(&missing).expect_err("refused").contains("b.session"));
    std::fs::remove_dir_all(dir).expect("removes");
}
