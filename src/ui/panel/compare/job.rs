//! What the compare panel asks of the background: the same drive into several neurons, and what sets their answers apart.

use super::super::super::worker::Stop;
use spikeground_core::analysis::van_rossum::van_rossum;
use spikeground_core::lab::compare::{self, Drive, Gain, Uptake};
use spikeground_core::lab::curve::Cell;
use spikeground_core::lab::operations::{Operations, operations};
use std::time::Instant;

/// How the drive is made the same for models of different units; as it is saved with the layout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Scale {
    #[default]
    Rheobase,
    Capacitance,
    Fitted,
}

impl Scale {
    pub const ALL: [Self; 3] = [Self::Rheobase, Self::Capacitance, Self::Fitted];

    pub fn name(self) -> &'static str {
        match self {
            Self::Rheobase => "× own rheobase",
            Self::Capacitance => "same current",
            Self::Fitted => "rate fitted",
        }
    }

    pub fn tip(self) -> &'static str {
        match self {
            Self::Rheobase => "1 is, for each neuron, the current at which it just begins to fire on",
            Self::Capacitance => "The same current over capacitance for all, mV/ms",
            Self::Fitted => {
                "1 is the rheobase of the first neuron; the others take the input so that they begin to fire where it does (rheobase) and have its \
rate at twice that input (gain)"
            }
        }
    }

    fn of_core(self) -> compare::Scale {
        match self {
            Self::Rheobase => compare::Scale::Rheobase,
            Self::Capacitance => compare::Scale::Capacitance,
            Self::Fitted => compare::Scale::Fitted,
        }
    }
}

/// One neuron that takes part.
#[derive(Clone, Debug, PartialEq)]
pub struct Contestant {
    pub name: String,
    pub cell: Cell,
}

/// One question.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub contestants: Vec<Contestant>,
    pub drive: Drive,
    pub scale: Scale,
    /// Length, ms.
    pub ms: f64,
    /// Spikes closer than this coincide, ms; also the time constant of van Rossum's distance over five.
    pub precision: f64,
}

/// What came of one neuron.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// (time, v), thinned.
    pub v: Vec<[f64; 2]>,
    pub spikes: Vec<f64>,
    /// Against the first neuron.
    pub coincidence: Option<f64>,
    pub van_rossum: Option<f64>,
    /// ns a neuron and step, when many are stepped together.
    pub cost: Option<f64>,
    /// Operations of a step.
    pub operations: Option<Operations>,
    /// Where it begins to fire on, and how fast it is at twice that.
    pub gain: Option<Gain>,
    pub uptake: Option<Uptake>,
    /// Why there is no answer.
    pub why: String,
}

/// One answer.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub courses: Vec<Course>,
    /// The drive over time.
    pub drive: Vec<[f64; 2]>,
    pub done: bool,
}

/// Points of a drawn line at most.
const POINTS: usize = 3000;
/// Neurons and steps that the cost is measured with.
const MANY: usize = 1024;
const STEPS: u32 = 60;

/// The worker's whole work.
pub fn work(q: &Question, stop: &Stop, tell: &mut dyn FnMut(Answer)) {
    let Some(first) = q.contestants.first() else { return };
    let mut out = Answer { courses: vec![Course::default(); q.contestants.len()], ..Answer::default() };
    out.drive = thin(&q.drive.samples(q.ms, first.cell.dt), first.cell.dt);
    let cells: Vec<(&str, &Cell)> = q.contestants.iter().map(|c| (c.name.as_str(), &c.cell)).collect();
    for i in 0..q.contestants.len() {
        let cell = &q.contestants[i].cell;
        let drive = q.drive.samples(q.ms, cell.dt);
        let uptake = compare::uptake(&cells, i, q.scale.of_core());
        let answered = uptake.and_then(|u| compare::answer(cell, u, &drive, &mut || !stop.is_stopped()).map(|a| a.map(|a| (u, a))));
        if stop.is_stopped() {
            return;
        }
        match answered {
            Ok(Some((uptake, answer))) => {
                let spikes = answer.spikes;
                let (coincidence, distance) = match (i, out.courses[0].spikes.as_slice()) {
                    (0, _) => (None, None),
                    (_, reference) => (
                        compare::coincidence(reference, &spikes, q.precision, q.ms),
                        Some(van_rossum(reference, &spikes, 5.0 * q.precision)),
                    ),
                };
                out.courses[i] = Course {
                    v: thin(&answer.v, cell.dt),
                    spikes,
                    coincidence,
                    van_rossum: distance,
                    uptake: Some(uptake),
                    ..Course::default()
                };
            }
            Ok(None) => return,
            Err(why) => out.courses[i].why = why,
        }
        tell(out.clone());
    }
    for (i, (_, cell)) in cells.iter().enumerate() {
        out.courses[i].cost = cost(cell);
        out.courses[i].operations = operations(&cell.model, cell.dt);
        tell(out.clone());
        // A model without a current, or one that never fires on, has none.
        out.courses[i].gain = compare::gain(cell, compare::most(cell)).ok().flatten();
        if stop.is_stopped() {
            return;
        }
        tell(out.clone());
    }
    out.done = true;
    tell(out);
}

/// Lowest and highest value of each stretch, so that no spike is lost.
fn thin(values: &[f64], dt: f64) -> Vec<[f64; 2]> {
    let every = (2 * values.len()).div_ceil(POINTS).max(1);
    let at = |k: usize| [(k + 1) as f64 * dt, values[k]];
    if every < 2 {
        return (0..values.len()).map(at).collect();
    }
    let ends = values.chunks(every).enumerate().flat_map(|(c, chunk)| {
        let by = |a: &(usize, &f64), b: &(usize, &f64)| a.1.total_cmp(b.1);
        let low = chunk.iter().enumerate().min_by(by).map_or(0, |x| x.0);
        let high = chunk.iter().enumerate().max_by(by).map_or(0, |x| x.0);
        [c * every + low.min(high), c * every + low.max(high)]
    });
    ends.map(at).collect()
}

/// Nanoseconds a neuron and step: the best of three stretches of many clones without input, on this machine.
fn cost(cell: &Cell) -> Option<f64> {
    let mut step = compare::treadmill(cell, MANY).ok()?;
    let mut once = || {
        let start = Instant::now();
        (0..STEPS).for_each(|_| step());
        start.elapsed().as_secs_f64() * 1e9 / f64::from(STEPS) / MANY as f64
    };
    (0..3).map(|_| once()).reduce(f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::model::{find, neuron};
    use spikeground_core::part::Part;

    fn question(keys: &[&str], scale: Scale, drive: Drive) -> Question {
        let one =
            |key: &&str| Contestant { name: (*key).into(), cell: Cell::new(Part::new(find(neuron::ALL, key).expect("a model")), 0.05) };
        Question { contestants: keys.iter().map(one).collect(), drive, scale, ms: 300.0, precision: 2.0 }
    }

    fn last(q: &Question) -> Answer {
        let mut last = None;
        work(q, &Stop::never(), &mut |a| last = Some(a));
        last.expect("answered")
    }

    #[test]
    fn the_same_neuron_twice_coincides_with_itself() {
        let step = Drive::Step { height: 2.0, on: 20.0, off: 280.0 };
        for scale in Scale::ALL {
            let q = Question { scale, ..question(&["lif", "lif"], scale, step.clone()) };
            let answer = last(&q);
            assert!(answer.done && answer.courses.iter().all(|c| c.why.is_empty()), "{scale:?}: {}", answer.courses[1].why);
            if scale == Scale::Rheobase {
                assert!(answer.courses[0].spikes.len() > 3);
                assert_eq!(answer.courses[0].spikes, answer.courses[1].spikes);
                assert!(answer.courses[1].coincidence.is_some_and(|g| (g - 1.0).abs() < 1e-12));
                assert!(answer.courses[1].van_rossum.is_some_and(|d| d < 1e-6) && answer.courses[0].cost.is_some_and(|c| c > 0.0));
            }
        }
    }

    #[test]
    fn models_of_different_units_fire_at_twice_their_own_rheobase_and_not_below() {
        for (height, fires) in [(2.0, true), (0.9, false)] {
            let step = Drive::Step { height, on: 20.0, off: 280.0 };
            let answer = last(&question(&["lif", "izhikevich", "hh"], Scale::Rheobase, step));
            for c in &answer.courses {
                // Hodgkin–Huxley fires once at the start of a step that it does not fire on at.
                assert_eq!(c.spikes.len() > 1, fires, "{height}: {:?} {}", c.spikes, c.why);
            }
        }
    }

    #[test]
    fn a_line_is_thinned_without_losing_its_extremes() {
        let mut values = vec![-65.0; 100_000];
        values[54_321] = 30.0;
        let line = thin(&values, 0.1);
        assert!(line.len() <= POINTS + 2 && line.iter().any(|p| p[1] == 30.0));
        assert!(line.windows(2).all(|w| w[0][0] <= w[1][0]));
    }
}
