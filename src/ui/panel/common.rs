//! What several panels draw alike: empty states, marks and colours of populations, the projection whose weights are shown.

use super::super::theme::{BODY, SMALL, Theme};
use super::super::view::{Item, ViewCtx};
use super::super::{fonts, text};
use crate::plot::Ink;
use egui::{Color32, Painter, Pos2, RichText, Shape, Stroke, Ui, pos2, vec2};
use spikeground_core::protocol::{Probe, Watch};
use spikeground_core::spec::{NetworkSpec, Role};

/// Largest picture of weights asked for, in each direction; a larger matrix comes as block means.
pub const PICTURE_CELLS: u32 = 1024;

/// What would be here, why it is not, and the one action that fills it. True when that was clicked.
pub fn empty(ui: &mut Ui, theme: &Theme, title: &str, hint: &str, action: Option<&str>) -> bool {
    let height = 24.0 + 40.0 + if action.is_some() { 36.0 } else { 0.0 };
    let mut clicked = false;
    ui.vertical_centered(|ui| {
        ui.add_space(((ui.available_height() - height) * 0.45).max(8.0));
        ui.set_max_width(320.0);
        ui.label(RichText::new(title).font(fonts::semibold(BODY)).color(theme.text));
        ui.label(RichText::new(hint).size(SMALL + 1.0).color(theme.weak));
        if let Some(action) = action {
            ui.add_space(8.0);
            clicked = ui.button(action).clicked();
        }
    });
    clicked
}

/// The colour of a population: by role, in shades where several have one role; from the series for those that are neither.
pub fn colour(theme: &Theme, spec: &NetworkSpec, population: usize) -> Color32 {
    let Some(role) = spec.populations.get(population).map(|p| p.role) else { return theme.series(population) };
    let base = match role {
        Role::Excitatory => theme.excitatory,
        Role::Inhibitory => theme.inhibitory,
        Role::Other => return theme.series(population),
    };
    let alike = |range: &[spikeground_core::spec::PopulationSpec]| range.iter().filter(|p| p.role == role).count() as f32;
    // Towards the strongest text colour: contrast on the ground only grows.
    Theme::mix(base, theme.strong, 0.7 * alike(&spec.populations[..population]) / alike(&spec.populations))
}

/// The same colour by its meaning, for plots.
pub fn ink(spec: &NetworkSpec, population: usize) -> Ink {
    let Some(role) = spec.populations.get(population).map(|p| p.role) else { return Ink::Series(population) };
    // Several of one role are told apart by the series.
    if spec.populations.iter().filter(|p| p.role == role).count() > 1 {
        return Ink::Series(population);
    }
    match role {
        Role::Excitatory => Ink::Excitatory,
        Role::Inhibitory => Ink::Inhibitory,
        Role::Other => Ink::Series(population),
    }
}

/// ▲ excitatory, ● inhibitory, ■ other.
pub fn mark(painter: &Painter, role: Role, centre: Pos2, radius: f32, colour: Color32) {
    match role {
        Role::Excitatory => {
            let (x, up, down) = (radius * 0.95, radius, radius * 0.7);
            let points = vec![centre + vec2(0.0, -up), centre + vec2(x, down), centre + vec2(-x, down)];
            painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
        }
        Role::Inhibitory => {
            painter.circle_filled(centre, radius * 0.85, colour);
        }
        Role::Other => {
            painter.rect_filled(egui::Rect::from_center_size(centre, vec2(radius, radius) * 1.5), 0.0, colour);
        }
    }
}

/// The weights a panel shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// None: the whole network.
    pub projection: Option<usize>,
}

impl Subject {
    /// What is interesting unless somebody chose: the selected projection, the first plastic one, a small network as a whole.
    pub fn natural(spec: &NetworkSpec, item: Item) -> Self {
        let last = spec.projections.len().saturating_sub(1);
        let projection = match item {
            Item::Projection(i) if i <= last => Some(i),
            _ => spec.projections.iter().position(|p| p.plasticity.is_some()),
        };
        let is_small = spec.projections.len() > 1 && spec.n_neurons() <= 64;
        Self { projection: projection.or((!is_small && !spec.projections.is_empty()).then_some(0)) }
    }

    pub fn watch(self) -> Watch {
        Watch { projection: self.projection, max_rows: PICTURE_CELLS, max_cols: PICTURE_CELLS }
    }

    /// Unit of the weights; of a whole network whose units differ: none, and the reason.
    pub fn unit(self, spec: &NetworkSpec) -> Result<&'static str, &'static str> {
        match self.projection {
            Some(i) if i < spec.projections.len() => Ok(spec.weight_unit(i)),
            Some(_) => Ok(""),
            None => {
                let mut units = (0..spec.projections.len()).map(|i| spec.weight_unit(i));
                let first = units.next().unwrap_or("");
                if units.all(|u| u == first) { Ok(first) } else { Err("units differ between projections") }
            }
        }
    }

    /// Upper bound of the weights where a rule has one.
    pub fn w_max(self, spec: &NetworkSpec) -> Option<f64> {
        let rule = spec.projections.get(self.projection?)?.plasticity.as_ref()?;
        rule.kind.param("w_max").map(|_| rule.get("w_max")).filter(|w| *w > 0.0)
    }

    pub fn name(self, spec: &NetworkSpec) -> &str {
        self.projection.map_or("Whole network", |i| spec.projections.get(i).map_or("–", |p| &p.name))
    }
}

/// A neuron's name: population and index.
pub fn neuron_name(spec: &NetworkSpec, population: usize, index: u32) -> String {
    let name = spec.populations.get(population).map_or("–", |p| &p.name);
    format!("{name} {}", text::count(u64::from(index)))
}

/// Mean of a recorded variable over the last `ms`; 0 while there is nothing.
pub fn recent_mean(view: &ViewCtx<'_>, probe: &Probe, ms: f64) -> f64 {
    let (now, dt) = (view.history.step(), view.status.dt.max(f64::MIN_POSITIVE));
    let n = ((ms / dt) as u64).clamp(1, 200);
    let Some(trace) = view.history.traces.get(probe) else { return 0.0 };
    let values: Vec<f64> = (now.saturating_sub(n)..=now).filter_map(|s| trace.at(s)).map(f64::from).collect();
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// A weight or change with its unit, signed when it is a change.
pub fn weight_text(value: f64, unit: &str, is_change: bool) -> String {
    let number = text::number(value, if is_change { 3 } else { 4 });
    let sign = if is_change && value > 0.0 { "+" } else { "" };
    text::with_unit(&format!("{sign}{number}"), unit)
}

/// Mean and standard deviation with their unit; a deviation that is rounding only is none.
pub fn mean_text(mean: f64, sd: f64, unit: &str) -> String {
    let sd = if sd <= mean.abs() * 1e-6 { 0.0 } else { sd };
    format!("mean {} ± {}", text::number(mean, 3), text::with_unit(&text::number(sd, 3), unit))
}

/// Which colour is which kept run, in the corner of a plot.
pub fn legend_of_kept(painter: &Painter, view: &ViewCtx<'_>, plot: Option<&egui::Rect>) {
    let Some(plot) = plot.filter(|_| view.kept.shown().next().is_some()) else { return };
    let mut x = plot.left() + 4.0;
    for kept in view.kept.shown() {
        let ink = super::super::widgets::plot::colour(kept.ink(), view.theme);
        let galley = painter.layout_no_wrap(kept.name.clone(), egui::FontId::proportional(super::super::theme::SMALL), view.theme.text);
        let rect = egui::Rect::from_min_size(pos2(x, plot.top() + 4.0), galley.size() + vec2(20.0, 4.0));
        painter.rect_filled(rect, 3.0, view.theme.panel.gamma_multiply(0.88));
        painter.circle_stroke(pos2(rect.left() + 8.0, rect.center().y), 3.5, Stroke::new(1.5, ink));
        painter.galley(rect.min + vec2(16.0, 2.0), galley, view.theme.text);
        x = rect.right() + 4.0;
    }
}

/// Says that the network has no synapses, and offers what fills the panel.
pub fn no_synapses(ui: &mut Ui, view: &mut ViewCtx<'_>, what: &str) {
    let hint = "This network has no synapses. Open a preset that has some, or add a projection in the network tree";
    if empty(ui, view.theme, what, hint, Some("Open the gallery")) {
        view.act(super::super::view::Action::ShowPanel("gallery"));
    }
}

/// A dot of four corners: cheaper than a circle where there are thousands.
pub fn dot(mesh: &mut egui::Mesh, at: Pos2, radius: f32, colour: Color32) {
    let first = u32::try_from(mesh.vertices.len()).unwrap_or(0);
    for (x, y) in [(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)] {
        mesh.colored_vertex(pos2(at.x + x * radius, at.y + y * radius), colour);
    }
    mesh.add_triangle(first, first + 1, first + 2);
    mesh.add_triangle(first, first + 2, first + 3);
}

/// A number for one drag, so that all its edits are one undo step.
pub fn new_gesture() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    // Far from the small numbers that others may count with.
    static NEXT: AtomicU64 = AtomicU64::new(1 << 40);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::model;
    use spikeground_core::part::Part;
    use spikeground_core::spec::{PopulationSpec, ProjectionSpec};

    fn network() -> NetworkSpec {
        let mut spec = NetworkSpec::default();
        spec.populations.push(PopulationSpec::new("E", 800, Part::new(model::neuron::ALL[0])));
        spec.projections.push(ProjectionSpec::new("static", "E", "E"));
        spec.projections.push(ProjectionSpec {
            plasticity: Some(Part::new(&model::plasticity::stdp::KIND)),
            ..ProjectionSpec::new("plastic", "E", "E")
        });
        spec
    }

    #[test]
    fn the_plastic_projection_is_shown_unless_another_is_selected() {
        let spec = network();
        assert_eq!(Subject::natural(&spec, Item::Network).projection, Some(1));
        assert_eq!(Subject::natural(&spec, Item::Projection(0)).projection, Some(0));
        assert_eq!(Subject::natural(&spec, Item::Projection(7)).projection, Some(1));
        assert_eq!(Subject::natural(&NetworkSpec::default(), Item::Network).projection, None);
        assert_eq!(Subject { projection: Some(1) }.w_max(&spec), Some(1.0));
        assert_eq!(Subject { projection: Some(9) }.w_max(&spec), None);
    }
}
