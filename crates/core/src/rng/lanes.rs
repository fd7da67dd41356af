//! Several streams side by side: one instruction serves several of them.
//!
//! The compiler does not keep to vectors here (it prefers thirty-two numbers in registers that there are not), so that they are spelt out
//! where the machine has them.

use super::{Purpose, Stream, stream};
use serde::{Deserialize, Serialize};
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

/// Streams that are advanced together.
pub const LANES: usize = 8;

/// [`LANES`] streams.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streams {
    /// `[word][lane]`
    s: [[u64; LANES]; 4],
}

impl Streams {
    /// The streams of (`seed`, `purpose`, `entity`, `part`); none of them is one that [`stream`] gives for a small part.
    pub fn new(seed: u64, purpose: Purpose, entity: u64, part: u64) -> Self {
        Self::of(&std::array::from_fn::<_, LANES, _>(|lane| stream(seed, purpose, entity, (1 << 48) | part << 8 | lane as u64)))
    }

    /// Up to [`LANES`] streams; the other lanes give nothing but zeros.
    fn of(streams: &[Stream]) -> Self {
        let mut s = [[0; LANES]; 4];
        for (lane, stream) in streams.iter().enumerate() {
            s.iter_mut().zip(stream.s).for_each(|(word, own)| word[lane] = own);
        }
        Self { s }
    }

    /// The next number of each stream: the same as [`Stream`] would give.
    #[inline(always)]
    pub fn draw(&mut self) -> [u64; LANES] {
        let [a, b, c, d] = &mut self.s;
        let mut out = [0; LANES];
        for i in 0..LANES {
            out[i] = a[i].wrapping_add(d[i]).rotate_left(23).wrapping_add(a[i]);
            let t = b[i] << 17;
            c[i] ^= a[i];
            d[i] ^= b[i];
            b[i] ^= c[i];
            a[i] ^= d[i];
            c[i] ^= t;
            d[i] = d[i].rotate_left(45);
        }
        out
    }
}

/// As many numbers of each of up to [`LANES`] streams as a row of `out` holds (a multiple of four): what each would give alone.
pub fn draw_together<const N: usize>(streams: &mut [Stream], out: &mut [[u64; N]; LANES]) {
    const { assert!(N.is_multiple_of(4)) };
    let mut together = Streams::of(streams);
    #[cfg(target_arch = "x86_64")]
    if crate::simd::level() >= crate::simd::Level::Avx2 {
        // SAFETY: the level in force is never above what the machine has.
        unsafe { draw_wide(&mut together, out) };
        return give_back(together, streams);
    }
    for k in 0..N {
        for (row, number) in out.iter_mut().zip(together.draw()) {
            row[k] = number;
        }
    }
    give_back(together, streams);
}

fn give_back(together: Streams, streams: &mut [Stream]) {
    for (lane, stream) in streams.iter_mut().enumerate() {
        stream.s.iter_mut().zip(&together.s).for_each(|(own, word)| *own = word[lane]);
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn draw_wide<const N: usize>(streams: &mut Streams, out: &mut [[u64; N]; LANES]) {
    let mut wide = Wide::load(streams);
    for k in (0..N).step_by(4) {
        let [a, b, c, d] = [wide.draw(), wide.draw(), wide.draw(), wide.draw()];
        for half in 0..2 {
            let rows = transposed(a[half], b[half], c[half], d[half]);
            for (row, numbers) in out[4 * half..4 * half + 4].iter_mut().zip(rows) {
                let four = &mut row[k..k + 4];
                // SAFETY: they are four 64-bit numbers.
                unsafe { _mm256_storeu_si256(four.as_mut_ptr().cast(), numbers) };
            }
        }
    }
    wide.store(streams);
}

/// [`Streams`] in vector registers: each word in two halves of four lanes.
#[cfg(target_arch = "x86_64")]
pub(crate) struct Wide {
    s: [[__m256i; 2]; 4],
}

#[cfg(target_arch = "x86_64")]
impl Wide {
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn load(streams: &Streams) -> Self {
        let [a, b, c, d] = &streams.s;
        // SAFETY: each word is eight 64-bit numbers, of which a half is four.
        let halves =
            |word: &[u64; LANES]| unsafe { [_mm256_loadu_si256(word.as_ptr().cast()), _mm256_loadu_si256(word[4..].as_ptr().cast())] };
        Self { s: [halves(a), halves(b), halves(c), halves(d)] }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn store(&self, streams: &mut Streams) {
        for (word, [low, high]) in streams.s.iter_mut().zip(&self.s) {
            // SAFETY: each word is eight 64-bit numbers, of which a half is four.
            unsafe {
                _mm256_storeu_si256(word.as_mut_ptr().cast(), *low);
                _mm256_storeu_si256(word[4..].as_mut_ptr().cast(), *high);
            }
        }
    }

    /// The next number of each stream.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn draw(&mut self) -> [__m256i; 2] {
        [self.draw_half(0), self.draw_half(1)]
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn draw_half(&mut self, h: usize) -> __m256i {
        let [a, b, c, d] = [self.s[0][h], self.s[1][h], self.s[2][h], self.s[3][h]];
        let sum = _mm256_add_epi64(a, d);
        let out = _mm256_add_epi64(_mm256_or_si256(_mm256_slli_epi64::<23>(sum), _mm256_srli_epi64::<41>(sum)), a);
        let t = _mm256_slli_epi64::<17>(b);
        let (c, d) = (_mm256_xor_si256(c, a), _mm256_xor_si256(d, b));
        self.s[1][h] = _mm256_xor_si256(b, c);
        self.s[0][h] = _mm256_xor_si256(a, d);
        self.s[2][h] = _mm256_xor_si256(c, t);
        self.s[3][h] = _mm256_or_si256(_mm256_slli_epi64::<45>(d), _mm256_srli_epi64::<19>(d));
        out
    }
}

/// Four by four 64-bit numbers with rows and columns exchanged.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn transposed(a: __m256i, b: __m256i, c: __m256i, d: __m256i) -> [__m256i; 4] {
    let (ab_even, ab_odd) = (_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
    let (cd_even, cd_odd) = (_mm256_unpacklo_epi64(c, d), _mm256_unpackhi_epi64(c, d));
    [
        _mm256_permute2x128_si256::<0x20>(ab_even, cd_even),
        _mm256_permute2x128_si256::<0x20>(ab_odd, cd_odd),
        _mm256_permute2x128_si256::<0x31>(ab_even, cd_even),
        _mm256_permute2x128_si256::<0x31>(ab_odd, cd_odd),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{self, Level};
    use rand::Rng;

    #[test]
    fn streams_side_by_side_are_the_single_ones() {
        let mut together = Streams::new(3, Purpose::Poisson, 5, 7);
        let mut single: Vec<Stream> = (0..LANES).map(|l| stream(3, Purpose::Poisson, 5, (1 << 48) | (7 << 8) | l as u64)).collect();
        for _ in 0..100 {
            assert_eq!(together.draw().to_vec(), single.iter_mut().map(|s| s.next_u64()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn drawing_together_gives_what_each_stream_gives_alone_at_any_level() {
        for level in Level::ALL {
            simd::limit(level);
            for n in 1..=LANES {
                let mut streams: Vec<Stream> = (0..n as u64).map(|l| stream(3, Purpose::Stimulus, 5, l)).collect();
                let mut single = streams.clone();
                let mut out = [[0; 12]; LANES];
                for _ in 0..3 {
                    draw_together(&mut streams, &mut out);
                    for (row, stream) in out.iter().zip(&mut single) {
                        assert!(row.iter().all(|x| *x == stream.next_u64()), "{level:?}, {n} streams");
                    }
                }
                assert_eq!(streams, single);
            }
        }
        simd::limit(Level::Avx512);
    }
}
