//! The left side: the network tree above, the inspector of what is selected below.

use super::inspector::Own;
use super::tree::Tree;
use super::view::ViewCtx;
use super::{inspector, tree};
use egui::{ScrollArea, Ui};
use spikeground_core::spec::NetworkSpec;

#[derive(Default)]
pub struct Side {
    pub tree: Tree,
    own: Own,
}

impl Side {
    pub fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>, opened: &NetworkSpec) {
        let spec = view.spec;
        let rows = 1 + spec.populations.len() + spec.projections.len() + spec.stimuli.len() + spec.probes.len();
        let wanted = rows as f32 * tree::ROW + 4.0 * tree::HEADING + 12.0;
        let height = wanted.min(ui.available_height() * 0.46);
        ui.allocate_ui(egui::vec2(ui.available_width(), height), |ui| {
            ScrollArea::vertical().id_salt("tree").auto_shrink(false).max_height(height).show(ui, |ui| {
                ui.add_space(4.0);
                self.tree.ui(ui, view);
            });
        });
        let rect = ui.available_rect_before_wrap();
        ui.painter().hline(rect.x_range(), rect.top(), ui.visuals().widgets.noninteractive.bg_stroke);
        ScrollArea::vertical().id_salt(("inspector", view.selection.item)).auto_shrink(false).show(ui, |ui| {
            egui::Frame::new().inner_margin(egui::Margin { left: 12, right: 12, top: 4, bottom: 12 }).show(ui, |ui| {
                inspector::ui(ui, view, opened, &mut self.own);
            });
        });
    }
}
