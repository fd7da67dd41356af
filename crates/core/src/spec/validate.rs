//! All problems of a network at once, each with the place it is at.

use super::{COMMON_VARIABLES, NetworkSpec, PopulationSpec, ProjectionSpec, StimulusSpec};
use crate::model::neuron::poisson::is_source;
use crate::model::{self, connectivity, distribution, neuron, plasticity, stimulus, synapse};
use crate::param::ParamKind;
use crate::part::Part;

/// Steps that make sense for networks of spiking neurons, ms.
pub const DT: (f64, f64) = (0.0001, 10.0);
/// Most neurons of a network: ids are 32-bit, and no machine this is for holds more.
pub const MAX_NEURONS: u64 = 100_000_000;
const MAX_NAME: usize = 200;

/// Something wrong with a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as a path through the file: `projections[2].pre`, `populations[0].model.tau_m`.
    pub at: String,
    /// What is wrong, with the value, and what would be right.
    pub what: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

impl NetworkSpec {
    /// Checks everything that can be checked without building; empty when the network is good.
    ///
    /// What a live slider may do to a running network is never refused here, so that such a network can be saved and loaded: for
    /// example a `w_max` below the weights a plastic projection starts from (they start at `w_max` then).
    pub fn validate(&self) -> Vec<Problem> {
        let mut c = Check { spec: self, problems: Vec::new() };
        c.general();
        c.names("populations", self.populations.iter().map(|p| p.name.as_str()));
        c.names("projections", self.projections.iter().map(|p| p.name.as_str()));
        c.names("stimuli", self.stimuli.iter().map(|s| s.name.as_str()));
        for (i, p) in self.populations.iter().enumerate() {
            c.population(&format!("populations[{i}]"), p);
        }
        for (i, p) in self.projections.iter().enumerate() {
            c.projection(&format!("projections[{i}]"), p);
        }
        for (i, s) in self.stimuli.iter().enumerate() {
            c.stimulus(&format!("stimuli[{i}]"), s);
        }
        for i in 0..self.probes.len() {
            c.probe(i);
        }
        c.problems
    }

    /// The problems that keep the network from being built. Probes and stimulus ranges that reach beyond a population are none: a
    /// slider that makes the population smaller for a moment must not lose them. (They are cut when the network is written.)
    pub fn obstacles(&self) -> Vec<Problem> {
        let mut problems = self.validate();
        problems.retain(|p| !(p.at.starts_with("probes[") || p.at.starts_with("stimuli[") && p.at.ends_with(".neurons")));
        problems
    }

    /// Cuts what points beyond the network: probes and stimulus ranges of neurons that are no more, and projections, stimuli and
    /// probes of populations that are no more. For use after an edit made a population smaller or removed it.
    pub fn prune(&mut self) {
        let sizes: Vec<(String, u32, &'static crate::param::Kind)> =
            self.populations.iter().map(|p| (p.name.clone(), p.size, p.model.kind)).collect();
        let size = |name: &str| sizes.iter().find(|p| p.0 == name).map(|p| p.1);
        self.projections.retain(|p| size(&p.pre).is_some() && size(&p.post).is_some());
        self.stimuli.retain(|s| size(&s.target).is_some());
        for s in &mut self.stimuli {
            let n = size(&s.target).unwrap_or(0);
            s.neurons = s.neurons.map(|(a, b)| (a.min(n.saturating_sub(1)), b.min(n)));
        }
        let known = |name: &str, variable: &str| {
            sizes.iter().any(|p| p.0 == name && (p.2.state(variable).is_some() || COMMON_VARIABLES.iter().any(|v| v.0 == variable)))
        };
        self.probes.retain_mut(|p| {
            p.neurons.retain(|n| size(&p.population).is_some_and(|size| *n < size));
            !p.neurons.is_empty() && known(&p.population, &p.variable)
        });
    }
}

struct Check<'a> {
    spec: &'a NetworkSpec,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn say(&mut self, at: impl Into<String>, what: impl Into<String>) {
        self.problems.push(Problem { at: at.into(), what: what.into() });
    }

    fn general(&mut self) {
        let s = self.spec;
        let range = |key: &str, x: f64, low: f64, high: f64, unit: &str| {
            (!(low..=high).contains(&x)).then(|| format!("{key} = {x}{unit} is not possible; use a value from {low} to {high}{unit}"))
        };
        for (i, remark) in s.remarks.iter().enumerate() {
            if let Some(what) = range("at", remark.at, 0.0, 1e12, " ms") {
                self.say(format!("remarks[{i}].at"), what);
            }
        }
        for (key, what) in [
            ("dt", range("dt", s.dt, DT.0, DT.1, " ms")),
            ("duration", range("duration", s.duration, 0.0, 1e12, " ms")),
            ("speed", range("speed", s.speed, 0.0, 1e6, "")),
        ] {
            if let Some(what) = what {
                self.say(key, what);
            }
        }
        let n = s.n_neurons();
        if n > MAX_NEURONS {
            self.say("populations", format!("{n} neurons are more than the {MAX_NEURONS} that a network may have"));
        }
    }

    fn names<'n>(&mut self, list: &str, names: impl Iterator<Item = &'n str>) {
        let mut seen: Vec<&str> = Vec::new();
        for (i, name) in names.enumerate() {
            let at = || format!("{list}[{i}].name");
            if name.trim().is_empty() {
                self.say(at(), "the name is empty; give it one");
            } else if name.chars().any(char::is_control) || name.chars().count() > MAX_NAME {
                self.say(at(), format!("a name is one line of at most {MAX_NAME} characters"));
            } else if let Some(first) = seen.iter().position(|s| *s == name) {
                self.say(at(), format!("“{name}” is already the name of {list}[{first}]; choose another"));
            }
            seen.push(name);
        }
    }

    /// A part of `family`: known kind, one value a parameter, all in range, table as its columns say.
    fn part(&mut self, at: &str, part: &Part, family: model::Family) -> bool {
        if !model::is_of(family, part.kind) {
            let kinds: Vec<_> = family.iter().map(|k| k.key).collect();
            self.say(at, format!("{} cannot stand here; use one of {}", part.kind.key, kinds.join(", ")));
            return false;
        }
        if part.values.len() != part.kind.params.len() {
            self.say(at, format!("{} has {} parameters, not {}", part.kind.key, part.kind.params.len(), part.values.len()));
            return false;
        }
        let before = self.problems.len();
        for (spec, value) in part.kind.params.iter().zip(&part.values) {
            if let Err(what) = spec.check(*value) {
                self.say(format!("{at}.{}", spec.key), what);
            }
        }
        let columns = part.kind.columns;
        let least = columns.iter().filter(|c| !c.ends_with('?')).count();
        let fits = |row: &Vec<f64>| columns == ["*"] || (least..=columns.len()).contains(&row.len());
        for (i, row) in part.table.iter().enumerate() {
            if !fits(row) {
                self.say(format!("{at}.rows[{i}]"), format!("a row of {} needs [{}]", part.kind.key, columns.join(", ")));
            } else if row.iter().any(|x| !x.is_finite()) {
                self.say(format!("{at}.rows[{i}]"), "all numbers must be finite");
            }
        }
        self.problems.len() == before
    }

    fn population(&mut self, at: &str, p: &PopulationSpec) {
        if p.size == 0 {
            self.say(format!("{at}.size"), "a population needs at least 1 neuron");
        }
        if self.part(&format!("{at}.model"), &p.model, neuron::ALL)
            && let Err(what) = neuron::check_dt(p.model.kind, &p.model.values, self.spec.dt)
        {
            self.say("dt", format!("{what} ({})", p.name));
        }
        let mut seen = Vec::new();
        for (param, part) in &p.spread {
            let Some(spec) = p.model.kind.params.get(*param) else {
                self.say(format!("{at}.spread"), format!("{} has no parameter {param}", p.model.kind.key));
                continue;
            };
            let at = format!("{at}.spread.{}", spec.key);
            self.part(&at, part, distribution::spread::ALL);
            if is_source(p.model.kind) {
                self.say(&at, "all neurons of a Poisson source have one rate; use several populations instead");
            } else if spec.kind != ParamKind::Number {
                self.say(&at, format!("{} cannot be spread: it is not a continuous number", spec.key));
            }
            if seen.contains(param) {
                self.say(&at, format!("{} is spread twice; keep one", spec.key));
            }
            seen.push(*param);
        }
        for (state, part) in &p.initial {
            match p.model.kind.states.get(*state) {
                Some(spec) => {
                    self.part(&format!("{at}.initial.{}", spec.key), part, distribution::initial::ALL);
                }
                None => self.say(format!("{at}.initial"), format!("{} has no state variable {state}", p.model.kind.key)),
            }
        }
        if p.position.is_some_and(|xy| xy.iter().any(|x| !x.is_finite())) {
            self.say(format!("{at}.position"), "the position must be two finite numbers");
        }
    }

    /// The population called `name`, or a problem.
    fn named(&mut self, at: String, name: &str) -> Option<&PopulationSpec> {
        let spec = self.spec;
        let found = spec.population(name);
        if found.is_none() {
            let there: Vec<_> = spec.populations.iter().take(20).map(|p| p.name.as_str()).collect();
            let there = if there.is_empty() { "there are none".into() } else { format!("there are {}", there.join(", ")) };
            self.say(at, format!("there is no population “{name}”; {there}"));
        }
        found.map(|i| &spec.populations[i])
    }

    fn projection(&mut self, at: &str, p: &ProjectionSpec) {
        let pre = self.named(format!("{at}.pre"), &p.pre).map(|p| p.size);
        let post = self.named(format!("{at}.post"), &p.post).map(|p| (p.size, is_source(p.model.kind)));
        if post.is_some_and(|p| p.1) {
            self.say(format!("{at}.post"), format!("{} is a Poisson source and receives nothing; project to neurons", p.post));
        }
        self.part(&format!("{at}.synapse"), &p.synapse, synapse::ALL);
        let connect = self.part(&format!("{at}.connect"), &p.connect, connectivity::ALL);
        let weight = self.part(&format!("{at}.weight"), &p.weight, distribution::weights::ALL);
        if self.part(&format!("{at}.delay"), &p.delay, distribution::delays::ALL) {
            self.delay(at, p);
        }
        if let (Some(n_pre), Some((n_post, _))) = (pre, post) {
            if connect {
                self.connect(at, p, n_pre, n_post);
            }
            if weight && p.weight.kind.key == "matrix" && p.connect.kind.key != "matrix" {
                self.matrix(&format!("{at}.weight"), &p.weight, n_pre, n_post);
            }
        }
        if let Some(rule) = &p.plasticity {
            self.part(&format!("{at}.plasticity"), rule, plasticity::ALL);
            self.plastic_weights(at, p);
        }
    }

    fn delay(&mut self, at: &str, p: &ProjectionSpec) {
        let dt = self.spec.dt;
        let short = |d: f64| d < dt * (1.0 - 1e-9);
        let d = &p.delay;
        if d.kind.key == "uniform" && d.values[0] > d.values[1] {
            self.say(format!("{at}.delay"), format!("low {} ms lies above high {} ms; swap them", d.values[0], d.values[1]));
        } else if d.values.first().is_some_and(|d| short(*d)) {
            let key = d.kind.params[0].key;
            let value = d.values[0];
            self.say(
                format!("{at}.delay.{key}"),
                format!("delay {value} ms is shorter than dt {dt} ms; a spike needs at least one step: use a longer delay or a smaller dt"),
            );
        }
        if p.connect.kind.key == "list" {
            for (i, row) in p.connect.table.iter().enumerate() {
                if let Some(d) = row.get(3).filter(|d| short(**d) || **d > 1000.0) {
                    let what = format!("delay {d} ms must lie between dt ({dt} ms) and 1000 ms");
                    self.say(format!("{at}.connect.rows[{i}]"), what);
                }
            }
        }
    }

    fn connect(&mut self, at: &str, p: &ProjectionSpec, n_pre: u32, n_post: u32) {
        let index = |x: f64, n: u32| x >= 0.0 && x.fract() == 0.0 && x < f64::from(n);
        match p.connect.kind.key {
            "matrix" => self.matrix(&format!("{at}.connect"), &p.connect, n_pre, n_post),
            "list" => {
                for (i, row) in p.connect.table.iter().enumerate() {
                    for (x, side, n) in [(row[0], &p.pre, n_pre), (row[1], &p.post, n_post)] {
                        if !index(x, n) {
                            let what = format!("there is no neuron {x} in {side}; it has {n}, numbered 0 to {}", n.saturating_sub(1));
                            self.say(format!("{at}.connect.rows[{i}]"), what);
                        }
                    }
                }
            }
            "in_degree" => {
                let others = p.pre == p.post && !p.connect.flag("self_connections");
                let available = n_pre.saturating_sub(u32::from(others));
                let k = p.connect.get("k");
                if k > f64::from(available) {
                    let what = format!("each neuron should get {k} inputs, but {} offers only {available}; use k ≤ {available}", p.pre);
                    self.say(format!("{at}.connect.k"), what);
                }
            }
            _ => {}
        }
    }

    fn matrix(&mut self, at: &str, part: &Part, n_pre: u32, n_post: u32) {
        let shape = format!("it must have {n_pre} rows (presynaptic) of {n_post} numbers (postsynaptic)");
        if part.table.len() != n_pre as usize {
            self.say(at, format!("the matrix has {} rows; {shape}", part.table.len()));
        } else if let Some((i, row)) = part.table.iter().enumerate().find(|(_, row)| row.len() != n_post as usize) {
            self.say(format!("{at}.rows[{i}]"), format!("row {i} of the matrix has {} numbers; {shape}", row.len()));
        }
    }

    /// A plastic weight lives in [0, w_max]; a negative one would jump to 0 at once.
    fn plastic_weights(&mut self, at: &str, p: &ProjectionSpec) {
        let lowest = match (p.connect.kind.key, p.weight.kind.key) {
            ("matrix", _) => Some(p.connect.table.iter().flatten().copied().fold(0.0, f64::min)),
            ("list", _) if p.connect.table.iter().any(|r| r.len() > 2) => {
                Some(p.connect.table.iter().filter_map(|r| r.get(2)).copied().fold(0.0, f64::min))
            }
            (_, "matrix") => Some(p.weight.table.iter().flatten().copied().fold(0.0, f64::min)),
            (_, "ring") => Some(p.weight.get("base") + p.weight.get("peak").min(0.0)),
            (_, "uniform") => Some(p.weight.values[0].min(p.weight.values[1])),
            _ => p.weight.values.first().copied(),
        };
        if let Some(w) = lowest.filter(|w| *w < 0.0) {
            let what = format!("plastic weights must be 0 or more, but one is {w}; STDP is for excitatory synapses");
            self.say(format!("{at}.weight"), what);
        }
    }

    fn stimulus(&mut self, at: &str, s: &StimulusSpec) {
        let target = self.named(format!("{at}.target"), &s.target).map(|p| (p.size, is_source(p.model.kind)));
        if target.is_some_and(|t| t.1) {
            self.say(format!("{at}.target"), format!("{} is a Poisson source and receives nothing; change its rate instead", s.target));
        }
        let good = self.part(&format!("{at}.stimulus"), &s.stimulus, stimulus::ALL);
        self.part(&format!("{at}.synapse"), &s.synapse, synapse::ALL);
        let Some((size, _)) = target else { return };
        if let Some((first, end)) = s.neurons
            && (first >= end || end > size)
        {
            let what = format!(
                "neurons ({first}, {end}) is no range of {}; the first must be below the second, and that at most {size}",
                s.target
            );
            self.say(format!("{at}.neurons"), what);
        }
        if good && s.stimulus.kind.key == "recorded" {
            let rows = &s.stimulus.table;
            if let Some(i) = (1..rows.len()).find(|i| rows[*i][0] <= rows[i - 1][0]) {
                let what =
                    format!("the time {} ms does not come after the one before, {} ms; sort the table by time", rows[i][0], rows[i - 1][0]);
                self.say(format!("{at}.stimulus.rows[{i}]"), what);
            }
        }
        if good && s.stimulus.kind.key == "spike_list" {
            for (i, row) in s.stimulus.table.iter().enumerate() {
                if row[0] < 0.0 {
                    self.say(format!("{at}.stimulus.rows[{i}]"), format!("the spike time {} ms is negative", row[0]));
                }
                if let Some(n) = row.get(1).filter(|n| **n < 0.0 || n.fract() != 0.0 || **n >= f64::from(size)) {
                    let what = format!("there is no neuron {n} in {}; it has {size}, numbered from 0", s.target);
                    self.say(format!("{at}.stimulus.rows[{i}]"), what);
                }
            }
        }
    }

    fn probe(&mut self, i: usize) {
        let (at, probe) = (format!("probes[{i}]"), &self.spec.probes[i]);
        let Some(p) = self.named(format!("{at}.population"), &probe.population) else { return };
        let (size, kind) = (p.size, p.model.kind);
        let common = COMMON_VARIABLES.iter().any(|v| v.0 == probe.variable);
        if kind.state(&probe.variable).is_none() && !common {
            let known: Vec<_> = kind.states.iter().map(|s| s.key).chain(COMMON_VARIABLES.iter().map(|v| v.0)).collect();
            let what = format!("{} has no variable “{}”; it has {}", kind.key, probe.variable, known.join(", "));
            self.say(format!("{at}.variable"), what);
        }
        if let Some(n) = probe.neurons.iter().find(|n| **n >= size) {
            let what = format!("there is no neuron {n} in {}; it has {size}, numbered 0 to {}", probe.population, size.saturating_sub(1));
            self.say(format!("{at}.neurons"), what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::ProbeSpec;

    fn good() -> NetworkSpec {
        let lif = Part::new(neuron::ALL[0]);
        let mut s = NetworkSpec {
            populations: vec![PopulationSpec::new("E", 8, lif.clone()), PopulationSpec::new("I", 2, lif)],
            ..NetworkSpec::default()
        };
        s.projections = vec![ProjectionSpec::new("a", "E", "I")];
        s.stimuli = vec![StimulusSpec::new("s", "E", Part::new(&stimulus::CONSTANT))];
        s.probes = vec![ProbeSpec { population: "E".into(), variable: "v".into(), neurons: vec![7] }];
        s
    }

    fn said(change: impl Fn(&mut NetworkSpec)) -> String {
        let mut s = good();
        change(&mut s);
        s.validate().iter().map(|p| format!("{p}\n")).collect()
    }

    #[test]
    fn a_good_network_has_no_problems() {
        assert_eq!(good().validate(), []);
    }

    #[test]
    fn each_problem_is_named_with_its_place_and_remedy() {
        type Change = fn(&mut NetworkSpec);
        let cases: &[(Change, &str, &str)] = &[
            (|s| s.dt = 0.0, "dt:", "0.0001 to 10 ms"),
            (|s| s.dt = f64::NAN, "dt:", "NaN"),
            (|s| s.dt = 2.0, "projections[0].delay.value:", "delay 1 ms is shorter than dt 2 ms"),
            (|s| s.populations[0].size = 0, "populations[0].size:", "at least 1 neuron"),
            (|s| s.populations[1].name = "E".into(), "populations[1].name:", "already the name"),
            (|s| s.stimuli[0].name = " ".into(), "stimuli[0].name:", "empty"),
            (|s| s.populations[0].model.values[0] = 1e300, "populations[0].model.tau_m:", "tau_m = 1"),
            (|s| s.projections[0].pre = "X".into(), "projections[0].pre:", "there are E, I"),
            (|s| s.projections[0].connect = Part::new(&connectivity::IN_DEGREE).with("k", 9.0), "projections[0].connect.k:", "k ≤ 8"),
            (
                |s| s.projections[0].connect = Part::new(&connectivity::MATRIX).with_table(vec![vec![1.0; 2]; 7]),
                "projections[0].connect:",
                "7 rows; it must have 8 rows",
            ),
            (
                |s| s.projections[0].connect = Part::new(&connectivity::LIST).with_table(vec![vec![0.0, 2.0]]),
                "projections[0].connect.rows[0]:",
                "no neuron 2 in I",
            ),
            (|s| s.stimuli[0].neurons = Some((4, 9)), "stimuli[0].neurons:", "at most 8"),
            (|s| s.probes[0].neurons = vec![8], "probes[0].neurons:", "0 to 7"),
            (|s| s.probes[0].variable = "w".into(), "probes[0].variable:", "it has v, i_syn"),
            (
                |s| {
                    s.projections[0].plasticity = Some(Part::new(&plasticity::stdp::KIND));
                    s.projections[0].weight = Part::new(&distribution::weights::CONSTANT).with("value", -1.0);
                },
                "projections[0].weight:",
                "0 or more",
            ),
            (|s| s.populations[1].model = Part::new(&neuron::poisson::POISSON), "projections[0].post:", "Poisson source"),
        ];
        for (change, at, what) in cases {
            let text = said(change);
            assert!(text.lines().any(|l| l.starts_with(at) && l.contains(what)), "wanted {at} … {what}, got:\n{text}");
        }
    }

    #[test]
    fn all_problems_are_listed_at_once() {
        let text = said(|s| {
            s.dt = -1.0;
            s.populations[0].size = 0;
            s.projections[0].post = "nobody".into();
        });
        assert!(text.lines().count() >= 3, "{text}");
    }

    #[test]
    fn a_population_made_smaller_for_a_moment_keeps_the_network_running() {
        let mut s = good();
        s.stimuli[0].neurons = Some((2, 8));
        s.populations[0].size = 4;
        assert_eq!((s.validate().len(), s.obstacles()), (2, vec![]));
    }

    #[test]
    fn pruning_after_an_edit_leaves_a_good_network() {
        let mut s = good();
        s.stimuli[0].neurons = Some((2, 8));
        s.populations[0].size = 4;
        s.populations.remove(1);
        assert!(!s.validate().is_empty());
        s.prune();
        assert_eq!(s.validate(), []);
        assert!(s.projections.is_empty() && s.probes.is_empty());
    }
}
