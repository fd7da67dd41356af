//! The window's one object: takes what the simulation says, draws everything, and does what was asked for.

use super::autosave::Autosave;
use super::command::{self, UiCommand};
use super::document::Document;
use super::export::Exporter;
use super::files::{Next, PathField};
use super::film::Camera;
use super::history::History;
use super::import::Importer;
use super::kept::Runs;
use super::layout::Dock;
use super::notices::{Level, Notices};
use super::palette::{Choice, End, Palette};
use super::picker::{FilePicker, Purpose, SystemPicker};
use super::resume::Opening;
use super::session::Session;
use super::settings::Settings;
use super::theme::Theme;
use super::transport::Title;
use super::view::{Action, Item, Selection, ViewCtx};
use super::{edit, side, status_bar, transport};
use egui::{CentralPanel, Frame, Margin, Panel, Ui};
use spikeground_core::engine::Link;
use spikeground_core::export::Target;
use spikeground_core::protocol::{Command, Speed};
use std::path::PathBuf;

/// How much larger everything is in present mode.
const PRESENT_ZOOM: f32 = 1.5;

pub struct App {
    pub(super) document: Document,
    pub(super) session: Session,
    pub(super) history: History,
    pub(super) kept: Runs,
    pub(super) selection: Selection,
    pub(super) dock: Dock,
    pub(super) settings: Settings,
    pub(super) theme: Theme,
    pub(super) notices: Notices,
    pub(super) side: side::Side,
    pub(super) present: bool,
    pub(super) picker: Box<dyn FilePicker>,
    /// What waits for an answer about unsaved changes.
    pub(super) asking: Option<Next>,
    pub(super) path_field: Option<PathField>,
    /// An autosaved network of a program that crashed.
    pub(super) recovery: Option<PathBuf>,
    pub(super) autosave: Autosave,
    pub(super) exporter: Exporter,
    pub(super) importer: Importer,
    pub(super) opening: Opening,
    pub(super) camera: Camera,
    /// The user has decided: the window may close.
    pub(super) leaving: bool,
    /// A run for pictures or measurement: asks nothing and leaves nothing behind.
    pub(super) ephemeral: bool,
    palette: Option<Palette>,
    shortcuts: bool,
    title: String,
    /// Style and size are applied when they differ from what is wanted.
    look: Option<(bool, f32)>,
    /// Seconds from frame to frame, smoothed.
    frame_secs: Option<f32>,
}

impl App {
    /// A window on `document`, run by the simulation behind `link`, which holds an empty network.
    pub fn new(ctx: &egui::Context, document: Document, link: Box<dyn Link>, settings: Settings) -> Self {
        super::fonts::install(ctx);
        ctx.options_mut(|o| o.zoom_with_keyboard = false);
        let dark = settings.dark.unwrap_or_else(|| ctx.system_theme() != Some(egui::Theme::Light));
        let mut session = Session::new(link);
        session.open(&document);
        session.send(Command::Run);
        Self {
            session,
            selection: Selection::of(document.spec()),
            document,
            history: History::default(),
            kept: Runs::default(),
            dock: Dock::new(&settings.layout),
            theme: Theme::of(dark),
            settings,
            notices: Notices::default(),
            side: side::Side::default(),
            present: false,
            picker: Box::new(SystemPicker::default()),
            asking: None,
            path_field: None,
            recovery: None,
            autosave: Autosave::new(None),
            exporter: Exporter::default(),
            importer: Importer::default(),
            opening: Opening::default(),
            camera: Camera::default(),
            leaving: false,
            ephemeral: false,
            palette: None,
            shortcuts: false,
            title: String::new(),
            look: None,
            frame_secs: None,
        }
    }

    /// Keeps copies of unsaved work in `folder`, and offers what a crash left there.
    #[must_use]
    pub fn with_autosave(mut self, folder: &std::path::Path) -> Self {
        self.autosave = Autosave::new(Some(folder));
        self.offer_recovery(folder);
        self
    }

    /// Offers the network that a crash left in `folder`, if there is one.
    pub fn offer_recovery(&mut self, folder: &std::path::Path) {
        self.recovery = super::autosave::left_behind(folder);
    }

    /// Asks for files by other means than the system's dialog.
    #[must_use]
    pub fn with_picker(mut self, picker: Box<dyn FilePicker>) -> Self {
        self.picker = picker;
        self
    }

    /// Asks nothing when it closes and leaves nothing behind.
    #[must_use]
    pub fn ephemeral(mut self) -> Self {
        self.ephemeral = true;
        self
    }

    pub fn selection_mut(&mut self) -> &mut Selection {
        &mut self.selection
    }

    /// Brings a panel to the front.
    pub fn show_panel(&mut self, key: &str) {
        self.dock.show(key);
    }

    pub fn document(&self) -> &Document {
        &self.document
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    pub fn notices(&self) -> &Notices {
        &self.notices
    }

    /// Takes over what the simulation did since the last frame.
    pub fn take_frame(&mut self) {
        let mut frame = self.session.take();
        super::events::handle(self, &frame);
        self.history.ingest(&mut frame);
    }

    /// Draws the window and does what was asked for in it.
    pub fn show(&mut self, ui: &mut Ui) {
        self.apply_look(ui.ctx());
        self.poll_files(ui.ctx());
        self.autosave.tick(&self.document);
        let mut commands = if self.palette.is_some() { Vec::new() } else { command::pressed(ui.ctx()) };
        let mut actions = Vec::new();
        self.clamp_selection();
        self.bars(ui, &mut commands, &mut actions);
        self.overlays(ui.ctx(), &mut commands, &mut actions);
        CentralPanel::default().frame(Frame::new().fill(self.theme.window)).show(ui, |ui| {
            let (mut view, dock) = self.view(&mut actions);
            dock.ui(ui, &mut view);
            let needs = dock.needs(&view);
            self.session.need(needs);
        });
        commands.extend(self.notices.ui(ui, &self.theme));
        for action in actions {
            self.act(ui.ctx(), action);
        }
        for command in commands {
            self.run_command(ui.ctx(), command);
        }
        if let Some(item) = self.side.tree.select.take() {
            self.selection.item = item;
        }
        self.session.sync(&self.document);
    }

    fn bars(&mut self, ui: &mut Ui, commands: &mut Vec<UiCommand>, actions: &mut Vec<Action>) {
        let bar = Frame::new().fill(self.theme.panel).inner_margin(Margin::symmetric(8, 0));
        let recent = Panel::top("transport").exact_size(44.0).frame(bar).resizable(false).show(ui, |ui| {
            let title = Title { name: &self.document.spec().name, edited: self.document.is_edited(), file: self.document.path() };
            let menu = transport::ui(ui, &self.theme, &mut self.session, &title, commands);
            super::menu::ui(&menu, &self.dock, &self.document, &self.settings, commands, actions)
        });
        if let Some(path) = recent.inner {
            self.go_on(ui.ctx(), Next::File(path));
        }
        self.question_bars(ui);
        if self.present {
            return;
        }
        let fps = self.frame_secs.map(f32::recip).filter(|_| self.session.status.running);
        Panel::bottom("status").exact_size(24.0).frame(bar).resizable(false).show(ui, |ui| {
            status_bar::ui(
                ui,
                &self.theme,
                self.document.spec(),
                &mut self.session,
                fps,
                &self.camera.said().unwrap_or_else(|| self.autosave.said()),
            );
        });
        let frame = Frame::new().fill(self.theme.panel);
        // On a small or much enlarged window the panels keep two thirds.
        let most = (ui.available_width() * 0.34).clamp(240.0, 460.0);
        let side = Panel::left("side").default_size(316.0f32.min(most)).size_range(240.0..=most).frame(frame);
        side.show(ui, |ui| {
            let mut view = ViewCtx {
                spec: self.document.spec(),
                n_synapses: &self.session.n_synapses,
                status: &self.session.status,
                history: &self.history,
                kept: &mut self.kept,
                theme: &self.theme,
                selection: &mut self.selection,
                actions,
            };
            self.side.ui(ui, &mut view, self.document.opened());
        });
    }

    /// Palette and shortcuts, above everything.
    fn overlays(&mut self, ctx: &egui::Context, commands: &mut Vec<UiCommand>, actions: &mut Vec<Action>) {
        match self.palette.as_mut().map_or(End::Open, |p| p.ui(ctx, &self.theme)) {
            End::Open => {}
            End::Closed => self.palette = None,
            End::Chosen(choice) => {
                self.palette = None;
                match choice {
                    Choice::Command(command) => commands.push(command),
                    Choice::Panel(key) => actions.push(Action::ShowPanel(key)),
                    Choice::Preset(key) => actions.push(Action::OpenPreset(key)),
                }
            }
        }
        self.shortcuts = self.shortcuts && super::shortcuts::ui(ctx, &self.theme);
    }

    pub(super) fn view<'a>(&'a mut self, actions: &'a mut Vec<Action>) -> (ViewCtx<'a>, &'a mut Dock) {
        let view = ViewCtx {
            spec: self.document.spec(),
            n_synapses: &self.session.n_synapses,
            status: &self.session.status,
            history: &self.history,
            kept: &mut self.kept,
            theme: &self.theme,
            selection: &mut self.selection,
            actions,
        };
        (view, &mut self.dock)
    }

    fn act(&mut self, ctx: &egui::Context, action: Action) {
        match action {
            Action::Set { path, value, gesture } => {
                if let Err(why) = self.document.set(path, value, gesture) {
                    self.notices.warn(why, "");
                }
            }
            Action::Edit { spec, label } => {
                // Edits while the same press lasts belong to one drag, and those made in one text field to one step.
                let press = ctx.input(|i| if i.pointer.primary_down() { i.pointer.press_start_time() } else { None });
                let field = || ctx.memory(egui::Memory::focused).map(|id| id.value());
                let gesture = press.map(f64::to_bits).or_else(field);
                let gesture = gesture.map(|t| t ^ label.bytes().fold(7, |h: u64, b| h.wrapping_mul(31).wrapping_add(b.into())));
                self.document.edit(*spec, &label, gesture);
            }
            Action::Send(command) => self.session.send(command),
            Action::Export { title, plots, form } => self.export(ctx, title, plots, form),
            Action::ExportScript { spec, target, exact } => self.export_script(ctx, *spec, target, exact),
            Action::Run(command) => self.run_command(ctx, command),
            Action::Notice(text) => self.notices.note(text),
            Action::ShowPanel(key) => self.dock.show(key),
            Action::ShowTogether(keys) => self.dock.show_together(keys),
            Action::OpenPreset(key) => self.go_on(ctx, Next::Preset(key.into())),
        }
    }

    /// Does one command.
    pub fn run_command(&mut self, ctx: &egui::Context, command: UiCommand) {
        match command {
            UiCommand::RunPause => self.session.send(if self.session.status.running { Command::Pause } else { Command::Run }),
            UiCommand::Step => self.session.send(Command::Step(1)),
            UiCommand::StepToSpike => self.session.send(Command::StepToSpike),
            UiCommand::Reset => self.session.reset(),
            UiCommand::NewSeed => {
                let mut spec = self.document.spec().clone();
                spec.seed = next_seed(spec.seed);
                self.document.edit(spec, "new seed", None);
            }
            UiCommand::Slower => self.scale_speed(0.5),
            UiCommand::Faster => self.scale_speed(2.0),
            UiCommand::RealTime => self.session.set_speed(Speed::Factor(1.0)),
            UiCommand::FullSpeed => self.session.set_speed(Speed::AsFastAsPossible),
            UiCommand::Undo => match self.document.undo() {
                Some(label) => self.notices.note(format!("Undone: {label}")),
                None => self.notices.note("Nothing to undo"),
            },
            UiCommand::Redo => match self.document.redo() {
                Some(label) => self.notices.note(format!("Done again: {label}")),
                None => self.notices.note("Nothing to do again"),
            },
            UiCommand::ToggleTheme => {
                self.theme = Theme::of(!self.theme.dark);
                self.settings.dark = Some(self.theme.dark);
            }
            UiCommand::ZoomIn => self.zoom(1.1),
            UiCommand::ZoomOut => self.zoom(1.0 / 1.1),
            UiCommand::ZoomReset => self.settings.zoom = 1.0,
            UiCommand::Present => self.set_present(ctx, !self.present),
            UiCommand::ResetLayout => self.dock.reset(),
            UiCommand::Gallery => self.dock.show("gallery"),
            UiCommand::Deselect => {
                if self.shortcuts {
                    self.shortcuts = false;
                } else if self.asking.is_some() || self.path_field.is_some() {
                    self.asking = None;
                    self.path_field = None;
                } else if self.present {
                    self.set_present(ctx, false);
                } else {
                    self.selection.clear();
                }
            }
            UiCommand::AddPopulation | UiCommand::AddProjection | UiCommand::AddStimulus | UiCommand::AddProbe => {
                self.side.tree.start_add(command);
            }
            UiCommand::Rename => self.side.tree.start_rename(self.document.spec(), self.selection.item),
            UiCommand::Duplicate => {
                if let Some((spec, item)) = edit::duplicate(self.document.spec(), self.selection.item) {
                    self.document.edit(spec, "duplicate", None);
                    self.selection.item = item;
                }
            }
            UiCommand::Delete => self.delete_selected(),
            UiCommand::New => self.go_on(ctx, Next::New),
            UiCommand::Open => self.picker.ask(ctx, Purpose::Open, ""),
            UiCommand::OpenPath => self.ask_path(Purpose::Open),
            UiCommand::Import => self.picker.ask(ctx, Purpose::Import, ""),
            UiCommand::Save => self.save_document(ctx),
            UiCommand::SaveAs => self.save_as(ctx),
            UiCommand::Picture => self.take_picture(ctx),
            UiCommand::Sheet => self.export_sheet(ctx),
            UiCommand::Record => self.record(ctx),
            UiCommand::ExportNest => self.export_document(ctx, Target::Nest),
            UiCommand::ExportBrian2 => self.export_document(ctx, Target::Brian2),
            UiCommand::ExportPynn => self.export_document(ctx, Target::Pynn),
            UiCommand::ExportProtocol => self.export_document(ctx, Target::Markdown),
            UiCommand::RunElsewhere => self.dock.show("elsewhere"),
            UiCommand::KeepRun => self.keep_run(),
            UiCommand::SaveSession => self.session.send(Command::TakeSession { state: true }),
            UiCommand::KeepWeights => self.session.send(Command::TakeWeights),
            UiCommand::Palette => self.palette = Some(Palette::new()),
            UiCommand::Shortcuts => self.shortcuts = !self.shortcuts,
            UiCommand::Quit => self.go_on(ctx, Next::Quit),
        }
    }

    fn set_present(&mut self, ctx: &egui::Context, present: bool) {
        self.present = present;
        ctx.send_viewport_cmd(egui::ViewportCommand::Fullscreen(present));
    }

    fn delete_selected(&mut self) {
        let (spec, item) = (self.document.spec(), self.selection.item);
        if let (Some(name), Some(new)) = (edit::name_of(spec, item), edit::delete(spec, item)) {
            let text = format!("Deleted {name}");
            self.document.edit(new, &format!("delete {name}"), None);
            self.selection.clear();
            self.notices.push(Level::Note, text, String::new(), Some(UiCommand::Undo));
        }
    }

    fn scale_speed(&mut self, by: f64) {
        if let Speed::Factor(f) = self.session.speed {
            self.session.set_speed(Speed::Factor((f * by).clamp(0.001, 1000.0)));
        } else if by < 1.0 {
            self.session.set_speed(Speed::Factor(1.0));
        }
    }

    fn zoom(&mut self, by: f32) {
        let now = if self.settings.zoom > 0.0 { self.settings.zoom } else { 1.0 };
        self.settings.zoom = (now * by).clamp(0.6, 3.0);
    }

    fn apply_look(&mut self, ctx: &egui::Context) {
        let zoom = if self.settings.zoom > 0.0 { self.settings.zoom } else { 1.0 } * if self.present { PRESENT_ZOOM } else { 1.0 };
        let wanted = (self.theme.dark, zoom);
        if self.look != Some(wanted) {
            self.look = Some(wanted);
            self.theme.apply(ctx);
            ctx.set_zoom_factor(zoom);
        }
        let title = format!("{}{} – Spikeground", self.document.spec().name, if self.document.is_edited() { " •" } else { "" });
        if title != self.title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
        let dt = ctx.input(|i| i.unstable_dt);
        // Seconds a frame, smoothed; a pause in drawing starts anew.
        self.frame_secs = (dt < 0.5 && dt > 0.0).then(|| self.frame_secs.map_or(dt, |mean| mean + 0.05 * (dt - mean)));
    }

    /// What was selected may be gone.
    fn clamp_selection(&mut self) {
        let spec = self.document.spec();
        let exists = match self.selection.item {
            Item::Network => true,
            Item::Population(i) => i < spec.populations.len(),
            Item::Projection(i) => i < spec.projections.len(),
            Item::Stimulus(i) => i < spec.stimuli.len(),
            Item::Probe(i) => i < spec.probes.len(),
        };
        if !exists {
            self.selection.item = Item::Network;
        }
        self.selection.neurons.retain(|(p, n)| spec.populations.get(*p).is_some_and(|p| *n < p.size));
    }
}

/// Another seed, by the golden ratio: no two in a row are alike, and nothing random is needed.
fn next_seed(seed: u64) -> u64 {
    (seed.wrapping_mul(1_103_515_245).wrapping_add(12_345)) % 100_000
}

impl eframe::App for App {
    fn logic(&mut self, _ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.take_frame();
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.show(ui);
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        if !self.ephemeral {
            self.settings.layout = self.dock.save();
            self.settings.store(storage);
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if self.leaving || !self.document.is_edited() {
            self.autosave.clean();
        } else {
            self.autosave.save(&self.document);
        }
    }

    fn persist_egui_memory(&self) -> bool {
        !self.ephemeral
    }

    fn clear_color(&self, _visuals: &egui::Visuals) -> [f32; 4] {
        self.theme.window.to_normalized_gamma_f32()
    }
}
