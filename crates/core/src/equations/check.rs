//! Whether the units of typed equations fit, and which term does not.

use super::meaning::{Found, Meant, Reader, fault, sane};
use super::names;
use super::text::{Assignment, Expr, Op, Statement, What};
use super::unit::{self, Dim, NONE};
use std::ops::Range;

impl Reader<'_> {
    pub(super) fn check_all(&mut self, statements: &[Statement]) -> Found<()> {
        for i in 0..self.shorts.len() {
            self.short(i)?;
        }
        for statement in statements {
            match statement {
                Statement::Slope { name, value, .. } => {
                    let Some(Meant::Variable(i)) = self.names.get(&name.text).copied() else { continue };
                    let wanted = sane(self.variables[i].unit.dim.over(unit::TIME), &value.at)?;
                    self.expect(value, wanted, |found, wanted| format!("d{}/dt must be {wanted}, but this is {found}", name.text))?;
                }
                Statement::Threshold { value, .. } => {
                    if let What::Binary(_, a, b) = &value.what {
                        self.alike(&[(**a).clone(), (**b).clone()], None, "the other side")?;
                    }
                }
                Statement::Reset { to: Some(list), .. } | Statement::Initial { to: list, .. } => {
                    for Assignment { name, value } in list {
                        let Some(Meant::Variable(i)) = self.names.get(&name.text).copied() else {
                            return fault(
                                &name.at,
                                format!("{} is no variable with a differential equation, so it cannot be set here", name.text),
                            );
                        };
                        let wanted = self.variables[i].unit.dim;
                        self.expect(value, wanted, |found, wanted| format!("{} is {wanted}, but this is {found}", name.text))?;
                    }
                }
                Statement::Refractory { value, .. } => {
                    self.expect(value, unit::TIME, |found, _| format!("a refractory time is in ms, but this is {found}; write 2 ms"))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn expect(&mut self, value: &Expr, wanted: Dim, say: impl Fn(&str, &str) -> String) -> Found<()> {
        let Some(found) = self.infer(value, Some(wanted))? else { return Ok(()) };
        if self.agree(found, wanted) {
            return Ok(());
        }
        let hint = if wanted.over(found) == Some(unit::PER_TIME) { "; is a division by a time missing?" } else { "" };
        fault(&value.at, say(&unit::in_words(found), &unit::in_words(wanted)) + hint)
    }

    /// Whether two dimensions are one, which may settle that of the input.
    fn agree(&mut self, a: Dim, b: Dim) -> bool {
        let known = |d: Dim, input: Option<Dim>| input.and_then(|i| d.with_input(i)).unwrap_or(d);
        let (a, b) = (known(a, self.input), known(b, self.input));
        if a == b {
            return true;
        }
        if self.input.is_none()
            && (a.is_open() || b.is_open())
            && let Some(input) = a.solve(b)
        {
            self.input = Some(input);
            return true;
        }
        false
    }

    /// The dimension of an abbreviation.
    pub(super) fn short(&mut self, i: usize) -> Found<Option<Dim>> {
        if let Some(dim) = self.shorts[i].dim {
            return Ok(dim);
        }
        let (value, unit) = (self.shorts[i].value.clone(), self.shorts[i].unit.clone());
        if self.shorts[i].open {
            return fault(&value.at, "this defines itself: a name may not depend on itself except through a differential equation");
        }
        self.shorts[i].open = true;
        let wanted = unit.as_ref().map(|u| u.dim);
        let found = self.infer(&value, wanted);
        self.shorts[i].open = false;
        let found = found?;
        if let (Some(found), Some(wanted)) = (found, wanted)
            && !self.agree(found, wanted)
        {
            return fault(&value.at, format!("this is {}, but it is said to be {}", unit::in_words(found), unit::in_words(wanted)));
        }
        let dim = wanted.or(found);
        self.shorts[i].dim = Some(dim);
        Ok(dim)
    }

    /// The dimension of an expression; none for a bare 0, which fits everywhere. `wanted` is what stands around it: with it a sum can tell
    /// which of its terms is wrong.
    fn infer(&mut self, e: &Expr, wanted: Option<Dim>) -> Found<Option<Dim>> {
        match &e.what {
            What::Number(x) => Ok((*x != 0.0).then_some(NONE)),
            What::Name(name) => self.infer_name(name, &e.at),
            What::Negative(inner) => self.infer(inner, wanted),
            What::Binary(Op::Add | Op::Sub, ..) => {
                let mut terms = Vec::new();
                gather(e, &mut terms);
                self.alike(&terms, wanted, "the rest of the sum")
            }
            What::Binary(Op::Mul, a, b) => self.product(a, b, wanted, &e.at),
            What::Binary(Op::Div, a, b) => self.quotient(a, b, wanted, &e.at),
            What::Binary(Op::Pow, base, exponent) => {
                if self.infer(exponent, Some(NONE))?.is_some_and(|d| d != NONE) {
                    return fault(&exponent.at, "an exponent must be a pure number");
                }
                let Some(dim) = self.infer(base, None)? else { return Ok(None) };
                if dim == NONE {
                    return Ok(Some(NONE));
                }
                match super::quantity::of(exponent, &[])? {
                    Some(q) => Ok(Some(sane(dim.power(q.number), &e.at)?)),
                    None => fault(
                        &exponent.at,
                        format!("what is raised to this power is {}: only a fixed number can be its exponent", unit::in_words(dim)),
                    ),
                }
            }
            What::Binary(..) => fault(&e.at, "a comparison is a number (1 or 0) only as int(…)"),
            What::Call(name, arguments) => self.infer_call(name, arguments, wanted, &e.at),
        }
    }

    fn infer_name(&mut self, name: &str, at: &Range<usize>) -> Found<Option<Dim>> {
        match self.names.get(name).copied() {
            Some(Meant::Variable(i)) => Ok(Some(self.variables[i].unit.dim)),
            Some(Meant::Parameter(i)) => Ok(Some(self.params[i].unit.dim)),
            Some(Meant::Short(i)) => self.short(i),
            None if name == "I" => Ok(Some(self.input.unwrap_or(unit::UNKNOWN))),
            None if name == "pi" => Ok(Some(NONE)),
            None => match unit::named(name) {
                Some((dim, _)) => Ok(Some(dim)),
                None => fault(at, self.unknown(name)),
            },
        }
    }

    pub(super) fn unknown(&self, name: &str) -> String {
        if let Some((_, why)) = names::RESERVED.iter().find(|(n, _)| *n == name) {
            return format!("{name} cannot be used here: {why}");
        }
        if names::function(name).is_some() {
            return format!("{name} is a function: write {name}(…)");
        }
        let mut known: Vec<&str> = self.names.keys().map(String::as_str).collect();
        known.extend(["I", "pi"]);
        for unit in unit::names() {
            known.push(unit);
        }
        let declare = format!("declare it with a value, such as {name} = 1 mV");
        match names::nearest(name, &known) {
            Some(near) => format!("“{name}” is not known; did you mean {near}? Or {declare}"),
            None => format!("“{name}” is not known; {declare}"),
        }
    }

    fn product(&mut self, a: &Expr, b: &Expr, wanted: Option<Dim>, at: &Range<usize>) -> Found<Option<Dim>> {
        let (da, db);
        if is_sum(a) && !is_sum(b) {
            db = self.infer(b, None)?.unwrap_or(NONE);
            da = self.infer(a, wanted.and_then(|w| w.over(db)))?.unwrap_or(NONE);
        } else {
            da = self.infer(a, None)?.unwrap_or(NONE);
            db = self.infer(b, wanted.and_then(|w| w.over(da)))?.unwrap_or(NONE);
        }
        Ok(Some(sane(da.times(db), at)?))
    }

    fn quotient(&mut self, a: &Expr, b: &Expr, wanted: Option<Dim>, at: &Range<usize>) -> Found<Option<Dim>> {
        let db = self.infer(b, None)?.unwrap_or(NONE);
        let da = self.infer(a, wanted.and_then(|w| w.times(db)))?.unwrap_or(NONE);
        Ok(Some(sane(da.over(db), at)?))
    }

    /// Things that must have one dimension; says which one has not.
    fn alike(&mut self, terms: &[Expr], wanted: Option<Dim>, rest: &str) -> Found<Option<Dim>> {
        let mut dims = Vec::with_capacity(terms.len());
        for term in terms {
            dims.push(self.infer(term, wanted)?);
        }
        let known: Vec<Dim> = dims.iter().flatten().copied().collect();
        // What stands around decides; else the majority, and of equals the first.
        let fits = |d: &Dim| wanted.is_some_and(|w| *d == w);
        let right = match known.iter().find(|d| fits(d)) {
            Some(d) => *d,
            None => {
                let closed: Vec<Dim> = known.iter().filter(|d| !d.is_open()).copied().collect();
                let votes = |d: &Dim| known.iter().filter(|o| *o == d).count();
                let Some(most) = closed.iter().map(votes).max() else { return Ok(known.first().copied()) };
                closed.into_iter().find(|d| votes(d) == most).unwrap_or(NONE)
            }
        };
        for (term, dim) in terms.iter().zip(dims) {
            let Some(dim) = dim else { continue };
            if !self.agree(dim, right) {
                return fault(&term.at, format!("this is {}, but {rest} is {}", unit::in_words(dim), unit::in_words(right)));
            }
        }
        Ok(Some(right))
    }

    fn infer_call(&mut self, name: &str, arguments: &[Expr], wanted: Option<Dim>, at: &Range<usize>) -> Found<Option<Dim>> {
        let Some(function) = names::function(name) else {
            if let Some((_, why)) = names::RESERVED.iter().find(|(n, _)| *n == name) {
                return fault(at, format!("{name} cannot be used here: {why}"));
            }
            let known: Vec<&str> = names::FUNCTIONS.iter().map(|f| f.name).collect();
            let there_are = known.join(", ");
            return match names::nearest(name, &known) {
                Some(near) => fault(at, format!("there is no function {name}; did you mean {near}? There are {there_are}")),
                None => fault(at, format!("there is no function {name}; there are {there_are}")),
            };
        };
        if arguments.len() != function.arguments {
            return fault(
                at,
                format!(
                    "{name} takes {} argument{}, not {}",
                    function.arguments,
                    if function.arguments == 1 { "" } else { "s" },
                    arguments.len()
                ),
            );
        }
        match function.units {
            names::Units::Pure => {
                if let Some(dim) = self.infer(&arguments[0], Some(NONE))?
                    && !self.agree(dim, NONE)
                {
                    let dim = unit::in_words(dim);
                    return fault(&arguments[0].at, format!("{name} takes a pure number, but this is {dim}; divide it by something {dim}"));
                }
                Ok(Some(NONE))
            }
            names::Units::Root => match self.infer(&arguments[0], None)? {
                Some(dim) => Ok(Some(sane(dim.power(0.5), at)?)),
                None => Ok(None),
            },
            names::Units::Alike => self.alike(arguments, wanted, "the other argument"),
            names::Units::Comparison => {
                let What::Binary(op, a, b) = &arguments[0].what else {
                    return fault(&arguments[0].at, "int takes a comparison, such as int(v > 0)");
                };
                if !op.is_comparison() {
                    return fault(&arguments[0].at, "int takes a comparison, such as int(v > 0)");
                }
                self.alike(&[(**a).clone(), (**b).clone()], None, "the other side")?;
                Ok(Some(NONE))
            }
        }
    }
}

fn is_sum(e: &Expr) -> bool {
    matches!(e.what, What::Binary(Op::Add | Op::Sub, ..))
}

/// The terms of a sum, each with its place.
fn gather(e: &Expr, terms: &mut Vec<Expr>) {
    match &e.what {
        What::Binary(Op::Add | Op::Sub, a, b) => {
            gather(a, terms);
            gather(b, terms);
        }
        _ => terms.push(e.clone()),
    }
}
