//! Principal components of the neurons' smoothed rates: the path of the population's state, and in how many dimensions it moves.

use super::kernel::{Shape, convolve, kernel};
use super::measure::{Ended, Input, Measure, Takes, Watch, tell, undefined};
use super::trains::{Grid, Trains};
use super::value::{Axis, Curve, Points, Report, Value};
use crate::param::{ParamSpec, Unit};
use nalgebra::{DMatrix, SymmetricEigen};

pub static PCA: Measure = Measure {
    group: "Population",
    definition: "The rates of all neurons, smoothed, are a point that moves; shown are the three directions in which it moves most. The \
participation ratio says over how many dimensions the movement is spread: 1 for a line, N for all alike.",
    formula: "C = cov(rᵢ, rⱼ) = Σ λₖ uₖuₖᵀ;  explained λₖ / Σλ;  PR = (Σλ)² / Σλ²",
    params: &[
        ParamSpec::new("bin", "bin", Unit::Ms, 10.0, (0.1, 1e4), "Width of the bins in which spikes are counted.").slider(1.0, 100.0).log(),
        ParamSpec::new("sigma", "σ", Unit::Ms, 20.0, (0.0, 1e4), "Standard deviation of the Gaussian that smooths the counts; 0: none.")
            .slider(0.0, 200.0),
        ParamSpec::new("neurons", "neurons", Unit::One, 200.0, (2.0, 1000.0), "Most neurons that are looked at.")
            .slider(10.0, 500.0)
            .log()
            .count(),
    ],
    takes: Takes::Population,
    samples: "time points",
    min_samples: 20,
    source: "Cunningham & Yu 2014, doi:10.1038/nn.3776; Gao & Ganguli 2015, doi:10.1016/j.conb.2015.04.003",
    slow: true,
    ..Measure::new("pca", "Principal components", run)
};

/// What the components of a population are.
#[derive(Clone, Debug, PartialEq)]
pub struct Components {
    /// Variances along the components (Hz²), descending.
    pub variances: Vec<f64>,
    /// The state along each of the first components at each time, `[component][time]`, Hz.
    pub path: Vec<Vec<f64>>,
}

/// Rates of the neurons (Hz): binned counts, smoothed with a Gaussian of `sigma` ms where it is not 0.
pub fn rates(trains: &Trains, neurons: &[usize], grid: &Grid, sigma: f64) -> Vec<Vec<f64>> {
    let smooth = (sigma > 0.0).then(|| kernel(Shape::Gaussian, sigma, grid.width));
    let one = |neuron: &usize| {
        let mut counts = vec![0.0; grid.n];
        for (bin, count) in grid.sparse(trains.train(*neuron)) {
            counts[bin as usize] = f64::from(count);
        }
        match &smooth {
            Some(kernel) => convolve(&counts, kernel),
            None => counts.into_iter().map(|c| c / (grid.width * 1e-3)).collect(),
        }
    };
    neurons.iter().map(one).collect()
}

/// Components of `rates` (`[neuron][time]`), with the path along the first `n` of them; covariances are divided by the number of times.
///
/// A component points where its largest entry is positive, so that pictures do not flip.
pub fn components(rates: &[Vec<f64>], n: usize) -> Option<Components> {
    let (rows, times) = (rates.len(), rates.first()?.len());
    if times < 2 {
        return None;
    }
    let mut x = DMatrix::from_fn(rows, times, |i, t| rates[i][t]);
    for mut row in x.row_iter_mut() {
        let mean = row.sum() / times as f64;
        row.add_scalar_mut(-mean);
    }
    // The smaller of both Gram matrices has the same eigenvalues.
    let by_neuron = rows <= times;
    let gram = if by_neuron { &x * x.transpose() } else { x.transpose() * &x } / times as f64;
    let eigen = SymmetricEigen::new(gram);
    let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
    let variances: Vec<f64> = order.iter().map(|k| eigen.eigenvalues[*k].max(0.0)).collect();
    let path = order.iter().zip(&variances).take(n).map(|(k, variance)| {
        let vector = eigen.eigenvectors.column(*k);
        let direction = if by_neuron { vector.into_owned() } else { &x * vector / (variance * times as f64).sqrt().max(f64::MIN_POSITIVE) };
        let sign = if direction.iter().fold(0.0f64, |m, v| if v.abs() > m.abs() { *v } else { m }) < 0.0 { -1.0 } else { 1.0 };
        (x.transpose() * direction * sign).iter().copied().collect()
    });
    Some(Components { path: path.collect(), variances })
}

/// (Σλ)² / Σλ²; none where nothing varies.
pub fn participation_ratio(variances: &[f64]) -> Option<f64> {
    let squares: f64 = variances.iter().map(|v| v * v).sum();
    let sum: f64 = variances.iter().sum();
    (squares > 0.0).then(|| sum * sum / squares)
}

fn run(input: &Input<'_>, params: &[f64], watch: Watch<'_>) -> Ended {
    let trains = input.trains;
    let chosen = trains.active(1, params[2] as usize);
    if chosen.len() < 2 {
        return Err(undefined("fewer than two neurons fired in this window"));
    }
    let grid = trains.grid(params[0]).map_err(undefined)?;
    if grid.n < 3 {
        return Err(undefined("the window holds fewer than three bins; choose narrower ones"));
    }
    let all = rates(trains, &chosen, &grid, params[1]);
    // First a few neurons, so that something is there at once.
    let mut some = 40;
    while some < all.len() {
        let so_far = report(&all[..some], &grid);
        tell(watch, libm::pow(some as f64 / all.len() as f64, 3.0), so_far.as_ref())?;
        some *= 3;
    }
    let whole = report(&all, &grid).ok_or_else(|| undefined("no rate varies in this window"))?;
    let left_out = trains.len() - chosen.len();
    Ok(if left_out > 0 { whole.noting(format!("the first {} of {} neurons that fired", chosen.len(), trains.len())) } else { whole })
}

fn report(rates: &[Vec<f64>], grid: &Grid) -> Option<Report> {
    let found = components(rates, 3)?;
    let ratio = participation_ratio(&found.variances)?;
    let total: f64 = found.variances.iter().sum();
    let explained: Vec<f64> = found.variances.iter().map(|v| v / total).collect();
    let n = grid.n as u64;
    let mut report = Report::new(n).scalar("Participation ratio", ratio, "", n);
    for (k, part) in explained.iter().take(3).enumerate() {
        report = report.scalar(&format!("Explained by PC{}", k + 1), *part, "", n);
    }
    let axes = (1..=found.path.len()).map(|k| Axis::new(format!("PC{k}"), "Hz")).collect();
    let ks = (1..=explained.len()).map(|k| k as f64).collect();
    Some(
        report
            .with("Trajectory", Value::Points(Points { axes, columns: found.path, joined: true }))
            .curve("Explained variance", Curve::line(Axis::new("Component", ""), Axis::new("Fraction", ""), ks, explained)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waves(n: usize) -> Vec<Vec<f64>> {
        let wave = |k: usize| (0..240).map(|t| libm::sin(2.0 * std::f64::consts::PI * (k + 1) as f64 * f64::from(t) / 240.0)).collect();
        (0..n).map(wave).collect()
    }

    #[test]
    fn equal_variances_over_d_dimensions_have_the_participation_ratio_d() {
        let found = components(&waves(7), 3).expect("varies");
        assert!((participation_ratio(&found.variances).expect("varies") - 7.0).abs() < 1e-9);
        assert!(found.variances.iter().all(|v| (v - 0.5).abs() < 1e-9));
    }

    #[test]
    fn both_ways_of_computing_agree() {
        let rates: Vec<Vec<f64>> = (0..30).map(|i| (0..20).map(|t| f64::from((i * i + 7 * t * i + t * t) % 23)).collect()).collect();
        let turned = components(&rates, 2).expect("varies");
        let x: Vec<Vec<f64>> = rates.iter().map(|r| r.iter().chain(r).copied().collect()).collect();
        // Twice the same times: equal covariances, now with fewer neurons than times.
        let straight = components(&x, 2).expect("varies");
        for k in 0..2 {
            assert!((turned.variances[k] - straight.variances[k]).abs() < 1e-9 * turned.variances[0]);
            for t in 0..20 {
                assert!((turned.path[k][t] - straight.path[k][t]).abs() < 1e-6, "{k} {t}");
            }
        }
    }

    #[test]
    fn a_line_has_one_dimension() {
        let rates: Vec<Vec<f64>> = (1..5).map(|k| waves(1)[0].iter().map(|x| x * f64::from(k)).collect()).collect();
        let found = components(&rates, 1).expect("varies");
        assert!((participation_ratio(&found.variances).expect("varies") - 1.0).abs() < 1e-9);
        assert_eq!(participation_ratio(&[0.0, 0.0]), None);
    }
}
