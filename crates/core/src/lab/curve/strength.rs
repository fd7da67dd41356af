//! Strength–duration: the weakest current pulse of each duration that fires the cell.

use super::{Cell, Watch};

/// Threshold of one duration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// Duration of the pulse, ms.
    pub ms: f64,
    /// Weakest current that fires, in the model's unit; none: not even the strongest tried.
    pub current: Option<f64>,
}

/// How long a pulse's answer is waited for, ms.
const WAIT: f64 = 50.0;
/// Halvings of the interval: the result is within `strongest`/2²⁴.
const HALVINGS: u32 = 24;

/// Thresholds of pulses from rest, by halving the interval [0, `strongest`] for all durations at once. `strongest` may be negative
/// (anodal break). Durations are rounded to whole steps, at least one.
pub fn strength_duration(
    cell: &Cell,
    durations: &[f64],
    strongest: f64,
    watch: Watch<'_, Threshold>,
) -> Result<Option<Vec<Threshold>>, String> {
    if durations.is_empty() || durations.iter().any(|d| !d.is_finite() || *d <= 0.0) || !strongest.is_finite() {
        return Err("durations are positive numbers of ms, at least one, and the strongest current is finite".into());
    }
    let steps: Vec<u64> = durations.iter().map(|d| cell.steps(*d)).collect();
    let mut clones = cell.clones(vec![cell.row(&[]); durations.len()])?;
    let longest = steps.iter().max().copied().unwrap_or(0) + cell.steps(WAIT);
    let mut interval = vec![(0.0, strongest); durations.len()];
    let mut reached = vec![false; durations.len()];
    // The first round asks whether the strongest fires at all.
    for round in 0..=HALVINGS {
        clones.restart();
        for (column, value) in &cell.initial {
            (0..clones.len()).for_each(|i| clones.set_state(*column, i, *value));
        }
        let tried: Vec<f64> = interval.iter().map(|(low, high)| if round == 0 { *high } else { 0.5 * (low + high) }).collect();
        let mut fires = vec![false; tried.len()];
        for k in 0..longest {
            for (i, _) in clones.advance(|i| if k < steps[i] { tried[i] } else { 0.0 }).1 {
                fires[i as usize] = true;
            }
            if fires.iter().all(|f| *f) {
                break;
            }
        }
        for (i, fired) in fires.iter().enumerate() {
            if round == 0 {
                reached[i] = *fired;
            } else if *fired {
                interval[i].1 = tried[i];
            } else {
                interval[i].0 = tried[i];
            }
        }
        let so_far: Vec<Threshold> =
            (0..tried.len()).map(|i| Threshold { ms: steps[i] as f64 * cell.dt, current: reached[i].then_some(interval[i].1) }).collect();
        if !watch(f64::from(round + 1) / f64::from(HALVINGS + 1), &so_far) {
            return Ok(None);
        }
        if round == HALVINGS {
            return Ok(Some(so_far));
        }
    }
    Ok(None)
}
