//! A small network drawn neuron by neuron, edges as thick as their weights.

use super::super::super::history::weights::Pictures;
use super::super::super::theme::{BODY, Theme};
use super::super::super::view::{Item, ViewCtx};
use super::super::super::{fonts, text};
use super::super::common;
use super::curve::{self, Style};
use super::{Stage, strength};
use egui::{Align2, Pos2, Stroke, Ui, vec2};
use std::f32::consts::{FRAC_PI_2, TAU};

/// Networks up to this many neurons are drawn neuron by neuron.
pub const MAX: u64 = 64;
/// Biological time in which the flash of a spike fades, ms.
const FLASH: f64 = 25.0;
/// With more edges than this the heads would hide the picture.
const MAX_HEADS: usize = 90;

pub struct Cell {
    pub population: usize,
    pub index: u32,
    pub at: Pos2,
    pub radius: f32,
    /// 1 at a spike, fading.
    pub flash: f32,
}

pub struct Edge {
    pub projection: usize,
    /// Indices of cells.
    pub pre: usize,
    pub post: usize,
    pub weight: f32,
}

pub struct Scene {
    pub cells: Vec<Cell>,
    pub edges: Vec<Edge>,
    /// Centre and outer radius of each population.
    pub rings: Vec<(Pos2, f32)>,
}

pub fn scene(view: &ViewCtx<'_>, stage: &Stage) -> Scene {
    let spec = view.spec;
    let n_populations = spec.populations.len();
    let mut cells = Vec::new();
    let mut rings = Vec::new();
    let unit = stage.unit(n_populations);
    let share = |n: u32| if n_populations == 1 { 0.85 } else { 0.62 + 0.38 * (n as f32 / 16.0).min(1.0) };
    let ring_of = |n: u32| if n == 1 { 0.0 } else { stage.reach() * share(n) };
    // Neurons on a ring do not touch; those of small rings are not much larger than the others.
    let radius_of = |n: u32| if n == 1 { unit } else { (ring_of(n) * std::f32::consts::PI / n as f32 * 0.72).clamp(3.0, unit * 0.55) };
    let largest = spec.populations.iter().map(|p| radius_of(p.size) * 1.5).fold(f32::INFINITY, f32::min);
    for (p, population) in spec.populations.iter().enumerate() {
        let n = population.size;
        let (ring, radius) = (ring_of(n), radius_of(n).min(largest));
        for index in 0..n {
            let angle = TAU * index as f32 / n as f32 - FRAC_PI_2;
            let at = stage.node(p) + vec2(angle.cos(), angle.sin()) * ring;
            let id = u32::try_from(cells.len()).unwrap_or(u32::MAX);
            #[allow(clippy::cast_possible_truncation)]
            let flash = view.history.activity.since_spike(id).map_or(0.0, |t| (-t / FLASH).exp() as f32);
            cells.push(Cell { population: p, index, at, radius, flash });
        }
        rings.push((stage.node(p), ring + radius));
    }
    Scene { cells, edges: edges(view), rings }
}

/// All synapses with their weights, from the newest pictures.
fn edges(view: &ViewCtx<'_>) -> Vec<Edge> {
    let (spec, firsts) = (view.spec, view.spec.first_ids());
    let mut edges = Vec::new();
    for (projection, p) in spec.projections.iter().enumerate() {
        let (Some(a), Some(b)) = (spec.population(&p.pre), spec.population(&p.post)) else { continue };
        let (n_pre, n_post) = (spec.populations[a].size, spec.populations[b].size);
        let fits = |q: &&Pictures| (q.last.rows, q.last.cols) == (n_pre, n_post);
        let Some(pictures) = view.history.weights.of(Some(projection)).filter(fits) else {
            continue;
        };
        for (at, weight) in pictures.last.values.iter().enumerate().filter(|(_, w)| !w.is_nan()) {
            let (i, j) = (at / n_post.max(1) as usize, at % n_post.max(1) as usize);
            edges.push(Edge { projection, pre: firsts[a] as usize + i, post: firsts[b] as usize + j, weight: *weight });
        }
    }
    edges
}

/// Draws cells and edges; `hovered` is the cell under the pointer.
pub fn paint(ui: &Ui, view: &ViewCtx<'_>, scene: &Scene, hovered: Option<usize>) {
    let (painter, theme) = (ui.painter(), view.theme);
    paint_edges(ui, view, scene, hovered);
    for (p, (centre, radius)) in scene.rings.iter().enumerate() {
        let Some(population) = view.spec.populations.get(p) else { continue };
        let lit = view.selection.item == Item::Population(p);
        let colour = if lit { theme.accent } else { common::colour(theme, view.spec, p) };
        painter.text(*centre + vec2(0.0, radius + 6.0), Align2::CENTER_TOP, &population.name, fonts::semibold(BODY), colour);
    }
    for (i, cell) in scene.cells.iter().enumerate() {
        let Some(population) = view.spec.populations.get(cell.population) else { continue };
        let colour = common::colour(theme, view.spec, cell.population);
        if cell.flash > 0.02 {
            painter.circle_filled(cell.at, cell.radius * (1.0 + 0.7 * cell.flash), colour.gamma_multiply(0.35 * cell.flash));
        }
        // A spike lights up on a dark ground, and fills with colour on a light one.
        let flash = if theme.dark { Theme::mix(colour, theme.strong, 0.8) } else { colour };
        let fill = Theme::mix(Theme::mix(theme.plot, colour, 0.18), flash, cell.flash);
        let is_selected = view.selection.neurons.contains(&(cell.population, cell.index));
        let ring = match (is_selected, hovered == Some(i)) {
            (true, _) => Stroke::new(3.0, theme.accent),
            (false, true) => Stroke::new(2.5, theme.strong),
            (false, false) => Stroke::new(1.5, colour),
        };
        painter.circle(cell.at, cell.radius, fill, ring);
        let ink = if cell.flash > 0.4 { theme.plot } else { theme.text };
        if population.size == 1 {
            common::mark(painter, population.role, cell.at, cell.radius * 0.45, Theme::mix(colour, ink, 0.3));
        } else if cell.radius > 8.0 {
            let size = (cell.radius * 0.8).clamp(9.0, BODY);
            painter.text(cell.at, Align2::CENTER_CENTER, text::count(u64::from(cell.index)), fonts::medium(size), ink);
        }
    }
}

fn paint_edges(ui: &Ui, view: &ViewCtx<'_>, scene: &Scene, hovered: Option<usize>) {
    let (painter, theme) = (ui.painter(), view.theme);
    let heads = scene.edges.len() <= MAX_HEADS;
    let most: Vec<f32> = (0..view.spec.projections.len())
        .map(|p| scene.edges.iter().filter(|e| e.projection == p).map(|e| e.weight.abs()).fold(0.0, f32::max))
        .collect();
    for edge in &scene.edges {
        let (Some(a), Some(b), Some(p)) =
            (scene.cells.get(edge.pre), scene.cells.get(edge.post), view.spec.projections.get(edge.projection))
        else {
            continue;
        };
        // The bound of a learning projection is the full width, so that growth is seen.
        let w_max = common::Subject { projection: Some(edge.projection) }.w_max(view.spec);
        #[allow(clippy::cast_possible_truncation)]
        let full = w_max.map_or(most.get(edge.projection).copied().unwrap_or(0.0), |w| w as f32).max(f32::MIN_POSITIVE);
        let relative = (edge.weight.abs() / full).clamp(0.0, 1.0);
        let is_lit = hovered.is_none_or(|h| h == edge.pre || h == edge.post);
        let width = 0.4 + relative * (0.32 * a.radius.min(b.radius)).clamp(1.6, 5.0);
        let excites = strength::excites(view.spec, p, f64::from(edge.weight));
        let colour = if excites { theme.excitatory } else { theme.inhibitory };
        let alpha = if is_lit { 0.30 + 0.60 * relative } else { 0.06 };
        let travelling = (a.flash * 1.2).min(1.0);
        let colour = Theme::mix(colour, theme.strong, 0.5 * travelling).gamma_multiply((alpha + 0.3 * travelling * relative).min(1.0));
        let points = if edge.pre == edge.post {
            let centre = scene.rings.get(a.population).map_or(a.at, |r| r.0);
            curve::around(a.at, a.radius, (a.at - centre).angle(), a.radius)
        } else {
            curve::between((a.at, a.radius + 1.0), (b.at, b.radius + 1.5), 0.1)
        };
        let style = Style { colour, width, excites, learns: false };
        if heads {
            curve::paint(painter, &points, style);
        } else {
            painter.add(egui::Shape::line(points, Stroke::new(width, colour)));
        }
    }
}

pub fn hit(scene: &Scene, at: Pos2) -> Option<usize> {
    scene.cells.iter().position(|c| c.at.distance(at) <= c.radius + 3.0)
}

/// The edge nearest to the pointer.
pub fn edge_at(scene: &Scene, at: Pos2) -> Option<&Edge> {
    let distance = |e: &Edge| {
        let (a, b) = (scene.cells.get(e.pre)?, scene.cells.get(e.post)?);
        (e.pre != e.post).then(|| curve::distance(&curve::between((a.at, a.radius), (b.at, b.radius), 0.1), at))
    };
    let near = scene.edges.iter().filter_map(|e| Some((e, distance(e)?))).filter(|(_, d)| *d < 5.0);
    near.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(e, _)| e)
}

/// What to say about a neuron.
pub fn describe(view: &ViewCtx<'_>, scene: &Scene, cell: usize) -> Vec<String> {
    let Some(c) = scene.cells.get(cell) else { return Vec::new() };
    let (outgoing, incoming) =
        (scene.edges.iter().filter(|e| e.pre == cell).count(), scene.edges.iter().filter(|e| e.post == cell).count());
    let id = u32::try_from(cell).unwrap_or(u32::MAX);
    let last = view.history.activity.since_spike(id);
    let last = last.map_or_else(|| "no spike yet".to_owned(), |t| format!("last spike {} ago", text::with_unit(&text::fixed(t, 1), "ms")));
    vec![
        common::neuron_name(view.spec, c.population, c.index),
        last,
        format!("{incoming} synapses in, {outgoing} out"),
        "Double-click to make it fire".to_owned(),
    ]
}

/// What to say about a synapse.
pub fn describe_edge(view: &ViewCtx<'_>, scene: &Scene, edge: &Edge) -> Vec<String> {
    let name = |i: usize| scene.cells.get(i).map_or_else(String::new, |c| common::neuron_name(view.spec, c.population, c.index));
    let unit = view.spec.weight_unit(edge.projection);
    vec![
        format!("{} → {}", name(edge.pre), name(edge.post)),
        format!("weight {}", common::weight_text(f64::from(edge.weight), unit, false)),
    ]
}

/// What is not drawn.
pub fn note(scene: &Scene) -> String {
    if scene.edges.len() > MAX_HEADS {
        format!("{} synapses, drawn without heads", text::count(scene.edges.len() as u64))
    } else {
        String::new()
    }
}
