//! Sweeps: the same network at a grid of parameter values, each with several seeds, and what the measures say of every run.
//!
//! [`Plan`] is plain data, [`run`] carries it out on several threads; it tells of each run that is done and can be ended between two
//! pieces of work. Results do not depend on the number of threads.

mod plan;
mod runner;
mod summary;

pub use plan::{Knob, Measured, Plan, knob, range};
pub use runner::{Cell, Done, Run, run, time_of};
pub use summary::{Row, Spread, summarise};
