//! The left side: the network tree above, the inspector of what is selected below.

use super::view::ViewCtx;
use egui::Ui;
use spikeground_core::spec::NetworkSpec;

#[derive(Default)]
pub struct Side {}

impl Side {
    pub fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>, _opened: &NetworkSpec) {
        ui.heading("Network");
        for p in &view.spec.populations {
            ui.label(&p.name);
        }
    }
}
