//! Parameter descriptors: the single source of truth about every number a user can change.
//!
//! A [`ParamSpec`] feeds the slider, the file format, the validation, the tooltip and the generated manual; a [`Kind`] is a
//! named thing with parameters (a neuron model, a synapse, a plasticity rule, a connector, a distribution, a stimulus).
//! Symbols use `_` for a subscript: `τ_m` is drawn as τ with a lowered m.

/// The unit of a number. The coherent system is ms, mV, pA, pF, nS: no conversion factor appears anywhere in the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A pure number.
    One,
    Ms,
    Mv,
    Pa,
    Pf,
    Ns,
    Hz,
    Celsius,
    Degree,
    PerMs,
    /// The current of models that are written in potential (Izhikevich).
    MvPerMs,
    /// µF/cm², µA/cm², mS/cm²: Hodgkin–Huxley is per membrane area.
    UfPerCm2,
    UaPerCm2,
    MsPerCm2,
    /// The current unit of the target population's model (pA, µA/cm², or mV/ms).
    TargetCurrent,
    /// The unit of a synaptic weight: depends on the synapse (mV jump, current, or conductance of the target).
    Weight,
    /// The unit of the state variable or parameter that this number describes.
    Inherit,
    /// A unit of typed equations that is none of these, as its text.
    Typed(&'static str),
}

impl Unit {
    /// The text shown behind a number; empty for pure numbers and for units that only the context knows.
    pub fn symbol(self) -> &'static str {
        match self {
            Unit::One | Unit::TargetCurrent | Unit::Weight | Unit::Inherit => "",
            Unit::Ms => "ms",
            Unit::Mv => "mV",
            Unit::Pa => "pA",
            Unit::Pf => "pF",
            Unit::Ns => "nS",
            Unit::Hz => "Hz",
            Unit::Celsius => "°C",
            Unit::Degree => "°",
            Unit::PerMs => "1/ms",
            Unit::MvPerMs => "mV/ms",
            Unit::UfPerCm2 => "µF/cm²",
            Unit::UaPerCm2 => "µA/cm²",
            Unit::MsPerCm2 => "mS/cm²",
            Unit::Typed(text) => text,
        }
    }
}

/// How a slider maps its length to values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    Linear,
    Log,
    /// Zero to four times the value the document was opened with: for weights and currents, whose size depends on the model.
    Relative,
}

/// What changing the parameter of a running network takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Acts between two steps, without rebuilding.
    Live,
    /// The network is built anew beside the running one and swapped in.
    Rebuild,
}

/// The type of a parameter. All are stored as `f64`: a flag as 0 or 1, a choice as its index, a count as a whole number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ParamKind {
    Number,
    Count,
    Flag,
    /// One of these keys.
    Choice(&'static [&'static str]),
}

/// Everything the program knows about one parameter.
#[derive(Clone, Copy, Debug)]
pub struct ParamSpec {
    /// Key in files, on the command line and in exports: `tau_m`.
    pub key: &'static str,
    /// Symbol on sliders and axes: `τ_m`.
    pub symbol: &'static str,
    pub unit: Unit,
    pub kind: ParamKind,
    pub default: f64,
    /// Inclusive range outside which a value is refused.
    pub valid: (f64, f64),
    /// Range of the slider, inside `valid`.
    pub slider: (f64, f64),
    pub scale: Scale,
    pub effect: Effect,
    /// Tooltip and manual: what it is, what larger and smaller do.
    pub doc: &'static str,
}

impl ParamSpec {
    /// A live, linear number. The slider covers the valid range until [`ParamSpec::slider`] narrows it.
    pub const fn new(key: &'static str, symbol: &'static str, unit: Unit, default: f64, valid: (f64, f64), doc: &'static str) -> Self {
        Self { key, symbol, unit, kind: ParamKind::Number, default, valid, slider: valid, scale: Scale::Linear, effect: Effect::Live, doc }
    }

    /// A yes/no parameter.
    pub const fn flag(key: &'static str, symbol: &'static str, default: bool, doc: &'static str) -> Self {
        let mut s = Self::new(key, symbol, Unit::One, if default { 1.0 } else { 0.0 }, (0.0, 1.0), doc);
        s.kind = ParamKind::Flag;
        s
    }

    /// A parameter that takes one of several named values; `default` is an index.
    pub const fn choice(
        key: &'static str,
        symbol: &'static str,
        choices: &'static [&'static str],
        default: usize,
        doc: &'static str,
    ) -> Self {
        let mut s = Self::new(key, symbol, Unit::One, default as f64, (0.0, (choices.len() - 1) as f64), doc);
        s.kind = ParamKind::Choice(choices);
        s
    }

    pub const fn count(mut self) -> Self {
        self.kind = ParamKind::Count;
        self
    }

    pub const fn slider(mut self, low: f64, high: f64) -> Self {
        self.slider = (low, high);
        self
    }

    pub const fn log(mut self) -> Self {
        self.scale = Scale::Log;
        self
    }

    pub const fn relative(mut self) -> Self {
        self.scale = Scale::Relative;
        self
    }

    pub const fn rebuild(mut self) -> Self {
        self.effect = Effect::Rebuild;
        self
    }

    /// Whether this is the constant current of a neuron model: `i_e`, or `I_e` where somebody typed it.
    pub fn is_own_current(&self) -> bool {
        self.key.eq_ignore_ascii_case("i_e")
    }

    /// Whether `value` may be used: finite, inside the valid range, whole where it counts.
    pub fn check(&self, value: f64) -> Result<(), String> {
        let (low, high) = self.valid;
        let unit = self.unit.symbol();
        let sep = if unit.is_empty() { "" } else { " " };
        if !value.is_finite() {
            return Err(format!("{} must be a finite number, not {value}; use a value from {low} to {high}{sep}{unit}", self.key));
        }
        if value < low || value > high {
            // 1e300 in full is three hundred digits.
            let value = if value.abs() >= 1e9 { format!("{value:e}") } else { value.to_string() };
            return Err(format!(
                "{} = {value}{sep}{unit} is outside its valid range; use a value from {low} to {high}{sep}{unit}",
                self.key
            ));
        }
        if self.kind != ParamKind::Number && value.fract() != 0.0 {
            return Err(format!("{} = {value} must be a whole number", self.key));
        }
        Ok(())
    }
}

/// A state variable of a neuron model.
#[derive(Clone, Copy, Debug)]
pub struct StateSpec {
    pub key: &'static str,
    pub symbol: &'static str,
    pub unit: Unit,
    pub doc: &'static str,
}

/// A named set of parameter values with its source: "regular spiking", "Brunel 2000".
#[derive(Clone, Copy, Debug)]
pub struct NamedSet {
    pub key: &'static str,
    pub name: &'static str,
    /// Only what differs from the defaults.
    pub values: &'static [(&'static str, f64)],
    pub doc: &'static str,
}

/// A named thing with parameters: one neuron model, synapse, rule, connector, distribution or stimulus.
#[derive(Debug)]
pub struct Kind {
    /// Key in files: `lif`.
    pub key: &'static str,
    /// Name on screen: `Leaky integrate-and-fire`.
    pub name: &'static str,
    /// One sentence: what it is.
    pub summary: &'static str,
    pub params: &'static [ParamSpec],
    /// Column names of the table this kind takes (`rows` in files); empty when it takes none. Trailing `?` = optional column;
    /// a single `"*"` means rows of any length (a matrix).
    pub columns: &'static [&'static str],
    /// State variables (neuron models only).
    pub states: &'static [StateSpec],
    /// Units of the input that the model takes (neuron models only).
    pub current_unit: Unit,
    pub conductance_unit: Unit,
    /// The equations as text, one line each, as shown beside the sliders.
    pub equations: &'static [&'static str],
    pub references: &'static [&'static str],
    pub sets: &'static [NamedSet],
    /// The text that a model of one's own was typed as (see `equations`); empty for built-in kinds.
    pub source: &'static str,
}

impl Kind {
    /// A kind with nothing but names; fill the rest with `..Kind::new(…)`.
    pub const fn new(key: &'static str, name: &'static str, summary: &'static str, params: &'static [ParamSpec]) -> Self {
        Self {
            key,
            name,
            summary,
            params,
            columns: &[],
            states: &[],
            current_unit: Unit::Pa,
            conductance_unit: Unit::Ns,
            equations: &[],
            references: &[],
            sets: &[],
            source: "",
        }
    }

    pub fn param(&self, key: &str) -> Option<usize> {
        self.params.iter().position(|p| p.key == key)
    }

    /// The parameter that is a constant current into every neuron, if the model has one.
    pub fn own_current(&self) -> Option<usize> {
        self.params.iter().position(|p| p.is_own_current())
    }

    pub fn state(&self, key: &str) -> Option<usize> {
        self.states.iter().position(|s| s.key == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_value_names_key_value_and_range() {
        let tau = ParamSpec::new("tau_m", "τ_m", Unit::Ms, 20.0, (0.1, 1000.0), "");
        let message = tau.check(-3.0).unwrap_err();
        assert!(message.contains("tau_m") && message.contains("-3 ms") && message.contains("0.1 to 1000 ms"), "{message}");
        assert!(tau.check(1e300).is_err_and(|m| m.contains("= 1e300 ms")));
        assert!(tau.check(f64::NAN).is_err() && tau.check(f64::INFINITY).is_err() && tau.check(1e300).is_err());
        assert!(tau.check(20.0).is_ok());
    }

    #[test]
    fn a_count_must_be_whole() {
        assert!(ParamSpec::new("k", "k", Unit::One, 1.0, (0.0, 9.0), "").count().check(1.5).is_err());
    }
}
