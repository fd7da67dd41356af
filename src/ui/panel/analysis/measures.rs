//! Asking a measure of the core for every group of neurons, and turning what it reports into plots and words.

use super::super::super::text;
use super::super::super::worker::Stop;
use super::question::{Answer, Question, Result, Shown};
use crate::plot::colormap::Map;
use crate::plot::{Axis, Ink, Item, Pen, Picture, Plot, Sign};
use spikeground_core::analysis::{self, Curve, Input, Matrix, Points, Report, Signal, Style, Value, Weights, correlogram};
use std::time::{Duration, Instant};

/// Plots of one measure at most: more would be too small to read.
const MOST_PLOTS: usize = 3;
/// Between two looks at unfinished work.
const LOOK: Duration = Duration::from_millis(150);

/// Answers a question: the worker's whole work. What takes long is shown as far as it is.
pub fn answer(question: &Question, stop: &Stop, tell: &mut dyn FnMut(Answer)) {
    let mut last = Instant::now();
    let mut told = |reports: &[(usize, Report)], done: f64| {
        let result = shown(question, reports);
        tell(Answer { measure: question.measure.key, about: about(question, reports, done), result });
    };
    match reports(question, &mut |so_far, done| {
        if !so_far.is_empty() && last.elapsed() > LOOK {
            last = Instant::now();
            told(so_far, done);
        }
        !stop.is_stopped()
    }) {
        Ok(Some(reports)) => {
            let mut result = shown(question, &reports);
            for (name, _, kept) in &question.kept {
                // A measure of a signal has none of a kept run.
                let Ok(Some(reports)) = self::reports(kept, &mut |_, _| !stop.is_stopped()) else { continue };
                if let (Ok(result), Ok(other)) = (&mut result, shown(kept, &reports)) {
                    overlay(result, other, name);
                }
            }
            tell(Answer { measure: question.measure.key, about: about(question, &reports, 1.0), result });
        }
        Ok(None) => {}
        Err(why) => tell(Answer { measure: question.measure.key, about: question.about(), result: Err(why) }),
    }
}

/// Hears the reports so far and how much is done; says whether to go on.
type Look<'a> = &'a mut dyn FnMut(&[(usize, Report)], f64) -> bool;

/// The report of each group, by its index; none when nobody waits any more.
fn reports(q: &Question, look: Look<'_>) -> std::result::Result<Option<Vec<(usize, Report)>>, String> {
    let trains = q.trains()?;
    let signals: Vec<Signal<'_>> =
        q.signals.iter().map(|s| Signal { name: &s.name, unit: &s.unit, start: s.start, step: q.dt, values: &s.values }).collect();
    let weights = q.weights.as_ref().map(|w| Weights { values: &w.values, unit: &w.unit, bounds: w.bounds });
    // Two groups are set against each other where a measure knows how.
    let against = if *q.measure == correlogram::CROSS && trains.len() == 2 { trains.get(1) } else { None };
    let n = if against.is_some() { 1 } else { trains.len() };
    let mut all: Vec<(usize, Report)> = Vec::new();
    for (g, own) in trains.iter().enumerate().take(n) {
        let input = Input { others: against, onsets: &q.onsets, signals: &signals, weights, ..Input::new(own) };
        let before = all.clone();
        let report = q.measure.of(&input, &q.params, &mut |done, so_far| {
            let mut known = before.clone();
            known.extend(so_far.map(|r| (g, r.clone())));
            look(&known, (g as f64 + done) / n as f64)
        });
        let Some(report) = report else { return Ok(None) };
        all.push((g, report));
        if !look(&[], 0.0) {
            return Ok(None);
        }
    }
    Ok(Some(all))
}

/// Whose spikes, how many samples, what to mind.
fn about(q: &Question, reports: &[(usize, Report)], done: f64) -> String {
    let n: u64 = reports.iter().map(|r| r.1.n).sum();
    let mut words = format!("{} · n = {} {}", q.about(), text::count(n), q.measure.samples);
    if done < 1.0 {
        words = format!("{:.0} % · {words}", done * 100.0);
    }
    let mut notes: Vec<&str> = reports.iter().map(|r| r.1.note.as_str()).filter(|n| !n.is_empty()).collect();
    notes.dedup();
    for note in notes {
        words = format!("{words} · {note}");
    }
    words
}

fn shown(q: &Question, reports: &[(usize, Report)]) -> Result {
    let mut shown = Shown::default();
    let mut named: Vec<(String, Plot)> = Vec::new();
    let mut missing: Vec<String> = Vec::new();
    for (g, report) in reports {
        let group = &q.groups[*g];
        let name = |part: &str| match (reports.len(), part) {
            (1, "") => q.measure.name.to_owned(),
            (1, part) => part.to_owned(),
            (_, "") => group.name.clone(),
            (_, part) => format!("{} {}", group.name, inner(part)),
        };
        for part in &report.parts {
            match &part.value {
                Value::Scalar { value, unit, .. } => {
                    shown.readings.push((name(&part.name), text::with_unit(&text::number(*value, 4), unit)));
                }
                Value::Words { words } => shown.readings.push((name(&part.name), words.clone())),
                Value::Undefined { because } => {
                    missing.push(because.clone());
                    if !part.name.is_empty() {
                        shown.readings.push((name(&part.name), format!("not defined, because {because}")));
                    }
                }
                Value::Table(t) => {
                    for row in t.rows.iter().take(12) {
                        let cells: Vec<String> = t.columns.iter().zip(row).map(|(c, x)| format!("{} {x}", c.name)).collect();
                        shown.readings.push((name(&part.name), cells.join(", ")));
                    }
                }
                Value::Curve(c) => match named.iter_mut().find(|(n, _)| *n == part.name) {
                    Some((_, plot)) => {
                        let other = curve(c, group.ink, &group.name);
                        (plot.y.low, plot.y.high) = (plot.y.low.min(other.y.low), plot.y.high.max(other.y.high));
                        (plot.x.low, plot.x.high) = (plot.x.low.min(other.x.low), plot.x.high.max(other.x.high));
                        plot.items.extend(other.items);
                    }
                    None => named.push((part.name.clone(), curve(c, group.ink, if reports.len() > 1 { &group.name } else { "" }))),
                },
                Value::Matrix(m) => named.push((name(&part.name), matrix(m))),
                Value::Points(p) => named.extend(points(p, group.ink, &group.name).map(|plot| (name(&part.name), plot))),
            }
        }
    }
    let titled = named.len() > 1;
    shown.plots = named
        .into_iter()
        .take(MOST_PLOTS)
        .map(|(name, plot)| Plot { title: if titled && name != q.measure.name { name } else { String::new() }, ..plot })
        .collect();
    if shown.plots.is_empty() && shown.readings.is_empty() {
        missing.dedup();
        return Err(if missing.is_empty() { "there is nothing to measure".into() } else { missing.join("; ") });
    }
    Ok(shown)
}

/// Lays what a kept run gave over the present: lines and points in the same axes, bars as outlines, numbers behind its name.
fn overlay(shown: &mut Shown, other: Shown, run: &str) {
    for (plot, theirs) in shown.plots.iter_mut().zip(other.plots) {
        if plot.picture().is_some() || plot.x.label != theirs.x.label {
            continue;
        }
        for item in &mut plot.items {
            if let Item::Line { name, .. } | Item::Points { name, .. } | Item::Bars { name, .. } = item
                && name.is_empty()
            {
                *name = "present".into();
            }
        }
        (plot.y.low, plot.y.high) = (plot.y.low.min(theirs.y.low), plot.y.high.max(theirs.y.high));
        (plot.x.low, plot.x.high) = (plot.x.low.min(theirs.x.low), plot.x.high.max(theirs.x.high));
        let named = |name: &str| if name.is_empty() { run.to_owned() } else { format!("{run} {name}") };
        // Groups of a run share its colour: all but the first are dashed.
        plot.items.extend(theirs.items.into_iter().enumerate().filter_map(|(i, item)| match item {
            Item::Line { points, pen, name } => Some(Item::Line { points, pen: Pen { dashed: i > 0, ..pen.thin() }, name: named(&name) }),
            Item::Points { points, ink, size, name, .. } => Some(Item::Points { points, ink, sign: Sign::Ring, size, name: named(&name) }),
            Item::Bars { edges, heights, ink, name } => {
                let points = heights.iter().enumerate().flat_map(|(k, h)| [[edges[k], *h], [edges[k + 1], *h]]).collect();
                Some(Item::Line { points, pen: Pen { dashed: i > 0, ..Pen::new(ink) }, name: named(&name) })
            }
            _ => None,
        }));
    }
    shown.readings.extend(other.readings.into_iter().map(|(name, value)| (format!("{run}: {}", inner(&name)), value)));
}

/// A name inside a line: without its capital, unless it is an abbreviation.
fn inner(name: &str) -> String {
    let mut letters = name.chars();
    match (letters.next(), letters.next()) {
        (Some(a), Some(b)) if a.is_uppercase() && b.is_lowercase() => a.to_lowercase().chain(name.chars().skip(1)).collect(),
        _ => name.to_owned(),
    }
}

fn low(xs: &[f64]) -> f64 {
    xs.iter().copied().fold(f64::INFINITY, f64::min)
}

fn high(xs: &[f64]) -> f64 {
    xs.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// An axis from the first to the last value, as the measure wants it drawn.
fn axis(a: &analysis::Axis, xs: &[f64]) -> Axis {
    let (from, to) = (low(xs), high(xs));
    let ends = if from < to { (from, to) } else { (from - 0.5, from + 0.5) };
    let axis = Axis::new(a.label(), if ends.0.is_finite() { ends } else { (0.0, 1.0) });
    if a.log { axis.logarithmic() } else { axis }
}

fn curve(c: &Curve, ink: Ink, name: &str) -> Plot {
    let zero = (c.style == Style::Bars).then_some(0.0);
    let mut y = Axis::around(c.y.label(), c.ys.iter().copied().chain(zero));
    if c.y.log {
        let least = c.ys.iter().copied().filter(|v| *v > 0.0).fold(f64::INFINITY, f64::min);
        y.low = if least.is_finite() { least } else { y.low };
        y = y.logarithmic();
    }
    let mut x = axis(&c.x, &c.xs);
    if x.log {
        x.low = c.xs.iter().copied().filter(|v| *v > 0.0).fold(x.high, f64::min);
    }
    Plot::new(x, y).with(curve_item(c, ink, name))
}

fn curve_item(c: &Curve, ink: Ink, name: &str) -> Item {
    match c.style {
        Style::Bars => Item::Bars { edges: c.xs.clone(), heights: c.ys.clone(), ink, name: name.into() },
        Style::Line => {
            let points = c.xs.iter().zip(&c.ys).map(|(x, y)| [*x, *y]).collect();
            Item::Line { points, pen: Pen::new(ink), name: name.into() }
        }
    }
}

/// The ends of cells whose middles lie at `xs`.
fn cells(xs: &[f64]) -> (f64, f64) {
    match xs {
        [] => (0.0, 1.0),
        [one] => (one - 0.5, one + 0.5),
        [a, .., b] => {
            let half = 0.5 * (b - a) / (xs.len() - 1) as f64;
            (a - half, b + half)
        }
    }
}

fn matrix(m: &Matrix) -> Plot {
    let ((left, right), (bottom, top)) = (cells(&m.xs), cells(&m.ys));
    let cols = m.xs.len().max(1);
    // Row 0 of a picture is on top.
    let values: Vec<f32> = m.values.chunks(cols).rev().flatten().map(|v| *v as f32).collect();
    let (least, most) =
        values.iter().filter(|v| v.is_finite()).fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
    let signed = least < 0.0;
    let most = most.abs().max(least.abs()).max(f32::MIN_POSITIVE);
    let range = if signed { (-most, most) } else { (0.0, most) };
    let map = if signed { Map::Signed } else { Map::Viridis };
    let picture = Picture { left, right, top, bottom, cols, values, range, map, label: m.z.label() };
    Plot::new(Axis::new(m.x.label(), (left, right)), Axis::new(m.y.label(), (bottom, top))).with(Item::Picture(picture))
}

/// The first two dimensions.
fn points(p: &Points, ink: Ink, name: &str) -> Option<Plot> {
    let ([x, y, ..], [xs, ys, ..]) = (p.axes.as_slice(), p.columns.as_slice()) else { return None };
    let at: Vec<[f64; 2]> = xs.iter().zip(ys).map(|(x, y)| [*x, *y]).collect();
    let around = |a: &analysis::Axis, values: &[f64]| {
        let axis = Axis::around(a.label(), values.iter().copied());
        if a.log { Axis { low: values.iter().copied().filter(|v| *v > 0.0).fold(axis.high, f64::min), ..axis }.logarithmic() } else { axis }
    };
    let last = at.last().copied();
    let item = if p.joined {
        Item::Line { points: at, pen: Pen::new(ink).thin(), name: name.into() }
    } else {
        Item::Points { points: at, ink, sign: Sign::Dot, size: 2.0, name: name.into() }
    };
    let mut plot = Plot::new(around(x, xs), around(y, ys)).with(item);
    if let (true, Some(now)) = (p.joined, last) {
        plot.items.push(Item::Points { points: vec![now], ink: Ink::Strong, sign: Sign::Dot, size: 4.0, name: String::new() });
    }
    Some(plot)
}

#[cfg(test)]
mod tests {
    use super::super::question::Group;
    use super::*;
    use spikeground_core::protocol::Spike;

    /// Two neurons a group, regular with some jitter.
    fn question(measure: &'static analysis::Measure) -> Question {
        let mut history = crate::ui::history::spikes::SpikeHistory::with_capacity(1 << 16);
        let mut spikes: Vec<Spike> = (0..4u32)
            .flat_map(|id| {
                (0..200u64).map(move |k| Spike { step: 100 * k + u64::from(id) * 17 + (k * k * 7) % 23 + 1, neuron: id, early: 0.0 })
            })
            .collect();
        spikes.sort_by_key(|s| s.step);
        history.extend(&spikes);
        let group = |name: &str, ids: [u32; 2]| Group { name: name.into(), ink: Ink::Series(0), ids: ids.to_vec(), shift: 0 };
        Question {
            measure,
            params: measure.defaults(),
            groups: vec![group("A", [0, 1]), group("B", [2, 3])],
            spikes: history.snapshot(0..30_000),
            dt: 0.1,
            window: (0.0, 2000.0),
            onsets: vec![500.0, 1000.0, 1500.0],
            signals: vec![super::super::question::Recorded {
                name: "i".into(),
                unit: "pA".into(),
                start: 0.1,
                values: (0..20_000).map(|k| f64::from(k % 100)).collect(),
            }],
            weights: Some(super::super::question::Synapses { values: vec![0.1, 0.5, 0.9], unit: "pA".into(), bounds: Some((0.0, 1.0)) }),
            kept: Vec::new(),
        }
    }

    #[test]
    fn every_measure_gives_a_plot_or_numbers() {
        for measure in analysis::ALL {
            let mut last = None;
            answer(&question(measure), &Stop::never(), &mut |a| last = Some(a));
            let last = last.expect("answered");
            let shown = last.result.unwrap_or_else(|why| panic!("{}: {why}", measure.key));
            assert!(!shown.plots.is_empty() || !shown.readings.is_empty(), "{}", measure.key);
            for plot in &shown.plots {
                let whole = |a: &Axis| a.low.is_finite() && a.high.is_finite() && a.low != a.high && (!a.log || a.low > 0.0);
                assert!(whole(&plot.x) && whole(&plot.y), "{}: {:?} {:?}", measure.key, plot.x, plot.y);
            }
        }
    }

    #[test]
    fn a_kept_run_is_laid_over_the_present_in_every_measure_that_has_lines() {
        for measure in analysis::ALL.iter().filter(|m| m.takes != analysis::Takes::Signal) {
            let alone = last(&question(measure));
            let mut both = question(measure);
            both.kept = vec![("Run 1".into(), Ink::Series(4), question(measure))];
            let both = last(&both);
            assert_eq!(alone.plots.len(), both.plots.len(), "{}", measure.key);
            assert_eq!(alone.readings.len() * 2, both.readings.len(), "{}", measure.key);
            for (a, b) in alone.plots.iter().zip(&both.plots).filter(|(a, _)| a.picture().is_none()) {
                assert!(b.items.len() > a.items.len(), "{}", measure.key);
                assert!(b.legend().iter().any(|l| l.0.starts_with("Run 1")), "{}", measure.key);
            }
        }
    }

    fn last(q: &Question) -> Shown {
        let mut last = None;
        answer(q, &Stop::never(), &mut |a| last = Some(a));
        last.expect("answered").result.expect("defined")
    }

    #[test]
    fn nothing_to_measure_says_why() {
        for measure in analysis::ALL {
            let empty = Question {
                groups: vec![Group { ids: vec![9], ..question(measure).groups[0].clone() }],
                weights: None,
                ..question(measure)
            };
            let mut last = None;
            answer(&empty, &Stop::never(), &mut |a| last = Some(a));
            if let Some(Answer { result: Err(why), .. }) = last {
                assert!(!why.is_empty() && !why.contains("NaN"), "{}: {why}", measure.key);
            }
        }
    }
}
