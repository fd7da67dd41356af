//! The loops of a program: one operation over a block of neurons, each compiled into vector code.

use super::graph::{Binary, Unary};
use crate::real::Real;

/// A column, or one value for all.
#[derive(Clone, Copy)]
pub enum Source<'a, R> {
    Column(&'a [R]),
    One(R),
}

/// A plain loop: what hides in an iterator's own functions would not be compiled for the vector level.
#[inline(always)]
pub fn one<R: Real>(out: &mut [R], a: Source<'_, R>, f: impl Fn(R) -> R) {
    let n = out.len();
    match a {
        Source::Column(a) => {
            let a = &a[..n];
            for i in 0..n {
                out[i] = f(a[i]);
            }
        }
        Source::One(a) => out.fill(f(a)),
    }
}

#[inline(always)]
fn two<R: Real>(out: &mut [R], a: Source<'_, R>, b: Source<'_, R>, f: impl Fn(R, R) -> R) {
    let n = out.len();
    match (a, b) {
        (Source::Column(a), Source::Column(b)) => {
            let (a, b) = (&a[..n], &b[..n]);
            for i in 0..n {
                out[i] = f(a[i], b[i]);
            }
        }
        (Source::Column(a), Source::One(b)) => one(out, Source::Column(a), |a| f(a, b)),
        (Source::One(a), Source::Column(b)) => one(out, Source::Column(b), |b| f(a, b)),
        (Source::One(a), Source::One(b)) => out.fill(f(a, b)),
    }
}

#[inline(always)]
pub fn three<R: Real>(out: &mut [R], a: Source<'_, R>, b: Source<'_, R>, c: Source<'_, R>, f: impl Fn(R, R, R) -> R) {
    let n = out.len();
    match (a, b, c) {
        (Source::Column(a), Source::Column(b), Source::Column(c)) => {
            let (a, b, c) = (&a[..n], &b[..n], &c[..n]);
            for i in 0..n {
                out[i] = f(a[i], b[i], c[i]);
            }
        }
        (a, b, Source::One(c)) => two(out, a, b, |a, b| f(a, b, c)),
        (a, Source::One(b), c) => two(out, a, c, |a, c| f(a, b, c)),
        (Source::One(a), b, c) => two(out, b, c, |b, c| f(a, b, c)),
    }
}

#[inline(always)]
pub fn apply_unary<R: Real>(op: Unary, out: &mut [R], a: Source<'_, R>) {
    // Functions without a vector form of their own are those of a portable library, in double precision.
    match op {
        Unary::Neg => one(out, a, |x| -x),
        Unary::Exp => one(out, a, R::exp),
        Unary::Exprel => one(out, a, R::exprel),
        Unary::Log => one(out, a, |x| R::of(libm::log(x.f64()))),
        Unary::Sqrt => one(out, a, R::sqrt),
        Unary::Sin => one(out, a, |x| R::of(libm::sin(x.f64()))),
        Unary::Cos => one(out, a, |x| R::of(libm::cos(x.f64()))),
        Unary::Tanh => one(out, a, |x| R::of(libm::tanh(x.f64()))),
        Unary::Abs => one(out, a, R::abs),
        Unary::Floor => one(out, a, |x| R::of(libm::floor(x.f64()))),
    }
}

#[inline(always)]
pub fn apply_binary<R: Real>(op: Binary, out: &mut [R], a: Source<'_, R>, b: Source<'_, R>) {
    let flag = |yes: bool| R::pick(yes, R::ONE, R::ZERO);
    match op {
        Binary::Add => two(out, a, b, |a, b| a + b),
        Binary::Sub => two(out, a, b, |a, b| a - b),
        Binary::Mul => two(out, a, b, |a, b| a * b),
        Binary::Div => two(out, a, b, |a, b| a / b),
        Binary::Pow => two(out, a, b, |a, b| R::of(libm::pow(a.f64(), b.f64()))),
        Binary::Min => two(out, a, b, R::min_of),
        Binary::Max => two(out, a, b, R::max_of),
        Binary::Less => two(out, a, b, |a, b| flag(a < b)),
        Binary::LessOrEqual => two(out, a, b, |a, b| flag(a <= b)),
    }
}
