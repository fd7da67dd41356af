//! What a measure gives: numbers, curves, matrices, points and tables with their units, or the reason why there is none.
//!
//! "Not defined" is a value of its own. No result holds a NaN, and none is 0 because there was nothing to compute.

use serde::Serialize;

/// What runs along one direction of a figure.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Axis {
    pub name: String,
    /// Empty for pure numbers and counts.
    pub unit: String,
    /// Best drawn on a logarithmic scale.
    pub log: bool,
}

impl Axis {
    pub fn new(name: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { name: name.into(), unit: unit.into(), log: false }
    }

    pub fn log(mut self) -> Self {
        self.log = true;
        self
    }

    /// `Time (ms)`, or the name alone.
    pub fn label(&self) -> String {
        if self.unit.is_empty() { self.name.clone() } else { format!("{} ({})", self.name, self.unit) }
    }
}

/// How the numbers of a curve are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// A value at each x.
    Line,
    /// A value between two neighbouring x: there is one x more than values.
    Bars,
}

/// y against x.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    pub x: Axis,
    pub y: Axis,
    pub style: Style,
    pub xs: Vec<f64>,
    pub ys: Vec<f64>,
}

impl Curve {
    pub fn line(x: Axis, y: Axis, xs: Vec<f64>, ys: Vec<f64>) -> Self {
        debug_assert_eq!(xs.len(), ys.len());
        Self { x, y, style: Style::Line, xs, ys }
    }

    /// Bars between `edges`.
    pub fn bars(x: Axis, y: Axis, edges: Vec<f64>, ys: Vec<f64>) -> Self {
        debug_assert_eq!(edges.len(), ys.len() + 1);
        Self { x, y, style: Style::Bars, xs: edges, ys }
    }
}

/// A number for each row and column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Matrix {
    /// Along a row: names the columns.
    pub x: Axis,
    /// Along a column: names the rows.
    pub y: Axis,
    /// What the numbers are.
    pub z: Axis,
    /// Where each column lies on x, and each row on y: neuron numbers, times, frequencies. Ascending.
    pub xs: Vec<f64>,
    pub ys: Vec<f64>,
    /// Row by row, `[row * xs.len() + column]`.
    pub values: Vec<f64>,
}

/// Points in two or three dimensions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Points {
    pub axes: Vec<Axis>,
    /// One list for each axis, of equal length.
    pub columns: Vec<Vec<f64>>,
    /// The points follow each other in time.
    pub joined: bool,
}

/// Rows of text and numbers, as text with the digits that mean something.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    pub columns: Vec<Axis>,
    pub rows: Vec<Vec<String>>,
}

/// One result.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Value {
    /// `n` is the number of samples behind it: intervals, pairs, windows.
    Scalar {
        value: f64,
        unit: String,
        n: u64,
    },
    Curve(Curve),
    Matrix(Matrix),
    Points(Points),
    Table(Table),
    /// A verdict in words: the regime of a network.
    Words {
        words: String,
    },
    Undefined {
        because: String,
    },
}

impl Value {
    /// A number with its unit; one that is not finite is not defined.
    pub fn scalar(value: f64, unit: impl Into<String>, n: u64) -> Self {
        if value.is_finite() {
            Self::Scalar { value, unit: unit.into(), n }
        } else {
            Self::undefined("the numbers leave the range that can be computed with")
        }
    }

    pub fn undefined(because: impl Into<String>) -> Self {
        Self::Undefined { because: because.into() }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        if let Self::Scalar { value, .. } = self { Some(*value) } else { None }
    }
}

/// A result with its name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    pub name: String,
    #[serde(flatten)]
    pub value: Value,
}

/// Everything one measure says of one set of spikes. The first part is the number the measure is named after, where it has one.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    pub parts: Vec<Part>,
    /// Samples behind it; what they are is said by [`super::Measure::samples`].
    pub n: u64,
    /// What the reader should know: too few samples, neurons left out. Empty where there is nothing to say.
    pub note: String,
}

impl Report {
    pub fn new(n: u64) -> Self {
        Self { n, ..Self::default() }
    }

    /// A report that says only why there is none.
    pub fn undefined(because: impl Into<String>) -> Self {
        Self::new(0).with("", Value::undefined(because))
    }

    pub fn with(mut self, name: impl Into<String>, value: Value) -> Self {
        self.parts.push(Part { name: name.into(), value });
        self
    }

    pub fn scalar(self, name: &str, value: f64, unit: &str, n: u64) -> Self {
        self.with(name, Value::scalar(value, unit, n))
    }

    /// A number, or why it is not defined.
    pub fn maybe(self, name: &str, value: Option<f64>, unit: &str, n: u64, because: &str) -> Self {
        match value {
            Some(value) => self.scalar(name, value, unit, n),
            None => self.with(name, Value::undefined(because)),
        }
    }

    pub fn curve(self, name: &str, curve: Curve) -> Self {
        self.with(name, Value::Curve(curve))
    }

    pub fn noting(mut self, note: impl AsRef<str>) -> Self {
        if !self.note.is_empty() && !note.as_ref().is_empty() {
            self.note.push_str("; ");
        }
        self.note.push_str(note.as_ref());
        self
    }

    pub fn part(&self, name: &str) -> Option<&Value> {
        self.parts.iter().find(|p| p.name == name).map(|p| &p.value)
    }

    /// The number called `name`.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.part(name).and_then(Value::number)
    }

    /// The first part that is a number or says why there is none: what a sweep writes down.
    pub fn headline(&self) -> Option<&Part> {
        self.parts.iter().find(|p| matches!(p.value, Value::Scalar { .. } | Value::Undefined { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_is_not_defined() {
        assert!(matches!(Value::scalar(f64::NAN, "Hz", 3), Value::Undefined { .. }));
        assert!(matches!(Value::scalar(f64::INFINITY, "", 3), Value::Undefined { .. }));
        assert_eq!(Value::scalar(0.0, "Hz", 3).number(), Some(0.0));
    }

    #[test]
    fn the_headline_is_the_first_number() {
        let words = Value::Words { words: "silent".into() };
        let report = Report::new(2).with("regime", words).scalar("rate", 3.0, "Hz", 2).scalar("other", 4.0, "", 1);
        assert_eq!(report.headline().map(|p| p.name.as_str()), Some("rate"));
        assert_eq!((report.number("other"), report.number("regime")), (Some(4.0), None));
    }
}
