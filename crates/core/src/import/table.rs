//! Tables as CSV: a line of names with units if there is one, lines of cells with their numbers.

/// Names of a column of times, of neurons, of currents.
pub const TIMES: [&str; 4] = ["time", "t", "times", "timestamp"];
pub const NEURONS: [&str; 5] = ["neuron", "sender", "id", "i", "senders"];
pub const CURRENTS: [&str; 6] = ["current", "i_stim", "i_e", "i_inj", "amplitude", "stimulus"];

/// Units that a name may end in: `time_ms`, `current (nA)`.
const UNITS: [&str; 9] = ["ms", "s", "us", "pa", "na", "ua", "ua/cm2", "µa/cm²", "mv/ms"];

/// The name of a column, in small letters, and its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub name: String,
    pub unit: Option<String>,
}

impl Head {
    fn of(text: &str) -> Self {
        let text = text.trim().to_lowercase();
        let split =
            text.split_once(['(', '[']).map(|(name, rest)| (name.trim().to_owned(), rest.trim_end_matches([')', ']']).trim().to_owned()));
        let (name, unit) = match split {
            Some((name, unit)) => (name, Some(unit)),
            None => match text.rsplit_once('_') {
                Some((name, unit)) if UNITS.contains(&unit) => (name.to_owned(), Some(unit.to_owned())),
                _ => (text, None),
            },
        };
        Self { name, unit }
    }

    /// What turns its values into ms.
    pub fn to_ms(&self) -> Result<f64, String> {
        match self.unit.as_deref() {
            None | Some("ms") => Ok(1.0),
            Some("s") => Ok(1e3),
            Some("us" | "µs") => Ok(1e-3),
            Some(other) => Err(format!(":1: {other} is no unit of time that is known; use ms, s or us")),
        }
    }
}

/// A line of cells and its number in the file, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub number: usize,
    pub cells: Vec<String>,
}

/// Heads (none when the first line holds numbers) and lines; empty ones and those that begin with `#` are left out.
pub fn csv(bytes: &[u8]) -> Result<(Vec<Head>, Vec<Line>), String> {
    let text = std::str::from_utf8(bytes).map_err(|_| ": this is no text; save the table as CSV in UTF-8".to_owned())?;
    let mut lines: Vec<Line> = text
        .trim_start_matches('\u{feff}')
        .lines()
        .enumerate()
        .filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#'))
        .map(|(i, l)| Line { number: i + 1, cells: cells(l) })
        .collect();
    let Some(first) = lines.first() else { return Err(": there is no line in this file".into()) };
    if first.cells.iter().all(|c| c.parse::<f64>().is_ok()) {
        return Ok((Vec::new(), lines));
    }
    let heads = lines.remove(0).cells.iter().map(|c| Head::of(c)).collect();
    Ok((heads, lines))
}

/// The cells of a line; quotes as in CSV.
fn cells(line: &str) -> Vec<String> {
    if !line.contains('"') {
        return line.split([',', ';', '\t']).map(|f| f.trim().to_owned()).collect();
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
            ',' | ';' | '\t' if !quoted => out.push(String::new()),
            c => out.last_mut().expect("at least one cell").push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_their_units_in_brackets_or_behind_an_underscore() {
        let head = |text: &str| {
            let h = Head::of(text);
            (h.name, h.unit.unwrap_or_default())
        };
        assert_eq!(head("Time (ms)"), ("time".into(), "ms".into()));
        assert_eq!(head("time_s"), ("time".into(), "s".into()));
        assert_eq!(head("current [nA]"), ("current".into(), "na".into()));
        assert_eq!(head("i_stim"), ("i_stim".into(), String::new()));
        assert!(Head::of("t (h)").to_ms().is_err());
    }

    #[test]
    fn separators_quotes_and_comments_are_understood() {
        let (heads, lines) = csv(b"\xef\xbb\xbf# from a scope\nt;i\n\n1;2\n\"a,b\";\"say \"\"no\"\"\"\n").expect("read");
        assert_eq!(heads.len(), 2);
        assert_eq!(lines[0], Line { number: 4, cells: vec!["1".into(), "2".into()] });
        assert_eq!(lines[1].cells, ["a,b", "say \"no\""]);
    }
}
