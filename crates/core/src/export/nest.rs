//! NEST scripts: native neuron models, native plastic synapses, generators that replay what arrives from outside.
//!
//! The script has no line that depends on the number of processes, so that it runs unchanged under MPI; each process writes the spikes and
//! weights of its own neurons.

use super::nest_models::{AREA, Receptor, model};
use super::plan::{Plan, number, plain, text};
use super::source::{self, Drive, about, heading, initial, parameter};
use crate::model::stimulus::sends_spikes;
use std::fmt::Write;

/// What turns our stimulus current into NEST's.
fn current_factor(plan: &Plan, population: usize) -> f64 {
    if plan.kind(population).key == "hh" { AREA } else { 1.0 }
}

const PLASTIC: &[(&str, &str)] = &[
    ("all_to_all", "stdp_synapse"),
    ("nearest_symmetric", "stdp_nn_symm_synapse"),
    ("nearest_pre_centred", "stdp_nn_pre_centered_synapse"),
];

const REMARKS: &[&str] = &[
    "Conventions. Both programs stamp a spike with the end of the step in which the threshold is crossed, deliver it a whole number of steps \
     later, and let it act from then on; so no time needs to be shifted, but for one thing:",
    "NEST's generators reach a neuron one or two steps after they are switched on. All of them therefore start after a lead-in of LEAD steps, \
     in which nothing happens; then the neurons get their initial state, and step 0 begins.",
];

const ADAPTIVE: &str = "NEST integrates this model with an adaptive Runge-Kutta method, Spikeground with a fixed step: spikes may differ by \
    a step, and in a recurrent network the runs then drift apart.";

/// The script.
pub fn script(plan: &Plan, stem: &str) -> String {
    let mut remarks = REMARKS.to_vec();
    remarks.push("");
    let adaptive = (0..plan.populations.len()).any(|p| matches!(model(plan, p).map(|m| m.name), Ok(n) if is_adaptive(n)));
    if adaptive {
        remarks.extend([ADAPTIVE, ""]);
    }
    let mut out = source::head(plan, stem, "NEST", "import nest\nimport numpy as np\n", &remarks);
    out.push_str(&lead(plan));
    out.push_str(include_str!("py/nest_start.py"));
    out.push('\n');
    out.push_str(&heading("Populations"));
    let mut firsts = Vec::new();
    for p in 0..plan.populations.len() {
        out.push_str(&about(plan, p));
        out.push_str(&source::spreads(plan, p));
        population(plan, p, &mut out);
        firsts.push(plan.populations[p].clone());
        out.push('\n');
    }
    if !plan.projections.is_empty() {
        out.push_str(&heading("Projections"));
        for i in 0..plan.projections.len() {
            out.push_str(&source::synapses(plan, i));
            connect(plan, i, &mut out);
            out.push('\n');
        }
    }
    let (stimuli, currents) = stimuli(plan);
    if !stimuli.is_empty() {
        out.push_str(&heading("Stimuli"));
        out.push_str(&stimuli);
    }
    recorders(plan, &mut out);
    out.push_str(&heading("The run"));
    out.push_str("nest.Prepare()\nnest.Run(LEAD * dt)\n");
    for (p, constant) in currents.iter().enumerate() {
        start(plan, p, constant.as_ref(), &mut out);
    }
    out.push_str(include_str!("py/nest_run.py"));
    out.push('\n');
    gather(plan, &mut out);
    out.push_str(&source::tail(plan));
    out
}

/// Whether NEST integrates the model with an adaptive step.
pub fn is_adaptive(model: &str) -> bool {
    model.starts_with("aeif") || model.starts_with("hh") || model == "iaf_cond_exp"
}

/// How long nothing happens before step 0. NEST's nearest-neighbour rules take time 0 for a presynaptic spike of every synapse: it must lie
/// so far back that nothing is left of its trace.
fn lead(plan: &Plan) -> String {
    let rules = (0..plan.projections.len()).filter_map(|i| plan.learns(i)).filter(|r| matches!(r.choice("pairing"), "nearest_symmetric"));
    let longest = rules.map(|r| r.get("tau_plus")).fold(0.0, f64::max);
    if longest == 0.0 {
        return "LEAD = 2  # steps\n".into();
    }
    let steps = (40.0 * longest / plan.spec.dt).ceil();
    format!(
        "# NEST's nearest-neighbour synapses behave as if their source had fired at time 0; after 40 tau_plus nothing is left of that.\n\
         LEAD = {steps}  # steps\n"
    )
}

fn population(plan: &Plan, p: usize, out: &mut String) {
    let (name, spec) = (&plan.populations[p], &plan.spec.populations[p]);
    if plan.is_source(p) {
        out.push_str(&source::spikes(plan, name, &spec.model, (0, spec.size)));
        // Parrots pass spikes on: a generator cannot be the source of a plastic synapse, and one spike may reach many.
        let _ = writeln!(out, "{name} = nest.Create(\"parrot_neuron\", {})", spec.size);
        let _ = writeln!(
            out,
            "nest.Connect(generators({}, {name}_step, {name}_neuron, {name}_count), {name}, \"one_to_one\", {{\"delay\": dt}})",
            spec.size
        );
        return;
    }
    let Ok(model) = model(plan, p) else { return };
    let _ = writeln!(out, "{name} = nest.Create(\"{}\", {})", model.name, spec.size);
    let tau_minus = plan.spec.projections.iter().enumerate().filter(|(i, _)| plan.post[*i] == p && plan.learns(*i).is_some());
    let mut params = model.params;
    // NEST keeps the postsynaptic trace of STDP with the neuron.
    params.extend(tau_minus.filter_map(|(_, j)| j.plasticity.as_ref()).take(1).map(|r| ("tau_minus", number(r.get("tau_minus")))));
    let _ = writeln!(out, "{name}.set(");
    for (key, value) in params {
        let unit = unit(key);
        let _ = writeln!(out, "    {key}={value},{}", if unit.is_empty() { String::new() } else { format!("  # {unit}") });
    }
    out.push_str(")\n");
}

fn unit(key: &str) -> &'static str {
    match key {
        "C_m" => "pF",
        "E_L" | "V_th" | "V_reset" | "E_ex" | "E_in" | "V_peak" | "Delta_T" | "c" | "E_Na" | "E_K" | "V_m" => "mV",
        "tau_m" | "t_ref" | "tau_syn" | "tau_syn_ex" | "tau_syn_in" | "tau_w" | "tau_minus" => "ms",
        "g_L" | "g_Na" | "g_K" => "nS",
        "b" | "d" | "U_m" => "",
        _ => "",
    }
}

/// The keys of a synapse: model, weight, delay, receptor.
fn connect(plan: &Plan, i: usize, out: &mut String) {
    let (name, spec) = (&plan.projections[i], &plan.spec.projections[i]);
    let Ok(model) = model(plan, plan.post[i]) else { return };
    let port = plan.port_of(plan.post[i], &spec.synapse);
    let receptor = model.receptors.get(port).copied().unwrap_or(Receptor::Sign(1.0));
    let factor = if let Receptor::Sign(f) = receptor { f } else { 1.0 };
    let mut synapse = "\"static_synapse\"".to_owned();
    if let Some(rule) = plan.learns(i) {
        let native = PLASTIC.iter().find(|p| p.0 == rule.choice("pairing")).map_or("stdp_synapse", |p| p.1);
        let (plus, minus) = (rule.get("a_plus"), rule.get("a_minus"));
        let _ = writeln!(
            out,
            "# NEST's rule is ours: the delay counts as dendritic, a pair at the same instant contributes nothing, and the weight"
        );
        let _ = writeln!(out, "# that a spike transmits is the one after its own update. lambda is A+, alpha is A-/A+.");
        let _ = writeln!(out, "nest.CopyModel(\"{native}\", \"{name}_stdp\", {{");
        let keys = [
            ("lambda", number(plus)),
            ("alpha", number(minus / plus)),
            ("mu_plus", number(rule.get("mu_plus"))),
            ("mu_minus", number(rule.get("mu_minus"))),
            ("tau_plus", format!("{},  # ms", number(rule.get("tau_plus")))),
            ("Wmax", number(rule.get("w_max") * factor)),
        ];
        for (key, value) in keys {
            let comma = if value.contains('#') { "" } else { "," };
            let _ = writeln!(out, "    \"{key}\": {value}{comma}");
        }
        out.push_str("})\n");
        synapse = format!("\"{name}_stdp\"");
    } else if plan.snapshot.projections[i].pre.is_empty() && plan.exact {
        return;
    }
    let weight = if factor == 1.0 { format!("{name}_weight") } else { format!("{} * {name}_weight", number(factor)) };
    let port = if let Receptor::Number(n) = receptor { format!(", {n}") } else { String::new() };
    let _ = writeln!(
        out,
        "connect({}, {}, {name}_pre, {name}_post, {synapse}, {weight}, {name}_delay{port})",
        plan.populations[plan.pre[i]], plan.populations[plan.post[i]]
    );
}

/// The stimuli, and for each population the expression of a constant current.
fn stimuli(plan: &Plan) -> (String, Vec<Option<String>>) {
    let mut out = String::new();
    let mut constants = Vec::new();
    for p in 0..plan.populations.len() {
        let (text, drive) = source::current(plan, p);
        let name = &plan.populations[p];
        let factor = current_factor(plan, p);
        let scaled = if factor == 1.0 { format!("{name}_current") } else { format!("{} * {name}_current", number(factor)) };
        out.push_str(&text);
        if drive == Drive::Varying {
            let _ = writeln!(out, "replay_current({scaled}, {name})");
        }
        constants.push((drive == Drive::Constant).then_some(scaled));
        if drive != Drive::None {
            out.push('\n');
        }
    }
    for (i, s) in plan.spec.stimuli.iter().enumerate().filter(|(_, s)| s.enabled && sends_spikes(s.stimulus.kind)) {
        let (name, target) = (&plan.stimuli[i], plan.target[i]);
        let Ok(model) = model(plan, target) else { continue };
        let receptor = model.receptors.get(plan.port_of(target, &s.synapse)).copied().unwrap_or(Receptor::Sign(1.0));
        let factor = if let Receptor::Sign(f) = receptor { f } else { 1.0 };
        let port = if let Receptor::Number(n) = receptor { format!(", \"receptor_type\": {n}") } else { String::new() };
        let size = plan.spec.populations[target].size;
        let _ = writeln!(out, "# {}: {}", plain(&s.name), s.stimulus.kind.summary);
        out.push_str(&source::spikes(plan, name, &s.stimulus, plan.range(i)));
        let weight = number(s.stimulus.get("weight") * factor);
        let _ = writeln!(out, "nest.Connect(");
        let _ = writeln!(
            out,
            "    generators({size}, {name}_step, {name}_neuron, {name}_count), {}, \"one_to_one\",",
            plan.populations[target]
        );
        let _ = writeln!(out, "    {{\"weight\": {weight}, \"delay\": dt{port}}},\n)\n");
    }
    (out, constants)
}

fn recorders(plan: &Plan, out: &mut String) {
    out.push_str(&heading("Recorders"));
    out.push_str("recorder = nest.Create(\"spike_recorder\")\n");
    for (p, name) in plan.populations.iter().enumerate() {
        if plan.kind(p).key == "hh" {
            let _ = writeln!(
                out,
                "# NEST stamps the spikes of this model at their peak, Spikeground where v crosses 0 mV upwards: taken from v itself."
            );
            let _ = writeln!(out, "{name}_v = nest.Create(\"multimeter\", params={{\"record_from\": [\"V_m\"], \"interval\": dt}})");
            let _ = writeln!(out, "nest.Connect({name}_v, {name}, \"all_to_all\", {{\"delay\": dt}})");
        } else {
            let _ = writeln!(out, "nest.Connect({name}, recorder, \"all_to_all\", {{\"delay\": dt}})");
        }
    }
    for (k, trace) in plan.snapshot.traces.iter().enumerate() {
        let (name, Ok(model)) = (&plan.populations[trace.population], model(plan, trace.population)) else { continue };
        let state = model.states[trace.state];
        let _ = writeln!(out, "meter_{k} = nest.Create(\"multimeter\", params={{\"record_from\": [\"{state}\"], \"interval\": dt}})");
        let _ = writeln!(out, "nest.Connect(meter_{k}, {name}[{}], \"all_to_all\", {{\"delay\": dt}})", trace.neuron);
    }
    out.push('\n');
}

/// Initial state and constant current after the lead-in.
fn start(plan: &Plan, p: usize, constant: Option<&String>, out: &mut String) {
    let Ok(model) = model(plan, p) else { return };
    let factor = current_factor(plan, p);
    let own = parameter(plan, p, "i_e");
    let own = if factor == 1.0 { own } else { format!("{} * {own}", number(factor)) };
    let current = constant.map_or(own.clone(), |c| if own == "0.0" { c.clone() } else { format!("{own} + {c}") });
    let mut values: Vec<_> = model.states.iter().enumerate().map(|(s, key)| format!("{key}={}", initial(plan, p, s))).collect();
    values.push(format!("I_e={current}"));
    let _ = writeln!(out, "{}.set({})", plan.populations[p], values.join(", "));
}

/// Reads the recorders.
fn gather(plan: &Plan, out: &mut String) {
    let hh: Vec<_> = plan.populations.iter().enumerate().filter(|(p, _)| plan.kind(*p).key == "hh").collect();
    let list = |items: Vec<String>| items.join(", ");
    let _ = writeln!(out, "populations = [{}]", list(plan.populations.clone()));
    let _ = writeln!(out, "step, neuron = recorded_spikes(recorder)");
    for (p, name) in hh {
        let _ = writeln!(out, "crossings = upward_crossings({name}_v, {name}, {}, sum(sizes[:{p}]))", initial(plan, p, 0));
        let _ = writeln!(out, "step, neuron = np.concatenate([step, crossings[0]]), np.concatenate([neuron, crossings[1]])");
    }
    let traces = (0..plan.snapshot.traces.len()).map(|k| format!("trace(meter_{k})")).collect();
    let _ = writeln!(out, "traces = [{}]", list(traces));
    let _ = writeln!(out, "weights = {{");
    for i in (0..plan.projections.len()).filter(|i| plan.learns(*i).is_some()) {
        let (name, pre, post) = (&plan.projections[i], &plan.populations[plan.pre[i]], &plan.populations[plan.post[i]]);
        let factor = weight_factor(plan, i);
        let scale = if factor == 1.0 { String::new() } else { format!(", {}", number(factor)) };
        let _ = writeln!(out, "    \"{name}\": final_weights({pre}, {post}, \"{name}_stdp\"{scale}),");
    }
    let _ =
        writeln!(out, "}}\nengine, version = {}, nest.__version__\nrank, n_processes = nest.Rank(), nest.NumProcesses()\n", text("nest"));
}

fn weight_factor(plan: &Plan, i: usize) -> f64 {
    let Ok(model) = model(plan, plan.post[i]) else { return 1.0 };
    match model.receptors.get(plan.port_of(plan.post[i], &plan.spec.projections[i].synapse)) {
        Some(Receptor::Sign(f)) => *f,
        _ => 1.0,
    }
}
