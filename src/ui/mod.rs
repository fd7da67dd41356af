//! The window. Of the engine it names only [`spikeground_core::engine::Link`] and the function that spawns the thread.

pub mod history;
pub mod panel;
pub mod theme;
pub mod view;
