//! The laboratory: what can be said of one neuron from its equations, without a network.

pub mod character;
pub mod compare;
pub mod curve;
pub mod operations;
pub mod pattern;
pub mod phase;
