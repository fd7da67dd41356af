//! Measures of spike trains: pure functions, which know nothing of networks or the engine.
//!
//! Each has a descriptor ([`Measure`]) with its definition, parameters and source; [`ALL`] lists them. Definitions follow Elephant
//! where it has them; each says which. Times are in ms, rates in Hz.

pub mod intervals;
pub mod irregularity;
pub mod isi;
pub mod kernel;
mod measure;
pub mod rate;
mod trains;
mod value;

pub use measure::{Ended, Input, Measure, Signal, Stop, Takes, Watch, Weights, tell, undefined};
pub use trains::{Grid, Trains, within};
pub use value::{Axis, Curve, Matrix, Part, Points, Report, Style, Table, Value};

/// All measures, grouped as they are offered.
pub static ALL: &[&Measure] = &[
    &rate::RATE,
    &rate::RATES,
    &intervals::HISTOGRAM,
    &intervals::RETURN_MAP,
    &irregularity::CV,
    &irregularity::CV2,
    &irregularity::LV,
    &irregularity::LVR,
];

/// The measure with this key.
pub fn find(key: &str) -> Option<&'static Measure> {
    ALL.iter().copied().find(|m| m.key == key)
}
