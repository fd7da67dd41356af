//! From text to words: tokens with their places, logical lines, and the Greek letters that names may be typed with.

use super::Fault;
use super::text::fault;
use std::ops::Range;

/// Most symbols of a line: beyond, it is a mistake, and recursion must end.
const MOST_SYMBOLS: usize = 1000;

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Number(f64),
    Name(String),
    /// An operator or a bracket.
    Sign(&'static str),
    Comment(String),
    End,
}

/// Longest first, so that `**` is not two stars.
const SIGNS: &[&str] = &[
    "**", "+=", "-=", "*=", "<=", ">=", "..", "&&", "||", "==", "!=", "+", "-", "*", "/", "^", "(", ")", ",", ";", ":", "=", "<", ">", "|",
    "&", "!", "?", "[", "]", "{", "}", "'", "\"", "@", "%", "~", "$", "\\", "`", ".",
];

/// Other ways to write a sign.
const SAME: &[(char, &str)] = &[('−', "-"), ('·', "*"), ('×', "*"), ('≥', ">="), ('≤', "<="), ('…', "..")];

/// Greek letters may be typed as such; names are kept in Latin letters, as files and scripts need them.
const GREEK: &[(char, &str)] = &[
    ('α', "alpha"),
    ('β', "beta"),
    ('γ', "gamma"),
    ('δ', "delta"),
    ('ε', "epsilon"),
    ('ζ', "zeta"),
    ('η', "eta"),
    ('θ', "theta"),
    ('κ', "kappa"),
    ('λ', "lambda"),
    ('μ', "mu"),
    ('µ', "mu"),
    ('ν', "nu"),
    ('ξ', "xi"),
    ('π', "pi"),
    ('ρ', "rho"),
    ('σ', "sigma"),
    ('τ', "tau"),
    ('φ', "phi"),
    ('χ', "chi"),
    ('ψ', "psi"),
    ('ω', "omega"),
    ('Δ', "Delta"),
    ('Γ', "Gamma"),
    ('Θ', "Theta"),
    ('Λ', "Lambda"),
    ('Σ', "Sigma"),
    ('Φ', "Phi"),
    ('Ψ', "Psi"),
    ('Ω', "Omega"),
];

/// How a name is written with Greek letters: "tau_m" as "τ_m".
pub fn symbol(name: &str) -> String {
    let (first, rest) = name.split_once('_').map_or((name, ""), |(a, b)| (a, b));
    let first = GREEK.iter().find(|(_, latin)| *latin == first).map_or(first.to_owned(), |(greek, _)| greek.to_string());
    if rest.is_empty() { first } else { format!("{first}_{rest}") }
}

/// The places of the logical lines: a line goes on while a bracket is open.
pub fn lines(source: &str) -> Vec<Range<usize>> {
    let (mut out, mut start, mut open, mut comment) = (Vec::new(), 0, 0usize, false);
    for (i, c) in source.char_indices() {
        match c {
            '#' => comment = true,
            '(' if !comment => open += 1,
            ')' if !comment => open = open.saturating_sub(1),
            '\n' => {
                comment = false;
                // A line that begins a statement ends the one before, however many brackets that left open.
                let rest = source[i + 1..].trim_start();
                let begins = rest
                    .split_once('=')
                    .is_some_and(|(left, _)| left.trim().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'/'));
                if open == 0 || begins {
                    out.push(start..i);
                    (start, open) = (i + 1, 0);
                }
            }
            _ => {}
        }
    }
    out.push(start..source.len());
    out
}

pub fn words(source: &str, line: Range<usize>) -> Result<Vec<(Token, Range<usize>)>, Fault> {
    let mut tokens = Vec::new();
    let mut at = line.start;
    while at < line.end {
        let rest = &source[at..line.end];
        let Some(c) = rest.chars().next() else { break };
        if c.is_whitespace() {
            at += c.len_utf8();
        } else if c == '#' {
            let end = rest.find('\n').map_or(line.end, |n| at + n);
            tokens.push((Token::Comment(source[at + 1..end].trim().into()), at..end));
            at = end;
        } else if c.is_ascii_digit() || (c == '.' && rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit)) {
            let length = number_length(rest.as_bytes());
            match rest[..length].parse::<f64>() {
                Ok(x) if x.is_finite() => tokens.push((Token::Number(x), at..at + length)),
                _ => return fault(at..at + length, "this number is too large; use one below 1e308"),
            }
            at += length;
        } else if is_letter(c) {
            let length: usize = rest.chars().take_while(|c| is_letter(*c) || c.is_ascii_digit()).map(char::len_utf8).sum();
            let name = rest[..length].chars().fold(String::new(), |mut name, c| {
                match GREEK.iter().find(|(greek, _)| *greek == c) {
                    Some((_, latin)) => name.push_str(latin),
                    None => name.push(c),
                }
                name
            });
            tokens.push((Token::Name(name), at..at + length));
            at += length;
        } else if let Some((c, sign)) = SAME.iter().find(|(other, _)| *other == c) {
            tokens.push((Token::Sign(sign), at..at + c.len_utf8()));
            at += c.len_utf8();
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push((Token::Sign(if *sign == "^" { "**" } else { sign }), at..at + sign.len()));
            at += sign.len();
        } else {
            return fault(at..at + c.len_utf8(), format!("the sign “{c}” means nothing here"));
        }
        if tokens.len() > MOST_SYMBOLS {
            return fault(
                line,
                format!("this line is too long; give parts of it names of their own (at most {MOST_SYMBOLS} symbols a line)"),
            );
        }
    }
    tokens.push((Token::End, line.end..line.end));
    Ok(tokens)
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || GREEK.iter().any(|(greek, _)| *greek == c)
}

/// Digits with a point and an exponent; "0..5" is the number 0 and then a range.
fn number_length(bytes: &[u8]) -> usize {
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut n = digits(0);
    if bytes.get(n) == Some(&b'.') && bytes.get(n + 1) != Some(&b'.') {
        n += 1;
        n += digits(n);
    }
    if matches!(bytes.get(n), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(n + 1), Some(b'+' | b'-')));
        let exponent = digits((n + 1 + sign).min(bytes.len()));
        if exponent > 0 {
            n += 1 + sign + exponent;
        }
    }
    n
}
