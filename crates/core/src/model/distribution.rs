//! Distributions: how weights, delays, initial states and per-neuron spreads are drawn.
//!
//! Weights, delays and initial values have the same shapes but other ranges and units, so the kinds are made by one macro.

use crate::param::{Kind, ParamSpec, Unit};
use crate::part::Part;
use crate::rng::{self, Stream};

macro_rules! distributions {
    ($module:ident, $unit:expr, $default:expr, $valid:expr, $slider:expr, $scale:ident, $what:literal, [$($extra:ident),*]) => {
        pub mod $module {
            use super::*;
            const fn number(key: &'static str, symbol: &'static str, default: f64, doc: &'static str) -> ParamSpec {
                let p = ParamSpec::new(key, symbol, $unit, default, $valid, doc).slider($slider.0, $slider.1).rebuild();
                p.$scale()
            }
            const fn width(key: &'static str, symbol: &'static str, doc: &'static str) -> ParamSpec {
                ParamSpec::new(key, symbol, $unit, 0.0, (0.0, 1e6), doc).slider(0.0, $slider.1).rebuild().relative()
            }
            pub static CONSTANT: Kind = Kind::new("constant", "Constant", concat!("Every ", $what, " is the same"), &[
                number("value", "value", $default, concat!("The one value of every ", $what)),
            ]);
            pub static UNIFORM: Kind = Kind::new("uniform", "Uniform", concat!("Each ", $what, " is drawn evenly between two bounds"), &[
                number("low", "low", $default, "Lower bound"),
                number("high", "high", $default, "Upper bound"),
            ]);
            pub static NORMAL: Kind = Kind::new("normal", "Normal", concat!("Each ", $what, " is drawn from a normal distribution, never changing sign"), &[
                number("mean", "mean", $default, "Mean of the distribution"),
                width("sd", "sd", "Standard deviation. 0: all the same; larger: more diversity"),
            ]);
            pub static LOG_NORMAL: Kind = Kind::new("log_normal", "Log-normal", concat!("Each ", $what, " is drawn from a log-normal distribution: many small, a few large"), &[
                number("mean", "mean", $default, "Mean of the values (not of their logarithms)"),
                width("sd", "sd", "Standard deviation of the values. Larger: a heavier tail"),
            ]);
            pub static ALL: crate::model::Family = &[&CONSTANT, &UNIFORM, &NORMAL, &LOG_NORMAL $(, &super::$extra)*];
        }
    };
}

/// A weight for each pair, given as a table.
pub static MATRIX: Kind =
    Kind { columns: &["*"], ..Kind::new("matrix", "Matrix", "One weight for each pair: rows are presynaptic, columns postsynaptic", &[]) };

/// Weights that fall with distance on the ring.
pub static RING: Kind = Kind {
    equations: &["w = peak · e^(−d²/2σ²) + base, d = distance on the ring"],
    ..Kind::new(
        "ring",
        "Ring profile",
        "The weight falls with the distance between two neurons placed around a ring",
        &[
            ParamSpec::new("peak", "peak", Unit::Weight, 0.1, (-1e6, 1e6), "Weight between neighbours. Larger: the bump holds itself up")
                .slider(0.0, 1.0)
                .relative()
                .rebuild(),
            ParamSpec::new("sigma", "σ", Unit::Degree, 20.0, (0.1, 360.0), "Width of the profile. Larger: wider bumps")
                .slider(1.0, 90.0)
                .rebuild(),
            ParamSpec::new("base", "base", Unit::Weight, 0.0, (-1e6, 1e6), "Weight added everywhere").slider(-1.0, 1.0).rebuild(),
        ],
    )
};

distributions!(weights, Unit::Weight, 1.0, (-1e6, 1e6), (0.0, 10.0), relative, "weight", [MATRIX, RING]);
distributions!(delays, Unit::Ms, 1.0, (0.0001, 1000.0), (0.1, 20.0), log, "delay", []);
distributions!(initial, Unit::Inherit, 0.0, (-1e6, 1e6), (-100.0, 100.0), relative, "value", []);

/// Per-neuron spreads of a parameter around its base value.
pub mod spread {
    use super::*;
    pub static NORMAL: Kind = Kind::new(
        "normal",
        "Normal",
        "Each neuron's value is base + sd · z with its own normal z",
        &[ParamSpec::new("sd", "sd", Unit::Inherit, 1.0, (0.0, 1e6), "Standard deviation. 0: all alike; larger: more diverse").relative()],
    );
    pub static UNIFORM: Kind = Kind::new(
        "uniform",
        "Uniform",
        "Each neuron's value is drawn evenly from base ± half width",
        &[ParamSpec::new("half_width", "± ", Unit::Inherit, 1.0, (0.0, 1e6), "Half the width of the range. Larger: more diverse")
            .relative()],
    );
    pub static POWER: Kind = Kind {
        equations: &["value = base + coefficient · r^exponent, one r ∈ [0, 1) a neuron"],
        references: &["E. M. Izhikevich, IEEE Trans. Neural Netw. 14:1569 (2003), doi:10.1109/TNN.2003.820440"],
        ..Kind::new(
            "power",
            "Izhikevich r²",
            "value = base + coefficient · r^exponent with one uniform r a neuron, shared by all its parameters",
            &[
                ParamSpec::new("coefficient", "c", Unit::Inherit, 1.0, (-1e6, 1e6), "Largest deviation from the base").relative(),
                ParamSpec::new("exponent", "k", Unit::One, 2.0, (1.0, 2.0), "1: evenly spread; 2: most neurons near the base").count(),
            ],
        )
    };
    pub static ALL: crate::model::Family = &[&NORMAL, &UNIFORM, &POWER];
}

/// A distribution made ready for many draws.
#[derive(Clone, Copy, Debug)]
pub enum Sampler {
    Constant(f64),
    Uniform { low: f64, width: f64 },
    Normal { mean: f64, sd: f64 },
    LogNormal { mu: f64, sigma: f64, sign: f64 },
}

impl Sampler {
    /// Of a distribution that needs no place (all but `matrix` and `ring`).
    pub fn of(part: &Part) -> Self {
        let v = &part.values;
        match part.kind.key {
            "constant" => Self::Constant(v[0]),
            "uniform" => Self::Uniform { low: v[0], width: v[1] - v[0] },
            "normal" => Self::Normal { mean: v[0], sd: v[1] },
            "log_normal" => {
                let (mean, sd) = (v[0].abs().max(1e-300), v[1]);
                let s2 = libm::log1p((sd / mean) * (sd / mean));
                Self::LogNormal { mu: libm::log(mean) - 0.5 * s2, sigma: s2.sqrt(), sign: v[0] }
            }
            other => unreachable!("distribution {other} needs a place"),
        }
    }

    /// `n` draws, each through `f`, appended to `out`.
    pub fn fill<T>(self, n: usize, stream: &mut Stream, out: &mut Vec<T>, f: impl Fn(f64) -> T) {
        // The choice is made once, not at each draw.
        match self {
            Self::Constant(value) => out.extend((0..n).map(|_| f(value))),
            Self::Uniform { .. } => out.extend((0..n).map(|_| f(self.draw(stream)))),
            Self::Normal { .. } => out.extend((0..n).map(|_| f(self.draw(stream)))),
            Self::LogNormal { .. } => out.extend((0..n).map(|_| f(self.draw(stream)))),
        }
    }

    #[inline(always)]
    pub fn draw(self, stream: &mut Stream) -> f64 {
        match self {
            Self::Constant(value) => value,
            Self::Uniform { low, width } => low + width * rng::uniform(stream),
            Self::Normal { mean, sd } => {
                let x = mean + sd * rng::normal(stream);
                // A weight keeps the sign of its mean (Dale's law); an initial value or delay of mean 0 is left alone.
                if mean > 0.0 && x < 0.0 || mean < 0.0 && x > 0.0 { 0.0 } else { x }
            }
            Self::LogNormal { mu, sigma, sign } => libm::exp(mu + sigma * rng::normal(stream)).copysign(sign),
        }
    }
}

/// One draw from a distribution that needs no place.
pub fn draw(part: &Part, stream: &mut Stream) -> f64 {
    Sampler::of(part).draw(stream)
}

/// Distance in degrees between neuron `i` of `n` and neuron `j` of `m`, both populations placed around one ring.
pub fn ring_distance(i: u32, n: u32, j: u32, m: u32) -> f64 {
    let d = (f64::from(i) / f64::from(n) - f64::from(j) / f64::from(m)).abs() * 360.0;
    d.min(360.0 - d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_normal_has_the_mean_and_sd_it_is_given() {
        let part = Part::new(&weights::LOG_NORMAL).with("mean", 2.0).with("sd", 1.0);
        let mut s = rng::stream(3, rng::Purpose::Weight, 0, 0);
        let x: Vec<f64> = (0..200_000).map(|_| draw(&part, &mut s)).collect();
        let mean = x.iter().sum::<f64>() / 2e5;
        let sd = (x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 2e5).sqrt();
        assert!((mean - 2.0).abs() < 0.02 && (sd - 1.0).abs() < 0.05, "{mean} {sd}");
    }

    #[test]
    fn normal_weights_keep_the_sign_of_their_mean() {
        let part = Part::new(&weights::NORMAL).with("mean", -0.1).with("sd", 1.0);
        let mut s = rng::stream(3, rng::Purpose::Weight, 0, 0);
        assert!((0..1000).all(|_| draw(&part, &mut s) <= 0.0));
    }

    #[test]
    fn the_ring_closes() {
        assert!((ring_distance(0, 100, 99, 100) - 3.6).abs() < 1e-9);
        assert!((ring_distance(0, 100, 50, 100) - 180.0).abs() < 1e-9);
    }
}
