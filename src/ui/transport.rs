//! The bar on top: run, step, reset, time, speed, rate; the network's name; search, help and theme.

use super::command::UiCommand;
use super::session::Session;
use super::theme::{BODY, SMALL, Theme};
use super::widgets::icon::{self, Icon};
use super::widgets::{fixed_text, hairline, speed};
use super::{fonts, text};
use egui::{Align, Align2, Layout, Response, Ui};
use spikeground_core::protocol::Speed;

/// What the bar shows besides the session.
pub struct Title<'a> {
    pub name: &'a str,
    pub edited: bool,
    pub file: Option<&'a std::path::Path>,
}

/// Draws the bar; commands that were clicked are pushed to `commands`.
pub fn ui(ui: &mut Ui, theme: &Theme, session: &mut Session, title: &Title<'_>, commands: &mut Vec<UiCommand>) -> Response {
    let width = ui.available_width();
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let menu = icon::button(ui, Icon::Menu, "Menu", "All commands");
        run_button(ui, theme, session, commands);
        for (icon, command) in [
            (Icon::Step, UiCommand::Step),
            (Icon::StepToSpike, UiCommand::StepToSpike),
            (Icon::Reset, UiCommand::Reset),
            (Icon::NewSeed, UiCommand::NewSeed),
        ] {
            press(ui, icon, command, commands);
        }
        gap(ui);
        clock(ui, theme, session);
        gap(ui);
        speed_control(ui, theme, session, if width < 1180.0 { 108.0 } else { 148.0 });
        if width > 920.0 {
            gap(ui);
            rate(ui, theme, session);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            for (icon, command) in
                [(Icon::Theme, UiCommand::ToggleTheme), (Icon::Help, UiCommand::Shortcuts), (Icon::Search, UiCommand::Palette)]
            {
                press(ui, icon, command, commands);
            }
            ui.add_space(8.0);
            name(ui, theme, title);
        });
        menu
    })
    .inner
}

fn press(ui: &mut Ui, icon: Icon, command: UiCommand, commands: &mut Vec<UiCommand>) {
    let keys = command.shortcut(ui.ctx());
    let tip = if keys.is_empty() { command.tip().to_owned() } else { format!("{} ({keys})", command.tip()) };
    if icon::button(ui, icon, command.name(), &tip).clicked() {
        commands.push(command);
    }
}

fn gap(ui: &mut Ui) {
    ui.add_space(6.0);
    hairline(ui);
    ui.add_space(6.0);
}

fn run_button(ui: &mut Ui, theme: &Theme, session: &Session, commands: &mut Vec<UiCommand>) {
    let running = session.status.running;
    ui.scope(|ui| {
        if !running {
            // The one thing to press when nothing moves.
            let widgets = &mut ui.visuals_mut().widgets;
            for (look, light) in [(&mut widgets.inactive, 0.0), (&mut widgets.hovered, 0.12), (&mut widgets.active, 0.2)] {
                look.weak_bg_fill = Theme::mix(theme.accent, theme.strong, light);
                look.fg_stroke.color = theme.on_accent;
            }
        }
        let (icon, word) = if running { (Icon::Pause, "Pause") } else { (Icon::Play, "Run") };
        if icon::labelled(ui, icon, word, word, "Lets time flow, or stops it (Space)", 84.0).clicked() {
            commands.push(UiCommand::RunPause);
        }
    });
}

fn clock(ui: &mut Ui, theme: &Theme, session: &Session) {
    let status = &session.status;
    let tip = format!("Biological time: {} steps of {}", text::count(status.step), text::with_unit(&text::number(status.dt, 4), "ms"));
    let mut job = text::symbol("t", 15.0, theme.weak);
    job.append(
        &text::time(status.time(), status.dt),
        8.0,
        egui::TextFormat { font_id: fonts::medium(15.0), color: theme.strong, ..Default::default() },
    );
    let spoken = job.text.clone();
    let (rect, response) = ui.allocate_exact_size(egui::vec2(112.0, ui.spacing().interact_size.y), egui::Sense::hover());
    let galley = ui.painter().layout_job(job);
    ui.painter().galley(Align2::RIGHT_CENTER.align_size_within_rect(galley.size(), rect).min, galley, theme.strong);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &spoken));
    response.on_hover_text(tip);
}

fn speed_control(ui: &mut Ui, theme: &Theme, session: &mut Session, width: f32) {
    let mut asked = session.speed;
    let tip = "Biological seconds per second of wall time, from 0.001× to 1000×, and as fast as possible at the right end. \
               The marks are 1× (real time) and 1000×. Double-click: 1×";
    if speed::slider(ui, width, &mut asked).on_hover_text(tip).changed() {
        session.set_speed(asked);
    }
    fixed_text(ui, 40.0, &speed::text(asked), fonts::medium(BODY), theme.text, Align2::LEFT_CENTER);
    let status = &session.status;
    let (words, colour, tip) = if !status.running {
        ("paused".to_owned(), theme.weak, "Time stands still".to_owned())
    } else {
        let reached = text::number(status.realtime_factor, 2);
        if status.behind && asked != Speed::AsFastAsPossible {
            let tip = "This machine cannot simulate the network at the asked speed; it runs as fast as it can".to_owned();
            (format!("can only {reached}×"), theme.warning, tip)
        } else {
            (format!("reached {reached}×"), theme.weak, "Biological over wall time, averaged over half a second".to_owned())
        }
    };
    fixed_text(ui, 88.0, &words, egui::FontId::proportional(SMALL), colour, Align2::LEFT_CENTER).on_hover_text(tip);
}

fn rate(ui: &mut Ui, theme: &Theme, session: &Session) {
    let (words, tip) = match session.spikes_per_second() {
        Some(rate) => (text::number(rate, 3), "Spikes of the whole network per biological second, over the last half second"),
        None => ("–".to_owned(), "No spike rate yet: time stands still"),
    };
    fixed_text(ui, 56.0, &words, fonts::medium(BODY), theme.text, Align2::RIGHT_CENTER).on_hover_text(tip);
    ui.label(egui::RichText::new("spikes/s").size(SMALL).color(theme.weak)).on_hover_text(tip);
}

fn name(ui: &mut Ui, theme: &Theme, title: &Title<'_>) {
    let width = ui.available_width();
    if width < 48.0 {
        return;
    }
    ui.allocate_ui_with_layout(egui::vec2(width, ui.spacing().interact_size.y), Layout::right_to_left(Align::Center), |ui| {
        let edited = if title.edited { "edited" } else { "" };
        if title.edited && width > 90.0 {
            ui.label(egui::RichText::new(format!("• {edited}")).size(SMALL).color(theme.accent)).on_hover_text("Not saved yet");
        }
        let label = egui::Label::new(egui::RichText::new(title.name).font(fonts::semibold(BODY)).color(theme.strong)).truncate();
        let where_from = title.file.map_or_else(|| "Not stored in a file yet".to_owned(), |p| p.display().to_string());
        ui.add(label).on_hover_text(where_from);
    });
}
