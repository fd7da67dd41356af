//! Typed equations as statements of other programs: what the exporters write.

use super::graph::{Binary, Graph, Id, Leaf, Node, Unary};
use super::meaning::{self, Meaning};
use super::text::{self, Expr, Op, Statement, What};
use super::{Model, unit};
use crate::param::Kind;
use std::collections::BTreeMap;
use std::fmt::Write;

/// How the leaves of an expression are called elsewhere.
pub struct Names<'a> {
    /// A parameter, as text that may stand in an expression of the host language (Python).
    pub parameter: &'a dyn Fn(&str) -> String,
    pub dt: &'a str,
}

/// One step, as assignments without units.
pub struct Statements {
    /// What is computed once: names with expressions of the host language.
    pub constants: Vec<(String, String)>,
    /// Assignments that need the input `current` only; they may come first.
    pub shared: String,
    /// The rest, which ends by setting the variables, `wait` where neurons can be refractory, and `spike`.
    pub code: String,
}

/// The step of `scheme`, operation by operation as the engine does it. Inputs are called `current`, `g`, `ge` and `jump`.
pub fn statements(kind: &Kind, scheme: usize, conductances: bool, jumps: bool, names: &Names<'_>) -> Option<Statements> {
    let meaning = meaning::read(kind.source).ok()?;
    let mut step = super::scheme::step(&meaning, scheme, conductances);
    if !jumps {
        let zero = step.graph.number(0.0);
        let mut none: BTreeMap<Id, Id> = BTreeMap::from([(step.graph.leaf(Leaf::Jump), zero)]);
        step.outputs = step.outputs.iter().map(|id| step.graph.substitute(*id, &mut none)).collect();
    }
    let mut writer = Writer::new(&step.graph, &step.outputs, &meaning, names);
    let outputs: Vec<String> = step.outputs.iter().map(|id| writer.text(*id)).collect();
    let mut code = std::mem::take(&mut writer.code);
    let mut targets: Vec<String> = meaning.variables.iter().map(|v| v.name.clone()).collect();
    if meaning.refractory.is_some() {
        targets.push("wait".into());
    }
    // All are known before the first is set.
    let changed: Vec<(usize, &String)> = outputs.iter().enumerate().filter(|(k, out)| targets.get(*k).is_some_and(|t| t != *out)).collect();
    for (k, out) in &changed {
        let _ = writeln!(code, "next_{} = {out}", targets[*k]);
    }
    if let Some(fires) = outputs.last() {
        let _ = writeln!(code, "spike = {fires} > 0");
    }
    for (k, _) in &changed {
        let _ = writeln!(code, "{0} = next_{0}", targets[*k]);
    }
    Some(Statements { constants: writer.constants, shared: writer.shared, code })
}

struct Writer<'a> {
    graph: &'a Graph,
    meaning: &'a Meaning,
    names: &'a Names<'a>,
    uses: BTreeMap<Id, usize>,
    known: BTreeMap<Id, String>,
    constants: Vec<(String, String)>,
    shared: String,
    code: String,
}

impl<'a> Writer<'a> {
    fn new(graph: &'a Graph, outputs: &[Id], meaning: &'a Meaning, names: &'a Names<'a>) -> Self {
        let mut uses: BTreeMap<Id, usize> = BTreeMap::new();
        let mut open: Vec<Id> = outputs.to_vec();
        while let Some(id) = open.pop() {
            let n = uses.entry(id).or_default();
            *n += 1;
            if *n == 1 {
                open.extend(graph.node(id).inputs());
            }
        }
        Self { graph, meaning, names, uses, known: BTreeMap::new(), constants: Vec::new(), shared: String::new(), code: String::new() }
    }

    /// The name or the expression of a node; what is used twice gets a name.
    fn text(&mut self, id: Id) -> String {
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        if self.graph.is_fixed(id) {
            let value = self.fixed(id);
            if self.graph.value(id).is_some() {
                return value;
            }
            let name = format!("c{}", self.constants.len());
            self.constants.push((name.clone(), value));
            self.known.insert(id, name.clone());
            return name;
        }
        let text = match self.graph.node(id) {
            Node::Leaf(leaf) => return self.leaf(leaf),
            Node::Unary(op, a) => {
                let a = self.text(a);
                match op {
                    Unary::Neg => format!("(-{a})"),
                    Unary::Exp => format!("exp({a})"),
                    Unary::Exprel => format!("exprel({a})"),
                    Unary::Log => format!("log({a})"),
                    Unary::Sqrt => format!("sqrt({a})"),
                    Unary::Sin => format!("sin({a})"),
                    Unary::Cos => format!("cos({a})"),
                    Unary::Tanh => format!("tanh({a})"),
                    Unary::Abs => format!("abs({a})"),
                    Unary::Floor => format!("floor({a})"),
                }
            }
            Node::Binary(op, a, b) => {
                let (a, b) = (self.text(a), self.text(b));
                match op {
                    Binary::Add => format!("({a} + {b})"),
                    Binary::Sub => format!("({a} - {b})"),
                    Binary::Mul => format!("({a} * {b})"),
                    Binary::Div => format!("({a} / {b})"),
                    Binary::Pow => format!("({a})**({b})"),
                    Binary::Min => format!("clip({a}, -1e300, {b})"),
                    Binary::Max => format!("clip({a}, {b}, 1e300)"),
                    Binary::Less => format!("int({a} < {b})"),
                    Binary::LessOrEqual => format!("int({a} <= {b})"),
                }
            }
            Node::Select(c, a, b) => {
                let (c, a, b) = (self.text(c), self.text(a), self.text(b));
                format!("({c} * {a} + (1 - {c}) * {b})")
            }
        };
        if self.uses.get(&id).is_some_and(|n| *n > 1) || text.len() > 200 {
            let name = format!("x{}", self.known.len());
            let target = if self.needs_current_only(id) { &mut self.shared } else { &mut self.code };
            let _ = writeln!(target, "{name} = {text}");
            self.known.insert(id, name.clone());
            return name;
        }
        text
    }

    fn needs_current_only(&self, id: Id) -> bool {
        match self.graph.node(id) {
            Node::Leaf(leaf) => matches!(leaf, Leaf::Current | Leaf::Number(_) | Leaf::Dt | Leaf::Param(_)),
            node => node.inputs().all(|i| self.needs_current_only(i)),
        }
    }

    fn leaf(&self, leaf: Leaf) -> String {
        match leaf {
            Leaf::Number(bits) => number(f64::from_bits(bits)),
            Leaf::Dt => self.names.dt.into(),
            Leaf::Param(i) => (self.names.parameter)(&self.meaning.params[i as usize].name),
            Leaf::State(i) => self.meaning.variables.get(i as usize).map_or_else(|| "wait".into(), |v| v.name.clone()),
            Leaf::Current => "current".into(),
            Leaf::Conductance => "g".into(),
            Leaf::Drive => "ge".into(),
            Leaf::Jump => "jump".into(),
        }
    }

    /// A fixed expression in Python with numpy.
    fn fixed(&self, id: Id) -> String {
        match self.graph.node(id) {
            Node::Leaf(leaf) => self.leaf(leaf),
            Node::Unary(op, a) => {
                let a = self.fixed(a);
                match op {
                    Unary::Neg => format!("(-{a})"),
                    Unary::Exprel => format!("np.where({a} == 0, 1.0, np.expm1({a}) / np.where({a} == 0, 1.0, {a}))[()]"),
                    Unary::Exp => format!("np.exp({a})"),
                    Unary::Log => format!("np.log({a})"),
                    Unary::Sqrt => format!("np.sqrt({a})"),
                    Unary::Sin => format!("np.sin({a})"),
                    Unary::Cos => format!("np.cos({a})"),
                    Unary::Tanh => format!("np.tanh({a})"),
                    Unary::Abs => format!("np.abs({a})"),
                    Unary::Floor => format!("np.floor({a})"),
                }
            }
            Node::Binary(op, a, b) => {
                let (a, b) = (self.fixed(a), self.fixed(b));
                match op {
                    Binary::Add => format!("({a} + {b})"),
                    Binary::Sub => format!("({a} - {b})"),
                    Binary::Mul => format!("({a} * {b})"),
                    Binary::Div => format!("({a} / {b})"),
                    Binary::Pow => format!("({a})**({b})"),
                    Binary::Min => format!("np.minimum({a}, {b})"),
                    Binary::Max => format!("np.maximum({a}, {b})"),
                    Binary::Less => format!("1.0 * ({a} < {b})"),
                    Binary::LessOrEqual => format!("1.0 * ({a} <= {b})"),
                }
            }
            Node::Select(c, a, b) => format!("np.where({} > 0, {}, {})[()]", self.fixed(c), self.fixed(a), self.fixed(b)),
        }
    }
}

fn number(x: f64) -> String {
    let text = if x != 0.0 && !(1e-5..1e15).contains(&x.abs()) { format!("{x:e}") } else { format!("{x}") };
    if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
}

/// The differential equations as Brian2 reads them, in plain numbers of ms, mV and pA.
pub struct Readable {
    pub equations: String,
    pub threshold: String,
    pub reset: Option<String>,
    /// ms
    pub refractory: Option<String>,
}

/// See [`Readable`]; `input` is the expression of all current that flows in. `cut`: slopes see the potential as at most its threshold, as our
/// own Runge–Kutta scheme does, since an upswing beyond would carry everything away.
pub fn readable(model: &Model, input: &str, cut: bool) -> Option<Readable> {
    let source = model.kind.source;
    let (statements, meaning) = (text::parse(source).ok()?, meaning::read(source).ok()?);
    let scale = |name: &str| {
        let param = meaning.params.iter().find(|p| p.name == name).map(|p| p.unit.scale);
        param.or_else(|| meaning.variables.iter().find(|v| v.name == name).map(|v| v.unit.scale))
    };
    let plain = Plain {
        scale: &scale,
        is_short: &|name| statements.iter().any(|s| matches!(s, Statement::Value { name: n, .. } if n.text == name)),
        input: format!("(({input}) * {})", number(meaning.input.scale)),
        cut: None,
    };
    let potential = meaning.variables.first()?.name.as_str();
    let peak = statements.iter().find_map(|s| match s {
        Statement::Threshold { value, .. } => match &value.what {
            What::Binary(Op::Greater | Op::GreaterOrEqual, v, peak) if matches!(&v.what, What::Name(n) if n == potential) => {
                Some(plain.print(peak))
            }
            _ => None,
        },
        _ => None,
    });
    let cut = peak.filter(|_| cut && meaning.reset.is_some()).map(|peak| (potential, format!("clip({potential}, -1e9, {peak})")));
    let cutting = Plain { cut, input: plain.input.clone(), ..plain };
    let unscaled = |text: String, name: &str| match scale(name) {
        Some(s) if s != 1.0 => format!("({text}) / {}", number(s)),
        _ => text,
    };
    let mut out = Readable { equations: String::new(), threshold: String::new(), reset: None, refractory: None };
    for statement in &statements {
        match statement {
            Statement::Slope { name, value, held, .. } => {
                let held = if *held { " (unless refractory)" } else { "" };
                let _ = writeln!(out.equations, "d{0}/dt = ({1}) / ms : 1{held}", name.text, unscaled(cutting.print(value), &name.text));
            }
            Statement::Value { name, value, .. } if scale(&name.text).is_none() => {
                let _ = writeln!(out.equations, "{} = {} : 1", name.text, plain.print(value));
            }
            Statement::Threshold { value, .. } => out.threshold = plain.print(value),
            Statement::Reset { to: Some(list), .. } => {
                let one = |a: &text::Assignment| format!("{} = {}", a.name.text, unscaled(plain.print(&a.value), &a.name.text));
                out.reset = Some(list.iter().map(one).collect::<Vec<_>>().join("; "));
            }
            Statement::Refractory { value, .. } => out.refractory = Some(plain.print(value)),
            _ => {}
        }
    }
    Some(out)
}

/// Expressions without units.
struct Plain<'a> {
    scale: &'a dyn Fn(&str) -> Option<f64>,
    is_short: &'a dyn Fn(&str) -> bool,
    input: String,
    /// A variable and what stands for it.
    cut: Option<(&'a str, String)>,
}

impl Plain<'_> {
    fn print(&self, e: &Expr) -> String {
        match &e.what {
            What::Number(x) => number(*x),
            What::Name(name) if self.cut.as_ref().is_some_and(|(cut, _)| cut == name) => {
                self.cut.as_ref().map_or_else(String::new, |(_, text)| text.clone())
            }
            What::Name(name) => match (self.scale)(name) {
                Some(s) if s != 1.0 => format!("({name} * {})", number(s)),
                Some(_) => name.clone(),
                None if (self.is_short)(name) => name.clone(),
                None if name == "I" => self.input.clone(),
                None if name == "pi" => "pi".into(),
                None => unit::named(name).map_or_else(|| name.clone(), |(_, scale)| number(scale)),
            },
            What::Negative(inner) => format!("(-{})", self.print(inner)),
            What::Binary(Op::Mul, a, b) if self.is_one(b) => self.print(a),
            What::Binary(Op::Div, a, b) if self.is_one(b) => self.print(a),
            What::Binary(op, a, b) => {
                let (a, b) = (self.print(a), self.print(b));
                let sign = match op {
                    Op::Add => " + ",
                    Op::Sub => " - ",
                    Op::Mul => " * ",
                    Op::Div => " / ",
                    Op::Pow => "**",
                    Op::Less => return format!("{a} < {b}"),
                    Op::LessOrEqual => return format!("{a} <= {b}"),
                    Op::Greater => return format!("{a} > {b}"),
                    Op::GreaterOrEqual => return format!("{a} >= {b}"),
                };
                format!("({a}{sign}{b})")
            }
            What::Call(name, arguments) => {
                let x: Vec<String> = arguments.iter().map(|a| self.print(a)).collect();
                match (name.as_str(), x.as_slice()) {
                    ("min", [a, b]) => format!("clip({a}, -1e300, {b})"),
                    ("max", [a, b]) => format!("clip({a}, {b}, 1e300)"),
                    _ => format!("{name}({})", x.join(", ")),
                }
            }
        }
    }

    /// Whether this is a unit of size 1, which plain numbers leave out.
    fn is_one(&self, e: &Expr) -> bool {
        matches!(&e.what, What::Name(name) if (self.scale)(name).is_none() && !(self.is_short)(name) && unit::named(name).is_some_and(|u| u.1 == 1.0))
    }
}
