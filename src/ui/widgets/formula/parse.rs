//! Reads a line of mathematics as people type it, `C_m · dv/dt = −g_L(v − E_L)` or `dv/dt = (0.04*v**2 + 5*v)/ms`, into its structure.
//!
//! Whatever is typed becomes something: what is not understood stands as it is.

/// A part of a formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A variable with its subscript: `g_Na`.
    Symbol(String),
    Number(String),
    /// Words between formulas, with room around them.
    Word(String),
    /// `tanh`.
    Function(String),
    /// Signs with room on both sides (`+`, `=`), with little (`·`), with none (a leading `−`), or after it (`,`).
    Binary(String),
    Dot,
    Prefix(String),
    Stop(String),
    /// A wider gap.
    Gap,
    Fraction(Box<Node>, Box<Node>),
    Power(Box<Node>, Box<Node>),
    Bracket(Box<Node>),
    Row(Vec<Node>),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Number(String),
    Raised(String),
    Sign(char),
    Relation(String),
    Stop(char),
    Power,
    Times,
    Slash,
    Open,
    Close,
    Gap,
    Other(char),
}

/// Functions written upright.
const FUNCTIONS: &[&str] = &[
    "exp", "log", "ln", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "abs", "min", "max", "clip", "int", "floor", "ceil", "sign",
    "Poisson",
];
/// Two letters that are no product of variables.
const SHORT_WORDS: &[&str] = &["ms", "mV", "pA", "nA", "nS", "pF", "Hz", "of", "in", "at", "to", "or", "is", "by", "if", "on", "an", "as"];
/// Names of Greek letters as they are typed.
const GREEK: &[(&str, &str)] = &[
    ("alpha", "α"),
    ("beta", "β"),
    ("gamma", "γ"),
    ("delta", "δ"),
    ("Delta", "Δ"),
    ("epsilon", "ε"),
    ("eta", "η"),
    ("theta", "θ"),
    ("kappa", "κ"),
    ("lambda", "λ"),
    ("mu", "μ"),
    ("nu", "ν"),
    ("xi", "ξ"),
    ("rho", "ρ"),
    ("sigma", "σ"),
    ("tau", "τ"),
    ("phi", "φ"),
    ("omega", "ω"),
];

/// The structure of a line; `known` says which names are variables (others of three letters and more are words).
pub fn parse(line: &str, known: &dyn Fn(&str) -> bool) -> Node {
    let mut parser = Parser { tokens: tokens(line), at: 0, known };
    let mut all = Vec::new();
    while parser.at < parser.tokens.len() {
        match parser.sequence() {
            Node::Row(nodes) => all.extend(nodes),
            one => all.push(one),
        }
        // A bracket that nobody opened stands as it is.
        if parser.next_if(|t| *t == Token::Close).is_some() {
            all.push(Node::Function(")".into()));
        }
    }
    Node::Row(all)
}

/// How a name is drawn: letters and subscript.
pub fn letters(name: &str) -> (String, String) {
    let (base, sub) = name.split_once('_').map_or((name, ""), |(b, s)| (b, s));
    let greek = |word: &str| GREEK.iter().find(|g| g.0 == word).map_or_else(|| word.to_owned(), |g| g.1.to_owned());
    if sub.is_empty() && base.chars().count() > 1 {
        // I0 is I with a lowered 0.
        let stem = base.trim_end_matches(|c: char| c.is_ascii_digit());
        if stem.len() < base.len() && !stem.is_empty() {
            return (greek(stem), base[stem.len()..].to_owned());
        }
    }
    (greek(base), sub.to_owned())
}

fn tokens(line: &str) -> Vec<Token> {
    let chars: Vec<char> = line.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or(' ');
    let mut out = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        let start = i;
        i += 1;
        out.push(match c {
            ' ' => {
                while at(i) == ' ' && i < chars.len() {
                    i += 1;
                }
                if i - start > 1 {
                    Token::Gap
                } else {
                    continue;
                }
            }
            c if c.is_alphabetic() || c == '_' => {
                i = end_of_name(&chars, start);
                Token::Name(chars[start..i].iter().collect())
            }
            c if c.is_ascii_digit() || (c == '.' && at(i).is_ascii_digit()) => {
                i = end_of_number(&chars, start);
                Token::Number(chars[start..i].iter().collect())
            }
            c if raised(c).is_some() => {
                while raised(at(i)).is_some() {
                    i += 1;
                }
                Token::Raised(chars[start..i].iter().filter_map(|c| raised(*c)).collect())
            }
            '*' if at(i) == '*' => {
                i += 1;
                Token::Power
            }
            '^' => Token::Power,
            '*' | '·' | '×' => Token::Times,
            '/' => Token::Slash,
            '(' | '[' => Token::Open,
            ')' | ']' => Token::Close,
            '+' => Token::Sign('+'),
            '-' | '−' => Token::Sign('−'),
            '<' | '>' | '=' | '!' if at(i) == '=' => {
                i += 1;
                Token::Relation(match c {
                    '<' => "≤".into(),
                    '>' => "≥".into(),
                    '!' => "≠".into(),
                    _ => "=".into(),
                })
            }
            '=' | '≥' | '≤' | '<' | '>' | '←' | '~' | '≈' | '→' => Token::Relation(c.into()),
            ',' | ';' | ':' => Token::Stop(c),
            c => Token::Other(c),
        });
    }
    out
}

/// A name: letters, then digits, then subscripts, in which signs may come first: `A_+`, `m_∞`, `V_th`.
fn end_of_name(chars: &[char], start: usize) -> usize {
    let mut i = start;
    let mut sub = false;
    while let Some(&c) = chars.get(i) {
        let first_of_sub = i > start && chars[i - 1] == '_';
        let inside = c.is_alphabetic() || c == '_' || c.is_ascii_digit() || (sub && c == '∞') || (first_of_sub && matches!(c, '+' | '−'));
        if !inside {
            break;
        }
        sub |= c == '_';
        i += 1;
    }
    i
}

fn end_of_number(chars: &[char], start: usize) -> usize {
    let digit = |i: usize| chars.get(i).is_some_and(char::is_ascii_digit);
    let mut i = start;
    while digit(i) || chars.get(i) == Some(&'.') {
        i += 1;
    }
    if matches!(chars.get(i), Some('e' | 'E')) {
        let signed = usize::from(matches!(chars.get(i + 1), Some('+' | '-')));
        if digit(i + 1 + signed) {
            i += 1 + signed;
            while digit(i) {
                i += 1;
            }
        }
    }
    i
}

fn raised(c: char) -> Option<char> {
    Some(match c {
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴'..='⁹' => char::from_digit(c as u32 - '⁴' as u32 + 4, 10)?,
        '⁻' => '−',
        _ => return None,
    })
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    known: &'a dyn Fn(&str) -> bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next_if(&mut self, wanted: impl Fn(&Token) -> bool) -> Option<Token> {
        let token = self.peek().filter(|t| wanted(t)).cloned()?;
        self.at += 1;
        Some(token)
    }

    /// Up to the end, or to a closing bracket.
    fn sequence(&mut self) -> Node {
        let mut row: Vec<Node> = Vec::new();
        while let Some(token) = self.peek().cloned() {
            let after_operand = matches!(
                row.last(),
                Some(Node::Symbol(_) | Node::Number(_) | Node::Fraction(..) | Node::Power(..) | Node::Bracket(_) | Node::Row(_))
            );
            match token {
                Token::Close => break,
                Token::Gap => row.push(Node::Gap),
                Token::Sign(c) if after_operand => row.push(Node::Binary(c.into())),
                Token::Sign(c) => row.push(Node::Prefix(c.into())),
                Token::Relation(r) => row.push(Node::Binary(r)),
                Token::Stop(c) => row.push(Node::Stop(c.into())),
                Token::Times => row.push(Node::Dot),
                Token::Slash | Token::Power => row.push(Node::Function(if token == Token::Slash { "/".into() } else { "^".into() })),
                Token::Other(c) => row.push(Node::Function(c.into())),
                Token::Raised(digits) => row.push(Node::Power(Box::new(Node::Row(Vec::new())), Box::new(Node::Number(digits)))),
                Token::Name(ref name) if self.is_word(name) => row.push(Node::Word(name.clone())),
                Token::Name(_) | Token::Number(_) | Token::Open => {
                    row.push(self.product());
                    continue;
                }
            }
            self.at += 1;
        }
        one_or_row(row)
    }

    fn is_word(&self, name: &str) -> bool {
        let letters = name.chars().count();
        let is_function = FUNCTIONS.contains(&name) || self.tokens.get(self.at + 1) == Some(&Token::Open);
        let is_long = letters > 2 && !is_function && !GREEK.iter().any(|g| g.0 == name) && name.chars().all(char::is_alphabetic);
        !(self.known)(name) && !name.contains('_') && (is_long || SHORT_WORDS.contains(&name) && !self.follows_slash())
    }

    fn follows_slash(&self) -> bool {
        self.at > 0 && self.tokens[self.at - 1] == Token::Slash
    }

    /// Factors side by side, fractions among them.
    fn product(&mut self) -> Node {
        let mut factors: Vec<Node> = Vec::new();
        loop {
            match self.peek() {
                Some(Token::Times) if self.starts_factor(self.at + 1) => {
                    self.at += 1;
                    // Between a number and a letter nothing needs to stand.
                    let next_is_number = matches!(self.peek(), Some(Token::Number(_)));
                    if !matches!(factors.last(), Some(Node::Number(_))) || next_is_number {
                        factors.push(Node::Dot);
                    }
                }
                Some(Token::Slash) if !factors.is_empty() && self.starts_factor(self.at + 1) => {
                    self.at += 1;
                    let below = self.factor();
                    // dv/dt is one thing, whatever stands before it.
                    let own = if is_differential(&below) && factors.last().is_some_and(is_differential) { factors.len() - 1 } else { 0 };
                    let above = one_or_row(factors.split_off(own));
                    factors.push(Node::Fraction(Box::new(unwrapped(above)), Box::new(unwrapped(below))));
                }
                Some(_) if self.starts_factor(self.at) => {
                    let factor = self.factor();
                    // A bracket around a fraction alone says nothing that the bar does not.
                    factors.push(match factor {
                        Node::Bracket(inside) if matches!(*inside, Node::Fraction(..)) => *inside,
                        other => other,
                    });
                }
                _ => break,
            }
        }
        one_or_row(factors)
    }

    fn starts_factor(&self, at: usize) -> bool {
        match self.tokens.get(at) {
            Some(Token::Number(_) | Token::Open) => true,
            Some(Token::Name(name)) => at > self.at || !self.is_word(name),
            _ => false,
        }
    }

    /// A number, a name, a call or a bracket, with its power.
    fn factor(&mut self) -> Node {
        let token = self.peek().cloned();
        self.at += 1;
        let mut node = match token {
            Some(Token::Number(number)) => Node::Number(number),
            Some(Token::Name(name)) => self.named(name),
            Some(Token::Open) => self.bracket(),
            _ => Node::Row(Vec::new()),
        };
        loop {
            let power = if let Some(Token::Raised(digits)) = self.next_if(|t| matches!(t, Token::Raised(_))) {
                Node::Number(digits)
            } else if self.next_if(|t| *t == Token::Power).is_some() {
                let sign = self.next_if(|t| matches!(t, Token::Sign(_)));
                let power = unwrapped(self.factor());
                match sign {
                    Some(Token::Sign(c)) => Node::Row(vec![Node::Prefix(c.into()), power]),
                    _ => power,
                }
            } else {
                return node;
            };
            node = Node::Power(Box::new(node), Box::new(power));
        }
    }

    fn named(&mut self, name: String) -> Node {
        let is_call = self.peek() == Some(&Token::Open);
        if is_call && name == "exp" {
            self.at += 1;
            let power = unwrapped(self.bracket());
            return Node::Power(Box::new(Node::Symbol("e".into())), Box::new(power));
        }
        if !(self.known)(&name) && (FUNCTIONS.contains(&name.as_str()) || (is_call && name.chars().count() > 2 && !name.contains('_'))) {
            return Node::Function(if name == "sqrt" { "√".into() } else { name });
        }
        Node::Symbol(name)
    }

    /// What is inside a bracket that has just been opened.
    fn bracket(&mut self) -> Node {
        let inside = self.sequence();
        self.next_if(|t| *t == Token::Close);
        Node::Bracket(Box::new(inside))
    }
}

fn is_differential(node: &Node) -> bool {
    matches!(node, Node::Symbol(name) if name.starts_with('d') && name.chars().count() > 1)
}

fn one_or_row(mut nodes: Vec<Node>) -> Node {
    if nodes.len() == 1 { nodes.remove(0) } else { Node::Row(nodes) }
}

/// Without the bracket that only said what belongs together.
fn unwrapped(node: Node) -> Node {
    match node {
        Node::Bracket(inside) => *inside,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Node {
        parse(line, &|name| ["gain", "w"].contains(&name))
    }

    #[allow(clippy::unnecessary_box_returns, reason = "what fractions and powers are made of")]
    fn sym(name: &str) -> Box<Node> {
        Box::new(Node::Symbol(name.into()))
    }

    fn all(node: &Node, out: &mut Vec<String>) {
        match node {
            Node::Symbol(s) => out.push(s.clone()),
            Node::Fraction(a, b) | Node::Power(a, b) => {
                all(a, out);
                all(b, out);
            }
            Node::Bracket(a) => all(a, out),
            Node::Row(nodes) => nodes.iter().for_each(|n| all(n, out)),
            _ => {}
        }
    }

    #[test]
    fn a_derivative_is_a_fraction_of_its_own() {
        let Node::Row(nodes) = read("C_m · dv/dt = −g_L(v − E_L)") else { panic!("a row") };
        let Node::Row(left) = &nodes[0] else { panic!("a product: {nodes:?}") };
        assert_eq!(left[0], *sym("C_m"));
        assert_eq!(left[2], Node::Fraction(sym("dv"), sym("dt")));
        assert_eq!(nodes[1], Node::Binary("=".into()));
        assert_eq!(nodes[2], Node::Prefix("−".into()));
    }

    #[test]
    fn what_is_divided_is_the_whole_product_and_brackets_that_only_group_go() {
        let Node::Row(nodes) = read("x = 0.1(v + 40)/(1 − e^(−(v + 40)/10))") else { panic!("a row") };
        let Some(Node::Fraction(above, below)) = nodes.last() else { panic!("a fraction: {nodes:?}") };
        assert!(matches!(&**above, Node::Row(r) if r[0] == Node::Number("0.1".into())));
        assert!(matches!(&**below, Node::Row(r) if matches!(&r[2], Node::Power(b, _) if *b == sym("e"))), "{below:?}");
        assert_eq!(read("(C_m/τ_m)"), Node::Row(vec![Node::Fraction(sym("C_m"), sym("τ_m"))]));
    }

    #[test]
    fn typed_notation_reads_like_written_one() {
        assert_eq!(read("0.04*v**2"), read("0.04·v²"));
        assert_eq!(read("a >= b"), read("a ≥ b"));
        assert_eq!(read("exp(-x)"), read("e^(−x)"));
        assert_eq!(letters("tau_m"), ("τ".into(), "m".into()));
        assert_eq!(letters("I0"), ("I".into(), "0".into()));
    }

    #[test]
    fn words_are_words_and_known_names_are_not() {
        assert_eq!(read("spike where v"), Node::Row(vec![Node::Word("spike".into()), Node::Word("where".into()), *sym("v")]));
        assert_eq!(read("gain"), Node::Row(vec![*sym("gain")]));
        let Node::Row(nodes) = read("m_∞³h(v − E_Na)") else { panic!("a row") };
        assert!(matches!(&nodes[0], Node::Power(b, p) if *b == sym("m_∞") && **p == Node::Number("3".into())), "{nodes:?}");
    }

    #[test]
    fn whatever_is_typed_ends() {
        for line in
            ["", ")", "((", "a/", "/b", "*", "^2", "²", "a^", "a**", "é%$", "1e", "x_", "_", "a)b)c", "−", "= =", "a/*b", "(((a", "3^^4"]
        {
            read(line);
        }
    }

    #[test]
    fn every_parameter_symbol_of_a_model_s_equations_is_found_whole() {
        for kind in spikeground_core::model::neuron::ALL {
            let known = |name: &str| kind.params.iter().any(|p| p.symbol == name) || kind.states.iter().any(|s| s.symbol == name);
            let mut found = Vec::new();
            kind.equations.iter().for_each(|line| all(&parse(line, &known), &mut found));
            let hit = kind.params.iter().filter(|p| found.iter().any(|f| f == p.symbol)).count();
            assert!(hit >= kind.params.len() / 2, "{}: {hit} of {}: {found:?}", kind.key, kind.params.len());
        }
    }
}
