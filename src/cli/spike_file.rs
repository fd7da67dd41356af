//! Spikes from a file: `spikes.csv` of a run, any CSV with times and neurons, or an NPY array.

use super::Failure;
use super::analyse::Group;
use serde_json::Value;
use spikeground_core::import::{self, Data, Form};
use std::path::Path;

/// Whether this names a file of spikes rather than a network.
pub fn is_one(name: &str) -> bool {
    import::is_one(Path::new(name))
}

/// The populations of a file, in the order of their names, and the time of its last spike (ms).
///
/// A `summary.json` beside it, as `run` leaves it, says how many neurons there are and how long the run was; else `neurons` does, or the
/// largest number that occurs.
pub fn read(name: &str, neurons: Option<u32>) -> Result<(Vec<Group>, f64), Failure> {
    let path = Path::new(name);
    let is_csv = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
    let spikes = match import::read(path, Form::Spikes).map_err(Failure::usage)? {
        Data::Spikes(spikes) => spikes,
        Data::Current { .. } => return Err(Failure::usage(format!("{name} holds a current, not spikes"))),
    };
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
