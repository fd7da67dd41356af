//! The gallery: every network that comes with the program as a card; a click opens it.

use super::super::theme::{BODY, SMALL, Theme};
use super::super::view::{Action, ViewCtx};
use super::super::{fonts, text};
use super::graph::sketch;
use super::{Panel, PanelKind};
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{FontId, Rect, Response, RichText, ScrollArea, Sense, Stroke, StrokeKind, Ui, pos2, vec2};
use spikeground_core::preset::builtin::{self, Builtin};
use spikeground_core::spec::NetworkSpec;

pub static KIND: PanelKind = PanelKind {
    key: "gallery",
    title: "Gallery",
    help: "Networks that come with the program. Each card shows the populations (▲ excitatory, ● inhibitory, ■ other), how they are \
connected (dashed: learns), and what there is to see. Click a card to open it; the present network is asked about if it has unsaved changes. \
Type to search in names, purposes, models and sources.",
    make: || Box::<Gallery>::default(),
};

/// Cards are at least this wide and share what is left.
const CARD: f32 = 210.0;
const PICTURE: f32 = 96.0;
const TEXT: f32 = 74.0;
const GAP: f32 = 8.0;

#[derive(Default)]
pub struct Gallery {
    search: String,
}

impl Panel for Gallery {
    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        self.search_field(ui);
        ui.add_space(4.0);
        let found: Vec<&Builtin> = builtin::list().iter().filter(|b| matches(b, &self.search)).collect();
        if found.is_empty() {
            let title = format!("No preset matches “{}”", self.search);
            if super::common::empty(ui, view.theme, &title, "Search looks into names, purposes, models and sources", Some("Show all")) {
                self.search.clear();
            }
            return;
        }
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            for group in groups(&found) {
                let heading = RichText::new(group).font(fonts::semibold(SMALL + 1.0)).color(view.theme.weak);
                let cards: Vec<&Builtin> = found.iter().copied().filter(|b| b.gallery.group == group).collect();
                if cards.iter().all(|b| b.variation) {
                    // Dozens of variations would drown the rest; a search shows what it found.
                    let open = (!self.search.trim().is_empty()).then_some(true);
                    egui::CollapsingHeader::new(heading).id_salt(group).open(open).show(ui, |ui| cards_of(ui, view, &cards));
                } else {
                    ui.label(heading);
                    cards_of(ui, view, &cards);
                }
                ui.add_space(8.0);
            }
        });
    }
}

impl Gallery {
    fn search_field(&mut self, ui: &mut Ui) {
        let field = egui::TextEdit::singleline(&mut self.search).hint_text("Search presets").desired_width(260.0);
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
