//! `spikeground sweep NAME_OR_FILE`: the same network at many parameter values and seeds, measured.

use super::output::{field, replaces};
use super::progress::Progress;
use super::run::check_duration;
use super::{Failure, SweepArgs, interrupt, measures, open, overrides, print};
use serde_json::{Value, json};
use spikeground_core::preset;
use spikeground_core::spec::NetworkSpec;
use spikeground_core::sweep::{self, Cell, Knob, Plan, Row, Run, Spread};
use std::fs;
use std::path::Path;
use std::sync::Mutex;

const RESULTS: &str = "results.csv";
const RUNS: &str = "runs.csv";

/// Carries out the sweep and writes its results; what was done before Ctrl-C is kept.
pub fn sweep(args: &SweepArgs) -> Result<(), Failure> {
    interrupt::listen();
    let plan = plan(args)?;
    let is_new = !args.out.exists();
    fs::create_dir_all(&args.out).map_err(|e| Failure::work(format!("cannot make the folder {}: {e}", args.out.display())))?;
    replaces(&args.out, &[RESULTS, RUNS], args.force)?;
    let threads = threads(args.threads);
    let progress = Mutex::new(Progress::new());
    let runs = sweep::run(&plan, threads, &|done| {
        if let Ok(mut progress) = progress.lock() {
            progress.show(done.runs as f64 / done.of as f64, &format!("{} of {} runs", done.runs, done.of));
        }
        !interrupt::requested()
    });
    drop(progress);
    if runs.is_empty() {
        if is_new {
            let _ = fs::remove_dir(&args.out);
        }
        return Err(Failure { code: 130, message: "cancelled before the first run was done; nothing was written".into() });
    }
    let rows = sweep::summarise(&plan, &runs);
    write(&args.out, RESULTS, &results(&plan, &rows))?;
    write(&args.out, RUNS, &every_run(&plan, &runs))?;
    let text = if args.json {
        format!("{}\n", serde_json::to_string_pretty(&whole(&plan, &rows, runs.len())).map_err(|e| Failure::work(e.to_string()))?)
    } else {
        results(&plan, &rows)
    };
    print(&text)?;
    if runs.len() < plan.n_runs() {
        let message = format!("cancelled after {} of {} runs; {} holds what was done", runs.len(), plan.n_runs(), args.out.display());
        return Err(Failure { code: 130, message });
    }
    Ok(())
}

/// One thread less than there are cores, so that the machine stays usable.
fn threads(asked: Option<u32>) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    asked.map_or_else(|| cores.saturating_sub(1).max(1), |n| n as usize)
}

fn plan(args: &SweepArgs) -> Result<Plan, Failure> {
    let mut spec = open::open(&args.network)?;
    overrides::apply(&mut spec, &args.sets)?;
    if let Some(seed) = args.seed {
        spec.seed = seed;
    }
    let ms = match (args.seconds, args.duration) {
        (Some(s), _) => s * 1e3,
        (None, Some(ms)) => ms,
        (None, None) => spec.duration,
    };
    check_duration(ms)?;
    let wrong: Vec<String> = args.params.iter().filter_map(|text| knob(&spec, text).err()).collect();
    if !wrong.is_empty() {
        return Err(Failure::usage(wrong.join("\n")));
    }
    if args.params.len() > 2 {
        return Err(Failure::usage(format!("{} parameters: sweep one or two", args.params.len())));
    }
    let knobs: Vec<Knob> = args.params.iter().filter_map(|text| knob(&spec, text).ok()).collect();
    if knobs.len() == 2 && knobs[0].path == knobs[1].path {
        return Err(Failure::usage(format!("--param {}: it is given twice", knobs[0].name)));
    }
    let populations = match &args.population {
        Some(name) => vec![population(&spec, name)?],
        None => (0..spec.populations.len()).collect(),
    };
    let plan = Plan {
        knobs,
        seeds: (0..u64::from(args.seeds)).map(|i| spec.seed.wrapping_add(i)).collect(),
        ms,
        settle: args.from,
        measures: measures::named(&args.measures, &args.options)?,
        populations,
        spec,
    };
    plan.check().map_err(Failure::usage)?;
    Ok(plan)
}

/// The population of this name.
pub fn population(spec: &NetworkSpec, name: &str) -> Result<usize, Failure> {
    spec.population(name).ok_or_else(|| {
        let names: Vec<_> = spec.populations.iter().map(|p| p.name.as_str()).collect();
        Failure::usage(format!("{} has no population {name}; it has {}", spec.name, names.join(", ")))
    })
}

/// `E.tau_m=FIRST:LAST:N`.
fn knob(spec: &NetworkSpec, text: &str) -> Result<Knob, String> {
    let wrong = || format!("--param {text}: write population.parameter=FIRST:LAST:N, as in E.tau_m=10:30:5, with 1 to 10000 values");
    // Names may hold an equals sign, values never do.
    let (name, range) = text.rsplit_once('=').ok_or_else(wrong)?;
    let parts: Vec<&str> = range.split(':').collect();
    let [first, last, n] = parts[..] else { return Err(wrong()) };
    let (Ok(first), Ok(last), Ok(n)) = (first.trim().parse::<f64>(), last.trim().parse::<f64>(), n.trim().parse::<usize>()) else {
        return Err(wrong());
    };
    if !first.is_finite() || !last.is_finite() || !(1..=10_000).contains(&n) {
        return Err(wrong());
    }
    sweep::knob(spec, name.trim(), sweep::range(first, last, n)).map_err(|why| format!("--param {why}"))
}

/// `name (unit)`, or the name alone.
fn headed(name: &str, unit: &str) -> String {
    field(&if unit.is_empty() { name.to_owned() } else { format!("{name} ({unit})") })
}

fn knob_columns(plan: &Plan) -> Vec<String> {
    plan.knobs.iter().map(|k| headed(&k.name, k.unit)).collect()
}

/// Mean and spread over the seeds: one line for each point and population.
fn results(plan: &Plan, rows: &[Row]) -> String {
    let mut header = knob_columns(plan);
    header.extend(["population".to_owned(), "seeds".to_owned()]);
    for m in &plan.measures {
        let key = m.measure.key;
        header.extend([headed(&format!("{key} mean"), m.measure.unit), headed(&format!("{key} sd"), m.measure.unit), format!("{key} n")]);
    }
    let points = plan.points();
    let mut out = header.join(",") + "\n";
    for row in rows {
        let mut cells: Vec<String> = points[row.point].iter().map(ToString::to_string).collect();
        cells.push(field(&plan.spec.populations[plan.populations[row.population]].name));
        cells.push(row.seeds.to_string());
        for spread in &row.measures {
            match spread {
                Spread::Numbers { mean, sd, n } => {
                    cells.extend([mean.to_string(), sd.map_or_else(String::new, |sd| sd.to_string()), n.to_string()]);
                }
                // The most frequent words; how often in place of a spread.
                Spread::Words { words, times, n } => cells.extend([field(words), field(&format!("{times} of {n}")), n.to_string()]),
                Spread::Undefined(_) => cells.extend([String::new(), String::new(), "0".to_owned()]),
            }
        }
        out += &(cells.join(",") + "\n");
    }
    out
}

/// Every run: one line for each point, seed and population.
fn every_run(plan: &Plan, runs: &[Run]) -> String {
    let mut header = knob_columns(plan);
    header.extend(["population", "seed", "spike_hash"].map(String::from));
    header.extend(plan.measures.iter().map(|m| headed(m.measure.key, m.measure.unit)));
    let points = plan.points();
    let mut out = header.join(",") + "\n";
    for run in runs {
        for (cells, population) in run.cells.iter().zip(&plan.populations) {
            let mut line: Vec<String> = points[run.point].iter().map(ToString::to_string).collect();
            line.extend([field(&plan.spec.populations[*population].name), run.seed.to_string(), super::summary::hash_text(run.spike_hash)]);
            line.extend(cells.iter().map(|cell| match cell {
                Cell::Number { value, .. } => value.to_string(),
                Cell::Words(words) => field(words),
                Cell::Undefined(_) => String::new(),
            }));
            out += &(line.join(",") + "\n");
        }
    }
    out
}

fn whole(plan: &Plan, rows: &[Row], runs: usize) -> Value {
    let points = plan.points();
    let row = |row: &Row| {
        let mut object = serde_json::Map::new();
        let values: serde_json::Map<_, _> = plan.knobs.iter().zip(&points[row.point]).map(|(k, v)| (k.name.clone(), json!(v))).collect();
        object.insert("at".into(), values.into());
        object.insert("population".into(), json!(plan.spec.populations[plan.populations[row.population]].name));
        object.insert("seeds".into(), json!(row.seeds));
        for (m, spread) in plan.measures.iter().zip(&row.measures) {
            let value = match spread {
                Spread::Numbers { mean, sd, n } => json!({"mean": mean, "sd": sd, "n": n, "unit": m.measure.unit}),
                Spread::Words { words, times, n } => json!({"words": words, "times": times, "n": n}),
                Spread::Undefined(because) => json!({"undefined": because}),
            };
            object.insert(m.measure.key.into(), value);
        }
        Value::Object(object)
    };
    let knobs: Vec<_> = plan.knobs.iter().map(|k| json!({"name": k.name, "unit": k.unit, "values": k.values})).collect();
    json!({
        "network": plan.spec.name, "params": knobs, "seeds": plan.seeds, "duration_ms": plan.ms, "from_ms": plan.settle,
        "runs": runs, "of": plan.n_runs(), "points": rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Failure> {
    preset::save(&folder.join(name), text).map_err(Failure::work)
}
