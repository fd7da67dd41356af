//! The difference between two networks as commands: one path for sliders, undo and redo.

use super::Command;
use crate::param::Effect;
use crate::spec::NetworkSpec;
use crate::spec::path::Path;
use std::sync::Arc;

/// The commands that turn a simulation of `old` into one of `new`: live parameters where that suffices, else one load.
///
/// Names, notes, probes and graph positions do not touch the simulation.
pub fn diff(old: &NetworkSpec, new: &Arc<NetworkSpec>) -> Vec<Command> {
    let mut commands = Vec::new();
    if !same_structure(old, new) {
        return vec![Command::Load { spec: Arc::clone(new), keep: true }];
    }
    if old.seed != new.seed {
        commands.push(Command::Reset { seed: Some(new.seed) });
    }
    for place in new.places() {
        let (Some(a), Some(b)) = (old.part(place), new.part(place)) else { continue };
        for (param, spec) in b.kind.params.iter().enumerate() {
            if a.values[param].to_bits() != b.values[param].to_bits() {
                if spec.effect == Effect::Rebuild {
                    return vec![Command::Load { spec: Arc::clone(new), keep: true }];
                }
                commands.push(Command::Set { path: Path { place, param }, value: b.values[param] });
            }
        }
    }
    for (stimulus, (a, b)) in old.stimuli.iter().zip(&new.stimuli).enumerate() {
        if a.enabled != b.enabled {
            commands.push(Command::Enable { stimulus, enabled: b.enabled });
        }
    }
    commands
}

/// Whether the two differ in numbers only.
fn same_structure(old: &NetworkSpec, new: &NetworkSpec) -> bool {
    let same_part = |a: &crate::part::Part, b: &crate::part::Part| std::ptr::eq(a.kind, b.kind) && a.table == b.table;
    let same_list = |a: &[(usize, crate::part::Part)], b: &[(usize, crate::part::Part)]| {
        a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.0 == y.0 && same_part(&x.1, &y.1))
    };
    old.dt.to_bits() == new.dt.to_bits()
        && (old.precision, old.wiring, old.updates) == (new.precision, new.wiring, new.updates)
        && old.populations.len() == new.populations.len()
        && old.projections.len() == new.projections.len()
        && old.stimuli.len() == new.stimuli.len()
        && old.populations.iter().zip(&new.populations).all(|(a, b)| {
            a.size == b.size && same_part(&a.model, &b.model) && same_list(&a.spread, &b.spread) && same_list(&a.initial, &b.initial)
        })
        && old.projections.iter().zip(&new.projections).all(|(a, b)| {
            old.population(&a.pre) == new.population(&b.pre)
                && old.population(&a.post) == new.population(&b.post)
                && same_part(&a.synapse, &b.synapse)
                && same_part(&a.connect, &b.connect)
                && same_part(&a.weight, &b.weight)
                && same_part(&a.delay, &b.delay)
                && match (&a.plasticity, &b.plasticity) {
                    (Some(x), Some(y)) => same_part(x, y),
                    (None, None) => true,
                    _ => false,
                }
        })
        && old.stimuli.iter().zip(&new.stimuli).all(|(a, b)| {
            old.population(&a.target) == new.population(&b.target)
                && same_part(&a.stimulus, &b.stimulus)
                && same_part(&a.synapse, &b.synapse)
                && a.neurons == b.neurons
        })
}
