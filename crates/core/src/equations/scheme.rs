//! How time is stepped: from slopes to the graph of one whole step, threshold, reset and refractory time included.

use super::graph::{Binary, Graph, Id, Leaf, Unary};
use super::meaning::Meaning;
use std::collections::BTreeMap;

/// Keys of the schemes, in the order of their numbers. `accurate` is number 2 in every model.
pub const SCHEMES: &[&str] = &["exponential_euler", "rk4", "accurate", "euler"];
pub const EXPONENTIAL_EULER: usize = 0;
pub const RK4: usize = 1;
pub const EULER: usize = 3;

/// What a compiled step returns: new state columns (with the steps that a neuron is still refractory last, if it can be), then 1 for a
/// neuron that fires.
pub struct Step {
    pub graph: Graph,
    pub outputs: Vec<Id>,
}

/// The step of `scheme` (none of `accurate`), with or without conductances among the inputs.
pub fn step(meaning: &Meaning, scheme: usize, conductances: bool) -> Step {
    let mut graph = meaning.graph.clone();
    let n = meaning.variables.len();
    let mut slopes = meaning.slopes.clone();
    if !conductances {
        let zero = graph.number(0.0);
        let mut none: BTreeMap<Id, Id> = [Leaf::Conductance, Leaf::Drive].map(|l| (graph.leaf(l), zero)).into();
        slopes = slopes.into_iter().map(|s| graph.substitute(s, &mut none)).collect();
    }
    let old: Vec<Id> = (0..n).map(|i| graph.leaf(Leaf::State(i as u16))).collect();
    let dt = graph.leaf(Leaf::Dt);
    let zero = graph.number(0.0);
    // Who is refractory stands still where the equations say so, and does not fire.
    let wait = meaning.refractory.map(|_| graph.leaf(Leaf::State(n as u16)));
    let held = wait.map(|wait| graph.binary(Binary::Less, zero, wait));
    let keep = |graph: &mut Graph, i: usize, new: Id| match held {
        Some(held) if meaning.variables[i].held => graph.select(held, old[i], new),
        _ => new,
    };
    let mut new = match scheme {
        RK4 => {
            let peak = peak(&mut graph, meaning);
            rk4(&mut graph, &slopes, &old, dt, peak)
        }
        EULER => (0..n).map(|i| ahead(&mut graph, old[i], dt, slopes[i])).collect(),
        _ => exponential(&mut graph, &slopes, &old, dt, &keep),
    };
    let jump = graph.leaf(Leaf::Jump);
    new[0] = graph.add(new[0], jump);
    for (i, x) in new.iter_mut().enumerate() {
        *x = keep(&mut graph, i, *x);
    }
    // Threshold.
    let at = |graph: &mut Graph, x: &[Id], id: Id| {
        let mut with: BTreeMap<Id, Id> = old.iter().copied().zip(x.iter().copied()).collect();
        graph.substitute(id, &mut with)
    };
    let above = at(&mut graph, &new, meaning.above);
    let over = if meaning.strict { Binary::Less } else { Binary::LessOrEqual };
    let mut fires = graph.binary(over, zero, above);
    if meaning.reset.is_none() {
        // Without a reset a spike is the way up through the threshold.
        let under = if meaning.strict { Binary::LessOrEqual } else { Binary::Less };
        let before = graph.binary(under, meaning.above, zero);
        fires = graph.mul(fires, before);
    }
    if let Some(held) = held {
        let one = graph.number(1.0);
        let free = graph.sub(one, held);
        fires = graph.mul(fires, free);
    }
    let mut outputs = new.clone();
    if let Some(reset) = &meaning.reset {
        for (i, to) in reset.iter().enumerate() {
            let to = at(&mut graph, &new, *to);
            outputs[i] = graph.select(fires, to, new[i]);
        }
    }
    if let (Some(wait), Some(time)) = (wait, meaning.refractory) {
        let (half, one) = (graph.number(0.5), graph.number(1.0));
        let steps = graph.binary(Binary::Div, time, dt);
        let rounded = graph.add(steps, half);
        let hold = graph.unary(Unary::Floor, rounded);
        let less = graph.sub(wait, one);
        let rest = graph.binary(Binary::Max, less, zero);
        outputs.push(graph.select(fires, hold, rest));
    }
    outputs.push(fires);
    Step { graph, outputs }
}

fn ahead(graph: &mut Graph, x: Id, h: Id, slope: Id) -> Id {
    let change = graph.mul(slope, h);
    graph.add(x, change)
}

/// The slopes at other states.
fn slopes_at(graph: &mut Graph, slopes: &[Id], old: &[Id], x: &[Id]) -> Vec<Id> {
    let mut with: BTreeMap<Id, Id> = old.iter().copied().zip(x.iter().copied()).collect();
    slopes.iter().map(|s| graph.substitute(*s, &mut with)).collect()
}

/// First all others with the old potential, then the potential with their new values, each as if its equation were linear in itself with the
/// slope it has now: x + h f φ(h ∂f/∂x) with φ(z) = (eᶻ − 1)/z. Exact for gates and leaks with frozen partners, stable at any step there.
fn exponential(graph: &mut Graph, slopes: &[Id], old: &[Id], dt: Id, keep: &dyn Fn(&mut Graph, usize, Id) -> Id) -> Vec<Id> {
    let one = |graph: &mut Graph, i: usize, slope: Id, by: Id| {
        let z = graph.mul(by, dt);
        let factor = graph.unary(Unary::Exprel, z);
        let h = graph.mul(factor, dt);
        ahead(graph, old[i], h, slope)
    };
    let by: Vec<Id> = slopes.iter().enumerate().map(|(i, s)| graph.derivative(*s, Leaf::State(i as u16), &mut BTreeMap::new())).collect();
    let mut new = old.to_vec();
    for i in 1..slopes.len() {
        let x = one(graph, i, slopes[i], by[i]);
        new[i] = keep(graph, i, x);
    }
    let mut with: BTreeMap<Id, Id> = old.iter().copied().zip(new.iter().copied()).skip(1).collect();
    let (slope, by) = (graph.substitute(slopes[0], &mut with), graph.substitute(by[0], &mut with));
    new[0] = one(graph, 0, slope, by);
    new
}

/// The potential at which the neuron is reset, where the threshold is as simple as that.
fn peak(graph: &mut Graph, meaning: &Meaning) -> Option<Id> {
    meaning.reset.as_ref()?;
    let by = graph.derivative(meaning.above, Leaf::State(0), &mut BTreeMap::new());
    let (v, zero) = (graph.leaf(Leaf::State(0)), graph.number(0.0));
    let rest = graph.substitute(meaning.above, &mut BTreeMap::from([(v, zero)]));
    (graph.value(by) == Some(1.0) && graph.is_fixed(rest)).then(|| graph.unary(Unary::Neg, rest))
}

/// Within the step the potential counts as at most its peak: what lies beyond is cut off by the reset, and an exponential or quadratic upswing
/// would carry everything else away with it (Naud et al. 2008).
fn rk4(graph: &mut Graph, slopes: &[Id], old: &[Id], dt: Id, peak: Option<Id>) -> Vec<Id> {
    let (half, sixth, two) = (graph.number(0.5), graph.number(1.0 / 6.0), graph.number(2.0));
    let (half, sixth) = (graph.mul(dt, half), graph.mul(dt, sixth));
    let move_by = |graph: &mut Graph, h: Id, k: &[Id]| -> Vec<Id> {
        let mut x: Vec<Id> = old.iter().zip(k).map(|(x, k)| ahead(graph, *x, h, *k)).collect();
        if let Some(peak) = peak {
            x[0] = graph.binary(Binary::Min, x[0], peak);
        }
        x
    };
    let k1 = slopes.to_vec();
    let x = move_by(graph, half, &k1);
    let k2 = slopes_at(graph, slopes, old, &x);
    let x = move_by(graph, half, &k2);
    let k3 = slopes_at(graph, slopes, old, &x);
    let x = move_by(graph, dt, &k3);
    let k4 = slopes_at(graph, slopes, old, &x);
    (0..old.len())
        .map(|i| {
            let middle = graph.add(k2[i], k3[i]);
            let middle = graph.mul(middle, two);
            let sides = graph.add(k1[i], k4[i]);
            let sum = graph.add(sides, middle);
            ahead(graph, old[i], sixth, sum)
        })
        .collect()
}
