//! Neuron models. Each file holds one model: its descriptor, its derived constants and the update of one neuron for one step.
//!
//! The engine runs the update over whole populations in blocks (see `engine::population`); a model knows nothing of that. Time
//! advances from t to t + dt: `step` gets the state at t and the input of the step, and returns the state at t + dt, and whether a spike
//! is stamped at t + dt, whose reset is `fired`.

pub mod accurate;
pub mod adex;
pub mod eif;
pub mod fitzhugh_nagumo;
pub mod hh;
pub mod izhikevich;
pub mod lif;
pub mod morris_lecar;
pub mod poisson;
pub mod qif;
pub mod typed;
pub mod wang_buzsaki;

use crate::equations;
use crate::model::synapse::Shape;
use crate::param::Kind;
use crate::real::Real;

/// What one neuron receives during one step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Input<R> {
    /// Constant current equivalent to all current inputs over the step, in the model's current unit.
    pub current: R,
    /// Sum of synaptic conductances at mid-step; in the step of a model in its [`Neuron::conductance_unit`].
    pub g: R,
    /// Sum of conductance times reversal potential at mid-step, likewise.
    pub ge: R,
    /// Sum of the delta synapses that arrive at the end of the step, in the unit of v.
    pub jump: R,
}

/// A structure that is nothing but numbers of type `R`, so that its fields may be kept in columns.
///
/// # Safety
/// Every field is an `R`, or an array or tuple of such.
pub unsafe trait Numbers<R>: Copy + Send + Sync {}

/// A neuron model with `S` state columns: first those of `KIND.states` in order, then hidden ones (a refractory counter).
pub trait Neuron<const S: usize>: Send + Sync + 'static {
    const KIND: &'static Kind;
    /// How far a "poke" moves v, in its unit: enough to make a resting neuron fire.
    const KICK: f64;
    /// Everything that depends on parameters and dt only, computed once per parameter change.
    type Constants<R: Real>: Numbers<R>;

    /// `p` holds the parameters in the order of `KIND.params`.
    fn constants<R: Real>(p: &[f64], dt: f64) -> Self::Constants<R>;

    /// The state before the first step, unless the network says otherwise.
    fn initial(p: &[f64]) -> [f64; S];

    /// How many ways of stepping the model has. Each is compiled on its own, since a choice inside the loop over the neurons would
    /// cost up to five times the step.
    const SCHEMES: usize = 1;

    /// Which of them these parameters choose: below `SCHEMES`.
    fn scheme(_p: &[f64]) -> usize {
        0
    }

    /// What conductances are multiplied by before a step sees them; multiplied into what they are read with, it costs nothing.
    #[inline(always)]
    fn conductance_unit<R: Real>(_c: &Self::Constants<R>) -> R {
        R::ONE
    }

    /// The hidden column that says until when a neuron is refractory, of models that are so for whole steps, do nothing meanwhile and have no
    /// state but the first. Who runs the model looks after it and leaves the steps out; the step knows nothing of it.
    const HELD: Option<usize> = None;

    /// How many steps a neuron is refractory after a spike, for models with [`Neuron::HELD`].
    #[inline(always)]
    fn hold<R: Real>(_c: &Self::Constants<R>) -> R {
        R::ZERO
    }

    /// What a spike does to the state that the step came to. Apart from the step because few neurons fire in one.
    #[inline(always)]
    fn fired<R: Real>(_c: &Self::Constants<R>, x: [R; S]) -> [R; S] {
        x
    }

    /// The constants with zeros for what under this scheme only [`Neuron::fired`] and [`Neuron::hold`] read: neurons that differ in nothing
    /// else are stepped alike.
    fn between_spikes<R: Real>(c: Self::Constants<R>, _scheme: usize) -> Self::Constants<R> {
        c
    }

    /// One neuron, one step, and whether it fires: then [`Neuron::fired`] follows. `G` says whether the population has conductance synapses
    /// (else `g` and `ge` are zero); `SCHEME` is what [`Neuron::scheme`] says.
    fn step<R: Real, const G: bool, const SCHEME: usize>(c: &Self::Constants<R>, x: [R; S], input: Input<R>) -> ([R; S], bool);

    /// The equations themselves: how fast each state changes, per ms, with the input of the step (hidden states: 0). What the scheme
    /// [`accurate`] follows; jumps are not part of it.
    fn slopes(p: &[f64], x: [f64; S], input: Input<f64>) -> [f64; S];

    /// How far the state is above its spike: a spike is where this rises through 0.
    fn above(p: &[f64], x: [f64; S]) -> f64;

    /// The state after a spike; none for models that come back by themselves.
    fn reset(_p: &[f64], _x: [f64; S]) -> Option<[f64; S]> {
        None
    }

    /// How long the state is held after a spike.
    fn refractory(_p: &[f64], _dt: f64) -> Option<accurate::Refractory> {
        None
    }

    /// Factors that turn the state (first, second) of a current synapse at t into the constant current equivalent over the step.
    /// The default takes the mean over the step, which is second order for any model.
    fn gains(_p: &[f64], shape: Shape, dt: f64) -> [f64; 2] {
        mean_gains(shape, dt)
    }

    /// Whether spikes are stamped with the start of the step (as some published codes do) instead of its end.
    fn stamps_start(_p: &[f64]) -> bool {
        false
    }

    /// Refuses a dt at which the chosen scheme is known to diverge: says what happens and what to do.
    fn check_dt(_p: &[f64], _dt: f64) -> Result<(), String> {
        Ok(())
    }
}

/// The lowest v in [low, high] at which `inward` turns from positive to negative: a rest. At least nothing flows out at `low`.
fn lowest_zero(inward: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let (lowest, highest) = (low, high);
    let (mut low, mut high) = (lowest, highest);
    for k in 1..=400 {
        let v = lowest + (highest - lowest) * f64::from(k) / 400.0;
        if inward(v) <= 0.0 {
            high = v;
            break;
        }
        low = v;
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        *(if inward(middle) <= 0.0 { &mut high } else { &mut low }) = middle;
    }
    0.5 * (low + high)
}

/// Mean over one step of a current whose synaptic state is (a, b): exponential a·e^(−t/τ); alpha b(t) with a feeding b.
pub fn mean_gains(shape: Shape, dt: f64) -> [f64; 2] {
    match shape {
        Shape::Exponential { tau } => [-libm::expm1(-dt / tau) * tau / dt, 0.0],
        Shape::Alpha { tau } => {
            let (e, f) = (libm::exp(-dt / tau), -libm::expm1(-dt / tau));
            // b(t) = (b₀ + a₀ t) e^(−t/τ), averaged over [0, dt].
            [tau * (tau * f - dt * e) / dt, tau * f / dt]
        }
        Shape::Delta | Shape::Conductance { .. } => [0.0, 0.0],
    }
}

/// Calls `$then!(Model, state count)` for the model of a kind; the one list of all models that are integrated.
#[macro_export]
macro_rules! neuron_models {
    ($then:ident) => {
        $then! {
            $crate::model::neuron::lif::Lif, 2;
            $crate::model::neuron::izhikevich::Izhikevich, 2;
            $crate::model::neuron::hh::HodgkinHuxley, 4;
            $crate::model::neuron::adex::Adex, 2;
            $crate::model::neuron::eif::Eif, 2;
            $crate::model::neuron::qif::Qif, 1;
            $crate::model::neuron::fitzhugh_nagumo::FitzHughNagumo, 2;
            $crate::model::neuron::morris_lecar::MorrisLecar, 2;
            $crate::model::neuron::wang_buzsaki::WangBuzsaki, 3;
        }
    };
}

macro_rules! kinds {
    ($($model:ty, $states:literal;)*) => { &[$(<$model as Neuron<$states>>::KIND,)* &poisson::POISSON] };
}

/// All neuron models, and the source that is drawn instead of integrated.
pub static ALL: super::Family = crate::neuron_models!(kinds);

macro_rules! per_kind {
    ($($model:ty, $states:literal;)*) => {
        /// Whether the model of `kind` stamps spikes with the start of the step.
        pub fn stamps_start(kind: &Kind, p: &[f64]) -> bool {
            $(if std::ptr::eq(kind, <$model as Neuron<$states>>::KIND) { return <$model as Neuron<$states>>::stamps_start(p); })*
            false
        }
        /// See [`Neuron::check_dt`].
        pub fn check_dt(kind: &Kind, p: &[f64], dt: f64) -> Result<(), String> {
            $(if std::ptr::eq(kind, <$model as Neuron<$states>>::KIND) { return <$model as Neuron<$states>>::check_dt(p, dt); })*
            Ok(())
        }
        /// The initial state of `kind` with parameters `p`, in the order of `kind.states`.
        pub fn initial(kind: &Kind, p: &[f64]) -> Vec<f64> {
            $(if std::ptr::eq(kind, <$model as Neuron<$states>>::KIND) {
                let mut x = <$model as Neuron<$states>>::initial(p).to_vec();
                x.truncate(kind.states.len());
                return x;
            })*
            let mut x = equations::of(kind).map_or_else(Vec::new, |m| m.initial(p));
            x.truncate(kind.states.len());
            x
        }
    };
}
crate::neuron_models!(per_kind);
