//! What the curves panel asks of the background, and the work itself: rough first, then finer.

use super::super::super::worker::Stop;
use serde::{Deserialize, Serialize};
use spikeground_core::lab::curve::{
    self, Cell, Critical, Direction, Excitability, Impedance, Measures, Noise, Pair, Rest, Sweep, Threshold,
};
use spikeground_core::param::Unit;

/// What a curve shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    #[default]
    Rate,
    Latency,
    Adaptation,
    Noise,
    Strength,
    Pairs,
    Impedance,
    Bifurcation,
    Map,
}

/// Width of each of two pulses, ms.
pub const PULSE: f64 = 4.0;

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::Rate,
        Self::Latency,
        Self::Adaptation,
        Self::Noise,
        Self::Strength,
        Self::Pairs,
        Self::Impedance,
        Self::Bifurcation,
        Self::Map,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Rate => "Firing rate",
            Self::Latency => "First-spike latency",
            Self::Adaptation => "Adaptation index",
            Self::Noise => "CV against noise",
            Self::Strength => "Strength–duration",
            Self::Pairs => "Pulse pairs",
            Self::Impedance => "Impedance",
            Self::Bifurcation => "Bifurcation diagram",
            Self::Map => "Rate over two parameters",
        }
    }

    pub fn definition(self) -> &'static str {
        match self {
            Self::Rate => {
                "Inverse of the mean interval in the later half of 2 s; up and down: one neuron whose state is carried from value to value"
            }
            Self::Latency => "Time from the switching on, at rest, to the first spike",
            Self::Adaptation => "Mean of (next − this)/(next + this) over successive intervals: 0 regular, positive when it slows down",
            Self::Noise => {
                "Standard deviation of the intervals over their mean, under white noise of the given size (over 1 ms) besides the constant current"
            }
            Self::Strength => "Weakest current pulse, from rest, that is followed by a spike within 50 ms of its end",
            Self::Pairs => {
                "Weakest two pulses of 4 ms, so far apart, that are followed by a spike; dashed: the weakest single pulse. Dips are intervals it resonates to"
            }
            Self::Impedance => "Amplitude of v over that of a small sine current, and its phase (negative: v lags)",
            Self::Bifurcation => {
                "Where v can stand still (solid: stable, dashed: unstable) and, where it fires, its lowest and highest value"
            }
            Self::Map => "Inverse of the mean interval in the later half of 1 s, from rest, for each pair of values",
        }
    }

    /// Whether a parameter of the model runs along the axis.
    pub fn sweeps(self) -> bool {
        !matches!(self, Self::Noise | Self::Strength | Self::Pairs | Self::Impedance)
    }
}

/// One question.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub kind: Kind,
    /// The cell; of a swept parameter it holds the lowest value, so that moving its slider asks nothing new.
    pub cell: Cell,
    pub param: usize,
    /// Ends of the axis.
    pub range: (f64, f64),
    pub second: usize,
    pub second_range: (f64, f64),
}

/// What was found so far.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    Sweep {
        rest: Vec<Measures>,
        up: Vec<Measures>,
        down: Vec<Measures>,
        /// Lowest value at which it goes on firing.
        onset: Option<f64>,
        /// Whether the rate grows from nought there.
        class: Option<Excitability>,
    },
    /// Thresholds by interval, that of a single pulse, and the rest with its ringing.
    Pairs {
        points: Vec<Pair>,
        single: Option<f64>,
        rest: Option<Rest>,
    },
    Noise(Vec<Measures>),
    Strength(Vec<Threshold>),
    Impedance(Vec<Impedance>),
    Bifurcation {
        points: Vec<Measures>,
        rests: Vec<Rest>,
        critical: Vec<Critical>,
    },
    /// Of so many values of the first parameter.
    Map(Vec<Measures>, usize),
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub result: Result<Found, String>,
    /// 0 to 1.
    pub progress: f64,
}

/// The worker's whole work.
pub fn work(q: &Question, stop: &Stop, tell: &mut dyn FnMut(Answer)) {
    let mut told = |result, progress| tell(Answer { result, progress });
    let outcome = match q.kind {
        Kind::Rate | Kind::Latency | Kind::Adaptation => sweep(q, stop, &mut |found, done| told(Ok(found), done)),
        Kind::Noise => noise(q, stop, &mut |found, done| told(Ok(found), done)),
        Kind::Strength => strength(q, stop, &mut |found, done| told(Ok(found), done)),
        Kind::Pairs => pairs(q, stop, &mut |found, done| told(Ok(found), done)),
        Kind::Impedance => impedance(q, stop, &mut |found, done| told(Ok(found), done)),
        Kind::Bifurcation => bifurcation(q, stop, &mut |found, done| told(Ok(found), done)),
        Kind::Map => map(q, stop, &mut |found, done| told(Ok(found), done)),
    };
    if let (Err(why), false) = (outcome, stop.is_stopped()) {
        told(Err(why), 1.0);
    }
}

type Tell<'a> = &'a mut dyn FnMut(Found, f64);

fn sweep(q: &Question, stop: &Stop, tell: Tell<'_>) -> Result<(), String> {
    let (mut rest, mut onset) = (Vec::new(), None);
    for (n, ms, done) in [(41, 500.0, 0.1), (161, 2000.0, 0.4)] {
        let what = Sweep { ms, ..Sweep::new(q.param, curve::grid(q.range.0, q.range.1, n)) };
        let Some(found) = curve::sweep(&q.cell, &what, &mut |_, _| !stop.is_stopped())? else { return Ok(()) };
        rest = found;
        tell(Found::Sweep { rest: rest.clone(), up: Vec::new(), down: Vec::new(), onset, class: None }, done);
    }
    if q.kind != Kind::Rate {
        tell(Found::Sweep { rest, up: Vec::new(), down: Vec::new(), onset, class: None }, 1.0);
        return Ok(());
    }
    if let Some(k) = rest.iter().position(|m| m.rate_hz > 0.0).filter(|k| *k > 0) {
        let what = Sweep { ms: 2000.0, ..Sweep::new(q.param, vec![q.range.0]) };
        onset = curve::onset(&q.cell, &what, (rest[k - 1].value, rest[k].value), 2, |m| m.rate_hz > 0.0)?;
    }
    let mut ways = [Vec::new(), Vec::new()];
    for (i, direction) in [Direction::Up, Direction::Down].into_iter().enumerate() {
        let what = Sweep { ms: 600.0, direction, ..Sweep::new(q.param, curve::grid(q.range.0, q.range.1, 81)) };
        let done = 0.5 + 0.2 * i as f64;
        let before = ways.clone();
        let found = curve::sweep(&q.cell, &what, &mut |part, so_far| {
            let [mut up, mut down] = before.clone();
            *(if i == 0 { &mut up } else { &mut down }) = so_far.to_vec();
            tell(Found::Sweep { rest: rest.clone(), up, down, onset, class: None }, done + 0.2 * part);
            !stop.is_stopped()
        })?;
        let Some(found) = found else { return Ok(()) };
        ways[i] = found;
    }
    let [up, down] = ways;
    tell(Found::Sweep { rest: rest.clone(), up: up.clone(), down: down.clone(), onset, class: None }, 0.9);
    let class = match onset {
        Some(_) => curve::excitability(&q.cell, q.param, q.range, &mut || !stop.is_stopped())?,
        None => None,
    };
    if !stop.is_stopped() {
        tell(Found::Sweep { rest, up, down, onset, class }, 1.0);
    }
    Ok(())
}

fn noise(q: &Question, stop: &Stop, tell: Tell<'_>) -> Result<(), String> {
    for (n, ms, from, done) in [(17, 2000.0, 0.0, 0.2), (33, 20_000.0, 0.2, 1.0)] {
        let what = Sweep { ms, noise: Some(Noise { sd: None, seed: 1 }), ..Sweep::new(0, curve::grid(q.range.0, q.range.1, n)) };
        let found = curve::sweep(&q.cell, &what, &mut |part, so_far| {
            if !so_far.is_empty() {
                tell(Found::Noise(so_far.to_vec()), from + (done - from) * part.min(0.95));
            }
            !stop.is_stopped()
        })?;
        let Some(found) = found else { return Ok(()) };
        tell(Found::Noise(found), done);
    }
    Ok(())
}

/// `n` values from `low` to `high`, each the same factor above the last.
fn decades((low, high): (f64, f64), n: usize) -> Vec<f64> {
    curve::grid(low.max(1e-9).ln(), high.max(1e-9).ln(), n).into_iter().map(f64::exp).collect()
}

fn strength(q: &Question, stop: &Stop, tell: Tell<'_>) -> Result<(), String> {
    for (n, done) in [(9, 0.3), (41, 1.0)] {
        let found = curve::strength_duration(&q.cell, &decades(q.range, n), q.second_range.1, &mut |_, _| !stop.is_stopped())?;
        let Some(found) = found else { return Ok(()) };
        tell(Found::Strength(found), done);
    }
    Ok(())
}

fn pairs(q: &Question, stop: &Stop, tell: Tell<'_>) -> Result<(), String> {
    let i_e = q.cell.model.kind.own_current();
    // A model that cannot be followed to its rest is shown without its ringing.
    let rest = i_e.and_then(|i| curve::rests(&q.cell, i, &[q.cell.model.values[i]]).ok()).and_then(|mut r| r.pop().flatten());
    let strongest = q.second_range.1;
    for (n, done) in [(25, 0.3), (97, 1.0)] {
        let mut intervals = curve::grid(q.range.0.max(PULSE), q.range.1, n);
        intervals.push(f64::INFINITY);
        let found = curve::pulse_pairs(&q.cell, &intervals, PULSE, strongest, &mut |_, _| !stop.is_stopped())?;
        let Some(mut points) = found else { return Ok(()) };
        let single = points.pop().and_then(|p| p.current);
        tell(Found::Pairs { points, single, rest: rest.clone() }, done);
    }
    Ok(())
}

fn impedance(q: &Question, stop: &Stop, tell: Tell<'_>) -> Result<(), String> {
    let amplitude = if q.cell.model.kind.current_unit == Unit::Pa { 1.0 } else { 0.01 };
    for (n, done) in [(13, 0.3), (61, 1.0)] {
        let found = curve::impedance(&q.cell, &decades(q.range, n), amplitude, 500.0, &mut |_, _| !stop.is_stopped())?;
        let Some(found) = found else { return Ok(()) };
        tell(Found::Impedance(found), done);
    }
    Ok(())
}

fn bifurcation(q: &Question, stop: &Stop, tell: Tell<'_>) -> Result<(), String> {
    let values = curve::grid(q.range.0, q.range.1, 401);
    let rests: Vec<Rest> = curve::rests(&q.cell, q.param, &values)?.into_iter().flatten().collect();
    tell(Found::Bifurcation { points: Vec::new(), rests: rests.clone(), critical: Vec::new() }, 0.2);
    let critical = curve::critical(&q.cell, q.param, &values)?;
    for (n, ms, done) in [(41, 500.0, 0.4), (161, 2000.0, 1.0)] {
        let what = Sweep { ms, extent: true, ..Sweep::new(q.param, curve::grid(q.range.0, q.range.1, n)) };
        let Some(points) = curve::sweep(&q.cell, &what, &mut |_, _| !stop.is_stopped())? else { return Ok(()) };
        tell(Found::Bifurcation { points, rests: rests.clone(), critical: critical.clone() }, done);
    }
    Ok(())
}

fn map(q: &Question, stop: &Stop, tell: Tell<'_>) -> Result<(), String> {
    for (n, ms, done) in [(12, 500.0, 0.1), (24, 1000.0, 0.3), (64, 1000.0, 1.0)] {
        // In the middle of each cell of the picture.
        let cells = |(low, high): (f64, f64)| {
            let half = 0.5 * (high - low) / n as f64;
            curve::grid(low + half, high - half, n)
        };
        let what = Sweep { ms, second: Some((q.second, cells(q.second_range))), ..Sweep::new(q.param, cells(q.range)) };
        let Some(found) = curve::sweep(&q.cell, &what, &mut |_, _| !stop.is_stopped())? else { return Ok(()) };
        tell(Found::Map(found, n), done);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::model::{find, neuron};
    use spikeground_core::part::Part;

    fn question(kind: Kind, model: Part, range: (f64, f64)) -> Question {
        let param = model.kind.param("i_e").expect("a current");
        Question { kind, cell: Cell::new(model, 0.1), param, range, second: 0, second_range: (5.0, 20.0) }
    }

    fn answers(q: &Question) -> Vec<Answer> {
        let mut all = Vec::new();
        work(q, &Stop::never(), &mut |answer| all.push(answer));
        assert!(all.windows(2).all(|w| w[0].progress <= w[1].progress), "progress never falls");
        assert!(all.last().is_some_and(|a| a.progress >= 1.0), "{:?}", q.kind);
        all
    }

    fn lif() -> Part {
        Part::new(find(neuron::ALL, "lif").expect("a model"))
    }

    #[test]
    fn every_curve_comes_rough_first_and_ends_whole() {
        for kind in Kind::ALL {
            let range = match kind {
                Kind::Strength => (1.0, 50.0),
                Kind::Pairs => (4.0, 60.0),
                Kind::Impedance => (5.0, 100.0),
                _ => (150.0, 400.0),
            };
            let all = answers(&question(kind, lif(), range));
            assert!(all.len() > 1 && all.iter().all(|a| a.result.is_ok()), "{kind:?}");
        }
    }

    #[test]
    fn a_lif_neuron_begins_to_fire_at_its_rheobase() {
        let all = answers(&question(Kind::Rate, lif(), (150.0, 400.0)));
        let Some(Ok(Found::Sweep { onset: Some(onset), up, down, .. })) = all.last().map(|a| &a.result) else { panic!("no onset") };
        // C/τ·(V_th − E_L); an interval longer than the 1 s that is measured is not seen.
        let model = lif();
        let rheobase = model.get("c_m") / model.get("tau_m") * (model.get("v_th") - model.get("e_l"));
        assert!(*onset >= rheobase && *onset < rheobase * 1.001, "{onset} instead of {rheobase}");
        assert!(up.iter().zip(down).all(|(u, d)| (u.rate_hz > 0.0) == (d.rate_hz > 0.0)), "a LIF neuron has no hysteresis");
    }

    #[test]
    fn a_resonator_is_told_from_an_integrator_by_its_pairs() {
        let izhikevich = |set: &str| {
            let mut part = Part::new(find(neuron::ALL, "izhikevich").expect("a model"));
            let set = part.kind.sets.iter().find(|s| s.key == set).expect("a set");
            part.apply_set(set, &[]);
            part
        };
        for (set, rings) in [("rz", true), ("g_class_1", false)] {
            let all = answers(&Question { second_range: (0.0, 2000.0), ..question(Kind::Pairs, izhikevich(set), (4.0, 100.0)) });
            let Some(Ok(Found::Pairs { points, single: Some(single), rest: Some(rest) })) = all.last().map(|a| &a.result) else {
                panic!("no pairs")
            };
            let between = |low: f64, high: f64| points.iter().filter(move |p| p.ms > low && p.ms <= high).filter_map(|p| p.current);
            let (near, far) = (between(8.0, 25.0).fold(0.0, f64::max), between(25.0, 100.0).fold(f64::INFINITY, f64::min));
            // A resonator needs less at its rhythm than in between; an integrator ever more.
            assert_eq!(far < 0.97 * near && far < *single, rings, "{set}: {far} against {near} and {single}, {rest:?}");
        }
    }

    #[test]
    fn what_cannot_be_says_why() {
        let all = answers(&question(Kind::Impedance, lif().with("i_e", 500.0), (5.0, 50.0)));
        assert!(matches!(all.as_slice(), [Answer { result: Err(why), .. }] if why.contains("fires")));
    }
}
