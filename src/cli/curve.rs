//! `spikeground curve NAME_OR_FILE`: curves of one neuron of a network, without the network.

use super::{CurveArgs, Failure, interrupt, open, print};
use serde_json::{Value, json};
use spikeground_core::lab::curve::{self, Cell, Direction, Measures, Noise, Sweep};
use spikeground_core::param::{ParamKind, Unit};
use spikeground_core::spec::NetworkSpec;
use std::fmt::Write;

/// What a curve shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum CurveKind {
    /// Rate against a parameter
    Fi,
    /// Time of the first spike
    Latency,
    /// Growth of the intervals
    Adaptation,
    /// Irregularity against white noise; the range is its standard deviation
    Cv,
    /// Weakest pulse that fires; the range is its duration, ms
    Strength,
    /// Weakest pair of pulses of 4 ms that fires; the range is their interval, ms
    Pairs,
    /// Answer to a small sine; the range is its frequency, Hz
    Impedance,
    /// Rest with its stability, and the extent of v
    Bifurcation,
    /// Rate against two parameters
    Map,
}

/// Makes the curve and prints it.
pub fn curve(args: &CurveArgs) -> Result<(), Failure> {
    interrupt::listen();
    let spec = open::open(&args.network)?;
    let cell = cell(&spec, args)?;
    let rows = rows(&cell, args)?;
    let unit = cell.model.kind.current_unit.symbol();
    let text = if args.json {
        let mut whole = json!({
            "network": spec.name, "model": cell.model.kind.key, "kind": kind_key(args.kind), "dt_ms": cell.dt, "current_unit": unit,
            "points": rows,
        });
        if args.kind == CurveKind::Fi {
            whole["excitability"] = class(&cell, &args.param)?;
        }
        format!("{}\n", serde_json::to_string_pretty(&whole).map_err(|e| Failure::work(e.to_string()))?)
    } else {
        table(&rows)
    };
    print(&text)
}

/// `--duration`, checked.
pub fn duration(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(ms) if (1.0..=1e7).contains(&ms) => Ok(ms),
        _ => Err("use a time from 1 to 10000000 ms".into()),
    }
}

fn kind_key(kind: CurveKind) -> String {
    clap::ValueEnum::to_possible_value(&kind).map_or_else(String::new, |v| v.get_name().to_owned())
}

/// The neuron: of the population that is named, else of the first one that is integrated.
fn cell(spec: &NetworkSpec, args: &CurveArgs) -> Result<Cell, Failure> {
    let named = args.population.as_deref();
    let found = spec.populations.iter().find(|p| named.map_or(!p.model.kind.states.is_empty(), |name| p.name == name));
    let Some(p) = found else {
        let names: Vec<_> = spec.populations.iter().map(|p| p.name.as_str()).collect();
        let asked = named.map_or_else(|| "a population of neurons".to_owned(), |name| format!("population {name}"));
        return Err(Failure::usage(format!("{} has no {asked}; it has {}", spec.name, names.join(", "))));
    };
    Ok(Cell::new(p.model.clone(), spec.dt))
}

/// `KEY=FIRST:LAST:N`, or the range alone where nothing is named.
fn range(text: &str, keyed: bool) -> Result<(&str, Vec<f64>), Failure> {
    let wrong = || {
        let form = if keyed { "KEY=FIRST:LAST:N, as in i_e=0:20:81" } else { "FIRST:LAST:N, as in 0:20:81" };
        Failure::usage(format!("--param {text}: write {form}, with 1 to 100000 values"))
    };
    let (key, numbers) = match text.split_once('=') {
        Some((key, numbers)) => (key.trim(), numbers),
        None if keyed => return Err(wrong()),
        None => ("", text),
    };
    let parts: Vec<&str> = numbers.split(':').collect();
    let [first, last, n] = parts[..] else { return Err(wrong()) };
    let (Ok(first), Ok(last), Ok(n)) = (first.trim().parse::<f64>(), last.trim().parse::<f64>(), n.trim().parse::<usize>()) else {
        return Err(wrong());
    };
    if !first.is_finite() || !last.is_finite() || last < first || !(1..=100_000).contains(&n) {
        return Err(wrong());
    }
    Ok((key, curve::grid(first, last, n)))
}

/// The same with the parameter found in the model.
fn swept(cell: &Cell, text: &str) -> Result<(usize, Vec<f64>), Failure> {
    let (key, values) = range(text, true)?;
    let kind = cell.model.kind;
    let numbers: Vec<_> = kind.params.iter().filter(|p| matches!(p.kind, ParamKind::Number)).map(|p| p.key).collect();
    match kind.param(key) {
        Some(param) if numbers.contains(&key) => Ok((param, values)),
        _ => Err(Failure::usage(format!("--param {text}: {} has no number {key}; it has {}", kind.key, numbers.join(", ")))),
    }
}

fn rows(cell: &Cell, args: &CurveArgs) -> Result<Vec<Value>, Failure> {
    if args.down && !matches!(args.kind, CurveKind::Fi | CurveKind::Bifurcation | CurveKind::Latency | CurveKind::Adaptation) {
        return Err(Failure::usage("--down: only curves along one parameter of the model can carry the state; leave it out"));
    }
    match args.kind {
        CurveKind::Strength => {
            let (_, durations) = range(&args.param, false)?;
            let strongest = args.amplitude.unwrap_or(1e4);
            let found = curve::strength_duration(cell, &durations, strongest, &mut |_, _| !interrupt::requested());
            Ok(ended(found)?.iter().map(|t| json!({"duration_ms": t.ms, "current": t.current})).collect())
        }
        CurveKind::Pairs => {
            let (_, intervals) = range(&args.param, false)?;
            let strongest = args.amplitude.unwrap_or(1e4);
            let found = curve::pulse_pairs(cell, &intervals, 4.0, strongest, &mut |_, _| !interrupt::requested());
            Ok(ended(found)?.iter().map(|p| json!({"interval_ms": p.ms, "current": p.current})).collect())
        }
        CurveKind::Impedance => {
            let (_, hertz) = range(&args.param, false)?;
            let amplitude = args.amplitude.unwrap_or(match cell.model.kind.current_unit {
                Unit::Pa => 1.0,
                _ => 0.01,
            });
            let found = curve::impedance(cell, &hertz, amplitude, 1000.0, &mut |_, _| !interrupt::requested());
            Ok(ended(found)?.iter().map(|z| json!({"hz": z.hz, "magnitude": z.magnitude, "phase_deg": z.phase})).collect())
        }
        CurveKind::Cv => {
            let (_, values) = range(&args.param, false)?;
            let noise = Some(Noise { sd: None, seed: args.seed });
            sweep_rows(cell, &Sweep { ms: args.duration.unwrap_or(20_000.0), noise, ..Sweep::new(0, values) }, "sd", None)
        }
        CurveKind::Map => {
            let Some(second) = &args.param2 else {
                return Err(Failure::usage("--kind map: give the second parameter with --param2 KEY=FIRST:LAST:N"));
            };
            let (param, values) = swept(cell, &args.param)?;
            let second = swept(cell, second)?;
            let key = cell.model.kind.params[second.0].key;
            let what = Sweep { second: Some(second), ms: args.duration.unwrap_or(1000.0), ..Sweep::new(param, values) };
            sweep_rows(cell, &what, cell.model.kind.params[param].key, Some(key))
        }
        CurveKind::Bifurcation => bifurcation(cell, args),
        CurveKind::Fi | CurveKind::Latency | CurveKind::Adaptation => {
            let (param, values) = swept(cell, &args.param)?;
            let what = Sweep { ms: args.duration.unwrap_or(2000.0), ..Sweep::new(param, values) };
            let key = cell.model.kind.params[param].key;
            let mut rows = sweep_rows(cell, &what, key, None)?;
            if args.down {
                carried(cell, &what, &mut rows)?;
            }
            Ok(rows)
        }
    }
}

/// Where firing begins and how, along the swept parameter; null where it does not begin there.
fn class(cell: &Cell, param: &str) -> Result<Value, Failure> {
    let (param, values) = swept(cell, param)?;
    let (Some(low), Some(high)) = (values.first(), values.last()) else { return Ok(Value::Null) };
    let found = curve::excitability(cell, param, (*low, *high), &mut || !interrupt::requested()).map_err(Failure::usage)?;
    Ok(found.map_or(
        Value::Null,
        |e| json!({"onset": e.onset, "class": e.class.name(), "meaning": e.class.meaning(), "rates_above_hz": e.rates}),
    ))
}

/// Rates with the state carried up and down, beside those from rest.
fn carried(cell: &Cell, what: &Sweep, rows: &mut [Value]) -> Result<(), Failure> {
    for (direction, column) in [(Direction::Up, "rate_up_hz"), (Direction::Down, "rate_down_hz")] {
        let what = Sweep { direction, ..what.clone() };
        let found = ended(curve::sweep(cell, &what, &mut |_, _| !interrupt::requested()))?;
        rows.iter_mut().zip(&found).for_each(|(row, m)| row[column] = json!(m.rate_hz));
    }
    Ok(())
}

fn bifurcation(cell: &Cell, args: &CurveArgs) -> Result<Vec<Value>, Failure> {
    let (param, values) = swept(cell, &args.param)?;
    let key = cell.model.kind.params[param].key;
    let rests = curve::rests(cell, param, &values).map_err(Failure::usage)?;
    let what = Sweep { ms: args.duration.unwrap_or(2000.0), extent: true, ..Sweep::new(param, values) };
    let mut rows = sweep_rows(cell, &what, key, None)?;
    for (row, rest) in rows.iter_mut().zip(&rests) {
        row["rest_v"] = json!(rest.as_ref().map(|r| r.state[0]));
        row["rest_is_stable"] = json!(rest.as_ref().map(|r| r.growth < 0.0));
    }
    if args.down {
        carried(cell, &what, &mut rows)?;
    }
    Ok(rows)
}

fn sweep_rows(cell: &Cell, what: &Sweep, key: &str, second: Option<&str>) -> Result<Vec<Value>, Failure> {
    let found = ended(curve::sweep(cell, what, &mut |_, _| !interrupt::requested()))?;
    Ok(found.iter().map(|m| row(m, what, key, second)).collect())
}

fn row(m: &Measures, what: &Sweep, key: &str, second: Option<&str>) -> Value {
    let mut row = json!({ key: m.value, "rate_hz": m.rate_hz, "spikes": m.n_spikes, "latency_ms": m.first_ms, "cv": m.cv, "adaptation": m.adaptation });
    if let Some(second) = second {
        row[second] = json!(m.second);
    }
    if what.extent {
        (row["v_min"], row["v_max"]) = (json!(m.v_min), json!(m.v_max));
    }
    row
}

fn ended<T>(found: Result<Option<T>, String>) -> Result<T, Failure> {
    match found {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(Failure { code: 130, message: "cancelled; there is no curve".into() }),
        Err(why) => Err(Failure::usage(why)),
    }
}

/// Columns under their names.
fn table(rows: &[Value]) -> String {
    let Some(head) = rows.first().and_then(Value::as_object) else { return String::new() };
    let mut out = head.keys().map(|k| format!("{k:>14}")).collect::<Vec<_>>().join(" ") + "\n";
    for row in rows {
        let line = head.keys().map(|key| match &row[key] {
            Value::Number(n) => {
                format!("{:>14}", format!("{:.6}", n.as_f64().unwrap_or(f64::NAN)).trim_end_matches('0').trim_end_matches('.'))
            }
            Value::Null => format!("{:>14}", "-"),
            other => format!("{other:>14}"),
        });
        let _ = writeln!(out, "{}", line.collect::<Vec<_>>().join(" "));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_and_a_bad_one_is_refused_with_its_form() {
        assert_eq!(range("i_e=0:20:3", true), Ok(("i_e", vec![0.0, 10.0, 20.0])));
        for bad in ["i_e", "i_e=0:20", "i_e=20:0:3", "i_e=0:20:0", "i_e=a:1:2", "i_e=0:inf:2"] {
            let failure = range(bad, true).expect_err(bad);
            assert!(failure.code == 2 && failure.message.contains("KEY=FIRST:LAST:N"), "{}", failure.message);
        }
    }
}
