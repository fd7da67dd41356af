//! In which format the synapses of a projection are stored. A matter of the description alone, because it decides how sums round.

use super::{NetworkSpec, ProjectionSpec};
use crate::model::connectivity::{Sides, expected_synapses};

/// A format of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A bit for each pair: one weight, one delay, dense.
    Bits,
    /// A weight for each pair, no targets: all to all, one delay, static.
    All,
    /// Lists of targets that share one weight.
    OneWeight,
    /// Lists of targets with a weight each.
    Weighted,
}

/// From this share of connected pairs on, a bit a pair takes no more room than a 16-bit target a synapse.
const DENSE: f64 = 1.0 / 16.0;
/// Fewer synapses than this stay lists: nothing is to be gained.
const FEW: f64 = 65_536.0;

impl Layout {
    pub fn name(self) -> &'static str {
        match self {
            Self::Bits => "bits",
            Self::All => "all to all",
            Self::OneWeight => "list, one weight",
            Self::Weighted => "list, weight each",
        }
    }
}

/// The format of a projection.
pub fn layout(spec: &NetworkSpec, p: &ProjectionSpec) -> Layout {
    let size = |name: &str| spec.population(name).map_or(0, |i| spec.populations[i].size);
    let sides = Sides { n_pre: size(&p.pre), n_post: size(&p.post), same: p.pre == p.post };
    let (one_delay, learns) = (p.delay.kind.key == "constant", p.plasticity.is_some());
    let pairs = f64::from(sides.n_pre) * f64::from(sides.n_post);
    let expected = expected_synapses(&p.connect, sides);
    if p.weight.kind.key == "constant" && !matches!(p.connect.kind.key, "list" | "matrix") && !learns {
        if one_delay && expected >= FEW && expected >= DENSE * pairs { Layout::Bits } else { Layout::OneWeight }
    } else if p.connect.kind.key == "all_to_all" && one_delay && !learns {
        Layout::All
    } else {
        Layout::Weighted
    }
}

/// Bytes of the synapses of a projection, and the most that building them holds besides.
pub fn bytes(spec: &NetworkSpec, p: &ProjectionSpec, delays: f64) -> (f64, f64) {
    let size = |name: &str| spec.population(name).map_or(0.0, |i| f64::from(spec.populations[i].size));
    let (n_pre, n_post) = (size(&p.pre), size(&p.post));
    let synapses = spec.expected_synapses_of(p);
    let target = if n_post > 65_536.0 { 4.0 } else { 2.0 };
    let layout = layout(spec, p);
    let bytes = match layout {
        Layout::Bits => n_pre * (n_post / 512.0).ceil() * 64.0,
        Layout::All => 4.0 * synapses,
        Layout::OneWeight => target * synapses,
        Layout::Weighted => (target + 4.0) * synapses,
    };
    let cuts = if p.delay.kind.key == "constant" { 0.0 } else { n_pre * delays * target };
    // A fixed in-degree is drawn by target and turned round; a list is sorted.
    let building = match (p.connect.kind.key, layout) {
        ("in_degree", Layout::OneWeight | Layout::Weighted) => 8.0 * synapses,
        ("list", _) => 12.0 * synapses,
        _ => 0.0,
    };
    (bytes + cuts + 4.0 * n_pre, building)
}
