//! Which traces are shown, and how they are grouped into strips.

use spikeground_core::protocol::Probe;
use spikeground_core::spec::{COMMON_VARIABLES, NetworkSpec};

/// Most traces at a time; more could not be told apart.
pub const MOST_LINES: usize = 12;
/// Most selected neurons that are traced.
const MOST_NEURONS: usize = 8;

/// A variable that a population can record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variable {
    pub key: &'static str,
    pub symbol: &'static str,
    pub unit: &'static str,
    pub doc: &'static str,
}

/// What a population can record: its model's states, then what all have.
pub fn variables(spec: &NetworkSpec, population: usize) -> Vec<Variable> {
    let Some(p) = spec.populations.get(population) else { return Vec::new() };
    let kind = p.model.kind;
    let states = kind.states.iter().map(|s| Variable { key: s.key, symbol: s.symbol, unit: s.unit.symbol(), doc: s.doc });
    let common = COMMON_VARIABLES.iter().filter_map(|(key, symbol, doc)| {
        let unit = match *key {
            "i_syn" | "i_stim" => kind.current_unit.symbol(),
            "g_syn" => kind.conductance_unit.symbol(),
            _ => "",
        };
        // A source has no membrane: only its STDP traces exist.
        let exists = !kind.states.is_empty() || key.starts_with("trace");
        exists.then_some(Variable { key, symbol, unit, doc })
    });
    states.chain(common).collect()
}

pub fn variable(spec: &NetworkSpec, population: usize, key: &str) -> Option<Variable> {
    variables(spec, population).into_iter().find(|v| v.key == key)
}

/// One trace on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub probe: Probe,
    pub variable: Variable,
    /// Number of the neuron among those shown: its colour.
    pub neuron: usize,
}

/// The traces to show. `chosen` are keys of variables; with none the network's own probes are shown, or v.
pub fn lines(spec: &NetworkSpec, selected: &[(usize, u32)], chosen: &[String]) -> Vec<Line> {
    let probes = if selected.is_empty() { recorded(spec) } else { Vec::new() };
    let mut wanted: Vec<Probe> = Vec::new();
    if chosen.is_empty() && !probes.is_empty() {
        wanted = probes;
    } else {
        let mut neurons: Vec<(usize, u32)> = selected.iter().copied().take(MOST_NEURONS).collect();
        if neurons.is_empty() {
            neurons = probes.iter().map(|p| (p.population, p.neuron)).collect();
        }
        if neurons.is_empty() {
            let populations = spec.populations.iter().enumerate().filter(|(_, p)| p.size > 0 && !p.model.kind.states.is_empty());
            neurons = populations.map(|(i, _)| (i, 0)).take(MOST_NEURONS).collect();
        }
        neurons.sort_unstable();
        neurons.dedup();
        // Unless something is chosen, the potential: the first variable of the model.
        let first = |population: usize| spec.populations.get(population)?.model.kind.states.first().map(|s| s.key.to_owned());
        let probe = |population: usize, neuron: u32, variable: String| Probe { population, neuron, variable };
        if chosen.is_empty() {
            wanted.extend(neurons.iter().filter_map(|(p, n)| Some(probe(*p, *n, first(*p)?))));
        }
        for key in chosen {
            wanted.extend(neurons.iter().map(|(p, n)| probe(*p, *n, key.clone())));
        }
    }
    let mut order: Vec<(usize, u32)> = Vec::new();
    let mut lines: Vec<Line> = Vec::new();
    for probe in wanted {
        let fits = spec.populations.get(probe.population).is_some_and(|p| probe.neuron < p.size);
        let Some(variable) = variable(spec, probe.population, &probe.variable).filter(|_| fits) else { continue };
        if lines.iter().any(|l| l.probe == probe) {
            continue;
        }
        let who = (probe.population, probe.neuron);
        let neuron = order.iter().position(|n| *n == who).unwrap_or_else(|| {
            order.push(who);
            order.len() - 1
        });
        lines.push(Line { probe, variable, neuron });
    }
    lines
}

/// The network's own probes, one by one.
fn recorded(spec: &NetworkSpec) -> Vec<Probe> {
    let one = |p: &spikeground_core::spec::ProbeSpec| {
        let population = spec.population(&p.population)?;
        let variable = p.variable.clone();
        Some(p.neurons.clone().into_iter().map(move |neuron| Probe { population, neuron, variable: variable.clone() }))
    };
    spec.probes.iter().filter_map(one).flatten().collect()
}

/// A strip: traces on one axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// Names the strip from frame to frame.
    pub key: String,
    pub lines: Vec<Line>,
}

impl Strip {
    /// The variable that gives the strip its name; none when several share it.
    pub fn variable(&self) -> Option<Variable> {
        let first = self.lines.first()?.variable;
        self.lines.iter().all(|l| l.variable.key == first.key).then_some(first)
    }

    pub fn unit(&self) -> &'static str {
        self.lines.first().map_or("", |l| l.variable.unit)
    }
}

/// Groups traces: stacked, one strip a population and variable; else one strip a quantity (v alone; others by unit).
pub fn strips(lines: Vec<Line>, stacked: bool) -> Vec<Strip> {
    let mut strips: Vec<Strip> = Vec::new();
    for line in lines {
        let v = line.variable;
        let key = if stacked {
            format!("{} {}", line.probe.population, v.key)
        } else if v.key == "v" || v.key.starts_with("trace") {
            format!("{} {}", v.key.split('_').next().unwrap_or(v.key), v.unit)
        } else {
            format!("{} {}", if v.unit.is_empty() { "gates" } else { "other" }, v.unit)
        };
        match strips.iter_mut().find(|s| s.key == key) {
            Some(strip) => strip.lines.push(line),
            None => strips.push(Strip { key, lines: vec![line] }),
        }
    }
    strips
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::model::neuron;
    use spikeground_core::part::Part;
    use spikeground_core::spec::{PopulationSpec, ProbeSpec};

    fn network() -> NetworkSpec {
        let kind = |key: &str| Part::new(neuron::ALL.iter().copied().find(|k| k.key == key).expect("a model"));
        let mut spec = NetworkSpec::default();
        spec.populations = vec![
            PopulationSpec::new("E", 10, kind("lif")),
            PopulationSpec::new("HH", 2, kind("hh")),
            PopulationSpec::new("Source", 5, kind("poisson")),
        ];
        spec
    }

    fn shown(lines: &[Line]) -> Vec<(usize, u32, &str)> {
        lines.iter().map(|l| (l.probe.population, l.probe.neuron, l.variable.key)).collect()
    }

    #[test]
    fn without_a_wish_the_first_neuron_of_each_population_is_shown() {
        assert_eq!(shown(&lines(&network(), &[], &[])), [(0, 0, "v"), (1, 0, "v")]);
    }

    #[test]
    fn the_networks_own_probes_come_before_that_and_a_selection_before_both() {
        let mut spec = network();
        spec.probes.push(ProbeSpec { population: "HH".into(), variable: "m".into(), neurons: vec![1, 99] });
        spec.probes.push(ProbeSpec { population: "gone".into(), variable: "v".into(), neurons: vec![0] });
        assert_eq!(shown(&lines(&spec, &[], &[])), [(1, 1, "m")]);
        assert_eq!(shown(&lines(&spec, &[(0, 7), (0, 3)], &[])), [(0, 3, "v"), (0, 7, "v")]);
        assert_eq!(shown(&lines(&spec, &[], &["v".into(), "h".into()])), [(1, 1, "v"), (1, 1, "h")]);
    }

    #[test]
    fn variables_that_a_model_lacks_are_left_out() {
        let wish = ["m".into(), "i_syn".into(), "nonsense".into()];
        assert_eq!(shown(&lines(&network(), &[(0, 0), (1, 0), (2, 0)], &wish)), [(1, 0, "m"), (0, 0, "i_syn"), (1, 0, "i_syn")]);
    }

    #[test]
    fn gates_share_a_strip_and_units_do_not_mix() {
        let wish = ["v".into(), "m".into(), "h".into(), "n".into(), "i_syn".into(), "trace_pre".into()];
        let all = lines(&network(), &[(0, 0), (1, 0)], &wish);
        let overlaid = strips(all.clone(), false);
        assert!(overlaid.iter().all(|s| s.lines.iter().all(|l| l.variable.unit == s.unit())));
        assert_eq!(overlaid.len(), 5, "v in mV, gates, pA, µA/cm², STDP traces");
        assert_eq!(overlaid[1].lines.len(), 3);
        assert_eq!(strips(all, true).len(), 9);
    }
}
