//! Where the numbers of a script come from: the data file of an exact export, or rules written out as NumPy code.
//!
//! Both define the same Python names, so that the rest of a script does not care: `J_pre, J_post, J_weight, J_delay` (delay in steps)
//! for a projection J, `S_step, S_neuron, S_count` for spikes that arrive, `P_current` for a stimulus current.

use super::plan::{Plan, number, plain, text};
use super::snapshot::{Current, Numbers};
use crate::model::stimulus::{sends_spikes, step_of};
use crate::part::Part;
use std::fmt::Write;

/// How the stimulus current of a population changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drive {
    None,
    /// A number, or an array of one number a neuron.
    Constant,
    /// An array of `n_steps` rows and one column, or one column a neuron.
    Varying,
}

/// The head of every script: what it is, imports, arguments, data, time.
pub fn head(plan: &Plan, stem: &str, tool: &str, imports: &str, remarks: &[&str]) -> String {
    let spec = plan.spec;
    let mut out = format!("\"\"\"{}, in {tool}.\n", plain(&spec.name));
    for paragraph in [&spec.purpose, &spec.notes].into_iter().filter(|p| !p.is_empty()) {
        let _ = write!(out, "\n{}\n", wrap(&plain(paragraph), "", 110));
    }
    let how = if plan.exact {
        format!(
            "The connections, weights, delays, initial states and stimuli are those of Spikeground's own run (seed {}) and stand in {stem}.npz \
             beside this file: the same spikes should come out.",
            spec.seed
        )
    } else {
        "Connections, weights and noise are drawn here by the same rules, not with the same random numbers: expect the same statistics, not the \
         same spikes. (An exact export repeats them spike by spike.)"
            .to_owned()
    };
    let _ = write!(out, "\n{}\n", wrap(&how, "", 110));
    let _ = write!(out, "\nWritten by Spikeground {}. Run it with `python {stem}.py`; it needs {tool}, numpy", env!("CARGO_PKG_VERSION"));
    let _ = write!(out, " and, for the figure, matplotlib.\n\"\"\"\n\nimport argparse\nfrom pathlib import Path\n\n{imports}\n");
    out.push_str(include_str!("py/arguments.py"));
    out.push('\n');
    for remark in remarks {
        let _ = writeln!(out, "{}", wrap(remark, "# ", 130));
    }
    if plan.exact {
        let _ = writeln!(out, "data = np.load(Path(__file__).resolve().parent / {})\n", text(&format!("{stem}.npz")));
    } else {
        let _ = writeln!(out, "rng = np.random.default_rng({})\n", spec.seed);
    }
    let _ = writeln!(out, "title = {}", text(&spec.name));
    let _ = writeln!(out, "dt = {}  # ms, the step", number(spec.dt));
    let _ = writeln!(out, "n_steps = {}  # {} ms", plan.snapshot.n_steps, number(plan.snapshot.n_steps as f64 * spec.dt));
    let names: Vec<_> = spec.populations.iter().map(|p| text(&p.name)).collect();
    let sizes: Vec<_> = spec.populations.iter().map(|p| p.size.to_string()).collect();
    let _ = writeln!(out, "names = [{}]", names.join(", "));
    let _ = writeln!(out, "sizes = [{}]", sizes.join(", "));
    let labels: Vec<_> = plan.snapshot.traces.iter().map(|t| text(&label(plan, t.population, t.state, t.neuron))).collect();
    let _ = writeln!(out, "trace_labels = [{}]\n", labels.join(", "));
    if !plan.exact {
        out.push('\n');
        out.push_str(include_str!("py/rules.py"));
        out.push('\n');
    }
    out
}

fn label(plan: &Plan, population: usize, state: usize, neuron: u32) -> String {
    let p = &plan.spec.populations[population];
    let state = &p.model.kind.states[state];
    format!("{}.{}[{neuron}] ({})", p.name, state.key, state.unit.symbol())
}

/// Breaks a text into lines of at most `width` characters that start with `prefix`.
pub fn wrap(text: &str, prefix: &str, width: usize) -> String {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = prefix.to_owned();
        for word in paragraph.split_whitespace() {
            if line.chars().count() + word.chars().count() >= width && line.len() > prefix.len() {
                lines.push(std::mem::replace(&mut line, prefix.to_owned()).trim_end().to_owned());
            }
            line.push_str(word);
            line.push(' ');
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

/// A heading between the parts of a script.
pub fn heading(title: &str) -> String {
    format!("# --- {title} {}\n", "-".repeat(128usize.saturating_sub(title.chars().count())))
}

/// The model of a population as comments: name, equations, source.
pub fn about(plan: &Plan, population: usize) -> String {
    let (p, kind) = (&plan.spec.populations[population], plan.kind(population));
    let mut out = format!("# {}: {} × {}\n", p.name, p.size, kind.name);
    for line in kind.equations {
        let _ = writeln!(out, "#     {line}");
    }
    if let Some(source) = kind.references.first() {
        let _ = writeln!(out, "#     ({source})");
    }
    out
}

/// A parameter as a Python expression.
pub fn parameter(plan: &Plan, population: usize, key: &str) -> String {
    let name = &plan.populations[population];
    match plan.param(population, key) {
        Numbers::Same(x) => number(*x),
        Numbers::Each(_) if plan.exact => format!("data[\"{name}.{key}\"]"),
        Numbers::Each(_) => format!("{name}_{key}"),
    }
}

/// An initial state as a Python expression.
pub fn initial(plan: &Plan, population: usize, state: usize) -> String {
    let (name, key) = (&plan.populations[population], plan.kind(population).states[state].key);
    match &plan.snapshot.populations[population].states[state] {
        Numbers::Same(x) => number(*x),
        Numbers::Each(_) if plan.exact => format!("data[\"{name}.{key}0\"]"),
        Numbers::Each(_) => {
            let drawn = plan.spec.populations[population].initial.iter().find(|i| i.0 == state);
            drawn.map_or_else(
                || format!("data[\"{name}.{key}0\"]"),
                |(_, part)| draw(part, &plan.spec.populations[population].size.to_string()),
            )
        }
    }
}

/// Rules for the parameters that differ between neurons; nothing in an exact script.
pub fn spreads(plan: &Plan, population: usize) -> String {
    let p = &plan.spec.populations[population];
    if plan.exact || p.spread.is_empty() {
        return String::new();
    }
    let (name, mut out) = (&plan.populations[population], String::new());
    if p.spread.iter().any(|s| s.1.kind.key == "power") {
        let _ = writeln!(out, "r = rng.random({})  # one number a neuron, shared by its parameters", p.size);
    }
    for (param, spread) in &p.spread {
        let descriptor = &p.model.kind.params[*param];
        let base = number(p.model.values[*param]);
        let v = &spread.values;
        let (low, high) = descriptor.valid;
        let drawn = match spread.kind.key {
            "normal" => format!("rng.normal({base}, {}, {})", number(v[0]), p.size),
            "uniform" => format!("rng.uniform({base} - {x}, {base} + {x}, {})", p.size, x = number(v[0])),
            _ => format!("{base} + {} * r**{}", number(v[0]), v[1]),
        };
        let key = descriptor.key;
        let unit = descriptor.unit.symbol();
        let _ = writeln!(out, "{name}_{key} = np.clip({drawn}, {}, {})  # {unit}", number(low), number(high));
    }
    out
}

/// A distribution as an expression that draws `n` numbers.
fn draw(part: &Part, n: &str) -> String {
    let v: Vec<String> = part.values.iter().map(|x| number(*x)).collect();
    match part.kind.key {
        "constant" => format!("np.full({n}, {})", v[0]),
        "uniform" => format!("rng.uniform({}, {}, {n})", v[0], v[1]),
        "normal" => format!("normal({}, {}, {n})", v[0], v[1]),
        _ => format!("log_normal({}, {}, {n})", v[0], v[1]),
    }
}

/// The synapses of a projection: four arrays.
pub fn synapses(plan: &Plan, i: usize) -> String {
    let (name, p) = (&plan.projections[i], &plan.spec.projections[i]);
    let unit = plan.spec.weight_unit(i);
    let n = plan.snapshot.projections[i].pre.len();
    let mut out = format!("# {}: {n} synapses, {}, {}\n", p.name, p.connect.kind.name.to_lowercase(), p.synapse.kind.name.to_lowercase());
    if plan.exact {
        let _ = writeln!(out, "{name}_pre, {name}_post = data[\"{name}.pre\"], data[\"{name}.post\"]");
        let _ = writeln!(out, "{name}_weight = data[\"{name}.weight\"]  # {unit}");
        let _ = writeln!(out, "{name}_delay = data[\"{name}.delay\"]  # steps of dt");
        return out;
    }
    let (n_pre, n_post) = (plan.spec.populations[plan.pre[i]].size, plan.spec.populations[plan.post[i]].size);
    let recurrent = plan.pre[i] == plan.post[i];
    let with_self = !recurrent || p.connect.kind.param("self_connections").is_none_or(|k| p.connect.values[k] != 0.0);
    let with_self = if with_self { "True" } else { "False" };
    let table = |rows: &[Vec<f64>]| {
        let rows: Vec<_> = rows.iter().map(|r| format!("    [{}],", r.iter().map(|x| number(*x)).collect::<Vec<_>>().join(", "))).collect();
        format!("np.array([\n{}\n])", rows.join("\n"))
    };
    let at = |key: &str| number(p.connect.get(key));
    let (pre, post) = (format!("{name}_pre"), format!("{name}_post"));
    let mut listed = (false, false);
    match p.connect.kind.key {
        "all_to_all" => {
            let _ = writeln!(out, "{pre}, {post} = all_pairs({n_pre}, {n_post}, self_connections={with_self})");
        }
        "one_to_one" => {
            let _ = writeln!(out, "{pre} = {post} = np.arange({})", n_pre.min(n_post));
        }
        "probability" => {
            let _ = writeln!(out, "{pre}, {post} = random_pairs({n_pre}, {n_post}, {}, self_connections={with_self})", at("p"));
        }
        "in_degree" => {
            let _ =
                writeln!(out, "{pre}, {post} = in_degree_pairs({n_pre}, {n_post}, {}, self_connections={with_self})", p.connect.get("k"));
        }
        "ring" => {
            let distance = format!("ring_distance(i, {n_pre}, j, {n_post}) / {}", at("sigma"));
            let rule = format!("lambda i, j: {} * np.exp(-0.5 * ({distance}) ** 2)", at("p"));
            let _ = writeln!(out, "{pre}, {post} = random_pairs({n_pre}, {n_post}, {rule}, self_connections={with_self})");
        }
        "matrix" => {
            let _ = writeln!(out, "{name}_matrix = {}", table(&p.connect.table));
            let _ = writeln!(out, "{pre}, {post} = np.nonzero({name}_matrix)");
        }
        _ => {
            let columns = p.connect.table.iter().map(Vec::len).min().unwrap_or(2);
            listed = (columns > 2, columns > 3);
            let rows: Vec<Vec<f64>> = p.connect.table.iter().map(|r| r[..columns].to_vec()).collect();
            let _ = writeln!(out, "{name}_list = {}  # from, to, weight, delay", table(&rows));
            let _ = writeln!(out, "{pre}, {post} = {name}_list[:, 0].astype(int), {name}_list[:, 1].astype(int)");
        }
    }
    let weight = match (p.connect.kind.key, p.weight.kind.key) {
        ("matrix", _) => format!("{name}_matrix[{pre}, {post}]"),
        _ if listed.0 => format!("{name}_list[:, 2]"),
        (_, "matrix") => format!("{}[{pre}, {post}]", table(&p.weight.table)),
        (_, "ring") => {
            let distance = format!("ring_distance({pre}, {n_pre}, {post}, {n_post}) / {}", number(p.weight.get("sigma")));
            format!("{} + {} * np.exp(-0.5 * ({distance}) ** 2)", number(p.weight.get("base")), number(p.weight.get("peak")))
        }
        _ => draw(&p.weight, &format!("{pre}.size")),
    };
    let delay = if listed.1 { format!("{name}_list[:, 3]") } else { draw(&p.delay, &format!("{pre}.size")) };
    let _ = writeln!(out, "{name}_weight = {weight}  # {unit}");
    let _ = writeln!(out, "{name}_delay = np.maximum(np.rint({delay} / dt), 1).astype(int)  # ms, as steps of dt");
    out
}

/// The spikes of a source population, or those that arrive from a spike stimulus.
pub fn spikes(plan: &Plan, name: &str, source: &Part, range: (u32, u32)) -> String {
    if plan.exact {
        return format!(
            "{name}_step, {name}_neuron, {name}_count = (data[f\"{name}.{{k}}\"] for k in (\"step\", \"neuron\", \"count\"))\n"
        );
    }
    let three = format!("{name}_step, {name}_neuron, {name}_count");
    let n = range.1 - range.0;
    if source.kind.key == "spike_list" {
        let mut rows: Vec<(u64, u32)> = Vec::new();
        for row in source.table.iter() {
            let step = row.first().map_or(0, |t| step_of(*t, plan.spec.dt));
            match row.get(1) {
                Some(neuron) => rows.push((step, *neuron as u32)),
                None => rows.extend((range.0..range.1).map(|i| (step, i))),
            }
        }
        rows.retain(|r| r.0 >= 1 && r.0 <= plan.snapshot.n_steps);
        rows.sort_unstable();
        let list = |f: &dyn Fn(&(u64, u32)) -> u64| rows.iter().map(|r| f(r).to_string()).collect::<Vec<_>>().join(", ");
        let steps = list(&|r| r.0);
        let neurons = list(&|r| u64::from(r.1));
        return format!(
            "{name}_step = np.array([{steps}], dtype=int)  # steps of dt\n{name}_neuron = np.array([{neurons}], dtype=int)\n\
             {name}_count = np.ones({name}_step.size, dtype=int)\n"
        );
    }
    let mut window = String::new();
    if source.kind.param("start").is_some() {
        let last = step_of(source.get("stop"), plan.spec.dt).min(plan.snapshot.n_steps);
        window = format!(", {}, {last}", step_of(source.get("start"), plan.spec.dt));
    }
    let mut out = format!("{three} = poisson_spikes({}, {n}{window})  # Hz\n", number(source.get("rate")));
    if range.0 > 0 {
        let _ = writeln!(out, "{name}_neuron += {}", range.0);
    }
    out
}

/// The stimulus current of a population, `P_current`, and how it changes. Without a stimulus nothing is defined.
pub fn current(plan: &Plan, population: usize) -> (String, Drive) {
    let name = &plan.populations[population];
    let stimuli = plan.spec.stimuli.iter().enumerate().filter(|(i, s)| plan.target[*i] == population && s.enabled);
    let stimuli: Vec<_> = stimuli.filter(|(_, s)| !sends_spikes(s.stimulus.kind)).collect();
    let unit = plan.kind(population).current_unit.symbol();
    let what: Vec<_> = stimuli.iter().map(|(_, s)| s.name.as_str()).collect();
    if plan.exact {
        let load = |drive| (format!("{name}_current = data[\"{name}.current\"]  # {unit}: {}\n", plain(&what.join(", "))), drive);
        return match &plan.snapshot.populations[population].current {
            Current::None => (String::new(), Drive::None),
            Current::Constant(Numbers::Same(x)) => (format!("{name}_current = {}  # {unit}\n", number(*x)), Drive::Constant),
            Current::Constant(_) => load(Drive::Constant),
            Current::Shared(_) | Current::Each(_) => load(Drive::Varying),
        };
    }
    if stimuli.is_empty() {
        return (String::new(), Drive::None);
    }
    let size = plan.spec.populations[population].size;
    let whole = stimuli.iter().all(|(i, _)| plan.range(*i) == (0, size));
    if stimuli.iter().all(|(_, s)| s.stimulus.kind.key == "constant") {
        let mut out = format!("{name}_current = np.zeros({size})  # {unit}\n");
        for (i, s) in stimuli {
            let (first, last) = plan.range(i);
            let _ = writeln!(out, "{name}_current[{first}:{last}] += {}  # {}", number(s.stimulus.get("amplitude")), plain(&s.name));
        }
        return (out, Drive::Constant);
    }
    let noisy = stimuli.iter().any(|(_, s)| s.stimulus.kind.key == "noise");
    let columns = if whole && !noisy { 1 } else { size };
    let mut out = format!(
        "moments = np.arange(n_steps) * dt  # ms, starts of the steps\n{name}_current = np.zeros((n_steps, {columns}))  # {unit}\n"
    );
    for (i, s) in stimuli {
        let (first, last) = plan.range(i);
        let place = if columns == 1 { String::new() } else { format!(", {first}:{last}") };
        let _ = writeln!(out, "# {}: {}", plain(&s.name), s.stimulus.kind.equations.first().unwrap_or(&""));
        let _ = writeln!(out, "{name}_current[:{place}] += {}", course(&s.stimulus, plan.spec.dt, last - first));
    }
    (out, Drive::Varying)
}

/// A stimulus current over time as an expression: a column, or a column a neuron for noise.
fn course(part: &Part, dt: f64, n: u32) -> String {
    let v = |key: &str| number(part.get(key));
    let when = |from: &str, to: &str| {
        let (from, to) = (part.get(from), part.get(to));
        // Whole steps are compared, so that rounding never shifts an edge.
        let (first, last) = (step_of(from, dt), step_of(to, dt).min(1 << 53));
        format!("((np.arange(n_steps) >= {first}) & (np.arange(n_steps) < {last}))[:, None]")
    };
    match part.kind.key {
        "step" => format!("{} * {}", v("amplitude"), when("start", "stop")),
        "pulse_train" => {
            let (first, period, width) =
                (step_of(part.get("start"), dt), step_of(part.get("period"), dt).max(1), step_of(part.get("width"), dt));
            let since = format!("(np.arange(n_steps) - {first})");
            let count = v("count");
            format!("{} * (({since} >= 0) & ({since} % {period} < {width}) & ({since} // {period} < {count}))[:, None]", v("amplitude"))
        }
        "ramp" => {
            let slope = format!("({} - {}) * (moments[:, None] - {}) / ({} - {})", v("to"), v("from"), v("start"), v("stop"), v("start"));
            format!("({} + {slope}) * {}", v("from"), when("start", "stop"))
        }
        "sine" => {
            let phase = format!("2 * np.pi * ({} * 1e-3 * (moments[:, None] - {}) + {} / 360)", v("frequency"), v("start"), v("phase"));
            format!("({} + {} * np.sin({phase})) * {}", v("offset"), v("amplitude"), when("start", "stop"))
        }
        "chirp" => {
            let (from, to, start) = (v("from"), v("to"), v("start"));
            let since = format!("((moments[:, None] - {start}) * 1e-3)");
            let length = number((part.get("stop") - part.get("start")) * 1e-3);
            let phase = format!("2 * np.pi * {since} * ({from} + 0.5 * ({to} - {from}) * {since} / {length})");
            format!("({} + {} * np.sin({phase})) * {}", v("offset"), v("amplitude"), when("start", "stop"))
        }
        "recorded" => {
            let column = |k: usize| part.table.iter().filter_map(|r| r.get(k)).map(|x| number(*x)).collect::<Vec<_>>().join(", ");
            let at = format!("(moments - {})", v("start"));
            let (times, values) = (format!("[{}]", column(0)), format!("[{}]", column(1)));
            if part.table.is_empty() {
                "0.0".to_owned()
            } else if part.choice("between") == "linear" {
                format!("{} * np.interp({at}, {times}, {values}, left=0.0, right=0.0)[:, None]", v("gain"))
            } else {
                let held = format!("np.array({values})[np.maximum(np.searchsorted({times}, {at} + 1e-6 * dt, side=\"right\") - 1, 0)]");
                let inside = format!("({at} + 1e-6 * dt >= {times}[0]) & ({at} <= {times}[-1] + 1e-6 * dt)");
                format!("{} * ({held} * ({inside}))[:, None]", v("gain"))
            }
        }
        "noise" => format!("rng.normal({}, {} / np.sqrt(dt), (n_steps, {n})) * {}", v("mean"), v("sd"), when("start", "stop")),
        _ => v("amplitude"),
    }
}

/// The end of every script: summary, comparison, result file, figure.
pub fn tail(plan: &Plan) -> String {
    let mut out = include_str!("py/finish.py").to_owned();
    if plan.exact {
        out.push_str(include_str!("py/compare.py"));
    }
    out.push_str(include_str!("py/save.py"));
    out.push_str(include_str!("py/plot.py"));
    out
}
