//! The window. Of the engine it names only [`spikeground_core::engine::Link`] and the function that spawns the thread.

pub mod app;
pub mod command;
pub mod document;
mod edit;
mod events;
pub mod fonts;
pub mod history;
mod inspector;
pub mod layout;
mod menu;
pub mod notices;
pub mod panel;
pub mod session;
pub mod settings;
mod side;
mod status_bar;
pub mod text;
pub mod theme;
mod transport;
mod tree;
pub mod view;
pub mod widgets;
mod window;

pub use window::{WindowOptions, run};
