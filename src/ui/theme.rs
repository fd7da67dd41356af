//! Colours, sizes and spacing, from `assets/theme/{dark,light}.ron`: no colour is written anywhere else.

use egui::{Color32, CornerRadius, FontId, Margin, Shadow, Stroke, Style, TextStyle, Visuals, vec2};
use serde::Deserialize;
use serde::de::Error as _;
use std::sync::LazyLock;

/// The tokens of one theme.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    #[serde(skip)]
    pub dark: bool,
    #[serde(deserialize_with = "colour")]
    pub window: Color32,
    #[serde(deserialize_with = "colour")]
    pub panel: Color32,
    /// Ground of plots.
    #[serde(deserialize_with = "colour")]
    pub plot: Color32,
    #[serde(deserialize_with = "colour")]
    pub text: Color32,
    /// Text that stands out: titles, the thing under the pointer.
    #[serde(deserialize_with = "colour")]
    pub strong: Color32,
    #[serde(deserialize_with = "colour")]
    pub weak: Color32,
    #[serde(deserialize_with = "colour")]
    pub hairline: Color32,
    /// Grounds of buttons and tracks: at rest, under the pointer, pressed.
    #[serde(deserialize_with = "colour")]
    pub control: Color32,
    #[serde(deserialize_with = "colour")]
    pub hover: Color32,
    #[serde(deserialize_with = "colour")]
    pub pressed: Color32,
    #[serde(deserialize_with = "colour")]
    pub accent: Color32,
    /// Text on the accent colour.
    #[serde(deserialize_with = "colour")]
    pub on_accent: Color32,
    #[serde(deserialize_with = "colour")]
    pub excitatory: Color32,
    #[serde(deserialize_with = "colour")]
    pub inhibitory: Color32,
    #[serde(deserialize_with = "colour")]
    pub potentiation: Color32,
    #[serde(deserialize_with = "colour")]
    pub depression: Color32,
    #[serde(deserialize_with = "colour")]
    pub warning: Color32,
    #[serde(deserialize_with = "colour")]
    pub error: Color32,
    /// Okabe–Ito order, for populations that are neither and for several traces in one plot.
    #[serde(deserialize_with = "colours")]
    pub series: Vec<Color32>,
}

/// Text sizes in points; spacing is a multiple of [`GRID`].
pub const SMALL: f32 = 11.0;
pub const BODY: f32 = 13.0;
pub const TITLE: f32 = 16.0;
/// All distances are multiples of this.
pub const GRID: f32 = 4.0;
/// Height of a row of controls.
pub const ROW: f32 = 24.0;

/// Pictures are drawn in their own colours.
pub const UNTINTED: Color32 = Color32::WHITE;

static DARK: LazyLock<Theme> = LazyLock::new(|| parse(include_str!("../../assets/theme/dark.ron"), true));
static LIGHT: LazyLock<Theme> = LazyLock::new(|| parse(include_str!("../../assets/theme/light.ron"), false));

fn parse(text: &str, dark: bool) -> Theme {
    let mut theme: Theme = ron::from_str(text).expect("the embedded theme parses (tested)");
    theme.dark = dark;
    theme
}

fn hex<E: serde::de::Error>(text: &str) -> Result<Color32, E> {
    Color32::from_hex(text).map_err(|_| E::custom(format!("{text} is not a colour such as #4DA3FF")))
}

fn colour<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Color32, D::Error> {
    hex(&String::deserialize(from)?)
}

fn colours<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Color32>, D::Error> {
    let list = Vec::<String>::deserialize(from)?;
    if list.is_empty() {
        return Err(D::Error::custom("series needs at least one colour"));
    }
    list.iter().map(|text| hex(text)).collect()
}

impl Theme {
    pub fn dark() -> Self {
        DARK.clone()
    }

    pub fn light() -> Self {
        LIGHT.clone()
    }

    pub fn of(dark: bool) -> Self {
        if dark { Self::dark() } else { Self::light() }
    }

    /// The i-th colour of the series, going round.
    pub fn series(&self, i: usize) -> Color32 {
        self.series[i % self.series.len()]
    }

    /// A colour between two, `t` from 0 (`a`) to 1 (`b`).
    pub fn mix(a: Color32, b: Color32, t: f32) -> Color32 {
        a.lerp_to_gamma(b, t)
    }

    /// The accent as a ground behind text: selection, pressed toggles.
    pub fn accent_ground(&self) -> Color32 {
        Self::mix(self.panel, self.accent, if self.dark { 0.28 } else { 0.16 })
    }

    /// Ground of text fields and quotations: sunk below the panel in both themes.
    pub fn field(&self) -> Color32 {
        if self.dark { self.plot } else { self.window }
    }

    /// Makes this the look of every widget.
    pub fn apply(&self, ctx: &egui::Context) {
        let style = self.style();
        ctx.set_theme(if self.dark { egui::Theme::Dark } else { egui::Theme::Light });
        ctx.set_style_of(egui::Theme::Dark, style.clone());
        ctx.set_style_of(egui::Theme::Light, style);
    }

    fn style(&self) -> Style {
        let mut style = Style { visuals: self.visuals(), animation_time: 0.08, ..Style::default() };
        style.text_styles = [
            (TextStyle::Small, FontId::proportional(SMALL)),
            (TextStyle::Body, FontId::proportional(BODY)),
            (TextStyle::Button, FontId::proportional(BODY)),
            (TextStyle::Heading, super::fonts::semibold(TITLE)),
            (TextStyle::Monospace, super::fonts::medium(BODY)),
        ]
        .into();
        let s = &mut style.spacing;
        s.item_spacing = vec2(GRID * 2.0, GRID);
        s.button_padding = vec2(GRID * 2.0, 3.0);
        s.interact_size = vec2(ROW, ROW);
        s.window_margin = Margin::same(12);
        s.menu_margin = Margin::same(4);
        s.indent = 12.0;
        s.slider_rail_height = 4.0;
        s.icon_width = 14.0;
        s.icon_width_inner = 8.0;
        s.icon_spacing = 6.0;
        s.tooltip_width = 320.0;
        s.combo_height = 360.0;
        s.menu_width = 260.0;
        s.scroll = egui::style::ScrollStyle::thin();
        style.interaction.tooltip_delay = 0.35;
        style.interaction.selectable_labels = false;
        style
    }

    fn visuals(&self) -> Visuals {
        let mut v = if self.dark { Visuals::dark() } else { Visuals::light() };
        let radius = CornerRadius::same(4);
        let look = |fill: Color32, stroke: Stroke, text: Color32| egui::style::WidgetVisuals {
            bg_fill: fill,
            weak_bg_fill: fill,
            bg_stroke: stroke,
            corner_radius: radius,
            fg_stroke: Stroke::new(1.0, text),
            expansion: 0.0,
        };
        v.widgets.noninteractive = look(self.panel, Stroke::new(1.0, self.hairline), self.text);
        v.widgets.inactive = look(self.control, Stroke::NONE, self.text);
        v.widgets.hovered = look(self.hover, Stroke::NONE, self.strong);
        v.widgets.active = look(self.pressed, Stroke::new(1.0, self.accent), self.strong);
        v.widgets.open = look(self.hover, Stroke::NONE, self.strong);
        v.selection.bg_fill = self.accent_ground();
        v.selection.stroke = Stroke::new(1.0, self.strong);
        v.hyperlink_color = self.accent;
        v.weak_text_color = Some(self.weak);
        v.faint_bg_color = Self::mix(self.panel, self.control, 0.5);
        v.extreme_bg_color = self.plot;
        v.text_edit_bg_color = Some(self.field());
        v.code_bg_color = self.control;
        v.warn_fg_color = self.warning;
        v.error_fg_color = self.error;
        v.window_fill = self.panel;
        v.window_stroke = Stroke::new(1.0, self.hairline);
        v.window_corner_radius = CornerRadius::same(8);
        v.menu_corner_radius = CornerRadius::same(6);
        v.panel_fill = self.panel;
        let shadow = Shadow { offset: [0, 4], blur: 16, spread: 0, color: Color32::from_black_alpha(if self.dark { 110 } else { 36 }) };
        v.window_shadow = shadow;
        v.popup_shadow = shadow;
        v.slider_trailing_fill = true;
        v.handle_shape = egui::style::HandleShape::Circle;
        v.indent_has_left_vline = false;
        v.text_cursor.stroke = Stroke::new(2.0, self.accent);
        v
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast ratio of WCAG 2.1, 1 to 21.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let luminance = |c: Color32| {
            let channel = |x: u8| {
                let x = f32::from(x) / 255.0;
                if x <= 0.04045 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(c.r()) + 0.7152 * channel(c.g()) + 0.0722 * channel(c.b())
        };
        let (x, y) = (luminance(a), luminance(b));
        (x.max(y) + 0.05) / (x.min(y) + 0.05)
    }

    #[test]
    fn text_and_marks_stand_out_in_both_themes() {
        for theme in [Theme::dark(), Theme::light()] {
            for ground in [theme.window, theme.panel, theme.plot] {
                for text in [theme.text, theme.strong, theme.weak, theme.warning, theme.error] {
                    assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}: {}", contrast(text, ground));
                }
                let marks = [theme.accent, theme.excitatory, theme.inhibitory, theme.potentiation, theme.depression];
                for mark in marks.iter().chain(&theme.series) {
                    assert!(contrast(*mark, ground) >= 3.0, "{mark:?} on {ground:?}: {}", contrast(*mark, ground));
                }
            }
            assert!(contrast(theme.text, theme.control) >= 4.5 && contrast(theme.on_accent, theme.accent) >= 4.5);
            assert!(contrast(theme.strong, theme.accent_ground()) >= 4.5);
        }
    }
}
