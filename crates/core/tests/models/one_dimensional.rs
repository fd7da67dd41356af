//! EIF and QIF against closed forms and against themselves at a hundredth of the step.

use crate::drive::run_from_rest;
use spikeground_core::model::neuron::Neuron;
use spikeground_core::model::neuron::eif::Eif;
use spikeground_core::model::neuron::qif::Qif;
use spikeground_core::part::Part;

#[test]
fn the_qif_fires_with_the_closed_form_period() {
    // C v' = k(b² + s): the time from reset to peak is C/(k√s)·(atan(b_peak/√s) − atan(b_reset/√s)).
    let part = Part::new(Qif::KIND);
    for i in [70.5, 75.0, 100.0, 200.0, 500.0, 1000.0] {
        let root = ((i - 70.0) / 0.7_f64).sqrt();
        let period = 100.0 / (0.7 * root) * ((85.0 / root).atan() - (0.0 / root).atan());
        for dt in [0.1, 0.01] {
            let run = run_from_rest::<1, Qif>(&part, dt, 3000.0, i);
            let found = run.mean_rate_after(500.0);
            // Times are multiples of dt: over many intervals the mean is finer.
            assert!((found * period / 1000.0 - 1.0).abs() < 2e-3, "{i} pA, dt {dt}: {found} instead of {} Hz", 1000.0 / period);
        }
    }
    assert!(run_from_rest::<1, Qif>(&part, 0.1, 2000.0, 69.9).spikes.is_empty());
}

#[test]
fn the_eif_has_its_closed_form_rheobase() {
    // g_L(V_th − E_L − Δ_T) = 10·(5.1 − 3.48) = 16.2 pA.
    let part = Part::new(Eif::KIND);
    let n = |i: f64| run_from_rest::<2, Eif>(&part, 0.1, 4000.0, i).spikes.len();
    assert_eq!(n(16.19), 0);
    assert!(n(16.21) > 0);
}

#[test]
fn located_resets_keep_the_eif_true_at_a_coarse_step() {
    let part = Part::new(Eif::KIND);
    for i in [20.0, 50.0, 200.0] {
        let last = |dt: f64| {
            let spikes = run_from_rest::<2, Eif>(&part, dt, 300.0, i).spikes;
            (spikes.len(), spikes[spikes.len() - 1] - 0.5 * dt)
        };
        let ((n, coarse), (m, fine)) = (last(0.1), last(0.001));
        assert!(n == m && (coarse - fine).abs() < 0.1, "{i} pA: {n} spikes, the last at {coarse}, instead of {m}, {fine}");
    }
}
