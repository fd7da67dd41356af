//! The presets of single firing patterns: one table instead of 36 files. Each row becomes the text of a network file, which is read
//! like any other; `spikeground show` prints it.
//!
//! Protocols are those of the authors: a window `t > 10 ms` of the figure's program begins with the step after 10 ms, hence `10.25`.

use crate::model::neuron::adex;

/// One cell with its own input.
struct Pattern {
    key: &'static str,
    name: &'static str,
    /// What it shows, one sentence.
    purpose: &'static str,
    /// Parameters besides the family's, as in a file.
    cell: &'static str,
    /// v and u at time zero.
    start: (f64, f64),
    dt: f64,
    duration: f64,
    /// Stimuli as in a file, separated by `;`.
    input: &'static str,
}

#[allow(clippy::too_many_arguments)]
const fn row(
    key: &'static str,
    name: &'static str,
    purpose: &'static str,
    cell: &'static str,
    start: (f64, f64),
    dt: f64,
    duration: f64,
    input: &'static str,
) -> Pattern {
    Pattern { key, name, purpose, cell, start, dt, duration, input }
}

/// The twenty panels of Izhikevich 2004 and the eight runs of the 2003 types.
#[rustfmt::skip]
const IZHIKEVICH: &[Pattern] = &[
    row("2004-a", "A Tonic spiking", "Fires on and on while the current lasts", "a: 0.02, b: 0.2, c: -65, d: 6", (-70.0, -14.0), 0.25, 100.0, "step(amplitude: 14, start: 10.25)"),
    row("2004-b", "B Phasic spiking", "One spike says that the input began", "a: 0.02, b: 0.25, c: -65, d: 6", (-64.0, -16.0), 0.25, 200.0, "step(amplitude: 0.5, start: 20.25)"),
    row("2004-c", "C Tonic bursting", "Bursts, one after the other", "a: 0.02, b: 0.2, c: -50, d: 2", (-70.0, -14.0), 0.25, 220.0, "step(amplitude: 15, start: 22.25)"),
    row("2004-d", "D Phasic bursting", "One burst says that the input began", "a: 0.02, b: 0.25, c: -55, d: 0.05", (-64.0, -16.0), 0.2, 200.0, "step(amplitude: 0.6, start: 20.2)"),
    row("2004-e", "E Mixed mode", "A burst first, single spikes after it", "a: 0.02, b: 0.2, c: -55, d: 4", (-70.0, -14.0), 0.25, 160.0, "step(amplitude: 10, start: 16.25)"),
    row("2004-f", "F Spike frequency adaptation", "The intervals grow", "a: 0.01, b: 0.2, c: -65, d: 8", (-70.0, -14.0), 0.25, 85.0, "step(amplitude: 30, start: 8.75)"),
    row("2004-g", "G Class 1 excitability", "The rate rises from nought with a growing current", "a: 0.02, b: -0.1, c: -55, d: 6, q1: 4.1, q0: 108", (-60.0, 6.0), 0.25, 300.0, "ramp(from: 0, to: 22.5, start: 30, stop: 330)"),
    row("2004-h", "H Class 2 excitability", "A growing current makes it fire at once at a high rate", "a: 0.2, b: 0.26, c: -65, d: 0", (-64.0, -16.64), 0.25, 300.0, "constant(amplitude: -0.5); ramp(from: 0, to: 4.5, start: 30, stop: 330)"),
    row("2004-i", "I Spike latency", "A short pulse makes it fire much later", "a: 0.02, b: 0.2, c: -65, d: 6", (-70.0, -14.0), 0.2, 100.0, "step(amplitude: 7.04, start: 10.2, stop: 13)"),
    row("2004-j", "J Subthreshold oscillations", "Rings after the spike", "a: 0.05, b: 0.26, c: -60, d: 0", (-62.0, -16.12), 0.25, 200.0, "step(amplitude: 2, start: 20.25, stop: 25)"),
    row("2004-k", "K Resonator", "Fires when two pulses come at the rhythm of its own ringing", "a: 0.1, b: 0.26, c: -60, d: -1", (-62.0, -16.12), 0.25, 400.0, "step(amplitude: 0.65, start: 40.25, stop: 44); step(amplitude: 0.65, start: 60.25, stop: 64); step(amplitude: 0.65, start: 280.25, stop: 284); step(amplitude: 0.65, start: 320.25, stop: 324)"),
    row("2004-l", "L Integrator", "Fires when two pulses come close together", "a: 0.02, b: -0.1, c: -55, d: 6, q1: 4.1, q0: 108", (-60.0, 6.0), 0.25, 100.0, "step(amplitude: 9, start: 9.25, stop: 11.25); step(amplitude: 9, start: 14.25, stop: 16.25); step(amplitude: 9, start: 70.25, stop: 72); step(amplitude: 9, start: 80.25, stop: 82)"),
    row("2004-m", "M Rebound spike", "Inhibition makes it fire when it ends", "a: 0.03, b: 0.25, c: -60, d: 4", (-64.0, -16.0), 0.2, 200.0, "step(amplitude: -15, start: 20.2, stop: 25)"),
    row("2004-n", "N Rebound burst", "Inhibition makes it burst when it ends", "a: 0.03, b: 0.25, c: -52, d: 0", (-64.0, -16.0), 0.2, 200.0, "step(amplitude: -15, start: 20.2, stop: 25)"),
    row("2004-o", "O Threshold variability", "The same pulse fails, and fires after a brief inhibition", "a: 0.03, b: 0.25, c: -60, d: 4", (-64.0, -16.0), 0.25, 100.0, "step(amplitude: 1, start: 10.25, stop: 15); step(amplitude: -6, start: 70.25, stop: 75); step(amplitude: 1, start: 80.25, stop: 85)"),
    row("2004-p", "P Bistability", "A pulse switches it on, a second one off", "a: 0.1, b: 0.26, c: -60, d: 0", (-61.0, -15.86), 0.25, 300.0, "constant(amplitude: 0.24); step(amplitude: 1, start: 37.75, stop: 42.5); step(amplitude: 1, start: 216.25, stop: 221)"),
    row("2004-q", "Q Depolarizing after-potential", "After the spike v stands above rest for a while", "a: 1, b: 0.2, c: -60, d: -21", (-70.0, -14.0), 0.1, 50.0, "step(amplitude: 20, start: 9.1, stop: 11)"),
    row("2004-r", "R Accommodation", "A slow ramp leaves it silent, a quick one to half the height fires it", "a: 0.02, b: 1, c: -55, d: 4, accommodation: true", (-65.0, -16.0), 0.5, 400.0, "ramp(from: 0, to: 8, start: 0, stop: 200); ramp(from: 0, to: 4, start: 300, stop: 312.5)"),
    row("2004-s", "S Inhibition-induced spiking", "Fires while the current is lowered", "a: -0.02, b: -1, c: -60, d: 8", (-63.8, 63.8), 0.5, 350.0, "constant(amplitude: 80); step(amplitude: -5, start: 50, stop: 250.5)"),
    row("2004-t", "T Inhibition-induced bursting", "Bursts while the current is lowered", "a: -0.026, b: -1, c: -45, d: -2", (-63.8, 63.8), 0.5, 350.0, "constant(amplitude: 80); step(amplitude: -5, start: 50, stop: 250.5)"),
    row("2003-rs", "Regular spiking (RS)", "Quick at first, then slower: most excitatory cells of the cortex", "a: 0.02, b: 0.2, c: -65, d: 8", (-63.0, -12.6), 0.25, 150.0, "step(amplitude: 14, start: 15.25)"),
    row("2003-ib", "Intrinsically bursting (IB)", "A burst, then single spikes", "a: 0.02, b: 0.2, c: -55, d: 4", (-70.0, -14.0), 0.25, 150.0, "step(amplitude: 11, start: 15.25)"),
    row("2003-ch", "Chattering (CH)", "Bursts of closely spaced spikes, again and again", "a: 0.02, b: 0.2, c: -50, d: 2", (-70.0, -14.0), 0.25, 150.0, "step(amplitude: 10, start: 15.25)"),
    row("2003-fs", "Fast spiking (FS)", "High rate, hardly any adaptation: inhibitory cells", "a: 0.1, b: 0.2, c: -65, d: 2", (-70.0, -14.0), 0.25, 150.0, "step(amplitude: 10, start: 15.25)"),
    row("2003-tc", "Thalamo-cortical relay (TC)", "From rest it fires single spikes", "a: 0.02, b: 0.25, c: -65, d: 0.05", (-63.0, -15.75), 0.25, 150.0, "step(amplitude: 1.5, start: 30.25)"),
    row("2003-tcb", "Thalamo-cortical rebound burst", "Released from inhibition it bursts", "a: 0.02, b: 0.25, c: -65, d: 0.05", (-87.0, -21.75), 0.25, 150.0, "step(amplitude: -25, stop: 45.25)"),
    row("2003-rz", "Resonator (RZ)", "Rings before it fires, and is switched by a pulse", "a: 0.1, b: 0.26, c: -65, d: 2", (-70.0, -18.2), 0.25, 100.0, "constant(amplitude: -2); step(amplitude: 1.5, start: 10.25); step(amplitude: 10.5, start: 60.25, stop: 65)"),
    row("2003-lts", "Low-threshold spiking (LTS)", "Inhibitory cells that adapt and fire at low currents", "a: 0.02, b: 0.25, c: -65, d: 2", (-63.0, -15.75), 0.25, 250.0, "step(amplitude: 10, start: 25.25)"),
];

/// Set of the model, key, name and what it shows.
const ADEX: &[(&str, &str, &str, &str)] = &[
    ("tonic", "tonic", "AdEx: tonic spiking", "Equal intervals from the first spike on"),
    ("adaptation", "adaptation", "AdEx: adaptation", "Every spike strengthens the brake, so that the intervals grow"),
    ("initial_burst", "initial-burst", "AdEx: initial burst", "A burst at the start, then single spikes"),
    ("regular_bursting", "regular-bursting", "AdEx: regular bursting", "The reset lies above the threshold: bursts"),
    ("delayed_accelerating", "delayed-accelerating", "AdEx: delayed accelerating", "Starts late and fires faster and faster"),
    ("delayed_bursting", "delayed-bursting", "AdEx: delayed regular bursting", "Starts late and bursts"),
    ("transient", "transient", "AdEx: transient spiking", "One spike, then silence under the same current"),
    ("irregular", "irregular", "AdEx: irregular spiking", "Chaos without any noise"),
];

/// Key and text of every pattern's file.
pub fn texts() -> Vec<(String, String)> {
    let izhikevich = IZHIKEVICH.iter().enumerate().map(|(i, p)| izhikevich_text(p, 1000 + i));
    let adex = ADEX.iter().enumerate().map(|(i, p)| adex_text(*p, 1100 + i));
    izhikevich.chain(adex).collect()
}

fn izhikevich_text(p: &Pattern, order: usize) -> (String, String) {
    let (year, paper) = if p.key.starts_with("2004") { ("2004", "15:1063") } else { ("2003", "14:1569") };
    let group = if year == "2004" { "Izhikevich 2004: twenty patterns" } else { "Izhikevich 2003: seven types" };
    let name = if year == "2004" { format!("Izhikevich {}", p.name) } else { p.name.to_owned() };
    let stimuli: String = p
        .input
        .split(';')
        .enumerate()
        .map(|(i, what)| format!("        (name: \"input {}\", target: \"cell\", stimulus: {}),\n", i + 1, what.trim()))
        .collect();
    let text = format!(
        "// One Izhikevich neuron with the protocol of the author's {year} figure; its spike times belong to the published scheme and step.\n\
         (\n    format: 1,\n    \
         gallery: (group: \"{group}\", order: {order}, source: \"E. M. Izhikevich, IEEE Trans. Neural Netw. {paper} ({year})\"),\n    \
         name: \"{name}\",\n    purpose: \"{purpose}\",\n    \
         notes: \"A run of the {year} figure, step for step: same parameters, same current, same start, same spikes.\\n\\n\\\n        \
         Try: choose the scheme accurate to see what the equations alone do, and open the phase plane beside the trace.\",\n    \
         dt: {dt}, // ms\n    speed: 0.05, // biological over wall time\n    duration: {duration}, // ms: the figure's last step is included\n    \
         populations: [(\n        name: \"cell\",\n        size: 1,\n        \
         model: izhikevich({cell}, scheme: figure2004),\n        initial: {{ v: {v}, u: {u} }}, // mV, mV/ms\n    )],\n    \
         // Currents in mV/ms, times in ms.\n    stimuli: [\n{stimuli}    ],\n    \
         probes: [(population: \"cell\", variable: \"v\"), (population: \"cell\", variable: \"u\"), (population: \"cell\", variable: \"i_stim\")],\n)\n",
        purpose = p.purpose,
        dt = p.dt,
        duration = p.duration + p.dt,
        cell = p.cell,
        v = p.start.0,
        u = p.start.1,
    );
    (format!("izhikevich-{}", p.key), text)
}

fn adex_text((set, key, name, purpose): (&str, &str, &str, &str), order: usize) -> (String, String) {
    let values = adex::SETS.iter().find(|s| s.key == set).map_or(&[][..], |s| s.values);
    let cell: Vec<String> = values.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    let text = format!(
        "// One AdEx neuron from Naud et al. 2008 under its own constant current.\n\
         (\n    format: 1,\n    \
         gallery: (group: \"AdEx: eight patterns\", order: {order}, source: \"R. Naud et al., Biol. Cybern. 99:335 (2008)\"),\n    \
         name: \"{name}\",\n    purpose: \"{purpose}\",\n    \
         notes: \"The current flows from t = 0 on, from rest without adaptation. The adaptation w decides the pattern.\\n\\n\\\n        \
         Try: move v_reset through v_th and watch single spikes turn into bursts; open the phase plane beside the trace.\",\n    \
         dt: 0.1, // ms\n    speed: 0.1, // biological over wall time\n    duration: 600, // ms\n    \
         // Units: pF, nS, mV, ms, pA.\n    \
         populations: [(\n        name: \"cell\",\n        size: 1,\n        model: adex({}),\n    )],\n    \
         probes: [(population: \"cell\", variable: \"v\"), (population: \"cell\", variable: \"w\")],\n)\n",
        cell.join(", ")
    );
    (format!("adex-{key}"), text)
}
