//! The gallery: every network that comes with the program as a card, every firing pattern as a living miniature; a click opens it.

mod miniature;
mod runs;

use super::super::theme::{BODY, SMALL, Theme};
use super::super::view::{Action, ViewCtx};
use super::super::worker::Worker;
use super::super::{fonts, text};
use super::graph::sketch;
use super::{Panel, PanelKind};
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{FontId, Rect, Response, RichText, ScrollArea, Sense, Stroke, StrokeKind, Ui, pos2, vec2};
use runs::{Outline, Run, Runs};
use spikeground_core::preset::builtin::{self, Builtin};
use spikeground_core::spec::NetworkSpec;
use std::collections::HashMap;
use std::sync::Arc;

pub static KIND: PanelKind = PanelKind {
    key: "gallery",
    title: "Gallery",
    help: "Networks that come with the program. Each card shows the populations (▲ excitatory, ● inhibitory, ■ other), how they are \
connected (dashed: learns), and what there is to see. Click a card to open it; the present network is asked about if it has unsaved changes. \
The other pages are firing patterns of single neurons, each a run of its own preset with the protocol and the step of its authors: v above with \
a tick for every spike, the current below. Hover for the facts; a click opens it in the laboratory, with traces, phase plane and curves. \
Type to search in names, purposes, models and sources.",
    make: || Box::<Gallery>::default(),
};

/// Cards are at least this wide and share what is left.
const CARD: f32 = 210.0;
const PICTURE: f32 = 96.0;
const TEXT: f32 = 74.0;
const GAP: f32 = 8.0;
const GAP_SMALL: f32 = 6.0;

/// The panels that a pattern is looked at with.
const LABORATORY: &[&str] = &["traces", "phase", "curves"];

pub struct Gallery {
    search: String,
    /// Group of patterns on show; empty: the networks.
    page: String,
    worker: Worker<(), Runs>,
    is_asked: bool,
    runs: HashMap<&'static str, Arc<Run>>,
    /// Lines ready to be drawn, by preset and columns.
    outlines: HashMap<(&'static str, usize), Outline>,
}

impl Default for Gallery {
    fn default() -> Self {
        Self {
            search: String::new(),
            page: String::new(),
            worker: Worker::new(runs::work),
            is_asked: false,
            runs: HashMap::new(),
            outlines: HashMap::new(),
        }
    }
}

impl Panel for Gallery {
    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        self.head(ui);
        ui.add_space(4.0);
        self.take_runs(ui);
        let is_search = !self.search.trim().is_empty();
        let found: Vec<&Builtin> = builtin::list().iter().filter(|b| matches(b, &self.search)).collect();
        if found.is_empty() {
            let title = format!("No preset matches “{}”", self.search);
            if super::common::empty(ui, view.theme, &title, "Search looks into names, purposes, models and sources", Some("Show all")) {
                self.search.clear();
            }
            return;
        }
        if !is_search && !self.page.is_empty() {
            let patterns: Vec<&Builtin> = found.iter().copied().filter(|b| b.gallery.group == self.page).collect();
            self.page_of(ui, view, &patterns);
            return;
        }
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            for group in groups(&found) {
                let cards: Vec<&Builtin> = found.iter().copied().filter(|b| b.gallery.group == group).collect();
                let are_patterns = cards.iter().all(|b| b.variation);
                if are_patterns && !is_search {
                    continue;
                }
                ui.label(RichText::new(group).font(fonts::semibold(SMALL + 1.0)).color(view.theme.weak));
                if are_patterns {
                    self.miniatures(ui, view, &cards, vec2(ui.available_width(), 0.0));
                } else {
                    cards_of(ui, view, &cards);
                }
                ui.add_space(8.0);
            }
        });
    }

    fn save(&self) -> String {
        ron::to_string(&self.page).unwrap_or_default()
    }

    fn load(&mut self, settings: &str) {
        let page: String = ron::from_str(settings).unwrap_or_default();
        self.page = if pages().contains(&page.as_str()) { page } else { String::new() };
    }
}

/// Groups of patterns, in the order of the gallery.
fn pages() -> Vec<&'static str> {
    let mut pages: Vec<&str> = builtin::list().iter().filter(|b| b.variation).map(|b| b.gallery.group.as_str()).collect();
    pages.dedup();
    pages
}

impl Gallery {
    /// Search, and the pages as words to choose from.
    fn head(&mut self, ui: &mut Ui) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            self.search_field(ui);
            ui.add_space(4.0);
            let mut chosen = None;
            for page in std::iter::once("").chain(pages()) {
                let (words, tip) = if page.is_empty() { ("Networks", "") } else { page.split_once(": ").unwrap_or((page, "")) };
                let is_on = self.page == page && self.search.trim().is_empty();
                let response = ui.selectable_label(is_on, words);
                let response = if tip.is_empty() { response } else { response.on_hover_text(tip) };
                if response.clicked() {
                    chosen = Some(page);
                }
            }
            if let Some(page) = chosen {
                page.clone_into(&mut self.page);
                self.search.clear();
            }
        });
    }

    /// Asks for the runs once, and takes in what is there.
    fn take_runs(&mut self, ui: &Ui) {
        if self.page.is_empty() && self.search.trim().is_empty() {
            return;
        }
        if !self.is_asked {
            self.is_asked = true;
            self.worker.ask(ui.ctx(), ());
        }
        if let Some(runs) = self.worker.answer() {
            self.runs = runs.into_iter().map(|r| (r.key, r)).collect();
        }
    }

    /// One page of patterns: all at once where the room allows.
    fn page_of(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>, patterns: &[&Builtin]) {
        let room = ui.available_size() - vec2(0.0, 2.0);
        if miniature::grid(patterns.len(), room, GAP_SMALL).2 {
            self.miniatures(ui, view, patterns, room);
        } else {
            ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
                self.miniatures(ui, view, patterns, vec2(ui.available_width(), 0.0));
            });
        }
    }

    fn miniatures(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>, patterns: &[&Builtin], room: egui::Vec2) {
        let (columns, size, _) = miniature::grid(patterns.len(), room, GAP_SMALL);
        let beam = (ui.input(|i| i.time) / miniature::SWEEP).rem_euclid(1.0) as f32;
        let fineness = miniature::columns(ui, size.x);
        if self.outlines.keys().any(|k| k.1 != fineness) {
            self.outlines.clear();
        }
        for row in patterns.chunks(columns) {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = GAP_SMALL;
                for preset in row {
                    let run = self.runs.get(preset.key);
                    if let Some(run) = run {
                        self.outlines.entry((preset.key, fineness)).or_insert_with(|| run.outline(fineness));
                    }
                    let cell = miniature::Cell {
                        preset,
                        run: run.map(Arc::as_ref),
                        outline: self.outlines.get(&(preset.key, fineness)),
                        is_open: view.spec.name == preset.spec.name,
                    };
                    if cell.show(ui, view.theme, size, beam).clicked() {
                        view.act(Action::OpenPreset(preset.key));
                        view.act(Action::ShowTogether(LABORATORY));
                    }
                }
            });
            ui.add_space(GAP_SMALL - ui.spacing().item_spacing.y);
        }
        // Thirty pictures a second: smooth enough for a beam, half the work.
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(33));
    }

    fn search_field(&mut self, ui: &mut Ui) {
        let field = egui::TextEdit::singleline(&mut self.search).hint_text("Search presets").desired_width(150.0);
        let response = ui.add(field);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Search presets"));
        if response.has_focus() && ui.input(|i| i.key_pressed(egui::Key::Escape)) {
            self.search.clear();
        }
    }
}

/// Headings in the order in which they come.
fn groups<'a>(found: &[&'a Builtin]) -> Vec<&'a str> {
    let mut groups: Vec<&str> = Vec::new();
    for b in found {
        if !groups.contains(&b.gallery.group.as_str()) {
            groups.push(&b.gallery.group);
        }
    }
    groups
}

/// Whether every word of the search occurs somewhere in the preset.
fn matches(preset: &Builtin, search: &str) -> bool {
    let spec = &preset.spec;
    let mut all = format!("{} {} {} {} {}", preset.key, spec.name, spec.purpose, preset.gallery.group, preset.gallery.source);
    for p in &spec.populations {
        all += &format!(" {} {} {}", p.name, p.model.kind.name, p.model.kind.key);
    }
    for p in spec.projections.iter().filter_map(|p| p.plasticity.as_ref()) {
        all += &format!(" {} plastic learning", p.kind.name);
    }
    let all = all.to_lowercase();
    search.to_lowercase().split_whitespace().all(|word| all.contains(word))
}

/// Cards side by side, as many as fit.
fn cards_of(ui: &mut Ui, view: &mut ViewCtx<'_>, cards: &[&Builtin]) {
    let room = ui.available_width();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let columns = ((room + GAP) / (CARD + GAP)).floor().max(1.0) as usize;
    // Never wider than reads well: a lone card does not fill the wall.
    let width = ((room - GAP * (columns - 1) as f32) / columns as f32).clamp(80.0, 300.0);
    for row in cards.chunks(columns) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            for preset in row {
                let is_open = view.spec.name == preset.spec.name;
                if card(ui, view.theme, preset, width, is_open).clicked() {
                    view.act(Action::OpenPreset(preset.key));
                }
            }
        });
        ui.add_space(GAP - ui.spacing().item_spacing.y);
    }
}

fn card(ui: &mut Ui, theme: &Theme, preset: &Builtin, width: f32, is_open: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(width, PICTURE + TEXT), Sense::click());
    let spec = &preset.spec;
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Open {}", spec.name)));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let lit = response.hovered() || response.has_focus();
    let edge = match (is_open, lit) {
        (true, _) => Stroke::new(1.5, theme.accent),
        (false, true) => Stroke::new(1.0, theme.weak),
        (false, false) => Stroke::new(1.0, theme.hairline),
    };
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.rect_filled(rect, 6.0, if lit { theme.control } else { theme.panel });
    let picture = Rect::from_min_size(rect.min, vec2(width, PICTURE));
    painter.rect_filled(picture, egui::CornerRadius { nw: 6, ne: 6, sw: 0, se: 0 }, theme.plot);
    sketch::sketch(&painter.with_clip_rect(picture.intersect(ui.clip_rect())), theme, picture, spec);
    let left = rect.left() + 10.0;
    let line = |words: &str, font: FontId, colour, rows: usize| {
        let mut job = LayoutJob::default();
        job.append(words, 0.0, TextFormat::simple(font, colour));
        job.wrap = TextWrapping { max_width: width - 20.0, max_rows: rows, break_anywhere: rows == 1, ..TextWrapping::default() };
        painter.layout_job(job)
    };
    let name = line(&spec.name, fonts::semibold(BODY), if is_open { theme.accent } else { theme.strong }, 1);
    painter.galley(pos2(left, picture.bottom() + 6.0), name, theme.text);
    let purpose = line(&spec.purpose, FontId::proportional(SMALL), theme.text, 2);
    painter.galley(pos2(left, picture.bottom() + 24.0), purpose, theme.text);
    let size = line(&size_of(spec), FontId::proportional(SMALL), theme.weak, 1);
    painter.galley(pos2(left, rect.bottom() - 18.0), size, theme.weak);
    painter.rect_stroke(rect, 6.0, edge, StrokeKind::Inside);
    let source = if preset.gallery.source.is_empty() { String::new() } else { format!("\n\n{}", preset.gallery.source) };
    response.on_hover_text(format!("{}{source}", spec.purpose)).on_hover_cursor(egui::CursorIcon::PointingHand)
}

/// `1,000 neurons · Leaky integrate-and-fire · learns`.
fn size_of(spec: &NetworkSpec) -> String {
    let n = spec.n_neurons();
    let mut models: Vec<&str> = spec.populations.iter().map(|p| p.model.kind.name).collect();
    models.dedup();
    let mut line = format!("{} {}", text::count(n), if n == 1 { "neuron" } else { "neurons" });
    if spec.projections.iter().any(|p| p.plasticity.is_some()) {
        line += " · learns";
    }
    if !models.is_empty() {
        line += &format!(" · {}", models.join(", "));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_finds_every_preset_by_its_own_words_and_none_by_nonsense() {
        for preset in builtin::list() {
            assert!(matches(preset, &preset.spec.name), "{}", preset.key);
            assert!(matches(preset, &preset.spec.name.to_uppercase()), "{}", preset.key);
            assert!(matches(preset, ""));
            assert!(!matches(preset, "xyzzy"));
        }
        assert!(builtin::list().iter().any(|b| matches(b, "leaky integrate")));
    }

    #[test]
    fn every_preset_is_in_exactly_one_group() {
        let all: Vec<&Builtin> = builtin::list().iter().collect();
        let groups = groups(&all);
        let n: usize = groups.iter().map(|g| all.iter().filter(|b| b.gallery.group == *g).count()).sum();
        assert_eq!(n, all.len());
    }

    #[test]
    fn the_size_is_said_in_words() {
        let mut spec = NetworkSpec::default();
        spec.populations.push(spikeground_core::spec::PopulationSpec::new(
            "A",
            1,
            spikeground_core::part::Part::new(spikeground_core::model::neuron::ALL[0]),
        ));
        assert!(size_of(&spec).starts_with("1 neuron ·"));
    }
}
