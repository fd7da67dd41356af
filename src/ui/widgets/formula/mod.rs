//! Formulas as in a textbook: fractions, powers, real subscripts, italic variables; every symbol knows where it stands.

mod parse;

use super::super::fonts;
use egui::epaint::{CubicBezierShape, PathStroke};
use egui::{Color32, FontId, Galley, Painter, Pos2, Rect, Shape, Stroke, Vec2, pos2, vec2};
pub use parse::{Node, parse};
use std::sync::Arc;

/// Sizes of what stands above, below and raised, relative to what it belongs to; never below this many points.
const FRACTION: f32 = 0.92;
const RAISED: f32 = 0.7;
const LOWERED: f32 = 0.72;
const LEAST: f32 = 9.0;
/// Height of letters above the line, and depth below it.
const UP: f32 = 0.76;
const DOWN: f32 = 0.24;
/// Room around words.
const WORD: f32 = 0.18;
/// Where fraction bars and the middle of brackets stand above the line.
const AXIS: f32 = 0.27;

#[derive(Clone)]
enum Ink {
    Text(Arc<Galley>),
    /// A bar of this length.
    Bar(f32),
    /// A bracket of this size, opening to the right or to the left.
    Bracket(Vec2, bool),
}

#[derive(Clone)]
struct Piece {
    /// Left end on the base line (of text), else top left.
    at: Vec2,
    ink: Ink,
    /// Index into the symbols, of what belongs to one.
    symbol: Option<usize>,
}

/// A part that has been set: its extent around the left end of its base line.
#[derive(Clone, Default)]
struct Block {
    width: f32,
    up: f32,
    down: f32,
    pieces: Vec<Piece>,
    symbols: Vec<(String, Rect)>,
}

impl Block {
    /// Puts `other` into this one, its origin at `at`; the width is left to the caller.
    fn put(&mut self, other: Self, at: Vec2) {
        let first = self.symbols.len();
        self.pieces.extend(other.pieces.into_iter().map(|p| Piece { at: p.at + at, symbol: p.symbol.map(|s| s + first), ..p }));
        self.symbols.extend(other.symbols.into_iter().map(|(name, rect)| (name, rect.translate(at))));
        self.up = self.up.max(other.up - at.y);
        self.down = self.down.max(other.down + at.y);
    }

    fn append(&mut self, other: Self) {
        let (x, width) = (self.width, other.width);
        self.put(other, vec2(x, 0.0));
        self.width = x + width;
    }

    fn height(&self) -> f32 {
        self.up + self.down
    }
}

/// A formula ready to be painted.
pub struct Formula {
    block: Block,
    pub size: Vec2,
    /// Whether it had to be broken.
    pub is_broken: bool,
}

impl Formula {
    /// Sets `node` in letters of `size`, broken before signs where it is wider than `width`.
    pub fn set(painter: &Painter, node: &Node, size: f32, width: f32) -> Self {
        let nodes = match node {
            Node::Row(nodes) => nodes.as_slice(),
            one => std::slice::from_ref(one),
        };
        // What stays together: a sign with what follows it.
        let mut parts: Vec<(Block, bool)> = Vec::new();
        let mut holds_on = false;
        for (k, node) in nodes.iter().enumerate() {
            let mut block = block(painter, node, size);
            if let (Node::Word(_), Some(Node::Stop(_))) = (node, nodes.get(k + 1)) {
                block.width -= WORD * size;
            }
            // A comma ends a line, it does not begin one.
            match parts.last_mut().filter(|_| holds_on || matches!(node, Node::Stop(_))) {
                Some((last, _)) => last.append(block),
                None => parts.push((block, matches!(node, Node::Gap))),
            }
            holds_on = matches!(node, Node::Binary(_) | Node::Prefix(_) | Node::Dot | Node::Function(_));
        }
        let indent = 2.0 * size;
        let mut lines = vec![Block::default()];
        for (part, is_gap) in parts {
            if lines.last().is_some_and(|line| line.width > indent && line.width + part.width > width) {
                lines.push(Block { width: indent, ..Block::default() });
                if is_gap {
                    continue;
                }
            }
            if let Some(line) = lines.last_mut() {
                line.append(part);
            }
        }
        let is_broken = lines.len() > 1;
        let mut all = Block::default();
        let mut y = 0.0;
        for line in lines {
            let (up, down, wide) = (line.up.max(UP * size), line.down.max(DOWN * size), line.width);
            all.put(line, vec2(0.0, y + up));
            all.width = all.width.max(wide);
            y += up + down + 0.2 * size;
        }
        let size = vec2(all.width, (y - 0.2 * size).max(0.0));
        Self { block: all, size, is_broken }
    }

    /// Names of the symbols and where they stand, relative to the top left.
    pub fn symbols(&self) -> &[(String, Rect)] {
        &self.block.symbols
    }

    /// Paints it with its top left at `at`: symbols in colours of their own, the rest in `ink`.
    pub fn paint(&self, painter: &Painter, at: Pos2, ink: Color32, of_symbol: &dyn Fn(&str) -> Color32) {
        for piece in &self.block.pieces {
            let colour = piece.symbol.map_or(ink, |s| of_symbol(&self.block.symbols[s].0));
            let place = at + piece.at;
            match &piece.ink {
                Ink::Text(galley) => {
                    painter.galley(pos2(place.x, place.y - baseline(galley)), Arc::clone(galley), colour);
                }
                Ink::Bar(length) => {
                    painter.hline(place.x..=place.x + length, painter.round_to_pixel_center(place.y), Stroke::new(1.0, colour));
                }
                Ink::Bracket(size, opens) => {
                    painter.add(bracket(place, *size, *opens, colour));
                }
            }
        }
    }
}

fn baseline(galley: &Galley) -> f32 {
    let row = galley.rows.first();
    row.and_then(|row| row.glyphs.first().map(|g| row.pos.y + g.pos.y)).unwrap_or(galley.size().y * 0.8)
}

fn bracket(at: Pos2, size: Vec2, opens: bool, colour: Color32) -> Shape {
    let (near, far) = if opens { (at.x + size.x, at.x) } else { (at.x, at.x + size.x) };
    let far = far + (far - near) * 0.3;
    let third = size.y * 0.28;
    let points = [pos2(near, at.y), pos2(far, at.y + third), pos2(far, at.y + size.y - third), pos2(near, at.y + size.y)];
    Shape::CubicBezier(CubicBezierShape::from_points_stroke(points, false, Color32::TRANSPARENT, PathStroke::new(1.2, colour)))
}

fn text(painter: &Painter, words: &str, font: FontId) -> Block {
    let size = font.size;
    let galley = painter.layout_no_wrap(words.to_owned(), font, Color32::PLACEHOLDER);
    let width = galley.size().x;
    Block {
        width,
        up: UP * size,
        down: DOWN * size,
        pieces: vec![Piece { at: Vec2::ZERO, ink: Ink::Text(galley), symbol: None }],
        symbols: Vec::new(),
    }
}

fn smaller(size: f32, by: f32) -> f32 {
    (size * by).max(LEAST.min(size))
}

fn space(width: f32) -> Block {
    Block { width, ..Block::default() }
}

fn block(painter: &Painter, node: &Node, size: f32) -> Block {
    let upright = |words: &str| text(painter, words, FontId::proportional(size));
    let spaced = |left: f32, inner: Block, right: f32| {
        let mut out = space(left * size);
        out.append(inner);
        out.width += right * size;
        out
    };
    match node {
        Node::Symbol(name) => symbol(painter, name, size),
        Node::Number(number) => upright(number),
        Node::Word(words) => spaced(WORD, upright(words), WORD),
        Node::Function(name) => upright(name),
        Node::Binary(sign) => spaced(0.26, upright(sign), 0.26),
        Node::Dot => spaced(0.06, upright("·"), 0.06),
        Node::Prefix(sign) => spaced(0.0, upright(sign), 0.04),
        Node::Stop(sign) => spaced(0.0, upright(sign), 0.26),
        Node::Gap => space(size),
        Node::Row(nodes) => {
            let mut out = Block::default();
            for (k, node) in nodes.iter().enumerate() {
                let before = k.checked_sub(1).map(|k| &nodes[k]);
                // Letters of a product do not touch.
                let is_letter = |n: &Node| matches!(n, Node::Symbol(_) | Node::Power(..) | Node::Number(_) | Node::Fraction(..));
                if before.is_some_and(is_letter)
                    && matches!(node, Node::Symbol(_) | Node::Power(..) | Node::Fraction(..) | Node::Function(_))
                {
                    out.width += 0.1 * size;
                }
                out.append(block(painter, node, size));
            }
            out
        }
        Node::Fraction(above, below) => {
            let small = smaller(size, FRACTION);
            let (above, below) = (block(painter, above, small), block(painter, below, small));
            let (pad, gap) = (0.12 * size, 0.12 * size);
            let width = above.width.max(below.width) + 2.0 * pad;
            let mut out = Block { width: width + 2.0 * pad, ..Block::default() };
            let (x_above, x_below) = (pad + 0.5 * (width - above.width), pad + 0.5 * (width - below.width));
            let (y_above, y_below) = (-AXIS * size - gap - above.down, -AXIS * size + gap + below.up);
            out.put(above, vec2(x_above, y_above));
            out.put(below, vec2(x_below, y_below));
            out.pieces.push(Piece { at: vec2(pad, -AXIS * size), ink: Ink::Bar(width), symbol: None });
            out
        }
        Node::Power(base, power) => {
            let mut out = block(painter, base, size);
            let power = block(painter, power, smaller(size, RAISED));
            let rise = (out.up - 0.42 * size).max(0.3 * size) + power.down;
            let (x, width) = (out.width + 0.03 * size, power.width);
            out.put(power, vec2(x, -rise));
            out.width = x + width + 0.03 * size;
            out
        }
        Node::Bracket(inside) => bracketed(painter, block(painter, inside, size), size),
    }
}

fn bracketed(painter: &Painter, inside: Block, size: f32) -> Block {
    if inside.height() <= 1.45 * size {
        let mut out = text(painter, "(", FontId::proportional(size));
        out.append(inside);
        out.append(text(painter, ")", FontId::proportional(size)));
        return out;
    }
    let half = (inside.up - AXIS * size).max(inside.down + AXIS * size) + 0.04 * size;
    let extent = vec2(0.22 * size, 2.0 * half);
    let top = -AXIS * size - half;
    let one = |opens: bool| Block {
        width: extent.x + 0.14 * size,
        up: -top,
        down: half - AXIS * size,
        pieces: vec![Piece { at: vec2(if opens { 0.08 } else { 0.06 } * size, top), ink: Ink::Bracket(extent, opens), symbol: None }],
        symbols: Vec::new(),
    };
    let mut out = one(true);
    out.append(inside);
    out.append(one(false));
    out
}

/// A variable: italic when it is one or two letters, its subscript upright and lowered. The d of a differential stands before it.
fn symbol(painter: &Painter, name: &str, size: f32) -> Block {
    let differential = name.strip_prefix('d').filter(|rest| !rest.is_empty() && !rest.starts_with('_'));
    if let Some(rest) = differential.filter(|rest| rest.chars().count() == 1 || rest.contains('_')) {
        let mut out = text(painter, "d", FontId::proportional(size));
        out.width += 0.03 * size;
        out.append(symbol(painter, rest, size));
        return out;
    }
    let (base, sub) = parse::letters(name);
    let font = if base.chars().count() <= 2 { fonts::italic(size) } else { FontId::proportional(size) };
    let mut out = text(painter, &base, font);
    if !sub.is_empty() {
        let small = smaller(size, LOWERED);
        let sub = text(painter, &sub.replace('_', " "), FontId::proportional(small));
        let (x, width) = (out.width + 0.02 * size, sub.width);
        out.put(sub, vec2(x, 0.22 * size));
        out.width = x + width;
    }
    out.pieces.iter_mut().for_each(|p| p.symbol = Some(0));
    let rect = Rect::from_min_max(pos2(-1.0, -UP * size), pos2(out.width + 1.0, DOWN * size + 0.12 * size));
    out.symbols = vec![(name.to_owned(), rect)];
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(line: &str, size: f32, width: f32) -> Formula {
        let ctx = egui::Context::default();
        fonts::install(&ctx);
        let mut made = None;
        let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
            let node = parse(line, &|name| name == "gain");
            made = Some(Formula::set(ui.painter(), &node, size, width));
        });
        output.textures_delta.clear();
        made.expect("set")
    }

    #[test]
    fn a_fraction_is_higher_than_a_line_and_a_power_stands_above_its_base() {
        let (line, fraction, power) = (set("a + b", 16.0, 1e4), set("a/b", 16.0, 1e4), set("a^b", 16.0, 1e4));
        assert!(fraction.size.y > 1.6 * line.size.y, "{} {}", fraction.size.y, line.size.y);
        let at = |f: &Formula, name: &str| f.symbols().iter().find(|s| s.0 == name).expect("a symbol").1;
        assert!(at(&fraction, "a").bottom() <= at(&fraction, "b").top() + 3.0);
        assert!(at(&power, "b").center().y < at(&power, "a").center().y && at(&power, "b").left() >= at(&power, "a").right() - 2.0);
    }

    #[test]
    fn everything_lies_inside_the_size_it_says() {
        for kind in spikeground_core::model::neuron::ALL {
            for line in kind.equations {
                for width in [200.0, 480.0, 1e4] {
                    let f = set(line, 15.0, width);
                    let room = Rect::from_min_size(Pos2::ZERO, f.size).expand(4.0);
                    assert!(f.symbols().iter().all(|(_, r)| room.contains_rect(*r)), "{line} in {width}: {:?} {:?}", f.size, f.symbols());
                    assert!(!f.is_broken || width < 1e3, "{line}");
                }
            }
        }
    }

    #[test]
    fn a_long_line_is_broken_before_a_sign() {
        let line = "dv/dt = a·v + b·v + c·v + d·v + e·v + f·v + g·v";
        let (whole, broken) = (set(line, 14.0, 1e4), set(line, 14.0, 120.0));
        assert!(!whole.is_broken && broken.is_broken && broken.size.x <= 121.0 && broken.size.y > 1.5 * whole.size.y);
    }
}
