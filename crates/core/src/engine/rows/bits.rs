//! Rows as bits: one bit for each pair, for dense projections with one weight and one delay.
//!
//! The spikes of many sources are summed for all targets at once: rows are added as binary numbers whose digits lie in separate words
//! (vertical counters), seven rows at a time through full adders. Then each target gets its count times the weight.

use crate::engine::parted::Parted;
use crate::real::Real;
use crate::simd::dispatch;
use std::ops::Range;

/// 512 targets.
type Lane = [u64; 8];
pub const WIDTH: usize = 512;
/// Digits of a counter: counts up to 255.
const DIGITS: usize = 8;
/// Sources summed at a time.
const BATCH: usize = (1 << DIGITS) - 1;
/// Rows that pass the adders together.
const GROUP: usize = 7;

/// A matrix of bits, row by row.
#[derive(Clone, Debug)]
pub struct Bits {
    lanes_per_row: usize,
    /// One row more than there are sources: the last stays empty and fills incomplete groups.
    rows: Vec<Lane>,
    /// The digits of the counts of each lane; zero between two deliveries.
    digits: Parted<[Lane; DIGITS]>,
}

impl Bits {
    pub fn new(n_pre: u32, n_post: u32) -> Self {
        let lanes_per_row = (n_post as usize).div_ceil(WIDTH);
        let rows = crate::engine::memory::zeroed((n_pre as usize + 1) * lanes_per_row, [0; 8]);
        Self { lanes_per_row, rows, digits: vec![[[0; 8]; DIGITS]; lanes_per_row].into() }
    }

    pub fn bytes(&self) -> usize {
        size_of_val(self.rows.as_slice())
    }

    #[inline]
    pub fn set(&mut self, pre: u32, post: u32) {
        let post = post as usize;
        self.rows[pre as usize * self.lanes_per_row + post / WIDTH][post % WIDTH / 64] |= 1 << (post % 64);
    }

    /// Takes over the targets of one lane: its words of each source.
    pub fn put(&mut self, lane: usize, words: &[Lane]) {
        for (row, words) in self.rows.chunks_exact_mut(self.lanes_per_row).zip(words) {
            row[lane] = *words;
        }
    }

    /// Number of synapses of a source.
    pub fn count(&self, pre: u32) -> u32 {
        self.lanes(pre).iter().flatten().map(|w| w.count_ones()).sum()
    }

    fn lanes(&self, pre: u32) -> &[Lane] {
        let first = pre as usize * self.lanes_per_row;
        &self.rows[first..first + self.lanes_per_row]
    }

    /// The targets of a source, ascending.
    pub fn row(&self, pre: u32) -> impl Iterator<Item = u32> + '_ {
        self.lanes(pre).iter().flatten().zip((0u32..).step_by(64)).flat_map(|(word, base)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = rest.trailing_zeros();
                    rest &= rest - 1;
                    base + bit
                })
            })
        })
    }

    /// For each of `targets`, which begin and end with a lane ([`WIDTH`]) or the last target: counts the spikes of up to 255 sources, adds
    /// count · `weight`, and goes on with the next sources. `column` is for these targets.
    ///
    /// # Safety
    /// Meanwhile nobody else counts for these targets.
    pub unsafe fn deliver<R: Real>(&self, fired: &[u32], weight: R, column: &mut [R], targets: &Range<usize>) {
        let lanes = targets.start / WIDTH..targets.end.div_ceil(WIDTH);
        debug_assert!(targets.start.is_multiple_of(WIDTH), "a lane is counted as a whole");
        // SAFETY: promised by the caller: these lanes are of these targets alone.
        let digits = unsafe { self.digits.part(lanes.clone()) };
        for batch in fired.chunks(BATCH) {
            dispatch(
                #[inline(always)]
                || match batch.len() {
                    0..=7 => self.sum::<R, 3>(batch, weight, column, lanes.clone(), digits),
                    8..=31 => self.sum::<R, 5>(batch, weight, column, lanes.clone(), digits),
                    _ => self.sum::<R, DIGITS>(batch, weight, column, lanes.clone(), digits),
                },
            );
        }
    }

    /// The sum over one batch of fewer than 2^D sources.
    #[inline(always)]
    fn sum<R: Real, const D: usize>(&self, batch: &[u32], weight: R, column: &mut [R], lanes: Range<usize>, digits: &mut [[Lane; DIGITS]]) {
        let (n, rows) = (self.lanes_per_row, &self.rows);
        let empty = rows.len() / n - 1;
        for group in batch.chunks(GROUP) {
            let row: [&[Lane]; GROUP] = std::array::from_fn(|k| {
                let first = group.get(k).map_or(empty, |pre| *pre as usize) * n;
                &rows[first + lanes.start..first + lanes.end]
            });
            for (l, digits) in digits.iter_mut().enumerate() {
                add::<D>(row.map(|r| &r[l]), digits);
            }
        }
        for (digits, targets) in digits.iter_mut().zip(column.chunks_mut(WIDTH)) {
            for (i, targets) in targets.chunks_mut(64).enumerate() {
                let mut counts = [0u8; 64];
                for (byte, eight) in counts.chunks_exact_mut(8).enumerate() {
                    let mut x = 0u64;
                    for (d, digit) in digits[..D].iter().enumerate() {
                        x |= SPREAD[(digit[i] >> (8 * byte)) as usize & 255] << d;
                    }
                    eight.copy_from_slice(&x.to_le_bytes());
                }
                for (x, count) in targets.iter_mut().zip(counts) {
                    *x += R::of(f64::from(count)) * weight;
                }
            }
            digits[..D].fill([0; 8]);
        }
    }
}

/// A full adder, bit by bit: sum and carry.
#[inline(always)]
fn full(a: u64, b: u64, c: u64) -> (u64, u64) {
    let half = a ^ b;
    (half ^ c, a & b | half & c)
}

/// Adds seven rows to counters of `D` digits.
#[inline(always)]
fn add<const D: usize>(row: [&Lane; GROUP], digits: &mut [Lane; DIGITS]) {
    for i in 0..8 {
        let x = row.map(|r| r[i]);
        let (one, a) = full(x[0], x[1], x[2]);
        let (one, b) = full(one, x[3], x[4]);
        let (one, c) = full(one, x[5], x[6]);
        let (two, four) = full(a, b, c);
        let (sum, carry) = full(digits[0][i], one, 0);
        digits[0][i] = sum;
        let (sum, carry) = full(digits[1][i], two, carry);
        digits[1][i] = sum;
        let (sum, mut carry) = full(digits[2][i], four, carry);
        digits[2][i] = sum;
        for digit in &mut digits[3..D] {
            (digit[i], carry) = full(digit[i], carry, 0);
        }
    }
}

/// Each bit of a byte as a byte of its own.
static SPREAD: [u64; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < 8 {
            table[byte] |= ((byte as u64 >> bit) & 1) << (8 * bit);
            bit += 1;
        }
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{self, Purpose};

    #[test]
    fn counts_are_those_of_a_plain_sum_for_any_number_of_sources() {
        let (n_pre, n_post) = (300, 1333);
        let mut s = rng::stream(3, Purpose::Connectivity, 0, 0);
        let mut bits = Bits::new(n_pre, n_post);
        for pre in 0..n_pre {
            (0..n_post).filter(|_| rng::uniform(&mut s) < 0.3).for_each(|post| bits.set(pre, post));
        }
        for k in [0u32, 1, 6, 7, 8, 14, 31, 32, 100, 255, 256, 300] {
            let fired: Vec<u32> = (0..k).map(|i| if i % 5 == 4 { i - 1 } else { i }).collect();
            let mut column = vec![0.0f64; n_post as usize];
            // Two workers, one after the other.
            let (first, second) = column.split_at_mut(WIDTH);
            // SAFETY: the reference is exclusive.
            unsafe {
                bits.deliver(&fired, 1.0, first, &(0..WIDTH));
                bits.deliver(&fired, 1.0, second, &(WIDTH..n_post as usize));
            }
            let mut plain = vec![0.0; n_post as usize];
            fired.iter().for_each(|pre| bits.row(*pre).for_each(|post| plain[post as usize] += 1.0));
            assert_eq!(column, plain, "{k} sources");
        }
    }
}
