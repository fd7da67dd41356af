//! Reads the tables of expected values in `tests/data`: CSV with `#` comments, a head row and quoted fields.

use std::collections::BTreeMap;

pub type Row = BTreeMap<String, String>;

/// The rows of `tests/data/{name}.csv`, by column name.
pub fn read(name: &str) -> Vec<Row> {
    let path = format!("{}/tests/data/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let mut lines = text.lines().filter(|l| !l.starts_with('#') && !l.is_empty());
    let head = fields(lines.next().expect("a head row"));
    lines.map(|l| head.iter().cloned().zip(fields(l)).collect()).collect()
}

/// The row whose column `key` is `value`.
#[allow(dead_code)]
pub fn find<'a>(rows: &'a [Row], key: &str, value: &str) -> &'a Row {
    rows.iter().find(|r| r[key] == value).unwrap_or_else(|| panic!("no row with {key} = {value}"))
}

pub fn number(row: &Row, key: &str) -> f64 {
    row[key].parse().unwrap_or_else(|_| panic!("{key}: {:?} is not a number", row[key]))
}

/// Numbers separated by spaces; anything else ("runaway:", "...") is left out.
#[allow(dead_code)]
pub fn numbers(text: &str) -> Vec<f64> {
    text.split(' ').filter_map(|t| t.parse().ok()).collect()
}

fn fields(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            c => out.last_mut().expect("never empty").push(c),
        }
    }
    out
}
