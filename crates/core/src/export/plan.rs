//! What all targets need to know of a network before a line is written: Python names, ports, units.

use super::snapshot::{Numbers, Recording, Snapshot};
use crate::engine::builder::Progress;
use crate::model::stimulus::sends_spikes;
use crate::model::synapse::{self, Shape};
use crate::param::Kind;
use crate::part::Part;
use crate::spec::validate::Problem;
use crate::spec::{NetworkSpec, Precision};
use std::collections::BTreeSet;

/// Names that a script uses itself, and Python's own words, that a population might be called.
const TAKEN: &str = "\
    parallel os importlib and as assert async await break class continue def del elif else except finally for from global if import in \
    is lambda nonlocal not or pass raise return try while with yield None True False print range len list dict int float str set min \
    max abs sum zip slice callable getattr setattr sorted map object type np nest b2 sim plt argparse Path sys arguments data rng \
    title dt n_steps names sizes trace_labels time r LEAD generators replay_current connect steps recorded_spikes trace \
    upward_crossings final_weights populations recorder done piece step neuron traces weights engine version rank n_processes order \
    first name size n ours differing arrays figure axes values label crossings group sources copied connect_stdp report network \
    spike_monitors trace_monitors monitor current_gain alpha_gain all_pairs random_pairs in_degree_pairs ring_distance normal \
    log_normal poisson_spikes ms t i j N v u w m h cells recorders spikes currents columns play currents_of key index \
";

/// One synaptic port of a population: all its synapses of one shape.
#[derive(Clone, Debug)]
pub struct Port {
    pub shape: Shape,
    /// Users of the port: projections, then spike stimuli.
    pub projections: Vec<usize>,
    pub stimuli: Vec<usize>,
    /// Whether any weight is below, and any above zero.
    pub negative: bool,
    pub positive: bool,
}

/// A network ready to be written for any target.
pub struct Plan<'a> {
    pub spec: &'a NetworkSpec,
    pub snapshot: Snapshot,
    /// Python names of the populations, projections and stimuli.
    pub populations: Vec<String>,
    pub projections: Vec<String>,
    pub stimuli: Vec<String>,
    pub ports: Vec<Vec<Port>>,
    pub pre: Vec<usize>,
    pub post: Vec<usize>,
    pub target: Vec<usize>,
    /// With the very numbers of our run, instead of rules.
    pub exact: bool,
}

impl<'a> Plan<'a> {
    /// Builds the network, and for an exact export runs it. `Ok(None)`: given up by `progress`.
    pub fn new(spec: &'a NetworkSpec, exact: bool, progress: Progress<'_>) -> Result<Option<Self>, Vec<Problem>> {
        let share = if exact { 0.3 } else { 1.0 };
        let Some(recording) = Recording::build(spec, &mut |x| progress(share * x))? else { return Ok(None) };
        if exact && spec.precision == Precision::Single {
            let what = "single precision cannot be repeated elsewhere, spike by spike; use precision: double, or export without --exact";
            return Err(vec![Problem { at: "precision".into(), what: what.into() }]);
        }
        let snapshot = if exact {
            match recording.run(spec, &mut |x| progress(share + (1.0 - share) * x)).map_err(|p| vec![p])? {
                Some(snapshot) => snapshot,
                None => return Ok(None),
            }
        } else {
            recording.snapshot
        };
        let mut taken: BTreeSet<String> = TAKEN.split_whitespace().map(str::to_owned).collect();
        let at = |name: &str| spec.population(name).unwrap_or(0);
        let mut plan = Self {
            spec,
            populations: spec.populations.iter().map(|p| identifier(&p.name, &mut taken)).collect(),
            projections: spec.projections.iter().map(|p| identifier(&p.name, &mut taken)).collect(),
            stimuli: spec.stimuli.iter().map(|s| identifier(&s.name, &mut taken)).collect(),
            ports: Vec::new(),
            pre: spec.projections.iter().map(|p| at(&p.pre)).collect(),
            post: spec.projections.iter().map(|p| at(&p.post)).collect(),
            target: spec.stimuli.iter().map(|s| at(&s.target)).collect(),
            snapshot,
            exact,
        };
        plan.ports = (0..spec.populations.len()).map(|p| plan.ports_of(p)).collect();
        Ok(Some(plan))
    }

    fn ports_of(&self, population: usize) -> Vec<Port> {
        let mut ports: Vec<Port> = Vec::new();
        let place = |ports: &mut Vec<Port>, shape: Shape| {
            ports.iter().position(|p| p.shape == shape).unwrap_or_else(|| {
                ports.push(Port { shape, projections: Vec::new(), stimuli: Vec::new(), negative: false, positive: false });
                ports.len() - 1
            })
        };
        for (i, projection) in self.spec.projections.iter().enumerate().filter(|(i, _)| self.post[*i] == population) {
            let at = place(&mut ports, synapse::shape(&projection.synapse));
            let port = &mut ports[at];
            port.projections.push(i);
            // A plastic weight never leaves 0..w_max.
            port.positive |= projection.plasticity.is_some();
            port.negative |= self.snapshot.projections[i].weight.iter().any(|w| *w < 0.0);
            port.positive |= self.snapshot.projections[i].weight.iter().any(|w| *w > 0.0);
        }
        for (i, s) in self.spec.stimuli.iter().enumerate().filter(|(i, _)| self.target[*i] == population) {
            if sends_spikes(s.stimulus.kind) {
                let at = place(&mut ports, synapse::shape(&s.synapse));
                ports[at].stimuli.push(i);
                ports[at].negative |= s.stimulus.get("weight") < 0.0;
                ports[at].positive |= s.stimulus.get("weight") > 0.0;
            }
        }
        ports
    }

    /// Number of the port that a projection or stimulus acts through.
    pub fn port_of(&self, population: usize, synapse: &Part) -> usize {
        let shape = synapse::shape(synapse);
        self.ports[population].iter().position(|p| p.shape == shape).unwrap_or(0)
    }

    pub fn kind(&self, population: usize) -> &'static Kind {
        self.spec.populations[population].model.kind
    }

    pub fn is_source(&self, population: usize) -> bool {
        self.kind(population).key == "poisson"
    }

    /// A parameter of a population, the same for all or one a neuron.
    pub fn param(&self, population: usize, key: &str) -> &Numbers {
        let at = self.kind(population).param(key).unwrap_or_else(|| panic!("{} has no parameter {key}", self.kind(population).key));
        &self.snapshot.populations[population].params[at]
    }

    /// The neurons a stimulus reaches.
    pub fn range(&self, stimulus: usize) -> (u32, u32) {
        let size = self.spec.populations[self.target[stimulus]].size;
        self.spec.stimuli[stimulus].neurons.map_or((0, size), |(a, b)| (a.min(size), b.min(size)))
    }

    /// Whether a projection learns (a rule that is switched off is a plain synapse).
    pub fn learns(&self, projection: usize) -> Option<&Part> {
        self.spec.projections[projection].plasticity.as_ref().filter(|p| p.flag("learning"))
    }

    /// Synapses that share one weight or one delay can be written as one number.
    pub fn common(values: &[f64]) -> Option<f64> {
        values.first().copied().filter(|first| values.iter().all(|x| x == first))
    }
}

/// A Python name for `name`, unlike all others.
fn identifier(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut base = String::new();
    for c in name.replace('→', " to ").chars() {
        if c.is_ascii_alphanumeric() {
            base.push(c);
        } else if !base.is_empty() && !base.ends_with('_') {
            base.push('_');
        }
    }
    let mut base = base.trim_end_matches('_').to_owned();
    if base.is_empty() || base.starts_with(|c: char| c.is_ascii_digit()) {
        base.insert(0, 'p');
    }
    let mut unique = base.clone();
    for k in 2.. {
        if taken.insert(unique.clone()) {
            break;
        }
        unique = format!("{base}_{k}");
    }
    unique
}

/// A number as Python reads it back to the bit.
pub fn number(x: f64) -> String {
    if x.is_infinite() {
        return if x > 0.0 { "np.inf".into() } else { "-np.inf".into() };
    }
    let size = x.abs();
    if size != 0.0 && !(1e-5..1e15).contains(&size) {
        return format!("{x:e}");
    }
    let text = format!("{x}");
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// A text as a Python string of one line.
pub fn text(s: &str) -> String {
    format!("\"{}\"", s.replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r'], " "))
}

/// A text that can stand in a comment or a docstring.
pub fn plain(s: &str) -> String {
    s.replace('\\', "/").replace("\"\"\"", "'''").replace('\r', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_becomes_a_python_name_of_its_own() {
        let mut taken: BTreeSet<String> = ["lambda".to_owned()].into();
        let names = ["E", "E → I", "E -> I", "lambda", "3", "µ", "", "E"].map(|n| identifier(n, &mut taken));
        assert_eq!(names, ["E", "E_to_I", "E_I", "lambda_2", "p3", "p", "p_2", "E_2"]);
    }

    #[test]
    fn numbers_read_back_to_the_bit() {
        assert_eq!([0.1, 20.0, 1e-9, -3e20].map(number), ["0.1", "20.0", "1e-9", "-3e20"]);
    }
}
