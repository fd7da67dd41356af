//! The traces as plots, for a file.

use super::super::super::view::ViewCtx;
use super::super::common;
use super::lines::Strip;
use crate::plot::{Axis, Ink, Pen, Plot};

/// Most points a trace is drawn with; beyond, each is the range of a few steps.
const MOST_POINTS: usize = 4000;

/// One plot a strip.
pub fn plots(view: &ViewCtx<'_>, strips: &[Strip]) -> Vec<Plot> {
    let dt = view.status.dt;
    let (low, high) = (view.selection.time_view.left(), view.selection.time_view.right());
    if dt <= 0.0 {
        return Vec::new();
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let steps = (low / dt).max(0.0) as u64..(high / dt).max(0.0) as u64 + 1;
    let one = |strip: &Strip| {
        let mut lines = Vec::new();
        for (i, line) in strip.lines.iter().enumerate() {
            let Some(trace) = view.history.traces.get(&line.probe) else { continue };
            let points = trace.points(steps.clone(), MOST_POINTS);
            let drawn = points.iter().flat_map(|p| {
                let time = p.step as f64 * dt;
                let (a, b) = (f64::from(p.min), f64::from(p.max));
                if p.min.to_bits() == p.max.to_bits() { vec![[time, a]] } else { vec![[time, a], [time, b]] }
            });
            let name = common::neuron_name(view.spec, line.probe.population, line.probe.neuron);
            let ink = if strip.lines.len() == 1 { common::ink(view.spec, line.probe.population) } else { Ink::Series(i) };
            lines.push((drawn.collect::<Vec<_>>(), ink, format!("{name} {}", line.variable.key)));
        }
        let name = strip.variable().map_or("Value", |v| v.key);
        let unit = strip.unit();
        let label = if unit.is_empty() { name.to_owned() } else { format!("{name} ({unit})") };
        let values = lines.iter().flat_map(|l| l.0.iter().map(|p| p[1]));
        let mut plot = Plot::new(Axis::new("Time (ms)", (low, high)), Axis::around(label, values));
        for (points, ink, name) in lines {
            plot = plot.line(points, Pen::new(ink).thin(), &name);
        }
        plot
    };
    strips.iter().map(one).collect()
}
