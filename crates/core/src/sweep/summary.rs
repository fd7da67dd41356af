//! Over the seeds of each point: mean and spread of numbers, and which words come how often.

use super::plan::Plan;
use super::runner::{Cell, Run};
use crate::analysis::isi::Moments;
use std::collections::BTreeMap;

/// What several seeds say.
#[derive(Clone, Debug, PartialEq)]
pub enum Spread {
    /// Mean and standard deviation (n − 1; none of a single run) over the `n` seeds for which it is defined.
    Numbers { mean: f64, sd: Option<f64>, n: usize },
    /// The most frequent words, and in how many of the `n` runs.
    Words { words: String, times: usize, n: usize },
    /// Defined for no seed, because.
    Undefined(String),
}

/// One point of the grid and one population.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub point: usize,
    /// Index into [`Plan::populations`].
    pub population: usize,
    /// Seeds that were run.
    pub seeds: usize,
    /// `[measure of the plan]`
    pub measures: Vec<Spread>,
}

/// Rows of all points of which at least one run is done.
pub fn summarise(plan: &Plan, runs: &[Run]) -> Vec<Row> {
    let mut by_point: BTreeMap<usize, Vec<&Run>> = BTreeMap::new();
    for run in runs {
        by_point.entry(run.point).or_default().push(run);
    }
    let row = |point: usize, population: usize, runs: &[&Run]| {
        let measures = (0..plan.measures.len()).map(|m| spread(runs.iter().map(|r| &r.cells[population][m]))).collect();
        Row { point, population, seeds: runs.len(), measures }
    };
    by_point.iter().flat_map(|(point, runs)| (0..plan.populations.len()).map(move |p| row(*point, p, runs))).collect()
}

fn spread<'a>(cells: impl Iterator<Item = &'a Cell>) -> Spread {
    let mut moments = Moments::default();
    let mut words: BTreeMap<&str, usize> = BTreeMap::new();
    let mut because = String::new();
    for cell in cells {
        match cell {
            Cell::Number { value, .. } => moments.add(*value),
            Cell::Words(text) => *words.entry(text).or_default() += 1,
            Cell::Undefined(why) => because.clone_from(why),
        }
    }
    let n = moments.n() as usize;
    if n > 0 {
        let sd = (n > 1).then(|| moments.sd() * (n as f64 / (n - 1) as f64).sqrt());
        return Spread::Numbers { mean: moments.mean(), sd, n };
    }
    let n = words.values().sum();
    // The first of equals, so that the result does not depend on the order of the runs.
    match words.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(a.0))) {
        Some((text, times)) => Spread::Words { words: text.to_owned(), times, n },
        None => Spread::Undefined(because),
    }
}
