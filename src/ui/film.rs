//! Pictures of the whole window: one, or several seconds of them as an animation.

use super::app::App;
use super::export::Waiting;
use super::picker::Purpose;
use crate::plot::png::Pixels;
use egui::{ColorImage, Context};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Longest animation, and the time between two of its frames.
const LONGEST: Duration = Duration::from_secs(10);
const INTERVAL: Duration = Duration::from_millis(80);
/// Frames of an animation are made smaller than this, pixels a side, by whole factors.
const MOST_PIXELS: usize = 960;

/// A picture on its way from the graphics card.
type Slot = Arc<Mutex<Option<Arc<ColorImage>>>>;

/// Pictures being taken.
#[derive(Default)]
pub struct Camera {
    single: Option<Slot>,
    film: Option<Film>,
}

struct Film {
    begun: Instant,
    last: Option<Instant>,
    slot: Slot,
    frames: Vec<Pixels>,
}

impl Camera {
    /// What the status line says while an animation is recorded.
    pub fn said(&self) -> Option<String> {
        let seconds = self.film.as_ref()?.begun.elapsed().as_secs();
        Some(format!("● recording, {}", super::text::with_unit(&seconds.to_string(), "s")))
    }
}

fn shoot(ctx: &Context, slot: &Slot) {
    let to = Arc::clone(slot);
    ctx.request_screenshot(move |image| *to.lock().unwrap_or_else(PoisonError::into_inner) = Some(image));
    ctx.request_repaint();
}

fn developed(slot: &Slot) -> Option<Arc<ColorImage>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

impl App {
    /// Takes a picture of the window as it is in the next frame.
    pub(super) fn take_picture(&mut self, ctx: &Context) {
        let slot = Slot::default();
        shoot(ctx, &slot);
        self.camera.single = Some(slot);
    }

    /// Starts an animation, or ends the one that is being recorded.
    pub(super) fn record(&mut self, ctx: &Context) {
        if self.camera.film.is_some() {
            self.end_film(ctx);
        } else {
            self.camera.film = Some(Film { begun: Instant::now(), last: None, slot: Slot::default(), frames: Vec::new() });
            self.notices.note("Recording the window; the same command ends it, at the latest after 10 s");
        }
    }

    /// Collects what the graphics card delivered. To be called once a frame.
    pub(super) fn poll_camera(&mut self, ctx: &Context) {
        if let Some(image) = self.camera.single.as_ref().and_then(developed) {
            self.camera.single = None;
            let name = format!("{} window", self.document.spec().name);
            self.exporter.wait(Waiting::Pixels(pixels(&image, 1)), &name, "png");
            self.picker.ask(ctx, Purpose::Figure, &self.exporter.file_name());
        }
        let Some(film) = &mut self.camera.film else { return };
        if let Some(image) = developed(&film.slot) {
            let factor = image.size[0].max(image.size[1]).div_ceil(MOST_PIXELS);
            film.frames.push(pixels(&image, factor));
        }
        if film.begun.elapsed() >= LONGEST {
            self.end_film(ctx);
        } else if film.last.is_none_or(|last| last.elapsed() >= INTERVAL) {
            film.last = Some(Instant::now());
            shoot(ctx, &film.slot);
        } else {
            ctx.request_repaint_after(INTERVAL);
        }
    }

    fn end_film(&mut self, ctx: &Context) {
        let Some(film) = self.camera.film.take() else { return };
        if film.frames.is_empty() {
            self.notices.warn("No frame was recorded; let the recording run for a moment", "");
            return;
        }
        let seconds = film.begun.elapsed().as_secs_f32() / film.frames.len() as f32;
        let name = format!("{} animation", self.document.spec().name);
        self.exporter.wait(Waiting::Film(film.frames, seconds), &name, "gif");
        self.picker.ask(ctx, Purpose::Figure, &self.exporter.file_name());
    }
}

/// The picture made smaller by a whole factor: each pixel the mean of a block.
#[allow(clippy::cast_possible_truncation)]
fn pixels(image: &ColorImage, factor: usize) -> Pixels {
    let factor = factor.max(1);
    let [w, h] = [image.size[0] / factor, image.size[1] / factor];
    let mut rgba = Vec::with_capacity(4 * w * h);
    for (y, x) in (0..h).flat_map(|y| (0..w).map(move |x| (y, x))) {
        let mut sum = [0usize; 3];
        for (dy, dx) in (0..factor).flat_map(|dy| (0..factor).map(move |dx| (dy, dx))) {
            let p = image.pixels[(y * factor + dy) * image.size[0] + x * factor + dx];
            for (s, c) in sum.iter_mut().zip([p.r(), p.g(), p.b()]) {
                *s += usize::from(c);
            }
        }
        rgba.extend(sum.map(|s| (s / (factor * factor)) as u8));
        rgba.push(255);
    }
    Pixels { width: w as u32, height: h as u32, rgba }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::Color32;

    #[test]
    fn a_smaller_picture_holds_the_means_of_blocks() {
        let mut image = ColorImage::filled([5, 4], Color32::BLACK);
        image.pixels[0] = Color32::from_rgb(200, 100, 40);
        let small = pixels(&image, 2);
        assert_eq!((small.width, small.height), (2, 2));
        assert_eq!(small.rgba[..8], [50, 25, 10, 255, 0, 0, 0, 255]);
    }
}
