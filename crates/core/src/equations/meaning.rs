//! From statements to meaning: names resolved, units checked, everything as one graph.

use super::graph::{Graph, Id, Leaf};
use super::text::{Assignment, Expr, Op, Statement, What, Word};
use super::unit::{self, Dim, NONE, Unit};
use super::{Fault, names};
use std::collections::BTreeMap;
use std::ops::Range;

/// A number with a slider.
#[derive(Clone, Debug)]
pub struct Parameter {
    pub name: String,
    pub unit: Unit,
    /// In `unit`; so is the range.
    pub default: f64,
    pub range: Option<(f64, f64)>,
    pub doc: String,
}

/// A variable with a differential equation.
#[derive(Clone, Debug)]
pub struct Variable {
    pub name: String,
    pub unit: Unit,
    /// Whether it stands still while the neuron is refractory.
    pub held: bool,
    /// Place of its equation in the text.
    pub at: Range<usize>,
}

/// What a text means: everything the compiler needs, in the units of the variables and per ms.
#[derive(Clone, Debug)]
pub struct Meaning {
    pub graph: Graph,
    /// The membrane potential first.
    pub variables: Vec<Variable>,
    pub params: Vec<Parameter>,
    /// One slope a variable.
    pub slopes: Vec<Id>,
    /// A spike is where this is at least 0 (above 0 if `strict`).
    pub above: Id,
    pub strict: bool,
    /// New value of each variable after a spike; none for models that come back by themselves.
    pub reset: Option<Vec<Id>>,
    /// ms; fixed.
    pub refractory: Option<Id>,
    /// Fixed.
    pub initial: Vec<Id>,
    /// Unit of the input `I`.
    pub input: Unit,
    pub title: String,
}

/// A declared name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meant {
    Variable(usize),
    Parameter(usize),
    Short(usize),
}

/// An expression with a name.
pub(super) struct Short {
    pub(super) value: Expr,
    pub(super) unit: Option<Unit>,
    pub(super) dim: Option<Option<Dim>>,
    pub(super) id: Option<Id>,
    /// Set while its own value is looked at.
    pub(super) open: bool,
}

pub(super) struct Reader<'a> {
    pub(super) source: &'a str,
    pub(super) names: BTreeMap<String, Meant>,
    pub(super) variables: Vec<Variable>,
    pub(super) params: Vec<Parameter>,
    pub(super) shorts: Vec<Short>,
    /// The dimension of the input, once something says what it is.
    pub(super) input: Option<Dim>,
    pub(super) graph: Graph,
}

pub(super) type Found<T> = Result<T, Fault>;

pub(super) fn fault<T>(at: &Range<usize>, what: impl Into<String>) -> Found<T> {
    Err(Fault { at: at.clone(), what: what.into() })
}

/// Dimensions that grow beyond all reason.
pub(super) fn sane(dim: Option<Dim>, at: &Range<usize>) -> Found<Dim> {
    dim.ok_or_else(|| Fault { at: at.clone(), what: "the unit of this cannot be told: the exponents are too large or not simple".into() })
}

/// See [`Meaning`].
pub fn read(source: &str) -> Found<Meaning> {
    let statements = super::text::parse(source)?;
    let mut reader = Reader {
        source,
        names: BTreeMap::new(),
        variables: Vec::new(),
        params: Vec::new(),
        shorts: Vec::new(),
        input: None,
        graph: Graph::default(),
    };
    reader.declare(&statements)?;
    reader.meaning(&statements)
}

/// Names of the membrane potential, which comes first and takes jumps.
const POTENTIAL: &[&str] = &["v", "V", "V_m", "v_m", "vm", "Vm"];

impl Reader<'_> {
    fn declare(&mut self, statements: &[Statement]) -> Found<()> {
        let declared: Vec<&str> = statements
            .iter()
            .filter_map(|s| match s {
                Statement::Slope { name, .. } | Statement::Value { name, .. } => Some(name.text.as_str()),
                _ => None,
            })
            .collect();
        // The potential first, whatever the order of the text.
        let mut slopes: Vec<&Statement> = statements.iter().filter(|s| matches!(s, Statement::Slope { .. })).collect();
        let is_potential = |s: &&Statement| matches!(s, Statement::Slope { name, .. } if POTENTIAL.contains(&name.text.as_str()));
        slopes.sort_by_key(|s| !is_potential(s));
        for statement in slopes {
            let Statement::Slope { name, unit, held, value } = statement else { continue };
            let unit = match unit {
                Some(unit) => shown(&self.unit_of(unit)?),
                None => unit::usual(NONE),
            };
            self.new_name(name, Meant::Variable(self.variables.len()))?;
            self.variables.push(Variable { name: name.text.clone(), unit, held: *held, at: name.at.start..value.at.end });
        }
        for statement in statements {
            match statement {
                Statement::Value { name, value, unit, range, doc } => self.value(name, value, unit.as_ref(), *range, doc, &declared)?,
                Statement::Input { name, unit } if name.text == "I" => {
                    let unit = self.unit_of(unit)?;
                    if self.input.replace(unit.dim).is_some() {
                        return fault(&name.at, "I is declared twice; keep one line");
                    }
                }
                Statement::Input { name, .. } => {
                    return fault(
                        &name.at,
                        format!("only the input I is declared like this; give {} a value: {} = 1 mV", name.text, name.text),
                    );
                }
                _ => {}
            }
        }
        match self.variables.len() {
            0 => fault(
                &(0..self.source.ceil_char_boundary(1)),
                "there is no differential equation; write one such as dv/dt = -v/(10*ms) : mV",
            ),
            n if n > super::MOST_VARIABLES => {
                let what = format!("{n} differential equations are too many; a neuron has at most {}", super::MOST_VARIABLES);
                fault(&self.variables[n - 1].at, what)
            }
            _ => Ok(()),
        }
    }

    fn new_name(&mut self, name: &Word, meant: Meant) -> Found<()> {
        let text = name.text.as_str();
        let reserved = names::RESERVED.iter().find(|(n, _)| *n == text);
        if let Some((_, why)) = reserved {
            return fault(&name.at, format!("{text} cannot be declared: {why}"));
        }
        if names::function(text).is_some() {
            return fault(&name.at, format!("{text} is a function; choose another name"));
        }
        if self.names.insert(text.to_owned(), meant).is_some() {
            return fault(&name.at, format!("{text} is declared twice; keep one line"));
        }
        Ok(())
    }

    fn value(
        &mut self,
        name: &Word,
        value: &Expr,
        unit: Option<&Expr>,
        range: Option<(f64, f64)>,
        doc: &str,
        declared: &[&str],
    ) -> Found<()> {
        let unit = unit.map(|u| self.unit_of(u)).transpose()?;
        if let Some(quantity) = super::quantity::of(value, declared)? {
            let mut own = quantity.unit;
            let mut number = quantity.number;
            if let Some(unit) = unit {
                if unit.dim != own.dim && number != 0.0 {
                    return fault(
                        &value.at,
                        format!("this is {}, but {} is said to be {}", unit::in_words(own.dim), name.text, unit::in_words(unit.dim)),
                    );
                }
                number *= own.scale / unit.scale;
                own = unit;
            }
            if let Some((low, high)) = range.filter(|(low, high)| !(number >= *low && number <= *high)) {
                return fault(&value.at, format!("{} = {number} is outside its own range {low}..{high}", name.text));
            }
            self.new_name(name, Meant::Parameter(self.params.len()))?;
            self.params.push(Parameter { name: name.text.clone(), unit: own, default: number, range, doc: doc.into() });
            return Ok(());
        }
        if range.is_some() {
            return fault(&value.at, format!("only a number can have a range; {} follows from others", name.text));
        }
        self.new_name(name, Meant::Short(self.shorts.len()))?;
        self.shorts.push(Short { value: value.clone(), unit, dim: None, id: None, open: false });
        Ok(())
    }

    fn unit_of(&self, expr: &Expr) -> Found<Unit> {
        match super::quantity::of(expr, &[])? {
            Some(q) if q.number == 1.0 => Ok(q.unit),
            _ => fault(&expr.at, "this is no unit; write one such as mV, nS, 1/ms, uA/cm2, or 1 for a pure number"),
        }
    }

    fn meaning(mut self, statements: &[Statement]) -> Found<Meaning> {
        // The first look finds the dimension of the input, the second checks with it.
        for _ in 0..2 {
            self.check_all(statements)?;
            self.shorts.iter_mut().for_each(|s| s.dim = None);
        }
        self.check_all(statements)?;
        let input = unit::usual(self.input.unwrap_or(NONE));

        let leaves: Vec<Id> = (0..self.variables.len()).map(|i| self.graph.leaf(Leaf::State(i as u16))).collect();
        let mut slopes = vec![leaves[0]; leaves.len()];
        let (mut above, mut reset, mut refractory, mut initial) = (None, None, None, None);
        for statement in statements {
            match statement {
                Statement::Slope { name, value, .. } => {
                    let Some(Meant::Variable(i)) = self.names.get(&name.text).copied() else { continue };
                    let id = self.lower(value, &input)?;
                    slopes[i] = self.scaled(id, 1.0 / self.variables[i].unit.scale);
                }
                Statement::Threshold { at, value } => {
                    let What::Binary(op, a, b) = &value.what else { continue };
                    let (a, b) = (self.lower(a, &input)?, self.lower(b, &input)?);
                    let rising = matches!(op, Op::Greater | Op::GreaterOrEqual);
                    let id = if rising { self.graph.sub(a, b) } else { self.graph.sub(b, a) };
                    if self.graph.is_fixed(id) {
                        return fault(&value.at, "this threshold never changes: it must contain a variable such as v");
                    }
                    once(&mut above, (id, matches!(op, Op::Greater | Op::Less), at.clone()), at, "threshold")?;
                }
                Statement::Reset { at, to } => once(&mut reset, (at.clone(), to), at, "reset")?,
                Statement::Refractory { at, value } => {
                    let id = self.lower(value, &input)?;
                    if !self.graph.is_fixed(id) {
                        return fault(&value.at, "the refractory time must not change while the neuron runs: use parameters only");
                    }
                    once(&mut refractory, id, at, "refractory")?;
                }
                Statement::Initial { at, to } => once(&mut initial, to, at, "initial")?,
                Statement::Value { .. } | Statement::Input { .. } | Statement::Title { .. } => {}
            }
        }
        let end = self.source.trim_end().len();
        let last = self.source[..end].rfind('\n').map_or(0, |n| n + 1)..end;
        let Some((above, strict, threshold_at)) = above else {
            return fault(&last, "a neuron needs a threshold; add a line such as threshold: v >= 30");
        };
        let Some((_, reset)) = reset else {
            return fault(
                &threshold_at,
                "a threshold needs a reset; add a line such as reset: v = c, or reset: none for a model that comes back by itself",
            );
        };
        let zero = self.graph.number(0.0);
        let reset = match reset {
            Some(list) => Some(self.assigned(list, leaves.clone(), &input)?),
            None => None,
        };
        // A potential that nobody placed starts where its reset puts it.
        let mut start = vec![zero; leaves.len()];
        if let Some(to) = reset.as_ref().map(|r| r[0]).filter(|to| self.graph.is_fixed(*to)) {
            start[0] = to;
        }
        if let Some(list) = initial {
            start = self.assigned(list, start, &input)?;
            if let Some(i) = start.iter().position(|id| !self.graph.is_fixed(*id)) {
                return fault(
                    &list[0].name.at,
                    format!("the start of {} depends on the input; use parameters and variables only", self.variables[i].name),
                );
            }
        }
        let title =
            statements.iter().find_map(|s| if let Statement::Title { text } = s { Some(text.clone()) } else { None }).unwrap_or_default();
        self.try_start(statements, &start)?;
        let Self { graph, variables, params, .. } = self;
        Ok(Meaning { graph, variables, params, slopes, above, strict, reset, refractory, initial: start, input, title })
    }

    /// Assignments one after the other, each seeing what those before it did; variables that are not named keep `values`.
    fn assigned(&mut self, list: &[Assignment], mut values: Vec<Id>, input: &Unit) -> Found<Vec<Id>> {
        for Assignment { name, value } in list {
            let Some(Meant::Variable(i)) = self.names.get(&name.text).copied() else {
                return fault(&name.at, format!("{} is no variable with a differential equation, so it cannot be set here", name.text));
            };
            let id = self.lower(value, input)?;
            let id = self.scaled(id, 1.0 / self.variables[i].unit.scale);
            let mut with: BTreeMap<Id, Id> = BTreeMap::new();
            for (s, now) in values.iter().enumerate() {
                with.insert(self.graph.leaf(Leaf::State(s as u16)), *now);
            }
            values[i] = self.graph.substitute(id, &mut with);
        }
        Ok(values)
    }

    fn scaled(&mut self, id: Id, scale: f64) -> Id {
        let factor = self.graph.number(scale);
        self.graph.mul(id, factor)
    }

    /// An expression in coherent units as a node.
    fn lower(&mut self, e: &Expr, input: &Unit) -> Found<Id> {
        Ok(match &e.what {
            What::Number(x) => self.graph.number(*x),
            What::Negative(inner) => {
                let inner = self.lower(inner, input)?;
                self.graph.unary(super::graph::Unary::Neg, inner)
            }
            What::Binary(op, a, b) => {
                let (a, b) = (self.lower(a, input)?, self.lower(b, input)?);
                names::lower_binary(&mut self.graph, *op, a, b)
            }
            What::Call(name, arguments) => {
                let ids = arguments.iter().map(|a| self.lower(a, input)).collect::<Found<Vec<Id>>>()?;
                names::lower_call(&mut self.graph, name, &ids)
            }
            What::Name(name) => match self.names.get(name).copied() {
                Some(Meant::Variable(i)) => {
                    let leaf = self.graph.leaf(Leaf::State(i as u16));
                    self.scaled(leaf, self.variables[i].unit.scale)
                }
                Some(Meant::Parameter(i)) => {
                    let leaf = self.graph.leaf(Leaf::Param(i as u16));
                    self.scaled(leaf, self.params[i].unit.scale)
                }
                Some(Meant::Short(i)) => match self.shorts[i].id {
                    Some(id) => id,
                    None => {
                        let value = self.shorts[i].value.clone();
                        let id = self.lower(&value, input)?;
                        self.shorts[i].id = Some(id);
                        id
                    }
                },
                None if name == "I" => self.input_node(input),
                None if name == "pi" => self.graph.number(std::f64::consts::PI),
                None => match unit::named(name) {
                    Some((_, scale)) => self.graph.number(scale),
                    None => return fault(&e.at, self.unknown(name)),
                },
            },
        })
    }

    /// All that flows in: currents, and conductances times the distance to their reversal potential.
    fn input_node(&mut self, unit: &Unit) -> Id {
        let [current, g, drive, v] = [Leaf::Current, Leaf::Conductance, Leaf::Drive, Leaf::State(0)].map(|l| self.graph.leaf(l));
        let out = self.graph.mul(g, v);
        let inward = self.graph.sub(drive, out);
        let all = self.graph.add(current, inward);
        self.scaled(all, unit.scale)
    }

    /// Evaluates every equation at the start, so that a division by zero is found where it stands.
    fn try_start(&self, statements: &[Statement], start: &[Id]) -> Found<()> {
        let params: Vec<f64> = self.params.iter().map(|p| p.default).collect();
        let start: Vec<f64> = start.iter().map(|id| super::program::fixed_value(&self.graph, *id, &params, 0.1)).collect();
        let values = |name: &str| match self.names.get(name) {
            Some(Meant::Variable(i)) => Some(names::Value::Number(start[*i] * self.variables[*i].unit.scale)),
            Some(Meant::Parameter(i)) => Some(names::Value::Number(params[*i] * self.params[*i].unit.scale)),
            Some(Meant::Short(i)) => Some(names::Value::Short(&self.shorts[*i].value)),
            _ => None,
        };
        for statement in statements {
            if let Statement::Slope { value, .. } | Statement::Refractory { value, .. } | Statement::Threshold { value, .. } = statement {
                names::evaluate(value, &values, 0)?;
            }
        }
        Ok(())
    }
}

fn once<T>(slot: &mut Option<T>, value: T, at: &Range<usize>, what: &str) -> Found<()> {
    if slot.replace(value).is_some() {
        return fault(at, format!("there are two {what} lines; keep one"));
    }
    Ok(())
}

/// Long names stand for the dimension, which is then shown in its usual unit.
fn shown(unit: &Unit) -> Unit {
    if unit.dim == unit::VOLTAGE { unit::usual(unit.dim) } else { unit.clone() }
}
