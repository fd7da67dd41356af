//! Structural edits of a network: add, duplicate, rename, delete, reconnect. Pure functions on the description.

use super::view::Item;
use spikeground_core::model::{self, distribution, neuron};
use spikeground_core::param::Kind;
use spikeground_core::part::Part;
use spikeground_core::spec::{NetworkSpec, PopulationSpec, ProbeSpec, ProjectionSpec, Role, StimulusSpec};

/// `base`, or `base 2`, `base 3`, … if that is taken.
pub fn free_name(base: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let stem = base.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
    let stem = if stem.is_empty() { base } else { stem };
    if !is_taken(base) {
        return base.to_owned();
    }
    (2..).map(|i| format!("{stem} {i}")).find(|n| !is_taken(n)).unwrap_or_default()
}

/// Name of what is selected, if it has one.
pub fn name_of(spec: &NetworkSpec, item: Item) -> Option<String> {
    match item {
        Item::Network => Some(spec.name.clone()),
        Item::Population(i) => spec.populations.get(i).map(|p| p.name.clone()),
        Item::Projection(i) => spec.projections.get(i).map(|p| p.name.clone()),
        Item::Stimulus(i) => spec.stimuli.get(i).map(|s| s.name.clone()),
        Item::Probe(i) => spec.probes.get(i).map(|p| format!("{} of {}", p.variable, p.population)),
    }
}

fn is_taken(spec: &NetworkSpec, item: Item, name: &str) -> bool {
    match item {
        Item::Population(_) => spec.population(name).is_some(),
        Item::Projection(_) => spec.projection(name).is_some(),
        Item::Stimulus(_) => spec.stimulus(name).is_some(),
        Item::Network | Item::Probe(_) => false,
    }
}

/// Adds 100 neurons of a model.
pub fn add_population(spec: &NetworkSpec, kind: &'static Kind) -> (NetworkSpec, Item) {
    let mut new = spec.clone();
    let (base, role) = if new.populations.iter().any(|p| p.role == Role::Excitatory) && kind.states.is_empty() {
        ("Source", Role::Other)
    } else {
        ("Population", Role::Excitatory)
    };
    let name = free_name(base, |n| new.population(n).is_some());
    new.populations.push(PopulationSpec { role, ..PopulationSpec::new(&name, 100, Part::new(kind)) });
    let item = Item::Population(new.populations.len() - 1);
    (new, item)
}

/// Connects two populations with probability 0.1, as other projections of the network with the same sign do.
pub fn add_projection(spec: &NetworkSpec, pre: usize, post: usize) -> (NetworkSpec, Item) {
    let mut new = spec.clone();
    let (Some(from), Some(to)) = (spec.populations.get(pre), spec.populations.get(post)) else { return (new, Item::Network) };
    let name = free_name(&format!("{} → {}", from.name, to.name), |n| spec.projection(n).is_some());
    let mut projection = ProjectionSpec::new(&name, &from.name, &to.name);
    projection.connect = Part::new(&model::connectivity::PROBABILITY);
    let role_of = |n: &str| spec.population(n).map(|i| spec.populations[i].role);
    let alike = spec.projections.iter().find(|p| role_of(&p.pre) == Some(from.role));
    if let Some(alike) = alike {
        projection.synapse = alike.synapse.clone();
        projection.delay = alike.delay.clone();
        if alike.weight.table.is_empty() {
            projection.weight = alike.weight.clone();
        }
    } else if from.role == Role::Inhibitory {
        projection.weight.values[0] = -1.0;
    }
    new.projections.push(projection);
    let item = Item::Projection(new.projections.len() - 1);
    (new, item)
}

/// Adds a stimulus to a population.
pub fn add_stimulus(spec: &NetworkSpec, kind: &'static Kind, target: usize) -> (NetworkSpec, Item) {
    let mut new = spec.clone();
    let Some(target) = spec.populations.get(target) else { return (new, Item::Network) };
    let name = free_name(kind.name, |n| spec.stimulus(n).is_some());
    new.stimuli.push(StimulusSpec::new(&name, &target.name, Part::new(kind)));
    let item = Item::Stimulus(new.stimuli.len() - 1);
    (new, item)
}

/// Records a variable of the first three neurons of a population.
pub fn add_probe(spec: &NetworkSpec, population: usize, variable: &str) -> (NetworkSpec, Item) {
    let mut new = spec.clone();
    let Some(p) = spec.populations.get(population) else { return (new, Item::Network) };
    new.probes.push(ProbeSpec { population: p.name.clone(), variable: variable.into(), neurons: (0..p.size.min(3)).collect() });
    let item = Item::Probe(new.probes.len() - 1);
    (new, item)
}

/// A copy of the item under another name, right after it. A population's copy takes its connections along.
pub fn duplicate(spec: &NetworkSpec, item: Item) -> Option<(NetworkSpec, Item)> {
    let mut new = spec.clone();
    let item = match item {
        Item::Network => return None,
        Item::Population(i) => {
            let mut copy = spec.populations.get(i)?.clone();
            let old = copy.name.clone();
            copy.name = free_name(&old, |n| spec.population(n).is_some());
            copy.position = None;
            let name = copy.name.clone();
            new.populations.push(copy);
            for p in spec.projections.iter().filter(|p| p.pre == old || p.post == old) {
                let mut wire = p.clone();
                for end in [&mut wire.pre, &mut wire.post] {
                    if *end == old {
                        end.clone_from(&name);
                    }
                }
                wire.name = free_name(&format!("{} → {}", wire.pre, wire.post), |n| new.projection(n).is_some());
                new.projections.push(wire);
            }
            for s in spec.stimuli.iter().filter(|s| s.target == old) {
                let unique = free_name(&s.name, |n| new.stimulus(n).is_some());
                new.stimuli.push(StimulusSpec { name: unique, target: name.clone(), ..s.clone() });
            }
            Item::Population(new.populations.len() - 1)
        }
        Item::Projection(i) => {
            let mut copy = spec.projections.get(i)?.clone();
            copy.name = free_name(&copy.name, |n| spec.projection(n).is_some());
            new.projections.insert(i + 1, copy);
            Item::Projection(i + 1)
        }
        Item::Stimulus(i) => {
            let mut copy = spec.stimuli.get(i)?.clone();
            copy.name = free_name(&copy.name, |n| spec.stimulus(n).is_some());
            new.stimuli.insert(i + 1, copy);
            Item::Stimulus(i + 1)
        }
        Item::Probe(i) => {
            let copy = spec.probes.get(i)?.clone();
            new.probes.insert(i + 1, copy);
            Item::Probe(i + 1)
        }
    };
    Some((new, item))
}

/// The network without the item and without everything that hangs on it.
pub fn delete(spec: &NetworkSpec, item: Item) -> Option<NetworkSpec> {
    let name = name_of(spec, item)?;
    let mut new = spec.clone();
    match item {
        Item::Network => return None,
        Item::Population(i) => {
            new.populations.remove(i);
            new.projections.retain(|p| p.pre != name && p.post != name);
            new.stimuli.retain(|s| s.target != name);
            new.probes.retain(|p| p.population != name);
        }
        Item::Projection(i) => {
            new.projections.remove(i);
        }
        Item::Stimulus(i) => {
            new.stimuli.remove(i);
        }
        Item::Probe(i) => {
            new.probes.remove(i);
        }
    }
    Some(new)
}

/// Another name; everything that refers to the old one follows. Refused when the name is empty or taken.
pub fn rename(spec: &NetworkSpec, item: Item, to: &str) -> Result<NetworkSpec, String> {
    let to = to.trim();
    let Some(from) = name_of(spec, item) else { return Err("it no longer exists".into()) };
    if to.is_empty() {
        return Err("a name cannot be empty".into());
    }
    if to == from {
        return Ok(spec.clone());
    }
    if is_taken(spec, item, to) {
        return Err(format!("there is already one called {to}; choose another name"));
    }
    let mut new = spec.clone();
    match item {
        Item::Network => new.name = to.into(),
        Item::Population(i) => {
            new.populations[i].name = to.into();
            let follow = |n: &mut String| {
                if *n == from {
                    *n = to.into();
                }
            };
            new.projections.iter_mut().for_each(|p| {
                follow(&mut p.pre);
                follow(&mut p.post);
            });
            new.stimuli.iter_mut().for_each(|s| follow(&mut s.target));
            new.probes.iter_mut().for_each(|p| follow(&mut p.population));
        }
        Item::Projection(i) => new.projections[i].name = to.into(),
        Item::Stimulus(i) => new.stimuli[i].name = to.into(),
        Item::Probe(_) => return Err("a probe is named after what it records".into()),
    }
    Ok(new)
}

/// A part of another kind that keeps the values of parameters both have.
pub fn change_kind(part: &Part, kind: &'static Kind) -> Part {
    let mut new = Part::new(kind);
    for (i, p) in kind.params.iter().enumerate() {
        if let Some(k) = part.kind.param(p.key)
            && p.check(part.values[k]).is_ok()
        {
            new.values[i] = part.values[k];
        }
    }
    if !kind.columns.is_empty() && kind.columns == part.kind.columns {
        new.table = part.table.clone();
    }
    new
}

/// A rule for a projection: its largest weight is twice the largest drawn now, so that weights have room to move.
pub fn new_rule(kind: &'static Kind, weight: &Part) -> Part {
    let mut rule = Part::new(kind);
    let largest = weight.values.iter().copied().fold(0.0_f64, |m, v| m.max(v.abs()));
    if largest > 0.0 && std::ptr::eq(weight.kind, &distribution::weights::CONSTANT) {
        let _ = rule.set("w_max", 2.0 * largest);
    }
    rule
}

/// An empty network to start from: one population at rest.
pub fn blank() -> NetworkSpec {
    let mut spec = NetworkSpec { name: "New network".into(), ..NetworkSpec::default() };
    spec.populations.push(PopulationSpec::new("Excitatory", 100, Part::new(neuron::ALL[0])));
    spec.stimuli.push(StimulusSpec::new("Drive", "Excitatory", Part::new(&model::stimulus::NOISE).with("mean", 220.0).with("sd", 100.0)));
    spec.probes.push(ProbeSpec { population: "Excitatory".into(), variable: "v".into(), neurons: vec![0, 1, 2] });
    spec
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::model::synapse;

    fn network() -> NetworkSpec {
        let mut spec = NetworkSpec::default();
        for n in ["E", "I"] {
            spec.populations.push(PopulationSpec::new(n, 10, Part::new(neuron::ALL[0])));
        }
        let (spec, _) = add_projection(&spec, 0, 1);
        let (spec, _) = add_stimulus(&spec, &model::stimulus::CONSTANT, 0);
        add_probe(&spec, 0, "v").0
    }

    #[test]
    fn renaming_a_population_takes_everything_that_refers_to_it_along() {
        let new = rename(&network(), Item::Population(0), "Exc").unwrap();
        assert_eq!(new.projections[0].pre, "Exc");
        assert_eq!(new.stimuli[0].target, "Exc");
        assert_eq!(new.probes[0].population, "Exc");
        assert!(rename(&new, Item::Population(0), "I").unwrap_err().contains("already"));
        assert!(rename(&new, Item::Population(0), "  ").is_err());
    }

    #[test]
    fn deleting_a_population_leaves_nothing_that_refers_to_it() {
        let new = delete(&network(), Item::Population(0)).unwrap();
        assert_eq!((new.populations.len(), new.projections.len(), new.stimuli.len(), new.probes.len()), (1, 0, 0, 0));
    }

    #[test]
    fn copies_have_names_of_their_own() {
        let (a, first) = duplicate(&network(), Item::Population(0)).unwrap();
        let (b, _) = duplicate(&a, first).unwrap();
        let mut names: Vec<_> = b.populations.iter().map(|p| p.name.clone()).collect();
        assert_eq!(names, ["E", "I", "E 2", "E 3"]);
        names.extend(b.projections.iter().map(|p| p.name.clone()));
        let n = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), n);
    }

    #[test]
    fn another_kind_keeps_the_values_both_have() {
        let slow = Part::new(&synapse::EXPONENTIAL).with("tau_syn", 12.0);
        assert_eq!(change_kind(&slow, &synapse::CONDUCTANCE).get("tau_syn"), 12.0);
    }
}
