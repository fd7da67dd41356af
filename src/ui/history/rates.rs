//! Spike counts of each population in bins, at three widths, so that the rate of a minute is drawn as fast as that of a moment.

use std::collections::VecDeque;

/// Bins kept of each width and population.
const BINS: usize = 131_072;
/// Widths, in base bins.
pub const LEVELS: [u64; 3] = [1, 10, 100];

#[derive(Clone)]
struct Level {
    /// Number of the first bin kept.
    first: u64,
    /// `[bin][population]`
    counts: VecDeque<u32>,
}

/// Spike counts in bins of about 1, 10 and 100 ms.
#[derive(Clone)]
pub struct RateHistory {
    /// First neuron id of each population, and one past the last neuron.
    bounds: Vec<u32>,
    /// Steps of a base bin.
    width: u64,
    levels: Vec<Level>,
    /// Base bins completed.
    complete: u64,
}

impl Default for RateHistory {
    fn default() -> Self {
        Self::new(&[], 0.1)
    }
}

impl RateHistory {
    pub fn new(sizes: &[u32], dt: f64) -> Self {
        let mut bounds = vec![0u32];
        for size in sizes {
            bounds.push(bounds.last().copied().unwrap_or(0).saturating_add(*size));
        }
        let width = if dt > 0.0 { (1.0 / dt).round().max(1.0) as u64 } else { 1 };
        let levels = LEVELS.iter().map(|_| Level { first: 0, counts: VecDeque::new() }).collect();
        Self { bounds, width, levels, complete: 0 }
    }

    /// Steps of a base bin: 1 ms, or one step where that is longer.
    pub fn width(&self) -> u64 {
        self.width
    }

    fn n_populations(&self) -> usize {
        self.bounds.len() - 1
    }

    pub fn push(&mut self, step: u64, neuron: u32) {
        let n = self.n_populations();
        let population = self.bounds.partition_point(|b| *b <= neuron).wrapping_sub(1);
        if population >= n {
            return;
        }
        // A spike is stamped with the end of its step: step s belongs to the bin that covers (s − 1, s].
        let bin = step.saturating_sub(1) / self.width;
        let keep = (BINS * 8 / n.max(8)).max(64);
        for (level, wide) in self.levels.iter_mut().zip(LEVELS) {
            let bin = bin / wide;
            if level.counts.is_empty() {
                level.first = bin;
            }
            let Some(at) = bin.checked_sub(level.first) else { continue };
            let mut at = at as usize;
            if at >= keep * 2 {
                level.counts.clear();
                level.first = bin;
                at = 0;
            }
            if (at + 1) * n > level.counts.len() {
                level.counts.resize((at + 1) * n, 0);
            }
            if let Some(count) = level.counts.get_mut(at * n + population) {
                *count += 1;
            }
            let surplus = (level.counts.len() / n).saturating_sub(keep);
            level.counts.drain(..surplus * n);
            level.first += surplus as u64;
        }
    }

    /// Time has come to the end of `step`.
    pub fn advance(&mut self, step: u64) {
        self.complete = step / self.width;
    }

    /// Spikes of a population in the bin number `bin` of `wide` base bins (any multiple; fastest for multiples of 10 or 100);
    /// `None` while the bin is not complete.
    pub fn count(&self, population: usize, bin: u64, wide: u64) -> Option<u64> {
        if (bin + 1) * wide > self.complete || population >= self.n_populations() {
            return None;
        }
        let (level, unit) = self.levels.iter().zip(LEVELS).rev().find(|(_, unit)| wide.is_multiple_of(*unit))?;
        let k = wide / unit;
        let n = self.n_populations();
        let range = bin * k..(bin + 1) * k;
        let at = |b: u64| b.checked_sub(level.first).and_then(|i| level.counts.get(i as usize * n + population));
        Some(range.filter_map(at).map(|c| u64::from(*c)).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_the_same_at_every_width() {
        let mut r = RateHistory::new(&[3, 2], 0.1);
        for step in 1..=100_000u64 {
            r.push(step, (step % 5) as u32);
            r.advance(step);
        }
        assert_eq!(r.width(), 10);
        // 10 steps a bin: ids 0..5 twice each.
        assert_eq!((r.count(0, 7, 1), r.count(1, 7, 1)), (Some(6), Some(4)));
        assert_eq!((r.count(0, 7, 50), r.count(1, 3, 200)), (Some(300), Some(800)));
        assert_eq!(r.count(0, 9999, 1), Some(6));
        assert_eq!(r.count(0, 10_000, 1), None, "not complete yet");
        assert_eq!(r.count(2, 0, 1), None, "no such population");
    }

    #[test]
    fn neurons_that_do_not_exist_are_ignored_and_memory_is_bounded() {
        let mut r = RateHistory::new(&[1], 1.0);
        r.push(1, 99);
        for step in 1..400_000 {
            r.push(step, 0);
        }
        assert!(r.levels.iter().all(|l| l.counts.len() <= BINS));
        r.push(u64::MAX / 2, 0);
        assert!(r.levels.iter().all(|l| l.counts.len() <= BINS));
    }
}
