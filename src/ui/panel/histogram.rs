//! How the weights are distributed: bars over the weight, with mean, spread and the share at the bounds.

use super::super::history::weights::Pictures;
use super::super::text;
use super::super::theme::Theme;
use super::super::view::{Needs, ViewCtx};
use super::super::widgets::axis::{self, Axis, Frame};
use super::super::widgets::plot::{self, small_print};
use super::common::{self, Subject};
use super::{Panel, PanelKind};
use crate::plot::{Across, Ink, Item, Pen, Plot};
use egui::{Rect, Stroke, Ui, pos2, vec2};
use spikeground_core::protocol::WeightImage;

pub static KIND: PanelKind = PanelKind {
    key: "histogram",
    title: "Weight histogram",
    help: "How many synapses have which weight, counted live over all synapses of the projection in the Weights panel. Under a rule with \
hard bounds (additive STDP) weights gather at 0 and at the largest weight; with soft bounds they stay in one hump. The vertical line is \
the mean, the band one standard deviation to each side. Hover a bar for its range and count.",
    make: || Box::<Histogram>::default(),
};

/// Bars when the numbers themselves are at hand.
const BARS: usize = 50;
/// Numbers that are counted anew with every picture; beyond, the simulation's own 64 bars are spread over ours.
const COUNT_LIMIT: usize = 70_000;

/// Pictures of another subject are taken up when they have come for this long, s.
const SETTLE: f64 = 0.25;

#[derive(Default)]
pub struct Histogram {
    /// What is shown (a projection or the whole network), and what may take its place, since when.
    current: Option<Option<usize>>,
    newcomer: Option<(Option<usize>, f64)>,
    subject: String,
    range: Option<(f64, f64)>,
    /// Upper end of the counts, changed by steps only.
    top: f64,
    bars: Vec<f64>,
    made: Option<(u64, (f64, f64))>,
}

impl Panel for Histogram {
    fn is_useful(&self, view: &ViewCtx<'_>) -> bool {
        !view.spec.projections.is_empty()
    }

    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        if view.spec.projections.is_empty() {
            common::no_synapses(ui, view, "The distribution of the weights");
            return;
        }
        let exists = |p: &&Pictures| p.last.stats.n > 0 && p.last.watch.projection.is_none_or(|i| i < view.spec.projections.len());
        let Some(pictures) = self.steady(ui, view).filter(exists) else {
            common::empty(ui, view.theme, "The distribution of the weights", "The first count comes when the network is built", None);
            return;
        };
        self.draw(ui, view, pictures);
    }

    fn bar(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        if let Some(projection) = self.current.filter(|_| !view.spec.projections.is_empty()) {
            let name = Subject { projection }.name(view.spec).to_owned();
            ui.label(egui::RichText::new(name).color(view.theme.weak)).on_hover_text("Follows the Weights panel");
        }
    }

    fn plots(&mut self, view: &ViewCtx<'_>) -> Vec<Plot> {
        let Some(pictures) = self.current.and_then(|c| view.history.weights.of(c)) else { return Vec::new() };
        let (image, subject) = (&pictures.last, Subject { projection: pictures.last.watch.projection });
        let (w_max, unit) = (subject.w_max(view.spec), subject.unit(view.spec).unwrap_or("mixed units"));
        let range = self.range_of(&format!("{} {}", view.spec.name, subject.name(view.spec)), w_max, image);
        let bars = count(image, range);
        let edges = (0..=bars.len()).map(|i| range.0 + (range.1 - range.0) * i as f64 / bars.len().max(1) as f64).collect();
        let top = bars.iter().copied().fold(1.0, f64::max);
        let mean = Item::Rule { across: Across::X, at: image.stats.mean, pen: Pen::new(Ink::Strong), name: "mean".into() };
        let mut plot = Plot::new(Axis::new(label(unit), range), Axis::new("Synapses", axis::round_range(0.0, top)).counting())
            .with(Item::Bars { edges, heights: bars, ink: Ink::Accent, name: String::new() })
            .with(mean);
        plot.note = self.summary(image, range, w_max, unit);
        vec![plot]
    }

    fn needs(&self, view: &ViewCtx<'_>, needs: &mut Needs) {
        if !view.spec.projections.is_empty() && needs.watch.is_none() {
            needs.watch = Some(Subject::natural(view.spec, view.selection.item).watch());
        }
    }
}

impl Histogram {
    /// The pictures to count: the newest, unless they belong to something that was looked at for a moment only.
    fn steady<'a>(&mut self, ui: &Ui, view: &ViewCtx<'a>) -> Option<&'a Pictures> {
        let history = &view.history.weights;
        let newest = history.newest()?;
        let (now, of) = (ui.input(|i| i.time), newest.last.watch.projection);
        let Some(current) = self.current.and_then(|c| history.of(c)).filter(|c| c.last.watch.projection != of) else {
            (self.current, self.newcomer) = (Some(of), None);
            return Some(newest);
        };
        match self.newcomer.filter(|n| n.0 == of) {
            Some((_, since)) if now - since > SETTLE => {
                (self.current, self.newcomer) = (Some(of), None);
                return Some(newest);
            }
            Some(_) => {}
            None => self.newcomer = Some((of, now)),
        }
        ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(SETTLE));
        Some(current)
    }

    fn draw(&mut self, ui: &mut Ui, view: &ViewCtx<'_>, pictures: &Pictures) {
        let (theme, image) = (view.theme, &pictures.last);
        let subject = Subject { projection: image.watch.projection };
        let w_max = subject.w_max(view.spec);
        let range = self.range_of(&format!("{} {}", view.spec.name, subject.name(view.spec)), w_max, image);
        if self.made != Some((pictures.stamp, range)) {
            self.made = Some((pictures.stamp, range));
            self.bars = count(image, range);
        }
        let most = self.bars.iter().copied().fold(0.0, f64::max);
        self.top = top_of(self.top, most);
        let area = ui.available_rect_before_wrap();
        let unit = subject.unit(view.spec).unwrap_or("mixed units");
        let outer = Rect::from_min_max(area.min, area.max - vec2(0.0, 16.0));
        let frame =
            Frame::draw(ui.painter(), theme, outer, &Axis::new(label(unit), range), &Axis::new("synapses", (0.0, self.top)).counting());
        self.bars_and_mean(ui, theme, &frame, range, image);
        outlines(ui, view, &frame, range, subject);
        common::legend_of_kept(ui.painter(), view, Some(&frame.rect));
        let response = ui.allocate_rect(area, egui::Sense::hover());
        let title = format!("Histogram of {} weights of {}", text::count(image.stats.n), subject.name(view.spec));
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &title));
        let print = Rect::from_min_max(pos2(area.left(), area.bottom() - 16.0), area.max);
        small_print(ui, theme, print, &self.summary(image, range, w_max, unit));
        self.hover(&response, &frame, range, unit, theme);
    }

    /// The axis: 0 to w_max for a plastic projection, else round ends that hold still as long as the weights stay inside.
    fn range_of(&mut self, subject: &str, w_max: Option<f64>, image: &WeightImage) -> (f64, f64) {
        if self.subject != subject {
            let (current, newcomer) = (self.current, self.newcomer);
            *self = Self { subject: subject.to_owned(), current, newcomer, ..Self::default() };
        }
        let (low, high) = (f64::from(image.stats.low), f64::from(image.stats.high));
        if let Some(w_max) = w_max.filter(|w| low >= 0.0 && high <= *w * 1.000_01) {
            return (0.0, w_max);
        }
        if self.range.is_none_or(|(a, b)| low < a || high > b) {
            self.range = Some(axis::round_range(low, high));
        }
        self.range.unwrap_or((0.0, 1.0))
    }

    fn bars_and_mean(&self, ui: &Ui, theme: &Theme, frame: &Frame, range: (f64, f64), image: &WeightImage) {
        let painter = ui.painter().with_clip_rect(frame.rect.expand(1.0));
        let width = (range.1 - range.0) / self.bars.len().max(1) as f64;
        let (mean, sd) = (image.stats.mean, image.stats.sd);
        let band = Rect::from_min_max(frame.at(mean - sd, self.top), frame.at(mean + sd, 0.0));
        painter.rect_filled(band, 0.0, theme.accent.gamma_multiply(0.10));
        let colour = Theme::mix(theme.plot, theme.accent, 0.8);
        for (i, n) in self.bars.iter().enumerate().filter(|(_, n)| **n > 0.0) {
            let left = range.0 + width * i as f64;
            let mut bar = Rect::from_min_max(frame.at(left, *n), frame.at(left + width, 0.0));
            // A single synapse among many thousands is still seen.
            bar.min.y = bar.min.y.min(bar.max.y - 1.0);
            let gap = if bar.width() > 4.0 { 0.5 } else { 0.0 };
            painter.rect_filled(bar.shrink2(vec2(gap, 0.0)), 0.0, colour);
        }
        painter.vline(painter.round_to_pixel_center(frame.x.screen(mean)), frame.y_range(), Stroke::new(1.5, theme.strong));
        painter.hline(frame.rect.x_range(), frame.rect.bottom(), Stroke::new(1.0, theme.weak));
    }

    fn summary(&self, image: &WeightImage, range: (f64, f64), w_max: Option<f64>, unit: &str) -> String {
        let s = &image.stats;
        let mut line = common::mean_text(s.mean, s.sd, unit);
        if let Some(w_max) = w_max {
            let share = |low: f64, high: f64| {
                let percent = 100.0 * between(&self.bars, range, (low, high)) / (s.n as f64).max(1.0);
                text::with_unit(&text::fixed(percent, 0), "%")
            };
            let (weak, strong) = (share(f64::NEG_INFINITY, 0.1 * w_max), share(0.9 * w_max, f64::INFINITY));
            line += &format!(" · {weak} below 0.1 w_max · {strong} above 0.9");
        }
        line + &format!(" · {} synapses", text::count(s.n))
    }

    fn hover(&self, response: &egui::Response, frame: &Frame, range: (f64, f64), unit: &str, theme: &Theme) {
        let Some(at) = response.hover_pos().filter(|p| frame.rect.contains(*p)) else { return };
        let width = (range.1 - range.0) / self.bars.len().max(1) as f64;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let i = ((frame.x.value(at.x) - range.0) / width).max(0.0) as usize;
        let Some(n) = self.bars.get(i) else { return };
        let (low, high) = (range.0 + width * i as f64, range.0 + width * (i + 1) as f64);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let words = format!(
            "{} synapses\n{} to {}",
            text::count(n.round() as u64),
            text::number(low, 4),
            text::with_unit(&text::number(high, 4), unit)
        );
        response.clone().on_hover_ui_at_pointer(|ui| {
            ui.label(egui::RichText::new(words).color(theme.text));
        });
    }
}

/// The weights of the kept runs on show, as outlines.
fn outlines(ui: &Ui, view: &ViewCtx<'_>, frame: &Frame, range: (f64, f64), subject: Subject) {
    let painter = ui.painter().with_clip_rect(frame.rect.expand(1.0));
    let width = (range.1 - range.0) / BARS as f64;
    for kept in view.kept.shown() {
        let Some(pictures) = kept.weights(view.spec, subject.projection) else { continue };
        let bars = count(&pictures.last, range);
        let corner = |(i, n): (usize, &f64)| {
            let left = range.0 + width * i as f64;
            [frame.at(left, *n), frame.at(left + width, *n)]
        };
        let points: Vec<_> = bars.iter().enumerate().flat_map(corner).collect();
        painter.add(egui::Shape::line(points, Stroke::new(1.5, plot::colour(kept.ink(), view.theme))));
    }
}

/// Title of the weight axis.
fn label(unit: &str) -> String {
    if unit.is_empty() { "weight w".to_owned() } else { format!("weight w ({unit})") }
}

/// The upper end of the axis: grows at once, shrinks only when less than two fifths are used.
fn top_of(held: f64, most: f64) -> f64 {
    if most * 1.02 > held || most < held * 0.4 { axis::round_range(0.0, (most * 1.05).max(1.0)).1 } else { held }
}

/// Counts the weights into [`BARS`] bars over `range`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn count(image: &WeightImage, (low, high): (f64, f64)) -> Vec<f64> {
    let mut bars = vec![0.0; BARS];
    let scale = BARS as f64 / (high - low).max(f64::MIN_POSITIVE);
    let n_shown = image.values.iter().filter(|v| !v.is_nan()).count();
    if image.values.len() <= COUNT_LIMIT && n_shown as u64 == image.stats.n {
        for v in image.values.iter().filter(|v| v.is_finite()) {
            bars[(((f64::from(*v) - low) * scale).max(0.0) as usize).min(BARS - 1)] += 1.0;
        }
        return bars;
    }
    // Spread each of the simulation's bars evenly over ours.
    let (from, to) = (f64::from(image.stats.low), f64::from(image.stats.high));
    let width = (to - from) / image.stats.histogram.len().max(1) as f64;
    for (i, n) in image.stats.histogram.iter().enumerate().filter(|(_, n)| **n > 0) {
        let (a, b) = ((from + width * i as f64 - low) * scale, (from + width * (i + 1) as f64 - low) * scale);
        let first = (a.max(0.0) as usize).min(BARS - 1);
        let last = (b.max(0.0) as usize).min(BARS - 1);
        for (k, bar) in bars.iter_mut().enumerate().take(last + 1).skip(first) {
            let inside = (b.min(k as f64 + 1.0) - a.max(k as f64)).max(0.0);
            *bar += if b > a { f64::from(*n) * inside / (b - a) } else { f64::from(*n) / (last - first + 1) as f64 };
        }
    }
    bars
}

/// Number of weights between two bounds, by whole and partial bars.
fn between(bars: &[f64], range: (f64, f64), (low, high): (f64, f64)) -> f64 {
    let width = (range.1 - range.0) / bars.len().max(1) as f64;
    let share = |i: usize| {
        let (a, b) = (range.0 + width * i as f64, range.0 + width * (i + 1) as f64);
        ((b.min(high) - a.max(low)) / width).clamp(0.0, 1.0)
    };
    bars.iter().enumerate().map(|(i, n)| n * share(i)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::protocol::{Watch, WeightStats};

    fn image(values: Vec<f32>, n: u64, histogram: Vec<u32>) -> WeightImage {
        let watch = Watch { projection: None, max_rows: 9, max_cols: 9 };
        let stats = WeightStats { n, low: 0.0, high: 1.0, histogram, ..WeightStats::default() };
        let cols = u32::try_from(values.len()).unwrap();
        WeightImage { watch, n_pre: 1, n_post: cols, rows: 1, cols, values, stats, step: 0 }
    }

    #[test]
    fn every_weight_is_counted_once_and_no_synapse_is_not() {
        let bars = count(&image(vec![0.0, 0.5, 1.0, f32::NAN], 3, vec![]), (0.0, 1.0));
        assert_eq!((bars[0], bars[25], bars[49]), (1.0, 1.0, 1.0));
        assert_eq!(bars.iter().sum::<f64>(), 3.0);
    }

    #[test]
    fn block_means_are_not_counted_but_the_simulation_s_own_bars() {
        let bars = count(&image(vec![0.5], 640, vec![10; 64]), (0.0, 2.0));
        assert!((bars.iter().sum::<f64>() - 640.0).abs() < 1e-6);
        assert!((bars[0] - 25.6).abs() < 1e-6 && bars[49] == 0.0);
    }

    #[test]
    fn the_share_at_the_bounds_is_exact_where_bars_end() {
        let mut bars = vec![0.0; 50];
        bars[0] = 30.0;
        bars[4] = 10.0;
        bars[5] = 5.0;
        bars[49] = 55.0;
        assert!((between(&bars, (0.0, 1.0), (f64::NEG_INFINITY, 0.1)) - 40.0).abs() < 1e-9);
        assert!((between(&bars, (0.0, 1.0), (0.9, f64::INFINITY)) - 55.0).abs() < 1e-9);
    }

    #[test]
    fn the_count_axis_changes_by_steps() {
        assert_eq!(top_of(0.0, 90.0), 100.0);
        assert_eq!(top_of(100.0, 60.0), 100.0);
        assert_eq!(top_of(100.0, 101.0), 120.0);
        assert_eq!(top_of(100.0, 10.0), 12.0);
    }
}
