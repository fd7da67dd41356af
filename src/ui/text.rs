//! How numbers and symbols are written: see [`crate::plot::number`]; symbols as in a textbook.

use super::fonts;
pub use crate::plot::number::{THIN, count, counted, fixed, number, parse, time, with_unit};
use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Color32, FontId};

/// A symbol as in a textbook: `τ_m` with an italic τ and a lowered m. Words stay upright.
pub fn symbol(text: &str, size: f32, colour: Color32) -> LayoutJob {
    let mut job = LayoutJob::default();
    append_symbol(&mut job, text, size, colour);
    job
}

/// See [`symbol`]; for symbols inside a longer text.
pub fn append_symbol(job: &mut LayoutJob, text: &str, size: f32, colour: Color32) {
    let (base, sub) = text.split_once('_').map_or((text, ""), |(b, s)| (b, s));
    let is_variable = base.chars().count() <= 2 && base.chars().any(char::is_alphabetic);
    let font = if is_variable { fonts::italic(size) } else { FontId::proportional(size) };
    job.append(base, 0.0, TextFormat { font_id: font, color: colour, valign: Align::TOP, ..TextFormat::default() });
    if !sub.is_empty() {
        let font = FontId::proportional((size * 0.74).round());
        job.append(sub, 0.5, TextFormat { font_id: font, color: colour, valign: Align::BOTTOM, ..TextFormat::default() });
    }
}
