//! Spikeground: a desktop playground where spiking neural networks are alive.

pub mod cli;
pub mod elsewhere;
pub mod plot;
pub mod report;
#[cfg(feature = "gui")]
pub mod ui;
