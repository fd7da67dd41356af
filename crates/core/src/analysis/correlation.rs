//! Pairwise correlation of binned spike counts.

use super::measure::{Ended, Input, Measure, Takes, Watch, undefined};
use super::pairs::{Comparison, NEURONS, compare};
use super::trains::{Grid, Trains};
use crate::param::{ParamSpec, Unit};

pub const GROUP: &str = "Correlation";

pub static CORRELATION: Measure = Measure {
    group: GROUP,
    definition: "Pearson's correlation of the spike counts of two neurons in the same bins: 1 for equal counts, 0 for independent ones.",
    formula: "ρ = cov(nᵢ, nⱼ) / √(var nᵢ · var nⱼ)",
    params: &[
        ParamSpec::new("bin", "bin", Unit::Ms, 5.0, (0.01, 1e5), "Width of the bins in which spikes are counted.").slider(0.5, 200.0).log(),
        ParamSpec { default: 100.0, ..NEURONS },
    ],
    takes: Takes::Pairs,
    samples: "pairs",
    source: "Perkel, Gerstein & Moore 1967, doi:10.1016/S0006-3495(67)86597-4",
    elephant: "spike_train_correlation.correlation_coefficient",
    slow: true,
    ..Measure::new("correlation", "Correlation matrix", run)
};

/// Counts of one train: the bins that hold spikes, the sum and the sum of squares.
struct Counts {
    bins: Vec<(u32, u32)>,
    sum: f64,
    squares: f64,
}

impl Counts {
    fn new(train: &[f64], grid: &Grid) -> Self {
        let bins = grid.sparse(train);
        let sum = bins.iter().map(|b| f64::from(b.1)).sum();
        let squares = bins.iter().map(|b| f64::from(b.1) * f64::from(b.1)).sum();
        Self { bins, sum, squares }
    }

    /// n times the sum of squared deviations: whole numbers, so exact.
    fn spread(&self, n: f64) -> f64 {
        n * self.squares - self.sum * self.sum
    }
}

/// Pearson's correlation of two trains; none where the counts of one do not vary.
pub fn correlation(a: &[f64], b: &[f64], grid: &Grid) -> Option<f64> {
    let (a, b) = (Counts::new(a, grid), Counts::new(b, grid));
    let mut dense = vec![0; grid.n];
    a.bins.iter().for_each(|(bin, count)| dense[*bin as usize] = *count);
    pearson(&a, &b, &dense, grid.n as f64)
}

/// With the counts of `a` also as one number a bin.
fn pearson(a: &Counts, b: &Counts, dense: &[u32], n: f64) -> Option<f64> {
    let products: f64 = b.bins.iter().map(|(bin, count)| f64::from(dense[*bin as usize]) * f64::from(*count)).sum();
    let scale = a.spread(n).sqrt() * b.spread(n).sqrt();
    (scale > 0.0).then(|| ((n * products - a.sum * b.sum) / scale).clamp(-1.0, 1.0))
}

fn run(input: &Input<'_>, params: &[f64], watch: Watch<'_>) -> Ended {
    let trains: &Trains = input.trains;
    let grid = trains.grid(params[0]).map_err(undefined)?;
    if grid.n < 2 {
        return Err(undefined("the window holds a single bin; choose a narrower one"));
    }
    let most = params[1] as usize;
    let chosen = trains.active(1, most);
    let counts: Vec<Counts> = chosen.iter().map(|i| Counts::new(trains.train(*i), &grid)).collect();
    // `compare` asks by index of the neuron; the chosen ones are ascending.
    let place = |neuron: usize| chosen.partition_point(|i| *i < neuron);
    let mut dense = vec![0u32; grid.n];
    let mut spread: Option<usize> = None;
    let what = Comparison { name: "Correlation", unit: "", own: 1.0, least: 1 };
    compare(trains, most, &what, watch, |a, b| {
        let (a, b) = (&counts[place(a)], place(b));
        if spread != Some(b) {
            if let Some(old) = spread {
                counts[old].bins.iter().for_each(|(bin, _)| dense[*bin as usize] = 0);
            }
            counts[b].bins.iter().for_each(|(bin, count)| dense[*bin as usize] = *count);
            spread = Some(b);
        }
        pearson(&counts[b], a, &dense, grid.n as f64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_counts_correlate_fully_and_constant_ones_not_at_all() {
        let grid = Grid::new((0.0, 40.0), 10.0).expect("bins");
        let a = [1.0, 2.0, 25.0];
        assert!((correlation(&a, &a, &grid).expect("varies") - 1.0).abs() < 1e-15);
        assert_eq!(correlation(&a, &[5.0, 15.0, 25.0, 35.0], &grid), None);
    }
}
