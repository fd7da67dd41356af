//! Rows that are not kept: the targets of a source are drawn anew, from a hash, whenever it fires.
//!
//! The targets are cut into blocks. Each block of each row is a sequence of geometric gaps between neighbouring targets, made from a counter
//! and the key of (seed, projection, source, block); since a geometric gap remembers nothing, beginning anew in each block changes no
//! probability. A worker makes only the blocks of its targets. Weights and delays are hashes of the pair. All arithmetic is of whole numbers
//! and single products, sums and quotients, so that every machine and vector level draws the same synapses.

use crate::rng::{self, Purpose};
use std::ops::Range;

/// Gaps made side by side.
const LANES: usize = 32;
/// Synapses that a block has on average, at least: what is made beyond its end is for nothing.
const PER_BLOCK: f64 = 256.0;
/// Widest block, as a power of two.
const WIDEST: u32 = 24;

/// Numbers drawn evenly between two bounds.
#[derive(Clone, Copy, Debug)]
pub struct Even {
    pub low: f64,
    pub width: f64,
}

impl Even {
    #[inline(always)]
    fn at(self, hash: u32) -> f64 {
        self.low + self.width * (f64::from(hash) * (1.0 / 4_294_967_296.0))
    }
}

/// Pairs connected with a fixed probability.
#[derive(Clone, Debug)]
pub struct Procedural {
    n_post: u32,
    /// Whether i → i is left out.
    skips_self: bool,
    /// 1 / ln(1 − p)
    scale: f32,
    /// Targets of a block, as a power of two.
    bits: u32,
    structure: u64,
    weight_key: u64,
    delay_key: u64,
    weights: Even,
    /// Steps, of which the nearest whole number counts, and the shortest and longest delay there are.
    delays: Even,
    shortest: u32,
    longest: u32,
    n_synapses: usize,
}

impl Procedural {
    /// Rows of the projection `entity` wired with `seed`: targets with probability `p`, weights and delays (in steps) between bounds, the
    /// delays being whole numbers from `among`.
    pub fn new(seed: u64, entity: u64, n_post: u32, p: f64, skips_self: bool, weights: Even, delays: Even, among: (u32, u32)) -> Self {
        let key = |purpose| rng::key(seed, purpose, entity, 1 << 49);
        let wide = libm::ceil(libm::log2(PER_BLOCK / p)) as u32;
        Self {
            n_post,
            skips_self,
            scale: (1.0 / libm::log1p(-p)) as f32,
            bits: wide.clamp(9, WIDEST),
            structure: key(Purpose::Connectivity),
            weight_key: key(Purpose::Weight),
            delay_key: key(Purpose::Delay),
            weights,
            delays,
            shortest: among.0,
            longest: among.1,
            n_synapses: 0,
        }
    }

    pub fn n_synapses(&self) -> usize {
        self.n_synapses
    }

    /// Says how many synapses there are, as [`Procedural::count`] found for all sources together.
    pub fn set_n_synapses(&mut self, n: usize) {
        self.n_synapses = n;
    }

    /// Synapses of a source.
    pub fn count(&self, pre: u32) -> usize {
        let mut n = 0;
        crate::simd::dispatch(
            #[inline(always)]
            || self.each(pre, &(0..self.n_post), |_| n += 1),
        );
        n
    }

    /// A name for the synapse of a pair: what stands for its place in a list.
    #[inline(always)]
    pub fn name(pre: u32, post: u32) -> usize {
        (u64::from(pre) << 32 | u64::from(post)) as usize
    }

    /// The weight of a synapse, by its name.
    pub fn weight(&self, name: usize) -> f64 {
        self.weight_in(self.weight_row((name as u64 >> 32) as u32), name as u32)
    }

    /// What the weights of a row are made from.
    #[inline(always)]
    pub fn weight_row(&self, pre: u32) -> u64 {
        rng::mix(self.weight_key ^ u64::from(pre))
    }

    /// The weight onto `post` in a row: kept in single precision, as everywhere.
    #[inline(always)]
    pub fn weight_in(&self, row: u64, post: u32) -> f64 {
        f64::from(self.weights.at(hash(row, post)) as f32)
    }

    /// What the delays of a row are made from.
    #[inline(always)]
    pub fn delay_row(&self, pre: u32) -> u64 {
        rng::mix(self.delay_key ^ u64::from(pre))
    }

    /// The delay onto `post` in a row, as an index of the ascending delays.
    #[inline(always)]
    pub fn delay_in(&self, row: u64, post: u32) -> u32 {
        ((self.delays.at(hash(row, post)) + 0.5) as u32).clamp(self.shortest, self.longest) - self.shortest
    }

    /// Calls `f` with the targets of `pre` that lie in `targets`, ascending.
    #[inline(always)]
    pub fn each(&self, pre: u32, targets: &Range<u32>, mut f: impl FnMut(u32)) {
        if targets.is_empty() {
            return;
        }
        let own = if self.skips_self { pre } else { u32::MAX };
        let row = rng::mix(self.structure ^ u64::from(pre));
        for block in targets.start >> self.bits..=(targets.end - 1) >> self.bits {
            let key = rng::mix(row ^ u64::from(block));
            let start = block << self.bits;
            let end = targets.end.min(start.saturating_add(1 << self.bits));
            let (mut at, mut count) = (start, 0);
            'block: loop {
                let gaps = self.gaps(key, count);
                count += LANES as u32;
                for gap in gaps {
                    at += gap;
                    if at >= end {
                        break 'block;
                    }
                    if at >= targets.start && at != own {
                        f(at);
                    }
                    at += 1;
                }
            }
        }
    }

    /// The gaps with numbers `count…` of a block: ⌊ln u / ln(1 − p)⌋, at most the block.
    #[inline(always)]
    fn gaps(&self, key: u64, count: u32) -> [u32; LANES] {
        let most = (1u32 << self.bits) as f32;
        let mut gaps = [0; LANES];
        for (i, to) in gaps.iter_mut().enumerate() {
            // The middles of 2²³ equal parts of (0, 1): exact in single precision, and never 0 or 1.
            let u = ((hash(key, count + i as u32) >> 9) as i32 as f32 + 0.5) * (1.0 / 8_388_608.0);
            let gap = ln(u) * self.scale;
            let gap = if gap < most { gap } else { most };
            // SAFETY: ln u and `scale` are negative (or −0), so `gap` is a number from 0 to 2^24; a checked conversion would undo the vectors.
            *to = unsafe { gap.to_int_unchecked::<i32>() } as u32;
        }
        gaps
    }
}

/// 32 bits from a key and a counter: two rounds of multiplying and folding, the second half of the key entering between them.
#[inline(always)]
fn hash(key: u64, count: u32) -> u32 {
    let mut x = (key as u32).wrapping_add(count.wrapping_mul(0x9e37_79b9));
    x = (x ^ x >> 16).wrapping_mul(0x21f0_aaad);
    x ^= (key >> 32) as u32;
    x = (x ^ x >> 15).wrapping_mul(0x735a_2d97);
    x ^ x >> 15
}

/// ln u for 0 < u < 1, relative error below 3e-7: ln u = e ln 2 + 2 artanh((m − 1)/(m + 1)) with u = m·2^e and m between √½ and √2.
#[inline(always)]
fn ln(u: f32) -> f32 {
    const ROOT_HALF: u32 = 0x3f35_04f3;
    let bits = u.to_bits().wrapping_sub(ROOT_HALF);
    let e = (bits as i32 >> 23) as f32;
    let m = f32::from_bits((bits & 0x007f_ffff) + ROOT_HALF);
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let series = (z * (1.0 / 7.0) + 1.0 / 5.0) * z + 1.0 / 3.0;
    e * std::f32::consts::LN_2 + (2.0 * s + 2.0 * s * (z * series))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(n_post: u32, p: f64, skips_self: bool) -> Procedural {
        let even = Even { low: 1.0, width: 0.0 };
        Procedural::new(7, 11, n_post, p, skips_self, even, even, (1, 1))
    }

    fn row(r: &Procedural, pre: u32, targets: Range<u32>) -> Vec<u32> {
        let mut out = Vec::new();
        r.each(pre, &targets, |post| out.push(post));
        out
    }

    #[test]
    fn the_logarithm_is_good_to_seven_digits() {
        for k in 0..1u32 << 16 {
            let u = ((k * 128 + k % 128) as f32 + 0.5) * (1.0 / 8_388_608.0);
            let (ours, exact) = (f64::from(ln(u)), libm::log(f64::from(u)));
            assert!((ours - exact).abs() < 3e-7 * exact.abs(), "{u}: {ours} instead of {exact}");
        }
    }

    #[test]
    fn degrees_on_both_sides_are_binomial() {
        for (n_pre, n_post, p) in [(1500u32, 2000u32, 0.1f64), (3000, 5000, 0.003), (400, 1_000_000, 1e-4), (300, 700, 0.9)] {
            let r = rows(n_post, p, false);
            let mut inputs = vec![0u32; n_post as usize];
            let outputs: Vec<f64> = (0..n_pre)
                .map(|pre| {
                    let row = row(&r, pre, 0..n_post);
                    assert!(row.windows(2).all(|w| w[0] < w[1]) && row.iter().all(|post| *post < n_post));
                    assert_eq!(row.len(), r.count(pre));
                    row.iter().for_each(|post| inputs[*post as usize] += 1);
                    row.len() as f64
                })
                .collect();
            let inputs: Vec<f64> = inputs.into_iter().map(f64::from).collect();
            for (degrees, n) in [(outputs, f64::from(n_post)), (inputs, f64::from(n_pre))] {
                let m = degrees.len() as f64;
                let mean = degrees.iter().sum::<f64>() / m;
                let variance = degrees.iter().map(|k| (k - mean) * (k - mean)).sum::<f64>() / m;
                let (expected, spread) = (n * p, n * p * (1.0 - p));
                // Five standard errors of the mean and of the variance (the kurtosis of a rare count widens the latter).
                assert!((mean - expected).abs() < 5.0 * (spread / m).sqrt(), "p {p}: mean {mean} instead of {expected}");
                let error = spread * ((2.0 + 1.0 / spread) / m).sqrt();
                assert!((variance - spread).abs() < 5.0 * error, "p {p}: variance {variance} instead of {spread}");
            }
        }
    }

    #[test]
    fn gaps_have_their_geometric_probabilities() {
        let (p, n) = (0.05, 400_000u32);
        let r = rows(n, p, false);
        let mut seen = [0.0; 100];
        let mut total = 0.0;
        for pre in 0..20 {
            for w in row(&r, pre, 0..n).windows(2) {
                seen[((w[1] - w[0] - 1) as usize).min(99)] += 1.0;
                total += 1.0;
            }
        }
        let chance = |k: usize| if k < 99 { p * libm::pow(1.0 - p, k as f64) } else { libm::pow(1.0 - p, 99.0) };
        let chi2: f64 = (0..100).map(|k| (seen[k] - total * chance(k)) * (seen[k] - total * chance(k)) / (total * chance(k))).sum();
        // 99 degrees of freedom: mean 99, standard deviation 14.
        assert!(chi2 > 50.0 && chi2 < 170.0, "{chi2}");
    }

    #[test]
    fn rows_of_neighbours_and_of_other_seeds_share_no_more_than_chance() {
        let (n, p) = (200_000u32, 0.05);
        let r = rows(n, p, false);
        let even = Even { low: 1.0, width: 0.0 };
        let other = Procedural::new(8, 11, n, p, false, even, even, (1, 1));
        let common = |a: &[u32], b: &[u32]| a.iter().filter(|x| b.binary_search(x).is_ok()).count() as f64;
        let base = row(&r, 100, 0..n);
        let shifted: Vec<u32> = base.iter().map(|x| x + 1).collect();
        for b in [row(&r, 101, 0..n), row(&r, 99, 0..n), row(&r, 228, 0..n), row(&other, 100, 0..n), shifted] {
            // np² = 500 with a standard deviation of 22.
            let found = common(&base, &b);
            assert!((found - 500.0).abs() < 110.0, "{found}");
        }
    }

    #[test]
    fn a_stretch_of_targets_is_that_part_of_the_row_at_every_level() {
        let r = rows(20_000, 0.02, true);
        for pre in [0u32, 1, 512, 9999, 19_999] {
            let whole = row(&r, pre, 0..20_000);
            assert!(!whole.contains(&pre));
            for level in crate::simd::Level::ALL {
                crate::simd::limit(level);
                for range in [0..512, 512..1000, 1024..20_000, 7..8, 19_999..20_000, 5..5] {
                    let part: Vec<u32> = whole.iter().copied().filter(|x| range.contains(x)).collect();
                    let mut seen = Vec::new();
                    crate::simd::dispatch(
                        #[inline(always)]
                        || r.each(pre, &range, |post| seen.push(post)),
                    );
                    assert_eq!(seen, part, "{pre} {range:?}");
                }
            }
        }
    }

    #[test]
    fn certain_connections_are_all_there_and_weights_and_delays_fill_their_bounds_evenly() {
        let (weights, delays) = (Even { low: -1.0, width: 3.0 }, Even { low: 2.0, width: 6.0 });
        let r = Procedural::new(3, 4, 50_000, 1.0, true, weights, delays, (2, 8));
        let targets = row(&r, 17, 0..50_000);
        assert_eq!(targets.len(), 49_999);
        let (weight_row, delay_row) = (r.weight_row(17), r.delay_row(17));
        let drawn: Vec<f64> = targets.iter().map(|post| r.weight_in(weight_row, *post)).collect();
        assert!(drawn.iter().all(|w| (-1.0..=2.0).contains(w)));
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let variance = drawn.iter().map(|w| (w - mean) * (w - mean)).sum::<f64>() / drawn.len() as f64;
        assert!((mean - 0.5).abs() < 0.02 && (variance - 0.75).abs() < 0.02, "{mean} {variance}");
        assert_eq!(r.weight(Procedural::name(17, 40_000)), r.weight_in(weight_row, 40_000));
        let mut counts = [0.0; 7];
        targets.iter().for_each(|post| counts[r.delay_in(delay_row, *post) as usize] += 1.0 / 49_999.0);
        // The two ends get half a step each.
        for (k, share) in counts.into_iter().enumerate() {
            let expected = if k == 0 || k == 6 { 1.0 / 12.0 } else { 1.0 / 6.0 };
            assert!(f64::abs(share - expected) < 0.01, "{k}: {share}");
        }
    }
}
