//! The engine: builds a network from a description and advances it in time.
//!
//! The window sees only [`Link`]: commands in, frames out.

mod adopt;
mod buckets;
pub mod builder;
mod cells;
pub mod checkpoint;
pub mod clones;
mod crew;
mod decay;
mod driver;
mod lines;
mod memory;
pub mod network;
mod noise;
mod parted;
mod picture;
mod plastic;
mod poisson;
mod population;
pub(crate) mod port;
mod record;
#[cfg(test)]
mod reference;
mod rows;
mod share;
pub mod simulation;
mod step;
mod stimulate;
pub mod thread;
pub mod threads;
mod wiring;

use crate::protocol::{Command, Frame};

/// How the window talks to a simulation: a thread of its own in the program ([`thread::Handle`]), or in-line in tests
/// ([`thread::Inline`]).
pub trait Link {
    /// Queues a command and returns its number; `Status::applied_seq` reaches that number when it has been carried out.
    fn send(&mut self, command: Command) -> u64;
    /// Everything that happened since the last call.
    fn take(&mut self) -> Frame;
}
