//! Eager plasticity: a postsynaptic spike changes the synapses onto its neuron at once, by an index from targets to sources.
//!
//! For rules whose changes cannot wait until the source fires, and to compare lazy rows with. Everything happens in the time of the synapse:
//! in the step in which a spike of stamp s is delivered over delay d, the post spikes of stamp s − d potentiate, then the pre spikes of s
//! depress, and what is transmitted is the weight after both, exactly as in a lazy row. So each delay has its own view of both sides: the
//! last spikes that have come so far, with their traces.

use super::{NEVER, Plastic, PreSpike};
use crate::engine::network::rooms;
use crate::engine::parted::Parted;
use crate::engine::rows::{Rows, Targets};
use crate::model::plasticity::stdp::Pairing;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A neuron that fired, and its trace just after.
type Spike = (u32, f64);

#[derive(Clone, Serialize, Deserialize)]
pub struct Eager {
    /// By delay and neuron: stamp of the last spike that has come, and the trace just after it.
    pre: Vec<(i64, f64)>,
    post: Vec<(i64, f64)>,
    /// Spikes under way, by stamp: pre for one delay, post for two.
    pre_ring: Vec<Vec<Spike>>,
    post_ring: Vec<Vec<Spike>>,
    #[serde(skip)]
    incoming: Incoming,
}

/// The synapses onto each neuron.
#[derive(Clone, Default)]
struct Incoming {
    n_delays: usize,
    /// Where the synapses of a target with a delay begin, and one past the end.
    starts: Vec<usize>,
    /// Synapse and its source.
    synapses: Vec<(usize, u32)>,
}

impl Incoming {
    fn of(rows: &Rows) -> Self {
        let n_delays = rows.delays.len();
        let place = |d: usize, post: u32| post as usize * n_delays + d;
        let mut starts = vec![0; rows.n_post as usize * n_delays + 1];
        for pre in 0..rows.n_pre {
            rows.each_of(pre, |d, _, post| starts[place(d, post) + 1] += 1);
        }
        for k in 1..starts.len() {
            starts[k] += starts[k - 1];
        }
        let (mut next, mut synapses) = (starts.clone(), vec![(0, 0); rows.n_synapses()]);
        for pre in 0..rows.n_pre {
            rows.each_of(pre, |d, synapse, post| {
                let at = &mut next[place(d, post)];
                synapses[*at] = (synapse, pre);
                *at += 1;
            });
        }
        Self { n_delays, starts, synapses }
    }

    fn onto(&self, post: u32, d: usize) -> &[(usize, u32)] {
        let at = post as usize * self.n_delays + d;
        &self.synapses[self.starts[at]..self.starts[at + 1]]
    }
}

/// The slot of a ring for a stamp.
fn slot<T>(ring: &[Vec<T>], stamp: i64) -> usize {
    stamp.rem_euclid(ring.len() as i64) as usize
}

impl Eager {
    fn new(rows: &Rows) -> Self {
        let (n_pre, n_post) = (rows.n_pre as usize, rows.n_post as usize);
        let longest = rows.delays.last().map_or(1, |d| *d as usize);
        let nothing = |n: usize| vec![(NEVER, 0.0); n * rows.delays.len()];
        Self {
            pre: nothing(n_pre),
            post: nothing(n_post),
            pre_ring: rooms(longest + 2, n_pre),
            post_ring: rooms(2 * longest + 2, n_post),
            incoming: Incoming::of(rows),
        }
    }

    /// Makes the room that a copy lacks.
    pub(super) fn make_room(&mut self, n_pre: usize, n_post: usize) {
        let Self { pre_ring, post_ring, .. } = self;
        for (ring, n) in [(pre_ring, n_pre), (post_ring, n_post)] {
            ring.iter_mut().for_each(|list| list.reserve(n - list.len().min(n)));
        }
    }

    /// Takes the index from `own`, which was made for the same rows, unless something does not fit.
    pub(super) fn completed_by(&mut self, own: &mut Self) -> bool {
        let fits = |ring: &[Vec<Spike>], n: usize| ring.iter().flatten().all(|s| (s.0 as usize) < n);
        let n_delays = own.incoming.n_delays;
        self.incoming = std::mem::take(&mut own.incoming);
        let lengths = |e: &Self| [e.pre.len(), e.post.len(), e.pre_ring.len(), e.post_ring.len()];
        lengths(self) == lengths(own) && fits(&self.pre_ring, own.pre.len() / n_delays) && fits(&self.post_ring, own.post.len() / n_delays)
    }

    pub(super) fn note_pre(&mut self, fired: impl Iterator<Item = Spike>, now: i64) {
        let at = slot(&self.pre_ring, now);
        self.pre_ring[at].clear();
        self.pre_ring[at].extend(fired);
    }

    pub(super) fn note_post(&mut self, fired: impl Iterator<Item = Spike>, now: i64) {
        let at = slot(&self.post_ring, now);
        self.post_ring[at].clear();
        self.post_ring[at].extend(fired);
    }
}

impl Plastic {
    pub fn is_eager(&self) -> bool {
        self.eager.is_some()
    }

    /// Updates eagerly from now on, or lazily again; `now` steps are done. What is pending is applied first.
    pub fn set_eager(&mut self, eager: bool, rows: &mut Rows, now: i64) {
        self.flush(rows, now);
        if eager == self.is_eager() {
            return;
        }
        self.eager = None;
        if eager {
            self.lines = None;
            self.eager = Some(self.eager_now(rows, now));
        } else {
            self.start_lines(now);
        }
    }

    /// The eager form of the histories, after `now` steps.
    fn eager_now(&self, rows: &Rows, now: i64) -> Eager {
        let mut eager = Eager::new(rows);
        let (n_pre, n_post) = (self.pre.len(), self.n_posts.len());
        for stamp in (now - self.max_delay).max(1)..=now {
            let mut fired: Vec<Spike> = self.emitted(stamp).iter().map(|s| (s.neuron, self.trace_after(*s, stamp))).collect();
            fired.reverse();
            fired.dedup_by_key(|s| s.0);
            fired.reverse();
            eager.note_pre(fired.into_iter(), stamp);
        }
        for j in 0..n_post {
            let n = self.n_posts[j];
            for k in self.oldest(n)..n {
                let p = self.entry(j, k);
                if p.stamp >= now - 2 * self.max_delay {
                    let at = slot(&eager.post_ring, p.stamp);
                    eager.post_ring[at].push((j as u32, p.trace));
                }
                // What arrives in step `now` is noted at the beginning of the next.
                for (d, delay) in rows.delays.iter().enumerate() {
                    if p.stamp < now - 2 * i64::from(*delay) {
                        eager.post[d * n_post + j] = (p.stamp, p.trace);
                    }
                }
            }
        }
        for (d, delay) in rows.delays.iter().enumerate() {
            for pre in 0..n_pre {
                let last = self.arrived(pre as u32, now - 1 - i64::from(*delay));
                eager.pre[d * n_pre + pre] = (last.former, last.trace);
            }
        }
        eager
    }

    /// The trace just after a pre spike of this stamp.
    fn trace_after(&self, spike: PreSpike, stamp: i64) -> f64 {
        let kept = if self.rule.pairing == Pairing::AllToAll { spike.trace * self.plus.at(stamp - spike.former) } else { 0.0 };
        kept + 1.0
    }

    /// Notes what arrived in the step `now`, which is done.
    pub fn settle(&mut self, rows: &Rows, now: i64) {
        let (n_pre, n_post) = (self.pre.len(), self.n_posts.len());
        let Some(Eager { pre, post, pre_ring, post_ring, incoming: _ }) = &mut self.eager else { return };
        for (d, delay) in rows.delays.iter().enumerate() {
            let (one, two) = (now - i64::from(*delay), now - 2 * i64::from(*delay));
            if one > 0 {
                for (i, trace) in &pre_ring[slot(pre_ring, one)] {
                    pre[d * n_pre + *i as usize] = (one, *trace);
                }
            }
            if two > 0 {
                for (j, trace) in &post_ring[slot(post_ring, two)] {
                    post[d * n_post + *j as usize] = (two, *trace);
                }
            }
        }
    }

    /// Lets the post spikes that come to the synapses of the `d`-th delay in step `now` potentiate those onto `targets`.
    ///
    /// # Safety
    /// Meanwhile nobody else has to do with the synapses onto `targets`.
    pub unsafe fn potentiate_due(&self, d: usize, delay: i64, now: i64, targets: &Range<usize>, weights: &Parted<f32>) {
        let Some(eager) = self.eager.as_ref().filter(|_| self.rule.learning && now > 2 * delay) else { return };
        let (n_pre, at) = (self.pre.len(), now - delay);
        for (post, _) in &eager.post_ring[slot(&eager.post_ring, now - 2 * delay)] {
            if !targets.contains(&(*post as usize)) {
                continue;
            }
            for (synapse, pre) in eager.incoming.onto(*post, d) {
                let (last, trace) = eager.pre[d * n_pre + *pre as usize];
                if last == NEVER {
                    continue;
                }
                // SAFETY: promised by the caller; this synapse is onto one of `targets`.
                let (weight, open) = unsafe { (weights.part(*synapse..*synapse + 1), self.open_part(*synapse..*synapse + 1)) };
                let x = open.first().map_or(trace, |x| f64::from(*x));
                weight[0] = self.rule.potentiate(f64::from(weight[0]), x * self.plus.at(at - last)) as f32;
                open.fill(0.0);
            }
        }
    }

    /// Lets a pre spike of stamp `stamp` depress the synapses of `range`, those of a row with the `d`-th delay.
    ///
    /// # Safety
    /// Meanwhile nobody else has to do with these synapses.
    pub unsafe fn depress_due(
        &self,
        d: usize,
        delay: i64,
        spike: PreSpike,
        stamp: i64,
        targets: &Targets,
        range: Range<usize>,
        weights: &mut [f32],
    ) {
        let Some(eager) = self.eager.as_ref().filter(|_| self.rule.learning) else { return };
        let (n_post, at) = (self.n_posts.len(), stamp - delay);
        // SAFETY: promised by the caller.
        let open = unsafe { self.open_part(range.clone()) };
        for (k, (synapse, weight)) in range.zip(weights).enumerate() {
            let (last, trace) = eager.post[d * n_post + targets.at(synapse)];
            // Reduced pairing: only a post spike that came after the former pre spike.
            let counts = last != NEVER && (self.rule.pairing != Pairing::NearestReduced || last + delay > spike.former);
            if counts {
                *weight = self.rule.depress(f64::from(*weight), trace * self.minus.at(at - last)) as f32;
            }
            if let Some(open) = open.get_mut(k) {
                let carries = self.rule.pairing == Pairing::NearestPreCentred && spike.former != NEVER;
                let kept = if carries { f64::from(*open) * self.plus.at(stamp - spike.former) } else { 0.0 };
                *open = (kept + 1.0) as f32;
            }
        }
    }

    /// The open traces of some synapses, none where the pairing needs none.
    ///
    /// # Safety
    /// Meanwhile nobody else has to do with these synapses.
    #[allow(clippy::mut_from_ref, reason = "that the parts are apart is what the caller promises")]
    unsafe fn open_part(&self, range: Range<usize>) -> &mut [f32] {
        // SAFETY: promised by the caller.
        unsafe { self.open.part(if self.open.is_empty() { 0..0 } else { range }) }
    }
}
