//! Curves along the flow: trajectories, the stable manifold of a saddle, and the orbit on which a neuron fires again and again.

use super::fixed::{FixedPoint, Kind, jacobian};
use super::{Plane, Window};

/// Longest and shortest step, ms; between them so that a step moves no farther than a part of the window.
const STEPS: (f64, f64) = (0.1, 1e-5);
const PART: f64 = 1.0 / 400.0;

/// One step of fourth order along the flow (backwards for negative `direction`); the time it took, ms.
fn step(plane: &Plane, (x, y): (f64, f64), direction: f64) -> ((f64, f64), f64) {
    let f = |x: f64, y: f64| (plane.flow)(plane.reset.map_or(x, |r| x.min(r.peak)), y);
    let (wx, wy) = (plane.x.range.1 - plane.x.range.0, plane.y.range.1 - plane.y.range.0);
    let k1 = f(x, y);
    let speed = libm::hypot(k1.0 / wx, k1.1 / wy);
    let h = direction * (PART / speed.max(1e-12)).clamp(STEPS.1, STEPS.0);
    let k2 = f(x + 0.5 * h * k1.0, y + 0.5 * h * k1.1);
    let k3 = f(x + 0.5 * h * k2.0, y + 0.5 * h * k2.1);
    let k4 = f(x + h * k3.0, y + h * k3.1);
    let next = |v: f64, a: f64, b: f64, c: f64, d: f64| v + h / 6.0 * (a + 2.0 * (b + c) + d);
    ((next(x, k1.0, k2.0, k3.0, k4.0), next(y, k1.1, k2.1, k3.1, k4.1)), h.abs())
}

/// The curve from `start` for `ms`, with the resets (a break, as NaN, where one happens). `keep_on` is asked now and then.
pub fn trajectory(plane: &Plane, start: (f64, f64), ms: f64, keep_on: &dyn Fn() -> bool) -> Vec<[f64; 2]> {
    let mut points = vec![[start.0, start.1]];
    let (mut at, mut time) = (start, 0.0);
    while time < ms && points.len() < 400_000 && at.0.is_finite() && at.1.is_finite() {
        if points.len() % 4096 == 0 && !keep_on() {
            break;
        }
        let (next, took) = step(plane, at, 1.0);
        time += took;
        at = next;
        if let Some(reset) = plane.reset.filter(|r| at.0 >= r.peak) {
            points.push([reset.peak, at.1]);
            points.push([f64::NAN, f64::NAN]);
            at = (reset.to, at.1 + reset.jump);
        }
        points.push([at.0, at.1]);
    }
    points
}

/// The two branches along which a saddle is reached: states on one side of them come to rest, on the other side fire.
pub fn separatrices(plane: &Plane, saddle: &FixedPoint, window: Window) -> Vec<Vec<[f64; 2]>> {
    if saddle.kind != Kind::Saddle {
        return Vec::new();
    }
    let j = jacobian(plane, (saddle.x, saddle.y));
    let stable = saddle.eigenvalues[0].0.min(saddle.eigenvalues[1].0);
    // (J − λ) e = 0, by whichever row says more.
    let (ex, ey) = if j[0][1].abs() > 1e-300 { (j[0][1], stable - j[0][0]) } else { (stable - j[1][1], j[1][0]) };
    let (wx, wy) = (window.x.1 - window.x.0, window.y.1 - window.y.0);
    let size = libm::hypot(ex / wx, ey / wy).max(1e-300);
    [1e-4, -1e-4]
        .into_iter()
        .map(|side| {
            let mut at = (saddle.x + side * ex / size, saddle.y + side * ey / size);
            let mut points = vec![[saddle.x, saddle.y], [at.0, at.1]];
            while points.len() < 4000 && window.contains(at) {
                at = step(plane, at, -1.0).0;
                points.push([at.0, at.1]);
            }
            points
        })
        .collect()
}

/// An orbit that closes.
#[derive(Clone, Debug, PartialEq)]
pub struct Cycle {
    /// With breaks (NaN) at resets.
    pub points: Vec<[f64; 2]>,
    /// ms
    pub period: f64,
    /// Spikes on it.
    pub n_spikes: usize,
}

/// Longest time to look for an orbit, ms, and most spikes on one.
const LONGEST: f64 = 4000.0;
const MOST_SPIKES: usize = 8;
/// How exactly an orbit must close, in parts of the range of y.
const CLOSES: f64 = 2e-4;

/// The orbit that the flow settles on from `start`; none when it comes to rest or does not repeat.
pub fn cycle(plane: &Plane, start: (f64, f64), keep_on: &dyn Fn() -> bool) -> Option<Cycle> {
    let tolerance = CLOSES * (plane.y.range.1 - plane.y.range.0).abs();
    let level = 0.5 * (plane.x.range.0 + plane.x.range.1);
    let (mut at, mut time) = (start, 0.0);
    // Marks: y at each spike (after the reset) or, without resets, at each upward crossing of the middle; with time and place in the list.
    let mut marks: Vec<(f64, f64, usize)> = Vec::new();
    let mut points: Vec<[f64; 2]> = Vec::new();
    let mut rounds = 0usize;
    while time < LONGEST && at.0.is_finite() && at.1.is_finite() {
        rounds += 1;
        if rounds.is_multiple_of(4096) && !keep_on() {
            return None;
        }
        let (next, took) = step(plane, at, 1.0);
        let mark = match plane.reset {
            Some(reset) if next.0 >= reset.peak => {
                let part = (reset.peak - at.0) / (next.0 - at.0);
                time += took * part;
                let y = at.1 + (next.1 - at.1) * part + reset.jump;
                points.extend([[reset.peak, y - reset.jump], [f64::NAN, f64::NAN], [reset.to, y]]);
                at = (reset.to, y);
                Some(y)
            }
            Some(_) => None,
            None if at.0 < level && next.0 >= level => Some(at.1 + (next.1 - at.1) * (level - at.0) / (next.0 - at.0)),
            None => None,
        };
        if plane.reset.is_none() || mark.is_none() {
            time += took;
            at = next;
            points.push([at.0, at.1]);
        }
        let Some(y) = mark else { continue };
        marks.push((y, time, points.len()));
        let n = marks.len();
        for spikes in 1..=MOST_SPIKES.min((n - 1) / 2) {
            // Twice round the same way, and not yet earlier.
            let same = (0..spikes).all(|k| (marks[n - 1 - k].0 - marks[n - 1 - k - spikes].0).abs() < tolerance);
            if same {
                let from = marks[n - 1 - spikes];
                let loop_points = points[from.2.saturating_sub(1)..].to_vec();
                return Some(Cycle { points: loop_points, period: time - from.1, n_spikes: spikes });
            }
        }
        if points.len() > 400_000 {
            // Only the last rounds matter.
            let cut = marks[n.saturating_sub(2 * MOST_SPIKES + 1)].2;
            points.drain(..cut);
            marks.iter_mut().for_each(|m| m.2 = m.2.saturating_sub(cut));
        }
    }
    None
}
