//! The fast form of lazy additive STDP: the recent past of a postsynaptic neuron in one 64-byte cache line.
//!
//! With potentiation factors p_k = e^(−(t_k − t₀)/τ₊) of the last seven post spikes stored, the change due to all pending ones is
//! one masked sum times a factor of the row; the depression trace is stored as m = y·e^((t_last − t₀)/τ₋), so that its value at any
//! time is one product. Additive changes between two pre spikes all have one sign, so one clamp equals many. Whatever does not fit
//! this (a post spike inside the delay, more than seven pending) takes the general path, synapse by synapse.

use super::rows::Index;
use crate::simd;

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
#[allow(
    clippy::unsafe_derive_deserialize,
    reason = "the loads rest on the layout of a line, whatever stands in it; `Plastic::load` checks the lengths"
)]
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

impl RowFactors {
    /// The same, for a row that is brought up to date without a spike of its own.
    pub fn without_depression(self) -> Self {
        Self { depression: 0.0, ..self }
    }
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

    /// Brings a row up to date: for each of `targets` the weight after its pending changes and the depression. Where a synapse needs the
    /// general path, `general(post, weight)` gives its new weight.
    pub fn update_row<I: Index>(&self, targets: &[I], weights: &mut [f32], row: &RowFactors, general: impl Fn(usize, f32) -> f32) {
        #[cfg(target_arch = "x86_64")]
        if simd::level() >= simd::Level::Avx2 {
            // SAFETY: the level in force is never above what the machine has.
            unsafe { self.update_row_avx2(targets, weights, row, general) };
            return;
        }
        self.update_row_plainly(targets, weights, row, general);
    }

    fn update_row_plainly<I: Index>(&self, targets: &[I], weights: &mut [f32], row: &RowFactors, general: impl Fn(usize, f32) -> f32) {
        for (t, w) in targets.iter().zip(weights) {
            let post = t.at();
            let line = &self.lines[post];
            *w = if line.stamp[KEPT] > row.after { None } else { self.changed(masked(line, &self.traces[post], row), *w, row) }
                .unwrap_or_else(|| general(post, *w));
        }
    }

    /// The new weight; `None` where the depression trace before a late spike is no longer known.
    #[inline(always)]
    fn changed(&self, met: Met, w: f32, row: &RowFactors) -> Option<f32> {
        if met.trace == 0.0 && met.late {
            return None;
        }
        let up = w + met.sum * row.potentiation;
        let up = if up > row.w_max { row.w_max } else { up };
        let down = up - met.trace * row.depression;
        Some(if down < 0.0 { 0.0 } else { down })
    }

    /// The same as the loop of [`Lines::update_row`], bit for bit: a line is two vectors, and four synapses are summed side by side.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn update_row_avx2<I: Index>(&self, targets: &[I], weights: &mut [f32], row: &RowFactors, general: impl Fn(usize, f32) -> f32) {
        use std::arch::x86_64::*;
        /// Lines are asked for so many synapses ahead, since a population's lines fill the second-level cache.
        const AHEAD: usize = 16;
        let (after, at, before_at) = (_mm256_set1_epi32(row.after), _mm256_set1_epi32(row.at), _mm256_set1_epi32(row.at - 1));
        let (up_by, down_by) = (_mm_set1_ps(row.potentiation), _mm_set1_ps(row.depression));
        let (most, zero) = (_mm_set1_ps(row.w_max), _mm_setzero_ps());
        let n = targets.len().min(weights.len());
        let whole = n - n % 4;
        for i in (0..whole).step_by(4) {
            let posts: [usize; 4] = std::array::from_fn(|k| targets[i + k].at());
            for t in targets.get(i + AHEAD..i + AHEAD + 4).unwrap_or_default() {
                _mm_prefetch::<_MM_HINT_T0>(self.lines.as_ptr().wrapping_add(t.at()).cast::<i8>());
            }
            let mut special = [0; 4];
            let folded: [__m128; 4] = std::array::from_fn(|k| {
                let line = &self.lines[posts[k]];
                #[allow(clippy::cast_ptr_alignment, reason = "the alignment is argued below")]
                // SAFETY: `Line` is `repr(C)` and 64-byte aligned: stamps fill bytes 0 to 31, factors 32 to 63.
                let (stamps, factors) =
                    unsafe { (_mm256_load_si256(line.stamp.as_ptr().cast::<__m256i>()), _mm256_load_ps(line.factor.as_ptr())) };
                let after = _mm256_cmpgt_epi32(stamps, after);
                let late = _mm256_castsi256_ps(_mm256_cmpgt_epi32(stamps, before_at));
                // Seven lanes say whether a spike lies inside the delay, the eighth whether one was pushed out of the line.
                special[k] = _mm256_movemask_ps(_mm256_blend_ps::<0x80>(late, _mm256_castsi256_ps(after)));
                let pending = _mm256_castsi256_ps(_mm256_andnot_si256(_mm256_cmpgt_epi32(stamps, at), after));
                let parts = _mm256_and_ps(pending, factors);
                _mm_add_ps(_mm256_castps256_ps128(parts), _mm256_extractf128_ps::<1>(parts))
            });
            let [a, b, c, d] = folded;
            let ab = _mm_add_ps(_mm_movelh_ps(a, b), _mm_movehl_ps(b, a));
            let cd = _mm_add_ps(_mm_movelh_ps(c, d), _mm_movehl_ps(d, c));
            let sums = _mm_add_ps(_mm_shuffle_ps::<0b10_00_10_00>(ab, cd), _mm_shuffle_ps::<0b11_01_11_01>(ab, cd));
            let mut traces: [f32; 4] = posts.map(|post| self.lines[post].factor[KEPT]);
            let any = special[0] | special[1] | special[2] | special[3];
            let mut by_hand = 0;
            if any != 0 {
                for k in (0..4).filter(|k| special[*k] != 0) {
                    traces[k] = trace_before(&self.lines[posts[k]], &self.traces[posts[k]], row);
                    if special[k] & 0x80 != 0 || traces[k] == 0.0 {
                        by_hand |= 1 << k;
                    }
                }
            }
            let four = &mut weights[i..i + 4];
            let before: [f32; 4] = std::array::from_fn(|k| four[k]);
            // SAFETY: both are four floats.
            unsafe {
                let w = _mm_loadu_ps(before.as_ptr());
                let up = _mm_min_ps(_mm_add_ps(w, _mm_mul_ps(sums, up_by)), most);
                let down = _mm_sub_ps(up, _mm_mul_ps(_mm_loadu_ps(traces.as_ptr()), down_by));
                _mm_storeu_ps(four.as_mut_ptr(), _mm_max_ps(down, zero));
            }
            for k in (0..4).filter(|k| by_hand >> k & 1 != 0) {
                four[k] = general(posts[k], before[k]);
            }
        }
        self.update_row_plainly(&targets[whole..n], &mut weights[whole..n], row, general);
    }
}

/// The depression trace that spikes before the pre spike left, where some lie inside the delay.
#[inline(always)]
fn trace_before(line: &Line, traces: &[f32; 8], row: &RowFactors) -> f32 {
    let before = (0..KEPT).map(|k| if line.stamp[k] < row.at { traces[k] } else { 0.0 });
    before.fold(0.0, |m, t| if t > m { t } else { m })
}

/// What a pre spike meets at a postsynaptic neuron.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Met {
    /// Of the factors of the pending spikes.
    sum: f32,
    /// Depression trace before the pre spike.
    trace: f32,
    /// Some spikes lie inside the delay.
    late: bool,
}

/// Sums and maxima in one fixed tree, so that every machine gives the same bits. Spikes inside the delay are neither pending nor part of
/// the trace yet; a spike at the very moment counts for potentiation (with the former pre spike) but not yet for depression.
#[inline(always)]
fn masked(line: &Line, traces: &[f32; 8], row: &RowFactors) -> Met {
    let late = line.stamp[..KEPT].iter().any(|s| *s >= row.at);
    let counts = |k: usize| line.stamp[k] > row.after && line.stamp[k] <= row.at;
    let parts: [f32; 8] = std::array::from_fn(|k| if counts(k) { line.factor[k] } else { 0.0 });
    let four: [f32; 4] = std::array::from_fn(|k| parts[k] + parts[k + 4]);
    let sum = (four[0] + four[2]) + (four[1] + four[3]);
    let trace = if late { trace_before(line, traces, row) } else { line.factor[KEPT] };
    Met { sum, trace, late }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_gives_the_same_weights() {
        let mut state = 1u64;
        let mut next = || {
            state = crate::rng::mix(state.wrapping_add(1));
            (state >> 33) as i32 % 100
        };
        let mut lines = Lines::new(50, 20.0, 20.0, 0.1, 0);
        for (line, traces) in lines.lines.iter_mut().zip(&mut lines.traces) {
            *line = Line { stamp: std::array::from_fn(|_| next()), factor: std::array::from_fn(|_| next() as f32 * 0.37) };
            *traces = std::array::from_fn(|k| if k < KEPT { next() as f32 * 0.11 } else { 0.0 });
        }
        for _ in 0..500 {
            let row = RowFactors { after: next(), at: next(), potentiation: 0.013, depression: 0.017, w_max: 1.0 };
            let targets: Vec<u16> = (0..83).map(|_| (next() % 50) as u16).collect();
            let weights: Vec<f32> = (0..83).map(|_| next() as f32 * 0.01).collect();
            let [portable, best] = [simd::Level::Portable, simd::Level::Avx512].map(|level| {
                simd::limit(level);
                let mut weights = weights.clone();
                lines.update_row(&targets, &mut weights, &row, |post, w| w + post as f32);
                weights
            });
            assert_eq!(portable, best, "{row:?}");
        }
    }
}
