//! Figures as data: what is drawn, in which units, in which of the house's colours. The window paints a [`Plot`], a file holds a [`Figure`].
//!
//! Nothing here knows a window, so that a figure in a report shows exactly what the panel showed, and a run without a window can make one.

pub mod colormap;
pub mod gif;
pub mod ink;
pub mod number;
pub mod png;
pub mod svg;
pub mod ticks;

pub use ink::Ink;

/// A page of plots above each other, with what a reader needs to repeat it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
    pub title: String,
    pub plots: Vec<Plot>,
    /// Plots beside each other; 0 counts as 1. With more than one, all have the same size.
    pub columns: usize,
    /// Lines below: network, parameters, seed, version.
    pub caption: Vec<String>,
}

/// One pair of axes and what is drawn between them, later items above earlier ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plot {
    pub title: String,
    pub x: Axis,
    pub y: Axis,
    pub items: Vec<Item>,
    /// One line of small print: numbers of samples, what is hidden.
    pub note: String,
    /// Share of the height among the plots of a figure; 0 counts as 1.
    pub share: f32,
}

/// One axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// With the unit in brackets: `Time (ms)`.
    pub label: String,
    pub low: f64,
    pub high: f64,
    /// Logarithmic; both ends are then positive.
    pub log: bool,
    /// Counts things: only whole numbers are written.
    pub counts: bool,
    /// Numbers are written times this (100 for per cent); 0 counts as 1.
    pub factor: f64,
    /// Written instead of numbers, each at its place.
    pub names: Vec<(f64, String)>,
}

impl Axis {
    pub fn new(label: impl Into<String>, (low, high): (f64, f64)) -> Self {
        Self { label: label.into(), low, high, ..Self::default() }
    }

    /// Around all of `values`, with round ends; 0 to 1 when there are none.
    pub fn around(label: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Self {
        let ends = values
            .into_iter()
            .filter(|v| v.is_finite())
            .fold(None, |e: Option<(f64, f64)>, v| Some(e.map_or((v, v), |(a, b)| (a.min(v), b.max(v)))));
        Self::new(label, ends.map_or((0.0, 1.0), |(a, b)| ticks::round_range(a, b)))
    }

    #[must_use]
    pub fn logarithmic(mut self) -> Self {
        let least = self.high.abs().max(f64::MIN_POSITIVE) * 1e-6;
        (self.log, self.low) = (true, self.low.max(least));
        self.high = self.high.max(self.low * 10.0);
        self
    }

    #[must_use]
    pub fn counting(mut self) -> Self {
        self.counts = true;
        self
    }

    /// Where `value` lies between `low` (0) and `high` (1).
    pub fn part(&self, value: f64) -> f64 {
        part(value, self.low, self.high, self.log)
    }

    /// The value at a part of the axis; undoes [`Axis::part`].
    pub fn value(&self, part: f64) -> f64 {
        value(part, self.low, self.high, self.log)
    }

    /// Places and words of about `wanted` ticks.
    pub fn ticks(&self, wanted: f64) -> Vec<(f64, String)> {
        if !self.names.is_empty() {
            return self.names.clone();
        }
        if self.log {
            return ticks::decades(self.low, self.high).into_iter().map(|t| (t, number::number(t, 2))).collect();
        }
        let factor = if self.factor == 0.0 { 1.0 } else { self.factor };
        // An axis may run downwards.
        let mut written = ticks::ticks(self.low.min(self.high) * factor, self.low.max(self.high) * factor, wanted);
        if self.counts {
            written.retain(|t| (t - t.round()).abs() < 1e-6);
        }
        let decimals = ticks::decimals(&written);
        written.into_iter().map(|t| (t / factor, number::fixed(t, decimals))).collect()
    }
}

/// Where `value` lies between `low` (0) and `high` (1) of an axis.
pub fn part(value: f64, low: f64, high: f64, log: bool) -> f64 {
    if log { (value.max(low * 1e-3) / low).ln() / (high / low).ln() } else { (value - low) / (high - low) }
}

/// The value at a part of an axis; undoes [`part`].
pub fn value(part: f64, low: f64, high: f64, log: bool) -> f64 {
    if log { low * (high / low).powf(part) } else { low + part * (high - low) }
}

/// The sign of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sign {
    #[default]
    Dot,
    Ring,
    Triangle,
    Cross,
    /// A short upright line, for spikes.
    Bar,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pen {
    pub ink: Ink,
    /// Points.
    pub width: f32,
    pub dashed: bool,
}

impl Pen {
    pub const fn new(ink: Ink) -> Self {
        Self { ink, width: 1.5, dashed: false }
    }
    #[must_use]
    pub const fn thin(mut self) -> Self {
        self.width = 1.0;
        self
    }
    #[must_use]
    pub const fn dashed(mut self) -> Self {
        self.dashed = true;
        self
    }
}

/// Something drawn, in the units of the axes. Points that are not finite break a line and are left out elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A line through points; `name` appears in the legend when it is not empty.
    Line {
        points: Vec<[f64; 2]>,
        pen: Pen,
        name: String,
    },
    Points {
        points: Vec<[f64; 2]>,
        ink: Ink,
        sign: Sign,
        size: f32,
        name: String,
    },
    /// Bars from 0 between neighbouring `edges` (one more than `heights`).
    Bars {
        edges: Vec<f64>,
        heights: Vec<f64>,
        ink: Ink,
        name: String,
    },
    /// A band between two curves over the same places `[x, low, high]`.
    Band {
        points: Vec<[f64; 3]>,
        ink: Ink,
    },
    /// A line across, at one value of an axis.
    Rule {
        across: Across,
        at: f64,
        pen: Pen,
        name: String,
    },
    /// Short arrows from `[x, y]` towards `[x + dx, y + dy]`.
    Arrows {
        arrows: Vec<[f64; 4]>,
        ink: Ink,
    },
    Picture(Picture),
    Words {
        at: [f64; 2],
        words: String,
        ink: Ink,
    },
}

/// Which way a [`Item::Rule`] goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Across {
    /// Upright, at a value of x.
    X,
    /// Level, at a value of y.
    Y,
}

/// A matrix in colours, row 0 on top.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Values of the axes at the left, right, top and bottom edge.
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    pub cols: usize,
    /// `[rows, cols]`; NaN is nothing.
    pub values: Vec<f32>,
    pub range: (f32, f32),
    pub map: colormap::Map,
    /// What the colours mean, with the unit.
    pub label: String,
}

impl Picture {
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.cols).unwrap_or(0)
    }

    /// The value at a place of the plot.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn at(&self, x: f64, y: f64) -> Option<f32> {
        let (u, v) = ((x - self.left) / (self.right - self.left), (y - self.top) / (self.bottom - self.top));
        let inside = (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v);
        let (col, row) = ((u * self.cols as f64) as usize, (v * self.rows() as f64) as usize);
        if inside { self.values.get(row * self.cols + col).copied().filter(|v| v.is_finite()) } else { None }
    }
}

impl Plot {
    pub fn new(x: Axis, y: Axis) -> Self {
        Self { x, y, ..Self::default() }
    }

    #[must_use]
    pub fn with(mut self, item: Item) -> Self {
        self.items.push(item);
        self
    }

    /// A line with a name.
    #[must_use]
    pub fn line(self, points: Vec<[f64; 2]>, pen: Pen, name: &str) -> Self {
        self.with(Item::Line { points, pen, name: name.to_owned() })
    }

    /// Names and colours of what has a name, in order.
    pub fn legend(&self) -> Vec<(&str, Ink)> {
        let entries = self.items.iter().filter_map(|item| match item {
            Item::Line { name, pen, .. } | Item::Rule { name, pen, .. } => Some((name.as_str(), pen.ink)),
            Item::Points { name, ink, .. } | Item::Bars { name, ink, .. } => Some((name.as_str(), *ink)),
            _ => None,
        });
        let mut legend: Vec<(&str, Ink)> = Vec::new();
        for entry in entries.filter(|e| !e.0.is_empty()) {
            if !legend.contains(&entry) {
                legend.push(entry);
            }
        }
        legend
    }

    /// The picture in it, if there is one.
    pub fn picture(&self) -> Option<&Picture> {
        self.items.iter().find_map(|item| if let Item::Picture(p) = item { Some(p) } else { None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_goes_there_and_back_on_both_scales() {
        for axis in [Axis::new("x", (-5.0, 5.0)), Axis::new("x", (0.1, 1000.0)).logarithmic()] {
            for part in [0.0, 0.3, 1.0] {
                assert!((axis.part(axis.value(part)) - part).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn an_axis_that_runs_downwards_has_ticks() {
        let ticks = Axis::new("Neuron", (100.0, 0.0)).counting().ticks(4.0);
        assert_eq!(ticks.iter().map(|t| t.1.as_str()).collect::<Vec<_>>(), ["0", "50", "100"]);
    }

    #[test]
    fn an_axis_around_nothing_is_still_an_axis() {
        assert_eq!(Axis::around("x", [f64::NAN]).part(0.5), 0.5);
        let log = Axis::new("x", (0.0, 0.0)).logarithmic();
        assert!(log.low > 0.0 && log.high > log.low);
    }

    #[test]
    fn a_picture_knows_its_cells_from_the_top() {
        let p = Picture {
            left: 0.0,
            right: 2.0,
            top: 0.0,
            bottom: 2.0,
            cols: 2,
            values: vec![1.0, 2.0, 3.0, f32::NAN],
            range: (0.0, 3.0),
            map: colormap::Map::Viridis,
            label: String::new(),
        };
        assert_eq!(
            (p.at(0.5, 0.5), p.at(1.5, 0.5), p.at(0.5, 1.5), p.at(1.5, 1.5), p.at(2.5, 0.5)),
            (Some(1.0), Some(2.0), Some(3.0), None, None)
        );
    }
}
