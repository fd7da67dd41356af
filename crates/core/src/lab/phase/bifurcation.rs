//! The currents at which the picture changes: fixed points meet, or one loses its stability.

use super::fixed::{FixedPoint, fixed_points};
use super::{Plane, Window};

/// What changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Two fixed points meet and vanish, or appear.
    SaddleNode,
    /// A focus gains or loses its stability (Andronov–Hopf).
    Hopf,
    /// A node gains or loses its stability.
    Other,
}

impl Change {
    pub fn name(self) -> &'static str {
        match self {
            Self::SaddleNode => "saddle-node",
            Self::Hopf => "Andronov–Hopf",
            Self::Other => "change of stability",
        }
    }
}

/// A current at which the fixed points change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bifurcation {
    /// In the model's unit of current.
    pub current: f64,
    pub change: Change,
    /// x of the point concerned.
    pub x: f64,
    /// Frequency at which it begins to ring, Hz; for [`Change::Hopf`].
    pub frequency: Option<f64>,
}

/// Currents compared before the changes between them are located.
const SAMPLES: usize = 160;

/// All changes between two currents, rising; `plane` makes the plane of a current. `keep_on` is asked before each sample.
pub fn bifurcations(plane: &dyn Fn(f64) -> Plane, (low, high): (f64, f64), window: Window, keep_on: &dyn Fn() -> bool) -> Vec<Bifurcation> {
    let points = |current: f64| fixed_points(&plane(current), window);
    let mut found = Vec::new();
    let mut a = (low, points(low));
    for i in 1..=SAMPLES {
        if !keep_on() {
            break;
        }
        let current = low + (high - low) * i as f64 / SAMPLES as f64;
        let b = (current, points(current));
        between(&points, &a, &b, &mut found, 0);
        a = b;
    }
    found
}

type Sample = (f64, Vec<FixedPoint>);

/// How often each kind of stability occurs: equal for two currents with the same picture.
fn picture(points: &[FixedPoint]) -> (usize, usize) {
    (points.len(), points.iter().filter(|p| p.kind.is_stable()).count())
}

/// Halves the interval until one change is left in it, and halves on until it is located.
fn between(points: &dyn Fn(f64) -> Vec<FixedPoint>, a: &Sample, b: &Sample, found: &mut Vec<Bifurcation>, depth: u32) {
    if picture(&a.1) == picture(&b.1) {
        return;
    }
    if depth < 40 && (b.0 - a.0).abs() > 1e-9 * (1.0 + a.0.abs()) {
        let middle = 0.5 * (a.0 + b.0);
        let m = (middle, points(middle));
        between(points, a, &m, found, depth + 1);
        between(points, &m, b, found, depth + 1);
        return;
    }
    let current = 0.5 * (a.0 + b.0);
    if a.1.len() != b.1.len() {
        // Those two that lie closest on the side with more of them.
        let more = if a.1.len() > b.1.len() { &a.1 } else { &b.1 };
        let pair = more.windows(2).min_by(|p, q| (p[1].x - p[0].x).total_cmp(&(q[1].x - q[0].x)));
        let x = pair.map_or(f64::NAN, |p| 0.5 * (p[0].x + p[1].x));
        found.push(Bifurcation { current, change: Change::SaddleNode, x, frequency: None });
        return;
    }
    if let Some((p, q)) = a.1.iter().zip(&b.1).find(|(p, q)| p.kind.is_stable() != q.kind.is_stable()) {
        let rings = p.frequency().or(q.frequency());
        let change = if rings.is_some() { Change::Hopf } else { Change::Other };
        found.push(Bifurcation { current, change, x: 0.5 * (p.x + q.x), frequency: rings });
    }
}
