//! The planes of the built-in models: their equations once more, as a flow of two variables at a constant current.

use super::{Plane, Reset, Rest, Variable};
use crate::equations;
use crate::model::neuron::{hh, morris_lecar};
use crate::part::Part;

/// The plane of a model with `current` (in its unit) added to its own; none for models that have no two variables.
pub fn plane(model: &Part, current: f64) -> Option<Plane> {
    if let Some(typed) = equations::of(model.kind) {
        return super::typed::plane(typed, model, current);
    }
    match model.kind.key {
        "izhikevich" => Some(izhikevich(model, current)),
        "adex" => Some(adex(model, current)),
        "hh" => Some(hodgkin_huxley(model, current)),
        "fitzhugh_nagumo" => Some(fitzhugh_nagumo(model, current)),
        "morris_lecar" => Some(lecar(model, current)),
        _ => None,
    }
}

fn izhikevich(p: &Part, current: f64) -> Plane {
    let [a, b, q2, q1, q0] = ["a", "b", "q2", "q1", "q0"].map(|key| p.get(key));
    let input = p.get("i_e") + current;
    let accommodation = p.get("accommodation") != 0.0;
    let flow = move |v: f64, u: f64| {
        let dv = (q2 * v + q1) * v + q0 - u + input;
        let du = if accommodation { a * b * (v + 65.0) } else { a * (b * v - u) };
        (dv, du)
    };
    let rest = if accommodation { Rest::Upright(-65.0) } else { Rest::Level(Box::new(move |v| b * v)) };
    // Around the bottom of the parabola at rest, which most sets have near −62 mV.
    let bottom = q0 - q1 * q1 / (4.0 * q2.max(1e-9));
    let level = 0.5 * (bottom + b * -65.0);
    Plane {
        x: Variable { key: "v", unit: "mV", range: (-90.0, 40.0) },
        y: Variable { key: "u", unit: "mV/ms", range: (level - 15.0, level + 35.0) },
        flow: Box::new(flow),
        rest,
        reset: Some(Reset { peak: p.get("v_peak"), to: p.get("c"), jump: p.get("d") }),
        approximation: "",
    }
}

fn adex(p: &Part, current: f64) -> Plane {
    let [c_m, g_l, e_l, v_th, delta_t, a, tau_w] = ["c_m", "g_l", "e_l", "v_th", "delta_t", "a", "tau_w"].map(|key| p.get(key));
    let input = p.get("i_e") + current;
    let flow = move |v: f64, w: f64| {
        // Beyond, the upswing is so steep that its slope says nothing more.
        let swing = g_l * delta_t * libm::exp(((v - v_th) / delta_t).min(40.0));
        ((-g_l * (v - e_l) + swing - w + input) / c_m, (a * (v - e_l) - w) / tau_w)
    };
    let b = p.get("b");
    let top = (input.abs() + 2.0 * b).max(g_l * 25.0);
    Plane {
        x: Variable { key: "v", unit: "mV", range: (e_l.min(p.get("v_reset")) - 15.0, v_th + 20.0) },
        y: Variable { key: "w", unit: "pA", range: (-0.5 * top, 1.2 * top) },
        flow: Box::new(flow),
        rest: Rest::Level(Box::new(move |v| a * (v - e_l))),
        reset: Some(Reset { peak: p.get("v_peak"), to: p.get("v_reset"), jump: b }),
        approximation: "",
    }
}

/// Rinzel's reduction (1985): sodium activation at once, inactivation tied to n as h = 1 − 1.25 n.
fn hodgkin_huxley(p: &Part, current: f64) -> Plane {
    let [c_m, g_na, g_k, g_l, e_na, e_k, e_l] = ["c_m", "g_na", "g_k", "g_l", "e_na", "e_k", "e_l"].map(|key| p.get(key));
    let (g_na, g_k) = (g_na * (1.0 - p.get("ttx")), g_k * (1.0 - p.get("tea")));
    let (input, phi) = (p.get("i_e") + current, hh::phi(p.get("temperature")));
    let flow = move |v: f64, n: f64| {
        let gates = hh::gates(v);
        let m = gates.m.0;
        let h = (1.0 - 1.25 * n).clamp(0.0, 1.0);
        let n4 = n * n * n * n;
        let ionic = g_na * m * m * m * h * (v - e_na) + g_k * n4 * (v - e_k) + g_l * (v - e_l);
        ((input - ionic) / c_m, phi * (gates.n.0 - n) / gates.n.1)
    };
    Plane {
        x: Variable { key: "v", unit: "mV", range: (-90.0, 60.0) },
        y: Variable { key: "n", unit: "", range: (0.0, 1.0) },
        flow: Box::new(flow),
        rest: Rest::Level(Box::new(|v| hh::gates(v).n.0)),
        reset: None,
        approximation: "m follows v at once, and h = 1 − 1.25 n (Rinzel 1985): currents differ from those of the four equations",
    }
}

fn fitzhugh_nagumo(p: &Part, current: f64) -> Plane {
    let [a, b, epsilon, i_e] = ["a", "b", "epsilon", "i_e"].map(|key| p.get(key));
    let rest = if b == 0.0 { Rest::Upright(-a) } else { Rest::Level(Box::new(move |v| (v + a) / b)) };
    Plane {
        x: Variable { key: "v", unit: "", range: (-2.5, 2.5) },
        y: Variable { key: "w", unit: "", range: (-1.0 + current.min(0.0), 2.0 + current.max(0.0)) },
        flow: Box::new(move |v, w| (v - v * v * v / 3.0 - w + i_e + current, epsilon * (v + a - b * w))),
        rest,
        reset: None,
        approximation: "",
    }
}

fn lecar(p: &Part, current: f64) -> Plane {
    let (values, again) = (p.values.clone(), p.values.clone());
    let (c_m, input) = (p.get("c_m"), p.get("i_e") + current);
    let flow = move |v: f64, w: f64| {
        let (settled, rate) = morris_lecar::recovery(&values, v);
        ((input + morris_lecar::inward(&values, v, w)) / c_m, rate * (settled - w))
    };
    Plane {
        x: Variable { key: "v", unit: "mV", range: (-80.0, 60.0) },
        y: Variable { key: "w", unit: "", range: (-0.05, 0.8) },
        flow: Box::new(flow),
        rest: Rest::Level(Box::new(move |v| morris_lecar::recovery(&again, v).0)),
        reset: None,
        approximation: "",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Change, bifurcations, cycle, fixed_points};
    use super::*;
    use crate::model;

    fn part(key: &str, set: &str) -> Part {
        let mut part = Part::new(model::find(model::neuron::ALL, key).expect("a model"));
        if let Some(set) = part.kind.sets.iter().find(|s| s.key == set) {
            for (key, value) in set.values {
                part = part.with(key, *value);
            }
        }
        part
    }

    fn changes(part: &Part, low: f64, high: f64) -> Vec<(Change, f64, Option<f64>)> {
        let of = |i: f64| plane(part, i).expect("it has a plane");
        let window = of(low).window();
        let found = bifurcations(&of, (low, high), window, &|| true);
        found.into_iter().map(|b| (b.change, b.current, b.frequency)).collect()
    }

    fn is_near(found: &[(Change, f64, Option<f64>)], change: Change, current: f64, tolerance: f64) -> bool {
        found.iter().any(|f| f.0 == change && (f.1 - current).abs() < tolerance)
    }

    #[test]
    fn izhikevich_loses_its_rest_where_the_algebra_says() {
        for (set, hopf, saddle, hertz) in
            [("rs", 3.7975, 4.0, 9.55), ("fs", 3.9375, 4.0, 15.92), ("lts", 0.685, 1.015_625, 10.79), ("rz", 0.2625, 0.4225, 20.13)]
        {
            let found = changes(&part("izhikevich", set), -1.0, 6.0);
            assert!(is_near(&found, Change::Hopf, hopf, 1e-4) && is_near(&found, Change::SaddleNode, saddle, 1e-4), "{set}: {found:?}");
            let rings = found.iter().find(|f| f.0 == Change::Hopf).and_then(|f| f.2).expect("it rings");
            assert!((rings - hertz).abs() < 0.01, "{set}: {rings} Hz");
        }
        let integrator = changes(&part("izhikevich", "g_class_1"), -1.0, 6.0);
        assert!(is_near(&integrator, Change::SaddleNode, 2.25, 1e-4) && !integrator.iter().any(|f| f.0 == Change::Hopf), "{integrator:?}");
    }

    #[test]
    fn izhikevich_rests_and_has_its_threshold_where_the_algebra_says() {
        for (set, rest, threshold) in [("rs", -70.0, -50.0), ("lts", -64.4139, -54.3361), ("rz", -62.5, -56.0), ("g_class_1", -60.0, -45.0)]
        {
            let plane = plane(&part("izhikevich", set), 0.0).expect("it has a plane");
            let found = fixed_points(&plane, plane.window());
            assert_eq!(found.len(), 2, "{set}");
            assert!(found[0].kind.is_stable() && found[1].kind == super::super::Kind::Saddle, "{set}: {found:?}");
            assert!((found[0].x - rest).abs() < 1e-4 && (found[1].x - threshold).abs() < 1e-4, "{set}: {found:?}");
        }
    }

    #[test]
    fn adex_meets_hopf_and_saddle_node_of_touboul_and_brette() {
        let found = changes(&part("adex", "brette_gerstner"), 600.0, 640.0);
        assert!(is_near(&found, Change::Hopf, 627.182, 1e-2) && is_near(&found, Change::SaddleNode, 627.311, 1e-2), "{found:?}");
    }

    #[test]
    fn the_orbit_of_firing_has_the_converged_period() {
        // RS at 10 by an independent RK4 at 0.0005 ms: 44.813 ms; tonic AdEx: an interval of 9.6 ms.
        let rs = plane(&part("izhikevich", "rs"), 10.0).expect("it has a plane");
        let orbit = cycle(&rs, (-65.0, -13.0), &|| true).expect("it fires");
        assert!((orbit.period - 44.813).abs() < 0.05 && orbit.n_spikes == 1, "{} ms", orbit.period);
        let tonic = plane(&part("adex", "tonic"), 0.0).expect("it has a plane");
        let orbit = cycle(&tonic, (-70.0, 0.0), &|| true).expect("it fires");
        assert!((orbit.period - 9.6).abs() < 0.1, "{} ms", orbit.period);
        let silent = plane(&part("izhikevich", "rs"), 0.0).expect("it has a plane");
        assert!(cycle(&silent, (-65.0, -13.0), &|| true).is_none());
    }

    #[test]
    fn the_reduced_hodgkin_huxley_rests_near_minus_65_and_fires_when_driven() {
        let rest = plane(&part("hh", ""), 0.0).expect("it has a plane");
        let found = fixed_points(&rest, rest.window());
        assert!(found.len() == 1 && found[0].kind.is_stable() && (found[0].x + 65.0).abs() < 1.0, "{found:?}");
        let driven = plane(&part("hh", ""), 20.0).expect("it has a plane");
        assert!(cycle(&driven, (-60.0, 0.3), &|| true).is_some());
    }

    #[test]
    fn fitzhugh_nagumo_and_morris_lecar_change_where_theory_says() {
        let fhn = changes(&part("fitzhugh_nagumo", ""), 0.0, 2.0);
        assert!(is_near(&fhn, Change::Hopf, 0.331_281, 1e-5) && is_near(&fhn, Change::Hopf, 1.418_719, 1e-5), "{fhn:?}");
        let hopf = changes(&part("morris_lecar", "hopf"), 50.0, 250.0);
        assert!(is_near(&hopf, Change::Hopf, 93.858, 1e-3) && is_near(&hopf, Change::Hopf, 212.019, 1e-3), "{hopf:?}");
        let snic = changes(&part("morris_lecar", "snic"), 0.0, 150.0);
        assert!(is_near(&snic, Change::SaddleNode, 39.963, 1e-3) && is_near(&snic, Change::Hopf, 97.646, 1e-3), "{snic:?}");
        let homoclinic = changes(&part("morris_lecar", "homoclinic"), 0.0, 150.0);
        assert!(
            is_near(&homoclinic, Change::SaddleNode, 39.963, 1e-3) && is_near(&homoclinic, Change::Hopf, 36.316, 1e-3),
            "{homoclinic:?}"
        );
    }
}
