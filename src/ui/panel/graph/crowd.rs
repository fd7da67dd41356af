//! The network drawn population by population.

use super::super::super::theme::{BODY, SMALL, Theme};
use super::super::super::view::{Item, ViewCtx};
use super::super::super::{fonts, text};
use super::super::common;
use super::curve::{self, Style};
use super::place::{free_direction, towards};
use super::{Stage, strength};
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Stroke, Ui, pos2, vec2};
use spikeground_core::model::stimulus;
use spikeground_core::spec::NetworkSpec;

/// Rate at which a population glows at about two thirds, Hz.
const BRIGHT: f64 = 15.0;
/// Biological time in which a pulse runs along an arrow, ms.
const PULSE: f64 = 250.0;
/// Window of the glow, ms: short, so that bursts are seen.
const GLOW: f64 = 40.0;

/// Everything about one population on screen.
pub struct Node {
    pub at: Pos2,
    pub radius: f32,
    pub colour: Color32,
    /// 0 (silent) to 1.
    pub glow: f32,
    pub rate: Option<f64>,
}

pub struct Arrow {
    pub projection: usize,
    pub points: Vec<Pos2>,
    pub style: Style,
    /// Activity of its source, 0 to 1.
    pub glow: f32,
}

pub struct Source {
    pub stimulus: usize,
    pub at: Pos2,
    pub points: Vec<Pos2>,
    /// Size against that of a large node's source: small nodes have small ones.
    pub scale: f32,
}

/// The picture of one frame.
pub struct Scene {
    pub nodes: Vec<Node>,
    pub arrows: Vec<Arrow>,
    pub sources: Vec<Source>,
}

pub fn scene(view: &ViewCtx<'_>, stage: &Stage) -> Scene {
    let spec = view.spec;
    let sizes: Vec<u32> = spec.populations.iter().map(|p| p.size).collect();
    let rates = view.history.activity.rates(&sizes, f64::INFINITY);
    let glow = view.history.activity.rates(&sizes, GLOW);
    let unit = stage.unit(sizes.len());
    let nodes: Vec<Node> = spec
        .populations
        .iter()
        .enumerate()
        .map(|(i, p)| {
            #[allow(clippy::cast_possible_truncation)]
            let glow = glow.as_ref().and_then(|g| g.get(i)).map_or(0.0, |r| (1.0 - (-r / BRIGHT).exp()) as f32);
            let radius = unit * (0.72 + 0.12 * (p.size.max(1) as f32).log10());
            let rate = rates.as_ref().and_then(|r| r.get(i).copied());
            Node { at: stage.node(i), radius, colour: common::colour(view.theme, spec, i), glow, rate }
        })
        .collect();
    let (arrows, taken) = arrows(view, &nodes, unit);
    let sources = sources(spec, &nodes, taken, unit);
    Scene { nodes, arrows, sources }
}

/// The arrows, and the directions they take up around each node.
fn arrows(view: &ViewCtx<'_>, nodes: &[Node], unit: f32) -> (Vec<Arrow>, Vec<Vec<f32>>) {
    let spec = view.spec;
    let widths = strength::widths(spec, &view.history.weights, view.n_synapses);
    // Names and rates are written below the nodes.
    let down = std::f32::consts::FRAC_PI_2;
    let mut taken = vec![vec![down - 0.5, down, down + 0.5]; nodes.len()];
    let ends: Vec<_> = spec.projections.iter().map(|p| Some((spec.population(&p.pre)?, spec.population(&p.post)?))).collect();
    for (a, b) in ends.iter().flatten().filter(|(a, b)| a != b) {
        let way = nodes[*b].at - nodes[*a].at;
        taken[*a].push(way.angle());
        taken[*b].push((-way).angle());
    }
    let centre = nodes.iter().fold(vec2(0.0, 0.0), |sum, n| sum + n.at.to_vec2()) / nodes.len().max(1) as f32;
    let mut arrows = Vec::new();
    for (i, ends) in ends.iter().enumerate() {
        let (Some((a, b)), Some(p)) = (*ends, spec.projections.get(i)) else { continue };
        // Several projections between the same two populations lie beside each other.
        let same = ends_before(&spec_ends(spec), i, (a, b));
        let from = &nodes[a];
        let points = if a == b {
            let outward = (from.at.to_vec2() - centre).angle();
            let angle = free_direction(&taken[a], if nodes.len() == 1 { -2.4 } else { outward });
            taken[a].push(angle);
            curve::around(from.at, from.radius + 2.0, angle, unit * 1.1)
        } else {
            let bend = 0.12 + 0.13 * same as f32;
            curve::between((from.at, from.radius + 2.0), (nodes[b].at, nodes[b].radius + 3.0), bend)
        };
        let excites = strength::excites(spec, p, strength::mean_weight(spec, &view.history.weights, i));
        let colour = if excites { view.theme.excitatory } else { view.theme.inhibitory };
        let style = Style { colour, width: widths.get(i).copied().unwrap_or(2.0), excites, learns: p.plasticity.is_some() };
        arrows.push(Arrow { projection: i, points, style, glow: from.glow });
    }
    (arrows, taken)
}

fn spec_ends(spec: &NetworkSpec) -> Vec<Option<(usize, usize)>> {
    spec.projections.iter().map(|p| Some((spec.population(&p.pre)?, spec.population(&p.post)?))).collect()
}

fn ends_before(all: &[Option<(usize, usize)>], i: usize, ends: (usize, usize)) -> usize {
    all.iter().take(i).filter(|e| **e == Some(ends)).count()
}

fn sources(spec: &NetworkSpec, nodes: &[Node], mut taken: Vec<Vec<f32>>, unit: f32) -> Vec<Source> {
    let mut sources = Vec::new();
    for (i, s) in spec.stimuli.iter().enumerate() {
        let Some(target) = spec.population(&s.target) else { continue };
        let (Some(node), Some(taken)) = (nodes.get(target), taken.get_mut(target)) else { continue };
        let angle = free_direction(taken, std::f32::consts::PI);
        taken.push(angle);
        let at = node.at + towards(angle) * (node.radius + unit * 1.15);
        let scale = (node.radius / 32.0).clamp(0.5, 1.0);
        let points = curve::between((at, 10.0 * scale), (node.at, node.radius + 3.0), 0.0);
        sources.push(Source { stimulus: i, at, points, scale });
    }
    sources
}

/// Draws the scene; `hovered` is what the pointer is over.
pub fn paint(ui: &Ui, view: &ViewCtx<'_>, scene: &Scene, hovered: Option<Item>) {
    let (painter, theme) = (ui.painter(), view.theme);
    let is_lit = |item: Item| view.selection.item == item || hovered == Some(item);
    #[allow(clippy::cast_possible_truncation)]
    let phase = (view.status.time() / PULSE).fract() as f32;
    for source in &scene.sources {
        paint_source(painter, view, source, is_lit(Item::Stimulus(source.stimulus)));
    }
    for arrow in &scene.arrows {
        let item = Item::Projection(arrow.projection);
        if view.selection.item == item {
            let halo = Stroke::new(arrow.style.width + 7.0, theme.accent.gamma_multiply(0.35));
            painter.add(egui::Shape::line(arrow.points.clone(), halo));
        }
        let rest = if is_lit(item) { 1.0 } else { 0.75 };
        let colour = Theme::mix(theme.panel, arrow.style.colour, rest);
        curve::paint(painter, &arrow.points, Style { colour, ..arrow.style });
        curve::pulses(painter, &arrow.points, theme.strong, arrow.style.width, phase, arrow.glow);
    }
    for (i, node) in scene.nodes.iter().enumerate() {
        paint_node(painter, view, node, i, is_lit(Item::Population(i)));
    }
}

fn paint_node(painter: &Painter, view: &ViewCtx<'_>, node: &Node, i: usize, is_lit: bool) {
    let (theme, Some(population)) = (view.theme, view.spec.populations.get(i)) else { return };
    for (grow, alpha) in [(0.5, 0.05), (0.3, 0.09), (0.14, 0.15)] {
        painter.circle_filled(node.at, node.radius * (1.0 + grow * node.glow), node.colour.gamma_multiply(alpha * node.glow));
    }
    let fill = Theme::mix(theme.plot, node.colour, 0.16 + 0.5 * node.glow);
    let ring = if view.selection.item == Item::Population(i) {
        Stroke::new(3.0, theme.accent)
    } else {
        Stroke::new(if is_lit { 3.0 } else { 2.0 }, node.colour)
    };
    painter.circle(node.at, node.radius, fill, ring);
    let mark_at = node.at - vec2(0.0, node.radius * 0.3);
    common::mark(painter, population.role, mark_at, (node.radius * 0.26).clamp(4.0, 12.0), Theme::mix(node.colour, theme.strong, 0.25));
    if node.radius > 15.0 {
        let size = (node.radius * 0.42).clamp(SMALL, 16.0);
        painter.text(
            node.at + vec2(0.0, node.radius * 0.3),
            Align2::CENTER_CENTER,
            text::count(u64::from(population.size)),
            fonts::medium(size),
            theme.strong,
        );
    }
    let below = node.at + vec2(0.0, node.radius + 5.0);
    let name = painter.text(below, Align2::CENTER_TOP, &population.name, fonts::semibold(BODY), theme.text);
    let rate = node.rate.map_or_else(|| "– Hz".to_owned(), |r| text::with_unit(&text::fixed(r, 1), "Hz"));
    painter.text(pos2(below.x, name.bottom() + 1.0), Align2::CENTER_TOP, rate, fonts::medium(SMALL), theme.weak);
}

/// A little box with the time course of the stimulus, and a thin line to its target.
fn paint_source(painter: &Painter, view: &ViewCtx<'_>, source: &Source, is_lit: bool) {
    let (theme, Some(s)) = (view.theme, view.spec.stimuli.get(source.stimulus)) else { return };
    let colour = match (s.enabled, is_lit) {
        (true, true) => theme.strong,
        (true, false) => theme.weak,
        (false, _) => Theme::mix(theme.panel, theme.weak, 0.45),
    };
    let line = Stroke::new(1.0, colour);
    painter.add(egui::Shape::line(source.points.clone(), line));
    if let [.., before, tip] = source.points.as_slice() {
        let direction = (*tip - *before).normalized();
        let side = vec2(-direction.y, direction.x) * 3.0;
        let back = *tip - direction * 6.0;
        painter.add(egui::Shape::convex_polygon(vec![*tip, back + side, back - side], colour, Stroke::NONE));
    }
    let rect = Rect::from_center_size(source.at, vec2(20.0, 16.0) * source.scale);
    let edge = if view.selection.item == Item::Stimulus(source.stimulus) { Stroke::new(2.0, theme.accent) } else { line };
    painter.rect(rect, 3.0, theme.plot, edge, egui::StrokeKind::Middle);
    glyph(painter, rect.shrink(4.0 * source.scale), s.stimulus.kind.key, Stroke::new(1.2 * source.scale, colour));
}

/// The time course of a kind of stimulus, in a few strokes.
fn glyph(painter: &Painter, rect: Rect, key: &str, stroke: Stroke) {
    let at = |x: f32, y: f32| rect.min + vec2(x, y) * rect.size();
    let course: &[(f32, f32)] = match key {
        "constant" => &[(0.0, 0.3), (1.0, 0.3)],
        "step" => &[(0.0, 1.0), (0.3, 1.0), (0.3, 0.1), (0.75, 0.1), (0.75, 1.0), (1.0, 1.0)],
        "pulse_train" => {
            &[(0.0, 1.0), (0.1, 1.0), (0.1, 0.1), (0.3, 0.1), (0.3, 1.0), (0.6, 1.0), (0.6, 0.1), (0.8, 0.1), (0.8, 1.0), (1.0, 1.0)]
        }
        "ramp" => &[(0.0, 1.0), (1.0, 0.0)],
        "noise" => &[(0.0, 0.5), (0.15, 0.1), (0.3, 0.8), (0.45, 0.3), (0.6, 1.0), (0.75, 0.2), (0.9, 0.7), (1.0, 0.4)],
        "sine" => &[(0.0, 0.5), (0.12, 0.15), (0.25, 0.0), (0.38, 0.15), (0.5, 0.5), (0.62, 0.85), (0.75, 1.0), (0.88, 0.85), (1.0, 0.5)],
        _ => &[],
    };
    if stimulus::ALL.iter().any(|k| k.key == key && stimulus::sends_spikes(k)) || course.is_empty() {
        for x in [0.05, 0.3, 0.42, 0.7, 0.95] {
            painter.line_segment([at(x, 0.0), at(x, 1.0)], stroke);
        }
    } else {
        painter.add(egui::Shape::line(course.iter().map(|(x, y)| at(*x, *y)).collect(), stroke));
    }
}

/// What is at a point: nodes before sources before arrows.
pub fn hit(scene: &Scene, at: Pos2) -> Option<Item> {
    if let Some(i) = scene.nodes.iter().position(|n| n.at.distance(at) <= n.radius + 2.0) {
        return Some(Item::Population(i));
    }
    if let Some(s) = scene.sources.iter().find(|s| s.at.distance(at) < 13.0) {
        return Some(Item::Stimulus(s.stimulus));
    }
    let near = scene.arrows.iter().map(|a| (a.projection, curve::distance(&a.points, at) - a.style.width / 2.0));
    near.filter(|(_, d)| *d < 6.0).min_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| Item::Projection(i))
}

/// What to say about the thing under the pointer.
pub fn describe(view: &ViewCtx<'_>, scene: &Scene, item: Item) -> Vec<String> {
    let spec = view.spec;
    match item {
        Item::Population(i) => {
            let (Some(p), Some(node)) = (spec.populations.get(i), scene.nodes.get(i)) else { return Vec::new() };
            let rate = node.rate.map_or_else(|| "–".into(), |r| text::with_unit(&text::fixed(r, 1), "Hz"));
            vec![
                p.name.clone(),
                format!("{} neurons, {}", text::count(u64::from(p.size)), p.model.kind.name),
                format!("mean rate {rate} (last 0.3 s)"),
            ]
        }
        Item::Projection(i) => {
            let Some(p) = spec.projections.get(i) else { return Vec::new() };
            let weight = strength::mean_weight(spec, &view.history.weights, i);
            let sign = if strength::excites(spec, p, weight) { "excitatory" } else { "inhibitory" };
            let learns = p.plasticity.as_ref().map_or_else(String::new, |r| format!(", learns by {}", r.kind.name));
            let n = view.n_synapses.get(i).map_or_else(|| "–".into(), |n| text::count(*n));
            vec![
                p.name.clone(),
                format!("{sign}{learns}"),
                format!("{n} synapses, mean weight {}", common::weight_text(weight, spec.weight_unit(i), false)),
            ]
        }
        Item::Stimulus(i) => {
            let Some(s) = spec.stimuli.get(i) else { return Vec::new() };
            let state = if s.enabled { "on" } else { "off" };
            vec![s.name.clone(), format!("{} to {}, {state}", s.stimulus.kind.name, s.target)]
        }
        _ => Vec::new(),
    }
}

/// Small print under the graph.
pub fn legend(painter: &Painter, theme: &Theme, at: Pos2) {
    let font = FontId::proportional(SMALL);
    let mut x = at.x;
    for (words, excites, learns) in [("excites", true, false), ("inhibits", false, false), ("learns", true, true)] {
        let colour = if learns {
            theme.weak
        } else if excites {
            theme.excitatory
        } else {
            theme.inhibitory
        };
        curve::paint(
            painter,
            &[pos2(x, at.y), pos2(x + 8.0, at.y), pos2(x + 16.0, at.y), pos2(x + 26.0, at.y)],
            Style { colour, width: 1.6, excites, learns },
        );
        let drawn = painter.text(pos2(x + 32.0, at.y), Align2::LEFT_CENTER, words, font.clone(), theme.weak);
        x = drawn.right() + 14.0;
    }
}
