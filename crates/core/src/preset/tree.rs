//! From text to a tree of values that know where they stand.
//!
//! The grammar is the part of RON that people write by hand: numbers, strings, names, `[lists]`, `(tuples)`, `(key: value)`,
//! `{key: value}` and `kind(key: value)`, with `//` and `/* */` comments and trailing commas. Besides, a backslash at the end of a
//! line inside a string skips the line break and the blanks after it, so that long notes can be wrapped. Any bytes are safe to
//! read: nesting is limited, and the first thing that does not fit is reported with its place, what was expected and what was there.

/// A place in the text: line and column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pos {
    pub line: u32,
    pub column: u32,
}

/// A value with the place where it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub pos: Pos,
    pub value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A whole number without sign, point or exponent: kept exact (seeds use all 64 bits).
    Whole(u64),
    /// Any other number, also one that is not finite.
    Number(f64),
    Text(String),
    /// A bare word: `lif`, `true`, `all_to_all`.
    Name(String),
    /// A list or tuple of nothing but numbers.
    Numbers(Vec<f64>),
    List(Vec<Node>),
    /// `(key: value)`, `{key: value}` or, with a kind, `kind(key: value)`.
    Group {
        kind: Option<String>,
        fields: Vec<Field>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub key: String,
    pub pos: Pos,
    pub node: Node,
}

/// Where the text stops making sense, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub pos: Pos,
    pub what: String,
}

/// Deepest nesting; networks need seven levels.
const MAX_DEPTH: u32 = 32;

/// Reads one value with nothing but blanks and comments around it.
pub fn parse(text: &str) -> Result<Node, SyntaxError> {
    let mut p = Parser { text, at: 0, pos: Pos { line: 1, column: 1 } };
    if text.starts_with('\u{feff}') {
        p.at = 3;
    }
    p.blanks()?;
    if p.peek().is_none() {
        return Err(p.error("the file is empty; a network file starts with “(” and “format: 1”"));
    }
    let node = p.value(0)?;
    p.blanks()?;
    match p.peek() {
        None => Ok(node),
        Some(_) => Err(p.expected("the end of the file: the brackets opened at the start are all closed here")),
    }
}

struct Parser<'a> {
    text: &'a str,
    /// Byte offset; always on a character boundary when an error is made.
    at: usize,
    pos: Pos,
}

type Parsed<T> = Result<T, SyntaxError>;

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn bump(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        if byte == b'\n' {
            self.pos = Pos { line: self.pos.line + 1, column: 1 };
        } else if self.peek().is_none_or(|next| next & 0xc0 != 0x80) {
            self.pos.column += 1;
        }
        Some(byte)
    }

    fn error(&self, what: impl Into<String>) -> SyntaxError {
        SyntaxError { pos: self.pos, what: what.into() }
    }

    fn expected(&self, what: &str) -> SyntaxError {
        self.error(format!("expected {what}, but found {}", self.found()))
    }

    /// What stands here, for messages.
    fn found(&self) -> String {
        let rest = self.text.get(self.at..).unwrap_or("");
        match rest.chars().next() {
            None => "the end of the file; a closing bracket or quote is missing, or the file is cut off".into(),
            Some(c) if is_word(c) => format!("“{}”", rest.chars().take_while(|c| is_word(*c)).take(40).collect::<String>()),
            Some(c) if c.is_control() => format!("the control character U+{:04X}", u32::from(c)),
            Some(c) => format!("“{c}”"),
        }
    }

    /// Skips blanks and comments.
    fn blanks(&mut self) -> Parsed<()> {
        loop {
            match (self.peek(), self.peek_at(1)) {
                (Some(b' ' | b'\t' | b'\r' | b'\n'), _) => {
                    self.bump();
                }
                (Some(b'/'), Some(b'/')) => while self.peek().is_some_and(|b| b != b'\n') && self.bump().is_some() {},
                (Some(b'/'), Some(b'*')) => self.block_comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn block_comment(&mut self) -> Parsed<()> {
        let start = self.pos;
        let mut depth = 0u32;
        loop {
            match (self.bump(), self.peek()) {
                (Some(b'/'), Some(b'*')) => depth += u32::from(self.bump().is_some()),
                (Some(b'*'), Some(b'/')) => {
                    self.bump();
                    depth -= 1;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                (Some(_), _) => {}
                (None, _) => return Err(SyntaxError { pos: start, what: "this comment is never closed; end it with “*/”".into() }),
            }
        }
    }

    fn value(&mut self, depth: u32) -> Parsed<Node> {
        if depth > MAX_DEPTH {
            return Err(self.error(format!("brackets are nested more than {MAX_DEPTH} deep; a network needs seven levels")));
        }
        let pos = self.pos;
        let value = match self.peek() {
            Some(b'"') => Value::Text(self.string()?),
            Some(b'r') if matches!(self.peek_at(1), Some(b'"' | b'#')) => Value::Text(self.raw_string()?),
            Some(b'(') => self.group(None, b')', depth)?,
            Some(b'{') => self.group(None, b'}', depth)?,
            Some(b'[') => self.list(b']', depth)?,
            Some(b'+' | b'-' | b'.' | b'0'..=b'9') => self.number()?,
            Some(b) if is_word(b.into()) => {
                let name = self.word();
                match name {
                    "inf" | "NaN" => Value::Number(f64::NAN),
                    _ => {
                        let (at, pos) = (self.at, self.pos);
                        self.blanks()?;
                        if self.peek() == Some(b'(') {
                            self.group(Some(name), b')', depth)?
                        } else {
                            (self.at, self.pos) = (at, pos);
                            Value::Name(name.to_owned())
                        }
                    }
                }
            }
            _ => return Err(self.expected("a value: a number, a name, a “text”, or an opening bracket")),
        };
        Ok(Node { pos, value })
    }

    fn word(&mut self) -> &'a str {
        let start = self.at;
        while self.peek().is_some_and(|b| is_word(b.into())) {
            self.bump();
        }
        &self.text[start..self.at]
    }

    fn number(&mut self) -> Parsed<Value> {
        let (start, pos) = (self.at, self.pos);
        let mut last = b' ';
        while let Some(b) = self.peek() {
            let sign = matches!(b, b'+' | b'-') && (last == b' ' || matches!(last, b'e' | b'E'));
            if !(sign || b == b'.' || is_word(b.into())) {
                break;
            }
            last = b;
            self.bump();
        }
        let digits = self.text[start..self.at].replace('_', "");
        if digits.bytes().all(|b| b.is_ascii_digit())
            && let Ok(whole) = digits.parse()
        {
            return Ok(Value::Whole(whole));
        }
        match digits.parse() {
            Ok(x) => Ok(Value::Number(x)),
            Err(_) => {
                Err(SyntaxError { pos, what: format!("“{}” is not a number; write it as 12, −0.5 as -0.5, or 1e-3", clip(&digits)) })
            }
        }
    }

    fn string(&mut self) -> Parsed<String> {
        let start = self.pos;
        let unclosed = || SyntaxError { pos: start, what: "this text is never closed; end it with a quote (\")".into() };
        self.bump();
        let mut out = String::new();
        loop {
            let piece = self.at;
            while self.peek().is_some_and(|b| b != b'"' && b != b'\\') {
                self.bump();
            }
            out.push_str(&self.text[piece..self.at]);
            if self.bump().ok_or_else(unclosed)? == b'"' {
                return Ok(out);
            }
            self.escape(&mut out)?;
        }
    }

    /// What follows a backslash.
    fn escape(&mut self, out: &mut String) -> Parsed<()> {
        match self.peek() {
            Some(b'n') => out.push('\n'),
            Some(b't') => out.push('\t'),
            Some(b'r') => out.push('\r'),
            Some(b'0') => out.push('\0'),
            Some(c @ (b'"' | b'\\' | b'\'')) => out.push(c.into()),
            Some(b'u') => return self.unicode(out),
            Some(b'\n' | b'\r') => {
                while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
                    self.bump();
                }
                return Ok(());
            }
            _ => {
                return Err(
                    self.expected("one of n, t, r, 0, u{…}, a quote or a backslash after the backslash (write \\\\ for one backslash)")
                );
            }
        }
        self.bump();
        Ok(())
    }

    fn unicode(&mut self, out: &mut String) -> Parsed<()> {
        let wrong = self.error("expected a character number such as \\u{3bc}");
        self.bump();
        if self.bump() != Some(b'{') {
            return Err(wrong);
        }
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_hexdigit()) {
            self.bump();
        }
        let code = u32::from_str_radix(&self.text[start..self.at], 16).ok().and_then(char::from_u32);
        match (code, self.bump()) {
            (Some(c), Some(b'}')) => {
                out.push(c);
                Ok(())
            }
            _ => Err(wrong),
        }
    }

    fn raw_string(&mut self) -> Parsed<String> {
        let start = self.pos;
        self.bump();
        let mut hashes = 0;
        while self.peek() == Some(b'#') {
            self.bump();
            hashes += 1;
        }
        if self.bump() != Some(b'"') {
            return Err(SyntaxError { pos: start, what: "expected a raw text such as r\"…\" or r#\"…\"#".into() });
        }
        let end = format!("\"{}", "#".repeat(hashes));
        let Some(length) = self.text[self.at..].find(&end) else {
            return Err(SyntaxError { pos: start, what: format!("this text is never closed; end it with {end}") });
        };
        let text = self.text[self.at..self.at + length].to_owned();
        let stop = self.at + length + end.len();
        while self.at < stop {
            self.bump();
        }
        Ok(text)
    }

    /// `(…)` or `{…}`: fields when the first item is a key, else a tuple.
    fn group(&mut self, kind: Option<&str>, close: u8, depth: u32) -> Parsed<Value> {
        let (at, pos) = (self.at, self.pos);
        self.bump();
        self.blanks()?;
        if self.peek() != Some(close) && !self.at_key() {
            if let Some(kind) = kind {
                return Err(self.expected(&format!("the name of a parameter, as in {kind}(key: value)")));
            }
            if close == b'}' {
                return Err(self.expected("“key: value” or “}”"));
            }
            (self.at, self.pos) = (at, pos);
            return self.list(close, depth);
        }
        let mut fields = Vec::new();
        while self.peek() != Some(close) {
            let start = self.pos;
            let key = self.key(close)?;
            self.blanks()?;
            if self.peek() != Some(b':') {
                return Err(self.expected(&format!("“:” and a value after the key “{}”", clip(&key))));
            }
            self.bump();
            self.blanks()?;
            let node = self.value(depth + 1)?;
            fields.push(Field { key, pos: start, node });
            self.separator(close, pos)?;
        }
        self.bump();
        Ok(Value::Group { kind: kind.map(str::to_owned), fields })
    }

    /// Whether a key and a colon come next.
    fn at_key(&mut self) -> bool {
        let (at, pos) = (self.at, self.pos);
        let is = self.key(b')').is_ok() && self.blanks().is_ok() && self.peek() == Some(b':');
        (self.at, self.pos) = (at, pos);
        is
    }

    fn key(&mut self, close: u8) -> Parsed<String> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b) if is_word(b.into()) && !b.is_ascii_digit() => Ok(self.word().to_owned()),
            _ => Err(self.expected(&format!("a key (letters, digits and _) or “{}”", char::from(close)))),
        }
    }

    /// `[…]`, or a tuple.
    fn list(&mut self, close: u8, depth: u32) -> Parsed<Value> {
        let pos = self.pos;
        self.bump();
        self.blanks()?;
        // Rows of large tables stay plain numbers; the first other item turns the list into one of nodes.
        let mut numbers: Vec<f64> = Vec::new();
        let mut nodes: Vec<Node> = Vec::new();
        while self.peek() != Some(close) {
            let node = self.value(depth + 1)?;
            match node.value {
                #[allow(clippy::cast_precision_loss)]
                Value::Whole(x) if nodes.is_empty() => numbers.push(x as f64),
                Value::Number(x) if nodes.is_empty() => numbers.push(x),
                _ => {
                    nodes.extend(numbers.drain(..).map(|x| Node { pos, value: Value::Number(x) }));
                    nodes.push(node);
                }
            }
            self.separator(close, pos)?;
        }
        self.bump();
        Ok(if nodes.is_empty() { Value::Numbers(numbers) } else { Value::List(nodes) })
    }

    /// A comma, or nothing before the closing bracket.
    fn separator(&mut self, close: u8, opened: Pos) -> Parsed<()> {
        self.blanks()?;
        match self.peek() {
            Some(b',') => {
                self.bump();
                self.blanks()
            }
            Some(b) if b == close => Ok(()),
            _ => {
                let close = char::from(close);
                Err(self.expected(&format!("“,” or “{close}” (the bracket was opened in line {}, column {})", opened.line, opened.column)))
            }
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The start of a text that may be very long.
fn clip(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (u32, u32, String) {
        let e = parse(text).expect_err(text);
        (e.pos.line, e.pos.column, e.what)
    }

    #[test]
    fn values_are_read_with_their_places() {
        let text = "// network\n(a: 1, b: -2.5e-1, /* x /* y */ */ c: kind(d: [1, 2.5], \"e f\": other), g: (1, 2),)";
        let Value::Group { kind: None, fields } = parse(text).unwrap().value else { panic!() };
        let keys: Vec<_> = fields.iter().map(|f| f.key.as_str()).collect();
        assert_eq!(keys, ["a", "b", "c", "g"]);
        assert_eq!(fields[0].pos, Pos { line: 2, column: 2 });
        assert_eq!((&fields[0].node.value, &fields[1].node.value), (&Value::Whole(1), &Value::Number(-0.25)));
        assert_eq!(fields[3].node.value, Value::Numbers(vec![1.0, 2.0]));
        let Value::Group { kind: Some(kind), fields } = &fields[2].node.value else { panic!() };
        assert_eq!((kind.as_str(), fields[1].key.as_str()), ("kind", "e f"));
        assert_eq!(fields[1].node.value, Value::Name("other".into()));
    }

    #[test]
    fn text_knows_escapes_and_wrapped_lines() {
        let text = "\"a\\tb \\\n      c \\u{3bc}\\\"\"";
        assert_eq!(parse(text).unwrap().value, Value::Text("a\tb c µ\"".replace('µ', "μ")));
        assert_eq!(parse("r#\"a\\\"b\"#").unwrap().value, Value::Text("a\\\"b".into()));
    }

    #[test]
    fn seeds_keep_all_their_bits() {
        assert_eq!(parse("18446744073709551615").unwrap().value, Value::Whole(u64::MAX));
    }

    #[test]
    fn the_first_error_says_where_and_what_was_expected() {
        assert_eq!(
            error("(a: 1\n b: 2)"),
            (2, 2, "expected “,” or “)” (the bracket was opened in line 1, column 1), but found “b”".into())
        );
        for (text, line, column, part) in [
            ("", 1, 1, "empty"),
            ("(a: )", 1, 5, "expected a value"),
            ("(a: 1", 1, 6, "end of the file"),
            ("(a: 1) 2", 1, 8, "end of the file"),
            ("(ä: 1)", 1, 2, "found “ä”"),
            ("(a: \"µ\", b 2)", 1, 12, "“:”"),
            ("(a: 1x)", 1, 5, "not a number"),
            ("(a: \"x", 1, 5, "never closed"),
            ("(a: lif(20))", 1, 9, "name of a parameter"),
            ("/* (", 1, 1, "never closed"),
        ] {
            let e = error(text);
            assert_eq!((e.0, e.1), (line, column), "{text}: {}", e.2);
            assert!(e.2.contains(part), "{text}: {}", e.2);
        }
    }

    #[test]
    fn deep_nesting_is_refused_without_overflowing() {
        assert!(error(&"[".repeat(1_000_000)).2.contains("deep"));
        assert!(error(&"(a:".repeat(1_000_000)).2.contains("deep"));
    }
}
