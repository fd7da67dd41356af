//! Poisson event counts for many neurons at once, one random stream per 64 neurons.
//!
//! With λ = rate · dt: for λ ≥ 0.05 the count of each neuron is found by inverting the distribution function (32-bit resolution), by
//! comparing one draw with every step of the function where those are few, so that several neurons are done at once, else with a
//! guide table; below, only the gaps between neurons with events are drawn, so that slow inputs cost little. All are exact Poisson
//! counts (several events in one step happen), not one-or-none.

mod counts;

use super::checkpoint::{Damage, Sink, Source};
use super::parted::Parted;
use crate::real::{Column, Real};
use crate::rng::{self, Purpose, Stream, Streams};
use crate::simd::dispatch;
use counts::{counts, flipped};
use rand::Rng;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Neurons that share a stream.
pub const GROUP: usize = 64;
/// λ below which gaps are drawn instead of counts.
const SPARSE: f64 = 0.05;
/// Up to this many steps of the distribution function every draw is compared with all (λ up to about 8).
const MOST_STEPS: usize = 32;
/// Draws from here on, one in 1,024, are rare: most groups of neurons have none.
const RARE: u64 = (1 << 32) - (1 << 22);

#[derive(Clone, Serialize, Deserialize)]
struct Group {
    stream: Stream,
    /// Neurons to pass before the next event (sparse mode), counted through steps.
    gap: u64,
    /// For the counts of many neurons at once.
    lanes: Streams,
}

/// A sampler for `n` neurons.
#[derive(Clone)]
pub struct Poisson {
    n: usize,
    lambda: f64,
    groups: Parted<Group>,
    /// P(N ≤ k) in units of 2⁻³², for k = 0, 1, …
    cumulative: Vec<u64>,
    /// The same below 2³², each as a number that a signed comparison orders; empty when they are too many to compare with all.
    steps: Vec<i32>,
    /// So many of the steps are all that hardly a draw passes.
    usual: usize,
    /// First k worth comparing for each leading byte.
    guide: Vec<u8>,
}

impl Poisson {
    pub fn new(seed: u64, purpose: Purpose, entity: u64, n: usize, lambda: f64) -> Self {
        let groups = (0..n.div_ceil(GROUP))
            .map(|g| Group {
                stream: rng::stream(seed, purpose, entity, g as u64),
                gap: 0,
                lanes: Streams::new(seed, purpose, entity, g as u64),
            })
            .collect();
        let mut sampler = Self { n, lambda: -1.0, groups, cumulative: Vec::new(), steps: Vec::new(), usual: 0, guide: Vec::new() };
        sampler.set_lambda(lambda);
        sampler
    }

    /// Changes the mean count of a neuron and step. Poisson processes have no memory, so waiting gaps are simply drawn anew.
    pub fn set_lambda(&mut self, lambda: f64) {
        if lambda.to_bits() == self.lambda.to_bits() {
            return;
        }
        self.lambda = lambda;
        self.tabulate();
        if lambda > 0.0 && lambda < SPARSE {
            for group in self.groups.iter_mut() {
                group.gap = gap(&mut group.stream, lambda);
            }
        }
    }

    /// Continues the streams of another sampler of the same size; false when the sizes differ.
    pub fn adopt(&mut self, old: &Self) -> bool {
        if self.n != old.n {
            return false;
        }
        let lambda = self.lambda;
        *self = old.clone();
        self.set_lambda(lambda);
        true
    }

    /// Writes the streams; the tables follow from λ.
    pub fn save(&self, to: &mut Sink) {
        let Self { n: _, lambda: _, groups, cumulative: _, steps: _, usual: _, guide: _ } = self;
        to.put(groups);
    }

    /// Takes over what [`Poisson::save`] wrote, into a sampler of the same size and λ.
    pub fn load(&mut self, from: &mut Source<'_>) -> Result<(), Damage> {
        self.groups.load(from)
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn tabulate(&mut self) {
        const ONE: f64 = 4_294_967_296.0;
        self.cumulative.clear();
        let (mut p, mut sum, mut k) = (libm::exp(-self.lambda), 0.0, 0.0);
        while k < 255.0 {
            sum += p;
            self.cumulative.push((sum * ONE).round().min(ONE) as u64);
            k += 1.0;
            p *= self.lambda / k;
            if k > self.lambda && p < 1e-11 {
                break;
            }
        }
        self.steps = self.cumulative.iter().filter(|c| **c < 1 << 32).map(|c| flipped(*c as u32)).collect();
        if self.steps.len() > MOST_STEPS {
            self.steps.clear();
        }
        self.usual = self.cumulative.iter().take(self.steps.len()).filter(|c| **c < RARE).count();
        self.cumulative.push(u64::MAX);
        self.guide = (0..256u64).map(|byte| self.cumulative.iter().position(|c| *c > byte << 24).unwrap_or(0) as u8).collect();
    }

    /// The count for a 32-bit draw.
    #[inline(always)]
    fn count(cumulative: &[u64], guide: &[u8], draw: u32) -> u32 {
        let mut k = guide[(draw >> 24) as usize] as usize;
        while u64::from(draw) >= cumulative[k] {
            k += 1;
        }
        #[allow(clippy::cast_possible_truncation)]
        {
            k as u32
        }
    }

    /// Draws one step for neurons `range`, which begins and ends with a group ([`GROUP`]) or the last neuron: adds each neuron's count times
    /// `scale` to its element of `column`, which begins with the first of them.
    ///
    /// # Safety
    /// Meanwhile nobody else has to do with these neurons.
    pub unsafe fn add_part(&self, range: Range<usize>, column: Column<'_>, scale: f64) {
        // SAFETY: promised by the caller.
        unsafe {
            match column {
                Column::Double(column) => self.add_to_column(range, column, scale),
                Column::Single(column) => self.add_to_column(range, column, scale),
            }
        }
    }

    /// # Safety
    /// As [`Poisson::add_part`].
    unsafe fn add_to_column<R: Real>(&self, range: Range<usize>, column: &mut [R], scale: f64) {
        if self.lambda < SPARSE || self.steps.is_empty() {
            let first = range.start;
            // SAFETY: promised by the caller.
            unsafe { self.draw_part(range, |i, count| column[i - first] += R::of(f64::from(count) * scale)) };
            return;
        }
        let scale = R::of(scale);
        // SAFETY: promised by the caller: these groups are of these neurons alone.
        let groups = unsafe { self.groups.part(groups(&range)) };
        dispatch(
            #[inline(always)]
            || {
                for (group, part) in groups.iter_mut().zip(column.chunks_mut(GROUP)) {
                    let counts = counts(&mut group.lanes, &self.steps, self.usual);
                    for (x, k) in part.iter_mut().zip(&counts) {
                        *x += R::of(f64::from(*k)) * scale;
                    }
                }
            },
        );
    }

    /// Draws one step: calls `event(neuron, count)` for every neuron with events, in ascending order.
    #[inline]
    pub fn draw(&mut self, event: impl FnMut(usize, u32)) {
        // SAFETY: the reference is exclusive.
        unsafe { self.draw_part(0..self.n, event) }
    }

    /// The same for neurons `range`, which begins and ends with a group ([`GROUP`]) or the last neuron.
    ///
    /// # Safety
    /// Meanwhile nobody else has to do with these neurons.
    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    pub unsafe fn draw_part(&self, range: Range<usize>, mut event: impl FnMut(usize, u32)) {
        if self.lambda <= 0.0 {
            return;
        }
        let (n, lambda) = (self.n, self.lambda);
        let range = groups(&range);
        // SAFETY: promised by the caller: these groups are of these neurons alone.
        let groups = unsafe { self.groups.part(range.clone()) };
        for (g, group) in range.zip(groups) {
            let (first, last) = (g * GROUP, (g * GROUP + GROUP).min(n));
            if lambda < SPARSE {
                let size = (last - first) as u64;
                while group.gap < size {
                    let neuron = first + group.gap as usize;
                    event(neuron, at_least_one(&mut group.stream, lambda));
                    group.gap += 1 + gap(&mut group.stream, lambda);
                }
                group.gap -= size;
            } else if !self.steps.is_empty() {
                let counts = counts(&mut group.lanes, &self.steps, self.usual);
                for (i, k) in counts[..last - first].iter().enumerate().filter(|(_, k)| **k > 0) {
                    event(first + i, *k as u32);
                }
            } else {
                let mut neuron = first;
                while neuron < last {
                    let draw = group.stream.next_u64();
                    for half in [draw as u32, (draw >> 32) as u32] {
                        let k = Self::count(&self.cumulative, &self.guide, half);
                        if k > 0 && neuron < last {
                            event(neuron, k);
                        }
                        neuron += 1;
                    }
                }
            }
        }
    }
}

/// The groups of neurons that begin and end with groups.
fn groups(neurons: &Range<usize>) -> Range<usize> {
    if neurons.is_empty() {
        return 0..0;
    }
    debug_assert!(neurons.start.is_multiple_of(GROUP), "a group is drawn as a whole");
    neurons.start / GROUP..neurons.end.div_ceil(GROUP)
}

/// Number of neurons without an event before the next one with: geometric with P(event) = 1 − e^(−λ).
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn gap(stream: &mut Stream, lambda: f64) -> u64 {
    (-libm::log(1.0 - rng::uniform(stream)) / lambda).floor().min(1e18) as u64
}

/// A Poisson count known to be at least one.
fn at_least_one(stream: &mut Stream, lambda: f64) -> u32 {
    let u = rng::uniform(stream) * -libm::expm1(-lambda);
    let (mut k, mut p) = (1, lambda * libm::exp(-lambda));
    let mut sum = p;
    while u >= sum && k < 100 {
        k += 1;
        p *= lambda / f64::from(k);
        sum += p;
    }
    k
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of a Poisson count both equal λ, in both modes.
    #[test]
    fn counts_have_poisson_mean_and_variance() {
        for lambda in [0.002, 0.03, 0.2, 2.0, 40.0] {
            let (n, steps) = (150, 20_000);
            let mut sampler = Poisson::new(9, Purpose::Poisson, 0, n, lambda);
            let (mut sum, mut squares) = (0.0, 0.0);
            for _ in 0..steps {
                sampler.draw(|neuron, k| {
                    assert!(neuron < n && k > 0);
                    sum += f64::from(k);
                    squares += f64::from(k) * f64::from(k);
                });
            }
            let draws = n as f64 * f64::from(steps);
            let mean = sum / draws;
            let variance = squares / draws - mean * mean;
            let tolerance = 5.0 * (lambda / draws).sqrt();
            assert!((mean - lambda).abs() < tolerance, "λ {lambda}: mean {mean}");
            assert!((variance / lambda - 1.0).abs() < 0.05, "λ {lambda}: variance {variance}");
        }
    }
}
