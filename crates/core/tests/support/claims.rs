//! Reads the claims about presets, runs the networks, and says which claims are broken.
#![allow(clippy::disallowed_methods, reason = "expected values may come from the platform's own functions")]

use crate::net::{mean_cv, mean_sd, peak_frequency, rate, take_spikes};
use spikeground_core::engine::simulation::Simulation;
use spikeground_core::preset;
use spikeground_core::spec::NetworkSpec;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One run of a preset and what is claimed of it.
#[derive(Default)]
pub struct Run {
    pub preset: String,
    changes: String,
    ms: f64,
    claims: Vec<Claim>,
}

struct Claim {
    quantity: String,
    low: f64,
    high: f64,
    source: String,
}

pub fn read() -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for line in include_str!("../data/preset_claims.csv").lines().filter(|l| !l.starts_with('#')) {
        let cells: Vec<&str> = line.splitn(7, ';').map(str::trim).collect();
        let &[preset, changes, ms, quantity, low, high, source] = cells.as_slice() else { panic!("seven columns: {line}") };
        let number = |x: &str| x.parse::<f64>().unwrap_or_else(|_| panic!("{x} in {line}"));
        let ms = number(ms);
        if !runs.last().is_some_and(|r| r.preset == preset && r.changes == changes && r.ms == ms) {
            runs.push(Run { preset: preset.into(), changes: changes.into(), ms, claims: Vec::new() });
        }
        let claim = Claim { quantity: quantity.into(), low: number(low), high: number(high), source: source.into() };
        runs.last_mut().expect("just pushed").claims.push(claim);
    }
    runs
}

/// Runs everything on all cores, the longest first; the broken claims.
pub fn run_all(runs: &[Run]) -> Vec<String> {
    let mut order: Vec<&Run> = runs.iter().collect();
    order.sort_by(|a, b| b.ms.total_cmp(&a.ms));
    let (next, broken) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(run) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = check(run);
                    broken.lock().expect("no panic while held").extend(found);
                }
            });
        }
    });
    broken.into_inner().expect("no panic while held")
}

fn check(run: &Run) -> Vec<String> {
    let spec = changed(&run.preset, &run.changes);
    let mut s = Simulation::new(&spec).unwrap_or_else(|p| panic!("{}: {p:?}", run.preset));
    let steps = (run.ms / spec.dt).round() as u64;
    let mut trains: Vec<Vec<Vec<f64>>> = spec.populations.iter().map(|p| vec![Vec::new(); p.size as usize]).collect();
    let wanted: Vec<bool> = spec.populations.iter().map(|p| run.claims.iter().any(|c| c.quantity.contains(&p.name))).collect();
    let mut done = 0;
    while done < steps {
        let n = (steps - done).min(100_000);
        s.advance(n);
        done += n;
        for (p, new) in
            take_spikes(&mut s).into_iter().enumerate().filter(|(p, _)| wanted[*p] && spec.populations[*p].model.kind.key != "poisson")
        {
            let shift = spec.stamp_shift(p) as f64 * spec.dt;
            for (train, new) in trains[p].iter_mut().zip(new) {
                train.extend(new.into_iter().map(|t| t - shift));
            }
        }
    }
    assert!(!s.is_diverged(), "{}", run.preset);
    run.claims
        .iter()
        .filter_map(|c| {
            let value = measure(&c.quantity, &spec, &s, &trains);
            let good = (c.low..=c.high).contains(&value);
            (!good).then(|| {
                let changes = if run.changes.is_empty() { String::new() } else { format!(" with {}", run.changes) };
                format!("{}{changes}: {} is {value}, not {} to {} ({})", run.preset, c.quantity, c.low, c.high, c.source)
            })
        })
        .collect()
}

/// The preset with `entity.parameter=value, …` changed.
fn changed(key: &str, changes: &str) -> NetworkSpec {
    let mut spec = preset::find(key).unwrap_or_else(|| panic!("no preset {key}")).spec.clone();
    for change in changes.split(',').map(str::trim).filter(|c| !c.is_empty()) {
        let (address, value) = change.rsplit_once('=').expect("address=value");
        if address == "seed" {
            spec.seed = value.parse().expect("a seed");
            continue;
        }
        let path = spec.find(address).unwrap_or_else(|e| panic!("{key}: {e}"));
        let part = spec.part_mut(path.place).expect("found");
        part.values[path.param] = value.parse().expect("a number");
    }
    spec
}

fn measure(quantity: &str, spec: &NetworkSpec, s: &Simulation, trains: &[Vec<Vec<f64>>]) -> f64 {
    let (name, arguments) = quantity.split_once('(').expect("name(arguments)");
    let arguments: Vec<&str> = arguments.trim_end_matches(')').split(',').map(str::trim).collect();
    let x: Vec<f64> = arguments[1..].iter().map(|a| a.parse().unwrap_or_else(|_| panic!("{quantity}: {a}"))).collect();
    if matches!(name, "weight" | "below" | "above" | "block") {
        return weights(name, arguments[0], &x, spec, s);
    }
    let (population, neuron) = match arguments[0].split_once('[') {
        Some((p, i)) => (p, Some(i.trim_end_matches(']').parse::<usize>().expect("a neuron number"))),
        None => (arguments[0], None),
    };
    let p = spec.population(population).unwrap_or_else(|| panic!("{quantity}: no population"));
    let trains = neuron.map_or(&trains[p][..], |i| &trains[p][i..=i]);
    let within = |from: f64, to: f64| trains.iter().map(move |t| t.iter().copied().filter(|t| (from..to).contains(t)).collect::<Vec<_>>());
    match name {
        "times" => {
            let mut all: Vec<f64> = trains.iter().flatten().copied().collect();
            all.sort_by(f64::total_cmp);
            if all.len() < x.len() { f64::INFINITY } else { all.iter().zip(&x).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) }
        }
        "count" => within(x[0], x[1]).map(|t| t.len()).sum::<usize>() as f64,
        "rate" => rate(trains, x[0], x[1]),
        "steady" => {
            let intervals: Vec<f64> = within(x[0], x[1]).flat_map(|t| t.windows(2).map(|w| w[1] - w[0]).collect::<Vec<_>>()).collect();
            1000.0 / mean_sd(&intervals).0
        }
        "cv" => mean_cv(trains, x[0], 5),
        "peak" => peak_frequency(trains, x[0], x[1], x[2], x[3]),
        "bump" | "centre" => {
            let n = trains.len() as f64;
            let (mut re, mut im, mut total) = (0.0, 0.0, 0.0);
            for (i, spikes) in within(x[0], x[1]).enumerate() {
                let (angle, count) = (std::f64::consts::TAU * i as f64 / n, spikes.len() as f64);
                re += count * angle.cos();
                im += count * angle.sin();
                total += count;
            }
            if name == "bump" { re.hypot(im) / total } else { im.atan2(re).to_degrees().rem_euclid(360.0) }
        }
        other => panic!("unknown quantity {other}"),
    }
}

fn weights(name: &str, projection: &str, x: &[f64], spec: &NetworkSpec, s: &Simulation) -> f64 {
    let i = spec.projection(projection).unwrap_or_else(|| panic!("no projection {projection}"));
    let w_max = spec.projections[i].plasticity.as_ref().map_or(1.0, |r| r.get("w_max"));
    let all: Vec<(u32, u32, f64)> = s.weights(i).into_iter().map(|(a, b, w, _)| (a, b, f64::from(w) / w_max)).collect();
    let fraction = |keep: &dyn Fn(f64) -> bool| all.iter().filter(|w| keep(w.2)).count() as f64 / all.len() as f64;
    match name {
        "below" => fraction(&|w| w < x[0]),
        "above" => fraction(&|w| w > x[0]),
        "weight" => mean_sd(&all.iter().map(|w| w.2).collect::<Vec<_>>()).0,
        _ => {
            let inside = |n: u32, a: f64, b: f64| (a..b).contains(&f64::from(n));
            let block: Vec<f64> = all.iter().filter(|w| inside(w.0, x[0], x[1]) && inside(w.1, x[2], x[3])).map(|w| w.2).collect();
            mean_sd(&block).0
        }
    }
}
