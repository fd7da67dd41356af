//! The protocol of a run in Markdown: question, set-up with every number, outcome, conclusion; what is for the user to say stays empty.

use super::plan::Plan;
use crate::param::ParamKind;
use crate::part::Part;
use crate::preset::write::number;
use crate::spec::path::Place;
use std::fmt::Write;

/// Where figures go, for whoever has some to put in.
pub const FIGURES: &str = "<!-- figures -->";

/// The protocol.
pub fn protocol(plan: &Plan) -> String {
    let (spec, run) = (plan.spec, &plan.snapshot);
    let duration = run.n_steps as f64 * spec.dt;
    let mut out = format!("# {}\n\n", cell(&spec.name));
    for text in [&spec.purpose, &spec.notes].into_iter().filter(|t| !t.is_empty()) {
        let _ = writeln!(out, "{text}\n");
    }
    let _ = writeln!(out, "## Question\n\n{}\n\n## Set-up\n", spec.question);
    let _ = writeln!(
        out,
        "Simulated with Spikeground {}, seed {}, step {} ms, for {} ms of biological time.\n",
        env!("CARGO_PKG_VERSION"),
        spec.seed,
        number(spec.dt),
        number(duration)
    );
    out.push_str("### Populations\n\n| population | neurons | model | role |\n|---|---:|---|---|\n");
    for p in &spec.populations {
        let role = format!("{:?}", p.role).to_lowercase();
        let _ = writeln!(out, "| {} | {} | {} | {role} |", cell(&p.name), p.size, p.model.kind.name);
    }
    if !spec.projections.is_empty() {
        out.push_str("\n### Projections\n\n| projection | from | to | synapses | connection | synapse |\n|---|---|---|---:|---|---|\n");
        for (p, built) in spec.projections.iter().zip(&run.projections) {
            let (pre, post) = (cell(&p.pre), cell(&p.post));
            let (connect, synapse) = (p.connect.kind.name, p.synapse.kind.name);
            let _ = writeln!(out, "| {} | {pre} | {post} | {} | {connect} | {synapse} |", cell(&p.name), built.pre.len());
        }
    }
    out.push_str("\n### Parameters\n\n| of | parameter | value | unit | meaning |\n|---|---|---:|---|---|\n");
    let mut line = |of: &str, part: &Part, place: Place| {
        for (k, p) in part.kind.params.iter().enumerate() {
            let unit = spec.unit_of(crate::spec::path::Path { place, param: k });
            let unit = if unit.is_empty() { p.unit.symbol() } else { unit };
            let value = match p.kind {
                ParamKind::Choice(_) => part.choice(p.key).to_owned(),
                ParamKind::Flag => (if part.flag(p.key) { "yes" } else { "no" }).to_owned(),
                _ if part.values[k] >= 1e12 => "∞".to_owned(),
                _ => number(part.values[k]),
            };
            let meaning = p.doc.split(['.', ':']).next().unwrap_or("");
            let _ = writeln!(out, "| {} | {} | {value} | {unit} | {} |", cell(of), cell(&p.symbol.replace('_', "")), cell(meaning));
        }
    };
    for (i, p) in spec.populations.iter().enumerate() {
        line(&p.name, &p.model, Place::Model(i));
        for (k, (param, spread)) in p.spread.iter().enumerate() {
            line(&format!("{}, spread of {}", p.name, p.model.kind.params[*param].key), spread, Place::Spread(i, k));
        }
        for (k, (state, initial)) in p.initial.iter().enumerate() {
            line(&format!("{}, initial {}", p.name, p.model.kind.states[*state].key), initial, Place::Initial(i, k));
        }
    }
    for (i, p) in spec.projections.iter().enumerate() {
        line(&format!("{}, synapse", p.name), &p.synapse, Place::Synapse(i));
        line(&format!("{}, connection", p.name), &p.connect, Place::Connect(i));
        line(&format!("{}, weight", p.name), &p.weight, Place::Weight(i));
        line(&format!("{}, delay", p.name), &p.delay, Place::Delay(i));
        if let Some(rule) = &p.plasticity {
            line(&format!("{}, plasticity", p.name), rule, Place::Plasticity(i));
        }
    }
    for (i, s) in spec.stimuli.iter().enumerate() {
        line(&format!("{} into {}", s.name, s.target), &s.stimulus, Place::Stimulus(i));
        if crate::model::stimulus::sends_spikes(s.stimulus.kind) {
            line(&format!("{}, synapse", s.name), &s.synapse, Place::StimulusSynapse(i));
        }
    }
    out.push_str("\n## Outcome\n\n| population | spikes | mean rate (Hz) | neurons that fired |\n|---|---:|---:|---:|\n");
    for (p, first) in spec.populations.iter().zip(spec.first_ids()) {
        let spikes = run.spikes.of(first, p.size);
        let n: u32 = spikes.count.iter().sum();
        let mut active = spikes.neuron.clone();
        active.sort_unstable();
        active.dedup();
        let rate = if duration > 0.0 { f64::from(n) / f64::from(p.size) / (duration * 1e-3) } else { 0.0 };
        let _ = writeln!(out, "| {} | {n} | {rate:.3} | {} of {} |", cell(&p.name), active.len(), p.size);
    }
    let learned = |i: &usize| !run.last_weights[*i].is_empty();
    if (0..spec.projections.len()).any(|i| learned(&i)) {
        out.push_str("\n| learned weights | mean at the start | mean at the end | unit |\n|---|---:|---:|---|\n");
        for i in (0..spec.projections.len()).filter(learned) {
            let mean = |w: &[f64]| w.iter().sum::<f64>() / w.len() as f64;
            let (start, end) = (mean(&run.projections[i].weight), mean(&run.last_weights[i]));
            let _ = writeln!(out, "| {} | {start:.4} | {end:.4} | {} |", cell(&spec.projections[i].name), spec.weight_unit(i));
        }
    }
    if !spec.remarks.is_empty() {
        out.push_str("\n| time (ms) | noted |\n|---:|---|\n");
        for remark in &spec.remarks {
            let _ = writeln!(out, "| {} | {} |", number(remark.at), cell(&remark.text));
        }
    }
    let _ = writeln!(out, "\n{FIGURES}\n## Conclusion\n\n{}\n\n## To repeat it\n", spec.conclusion);
    let _ = writeln!(
        out,
        "The network, as the file that Spikeground reads (`spikeground run FILE`); the same version and seed give the same spikes.\n\n```ron\n{}```\n",
        crate::preset::write(spec)
    );
    let sources: std::collections::BTreeSet<&str> = spec.populations.iter().flat_map(|p| p.model.kind.references.iter().copied()).collect();
    if !sources.is_empty() {
        out.push_str("Sources:\n\n");
        for s in sources {
            let _ = writeln!(out, "- {s}");
        }
    }
    out
}

/// A text as a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
