//! What is drawn: lines and points that follow a slider at once, and what takes longer, made in the background.

use super::super::super::worker::Stop;
use crate::plot::{Axis, Ink, Item, Pen, Plot, Sign};
use spikeground_core::lab::curve::{self, Cell, Critical};
use spikeground_core::lab::phase::{self, Bifurcation, Cycle, FixedPoint, Kind, Plane, Window};
use spikeground_core::part::Part;

/// Arrows along each side.
const ARROWS: usize = 18;

/// What a scene depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    model: &'static str,
    values: Vec<u64>,
    current: u64,
    window: [u64; 4],
}

impl Key {
    pub fn new(model: &Part, current: f64, window: Window) -> Self {
        let window = [window.x.0, window.x.1, window.y.0, window.y.1].map(f64::to_bits);
        Self { model: model.kind.key, values: model.values.iter().map(|v| v.to_bits()).collect(), current: current.to_bits(), window }
    }
}

impl Key {
    pub fn is_of_the_model_of(&self, other: &Self) -> bool {
        self.model == other.model
    }
}

/// Lines, arrows and fixed points: a fraction of a millisecond's work.
pub struct Scene {
    pub nullclines: [Vec<Vec<[f64; 2]>>; 2],
    pub arrows: Vec<[f64; 4]>,
    pub points: Vec<FixedPoint>,
}

pub fn near(model: &Part, current: f64, window: Window) -> Option<Scene> {
    let plane = phase::plane(model, current)?;
    Some(Scene {
        nullclines: phase::nullclines(&plane, window),
        arrows: phase::field(&plane, window, ARROWS),
        points: phase::fixed_points(&plane, window),
    })
}

/// Asked of the background.
pub struct Question {
    pub model: Part,
    pub current: f64,
    pub window: Window,
    /// Step of the network, ms: for what is said of all equations.
    pub dt: f64,
}

/// What takes longer than a frame.
#[derive(Clone, Debug, Default)]
pub struct Far {
    pub separatrices: Vec<Vec<[f64; 2]>>,
    pub cycle: Option<Cycle>,
    /// By the whole constant current, that of stimuli included.
    pub changes: Vec<Bifurcation>,
    /// Where the plane is an approximation: what happens to the rest of all equations, by the same current.
    pub whole: Vec<Critical>,
}

/// First the separatrix and the orbit, then the currents at which the picture changes.
pub fn far(question: &Question, stop: &Stop, tell: &mut dyn FnMut(Far)) {
    let keep_on = || !stop.is_stopped();
    let Some(plane) = phase::plane(&question.model, question.current) else { return };
    let window = question.window;
    let points = phase::fixed_points(&plane, window);
    let mut far = Far::default();
    for saddle in points.iter().filter(|p| p.kind == Kind::Saddle) {
        far.separatrices.extend(phase::separatrices(&plane, saddle, window));
    }
    let start = match (points.iter().find(|p| !p.kind.is_stable()), plane.reset) {
        (_, Some(reset)) => (reset.to, 0.5 * (window.y.0 + window.y.1)),
        (Some(p), None) => (p.x + 0.02 * (window.x.1 - window.x.0), p.y),
        (None, None) => (0.5 * (window.x.0 + window.x.1), window.y.0),
    };
    far.cycle = phase::cycle(&plane, start, &keep_on);
    tell(far.clone());
    let Some(i_e) = question.model.kind.param("i_e") else { return };
    let range = question.model.kind.params[i_e].slider;
    // The model's own current is swept; what comes from outside stays.
    let of = |current: f64| {
        let model = question.model.clone().with("i_e", current);
        phase::plane(&model, question.current).unwrap_or_else(|| unreachable!("it had a plane before"))
    };
    // Around what the model itself has, and around what it gets altogether.
    let range = (range.0.min(range.0 - question.current), range.1);
    far.changes = phase::bifurcations(&of, range, window, &keep_on);
    far.changes.iter_mut().for_each(|b| b.current += question.current);
    if !keep_on() {
        return;
    }
    tell(far.clone());
    if !plane.approximation.is_empty() {
        let cell = Cell::new(question.model.clone(), question.dt);
        // A model that cannot be followed at this step is left out: the panel says so by saying nothing.
        far.whole = curve::critical(&cell, i_e, &curve::grid(range.0, range.1, 201)).unwrap_or_default();
        if keep_on() {
            tell(far);
        }
    }
}

/// The whole picture.
pub fn plot(plane: &Plane, scene: &Scene, far: Option<&Far>, tail: Vec<[f64; 2]>) -> Plot {
    let label = |key: &str, unit: &str| if unit.is_empty() { key.to_owned() } else { format!("{key} ({unit})") };
    let mut plot =
        Plot::new(Axis::new(label(plane.x.key, plane.x.unit), plane.x.range), Axis::new(label(plane.y.key, plane.y.unit), plane.y.range));
    plot.items.push(Item::Arrows { arrows: scene.arrows.clone(), ink: Ink::Hairline });
    let names = [format!("{}-nullcline", plane.x.key), format!("{}-nullcline", plane.y.key)];
    for ((lines, ink), name) in scene.nullclines.iter().zip([Ink::Excitatory, Ink::Inhibitory]).zip(&names) {
        for line in lines {
            plot = plot.line(line.clone(), Pen::new(ink), name);
        }
    }
    if let Some(far) = far {
        for line in &far.separatrices {
            plot = plot.line(line.clone(), Pen::new(Ink::Warning).thin().dashed(), "separatrix");
        }
        if let Some(cycle) = &far.cycle {
            plot = plot.line(cycle.points.clone(), Pen::new(Ink::Weak).thin(), "orbit");
        }
    }
    let here = tail.last().copied();
    plot = plot.line(tail, Pen::new(Ink::Strong), "");
    for (sign, kinds) in [
        (Sign::Dot, [Kind::StableNode, Kind::StableFocus].as_slice()),
        (Sign::Ring, &[Kind::UnstableNode, Kind::UnstableFocus]),
        (Sign::Cross, &[Kind::Saddle]),
    ] {
        let points: Vec<[f64; 2]> = scene.points.iter().filter(|p| kinds.contains(&p.kind)).map(|p| [p.x, p.y]).collect();
        plot.items.push(Item::Points { points, ink: Ink::Accent, sign, size: 9.0, name: String::new() });
    }
    plot.items.push(Item::Points { points: here.into_iter().collect(), ink: Ink::Strong, sign: Sign::Dot, size: 7.0, name: String::new() });
    plot
}
