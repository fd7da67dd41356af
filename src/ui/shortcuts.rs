//! The sheet of all shortcuts.

use super::command::{ALL, Section};
use super::theme::Theme;
use super::widgets::icon::{self, Icon};
use super::{fonts, theme};
use egui::{Align2, Context, RichText, Window, vec2};

/// What the mouse and the keys do inside sliders and panels.
const GESTURES: &[(&str, &str)] = &[
    ("← →", "Step"),
    ("Shift ← →", "Fine step"),
    ("Shift drag", "Fine drag"),
    ("Double-click", "Back to the opened value"),
    ("Click or Enter", "Type a value"),
    ("Tab", "Next control"),
    ("Enter", "Press the focused button"),
];

/// Draws the sheet; false when it is closed.
pub fn ui(ctx: &Context, theme: &Theme) -> bool {
    let mut open = true;
    let window = Window::new("Keyboard shortcuts").title_bar(false).collapsible(false).resizable(false);
    window.anchor(Align2::CENTER_CENTER, vec2(0.0, 0.0)).show(ctx, |ui| {
        ui.spacing_mut().item_spacing = vec2(28.0, 0.0);
        ui.horizontal(|ui| {
            ui.heading("Keyboard shortcuts");
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                open = !icon::button(ui, Icon::Close, "Close shortcuts", "Close (Esc)").clicked();
            });
        });
        ui.add_space(8.0);
        ui.horizontal_top(|ui| {
            for sections in [[Section::File, Section::Edit], [Section::Simulation, Section::View]] {
                ui.vertical(|ui| {
                    ui.set_width(230.0);
                    for section in sections {
                        heading(ui, theme, section.name());
                        for command in ALL.iter().filter(|c| c.section() == section && !c.keys().is_empty()) {
                            line(ui, theme, command.name().trim_end_matches('…'), &command.shortcut(ctx));
                        }
                        ui.add_space(8.0);
                    }
                });
            }
            ui.vertical(|ui| {
                ui.set_width(250.0);
                heading(ui, theme, "Sliders and numbers");
                for (keys, what) in GESTURES {
                    line(ui, theme, what, keys);
                }
            });
        });
    });
    open
}

fn heading(ui: &mut egui::Ui, theme: &Theme, words: &str) {
    ui.label(RichText::new(words).font(fonts::semibold(theme::SMALL)).color(theme.weak));
}

fn line(ui: &mut egui::Ui, theme: &Theme, what: &str, keys: &str) {
    ui.allocate_ui(vec2(ui.available_width(), 22.0), |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().interact_size.y = 22.0;
            ui.label(what);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.label(RichText::new(keys).font(fonts::medium(theme::SMALL)).color(theme.strong));
            });
        })
    });
}
