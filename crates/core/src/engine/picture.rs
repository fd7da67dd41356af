//! Pictures of weights for the window: a copy of the matrix, or of its block means, and statistics over all weights.

use super::network::{Network, Wire};
use super::rows::Rows;
use crate::protocol::{Watch, WeightImage, WeightStats};

/// Above this many synapses of a rule whose rows cost more to bring up to date than to copy, the picture shows each weight as of its last
/// presynaptic spike.
const PEEK_LIMIT: usize = 3_000_000;
const BINS: usize = 64;

/// Synapses between two looks at whether to go on.
const STRIDE: usize = 2048;

/// The picture asked for by `watch`, at once.
pub fn picture(network: &Network, watch: Watch) -> WeightImage {
    Job::new(network, watch).go_on(network, &mut || true).expect("nobody stopped it")
}

/// A picture being made, a slice at a time: ten million weights take longer than the simulation may be held. Weights that change in the
/// meantime are shown as they are when their row is reached.
pub struct Job {
    watch: Watch,
    step: u64,
    n_pre: u32,
    n_post: u32,
    canvas: Canvas,
    tally: Tally,
    /// Known after the first pass; the second fills the histogram.
    stats: Option<WeightStats>,
    bins: Vec<u32>,
    /// Where to go on.
    wire: usize,
    pre: u32,
}

impl Job {
    pub fn new(network: &Network, watch: Watch) -> Self {
        let n_all: u32 = network.groups.iter().map(|g| g.size).sum();
        let shown = watch.projection.and_then(|i| network.wires.get(i));
        let (n_pre, n_post) = shown.map_or((n_all, n_all), |w| (w.rows.n_pre, w.rows.n_post));
        let (rows, cols) = (n_pre.min(watch.max_rows.max(1)), n_post.min(watch.max_cols.max(1)));
        Self {
            watch,
            step: network.step,
            n_pre,
            n_post,
            canvas: Canvas::new(rows, cols, n_pre, n_post),
            tally: Tally::default(),
            stats: None,
            bins: vec![0; BINS],
            wire: 0,
            pre: 0,
        }
    }

    /// Works until done, or until `more` says no; `network` must be the one the picture was begun with.
    pub fn go_on(&mut self, network: &Network, more: &mut dyn FnMut() -> bool) -> Option<WeightImage> {
        loop {
            while let Some(wire) = network.wires.get(self.wire) {
                if self.watch.projection.is_none_or(|p| p == self.wire) && !self.rows_of(network, wire, more) {
                    return None;
                }
                (self.wire, self.pre) = (self.wire + 1, 0);
            }
            if let Some(mut stats) = self.stats.take() {
                stats.histogram = std::mem::take(&mut self.bins);
                return Some(self.finish(stats));
            }
            self.stats = Some(self.tally.stats());
            (self.wire, self.pre) = (0, 0);
        }
    }

    /// The rows of one projection, from where it stands; false when stopped before its end.
    fn rows_of(&mut self, network: &Network, wire: &Wire, more: &mut dyn FnMut() -> bool) -> bool {
        let (row0, col0) =
            if self.watch.projection.is_some() { (0, 0) } else { (network.groups[wire.pre].first, network.groups[wire.post].first) };
        let a_row = wire.rows.n_synapses() / (wire.rows.n_pre as usize).max(1);
        let rows = (STRIDE / a_row.max(1)).max(1) as u32;
        let scale = self.stats.as_ref().map(|s| (s.low, BINS as f32 / (s.high - s.low).max(f32::MIN_POSITIVE)));
        while self.pre < wire.rows.n_pre {
            let end = self.pre.saturating_add(rows).min(wire.rows.n_pre);
            let Self { canvas, tally, bins, .. } = self;
            let exact = wire.rows.n_synapses() <= PEEK_LIMIT || wire.plastic.as_ref().is_some_and(|p| p.peeks_fast());
            visit_rows(wire, network.step, self.pre..end, exact, |pre, _, post, w| {
                if let Some((low, scale)) = scale {
                    bins[(((w - low) * scale) as usize).min(BINS - 1)] += 1;
                } else {
                    canvas.add(row0 + pre, col0 + post, w);
                    tally.add(w);
                }
            });
            self.pre = end;
            if !more() {
                return false;
            }
        }
        true
    }

    fn finish(&mut self, stats: WeightStats) -> WeightImage {
        let canvas = std::mem::replace(&mut self.canvas, Canvas::new(0, 0, 0, 0));
        let (rows, cols) = (canvas.rows, canvas.cols);
        WeightImage {
            watch: self.watch,
            n_pre: self.n_pre,
            n_post: self.n_post,
            rows,
            cols,
            values: canvas.finish(),
            stats,
            step: self.step,
        }
    }
}

/// Calls `f(pre, index of the delay, synapse, post)` for every synapse of some rows, row by row.
pub fn each_of(rows: &Rows, pres: std::ops::Range<u32>, mut f: impl FnMut(u32, usize, usize, u32)) {
    for pre in pres {
        rows.each_of(pre, |d, synapse, post| f(pre, d, synapse, post));
    }
}

/// Calls `f(pre, index of the delay, post, weight)` for every synapse, with pending plasticity included.
pub fn visit(wire: &Wire, step: u64, f: impl FnMut(u32, usize, u32, f32)) {
    visit_rows(wire, step, 0..wire.rows.n_pre, true, f);
}

#[allow(clippy::cast_possible_wrap)]
fn visit_rows(wire: &Wire, step: u64, pres: std::ops::Range<u32>, exact: bool, mut f: impl FnMut(u32, usize, u32, f32)) {
    let rows = &wire.rows;
    let peek = wire.plastic.as_ref().filter(|_| exact);
    let mut weights = Vec::new();
    each_of(rows, pres, |pre, d, synapse, post| {
        let Some(plastic) = peek else { return f(pre, d, post, rows.weight(synapse)) };
        let segment = rows.segment(pre, d);
        if synapse == segment.start {
            plastic.peek(rows, pre, d, segment.clone(), step as i64, &mut weights);
        }
        f(pre, d, post, weights[synapse - segment.start]);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{connectivity, distribution, neuron};
    use crate::part::Part;
    use crate::spec::{NetworkSpec, PopulationSpec, ProjectionSpec};

    #[test]
    fn a_picture_made_in_slices_is_the_picture_made_at_once() {
        let model = Part::new(crate::model::find(neuron::ALL, "lif").expect("a model"));
        let mut spec = NetworkSpec::default();
        spec.populations = vec![PopulationSpec::new("a", 300, model.clone()), PopulationSpec::new("b", 200, model)];
        for (pre, post) in [("a", "b"), ("b", "a"), ("a", "a")] {
            let mut p = ProjectionSpec::new(&format!("{pre} → {post}"), pre, post);
            p.connect = Part::new(&connectivity::PROBABILITY).with("p", 0.3);
            p.weight = Part::new(&distribution::weights::NORMAL).with("mean", 0.5).with("sd", 1.0);
            spec.projections.push(p);
        }
        let network = crate::engine::builder::build(&spec, &mut |_| true).expect("builds").expect("built");
        for watch in [
            Watch { projection: None, max_rows: 64, max_cols: 64 },
            Watch { projection: None, max_rows: 1000, max_cols: 1000 },
            Watch { projection: Some(1), max_rows: 64, max_cols: 1000 },
        ] {
            let whole = picture(&network, watch);
            let (mut job, mut slices) = (Job::new(&network, watch), 1);
            let sliced = loop {
                if let Some(done) = job.go_on(&network, &mut || false) {
                    break done;
                }
                slices += 1;
            };
            assert!(slices > 4, "{slices} slices");
            assert_eq!(whole.stats, sliced.stats);
            assert_eq!(u64::from(whole.stats.histogram.iter().sum::<u32>()), whole.stats.n);
            let bits = |p: &WeightImage| p.values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&whole), bits(&sliced));
        }
    }
}
