//! Rows: for each presynaptic neuron its targets, weights and delays, in one of several formats behind one face.
//!
//! | format | synapses | bytes a synapse |
//! |---|---|---|
//! | list | targets (16-bit where the population allows), one weight for all or one each | 2 or 4, and 4 for a weight |
//! | all | every pair (or all but i → i), one delay, a weight each: targets need no storage | 4 |
//! | bits | one bit a pair, one weight, one delay | 1/8 over the density |
//!
//! The format follows from the description (`spec::layout`), never from what was drawn. Rows with several delays are sorted by delay and
//! cut into segments. Rows hold no state outside themselves, so that a projection may be held as several, each for a part of the targets.

mod bits;
mod pack;
mod scatter;

pub use bits::Bits;
pub use pack::{Connection, Packer};

use crate::real::{Column, Real};
use std::ops::Range;

/// Whole numbers, 16-bit where they all fit.
#[derive(Clone, Debug)]
pub enum Indices {
    Short(Vec<u16>),
    Long(Vec<u32>),
}

impl Indices {
    /// No numbers yet, each below `bound`, with room for `capacity`.
    pub fn below(bound: usize, capacity: usize) -> Self {
        if bound <= 1 << 16 { Self::Short(Vec::with_capacity(capacity)) } else { Self::Long(Vec::with_capacity(capacity)) }
    }

    #[inline]
    pub fn at(&self, i: usize) -> u32 {
        match self {
            Self::Short(x) => u32::from(x[i]),
            Self::Long(x) => x[i],
        }
    }

    #[inline]
    pub fn push(&mut self, value: u32) {
        match self {
            Self::Short(x) => x.push(value as u16),
            Self::Long(x) => x.push(value),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Short(x) => 2 * x.len(),
            Self::Long(x) => 4 * x.len(),
        }
    }
}

/// Who the targets are.
#[derive(Clone, Debug)]
pub enum Targets {
    Short(Vec<u16>),
    Long(Vec<u32>),
    /// Every neuron, but for the source itself when `skips_self`.
    All {
        skips_self: bool,
    },
    Bits(Bits),
}

impl Targets {
    /// The target of a synapse of a list (learning rows are lists).
    #[inline]
    pub fn at(&self, synapse: usize) -> usize {
        match self {
            Self::Short(t) => usize::from(t[synapse]),
            Self::Long(t) => t[synapse] as usize,
            Self::All { .. } | Self::Bits(_) => unreachable!("only lists know a target by its synapse"),
        }
    }
}

#[derive(Clone, Debug)]
pub enum Weights {
    One(f64),
    Each(Vec<f32>),
}

/// The synapses of one projection. The targets of lists are below `n_post`: checked when the rows are made, and never changed.
#[derive(Clone, Debug)]
pub struct Rows {
    pub n_pre: u32,
    pub n_post: u32,
    /// Distinct delays in steps, ascending.
    pub delays: Vec<u32>,
    /// Start of each row, and one past the end.
    starts: Vec<u32>,
    /// Where in its row each delay but the first begins: `n_pre × (delays.len() − 1)` entries.
    cuts: Indices,
    pub(super) targets: Targets,
    pub(super) weights: Weights,
}

impl Rows {
    pub fn n_synapses(&self) -> usize {
        self.starts.last().copied().unwrap_or(0) as usize
    }

    /// Bytes of the synapses.
    pub fn bytes(&self) -> usize {
        let targets = match &self.targets {
            Targets::Short(t) => 2 * t.len(),
            Targets::Long(t) => 4 * t.len(),
            Targets::All { .. } => 0,
            Targets::Bits(b) => b.bytes(),
        };
        let weights = if let Weights::Each(w) = &self.weights { 4 * w.len() } else { 8 };
        targets + weights + 4 * self.starts.len() + self.cuts.bytes()
    }

    /// Name of the format.
    pub fn format(&self) -> &'static str {
        match (&self.targets, &self.weights) {
            (Targets::Bits(_), _) => "bits",
            (Targets::All { .. }, _) => "all to all",
            (_, Weights::One(_)) => "list, one weight",
            (_, Weights::Each(_)) => "list, weight each",
        }
    }

    /// The synapses of neuron `pre` with the `d`-th delay, as a range.
    #[inline]
    pub fn segment(&self, pre: u32, d: usize) -> Range<usize> {
        let (pre, inner) = (pre as usize, self.delays.len() - 1);
        let (first, last) = (self.starts[pre] as usize, self.starts[pre + 1] as usize);
        let cut = |d: usize| first + self.cuts.at(pre * inner + d - 1) as usize;
        (if d == 0 { first } else { cut(d) })..(if d == inner { last } else { cut(d + 1) })
    }

    /// Calls `f(synapse, target)` for the synapses of neuron `pre` with the `d`-th delay, in order.
    pub fn each(&self, pre: u32, d: usize, mut f: impl FnMut(usize, u32)) {
        let range = self.segment(pre, d);
        match &self.targets {
            Targets::Short(t) => range.for_each(|s| f(s, u32::from(t[s]))),
            Targets::Long(t) => range.for_each(|s| f(s, t[s])),
            Targets::All { skips_self } => {
                let posts = (0..self.n_post).filter(|post| !(*skips_self && *post == pre));
                range.zip(posts).for_each(|(s, post)| f(s, post));
            }
            Targets::Bits(bits) => range.zip(bits.row(pre)).for_each(|(s, post)| f(s, post)),
        }
    }

    /// The target of a synapse of a list (learning rows are lists).
    #[inline]
    pub fn target(&self, synapse: usize) -> u32 {
        self.targets.at(synapse) as u32
    }

    #[inline]
    pub fn weight(&self, synapse: usize) -> f32 {
        match &self.weights {
            Weights::One(w) => *w as f32,
            Weights::Each(w) => w[synapse],
        }
    }

    /// The weight as it is delivered: one for all is kept in double precision.
    pub fn exact_weight(&self, synapse: usize) -> f64 {
        match &self.weights {
            Weights::One(w) => *w,
            Weights::Each(w) => f64::from(w[synapse]),
        }
    }

    /// The weights of all synapses where each has its own (learned ones always have); empty when one weight serves all.
    pub fn learned(&self) -> &[f32] {
        if let Weights::Each(w) = &self.weights { w } else { &[] }
    }

    pub fn learned_mut(&mut self) -> &mut [f32] {
        if let Weights::Each(w) = &mut self.weights { w } else { &mut [] }
    }

    /// Adds the weights of a range of synapses of a list, times `factor`, to their targets.
    #[inline]
    pub fn deliver(&self, range: Range<usize>, factor: f64, inbox: &mut Column<'_>) {
        match inbox {
            Column::Double(column) => self.deliver_list(range, factor, column),
            Column::Single(column) => self.deliver_list(range, factor, column),
        }
    }

    /// Delivers the spikes `fired` over their synapses with the `d`-th delay, source by source; bits count the spikes of up to 255
    /// sources for each target and add the count times the weight.
    pub fn deliver_all(&mut self, fired: &[u32], d: usize, factor: f64, inbox: &mut Column<'_>) {
        match inbox {
            Column::Double(column) => self.deliver_all_to(fired, d, factor, column),
            Column::Single(column) => self.deliver_all_to(fired, d, factor, column),
        }
    }

    fn deliver_all_to<R: Real>(&mut self, fired: &[u32], d: usize, factor: f64, column: &mut [R]) {
        match (&mut self.targets, &self.weights) {
            (Targets::Bits(bits), Weights::One(w)) => bits.deliver(fired, R::of(*w * factor), column),
            (Targets::All { skips_self }, Weights::Each(w)) => {
                let (skips_self, n_post) = (*skips_self, self.n_post as usize);
                crate::simd::dispatch(
                    #[inline(always)]
                    || {
                        for pre in fired {
                            let at = *pre as usize;
                            let row = &w[self.starts[at] as usize..self.starts[at + 1] as usize];
                            let before = if skips_self { at.min(row.len()) } else { row.len() };
                            scatter::add_row(&row[..before], R::of(factor), &mut column[..before]);
                            if before < row.len() {
                                scatter::add_row(&row[before..], R::of(factor), &mut column[before + 1..n_post]);
                            }
                        }
                    },
                );
            }
            _ => {
                for (k, pre) in fired.iter().enumerate() {
                    if let Some(later) = fired.get(k + AHEAD) {
                        self.prefetch_row(*later, FIRST_LINES);
                    }
                    if let Some(next) = fired.get(k + 1) {
                        self.prefetch_row(*next, usize::MAX);
                    }
                    self.deliver_list(self.segment(*pre, d), factor, column);
                }
            }
        }
    }

    /// Asks for the first `lines` cache lines of a row that will be read soon.
    #[inline]
    pub fn prefetch_row(&self, pre: u32, lines: usize) {
        let range = self.starts[pre as usize] as usize..self.starts[pre as usize + 1] as usize;
        match &self.targets {
            Targets::Short(t) => scatter::prefetch(&t[range.clone()], lines),
            Targets::Long(t) => scatter::prefetch(&t[range.clone()], lines),
            Targets::All { .. } | Targets::Bits(_) => {}
        }
        if let Weights::Each(w) = &self.weights {
            scatter::prefetch(&w[range], lines);
        }
    }

    /// Adds events to their targets: targets copied from these rows, and their weights where each has its own.
    ///
    /// # Safety
    /// All targets are below `n_post`.
    pub unsafe fn add_events<R: Real>(&self, targets: &[u32], weights: &[f32], factor: f64, column: &mut [R]) {
        assert!(column.len() >= self.n_post as usize, "an input for each target");
        match &self.weights {
            // SAFETY: promised by the caller, and the column is at least as long.
            Weights::One(w) => unsafe { scatter::one(targets, R::of(w * factor), column) },
            // SAFETY: as above.
            Weights::Each(_) => unsafe { scatter::each(targets, weights, R::of(factor), column) },
        }
    }

    #[inline]
    fn deliver_list<R: Real>(&self, range: Range<usize>, factor: f64, column: &mut [R]) {
        assert!(column.len() >= self.n_post as usize, "an input for each target");
        // SAFETY: the targets of lists are below `n_post` (see `Rows`), and the column is at least as long.
        unsafe {
            match (&self.targets, &self.weights) {
                (Targets::Short(t), Weights::One(w)) => scatter::one(&t[range], R::of(w * factor), column),
                (Targets::Long(t), Weights::One(w)) => scatter::one(&t[range], R::of(w * factor), column),
                (Targets::Short(t), Weights::Each(w)) => scatter::each(&t[range.clone()], &w[range], R::of(factor), column),
                (Targets::Long(t), Weights::Each(w)) => scatter::each(&t[range.clone()], &w[range], R::of(factor), column),
                (Targets::All { .. } | Targets::Bits(_), _) => unreachable!("delivered whole rows at a time"),
            }
        }
    }
}

/// How many spikes ahead the beginning of a row is asked for; all of it is one spike ahead.
const AHEAD: usize = 4;
/// Cache lines of the beginning of a row.
pub const FIRST_LINES: usize = 4;

pub use scatter::Index;
