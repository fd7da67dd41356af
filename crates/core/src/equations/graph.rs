//! Expressions as a graph in which equal parts are one node: what simplification, differentiation and compilation work on.
//!
//! A node is *fixed* when it depends on parameters and dt only: it is computed once per slider move, not once per neuron and step.

use crate::real::{exp64, exprel};
use std::collections::BTreeMap;

/// Index of a node.
pub type Id = u32;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leaf {
    /// Bits of a number.
    Number(u64),
    Dt,
    Param(u16),
    /// A column of the population.
    State(u16),
    /// Current, conductance, conductance times reversal potential, and jump of the step.
    Current,
    Conductance,
    Drive,
    Jump,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unary {
    Neg,
    Exp,
    /// (eˣ − 1)/x
    Exprel,
    Log,
    Sqrt,
    Sin,
    Cos,
    Tanh,
    Abs,
    Floor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Min,
    Max,
    /// 1 if a < b, else 0; the same below for a ≤ b.
    Less,
    LessOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    Leaf(Leaf),
    Unary(Unary, Id),
    Binary(Binary, Id, Id),
    /// The second where the first is above 0, else the third.
    Select(Id, Id, Id),
}

impl Node {
    pub fn inputs(self) -> impl Iterator<Item = Id> {
        let (a, b, c) = match self {
            Self::Leaf(_) => (None, None, None),
            Self::Unary(_, a) => (Some(a), None, None),
            Self::Binary(_, a, b) => (Some(a), Some(b), None),
            Self::Select(a, b, c) => (Some(a), Some(b), Some(c)),
        };
        [a, b, c].into_iter().flatten()
    }
}

/// Nodes of all expressions of a model; each is made once.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    fixed: Vec<bool>,
    known: BTreeMap<Node, Id>,
}

/// The value of an operation, as the compiled program computes it in double precision.
pub fn unary(op: Unary, x: f64) -> f64 {
    match op {
        Unary::Neg => -x,
        Unary::Exp => exp64(x),
        Unary::Exprel => exprel(x),
        Unary::Log => libm::log(x),
        Unary::Sqrt => x.sqrt(),
        Unary::Sin => libm::sin(x),
        Unary::Cos => libm::cos(x),
        Unary::Tanh => libm::tanh(x),
        Unary::Abs => x.abs(),
        Unary::Floor => libm::floor(x),
    }
}

/// See [`unary`].
pub fn binary(op: Binary, a: f64, b: f64) -> f64 {
    match op {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Div => a / b,
        Binary::Pow => libm::pow(a, b),
        Binary::Min => {
            if b < a {
                b
            } else {
                a
            }
        }
        Binary::Max => {
            if b > a {
                b
            } else {
                a
            }
        }
        Binary::Less => f64::from(a < b),
        Binary::LessOrEqual => f64::from(a <= b),
    }
}

impl Graph {
    pub fn node(&self, id: Id) -> Node {
        self.nodes[id as usize]
    }

    pub fn is_fixed(&self, id: Id) -> bool {
        self.fixed[id as usize]
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    fn put(&mut self, node: Node) -> Id {
        if let Some(id) = self.known.get(&node) {
            return *id;
        }
        let fixed = match node {
            Node::Leaf(leaf) => matches!(leaf, Leaf::Number(_) | Leaf::Dt | Leaf::Param(_)),
            _ => node.inputs().all(|i| self.is_fixed(i)),
        };
        let id = self.nodes.len() as Id;
        self.nodes.push(node);
        self.fixed.push(fixed);
        self.known.insert(node, id);
        id
    }

    pub fn leaf(&mut self, leaf: Leaf) -> Id {
        self.put(Node::Leaf(leaf))
    }

    pub fn number(&mut self, x: f64) -> Id {
        self.leaf(Leaf::Number(x.to_bits()))
    }

    pub fn value(&self, id: Id) -> Option<f64> {
        if let Node::Leaf(Leaf::Number(bits)) = self.node(id) { Some(f64::from_bits(bits)) } else { None }
    }

    pub fn unary(&mut self, op: Unary, a: Id) -> Id {
        if let Some(x) = self.value(a) {
            return self.number(unary(op, x));
        }
        match (op, self.node(a)) {
            (Unary::Neg, Node::Unary(Unary::Neg, inner)) => inner,
            (Unary::Neg, Node::Binary(Binary::Sub, x, y)) => self.binary(Binary::Sub, y, x),
            _ => self.put(Node::Unary(op, a)),
        }
    }

    pub fn binary(&mut self, op: Binary, a: Id, b: Id) -> Id {
        let (x, y) = (self.value(a), self.value(b));
        if let (Some(x), Some(y)) = (x, y) {
            return self.number(binary(op, x, y));
        }
        match (op, x, y) {
            (Binary::Add, Some(0.0), _) | (Binary::Mul, Some(1.0), _) => return b,
            (Binary::Add | Binary::Sub, _, Some(0.0)) | (Binary::Mul | Binary::Div | Binary::Pow, _, Some(1.0)) => return a,
            (Binary::Mul | Binary::Div, Some(0.0), _) | (Binary::Mul, _, Some(0.0)) => return self.number(0.0),
            (Binary::Sub, Some(0.0), _) | (Binary::Mul, Some(-1.0), _) => return self.unary(Unary::Neg, b),
            (Binary::Mul | Binary::Div, _, Some(-1.0)) => return self.unary(Unary::Neg, a),
            (Binary::Pow, _, Some(power)) => {
                if let Some(id) = self.power(a, power) {
                    return id;
                }
            }
            _ => {}
        }
        match (op, self.node(a), self.node(b)) {
            (Binary::Sub, _, _) if a == b => return self.number(0.0),
            (Binary::Add, _, Node::Unary(Unary::Neg, y)) => return self.binary(Binary::Sub, a, y),
            (Binary::Add, Node::Unary(Unary::Neg, x), _) => return self.binary(Binary::Sub, b, x),
            (Binary::Sub, _, Node::Unary(Unary::Neg, y)) => return self.binary(Binary::Add, a, y),
            // A division by what is fixed becomes a multiplication by what is computed once.
            (Binary::Div, _, _) if self.is_fixed(b) && !self.is_fixed(a) => {
                let one = self.number(1.0);
                let inverse = self.binary(Binary::Div, one, b);
                return self.binary(Binary::Mul, a, inverse);
            }
            (Binary::Mul, _, _) if self.is_fixed(a) && !self.is_fixed(b) => return self.binary(op, b, a),
            // Factors that are fixed are gathered.
            (Binary::Mul, Node::Binary(Binary::Mul, x, c), _) if self.is_fixed(b) && self.is_fixed(c) && !self.is_fixed(x) => {
                let factor = self.binary(Binary::Mul, c, b);
                return self.binary(Binary::Mul, x, factor);
            }
            _ => {}
        }
        let (a, b) = match op {
            // What commutes is written in one order, so that it is found again; the fixed factor stays last.
            Binary::Add | Binary::Mul if a > b && self.is_fixed(a) == self.is_fixed(b) => (b, a),
            _ => (a, b),
        };
        self.put(Node::Binary(op, a, b))
    }

    /// Small whole powers are products, one half is a root.
    fn power(&mut self, a: Id, power: f64) -> Option<Id> {
        if power == 0.0 {
            return Some(self.number(1.0));
        }
        if power == 0.5 {
            return Some(self.unary(Unary::Sqrt, a));
        }
        if power.fract() != 0.0 || power.abs() > 16.0 {
            return None;
        }
        let mut rest = power.abs() as u32;
        let (mut square, mut out) = (a, None);
        while rest > 0 {
            if rest & 1 == 1 {
                out = Some(out.map_or(square, |o| self.binary(Binary::Mul, o, square)));
            }
            rest >>= 1;
            if rest > 0 {
                square = self.binary(Binary::Mul, square, square);
            }
        }
        let out = out?;
        if power > 0.0 {
            return Some(out);
        }
        let one = self.number(1.0);
        Some(self.binary(Binary::Div, one, out))
    }

    pub fn select(&mut self, condition: Id, yes: Id, no: Id) -> Id {
        match self.value(condition) {
            Some(x) => {
                if x > 0.0 {
                    yes
                } else {
                    no
                }
            }
            None if yes == no => yes,
            None if matches!(self.node(no), Node::Select(c, ..) if c == condition) => {
                let Node::Select(_, _, no) = self.node(no) else { return no };
                self.select(condition, yes, no)
            }
            None => self.put(Node::Select(condition, yes, no)),
        }
    }

    pub fn add(&mut self, a: Id, b: Id) -> Id {
        self.binary(Binary::Add, a, b)
    }

    pub fn sub(&mut self, a: Id, b: Id) -> Id {
        self.binary(Binary::Sub, a, b)
    }

    pub fn mul(&mut self, a: Id, b: Id) -> Id {
        self.binary(Binary::Mul, a, b)
    }

    /// The same expression with some nodes replaced; `with` remembers what has been done.
    pub fn substitute(&mut self, id: Id, with: &mut BTreeMap<Id, Id>) -> Id {
        if let Some(done) = with.get(&id) {
            return *done;
        }
        let new = match self.node(id) {
            Node::Leaf(_) => id,
            Node::Unary(op, a) => {
                let a = self.substitute(a, with);
                self.unary(op, a)
            }
            Node::Binary(op, a, b) => {
                let (a, b) = (self.substitute(a, with), self.substitute(b, with));
                self.binary(op, a, b)
            }
            Node::Select(c, a, b) => {
                let (c, a, b) = (self.substitute(c, with), self.substitute(a, with), self.substitute(b, with));
                self.select(c, a, b)
            }
        };
        with.insert(id, new);
        new
    }

    /// The derivative by a leaf; where a function has a kink, that of the side that is taken.
    pub fn derivative(&mut self, id: Id, by: Leaf, done: &mut BTreeMap<Id, Id>) -> Id {
        if let Some(known) = done.get(&id) {
            return *known;
        }
        let d = match self.node(id) {
            Node::Leaf(leaf) => self.number(f64::from(u8::from(leaf == by))),
            Node::Unary(op, a) => {
                let da = self.derivative(a, by, done);
                if self.value(da) == Some(0.0) { da } else { self.slope_of(op, id, a, da) }
            }
            Node::Binary(op, a, b) => {
                let (da, db) = (self.derivative(a, by, done), self.derivative(b, by, done));
                self.slope_of_two(op, id, (a, da), (b, db))
            }
            Node::Select(c, a, b) => {
                let (da, db) = (self.derivative(a, by, done), self.derivative(b, by, done));
                self.select(c, da, db)
            }
        };
        done.insert(id, d);
        d
    }

    fn slope_of(&mut self, op: Unary, id: Id, a: Id, da: Id) -> Id {
        let one = self.number(1.0);
        let outer = match op {
            Unary::Neg => return self.unary(Unary::Neg, da),
            Unary::Exp => id,
            Unary::Exprel => {
                // d/dx (eˣ − 1)/x = (eˣ − exprel x)/x, which is 0/0 at 0; there (1 + 2x/3)/2.
                let (small, x) = (self.number(1e-4), a);
                let size = self.unary(Unary::Abs, x);
                let near = self.binary(Binary::Less, size, small);
                let safe = self.select(near, one, x);
                let (e, r) = (self.unary(Unary::Exp, safe), self.unary(Unary::Exprel, safe));
                let top = self.sub(e, r);
                let far = self.binary(Binary::Div, top, safe);
                let (half, third) = (self.number(0.5), self.number(1.0 / 3.0));
                let linear = self.mul(x, third);
                let series = self.add(linear, half);
                self.select(near, series, far)
            }
            Unary::Log => self.binary(Binary::Div, one, a),
            Unary::Sqrt => {
                let half = self.number(0.5);
                self.binary(Binary::Div, half, id)
            }
            Unary::Sin => self.unary(Unary::Cos, a),
            Unary::Cos => {
                let s = self.unary(Unary::Sin, a);
                self.unary(Unary::Neg, s)
            }
            Unary::Tanh => {
                let square = self.mul(id, id);
                self.sub(one, square)
            }
            Unary::Abs => {
                let zero = self.number(0.0);
                let (negative, minus) = (self.binary(Binary::Less, a, zero), self.number(-1.0));
                self.select(negative, minus, one)
            }
            Unary::Floor => return self.number(0.0),
        };
        self.mul(outer, da)
    }

    fn slope_of_two(&mut self, op: Binary, id: Id, (a, da): (Id, Id), (b, db): (Id, Id)) -> Id {
        match op {
            Binary::Add | Binary::Sub => self.binary(op, da, db),
            Binary::Mul => {
                let (x, y) = (self.mul(da, b), self.mul(a, db));
                self.add(x, y)
            }
            Binary::Div => {
                let part = self.mul(id, db);
                let top = self.sub(da, part);
                self.binary(Binary::Div, top, b)
            }
            Binary::Pow => {
                // b a^(b−1) a' + a^b ln(a) b'
                let one = self.number(1.0);
                let less = self.sub(b, one);
                let lower = self.binary(Binary::Pow, a, less);
                let (factor, log) = (self.mul(b, lower), self.unary(Unary::Log, a));
                let (x, grown) = (self.mul(factor, da), self.mul(id, log));
                let y = self.mul(grown, db);
                if self.value(db) == Some(0.0) { x } else { self.add(x, y) }
            }
            Binary::Min => {
                let second = self.binary(Binary::Less, b, a);
                self.select(second, db, da)
            }
            Binary::Max => {
                let second = self.binary(Binary::Less, a, b);
                self.select(second, db, da)
            }
            Binary::Less | Binary::LessOrEqual => self.number(0.0),
        }
    }
}
