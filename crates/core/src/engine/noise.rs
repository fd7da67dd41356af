//! White noise for many neurons at once.
//!
//! A group of neurons shares a stream. One raw number a neuron is drawn from it, several streams together, and each is made a deviate by the
//! ziggurat method without a branch. For those that this does not settle (one in eighty) the method goes on with further numbers of the
//! stream, neuron after neuron.

use super::poisson::GROUP;
use crate::real::Real;
use crate::rng::{self, LANES, Layers, Stream};
use crate::simd::dispatch;
use rand::Rng;

/// Streams from which it pays to draw side by side.
const WORTH: usize = 3;

/// Adds to each element of `column` a normal deviate of its own, times `sd`, and `mean`; [`GROUP`] elements share a stream.
pub fn add<R: Real>(column: &mut [R], streams: &mut [Stream], mean: f64, sd: f64) {
    let layers = Layers::get();
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
                    add_group(layers, part, stream, raw, mean, sd);
                }
            }
        },
    );
}

/// One group, for which a raw number an element has been drawn.
#[inline(always)]
fn add_group<R: Real>(layers: &Layers, part: &mut [R], stream: &mut Stream, raw: &[u64; GROUP], mean: f64, sd: f64) {
    // As wide as what it is about, so that it stays in the same vectors.
    let mut missing = 0u64;
    let mut deviates = [0.0; GROUP];
    for (x, raw) in deviates.iter_mut().zip(raw) {
        let (deviate, fits) = layers.propose(*raw);
        *x = if fits { deviate } else { f64::NAN };
        missing |= u64::from(!fits);
    }
    if missing != 0 {
        settle(layers, &mut deviates, part.len(), raw, stream);
    }
    for (x, deviate) in part.iter_mut().zip(&deviates) {
        *x += R::of(mean + sd * deviate);
    }
}

/// Goes on with the method for those of the first `n` deviates that are none yet.
fn settle(layers: &Layers, deviates: &mut [f64; GROUP], n: usize, raw: &[u64; GROUP], stream: &mut Stream) {
    // As bits, so that not each is looked at; times 0 only what is no number is not 0.
    let mut missing = f64::not_zero(&deviates.map(|x| x * 0.0)) & (u64::MAX >> (GROUP - n));
    while missing != 0 {
        let k = missing.trailing_zeros() as usize;
        deviates[k] = layers.deviate(raw[k], stream);
        missing &= missing - 1;
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
        for n in [1_usize, 63, 64, 65, 200, 512, 1000, 1024, 2000] {
            let (mut together, mut single) = (streams(n.div_ceil(GROUP)), streams(n.div_ceil(GROUP)));
            let (mut a, mut b) = (vec![0.5f64; n], vec![0.5f64; n]);
            for _ in 0..300 {
                add(&mut a, &mut together, 0.25, 1.5);
                for (part, stream) in b.chunks_mut(GROUP).zip(&mut single) {
                    let raw: Vec<u64> = part.iter().map(|_| stream.next_u64()).collect();
                    for (x, raw) in part.iter_mut().zip(raw) {
                        *x += 0.25 + 1.5 * Layers::get().deviate(raw, stream);
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
        let mut streams = streams(N / GROUP);
        // Moments of order 1, 2, 3, 4, share beyond 3 standard deviations, product with the neighbour and with the next step.
        let mut sums = [0.0f64; 7];
        let mut former = vec![0.0f64; N];
        for _ in 0..STEPS {
            let mut x = vec![0.0f64; N];
            add(&mut x, &mut streams, 0.0, 1.0);
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
}
