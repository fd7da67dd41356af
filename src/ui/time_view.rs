//! The window of biological time that raster and traces show: one for all, so that they stay aligned.

/// Shortest and longest window, ms.
pub const SPANS: (f64, f64) = (50.0, 60_000.0);
/// Window at the start and after a double-click, ms.
pub const DEFAULT_SPAN: f64 = 1000.0;
/// How long a live view trails behind the simulation, wall seconds: smooth motion needs a little stock.
const TRAIL: f64 = 0.012;

/// Which biological time is on screen.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeView {
    /// Length of the window, ms.
    pub span: f64,
    /// Right edge, ms; none: follows the simulation.
    end: Option<f64>,
    /// Right edge while following, ms, and how fast it moves, ms a wall second.
    shown: f64,
    pace: f64,
    /// Newest time known, ms, and the wall time when it was taken over.
    now: f64,
    wall: f64,
    /// Time under the pointer, ms, and the number of the frame that found it.
    hover: Option<(u64, f64)>,
}

impl Default for TimeView {
    fn default() -> Self {
        Self { span: DEFAULT_SPAN, end: None, shown: 0.0, pace: 0.0, now: 0.0, wall: 0.0, hover: None }
    }
}

impl TimeView {
    /// The window for a network that starts at `speed` (biological over wall time; 0 as fast as possible): in slow motion it is shorter,
    /// so that five seconds of watching fill it.
    pub fn for_speed(speed: f64) -> Self {
        let span = if speed > 0.0 { (5000.0 * speed).clamp(SPANS.0, DEFAULT_SPAN) } else { DEFAULT_SPAN };
        Self { span, ..Self::default() }
    }

    /// Takes over the newest time of the simulation; to be called once a frame or more. A live view moves smoothly although
    /// frames come unevenly: it follows at the mean pace, a little behind.
    pub fn follow(&mut self, now: f64, running: bool, wall: f64) {
        let passed = wall - self.wall;
        if passed <= 0.0 && now.to_bits() == self.now.to_bits() {
            return;
        }
        let gained = now - self.now;
        (self.now, self.wall) = (now, wall);
        let steady = running && gained >= 0.0 && (0.0..0.25).contains(&passed) && (now - self.shown).abs() < 0.5 * self.span;
        if !steady {
            (self.shown, self.pace) = (now, 0.0);
            return;
        }
        let passed = passed.max(1e-4);
        self.pace += (gained / passed - self.pace) * (passed * 4.0).min(1.0);
        let target = now - self.pace * TRAIL;
        self.shown += self.pace * passed;
        self.shown = (self.shown + (target - self.shown) * (passed * 6.0).min(1.0)).min(now);
    }

    /// Right edge of the window, ms. At the start the window fills from the left.
    pub fn right(&self) -> f64 {
        self.end.unwrap_or(self.shown).max(self.span)
    }

    pub fn left(&self) -> f64 {
        self.right() - self.span
    }

    pub fn is_live(&self) -> bool {
        self.end.is_none()
    }

    pub fn go_live(&mut self) {
        self.end = None;
    }

    /// Live, at the default span.
    pub fn reset(&mut self) {
        self.end = None;
        self.span = DEFAULT_SPAN;
    }

    /// Moves the window by so many ms; forward beyond the newest time makes it live again.
    pub fn pan(&mut self, by: f64) {
        if by == 0.0 || self.is_live() && (by > 0.0 || self.now <= self.span) {
            return;
        }
        let end = (self.right() + by).max(self.span);
        self.end = (end < self.now).then_some(end);
    }

    /// Makes the window longer (`factor` > 1) or shorter around `anchor`, ms, which stays in its place; a live view keeps its
    /// right edge instead.
    pub fn zoom(&mut self, factor: f64, anchor: f64) {
        let (left, old) = (self.left(), self.span);
        self.span = (self.span * factor).clamp(SPANS.0, SPANS.1);
        if self.end.is_some() {
            let part = (anchor - left) / old;
            let end = (anchor + (1.0 - part) * self.span).max(self.span);
            self.end = (end < self.now).then_some(end);
        }
    }

    /// Shows the window `low..high`, ms.
    pub fn show(&mut self, low: f64, high: f64) {
        self.span = (high - low).clamp(SPANS.0, SPANS.1);
        self.end = Some((0.5 * (low + high + self.span)).max(self.span));
    }

    /// The pointer is at this time, ms.
    pub fn set_hover(&mut self, frame: u64, time: f64) {
        self.hover = Some((frame, time));
    }

    /// The time under the pointer in any time panel, ms.
    pub fn hover(&self, frame: u64) -> Option<f64> {
        self.hover.filter(|(at, _)| at + 1 >= frame).map(|(_, t)| t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(now: f64) -> TimeView {
        let mut v = TimeView::default();
        v.follow(now, false, 1.0);
        v
    }

    #[test]
    fn slow_motion_starts_with_a_short_window() {
        assert_eq!(TimeView::for_speed(0.02).span, 100.0);
        assert_eq!(TimeView::for_speed(1.0).span, DEFAULT_SPAN);
        assert_eq!(TimeView::for_speed(0.0).span, DEFAULT_SPAN);
        assert_eq!(TimeView::for_speed(1e-6).span, SPANS.0);
    }

    #[test]
    fn the_window_fills_from_the_left_and_then_follows() {
        assert_eq!((at(300.0).left(), at(300.0).right()), (0.0, 1000.0));
        assert_eq!((at(5000.0).left(), at(5000.0).right()), (4000.0, 5000.0));
    }

    #[test]
    fn panning_back_leaves_live_and_panning_forward_returns() {
        let mut v = at(5000.0);
        v.pan(50.0);
        assert!(v.is_live());
        v.pan(-500.0);
        assert!(!v.is_live());
        assert_eq!(v.right(), 4500.0);
        v.follow(9000.0, false, 2.0);
        assert_eq!(v.right(), 4500.0, "a past window stands still");
        v.pan(-99_999.0);
        assert_eq!(v.left(), 0.0, "there is nothing before time zero");
        v.pan(99_999.0);
        assert!(v.is_live());
    }

    #[test]
    fn zooming_keeps_the_anchor_in_place() {
        let mut v = at(5000.0);
        v.pan(-1000.0);
        v.zoom(0.5, 3250.0);
        assert_eq!((v.span, v.left(), v.right()), (500.0, 3125.0, 3625.0));
        let mut live = at(5000.0);
        live.zoom(2.0, 4100.0);
        assert_eq!((live.is_live(), live.right(), live.span), (true, 5000.0, 2000.0));
        live.zoom(1e9, 0.0);
        assert_eq!(live.span, SPANS.1);
    }

    #[test]
    fn a_live_view_moves_evenly_although_frames_come_unevenly() {
        let mut v = TimeView::default();
        let (mut steps, mut last) = (Vec::new(), 0.0);
        for i in 0..400u32 {
            let wall = f64::from(i) / 60.0;
            // Published every 15 ms, drawn every 16.7 ms: one or two publications a frame.
            let now = 10_000.0 + (wall * 1000.0 / 15.0).floor() * 15.0;
            v.follow(now, true, wall);
            assert!(v.right() <= now, "never ahead of what is known");
            steps.push(v.right() - last);
            last = v.right();
        }
        let late = &steps[200..];
        let (low, high) = late.iter().fold((f64::MAX, 0.0f64), |(l, h), s| (l.min(*s), h.max(*s)));
        assert!(low > 12.0 && high < 22.0, "{low} to {high} ms a frame, 16.7 on average");
        assert!((10_000.0 + 399.0 / 60.0 * 1000.0 - last).abs() < 40.0, "and not far behind");
    }
}
