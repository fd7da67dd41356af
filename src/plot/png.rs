//! Pictures: a figure as PNG (drawn from its SVG, so that both show the same), matrices and clouds of marks inside an SVG.

use super::colormap::Map;
use super::{Figure, Picture, svg};
use resvg::{tiny_skia, usvg};
use std::sync::{Arc, LazyLock};

/// Red, green, blue and alpha, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Pixels {
    pub width: u32,
    pub height: u32,
    pub rgba: Vec<u8>,
}

const FONTS: [&[u8]; 4] = [
    include_bytes!("../../assets/fonts/Inter-Regular.otf"),
    include_bytes!("../../assets/fonts/Inter-SemiBold.otf"),
    include_bytes!("../../assets/fonts/Inter-Italic.otf"),
    include_bytes!("../../assets/fonts/DejaVuSans-Fallback.ttf"),
];

static DATABASE: LazyLock<Arc<usvg::fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = usvg::fontdb::Database::new();
    for font in FONTS {
        fonts.load_font_data(font.to_vec());
    }
    Arc::new(fonts)
});

/// The largest picture, pixels a side.
const MOST: f32 = 16_384.0;

/// The figure in pixels; `scale` pixels a point.
pub fn render(figure: &Figure, width: f32, height: f32, scale: f32) -> Result<Pixels, String> {
    let text = svg::write(figure, width, height);
    let options = usvg::Options { fontdb: Arc::clone(&DATABASE), font_family: "Inter".into(), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(&text, &options).map_err(|e| format!("the figure could not be drawn: {e}"))?;
    let (w, h) = ((width * scale).round(), (height * scale).round());
    if !(1.0..=MOST).contains(&w) || !(1.0..=MOST).contains(&h) {
        return Err(format!("a picture of {w} × {h} pixels is out of range; choose 1 to {MOST} a side"));
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let (w, h) = (w as u32, h as u32);
    let mut map = tiny_skia::Pixmap::new(w, h).ok_or("there is not enough memory for the picture")?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut map.as_mut());
    Ok(Pixels { width: w, height: h, rgba: map.take_demultiplied() })
}

/// The figure as a PNG file.
pub fn write(figure: &Figure, width: f32, height: f32, scale: f32) -> Result<Vec<u8>, String> {
    let pixels = render(figure, width, height, scale)?;
    Ok(encode(pixels.width, pixels.height, &pixels.rgba))
}

/// A PNG file of the pixels.
pub fn encode(width: u32, height: u32, rgba: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    // Into memory, and with as many bytes as the size says: neither can fail.
    if let Ok(mut writer) = encoder.write_header() {
        let _ = writer.write_image_data(rgba);
    }
    out
}

/// A matrix in its colours, one pixel a cell; a wide one in blocks of cells (their mean), at most 2,048 a side.
#[allow(clippy::cast_possible_truncation)]
pub fn matrix(picture: &Picture) -> Vec<u8> {
    let (rows, cols) = (picture.rows(), picture.cols);
    let step = rows.max(cols).div_ceil(2048).max(1);
    let (h, w) = (rows.div_ceil(step), cols.div_ceil(step));
    let mut rgba = Vec::with_capacity(4 * w * h);
    for (r, c) in (0..h).flat_map(|r| (0..w).map(move |c| (r * step, c * step))) {
        let cells = (r..(r + step).min(rows)).flat_map(|i| (c..(c + step).min(cols)).map(move |j| picture.values[i * cols + j]));
        let (sum, n) = cells.filter(|v| v.is_finite()).fold((0.0, 0u32), |(s, n), v| (s + v, n + 1));
        if n == 0 {
            rgba.extend([0; 4]);
        } else {
            rgba.extend(picture.map.colour(sum / n as f32, picture.range, false));
            rgba.push(255);
        }
    }
    encode(w.max(1) as u32, h.max(1) as u32, if rgba.is_empty() { &[0; 4] } else { &rgba })
}

/// The colours of a map, high on top.
pub fn ramp(map: Map) -> Vec<u8> {
    let rgba: Vec<u8> = map.table(false).iter().rev().flat_map(|c| [c[0], c[1], c[2], 255]).collect();
    encode(1, 256, &rgba)
}

/// Marks as a picture of twice the size in points, on nothing.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn dots(at: impl Iterator<Item = (f32, f32)>, (width, height): (f32, f32), radius: f32, colour: &str) -> Vec<u8> {
    let (w, h) = (((2.0 * width).ceil() as usize).max(1), ((2.0 * height).ceil() as usize).max(1));
    let byte = |i: usize| u8::from_str_radix(colour.get(i..i + 2).unwrap_or("00"), 16).unwrap_or(0);
    let ink = [byte(1), byte(3), byte(5), 255];
    let mut rgba = vec![0; 4 * w * h];
    let side = ((2.0 * radius).round() as usize).max(1);
    for (x, y) in at.filter(|(x, y)| (0.0..width).contains(x) && (0.0..height).contains(y)) {
        let (left, top) = (((2.0 * x - radius).max(0.0)) as usize, ((2.0 * y - radius).max(0.0)) as usize);
        for row in top..(top + side).min(h) {
            for col in left..(left + side).min(w) {
                rgba[4 * (row * w + col)..][..4].copy_from_slice(&ink);
            }
        }
    }
    encode(w as u32, h as u32, &rgba)
}

#[cfg(test)]
mod tests {
    use super::super::{Axis, Ink, Item, Pen, Plot};
    use super::*;

    fn example() -> Figure {
        let picture = Picture {
            left: 0.0,
            right: 1.0,
            top: 1.0,
            bottom: 0.0,
            cols: 2,
            values: vec![0.0, 1.0, f32::NAN, 0.5],
            range: (0.0, 1.0),
            map: Map::Viridis,
            label: "w".into(),
        };
        let plot = Plot::new(Axis::new("Time (ms)", (0.0, 1.0)), Axis::new("v (mV)", (0.0, 1.0))).with(Item::Picture(picture)).line(
            vec![[0.0, 0.0], [1.0, 1.0]],
            Pen::new(Ink::Accent),
            "v",
        );
        Figure { title: "τ = 20 ms".into(), plots: vec![plot], caption: vec!["seed 1".into()], ..Figure::default() }
    }

    #[test]
    fn a_figure_becomes_a_picture_of_the_size_asked_for() {
        let pixels = render(&example(), 300.0, 200.0, 2.0).unwrap();
        assert_eq!((pixels.width, pixels.height, pixels.rgba.len()), (600, 400, 960_000));
        let dark = pixels.rgba.chunks(4).filter(|p| p[0] < 100 && p[1] < 100 && p[2] < 120).count();
        assert!(dark > 200, "text and the dark end of the map are drawn: {dark}");
        let bytes = write(&example(), 300.0, 200.0, 1.0).unwrap();
        assert_eq!(&bytes[1..4], b"PNG");
    }

    #[test]
    fn a_picture_that_cannot_be_is_refused_with_its_size() {
        let why = render(&example(), 300.0, 200.0, 1000.0).unwrap_err();
        assert!(why.contains("300000 × 200000"), "{why}");
        assert!(render(&example(), 300.0, 200.0, f32::NAN).is_err());
    }
}
