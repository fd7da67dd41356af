//! A session as data: how it began, what was done to it, and, if wanted, where it stands.

use super::{LAYOUT, Sink, Source};
use crate::engine::builder::{self, Progress};
use crate::engine::network::Network;
use crate::engine::record::Recorder;
use crate::engine::simulation::Simulation;
use crate::protocol::{Command, Record, State};
use crate::spec::NetworkSpec;
use crate::spec::validate::Problem;
use std::sync::Arc;

/// A simulation at one moment, in memory: see [`Simulation::checkpoint`].
#[derive(Clone)]
pub struct Checkpoint {
    spec: Arc<NetworkSpec>,
    origin: Arc<NetworkSpec>,
    log: Vec<(u64, Command)>,
    network: Network,
}

impl Simulation {
    /// A copy of the complete state, the parameters in force and the log so far.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { spec: Arc::clone(&self.spec), origin: Arc::clone(&self.origin), log: self.log.clone(), network: self.network.clone() }
    }

    /// Where a simulation stood that is not needed any more.
    pub fn into_checkpoint(self) -> Checkpoint {
        Checkpoint { spec: self.spec, origin: self.origin, log: self.log, network: self.network }
    }

    /// Goes back (or over) to a checkpoint.
    pub fn restore(&mut self, checkpoint: Checkpoint) {
        let Checkpoint { spec, origin, log, network } = checkpoint;
        (self.spec, self.origin, self.log, self.network) = (spec, origin, log, network);
        self.network.make_room();
        self.share_out();
        self.recorder.clear();
        self.initial = None;
        self.diverged = false;
        self.generation += 1;
        self.look_again();
    }

    /// The session so far, for a file; with `state`, also where it stands, so that it can go on from there.
    pub fn record(&self, state: bool) -> Record {
        Record {
            origin: Arc::clone(&self.origin),
            log: self.log.clone(),
            step: self.network.step,
            n_spikes: self.network.n_spikes,
            spike_hash: self.network.hash,
            state: state.then(|| self.state_now()),
        }
    }

    fn state_now(&self) -> State {
        let mut sink = Sink::default();
        sink.put(&self.network.wiring_seeds());
        self.network.save(&mut sink);
        State { spec: Arc::clone(&self.spec), layout: LAYOUT, bytes: Arc::new(sink.finish()) }
    }

    /// Goes on where `record` stands: the network is built and wired as it was, and its state put in. `None`: given up by `progress`.
    pub fn resume(record: &Record, progress: Progress<'_>) -> Result<Option<Self>, Vec<Problem>> {
        let problem = |what: String| vec![Problem { at: "session".into(), what }];
        let Some(State { spec, layout, bytes }) = &record.state else {
            return Err(problem("it holds no state to go on from, only its commands; replay it instead".into()));
        };
        if *layout != LAYOUT {
            let what = format!("its state has layout {layout}, this version reads layout {LAYOUT}; replay it instead");
            return Err(problem(what));
        }
        let broken = |e: super::Damage| problem(format!("its state cannot be used: {e}; replay it instead"));
        let mut source = Source::new(bytes);
        let seeds: Vec<u64> = source.get().map_err(broken)?;
        let Some(mut network) = builder::build_wired(spec, &seeds, progress)? else { return Ok(None) };
        network.load(&mut source).and_then(|()| source.end()).map_err(broken)?;
        if (network.step, network.hash) != (record.step, record.spike_hash) {
            return Err(problem("its state and its clock disagree; replay it instead".into()));
        }
        let mut simulation = Self::with(Arc::clone(spec), network);
        simulation.origin = Arc::clone(&record.origin);
        simulation.log.clone_from(&record.log);
        simulation.recorder = Recorder::default();
        Ok(Some(simulation))
    }

    /// Repeats a recorded session from its beginning up to where it stood; `progress` is told how far it has come and may give up.
    pub fn replay_record(record: &Record, progress: Progress<'_>) -> Result<Option<Self>, Vec<Problem>> {
        Self::replay_with(&record.origin, &record.log, record.step, progress)
    }
}
