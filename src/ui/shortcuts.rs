//! The sheet of all shortcuts.

use super::command::{ALL, Section};
use super::theme::Theme;
use super::{fonts, theme};
use egui::{Align2, Context, RichText, Window, vec2};

/// What the mouse and the keys do inside sliders and panels.
const GESTURES: &[(&str, &str)] = &[
    ("← →", "moves the focused slider by a step"),
    ("Shift ← →", "moves it by a tenth of a step"),
    ("Shift drag", "drags finely"),
    ("Double-click", "takes a slider back to where the network was opened"),
    ("Enter", "types a value into the focused number"),
    ("Tab", "goes to the next control"),
];

/// Draws the sheet; false when it is closed.
pub fn ui(ctx: &Context, theme: &Theme) -> bool {
    let mut open = true;
    let window = Window::new("Keyboard shortcuts").open(&mut open).collapsible(false).resizable(false);
    window.anchor(Align2::CENTER_CENTER, vec2(0.0, 0.0)).show(ctx, |ui| {
        ui.spacing_mut().item_spacing = vec2(24.0, 2.0);
        ui.horizontal_top(|ui| {
            for sections in [[Section::File, Section::Edit], [Section::Simulation, Section::View]] {
                ui.vertical(|ui| {
                    ui.set_width(270.0);
                    for section in sections {
                        heading(ui, theme, section.name());
                        for command in ALL.iter().filter(|c| c.section() == section && !c.keys().is_empty()) {
                            let keys: Vec<_> = command.keys().iter().take(2).map(|k| ctx.format_shortcut(k)).collect();
                            line(ui, theme, command.name(), &keys.join(" or "));
                        }
                        ui.add_space(8.0);
                    }
                });
            }
        });
        heading(ui, theme, "Sliders and numbers");
        for (keys, what) in GESTURES {
            line(ui, theme, what, keys);
        }
    });
    open
}

fn heading(ui: &mut egui::Ui, theme: &Theme, words: &str) {
    ui.label(RichText::new(words).font(fonts::semibold(theme::SMALL)).color(theme.weak));
}

fn line(ui: &mut egui::Ui, theme: &Theme, what: &str, keys: &str) {
    ui.horizontal(|ui| {
        ui.label(what);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.label(RichText::new(keys).font(fonts::medium(theme::BODY)).color(theme.strong));
        });
    });
}
