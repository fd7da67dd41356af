//! The weights panel: a live heatmap of presynaptic × postsynaptic weights with colour bar and read-out.

mod figure;
mod map;
mod range;

use super::super::view::{Item, Needs, Selection, ViewCtx};
use super::super::widgets::heatmap::Heatmap;
use super::common::{self, Subject};
use super::{Panel, PanelKind};
use crate::plot::Plot;
use egui::Ui;
use range::Held;
use serde::{Deserialize, Serialize};

pub static KIND: PanelKind = PanelKind {
    key: "weights",
    title: "Weights",
    help: "Each pixel is the weight of one synapse: rows are the presynaptic neurons, columns the postsynaptic ones. Where two neurons are \
not connected, the hatched ground shows. Δ shows the change since the panel began to watch. The colour scale holds still until you press \
Fit. Wheel: zoom; drag: move; double-click: show all; click: select both neurons everywhere; drag with the right \
button: select the neurons of a block. Where synapses are smaller than pixels, \
each pixel is the mean of a block, and the line below says of how many.",
    make: || Box::<Weights>::default(),
};

/// What the user chose to see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Choice {
    /// What is interesting by itself (see [`Subject::natural`]).
    #[default]
    Natural,
    Whole,
    /// By name, so that it survives other projections coming and going.
    Projection(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    choice: Choice,
    change: bool,
}

#[derive(Default)]
pub struct Weights {
    saved: Saved,
    /// The selection as last seen: selecting a projection anywhere shows it here.
    item: Item,
    scale: Held,
    change_scale: Held,
    heatmap: Heatmap,
    /// The synapse asked for last, and when (s).
    asked: Option<((usize, u32, u32), f64)>,
}

impl Weights {
    fn subject(&self, view: &ViewCtx<'_>) -> Subject {
        let natural = || Subject::natural(view.spec, view.selection.item);
        match &self.saved.choice {
            Choice::Natural => natural(),
            Choice::Whole => Subject { projection: None },
            Choice::Projection(name) => view.spec.projection(name).map_or_else(natural, |i| Subject { projection: Some(i) }),
        }
    }

    fn follow(&mut self, spec: &spikeground_core::spec::NetworkSpec, selection: &Selection) {
        if self.item != selection.item {
            self.item = selection.item;
            if let Item::Projection(i) = self.item
                && let Some(p) = spec.projections.get(i)
            {
                self.saved.choice = Choice::Projection(p.name.clone());
            }
        }
    }

    fn chooser(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        let now = self.subject(view);
        let width = (ui.available_width() - 4.0).clamp(74.0, 150.0);
        let combo = egui::ComboBox::from_id_salt("projection").width(width).truncate().selected_text(now.name(view.spec));
        let response = combo.show_ui(ui, |ui| {
            for (i, p) in view.spec.projections.iter().enumerate() {
                let plastic = if p.plasticity.is_some() { "  · learns" } else { "" };
                if ui.selectable_label(now.projection == Some(i), format!("{}{plastic}", p.name)).clicked() {
                    self.saved.choice = Choice::Projection(p.name.clone());
                }
            }
            if ui.selectable_label(now.projection.is_none(), "Whole network").clicked() {
                self.saved.choice = Choice::Whole;
            }
        });
        response.response.on_hover_text("Whose weights to show");
    }
}

impl Panel for Weights {
    fn is_useful(&self, view: &ViewCtx<'_>) -> bool {
        !view.spec.projections.is_empty()
    }

    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        self.follow(view.spec, view.selection);
        if view.spec.projections.is_empty() {
            common::no_synapses(ui, view, "The weights of the synapses");
            return;
        }
        map::show(self, ui, view);
    }

    fn bar(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        if view.spec.projections.is_empty() {
            return;
        }
        let fit = ui.button("Fit").on_hover_text("Fit the colour scale to the weights as they are now");
        if fit.clicked() {
            if self.saved.change { self.change_scale.fit() } else { self.scale.fit() }
        }
        let change = ui.selectable_label(self.saved.change, "Δ").on_hover_text("Show the change since the start instead of the weight");
        change.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, self.saved.change, "Change since start"));
        if change.clicked() {
            self.saved.change = !self.saved.change;
        }
        self.chooser(ui, view);
    }

    fn needs(&self, view: &ViewCtx<'_>, needs: &mut Needs) {
        if !view.spec.projections.is_empty() {
            // What is on this map goes before what other panels would make do with.
            needs.watch = Some(self.subject(view).watch());
        }
    }

    fn plots(&mut self, view: &ViewCtx<'_>) -> Vec<Plot> {
        map::plot(self, view).into_iter().collect()
    }

    fn save(&self) -> String {
        ron::to_string(&self.saved).unwrap_or_default()
    }

    fn load(&mut self, settings: &str) {
        self.saved = ron::from_str(settings).unwrap_or_default();
    }
}
