//! The neuron models against published schemes, closed forms and converged solutions: `Neuron::step` alone, no network.
#![allow(clippy::disallowed_methods, reason = "expected values may come from the platform's own functions")]

mod adex;
mod drive;
mod hh;
mod izhikevich;
mod lif;
mod one_dimensional;
mod planar;
mod sliders;
#[path = "../support/table.rs"]
mod table;
