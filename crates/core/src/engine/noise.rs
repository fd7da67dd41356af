//! White noise for many neurons at once.
//!
//! A group of neurons shares a stream. One raw number a neuron is drawn from it, several streams together, and each is made a deviate by the
//! ziggurat method without a branch. For those that this does not settle (one in eighty) the method goes on with further numbers of the
//! stream, neuron after neuron.

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
        if missing != 0 {
            settle(&mut deviates, part.len(), raw, stream);
        }
        for (x, deviate) in part.iter_mut().zip(&deviates) {
            *x += R::of(mean + sd * deviate);
        }
    }
}

/// Goes on with the method for those of the first `n` deviates that are none yet.
fn settle(deviates: &mut [f64; GROUP], n: usize, raw: &[u64; GROUP], stream: &mut Stream) {
    const HALF: usize = GROUP / 2;
    // As bits, so that not each is looked at.
    let positive = deviates.map(|x| x * x + 1.0);
    let there = u64::from(f64::above_zero(&positive[..HALF])) | u64::from(f64::above_zero(&positive[HALF..])) << HALF;
    let mut missing = !there & (u64::MAX >> (GROUP - n));
    while missing != 0 {
        let k = missing.trailing_zeros() as usize;
        deviates[k] = rng::normal(&mut Begun { raw: Some(raw[k]), stream });
        missing &= missing - 1;
    }
}

/// A raw number drawn before, then those of its stream.
struct Begun<'a> {
    raw: Option<u64>,
    stream: &'a mut Stream,
}

impl TryRng for Begun<'_> {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next_u64() >> 32) as u32)
    }
    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.raw.take().unwrap_or_else(|| self.stream.next_u64()))
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
                    let raw: Vec<u64> = part.iter().map(|_| stream.next_u64()).collect();
                    for (x, raw) in part.iter_mut().zip(raw) {
                        *x += 0.25 + 1.5 * rng::normal(&mut Begun { raw: Some(raw), stream });
                    }
                }
            }
            assert!(a == b && together == single, "{n} neurons");
        }
    }

    #[test]
    fn noise_is_normal_and_uncorrelated() {
        const N: usize = 64 * 16;
        const STEPS: usize = 2000;
        let (layers, mut streams) = (Layers::new(), streams(N / GROUP));
        // Moments of order 1, 2, 3, 4, share beyond 3 standard deviations, product with the neighbour and with the next step.
        let mut sums = [0.0f64; 7];
        let mut former = vec![0.0f64; N];
        for _ in 0..STEPS {
            let mut x = vec![0.0f64; N];
            layers.add(&mut x, &mut streams, 0.0, 1.0);
            for i in 0..N {
                let terms =
                    [x[i], x[i] * x[i], x[i].powi(3), x[i].powi(4), f64::from(x[i].abs() > 3.0), x[i] * x[(i + 1) % N], x[i] * former[i]];
                sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
            }
            former = x;
        }
        // Expected value and standard deviation of one term.
        let expected =
            [(0.0, 1.0), (1.0, 2f64.sqrt()), (0.0, 15f64.sqrt()), (3.0, 96f64.sqrt()), (0.002_699_796, 0.0519), (0.0, 1.0), (0.0, 1.0)];
        let n = (N * STEPS) as f64;
        for (k, (sum, (mean, sd))) in sums.iter().zip(expected).enumerate() {
            assert!((sum / n - mean).abs() < 4.5 * sd / n.sqrt(), "term {k}: {} instead of {mean}", sum / n);
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
