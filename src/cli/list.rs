//! `spikeground list`.

use super::{Failure, print};
use serde::Serialize;
use spikeground_core::preset;
use std::fmt::Write;

#[derive(Serialize)]
struct Entry {
    name: &'static str,
    group: String,
    title: String,
    purpose: String,
    neurons: u64,
    synapses: u64,
    dt_ms: f64,
    duration_ms: f64,
}

/// Lists the presets: a table for people, or an array of objects.
pub fn list(json: bool) -> Result<(), Failure> {
    let entries: Vec<_> = preset::list()
        .iter()
        .map(|p| Entry {
            name: p.key,
            group: p.gallery.group.clone(),
            title: p.spec.name.clone(),
            purpose: p.spec.purpose.clone(),
            neurons: p.spec.n_neurons(),
            synapses: p.spec.expected_synapses().round() as u64,
            dt_ms: p.spec.dt,
            duration_ms: p.spec.duration,
        })
        .collect();
    if json {
        let text = serde_json::to_string_pretty(&entries).map_err(|e| Failure::work(e.to_string()))?;
        return print(&format!("{text}\n"));
    }
    let width = entries.iter().map(|e| e.name.len()).max().unwrap_or(0);
    let mut out = format!("{:width$}  {:>7}  {:>9}  purpose\n", "name", "neurons", "synapses");
    let mut group = "";
    for e in &entries {
        if e.group != group {
            group = &e.group;
            let _ = writeln!(out, "\n{group}");
        }
        let _ = writeln!(out, "{:width$}  {:>7}  {:>9}  {}", e.name, e.neurons, e.synapses, e.purpose);
    }
    print(&out)
}
