//! One part: choose its kind, its named sets, its parameters; read its equations.

use super::{Desk, chooser, section, small_button};
use crate::ui::view::{Action, Touch};
use crate::ui::widgets::param_slider::Row;
use crate::ui::{edit, fonts, text, theme};
use egui::{RichText, Ui};
use spikeground_core::model::Family;
use spikeground_core::param::{Kind, NamedSet};
use spikeground_core::part::Part;
use spikeground_core::spec::NetworkSpec;
use spikeground_core::spec::path::{Path, Place};

/// Chooses the kind of the part at `place`; returns the new part.
pub fn choose(ui: &mut Ui, label: &str, family: Family, part: &Part) -> Option<Part> {
    let now = family.iter().position(|k| std::ptr::eq(*k, part.kind)).unwrap_or(usize::MAX);
    let names: Vec<_> = family.iter().map(|k| k.name.to_owned()).collect();
    let tips: Vec<_> = family.iter().map(|k| k.summary).collect();
    chooser(ui, label, now, &names, &tips).map(|i| edit::change_kind(part, family[i]))
}

/// All parameters of the part at `place`, as sliders.
pub fn rows(ui: &mut Ui, desk: &mut Desk<'_, '_>, place: Place) {
    let spec = desk.view.spec;
    let Some(part) = spec.part(place) else { return };
    ui.push_id(place, |ui| {
        for (param, descriptor) in part.kind.params.iter().enumerate() {
            let path = Path { place, param };
            let Some(&value) = part.values.get(param) else { continue };
            let opened = opened_value(desk.opened, spec, path).unwrap_or(descriptor.default);
            let row = Row { spec: descriptor, unit: spec.unit_of(path), value, opened };
            let top = ui.cursor().top();
            let change = row.show(ui, desk.view.theme);
            let place = egui::Rect::from_x_y_ranges(ui.max_rect().x_range(), top..=ui.min_rect().bottom().max(top));
            touch(ui, desk, path, place, change.is_some());
            if let Some(change) = change {
                desk.view.act(Action::Set { path, value: change.value, gesture: change.gesture });
            }
        }
        table(ui, part);
    });
}

/// Tells the other panels which slider is touched; goes to the one that is asked for, and shows which one that was.
fn touch(ui: &mut Ui, desk: &mut Desk<'_, '_>, path: Path, place: egui::Rect, is_changed: bool) {
    let now = ui.input(|i| i.time);
    let selection = &mut *desk.view.selection;
    let is_under = ui.rect_contains_pointer(place);
    if is_under || is_changed {
        selection.touched = Some(Touch { path, at: now });
    }
    if selection.wanted == Some(path) {
        selection.wanted = None;
        selection.touched = Some(Touch { path, at: now });
        ui.scroll_to_rect(place, Some(egui::Align::Center));
        if let Some(key) = desk.view.spec.spec_of(path).map(|s| s.key) {
            ui.memory_mut(|m| m.request_focus(ui.scope_id().with(("row", key))));
        }
    }
    let since = desk.view.selection.touched.filter(|t| t.path == path && !is_under).map(|t| now - t.at);
    if let Some(part) = since.map(|s| 1.0 - s / FLASH).filter(|p| *p > 0.0) {
        let colour = desk.view.theme.accent.gamma_multiply(0.16 * part as f32);
        ui.painter().rect_filled(place.expand2(egui::vec2(4.0, 0.0)), 4.0, colour);
        ui.ctx().request_repaint();
    }
}

/// How long the slider that was gone to is marked, s.
const FLASH: f64 = 1.2;

/// A table belongs to the file; here only its size is shown.
fn table(ui: &mut Ui, part: &Part) {
    if part.kind.columns.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.add_space(10.0);
        let rows = text::counted(part.table.len() as u64, "row", "rows");
        let home = if part.kind.key == "recorded" { "drawn, or from a file" } else { "edited in the file" };
        ui.weak(format!("{rows}, {home}")).on_hover_text(format!("Columns: {}", part.kind.columns.join(", ")));
    });
}

/// The named parameter sets as buttons; the one that matches is lit. Parameters called `keep` stay as they are.
pub fn sets(ui: &mut Ui, desk: &mut Desk<'_, '_>, place: Place, keep: &'static [&'static str]) {
    let Some(part) = desk.view.spec.part(place) else { return };
    if part.kind.sets.is_empty() {
        return;
    }
    let shown = if part.kind.sets.len() > MOST_SETS + 1 { MOST_SETS } else { part.kind.sets.len() };
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
        for set in &part.kind.sets[..shown] {
            // Models with many sets have short names for them, as the literature does: RS, IB, CH.
            let words = if shown > 4 && set.key.len() <= 3 { set.key.to_uppercase() } else { set.name.to_owned() };
            let button =
                egui::Button::selectable(is_lit(part, set, keep), RichText::new(words).size(theme::SMALL)).frame_when_inactive(true);
            if ui.add(button).on_hover_text(format!("{}\n{}", set.name, set.doc)).clicked() {
                chosen = Some(set);
            }
        }
        let rest = &part.kind.sets[shown..];
        if !rest.is_empty() {
            let lit = rest.iter().find(|s| is_lit(part, s, keep));
            let words = lit.map_or_else(|| format!("{} more", rest.len()), |s| s.name.to_owned());
            ui.menu_button(RichText::new(words).size(theme::SMALL), |ui| {
                egui::ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
                    for set in rest {
                        if ui.add(egui::Button::selectable(is_lit(part, set, keep), set.name)).on_hover_text(set.doc).clicked() {
                            chosen = Some(set);
                            ui.close();
                        }
                    }
                });
            });
        }
    });
    ui.add_space(4.0);
    if let Some(set) = chosen {
        desk.edit(set.name, |spec| {
            if let Some(part) = spec.part_mut(place) {
                part.apply_set(set, keep);
            }
        });
    }
}

/// Named sets shown as buttons; the rest is in a menu.
const MOST_SETS: usize = 7;

/// Whether the part has exactly the values of the set.
fn is_lit(part: &Part, set: &NamedSet, keep: &[&str]) -> bool {
    let mut with_set = part.clone();
    with_set.apply_set(set, keep);
    with_set.values == part.values
}

/// The equations and references of a kind.
pub fn equations(ui: &mut Ui, desk: &Desk<'_, '_>, kind: &Kind) {
    if kind.equations.is_empty() && kind.references.is_empty() {
        return;
    }
    let theme = desk.view.theme;
    section(ui, theme, "Equations");
    egui::Frame::new().fill(theme.field()).corner_radius(4).inner_margin(egui::Margin::symmetric(8, 6)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        for line in kind.equations {
            ui.add(egui::Label::new(equation(line, theme)).wrap());
        }
    });
    for reference in kind.references {
        ui.add(egui::Label::new(RichText::new(*reference).size(theme::SMALL).color(theme.weak)).wrap().selectable(true));
    }
}

/// An equation with italic variables and real subscripts.
fn equation(line: &str, theme: &theme::Theme) -> egui::text::LayoutJob {
    let mut job = egui::text::LayoutJob::default();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphabetic() || c == '_';
        let end = if is_word(first) {
            // A subscript may be a sign or a digit: A_+, I_0, μ_−.
            let mut sub = false;
            rest.char_indices()
                .find(|(_, c)| {
                    let inside = is_word(*c) || (sub && (c.is_alphanumeric() || matches!(c, '+' | '−')));
                    sub |= *c == '_';
                    !inside
                })
                .map_or(rest.len(), |(i, _)| i)
        } else {
            rest.char_indices().find(|(_, c)| is_word(*c)).map_or(rest.len(), |(i, _)| i)
        };
        let (word, tail) = rest.split_at(end);
        if is_word(first) && (word.contains('_') || word.chars().count() <= 2) {
            text::append_symbol(&mut job, word, theme::BODY, theme.text);
        } else {
            let font = egui::FontId::proportional(theme::BODY);
            job.append(word, 0.0, egui::TextFormat { font_id: font, color: theme.text, ..Default::default() });
        }
        rest = tail;
    }
    job
}

/// The value a parameter had when the document was opened, found by the names of things, which survive edits.
pub fn opened_value(opened: &NetworkSpec, spec: &NetworkSpec, path: Path) -> Option<f64> {
    let place = match path.place {
        Place::Model(i) => Place::Model(opened.population(&spec.populations[i].name)?),
        Place::Spread(i, k) => Place::Spread(opened.population(&spec.populations[i].name)?, k),
        Place::Initial(i, k) => Place::Initial(opened.population(&spec.populations[i].name)?, k),
        Place::Synapse(i) => Place::Synapse(opened.projection(&spec.projections[i].name)?),
        Place::Connect(i) => Place::Connect(opened.projection(&spec.projections[i].name)?),
        Place::Weight(i) => Place::Weight(opened.projection(&spec.projections[i].name)?),
        Place::Delay(i) => Place::Delay(opened.projection(&spec.projections[i].name)?),
        Place::Plasticity(i) => Place::Plasticity(opened.projection(&spec.projections[i].name)?),
        Place::Stimulus(i) => Place::Stimulus(opened.stimulus(&spec.stimuli[i].name)?),
        Place::StimulusSynapse(i) => Place::StimulusSynapse(opened.stimulus(&spec.stimuli[i].name)?),
    };
    let (then, now) = (opened.part(place)?, spec.part(path.place)?);
    std::ptr::eq(then.kind, now.kind).then(|| then.values.get(path.param).copied())?
}

/// A list of parts, each belonging to a parameter or state: rows, remove, add. Returns the edited list.
pub struct Listed<'a> {
    pub title: &'a str,
    pub family: Family,
    pub entries: &'a [(usize, Part)],
    /// Symbols and keys of what an entry may belong to.
    pub subjects: Vec<(&'static str, &'static str)>,
}

impl Listed<'_> {
    pub fn ui(&self, ui: &mut Ui, desk: &mut Desk<'_, '_>, place: impl Fn(usize) -> Place) -> Option<Vec<(usize, Part)>> {
        let theme = desk.view.theme;
        let mut new = None;
        section(ui, theme, self.title);
        for (k, (subject, part)) in self.entries.iter().enumerate() {
            let (symbol, key) = self.subjects.get(*subject).copied().unwrap_or(("?", "?"));
            ui.push_id((self.title, k), |ui| {
                ui.horizontal(|ui| {
                    ui.add_space(10.0);
                    ui.label(text::symbol(symbol, theme::BODY + 1.0, theme.text)).on_hover_text(key);
                    if let Some(kind) = kind_menu(ui, part.kind, self.family) {
                        let mut list = self.entries.to_vec();
                        list[k].1 = edit::change_kind(part, kind);
                        new = Some(list);
                    }
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        if small_button(ui, "remove", theme.weak).clicked() {
                            let mut list = self.entries.to_vec();
                            list.remove(k);
                            new = Some(list);
                        }
                    });
                });
                rows(ui, desk, place(k));
            });
        }
        let free: Vec<_> = (0..self.subjects.len()).filter(|s| self.entries.iter().all(|(e, _)| e != s)).collect();
        if !free.is_empty() {
            ui.horizontal(|ui| {
                ui.add_space(6.0);
                let words = RichText::new(format!("+ {}", self.title.to_lowercase())).size(theme::SMALL);
                ui.menu_button(words, |ui| {
                    for s in free {
                        let (symbol, key) = self.subjects[s];
                        ui.menu_button(text::symbol(symbol, theme::BODY, theme.text), |ui| {
                            for kind in self.family {
                                if ui.button(kind.name).on_hover_text(kind.summary).clicked() {
                                    let mut list = self.entries.to_vec();
                                    list.push((s, Part::new(kind)));
                                    new = Some(list);
                                }
                            }
                        })
                        .response
                        .on_hover_text(key);
                    }
                });
            });
        }
        new
    }
}

fn kind_menu(ui: &mut Ui, now: &'static Kind, family: Family) -> Option<&'static Kind> {
    let mut chosen = None;
    let words = RichText::new(now.name).font(fonts::medium(theme::SMALL));
    egui::ComboBox::from_id_salt("kind").selected_text(words).width(120.0).show_ui(ui, |ui| {
        for kind in family {
            if ui.selectable_label(std::ptr::eq(*kind, now), kind.name).on_hover_text(kind.summary).clicked() {
                chosen = Some(*kind);
            }
        }
    });
    chosen.filter(|k| !std::ptr::eq(*k, now))
}
