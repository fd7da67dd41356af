//! Inter-spike intervals as a histogram and as a map from each to the next.

use super::irregularity::GROUP;
use super::isi::Moments;
use super::measure::{Ended, Input, Measure, Takes, Watch, undefined};
use super::value::{Axis, Curve, Points, Report, Value};
use crate::param::{ParamSpec, Unit};

/// Most bars of a histogram.
const MOST_BARS: usize = 10_000;
/// Most points of a return map: more cannot be told apart.
const MOST_POINTS: usize = 20_000;

pub static HISTOGRAM: Measure = Measure {
    group: GROUP,
    definition: "How often which time passes between two spikes of a neuron.",
    formula: "Iₖ = tₖ₊₁ − tₖ",
    unit: "ms",
    params: &[
        ParamSpec::new("bin", "bin", Unit::Ms, 2.0, (1e-3, 1e5), "Width of a bar.").slider(0.1, 100.0).log(),
        ParamSpec::flag("log", "log", false, "Bars of equal width on a logarithmic axis: short and long intervals in one picture."),
        ParamSpec::new("per_decade", "per decade", Unit::One, 20.0, (1.0, 1000.0), "Bars between 1 and 10 ms on a logarithmic axis.")
            .slider(5.0, 50.0)
            .count(),
    ],
    takes: Takes::Each,
    samples: "intervals",
    min_samples: 50,
    source: "Perkel, Gerstein & Moore 1967, doi:10.1016/S0006-3495(67)86596-2",
    elephant: "statistics.isi",
    ..Measure::new("isi", "Inter-spike intervals", histogram)
};

pub static RETURN_MAP: Measure = Measure {
    group: GROUP,
    definition: "Each interval against the next: points on the diagonal repeat, off it alternate; bursts make an L.",
    formula: "(Iₖ, Iₖ₊₁);  ρ₁ = corr(Iₖ, Iₖ₊₁)",
    takes: Takes::Each,
    samples: "pairs of intervals",
    min_samples: 20,
    source: "Perkel, Gerstein & Moore 1967, doi:10.1016/S0006-3495(67)86596-2",
    ..Measure::new("return_map", "Return map", return_map)
};

fn histogram(input: &Input<'_>, params: &[f64], _: Watch<'_>) -> Ended {
    let (mut n, mut sum, mut shortest, mut longest) = (0u64, 0.0, f64::INFINITY, 0.0f64);
    let intervals = || input.trains.iter().flat_map(|t| t.windows(2).map(|w| w[1] - w[0]));
    for i in intervals() {
        n += 1;
        sum += i;
        shortest = shortest.min(i);
        longest = longest.max(i);
    }
    if n == 0 {
        return Err(undefined("no neuron fired twice in this window"));
    }
    let mean = sum / n as f64;
    let variance = intervals().map(|i| (i - mean) * (i - mean)).sum::<f64>() / n as f64;
    let edges = if params[1] != 0.0 { log_edges(shortest, longest, params[2]) } else { edges(longest, params[0]) };
    let edges = edges.map_err(undefined)?;
    let mut counts = vec![0.0; edges.len() - 1];
    if params[1] != 0.0 {
        for i in intervals() {
            let bar = edges.partition_point(|e| *e <= i).saturating_sub(1);
            counts[bar.min(edges.len() - 2)] += 1.0;
        }
    } else {
        for i in intervals() {
            // The same tolerance as for bins in time: intervals of whole steps carry rounding errors.
            counts[((i / params[0] + 1e-8) as usize).min(edges.len() - 2)] += 1.0;
        }
    }
    let x = Axis::new("Interval", "ms");
    let x = if params[1] != 0.0 { x.log() } else { x };
    Ok(Report::new(n)
        .scalar("Mean interval", mean, "ms", n)
        .scalar("Standard deviation", variance.sqrt(), "ms", n)
        .scalar("Shortest", shortest, "ms", n)
        .scalar("Longest", longest, "ms", n)
        .curve("Intervals", Curve::bars(x, Axis::new("Intervals", ""), edges, counts)))
}

fn edges(longest: f64, bin: f64) -> Result<Vec<f64>, String> {
    let n = (longest / bin + 1e-8).floor() as usize + 1;
    if n > MOST_BARS {
        return Err(format!("intervals of up to {longest:.0} ms take too many bars of {bin} ms; use wider ones or the logarithmic axis"));
    }
    Ok((0..=n).map(|i| i as f64 * bin).collect())
}

/// Bars of equal width on a logarithmic axis, whose borders include the powers of ten. Intervals of zero are counted in the first.
fn log_edges(shortest: f64, longest: f64, per_decade: f64) -> Result<Vec<f64>, String> {
    if longest <= 0.0 {
        return Err("all intervals are zero: they have no place on a logarithmic axis".into());
    }
    let low = (libm::log10(shortest.max(1e-3)) * per_decade + 1e-8).floor() as i64;
    let high = (libm::log10(longest.max(1e-3)) * per_decade + 1e-8).floor() as i64 + 1;
    Ok((low..=high.max(low + 1)).map(|i| libm::pow(10.0, i as f64 / per_decade)).collect())
}

fn return_map(input: &Input<'_>, _: &[f64], _: Watch<'_>) -> Ended {
    let pairs = || input.trains.iter().flat_map(|t| t.windows(3).map(|w| (w[1] - w[0], w[2] - w[1])));
    let n = pairs().count();
    if n == 0 {
        return Err(undefined("no neuron fired three times in this window"));
    }
    let (mut sx, mut sy) = (Moments::default(), Moments::default());
    pairs().for_each(|(a, b)| {
        sx.add(a);
        sy.add(b);
    });
    let covariance = pairs().map(|(a, b)| (a - sx.mean()) * (b - sy.mean())).sum::<f64>() / n as f64;
    let scale = sx.sd() * sy.sd();
    let correlation = (n > 1 && scale > 1e-12 * sx.mean() * sy.mean()).then(|| covariance / scale);
    let every = n.div_ceil(MOST_POINTS);
    let (xs, ys): (Vec<f64>, Vec<f64>) = pairs().step_by(every).unzip();
    let points = Points { axes: vec![Axis::new("Interval", "ms"), Axis::new("Next interval", "ms")], columns: vec![xs, ys], joined: false };
    let report = Report::new(n as u64)
        .maybe("Serial correlation", correlation, "", n as u64, "all intervals are equal")
        .with("Intervals", Value::Points(points));
    Ok(if every > 1 { report.noting(format!("one of {every} points shown")) } else { report })
}
