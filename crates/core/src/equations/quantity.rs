//! Numbers with units: `10 nS`, `-50*mV`, `0.3 mS/cm2`; and units alone.

use super::Fault;
use super::text::{Expr, Op, What};
use super::unit::{self, NONE, Unit};

/// A number in a unit.
#[derive(Clone, Debug)]
pub struct Quantity {
    pub number: f64,
    pub unit: Unit,
}

/// Units that stand for their dimension: what is given in them is shown in the usual one.
const LONG: &[&str] = &["volt", "amp", "siemens", "farad", "second", "hertz", "meter", "molar"];

/// The expression as a number with a unit; `None` when it holds a name that is no unit or is `declared`, or a function.
pub fn of(e: &Expr, declared: &[&str]) -> Result<Option<Quantity>, Fault> {
    let Some(found) = walk(e, declared)? else { return Ok(None) };
    let usual = found.unit.text.split(['·', '/']).any(|part| LONG.contains(&part)) || found.unit.text.contains('^');
    if !usual {
        return Ok(Some(found));
    }
    let unit = unit::usual(found.unit.dim);
    // A long name alone is a unit, and remains one.
    let number = if found.number == 1.0 { 1.0 } else { found.number * found.unit.scale / unit.scale };
    Ok(Some(Quantity { number, unit }))
}

fn walk(e: &Expr, declared: &[&str]) -> Result<Option<Quantity>, Fault> {
    let pure = |number| Some(Quantity { number, unit: unit::usual(NONE) });
    let two = |a: &Expr, b: &Expr| -> Result<Option<(Quantity, Quantity)>, Fault> {
        Ok(match (walk(a, declared)?, walk(b, declared)?) {
            (Some(a), Some(b)) => Some((a, b)),
            _ => None,
        })
    };
    let odd = || Fault { at: e.at.clone(), what: "the exponents of this unit are too large".into() };
    Ok(match &e.what {
        What::Number(x) => pure(*x),
        What::Name(name) if declared.contains(&name.as_str()) => None,
        What::Name(name) => unit::named(name).map(|(dim, scale)| Quantity { number: 1.0, unit: Unit { dim, scale, text: print(name) } }),
        What::Negative(inner) => walk(inner, declared)?.map(|q| Quantity { number: -q.number, ..q }),
        What::Binary(op @ (Op::Mul | Op::Div), a, b) => {
            let Some((a, b)) = two(a, b)? else { return Ok(None) };
            let times = *op == Op::Mul;
            let dim = if times { a.unit.dim.times(b.unit.dim) } else { a.unit.dim.over(b.unit.dim) }.ok_or_else(odd)?;
            let scale = if times { a.unit.scale * b.unit.scale } else { a.unit.scale / b.unit.scale };
            let text = match (a.unit.text.as_str(), b.unit.text.as_str(), times) {
                (text, "", _) | ("", text, true) => text.to_owned(),
                ("", below, false) => format!("1/{}", bracketed(below)),
                (above, below, true) => format!("{above}·{}", bracketed(below)),
                (above, below, false) => format!("{above}/{}", bracketed(below)),
            };
            let number = if times { a.number * b.number } else { a.number / b.number };
            if !number.is_finite() {
                return Err(Fault { at: e.at.clone(), what: "this is a division by zero".into() });
            }
            Some(Quantity { number, unit: Unit { dim, scale, text } })
        }
        What::Binary(Op::Pow, a, b) => {
            let Some((a, b)) = two(a, b)? else { return Ok(None) };
            let dim = a.unit.dim.power(b.number).ok_or_else(odd)?;
            let text = match (a.unit.text.as_str(), b.number) {
                ("", _) => String::new(),
                (text, 2.0) => format!("{text}²"),
                (text, 3.0) => format!("{text}³"),
                (text, n) => format!("{text}^{n}"),
            };
            let (number, scale) = (libm::pow(a.number, b.number), libm::pow(a.unit.scale, b.number));
            if b.unit.dim != NONE || !number.is_finite() {
                return Err(Fault { at: e.at.clone(), what: "this is no number".into() });
            }
            Some(Quantity { number, unit: Unit { dim, scale, text } })
        }
        What::Binary(op @ (Op::Add | Op::Sub), a, b) => {
            let Some((a, b)) = two(a, b)? else { return Ok(None) };
            if a.unit.dim != b.unit.dim {
                return Ok(None);
            }
            let other = b.number * b.unit.scale / a.unit.scale;
            Some(Quantity { number: if *op == Op::Add { a.number + other } else { a.number - other }, unit: a.unit })
        }
        What::Binary(..) | What::Call(..) => None,
    })
}

fn bracketed(unit: &str) -> String {
    if unit.contains(['·', '/']) { format!("({unit})") } else { unit.into() }
}

/// A unit as it is printed.
fn print(name: &str) -> String {
    match name {
        "cm2" => "cm²".into(),
        "um2" => "µm²".into(),
        "ohm" => "Ω".into(),
        "kohm" => "kΩ".into(),
        "Mohm" => "MΩ".into(),
        "Gohm" => "GΩ".into(),
        _ => match name.strip_prefix('u') {
            Some(rest) if rest.len() <= 2 && !rest.is_empty() => format!("µ{rest}"),
            _ => name.into(),
        },
    }
}
