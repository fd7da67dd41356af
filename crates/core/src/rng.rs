//! Random streams: one portable generator, one stream per (seed, purpose, entity).
//!
//! Because every entity draws from its own stream, adding a probe, a stimulus or a thread changes nobody else's numbers.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The generator behind every stream: portable, 32 bytes of state, equidistributed in 256-bit cycles.
pub type Stream = Xoshiro256PlusPlus;

/// What a stream is for. The discriminants are part of the file contract (same file and seed, same spikes): never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    Connectivity = 1,
    Weight = 2,
    Delay = 3,
    Initial = 4,
    Spread = 5,
    Stimulus = 6,
    Poisson = 7,
}

/// The stream of (`seed`, `purpose`, `entity`, `part`): the same four numbers always give the same draws.
pub fn stream(seed: u64, purpose: Purpose, entity: u64, part: u64) -> Stream {
    let mut key = mix(seed ^ 0x5350_494b_4547_524e);
    for word in [purpose as u64, entity, part] {
        key = mix(key.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_add(word));
    }
    Stream::seed_from_u64(key)
}

/// `SplitMix64`'s finaliser (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195).
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A stable number for a name, so that a stream stays with its entity when the list around it changes.
pub fn name_id(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// Uniform in [0, 1) with 53 bits.
#[inline]
#[allow(clippy::cast_precision_loss)]
pub fn uniform(stream: &mut Stream) -> f64 {
    (stream.next_u64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// Uniform whole number in 0..n (n > 0), without modulo bias worth speaking of (Lemire's multiply-shift; bias < 2⁻³² n).
#[inline]
#[allow(clippy::cast_possible_truncation)]
pub fn below(stream: &mut Stream, n: u32) -> u32 {
    ((u128::from(stream.next_u64()) * u128::from(n)) >> 64) as u32
}

/// Standard normal deviate.
#[inline]
pub fn normal(stream: &mut Stream) -> f64 {
    use rand_distr::{Distribution, StandardNormal};
    StandardNormal.sample(stream)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_reproducible_and_differ_by_every_word() {
        let first = |s: u64, p, e, q| stream(s, p, e, q).next_u64();
        let base = first(1, Purpose::Weight, 2, 3);
        assert_eq!(base, first(1, Purpose::Weight, 2, 3));
        for other in [
            first(2, Purpose::Weight, 2, 3),
            first(1, Purpose::Delay, 2, 3),
            first(1, Purpose::Weight, 3, 3),
            first(1, Purpose::Weight, 2, 4),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn uniform_has_the_right_mean_and_variance() {
        let mut s = stream(7, Purpose::Initial, 0, 0);
        let draws: Vec<f64> = (0..100_000).map(|_| uniform(&mut s)).collect();
        let mean = draws.iter().sum::<f64>() / 1e5;
        let var = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5;
        assert!((mean - 0.5).abs() < 0.005 && (var - 1.0 / 12.0).abs() < 0.002, "{mean} {var}");
    }
}
