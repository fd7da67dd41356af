//! The pairs of spikes behind the changes of weights, for the STDP window on screen.

use super::{MAX_PAIRS, NEVER, Plastic, PreSpike};
use crate::engine::rows::Rows;
use crate::protocol::PairEvent;

impl Plastic {
    /// Whether somebody watches and there is room for more.
    pub fn wants_pairs(&self) -> bool {
        self.watch_pairs && self.rule.learning && self.pairs.len() < MAX_PAIRS
    }

    /// Notes the pairs behind the updates that the spikes stamped `stamp` will bring over the `d`-th delay; to be called before them.
    pub fn note_updates(&mut self, stamp: i64, d: usize, rows: &Rows, projection: u32) {
        let delay = i64::from(rows.delays[d]);
        for k in 0..self.emitted(stamp).len() {
            let spike = self.emitted(stamp)[k];
            for synapse in rows.segment(spike.neuron, d) {
                if self.pairs.len() >= MAX_PAIRS {
                    return;
                }
                let post = rows.target(synapse) as usize;
                let last = self.depression(post, spike, stamp - delay, delay).1;
                self.note_pairs(post, spike, stamp, delay, f64::from(rows.weight(synapse)), last, projection);
            }
        }
    }

    /// Notes the pairs behind one update for the STDP window panel: each with its own share of the change.
    #[cold]
    fn note_pairs(&mut self, post: usize, spike: PreSpike, stamp: i64, delay: i64, before: f64, last: i64, projection: u32) {
        let mut note = |steps: i64| {
            let delta_t = steps as f64 * self.dt;
            let change = self.rule.window(delta_t, before).clamp(-before, self.rule.w_max - before);
            if change != 0.0 && self.pairs.len() < MAX_PAIRS {
                self.pairs.push(PairEvent { projection, delta_t: delta_t as f32, delta_w: change as f32, step: stamp.max(0) as u64 });
            }
        };
        if last != NEVER {
            note(last + delay - stamp);
        }
        if spike.former != NEVER {
            let n = self.n_posts[post];
            let after = (spike.former - delay).max(self.flushed - 2 * delay);
            let first = n.saturating_sub(self.depth as u32);
            for k in (first..n).rev() {
                let p = self.posts[post * self.depth + (k as usize & (self.depth - 1))];
                if p.stamp <= after {
                    break;
                }
                if p.stamp + delay <= stamp {
                    note(p.stamp + delay - spike.former);
                }
            }
        }
    }
}
