//! Selecting neurons in the raster: a click takes one, a drag along the names (or with Ctrl in the plot) all whose rows it covers.

use super::super::super::view::{Item, Selection};
use super::rows::Rows;
use egui::{CursorIcon, PointerButton, Rect, Response, Sense, Ui};

/// The rows between two places of a drag, as neurons.
fn covered(ui: &Ui, response: &Response, plot: Rect, rows: &Rows, pixels: f32) -> Option<Vec<(usize, u32)>> {
    let (from, to) = (ui.input(|i| i.pointer.press_origin())?, response.interact_pointer_pos()?);
    let row = |y: f32| (y - plot.top()) * pixels;
    ((from.y - to.y).abs() >= 2.0).then(|| rows.between(row(from.y.min(to.y)), row(from.y.max(to.y))))
}

/// Drags along the names: the neurons of the rows. A click on a name selects the population in the tree.
pub fn names(ui: &Ui, gutter: Rect, plot: Rect, rows: &Rows, pixels: f32, selection: &mut Selection) {
    let response = ui.interact(gutter, ui.scope_id().with("rows"), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "Populations of the raster"));
    if response.hovered() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeVertical);
    }
    if response.dragged() {
        if let Some(neurons) = covered(ui, &response, plot, rows, pixels) {
            selection.neurons = neurons;
        }
    } else if response.clicked()
        && let Some((population, _)) = response.interact_pointer_pos().and_then(|p| rows.at((p.y - plot.top()) * pixels))
    {
        selection.item = Item::Population(population);
    }
    response.on_hover_text("Drag to select the neurons of these rows in every panel; click to open the population");
}

/// Whether a drag in the plot, with Ctrl held, selects neurons; it then does.
pub fn in_plot(ui: &Ui, response: &Response, plot: Rect, rows: &Rows, pixels: f32, selection: &mut Selection) -> bool {
    let is_mine = ui.input(|i| i.modifiers.command) && response.dragged_by(PointerButton::Primary);
    if is_mine && let Some(neurons) = covered(ui, response, plot, rows, pixels) {
        selection.neurons = neurons;
    }
    is_mine
}

/// A click: one neuron, one more or less with Shift; on nothing: the brushed time goes first, then the neurons.
pub fn select(selection: &mut Selection, hit: Option<(usize, u32)>, add: bool) {
    match hit {
        Some(hit) if add => match selection.neurons.iter().position(|n| *n == hit) {
            Some(at) => drop(selection.neurons.remove(at)),
            None => selection.neurons.insert(0, hit),
        },
        Some(hit) => selection.neurons = vec![hit],
        None if selection.time.is_some() => selection.time = None,
        None => selection.neurons.clear(),
    }
}
