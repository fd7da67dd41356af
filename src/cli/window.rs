//! The window form: `spikeground [NAME_OR_FILE] …`.

use super::{Failure, WindowArgs};

/// Colours of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ThemeName {
    Dark,
    Light,
}

/// Reads a size like `1280x800`, points.
pub fn size(text: &str) -> Result<(f32, f32), String> {
    let good = |side: &str| side.trim().parse::<u32>().ok().filter(|n| (100..=16_384).contains(n)).map(|n| n as f32);
    text.split_once(['x', 'X', '×'])
        .and_then(|(w, h)| Some((good(w)?, good(h)?)))
        .ok_or_else(|| format!("{text} is not a size; write width x height in points, each from 100 to 16384, as 1280x800"))
}

/// Opens the window and returns when it is closed.
#[cfg(feature = "gui")]
pub fn open(args: WindowArgs) -> Result<(), Failure> {
    if args.screenshot.is_some() && args.quit_after.is_none() {
        return Err(Failure::usage("--screenshot needs --quit-after MS: the picture is taken just before the window closes"));
    }
    if let Some(name) = &args.network {
        // A bad file is answered here, on the terminal it was asked from, before any window opens.
        let path = std::path::Path::new(name);
        if spikeground_core::session::is_session(path) {
            spikeground_core::session::load(path).map_err(Failure::usage)?;
        } else {
            super::open::open(name)?;
        }
    }
    let options = crate::ui::WindowOptions {
        open: args.network,
        quit_after: args.quit_after,
        screenshot: args.screenshot,
        size: args.window,
        dark: args.theme.map(|t| t == ThemeName::Dark),
        report: args.report,
        threads: args.threads.map(|n| n as usize),
    };
    crate::ui::run(options).map_err(|why| {
        Failure::work(format!("{}\n`spikeground run NAME` works without a window; see `spikeground --help`", without_source_places(&why)))
    })
}

/// Errors of the windowing library name the line of its source they come from (`os error at …/mod.rs:765: …`), which helps nobody.
#[cfg(feature = "gui")]
fn without_source_places(message: &str) -> String {
    let words = message.split(' ').filter(|w| !(w.contains(".rs:") && w.ends_with(':')));
    words.collect::<Vec<_>>().join(" ").replace("os error at ", "")
}

/// This build has no window.
#[cfg(not(feature = "gui"))]
pub fn open(_: WindowArgs) -> Result<(), Failure> {
    Err(Failure::usage(
        "this build has no window; build it with `cargo build --release` (the feature `gui` is on by default), \
         or use `spikeground run NAME`; see `spikeground --help`",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_two_numbers_with_an_x_between() {
        assert_eq!(size("1280x800"), Ok((1280.0, 800.0)));
        for bad in ["1280", "1280x", "x800", "0x0", "-5x800", "1280x800x3", "99999x800", "axb", ""] {
            assert!(size(bad).expect_err("refused").contains("1280x800"), "{bad}");
        }
    }

    #[cfg(feature = "gui")]
    #[test]
    fn places_in_foreign_sources_are_left_out() {
        let message = "no window: EventLoopError: os error at a/b/mod.rs:765: DISPLAY is not set";
        assert_eq!(without_source_places(message), "no window: EventLoopError: DISPLAY is not set");
    }
}
