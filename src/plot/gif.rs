//! Moving pictures: frames of equal size as one animated GIF that loops.

use super::png::Pixels;

/// Encodes `frames`, each shown for `seconds`. All must have the size of the first; `keep_on` is asked before each frame.
pub fn write(frames: impl IntoIterator<Item = Pixels>, seconds: f32, mut keep_on: impl FnMut(usize) -> bool) -> Result<Vec<u8>, String> {
    let mut frames = frames.into_iter().peekable();
    let Some(first) = frames.peek() else { return Err("there are no frames to put into the animation".into()) };
    let size = (first.width, first.height);
    let (Ok(width), Ok(height)) = (u16::try_from(size.0), u16::try_from(size.1)) else {
        return Err(format!("an animation of {} × {} pixels is too large; at most 65,535 a side", size.0, size.1));
    };
    let failed = |e: gif::EncodingError| format!("the animation could not be made: {e}");
    let mut out = Vec::new();
    let mut encoder = gif::Encoder::new(&mut out, width, height, &[]).map_err(failed)?;
    encoder.set_repeat(gif::Repeat::Infinite).map_err(failed)?;
    // The format counts in hundredths of a second, and browsers show less than two of them slowly.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let delay = (seconds * 100.0).round().clamp(2.0, 65_535.0) as u16;
    for (i, mut frame) in frames.enumerate() {
        if !keep_on(i) {
            return Err("cancelled".into());
        }
        if (frame.width, frame.height) != size {
            return Err("the window changed its size while the animation was recorded".into());
        }
        let mut packed = gif::Frame::from_rgba_speed(width, height, &mut frame.rgba, 10);
        packed.delay = delay;
        encoder.write_frame(&packed).map_err(failed)?;
    }
    drop(encoder);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(width: u32, shade: u8) -> Pixels {
        Pixels { width, height: 2, rgba: vec![shade; 8 * width as usize] }
    }

    #[test]
    fn frames_become_a_file_that_loops() {
        let bytes = write([plain(3, 255), plain(3, 0)], 0.1, |_| true).unwrap();
        assert_eq!(&bytes[..6], b"GIF89a");
        let mut reader = gif::DecodeOptions::new().read_info(bytes.as_slice()).unwrap();
        let mut n = 0;
        while let Some(frame) = reader.read_next_frame().unwrap() {
            assert_eq!(frame.delay, 10);
            n += 1;
        }
        assert_eq!(n, 2);
    }

    #[test]
    fn what_cannot_be_an_animation_is_refused() {
        assert!(write([], 0.1, |_| true).is_err());
        assert!(write([plain(3, 0), plain(4, 0)], 0.1, |_| true).unwrap_err().contains("size"));
        assert_eq!(write([plain(3, 0)], 0.1, |_| false).unwrap_err(), "cancelled");
    }
}
