//! How many threads share the work of a step: what the user says, or what a trial says is faster.
//!
//! Spikes do not depend on it, so it may change at any time. Small networks lose by sharing, and so does everybody when another program
//! needs the cores; therefore nothing is assumed: from time to time a stretch is run both ways and the faster way kept.
#![allow(clippy::disallowed_methods, reason = "compares wall times; what is simulated does not depend on it")]

use super::simulation::Simulation;
use std::time::Duration;

/// Neurons from which on sharing is tried: below, waiting for each other costs more than a share of the work.
const WORTHWHILE: u64 = 8_000;
/// Most threads tried without being asked: beyond, memory is what limits a step.
const MOST: usize = 4;
/// Simulated wall time of each half of a trial.
const TRIAL: Duration = Duration::from_millis(60);
/// Simulated wall time until the next trial.
const INTERVAL: Duration = Duration::from_secs(8);
/// Sharing must be this much faster to be kept.
const GAIN: f64 = 1.1;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// As many as are faster, but at least so many cores are left to others.
    Auto {
        spare: usize,
    },
    Exactly(usize),
}

/// Where a trial stands.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Steps and time before the next trial.
    Settled(Duration),
    /// Measuring with so many threads; and nanoseconds a step with one, once known.
    Trying { alone: Option<f64>, steps: u64, spent: Duration },
}

/// Keeps a simulation at the number of threads that was asked for or is fastest.
#[derive(Clone, Debug)]
pub struct Tuner {
    threads: Threads,
    phase: Phase,
}

impl Tuner {
    pub fn new(threads: Threads) -> Self {
        Self { threads, phase: Phase::Trying { alone: None, steps: 0, spent: Duration::ZERO } }
    }

    /// A network has come in: what was measured before is void.
    pub fn start(&mut self, simulation: &mut Simulation) {
        simulation.set_threads(if let Threads::Exactly(n) = self.threads { n } else { 1 });
        self.phase = Phase::Trying { alone: None, steps: 0, spent: Duration::ZERO };
    }

    /// Threads that a trial compares with one; one where there is nothing to try.
    fn candidates(&self, simulation: &Simulation) -> usize {
        let Threads::Auto { spare } = self.threads else { return 1 };
        if simulation.spec().n_neurons() < WORTHWHILE {
            return 1;
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        cores.saturating_sub(spare).clamp(1, MOST)
    }

    /// Notes that `steps` took `took`, and changes the number of threads when a trial asks for it.
    pub fn note(&mut self, simulation: &mut Simulation, steps: u64, took: Duration) {
        let most = self.candidates(simulation);
        if most < 2 || steps == 0 {
            return;
        }
        match &mut self.phase {
            Phase::Settled(left) => {
                *left = left.saturating_sub(took);
                if left.is_zero() {
                    simulation.set_threads(1);
                    self.phase = Phase::Trying { alone: None, steps: 0, spent: Duration::ZERO };
                }
            }
            Phase::Trying { alone, steps: all, spent } => {
                *all += steps;
                *spent += took;
                if *spent < TRIAL {
                    return;
                }
                let each = spent.as_secs_f64() * 1e9 / *all as f64;
                if let Some(alone) = *alone {
                    if each * GAIN > alone {
                        simulation.set_threads(1);
                    }
                    self.phase = Phase::Settled(INTERVAL);
                } else {
                    simulation.set_threads(most);
                    self.phase = Phase::Trying { alone: Some(each), steps: 0, spent: Duration::ZERO };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{find, neuron};
    use crate::part::Part;
    use crate::spec::{NetworkSpec, PopulationSpec};

    fn simulation(size: u32) -> Simulation {
        let mut spec = NetworkSpec::default();
        spec.populations.push(PopulationSpec::new("A", size, Part::new(find(neuron::ALL, "lif").expect("a model"))));
        Simulation::new(&spec).expect("builds")
    }

    #[test]
    fn a_trial_keeps_what_was_faster() {
        let many = std::thread::available_parallelism().map_or(1, usize::from).min(MOST);
        for (shared, expected) in [(20, many), (60, 1)] {
            let (mut s, mut tuner) = (simulation(9_000), Tuner::new(Threads::Auto { spare: 0 }));
            tuner.start(&mut s);
            // Fifty milliseconds a step alone.
            tuner.note(&mut s, 1, Duration::from_millis(50));
            tuner.note(&mut s, 1, Duration::from_millis(50));
            assert_eq!(s.threads(), many);
            (0..4).for_each(|_| tuner.note(&mut s, 1, Duration::from_millis(shared)));
            assert_eq!(s.threads(), expected);
        }
    }

    #[test]
    fn what_was_asked_for_is_kept_and_small_networks_are_left_alone() {
        let (mut s, mut tuner) = (simulation(3), Tuner::new(Threads::Exactly(3)));
        tuner.start(&mut s);
        tuner.note(&mut s, 10, Duration::from_secs(100));
        assert_eq!(s.threads(), 3);
        let mut tuner = Tuner::new(Threads::Auto { spare: 0 });
        tuner.start(&mut s);
        tuner.note(&mut s, 10, Duration::from_secs(100));
        assert_eq!(s.threads(), 1);
    }
}
