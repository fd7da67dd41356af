//! Smoothing kernels and convolution, as Elephant's `instantaneous_rate` takes them.

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

/// Multiplications of a plain convolution from which on transforms are quicker.
const PLAIN: usize = 4_000_000;
/// Where kernels end, in standard deviations.
const CUTOFF: f64 = 5.0;

/// The shape of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Gaussian,
    /// Acts after the spike only.
    Exponential,
    Boxcar,
}

/// The kernel with standard deviation `sigma` (ms), sampled every `step` (ms), in Hz; the middle sample is time zero.
///
/// Elephant's `GaussianKernel`, `ExponentialKernel` (with `center_kernel=False`) and `RectangularKernel` with its cutoff of 5 σ.
pub fn kernel(shape: Shape, sigma: f64, step: f64) -> Vec<f64> {
    let half = (CUTOFF * sigma / step).ceil() as usize;
    let at = |i: usize| -CUTOFF * sigma + 2.0 * CUTOFF * sigma * i as f64 / (2 * half) as f64;
    let density = |t: f64| match shape {
        Shape::Gaussian => libm::exp(-0.5 * (t / sigma) * (t / sigma)) / (sigma * (2.0 * std::f64::consts::PI).sqrt()),
        Shape::Exponential if t < 0.0 => 0.0,
        Shape::Exponential => libm::exp(-t / sigma) / sigma,
        Shape::Boxcar => {
            let reach = 3f64.sqrt() * sigma;
            if t.abs() < reach { 0.5 / reach } else { 0.0 }
        }
    };
    (0..=2 * half).map(|i| 1e3 * density(if i == half { 0.0 } else { at(i) })).collect()
}

/// `signal` convolved with a kernel whose middle sample is time zero; as long as the signal, which is zero outside.
pub fn convolve(signal: &[f64], kernel: &[f64]) -> Vec<f64> {
    let half = kernel.len() / 2;
    let n_events = signal.iter().filter(|x| **x != 0.0).count();
    if n_events.saturating_mul(kernel.len()) > PLAIN {
        return by_transform(signal, kernel);
    }
    let mut out = vec![0.0; signal.len()];
    for (j, x) in signal.iter().enumerate().filter(|(_, x)| **x != 0.0) {
        let first = j.saturating_sub(half);
        let last = (j + half + 1).min(signal.len());
        let from = first + half - j;
        for (y, k) in out[first..last].iter_mut().zip(&kernel[from..]) {
            *y += x * k;
        }
    }
    out
}

fn by_transform(signal: &[f64], kernel: &[f64]) -> Vec<f64> {
    let n = (signal.len() + kernel.len() - 1).next_power_of_two();
    let mut planner = FftPlanner::new();
    let (there, back): (Arc<dyn Fft<f64>>, Arc<dyn Fft<f64>>) = (planner.plan_fft_forward(n), planner.plan_fft_inverse(n));
    let padded = |xs: &[f64]| -> Vec<Complex<f64>> {
        let mut out: Vec<_> = xs.iter().map(|x| Complex::new(*x, 0.0)).collect();
        out.resize(n, Complex::default());
        out
    };
    let (mut a, mut b) = (padded(signal), padded(kernel));
    there.process(&mut a);
    there.process(&mut b);
    a.iter_mut().zip(&b).for_each(|(x, y)| *x *= y);
    back.process(&mut a);
    let half = kernel.len() / 2;
    // A rate is never negative; the transform leaves rounding errors around zero.
    a[half..half + signal.len()].iter().map(|x| (x.re / n as f64).max(0.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_have_the_area_one() {
        for shape in [Shape::Gaussian, Shape::Boxcar] {
            let area: f64 = kernel(shape, 10.0, 0.01).iter().sum::<f64>() * 0.01e-3;
            assert!((area - 1.0).abs() < 1e-3, "{shape:?} {area}");
        }
        // The exponential one keeps half of its first sample too much, and what lies beyond five σ is cut.
        let area: f64 = kernel(Shape::Exponential, 10.0, 0.01).iter().sum::<f64>() * 0.01e-3;
        assert!((area - 1.0).abs() < 1e-2, "{area}");
    }

    #[test]
    fn the_transform_gives_what_the_plain_sum_gives() {
        let signal: Vec<f64> = (0..500).map(|i| f64::from(i * i % 7)).collect();
        for shape in [Shape::Gaussian, Shape::Exponential, Shape::Boxcar] {
            let kernel = kernel(shape, 7.0, 1.0);
            for (a, b) in convolve(&signal, &kernel).iter().zip(by_transform(&signal, &kernel)) {
                assert!((a - b).abs() < 1e-9 * a.abs().max(1.0), "{a} {b}");
            }
        }
    }
}
