//! Which class of excitability a neuron has: whether its rate grows from nought, or begins with a rate of its own.
//!
//! After A. L. Hodgkin, J. Physiol. 107:165 (1948), doi:10.1113/jphysiol.1948.sp004260; told by the rates ever closer above the onset: where the
//! rest is lost through a saddle-node on an invariant circle they fall with the square root of the distance, with a threshold and a reset
//! (integrate-and-fire) with the inverse of its logarithm, and where it is lost through a Hopf bifurcation they have a limit.

use super::sweep::{Sweep, onset, sweep};
use super::{Cell, Measures};

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Excitability {
    /// The value from which on it fires on, within 1e-7 of the range.
    pub onset: f64,
    /// Rates (Hz) at one hundredth, one thousandth and one ten-thousandth of the range above it.
    pub rates: [f64; 3],
    pub class: Class,
}

/// Hodgkin's classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// As slow as one likes.
    One,
    /// Begins with a rate of its own.
    Two,
}

impl Class {
    pub fn name(self) -> &'static str {
        match self {
            Self::One => "class 1",
            Self::Two => "class 2",
        }
    }

    pub fn meaning(self) -> &'static str {
        match self {
            Self::One => "the rate grows from nought: closer to the onset it fires as slowly as one likes",
            Self::Two => "the rate jumps: it cannot fire more slowly than at the onset",
        }
    }
}

/// Distances above the onset at which rates are taken, in parts of the range.
const ABOVE: [f64; 3] = [1e-2, 1e-3, 1e-4];
/// Time at each value, ms: slow firing needs long looks.
const MS: f64 = 4000.0;
/// A class 1 rate loses at least so much of itself with each decade; a logarithm is the slowest.
const FALL: f64 = 0.85;

/// Class of a neuron along a parameter that makes it fire, between `low` (silent) and `high`; none where it does not fire there, or fires on all
/// the way. `None` too when `go_on` said no.
pub fn excitability(
    cell: &Cell,
    param: usize,
    (low, high): (f64, f64),
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Option<Excitability>, String> {
    let what = Sweep { ms: MS, ..Sweep::new(param, vec![low]) };
    let Some(at) = onset(cell, &what, (low, high), 4, |m: &Measures| m.rate_hz > 0.0)? else { return Ok(None) };
    if at <= low || !go_on() {
        return Ok(None);
    }
    let values: Vec<f64> = ABOVE.iter().rev().map(|part| at + part * (high - low)).collect();
    let found = sweep(cell, &Sweep { values, ..what }, &mut |_, _| go_on())?;
    Ok(found.map(|found| {
        let rates = [found[2].rate_hz, found[1].rate_hz, found[0].rate_hz];
        let falls = rates.windows(2).all(|w| w[1] < FALL * w[0]);
        Excitability { onset: at, rates, class: if falls { Class::One } else { Class::Two } }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{find, neuron};
    use crate::part::Part;

    fn of(key: &str, set: &str, dt: f64, high: f64) -> Excitability {
        let mut model = Part::new(find(neuron::ALL, key).expect("a model"));
        if let Some(set) = model.kind.sets.iter().find(|s| s.key == set) {
            model.apply_set(set, &[]);
        }
        let cell = Cell::new(model, dt);
        let i_e = cell.model.kind.param("i_e").expect("a current");
        excitability(&cell, i_e, (0.0, high), &mut || true).expect("possible").expect("it fires")
    }

    #[test]
    fn classes_are_those_of_the_literature() {
        for (key, set, dt, high, class) in [
            ("wang_buzsaki", "", 0.05, 4.0, Class::One),
            ("qif", "", 0.1, 400.0, Class::One),
            ("lif", "", 0.1, 600.0, Class::One),
            ("izhikevich", "g_class_1", 0.1, 20.0, Class::One),
            ("morris_lecar", "snic", 0.1, 100.0, Class::One),
            ("hh", "", 0.025, 20.0, Class::Two),
            ("morris_lecar", "hopf", 0.1, 150.0, Class::Two),
            ("fitzhugh_nagumo", "", 0.1, 1.0, Class::Two),
        ] {
            let found = of(key, set, dt, high);
            assert_eq!(found.class, class, "{key} {set}: {found:?}");
        }
        // Sustained from rest at 6.26 µA/cm²; 52.37 Hz at 6.3 and 55.06 Hz at 6.5 lie around the rates 0.02 and 0.2 above.
        let hh = of("hh", "", 0.025, 20.0);
        assert!((hh.onset - 6.26).abs() < 0.01 && hh.rates[1] < 52.37 && hh.rates[0] > 52.37 && hh.rates[0] < 55.06, "{hh:?}");
    }
}
