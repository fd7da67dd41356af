//! The neurons of the built-in models: the loop that advances a block of them, compiled for each kind of input and vector level.
//!
//! [`Native`] is generic over the neuron model and the precision; [`Population`] holds what all populations have, whatever moves them.

mod body;
mod located;
mod typed;

pub use body::Population;
use body::{Body, Kernel};
pub use typed::Typed;

use super::port::{BLOCK, BlockInput, PerNeuron, Precise, Wave};
use crate::model::neuron::accurate::{self, ACCURATE};
use crate::model::neuron::{Input, Neuron};
use crate::model::synapse::Shape;
use crate::real::Real;
use crate::simd::dispatch;
use std::ops::Range;

/// Model `M` with `S` state columns in precision `R`: its constants.
pub struct Native<M: Neuron<S>, R: Precise, const S: usize> {
    constants: PerNeuron<M::Constants<R>>,
    /// See [`Neuron::scheme`]; one for the whole population.
    scheme: usize,
}

impl<M: Neuron<S>, R: Precise, const S: usize> Clone for Native<M, R, S> {
    fn clone(&self) -> Self {
        Self { constants: self.constants.clone(), scheme: self.scheme }
    }
}

fn map_params<T>(p: &PerNeuron<Vec<f64>>, f: impl Fn(&[f64]) -> T) -> PerNeuron<T> {
    match p {
        PerNeuron::Same(p) => PerNeuron::Same(f(p)),
        PerNeuron::Each(rows) => PerNeuron::Each(rows.iter().map(|p| f(p)).collect()),
    }
}

/// The parameters of neuron `i`.
fn row(p: &PerNeuron<Vec<f64>>, i: usize) -> &[f64] {
    match p {
        PerNeuron::Same(p) => p,
        PerNeuron::Each(rows) => &rows[i],
    }
}

/// The parameters of the first neuron, which stand for all where neurons may not differ.
fn first(p: &PerNeuron<Vec<f64>>) -> &[f64] {
    match p {
        PerNeuron::Same(p) => p,
        PerNeuron::Each(rows) => rows.first().map_or(&[], Vec::as_slice),
    }
}

fn scheme<M: Neuron<S>, const S: usize>(p: &PerNeuron<Vec<f64>>) -> usize {
    match first(p) {
        [] => 0,
        p => M::scheme(p),
    }
}

impl<M: Neuron<S>, R: Precise, const S: usize> Native<M, R, S> {
    /// One block: gather the inputs, run the model, list who fired. Inputs: `G` conductances, `C` currents other than the one common to
    /// all, `J` jumps (from port `jump`).
    ///
    /// # Safety
    /// As [`Cells::step_part`], for neurons `lo..lo + n`.
    #[inline(always)]
    unsafe fn block<const G: bool, const C: bool, const J: bool, const V: usize>(
        &self,
        body: &Body<R>,
        lo: usize,
        n: usize,
        jump: usize,
        input: &mut BlockInput<R>,
        fired: &mut Vec<u32>,
    ) {
        if C {
            if body.each.is_empty() {
                input.current[..n].fill(body.all);
            } else {
                for (c, x) in input.current[..n].iter_mut().zip(&body.each[lo..lo + n]) {
                    *c = body.all + *x;
                }
            }
        }
        // The common case of two conductances in one pass: what is neither stored nor loaded again costs nothing.
        let two = G && !C && !J && body.ports.len() == 2;
        if !two {
            if G {
                input.g[..n].fill(R::ZERO);
                input.ge[..n].fill(R::ZERO);
            }
            // SAFETY: these neurons are the caller's, with their columns; the same below.
            body.ports.iter().for_each(|port| unsafe { port.feed(lo, n, input) });
        }
        let (mut first, mut second) = ((&mut [][..], Wave::default()), (&mut [][..], Wave::default()));
        let mut jumps = &mut [][..];
        if J {
            // SAFETY: as above.
            jumps = unsafe { body.ports[jump].jumps(lo, n) };
        } else if let ([a, b], true) = (body.ports.as_slice(), two) {
            // SAFETY: as above, and each port has columns of its own.
            (first, second) = unsafe { (a.conductances(lo, n), b.conductances(lo, n)) };
        }
        // SAFETY: as above, and the columns are apart.
        let mut columns = body.columns.iter().map(|c| unsafe { c.part(lo..lo + n) });
        let mut column = || columns.next().unwrap_or_default();
        let (c0, c1, c2, c3) = (column(), column(), column(), column());
        let BlockInput { current, g, ge, marks, .. } = input;
        let (current, g, ge) = (&current[..n], &g[..n], &ge[..n]);
        let (marks, all, waves) = (&mut marks[..n], body.all, (first.1, second.1));
        match &self.constants {
            PerNeuron::Same(c) if two => {
                run::<M, R, S, G, false, false, true, V>(
                    |_| *c,
                    all,
                    current,
                    g,
                    ge,
                    jumps,
                    first.0,
                    second.0,
                    waves,
                    c0,
                    c1,
                    c2,
                    c3,
                    marks,
                );
            }
            PerNeuron::Same(c) => {
                run::<M, R, S, G, C, J, false, V>(|_| *c, all, current, g, ge, jumps, first.0, second.0, waves, c0, c1, c2, c3, marks);
            }
            PerNeuron::Each(each) if two => {
                let each = &each[lo..lo + n];
                run::<M, R, S, G, false, false, true, V>(
                    |i| each[i],
                    all,
                    current,
                    g,
                    ge,
                    jumps,
                    first.0,
                    second.0,
                    waves,
                    c0,
                    c1,
                    c2,
                    c3,
                    marks,
                );
            }
            PerNeuron::Each(each) => {
                let each = &each[lo..lo + n];
                run::<M, R, S, G, C, J, false, V>(|i| each[i], all, current, g, ge, jumps, first.0, second.0, waves, c0, c1, c2, c3, marks);
            }
        }
        list_marked(marks, lo, fired);
    }

    /// The blocks of a range, by the code that has just the inputs this population has.
    ///
    /// # Safety
    /// As [`Cells::step_part`].
    #[inline(always)]
    unsafe fn blocks<const V: usize>(&self, body: &Body<R>, range: Range<usize>, input: &mut BlockInput<R>, fired: &mut Vec<u32>) {
        let has = |kind: fn(&Shape) -> bool| body.ports.iter().position(|p| kind(&p.shape));
        let conductance = has(|s| matches!(s, Shape::Conductance { .. })).is_some();
        let jump = has(|s| *s == Shape::Delta);
        let current = !body.each.is_empty() || has(|s| matches!(s, Shape::Exponential { .. } | Shape::Alpha { .. })).is_some();
        let port = jump.unwrap_or(0);
        let mut lo = range.start;
        while lo < range.end {
            let n = BLOCK.min(range.end - lo);
            // SAFETY: promised by the caller for the whole range.
            unsafe {
                match (conductance, current, jump.is_some()) {
                    (false, false, false) => self.block::<false, false, false, V>(body, lo, n, port, input, fired),
                    (false, false, true) => self.block::<false, false, true, V>(body, lo, n, port, input, fired),
                    (false, true, false) => self.block::<false, true, false, V>(body, lo, n, port, input, fired),
                    (false, true, true) => self.block::<false, true, true, V>(body, lo, n, port, input, fired),
                    (true, false, false) => self.block::<true, false, false, V>(body, lo, n, port, input, fired),
                    (true, _, false) => self.block::<true, true, false, V>(body, lo, n, port, input, fired),
                    (true, _, true) => self.block::<true, true, true, V>(body, lo, n, port, input, fired),
                }
            }
            lo += n;
        }
    }
}

/// Most state columns of a model.
const MOST_COLUMNS: usize = 4;

/// Advances the neurons of one block and marks those that fire: a plain indexed loop over equal lengths, which the compiler turns into
/// vector code. Inputs: `C` currents besides `all`, `J` jumps, `G` conductances: as `g` and `ge`, or (`T`) as the two columns `a` and `b`
/// with their waves. Every column is a parameter of its own, because only so the compiler knows that they are apart.
#[inline(always)]
fn run<M: Neuron<S>, R: Real, const S: usize, const G: bool, const C: bool, const J: bool, const T: bool, const V: usize>(
    constants: impl Fn(usize) -> M::Constants<R>,
    all: R,
    current: &[R],
    g: &[R],
    ge: &[R],
    jumps: &mut [R],
    a: &mut [R],
    b: &mut [R],
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
            0 => c0[i],
            1 => c1[i],
            2 => c2[i],
            _ => c3[i],
        });
        let (g, ge) = if T {
            let (x, y) = (a[i] * wave_a.middle, b[i] * wave_b.middle);
            a[i] *= wave_a.decay;
            b[i] *= wave_b.decay;
            (x + y, x * wave_a.e_rev + y * wave_b.e_rev)
        } else if G {
            (g[i], ge[i])
        } else {
            (R::ZERO, R::ZERO)
        };
        let current = if C { current[i] } else { all };
        let jump = if J { std::mem::replace(&mut jumps[i], R::ZERO) } else { R::ZERO };
        let (x, fires) = M::step::<R, G, V>(&constants(i), x, Input { current, g, ge, jump });
        for (s, x) in x.into_iter().enumerate() {
            match s {
                0 => c0[i] = x,
                1 => c1[i] = x,
                2 => c2[i] = x,
                _ => c3[i] = x,
            }
        }
        // A mark is as wide as the state, so that the loop keeps one vector width.
        marks[i] = if fires { R::ONE } else { R::ZERO };
    }
}

/// Appends the indices of the non-zero marks, passing over groups without any.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)]
fn list_marked<R: Real>(marks: &[R], lo: usize, fired: &mut Vec<u32>) {
    const GROUP: usize = 32;
    for (k, group) in marks.chunks(GROUP).enumerate() {
        if R::any_set(group) {
            fired.extend(group.iter().enumerate().filter(|(_, m)| **m > R::ZERO).map(|(j, _)| (lo + k * GROUP + j) as u32));
        }
    }
}

impl<M: Neuron<S>, R: Precise, const S: usize> Kernel<R> for Native<M, R, S> {
    /// The model is in the type.
    type Model = ();

    fn new((): (), p: &PerNeuron<Vec<f64>>, dt: f64) -> Self {
        Self { constants: map_params(p, |p| M::constants(p, dt)), scheme: scheme::<M, S>(p) }
    }

    fn initial(&self, p: &[f64]) -> Vec<f64> {
        M::initial(p).to_vec()
    }

    fn n_columns(&self) -> usize {
        S
    }

    fn refresh(&mut self, p: &PerNeuron<Vec<f64>>, dt: f64) {
        *self = Self::new((), p, dt);
    }

    fn gains(&self, p: &[f64], shape: Shape, dt: f64) -> [f64; 2] {
        M::gains(p, shape, dt)
    }

    fn kick(&self, body: &Body<R>, neuron: usize) -> f64 {
        body.columns[0][neuron].f64() + M::KICK
    }

    fn finds_spikes_inside(&self) -> bool {
        self.scheme == ACCURATE
    }

    unsafe fn step_part(&self, body: &Body<R>, range: Range<usize>, input: &mut BlockInput<R>, fired: &mut Vec<u32>) {
        if self.scheme == ACCURATE {
            // SAFETY: promised by the caller.
            unsafe { body.located(|i, x, with| accurate::step::<M, S>(row(&body.params, i), x, with, body.dt), range, input, fired) };
            return;
        }
        dispatch(
            #[inline(always)]
            // SAFETY: promised by the caller.
            || unsafe {
                // Constant first, so that models with one scheme get no code for a second.
                if M::SCHEMES > 1 && self.scheme == 1 {
                    self.blocks::<1>(body, range.clone(), input, fired);
                } else {
                    self.blocks::<0>(body, range.clone(), input, fired);
                }
            },
        );
    }
}
