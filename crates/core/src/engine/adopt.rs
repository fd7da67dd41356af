//! Taking state over from a former network after a structural edit: what fits by name is kept, the rest is said.

use super::network::{Group, Members, Network};
use crate::spec::{NetworkSpec, ProjectionSpec};

/// Fills `new` from `old`, whose synapses it may take away; returns what could not be kept, in words.
pub fn adopt(new: &mut Network, spec: &NetworkSpec, old: &mut Network, old_spec: &NetworkSpec) -> Option<String> {
    if new.dt.to_bits() != old.dt.to_bits() {
        return Some("dt changed: the network starts anew at time zero".into());
    }
    let mut lost = Vec::new();
    new.step = old.step;
    new.n_spikes = old.n_spikes;
    new.hash = old.hash;
    for (i, population) in spec.populations.iter().enumerate() {
        let Some(k) = old_spec.population(&population.name) else { continue };
        if !adopt_group(&mut new.groups[i], &old.groups[k]) {
            lost.push(format!("state of {}", population.name));
        }
    }
    carry_spikes(new, spec, old, old_spec);
    for (i, projection) in spec.projections.iter().enumerate() {
        let Some(k) = old_spec.projection(&projection.name) else { continue };
        let (wire, former) = (&mut new.wires[i], &mut old.wires[k]);
        let same_sizes = wire.rows.n_pre == former.rows.n_pre && wire.rows.n_post == former.rows.n_post;
        // Drawn anew, a seed means other synapses than kept ones.
        let same_form = wire.rows.is_procedural() == former.rows.is_procedural();
        if same_sizes && same_form && same_wiring(projection, &old_spec.projections[k]) {
            // Names are unique, so nobody else asks for these rows; a copy of 15 million would hold the simulation.
            std::mem::swap(&mut wire.rows, &mut former.rows);
            wire.seed = former.seed;
            // Traces continue when the rule is the same and the delay ring has the same length; else they start empty.
            if let (Some(p), Some(q)) = (&mut wire.plastic, &former.plastic) {
                p.adopt(q, &mut wire.rows, new.step);
            }
        } else if former.plastic.is_some() {
            lost.push(format!("learned weights of {}", projection.name));
        }
    }
    let n = new.n_shares();
    new.divide(n);
    for (i, stimulus) in spec.stimuli.iter().enumerate() {
        if let Some(k) = old_spec.stimulus(&stimulus.name) {
            new.stimuli[i].adopt(&old.stimuli[k]);
        }
        new.stimuli[i].skip_to(new.step);
    }
    (!lost.is_empty()).then(|| format!("Started anew: {}", lost.join(", ")))
}

/// Spikes still under way reach their targets in the new network too, as far back as its longest delay.
#[allow(clippy::cast_possible_truncation)]
fn carry_spikes(new: &mut Network, spec: &NetworkSpec, old: &Network, old_spec: &NetworkSpec) {
    for (i, population) in spec.populations.iter().enumerate() {
        let Some(k) = old_spec.population(&population.name) else { continue };
        let (group, former) = (&mut new.groups[i], &old.groups[k]);
        if group.size != former.size {
            continue;
        }
        let reach = group.ring.len().min(former.ring.len()) as u64;
        for stamp in (new.step + 1).saturating_sub(reach).max(1)..=new.step {
            let slot = (stamp % group.ring.len() as u64) as usize;
            group.ring[slot].clone_from(&former.ring[(stamp % former.ring.len() as u64) as usize]);
        }
    }
}

fn adopt_group(new: &mut Group, old: &Group) -> bool {
    let kept = match (&mut new.members, &old.members) {
        (Members::Cells(a), Members::Cells(b)) => a.adopt(&**b),
        (Members::Poisson(a), Members::Poisson(b)) => a.adopt(b),
        _ => false,
    };
    if kept {
        new.n_spikes = old.n_spikes;
    }
    kept
}

/// Whether two descriptions make the same synapses with the same starting weights.
fn same_wiring(a: &ProjectionSpec, b: &ProjectionSpec) -> bool {
    a.pre == b.pre
        && a.post == b.post
        && a.connect == b.connect
        && a.weight == b.weight
        && a.delay == b.delay
        && a.plasticity.is_some() == b.plasticity.is_some()
}
