//! A heatmap: a matrix as one texture of exactly the cells in view, with zoom and pan.
//!
//! Not a number marks "nothing here": such cells stay clear over a hatched ground, so that they differ from every colour of the map.
//! Where cells are smaller than pixels the texture holds means over blocks of them; [`Shown::block`] says how large.

use super::colormap::Table;
use egui::{Color32, ColorImage, Painter, Pos2, Rect, Response, Stroke, TextureHandle, TextureOptions, Ui, pos2, vec2};

/// A matrix to show.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    pub rows: usize,
    pub cols: usize,
    /// Row-major `[rows, cols]`.
    pub values: &'a [f32],
    /// When given, the difference to it is shown; same shape.
    pub minus: Option<&'a [f32]>,
    /// Changes whenever the numbers do.
    pub stamp: u64,
}

/// How numbers become colours.
#[derive(Clone, Copy)]
pub struct Look {
    pub table: &'static Table,
    pub range: (f32, f32),
    pub ground: Color32,
    pub hatch: Color32,
}

/// The cells in view: columns along x, rows along y.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    pub rows: (usize, usize),
    pub cols: (usize, usize),
    /// Rows and columns that make one texel.
    pub block: (usize, usize),
}

/// What is on screen after [`Heatmap::show`].
pub struct Shown {
    pub response: Response,
    pub rect: Rect,
    /// Part of the matrix in view: x columns, y rows.
    pub view: Rect,
    /// Rows and columns behind each pixel (1, 1 when every cell is drawn).
    pub block: (usize, usize),
    /// Row and column under the pointer.
    pub hovered: Option<(usize, usize)>,
}

impl Shown {
    /// Screen x of the left edge of column `col`.
    #[allow(clippy::cast_possible_truncation)]
    pub fn x(&self, col: f64) -> f32 {
        self.rect.left() + (col as f32 - self.view.left()) / self.view.width() * self.rect.width()
    }

    /// Screen y of the upper edge of row `row`.
    #[allow(clippy::cast_possible_truncation)]
    pub fn y(&self, row: f64) -> f32 {
        self.rect.top() + (row as f32 - self.view.top()) / self.view.height() * self.rect.height()
    }
}

#[derive(Default)]
pub struct Heatmap {
    texture: Option<TextureHandle>,
    /// What the texture was made from.
    made: Option<Made>,
    has_holes: bool,
    /// Part of the matrix in view; none: all of it.
    view: Option<Rect>,
    size: (usize, usize),
}

#[derive(Clone, Copy, PartialEq)]
struct Made {
    stamp: u64,
    window: Window,
    range: (f32, f32),
    table: *const Table,
    difference: bool,
}

impl Heatmap {
    pub fn is_zoomed(&self) -> bool {
        self.view.is_some()
    }

    pub fn show_all(&mut self) {
        self.view = None;
    }

    /// Draws `picture` in `rect` and takes zoom (wheel, pinch), pan (drag) and "show all" (double-click).
    pub fn show(&mut self, ui: &mut Ui, rect: Rect, picture: &Picture<'_>, look: &Look) -> Shown {
        let response = ui.interact(rect, ui.scope_id().with("heatmap"), egui::Sense::click_and_drag());
        if self.size != (picture.rows, picture.cols) {
            self.size = (picture.rows, picture.cols);
            self.view = None;
        }
        let all = Rect::from_min_size(Pos2::ZERO, vec2(picture.cols as f32, picture.rows as f32));
        self.navigate(ui, &response, rect, all);
        let view = self.view.unwrap_or(all);
        let pixels = rect.size() * ui.ctx().pixels_per_point();
        let window = window_of(view, pixels, picture.rows, picture.cols);
        self.refresh(ui, picture, look, window);
        let mut shown = Shown { response, rect, view, block: window.block, hovered: None };
        self.paint(&ui.painter().with_clip_rect(rect.intersect(ui.clip_rect())), &shown, look, window);
        shown.hovered = shown.response.hover_pos().filter(|p| rect.contains(*p)).and_then(|p| {
            let x = view.left() + (p.x - rect.left()) / rect.width() * view.width();
            let y = view.top() + (p.y - rect.top()) / rect.height() * view.height();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let (row, col) = (y.max(0.0) as usize, x.max(0.0) as usize);
            (row < picture.rows && col < picture.cols).then_some((row, col))
        });
        shown
    }

    fn navigate(&mut self, ui: &Ui, response: &Response, rect: Rect, all: Rect) {
        if response.double_clicked() {
            self.view = None;
            return;
        }
        let mut view = self.view.unwrap_or(all);
        if let Some(at) = response.hover_pos() {
            let (scroll, pinch) = ui.input(|i| (i.smooth_scroll_delta().y, i.zoom_delta()));
            let factor = pinch * (scroll * 0.005).exp();
            if (factor - 1.0).abs() > 1e-4 {
                let centre = view.lerp_inside((at - rect.min) / rect.size());
                let size = (view.size() / factor).max(vec2(2.0, 2.0).min(all.size())).min(all.size());
                view = Rect::from_min_size(centre - (centre - view.min) * (size / view.size()), size);
            }
        }
        // The right button and Alt belong to whoever brushes.
        let is_pan = response.dragged_by(egui::PointerButton::Primary) && !ui.input(|i| i.modifiers.alt);
        if is_pan && self.view.is_some() {
            view = view.translate(-response.drag_delta() / rect.size() * view.size());
        }
        let limit = all.max - view.size();
        view = Rect::from_min_size(view.min.max(all.min).min(pos2(limit.x.max(0.0), limit.y.max(0.0))), view.size());
        let is_all = view.width() > all.width() * 0.999 && view.height() > all.height() * 0.999;
        self.view = (!is_all).then_some(view);
    }

    /// Makes the texture anew when anything it shows has changed.
    fn refresh(&mut self, ui: &Ui, picture: &Picture<'_>, look: &Look, window: Window) {
        let made = Made {
            stamp: picture.stamp,
            window,
            range: look.range,
            table: std::ptr::from_ref(look.table),
            difference: picture.minus.is_some(),
        };
        if self.made == Some(made) {
            return;
        }
        self.made = Some(made);
        let (image, has_holes) = shade(picture, window, look);
        self.has_holes = has_holes;
        // Enlarged cells have sharp edges; a texel is never much smaller than a pixel, so shrinking needs no mipmaps.
        let options = TextureOptions { minification: egui::TextureFilter::Linear, ..TextureOptions::NEAREST };
        match &mut self.texture {
            Some(texture) => texture.set(image, options),
            None => self.texture = Some(ui.ctx().load_texture("heatmap", image, options)),
        }
    }

    fn paint(&self, painter: &Painter, shown: &Shown, look: &Look, window: Window) {
        painter.rect_filled(shown.rect, 0.0, look.ground);
        if self.has_holes {
            hatch(painter, shown.rect, look.hatch);
        }
        let Some(texture) = &self.texture else { return };
        let texels = texture.size();
        let end = (window.rows.0 + texels[1] * window.block.0, window.cols.0 + texels[0] * window.block.1);
        let min = pos2(shown.x(window.cols.0 as f64), shown.y(window.rows.0 as f64));
        let max = pos2(shown.x(end.1 as f64), shown.y(end.0 as f64));
        let uv = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
        painter.image(texture.id(), Rect::from_min_max(min, max), uv, super::super::theme::UNTINTED);
    }
}

/// Faint diagonal lines: "nothing here".
pub fn hatch(painter: &Painter, rect: Rect, colour: Color32) {
    let painter = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    let stroke = Stroke::new(1.0, colour);
    let mut x = rect.left() - rect.height();
    while x < rect.right() {
        painter.line_segment([pos2(x, rect.bottom()), pos2(x + rect.height(), rect.top())], stroke);
        x += 7.0;
    }
}

/// Which cells to draw, and how many of them in one texel, so that texels are about as large as pixels or larger.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn window_of(view: Rect, pixels: egui::Vec2, rows: usize, cols: usize) -> Window {
    let span = |low: f32, high: f32, pixels: f32, n: usize| {
        // A tenth of slack: 1000 cells on 960 pixels are still drawn one by one.
        let block = ((high - low) / pixels.max(1.0) - 0.1).ceil().max(1.0) as usize;
        let first = (low.max(0.0) as usize / block * block).min(n);
        let last = ((high.max(0.0).ceil() as usize).div_ceil(block) * block).min(n);
        ((first, last.max(first)), block)
    };
    let (rows, row_block) = span(view.top(), view.bottom(), pixels.y, rows);
    let (cols, col_block) = span(view.left(), view.right(), pixels.x, cols);
    Window { rows, cols, block: (row_block, col_block) }
}

/// The texels of `window`, and whether any is empty.
pub fn shade(picture: &Picture<'_>, window: Window, look: &Look) -> (ColorImage, bool) {
    let (rows, cols) = (window.rows.1 - window.rows.0, window.cols.1 - window.cols.0);
    let size = [cols.div_ceil(window.block.1), rows.div_ceil(window.block.0)];
    let mut pixels = Vec::with_capacity(size[0] * size[1]);
    let line = |source: &'_ [f32], row: usize| -> Option<std::ops::Range<usize>> {
        let first = row * picture.cols;
        (source.len() >= first + window.cols.1).then_some(first + window.cols.0..first + window.cols.1)
    };
    let shader = Shader::new(look);
    let mut sums = vec![0f32; size[0]];
    let mut counts = vec![0f32; size[0]];
    let mut difference = Vec::new();
    for first in (window.rows.0..window.rows.1).step_by(window.block.0) {
        let is_plain = window.block == (1, 1);
        sums.fill(0.0);
        counts.fill(0.0);
        for row in first..(first + window.block.0).min(window.rows.1) {
            let Some(range) = line(picture.values, row) else { continue };
            let mut values = &picture.values[range.clone()];
            if let Some(minus) = picture.minus.filter(|m| line(m, row).is_some()) {
                difference.clear();
                difference.extend(values.iter().zip(&minus[range]).map(|(a, b)| a - b));
                values = &difference;
            }
            if is_plain {
                pixels.extend(values.iter().map(|v| shader.colour(*v)));
            } else {
                for ((block, sum), count) in values.chunks(window.block.1).zip(&mut sums).zip(&mut counts) {
                    for v in block {
                        let is_there = !v.is_nan();
                        *sum += if is_there { *v } else { 0.0 };
                        *count += if is_there { 1.0 } else { 0.0 };
                    }
                }
            }
        }
        if !is_plain {
            // 0/0 is not a number: a block without any synapse stays empty.
            pixels.extend(sums.iter().zip(&counts).map(|(sum, n)| shader.colour(sum / n)));
        }
    }
    pixels.resize(size[0] * size[1], Color32::TRANSPARENT);
    let has_holes = pixels.contains(&Color32::TRANSPARENT);
    (ColorImage::new(size, pixels), has_holes)
}

struct Shader {
    table: &'static Table,
    low: f32,
    scale: f32,
}

impl Shader {
    fn new(look: &Look) -> Self {
        let (low, high) = look.range;
        let scale = if high > low { 255.0 / (high - low) } else { 0.0 };
        Self { table: look.table, low, scale }
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn colour(&self, value: f32) -> Color32 {
        // The cast saturates: values outside take the end colours.
        let colour = self.table[usize::from(((value - self.low) * self.scale + 0.5) as u8)];
        if value.is_nan() { Color32::TRANSPARENT } else { colour }
    }
}

#[cfg(test)]
mod tests {
    use super::super::colormap::{self, Map};
    use super::*;

    fn viridis(value: f32) -> Color32 {
        let [r, g, b] = Map::Viridis.colour(value, (0.0, 1.0), true);
        Color32::from_rgb(r, g, b)
    }

    fn look() -> Look {
        Look { table: colormap::table(Map::Viridis, true), range: (0.0, 1.0), ground: Color32::BLACK, hatch: Color32::GRAY }
    }

    fn picture(rows: usize, cols: usize, values: &[f32]) -> Picture<'_> {
        Picture { rows, cols, values, minus: None, stamp: 0 }
    }

    fn whole(rows: usize, cols: usize, block: (usize, usize)) -> Window {
        Window { rows: (0, rows), cols: (0, cols), block }
    }

    #[test]
    fn no_synapse_is_clear_and_zero_is_not() {
        let (image, has_holes) = shade(&picture(1, 3, &[f32::NAN, 0.0, 1.0]), whole(1, 3, (1, 1)), &look());
        let table = colormap::table(Map::Viridis, true);
        assert_eq!(image.pixels, [Color32::TRANSPARENT, table[0], table[255]]);
        assert!(has_holes);
    }

    #[test]
    fn a_block_is_the_mean_of_its_synapses_only() {
        let values = [0.2, f32::NAN, f32::NAN, f32::NAN, 0.4, f32::NAN, f32::NAN, f32::NAN];
        let (image, _) = shade(&picture(2, 4, &values), whole(2, 4, (2, 2)), &look());
        assert_eq!(image.size, [2, 1]);
        assert_eq!(image.pixels, [viridis(0.3), Color32::TRANSPARENT]);
    }

    #[test]
    fn blocks_appear_only_beyond_the_resolution_of_the_screen() {
        let view = |n: f32| Rect::from_min_size(Pos2::ZERO, vec2(n, n));
        assert_eq!(window_of(view(300.0), vec2(400.0, 400.0), 300, 300).block, (1, 1));
        assert_eq!(window_of(view(1600.0), vec2(400.0, 400.0), 1600, 1600).block, (4, 4));
        // Zoomed to a tenth, every synapse is drawn again.
        let zoomed = Rect::from_min_size(pos2(50.0, 7.0), vec2(160.0, 160.0));
        let window = window_of(zoomed, vec2(400.0, 400.0), 1600, 1600);
        assert_eq!((window.block, window.cols, window.rows), ((1, 1), (50, 210), (7, 167)));
    }

    #[test]
    fn the_difference_to_another_matrix_can_be_shown() {
        let p = Picture { minus: Some(&[0.5, 0.5]), ..picture(1, 2, &[0.5, 1.0]) };
        let (image, _) = shade(&p, whole(1, 2, (1, 1)), &look());
        assert_eq!(image.pixels, [viridis(0.0), viridis(0.5)]);
    }

    #[test]
    fn numbers_that_are_missing_do_not_end_the_program() {
        let (image, has_holes) = shade(&picture(4, 4, &[1.0; 5]), whole(4, 4, (1, 1)), &look());
        assert_eq!(image.pixels.len(), 16);
        assert!(has_holes);
    }
}
