//! What a sweep says, as plots: a curve with its spread over one parameter, a map over two, dots for seeds alone.

use super::super::common;
use crate::plot::colormap::Map;
use crate::plot::{Across, Axis, Ink, Item, Pen, Picture, Plot, Sign};
use spikeground_core::sweep::{Cell, Knob, Plan, Row, Run, Spread, summarise};

/// The values that the knobs have in the network on screen.
pub type Now = Vec<f64>;

/// One plot a measure.
pub fn plots(plan: &Plan, runs: &[Run], now: &Now) -> Vec<Plot> {
    let rows = summarise(plan, runs);
    let of = |m: usize| match plan.knobs.as_slice() {
        [] => dots(plan, runs, m),
        [knob] => curve(plan, knob, &rows, m, now),
        [x, y, ..] => map(plan, (x, y), &rows, m, now),
    };
    (0..plan.measures.len()).map(of).collect()
}

/// Numbers of all seeds in words: mean ± sd for each population and measure.
pub fn words(plan: &Plan, runs: &[Run]) -> Vec<String> {
    let rows = summarise(plan, runs);
    let line = |row: &Row| {
        let name = &plan.spec.populations[plan.populations[row.population]].name;
        let of = |(m, spread): (usize, &Spread)| {
            let measure = plan.measures[m].measure;
            match spread {
                Spread::Numbers { mean, sd, n } => {
                    let sd = sd.map_or_else(String::new, |sd| format!(" ± {}", crate::plot::number::number(sd, 3)));
                    let number = crate::plot::number::with_unit(&format!("{}{sd}", crate::plot::number::number(*mean, 4)), measure.unit);
                    format!("{} {number} (n = {n})", measure.name)
                }
                Spread::Words { words, times, n } => format!("{}: {words} ({times} of {n})", measure.name),
                Spread::Undefined(because) => format!("{}: not defined, because {because}", measure.name),
            }
        };
        format!("{name}: {}", row.measures.iter().enumerate().map(of).collect::<Vec<_>>().join(" · "))
    };
    rows.iter().filter(|r| r.point == 0).map(line).collect()
}

fn label(name: &str, unit: &str) -> String {
    if unit.is_empty() { name.to_owned() } else { format!("{name} ({unit})") }
}

fn label_of(knob: &Knob) -> String {
    label(&knob.name, knob.unit)
}

fn ink(plan: &Plan, population: usize) -> Ink {
    common::ink(&plan.spec, plan.populations[population])
}

/// Mean and standard deviation over the seeds.
fn number(spread: &Spread) -> Option<(f64, f64)> {
    if let Spread::Numbers { mean, sd, .. } = spread { Some((*mean, sd.unwrap_or(0.0))) } else { None }
}

fn dots(plan: &Plan, runs: &[Run], m: usize) -> Plot {
    let measure = plan.measures[m].measure;
    let mut all = Vec::new();
    for (p, population) in plan.populations.iter().enumerate() {
        let value = |run: &Run| match run.cells.get(p).and_then(|c| c.get(m)) {
            Some(Cell::Number { value, .. }) => Some([run.seed.wrapping_sub(plan.spec.seed) as f64, *value]),
            _ => None,
        };
        let points: Vec<[f64; 2]> = runs.iter().filter_map(value).collect();
        all.push((points, ink(plan, p), plan.spec.populations[*population].name.clone()));
    }
    let values = all.iter().flat_map(|a| a.0.iter().map(|p| p[1]));
    let n = plan.seeds.len() as f64;
    let x = Axis::new(format!("Seed − {}", plan.spec.seed), (-0.5, n - 0.5)).counting();
    let mut plot = Plot::new(x, Axis::around(label(measure.name, measure.unit), values));
    for (points, ink, name) in all {
        plot.items.push(Item::Points { points, ink, sign: Sign::Dot, size: 4.0, name });
    }
    plot
}

fn curve(plan: &Plan, knob: &Knob, rows: &[Row], m: usize, now: &Now) -> Plot {
    let measure = plan.measures[m].measure;
    let mut items = Vec::new();
    let mut ends = Vec::new();
    for (p, population) in plan.populations.iter().enumerate() {
        let of = |row: &Row| number(&row.measures[m]).map(|(mean, sd)| [knob.values[row.point], mean, sd]);
        let mut points: Vec<[f64; 3]> = rows.iter().filter(|r| r.population == p).filter_map(of).collect();
        points.sort_by(|a, b| a[0].total_cmp(&b[0]));
        ends.extend(points.iter().flat_map(|[_, mean, sd]| [mean - sd, mean + sd]));
        let ink = ink(plan, p);
        items.push(Item::Band { points: points.iter().map(|[x, mean, sd]| [*x, mean - sd, mean + sd]).collect(), ink });
        let name = plan.spec.populations[*population].name.clone();
        let line: Vec<[f64; 2]> = points.iter().map(|[x, mean, _]| [*x, *mean]).collect();
        if line.len() < 60 {
            items.push(Item::Points { points: line.clone(), ink, sign: Sign::Dot, size: 3.0, name: String::new() });
        }
        items.push(Item::Line { points: line, pen: Pen::new(ink), name });
    }
    let (low, high) = knob.values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
    let ends_of_x = if low < high { (low, high) } else { (low - 0.5, low + 0.5) };
    let mut plot = Plot::new(Axis::new(label_of(knob), ends_of_x), Axis::around(label(measure.name, measure.unit), ends));
    plot.items = items;
    if let Some(at) = now.first().filter(|v| (low..=high).contains(v)) {
        plot.items.push(Item::Rule { across: Across::X, at: *at, pen: Pen::new(Ink::Strong).thin().dashed(), name: "present".into() });
    }
    if plan.seeds.len() > 1 {
        plot.note = format!("mean ± sd over {} seeds", plan.seeds.len());
    }
    plot
}

/// Of the first population that is measured.
fn map(plan: &Plan, (x, y): (&Knob, &Knob), rows: &[Row], m: usize, now: &Now) -> Plot {
    let measure = plan.measures[m].measure;
    let (cols, n_rows) = (x.values.len(), y.values.len());
    let mut values = vec![f32::NAN; cols * n_rows];
    for row in rows.iter().filter(|r| r.population == 0) {
        // The last knob moves fastest; row 0 of a picture is on top.
        let (i, k) = (row.point / n_rows, row.point % n_rows);
        values[(n_rows - 1 - k) * cols + i] = number(&row.measures[m]).map_or(f32::NAN, |v| v.0 as f32);
    }
    let half = |v: &[f64]| if v.len() > 1 { 0.5 * (v[v.len() - 1] - v[0]) / (v.len() - 1) as f64 } else { 0.5 };
    let span = |v: &[f64]| (v[0] - half(v), v[v.len() - 1] + half(v));
    let ((left, right), (bottom, top)) = (span(&x.values), span(&y.values));
    let known = values.iter().filter(|v| v.is_finite());
    let (low, high) = known.fold((0.0f32, f32::MIN_POSITIVE), |(a, b), v| (a.min(*v), b.max(*v)));
    let name = &plan.spec.populations[plan.populations[0]].name;
    let picture = Picture {
        left,
        right,
        top,
        bottom,
        cols,
        values,
        range: (low, high),
        map: Map::Viridis,
        label: format!("{name}: {}", label(measure.name, measure.unit)),
    };
    let mut plot = Plot::new(Axis::new(label_of(x), (left, right)), Axis::new(label_of(y), (bottom, top))).with(Item::Picture(picture));
    if let [a, b] = now[..] {
        plot.items.push(Item::Points { points: vec![[a, b]], ink: Ink::Strong, sign: Sign::Ring, size: 5.0, name: "present".into() });
    }
    plot
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::analysis;
    use spikeground_core::sweep::{Measured, knob, range, run};

    fn plan(knobs: &[(&str, usize)], seeds: Vec<u64>) -> Plan {
        let spec = crate::ui::library::preset("lif-single").expect("a preset");
        let name = spec.populations[0].name.clone();
        let knobs = knobs.iter().map(|(key, n)| {
            let first = if *key == "i_e" { 300.0 } else { 10.0 };
            knob(&spec, &format!("{name}.{key}"), range(first, first * 2.0, *n)).expect("a parameter")
        });
        let measures = ["rate", "cv"].map(|k| Measured::new(analysis::find(k).expect("a measure"))).to_vec();
        Plan { knobs: knobs.collect(), seeds, ms: 300.0, settle: 0.0, measures, populations: vec![0], spec }
    }

    #[test]
    fn seeds_one_knob_and_two_knobs_each_have_their_plot() {
        for (knobs, seeds) in [(vec![], vec![1, 2, 3]), (vec![("i_e", 4)], vec![1]), (vec![("i_e", 3), ("tau_m", 2)], vec![1])] {
            let plan = plan(&knobs, seeds);
            let runs = run(&plan, 1, &|_| true);
            let all = plots(&plan, &runs, &plan.knobs.iter().map(|k| k.values[0]).collect());
            assert_eq!(all.len(), 2);
            assert!(all.iter().all(|p| !p.items.is_empty() && p.x.low < p.x.high && p.y.low < p.y.high), "{knobs:?}");
        }
    }

    #[test]
    fn a_map_has_the_first_parameter_to_the_right_and_the_second_upwards() {
        let plan = plan(&[("i_e", 3), ("tau_m", 2)], vec![1]);
        let runs = run(&plan, 1, &|_| true);
        let plot = &plots(&plan, &runs, &Vec::new())[0];
        let picture = plot.picture().expect("a map");
        let at = |i: f64, tau: f64| picture.at(i, tau).expect("a cell");
        let rows = summarise(&plan, &runs);
        for (point, values) in plan.points().iter().enumerate() {
            let mean = number(&rows[point].measures[0]).expect("a rate").0;
            assert_eq!(at(values[0], values[1]), mean as f32);
        }
        assert!(at(600.0, 20.0) > at(300.0, 20.0), "more current, more spikes");
    }
}
