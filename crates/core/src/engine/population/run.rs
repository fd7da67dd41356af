//! The loop over the neurons of a block.

use super::{BLOCK, Neuron, Wave};
use crate::model::neuron::Input;
use crate::real::Real;

/// Most state columns of a model.
pub const MOST_COLUMNS: usize = 4;

/// Advances the neurons of one block and marks those that fire: a plain indexed loop over equal lengths, which the compiler turns into
/// vector code. Inputs: `C` currents besides `all`, `J` jumps, `G` conductances: as `g` and `ge`, or (`T`) as the two columns `a` and `b`
/// with their waves. Conductances are multiplied by `unit`, which is 1 where the waves contain it already. Every column is a parameter of its
/// own, because only so the compiler knows that they are apart.
#[inline(always)]
pub fn run<M: Neuron<S>, R: Real, const S: usize, const G: bool, const C: bool, const J: bool, const T: bool, const V: usize>(
    constants: impl Fn(usize) -> M::Constants<R>,
    unit: impl Fn(&M::Constants<R>) -> R,
    all: R,
    current: &[R],
    g: &[R],
    ge: &[R],
    jumps: &mut [R],
    a: &[R],
    b: &[R],
    (wave_a, wave_b): (Wave<R>, Wave<R>),
    c0: &mut [R],
    c1: &mut [R],
    c2: &mut [R],
    c3: &mut [R],
    marks: &mut [R],
) {
    const { assert!(S <= MOST_COLUMNS) };
    let n = marks.len();
    let fits = |len: usize, used: bool| !used || len == n;
    assert!(n <= BLOCK && fits(c0.len(), S > 0) && fits(c1.len(), S > 1) && fits(c2.len(), S > 2) && fits(c3.len(), S > 3));
    assert!(current.len() == n && g.len() == n && ge.len() == n);
    assert!(fits(jumps.len(), J) && fits(a.len(), T) && fits(b.len(), T));
    for i in 0..n {
        let x: [R; S] = std::array::from_fn(|s| match s {
            // It is not for the step.
            _ if M::HELD == Some(s) => R::ZERO,
            0 => c0[i],
            1 => c1[i],
            2 => c2[i],
            _ => c3[i],
        });
        let (g, ge) = if T {
            let (x, y) = (a[i], b[i]);
            (x * wave_a.middle + y * wave_b.middle, x * wave_a.pull + y * wave_b.pull)
        } else if G {
            (g[i], ge[i])
        } else {
            (R::ZERO, R::ZERO)
        };
        let current = if C { current[i] } else { all };
        // −0 and not 0: to add it changes no number at all, so that the compiler leaves it out.
        let jump = if J { std::mem::replace(&mut jumps[i], R::ZERO) } else { -R::ZERO };
        let constants = constants(i);
        let (g, ge) = if G { (g * unit(&constants), ge * unit(&constants)) } else { (g, ge) };
        let (x, fires) = M::step::<R, G, V>(&constants, x, Input { current, g, ge, jump });
        // A mark is as wide as the state, so that the loop keeps one vector width. Written before the state: a choice between a new state and
        // the one just read, stored with nothing stored in between, would become a masked store, which costs some machines the whole step.
        marks[i] = R::mark(fires);
        for (s, x) in x.into_iter().enumerate() {
            match s {
                _ if M::HELD == Some(s) => {}
                0 => c0[i] = x,
                1 => c1[i] = x,
                2 => c2[i] = x,
                _ => c3[i] = x,
            }
        }
    }
}

/// Calls `f` with the indices of the non-zero marks, passing over groups without any.
#[inline(always)]
pub fn each_marked<R: Real>(marks: &[R], mut f: impl FnMut(usize)) {
    const GROUP: usize = 64;
    for (k, group) in marks.chunks(GROUP).enumerate() {
        if R::any_set(group) {
            // As bits, so that there is a branch a spike and not one a neuron.
            let mut bits = R::not_zero(group);
            while bits != 0 {
                f(k * GROUP + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
        }
    }
}
