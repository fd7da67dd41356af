//! Names for firing patterns, from spike times and the protocol that made them, with the rule in words.
//!
//! What a train is called depends on what was done to the cell: one spike under a step is phasic spiking, after a short pulse it is spike
//! latency, after inhibition a rebound. So the protocol comes first, the train second. Names as in E. M. Izhikevich, IEEE Trans. Neural
//! Netw. 15:1063 (2004), and R. Naud et al., Biol. Cybern. 99:335 (2008).

mod rules;

/// What was done to the cell. Times in ms.
#[derive(Clone, Debug, PartialEq)]
pub enum Protocol {
    /// A depolarising current from `on` on, to the end of the recording.
    Step { on: f64 },
    /// A current that grows evenly from `on` on; `slope` in current a ms.
    Ramp { on: f64 },
    /// A slow ramp in (`slow.0`, `slow.1`), then a quick one that reaches less, in (`quick.0`, `quick.1`).
    TwoRamps { slow: (f64, f64), quick: (f64, f64) },
    /// One short depolarising pulse.
    Pulse { on: f64, off: f64 },
    /// Pairs of equal short pulses: beginnings of each pair.
    Pairs { pairs: Vec<(f64, f64)>, width: f64 },
    /// A hyperpolarising pulse, or a lowered current, in (on, off), where `short` tells a pulse to rebound from.
    Inhibition { on: f64, off: f64, short: bool },
    /// The same weak pulse twice, the second time after a brief inhibition.
    PrimedPulse { plain: f64, primed: f64, width: f64 },
    /// A pulse to switch on, and one to switch off.
    Switches { on: f64, off: f64 },
}

/// A recording to be named.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording<'a> {
    /// Spike times, ms, ascending.
    pub spikes: &'a [f64],
    /// Length of the recording, ms.
    pub end: f64,
    /// v at the ends of steps of `dt` ms, if it is known; what lies below threshold is told apart only with it.
    pub v: &'a [f64],
    pub dt: f64,
}

/// A name with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// `tonic bursting`.
    pub name: &'static str,
    /// What other authors call the same.
    pub also: Option<&'static str>,
    /// The rule it used, in words.
    pub why: String,
}

/// What the pattern is called.
pub fn name(protocol: &Protocol, recording: &Recording<'_>) -> Named {
    let (name, why) = match protocol {
        Protocol::Step { on } => rules::step(*on, recording),
        Protocol::Ramp { on } => rules::ramp(*on, recording),
        Protocol::TwoRamps { slow, quick } => rules::two_ramps(*slow, *quick, recording),
        Protocol::Pulse { on, off } => rules::pulse(*on, *off, recording),
        Protocol::Pairs { pairs, width } => rules::pairs(pairs, *width, recording),
        Protocol::Inhibition { on, off, short } => rules::inhibition(*on, *off, *short, recording),
        Protocol::PrimedPulse { plain, primed, width } => rules::primed(*plain, *primed, *width, recording),
        Protocol::Switches { on, off } => rules::switches(*on, *off, recording),
    };
    Named { name, also: also(name), why }
}

/// The name of Naud et al. 2008 for a pattern of Izhikevich 2004.
fn also(name: &str) -> Option<&'static str> {
    Some(match name {
        "mixed mode" => "initial burst",
        "phasic spiking" => "transient spiking",
        "tonic bursting" => "regular bursting",
        "spike frequency adaptation" => "adaptation",
        _ => return None,
    })
}
