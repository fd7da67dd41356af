//! A step neither allocates nor frees: counted with an allocator of its own, over every model, synapse, delay, rule, stimulus and precision.

#[path = "support/net.rs"]
mod net;

use net::{alpha, conductance, delay, delta, exponential, in_degree, model, network, probability, stimulate, weight};
use spikeground_core::bench;
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::model::plasticity::stdp;
use spikeground_core::model::{connectivity, distribution, neuron, stimulus};
use spikeground_core::part::Part;
use spikeground_core::protocol::{Command, Frame, Poke, Probe, Watch};
use spikeground_core::spec::{NetworkSpec, PopulationSpec, Precision, ProjectionSpec, Updates, Wiring};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts what this thread asks for; threads of other tests do not disturb.
struct Counting;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that is ending has no counter any more; nothing is measured there.
    let _ = COUNT.try_with(|c| c.set(c.get() + 1));
}

// SAFETY: every call is handed to the system's allocator unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are those of the system's allocator.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count();
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of `steps` steps after `warm_up`, with everything recorded that can be. Frames are taken as the window does, and the recorder
/// makes its room, between two steps.
fn allocations(s: &mut Simulation, warm_up: u64, steps: u64) -> u64 {
    let spec = std::sync::Arc::clone(s.spec());
    let variables = ["v", "i_syn", "g_syn", "i_stim", "trace_pre", "trace_post"];
    let all = (0..spec.populations.len()).flat_map(|population| variables.map(|v| Probe { population, neuron: 0, variable: v.into() }));
    s.apply(&Command::Probe(all.collect()));
    s.apply(&Command::Watch(Some(Watch { projection: None, max_rows: 16, max_cols: 16 })));
    let mut total = 0;
    for done in 0..warm_up + steps {
        if done % 64 == 0 {
            s.take(&mut Frame::default());
        }
        s.make_room();
        let before = COUNT.with(Cell::get);
        s.bare_step();
        if done >= warm_up {
            total += COUNT.with(Cell::get) - before;
        }
    }
    total
}

fn check(name: &str, spec: &NetworkSpec, steps: u64) {
    let mut s = Simulation::new(spec).expect("builds");
    let n = allocations(&mut s, 0, steps);
    assert!(s.n_spikes() > 0, "{name} is silent");
    assert_eq!(n, 0, "{name}: {n} allocations in {steps} steps");
}

/// A current that makes the model fire often.
fn strong(key: &str) -> f64 {
    match key {
        "lif" => 500.0,
        "izhikevich" => 15.0,
        "adex" => 1000.0,
        _ => 20.0,
    }
}

#[test]
fn the_counter_counts() {
    let before = COUNT.with(Cell::get);
    drop(std::hint::black_box(vec![1u8; 100]));
    assert_eq!(COUNT.with(Cell::get) - before, 2);
}

#[test]
fn no_model_allocates_in_a_step_in_either_precision() {
    let typed =
        ["typed lif", "typed izhikevich", "typed hh", "typed adex"].map(|key| (model(key), strong(key.trim_start_matches("typed "))));
    let built_in = neuron::ALL.iter().filter(|k| k.key != "poisson").map(|kind| (Part::new(kind), strong(kind.key)));
    for (part, current) in built_in.chain(typed) {
        for precision in [Precision::Double, Precision::Single] {
            for spread in [false, true] {
                let mut spec = network(0.05);
                spec.precision = precision;
                let mut p = PopulationSpec::new("p", 300, part.clone());
                if spread {
                    p.spread.push((0, Part::new(&distribution::spread::UNIFORM)));
                }
                spec.populations.push(p);
                spec.stimuli.push(stimulate("p", Part::new(&stimulus::NOISE).with("mean", current).with("sd", current)));
                let mut s = Simulation::new(&spec).expect("builds");
                let n = allocations(&mut s, 0, 600);
                assert_eq!(n, 0, "{} {precision:?} spread {spread}: {n} allocations", part.kind.name);
            }
        }
    }
}

#[test]
fn no_synapse_delay_or_rule_allocates_in_a_step() {
    for (k, synapse) in [delta(), exponential(3.0), alpha(2.0), conductance(5.0, 0.0)].into_iter().enumerate() {
        for rule in [None, Some(0), Some(1), Some(2), Some(3)] {
            for (mixed, other) in [(false, false), (true, false), (false, true), (true, true)] {
                let mut spec = network(0.1);
                if other {
                    (spec.wiring, spec.updates) = (Wiring::Procedural, Updates::Eager);
                }
                spec.populations.push(PopulationSpec::new("in", 100, model("poisson").with("rate", 200.0)));
                spec.populations.push(PopulationSpec::new("out", 80, model("lif").with("i_e", 400.0)));
                for pre in ["in", "out"] {
                    let w = Part::new(&distribution::weights::UNIFORM).with("low", 0.0).with("high", 2.0);
                    let mut p = ProjectionSpec::new(pre, pre, "out");
                    (p.synapse, p.connect, p.weight, p.delay) = (synapse.clone(), probability(0.3), w, delay(1.5));
                    if mixed {
                        p.delay = Part::new(&distribution::delays::UNIFORM).with("low", 0.1).with("high", 8.0);
                    }
                    p.plasticity = rule.map(|pairing| Part::new(&stdp::KIND).with("w_max", 2.0).with("pairing", f64::from(pairing)));
                    spec.projections.push(p);
                }
                check(&format!("synapse {k}, rule {rule:?}, mixed delays {mixed}, procedural or eager {other}"), &spec, 1500);
            }
        }
    }
}

#[test]
fn no_connector_allocates_in_a_step() {
    for connect in
        [Part::new(&connectivity::ALL_TO_ALL), in_degree(20), Part::new(&connectivity::ONE_TO_ONE), Part::new(&connectivity::RING)]
    {
        for drawn in [false, true] {
            let mut spec = network(0.1);
            spec.populations.push(PopulationSpec::new("p", 200, model("lif").with("i_e", 400.0)));
            let mut p = ProjectionSpec::new("p", "p", "p");
            (p.connect, p.weight) = (connect.clone(), weight(0.2));
            if drawn {
                p.weight = Part::new(&distribution::weights::NORMAL).with("mean", 0.2).with("sd", 0.1);
            }
            spec.projections.push(p);
            check(connect.kind.key, &spec, 600);
        }
    }
}

#[test]
fn no_stimulus_allocates_in_a_step() {
    for kind in stimulus::ALL {
        for neurons in [None, Some((3, 70))] {
            for synapse in [delta(), exponential(3.0)] {
                let mut spec = network(0.1);
                spec.populations.push(PopulationSpec::new("p", 100, model("lif").with("i_e", 400.0)));
                let mut part = Part::new(kind);
                if kind.key == "spike_list" {
                    part = part.with_table((0..500).map(|k| vec![f64::from(k) * 0.2]).collect());
                }
                if kind.key == "recorded" {
                    part = part.with_table((0..500).map(|k| vec![f64::from(k) * 0.2, f64::from(k)]).collect());
                }
                let mut s = stimulate("p", part);
                (s.neurons, s.synapse) = (neurons, synapse);
                spec.stimuli.push(s);
                check(kind.key, &spec, 600);
            }
        }
    }
}

#[test]
fn neither_pokes_nor_the_benchmark_networks_make_a_step_allocate() {
    let small = ["coba-4k", "hh-1k", "izhikevich-1k", "feedforward-stdp", "tiny", "stdp-1250-dense"];
    for case in bench::ALL.iter().filter(|c| small.contains(&c.key)) {
        let mut s = Simulation::new(&(case.spec)()).expect("builds");
        s.advance(100);
        s.apply(&Command::Poke { population: 0, neuron: 1, poke: Poke::Fire });
        s.apply(&Command::Poke { population: 0, neuron: 2, poke: Poke::Pulse { amplitude: 10.0, duration: 20.0 } });
        assert_eq!(allocations(&mut s, 0, 300), 0, "{}", case.key);
        let record = s.record(true);
        let mut resumed = Simulation::resume(&record, &mut |_| true).expect("resumes").expect("nobody gave up");
        assert_eq!(allocations(&mut resumed, 0, 300), 0, "{} after a restore", case.key);
    }
}

/// Locks and channels live on the rim: what steps a network cannot name one.
#[test]
fn nothing_that_steps_a_network_names_a_lock() {
    // The thread hands frames over, the driver only passes them on.
    const RIM: [&str; 1] = ["thread.rs"];
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine"), "src/model".into()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if RIM.iter().any(|f| path.ends_with(f)) {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("text");
            seen += 1;
            for word in ["Mutex", "RwLock", "mpsc", "Condvar"] {
                assert!(!text.contains(word), "{} names {word}", path.display());
            }
        }
    }
    assert!(seen > 20, "only {seen} files looked at");
}
