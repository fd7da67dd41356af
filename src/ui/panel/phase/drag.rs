//! Nullclines as handles: which parameter moves a line, and the value at which the line runs through the pointer.
//!
//! Both come from the flow alone, so that a new model needs nothing here.

use super::super::super::widgets::axis::Frame;
use egui::Pos2;
use spikeground_core::lab::phase;
use spikeground_core::param::ParamKind;
use spikeground_core::part::Part;

/// A drag in progress.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drag {
    /// 0: the line on which x stands still, 1: that of y.
    pub line: usize,
    pub param: usize,
    pub gesture: u64,
}

/// Pointers as near as this to a line hold it, points.
const REACH: f32 = 7.0;

/// The line under the pointer, and its place nearest to it.
pub fn line_at(nullclines: &[Vec<Vec<[f64; 2]>>; 2], frame: &Frame, pointer: Pos2) -> Option<(usize, [f64; 2])> {
    let mut best: Option<(f32, usize, [f64; 2])> = None;
    for (line, parts) in nullclines.iter().enumerate() {
        for pair in parts.iter().flat_map(|p| p.windows(2)) {
            let (a, b) = (frame.at(pair[0][0], pair[0][1]), frame.at(pair[1][0], pair[1][1]));
            let along = b - a;
            let part = if along.length_sq() > 0.0 { ((pointer - a).dot(along) / along.length_sq()).clamp(0.0, 1.0) } else { 0.0 };
            let distance = (a + along * part).distance(pointer);
            if distance <= REACH && best.is_none_or(|b| distance < b.0) {
                let t = f64::from(part);
                best = Some((distance, line, [0, 1].map(|k| pair[0][k] + t * (pair[1][k] - pair[0][k]))));
            }
        }
    }
    best.map(|(_, line, place)| (line, place))
}

fn speeds(model: &Part, current: f64, at: [f64; 2]) -> Option<[f64; 2]> {
    let (x, y) = (phase::plane(model, current)?.flow)(at[0], at[1]);
    Some([x, y])
}

/// The parameters that move this line and not the other, at a place on it: the constant current first, else in the model's order.
pub fn handles(model: &Part, current: f64, line: usize, at: [f64; 2]) -> Vec<usize> {
    let Some(here) = speeds(model, current, at) else { return Vec::new() };
    let moves = |param: usize| -> Option<bool> {
        let spec = &model.kind.params[param];
        if spec.kind != ParamKind::Number {
            return None;
        }
        let nudge = 1e-4 * (spec.slider.1 - spec.slider.0);
        let mut beside = model.clone();
        beside.values[param] = (model.values[param] + nudge).clamp(spec.valid.0, spec.valid.1);
        let there = speeds(&beside, current, at)?;
        let change = |k: usize| (there[k] - here[k]).abs();
        // On its own line x stands still, so what only scales its speed changes next to nothing.
        let scale = |k: usize| 1e-7 * (here[k].abs() + 1e-3);
        Some(change(line) > scale(line) && change(1 - line) <= scale(1 - line) && is_held(model, current, line, at, param))
    };
    let mut found: Vec<usize> = (0..model.kind.params.len()).filter(|i| moves(*i) == Some(true)).collect();
    found.sort_by_key(|i| !model.kind.params[*i].is_own_current());
    found
}

/// Whether the parameter really moves the line: its root stays where it was while what scales a speed has none.
fn is_held(model: &Part, current: f64, line: usize, at: [f64; 2], param: usize) -> bool {
    let spec = &model.kind.params[param];
    let of = |value: f64| {
        let mut beside = model.clone();
        beside.values[param] = value.clamp(spec.valid.0, spec.valid.1);
        speeds(&beside, current, at).map_or(0.0, |s| s[line])
    };
    let wide = 0.02 * (spec.slider.1 - spec.slider.0);
    let value = model.values[param];
    (of(value - wide) < 0.0) != (of(value + wide) < 0.0)
}

/// The value at which the line runs through `target`, nearest to the present one; none where there is none.
pub fn value_through(model: &Part, current: f64, line: usize, param: usize, target: [f64; 2]) -> Option<f64> {
    let spec = &model.kind.params[param];
    let mut beside = model.clone();
    let mut of = |value: f64| {
        beside.values[param] = value;
        speeds(&beside, current, target).map_or(f64::NAN, |s| s[line])
    };
    let now = model.values[param];
    let span = spec.slider.1 - spec.slider.0;
    // Lines that follow a parameter evenly need one step.
    let (a, b) = (of(now), of(now + 1e-3 * span));
    let even = now - a * 1e-3 * span / (b - a);
    if even.is_finite() && of(even).abs() <= 1e-9 * (a.abs() + (b - a).abs()) {
        return Some(rounded(even.clamp(spec.valid.0, spec.valid.1), span));
    }
    let (low, high) = (spec.slider.0.min(now).max(spec.valid.0), spec.slider.1.max(now).min(spec.valid.1));
    let values: Vec<f64> = (0..=128).map(|k| low + (high - low) * f64::from(k) / 128.0).collect();
    let signs: Vec<bool> = values.iter().map(|v| of(*v) < 0.0).collect();
    let crossing = (0..128).filter(|k| signs[*k] != signs[k + 1]).min_by(|i, j| {
        let away = |k: &usize| (0.5 * (values[*k] + values[k + 1]) - now).abs();
        away(i).total_cmp(&away(j))
    })?;
    let (mut low, mut high) = (values[crossing], values[crossing + 1]);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        *(if (of(middle) < 0.0) == signs[crossing] { &mut low } else { &mut high }) = middle;
    }
    Some(rounded(0.5 * (low + high), span))
}

/// To a thousandth of the slider, so that the number on it is one that somebody would type.
fn rounded(value: f64, span: f64) -> f64 {
    let step = 10f64.powf((span * 1e-3).log10().floor());
    let n = (value / step).round();
    // 0.1 has no exact half: divide by a whole number where the step is one over it.
    if step < 1.0 { n / (1.0 / step).round() } else { n * step }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::model::{find, neuron};

    fn part(key: &str) -> Part {
        Part::new(find(neuron::ALL, key).expect("a model"))
    }

    fn first(model: &Part, line: usize) -> Vec<&'static str> {
        let plane = phase::plane(model, 0.0).expect("a plane");
        let lines = phase::nullclines(&plane, plane.window());
        let longest = lines[line].iter().max_by_key(|l| l.len()).expect("a line");
        let at = longest[longest.len() / 3];
        handles(model, 0.0, line, at).iter().map(|i| model.kind.params[*i].key).collect()
    }

    #[test]
    fn each_line_has_the_parameter_that_moves_it_alone() {
        for (key, x, y) in [
            ("izhikevich", "i_e", Some("b")),
            ("adex", "i_e", Some("a")),
            ("fitzhugh_nagumo", "i_e", Some("a")),
            ("morris_lecar", "i_e", Some("v_3")),
            ("hh", "i_e", None),
        ] {
            let model = part(key);
            assert_eq!(first(&model, 0).first().copied(), Some(x), "{key}");
            assert_eq!(first(&model, 1).first().copied(), y, "{key}");
        }
        assert_eq!(first(&part("fitzhugh_nagumo"), 1), ["a", "b"]);
    }

    #[test]
    fn the_line_runs_through_the_pointer_afterwards() {
        let izhikevich = part("izhikevich");
        let i_e = izhikevich.kind.param("i_e").expect("a current");
        // 0.04·60² − 5·60 + 140 − u + I = 0 at v = −60, u = −10: I = 6.
        let value = value_through(&izhikevich, 0.0, 0, i_e, [-60.0, -10.0]).expect("a value");
        assert!((value - 6.0).abs() < 0.02, "{value}");
        // With 2 from stimuli the model's own part is 4.
        let value = value_through(&izhikevich, 2.0, 0, i_e, [-60.0, -10.0]).expect("a value");
        assert!((value - 4.0).abs() < 0.02, "{value}");
        // w_∞ = (1 + tanh((v − V_3)/V_4))/2 = 1/2 at v = V_3.
        let lecar = part("morris_lecar");
        let v_3 = lecar.kind.param("v_3").expect("a parameter");
        let value = value_through(&lecar, 0.0, 1, v_3, [10.0, 0.5]).expect("a value");
        assert!((value - 10.0).abs() < 0.2, "{value}");
    }

    #[test]
    fn values_are_round_numbers() {
        assert_eq!(rounded(2.7654, 100.0), 2.8);
        assert_eq!(rounded(0.25678, 1.0), 0.257);
        assert_eq!(rounded(-1234.6, 5000.0), -1235.0);
    }
}
