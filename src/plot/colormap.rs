//! Colour maps for numbers: viridis for one sign, diverging maps with a neutral middle for two.
//!
//! Viridis is the table of `matplotlib` (N. Smith & S. van der Walt 2015, public domain). The diverging maps run straight through
//! `OKLab` (B. Ottosson 2020): along each arm lightness and chroma change evenly, so equal steps of the number look equal, and both
//! arms mirror each other. The neutral middle lies near the ground of the theme, so that small weights step back.

use std::sync::LazyLock;

/// Red, green and blue of sRGB.
pub type Rgb = [u8; 3];

/// 256 colours from low to high.
pub type Table = [Rgb; 256];

/// Which quantity is shown, and so which colours mean it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Map {
    /// Numbers of one sign.
    #[default]
    Viridis,
    /// Weights of both signs: blue is negative (inhibitory), orange positive (excitatory).
    Signed,
    /// Changes: magenta is depression, teal potentiation.
    Change,
}

static VIRIDIS: LazyLock<Table> = LazyLock::new(|| {
    let mut table = [[0; 3]; 256];
    let text = include_str!("../../assets/colormaps/viridis.txt").bytes();
    let digits: Vec<u8> = text.filter_map(|b| char::from(b).to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    for (colour, hex) in table.iter_mut().zip(digits.chunks_exact(6)) {
        *colour = [hex[0] << 4 | hex[1], hex[2] << 4 | hex[3], hex[4] << 4 | hex[5]];
    }
    table
});

/// Hues in `OKLab`, degrees.
const BLUE: f32 = 250.0;
const ORANGE: f32 = 50.0;
const MAGENTA: f32 = 335.0;
const TEAL: f32 = 180.0;

static SIGNED: [LazyLock<Table>; 2] = [LazyLock::new(|| diverging(BLUE, ORANGE, false)), LazyLock::new(|| diverging(BLUE, ORANGE, true))];
static CHANGE: [LazyLock<Table>; 2] = [LazyLock::new(|| diverging(MAGENTA, TEAL, false)), LazyLock::new(|| diverging(MAGENTA, TEAL, true))];

impl Map {
    pub fn table(self, dark: bool) -> &'static Table {
        match self {
            Map::Viridis => &VIRIDIS,
            Map::Signed => &SIGNED[usize::from(dark)],
            Map::Change => &CHANGE[usize::from(dark)],
        }
    }

    /// The colour of `value` on a scale from `low` to `high`; values outside take the end colours.
    pub fn colour(self, value: f32, (low, high): (f32, f32), dark: bool) -> Rgb {
        let t = if high > low { (value - low) / (high - low) } else { 0.5 };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let index = (t * 255.0).round().clamp(0.0, 255.0) as usize;
        self.table(dark)[index]
    }
}

/// Middle and end of the arms: lightness, and the largest chroma asked for.
const DARK_ARMS: (f32, f32, f32) = (0.36, 0.82, 0.16);
const LIGHT_ARMS: (f32, f32, f32) = (0.93, 0.48, 0.16);

fn diverging(low: f32, high: f32, dark: bool) -> Table {
    let (middle, end, chroma) = if dark { DARK_ARMS } else { LIGHT_ARMS };
    let fits = |c: f32, hue: f32| (0..=16).all(|k| in_gamut(lch(middle + (end - middle) * k as f32 / 16.0, c * k as f32 / 16.0, hue)));
    // Both arms share one chroma, the largest that both hues have at every lightness: else one sign would look stronger.
    let mut chroma = chroma;
    while chroma > 0.02 && !(fits(chroma, low) && fits(chroma, high)) {
        chroma -= 0.002;
    }
    std::array::from_fn(|i| {
        let t = (i as f32 - 127.5) / 127.5;
        let hue = if t < 0.0 { low } else { high };
        let [r, g, b] = lch(middle + (end - middle) * t.abs(), chroma * t.abs(), hue);
        [gamma(r), gamma(g), gamma(b)]
    })
}

/// A linear component as a byte of sRGB.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn gamma(linear: f32) -> u8 {
    let x = linear.clamp(0.0, 1.0);
    let encoded = if x <= 0.003_130_8 { 12.92 * x } else { 1.055 * x.powf(1.0 / 2.4) - 0.055 };
    (encoded * 255.0 + 0.5) as u8
}

fn in_gamut(rgb: [f32; 3]) -> bool {
    rgb.iter().all(|x| (-0.002..=1.002).contains(x))
}

/// `OKLab` lightness, chroma and hue (degrees) as linear sRGB.
fn lch(lightness: f32, chroma: f32, hue: f32) -> [f32; 3] {
    let (a, b) = (chroma * hue.to_radians().cos(), chroma * hue.to_radians().sin());
    let l = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let m = (lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
    let s = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    [
        4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
        -1.268_438 * l + 2.609_757_4 * m - 0.341_319_38 * s,
        -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of WCAG 2.1, 0 to 1.
    fn luminance(colour: Rgb) -> f32 {
        let linear = |x: u8| if x <= 10 { f32::from(x) / 3294.6 } else { ((f32::from(x) / 255.0 + 0.055) / 1.055).powf(2.4) };
        0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
    }

    #[test]
    fn viridis_gets_lighter_from_end_to_end() {
        let table = Map::Viridis.table(true);
        assert_eq!(table[0], [0x44, 0x01, 0x54]);
        assert_eq!(table[255], [0xfd, 0xe7, 0x25]);
        for pair in table.windows(2) {
            assert!(luminance(pair[1]) > luminance(pair[0]) - 1e-3, "{pair:?}");
        }
    }

    #[test]
    fn diverging_maps_are_symmetric_in_lightness_with_a_neutral_middle() {
        for (map, dark) in [(Map::Signed, true), (Map::Signed, false), (Map::Change, true), (Map::Change, false)] {
            let table = map.table(dark);
            for i in 0..128 {
                let (a, b) = (luminance(table[i]), luminance(table[255 - i]));
                // Equal OKLab lightness is not exactly equal luminance: hues differ by up to a tenth of the scale at full chroma.
                assert!((a.sqrt() - b.sqrt()).abs() < 0.08, "{map:?} {dark} {i}: {a} {b}");
            }
            for middle in [table[127], table[128]] {
                let spread = middle.iter().max().unwrap() - middle.iter().min().unwrap();
                assert!(spread <= 4, "{map:?} {middle:?} is not neutral");
            }
            assert_ne!(table[0], table[255]);
        }
    }

    #[test]
    fn each_arm_changes_lightness_one_way() {
        for dark in [true, false] {
            for map in [Map::Signed, Map::Change] {
                let table = map.table(dark);
                for i in 128..255 {
                    let rise = luminance(table[i + 1]) - luminance(table[i]);
                    assert!(if dark { rise > -2e-3 } else { rise < 2e-3 }, "{map:?} {dark} {i}");
                }
            }
        }
    }

    #[test]
    fn values_outside_the_scale_take_the_end_colours() {
        let table = Map::Viridis.table(true);
        assert_eq!(Map::Viridis.colour(9.0, (0.0, 1.0), true), table[255]);
        assert_eq!(Map::Viridis.colour(-9.0, (0.0, 1.0), true), table[0]);
    }
}
