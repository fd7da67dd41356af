//! Auto- and cross-correlograms: how often two spikes lie a given time apart, with what chance alone would give.

use super::correlation::GROUP;
use super::measure::{Ended, Input, Measure, Stop, Takes, Watch, tell, undefined};
use super::surrogate::{Surrogate, source, surrogate};
use super::trains::{Grid, Trains};
use super::value::{Axis, Curve, Report};
use crate::param::{ParamSpec, Unit};

/// Most lags on either side.
const MOST_LAGS: f64 = 20_000.0;

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new("bin", "bin", Unit::Ms, 1.0, (0.01, 1e4), "Width of the bins in which spikes are counted.").slider(0.1, 20.0).log(),
    ParamSpec::new("max_lag", "longest lag", Unit::Ms, 100.0, (0.01, 1e5), "Longest time between two spikes that is shown.")
        .slider(10.0, 1000.0)
        .log(),
    ParamSpec::choice(
        "unit",
        "as",
        &["counts", "coefficient", "rate"],
        0,
        "Pairs of spikes; their correlation coefficient; or the rate (Hz) of the second neuron at that lag from a spike of the first.",
    ),
    ParamSpec::flag("border", "border correction", false, "Make up for the pairs that the ends of the window cut off at long lags."),
    ParamSpec::choice(
        "correction",
        "correction",
        &["none", "shuffle", "jitter"],
        0,
        "Subtract what is left when the intervals of the second train are shuffled, or its spikes are jittered: what stays is exact timing.",
    ),
    ParamSpec::new("jitter", "jitter", Unit::Ms, 20.0, (0.01, 1e4), "How far a spike is moved at most either way.")
        .slider(1.0, 100.0)
        .log(),
    ParamSpec::new("surrogates", "surrogates", Unit::One, 20.0, (1.0, 1000.0), "Surrogates whose mean is subtracted.")
        .slider(1.0, 100.0)
        .count(),
];

pub static AUTO: Measure = Measure {
    group: GROUP,
    definition: "How often a neuron fires again at a given time after a spike: a gap at short lags is refractoriness, equal peaks are a \
rhythm. A spike is not paired with itself.",
    formula: "A(τ) = Σᵢ Σₜ nᵢ(t) nᵢ(t + τ)",
    params: PARAMS,
    takes: Takes::Each,
    samples: "spikes",
    min_samples: 50,
    source: "Perkel, Gerstein & Moore 1967, doi:10.1016/S0006-3495(67)86596-2",
    elephant: "spike_train_correlation.cross_correlation_histogram of a train with itself, less the spikes at lag 0",
    slow: true,
    ..Measure::new("autocorrelogram", "Auto-correlogram", auto)
};

pub static CROSS: Measure = Measure {
    group: GROUP,
    definition: "How often a spike of one neuron comes a given time after a spike of another: a peak at positive lags means that the second \
follows. Without a second group the pairs are those among the neurons of the first.",
    formula: "C(τ) = Σₜ n_a(t) n_b(t + τ)",
    params: PARAMS,
    takes: Takes::Pairs,
    samples: "spikes",
    min_samples: 50,
    source: "Perkel, Gerstein & Moore 1967, doi:10.1016/S0006-3495(67)86597-4",
    elephant: "spike_train_correlation.cross_correlation_histogram",
    slow: true,
    ..Measure::new("crosscorrelogram", "Cross-correlogram", cross)
};

/// Counts per bin that are not zero, of all trains together.
struct Pooled {
    bins: Vec<(u32, u32)>,
    sum: f64,
    squares: f64,
}

impl Pooled {
    fn of(times: &[f64], grid: &Grid) -> Self {
        if times.is_sorted() {
            return Self::new(grid.sparse(times));
        }
        let mut counts = vec![0u32; grid.n];
        times.iter().filter_map(|t| grid.bin(*t)).for_each(|bin| counts[bin] += 1);
        Self::new(counts.into_iter().enumerate().filter(|c| c.1 > 0).map(|(bin, c)| (bin as u32, c)).collect())
    }

    fn new(bins: Vec<(u32, u32)>) -> Self {
        let sum = bins.iter().map(|b| f64::from(b.1)).sum();
        let squares = bins.iter().map(|b| f64::from(b.1) * f64::from(b.1)).sum();
        Self { bins, sum, squares }
    }
}

/// Adds the number of pairs at each lag from −`reach` to `reach` bins.
fn add_lags(a: &Pooled, b: &Pooled, reach: usize, sign: f64, lags: &mut [f64]) {
    let mut first = 0;
    for (bin, count) in &a.bins {
        while first < b.bins.len() && (b.bins[first].0 as usize) + reach < *bin as usize {
            first += 1;
        }
        for (other, n) in b.bins[first..].iter().take_while(|o| o.0 as usize <= *bin as usize + reach) {
            lags[(*other as usize + reach) - *bin as usize] += sign * f64::from(*count) * f64::from(*n);
        }
    }
}

/// Pairs of spikes of two trains at each lag from −`reach` to `reach` bins (Elephant: `cross_correlation_histogram`).
pub fn pairs_by_lag(a: &[f64], b: &[f64], grid: &Grid, reach: usize) -> Vec<f64> {
    let mut lags = vec![0.0; 2 * reach + 1];
    add_lags(&Pooled::of(a, grid), &Pooled::of(b, grid), reach, 1.0, &mut lags);
    lags
}

/// What a correlogram is taken of.
struct Work<'a> {
    a: &'a Trains,
    /// The trains on the other side; none: each with itself, or all pairs of one group.
    b: Option<&'a Trains>,
    own: bool,
    grid: Grid,
    reach: usize,
    window: (f64, f64),
    seed: u64,
}

impl Work<'_> {
    /// Pairs at each lag; the second trains are replaced by surrogates where asked.
    fn lags(&self, how: Option<(Surrogate, usize)>) -> Vec<f64> {
        let mut lags = vec![0.0; 2 * self.reach + 1];
        let second = |i: usize, train: &[f64]| match how {
            Some((how, repeat)) => surrogate(train, how, self.window, &mut source(self.seed, i, repeat)),
            None => train.to_vec(),
        };
        if let Some(b) = self.b {
            let others: Vec<f64> = b.iter().enumerate().flat_map(|(i, t)| second(i, t)).collect();
            add_lags(&Pooled::of(self.a.times(), &self.grid), &Pooled::of(&others, &self.grid), self.reach, 1.0, &mut lags);
            return lags;
        }
        if !self.own {
            // All ordered pairs: everything with everything, less each with itself.
            let all: Vec<f64> = self.a.iter().enumerate().flat_map(|(i, t)| second(i, t)).collect();
            add_lags(&Pooled::of(self.a.times(), &self.grid), &Pooled::of(&all, &self.grid), self.reach, 1.0, &mut lags);
        }
        let sign = if self.own { 1.0 } else { -1.0 };
        for (i, train) in self.a.iter().enumerate() {
            let one = Pooled::of(train, &self.grid);
            let other = how.map(|_| Pooled::of(&second(i, train), &self.grid));
            add_lags(&one, other.as_ref().unwrap_or(&one), self.reach, sign, &mut lags);
            if self.own && how.is_none() {
                lags[self.reach] -= one.sum;
            }
        }
        lags
    }

    /// Factor and offset that turn counts into what is asked for; `pairs` is the number of neuron pairs behind them.
    fn scale(&self, unit: usize, pairs: f64) -> Result<(f64, f64), Stop> {
        let n = self.grid.n as f64;
        match unit {
            0 => Ok((1.0, 0.0)),
            1 => {
                if self.b.is_none_or(|b| b.len() != 1) && !(self.own && self.a.len() == 1) || self.a.len() != 1 {
                    return Err(undefined("a coefficient belongs to two neurons; select two, or show counts"));
                }
                let (x, y) = (Pooled::of(self.a.times(), &self.grid), Pooled::of(self.b.unwrap_or(self.a).times(), &self.grid));
                let scale = ((x.squares - x.sum * x.sum / n) * (y.squares - y.sum * y.sum / n)).sqrt();
                if !(scale > 0.0) {
                    return Err(undefined("the spike count of one of the trains is the same in every bin"));
                }
                Ok((1.0 / scale, -x.sum * y.sum / n / scale))
            }
            _ => {
                let spikes = self.a.n_spikes() as f64 * pairs / self.a.len() as f64;
                Ok((1.0 / (spikes * self.grid.width * 1e-3), 0.0))
            }
        }
    }
}

fn auto(input: &Input<'_>, params: &[f64], watch: Watch<'_>) -> Ended {
    run(input, None, true, params, watch)
}

fn cross(input: &Input<'_>, params: &[f64], watch: Watch<'_>) -> Ended {
    let trains = input.trains;
    match input.others {
        Some(others) => run(input, Some(others), false, params, watch),
        None if trains.len() < 2 => Err(undefined("it takes at least two neurons")),
        None if trains.len() == 2 => {
            let alone = |i: usize| Trains::new(&[trains.train(i)], trains.window()).map_err(undefined);
            let (a, b) = (alone(0)?, alone(1)?);
            run(&Input { trains: &a, ..*input }, Some(&b), false, params, watch)
        }
        None => run(input, None, false, params, watch),
    }
}

fn run(input: &Input<'_>, b: Option<&Trains>, own: bool, params: &[f64], watch: Watch<'_>) -> Ended {
    let a = input.trains;
    let grid = a.grid(params[0]).map_err(undefined)?;
    let reach = (params[1] / params[0] + 1e-8).floor();
    if !(1.0..=MOST_LAGS).contains(&reach) {
        return Err(undefined(format!("{reach} bins on either side; use 1 to {MOST_LAGS}")));
    }
    if reach as usize >= grid.n {
        return Err(undefined("the longest lag does not fit the window; choose a shorter lag or a longer window"));
    }
    if a.n_spikes() == 0 || b.is_some_and(|b| b.n_spikes() == 0) {
        return Err(undefined("one of the groups is silent in this window"));
    }
    let work = Work { a, b, own, grid, reach: reach as usize, window: a.window(), seed: input.seed };
    let raw = work.lags(None);
    let neurons = a.len() as f64;
    let pairs = b.map_or(if own { neurons } else { neurons * (neurons - 1.0) }, |b| neurons * b.len() as f64);
    let (factor, offset) = work.scale(params[2] as usize, pairs)?;
    let n = a.n_spikes() as u64;
    let finish = |lags: &[f64], offset: f64| -> Vec<f64> {
        let n_bins = grid.n as f64;
        let border = |i: usize| if params[3] != 0.0 { n_bins / (n_bins - (i as f64 - reach).abs()) } else { 1.0 };
        lags.iter().enumerate().map(|(i, c)| c * border(i) * factor + offset).collect()
    };
    let y = match params[2] as usize {
        0 => Axis::new("Pairs of spikes", ""),
        1 => Axis::new("Coefficient", ""),
        _ => Axis::new("Rate", "Hz"),
    };
    let xs: Vec<f64> = (0..raw.len()).map(|i| (i as f64 - reach) * params[0]).collect();
    let curve = |ys: Vec<f64>| Curve::line(Axis::new("Lag", "ms"), y.clone(), xs.clone(), ys);
    let how = match params[4] as usize {
        0 => return Ok(peak(Report::new(n), &xs, &finish(&raw, offset), &y).curve("Correlogram", curve(finish(&raw, offset)))),
        1 => Surrogate::Shuffle,
        _ => Surrogate::Jitter(params[5]),
    };
    let repeats = params[6] as usize;
    let mut chance = vec![0.0; raw.len()];
    let report = |chance: &[f64], repeats: f64| {
        let mean: Vec<f64> = chance.iter().map(|c| c / repeats).collect();
        let left: Vec<f64> = raw.iter().zip(&mean).map(|(r, c)| r - c).collect();
        // What chance gives is subtracted, so that the offset of the coefficient goes with it.
        peak(Report::new(n), &xs, &finish(&left, 0.0), &y)
            .curve("Corrected", curve(finish(&left, 0.0)))
            .curve("Correlogram", curve(finish(&raw, offset)))
            .curve("By chance", curve(finish(&mean, offset)))
    };
    for repeat in 0..repeats {
        work.lags(Some((how, repeat))).iter().zip(&mut chance).for_each(|(l, c)| *c += l);
        let done = (repeat + 1) as f64;
        tell(watch, done / repeats as f64, Some(&report(&chance, done)))?;
    }
    Ok(report(&chance, repeats as f64))
}

/// The highest value and where it lies.
fn peak(report: Report, xs: &[f64], ys: &[f64], y: &Axis) -> Report {
    let n = report.n;
    let best = (0..ys.len()).max_by(|i, j| ys[*i].total_cmp(&ys[*j]).then(xs[*j].abs().total_cmp(&xs[*i].abs())));
    match best {
        Some(i) => report.scalar("Peak", ys[i], &y.unit, n).scalar("Lag of the peak", xs[i], "ms", n),
        None => report,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_train_that_follows_gives_a_peak_at_its_delay() {
        let a: Vec<f64> = (0..50).map(|i| 10.0 + 20.0 * f64::from(i) + f64::from(i * i % 7)).collect();
        let b: Vec<f64> = a.iter().map(|t| t + 3.0).collect();
        let trains = Trains::new(&[a, b], (0.0, 1100.0)).expect("finite");
        let report = CROSS.plain(&trains);
        assert_eq!((report.number("Peak"), report.number("Lag of the peak")), (Some(50.0), Some(3.0)));
    }

    #[test]
    fn a_spike_is_not_paired_with_itself() {
        let trains = Trains::new(&[vec![10.0, 20.0, 30.0]], (0.0, 200.0)).expect("finite");
        let report = AUTO.plain(&trains);
        let Some(super::super::Value::Curve(curve)) = report.part("Correlogram") else { panic!("a curve") };
        assert_eq!((curve.ys[100], curve.ys[110], curve.ys[90], curve.ys[120]), (0.0, 2.0, 2.0, 1.0));
    }

    #[test]
    fn all_pairs_of_a_group_are_the_sum_over_its_pairs() {
        let trains = Trains::new(&[vec![10.0, 30.0], vec![11.0], vec![12.0, 90.0]], (0.0, 200.0)).expect("finite");
        let grid = trains.grid(1.0).expect("bins");
        let mut sum = vec![0.0; 201];
        for (i, j) in [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)] {
            pairs_by_lag(trains.train(i), trains.train(j), &grid, 100).iter().zip(&mut sum).for_each(|(x, s)| *s += x);
        }
        let report = CROSS.plain(&trains);
        let Some(super::super::Value::Curve(curve)) = report.part("Correlogram") else { panic!("a curve") };
        assert_eq!(curve.ys, sum);
    }

    #[test]
    fn independent_trains_keep_nothing_after_a_shuffle() {
        let clock = |period: f64, n: i32| (1..n).map(|i| f64::from(i) * period + f64::from(i * i % 5)).collect::<Vec<_>>();
        let trains = Trains::new(&[clock(17.0, 200), clock(23.0, 150)], (0.0, 3500.0)).expect("finite");
        let mut params = CROSS.defaults();
        (params[4], params[6]) = (1.0, 50.0);
        let report = CROSS.of(&Input::new(&trains), &params, &mut |_, _| true).expect("not cancelled");
        let Some(super::super::Value::Curve(curve)) = report.part("Corrected") else { panic!("a curve") };
        let mean = curve.ys.iter().sum::<f64>() / curve.ys.len() as f64;
        assert!(mean.abs() < 1.0, "{mean}");
    }
}
