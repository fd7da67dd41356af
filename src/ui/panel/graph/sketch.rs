//! A little picture of a network for a card: its populations and connections, made from the description.

use super::super::super::theme::Theme;
use super::super::common;
use super::curve::{self, Style};
use super::place::{free_direction, places};
use super::strength;
use egui::{Painter, Pos2, Rect, Shape, Stroke, vec2};
use spikeground_core::spec::NetworkSpec;
use std::f32::consts::{FRAC_PI_2, TAU};

/// Populations up to this size are drawn as rings of neurons.
const RING: u32 = 12;

/// Draws `spec` in `rect`, on whatever is there.
pub fn sketch(painter: &Painter, theme: &Theme, rect: Rect, spec: &NetworkSpec) {
    let inner = rect.shrink2(vec2(rect.width() * 0.10, rect.height() * 0.14));
    let at: Vec<Pos2> = places(spec).into_iter().map(|p| inner.lerp_inside(p.to_vec2())).collect();
    let n = at.len().max(1) as f32;
    let closest = (0..at.len()).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| at[i].distance(at[j])).fold(f32::INFINITY, f32::min);
    let unit = (inner.height() * 0.2).min(closest * 0.2).min(inner.width() * 0.5 / n.sqrt()).max(2.0);
    let radius = |i: usize| unit * (0.7 + 0.12 * (spec.populations[i].size.max(1) as f32).log10());
    let mut taken = vec![Vec::new(); at.len()];
    let ends = spec.projections.iter().map(|p| Some((spec.population(&p.pre)?, spec.population(&p.post)?)));
    let ends: Vec<_> = ends.collect();
    for (a, b) in ends.iter().flatten().filter(|(a, b)| a != b) {
        let way = at[*b] - at[*a];
        taken[*a].push(way.angle());
        taken[*b].push((-way).angle());
    }
    // One small population is drawn as the neurons it has.
    if let ([population], [centre]) = (spec.populations.as_slice(), at.as_slice())
        && (2..=RING).contains(&population.size)
    {
        let is_wired = !spec.projections.is_empty();
        ring(painter, theme, *centre, inner.height() * 0.42, population.size, is_wired, common::colour(theme, spec, 0));
        return;
    }
    for (p, ends) in spec.projections.iter().zip(&ends) {
        let Some((a, b)) = *ends else { continue };
        let excites = strength::excites(spec, p, strength::described(p));
        let colour = Theme::mix(theme.plot, if excites { theme.excitatory } else { theme.inhibitory }, 0.8);
        let points = if a == b {
            let angle = free_direction(&taken[a], -FRAC_PI_2);
            taken[a].push(angle);
            curve::around(at[a], radius(a) + 1.0, angle, unit)
        } else {
            curve::between((at[a], radius(a) + 1.0), (at[b], radius(b) + 2.0), 0.14)
        };
        curve::paint(painter, &points, Style { colour, width: 1.4, excites, learns: p.plasticity.is_some() });
    }
    for (i, population) in spec.populations.iter().enumerate() {
        let colour = common::colour(theme, spec, i);
        painter.circle(at[i], radius(i), Theme::mix(theme.plot, colour, 0.25), Stroke::new(1.5, colour));
        common::mark(painter, population.role, at[i], radius(i) * 0.42, colour);
    }
    if spec.projections.is_empty() && at.len() <= 4 {
        for (i, at) in at.iter().enumerate() {
            let width = (inner.width() / n * 0.7).min(64.0);
            let below = Rect::from_center_size(*at + vec2(0.0, radius(i) + 14.0), vec2(width, 14.0));
            spikes(painter, below, Stroke::new(1.2, theme.weak));
        }
    }
}

fn ring(painter: &Painter, theme: &Theme, centre: Pos2, radius: f32, n: u32, is_wired: bool, colour: egui::Color32) {
    let place = |i: u32| {
        let angle = TAU * i as f32 / n as f32 - FRAC_PI_2;
        centre + vec2(angle.cos(), angle.sin()) * radius
    };
    let size = (radius * 0.26).clamp(2.5, 8.0);
    let style = Style { colour: Theme::mix(theme.plot, colour, 0.8), width: 1.2, excites: true, learns: false };
    for i in 0..n {
        for j in (0..n).filter(|j| is_wired && *j != i) {
            curve::paint(painter, &curve::between((place(i), size + 1.0), (place(j), size + 2.0), 0.12), style);
        }
    }
    for i in 0..n {
        painter.circle(place(i), size, Theme::mix(theme.plot, colour, 0.3), Stroke::new(1.3, colour));
    }
}

/// A voltage that charges and fires, over and over.
fn spikes(painter: &Painter, rect: Rect, stroke: Stroke) {
    let mut points = Vec::new();
    for k in 0..3 {
        for i in 0..=6 {
            let t = i as f32 / 6.0;
            points.push(rect.min + vec2((k as f32 + t) / 3.0, 1.0 - 0.55 * (1.0 - (-2.2 * t).exp())) * rect.size());
        }
        let x = (k as f32 + 1.0) / 3.0;
        points.push(rect.min + vec2(x, 0.0) * rect.size());
        points.push(rect.min + vec2(x, 1.0) * rect.size());
    }
    painter.add(Shape::line(points, stroke));
}
