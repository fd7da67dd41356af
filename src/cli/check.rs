//! `spikeground check FILE`.

use super::{Failure, open, print};
use spikeground_core::spec::layout::layout;
use std::path::Path;

/// Says that the file is good and what is in it, or lists all its problems.
pub fn check(file: &Path) -> Result<(), Failure> {
    let spec = open::read(file)?;
    print(&format!(
        "{}: good; {}: {} neurons, about {:.0} synapses, dt {} ms\nexpect {}\n",
        file.display(),
        spec.name,
        spec.n_neurons(),
        spec.expected_synapses(),
        spec.dt,
        spec.forecast()
    ))?;
    for p in &spec.projections {
        print(&format!("{}: about {:.0} synapses as {}\n", p.name, spec.expected_synapses_of(p), layout(&spec, p).name()))?;
    }
    Ok(())
}
