//! The neuron models for Brian2: one step as statements (exact), or the differential equations (readable).

use super::plan::{Plan, number};
use super::snapshot::Numbers;
use super::source::parameter;
use crate::equations::{self, script};
use crate::model::synapse::Shape;
use std::fmt::Write;

/// What a group of neurons needs: state variables with their start, constants, and its statements or equations.
pub struct Group {
    pub states: Vec<(String, String)>,
    pub constants: Vec<(String, String)>,
    pub code: String,
    /// Further arguments of an equations group: threshold, reset, refractory, method.
    pub more: Vec<String>,
}

/// Name of the variable that arriving spikes of port `k` are added to.
pub fn inbox(plan: &Plan, population: usize, k: usize) -> String {
    match plan.ports[population][k].shape {
        Shape::Delta if plan.exact => "jump".into(),
        Shape::Delta => "v".into(),
        Shape::Exponential { .. } => format!("I_{k}"),
        Shape::Alpha { .. } => format!("J_{k}"),
        Shape::Conductance { .. } => format!("g_{k}"),
    }
}

/// The statement that an arriving spike of weight `w` carries out.
pub fn effect(plan: &Plan, population: usize, k: usize, weight: &str) -> String {
    let factor = if let Shape::Alpha { tau } = plan.ports[population][k].shape {
        format!(" * {}", number(std::f64::consts::E / tau))
    } else {
        String::new()
    };
    // A LIF neuron that is held after its spike passes over a jump.
    let free = if !plan.exact && inbox(plan, population, k) == "v" && plan.kind(population).key == "lif" {
        " * int(not_refractory_post)"
    } else {
        ""
    };
    format!("{}_post += {weight}{factor}{free}", inbox(plan, population, k))
}

fn has_conductance(plan: &Plan, population: usize) -> bool {
    plan.ports[population].iter().any(|p| matches!(p.shape, Shape::Conductance { .. }))
}

/// Every parameter of the model that is a number, under its own name.
fn parameters(plan: &Plan, population: usize) -> Vec<(String, String)> {
    let kind = plan.kind(population);
    let used = kind.params.iter().filter(|p| !matches!(p.key, "scheme" | "accommodation" | "temperature" | "tau_m" | "t_ref"));
    used.map(|p| (p.key.to_owned(), parameter(plan, population, p.key))).collect()
}

/// The exact step: the statements of our own scheme. `drive` is the expression of the stimulus current.
pub fn exact(plan: &Plan, population: usize, drive: &str) -> Group {
    let (kind, ports) = (plan.kind(population), &plan.ports[population]);
    let mut states: Vec<(String, String)> =
        kind.states.iter().enumerate().map(|(s, state)| (state.key.to_owned(), super::source::initial(plan, population, s))).collect();
    let mut constants = parameters(plan, population);
    constants.push(("tick".into(), "dt".into()));
    let conductance = has_conductance(plan, population);
    // What flows in is taken before the synapses decay. Brian2 wants statements without neurons (a constant current) before all others.
    let (mut inflow, mut decays) = (String::new(), String::new());
    let (mut total, mut g, mut ge) = (vec![drive.to_owned()], Vec::new(), Vec::new());
    let delta = ports.iter().any(|p| p.shape == Shape::Delta);
    if delta {
        states.push(("jump".into(), "0".into()));
    }
    for (k, port) in ports.iter().enumerate() {
        let tau = match port.shape {
            Shape::Delta => continue,
            Shape::Exponential { tau } | Shape::Alpha { tau } | Shape::Conductance { tau, .. } => number(tau),
        };
        constants.push((format!("decay_{k}"), format!("np.exp(-dt / {tau})")));
        match port.shape {
            Shape::Exponential { .. } => {
                states.push((format!("I_{k}"), "0".into()));
                constants.push((format!("gain_{k}"), gain(plan, population, &tau)));
                let _ = writeln!(inflow, "inflow_{k} = I_{k} * gain_{k}");
                let _ = writeln!(decays, "I_{k} = I_{k} * decay_{k}");
                total.push(format!("inflow_{k}"));
            }
            Shape::Alpha { .. } => {
                states.push((format!("J_{k}"), "0".into()));
                states.push((format!("I_{k}"), "0".into()));
                let [first, second] = alpha_gains(plan, population, &tau);
                constants.push((format!("gain_J_{k}"), first));
                constants.push((format!("gain_{k}"), second));
                let _ = writeln!(inflow, "inflow_{k} = J_{k} * gain_J_{k} + I_{k} * gain_{k}");
                let _ = write!(decays, "I_{k} = (I_{k} + J_{k} * tick) * decay_{k}\nJ_{k} = J_{k} * decay_{k}\n");
                total.push(format!("inflow_{k}"));
            }
            Shape::Conductance { e_rev, .. } => {
                states.push((format!("g_{k}"), "0".into()));
                constants.push((format!("middle_{k}"), format!("np.exp(-0.5 * dt / {tau})")));
                constants.push((format!("e_rev_{k}"), number(e_rev)));
                let _ = write!(decays, "open_{k} = g_{k} * middle_{k}\ng_{k} = g_{k} * decay_{k}\n");
                g.push(format!("open_{k}"));
                ge.push(format!("open_{k} * e_rev_{k}"));
            }
            Shape::Delta => {}
        }
    }
    if conductance {
        let _ = write!(decays, "g = {}\nge = {}\n", g.join(" + "), ge.join(" + "));
    }
    if !kind.source.is_empty() {
        let total = if total.len() == 1 { total.concat() } else { total.join(" + ") };
        return typed(plan, population, states, constants, &total, conductance, delta, [&inflow, &decays]);
    }
    let mut code = String::new();
    let jump = if delta { " + jump" } else { "" };
    match kind.key {
        "lif" => {
            states.push(("wait".into(), "0".into()));
            let p = |key| parameter(plan, population, key);
            constants.retain(|c| c.0 != "c_m");
            if conductance {
                constants.push(("g_l".into(), format!("{} / {}", p("c_m"), p("tau_m"))));
                constants.push(("dt_over_c".into(), format!("dt / {}", p("c_m"))));
            } else {
                constants.push(("decay".into(), format!("np.exp(-dt / {})", p("tau_m"))));
                constants.push(("drive".into(), format!("-np.expm1(-dt / {0}) * {0} / {1}", p("tau_m"), p("c_m"))));
            }
            constants.push(("hold".into(), format!("np.rint({} / dt)", p("t_ref"))));
            code.push_str(if conductance { include_str!("py/lif_conductance.txt") } else { include_str!("py/lif_current.txt") });
            code.push_str(&include_str!("py/lif_spike.txt").replace(" + jump", jump));
        }
        "izhikevich" => {
            let text = |key: &str| if let Numbers::Same(x) = plan.param(population, key) { *x } else { 0.0 };
            let accommodates = text("accommodation") != 0.0;
            let template = match text("scheme") as usize {
                0 => include_str!("py/izhikevich_network2003.txt"),
                1 => include_str!("py/izhikevich_figure2004.txt"),
                _ => include_str!("py/izhikevich_rk4.txt"),
            };
            let more = if conductance { " + ge - g * V" } else { "" };
            let own = if text("scheme") == 0.0 && delta { " + jump * (1 / tick)" } else { "" };
            code.push_str(
                &fill_izhikevich(template, more, accommodates)
                    .replace(" + jump", jump_of(text("scheme"), jump))
                    .replace(" + JUMP_CURRENT", own),
            );
        }
        "adex" => {
            let more = if conductance { " + ge - g * V" } else { "" };
            code.push_str(
                &fill(include_str!("py/adex.txt"), "LINEAR", &format!("g_l * (e_l - V) - W + current{more}")).replace(" + jump", jump),
            );
            constants.extend(
                [
                    ("tau_m", "c_m / g_l"),
                    ("y_peak", "np.exp(np.clip((v_th - v_peak) / delta_t, -80, 80))"),
                    ("e_reset", "np.exp(np.clip((np.minimum(v_reset, v_peak) - v_th) / delta_t, -80, 80))"),
                ]
                .map(|(k, x)| (k.to_owned(), substitute(plan, population, x))),
            );
        }
        _ => {
            let staggered = matches!(plan.param(population, "scheme"), Numbers::Same(x) if *x == 0.0);
            constants.push(("phi".into(), format!("3.0 ** (({} - 6.3) / 10)", parameter(plan, population, "temperature"))));
            let passive = if conductance { "g_l + g" } else { "g_l" };
            let reversal = if conductance { " + ge" } else { "" };
            let text = if staggered { include_str!("py/hh_exponential_euler.txt").to_owned() } else { runge_kutta() };
            code.push_str(&text.replace(" + GE", reversal).replace("PASSIVE", passive).replace(" + jump", jump));
        }
    }
    if delta {
        code.push_str("jump = 0\n");
    }
    let code = code.replace("total", &if total.len() == 1 { total.concat() } else { format!("({})", total.join(" + ")) });
    let (first, rest) = code.split_once('\n').unwrap_or((&code, ""));
    let code =
        if first.contains(" + ge") { format!("{inflow}{decays}{first}\n{rest}") } else { format!("{inflow}{first}\n{decays}{rest}") };
    Group { states, constants, code, more: Vec::new() }
}

/// The exact step of typed equations: the operations of the engine, one after the other.
fn typed(
    plan: &Plan,
    population: usize,
    mut states: Vec<(String, String)>,
    mut constants: Vec<(String, String)>,
    total: &str,
    conductance: bool,
    delta: bool,
    [inflow, decays]: [&str; 2],
) -> Group {
    let kind = plan.kind(population);
    // Parameters stand inside the constants that are made of them.
    constants.retain(|c| kind.param(&c.0).is_none());
    let names = script::Names { parameter: &|key| parameter(plan, population, key), dt: "dt" };
    let scheme = if let Numbers::Same(x) = plan.param(population, "scheme") { *x as usize } else { 0 };
    let Some(step) = script::statements(kind, scheme, conductance, delta, &names) else { unreachable!("a kind has been compiled") };
    if equations::of(kind).is_some_and(|m| m.has_refractory) {
        states.push(("wait".into(), "0".into()));
    }
    constants.extend(step.constants);
    let jump = if delta { "jump = 0\n" } else { "" };
    let code = format!("{inflow}current = {total}\n{}{decays}{}{jump}", step.shared, step.code);
    Group { states, constants, code, more: Vec::new() }
}

/// In the network scheme a jump is a current of its step.
fn jump_of(scheme: f64, jump: &'static str) -> &'static str {
    if scheme == 0.0 { "" } else { jump }
}

/// Puts a model's own parameters into an expression of their names.
fn substitute(plan: &Plan, population: usize, expression: &str) -> String {
    let mut keys: Vec<&str> = plan.kind(population).params.iter().map(|p| p.key).collect();
    keys.sort_by_key(|k| std::cmp::Reverse(k.len()));
    let mut out = String::new();
    let mut word = String::new();
    for c in expression.chars().chain([' ']) {
        if c.is_alphanumeric() || c == '_' || c == '.' {
            word.push(c);
            continue;
        }
        out.push_str(&if keys.contains(&word.as_str()) { parameter(plan, population, &word) } else { word.clone() });
        word.clear();
        out.push(c);
    }
    out.trim_end().to_owned()
}

/// Replaces `NAME(v, w)` by an expression in V and W.
fn fill(template: &str, name: &str, expression: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(&format!("{name}(")) {
        let (before, call) = rest.split_at(at);
        let inside = &call[name.len() + 1..];
        let Some(end) = inside.find(')') else { break };
        let mut arguments = inside[..end].split(',').map(str::trim);
        let (v, w) = (arguments.next().unwrap_or("v"), arguments.next().unwrap_or("w"));
        out.push_str(before);
        let filled: Vec<String> = expression
            .split_inclusive(|c: char| !(c.is_alphanumeric() || c == '_'))
            .map(|piece| {
                let (word, end) = piece.split_at(piece.trim_end_matches(|c: char| !(c.is_alphanumeric() || c == '_')).len());
                format!(
                    "{}{end}",
                    if word == "V" {
                        v
                    } else if word == "W" {
                        w
                    } else {
                        word
                    }
                )
            })
            .collect();
        let _ = write!(out, "({})", filled.concat());
        rest = &inside[end + 1..];
    }
    out + rest
}

fn fill_izhikevich(template: &str, more: &str, accommodates: bool) -> String {
    let slope = format!("q2 * V * V + q1 * V + q0 - W + current{more}");
    let recovery = if accommodates { "a * (b * (V + 65))" } else { "a * (b * V - W)" };
    fill(&fill(template, "DV", &slope), "DU", recovery)
}

/// The classical Runge–Kutta step of the Hodgkin–Huxley model: four slopes.
fn runge_kutta() -> String {
    let mut out = String::from("drive = g_l * e_l + i_e + total + GE\nbefore = v + 0\n");
    for (k, (at, factor)) in [("", ""), ("1", "0.5 * tick"), ("2", "0.5 * tick"), ("3", "tick")].into_iter().enumerate() {
        let k = k + 1;
        for x in ["v", "m", "h", "n"] {
            let _ = if at.is_empty() { writeln!(out, "{x}x = {x} + 0") } else { writeln!(out, "{x}x = {x} + {factor} * k{x}{at}") };
        }
        out.push_str(include_str!("py/hh_rates.txt").replace("VALUE", "vx").as_str());
        let _ = writeln!(out, "gna = g_na * mx * mx * mx * hx\ngk = g_k * (nx * nx) * (nx * nx)");
        let _ = writeln!(out, "kv{k} = (gna * (e_na - vx) + gk * (e_k - vx) + drive - (PASSIVE) * vx) / c_m");
        for x in ["m", "h", "n"] {
            let _ = writeln!(out, "k{x}{k} = phi * (a_{x} * (1 - {x}x) - b_{x} * {x}x)");
        }
    }
    for x in ["v", "m", "h", "n"] {
        let _ = writeln!(out, "{x} = {x} + tick * ((k{x}1 + 2 * (k{x}2 + k{x}3) + k{x}4) / 6)");
    }
    out.push_str("v = v + jump\nspike = before < 0 and v >= 0\n");
    out
}

/// What turns an exponential current at the start of a step into the constant current of the same effect.
fn gain(plan: &Plan, population: usize, tau: &str) -> String {
    if plan.kind(population).key != "lif" {
        return format!("-np.expm1(-dt / {tau}) * {tau} / dt");
    }
    format!("current_gain({}, {tau})", parameter(plan, population, "tau_m"))
}

fn alpha_gains(plan: &Plan, population: usize, tau: &str) -> [String; 2] {
    if plan.kind(population).key != "lif" {
        let e = format!("np.exp(-dt / {tau})");
        let f = format!("-np.expm1(-dt / {tau})");
        return [format!("{tau} * ({tau} * {f} - dt * {e}) / dt"), format!("{tau} * {f} / dt")];
    }
    let tau_m = parameter(plan, population, "tau_m");
    [format!("alpha_gain({tau_m}, {tau})"), format!("current_gain({tau_m}, {tau})")]
}

/// Typed equations as they are, in plain numbers.
fn readable(plan: &Plan, population: usize, model: &equations::Model, states: Vec<(String, String)>, input: &str, synaptic: &str) -> Group {
    let scheme = if let Numbers::Same(x) = plan.param(population, "scheme") { *x as usize } else { 1 };
    let Some(text) = script::readable(model, input, scheme != 0) else { unreachable!("a kind has been compiled") };
    let kind = plan.kind(population);
    let constants =
        kind.params.iter().filter(|p| p.key != "scheme").map(|p| (p.key.to_owned(), parameter(plan, population, p.key))).collect();
    let mut more = vec![format!("threshold=\"{}\"", text.threshold)];
    match (&text.reset, &text.refractory) {
        (Some(reset), Some(time)) => more.extend([format!("reset=\"{reset}\""), format!("refractory=\"({time}) * ms + dt\"")]),
        (Some(reset), None) => more.push(format!("reset=\"{reset}\"")),
        // What comes back by itself fires once on its way up.
        (None, _) => more.push(format!("refractory=\"{}\"", text.threshold)),
    }
    let schemes = ["exponential_euler", "rk4", "rk4", "euler"];
    // Brian2's exponential Euler takes only equations that are linear in their own variable.
    let method = if scheme == 0 { "[\"exponential_euler\", \"rk4\"]".to_owned() } else { format!("\"{}\"", schemes[scheme.min(3)]) };
    more.push(format!("method={method}"));
    Group { states, constants, code: format!("{}\n{}", text.equations.trim_end(), synaptic.trim_end()), more }
}

/// The differential equations, in plain numbers of ms, mV, pA, pF, nS.
pub fn equations(plan: &Plan, population: usize, drive: &str) -> Group {
    let (kind, ports) = (plan.kind(population), &plan.ports[population]);
    let states: Vec<(String, String)> =
        kind.states.iter().enumerate().map(|(s, state)| (state.key.to_owned(), super::source::initial(plan, population, s))).collect();
    let mut constants = parameters(plan, population);
    let mut current = vec!["i_e".to_owned()];
    if drive != "0" {
        current.push(drive.to_owned());
    }
    let mut synaptic = String::new();
    for (k, port) in ports.iter().enumerate() {
        match port.shape {
            Shape::Delta => {}
            Shape::Exponential { tau } => {
                current.push(format!("I_{k}"));
                let _ = writeln!(synaptic, "dI_{k}/dt = -I_{k} / ({} * ms) : 1", number(tau));
            }
            Shape::Alpha { tau } => {
                current.push(format!("I_{k}"));
                let tau = number(tau);
                let _ = write!(synaptic, "dI_{k}/dt = J_{k} / ms - I_{k} / ({tau} * ms) : 1\ndJ_{k}/dt = -J_{k} / ({tau} * ms) : 1\n");
            }
            Shape::Conductance { tau, e_rev } => {
                current.push(format!("g_{k} * ({} - v)", number(e_rev)));
                let _ = writeln!(synaptic, "dg_{k}/dt = -g_{k} / ({} * ms) : 1", number(tau));
            }
        }
    }
    let current = current.join(" + ");
    let linear = !has_conductance(plan, population) && !drive.contains('(');
    if let Some(model) = equations::of(kind) {
        let input = current.strip_prefix("i_e").map_or(current.as_str(), |rest| rest.trim_start_matches(" + "));
        let input = if input.is_empty() { "0.0" } else { input };
        return readable(plan, population, model, states, input, &synaptic);
    }
    let (code, more): (String, Vec<&str>) = match kind.key {
        "lif" => {
            constants.push(("tau_m".into(), parameter(plan, population, "tau_m")));
            constants.push(("t_ref".into(), parameter(plan, population, "t_ref")));
            let code = format!("dv/dt = ((e_l - v) / tau_m + ({current}) / c_m) / ms : 1 (unless refractory)");
            let method = if linear { "method=\"exact\"" } else { "method=\"exponential_euler\"" };
            // Brian2 counts the step of the spike as refractory, NEST and Spikeground the t_ref that follow it.
            (code, vec!["threshold=\"v >= v_th\"", "reset=\"v = v_reset\"", "refractory=\"t_ref * ms + dt\"", method])
        }
        "izhikevich" => {
            let accommodates = matches!(plan.param(population, "accommodation"), Numbers::Same(x) if *x != 0.0);
            let recovery = if accommodates { "a * b * (v + 65)" } else { "a * (b * v - u)" };
            let code = format!("dv/dt = (q2 * v**2 + q1 * v + q0 - u + {current}) / ms : 1\ndu/dt = {recovery} / ms : 1");
            (code, vec!["threshold=\"v >= v_peak\"", "reset=\"v = c; u = u + d\"", "method=\"euler\""])
        }
        "adex" => {
            let code = format!(
                "dv/dt = (g_l * (e_l - v) + g_l * delta_t * exp((clip(v, -1e3, v_peak) - v_th) / delta_t) - w + {current}) / c_m / ms : 1\n\
                 dw/dt = (a * (v - e_l) - w) / tau_w / ms : 1"
            );
            (code, vec!["threshold=\"v >= v_peak\"", "reset=\"v = v_reset; w = w + b\"", "method=\"rk4\""])
        }
        _ => {
            constants.push(("phi".into(), format!("3.0 ** (({} - 6.3) / 10)", parameter(plan, population, "temperature"))));
            let code = include_str!("py/hh_equations.txt").trim_end().replace("CURRENT", &current);
            (code, vec!["threshold=\"v >= 0\"", "refractory=\"v >= 0\"", "method=\"exponential_euler\""])
        }
    };
    Group { states, constants, code: format!("{code}\n{}", synaptic.trim_end()), more: more.into_iter().map(str::to_owned).collect() }
}
