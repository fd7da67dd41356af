//! New, open, save, recent files, dropped files, and the question what to do with unsaved changes.

use super::app::App;
use super::document::Document;
use super::notices::Level;
use super::picker::{Picked, Purpose};
use super::view::Selection;
use super::{edit, library, theme};
use egui::{Context, Frame, Key, Margin, Panel, Ui};
use spikeground_core::protocol::Command;
use spikeground_core::spec::NetworkSpec;
use std::path::{Path, PathBuf};

/// What comes after the present document.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    New,
    Preset(String),
    File(PathBuf),
    Recovered(PathBuf),
    Quit,
}

/// The path field, for systems without a file dialog.
pub struct PathField {
    purpose: Purpose,
    text: String,
}

impl App {
    /// Goes on to another document; asks first when changes would be lost.
    pub fn go_on(&mut self, ctx: &Context, next: Next) {
        if self.document.is_edited() {
            self.asking = Some(next);
        } else {
            self.go_on_now(ctx, next);
        }
    }

    fn go_on_now(&mut self, ctx: &Context, next: Next) {
        self.asking = None;
        match next {
            Next::New => self.open(Document::new(edit::blank())),
            Next::Preset(key) => match library::preset(&key) {
                Ok(spec) => self.open(Document::from_preset(spec, &key)),
                Err(why) => self.notices.error("The preset could not be opened; the present network stays", why),
            },
            Next::File(path) if spikeground_core::session::is_session(&path) => self.open_session(ctx, path),
            Next::File(path) => self.open_file(path),
            Next::Recovered(path) => match library::recover(&path) {
                Ok(spec) => {
                    // Its changes are unsaved again, and so are saved by themselves again.
                    self.recovery = None;
                    let _ = std::fs::remove_file(&path);
                    self.open(Document::recovered(spec, None));
                }
                Err(why) => self.notices.error("The autosaved network could not be read", why),
            },
            Next::Quit => {
                self.leaving = true;
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            }
        }
    }

    fn open_file(&mut self, path: PathBuf) {
        match library::read(&path) {
            Ok(spec) => {
                self.settings.remember(path.clone());
                self.open(Document::from_file(spec, path));
            }
            Err(why) => {
                let name = file_name(&path);
                self.notices.error(format!("{name} could not be opened; the present network stays"), why);
            }
        }
    }

    /// Takes a document into the window and lets it run.
    fn open(&mut self, document: Document) {
        self.document = document;
        self.selection = Selection::of(self.document.spec());
        self.session.open(&self.document);
        self.session.send(Command::Run);
    }

    pub fn save_document(&mut self, ctx: &Context) {
        match self.document.path().map(Path::to_owned) {
            Some(path) => self.save_to(ctx, path),
            None => self.save_as(ctx),
        }
    }

    pub fn save_as(&mut self, ctx: &Context) {
        let name = format!("{}.ron", self.document.spec().name.replace(['/', '\\', ':'], "-"));
        self.picker.ask(ctx, Purpose::Save, &name);
    }

    fn save_to(&mut self, ctx: &Context, mut path: PathBuf) {
        if path.extension().is_none() {
            path.set_extension("ron");
        }
        match library::write(&path, self.document.spec()) {
            Ok(()) => {
                self.settings.remember(path.clone());
                self.notices.note(format!("Saved {}", file_name(&path)));
                self.document.mark_saved(path);
                if let Some(next) = self.asking.take() {
                    self.go_on_now(ctx, next);
                }
            }
            Err(why) => self.notices.error("The network could not be saved; choose another place", why),
        }
    }

    /// Answers of the file dialog, dropped files, a closing window.
    pub fn poll_files(&mut self, ctx: &Context) {
        match self.picker.poll() {
            Some(Picked::Path(Purpose::Open, path)) => self.go_on(ctx, Next::File(path)),
            Some(Picked::Path(Purpose::Import, path)) => self.import_file(ctx, path),
            Some(Picked::Path(Purpose::Save, path)) => self.save_to(ctx, path),
            Some(Picked::Path(Purpose::Figure | Purpose::Session | Purpose::Script, path)) => self.exporter.write(ctx, &path),
            Some(Picked::Unavailable(purpose)) => self.ask_path(purpose),
            Some(Picked::Cancelled) | None => {}
        }
        self.poll_import();
        self.poll_session();
        self.poll_camera(ctx);
        if self.exporter.wants_session_file() {
            self.picker.ask(ctx, Purpose::Session, &self.exporter.file_name());
        }
        match self.exporter.poll() {
            Some(Ok(path)) => self.notices.note(format!("Saved {}", file_name(&path))),
            Some(Err(why)) => self.notices.error("The file could not be saved; choose another place", why),
            None => {}
        }
        let dropped = ctx.input(|i| i.raw.dropped_files.first().map(|f| f.path().to_owned()).filter(|p| !p.as_os_str().is_empty()));
        if let Some(path) = dropped {
            if spikeground_core::import::is_one(&path) { self.import_file(ctx, path) } else { self.go_on(ctx, Next::File(path)) }
        }
        if ctx.input(|i| i.viewport().close_requested()) && !self.leaving && self.document.is_edited() && !self.ephemeral {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.asking = Some(Next::Quit);
        }
    }

    /// Asks for a path in the window.
    pub fn ask_path(&mut self, purpose: Purpose) {
        let folder = self.document.path().and_then(Path::parent).map(Path::to_owned).or_else(|| std::env::current_dir().ok());
        let name = match purpose {
            Purpose::Open | Purpose::Import => String::new(),
            Purpose::Save => format!("{}.ron", self.document.spec().name.replace(['/', '\\', ':'], "-")),
            Purpose::Figure | Purpose::Session | Purpose::Script => self.exporter.file_name(),
        };
        let text = folder.unwrap_or_default().join(name).display().to_string();
        self.path_field = Some(PathField { purpose, text });
    }

    /// The bars below the transport: questions that can wait, and the path field.
    pub fn question_bars(&mut self, ui: &mut Ui) {
        let frame = Frame::new().fill(self.theme.accent_ground()).inner_margin(Margin::symmetric(12, 4));
        if let Some(next) = self.asking.clone() {
            let name = self.document.spec().name.clone();
            Panel::top("unsaved").exact_size(36.0).frame(frame).resizable(false).show(ui, |ui| {
                ui.horizontal_centered(|ui| {
                    ui.label(format!("{name} has changes that are not saved"));
                    if ui.button("Save").clicked() {
                        self.save_document(ui.ctx());
                    }
                    if ui.button("Discard changes").clicked() {
                        self.go_on_now(ui.ctx(), next);
                    }
                    if ui.button("Cancel").clicked() {
                        self.asking = None;
                    }
                });
            });
        }
        if let Some(path) = self.recovery.clone() {
            Panel::top("recovery").exact_size(36.0).frame(frame).resizable(false).show(ui, |ui| {
                ui.horizontal_centered(|ui| {
                    ui.label("Spikeground did not close properly last time; your network was saved by itself");
                    if ui.button("Recover").clicked() {
                        self.go_on(ui.ctx(), Next::Recovered(path.clone()));
                    }
                    if ui.button("Discard").clicked() {
                        self.recovery = None;
                        let _ = std::fs::remove_file(&path);
                    }
                });
            });
        }
        self.path_bar(ui, frame);
        if let Some((what, done)) = self.exporter.progress() {
            Panel::top("exporting").exact_size(36.0).frame(frame).resizable(false).show(ui, |ui| {
                ui.horizontal_centered(|ui| {
                    ui.label(what);
                    ui.add(egui::ProgressBar::new(done).desired_width(240.0));
                    if ui.button("Cancel").clicked() {
                        self.exporter.cancel();
                    }
                });
            });
            ui.ctx().request_repaint_after(std::time::Duration::from_millis(100));
        }
    }

    fn path_bar(&mut self, ui: &mut Ui, frame: Frame) {
        let Some(mut field) = self.path_field.take() else { return };
        let (mut done, mut cancelled) = (false, false);
        Panel::top("path").exact_size(36.0).frame(frame).resizable(false).show(ui, |ui| {
            ui.horizontal_centered(|ui| {
                let (words, button) = match field.purpose {
                    Purpose::Open => ("Open the file", "Open"),
                    Purpose::Import => ("Import the file", "Import"),
                    Purpose::Save => ("Save to the file", "Save"),
                    Purpose::Figure | Purpose::Session | Purpose::Script => ("Save as", "Save"),
                };
                ui.label(words);
                let width = (ui.available_width() - 160.0).max(120.0);
                let edit = ui.add(egui::TextEdit::singleline(&mut field.text).desired_width(width).font(super::fonts::medium(theme::BODY)));
                edit.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Path of the file"));
                if !edit.has_focus() && !edit.lost_focus() {
                    edit.request_focus();
                }
                done = ui.button(button).clicked() || (edit.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)));
                cancelled = ui.button("Cancel").clicked() || ui.input(|i| i.key_pressed(Key::Escape));
            });
        });
        if done && !field.text.trim().is_empty() {
            let path = PathBuf::from(field.text.trim());
            match field.purpose {
                Purpose::Open => self.go_on(ui.ctx(), Next::File(path)),
                Purpose::Import => self.import_file(ui.ctx(), path),
                Purpose::Save => self.save_to(ui.ctx(), path),
                Purpose::Figure | Purpose::Session | Purpose::Script if path.exists() => {
                    self.notices.warn(format!("{} is there already; choose another name", file_name(&path)), "");
                    self.path_field = Some(field);
                }
                Purpose::Figure | Purpose::Session | Purpose::Script => self.exporter.write(ui.ctx(), &path),
            }
        } else if !cancelled {
            self.path_field = Some(field);
        }
    }

    /// Takes learned weights into the document as explicit connections.
    pub(super) fn keep_weights(&mut self, connections: &[Vec<Vec<f64>>]) {
        let mut spec: NetworkSpec = self.document.spec().clone();
        let mut kept = 0;
        for (projection, rows) in spec.projections.iter_mut().zip(connections) {
            if !rows.is_empty() {
                projection.connect =
                    spikeground_core::part::Part::new(&spikeground_core::model::connectivity::LIST).with_table(rows.clone());
                kept += rows.len();
            }
        }
        if kept == 0 {
            self.notices.push(Level::Warning, "No weights to keep: no projection learns, or it is too large".into(), String::new(), None);
            return;
        }
        self.document.edit(spec, "keep weights", None);
        self.notices.note(format!("Kept {} weights in the network; save it to keep them for good", super::text::count(kept as u64)));
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}
