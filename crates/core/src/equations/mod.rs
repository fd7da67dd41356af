//! Models of one's own: neuron equations typed as text, in the notation of Brian2.
//!
//! ```text
//! dv/dt = (0.04*v**2 + 5*v + 140 - u + I)/ms
//! du/dt = a*(b*v - u)/ms
//! threshold: v >= 30
//! reset: v = c; u += d
//! a = 0.02 in 0..0.2   # speed of recovery
//! b = 0.2 in 0..0.3
//! c = -65 in -80..-40
//! d = 8 in 0..20
//! ```
//!
//! A text becomes statements (`text`), these a `meaning` with checked units, that a `graph` of one step (`scheme`), and this vector
//! code (`program`). From the result comes a [`Kind`] like that of any built-in model, so that sliders, files, curves and exports need no
//! code of their own. `docs/equations.md` is the manual.

mod check;
mod graph;
mod lanes;
mod meaning;
mod names;
mod pretty;
mod program;
mod quantity;
mod scheme;
pub mod script;
mod text;
mod unit;
mod words;

use crate::param::{Kind, ParamSpec, StateSpec, Unit};
pub use names::{FUNCTIONS, Function};
pub use program::{Constants, LANES, MOST_REGISTERS, Program};
pub use scheme::SCHEMES;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Most differential equations of a neuron.
pub const MOST_VARIABLES: usize = 16;
/// Key of the kinds made here.
pub const KEY: &str = "equations";

/// What is wrong with a text, and where: bytes of the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub at: Range<usize>,
    pub what: String,
}

impl Fault {
    /// Line and column of the fault in `source`, from 1.
    pub fn line_column(&self, source: &str) -> (usize, usize) {
        let before = source.get(..self.at.start.min(source.len())).unwrap_or(source);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }

    /// "line 2, column 5: …"
    pub fn in_words(&self, source: &str) -> String {
        let (line, column) = self.line_column(source);
        format!("line {line}, column {column}: {}", self.what)
    }
}

/// Equations ready to run.
#[derive(Debug)]
pub struct Model {
    pub kind: Kind,
    /// Number of variables; a population has one column more where neurons can be refractory.
    pub n_variables: usize,
    pub has_refractory: bool,
    pub has_reset: bool,
    /// Which variables stand still meanwhile.
    pub held: Vec<bool>,
    /// Places of their equations in the text.
    places: Vec<Range<usize>>,
    /// A step by scheme, without and with conductances.
    steps: Vec<Option<[Program; 2]>>,
    /// Slopes; then how far above threshold the state is, and the state after a spike; then the refractory time, ms, and the initial state.
    slopes: Program,
    event: Program,
    start: Program,
}

/// The built-in models as equations: what to start from, and what typed equations are tested with.
pub const TEXTS: &[(&str, &str)] = &[
    ("lif", include_str!("texts/lif.txt")),
    ("izhikevich", include_str!("texts/izhikevich.txt")),
    ("hh", include_str!("texts/hh.txt")),
    ("adex", include_str!("texts/adex.txt")),
    ("eif", include_str!("texts/eif.txt")),
    ("qif", include_str!("texts/qif.txt")),
    ("fitzhugh_nagumo", include_str!("texts/fitzhugh_nagumo.txt")),
    ("morris_lecar", include_str!("texts/morris_lecar.txt")),
    ("wang_buzsaki", include_str!("texts/wang_buzsaki.txt")),
];

/// All texts that have been compiled. A kind lives as long as the program, because descriptions, undo steps and sessions refer to it; a text
/// takes a few kilobytes.
static KNOWN: Mutex<BTreeMap<String, &'static Model>> = Mutex::new(BTreeMap::new());

/// The model of a text; the same text gives the same model.
pub fn compile(source: &str) -> Result<&'static Model, Fault> {
    let source = source.trim_end();
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(model) = known().get(source) {
        return Ok(model);
    }
    let model = build(source)?;
    // Two threads may have built the same text: the first counts.
    Ok(known().entry(source.to_owned()).or_insert_with(|| Box::leak(Box::new(model))))
}

/// The model behind a kind; `None` for built-in ones.
pub fn of(kind: &Kind) -> Option<&'static Model> {
    if kind.source.is_empty() {
        return None;
    }
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).get(kind.source).copied()
}

fn keep(text: impl Into<String>) -> &'static str {
    Box::leak(text.into().into_boxed_str())
}

fn build(source: &str) -> Result<Model, Fault> {
    let meaning = meaning::read(source)?;
    let too_large = |what: String| Fault { at: 0..source.len(), what };
    let mut steps = Vec::new();
    for scheme in 0..SCHEMES.len() {
        steps.push(if scheme == 2 {
            None
        } else {
            let one = |conductances| {
                let step = scheme::step(&meaning, scheme, conductances);
                Program::new(&step.graph, &step.outputs).map_err(too_large)
            };
            Some([one(false)?, one(true)?])
        });
    }
    let event: Vec<_> = std::iter::once(meaning.above).chain(meaning.reset.iter().flatten().copied()).collect();
    let start: Vec<_> = meaning.refractory.into_iter().chain(meaning.initial.iter().copied()).collect();
    let program = |outputs: &[graph::Id]| Program::new(&meaning.graph, outputs).map_err(too_large);
    Ok(Model {
        kind: kind(source, &meaning)?,
        n_variables: meaning.variables.len(),
        has_refractory: meaning.refractory.is_some(),
        has_reset: meaning.reset.is_some(),
        held: meaning.variables.iter().map(|v| v.held).collect(),
        places: meaning.variables.iter().map(|v| v.at.clone()).collect(),
        steps,
        slopes: program(&meaning.slopes)?,
        event: program(&event)?,
        start: program(&start)?,
    })
}

/// What is kept of a unit: one of the usual ones by name, others as text.
fn unit_of(unit: &unit::Unit) -> Unit {
    let usual = [
        Unit::Ms,
        Unit::Mv,
        Unit::Pa,
        Unit::Pf,
        Unit::Ns,
        Unit::Hz,
        Unit::PerMs,
        Unit::MvPerMs,
        Unit::UfPerCm2,
        Unit::UaPerCm2,
        Unit::MsPerCm2,
    ];
    if unit.text.is_empty() {
        return Unit::One;
    }
    usual.into_iter().find(|u| u.symbol() == unit.text).unwrap_or_else(|| Unit::Typed(keep(unit.text.as_str())))
}

fn kind(source: &str, meaning: &meaning::Meaning) -> Result<Kind, Fault> {
    let statements = text::parse(source)?;
    let mut params: Vec<ParamSpec> = meaning.params.iter().map(param).collect();
    params.push(ParamSpec::choice(
        "scheme",
        "scheme",
        SCHEMES,
        scheme::EXPONENTIAL_EULER,
        "How time is stepped. exponential_euler: stable, second order for gates and leaks; rk4: fourth order, spikes at the ends of steps; accurate: as close to the equations as numbers allow, spikes found inside the step; euler: first order, only to compare",
    ));
    let states: Vec<StateSpec> = meaning
        .variables
        .iter()
        .map(|v| StateSpec {
            key: keep(v.name.as_str()),
            symbol: keep(words::symbol(&v.name)),
            unit: unit_of(&v.unit),
            doc: "Variable of the equations",
        })
        .collect();
    let is_parameter = |name: &str| meaning.params.iter().any(|p| p.name == name);
    let equations: Vec<&'static str> = pretty::lines(&statements, &is_parameter).into_iter().map(keep).collect();
    let per_potential = meaning.input.dim.over(meaning.variables[0].unit.dim).map_or(Unit::One, |d| unit_of(&unit::usual(d)));
    Ok(Kind {
        source: keep(source),
        states: Box::leak(states.into_boxed_slice()),
        current_unit: unit_of(&meaning.input),
        conductance_unit: per_potential,
        equations: Box::leak(equations.into_boxed_slice()),
        ..Kind::new(
            KEY,
            if meaning.title.is_empty() { "Equations of your own" } else { keep(meaning.title.as_str()) },
            "A model typed as equations",
            Box::leak(params.into_boxed_slice()),
        )
    })
}

fn param(p: &meaning::Parameter) -> ParamSpec {
    let doc = if p.doc.is_empty() { "Parameter of the equations" } else { keep(p.doc.as_str()) };
    let wide = 1e9_f64.max(p.default.abs() * 1e3);
    // Curves look for the onset of firing beyond the slider of the constant current.
    let is_current = p.name.eq_ignore_ascii_case("i_e");
    let valid = p.range.filter(|_| !is_current).unwrap_or((-wide, wide));
    let slider = p.range.unwrap_or_else(|| {
        // Potentials move around where they are, other things between nothing and several times what they are.
        if p.unit.dim == unit::VOLTAGE {
            (p.default - 40.0, p.default + 40.0)
        } else if p.default == 0.0 {
            (-1.0, 1.0)
        } else {
            (0.0_f64.min(4.0 * p.default), 0.0_f64.max(4.0 * p.default))
        }
    });
    ParamSpec::new(keep(p.name.as_str()), keep(words::symbol(&p.name)), unit_of(&p.unit), p.default, valid, doc).slider(slider.0, slider.1)
}

impl Model {
    /// The step of a scheme (none of `accurate`, which follows the slopes); its outputs are the new columns, then 1 for who fires.
    pub fn step(&self, scheme: usize, conductances: bool) -> Option<&Program> {
        self.steps.get(scheme)?.as_ref().map(|pair| &pair[usize::from(conductances)])
    }

    /// Columns of a population.
    pub fn n_columns(&self) -> usize {
        self.n_variables + usize::from(self.has_refractory)
    }

    /// The chosen scheme: the last parameter.
    pub fn scheme(params: &[f64]) -> usize {
        params.last().map_or(0, |s| *s as usize)
    }

    /// The state before the first step.
    pub fn initial(&self, params: &[f64]) -> Vec<f64> {
        let mut out = self.begin(params);
        if self.has_refractory {
            out.remove(0);
            out.push(0.0);
        }
        out
    }

    fn begin(&self, params: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.n_variables + usize::from(self.has_refractory)];
        self.start.evaluate(&[], [0.0; 4], &self.start.constants(params, 0.0), &mut out);
        out
    }

    /// How long a neuron is refractory, ms; 0 where it never is.
    pub fn refractory(&self, params: &[f64]) -> f64 {
        if self.has_refractory { self.begin(params)[0].max(0.0) } else { 0.0 }
    }

    /// Tries `ms` of one neuron without input: the equation of the variable that leaves all bounds, if one does.
    pub fn runs_away(&self, params: &[f64], dt: f64, ms: f64) -> Option<Fault> {
        let program = self.step(Self::scheme(params), false).or_else(|| self.step(scheme::EXPONENTIAL_EULER, false))?;
        let constants = program.constants(params, dt);
        let mut x = self.initial(params);
        let mut next = vec![0.0; x.len() + 1];
        for step in 1..=(ms / dt) as usize {
            program.evaluate(&x, [0.0; 4], &constants, &mut next);
            x.copy_from_slice(&next[..self.n_columns()]);
            if let Some(i) = x.iter().position(|x| !(x.abs() < 1e9)) {
                let i = i.min(self.n_variables - 1);
                let name = self.kind.states[i].key;
                let what = format!(
                    "{name} runs away: beyond all bounds after {:.1} ms without any input; what should bring it back?",
                    step as f64 * dt
                );
                return Some(Fault { at: self.places[i].clone(), what });
            }
        }
        None
    }

    /// The equations for one set of parameters.
    pub fn flow(&self, params: &[f64]) -> Flow<'_> {
        Flow {
            model: self,
            slopes: self.slopes.constants(params, 0.0),
            event: self.event.constants(params, 0.0),
            refractory: self.refractory(params),
        }
    }
}

/// The equations themselves with their parameters put in: slopes, threshold and reset of one neuron.
#[derive(Clone, Debug)]
pub struct Flow<'a> {
    model: &'a Model,
    slopes: Vec<f64>,
    event: Vec<f64>,
    /// ms
    pub refractory: f64,
}

impl Flow<'_> {
    /// How fast each variable changes, per ms. Inputs: current, conductance, conductance times reversal potential.
    pub fn slopes(&self, x: &[f64], [current, g, ge]: [f64; 3], out: &mut [f64]) {
        self.model.slopes.evaluate(x, [current, g, ge, 0.0], &self.slopes, out);
    }

    /// How far above the threshold the state is.
    pub fn above(&self, x: &[f64]) -> f64 {
        let mut out = [0.0];
        self.model.event.evaluate(x, [0.0; 4], &self.event, &mut out);
        out[0]
    }

    /// Puts the state after a spike into `x`; false for models that come back by themselves.
    pub fn reset(&self, x: &mut [f64]) -> bool {
        if !self.model.has_reset {
            return false;
        }
        let n = self.model.n_variables;
        let mut out = [0.0; MOST_VARIABLES + 1];
        self.model.event.evaluate(x, [0.0; 4], &self.event, &mut out[..=n]);
        x[..n].copy_from_slice(&out[1..=n]);
        true
    }
}
