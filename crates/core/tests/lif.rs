//! LIF networks through the whole engine: the closed forms and NEST's figures.
#![allow(clippy::disallowed_methods, reason = "expected values may come from the platform's own functions")]

#[path = "support/net.rs"]
mod net;
#[path = "support/table.rs"]
mod table;

use net::{add_puppets, alpha, conductance, delay, exponential, model, network, projection, rate, spikes, stimulate, trace, weight};
use spikeground_core::model::{connectivity, stimulus};
use spikeground_core::part::Part;
use spikeground_core::spec::{NetworkSpec, PopulationSpec};

/// τ_m 20 ms, C 200 pF, E_L −70, V_th −50, V_reset −65, t_ref 2.
const TAU_M: f64 = 20.0;
const C_M: f64 = 200.0;

#[test]
fn rates_of_driven_neurons_are_those_of_nest_to_the_last_step() {
    let rows = table::read("lif_fi");
    let mut spec = network(0.1);
    for (i, row) in rows.iter().enumerate() {
        let current = 1000.0 * table::number(row, "I_nA");
        spec.populations.push(PopulationSpec::new(&format!("p{i}"), 1, model("lif")));
        spec.stimuli.push(stimulate(&format!("p{i}"), Part::new(&stimulus::CONSTANT).with("amplitude", current)));
    }
    for (row, trains) in rows.iter().zip(spikes(&spec, 2000.0)) {
        let (times, expected) = (&trains[0], table::number(row, "f_grid_dt0.1_Hz"));
        if expected == 0.0 {
            assert!(times.is_empty(), "{} nA", row["I_nA"]);
            continue;
        }
        let isi = 1000.0 / expected;
        // The table has four decimals of the rate.
        assert!(times.windows(2).all(|w| (w[1] - w[0] - isi).abs() < 1e-3 * isi), "{} nA: {isi} {times:?}", row["I_nA"]);
    }
}

/// A puppet that fires at 10 ms, and one LIF neuron it reaches after 1.5 ms with weight 100.
fn one_synapse(synapse: Part, dt: f64) -> NetworkSpec {
    let mut spec = network(dt);
    add_puppets(&mut spec, "pre", &[vec![10.0]]);
    spec.populations.push(PopulationSpec::new("post", 1, model("lif")));
    spec.projections.push(projection("pre", "post", synapse, Part::new(&connectivity::ALL_TO_ALL), weight(100.0), delay(1.5)));
    spec
}

#[test]
fn postsynaptic_potentials_follow_the_closed_form_at_every_step() {
    for dt in [0.1, 0.5] {
        for tau in [2.0, 5.0] {
            let b = 1.0 / tau - 1.0 / TAU_M;
            let e = |t: f64, tau: f64| f64::exp(-t / tau);
            let exponential_form = |t: f64| 100.0 / C_M / b * (e(t, TAU_M) - e(t, tau));
            let alpha_form = |t: f64| 100.0 * std::f64::consts::E / (C_M * tau) * ((e(t, TAU_M) - e(t, tau)) / (b * b) - t * e(t, tau) / b);
            for (what, synapse, form) in
                [("exponential", exponential(tau), &exponential_form as &dyn Fn(f64) -> f64), ("alpha", alpha(tau), &alpha_form)]
            {
                for (k, v) in trace(&one_synapse(synapse, dt), "post", "v", 80.0).iter().enumerate() {
                    let t = (k + 1) as f64 * dt - 11.5;
                    let expected = -70.0 + if t > 0.0 { form(t) } else { 0.0 };
                    assert!((v - expected).abs() < 1e-9, "{what} τ {tau}, dt {dt}, {t} ms after arrival: {v} instead of {expected}");
                }
            }
        }
    }
}

#[test]
fn potentials_peak_as_high_and_as_late_as_in_nest() {
    let cases = [
        (exponential(2.0), 5.1169, 0.774_263_7),
        (exponential(5.0), 9.2420, 1.574_901_3),
        (alpha(2.0), 8.0332, 1.966_808_5),
        (alpha(5.0), 15.5778, 3.756_322_3),
    ];
    for (synapse, when, height) in cases {
        let v = trace(&one_synapse(synapse, 0.01), "post", "v", 60.0);
        let (k, peak) = v.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).expect("steps");
        let t = (k + 1) as f64 * 0.01 - 11.5;
        assert!((t - when).abs() < 0.011 && (peak + 70.0 - height).abs() < 1e-6, "{peak} at {t} instead of {height} at {when}");
    }
}

#[test]
fn a_delta_synapse_jumps_at_the_arrival_and_decays() {
    let mut spec = one_synapse(net::delta(), 0.1);
    spec.projections[0].weight = weight(3.0);
    for (k, v) in trace(&spec, "post", "v", 60.0).iter().enumerate() {
        let t = (k + 1) as f64 * 0.1 - 11.5;
        let expected = -70.0 + if t > -1e-9 { 3.0 * f64::exp(-t / TAU_M) } else { 0.0 };
        assert!((v - expected).abs() < 1e-9, "{t}: {v} instead of {expected}");
    }
}

#[test]
fn conductance_potentials_converge_with_second_order() {
    let at = |dt: f64| {
        let mut spec = one_synapse(conductance(5.0, 0.0), dt);
        spec.projections[0].weight = weight(4.0);
        let v = trace(&spec, "post", "v", 30.0);
        v[v.len() - 1]
    };
    let (coarse, middle, fine, best) = (at(0.5), at(0.25), at(0.125), at(0.005));
    let ratios = [(coarse - best) / (middle - best), (middle - best) / (fine - best)];
    assert!(ratios.iter().all(|r| (3.5..4.5).contains(r)), "{ratios:?}, error at 0.5 ms: {}", coarse - best);
    assert!((coarse - best).abs() < 1e-3 && best > -69.0, "{coarse} {best}");
}

#[test]
fn poisson_input_has_the_mean_and_variance_of_campbells_theorem() {
    // Exponential currents of 40 pA, τ 5 ms, at 1000 Hz; V_th out of reach.
    let (nu, w, tau) = (1.0, 40.0, 5.0);
    let mut spec = network(0.1);
    spec.populations.push(PopulationSpec::new("n", 400, model("lif").with("v_th", 1000.0)));
    let mut drive = stimulate("n", Part::new(&stimulus::POISSON).with("rate", 1000.0 * nu).with("weight", w));
    drive.synapse = exponential(tau);
    spec.stimuli.push(drive);
    let mut s = spikeground_core::engine::simulation::Simulation::new(&spec).expect("builds");
    s.advance(3000);
    let mut v = Vec::new();
    for _ in 0..60 {
        s.advance(500);
        v.extend((0..400).map(|i| s.state(0, "v", i).expect("v") + 70.0));
    }
    let (mean, sd) = net::mean_sd(&v);
    let a = w / C_M * TAU_M * tau / (TAU_M - tau);
    let expected = (nu * w * tau * TAU_M / C_M, (nu * a * a * (TAU_M / 2.0 + tau / 2.0 - 2.0 * TAU_M * tau / (TAU_M + tau))).sqrt());
    // 24,000 samples, nearly independent: 0.65 % of the sd for the mean.
    assert!((mean - expected.0).abs() < 0.03 * expected.1 && (sd / expected.1 - 1.0).abs() < 0.02, "{mean} {sd} instead of {expected:?}");
}

#[test]
fn white_noise_drives_at_the_rate_of_the_siegert_formula() {
    // τ 20, θ 20, V_r 10, t_ref 2 (mV above rest): mean 20 and 25, σ 1 and 2 → 14.763 and 42.850 Hz. Threshold crossings between two
    // steps are missed, a deficit that shrinks with √dt.
    for (mu, sigma, expected) in [(20.0, 1.0, 14.763), (25.0, 2.0, 42.850)] {
        let measure = |dt: f64| {
            let mut spec = network(dt);
            spec.populations.push(PopulationSpec::new("n", 300, net::model_set("lif", "brunel")));
            let scale = C_M / TAU_M;
            let noise = Part::new(&stimulus::NOISE).with("mean", mu * scale).with("sd", sigma * C_M / TAU_M.sqrt());
            spec.stimuli.push(stimulate("n", noise));
            rate(&spikes(&spec, 4000.0)[0], 500.0, 4000.0)
        };
        let (coarse, fine) = (measure(0.1), measure(0.02));
        let (coarse, fine) = (coarse / expected - 1.0, fine / expected - 1.0);
        assert!((-0.06..0.01).contains(&coarse) && (-0.03..0.01).contains(&fine), "μ {mu}: {coarse} at 0.1 ms, {fine} at 0.02 ms");
    }
}

#[test]
fn a_spike_arrives_after_exactly_its_delay() {
    for (dt, d) in [(0.1, 0.1), (0.1, 7.3), (0.5, 20.0), (1.0, 1.0)] {
        let mut spec = network(dt);
        add_puppets(&mut spec, "pre", &[vec![10.0]]);
        spec.populations.push(PopulationSpec::new("post", 1, model("lif")));
        spec.projections.push(projection("pre", "post", net::delta(), Part::new(&connectivity::ALL_TO_ALL), weight(50.0), delay(d)));
        let times = &spikes(&spec, 50.0)[1][0];
        assert!(times.len() == 1 && (times[0] - 10.0 - d).abs() < 1e-9, "dt {dt}, delay {d}: {times:?}");
    }
}
