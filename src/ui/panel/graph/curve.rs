//! A connection drawn as a curve: pointed head when it excites, round head when it inhibits, dashes when it learns.

use super::place::towards;
use egui::{Color32, Painter, Pos2, Shape, Stroke, vec2};

/// Points from the edge of one disc to the edge of another, bent to the left by `bend` times the distance.
pub fn between(from: (Pos2, f32), to: (Pos2, f32), bend: f32) -> Vec<Pos2> {
    let way = to.0 - from.0;
    let length = way.length().max(1.0);
    let middle = from.0 + way * 0.5 + vec2(way.y, -way.x) * bend;
    let start = from.0 + (middle - from.0).normalized() * from.1.min(length * 0.45);
    let end = to.0 + (middle - to.0).normalized() * to.1.min(length * 0.45);
    sample(|t| {
        let (a, b) = (start.lerp(middle, t), middle.lerp(end, t));
        a.lerp(b, t)
    })
}

/// A loop that leaves a disc and comes back, in the direction `angle`.
pub fn around(centre: Pos2, radius: f32, angle: f32, size: f32) -> Vec<Pos2> {
    let (a, b) = (angle - 0.55, angle + 0.55);
    let (start, end) = (centre + towards(a) * radius, centre + towards(b) * radius);
    let (c, d) = (centre + towards(a - 0.12) * (radius + size * 1.5), centre + towards(b + 0.12) * (radius + size * 1.5));
    sample(|t| {
        let (p, q, r) = (start.lerp(c, t), c.lerp(d, t), d.lerp(end, t));
        p.lerp(q, t).lerp(q.lerp(r, t), t)
    })
}

fn sample(f: impl Fn(f32) -> Pos2) -> Vec<Pos2> {
    (0..=28).map(|i| f(i as f32 / 28.0)).collect()
}

/// How a connection looks.
#[derive(Clone, Copy)]
pub struct Style {
    pub colour: Color32,
    pub width: f32,
    pub excites: bool,
    pub learns: bool,
}

/// Draws the curve and its head.
pub fn paint(painter: &Painter, points: &[Pos2], style: Style) {
    let (Some(&tip), Some(&before)) = (points.last(), points.get(points.len().saturating_sub(4))) else { return };
    let direction = (tip - before).normalized();
    let head = 4.0 + 1.6 * style.width;
    let stroke = Stroke::new(style.width, style.colour);
    // The line ends inside the head, so that a thick line does not show beside a thin tip.
    let reach = if style.excites { head * 0.7 } else { head * 0.9 };
    let cut: Vec<Pos2> = points.iter().copied().filter(|p| p.distance(tip) > reach).chain([tip - direction * reach]).collect();
    if style.learns {
        painter.extend(Shape::dashed_line(&cut, stroke, 3.0 + 2.0 * style.width, 2.0 + 1.2 * style.width));
    } else {
        painter.add(Shape::line(cut, stroke));
    }
    if style.excites {
        let side = vec2(-direction.y, direction.x) * head * 0.55;
        let back = tip - direction * head;
        painter.add(Shape::convex_polygon(vec![tip, back + side, back - side], style.colour, Stroke::NONE));
    } else {
        painter.circle_filled(tip - direction * head * 0.45, head * 0.45, style.colour);
    }
}

/// Dots that run along the curve; `phase` is how far they have come, `strength` how bright they are (0 to 1).
pub fn pulses(painter: &Painter, points: &[Pos2], colour: Color32, width: f32, phase: f32, strength: f32) {
    if strength < 0.02 || points.len() < 2 {
        return;
    }
    for k in 0..3 {
        let t = (phase + k as f32 / 3.0).fract();
        let at = t * (points.len() - 1) as f32;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let i = (at as usize).min(points.len() - 2);
        let p = points[i].lerp(points[i + 1], at - i as f32);
        painter.circle_filled(p, width * 0.5 + 1.6, colour.gamma_multiply(strength * (1.0 - (2.0 * t - 1.0).abs()).sqrt()));
    }
}

/// Distance of a point to the curve.
pub fn distance(points: &[Pos2], to: Pos2) -> f32 {
    let mut least = f32::INFINITY;
    for pair in points.windows(2) {
        let (a, way) = (pair[0], pair[1] - pair[0]);
        let t = ((to - a).dot(way) / way.length_sq().max(1e-6)).clamp(0.0, 1.0);
        least = least.min((a + way * t).distance(to));
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    #[test]
    fn a_curve_runs_from_edge_to_edge() {
        let points = between((pos2(0.0, 0.0), 10.0), (pos2(100.0, 0.0), 20.0), 0.2);
        assert!((points[0].distance(pos2(0.0, 0.0)) - 10.0).abs() < 0.1);
        assert!((points[points.len() - 1].distance(pos2(100.0, 0.0)) - 20.0).abs() < 0.1);
        assert!(points[14].y < -5.0);
    }

    #[test]
    fn there_and_back_are_two_curves() {
        let (a, b) = ((pos2(0.0, 0.0), 5.0), (pos2(100.0, 0.0), 5.0));
        let (there, back) = (between(a, b, 0.15), between(b, a, 0.15));
        assert!(there[14].distance(back[14]) > 10.0);
        assert!(distance(&there, there[14]) < 0.01);
    }
}
