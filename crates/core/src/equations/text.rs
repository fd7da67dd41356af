//! From words to statements and expressions, each with its place.

use super::Fault;
use super::words::{Token, lines, words};
use std::ops::Range;

/// Longest text: beyond, it is a mistake.
const MOST_BYTES: usize = 20_000;
const DEEPEST: usize = 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Op {
    pub fn is_comparison(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual)
    }
}

/// An expression with its place in the text.
#[derive(Clone, Debug)]
pub struct Expr {
    pub at: Range<usize>,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    Number(f64),
    Name(String),
    Negative(Box<Expr>),
    Binary(Op, Box<Expr>, Box<Expr>),
    Call(String, Vec<Expr>),
}

/// A name with its place.
#[derive(Clone, Debug)]
pub struct Word {
    pub at: Range<usize>,
    pub text: String,
}

/// `name = expression` or `name += expression` in a reset.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub name: Word,
    pub value: Expr,
}

/// One statement of the text.
#[derive(Clone, Debug)]
pub enum Statement {
    /// `dv/dt = … : mV (unless refractory)`
    Slope {
        name: Word,
        value: Expr,
        unit: Option<Expr>,
        held: bool,
    },
    /// `name = … : unit in low..high # meaning`: a parameter when its value is a number, else an abbreviation.
    Value {
        name: Word,
        value: Expr,
        unit: Option<Expr>,
        range: Option<(f64, f64)>,
        doc: String,
    },
    /// `I : pA`
    Input {
        name: Word,
        unit: Expr,
    },
    Threshold {
        at: Range<usize>,
        value: Expr,
    },
    /// `none` for models that come back by themselves.
    Reset {
        at: Range<usize>,
        to: Option<Vec<Assignment>>,
    },
    Refractory {
        at: Range<usize>,
        value: Expr,
    },
    Initial {
        at: Range<usize>,
        to: Vec<Assignment>,
    },
    Title {
        text: String,
    },
}

struct Tokens {
    tokens: Vec<(Token, Range<usize>)>,
    next: usize,
}

pub fn fault<T>(at: Range<usize>, what: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { at, what: what.into() })
}

/// The statements of a text, in its order, or the first fault.
pub fn parse(source: &str) -> Result<Vec<Statement>, Fault> {
    if source.len() > MOST_BYTES {
        return fault(
            source.floor_char_boundary(MOST_BYTES)..source.len(),
            format!("the text is too long; equations may have up to {MOST_BYTES} characters"),
        );
    }
    let mut statements = Vec::new();
    for line in lines(source) {
        if let Some(title) = source[line.clone()].trim().strip_prefix("title:") {
            statements.push(Statement::Title { text: title.trim().into() });
            continue;
        }
        let mut tokens = Tokens { tokens: words(source, line)?, next: 0 };
        if let Some(statement) = tokens.statement()? {
            statements.push(statement);
        }
    }
    Ok(statements)
}

impl Tokens {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }

    fn ahead(&self, n: usize) -> &Token {
        &self.tokens[(self.next + n).min(self.tokens.len() - 1)].0
    }

    fn place(&self) -> Range<usize> {
        self.tokens[self.next].1.clone()
    }

    fn before(&self) -> usize {
        self.tokens[self.next.saturating_sub(1)].1.end
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(s) if *s == sign)
    }

    fn is_name(&self, name: &str) -> bool {
        matches!(self.peek(), Token::Name(n) if n == name)
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        self.next += usize::from(found);
        found
    }

    fn word(&mut self) -> Option<Word> {
        let Token::Name(text) = self.peek().clone() else { return None };
        let at = self.place();
        self.next += 1;
        Some(Word { at, text })
    }

    fn shown(&self) -> String {
        match self.peek() {
            Token::Number(x) => format!("the number {x}"),
            Token::Name(name) => format!("“{name}”"),
            Token::Sign(sign) => format!("“{sign}”"),
            Token::Comment(_) | Token::End => "the end of the line".into(),
        }
    }

    fn expected<T>(&self, what: &str) -> Result<T, Fault> {
        let at = self.place();
        let at = if at.is_empty() { self.before().min(at.start)..at.end.max(at.start) } else { at };
        fault(at, format!("expected {what}, not {}", self.shown()))
    }

    /// A statement, or nothing on an empty line.
    fn statement(&mut self) -> Result<Option<Statement>, Fault> {
        while matches!(self.peek(), Token::Comment(_)) {
            self.next += 1;
        }
        if *self.peek() == Token::End {
            return Ok(None);
        }
        let at = self.place();
        let Some(word) = self.word() else {
            return self.expected("a line such as dv/dt = …, threshold: …, reset: … or name = value");
        };
        let colon = self.is(":");
        let statement = match word.text.as_str() {
            "threshold" if self.heading() => Statement::Threshold { at, value: self.condition()? },
            "refractory" if self.heading() => Statement::Refractory { at, value: self.expression(0)? },
            "reset" if self.heading() => {
                let none = self.is_name("none") && matches!(self.ahead(1), Token::End | Token::Comment(_));
                self.next += usize::from(none);
                Statement::Reset { at, to: if none { None } else { Some(self.assignments()?) } }
            }
            "initial" if self.heading() => Statement::Initial { at, to: self.assignments()? },
            _ if colon => {
                self.next += 1;
                Statement::Input { name: word, unit: self.unit()? }
            }
            _ => self.equation(word)?,
        };
        while matches!(self.peek(), Token::Comment(_)) {
            self.next += 1;
        }
        if *self.peek() != Token::End {
            return self.expected("the end of the line");
        }
        Ok(Some(statement))
    }

    /// "threshold:" or "threshold =" before what follows.
    fn heading(&mut self) -> bool {
        self.eat(":") || self.eat("=")
    }

    fn equation(&mut self, word: Word) -> Result<Statement, Fault> {
        let slope = word.text.len() > 1 && word.text.starts_with('d') && self.is("/") && *self.ahead(1) == Token::Name("dt".into());
        if slope {
            self.next += 2;
        }
        if !self.eat("=") {
            return self.expected("“=”");
        }
        let value = self.expression(0)?;
        let mut unit = if self.eat(":") { Some(self.unit()?) } else { None };
        if slope {
            let name = Word { at: word.at.start + 1..word.at.end, text: word.text[1..].into() };
            let held = self.is("(") && *self.ahead(1) == Token::Name("unless".into()) && *self.ahead(2) == Token::Name("refractory".into());
            if held {
                self.next += 3;
                if !self.eat(")") {
                    return self.expected("“)”");
                }
            }
            return Ok(Statement::Slope { name, value, unit, held });
        }
        let range = if self.is_name("in") { Some(self.range()?) } else { None };
        if unit.is_none() && self.eat(":") {
            unit = Some(self.unit()?);
        }
        let doc = if let Token::Comment(text) = self.peek() { text.clone() } else { String::new() };
        Ok(Statement::Value { name: word, value, unit, range, doc })
    }

    /// `in low..high`
    fn range(&mut self) -> Result<(f64, f64), Fault> {
        let start = self.place().start;
        self.next += 1;
        let low = self.bound()?;
        if !self.eat("..") {
            return self.expected("“..” as in: in 0..100");
        }
        let high = self.bound()?;
        if low >= high {
            return fault(start..self.before(), format!("the range {low}..{high} is empty; write the smaller bound first"));
        }
        Ok((low, high))
    }

    fn bound(&mut self) -> Result<f64, Fault> {
        let sign = if self.eat("-") { -1.0 } else { 1.0 };
        let Token::Number(x) = *self.peek() else { return self.expected("a number") };
        self.next += 1;
        Ok(sign * x)
    }

    fn assignments(&mut self) -> Result<Vec<Assignment>, Fault> {
        let mut out = Vec::new();
        loop {
            let Some(name) = self.word() else { return self.expected("name = value") };
            let sign = ["=", "+=", "-=", "*="].into_iter().find(|s| self.is(s));
            let Some(sign) = sign else { return self.expected("“=”, “+=”, “-=” or “*=”") };
            self.next += 1;
            let mut value = self.expression(0)?;
            let op = match sign {
                "+=" => Some(Op::Add),
                "-=" => Some(Op::Sub),
                "*=" => Some(Op::Mul),
                _ => None,
            };
            if let Some(op) = op {
                let old = Expr { at: name.at.clone(), what: What::Name(name.text.clone()) };
                value = Expr { at: value.at.clone(), what: What::Binary(op, old.into(), value.into()) };
            }
            out.push(Assignment { name, value });
            if !(self.eat(";") || self.eat(",")) || matches!(self.peek(), Token::End | Token::Comment(_)) {
                return Ok(out);
            }
        }
    }

    /// Units are expressions too: `uA/cm**2`.
    fn unit(&mut self) -> Result<Expr, Fault> {
        self.product(0)
    }

    fn condition(&mut self) -> Result<Expr, Fault> {
        let value = self.expression(0)?;
        match &value.what {
            What::Binary(op, ..) if op.is_comparison() => Ok(value),
            _ => fault(value.at, "a threshold compares two things: write v >= 30"),
        }
    }

    fn expression(&mut self, depth: usize) -> Result<Expr, Fault> {
        let left = self.sum(depth)?;
        let op = match self.peek() {
            Token::Sign("<") => Op::Less,
            Token::Sign("<=") => Op::LessOrEqual,
            Token::Sign(">") => Op::Greater,
            Token::Sign(">=") => Op::GreaterOrEqual,
            Token::Sign(sign @ ("==" | "!=" | "&&" | "||")) => {
                return fault(self.place(), format!("“{sign}” is not known here; compare with <, <=, > or >="));
            }
            _ => return Ok(left),
        };
        self.next += 1;
        let right = self.sum(depth)?;
        Ok(binary(op, left, right))
    }

    fn sum(&mut self, depth: usize) -> Result<Expr, Fault> {
        let mut left = self.product(depth)?;
        loop {
            let op = if self.eat("+") {
                Op::Add
            } else if self.eat("-") {
                Op::Sub
            } else {
                return Ok(left);
            };
            left = binary(op, left, self.product(depth)?);
        }
    }

    fn product(&mut self, depth: usize) -> Result<Expr, Fault> {
        let mut left = self.signed(depth)?;
        loop {
            let op = if self.eat("*") {
                Op::Mul
            } else if self.eat("/") {
                Op::Div
            } else {
                return Ok(left);
            };
            left = binary(op, left, self.signed(depth)?);
        }
    }

    fn signed(&mut self, depth: usize) -> Result<Expr, Fault> {
        let start = self.place().start;
        if depth > DEEPEST {
            return fault(self.place(), "this is nested too deeply; give parts of it names of their own");
        }
        if self.eat("-") {
            let inner = self.signed(depth + 1)?;
            return Ok(Expr { at: start..inner.at.end, what: What::Negative(inner.into()) });
        }
        if self.eat("+") {
            return self.signed(depth + 1);
        }
        let base = self.atom(depth)?;
        if self.eat("**") {
            let exponent = self.signed(depth + 1)?;
            return Ok(binary(Op::Pow, base, exponent));
        }
        Ok(base)
    }

    fn atom(&mut self, depth: usize) -> Result<Expr, Fault> {
        let at = self.place();
        match self.peek().clone() {
            Token::Number(x) => {
                self.next += 1;
                let number = Expr { at: at.clone(), what: What::Number(x) };
                // "30 mV": a unit right behind its number.
                if let Token::Name(name) = self.peek()
                    && super::unit::named(name).is_some()
                {
                    let unit = Expr { at: self.place(), what: What::Name(name.clone()) };
                    self.next += 1;
                    return Ok(binary(Op::Mul, number, unit));
                }
                Ok(number)
            }
            Token::Name(name) => {
                self.next += 1;
                // A bracket behind a unit may belong to the line: "mV (unless refractory)".
                if *self.ahead(1) == Token::Name("unless".into()) || !self.eat("(") {
                    return Ok(Expr { at, what: What::Name(name) });
                }
                let mut arguments = Vec::new();
                if !self.is(")") {
                    arguments.push(self.expression(depth + 1)?);
                    while self.eat(",") {
                        arguments.push(self.expression(depth + 1)?);
                    }
                }
                if !self.eat(")") {
                    return self.expected("“)”");
                }
                Ok(Expr { at: at.start..self.before(), what: What::Call(name, arguments) })
            }
            Token::Sign("(") => {
                self.next += 1;
                let mut inner = self.expression(depth + 1)?;
                if !self.eat(")") {
                    return self.expected("“)”");
                }
                inner.at = at.start..self.before();
                Ok(inner)
            }
            _ => self.expected("a number, a name or “(”"),
        }
    }
}

fn binary(op: Op, left: Expr, right: Expr) -> Expr {
    Expr { at: left.at.start..right.at.end, what: What::Binary(op, left.into(), right.into()) }
}
