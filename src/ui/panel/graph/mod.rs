//! The network graph: populations as nodes, projections as arrows, stimuli as small sources, with their activity; a small network
//! neuron by neuron.

mod cells;
mod crowd;
mod curve;
mod place;
pub mod sketch;
mod strength;

use super::super::view::{Action, Item, Needs, ViewCtx};
use super::common::{self, Subject};
use super::{Panel, PanelKind};
use egui::{Pos2, Rect, Response, Sense, Ui, pos2, vec2};
use serde::{Deserialize, Serialize};
use spikeground_core::protocol::{Command, Poke};

pub static KIND: PanelKind = PanelKind {
    key: "graph",
    title: "Network graph",
    help: "Circles are populations with their size and mean rate in Hz; they glow when their neurons fire, and pulses run along the arrows. \
Arrows are projections: a pointed head excites, a round head inhibits, a dashed line learns, and a wide line carries more input. Little boxes \
are stimuli. Click to select, drag to move a population. Networks of up to 64 neurons can be drawn neuron by neuron, with edges as thick as \
their weights: click selects a neuron, double-click makes it fire.",
    make: || Box::<Graph>::default(),
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    /// Draw small networks neuron by neuron.
    neurons: bool,
}

impl Default for Saved {
    fn default() -> Self {
        Self { neurons: true }
    }
}

#[derive(Default)]
pub struct Graph {
    saved: Saved,
    /// Population being dragged and where it is now (0..1 × 0..1).
    drag: Option<(usize, Pos2)>,
}

/// Where on the screen the places 0..1 × 0..1 are.
pub struct Stage {
    rect: Rect,
    places: Vec<Pos2>,
}

impl Stage {
    fn new(area: Rect, places: Vec<Pos2>) -> Self {
        // Names and rates are written below the lowest node.
        let rect = Rect::from_min_max(area.min + vec2(8.0, 8.0), area.max - vec2(8.0, 30.0));
        Self { rect, places }
    }

    fn node(&self, i: usize) -> Pos2 {
        let p = self.places.get(i).copied().unwrap_or(pos2(0.5, 0.5));
        self.rect.lerp_inside(p.to_vec2())
    }

    fn place(&self, at: Pos2) -> Pos2 {
        let p = (at - self.rect.min) / self.rect.size().max(vec2(1.0, 1.0));
        pos2(p.x.clamp(0.02, 0.98), p.y.clamp(0.02, 0.98))
    }

    /// How far from its middle a population may reach without meeting another or the edge.
    fn reach(&self) -> f32 {
        let places = || (0..self.places.len()).map(|i| self.node(i));
        let apart = places().enumerate().flat_map(|(i, a)| places().take(i).map(move |b| a.distance(b) * 0.36));
        let edge = places()
            .map(|p| (p.x - self.rect.left()).min(self.rect.right() - p.x).min(p.y - self.rect.top()).min(self.rect.bottom() - p.y) * 0.8);
        apart.chain(edge).fold(self.rect.height() * 0.42, f32::min).max(12.0)
    }

    /// Length by which nodes are sized: smaller panels and more populations make smaller nodes.
    fn unit(&self, n: usize) -> f32 {
        let side = self.rect.width().min(self.rect.height() * 1.2);
        let closest = (0..self.places.len())
            .flat_map(|i| (0..i).map(move |j| (i, j)))
            .map(|(i, j)| self.node(i).distance(self.node(j)))
            .fold(side, f32::min);
        (side * 0.105).min(closest * 0.21).min(side * 0.26 / (n.max(1) as f32).sqrt()).max(6.0)
    }
}

impl Graph {
    fn by_neuron(&self, view: &ViewCtx<'_>) -> bool {
        self.saved.neurons && view.spec.n_neurons() <= cells::MAX
    }

    fn crowd(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>, stage: &Stage, response: &Response) {
        let scene = crowd::scene(view, stage);
        let hovered = response.hover_pos().and_then(|at| crowd::hit(&scene, at));
        crowd::paint(ui, view, &scene, hovered);
        if response.clicked() {
            view.selection.item = hovered.unwrap_or(Item::Network);
        }
        let tip = hovered.filter(|_| self.drag.is_none()).map(|item| crowd::describe(view, &scene, item)).unwrap_or_default();
        show_tip(response, view, &tip);
        self.move_nodes(view, stage, response, |at| match crowd::hit(&scene, at) {
            Some(Item::Population(i)) => Some(i),
            _ => None,
        });
    }

    fn cells(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>, stage: &Stage, response: &Response) {
        let scene = cells::scene(view, stage);
        let hovered = response.hover_pos().and_then(|at| cells::hit(&scene, at));
        cells::paint(ui, view, &scene, hovered);
        let cell = hovered.and_then(|i| scene.cells.get(i)).map(|c| (c.population, c.index));
        if response.double_clicked() {
            if let Some(cell) = cell {
                poke(view, cell);
            }
        } else if response.clicked() {
            view.selection.neurons = cell.into_iter().collect();
            view.selection.item = cell.map_or(Item::Network, |c| Item::Population(c.0));
        }
        let edge = response.hover_pos().filter(|_| hovered.is_none()).and_then(|at| cells::edge_at(&scene, at));
        let tip = match (hovered, edge) {
            (Some(i), _) => cells::describe(view, &scene, i),
            (None, Some(edge)) => cells::describe_edge(view, &scene, edge),
            _ => Vec::new(),
        };
        show_tip(response, view, &tip);
        self.move_nodes(view, stage, response, |at| cells::hit(&scene, at).and_then(|i| scene.cells.get(i)).map(|c| c.population));
        let note = cells::note(&scene);
        if !note.is_empty() {
            let font = egui::FontId::proportional(super::super::theme::SMALL);
            ui.painter().text(response.rect.right_bottom() - vec2(4.0, 2.0), egui::Align2::RIGHT_BOTTOM, note, font, view.theme.weak);
        }
    }

    /// Dragging a node moves it; the document is told once, at the end.
    fn move_nodes(&mut self, view: &mut ViewCtx<'_>, stage: &Stage, response: &Response, node_at: impl Fn(Pos2) -> Option<usize>) {
        if response.drag_started() {
            let start = response.interact_pointer_pos().map(|p| p - response.total_drag_delta().unwrap_or_default());
            self.drag = start.and_then(node_at).map(|i| (i, stage.place(stage.node(i))));
        }
        if let Some((i, at)) = &mut self.drag {
            let delta = response.drag_delta() / stage.rect.size().max(vec2(1.0, 1.0));
            *at = pos2((at.x + delta.x).clamp(0.02, 0.98), (at.y + delta.y).clamp(0.02, 0.98));
            if response.drag_stopped() {
                let mut spec = view.spec.clone();
                if let Some(p) = spec.populations.get_mut(*i) {
                    // Whole per cents: the file stays readable.
                    p.position = Some([(at.x * 100.0).round() / 100.0, (at.y * 100.0).round() / 100.0]);
                    let label = format!("Move {}", p.name);
                    view.act(Action::Edit { spec: Box::new(spec), label });
                }
                self.drag = None;
            }
        }
    }
}

fn poke(view: &mut ViewCtx<'_>, (population, neuron): (usize, u32)) {
    view.act(Action::Send(Command::Poke { population, neuron, poke: Poke::Fire }));
}

fn show_tip(response: &Response, view: &ViewCtx<'_>, lines: &[String]) {
    let Some((title, rest)) = lines.split_first() else { return };
    response.clone().on_hover_ui_at_pointer(|ui| {
        ui.label(egui::RichText::new(title).strong().color(view.theme.strong));
        for line in rest {
            ui.label(egui::RichText::new(line).color(view.theme.text));
        }
    });
}

impl Panel for Graph {
    fn is_useful(&self, view: &ViewCtx<'_>) -> bool {
        !view.spec.projections.is_empty()
    }

    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        let (area, response) = ui.allocate_exact_size(ui.available_size().max(vec2(40.0, 40.0)), Sense::click_and_drag());
        if view.spec.populations.is_empty() {
            let hint = "This network has no populations yet. Add one in the network tree, or open a preset";
            let clicked = ui.scope_builder(egui::UiBuilder::new().max_rect(area), |ui| {
                common::empty(ui, view.theme, "The network as a picture", hint, Some("Open the gallery"))
            });
            if clicked.inner {
                view.act(Action::ShowPanel("gallery"));
            }
            return;
        }
        let words = format!(
            "Graph of {}: {} populations, {} projections",
            view.spec.name,
            view.spec.populations.len(),
            view.spec.projections.len()
        );
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &words));
        let mut places = place::places(view.spec);
        if let Some((i, at)) = self.drag
            && let Some(place) = places.get_mut(i)
        {
            *place = at;
        }
        let stage = Stage::new(area, places);
        if self.by_neuron(view) {
            self.cells(ui, view, &stage, &response);
        } else {
            self.crowd(ui, view, &stage, &response);
        }
        crowd::legend(ui.painter(), view.theme, pos2(area.left() + 2.0, area.bottom() - 7.0));
    }

    fn bar(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        if let Some(&neuron) = view.selection.neurons.first() {
            let name = common::neuron_name(view.spec, neuron.0, neuron.1);
            if ui.button("Poke").on_hover_text(format!("Make {name} fire now")).clicked() {
                poke(view, neuron);
            }
        }
        if view.spec.n_neurons() <= cells::MAX && !view.spec.populations.is_empty() {
            let neurons = ui.selectable_label(self.saved.neurons, "Neurons").on_hover_text("Draw every neuron instead of populations");
            if neurons.clicked() {
                self.saved.neurons = !self.saved.neurons;
            }
        }
    }

    fn needs(&self, view: &ViewCtx<'_>, needs: &mut Needs) {
        if view.spec.projections.is_empty() {
            return;
        }
        if needs.watch.is_none() {
            needs.watch = Some(Subject::natural(view.spec, view.selection.item).watch());
        }
        // Line widths and edges come from the weights: each projection is looked at once.
        let is_known = |i: usize| view.history.weights.mean(i).is_some();
        needs.glimpse = (0..view.spec.projections.len()).find(|i| !is_known(*i)).map(|i| Subject { projection: Some(i) }.watch());
    }

    fn save(&self) -> String {
        ron::to_string(&self.saved).unwrap_or_default()
    }

    fn load(&mut self, settings: &str) {
        self.saved = ron::from_str(settings).unwrap_or_default();
    }
}
