//! Measures of two trains, taken over all pairs of a population: mean, spread and matrix, refined as more neurons come in.

use super::irregularity::distribution;
use super::isi::Moments;
use super::measure::{Ended, Stop, Watch, tell, undefined};
use super::trains::Trains;
use super::value::{Axis, Matrix, Report, Value};
use crate::param::{ParamSpec, Unit};

/// How many neurons are compared with each other.
pub const NEURONS: ParamSpec =
    ParamSpec::new("neurons", "neurons", Unit::One, 50.0, (2.0, 2000.0), "Most neurons that are compared with each other.")
        .slider(2.0, 500.0)
        .log()
        .count();

/// What is compared, and how the result is named.
pub struct Comparison<'a> {
    pub name: &'a str,
    pub unit: &'a str,
    /// The value of a train with itself: the diagonal of the matrix.
    pub own: f64,
    /// Spikes a train must have to be compared.
    pub least: usize,
}

/// Compares the first `most` neurons that fired with each other. Each doubling of the neurons is told to `watch`.
///
/// `of` gives none where the two trains do not define the measure; it gets their indices, ascending.
pub fn compare(
    trains: &Trains,
    most: usize,
    what: &Comparison<'_>,
    watch: Watch<'_>,
    mut of: impl FnMut(usize, usize) -> Option<f64>,
) -> Ended {
    let chosen = trains.active(what.least, most);
    if chosen.len() < 2 {
        return Err(few(trains, what));
    }
    let n = chosen.len();
    let n_pairs = n * (n - 1) / 2;
    let mut values = vec![what.own; n * n];
    let (mut done, mut missing, mut next_look) = (0usize, 0, 8);
    // Row by row: after k rows the first k neurons are complete.
    for row in 1..n {
        for col in 0..row {
            let value = of(chosen[col], chosen[row]);
            missing += usize::from(value.is_none());
            // Never shown: a pair that is not defined ends the matrix below.
            let value = value.filter(|v| v.is_finite()).unwrap_or(f64::NAN);
            values[row * n + col] = value;
            values[col * n + row] = value;
            done += 1;
        }
        if row + 1 == next_look && row + 1 < n {
            next_look *= 2;
            let so_far = report(&chosen[..=row], &values, n, what);
            tell(watch, done as f64 / n_pairs as f64, Some(&so_far))?;
        } else if row % 8 == 0 {
            tell(watch, done as f64 / n_pairs as f64, None)?;
        }
    }
    let whole = report(&chosen, &values, n, what);
    if whole.n == 0 {
        return Err(undefined(format!("none of the {n_pairs} pairs of trains defines it")));
    }
    let whole = if missing > 0 { whole.noting(format!("{missing} of {n_pairs} pairs do not define it")) } else { whole };
    let left_out = trains.len() - n;
    Ok(if left_out > 0 { whole.noting(format!("the first {n} of {} neurons that fired enough", trains.len())) } else { whole })
}

fn few(trains: &Trains, what: &Comparison<'_>) -> Stop {
    if trains.len() < 2 {
        return undefined("it takes at least two neurons");
    }
    let spikes = if what.least == 1 { "fired".to_owned() } else { format!("fired {} spikes", what.least) };
    undefined(format!("fewer than two neurons {spikes} in this window"))
}

/// What is known of the first neurons, whose matrix lies in the upper left of one with `n` columns.
fn report(neurons: &[usize], values: &[f64], n: usize, what: &Comparison<'_>) -> Report {
    let m = neurons.len();
    let mut moments = Moments::default();
    let mut pairs = Vec::with_capacity(m * (m - 1) / 2);
    for row in 1..m {
        for value in values[row * n..row * n + row].iter().filter(|v| v.is_finite()) {
            moments.add(*value);
            pairs.push(*value);
        }
    }
    let report = Report::new(moments.n());
    if pairs.is_empty() {
        return report;
    }
    let report = report.scalar(what.name, moments.mean(), what.unit, moments.n());
    if m == 2 {
        return report;
    }
    let ids: Vec<f64> = neurons.iter().map(|i| *i as f64).collect();
    let square: Vec<f64> = (0..m).flat_map(|row| values[row * n..row * n + m].iter().copied()).collect();
    let report = report.scalar("Spread over pairs", moments.sd(), what.unit, moments.n());
    let report = if square.iter().all(|v| v.is_finite()) {
        let (x, y) = (Axis::new("Neuron", ""), Axis::new("Neuron", ""));
        report.with("Pairs", Value::Matrix(Matrix { x, y, z: Axis::new(what.name, what.unit), xs: ids.clone(), ys: ids, values: square }))
    } else {
        report.with("Pairs", Value::undefined("some pairs do not define it"))
    };
    let mut curve = distribution(what.name, what.unit, &pairs);
    curve.y = Axis::new("Pairs", "");
    report.curve("Distribution", curve)
}
