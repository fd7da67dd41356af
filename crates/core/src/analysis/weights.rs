//! Statistics of synaptic weights.

use super::isi::Moments;
use super::measure::{Ended, Input, Measure, Takes, Watch, undefined};
use super::value::{Axis, Curve, Report, Table, Value};
use crate::param::{ParamSpec, Unit};

/// Which parts of the distribution are given.
const QUANTILES: [f64; 7] = [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0];

pub static WEIGHTS: Measure = Measure {
    group: "Weights",
    definition: "Mean, spread and quantiles of the weights, and how many lie at the bounds of their plasticity. The bimodality coefficient is \
above 0.555 (that of a uniform distribution) where weights gather in two heaps.",
    formula: "b = (γ² + 1) / κ  (γ skewness, κ kurtosis)",
    params: &[
        ParamSpec::new("bars", "bars", Unit::One, 50.0, (2.0, 1000.0), "Bars of the histogram.").slider(10.0, 200.0).count(),
        ParamSpec::new("edge", "at the bound", Unit::One, 0.05, (0.0, 0.5), "Part of the range at either end that counts as at the bound.")
            .slider(0.0, 0.2),
    ],
    takes: Takes::Weights,
    samples: "weights",
    min_samples: 10,
    source: "Pfister et al. 2013, doi:10.3389/fpsyg.2013.00700 (bimodality coefficient)",
    ..Measure::new("weights", "Weight statistics", run)
};

/// The value below which a part `q` of the ascending `sorted` lies, interpolated (numpy's default).
pub fn quantile(sorted: &[f32], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = q.clamp(0.0, 1.0) * last as f64;
    let (low, high) = (f64::from(sorted[at as usize]), f64::from(sorted[(at as usize + 1).min(last)]));
    Some(low + (high - low) * at.fract())
}

/// (γ² + 1) / κ with the moments of the population; none where all values are equal.
pub fn bimodality(values: &[f32]) -> Option<f64> {
    let mut moments = Moments::default();
    values.iter().for_each(|w| moments.add(f64::from(*w)));
    let (mean, sd, n) = (moments.mean(), moments.sd(), values.len() as f64);
    if !(sd > 0.0) {
        return None;
    }
    let (cubes, fourths) = values.iter().fold((0.0, 0.0), |(c, f), w| {
        let z = (f64::from(*w) - mean) / sd;
        (c + z * z * z, f + z * z * z * z)
    });
    let (skewness, kurtosis) = (cubes / n, fourths / n);
    Some((skewness * skewness + 1.0) / kurtosis)
}

fn run(input: &Input<'_>, params: &[f64], _: Watch<'_>) -> Ended {
    let Some(weights) = input.weights.filter(|w| !w.values.is_empty()) else {
        return Err(undefined("there are no synapses"));
    };
    if weights.values.iter().any(|w| !w.is_finite()) {
        return Err(undefined("a weight is not a finite number"));
    }
    let mut sorted = weights.values.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let mut moments = Moments::default();
    sorted.iter().for_each(|w| moments.add(f64::from(*w)));
    let (unit, n) = (weights.unit, moments.n());
    let mut report = Report::new(n).scalar("Mean", moments.mean(), unit, n).scalar("Standard deviation", moments.sd(), unit, n);
    report = report.maybe("Median", quantile(&sorted, 0.5), unit, n, "there are no weights");
    if let Some((low, high)) = weights.bounds.filter(|b| b.1 > b.0) {
        let margin = params[1] * (high - low);
        let below = sorted.partition_point(|w| f64::from(*w) <= low + margin);
        let above = sorted.len() - sorted.partition_point(|w| f64::from(*w) < high - margin);
        report = report.scalar("At the lower bound", below as f64 / n as f64, "", n);
        report = report.scalar("At the upper bound", above as f64 / n as f64, "", n);
    }
    report = report.maybe("Bimodality", bimodality(&sorted), "", n, "all weights are equal");
    let rows = QUANTILES.iter().filter_map(|q| Some(vec![format!("{q}"), format!("{:.6}", quantile(&sorted, *q)?)])).collect();
    let table = Table { columns: vec![Axis::new("Quantile", ""), Axis::new("Weight", unit)], rows };
    Ok(report.curve("Weights", histogram(&sorted, params[0] as usize, weights.bounds, unit)).with("Quantiles", Value::Table(table)))
}

/// Over the bounds where there are some, else over the range of the weights.
fn histogram(sorted: &[f32], bars: usize, bounds: Option<(f64, f64)>, unit: &str) -> Curve {
    let (least, most) = (f64::from(sorted[0]), f64::from(sorted[sorted.len() - 1]));
    let (low, high) = bounds.map_or((least, most), |(low, high)| (low.min(least), high.max(most)));
    let (low, high) = if high > low { (low, high) } else { (low - 0.5, high + 0.5) };
    let width = (high - low) / bars as f64;
    let mut counts = vec![0.0; bars];
    for w in sorted {
        counts[(((f64::from(*w) - low) / width) as usize).min(bars - 1)] += 1.0;
    }
    let edges = (0..=bars).map(|i| low + i as f64 * width).collect();
    Curve::bars(Axis::new("Weight", unit), Axis::new("Synapses", ""), edges, counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Trains, Weights};

    #[test]
    fn quantiles_are_interpolated_and_bounds_counted() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), Some(3.0));
        let values: Vec<f32> = vec![0.0, 0.0, 0.5, 1.0];
        let trains = Trains::default();
        let input = Input { weights: Some(Weights { values: &values, unit: "pA", bounds: Some((0.0, 1.0)) }), ..Input::new(&trains) };
        let report = WEIGHTS.of(&input, &WEIGHTS.defaults(), &mut |_, _| true).expect("done");
        assert_eq!((report.number("At the lower bound"), report.number("At the upper bound")), (Some(0.5), Some(0.25)));
        assert_eq!((report.number("Mean"), report.number("Median")), (Some(0.375), Some(0.25)));
    }

    #[test]
    fn two_heaps_are_bimodal_and_a_uniform_distribution_is_at_its_limit() {
        let uniform: Vec<f32> = (0..10_000).map(|i| i as f32).collect();
        let heaps: Vec<f32> = (0..1000).map(|i| if i % 2 == 0 { 0.0 } else { 1.0 }).collect();
        assert!((bimodality(&uniform).expect("varies") - 0.555_555).abs() < 1e-4);
        assert!((bimodality(&heaps).expect("varies") - 1.0).abs() < 1e-12);
        assert_eq!(bimodality(&[2.0; 5]), None);
    }
}
