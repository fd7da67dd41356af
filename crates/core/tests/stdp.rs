//! Pair STDP: vectors computed with NEST 3.10, single pairs, drift and equilibrium, through the whole engine.
#![allow(clippy::disallowed_methods, reason = "expected values may come from the platform's own functions")]

#[path = "support/net.rs"]
mod net;
#[path = "support/table.rs"]
mod table;

use net::{add_puppets, delay, exponential, model, network, projection, stimulate, weight};
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::model::plasticity::stdp::{self, Stdp};
use spikeground_core::model::{connectivity, stimulus};
use spikeground_core::part::Part;
use spikeground_core::protocol::Command;
use spikeground_core::spec::{NetworkSpec, PopulationSpec, Updates};

const PRE: [f64; 6] = [10.0, 30.0, 38.0, 60.0, 64.0, 100.0];
const POST: [f64; 7] = [15.0, 22.0, 34.0, 50.0, 66.0, 71.0, 90.0];
/// Table name and `pairing` of each scheme.
const SCHEMES: [(&str, f64); 4] =
    [("pair_all_to_all", 0.0), ("pair_nn_symmetric", 1.0), ("pair_nn_presynaptic_centred", 2.0), ("pair_nn_reduced_symmetric", 3.0)];

fn rule() -> Part {
    Part::new(&stdp::KIND)
}

/// Two neurons that fire at the given times, joined by one plastic synapse of weight `w` and delay 1 ms that moves nothing.
fn pair(rule: Part, pre: &[f64], post: &[f64], w: f64, dt: f64) -> NetworkSpec {
    let mut spec = network(dt);
    add_puppets(&mut spec, "pre", &[pre.to_vec()]);
    add_puppets(&mut spec, "post", &[post.to_vec()]);
    let mut p = projection("pre", "post", exponential(5.0), Part::new(&connectivity::ALL_TO_ALL), weight(w), delay(1.0));
    p.plasticity = Some(rule);
    spec.projections.push(p);
    spec
}

/// The weight after `ms`: the same whether it is updated when the source fires or at every spike.
fn weight_after(spec: &NetworkSpec, ms: f64) -> f64 {
    let [lazy, eager] = [Updates::Lazy, Updates::Eager].map(|updates| weight_with(updates, spec, ms));
    // Each rounds its own updates to single precision.
    assert!((lazy - eager).abs() < 3e-6 * spec.projections[0].plasticity.as_ref().map_or(1.0, |r| r.get("w_max")), "{lazy} {eager}");
    lazy
}

fn weight_with(updates: Updates, spec: &NetworkSpec, ms: f64) -> f64 {
    let mut s = Simulation::new(&NetworkSpec { updates, ..spec.clone() }).expect("builds");
    s.advance((ms / spec.dt).round() as u64);
    f64::from(s.weights(0)[0].2)
}

fn shifted(times: &[f64], by: f64) -> Vec<f64> {
    times.iter().map(|t| t + by).collect()
}

#[test]
fn spike_trains_change_the_weight_as_in_nest() {
    let rows = table::read("stdp_test_vectors");
    for (scheme, pairing) in SCHEMES {
        let row = table::find(&rows, "rule", scheme);
        let rule = rule().with("pairing", pairing);
        for (updates, dt) in [(Updates::Lazy, 1.0), (Updates::Lazy, 0.1), (Updates::Eager, 1.0), (Updates::Eager, 0.1)] {
            // The engine's delay is at least a step: post spikes a delay earlier make Δt = t_post − t_pre.
            let zero = weight_with(updates, &pair(rule.clone(), &PRE, &shifted(&POST, -1.0), 0.5, dt), 200.0) - 0.5;
            let expected = table::number(row, "zero_delay");
            assert!((zero - expected).abs() < 1e-6, "{scheme}, {updates:?}, dt {dt}: {zero} instead of {expected}");

            let mut with_probe = PRE.to_vec();
            with_probe.push(4000.0);
            let probed = weight_with(updates, &pair(rule.clone(), &with_probe, &POST, 0.5, dt), 4010.0) - 0.5;
            let expected = table::number(row, "shift1_probe4000");
            assert!((probed - expected).abs() < 1e-6, "{scheme} with probe, {updates:?}, dt {dt}: {probed} instead of {expected}");
        }
    }
}

/// Sum of the window over the pairs that a scheme counts, from its definition (Morrison et al. 2008, fig. 7).
fn by_definition(rule: &Stdp, pairing: f64, pre: &[f64], post: &[f64]) -> f64 {
    let last_before = |times: &[f64], t: f64| times.iter().copied().rfind(|x| *x < t);
    let first_after = |times: &[f64], t: f64| times.iter().copied().find(|x| *x > t);
    let window = |pre: f64, post: f64| rule.window(post - pre, 0.5);
    let all = || pre.iter().flat_map(|a| post.iter().map(move |b| (*a, *b)));
    let depressing = || pre.iter().filter_map(|a| last_before(post, *a).map(|b| (*a, b)));
    match pairing as u32 {
        0 => all().map(|(a, b)| window(a, b)).sum(),
        1 => {
            let potentiating = post.iter().filter_map(|b| last_before(pre, *b).map(|a| (a, *b)));
            depressing().chain(potentiating).map(|(a, b)| window(a, b)).sum()
        }
        2 => {
            // Each pre spike has its pair, also when further pre spikes lie between it and the post spike.
            let potentiating = pre.iter().filter_map(|a| first_after(post, *a).map(|b| (*a, b)));
            depressing().chain(potentiating).map(|(a, b)| window(a, b)).sum()
        }
        _ => {
            let neighbours =
                pre.iter().filter_map(|a| first_after(post, *a).map(|b| (*a, b))).filter(|(a, b)| last_before(pre, *b) == Some(*a));
            let immediate = depressing().filter(|(a, b)| first_after(pre, *b) == Some(*a));
            immediate.chain(neighbours).map(|(a, b)| window(a, b)).sum()
        }
    }
}

#[test]
fn the_window_summed_over_the_pairs_of_each_scheme_gives_the_vectors_to_nine_digits() {
    let rows = table::read("stdp_test_vectors");
    let rule = Stdp::of(&rule());
    let mut with_probe = PRE.to_vec();
    with_probe.push(4000.0);
    for (scheme, pairing) in SCHEMES {
        let row = table::find(&rows, "rule", scheme);
        let zero = by_definition(&rule, pairing, &PRE, &POST);
        let probed = by_definition(&rule, pairing, &with_probe, &shifted(&POST, 1.0));
        assert!((zero - table::number(row, "zero_delay")).abs() < 1e-9, "{scheme}: {zero}");
        assert!((probed - table::number(row, "shift1_probe4000")).abs() < 1e-9, "{scheme} with probe: {probed}");
    }
}

/// Change of the weight by one pair with this Δt at the synapse.
fn one_pair(rule: Part, delta_t: f64, w: f64) -> f64 {
    // One more pre spike long after, so that every scheme has settled.
    weight_after(&pair(rule, &[100.0], &[100.0 + delta_t - 1.0], w, 1.0), 300.0) - w
}

#[test]
fn a_single_pair_changes_the_weight_by_the_window() {
    for (delta_t, expected) in [
        (1.0, 0.004_756_1),
        (5.0, 0.003_894_0),
        (10.0, 0.003_032_7),
        (20.0, 0.001_839_4),
        (0.0, 0.0),
        (-1.0, -0.004_994_0),
        (-5.0, -0.004_088_7),
        (-10.0, -0.003_184_3),
        (-20.0, -0.001_931_4),
    ] {
        let change = one_pair(rule(), delta_t, 0.5);
        assert!((change - expected).abs() < 2e-7, "Δt {delta_t}: {change} instead of {expected}");
    }
}

#[test]
fn weight_dependence_scales_a_pair_as_published() {
    for (mu, plus, minus) in
        [(0.02, 0.003_001_828, -0.003_126_463), (0.5, 0.002_349_083, -0.002_013_919), (1.0, 0.001_819_592, -0.001_273_714)]
    {
        let rule = rule().with("mu_plus", mu).with("mu_minus", mu);
        let window = Stdp::of(&rule);
        assert!((window.window(10.0, 0.4) - plus).abs() < 1e-9 && (window.window(-10.0, 0.4) - minus).abs() < 1e-9, "μ {mu}");
        for (delta_t, expected) in [(10.0, plus), (-10.0, minus)] {
            let change = one_pair(rule.clone(), delta_t, 0.4);
            assert!((change - expected).abs() < 1e-7, "μ {mu}, Δt {delta_t}: {change} instead of {expected}");
        }
    }
}

#[test]
fn weights_stay_between_zero_and_their_maximum() {
    let pairs = |delta_t: f64| -> (Vec<f64>, Vec<f64>) {
        let pre: Vec<f64> = (0..50).map(|k| 100.0 + 200.0 * f64::from(k)).collect();
        (pre.clone(), shifted(&pre, delta_t - 1.0))
    };
    for (delta_t, bound) in [(5.0, 2.0), (-5.0, 0.0)] {
        let (pre, post) = pairs(delta_t);
        let strong = rule().with("a_plus", 0.1).with("a_minus", 0.1).with("w_max", 2.0);
        let w = weight_after(&pair(strong, &pre, &post, 1.0, 1.0), 10_300.0);
        assert_eq!(w, bound, "Δt {delta_t}");
    }
}

#[test]
fn frozen_weights_do_not_move_and_looking_at_weights_changes_nothing() {
    let frozen = pair(rule().with("learning", 0.0), &PRE, &POST, 0.5, 1.0);
    assert_eq!(weight_after(&frozen, 200.0), 0.5);
    let spec = pair(rule(), &PRE, &POST, 0.5, 1.0);
    let mut s = Simulation::new(&spec).expect("builds");
    s.apply(&Command::Watch(Some(spikeground_core::protocol::Watch { projection: Some(0), max_rows: 8, max_cols: 8 })));
    for _ in 0..200 {
        s.advance(1);
        let _ = (s.weights(0), s.picture());
        s.apply(&Command::Inspect { projection: 0, pre: 0, post: 0 });
    }
    assert_eq!(f64::from(s.weights(0)[0].2), weight_after(&spec, 200.0));
}

/// Poisson sources onto neurons that fire only when their own Poisson drive says so, all to all, plastic.
fn independent(rule: Part, n_pre: u32, pre_hz: f64, n_post: u32, post_hz: f64, w: f64) -> NetworkSpec {
    let mut spec = network(0.5);
    spec.populations.push(PopulationSpec::new("pre", n_pre, model("poisson").with("rate", pre_hz)));
    spec.populations.push(PopulationSpec::new("post", n_post, model("lif").with("t_ref", 0.0).with("tau_m", 0.02)));
    spec.stimuli.push(stimulate("post", Part::new(&stimulus::POISSON).with("rate", post_hz).with("weight", 1000.0)));
    let mut p = projection("pre", "post", exponential(5.0), Part::new(&connectivity::ALL_TO_ALL), weight(w), delay(0.5));
    p.plasticity = Some(rule);
    spec.projections.push(p);
    spec
}

fn weights_after(spec: &NetworkSpec, ms: f64) -> Vec<f64> {
    let mut s = Simulation::new(spec).expect("builds");
    s.advance((ms / spec.dt).round() as u64);
    s.weights(0).iter().map(|w| f64::from(w.2)).collect()
}

#[test]
fn independent_poisson_trains_drift_as_theory_says() {
    // ν_pre ν_post (A₊τ₊ − A₋τ₋) = −5e-4 a second at 20 and 5 Hz. Runs of 2000 s scatter by about 1.6e-4; 2000 synapses for 40 s by 3e-5.
    let w = weights_after(&independent(rule(), 100, 20.0, 20, 5.0, 0.5), 40_000.0);
    let drift = (net::mean_sd(&w).0 - 0.5) / 40.0;
    assert!((drift + 5.0e-4).abs() < 1.2e-4, "{drift} a second");
}

#[test]
fn the_equilibrium_of_uncorrelated_input_depends_on_mu_as_in_guetig() {
    // (1 − w)^μ = α w^μ, α = 1.05.
    for (mu, expected, tolerance) in [(1.0, 0.4878, 0.01), (0.5, 0.4756, 0.01), (0.2, 0.4393, 0.02)] {
        let rule = rule().with("a_plus", 0.01).with("a_minus", 0.0105).with("mu_plus", mu).with("mu_minus", mu);
        for start in [0.3, 0.6] {
            let mean = net::mean_sd(&weights_after(&independent(rule.clone(), 30, 25.0, 30, 25.0, start), 120_000.0)).0;
            assert!((mean - expected).abs() < tolerance, "μ {mu} from {start}: {mean} instead of {expected}");
        }
    }
}

/// Distinct whole milliseconds, each taken with probability `p`.
fn random_train(seed: u64, p: f64, ms: u32) -> Vec<f64> {
    use spikeground_core::rng::{Purpose, stream, uniform};
    let mut s = stream(seed, Purpose::Poisson, 0, 0);
    (30..ms).filter(|_| uniform(&mut s) < p).map(f64::from).collect()
}

#[test]
fn random_trains_change_the_weight_by_the_definition_of_each_scheme_whatever_the_delay_and_the_interruptions() {
    let rule = rule().with("a_plus", 0.001).with("a_minus", 0.001_05);
    let windows = Stdp::of(&rule);
    // Balanced, and two in which one side fires many times between two spikes of the other.
    for (seed, p_pre, p_post) in [(1, 0.04, 0.04), (2, 0.01, 0.3), (3, 0.3, 0.01)] {
        let (pre, post) = (random_train(seed, p_pre, 1500), random_train(seed + 100, p_post, 1500));
        for (scheme, pairing) in SCHEMES {
            for d in [1.0, 7.0] {
                let mut post = post.clone();
                if pairing == 3.0 {
                    post.retain(|t| !pre.contains(&(t + d))); // with ties the reduced scheme is not defined
                }
                let mut spec = pair(rule.clone().with("pairing", pairing), &pre, &post, 0.5, 1.0);
                spec.projections[0].delay = delay(d);
                let expected = by_definition(&windows, pairing, &pre, &shifted(&post, d));
                let mut plain = Simulation::new(&spec).expect("builds");
                plain.advance(1600);
                // Setting a parameter to the value it has brings every row up to date first, and must change nothing.
                let mut interrupted = Simulation::new(&spec).expect("builds");
                let path = spec.find("pre → post.a_plus").expect("a path");
                for _ in 0..160 {
                    interrupted.advance(10);
                    interrupted.apply(&Command::Set { path, value: 0.001 });
                }
                let mut eager = Simulation::new(&NetworkSpec { updates: Updates::Eager, ..spec.clone() }).expect("builds");
                eager.advance(1600);
                for (what, s) in [("plain", &plain), ("interrupted", &interrupted), ("eager", &eager)] {
                    let change = f64::from(s.weights(0)[0].2) - 0.5;
                    assert!(
                        (change - expected).abs() < 1e-5,
                        "{scheme}, delay {d}, {what}, {} pre and {} post: {change} instead of {expected}",
                        pre.len(),
                        post.len()
                    );
                }
            }
        }
    }
}

/// The rule applied event by event as it happens, with bounds: all to all or symmetric nearest. `post` are times at the synapse.
fn eagerly(rule: &Stdp, nearest: bool, pre: &[f64], post: &[f64], start: f64) -> f64 {
    let mut times: Vec<f64> = pre.iter().chain(post).copied().collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let (mut w, mut x, mut y, mut before) = (start, 0.0, 0.0, 0.0);
    for t in times {
        x *= f64::exp(-(t - before) / rule.tau_plus);
        y *= f64::exp(-(t - before) / rule.tau_minus);
        before = t;
        let (is_pre, is_post) = (pre.contains(&t), post.contains(&t));
        // Old traces for both, then the increments: Δt = 0 contributes nothing.
        if is_post {
            w = rule.potentiate(w, x);
        }
        if is_pre {
            w = rule.depress(w, y);
        }
        if is_pre {
            x = if nearest { 1.0 } else { x + 1.0 };
        }
        if is_post {
            y = if nearest { 1.0 } else { y + 1.0 };
        }
    }
    w
}

#[test]
fn bounds_and_weight_dependence_act_at_every_event_although_rows_are_updated_late() {
    let (mut low, mut high) = (0, 0);
    for seed in 0..24 {
        let mu = [0.0, 0.4, 1.0][seed as usize % 3];
        let (p_pre, p_post) = [(0.05, 0.05), (0.01, 0.2), (0.2, 0.01), (0.02, 0.02)][seed as usize % 4];
        let strong = rule().with("a_plus", 0.12).with("a_minus", 0.126).with("mu_plus", mu).with("mu_minus", mu).with("w_max", 2.0);
        let (pre, post) = (random_train(seed, p_pre, 1000), random_train(seed + 500, p_post, 1000));
        for (pairing, nearest) in [(0.0, false), (1.0, true)] {
            for d in [1.0, 11.0] {
                let strong = strong.clone().with("pairing", pairing);
                let mut spec = pair(strong.clone(), &pre, &post, 1.0, 1.0);
                spec.projections[0].delay = delay(d);
                let expected = eagerly(&Stdp::of(&strong), nearest, &pre, &shifted(&post, d), 1.0);
                let weight = weight_after(&spec, 1100.0);
                assert!((weight - expected).abs() < 1e-4, "seed {seed}, μ {mu}, delay {d}: {weight} instead of {expected}");
                low += u32::from(expected < 0.05);
                high += u32::from(expected > 1.95);
            }
        }
    }
    assert!(low > 3 && high > 3, "the bounds were hardly reached: {low} {high}");
}
