//! A [`Part`] is one authored piece of a network: a [`Kind`] with the values of its parameters and, where the kind takes
//! one, a table of numbers.

use crate::param::{Kind, ParamKind};
use std::sync::Arc;

/// Rows of numbers that belong to a part: an explicit connection list, a weight matrix, spike times.
pub type Table = Arc<Vec<Vec<f64>>>;

/// A kind with values for all its parameters, in the order of `kind.params`.
#[derive(Clone, Debug)]
pub struct Part {
    pub kind: &'static Kind,
    pub values: Vec<f64>,
    pub table: Table,
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.kind, other.kind)
            && self.values == other.values
            && (Arc::ptr_eq(&self.table, &other.table) || self.table == other.table)
    }
}

impl Part {
    /// The kind at its defaults.
    pub fn new(kind: &'static Kind) -> Self {
        Self { kind, values: kind.params.iter().map(|p| p.default).collect(), table: Table::default() }
    }

    /// The same with one value changed. Panics on an unknown key: for values written in code, not for input.
    pub fn with(mut self, key: &str, value: f64) -> Self {
        self.set(key, value).unwrap_or_else(|e| panic!("{e}"));
        self
    }

    pub fn with_table(mut self, rows: Vec<Vec<f64>>) -> Self {
        self.table = Arc::new(rows);
        self
    }

    /// The value of parameter `key`. Panics on an unknown key: keys come from code.
    pub fn get(&self, key: &str) -> f64 {
        match self.kind.param(key) {
            Some(i) => self.values[i],
            None => panic!("{} has no parameter {key}", self.kind.key),
        }
    }

    pub fn flag(&self, key: &str) -> bool {
        self.get(key) != 0.0
    }

    /// The chosen key of a choice parameter.
    pub fn choice(&self, key: &str) -> &'static str {
        let index = self.kind.param(key).unwrap_or_else(|| panic!("{} has no parameter {key}", self.kind.key));
        match self.kind.params[index].kind {
            ParamKind::Choice(keys) => keys[self.values[index] as usize],
            _ => panic!("{key} is not a choice"),
        }
    }

    /// Sets `key` to `value` if both are good, else says what is wrong and what would be right.
    pub fn set(&mut self, key: &str, value: f64) -> Result<(), String> {
        let Some(i) = self.kind.param(key) else {
            let known: Vec<_> = self.kind.params.iter().map(|p| p.key).collect();
            return Err(format!("{} has no parameter {key}; it has {}", self.kind.key, known.join(", ")));
        };
        self.kind.params[i].check(value)?;
        self.values[i] = value;
        Ok(())
    }

    /// Takes over a named parameter set: the set's values, everything else at its default except the keys in `keep`.
    pub fn apply_set(&mut self, set: &crate::param::NamedSet, keep: &[&str]) {
        for (i, p) in self.kind.params.iter().enumerate() {
            if !keep.contains(&p.key) {
                self.values[i] = set.values.iter().find(|(k, _)| *k == p.key).map_or(p.default, |(_, v)| *v);
            }
        }
    }
}
