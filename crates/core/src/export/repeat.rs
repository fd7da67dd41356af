//! The arrays beside an exact script, and what comes back from a run elsewhere compared with our own.

use super::npy::{Array, Arrays, Values};
use super::plan::Plan;
use super::snapshot::{Current, Numbers, Snapshot};
use crate::model::stimulus::sends_spikes;
use crate::spec::NetworkSpec;

/// What an exact script loads.
pub fn arrays(plan: &Plan) -> Arrays {
    let (spec, run) = (plan.spec, &plan.snapshot);
    let mut out: Arrays = Vec::new();
    let mut add = |key: String, array: Array| out.push((key, array));
    let firsts = spec.first_ids();
    for (p, population) in run.populations.iter().enumerate() {
        let (name, kind) = (&plan.populations[p], plan.kind(p));
        let each = kind.params.iter().map(|k| k.key.to_owned()).zip(&population.params);
        let states = kind.states.iter().map(|s| format!("{}0", s.key)).zip(&population.states);
        for (key, values) in each.chain(states) {
            if let Numbers::Each(values) = values {
                add(format!("{name}.{key}"), values.clone().into());
            }
        }
        let size = spec.populations[p].size as usize;
        match &population.current {
            Current::Constant(Numbers::Each(values)) => add(format!("{name}.current"), values.clone().into()),
            Current::Shared(values) => {
                add(format!("{name}.current"), Array { shape: vec![values.len(), 1], values: Values::F64(values.clone()) });
            }
            Current::Each(values) => {
                add(format!("{name}.current"), Array { shape: vec![values.len() / size, size], values: Values::F64(values.clone()) });
            }
            Current::None | Current::Constant(_) => {}
        }
        if plan.is_source(p) {
            let spikes = run.spikes.of(firsts[p], spec.populations[p].size);
            add(format!("{name}.step"), spikes.step.into());
            add(format!("{name}.neuron"), spikes.neuron.into());
            add(format!("{name}.count"), spikes.count.into());
        }
    }
    for (i, synapses) in run.projections.iter().enumerate() {
        let name = &plan.projections[i];
        add(format!("{name}.pre"), synapses.pre.clone().into());
        add(format!("{name}.post"), synapses.post.clone().into());
        add(format!("{name}.weight"), synapses.weight.clone().into());
        add(format!("{name}.delay"), synapses.delay.clone().into());
    }
    for (i, s) in spec.stimuli.iter().enumerate().filter(|(_, s)| s.enabled && sends_spikes(s.stimulus.kind)) {
        let (name, spikes) = (&plan.stimuli[i], run.arrivals[i].of(0, spec.populations[plan.target[i]].size));
        let _ = s;
        add(format!("{name}.step"), spikes.step.into());
        add(format!("{name}.neuron"), spikes.neuron.into());
        add(format!("{name}.count"), spikes.count.into());
    }
    add("spikes.step".into(), run.spikes.step.clone().into());
    add("spikes.neuron".into(), run.spikes.neuron.clone().into());
    out
}

/// The names that scripts give to the projections of a network, in order: the keys of weights that come back.
pub fn projection_names(plan_arrays: &[(String, Array)]) -> Vec<String> {
    plan_arrays.iter().filter_map(|(key, _)| key.strip_suffix(".pre").map(str::to_owned)).collect()
}

/// What a run elsewhere gave.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    pub engine: String,
    pub version: String,
    /// (step of the stamp, neuron id), in order of time.
    pub spikes: Vec<(u64, u32)>,
    /// In the order of [`Snapshot::traces`]: the value at the end of each step.
    pub traces: Vec<Vec<f64>>,
    /// For each projection (empty where it does not learn): (pre, post, delay in steps, weight), sorted.
    pub weights: Vec<Vec<(u32, u32, u32, f64)>>,
}

impl Elsewhere {
    /// Puts the result files of all processes together. `names` are those of [`projection_names`].
    pub fn read(files: &[Arrays], names: &[String], n_traces: usize) -> Result<Self, String> {
        let mut all = Self { traces: vec![Vec::new(); n_traces], weights: vec![Vec::new(); names.len()], ..Self::default() };
        for arrays in files {
            let numbers = |key: &str| super::npy::find(arrays, key);
            let text = |key: &str| {
                arrays.iter().find(|a| a.0 == key).and_then(|a| if let Values::Text(t) = &a.1.values { Some(t.clone()) } else { None })
            };
            let (Some(step), Some(neuron)) = (numbers("step"), numbers("neuron")) else {
                return Err("the result has no spikes in it; run the script unchanged".into());
            };
            all.engine = text("engine").unwrap_or_default();
            all.version = text("engine_version").unwrap_or_default();
            all.spikes.extend(step.iter().zip(&neuron).map(|(s, n)| (*s as u64, *n as u32)));
            for (k, trace) in all.traces.iter_mut().enumerate() {
                // Under MPI one process holds the neuron; the others' are empty.
                if let Some(values) = numbers(&format!("trace.{k}")).filter(|v| !v.is_empty()) {
                    *trace = values;
                }
            }
            for (name, weights) in names.iter().zip(&mut all.weights) {
                let columns = ["pre", "post", "delay", "weight"].map(|c| numbers(&format!("{name}.{c}")));
                if let [Some(pre), Some(post), Some(delay), Some(weight)] = columns {
                    let rows = pre.iter().zip(&post).zip(delay.iter().zip(&weight));
                    weights.extend(rows.map(|((i, j), (d, w))| (*i as u32, *j as u32, *d as u32, *w)));
                }
            }
        }
        all.spikes.sort_unstable();
        all.spikes.dedup();
        for weights in &mut all.weights {
            weights.sort_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)).then(a.3.total_cmp(&b.3)));
        }
        Ok(all)
    }

    /// Time of the first spike that only one of the two runs has, ms; none when every spike equals.
    pub fn first_deviation(&self, run: &Snapshot, dt: f64) -> Option<f64> {
        let mut ours: Vec<(u64, u32)> = run.spikes.step.iter().zip(&run.spikes.neuron).map(|(s, n)| (*s as u64, *n)).collect();
        ours.sort_unstable();
        ours.dedup();
        let common = ours.iter().zip(&self.spikes).take_while(|(a, b)| a == b).count();
        let next = [ours.get(common), self.spikes.get(common)].into_iter().flatten().map(|s| s.0).min();
        next.map(|step| ((step as f64 * dt) * 1e9).round() / 1e9)
    }

    /// Largest difference between two spikes in steps, spike by spike for each neuron; none when a neuron's numbers of spikes differ.
    pub fn largest_shift(&self, run: &Snapshot) -> Option<u64> {
        let of = |spikes: &mut dyn Iterator<Item = (u64, u32)>| {
            let mut by: std::collections::BTreeMap<u32, Vec<u64>> = std::collections::BTreeMap::new();
            spikes.for_each(|(s, n)| by.entry(n).or_default().push(s));
            // A source may fire several times in a step; the other side tells once.
            by.values_mut().for_each(Vec::dedup);
            by
        };
        let ours = of(&mut run.spikes.step.iter().zip(&run.spikes.neuron).map(|(s, n)| (*s as u64, *n)));
        let theirs = of(&mut self.spikes.iter().copied());
        let mut largest = 0;
        if ours.len() != theirs.len() {
            return None;
        }
        for (neuron, steps) in ours {
            let other = theirs.get(&neuron).filter(|o| o.len() == steps.len())?;
            largest = steps.iter().zip(other).map(|(a, b)| a.abs_diff(*b)).fold(largest, u64::max);
        }
        Some(largest)
    }

    /// Largest difference of the final weights of projection `i`, as a fraction of `w_max`, over the synapses without a spike under way at
    /// the end; none when nothing can be compared.
    pub fn weight_deviation(&self, run: &Snapshot, spec: &NetworkSpec, i: usize) -> Option<f64> {
        let w_max = spec.projections.get(i)?.plasticity.as_ref()?.get("w_max");
        let (synapses, last) = (run.projections.get(i)?, run.last_weights.get(i)?);
        let first = *spec.first_ids().get(spec.population(&spec.projections[i].pre)?)?;
        let mut late = std::collections::BTreeMap::new();
        for (step, neuron) in run.spikes.step.iter().zip(&run.spikes.neuron) {
            late.insert(*neuron, *step);
        }
        let mut ours: Vec<(u32, u32, u32, f64)> =
            (0..last.len()).map(|k| (synapses.pre[k], synapses.post[k], synapses.delay[k], last[k])).collect();
        ours.sort_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)).then(a.3.total_cmp(&b.3)));
        let theirs = self.weights.get(i).filter(|w| w.len() == ours.len() && !w.is_empty())?;
        let quiet = |pre: u32, delay: u32| late.get(&(first + pre)).is_none_or(|s| s + i64::from(delay) + 2 < run.n_steps as i64);
        let compared = ours.iter().zip(theirs).filter(|(a, _)| quiet(a.0, a.2));
        compared.map(|(a, b)| if (a.0, a.1, a.2) == (b.0, b.1, b.2) { (a.3 - b.3).abs() / w_max } else { f64::INFINITY }).reduce(f64::max)
    }
}
