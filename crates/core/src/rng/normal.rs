//! Normal deviates by the ziggurat method (Marsaglia & Tsang 2000, doi:10.18637/jss.v005.i08; with 256 layers as Doornik 2005).
//!
//! Our own, because the last bits of the platform's logarithm and exponential differ between machines, even with the vector instructions of
//! one, and noise is part of what (network, seed, commands) determine.

use super::{Stream, uniform};
use crate::real::exp64;
use rand::Rng;
use std::sync::LazyLock;

/// Layers of equal area under the right half of the bell curve e^(−x²/2), from the widest, which has the tail, to the tip.
#[derive(Debug)]
pub struct Layers {
    /// Right edge of each; the widest as if the tail were a part of its rectangle.
    edges: [f64; 257],
    /// The curve there.
    heights: [f64; 257],
}

/// Where the tail begins, and the area of a layer.
const TAIL: f64 = 3.654_152_885_361_009;
const AREA: f64 = 0.004_928_673_233_974_6;

static LAYERS: LazyLock<Layers> = LazyLock::new(Layers::new);

fn bell(x: f64) -> f64 {
    libm::exp(-0.5 * x * x)
}

impl Layers {
    pub fn get() -> &'static Self {
        &LAYERS
    }

    fn new() -> Self {
        let mut edges = [0.0; 257];
        (edges[0], edges[1]) = (AREA / bell(TAIL), TAIL);
        for i in 2..256 {
            edges[i] = libm::sqrt(-2.0 * libm::log(AREA / edges[i - 1] + bell(edges[i - 1])));
        }
        Self { edges, heights: edges.map(bell) }
    }

    /// The deviate that a raw number gives, and whether it does (79 of 80 do).
    #[inline(always)]
    pub fn propose(&self, raw: u64) -> (f64, bool) {
        let layer = (raw & 0xff) as usize;
        // 52 bits as the mantissa of a number in [2, 4).
        let x = (f64::from_bits((raw >> 12) | (1024 << 52)) - 3.0) * self.edges[layer];
        (x, x.abs() < self.edges[layer + 1])
    }

    /// A deviate from the raw number `raw` and, where it does not settle the matter, those of `stream`.
    #[inline]
    pub fn deviate(&self, mut raw: u64, stream: &mut Stream) -> f64 {
        loop {
            let (x, settled) = self.propose(raw);
            if settled {
                return x;
            }
            let layer = (raw & 0xff) as usize;
            if layer == 0 {
                return tail(stream).copysign(x);
            }
            // Between the rectangle and the curve.
            let (low, high) = (self.heights[layer], self.heights[layer + 1]);
            if high + (low - high) * uniform(stream) < exp64(-0.5 * x * x) {
                return x;
            }
            raw = stream.next_u64();
        }
    }
}

/// A deviate beyond [`TAIL`] (Marsaglia 1964).
#[cold]
fn tail(stream: &mut Stream) -> f64 {
    loop {
        // Of numbers in (0, 1].
        let (x, y) = (-libm::log(1.0 - uniform(stream)) / TAIL, -libm::log(1.0 - uniform(stream)));
        if y + y > x * x {
            return TAIL + x;
        }
    }
}

/// Standard normal deviate.
#[inline]
pub fn normal(stream: &mut Stream) -> f64 {
    let raw = stream.next_u64();
    Layers::get().deviate(raw, stream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{self, Purpose};

    #[test]
    fn layers_have_equal_areas() {
        let edges = Layers::get().edges;
        assert!(edges.windows(2).all(|w| w[0] > w[1]) && edges[256] == 0.0);
        for w in edges[1..].windows(2) {
            let area = w[0] * (bell(w[1]) - bell(w[0]));
            assert!((area / AREA - 1.0).abs() < 1e-9, "{area}");
        }
        // The widest: a rectangle and the tail, whose area is √(π/2) erfc(TAIL/√2).
        let tail = libm::sqrt(std::f64::consts::FRAC_PI_2) * libm::erfc(TAIL / std::f64::consts::SQRT_2);
        assert!(((TAIL * bell(TAIL) + tail) / AREA - 1.0).abs() < 1e-9);
    }

    #[test]
    fn deviates_are_those_of_another_implementation() {
        use rand_distr::{Distribution, StandardNormal};
        // From the same raw numbers, but for the last digits of published edges; the tail aside, which may take them in another way.
        let (mut ours, mut theirs) = (rng::stream(5, Purpose::Stimulus, 0, 0), rng::stream(5, Purpose::Stimulus, 0, 0));
        let mut equal = 0;
        for _ in 0..3000 {
            let (x, y): (f64, f64) = (normal(&mut ours), StandardNormal.sample(&mut theirs));
            if x.abs() < TAIL && y.abs() < TAIL {
                assert!((x - y).abs() < 1e-10, "{x} {y}");
                equal += 1;
            }
            ours = theirs.clone();
        }
        assert!(equal > 2900);
    }

    #[test]
    fn shares_are_those_of_the_normal_distribution() {
        const N: usize = 4_000_000;
        let mut stream = rng::stream(9, Purpose::Stimulus, 0, 0);
        let limits = [-4.5, -4.0, TAIL - 7.0, -3.0, -2.0, -1.0, -0.3, 0.0, 0.1, 0.7, 1.5, 2.5, 3.3, TAIL, 3.9, 4.4];
        let mut below = [0usize; 16];
        for _ in 0..N {
            let x = normal(&mut stream);
            below.iter_mut().zip(limits).for_each(|(n, limit)| *n += usize::from(x < limit));
        }
        for (n, limit) in below.iter().zip(limits) {
            let p = 0.5 * libm::erfc(-limit / std::f64::consts::SQRT_2);
            let sd = (p * (1.0 - p) * N as f64).sqrt();
            assert!((*n as f64 - p * N as f64).abs() < 4.5 * sd, "below {limit}: {n} instead of {}", p * N as f64);
        }
    }
}
