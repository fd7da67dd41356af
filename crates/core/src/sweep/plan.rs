//! What a sweep is to do.

use crate::analysis::Measure;
use crate::param::ParamKind;
use crate::spec::NetworkSpec;
use crate::spec::path::Path;

/// Most runs of one sweep.
const MOST_RUNS: usize = 1_000_000;

/// One parameter and the values it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Knob {
    pub path: Path,
    /// As it was written: `E.tau_m`.
    pub name: String,
    pub unit: &'static str,
    pub values: Vec<f64>,
}

/// One measure with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    pub measure: &'static Measure,
    pub params: Vec<f64>,
}

impl Measured {
    pub fn new(measure: &'static Measure) -> Self {
        Self { measure, params: measure.defaults() }
    }
}

/// A sweep: every combination of the knobs' values, with every seed.
#[derive(Clone, Debug)]
pub struct Plan {
    pub spec: NetworkSpec,
    /// None: the network as it is, with several seeds.
    pub knobs: Vec<Knob>,
    pub seeds: Vec<u64>,
    /// Biological time of a run, ms, and how much of its beginning is left out of the measures.
    pub ms: f64,
    pub settle: f64,
    pub measures: Vec<Measured>,
    /// The populations that are measured, each for itself.
    pub populations: Vec<usize>,
}

impl Plan {
    /// The values of the knobs at each point of the grid; the last knob moves fastest.
    pub fn points(&self) -> Vec<Vec<f64>> {
        self.knobs.iter().fold(vec![Vec::new()], |points, knob| {
            let extend = |p: &Vec<f64>, v: &f64| p.iter().copied().chain([*v]).collect();
            points.iter().flat_map(|p| knob.values.iter().map(move |v| extend(p, v))).collect()
        })
    }

    pub fn n_runs(&self) -> usize {
        self.knobs.iter().map(|k| k.values.len()).product::<usize>().saturating_mul(self.seeds.len())
    }

    /// The network of one run.
    pub fn network(&self, point: &[f64], seed: u64) -> NetworkSpec {
        let mut spec = self.spec.clone();
        spec.seed = seed;
        for (knob, value) in self.knobs.iter().zip(point) {
            if let Some(part) = spec.part_mut(knob.path.place) {
                part.values[knob.path.param] = *value;
            }
        }
        spec
    }

    /// Everything that would make a run fail, before the first one begins.
    pub fn check(&self) -> Result<(), String> {
        if self.seeds.is_empty() || self.knobs.iter().any(|k| k.values.is_empty()) || self.measures.is_empty() {
            return Err("a sweep takes at least one seed, one value of each parameter and one measure".into());
        }
        if self.populations.is_empty() {
            return Err(format!("{} has no population to measure", self.spec.name));
        }
        if self.n_runs() > MOST_RUNS {
            return Err(format!("{} runs are too many; at most {MOST_RUNS}", self.n_runs()));
        }
        if !(self.ms.is_finite() && self.settle >= 0.0 && self.settle < self.ms) {
            return Err(format!("a run of {} ms has nothing left after {} ms of settling", self.ms, self.settle));
        }
        for knob in &self.knobs {
            for value in &knob.values {
                self.spec.check_set(knob.path, *value).map_err(|why| format!("{}: {why}", knob.name))?;
            }
        }
        for point in self.points() {
            if let Some(problem) = self.network(&point, self.spec.seed).validate().first() {
                let at: Vec<_> = self.knobs.iter().zip(&point).map(|(k, v)| format!("{} = {v}", k.name)).collect();
                return Err(format!("{}{}{problem}", at.join(", "), if at.is_empty() { "" } else { ": " }));
            }
        }
        Ok(())
    }
}

/// The knob that `name` means (`E.tau_m`), with these values.
pub fn knob(spec: &NetworkSpec, name: &str, values: Vec<f64>) -> Result<Knob, String> {
    let path = spec.find(name)?;
    let param = spec.spec_of(path).ok_or_else(|| format!("{name}: no such parameter"))?;
    let unit = spec.unit_of(path);
    for value in &values {
        if let Err(why) = param.check(*value) {
            let whole = if param.kind == ParamKind::Number { "" } else { "; choose a range that meets whole numbers only" };
            return Err(format!("{name}: {why}{whole}"));
        }
    }
    Ok(Knob { path, name: name.to_owned(), unit, values })
}

/// n values from `first` to `last`, both included.
pub fn range(first: f64, last: f64, n: usize) -> Vec<f64> {
    match n {
        0 => Vec::new(),
        1 => vec![first],
        // The sum of two parts meets both ends exactly, and 0 : 1 : 11 gives 0.3 rather than 0.30000000000000004.
        _ => (0..n).map(|i| (first * (n - 1 - i) as f64 + last * i as f64) / (n - 1) as f64).collect(),
    }
}
