//! The landmarks of the models, through the code that draws the curves. Expected values are closed forms or a converged solution.
#![allow(clippy::disallowed_methods, reason = "expected values may come from the platform's own functions")]

#[path = "support/table.rs"]
mod table;

use spikeground_core::lab::curve::{
    Cell, Direction, Measures, Noise, Sweep, critical, grid, impedance, onset, rests, strength_duration, sweep,
};
use spikeground_core::model::{self, neuron};
use spikeground_core::part::Part;
use table::number;

fn cell(key: &str, set: &str, dt: f64) -> Cell {
    let mut part = Part::new(model::find(neuron::ALL, key).expect("a model"));
    if let Some(set) = part.kind.sets.iter().find(|s| s.key == set) {
        part.apply_set(set, &[]);
    }
    Cell::new(part, dt)
}

fn i_e(cell: &Cell) -> usize {
    cell.model.kind.param("i_e").expect("every model has a current")
}

fn curve(cell: &Cell, what: &Sweep) -> Vec<Measures> {
    sweep(cell, what, &mut |_, _| true).expect("a good question").expect("not cancelled")
}

#[test]
fn hodgkin_huxley_begins_to_fire_at_its_landmarks() {
    let cell = cell("hh", "squid", 0.025);
    let what = Sweep { ms: 100.0, ..Sweep::new(i_e(&cell), vec![0.0]) };
    let one = onset(&cell, &what, (0.0, 10.0), 2, |m| m.n_spikes > 0).expect("asked well").expect("it fires");
    assert!((one - 2.240).abs() < 0.005, "one spike from {one}");
    let what = Sweep { ms: 2000.0, ..what };
    let sustained = onset(&cell, &what, (5.0, 8.0), 2, |m| m.rate_hz > 0.0).expect("asked well").expect("it fires");
    assert!((sustained - 6.260).abs() < 0.005, "on and on from {sustained}");
}

#[test]
fn hodgkin_huxley_loses_and_regains_its_rest_at_the_hopf_points() {
    let mut cell = cell("hh", "squid", 0.01);
    cell.model = cell.model.with("scheme", 1.0);
    let found = critical(&cell, i_e(&cell), &grid(0.0, 200.0, 101)).expect("asked well");
    assert_eq!(found.len(), 2, "{found:?}");
    let expected = [(9.7754, -59.654, true), (154.522, -43.058, false)];
    for (c, (i, v, lost)) in found.iter().zip(expected) {
        assert!((c.rest.value - i).abs() < 2e-3 && (c.rest.state[0] - v).abs() < 2e-3 && c.lost == lost, "{c:?}");
    }
    assert!((found[0].rest.hz - 93.3).abs() < 0.1, "{found:?}");
}

#[test]
fn hodgkin_huxley_rests_or_fires_depending_on_where_it_comes_from() {
    let cell = cell("hh", "squid", 0.025);
    let sweep = |direction, low, high, n| {
        let what = Sweep { direction, ms: 300.0, ..Sweep::new(i_e(&cell), grid(low, high, n)) };
        curve(&cell, &what)
    };
    // In steps of 0.02 the converged solution starts at 9.88 going up and stops at 6.24 going down.
    // Begins where rest is the only state, or the first step of the current would already fire it on.
    let up = sweep(Direction::Up, 5.0, 10.0, 251);
    let starts = up.iter().find(|m| m.rate_hz > 0.0).expect("it fires").value;
    let down = sweep(Direction::Down, 6.1, 6.5, 21);
    let stops = down.iter().find(|m| m.rate_hz > 0.0).expect("it fires").value - 0.02;
    assert!((starts - 9.88).abs() < 0.05 && (stops - 6.24).abs() < 0.03, "starts at {starts}, stops at {stops}");
}

#[test]
fn rates_of_hodgkin_huxley_and_wang_buzsaki_lie_on_the_published_curves() {
    let hh = cell("hh", "squid", 0.025);
    let rows: Vec<_> = table::read("hh_fi").into_iter().filter(|r| number(r, "I_uA_cm2") >= 6.5 && number(r, "I_uA_cm2") <= 50.0).collect();
    let what = Sweep { ms: 2000.0, ..Sweep::new(i_e(&hh), rows.iter().map(|r| number(r, "I_uA_cm2")).collect()) };
    for (m, row) in curve(&hh, &what).iter().zip(&rows) {
        let expected = number(row, "f_Hz_1to2s");
        assert!((m.rate_hz / expected - 1.0).abs() < 2e-3, "{m:?} instead of {expected}");
        assert!((m.first_ms.expect("it fires") - number(row, "first_spike_ms")).abs() < 0.05, "{m:?}");
    }
    let wb = cell("wang_buzsaki", "interneuron", 0.025);
    let what = Sweep { ms: 2000.0, ..Sweep::new(i_e(&wb), vec![0.2, 0.3, 0.5, 1.0, 2.0]) };
    for (m, expected) in curve(&wb, &what).iter().zip([8.62, 18.14, 32.22, 59.70, 101.79]) {
        assert!((m.rate_hz / expected - 1.0).abs() < 3e-3, "{m:?} instead of {expected}");
    }
    // Class 1: the square root of the distance to the onset.
    let near = onset(&wb, &Sweep { ms: 4000.0, ..what }, (0.1, 0.2), 2, |m| m.n_spikes > 1).expect("asked well").expect("it fires");
    assert!((near - 0.1602).abs() < 5e-4, "{near}");
}

#[test]
fn the_leaky_neuron_meets_every_closed_form() {
    let cell = cell("lif", "", 0.01);
    let (tau, r) = (20.0, 0.1);
    let what = Sweep { ms: 2000.0, ..Sweep::new(i_e(&cell), vec![150.0, 210.0, 300.0, 600.0]) };
    for m in curve(&cell, &what) {
        let drive = r * m.value;
        let period = 2.0 + tau * ((drive - 5.0) / (drive - 20.0)).ln();
        let expected = if drive > 20.0 { 1000.0 / period } else { 0.0 };
        assert!((m.rate_hz - expected).abs() <= 0.002 * expected, "{m:?} instead of {expected} Hz");
        assert!(m.cv.unwrap_or(0.0) < 1e-3 && m.adaptation.unwrap_or(0.0).abs() < 1e-3, "{m:?}");
    }
    // Strength–duration: rheobase/(1 − e^(−d/τ)).
    let durations = [1.0, 5.0, 20.0, 100.0];
    let found = strength_duration(&cell, &durations, 10_000.0, &mut |_, _| true).expect("asked well").expect("not cancelled");
    for t in &found {
        let expected = 200.0 / (1.0 - (-t.ms / tau).exp());
        assert!((t.current.expect("it fires") / expected - 1.0).abs() < 1e-4, "{t:?} instead of {expected}");
    }
    // Impedance: R/(1 + iωτ).
    let found = impedance(&cell, &[1.0, 8.0, 50.0], 10.0, 300.0, &mut |_, _| true).expect("below threshold").expect("not cancelled");
    for z in &found {
        let x = std::f64::consts::TAU * z.hz * 1e-3 * tau;
        assert!((z.magnitude * (1.0 + x * x).sqrt() / r - 1.0).abs() < 2e-3, "{z:?}");
        assert!((z.phase + x.atan().to_degrees()).abs() < 0.3, "{z:?}");
    }
}

#[test]
fn hodgkin_huxley_needs_its_threshold_pulse_and_breaks_at_its_anode() {
    let cell = cell("hh", "squid", 0.01);
    let found = strength_duration(&cell, &[0.1, 0.5, 1.0, 2.0], 200.0, &mut |_, _| true).expect("asked well").expect("not cancelled");
    for (t, expected) in found.iter().zip([65.13, 13.28, 6.919, 3.859]) {
        assert!((t.current.expect("it fires") / expected - 1.0).abs() < 2e-3, "{t:?} instead of {expected}");
    }
    let release = strength_duration(&cell, &[5.0, 50.0], -20.0, &mut |_, _| true).expect("asked well").expect("not cancelled");
    for (t, expected) in release.iter().zip([-4.04, -2.78]) {
        assert!((t.current.expect("it fires") - expected).abs() < 0.02, "{t:?} instead of {expected}");
    }
}

#[test]
fn rests_lie_where_the_algebra_says() {
    for (set, lost, hz) in [("rs", 3.7975, 9.55), ("fs", 3.9375, 15.92), ("lts", 0.685, 10.79), ("rz", 0.2625, 20.13)] {
        let mut cell = cell("izhikevich", set, 0.01);
        cell.model = cell.model.with("scheme", 2.0);
        let found = critical(&cell, i_e(&cell), &grid(0.0, lost + 0.1, 51)).expect("asked well");
        assert!(found.len() == 1 && (found[0].rest.value - lost).abs() < 1e-4 && (found[0].rest.hz - hz).abs() < 0.01, "{set}: {found:?}");
        let rest = rests(&cell, i_e(&cell), &[0.0, 0.1]).expect("asked well");
        let v = rest[0].as_ref().expect("it rests").state[0];
        let b = cell.model.get("b");
        let expected = (-(5.0 - b) - ((5.0 - b).powi(2) - 22.4).sqrt()) / 0.08;
        assert!((v - expected).abs() < 1e-6, "{set}: {v} instead of {expected}");
    }
    let fhn = cell("fitzhugh_nagumo", "", 0.01);
    let found = critical(&fhn, i_e(&fhn), &grid(0.0, 2.0, 41)).expect("asked well");
    let at: Vec<f64> = found.iter().map(|c| c.rest.value).collect();
    assert!(at.len() == 2 && (at[0] - 0.331_281).abs() < 1e-4 && (at[1] - 1.418_719).abs() < 1e-4, "{at:?}");
}

#[test]
fn noise_makes_firing_irregular() {
    let cell = cell("lif", "", 0.1);
    let strong = Cell { model: cell.model.clone().with("i_e", 260.0), ..cell };
    let noise = Some(Noise { sd: None, seed: 1 });
    let what = Sweep { ms: 20_000.0, noise, ..Sweep::new(0, vec![0.0, 50.0, 150.0, 400.0]) };
    let cv: Vec<f64> = curve(&strong, &what).iter().map(|m| m.cv.expect("it fires")).collect();
    assert!(cv[0] < 0.01 && cv.windows(2).all(|w| w[0] < w[1]) && cv[3] > 0.4 && cv[3] < 1.2, "{cv:?}");
}

#[test]
fn a_rough_curve_comes_first_and_a_watcher_can_end_it() {
    let cell = cell("izhikevich", "rs", 0.5);
    let what = Sweep::new(i_e(&cell), grid(0.0, 20.0, 81));
    let mut seen: Vec<(f64, usize)> = Vec::new();
    let whole = sweep(&cell, &what, &mut |done, found| {
        seen.push((done, found.len()));
        true
    });
    assert_eq!(whole.expect("asked well").expect("not cancelled").len(), 81);
    assert!(seen.iter().any(|s| s.0 <= 0.126 && s.1 == 81) && seen.windows(2).all(|w| w[0].0 <= w[1].0), "{seen:?}");
    assert_eq!(sweep(&cell, &what, &mut |_, _| false), Ok(None));
    let bad = sweep(&cell, &Sweep::new(0, vec![f64::NAN]), &mut |_, _| true);
    assert!(bad.expect_err("refused").contains("finite"));
}

#[test]
fn a_map_is_the_curves_side_by_side() {
    let cell = cell("adex", "tonic", 0.1);
    let (i, b) = (i_e(&cell), cell.model.kind.param("b").expect("b"));
    let map = curve(&cell, &Sweep { second: Some((b, vec![0.0, 60.0])), ..Sweep::new(i, vec![300.0, 500.0]) });
    for m in &map {
        let one = Cell { model: cell.model.clone().with("b", m.second), ..cell.clone() };
        let alone = curve(&one, &Sweep::new(i, vec![m.value]));
        assert_eq!((alone[0].rate_hz, alone[0].n_spikes), (m.rate_hz, m.n_spikes));
    }
    assert_eq!(map.len(), 4);
}
