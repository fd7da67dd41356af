//! Colours, sizes and spacing, from `assets/theme/{dark,light}.ron`: no colour is written anywhere else.

use egui::Color32;

/// The tokens of one theme.
#[derive(Clone, Debug)]
pub struct Theme {
    pub dark: bool,
    pub window: Color32,
    pub panel: Color32,
    /// Ground of plots.
    pub plot: Color32,
    pub text: Color32,
    pub weak: Color32,
    pub hairline: Color32,
    pub accent: Color32,
    pub excitatory: Color32,
    pub inhibitory: Color32,
    pub potentiation: Color32,
    pub depression: Color32,
    pub warning: Color32,
    pub error: Color32,
    /// Okabe–Ito order, for populations that are neither and for several traces in one plot.
    pub series: Vec<Color32>,
}
