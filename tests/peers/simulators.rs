//! The same networks here and in NEST, Brian2 and NEURON: every model × target, spike by spike.

use super::{document, environment};
use spikeground::elsewhere::{Engine, Job, Options, Outcome, Trouble};
use spikeground_core::preset;
use spikeground_core::spec::NetworkSpec;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

/// What must hold of a network in NEST and Brian2.
#[derive(Clone, Copy, PartialEq)]
enum Claim {
    /// Every spike equals; learned weights within 1e-5 of w_max.
    Exact,
    /// In Brian2 every spike equals; in NEST, which integrates adaptively, each spike within one step and v within 0.1 mV.
    OneStep,
    /// In Brian2 every spike equals; NEST's deviation is only reported.
    ExactInBrian2,
}

macro_rules! networks {
    ($($name:literal $claim:ident,)*) => { &[$(($name, include_str!(concat!("networks/", $name, ".ron")), Claim::$claim)),*] };
}

const NETWORKS: &[(&str, &str, Claim)] = networks! {
    "lif_delta" Exact,
    "lif_exponential_ports" Exact,
    "lif_alpha" Exact,
    "lif_noise" Exact,
    "lif_conductance" ExactInBrian2,
    "lif_stdp" Exact,
    "lif_stdp_additive" Exact,
    "lif_stdp_nearest" Exact,
    "lif_stdp_pre_centred" Exact,
    "poisson_stdp" Exact,
    "izhikevich_half_ms" Exact,
    "izhikevich_figure2004" ExactInBrian2,
    "izhikevich_rk4" ExactInBrian2,
    "adex_single" OneStep,
    "adex_burst" OneStep,
    "adex_delta" ExactInBrian2,
    "adex_exponential" ExactInBrian2,
    "adex_alpha" ExactInBrian2,
    "adex_conductance" ExactInBrian2,
    "hh_single" OneStep,
    "hh_single_exponential_euler" ExactInBrian2,
    "hh_network" ExactInBrian2,
    "typed_lif" ExactInBrian2,
    "typed_adex" ExactInBrian2,
    "typed_hh" ExactInBrian2,
};

fn all() -> Vec<(String, String, NetworkSpec, Claim)> {
    let presets = ["exact-lif-100", "exact-izhikevich-100"].map(|key| {
        let spec = preset::find(key).expect("the preset").spec.clone();
        (key.to_owned(), spec.name.clone(), spec, Claim::Exact)
    });
    let files = NETWORKS.iter().map(|(name, text, claim)| {
        let spec = preset::check_text(text).unwrap_or_else(|p| panic!("{name}: {p:?}"));
        let what = text.lines().next().unwrap_or_default().trim_start_matches("// ").to_owned();
        ((*name).to_owned(), what, spec, *claim)
    });
    presets.into_iter().chain(files).collect()
}

fn run(spec: &NetworkSpec, engine: Engine, python: &Path, mpi: Option<u32>) -> Result<Outcome, Trouble> {
    Job::start(Arc::new(spec.clone()), engine, Options { python: Some(python.to_owned()), mpi })?.wait()
}

/// Largest difference of the recorded potentials, mV, at least 2 ms away from any spike; none without a trace.
fn potential_deviation(o: &Outcome) -> Option<f64> {
    let window = (2.0 / o.spec.dt) as i64;
    let mut largest: Option<f64> = None;
    for (ours, theirs) in o.ours.traces.iter().zip(&o.theirs.traces).filter(|(t, _)| t.state == 0) {
        for (k, (a, b)) in ours.values.iter().zip(theirs).enumerate() {
            let near = |s: i64| (s - 1 - k as i64).abs() <= window;
            if !o.ours.spikes.step.iter().any(|s| near(*s)) {
                largest = Some(largest.unwrap_or(0.0).max((a - b).abs()));
            }
        }
    }
    largest
}

fn describe(o: &Outcome) -> String {
    let mut text = match o.first_deviation_ms {
        None => format!("every spike ({})", o.theirs.spikes.len()),
        Some(t) => format!("{t} ms"),
    };
    if o.first_deviation_ms.is_some()
        && let Some(shift) = o.theirs.largest_shift(&o.ours)
    {
        let _ = write!(text, ", each spike within {shift} step{}", if shift == 1 { "" } else { "s" });
    }
    if let Some(w) = o.weight_deviation.iter().flatten().copied().reduce(f64::max)
        && o.first_deviation_ms.is_none()
    {
        let _ = write!(text, "; weights {w:.1e}");
    }
    if o.spec.n_neurons() == 1
        && let Some(v) = potential_deviation(o)
    {
        let _ = write!(text, "; v {v:.1e} mV");
    }
    text
}

/// What is broken of the claim, if anything.
fn broken(claim: Claim, engine: Engine, o: &Outcome) -> Option<String> {
    let exact = claim == Claim::Exact && engine != Engine::Neuron || engine == Engine::Brian2;
    let weights = o.weight_deviation.iter().flatten().copied().reduce(f64::max);
    if exact && (o.first_deviation_ms.is_some() || weights.is_some_and(|w| w > 1e-5)) {
        return Some(format!("first deviation {:?}, weights {weights:?}", o.first_deviation_ms));
    }
    if claim == Claim::OneStep && engine == Engine::Nest {
        let (shift, v) = (o.theirs.largest_shift(&o.ours), potential_deviation(o));
        if shift.is_none_or(|s| s > 1) || v.is_some_and(|v| v > 0.1) {
            return Some(format!("shift {shift:?}, v {v:?}"));
        }
    }
    None
}

#[test]
fn networks_run_elsewhere_fire_the_same_spikes() {
    if !environment::wanted() {
        return;
    }
    let python = environment::python();
    let (mut rows, mut wrong, mut refusals) = (String::new(), Vec::new(), String::new());
    let mut versions: BTreeMap<&str, String> = BTreeMap::new();
    for (name, what, spec, claim) in all() {
        let mut cells = Vec::new();
        for engine in Engine::ALL {
            cells.push(match run(&spec, engine, &python, None) {
                Ok(o) => {
                    versions.insert(engine.name(), o.theirs.version.clone());
                    if let Some(what) = broken(claim, engine, &o) {
                        wrong.push(format!("{name} in {}: {what}", engine.name()));
                    }
                    describe(&o)
                }
                Err(Trouble::Refused(problems)) => {
                    let why = problems.first().map_or("", |p| p.what.as_str()).split(';').next().unwrap_or("").to_owned();
                    let _ = writeln!(refusals, "- {what}, in {}: {why}.", engine.name());
                    if claim == Claim::Exact && engine == Engine::Nest {
                        wrong.push(format!("{name} is refused for NEST: {why}"));
                    }
                    "refused".to_owned()
                }
                Err(trouble) => {
                    wrong.push(format!("{name} in {}: {trouble}", engine.name()));
                    "failed".to_owned()
                }
            });
            println!("{name}: {}: {}", engine.name(), cells.last().expect("just pushed"));
        }
        let _ = writeln!(rows, "| {what} | {} ms at {} ms | {} |", spec.duration, spec.dt, cells.join(" | "));
    }
    let mpi = under_mpi(&python, &mut wrong);
    let versions: Vec<_> = versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let text = format!(
        "## Other simulators\n\nEach network runs here, is exported exactly (`spikeground run NAME --engine …`) and runs there. A time is that of the first \
         spike that only one of the two runs has. Weights: largest difference at the end, as a fraction of w_max. v: largest difference of the \
         membrane potential at least 2 ms from a spike (single cells).\n\nVersions: {}; Spikeground {}. Reproduce with `SPIKEGROUND_PEERS=1 cargo \
         test --release --test peers simulators`; the networks are in `presets/` and `tests/peers/networks/`.\n\n| network | run | NEST | Brian2 | NEURON \
         (PyNN) |\n|---|---|---|---|---|\n{rows}\nNEST and Brian2 repeat a network spike by spike where they carry out the same step; NEST's adaptive \
         solvers (conductances, AdEx, Hodgkin–Huxley) and NEURON's implicit one do not, and recurrent networks then drift apart. {mpi}\n\n### \
         Refused\n\n{refusals}",
        versions.join(", "),
        env!("CARGO_PKG_VERSION"),
    );
    document::write_part("simulators", &text);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same spikes from one process and from two.
fn under_mpi(python: &Path, wrong: &mut Vec<String>) -> String {
    let mut spec = preset::find("exact-lif-100").expect("the preset").spec.clone();
    spec.duration = 300.0;
    let runs = [None, Some(1), Some(2)].map(|mpi| run(&spec, Engine::Neuron, python, mpi));
    match runs {
        [Ok(plain), Ok(one), Ok(two)] => {
            let same = plain.theirs.spikes == two.theirs.spikes && one.theirs.spikes == two.theirs.spikes && !two.theirs.spikes.is_empty();
            if !same {
                wrong.push("NEURON gives other spikes with two processes than with one".into());
            }
            format!("NEURON under `mpirun -n 2` gives {} with one process.", if same { "the same spikes as" } else { "other spikes than" })
        }
        [.., Err(Trouble::Missing(why))] => format!("MPI was not tried: {why}."),
        other => {
            wrong.push(format!("NEURON under MPI: {:?}", other.into_iter().filter_map(Result::err).collect::<Vec<_>>()));
            "NEURON under MPI failed.".into()
        }
    }
}
