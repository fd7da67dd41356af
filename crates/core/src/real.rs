//! Numbers the kernels are written for: [`Real`] is `f64` (default) or `f32`, with an `exp` of our own.
//!
//! The platform's `exp` differs between machines and does not vectorise. Ours is branch-free arithmetic, so that every machine and
//! every SIMD width gives the same bits: range reduction by ln 2 in two parts, a Taylor polynomial on |r| ≤ ln 2 / 2, scaling by
//! exponent bits. Relative error ≤ 2e-15 (`f64`), ≤ 2e-7 (`f32`). Arguments beyond the range saturate; NaN stays NaN.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// A floating-point type the engine can keep its state in.
pub trait Real:
    Copy
    + serde::Serialize
    + serde::de::DeserializeOwned
    + Debug
    + Default
    + Send
    + Sync
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + 'static
{
    const ZERO: Self;
    const ONE: Self;
    /// A column of this type as the engine's typed view.
    fn column(column: &mut [Self]) -> Column<'_>;
    fn of(value: f64) -> Self;
    /// A small whole number, exactly.
    fn of_small(value: u8) -> Self;
    fn f64(self) -> f64;
    fn exp(self) -> Self;
    /// (eˣ − 1)/x, 1 at 0: what an exponential step multiplies a slope by.
    fn exprel(self) -> Self;
    fn sqrt(self) -> Self;
    fn abs(self) -> Self;
    fn is_finite(self) -> bool;
    /// Whether any of the values is not +0: an integer OR, which the compiler turns into vector code.
    fn any_set(values: &[Self]) -> bool;
    /// Which of at most 64 values are not 0, those that are no number included: bit k for the k-th.
    #[inline(always)]
    fn not_zero(values: &[Self]) -> u64 {
        values.iter().zip(0u32..).fold(0, |bits, (x, k)| bits | u64::from(*x != Self::ZERO) << k)
    }
    /// What is not 0 if the condition holds: all bits, which is how a comparison of vectors says it.
    fn mark(condition: bool) -> Self;
    /// `yes` if the condition holds, else `no`, without a branch: with `if` the compiler moves what only one side needs behind a mask,
    /// loads included, and a masked load costs more than all it saves.
    fn pick(condition: bool, yes: Self, no: Self) -> Self;
    /// `x` if the condition holds, else 0, without a branch.
    #[inline(always)]
    fn only(condition: bool, x: Self) -> Self {
        Self::pick(condition, x, Self::ZERO)
    }
    /// The smaller of two, and the first when either is NaN.
    #[inline(always)]
    fn min_of(self, other: Self) -> Self {
        if other < self { other } else { self }
    }
    #[inline(always)]
    fn max_of(self, other: Self) -> Self {
        if other > self { other } else { self }
    }
}

/// A mutable column in either precision, for code that is not generic.
pub enum Column<'a> {
    Double(&'a mut [f64]),
    Single(&'a mut [f32]),
}

impl Column<'_> {
    /// Adds `value` to every element.
    pub fn add_everywhere(&mut self, value: f64) {
        match self {
            Self::Double(column) => column.iter_mut().for_each(|x| *x += value),
            Self::Single(column) => column.iter_mut().for_each(|x| *x += f32::of(value)),
        }
    }

    /// Adds `value` to element `i`.
    #[inline(always)]
    pub fn add(&mut self, i: usize, value: f64) {
        match self {
            Self::Double(column) => column[i] += value,
            Self::Single(column) => column[i] += f32::of(value),
        }
    }
}

impl Real for f64 {
    #[inline(always)]
    fn pick(condition: bool, yes: Self, no: Self) -> Self {
        let mask = u64::from(condition).wrapping_neg();
        Self::from_bits((yes.to_bits() & mask) | (no.to_bits() & !mask))
    }
    #[inline(always)]
    fn mark(condition: bool) -> Self {
        Self::from_bits(u64::from(condition).wrapping_neg())
    }
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    fn column(column: &mut [Self]) -> Column<'_> {
        Column::Double(column)
    }
    #[inline(always)]
    fn of(value: f64) -> Self {
        value
    }
    #[inline(always)]
    fn of_small(value: u8) -> Self {
        Self::from(value)
    }
    #[inline(always)]
    fn f64(self) -> f64 {
        self
    }
    #[inline(always)]
    fn exp(self) -> Self {
        exp64(self)
    }
    #[inline(always)]
    fn exprel(self) -> Self {
        exprel(self)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        f64::abs(self)
    }
    #[inline(always)]
    fn is_finite(self) -> bool {
        f64::is_finite(self)
    }
    #[inline(always)]
    fn any_set(values: &[Self]) -> bool {
        values.iter().fold(0, |a, x| a | x.to_bits()) != 0
    }
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn not_zero(values: &[Self]) -> u64 {
        use std::arch::x86_64::{_mm_cmpneq_pd, _mm_loadu_pd, _mm_movemask_pd, _mm_setzero_pd};
        // SAFETY: two numbers are read, and every x86-64 has these instructions.
        let two = |two: &[f64; 2]| unsafe { _mm_movemask_pd(_mm_cmpneq_pd(_mm_loadu_pd(two.as_ptr()), _mm_setzero_pd())) };
        together(values, two)
    }
}

impl Real for f32 {
    #[inline(always)]
    fn pick(condition: bool, yes: Self, no: Self) -> Self {
        let mask = u32::from(condition).wrapping_neg();
        Self::from_bits((yes.to_bits() & mask) | (no.to_bits() & !mask))
    }
    #[inline(always)]
    fn mark(condition: bool) -> Self {
        Self::from_bits(u32::from(condition).wrapping_neg())
    }
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    fn column(column: &mut [Self]) -> Column<'_> {
        Column::Single(column)
    }
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)]
    fn of(value: f64) -> Self {
        value as f32
    }
    #[inline(always)]
    fn of_small(value: u8) -> Self {
        Self::from(value)
    }
    #[inline(always)]
    fn f64(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn exp(self) -> Self {
        exp32(self)
    }
    #[inline(always)]
    fn exprel(self) -> Self {
        exprel32(self)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        f32::sqrt(self)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        f32::abs(self)
    }
    #[inline(always)]
    fn is_finite(self) -> bool {
        f32::is_finite(self)
    }
    #[inline(always)]
    fn any_set(values: &[Self]) -> bool {
        values.iter().fold(0, |a, x| a | x.to_bits()) != 0
    }
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn not_zero(values: &[Self]) -> u64 {
        use std::arch::x86_64::{_mm_cmpneq_ps, _mm_loadu_ps, _mm_movemask_ps, _mm_setzero_ps};
        // SAFETY: four numbers are read, and every x86-64 has these instructions.
        let four = |four: &[f32; 4]| unsafe { _mm_movemask_ps(_mm_cmpneq_ps(_mm_loadu_ps(four.as_ptr()), _mm_setzero_ps())) };
        together(values, four)
    }
}

/// Which of at most 64 values are not 0, as bits, where `many` tells it of `N` at once.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn together<R: Real, const N: usize>(values: &[R], many: impl Fn(&[R; N]) -> i32) -> u64 {
    let (groups, rest) = values.as_chunks::<N>();
    let mut bits = 0;
    for (k, group) in groups.iter().enumerate() {
        bits |= u64::from(many(group) as u32) << (k * N);
    }
    let done = values.len() - rest.len();
    for (k, x) in rest.iter().enumerate() {
        bits |= u64::from(*x != R::ZERO) << (done + k);
    }
    bits
}

/// eˣ in double precision; saturates at about 1e±307.
#[inline(always)]
pub fn exp64(x: f64) -> f64 {
    const LN2_HI: f64 = 6.931_471_803_691_238e-1;
    const LN2_LO: f64 = 1.908_214_929_270_587_7e-10;
    // Adding 1.5·2⁵² rounds to the nearest whole number and leaves it in the low mantissa bits.
    const MAGIC: f64 = 6_755_399_441_055_744.0;
    let x = if x > 708.0 { 708.0 } else { x };
    let x = if x < -708.0 { -708.0 } else { x };
    let shifted = x * std::f64::consts::LOG2_E + MAGIC;
    let k = shifted - MAGIC;
    let r = x - k * LN2_HI - k * LN2_LO;
    // By pairs (Estrin), not one after the other (Horner): the chain of dependent operations is a third as long.
    let (r2, one) = (r * r, 1.0 + r);
    let (r4, two, four) = (r2 * r2, 0.5 + r * (1.0 / 6.0), 1.0 / 24.0 + r * (1.0 / 120.0));
    let (six, eight) = (1.0 / 720.0 + r * (1.0 / 5_040.0), 1.0 / 40_320.0 + r * (1.0 / 362_880.0));
    let (ten, twelve) = (1.0 / 3_628_800.0 + r * (1.0 / 39_916_800.0), 1.0 / 479_001_600.0 + r * (1.0 / 6_227_020_800.0));
    let p = one + two * r2 + (four + six * r2) * r4 + (eight + ten * r2 + twelve * r4) * (r4 * r4);
    p * f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52)
}

/// eˣ in single precision; saturates at about 1e±37.
#[inline(always)]
pub fn exp32(x: f32) -> f32 {
    const LN2_HI: f32 = 0.693_359_4;
    const LN2_LO: f32 = -2.121_944_4e-4;
    const MAGIC: f32 = 12_582_912.0;
    let x = if x > 87.0 { 87.0 } else { x };
    let x = if x < -87.0 { -87.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + MAGIC;
    let k = shifted - MAGIC;
    let r = x - k * LN2_HI - k * LN2_LO;
    let mut p = 1.0 / 5_040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    p * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

/// (eˣ − 1)/x in double precision, without cancellation near 0: with x = k ln 2 + r the numerator is 2ᵏ r P(r) + (2ᵏ − 1).
#[inline(always)]
pub fn exprel(x: f64) -> f64 {
    const LN2_HI: f64 = 6.931_471_803_691_238e-1;
    const LN2_LO: f64 = 1.908_214_929_270_587_7e-10;
    const MAGIC: f64 = 6_755_399_441_055_744.0;
    let y = if x > 708.0 { 708.0 } else { x };
    let y = if y < -708.0 { -708.0 } else { y };
    let shifted = y * std::f64::consts::LOG2_E + MAGIC;
    let k = shifted - MAGIC;
    let r = y - k * LN2_HI - k * LN2_LO;
    let (r2, two, three) = (r * r, 1.0 + r * 0.5, 1.0 / 6.0 + r * (1.0 / 24.0));
    let (r4, five, seven) = (r2 * r2, 1.0 / 120.0 + r * (1.0 / 720.0), 1.0 / 5_040.0 + r * (1.0 / 40_320.0));
    let (nine, eleven) = (1.0 / 362_880.0 + r * (1.0 / 3_628_800.0), 1.0 / 39_916_800.0 + r * (1.0 / 479_001_600.0));
    let p = two + three * r2 + (five + seven * r2) * r4 + (nine + eleven * r2 + r4 * (1.0 / 6_227_020_800.0)) * (r4 * r4);
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    let zero = x == 0.0;
    let quotient = (power * (r * p) + (power - 1.0)) / if zero { 1.0 } else { y };
    if zero { 1.0 } else { quotient }
}

/// The same in single precision.
#[inline(always)]
pub fn exprel32(x: f32) -> f32 {
    const LN2_HI: f32 = 0.693_359_4;
    const LN2_LO: f32 = -2.121_944_4e-4;
    const MAGIC: f32 = 12_582_912.0;
    let y = if x > 87.0 { 87.0 } else { x };
    let y = if y < -87.0 { -87.0 } else { y };
    let shifted = y * std::f32::consts::LOG2_E + MAGIC;
    let k = shifted - MAGIC;
    let r = y - k * LN2_HI - k * LN2_LO;
    let mut p = 1.0 / 40_320.0;
    p = p * r + 1.0 / 5_040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    let zero = x == 0.0;
    let quotient = (power * (r * p) + (power - 1.0)) / if zero { 1.0 } else { y };
    if zero { 1.0 } else { quotient }
}

/// x / (1 − e^(−x)), continued smoothly through x = 0: the form of the Hodgkin–Huxley opening rates.
#[inline(always)]
pub fn x_over_one_minus_exp<R: Real>(x: R) -> R {
    let small = x.abs() < R::of(1e-5);
    // Near zero the quotient is 0/0; 1 + x/2 + x²/12 is exact to rounding there. Both sides are computed, one is taken: no branch.
    let safe = if small { R::ONE } else { x };
    let series = R::ONE + x * R::of(0.5) + x * x * R::of(1.0 / 12.0);
    let quotient = safe / (R::ONE - (-safe).exp());
    if small { series } else { quotient }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_say_which_values_are_not_zero() {
        for n in 0..=64 {
            for seed in 0..50u64 {
                let picked = (seed * 65 + n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let values: Vec<f64> = (0..n)
                    .map(|k| [0.0, -1.0, -0.0, f64::NAN, 1.0, 1e-300, 5.0, 0.0][(picked.rotate_right(k as u32) & 7) as usize])
                    .collect();
                let narrow: Vec<f32> = values.iter().map(|x| *x as f32).collect();
                let told = |holds: &dyn Fn(usize) -> bool| (0..values.len()).fold(0u64, |bits, k| bits | u64::from(holds(k)) << k);
                assert_eq!(f64::not_zero(&values), told(&|k| values[k] != 0.0), "{values:?}");
                assert_eq!(f32::not_zero(&narrow), told(&|k| narrow[k] != 0.0), "{narrow:?}");
            }
        }
    }

    #[test]
    fn exp64_agrees_with_the_library_to_rounding() {
        for i in -70_000..=70_000 {
            let x = f64::from(i) * 0.01;
            let (ours, theirs) = (exp64(x), libm::exp(x));
            assert!((ours / theirs - 1.0).abs() < 2e-15, "exp({x}): {ours} vs {theirs}");
        }
    }

    #[test]
    fn exp32_agrees_with_the_library_to_rounding() {
        for i in -8_600..=8_600 {
            #[allow(clippy::cast_precision_loss)]
            let x = i as f32 * 0.01;
            let error = f64::from(exp32(x)) / libm::exp(f64::from(x)) - 1.0;
            assert!(error.abs() < 2e-7, "exp({x}): relative error {error}");
        }
    }

    #[test]
    fn exp_keeps_nan_and_saturates() {
        assert!(exp64(f64::NAN).is_nan() && exp32(f32::NAN).is_nan());
        assert!(exp64(1e300).is_finite() && exp64(-1e300) < 1e-300);
    }

    #[test]
    fn exprel_agrees_with_the_library_to_rounding_also_near_zero() {
        let small = (7..=60).map(|e| libm::exp2(f64::from(e)).recip());
        for x in small.flat_map(|x| [x, -x]).chain((-7000..7000).map(|i| f64::from(i) * 0.01)).filter(|x| *x != 0.0) {
            let expected = libm::expm1(x) / x;
            assert!((exprel(x) / expected - 1.0).abs() < 4e-15, "{x}: {} vs {expected}", exprel(x));
            let single = f64::from(exprel32(x as f32));
            let expected = libm::expm1(f64::from(x as f32)) / f64::from(x as f32);
            assert!((single / expected - 1.0).abs() < 6e-7, "{x}: {single} vs {expected}");
        }
        assert!(exprel(0.0) == 1.0 && exprel32(0.0) == 1.0 && exprel(f64::NAN).is_nan());
    }

    #[test]
    fn the_rate_quotient_is_smooth_through_zero() {
        for x in [-1e-3, -1e-5, -1e-7, 0.0, 1e-9, 1e-5, 1e-3] {
            let expected = if x == 0.0 { 1.0 } else { x / -libm::expm1(-x) };
            assert!((x_over_one_minus_exp(x) - expected).abs() < 1e-10, "{x}");
        }
    }
}
