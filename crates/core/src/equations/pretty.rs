//! Equations as they are shown: products without stars, powers raised, names as symbols.

use super::text::{Assignment, Expr, Op, Statement, What};

/// The equations, threshold and reset of a text, one line each; parameters have sliders instead.
pub fn lines(statements: &[Statement], is_parameter: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut out = Vec::new();
    let (mut condition, mut after, mut wait) = (String::new(), String::new(), String::new());
    for statement in statements {
        match statement {
            Statement::Slope { name, value, .. } => out.push(format!("d{}/dt = {}", super::words::symbol(&name.text), print(value, 0))),
            Statement::Value { name, value, .. } if !is_parameter(&name.text) => {
                out.push(format!("{} = {}", super::words::symbol(&name.text), print(value, 0)));
            }
            Statement::Threshold { value, .. } => condition = print(value, 0),
            Statement::Reset { to: Some(list), .. } => after = assignments(list),
            Statement::Refractory { value, .. } => wait = format!(", refractory for {}", print(value, 0)),
            _ => {}
        }
    }
    let after = if after.is_empty() { String::new() } else { format!(", {after}") };
    out.push(format!("{condition}:  spike{after}{wait}"));
    out
}

fn assignments(list: &[Assignment]) -> String {
    let one = |a: &Assignment| format!("{} ← {}", super::words::symbol(&a.name.text), print(&a.value, 0));
    list.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// How tightly an operation binds.
fn strength(op: Op) -> u8 {
    match op {
        Op::Add | Op::Sub => 2,
        Op::Mul | Op::Div => 3,
        Op::Pow => 5,
        _ => 1,
    }
}

/// An expression inside one that binds with `around`.
fn print(e: &Expr, around: u8) -> String {
    let (text, own) = match &e.what {
        What::Number(x) => (x.to_string().replace('-', "−"), 9),
        What::Name(name) => (super::words::symbol(name), 9),
        What::Call(name, arguments) => {
            let arguments: Vec<String> = arguments.iter().map(|a| print(a, 0)).collect();
            (format!("{name}({})", arguments.join(", ")), 9)
        }
        What::Negative(inner) => (format!("−{}", print(inner, 4)), 2),
        What::Binary(Op::Pow, base, exponent) => match &exponent.what {
            What::Number(x) if x.fract() == 0.0 && *x >= 0.0 && *x < 100.0 => (format!("{}{}", print(base, 6), raised(*x as u32)), 5),
            _ => (format!("{}^{}", print(base, 6), print(exponent, 6)), 5),
        },
        What::Binary(op, a, b) => {
            let own = strength(*op);
            // "a − (b − c)" and "a/(b·c)" keep their brackets.
            let right = own + u8::from(matches!(op, Op::Sub | Op::Div));
            let (a, b) = (print(a, own), print(b, right));
            let text = match op {
                Op::Add => format!("{a} + {b}"),
                Op::Sub => format!("{a} − {b}"),
                Op::Mul => format!("{a}·{b}"),
                Op::Div => format!("{a}/{b}"),
                Op::Less => format!("{a} < {b}"),
                Op::LessOrEqual => format!("{a} ≤ {b}"),
                Op::Greater => format!("{a} > {b}"),
                _ => format!("{a} ≥ {b}"),
            };
            (text, own)
        }
    };
    if own < around { format!("({text})") } else { text }
}

fn raised(mut n: u32) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][(n % 10) as usize]);
        n /= 10;
        if n == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}
