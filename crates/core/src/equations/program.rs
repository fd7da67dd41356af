//! A graph as vector code: a list of operations over columns, run a block of neurons at a time.
//!
//! What is fixed is computed once per slider move ([`Program::constants`]). The rest is put in order so that few values are alive at once,
//! and each operation is a plain loop over a block, which the compiler turns into vector code. Operations are those of [`graph`] and nothing
//! is contracted, so all vector levels give the same bits.

use super::graph::{self, Binary, Graph, Id, Leaf, Node, Unary};
use super::lanes::{Source, apply_binary, apply_unary, one, three};
use crate::real::Real;
use std::collections::{BTreeMap, BTreeSet};

/// Neurons handled at a time: the block of the engine.
pub const LANES: usize = 256;
/// Most values alive at once.
pub const MOST_REGISTERS: usize = 64;

/// Where an operation finds a value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Register(u8),
    State(u8),
    /// Current, conductance, drive, jump.
    Input(u8),
    Fixed(u16),
}

#[derive(Clone, Copy, Debug)]
enum Action {
    Unary(Unary, Place),
    Binary(Binary, Place, Place),
    /// a·b + c, a·b − c, c − a·b in one pass, each rounded as two operations.
    MulAdd(Place, Place, Place),
    MulSub(Place, Place, Place),
    SubMul(Place, Place, Place),
    Select(Place, Place, Place),
    Copy(Place),
}

#[derive(Clone, Copy, Debug)]
struct Operation {
    to: u8,
    action: Action,
}

/// Compiled expressions: some outputs from states, inputs and fixed values.
#[derive(Clone, Debug)]
pub struct Program {
    operations: Vec<Operation>,
    outputs: Vec<Place>,
    /// What is computed once: nodes in order, and which of them the operations use.
    fixed: Vec<Node>,
    /// For each fixed value its index in `fixed`.
    wanted: Vec<usize>,
}

/// The fixed values of a population, and one set of them a neuron where parameters are spread.
#[derive(Clone, Debug)]
pub enum Constants<R> {
    Same(Vec<R>),
    /// A column a value.
    Each(Vec<Vec<R>>),
}

/// The value of a fixed node.
pub fn fixed_value(graph: &Graph, id: Id, params: &[f64], dt: f64) -> f64 {
    let mut nodes = Fixed::default();
    let index = nodes.take(graph, id);
    let mut values = Vec::with_capacity(nodes.nodes.len());
    run_fixed(&nodes.nodes, params, dt, &mut values);
    values[index]
}

/// Fixed nodes in an order in which each comes after its inputs. Their inputs are indices into this list.
#[derive(Default)]
struct Fixed {
    nodes: Vec<Node>,
    index: BTreeMap<Id, usize>,
}

impl Fixed {
    fn take(&mut self, graph: &Graph, id: Id) -> usize {
        if let Some(i) = self.index.get(&id) {
            return *i;
        }
        let at = |i: usize| i as Id;
        let node = match graph.node(id) {
            Node::Leaf(leaf) => Node::Leaf(leaf),
            Node::Unary(op, a) => Node::Unary(op, at(self.take(graph, a))),
            Node::Binary(op, a, b) => Node::Binary(op, at(self.take(graph, a)), at(self.take(graph, b))),
            Node::Select(c, a, b) => Node::Select(at(self.take(graph, c)), at(self.take(graph, a)), at(self.take(graph, b))),
        };
        self.nodes.push(node);
        self.index.insert(id, self.nodes.len() - 1);
        self.nodes.len() - 1
    }
}

fn run_fixed(nodes: &[Node], params: &[f64], dt: f64, values: &mut Vec<f64>) {
    values.clear();
    for node in nodes {
        let at = |i: Id| values[i as usize];
        values.push(match *node {
            Node::Leaf(Leaf::Number(bits)) => f64::from_bits(bits),
            Node::Leaf(Leaf::Dt) => dt,
            Node::Leaf(Leaf::Param(i)) => params[i as usize],
            // Only fixed nodes come here; an input that is not there is 0.
            Node::Leaf(_) => 0.0,
            Node::Unary(op, a) => graph::unary(op, at(a)),
            Node::Binary(op, a, b) => graph::binary(op, at(a), at(b)),
            Node::Select(c, a, b) => {
                if at(c) > 0.0 {
                    at(a)
                } else {
                    at(b)
                }
            }
        });
    }
}

impl Program {
    /// Compiles `outputs`, or says that too many values would be alive at once.
    pub fn new(graph: &Graph, outputs: &[Id]) -> Result<Self, String> {
        let order = order(graph, outputs);
        let mut uses: BTreeMap<Id, usize> = BTreeMap::new();
        for id in &order {
            graph.node(*id).inputs().for_each(|i| *uses.entry(i).or_default() += 1);
        }
        outputs.iter().for_each(|id| *uses.entry(*id).or_default() += 1);
        let (steps, fused) = steps(graph, &order, &uses);
        let mut allocator = Allocator::new(graph, outputs, &steps);
        for (id, step) in &steps {
            allocator.place_step(graph, *id, *step)?;
        }
        debug_assert!(fused.iter().all(|id| !outputs.contains(id)));
        let mut places: Vec<Place> = outputs.iter().map(|id| allocator.place(graph, *id)).collect();
        for (k, place) in places.iter_mut().enumerate() {
            // What is just another state or an input is copied, since that may be overwritten first.
            if matches!(*place, Place::Input(_)) || matches!(*place, Place::State(i) if i as usize != k) {
                *place = allocator.copy(*place)?;
            }
        }
        let Allocator { operations, fixed, wanted, .. } = allocator;
        Ok(Self { operations, outputs: places, fixed: fixed.nodes, wanted })
    }

    /// Operations a neuron and step: sums, products, quotients and roots, and exponentials and other functions. Comparisons, choices and
    /// signs are not counted.
    pub fn n_operations(&self) -> (u32, u32) {
        let count = |o: &Operation| match o.action {
            Action::MulAdd(..) | Action::MulSub(..) | Action::SubMul(..) => (2, 0),
            Action::Binary(Binary::Add | Binary::Sub | Binary::Mul | Binary::Div, ..) | Action::Unary(Unary::Sqrt, _) => (1, 0),
            Action::Binary(Binary::Pow, ..)
            | Action::Unary(Unary::Exp | Unary::Exprel | Unary::Log | Unary::Sin | Unary::Cos | Unary::Tanh, _) => (0, 1),
            _ => (0, 0),
        };
        self.operations.iter().map(count).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    }

    /// The fixed values for one set of parameters.
    fn fixed_values(&self, params: &[f64], dt: f64, room: &mut Vec<f64>) -> Vec<f64> {
        run_fixed(&self.fixed, params, dt, room);
        self.wanted.iter().map(|i| room[*i]).collect()
    }

    pub fn constants<R: Real>(&self, params: &[f64], dt: f64) -> Vec<R> {
        self.fixed_values(params, dt, &mut Vec::new()).into_iter().map(R::of).collect()
    }

    /// Columns of fixed values for a row of parameters a neuron.
    pub fn constants_each<R: Real>(&self, rows: &[Vec<f64>], dt: f64) -> Vec<Vec<R>> {
        let mut columns = vec![Vec::with_capacity(rows.len()); self.wanted.len()];
        let mut room = Vec::new();
        for row in rows {
            for (column, x) in columns.iter_mut().zip(self.fixed_values(row, dt, &mut room)) {
                column.push(R::of(x));
            }
        }
        columns
    }

    /// Runs over `n` neurons from `lo` on: `states` and `inputs` are columns of `n` values (inputs may be empty where the program has no use
    /// for them), `constants` those of the whole population. Results stand in [`Program::output`] until the next run.
    #[inline(always)]
    pub fn run<R: Real>(
        &self,
        lo: usize,
        n: usize,
        states: &[&mut [R]],
        inputs: [&[R]; 4],
        constants: &Constants<R>,
        room: &mut [[R; LANES]],
    ) {
        let source = |place: Place| -> Source<'_, R> {
            match place {
                Place::State(i) => Source::Column(&states[i as usize][..n]),
                Place::Input(i) => Source::Column(&inputs[i as usize][..n]),
                Place::Fixed(i) => match constants {
                    Constants::Same(x) => Source::One(x[i as usize]),
                    Constants::Each(columns) => Source::Column(&columns[i as usize][lo..lo + n]),
                },
                // Registers are found by the caller, which holds them.
                Place::Register(_) => Source::One(R::ZERO),
            }
        };
        for operation in &self.operations {
            let to = operation.to as usize;
            let (low, rest) = room.split_at_mut(to);
            let Some((out, high)) = rest.split_first_mut() else { continue };
            let (low, high) = (&*low, &*high);
            let get = |place: Place| match place {
                Place::Register(r) => {
                    let r = r as usize;
                    Source::Column(if r < to { &low[r][..n] } else { &high[r - to - 1][..n] })
                }
                other => source(other),
            };
            let out = &mut out[..n];
            match operation.action {
                Action::Unary(op, a) => apply_unary(op, out, get(a)),
                Action::Binary(op, a, b) => apply_binary(op, out, get(a), get(b)),
                Action::MulAdd(a, b, c) => three(out, get(a), get(b), get(c), |a, b, c| a * b + c),
                Action::MulSub(a, b, c) => three(out, get(a), get(b), get(c), |a, b, c| a * b - c),
                Action::SubMul(a, b, c) => three(out, get(a), get(b), get(c), |a, b, c| c - a * b),
                Action::Select(c, a, b) => three(out, get(c), get(a), get(b), |c, a, b| R::pick(c > R::ZERO, a, b)),
                Action::Copy(a) => one(out, get(a), |x| x),
            }
        }
    }

    /// Copies output `k` of the last run into `out`, which belongs to neurons from `lo` on and holds state `k` so far.
    #[inline(always)]
    pub fn output<R: Real>(&self, k: usize, lo: usize, constants: &Constants<R>, room: &[[R; LANES]], out: &mut [R]) {
        let n = out.len();
        match self.outputs[k] {
            Place::Register(r) => out.copy_from_slice(&room[r as usize][..n]),
            Place::Fixed(i) => match constants {
                Constants::Same(x) => out.fill(x[i as usize]),
                Constants::Each(columns) => out.copy_from_slice(&columns[i as usize][lo..lo + n]),
            },
            // A state that is its own successor; others have been copied (see `Program::new`).
            Place::State(_) | Place::Input(_) => {}
        }
    }

    /// The outputs for one neuron, in double precision.
    pub fn evaluate(&self, states: &[f64], inputs: [f64; 4], constants: &[f64], outputs: &mut [f64]) {
        let mut room = [0.0; MOST_REGISTERS];
        let get = |place: Place, room: &[f64; MOST_REGISTERS]| match place {
            Place::Register(r) => room[r as usize],
            Place::State(i) => states[i as usize],
            Place::Input(i) => inputs[i as usize],
            Place::Fixed(i) => constants[i as usize],
        };
        for o in &self.operations {
            let x = match o.action {
                Action::Unary(op, a) => graph::unary(op, get(a, &room)),
                Action::Binary(op, a, b) => graph::binary(op, get(a, &room), get(b, &room)),
                Action::MulAdd(a, b, c) => get(a, &room) * get(b, &room) + get(c, &room),
                Action::MulSub(a, b, c) => get(a, &room) * get(b, &room) - get(c, &room),
                Action::SubMul(a, b, c) => get(c, &room) - get(a, &room) * get(b, &room),
                Action::Select(c, a, b) => {
                    if get(c, &room) > 0.0 {
                        get(a, &room)
                    } else {
                        get(b, &room)
                    }
                }
                Action::Copy(a) => get(a, &room),
            };
            room[o.to as usize] = x;
        }
        for (out, place) in outputs.iter_mut().zip(&self.outputs) {
            *out = get(*place, &room);
        }
    }
}

/// Varying nodes in an order in which each comes after its inputs; of two inputs the deeper first, so that fewer values wait.
fn order(graph: &Graph, outputs: &[Id]) -> Vec<Id> {
    fn depth(graph: &Graph, id: Id, known: &mut BTreeMap<Id, u32>) -> u32 {
        if let Some(d) = known.get(&id) {
            return *d;
        }
        let d = 1 + graph.node(id).inputs().map(|i| depth(graph, i, known)).max().unwrap_or(0);
        known.insert(id, d);
        d
    }
    fn visit(graph: &Graph, id: Id, depths: &mut BTreeMap<Id, u32>, out: &mut Vec<Id>, done: &mut BTreeSet<Id>) {
        if graph.is_fixed(id) || matches!(graph.node(id), Node::Leaf(_)) || !done.insert(id) {
            return;
        }
        let mut inputs: Vec<Id> = graph.node(id).inputs().collect();
        inputs.sort_by_key(|i| std::cmp::Reverse(depth(graph, *i, depths)));
        inputs.into_iter().for_each(|i| visit(graph, i, depths, out, done));
        out.push(id);
    }
    let (mut out, mut depths, mut done) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
    outputs.iter().for_each(|id| visit(graph, *id, &mut depths, &mut out, &mut done));
    out
}

/// An action on nodes.
#[derive(Clone, Copy)]
enum Step {
    Plain,
    MulAdd(Id, Id, Id),
    MulSub(Id, Id, Id),
    SubMul(Id, Id, Id),
}

/// The nodes to compute, with products that are used once drawn into the sum behind them; and the products that vanished so.
fn steps(graph: &Graph, order: &[Id], uses: &BTreeMap<Id, usize>) -> (Vec<(Id, Step)>, Vec<Id>) {
    let mut fused = Vec::new();
    let product = |id: Id| match graph.node(id) {
        Node::Binary(Binary::Mul, a, b) if !graph.is_fixed(id) && uses.get(&id) == Some(&1) => Some((a, b)),
        _ => None,
    };
    let mut chosen: BTreeMap<Id, Step> = BTreeMap::new();
    for id in order {
        let step = match graph.node(*id) {
            Node::Binary(Binary::Add, x, y) => match (product(x), product(y)) {
                (Some((a, b)), _) => (x, Step::MulAdd(a, b, y)),
                (None, Some((a, b))) => (y, Step::MulAdd(a, b, x)),
                _ => continue,
            },
            Node::Binary(Binary::Sub, x, y) => match (product(x), product(y)) {
                (_, Some((a, b))) => (y, Step::SubMul(a, b, x)),
                (Some((a, b)), None) => (x, Step::MulSub(a, b, y)),
                _ => continue,
            },
            _ => continue,
        };
        fused.push(step.0);
        chosen.insert(*id, step.1);
    }
    let list = order.iter().filter(|id| !fused.contains(id)).map(|id| (*id, chosen.get(id).copied().unwrap_or(Step::Plain))).collect();
    (list, fused)
}

fn inputs_of(graph: &Graph, id: Id, step: Step) -> Vec<Id> {
    match step {
        Step::Plain => graph.node(id).inputs().collect(),
        Step::MulAdd(a, b, c) | Step::MulSub(a, b, c) | Step::SubMul(a, b, c) => vec![a, b, c],
    }
}

/// Gives each value a register for as long as it is needed.
struct Allocator {
    operations: Vec<Operation>,
    registers: usize,
    free: Vec<u8>,
    held: BTreeMap<Id, u8>,
    /// Uses that are still to come.
    left: BTreeMap<Id, usize>,
    fixed: Fixed,
    wanted: Vec<usize>,
    slots: BTreeMap<Id, u16>,
}

impl Allocator {
    fn new(graph: &Graph, outputs: &[Id], steps: &[(Id, Step)]) -> Self {
        let mut left: BTreeMap<Id, usize> = BTreeMap::new();
        for (id, step) in steps {
            inputs_of(graph, *id, *step).into_iter().for_each(|i| *left.entry(i).or_default() += 1);
        }
        outputs.iter().for_each(|id| *left.entry(*id).or_default() += 1);
        Self {
            operations: Vec::new(),
            registers: 0,
            free: Vec::new(),
            held: BTreeMap::new(),
            left,
            fixed: Fixed::default(),
            wanted: Vec::new(),
            slots: BTreeMap::new(),
        }
    }

    fn place(&mut self, graph: &Graph, id: Id) -> Place {
        if graph.is_fixed(id) {
            if let Some(slot) = self.slots.get(&id) {
                return Place::Fixed(*slot);
            }
            let index = self.fixed.take(graph, id);
            self.wanted.push(index);
            let slot = (self.wanted.len() - 1) as u16;
            self.slots.insert(id, slot);
            return Place::Fixed(slot);
        }
        match graph.node(id) {
            Node::Leaf(Leaf::State(i)) => Place::State(i as u8),
            Node::Leaf(Leaf::Current) => Place::Input(0),
            Node::Leaf(Leaf::Conductance) => Place::Input(1),
            Node::Leaf(Leaf::Drive) => Place::Input(2),
            Node::Leaf(_) => Place::Input(3),
            _ => Place::Register(self.held[&id]),
        }
    }

    fn register(&mut self) -> Result<u8, String> {
        if let Some(r) = self.free.pop() {
            return Ok(r);
        }
        if self.registers == MOST_REGISTERS {
            return Err(format!("these equations hold more than {MOST_REGISTERS} values at once; make them shorter"));
        }
        self.registers += 1;
        Ok((self.registers - 1) as u8)
    }

    fn copy(&mut self, from: Place) -> Result<Place, String> {
        let to = self.register()?;
        self.operations.push(Operation { to, action: Action::Copy(from) });
        Ok(Place::Register(to))
    }

    fn place_step(&mut self, graph: &Graph, id: Id, step: Step) -> Result<(), String> {
        let inputs = inputs_of(graph, id, step);
        let places: Vec<Place> = inputs.iter().map(|i| self.place(graph, *i)).collect();
        // Taken before the inputs are given back: an operation never writes over what it reads.
        let to = self.register()?;
        for i in inputs {
            let left = self.left.entry(i).or_default();
            *left = left.saturating_sub(1);
            if *left == 0
                && let Some(r) = self.held.remove(&i)
            {
                self.free.push(r);
            }
        }
        let action = match (step, graph.node(id)) {
            (Step::MulAdd(..), _) => Action::MulAdd(places[0], places[1], places[2]),
            (Step::MulSub(..), _) => Action::MulSub(places[0], places[1], places[2]),
            (Step::SubMul(..), _) => Action::SubMul(places[0], places[1], places[2]),
            (Step::Plain, Node::Unary(op, _)) => Action::Unary(op, places[0]),
            (Step::Plain, Node::Binary(op, ..)) => Action::Binary(op, places[0], places[1]),
            (Step::Plain, _) => Action::Select(places[0], places[1], places[2]),
        };
        self.operations.push(Operation { to, action });
        self.held.insert(id, to);
        Ok(())
    }
}
