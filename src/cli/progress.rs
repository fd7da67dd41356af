//! The progress bar of a run: on a terminal only, on stderr, so that output stays clean.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

const WIDTH: usize = 30;
const REDRAW: Duration = Duration::from_millis(100);

pub struct Progress {
    /// When it was last drawn; none: there is no terminal.
    drawn: Option<Instant>,
    visible: bool,
}

impl Progress {
    pub fn new() -> Self {
        Self { drawn: std::io::stderr().is_terminal().then(Instant::now), visible: false }
    }

    /// Shows that `done` (0 to 1) of the work is done.
    pub fn show(&mut self, done: f64, what: &str) {
        if self.drawn.is_some_and(|at| at.elapsed() >= REDRAW) {
            self.drawn = Some(Instant::now());
            self.visible = true;
            // A terminal that cannot be written to shows no bar; the run goes on.
            let _ = write!(std::io::stderr(), "\r{} {:3.0} %  {what}\x1b[K", bar(done), done * 100.0);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.visible {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

fn bar(done: f64) -> String {
    let full = ((done.clamp(0.0, 1.0) * WIDTH as f64) as usize).min(WIDTH);
    format!("{}{}", "█".repeat(full), "░".repeat(WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills_and_never_changes_its_width() {
        for done in [-1.0, 0.0, 0.5, 1.0, 2.0, f64::NAN] {
            assert_eq!(bar(done).chars().count(), WIDTH, "{done}");
        }
        assert!(bar(0.0).starts_with('░') && bar(1.0).ends_with('█'));
    }
}
