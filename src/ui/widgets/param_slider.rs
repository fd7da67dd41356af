//! The slider of one parameter.

/// Whether a number is being typed into a slider.
pub fn is_typing(_ctx: &egui::Context) -> bool {
    false
}
