//! A command as a session file holds it: parameters by their keys, networks as the text of their file, so that later versions read it.

use crate::preset;
use crate::protocol::{Command, Poke};
use crate::spec::NetworkSpec;
use crate::spec::path::{Path, Place};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize, Deserialize)]
pub enum Entry {
    Set { place: Place, key: String, value: f64 },
    Enable { stimulus: usize, enabled: bool },
    Fire { population: usize, neuron: u32 },
    Pulse { population: usize, neuron: u32, amplitude: f64, duration: f64 },
    Put { population: usize, neuron: u32, state: usize, value: f64 },
    Load { network: String, keep: bool },
}

impl Entry {
    /// The entry of a command that acted on `spec`; none for commands that change no spike.
    pub fn of(command: &Command, spec: &NetworkSpec) -> Option<Self> {
        Some(match command {
            Command::Set { path, value } => Self::Set { place: path.place, key: spec.spec_of(*path)?.key.to_owned(), value: *value },
            Command::Enable { stimulus, enabled } => Self::Enable { stimulus: *stimulus, enabled: *enabled },
            Command::Poke { population, neuron, poke: Poke::Fire } => Self::Fire { population: *population, neuron: *neuron },
            Command::Poke { population, neuron, poke: Poke::Pulse { amplitude, duration } } => {
                Self::Pulse { population: *population, neuron: *neuron, amplitude: *amplitude, duration: *duration }
            }
            Command::Poke { population, neuron, poke: Poke::State { state, value } } => {
                Self::Put { population: *population, neuron: *neuron, state: *state, value: *value }
            }
            Command::Load { spec, keep } => Self::Load { network: preset::write(spec), keep: *keep },
            Command::Run
            | Command::Pause
            | Command::Step(_)
            | Command::StepToSpike
            | Command::Reset { .. }
            | Command::Resume { .. }
            | Command::StopBuild
            | Command::Speed(_)
            | Command::Probe(_)
            | Command::Watch(_)
            | Command::Inspect { .. }
            | Command::TakeWeights
            | Command::TakeSession { .. } => return None,
        })
    }

    /// The command for `spec`, or why it means nothing there.
    pub fn command(self, spec: &NetworkSpec) -> Result<Command, String> {
        Ok(match self {
            Self::Set { place, key, value } => {
                let part = spec.part(place).ok_or("the network has no such part")?;
                let param = part.kind.param(&key).ok_or_else(|| format!("{} has no parameter {key}", part.kind.key))?;
                Command::Set { path: Path { place, param }, value }
            }
            Self::Enable { stimulus, enabled } => Command::Enable { stimulus, enabled },
            Self::Fire { population, neuron } => Command::Poke { population, neuron, poke: Poke::Fire },
            Self::Pulse { population, neuron, amplitude, duration } => {
                Command::Poke { population, neuron, poke: Poke::Pulse { amplitude, duration } }
            }
            Self::Put { population, neuron, state, value } => Command::Poke { population, neuron, poke: Poke::State { state, value } },
            Self::Load { network, keep } => {
                let problem = |p: Vec<preset::Problem>| p.first().map_or_else(String::new, ToString::to_string);
                let spec = preset::read(&network).map_err(|p| format!("its network cannot be read: {}", problem(p)))?.spec;
                Command::Load { spec: Arc::new(spec), keep }
            }
        })
    }
}
