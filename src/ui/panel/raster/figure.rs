//! The raster and its rates as plots, for a file.

use super::super::super::view::ViewCtx;
use super::super::common;
use super::rate;
use super::rows::{Choice, Rows};
use crate::plot::{Across, Axis, Ink, Item, Pen, Plot, Sign, number};

/// What the panel shows now: marks above, rates below.
pub fn plots(view: &ViewCtx<'_>, choice: Choice) -> Vec<Plot> {
    let (spec, dt) = (view.spec, view.status.dt);
    let (low, high) = (view.selection.time_view.left(), view.selection.time_view.right());
    if spec.n_neurons() == 0 || dt <= 0.0 {
        return Vec::new();
    }
    let rows = Rows::new(spec, choice, &view.selection.neurons, 1.0, 1.0);
    let mut first = 0;
    let mut firsts = Vec::with_capacity(rows.bands.len());
    for band in &rows.bands {
        firsts.push(first);
        first += band.n;
    }
    let mut points = vec![Vec::new(); rows.bands.len()];
    let most_shift = rows.shifts.iter().copied().max().unwrap_or(0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let steps = (low / dt).max(0.0) as u64..((high / dt).max(0.0) as u64).saturating_add(most_shift + 1);
    for (step, id) in view.history.spikes.runs(steps).flat_map(|run| run.iter()) {
        let Some((population, index)) = rows.locate(id) else { continue };
        let Some(band) = rows.bands.iter().position(|b| b.population == population) else { continue };
        let Some(row) = rows.bands[band].row_of(index) else { continue };
        let time = step.saturating_sub(rows.shift(population)) as f64 * dt;
        if (low..=high).contains(&time) {
            points[band].push([time, f64::from(firsts[band] + row) + 0.5]);
        }
    }
    let mut raster = Plot::new(Axis::new("Time (ms)", (low, high)), Axis::new("Neuron", (f64::from(first), 0.0)));
    let size = if first <= 100 { 5.0 } else { 2.0 };
    for ((band, points), start) in rows.bands.iter().zip(points).zip(&firsts) {
        let ink = common::ink(spec, band.population);
        let sign = if first <= 100 { Sign::Bar } else { Sign::Dot };
        raster.items.push(Item::Points { points, ink, sign, size, name: String::new() });
        let name = spec.populations.get(band.population).map_or("–", |p| p.name.as_str());
        raster.y.names.push((f64::from(*start) + 0.5 * f64::from(band.n), name.chars().take(8).collect()));
        if *start > 0 {
            raster.items.push(Item::Rule {
                across: Across::Y,
                at: f64::from(*start),
                pen: Pen::new(Ink::Hairline).thin(),
                name: String::new(),
            });
        }
    }
    raster.share = 2.0;
    if rows.n_shown() < spec.n_neurons() {
        raster.note = format!("{} of {} neurons shown", number::count(rows.n_shown()), number::count(spec.n_neurons()));
    }
    for remark in spec.remarks.iter().filter(|r| (low..=high).contains(&r.at)) {
        let pen = Pen::new(Ink::Accent).thin().dashed();
        raster.items.push(Item::Rule { across: Across::X, at: remark.at, pen, name: remark.text.clone() });
    }
    vec![raster, rates(view, low, high)]
}

fn rates(view: &ViewCtx<'_>, low: f64, high: f64) -> Plot {
    let (bin, lines) = rate::binned(view.spec, &view.history.rates, view.status.dt, (low, high));
    let steps = |line: &Vec<(u64, f64)>| -> Vec<[f64; 2]> {
        line.iter().flat_map(|(b, r)| [[*b as f64 * bin, *r], [(*b + 1) as f64 * bin, *r]]).collect()
    };
    let most = lines.iter().flatten().map(|l| l.1).fold(0.0, f64::max);
    let mut plot = Plot::new(Axis::new("Time (ms)", (low, high)), Axis::around("Rate (Hz)", [0.0, most.max(1.0)]));
    for (p, line) in lines.iter().enumerate() {
        let name = view.spec.populations.get(p).map_or("–", |p| p.name.as_str());
        plot = plot.line(steps(line), Pen::new(common::ink(view.spec, p)), name);
    }
    plot.note = format!("spikes a second and neuron, bins of {} ms", number::number(bin, 3));
    plot
}
