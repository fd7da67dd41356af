//! Spikes from a table: times with neurons and, where there are several, populations.

use super::table::{self, Head};
use crate::export::npy::Array;
use std::collections::BTreeMap;

/// Largest neuron number of a file: beyond, a column was mistaken for another.
const MOST_NEURONS: u32 = 100_000_000;

/// For each population (neuron, time in ms); `spikes` where the file names none.
pub type Spikes = BTreeMap<String, Vec<(usize, f64)>>;

/// Lines of numbers below a line of names (`time_ms`, `neuron`, `population`). Errors begin with `:line:`.
pub fn csv(bytes: &[u8]) -> Result<Spikes, String> {
    let (heads, lines) = table::csv(bytes)?;
    let column = |wanted: &[&str]| heads.iter().position(|h| wanted.contains(&h.name.as_str()));
    let (time, neuron, population) = if heads.is_empty() {
        let width = lines.first().map_or(1, |l| l.cells.len());
        (0, (width > 1).then_some(1), None)
    } else {
        let Some(time) = column(&table::TIMES) else {
            let names: Vec<_> = heads.iter().map(|h| h.name.as_str()).collect();
            return Err(format!(":1: no column time_ms among {}; name the columns time_ms and neuron", names.join(", ")));
        };
        (time, column(&table::NEURONS), column(&["population"]))
    };
    let to_ms = heads.get(time).map_or(Ok(1.0), Head::to_ms)?;
    let mut spikes = Spikes::new();
    for line in &lines {
        let cell = |column: usize| line.cells.get(column).map_or("", |c| c.trim());
        let at = line.number;
        let t: f64 = match cell(time).parse::<f64>() {
            Ok(t) if t.is_finite() => t * to_ms,
            _ => return Err(format!(":{at}: {:?} is no time in ms", cell(time))),
        };
        let n: u32 = match neuron.map_or(Ok(0), |c| cell(c).parse()) {
            Ok(n) if n < MOST_NEURONS => n,
            _ => return Err(format!(":{at}: {:?} is no number of a neuron (0 to {MOST_NEURONS})", neuron.map_or("", cell))),
        };
        let name = population.map_or("spikes", cell);
        match spikes.get_mut(name) {
            Some(list) => list.push((n as usize, t)),
            None => _ = spikes.insert(name.to_owned(), vec![(n as usize, t)]),
        }
    }
    Ok(spikes)
}

/// One train of times, or rows of time and neuron.
pub fn npy(bytes: &[u8]) -> Result<Spikes, String> {
    let array = Array::read(bytes).map_err(|why| format!(": {why}"))?;
    let numbers = array.numbers().ok_or(": this array holds text; save times in ms")?;
    let pairs: Vec<(f64, f64)> = match array.shape.as_slice() {
        [_] => numbers.iter().map(|t| (*t, 0.0)).collect(),
        [_, 2] => numbers.chunks_exact(2).map(|row| (row[0], row[1])).collect(),
        shape => return Err(format!(": an array of shape {shape:?}; save a list of times, or a row of time and neuron for each spike")),
    };
    let mut spikes = Vec::with_capacity(pairs.len());
    for (row, (t, n)) in pairs.into_iter().enumerate() {
        if !t.is_finite() || !(0.0..f64::from(MOST_NEURONS)).contains(&n) || n.fract() != 0.0 {
            return Err(format!(": row {row} holds ({t}, {n}); use a time in ms and the number of a neuron"));
        }
        spikes.push((n as usize, t));
    }
    Ok([("spikes".to_owned(), spikes)].into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_and_order_does_not_matter() {
        let found = csv(b"neuron,time (ms)\n3,1.5\n0,2\n").expect("read");
        assert_eq!(found["spikes"], [(3, 1.5), (0, 2.0)]);
        let found = csv(b"time_ms,population,neuron\n1,\"a,\"\"b\"\"\",2\n").expect("read");
        assert_eq!(found["a,\"b\""], [(2, 1.0)]);
        assert_eq!(csv(b"# times\n1.0\n2.0\n").expect("read")["spikes"], [(0, 1.0), (0, 2.0)]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, line, what) in [
            ("time_ms,neuron\n1,2\nx,2\n", ":3:", "\"x\""),
            ("time_ms,neuron\n1,-2\n", ":2:", "-2"),
            ("time_ms,neuron\n1\n", ":2:", "neuron"),
            ("time_ms,neuron\nNaN,1\n", ":2:", "NaN"),
            ("a,b\n1,2\n", ":1:", "time_ms"),
            ("", ":", "no line"),
        ] {
            let why = csv(text.as_bytes()).expect_err(text);
            assert!(why.starts_with(line) && why.contains(what), "{text}: {why}");
        }
    }

    #[test]
    fn arrays_are_times_or_rows_of_time_and_neuron() {
        let rows = Array::matrix(2, vec![1.5, 3.0, 2.0, 0.0]).npy();
        assert_eq!(npy(&rows).expect("read")["spikes"], [(3, 1.5), (0, 2.0)]);
        assert!(npy(&Array::matrix(1, vec![1.0, 2.0, 3.0]).npy()).is_err());
        assert!(npy(&Array::matrix(1, vec![1.0, 0.5]).npy()).expect_err("refused").contains("row 0"));
        assert!(npy(b"nonsense").is_err());
    }
}
