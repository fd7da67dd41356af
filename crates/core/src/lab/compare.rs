//! Several neurons on identical input: the input, their answers, how well their spikes coincide, and how to match one to another.
//!
//! Models take currents of different units. A *drive* is the same for all: each neuron gets `offset + gain · drive` in its own unit.

use super::curve::{self, Cell, Measures, Sweep};
use crate::param::Unit;
use crate::rng::{self, Purpose};

/// A course of the drive over time.
#[derive(Clone, Debug, PartialEq)]
pub enum Drive {
    /// `height` from `on` to `off`, ms.
    Step { height: f64, on: f64, off: f64 },
    /// From 0 at `on` to `height` at `off`, then 0.
    Ramp { height: f64, on: f64, off: f64 },
    /// Frozen white noise around `mean`; `sd` is that of its average over 1 ms.
    Noise { mean: f64, sd: f64, seed: u64 },
    /// A sine of `height` around `mean` whose frequency grows evenly from `from` to `to`, Hz.
    Chirp { mean: f64, height: f64, from: f64, to: f64 },
    /// Two pulses of `height` and `width` ms, the second `interval` ms after the beginning of the first, which is at `on`.
    Pair { height: f64, on: f64, width: f64, interval: f64 },
    /// A frozen Poisson train of `rate` Hz through a synapse: each spike adds `height`, which decays with `tau` ms.
    Spikes { height: f64, rate: f64, tau: f64, seed: u64 },
    /// Points (ms, height), joined by lines: drawn or recorded.
    Points(Vec<(f64, f64)>),
}

impl Drive {
    /// The drive in each of the steps of `dt` in `ms`, held over the step at its value in the middle.
    pub fn samples(&self, ms: f64, dt: f64) -> Vec<f64> {
        let n = (ms / dt).round().max(0.0) as usize;
        if let Self::Spikes { height, rate, tau, seed } = self {
            return shots((*height, *rate, *tau, *seed), ms, dt, n);
        }
        let mut noise = matches!(self, Self::Noise { .. }).then(|| {
            let seed = if let Self::Noise { seed, .. } = self { *seed } else { 0 };
            rng::stream(seed, Purpose::Stimulus, rng::name_id("compare"), 0)
        });
        (0..n)
            .map(|k| {
                let t = (k as f64 + 0.5) * dt;
                match self {
                    Self::Step { height, on, off } => {
                        if t >= *on && t < *off {
                            *height
                        } else {
                            0.0
                        }
                    }
                    Self::Ramp { height, on, off } => {
                        if t >= *on && t < *off {
                            height * (t - on) / (off - on)
                        } else {
                            0.0
                        }
                    }
                    Self::Noise { mean, sd, .. } => mean + sd / libm::sqrt(dt) * noise.as_mut().map_or(0.0, rng::normal),
                    Self::Chirp { mean, height, from, to } => {
                        let turns = 1e-3 * t * (from + 0.5 * (to - from) * t / ms);
                        mean + height * libm::sin(std::f64::consts::TAU * turns)
                    }
                    Self::Pair { height, on, width, interval } => {
                        let is_on = |from: f64| t >= from && t < from + width;
                        if is_on(*on) || is_on(on + interval) { *height } else { 0.0 }
                    }
                    Self::Points(points) => between(points, t),
                    Self::Spikes { .. } => 0.0,
                }
            })
            .collect()
    }
}

/// The times of the frozen train, ms: the same for every step of time.
fn train(rate: f64, seed: u64, ms: f64) -> Vec<f64> {
    let mut stream = rng::stream(seed, Purpose::Stimulus, rng::name_id("compare"), 1);
    let mut times = Vec::new();
    let mut t = 0.0;
    if rate > 0.0 {
        loop {
            t -= libm::log(1.0 - rng::uniform(&mut stream)) * 1000.0 / rate;
            if t >= ms {
                break;
            }
            times.push(t);
        }
    }
    times
}

/// The mean over each step of the sum of decaying shots.
fn shots((height, rate, tau, seed): (f64, f64, f64, u64), ms: f64, dt: f64, n: usize) -> Vec<f64> {
    let times = train(rate, seed, ms);
    let mut next = times.iter().peekable();
    let decay = libm::exp(-dt / tau);
    let mut left = 0.0;
    (0..n)
        .map(|k| {
            let end = (k as f64 + 1.0) * dt;
            let mut area = left * tau * (1.0 - decay);
            left *= decay;
            while let Some(t) = next.next_if(|t| **t < end) {
                let rest = libm::exp(-(end - t) / tau);
                area += height * tau * (1.0 - rest);
                left += height * rest;
            }
            area / dt
        })
        .collect()
}

/// The height of a line through `points` (ascending in time) at `t`; before the first and after the last it stays.
fn between(points: &[(f64, f64)], t: f64) -> f64 {
    let k = points.partition_point(|p| p.0 <= t);
    match (k.checked_sub(1).and_then(|i| points.get(i)), points.get(k)) {
        (Some(a), Some(b)) => a.1 + (b.1 - a.1) * (t - a.0) / (b.0 - a.0),
        (Some(a), None) => a.1,
        (None, Some(b)) => b.1,
        (None, None) => 0.0,
    }
}

/// How a neuron takes the drive: `offset + gain · drive`, in its own unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uptake {
    pub gain: f64,
    pub offset: f64,
}

impl Uptake {
    /// The same current a capacitance (mV/ms) for all: the capacitance of the model, 1 where it has none.
    pub fn by_capacitance(cell: &Cell) -> Self {
        let c = cell.model.kind.param("c_m").map_or(1.0, |i| cell.model.values[i]);
        Self { gain: c, offset: 0.0 }
    }

    /// In multiples of the current at which the neuron just begins to fire on, above its own constant current; none when no current up to
    /// `most` does.
    pub fn by_rheobase(cell: &Cell, most: f64) -> Result<Option<Self>, String> {
        Ok(rheobase(cell, most)?.map(|gain| Self { gain, offset: 0.0 }))
    }
}

/// How the drive is made the same for models of different units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// In multiples of each one's rheobase.
    #[default]
    Rheobase,
    /// The same current a capacitance, mV/ms.
    Capacitance,
    /// Each takes it so that it has the rheobase and the gain of the first.
    Fitted,
}

/// The largest current tried, in the model's unit.
pub fn most(cell: &Cell) -> f64 {
    match cell.model.kind.current_unit {
        Unit::Pa => 5000.0,
        // Morris–Lecar begins at 89 µA/cm².
        Unit::UaPerCm2 => 200.0,
        _ => 60.0,
    }
}

/// How the `i`-th of several named cells takes the drive; the error says who has no rheobase.
pub fn uptake(cells: &[(&str, &Cell)], i: usize, scale: Scale) -> Result<Uptake, String> {
    let silent = |name: &str| format!("{name} does not fire on at any current, so it has no rheobase; use the same current instead");
    let own = |k: usize| {
        let (name, cell) = cells[k];
        Uptake::by_rheobase(cell, most(cell))?.ok_or_else(|| silent(name))
    };
    let (name, cell) = cells[i];
    match scale {
        Scale::Capacitance => Ok(Uptake::by_capacitance(cell)),
        Scale::Rheobase => own(i),
        Scale::Fitted if i == 0 => own(0),
        Scale::Fitted => {
            let reference = cells[0].1;
            fit((reference, own(0)?, most(reference)), (cell, most(cell)))?.ok_or_else(|| silent(name))
        }
    }
}

/// Where a neuron begins to fire on, and how fast it fires further up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gain {
    /// Above its own constant current, in the model's unit.
    pub rheobase: f64,
    /// Rate (Hz) at twice the rheobase.
    pub rate: f64,
}

/// Rheobase and rate at twice of it; none when it does not fire on at any current up to `most`.
pub fn gain(cell: &Cell, most: f64) -> Result<Option<Gain>, String> {
    let Some(rheobase) = rheobase(cell, most)? else { return Ok(None) };
    Ok(rate_at(cell, 2.0 * rheobase)?.map(|rate| Gain { rheobase, rate }))
}

/// The lowest additional constant current from which on the neuron fires on, to 1e-4 of `most`.
pub fn rheobase(cell: &Cell, most: f64) -> Result<Option<f64>, String> {
    let Some(param) = cell.model.kind.own_current() else { return Ok(None) };
    let own = cell.model.values[param];
    let what = Sweep { ms: 1500.0, ..Sweep::new(param, vec![own]) };
    let found = curve::onset(cell, &what, (own, own + most), 3, |m: &Measures| m.rate_hz > 0.0)?;
    Ok(found.map(|at| at - own))
}

/// The answer of one neuron.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// v at the end of each step, in the model's unit.
    pub v: Vec<f64>,
    /// Spike times, ms.
    pub spikes: Vec<f64>,
}

/// Runs a neuron on the drive; `None` when `go_on` said no.
pub fn answer(cell: &Cell, uptake: Uptake, drive: &[f64], go_on: &mut dyn FnMut() -> bool) -> Result<Option<Answer>, String> {
    let mut clones = cell.clones(vec![cell.row(&[])])?;
    let mut out = Answer { v: Vec::with_capacity(drive.len()), spikes: Vec::new() };
    for (k, x) in drive.iter().enumerate() {
        let (stamp, fired) = clones.advance(|_| uptake.offset + uptake.gain * x);
        for (_, early) in fired {
            out.spikes.push((stamp as f64 - early) * cell.dt);
        }
        out.v.push(clones.state(0, 0));
        if k % 4096 == 0 && !go_on() {
            return Ok(None);
        }
    }
    Ok(Some(out))
}

/// Something that makes one step of `n` such neurons without input, for who wants to know what a step costs.
pub fn treadmill(cell: &Cell, n: usize) -> Result<impl FnMut() + use<>, String> {
    let mut clones = cell.clones(vec![cell.row(&[]); n])?;
    Ok(move || _ = clones.advance_alone())
}

/// The coincidence factor Γ of a train with a reference (W. M. Kistler, W. Gerstner & J. L. van Hemmen, Neural Comput. 9:1015, 1997,
/// doi:10.1162/neco.1997.9.5.1015): 1 when every spike lies within `precision` ms of one of the reference, 0 as good as a Poisson train of the
/// same rate. Each spike of the reference is met at most once. None without spikes on either side, or when spikes are so many that chance alone
/// fills the time.
pub fn coincidence(reference: &[f64], train: &[f64], precision: f64, ms: f64) -> Option<f64> {
    if reference.is_empty() || train.is_empty() || !(ms > 0.0) {
        return None;
    }
    let (mut met, mut next) = (0usize, 0);
    for t in reference {
        while next < train.len() && train[next] < t - precision {
            next += 1;
        }
        if train.get(next).is_some_and(|s| *s <= t + precision) {
            met += 1;
            next += 1;
        }
    }
    let (n, m) = (reference.len() as f64, train.len() as f64);
    let rate = m / ms;
    let by_chance = 2.0 * rate * precision * n;
    let norm = 1.0 - 2.0 * rate * precision;
    (norm > 0.0).then(|| (met as f64 - by_chance) / (0.5 * (n + m)) / norm)
}

/// How `cell` must take the drive so that it begins to fire where `reference` does and has its rate at twice that drive. None when one of
/// them does not fire on at any current up to the given ones.
pub fn fit(reference: (&Cell, Uptake, f64), (cell, most): (&Cell, f64)) -> Result<Option<Uptake>, String> {
    let (model, uptake, reference_most) = reference;
    let (Some(first), Some(own)) = (rheobase(model, reference_most)?, rheobase(cell, most)?) else { return Ok(None) };
    // The drive at which the reference begins, and its rate at twice the current.
    let drive = |current: f64| (current - uptake.offset) / uptake.gain;
    let Some(rate) = rate_at(model, 2.0 * first)? else { return Ok(None) };
    // The current at which the cell has that rate: its rates rise, so halving finds it.
    let (mut low, mut high) = (own, own.max(1e-9) * 2.0);
    for _ in 0..12 {
        if rate_at(cell, high)?.is_some_and(|r| r >= rate) || high > most {
            break;
        }
        (low, high) = (high, high * 2.0);
    }
    for _ in 0..24 {
        let middle = 0.5 * (low + high);
        *(if rate_at(cell, middle)?.is_some_and(|r| r >= rate) { &mut high } else { &mut low }) = middle;
    }
    let gain = (0.5 * (low + high) - own) / (drive(2.0 * first) - drive(first));
    Ok((gain.is_finite() && gain > 0.0).then(|| Uptake { gain, offset: own - gain * drive(first) }))
}

/// Rate (Hz) at an additional constant current; none where the model has no current.
fn rate_at(cell: &Cell, current: f64) -> Result<Option<f64>, String> {
    let Some(param) = cell.model.kind.own_current() else { return Ok(None) };
    let what = Sweep { ms: 1500.0, ..Sweep::new(param, vec![cell.model.values[param] + current]) };
    Ok(curve::sweep(cell, &what, &mut |_, _| true)?.and_then(|m| m.first().map(|m| m.rate_hz)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{find, neuron};
    use crate::part::Part;

    fn cell(key: &str) -> Cell {
        Cell::new(Part::new(find(neuron::ALL, key).expect("a model")), 0.1)
    }

    #[test]
    fn coincidence_is_one_for_equal_trains_and_nought_on_average_for_chance() {
        let train: Vec<f64> = (1..50).map(|k| 20.0 * f64::from(k)).collect();
        assert!((coincidence(&train, &train, 2.0, 1000.0).expect("defined") - 1.0).abs() < 1e-12);
        assert_eq!(coincidence(&train, &[], 2.0, 1000.0), None);
        // By hand: 49 spikes in 1000 ms against one that coincides: N = 1 met, by chance 2·0.001·2·49 = 0.196, (49 + 1)/2 = 25, 1 − 0.004.
        let one = coincidence(&train, &[20.5], 2.0, 1000.0).expect("defined");
        assert!((one - (1.0 - 0.196) / 25.0 / 0.996).abs() < 1e-12, "{one}");
        // Poisson trains: the mean over many is nought within its error.
        let mut s = rng::stream(3, Purpose::Stimulus, 0, 0);
        let mut poisson = || {
            let mut t = 0.0;
            let mut out = Vec::new();
            loop {
                t -= libm::log(1.0 - rng::uniform(&mut s)) * 50.0;
                if t > 10_000.0 {
                    return out;
                }
                out.push(t);
            }
        };
        let mean = (0..200).map(|_| coincidence(&poisson(), &poisson(), 2.0, 10_000.0).expect("defined")).sum::<f64>() / 200.0;
        assert!(mean.abs() < 0.01, "{mean}");
    }

    #[test]
    fn the_drive_is_what_it_says() {
        let step = Drive::Step { height: 2.0, on: 1.0, off: 2.0 }.samples(3.0, 0.5);
        assert_eq!(step, [0.0, 0.0, 2.0, 2.0, 0.0, 0.0]);
        let ramp = Drive::Ramp { height: 4.0, on: 0.0, off: 2.0 }.samples(2.0, 1.0);
        assert_eq!(ramp, [1.0, 3.0]);
        let points = Drive::Points(vec![(0.0, 0.0), (2.0, 4.0)]).samples(3.0, 1.0);
        assert_eq!(points, [1.0, 3.0, 4.0]);
        let noise = Drive::Noise { mean: 1.0, sd: 2.0, seed: 5 }.samples(5000.0, 0.1);
        let mean = noise.iter().sum::<f64>() / noise.len() as f64;
        // Over 1 ms: ten samples.
        let averages: Vec<f64> = noise.chunks(10).map(|c| c.iter().sum::<f64>() / 10.0).collect();
        let variance = averages.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / averages.len() as f64;
        assert!((mean - 1.0).abs() < 0.1 && (variance.sqrt() - 2.0).abs() < 0.1, "{mean} {variance}");
        assert_eq!(noise, Drive::Noise { mean: 1.0, sd: 2.0, seed: 5 }.samples(5000.0, 0.1), "frozen");
        let pair = Drive::Pair { height: 3.0, on: 1.0, width: 1.0, interval: 3.0 }.samples(6.0, 0.5);
        assert_eq!(pair, [0.0, 0.0, 3.0, 3.0, 0.0, 0.0, 0.0, 0.0, 3.0, 3.0, 0.0, 0.0]);
        let chirp = Drive::Chirp { mean: 0.0, height: 1.0, from: 10.0, to: 10.0 }.samples(1000.0, 0.1);
        let crossings = chirp.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count();
        assert!((9..=10).contains(&crossings), "{crossings}");
    }

    #[test]
    fn a_frozen_train_is_the_same_at_every_step_and_has_the_mean_it_says() {
        let spikes = Drive::Spikes { height: 2.0, rate: 200.0, tau: 5.0, seed: 3 };
        let (fine, coarse) = (spikes.samples(20_000.0, 0.05), spikes.samples(20_000.0, 0.5));
        // Campbell: mean height·rate·tau = 2·0.2·5; its error is sd of the count, 4000 spikes.
        let mean = fine.iter().sum::<f64>() / fine.len() as f64;
        assert!((mean - 2.0).abs() < 0.1, "{mean}");
        for (k, c) in coarse.iter().enumerate() {
            let same = fine[10 * k..10 * (k + 1)].iter().sum::<f64>() / 10.0;
            assert!((same - c).abs() < 1e-9, "{k}: {same} {c}");
        }
    }

    #[test]
    fn a_lif_neuron_begins_to_fire_at_the_closed_form_and_the_same_model_fits_itself() {
        let lif = cell("lif");
        let m = &lif.model;
        let closed = m.get("c_m") / m.get("tau_m") * (m.get("v_th") - m.get("e_l")) - m.get("i_e");
        let found = rheobase(&lif, 1000.0).expect("a curve").expect("fires");
        assert!((found - closed).abs() < 0.002 * closed, "{found} instead of {closed}");
        let own = Uptake::by_capacitance(&lif);
        let fitted = fit((&lif, own, 1000.0), (&lif, 1000.0)).expect("curves").expect("fits");
        assert!((fitted.gain / own.gain - 1.0).abs() < 0.01 && fitted.offset.abs() < 0.01 * found, "{fitted:?}");
    }

    #[test]
    fn a_fitted_model_has_rheobase_and_rate_of_the_other() {
        let (lif, izhikevich) = (cell("lif"), cell("izhikevich"));
        let uptake = Uptake::by_capacitance(&lif);
        let fitted = fit((&lif, uptake, 1000.0), (&izhikevich, 40.0)).expect("curves").expect("fits");
        let first = rheobase(&lif, 1000.0).expect("a curve").expect("fires");
        let drive = |times: f64| times * first / uptake.gain;
        let theirs = |times: f64| fitted.offset + fitted.gain * drive(times);
        let own = rheobase(&izhikevich, 40.0).expect("a curve").expect("fires");
        assert!((theirs(1.0) - own).abs() < 0.01 * own, "{} instead of {own}", theirs(1.0));
        let (a, b) = (rate_at(&lif, 2.0 * first), rate_at(&izhikevich, theirs(2.0)));
        let (a, b) = (a.expect("a curve").expect("a rate"), b.expect("a curve").expect("a rate"));
        assert!((a - b).abs() < 0.02 * a, "{a} and {b} Hz");
    }

    #[test]
    fn equal_neurons_answer_equally_and_a_silent_one_has_no_rheobase() {
        let lif = cell("lif");
        let drive = Drive::Noise { mean: 1.0, sd: 1.0, seed: 1 }.samples(500.0, 0.1);
        let run = |c: &Cell| answer(c, Uptake::by_capacitance(c), &drive, &mut || true).expect("runs").expect("nobody gave up");
        let (a, b) = (run(&lif), run(&lif));
        assert!(a == b && a.v.len() == 5000);
        assert_eq!(rheobase(&lif, 1e-6).expect("a curve"), None);
    }
}
