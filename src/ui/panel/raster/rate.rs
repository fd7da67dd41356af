//! The population rates under the raster: spikes a second and neuron, in bins, on the same time axis.

use super::super::super::history::rates::RateHistory;
use super::super::super::kept::Runs;
use super::super::super::text;
use super::super::super::theme::{SMALL, Theme};
use super::super::super::widgets::auto_range::AutoRange;
use super::super::super::widgets::axis;
use super::super::super::widgets::plot;
use super::super::super::widgets::time_axis::{self, TimeScale};
use super::super::common;
use egui::{Align2, Color32, FontId, Mesh, Painter, Rect, Shape, Stroke, pos2};
use spikeground_core::spec::NetworkSpec;

/// Bins across the plot, about: fewer for small populations, where a fine bin holds a spike or none.
fn n_bins(smallest: u32) -> f64 {
    match smallest {
        0..5 => 12.0,
        5..50 => 30.0,
        _ => 80.0,
    }
}

/// The rate strip.
#[derive(Default)]
pub struct RateStrip {
    range: AutoRange,
}

/// What the strip needs to know.
pub struct Place<'a> {
    pub painter: &'a Painter,
    pub theme: &'a Theme,
    pub spec: &'a NetworkSpec,
    pub plot: Rect,
    pub scale: &'a TimeScale,
    pub dt: f64,
    /// Wall time, seconds.
    pub wall: f64,
}

/// Width of a bin in base bins: 1, 2 or 5 × 10ⁿ, so that about `n` cover the window.
fn bin_width(span: f64, n: f64, base: f64) -> u64 {
    (axis::step_125(span / n / base.max(1e-9) * 0.999).round().max(1.0)) as u64
}

/// Width of a bin, ms, and for each population (number of the bin, rate in Hz) over the times `low..high`, ms.
pub fn binned(spec: &NetworkSpec, rates: &RateHistory, dt: f64, (low, high): (f64, f64)) -> (f64, Vec<Vec<(u64, f64)>>) {
    let base = rates.width() as f64 * dt;
    let wide = bin_width(high - low, n_bins(spec.populations.iter().map(|p| p.size).min().unwrap_or(0)), base);
    let bin = wide as f64 * base;
    if bin <= 0.0 {
        return (bin, Vec::new());
    }
    let bins = (low / bin).floor().max(0.0) as u64..(high / bin).ceil().max(0.0) as u64 + 1;
    let line = |p: usize| {
        let per_neuron = f64::from(spec.populations[p].size.max(1)) * bin / 1000.0;
        bins.clone().filter_map(|b| rates.count(p, b, wide).map(|n| (b, n as f64 / per_neuron))).collect()
    };
    (bin, (0..spec.populations.len()).map(line).collect())
}

impl RateStrip {
    /// Draws the rates and returns the bin, ms.
    pub fn draw(&mut self, at: &Place<'_>, rates: &RateHistory, kept: &Runs) -> f64 {
        let (bin, lines) = binned(at.spec, rates, at.dt, at.scale.times());
        if bin <= 0.0 {
            return bin;
        }
        let others: Vec<_> = kept.shown().map(|k| (k, binned(&k.spec, &k.memory.rates, k.spec.dt, at.scale.times()))).collect();
        let all = lines.iter().chain(others.iter().flat_map(|o| &o.1.1));
        let most = all.flatten().map(|l| l.1).fold(0.0, f64::max);
        let top = self.range.update(0.0, most.max(0.999), at.wall).1;
        axis(at, top, bin);
        let y = |rate: f64| at.plot.bottom() - (rate / top) as f32 * (at.plot.height() - 2.0);
        let painter = at.painter.with_clip_rect(at.plot.intersect(at.painter.clip_rect()));
        for (run, (bin, lines)) in &others {
            for line in lines {
                step_line(&painter, at, line, *bin, &y, plot::colour(run.ink(), at.theme), false);
            }
        }
        for (p, line) in lines.iter().enumerate() {
            let colour = common::colour(at.theme, at.spec, p);
            step_line(&painter, at, line, bin, &y, colour, lines.len() == 1);
        }
        bin
    }

    /// Rates at a time: one line a population.
    pub fn at_time(
        &self,
        spec: &NetworkSpec,
        theme: &Theme,
        rates: &RateHistory,
        time: f64,
        bin: f64,
        dt: f64,
    ) -> Vec<(Option<Color32>, String)> {
        let base = rates.width() as f64 * dt;
        if bin <= 0.0 || base <= 0.0 || time < 0.0 {
            return Vec::new();
        }
        let wide = (bin / base).round() as u64;
        let number = (time / bin) as u64;
        let populations = spec.populations.iter().enumerate();
        populations
            .filter_map(|(p, population)| {
                let count = rates.count(p, number, wide)?;
                let rate = count as f64 / (f64::from(population.size.max(1)) * bin / 1000.0);
                let words = format!("{}  {}", population.name, text::with_unit(&text::number(rate, 3), "Hz"));
                Some((Some(common::colour(theme, spec, p)), words))
            })
            .collect()
    }
}

/// Grid, numbers, unit and bin.
fn axis(at: &Place<'_>, top: f64, bin: f64) {
    let font = FontId::proportional(SMALL);
    let left = at.plot.left() - time_axis::GUTTER;
    let words = format!("bin {}", time_axis::duration(bin));
    at.painter.text(pos2(left, at.plot.top()), Align2::LEFT_TOP, "Rate (Hz)", font.clone(), at.theme.text);
    let taken = at.painter.text(pos2(left, at.plot.top() + SMALL + 3.0), Align2::LEFT_TOP, words, font.clone(), at.theme.weak);
    let grid = Stroke::new(1.0, Theme::mix(at.theme.plot, at.theme.hairline, 0.7));
    let ticks = axis::ticks(0.0, top, f64::from(at.plot.height() / 34.0).max(1.0));
    let places = axis::decimals(&ticks);
    for tick in &ticks {
        let y = at.plot.bottom() - (tick / top) as f32 * (at.plot.height() - 2.0);
        at.painter.hline(at.plot.x_range(), at.painter.round_to_pixel_center(y), grid);
        let within = y.clamp(at.plot.top() + 6.0, at.plot.bottom() - 5.0);
        let label = at.painter.layout_no_wrap(text::fixed(*tick, places), font.clone(), at.theme.weak);
        let place = Align2::RIGHT_CENTER.anchor_size(pos2(at.plot.left() - 6.0, within), label.size());
        // Where the words on the bin are wide, the number beside them gives way.
        if !place.intersects(taken) {
            at.painter.galley(place.min, label, at.theme.weak);
        }
    }
}

/// A line of steps; with a faint ground where there are few.
fn step_line(painter: &Painter, at: &Place<'_>, line: &[(u64, f64)], bin: f64, y: &impl Fn(f64) -> f32, colour: Color32, filled: bool) {
    if line.is_empty() {
        return;
    }
    let mut points = Vec::with_capacity(line.len() * 2);
    let mut ground = Mesh::default();
    for (b, rate) in line {
        let (x0, x1) = (at.scale.x(*b as f64 * bin), at.scale.x((b + 1) as f64 * bin));
        let top = y(*rate);
        points.push(pos2(x0, top));
        points.push(pos2(x1, top));
        if filled {
            ground.add_colored_rect(Rect::from_min_max(pos2(x0, top), pos2(x1, at.plot.bottom())), colour.gamma_multiply(0.12));
        }
    }
    if !ground.is_empty() {
        painter.add(Shape::mesh(ground));
    }
    painter.add(Shape::line(points, Stroke::new(1.5, colour)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_one_two_or_five_and_about_as_many_as_asked_for() {
        assert_eq!(bin_width(1000.0, 80.0, 1.0), 20);
        assert_eq!(bin_width(50.0, 80.0, 1.0), 1);
        assert_eq!(bin_width(60_000.0, 80.0, 1.0), 1000);
        assert_eq!(bin_width(400.0, 80.0, 1.0), 5);
    }
}
