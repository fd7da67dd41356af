//! Stimuli: what the outside world does to a population.
//!
//! Current stimuli are functions of the time at the start of the step, held for one step. Window tests compare whole steps, so
//! that rounding never shifts an edge. Spike stimuli (`poisson`, `spike_list`) act through a synapse.

use crate::param::{Kind, NamedSet, ParamSpec, Unit};
use crate::part::Part;

const FOREVER: f64 = 1e12;

const fn current(key: &'static str, symbol: &'static str, default: f64, doc: &'static str) -> ParamSpec {
    ParamSpec::new(key, symbol, Unit::TargetCurrent, default, (-1e9, 1e9), doc).slider(-1000.0, 1000.0).relative()
}
const fn time(key: &'static str, symbol: &'static str, default: f64, doc: &'static str) -> ParamSpec {
    ParamSpec::new(key, symbol, Unit::Ms, default, (0.0, FOREVER), doc).slider(0.0, 1000.0)
}
const AMPLITUDE: ParamSpec =
    current("amplitude", "I", 100.0, "Size of the current. Larger: more depolarisation; negative: hyperpolarisation");
const START: ParamSpec = time("start", "t_on", 0.0, "When it starts, in biological time");
const STOP: ParamSpec = time("stop", "t_off", FOREVER, "When it stops (that step no longer gets it)");

pub static CONSTANT: Kind =
    Kind { equations: &["I(t) = I"], ..Kind::new("constant", "Constant current", "The same current all the time", &[AMPLITUDE]) };
pub static STEP: Kind = Kind {
    equations: &["I(t) = I for t_on ≤ t < t_off, else 0"],
    ..Kind::new("step", "Current step", "A current switched on and off", &[AMPLITUDE, START, STOP])
};
pub static PULSE_TRAIN: Kind = Kind {
    equations: &["I(t) = I during each of n pulses of width w, one every T"],
    sets: &[
        NamedSet {
            key: "pair",
            name: "Pulse pair",
            values: &[("width", 4.0), ("period", 40.0), ("count", 2.0)],
            doc: "Two pulses: a resonator answers when T is the period of its ringing, an integrator when T is short",
        },
        NamedSet { key: "train", name: "Train", values: &[], doc: "Pulses without end" },
    ],
    ..Kind::new(
        "pulse_train",
        "Pulse train",
        "Equal current pulses at a regular interval",
        &[
            AMPLITUDE,
            START,
            time("width", "w", 1.0, "Duration of each pulse. Longer: more charge"),
            time("period", "T", 50.0, "Time from pulse to pulse. Shorter: higher frequency").slider(1.0, 500.0),
            ParamSpec::new("count", "n", Unit::One, 1e9, (0.0, 1e12), "Number of pulses").slider(0.0, 100.0).count(),
        ],
    )
};
pub static RAMP: Kind = Kind {
    equations: &["I(t) rises from I₀ at t_on to I₁ at t_off, 0 outside"],
    ..Kind::new(
        "ramp",
        "Current ramp",
        "A current that changes evenly between two values",
        &[
            current("from", "I_0", 0.0, "Current at the start of the ramp"),
            current("to", "I_1", 500.0, "Current at the end of the ramp"),
            START,
            time("stop", "t_off", 1000.0, "When the ramp ends; afterwards there is no current"),
        ],
    )
};
pub static SINE: Kind = Kind {
    equations: &["I(t) = I₀ + I · sin(2π f (t − t_on) + φ)"],
    ..Kind::new(
        "sine",
        "Sine current",
        "A current that oscillates around an offset",
        &[
            AMPLITUDE,
            current("offset", "I_0", 0.0, "Mean of the current"),
            ParamSpec::new("frequency", "f", Unit::Hz, 10.0, (0.0, 100_000.0), "Oscillations a second. Higher: the membrane follows less")
                .slider(0.1, 1000.0)
                .log(),
            ParamSpec::new("phase", "φ", Unit::Degree, 0.0, (-360.0, 360.0), "Phase at the start"),
            START,
            STOP,
        ],
    )
};
pub static CHIRP: Kind = Kind {
    equations: &["I(t) = I₀ + I · sin(2π (f₀ τ + (f₁ − f₀) τ² / (2 T))), τ = t − t_on, T = t_off − t_on"],
    ..Kind::new(
        "chirp",
        "Chirp current (ZAP)",
        "A sine whose frequency rises evenly: shows at which frequency a membrane resonates",
        &[
            AMPLITUDE,
            current("offset", "I_0", 0.0, "Mean of the current"),
            ParamSpec::new("from", "f_0", Unit::Hz, 1.0, (0.0, 100_000.0), "Frequency at the start").slider(0.1, 1000.0).log(),
            ParamSpec::new("to", "f_1", Unit::Hz, 100.0, (0.0, 100_000.0), "Frequency at the end").slider(0.1, 1000.0).log(),
            START,
            time("stop", "t_off", 10_000.0, "When the chirp ends; afterwards there is no current").slider(100.0, 60_000.0),
        ],
    )
};
pub static RECORDED: Kind = Kind {
    columns: &["time", "current"],
    equations: &["I(t) = gain · the current of the table at t − t_on, 0 before its first and after its last time"],
    ..Kind::new(
        "recorded",
        "Recorded current",
        "A current given by a table of times and values, drawn by hand or read from a file",
        &[
            ParamSpec::new("gain", "g", Unit::One, 1.0, (-1e6, 1e6), "Factor on every value of the table. Larger: a stronger current")
                .slider(-5.0, 5.0),
            START,
            ParamSpec::choice(
                "between",
                "between",
                &["linear", "hold"],
                0,
                "Between two times: straight from value to value, or the earlier value held",
            ),
        ],
    )
};
pub static NOISE: Kind = Kind {
    equations: &["I_k = μ + σ · z_k / √(dt / 1 ms), one normal z a neuron and step"],
    ..Kind::new(
        "noise",
        "White-noise current",
        "An independent random current into each neuron; its effect does not depend on dt",
        &[
            current("mean", "μ", 0.0, "Mean of the current"),
            ParamSpec::new(
                "sd",
                "σ",
                Unit::TargetCurrent,
                50.0,
                (0.0, 1e9),
                "Standard deviation of the current averaged over 1 ms. Larger: more irregular firing",
            )
            .slider(0.0, 500.0)
            .relative(),
            START,
            STOP,
        ],
    )
};
pub static POISSON: Kind = Kind {
    equations: &["number of spikes in a step ~ Poisson(rate · dt), independent for each neuron"],
    ..Kind::new(
        "poisson",
        "Poisson spikes",
        "Each neuron gets its own random spike train through a synapse",
        &[
            ParamSpec::new(
                "rate",
                "ν",
                Unit::Hz,
                1000.0,
                (0.0, 1e6),
                "Spikes a second that each neuron receives. Larger: more drive and more noise",
            )
            .slider(0.0, 20_000.0),
            ParamSpec::new("weight", "w", Unit::Weight, 1.0, (-1e6, 1e6), "Weight of each spike").slider(-10.0, 10.0).relative(),
            START,
            STOP,
        ],
    )
};
pub static SPIKE_LIST: Kind = Kind {
    columns: &["time", "neuron?"],
    ..Kind::new(
        "spike_list",
        "Spike list",
        "Spikes at listed times (ms), to one neuron each or to all when no neuron is named",
        &[ParamSpec::new("weight", "w", Unit::Weight, 1.0, (-1e6, 1e6), "Weight of each spike").slider(-10.0, 10.0).relative()],
    )
};

pub static ALL: super::Family = &[&CONSTANT, &STEP, &PULSE_TRAIN, &RAMP, &SINE, &CHIRP, &RECORDED, &NOISE, &POISSON, &SPIKE_LIST];

/// Whether the stimulus sends spikes through a synapse (rather than a current).
pub fn sends_spikes(kind: &Kind) -> bool {
    matches!(kind.key, "poisson" | "spike_list")
}

/// The whole step nearest to time `t`, saturating.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn step_of(t: f64, dt: f64) -> u64 {
    // Half a step counts as one, as in `round`, which is a call on machines without an instruction for it.
    let steps = (t / dt).clamp(0.0, 9e18);
    let whole = steps as u64;
    whole + u64::from(steps - whole as f64 >= 0.5)
}

/// The current of a deterministic current stimulus during the step that starts at `step · dt`; the mean for noise.
pub fn current_at(part: &Part, step: u64, dt: f64) -> f64 {
    let within = |from: f64, to: f64| step >= step_of(from, dt) && step < step_of(to, dt);
    #[allow(clippy::cast_precision_loss)]
    let t = step as f64 * dt;
    let v = |key| part.get(key);
    match part.kind.key {
        "constant" => v("amplitude"),
        "step" => {
            if within(v("start"), v("stop")) {
                v("amplitude")
            } else {
                0.0
            }
        }
        "pulse_train" => {
            let (first, period, width) = (step_of(v("start"), dt), step_of(v("period"), dt).max(1), step_of(v("width"), dt));
            let since = step.wrapping_sub(first);
            #[allow(clippy::cast_precision_loss)]
            let on = step >= first && since % period < width && ((since / period) as f64) < v("count");
            if on { v("amplitude") } else { 0.0 }
        }
        "ramp" => {
            let (start, stop) = (v("start"), v("stop"));
            if within(start, stop) { v("from") + (v("to") - v("from")) * (t - start) / (stop - start) } else { 0.0 }
        }
        "sine" => {
            if within(v("start"), v("stop")) {
                let turns = v("frequency") * 1e-3 * (t - v("start")) + v("phase") / 360.0;
                v("offset") + v("amplitude") * libm::sin(std::f64::consts::TAU * (turns - turns.floor()))
            } else {
                0.0
            }
        }
        "chirp" => {
            let (start, stop) = (v("start"), v("stop"));
            if within(start, stop) {
                let (since, length) = ((t - start) * 1e-3, (stop - start) * 1e-3);
                let turns = since * (v("from") + 0.5 * (v("to") - v("from")) * since / length);
                v("offset") + v("amplitude") * libm::sin(std::f64::consts::TAU * (turns - turns.floor()))
            } else {
                0.0
            }
        }
        "recorded" => v("gain") * tabled(part, t - v("start"), 1e-6 * dt),
        "noise" => {
            if within(v("start"), v("stop")) {
                v("mean")
            } else {
                0.0
            }
        }
        _ => 0.0,
    }
}

/// The table's current at time `t`, ms; times that differ by less than `slack` are the same.
fn tabled(part: &Part, t: f64, slack: f64) -> f64 {
    let rows = &part.table;
    let next = rows.partition_point(|row| row[0] <= t + slack);
    let Some(before) = next.checked_sub(1).map(|i| &rows[i]) else { return 0.0 };
    match rows.get(next) {
        Some(after) if part.choice("between") == "linear" => {
            before[1] + (after[1] - before[1]) * ((t - before[0]) / (after[0] - before[0])).clamp(0.0, 1.0)
        }
        Some(_) => before[1],
        // The last time itself still has its value.
        None => {
            if t <= before[0] + slack {
                before[1]
            } else {
                0.0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_covers_exactly_its_steps() {
        let part = Part::new(&STEP).with("amplitude", 5.0).with("start", 0.3).with("stop", 0.6);
        let on: Vec<u64> = (0..10).filter(|&k| current_at(&part, k, 0.1) != 0.0).collect();
        assert_eq!(on, [3, 4, 5]);
    }

    #[test]
    fn a_recorded_current_is_followed_between_its_times_and_is_nothing_outside() {
        let part = Part::new(&RECORDED).with_table(vec![vec![1.0, 10.0], vec![2.0, 20.0], vec![4.0, 0.0]]).with("gain", 2.0);
        let at = |part: &Part, k| current_at(part, k, 0.5);
        let all: Vec<f64> = (0..10).map(|k| at(&part, k)).collect();
        assert_eq!(all, [0.0, 0.0, 20.0, 30.0, 40.0, 30.0, 20.0, 10.0, 0.0, 0.0]);
        let held = part.clone().with("between", 1.0).with("start", 1.0);
        let all: Vec<f64> = (0..12).map(|k| at(&held, k)).collect();
        assert_eq!(all, [0.0, 0.0, 0.0, 0.0, 20.0, 20.0, 40.0, 40.0, 40.0, 40.0, 0.0, 0.0]);
        assert_eq!(at(&Part::new(&RECORDED), 3), 0.0, "an empty table is no current");
    }

    #[test]
    fn a_chirp_passes_from_its_first_to_its_last_frequency() {
        let part = Part::new(&CHIRP).with("amplitude", 1.0).with("from", 5.0).with("to", 45.0).with("stop", 2000.0);
        let dt = 0.01;
        let signs: Vec<f64> = (0..200_000).map(|k| current_at(&part, k, dt).signum()).collect();
        let upward: Vec<f64> = (1..signs.len()).filter(|k| signs[k - 1] < 0.0 && signs[*k] >= 0.0).map(|k| k as f64 * dt).collect();
        // Mean frequency 25 Hz for 2 s; the first period is about 1/5 s, the last 1/45 s.
        assert!((49..=50).contains(&upward.len()), "{}", upward.len());
        let last = upward[upward.len() - 1] - upward[upward.len() - 2];
        assert!((last - 1000.0 / 45.0).abs() < 0.5 && upward[0] > 150.0, "{last} {}", upward[0]);
        assert_eq!(current_at(&part, 200_001, dt), 0.0);
    }

    #[test]
    fn a_pulse_train_repeats_and_ends() {
        let part = Part::new(&PULSE_TRAIN).with("start", 10.0).with("width", 2.0).with("period", 5.0).with("count", 2.0);
        let on: Vec<u64> = (0..40).filter(|&k| current_at(&part, k, 1.0) != 0.0).collect();
        assert_eq!(on, [10, 11, 15, 16]);
    }
}
