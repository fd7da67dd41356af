//! NEST's native models: which one stands for a population, with which parameters, and how its ports are told apart.

use super::plan::{Plan, Port, number};
use super::snapshot::Numbers;
use super::source::parameter;
use crate::model::synapse::Shape;

/// How NEST tells the ports of a neuron apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Receptor {
    /// By the sign of the weight; what our weights are multiplied by.
    Sign(f64),
    /// By number, from 1.
    Number(usize),
}

/// A native model of NEST for one population.
pub struct Model {
    pub name: &'static str,
    /// NEST's parameter and its value as a Python expression.
    pub params: Vec<(&'static str, String)>,
    /// One for each port of the population.
    pub receptors: Vec<Receptor>,
    /// NEST's name of each of our states.
    pub states: &'static [&'static str],
}

/// Area that turns the Hodgkin–Huxley model's densities into NEST's whole cell: 10⁻⁴ cm², so that 1 µA/cm² is 100 pA.
pub const AREA: f64 = 100.0;

/// The model that stands for a population, or why there is none and what could be changed.
pub fn model(plan: &Plan, population: usize) -> Result<Model, String> {
    let ports = &plan.ports[population];
    match plan.kind(population).key {
        "lif" => lif(plan, population, ports),
        "izhikevich" => izhikevich(plan, population, ports),
        "adex" => adex(plan, population, ports),
        "hh" => hodgkin_huxley(plan, population, ports),
        other => Err(format!("NEST has no model for {other}")),
    }
}

/// Excitatory and inhibitory port of a model that tells them apart by the sign of the weight: indices into `ports`.
pub fn by_sign(ports: &[Port]) -> Option<(Option<usize>, Option<usize>)> {
    let positive = ports.iter().position(|p| p.positive && !p.negative);
    let negative = ports.iter().position(|p| p.negative && !p.positive);
    let silent = |p: &Port| !p.positive && !p.negative;
    let fits = ports.iter().enumerate().all(|(i, p)| silent(p) || Some(i) == positive || Some(i) == negative);
    if fits {
        return Some((positive, negative));
    }
    // One port with weights of both signs is both, with the same time constant.
    (ports.len() == 1).then_some((Some(0), Some(0)))
}

pub fn tau(port: &Port) -> f64 {
    match port.shape {
        Shape::Exponential { tau } | Shape::Alpha { tau } | Shape::Conductance { tau, .. } => tau,
        Shape::Delta => 1.0,
    }
}

pub fn same_kind(ports: &[Port]) -> Option<Shape> {
    let first = ports.first()?.shape;
    ports.iter().all(|p| std::mem::discriminant(&p.shape) == std::mem::discriminant(&first)).then_some(first)
}

const MIXED: &str = "NEST's neurons take one kind of synapse (delta, exponential, alpha or conductance); use one kind for all inputs of this \
    population, or export to Brian2";

/// Time constants by sign, where the model has two ports only.
fn two_ports(ports: &[Port], params: &mut Vec<(&'static str, String)>) -> Result<Vec<Receptor>, String> {
    let (excitatory, inhibitory) = by_sign(ports).ok_or(
        "NEST's model has one excitatory and one inhibitory time constant, told apart by the sign of the weight; use at most one tau_syn for \
         positive and one for negative weights, or export to Brian2",
    )?;
    if let Some(i) = excitatory {
        params.push(("tau_syn_ex", number(tau(&ports[i]))));
    }
    if let Some(i) = inhibitory {
        params.push(("tau_syn_in", number(tau(&ports[i]))));
    }
    Ok(vec![Receptor::Sign(1.0); ports.len()])
}

/// Two conductances: the port with the higher reversal potential is NEST's excitatory one, weights of the other become negative.
fn conductances(ports: &[Port], params: &mut Vec<(&'static str, String)>) -> Result<Vec<Receptor>, String> {
    let reversal = |p: &Port| if let Shape::Conductance { e_rev, .. } = p.shape { e_rev } else { 0.0 };
    if ports.len() > 2 || ports.iter().any(|p| p.negative) {
        return Err(
            "NEST's model has two conductances with weights that are not negative; use at most two pairs of tau_syn and e_rev, and no \
                    negative conductances, or export to Brian2"
                .into(),
        );
    }
    let excitatory = if ports.len() == 2 && reversal(&ports[1]) > reversal(&ports[0]) { 1 } else { 0 };
    let mut receptors = Vec::new();
    for (i, port) in ports.iter().enumerate() {
        let is_excitatory = i == excitatory;
        let [e, t] = if is_excitatory { ["E_ex", "tau_syn_ex"] } else { ["E_in", "tau_syn_in"] };
        params.push((e, number(reversal(port))));
        params.push((t, number(tau(port))));
        receptors.push(Receptor::Sign(if is_excitatory { 1.0 } else { -1.0 }));
    }
    Ok(receptors)
}

fn lif(plan: &Plan, population: usize, ports: &[Port]) -> Result<Model, String> {
    let p = |key| parameter(plan, population, key);
    let mut params =
        vec![("C_m", p("c_m")), ("E_L", p("e_l")), ("V_th", p("v_th")), ("V_reset", p("v_reset")), ("t_ref", steps(plan, population))];
    if ports.iter().any(|p| matches!(p.shape, Shape::Conductance { .. })) {
        if same_kind(ports).is_none() {
            return Err(MIXED.into());
        }
        params.push(("g_L", format!("{} / {}", p("c_m"), p("tau_m"))));
        let receptors = conductances(ports, &mut params)?;
        return Ok(Model { name: "iaf_cond_exp", params, receptors, states: &["V_m"] });
    }
    params.push(("tau_m", p("tau_m")));
    let multi = |name, params: &mut Vec<(&'static str, String)>| {
        let taus: Vec<_> = ports.iter().map(|p| number(tau(p))).collect();
        params.push(("tau_syn", format!("[{}]", taus.join(", "))));
        Model { name, params: std::mem::take(params), receptors: (1..=ports.len()).map(Receptor::Number).collect(), states: &["V_m"] }
    };
    if !ports.is_empty() && same_kind(ports).is_none() {
        return Err(MIXED.into());
    }
    let one_or_two = by_sign(ports).is_some();
    Ok(match same_kind(ports) {
        Some(Shape::Delta) => {
            let receptors = vec![Receptor::Sign(1.0); ports.len()];
            Model { name: "iaf_psc_delta", params, receptors, states: &["V_m"] }
        }
        Some(Shape::Alpha { .. }) if one_or_two => {
            let receptors = two_ports(ports, &mut params)?;
            Model { name: "iaf_psc_alpha", params, receptors, states: &["V_m"] }
        }
        Some(Shape::Alpha { .. }) => multi("iaf_psc_alpha_multisynapse", &mut params),
        Some(_) if !one_or_two => multi("iaf_psc_exp_multisynapse", &mut params),
        _ => {
            let receptors = two_ports(ports, &mut params)?;
            Model { name: "iaf_psc_exp", params, receptors, states: &["V_m"] }
        }
    })
}

/// The refractory time in whole steps, as we hold it.
fn steps(plan: &Plan, population: usize) -> String {
    match plan.param(population, "t_ref") {
        Numbers::Same(t) => number(round((t / plan.spec.dt).round() * plan.spec.dt)),
        Numbers::Each(_) => format!("np.round({} / dt) * dt", parameter(plan, population, "t_ref")),
    }
}

/// Free of the noise of a multiplication: 20 · 0.1 is 2.
fn round(t: f64) -> f64 {
    (t * 1e9).round() / 1e9
}

fn izhikevich(plan: &Plan, population: usize, ports: &[Port]) -> Result<Model, String> {
    let same = |key: &str, wanted: f64| matches!(plan.param(population, key), Numbers::Same(x) if *x == wanted);
    if !same("scheme", 0.0) {
        return Err("NEST's izhikevich steps as our scheme network2003 does; choose scheme: network2003, or export to Brian2".into());
    }
    if !(same("q2", 0.04) && same("q1", 5.0) && same("q0", 140.0) && same("accommodation", 0.0)) {
        return Err(
            "NEST's izhikevich has the polynomial 0.04v² + 5v + 140 and no accommodation; use these values, or export to Brian2".into()
        );
    }
    if ports.iter().any(|p| p.shape != Shape::Delta) {
        return Err("NEST's izhikevich takes delta synapses only; use delta synapses, or export to Brian2".into());
    }
    let p = |key| parameter(plan, population, key);
    let params =
        vec![("a", p("a")), ("b", p("b")), ("c", p("c")), ("d", p("d")), ("V_th", p("v_peak")), ("consistent_integration", "False".into())];
    // A weight in mV is a current of weight/dt for one step.
    let receptors = vec![Receptor::Sign(1.0 / plan.spec.dt); ports.len()];
    Ok(Model { name: "izhikevich", params, receptors, states: &["V_m", "U_m"] })
}

fn adex(plan: &Plan, population: usize, ports: &[Port]) -> Result<Model, String> {
    let p = |key| parameter(plan, population, key);
    let mut params = vec![
        ("C_m", p("c_m")),
        ("g_L", p("g_l")),
        ("E_L", p("e_l")),
        ("V_th", p("v_th")),
        ("Delta_T", p("delta_t")),
        ("V_peak", p("v_peak")),
        ("V_reset", p("v_reset")),
        ("a", p("a")),
        ("b", p("b")),
        ("tau_w", p("tau_w")),
        ("t_ref", "0.0".into()),
        ("gsl_error_tol", "1e-9".into()),
    ];
    if !ports.is_empty() && same_kind(ports).is_none() {
        return Err(MIXED.into());
    }
    let (name, receptors) = match same_kind(ports) {
        Some(Shape::Delta) => ("aeif_psc_delta", vec![Receptor::Sign(1.0); ports.len()]),
        Some(Shape::Alpha { .. }) => ("aeif_psc_alpha", two_ports(ports, &mut params)?),
        Some(Shape::Conductance { .. }) => ("aeif_cond_exp", conductances(ports, &mut params)?),
        _ => ("aeif_psc_exp", two_ports(ports, &mut params)?),
    };
    Ok(Model { name, params, receptors, states: &["V_m", "w"] })
}

fn hodgkin_huxley(plan: &Plan, population: usize, ports: &[Port]) -> Result<Model, String> {
    if !matches!(plan.param(population, "temperature"), Numbers::Same(x) if *x == 6.3) {
        return Err("NEST's hh_psc_alpha has the rates of 6.3 °C; set temperature to 6.3, or export to Brian2".into());
    }
    if ports.iter().any(|p| !matches!(p.shape, Shape::Alpha { .. })) {
        return Err("NEST's hh_psc_alpha takes alpha currents only; use alpha synapses, or export to Brian2".into());
    }
    if let Some(i) = (0..plan.projections.len()).find(|i| plan.pre[*i] == population) {
        let name = &plan.spec.projections[i].name;
        return Err(format!(
            "NEST's hh_psc_alpha sends its spike at the peak, ours where v crosses 0 mV, so {name} would act later; remove that projection, or \
             export to Brian2"
        ));
    }
    let area = |key| format!("{} * {}", number(AREA), parameter(plan, population, key));
    let nano = |key| format!("{} * {}", number(AREA), parameter(plan, population, key));
    let p = |key| parameter(plan, population, key);
    let mut params = vec![
        ("C_m", area("c_m")),
        ("g_Na", nano("g_na")),
        ("g_K", nano("g_k")),
        ("g_L", nano("g_l")),
        ("E_Na", p("e_na")),
        ("E_K", p("e_k")),
        ("E_L", p("e_l")),
    ];
    let mut receptors = two_ports(ports, &mut params)?;
    receptors.fill(Receptor::Sign(AREA));
    Ok(Model { name: "hh_psc_alpha", params, receptors, states: &["V_m", "Act_m", "Inact_h", "Act_n"] })
}
