//! Ports: the shared state of all synapses of one shape onto one population.
//!
//! Because the kernels are linear, a thousand projections with the same shape need one column. Each step a port feeds its share
//! into the input of a block of neurons and decays; arrivals are added to its inbox.
//!
//! All conductances of a port decay alike, so that their column is left as it is and one scale for all of them decays instead: a step only
//! reads the column. An arriving weight is divided by the scale, and before the scale becomes small it is multiplied into the column.

use super::checkpoint::{Damage, Sink, Source};
use super::parted::Parted;
use super::population::spread::{self, Table};
use crate::equations::MOST_REGISTERS;
use crate::model::synapse::Shape;
use crate::real::Real;
use std::ops::Range;

/// Neurons handled at a time, so that the inputs of a block stay in the first-level cache.
pub const BLOCK: usize = 256;

/// Below this the scale of conductances is multiplied into them.
const SMALLEST_SCALE: f64 = 1e-6;
/// A conductance below this is nothing then, in the unit of the model: far beyond any precision, and numbers that get too small for their
/// format cost a hundred times the time of others.
const SMALLEST_CONDUCTANCE: f64 = 1e-24;

/// A constant per population, or one a neuron when parameters are spread.
#[derive(Clone, Debug)]
pub enum PerNeuron<T> {
    Same(T),
    Each(Vec<T>),
}

impl<T> PerNeuron<T> {
    pub fn map<U>(&self, f: impl Fn(&T) -> U) -> PerNeuron<U> {
        match self {
            Self::Same(x) => PerNeuron::Same(f(x)),
            Self::Each(each) => PerNeuron::Each(each.iter().map(f).collect()),
        }
    }
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
    /// Over what the column holds: the conductance at mid-step, and that times the reversal potential.
    pub middle: R,
    pub pull: R,
}

impl<R: Real> Wave<R> {
    /// The same for conductances in another unit.
    #[inline(always)]
    pub fn times(self, unit: R) -> Self {
        Self { middle: self.middle * unit, pull: self.pull * unit }
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
    /// What conductances are over what the inbox holds; 1 for other shapes.
    scale: f64,
    decay: f64,
    dt: R,
    /// Conductance at mid-step over conductance at the start.
    middle: f64,
    gains: PerNeuron<[R; 2]>,
}

impl<R: Real> Port<R> {
    pub fn new(shape: Shape, n: usize, dt: f64, gains: PerNeuron<[R; 2]>) -> Self {
        let mut port = Self {
            shape,
            inbox: vec![R::ZERO; n].into(),
            second: if matches!(shape, Shape::Alpha { .. }) { vec![R::ZERO; n].into() } else { Parted::default() },
            scale: 1.0,
            decay: 0.0,
            dt: R::of(dt),
            middle: 0.0,
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
            self.decay = libm::exp(-dt / tau);
            self.middle = libm::exp(-0.5 * dt / tau);
        }
    }

    /// Conductances decay from the start of a step, where it was integrated from, to its end.
    pub fn decay(&mut self) {
        if let Shape::Conductance { .. } = self.shape {
            self.scale *= self.decay;
            if self.scale < SMALLEST_SCALE {
                let scale = R::of(self.scale);
                for x in self.inbox.iter_mut() {
                    let g = *x * scale;
                    *x = R::only(g.abs() > R::of(SMALLEST_CONDUCTANCE), g);
                }
                self.scale = 1.0;
            }
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
        match self.shape {
            Shape::Delta | Shape::Exponential { .. } => 1.0,
            Shape::Alpha { tau } => std::f64::consts::E / tau,
            Shape::Conductance { .. } => 1.0 / self.scale,
        }
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

    /// What stands for the conductances of neurons `lo..lo + n`, and what makes input of it; of a port of conductance synapses.
    ///
    /// # Safety
    /// Meanwhile nobody writes them.
    #[inline(always)]
    pub unsafe fn conductances(&self, lo: usize, n: usize) -> (&[R], Wave<R>) {
        // SAFETY: promised by the caller.
        (unsafe { self.inbox.seen(lo..lo + n) }, self.wave())
    }

    fn wave(&self) -> Wave<R> {
        let e_rev = if let Shape::Conductance { e_rev, .. } = self.shape { e_rev } else { 0.0 };
        let middle = self.middle * self.scale;
        Wave { middle: R::of(middle), pull: R::of(middle * e_rev) }
    }

    /// Adds this port's share to the input of neurons `lo..lo + n` and moves its state to the end of the step, but for what
    /// [`Port::decay`] does. Delta synapses are taken by the neurons themselves ([`Port::jumps`]).
    ///
    /// # Safety
    /// As [`Parted::part`].
    #[inline(always)]
    pub unsafe fn feed(&self, lo: usize, n: usize, input: &mut BlockInput<R>) {
        // SAFETY: promised by the caller.
        let inbox = unsafe { self.inbox.part(lo..lo + n) };
        let decay = R::of(self.decay);
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
                scale(inbox, decay);
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
                    *b = (*b + *a * self.dt) * decay;
                    *a *= decay;
                }
            }
            Shape::Conductance { .. } => {
                let wave = self.wave();
                add_scaled(&mut input.g[..n], inbox, wave.middle);
                add_scaled(&mut input.ge[..n], inbox, wave.pull);
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
            Shape::Conductance { e_rev, .. } => (x * self.scale * (e_rev - v), x * self.scale),
        }
    }

    /// Writes the shape and what is under way; the factors follow from the shape.
    pub fn save(&self, to: &mut Sink) {
        let Self { shape, inbox, second, scale, decay: _, dt: _, middle: _, gains: _ } = self;
        to.put(shape);
        to.put(inbox);
        to.put(second);
        to.put(scale);
    }

    /// Takes over what [`Port::save`] wrote after the shape.
    pub fn load(&mut self, from: &mut Source<'_>) -> Result<(), Damage> {
        self.inbox.load(from)?;
        self.second.load(from)?;
        let scale: f64 = from.get()?;
        if !(SMALLEST_SCALE..=1.0).contains(&scale) {
            return Err(Damage::other("conductances have a scale that none can have"));
        }
        self.scale = scale;
        Ok(())
    }

    /// Takes over the state of a port of the same kind and size.
    pub fn adopt(&mut self, old: &Self) {
        if self.inbox.len() == old.inbox.len() && self.second.len() == old.second.len() {
            self.inbox.clone_from(&old.inbox);
            self.second.clone_from(&old.second);
            self.scale = old.scale;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conductances_are_sums_of_exponentials_however_often_the_scale_is_renewed() {
        const DT: f64 = 0.1;
        // From decay by a factor e^-20 a step to one that is hardly seen; arrivals of 0.5 at some steps.
        for (tau, arrivals) in [(0.005, [0, 3, 4]), (0.05, [0, 40, 41]), (5.0, [0, 900, 2999]), (1000.0, [0, 10, 2000])] {
            let shape = Shape::Conductance { tau, e_rev: -70.0 };
            let (mut port, mut single) =
                (Port::<f64>::new(shape, 3, DT, PerNeuron::Same([0.0; 2])), Port::<f32>::new(shape, 3, DT, PerNeuron::Same([0.0; 2])));
            for step in 0..3000 {
                port.decay();
                single.decay();
                if arrivals.contains(&step) {
                    let (inbox, factor) = port.inbox();
                    inbox[1] += 0.5 * factor;
                    let (inbox, factor) = single.inbox();
                    inbox[1] += (0.5 * factor) as f32;
                }
                let past = arrivals.iter().filter(|at| **at <= step);
                let expected: f64 = past.map(|at| 0.5 * libm::exp(-f64::from(step - at) * DT / tau)).sum();
                let (current, g) = port.read(1, -50.0);
                assert!(
                    (g - expected).abs() <= 1e-12 * expected + SMALLEST_CONDUCTANCE,
                    "{tau} ms, step {step}: {g} instead of {expected}"
                );
                assert!((current - g * -20.0).abs() <= 1e-12 * g && port.read(0, -50.0) == (0.0, 0.0));
                let g = single.read(1, -50.0).1;
                assert!((g - expected).abs() <= 2e-6 * expected + SMALLEST_CONDUCTANCE, "{tau} ms, step {step}, single: {g}");
                // SAFETY: nobody writes them.
                let (column, wave) = unsafe { port.conductances(0, 3) };
                let middle = expected * libm::exp(-0.5 * DT / tau);
                assert!((column[1] * wave.middle - middle).abs() <= 1e-12 * middle + SMALLEST_CONDUCTANCE);
                assert!((column[1] * wave.pull + 70.0 * middle).abs() <= 70.0 * (1e-12 * middle + SMALLEST_CONDUCTANCE));
            }
        }
    }
}
