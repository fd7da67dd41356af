//! How strong a projection is, and whether it excites: from the running weights where they are known, else from the description.

use super::super::super::history::weights::WeightHistory;
use spikeground_core::part::Part;
use spikeground_core::spec::{NetworkSpec, ProjectionSpec};

/// Mean weight of projection `i`, in its unit.
pub fn mean_weight(spec: &NetworkSpec, history: &WeightHistory, i: usize) -> f64 {
    history.mean(i).or_else(|| spec.projections.get(i).map(described)).unwrap_or(0.0)
}

/// Mean weight as the description has it.
pub fn described(projection: &ProjectionSpec) -> f64 {
    let table = |part: &Part, skip: usize| {
        let numbers: Vec<f64> = part.table.iter().flat_map(|row| row.iter().skip(skip).copied()).filter(|w| *w != 0.0).collect();
        numbers.iter().sum::<f64>() / (numbers.len().max(1)) as f64
    };
    match projection.connect.kind.key {
        "matrix" => return table(&projection.connect, 0),
        "list" if projection.connect.table.iter().any(|r| r.len() > 2) => {
            let weights = projection.connect.table.iter().filter_map(|r| r.get(2));
            return weights.sum::<f64>() / projection.connect.table.len().max(1) as f64;
        }
        _ => {}
    }
    let weight = &projection.weight;
    let value = |key: &str| weight.kind.param(key).and_then(|i| weight.values.get(i).copied()).unwrap_or(0.0);
    match weight.kind.key {
        "constant" => value("value"),
        "uniform" => f64::midpoint(value("low"), value("high")),
        "normal" | "log_normal" => value("mean"),
        "matrix" => table(weight, 0),
        "ring" => {
            // Mean of the bump over the whole ring.
            let share = (value("sigma") * (2.0 * std::f64::consts::PI).sqrt() / 360.0).min(1.0);
            value("peak") * share + value("base")
        }
        _ => 0.0,
    }
}

/// Whether spikes of `weight` through the synapse of `projection` excite.
pub fn excites(spec: &NetworkSpec, projection: &ProjectionSpec, weight: f64) -> bool {
    let synapse = &projection.synapse;
    let Some(e_rev) = synapse.kind.param("e_rev").and_then(|i| synapse.values.get(i)) else { return weight >= 0.0 };
    let target = spec.population(&projection.post).map(|i| &spec.populations[i].model);
    let threshold = target.and_then(|m| m.kind.param("v_th").and_then(|i| m.values.get(i).copied())).unwrap_or(-50.0);
    (*e_rev >= threshold) == (weight >= 0.0)
}

/// Line width of each projection: input to one postsynaptic neuron per presynaptic spike of all, compared among equal units.
pub fn widths(spec: &NetworkSpec, history: &WeightHistory, n_synapses: &[u64]) -> Vec<f32> {
    let strength = |i: usize| {
        let p = &spec.projections[i];
        let size = spec.population(&p.post).map_or(1, |k| spec.populations[k].size.max(1));
        let n = n_synapses.get(i).copied().unwrap_or(0).max(1);
        mean_weight(spec, history, i).abs() * n as f64 / f64::from(size)
    };
    let all: Vec<(&str, f64)> = (0..spec.projections.len()).map(|i| (spec.weight_unit(i), strength(i))).collect();
    all.iter()
        .map(|(unit, s)| {
            let most = all.iter().filter(|(u, _)| u == unit).map(|(_, s)| *s).fold(0.0, f64::max);
            #[allow(clippy::cast_possible_truncation)]
            let relative = if most > 0.0 { (s / most).powf(0.5) as f32 } else { 0.5 };
            1.2 + 3.8 * relative
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::model::{connectivity, distribution, neuron, synapse};
    use spikeground_core::spec::PopulationSpec;

    #[test]
    fn the_mean_of_the_toy_matrix_leaves_out_its_zeros() {
        let mut p = ProjectionSpec::new("p", "A", "A");
        p.connect = Part::new(&connectivity::MATRIX).with_table(vec![vec![0.0, 0.5, 0.2], vec![0.1, 0.0, 0.3], vec![0.4, 0.2, 0.0]]);
        assert!((described(&p) - 1.7 / 6.0).abs() < 1e-12);
        p.connect = Part::new(&connectivity::ALL_TO_ALL);
        p.weight = Part::new(&distribution::weights::UNIFORM).with("low", 1.0).with("high", 3.0);
        assert!((described(&p) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_conductance_excites_when_it_pulls_over_the_threshold() {
        let mut spec = NetworkSpec::default();
        spec.populations.push(PopulationSpec::new("A", 1, Part::new(neuron::ALL[0])));
        let mut p = ProjectionSpec::new("p", "A", "A");
        assert!(excites(&spec, &p, 1.0) && !excites(&spec, &p, -1.0));
        p.synapse = Part::new(&synapse::CONDUCTANCE).with("e_rev", 0.0);
        assert!(excites(&spec, &p, 1.0));
        p.synapse = Part::new(&synapse::CONDUCTANCE).with("e_rev", -80.0);
        assert!(!excites(&spec, &p, 1.0));
    }
}
