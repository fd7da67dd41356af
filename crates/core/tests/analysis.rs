//! The measures: agreement with Elephant, SciPy and NumPy on recorded vectors, and what is answered where nothing is defined.

#[path = "support/agreement.rs"]
mod agreement;

use spikeground_core::analysis::{self, Input, Measure, Report, Signal, Stop, Takes, Trains, Value, Weights};
use std::collections::BTreeSet;

/// Computed by `tests/peers/measures.py` with the versions it names.
const RECORDED: &str = include_str!("data/measures.json");

#[test]
fn measures_equal_elephant_scipy_and_numpy_to_a_billionth() {
    let all = agreement::compare(RECORDED);
    assert!(all.len() > 200, "{}", all.len());
    let wrong: Vec<_> = all
        .iter()
        .filter(|c| !(c.deviation <= 1e-9))
        .map(|c| format!("{} {}: {:e} from {} {} ({})", c.measure, c.part, c.deviation, c.by, c.how, c.what))
        .collect();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

#[test]
fn every_measure_is_compared_with_another_program() {
    let compared: BTreeSet<_> = agreement::compare(RECORDED).into_iter().map(|c| c.measure).collect();
    // A verdict by thresholds of our own: its numbers are those of other measures.
    let all: BTreeSet<_> = analysis::ALL.iter().map(|m| m.key.to_owned()).filter(|k| k != "regime").collect();
    assert_eq!(compared, all);
}

#[test]
fn the_vectors_of_the_literature_have_their_known_values() {
    let a = [10.0, 22.0, 31.0, 55.0, 78.0, 99.0, 140.0, 152.0, 190.0];
    let b = [12.0, 25.0, 52.0, 58.0, 80.0, 118.0, 142.0, 176.0, 195.0];
    let trains = Trains::new(&[a, b], (0.0, 200.0)).expect("finite");
    let number = |key: &str, param: Option<(&str, f64)>, part: &str| -> f64 {
        let measure = analysis::find(key).expect(key);
        let mut params = measure.defaults();
        if let Some((name, value)) = param {
            params[measure.param(name).expect(name)] = value;
        }
        let report = measure.of(&Input::new(&trains), &params, &mut |_, _| true).expect("done");
        report.number(part).unwrap_or_else(|| panic!("{key}: {report:?}"))
    };
    for (key, param, part, expected) in [
        ("correlation", Some(("bin", 5.0)), "Correlation", 0.139_785),
        ("sttc", Some(("dt", 5.0)), "STTC", 0.420_348),
        ("victor_purpura", Some(("q", 0.02)), "Distance", 1.62),
        ("victor_purpura", Some(("q", 0.1)), "Distance", 7.6),
        ("victor_purpura", Some(("q", 1.0)), "Distance", 18.0),
        ("van_rossum", Some(("tau", 5.0)), "Distance", 2.229_99),
        ("van_rossum", Some(("tau", 10.0)), "Distance", 1.873_37),
        ("van_rossum", Some(("tau", 50.0)), "Distance", 1.044_91),
        ("isi_distance", None, "Distance", 0.2769),
    ] {
        let ours = number(key, param, part);
        assert!((ours - expected).abs() < 6e-5 * expected.max(1.0), "{key} {param:?}: {ours}, not {expected}");
    }
}

/// Trains that are in one way or another not what a measure wants.
fn odd_trains() -> Vec<(&'static str, Trains)> {
    let make = |trains: &[Vec<f64>], window| Trains::new(trains, window).expect("finite");
    vec![
        ("no neurons", make(&[], (0.0, 1000.0))),
        ("an empty window", make(&[vec![5.0], vec![5.0]], (5.0, 5.0))),
        ("a window that ends before it begins", make(&[vec![5.0], vec![5.0]], (9.0, 5.0))),
        ("one silent neuron", make(&[vec![]], (0.0, 1000.0))),
        ("silent neurons", make(&[vec![], vec![], vec![]], (0.0, 1000.0))),
        ("one spike", make(&[vec![500.0]], (0.0, 1000.0))),
        ("one spike each", make(&[vec![500.0], vec![500.0]], (0.0, 1000.0))),
        ("two spikes", make(&[vec![300.0, 500.0], vec![]], (0.0, 1000.0))),
        ("all spikes at one time", make(&[vec![500.0; 8], vec![500.0; 8], vec![500.0; 8]], (0.0, 1000.0))),
        ("spikes at both ends", make(&[vec![0.0, 1000.0], vec![0.0, 1000.0]], (0.0, 1000.0))),
        (
            "clocks",
            make(&[(0..100).map(|i| f64::from(i) * 10.0).collect(), (0..100).map(|i| f64::from(i) * 10.0).collect()], (0.0, 1000.0)),
        ),
        ("a tiny window", make(&[vec![1e-4, 2e-4, 3e-4], vec![1e-4]], (0.0, 1e-3))),
        ("times far from zero", make(&[vec![1e12, 1e12 + 10.0, 1e12 + 30.0], vec![1e12 + 5.0, 1e12 + 25.0]], (1e12, 1e12 + 1000.0))),
    ]
}

fn finite(report: &Report) -> bool {
    report.parts.iter().all(|part| match &part.value {
        Value::Scalar { value, .. } => value.is_finite(),
        Value::Curve(c) => c.xs.iter().chain(&c.ys).all(|v| v.is_finite()),
        Value::Matrix(m) => m.values.iter().chain(&m.xs).chain(&m.ys).all(|v| v.is_finite()),
        Value::Points(p) => p.columns.iter().flatten().all(|v| v.is_finite()),
        Value::Undefined { because } => !because.is_empty(),
        Value::Table(_) | Value::Words { .. } => true,
    })
}

/// The default parameters, and each parameter at both ends of what its slider offers.
fn settings(measure: &Measure) -> Vec<Vec<f64>> {
    let mut all = vec![measure.defaults()];
    for (i, param) in measure.params.iter().enumerate() {
        for value in [param.slider.0, param.slider.1] {
            let mut one = measure.defaults();
            one[i] = value;
            all.push(one);
        }
    }
    all
}

#[test]
fn odd_spikes_give_a_finite_number_or_a_reason_at_every_setting() {
    let samples: Vec<f64> = (0..500).map(|i| f64::from(i % 7)).collect();
    let signals = [Signal { name: "v", unit: "mV", start: 0.0, step: 2.0, values: &samples }];
    for (name, trains) in odd_trains() {
        for measure in analysis::ALL {
            for params in settings(measure) {
                for others in [None, Some(&trains)] {
                    let weights = Some(Weights { values: &[1.0, 1.0], unit: "pA", bounds: Some((0.0, 1.0)) });
                    let input = Input { others, onsets: &[400.0], signals: &signals, weights, ..Input::new(&trains) };
                    let report = measure.of(&input, &params, &mut |_, _| true).expect("not cancelled");
                    assert!(finite(&report), "{}, {name}, {params:?}: {report:?}", measure.key);
                    assert!(!report.parts.is_empty(), "{}, {name}, {params:?} says nothing", measure.key);
                }
            }
        }
    }
}

#[test]
fn silence_is_not_defined_where_there_is_nothing_to_measure() {
    let silent = Trains::new(&[Vec::<f64>::new(), Vec::new(), Vec::new()], (0.0, 1000.0)).expect("finite");
    for measure in analysis::ALL.iter().filter(|m| !matches!(m.key, "rate" | "rates" | "regime" | "victor_purpura" | "van_rossum")) {
        let report = measure.plain(&silent);
        let Some(Value::Undefined { because }) = report.headline().map(|p| &p.value) else { panic!("{}: {report:?}", measure.key) };
        assert!(because.len() > 10, "{}: {because}", measure.key);
    }
    // A rate of nothing is nothing, and two silent trains are equal.
    assert_eq!(analysis::find("rate").expect("rate").plain(&silent).number("Mean rate"), Some(0.0));
    assert_eq!(analysis::find("victor_purpura").expect("there").plain(&silent).number("Distance"), Some(0.0));
}

#[test]
fn a_parameter_out_of_range_is_answered_with_its_range() {
    let trains = Trains::new(&[vec![1.0, 2.0, 4.0]], (0.0, 10.0)).expect("finite");
    let sttc = analysis::find("sttc").expect("there");
    for params in [vec![-1.0, 10.0], vec![f64::NAN, 10.0], vec![5.0]] {
        let report = sttc.of(&Input::new(&trains), &params, &mut |_, _| true).expect("done");
        assert!(matches!(&report.parts[0].value, Value::Undefined { because } if because.len() > 10), "{report:?}");
    }
}

fn many() -> Trains {
    let train = |k: usize| (0..40).map(|i| (i * (23 + k % 5)) as f64 + ((i * i * (k + 3)) % 17) as f64).filter(|t| *t < 1000.0).collect();
    Trains::new(&(0..60).map(train).collect::<Vec<Vec<f64>>>(), (0.0, 1000.0)).expect("finite")
}

#[test]
fn the_large_measures_tell_what_they_know_before_they_are_done() {
    for key in ["correlation", "sttc", "pca"] {
        let measure = analysis::find(key).expect(key);
        let (mut partial, mut last) = (0, 0.0);
        let done = measure.of(&Input::new(&many()), &measure.defaults(), &mut |done, so_far| {
            assert!(done >= last && done <= 1.0, "{key}: {done} after {last}");
            last = done;
            partial += usize::from(so_far.is_some_and(|r| finite(r) && r.n > 0));
            true
        });
        assert!(done.is_some() && partial > 0, "{key}: {partial}");
    }
}

#[test]
fn a_large_measure_ends_when_it_is_told_to() {
    for key in ["correlation", "sttc", "victor_purpura", "pca", "crosscorrelogram"] {
        let measure = analysis::find(key).expect(key);
        let mut params = measure.defaults();
        if key == "crosscorrelogram" {
            params[measure.param("correction").expect("there")] = 2.0;
        }
        let mut asked = 0;
        let report = measure.of(&Input::new(&many()), &params, &mut |_, _| {
            asked += 1;
            false
        });
        assert!(report.is_none() && asked == 1, "{key}: asked {asked} times");
        assert_eq!((measure.run)(&Input::new(&many()), &params, &mut |_, _| false), Err(Stop::Cancelled), "{key}");
    }
}

#[test]
fn equal_seeds_give_equal_surrogates_and_others_do_not() {
    let cross = analysis::find("crosscorrelogram").expect("there");
    let mut params = cross.defaults();
    params[cross.param("correction").expect("there")] = 1.0;
    let trains = many();
    let with = |seed| cross.of(&Input { seed, ..Input::new(&trains) }, &params, &mut |_, _| true);
    assert!(with(1) == with(1) && with(1) != with(2));
}

#[test]
fn descriptors_are_complete_and_their_keys_differ() {
    let mut keys = BTreeSet::new();
    for measure in analysis::ALL {
        assert!(keys.insert(measure.key), "{} twice", measure.key);
        assert!(measure.key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{}", measure.key);
        let complete = [measure.name, measure.group, measure.definition, measure.formula, measure.source, measure.samples];
        assert!(complete.iter().all(|text| !text.is_empty()), "{}", measure.key);
        assert!(measure.source.contains("doi:"), "{}: {}", measure.key, measure.source);
        assert!(measure.definition.ends_with('.'), "{}: {}", measure.key, measure.definition);
        for param in measure.params {
            assert!(param.check(param.default).is_ok() && !param.doc.is_empty(), "{}.{}", measure.key, param.key);
            assert!(param.slider.0 >= param.valid.0 && param.slider.1 <= param.valid.1, "{}.{}", measure.key, param.key);
            assert!(param.scale != spikeground_core::param::Scale::Log || param.slider.0 > 0.0, "{}.{}", measure.key, param.key);
        }
    }
}

#[test]
fn a_measure_of_weights_needs_no_spikes_and_one_of_a_signal_says_that_it_is_missing() {
    let none = Trains::default();
    for measure in analysis::ALL {
        let report = measure.plain(&none);
        let Some(Value::Undefined { because }) = report.headline().map(|p| &p.value) else { panic!("{}: {report:?}", measure.key) };
        let expected = if measure.takes == Takes::Weights { "no synapses" } else { "no neurons" };
        assert!(because.contains(expected), "{}: {because}", measure.key);
    }
    let trains = Trains::new(&[vec![1.0, 2.0, 4.0]], (0.0, 10.0)).expect("finite");
    let report = analysis::find("sta").expect("there").plain(&trains);
    assert!(matches!(&report.parts[0].value, Value::Undefined { because } if because.contains("probe")), "{report:?}");
}
