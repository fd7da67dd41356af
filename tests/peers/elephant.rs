//! Our measures beside Elephant's, SciPy's and NumPy's on the same spikes, with other random trains each time the seed below is changed.

#[path = "../../crates/core/tests/support/agreement.rs"]
mod agreement;

use super::{document, environment};
use agreement::Comparison;
use spikeground_core::analysis;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];
/// Largest relative difference that is allowed.
const TOLERANCE: f64 = 1e-9;

/// What the script prints for one seed.
fn computed(python: &Path, seed: u64) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/measures.py");
    let output = Command::new(python).arg(script).arg(seed.to_string()).output().expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("JSON is text")
}

#[test]
fn every_measure_equals_elephant_or_an_independent_computation() {
    if !environment::wanted() {
        return;
    }
    let python = environment::python();
    let mut all = Vec::new();
    let mut versions = serde_json::Value::Null;
    for seed in SEEDS {
        let text = computed(&python, seed);
        versions = serde_json::from_str::<serde_json::Value>(&text).expect("JSON")["versions"].take();
        all.extend(agreement::compare(&text));
    }
    document::write_part("measures", &page(&all, &versions));
    let wrong: Vec<_> = all
        .iter()
        .filter(|c| !(c.deviation <= TOLERANCE))
        .map(|c| format!("{} {}: {:e} from {} ({})", c.measure, c.part, c.deviation, c.how, c.what))
        .collect();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

fn page(all: &[Comparison], versions: &serde_json::Value) -> String {
    let version = |name: &str| versions[name].as_str().unwrap_or("?").to_owned();
    let mut out = format!(
        "## Measures\n\nEach measure is computed here and there on the same spikes: two trains of 200 ms, six random ones (Poisson and gamma, \
         12 to 80 Hz), and six on a grid of 0.1 ms; with {} seeds. A deviation is the largest difference over the largest number of a result; \
         what Elephant does not have is computed with NumPy or SciPy from the definition.\n\nVersions: Elephant {}, NumPy {}, SciPy {}; \
         Spikeground {}. Reproduce with `SPIKEGROUND_PEERS=1 cargo test --release --test peers elephant`. A plain `cargo test` compares with a \
         recorded set (`crates/core/tests/data/measures.json`).\n\n| measure | compared | with | comparisons | largest deviation |\n\
         |---|---|---|---|---|\n",
        SEEDS.len(),
        version("elephant"),
        version("numpy"),
        version("scipy"),
        env!("CARGO_PKG_VERSION"),
    );
    for measure in analysis::ALL {
        let ours: Vec<_> = all.iter().filter(|c| c.measure == measure.key).collect();
        let mut parts: BTreeMap<&str, Vec<&Comparison>> = BTreeMap::new();
        for c in &ours {
            parts.entry(&c.part).or_default().push(c);
        }
        for (part, comparisons) in parts {
            let with: BTreeSet<_> = comparisons.iter().map(|c| format!("{} `{}`", c.by, c.how)).collect();
            let with = with.into_iter().collect::<Vec<_>>().join(", ");
            let largest = comparisons.iter().map(|c| c.deviation).fold(0.0, f64::max);
            let largest = if largest == 0.0 { "none".to_owned() } else { format!("{largest:.1e}") };
            let _ = writeln!(out, "| {} | {part} | {with} | {} | {largest} |", measure.name, comparisons.len());
        }
    }
    out.push_str(
        "\nElephant's van Rossum distance is √2 times the published one, which is ours. Its spike time tiling takes spikes as near that lie \
         within Δt and 1e-5 of the time since zero: three spikes 5.5 and 6 ms apart have −0.03 at Δt = 5 ms, but 1 where they come after 10⁵ ms; ours \
         does not depend on where time begins. ISI and SPIKE distance have no parameter but the ends of the \
         window: outside the first and last spike an interval is at least as long as its neighbour (ISI), and an auxiliary spike at either end is as \
         far from the other train as the real one beside it (SPIKE). An interval or time that falls on the border of a bin belongs to the bin that \
         begins there, with a tolerance of 10⁻⁸ bins, as Elephant's `BinnedSpikeTrain` has it.\n",
    );
    out
}
