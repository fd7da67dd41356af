//! The inner loops of delivery: adding weights to the targets of a row.
//!
//! The scattering loops do not check their indices (a check costs a third of the time); each has a checked twin that the tests compare
//! it with, and in debug builds the standard library checks every access.

use crate::real::Real;

/// A target index of either width.
pub trait Index: Copy {
    fn at(self) -> usize;
}
impl Index for u16 {
    #[inline(always)]
    fn at(self) -> usize {
        usize::from(self)
    }
}
impl Index for u32 {
    #[inline(always)]
    fn at(self) -> usize {
        self as usize
    }
}

/// Adds one weight to all targets.
///
/// # Safety
/// All targets are below `column.len()`.
#[inline(always)]
pub unsafe fn one<I: Index, R: Real>(targets: &[I], weight: R, column: &mut [R]) {
    for t in targets {
        // SAFETY: promised by the caller.
        unsafe { *column.get_unchecked_mut(t.at()) += weight };
    }
}

/// Adds a weight of its own, times `factor`, to each target.
///
/// # Safety
/// All targets are below `column.len()`.
#[inline(always)]
pub unsafe fn each<I: Index, R: Real>(targets: &[I], weights: &[f32], factor: R, column: &mut [R]) {
    for (t, w) in targets.iter().zip(weights) {
        // SAFETY: promised by the caller.
        unsafe { *column.get_unchecked_mut(t.at()) += R::of(f64::from(*w)) * factor };
    }
}

/// Adds a row of weights to neighbouring targets.
#[inline(always)]
pub fn add_row<R: Real>(weights: &[f32], factor: R, column: &mut [R]) {
    for (x, w) in column.iter_mut().zip(weights) {
        *x += R::of(f64::from(*w)) * factor;
    }
}

/// Asks for the first cache lines of a slice, at most `lines`.
#[inline(always)]
pub fn prefetch<T>(row: &[T], lines: usize) {
    const LINE: usize = 64;
    #[cfg(target_arch = "x86_64")]
    for line in 0..size_of_val(row).div_ceil(LINE).min(lines) {
        // SAFETY: a prefetch reads nothing the program can see and never faults; the address lies within `row`.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T0>(row.as_ptr().cast::<i8>().add(line * LINE));
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (row, lines, LINE);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{self, Purpose};

    #[test]
    fn unchecked_scattering_equals_its_checked_twin() {
        let mut s = rng::stream(1, Purpose::Connectivity, 0, 0);
        let targets: Vec<u16> = (0..5000).map(|_| rng::below(&mut s, 700) as u16).collect();
        let weights: Vec<f32> = targets.iter().map(|_| rng::uniform(&mut s) as f32).collect();
        let (mut a, mut b) = (vec![0.0f64; 700], vec![0.0f64; 700]);
        // SAFETY: all targets were drawn below 700.
        unsafe {
            one(&targets, 0.3, &mut a);
            each(&targets, &weights, 0.7, &mut a);
        }
        targets.iter().for_each(|t| b[usize::from(*t)] += 0.3);
        targets.iter().zip(&weights).for_each(|(t, w)| b[usize::from(*t)] += f64::from(*w) * 0.7);
        assert_eq!(a, b);
    }
}
