//! Controls that know nothing of the program.

pub mod auto_range;
pub mod axis;
pub mod colormap;
pub mod colour_bar;
pub mod fold;
pub mod formula;
pub mod heatmap;
pub mod icon;
pub mod param_slider;
pub mod plot;
pub mod ring_canvas;
pub mod scale;
pub mod speed;
pub mod time_axis;

use egui::{Align2, FontId, Response, Sense, Ui, vec2};

/// Text in a field of fixed width, so that nothing moves when it gets longer; right-aligned, cut off with `…`.
pub fn fixed_text(ui: &mut Ui, width: f32, text: &str, font: FontId, colour: egui::Color32, align: Align2) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(width, ui.spacing().interact_size.y), Sense::hover());
    if ui.is_rect_visible(rect) {
        let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, colour);
        job.wrap = egui::text::TextWrapping::truncate_at_width(width);
        let galley = ui.painter().layout_job(job);
        let place = align.align_size_within_rect(galley.size(), rect);
        ui.painter().galley(place.min, galley, colour);
    }
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, text));
    response
}

/// A hair line between groups of a horizontal bar.
pub fn hairline(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(1.0, ui.available_height().min(20.0)), Sense::hover());
    ui.painter().vline(rect.center().x, rect.y_range(), ui.visuals().widgets.noninteractive.bg_stroke);
}
