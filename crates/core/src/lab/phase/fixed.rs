//! Fixed points: where nothing moves, and what happens near them.

use super::{Plane, Rest, Window};

/// Samples along the nullcline of y, on which every fixed point lies.
const SAMPLES: usize = 4000;

/// How the flow behaves near a fixed point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    StableNode,
    StableFocus,
    UnstableNode,
    UnstableFocus,
    Saddle,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::StableNode => "stable node",
            Self::StableFocus => "stable focus",
            Self::UnstableNode => "unstable node",
            Self::UnstableFocus => "unstable focus",
            Self::Saddle => "saddle",
        }
    }

    pub fn is_stable(self) -> bool {
        matches!(self, Self::StableNode | Self::StableFocus)
    }

    /// What it means for the neuron.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::StableNode => "rest: a small push decays without ringing (integrator)",
            Self::StableFocus => "rest: a small push rings and decays (resonator)",
            Self::UnstableNode => "repels in all directions",
            Self::UnstableFocus => "repels in growing oscillations",
            Self::Saddle => "attracts along one line only: the threshold passes through it",
        }
    }
}

/// A place where nothing moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FixedPoint {
    pub x: f64,
    pub y: f64,
    pub kind: Kind,
    /// Eigenvalues of the linearised flow, 1/ms: both (real, imaginary).
    pub eigenvalues: [(f64, f64); 2],
    /// Trace of the linearised flow, 1/ms.
    pub trace: f64,
}

impl FixedPoint {
    /// Frequency of the ringing, Hz; none for real eigenvalues.
    pub fn frequency(&self) -> Option<f64> {
        let omega = self.eigenvalues[0].1.abs();
        (omega > 0.0).then(|| omega / std::f64::consts::TAU * 1000.0)
    }
}

/// All fixed points of the plane in (an enlarged) `window`, by rising x.
pub fn fixed_points(plane: &Plane, window: Window) -> Vec<FixedPoint> {
    let along = |s: f64| -> (f64, f64) {
        match &plane.rest {
            Rest::Level(f) => (s, f(s)),
            Rest::Upright(x) => (*x, s),
        }
    };
    let (a, b) = if matches!(plane.rest, Rest::Level(_)) { window.x } else { window.y };
    let (a, b) = (a - 0.5 * (b - a), b + 0.5 * (b - a));
    let speed = |s: f64| {
        let (x, y) = along(s);
        (plane.flow)(x, y).0
    };
    let place = |i: usize| a + (b - a) * i as f64 / SAMPLES as f64;
    let mut found = Vec::new();
    let (mut s0, mut v0) = (a, speed(a));
    let mut before = v0;
    for i in 1..=SAMPLES {
        let (s1, v1) = (place(i), speed(place(i)));
        let same = (v0 < 0.0) == (v1 < 0.0);
        if !same && v0.is_finite() && v1.is_finite() {
            found.push(bisect(&speed, s0, s1));
        } else if i > 1 && same && (before < 0.0) == (v0 < 0.0) && v0.abs() < before.abs() && v0.abs() <= v1.abs() {
            // Two points may hide in a dip between the samples, shortly before they meet.
            let dip = dip(&speed, place(i - 2), s1, v0 > 0.0);
            if (speed(dip) < 0.0) != (v0 < 0.0) {
                found.push(bisect(&speed, place(i - 2), dip));
                found.push(bisect(&speed, dip, s1));
            }
        }
        (before, s0, v0) = (v0, s1, v1);
    }
    let mut points: Vec<FixedPoint> = found.into_iter().map(|s| classify(plane, along(s))).collect();
    points.sort_by(|p, q| p.x.total_cmp(&q.x));
    points
}

/// A zero between two places of different sign.
fn bisect(f: &impl Fn(f64) -> f64, mut a: f64, mut b: f64) -> f64 {
    let negative = f(a) < 0.0;
    for _ in 0..80 {
        let middle = 0.5 * (a + b);
        if (f(middle) < 0.0) == negative { a = middle } else { b = middle }
    }
    0.5 * (a + b)
}

/// The place between `a` and `b` where `f` is smallest (largest when not `down`), by golden section.
fn dip(f: &impl Fn(f64) -> f64, mut a: f64, mut b: f64, down: bool) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let value = |s: f64| if down { f(s) } else { -f(s) };
    for _ in 0..60 {
        let (c, d) = (b - GOLDEN * (b - a), a + GOLDEN * (b - a));
        if value(c) < value(d) { b = d } else { a = c }
    }
    0.5 * (a + b)
}

/// The linearised flow `[[∂ẋ/∂x, ∂ẋ/∂y], [∂ẏ/∂x, ∂ẏ/∂y]]`, by central differences.
pub fn jacobian(plane: &Plane, (x, y): (f64, f64)) -> [[f64; 2]; 2] {
    let step = |v: f64, (a, b): (f64, f64)| 1e-5 * (b - a).abs().max(v.abs() * 1e-3);
    let (hx, hy) = (step(x, plane.x.range), step(y, plane.y.range));
    let ((ax, ay), (bx, by)) = ((plane.flow)(x + hx, y), (plane.flow)(x - hx, y));
    let ((cx, cy), (dx, dy)) = ((plane.flow)(x, y + hy), (plane.flow)(x, y - hy));
    [[(ax - bx) / (2.0 * hx), (cx - dx) / (2.0 * hy)], [(ay - by) / (2.0 * hx), (cy - dy) / (2.0 * hy)]]
}

fn classify(plane: &Plane, (x, y): (f64, f64)) -> FixedPoint {
    let j = jacobian(plane, (x, y));
    let (trace, determinant) = (j[0][0] + j[1][1], j[0][0] * j[1][1] - j[0][1] * j[1][0]);
    let discriminant = trace * trace - 4.0 * determinant;
    let eigenvalues = if discriminant >= 0.0 {
        let root = discriminant.sqrt();
        [(0.5 * (trace + root), 0.0), (0.5 * (trace - root), 0.0)]
    } else {
        let omega = 0.5 * (-discriminant).sqrt();
        [(0.5 * trace, omega), (0.5 * trace, -omega)]
    };
    let kind = match (determinant < 0.0, trace < 0.0, discriminant < 0.0) {
        (true, ..) => Kind::Saddle,
        (_, true, true) => Kind::StableFocus,
        (_, true, false) => Kind::StableNode,
        (_, false, true) => Kind::UnstableFocus,
        (_, false, false) => Kind::UnstableNode,
    };
    FixedPoint { x, y, kind, eigenvalues, trace }
}
