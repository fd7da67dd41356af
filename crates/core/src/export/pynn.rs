//! PyNN scripts: the standard cells that mean the same in all of PyNN's simulators. Run with NEURON unless told otherwise.

use super::nest_models::{by_sign, same_kind, tau};
use super::plan::{Plan, Port, number, plain};
use super::source::{self, Drive, about, heading, initial, parameter};
use crate::model::stimulus::sends_spikes;
use crate::model::synapse::Shape;
use std::fmt::Write;

/// A standard cell for one population.
pub struct Cell {
    pub name: &'static str,
    pub params: Vec<(&'static str, String)>,
    /// For each port its receptor; none: by the sign of the weight.
    receptors: Vec<Option<&'static str>>,
    /// What turns our weights into PyNN's (nA, µS, mV).
    factor: f64,
}

/// The cell that stands for a population, or why there is none and what could be changed.
pub fn cell(plan: &Plan, population: usize) -> Result<Cell, String> {
    let ports = &plan.ports[population];
    let p = |key| parameter(plan, population, key);
    let kind = plan.kind(population).key;
    let shape = if ports.is_empty() { None } else { Some(same_kind(ports).ok_or(MIXED)?) };
    let mut params = Vec::new();
    let (name, receptors, factor) = match (kind, shape) {
        ("lif", Some(Shape::Delta)) => {
            return Err(
                "PyNN's NEURON has no cell with delta synapses; use exponential or alpha currents, or export to NEST or Brian2".into()
            );
        }
        ("lif", Some(Shape::Conductance { .. })) => ("IF_cond_exp", conductances(ports, &mut params)?, 1e-3),
        ("lif", Some(Shape::Alpha { .. })) => ("IF_curr_alpha", currents(ports, &mut params)?, 1e-3),
        ("lif", _) => ("IF_curr_exp", currents(ports, &mut params)?, 1e-3),
        ("adex", None | Some(Shape::Conductance { .. })) => ("EIF_cond_exp_isfa_ista", conductances(ports, &mut params)?, 1e-3),
        ("adex", _) => {
            return Err("PyNN's AdEx cell takes conductances only; use conductance synapses, or export to NEST or Brian2".into());
        }
        ("izhikevich", _) => {
            return Err("PyNN's Izhikevich cell is stepped differently in each of its simulators; export to NEST or Brian2".into());
        }
        ("hh", _) => {
            return Err("PyNN's Hodgkin-Huxley cell is another membrane (Traub's), not the squid axon; export to NEST or Brian2".into());
        }
        _ => return Err(format!("PyNN has no cell for {kind}; export to Brian2")),
    };
    if kind == "lif" {
        params.extend([
            ("cm", format!("{} * 1e-3", p("c_m"))),
            ("tau_m", p("tau_m")),
            ("v_rest", p("e_l")),
            ("v_thresh", p("v_th")),
            ("v_reset", p("v_reset")),
            ("tau_refrac", p("t_ref")),
        ]);
    } else {
        params.extend([
            ("cm", format!("{} * 1e-3", p("c_m"))),
            ("tau_m", format!("{} / {}", p("c_m"), p("g_l"))),
            ("v_rest", p("e_l")),
            ("v_thresh", p("v_th")),
            ("v_reset", p("v_reset")),
            ("v_spike", p("v_peak")),
            ("delta_T", p("delta_t")),
            ("a", p("a")),
            ("b", format!("{} * 1e-3", p("b"))),
            ("tau_w", p("tau_w")),
            ("tau_refrac", "0.0".into()),
        ]);
    }
    Ok(Cell { name, params, receptors, factor })
}

const MIXED: &str = "PyNN's cells take one kind of synapse (exponential, alpha or conductance); use one kind for all inputs of this population, or export to Brian2";

fn currents(ports: &[Port], params: &mut Vec<(&'static str, String)>) -> Result<Vec<Option<&'static str>>, String> {
    let (excitatory, inhibitory) = by_sign(ports).ok_or(
        "PyNN's cell has one excitatory and one inhibitory time constant, told apart by the sign of the weight; use at most one tau_syn for \
         positive and one for negative weights, or export to NEST or Brian2",
    )?;
    if let Some(i) = excitatory {
        params.push(("tau_syn_E", number(tau(&ports[i]))));
    }
    if let Some(i) = inhibitory {
        params.push(("tau_syn_I", number(tau(&ports[i]))));
    }
    Ok(vec![None; ports.len()])
}

fn conductances(ports: &[Port], params: &mut Vec<(&'static str, String)>) -> Result<Vec<Option<&'static str>>, String> {
    let reversal = |p: &Port| if let Shape::Conductance { e_rev, .. } = p.shape { e_rev } else { 0.0 };
    if ports.len() > 2 || ports.iter().any(|p| p.negative) {
        return Err(
            "PyNN's cell has two conductances with weights that are not negative; use at most two pairs of tau_syn and e_rev, and no \
                    negative conductances, or export to Brian2"
                .into(),
        );
    }
    let excitatory = usize::from(ports.len() == 2 && reversal(&ports[1]) > reversal(&ports[0]));
    let mut receptors = Vec::new();
    for (i, port) in ports.iter().enumerate() {
        let [e, t, name] = if i == excitatory { ["e_rev_E", "tau_syn_E", "excitatory"] } else { ["e_rev_I", "tau_syn_I", "inhibitory"] };
        params.push((e, number(reversal(port))));
        params.push((t, number(tau(port))));
        receptors.push(Some(name));
    }
    Ok(receptors)
}

const REMARKS: &[&str] = &[
    "PyNN's units: ms, mV, nF, nA and uS. The simulator is chosen with --simulator: neuron (which also runs under mpirun, each process writing the \
     spikes of its own neurons), nest or brian2.",
    "Conventions. NEURON integrates the cells with its own implicit method, where Spikeground is exact on the grid: expect spikes that differ by a \
     step, and in a recurrent network runs that drift apart.",
    "",
];

/// The script.
pub fn script(plan: &Plan, stem: &str) -> String {
    let mut out = source::head(plan, stem, "PyNN", "import importlib\nimport os\n\nimport numpy as np\n", REMARKS);
    out = out.replace(
        "arguments = arguments.parse_args()",
        "arguments.add_argument(\"--simulator\", default=\"neuron\", help=\"neuron, nest or brian2\")\narguments = arguments.parse_args()",
    );
    let longest = plan.snapshot.projections.iter().flat_map(|p| p.delay.iter()).max().copied().unwrap_or(1);
    let _ = writeln!(out, "longest_delay = {longest}  # steps");
    out.push_str(include_str!("py/pynn_start.py"));
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
        let spec = &plan.spec.projections[i];
        let Ok(cell) = cell(plan, plan.post[i]) else { continue };
        let name = &plan.projections[i];
        out.push_str(&source::synapses(plan, i));
        let port = plan.port_of(plan.post[i], &spec.synapse);
        let receptor = cell.receptors.get(port).copied().flatten().map_or(String::new(), |r| format!(", \"{r}\""));
        let _ = writeln!(
            out,
            "connect({}, {}, {name}_pre, {name}_post, {} * {name}_weight, {name}_delay{receptor})\n",
            plan.populations[plan.pre[i]],
            plan.populations[plan.post[i]],
            number(cell.factor)
        );
    }
    for (i, s) in plan.spec.stimuli.iter().enumerate().filter(|(_, s)| s.enabled && sends_spikes(s.stimulus.kind)) {
        let (name, target) = (&plan.stimuli[i], plan.target[i]);
        let Ok(cell) = cell(plan, target) else { continue };
        let size = plan.spec.populations[target].size;
        let receptor =
            cell.receptors.get(plan.port_of(target, &s.synapse)).copied().flatten().map_or(String::new(), |r| format!(", \"{r}\""));
        let _ = writeln!(out, "# {}: {}", plain(&s.name), s.stimulus.kind.summary);
        out.push_str(&source::spikes(plan, name, &s.stimulus, plan.range(i)));
        let _ = writeln!(out, "{name} = sources({size}, {name}_step, {name}_neuron, {name}_count, early=1)");
        let weight = number(s.stimulus.get("weight") * cell.factor);
        let _ = writeln!(
            out,
            "connect({name}, {}, np.arange({size}), np.arange({size}), np.full({size}, {weight}), np.ones({size}){receptor})\n",
            plan.populations[target]
        );
    }
    out.push_str(&heading("The run"));
    let _ = writeln!(out, "populations = [{}]", plan.populations.join(", "));
    out.push_str(
        "for cells in populations:\n    for copy in cells if isinstance(cells, list) else [cells]:\n        copy.record(\"spikes\")\n",
    );
    for (k, trace) in plan.snapshot.traces.iter().enumerate() {
        let (name, key) = (&plan.populations[trace.population], plan.kind(trace.population).states[trace.state].key);
        let n = trace.neuron;
        let _ = writeln!(out, "meter_{k} = {name}[{n}:{}]\nmeter_{k}.record(\"{key}\", sampling_interval=dt)", n + 1);
    }
    out.push_str(include_str!("py/pynn_run.py"));
    out.push_str("traces = []\n");
    for (k, trace) in plan.snapshot.traces.iter().enumerate() {
        let key = plan.kind(trace.population).states[trace.state].key;
        let factor = if key == "w" { " * 1e3" } else { "" };
        let _ = writeln!(out, "signals = meter_{k}.get_data(\"{key}\", gather=False).segments[0].analogsignals");
        let _ = writeln!(out, "traces.append(np.asarray(signals[0].magnitude)[1 : n_steps + 1, 0]{factor} if signals else np.array([]))");
    }
    out.push_str("weights = {}\nengine = arguments.simulator\n");
    out.push_str("version = getattr(importlib.import_module(engine), \"__version__\", \"\")\n");
    out.push_str("rank, n_processes = sim.rank(), sim.num_processes()\n\n");
    out.push_str(&source::tail(plan));
    out.push_str("\nsim.end()\nif parallel:\n    h.quit()  # ends MPI, too\n");
    out
}

fn population(plan: &Plan, p: usize, out: &mut String) {
    let (name, spec) = (&plan.populations[p], &plan.spec.populations[p]);
    if plan.is_source(p) {
        out.push_str(&source::spikes(plan, name, &spec.model, (0, spec.size)));
        let _ = writeln!(out, "{name} = sources({}, {name}_step, {name}_neuron, {name}_count)", spec.size);
        return;
    }
    let Ok(cell) = cell(plan, p) else { return };
    let (text, drive) = source::current(plan, p);
    out.push_str(&text);
    let constant = if drive == Drive::Constant { format!(" + {name}_current") } else { String::new() };
    let _ = writeln!(out, "{name} = sim.Population({}, sim.{}(", spec.size, cell.name);
    for (key, value) in &cell.params {
        let _ = writeln!(out, "    {key}={value},");
    }
    let _ = writeln!(out, "    i_offset=({}{constant}) * 1e-3,\n), label=\"{name}\")", parameter(plan, p, "i_e"));
    for (s, state) in plan.kind(p).states.iter().enumerate() {
        let factor = if state.key == "w" { " * 1e-3" } else { "" };
        let _ = writeln!(out, "{name}.initialize({}={}{factor})", state.key, initial(plan, p, s));
    }
    if drive == Drive::Varying {
        let _ = writeln!(out, "play({name}_current * 1e-3, {name})");
    }
}
