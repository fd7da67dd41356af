//! Making rows: source by source, straight into their final place.

use super::{Bits, Indices, Procedural, Rows, Shares, Targets, Weights};
use crate::engine::memory::with_capacity;

/// One connection of a listed projection.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    pub post: u32,
    pub weight: f32,
    /// steps
    pub delay: u32,
}

/// Weights under construction.
enum Drawn {
    One(f64),
    Each(Vec<f32>),
}

/// Rows under construction. Rows come in the order of their sources.
pub struct Packer {
    n_post: u32,
    delays: Vec<u32>,
    starts: Vec<usize>,
    cuts: Indices,
    targets: Targets,
    weights: Drawn,
    /// Synapses of the row under way by delay, and where the next of each goes.
    tally: Vec<usize>,
}

impl Packer {
    /// Lists with the given delays (ascending, not empty) and room for about `expected` synapses.
    pub fn lists(n_pre: u32, n_post: u32, delays: Vec<u32>, one_weight: Option<f64>, expected: usize) -> Self {
        let targets = if n_post <= 1 << 16 { Targets::Short(with_capacity(expected)) } else { Targets::Long(with_capacity(expected)) };
        // A cut may be as large as the row, which has every target at most once.
        let cuts = Indices::below(n_post as usize + 1, n_pre as usize * (delays.len() - 1));
        Self::new(n_post, delays, cuts, targets, one_weight.map_or_else(|| Drawn::Each(with_capacity(expected)), Drawn::One))
    }

    /// All pairs, with a weight each.
    pub fn all(n_pre: u32, n_post: u32, delay: u32, skips_self: bool) -> Self {
        let weights = Drawn::Each(with_capacity(n_pre as usize * n_post as usize));
        Self::new(n_post, vec![delay], Indices::Short(Vec::new()), Targets::All { skips_self }, weights)
    }

    fn new(n_post: u32, delays: Vec<u32>, cuts: Indices, targets: Targets, weights: Drawn) -> Self {
        let tally = vec![0; delays.len()];
        Self { n_post, delays, starts: vec![0], cuts, targets, weights, tally }
    }

    /// An empty one of the same form with room for `expected` synapses, for rows that will be joined on.
    pub fn piece(&self, expected: usize) -> Self {
        let weight = if let Drawn::One(w) = self.weights { Some(w) } else { None };
        if let Targets::All { skips_self } = self.targets {
            let weights = Drawn::Each(Vec::with_capacity(expected));
            return Self::new(self.n_post, self.delays.clone(), Indices::Short(Vec::new()), Targets::All { skips_self }, weights);
        }
        Self::lists(0, self.n_post, self.delays.clone(), weight, expected)
    }

    /// Appends the rows of a piece and leaves it empty.
    pub fn take(&mut self, piece: &mut Self) {
        let before = self.starts.last().copied().unwrap_or(0);
        self.starts.extend(piece.starts[1..].iter().map(|start| before + start));
        piece.starts.truncate(1);
        match (&mut self.cuts, &mut piece.cuts) {
            (Indices::Short(to), Indices::Short(from)) => to.append(from),
            (Indices::Long(to), Indices::Long(from)) => to.append(from),
            _ => unreachable!("a piece has the form of the whole"),
        }
        match (&mut self.targets, &mut piece.targets) {
            (Targets::Short(to), Targets::Short(from)) => to.append(from),
            (Targets::Long(to), Targets::Long(from)) => to.append(from),
            _ => {}
        }
        if let (Drawn::Each(to), Drawn::Each(from)) = (&mut self.weights, &mut piece.weights) {
            to.append(from);
        }
    }

    pub fn delays(&self) -> &[u32] {
        &self.delays
    }

    /// The next row: its targets and, where each synapse has them, weights and indices of the delays.
    pub fn row(&mut self, posts: &[u32], weights: &[f32], delays: &[u32]) {
        assert!(posts.iter().all(|post| *post < self.n_post), "a target beyond its population");
        let start = self.starts.last().copied().unwrap_or(0);
        self.starts.push(start + posts.len());
        if self.delays.len() == 1 {
            self.append(posts, weights);
            return;
        }
        // A counting sort: stable, so that targets keep their order within a delay.
        self.tally.fill(0);
        delays.iter().for_each(|d| self.tally[*d as usize] += 1);
        let mut next = 0;
        for (d, n) in self.tally.iter_mut().enumerate() {
            if d > 0 {
                self.cuts.push(next as u32);
            }
            next += std::mem::replace(n, next);
        }
        let Self { tally, targets, weights: drawn, .. } = self;
        match targets {
            Targets::Short(t) => sort(posts.iter().map(|post| *post as u16), delays, tally, t),
            Targets::Long(t) => sort(posts.iter().copied(), delays, tally, t),
            Targets::All { .. } | Targets::Bits(_) | Targets::Procedural(_) => {}
        }
        if let Drawn::Each(w) = drawn {
            // Back to where each delay begins: each counted on by as many as it has.
            delays.iter().for_each(|d| tally[*d as usize] -= 1);
            sort(weights.iter().copied(), delays, tally, w);
        }
    }

    fn append(&mut self, posts: &[u32], weights: &[f32]) {
        match &mut self.targets {
            Targets::Short(t) => t.extend(posts.iter().map(|post| *post as u16)),
            Targets::Long(t) => t.extend_from_slice(posts),
            Targets::All { .. } | Targets::Bits(_) | Targets::Procedural(_) => {}
        }
        if let Drawn::Each(w) = &mut self.weights {
            w.extend_from_slice(&weights[..posts.len()]);
        }
    }

    pub fn finish(self) -> Rows {
        let n_pre = self.starts.len() as u32 - 1;
        let Self { n_post, delays, starts, cuts, targets, weights, .. } = self;
        let weights = match weights {
            Drawn::One(w) => Weights::One(w),
            Drawn::Each(w) => Weights::Each(w.into()),
        };
        Rows { n_pre, n_post, delays, starts, cuts, targets, weights, shares: Shares::default() }
    }
}

/// Appends `values` to `to`, the one with delay `d` at the next of that delay's places.
fn sort<T: Copy + Default>(values: impl Iterator<Item = T>, delays: &[u32], next: &mut [usize], to: &mut Vec<T>) {
    let start = to.len();
    to.resize(start + delays.len(), T::default());
    let row = &mut to[start..];
    for (value, d) in values.zip(delays) {
        let at = &mut next[*d as usize];
        row[*at] = value;
        *at += 1;
    }
}

impl Rows {
    /// Rows of bits with one weight and one delay.
    pub fn of_bits(bits: Bits, n_pre: u32, n_post: u32, delay: u32, weight: f64) -> Self {
        let mut starts = vec![0];
        let mut next = 0;
        for pre in 0..n_pre {
            next += bits.count(pre) as usize;
            starts.push(next);
        }
        Self {
            n_pre,
            n_post,
            delays: vec![delay],
            starts,
            cuts: Indices::Short(Vec::new()),
            targets: Targets::Bits(bits),
            weights: Weights::One(weight),
            shares: Shares::default(),
        }
    }

    /// Rows that are drawn anew whenever they are needed; one weight, or each drawn too.
    pub fn procedural(rows: Procedural, n_pre: u32, n_post: u32, delays: Vec<u32>, weight: Option<f64>) -> Self {
        Self {
            n_pre,
            n_post,
            delays,
            starts: Vec::new(),
            cuts: Indices::Short(Vec::new()),
            targets: Targets::Procedural(rows),
            weights: weight.map_or(Weights::Procedural, Weights::One),
            shares: Shares::default(),
        }
    }

    /// Packs rows given one after the other, sorting each by target.
    pub fn pack(n_post: u32, rows: &mut [Vec<Connection>], one_weight: Option<f64>) -> Self {
        let mut delays: Vec<u32> = rows.iter().flatten().map(|c| c.delay).collect();
        delays.sort_unstable();
        delays.dedup();
        if delays.is_empty() {
            delays.push(1);
        }
        // Listed pairs may repeat without end, so a row may be longer than the population.
        let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut packer = Packer::lists(rows.len() as u32, n_post, delays, one_weight, rows.iter().map(Vec::len).sum());
        packer.cuts = Indices::below(longest + 1, 0);
        for row in rows.iter_mut() {
            row.sort_by_key(|c| c.post);
            let (posts, weights): (Vec<u32>, Vec<f32>) = row.iter().map(|c| (c.post, c.weight)).unzip();
            let delays: Vec<u32> = row.iter().map(|c| packer.delays.partition_point(|d| *d < c.delay) as u32).collect();
            packer.row(&posts, &weights, &delays);
        }
        packer.finish()
    }
}
