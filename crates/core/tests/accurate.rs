//! The scheme `accurate` at the usual step of 0.1 ms against converged solutions: an independent Runge–Kutta integration at 0.0001 ms that finds
//! its spikes by interpolation, and closed forms.

use spikeground_core::engine::builder;
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::model::neuron;
use spikeground_core::part::Part;
use spikeground_core::protocol::Frame;
use spikeground_core::spec::{NetworkSpec, PopulationSpec, Precision};
use std::sync::Arc;

const MS: f64 = 300.0;

/// Spike times of one neuron of `model`, as they are recorded.
fn ours(model: &Part, dt: f64, precision: Precision) -> Vec<f64> {
    let mut spec = NetworkSpec { dt, precision, ..NetworkSpec::default() };
    spec.populations.push(PopulationSpec::new("A", 1, model.clone()));
    let network = builder::build(&spec, &mut |_| true).expect("valid").expect("not cancelled");
    let mut simulation = Simulation::with(Arc::new(spec), network);
    simulation.advance((MS / dt).round() as u64);
    let mut frame = Frame::default();
    simulation.take(&mut frame);
    frame.spikes.iter().map(|s| s.time(0, dt)).collect()
}

/// Spike times by plain Runge–Kutta steps of 0.0001 ms: `slope` of the state, spike where `state[0]` rises through `peak`, found on a straight
/// line between two of these steps.
fn converged<const S: usize>(
    start: [f64; S],
    slope: impl Fn([f64; S]) -> [f64; S],
    peak: f64,
    reset: impl Fn([f64; S]) -> Option<[f64; S]>,
    t_ref: f64,
) -> Vec<f64> {
    const H: f64 = 1e-4;
    let ahead = |x: [f64; S], k: [f64; S], h: f64| std::array::from_fn(|s| x[s] + h * k[s]);
    let (mut x, mut t, mut spikes, mut free) = (start, 0.0, Vec::new(), 0.0);
    while t < MS {
        if t < free {
            t += H.min(free - t);
            continue;
        }
        let k1 = slope(x);
        let k2 = slope(ahead(x, k1, 0.5 * H));
        let k3 = slope(ahead(x, k2, 0.5 * H));
        let k4 = slope(ahead(x, k3, H));
        let y: [f64; S] = std::array::from_fn(|s| x[s] + H / 6.0 * (k1[s] + 2.0 * (k2[s] + k3[s]) + k4[s]));
        // An upswing to infinity within the step is a spike in it.
        if x[0] < peak && !(y[0] < peak) {
            let part = if y[0].is_finite() { (peak - x[0]) / (y[0] - x[0]) } else { 0.5 };
            spikes.push(t + part * H);
            let at: [f64; S] = std::array::from_fn(|s| if y[s].is_finite() { x[s] + part * (y[s] - x[s]) } else { x[s] });
            match reset(at) {
                Some(after) => {
                    free = t + part * H + t_ref;
                    x = after;
                }
                None => x = y,
            }
        } else {
            x = y;
        }
        t += H;
    }
    spikes
}

fn agree(name: &str, ours: &[f64], converged: &[f64], tolerance: f64) {
    let last = converged.last().copied().unwrap_or(0.0);
    // A spike on the very end of the run may fall to either side.
    let inside = |s: &[f64]| s.iter().copied().filter(|t| *t < MS - tolerance || last < MS - tolerance).collect::<Vec<_>>();
    let (a, b) = (inside(ours), inside(converged));
    assert_eq!(a.len(), b.len(), "{name}: lost or additional spikes");
    let worst = a.iter().zip(&b).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
    println!("{name}: {} spikes, at most {worst:.2e} ms off", a.len());
    assert!(worst <= tolerance, "{name}: {worst} ms off");
}

fn part(key: &str, scheme: usize) -> Part {
    Part::new(neuron::ALL.iter().copied().find(|k| k.key == key).expect("a model")).with("scheme", scheme as f64)
}

#[test]
fn lif_spikes_lie_where_the_closed_form_has_them() {
    let (tau, c, e, th, reset, t_ref) = (20.0, 200.0, -70.0, -50.0, -65.0, 2.0);
    for current in [201.0, 250.0, 400.0, 1000.0] {
        let v_inf = e + current * tau / c;
        let from = |v: f64| tau * libm::log((v_inf - v) / (v_inf - th));
        let (mut t, mut expected) = (from(e), Vec::new());
        while t < MS {
            expected.push(t);
            t += t_ref + from(reset);
        }
        agree(&format!("LIF {current} pA"), &ours(&part("lif", 1).with("i_e", current), 0.1, Precision::Double), &expected, 1e-5);
    }
}

/// The 2003 types, each with the current of the paper.
#[test]
fn all_izhikevich_types_lose_no_spike_and_stay_within_a_twentieth_of_a_millisecond() {
    let types = [
        ("rs", 0.02, 0.2, -65.0, 8.0),
        ("ib", 0.02, 0.2, -55.0, 4.0),
        ("ch", 0.02, 0.2, -50.0, 2.0),
        ("fs", 0.1, 0.2, -65.0, 2.0),
        ("lts", 0.02, 0.25, -65.0, 2.0),
        ("tc", 0.02, 0.25, -65.0, 0.05),
        ("rz", 0.1, 0.26, -65.0, 2.0),
    ];
    for (name, a, b, c, d) in types {
        for current in [4.0, 10.0] {
            let model = part("izhikevich", 3).with("a", a).with("b", b).with("c", c).with("d", d).with("i_e", current);
            let start = [model_start(&model, 0), model_start(&model, 1)];
            let slope = |[v, u]: [f64; 2]| [0.04 * v * v + 5.0 * v + 140.0 - u + current, a * (b * v - u)];
            let expected = converged(start, slope, 30.0, |[_, u]| Some([c, u + d]), 0.0);
            agree(&format!("Izhikevich {name} {current}"), &ours(&model, 0.1, Precision::Double), &expected, 0.05);
        }
    }
}

fn model_start(model: &Part, state: usize) -> f64 {
    neuron::initial(model.kind, &model.values)[state]
}

#[test]
fn four_adex_patterns_stay_within_a_twentieth_of_a_millisecond() {
    for key in ["tonic", "adaptation", "initial_burst", "regular_bursting"] {
        let kind = neuron::ALL.iter().copied().find(|k| k.key == "adex").expect("a model");
        let set = kind.sets.iter().find(|s| s.key == key).expect("a set");
        let model = set.values.iter().fold(part("adex", 1), |m, (k, v)| m.with(k, *v));
        let g = |k: &str| model.get(k);
        let (c_m, g_l, e_l, v_th, delta) = (g("c_m"), g("g_l"), g("e_l"), g("v_th"), g("delta_t"));
        let (a, b, tau_w, i_e, reset) = (g("a"), g("b"), g("tau_w"), g("i_e"), g("v_reset"));
        let peak = g("v_peak");
        let slope = |[v, w]: [f64; 2]| {
            // Beyond the peak the equations no longer hold, and w must not see what a too long last step makes of v.
            let v = v.min(peak);
            [(-g_l * (v - e_l) + g_l * delta * libm::exp((v - v_th) / delta) - w + i_e) / c_m, (a * (v - e_l) - w) / tau_w]
        };
        let expected = converged([e_l, 0.0], slope, peak, |[_, w]| Some([reset, w + b]), 0.0);
        agree(&format!("AdEx {key}"), &ours(&model, 0.1, Precision::Double), &expected, 0.05);
    }
}

#[test]
fn hodgkin_huxley_and_the_other_models_stay_within_a_twentieth_of_a_millisecond() {
    let close = |v: f64| if v.abs() < 1e-7 { 1.0 + 0.5 * v } else { v / (1.0 - libm::exp(-v)) };
    for current in [7.0, 10.0, 20.0] {
        let model = part("hh", 2).with("i_e", current);
        let start = std::array::from_fn(|s| model_start(&model, s));
        let slope = |[v, m, h, n]: [f64; 4]| {
            let (am, bm) = (close((v + 40.0) / 10.0), 4.0 * libm::exp(-(v + 65.0) / 18.0));
            let (ah, bh) = (0.07 * libm::exp(-(v + 65.0) / 20.0), 1.0 / (1.0 + libm::exp(-(v + 35.0) / 10.0)));
            let (an, bn) = (0.1 * close((v + 55.0) / 10.0), 0.125 * libm::exp(-(v + 65.0) / 80.0));
            let ionic = 120.0 * m.powi(3) * h * (v - 50.0) + 36.0 * n.powi(4) * (v + 77.0) + 0.3 * (v + 54.387);
            [current - ionic, am * (1.0 - m) - bm * m, ah * (1.0 - h) - bh * h, an * (1.0 - n) - bn * n]
        };
        let expected = converged(start, slope, 0.0, |_| None, 0.0);
        agree(&format!("HH {current}"), &ours(&model, 0.1, Precision::Double), &expected, 0.05);
    }
    let fhn = part("fitzhugh_nagumo", 1).with("i_e", 0.5);
    let start = [model_start(&fhn, 0), model_start(&fhn, 1)];
    let expected = converged(start, |[v, w]| [v - v.powi(3) / 3.0 - w + 0.5, 0.08 * (v + 0.7 - 0.8 * w)], 1.0, |_| None, 0.0);
    agree("FitzHugh–Nagumo", &ours(&fhn, 0.1, Precision::Double), &expected, 0.05);
    let qif = part("qif", 1).with("i_e", 150.0);
    let expected = converged([-60.0], |[v]| [(0.7 * (v + 60.0) * (v + 40.0) + 150.0) / 100.0], 35.0, |_| Some([-50.0]), 0.0);
    agree("QIF", &ours(&qif, 0.1, Precision::Double), &expected, 0.05);
    let eif = part("eif", 1).with("i_e", 100.0);
    let slope = |[v]: [f64; 1]| [(-10.0 * (v + 65.0) + 34.8 * libm::exp((v + 59.9) / 3.48) + 100.0) / 100.0];
    let expected = converged([-65.0], slope, 0.0, |_| Some([-68.0]), 1.7);
    agree("EIF", &ours(&eif, 0.1, Precision::Double), &expected, 0.05);
}

#[test]
fn every_model_converges_to_its_own_accurate_scheme() {
    // The models whose equations are not written out above, by their quick scheme at a fine step.
    for (key, current, fine) in [("morris_lecar", 100.0, 0.002), ("wang_buzsaki", 1.0, 0.002)] {
        let accurate = ours(&part(key, 1).with("i_e", current), 0.1, Precision::Double);
        let quick = ours(&part(key, 0).with("i_e", current), fine, Precision::Double);
        assert!(accurate.len() >= 3, "{key} fires");
        agree(key, &accurate, &quick, 0.05);
    }
}

#[test]
fn single_precision_rounds_the_state_and_no_more() {
    let model = part("adex", 1).with("i_e", 800.0);
    agree("AdEx, single", &ours(&model, 0.1, Precision::Single), &ours(&model, 0.1, Precision::Double), 0.05);
}
