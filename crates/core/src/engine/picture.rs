//! Pictures of weights for the window: a copy of the matrix, or of its block means, and statistics over all weights.

use super::network::{Network, Wire};
use super::rows::Rows;
use crate::protocol::{Watch, WeightImage, WeightStats};

/// Above this many synapses the picture shows each weight as of its last presynaptic spike, which costs a plain copy.
const PEEK_LIMIT: usize = 300_000;
const BINS: usize = 64;

/// The picture asked for by `watch`.
pub fn picture(network: &Network, watch: Watch) -> WeightImage {
    let wires: Vec<&Wire> = match watch.projection {
        Some(i) => network.wires.get(i).into_iter().collect(),
        None => network.wires.iter().collect(),
    };
    let n_all: u32 = network.groups.iter().map(|g| g.size).sum();
    let (n_pre, n_post) = match (watch.projection, wires.first()) {
        (Some(_), Some(w)) => (w.rows.n_pre, w.rows.n_post),
        _ => (n_all, n_all),
    };
    let (rows, cols) = (n_pre.min(watch.max_rows.max(1)), n_post.min(watch.max_cols.max(1)));
    let mut canvas = Canvas::new(rows, cols, n_pre, n_post);
    let mut tally = Tally::default();
    for wire in wires {
        let (row0, col0) =
            if watch.projection.is_some() { (0, 0) } else { (network.groups[wire.pre].first, network.groups[wire.post].first) };
        visit(wire, network.step, |pre, post, w| {
            canvas.add(row0 + pre, col0 + post, w);
            tally.add(w);
        });
    }
    let mut stats = tally.stats();
    stats.histogram = canvas.histogram(network, watch, &stats);
    WeightImage { watch, n_pre, n_post, rows, cols, values: canvas.finish(), stats, step: network.step }
}

/// Calls `f(pre, index of the delay, synapse, post)` for every synapse, row by row.
pub fn each_synapse(rows: &Rows, mut f: impl FnMut(u32, usize, usize, u32)) {
    for pre in 0..rows.n_pre {
        for d in 0..rows.delays.len() {
            rows.each(pre, d, |synapse, post| f(pre, d, synapse, post));
        }
    }
}

/// Calls `f(pre, post, weight)` for every synapse, with pending plasticity included where that is affordable.
#[allow(clippy::cast_possible_wrap)]
pub fn visit(wire: &Wire, step: u64, mut f: impl FnMut(u32, u32, f32)) {
    let rows = &wire.rows;
    let peek = wire.plastic.as_ref().filter(|_| rows.n_synapses() <= PEEK_LIMIT);
    each_synapse(rows, |pre, d, synapse, post| {
        let w = peek.map_or_else(|| rows.weight(synapse), |p| p.peek(rows, pre, d, synapse, step as i64));
        f(pre, post, w);
    });
}

/// Image under construction: plain values, or sums and counts of blocks.
struct Canvas {
    rows: u32,
    cols: u32,
    n_pre: u32,
    n_post: u32,
    values: Vec<f32>,
    counts: Option<Vec<u32>>,
}

impl Canvas {
    fn new(rows: u32, cols: u32, n_pre: u32, n_post: u32) -> Self {
        let size = rows as usize * cols as usize;
        let blocks = rows < n_pre || cols < n_post;
        let fill = if blocks { 0.0 } else { f32::NAN };
        Self { rows, cols, n_pre, n_post, values: vec![fill; size], counts: blocks.then(|| vec![0; size]) }
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn add(&mut self, pre: u32, post: u32, w: f32) {
        match &mut self.counts {
            None => {
                let at = pre as usize * self.cols as usize + post as usize;
                let old = self.values[at];
                // Several synapses between one pair show as their sum.
                self.values[at] = if old.is_nan() { w } else { old + w };
            }
            Some(counts) => {
                let row = (u64::from(pre) * u64::from(self.rows) / u64::from(self.n_pre)) as usize;
                let col = (u64::from(post) * u64::from(self.cols) / u64::from(self.n_post)) as usize;
                let at = row * self.cols as usize + col;
                self.values[at] += w;
                counts[at] += 1;
            }
        }
    }

    #[allow(clippy::cast_precision_loss)]
    fn finish(self) -> Vec<f32> {
        match self.counts {
            None => self.values,
            Some(counts) => self.values.iter().zip(counts).map(|(sum, n)| if n == 0 { f32::NAN } else { sum / n as f32 }).collect(),
        }
    }

    /// Counts of all weights in equal bins between the extremes (from 0 where all weights share a sign).
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, clippy::unused_self)]
    fn histogram(&self, network: &Network, watch: Watch, stats: &WeightStats) -> Vec<u32> {
        let mut bins = vec![0u32; BINS];
        let scale = BINS as f32 / (stats.high - stats.low).max(f32::MIN_POSITIVE);
        for (i, wire) in network.wires.iter().enumerate() {
            if watch.projection.is_none_or(|p| p == i) {
                visit(wire, network.step, |_, _, w| bins[(((w - stats.low) * scale) as usize).min(BINS - 1)] += 1);
            }
        }
        bins
    }
}

/// Running statistics.
#[derive(Default)]
struct Tally {
    n: u64,
    sum: f64,
    squares: f64,
    low: f32,
    high: f32,
}

impl Tally {
    #[inline]
    fn add(&mut self, w: f32) {
        let x = f64::from(w);
        self.n += 1;
        self.sum += x;
        self.squares += x * x;
        // Starting from 0 keeps 0 inside the range of the histogram.
        self.low = self.low.min(w);
        self.high = self.high.max(w);
    }

    #[allow(clippy::cast_precision_loss)]
    fn stats(&self) -> WeightStats {
        let n = (self.n as f64).max(1.0);
        let mean = self.sum / n;
        let sd = (self.squares / n - mean * mean).max(0.0).sqrt();
        WeightStats { n: self.n, mean, sd, low: self.low, high: self.high, histogram: Vec::new() }
    }
}
