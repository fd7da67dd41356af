//! Everything about what is selected: made from the descriptors, so that a new model needs nothing here.

mod equations;
mod network;
mod neuron;
mod own;
mod part;
mod population;
mod probe;
mod projection;
mod stimulus;

pub use own::Own;

use super::view::{Action, Item, ViewCtx};
use super::{edit, fonts, text, theme, tree};
use egui::{Color32, Id, RichText, Role, Ui, WidgetInfo};
use spikeground_core::spec::NetworkSpec;

/// What the inspector draws with: the view, and the network as it was opened.
pub struct Desk<'a, 'v> {
    pub view: &'a mut ViewCtx<'v>,
    pub opened: &'a NetworkSpec,
    own: &'a mut Own,
}

impl Desk<'_, '_> {
    /// Asks for an edited network.
    fn edit(&mut self, label: &str, change: impl FnOnce(&mut NetworkSpec)) {
        let mut spec = self.view.spec.clone();
        change(&mut spec);
        self.view.act(Action::Edit { spec: Box::new(spec), label: label.to_owned() });
    }
}

/// Draws the inspector of the selected item.
pub fn ui(ui: &mut Ui, view: &mut ViewCtx<'_>, opened: &NetworkSpec, own: &mut Own) {
    let item = view.selection.item;
    let mut desk = Desk { view, opened, own };
    ui.spacing_mut().item_spacing.y = 2.0;
    title(ui, &mut desk, item);
    ui.push_id("neuron", |ui| neuron::ui(ui, &mut desk));
    ui.push_id(item, |ui| match item {
        Item::Network => network::ui(ui, &mut desk),
        Item::Population(i) => population::ui(ui, &mut desk, i),
        Item::Projection(i) => projection::ui(ui, &mut desk, i),
        Item::Stimulus(i) => stimulus::ui(ui, &mut desk, i),
        Item::Probe(i) => probe::ui(ui, &mut desk, i),
    });
}

/// What it is, and its name.
fn title(ui: &mut Ui, desk: &mut Desk<'_, '_>, item: Item) {
    let spec = desk.view.spec;
    let theme = desk.view.theme;
    let kind = match item {
        Item::Network => "Network",
        Item::Population(_) => "Population",
        Item::Projection(_) => "Projection",
        Item::Stimulus(_) => "Stimulus",
        Item::Probe(_) => "Probe",
    };
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        if let Item::Population(i) = item
            && let Some(p) = spec.populations.get(i)
        {
            let (sign, colour) = tree::mark(p.role, theme);
            ui.label(RichText::new(sign).color(colour));
        }
        let name = edit::name_of(spec, item).unwrap_or_default();
        ui.add(egui::Label::new(RichText::new(name).font(fonts::semibold(theme::TITLE - 1.0)).color(theme.strong)).truncate());
    });
    if item != Item::Network {
        let size = match item {
            Item::Projection(i) => desk.view.n_synapses.get(i).map(|n| format!(" · {}", text::counted(*n, "synapse", "synapses"))),
            _ => None,
        };
        ui.label(RichText::new(format!("{kind}{}", size.unwrap_or_default())).size(theme::SMALL).color(theme.weak));
    }
}

/// A heading inside the inspector, with a hair line above.
fn section(ui: &mut Ui, theme: &theme::Theme, words: &str) {
    ui.add_space(8.0);
    let rect = ui.available_rect_before_wrap();
    ui.painter().hline(rect.x_range(), rect.top(), ui.visuals().widgets.noninteractive.bg_stroke);
    ui.add_space(6.0);
    ui.label(RichText::new(words).font(fonts::semibold(theme::SMALL)).color(theme.weak));
    ui.add_space(2.0);
}

/// A choice among names, with a label on the left; returns the newly chosen index.
fn chooser(ui: &mut Ui, label: &str, chosen: usize, names: &[String], tips: &[&str]) -> Option<usize> {
    let mut new = chosen;
    ui.horizontal(|ui| {
        if !label.is_empty() {
            labelled(ui, label);
        }
        let shown = names.get(chosen).cloned().unwrap_or_else(|| "missing".into());
        let combo = egui::ComboBox::from_id_salt((label, names.first()))
            .selected_text(shown)
            .width(ui.available_width())
            .truncate()
            .show_ui(ui, |ui| {
                for (i, name) in names.iter().enumerate() {
                    let entry = ui.selectable_value(&mut new, i, name);
                    if let Some(tip) = tips.get(i).filter(|t| !t.is_empty()) {
                        entry.on_hover_text(*tip);
                    }
                }
            });
        let spoken = if label.is_empty() { "Kind" } else { label };
        combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, spoken));
    });
    (new != chosen).then_some(new)
}

/// The label of a row, as wide as the symbols of the sliders.
fn labelled(ui: &mut Ui, label: &str) {
    let weak = ui.visuals().weak_text_color();
    ui.spacing_mut().item_spacing.x = 0.0;
    ui.add_space(10.0);
    ui.allocate_ui_with_layout(egui::vec2(62.0, theme::ROW), egui::Layout::left_to_right(egui::Align::Center), |ui| {
        ui.set_min_width(62.0);
        ui.label(RichText::new(label).color(weak));
    });
}

/// A text field that changes the document when it is left.
fn text_field(ui: &mut Ui, name: &str, current: &str, lines: usize) -> Option<String> {
    let id = ui.make_persistent_id(("text", name));
    let mut text = ui.data(|d| d.get_temp::<String>(id)).unwrap_or_else(|| current.to_owned());
    let edit = if lines > 1 { egui::TextEdit::multiline(&mut text).desired_rows(lines) } else { egui::TextEdit::singleline(&mut text) };
    let response = ui.add(edit.desired_width(f32::INFINITY).margin(egui::vec2(6.0, 3.0)));
    response.widget_info(|| WidgetInfo { current_text_value: Some(text.clone()), ..WidgetInfo::labeled(Role::TextInput, true, name) });
    let keep: Id = id;
    if response.has_focus() {
        ui.data_mut(|d| d.insert_temp(keep, text));
        return None;
    }
    ui.data_mut(|d| d.remove::<String>(keep));
    (response.lost_focus() && text != current).then_some(text)
}

/// A small quiet button.
fn small_button(ui: &mut Ui, words: &str, colour: Color32) -> egui::Response {
    ui.add(egui::Button::new(RichText::new(words).size(theme::SMALL).color(colour)).frame(false))
}
