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
        let rows_of = |group: &[u32]| {
            let mut row: [&[Lane]; GROUP] = [&[]; GROUP];
            for (k, row) in row.iter_mut().enumerate() {
                let first = group.get(k).map_or(empty, |pre| *pre as usize) * n;
                *row = &rows[first + lanes.start..first + lanes.end];
            }
            row
        };
        let mut groups = batch.chunks(GROUP);
        let mut next = groups.next().map(rows_of);
        while let Some([a, b, c, d, e, f, g]) = next {
            next = groups.next().map(rows_of);
            let n = digits.len();
            let (a, b, c, d, e, f, g) = (&a[..n], &b[..n], &c[..n], &d[..n], &e[..n], &f[..n], &g[..n]);
            for (l, digits) in digits.iter_mut().enumerate() {
                if let Some(rows) = &next {
                    rows.iter().for_each(|row| super::scatter::prefetch_at(row.as_ptr().wrapping_add(l), 1, 0..1));
                }
                add::<D>([&a[l], &b[l], &c[l], &d[l], &e[l], &f[l], &g[l]], digits);
            }
        }
        for (digits, targets) in digits.iter_mut().zip(column.chunks_mut(WIDTH)) {
            let mut counts = [0u8; WIDTH];
            counts_of::<D>(digits, &mut counts);
            for (x, count) in targets.iter_mut().zip(&counts) {
                *x += R::of_small(*count) * weight;
            }
            digits[..D].fill([0; 8]);
        }
    }
}

/// The counts of all targets of a lane from their digits.
#[inline(always)]
fn counts_of<const D: usize>(digits: &[Lane; DIGITS], counts: &mut [u8; WIDTH]) {
    let mut bytes = [[0u8; WIDTH / 8]; D];
    for (bytes, digit) in bytes.iter_mut().zip(digits) {
        for (eight, word) in bytes.chunks_exact_mut(8).zip(digit) {
            eight.copy_from_slice(&word.to_le_bytes());
        }
    }
    let mut turned = [0u64; WIDTH / 8];
    for (k, turned) in turned.iter_mut().enumerate() {
        // A byte of each digit: a square of bits, one column a target.
        *turned = transposed(bytes.iter().enumerate().fold(0, |x, (d, digit)| x | u64::from(digit[k]) << (8 * d)));
    }
    for (eight, word) in counts.chunks_exact_mut(8).zip(turned) {
        eight.copy_from_slice(&word.to_le_bytes());
    }
}

/// A square of 8 × 8 bits, a byte a row, with rows and columns exchanged: first within squares of 2 × 2, then of these, then of those.
#[inline(always)]
fn transposed(mut x: u64) -> u64 {
    for (shift, mask) in [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0x0000_0000_f0f0_f0f0)] {
        let differs = (x ^ (x >> shift)) & mask;
        x ^= differs ^ (differs << shift);
    }
    x
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
        let x = [row[0][i], row[1][i], row[2][i], row[3][i], row[4][i], row[5][i], row[6][i]];
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{self, Purpose};

    #[test]
    fn a_transposed_square_has_rows_for_columns() {
        let mut s = rng::stream(5, Purpose::Connectivity, 0, 0);
        for _ in 0..100 {
            let x = (rng::uniform(&mut s) * 1.8e19) as u64;
            let turned = transposed(x);
            for (row, column) in (0..8).flat_map(|r| (0..8).map(move |c| (r, c))) {
                assert_eq!(turned >> (8 * column + row) & 1, x >> (8 * row + column) & 1);
            }
        }
    }

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
