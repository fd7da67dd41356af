//! `spikeground compare A B …`: several neurons on identical input, in numbers.

use super::{CompareArgs, Failure, interrupt, open, print};
use serde_json::{Value, json};
use spikeground_core::analysis::van_rossum::van_rossum;
use spikeground_core::import::{self, Data, Form};
use spikeground_core::lab::compare::{self, Drive, Scale};
use spikeground_core::lab::curve::Cell;
use spikeground_core::lab::operations::operations;
use spikeground_core::model::{find, neuron};
use spikeground_core::part::Part;
use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

/// What an input of 1 is, as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ScaleName {
    Rheobase,
    Capacitance,
    Fitted,
}

/// Neurons and steps that the cost is measured with.
const MANY: usize = 1024;
const STEPS: u32 = 60;

/// Runs all of them and prints what sets them apart.
pub fn compare(args: &CompareArgs) -> Result<(), Failure> {
    interrupt::listen();
    check(args)?;
    let cells = args.neurons.iter().map(|name| cell(name, args.dt)).collect::<Result<Vec<_>, _>>()?;
    let drive = drive(&args.input, args.duration)?;
    let named: Vec<(&str, &Cell)> = args.neurons.iter().map(String::as_str).zip(&cells).collect();
    let scale = match args.scale {
        ScaleName::Rheobase => Scale::Rheobase,
        ScaleName::Capacitance => Scale::Capacitance,
        ScaleName::Fitted => Scale::Fitted,
    };
    let mut rows: Vec<Value> = Vec::new();
    let mut reference: Vec<f64> = Vec::new();
    for (i, (name, cell)) in named.iter().enumerate() {
        let uptake = compare::uptake(&named, i, scale).map_err(Failure::usage)?;
        let samples = drive.samples(args.duration, cell.dt);
        let answer = compare::answer(cell, uptake, &samples, &mut || !interrupt::requested()).map_err(Failure::usage)?;
        let Some(answer) = answer else { return Err(Failure { code: 130, message: "cancelled; there is nothing to compare".into() }) };
        if i == 0 {
            reference.clone_from(&answer.spikes);
        }
        let spikes = &answer.spikes;
        let gain = compare::gain(cell, compare::most(cell)).map_err(Failure::usage)?;
        let operations = operations(&cell.model, cell.dt);
        rows.push(json!({
            "neuron": name,
            "model": cell.model.kind.key,
            "dt_ms": cell.dt,
            "spikes": spikes.len(),
            "spike_times_ms": spikes,
            "gamma": (i > 0).then(|| compare::coincidence(&reference, spikes, args.precision, args.duration)).flatten(),
            "van_rossum": (i > 0).then(|| van_rossum(&reference, spikes, 5.0 * args.precision)),
            "input_gain": uptake.gain,
            "input_offset": uptake.offset,
            "current_unit": cell.model.kind.current_unit.symbol(),
            "rheobase": gain.map(|g| g.rheobase),
            "rate_at_twice_rheobase_hz": gain.map(|g| g.rate),
            "ns_per_step": cost(cell),
            "operations": operations.map(|o| o.plain),
            "exponentials": operations.map(|o| o.exponentials),
        }));
    }
    let text = if args.json {
        let whole = json!({
            "input": args.input, "scale": clap::ValueEnum::to_possible_value(&args.scale).map(|v| v.get_name().to_owned()),
            "duration_ms": args.duration, "precision_ms": args.precision, "neurons": rows,
        });
        format!("{}\n", serde_json::to_string_pretty(&whole).map_err(|e| Failure::work(e.to_string()))?)
    } else {
        table(&rows)
    };
    print(&text)
}

fn check(args: &CompareArgs) -> Result<(), Failure> {
    for (name, value, (low, high)) in
        [("--duration", args.duration, (1.0, 1e6)), ("--dt", args.dt, (1e-4, 10.0)), ("--precision", args.precision, (1e-3, 1e4))]
    {
        if !(low..=high).contains(&value) {
            return Err(Failure::usage(format!("{name} {value}: use a time from {low} to {high} ms")));
        }
    }
    Ok(())
}

/// A model, a set of a model, or the first neuron of a network.
fn cell(name: &str, dt: f64) -> Result<Cell, Failure> {
    let (key, set) = name.split_once(':').map_or((name, None), |(key, set)| (key, Some(set)));
    if let Some(kind) = find(neuron::ALL, key).filter(|k| !k.states.is_empty()) {
        let mut model = Part::new(kind);
        if let Some(set) = set {
            let Some(found) = kind.sets.iter().find(|s| s.key == set) else {
                let known: Vec<_> = kind.sets.iter().map(|s| s.key).collect();
                return Err(Failure::usage(format!("{name}: {key} has no set {set}; it has {}", known.join(", "))));
            };
            model.apply_set(found, &[]);
        }
        return Ok(Cell::new(model, dt));
    }
    let spec = open::open(name).map_err(|failure| {
        let models: Vec<_> = neuron::ALL.iter().filter(|k| !k.states.is_empty()).map(|k| k.key).collect();
        Failure { message: format!("{}; models are {}", failure.message, models.join(", ")), ..failure }
    })?;
    let found = spec.populations.iter().find(|p| !p.model.kind.states.is_empty());
    found.map(|p| Cell::new(p.model.clone(), spec.dt)).ok_or_else(|| Failure::usage(format!("{name} has no neuron that is integrated")))
}

/// The input as it is written, for so many ms.
fn drive(text: &str, ms: f64) -> Result<Drive, Failure> {
    let path = Path::new(text);
    if import::is_one(path) {
        return match import::read(path, Form::Current).map_err(Failure::usage)? {
            Data::Current { rows, .. } => Ok(Drive::Points(rows.iter().map(|[t, i]| (*t, *i)).collect())),
            Data::Spikes(_) => Err(Failure::usage(format!("{text} holds spikes, not a current"))),
        };
    }
    let wrong = |form: &str| Failure::usage(format!("--input {text}: write {form}"));
    let Some((kind, numbers)) = text.split_once(':') else {
        return Err(wrong("step:1.5, ramp:2, noise:1,1, chirp:1,0.5,2,80, pair:3,20, spikes:5,100, or the name of a CSV or NPY file"));
    };
    let forms = [
        ("step", "step:HEIGHT[,ON,OFF]", 1..=3),
        ("ramp", "ramp:HEIGHT[,ON,OFF]", 1..=3),
        ("noise", "noise:MEAN,SD[,SEED]", 2..=3),
        ("chirp", "chirp:MEAN,HEIGHT,FROM,TO", 4..=4),
        ("pair", "pair:HEIGHT,INTERVAL[,WIDTH]", 2..=3),
        ("spikes", "spikes:HEIGHT,RATE[,TAU[,SEED]]", 2..=4),
    ];
    let Some((_, form, counts)) = forms.iter().find(|f| f.0 == kind) else {
        return Err(wrong(&forms.iter().map(|f| f.1).collect::<Vec<_>>().join(" or ")));
    };
    let read: Result<Vec<f64>, _> = numbers.split(',').map(|n| n.trim().parse::<f64>()).collect();
    let n = read.ok().filter(|n| counts.contains(&n.len()) && n.iter().all(|x| x.is_finite())).ok_or_else(|| wrong(form))?;
    let or = |i: usize, usual: f64| n.get(i).copied().unwrap_or(usual);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let seed = |i: usize| or(i, 1.0).max(0.0) as u64;
    let (on, off) = (or(1, 0.1 * ms), or(2, 0.9 * ms));
    Ok(match kind {
        "step" => Drive::Step { height: n[0], on, off },
        "ramp" => Drive::Ramp { height: n[0], on, off },
        "noise" => Drive::Noise { mean: n[0], sd: n[1], seed: seed(2) },
        "chirp" => Drive::Chirp { mean: n[0], height: n[1], from: n[2], to: n[3] },
        "pair" => Drive::Pair { height: n[0], on: 0.1 * ms, interval: n[1], width: or(2, 4.0) },
        _ if n[1] < 0.0 || or(2, 5.0) <= 0.0 => return Err(wrong(form)),
        _ => Drive::Spikes { height: n[0], rate: n[1], tau: or(2, 5.0), seed: seed(3) },
    })
}

/// Nanoseconds a neuron and step: the best of three stretches of many clones without input, on this machine.
fn cost(cell: &Cell) -> Option<f64> {
    let mut step = compare::treadmill(cell, MANY).ok()?;
    let mut once = || {
        let start = Instant::now();
        (0..STEPS).for_each(|_| step());
        start.elapsed().as_secs_f64() * 1e9 / f64::from(STEPS) / MANY as f64
    };
    (0..3).map(|_| once()).reduce(f64::min)
}

fn table(rows: &[Value]) -> String {
    let heads =
        ["neuron", "spikes", "gamma", "van_rossum", "rheobase", "rate_at_twice_rheobase_hz", "ns_per_step", "operations", "exponentials"];
    let mut out = format!("{:24}", heads[0]);
    for head in &heads[1..] {
        let short = if *head == "rate_at_twice_rheobase_hz" { "hz_at_twice" } else { head };
        let _ = write!(out, " {short:>13}");
    }
    out.push('\n');
    for row in rows {
        let _ = write!(out, "{:24}", row["neuron"].as_str().unwrap_or_default());
        for head in &heads[1..] {
            let words = match &row[*head] {
                Value::Number(n) if n.is_u64() => n.to_string(),
                Value::Number(n) => format!("{:.4}", n.as_f64().unwrap_or(f64::NAN)).trim_end_matches('0').trim_end_matches('.').to_owned(),
                _ => "-".into(),
            };
            let _ = write!(out, " {words:>13}");
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_read_and_bad_ones_are_refused_with_their_form() {
        assert_eq!(drive("step:2", 100.0), Ok(Drive::Step { height: 2.0, on: 10.0, off: 90.0 }));
        assert_eq!(drive("noise:1,2,7", 100.0), Ok(Drive::Noise { mean: 1.0, sd: 2.0, seed: 7 }));
        assert_eq!(drive("pair:3,20", 100.0), Ok(Drive::Pair { height: 3.0, on: 10.0, interval: 20.0, width: 4.0 }));
        for bad in ["step", "step:", "step:a", "noise:1", "chirp:1,2,3", "spikes:1,-5", "spikes:1,5,0", "wave:1", "step:inf"] {
            let failure = drive(bad, 100.0).expect_err(bad);
            assert!(failure.code == 2 && failure.message.contains("write "), "{bad}: {}", failure.message);
        }
        assert!(drive("no-such.csv", 100.0).is_err_and(|f| f.message.contains("no-such.csv")));
    }

    #[test]
    fn neurons_are_models_sets_and_presets() {
        assert_eq!(cell("izhikevich:fs", 0.1).map(|c| c.model.get("a")), Ok(0.1));
        assert_eq!(cell("adex-tonic", 0.1).map(|c| c.model.kind.key), Ok("adex"));
        assert!(cell("izhikevich:none", 0.1).is_err_and(|f| f.message.contains("it has")));
        assert!(cell("lifff", 0.1).is_err_and(|f| f.message.contains("models are lif")));
    }
}
