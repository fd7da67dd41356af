//! From the description of a projection to its rows: who is connected, with which weight and delay.
//!
//! Rows are drawn in order into their final place, of large projections by several threads in pieces. Structure, weights and delays come from streams of
//! their own for each source (for each target where the in-degree is fixed).

use super::builder::Progress;
use super::rows::{BITS, Bits, Connection, Even, Packer, Procedural, Rows};
use crate::model::connectivity::{self, Sides};
use crate::model::distribution::{Sampler, ring_distance};
use crate::model::stimulus::step_of;
use crate::rng::{self, Purpose, Stream, name_id};
use crate::spec::estimate::longest_delay;
use crate::spec::layout::{Layout, layout};
use crate::spec::{NetworkSpec, ProjectionSpec};
use std::ops::Range;

/// Synapses drawn by one thread before they are put together with the others'.
const PIECE: f64 = 200_000.0;
/// From so many synapses on several threads draw.
const WORTH_THREADS: f64 = 1e6;

/// What was drawn by target.
enum Turned {
    Nothing,
    Bits(Bits),
    /// Where each row starts, and all targets.
    Lists(Vec<usize>, Vec<u32>),
}

/// `job` of each item, each on a thread of its own.
fn side_by_side<I: Send, T: Send>(items: impl IntoIterator<Item = I>, job: impl Fn(I) -> T + Sync) -> Vec<T> {
    let mut items = items.into_iter();
    let Some(first) = items.next() else { return Vec::new() };
    std::thread::scope(|scope| {
        let job = &job;
        let threads: Vec<_> = items.map(|item| scope.spawn(move || job(item))).collect();
        let own = job(first);
        let panicked = |panic| std::panic::resume_unwind(panic);
        std::iter::once(own).chain(threads.into_iter().map(|t| t.join().unwrap_or_else(panicked))).collect()
    })
}

/// What all rows of a projection are drawn with.
struct Wiring<'a> {
    p: &'a ProjectionSpec,
    dt: f64,
    seed: u64,
    entity: u64,
    sides: Sides,
    /// Weights of a projection that learns lie between 0 and this.
    w_max: Option<f64>,
    longest: u64,
}

/// The rows of a projection; `None` when given up.
pub fn connect(
    spec: &NetworkSpec,
    p: &ProjectionSpec,
    seed: u64,
    sides: Sides,
    w_max: Option<f64>,
    progress: Progress<'_>,
) -> Option<Rows> {
    let wiring = Wiring { p, dt: spec.dt, seed, entity: name_id(&p.name), sides, w_max, longest: longest_delay(p, spec.dt) };
    match p.connect.kind.key {
        "list" => Some(Rows::pack(sides.n_post, &mut wiring.listed(), None)),
        _ => match layout(spec, p) {
            Layout::Bits => wiring.bits(progress),
            Layout::Procedural => wiring.procedural(progress),
            layout => wiring.rows(layout, progress),
        },
    }
}

impl Wiring<'_> {
    fn stream(&self, purpose: Purpose, part: u32) -> Stream {
        rng::stream(self.seed, purpose, self.entity, u64::from(part))
    }

    /// A drawn delay in steps.
    fn steps(&self, delay: f64) -> u32 {
        step_of(delay, self.dt).clamp(1, self.longest) as u32
    }

    fn kept(&self, weight: f64) -> f32 {
        let weight = weight as f32;
        self.w_max.map_or(weight, |w_max| weight.clamp(0.0, w_max as f32))
    }

    /// What has to be drawn by target before rows can be read.
    fn turned(&self, progress: Progress<'_>) -> Option<Turned> {
        Some(match self.p.connect.kind.key {
            "in_degree" if self.is_dense() => Turned::Bits(self.inputs_as_bits(progress)?),
            "in_degree" => {
                let (starts, posts) = self.by_source(progress)?;
                Turned::Lists(starts, posts)
            }
            _ => Turned::Nothing,
        })
    }

    /// The targets of a source, ascending.
    fn targets(&self, turned: &Turned, pre: u32, row: &mut Vec<u32>) {
        row.clear();
        match turned {
            Turned::Bits(bits) => row.extend(bits.row(pre)),
            Turned::Lists(starts, posts) => row.extend_from_slice(&posts[starts[pre as usize]..starts[pre as usize + 1]]),
            Turned::Nothing if self.p.connect.kind.key == "matrix" => {
                let given = self.p.connect.table.get(pre as usize).into_iter().flatten().enumerate();
                row.extend(given.filter(|(_, w)| **w != 0.0).map(|(post, _)| post as u32));
            }
            Turned::Nothing => {
                connectivity::row(&self.p.connect, self.sides, pre, &mut self.stream(Purpose::Connectivity, pre), row);
            }
        }
    }

    /// Calls `f(post, sources)` for some targets of a projection with a fixed in-degree.
    fn each_target(&self, posts: Range<u32>, mut f: impl FnMut(u32, &[u32])) {
        let (mut marks, mut sources) = (vec![false; self.sides.n_pre as usize], Vec::new());
        for post in posts {
            sources.clear();
            let stream = &mut self.stream(Purpose::Connectivity, post);
            connectivity::in_degree_sources(&self.p.connect, self.sides, post, stream, &mut marks, &mut sources);
            f(post, &sources);
        }
    }

    /// A fixed in-degree by source: where each row starts, and all targets, ascending in each row.
    fn by_source(&self, progress: Progress<'_>) -> Option<(Vec<usize>, Vec<u32>)> {
        let mut starts = vec![0; self.sides.n_pre as usize + 1];
        let (mut drawn, mut k) = (Vec::new(), 0);
        for first in (0..self.sides.n_post).step_by(1024) {
            self.each_target(first..self.sides.n_post.min(first + 1024), |_, sources| {
                sources.iter().for_each(|pre| starts[*pre as usize + 1] += 1);
                k = sources.len();
                drawn.extend_from_slice(sources);
            });
            if !progress(first as f32 / self.sides.n_post as f32) {
                return None;
            }
        }
        for pre in 1..starts.len() {
            starts[pre] += starts[pre - 1];
        }
        let mut next = starts.clone();
        let mut posts = super::memory::zeroed(drawn.len(), 0);
        for (post, sources) in drawn.chunks(k.max(1)).enumerate() {
            for pre in sources {
                let at = &mut next[*pre as usize];
                posts[*at] = post as u32;
                *at += 1;
            }
        }
        Some((starts, posts))
    }

    /// Whether a bit a pair takes less room than turning lists of sources round.
    fn is_dense(&self) -> bool {
        let pairs = f64::from(self.sides.n_pre) * f64::from(self.sides.n_post);
        connectivity::expected_synapses(&self.p.connect, self.sides) > pairs / 64.0
    }

    /// A fixed in-degree as bits: block of targets by block, several at a time.
    fn inputs_as_bits(&self, progress: Progress<'_>) -> Option<Bits> {
        let Sides { n_pre, n_post, .. } = self.sides;
        let mut bits = Bits::new(n_pre, n_post);
        let blocks: Vec<u32> = (0..n_post.div_ceil(BITS as u32)).collect();
        let mut lanes = vec![vec![[0; BITS / 64]; n_pre as usize]; self.workers()];
        for blocks in blocks.chunks(self.workers()) {
            side_by_side(blocks.iter().zip(&mut lanes), |(block, lanes)| {
                let first = block * BITS as u32;
                lanes.fill([0; BITS / 64]);
                self.each_target(first..n_post.min(first + BITS as u32), |post, sources| {
                    let (word, bit) = (((post - first) / 64) as usize, 1u64 << (post % 64));
                    sources.iter().for_each(|pre| lanes[*pre as usize][word] |= bit);
                });
            });
            blocks.iter().zip(&lanes).for_each(|(block, lanes)| bits.put(*block as usize, lanes));
            if !progress(blocks[0] as f32 * BITS as f32 / n_post as f32) {
                return None;
            }
        }
        Some(bits)
    }

    fn bits(&self, progress: Progress<'_>) -> Option<Rows> {
        let Sides { n_pre, n_post, .. } = self.sides;
        let bits = if self.p.connect.kind.key == "in_degree" {
            self.inputs_as_bits(progress)?
        } else {
            let (mut bits, mut row) = (Bits::new(n_pre, n_post), Vec::new());
            for pre in 0..n_pre {
                self.targets(&Turned::Nothing, pre, &mut row);
                row.iter().for_each(|post| bits.set(pre, *post));
                if pre.is_multiple_of(256) && !progress(pre as f32 / n_pre as f32) {
                    return None;
                }
            }
            bits
        };
        Some(Rows::of_bits(bits, n_pre, n_post, self.steps(self.p.delay.values[0]), self.p.weight.values[0]))
    }

    /// Rows that are drawn when they are needed; drawn once now, to be counted.
    fn procedural(&self, progress: Progress<'_>) -> Option<Rows> {
        let Sides { n_pre, n_post, same } = self.sides;
        let even = |sampler, scale: f64| match sampler {
            Sampler::Uniform { low, width } => Even { low: low * scale, width: width * scale },
            Sampler::Constant(value) => Even { low: value * scale, width: 0.0 },
            Sampler::Normal { .. } | Sampler::LogNormal { .. } => unreachable!("kept in lists"),
        };
        let (delays, skips_self) = (self.delays(), same && !self.p.connect.flag("self_connections"));
        let (weights, steps) = (even(Sampler::of(&self.p.weight), 1.0), even(Sampler::of(&self.p.delay), 1.0 / self.dt));
        let among = (delays[0], delays[delays.len() - 1]);
        let p = self.p.connect.get("p");
        let mut rows = Procedural::new(self.seed, self.entity, n_post, p, skips_self, weights, steps, among);
        let mut n = 0;
        let pieces = self.pieces();
        for pieces in pieces.chunks(self.workers()) {
            n += side_by_side(pieces, |pres| pres.clone().map(|pre| rows.count(pre)).sum::<usize>()).into_iter().sum::<usize>();
            if !progress(pieces[0].start as f32 / n_pre as f32) {
                return None;
            }
        }
        rows.set_n_synapses(n);
        let weight = (self.p.weight.kind.key == "constant").then(|| self.p.weight.values[0]);
        Some(Rows::procedural(rows, n_pre, n_post, delays, weight))
    }

    fn rows(&self, layout: Layout, progress: Progress<'_>) -> Option<Rows> {
        let Sides { n_pre, n_post, .. } = self.sides;
        let mixed = self.p.delay.kind.key != "constant";
        let sampler = Sampler::of(&self.p.delay);
        let expected = connectivity::expected_synapses(&self.p.connect, self.sides);
        // Five standard deviations of a binomial draw: hardly ever does the room have to grow.
        let room = (expected + 5.0 * expected.sqrt()) as usize + 16;
        let mut packer = match layout {
            Layout::All => {
                let skips_self = self.sides.same && !self.p.connect.flag("self_connections");
                Packer::all(n_pre, n_post, self.steps(self.p.delay.values[0]), skips_self)
            }
            Layout::OneWeight => Packer::lists(n_pre, n_post, self.delays(), Some(self.p.weight.values[0]), room),
            _ => Packer::lists(n_pre, n_post, self.delays(), None, room),
        };
        let lowest = packer.delays().first().copied().unwrap_or(1);
        let draws_weights = layout != Layout::OneWeight;
        let turned = self.turned(&mut |part| progress(0.5 * part))?;
        let before = if matches!(turned, Turned::Nothing) { 0.0 } else { 0.5 };
        let draw = |pres: Range<u32>, packer: &mut Packer| {
            let (mut posts, mut weights, mut delays) = (Vec::new(), Vec::new(), Vec::new());
            for pre in pres {
                self.targets(&turned, pre, &mut posts);
                weights.clear();
                if draws_weights {
                    self.weights(pre, &posts, &mut weights);
                }
                delays.clear();
                if mixed {
                    let stream = &mut self.stream(Purpose::Delay, pre);
                    sampler.fill(posts.len(), stream, &mut delays, |delay| self.steps(delay) - lowest);
                }
                packer.row(&posts, &weights, &delays);
            }
        };
        let mut workbenches = Vec::new();
        // Several pieces at a time; put together they are what one thread would have made.
        for pieces in self.pieces().chunks(self.workers()) {
            if let [piece] = pieces {
                draw(piece.clone(), &mut packer);
            } else {
                // Their room is used again and again: fresh memory would cost more than the drawing.
                workbenches.resize_with(pieces.len().max(workbenches.len()), || packer.piece((PIECE * 1.2) as usize));
                side_by_side(pieces.iter().zip(&mut workbenches), |(pres, piece)| draw(pres.clone(), piece));
                workbenches.iter_mut().take(pieces.len()).for_each(|piece| packer.take(piece));
            }
            if !progress(before + (1.0 - before) * pieces[0].start as f32 / n_pre as f32) {
                return None;
            }
        }
        Some(packer.finish())
    }

    /// The sources in pieces of some ten thousand synapses.
    fn pieces(&self) -> Vec<Range<u32>> {
        let n_pre = self.sides.n_pre;
        let a_row = connectivity::expected_synapses(&self.p.connect, self.sides) / f64::from(n_pre.max(1));
        let rows = ((PIECE / a_row.max(1.0)) as u32).clamp(1, n_pre.max(1));
        (0..n_pre).step_by(rows as usize).map(|first| first..n_pre.min(first.saturating_add(rows))).collect()
    }

    /// Threads that draw.
    fn workers(&self) -> usize {
        if connectivity::expected_synapses(&self.p.connect, self.sides) < WORTH_THREADS {
            return 1;
        }
        std::thread::available_parallelism().map_or(1, |n| n.get().min(8))
    }

    /// All delays that may be drawn, in steps, ascending without a gap.
    fn delays(&self) -> Vec<u32> {
        let v = &self.p.delay.values;
        match Sampler::of(&self.p.delay) {
            Sampler::Constant(delay) => vec![self.steps(delay)],
            Sampler::Uniform { .. } => (self.steps(v[0].min(v[1]))..=self.steps(v[0].max(v[1]))).collect(),
            _ => (1..=self.longest as u32).collect(),
        }
    }

    /// The weights of one row.
    fn weights(&self, pre: u32, posts: &[u32], out: &mut Vec<f32>) {
        let at = |table: &[Vec<f64>], post: u32| table.get(pre as usize).and_then(|r| r.get(post as usize)).copied().unwrap_or(0.0);
        let p = self.p;
        match p.weight.kind.key {
            _ if p.connect.kind.key == "matrix" => out.extend(posts.iter().map(|post| self.kept(at(&p.connect.table, *post)))),
            "matrix" => out.extend(posts.iter().map(|post| self.kept(at(&p.weight.table, *post)))),
            "ring" => {
                let (sigma, base, peak) = (p.weight.get("sigma"), p.weight.get("base"), p.weight.get("peak"));
                out.extend(posts.iter().map(|post| {
                    let d = ring_distance(pre, self.sides.n_pre, *post, self.sides.n_post) / sigma;
                    self.kept(base + peak * libm::exp(-0.5 * d * d))
                }));
            }
            _ => {
                let (sampler, stream) = (Sampler::of(&p.weight), &mut self.stream(Purpose::Weight, pre));
                sampler.fill(posts.len(), stream, out, |weight| self.kept(weight));
            }
        }
    }

    /// Listed connections, in the order of the list within each source.
    fn listed(&self) -> Vec<Vec<Connection>> {
        let (mut weights, mut delays) = (self.stream(Purpose::Weight, 0), self.stream(Purpose::Delay, 0));
        let sampler = Sampler::of(&self.p.delay);
        let mut rows = vec![Vec::new(); self.sides.n_pre as usize];
        let mut drawn = Vec::new();
        for entry in self.p.connect.table.iter() {
            let &[pre, post, ..] = entry.as_slice() else { continue };
            let (pre, post) = (pre as u32, post as u32);
            if pre < self.sides.n_pre && post < self.sides.n_post {
                drawn.clear();
                self.listed_weight(pre, post, &mut weights, &mut drawn);
                let weight = entry.get(2).map_or(drawn[0], |w| self.kept(*w));
                let delay = self.steps(sampler.draw(&mut delays));
                let delay = entry.get(3).map_or(delay, |d| step_of(*d, self.dt).max(1) as u32);
                rows[pre as usize].push(Connection { post, weight, delay });
            }
        }
        rows
    }

    /// The weight of a listed connection that names none.
    fn listed_weight(&self, pre: u32, post: u32, stream: &mut Stream, out: &mut Vec<f32>) {
        if matches!(self.p.weight.kind.key, "matrix" | "ring") {
            self.weights(pre, &[post], out);
        } else {
            out.push(self.kept(Sampler::of(&self.p.weight).draw(stream)));
        }
    }
}
