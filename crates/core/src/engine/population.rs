//! A population: the state columns of its neurons, its ports, and the loop that advances them.
//!
//! [`Population`] is generic over the neuron model and the precision; the network holds it behind the object-safe face [`Cells`].

mod located;
mod run;
pub mod spread;

use super::cells::Cells;
use super::checkpoint::{Damage, Sink, Source};
use super::parted::Parted;
use super::port::{BLOCK, BlockInput, PerNeuron, Port, Precise, Scratch, Wave};
use crate::model::neuron::accurate::ACCURATE;
use crate::model::neuron::{Input, Neuron};
use crate::model::synapse::Shape;
use crate::real::Column;
use crate::simd::dispatch;
use run::{list_marked, run};
use spread::Spread;
use std::any::Any;
use std::ops::Range;

/// Most neurons that are fired by hand in one step.
const MAX_KICKS: usize = 64;

/// Neurons of model `M` with `S` state columns in precision `R`.
pub struct Population<M: Neuron<S>, R: Precise, const S: usize> {
    n: usize,
    columns: [Parted<R>; S],
    constants: Spread<M::Constants<R>, R>,
    /// The parameters behind `constants`, for the gains of ports made later.
    params: PerNeuron<Vec<f64>>,
    /// See [`Neuron::scheme`]; one for the whole population.
    scheme: usize,
    ports: Vec<Port<R>>,
    /// Stimulus current of this step: the same for all, and per neuron (empty until somebody needs it).
    all: R,
    each: Parted<R>,
    kicks: Vec<u32>,
    dt: f64,
    /// How long before the end of its last step each neuron fired, in steps; empty unless the scheme finds spikes inside the step.
    early: Parted<f32>,
}

impl<M: Neuron<S>, R: Precise, const S: usize> Clone for Population<M, R, S> {
    fn clone(&self) -> Self {
        Self {
            n: self.n,
            columns: self.columns.clone(),
            constants: self.constants.clone(),
            params: self.params.clone(),
            scheme: self.scheme,
            ports: self.ports.clone(),
            all: self.all,
            each: self.each.clone(),
            kicks: self.kicks.clone(),
            dt: self.dt,
            early: self.early.clone(),
        }
    }
}

fn map_params<T>(p: &PerNeuron<Vec<f64>>, f: impl Fn(&[f64]) -> T) -> PerNeuron<T> {
    match p {
        PerNeuron::Same(p) => PerNeuron::Same(f(p)),
        PerNeuron::Each(rows) => PerNeuron::Each(rows.iter().map(|p| f(p)).collect()),
    }
}

fn constants<M: Neuron<S>, R: Precise, const S: usize>(p: &PerNeuron<Vec<f64>>, dt: f64) -> Spread<M::Constants<R>, R> {
    match map_params(p, |p| M::constants(p, dt)) {
        PerNeuron::Same(c) => Spread::Same(c),
        PerNeuron::Each(each) => Spread::each(&each),
    }
}

fn scheme<M: Neuron<S>, const S: usize>(p: &PerNeuron<Vec<f64>>) -> usize {
    match p {
        PerNeuron::Same(p) => M::scheme(p),
        PerNeuron::Each(rows) => rows.first().map_or(0, |p| M::scheme(p)),
    }
}

impl<M: Neuron<S>, R: Precise, const S: usize> Population<M, R, S> {
    pub fn new(n: usize, p: &PerNeuron<Vec<f64>>, dt: f64) -> Self {
        let start = map_params(p, M::initial);
        let columns = std::array::from_fn(|s| {
            (0..n)
                .map(|i| match &start {
                    PerNeuron::Same(x) => R::of(x[s]),
                    PerNeuron::Each(rows) => R::of(rows[i][s]),
                })
                .collect()
        });
        let mut cells = Self {
            n,
            columns,
            constants: constants::<M, R, S>(p, dt),
            params: p.clone(),
            scheme: scheme::<M, S>(p),
            ports: Vec::new(),
            all: R::ZERO,
            each: Parted::default(),
            kicks: Vec::new(),
            dt,
            early: Parted::default(),
        };
        cells.make_room();
        cells
    }

    /// The column that the scheme `accurate` needs, so that no step has to make it.
    fn make_room(&mut self) {
        if self.scheme == ACCURATE && self.early.is_empty() {
            self.early = vec![0.0; self.n].into();
        }
    }

    fn gains(&self, shape: Shape, dt: f64) -> PerNeuron<[R; 2]> {
        map_params(&self.params, |p| M::gains(p, shape, dt).map(R::of))
    }

    /// One block: gather the inputs, run the model, list who fired. Inputs: `G` conductances, `C` currents other than the one common to
    /// all, `J` jumps (from port `jump`).
    ///
    /// # Safety
    /// As [`Cells::step_part`], for neurons `lo..lo + n`.
    #[inline(always)]
    unsafe fn block<const G: bool, const C: bool, const J: bool, const V: usize>(
        &self,
        lo: usize,
        n: usize,
        jump: usize,
        input: &mut BlockInput<R>,
        fired: &mut Vec<u32>,
    ) {
        if C {
            if self.each.is_empty() {
                input.current[..n].fill(self.all);
            } else {
                for (c, x) in input.current[..n].iter_mut().zip(&self.each[lo..lo + n]) {
                    *c = self.all + *x;
                }
            }
        }
        // The common case of two conductances in one pass: what is neither stored nor loaded again costs nothing.
        let two = G && !C && !J && self.ports.len() == 2;
        if !two {
            if G {
                input.g[..n].fill(R::ZERO);
                input.ge[..n].fill(R::ZERO);
            }
            // SAFETY: these neurons are the caller's, with their columns; the same below.
            self.ports.iter().for_each(|port| unsafe { port.feed(lo, n, input) });
        }
        let (mut first, mut second) = ((&mut [][..], Wave::default()), (&mut [][..], Wave::default()));
        let mut jumps = &mut [][..];
        if J {
            // SAFETY: as above.
            jumps = unsafe { self.ports[jump].jumps(lo, n) };
        } else if let ([a, b], true) = (self.ports.as_slice(), two) {
            // SAFETY: as above, and each port has columns of its own.
            (first, second) = unsafe { (a.conductances(lo, n), b.conductances(lo, n)) };
        }
        // SAFETY: as above, and the columns are apart.
        let mut columns = self.columns.iter().map(|c| unsafe { c.part(lo..lo + n) });
        let mut column = || columns.next().unwrap_or_default();
        let (c0, c1, c2, c3) = (column(), column(), column(), column());
        let BlockInput { current, g, ge, marks, table } = input;
        let (current, g, ge) = (&current[..n], &g[..n], &ge[..n]);
        let (marks, all, waves) = (&mut marks[..n], self.all, (first.1, second.1));
        match &self.constants {
            Spread::Same(c) if two => {
                run::<M, R, S, G, false, false, true, V>(
                    |_| *c,
                    all,
                    current,
                    g,
                    ge,
                    jumps,
                    first.0,
                    second.0,
                    waves,
                    c0,
                    c1,
                    c2,
                    c3,
                    marks,
                );
            }
            Spread::Same(c) => {
                run::<M, R, S, G, C, J, false, V>(|_| *c, all, current, g, ge, jumps, first.0, second.0, waves, c0, c1, c2, c3, marks);
            }
            Spread::Each { .. } if two => {
                assert!(n <= spread::WIDTH);
                self.constants.lay_out(lo, n, table);
                run::<M, R, S, G, false, false, true, V>(
                    |i| Spread::at(table, i),
                    all,
                    current,
                    g,
                    ge,
                    jumps,
                    first.0,
                    second.0,
                    waves,
                    c0,
                    c1,
                    c2,
                    c3,
                    marks,
                );
            }
            Spread::Each { .. } => {
                assert!(n <= spread::WIDTH);
                self.constants.lay_out(lo, n, table);
                run::<M, R, S, G, C, J, false, V>(
                    |i| Spread::at(table, i),
                    all,
                    current,
                    g,
                    ge,
                    jumps,
                    first.0,
                    second.0,
                    waves,
                    c0,
                    c1,
                    c2,
                    c3,
                    marks,
                );
            }
        }
        list_marked(marks, lo, fired);
    }

    /// The blocks of a range, by the code that has just the inputs this population has.
    ///
    /// # Safety
    /// As [`Cells::step_part`].
    #[inline(always)]
    unsafe fn blocks<const V: usize>(&self, range: Range<usize>, input: &mut BlockInput<R>, fired: &mut Vec<u32>) {
        let has = |kind: fn(&Shape) -> bool| self.ports.iter().position(|p| kind(&p.shape));
        let conductance = has(|s| matches!(s, Shape::Conductance { .. })).is_some();
        let jump = has(|s| *s == Shape::Delta);
        let current = !self.each.is_empty() || has(|s| matches!(s, Shape::Exponential { .. } | Shape::Alpha { .. })).is_some();
        let port = jump.unwrap_or(0);
        self.constants.begin(&mut input.table);
        let size = if let Spread::Each { .. } = self.constants { spread::WIDTH } else { BLOCK };
        let mut lo = range.start;
        while lo < range.end {
            let n = size.min(range.end - lo);
            // SAFETY: promised by the caller for the whole range.
            unsafe {
                match (conductance, current, jump.is_some()) {
                    (false, false, false) => self.block::<false, false, false, V>(lo, n, port, input, fired),
                    (false, false, true) => self.block::<false, false, true, V>(lo, n, port, input, fired),
                    (false, true, false) => self.block::<false, true, false, V>(lo, n, port, input, fired),
                    (false, true, true) => self.block::<false, true, true, V>(lo, n, port, input, fired),
                    (true, false, false) => self.block::<true, false, false, V>(lo, n, port, input, fired),
                    (true, _, false) => self.block::<true, true, false, V>(lo, n, port, input, fired),
                    (true, _, true) => self.block::<true, true, true, V>(lo, n, port, input, fired),
                }
            }
            lo += n;
        }
    }
}

impl<M: Neuron<S>, R: Precise, const S: usize> Cells for Population<M, R, S> {
    fn len(&self) -> usize {
        self.n
    }

    fn port(&mut self, shape: Shape, dt: f64) -> usize {
        if let Some(i) = self.ports.iter().position(|p| p.shape == shape) {
            return i;
        }
        let gains = self.gains(shape, dt);
        self.ports.push(Port::new(shape, self.n, dt, gains));
        self.ports.len() - 1
    }

    fn n_ports(&self) -> usize {
        self.ports.len()
    }

    fn set_port_shape(&mut self, port: usize, shape: Shape, dt: f64) {
        let gains = self.gains(shape, dt);
        self.ports[port].set_shape(shape, dt);
        self.ports[port].set_gains(gains);
    }

    fn set_params(&mut self, p: &PerNeuron<Vec<f64>>, dt: f64) {
        self.params = p.clone();
        self.scheme = scheme::<M, S>(p);
        self.dt = dt;
        self.make_room();
        self.constants = constants::<M, R, S>(p, dt);
        for i in 0..self.ports.len() {
            let gains = self.gains(self.ports[i].shape, dt);
            self.ports[i].set_gains(gains);
        }
    }

    fn inbox(&mut self, port: usize) -> (Column<'_>, f64) {
        let (column, factor) = self.ports[port].inbox();
        (R::column(column), factor)
    }

    unsafe fn inbox_part(&self, port: usize, range: Range<usize>) -> (Column<'_>, f64) {
        // SAFETY: promised by the caller.
        let (column, factor) = unsafe { self.ports[port].inbox_part(range) };
        (R::column(column), factor)
    }

    fn begin(&mut self) {
        self.all = R::ZERO;
        while let Some(i) = self.kicks.pop() {
            self.columns[0][i as usize] += R::of(M::KICK);
        }
    }

    fn add_to_all(&mut self, value: f64) {
        self.all += R::of(value);
    }

    unsafe fn currents_part(&self, range: Range<usize>) -> Column<'_> {
        let range = if self.each.is_empty() { 0..0 } else { range };
        // SAFETY: promised by the caller.
        R::column(unsafe { self.each.part(range) })
    }

    fn expect_currents(&mut self) {
        if self.each.is_empty() {
            self.each = vec![R::ZERO; self.n].into();
        }
    }

    fn kick(&mut self, neuron: usize) {
        if self.kicks.len() < MAX_KICKS && neuron < self.n {
            #[allow(clippy::cast_possible_truncation)]
            self.kicks.push(neuron as u32);
        }
    }

    unsafe fn step_part(&self, range: Range<usize>, scratch: &mut Scratch, fired: &mut Vec<u32>) {
        let input = R::input(scratch);
        if self.scheme == ACCURATE {
            // SAFETY: promised by the caller.
            unsafe { self.accurate(range, input, fired) };
            return;
        }
        dispatch(
            #[inline(always)]
            // SAFETY: promised by the caller.
            || unsafe {
                // Constant first, so that models with one scheme get no code for a second.
                if M::SCHEMES > 1 && self.scheme == 1 {
                    self.blocks::<1>(range.clone(), input, fired);
                } else {
                    self.blocks::<0>(range.clone(), input, fired);
                }
            },
        );
    }

    fn early(&self, neuron: usize) -> f32 {
        if self.scheme == ACCURATE { self.early.get(neuron).copied().unwrap_or(0.0) } else { 0.0 }
    }

    fn state(&self, column: usize, neuron: usize) -> f64 {
        self.columns[column][neuron].f64()
    }

    fn set_state(&mut self, column: usize, neuron: usize, value: f64) {
        self.columns[column][neuron] = R::of(value);
    }

    fn inputs(&self, neuron: usize) -> (f64, f64, f64) {
        let v = self.columns[0][neuron].f64();
        let (current, g) = self.ports.iter().map(|p| p.read(neuron, v)).fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
        (current, g, self.all.f64() + self.each.get(neuron).map_or(0.0, |x| x.f64()))
    }

    fn find_non_finite(&self) -> Option<(usize, usize)> {
        // A sum is finite when all its terms are, and cheap; only a bad one is searched.
        self.columns.iter().enumerate().find_map(|(s, column)| {
            let sum = column.iter().fold(0.0, |a, x| a + x.f64().abs());
            if sum.is_finite() { None } else { column.iter().position(|x| !x.is_finite()).map(|i| (i, s)) }
        })
    }

    fn adopt(&mut self, old: &dyn Cells) -> bool {
        let Some(old) = old.as_any().downcast_ref::<Self>() else { return false };
        if old.n != self.n {
            return false;
        }
        self.columns.clone_from(&old.columns);
        self.each.clone_from(&old.each);
        for port in &mut self.ports {
            let same = old.ports.iter().find(|o| std::mem::discriminant(&o.shape) == std::mem::discriminant(&port.shape));
            if let Some(from) = old.ports.iter().find(|o| o.shape == port.shape).or(same) {
                port.adopt(from);
            }
        }
        true
    }

    fn save(&self, to: &mut Sink) {
        // When spikes happened inside the last step has been recorded already.
        let Self { n: _, columns, constants: _, params: _, scheme: _, ports, all, each, kicks, dt: _, early: _ } = self;
        columns.iter().for_each(|c| to.put(c));
        to.put(&ports.len());
        ports.iter().for_each(|p| p.save(to));
        to.put(&(all, each, kicks));
    }

    fn load(&mut self, dt: f64, from: &mut Source<'_>) -> Result<(), Damage> {
        for column in &mut self.columns {
            column.load(from)?;
        }
        // Ports are made in the order of a session's edits, so their shapes are part of the state.
        let n_ports: usize = from.get()?;
        self.ports.clear();
        for _ in 0..n_ports {
            let shape = from.get()?;
            let mut port = Port::new(shape, self.n, dt, self.gains(shape, dt));
            port.load(from)?;
            self.ports.push(port);
        }
        let kicks: Vec<u32>;
        (self.all, self.each, kicks) = from.get()?;
        let fits = self.each.is_empty() || self.each.len() == self.n;
        if !fits || kicks.iter().any(|i| *i as usize >= self.n) {
            return Err(Damage::other("inputs do not fit the population"));
        }
        self.kicks.clear();
        self.kicks.extend(kicks);
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Cells> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
