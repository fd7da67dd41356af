//! Measures of spike trains: pure functions, which know nothing of networks or the engine.
//!
//! Each has a descriptor ([`Measure`]) with its definition, parameters and source; [`ALL`] lists them. Definitions follow Elephant
//! where it has them; each says which. Times are in ms, rates in Hz.

pub mod avalanches;
pub mod correlation;
pub mod correlogram;
pub mod fano;
pub mod intervals;
pub mod irregularity;
pub mod isi;
pub mod isi_distance;
pub mod kernel;
mod measure;
pub mod pairs;
pub mod pca;
pub mod psth;
pub mod rate;
pub mod regime;
pub mod spectrum;
pub mod spike_distance;
pub mod sta;
pub mod sttc;
pub mod surrogate;
pub mod synchrony;
mod trains;
mod value;
pub mod van_rossum;
pub mod victor_purpura;
pub mod weights;

pub use measure::{Ended, Input, Measure, Signal, Stop, Takes, Watch, Weights, tell, undefined};
pub use trains::{Grid, Trains, within};
pub use value::{Axis, Curve, Matrix, Part, Points, Report, Style, Table, Value};

/// All measures, grouped as they are offered.
pub static ALL: &[&Measure] = &[
    &rate::RATE,
    &rate::RATES,
    &psth::PSTH,
    &fano::FANO,
    &intervals::HISTOGRAM,
    &intervals::RETURN_MAP,
    &irregularity::CV,
    &irregularity::CV2,
    &irregularity::LV,
    &irregularity::LVR,
    &correlogram::AUTO,
    &correlogram::CROSS,
    &correlation::CORRELATION,
    &sttc::STTC,
    &victor_purpura::VICTOR_PURPURA,
    &van_rossum::VAN_ROSSUM,
    &isi_distance::ISI_DISTANCE,
    &spike_distance::SPIKE_DISTANCE,
    &regime::REGIME,
    &synchrony::CHI,
    &synchrony::KURAMOTO,
    &spectrum::SPECTRUM,
    &spectrum::SPECTROGRAM,
    &sta::STA,
    &pca::PCA,
    &avalanches::AVALANCHES,
    &weights::WEIGHTS,
];

/// The measure with this key.
pub fn find(key: &str) -> Option<&'static Measure> {
    ALL.iter().copied().find(|m| m.key == key)
}
