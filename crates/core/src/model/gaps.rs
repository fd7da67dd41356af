//! Geometric gaps between the members of a random subset: the cost is that of the members, not of all candidates.

use crate::rng::{self, Stream};
use crate::simd;

/// Gaps made side by side: what is made beyond the end of a short row is for nothing.
const BATCH: usize = 16;

/// Appends each number below `n` with probability `p` (0 < p < 1), ascending, but for `own`. The gaps are ⌊ln(1 − u) / ln(1 − p)⌋.
pub fn geometric(p: f64, n: u32, own: u32, stream: &mut Stream, out: &mut Vec<u32>) {
    let scale = 1.0 / libm::log1p(-p);
    let (mut at, last, n) = (0, u64::from(n), f64::from(n));
    let mut u = [0.0; BATCH];
    loop {
        u.iter_mut().for_each(|u| *u = 1.0 - rng::uniform(stream));
        let mut gaps = [0.0; BATCH];
        simd::dispatch(
            #[inline(always)]
            || {
                for (gap, u) in gaps.iter_mut().zip(u) {
                    *gap = ln(u) * scale;
                }
            },
        );
        for (gap, u) in gaps.into_iter().zip(u) {
            // Beyond the last candidate everything is as good as anything.
            let close = gap.min(n);
            let whole = close as u32;
            let part = close - f64::from(whole);
            // Where the quick logarithm might lie on the wrong side of a whole number the good one decides.
            let doubt = 1e-11 * (1.0 + close);
            let gap = if part < doubt || part > 1.0 - doubt { (libm::log(u) * scale).min(n) as u32 } else { whole };
            at += u64::from(gap);
            if at >= last {
                return;
            }
            if at as u32 != own {
                out.push(at as u32);
            }
            at += 1;
        }
    }
}

/// ln u for normal u > 0, relative error below 1e-12: ln u = e ln 2 + 2 artanh((m − 1)/(m + 1)) with u = m·2^e and m between √½ and √2.
#[inline(always)]
fn ln(u: f64) -> f64 {
    const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    let bits = u.to_bits().wrapping_sub(ROOT_HALF);
    let e = f64::from((bits as i64 >> 52) as i32);
    let m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) + ROOT_HALF);
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let mut series = 1.0 / 17.0;
    for k in [15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        series = series * z + 1.0 / k;
    }
    e * std::f64::consts::LN_2 + 2.0 * (s + s * (z * series))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Purpose;

    #[test]
    fn the_quick_logarithm_is_good_to_twelve_digits() {
        let mut stream = rng::stream(1, Purpose::Connectivity, 0, 0);
        for _ in 0..100_000 {
            let u = 1.0 - rng::uniform(&mut stream);
            for u in [u, u * u * u, 1.0 - u * 1e-6, 0.707 + u * 1e-3] {
                let exact = libm::log(u);
                assert!((ln(u) - exact).abs() <= 1e-12 * exact.abs(), "{u}: {} instead of {exact}", ln(u));
            }
        }
    }

    /// What released files were wired with: one gap after the other, by the good logarithm alone.
    fn plainly(p: f64, n: u32, stream: &mut Stream) -> Vec<u32> {
        let (scale, mut j, mut out) = (1.0 / libm::log1p(-p), -1.0, Vec::new());
        loop {
            j += 1.0 + (libm::log(1.0 - rng::uniform(stream)) * scale).floor();
            if j >= f64::from(n) {
                return out;
            }
            out.push(j as u32);
        }
    }

    #[test]
    fn the_wiring_is_that_of_one_gap_after_the_other() {
        for (p, n) in [(1e-9, u32::MAX), (0.001, 100_000), (0.02, 4000), (0.1, 12_500), (0.5, 1000), (0.999, 1000)] {
            for part in 0..40 {
                let stream = || rng::stream(9, Purpose::Connectivity, 1, part);
                let mut fast = Vec::new();
                geometric(p, n, u32::MAX, &mut stream(), &mut fast);
                assert_eq!(fast, plainly(p, n, &mut stream()), "p {p}");
            }
        }
    }
}
