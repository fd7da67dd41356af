//! Random streams: one portable generator, one stream per (seed, purpose, entity).
//!
//! Because every entity draws from its own stream, adding a probe, a stimulus or a thread changes nobody else's numbers.

mod lanes;
mod normal;

#[cfg(target_arch = "x86_64")]
pub(crate) use lanes::Wide;
pub use lanes::{LANES, Streams, draw_together};
pub use normal::{Layers, normal};

use rand::{Rng, TryRng};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

/// The generator behind every stream: Xoshiro256++ (Blackman & Vigna 2021, doi:10.1145/3460772), 32 bytes of state, period 2²⁵⁶ − 1.
///
/// The same numbers as `rand_xoshiro`'s; our own because a checkpoint must hold its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    s: [u64; 4],
}

impl Stream {
    /// The state `SplitMix64` gives from `key`.
    fn seeded(key: u64) -> Self {
        Self { s: std::array::from_fn(|k| mix(key.wrapping_add(GOLDEN.wrapping_mul(k as u64 + 1)))) }
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        // The upper bits are the better ones.
        Ok((self.next_u64() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let s = &mut self.s;
        let out = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        Ok(out)
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for chunk in to.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// 2⁶⁴ over the golden ratio: the increment of `SplitMix64`.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

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
    /// Surrogates of spike trains, for measures: no spike of a network depends on it.
    Surrogate = 64,
}

/// The stream of (`seed`, `purpose`, `entity`, `part`): the same four numbers always give the same draws.
pub fn stream(seed: u64, purpose: Purpose, entity: u64, part: u64) -> Stream {
    Stream::seeded(key(seed, purpose, entity, part))
}

/// One number of (`seed`, `purpose`, `entity`, `part`): where a stream begins, or a hash that needs no stream.
pub fn key(seed: u64, purpose: Purpose, entity: u64, part: u64) -> u64 {
    let mut key = mix(seed ^ 0x5350_494b_4547_524e);
    for word in [purpose as u64, entity, part] {
        key = mix(key.wrapping_add(GOLDEN).wrapping_add(word));
    }
    key
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
    fn the_generator_is_xoshiro256_plus_plus() {
        use rand::SeedableRng;
        for key in [0, 1, u64::MAX, 0x5350_494b_4547_524e] {
            let (mut ours, mut theirs) = (Stream::seeded(key), rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(key));
            for _ in 0..1000 {
                assert_eq!(ours.next_u64(), theirs.next_u64());
            }
            let (mut a, mut b) = ([0; 13], [0; 13]);
            ours.fill_bytes(&mut a);
            theirs.fill_bytes(&mut b);
            assert_eq!((a, ours.next_u32()), (b, theirs.next_u32()));
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
