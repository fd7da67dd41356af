//! The menu behind the button at the left of the bar: all commands by section, panels, recent files.

use super::command::{ALL, Section, UiCommand};
use super::document::Document;
use super::layout::Dock;
use super::panel;
use super::settings::Settings;
use super::view::Action;
use egui::{Button, Popup, Response, Ui};
use std::path::PathBuf;

/// Shows the menu below `button` while it is open.
pub fn ui(
    button: &Response,
    dock: &Dock,
    document: &Document,
    settings: &Settings,
    commands: &mut Vec<UiCommand>,
    actions: &mut Vec<Action>,
) -> Option<PathBuf> {
    let mut recent = None;
    Popup::menu(button).accessible_name("Menu").show(|ui| {
        ui.set_min_width(180.0);
        ui.menu_button("Recent files", |ui| {
            ui.set_min_width(240.0);
            for path in &settings.recent {
                let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
                if ui.button(name).on_hover_text(path.display().to_string()).clicked() {
                    recent = Some(path.clone());
                    ui.close();
                }
            }
            if settings.recent.is_empty() {
                ui.weak("No file opened or saved yet");
            }
        });
        for section in Section::ALL {
            ui.menu_button(section.name(), |ui| {
                ui.set_min_width(240.0);
                for command in ALL.iter().copied().filter(|c| c.section() == section) {
                    entry(ui, document, command, commands);
                }
            });
        }
        ui.menu_button("Panels", |ui| {
            ui.set_min_width(180.0);
            for kind in panel::ALL {
                if ui.add(Button::selectable(dock.is_open(kind.key), kind.title)).clicked() {
                    actions.push(Action::ShowPanel(kind.key));
                    ui.close();
                }
            }
        });
    });
    recent
}

fn entry(ui: &mut Ui, document: &Document, command: UiCommand, commands: &mut Vec<UiCommand>) {
    let (undo, redo) = document.next_steps();
    let (enabled, name) = match command {
        UiCommand::Undo => (undo.is_some(), undo.map_or_else(|| "Undo".to_owned(), |s| format!("Undo {s}"))),
        UiCommand::Redo => (redo.is_some(), redo.map_or_else(|| "Redo".to_owned(), |s| format!("Redo {s}"))),
        _ => (true, command.name().to_owned()),
    };
    let button = Button::new(name).shortcut_text(command.shortcut(ui.ctx()));
    if ui.add_enabled(enabled, button).on_hover_text(command.tip()).clicked() {
        commands.push(command);
        ui.close();
    }
}
