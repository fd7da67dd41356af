//! Bringing rows up to date without a spike of their own: before histories are forgotten or a rule changes, and for who looks.

use super::{NEVER, Plastic, PreSpike};
use crate::engine::rows::{Index, Rows, Targets, Weights};
use std::ops::Range;

/// A row as it is brought up to date: its last spike, and which post spikes are pending.
#[derive(Clone, Copy)]
struct Pending {
    last: PreSpike,
    /// Stamps after this and up to that.
    after: i64,
    until: i64,
    delay: i64,
}

impl Plastic {
    /// Applies all pending post spikes to all rows, so that the history may be forgotten.
    pub fn flush(&mut self, rows: &mut Rows, now: i64) {
        if now <= self.flushed {
            return;
        }
        if self.rule.learning && !self.is_eager() {
            for pre in 0..rows.n_pre {
                for d in 0..rows.delays.len() {
                    let range = rows.segment(pre, d);
                    let Some(pending) = self.pending(rows, pre, d, now) else { continue };
                    let Weights::Each(weights) = &mut rows.weights else { continue };
                    self.bring(pending, &rows.targets, range.clone(), &mut weights[range.clone()]);
                    self.close(pending, rows, range);
                }
            }
        }
        self.flushed = now;
    }

    /// The weights of synapses `range` of a row as they would be if it were brought up to date now; changes nothing but `out`.
    pub fn peek(&self, rows: &Rows, pre: u32, d: usize, range: Range<usize>, now: i64, out: &mut Vec<f32>) {
        out.clear();
        out.extend_from_slice(&rows.learned()[range.clone()]);
        if let Some(pending) = self.pending(rows, pre, d, now).filter(|_| self.rule.learning && !self.is_eager()) {
            self.bring(pending, &rows.targets, range, out);
        }
    }

    /// What is pending for a row; nothing before its first spike.
    fn pending(&self, rows: &Rows, pre: u32, d: usize, now: i64) -> Option<Pending> {
        let delay = i64::from(rows.delays[d]);
        let last = self.arrived(pre, now - delay);
        (last.former != NEVER).then(|| Pending { last, after: self.from(last.former, delay), until: now - 2 * delay, delay })
    }

    /// Applies what is pending to the weights of some synapses of a row.
    fn bring(&self, pending: Pending, targets: &Targets, range: Range<usize>, weights: &mut [f32]) {
        match targets {
            Targets::Short(t) if self.lines.is_some() => self.bring_additive(pending, &t[range], weights),
            Targets::Long(t) if self.lines.is_some() => self.bring_additive(pending, &t[range], weights),
            targets => {
                for (synapse, weight) in range.zip(weights) {
                    *weight = self.brought(pending, synapse, targets.at(synapse), *weight).0;
                }
            }
        }
    }

    /// The fast form of additive all-to-all plasticity: what a spike does to the row, without the depression.
    fn bring_additive<I: Index>(&self, p: Pending, targets: &[I], weights: &mut [f32]) {
        let Some(lines) = &self.lines else { return };
        let row = lines.row(&self.rule, p.last.trace, p.last.former, p.after, p.until, p.delay).without_depression();
        let general = |post, w| self.potentiated(f64::from(w), post, p.last, p.last.trace, p.after, p.until, p.delay).0 as f32;
        // SAFETY: the targets of the rows are below `n_post` (`Rows`), which is the number of lines (`Plastic::new`, `Plastic::load`).
        unsafe { lines.update_row(targets, weights, &row, |_| (), general) };
    }

    /// One synapse of any rule: its weight, and whether any post spike was pending.
    fn brought(&self, p: Pending, synapse: usize, post: usize, weight: f32) -> (f32, bool) {
        let x = self.opened(synapse, p.last);
        let (w, met) = self.potentiated(f64::from(weight), post, p.last, x, p.after, p.until, p.delay);
        (w as f32, met)
    }

    /// Where only the first post spike counts: notes which synapses have met theirs.
    fn close(&mut self, pending: Pending, rows: &Rows, range: Range<usize>) {
        if self.open.is_empty() {
            return;
        }
        for synapse in range {
            if self.brought(pending, synapse, rows.targets.at(synapse), 0.0).1 {
                self.open[synapse] = 0.0;
            }
        }
    }

    /// The last spike of `pre` stamped at or before `until`, in the form the next one will see it.
    #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)]
    pub(super) fn arrived(&self, pre: u32, until: i64) -> PreSpike {
        let (mut former, mut trace) = self.pre[pre as usize];
        // Spikes still under way carry what was before them.
        while former > until && former != NEVER {
            let Some(s) = self.ring[former as usize % self.ring.len()].iter().find(|s| s.neuron == pre) else { break };
            (former, trace) = (s.former, s.trace);
        }
        PreSpike { neuron: pre, former, trace }
    }
}
