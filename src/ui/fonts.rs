//! The typefaces: Inter in four cuts with tabular figures, DejaVu Sans for the signs that Inter lacks, Hack for code.

use egui::{FontData, FontDefinitions, FontFamily, FontId};
use std::sync::Arc;

const CUTS: [(&str, &[u8]); 5] = [
    ("regular", include_bytes!("../../assets/fonts/Inter-Regular.otf")),
    ("medium", include_bytes!("../../assets/fonts/Inter-Medium.otf")),
    ("semibold", include_bytes!("../../assets/fonts/Inter-SemiBold.otf")),
    ("italic", include_bytes!("../../assets/fonts/Inter-Italic.otf")),
    ("signs", include_bytes!("../../assets/fonts/DejaVuSans-Fallback.ttf")),
];

/// Makes the typefaces known; the built-in ones of egui stay as the last resort.
pub fn install(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::default();
    let last_resort = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    for (name, bytes) in CUTS {
        fonts.font_data.insert(name.into(), Arc::new(FontData::from_static(bytes)));
    }
    for (name, family) in [
        ("regular", FontFamily::Proportional),
        ("medium", FontFamily::Monospace),
        ("medium", family("medium")),
        ("semibold", family("semibold")),
        ("italic", family("italic")),
    ] {
        let chain = [name, "regular", "signs"].map(String::from).into_iter().chain(last_resort.iter().cloned());
        fonts.families.insert(family, chain.collect());
    }
    // Code needs letters of one width; those come with egui.
    let code = ["Hack", "regular", "signs"].map(String::from).into_iter().filter(|name| fonts.font_data.contains_key(name)).collect();
    fonts.families.insert(family("code"), code);
    ctx.set_fonts(fonts);
}

fn family(name: &str) -> FontFamily {
    FontFamily::Name(name.into())
}

/// For numbers: one weight above their labels. Figures are tabular in all cuts.
pub fn medium(size: f32) -> FontId {
    FontId::new(size, family("medium"))
}

/// For titles.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, family("semibold"))
}

/// For equations as they are typed.
pub fn code(size: f32) -> FontId {
    FontId::new(size, family("code"))
}

/// For variables.
pub fn italic(size: f32) -> FontId {
    FontId::new(size, family("italic"))
}
