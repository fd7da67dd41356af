//! `spikeground analyse NAME_OR_FILE`: measures of the spikes of a network, or of a file.

use super::measure_files::{self, Answers};
use super::output::probes;
use super::progress::Progress;
use super::sweep::population;
use super::{AnalyseArgs, Failure, interrupt, measures, open, overrides, print, spike_file};
use serde_json::json;
use spikeground_core::analysis::{Input, Report, Signal, Trains, Value, Weights};
use spikeground_core::engine::builder;
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::protocol::{Command, Frame};
use spikeground_core::spec::NetworkSpec;
use spikeground_core::sweep::Measured;
use std::fmt::Write;
use std::sync::Arc;

/// Biological time between two looks at the keyboard, ms.
const PIECE: f64 = 20.0;

/// A recorded variable.
#[derive(Clone, Debug)]
pub struct Trace {
    name: String,
    unit: &'static str,
    /// Time of the first sample, and between two of them, ms.
    start: f64,
    step: f64,
    values: Vec<f64>,
}

/// One population as it is measured.
#[derive(Clone, Debug, Default)]
pub struct Group {
    pub name: String,
    /// Neurons, silent ones included.
    pub size: usize,
    /// Neuron and time, ms.
    pub spikes: Vec<(usize, f64)>,
    pub traces: Vec<Trace>,
    /// Plastic weights onto it, their unit, and what bounds them.
    pub weights: Vec<f32>,
    pub weight_unit: &'static str,
    pub weight_bounds: Option<(f64, f64)>,
}

/// Measures and prints.
pub fn analyse(args: &AnalyseArgs) -> Result<(), Failure> {
    interrupt::listen();
    let asked = measures::named(&args.measures, &args.params)?;
    let (groups, end) = if spike_file::is_one(&args.source) { spike_file::read(&args.source, args.neurons)? } else { simulated(args)? };
    let window = (args.from, args.to.unwrap_or(end));
    if !(window.0.is_finite() && window.1.is_finite() && window.1 > window.0) {
        return Err(Failure::usage(format!("the window from {} to {} ms is empty; choose --from and --to", window.0, window.1)));
    }
    let named = |name: &str| {
        let there: Vec<_> = groups.iter().map(|g| g.name.as_str()).collect();
        let found = groups.iter().find(|g| g.name == name);
        found.ok_or_else(|| Failure::usage(format!("there is no population {name}; there are {}", there.join(", "))))
    };
    let chosen = match &args.population {
        Some(name) => vec![named(name)?],
        None => groups.iter().collect(),
    };
    let against = args.against.as_deref().map(|name| named(name).and_then(|g| trains(g, &[], window))).transpose()?;
    let mut text = String::new();
    let mut objects = Vec::new();
    let mut all = Vec::new();
    for group in chosen {
        let trains = trains(group, &args.select, window)?;
        let reports = answers(args, &asked, group, &trains, against.as_ref())?;
        if args.json {
            objects.push(object(group, &trains, &asked, &reports));
        } else {
            table(&mut text, group, &trains, &asked, &reports);
        }
        all.push(Answers { population: &group.name, reports });
    }
    if let Some(folder) = &args.out {
        measure_files::write(folder, args.format, args.force, &asked, &all)?;
    }
    if args.json {
        let whole = json!({"source": args.source, "from_ms": window.0, "to_ms": window.1, "populations": objects});
        text = serde_json::to_string_pretty(&whole).map_err(|e| Failure::work(e.to_string()))? + "\n";
    } else {
        text.insert_str(0, &format!("{}, {} to {} ms\n", args.source, window.0, window.1));
    }
    print(&text)
}

fn trains(group: &Group, select: &[u32], window: (f64, f64)) -> Result<Trains, Failure> {
    let wrong = |why: String| Failure::usage(format!("{}: {why}", group.name));
    if let Some(id) = select.iter().find(|id| **id as usize >= group.size) {
        return Err(wrong(format!("there is no neuron {id}; it has 0 to {}", group.size.saturating_sub(1))));
    }
    let all = Trains::gather(group.size, window, group.spikes.iter().copied()).map_err(wrong)?;
    if select.is_empty() {
        return Ok(all);
    }
    let some: Vec<&[f64]> = select.iter().map(|id| all.train(*id as usize)).collect();
    Trains::new(&some, window).map_err(wrong)
}

fn answers(
    args: &AnalyseArgs,
    asked: &[Measured],
    group: &Group,
    trains: &Trains,
    against: Option<&Trains>,
) -> Result<Vec<Report>, Failure> {
    let signals: Vec<Signal<'_>> =
        group.traces.iter().map(|t| Signal { name: &t.name, unit: t.unit, start: t.start, step: t.step, values: &t.values }).collect();
    let weights = Weights { values: &group.weights, unit: group.weight_unit, bounds: group.weight_bounds };
    let input =
        Input { trains, others: against, onsets: &args.onsets, signals: &signals, weights: Some(weights), seed: args.seed.unwrap_or(0) };
    let mut progress = Progress::new();
    let one = |m: &Measured| {
        let mut watch = |done: f64, _: Option<&Report>| {
            progress.show(done, m.measure.name);
            !interrupt::requested()
        };
        let cancelled = || Failure { code: 130, message: format!("cancelled in {}", m.measure.name) };
        m.measure.of(&input, &m.params, &mut watch).ok_or_else(cancelled)
    };
    asked.iter().map(one).collect()
}

fn object(group: &Group, trains: &Trains, asked: &[Measured], reports: &[Report]) -> serde_json::Value {
    let one = |(m, report): (&Measured, &Report)| {
        let params: serde_json::Map<_, _> = m.measure.params.iter().zip(&m.params).map(|(p, v)| (p.key.to_owned(), json!(v))).collect();
        json!({
            "key": m.measure.key, "name": m.measure.name, "params": params, "n": report.n, "samples": m.measure.samples, "note": report.note,
            "parts": report.parts,
        })
    };
    let measures: Vec<_> = asked.iter().zip(reports).map(one).collect();
    json!({"name": group.name, "neurons": trains.len(), "spikes": trains.n_spikes(), "measures": measures})
}

fn table(out: &mut String, group: &Group, trains: &Trains, asked: &[Measured], reports: &[Report]) {
    let _ = writeln!(out, "\n{}: {} neurons, {} spikes", group.name, trains.len(), trains.n_spikes());
    for (m, report) in asked.iter().zip(reports) {
        let _ = writeln!(out, "  {}", m.measure.name);
        for part in &report.parts {
            let space = if part.name.is_empty() { "" } else { ": " };
            let _ = match &part.value {
                Value::Scalar { value, unit, .. } => {
                    writeln!(out, "    {}{space}{}{}{unit}", part.name, digits(*value), if unit.is_empty() { "" } else { " " })
                }
                Value::Words { words } => writeln!(out, "    {}{space}{words}", part.name),
                Value::Undefined { because } => writeln!(out, "    {}{space}not defined, because {because}", part.name),
                Value::Curve(c) => writeln!(out, "    {}{space}{} values (--json)", part.name, c.ys.len()),
                Value::Matrix(x) => writeln!(out, "    {}{space}{} × {} values (--json)", part.name, x.ys.len(), x.xs.len()),
                Value::Points(p) => writeln!(out, "    {}{space}{} points (--json)", part.name, p.columns.first().map_or(0, Vec::len)),
                Value::Table(t) => writeln!(out, "    {}{space}{} rows (--json)", part.name, t.rows.len()),
            };
        }
        let note = if report.note.is_empty() { String::new() } else { format!("; {}", report.note) };
        let _ = writeln!(out, "    n = {} {}{note}", report.n, m.measure.samples);
    }
}

/// Six digits that mean something.
fn digits(value: f64) -> String {
    if value == 0.0 || (1e-4..1e7).contains(&value.abs()) {
        let before = value.abs().log10().floor().max(0.0) as usize;
        let text = format!("{value:.*}", 5usize.saturating_sub(before.min(5)) + usize::from(value.abs() < 0.1) * 2);
        return if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text };
    }
    format!("{value:.5e}")
}

/// Runs the network that the arguments mean, up to the end of the window.
fn simulated(args: &AnalyseArgs) -> Result<(Vec<Group>, f64), Failure> {
    let mut spec = open::open(&args.source)?;
    overrides::apply(&mut spec, &args.sets)?;
    if let Some(seed) = args.seed {
        spec.seed = seed;
    }
    if let Some(name) = &args.population {
        population(&spec, name)?;
    }
    let end = args.to.unwrap_or(spec.duration);
    super::run::check_duration(end)?;
    let mut progress = Progress::new();
    let cancelled = || Failure { code: 130, message: "cancelled before the run was done".into() };
    let built = builder::build(&spec, &mut |done| {
        progress.show(f64::from(done), "building");
        !interrupt::requested()
    });
    let network = built
        .map_err(|problems| Failure::usage(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?
        .ok_or_else(cancelled)?;
    let mut simulation = Simulation::with(Arc::new(spec.clone()), network);
    simulation.apply(&Command::Probe(probes(&spec)));
    let mut groups = groups(&spec);
    let (first, n_steps) = (spec.first_ids(), (end / spec.dt).round() as u64);
    let piece = ((PIECE / spec.dt) as u64).max(1);
    let mut frame = Frame::default();
    while simulation.step_count() < n_steps {
        if interrupt::requested() {
            return Err(cancelled());
        }
        simulation.advance(piece.min(n_steps - simulation.step_count()));
        frame.traces.clear();
        frame.spikes.clear();
        simulation.take(&mut frame);
        for spike in &frame.spikes {
            let p = first.partition_point(|f| *f <= spike.neuron) - 1;
            let time = spike.time(spec.stamp_shift(p), spec.dt);
            groups[p].spikes.push(((spike.neuron - first[p]) as usize, time));
        }
        for chunk in &frame.traces {
            if let Some(probe) = frame.probes.get(chunk.probe) {
                keep(&mut groups[probe.population], &spec, probe.population, &format!("{}[{}]", probe.variable, probe.neuron), chunk);
            }
        }
        if simulation.is_diverged() {
            return Err(Failure::work("a state variable is no longer a number; use a smaller dt"));
        }
        progress.show(simulation.step_count() as f64 / n_steps as f64, "simulating");
    }
    for (i, p) in spec.projections.iter().enumerate() {
        let (Some(rule), Some(post)) = (&p.plasticity, spec.population(&p.post)) else { continue };
        let group = &mut groups[post];
        group.weights.extend(simulation.weights(i).iter().map(|w| w.2));
        group.weight_unit = spec.weight_unit(i);
        let bound = |key: &str| rule.kind.param(key).map(|k| rule.values[k]);
        group.weight_bounds = bound("w_max").map(|max| (bound("w_min").unwrap_or(0.0), max));
    }
    Ok((groups, end))
}

fn groups(spec: &NetworkSpec) -> Vec<Group> {
    spec.populations.iter().map(|p| Group { name: p.name.clone(), size: p.size as usize, ..Group::default() }).collect()
}

fn keep(group: &mut Group, spec: &NetworkSpec, population: usize, name: &str, chunk: &spikeground_core::protocol::TraceChunk) {
    let values = chunk.values.iter().map(|v| f64::from(*v));
    match group.traces.iter_mut().find(|t| t.name == name) {
        Some(trace) => trace.values.extend(values),
        None => {
            let variable = name.split('[').next().unwrap_or_default();
            group.traces.push(Trace {
                name: name.to_owned(),
                unit: spec.variable_unit(population, variable),
                start: chunk.first as f64 * spec.dt,
                step: f64::from(chunk.stride.max(1)) * spec.dt,
                values: values.collect(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_with_six_digits() {
        let texts = [0.0, 44.25, 0.012_345_678, 1234.5, 1e-9, 123_456.7].map(digits);
        assert_eq!(texts, ["0", "44.25", "0.0123457", "1234.5", "1.00000e-9", "123457"]);
    }
}
