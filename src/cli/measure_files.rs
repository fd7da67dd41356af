//! `spikeground analyse --out DIR`: measures as tables, numbers in one, each curve and matrix in its own; or all of them as arrays.

use super::Failure;
use super::output::{Format, field, replaces};
use crate::elsewhere::files;
use spikeground_core::analysis::{Report, Style, Value};
use spikeground_core::export::npy::{Array, Arrays, npz};
use spikeground_core::sweep::Measured;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

/// What the measures say of one population.
pub struct Answers<'a> {
    pub population: &'a str,
    pub reports: Vec<Report>,
}

/// Columns with their heads, of one curve, matrix, cloud of points or table.
struct Sheet {
    name: String,
    heads: Vec<String>,
    columns: Vec<Vec<String>>,
    /// The same as arrays, where it is numbers.
    arrays: Vec<(String, Array)>,
}

/// Writes all files, or none.
pub fn write(folder: &Path, format: Format, force: bool, asked: &[Measured], all: &[Answers<'_>]) -> Result<(), Failure> {
    let sheets = sheets(asked, all);
    let numbers = numbers(asked, all);
    let mut files: Vec<(String, Vec<u8>)> = vec![("measures.csv".into(), numbers.into_bytes())];
    match format {
        Format::Csv => files.extend(sheets.iter().map(|s| (format!("{}.csv", s.name), csv(s).into_bytes()))),
        Format::Npy => {
            let arrays: Arrays = sheets
                .into_iter()
                .flat_map(|s| s.arrays.into_iter().map(move |(key, array)| (format!("{}.{key}", s.name), array)))
                .collect();
            if !arrays.is_empty() {
                files.push(("measures.npz".into(), npz(&arrays).map_err(Failure::work)?));
            }
        }
    }
    let names: Vec<&str> = files.iter().map(|f| f.0.as_str()).collect();
    replaces(folder, &names, force)?;
    let bytes: usize = files.iter().map(|f| f.1.len()).sum();
    files::fits(&folder.join("measures"), bytes as u64).map_err(Failure::work)?;
    std::fs::create_dir_all(folder).map_err(|e| Failure::work(format!("cannot make the folder {}: {e}", folder.display())))?;
    files.iter().try_for_each(|(name, content)| files::write(&folder.join(name), content)).map_err(Failure::work)
}

/// One line for each number, word or reason.
fn numbers(asked: &[Measured], all: &[Answers<'_>]) -> String {
    let mut out = String::from("population,measure,of,value,unit,n,samples,note\n");
    for answers in all {
        for (m, report) in asked.iter().zip(&answers.reports) {
            for part in &report.parts {
                let (value, unit) = match &part.value {
                    Value::Scalar { value, unit, .. } => (value.to_string(), unit.as_str()),
                    Value::Words { words } => (field(words), ""),
                    Value::Undefined { because } => (field(&format!("not defined, because {because}")), ""),
                    _ => continue,
                };
                let (population, part, note) = (field(answers.population), field(&part.name), field(&report.note));
                let _ =
                    writeln!(out, "{population},{},{part},{value},{unit},{},{},{note}", m.measure.key, report.n, field(m.measure.samples));
            }
        }
    }
    out
}

/// A name that is a file's everywhere.
fn plain(text: &str) -> String {
    let letters: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    letters.split('-').filter(|w| !w.is_empty()).collect::<Vec<_>>().join("-")
}

fn sheets(asked: &[Measured], all: &[Answers<'_>]) -> Vec<Sheet> {
    let mut taken = BTreeSet::new();
    let mut out = Vec::new();
    for answers in all {
        for (m, report) in asked.iter().zip(&answers.reports) {
            for part in &report.parts {
                let Some((heads, columns)) = columns(&part.value) else { continue };
                let base = [plain(answers.population), m.measure.key.to_owned(), plain(&part.name)];
                let base = base.iter().filter(|b| !b.is_empty()).cloned().collect::<Vec<_>>().join(".");
                let name = (1..).map(|k| if k == 1 { base.clone() } else { format!("{base}.{k}") }).find(|n| taken.insert(n.clone()));
                out.push(Sheet { name: name.unwrap_or(base), heads, columns, arrays: arrays(&part.value) });
            }
        }
    }
    out
}

fn texts(values: &[f64]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn columns(value: &Value) -> Option<(Vec<String>, Vec<Vec<String>>)> {
    Some(match value {
        Value::Curve(c) if c.style == Style::Bars => {
            let (x, y) = (c.x.label(), c.y.label());
            let n = c.ys.len();
            (vec![format!("{x} from"), format!("{x} to"), y], vec![texts(&c.xs[..n]), texts(&c.xs[1..]), texts(&c.ys)])
        }
        Value::Curve(c) => (vec![c.x.label(), c.y.label()], vec![texts(&c.xs), texts(&c.ys)]),
        Value::Points(p) => (p.axes.iter().map(|a| a.label()).collect(), p.columns.iter().map(|c| texts(c)).collect()),
        Value::Table(t) => {
            let column = |k: usize| t.rows.iter().map(|r| r.get(k).cloned().unwrap_or_default()).collect();
            (t.columns.iter().map(|a| a.label()).collect(), (0..t.columns.len()).map(column).collect())
        }
        Value::Matrix(m) => {
            // The first column names the rows.
            let mut heads = vec![format!("{} \\ {}: {}", m.y.label(), m.x.label(), m.z.label())];
            heads.extend(texts(&m.xs));
            let mut columns = vec![texts(&m.ys)];
            let n = m.xs.len();
            columns.extend((0..n).map(|k| m.values.chunks(n.max(1)).map(|row| row[k].to_string()).collect()));
            (heads, columns)
        }
        Value::Scalar { .. } | Value::Words { .. } | Value::Undefined { .. } => return None,
    })
}

fn arrays(value: &Value) -> Vec<(String, Array)> {
    match value {
        Value::Curve(c) => vec![(c.x.label(), c.xs.clone().into()), (c.y.label(), c.ys.clone().into())],
        Value::Points(p) => p.axes.iter().zip(&p.columns).map(|(a, c)| (a.label(), c.clone().into())).collect(),
        Value::Matrix(m) => vec![
            (format!("columns {}", m.x.label()), m.xs.clone().into()),
            (format!("rows {}", m.y.label()), m.ys.clone().into()),
            (m.z.label(), Array::matrix(m.xs.len(), m.values.clone())),
        ],
        _ => Vec::new(),
    }
}

fn csv(sheet: &Sheet) -> String {
    let heads: Vec<String> = sheet.heads.iter().map(|h| field(h)).collect();
    let mut out = heads.join(",") + "\n";
    let n = sheet.columns.iter().map(Vec::len).max().unwrap_or(0);
    for row in 0..n {
        let cells: Vec<String> = sheet.columns.iter().map(|c| c.get(row).map_or_else(String::new, |x| field(x))).collect();
        out += &(cells.join(",") + "\n");
    }
    out
}
