//! The window. Of the engine it names only [`spikeground_core::engine::Link`] and the function that spawns the thread.

pub mod app;
mod autosave;
pub mod command;
pub mod document;
mod edit;
mod events;
mod export;
mod files;
mod film;
pub mod fonts;
pub mod history;
mod import;
mod inspector;
pub mod kept;
pub mod layout;
pub mod library;
mod menu;
pub mod notices;
mod palette;
pub mod panel;
pub mod picker;
pub mod session;
pub mod settings;
mod shortcuts;
mod side;
mod status_bar;
pub mod text;
pub mod theme;
pub mod time_view;
mod transport;
mod tree;
pub mod view;
pub mod widgets;
mod window;
mod worker;

pub use window::{WindowOptions, run};
