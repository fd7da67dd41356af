//! Canonical networks against the figures measured with other simulators: statistics, never spike times, since they are chaotic.

#[path = "support/net.rs"]
mod net;
#[path = "support/table.rs"]
mod table;

use net::{
    conductance, delay, delta, exponential, in_degree, initial, mean_cv, model, model_set, network, peak_frequency, probability,
    projection, rate, spikes, stimulate, uniform_weight, weight,
};
use spikeground_core::model::connectivity;
use spikeground_core::model::{distribution::spread, stimulus};
use spikeground_core::part::Part;
use spikeground_core::spec::{NetworkSpec, PopulationSpec, Precision, Role};

/// Excitatory and inhibitory population.
fn populations(spec: &mut NetworkSpec, n_e: u32, n_i: u32, e: Part, i: Part, v: &Part) {
    for (name, size, model, role) in [("E", n_e, e, Role::Excitatory), ("I", n_i, i, Role::Inhibitory)] {
        let mut p = PopulationSpec::new(name, size, model);
        p.role = role;
        p.initial.push((0, v.clone()));
        spec.populations.push(p);
    }
}

/// Brunel 2000 at 2500 neurons: p 0.2, J 0.2 mV, delay 1.5 ms, random start.
fn brunel(g: f64, eta: f64, seed: u64) -> NetworkSpec {
    let mut spec = NetworkSpec { seed, ..network(0.1) };
    let cell = model_set("lif", "brunel");
    populations(&mut spec, 2000, 500, cell.clone(), cell, &initial("uniform", ("low", 0.0), ("high", 20.0)));
    for post in ["E", "I"] {
        spec.projections.push(projection("E", post, delta(), in_degree(400), weight(0.2), delay(1.5)));
        spec.projections.push(projection("I", post, delta(), in_degree(100), weight(-0.2 * g), delay(1.5)));
        // Threshold rate θ/(J τ) = 5000 spikes a second in all.
        spec.stimuli.push(stimulate(post, Part::new(&stimulus::POISSON).with("rate", 5000.0 * eta).with("weight", 0.2)));
    }
    spec
}

struct Activity {
    rate: f64,
    cv: f64,
    trains: Vec<Vec<f64>>,
}

fn run_brunel(g: f64, eta: f64, seed: u64) -> Activity {
    let mut all = spikes(&brunel(g, eta, seed), 1200.0);
    let trains = all.swap_remove(0);
    Activity { rate: rate(&trains, 200.0, 1200.0), cv: mean_cv(&trains, 200.0, 5), trains }
}

/// Measured value of a setting in `networks_expected.csv`; the tolerances beside it are written out in the tests.
fn expected(network: &str, setting: &str, quantity: &str) -> f64 {
    let rows = table::read("networks_expected");
    let row = rows.iter().find(|r| r["network"] == network && r["setting"] == setting && r["quantity"] == quantity);
    table::number(row.unwrap_or_else(|| panic!("no {network}, {setting}, {quantity}")), "measured")
}

#[track_caller]
fn assert_within(what: &str, value: f64, low: f64, high: f64) {
    assert!((low..=high).contains(&value), "{what}: {value} is not between {low} and {high}");
}

/// Runs one regime and checks its rate; returns what else there is to check.
fn regime(g: f64, eta: f64, tolerance: f64) -> Activity {
    let setting = format!("g={g} eta={eta}");
    let rate = expected("brunel_mini_N2500_p0.2_J0.2", &setting, "rate_Hz");
    let activity = run_brunel(g, eta, 42);
    assert_within(&setting, activity.rate, rate * (1.0 - tolerance), rate * (1.0 + tolerance));
    activity
}

#[test]
fn brunel_without_enough_inhibition_fires_fast_and_regularly() {
    assert_within("CV", regime(3.0, 2.0, 0.1).cv, 0.0, 0.2);
}

#[test]
fn brunel_with_strong_inhibition_and_drive_oscillates_fast_and_irregularly() {
    let activity = regime(6.0, 4.0, 0.1);
    assert_within("CV", activity.cv, 0.7, 1.3);
    assert_within("peak, Hz", peak_frequency(&activity.trains, 200.0, 1200.0, 50.0, 400.0), 150.0, 195.0);
}

#[test]
fn brunel_between_is_asynchronous_and_irregular() {
    assert_within("CV", regime(5.0, 2.0, 0.1).cv, 0.45, 0.8);
}

#[test]
fn brunel_below_threshold_drive_fires_slowly_and_irregularly() {
    assert_within("CV", regime(4.5, 0.9, 0.25).cv, 0.45, 0.8);
}

#[test]
fn the_izhikevich_2003_network_has_the_rates_and_rhythms_of_the_published_program() {
    let all = spikes(&izhikevich_2003(), 2000.0);
    assert_within("rate of E", rate(&all[0], 0.0, 1000.0), 6.5, 8.5);
    assert_within("rate of I", rate(&all[1], 0.0, 1000.0), 5.8, 8.0);
    assert_within("CV", mean_cv(&all[0], 0.0, 5), 0.3, 0.55);
    assert_within("alpha peak", peak_frequency(&all[0], 0.0, 2000.0, 4.0, 15.0), 5.0, 15.0);
    assert_within("gamma peak", peak_frequency(&all[0], 0.0, 2000.0, 20.0, 80.0), 22.0, 60.0);
}

#[test]
fn the_conductance_benchmark_sustains_itself_irregularly() {
    let all = spikes(&coba(), 1000.0);
    let trains = all.concat();
    assert_within("rate", rate(&trains, 200.0, 1000.0), 15.0, 25.0);
    assert_within("CV", mean_cv(&trains, 200.0, 5), 1.0, 2.0);
    assert_within("rate at the end", rate(&trains, 900.0, 1000.0), 10.0, 30.0);
}

#[test]
fn the_current_benchmark_fires_slowly() {
    let trains = spikes(&cuba(), 1000.0).concat();
    assert_within("rate", rate(&trains, 200.0, 1000.0), 4.5, 7.0);
    assert_within("CV", mean_cv(&trains, 200.0, 3), 0.4, 0.8);
}

#[test]
fn single_precision_keeps_the_statistics() {
    let mut spec = coba();
    spec.precision = Precision::Single;
    let trains = spikes(&spec, 700.0).concat();
    assert_within("rate", rate(&trains, 200.0, 700.0), 15.0, 25.0);
}

/// Izhikevich 2003: 800 + 200 neurons, all to all, thalamic noise, the published scheme.
fn izhikevich_2003() -> NetworkSpec {
    let mut spec = network(1.0);
    let v = initial("uniform", ("low", -65.0), ("high", -65.0));
    let cell = model("izhikevich");
    populations(&mut spec, 800, 200, cell.clone(), cell.clone().with("b", 0.25).with("d", 2.0), &v);
    // u = b·v, as published; for I the b of each neuron differs.
    spec.populations[0].initial.push((1, initial("uniform", ("low", -13.0), ("high", -13.0))));
    spec.populations[1].initial.push((1, initial("uniform", ("low", -16.25), ("high", -13.0))));
    let power = |coefficient: f64, exponent: f64| Part::new(&spread::POWER).with("coefficient", coefficient).with("exponent", exponent);
    let index = |key: &str| cell.kind.param(key).expect("a parameter");
    spec.populations[0].spread = vec![(index("c"), power(15.0, 2.0)), (index("d"), power(-6.0, 2.0))];
    spec.populations[1].spread = vec![(index("a"), power(0.08, 1.0)), (index("b"), power(-0.05, 1.0))];
    let everyone = Part::new(&connectivity::ALL_TO_ALL).with("self_connections", 1.0);
    for post in ["E", "I"] {
        spec.projections.push(projection("E", post, delta(), everyone.clone(), uniform_weight(0.0, 0.5), delay(1.0)));
        spec.projections.push(projection("I", post, delta(), everyone.clone(), uniform_weight(-1.0, 0.0), delay(1.0)));
    }
    spec.stimuli.push(stimulate("E", Part::new(&stimulus::NOISE).with("sd", 5.0)));
    spec.stimuli.push(stimulate("I", Part::new(&stimulus::NOISE).with("sd", 2.0)));
    spec
}

/// The benchmarks of Brette et al. 2007: 4000 neurons, 2 % connected.
fn vogels_abbott(cell: Part, v: &Part, e: (Part, f64), i: (Part, f64)) -> NetworkSpec {
    let mut spec = network(0.1);
    populations(&mut spec, 3200, 800, cell.clone(), cell, v);
    for post in ["E", "I"] {
        for (pre, (synapse, w)) in [("E", &e), ("I", &i)] {
            spec.projections.push(projection(pre, post, synapse.clone(), probability(0.02), weight(*w), delay(0.1)));
        }
    }
    spec
}

fn coba() -> NetworkSpec {
    let cell = model_set("lif", "coba");
    let v = initial("normal", ("mean", -65.0), ("sd", 5.0));
    let mut spec = vogels_abbott(cell, &v, (conductance(5.0, 0.0), 6.0), (conductance(10.0, -80.0), 67.0));
    // The published start gives conductances; here a volley of random input starts the network, which then goes on by itself.
    for target in ["E", "I"] {
        let mut start = stimulate(target, Part::new(&stimulus::POISSON).with("rate", 1000.0).with("weight", 6.0).with("stop", 50.0));
        start.synapse = conductance(5.0, 0.0);
        spec.stimuli.push(start);
    }
    spec
}

fn cuba() -> NetworkSpec {
    // Jumps of 1.62 and −9 mV of R·I with R = 100 MΩ: 16.2 and −90 pA.
    let cell = model_set("lif", "coba").with("e_l", -49.0);
    let v = initial("uniform", ("low", -60.0), ("high", -50.0));
    vogels_abbott(cell, &v, (exponential(5.0), 16.2), (exponential(10.0), -90.0))
}
