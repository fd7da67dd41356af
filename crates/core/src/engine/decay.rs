//! e^(−k·dt/τ) for whole numbers of steps k, as a product of two table entries.

/// Exponential decay over a number of steps; zero beyond forty time constants.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(from = "(f64, f64)", into = "(f64, f64)")]
pub struct DecayTable {
    tau: f64,
    dt: f64,
    fine: [f64; 64],
    coarse: Vec<f64>,
}

impl DecayTable {
    /// `tau` and `dt` in ms.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    pub fn new(tau: f64, dt: f64) -> Self {
        let n = ((40.0 * tau / dt / 64.0).ceil() as usize).clamp(1, 1 << 20);
        Self {
            tau,
            dt,
            fine: std::array::from_fn(|k| libm::exp(-(k as f64) * dt / tau)),
            coarse: (0..n).map(|k| libm::exp(-(k as f64) * 64.0 * dt / tau)).collect(),
        }
    }

    /// The factor after `steps` ≥ 0 steps.
    #[inline]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn at(&self, steps: i64) -> f64 {
        let k = steps as u64;
        match self.coarse.get((k >> 6) as usize) {
            Some(c) => c * self.fine[(k & 63) as usize],
            None => 0.0,
        }
    }
}

/// A table is written as its (τ, dt).
impl From<(f64, f64)> for DecayTable {
    fn from((tau, dt): (f64, f64)) -> Self {
        Self::new(tau, dt)
    }
}

impl From<DecayTable> for (f64, f64) {
    fn from(table: DecayTable) -> Self {
        (table.tau, table.dt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_equals_the_exponential() {
        let table = DecayTable::new(20.0, 0.1);
        for k in [0, 1, 63, 64, 65, 1000, 7999] {
            assert!((table.at(k) - libm::exp(-(k as f64) * 0.005)).abs() < 1e-15);
        }
        assert_eq!(table.at(1 << 40), 0.0);
    }
}
