//! LIF: closed forms, the grid identity that NEST obeys to the last step, and the peaks of postsynaptic potentials.

use crate::drive::run_from_rest;
use crate::table::{self, number};
use spikeground_core::model::neuron::lif::Lif;
use spikeground_core::model::neuron::{Input, Neuron};
use spikeground_core::model::synapse::Shape;
use spikeground_core::part::Part;

/// τ_m 20 ms, C 200 pF, E_L −70, V_th −50, V_reset −65, t_ref 2: the defaults.
fn cell() -> Part {
    Part::new(Lif::KIND)
}

#[test]
fn a_subthreshold_step_follows_the_closed_form() {
    let run = run_from_rest::<2, Lif>(&cell(), 0.1, 10.0, 150.0);
    assert!((run.end[0] + 64.097_959_9).abs() < 1e-7, "{}", run.end[0]);
}

#[test]
fn the_first_spike_comes_at_the_first_grid_point_after_the_closed_form() {
    // τ_m ln(RI/(RI − 20 mV)) = 21.97225 ms at 300 pA.
    let run = run_from_rest::<2, Lif>(&cell(), 0.1, 30.0, 300.0);
    assert!((run.spikes[0] - 22.0).abs() < 1e-9, "{}", run.spikes[0]);
}

#[test]
fn every_interval_is_the_refractory_time_plus_whole_steps() {
    for dt in [0.1, 0.05, 0.01] {
        for na in [0.201, 0.21, 0.25, 0.3, 0.4, 0.6, 1.0] {
            let ri = 100.0 * na;
            let free = 20.0 * f64::ln((ri - 5.0) / (ri - 20.0));
            let expected = 2.0 + dt * (free / dt - 1e-9).ceil();
            let run = run_from_rest::<2, Lif>(&cell(), dt, 400.0, 1000.0 * na);
            assert!(run.spikes.len() > 2);
            for isi in run.spikes.windows(2).map(|w| w[1] - w[0]) {
                assert!((isi - expected).abs() < 1e-9, "{na} nA, dt {dt}: {isi} instead of {expected}");
            }
        }
    }
}

#[test]
fn rates_on_the_grid_are_those_of_nest() {
    for row in &table::read("lif_fi") {
        for (dt, column) in [(0.1, "f_grid_dt0.1_Hz"), (0.01, "f_grid_dt0.01_Hz")] {
            let run = run_from_rest::<2, Lif>(&cell(), dt, 1000.0, 1000.0 * number(row, "I_nA"));
            let (ours, expected) = (run.mean_rate_after(0.0), number(row, column));
            assert!((ours - expected).abs() < 1e-3, "{} nA, dt {dt}: {ours} instead of {expected} Hz", row["I_nA"]);
        }
    }
}

/// Peak of v − E_L after one spike of 100 pA, and its time: the synaptic state propagated exactly, the neuron by its gains.
fn peak(shape: Shape, tau: f64, dt: f64) -> (f64, f64) {
    let part = cell();
    let gains = Lif::gains(&part.values, shape, dt);
    let c = Lif::constants::<f64>(&part.values, dt);
    let decay = f64::exp(-dt / tau);
    let alpha = matches!(shape, Shape::Alpha { .. });
    // Exponential: the current itself. Alpha: the feeding state and the current.
    let (mut a, mut b) = if alpha { (100.0 * std::f64::consts::E / tau, 0.0) } else { (100.0, 0.0) };
    let mut x = Lif::initial(&part.values);
    let (mut best, mut when) = (0.0, 0.0);
    for k in 0..10_000 {
        let input = Input { current: gains[0] * a + gains[1] * b, ..Input::default() };
        x = Lif::step::<f64, false, 0>(&c, x, input).0;
        if alpha {
            b = decay * (b + dt * a);
        }
        a *= decay;
        if x[0] + 70.0 > best {
            (best, when) = (x[0] + 70.0, f64::from(k + 1) * dt);
        }
    }
    (when, best)
}

#[test]
fn postsynaptic_potentials_peak_as_in_nest() {
    let cases = [
        (Shape::Exponential { tau: 2.0 }, 2.0, 5.1169, 0.774_263_7),
        (Shape::Exponential { tau: 5.0 }, 5.0, 9.2420, 1.574_901_3),
        (Shape::Alpha { tau: 2.0 }, 2.0, 8.0332, 1.966_808_5),
        (Shape::Alpha { tau: 5.0 }, 5.0, 15.5778, 3.756_322_3),
    ];
    for (shape, tau, when, height) in cases {
        let (t, v) = peak(shape, tau, 0.01);
        assert!((t - when).abs() < 0.011 && (v - height).abs() < 1e-5, "{shape:?}: {v} mV at {t} ms instead of {height} at {when}");
        // Exact propagators: on common grid points the result does not depend on dt, so a coarse grid only misses the tip.
        let (_, coarse) = peak(shape, tau, 0.1);
        assert!(coarse <= v + 1e-9 && v - coarse < 1e-3, "{shape:?}: {coarse} at dt 0.1");
    }
}

#[test]
fn equal_time_constants_are_no_exception() {
    // w t e^(−t/τ)/C peaks at t = τ with w τ/(e C).
    let (t, v) = peak(Shape::Exponential { tau: 20.0 }, 20.0, 0.01);
    assert!((t - 20.0).abs() < 0.011 && (v - 100.0 * 20.0 / 200.0 / std::f64::consts::E).abs() < 1e-6, "{v} at {t}");
}
