//! From the description of a projection to its rows: who is connected, with which weight and delay.
//!
//! Rows are drawn one after the other into their final place; nothing is held twice. Structure, weights and delays come from streams of
//! their own for each source (for each target where the in-degree is fixed).

use super::builder::Progress;
use super::rows::{Bits, Connection, Packer, Rows};
use crate::model::connectivity::{self, Sides};
use crate::model::distribution::{Sampler, ring_distance};
use crate::model::stimulus::step_of;
use crate::rng::{self, Purpose, Stream, name_id};
use crate::spec::estimate::longest_delay;
use crate::spec::layout::{Layout, layout};
use crate::spec::{NetworkSpec, ProjectionSpec};

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

    /// Calls `f(pre, targets)` for every source in turn; false when given up.
    fn each_row(&self, progress: Progress<'_>, mut f: impl FnMut(u32, &[u32])) -> bool {
        let n_pre = self.sides.n_pre;
        let report = |done: u32, progress: &mut dyn FnMut(f32) -> bool| !done.is_multiple_of(256) || progress(done as f32 / n_pre as f32);
        if self.p.connect.kind.key == "in_degree" {
            let Some((starts, posts)) = self.by_source(&mut |part| progress(0.5 * part)) else { return false };
            return (0..n_pre).all(|pre| {
                f(pre, &posts[starts[pre as usize]..starts[pre as usize + 1]]);
                report(pre, &mut |part| progress(0.5 + 0.5 * part))
            });
        }
        let mut row = Vec::new();
        (0..n_pre).all(|pre| {
            row.clear();
            if self.p.connect.kind.key == "matrix" {
                let given = self.p.connect.table.get(pre as usize).into_iter().flatten().enumerate();
                row.extend(given.filter(|(_, w)| **w != 0.0).map(|(post, _)| post as u32));
            } else {
                connectivity::row(&self.p.connect, self.sides, pre, &mut self.stream(Purpose::Connectivity, pre), &mut row);
            }
            f(pre, &row);
            report(pre, progress)
        })
    }

    /// Calls `f(post, sources)` for every target of a projection with a fixed in-degree; false when given up.
    fn each_target(&self, progress: Progress<'_>, mut f: impl FnMut(u32, &[u32])) -> bool {
        let (mut marks, mut sources) = (vec![false; self.sides.n_pre as usize], Vec::new());
        (0..self.sides.n_post).all(|post| {
            sources.clear();
            let stream = &mut self.stream(Purpose::Connectivity, post);
            connectivity::in_degree_sources(&self.p.connect, self.sides, post, stream, &mut marks, &mut sources);
            f(post, &sources);
            !post.is_multiple_of(1024) || progress(post as f32 / self.sides.n_post as f32)
        })
    }

    /// A fixed in-degree by source: where each row starts, and all targets, ascending in each row.
    fn by_source(&self, progress: Progress<'_>) -> Option<(Vec<usize>, Vec<u32>)> {
        let mut starts = vec![0; self.sides.n_pre as usize + 1];
        let (mut drawn, mut k) = (Vec::new(), 0);
        let going = self.each_target(progress, |_, sources| {
            sources.iter().for_each(|pre| starts[*pre as usize + 1] += 1);
            k = sources.len();
            drawn.extend_from_slice(sources);
        });
        if !going {
            return None;
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

    fn bits(&self, progress: Progress<'_>) -> Option<Rows> {
        let Sides { n_pre, n_post, .. } = self.sides;
        let mut bits = Bits::new(n_pre, n_post);
        let going = if self.p.connect.kind.key == "in_degree" {
            self.each_target(progress, |post, sources| sources.iter().for_each(|pre| bits.set(*pre, post)))
        } else {
            self.each_row(progress, |pre, posts| posts.iter().for_each(|post| bits.set(pre, *post)))
        };
        going.then(|| Rows::of_bits(bits, n_pre, n_post, self.steps(self.p.delay.values[0]), self.p.weight.values[0]))
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
        let (mut weights, mut delays) = (Vec::new(), Vec::new());
        let going = self.each_row(progress, |pre, posts| {
            weights.clear();
            if draws_weights {
                self.weights(pre, posts, &mut weights);
            }
            delays.clear();
            if mixed {
                let stream = &mut self.stream(Purpose::Delay, pre);
                delays.extend(posts.iter().map(|_| self.steps(sampler.draw(stream)) - lowest));
            }
            packer.row(posts, &weights, &delays);
        });
        going.then(|| packer.finish())
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
                out.extend(posts.iter().map(|_| self.kept(sampler.draw(stream))));
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
