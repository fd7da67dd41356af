//! Spikeground: a desktop playground where spiking neural networks are alive.

#[cfg(feature = "gui")]
pub mod ui;
