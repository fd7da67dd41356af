//! The dock: panels side by side and in tabs, to be dragged, resized, opened and closed; saved with the settings.

use super::export::{Form, SIZE};
use super::panel::{self, Panel, PanelKind};
use super::theme::Theme;
use super::view::{Action, Needs, ViewCtx};
use super::widgets::fold;
use super::widgets::icon::{self, Icon};
use super::{fonts, theme};
use crate::plot::Plot;
use egui_tiles::{Container, Linear, LinearDir, Tabs, Tile, TileId, Tiles, Tree};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

fn id() -> egui::Id {
    egui::Id::unique("dock")
}

/// The dock as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// The tree of tiles, as RON.
    pub tree: String,
    /// Settings of each panel.
    pub panels: BTreeMap<String, String>,
    /// Width and height of figures, points; 0: the usual size.
    #[serde(default)]
    pub figure: (f32, f32),
}

pub struct Dock {
    tree: Tree<String>,
    panels: BTreeMap<&'static str, Box<dyn Panel>>,
    /// Panels opened by hand: shown even when the network gives them nothing to show.
    asked: BTreeSet<String>,
    /// Width and height of figures, points.
    pub figure: (f32, f32),
}

fn kind(key: &str) -> Option<&'static PanelKind> {
    panel::ALL.iter().copied().find(|k| k.key == key)
}

impl Dock {
    /// The dock as saved, or the default desk where nothing usable was saved.
    pub fn new(saved: &Saved) -> Self {
        let mut panels: BTreeMap<_, _> = panel::ALL.iter().map(|k| (k.key, (k.make)())).collect();
        for (key, panel) in &mut panels {
            if let Some(settings) = saved.panels.get(*key) {
                panel.load(settings);
            }
        }
        let tree = ron::from_str::<Tree<String>>(&saved.tree).ok().filter(|t| t.root().is_some()).unwrap_or_else(default_tree);
        let or = |chosen: f32, usual: f32| if chosen.is_finite() && chosen >= 100.0 { chosen.min(4000.0) } else { usual };
        let figure = (or(saved.figure.0, SIZE.0), or(saved.figure.1, SIZE.1));
        Self { tree, panels, asked: BTreeSet::new(), figure }
    }

    pub fn save(&self) -> Saved {
        Saved {
            tree: ron::to_string(&self.tree).unwrap_or_default(),
            panels: self.panels.iter().map(|(k, p)| ((*k).to_owned(), p.save())).filter(|(_, s)| !s.is_empty()).collect(),
            figure: self.figure,
        }
    }

    pub fn reset(&mut self) {
        self.tree = default_tree();
        self.asked.clear();
    }

    pub fn is_open(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    fn find(&self, key: &str) -> Option<TileId> {
        self.tree.tiles.iter().find(|(_, t)| matches!(t, Tile::Pane(k) if k == key)).map(|(id, _)| *id)
    }

    /// Brings a panel to the front; opens it where it belongs when it was closed.
    pub fn show(&mut self, key: &str) {
        if kind(key).is_none() {
            return;
        }
        if self.find(key).is_none() {
            let pane = self.tree.tiles.insert_pane(key.to_owned());
            let area = |id: TileId| self.tree.tiles.rect(id).map_or(0.0, |r| r.area());
            let tabs = self.tree.tiles.iter().filter(|(_, t)| matches!(t, Tile::Container(Container::Tabs(_)))).map(|(id, _)| *id);
            let home = tabs.max_by(|a, b| area(*a).total_cmp(&area(*b)));
            match (home, self.tree.root()) {
                (Some(tabs), _) => self.tree.move_tile_to_container(pane, tabs, usize::MAX, false),
                (None, Some(root)) => self.tree.move_tile_to_container(pane, root, usize::MAX, false),
                (None, None) => self.tree = Tree::new(id(), pane, std::mem::take(&mut self.tree.tiles)),
            }
        }
        self.asked.insert(key.to_owned());
        if let Some(id) = self.find(key) {
            self.tree.set_visible(id, true);
        }
        self.tree.make_active(|_, tile| matches!(tile, Tile::Pane(k) if k == key));
    }

    /// Brings panels to the front at the same time: one that shares its tabs with another moves to tabs that none of them needs.
    pub fn show_together(&mut self, keys: &[&str]) {
        let mut taken: Vec<TileId> = Vec::new();
        for key in keys {
            self.show(key);
            let Some(pane) = self.find(key) else { continue };
            let home = self.tree.tiles.parent_of(pane);
            if home.is_some_and(|h| taken.contains(&h)) {
                let area = |id: TileId| self.tree.tiles.rect(id).map_or(0.0, |r| r.area());
                let tabs = self.tree.tiles.iter().filter(|(_, t)| matches!(t, Tile::Container(Container::Tabs(_)))).map(|(id, _)| *id);
                // The smallest of the others: what is in front in the large ones stays.
                let free = tabs.filter(|id| !taken.contains(id)).min_by(|a, b| area(*a).total_cmp(&area(*b)));
                if let Some(free) = free {
                    self.tree.move_tile_to_container(pane, free, usize::MAX, false);
                }
            }
            taken.extend(self.tree.tiles.parent_of(pane));
        }
        for key in keys {
            self.tree.make_active(|_, tile| matches!(tile, Tile::Pane(k) if k == key));
        }
    }

    /// Panels without anything to show leave their room to the others.
    fn hide_useless(&mut self, view: &ViewCtx<'_>) {
        for kind in panel::ALL {
            let useful = self.asked.contains(kind.key) || self.panels.get(kind.key).is_some_and(|p| p.is_useful(view));
            if let Some(id) = self.find(kind.key) {
                self.tree.set_visible(id, useful);
            }
        }
    }

    pub fn close(&mut self, key: &str) {
        if let Some(id) = self.find(key) {
            self.tree.remove_recursively(id);
        }
    }

    /// What the panels on screen need recorded.
    pub fn needs(&self, view: &ViewCtx<'_>) -> Needs {
        let mut needs = Needs::default();
        for id in self.tree.active_tiles() {
            if let Some(Tile::Pane(key)) = self.tree.tiles.get(id)
                && let Some(panel) = self.panels.get(key.as_str())
            {
                panel.needs(view, &mut needs);
            }
        }
        needs.watch = needs.glimpse.take().or(needs.watch);
        needs
    }

    /// What the panels in sight show, with their titles.
    pub fn open_plots(&mut self, view: &ViewCtx<'_>) -> Vec<(&'static str, Vec<Plot>)> {
        let keys: Vec<String> = self
            .tree
            .active_tiles()
            .into_iter()
            .filter_map(|id| if let Some(Tile::Pane(key)) = self.tree.tiles.get(id) { Some(key.clone()) } else { None })
            .collect();
        let of = |kind: &PanelKind| -> Option<(&'static str, Vec<Plot>)> {
            let panel = self.panels.get_mut(kind.key).filter(|_| keys.iter().any(|k| k == kind.key))?;
            Some((kind.title, panel.plots(view))).filter(|(_, plots)| !plots.is_empty())
        };
        panel::ALL.iter().copied().filter_map(of).collect()
    }

    pub fn ui(&mut self, ui: &mut egui::Ui, view: &mut ViewCtx<'_>) {
        if self.tree.root().is_none() {
            ui.centered_and_justified(|ui| ui.weak("All panels are closed. Open one from the menu, or reset the layout"));
            return;
        }
        self.hide_useless(view);
        for panel in self.panels.values_mut() {
            panel.tick(ui.ctx(), view);
        }
        let mut desk = Desk { theme: view.theme.clone(), panels: &mut self.panels, view, close: None, figure: &mut self.figure };
        self.tree.ui(&mut desk, ui);
        if let Some(key) = desk.close {
            self.close(&key);
        }
    }
}

/// Middle: raster over traces; right: weights over the rule and the graph.
fn default_tree() -> Tree<String> {
    let mut tiles = Tiles::default();
    let mut tabs = |keys: &[&str]| -> Option<TileId> {
        let panes: Vec<_> = keys.iter().filter(|k| kind(k).is_some()).map(|k| tiles.insert_pane((*k).to_owned())).collect();
        (!panes.is_empty()).then(|| tiles.insert_tab_tile(panes))
    };
    let (a, b, c, d) = (
        tabs(&["raster", "gallery", "compare", "equations", "elsewhere"]),
        tabs(&["traces", "analysis", "input", "sweep"]),
        tabs(&["weights", "graph", "phase"]),
        tabs(&["histogram", "stdp", "curves", "runs"]),
    );
    let mut column = |above: Option<TileId>, below: Option<TileId>, share: f32| match (above, below) {
        (Some(above), Some(below)) => {
            Some(tiles.insert_new(Tile::Container(Container::Linear(Linear::new_binary(LinearDir::Vertical, [above, below], share)))))
        }
        (one, other) => one.or(other),
    };
    let (middle, right) = (column(a, b, 0.62), column(c, d, 0.56));
    let root = match (middle, right) {
        (Some(middle), Some(right)) => {
            Some(tiles.insert_new(Tile::Container(Container::Linear(Linear::new_binary(LinearDir::Horizontal, [middle, right], 0.6)))))
        }
        (one, other) => one.or(other),
    };
    root.map_or_else(|| Tree::empty(id()), |root| Tree::new(id(), root, tiles))
}

/// How much of the bar the title of a tab takes.
fn title_width(ui: &egui::Ui, tile: &Tile<String>) -> f32 {
    let Tile::Pane(key) = tile else { return 0.0 };
    let title = kind(key).map_or(key.as_str(), |k| k.title);
    ui.painter().layout_no_wrap(title.to_owned(), fonts::semibold(theme::BODY), egui::Color32::PLACEHOLDER).size().x + 16.0
}

/// Where a tab bar is to be scrolled so that the tab from `left` to `right` is seen, of titles so wide in so much room.
fn scrolled(now: f32, (left, right): (f32, f32), (titles, room): (f32, f32)) -> f32 {
    if titles <= room {
        return 0.0;
    }
    // Room that the two arrows take at most.
    let room = (room - 2.0 * (theme::GRID * 8.0 + 8.0)).max(0.0);
    if left < now || right - left > room { left } else { now.max(right - room) }
}

/// How tiles look, and what is in them.
struct Desk<'a, 'v> {
    theme: Theme,
    panels: &'a mut BTreeMap<&'static str, Box<dyn Panel>>,
    view: &'a mut ViewCtx<'v>,
    close: Option<String>,
    figure: &'a mut (f32, f32),
}

impl egui_tiles::Behavior<String> for Desk<'_, '_> {
    fn pane_ui(&mut self, ui: &mut egui::Ui, _id: TileId, key: &mut String) -> egui_tiles::UiResponse {
        ui.painter().rect_filled(ui.max_rect(), 0.0, self.theme.panel);
        egui::Frame::new().inner_margin(egui::Margin::symmetric(8, 4)).show(ui, |ui| match self.panels.get_mut(key.as_str()) {
            Some(panel) => {
                ui.push_id(key.as_str(), |ui| panel.ui(ui, self.view));
                ui.take_available_space();
            }
            None => {
                ui.weak("This panel is not part of this version");
            }
        });
        egui_tiles::UiResponse::None
    }

    fn tab_title_for_pane(&mut self, key: &String) -> egui::WidgetText {
        egui::RichText::new(kind(key).map_or(key.as_str(), |k| k.title)).font(fonts::semibold(theme::BODY)).into()
    }

    fn on_tab_button(&mut self, tiles: &mut Tiles<String>, id: TileId, response: egui::Response) -> egui::Response {
        if let Some(Tile::Pane(key)) = tiles.get(id) {
            response.context_menu(|ui| {
                if ui.button("Close panel").clicked() {
                    self.close = Some(key.clone());
                }
            });
        }
        response
    }

    fn top_bar_right_ui(&mut self, tiles: &Tiles<String>, ui: &mut egui::Ui, id: TileId, tabs: &Tabs, scroll: &mut f32) {
        let Some(Tile::Pane(key)) = tabs.active.and_then(|id| tiles.get(id)) else { return };
        let (Some(kind), Some(panel)) = (kind(key), self.panels.get_mut(key.as_str())) else { return };
        ui.spacing_mut().item_spacing.x = theme::GRID;
        ui.push_id((key.as_str(), "bar"), |ui| {
            let help = icon::button(ui, Icon::Help, &format!("About {}", kind.title), "What is this?");
            let frame = egui::Frame::popup(ui.style()).inner_margin(12);
            egui::Popup::from_toggle_button_response(&help).align(egui::RectAlign::BOTTOM_END).width(320.0).frame(frame).show(|ui| {
                ui.set_max_width(320.0);
                ui.label(egui::RichText::new(kind.title).font(fonts::semibold(theme::BODY)).color(self.theme.strong));
                ui.add_space(4.0);
                ui.label(kind.help);
            });
            let export = icon::button(ui, Icon::Export, &format!("Export {}", kind.title), "Save as a figure, or copy the numbers");
            let plots = |panel: &mut Box<dyn Panel>, view: &mut ViewCtx<'_>, form| {
                let plots = panel.plots(view);
                view.act(Action::Export { title: kind.title, plots, form });
            };
            let menu = egui::Popup::menu(&export).align(egui::RectAlign::BOTTOM_END).accessible_name("Export");
            menu.close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
                ui.set_min_width(180.0);
                for (words, form) in [("Figure (PNG, SVG)…", Form::File), ("Copy the numbers", Form::Copy)] {
                    if ui.button(words).clicked() {
                        plots(panel, self.view, form);
                        ui.close();
                    }
                }
                ui.separator();
                ui.horizontal(|ui| {
                    let (width, height) = &mut *self.figure;
                    for (side, name) in [(width, "Width"), (height, "Height")] {
                        let field = ui.add(egui::DragValue::new(side).range(100.0..=4000.0).speed(5.0).max_decimals(0));
                        field.on_hover_text(format!("{name} of figures, points; a PNG has two pixels a point"));
                    }
                    ui.weak("points");
                });
            });
            // The titles keep their room: what the panel puts here must do with the rest, or fold.
            let visible =
                || tabs.children.iter().filter(|id| tiles.is_visible(**id)).filter_map(|id| tiles.get(*id).map(|tile| (*id, tile)));
            let titles: f32 = visible().map(|(_, tile)| title_width(ui, tile)).sum();
            let room = egui::vec2((ui.available_width() - titles - theme::GRID).max(0.0), ui.available_height());
            fold::row(ui, egui::Id::unique(("bar", key.as_str())), room, |ui| panel.bar(ui, self.view));
            // A tab that comes to the front comes into sight, too; afterwards the bar may be scrolled away from it.
            let (front, seen) = (tabs.active, egui::Id::unique(("front", id)));
            let width = ui.available_width();
            let was = ui.data(|d| d.get_temp::<(Option<TileId>, f32, u8)>(seen)).filter(|w| (w.0, w.1) == (front, width));
            // The bar learns how wide its titles are while it draws them.
            let frames = was.map_or(0, |w| w.2);
            if frames < 3 {
                ui.data_mut(|d| d.insert_temp(seen, (front, width, frames + 1)));
                ui.ctx().request_repaint();
                let before: f32 = visible().take_while(|(id, _)| Some(*id) != front).map(|(_, tile)| title_width(ui, tile)).sum();
                let own = front.and_then(|id| tiles.get(id)).map_or(0.0, |tile| title_width(ui, tile));
                *scroll = scrolled(*scroll, (before, before + own), (titles, width));
            }
        });
    }

    fn tab_bar_height(&self, _style: &egui::Style) -> f32 {
        theme::GRID * 8.0
    }

    fn gap_width(&self, _style: &egui::Style) -> f32 {
        1.0
    }

    fn min_size(&self) -> f32 {
        96.0
    }

    fn tab_title_spacing(&self, _visuals: &egui::Visuals) -> f32 {
        8.0
    }

    fn simplification_options(&self) -> egui_tiles::SimplificationOptions {
        egui_tiles::SimplificationOptions { all_panes_must_have_tabs: true, ..Default::default() }
    }

    fn tab_bar_color(&self, _visuals: &egui::Visuals) -> egui::Color32 {
        self.theme.panel
    }

    fn tab_bg_color(&self, _v: &egui::Visuals, _t: &Tiles<String>, _id: TileId, _state: &egui_tiles::TabState) -> egui::Color32 {
        egui::Color32::TRANSPARENT
    }

    fn tab_outline_stroke(&self, _v: &egui::Visuals, _t: &Tiles<String>, _id: TileId, _state: &egui_tiles::TabState) -> egui::Stroke {
        egui::Stroke::NONE
    }

    fn tab_bar_hline_stroke(&self, _visuals: &egui::Visuals) -> egui::Stroke {
        egui::Stroke::NONE
    }

    fn tab_text_color(&self, _v: &egui::Visuals, _t: &Tiles<String>, _id: TileId, state: &egui_tiles::TabState) -> egui::Color32 {
        if state.active { self.theme.strong } else { self.theme.weak }
    }

    fn resize_stroke(&self, _style: &egui::Style, state: egui_tiles::ResizeState) -> egui::Stroke {
        match state {
            egui_tiles::ResizeState::Idle => egui::Stroke::new(1.0, self.theme.hairline),
            egui_tiles::ResizeState::Hovering => egui::Stroke::new(2.0, self.theme.weak),
            egui_tiles::ResizeState::Dragging => egui::Stroke::new(2.0, self.theme.accent),
        }
    }

    fn drag_preview_stroke(&self, _visuals: &egui::Visuals) -> egui::Stroke {
        egui::Stroke::new(1.0, self.theme.accent)
    }

    fn drag_preview_color(&self, _visuals: &egui::Visuals) -> egui::Color32 {
        self.theme.accent.gamma_multiply(0.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_in_front_is_scrolled_into_sight() {
        assert_eq!(scrolled(40.0, (0.0, 60.0), (300.0, 400.0)), 0.0, "all fit");
        // 200 points, 120 beside the arrows.
        assert_eq!(scrolled(0.0, (300.0, 360.0), (360.0, 200.0)), 240.0);
        assert_eq!(scrolled(240.0, (60.0, 120.0), (360.0, 200.0)), 60.0);
        assert_eq!(scrolled(100.0, (120.0, 180.0), (360.0, 200.0)), 100.0, "it is in sight already");
    }
}
