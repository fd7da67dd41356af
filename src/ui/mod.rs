//! The window. Of the engine it names only [`spikeground_core::engine::Link`] and the function that spawns the thread.

pub mod app;
pub mod command;
pub mod document;
mod events;
pub mod fonts;
pub mod history;
pub mod layout;
mod menu;
pub mod notices;
pub mod panel;
pub mod session;
pub mod settings;
mod side;
mod status_bar;
mod stub;
pub mod text;
pub mod theme;
mod transport;
pub mod view;
pub mod widgets;
mod window;

pub use window::{WindowOptions, run};
