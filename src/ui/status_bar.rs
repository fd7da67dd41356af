//! The line below: size of the network, dt, seed, frames a second, autosave.

use super::session::Session;
use super::text;
use super::theme::{SMALL, Theme};
use super::widgets::fixed_text;
use egui::{Align, Align2, FontId, Layout, RichText, Ui};
use spikeground_core::protocol::Command;
use spikeground_core::spec::NetworkSpec;

/// Draws the status line.
pub fn ui(ui: &mut Ui, theme: &Theme, spec: &NetworkSpec, session: &mut Session, fps: Option<f32>, saved: &str) {
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let synapses: u64 = session.n_synapses.iter().sum();
        let parts = [
            text::counted(spec.n_neurons(), "neuron", "neurons"),
            text::counted(synapses, "synapse", "synapses"),
            format!("dt {}", text::with_unit(&text::number(spec.dt, 4), "ms")),
            format!("seed {}", spec.seed),
        ];
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                ui.label(RichText::new("·").size(SMALL).color(theme.weak));
            }
            ui.label(RichText::new(part).size(SMALL).color(theme.weak));
        }
        if let Some(done) = session.building {
            ui.label(RichText::new(format!("building the network: {:.0}{}%", done * 100.0, text::THIN)).size(SMALL).color(theme.accent));
            if ui.small_button("Cancel").on_hover_text("Stop building; the running network goes on").clicked() {
                session.send(Command::StopBuild);
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let rate = fps.map_or_else(|| "idle".to_owned(), |f| format!("{f:.0} fps"));
            fixed_text(ui, 44.0, &rate, FontId::proportional(SMALL), theme.weak, Align2::RIGHT_CENTER)
                .on_hover_text("Frames drawn a second; none are drawn while nothing changes");
            ui.label(RichText::new(saved).size(SMALL).color(theme.weak));
        });
    });
}
