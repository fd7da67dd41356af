//! A stand-in for the engine: time flows and random neurons fire. For working on the window without a network.

use spikeground_core::engine::Link;
use spikeground_core::protocol::{Command, Event, Frame, Speed, Spike, Status};
use spikeground_core::spec::NetworkSpec;
use std::sync::Arc;
use std::time::Instant;

pub struct Stub {
    spec: Arc<NetworkSpec>,
    frame: Frame,
    speed: f64,
    last: Instant,
    seq: u64,
    random: u64,
    wake: Box<dyn Fn()>,
}

impl Stub {
    /// `wake` is called when there is something new to draw.
    pub fn new(spec: &NetworkSpec, wake: Box<dyn Fn()>) -> Self {
        let spec = Arc::new(spec.clone());
        let loaded = Event::Loaded { spec: Arc::clone(&spec), n_synapses: vec![0; spec.projections.len()], build_secs: 0.0, lost: None };
        let status = Status { dt: spec.dt, seed: spec.seed, generation: 1, ..Status::default() };
        Self {
            spec,
            frame: Frame { status, events: vec![loaded], ..Frame::default() },
            speed: 1.0,
            last: Instant::now(),
            seq: 0,
            random: 1,
            wake,
        }
    }

    fn advance(&mut self, steps: u64) {
        let n = u32::try_from(self.spec.n_neurons()).unwrap_or(u32::MAX);
        for _ in 0..steps {
            self.frame.status.step += 1;
            for _ in 0..n / 2000 + 1 {
                self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let neuron = (self.random >> 33) as u32;
                if n > 0 && (self.random >> 20) % 1000 < 300 {
                    self.frame.spikes.push(Spike { step: self.frame.status.step, neuron: neuron % n });
                    self.frame.status.n_spikes += 1;
                }
            }
        }
    }
}

impl Link for Stub {
    fn send(&mut self, command: Command) -> u64 {
        self.seq += 1;
        let status = &mut self.frame.status;
        match command {
            Command::Run => {
                status.running = true;
                self.last = Instant::now();
            }
            Command::Pause => status.running = false,
            Command::Step(n) => {
                status.running = false;
                self.advance(n);
            }
            Command::StepToSpike => status.running = false,
            Command::Reset { .. } => {
                status.step = 0;
                status.n_spikes = 0;
                status.generation += 1;
            }
            Command::Speed(Speed::Factor(f)) => self.speed = f,
            Command::Speed(Speed::AsFastAsPossible) => self.speed = 10.0,
            Command::Load { spec, keep } => {
                if !keep {
                    status.step = 0;
                }
                status.generation += 1;
                let n_synapses = vec![0; spec.projections.len()];
                self.frame.events.push(Event::Loaded { spec: Arc::clone(&spec), n_synapses, build_secs: 0.0, lost: None });
                self.spec = spec;
            }
            _ => {}
        }
        self.frame.status.applied_seq = self.seq;
        (self.wake)();
        self.seq
    }

    fn take(&mut self) -> Frame {
        if self.frame.status.running {
            (self.wake)();
            let steps = (self.last.elapsed().as_secs_f64() * 1000.0 * self.speed / self.spec.dt).min(5000.0);
            if steps >= 1.0 {
                self.last = Instant::now();
                self.advance(steps as u64);
                self.frame.status.realtime_factor = self.speed;
            }
        }
        let status = self.frame.status.clone();
        std::mem::replace(&mut self.frame, Frame { status, ..Frame::default() })
    }
}
