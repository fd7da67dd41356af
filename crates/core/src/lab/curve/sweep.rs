//! Measures against a parameter: all values at once from rest, or one after the other with the state carried along.

use super::train::{Measures, measure};
use super::{Cell, Watch};
use crate::engine::clones::Clones;
use crate::rng::{self, Purpose};

/// How the values are visited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Every value from rest, all at the same time.
    #[default]
    Rest,
    /// One neuron, its parameter rising, the state carried from value to value.
    Up,
    /// The same, falling; results are in rising order, too.
    Down,
}

/// An independent white-noise current into each clone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// Standard deviation of the current averaged over 1 ms, in the model's unit; `None` to take each value of the sweep for it.
    pub sd: Option<f64>,
    pub seed: u64,
}

/// What is swept.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// Index of the parameter and its rising values. Ignored where the noise is swept.
    pub param: usize,
    pub values: Vec<f64>,
    /// Second parameter of a map.
    pub second: Option<(usize, Vec<f64>)>,
    pub direction: Direction,
    /// Time at each value, ms; the later half is measured.
    pub ms: f64,
    /// Whether v_min and v_max are wanted.
    pub extent: bool,
    pub noise: Option<Noise>,
}

impl Sweep {
    /// From rest, 1 s at each value.
    pub fn new(param: usize, values: Vec<f64>) -> Self {
        Self { param, values, second: None, direction: Direction::Rest, ms: 1000.0, extent: false, noise: None }
    }

    /// (value, second value) of every clone: the first runs fastest.
    fn points(&self) -> Vec<(f64, f64)> {
        let seconds = self.second.as_ref().map_or(&[0.0][..], |s| &s.1);
        seconds.iter().flat_map(|second| self.values.iter().map(move |value| (*value, *second))).collect()
    }

    fn changes(&self, (value, second): (f64, f64)) -> Vec<(usize, f64)> {
        let mut changes = Vec::new();
        if self.noise.is_none_or(|n| n.sd.is_some()) {
            changes.push((self.param, value));
        }
        changes.extend(self.second.as_ref().map(|s| (s.0, second)));
        changes
    }
}

/// Steps between two looks at whether to go on.
const PIECE: u64 = 512;

/// The curve; `None` when the watcher ended it. The watcher sees the measures so far: rougher ones from rest, fewer ones when carried.
pub fn sweep(cell: &Cell, what: &Sweep, watch: Watch<'_, Measures>) -> Result<Option<Vec<Measures>>, String> {
    if what.values.is_empty() || what.values.iter().any(|v| !v.is_finite()) {
        return Err("the values of a curve are finite numbers, at least one".into());
    }
    match what.direction {
        Direction::Rest => from_rest(cell, what, watch),
        Direction::Up | Direction::Down => carried(cell, what, watch),
    }
}

fn from_rest(cell: &Cell, what: &Sweep, watch: Watch<'_, Measures>) -> Result<Option<Vec<Measures>>, String> {
    let points = what.points();
    let mut clones = cell.clones(points.iter().map(|p| cell.row(&what.changes(*p))).collect())?;
    let mut spikes: Vec<Vec<f64>> = vec![Vec::new(); points.len()];
    let mut noise = what.noise.map(|n| Drawn::new(n, &points, cell.dt));
    let mut extent = vec![(f64::INFINITY, f64::NEG_INFINITY); points.len()];
    let n_steps = cell.steps(what.ms);
    let mut found = Vec::new();
    for part in [8, 4, 2, 1] {
        let end = (n_steps / part).max(1);
        let half = end / 2;
        extent.fill((f64::INFINITY, f64::NEG_INFINITY));
        while clones.step_count() < end {
            let stop = (clones.step_count() + PIECE).min(end);
            while clones.step_count() < stop {
                one_step(&mut clones, noise.as_mut(), cell.dt, &mut spikes);
                // Rougher passes saw another half: from one pass to the next the later half begins where the last pass ended.
                if what.extent && clones.step_count() > half {
                    widen(&clones, &mut extent);
                }
            }
            if !watch(clones.step_count() as f64 / n_steps as f64, &found) {
                return Ok(None);
            }
        }
        let (from, to) = (half as f64 * cell.dt, end as f64 * cell.dt);
        found = points
            .iter()
            .zip(spikes.iter().zip(&extent))
            .map(|(p, (s, e))| Measures { value: p.0, second: p.1, v_min: e.0, v_max: e.1, ..measure(s, from, to) })
            .collect();
        if !watch(end as f64 / n_steps as f64, &found) {
            return Ok(None);
        }
    }
    Ok(Some(found))
}

fn carried(cell: &Cell, what: &Sweep, watch: Watch<'_, Measures>) -> Result<Option<Vec<Measures>>, String> {
    if what.second.is_some() || what.noise.is_some() {
        return Err("a curve with carried state has one parameter and no noise".into());
    }
    let mut values = what.values.clone();
    if what.direction == Direction::Down {
        values.reverse();
    }
    let mut clones = cell.clones(vec![cell.row(&[(what.param, values[0])])])?;
    let n_steps = cell.steps(what.ms);
    let mut found: Vec<Measures> = Vec::new();
    for (k, value) in values.iter().enumerate() {
        clones.set_rows(vec![cell.row(&[(what.param, *value)])])?;
        let begin = clones.step_count();
        let mut spikes = vec![Vec::new()];
        let mut extent = [(f64::INFINITY, f64::NEG_INFINITY)];
        while clones.step_count() < begin + n_steps {
            one_step(&mut clones, None, cell.dt, &mut spikes);
            if what.extent && clones.step_count() > begin + n_steps / 2 {
                widen(&clones, &mut extent);
            }
        }
        let start = begin as f64 * cell.dt;
        spikes[0].iter_mut().for_each(|t| *t -= start);
        let m = measure(&spikes[0], 0.5 * what.ms, what.ms);
        let point = Measures { value: *value, v_min: extent[0].0, v_max: extent[0].1, ..m };
        // Rising order whichever way it went.
        found.insert(if what.direction == Direction::Down { 0 } else { found.len() }, point);
        if !watch((k + 1) as f64 / values.len() as f64, &found) {
            return Ok(None);
        }
    }
    Ok(Some(found))
}

fn one_step(clones: &mut Clones, noise: Option<&mut Drawn>, dt: f64, spikes: &mut [Vec<f64>]) {
    let (stamp, fired) = match noise {
        Some(noise) => {
            noise.draw();
            clones.advance(|i| noise.now[i])
        }
        None => clones.advance_alone(),
    };
    for (i, early) in fired {
        spikes[i as usize].push((stamp as f64 - early) * dt);
    }
}

fn widen(clones: &Clones, extent: &mut [(f64, f64)]) {
    for (i, (low, high)) in extent.iter_mut().enumerate() {
        let v = clones.state(0, i);
        *low = low.min(v);
        *high = high.max(v);
    }
}

/// The noise currents of one step.
struct Drawn {
    streams: Vec<rng::Stream>,
    sd: Vec<f64>,
    now: Vec<f64>,
}

impl Drawn {
    fn new(noise: Noise, points: &[(f64, f64)], dt: f64) -> Self {
        let streams = (0..points.len()).map(|i| rng::stream(noise.seed, Purpose::Stimulus, rng::name_id("curve"), i as u64)).collect();
        let sd = points.iter().map(|p| noise.sd.unwrap_or(p.0) / libm::sqrt(dt)).collect();
        Self { streams, sd, now: vec![0.0; points.len()] }
    }

    fn draw(&mut self) {
        for ((now, sd), stream) in self.now.iter_mut().zip(&self.sd).zip(&mut self.streams) {
            *now = sd * rng::normal(stream);
        }
    }
}

/// The lowest value between `low` and `high` at which `fires` says yes of a curve from rest, to `(high − low)/64^passes`: 65 clones a pass.
/// `None` when no value does. Right where firing, once begun, goes on for all higher values.
pub fn onset(
    cell: &Cell,
    what: &Sweep,
    (low, high): (f64, f64),
    passes: u32,
    fires: impl Fn(&Measures) -> bool,
) -> Result<Option<f64>, String> {
    let (mut low, mut high) = (low, high);
    for _ in 0..passes {
        let pass = Sweep { values: super::grid(low, high, 65), ..what.clone() };
        let Some(found) = sweep(cell, &pass, &mut |_, _| true)? else { return Ok(None) };
        let Some(k) = found.iter().position(&fires) else { return Ok(None) };
        high = pass.values[k];
        if k == 0 {
            return Ok(Some(high));
        }
        low = pass.values[k - 1];
    }
    Ok(Some(0.5 * (low + high)))
}
