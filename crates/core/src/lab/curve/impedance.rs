//! Impedance below threshold: how much and how late v answers a small sine current, a clone a frequency.

use super::{Cell, Watch};

/// The answer at one frequency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Impedance {
    pub hz: f64,
    /// Amplitude of v over that of the current: MΩ × 1000 for pA (mV/pA = GΩ), kΩ·cm² for µA/cm².
    pub magnitude: f64,
    /// Phase of v before the current, degrees; negative: v lags.
    pub phase: f64,
}

/// Impedance at each frequency (Hz) for a sine of `amplitude` around the cell's own current: after `settle` ms, three whole cycles, but
/// at least 200 ms, are projected on sine and cosine. The amplitude should be small enough that doubling it changes nothing; a cell that
/// fires gives an error.
pub fn impedance(
    cell: &Cell,
    hertz: &[f64],
    amplitude: f64,
    settle: f64,
    watch: Watch<'_, Impedance>,
) -> Result<Option<Vec<Impedance>>, String> {
    if hertz.is_empty() || hertz.iter().any(|f| !f.is_finite() || *f <= 0.0) || !(amplitude > 0.0 && amplitude.is_finite()) {
        return Err("frequencies and amplitude are positive numbers".into());
    }
    let mut clones = cell.clones(vec![cell.row(&[]); hertz.len()])?;
    let begin = cell.steps(settle);
    let turn = |f: f64, step: f64| std::f64::consts::TAU * f * 1e-3 * step * cell.dt;
    let ends: Vec<u64> = hertz.iter().map(|f| begin + cell.steps((200.0 * f / 1000.0).ceil().max(3.0) * 1000.0 / f)).collect();
    let last = ends.iter().max().copied().unwrap_or(0);
    let mut sums = vec![(0.0, 0.0, 0.0, 0.0, 0.0); hertz.len()];
    for k in 0..last {
        // The current is held over the step at its middle value, so that it does not lag by half a step.
        let (_, mut fired) = clones.advance(|i| amplitude * libm::sin(turn(hertz[i], k as f64 + 0.5)));
        if let Some((i, _)) = fired.next() {
            return Err(format!(
                "the cell fires at {} Hz: impedance is defined below threshold; use a smaller amplitude or current",
                hertz[i as usize]
            ));
        }
        if k >= begin {
            for (i, (s, c, sv, cv, n)) in sums.iter_mut().enumerate().filter(|(i, _)| k < ends[*i]) {
                let x = turn(hertz[i], (k + 1) as f64);
                let (sine, cosine, v) = (libm::sin(x), libm::cos(x), clones.state(0, i));
                *s += sine;
                *c += cosine;
                *sv += v * sine;
                *cv += v * cosine;
                *n += 1.0;
            }
        }
        if k % 512 == 0 && !watch(k as f64 / last as f64, &[]) {
            return Ok(None);
        }
    }
    // Frequencies need not fit the steps: the mean of v is taken out with that of sine and cosine.
    let mut at_rest = cell.clones(vec![cell.row(&[])])?;
    (0..begin).for_each(|_| _ = at_rest.advance_alone());
    let level = at_rest.state(0, 0);
    let found: Vec<Impedance> = hertz
        .iter()
        .zip(&sums)
        .map(|(f, (s, c, sv, cv, n))| {
            let (a, b) = (2.0 * (sv - level * s) / n, 2.0 * (cv - level * c) / n);
            Impedance { hz: *f, magnitude: libm::hypot(a, b) / amplitude, phase: libm::atan2(b, a).to_degrees() }
        })
        .collect();
    watch(1.0, &found);
    Ok(Some(found))
}
