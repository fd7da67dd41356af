//! Pair-based spike-timing-dependent plasticity.
//!
//! With Δt = t_post + d − t_pre (d the delay, taken as dendritic as in NEST) and w in units of w_max:
//! Δw = +A₊ (1 − w)^μ₊ e^(−Δt/τ₊) for Δt > 0, −A₋ w^μ₋ e^(Δt/τ₋) for Δt < 0, nothing for Δt = 0; then w is clipped to [0, w_max].
//! μ = 0 is additive (Song, Miller & Abbott 2000), μ = 1 multiplicative (van Rossum et al. 2000), between: Gütig et al. 2003.
//! Pairings follow Morrison, Diesmann & Gerstner 2008, fig. 7. The arithmetic is double precision; weights are stored as f32.
//! Validated by `tests/stdp.rs` against vectors computed with NEST 3.10.

use crate::param::{Kind, NamedSet, ParamSpec, Unit};
use crate::part::Part;

/// Which pairs of spikes count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Pairing {
    AllToAll,
    /// Each pre with the last post, each post with the last pre.
    NearestSymmetric,
    /// Each pre with the last post before and the first post after it.
    NearestPreCentred,
    /// As symmetric, but only immediate neighbours: each spike at most once per direction.
    NearestReduced,
}

pub static KIND: Kind = Kind {
    equations: &[
        "Δt = t_post + d − t_pre",
        "Δt > 0:  Δw = +A_+ · (1 − w/w_max)^μ_+ · e^(−Δt/τ_+) · w_max",
        "Δt < 0:  Δw = −A_− · (w/w_max)^μ_− · e^(Δt/τ_−) · w_max",
        "0 ≤ w ≤ w_max",
    ],
    references: &[
        "S. Song, K. D. Miller & L. F. Abbott, Nat. Neurosci. 3:919 (2000), doi:10.1038/78829",
        "R. Gütig et al., J. Neurosci. 23:3697 (2003)",
        "A. Morrison, M. Diesmann & W. Gerstner, Biol. Cybern. 98:459 (2008), doi:10.1007/s00422-008-0233-1",
    ],
    sets: &[
        NamedSet { key: "additive", name: "Additive (Song 2000)", values: &[], doc: "Hard bounds; weights become bimodal" },
        NamedSet {
            key: "multiplicative",
            name: "Multiplicative",
            values: &[("mu_plus", 1.0), ("mu_minus", 1.0)],
            doc: "Soft bounds; weights stay unimodal",
        },
        NamedSet {
            key: "guetig",
            name: "Gütig 2003 (μ = 0.02)",
            values: &[("mu_plus", 0.02), ("mu_minus", 0.02)],
            doc: "Between additive and multiplicative",
        },
    ],
    ..Kind::new(
        "stdp",
        "Pair STDP",
        "A synapse strengthens when pre fires before post, and weakens when post fires before pre",
        &[
            ParamSpec::flag("learning", "learning", true, "Off: weights are frozen; spike traces go on"),
            ParamSpec::new(
                "a_plus",
                "A_+",
                Unit::One,
                0.005,
                (0.0, 10.0),
                "Largest potentiation by one pair, as a fraction of w_max. Larger: faster strengthening",
            )
            .slider(0.0, 0.05),
            ParamSpec::new(
                "a_minus",
                "A_−",
                Unit::One,
                0.00525,
                (0.0, 10.0),
                "Largest depression by one pair, as a fraction of w_max. Larger: faster weakening",
            )
            .slider(0.0, 0.05),
            ParamSpec::new(
                "tau_plus",
                "τ_+",
                Unit::Ms,
                20.0,
                (0.1, 10_000.0),
                "How long before a post spike a pre spike still strengthens. Larger: a wider window",
            )
            .slider(1.0, 100.0)
            .log(),
            ParamSpec::new(
                "tau_minus",
                "τ_−",
                Unit::Ms,
                20.0,
                (0.1, 10_000.0),
                "How long after a post spike a pre spike still weakens. Larger: a wider window",
            )
            .slider(1.0, 100.0)
            .log(),
            ParamSpec::new(
                "mu_plus",
                "μ_+",
                Unit::One,
                0.0,
                (0.0, 10.0),
                "Weight dependence of potentiation. 0: additive; 1: multiplicative",
            )
            .slider(0.0, 1.0),
            ParamSpec::new(
                "mu_minus",
                "μ_−",
                Unit::One,
                0.0,
                (0.0, 10.0),
                "Weight dependence of depression. 0: additive; 1: multiplicative",
            )
            .slider(0.0, 1.0),
            ParamSpec::new("w_max", "w_max", Unit::Weight, 1.0, (1e-9, 1e6), "Largest weight. Larger: stronger synapses and larger steps")
                .relative(),
            ParamSpec::choice(
                "pairing",
                "pairs",
                &["all_to_all", "nearest_symmetric", "nearest_pre_centred", "nearest_reduced"],
                0,
                "Which pairs of spikes count",
            ),
        ],
    )
};

/// The rule with its constants. Weights enter and leave in the unit of the synapse.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Stdp {
    pub learning: bool,
    pub a_plus: f64,
    pub a_minus: f64,
    pub tau_plus: f64,
    pub tau_minus: f64,
    pub mu_plus: f64,
    pub mu_minus: f64,
    pub w_max: f64,
    pub pairing: Pairing,
}

impl Stdp {
    pub fn of(part: &Part) -> Self {
        let v = |key| part.get(key);
        Self {
            learning: part.flag("learning"),
            a_plus: v("a_plus"),
            a_minus: v("a_minus"),
            tau_plus: v("tau_plus"),
            tau_minus: v("tau_minus"),
            mu_plus: v("mu_plus"),
            mu_minus: v("mu_minus"),
            w_max: v("w_max"),
            pairing: match part.choice("pairing") {
                "nearest_symmetric" => Pairing::NearestSymmetric,
                "nearest_pre_centred" => Pairing::NearestPreCentred,
                "nearest_reduced" => Pairing::NearestReduced,
                _ => Pairing::AllToAll,
            },
        }
    }

    /// The weight after a post spike that met a presynaptic trace of `x` (e^(−Δt/τ₊), summed over pairs).
    #[inline]
    pub fn potentiate(&self, w: f64, x: f64) -> f64 {
        let f = power(1.0 - w / self.w_max, self.mu_plus);
        (w + self.a_plus * self.w_max * f * x).clamp(0.0, self.w_max)
    }

    /// The weight after a pre spike that met a postsynaptic trace of `y` (e^(Δt/τ₋), summed over pairs).
    #[inline]
    pub fn depress(&self, w: f64, y: f64) -> f64 {
        let f = power(w / self.w_max, self.mu_minus);
        (w - self.a_minus * self.w_max * f * y).clamp(0.0, self.w_max)
    }

    /// The window: Δw of one isolated pair at `delta_t` = t_post + d − t_pre (ms) from weight `w`.
    pub fn window(&self, delta_t: f64, w: f64) -> f64 {
        if delta_t > 0.0 {
            self.a_plus * self.w_max * power(1.0 - w / self.w_max, self.mu_plus) * libm::exp(-delta_t / self.tau_plus)
        } else if delta_t < 0.0 {
            -self.a_minus * self.w_max * power(w / self.w_max, self.mu_minus) * libm::exp(delta_t / self.tau_minus)
        } else {
            0.0
        }
    }
}

/// base^exponent with the two usual exponents exact and cheap.
#[inline]
fn power(base: f64, exponent: f64) -> f64 {
    if exponent == 0.0 {
        1.0
    } else if exponent == 1.0 {
        base
    } else {
        libm::pow(base.max(0.0), exponent)
    }
}
