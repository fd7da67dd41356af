//! The running simulation as the window knows it: what was sent, what it said last.

use super::document::Document;
use super::view::Needs;
use spikeground_core::engine::Link;
use spikeground_core::protocol::{Command, Event, Frame, Record, Speed, Status, diff};
use spikeground_core::spec::NetworkSpec;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

/// Wall seconds over which the spike rate is averaged.
const RATE_SECS: f64 = 0.5;

pub struct Session {
    link: Box<dyn Link>,
    /// What the simulation was last asked to be, and what it last was for sure.
    sent: Arc<NetworkSpec>,
    good: Arc<NetworkSpec>,
    /// The load under way, and whether it keeps state.
    loading: Option<(Arc<NetworkSpec>, bool)>,
    /// Revision of the document that `sent` is.
    revision: u64,
    pub status: Status,
    pub n_synapses: Vec<u64>,
    /// Progress of a build that takes long.
    pub building: Option<f32>,
    pub speed: Speed,
    needs: Option<Needs>,
    /// (wall, step, spikes) of the last half second.
    marks: VecDeque<(Instant, u64, u64)>,
}

impl Session {
    /// `link` holds an empty network.
    pub fn new(link: Box<dyn Link>) -> Self {
        let spec = Arc::new(NetworkSpec::default());
        Self {
            link,
            good: Arc::clone(&spec),
            sent: spec,
            loading: None,
            revision: 0,
            status: Status::default(),
            n_synapses: Vec::new(),
            building: None,
            speed: Speed::Factor(1.0),
            needs: None,
            marks: VecDeque::new(),
        }
    }

    pub fn send(&mut self, command: Command) {
        self.link.send(command);
    }

    pub fn set_speed(&mut self, speed: Speed) {
        self.speed = speed;
        self.link.send(Command::Speed(speed));
    }

    /// Another network, from time zero, at its own speed.
    pub fn open(&mut self, document: &Document) {
        self.revision = document.revision();
        self.load(Arc::new(document.spec().clone()), false);
        self.set_speed(speed_of(&self.sent));
    }

    /// A session, from where it stands, at the speed of its network.
    pub fn resume(&mut self, document: &Document, record: Arc<Record>) {
        self.revision = document.revision();
        self.sent = Arc::new(document.spec().clone());
        self.loading = Some((Arc::clone(&self.sent), false));
        self.link.send(Command::Resume { record, spec: Arc::clone(&self.sent) });
        self.set_speed(speed_of(&self.sent));
    }

    /// The same network from time zero: the same spikes again.
    pub fn reset(&mut self) {
        self.load(Arc::clone(&self.sent), false);
    }

    fn load(&mut self, spec: Arc<NetworkSpec>, keep: bool) {
        self.sent = spec;
        self.loading = Some((Arc::clone(&self.sent), keep));
        self.link.send(Command::Load { spec: Arc::clone(&self.sent), keep });
    }

    /// Sends what changed in the document since the last call: parameters live, structure as a load.
    pub fn sync(&mut self, document: &Document) {
        if self.revision == document.revision() {
            return;
        }
        self.revision = document.revision();
        let new = Arc::new(document.spec().clone());
        let commands = diff::diff(&self.sent, &new);
        let starts_anew = commands.iter().any(|c| matches!(c, Command::Reset { .. }));
        let is_structural = commands.iter().any(|c| matches!(c, Command::Load { .. }));
        // What is set while a network is being built would reach the one that is about to go.
        if starts_anew || is_structural || (self.loading.is_some() && !commands.is_empty()) {
            let keep = !starts_anew && self.loading.as_ref().is_none_or(|l| l.1);
            self.load(new, keep);
            return;
        }
        for command in commands {
            self.link.send(command);
        }
        self.sent = new;
        if self.loading.is_none() {
            self.good = Arc::clone(&self.sent);
        }
    }

    /// Whether the simulation runs `document` as it is: false while a build is under way or was refused.
    pub fn runs(&self, document: &Document) -> bool {
        self.loading.is_none() && Arc::ptr_eq(&self.good, &self.sent) && *self.sent == *document.spec()
    }

    /// Asks for the traces and weights that the panels on screen show.
    pub fn need(&mut self, needs: Needs) {
        let old = self.needs.as_ref();
        if old.is_none_or(|n| n.probes != needs.probes) {
            self.link.send(Command::Probe(needs.probes.clone()));
        }
        if old.is_none_or(|n| n.watch != needs.watch) {
            self.link.send(Command::Watch(needs.watch));
        }
        self.needs = Some(needs);
    }

    /// Everything that happened since the last call.
    pub fn take(&mut self) -> Frame {
        let frame = self.link.take();
        if frame.status.generation != self.status.generation || frame.status.step < self.status.step {
            self.marks.clear();
        }
        self.status = frame.status.clone();
        let mut loaded = false;
        for event in &frame.events {
            match event {
                Event::Loaded { spec, n_synapses, .. } => {
                    loaded = true;
                    self.n_synapses.clone_from(n_synapses);
                    self.building = None;
                    if self.loading.as_ref().is_some_and(|l| Arc::ptr_eq(&l.0, spec)) {
                        self.loading = None;
                    }
                    self.good = if self.loading.is_none() { Arc::clone(&self.sent) } else { Arc::clone(spec) };
                    // Indices of the former network mean nothing to the new one.
                    self.needs = None;
                }
                Event::Building { done } => self.building = Some(*done),
                Event::Refused { what, .. } if what.starts_with("The network was not built") && self.loading.take().is_some() => {
                    self.sent = Arc::clone(&self.good);
                    self.building = None;
                }
                _ => {}
            }
        }
        if loaded && let Some((spec, keep)) = self.loading.clone() {
            // Another build overtook ours.
            self.load(spec, keep);
        }
        self.mark();
        frame
    }

    fn mark(&mut self) {
        let now = Instant::now();
        if self.status.running && self.marks.back().is_none_or(|m| m.1 != self.status.step) {
            self.marks.push_back((now, self.status.step, self.status.n_spikes));
        }
        while self.marks.len() > 2 && self.marks.front().is_some_and(|m| (now - m.0).as_secs_f64() > RATE_SECS) {
            self.marks.pop_front();
        }
    }

    /// Spikes per biological second of the whole network, over the last half second of wall time.
    pub fn spikes_per_second(&self) -> Option<f64> {
        let (first, last) = (self.marks.front()?, self.marks.back()?);
        #[allow(clippy::cast_precision_loss)]
        let secs = last.1.checked_sub(first.1)? as f64 * self.status.dt / 1000.0;
        #[allow(clippy::cast_precision_loss)]
        let spikes = last.2.checked_sub(first.2)? as f64;
        (secs > 0.0).then(|| spikes / secs)
    }
}

fn speed_of(spec: &NetworkSpec) -> Speed {
    if spec.speed > 0.0 { Speed::Factor(spec.speed) } else { Speed::AsFastAsPossible }
}
