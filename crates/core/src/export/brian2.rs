//! Brian2 scripts. An exact one writes out our own scheme, statement by statement; a readable one gives the differential equations to
//! Brian2's own solvers.

use super::brian2_models::{self, Group};
use super::plan::{Plan, number, plain};
use super::source::{self, Drive, about, heading};
use crate::model::stimulus::sends_spikes;
use crate::model::synapse::Shape;
use std::fmt::Write;

const UNITS: &str = "Numbers are in ms, mV, pA, pF and nS throughout (Hodgkin-Huxley per cm2, Izhikevich currents in mV/ms), without Brian2's units: so they \
     are the very numbers of Spikeground.";

const EXACT: &[&str] = &[
    UNITS,
    "",
    "Conventions. So that every spike repeats, the neurons do not use Brian2's solvers: each group carries out Spikeground's own step, statement \
     by statement, in the slot \"groups\". Brian2's default schedule (groups, thresholds, synapses) then fits: a spike of step k arrives after \
     step k + delay has been integrated, and acts from the next step on. A delta synapse is part of the step that ends when it arrives, so it \
     must be there before that step: one step sooner.",
    "",
];

const READABLE: &[&str] =
    &[UNITS, "", "Brian2's solvers and schedule are used as they are: spikes may differ by a step from Spikeground's.", ""];

/// The script.
pub fn script(plan: &Plan, stem: &str) -> String {
    let remarks = if plan.exact { EXACT } else { READABLE };
    let mut out = source::head(plan, stem, "Brian2", "import brian2 as b2\nimport numpy as np\n", remarks);
    out.push_str(if plan.exact { include_str!("py/brian2_start.py") } else { include_str!("py/brian2_equations.py") });
    if plan.exact && (0..plan.populations.len()).any(|p| plan.kind(p).key == "lif") {
        out.push_str(include_str!("py/brian2_gains.py"));
    }
    out.push_str(include_str!("py/brian2_helpers.py"));
    if (0..plan.projections.len()).any(|i| plan.learns(i).is_some()) {
        out.push_str(include_str!("py/brian2_stdp.py"));
    }
    out.push_str(&heading("Populations"));
    for p in 0..plan.populations.len() {
        out.push_str(&about(plan, p));
        out.push_str(&source::spreads(plan, p));
        population(plan, p, &mut out);
        out.push('\n');
    }
    if !plan.projections.is_empty() {
        out.push_str(&heading("Projections"));
    }
    for i in 0..plan.projections.len() {
        out.push_str(&source::synapses(plan, i));
        projection(plan, i, &mut out);
        out.push('\n');
    }
    let spikes = || plan.spec.stimuli.iter().enumerate().filter(|(_, s)| s.enabled && sends_spikes(s.stimulus.kind));
    if spikes().next().is_some() {
        out.push_str(&heading("Stimuli"));
    }
    for (i, s) in spikes() {
        let (name, target) = (&plan.stimuli[i], plan.target[i]);
        let (post, size) = (&plan.populations[target], plan.spec.populations[target].size);
        let k = plan.port_of(target, &s.synapse);
        let weight = number(s.stimulus.get("weight"));
        let _ = writeln!(out, "# {}: {}; its spikes arrive in the very step they are drawn for", plain(&s.name), s.stimulus.kind.summary);
        out.push_str(&source::spikes(plan, name, &s.stimulus, plan.range(i)));
        let _ = writeln!(out, "{name} = sources({size}, {name}_step, {name}_neuron, {name}_count, when=\"start\")");
        let _ = writeln!(
            out,
            "{name}_synapses = connect({name}, {size}, {post}, np.arange({size}), np.arange({size}), np.full({size}, {weight}), \
             np.zeros({size}), \"{}\")",
            brian2_models::effect(plan, target, k, "weight")
        );
        if plan.ports[target][k].shape == Shape::Delta {
            let _ = writeln!(out, "{name}_synapses.pre.when, {name}_synapses.pre.order = \"start\", 1");
        }
        out.push('\n');
    }
    out.push_str(&heading("The run"));
    let _ = writeln!(out, "spike_monitors = [b2.SpikeMonitor(neurons) for neurons in ({},)]", plan.populations.join(", "));
    let meters: Vec<_> = plan
        .snapshot
        .traces
        .iter()
        .map(|t| {
            let key = plan.kind(t.population).states[t.state].key;
            format!("    b2.StateMonitor({}, \"{key}\", record=[{}], when=\"end\"),\n", plan.populations[t.population], t.neuron)
        })
        .collect();
    let _ = writeln!(out, "trace_monitors = [\n{}]\nnetwork.add(spike_monitors, trace_monitors)\n\n", meters.concat());
    out.push_str(include_str!("py/brian2_run.py"));
    let keys: Vec<_> = plan.snapshot.traces.iter().map(|t| format!("\"{}\"", plan.kind(t.population).states[t.state].key)).collect();
    let _ = writeln!(out, "traces = [getattr(monitor, key)[0] for monitor, key in zip(trace_monitors, [{}])]", keys.join(", "));
    out.push_str("weights = {\n");
    for i in (0..plan.projections.len()).filter(|i| plan.learns(*i).is_some()) {
        let name = &plan.projections[i];
        let _ = writeln!(out, "    \"{name}\": (np.array({name}.i), np.array({name}.j), np.array({name}.sent), {name}_delay),");
    }
    out.push_str("}\nengine, version = \"brian2\", b2.__version__\nrank, n_processes = 0, 1\n\n");
    out.push_str(&source::tail(plan));
    out
}

fn population(plan: &Plan, p: usize, out: &mut String) {
    let (name, spec) = (&plan.populations[p], &plan.spec.populations[p]);
    if plan.is_source(p) {
        out.push_str(&source::spikes(plan, name, &spec.model, (0, spec.size)));
        let _ = writeln!(out, "{name} = sources({}, {name}_step, {name}_neuron, {name}_count)", spec.size);
        return;
    }
    let (text, drive) = source::current(plan, p);
    out.push_str(&text);
    let mut constants = Vec::new();
    let expression = match drive {
        Drive::None => "0".to_owned(),
        Drive::Constant => {
            constants.push(("stimulus".to_owned(), format!("{name}_current")));
            "stimulus".to_owned()
        }
        Drive::Varying => {
            let _ = writeln!(out, "{name}_course = b2.TimedArray({name}_current, dt=dt * b2.ms)");
            constants.push(("stimulus".to_owned(), format!("{name}_course")));
            "stimulus(t, COLUMN)".to_owned()
        }
    };
    // One column is for all neurons.
    let shared = drive == Drive::Varying && text_has_one_column(plan, p, &text);
    let expression = expression.replace("COLUMN", if shared { "0" } else { "i" });
    let Group { states, constants: own, code, more } =
        if plan.exact { brian2_models::exact(plan, p, &expression) } else { brian2_models::equations(plan, p, &expression) };
    constants.extend(own);
    let _ = writeln!(out, "{name} = group(\n    {},", spec.size);
    let pairs = |items: &[(String, String)]| {
        let all: Vec<_> = items.iter().map(|(k, x)| format!("        \"{k}\": {x},\n")).collect();
        format!("    {{\n{}    }},\n", all.concat())
    };
    out.push_str(&pairs(&states));
    out.push_str(&pairs(&constants));
    let _ = writeln!(out, "    \"\"\"\n{}\"\"\",", code.trim_end().lines().map(|l| format!("    {l}\n")).collect::<String>());
    for argument in more {
        let _ = writeln!(out, "    {argument},");
    }
    out.push_str(")\n");
}

fn text_has_one_column(plan: &Plan, p: usize, text: &str) -> bool {
    if plan.exact {
        matches!(plan.snapshot.populations[p].current, super::snapshot::Current::Shared(_))
    } else {
        text.contains("(n_steps, 1)")
    }
}

fn projection(plan: &Plan, i: usize, out: &mut String) {
    let (name, spec) = (&plan.projections[i], &plan.spec.projections[i]);
    let (pre, post) = (&plan.populations[plan.pre[i]], &plan.populations[plan.post[i]]);
    let size = plan.spec.populations[plan.pre[i]].size;
    let k = plan.port_of(plan.post[i], &spec.synapse);
    let early = plan.exact && plan.ports[plan.post[i]][k].shape == Shape::Delta;
    if let Some(rule) = plan.learns(i) {
        let value = |key: &str| format!("\"{key}\": {}", number(rule.get(key)));
        let values = ["a_plus", "a_minus", "tau_plus", "tau_minus", "mu_plus", "mu_minus", "w_max"].map(value);
        let nearest = if rule.choice("pairing") == "all_to_all" { "False" } else { "True" };
        let _ = writeln!(out, "{name}_rule = {{{}, \"nearest\": {nearest}}}", values.join(", "));
        let effect = brian2_models::effect(plan, plan.post[i], k, "weight");
        let early = if early { ", early=1" } else { "" };
        let _ = writeln!(
            out,
            "{name} = connect_stdp({pre}, {size}, {post}, {name}_pre, {name}_post, {name}_weight, {name}_delay, \"{effect}\", {name}_rule{early})"
        );
        return;
    }
    let effect = brian2_models::effect(plan, plan.post[i], k, "weight");
    let delay = if early { format!("{name}_delay.astype(int) - 1") } else { format!("{name}_delay") };
    let _ = writeln!(out, "{name} = connect({pre}, {size}, {post}, {name}_pre, {name}_post, {name}_weight, {delay}, \"{effect}\")");
}
