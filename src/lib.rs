//! Spikeground: a desktop playground where spiking neural networks are alive.

pub mod cli;
#[cfg(feature = "gui")]
pub mod ui;
