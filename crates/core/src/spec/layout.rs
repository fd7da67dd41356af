//! In which format the synapses of a projection are stored. A matter of the description alone, because it decides how sums round.

use super::{NetworkSpec, ProjectionSpec, Updates, Wiring};
use crate::model::connectivity::{Sides, expected_synapses};
use crate::model::plasticity;
use crate::part::Part;

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
    /// Nothing is kept: targets, weights and delays are drawn anew whenever the source fires.
    Procedural,
}

/// From this share of connected pairs on, a bit a pair takes no more room than a 16-bit target a synapse.
const DENSE: f64 = 1.0 / 16.0;
/// Fewer synapses than this stay lists: nothing is to be gained.
const FEW: f64 = 65_536.0;
/// From so many synapses on what can be drawn anew is not kept: lists of them take 0.2 to 0.6 GB.
const MANY: f64 = 1e8;
/// The same where bits would do, which take a tenth of the room and a fraction of the time.
const MANY_BITS: f64 = 1e9;
/// Smaller probabilities would be rounded, and larger populations could not be counted.
const RAREST: f64 = 1e-5;
const LARGEST: u32 = 1 << 31;

impl Layout {
    pub fn name(self) -> &'static str {
        match self {
            Self::Bits => "bits",
            Self::All => "all to all",
            Self::OneWeight => "list, one weight",
            Self::Weighted => "list, weight each",
            Self::Procedural => "procedural",
        }
    }
}

/// The format of a projection.
pub fn layout(spec: &NetworkSpec, p: &ProjectionSpec) -> Layout {
    let kept = stored(spec, p);
    let many = spec.expected_synapses_of(p) >= if kept == Layout::Bits { MANY_BITS } else { MANY };
    let wanted = spec.wiring == Wiring::Procedural || spec.wiring == Wiring::Automatic && many;
    if wanted && is_regular(spec, p) { Layout::Procedural } else { kept }
}

/// Whether the synapses of a source follow from a hash cheaply: independent pairs, weights and delays constant or evenly drawn, nothing that
/// learns. (A fixed in-degree is a matter of the targets; no source could tell its own without all others.)
fn is_regular(spec: &NetworkSpec, p: &ProjectionSpec) -> bool {
    let even = |part: &Part| matches!(part.kind.key, "constant" | "uniform");
    let size = |name: &str| spec.population(name).map_or(0, |i| spec.populations[i].size);
    p.connect.kind.key == "probability"
        && p.connect.get("p") >= RAREST
        && size(&p.pre).max(size(&p.post)) <= LARGEST
        && even(&p.weight)
        && even(&p.delay)
        && p.plasticity.is_none()
}

/// The format of a projection whose synapses are kept.
fn stored(spec: &NetworkSpec, p: &ProjectionSpec) -> Layout {
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

/// Whether a projection learns eagerly: where its rule cannot wait, or where the description says so.
pub fn is_eager(spec: &NetworkSpec, p: &ProjectionSpec) -> bool {
    p.plasticity.as_ref().is_some_and(|rule| spec.updates == Updates::Eager || !plasticity::can_wait(rule.kind))
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
        Layout::Procedural => 0.0,
    };
    let cuts = if p.delay.kind.key == "constant" || layout == Layout::Procedural { 0.0 } else { n_pre * delays * target };
    // A fixed in-degree is drawn by target and turned round, as bits where those are smaller; a list is sorted.
    let building = match (p.connect.kind.key, layout) {
        ("in_degree", Layout::OneWeight | Layout::Weighted) => (8.0 * synapses).min(n_pre * n_post / 8.0),
        ("list", _) => 12.0 * synapses,
        _ => 0.0,
    };
    // Eager updates need an index from targets to synapses.
    let index = if is_eager(spec, p) { 16.0 * synapses + 8.0 * n_post * delays } else { 0.0 };
    (bytes + cuts + index + 8.0 * n_pre, building)
}
