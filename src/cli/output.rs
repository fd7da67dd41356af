//! The files of a run: written under temporary names as the run goes, given their names together at its end.
//!
//! A run that fails or is cancelled leaves nothing behind.

use super::Failure;
use super::arrays::{self, Collected};
use super::summary::Summary;
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::export::npy::{Arrays, npz};
use spikeground_core::protocol::{Frame, Probe};
use spikeground_core::spec::NetworkSpec;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

const NAMES: [&str; 7] = ["summary.json", "spikes.csv", "traces.csv", "weights.csv", "spikes.npz", "traces.npz", "weights.npz"];

/// Form of the tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Text, for spreadsheets
    #[default]
    Csv,
    /// NPZ archives of arrays, for `numpy.load`
    Npy,
}

/// Where spikes and traces go while the run lasts.
enum Sheets {
    Text { spikes: BufWriter<File>, traces: Option<BufWriter<File>> },
    Arrays(Collected),
}

/// The files being written.
pub struct Output {
    folder: PathBuf,
    /// The folder was made for this run: without results it goes again.
    is_new: bool,
    /// Name and temporary path of each file begun.
    staged: Vec<(&'static str, PathBuf)>,
    sheets: Sheets,
    /// Name and first neuron of each population, and by how many steps its stamps lie before the end of the step.
    populations: Vec<(String, u32, u64)>,
    dt: f64,
}

impl Output {
    /// Prepares the folder. Existing results are refused unless `force` is given.
    pub fn new(folder: &Path, force: bool, format: Format, spec: &NetworkSpec) -> Result<Self, Failure> {
        let is_new = !folder.exists();
        fs::create_dir_all(folder).map_err(|e| Failure::work(format!("cannot make the folder {}: {e}", folder.display())))?;
        replaces(folder, &NAMES, force)?;
        let mut staged = Vec::new();
        let header = trace_header(spec);
        let sheets = match format {
            Format::Npy => Sheets::Arrays(Collected::new(spec, header)),
            Format::Csv => Sheets::Text {
                spikes: begin(folder, "spikes.csv", "time_ms,population,neuron\n", &mut staged)?,
                traces: if header.is_empty() {
                    None
                } else {
                    let header: Vec<String> = header.iter().map(|h| field(h)).collect();
                    Some(begin(folder, "traces.csv", &format!("time_ms,{}\n", header.join(",")), &mut staged)?)
                },
            },
        };
        let populations = (spec.populations.iter().zip(spec.first_ids()).enumerate())
            .map(|(i, (p, first))| (field(&p.name), first, spec.stamp_shift(i)))
            .collect();
        Ok(Self { folder: folder.to_owned(), is_new, staged, sheets, populations, dt: spec.dt })
    }

    /// Appends the spikes and traces of a frame.
    pub fn append(&mut self, frame: &Frame) -> Result<(), Failure> {
        let (spikes, traces) = match &mut self.sheets {
            Sheets::Arrays(collected) => {
                collected.append(frame);
                return Ok(());
            }
            Sheets::Text { spikes, traces } => (spikes, traces),
        };
        for spike in &frame.spikes {
            let at = self.populations.partition_point(|p| p.1 <= spike.neuron).saturating_sub(1);
            let Some((name, first, shift)) = self.populations.get(at) else { continue };
            let time = spike.time(*shift, self.dt);
            writeln!(spikes, "{time},{name},{}", spike.neuron - first).map_err(|e| full("spikes.csv", &e))?;
        }
        let Some(traces) = traces else { return Ok(()) };
        append_traces(traces, frame, self.dt).map_err(|e| full("traces.csv", &e))
    }

    /// Writes what is known only at the end, and gives all files their names.
    pub fn finish(mut self, summary: &Summary, simulation: &Simulation) -> Result<(), Failure> {
        match std::mem::replace(&mut self.sheets, Sheets::Arrays(Collected::default())) {
            Sheets::Text { mut spikes, traces } => {
                self.weights(simulation)?;
                spikes.flush().map_err(|e| full("spikes.csv", &e))?;
                if let Some(mut traces) = traces {
                    traces.flush().map_err(|e| full("traces.csv", &e))?;
                }
            }
            Sheets::Arrays(collected) => {
                let (spikes, traces) = collected.finish(simulation.spec());
                self.archive("spikes.npz", Some(spikes))?;
                self.archive("traces.npz", traces)?;
                self.archive("weights.npz", arrays::weights(simulation))?;
            }
        }
        let json = summary.json().map_err(|e| Failure::work(e.to_string()))?;
        let mut file = begin(&self.folder, "summary.json", &json, &mut self.staged)?;
        file.flush().map_err(|e| full("summary.json", &e))?;
        for (name, temporary) in &self.staged {
            File::open(temporary).and_then(|f| f.sync_all()).map_err(|e| full(name, &e))?;
        }
        // A name of an earlier run that this one does not write would tell of another network.
        for name in NAMES.iter().filter(|n| !self.staged.iter().any(|s| s.0 == **n)) {
            let _ = fs::remove_file(self.folder.join(name));
        }
        for (name, temporary) in std::mem::take(&mut self.staged) {
            fs::rename(&temporary, self.folder.join(name)).map_err(|e| full(name, &e))?;
        }
        self.is_new = false;
        Ok(())
    }

    fn archive(&mut self, name: &'static str, arrays: Option<Arrays>) -> Result<(), Failure> {
        let Some(arrays) = arrays else { return Ok(()) };
        let bytes = npz(&arrays).map_err(|why| Failure::work(format!("{name}: {why}")))?;
        let mut file = begin(&self.folder, name, "", &mut self.staged)?;
        file.write_all(&bytes).and_then(|()| file.flush()).map_err(|e| full(name, &e))
    }

    fn weights(&mut self, simulation: &Simulation) -> Result<(), Failure> {
        let spec = simulation.spec();
        let plastic: Vec<_> = (0..spec.projections.len()).filter(|i| spec.projections[*i].plasticity.is_some()).collect();
        if plastic.is_empty() {
            return Ok(());
        }
        let mut file = begin(&self.folder, "weights.csv", "projection,pre,post,weight,weight_unit,delay_ms\n", &mut self.staged)?;
        for i in plastic {
            let (name, unit) = (field(&spec.projections[i].name), field(spec.weight_unit(i)));
            for (pre, post, weight, delay) in simulation.weights(i) {
                writeln!(file, "{name},{pre},{post},{weight},{unit},{}", time_text(u64::from(delay), self.dt))
                    .map_err(|e| full("weights.csv", &e))?;
            }
        }
        file.flush().map_err(|e| full("weights.csv", &e))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        for (_, temporary) in &self.staged {
            let _ = fs::remove_file(temporary);
        }
        if self.is_new {
            let _ = fs::remove_dir(&self.folder);
        }
    }
}

/// All probes record every step, so their chunks run side by side.
fn append_traces(traces: &mut BufWriter<File>, frame: &Frame, dt: f64) -> std::io::Result<()> {
    let Some(first) = frame.traces.iter().map(|c| c.first).min() else { return Ok(()) };
    let n = frame.traces.iter().map(|c| c.values.len()).max().unwrap_or(0);
    for k in 0..n {
        write!(traces, "{}", time_text(first + k as u64, dt))?;
        for chunk in &frame.traces {
            match chunk.values.get(k) {
                Some(value) if value.is_finite() => write!(traces, ",{value}")?,
                _ => write!(traces, ",")?,
            }
        }
        writeln!(traces)?;
    }
    Ok(())
}

/// Bytes that the results of `n_steps` will take at least, as far as that is known before: traces and learned weights.
pub fn least_size(spec: &NetworkSpec, n_steps: u64, format: Format) -> u64 {
    // A number as text, with its comma, seldom has fewer than five characters; a line of weights not fewer than twenty.
    let (cell, weight) = if format == Format::Npy { (4.0, 20.0) } else { (5.0, 20.0) };
    let columns = probes(spec).len();
    let traces = if columns == 0 { 0.0 } else { n_steps as f64 * cell * (columns + 1) as f64 };
    let learns = spec.projections.iter().any(|p| p.plasticity.is_some());
    let plastic = spec.projections.iter().all(|p| p.plasticity.is_some());
    // Of a network that learns in part the share is not known before it is built.
    let weights = if learns && plastic { spec.expected_synapses() * weight } else { 0.0 };
    (traces + weights) as u64
}

/// The probes of a network, neuron by neuron, as the engine takes them.
pub fn probes(spec: &NetworkSpec) -> Vec<Probe> {
    let mut probes = Vec::new();
    for probe in &spec.probes {
        if let Some(population) = spec.population(&probe.population) {
            probes.extend(probe.neurons.iter().map(|n| Probe { population, neuron: *n, variable: probe.variable.clone() }));
        }
    }
    probes
}

/// One column a probe: `E.v[3] (mV)`.
fn trace_header(spec: &NetworkSpec) -> Vec<String> {
    probes(spec)
        .iter()
        .map(|p| {
            let population = &spec.populations[p.population];
            let unit = spec.variable_unit(p.population, &p.variable);
            let unit = if unit.is_empty() { String::new() } else { format!(" ({unit})") };
            format!("{}.{}[{}]{unit}", population.name, p.variable, p.neuron)
        })
        .collect()
}

/// Refuses to replace results that are there, unless `force` is given.
pub fn replaces(folder: &Path, names: &[&str], force: bool) -> Result<(), Failure> {
    match names.iter().find(|n| folder.join(n).exists()).filter(|_| !force) {
        Some(name) => {
            let path = folder.join(name);
            Err(Failure::usage(format!("{} is there already; give --force to replace it, or another folder", path.display())))
        }
        None => Ok(()),
    }
}

fn begin(folder: &Path, name: &'static str, start: &str, staged: &mut Vec<(&'static str, PathBuf)>) -> Result<BufWriter<File>, Failure> {
    let temporary = folder.join(format!(".{name}.{}.part", std::process::id()));
    let file = File::create(&temporary).map_err(|e| Failure::work(format!("cannot write in {}: {e}", folder.display())))?;
    staged.push((name, temporary));
    let mut file = BufWriter::with_capacity(1 << 16, file);
    file.write_all(start.as_bytes()).map_err(|e| full(name, &e))?;
    Ok(file)
}

fn full(name: &str, error: &std::io::Error) -> Failure {
    Failure::work(format!("{name} could not be written: {error}; nothing was stored"))
}

/// A number of steps as milliseconds, free of rounding noise: 3 · 0.1 is 0.3.
fn time_text(steps: u64, dt: f64) -> String {
    arrays::time(steps, dt).to_string()
}

/// A text as a CSV field.
pub fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_print_without_rounding_noise() {
        assert_eq!((time_text(3, 0.1).as_str(), time_text(123_456_789, 0.1).as_str()), ("0.3", "12345678.9"));
        assert_eq!(time_text(1, 0.025), "0.025");
    }

    #[test]
    fn names_with_commas_and_quotes_are_quoted() {
        assert_eq!((field("E"), field("a,\"b\"")), ("E".to_owned(), "\"a,\"\"b\"\"\"".to_owned()));
    }
}
