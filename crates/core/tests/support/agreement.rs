//! Our measures beside those that other programs computed of the same spikes, as `tests/peers/measures.py` writes them.

use serde_json::Value as Json;
use spikeground_core::analysis::{self, Input, Signal, Trains, Value, Weights};
use spikeground_core::param::ParamKind;

/// One number, or list of numbers, computed here and there.
pub struct Comparison {
    pub measure: String,
    pub part: String,
    /// The program, and its function.
    pub by: String,
    pub how: String,
    /// Where: which trains, which parameters.
    pub what: String,
    /// Largest difference relative to the largest number; infinite where one side has no result.
    pub deviation: f64,
}

/// Compares everything in a file of cases.
pub fn compare(text: &str) -> Vec<Comparison> {
    let whole: Json = serde_json::from_str(text).expect("cases are JSON");
    whole["cases"].as_array().expect("cases").iter().flat_map(compare_case).collect()
}

fn compare_case(case: &Json) -> Vec<Comparison> {
    let numbers = |json: &Json| -> Vec<f64> { json.as_array().into_iter().flatten().filter_map(Json::as_f64).collect() };
    let trains: Vec<Vec<f64>> = case["trains"].as_array().into_iter().flatten().map(numbers).collect();
    let window = numbers(&case["window"]);
    let onsets = numbers(&case["onsets"]);
    let samples = numbers(&case["signal"]["values"]);
    let signal = case["signal"].is_object().then(|| Signal {
        name: "signal",
        unit: "mV",
        start: case["signal"]["start"].as_f64().expect("start"),
        step: case["signal"]["step"].as_f64().expect("step"),
        values: &samples,
    });
    let weights: Vec<f32> = numbers(&case["weights"]["values"]).into_iter().map(|w| w as f32).collect();
    let bounds = numbers(&case["weights"]["bounds"]);
    let one = |check: &Json| -> Comparison {
        let key = check["measure"].as_str().expect("measure");
        let measure = analysis::find(key).unwrap_or_else(|| panic!("no measure {key}"));
        let chosen: Vec<_> = numbers(&check["trains"]).into_iter().map(|i| trains[i as usize].clone()).collect();
        let chosen = Trains::new(&chosen, (window[0], window[1])).expect("finite");
        let mut params = measure.defaults();
        for (name, value) in check["params"].as_object().into_iter().flatten() {
            let at = measure.param(name).unwrap_or_else(|| panic!("{key} has no {name}"));
            params[at] = match (&measure.params[at].kind, value) {
                (ParamKind::Choice(keys), Json::String(text)) => keys.iter().position(|k| k == text).expect("a choice") as f64,
                _ => value.as_f64().expect("a number"),
            };
        }
        let mut input = Input { onsets: &onsets, ..Input::new(&chosen) };
        // χ would take the signal for the neurons' variables.
        let signals = [signal].into_iter().flatten().collect::<Vec<_>>();
        input.signals = &signals;
        input.weights = (!weights.is_empty()).then(|| Weights { values: &weights, unit: "", bounds: Some((bounds[0], bounds[1])) });
        let report = measure.of(&input, &params, &mut |_, _| true).expect("not cancelled");
        let part = check["part"].as_str().expect("part");
        let ours = match report.part(part) {
            Some(Value::Scalar { value, .. }) => vec![*value],
            Some(Value::Curve(curve)) => curve.ys.clone(),
            Some(Value::Matrix(matrix)) => matrix.values.clone(),
            Some(Value::Points(points)) => points.columns.concat(),
            _ => Vec::new(),
        };
        let theirs = check["expected"].as_f64().map_or_else(|| numbers(&check["expected"]), |x| vec![x]);
        Comparison {
            measure: key.to_owned(),
            part: part.to_owned(),
            by: check["by"].as_str().expect("by").to_owned(),
            how: check["how"].as_str().expect("how").to_owned(),
            what: format!("{}, trains {}, {}", case["name"], check["trains"], check["params"]),
            deviation: deviation(&ours, &theirs),
        }
    };
    case["checks"].as_array().expect("checks").iter().map(one).collect()
}

fn deviation(ours: &[f64], theirs: &[f64]) -> f64 {
    if ours.len() != theirs.len() || ours.is_empty() {
        return f64::INFINITY;
    }
    let largest = theirs.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let difference = ours.iter().zip(theirs).fold(0.0f64, |m, (a, b)| m.max((a - b).abs()));
    if difference == 0.0 { 0.0 } else { difference / largest }
}
