//! The fast form of lazy additive STDP: the recent past of a postsynaptic neuron in one 64-byte cache line.
//!
//! With potentiation factors p_k = e^(−(t_k − t₀)/τ₊) of the last seven post spikes stored, the change due to all pending ones is
//! one masked sum times a factor of the row; the depression trace is stored as m = y·e^((t_last − t₀)/τ₋), so that its value at any
//! time is one product. Additive changes between two pre spikes all have one sign, so one clamp equals many. Whatever does not fit
//! this (a post spike inside the delay, more than seven pending) takes the general path, synapse by synapse.

/// Marks an unused entry.
const NEVER: i32 = i32::MIN / 2;

/// Entries in use; the eighth lane holds the stamp of the newest spike that no longer fits, and the depression trace.
const KEPT: usize = 7;

#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
#[repr(C, align(64))]
struct Line {
    /// Stamps relative to t₀.
    stamp: [i32; 8],
    factor: [f32; 8],
}

/// The lines of all postsynaptic neurons of a projection.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Lines {
    /// Reference time, a step.
    t0: i64,
    lines: Vec<Line>,
    /// The depression trace after each spike in `lines`, only needed for spikes inside the delay.
    traces: Vec<[f32; 8]>,
    /// dt/τ₊ and dt/τ₋
    plus: f64,
    minus: f64,
    /// Steps after which factors must be referred to a new t₀, lest they leave the range of f32.
    span: i64,
}

/// What one row needs to update its synapses.
#[derive(Clone, Copy, Debug)]
pub struct RowFactors {
    /// Post spikes after this (relative) stamp are pending.
    after: i32,
    /// The post time of the pre spike; spikes at or after it take the general path.
    at: i32,
    potentiation: f32,
    depression: f32,
    w_max: f32,
}

impl Lines {
    #[allow(clippy::cast_possible_truncation)]
    pub fn new(n_post: usize, tau_plus: f64, tau_minus: f64, dt: f64, now: i64) -> Self {
        let (plus, minus) = (dt / tau_plus, dt / tau_minus);
        let empty = Line { stamp: [NEVER; 8], factor: [0.0; 8] };
        Self { t0: now, lines: vec![empty; n_post], traces: vec![[0.0; 8]; n_post], plus, minus, span: (30.0 / plus.max(minus)) as i64 + 1 }
    }

    /// Postsynaptic neurons.
    pub fn len(&self) -> usize {
        self.lines.len().min(self.traces.len())
    }

    /// How far back a stamp may lie without leaving the range of the factors, in steps.
    pub fn reach(&self) -> i64 {
        self.span
    }

    /// Whether a renewal is due; all pending changes must be applied before.
    pub fn is_stale(&self, now: i64) -> bool {
        now - self.t0 > self.span
    }

    /// Refers everything to `now`. Stamps at or before `done` are forgotten: nobody needs them.
    #[allow(clippy::cast_possible_truncation)]
    pub fn renew(&mut self, now: i64, done: i64) {
        let shift = now - self.t0;
        let (up, down) = (libm::exp(shift as f64 * self.plus) as f32, libm::exp(-(shift as f64) * self.minus) as f32);
        let (shift, done) = (shift as i32, (done - self.t0).max(i64::from(NEVER)) as i32);
        for (line, traces) in self.lines.iter_mut().zip(&mut self.traces) {
            traces.iter_mut().for_each(|m| *m *= down);
            for k in 0..KEPT {
                if line.stamp[k] > done {
                    line.factor[k] *= up;
                    line.stamp[k] -= shift;
                } else {
                    line.factor[k] = 0.0;
                    line.stamp[k] = NEVER;
                }
            }
            line.factor[KEPT] *= down;
            line.stamp[KEPT] = if line.stamp[KEPT] > done { line.stamp[KEPT] - shift } else { NEVER };
        }
        self.t0 = now;
    }

    /// Notes a post spike at `now` after which the depression trace is `trace`.
    #[allow(clippy::cast_possible_truncation)]
    pub fn push(&mut self, post: usize, now: i64, trace: f64) {
        let since = (now - self.t0) as f64;
        let line = &mut self.lines[post];
        // Among forgotten entries the one with the smallest trace is the oldest: the others still tell the trace before a late spike.
        let traces = &mut self.traces[post];
        let age = |k: &usize| (line.stamp[*k], traces[*k]);
        let oldest = (0..KEPT).min_by(|a, b| age(a).partial_cmp(&age(b)).unwrap_or(std::cmp::Ordering::Equal)).unwrap_or(0);
        line.stamp[KEPT] = line.stamp[oldest];
        line.stamp[oldest] = (now - self.t0) as i32;
        line.factor[oldest] = libm::exp(-since * self.plus) as f32;
        line.factor[KEPT] = (trace * libm::exp(since * self.minus)) as f32;
        traces[oldest] = line.factor[KEPT];
    }

    /// Factors for a row whose former pre spike at `former` left `trace`, for a pre spike that meets the post neurons at `at`.
    #[allow(clippy::cast_possible_truncation)]
    pub fn row(&self, rule: &crate::model::plasticity::stdp::Stdp, trace: f64, former: i64, after: i64, at: i64, delay: i64) -> RowFactors {
        let relative = |t: i64| (t - self.t0).max(i64::from(NEVER)) as i32;
        let since = (former - delay - self.t0) as f64 * self.plus;
        RowFactors {
            after: relative(after),
            at: relative(at),
            potentiation: (rule.a_plus * rule.w_max * trace * libm::exp(since.max(-700.0))) as f32,
            depression: (rule.a_minus * rule.w_max * libm::exp(-((at - self.t0) as f64) * self.minus)) as f32,
            w_max: rule.w_max as f32,
        }
    }

    /// The weight after the pending changes and the depression; `None` when this synapse needs the general path.
    #[inline(always)]
    pub fn update(&self, post: usize, w: f32, row: &RowFactors) -> Option<f32> {
        let line = &self.lines[post];
        let Line { stamp, factor } = *line;
        if stamp[KEPT] > row.after {
            return None;
        }
        let (mut sum, late) = masked_sum(line, row.after, row.at);
        let mut trace = factor[KEPT];
        if late {
            // Spikes inside the delay are neither pending nor part of the trace yet: take the trace before them.
            // A spike at the very moment counts for potentiation (with the former pre spike) but not yet for depression.
            let before = (0..KEPT).filter(|k| stamp[*k] < row.at);
            trace = before.fold(0.0, |m, k| if self.traces[post][k] > m { self.traces[post][k] } else { m });
            if trace == 0.0 {
                return None;
            }
            sum = (0..KEPT).filter(|k| stamp[*k] > row.after && stamp[*k] <= row.at).fold(0.0, |s, k| s + factor[k]);
        }
        let up = w + sum * row.potentiation;
        let up = if up > row.w_max { row.w_max } else { up };
        let down = up - trace * row.depression;
        Some(if down < 0.0 { 0.0 } else { down })
    }
}

/// Sum of the factors of all spikes after `after`, and whether any lies at or after `at`. The sum is taken in one fixed tree, so every
/// machine gives the same bits.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn masked_sum(line: &Line, after: i32, at: i32) -> (f32, bool) {
    portable_masked_sum(line, after, at)
}

#[inline(always)]
#[cfg_attr(target_arch = "x86_64", allow(dead_code))]
fn portable_masked_sum(line: &Line, after: i32, at: i32) -> (f32, bool) {
    let parts: [f32; 8] = std::array::from_fn(|k| if line.stamp[k] > after { line.factor[k] } else { 0.0 });
    let four: [f32; 4] = std::array::from_fn(|k| parts[k] + parts[k + 4]);
    ((four[0] + four[2]) + (four[1] + four[3]), line.stamp.iter().any(|s| *s >= at))
}

/// The same with SSE2, which every 64-bit x86 machine has.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn masked_sum(line: &Line, after: i32, at: i32) -> (f32, bool) {
    use std::arch::x86_64::{
        __m128i, _mm_add_ps, _mm_add_ss, _mm_and_ps, _mm_castsi128_ps, _mm_cmpgt_epi32, _mm_cvtss_f32, _mm_load_ps, _mm_load_si128,
        _mm_movehl_ps, _mm_movemask_ps, _mm_or_ps, _mm_set1_epi32, _mm_shuffle_ps,
    };
    #[allow(clippy::cast_ptr_alignment, reason = "the alignment is argued below")]
    // SAFETY: SSE2 is part of the x86-64 baseline. `Line` is 64-byte aligned and `repr(C)`: stamps fill bytes 0–31 and factors 32–63, so
    // all four loads are 16-byte aligned and inside the line.
    unsafe {
        let (stamps, factors) = (line.stamp.as_ptr().cast::<__m128i>(), line.factor.as_ptr());
        let (low, high) = (_mm_load_si128(stamps), _mm_load_si128(stamps.add(1)));
        let (after, before_at) = (_mm_set1_epi32(after), _mm_set1_epi32(at - 1));
        let pending = |s: __m128i, f: *const f32| _mm_and_ps(_mm_castsi128_ps(_mm_cmpgt_epi32(s, after)), _mm_load_ps(f));
        let late = |s: __m128i| _mm_castsi128_ps(_mm_cmpgt_epi32(s, before_at));
        let four = _mm_add_ps(pending(low, factors), pending(high, factors.add(4)));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        let sum = _mm_add_ss(two, _mm_shuffle_ps::<1>(two, two));
        (_mm_cvtss_f32(sum), _mm_movemask_ps(_mm_or_ps(late(low), late(high))) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_sum_equals_the_portable_one() {
        let mut state = 1u64;
        for _ in 0..10_000 {
            let mut next = || {
                state = crate::rng::mix(state.wrapping_add(1));
                (state >> 33) as i32 % 100
            };
            let line = Line { stamp: std::array::from_fn(|_| next()), factor: std::array::from_fn(|_| next() as f32 * 0.37) };
            let (after, at) = (next(), next());
            assert_eq!(masked_sum(&line, after, at), portable_masked_sum(&line, after, at));
        }
    }
}
