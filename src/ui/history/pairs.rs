//! The spike pairs of the last seconds that changed a weight: dots on the STDP window.

use spikeground_core::protocol::{Frame, PairEvent};
use std::collections::VecDeque;

/// Pairs are forgotten after this much biological time, ms.
pub const SPAN: f64 = 5000.0;
/// More pairs than anybody can tell apart; the newest are kept.
pub const MAX: usize = 4000;

#[derive(Default)]
pub struct PairHistory {
    pairs: VecDeque<PairEvent>,
    step: u64,
    dt: f64,
    /// Whether pairs were dropped because there were too many.
    is_thinned: bool,
}

impl PairHistory {
    pub fn ingest(&mut self, frame: &Frame) {
        self.step = frame.status.step;
        self.dt = frame.status.dt;
        self.pairs.extend(frame.pairs.iter().filter(|p| p.delta_t.is_finite() && p.delta_w.is_finite()));
        if self.pairs.len() > MAX {
            self.pairs.drain(..self.pairs.len() - MAX);
            self.is_thinned = true;
        }
        #[allow(clippy::cast_precision_loss)]
        while self.pairs.front().is_some_and(|p| self.step.saturating_sub(p.step) as f64 * self.dt > SPAN) {
            self.pairs.pop_front();
            self.is_thinned = false;
        }
    }

    /// Pairs of `projection` with their age as a fraction of [`SPAN`], oldest first.
    #[allow(clippy::cast_precision_loss)]
    pub fn of(&self, projection: usize) -> impl Iterator<Item = (&PairEvent, f64)> {
        let age = |p: &PairEvent| (self.step.saturating_sub(p.step) as f64 * self.dt / SPAN).clamp(0.0, 1.0);
        self.pairs.iter().filter(move |p| p.projection as usize == projection).map(move |p| (p, age(p)))
    }

    /// There were more pairs in the last seconds than are kept.
    pub fn is_thinned(&self) -> bool {
        self.is_thinned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::protocol::Status;

    fn frame(step: u64, n: usize) -> Frame {
        let pair = PairEvent { projection: 0, delta_t: 5.0, delta_w: 0.01, step };
        Frame { status: Status { step, dt: 1.0, ..Status::default() }, pairs: vec![pair; n], ..Frame::default() }
    }

    #[test]
    fn pairs_are_bounded_in_number_and_age() {
        let mut history = PairHistory::default();
        history.ingest(&frame(0, 10));
        history.ingest(&frame(1000, 3 * MAX));
        assert_eq!(history.of(0).count(), MAX);
        assert!(history.is_thinned());
        history.ingest(&frame(6001, 1));
        assert_eq!(history.of(0).count(), 1);
        assert!(!history.is_thinned());
    }

    #[test]
    fn pairs_age_and_belong_to_their_projection() {
        let mut history = PairHistory::default();
        history.ingest(&frame(100, 1));
        history.ingest(&frame(2600, 0));
        let ages: Vec<f64> = history.of(0).map(|(_, age)| age).collect();
        assert_eq!(ages, [0.5]);
        assert_eq!(history.of(1).count(), 0);
    }

    #[test]
    fn numbers_that_are_none_are_left_out() {
        let mut bad = frame(1, 1);
        bad.pairs[0].delta_w = f32::NAN;
        let mut history = PairHistory::default();
        history.ingest(&bad);
        assert_eq!(history.of(0).count(), 0);
    }
}
