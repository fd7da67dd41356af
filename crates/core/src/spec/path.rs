//! Addresses of numbers inside a [`NetworkSpec`]: what a slider, a command or `--set` changes.

use super::NetworkSpec;
use crate::param::{ParamSpec, Unit};
use crate::part::Part;

/// Where a part sits in a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Place {
    /// Model of population i.
    Model(usize),
    /// k-th spread of population i.
    Spread(usize, usize),
    /// k-th initial value of population i.
    Initial(usize, usize),
    /// Parts of projection i.
    Synapse(usize),
    Connect(usize),
    Weight(usize),
    Delay(usize),
    Plasticity(usize),
    /// Stimulus i and its synapse.
    Stimulus(usize),
    StimulusSynapse(usize),
}

/// One parameter of one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path {
    pub place: Place,
    /// Index into `part.kind.params`.
    pub param: usize,
}

impl NetworkSpec {
    pub fn part(&self, place: Place) -> Option<&Part> {
        Some(match place {
            Place::Model(i) => &self.populations.get(i)?.model,
            Place::Spread(i, k) => &self.populations.get(i)?.spread.get(k)?.1,
            Place::Initial(i, k) => &self.populations.get(i)?.initial.get(k)?.1,
            Place::Synapse(i) => &self.projections.get(i)?.synapse,
            Place::Connect(i) => &self.projections.get(i)?.connect,
            Place::Weight(i) => &self.projections.get(i)?.weight,
            Place::Delay(i) => &self.projections.get(i)?.delay,
            Place::Plasticity(i) => self.projections.get(i)?.plasticity.as_ref()?,
            Place::Stimulus(i) => &self.stimuli.get(i)?.stimulus,
            Place::StimulusSynapse(i) => &self.stimuli.get(i)?.synapse,
        })
    }

    pub fn part_mut(&mut self, place: Place) -> Option<&mut Part> {
        Some(match place {
            Place::Model(i) => &mut self.populations.get_mut(i)?.model,
            Place::Spread(i, k) => &mut self.populations.get_mut(i)?.spread.get_mut(k)?.1,
            Place::Initial(i, k) => &mut self.populations.get_mut(i)?.initial.get_mut(k)?.1,
            Place::Synapse(i) => &mut self.projections.get_mut(i)?.synapse,
            Place::Connect(i) => &mut self.projections.get_mut(i)?.connect,
            Place::Weight(i) => &mut self.projections.get_mut(i)?.weight,
            Place::Delay(i) => &mut self.projections.get_mut(i)?.delay,
            Place::Plasticity(i) => self.projections.get_mut(i)?.plasticity.as_mut()?,
            Place::Stimulus(i) => &mut self.stimuli.get_mut(i)?.stimulus,
            Place::StimulusSynapse(i) => &mut self.stimuli.get_mut(i)?.synapse,
        })
    }

    /// All places of this network, in file order.
    pub fn places(&self) -> Vec<Place> {
        let mut out = Vec::new();
        for (i, p) in self.populations.iter().enumerate() {
            out.push(Place::Model(i));
            out.extend((0..p.spread.len()).map(|k| Place::Spread(i, k)));
            out.extend((0..p.initial.len()).map(|k| Place::Initial(i, k)));
        }
        for (i, p) in self.projections.iter().enumerate() {
            out.extend([Place::Synapse(i), Place::Connect(i), Place::Weight(i), Place::Delay(i)]);
            out.extend(p.plasticity.as_ref().map(|_| Place::Plasticity(i)));
        }
        for i in 0..self.stimuli.len() {
            out.extend([Place::Stimulus(i), Place::StimulusSynapse(i)]);
        }
        out
    }

    /// Finds `entity.parameter`: entity is a population, projection or stimulus; of a projection the parameter may belong to its
    /// plasticity, synapse, connector, weight or delay, and may be written `part.parameter` (`E → E.weight.value`).
    pub fn find(&self, address: &str) -> Result<Path, String> {
        let places = self.places();
        let mut entities = Vec::new();
        for place in &places {
            let (entity, part_name) = self.entity_of(*place);
            if !entities.contains(&entity) {
                entities.push(entity);
            }
            let Some(rest) = address.strip_prefix(entity).and_then(|r| r.strip_prefix('.')) else { continue };
            let key = rest.strip_prefix(part_name).and_then(|r| r.strip_prefix('.')).unwrap_or(rest);
            if let Some(param) = self.part(*place).and_then(|p| p.kind.param(key)) {
                return Ok(Path { place: *place, param });
            }
        }
        let named = entities.iter().find(|e| address.strip_prefix(**e).is_some_and(|r| r.starts_with('.')));
        Err(match named {
            Some(entity) => {
                let keys: Vec<_> = places
                    .iter()
                    .filter(|p| self.entity_of(**p).0 == *entity)
                    .filter_map(|p| self.part(*p))
                    .flat_map(|p| p.kind.params.iter().map(|s| s.key))
                    .collect();
                format!("{address}: {entity} has no such parameter; it has {}", keys.join(", "))
            }
            None => format!("{address}: no such population, projection or stimulus; there are {}", entities.join(", ")),
        })
    }

    /// Name of the population, projection or stimulus that owns a place, and the name of the part in it.
    pub fn entity_of(&self, place: Place) -> (&str, &'static str) {
        match place {
            Place::Model(i) => (&self.populations[i].name, "model"),
            Place::Spread(i, _) => (&self.populations[i].name, "spread"),
            Place::Initial(i, _) => (&self.populations[i].name, "initial"),
            Place::Synapse(i) => (&self.projections[i].name, "synapse"),
            Place::Connect(i) => (&self.projections[i].name, "connect"),
            Place::Weight(i) => (&self.projections[i].name, "weight"),
            Place::Delay(i) => (&self.projections[i].name, "delay"),
            Place::Plasticity(i) => (&self.projections[i].name, "plasticity"),
            Place::Stimulus(i) => (&self.stimuli[i].name, "stimulus"),
            Place::StimulusSynapse(i) => (&self.stimuli[i].name, "synapse"),
        }
    }

    /// Whether a parameter may take `value`: in its range and, for a neuron model, possible with this dt.
    pub fn check_set(&self, path: Path, value: f64) -> Result<(), String> {
        let part = self.part(path.place).filter(|p| path.param < p.values.len()).ok_or("there is no such parameter")?;
        part.kind.params[path.param].check(value)?;
        let mut values = part.values.clone();
        values[path.param] = value;
        match path.place {
            Place::Model(_) => crate::model::neuron::check_dt(part.kind, &values, self.dt),
            _ => Ok(()),
        }
    }

    /// The descriptor of a parameter.
    pub fn spec_of(&self, path: Path) -> Option<&'static ParamSpec> {
        self.part(path.place)?.kind.params.get(path.param)
    }

    /// The unit to show for a parameter, with context-dependent units resolved through the target population.
    pub fn unit_of(&self, path: Path) -> &'static str {
        let Some(spec) = self.spec_of(path) else { return "" };
        let target = |name: &str| self.population(name).map(|i| self.populations[i].model.kind);
        let unit = match (spec.unit, path.place) {
            (Unit::TargetCurrent, Place::Stimulus(i)) => target(&self.stimuli[i].target).map(|k| k.current_unit),
            (Unit::Weight, Place::Stimulus(i)) => {
                target(&self.stimuli[i].target).map(|k| crate::model::synapse::weight_unit(&self.stimuli[i].synapse, k))
            }
            (Unit::Weight, Place::Weight(i) | Place::Plasticity(i) | Place::Connect(i)) => return self.weight_unit(i),
            (Unit::Inherit, Place::Spread(i, k)) => {
                let p = &self.populations[i];
                p.spread.get(k).and_then(|(param, _)| p.model.kind.params.get(*param)).map(|s| s.unit)
            }
            (Unit::Inherit, Place::Initial(i, k)) => {
                let p = &self.populations[i];
                p.initial.get(k).and_then(|(state, _)| p.model.kind.states.get(*state)).map(|s| s.unit)
            }
            (unit, _) => Some(unit),
        };
        unit.map_or("", Unit::symbol)
    }

    /// The unit of a recorded variable of a population: a state of its model or one of [`super::COMMON_VARIABLES`].
    pub fn variable_unit(&self, population: usize, variable: &str) -> &'static str {
        let Some(kind) = self.populations.get(population).map(|p| p.model.kind) else { return "" };
        let unit = match variable {
            "i_syn" | "i_stim" => kind.current_unit,
            "g_syn" => kind.conductance_unit,
            state => kind.state(state).map_or(Unit::One, |i| kind.states[i].unit),
        };
        unit.symbol()
    }

    /// The unit of the weights of projection `i`.
    pub fn weight_unit(&self, i: usize) -> &'static str {
        let p = &self.projections[i];
        self.population(&p.post).map_or("", |t| crate::model::synapse::weight_unit(&p.synapse, self.populations[t].model.kind).symbol())
    }
}
