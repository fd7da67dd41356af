//! Neurons of typed equations: their program run over blocks.

use super::run::each_marked;
use super::{Body, Kernel, first};
use crate::engine::parted::Parted;
use crate::engine::port::{BLOCK, BlockInput, PerNeuron, Precise};
use crate::equations::{Constants, Flow, LANES, MOST_VARIABLES, Model, Program};
use crate::model::neuron::accurate::{self, ACCURATE};
use crate::model::neuron::mean_gains;
use crate::model::neuron::typed::Typed as Motion;
use crate::model::synapse::Shape;
use crate::simd::dispatch;
use std::ops::Range;

const _: () = assert!(LANES == BLOCK);

/// Most columns: the variables, and the steps that a neuron is still refractory.
const MOST_COLUMNS: usize = MOST_VARIABLES + 1;

/// Equations with their parameters put in.
#[derive(Clone)]
pub struct Typed<R> {
    model: &'static Model,
    scheme: usize,
    /// Fixed values of the step without and with conductances; empty for `accurate`, which follows the flow instead.
    constants: [Constants<R>; 2],
    flow: PerNeuron<Flow<'static>>,
}

fn constants<R: Precise>(program: Option<&Program>, p: &PerNeuron<Vec<f64>>, dt: f64) -> Constants<R> {
    match (program, p) {
        (None, _) => Constants::Same(Vec::new()),
        (Some(program), PerNeuron::Same(p)) => Constants::Same(program.constants(p, dt)),
        (Some(program), PerNeuron::Each(rows)) => Constants::Each(program.constants_each(rows, dt)),
    }
}

impl<R: Precise> Kernel<R> for Typed<R> {
    type Model = &'static Model;

    fn new(model: &'static Model, p: &PerNeuron<Vec<f64>>, dt: f64) -> Self {
        let scheme = Model::scheme(first(p));
        let of = |conductances| constants(model.step(scheme, conductances), p, dt);
        Self { model, scheme, constants: [of(false), of(true)], flow: p.map(|p| model.flow(p)) }
    }

    fn n_columns(&self) -> usize {
        self.model.n_columns()
    }

    fn initial(&self, p: &[f64]) -> Vec<f64> {
        self.model.initial(p)
    }

    fn refresh(&mut self, p: &PerNeuron<Vec<f64>>, dt: f64) {
        *self = Self::new(self.model, p, dt);
    }

    fn gains(&self, _p: &[f64], shape: Shape, dt: f64) -> [f64; 2] {
        mean_gains(shape, dt)
    }

    /// Doubles the distance until the threshold is passed.
    fn kick(&self, body: &Body<R>, neuron: usize) -> f64 {
        let mut x = [0.0; MOST_COLUMNS];
        for (x, column) in x.iter_mut().zip(&body.columns) {
            *x = column[neuron].f64();
        }
        let (flow, v) = (self.flow_of(neuron), x[0]);
        let mut by = 1.0;
        while by < 1e4 {
            x[0] = v + by;
            if flow.above(&x) >= 0.0 {
                break;
            }
            by *= 2.0;
        }
        // Equations that come back by themselves need to be well above to go all the way.
        if self.model.has_reset { x[0] } else { x[0] + by }
    }

    fn finds_spikes_inside(&self) -> bool {
        self.scheme == ACCURATE
    }

    unsafe fn step_part(&self, body: &Body<R>, range: Range<usize>, input: &mut BlockInput<R>, fired: &mut Vec<u32>) {
        if self.scheme == ACCURATE {
            // SAFETY: promised by the caller.
            unsafe {
                match self.model.n_columns() {
                    ..=2 => self.located::<2>(body, range, input, fired),
                    3..=4 => self.located::<4>(body, range, input, fired),
                    5..=8 => self.located::<8>(body, range, input, fired),
                    _ => self.located::<MOST_COLUMNS>(body, range, input, fired),
                }
            }
            return;
        }
        // SAFETY: promised by the caller.
        dispatch(
            #[inline(always)]
            || unsafe { self.blocks(body, range.clone(), input, fired) },
        );
    }

    /// What has the same name goes on.
    fn carry(&self, former: &Self, from: &[Parted<R>], to: &mut Vec<Parted<R>>) {
        for (i, state) in self.model.kind.states.iter().enumerate() {
            if let Some(k) = former.model.kind.state(state.key) {
                to[i].clone_from(&from[k]);
            }
        }
        if self.model.has_refractory && former.model.has_refractory {
            to[self.model.n_variables].clone_from(&from[former.model.n_variables]);
        }
    }
}

impl<R: Precise> Typed<R> {
    fn flow_of(&self, neuron: usize) -> &Flow<'static> {
        match &self.flow {
            PerNeuron::Same(flow) => flow,
            PerNeuron::Each(flows) => &flows[neuron],
        }
    }

    /// # Safety
    /// As `Cells::step_part`.
    unsafe fn located<const S: usize>(&self, body: &Body<R>, range: Range<usize>, input: &mut BlockInput<R>, fired: &mut Vec<u32>) {
        let step = |i: usize, x, with| {
            let motion = Motion { flow: self.flow_of(i), model: self.model, input: with };
            accurate::follow(&motion, x, with.jump, body.dt)
        };
        // SAFETY: promised by the caller.
        unsafe { body.located::<S>(step, range, input, fired) };
    }

    /// # Safety
    /// As `Cells::step_part`.
    #[inline(always)]
    unsafe fn blocks(&self, body: &Body<R>, range: Range<usize>, input: &mut BlockInput<R>, fired: &mut Vec<u32>) {
        let conductances = body.ports.iter().any(|p| matches!(p.shape, Shape::Conductance { .. }));
        let Some(program) = self.model.step(self.scheme, conductances) else { return };
        let constants = &self.constants[usize::from(conductances)];
        let jump = body.ports.iter().position(|p| p.shape == Shape::Delta);
        let zero = [R::ZERO; BLOCK];
        let mut lo = range.start;
        while lo < range.end {
            let n = BLOCK.min(range.end - lo);
            let BlockInput { current, .. } = input;
            if body.each.is_empty() {
                current[..n].fill(body.all);
            } else {
                current[..n].iter_mut().zip(&body.each[lo..lo + n]).for_each(|(c, x)| *c = body.all + *x);
            }
            input.g[..n].fill(R::ZERO);
            input.ge[..n].fill(R::ZERO);
            // SAFETY: these neurons are the caller's, with their columns; the same below.
            body.ports.iter().for_each(|port| unsafe { port.feed(lo, n, input) });
            // SAFETY: as above.
            let jumps = jump.map(|port| unsafe { body.ports[port].jumps(lo, n) });
            // SAFETY: as above, and the columns are apart.
            let mut states: [&mut [R]; MOST_COLUMNS] =
                std::array::from_fn(|s| body.columns.get(s).map_or(&mut [][..], |c| unsafe { c.part(lo..lo + n) }));
            let n_columns = body.columns.len();
            let BlockInput { current, g, ge, marks, registers, .. } = input;
            let inputs = [&current[..n], &g[..n], &ge[..n], jumps.as_deref().unwrap_or(&zero[..n])];
            program.run(lo, n, &states[..n_columns], inputs, constants, registers);
            for (k, column) in states[..n_columns].iter_mut().enumerate() {
                program.output(k, lo, constants, registers, column);
            }
            let marks = &mut marks[..n];
            program.output(n_columns, lo, constants, registers, marks);
            if let Some(jumps) = jumps {
                jumps.fill(R::ZERO);
            }
            each_marked(
                marks,
                #[inline(always)]
                |i| fired.push((lo + i) as u32),
            );
            lo += n;
        }
    }
}
