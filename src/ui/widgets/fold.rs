//! Controls in a row that fold into a button with a menu when the row is too narrow for them.

use super::icon::{self, Icon};
use egui::{Align, Frame, Id, Layout, Popup, PopupCloseBehavior, Ui, UiBuilder, Vec2};

/// Lays `contents` out from right to left in `room`, never wider: what would not fit goes below a button instead.
pub fn row(ui: &mut Ui, id: Id, room: Vec2, contents: impl FnOnce(&mut Ui)) {
    let wanted = ui.data(|d| d.get_temp::<f32>(id)).unwrap_or(0.0);
    if wanted > room.x + 0.5 {
        menu(ui, id.with("open"), contents);
        return;
    }
    let (_, rect) = ui.allocate_space(room);
    let layout = Layout::right_to_left(Align::Center);
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout));
    child.shrink_clip_rect(rect.expand2(Vec2::new(0.0, 2.0)));
    contents(&mut child);
    let width = child.min_rect().width();
    // An empty row still spans its room in some layouts; only what overflows matters.
    let needed = if width > room.x + 0.5 { width } else { 0.0 };
    if needed > 0.0 {
        ui.data_mut(|d| d.insert_temp(id, needed));
        ui.request_repaint();
    }
}

/// A button that opens the contents below it. Its state is its own, so that lists inside may open lists of theirs.
fn menu(ui: &mut Ui, id: Id, contents: impl FnOnce(&mut Ui)) {
    let button = icon::button(ui, Icon::More, "Controls of this panel", "Controls of this panel");
    let mut open = ui.data(|d| d.get_temp::<bool>(id)).unwrap_or(false);
    if button.clicked() {
        open = !open;
    } else if open && (ui.input(|i| i.key_pressed(egui::Key::Escape)) || pressed_outside(ui)) {
        open = false;
    }
    Popup::from_response(&button)
        .id(id)
        .align(egui::RectAlign::BOTTOM_END)
        .open(open)
        .close_behavior(PopupCloseBehavior::IgnoreClicks)
        .frame(Frame::popup(ui.style()).inner_margin(8))
        .show(|ui| {
            ui.with_layout(Layout::top_down(Align::LEFT), contents);
        });
    ui.data_mut(|d| d.insert_temp(id, open));
}

/// Whether the pointer went down on the desk, rather than on a list that belongs to the menu.
fn pressed_outside(ui: &Ui) -> bool {
    let at = ui.input(|i| if i.pointer.any_pressed() { i.pointer.interact_pos() } else { None });
    at.is_some_and(|p| ui.ctx().layer_id_at(p).is_none_or(|l| l.order != egui::Order::Foreground))
}
