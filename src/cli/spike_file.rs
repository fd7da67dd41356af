//! Spikes from a file: `spikes.csv` of a run, any CSV with times and neurons, or an NPY array.

use super::Failure;
use super::analyse::Group;
use serde_json::Value;
use spikeground_core::export::npy::Array;
use spikeground_core::preset;
use std::collections::BTreeMap;
use std::path::Path;

/// Largest neuron number of a file: beyond, a column was mistaken for another.
const MOST_NEURONS: u32 = 100_000_000;
/// Populations of a file.
type Spikes = BTreeMap<String, Vec<(usize, f64)>>;

/// Whether this names a file of spikes rather than a network.
pub fn is_one(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e.eq_ignore_ascii_case("csv") || e.eq_ignore_ascii_case("npy"))
}

/// The populations of a file, in the order of their names, and the time of its last spike (ms).
///
/// A `summary.json` beside it, as `run` leaves it, says how many neurons there are and how long the run was; else `neurons` does, or the
/// largest number that occurs.
pub fn read(name: &str, neurons: Option<u32>) -> Result<(Vec<Group>, f64), Failure> {
    let path = Path::new(name);
    let bytes = preset::save::read_file(path).map_err(Failure::usage)?;
    let is_csv = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
    let spikes = if is_csv { csv(&bytes) } else { npy(&bytes) }.map_err(|why| Failure::usage(format!("{name}{why}")))?;
    let last = spikes.values().flatten().fold(0.0f64, |m, s| m.max(s.1));
    let summary = path.parent().and_then(|folder| std::fs::read(folder.join("summary.json")).ok()).filter(|_| is_csv);
    let summary: Option<Value> = summary.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let mut groups = Vec::new();
    if let Some(populations) = summary.as_ref().and_then(|s| s["populations"].as_array()) {
        for p in populations {
            if let (Some(name), Some(size)) = (p["name"].as_str(), p["size"].as_u64()) {
                let spikes = spikes.get(name).cloned().unwrap_or_default();
                groups.push(Group { name: name.to_owned(), size: size as usize, spikes, ..Group::default() });
            }
        }
    }
    // A summary of another run knows other names.
    if groups.is_empty() || spikes.keys().any(|k| !groups.iter().any(|g| g.name == *k)) {
        groups = spikes.into_iter().map(|(name, spikes)| Group { name, size: 0, spikes, ..Group::default() }).collect();
    }
    for group in &mut groups {
        let fired = group.spikes.iter().map(|s| s.0 + 1).max().unwrap_or(0);
        group.size = neurons.map_or(group.size, |n| n as usize).max(fired);
    }
    let duration = summary.as_ref().and_then(|s| s["duration_ms"].as_f64()).filter(|d| *d >= last);
    Ok((groups, duration.unwrap_or(last)))
}

/// Lines of numbers below a line of names. Errors begin with `:line:`.
fn csv(bytes: &[u8]) -> Result<Spikes, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| ": this is no text; save the table as CSV in UTF-8".to_owned())?;
    let mut lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#')).peekable();
    let Some((_, first)) = lines.peek() else { return Err(": there is no line in this file".into()) };
    let names: Vec<String> = fields(first).iter().map(|f| f.to_lowercase()).collect();
    let column = |wanted: &[&str]| names.iter().position(|n| wanted.iter().any(|w| n == w || n.starts_with(&format!("{w} ("))));
    let (time, neuron, population) =
        (column(&["time_ms", "time", "t", "times"]), column(&["neuron", "sender", "id", "i", "senders"]), column(&["population"]));
    let (time, neuron) = match (time, neuron) {
        (Some(t), n) => {
            lines.next();
            (t, n)
        }
        // Without names: time, then neuron.
        (None, _) if names.iter().all(|n| n.parse::<f64>().is_ok()) => (0, (names.len() > 1).then_some(1)),
        _ => return Err(format!(":1: no column time_ms among {}; name the columns time_ms and neuron", names.join(", "))),
    };
    let mut spikes = Spikes::new();
    for (i, line) in lines {
        let cells = fields(line);
        let cell = |column: usize| cells.get(column).map_or("", |c| c.trim());
        let at = i + 1;
        let t: f64 = match cell(time).parse() {
            Ok(t) if f64::is_finite(t) => t,
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

/// The cells of a line; quotes as in CSV.
fn fields(line: &str) -> Vec<String> {
    if !line.contains('"') {
        return line.split(',').map(|f| f.trim().to_owned()).collect();
    }
    let (mut out, mut quoted) = (vec![String::new()], false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                out.last_mut().expect("at least one cell").push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            c => out.last_mut().expect("at least one cell").push(c),
        }
    }
    out
}

/// One train of times, or rows of time and neuron.
fn npy(bytes: &[u8]) -> Result<Spikes, String> {
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
