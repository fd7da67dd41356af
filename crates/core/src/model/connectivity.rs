//! Connectors: who is connected with whom.
//!
//! A connector lists the postsynaptic partners of one presynaptic neuron at a time (`row`), in ascending order, from a stream of
//! its own, so that rows can be made on several threads and the same seed always wires the same network.

use crate::model::distribution::ring_distance;
use crate::model::gaps;
use crate::param::{Kind, ParamSpec, Unit};
use crate::part::Part;
use crate::rng::{self, Stream};

const SELF: ParamSpec =
    ParamSpec::flag("self_connections", "self", false, "Whether a neuron may connect to itself (within one population)").rebuild();
const P: ParamSpec =
    ParamSpec::new("p", "p", Unit::One, 0.1, (0.0, 1.0), "Probability of each connection. Larger: denser and costlier").rebuild();

pub static ALL_TO_ALL: Kind = Kind::new("all_to_all", "All to all", "Every neuron connects to every neuron", &[SELF]);
pub static ONE_TO_ONE: Kind = Kind::new("one_to_one", "One to one", "Neuron i connects to neuron i", &[]);
pub static PROBABILITY: Kind =
    Kind::new("probability", "Fixed probability", "Each pair is connected with probability p, independently", &[P, SELF]);
pub static IN_DEGREE: Kind = Kind::new(
    "in_degree",
    "Fixed in-degree",
    "Every neuron receives from exactly k neurons, chosen at random without repetition",
    &[
        ParamSpec::new("k", "k", Unit::One, 10.0, (0.0, 100_000.0), "Inputs of each neuron. Larger: denser and costlier")
            .slider(0.0, 1000.0)
            .count()
            .rebuild(),
        SELF,
    ],
);
pub static RING: Kind = Kind {
    equations: &["P(connected) = p · e^(−d²/2σ²), d = distance on the ring"],
    ..Kind::new(
        "ring",
        "Ring (by distance)",
        "Neurons sit around a ring; the probability of a connection falls with distance",
        &[
            P,
            ParamSpec::new("sigma", "σ", Unit::Degree, 30.0, (0.1, 360.0), "Reach of the connections. Larger: less local")
                .slider(1.0, 180.0)
                .rebuild(),
            SELF,
        ],
    )
};
pub static LIST: Kind = Kind {
    columns: &["pre", "post", "weight?", "delay?"],
    ..Kind::new("list", "List", "Exactly the listed connections, each optionally with its own weight and delay", &[])
};
pub static MATRIX: Kind = Kind {
    columns: &["*"],
    ..Kind::new("matrix", "Matrix", "The weight of every pair: rows are presynaptic, columns postsynaptic, 0 is no synapse", &[])
};

pub static ALL: super::Family = &[&ALL_TO_ALL, &ONE_TO_ONE, &PROBABILITY, &IN_DEGREE, &RING, &LIST, &MATRIX];

/// Sizes of the two populations, and whether they are the same one.
#[derive(Clone, Copy, Debug)]
pub struct Sides {
    pub n_pre: u32,
    pub n_post: u32,
    pub same: bool,
}

/// Expected number of synapses, for the estimate before building.
pub fn expected_synapses(part: &Part, sides: Sides) -> f64 {
    let (n, m) = (f64::from(sides.n_pre), f64::from(sides.n_post));
    match part.kind.key {
        "all_to_all" => n * m,
        "one_to_one" => n.min(m),
        "probability" => n * m * part.get("p"),
        "in_degree" => m * part.get("k"),
        "ring" => n * m * part.get("p") * (part.get("sigma") * 2.506_628 / 360.0).min(1.0),
        "list" => part.table.len() as f64,
        "matrix" => part.table.iter().map(|r| r.iter().filter(|w| **w != 0.0).count()).sum::<usize>() as f64,
        other => unreachable!("connector {other}"),
    }
}

/// Appends the partners of `pre` in ascending order. Not for `in_degree`, which is drawn by target (see [`in_degree_sources`]),
/// nor for the tables (`list`, `matrix`), which the builder reads directly.
pub fn row(part: &Part, sides: Sides, pre: u32, stream: &mut Stream, out: &mut Vec<u32>) {
    let forbids_self = sides.same && part.kind.param("self_connections").is_some_and(|i| part.values[i] == 0.0);
    let allowed = |post: u32| !(forbids_self && post == pre);
    match part.kind.key {
        "all_to_all" => out.extend((0..sides.n_post).filter(|&j| allowed(j))),
        "one_to_one" => out.extend((pre < sides.n_post).then_some(pre)),
        "probability" => {
            let p = part.get("p");
            if p >= 1.0 {
                out.extend((0..sides.n_post).filter(|&j| allowed(j)));
            } else if p > 0.0 {
                let own = if forbids_self { pre } else { u32::MAX };
                gaps::geometric(p, sides.n_post, own, stream, out);
            }
        }
        "ring" => {
            let (p, sigma) = (part.get("p"), part.get("sigma"));
            for j in 0..sides.n_post {
                let d = ring_distance(pre, sides.n_pre, j, sides.n_post) / sigma;
                if rng::uniform(stream) < p * libm::exp(-0.5 * d * d) && allowed(j) {
                    out.push(j);
                }
            }
        }
        other => unreachable!("connector {other} has no rows"),
    }
}

/// The `k` distinct sources of target `post` (fewer when the population is too small), by Floyd's sampling.
pub fn in_degree_sources(part: &Part, sides: Sides, post: u32, stream: &mut Stream, marks: &mut [bool], out: &mut Vec<u32>) {
    let forbids_self = sides.same && !part.flag("self_connections") && post < sides.n_pre;
    let available = sides.n_pre - u32::from(forbids_self);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let k = (part.get("k") as u32).min(available);
    let first = out.len();
    // Sampling from one fewer source and stepping over the target keeps the draw uniform.
    let place = |x: u32| if forbids_self && x >= post { x + 1 } else { x };
    for top in available - k..available {
        let x = place(rng::below(stream, top + 1));
        let chosen = if marks[x as usize] { place(top) } else { x };
        marks[chosen as usize] = true;
        out.push(chosen);
    }
    for &x in &out[first..] {
        marks[x as usize] = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Purpose;

    #[test]
    fn fixed_probability_has_the_binomial_mean() {
        let part = Part::new(&PROBABILITY).with("p", 0.1);
        let sides = Sides { n_pre: 1000, n_post: 1000, same: false };
        let mut total = 0;
        let mut out = Vec::new();
        for pre in 0..1000 {
            out.clear();
            row(&part, sides, pre, &mut rng::stream(1, Purpose::Connectivity, 0, u64::from(pre)), &mut out);
            assert!(out.windows(2).all(|w| w[0] < w[1]));
            total += out.len();
        }
        // Standard deviation of the total: √(10⁶·0.1·0.9) = 300.
        assert!((total as f64 - 100_000.0).abs() < 1500.0, "{total}");
    }

    #[test]
    fn fixed_in_degree_is_exact_distinct_and_never_self() {
        let part = Part::new(&IN_DEGREE).with("k", 20.0);
        let sides = Sides { n_pre: 50, n_post: 50, same: true };
        let mut marks = vec![false; 50];
        for post in 0..50 {
            let mut out = Vec::new();
            in_degree_sources(&part, sides, post, &mut rng::stream(5, Purpose::Connectivity, 0, u64::from(post)), &mut marks, &mut out);
            out.sort_unstable();
            out.dedup();
            assert_eq!(out.len(), 20);
            assert!(!out.contains(&post));
        }
    }
}
