//! Dimensions and units of typed equations.
//!
//! Everything is reckoned in the coherent system of the engine: ms, mV, pA, with cm and mM besides; so pF = pA·ms/mV and nS = pA/mV have
//! the factor 1. A quantity is shown in the unit it was written in, or in the usual one of its dimension.

use std::fmt::Write as _;

/// Exponents are kept in twelfths, so that roots stay exact.
const WHOLE: i16 = 12;

/// Exponents of ms, mV, pA, cm and mM, and of the input's dimension as long as that is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dim {
    base: [i16; 5],
    input: i16,
}

const BASE: [&str; 5] = ["ms", "mV", "pA", "cm", "mM"];

const fn dim(ms: i16, mv: i16, pa: i16, cm: i16, mm: i16) -> Dim {
    Dim { base: [ms * WHOLE, mv * WHOLE, pa * WHOLE, cm * WHOLE, mm * WHOLE], input: 0 }
}

/// The dimensions that have names.
pub const NONE: Dim = dim(0, 0, 0, 0, 0);
pub const TIME: Dim = dim(1, 0, 0, 0, 0);
pub const PER_TIME: Dim = dim(-1, 0, 0, 0, 0);
pub const VOLTAGE: Dim = dim(0, 1, 0, 0, 0);
/// The dimension of the input while nobody has said what it is.
pub const UNKNOWN: Dim = Dim { base: [0; 5], input: WHOLE };

impl Dim {
    fn map(self, other: Self, f: impl Fn(i16, i16) -> Option<i16>) -> Option<Self> {
        let mut base = [0; 5];
        for (out, (a, b)) in base.iter_mut().zip(self.base.into_iter().zip(other.base)) {
            *out = f(a, b)?;
        }
        Some(Self { base, input: f(self.input, other.input)? })
    }

    /// `None` when an exponent grows beyond all reason; the same below.
    pub fn times(self, other: Self) -> Option<Self> {
        self.map(other, i16::checked_add)
    }

    pub fn over(self, other: Self) -> Option<Self> {
        self.map(other, i16::checked_sub)
    }

    pub fn power(self, exponent: f64) -> Option<Self> {
        self.map(self, |a, _| {
            let x = f64::from(a) * exponent;
            (x.fract() == 0.0 && x.abs() < 1e4).then_some(x as i16)
        })
    }

    /// Whether the dimension of the input, still unknown, is part of this one.
    pub fn is_open(self) -> bool {
        self.input != 0
    }

    /// The dimension of the input that makes the two equal; `None` when none does, or any.
    pub fn solve(self, other: Self) -> Option<Self> {
        let n = self.input.checked_sub(other.input).filter(|n| *n != 0)?;
        other.over(self)?.with_input(NONE)?.power(f64::from(WHOLE) / f64::from(n))
    }

    /// The same with the dimension of the input put in.
    pub fn with_input(self, input: Self) -> Option<Self> {
        let rest = Self { input: 0, ..self };
        rest.times(input.power(f64::from(self.input) / f64::from(WHOLE))?)
    }
}

/// Text of a unit and its size in the coherent system.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    pub dim: Dim,
    pub scale: f64,
    pub text: String,
}

/// Units by name: what a reader of Brian2, NEST or a paper would type. Long names stand for the dimension.
const UNITS: &[(&str, Dim, f64)] = &[
    ("ms", TIME, 1.0),
    ("s", TIME, 1e3),
    ("us", TIME, 1e-3),
    ("second", TIME, 1e3),
    ("mV", VOLTAGE, 1.0),
    ("uV", VOLTAGE, 1e-3),
    ("V", VOLTAGE, 1e3),
    ("volt", VOLTAGE, 1e3),
    ("fA", dim(0, 0, 1, 0, 0), 1e-3),
    ("pA", dim(0, 0, 1, 0, 0), 1.0),
    ("nA", dim(0, 0, 1, 0, 0), 1e3),
    ("uA", dim(0, 0, 1, 0, 0), 1e6),
    ("mA", dim(0, 0, 1, 0, 0), 1e9),
    ("A", dim(0, 0, 1, 0, 0), 1e12),
    ("amp", dim(0, 0, 1, 0, 0), 1e12),
    ("pF", dim(1, -1, 1, 0, 0), 1.0),
    ("nF", dim(1, -1, 1, 0, 0), 1e3),
    ("uF", dim(1, -1, 1, 0, 0), 1e6),
    ("F", dim(1, -1, 1, 0, 0), 1e12),
    ("farad", dim(1, -1, 1, 0, 0), 1e12),
    ("pS", dim(0, -1, 1, 0, 0), 1e-3),
    ("nS", dim(0, -1, 1, 0, 0), 1.0),
    ("uS", dim(0, -1, 1, 0, 0), 1e3),
    ("mS", dim(0, -1, 1, 0, 0), 1e6),
    ("S", dim(0, -1, 1, 0, 0), 1e9),
    ("siemens", dim(0, -1, 1, 0, 0), 1e9),
    ("ohm", dim(0, 1, -1, 0, 0), 1e-9),
    ("kohm", dim(0, 1, -1, 0, 0), 1e-6),
    ("Mohm", dim(0, 1, -1, 0, 0), 1e-3),
    ("Gohm", dim(0, 1, -1, 0, 0), 1.0),
    ("Hz", dim(-1, 0, 0, 0, 0), 1e-3),
    ("kHz", dim(-1, 0, 0, 0, 0), 1.0),
    ("hertz", dim(-1, 0, 0, 0, 0), 1e-3),
    ("um", dim(0, 0, 0, 1, 0), 1e-4),
    ("mm", dim(0, 0, 0, 1, 0), 0.1),
    ("cm", dim(0, 0, 0, 1, 0), 1.0),
    ("meter", dim(0, 0, 0, 1, 0), 100.0),
    ("um2", dim(0, 0, 0, 2, 0), 1e-8),
    ("cm2", dim(0, 0, 0, 2, 0), 1.0),
    ("nM", dim(0, 0, 0, 0, 1), 1e-6),
    ("uM", dim(0, 0, 0, 0, 1), 1e-3),
    ("mM", dim(0, 0, 0, 0, 1), 1.0),
    ("molar", dim(0, 0, 0, 0, 1), 1e3),
];

/// Dimension and size of the unit called `name`.
pub fn named(name: &str) -> Option<(Dim, f64)> {
    UNITS.iter().find(|u| u.0 == name).map(|u| (u.1, u.2))
}

/// All names, for "did you mean".
pub fn names() -> impl Iterator<Item = &'static str> {
    UNITS.iter().map(|u| u.0)
}

/// How a unit is printed where its dimension is usual in the field: text, dimension, size.
const USUAL: &[(&str, Dim, f64)] = &[
    ("", NONE, 1.0),
    ("ms", TIME, 1.0),
    ("mV", VOLTAGE, 1.0),
    ("mV/ms", dim(-1, 1, 0, 0, 0), 1.0),
    ("1/ms", dim(-1, 0, 0, 0, 0), 1.0),
    ("pA", dim(0, 0, 1, 0, 0), 1.0),
    ("nS", dim(0, -1, 1, 0, 0), 1.0),
    ("pF", dim(1, -1, 1, 0, 0), 1.0),
    ("GΩ", dim(0, 1, -1, 0, 0), 1.0),
    ("fC", dim(1, 0, 1, 0, 0), 1.0),
    ("µA/cm²", dim(0, 0, 1, -2, 0), 1e6),
    ("mS/cm²", dim(0, -1, 1, -2, 0), 1e6),
    ("µF/cm²", dim(1, -1, 1, -2, 0), 1e6),
    ("mM", dim(0, 0, 0, 0, 1), 1.0),
];

/// The unit in which a quantity of this dimension is shown.
pub fn usual(dim: Dim) -> Unit {
    match USUAL.iter().find(|u| u.1 == dim) {
        Some((text, dim, scale)) => Unit { dim: *dim, scale: *scale, text: (*text).into() },
        None => Unit { dim, scale: 1.0, text: spell(dim) },
    }
}

/// "mV·ms⁻¹" for what has no usual unit.
fn spell(dim: Dim) -> String {
    let mut text = String::new();
    for (name, twelfths) in BASE.iter().zip(dim.base).filter(|(_, e)| *e != 0) {
        if !text.is_empty() {
            text.push('·');
        }
        text.push_str(name);
        if twelfths != WHOLE {
            let (whole, part) = (twelfths / WHOLE, twelfths % WHOLE);
            if part == 0 {
                let digits = whole.to_string();
                text.extend(digits.chars().map(|c| match c {
                    '-' => '⁻',
                    '1' => '¹',
                    '2' => '²',
                    '3' => '³',
                    digit => char::from_u32('⁰' as u32 + digit as u32 - '0' as u32).unwrap_or(digit),
                }));
            } else {
                let _ = write!(text, "^({twelfths}/{WHOLE})");
            }
        }
    }
    text
}

/// How a dimension is called in a message: its usual unit, or "a pure number".
pub fn in_words(dim: Dim) -> String {
    match usual(dim).text {
        text if text.is_empty() => "a pure number".into(),
        text => format!("in {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_coherent() {
        let (siemens, s) = named("nS").expect("a unit");
        let (farad, f) = named("pF").expect("a unit");
        assert_eq!(farad.over(siemens), Some(TIME));
        assert_eq!(f / s, 1.0);
        let (ohm, r) = named("Mohm").expect("a unit");
        let (ampere, i) = named("nA").expect("a unit");
        assert_eq!((ohm.times(ampere), r * i), (Some(VOLTAGE), 1.0));
    }

    #[test]
    fn the_dimension_of_the_input_is_found_from_a_sum() {
        // C dv/dt = g·(E − v) + I: I has the dimension of nS·mV.
        let current = named("pA").expect("a unit").0;
        assert_eq!(UNKNOWN.solve(current), Some(current));
        // I/C beside mV/ms.
        let open = UNKNOWN.over(named("pF").expect("a unit").0).expect("small exponents");
        let slope = VOLTAGE.over(TIME).expect("small exponents");
        assert_eq!(open.solve(slope), Some(current));
        assert_eq!(slope.solve(open), Some(current));
    }

    #[test]
    fn units_without_a_name_are_spelt_out() {
        let odd = VOLTAGE.power(2.0).and_then(|v| v.over(TIME)).expect("small exponents");
        assert_eq!(usual(odd).text, "ms⁻¹·mV²");
        assert_eq!(in_words(NONE), "a pure number");
    }
}
