//! Where the populations stand when nobody has placed them, and which way is free around one.

use egui::{Pos2, Vec2, pos2, vec2};
use spikeground_core::spec::NetworkSpec;
use std::f32::consts::{FRAC_PI_2, PI, TAU};

/// Populations in more layers than this are put on a circle.
const MAX_LAYERS: usize = 6;

/// Place of each population in 0..1 × 0..1: as saved, else laid out by the connections.
pub fn places(spec: &NetworkSpec) -> Vec<Pos2> {
    let laid_out = lay_out(spec);
    spec.populations
        .iter()
        .zip(laid_out)
        .map(|(p, auto)| match p.position {
            Some([x, y]) if x.is_finite() && y.is_finite() => pos2(x.clamp(0.0, 1.0), y.clamp(0.0, 1.0)),
            _ => auto,
        })
        .collect()
}

/// Layers from left to right where the connections allow it, else a circle.
fn lay_out(spec: &NetworkSpec) -> Vec<Pos2> {
    let n = spec.populations.len();
    let edges: Vec<(usize, usize)> = edges(spec).filter(|(a, b)| a != b).collect();
    if edges.is_empty() {
        // Side by side, in rows of at most four.
        let rows = n.div_ceil(4).max(1);
        let wide = n.div_ceil(rows).max(1);
        return (0..n).map(|i| pos2(spread(i % wide, wide.min(n - i / wide * wide)), spread(i / wide, rows))).collect();
    }
    match layers(n, &edges) {
        Some(layer) => {
            let n_layers = layer.iter().max().map_or(1, |l| l + 1);
            let mut seen = vec![0; n_layers];
            let sizes: Vec<usize> = (0..n_layers).map(|l| layer.iter().filter(|x| **x == l).count()).collect();
            layer
                .iter()
                .map(|&l| {
                    seen[l] += 1;
                    pos2(spread(l, n_layers), spread(seen[l] - 1, sizes[l]))
                })
                .collect()
        }
        None if n == 2 => vec![pos2(0.3, 0.5), pos2(0.72, 0.5)],
        None => (0..n)
            .map(|i| {
                let angle = TAU * i as f32 / n as f32 + if n.is_multiple_of(2) { PI + PI / n as f32 } else { -FRAC_PI_2 };
                pos2(0.5 + 0.34 * angle.cos(), 0.5 + 0.34 * angle.sin())
            })
            .collect(),
    }
}

/// Middle of the i-th of n equal parts of the line from 0.08 to 0.92.
fn spread(i: usize, n: usize) -> f32 {
    0.08 + 0.84 * (i as f32 + 0.5) / n.max(1) as f32
}

/// Populations joined by each projection.
pub fn edges(spec: &NetworkSpec) -> impl Iterator<Item = (usize, usize)> + '_ {
    spec.projections.iter().filter_map(|p| Some((spec.population(&p.pre)?, spec.population(&p.post)?)))
}

/// Longest way from a population without input; none when there is a cycle or the chain is long.
fn layers(n: usize, edges: &[(usize, usize)]) -> Option<Vec<usize>> {
    let mut layer = vec![0; n];
    for _ in 0..=n {
        let mut changed = false;
        for &(a, b) in edges {
            if layer[b] <= layer[a] {
                layer[b] = layer[a] + 1;
                changed = true;
            }
        }
        if layer.iter().any(|l| *l >= MAX_LAYERS) {
            return None;
        }
        if !changed {
            return Some(layer);
        }
    }
    None
}

/// The direction (radians, y down) that is farthest from all `taken` ones; of equally free ones the nearest to `preferred`.
pub fn free_direction(taken: &[f32], preferred: f32) -> f32 {
    let apart = |a: f32, b: f32| {
        let d = (a - b).rem_euclid(TAU);
        d.min(TAU - d)
    };
    let score = |a: f32| {
        let room = taken.iter().map(|t| apart(a, *t)).fold(PI, f32::min);
        room.min(1.1) - 0.15 * apart(a, preferred)
    };
    (0..24).map(|k| k as f32 * TAU / 24.0 - PI).max_by(|a, b| score(*a).total_cmp(&score(*b))).unwrap_or(preferred)
}

pub fn towards(angle: f32) -> Vec2 {
    vec2(angle.cos(), angle.sin())
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::model::neuron;
    use spikeground_core::part::Part;
    use spikeground_core::spec::{PopulationSpec, ProjectionSpec};

    fn network(n: usize, edges: &[(usize, usize)]) -> NetworkSpec {
        let mut spec = NetworkSpec::default();
        let name = |i: usize| format!("P{i}");
        spec.populations.extend((0..n).map(|i| PopulationSpec::new(&name(i), 10, Part::new(neuron::ALL[0]))));
        spec.projections.extend(edges.iter().map(|(a, b)| ProjectionSpec::new(&format!("{a}{b}"), &name(*a), &name(*b))));
        spec
    }

    #[test]
    fn a_feed_forward_network_reads_from_left_to_right() {
        let p = places(&network(3, &[(0, 1), (1, 2), (1, 1)]));
        assert!(p[0].x < p[1].x && p[1].x < p[2].x);
    }

    #[test]
    fn no_two_populations_stand_on_each_other() {
        for (n, edges) in [
            (1, vec![]),
            (3, vec![]),
            (9, vec![]),
            (2, vec![(0, 1), (1, 0)]),
            (5, (0..5).map(|i| (i, (i + 1) % 5)).collect()),
            (12, (0..11).map(|i| (i, i + 1)).collect()),
        ] {
            let p = places(&network(n, &edges));
            for i in 0..n {
                assert!(p[i].x > 0.0 && p[i].x < 1.0 && p[i].y > 0.0 && p[i].y < 1.0, "{n}: {:?}", p[i]);
                for j in 0..i {
                    assert!(p[i].distance(p[j]) > 0.1, "{n}: {i} {j}");
                }
            }
        }
    }

    #[test]
    fn a_saved_place_is_kept_and_nonsense_is_not() {
        let mut spec = network(2, &[]);
        spec.populations[0].position = Some([0.25, 0.75]);
        spec.populations[1].position = Some([f32::NAN, 7.0]);
        let p = places(&spec);
        assert_eq!(p[0], pos2(0.25, 0.75));
        assert!(p[1].x.is_finite() && p[1].x <= 1.0);
    }

    #[test]
    fn the_free_direction_keeps_away_from_what_is_taken() {
        let angle = free_direction(&[0.0, FRAC_PI_2], PI);
        assert!(angle.cos() < 0.5 && angle.sin() < 0.5, "{angle}");
    }
}
