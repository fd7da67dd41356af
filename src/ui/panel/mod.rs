//! The panels. Each knows the [`ViewCtx`] and nothing of its neighbours; [`ALL`] is the one list.

pub mod analysis;
pub mod common;
pub mod compare;
pub mod curves;
pub mod elsewhere;
pub mod equations;
pub mod gallery;
pub mod graph;
pub mod histogram;
pub mod input;
pub mod phase;
pub mod raster;
pub mod remarks;
pub mod runs;
pub mod stdp_window;
pub mod sweep;
pub mod traces;
pub mod weights;

use super::view::{Needs, ViewCtx};
use crate::plot::Plot;

/// A kind of panel, as the layout and the menu list it.
pub struct PanelKind {
    /// Key in the saved layout: `raster`.
    pub key: &'static str,
    pub title: &'static str,
    /// What one is looking at, for the "?" (a short paragraph, plain words, units named).
    pub help: &'static str,
    pub make: fn() -> Box<dyn Panel>,
}

/// One panel in the window.
pub trait Panel {
    /// Draws the content; the frame, title bar and "?" are drawn by the layout.
    fn ui(&mut self, ui: &mut egui::Ui, view: &mut ViewCtx<'_>);

    /// Called once a frame whether the panel is in sight or not: takes in what was being worked on.
    fn tick(&mut self, _ctx: &egui::Context, _view: &mut ViewCtx<'_>) {}

    /// Small controls in the panel's title bar, right-aligned (time window, overlay or stacked, …).
    fn bar(&mut self, _ui: &mut egui::Ui, _view: &mut ViewCtx<'_>) {}

    /// Whether this network gives the panel anything to show; if not it leaves its room to others until it is asked for.
    fn is_useful(&self, _view: &ViewCtx<'_>) -> bool {
        true
    }

    /// What this panel needs recorded while it is on screen.
    fn needs(&self, _view: &ViewCtx<'_>, _needs: &mut Needs) {}

    /// What the panel shows, as plots for a file or a table; empty when it has no such form.
    fn plots(&mut self, _view: &ViewCtx<'_>) -> Vec<Plot> {
        Vec::new()
    }

    /// Settings of this panel that are saved with the layout, as RON; empty when there are none.
    fn save(&self) -> String {
        String::new()
    }
    fn load(&mut self, _settings: &str) {}
}

/// All panels, in the order of the menu.
pub static ALL: &[&PanelKind] = &[
    &raster::KIND,
    &traces::KIND,
    &weights::KIND,
    &histogram::KIND,
    &stdp_window::KIND,
    &analysis::KIND,
    &equations::KIND,
    &input::KIND,
    &phase::KIND,
    &curves::KIND,
    &compare::KIND,
    &elsewhere::KIND,
    &runs::KIND,
    &sweep::KIND,
    &graph::KIND,
    &gallery::KIND,
];

#[cfg(test)]
mod tests;
