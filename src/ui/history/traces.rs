//! Traces of the recent past: for each probe the values of the last steps and a pyramid of minima and maxima over them, so that
//! a minute is drawn as fast as a moment.

use spikeground_core::protocol::{Probe, TraceChunk};
use std::collections::VecDeque;
use std::ops::Range;

/// Values kept of each trace in full, and entries of each level of the pyramid.
const CAPACITY: usize = 1 << 19;
/// Entries of a level that make one of the next.
const FACTOR: u64 = 16;
const LEVELS: usize = 4;
/// Traces kept, those recorded last.
const MOST_TRACES: usize = 64;

/// A ring of entries with absolute numbers.
#[derive(Clone)]
struct Ring<T> {
    first: u64,
    values: VecDeque<T>,
}

impl<T: Copy> Ring<T> {
    fn new(first: u64) -> Self {
        Self { first, values: VecDeque::new() }
    }
    fn end(&self) -> u64 {
        self.first + self.values.len() as u64
    }
    fn get(&self, at: u64) -> Option<T> {
        at.checked_sub(self.first).and_then(|i| self.values.get(i as usize)).copied()
    }
    fn push(&mut self, value: T) {
        if self.values.len() == CAPACITY {
            self.values.pop_front();
            self.first += 1;
        }
        self.values.push_back(value);
    }
}

/// Smallest and largest value of an interval; empty when the first is larger than the second.
type Band = (f32, f32);
const EMPTY: Band = (f32::INFINITY, f32::NEG_INFINITY);

fn join(a: Band, b: Band) -> Band {
    (a.0.min(b.0), a.1.max(b.1))
}

/// One point of a drawn trace: an interval of time and what the trace did in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// First step of the interval.
    pub step: u64,
    pub min: f32,
    pub max: f32,
}

/// One recorded variable of one neuron.
#[derive(Clone)]
pub struct Trace {
    stride: u64,
    /// Values at steps `number · stride`.
    values: Ring<f32>,
    /// Level l holds bands of `FACTOR^(l+1)` values, aligned to multiples of that; the last one of each may be incomplete.
    levels: Vec<Ring<Band>>,
}

impl Trace {
    fn new(first: u64, stride: u64) -> Self {
        let levels = (1..=LEVELS as u32).map(|l| Ring::new(first / FACTOR.pow(l))).collect();
        Self { stride, values: Ring::new(first), levels }
    }

    fn push(&mut self, value: f32) {
        let number = self.values.end();
        self.values.push(value);
        if value.is_nan() {
            return;
        }
        for (l, level) in self.levels.iter_mut().enumerate() {
            let at = number / FACTOR.pow(l as u32 + 1);
            while level.end() <= at {
                level.push(EMPTY);
            }
            if let Some(band) = level.values.back_mut() {
                *band = join(*band, (value, value));
            }
        }
    }

    /// Step after the last value.
    pub fn end(&self) -> u64 {
        self.values.end() * self.stride
    }

    /// Value at a step, or the last before it within the stride.
    pub fn at(&self, step: u64) -> Option<f32> {
        self.values.get(step / self.stride).filter(|v| v.is_finite())
    }

    /// What was recorded of the interval `bin · wide` to `(bin + 1) · wide` (numbers of values, not steps).
    fn band(&self, bin: u64, wide: u64) -> Band {
        let range = bin * wide..(bin + 1) * wide;
        let level = (0..LEVELS).rev().find(|l| wide.is_multiple_of(FACTOR.pow(*l as u32 + 1)));
        let Some(l) = level else {
            let all = range.filter_map(|i| self.values.get(i)).filter(|v| !v.is_nan());
            return all.fold(EMPTY, |b, v| join(b, (v, v)));
        };
        let unit = FACTOR.pow(l as u32 + 1);
        (range.start / unit..range.end / unit).filter_map(|i| self.levels[l].get(i)).fold(EMPTY, join)
    }

    /// The trace over `steps` as at most about `most` points whose borders do not move when the range does. Where the values
    /// are few, each is a point of its own.
    pub fn points(&self, steps: Range<u64>, most: usize) -> Vec<Point> {
        let (low, high) = (steps.start / self.stride, steps.end.div_ceil(self.stride));
        let high = high.min(self.values.end());
        let mut wide = 1;
        while (high.saturating_sub(low)) / wide > most as u64 {
            wide *= 2;
        }
        let oldest = if wide >= FACTOR { self.levels[0].first * FACTOR } else { self.values.first };
        let low = low.max(oldest);
        if low >= high {
            return Vec::new();
        }
        (low / wide..=(high - 1) / wide)
            .filter_map(|bin| {
                let (min, max) = self.band(bin, wide);
                (min <= max).then_some(Point { step: bin * wide * self.stride, min, max })
            })
            .collect()
    }

    /// Smallest and largest value over `steps`.
    pub fn range(&self, steps: Range<u64>) -> Option<(f32, f32)> {
        let band = self.points(steps, 512).iter().fold(EMPTY, |b, p| join(b, (p.min, p.max)));
        (band.0 <= band.1).then_some(band)
    }
}

/// All traces of the recent past.
#[derive(Clone, Default)]
pub struct TraceHistory {
    /// Those recorded last at the end.
    traces: Vec<(Probe, Trace)>,
}

impl TraceHistory {
    pub fn get(&self, probe: &Probe) -> Option<&Trace> {
        self.traces.iter().find(|(p, _)| p == probe).map(|(_, t)| t)
    }

    pub fn clear(&mut self) {
        self.traces.clear();
    }

    pub fn len(&self) -> usize {
        self.traces.len()
    }

    pub fn is_empty(&self) -> bool {
        self.traces.is_empty()
    }

    /// Populations got other numbers; `None`: gone.
    pub fn renumber(&mut self, new_population: impl Fn(usize, u32) -> Option<usize>) {
        self.traces.retain_mut(|(probe, _)| {
            let new = new_population(probe.population, probe.neuron);
            probe.population = new.unwrap_or(probe.population);
            new.is_some()
        });
    }

    /// Takes in a piece of the trace of `probe`. A short gap stays a gap; after a long one the trace starts anew.
    pub fn ingest(&mut self, probe: &Probe, chunk: &TraceChunk) {
        let stride = u64::from(chunk.stride.max(1));
        let first = chunk.first / stride;
        let i = self.traces.iter().position(|(p, _)| p == probe).unwrap_or_else(|| {
            self.traces.push((probe.clone(), Trace::new(first, stride)));
            self.traces.len() - 1
        });
        let trace = &mut self.traces[i].1;
        let end = trace.values.end();
        if trace.stride != stride || first < end || first - end > CAPACITY as u64 / 4 {
            *trace = Trace::new(first, stride);
        }
        while trace.values.end() < first {
            trace.push(f32::NAN);
        }
        for value in &chunk.values {
            trace.push(if value.is_finite() { *value } else { f32::NAN });
        }
        if self.traces.len() > MOST_TRACES {
            // The one whose last value is oldest.
            if let Some(oldest) = (0..self.traces.len()).min_by_key(|i| self.traces[*i].1.end()) {
                self.traces.remove(oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(neuron: u32) -> Probe {
        Probe { population: 0, neuron, variable: "v".into() }
    }

    fn chunk(first: u64, values: Vec<f32>) -> TraceChunk {
        TraceChunk { probe: 0, first, stride: 1, values }
    }

    fn wave(n: u64) -> TraceHistory {
        let mut h = TraceHistory::default();
        h.ingest(&probe(0), &chunk(1, (1..=n).map(|i| (i % 1000) as f32).collect()));
        h
    }

    #[test]
    fn the_pyramid_keeps_every_extreme() {
        let h = wave(200_000);
        let t = h.get(&probe(0)).expect("recorded");
        for (steps, most) in [(1..200_001, 500), (50_000..60_000, 100), (123_456..124_000, 1000)] {
            let points = t.points(steps.clone(), most);
            assert!(points.len() <= most + 2 && points.len() * 4 > most, "{} of {most}", points.len());
            let span = points.windows(2).map(|w| w[1].step - w[0].step).max().unwrap_or(1);
            for p in points {
                let all: Vec<f32> = (p.step.max(1)..(p.step + span).min(200_001)).map(|i| (i % 1000) as f32).collect();
                let (min, max) = all.iter().fold(EMPTY, |b, v| join(b, (*v, *v)));
                assert_eq!((p.min, p.max), (min, max), "at {}", p.step);
            }
        }
    }

    #[test]
    fn borders_of_points_do_not_move_with_the_window() {
        let h = wave(100_000);
        let t = h.get(&probe(0)).expect("recorded");
        let (a, b) = (t.points(20_000..60_000, 300), t.points(20_037..60_037, 300));
        assert!(a.iter().filter(|p| p.step > 21_000 && p.step < 59_000).all(|p| b.contains(p)));
    }

    #[test]
    fn memory_is_bounded_and_old_values_live_on_coarsely() {
        let h = wave(2_000_000);
        let t = h.get(&probe(0)).expect("recorded");
        assert_eq!(t.values.values.len(), CAPACITY);
        assert!(t.levels.iter().all(|l| l.values.len() <= CAPACITY));
        let points = t.points(1..2_000_001, 500);
        assert!(points[0].step < 5000, "{}", points[0].step);
        assert_eq!(t.at(2_000_000), Some(0.0));
        assert_eq!(t.at(3_000_000), None);
    }

    #[test]
    fn gaps_stay_gaps_and_a_new_time_starts_anew() {
        let mut h = wave(1000);
        h.ingest(&probe(0), &chunk(2001, vec![5.0; 100]));
        let t = h.get(&probe(0)).expect("recorded");
        assert_eq!((t.at(1500), t.at(2050), t.at(500)), (None, Some(5.0), Some(500.0)));
        assert_eq!(t.range(1100..2000), None);
        h.ingest(&probe(0), &chunk(1, vec![7.0; 10]));
        let t = h.get(&probe(0)).expect("recorded");
        assert_eq!((t.at(500), t.range(0..5000)), (None, Some((7.0, 7.0))));
    }

    #[test]
    fn no_more_than_the_last_traces_are_kept() {
        let mut h = TraceHistory::default();
        for i in 0..200 {
            h.ingest(&probe(i), &chunk(1 + u64::from(i), vec![0.0; 10]));
        }
        assert_eq!(h.len(), MOST_TRACES);
        assert!(h.get(&probe(199)).is_some() && h.get(&probe(0)).is_none());
    }
}
