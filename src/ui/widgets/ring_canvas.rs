//! A texture for what scrolls: columns of pixels in a ring. Only columns that are new or changed are drawn and uploaded; moving on
//! by a pixel costs one column, whatever is on the screen.

use super::time_axis::TimeScale;
use egui::{Color32, ColorImage, Context, Mesh, Painter, Rect, Shape, TextureHandle, TextureOptions, pos2};
use std::ops::Range;

/// Columns kept beyond the visible ones.
const SLACK: usize = 64;

/// How the counts of a row of pixels become colours.
pub type Lut = [Color32; 64];

/// Counts of marks in each pixel, shown through colour tables.
#[derive(Default)]
pub struct RingCanvas {
    /// Columns in the ring, rows.
    width: usize,
    height: usize,
    /// `[height, width]`, column c in slot c mod width.
    counts: Vec<u8>,
    /// Which colour table each row uses.
    lut_of_row: Vec<u8>,
    luts: Vec<Lut>,
    /// Columns that hold what they should.
    valid: Range<i64>,
    dirty: Range<i64>,
    all_dirty: bool,
    texture: Option<TextureHandle>,
}

/// A colour table: one mark is `single` opaque (0 to 1), more marks in a pixel come closer to full.
pub fn lut(colour: Color32, single: f32) -> Lut {
    std::array::from_fn(|n| colour.gamma_multiply(1.0 - (1.0 - single).powi(n as i32)))
}

impl RingCanvas {
    /// An empty canvas for `columns` visible columns; one colour table for each row of pixels.
    pub fn reset(&mut self, columns: i64, lut_of_row: Vec<u8>) {
        self.width = columns.max(1) as usize + SLACK;
        self.height = lut_of_row.len().max(1);
        self.lut_of_row = lut_of_row;
        self.counts.clear();
        self.counts.resize(self.width * self.height, 0);
        self.valid = 0..0;
        self.all_dirty = true;
    }

    /// Columns that a texture of this side has room for.
    pub fn most_columns(side: usize) -> usize {
        side.saturating_sub(SLACK).max(64)
    }

    pub fn set_luts(&mut self, luts: Vec<Lut>) {
        if self.luts != luts {
            self.luts = luts;
            self.all_dirty = true;
        }
    }

    /// Columns that hold what they should.
    pub fn valid(&self) -> Range<i64> {
        self.valid.clone()
    }

    /// Makes room for `columns` and returns those that have to be filled (at most one range on either side).
    pub fn open(&mut self, columns: Range<i64>) -> [Range<i64>; 2] {
        let apart = columns.start >= self.valid.end || columns.end <= self.valid.start;
        if self.valid.is_empty() || apart {
            self.valid = columns.clone();
            self.clear(&columns);
            return [columns, 0..0];
        }
        let (before, after) = (columns.start..self.valid.start, self.valid.end..columns.end);
        self.valid = self.valid.start.min(columns.start)..self.valid.end.max(columns.end);
        // What is pushed out of the ring is forgotten.
        let surplus = (self.valid.end - self.valid.start - self.width as i64).max(0);
        if after.is_empty() {
            self.valid.end -= surplus;
        } else {
            self.valid.start += surplus;
        }
        self.clear(&before);
        self.clear(&after);
        [before, after]
    }

    fn clear(&mut self, columns: &Range<i64>) {
        for (from, to) in self.slots(columns) {
            for row in self.counts.chunks_exact_mut(self.width) {
                row[from..to].fill(0);
            }
        }
        self.touch(columns.clone());
    }

    /// The slots of some columns, as one or two runs.
    fn slots(&self, columns: &Range<i64>) -> Vec<(usize, usize)> {
        let n = (columns.end - columns.start).clamp(0, self.width as i64) as usize;
        if n == 0 {
            return Vec::new();
        }
        let from = columns.start.rem_euclid(self.width as i64) as usize;
        let first = n.min(self.width - from);
        if first < n { vec![(from, self.width), (0, n - first)] } else { vec![(from, from + n)] }
    }

    fn touch(&mut self, columns: Range<i64>) {
        if columns.is_empty() {
            return;
        }
        self.dirty = if self.dirty.is_empty() { columns } else { self.dirty.start.min(columns.start)..self.dirty.end.max(columns.end) };
    }

    /// Adds marks `[width, height of the mark]` pixels in size at (time column, row), as far as they are inside `within`. `marks` come in order of
    /// columns, or nearly so.
    pub fn add(&mut self, within: &Range<i64>, mark_width: i64, marks: impl Iterator<Item = (i64, u16, u8)>) {
        let (mut low, mut high) = (i64::MAX, i64::MIN);
        let (mut slot_column, mut slot) = (i64::MIN, 0usize);
        for (column, row, rows) in marks {
            for c in column..column + mark_width {
                if c < within.start || c >= within.end {
                    continue;
                }
                if c != slot_column {
                    slot = c.rem_euclid(self.width as i64) as usize;
                    slot_column = c;
                    low = low.min(c);
                    high = high.max(c + 1);
                }
                for r in usize::from(row)..(usize::from(row) + usize::from(rows)).min(self.height) {
                    if let Some(count) = self.counts.get_mut(r * self.width + slot) {
                        *count = count.saturating_add(1);
                    }
                }
            }
        }
        if low < high {
            self.touch(low..high);
        }
    }

    fn image(&self, from: usize, to: usize) -> ColorImage {
        let mut pixels = Vec::with_capacity((to - from) * self.height);
        let plain = [Color32::TRANSPARENT; 64];
        for (row, lut) in self.counts.chunks_exact(self.width).zip(&self.lut_of_row) {
            let lut = self.luts.get(usize::from(*lut)).unwrap_or(&plain);
            pixels.extend(row[from..to].iter().map(|n| lut[usize::from((*n).min(63))]));
        }
        pixels.resize((to - from) * self.height, Color32::TRANSPARENT);
        ColorImage::new([to - from, self.height], pixels)
    }

    /// Brings the texture up to date.
    pub fn upload(&mut self, ctx: &Context) {
        let size_fits = self.texture.as_ref().is_some_and(|t| t.size() == [self.width, self.height]);
        let dirty = std::mem::take(&mut self.dirty);
        if !size_fits || self.all_dirty || (dirty.end - dirty.start) * 2 > self.width as i64 {
            let image = self.image(0, self.width);
            match &mut self.texture {
                Some(texture) => texture.set(image, TextureOptions::NEAREST),
                None => self.texture = Some(ctx.load_texture("raster", image, TextureOptions::NEAREST)),
            }
            self.all_dirty = false;
            return;
        }
        for (from, to) in self.slots(&dirty) {
            let image = self.image(from, to);
            if let Some(texture) = &mut self.texture {
                texture.set_partial([from, 0], image, TextureOptions::NEAREST);
            }
        }
    }

    /// Draws the visible columns over `y`, top to bottom.
    pub fn paint(&self, painter: &Painter, scale: &TimeScale, y: egui::Rangef) {
        let Some(texture) = &self.texture else { return };
        let visible = scale.first.max(self.valid.start)..(scale.first + scale.n).min(self.valid.end);
        let mut mesh = Mesh::with_texture(texture.id());
        let mut column = visible.start;
        for (from, to) in self.slots(&visible) {
            let n = (to - from) as i64;
            let rect = Rect::from_x_y_ranges(scale.x_of_column(column)..=scale.x_of_column(column + n), y);
            let u = |slot: usize| slot as f32 / self.width as f32;
            mesh.add_rect_with_uv(rect, Rect::from_min_max(pos2(u(from), 0.0), pos2(u(to), 1.0)), Color32::WHITE);
            column += n;
        }
        if !mesh.is_empty() {
            painter.add(Shape::mesh(mesh));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All marks of a world in which column c has a mark in row c mod 5.
    fn world(columns: Range<i64>) -> impl Iterator<Item = (i64, u16, u8)> {
        columns.map(|c| (c, c.rem_euclid(5) as u16, 1))
    }

    fn show(canvas: &mut RingCanvas, columns: Range<i64>) {
        for gap in canvas.open(columns) {
            canvas.add(&gap, 1, world(gap.start - 3..gap.end + 3));
        }
    }

    fn is_right(canvas: &RingCanvas, columns: Range<i64>) -> bool {
        columns.into_iter().all(|c| {
            let slot = c.rem_euclid(canvas.width as i64) as usize;
            (0..5).all(|row| canvas.counts[row * canvas.width + slot] == u8::from(c.rem_euclid(5) as usize == row))
        })
    }

    #[test]
    fn whatever_way_the_window_moves_it_shows_the_world() {
        let mut canvas = RingCanvas::default();
        canvas.reset(100, vec![0; 5]);
        for start in [0, 1, 7, 60, 90, 180, 400, 395, 300, 250, 251, 900, 100, 0] {
            show(&mut canvas, start..start + 100);
            assert!(canvas.valid().start <= start && canvas.valid().end >= start + 100);
            assert!(canvas.valid().end - canvas.valid().start <= canvas.width as i64);
            assert!(is_right(&canvas, canvas.valid()), "at {start}");
        }
    }

    #[test]
    fn moving_on_by_a_column_touches_one_column() {
        let mut canvas = RingCanvas::default();
        canvas.reset(100, vec![0; 5]);
        show(&mut canvas, 0..100);
        canvas.dirty = 0..0;
        show(&mut canvas, 1..101);
        assert_eq!(canvas.dirty, 100..101);
    }

    #[test]
    fn marks_outside_the_canvas_are_left_out() {
        let mut canvas = RingCanvas::default();
        canvas.reset(10, vec![0; 3]);
        let all = canvas.open(0..10)[0].clone();
        canvas.add(&all, 2, [(-5, 0, 1), (9, 2, 200), (3, 999, 1)].into_iter());
        assert_eq!(canvas.counts.iter().map(|c| u32::from(*c)).sum::<u32>(), 1);
    }
}
