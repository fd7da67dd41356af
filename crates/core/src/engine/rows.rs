//! Rows: for each presynaptic neuron its targets, weights and delays.
//!
//! Targets are 16-bit where the population allows. One weight for all is stored once. With one delay the row is plain; with many
//! the row is sorted by delay and cut into segments, so that each arrival step delivers one contiguous piece.

use crate::real::{Column, Real};

#[derive(Clone, Debug)]
pub enum Targets {
    Short(Vec<u16>),
    Long(Vec<u32>),
}

impl Targets {
    #[inline]
    pub fn at(&self, synapse: usize) -> usize {
        match self {
            Self::Short(t) => usize::from(t[synapse]),
            Self::Long(t) => t[synapse] as usize,
        }
    }
}

#[derive(Clone, Debug)]
pub enum Weights {
    One(f64),
    Each(Vec<f32>),
}

/// The synapses of one projection.
#[derive(Clone, Debug)]
pub struct Rows {
    pub n_pre: u32,
    pub n_post: u32,
    /// Distinct delays in steps, ascending.
    pub delays: Vec<u32>,
    /// Start of each segment: `n_pre × delays.len()` entries and one past the end.
    starts: Vec<u32>,
    pub targets: Targets,
    pub weights: Weights,
}

/// One connection while a network is being built.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    pub post: u32,
    pub weight: f32,
    /// steps
    pub delay: u32,
}

impl Rows {
    /// Packs rows given one after the other. `one_weight` is used when all weights are the same and never change.
    #[allow(clippy::cast_possible_truncation)]
    pub fn pack(n_post: u32, rows: &mut [Vec<Connection>], one_weight: Option<f64>) -> Self {
        let mut delays: Vec<u32> = Vec::new();
        for c in rows.iter().flatten() {
            if let Err(at) = delays.binary_search(&c.delay) {
                delays.insert(at, c.delay);
            }
        }
        if delays.is_empty() {
            delays.push(1);
        }
        let total: usize = rows.iter().map(Vec::len).sum();
        let mut starts = Vec::with_capacity(rows.len() * delays.len() + 1);
        let mut targets =
            if n_post <= 65_536 { Targets::Short(Vec::with_capacity(total)) } else { Targets::Long(Vec::with_capacity(total)) };
        let mut weights = one_weight.map_or_else(|| Weights::Each(Vec::with_capacity(total)), Weights::One);
        let mut next = 0u32;
        for row in rows.iter_mut() {
            row.sort_by_key(|c| (c.delay, c.post));
            let mut rest = row.iter().peekable();
            for delay in &delays {
                starts.push(next);
                while let Some(c) = rest.next_if(|c| c.delay == *delay) {
                    match &mut targets {
                        Targets::Short(t) => t.push(c.post as u16),
                        Targets::Long(t) => t.push(c.post),
                    }
                    if let Weights::Each(w) = &mut weights {
                        w.push(c.weight);
                    }
                    next += 1;
                }
            }
        }
        starts.push(next);
        Self { n_pre: rows.len() as u32, n_post, delays, starts, targets, weights }
    }

    pub fn n_synapses(&self) -> usize {
        self.starts.last().copied().unwrap_or(0) as usize
    }

    /// Bytes of the synapses.
    pub fn bytes(&self) -> usize {
        let targets = match &self.targets {
            Targets::Short(t) => 2 * t.len(),
            Targets::Long(t) => 4 * t.len(),
        };
        let weights = if let Weights::Each(w) = &self.weights { 4 * w.len() } else { 8 };
        targets + weights + 4 * self.starts.len()
    }

    /// The synapses of neuron `pre` with the `d`-th delay, as a range.
    #[inline]
    pub fn segment(&self, pre: u32, d: usize) -> std::ops::Range<usize> {
        let at = pre as usize * self.delays.len() + d;
        self.starts[at] as usize..self.starts[at + 1] as usize
    }

    #[inline]
    pub fn target(&self, synapse: usize) -> u32 {
        match &self.targets {
            Targets::Short(t) => u32::from(t[synapse]),
            Targets::Long(t) => t[synapse],
        }
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    pub fn weight(&self, synapse: usize) -> f32 {
        match &self.weights {
            Weights::One(w) => *w as f32,
            Weights::Each(w) => w[synapse],
        }
    }

    /// The weights of all synapses where each has its own (learned ones always have); empty when one weight serves all.
    pub fn learned(&self) -> &[f32] {
        if let Weights::Each(w) = &self.weights { w } else { &[] }
    }

    pub fn learned_mut(&mut self) -> &mut [f32] {
        if let Weights::Each(w) = &mut self.weights { w } else { &mut [] }
    }

    /// Adds the weights of a range of synapses, times `factor`, to their targets.
    #[inline]
    pub fn deliver(&self, range: std::ops::Range<usize>, factor: f64, inbox: &mut Column<'_>) {
        match inbox {
            Column::Double(column) => self.deliver_to(range, factor, column),
            Column::Single(column) => self.deliver_to(range, factor, column),
        }
    }

    #[inline]
    fn deliver_to<R: Real>(&self, range: std::ops::Range<usize>, factor: f64, column: &mut [R]) {
        match (&self.targets, &self.weights) {
            (Targets::Short(t), Weights::One(w)) => scatter_one(&t[range], R::of(w * factor), column),
            (Targets::Long(t), Weights::One(w)) => scatter_one(&t[range], R::of(w * factor), column),
            (Targets::Short(t), Weights::Each(w)) => scatter(&t[range.clone()], &w[range], R::of(factor), column),
            (Targets::Long(t), Weights::Each(w)) => scatter(&t[range.clone()], &w[range], R::of(factor), column),
        }
    }
}

/// A target index of either width.
pub trait Index: Copy {
    fn at(self) -> usize;
}
impl Index for u16 {
    #[inline(always)]
    fn at(self) -> usize {
        usize::from(self)
    }
}
impl Index for u32 {
    #[inline(always)]
    fn at(self) -> usize {
        self as usize
    }
}

#[inline(always)]
fn scatter_one<I: Index, R: Real>(targets: &[I], weight: R, column: &mut [R]) {
    for t in targets {
        column[t.at()] += weight;
    }
}

#[inline(always)]
fn scatter<I: Index, R: Real>(targets: &[I], weights: &[f32], factor: R, column: &mut [R]) {
    for (t, w) in targets.iter().zip(weights) {
        column[t.at()] += R::of(f64::from(*w)) * factor;
    }
}
