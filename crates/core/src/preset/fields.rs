//! Helpers of the decoder: taking fields by key, checking types, collecting problems.

use super::Problem;
use super::read::part;
use super::tree::{Field, Node, Pos, Value};
use crate::model::Family;
use crate::near::distance;
use crate::param::{ParamKind, ParamSpec};
use crate::part::Part;

/// Collects what is wrong.
#[derive(Default)]
pub(super) struct Reader {
    pub problems: Vec<Problem>,
    /// Something could not be understood at all, so checks of the whole would mislead.
    pub incomplete: bool,
}

impl Reader {
    pub fn problem(&mut self, pos: Pos, what: impl Into<String>) {
        self.problems.push(Problem { line: pos.line, column: pos.column, what: what.into() });
    }

    pub fn incomplete(&mut self, pos: Pos, what: impl Into<String>) {
        self.incomplete = true;
        self.problem(pos, what);
    }

    /// A word that is not in the list of `known` ones.
    pub fn unknown(&mut self, pos: Pos, what: &str, word: &str, known: &[&str]) {
        let list = known.join(", ");
        let there_are = if known.is_empty() { "there is none".to_owned() } else { format!("there are {list}") };
        let short: String = word.chars().take(40).collect();
        self.problem(
            pos,
            match nearest(&short, known) {
                Some(near) => format!("unknown {what} “{short}”; did you mean {near}? ({there_are})"),
                None => format!("unknown {what} “{short}”; {there_are}"),
            },
        );
    }

    fn wrong(&mut self, node: &Node, key: &str, expected: &str) {
        self.problem(node.pos, format!("{key}: expected {expected}, not {}", describe(&node.value)));
    }

    /// The value of a parameter as the number it is stored as.
    #[allow(clippy::cast_precision_loss)]
    pub fn param(&mut self, node: &Node, spec: &ParamSpec) -> Option<f64> {
        match (spec.kind, &node.value) {
            (ParamKind::Number | ParamKind::Count, Value::Whole(x)) => return Some(*x as f64),
            (ParamKind::Number | ParamKind::Count, Value::Number(x)) => return Some(*x),
            (ParamKind::Flag, Value::Name(word)) if word == "true" || word == "false" => return Some(f64::from(word == "true")),
            (ParamKind::Choice(keys), Value::Name(word) | Value::Text(word)) => match keys.iter().position(|k| k == word) {
                Some(i) => return Some(i as f64),
                None => self.unknown(node.pos, &format!("choice for {}", spec.key), word, keys),
            },
            (ParamKind::Number, _) => self.wrong(node, spec.key, "a number"),
            (ParamKind::Count, _) => self.wrong(node, spec.key, "a whole number"),
            (ParamKind::Flag, _) => self.wrong(node, spec.key, "true or false"),
            (ParamKind::Choice(keys), _) => self.wrong(node, spec.key, &format!("one of {}", keys.join(", "))),
        }
        None
    }

    /// A list of indices from 0.
    pub fn indices(&mut self, node: &Node, key: &str) -> Option<Vec<u32>> {
        let Value::Numbers(x) = &node.value else {
            self.wrong(node, key, "a list of whole numbers such as [0, 1, 2]");
            return None;
        };
        if let Some(bad) = x.iter().find(|x| !(**x >= 0.0 && **x < 4e9 && x.fract() == 0.0)) {
            self.problem(node.pos, format!("{key}: {bad} is not a neuron number; neurons count 0, 1, 2, …"));
            return None;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Some(x.iter().map(|x| *x as u32).collect())
    }
}

fn describe(value: &Value) -> String {
    match value {
        Value::Whole(x) => format!("the number {x}"),
        Value::Number(x) => format!("the number {x}"),
        Value::Text(_) => "a text".into(),
        Value::Name(word) => format!("the word “{}”", word.chars().take(40).collect::<String>()),
        Value::Numbers(_) | Value::List(_) => "a list".into(),
        Value::Group { kind: Some(kind), .. } => format!("{}(…)", kind.chars().take(40).collect::<String>()),
        Value::Group { .. } => "a group (…)".into(),
    }
}

/// The fields of a group, taken one by one; what is left at the end is unknown.
pub(super) struct Fields<'a> {
    what: &'static str,
    pos: Pos,
    fields: &'a [Field],
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    pub fn of(r: &mut Reader, node: &'a Node, what: &'static str) -> Option<Self> {
        match &node.value {
            Value::Group { kind: None, fields } => Some(Self { what, pos: node.pos, fields, known: Vec::new() }),
            other => {
                r.incomplete(node.pos, format!("expected {what} as (key: value, …), not {}", describe(other)));
                None
            }
        }
    }

    pub fn take(&mut self, key: &'static str) -> Option<&'a Node> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.fields.iter().find(|f| f.key == key).map(|f| &f.node)
    }

    pub fn need(&mut self, r: &mut Reader, key: &'static str, example: &str) -> Option<&'a Node> {
        let node = self.take(key);
        if node.is_none() {
            r.incomplete(self.pos, format!("{} needs {key}; write {example}", self.what));
        }
        node
    }

    pub fn text(&mut self, r: &mut Reader, key: &'static str, into: &mut String) {
        match self.take(key).map(|n| (n, &n.value)) {
            None => {}
            Some((_, Value::Text(text))) => into.clone_from(text),
            Some((node, _)) => {
                r.wrong(node, key, "a text in quotes");
                r.incomplete = true;
            }
        }
    }

    pub fn needed_text(&mut self, r: &mut Reader, key: &'static str, example: &str, into: &mut String) {
        if self.need(r, key, example).is_some() {
            self.text(r, key, into);
        }
    }

    pub fn number(&mut self, r: &mut Reader, key: &'static str, into: &mut f64) {
        match self.take(key).map(|n| (n, &n.value)) {
            None => {}
            #[allow(clippy::cast_precision_loss)]
            Some((_, Value::Whole(x))) => *into = *x as f64,
            Some((_, Value::Number(x))) => *into = *x,
            Some((node, _)) => r.wrong(node, key, "a number"),
        }
    }

    pub fn whole(&mut self, r: &mut Reader, key: &'static str, into: &mut u64) {
        match self.take(key).map(|n| (n, &n.value)) {
            None => {}
            Some((_, Value::Whole(x))) => *into = *x,
            Some((node, _)) => {
                r.wrong(node, key, "a whole number from 0 up");
                r.incomplete = true;
            }
        }
    }

    pub fn flag(&mut self, r: &mut Reader, key: &'static str, into: &mut bool) {
        self.choice(r, key, into, &[("true", true), ("false", false)]);
    }

    pub fn choice<T: Copy>(&mut self, r: &mut Reader, key: &'static str, into: &mut T, choices: &[(&'static str, T)]) {
        let words: Vec<_> = choices.iter().map(|c| c.0).collect();
        match self.take(key).map(|n| (n, &n.value)) {
            None => {}
            Some((node, Value::Name(word))) => match choices.iter().find(|c| c.0 == word) {
                Some((_, value)) => *into = *value,
                None => r.unknown(node.pos, key, word, &words),
            },
            Some((node, _)) => r.wrong(node, key, &format!("one of {}", words.join(", "))),
        }
    }

    /// `(a, b)`; false when absent or wrong.
    pub fn numbers(&mut self, r: &mut Reader, key: &'static str, into: &mut [f64; 2]) -> bool {
        match self.take(key).map(|n| (n, &n.value)) {
            None => false,
            Some((_, Value::Numbers(x))) if x.len() == 2 && x.iter().all(|x| x.is_finite()) => {
                into.copy_from_slice(x);
                true
            }
            Some((node, _)) => {
                r.wrong(node, key, "two numbers such as (0, 100)");
                false
            }
        }
    }

    pub fn part(&mut self, r: &mut Reader, key: &'static str, family: Family, into: &mut Part) {
        if let Some(part) = self.take(key).and_then(|n| part(r, n, family, key)) {
            *into = part;
        }
    }

    pub fn list<T>(&mut self, r: &mut Reader, key: &'static str, item: impl Fn(&mut Reader, &Node) -> Option<T>) -> Vec<T> {
        match self.take(key).map(|n| (n, &n.value)) {
            None => Vec::new(),
            Some((_, Value::List(items))) => items.iter().filter_map(|n| item(r, n)).collect(),
            Some((_, Value::Numbers(x))) if x.is_empty() => Vec::new(),
            Some((node, _)) => {
                r.wrong(node, key, "a list [ (…), (…) ]");
                r.incomplete = true;
                Vec::new()
            }
        }
    }

    /// Reports keys nobody asked for and keys given twice.
    pub fn finish(self, r: &mut Reader) {
        for (i, field) in self.fields.iter().enumerate() {
            if !self.known.contains(&field.key.as_str()) {
                r.unknown(field.pos, &format!("key of {}", self.what), &field.key, &self.known);
            } else if let Some(first) = self.fields[..i].iter().find(|f| f.key == field.key) {
                r.problem(field.pos, format!("{} is given twice, first in line {}; keep one", field.key, first.pos.line));
            }
        }
    }
}

/// The known word that `word` most likely means: at most two letters off, or one that it begins.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let best = known.iter().map(|k| (distance(&word, k), *k)).min_by_key(|(d, _)| *d)?;
    if best.0 <= 2.min(word.chars().count() / 2) {
        return Some(best.1);
    }
    known.iter().copied().find(|k| word.len() >= 3 && (k.starts_with(&word) || word.starts_with(k)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_finds_the_meant_one() {
        let known = ["tau_m", "c_m", "v_th", "v_reset"];
        assert_eq!(nearest("tau_n", &known), Some("tau_m"));
        assert_eq!(nearest("vth", &known), Some("v_th"));
        assert_eq!(nearest("tau", &known), Some("tau_m"));
        assert_eq!(nearest("banana", &known), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
