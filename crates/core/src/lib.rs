//! Spikeground without a window: the models, the network description, the engine, the measures and the files.
//!
//! Layers, lowest first; a module uses only those before it: [`real`], [`rng`], [`param`], [`part`] → [`equations`] →
//! [`model`] → [`spec`] → [`protocol`] → `engine`; `analysis` and `preset` stand beside the engine, [`session`] and [`export`] on both. See `ARCHITECTURE.md`.

pub mod analysis;
pub mod bench;
pub mod engine;
pub mod equations;
pub mod export;
pub mod import;
pub mod lab;
pub mod model;
pub mod near;
pub mod param;
pub mod part;
pub mod preset;
pub mod protocol;
pub mod real;
pub mod rng;
pub mod session;
pub mod simd;
pub mod spec;
pub mod sweep;
