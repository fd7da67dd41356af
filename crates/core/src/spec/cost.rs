//! How fast a network will run, before anything is built: counts times measured unit costs.

use super::layout::{Layout, layout};
use super::{NetworkSpec, PopulationSpec, Precision, ProjectionSpec};
use crate::equations;
use crate::model::stimulus::step_of;

/// Rate every neuron is supposed to fire at, Hz: nobody knows before the network runs. Cortical models lie around it.
pub const GUESSED_RATE: f64 = 10.0;

/// Unit costs of one thread in ns, double and single precision, as `spikeground bench --units --simd avx2` printed them on an EPYC (Zen 3)
/// whose `clock_ghz` was 3.2. Another machine is within a factor of about two.
const COSTS: &[(&str, f64, f64)] = &[
    ("neuron.lif", 0.5, 0.2),
    ("neuron.izhikevich", 1.6, 0.8),
    ("neuron.hh", 22.5, 11.0),
    ("neuron.adex", 22.5, 12.5),
    ("neuron.eif", 25.5, 14.0),
    ("neuron.qif", 5.5, 2.7),
    ("neuron.fitzhugh_nagumo", 4.5, 2.2),
    ("neuron.morris_lecar", 27.5, 14.5),
    ("neuron.wang_buzsaki", 51.5, 26.0),
    ("port.delta", 0.2, 0.1),
    ("port.exponential", 0.5, 0.25),
    ("port.alpha", 1.7, 1.5),
    ("port.conductance", 0.9, 0.5),
    ("input.poisson at 0 Hz", 0.0, 0.0),
    ("input.poisson at 20000 Hz", 0.6, 0.5),
    ("input.noise", 2.5, 2.4),
    ("event.one_weight", 0.5, 0.4),
    ("event.weighted", 1.0, 0.8),
    ("event.mixed_delays", 3.1, 2.9),
    ("event.plastic", 3.7, 3.5),
    ("event.procedural", 2.5, 2.2),
];

/// A model without a row of its own: in the middle of those with exponentials.
const UNKNOWN: (f64, f64) = (30.0, 15.0);
/// Typed equations, double and single precision: ns whatever they are, an operation, and an exponential or other function.
const TYPED: ([f64; 3], [f64; 3]) = ([2.0, 0.1, 1.3], [1.2, 0.05, 0.65]);
/// ns a step and part (population, projection, stimulus), whatever their size.
const PART: f64 = 20.0;

/// CPU seconds of one thread for a biological second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    /// When nothing but the inputs fires.
    pub silent: f64,
    /// When every neuron fires [`GUESSED_RATE`] times a second.
    pub active: f64,
}

impl NetworkSpec {
    /// The expected pace. A guess: within about a factor of two for the rate it supposes.
    pub fn expected_pace(&self) -> Pace {
        let neurons: f64 = self.populations.iter().map(|p| self.update(p)).sum();
        let inputs: f64 = self.stimuli.iter().map(|s| self.input(s)).sum();
        let parts = (self.populations.len() + self.projections.len() + self.stimuli.len()) as f64 * PART;
        let steps = 1000.0 / self.dt;
        let silent: f64 = steps * (neurons + inputs + parts) + self.projections.iter().map(|p| self.events(p, 0.0)).sum::<f64>();
        let active = silent + self.projections.iter().map(|p| self.events(p, GUESSED_RATE) - self.events(p, 0.0)).sum::<f64>();
        Pace { silent: silent * 1e-9, active: active * 1e-9 }
    }

    /// Size, memory and speed to expect, in words.
    pub fn forecast(&self) -> String {
        let (size, pace) = (self.estimate(), self.expected_pace());
        format!(
            "{} neuron{} and about {} synapses: about {} while building, then {} real time on one thread if every neuron fires \
             {GUESSED_RATE} times a second ({} if none fires)",
            size.neurons,
            if size.neurons == 1 { "" } else { "s" },
            short(size.synapses),
            bytes(size.bytes),
            speed(pace.active),
            speed(pace.silent),
        )
    }

    fn cost(&self, key: &str) -> Option<f64> {
        let row = COSTS.iter().find(|c| c.0 == key)?;
        Some(if self.precision == Precision::Single { row.2 } else { row.1 })
    }

    /// ns a step of a population: its neurons and their synaptic inputs.
    fn update(&self, p: &PopulationSpec) -> f64 {
        let n = f64::from(p.size);
        let key = p.model.kind.key;
        if key == "poisson" {
            return n * self.poisson(p.model.get("rate"));
        }
        let unknown = if self.precision == Precision::Single { UNKNOWN.1 } else { UNKNOWN.0 };
        let mut shapes: Vec<_> = self.projections.iter().filter(|w| w.post == p.name).map(|w| &w.synapse).collect();
        shapes.extend(self.stimuli.iter().filter(|s| s.target == p.name && s.stimulus.kind.param("weight").is_some()).map(|s| &s.synapse));
        let mut seen: Vec<&crate::part::Part> = Vec::new();
        for shape in shapes {
            if !seen.contains(&shape) {
                seen.push(shape);
            }
        }
        let ports: f64 = seen.iter().map(|s| self.cost(&format!("port.{}", s.kind.key)).unwrap_or(1.0)).sum();
        let own = self.cost(&format!("neuron.{key}")).or_else(|| self.typed(&p.model)).unwrap_or(unknown);
        n * (own + ports)
    }

    /// ns a step of a neuron of typed equations; none for built-in models, and for the scheme `accurate`, whose inner steps vary.
    fn typed(&self, model: &crate::part::Part) -> Option<f64> {
        let scheme = equations::Model::scheme(&model.values);
        let (plain, functions) = equations::of(model.kind)?.step(scheme, false)?.n_operations();
        let [start, one, function] = if self.precision == Precision::Single { TYPED.1 } else { TYPED.0 };
        Some(start + one * f64::from(plain) + function * f64::from(functions))
    }

    /// ns a step of a stimulus.
    fn input(&self, s: &super::StimulusSpec) -> f64 {
        let size = self.population(&s.target).map_or(0, |i| self.populations[i].size);
        let n = f64::from(s.neurons.map_or(size, |(a, b)| b.min(size).saturating_sub(a)));
        match s.stimulus.kind.key {
            "poisson" => n * self.poisson(s.stimulus.get("rate")),
            "noise" => n * self.cost("input.noise").unwrap_or(5.0),
            _ => 0.0,
        }
    }

    /// ns a step and neuron of Poisson input at `rate` Hz: between the two measured rates by the expected count.
    fn poisson(&self, rate: f64) -> f64 {
        let (none, many) = (self.cost("input.poisson at 0 Hz").unwrap_or(0.1), self.cost("input.poisson at 20000 Hz").unwrap_or(4.0));
        none + (many - none) * (rate * 1e-3 * self.dt / 1.0).clamp(0.0, 1.0)
    }

    /// ns a biological second of a projection whose neurons fire at `rate` Hz (Poisson sources at their own).
    fn events(&self, p: &ProjectionSpec, rate: f64) -> f64 {
        let Some(pre) = self.population(&p.pre).map(|i| &self.populations[i]) else { return 0.0 };
        let rate = if pre.model.kind.key == "poisson" { pre.model.get("rate") } else { rate };
        let several = p.delay.kind.key != "constant" && step_of(p.delay.values.iter().copied().fold(0.0, f64::max), self.dt) > 1;
        let key = match p.weight.kind.key {
            _ if p.plasticity.is_some() => "event.plastic",
            _ if layout(self, p) == Layout::Procedural => "event.procedural",
            _ if several => "event.mixed_delays",
            "constant" if !matches!(p.connect.kind.key, "list" | "matrix") => "event.one_weight",
            _ => "event.weighted",
        };
        self.expected_synapses_of(p) * rate * self.cost(key).unwrap_or(2.0)
    }
}

/// 12.3 M
fn short(x: f64) -> String {
    match x {
        x if x < 1e4 => format!("{x:.0}"),
        x if x < 1e6 => format!("{:.1} k", x * 1e-3),
        x if x < 1e9 => format!("{:.1} M", x * 1e-6),
        x if x < 1e13 => format!("{:.1} G", x * 1e-9),
        x => format!("{x:.1e}"),
    }
}

fn bytes(x: f64) -> String {
    if x < 1e9 { format!("{:.0} MB", (x * 1e-6).max(1.0)) } else { format!("{:.1} GB", x * 1e-9) }
}

/// How many times faster than real time, from CPU seconds a biological second; two digits, because no more are known.
fn speed(cpu: f64) -> String {
    let factor = 1.0 / cpu.max(1e-9);
    let digits = 1 - libm::log10(factor).floor() as i32;
    let scale = libm::pow(10.0, f64::from(digits));
    let rounded = (factor * scale).round() / scale;
    if rounded >= 1e5 { "more than 10000 ×".into() } else { format!("about {rounded} ×") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{connectivity, neuron};
    use crate::part::Part;

    fn brunel(n: u32) -> NetworkSpec {
        let model = Part::new(crate::model::find(neuron::ALL, "lif").expect("a model"));
        let mut spec = NetworkSpec { populations: vec![PopulationSpec::new("E", n, model)], ..NetworkSpec::default() };
        let mut p = ProjectionSpec::new("E → E", "E", "E");
        p.connect = Part::new(&connectivity::PROBABILITY).with("p", 0.1);
        spec.projections.push(p);
        spec
    }

    #[test]
    fn a_network_twice_as_large_with_the_same_density_costs_twice_the_update_and_four_times_the_events() {
        let (a, b) = (brunel(10_000).expected_pace(), brunel(20_000).expected_pace());
        assert!((b.silent / a.silent - 2.0).abs() < 0.01, "{a:?} {b:?}");
        assert!(((b.active - b.silent) / (a.active - a.silent) - 4.0).abs() < 0.01, "{a:?} {b:?}");
        assert!(a.active > 0.02 && a.active < 2.0, "{a:?}");
    }

    #[test]
    fn the_forecast_reads_well_at_every_size() {
        let text = brunel(12_500).forecast();
        assert!(text.starts_with("12500 neurons and about 15.6 M synapses: about") && text.contains("× real time"), "{text}");
        assert_eq!(
            [speed(0.4), speed(31.0), speed(0.0333), speed(0.0)],
            ["about 2.5 ×", "about 0.032 ×", "about 30 ×", "more than 10000 ×"]
        );
        assert_eq!([short(12.0), short(1.56e7), short(1e10), short(1e18)], ["12", "15.6 M", "10.0 G", "1.0e18"]);
    }

    #[test]
    fn nothing_costs_nothing_and_everything_costs_a_finite_time() {
        assert_eq!(NetworkSpec::default().expected_pace(), Pace::default());
        let huge = brunel(u32::MAX).expected_pace();
        assert!(huge.active.is_finite() && huge.active > 1e6);
    }
}
