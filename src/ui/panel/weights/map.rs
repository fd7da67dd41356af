//! Drawing the weights: map, axes, colour bar, small print; hover and click.

use super::super::super::history::weights::Pictures;
use super::super::super::text;
use super::super::super::theme::{SMALL, Theme};
use super::super::super::view::{Action, Item, ViewCtx};
use super::super::super::widgets::axis;
use super::super::super::widgets::colormap::{self, Map};
use super::super::super::widgets::colour_bar::{self, Beyond};
use super::super::super::widgets::heatmap::{Look, Picture, Shown};
use super::super::super::widgets::plot::small_print;
use super::super::common::{self, Subject};
use super::{Weights, figure, range};
use crate::plot::Plot;
use egui::{Align2, FontId, Rect, Stroke, Ui, pos2, vec2};
use spikeground_core::protocol::{Command, WeightImage};
use spikeground_core::spec::NetworkSpec;

/// Room for the numbers and the title of the rows; for those of the columns; for the small print.
const LEFT: f32 = 52.0;
const BELOW: f32 = 34.0;
const PRINT: f32 = 16.0;
const ABOVE: f32 = 18.0;
/// Matrices up to this size are drawn in square cells.
const SQUARE_UP_TO: u32 = 64;
/// While the pointer rests on a synapse it is asked for this often, s.
const ASK_AGAIN: f64 = 0.1;

/// Where the neurons of one side of the matrix come from.
struct Side {
    n: u32,
    /// (population, first row or column, size).
    parts: Vec<(usize, u32, u32)>,
}

impl Side {
    fn of(spec: &NetworkSpec, population: Option<&str>, n: u32) -> Self {
        let parts = match population {
            Some(name) => spec.population(name).map(|p| (p, 0, n)).into_iter().collect(),
            None => spec.first_ids().into_iter().enumerate().map(|(p, first)| (p, first, spec.populations[p].size)).collect(),
        };
        Self { n, parts }
    }

    /// Population and index of row or column `i`.
    fn locate(&self, i: u32) -> Option<(usize, u32)> {
        self.parts.iter().find(|(_, first, size)| i >= *first && i - first < *size).map(|(p, first, _)| (*p, i - first))
    }

    fn place(&self, population: usize, index: u32) -> Option<u32> {
        self.parts.iter().find(|(p, _, size)| *p == population && index < *size).map(|(_, first, _)| first + index)
    }
}

pub fn show(panel: &mut Weights, ui: &mut Ui, view: &mut ViewCtx<'_>) {
    let subject = panel.subject(view);
    let area = ui.available_rect_before_wrap();
    let Some(pictures) = view.history.weights.of(subject.projection).filter(|p| p.last.n_pre > 0 && p.last.n_post > 0).cloned() else {
        common::empty(ui, view.theme, "The weights of the synapses", "The first picture comes when the network is built", None);
        return;
    };
    if pictures.last.stats.n == 0 {
        common::no_synapses(ui, view, "No synapses here");
        return;
    }
    let image = &pictures.last;
    let projection = subject.projection.and_then(|i| view.spec.projections.get(i));
    let (pre, post) = (
        Side::of(view.spec, projection.map(|p| p.pre.as_str()), image.n_pre),
        Side::of(view.spec, projection.map(|p| p.post.as_str()), image.n_post),
    );
    let unit = subject.unit(view.spec).unwrap_or("mixed units");
    let (scale, map) = scale_of(panel, view.spec, subject, &pictures);
    let rect = data_rect(area, image);
    ui.allocate_rect(area, egui::Sense::hover());
    let theme = view.theme;
    let hatch = Theme::mix(theme.plot, theme.weak, 0.22);
    #[allow(clippy::cast_possible_truncation)]
    let look = Look { table: colormap::table(map, theme.dark), range: (scale.0 as f32, scale.1 as f32), ground: theme.plot, hatch };
    let picture = Picture {
        rows: image.rows as usize,
        cols: image.cols as usize,
        values: &image.values,
        minus: panel.saved.change.then_some(pictures.first.values.as_slice()),
        stamp: pictures.stamp,
    };
    let shown = panel.heatmap.show(ui, rect, &picture, &look);
    let words = format!("Weights of {}: {} synapses", subject.name(view.spec), text::count(image.stats.n));
    shown.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &words));
    axes(ui, view, &shown, image, (&pre, &post));
    bar(ui, theme, rect, &look, scale, &pictures, panel.saved.change, unit);
    let print = Rect::from_min_max(pos2(area.left(), area.bottom() - PRINT), area.max);
    small_print(ui, theme, print, &summary(&pictures, &shown, unit, panel.saved.change, view.status.dt));
    brush(ui, view, image, &shown, (&pre, &post));
    hover(panel, ui, view, subject, &pictures, &shown, (&pre, &post));
}

/// The matrix for a file.
pub fn plot(panel: &mut Weights, view: &ViewCtx<'_>) -> Option<Plot> {
    let subject = panel.subject(view);
    let pictures = view.history.weights.of(subject.projection).filter(|p| p.last.stats.n > 0)?.clone();
    let (range, map) = scale_of(panel, view.spec, subject, &pictures);
    let projection = subject.projection.and_then(|i| view.spec.projections.get(i));
    let names = projection.map_or(("all", "all"), |p| (p.pre.as_str(), p.post.as_str()));
    let unit = subject.unit(view.spec).unwrap_or("mixed units");
    Some(figure::plot(&pictures, names, range, map, panel.saved.change, unit))
}

fn scale_of(panel: &mut Weights, spec: &NetworkSpec, subject: Subject, pictures: &Pictures) -> ((f64, f64), Map) {
    let key = format!("{} {} {:?}", spec.name, subject.name(spec), subject.unit(spec));
    if panel.saved.change {
        let (first, last) = (&pictures.first.values, &pictures.last.values);
        let changes = || range::spread(last.iter().zip(first).map(|(a, b)| a - b));
        return (panel.change_scale.of_change(&key, pictures.stamp, changes), Map::Change);
    }
    panel.scale.of(&key, subject.w_max(spec), || range::spread(pictures.last.values.iter().copied()))
}

/// Where the map goes. A small matrix reads best in square cells; a large one takes all the room.
fn data_rect(area: Rect, image: &WeightImage) -> Rect {
    let room = Rect::from_min_max(area.min + vec2(LEFT, ABOVE), area.max - vec2(colour_bar::WIDTH + 8.0, BELOW + PRINT));
    let room = Rect::from_min_size(room.min, room.size().max(vec2(16.0, 16.0)));
    let cell = (room.width() / image.n_post as f32).min(room.height() / image.n_pre as f32);
    let square = vec2(cell * image.n_post as f32, cell * image.n_pre as f32);
    let is_small = image.n_pre.max(image.n_post) <= SQUARE_UP_TO;
    let size = if is_small && square.x * square.y >= 0.3 * room.area() { square } else { room.size() };
    Rect::from_min_size(room.min, size)
}

/// Numbers, population names and hair lines along both sides, and marks at the selected neurons.
fn axes(ui: &Ui, view: &ViewCtx<'_>, shown: &Shown, image: &WeightImage, (pre, post): (&Side, &Side)) {
    let (theme, painter, rect) = (view.theme, ui.painter(), shown.rect);
    let (per_row, per_col) = (f64::from(image.n_pre) / f64::from(image.rows), f64::from(image.n_post) / f64::from(image.cols));
    let x = |neuron: f64| shown.x(neuron / per_col);
    let y = |neuron: f64| shown.y(neuron / per_row);
    let font = FontId::proportional(SMALL);
    let whole = pre.parts.len() > 1 || post.parts.len() > 1;
    if whole {
        names(ui, view, rect, (pre, post), &x, &y);
    } else {
        let low_high = |low: f32, high: f32, per: f64| (f64::from(low) * per, f64::from(high) * per);
        let (low, high) = low_high(shown.view.left(), shown.view.right(), per_col);
        for tick in whole_ticks(low, high, rect.width() / 56.0) {
            painter.text(pos2(x(tick + 0.5), rect.bottom() + 3.0), Align2::CENTER_TOP, text::fixed(tick, 0), font.clone(), theme.weak);
        }
        let (low, high) = low_high(shown.view.top(), shown.view.bottom(), per_row);
        for tick in whole_ticks(low, high, rect.height() / 36.0) {
            painter.text(pos2(rect.left() - 5.0, y(tick + 0.5)), Align2::RIGHT_CENTER, text::fixed(tick, 0), font.clone(), theme.weak);
        }
    }
    let title = |side: &Side, what: &str| match side.parts.as_slice() {
        [(p, ..)] => format!("{what} neuron ({})", view.spec.populations.get(*p).map_or("–", |p| &p.name)),
        _ => format!("{what} neuron"),
    };
    let at = pos2(rect.center().x, rect.bottom() + BELOW - 2.0);
    painter.text(at, Align2::CENTER_BOTTOM, title(post, "postsynaptic"), font.clone(), theme.weak);
    axis::upright(painter, pos2(rect.left() - LEFT, rect.center().y), &title(pre, "presynaptic"), font, theme.weak);
    // At least two points wide, so that a single neuron among thousands is seen.
    let wide = |a: f32, b: f32| if b - a < 2.0 { (f32::midpoint(a, b) - 1.0, f32::midpoint(a, b) + 1.0) } else { (a, b) };
    for (first, end) in selected(post, &view.selection.neurons) {
        let (a, b) = wide(x(f64::from(first)).max(rect.left()), x(f64::from(end)).min(rect.right()));
        if a < b && rect.x_range().contains(a.max(rect.left())) {
            painter.rect_filled(Rect::from_x_y_ranges(a..=b, rect.top() - 5.0..=rect.top() - 1.0), 0.0, theme.accent);
        }
    }
    for (first, end) in selected(pre, &view.selection.neurons) {
        let (a, b) = wide(y(f64::from(first)).max(rect.top()), y(f64::from(end)).min(rect.bottom()));
        if a < b && rect.y_range().contains(a.max(rect.top())) {
            painter.rect_filled(Rect::from_x_y_ranges(rect.left() - 5.0..=rect.left() - 1.0, a..=b), 0.0, theme.accent);
        }
    }
}

/// The selected neurons of a side of the matrix, neighbours as one range.
fn selected(side: &Side, neurons: &[(usize, u32)]) -> Vec<(u32, u32)> {
    let mut places: Vec<u32> = neurons.iter().filter_map(|(p, n)| side.place(*p, *n)).collect();
    places.sort_unstable();
    places.dedup();
    places.chunk_by(|a, b| a + 1 == *b).map(|run| (run[0], run[run.len() - 1] + 1)).collect()
}

/// Whole numbers for ticks: neurons are counted.
fn whole_ticks(low: f64, high: f64, wanted: f32) -> Vec<f64> {
    let wanted = f64::from(wanted).min(high - low).max(1.0);
    axis::ticks(low.ceil(), (high - 1.0).floor().max(low.ceil() + 1e-6), wanted).into_iter().filter(|t| t.fract().abs() < 1e-6).collect()
}

/// Population names along the sides, and hair lines between populations over the map.
fn names(ui: &Ui, view: &ViewCtx<'_>, rect: Rect, (pre, post): (&Side, &Side), x: &dyn Fn(f64) -> f32, y: &dyn Fn(f64) -> f32) {
    let painter = ui.painter().with_clip_rect(rect.expand(LEFT));
    let line = Stroke::new(1.0, Theme::mix(view.theme.plot, view.theme.text, 0.55));
    let font = FontId::proportional(SMALL);
    let fit = |words: &str, room: f32, colour| {
        let mut job = egui::text::LayoutJob::simple_singleline(words.to_owned(), font.clone(), colour);
        job.wrap = egui::text::TextWrapping::truncate_at_width(room);
        painter.layout_job(job)
    };
    for &(p, first, size) in &post.parts {
        let (from, to) = (x(f64::from(first)).max(rect.left()), x(f64::from(first + size)).min(rect.right()));
        if first > 0 && from > rect.left() {
            painter.vline(painter.round_to_pixel_center(from), rect.y_range(), line);
        }
        if to - from > 18.0 {
            let colour = common::colour(view.theme, view.spec, p);
            let galley = fit(&view.spec.populations[p].name, to - from - 4.0, colour);
            painter.galley(pos2(f32::midpoint(from, to) - galley.size().x / 2.0, rect.bottom() + 3.0), galley, colour);
        }
    }
    for &(p, first, size) in &pre.parts {
        let (from, to) = (y(f64::from(first)).max(rect.top()), y(f64::from(first + size)).min(rect.bottom()));
        if first > 0 && from > rect.top() {
            painter.hline(rect.x_range(), painter.round_to_pixel_center(from), line);
        }
        if to - from > 18.0 {
            let colour = common::colour(view.theme, view.spec, p);
            let galley = fit(&view.spec.populations[p].name, to - from - 4.0, colour);
            let at = pos2(rect.left() - 4.0 - galley.size().y, f32::midpoint(from, to) + galley.size().x / 2.0);
            painter.add(egui::epaint::TextShape::new(at, galley, colour).with_angle(-std::f32::consts::FRAC_PI_2));
        }
    }
}

#[allow(clippy::too_many_arguments)]
fn bar(ui: &Ui, theme: &Theme, map: Rect, look: &Look, scale: (f64, f64), pictures: &Pictures, change: bool, unit: &str) {
    let rect = Rect::from_min_size(pos2(map.right() + 12.0, map.top()), vec2(colour_bar::WIDTH, map.height().min(260.0)));
    let (low, high) = (f64::from(pictures.last.stats.low), f64::from(pictures.last.stats.high));
    let slack = 1e-6 * (scale.1 - scale.0).abs();
    // The statistics count 0 in, so an end below a scale that starts above 0 says nothing.
    let below = low < scale.0 - slack && scale.0 <= 0.0;
    // Block means lie inside even where single weights do not.
    let image = &pictures.last;
    let exact = image.rows == image.n_pre && image.cols == image.n_post;
    let beyond = if change || !exact { Beyond::default() } else { Beyond { below, above: high > scale.1 + slack } };
    let symbol = if change { "Δw" } else { "w" };
    let title = if unit.is_empty() { symbol.to_owned() } else { format!("{symbol} ({unit})") };
    colour_bar::draw(ui.painter(), theme, rect, look.table, scale, &title, beyond);
}

/// The line under the map: how many, mean and spread, what is hidden.
fn summary(pictures: &Pictures, shown: &Shown, unit: &str, change: bool, dt: f64) -> String {
    let image = &pictures.last;
    let mut line = format!("{} synapses", text::count(image.stats.n));
    // What is hidden comes early: a narrow panel cuts the end off.
    let (rows, cols) = block_of(image, shown.block);
    if rows * cols > 1 {
        line += &format!(" · each pixel is the mean of {rows} × {cols}");
    }
    if change {
        #[allow(clippy::cast_precision_loss)]
        let since = pictures.first.step as f64 * dt;
        line += &format!(" · change since {}", text::with_unit(&text::fixed(since / 1000.0, 2), "s"));
    }
    line += " · ";
    line += &common::mean_text(image.stats.mean, image.stats.sd, unit);
    line
}

/// Neurons behind each pixel: blocks of the picture times blocks of the screen.
fn block_of(image: &WeightImage, drawn: (usize, usize)) -> (usize, usize) {
    let rows = (image.n_pre as usize * drawn.0).div_ceil(image.rows.max(1) as usize);
    let cols = (image.n_post as usize * drawn.1).div_ceil(image.cols.max(1) as usize);
    (rows.max(1), cols.max(1))
}

/// A drag with the right button: the presynaptic and postsynaptic neurons of the block it covers.
fn brush(ui: &Ui, view: &mut ViewCtx<'_>, image: &WeightImage, shown: &Shown, (pre, post): (&Side, &Side)) {
    let alt = ui.input(|i| i.modifiers.alt);
    let is_brush = shown.response.dragged_by(egui::PointerButton::Secondary) || alt && shown.response.dragged();
    let (Some(from), Some(to)) = (ui.input(|i| i.pointer.press_origin()), shown.response.interact_pointer_pos()) else { return };
    if !is_brush || from.distance(to) < 2.0 {
        return;
    }
    let block = Rect::from_two_pos(from, to).intersect(shown.rect);
    ui.painter().rect(block, 0.0, view.theme.accent.gamma_multiply(0.14), Stroke::new(1.0, view.theme.accent), egui::StrokeKind::Inside);
    let neuron = |part: f32, low: f32, high: f32, n: u32, cells: u32| {
        let cell = f64::from(low + part * (high - low)).clamp(0.0, f64::from(cells));
        (cell * f64::from(n) / f64::from(cells.max(1))) as u32
    };
    let (v, r) = (shown.view, shown.rect);
    let col = |x: f32| neuron((x - r.left()) / r.width(), v.left(), v.right(), post.n, image.cols);
    let row = |y: f32| neuron((y - r.top()) / r.height(), v.top(), v.bottom(), pre.n, image.rows);
    let posts = (col(block.left())..=col(block.right())).filter_map(|i| post.locate(i));
    let pres = (row(block.top())..=row(block.bottom())).filter_map(|i| pre.locate(i));
    let mut all: Vec<(usize, u32)> = pres.chain(posts).collect();
    all.sort_unstable();
    all.dedup();
    view.selection.neurons = all;
}

/// Read-out at the pointer; click selects both neurons.
fn hover(
    panel: &mut Weights,
    ui: &Ui,
    view: &mut ViewCtx<'_>,
    subject: Subject,
    pictures: &Pictures,
    shown: &Shown,
    (pre, post): (&Side, &Side),
) {
    let (Some((row, col)), image) = (shown.hovered, &pictures.last) else { return };
    let first = |i: usize, n: u32, cells: u32| u32::try_from(i as u64 * u64::from(n) / u64::from(cells.max(1))).unwrap_or(0);
    let (i, j) = (first(row, pre.n, image.rows), first(col, post.n, image.cols));
    let (Some(a), Some(b)) = (pre.locate(i), post.locate(j)) else { return };
    outline(ui, view.theme, shown, (row, col));
    let exact = image.rows == image.n_pre && image.cols == image.n_post;
    let at = row * image.cols as usize + col;
    let weight = image.values.get(at).copied().unwrap_or(f32::NAN);
    let start = pictures.first.values.get(at).copied().unwrap_or(f32::NAN);
    let projection = subject.projection.or_else(|| {
        let joins = |p: &spikeground_core::spec::ProjectionSpec| {
            view.spec.population(&p.pre) == Some(a.0) && view.spec.population(&p.post) == Some(b.0)
        };
        view.spec.projections.iter().position(joins)
    });
    let known = projection.filter(|_| exact && !weight.is_nan()).and_then(|p| ask(panel, ui, view, (p, a.1, b.1)));
    let unit = projection.map_or("", |p| view.spec.weight_unit(p));
    let rows = if exact { None } else { Some(block_of(image, (1, 1))) };
    let lines = read_out(view.spec, (a, b), (weight, start), known, rows, unit);
    shown.response.clone().on_hover_ui_at_pointer(|ui| {
        egui::Grid::new("synapse").num_columns(2).spacing(vec2(12.0, 2.0)).show(ui, |ui| {
            for (label, value) in &lines {
                ui.label(egui::RichText::new(*label).color(view.theme.weak));
                ui.label(egui::RichText::new(value).monospace().color(view.theme.strong));
                ui.end_row();
            }
        });
    });
    if shown.response.clicked() {
        view.selection.neurons = if a == b { vec![a] } else { vec![a, b] };
        if let Some(p) = projection.filter(|_| !weight.is_nan()) {
            view.selection.item = Item::Projection(p);
            // The click must not change what is on show (the whole network, say).
            panel.item = view.selection.item;
        }
    }
}

type Known = spikeground_core::protocol::SynapseInfo;

/// What to say about one cell.
fn read_out(
    spec: &NetworkSpec,
    (a, b): ((usize, u32), (usize, u32)),
    (weight, start): (f32, f32),
    known: Option<Known>,
    block: Option<(usize, usize)>,
    unit: &str,
) -> Vec<(&'static str, String)> {
    let through = |(p, i): (usize, u32), n: usize| {
        let name = common::neuron_name(spec, p, i);
        if n > 1 { format!("{name}–{}", text::count(u64::from(i) + n as u64 - 1)) } else { name }
    };
    let (rows, cols) = block.unwrap_or((1, 1));
    let mut lines = vec![("presynaptic", through(a, rows)), ("postsynaptic", through(b, cols))];
    if weight.is_nan() {
        lines.push(("weight", "no synapse".into()));
        return lines;
    }
    let label = if block.is_some() { "mean weight" } else { "weight" };
    lines.push((label, common::weight_text(f64::from(weight), unit, false)));
    let start = known.map_or(start, |k| k.initial);
    lines.push(("since start", common::weight_text(f64::from(weight - start), unit, true)));
    if block.is_none() {
        lines.push(("delay", known.map_or_else(|| "–".into(), |k| text::with_unit(&text::number(k.delay, 4), "ms"))));
    }
    lines
}

/// Asks the simulation for a synapse now and then, and returns its last answer about it.
fn ask(panel: &mut Weights, ui: &Ui, view: &mut ViewCtx<'_>, key: (usize, u32, u32)) -> Option<Known> {
    let now = ui.input(|i| i.time);
    let is_due = panel.asked.is_none_or(|(asked, at)| asked != key || (view.status.running && now - at > ASK_AGAIN));
    if is_due {
        panel.asked = Some((key, now));
        view.act(Action::Send(Command::Inspect { projection: key.0, pre: key.1, post: key.2 }));
    }
    let answer = view.history.weights.synapse?;
    if (answer.projection, answer.pre, answer.post) == key { answer.found } else { None }
}

/// A frame around the cell under the pointer, when it is large enough to see.
fn outline(ui: &Ui, theme: &Theme, shown: &Shown, (row, col): (usize, usize)) {
    let min = pos2(shown.x(col as f64), shown.y(row as f64));
    let max = pos2(shown.x(col as f64 + 1.0), shown.y(row as f64 + 1.0));
    let cell = Rect::from_min_max(min, max);
    let painter = ui.painter().with_clip_rect(shown.rect);
    if cell.width().min(cell.height()) >= 5.0 {
        painter.rect_stroke(cell, 0.0, Stroke::new(1.5, theme.strong), egui::StrokeKind::Inside);
    }
    let line = Stroke::new(1.0, theme.accent);
    ui.painter().vline(cell.center().x, shown.rect.bottom()..=shown.rect.bottom() + 4.0, line);
    ui.painter().hline(shown.rect.left() - 4.0..=shown.rect.left(), cell.center().y, line);
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::protocol::{Watch, WeightStats};

    fn image(n: u32, cells: u32) -> WeightImage {
        let watch = Watch { projection: None, max_rows: cells, max_cols: cells };
        WeightImage { watch, n_pre: n, n_post: n, rows: cells, cols: cells, values: Vec::new(), stats: WeightStats::default(), step: 0 }
    }

    #[test]
    fn the_statement_counts_the_blocks_of_engine_and_screen() {
        assert_eq!(block_of(&image(4000, 1000), (1, 1)), (4, 4));
        assert_eq!(block_of(&image(4000, 1000), (2, 3)), (8, 12));
        assert_eq!(block_of(&image(100, 100), (1, 1)), (1, 1));
    }

    #[test]
    fn neurons_are_found_on_both_sides() {
        let side = Side { n: 5, parts: vec![(0, 0, 3), (1, 3, 2)] };
        assert_eq!(side.locate(3), Some((1, 0)));
        assert_eq!(side.locate(5), None);
        assert_eq!(side.place(1, 1), Some(4));
        assert_eq!(side.place(1, 2), None);
    }

    #[test]
    fn ticks_count_neurons() {
        assert_eq!(whole_ticks(0.0, 3.0, 5.0), [0.0, 1.0, 2.0]);
        assert_eq!(whole_ticks(0.0, 1.0, 5.0), [0.0]);
        assert!(whole_ticks(0.0, 1000.0, 5.0).iter().all(|t| t.fract() == 0.0));
    }

    #[test]
    fn cells_are_square_unless_that_wastes_the_room() {
        let area = Rect::from_min_size(pos2(0.0, 0.0), vec2(500.0, 400.0));
        let mut picture = image(20, 20);
        let rect = data_rect(area, &picture);
        assert!((rect.width() - rect.height()).abs() < 1e-3);
        picture.n_post = 1;
        assert!(data_rect(area, &picture).width() > 100.0);
        assert!(data_rect(area, &image(1000, 1000)).width() > rect.width());
    }
}
