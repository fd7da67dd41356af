//! The plane of typed equations with two variables: flow from the equations, everything else found by looking at it.

use super::{Plane, Reset, Rest, Variable};
use crate::equations::{Flow, Model};
use crate::part::Part;

/// The plane of `part`, typed equations of `model`, with `current` added to what they say; none unless they have two variables.
pub fn plane(model: &'static Model, part: &Part, current: f64) -> Option<Plane> {
    if model.n_variables != 2 {
        return None;
    }
    let start = model.initial(&part.values);
    let flow = model.flow(&part.values);
    let peak = threshold(&flow, start[0], start[1]);
    let mut after = [peak, start[1]];
    let resets = flow.reset(&mut after);
    let low = if resets { start[0].min(after[0]) } else { start[0] };
    let span = (peak - low).abs().max(1e-6);
    let x = (low - 0.35 * span, peak + if resets { 0.1 * span } else { 0.6 * span });
    let rest = rest(&flow, current, x);
    // Where y belongs: its nullcline in the part of the picture where the neuron lives, and what a spike adds.
    let (mut y_low, mut y_high) = (start[1], start[1]);
    if let Rest::Level(level) = &rest {
        for k in 0..=10 {
            let y = level(low - 0.2 * span + 0.5 * span * f64::from(k) / 10.0);
            if y.is_finite() {
                (y_low, y_high) = (y_low.min(y), y_high.max(y));
            }
        }
    }
    let jump = if resets { after[1] - start[1] } else { 0.0 };
    let height = (y_high - y_low).max(2.0 * jump.abs()).max(1e-3 * y_high.abs()).max(1e-3);
    let own = flow.clone();
    let states = model.kind.states;
    Some(Plane {
        x: Variable { key: states[0].key, unit: states[0].unit.symbol(), range: x },
        y: Variable { key: states[1].key, unit: states[1].unit.symbol(), range: (y_low - height, y_high + 1.5 * height) },
        flow: Box::new(move |x, y| slopes(&own, current)(x, y)),
        rest,
        reset: resets.then_some(Reset { peak, to: after[0], jump }),
        approximation: "",
    })
}

fn slopes<'a>(flow: &'a Flow<'static>, current: f64) -> impl Fn(f64, f64) -> (f64, f64) + use<'a> {
    move |x, y| {
        let mut out = [0.0; 2];
        flow.slopes(&[x, y], [current, 0.0, 0.0], &mut out);
        (out[0], out[1])
    }
}

/// The first variable at which the neuron fires, from (`x`, `y`) on upwards.
fn threshold(flow: &Flow<'_>, x: f64, y: f64) -> f64 {
    let above = |by: f64| flow.above(&[x + by, y]) >= 0.0;
    let mut high = 1e-3;
    while !above(high) && high < 1e6 {
        high *= 2.0;
    }
    let mut low = 0.0;
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        *(if above(middle) { &mut high } else { &mut low }) = middle;
    }
    x + high
}

/// Where the second variable stands still: on a curve where it pulls itself back, upright where it does not know itself.
fn rest(flow: &Flow<'static>, current: f64, x: (f64, f64)) -> Rest {
    let places = || (0..=20).map(|k| x.0 + (x.1 - x.0) * f64::from(k) / 20.0);
    let at = slopes(flow, current);
    if places().any(|x| at(x, 1.0).1 != at(x, 0.0).1) {
        let own = flow.clone();
        return Rest::Level(Box::new(move |x| level(&|y| slopes(&own, current)(x, y).1)));
    }
    let mut before = None;
    for x in places() {
        let slope = at(x, 0.0).1;
        if let Some((left, low)) = before
            && low * slope <= 0.0
        {
            return Rest::Upright(left + (x - left) * low / (low - slope));
        }
        before = Some((x, slope));
    }
    Rest::Upright(f64::NAN)
}

/// The y at which `slope` is 0, by secants: at once where the equation is linear in y, as in nearly all models.
fn level(slope: &dyn Fn(f64) -> f64) -> f64 {
    let (mut a, mut b) = (0.0, 1.0);
    let (mut fa, mut fb) = (slope(a), slope(b));
    for _ in 0..12 {
        if fb == 0.0 || fa == fb {
            break;
        }
        let next = b - fb * (b - a) / (fb - fa);
        (a, fa) = (b, fb);
        (b, fb) = (next, slope(next));
    }
    b
}

#[cfg(test)]
mod tests {
    use super::super::{Change, bifurcations, fixed_points};
    use super::*;
    use crate::equations;

    fn part(key: &str) -> (&'static Model, Part) {
        let text = equations::TEXTS.iter().find(|t| t.0 == key).expect("a text").1;
        let model = equations::compile(text).unwrap_or_else(|f| panic!("{}", f.in_words(text)));
        (model, Part::new(&model.kind))
    }

    #[test]
    fn typed_izhikevich_has_the_rests_and_bifurcations_of_the_algebra() {
        let (model, part) = part("izhikevich");
        let at_rest = plane(model, &part, 0.0).expect("two variables");
        let found = fixed_points(&at_rest, at_rest.window());
        assert_eq!(found.len(), 2, "{found:?}");
        assert!((found[0].x + 70.0).abs() < 1e-6 && (found[1].x + 50.0).abs() < 1e-6, "{found:?}");
        let of = |i: f64| plane(model, &part, i).expect("two variables");
        let changes = bifurcations(&of, (-1.0, 6.0), at_rest.window(), &|| true);
        let near = |change: Change, current: f64| changes.iter().any(|b| b.change == change && (b.current - current).abs() < 1e-4);
        assert!(near(Change::Hopf, 3.7975) && near(Change::SaddleNode, 4.0), "{changes:?}");
        let reset = at_rest.reset.expect("it resets");
        assert!((reset.peak - 30.0).abs() < 1e-6 && reset.to == -65.0 && reset.jump == 8.0, "{reset:?}");
    }

    #[test]
    fn typed_morris_lecar_and_fitzhugh_nagumo_change_where_theory_says() {
        for (key, range, hopf) in [("morris_lecar", (50.0, 250.0), 93.858), ("fitzhugh_nagumo", (0.0, 1.0), 0.331_281)] {
            let (model, part) = part(key);
            let of = |i: f64| plane(model, &part, i).expect("two variables");
            let changes = bifurcations(&of, range, of(range.0).window(), &|| true);
            assert!(changes.iter().any(|b| b.change == Change::Hopf && (b.current - hopf).abs() < 1e-3), "{key}: {changes:?}");
        }
    }

    #[test]
    fn only_two_variables_make_a_plane() {
        let (model, part) = part("hh");
        assert!(plane(model, &part, 0.0).is_none());
    }
}
