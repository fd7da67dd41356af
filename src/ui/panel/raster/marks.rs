//! Draws spikes: as shapes while they are few, else through a ring texture that scrolls with the window.

use super::super::super::history::spikes::{Picked, SpikeHistory};
use super::super::super::kept::Kept;
use super::super::super::theme::Theme;
use super::super::super::widgets::plot;
use super::super::super::widgets::ring_canvas::{self, RingCanvas};
use super::super::super::widgets::time_axis::TimeScale;
use super::super::common;
use super::rows::{Band, Rows};
use egui::{Color32, Mesh, Painter, Rect, Shape, Stroke, pos2, vec2};
use spikeground_core::spec::{NetworkSpec, Role};
use std::ops::Range;

/// Up to so many visible spikes are drawn as shapes.
const MOST_SHAPES: u64 = 20_000;
/// Up to so many as ▲ and ●, where rows are high enough.
const MOST_SIGNS: u64 = 3000;
/// Rows from this height, points, have room for ▲ and ●.
const SIGN_ROW: f32 = 9.0;
/// Mean distance of spikes in a row, points, from which ▲ and ● do not run into each other.
const SIGN_SPACING: f32 = 18.0;
/// Thin rows of up to so many selected neurons are made to stand out.
const FEW: usize = 4;
/// Up to so many selected neurons have their spikes drawn anew.
const MOST_PICKED: usize = 64;
/// Rows from this height, points, have room for ticks and dots.
const TICK_ROW: f32 = 3.0;

/// What the canvas was filled for; another one means another picture.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    ms: u64,
    dt: u64,
    n: i64,
    epoch: u64,
    rows: Rows,
    /// See [`Density`].
    mark_width: i64,
    mark_height: i64,
}

/// How marks look at a density of spikes; changes by steps and with hysteresis, so that nothing flickers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Density(u8);

/// A class of density: up to so many spikes a pixel (at scale 1), the size of a mark in pixels and how opaque one is.
const CLASSES: [(f64, i64, i64, f32); 7] = [
    (0.04, 2, 2, 1.0),
    (0.12, 1, 2, 0.95),
    (0.5, 1, 1, 0.9),
    (1.5, 1, 1, 0.6),
    (6.0, 1, 1, 0.2),
    (25.0, 1, 1, 0.06),
    (f64::INFINITY, 1, 1, 0.02),
];

impl Density {
    /// `per_pixel` is the mean number of visible spikes in a pixel.
    fn update(&mut self, per_pixel: f64) {
        let class = |i: u8| CLASSES[usize::from(i).min(CLASSES.len() - 1)];
        while per_pixel > class(self.0).0 * 1.15 {
            self.0 += 1;
        }
        while self.0 > 0 && per_pixel < class(self.0 - 1).0 * 0.85 {
            self.0 -= 1;
        }
    }

    /// Width and height of a mark in pixels at scale 1, and how opaque one is.
    fn mark(self) -> (i64, i64, f32) {
        let (_, width, height, opacity) = CLASSES[usize::from(self.0).min(CLASSES.len() - 1)];
        (width, height, opacity)
    }
}

/// Draws the spikes of the raster.
#[derive(Default)]
pub struct Marks {
    canvas: RingCanvas,
    key: Option<Key>,
    table: Vec<(u16, u8, u8)>,
    /// Serial number of the first spike that the canvas has not seen.
    read_to: u64,
    density: Density,
    picked: Picked,
}

/// Where to draw.
pub struct Place<'a> {
    pub painter: &'a Painter,
    pub theme: &'a Theme,
    pub spec: &'a NetworkSpec,
    pub plot: Rect,
    pub scale: &'a TimeScale,
    pub rows: &'a Rows,
    /// Pixels a point, vertically.
    pub pixels: f32,
    pub dt: f64,
}

impl Place<'_> {
    /// Screen coordinate of a row of pixels.
    pub fn y(&self, row: f32) -> f32 {
        self.plot.top() + row / self.pixels
    }

    fn time(&self, step: u64, shift: u64) -> f64 {
        step.saturating_sub(shift) as f64 * self.dt
    }
}

impl Marks {
    /// Draws the spikes on the axis; returns how many there are (hidden neurons included).
    pub fn draw(&mut self, at: &Place<'_>, history: &SpikeHistory) -> u64 {
        let steps = at.scale.steps(at.dt);
        let visible = history.count(steps.clone());
        if visible == 0 || at.rows.bands.is_empty() {
            return visible;
        }
        self.density.update(visible as f64 / f64::from(at.plot.area().max(1.0)));
        if visible <= MOST_SHAPES {
            draw_shapes(at, history, steps, visible, self.density);
        } else {
            self.fill(at, history);
            self.canvas.upload(at.painter.ctx());
            self.canvas.paint(at.painter, at.scale, at.plot.y_range());
        }
        visible
    }

    /// Brings the canvas up to date with the window and the newest spikes.
    fn fill(&mut self, at: &Place<'_>, history: &SpikeHistory) {
        let (width, height, opacity) = self.density.mark();
        let grown = |pixels: i64, per_point: f32| ((pixels as f32 * per_point).round() as i64).max(1);
        let (mark_width, mark_height) = (grown(width, at.scale.per_point), grown(height, at.pixels));
        let key = Key {
            ms: at.scale.ms.to_bits(),
            dt: at.dt.to_bits(),
            n: at.scale.n,
            epoch: history.epoch(),
            rows: at.rows.clone(),
            mark_width,
            mark_height,
        };
        if self.key.as_ref() != Some(&key) {
            let mut lut_of_row = vec![0; at.rows.height.max(1.0) as usize];
            for (i, band) in at.rows.bands.iter().enumerate() {
                let (top, bottom) = (band.top as usize, (band.bottom as usize).min(lut_of_row.len()));
                lut_of_row[top.min(bottom)..bottom].fill(i.min(255) as u8);
            }
            self.canvas.reset(at.scale.n, lut_of_row);
            self.table = at.rows.table(|band| tick_height(band, mark_height as f32));
            self.read_to = history.serials().end;
            self.key = Some(key);
        }
        let luts = at.rows.bands.iter().map(|b| ring_canvas::lut(common::colour(at.theme, at.spec, b.population), opacity));
        self.canvas.set_luts(luts.collect());
        let (table, per_column) = (&self.table, at.dt / at.scale.ms);
        let marks = |(step, id): (u64, u32)| {
            let (row, rows, shift) = table.get(id as usize).copied().filter(|t| t.1 > 0)?;
            let column = (step.saturating_sub(u64::from(shift)) as f64 * per_column) as i64;
            Some((column, row, rows))
        };
        // First what is new in columns already drawn, then columns that came into view, with all their spikes.
        let valid = self.canvas.valid();
        let new = self.read_to..history.serials().end;
        self.canvas.add(&valid, mark_width, history.runs_of_serials(new.clone()).flat_map(|r| r.iter()).filter_map(marks));
        self.read_to = new.end;
        for gap in self.canvas.open(at.scale.first..at.scale.first + at.scale.n) {
            if !gap.is_empty() {
                let steps = steps_of(&gap, mark_width, per_column);
                self.canvas.add(&gap, mark_width, history.runs(steps).flat_map(|r| r.iter()).filter_map(marks));
            }
        }
    }

    /// Draws the spikes of a kept run as small rings, or as ticks where rows are low; returns whether there were too many.
    pub fn overlay(at: &Place<'_>, kept: &Kept) -> bool {
        let (spikes, dt) = (&kept.memory.spikes, kept.spec.dt);
        let steps = at.scale.steps(dt);
        if spikes.count(steps.clone()) > MOST_SHAPES {
            return true;
        }
        let (homes, colour) = (kept.ids(at.spec), plot::colour(kept.ink(), at.theme));
        let mut mesh = Mesh::default();
        for (step, id) in spikes.runs(steps).flat_map(|r| r.iter()) {
            let Some(home) = homes.iter().find(|h| (h.first..h.first + h.n).contains(&id)) else { continue };
            let Some((middle, band)) = at.rows.place(home.there + (id - home.first)) else { continue };
            let centre = pos2(at.scale.x(step.saturating_sub(home.shift) as f64 * dt), at.y(middle));
            let row = band.row_height() / at.pixels;
            if row >= SIGN_ROW {
                at.painter.circle_stroke(centre, (row * 0.45).clamp(2.0, 7.0), Stroke::new(1.0, colour));
            } else {
                mesh.add_colored_rect(Rect::from_center_size(centre, vec2(4.0, 4.0)), colour);
            }
        }
        at.painter.add(Shape::mesh(mesh));
        false
    }

    /// Draws the selected neurons' rows and spikes over the others.
    pub fn highlight(&mut self, at: &Place<'_>, history: &SpikeHistory, ids: &[u32]) {
        if ids.len() > MOST_PICKED {
            grounds(at, ids);
            return;
        }
        self.picked.update(ids, history);
        for (i, id) in ids.iter().enumerate() {
            let Some((middle, band)) = at.rows.place(*id) else { continue };
            let (y, row) = (at.y(middle), band.row_height() / at.pixels);
            let half = (row / 2.0).max(1.0);
            let ground = Rect::from_x_y_ranges(at.plot.x_range(), y - half..=y + half);
            at.painter.rect_filled(ground, 0.0, at.theme.accent.gamma_multiply(if row < 4.0 && ids.len() <= FEW { 0.55 } else { 0.16 }));
            let shift = at.rows.shift(band.population);
            let size = (row * 0.8).clamp(3.5, 11.0);
            let steps = self.picked.of(i, at.scale.steps(at.dt));
            for step in steps.iter().rev().take(4000) {
                let centre = pos2(at.scale.x(at.time(*step, shift)), y);
                common::mark(at.painter, band.role, centre, size / 2.0 + 1.0, at.theme.plot);
                common::mark(at.painter, band.role, centre, size / 2.0, at.theme.strong);
            }
        }
    }
}

/// The rows of many selected neurons, neighbours as one.
fn grounds(at: &Place<'_>, ids: &[u32]) {
    let mut rows: Vec<(f32, f32)> = ids.iter().filter_map(|id| at.rows.place(*id)).map(|(y, band)| (y, band.row_height())).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    for block in rows.chunk_by(|a, b| b.0 - a.0 <= 1.01 * a.1) {
        let [(first, height), ..] = block else { continue };
        let last = block.last().map_or(*first, |b| b.0);
        let y = at.y(first - height / 2.0)..=at.y(last + height / 2.0);
        at.painter.rect_filled(Rect::from_x_y_ranges(at.plot.x_range(), y), 0.0, at.theme.accent.gamma_multiply(0.16));
    }
}

/// The steps whose spikes can touch these columns.
fn steps_of(columns: &Range<i64>, mark_width: i64, per_column: f64) -> Range<u64> {
    let step = |column: i64| (column as f64 / per_column).max(0.0);
    step(columns.start - mark_width).floor() as u64..step(columns.end).ceil() as u64 + 3
}

/// Height of a mark in a band, pixels: excitatory ticks fill their row, inhibitory dots half of it.
fn tick_height(band: &Band, least: f32) -> f32 {
    let part = match band.role {
        Role::Excitatory => 0.8,
        Role::Inhibitory => 0.45,
        Role::Other => 0.6,
    };
    (band.row_height() * part).clamp(least, 14.0f32.max(least))
}

fn draw_shapes(at: &Place<'_>, history: &SpikeHistory, steps: Range<u64>, visible: u64, density: Density) {
    let colours: Vec<Color32> = at.rows.bands.iter().map(|b| common::colour(at.theme, at.spec, b.population)).collect();
    let mut band_of = vec![None; at.spec.populations.len()];
    for (i, band) in at.rows.bands.iter().enumerate() {
        if let Some(slot) = band_of.get_mut(band.population) {
            *slot = Some(i);
        }
    }
    // Signs that would run into each other say less than ticks.
    let spacing = at.plot.width() * at.rows.n_shown() as f32 / visible.max(1) as f32;
    let signs = visible <= MOST_SIGNS && spacing >= SIGN_SPACING;
    let mut mesh = Mesh::default();
    let mut population = 0;
    for (step, id) in history.runs(steps).flat_map(|r| r.iter()) {
        let bounds = |p: usize| at.rows.bounds.get(p).copied().unwrap_or(0)..at.rows.bounds.get(p + 1).copied().unwrap_or(0);
        if !bounds(population).contains(&id) {
            let Some(found) = at.rows.locate(id) else { continue };
            population = found.0;
        }
        let Some(i) = band_of.get(population).copied().flatten() else { continue };
        let band = &at.rows.bands[i];
        let Some(row) = band.row_of(id - bounds(population).start) else { continue };
        let x = at.scale.x(at.time(step, at.rows.shift(population)));
        let y = at.y(band.middle(row));
        let height = band.row_height();
        if height >= SIGN_ROW * at.pixels && signs {
            common::mark(at.painter, band.role, pos2(x, y), (height / at.pixels * 0.38).clamp(3.0, 6.5), colours[i]);
        } else {
            mesh.add_colored_rect(block(at, band, density, x, y), colours[i]);
        }
    }
    if !mesh.is_empty() {
        at.painter.add(Shape::mesh(mesh));
    }
}

/// A tick or a dot, on whole pixels, around (x, y).
fn block(at: &Place<'_>, band: &Band, density: Density, x: f32, y: f32) -> Rect {
    let height = band.row_height();
    let (w, h, _) = density.mark();
    let (w, h) = ((w as f32 * at.pixels).round().max(1.0), (h as f32 * at.pixels).round().max(1.0));
    let (w, h) = if height < TICK_ROW * at.pixels {
        (w, h)
    } else {
        match band.role {
            Role::Excitatory => (w, tick_height(band, h).max((height * 0.4).min(30.0 * at.pixels))),
            _ => {
                let side = tick_height(band, h).min(4.0 * at.pixels).max((height * 0.1).min(8.0 * at.pixels));
                (side.max(w), side)
            }
        }
    };
    let corner = pos2(((x * at.pixels) - w / 2.0).round() / at.pixels, ((y * at.pixels) - h / 2.0).round() / at.pixels);
    Rect::from_min_size(corner, vec2(w, h.round()) / at.pixels)
}

/// The spike nearest to a place on the screen, within `reach` points: (neuron id, step).
pub fn nearest(at: &Place<'_>, history: &SpikeHistory, pointer: egui::Pos2, reach: f32) -> Option<(u32, u64)> {
    if at.dt <= 0.0 {
        return None;
    }
    let (low, high) = (at.scale.time(pointer.x - reach), at.scale.time(pointer.x + reach));
    let steps = (low / at.dt).floor().max(0.0) as u64..(high / at.dt).ceil().max(0.0) as u64 + 2;
    let mut best: Option<(f32, u32, u64)> = None;
    for (step, id) in history.runs(steps).flat_map(|r| r.iter()) {
        let Some((middle, band)) = at.rows.place(id) else { continue };
        let place = pos2(at.scale.x(at.time(step, at.rows.shift(band.population))), at.y(middle));
        // Inside a high row the whole row counts.
        let slack = (band.row_height() / at.pixels / 2.0 - 1.0).max(0.0);
        let off = vec2(place.x - pointer.x, ((place.y - pointer.y).abs() - slack).max(0.0)).length();
        if off <= reach && best.is_none_or(|b| off < b.0) {
            best = Some((off, id, step));
        }
    }
    best.map(|b| (b.1, b.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_change_by_steps_and_do_not_flicker() {
        let mut d = Density::default();
        d.update(0.03);
        assert_eq!(d, Density(0));
        d.update(0.08);
        assert_eq!(d, Density(1));
        for n in [0.038, 0.13, 0.035, 0.12] {
            d.update(n);
            assert_eq!(d, Density(1), "{n}");
        }
        d.update(99.0);
        assert_eq!(d, Density(6));
        d.update(0.0);
        assert_eq!(d, Density(0));
    }

    #[test]
    fn columns_get_all_the_spikes_that_touch_them() {
        // 0.1 ms a step, 0.5 ms a column: column 10 holds steps 50 to 54.
        let steps = steps_of(&(10..12), 2, 0.2);
        assert!(steps.start <= 40 && steps.end > 60, "{steps:?}");
    }
}
