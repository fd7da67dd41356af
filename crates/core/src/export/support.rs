//! What each target can express: the table model × target, and the refusals of one network.

use super::plan::Plan;
use super::{Target, nest_models, pynn};
use crate::param::ParamKind;
use crate::spec::validate::Problem;

/// One line of the table.
pub struct Support {
    /// Our model with its synapses.
    pub model: &'static str,
    pub nest: &'static str,
    pub brian2: &'static str,
    pub pynn: &'static str,
}

/// The table, for the manual; [`refusals`] decides for a network.
pub const TABLE: &[Support] = &[
    Support { model: "LIF, delta", nest: "iaf_psc_delta", brian2: "equations", pynn: "IF_curr_delta (not in NEURON)" },
    Support { model: "LIF, exponential current", nest: "iaf_psc_exp, iaf_psc_exp_multisynapse", brian2: "equations", pynn: "IF_curr_exp" },
    Support { model: "LIF, alpha current", nest: "iaf_psc_alpha, iaf_psc_alpha_multisynapse", brian2: "equations", pynn: "IF_curr_alpha" },
    Support { model: "LIF, conductance", nest: "iaf_cond_exp", brian2: "equations", pynn: "IF_cond_exp" },
    Support { model: "Izhikevich, network2003, delta", nest: "izhikevich", brian2: "equations", pynn: "refused" },
    Support { model: "Izhikevich, other schemes and synapses", nest: "refused", brian2: "equations", pynn: "refused" },
    Support { model: "AdEx", nest: "aeif_psc_delta, _exp, _alpha, aeif_cond_exp", brian2: "equations", pynn: "EIF_cond_exp_isfa_ista" },
    Support {
        model: "Hodgkin–Huxley",
        nest: "hh_psc_alpha (alpha currents, no outgoing projection)",
        brian2: "equations",
        pynn: "refused",
    },
    Support { model: "Equations of your own", nest: "refused", brian2: "equations", pynn: "refused" },
    Support { model: "Poisson source", nest: "parrot_neuron", brian2: "SpikeGeneratorGroup", pynn: "SpikeSourceArray" },
    Support { model: "Pair STDP", nest: "stdp_synapse and its nearest-neighbour forms", brian2: "equations", pynn: "refused" },
];

/// Models that scripts are written for.
const WRITTEN: [&str; 4] = ["lif", "izhikevich", "adex", "hh"];

/// Everything of the network that `target` cannot express.
pub fn refusals(plan: &Plan, target: Target) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut say = |at: String, what: String| found.push(Problem { at, what });
    for p in 0..plan.populations.len() {
        if plan.is_source(p) {
            continue;
        }
        let kind = plan.kind(p);
        let typed_elsewhere = !kind.source.is_empty() && target == Target::Brian2;
        if target != Target::Markdown && !WRITTEN.contains(&kind.key) && !typed_elsewhere {
            let what = format!(
                "{} is not written for {} yet; use one of {}{}, or analyse the run here",
                kind.key,
                target.name(),
                WRITTEN.join(", "),
                if kind.source.is_empty() { "" } else { ", export to Brian2" }
            );
            say(format!("populations[{p}] “{}”", plan.spec.populations[p].name), what);
            continue;
        }
        let located = kind.param("scheme").is_some() && plan.spec.populations[p].model.choice("scheme") == "accurate";
        if located && target != Target::Markdown {
            let others = if let Some(ParamKind::Choice(keys)) = kind.param("scheme").map(|i| kind.params[i].kind) { keys } else { &[] };
            let others: Vec<&str> = others.iter().copied().filter(|k| *k != "accurate").collect();
            let what =
                format!("the scheme accurate finds spikes inside the step, which a script on a grid cannot; use {}", others.join(" or "));
            say(format!("populations[{p}] “{}”", plan.spec.populations[p].name), what);
            continue;
        }
        let refused = match target {
            Target::Nest => nest_models::model(plan, p).err(),
            Target::Pynn => pynn::cell(plan, p).err(),
            Target::Brian2 | Target::Markdown => None,
        };
        if let Some(why) = refused {
            say(format!("populations[{p}] “{}”", plan.spec.populations[p].name), why);
        }
    }
    if target == Target::Nest {
        let ticks = plan.spec.dt * 1000.0;
        if (ticks - ticks.round()).abs() > 1e-9 {
            say("dt".into(), format!("{} ms is no multiple of NEST's finest unit, 0.001 ms; use one", plan.spec.dt));
        }
        nest_plasticity(plan, &mut say);
    }
    if target == Target::Brian2 {
        brian2_plasticity(plan, &mut say);
    }
    if target == Target::Pynn {
        for i in (0..plan.projections.len()).filter(|i| plan.learns(*i).is_some()) {
            let at = format!("projections[{i}] “{}”", plan.spec.projections[i].name);
            say(at, "PyNN's STDP is not the same rule in all its simulators; set learning: false, or export to NEST or Brian2".into());
        }
    }
    found
}

fn nest_plasticity(plan: &Plan, say: &mut dyn FnMut(String, String)) {
    let mut tau_minus: Vec<Option<f64>> = vec![None; plan.populations.len()];
    for i in 0..plan.projections.len() {
        let Some(rule) = plan.learns(i) else { continue };
        let at = || format!("projections[{i}] “{}”", plan.spec.projections[i].name);
        if rule.get("a_plus") == 0.0 {
            say(
                at(),
                "NEST writes depression as a multiple of A₊, which is 0 here; use a small a_plus such as 1e-9, or export to Brian2".into(),
            );
        }
        if rule.choice("pairing") == "nearest_reduced" {
            let what = "NEST's stdp_nn_restr_synapse leaves out the depression where a postsynaptic spike coincides with the presynaptic one, ours \
                        takes the spike before it; use pairing all_to_all, nearest_symmetric or nearest_pre_centred";
            say(at(), what.into());
        }
        let (tau, post) = (rule.get("tau_minus"), plan.post[i]);
        if tau_minus[post].is_some_and(|t| t != tau) {
            let what = "NEST keeps one tau_minus for all plastic inputs of a neuron; use the same tau_minus for all projections onto this \
                        population, or export to Brian2";
            say(at(), what.into());
        }
        tau_minus[post] = Some(tau);
    }
}

fn brian2_plasticity(plan: &Plan, say: &mut dyn FnMut(String, String)) {
    for i in 0..plan.projections.len() {
        let Some(rule) = plan.learns(i) else { continue };
        let at = format!("projections[{i}] “{}”", plan.spec.projections[i].name);
        let pairing = rule.choice("pairing");
        if !matches!(pairing, "all_to_all" | "nearest_symmetric") {
            say(at, format!("pairing {pairing} is not written for Brian2; use all_to_all or nearest_symmetric, or export to NEST"));
            continue;
        }
        let pre = plan.pre[i];
        if plan.exact && plan.is_source(pre) {
            let first = plan.spec.first_ids()[pre];
            let spikes = plan.snapshot.spikes.of(first, plan.spec.populations[pre].size);
            if let Some(k) = spikes.count.iter().position(|n| *n > 1) {
                let (time, neuron) = (spikes.step[k] as f64 * plan.spec.dt, spikes.neuron[k]);
                say(
                    at,
                    format!(
                        "its source {neuron} fires {} times in the step that ends at {time:.3} ms, and Brian2's sources fire once a step; use a \
                         smaller dt, another seed or a lower rate, or export to NEST",
                        spikes.count[k]
                    ),
                );
            }
        }
    }
}
