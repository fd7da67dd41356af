//! Irregularity of inter-spike intervals: CV, CV2, LV and LvR as measures.

use super::isi;
use super::measure::{Ended, Input, Measure, Takes, Watch, undefined};
use super::trains::Trains;
use super::value::{Axis, Curve, Report};
use crate::param::{ParamSpec, Unit};

pub const GROUP: &str = "Intervals";

pub static CV: Measure = Measure {
    group: GROUP,
    definition: "Standard deviation of a neuron's inter-spike intervals over their mean: 0 for a clock, 1 for a Poisson process. Slow \
changes of the rate raise it.",
    formula: "CV = sd(I) / mean(I)",
    unit: "",
    takes: Takes::Each,
    samples: "neurons with 5 intervals",
    source: "Softky & Koch 1993, doi:10.1523/JNEUROSCI.13-01-00334.1993",
    elephant: "statistics.cv(statistics.isi(train))",
    ..Measure::new("cv", "Coefficient of variation", |input, _, _| over_trains(input, "CV", isi::cv))
};

pub static CV2: Measure = Measure {
    group: GROUP,
    definition: "Mean difference of neighbouring intervals relative to their mean: 0 for a clock, 1 for a Poisson process. Slow changes of \
the rate leave it alone.",
    formula: "CV2 = ⟨2 |Iₖ₊₁ − Iₖ| / (Iₖ₊₁ + Iₖ)⟩",
    takes: Takes::Each,
    samples: "neurons with 5 intervals",
    source: "Holt, Softky, Koch & Douglas 1996, doi:10.1152/jn.1996.75.5.1806",
    elephant: "statistics.cv2",
    ..Measure::new("cv2", "CV2", |input, _, _| over_trains(input, "CV2", isi::cv2))
};

pub static LV: Measure = Measure {
    group: GROUP,
    definition: "Local variation of the intervals: 0 for a clock, 1 for a Poisson process. Slow changes of the rate leave it alone.",
    formula: "LV = 3/(n−1) Σ ((Iₖ − Iₖ₊₁) / (Iₖ + Iₖ₊₁))²",
    takes: Takes::Each,
    samples: "neurons with 5 intervals",
    source: "Shinomoto, Shima & Tanji 2003, doi:10.1162/089976603322518759",
    elephant: "statistics.lv",
    ..Measure::new("lv", "Local variation", |input, _, _| over_trains(input, "LV", isi::lv))
};

pub static LVR: Measure = Measure {
    group: GROUP,
    definition: "Local variation with the refractory time R taken out, so that it depends less on the rate.",
    formula: "LvR = 3/(n−1) Σ (1 − 4 Iₖ Iₖ₊₁ / S²)(1 + 4R/S),  S = Iₖ + Iₖ₊₁",
    params: &[ParamSpec::new("r", "R", Unit::Ms, 5.0, (0.0, 1000.0), "Refractoriness that is compensated.").slider(0.0, 20.0)],
    takes: Takes::Each,
    samples: "neurons with 5 intervals",
    source: "Shinomoto et al. 2009, doi:10.1371/journal.pcbi.1000433",
    elephant: "statistics.lvr",
    ..Measure::new("lvr", "Revised local variation", lvr)
};

fn lvr(input: &Input<'_>, params: &[f64], _: Watch<'_>) -> Ended {
    over_trains(input, "LvR", |train| isi::lvr(train, params[0]))
}

/// Mean of `of` over those trains that have enough intervals, with its spread. A single train is taken as it is.
fn over_trains(input: &Input<'_>, name: &str, of: impl Fn(&[f64]) -> Option<f64>) -> Ended {
    let trains = input.trains;
    let least = if trains.len() == 1 { 2 } else { isi::MIN_INTERVALS as usize };
    let mut moments = isi::Moments::default();
    let mut values = Vec::new();
    for train in trains.iter().filter(|t| t.len() > least) {
        if let Some(value) = of(train) {
            moments.add(value);
            values.push(value);
        }
    }
    if values.is_empty() {
        return Err(undefined(too_few(trains, least)));
    }
    let mut report = Report::new(moments.n()).scalar(name, moments.mean(), "", moments.n());
    if moments.n() > 1 {
        report = report.scalar("Spread over neurons", moments.sd(), "", moments.n()).curve("Neurons", distribution(name, "", &values));
    } else if let Some(train) = trains.iter().find(|t| t.len() > least)
        && train.len() <= isi::MIN_INTERVALS as usize
    {
        report = report.noting(format!("only {} intervals; with fewer than {} it is biased", train.len() - 1, isi::MIN_INTERVALS));
    }
    let left_out = trains.len() as u64 - moments.n();
    Ok(if left_out > 0 { report.noting(format!("{left_out} of {} neurons have too few intervals", trains.len())) } else { report })
}

fn too_few(trains: &Trains, least: usize) -> String {
    match trains.iter().map(<[f64]>::len).max() {
        Some(0) | None => "no neuron fired in this window".into(),
        Some(most) if most <= least => format!("no neuron has {least} intervals in this window; choose a longer one"),
        _ => "neighbouring intervals are both of length zero".into(),
    }
}

/// Histogram over neurons of a number that each of them has, in equal bins (their number by the square root rule, 5 to 50).
pub fn distribution(name: &str, unit: &str, values: &[f64]) -> Curve {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // All equal: one bar around the value.
    let (low, high) = if high > low { (low, high) } else { (low - 0.5, low + 0.5) };
    let n = ((values.len() as f64).sqrt() as usize).clamp(5, 50);
    let width = (high - low) / n as f64;
    let mut counts = vec![0.0; n];
    for value in values {
        counts[(((value - low) / width) as usize).min(n - 1)] += 1.0;
    }
    let edges = (0..=n).map(|i| low + i as f64 * width).collect();
    Curve::bars(Axis::new(name, unit), Axis::new("Neurons", ""), edges, counts)
}
