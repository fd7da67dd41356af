//! What a run prints and stores: one object, the same for people and programs.

use serde::Serialize;
use std::fmt::Write;

/// The result of a run. The field names are a promise to scripts: never rename.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    pub name: String,
    pub seed: u64,
    /// Threads that stepped the network.
    pub threads: u32,
    pub dt_ms: f64,
    pub duration_ms: f64,
    pub neurons: u64,
    pub synapses: u64,
    /// Wall time of building and of simulating, s.
    pub build_s: f64,
    pub sim_s: f64,
    /// Biological over wall time of the simulation.
    pub realtime_factor: f64,
    pub spikes: u64,
    /// Equal hashes mean equal spikes.
    pub spike_hash: String,
    /// Most memory held, 10⁶ bytes; null where the system does not tell.
    pub peak_rss_mb: Option<f64>,
    pub populations: Vec<PopulationSummary>,
}

#[derive(Clone, Debug, Serialize)]
pub struct PopulationSummary {
    pub name: String,
    pub size: u32,
    pub spikes: u64,
    /// Spikes a second and neuron, silent neurons included.
    pub rate_hz: f64,
    /// Mean coefficient of variation of the inter-spike intervals, over neurons with at least five; null where there are none.
    pub cv_isi: Option<f64>,
}

/// A spike hash as text.
pub fn hash_text(hash: u64) -> String {
    format!("{hash:016x}")
}

impl Summary {
    pub fn json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// For reading on a terminal.
    pub fn table(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{}: {} neurons, {} synapses, seed {}", self.name, self.neurons, self.synapses, self.seed);
        let _ = writeln!(
            out,
            "{} ms in {:.3} s ({:.1} × real time) after {:.3} s of building; dt {} ms",
            self.duration_ms, self.sim_s, self.realtime_factor, self.build_s, self.dt_ms
        );
        let _ = writeln!(out, "{} spikes, hash {}", self.spikes, self.spike_hash);
        let width = self.populations.iter().map(|p| p.name.chars().count()).max().unwrap_or(0).max(10);
        let _ = writeln!(out, "\n{:width$}  {:>8}  {:>10}  {:>10}  {:>7}", "population", "neurons", "spikes", "rate (Hz)", "CV ISI");
        for p in &self.populations {
            let cv = p.cv_isi.map_or_else(|| "–".to_owned(), |cv| format!("{cv:.3}"));
            let _ = writeln!(out, "{:width$}  {:>8}  {:>10}  {:>10.3}  {cv:>7}", p.name, p.size, p.spikes, p.rate_hz);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_has_the_promised_keys() {
        let summary = Summary {
            name: "x".into(),
            seed: 1,
            threads: 1,
            dt_ms: 0.1,
            duration_ms: 10.0,
            neurons: 1,
            synapses: 0,
            build_s: 0.0,
            sim_s: 0.0,
            realtime_factor: 1.0,
            spikes: 0,
            spike_hash: hash_text(0xff),
            peak_rss_mb: None,
            populations: vec![PopulationSummary { name: "E".into(), size: 1, spikes: 0, rate_hz: 0.0, cv_isi: None }],
        };
        let value: serde_json::Value = serde_json::from_str(&summary.json().expect("writes")).expect("reads");
        for key in [
            "name",
            "seed",
            "threads",
            "dt_ms",
            "duration_ms",
            "neurons",
            "synapses",
            "build_s",
            "sim_s",
            "realtime_factor",
            "spikes",
            "spike_hash",
            "peak_rss_mb",
            "populations",
        ] {
            assert!(value.get(key).is_some(), "{key}");
        }
        assert_eq!(value["spike_hash"], "00000000000000ff");
        assert!(value["populations"][0]["cv_isi"].is_null());
    }
}
