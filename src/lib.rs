//! Spikeground: a desktop playground where spiking neural networks are alive.

pub mod cli;
pub mod elsewhere;
pub mod plot;
#[cfg(feature = "gui")]
pub mod ui;
