//! The phase plane of a neuron with two variables: flow, nullclines, fixed points and their kinds, separatrices, the orbit of firing,
//! and the currents at which the picture changes.
//!
//! Everything is computed from the flow (dx/dt, dy/dt) alone, so that a model needs to state its two equations once. Linear stability after
//! S. H. Strogatz, *Nonlinear Dynamics and Chaos* (1994), §6; for neurons E. M. Izhikevich, *Dynamical Systems in Neuroscience* (2007), §4.

mod bifurcation;
mod contour;
mod fixed;
mod models;
mod orbit;
mod typed;

pub use bifurcation::{Bifurcation, Change, bifurcations};
pub use fixed::{FixedPoint, Kind, fixed_points};
pub use models::plane;
pub use orbit::{Cycle, cycle, separatrices, trajectory};

/// One axis of the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variable {
    /// Key and symbol of the state variable, and its unit.
    pub key: &'static str,
    pub unit: &'static str,
    /// What is worth seeing of it.
    pub range: (f64, f64),
}

/// Where y stands still.
pub enum Rest {
    /// At y = f(x).
    Level(Box<dyn Fn(f64) -> f64 + Send + Sync>),
    /// At this x, whatever y.
    Upright(f64),
}

/// What happens at the spike of a model that resets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reset {
    /// x at which the spike is cut off, and where it goes on.
    pub peak: f64,
    pub to: f64,
    /// What a spike adds to y.
    pub jump: f64,
}

/// A model with two variables at a constant input.
pub struct Plane {
    pub x: Variable,
    pub y: Variable,
    /// (dx/dt, dy/dt) in units a ms.
    pub flow: Box<dyn Fn(f64, f64) -> (f64, f64) + Send + Sync>,
    pub rest: Rest,
    pub reset: Option<Reset>,
    /// What was left out to come down to two variables; empty when nothing was.
    pub approximation: &'static str,
}

/// A rectangle of the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    pub x: (f64, f64),
    pub y: (f64, f64),
}

impl Window {
    fn contains(&self, (x, y): (f64, f64)) -> bool {
        // Curves may leave the picture for a little and come back.
        let near = |v: f64, (a, b): (f64, f64)| v >= a - 0.5 * (b - a) && v <= b + 0.5 * (b - a);
        near(x, self.x) && near(y, self.y)
    }
}

impl Plane {
    /// What is worth seeing.
    pub fn window(&self) -> Window {
        Window { x: self.x.range, y: self.y.range }
    }
}

/// Lines along which x stands still, and along which y does.
pub fn nullclines(plane: &Plane, window: Window) -> [Vec<Vec<[f64; 2]>>; 2] {
    contour::zeros(&plane.flow, window)
}

/// Arrows `[x, y, dx, dy]` on a grid of `n` by `n` places; each as long as its cell, whatever the speed.
pub fn field(plane: &Plane, window: Window, n: usize) -> Vec<[f64; 4]> {
    let (w, h) = ((window.x.1 - window.x.0) / n as f64, (window.y.1 - window.y.0) / n as f64);
    let places = (0..n).flat_map(|i| (0..n).map(move |j| (i as f64 + 0.5, j as f64 + 0.5)));
    let arrow = |(i, j): (f64, f64)| {
        let (x, y) = (window.x.0 + i * w, window.y.0 + j * h);
        let (dx, dy) = (plane.flow)(x, y);
        // Length is measured in the picture, where both axes count alike.
        let speed = libm::hypot(dx / w, dy / h);
        let scale = if speed > 0.0 && speed.is_finite() { 0.6 / speed } else { 0.0 };
        [x, y, dx * scale, dy * scale]
    };
    places.map(arrow).collect()
}
