//! Names that mean something by themselves: functions, reserved words; and what they do.

use super::Fault;
use super::graph::{Binary, Graph, Id, Unary};
use super::text::{Expr, Op, What};
use crate::near::distance;

/// What a function asks of the units of its arguments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Units {
    Pure,
    Root,
    Alike,
    Comparison,
}

pub struct Function {
    pub name: &'static str,
    pub arguments: usize,
    pub units: Units,
    /// For the help of the editor.
    pub doc: &'static str,
}

const fn function_of(name: &'static str, arguments: usize, units: Units, doc: &'static str) -> Function {
    Function { name, arguments, units, doc }
}

pub const FUNCTIONS: &[Function] = &[
    function_of("exp", 1, Units::Pure, "eˣ"),
    function_of("exprel", 1, Units::Pure, "(eˣ − 1)/x, and 1 at x = 0: for rates such as those of Hodgkin and Huxley"),
    function_of("log", 1, Units::Pure, "Natural logarithm"),
    function_of("sqrt", 1, Units::Root, "Square root"),
    function_of("sin", 1, Units::Pure, "Sine of an angle in radians"),
    function_of("cos", 1, Units::Pure, "Cosine of an angle in radians"),
    function_of("tanh", 1, Units::Pure, "Hyperbolic tangent"),
    function_of("abs", 1, Units::Alike, "Absolute value"),
    function_of("min", 2, Units::Alike, "The smaller of two"),
    function_of("max", 2, Units::Alike, "The larger of two"),
    function_of("clip", 3, Units::Alike, "clip(x, low, high): x kept between two bounds"),
    function_of("int", 1, Units::Comparison, "int(a > b): 1 where the comparison holds, else 0"),
];

pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|f| f.name == name)
}

/// Names that cannot be declared, and why.
pub const RESERVED: &[(&str, &str)] = &[
    ("I", "it is the input of the neuron, all currents together; call a constant current I_e"),
    ("pi", "it is π"),
    ("t", "equations do not depend on time; give the population a stimulus instead"),
    ("dt", "it is the step of the simulation"),
    ("xi", "noise comes from outside; give the population a stimulus of white noise"),
    ("rand", "noise comes from outside; give the population a stimulus of white noise"),
    ("randn", "noise comes from outside; give the population a stimulus of white noise"),
    ("scheme", "it chooses how time is stepped"),
    ("source", "it names the text of the equations in files"),
    ("none", "it means that nothing is reset"),
];

/// The known name that `name` most likely means: at most two letters off.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let best = known.iter().map(|k| (distance(&lower, &k.to_lowercase()), *k)).min()?;
    (best.0 <= 2.min(name.len() / 2)).then_some(best.1)
}

pub fn lower_binary(graph: &mut Graph, op: Op, a: Id, b: Id) -> Id {
    match op {
        Op::Add => graph.binary(Binary::Add, a, b),
        Op::Sub => graph.binary(Binary::Sub, a, b),
        Op::Mul => graph.binary(Binary::Mul, a, b),
        Op::Div => graph.binary(Binary::Div, a, b),
        Op::Pow => graph.binary(Binary::Pow, a, b),
        Op::Less => graph.binary(Binary::Less, a, b),
        Op::LessOrEqual => graph.binary(Binary::LessOrEqual, a, b),
        Op::Greater => graph.binary(Binary::Less, b, a),
        Op::GreaterOrEqual => graph.binary(Binary::LessOrEqual, b, a),
    }
}

/// A function of nodes; the number of arguments has been checked.
pub fn lower_call(graph: &mut Graph, name: &str, x: &[Id]) -> Id {
    let op = match name {
        "exp" => Unary::Exp,
        "exprel" => Unary::Exprel,
        "log" => Unary::Log,
        "sqrt" => Unary::Sqrt,
        "sin" => Unary::Sin,
        "cos" => Unary::Cos,
        "tanh" => Unary::Tanh,
        "abs" => Unary::Abs,
        "min" => return graph.binary(Binary::Min, x[0], x[1]),
        "max" => return graph.binary(Binary::Max, x[0], x[1]),
        "clip" => {
            let low = graph.binary(Binary::Max, x[0], x[1]);
            return graph.binary(Binary::Min, low, x[2]);
        }
        _ => return x[0],
    };
    graph.unary(op, x[0])
}

/// What a name stands for while equations are tried.
pub enum Value<'a> {
    Number(f64),
    Short(&'a Expr),
}

/// The value of an expression in coherent units with no input, or where it stops being a number.
pub fn evaluate<'a>(e: &'a Expr, values: &dyn Fn(&str) -> Option<Value<'a>>, depth: usize) -> Result<f64, Fault> {
    let fault = |at: &Expr, what: &str| Err(Fault { at: at.at.clone(), what: what.into() });
    let x = match &e.what {
        What::Number(x) => *x,
        What::Name(name) => match values(name) {
            Some(Value::Number(x)) => x,
            Some(Value::Short(inner)) if depth < 100 => evaluate(inner, values, depth + 1)?,
            _ if name == "I" => 0.0,
            _ if name == "pi" => std::f64::consts::PI,
            _ => super::unit::named(name).map_or(0.0, |u| u.1),
        },
        What::Negative(inner) => -evaluate(inner, values, depth)?,
        What::Binary(op, a, b) => {
            let (x, y) = (evaluate(a, values, depth)?, evaluate(b, values, depth)?);
            if *op == Op::Div && y == 0.0 {
                return fault(b, "this is 0 at the start, and something is divided by it; for x/(1 − e⁻ˣ) write 1/exprel(−x)");
            }
            match op {
                Op::Add => x + y,
                Op::Sub => x - y,
                Op::Mul => x * y,
                Op::Div => x / y,
                Op::Pow => libm::pow(x, y),
                Op::Less => f64::from(x < y),
                Op::LessOrEqual => f64::from(x <= y),
                Op::Greater => f64::from(x > y),
                Op::GreaterOrEqual => f64::from(x >= y),
            }
        }
        What::Call(name, arguments) => {
            let mut x = Vec::with_capacity(arguments.len());
            for argument in arguments {
                x.push(evaluate(argument, values, depth)?);
            }
            if (name == "log" && x[0] <= 0.0) || (name == "sqrt" && x[0] < 0.0) {
                return fault(&arguments[0], &format!("{name} of this has no value: it is {} at the start", x[0]));
            }
            let mut graph = Graph::default();
            let ids: Vec<Id> = x.iter().map(|x| graph.number(*x)).collect();
            let out = lower_call(&mut graph, name, &ids);
            graph.value(out).unwrap_or(0.0)
        }
    };
    if x.is_finite() { Ok(x) } else { fault(e, "this is no finite number at the start") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_evaluated() {
        for f in FUNCTIONS {
            let mut graph = Graph::default();
            let arguments: Vec<Id> = [-0.5, 0.25, 0.75].iter().take(f.arguments).map(|x| graph.number(*x)).collect();
            let out = lower_call(&mut graph, f.name, &arguments);
            let changed = graph.value(out) != Some(-0.5) || matches!(f.name, "int" | "min");
            assert!(changed, "{} does nothing", f.name);
        }
    }
}
