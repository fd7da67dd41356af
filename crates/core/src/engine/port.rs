//! Ports: the shared state of all synapses of one shape onto one population.
//!
//! Because the kernels are linear, a thousand projections with the same shape need one column. Each step a port feeds its share
//! into the input of a block of neurons and decays; arrivals are added to its inbox.

use super::checkpoint::{Damage, Sink, Source};
use super::parted::Parted;
use super::population::spread::{self, Table};
use crate::equations::MOST_REGISTERS;
use crate::model::synapse::Shape;
use crate::real::Real;
use std::ops::Range;

/// Neurons handled at a time, so that the inputs of a block stay in the first-level cache.
pub const BLOCK: usize = 256;

/// A constant per population, or one a neuron when parameters are spread.
#[derive(Clone, Debug)]
pub enum PerNeuron<T> {
    Same(T),
    Each(Vec<T>),
}

/// The inputs of one block of neurons during one step, and who fired; kept from step to step, since making it anew costs as much as
/// filling it.
#[derive(Clone)]
pub struct BlockInput<R> {
    pub current: [R; BLOCK],
    pub g: [R; BLOCK],
    pub ge: [R; BLOCK],
    pub marks: [R; BLOCK],
    /// Values on the way in the programs of typed equations.
    pub registers: Box<[[R; BLOCK]]>,
    /// Constants of the neurons, where these differ.
    pub table: Table<R>,
}

impl<R: Real> Default for BlockInput<R> {
    fn default() -> Self {
        Self {
            current: [R::ZERO; BLOCK],
            g: [R::ZERO; BLOCK],
            ge: [R::ZERO; BLOCK],
            marks: [R::ZERO; BLOCK],
            registers: vec![[R::ZERO; BLOCK]; MOST_REGISTERS].into(),
            table: spread::table(),
        }
    }
}

/// The inputs of a block in either precision: room that each worker has for itself.
#[derive(Clone, Default)]
pub struct Scratch {
    double: Box<BlockInput<f64>>,
    single: Box<BlockInput<f32>>,
}

/// A precision that a population can have.
pub trait Precise: Real {
    fn input(scratch: &mut Scratch) -> &mut BlockInput<Self>;
}
impl Precise for f64 {
    fn input(scratch: &mut Scratch) -> &mut BlockInput<Self> {
        &mut scratch.double
    }
}
impl Precise for f32 {
    fn input(scratch: &mut Scratch) -> &mut BlockInput<Self> {
        &mut scratch.single
    }
}

/// How the conductances of a port act and change over a step.
#[derive(Clone, Copy, Default)]
pub struct Wave<R> {
    /// Over the conductance at the start of the step: that at mid-step, that times the reversal potential, and that at the end of the step.
    pub middle: R,
    pub pull: R,
    pub decay: R,
}

impl<R: Real> Wave<R> {
    /// The same for conductances in another unit.
    #[inline(always)]
    pub fn times(self, unit: R) -> Self {
        Self { middle: self.middle * unit, pull: self.pull * unit, ..self }
    }
}

/// One port: its shape, its one or two state columns and its step constants.
#[derive(Clone)]
pub struct Port<R> {
    pub shape: Shape,
    /// What arrivals are added to: the jump accumulator, the current or conductance, or the first state of an alpha current.
    inbox: Parted<R>,
    /// Second state of an alpha current: the current itself.
    second: Parted<R>,
    decay: R,
    dt: R,
    /// Conductance at mid-step over conductance at the start.
    middle: R,
    gains: PerNeuron<[R; 2]>,
}

impl<R: Real> Port<R> {
    pub fn new(shape: Shape, n: usize, dt: f64, gains: PerNeuron<[R; 2]>) -> Self {
        let mut port = Self {
            shape,
            inbox: vec![R::ZERO; n].into(),
            second: if matches!(shape, Shape::Alpha { .. }) { vec![R::ZERO; n].into() } else { Parted::default() },
            decay: R::ZERO,
            dt: R::of(dt),
            middle: R::ZERO,
            gains,
        };
        port.set_shape(shape, dt);
        port
    }

    /// Takes over a changed time constant or reversal potential (never another kind of shape).
    pub fn set_shape(&mut self, shape: Shape, dt: f64) {
        self.shape = shape;
        self.dt = R::of(dt);
        if let Shape::Exponential { tau } | Shape::Alpha { tau } | Shape::Conductance { tau, .. } = shape {
            self.decay = R::of(libm::exp(-dt / tau));
            self.middle = R::of(libm::exp(-0.5 * dt / tau));
        }
    }

    pub fn set_gains(&mut self, gains: PerNeuron<[R; 2]>) {
        self.gains = gains;
    }

    /// Column for arrivals, and the factor a weight is multiplied by.
    pub fn inbox(&mut self) -> (&mut [R], f64) {
        let factor = self.factor();
        (&mut self.inbox, factor)
    }

    /// What a weight is multiplied by.
    fn factor(&self) -> f64 {
        if let Shape::Alpha { tau } = self.shape { std::f64::consts::E / tau } else { 1.0 }
    }

    /// The same for neurons `range` alone.
    ///
    /// # Safety
    /// As [`Parted::part`].
    #[allow(clippy::mut_from_ref, reason = "that the parts are apart is what the caller promises")]
    pub unsafe fn inbox_part(&self, range: Range<usize>) -> (&mut [R], f64) {
        // SAFETY: promised by the caller.
        (unsafe { self.inbox.part(range) }, self.factor())
    }

    /// The jumps of neurons `lo..lo + n`, to be taken and set to zero; of a port of delta synapses.
    ///
    /// # Safety
    /// As [`Parted::part`].
    #[allow(clippy::mut_from_ref, reason = "that the parts are apart is what the caller promises")]
    #[inline(always)]
    pub unsafe fn jumps(&self, lo: usize, n: usize) -> &mut [R] {
        // SAFETY: promised by the caller.
        unsafe { self.inbox.part(lo..lo + n) }
    }

    /// The conductances of neurons `lo..lo + n`, and what makes input of them; of a port of conductance synapses.
    ///
    /// # Safety
    /// As [`Parted::part`].
    #[allow(clippy::mut_from_ref, reason = "that the parts are apart is what the caller promises")]
    #[inline(always)]
    pub unsafe fn conductances(&self, lo: usize, n: usize) -> (&mut [R], Wave<R>) {
        let e_rev = if let Shape::Conductance { e_rev, .. } = self.shape { R::of(e_rev) } else { R::ZERO };
        // SAFETY: promised by the caller.
        (unsafe { self.inbox.part(lo..lo + n) }, Wave { middle: self.middle, pull: self.middle * e_rev, decay: self.decay })
    }

    /// Adds this port's share to the input of neurons `lo..lo + n` and moves its state to the end of the step. Delta synapses are
    /// taken by the neurons themselves ([`Port::jumps`]).
    ///
    /// # Safety
    /// As [`Parted::part`].
    #[inline(always)]
    pub unsafe fn feed(&self, lo: usize, n: usize, input: &mut BlockInput<R>) {
        // SAFETY: promised by the caller.
        let inbox = unsafe { self.inbox.part(lo..lo + n) };
        match self.shape {
            Shape::Delta => {}
            Shape::Exponential { .. } => {
                match &self.gains {
                    PerNeuron::Same([gain, _]) => add_scaled(&mut input.current[..n], inbox, *gain),
                    PerNeuron::Each(each) => {
                        for ((c, x), [gain, _]) in input.current[..n].iter_mut().zip(&*inbox).zip(&each[lo..lo + n]) {
                            *c += *x * *gain;
                        }
                    }
                }
                scale(inbox, self.decay);
            }
            Shape::Alpha { .. } => {
                // SAFETY: as above.
                let second = unsafe { self.second.part(lo..lo + n) };
                for (i, ((c, a), b)) in input.current[..n].iter_mut().zip(inbox).zip(second).enumerate() {
                    let [first, then] = match &self.gains {
                        PerNeuron::Same(g) => *g,
                        PerNeuron::Each(each) => each[lo + i],
                    };
                    *c += *a * first + *b * then;
                    *b = (*b + *a * self.dt) * self.decay;
                    *a *= self.decay;
                }
            }
            Shape::Conductance { e_rev, .. } => {
                let e_rev = R::of(e_rev);
                let (g, ge) = (&mut input.g[..n], &mut input.ge[..n]);
                for ((g, ge), x) in g.iter_mut().zip(ge).zip(inbox) {
                    let middle = *x * self.middle;
                    *g += middle;
                    *ge += middle * e_rev;
                    *x *= self.decay;
                }
            }
        }
    }

    /// Synaptic current into a neuron at voltage `v`, and its conductance, at the end of the last step.
    pub fn read(&self, neuron: usize, v: f64) -> (f64, f64) {
        let x = self.inbox[neuron].f64();
        match self.shape {
            Shape::Delta => (0.0, 0.0),
            Shape::Exponential { .. } => (x, 0.0),
            Shape::Alpha { .. } => (self.second[neuron].f64(), 0.0),
            Shape::Conductance { e_rev, .. } => (x * (e_rev - v), x),
        }
    }

    /// Writes the shape and what is under way; the factors follow from the shape.
    pub fn save(&self, to: &mut Sink) {
        let Self { shape, inbox, second, decay: _, dt: _, middle: _, gains: _ } = self;
        to.put(shape);
        to.put(inbox);
        to.put(second);
    }

    /// Takes over what [`Port::save`] wrote after the shape.
    pub fn load(&mut self, from: &mut Source<'_>) -> Result<(), Damage> {
        self.inbox.load(from)?;
        self.second.load(from)
    }

    /// Takes over the state of a port of the same kind and size.
    pub fn adopt(&mut self, old: &Self) {
        if self.inbox.len() == old.inbox.len() && self.second.len() == old.second.len() {
            self.inbox.clone_from(&old.inbox);
            self.second.clone_from(&old.second);
        }
    }
}

#[inline(always)]
fn add_scaled<R: Real>(to: &mut [R], from: &[R], factor: R) {
    for (t, x) in to.iter_mut().zip(from) {
        *t += *x * factor;
    }
}

#[inline(always)]
fn scale<R: Real>(column: &mut [R], factor: R) {
    for x in column {
        *x *= factor;
    }
}
