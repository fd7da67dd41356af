//! The network as a list: populations, projections, stimuli, probes; select, add, rename, duplicate, delete.

use super::command::UiCommand;
use super::view::{Action, Item, ViewCtx};
use super::widgets::icon::{self, Icon};
use super::{edit, fonts, text, theme};
use egui::{Align2, Color32, FontId, Key, Popup, Rect, Response, Role as AccessRole, Sense, Ui, WidgetInfo, pos2, vec2};
use spikeground_core::model::{neuron, stimulus};
use spikeground_core::spec::{COMMON_VARIABLES, NetworkSpec, Role};

/// Height of a row and of a heading.
pub const ROW: f32 = 22.0;
pub const HEADING: f32 = 24.0;

/// State of the tree between frames.
#[derive(Default)]
pub struct Tree {
    /// The item being renamed, and the text so far.
    rename: Option<(Item, String)>,
    /// Which "+" menu a command asks to open.
    open: Option<Group>,
    /// The selection to take over once the document has the new item.
    pub select: Option<Item>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Populations,
    Projections,
    Stimuli,
    Probes,
}

/// Colour and mark of a role.
pub fn mark(role: Role, theme: &theme::Theme) -> (&'static str, Color32) {
    match role {
        Role::Excitatory => ("▲", theme.excitatory),
        Role::Inhibitory => ("●", theme.inhibitory),
        Role::Other => ("■", theme.series(2)),
    }
}

fn mark_of(spec: &NetworkSpec, name: &str, theme: &theme::Theme) -> (&'static str, Color32) {
    spec.population(name).map_or(("?", theme.error), |i| mark(spec.populations[i].role, theme))
}

impl Tree {
    /// Starts renaming the selected item.
    pub fn start_rename(&mut self, spec: &NetworkSpec, item: Item) {
        if let Some(name) = edit::name_of(spec, item).filter(|_| !matches!(item, Item::Probe(_))) {
            self.rename = Some((item, name));
        }
    }

    /// Opens the menu of an "add" command.
    pub fn start_add(&mut self, command: UiCommand) {
        self.open = match command {
            UiCommand::AddPopulation => Some(Group::Populations),
            UiCommand::AddProjection => Some(Group::Projections),
            UiCommand::AddStimulus => Some(Group::Stimuli),
            UiCommand::AddProbe => Some(Group::Probes),
            _ => None,
        };
    }

    pub fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        let spec = view.spec;
        let theme = view.theme.clone();
        self.row(ui, view, Item::Network, &[], &spec.name, "");
        self.heading(ui, view, "Populations", Group::Populations);
        for (i, p) in spec.populations.iter().enumerate() {
            self.row(ui, view, Item::Population(i), &[mark(p.role, &theme)], &p.name, &text::count(p.size.into()));
        }
        self.heading(ui, view, "Projections", Group::Projections);
        for (i, p) in spec.projections.iter().enumerate() {
            let marks = [mark_of(spec, &p.pre, &theme), ("→", theme.weak), mark_of(spec, &p.post, &theme)];
            let right = if p.plasticity.is_some() { "plastic" } else { "" };
            self.row(ui, view, Item::Projection(i), &marks, &p.name, right);
        }
        self.heading(ui, view, "Stimuli", Group::Stimuli);
        for (i, s) in spec.stimuli.iter().enumerate() {
            let marks = [("→", theme.weak), mark_of(spec, &s.target, &theme)];
            self.row(ui, view, Item::Stimulus(i), &marks, &s.name, if s.enabled { "" } else { "off" });
        }
        self.heading(ui, view, "Probes", Group::Probes);
        for (i, p) in spec.probes.iter().enumerate() {
            let count = text::counted(p.neurons.len() as u64, "neuron", "neurons");
            self.row(
                ui,
                view,
                Item::Probe(i),
                &[mark_of(spec, &p.population, &theme)],
                &format!("{} of {}", p.variable, p.population),
                &count,
            );
        }
    }

    fn heading(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>, title: &str, group: Group) {
        ui.spacing_mut().interact_size.y = HEADING - 2.0;
        ui.horizontal(|ui| {
            ui.add_space(12.0);
            ui.label(egui::RichText::new(title).size(theme::SMALL).color(view.theme.weak));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let name = format!("Add to {}", title.to_lowercase());
                let button = icon::button(ui, Icon::Plus, &name, &name);
                let force = (self.open == Some(group)).then(|| {
                    self.open = None;
                    egui::SetOpenCommand::Bool(true)
                });
                Popup::menu(&button).open_memory(force.or_else(|| button.clicked().then_some(egui::SetOpenCommand::Toggle))).show(|ui| {
                    if let Some((spec, item)) = add_menu(ui, view.spec, view.selection.item, group) {
                        let label = format!("add {}", edit::name_of(&spec, item).unwrap_or_default());
                        view.act(Action::Edit { spec: Box::new(spec), label });
                        self.select = Some(item);
                        ui.close();
                    }
                });
            });
        });
    }

    fn row(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>, item: Item, marks: &[(&str, Color32)], name: &str, right: &str) {
        if self.rename.as_ref().is_some_and(|r| r.0 == item) {
            self.rename_row(ui, view, item);
            return;
        }
        let selected = view.selection.item == item;
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
        response.widget_info(|| WidgetInfo::selected(AccessRole::Button, true, selected, name));
        paint_row(ui, view, rect, &response, selected, marks, name, right);
        if response.clicked() {
            view.selection.item = item;
            response.request_focus();
        }
        if response.double_clicked() {
            self.start_rename(view.spec, item);
        }
        if response.has_focus() {
            step_focus(ui, &response);
        }
        if response.gained_focus() && !response.clicked() {
            view.selection.item = item;
        }
        if item != Item::Network {
            response.context_menu(|ui| {
                if !matches!(item, Item::Probe(_)) && ui.button("Rename").clicked() {
                    self.start_rename(view.spec, item);
                }
                if ui.button("Duplicate").clicked()
                    && let Some((spec, new)) = edit::duplicate(view.spec, item)
                {
                    view.act(Action::Edit { spec: Box::new(spec), label: format!("duplicate {name}") });
                    self.select = Some(new);
                }
                if ui.button("Delete").clicked()
                    && let Some(spec) = edit::delete(view.spec, item)
                {
                    view.act(Action::Edit { spec: Box::new(spec), label: format!("delete {name}") });
                }
            });
        }
    }

    fn rename_row(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>, item: Item) {
        let Some((_, name)) = &mut self.rename else { return };
        let edit = ui.add(egui::TextEdit::singleline(name).desired_width(f32::INFINITY).id_salt("rename").margin(vec2(8.0, 3.0)));
        edit.widget_info(|| WidgetInfo::labeled(AccessRole::TextInput, true, "New name"));
        if !edit.has_focus() && !edit.lost_focus() {
            edit.request_focus();
        }
        if edit.lost_focus() {
            let name = name.clone();
            self.rename = None;
            if ui.input(|i| i.key_pressed(Key::Escape)) {
                return;
            }
            match edit::rename(view.spec, item, &name) {
                Ok(spec) => view.act(Action::Edit { spec: Box::new(spec), label: format!("rename to {name}") }),
                Err(why) => view.act(Action::Notice(format!("Not renamed: {why}"))),
            }
        }
    }
}

#[allow(clippy::too_many_arguments)]
fn paint_row(
    ui: &Ui,
    view: &ViewCtx<'_>,
    rect: Rect,
    response: &Response,
    selected: bool,
    marks: &[(&str, Color32)],
    name: &str,
    right: &str,
) {
    if !ui.is_rect_visible(rect) {
        return;
    }
    let theme = view.theme;
    let painter = ui.painter();
    let ground = rect.shrink2(vec2(4.0, 0.0));
    if selected {
        painter.rect_filled(ground, 4.0, theme.accent_ground());
    } else if response.hovered() {
        painter.rect_filled(ground, 4.0, theme.control);
    }
    if response.has_focus() {
        painter.rect_stroke(ground, 4.0, egui::Stroke::new(1.0, theme.accent), egui::StrokeKind::Inside);
    }
    let mut x = rect.left() + 12.0;
    for (sign, colour) in marks {
        painter.text(pos2(x + 5.0, rect.center().y), Align2::CENTER_CENTER, sign, FontId::proportional(theme::SMALL), *colour);
        x += 13.0;
    }
    if !marks.is_empty() {
        x += 4.0;
    }
    let mut end = rect.right() - 12.0;
    if !right.is_empty() {
        let drawn = painter.text(pos2(end, rect.center().y), Align2::RIGHT_CENTER, right, fonts::medium(theme::SMALL), theme.weak);
        end = drawn.left() - 8.0;
    }
    let font = if marks.is_empty() { fonts::semibold(theme::BODY) } else { FontId::proportional(theme::BODY) };
    let colour = if selected { theme.strong } else { theme.text };
    let mut job = egui::text::LayoutJob::simple_singleline(name.to_owned(), font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width((end - x).max(0.0));
    let galley = painter.layout_job(job);
    painter.galley(pos2(x, rect.center().y - galley.size().y / 2.0), galley, colour);
}

/// Up and down go from row to row.
fn step_focus(ui: &Ui, response: &Response) {
    ui.memory_mut(|m| m.set_focus_lock_filter(response.id, egui::EventFilter { vertical_arrows: false, ..Default::default() }));
}

/// The menu behind a "+"; returns the network with the new item.
fn add_menu(ui: &mut Ui, spec: &NetworkSpec, selected: Item, group: Group) -> Option<(NetworkSpec, Item)> {
    let mut made = None;
    let here = match selected {
        Item::Population(i) => i,
        _ => 0,
    };
    if spec.populations.is_empty() && group != Group::Populations {
        ui.label("Add a population first");
        return None;
    }
    match group {
        Group::Populations => {
            for kind in neuron::ALL {
                if ui.button(kind.name).on_hover_text(kind.summary).clicked() {
                    made = Some(edit::add_population(spec, kind));
                }
            }
        }
        Group::Projections => {
            for (pre, from) in spec.populations.iter().enumerate() {
                ui.menu_button(format!("From {}", from.name), |ui| {
                    for (post, to) in spec.populations.iter().enumerate() {
                        if ui.button(format!("to {}", to.name)).clicked() {
                            made = Some(edit::add_projection(spec, pre, post));
                        }
                    }
                });
            }
        }
        Group::Stimuli => {
            for kind in stimulus::ALL {
                if ui.button(kind.name).on_hover_text(kind.summary).clicked() {
                    made = Some(edit::add_stimulus(spec, kind, here));
                }
            }
        }
        Group::Probes => {
            for (i, p) in spec.populations.iter().enumerate() {
                ui.menu_button(&p.name, |ui| {
                    for s in p.model.kind.states {
                        if ui.button(s.doc).clicked() {
                            made = Some(edit::add_probe(spec, i, s.key));
                        }
                    }
                    for (key, _, doc) in COMMON_VARIABLES {
                        if ui.button(*doc).clicked() {
                            made = Some(edit::add_probe(spec, i, key));
                        }
                    }
                });
            }
        }
    }
    made
}
