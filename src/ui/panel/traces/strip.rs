//! Draws one strip of traces: axis, threshold, lines and spikes.

use super::super::super::history::spikes::Picked;
use super::super::super::history::traces::{Trace, TraceHistory};
use super::super::super::kept::{Kept, Runs};
use super::super::super::text;
use super::super::super::theme::{SMALL, Theme};
use super::super::super::widgets::axis;
use super::super::super::widgets::plot;
use super::super::super::widgets::time_axis::{GUTTER, TimeScale};
use super::super::common;
use super::lines::{Line, Strip};
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};
use spikeground_core::protocol::Probe;
use spikeground_core::spec::NetworkSpec;

/// Height of the row above each strip: what is shown, and in which colours.
pub const HEAD: f32 = 18.0;
/// Length of the ticks that mark spikes, points.
const TICK: f32 = 5.0;
/// Rows of ticks at most.
const MOST_TICK_ROWS: usize = 4;

/// Where and from what to draw.
pub struct Place<'a> {
    pub painter: &'a Painter,
    pub theme: &'a Theme,
    pub spec: &'a NetworkSpec,
    pub scale: &'a TimeScale,
    pub traces: &'a TraceHistory,
    /// Spikes of the neurons of the lines: list number `Line::neuron`.
    pub spikes: &'a Picked,
    pub kept: &'a Runs,
    pub dt: f64,
    /// Step up to which everything is known.
    pub now: u64,
}

/// Where a strip's values are.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub plot: Rect,
    pub low: f64,
    pub high: f64,
    /// Screen coordinate of `high`: ticks that mark spikes are above it.
    top: f32,
}

impl Frame {
    pub fn new(plot: Rect, low: f64, high: f64, strip: &Strip) -> Self {
        let rows = strip.lines.iter().filter(|l| l.variable.key == "v").count().min(MOST_TICK_ROWS);
        let ticks = if rows > 0 { rows as f32 * (TICK + 1.0) + 3.0 } else { 0.0 };
        Self { plot, low, high, top: (plot.top() + ticks).min(plot.center().y) }
    }

    pub fn y(&self, value: f64) -> f32 {
        let t = ((value - self.low) / (self.high - self.low)).clamp(-10.0, 11.0) as f32;
        self.plot.bottom() - t * (self.plot.bottom() - self.top)
    }
}

/// The colour of a line: its population's where that is clear, else one of the series.
pub fn colour(theme: &Theme, spec: &NetworkSpec, strip: &Strip, line: &Line) -> Color32 {
    let role = |l: &Line| spec.populations.get(l.probe.population).map(|p| p.role);
    let is_clear = strip.lines.iter().enumerate().all(|(i, a)| strip.lines[..i].iter().all(|b| role(a) != role(b)));
    if is_clear {
        return common::colour(theme, spec, line.probe.population);
    }
    let same_neuron = strip.lines.iter().all(|l| l.neuron == line.neuron);
    let i = if same_neuron { strip.lines.iter().position(|l| l == line).unwrap_or(0) } else { line.neuron };
    theme.series(i)
}

/// Height to which a spike is drawn for models that only reset v: the peak where the model has one, else as far above the
/// threshold as the reset is below it. None: the model draws its own spikes.
pub fn spike_top(spec: &NetworkSpec, population: usize) -> Option<f64> {
    let model = &spec.populations.get(population)?.model;
    let get = |key: &str| model.kind.param(key).and_then(|i| model.values.get(i)).copied();
    get("v_peak").or_else(|| {
        let (threshold, reset) = (get("v_th")?, get("v_reset")?);
        Some(threshold + (threshold - reset).abs())
    })
}

fn threshold(spec: &NetworkSpec, population: usize) -> Option<f64> {
    let model = &spec.populations.get(population)?.model;
    model.kind.param("v_th").and_then(|i| model.values.get(i)).copied()
}

/// Smallest and largest value to show: of the data, the threshold, and the drawn spikes.
pub fn extent(at: &Place<'_>, strip: &Strip) -> Option<(f64, f64)> {
    let steps = at.scale.steps(at.dt);
    let mut all: Option<(f64, f64)> = None;
    let mut take = |v: f64| {
        let (low, high) = all.unwrap_or((v, v));
        all = Some((low.min(v), high.max(v)));
    };
    for line in &strip.lines {
        for (kept, trace) in of_kept(at, line) {
            for v in trace.range(at.scale.steps(kept.spec.dt)).into_iter().flat_map(|(low, high)| [low, high]) {
                take(f64::from(v));
            }
        }
        let Some((low, high)) = at.traces.get(&line.probe).and_then(|t| t.range(steps.clone())) else { continue };
        take(f64::from(low));
        take(f64::from(high));
        if line.variable.key != "v" {
            continue;
        }
        let population = line.probe.population;
        if let Some(v) = threshold(at.spec, population).filter(|v| *v < f64::from(high) + 3.0 * f64::from(high - low).max(5.0)) {
            take(v);
        }
        if let Some(top) = spike_top(at.spec, population).filter(|_| !at.spikes.of(line.neuron, steps.clone()).is_empty()) {
            take(top);
        }
    }
    all
}

/// Grid, numbers, symbol and unit.
pub fn axis(at: &Place<'_>, frame: &Frame) {
    let (plot, theme) = (frame.plot, at.theme);
    let grid = Stroke::new(1.0, Theme::mix(theme.plot, theme.hairline, 0.7));
    let ticks = axis::ticks(frame.low, frame.high, f64::from(plot.height() / 30.0).clamp(1.0, 8.0));
    let places = axis::decimals(&ticks);
    for tick in &ticks {
        let y = frame.y(*tick);
        at.painter.hline(plot.x_range(), at.painter.round_to_pixel_center(y), grid);
        let within = y.clamp(plot.top() + 4.0, plot.bottom() - 5.0);
        let words = text::fixed(*tick, places);
        at.painter.text(pos2(plot.left() - 6.0, within), Align2::RIGHT_CENTER, words, FontId::proportional(SMALL), theme.weak);
    }
}

/// What is shown, and in which colours: symbol and unit in the gutter, names over the plot.
pub fn head(at: &Place<'_>, strip: &Strip, frame: &Frame) {
    let (plot, theme) = (frame.plot, at.theme);
    let y = plot.top() - HEAD / 2.0;
    let mut job = egui::text::LayoutJob::default();
    if let Some(variable) = strip.variable() {
        text::append_symbol(&mut job, variable.symbol, SMALL + 1.0, theme.text);
    }
    let unit = if strip.unit().is_empty() { "1" } else { strip.unit() };
    let format = egui::TextFormat { font_id: FontId::proportional(SMALL), color: theme.weak, ..Default::default() };
    job.append(&format!("({unit})"), if job.text.is_empty() { 0.0 } else { 4.0 }, format);
    let galley = at.painter.layout_job(job);
    let left = plot.left() - GUTTER;
    at.painter.galley(pos2(left, y - galley.size().y / 2.0), galley, theme.text);
    let mut x = plot.left();
    for (i, line) in strip.lines.iter().enumerate() {
        let colour = colour(theme, at.spec, strip, line);
        let mut job = egui::text::LayoutJob::default();
        if strip.variable().is_none() {
            text::append_symbol(&mut job, line.variable.symbol, SMALL, theme.text);
            job.append(" ", 0.0, egui::TextFormat::default());
        }
        let name = common::neuron_name(at.spec, line.probe.population, line.probe.neuron);
        let format = egui::TextFormat { font_id: FontId::proportional(SMALL), color: theme.text, ..Default::default() };
        job.append(&name, 0.0, format);
        let galley = at.painter.layout_job(job);
        let width = 14.0 + galley.size().x + 12.0;
        if x + width > plot.right() && i > 0 {
            let rest = format!("+{}", strip.lines.len() - i);
            at.painter.text(pos2(x, y), Align2::LEFT_CENTER, rest, FontId::proportional(SMALL), theme.weak);
            break;
        }
        at.painter.rect_filled(Rect::from_center_size(pos2(x + 5.0, y), vec2(10.0, 3.0)), 1.0, colour);
        at.painter.galley(pos2(x + 14.0, y - galley.size().y / 2.0), galley, theme.text);
        x += width;
    }
}

/// The lines, their thresholds and their spikes.
pub fn draw(at: &Place<'_>, strip: &Strip, frame: &Frame) {
    let painter = at.painter.with_clip_rect(frame.plot.intersect(at.painter.clip_rect()));
    let steps = at.scale.steps(at.dt);
    let mut thresholds: Vec<f64> = Vec::new();
    let mut tick_row = 0;
    for line in &strip.lines {
        let colour = colour(at.theme, at.spec, strip, line);
        let is_v = line.variable.key == "v";
        if is_v && let Some(v) = threshold(at.spec, line.probe.population).filter(|v| !thresholds.contains(v)) {
            thresholds.push(v);
            let y = painter.round_to_pixel_center(frame.y(v));
            let ends = [pos2(frame.plot.left(), y), pos2(frame.plot.right(), y)];
            painter.extend(Shape::dashed_line(&ends, Stroke::new(1.0, at.theme.weak.gamma_multiply(0.8)), 4.0, 4.0));
        }
        for (kept, trace) in of_kept(at, line) {
            let ink = plot::colour(kept.ink(), at.theme);
            trace_line(&painter, at, (trace, kept.spec.dt), frame, Stroke::new(1.0, ink));
        }
        if let Some(trace) = at.traces.get(&line.probe) {
            trace_line(&painter, at, (trace, at.dt), frame, Stroke::new(1.25, colour));
        }
        if is_v {
            let list = at.spikes.of(line.neuron, steps.clone());
            spikes(&painter, at, line, frame, list, tick_row, colour);
            tick_row = (tick_row + 1) % MOST_TICK_ROWS;
        }
    }
    for v in thresholds {
        let y = frame.y(v);
        if y > frame.plot.top() + 14.0 && y < frame.plot.bottom() {
            let galley = painter.layout_job(text::symbol("V_th", SMALL, at.theme.weak));
            let place = pos2(frame.plot.right() - galley.size().x - 5.0, y - galley.size().y - 2.0);
            painter.rect_filled(Rect::from_min_size(place, galley.size()).expand2(vec2(3.0, 0.0)), 3.0, at.theme.plot.gamma_multiply(0.8));
            painter.galley(place, galley, at.theme.weak);
        }
    }
}

/// A small tick at the top for each spike, and the spike itself where the model only resets.
fn spikes(painter: &Painter, at: &Place<'_>, line: &Line, frame: &Frame, steps: &[u64], row: usize, colour: Color32) {
    let top = spike_top(at.spec, line.probe.population);
    let trace = at.traces.get(&line.probe);
    let shift = at.spec.stamp_shift(line.probe.population);
    let y = frame.plot.top() + 1.0 + row as f32 * (TICK + 1.0);
    let mut last = f32::MIN;
    for step in steps.iter().rev().take(3000).filter(|s| **s <= at.now) {
        let x = painter.round_to_pixel_center(at.scale.x(step.saturating_sub(shift) as f64 * at.dt));
        // One a pixel is enough.
        if (x - last).abs() < 0.5 {
            continue;
        }
        last = x;
        painter.vline(x, y..=y + TICK, Stroke::new(1.5, colour));
        let x = painter.round_to_pixel_center(at.scale.x(*step as f64 * at.dt));
        if let (Some(top), Some(v)) = (top, trace.and_then(|t| t.at(*step))) {
            painter.vline(x, frame.y(top.max(f64::from(v)))..=frame.y(f64::from(v)), Stroke::new(1.25, colour));
        }
    }
}

/// What the kept runs on show recorded of the same neuron, wherever its population is there.
pub fn of_kept<'a>(at: &Place<'a>, line: &Line) -> impl Iterator<Item = (&'a Kept, &'a Trace)> {
    let (spec, probe) = (at.spec, line.probe.clone());
    at.kept.shown().filter_map(move |kept| {
        let population = kept.population(spec, probe.population)?;
        Some((kept, kept.memory.traces.get(&Probe { population, ..probe.clone() })?))
    })
}

fn trace_line(painter: &Painter, at: &Place<'_>, (trace, dt): (&Trace, f64), frame: &Frame, stroke: Stroke) {
    let steps = at.scale.steps(dt);
    let points = trace.points(steps.start.saturating_sub(2)..steps.end, at.scale.n as usize);
    let Some(interval) = points.windows(2).map(|w| w[1].step - w[0].step).min() else { return };
    let middle = if interval > 1 { interval as f64 / 2.0 } else { 0.0 };
    let mut run: Vec<Pos2> = Vec::with_capacity(points.len() * 2);
    let mut last = None;
    for p in points {
        if last.is_some_and(|l| p.step - l > interval) {
            flush(painter, &mut run, stroke);
        }
        last = Some(p.step);
        let x = at.scale.x((p.step as f64 + middle) * dt);
        let (low, high) = (frame.y(f64::from(p.min)), frame.y(f64::from(p.max)));
        if (low - high).abs() < 0.3 {
            run.push(pos2(x, low));
        } else {
            // Begin with the end that is nearer to where the line is.
            let nearer_low = run.last().is_none_or(|q| (q.y - low).abs() <= (q.y - high).abs());
            let (first, second) = if nearer_low { (low, high) } else { (high, low) };
            run.push(pos2(x, first));
            run.push(pos2(x, second));
        }
    }
    flush(painter, &mut run, stroke);
}

fn flush(painter: &Painter, run: &mut Vec<Pos2>, stroke: Stroke) {
    let points = std::mem::take(run);
    if points.len() > 1 {
        painter.add(Shape::line(points, stroke));
    } else if let Some(p) = points.first() {
        painter.circle_filled(*p, stroke.width, stroke.color);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::model::neuron;
    use spikeground_core::part::Part;
    use spikeground_core::spec::PopulationSpec;

    #[test]
    fn spikes_are_drawn_where_the_model_only_resets() {
        let mut spec = NetworkSpec::default();
        for key in ["lif", "izhikevich", "hh"] {
            let kind = neuron::ALL.iter().copied().find(|k| k.key == key).expect("a model");
            spec.populations.push(PopulationSpec::new(key, 1, Part::new(kind)));
        }
        // V_th −50, V_reset −65.
        assert_eq!(spike_top(&spec, 0), Some(-35.0));
        assert_eq!(spike_top(&spec, 1), Some(30.0));
        assert_eq!(spike_top(&spec, 2), None, "Hodgkin–Huxley spikes by itself");
        assert_eq!(spike_top(&spec, 9), None);
    }

    #[test]
    fn values_far_outside_stay_drawable() {
        let frame = Frame { plot: Rect::from_min_max(pos2(0.0, 0.0), pos2(100.0, 100.0)), low: -70.0, high: -50.0, top: 0.0 };
        assert_eq!((frame.y(-70.0), frame.y(-50.0)), (100.0, 0.0));
        assert!(frame.y(1e300).is_finite() && frame.y(-1e300).abs() < 2000.0);
    }
}
