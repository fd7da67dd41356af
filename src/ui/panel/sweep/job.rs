//! The sweep's work in the background: runs told one by one, so that curves grow while one watches.

use super::super::super::worker::Stop;
use spikeground_core::sweep::{self, Plan, Run};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// Between two looks of the window at what is done.
const LOOK: Duration = Duration::from_millis(100);

/// What is done so far.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// In the order in which they ended.
    pub runs: Vec<Run>,
    pub of: usize,
}

/// The worker's whole work.
pub fn work(plan: &Plan, stop: &Stop, tell: &mut dyn FnMut(Answer)) {
    // The simulation on screen keeps a core for itself.
    let threads = std::thread::available_parallelism().map_or(1, usize::from).saturating_sub(1).max(1);
    let of = plan.n_runs();
    let (to, from) = channel();
    std::thread::scope(|scope| {
        let all = std::thread::Builder::new().name("sweep".into()).spawn_scoped(scope, move || {
            sweep::run(plan, threads, &|done| {
                if let Some(run) = done.last {
                    // Nobody listens any more when the panel is gone.
                    let _ = to.send(run.clone());
                }
                !stop.is_stopped()
            });
        });
        let (mut runs, mut last) = (Vec::new(), Instant::now());
        tell(Answer { runs: Vec::new(), of });
        while let Ok(run) = from.recv() {
            runs.push(run);
            if last.elapsed() > LOOK || runs.len() == of {
                last = Instant::now();
                tell(Answer { runs: runs.clone(), of });
            }
        }
        drop(all);
        tell(Answer { runs, of });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::analysis;
    use spikeground_core::sweep::{Measured, knob, range, summarise};

    #[test]
    fn a_sweep_grows_and_ends_with_all_its_runs() {
        let mut spec = crate::ui::library::preset("lif-single").expect("a preset");
        spec.duration = 50.0;
        let name = format!("{}.i_e", spec.populations[0].name);
        let knob = knob(&spec, &name, range(0.0, 500.0, 3)).expect("a parameter");
        let measures = vec![Measured::new(analysis::find("rate").expect("a measure"))];
        let plan = Plan { knobs: vec![knob], seeds: vec![1, 2], ms: 50.0, settle: 0.0, measures, populations: vec![0], spec };
        let mut told = Vec::new();
        work(&plan, &Stop::never(), &mut |a| told.push(a));
        assert!(told.windows(2).all(|w| w[0].runs.len() <= w[1].runs.len()));
        let last = told.last().expect("told");
        assert_eq!((last.runs.len(), last.of), (6, 6));
        assert_eq!(summarise(&plan, &last.runs).len(), 3);
    }
}
