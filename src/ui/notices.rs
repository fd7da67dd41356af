//! Messages, bottom right: one line of what happened and what to do; notes fade, errors stay until closed.

use super::command::UiCommand;
use super::theme::Theme;
use super::widgets::icon::{self, Icon};
use egui::{Align2, Ui, vec2};

/// Seconds a note is shown, and the part of it in which it fades.
const LIFE: f64 = 6.0;
const FADE: f64 = 0.8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Note,
    Warning,
    Error,
}

#[derive(Clone, Debug)]
pub struct Notice {
    pub level: Level,
    pub text: String,
    /// More, shown on request.
    pub details: String,
    /// One thing to do about it.
    pub offer: Option<UiCommand>,
    born: f64,
    open: bool,
}

#[derive(Default)]
pub struct Notices {
    list: Vec<Notice>,
    now: f64,
}

impl Notices {
    pub fn note(&mut self, text: impl Into<String>) {
        self.push(Level::Note, text.into(), String::new(), None);
    }

    pub fn warn(&mut self, text: impl Into<String>, details: impl Into<String>) {
        self.push(Level::Warning, text.into(), details.into(), None);
    }

    pub fn error(&mut self, text: impl Into<String>, details: impl Into<String>) {
        self.push(Level::Error, text.into(), details.into(), None);
    }

    pub fn push(&mut self, level: Level, text: String, details: String, offer: Option<UiCommand>) {
        if let Some(same) = self.list.iter_mut().find(|n| n.text == text) {
            same.born = self.now;
            same.details = details;
            return;
        }
        self.list.push(Notice { level, text, details, offer, born: self.now, open: false });
        // A wall of messages helps nobody: the oldest go.
        let surplus = self.list.len().saturating_sub(5);
        self.list.drain(..surplus);
    }

    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|n| n.text.as_str())
    }

    /// Draws the messages; returns a command that was accepted.
    pub fn ui(&mut self, ui: &Ui, theme: &Theme) -> Option<UiCommand> {
        self.now = ui.input(|i| i.time);
        let now = self.now;
        self.list.retain(|n| n.level != Level::Note || now - n.born < LIFE);
        if self.list.is_empty() {
            return None;
        }
        if self.list.iter().any(|n| n.level == Level::Note) {
            let next = self.list.iter().map(|n| LIFE - FADE - (now - n.born)).fold(LIFE, f64::min);
            ui.request_repaint_after_secs(if next > 0.0 { next as f32 } else { 0.05 });
        }
        let mut accepted = None;
        let mut closed = None;
        egui::Area::new(egui::Id::unique("notices")).anchor(Align2::RIGHT_BOTTOM, vec2(-12.0, -36.0)).order(egui::Order::Foreground).show(
            ui.ctx(),
            |ui| {
                ui.with_layout(egui::Layout::top_down(egui::Align::Max), |ui| {
                    for (i, notice) in self.list.iter_mut().enumerate() {
                        ui.push_id(i, |ui| {
                            let (accept, close) = one(ui, theme, notice, now);
                            accepted = accepted.or(accept);
                            closed = closed.or(close.then_some(i));
                        });
                    }
                });
            },
        );
        if let Some(i) = closed {
            self.list.remove(i);
        }
        accepted
    }
}

fn one(ui: &mut Ui, theme: &Theme, notice: &mut Notice, now: f64) -> (Option<UiCommand>, bool) {
    let (mut accepted, mut closed) = (None, false);
    let age = now - notice.born;
    let opacity = if notice.level == Level::Note { ((LIFE - age) / FADE).clamp(0.0, 1.0) as f32 } else { 1.0 };
    ui.set_opacity(opacity);
    let mark = match notice.level {
        Level::Note => theme.accent,
        Level::Warning => theme.warning,
        Level::Error => theme.error,
    };
    let frame = egui::Frame::popup(ui.style()).inner_margin(egui::Margin { left: 12, right: 6, top: 4, bottom: 4 });
    let shown = frame.show(ui, |ui| {
        ui.set_max_width(480.0);
        ui.horizontal(|ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(4.0, 16.0), egui::Sense::hover());
            ui.painter().rect_filled(rect, 2.0, mark);
            ui.add(egui::Label::new(&notice.text).truncate()).on_hover_text(&notice.text);
            if let Some(offer) = notice.offer
                && ui.button(offer.name()).clicked()
            {
                accepted = Some(offer);
                closed = true;
            }
            if !notice.details.is_empty() && ui.selectable_label(notice.open, "Details").clicked() {
                notice.open = !notice.open;
            }
            closed |= icon::button(ui, Icon::Close, "Close message", "Close").clicked();
        });
        if notice.open {
            egui::ScrollArea::vertical().max_height(160.0).show(ui, |ui| ui.add(egui::Label::new(&notice.details).wrap().selectable(true)));
        }
    });
    // A message under the pointer waits.
    if shown.response.contains_pointer() {
        notice.born = now;
    }
    (accepted, closed)
}
