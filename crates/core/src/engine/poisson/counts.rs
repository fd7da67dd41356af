//! The counts of the neurons of a group in one step: how many steps of the distribution function each draw has passed.
//!
//! Only where some draw has passed all of the usual steps are the others looked at. The vectors are spelt out where the machine has them: left
//! alone the compiler runs them along the steps instead of the neurons.

use super::GROUP;
use crate::rng::{LANES, Streams};

/// An unsigned number as a signed one of the same order.
#[inline(always)]
#[allow(clippy::cast_possible_wrap)]
pub fn flipped(x: u32) -> i32 {
    (x ^ 0x8000_0000) as i32
}

/// The counts for the next draws of a group: `steps` are ascending, [`flipped`], and the first `usual` of them those that are passed often.
#[inline]
pub fn counts(lanes: &mut Streams, steps: &[i32], usual: usize) -> [i32; GROUP] {
    #[cfg(target_arch = "x86_64")]
    if crate::simd::level() >= crate::simd::Level::Avx2 {
        // SAFETY: the level in force is never above what the machine has.
        return unsafe { counts_avx2(lanes, steps, usual) };
    }
    counts_plainly(lanes, steps)
}

fn counts_plainly(lanes: &mut Streams, steps: &[i32]) -> [i32; GROUP] {
    let mut draws = [0; GROUP];
    for chunk in draws.chunks_exact_mut(2 * LANES) {
        let words = lanes.draw();
        let (low, high) = chunk.split_at_mut(LANES);
        for ((word, a), b) in words.iter().zip(low).zip(high) {
            (*a, *b) = (flipped(*word as u32), flipped((*word >> 32) as u32));
        }
    }
    let mut counts = [0; GROUP];
    for step in steps {
        for (count, draw) in counts.iter_mut().zip(&draws) {
            *count += i32::from(draw >= step);
        }
    }
    counts
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn counts_avx2(lanes: &mut Streams, steps: &[i32], usual: usize) -> [i32; GROUP] {
    use crate::rng::Wide;
    use std::arch::x86_64::*;
    /// Neurons in a vector, and vectors in a group.
    const WIDTH: usize = 8;
    const VECTORS: usize = GROUP / WIDTH;
    let mut draws = [_mm256_setzero_si256(); VECTORS];
    let mut wide = Wide::load(lanes);
    let flip = _mm256_set1_epi32(i32::MIN);
    for pair in draws.chunks_exact_mut(2) {
        let [a, b] = wide.draw().map(|x| _mm256_castsi256_ps(_mm256_xor_si256(x, flip)));
        // The lower halves of all lanes, then the upper ones; the shuffle works within 128 bits, so that quarters are put right after it.
        pair[0] = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_castps_si256(_mm256_shuffle_ps::<0b10_00_10_00>(a, b)));
        pair[1] = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_castps_si256(_mm256_shuffle_ps::<0b11_01_11_01>(a, b)));
    }
    wide.store(lanes);
    let (first, others) = steps.split_at(usual.min(steps.len()));
    let mut counts = [_mm256_setzero_si256(); VECTORS];
    // Half of the vectors at a time stay in registers while all steps pass.
    for (counts, draws) in counts.chunks_exact_mut(VECTORS / 2).zip(draws.chunks_exact(VECTORS / 2)) {
        let all = _mm256_set1_epi32(first.len() as i32);
        let [mut a, mut b, mut c, mut d] = [all; VECTORS / 2];
        for step in first {
            // A comparison that holds is −1.
            let step = _mm256_set1_epi32(*step);
            a = _mm256_add_epi32(a, _mm256_cmpgt_epi32(step, draws[0]));
            b = _mm256_add_epi32(b, _mm256_cmpgt_epi32(step, draws[1]));
            c = _mm256_add_epi32(c, _mm256_cmpgt_epi32(step, draws[2]));
            d = _mm256_add_epi32(d, _mm256_cmpgt_epi32(step, draws[3]));
        }
        counts.copy_from_slice(&[a, b, c, d]);
    }
    if let Some(least) = others.first() {
        let most = draws.iter().fold(draws[0], |a, b| _mm256_max_epi32(a, *b));
        if _mm256_movemask_epi8(_mm256_cmpgt_epi32(_mm256_set1_epi32(*least), most)) != -1 {
            for step in others {
                let step = _mm256_set1_epi32(*step);
                for (count, draw) in counts.iter_mut().zip(&draws) {
                    *count = _mm256_add_epi32(*count, _mm256_add_epi32(_mm256_set1_epi32(1), _mm256_cmpgt_epi32(step, *draw)));
                }
            }
        }
    }
    // SAFETY: as many numbers of the same size.
    unsafe { std::mem::transmute::<[__m256i; VECTORS], [i32; GROUP]>(counts) }
}

#[cfg(test)]
mod tests {
    use super::super::Poisson;
    use super::*;
    use crate::rng::Purpose;

    #[test]
    fn counts_side_by_side_are_those_of_the_guide_table() {
        for lambda in [0.05, 0.3, 1.0, 2.0, 7.5] {
            let sampler = Poisson::new(5, Purpose::Poisson, 1, GROUP, lambda);
            let [mut lanes, mut same, mut plain] = [(); 3].map(|()| sampler.groups[0].lanes.clone());
            assert!(sampler.usual < sampler.steps.len(), "some steps are rare");
            for _ in 0..20_000 {
                let counts = counts(&mut lanes, &sampler.steps, sampler.usual);
                assert_eq!(counts, counts_plainly(&mut plain, &sampler.steps), "λ {lambda}");
                for eights in counts.chunks(2 * LANES) {
                    for (word, (low, high)) in same.draw().iter().zip(eights.iter().zip(&eights[LANES..])) {
                        for (half, count) in [(*word as u32, low), ((*word >> 32) as u32, high)] {
                            assert_eq!(Poisson::count(&sampler.cumulative, &sampler.guide, half), *count as u32, "λ {lambda}");
                        }
                    }
                }
            }
        }
    }
}
