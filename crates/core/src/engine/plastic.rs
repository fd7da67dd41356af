//! Lazy plasticity: a weight is brought up to date when its presynaptic neuron spikes, not at every postsynaptic spike.
//!
//! Per postsynaptic neuron a short ring of its last spikes with the trace value after each suffices; no index from targets to
//! sources is needed, and a row is touched once, in order, just before it is delivered. Between two presynaptic spikes the pending
//! postsynaptic spikes are applied one by one in time order, exactly as an eager scheme would. When a ring runs full, or a parameter
//! changes, all rows are brought up to date first.
//!
//! Times are step stamps. With delay d (dendritic) a pre spike at s sees the post spikes t with t + d ≤ s; Δt = 0 contributes
//! nothing. Order at a pre spike: potentiation by the pending post spikes, then depression, then the weight is transmitted.

mod eager;
mod flush;
mod pairs;

use super::checkpoint::{Damage, Source};
use super::decay::DecayTable;
use super::lines::Lines;
use super::memory::zeroed;
use super::network::rooms;
use super::parted::Parted;
use super::rows::{Rows, Targets};
use crate::model::plasticity::stdp::{Pairing, Stdp};
use crate::protocol::PairEvent;
use eager::Eager;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A presynaptic spike and what was known when it was emitted: the former spike of that neuron and its trace then.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct PreSpike {
    pub neuron: u32,
    /// Stamp of the former spike; `i64::MIN` when there was none.
    former: i64,
    /// Trace just after the former spike.
    trace: f64,
}

const NEVER: i64 = i64::MIN / 4;

/// One remembered postsynaptic spike.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Post {
    stamp: i64,
    /// Trace just after it.
    trace: f64,
}

/// The plastic state of one projection (besides its weights).
#[derive(Clone, Serialize, Deserialize)]
#[allow(
    clippy::unsafe_derive_deserialize,
    reason = "the promise of its one unsafe function is about who else writes, not about what stands in it"
)]
pub struct Plastic {
    pub rule: Stdp,
    dt: f64,
    plus: DecayTable,
    minus: DecayTable,
    /// Last spike and trace of each presynaptic neuron.
    pre: Vec<(i64, f64)>,
    /// Ring of pre spikes by stamp, for delivery after the delay.
    ring: Vec<Vec<PreSpike>>,
    posts: Vec<Post>,
    /// The fast form of the history, where the rule allows it.
    lines: Option<Lines>,
    /// What eager updates need besides; none: rows are lazy.
    eager: Option<Eager>,
    /// Spikes ever of each postsynaptic neuron.
    n_posts: Vec<u32>,
    /// Entries per postsynaptic neuron in `posts`; a power of two.
    depth: usize,
    /// Up to this step all rows are up to date.
    flushed: i64,
    max_delay: i64,
    /// Pairings in which only the first post spike counts (else empty): for each synapse the trace, just after the former pre spike,
    /// of the pre spikes that no post spike has followed yet. A post spike ends it, so it belongs to the pair, not to a neuron.
    open: Parted<f32>,
    /// The last pairs that changed a weight, when someone watches.
    #[serde(skip)]
    pub pairs: Vec<PairEvent>,
    #[serde(skip)]
    pub watch_pairs: bool,
}

/// At most this many pairs are kept between two frames.
const MAX_PAIRS: usize = 400;

impl Plastic {
    pub fn new(rule: Stdp, rows: &Rows, dt: f64, ring_len: usize) -> Self {
        let depth = 32;
        let mut plastic = Self {
            rule,
            dt,
            plus: DecayTable::new(rule.tau_plus, dt),
            minus: DecayTable::new(rule.tau_minus, dt),
            pre: vec![(NEVER, 0.0); rows.n_pre as usize],
            ring: rooms(ring_len, rows.n_pre as usize),
            posts: zeroed(rows.n_post as usize * depth, Post { stamp: NEVER, trace: 0.0 }),
            lines: None,
            eager: None,
            n_posts: vec![0; rows.n_post as usize],
            depth,
            flushed: NEVER,
            max_delay: 0,
            open: Parted::default(),
            pairs: Vec::with_capacity(MAX_PAIRS),
            watch_pairs: false,
        };
        plastic.max_delay = rows.delays.last().map_or(1, |d| i64::from(*d));
        plastic.reopen(rows);
        plastic.start_lines(0);
        plastic
    }

    /// Makes the room that a copy lacks.
    pub fn make_room(&mut self) {
        let room = self.pre.len();
        self.ring.iter_mut().for_each(|list| list.reserve(room - list.len().min(room)));
        self.pairs.reserve(MAX_PAIRS - self.pairs.len().min(MAX_PAIRS));
        if let Some(eager) = &mut self.eager {
            eager.make_room(self.pre.len(), self.n_posts.len());
        }
    }

    /// Takes over a saved state that fits `rows`; the rule in it is the one it was learning with.
    pub fn load(&mut self, rows: &Rows, from: &mut Source<'_>) -> Result<(), Damage> {
        let mut next: Self = from.get()?;
        let fits = next.pre.len() == rows.n_pre as usize
            && next.n_posts.len() == rows.n_post as usize
            && next.depth.is_power_of_two()
            && next.posts.len() == next.n_posts.len() * next.depth
            && next.ring.len() == self.ring.len()
            && next.ring.iter().flatten().all(|s| s.neuron < rows.n_pre)
            && next.lines.as_ref().is_none_or(|l| l.len() == next.n_posts.len())
            && (next.open.is_empty() || next.open.len() == rows.n_synapses())
            && match (&mut next.eager, &mut self.eager) {
                (Some(next), Some(own)) => next.completed_by(own),
                (next, own) => next.is_none() && own.is_none(),
            };
        if !fits {
            return Err(Damage::other("its traces do not fit the synapses"));
        }
        next.pairs = std::mem::take(&mut self.pairs);
        next.watch_pairs = self.watch_pairs;
        *self = next;
        Ok(())
    }

    /// Chooses the form of the history for the rule in force; past post spikes must be done with.
    fn start_lines(&mut self, now: i64) {
        let rule = &self.rule;
        let additive = self.eager.is_none() && rule.mu_plus == 0.0 && rule.mu_minus == 0.0 && rule.pairing == Pairing::AllToAll;
        self.lines = additive.then(|| Lines::new(self.n_posts.len(), rule.tau_plus, rule.tau_minus, self.dt, now));
        // Entries that rows may still need, and the depression traces, move over.
        for j in 0..if additive { self.n_posts.len() } else { 0 } {
            let n = self.n_posts[j];
            for k in self.oldest(n).max(n.saturating_sub(8))..n {
                let p = self.entry(j, k);
                if let Some(lines) = &mut self.lines {
                    lines.push(j, p.stamp.max(now - lines.reach()), p.trace * self.minus.at((now - lines.reach() - p.stamp).max(0)));
                }
            }
        }
    }

    /// Changes the rule: past spikes are weighed with the old one, later ones with the new.
    pub fn set_rule(&mut self, rule: Stdp, rows: &mut Rows, now: i64) {
        self.flush(rows, now);
        let renewed = (rule.pairing, rule.learning) != (self.rule.pairing, self.rule.learning);
        self.rule = rule;
        if renewed {
            self.reopen(rows);
        }
        self.plus = DecayTable::new(rule.tau_plus, self.dt);
        self.minus = DecayTable::new(rule.tau_minus, self.dt);
        self.start_lines(now);
    }

    /// Whether looking at a row costs little more than copying it.
    pub fn peeks_fast(&self) -> bool {
        self.lines.is_some() || self.is_eager()
    }

    /// Whether a pre spike is paired with the first post spike after it only.
    fn only_first(&self) -> bool {
        matches!(self.rule.pairing, Pairing::NearestPreCentred | Pairing::NearestReduced)
    }

    fn reopen(&mut self, rows: &Rows) {
        let n = if self.only_first() { rows.n_synapses() } else { 0 };
        self.open = vec![0.0; n].into();
    }

    /// The trace that the pending post spikes of a synapse meet, just after the former pre spike.
    #[inline]
    fn opened(&self, synapse: usize, spike: PreSpike) -> f64 {
        self.open.get(synapse).map_or(spike.trace, |x| f64::from(*x))
    }

    /// Notes the presynaptic spikes stamped `now`, ascending (a neuron may appear more than once).
    pub fn emit(&mut self, fired: &[u32], now: i64) {
        let nearest = self.rule.pairing != Pairing::AllToAll;
        #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)]
        let slot = now as usize % self.ring.len();
        let ring = &mut self.ring[slot];
        ring.clear();
        for &neuron in fired {
            let (former, trace) = self.pre[neuron as usize];
            ring.push(PreSpike { neuron, former, trace });
            let kept = if nearest { 0.0 } else { trace * self.plus.at(now - former) };
            self.pre[neuron as usize] = (now, kept + 1.0);
        }
        if let Some(eager) = &mut self.eager {
            // A neuron that fired several times leaves the trace after all of them.
            let last_of = fired.iter().enumerate().filter(|(k, neuron)| fired.get(k + 1) != Some(neuron));
            eager.note_pre(last_of.map(|(_, neuron)| (*neuron, self.pre[*neuron as usize].1)), now);
        }
    }

    /// The presynaptic spikes stamped `stamp`.
    #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)]
    pub fn emitted(&self, stamp: i64) -> &[PreSpike] {
        &self.ring[stamp as usize % self.ring.len()]
    }

    /// Notes the postsynaptic spikes stamped `now`.
    pub fn post(&mut self, fired: &[u32], rows: &mut Rows, now: i64) {
        if self.lines.as_ref().is_some_and(|l| l.is_stale(now)) {
            self.flush(rows, now - 1);
            let done = self.flushed - 2 * self.max_delay;
            if let Some(lines) = &mut self.lines {
                lines.renew(now, done);
            }
        }
        for &neuron in fired {
            let j = neuron as usize;
            let oldest = self.posts[j * self.depth + self.n_posts[j] as usize % self.depth].stamp;
            // The oldest entry is about to be overwritten: nobody may still need it.
            if self.eager.is_none() && oldest != NEVER && oldest + 2 * self.max_delay > self.flushed {
                self.flush(rows, now - 1);
                if oldest + 2 * self.max_delay > self.flushed {
                    self.deepen();
                }
            }
            let (last, nearest) = (self.last_post(j), self.rule.pairing != Pairing::AllToAll);
            let kept = if nearest { 0.0 } else { last.map_or(0.0, |p| p.trace * self.minus.at(now - p.stamp)) };
            let at = j * self.depth + self.n_posts[j] as usize % self.depth;
            self.posts[at] = Post { stamp: now, trace: kept + 1.0 };
            if let Some(lines) = &mut self.lines {
                lines.push(j, now, kept + 1.0);
            }
            self.n_posts[j] += 1;
        }
        if let Some(mut eager) = self.eager.take() {
            eager.note_post(fired.iter().filter_map(|j| Some((*j, self.last_post(*j as usize)?.trace))), now);
            self.eager = Some(eager);
        }
    }

    /// Brings the synapses of `range`, with weights `weights`, up to the pre spike `spike`, stamped `stamp`, that arrives after `delay` steps.
    /// What `ahead` is told: see [`Lines::update_row`].
    ///
    /// # Safety
    /// Meanwhile nobody else has to do with these synapses, and they are of the rows that this was made for.
    pub unsafe fn update(
        &self,
        spike: PreSpike,
        stamp: i64,
        delay: i64,
        targets: &Targets,
        range: Range<usize>,
        weights: &mut [f32],
        ahead: impl Fn(Range<usize>),
    ) {
        if !self.rule.learning {
            return ahead(0..usize::MAX);
        }
        match (&self.lines, targets) {
            // SAFETY: the targets of the rows are below `n_post` (`Rows`), which is the number of lines (`new`, `load`).
            (Some(lines), Targets::Short(t)) => unsafe { self.update_additive(lines, spike, stamp, delay, &t[range], weights, ahead) },
            // SAFETY: as above.
            (Some(lines), Targets::Long(t)) => unsafe { self.update_additive(lines, spike, stamp, delay, &t[range], weights, ahead) },
            (_, targets) => {
                ahead(0..usize::MAX);
                // SAFETY: promised by the caller.
                let open = unsafe { self.open.part(if self.open.is_empty() { 0..0 } else { range.clone() }) };
                for (k, (synapse, weight)) in range.zip(weights).enumerate() {
                    self.note_open(open.get_mut(k), targets.at(synapse), spike, stamp, delay, weight);
                }
            }
        }
    }

    /// A row of additive all-to-all plasticity: the fast form where it fits, else synapse by synapse.
    ///
    /// # Safety
    /// All targets are postsynaptic neurons.
    unsafe fn update_additive<I: super::rows::Index>(
        &self,
        lines: &Lines,
        spike: PreSpike,
        stamp: i64,
        delay: i64,
        targets: &[I],
        weights: &mut [f32],
        ahead: impl Fn(Range<usize>),
    ) {
        let after = if spike.former == NEVER { stamp } else { self.from(spike.former, delay) };
        let row = lines.row(&self.rule, spike.trace, spike.former.max(stamp - (1 << 40)), after, stamp - delay, delay);
        // SAFETY: promised by the caller.
        unsafe { lines.update_row(targets, weights, &row, ahead, |post, w| self.updated(w, spike.trace, post, spike, stamp, delay).0) };
    }

    /// One synapse of any rule: its weight, and the trace that only the first post spike may use.
    fn note_open(&self, open: Option<&mut f32>, post: usize, spike: PreSpike, stamp: i64, delay: i64, weight: &mut f32) {
        let x = open.as_ref().map_or(spike.trace, |x| f64::from(**x));
        let (w, met) = self.updated(*weight, x, post, spike, stamp, delay);
        *weight = w;
        if let Some(open) = open {
            let carries = self.rule.pairing == Pairing::NearestPreCentred && !met && spike.former != NEVER;
            let kept = if carries { x * self.plus.at(stamp - spike.former) } else { 0.0 };
            *open = (kept + 1.0) as f32;
        }
    }

    /// The weight after the pending changes (against the trace `x`) and the depression of one pre spike, and whether any post spike
    /// was pending.
    #[allow(clippy::cast_possible_truncation)]
    fn updated(&self, w: f32, x: f64, post: usize, spike: PreSpike, stamp: i64, delay: i64) -> (f32, bool) {
        let (mut w, met) = self.potentiated(f64::from(w), post, spike, x, self.from(spike.former, delay), stamp - delay, delay);
        let (y, _) = self.depression(post, spike, stamp - delay, delay);
        if y > 0.0 {
            w = self.rule.depress(w, y);
        }
        (w as f32, met)
    }

    /// First stamp (exclusive) whose post spikes are still pending for a row whose last processed pre spike was `former`.
    fn from(&self, former: i64, delay: i64) -> i64 {
        (former - delay).max(self.flushed - 2 * delay)
    }

    /// `w` after the post spikes of neuron `post` with stamps in (`after`, `until`], against the trace `x` left by the pre spikes before
    /// them, and whether there were any.
    #[inline]
    #[allow(clippy::too_many_arguments)]
    fn potentiated(&self, mut w: f64, post: usize, spike: PreSpike, x: f64, after: i64, until: i64, delay: i64) -> (f64, bool) {
        if spike.former == NEVER {
            return (w, false);
        }
        let n = self.n_posts[post];
        let oldest = self.oldest(n);
        let mut first = n;
        // Walk back to the first pending entry, then apply in time order.
        while first > oldest && self.entry(post, first - 1).stamp > after {
            first -= 1;
        }
        let mut met = false;
        for k in first..n {
            let p = self.entry(post, k);
            if p.stamp > until {
                break;
            }
            // A post spike that coincides with the former pre spike (Δt = 0) does not count with it; with older ones it does.
            let since = p.stamp + delay - spike.former;
            if since <= 0 {
                continue;
            }
            w = self.rule.potentiate(w, x * self.plus.at(since));
            met = true;
            if !self.open.is_empty() {
                break;
            }
        }
        (w, met)
    }

    /// Index of the oldest remembered spike of a neuron that fired `n` times.
    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn oldest(&self, n: u32) -> u32 {
        n.saturating_sub(self.depth as u32)
    }

    /// Postsynaptic trace that a pre spike meets at post time `at` (its stamp less the delay), and the last post spike before it.
    #[inline]
    fn depression(&self, post: usize, spike: PreSpike, at: i64, delay: i64) -> (f64, i64) {
        let n = self.n_posts[post];
        for k in (self.oldest(n)..n).rev() {
            let p = self.entry(post, k);
            if p.stamp < at {
                // Reduced pairing: only a post spike that came after the former pre spike.
                if self.rule.pairing == Pairing::NearestReduced && p.stamp + delay <= spike.former {
                    break;
                }
                return (p.trace * self.minus.at(at - p.stamp), p.stamp);
            }
        }
        (0.0, NEVER)
    }

    /// Continues the traces and histories of the same projection in a former network whose rows `rows` are a copy of.
    #[allow(clippy::cast_possible_wrap)]
    pub fn adopt(&mut self, old: &Self, rows: &mut Rows, step: u64) {
        let (rule, ring_len) = (self.rule, self.ring.len());
        let mut next = old.clone();
        if ring_len != next.ring.len() {
            let mut ring = rooms(ring_len, self.pre.len());
            let reach = ring_len.min(next.ring.len()) as i64;
            for stamp in (step as i64 + 1 - reach).max(1)..=step as i64 {
                #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)]
                ring[stamp as usize % ring_len].extend_from_slice(old.emitted(stamp));
            }
            next.ring = ring;
        }
        next.set_rule(rule, rows, step as i64);
        next.set_eager(self.is_eager(), rows, step as i64);
        *self = next;
    }

    /// Pre- or postsynaptic trace at the end of step `now`.
    pub fn trace(&self, pre: bool, neuron: usize, now: i64) -> f64 {
        if pre {
            let (last, x) = self.pre[neuron];
            if last == NEVER { 0.0 } else { x * self.plus.at(now - last) }
        } else {
            self.last_post(neuron).map_or(0.0, |p| p.trace * self.minus.at(now - p.stamp))
        }
    }

    #[inline]
    fn entry(&self, post: usize, k: u32) -> Post {
        self.posts[post * self.depth + (k as usize & (self.depth - 1))]
    }

    fn last_post(&self, post: usize) -> Option<Post> {
        self.n_posts[post].checked_sub(1).map(|k| self.entry(post, k))
    }

    /// Doubles the history: a neuron fired more often within two delays than it could hold.
    fn deepen(&mut self) {
        let old = self.depth;
        let mut posts = zeroed(self.n_posts.len() * old * 2, Post { stamp: NEVER, trace: 0.0 });
        for (j, n) in self.n_posts.iter().enumerate() {
            #[allow(clippy::cast_possible_truncation)]
            for k in n.saturating_sub(old as u32)..*n {
                posts[j * old * 2 + (k as usize & (old * 2 - 1))] = self.posts[j * old + (k as usize & (old - 1))];
            }
        }
        self.posts = posts;
        self.depth = old * 2;
    }
}
