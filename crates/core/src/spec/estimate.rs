//! How large a network will be, before anything is allocated.

use super::layout::bytes;
use super::validate::Problem;
use super::{NetworkSpec, ProjectionSpec};
use crate::model::stimulus::step_of;

/// Expected size of a built network.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    pub neurons: u64,
    pub synapses: f64,
    /// Memory while building, which is the most it ever takes.
    pub bytes: f64,
}

impl NetworkSpec {
    /// What the network will take. Approximate: within about a factor of 1.5.
    #[allow(clippy::cast_precision_loss)]
    pub fn estimate(&self) -> Estimate {
        let ring = self.projections.iter().map(|p| longest_delay(p, self.dt)).max().unwrap_or(1) as f64 + 2.0;
        // State columns and ports, and the spikes that are under way.
        let neurons: f64 = self
            .populations
            .iter()
            .map(|p| {
                let parameters = if p.spread.is_empty() { 0.0 } else { 16.0 * p.model.values.len() as f64 + 200.0 };
                f64::from(p.size) * (120.0 + parameters + 4.0 * ring)
            })
            .sum();
        let wired: Vec<(f64, f64)> = self.projections.iter().map(|p| bytes(self, p, longest_delay(p, self.dt) as f64)).collect();
        // Projections are built one after the other: only the largest helper counts.
        let synapses = wired.iter().map(|w| w.0).sum::<f64>() + wired.iter().map(|w| w.1).fold(0.0, f64::max);
        let plastic: f64 = self
            .projections
            .iter()
            .filter(|p| p.plasticity.is_some())
            .filter_map(|p| Some((self.population(&p.pre)?, self.population(&p.post)?)))
            .map(|(a, b)| f64::from(self.populations[a].size) * (16.0 + 24.0 * ring) + f64::from(self.populations[b].size) * 400.0)
            .sum();
        Estimate { neurons: self.n_neurons(), synapses: self.expected_synapses(), bytes: neurons + synapses + plastic }
    }

    /// Refuses a network that would take more than `budget` bytes.
    pub fn check_memory(&self, budget: u64) -> Option<Problem> {
        let e = self.estimate();
        #[allow(clippy::cast_precision_loss)]
        let budget = budget as f64;
        (e.bytes.is_nan() || e.bytes > budget).then(|| Problem {
            at: "projections".into(),
            what: format!(
                "the network would need about {:.1} GB ({} neurons, {:.3e} synapses), more than the {:.1} GB that may be used; make it smaller \
                 or connect it more sparsely",
                e.bytes * 1e-9,
                e.neurons,
                e.synapses,
                budget * 1e-9
            ),
        })
    }
}

/// The longest delay of a projection, in steps; longer draws are cut to it.
pub fn longest_delay(p: &ProjectionSpec, dt: f64) -> u64 {
    let d = &p.delay;
    let drawn = match d.kind.key {
        "uniform" => d.values[0].max(d.values[1]),
        "normal" | "log_normal" => d.values[0] + 5.0 * d.values[1],
        _ => d.values[0],
    };
    let listed =
        if p.connect.kind.key == "list" { p.connect.table.iter().filter_map(|r| r.get(3)).fold(0.0, |a: f64, b| a.max(*b)) } else { 0.0 };
    step_of(drawn.max(listed), dt).max(1)
}

#[cfg(test)]
mod tests {
    use crate::model::{connectivity, neuron};
    use crate::part::Part;
    use crate::spec::{NetworkSpec, PopulationSpec, ProjectionSpec};

    #[test]
    fn a_network_beyond_the_budget_is_refused_with_its_numbers() {
        let mut s =
            NetworkSpec { populations: vec![PopulationSpec::new("E", 1_000_000, Part::new(neuron::ALL[0]))], ..NetworkSpec::default() };
        assert_eq!(s.check_memory(4_000_000_000), None);
        let mut p = ProjectionSpec::new("E → E", "E", "E");
        p.connect = Part::new(&connectivity::ALL_TO_ALL);
        s.projections = vec![p];
        let what = s.check_memory(4_000_000_000).expect("a terabyte of synapses").what;
        assert!(what.contains("1000000 neurons") && what.contains("1.000e12 synapses") && what.contains("4.0 GB"), "{what}");
    }
}
