//! Says when a slider or a drag has crossed a bifurcation: which one, and at which value.

use super::super::super::text;
use spikeground_core::lab::phase::{self, FixedPoint, Kind, Window};
use spikeground_core::part::Part;
use std::cmp::Ordering;

/// How long it is said, s.
const SAID: f64 = 8.0;
/// Halvings of the way between the values before and after.
const HALVINGS: u32 = 12;

/// What was seen last, and what was crossed since.
#[derive(Default)]
pub struct Crossing {
    last: Option<(Part, Vec<FixedPoint>)>,
    said: Option<(String, f64)>,
}

/// How many fixed points there are, and how many of them are stable.
fn picture(points: &[FixedPoint]) -> (usize, usize) {
    (points.len(), points.iter().filter(|p| p.kind.is_stable()).count())
}

impl Crossing {
    /// Takes a look at the fixed points of `model` at the window's time `now`.
    pub fn look(&mut self, model: &Part, current: f64, window: Window, points: &[FixedPoint], now: f64) {
        let Some((before, old)) = &self.last else {
            self.last = Some((model.clone(), points.to_vec()));
            return;
        };
        if before.values == model.values && std::ptr::eq(before.kind, model.kind) {
            // What stimuli do is no crossing: it comes and goes.
            if picture(old) != picture(points) {
                self.last = Some((model.clone(), points.to_vec()));
            }
            return;
        }
        let changed: Vec<usize> = (0..model.values.len()).filter(|i| before.values.get(*i) != model.values.get(*i)).collect();
        if std::ptr::eq(before.kind, model.kind)
            && let [param] = changed[..]
            && picture(old) != picture(points)
        {
            let words = name(old, points);
            let at = locate((before, model), param, current, window);
            let spec = &model.kind.params[param];
            // Of the current the whole counts, whoever gives it.
            let (symbol, at) = if spec.is_own_current() { ("I".to_owned(), at + current) } else { (spec.symbol.replace('_', ""), at) };
            let value = text::with_unit(&text::number(at, 4), spec.unit.symbol());
            self.said = Some((format!("{words}, at {symbol} = {value}"), now));
        }
        self.last = Some((model.clone(), points.to_vec()));
    }

    /// The crossing, while it is fresh.
    pub fn said(&self, now: f64) -> Option<String> {
        self.said.as_ref().filter(|(_, at)| now - at < SAID).map(|(words, _)| words.clone())
    }
}

/// What happened between two sets of fixed points.
fn name(before: &[FixedPoint], after: &[FixedPoint]) -> &'static str {
    let is_focus = |p: &FixedPoint| matches!(p.kind, Kind::StableFocus | Kind::UnstableFocus);
    let (had, has) = (picture(before), picture(after));
    match has.0.cmp(&had.0) {
        Ordering::Less => "Saddle-node crossed: two fixed points met and vanished",
        Ordering::Greater => "Saddle-node crossed: two fixed points appeared",
        Ordering::Equal => {
            let rings = before.iter().zip(after).any(|(b, a)| b.kind.is_stable() != a.kind.is_stable() && (is_focus(b) || is_focus(a)));
            match (rings, has.1 < had.1) {
                (true, true) => "Andronov–Hopf crossed: the focus lost its stability",
                (true, false) => "Andronov–Hopf crossed: the focus became stable",
                (false, true) => "A fixed point lost its stability",
                (false, false) => "A fixed point became stable",
            }
        }
    }
}

/// The value at which the picture changes, between that of one model and that of the other.
fn locate((before, after): (&Part, &Part), param: usize, current: f64, window: Window) -> f64 {
    let seen = |value: f64| {
        let mut model = before.clone();
        model.values[param] = value;
        phase::plane(&model, current).map(|plane| picture(&phase::fixed_points(&plane, window)))
    };
    let (mut low, mut high) = (before.values[param], after.values[param]);
    let first = seen(low);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        *(if seen(middle) == first { &mut low } else { &mut high }) = middle;
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::model::{find, neuron};

    /// Moves a parameter in steps, as a slider does; what was said along the way.
    fn walk(model: &Part, key: &str, values: &[f64]) -> Vec<String> {
        let window = phase::plane(model, 0.0).expect("a plane").window();
        let mut crossing = Crossing::default();
        let mut all: Vec<String> = Vec::new();
        for (k, value) in values.iter().enumerate() {
            let model = model.clone().with(key, *value);
            let points = phase::fixed_points(&phase::plane(&model, 0.0).expect("a plane"), window);
            crossing.look(&model, 0.0, window, &points, k as f64 * 100.0);
            all.extend(crossing.said(k as f64 * 100.0));
        }
        all
    }

    #[test]
    fn a_current_that_grows_crosses_what_theory_says() {
        let rs = Part::new(find(neuron::ALL, "izhikevich").expect("a model"));
        let said = walk(&rs, "i_e", &[0.0, 3.0, 3.9, 5.0, 3.0]);
        // Hopf at 3.7975, saddle-node at 4; back over both at once: two points appear.
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said[0].starts_with("Andronov–Hopf") && said[0].contains("3.79"), "{said:?}");
        assert!(
            said[1].starts_with("Saddle-node crossed: two fixed points met")
                && (said[1].contains("= 4\u{202f}") || said[1].contains("3.99")),
            "{said:?}"
        );
        assert!(said[2].contains("appeared"), "{said:?}");
        let fhn = Part::new(find(neuron::ALL, "fitzhugh_nagumo").expect("a model"));
        let said = walk(&fhn, "i_e", &[0.0, 0.5, 1.5]);
        assert!(said.len() == 2 && said[0].contains("0.331") && said[1].contains("1.41"), "{said:?}");
    }
}
