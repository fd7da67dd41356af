//! White noise for many neurons at once.
//!
//! The numbers are those of [`rng::normal`], neuron by neuron of a group, stream by stream; only the work is done side by side. Its method
//! (ziggurat) takes one raw number for nearly every deviate: so as many raw numbers as there are neurons are drawn first, from several
//! streams together, and each is made a deviate without a branch. In a group where one of them will not do (about every second), what
//! follows is settled one after the other, going on with the raw numbers that are left: as one deviate takes at least one of them, never
//! too many are drawn.

use super::poisson::GROUP;
use crate::real::Real;
use crate::rng::{self, LANES, Stream};
use crate::simd::dispatch;
use rand::{Rng, TryRng};
use std::convert::Infallible;

/// Streams from which it pays to draw side by side.
const WORTH: usize = 3;

/// The right edges of the layers under the bell curve, from the widest to the tip.
#[derive(Clone, Debug)]
pub struct Layers {
    edges: [f64; 257],
}

impl Layers {
    /// The edges that the distribution behind [`rng::normal`] uses, asked of it: a raw number that says "layer i, a 1,024th of its width"
    /// gives the width.
    pub fn new() -> Self {
        /// Gives one raw number, then the largest there is, which lets the tip's layer through.
        struct Asking(u64);
        impl TryRng for Asking {
            type Error = Infallible;
            fn try_next_u32(&mut self) -> Result<u32, Infallible> {
                Ok((self.next_u64() >> 32) as u32)
            }
            fn try_next_u64(&mut self) -> Result<u64, Infallible> {
                Ok(std::mem::replace(&mut self.0, u64::MAX))
            }
            fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
                to.fill(0xff);
                Ok(())
            }
        }
        const PART: f64 = 1.0 / 1024.0;
        let share = (3.0 + PART).to_bits() << 12;
        let edge = |layer: usize| if layer < 256 { rng::normal(&mut Asking(share | layer as u64)) / PART } else { 0.0 };
        Self { edges: std::array::from_fn(edge) }
    }

    /// The deviate that a raw number gives, and whether it does.
    #[inline(always)]
    fn propose(&self, raw: u64) -> (f64, bool) {
        let layer = (raw & 0xff) as usize;
        // 52 bits as the mantissa of a number in [2, 4).
        let x = (f64::from_bits((raw >> 12) | (1024 << 52)) - 3.0) * self.edges[layer];
        (x, x.abs() < self.edges[layer + 1])
    }

    /// Adds to each element of `column` a normal deviate of its own, times `sd`, and `mean`; [`GROUP`] elements share a stream.
    pub fn add<R: Real>(&self, column: &mut [R], streams: &mut [Stream], mean: f64, sd: f64) {
        dispatch(
            #[inline(always)]
            || {
                let mut raw = [[0; GROUP]; LANES];
                for (part, streams) in column.chunks_mut(GROUP * LANES).zip(streams.chunks_mut(LANES)) {
                    if streams.len() >= WORTH && part.len() == streams.len() * GROUP {
                        rng::draw_together(streams, &mut raw);
                    } else {
                        for (stream, (raw, part)) in streams.iter_mut().zip(raw.iter_mut().zip(part.chunks(GROUP))) {
                            raw[..part.len()].iter_mut().for_each(|x| *x = stream.next_u64());
                        }
                    }
                    for ((part, stream), raw) in part.chunks_mut(GROUP).zip(streams).zip(&raw) {
                        self.add_group(part, stream, raw, mean, sd);
                    }
                }
            },
        );
    }

    /// One group, for which a raw number an element has been drawn.
    #[inline(always)]
    fn add_group<R: Real>(&self, part: &mut [R], stream: &mut Stream, raw: &[u64; GROUP], mean: f64, sd: f64) {
        // As wide as what it is about, so that it stays in the same vectors.
        let mut missing = 0u64;
        let mut deviates = [0.0; GROUP];
        for (x, raw) in deviates.iter_mut().zip(raw) {
            let (deviate, fits) = self.propose(*raw);
            *x = if fits { deviate } else { f64::NAN };
            missing |= u64::from(!fits);
        }
        if missing != 0 || part.len() < GROUP {
            one_by_one(stream, &raw[..part.len()], &mut deviates);
        }
        for (x, deviate) in part.iter_mut().zip(&deviates) {
            *x += R::of(mean + sd * deviate);
        }
    }
}

/// As many deviates as there are raw numbers drawn, going on with the stream when those are used up; `deviates` holds what each of them gives,
/// or none.
fn one_by_one(stream: &mut Stream, raw: &[u64], deviates: &mut [f64; GROUP]) {
    let n = raw.len();
    // As bits, so that the runs between them are found without looking at each.
    let mut none = !there(deviates) & (u64::MAX >> (GROUP - n));
    let (mut settled, mut next) = (0, 0);
    // `next` is never behind `settled`, so that what is still to be read has not been written yet.
    while settled < n {
        let run = (none.trailing_zeros() as usize).min(n) - next;
        if run > 0 {
            if settled < next {
                deviates.copy_within(next..next + run, settled);
            }
            (settled, next) = (settled + run, next + run);
        } else {
            let mut rest = Rest { raw: raw[next..].iter(), stream };
            deviates[settled] = rng::normal(&mut rest);
            settled += 1;
            next = n - rest.raw.len();
            none &= u64::MAX.checked_shl(next as u32).unwrap_or(0);
        }
    }
}

/// Which of the deviates are numbers, as bits.
fn there(deviates: &[f64; GROUP]) -> u64 {
    const HALF: usize = GROUP / 2;
    let squares = deviates.map(|x| x * x + 1.0);
    u64::from(f64::above_zero(&squares[..HALF])) | u64::from(f64::above_zero(&squares[HALF..])) << HALF
}

/// Raw numbers drawn before, then those of their stream.
struct Rest<'a> {
    raw: std::slice::Iter<'a, u64>,
    stream: &'a mut Stream,
}

impl TryRng for Rest<'_> {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next_u64() >> 32) as u32)
    }
    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.raw.next().copied().unwrap_or_else(|| self.stream.next_u64()))
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for chunk in to.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Purpose;

    fn streams(n: usize) -> Vec<Stream> {
        (0..n as u64).map(|g| rng::stream(11, Purpose::Stimulus, 3, g)).collect()
    }

    #[test]
    fn noise_side_by_side_is_that_of_one_neuron_after_the_other() {
        let layers = Layers::new();
        for n in [1_usize, 63, 64, 65, 200, 512, 1000, 1024, 2000] {
            let (mut together, mut single) = (streams(n.div_ceil(GROUP)), streams(n.div_ceil(GROUP)));
            let (mut a, mut b) = (vec![0.5f64; n], vec![0.5f64; n]);
            for _ in 0..300 {
                layers.add(&mut a, &mut together, 0.25, 1.5);
                for (part, stream) in b.chunks_mut(GROUP).zip(&mut single) {
                    part.iter_mut().for_each(|x| *x += 0.25 + 1.5 * rng::normal(stream));
                }
            }
            assert!(a == b && together == single, "{n} neurons");
        }
    }

    #[test]
    fn the_layers_have_the_edges_of_the_published_method() {
        // Doornik (2005), 256 layers of equal area: the tail begins at R, and the area of each layer is V.
        const R: f64 = 3.654_152_885_361_009;
        const V: f64 = 0.004_928_673_233_974_6;
        let edges = Layers::new().edges;
        assert!(edges.windows(2).all(|w| w[0] > w[1]) && edges[256] == 0.0);
        assert!((edges[1] - R).abs() < 1e-12 && (edges[0] - V * libm::exp(0.5 * R * R)).abs() < 1e-9, "{edges:?}");
        for w in edges[1..].windows(2) {
            let area = w[0] * (libm::exp(-0.5 * w[1] * w[1]) - libm::exp(-0.5 * w[0] * w[0]));
            assert!((area / V - 1.0).abs() < 1e-6, "{area}");
        }
    }
}
