//! The face of a population, whatever its model and precision: one virtual call a population and step.

use super::checkpoint::{Damage, Sink, Source};
use super::port::{PerNeuron, Scratch};
use crate::model::synapse::Shape;
use crate::real::Column;
use std::any::Any;
use std::ops::Range;

/// The face of a population of any model and precision.
pub trait Cells: Send + Sync {
    fn len(&self) -> usize;
    /// Index of the port for synapses of this shape, made if it is new.
    fn port(&mut self, shape: Shape, dt: f64) -> usize;
    fn n_ports(&self) -> usize;
    fn set_port_shape(&mut self, port: usize, shape: Shape, dt: f64);
    /// `p` is one row of parameters, or one row a neuron.
    fn set_params(&mut self, p: &PerNeuron<Vec<f64>>, dt: f64);
    /// Where arriving spikes are added, and the factor their weights are multiplied by.
    fn inbox(&mut self, port: usize) -> (Column<'_>, f64);
    /// The same for neurons `range` alone.
    ///
    /// # Safety
    /// Until the column is gone nobody else has to do with this port of these neurons.
    unsafe fn inbox_part(&self, port: usize, range: Range<usize>) -> (Column<'_>, f64);
    /// Makes the column that currents into single neurons need, so that no step has to.
    fn expect_currents(&mut self);
    /// The stimulus currents of the step before are over, but for those of single neurons; who was kicked is lifted now.
    fn begin(&mut self);
    /// A stimulus current of this step into all neurons.
    fn add_to_all(&mut self, value: f64);
    /// The stimulus currents of this step into single neurons `range`, to be added to; empty where none were expected.
    ///
    /// # Safety
    /// Until the column is gone nobody else has to do with the currents of these neurons.
    unsafe fn currents_part(&self, range: Range<usize>) -> Column<'_>;
    /// Lifts v far enough to fire in the next step.
    fn kick(&mut self, neuron: usize);
    /// One step for neurons `range`; appends the ascending indices of those that fire. Between [`Cells::begin`] and this their currents
    /// are set.
    ///
    /// # Safety
    /// Meanwhile nobody else has to do with these neurons.
    unsafe fn step_part(&self, range: Range<usize>, scratch: &mut Scratch, fired: &mut Vec<u32>);
    /// The neurons have done the step, in which those of `fired` fired. Conductances decay to its end, before spikes arrive there.
    fn end(&mut self, fired: &[u32]);
    /// How long before the end of the last step a neuron that fired in it did, in steps; 0 where the scheme knows whole steps only.
    fn early(&self, neuron: usize) -> f32;
    fn state(&self, column: usize, neuron: usize) -> f64;
    fn set_state(&mut self, column: usize, neuron: usize, value: f64);
    /// Synaptic current, synaptic conductance and stimulus current of a neuron.
    fn inputs(&self, neuron: usize) -> (f64, f64, f64);
    /// The first neuron and column whose value is no longer finite.
    fn find_non_finite(&self) -> Option<(usize, usize)>;
    /// Takes over the state of a population of the same model, precision and size; false when it does not fit.
    fn adopt(&mut self, old: &dyn Cells) -> bool;
    /// Writes everything that moves; what follows from the parameters is left out.
    fn save(&self, to: &mut Sink);
    /// Takes over what [`Cells::save`] wrote, into a population with the same parameters.
    fn load(&mut self, dt: f64, from: &mut Source<'_>) -> Result<(), Damage>;
    fn clone_box(&self) -> Box<dyn Cells>;
    fn as_any(&self) -> &dyn Any;
}

impl Clone for Box<dyn Cells> {
    fn clone(&self) -> Self {
        (**self).clone_box()
    }
}
