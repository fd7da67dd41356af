//! From other programs' data to stimuli: spike trains and currents, as CSV or NPY.

pub mod spikes;
pub mod table;

use crate::export::npy::Array;
use crate::model::stimulus;
use crate::param::Unit;
use crate::part::Part;
use crate::spec::{NetworkSpec, StimulusSpec};
use spikes::Spikes;
use std::path::Path;

/// Rows of a stimulus at most; a network file carries them as text.
const MOST_ROWS: usize = 2_000_000;

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    Spikes(Spikes),
    /// Time in ms and current, with the unit that the file names.
    Current {
        rows: Vec<[f64; 2]>,
        unit: Option<String>,
    },
}

/// What to take a file for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// A column called current, or second numbers that count no neurons, make it a current; else it holds spikes.
    #[default]
    Guess,
    Spikes,
    Current,
}

/// Whether this is the name of a file that can be imported.
pub fn is_one(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv") || e.eq_ignore_ascii_case("npy"))
}

/// Reads a file. The error begins with its name and, in a text, the line.
pub fn read(path: &Path, form: Form) -> Result<Data, String> {
    let bytes = crate::preset::save::read_file(path)?;
    let is_npy = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("npy"));
    let data = if is_npy { npy(&bytes, form) } else { csv(&bytes, form) };
    data.map_err(|why| format!("{}{why}", path.display()))
}

fn csv(bytes: &[u8], form: Form) -> Result<Data, String> {
    let (heads, lines) = table::csv(bytes)?;
    let column = |wanted: &[&str]| heads.iter().position(|h| wanted.contains(&h.name.as_str()));
    let counts = |cells: &[String]| cells.get(1).is_none_or(|c| c.parse::<u32>().is_ok());
    let is_current = match form {
        Form::Spikes => false,
        Form::Current => true,
        Form::Guess if heads.is_empty() => !lines.iter().all(|l| counts(&l.cells)),
        Form::Guess => column(&table::CURRENTS).is_some() && column(&["neuron"]).is_none(),
    };
    if !is_current {
        return spikes::csv(bytes).map(Data::Spikes);
    }
    let (time, current) = if heads.is_empty() {
        (0, 1)
    } else {
        let time = column(&table::TIMES).ok_or(":1: no column of times; name the columns time_ms and current")?;
        (time, column(&table::CURRENTS).or_else(|| (0..heads.len()).find(|c| *c != time)).ok_or(":1: no column of currents")?)
    };
    let to_ms = heads.get(time).map_or(Ok(1.0), table::Head::to_ms)?;
    let mut rows = Vec::with_capacity(lines.len());
    for line in &lines {
        let number = |column: usize, what: &str| {
            let cell = line.cells.get(column).map_or("", String::as_str);
            cell.parse::<f64>().ok().filter(|x| x.is_finite()).ok_or_else(|| format!(":{}: {cell:?} is no {what}", line.number))
        };
        rows.push([number(time, "time")? * to_ms, number(current, "current")?]);
        if let [.., [a, _], [b, _]] = rows[..]
            && b <= a
        {
            return Err(format!(":{}: the time {b} ms does not come after the one before, {a} ms; sort the table by time", line.number));
        }
    }
    Ok(Data::Current { rows, unit: heads.get(current).and_then(|h| h.unit.clone()) })
}

fn npy(bytes: &[u8], form: Form) -> Result<Data, String> {
    let array = Array::read(bytes).map_err(|why| format!(": {why}"))?;
    let numbers = array.numbers().ok_or(": this array holds text; save numbers")?;
    let is_pairs = matches!(array.shape.as_slice(), [_, 2]);
    let counts = || numbers.chunks_exact(2).all(|r| r[1] >= 0.0 && r[1].fract() == 0.0);
    if form == Form::Spikes || form == Form::Guess && (!is_pairs || counts()) {
        return spikes::npy(bytes).map(Data::Spikes);
    }
    if !is_pairs {
        return Err(format!(": an array of shape {:?}; save a row of time (ms) and current for each moment", array.shape));
    }
    let rows: Vec<[f64; 2]> = numbers.chunks_exact(2).map(|r| [r[0], r[1]]).collect();
    let bad = (0..rows.len()).find(|i| !rows[*i].iter().all(|x| x.is_finite()) || *i > 0 && rows[*i][0] <= rows[*i - 1][0]);
    match bad {
        Some(row) => Err(format!(": row {row} holds {:?}; times must be numbers that rise", rows[row])),
        None => Ok(Data::Current { rows, unit: None }),
    }
}

/// What turns a current in `unit` into the unit of a model.
fn factor(unit: Option<&str>, model: Unit) -> Result<f64, String> {
    let own = model.symbol().to_lowercase();
    let pico = |unit: &str| match unit {
        "pa" => Some(1.0),
        "na" => Some(1e3),
        "ua" | "µa" => Some(1e6),
        _ => None,
    };
    match unit.map(str::to_lowercase) {
        None => Ok(1.0),
        Some(unit) if unit == own || unit.replace("ua/cm2", "µa/cm²") == own => Ok(1.0),
        Some(unit) => match (pico(&unit), model) {
            (Some(factor), Unit::Pa) => Ok(factor),
            _ => Err(format!("the file's current is in {unit}, but this population takes {}; convert it", model.symbol())),
        },
    }
}

/// The stimulus that `data` is for population `target` of `spec`. Of several populations in a file that of the same name is taken, or all.
pub fn stimulus(data: &Data, spec: &NetworkSpec, target: usize, name: &str) -> Result<StimulusSpec, String> {
    let Some(p) = spec.populations.get(target) else { return Err("there is no such population".into()) };
    let (part, n) = match data {
        Data::Current { rows, unit } => {
            let factor = factor(unit.as_deref(), p.model.kind.current_unit)?;
            let table: Vec<Vec<f64>> = rows.iter().map(|[t, i]| vec![*t, i * factor]).collect();
            let n = table.len();
            (Part::new(&stimulus::RECORDED).with_table(table), n)
        }
        Data::Spikes(all) => {
            let own = all.get(&p.name);
            let mut table: Vec<Vec<f64>> =
                own.into_iter().chain(all.values().filter(|_| own.is_none())).flatten().map(|(n, t)| vec![*t, *n as f64]).collect();
            table.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
            if let Some(row) = table.iter().find(|r| r[1] >= f64::from(p.size)) {
                return Err(format!(
                    "the spike at {} ms is for neuron {}, but {} has {} neurons, numbered from 0",
                    row[0], row[1], p.name, p.size
                ));
            }
            if let Some(row) = table.iter().find(|r| r[0] < 0.0) {
                return Err(format!("the spike time {} ms is negative; count time from the start of the run", row[0]));
            }
            let n = table.len();
            (Part::new(&stimulus::SPIKE_LIST).with_table(table), n)
        }
    };
    if n == 0 {
        return Err("the file holds nothing".into());
    }
    if n > MOST_ROWS {
        return Err(format!("{n} rows are more than the {MOST_ROWS} that a network can carry; cut or thin the file"));
    }
    Ok(StimulusSpec::new(name, &p.name, part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::neuron;
    use crate::spec::PopulationSpec;

    fn network() -> NetworkSpec {
        let mut spec = NetworkSpec::default();
        spec.populations.push(PopulationSpec::new("E", 5, Part::new(neuron::ALL[0])));
        spec
    }

    #[test]
    fn a_current_is_told_from_spikes_by_its_name_or_its_numbers() {
        let current = |text: &str| matches!(csv(text.as_bytes(), Form::Guess), Ok(Data::Current { .. }));
        assert!(current("time_ms,current_pA\n0,1\n1,2\n") && current("0,1.5\n1,2\n") && !current("0,1\n1,2\n"));
        assert!(!current("time_ms,neuron\n0,1\n"));
        assert!(matches!(csv(b"0,1\n1,2\n", Form::Current), Ok(Data::Current { .. })));
        let rows = Array::matrix(2, vec![0.0, 1.5, 1.0, 2.0]).npy();
        assert!(matches!(npy(&rows, Form::Guess), Ok(Data::Current { .. })));
    }

    #[test]
    fn units_are_taken_over() {
        let data = csv(b"time (s),current (nA)\n0,0.5\n0.1,1\n", Form::Guess).expect("read");
        let s = stimulus(&data, &network(), 0, "from file").expect("a stimulus");
        assert_eq!(*s.stimulus.table, vec![vec![0.0, 500.0], vec![100.0, 1000.0]]);
        let wrong = csv(b"time (ms),current (uA/cm2)\n0,0.5\n", Form::Guess).expect("read");
        assert!(stimulus(&wrong, &network(), 0, "x").expect_err("refused").contains("pA"));
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_place() {
        for (text, what) in
            [("t,current\n1,2\n1,3\n", ":3:"), ("t,current\n1,x\n", ":2:"), ("current\n1\n", ":1:"), ("time (d),current\n1,2\n", ":1:")]
        {
            assert!(csv(text.as_bytes(), Form::Current).expect_err(text).starts_with(what), "{text}");
        }
        let data = csv(b"time_ms,neuron\n1,7\n", Form::Guess).expect("read");
        assert!(stimulus(&data, &network(), 0, "x").expect_err("refused").contains("neuron 7"));
    }

    #[test]
    fn of_a_run_with_several_populations_that_of_the_same_name_is_taken() {
        let data = csv(b"time_ms,population,neuron\n1,E,2\n2,I,9\n", Form::Guess).expect("read");
        let s = stimulus(&data, &network(), 0, "again").expect("a stimulus");
        assert_eq!(*s.stimulus.table, vec![vec![1.0, 2.0]]);
    }
}
