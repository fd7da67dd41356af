//! The fast form of lazy additive STDP: the recent past of a postsynaptic neuron in one 64-byte cache line.
//!
//! With potentiation factors p_k = e^(−(t_k − t₀)/τ₊) of the last seven post spikes stored, the change due to all pending ones is
//! one masked sum times a factor of the row; the depression trace is stored as m = y·e^((t_last − t₀)/τ₋), so that its value at any
//! time is one product. Additive changes between two pre spikes all have one sign, so one clamp equals many. Whatever does not fit
//! this (a post spike inside the delay, more than seven pending) takes the general path, synapse by synapse.

use super::memory::at_random;
use super::rows::Index;
use crate::simd;
#[cfg(target_arch = "x86_64")]
use std::mem::MaybeUninit;
use std::ops::Range;

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
        Self {
            t0: now,
            lines: at_random(n_post, empty),
            traces: at_random(n_post, [0.0; 8]),
            plus,
            minus,
            span: (30.0 / plus.max(minus)) as i64 + 1,
        }
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
            // Of those that are forgotten now only the latest can still be asked for; without stamps nobody could tell them apart.
            let newly = (0..KEPT).filter(|k| line.stamp[*k] <= done && line.stamp[*k] != NEVER).max_by_key(|k| line.stamp[*k]);
            if let Some(latest) = newly {
                (0..KEPT).filter(|k| *k != latest && line.stamp[*k] <= done).for_each(|k| traces[k] = 0.0);
            }
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
    /// general path, `general(post, weight)` gives its new weight. Before each part of the row `ahead` is told which: time to ask for the
    /// same part of the next row, so that this one's work hides the wait for that one's memory. The last part is told without an end.
    ///
    /// # Safety
    /// All targets are below [`Lines::len`].
    pub unsafe fn update_row<I: Index>(
        &self,
        targets: &[I],
        weights: &mut [f32],
        row: &RowFactors,
        ahead: impl Fn(Range<usize>),
        general: impl Fn(usize, f32) -> f32,
    ) {
        #[cfg(target_arch = "x86_64")]
        if simd::level() >= simd::Level::Avx2 {
            let last = targets.len().div_ceil(CHUNK).saturating_sub(1);
            for (k, (targets, weights)) in targets.chunks(CHUNK).zip(weights.chunks_mut(CHUNK)).enumerate() {
                ahead(k * CHUNK..if k == last { usize::MAX } else { (k + 1) * CHUNK });
                // SAFETY: the level in force is never above what the machine has; the targets are the caller's promise.
                unsafe { self.update_row_avx2(targets, weights, row, &general) };
            }
            return;
        }
        ahead(0..usize::MAX);
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
        Some(depressed(up, met.trace, row))
    }

    /// The same as [`Lines::update_row_plainly`], bit for bit: a line is two vectors, and four synapses are summed side by side. Those that
    /// cannot be done so (about one in ten) are noted without a branch, which would often be guessed wrong, and mended afterwards.
    ///
    /// # Safety
    /// All targets are below [`Lines::len`], and there are at most [`CHUNK`].
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    unsafe fn update_row_avx2<I: Index>(&self, targets: &[I], weights: &mut [f32], row: &RowFactors, general: impl Fn(usize, f32) -> f32) {
        use std::arch::x86_64::*;
        let (first, at) = (row.after.saturating_add(1), _mm256_set1_epi32(row.at));
        // A spike is pending from `first` until `at`: as unsigned numbers, its distance from `first` is below theirs. Signed comparisons of
        // what is shifted by 2³¹ are such.
        let (from, span) = (_mm256_set1_epi32(first.wrapping_add(i32::MIN)), row.at.saturating_add(1).saturating_sub(first).max(0));
        let span = _mm256_set1_epi32(span.wrapping_add(i32::MIN));
        // Seven lanes say whether a spike lies before the pre spike, the eighth whether none was pushed out of the line.
        let plain_below = _mm256_blend_epi32::<0x80>(at, _mm256_set1_epi32(first));
        let (up_by, down_by) = (_mm_set1_ps(row.potentiation), _mm_set1_ps(row.depression));
        let (most, zero) = (_mm_set1_ps(row.w_max), _mm_setzero_ps());
        let ahead = if self.lines.len() > LINES_AT_HAND { LINES_AHEAD } else { usize::MAX };
        let (fours, rest) = targets.as_chunks::<4>();
        let (weight_fours, weight_rest) = weights.as_chunks_mut::<4>();
        assert!(
            targets.len() <= CHUNK && targets.len() == weight_fours.len() * 4 + weight_rest.len(),
            "a weight for each, and room for notes"
        );
        // Groups to be mended: which, which lanes of their lines are not plain, the weights before, and after the potentiation.
        let mut noted = [const { MaybeUninit::uninit() }; CHUNK / 4];
        let mut n_noted = 0;
        for (group, (posts, four)) in fours.iter().zip(&mut *weight_fours).enumerate() {
            if let Some(later) = fours.get(group.saturating_add(ahead)) {
                for post in later {
                    super::rows::scatter::prefetch_at(self.lines.as_ptr().wrapping_add(post.at()), 1, 0..1);
                }
            }
            // SAFETY: promised by the caller.
            let lines = unsafe { [self.line(posts[0].at()), self.line(posts[1].at()), self.line(posts[2].at()), self.line(posts[3].at())] };
            let pending = |line: &Line| {
                let (stamps, factors) = vectors(line);
                _mm256_and_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(span, _mm256_sub_epi32(stamps, from))), factors)
            };
            let plain = |line: &Line| _mm256_cmpgt_epi32(plain_below, vectors(line).0);
            let sums = sums([pending(lines[0]), pending(lines[1]), pending(lines[2]), pending(lines[3])]);
            let traces = _mm_set_ps(lines[3].factor[KEPT], lines[2].factor[KEPT], lines[1].factor[KEPT], lines[0].factor[KEPT]);
            // SAFETY: they are four floats.
            let before = unsafe { _mm_loadu_ps(four.as_ptr()) };
            let up = _mm_min_ps(_mm_add_ps(before, _mm_mul_ps(sums, up_by)), most);
            let down = _mm_max_ps(_mm_sub_ps(up, _mm_mul_ps(traces, down_by)), zero);
            // SAFETY: they are four floats.
            unsafe { _mm_storeu_ps(four.as_mut_ptr(), down) };
            // Bits 4k to 4k + 3 are of the lower half of line k, and 16 bits above of its upper half.
            let halves = [_mm256_packs_epi32(plain(lines[0]), plain(lines[1])), _mm256_packs_epi32(plain(lines[2]), plain(lines[3]))];
            let other = !_mm256_movemask_epi8(_mm256_packs_epi16(halves[0], halves[1]));
            noted[n_noted].write((group, other as u32, before, up));
            n_noted += usize::from(other != 0);
        }
        for note in &noted[..n_noted] {
            // SAFETY: the first `n_noted` were written before that count rose.
            let &(group, other, before, up) = unsafe { note.assume_init_ref() };
            let (posts, four) = (&fours[group], &mut weight_fours[group]);
            let mut plainly = other & 0x8888_0000 != 0;
            let mut raised = [0.0; 4];
            // SAFETY: they are four floats.
            unsafe { _mm_storeu_ps(raised.as_mut_ptr(), up) };
            let mut late = (other | other >> 16) & 0xffff;
            while late != 0 {
                let k = late.trailing_zeros() as usize / 4;
                late &= !(0xf << (4 * k));
                let post = posts[k].at();
                let trace = trace_before_avx2(&self.lines[post], &self.traces[post], at);
                plainly |= trace == 0.0;
                four[k] = depressed(raised[k], trace, row);
            }
            if plainly {
                // SAFETY: they are four floats.
                unsafe { _mm_storeu_ps(four.as_mut_ptr(), before) };
                self.update_row_plainly(posts, four, row, &general);
            }
        }
        self.update_row_plainly(rest, weight_rest, row, general);
    }

    /// # Safety
    /// `post` is below [`Lines::len`].
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn line(&self, post: usize) -> &Line {
        debug_assert!(post < self.lines.len(), "a target of another population");
        // SAFETY: promised by the caller.
        unsafe { self.lines.get_unchecked(post) }
    }
}

/// Most synapses that are done before those that need mending are: their notes lie on the stack.
#[cfg(any(target_arch = "x86_64", test))]
const CHUNK: usize = 128;

/// So many lines, half a megabyte, lie in the second-level cache; to ask for them would cost more than it saves.
#[cfg(target_arch = "x86_64")]
const LINES_AT_HAND: usize = 8192;
/// How many groups of four synapses ahead more lines than those are asked for.
#[cfg(target_arch = "x86_64")]
const LINES_AHEAD: usize = 5;

/// Stamps and factors of a line.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn vectors(line: &Line) -> (std::arch::x86_64::__m256i, std::arch::x86_64::__m256) {
    use std::arch::x86_64::*;
    #[allow(clippy::cast_ptr_alignment, reason = "the alignment is argued below")]
    // SAFETY: `Line` is `repr(C)` and 64-byte aligned: stamps fill bytes 0 to 31, factors 32 to 63.
    unsafe {
        (_mm256_load_si256(line.stamp.as_ptr().cast::<__m256i>()), _mm256_load_ps(line.factor.as_ptr()))
    }
}

/// The sum of all lanes of each of four vectors, in the order of [`masked`].
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn sums(x: [std::arch::x86_64::__m256; 4]) -> std::arch::x86_64::__m128 {
    use std::arch::x86_64::*;
    let fold = |x| _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
    let (a, b, c, d) = (fold(x[0]), fold(x[1]), fold(x[2]), fold(x[3]));
    let ab = _mm_add_ps(_mm_movelh_ps(a, b), _mm_movehl_ps(b, a));
    let cd = _mm_add_ps(_mm_movelh_ps(c, d), _mm_movehl_ps(d, c));
    _mm_add_ps(_mm_shuffle_ps::<0b10_00_10_00>(ab, cd), _mm_shuffle_ps::<0b11_01_11_01>(ab, cd))
}

/// A weight after the depression.
#[inline(always)]
fn depressed(up: f32, trace: f32, row: &RowFactors) -> f32 {
    let down = up - trace * row.depression;
    if down < 0.0 { 0.0 } else { down }
}

/// The depression trace that spikes before the pre spike left, where some lie inside the delay.
#[inline(always)]
fn trace_before(line: &Line, traces: &[f32; 8], row: &RowFactors) -> f32 {
    // The latest counts, not the largest: after a change of τ₋ an older trace may stand above a newer one.
    let mut latest = (i32::MIN, 0.0);
    for (&stamp, &trace) in line.stamp[..KEPT].iter().zip(traces) {
        if stamp < row.at && (stamp > latest.0 || (stamp == latest.0 && trace > latest.1)) {
            latest = (stamp, trace);
        }
    }
    latest.1
}

/// The same as [`trace_before`] for the pre spike at `at`: about one synapse in twenty asks, at moments that no branch could foresee.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn trace_before_avx2(line: &Line, traces: &[f32; 8], at: std::arch::x86_64::__m256i) -> f32 {
    use std::arch::x86_64::*;
    let (stamps, _) = vectors(line);
    #[allow(clippy::cast_ptr_alignment, reason = "this load asks for no alignment")]
    // SAFETY: they are eight floats.
    let traces = unsafe { _mm256_loadu_si256(traces.as_ptr().cast::<__m256i>()) };
    let counts = _mm256_blend_epi32::<0x80>(_mm256_cmpgt_epi32(at, stamps), _mm256_setzero_si256());
    let stamps = _mm256_or_si256(_mm256_and_si256(counts, stamps), _mm256_andnot_si256(counts, _mm256_set1_epi32(i32::MIN)));
    let halves = _mm256_max_epi32(stamps, _mm256_permute2x128_si256::<1>(stamps, stamps));
    let quarters = _mm256_max_epi32(halves, _mm256_shuffle_epi32::<0b01_00_11_10>(halves));
    let latest = _mm256_max_epi32(quarters, _mm256_shuffle_epi32::<0b10_11_00_01>(quarters));
    let traces = _mm256_and_si256(_mm256_and_si256(counts, _mm256_cmpeq_epi32(stamps, latest)), traces);
    // Traces are never negative, so their bits are ordered as they are.
    let four = _mm_max_epi32(_mm256_castsi256_si128(traces), _mm256_extracti128_si256::<1>(traces));
    let two = _mm_max_epi32(four, _mm_shuffle_epi32::<0b01_00_11_10>(four));
    _mm_cvtss_f32(_mm_castsi128_ps(_mm_max_epi32(two, _mm_shuffle_epi32::<0b10_11_00_01>(two))))
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
            let targets: Vec<u16> = (0..CHUNK + 83).map(|_| (next() % 50) as u16).collect();
            let weights: Vec<f32> = targets.iter().map(|_| next() as f32 * 0.01).collect();
            let [portable, best] = [simd::Level::Portable, simd::Level::Avx512].map(|level| {
                simd::limit(level);
                let mut weights = weights.clone();
                // SAFETY: all targets were drawn below 50.
                unsafe { lines.update_row(&targets, &mut weights, &row, |_| (), |post, w| w + post as f32) };
                weights
            });
            assert_eq!(portable, best, "{row:?}");
        }
    }
}
