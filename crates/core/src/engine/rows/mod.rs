//! Rows: for each presynaptic neuron its targets, weights and delays, in one of several formats behind one face.
//!
//! | format | synapses | bytes a synapse |
//! |---|---|---|
//! | list | targets (16-bit where the population allows), one weight for all or one each | 2 or 4, and 4 for a weight |
//! | all | every pair (or all but i → i), one delay, a weight each: targets need no storage | 4 |
//! | bits | one bit a pair, one weight, one delay | 1/8 over the density |
//! | procedural | drawn anew from a hash whenever the source fires | 0 |
//!
//! The format follows from the description (`spec::layout`), never from what was drawn. Rows with several delays are sorted by delay and
//! cut into segments, and each segment is sorted by target, so that the synapses onto neighbouring neurons, which one worker serves, lie
//! together ([`Rows::divide`]).

mod bits;
mod pack;
mod procedural;
pub(super) mod scatter;

pub use bits::{Bits, WIDTH as BITS};
pub use pack::{Connection, Packer};
pub use procedural::{Even, Procedural};

use super::parted::Parted;
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
    Procedural(Procedural),
}

impl Targets {
    /// The target of a synapse of a list (learning rows are lists).
    #[inline]
    pub fn at(&self, synapse: usize) -> usize {
        match self {
            Self::Short(t) => usize::from(t[synapse]),
            Self::Long(t) => t[synapse] as usize,
            Self::All { .. } | Self::Bits(_) | Self::Procedural(_) => unreachable!("only lists know a target by its synapse"),
        }
    }
}

#[derive(Clone, Debug)]
pub enum Weights {
    One(f64),
    Each(Parted<f32>),
    /// Drawn anew with the targets.
    Procedural,
}

/// The synapses of one projection. The targets of lists are below `n_post`: checked when the rows are made, and never changed.
#[derive(Clone, Debug)]
pub struct Rows {
    pub n_pre: u32,
    pub n_post: u32,
    /// Distinct delays in steps, ascending.
    pub delays: Vec<u32>,
    /// Start of each row, and one past the end; none where rows are procedural.
    starts: Vec<usize>,
    /// Where in its row each delay but the first begins: `n_pre × (delays.len() − 1)` entries.
    cuts: Indices,
    pub(super) targets: Targets,
    pub(super) weights: Weights,
    shares: Shares,
}

/// How the targets are divided between workers.
#[derive(Clone, Debug, Default)]
struct Shares {
    /// First target of each worker but the first.
    bounds: Vec<u32>,
    /// Of lists: where in a segment the synapses of each worker but the first begin; by segment, row after row.
    cuts: Vec<u32>,
}

impl Rows {
    pub fn n_synapses(&self) -> usize {
        if let Targets::Procedural(p) = &self.targets { p.n_synapses() } else { self.starts.last().copied().unwrap_or(0) }
    }

    /// Whether synapses are drawn anew whenever they are needed.
    pub fn is_procedural(&self) -> bool {
        matches!(self.targets, Targets::Procedural(_))
    }

    /// Bytes of the synapses.
    pub fn bytes(&self) -> usize {
        let targets = match &self.targets {
            Targets::Short(t) => 2 * t.len(),
            Targets::Long(t) => 4 * t.len(),
            Targets::All { .. } => 0,
            Targets::Bits(b) => b.bytes(),
            Targets::Procedural(p) => size_of_val(p),
        };
        let weights = if let Weights::Each(w) = &self.weights { 4 * w.len() } else { 8 };
        targets + weights + size_of_val(self.starts.as_slice()) + self.cuts.bytes()
    }

    /// Name of the format.
    pub fn format(&self) -> &'static str {
        match (&self.targets, &self.weights) {
            (Targets::Bits(_), _) => "bits",
            (Targets::All { .. }, _) => "all to all",
            (Targets::Procedural(_), _) => "procedural",
            (_, Weights::One(_)) => "list, one weight",
            (_, Weights::Each(_) | Weights::Procedural) => "list, weight each",
        }
    }

    /// The synapses of neuron `pre` with the `d`-th delay, as a range; not of procedural rows.
    #[inline(always)]
    pub fn segment(&self, pre: u32, d: usize) -> Range<usize> {
        let (pre, inner) = (pre as usize, self.delays.len() - 1);
        let (first, last) = (self.starts[pre], self.starts[pre + 1]);
        let cut = |d: usize| first + self.cuts.at(pre * inner + d - 1) as usize;
        (if d == 0 { first } else { cut(d) })..(if d == inner { last } else { cut(d + 1) })
    }

    /// Calls `f(index of the delay, synapse, target)` for the synapses of neuron `pre`, sorted by delay.
    pub fn each_of(&self, pre: u32, mut f: impl FnMut(usize, usize, u32)) {
        let Targets::Procedural(p) = &self.targets else {
            return (0..self.delays.len()).for_each(|d| self.each(pre, d, |synapse, post| f(d, synapse, post)));
        };
        let (row, one) = (p.delay_row(pre), self.delays.len() == 1);
        let mut synapses = Vec::new();
        p.each(pre, &(0..self.n_post), |post| synapses.push((if one { 0 } else { p.delay_in(row, post) }, post)));
        synapses.sort_by_key(|(d, _)| *d);
        synapses.into_iter().for_each(|(d, post)| f(d as usize, Procedural::name(pre, post), post));
    }

    /// Calls `f(synapse, target)` for the synapses of neuron `pre` with the `d`-th delay, in order.
    pub fn each(&self, pre: u32, d: usize, mut f: impl FnMut(usize, u32)) {
        if let Targets::Procedural(p) = &self.targets {
            let (row, one) = (p.delay_row(pre), self.delays.len() == 1);
            let is_it = |post: u32| one || p.delay_in(row, post) as usize == d;
            return p.each(pre, &(0..self.n_post), |post| {
                if is_it(post) {
                    f(Procedural::name(pre, post), post);
                }
            });
        }
        let range = self.segment(pre, d);
        match &self.targets {
            Targets::Short(t) => range.for_each(|s| f(s, u32::from(t[s]))),
            Targets::Long(t) => range.for_each(|s| f(s, t[s])),
            Targets::All { skips_self } => {
                let posts = (0..self.n_post).filter(|post| !(*skips_self && *post == pre));
                range.zip(posts).for_each(|(s, post)| f(s, post));
            }
            Targets::Bits(bits) => range.zip(bits.row(pre)).for_each(|(s, post)| f(s, post)),
            Targets::Procedural(_) => unreachable!("done above"),
        }
    }

    /// The target of a synapse of a list (learning rows are lists).
    #[inline]
    pub fn target(&self, synapse: usize) -> u32 {
        self.targets.at(synapse) as u32
    }

    #[inline]
    pub fn weight(&self, synapse: usize) -> f32 {
        self.exact_weight(synapse) as f32
    }

    /// The weight as it is delivered: one for all is kept in double precision.
    pub fn exact_weight(&self, synapse: usize) -> f64 {
        match &self.weights {
            Weights::One(w) => *w,
            Weights::Each(w) => f64::from(w[synapse]),
            Weights::Procedural => {
                if let Targets::Procedural(p) = &self.targets {
                    p.weight(synapse)
                } else {
                    0.0
                }
            }
        }
    }

    /// The weights of all synapses where each has its own (learned ones always have); empty when one weight serves all.
    pub fn learned(&self) -> &[f32] {
        if let Weights::Each(w) = &self.weights { w } else { &[] }
    }

    pub fn learned_mut(&mut self) -> &mut [f32] {
        if let Weights::Each(w) = &mut self.weights { w } else { &mut [] }
    }

    /// Divides the targets between workers: each but the first begins with one of `bounds`.
    pub fn divide(&mut self, bounds: &[u32]) {
        let mut cuts = Vec::new();
        if matches!(self.targets, Targets::Short(_) | Targets::Long(_)) && !bounds.is_empty() {
            cuts.reserve_exact(self.n_pre as usize * self.delays.len() * bounds.len());
            for pre in 0..self.n_pre {
                for d in 0..self.delays.len() {
                    let range = self.segment(pre, d);
                    cuts.extend(bounds.iter().map(|bound| match &self.targets {
                        Targets::Short(t) => t[range.clone()].partition_point(|t| u32::from(*t) < *bound) as u32,
                        Targets::Long(t) => t[range.clone()].partition_point(|t| t < bound) as u32,
                        Targets::All { .. } | Targets::Bits(_) | Targets::Procedural(_) => 0,
                    }));
                }
            }
        }
        self.shares = Shares { bounds: bounds.to_vec(), cuts };
    }

    /// Calls `f(index of the delay, range)` for what [`Rows::share`] gives for each delay of neuron `pre`.
    #[inline(always)]
    pub fn each_share(&self, pre: u32, share: usize, mut f: impl FnMut(usize, Range<usize>)) {
        let (row, n, whole) = (self.row(pre), self.delays.len(), self.shares.bounds.is_empty());
        let mut at = row.start;
        for d in 0..n {
            let end = if d + 1 == n { row.end } else { row.start + self.cuts.at(pre as usize * (n - 1) + d) as usize };
            f(d, if whole { at..end } else { self.share(pre, d, share) });
            at = end;
        }
    }

    /// The synapses of [`Rows::segment`] onto the targets of worker `share`; of lists.
    #[inline(always)]
    pub fn share(&self, pre: u32, d: usize, share: usize) -> Range<usize> {
        let segment = self.segment(pre, d);
        let n = self.shares.bounds.len();
        if n == 0 {
            return segment;
        }
        let cuts = &self.shares.cuts[(pre as usize * self.delays.len() + d) * n..][..n];
        let first = if share == 0 { segment.start } else { segment.start + cuts[share - 1] as usize };
        first..cuts.get(share).map_or(segment.end, |cut| segment.start + *cut as usize)
    }

    /// The targets of worker `share`.
    pub fn targets_of(&self, share: usize) -> Range<u32> {
        let bounds = &self.shares.bounds;
        let first = share.checked_sub(1).map_or(0, |before| bounds.get(before).copied().unwrap_or(self.n_post));
        first..bounds.get(share).copied().unwrap_or(self.n_post)
    }

    /// Adds the weights of a range of synapses of a list, times `factor`, to their targets. `inbox` begins with target `first`.
    ///
    /// # Safety
    /// All their targets lie in `inbox`, and meanwhile nobody writes their weights.
    #[inline]
    pub unsafe fn deliver(&self, range: Range<usize>, factor: f64, inbox: &mut Column<'_>, first: usize) {
        // SAFETY: promised by the caller.
        unsafe {
            match inbox {
                Column::Double(column) => self.deliver_list(range, factor, column, first),
                Column::Single(column) => self.deliver_list(range, factor, column, first),
            }
        }
    }

    /// Delivers the spikes `fired` over their synapses with the `d`-th delay onto the targets of worker `share`, source by source; bits count
    /// the spikes of up to 255 sources for each target and add the count times the weight. `inbox` is for `targets`.
    ///
    /// # Safety
    /// `targets` are those of worker `share`, and no other call is about the same.
    pub unsafe fn deliver_all(&self, fired: &[u32], d: usize, share: usize, factor: f64, inbox: &mut Column<'_>, targets: &Range<usize>) {
        // SAFETY: promised by the caller.
        unsafe {
            match inbox {
                Column::Double(column) => self.deliver_all_to(fired, d, share, factor, column, targets),
                Column::Single(column) => self.deliver_all_to(fired, d, share, factor, column, targets),
            }
        }
    }

    /// # Safety
    /// As [`Rows::deliver_all`].
    unsafe fn deliver_all_to<R: Real>(&self, fired: &[u32], d: usize, share: usize, factor: f64, column: &mut [R], targets: &Range<usize>) {
        assert!(column.len() == targets.len() && targets.end <= self.n_post as usize, "an input for each target");
        match (&self.targets, &self.weights) {
            // SAFETY: promised by the caller.
            (Targets::Bits(bits), Weights::One(w)) => unsafe { bits.deliver(fired, R::of(*w * factor), column, targets) },
            (Targets::All { skips_self }, Weights::Each(w)) => {
                let skips_self = *skips_self;
                crate::simd::dispatch(
                    #[inline(always)]
                    || {
                        for pre in fired {
                            let at = *pre as usize;
                            let row = &w[self.starts[at]..self.starts[at + 1]];
                            if !skips_self || at >= targets.end {
                                scatter::add_row(&row[targets.clone()], R::of(factor), column);
                            } else {
                                // From the source on, every target stands one place further on than its weight.
                                let own = at.max(targets.start);
                                let after = if at < targets.start { own } else { own + 1 };
                                scatter::add_row(&row[targets.start..own], R::of(factor), &mut column[..own - targets.start]);
                                scatter::add_row(&row[after - 1..targets.end - 1], R::of(factor), &mut column[after - targets.start..]);
                            }
                        }
                    },
                );
            }
            (Targets::Procedural(p), weights) => {
                let one = if let Weights::One(w) = weights { Some(R::of(*w * factor)) } else { None };
                let (range, first) = (targets.start as u32..targets.end as u32, targets.start);
                crate::simd::dispatch(
                    #[inline(always)]
                    || match one {
                        // Loops, not iterators: those would not be compiled for the level.
                        Some(w) => {
                            for pre in fired {
                                p.each(
                                    *pre,
                                    &range,
                                    #[inline(always)]
                                    |post| column[post as usize - first] += w,
                                );
                            }
                        }
                        None => {
                            for pre in fired {
                                let row = p.weight_row(*pre);
                                p.each(
                                    *pre,
                                    &range,
                                    #[inline(always)]
                                    |post| column[post as usize - first] += R::of(p.weight_in(row, post)) * R::of(factor),
                                );
                            }
                        }
                    },
                );
            }
            _ => {
                let ask = |k: usize, lines: Range<usize>| {
                    if let Some(pre) = fired.get(k) {
                        self.prefetch(self.share(*pre, d, share), lines);
                    }
                };
                (0..AHEAD).for_each(|k| ask(k, 0..FIRST_LINES));
                for (k, pre) in fired.iter().enumerate() {
                    ask(k + AHEAD, 0..FIRST_LINES);
                    ask(k + 1, FIRST_LINES..usize::MAX);
                    // SAFETY: the targets of a share lie within the bounds of its worker, whose neurons `column` is for.
                    unsafe { self.deliver_list(self.share(*pre, d, share), factor, column, targets.start) };
                }
            }
        }
    }

    /// Asks for some of the cache lines of synapses that will be read soon.
    #[inline]
    pub fn prefetch(&self, range: Range<usize>, lines: Range<usize>) {
        match &self.targets {
            Targets::Short(t) => scatter::prefetch(&t[range.clone()], lines.clone()),
            Targets::Long(t) => scatter::prefetch(&t[range.clone()], lines.clone()),
            Targets::All { .. } | Targets::Bits(_) | Targets::Procedural(_) => {}
        }
        if let Weights::Each(w) = &self.weights {
            scatter::prefetch_at(w.as_ptr().wrapping_add(range.start), range.len(), lines);
        }
    }

    /// Asks for where a row begins.
    #[inline]
    pub fn prefetch_start(&self, pre: u32) {
        scatter::prefetch_at(self.starts.as_ptr().wrapping_add(pre as usize), 2, 0..1);
    }

    /// Asks for where the segments of a row begin.
    #[inline]
    pub fn prefetch_cuts(&self, pre: u32) {
        let inner = self.delays.len() - 1;
        let first = pre as usize * inner;
        match &self.cuts {
            Indices::Short(x) => scatter::prefetch_at(x.as_ptr().wrapping_add(first), inner, 0..2),
            Indices::Long(x) => scatter::prefetch_at(x.as_ptr().wrapping_add(first), inner, 0..2),
        }
    }

    /// The whole row of a source.
    #[inline]
    pub fn row(&self, pre: u32) -> Range<usize> {
        self.starts[pre as usize]..self.starts[pre as usize + 1]
    }

    /// # Safety
    /// As [`Rows::deliver`].
    #[inline]
    unsafe fn deliver_list<R: Real>(&self, range: Range<usize>, factor: f64, column: &mut [R], first: usize) {
        // SAFETY: promised by the caller; a part that is only read may be lent to several.
        unsafe {
            match (&self.targets, &self.weights) {
                (Targets::Short(t), Weights::One(w)) => scatter::one(&t[range], R::of(w * factor), column, first),
                (Targets::Long(t), Weights::One(w)) => scatter::one(&t[range], R::of(w * factor), column, first),
                (Targets::Short(t), Weights::Each(w)) => scatter::each(&t[range.clone()], w.seen(range), R::of(factor), column, first),
                (Targets::Long(t), Weights::Each(w)) => scatter::each(&t[range.clone()], w.seen(range), R::of(factor), column, first),
                _ => unreachable!("delivered whole rows at a time"),
            }
        }
    }
}

/// How many spikes ahead the beginning of a row is asked for; all of it is one spike ahead.
pub const AHEAD: usize = 4;
/// Cache lines of the beginning of a row.
pub const FIRST_LINES: usize = 4;

pub use scatter::Index;
