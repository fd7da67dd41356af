//! Notes pinned to moments of the run: flags in every time panel, written and read where they stand, kept in the network's file.

use super::super::theme::{SMALL, Theme};
use super::super::view::{Action, ViewCtx};
use super::super::widgets::time_axis::{self, TimeScale};
use egui::{Area, FontId, Frame, Id, Key, Order, Rect, Response, Sense, Shape, Stroke, TextEdit, Ui, pos2, vec2};
use spikeground_core::spec::Remark;

/// Letters of a note on its flag.
const SHORT: usize = 20;

/// The note being written.
#[derive(Clone, Debug, PartialEq)]
struct Draft {
    /// The panel it was opened in, and which note it is; none: a new one.
    panel: Id,
    index: Option<usize>,
    at: f64,
    text: String,
}

fn draft_id() -> Id {
    Id::unique("note being written")
}

/// The menu of a time panel (right click), the flags over `plots`, and the note being written.
pub fn show(ui: &mut Ui, view: &mut ViewCtx<'_>, scale: &TimeScale, plots: &[Rect], response: &Response) {
    let panel = ui.scope_id();
    menu(view, scale, response, panel);
    let Some(first) = plots.first().copied() else { return };
    let mut open = None;
    let mut moved = None;
    for (i, remark) in view.spec.remarks.iter().enumerate() {
        let x = scale.x(remark.at);
        if !(scale.left..=scale.right).contains(&x) {
            continue;
        }
        let flag = flag(ui, view.theme, plots, x, &remark.text);
        let flag = ui.interact(flag, panel.with(("note", i)), Sense::click_and_drag());
        let words = remark.text.clone();
        flag.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Note: {words}")));
        if flag.clicked() {
            open = Some(Draft { panel, index: Some(i), at: remark.at, text: remark.text.clone() });
        }
        if flag.dragged()
            && let Some(p) = flag.interact_pointer_pos()
        {
            moved = Some((i, scale.time(p.x).max(0.0)));
        }
        flag.on_hover_text(format!("{}: {}\nClick to change, drag to move", time_axis::moment(remark.at, view.status.dt), remark.text));
    }
    if let Some(draft) = open {
        ui.data_mut(|d| d.insert_temp(draft_id(), draft));
    }
    if let Some((i, at)) = moved {
        change(view, "move a note", |remarks| remarks[i].at = at);
    }
    write(ui, view, scale, first, panel);
}

fn menu(view: &mut ViewCtx<'_>, scale: &TimeScale, response: &Response, panel: Id) {
    let place = panel.with("note at");
    if response.secondary_clicked()
        && let Some(p) = response.interact_pointer_pos()
    {
        response.ctx.data_mut(|d| d.insert_temp(place, scale.time(p.x).max(0.0)));
    }
    response.context_menu(|ui| {
        let at: f64 = ui.data(|d| d.get_temp(place)).unwrap_or_default();
        if ui.button(format!("Note at {}", time_axis::moment(at, view.status.dt))).clicked() {
            let draft = Draft { panel, index: None, at, text: String::new() };
            ui.data_mut(|d| d.insert_temp(draft_id(), draft));
        }
        if let Some((low, high)) = view.selection.time {
            if ui.button("Zoom to the marked span").clicked() {
                view.selection.time_view.show(low, high);
            }
            if ui.button("Unmark the span").clicked() {
                view.selection.time = None;
            }
        }
        if !view.selection.neurons.is_empty() && ui.button("Deselect the neurons").clicked() {
            view.selection.neurons.clear();
        }
    });
}

/// A line through all plots and a flag in the first; returns where the flag is.
fn flag(ui: &Ui, theme: &Theme, plots: &[Rect], x: f32, text: &str) -> Rect {
    let painter = ui.painter();
    let x = painter.round_to_pixel_center(x);
    for plot in plots {
        let ends = [pos2(x, plot.top()), pos2(x, plot.bottom())];
        painter.extend(Shape::dashed_line(&ends, Stroke::new(1.0, theme.accent), 3.0, 3.0));
    }
    let mut short: String = text.lines().next().unwrap_or("").chars().take(SHORT).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    let galley = painter.layout_no_wrap(short, FontId::proportional(SMALL), theme.on_accent);
    let size = galley.size() + vec2(10.0, 2.0);
    // Near the right end the flag flies to the left.
    let left = if x + size.x > plots[0].right() { x - size.x } else { x };
    let rect = Rect::from_min_size(pos2(left, plots[0].bottom() - size.y - 2.0), size);
    painter.rect_filled(rect, 3.0, theme.accent);
    painter.galley(rect.min + vec2(5.0, 1.0), galley, theme.on_accent);
    rect
}

/// The field in which a note is written.
fn write(ui: &mut Ui, view: &mut ViewCtx<'_>, scale: &TimeScale, plot: Rect, panel: Id) {
    let Some(mut draft) = ui.data(|d| d.get_temp::<Draft>(draft_id())).filter(|d| d.panel == panel) else { return };
    let at = pos2(scale.x(draft.at).clamp(plot.left(), plot.right() - 240.0), plot.top() + 24.0);
    let (mut done, mut remove) = (false, false);
    Area::new(panel.with("note field")).order(Order::Foreground).fixed_pos(at).show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).show(ui, |ui| {
            ui.set_width(220.0);
            ui.weak(format!("Note at {}", time_axis::moment(draft.at, view.status.dt)));
            let field = ui.add(TextEdit::multiline(&mut draft.text).desired_rows(2).hint_text("What is to be seen here?"));
            field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Note"));
            let key = panel.with("asked for focus");
            if !ui.data(|d| d.get_temp::<bool>(key)).unwrap_or(false) {
                field.request_focus();
                ui.data_mut(|d| d.insert_temp(key, true));
            }
            // Enter ends the note, Shift and Enter begin a new line.
            done |= field.has_focus() && ui.input(|i| i.key_pressed(Key::Enter) && !i.modifiers.shift);
            ui.horizontal(|ui| {
                done |= ui.button("Done").clicked();
                remove = ui.button(if draft.index.is_some() { "Remove" } else { "Cancel" }).clicked();
            });
            if done || remove {
                ui.data_mut(|d| d.remove::<bool>(key));
            }
        });
    });
    if !done && !remove {
        ui.data_mut(|d| d.insert_temp(draft_id(), draft));
        return;
    }
    ui.data_mut(|d| d.remove::<Draft>(draft_id()));
    let text = draft.text.trim().to_owned();
    match (draft.index.filter(|i| *i < view.spec.remarks.len()), remove || text.is_empty()) {
        (Some(i), true) => change(view, "remove a note", |r| drop(r.remove(i))),
        (Some(i), false) => change(view, "note", |r| r[i].text = text),
        (None, true) => {}
        (None, false) => change(view, "note", |r| r.push(Remark { at: draft.at, text })),
    }
}

fn change(view: &mut ViewCtx<'_>, label: &str, edit: impl FnOnce(&mut Vec<Remark>)) {
    let mut spec = view.spec.clone();
    edit(&mut spec.remarks);
    spec.remarks.sort_by(|a, b| a.at.total_cmp(&b.at));
    view.act(Action::Edit { spec: Box::new(spec), label: label.into() });
}
