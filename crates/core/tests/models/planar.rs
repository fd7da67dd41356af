//! FitzHugh–Nagumo, Morris–Lecar and Wang–Buzsáki against values of a converged solution (Runge–Kutta, independent program).

use crate::drive::{Run, run, run_from_rest};
use spikeground_core::model::neuron::Neuron;
use spikeground_core::model::neuron::fitzhugh_nagumo::FitzHughNagumo;
use spikeground_core::model::neuron::morris_lecar::MorrisLecar;
use spikeground_core::model::neuron::wang_buzsaki::WangBuzsaki;
use spikeground_core::part::Part;

fn cell(set: &str) -> Part {
    let mut part = Part::new(MorrisLecar::KIND);
    part.apply_set(MorrisLecar::KIND.sets.iter().find(|s| s.key == set).expect("a known set"), &[]);
    part
}

#[test]
fn every_rest_is_where_it_should_be() {
    let fhn = FitzHughNagumo::initial(&Part::new(FitzHughNagumo::KIND).values);
    assert!((fhn[0] + 1.199_408).abs() < 1e-6 && (fhn[1] + 0.624_260).abs() < 1e-6, "{fhn:?}");
    for (set, rest) in [("hopf", -60.855), ("snic", -59.474), ("homoclinic", -59.474)] {
        let v = MorrisLecar::initial(&cell(set).values)[0];
        assert!((v - rest).abs() < 1e-3, "{set}: {v}");
    }
    // Nothing moves from rest.
    let still = run_from_rest::<3, WangBuzsaki>(&Part::new(WangBuzsaki::KIND), 0.05, 500.0, 0.0);
    assert!((still.end[0] - still.v[0]).abs() < 1e-6, "{:?}", still.end);
}

#[test]
fn fitzhugh_nagumo_has_the_converged_periods_and_fires_between_its_hopf_points() {
    let part = Part::new(FitzHughNagumo::KIND);
    for (i, period) in [(0.5, 39.47), (1.0, 36.70)] {
        let found = 1000.0 / run_from_rest::<2, FitzHughNagumo>(&part, 0.05, 4000.0, i).mean_rate_after(500.0);
        assert!((found - period).abs() < 0.01, "{i}: {found} ms");
    }
    // Around v = −0.967 the rest is stable below 0.331281 and unstable above; near it, motion is slow.
    let swing = |i: f64| {
        let v = -0.967_471_f64;
        let w = v - v * v * v / 3.0 + i;
        let run: Run<2> = run::<2, FitzHughNagumo>(&part, 0.05, 100_000, [v + 1e-3, w], |_| i);
        run.v[90_000..].iter().fold((f64::MAX, f64::MIN), |a, v| (a.0.min(*v), a.1.max(*v)))
    };
    let (below, above) = (swing(0.328), swing(0.3345));
    assert!(below.1 - below.0 < 0.01 && above.1 - above.0 > 0.05, "{below:?} {above:?}");
}

#[test]
fn morris_lecar_begins_to_fire_as_its_sets_say() {
    let rate = |set: &str, i: f64| run_from_rest::<2, MorrisLecar>(&cell(set), 0.1, 8000.0, i).mean_rate_after(1500.0);
    for (set, i, hertz, slack) in [
        ("hopf", 90.0, 9.7, 0.06),
        ("hopf", 100.0, 11.7, 0.06),
        ("snic", 41.0, 5.11, 0.03),
        ("snic", 45.0, 10.08, 0.02),
        ("snic", 60.0, 17.10, 0.02),
        ("snic", 100.0, 23.84, 0.02),
    ] {
        let found = rate(set, i);
        assert!((found - hertz).abs() < slack, "{set} at {i}: {found} instead of {hertz} Hz");
    }
    assert!(rate("hopf", 87.0) == 0.0 && rate("snic", 39.9) == 0.0);
    let slow = rate("snic", 40.0);
    assert!((slow - 1.06).abs() < 0.1, "{slow} Hz just above the saddle-node");
}

#[test]
fn the_homoclinic_set_rests_or_fires_at_one_current() {
    let part = cell("homoclinic");
    let steps = 30_000;
    let rests = run_from_rest::<2, MorrisLecar>(&part, 0.1, 3000.0, 38.0);
    // A start above the saddle ends on the orbit.
    let fires = run::<2, MorrisLecar>(&part, 0.1, steps, [0.0, 0.1], |_| 38.0);
    assert!(rests.spikes.is_empty() && fires.rate(2000.0, 3000.0) > 0.0, "{} {}", rests.spikes.len(), fires.spikes.len());
}

#[test]
fn wang_buzsaki_fires_at_the_converged_rates() {
    let part = Part::new(WangBuzsaki::KIND);
    for (i, hertz) in [(0.17, 4.03), (0.2, 8.62), (0.3, 18.14), (0.5, 32.22), (1.0, 59.70), (2.0, 101.79), (5.0, 189.6), (10.0, 284.9)] {
        let found = run_from_rest::<3, WangBuzsaki>(&part, 0.025, 4000.0, i).mean_rate_after(500.0);
        assert!((found - hertz).abs() < 0.01 + 0.002 * hertz, "{i} µA/cm²: {found} instead of {hertz} Hz");
    }
    let n = |i: f64| run_from_rest::<3, WangBuzsaki>(&part, 0.025, 4000.0, i).spikes.len();
    assert!(n(0.1595) == 0 && n(0.161) > 1, "{} {}", n(0.1595), n(0.161));
}
