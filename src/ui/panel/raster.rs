//! The raster: one row a neuron, one mark a spike, time to the right; under it the rates of the populations.

mod brush;
mod figure;
mod marks;
mod rate;
mod rows;

use super::super::text;
use super::super::theme::{BODY, SMALL, Theme};
use super::super::view::{Action, Selection, ViewCtx};
use super::super::widgets::ring_canvas::RingCanvas;
use super::super::widgets::time_axis::{self, AXIS_HEIGHT, GUTTER, MARGIN, TimeScale};
use super::{Panel, PanelKind, common, remarks};
use crate::plot::Plot;
use egui::{Align2, FontId, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use rows::{Choice, Rows};
use serde::{Deserialize, Serialize};
use spikeground_core::protocol::Command;

pub static KIND: PanelKind = PanelKind {
    key: "raster",
    title: "Raster",
    help: "Each row is a neuron, each mark a spike; time runs to the right. Excitatory populations are orange (▲, or ticks where rows \
        are low), inhibitory ones blue (● or dots). Below: the mean rate of each population in spikes a second and neuron (Hz), \
        counted in the bins named there. Where there are more neurons than rows of pixels, neighbours share a row and more spikes \
        look brighter.\n\nDrag to go back in time, turn the wheel to zoom, double-click for the default view. Click a spike to select \
        its neuron everywhere (Shift adds one); drag with the right button or Alt to mark a span of time, along \
        the names or with Ctrl to select the neurons of those rows.",
    make: || Box::<Raster>::default(),
};

/// No row is higher than this, points.
const MOST_ROW: f32 = 72.0;
/// Below this height of the panel, points, the rates are left out.
const RATE_FROM: f32 = 150.0;

/// What is saved with the layout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    choice: Choice,
    span: Option<f64>,
}

#[derive(Default)]
pub struct Raster {
    saved: Saved,
    /// The saved window still has to be applied.
    restore: bool,
    marks: marks::Marks,
    rate: rate::RateStrip,
    generation: u64,
}

impl Panel for Raster {
    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        if let Some(span) = self.saved.span.filter(|_| std::mem::take(&mut self.restore)) {
            view.selection.time_view.span = span;
        }
        self.saved.span = Some(view.selection.time_view.span);
        if view.spec.n_neurons() == 0 {
            empty(ui, view);
            return;
        }
        if self.generation != view.history.generation() {
            self.generation = view.history.generation();
            self.rate = rate::RateStrip::default();
        }
        let wall = ui.input(|i| i.time);
        view.selection.time_view.follow(view.status.time(), view.status.running, wall);
        let desk = Desk::new(ui, view, self.saved.choice);
        self.draw(ui, view, &desk, wall);
    }

    fn bar(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        time_axis::span_control(ui, view.theme, &mut view.selection.time_view);
        self.chooser(ui, view);
    }

    fn plots(&mut self, view: &ViewCtx<'_>) -> Vec<Plot> {
        figure::plots(view, self.saved.choice)
    }

    fn save(&self) -> String {
        ron::to_string(&self.saved).unwrap_or_default()
    }

    fn load(&mut self, settings: &str) {
        if let Ok(saved) = ron::from_str::<Saved>(settings) {
            self.saved = saved;
            self.saved.span = saved.span.filter(|s| s.is_finite()).map(|s| s.clamp(50.0, 60_000.0));
            self.restore = true;
        }
    }
}

/// Where things are this frame.
struct Desk {
    plot: Rect,
    rate: Option<Rect>,
    axis_y: f32,
    scale: TimeScale,
    rows: Rows,
    pixels: f32,
}

impl Desk {
    fn new(ui: &Ui, view: &ViewCtx<'_>, choice: Choice) -> Self {
        let outer = ui.available_rect_before_wrap();
        let ppp = ui.ctx().pixels_per_point();
        let side = ui.ctx().input(|i| i.max_texture_side);
        let round = |v: f32| (v * ppp).round() / ppp;
        let inner = Rect::from_min_max(outer.min + vec2(GUTTER, 2.0), outer.max - vec2(MARGIN, AXIS_HEIGHT));
        let selected = &view.selection.neurons;
        let room = inner.height();
        // A row or two need no more than their marks do; the rates take the rest.
        let most = MOST_ROW * Rows::new(view.spec, choice, selected, 1.0, 1.0).n_shown().max(1) as f32;
        let rate_height = if room < RATE_FROM { 0.0 } else { (room * 0.24).clamp(44.0, 130.0).max((room - 6.0 - most).min(room * 0.45)) };
        let split = if rate_height > 0.0 { inner.bottom() - rate_height - 6.0 } else { inner.bottom() };
        let (left, right, top) = (round(inner.left()), round(inner.right()).max(round(inner.left()) + 16.0), round(inner.top()));
        let plot = Rect::from_min_max(pos2(left, top), pos2(right, round(split).max(top + 8.0)));
        let rate = (rate_height > 0.0).then(|| Rect::from_min_max(pos2(left, round(split + 6.0)), pos2(right, round(inner.bottom()))));
        let pixels = ppp.min(side as f32 / plot.height());
        let scale = TimeScale::new(plot.x_range(), ppp, RingCanvas::most_columns(side), &view.selection.time_view);
        let rows = Rows::new(view.spec, choice, selected, (plot.height() * pixels).round(), pixels);
        Self { plot, rate, axis_y: inner.bottom(), scale, rows, pixels }
    }
}

impl Raster {
    fn draw(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>, desk: &Desk, wall: f64) {
        let area = desk.rate.map_or(desk.plot, |r| desk.plot.union(r));
        let response = ui.interact(area, ui.scope_id().with("plot"), Sense::click_and_drag());
        let words = format!("Raster: {} of {} neurons", text::count(desk.rows.n_shown()), text::count(view.spec.n_neurons()));
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &words));
        if !brush::in_plot(ui, &response, desk.plot, &desk.rows, desk.pixels, view.selection) {
            time_axis::interact(ui, &response, &desk.scale, view.selection);
        }
        let gutter = Rect::from_min_max(pos2(desk.plot.left() - GUTTER, desk.plot.top()), desk.plot.left_bottom());
        brush::names(ui, gutter, desk.plot, &desk.rows, desk.pixels, view.selection);
        let painter = ui.painter().clone();
        let plots: Vec<Rect> = std::iter::once(desk.plot).chain(desk.rate).collect();
        for plot in &plots {
            painter.rect_filled(*plot, 0.0, view.theme.plot);
        }
        time_axis::paint(&painter, view.theme, &desk.scale, &plots, desk.axis_y);
        labels(&painter, view, desk);

        let clipped = painter.with_clip_rect(desk.plot.intersect(painter.clip_rect()));
        let at = marks::Place {
            painter: &clipped,
            theme: view.theme,
            spec: view.spec,
            plot: desk.plot,
            scale: &desk.scale,
            rows: &desk.rows,
            pixels: desk.pixels,
            dt: view.status.dt,
        };
        // Below our own, a little larger: where both agree a rim shows, where they do not, the whole mark.
        let crowded = view.kept.shown().filter(|kept| marks::Marks::overlay(&at, kept)).count();
        let visible = self.marks.draw(&at, &view.history.spikes);
        let ids: Vec<u32> = view.selection.neurons.iter().filter_map(|(p, n)| desk.rows.id(*p, *n)).collect();
        self.marks.highlight(&at, &view.history.spikes, &ids);
        let bin = desk.rate.map(|plot| {
            let place = rate::Place { painter: &painter, theme: view.theme, spec: view.spec, plot, scale: &desk.scale, dt: at.dt, wall };
            self.rate.draw(&place, &view.history.rates, view.kept)
        });
        let measured = view.selection.time.map_or_else(Vec::new, |range| measured(view, &desk.rows, range));
        time_axis::overlay(ui, view.theme, &desk.scale, &plots, view.selection, &measured);
        common::legend_of_kept(ui.painter(), view, Some(&desk.plot));
        remarks::show(ui, view, &desk.scale, &plots, &response);
        if crowded > 0 {
            let place = pos2(desk.plot.right() - 4.0, desk.plot.bottom() - 4.0);
            let words = "kept spikes are drawn when fewer are in sight: zoom in";
            time_axis::tag(ui.painter(), view.theme, place, Align2::RIGHT_BOTTOM, words, view.theme.weak);
        }
        self.pointer(ui, view.selection, &at, desk, &response, view.history, bin);
        if visible == 0 {
            silence(ui, view, desk);
        }
    }

    /// Read-out under the pointer, and clicks.
    #[allow(clippy::too_many_arguments)]
    fn pointer(
        &self,
        ui: &Ui,
        selection: &mut Selection,
        at: &marks::Place<'_>,
        desk: &Desk,
        response: &Response,
        history: &super::super::history::History,
        bin: Option<f64>,
    ) {
        let Some(pointer) = response.hover_pos().filter(|_| !response.dragged()) else { return };
        let painter = ui.painter();
        let within = painter.clip_rect();
        if !desk.plot.contains(pointer) {
            if let (Some(bin), Some(_)) = (bin, desk.rate) {
                let time = desk.scale.time(pointer.x);
                let mut lines = self.rate.at_time(at.spec, at.theme, &history.rates, time, bin, at.dt);
                if !lines.is_empty() {
                    let start = (time / bin).floor() * bin;
                    lines.insert(0, (None, format!("{} to {}", text::number(start, 9), time_axis::moment(start + bin, 1.0))));
                    time_axis::readout(painter, at.theme, pointer, within, &lines);
                }
            }
            return;
        }
        let found = marks::nearest(at, &history.spikes, pointer, 8.0);
        let row = desk.rows.at((pointer.y - desk.plot.top()) * desk.pixels);
        if let Some((id, step)) = found
            && let Some((population, index)) = desk.rows.locate(id)
        {
            let time = step.saturating_sub(desk.rows.shift(population)) as f64 * at.dt;
            let words = format!("{} · t = {}", common::neuron_name(at.spec, population, index), time_axis::moment(time, at.dt));
            time_axis::readout(painter, at.theme, pointer, within, &[(Some(common::colour(at.theme, at.spec, population)), words)]);
        } else if let Some((population, index)) = row
            && desk.rows.least_row_height() >= 4.0 * desk.pixels
        {
            let words = common::neuron_name(at.spec, population, index);
            time_axis::readout(painter, at.theme, pointer, within, &[(Some(common::colour(at.theme, at.spec, population)), words)]);
        }
        if response.clicked() {
            let clear_rows = desk.rows.least_row_height() >= 4.0 * desk.pixels;
            let hit = found.and_then(|(id, _)| desk.rows.locate(id)).or(row.filter(|_| clear_rows));
            brush::select(selection, hit, ui.input(|i| i.modifiers.shift));
        }
    }

    fn chooser(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        let total = view.spec.n_neurons();
        let shown = Rows::new(view.spec, self.saved.choice, &view.selection.neurons, 1.0, 1.0).n_shown();
        let words = if shown == total {
            if total == 1 { "1 neuron".to_owned() } else { format!("All {} neurons", text::count(total)) }
        } else {
            format!("Showing {} of {}", text::count(shown), text::count(total))
        };
        let button = ui.button(egui::RichText::new(words).size(BODY - 1.0)).on_hover_text("Which neurons have a row");
        egui::Popup::menu(&button).accessible_name("Which neurons").show(|ui| {
            ui.set_min_width(180.0);
            let mut entry = |ui: &mut Ui, choice: Choice, words: &str| {
                if ui.add(egui::Button::selectable(self.saved.choice == choice, words)).clicked() {
                    self.saved.choice = choice;
                }
            };
            entry(ui, Choice::All, "All neurons");
            ui.separator();
            for n in [10, 50, 200] {
                entry(ui, Choice::First(n), &format!("First {n} of each population"));
            }
            ui.separator();
            for k in [2, 5, 10, 50] {
                entry(ui, Choice::EveryNth(k), &format!("Every {k}{} neuron", if k == 2 { "nd" } else { "th" }));
            }
            ui.separator();
            entry(ui, Choice::Selected, "Selected neurons");
        });
    }
}

/// Most spikes counted anew every frame.
const MOST_COUNTED: u64 = 200_000;

/// Spikes and rates of the populations in a brushed range, ms.
fn measured(view: &ViewCtx<'_>, rows: &Rows, (low, high): (f64, f64)) -> Vec<time_axis::Reading> {
    let dt = view.status.dt.max(f64::MIN_POSITIVE);
    let shift = rows.shifts.iter().copied().max().unwrap_or(0);
    let steps = (low / dt).floor().max(0.0) as u64..((high / dt).ceil().max(0.0) as u64).saturating_add(shift);
    let spikes = &view.history.spikes;
    if spikes.count(steps.clone()) > MOST_COUNTED || spikes.first_step().is_none_or(|s| s > steps.end) {
        return Vec::new();
    }
    let mut counts = vec![0u64; view.spec.populations.len()];
    for (step, id) in spikes.runs(steps).flat_map(|run| run.iter()) {
        if let Some((p, _)) = rows.locate(id)
            && (low..high).contains(&(step.saturating_sub(rows.shift(p)) as f64 * dt))
        {
            counts[p] += 1;
        }
    }
    let line = |(p, n): (usize, &u64)| {
        let population = &view.spec.populations[p];
        let rate = *n as f64 / f64::from(population.size.max(1)) / (high - low) * 1000.0;
        let rate = text::with_unit(&text::number(rate, 3), "Hz");
        (Some(common::colour(view.theme, view.spec, p)), format!("{}  {}, {rate}", population.name, text::counted(*n, "spike", "spikes")))
    };
    counts.iter().enumerate().take(8).map(line).collect()
}

/// Names and sizes of the populations in the gutter, hair lines between them.
fn labels(painter: &egui::Painter, view: &ViewCtx<'_>, desk: &Desk) {
    let theme = view.theme;
    let mut free_from = f32::MIN;
    for (i, band) in desk.rows.bands.iter().enumerate() {
        let Some(population) = view.spec.populations.get(band.population) else { continue };
        let y = |pixels: f32| desk.plot.top() + pixels / desk.pixels;
        if i > 0 {
            let between = 0.5 * (y(desk.rows.bands[i - 1].bottom) + y(band.top));
            let line = desk.plot.left() - GUTTER..=desk.plot.right();
            painter.hline(line, painter.round_to_pixel_center(between), Stroke::new(1.0, theme.hairline));
        }
        let (top, height) = (y(band.top), (band.bottom - band.top) / desk.pixels);
        let lines = if height >= 32.0 { 2.0 } else { 1.0 };
        let at = if height >= 64.0 { top + 2.0 } else { top + (height - lines * 15.0) / 2.0 };
        if height < 11.0 || at < free_from {
            continue;
        }
        free_from = at + lines * 15.0;
        let colour = common::colour(theme, view.spec, band.population);
        let left = desk.plot.left() - GUTTER;
        common::mark(painter, band.role, pos2(left + 5.0, at + 8.0), 4.5, colour);
        let size = population.size;
        let of = if band.n == size {
            text::count(size.into())
        } else {
            format!("{} of {}", text::count(band.n.into()), text::count(size.into()))
        };
        let name = truncated(painter, &population.name, GUTTER - 18.0, theme.text, FontId::proportional(SMALL));
        painter.galley(pos2(left + 13.0, at + 1.0), name, theme.text);
        if lines > 1.0 {
            let size = truncated(painter, &of, GUTTER - 18.0, theme.weak, FontId::proportional(SMALL));
            painter.galley(pos2(left + 13.0, at + 15.0), size, theme.weak);
        }
    }
}

fn truncated(painter: &egui::Painter, words: &str, width: f32, colour: egui::Color32, font: FontId) -> std::sync::Arc<egui::Galley> {
    let mut job = egui::text::LayoutJob::simple_singleline(words.to_owned(), font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width);
    painter.layout_job(job)
}

/// No network.
fn empty(ui: &mut Ui, view: &mut ViewCtx<'_>) {
    let hint = "Spikes will be here: one row a neuron, one mark a spike. Open a network from the gallery, or add a population";
    if common::empty(ui, view.theme, "No neurons yet", hint, Some("Open the gallery")) {
        view.act(Action::ShowPanel("gallery"));
    }
}

/// No spikes in the window: why, and what to do.
fn silence(ui: &mut Ui, view: &mut ViewCtx<'_>, desk: &Desk) {
    let theme: &Theme = view.theme;
    let waiting = !view.status.running && view.status.step == 0;
    let words = if waiting { "Run the simulation to see spikes here" } else { "No spikes in this window of time" };
    let at = desk.plot.center();
    time_axis::tag(ui.painter(), theme, at, Align2::CENTER_CENTER, words, theme.weak);
    if waiting && desk.plot.height() > 90.0 {
        let rect = Rect::from_center_size(at + vec2(0.0, 30.0), vec2(72.0, 26.0));
        if ui.put(rect, egui::Button::new("Run")).clicked() {
            view.act(Action::Send(Command::Run));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fonts;
    use super::super::super::history::History;
    use super::super::super::kept::Runs;
    use super::*;
    use egui::{Event, Modifiers, PointerButton, Pos2, RawInput};
    use spikeground_core::model::neuron;
    use spikeground_core::part::Part;
    use spikeground_core::protocol::{Event as Said, Frame, Spike, Status};
    use spikeground_core::spec::{NetworkSpec, PopulationSpec};
    use std::sync::Arc;

    /// A raster of ten neurons on 800 × 400 points, five seconds after the start; neuron i spikes every 100 ms at i · 10 ms.
    struct Desk {
        ctx: egui::Context,
        raster: Raster,
        spec: NetworkSpec,
        history: History,
        status: Status,
        selection: Selection,
        wall: f64,
    }

    impl Desk {
        fn new() -> Self {
            let ctx = egui::Context::default();
            fonts::install(&ctx);
            let mut spec = NetworkSpec::default();
            spec.populations.push(PopulationSpec::new("E", 10, Part::new(neuron::ALL[0])));
            let status = Status { dt: 0.1, step: 50_000, generation: 1, ..Status::default() };
            let mut frame = Frame { status: status.clone(), ..Frame::default() };
            frame.events.push(Said::Loaded { spec: Arc::new(spec.clone()), n_synapses: vec![], build_secs: 0.0, lost: None });
            frame.spikes = (1..500).map(|i| Spike { step: i * 100, neuron: (i % 10) as u32, early: 0.0 }).collect();
            let mut history = History::default();
            history.ingest(&mut frame);
            let mut desk = Self { ctx, raster: Raster::default(), spec, history, status, selection: Selection::default(), wall: 0.0 };
            desk.frame(vec![]);
            desk
        }

        fn frame(&mut self, events: Vec<Event>) {
            self.wall += 0.02;
            let screen = Rect::from_min_size(Pos2::ZERO, vec2(800.0, 400.0));
            let input = RawInput { screen_rect: Some(screen), time: Some(self.wall), events, ..RawInput::default() };
            let Self { ctx, raster, spec, history, status, selection, .. } = self;
            let (theme, mut actions) = (Theme::dark(), Vec::new());
            let mut output = ctx.run_ui(input, |ui| {
                let kept = &mut Runs::default();
                let mut view = ViewCtx { spec, n_synapses: &[], status, history, kept, theme: &theme, selection, actions: &mut actions };
                raster.ui(ui, &mut view);
            });
            output.textures_delta.clear();
        }

        fn press(&mut self, pos: Pos2, button: PointerButton, pressed: bool) {
            self.frame(vec![Event::PointerMoved(pos), Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE }]);
        }

        fn drag(&mut self, from: Pos2, to: Pos2, button: PointerButton) {
            self.frame(vec![Event::PointerMoved(from)]);
            self.press(from, button, true);
            self.frame(vec![Event::PointerMoved(from + (to - from) * 0.5)]);
            self.frame(vec![Event::PointerMoved(to)]);
            self.press(to, button, false);
        }
    }

    #[test]
    fn a_click_on_a_spike_selects_its_neuron() {
        let mut desk = Desk::new();
        // The window shows 4 to 5 s; the plot lies right of the gutter. Neuron 7 spikes at 4,470 ms in the eighth of ten rows.
        let plot =
            Rect::from_min_max(pos2(GUTTER, 2.0), pos2(800.0 - MARGIN, 400.0 - AXIS_HEIGHT - 6.0 - (400.0 - AXIS_HEIGHT - 2.0) * 0.24));
        let spike = pos2(plot.left() + 0.47 * plot.width(), plot.top() + 0.75 * plot.height());
        desk.frame(vec![Event::PointerMoved(spike)]);
        desk.press(spike, PointerButton::Primary, true);
        desk.press(spike, PointerButton::Primary, false);
        assert_eq!(desk.selection.neurons, [(0, 7)]);
    }

    #[test]
    fn dragging_goes_back_in_time_and_forward_again() {
        let mut desk = Desk::new();
        desk.drag(pos2(300.0, 100.0), pos2(500.0, 100.0), PointerButton::Primary);
        assert!(!desk.selection.time_view.is_live());
        let right = desk.selection.time_view.right();
        assert!((4600.0..4800.0).contains(&right), "200 of 720 points are about 280 ms: {right}");
        desk.drag(pos2(600.0, 100.0), pos2(100.0, 100.0), PointerButton::Primary);
        assert!(desk.selection.time_view.is_live());
    }

    #[test]
    fn the_right_button_marks_a_span_of_time() {
        let mut desk = Desk::new();
        desk.drag(pos2(300.0, 100.0), pos2(500.0, 100.0), PointerButton::Secondary);
        let (low, high) = desk.selection.time.expect("a span");
        assert!(desk.selection.time_view.is_live() && (250.0..310.0).contains(&(high - low)), "{low} to {high}");
    }

    #[test]
    fn zooming_works_and_a_new_network_does_no_harm() {
        let mut desk = Desk::new();
        desk.frame(vec![Event::PointerMoved(pos2(300.0, 100.0))]);
        desk.frame(vec![Event::Zoom(1.5)]);
        for _ in 0..20 {
            desk.frame(vec![]);
        }
        assert!(desk.selection.time_view.span < 900.0, "{}", desk.selection.time_view.span);
        // The document shrank; the history still knows neurons that are gone.
        desk.spec.populations[0].size = 2;
        desk.selection.neurons = vec![(0, 9), (4, 4)];
        desk.frame(vec![]);
        desk.spec.populations.clear();
        desk.frame(vec![]);
    }
}
