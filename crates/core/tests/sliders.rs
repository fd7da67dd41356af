//! Every slider of every small preset at both ends, and at the ends of what may be typed: the engine refuses, diverges by name or runs
//! on, but never panics.

use spikeground_core::engine::simulation::Simulation;
use spikeground_core::param::Effect;
use spikeground_core::preset::builtin;
use spikeground_core::protocol::Command;
use spikeground_core::spec::NetworkSpec;
use spikeground_core::spec::path::Path;

/// All parameters of a network with the values to try.
fn trials(spec: &NetworkSpec) -> Vec<(Path, Effect, Vec<f64>)> {
    let mut out = Vec::new();
    for place in spec.places() {
        let Some(part) = spec.part(place) else { continue };
        for (param, p) in part.kind.params.iter().enumerate() {
            let values = vec![p.slider.0, p.slider.1, p.valid.0, p.valid.1, f64::NAN, 1e300, -1e300, part.values[param]];
            out.push((Path { place, param }, p.effect, values));
        }
    }
    out
}

fn small() -> impl Iterator<Item = &'static NetworkSpec> {
    builtin::list().iter().map(|p| &p.spec).filter(|s| s.n_neurons() <= 300 && s.expected_synapses() < 50_000.0)
}

#[test]
fn live_sliders_at_both_ends_never_panic() {
    for spec in small() {
        let mut simulation = Simulation::new(spec).expect("a preset builds");
        for (path, effect, values) in trials(spec) {
            if effect == Effect::Rebuild {
                continue;
            }
            for value in values {
                simulation.apply(&Command::Set { path, value });
                simulation.advance(20);
            }
            if simulation.is_diverged() {
                simulation = Simulation::new(spec).expect("a preset builds");
            }
        }
    }
}

#[test]
fn structural_sliders_at_both_ends_build_or_say_why() {
    for spec in small() {
        for (path, effect, values) in trials(spec) {
            if effect == Effect::Live {
                continue;
            }
            for value in values {
                let mut edited = spec.clone();
                if let Some(part) = edited.part_mut(path.place) {
                    part.values[path.param] = value;
                }
                if edited.expected_synapses() > 1e6 {
                    continue;
                }
                match Simulation::new(&edited) {
                    Ok(mut simulation) => simulation.advance(5),
                    Err(problems) => assert!(problems.iter().all(|p| !p.what.is_empty())),
                }
            }
        }
    }
}
