//! What a miniature shows: the run of a pattern's own preset, made once in the background, and its outline for a width.

use super::super::super::worker::Stop;
use spikeground_core::lab::character::{Driven, character, record};
use spikeground_core::preset::builtin::{self, Builtin};
use std::sync::Arc;

/// The run of one preset.
#[derive(Debug, Default)]
pub struct Run {
    pub key: &'static str,
    /// Length, ms, and its step.
    pub ms: f64,
    pub dt: f64,
    /// Spike times, ms: those that the preset's run has.
    pub spikes: Vec<f64>,
    /// v at the end of each step, and the current during it, constant current included.
    pub v: Vec<f32>,
    pub current: Vec<f32>,
    /// How high a spike is drawn: where the model cuts it off.
    pub peak: f32,
    /// What the pattern is called here and by which rule, where its protocol has names.
    pub named: Option<(String, String)>,
}

/// All runs so far, in the order of the gallery.
pub type Runs = Vec<Arc<Run>>;

/// The worker's whole work: every pattern, one after the other.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the shape of every work")]
pub fn work(_question: &(), stop: &Stop, tell: &mut dyn FnMut(Runs)) {
    let mut runs = Runs::new();
    let patterns = || builtin::list().iter().filter(|p| p.variation);
    for preset in patterns() {
        if stop.is_stopped() {
            return;
        }
        runs.extend(run(preset, stop).map(Arc::new));
        tell(runs.clone());
    }
    // Names need a second, finer run each: pictures go first.
    for run in &mut runs {
        let Some(preset) = builtin::find(run.key) else { continue };
        let named = Driven::first_of(&preset.spec, 0, preset.spec.duration)
            .and_then(|d| character(&d, &mut || !stop.is_stopped()).ok().flatten())
            .and_then(|c| c.named);
        if let Some(named) = named {
            let named = Some((named.name.to_owned(), named.why));
            *run = Arc::new(Run { v: run.v.clone(), current: run.current.clone(), spikes: run.spikes.clone(), named, ..**run });
        }
        if stop.is_stopped() {
            return;
        }
    }
    tell(runs);
}

#[allow(clippy::cast_possible_truncation)]
fn run(preset: &Builtin, stop: &Stop) -> Option<Run> {
    let spec = &preset.spec;
    let driven = Driven::first_of(spec, 0, spec.duration)?;
    let record = record(&driven, spec.dt, &mut || !stop.is_stopped()).ok()??;
    let model = &driven.cell.model;
    let own = model.kind.own_current().map_or(0.0, |i| model.values[i]);
    let current = (0..record.v.len() as u64).map(|k| (own + driven.current(k, spec.dt)) as f32).collect();
    let v: Vec<f32> = record.v.iter().map(|v| *v as f32).collect();
    let highest = v.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let peak = model.kind.param("v_peak").map_or(highest, |i| model.values[i] as f32);
    Some(Run { key: preset.key, ms: spec.duration, dt: spec.dt, spikes: record.spikes, v, current, peak, named: None })
}

/// Lines of a run in the unit square: time to the right, higher values up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    pub v: Vec<[f32; 2]>,
    pub current: Vec<[f32; 2]>,
    /// Where spikes stand along the time axis.
    pub spikes: Vec<f32>,
}

impl Run {
    /// The lines for a picture of so many columns: lowest and highest of each column, so that no spike is lost.
    #[allow(clippy::cast_possible_truncation)]
    pub fn outline(&self, columns: usize) -> Outline {
        let low = self.v.iter().copied().fold(f32::INFINITY, f32::min);
        let height = |v: f32| (v - low) / (self.peak - low).max(1e-3);
        let part = |t: f64| (t / self.ms) as f32;
        let every = (self.v.len() / columns.max(1)).max(1);
        let mut v = Vec::new();
        let mut spikes = self.spikes.iter().peekable();
        for (c, chunk) in self.v.chunks(every).enumerate() {
            let time = |k: usize| (c * every + k + 1) as f64 * self.dt;
            // A spike ends at the end of its step at the latest; its line stands where it is recorded.
            while let Some(t) = spikes.next_if(|t| **t < time(chunk.len() - 1) + 1e-9) {
                v.push([part(*t), 1.0]);
            }
            let by = |a: &(usize, &f32), b: &(usize, &f32)| a.1.total_cmp(b.1);
            let lowest = chunk.iter().enumerate().min_by(by).map_or(0, |x| x.0);
            let highest = chunk.iter().enumerate().max_by(by).map_or(0, |x| x.0);
            let mut ends = vec![lowest.min(highest), lowest.max(highest)];
            ends.dedup();
            v.extend(ends.into_iter().map(|k| [part(time(k)), height(chunk[k]).min(1.0)]));
        }
        v.sort_by(|a, b| a[0].total_cmp(&b[0]));
        Outline { v, current: self.steps(columns), spikes: self.spikes.iter().map(|t| part(*t)).collect() }
    }

    /// The current as a line with upright edges; in the middle where it never changes.
    #[allow(clippy::cast_possible_truncation)]
    fn steps(&self, columns: usize) -> Vec<[f32; 2]> {
        let ends = self.current.iter().copied().chain([0.0]).fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
        let height = |x: f32| if ends.1 > ends.0 { (x - ends.0) / (ends.1 - ends.0) } else { 0.5 };
        let part = |k: usize| (k as f64 * self.dt / self.ms) as f32;
        let mut line: Vec<[f32; 2]> = Vec::new();
        let mut last = 0.0;
        for (k, x) in self.current.iter().enumerate() {
            if k == 0 || *x != last {
                let is_jump = (x - last).abs() > 0.02 * (ends.1 - ends.0);
                let is_due = line.last().is_none_or(|p| part(k) - p[0] >= 1.0 / columns.max(1) as f32);
                if is_jump || is_due {
                    line.extend((k > 0).then(|| [part(k), height(last)]));
                    line.push([part(k), height(*x)]);
                }
                last = *x;
            }
        }
        line.push([1.0, height(last)]);
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Runs {
        let mut last = Runs::new();
        work(&(), &Stop::never(), &mut |runs| last = runs);
        last
    }

    #[test]
    fn every_pattern_has_a_run_whose_spikes_all_stand_in_the_picture() {
        let runs = all();
        assert_eq!(runs.len(), builtin::list().iter().filter(|p| p.variation).count());
        for run in &runs {
            for columns in [60, 200, 1000] {
                let outline = run.outline(columns);
                let peaks = outline.v.iter().filter(|p| p[1] >= 1.0).count();
                assert!(peaks >= run.spikes.len(), "{}: {peaks} of {} spikes", run.key, run.spikes.len());
                assert_eq!(outline.spikes.len(), run.spikes.len());
                assert!(outline.v.windows(2).all(|w| w[0][0] <= w[1][0]), "{}", run.key);
                let inside = |p: &[f32; 2]| (0.0..=1.0).contains(&p[0]) && (-1e-4..=1.0001).contains(&p[1]);
                assert!(outline.v.iter().chain(&outline.current).all(inside), "{}", run.key);
                assert!(outline.v.len() <= 2 * columns + 4 + 2 * run.spikes.len() + run.v.len() % columns, "{}", outline.v.len());
            }
        }
        // Panel A of the figure: five spikes at published times.
        assert_eq!(runs[0].spikes, [13.0, 17.0, 31.5, 59.25, 86.75]);
        assert_eq!(runs[0].named.as_ref().map(|n| n.0.as_str()), Some("tonic spiking"));
    }

    #[test]
    fn a_step_of_current_is_drawn_upright() {
        let run = Run { ms: 4.0, dt: 1.0, v: vec![0.0; 4], current: vec![0.0, 0.0, 8.0, 8.0], ..Run::default() };
        assert_eq!(run.outline(100).current, [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [1.0, 1.0]]);
    }
}
