//! The neurons of the built-in models: the loop that advances a block of them, compiled for each kind of input and vector level.
//!
//! [`Native`] is generic over the neuron model and the precision; [`Population`] holds what all populations have, whatever moves them.

mod aside;
mod body;
mod located;
mod run;
pub mod spread;
mod typed;

pub use body::Population;
use body::{Body, Kernel};
pub use typed::Typed;

use super::port::{BLOCK, BlockInput, PerNeuron, Precise, Wave};
use crate::model::neuron::accurate::{self, ACCURATE};
use crate::model::neuron::{Neuron, Numbers};
use crate::model::synapse::Shape;
use crate::simd::dispatch;
use run::{MOST_COLUMNS, each_marked, run};
use spread::Spread;
use std::ops::Range;

/// Model `M` with `S` state columns in precision `R`: its constants.
pub struct Native<M: Neuron<S>, R: Precise, const S: usize> {
    constants: Spread<M::Constants<R>, R>,
    /// Those that a step reads: see [`Neuron::between_spikes`].
    between_spikes: Spread<M::Constants<R>, R>,
    /// See [`Neuron::scheme`]; one for the whole population.
    scheme: usize,
}

impl<M: Neuron<S>, R: Precise, const S: usize> Clone for Native<M, R, S> {
    fn clone(&self) -> Self {
        let Self { constants, between_spikes, scheme } = self;
        Self { constants: constants.clone(), between_spikes: between_spikes.clone(), scheme: *scheme }
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

fn spread<C: Numbers<R>, R: Precise>(c: PerNeuron<C>) -> Spread<C, R> {
    match c {
        PerNeuron::Same(c) => Spread::Same(c),
        PerNeuron::Each(each) => Spread::each(&each),
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
        let (mut first, mut second) = ((&[][..], Wave::default()), (&[][..], Wave::default()));
        let mut jumps = &mut [][..];
        if J {
            // SAFETY: as above.
            jumps = unsafe { body.ports[jump].jumps(lo, n) };
        } else if let ([a, b], true) = (body.ports.as_slice(), two) {
            // SAFETY: as above: nobody else has to do with them, and here they are only read.
            (first, second) = unsafe { (a.conductances(lo, n), b.conductances(lo, n)) };
        }
        // SAFETY: as above, and the columns are apart.
        let mut columns = body.columns.iter().map(|c| unsafe { c.part(lo..lo + n) });
        let mut column = || columns.next().unwrap_or_default();
        let (c0, c1, c2, c3) = (column(), column(), column(), column());
        let BlockInput { current, g, ge, marks, table, .. } = input;
        let (current, g, ge) = (&current[..n], &g[..n], &ge[..n]);
        let (marks, all, now) = (&mut marks[..n], body.all, body.now());
        // The same arguments for every kind of constants and inputs.
        macro_rules! run {
            ($c:tt, $j:tt, $two:tt, $constants:expr, $unit:expr, $waves:expr) => {
                run::<M, R, S, G, $c, $j, $two, V>(
                    $constants, $unit, all, current, g, ge, jumps, first.0, second.0, $waves, c0, c1, c2, c3, marks,
                )
            };
        }
        let unit = M::conductance_unit::<R>;
        match &self.between_spikes {
            Spread::Same(c) if two => {
                let within = unit(c);
                run!(false, false, true, |_| *c, |_| R::ONE, (first.1.times(within), second.1.times(within)));
            }
            Spread::Same(c) => run!(C, J, false, |_| *c, unit, (first.1, second.1)),
            Spread::Each { .. } => {
                assert!(n <= spread::WIDTH);
                self.between_spikes.lay_out(lo, n, table);
                if two {
                    run!(false, false, true, |i| Spread::at(table, i), unit, (first.1, second.1));
                } else {
                    run!(C, J, false, |i| Spread::at(table, i), unit, (first.1, second.1));
                }
            }
        }
        let columns: [&mut [R]; MOST_COLUMNS] = [c0, c1, c2, c3];
        each_marked(
            marks,
            #[inline(always)]
            |i| {
                fired.push((lo + i) as u32);
                let constants = self.constants.of(lo + i);
                let x = M::fired(&constants, std::array::from_fn(|s| columns[s][i]));
                for s in 0..S {
                    columns[s][i] = if M::HELD == Some(s) { now + M::hold(&constants) } else { x[s] };
                }
            },
        );
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
        self.between_spikes.begin(&mut input.table);
        let size = if let Spread::Each { .. } = self.between_spikes { spread::WIDTH } else { BLOCK };
        let mut lo = range.start;
        while lo < range.end {
            let n = size.min(range.end - lo);
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

impl<M: Neuron<S>, R: Precise, const S: usize> Kernel<R> for Native<M, R, S> {
    /// The model is in the type.
    type Model = ();

    fn new((): (), p: &PerNeuron<Vec<f64>>, dt: f64) -> Self {
        let scheme = scheme::<M, S>(p);
        let constants = p.map(|p| M::constants(p, dt));
        let between_spikes = constants.map(|c| M::between_spikes(*c, scheme));
        Self { constants: spread(constants), between_spikes: spread(between_spikes), scheme }
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
        body.v(neuron).f64() + M::KICK
    }

    fn finds_spikes_inside(&self) -> bool {
        self.scheme == ACCURATE
    }

    fn held(&self) -> Option<usize> {
        if self.scheme == ACCURATE { None } else { M::HELD }
    }

    fn longest_hold(&self, n: usize) -> usize {
        let hold = |c: &M::Constants<R>| M::hold(c).f64() as usize;
        match &self.constants {
            Spread::Same(c) => hold(c),
            Spread::Each { .. } => (0..n).map(|i| hold(&self.constants.of(i))).max().unwrap_or(0),
        }
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
