//! Hodgkin–Huxley: landmarks of a converged solution (science: squid axon, 6.3 °C, current step from rest).

use crate::drive::{Run, assert_times, run, run_from_rest};
use crate::table::{self, number};
use spikeground_core::model::neuron::hh::HodgkinHuxley;
use spikeground_core::model::neuron::{Input, Neuron};
use spikeground_core::part::Part;

/// First spikes at 10 µA/cm², Runge–Kutta with dt 0.01 ms.
const AT_TEN: [f64; 7] = [1.9012, 16.8227, 31.4719, 46.1091, 60.7453, 75.3816, 90.0178];

fn squid(rk4: bool) -> Part {
    Part::new(HodgkinHuxley::KIND).with("scheme", f64::from(u8::from(rk4)))
}

fn step(part: &Part, dt: f64, ms: f64, i: f64) -> Run<4> {
    run_from_rest::<4, HodgkinHuxley>(part, dt, ms, i)
}

fn pulse(part: &Part, dt: f64, i: f64, width: f64) -> Run<4> {
    run::<4, HodgkinHuxley>(
        part,
        dt,
        (60.0 / dt) as usize,
        HodgkinHuxley::initial(&part.values),
        |t| if t < width - 1e-9 { i } else { 0.0 },
    )
}

#[test]
fn rest_is_where_the_literature_has_it() {
    let rest = HodgkinHuxley::initial(&squid(false).values);
    for (x, expected) in rest.iter().zip([-64.996_379, 0.052_955_086_8, 0.595_994_124_7, 0.317_732_399_8]) {
        assert!((x - expected).abs() < 1e-6, "{rest:?}");
    }
    for rk4 in [false, true] {
        let run = step(&squid(rk4), 0.025, 200.0, 0.0);
        assert!(run.spikes.is_empty() && (run.end[0] - rest[0]).abs() < 1e-9, "{:?}", run.end);
    }
}

#[test]
fn runge_kutta_meets_the_converged_spike_times() {
    // Spikes are stamped at the end of the step in which 0 mV is crossed: between 0 and dt late.
    for dt in [0.05, 0.025, 0.01] {
        let run = step(&squid(true), dt, 92.0, 10.0);
        let middle: Vec<f64> = run.spikes.iter().map(|t| t - 0.5 * dt).collect();
        assert_times(&format!("dt {dt}"), &middle, &AT_TEN, 0.5 * dt + 3e-4);
    }
}

#[test]
fn staggered_exponential_euler_is_second_order_and_accurate() {
    // Interpolated crossings against the converged ones; expected errors at the 7th spike: 0.457, 0.117, 0.029, 0.005 ms.
    let seventh = |dt: f64| {
        let run = step(&squid(false), dt, 92.0, 10.0);
        assert_eq!(run.spikes.len(), 7, "dt {dt}");
        let k = (run.spikes[6] / dt).round() as usize;
        let (before, after) = (run.v[k - 2], run.v[k - 1]);
        run.spikes[6] - dt * after / (after - before) - AT_TEN[6]
    };
    for (dt, expected, tolerance) in [(0.1, 0.457, 0.02), (0.05, 0.117, 0.005), (0.025, 0.029, 0.002), (0.01, 0.005, 0.001)] {
        let error = seventh(dt);
        assert!((error.abs() - expected).abs() < tolerance, "dt {dt}: {error} instead of {expected}");
    }
    let ratio = seventh(0.05) / seventh(0.025);
    assert!((3.5..4.5).contains(&ratio), "halving dt divides the error by {ratio}");
}

#[test]
fn rates_follow_the_published_curve() {
    for row in &table::read("hh_fi") {
        let i = number(row, "I_uA_cm2");
        let run = step(&squid(true), 0.025, 2000.0, i);
        let n = number(row, "n_spikes_2s");
        // Near the onset (6 to 6.26) the number of spikes hangs on the last digit of the current.
        let slack = if (6.1..6.27).contains(&i) { 2.0 } else { 0.0 };
        assert!((run.spikes.len() as f64 - n).abs() <= slack, "{i}: {} instead of {n} spikes", run.spikes.len());
        if n > 10.0 {
            let (ours, expected) = (run.mean_rate_after(1000.0), number(row, "f_Hz_1to2s"));
            assert!((ours / expected - 1.0).abs() < 1e-3, "{i}: {ours} instead of {expected} Hz");
        }
        if n > 0.0 {
            let first = number(row, "first_spike_ms");
            assert!(run.spikes[0] - first > -1e-3 && run.spikes[0] - first < 0.026, "{i}: {} instead of {first}", run.spikes[0]);
        }
    }
}

#[test]
fn one_and_sustained_spiking_set_in_where_they_should() {
    let n = |i| step(&squid(true), 0.025, 1000.0, i).spikes.len();
    assert_eq!((n(2.22), n(2.26)), (0, 1));
    assert!(n(6.2) < 5 && n(6.3) > 40);
    assert!(n(75.0) < 5, "depolarisation block");
}

#[test]
fn a_brief_pulse_needs_its_threshold_charge() {
    for (width, threshold) in [(0.1, 65.13), (0.5, 13.28), (1.0, 6.919), (2.0, 3.859)] {
        let part = squid(true);
        assert!(pulse(&part, 0.01, threshold * 0.995, width).spikes.is_empty(), "{width} ms, below");
        assert_eq!(pulse(&part, 0.01, threshold * 1.005, width).spikes.len(), 1, "{width} ms, above");
    }
}

#[test]
fn the_action_potential_has_its_height_and_undershoot() {
    let run = pulse(&squid(true), 0.01, 20.0, 1.0);
    let peak = run.v.iter().copied().fold(f64::MIN, f64::max);
    let trough = run.v.iter().copied().fold(f64::MAX, f64::min);
    assert!((peak - 40.50).abs() < 0.02 && (trough + 76.18).abs() < 0.02, "{peak} {trough}");
    assert_times("pulse", &run.spikes, &[1.3], 0.0051);
}

#[test]
fn release_from_inhibition_excites() {
    for (width, threshold) in [(5.0, -4.04), (10.0, -2.82), (50.0, -2.78)] {
        let part = squid(true);
        assert!(pulse(&part, 0.025, threshold + 0.02, width).spikes.is_empty(), "{width} ms, weaker");
        let n = run::<4, HodgkinHuxley>(&part, 0.025, 4000, HodgkinHuxley::initial(&part.values), |t| {
            if t < width { threshold - 0.02 } else { 0.0 }
        });
        assert_eq!(n.spikes.len(), 1, "{width} ms, stronger");
    }
}

#[test]
fn warming_speeds_up_then_blocks() {
    for (temperature, rate) in [(6.3, 86.47), (10.0, 122.97), (18.5, 253.98)] {
        let run = step(&squid(true).with("temperature", temperature), 0.01, 1000.0, 20.0);
        let ours = run.mean_rate_after(500.0);
        assert!((ours / rate - 1.0).abs() < 2e-3, "{temperature} °C: {ours} instead of {rate} Hz");
    }
    assert_eq!(step(&squid(true).with("temperature", 25.0), 0.01, 1000.0, 20.0).spikes.len(), 1);
}

#[test]
fn the_rates_are_smooth_through_their_removable_singularities() {
    // v held near −40 and −55 mV by an enormous conductance: the gates must settle at α/(α + β) without a kink.
    let part = squid(false);
    let c = HodgkinHuxley::constants::<f64>(&part.values, 0.025);
    for centre in [-40.0, -55.0] {
        let settled = |v: f64| {
            let mut x = [v, 0.5, 0.5, 0.5];
            for _ in 0..20_000 {
                let input = Input { g: 1e6, ge: 1e6 * v, ..Input::default() };
                x = HodgkinHuxley::step::<f64, true, 0>(&c, x, input).0;
            }
            x
        };
        for k in 1..4 {
            for offset in [10.0_f64.powi(-3 * k), 0.9999, 1.0001] {
                let (low, at, high) = (settled(centre - offset), settled(centre), settled(centre + offset));
                for gate in 1..4 {
                    let bend = (low[gate] + high[gate] - 2.0 * at[gate]).abs();
                    assert!(bend < 2e-3 * offset * offset + 1e-5, "{centre} ± {offset}: gate {gate} bends by {bend}");
                }
            }
        }
    }
}

#[test]
fn a_step_too_coarse_for_runge_kutta_is_refused_with_advice() {
    let message = HodgkinHuxley::check_dt(&squid(true).values, 0.1).unwrap_err();
    assert!(message.contains("0.1 ms") && message.contains("0.050 ms") && message.contains("exponential_euler"), "{message}");
    assert!(HodgkinHuxley::check_dt(&squid(true).values, 0.05).is_ok());
    assert!(HodgkinHuxley::check_dt(&squid(false).values, 0.1).is_ok());
}

#[test]
fn the_poke_makes_a_resting_axon_fire() {
    let part = squid(false);
    let mut start = HodgkinHuxley::initial(&part.values);
    start[0] += HodgkinHuxley::KICK;
    assert_eq!(run::<4, HodgkinHuxley>(&part, 0.025, 400, start, |_| 0.0).spikes.len(), 1);
}
