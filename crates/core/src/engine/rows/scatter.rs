//! The inner loops of delivery: adding weights to the targets of a row.
//!
//! The scattering loops do not check their indices (a check costs a third of the time); each has a checked twin that the tests compare
//! it with, and debug builds check every target.

use crate::real::Real;
use std::ops::Range;

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

/// Adds one weight to all targets. `column` begins with target `first`.
///
/// # Safety
/// All targets lie in `first..first + column.len()`.
#[inline(always)]
pub unsafe fn one<I: Index, R: Real>(targets: &[I], weight: R, column: &mut [R], first: usize) {
    let from = column.as_mut_ptr().wrapping_sub(first);
    let add = |t: &I| {
        debug_assert!((first..first + column.len()).contains(&t.at()), "a target of another");
        // SAFETY: promised by the caller.
        unsafe { *from.wrapping_add(t.at()) += weight };
    };
    // Four at a time, since to count and compare costs as much as to add.
    let (fours, last) = targets.as_chunks::<4>();
    for [a, b, c, d] in fours {
        add(a);
        add(b);
        add(c);
        add(d);
    }
    for t in last {
        add(t);
    }
}

/// Adds a weight of its own, times `factor`, to each target. `column` begins with target `first`.
///
/// # Safety
/// All targets lie in `first..first + column.len()`.
#[inline(always)]
pub unsafe fn each<I: Index, R: Real>(targets: &[I], weights: &[f32], factor: R, column: &mut [R], first: usize) {
    /// So many products are made side by side; the sums stay one after the other.
    const TOGETHER: usize = 4;
    let from = column.as_mut_ptr().wrapping_sub(first);
    let n = targets.len().min(weights.len());
    let (fours, last) = targets[..n].as_chunks::<TOGETHER>();
    let (weights, last_weights) = weights[..n].as_chunks::<TOGETHER>();
    for (targets, weights) in fours.iter().zip(weights) {
        let parts = weights.map(|w| R::of(f64::from(w)) * factor);
        for (t, x) in targets.iter().zip(parts) {
            debug_assert!((first..first + column.len()).contains(&t.at()), "a target of another");
            // SAFETY: promised by the caller.
            unsafe { *from.wrapping_add(t.at()) += x };
        }
    }
    for (t, w) in last.iter().zip(last_weights) {
        debug_assert!((first..first + column.len()).contains(&t.at()), "a target of another");
        // SAFETY: promised by the caller.
        unsafe { *from.wrapping_add(t.at()) += R::of(f64::from(*w)) * factor };
    }
}

/// Adds events (target and weight), each weight times `factor`. `column` begins with target `first`.
///
/// # Safety
/// All targets lie in `first..first + column.len()`.
#[inline(always)]
pub unsafe fn events<R: Real>(events: impl Iterator<Item = (u32, f32)>, factor: R, column: &mut [R], first: usize) {
    let from = column.as_mut_ptr().wrapping_sub(first);
    for (t, w) in events {
        debug_assert!((first..first + column.len()).contains(&t.at()), "a target of another");
        // SAFETY: promised by the caller.
        unsafe { *from.wrapping_add(t.at()) += R::of(f64::from(w)) * factor };
    }
}

/// Adds a row of weights to neighbouring targets.
#[inline(always)]
pub fn add_row<R: Real>(weights: &[f32], factor: R, column: &mut [R]) {
    for (x, w) in column.iter_mut().zip(weights) {
        *x += R::of(f64::from(*w)) * factor;
    }
}

/// Asks for some of the cache lines of a slice.
#[inline(always)]
pub fn prefetch<T>(row: &[T], lines: Range<usize>) {
    prefetch_at(row.as_ptr(), row.len(), lines);
}

/// The same for `n` elements that another may be writing.
#[inline(always)]
pub fn prefetch_at<T>(row: *const T, n: usize, lines: Range<usize>) {
    const LINE: usize = 64;
    #[cfg(target_arch = "x86_64")]
    for line in lines.start..(n * size_of::<T>()).div_ceil(LINE).min(lines.end) {
        // SAFETY: a prefetch reads nothing the program can see and never faults.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T0>(row.cast::<i8>().wrapping_add(line * LINE));
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (row, n, lines, LINE);
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
            one(&targets, 0.3, &mut a, 0);
            each(&targets, &weights, 0.7, &mut a, 0);
            events(targets.iter().map(|t| u32::from(*t)).zip(weights.iter().copied()), 0.7, &mut a, 0);
        }
        targets.iter().for_each(|t| b[usize::from(*t)] += 0.3);
        for _ in 0..2 {
            targets.iter().zip(&weights).for_each(|(t, w)| b[usize::from(*t)] += f64::from(*w) * 0.7);
        }
        assert_eq!(a, b);
    }
}
