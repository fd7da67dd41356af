//! Measures of spike trains: pure functions, which know nothing of networks or the engine.
//!
//! Definitions follow Elephant where it has them; each function says which.

pub mod isi;
pub mod rate;
