//! What every population has, whatever moves its neurons: columns, ports, currents; and its face towards the network.

use super::aside::Aside;
use crate::engine::cells::Cells;
use crate::engine::checkpoint::{Damage, Sink, Source};
use crate::engine::parted::Parted;
use crate::engine::port::{BlockInput, PerNeuron, Port, Precise, Scratch};
use crate::model::synapse::Shape;
use crate::real::{Column, Real};
use std::any::Any;
use std::ops::Range;

/// Most neurons that are fired by hand in one step.
const MAX_KICKS: usize = 64;

/// After so many steps the clock of a population starts anew, so that a single-precision number counts every step, and on top of it the
/// longest time that a neuron is held.
const ROUND: u32 = 1 << 22;

/// What moves the neurons of a population: a built-in model or typed equations, with all that follows from the parameters.
pub trait Kernel<R: Precise>: Clone + Send + Sync + 'static {
    /// What it is made for besides parameters.
    type Model: Copy;

    fn new(model: Self::Model, p: &PerNeuron<Vec<f64>>, dt: f64) -> Self;
    /// State columns, hidden ones included.
    fn n_columns(&self) -> usize;
    /// The state before the first step, for one row of parameters.
    fn initial(&self, p: &[f64]) -> Vec<f64>;
    /// Takes over new parameters.
    fn refresh(&mut self, p: &PerNeuron<Vec<f64>>, dt: f64);
    /// See [`crate::model::neuron::Neuron::gains`].
    fn gains(&self, p: &[f64], shape: Shape, dt: f64) -> [f64; 2];
    /// The value of the first column at which a neuron fires in the next step.
    fn kick(&self, body: &Body<R>, neuron: usize) -> f64;
    /// Whether the scheme knows when inside its step a neuron fires.
    fn finds_spikes_inside(&self) -> bool;
    /// The column that says until which step ([`Body::now`]) a neuron is held, if the scheme in force has one. The same column of another
    /// scheme says how many steps are left.
    fn held(&self) -> Option<usize> {
        None
    }
    /// The most steps that one of `n` neurons is held after a spike, if there is such a column.
    fn longest_hold(&self, _n: usize) -> usize {
        0
    }
    /// One step for neurons `range`; appends who fires.
    ///
    /// # Safety
    /// As [`Cells::step_part`].
    unsafe fn step_part(&self, body: &Body<R>, range: Range<usize>, input: &mut BlockInput<R>, fired: &mut Vec<u32>);
    /// Takes over the columns of a former population of the same kind of kernel and the same size.
    fn carry(&self, _former: &Self, from: &[Parted<R>], to: &mut Vec<Parted<R>>) {
        to.clone_from_slice(from);
    }
}

/// The state of a population and what reaches it.
#[derive(Clone)]
pub struct Body<R> {
    pub n: usize,
    pub columns: Vec<Parted<R>>,
    /// The parameters behind the kernel, for the gains of ports made later.
    pub params: PerNeuron<Vec<f64>>,
    pub ports: Vec<Port<R>>,
    /// Stimulus current of this step: the same for all, and per neuron (empty until somebody needs it).
    pub all: R,
    pub each: Parted<R>,
    kicks: Vec<u32>,
    /// Who is refractory, if the scheme in force has a column for it.
    aside: Aside<R>,
    /// The step that has begun, counted from some time on.
    clock: u32,
    pub dt: f64,
    /// How long before the end of its last step each neuron fired, in steps; empty unless the scheme finds spikes inside the step.
    pub early: Parted<f32>,
}

/// Neurons moved by a kernel, in precision `R`.
#[derive(Clone)]
pub struct Population<K, R> {
    body: Body<R>,
    kernel: K,
}

impl<R: Precise> Body<R> {
    /// The number of the step that has begun.
    pub fn now(&self) -> R {
        R::of(f64::from(self.clock))
    }

    /// The first state variable of a neuron, which for one that is held is not in its column.
    pub fn v(&self, neuron: usize) -> R {
        self.aside.seen(neuron, self.columns[0][neuron])
    }

    /// Steps after the one that has begun in which a neuron is held, by the column that says it.
    fn left(&self, held: usize, neuron: usize) -> usize {
        steps_left(self.columns[held][neuron], self.clock)
    }
}

/// Steps after `clock` up to `until`; a file may say anything.
fn steps_left<R: Real>(until: R, clock: u32) -> usize {
    (until.f64() - f64::from(clock)).clamp(0.0, f64::from(u32::MAX)) as usize
}

impl<K: Kernel<R>, R: Precise> Population<K, R> {
    pub fn new(model: K::Model, n: usize, p: &PerNeuron<Vec<f64>>, dt: f64) -> Self {
        let kernel = K::new(model, p, dt);
        let start = p.map(|p| kernel.initial(p));
        let columns = (0..kernel.n_columns())
            .map(|s| {
                (0..n)
                    .map(|i| match &start {
                        PerNeuron::Same(x) => R::of(x[s]),
                        PerNeuron::Each(rows) => R::of(rows[i][s]),
                    })
                    .collect()
            })
            .collect();
        let body = Body {
            n,
            columns,
            params: p.clone(),
            ports: Vec::new(),
            all: R::ZERO,
            each: Parted::default(),
            kicks: Vec::new(),
            aside: Aside::default(),
            clock: 0,
            dt,
            early: Parted::default(),
        };
        let mut cells = Self { body, kernel };
        cells.make_room();
        cells.set_aside();
        cells
    }

    /// The column that a scheme which finds spikes needs, so that no step has to make it.
    fn make_room(&mut self) {
        if self.kernel.finds_spikes_inside() && self.body.early.is_empty() {
            self.body.early = vec![0.0; self.body.n].into();
        }
    }

    /// Lets who is held stand aside, where all are in column 0.
    fn set_aside(&mut self) {
        let Some(held) = self.kernel.held() else {
            self.body.aside = Aside::default();
            return;
        };
        let left: Vec<usize> = (0..self.body.n).map(|i| self.body.left(held, i)).collect();
        let longest = left.iter().copied().fold(self.kernel.longest_hold(self.body.n), usize::max);
        self.body.aside = Aside::new(self.body.n, longest);
        for (i, steps) in left.into_iter().enumerate().filter(|(_, steps)| *steps > 0) {
            self.body.aside.send(i, &mut self.body.columns[0][i], steps + 1);
        }
    }

    /// Column 0 with those in it that stand aside.
    fn plain(&self) -> Parted<R> {
        (0..self.body.n).map(|i| self.body.v(i)).collect()
    }

    /// Says until when neurons are held in the way of the scheme in force, where the columns say it in that of a scheme which had the
    /// column `former`.
    fn translate_held(&mut self, former: Option<usize>) {
        let now = f64::from(self.body.clock);
        match (former, self.kernel.held()) {
            (Some(column), None) => self.body.columns[column].iter_mut().for_each(|x| *x = R::of((x.f64() - now).max(0.0))),
            (None, Some(column)) => {
                for x in self.body.columns[column].iter_mut().filter(|x| **x > R::ZERO) {
                    *x = R::of(now + x.f64().ceil());
                }
            }
            _ => {}
        }
    }

    fn gains(&self, shape: Shape, dt: f64) -> PerNeuron<[R; 2]> {
        self.body.params.map(|p| self.kernel.gains(p, shape, dt).map(R::of))
    }
}

impl<K: Kernel<R>, R: Precise> Cells for Population<K, R> {
    fn len(&self) -> usize {
        self.body.n
    }

    fn port(&mut self, shape: Shape, dt: f64) -> usize {
        if let Some(i) = self.body.ports.iter().position(|p| p.shape == shape) {
            return i;
        }
        let gains = self.gains(shape, dt);
        self.body.ports.push(Port::new(shape, self.body.n, dt, gains));
        self.body.ports.len() - 1
    }

    fn n_ports(&self) -> usize {
        self.body.ports.len()
    }

    fn set_port_shape(&mut self, port: usize, shape: Shape, dt: f64) {
        let gains = self.gains(shape, dt);
        self.body.ports[port].set_shape(shape, dt);
        self.body.ports[port].set_gains(gains);
    }

    fn set_params(&mut self, p: &PerNeuron<Vec<f64>>, dt: f64) {
        let held = self.kernel.held();
        self.body.params = p.clone();
        self.kernel.refresh(p, dt);
        let has_room = self.kernel.held().is_none() || self.body.aside.fits(self.kernel.longest_hold(self.body.n));
        if self.kernel.held() != held || !has_room {
            self.body.columns[0] = self.plain();
            self.translate_held(held);
            self.set_aside();
        }
        self.body.dt = dt;
        self.make_room();
        for i in 0..self.body.ports.len() {
            let gains = self.gains(self.body.ports[i].shape, dt);
            self.body.ports[i].set_gains(gains);
        }
    }

    fn inbox(&mut self, port: usize) -> (Column<'_>, f64) {
        let (column, factor) = self.body.ports[port].inbox();
        (R::column(column), factor)
    }

    unsafe fn inbox_part(&self, port: usize, range: Range<usize>) -> (Column<'_>, f64) {
        // SAFETY: promised by the caller.
        let (column, factor) = unsafe { self.body.ports[port].inbox_part(range) };
        (R::column(column), factor)
    }

    fn begin(&mut self) {
        self.body.all = R::ZERO;
        if self.body.clock == ROUND {
            if let Some(column) = self.kernel.held() {
                let past = self.body.now();
                self.body.columns[column].iter_mut().for_each(|x| *x = (*x - past).max_of(R::ZERO));
            }
            self.body.clock = 0;
        }
        self.body.clock += 1;
        if let Some(held) = self.kernel.held() {
            let Body { aside, columns, clock, .. } = &mut self.body;
            let (before, after) = columns.split_at_mut(held);
            // Held in this step are those whose column names it or a later one.
            aside.advance(&mut before[0], |i| steps_left(after[0][i], *clock - 1));
        }
        while let Some(i) = self.body.kicks.pop() {
            let value = self.kernel.kick(&self.body, i as usize);
            self.set_state(0, i as usize, value);
        }
    }

    fn add_to_all(&mut self, value: f64) {
        self.body.all += R::of(value);
    }

    unsafe fn currents_part(&self, range: Range<usize>) -> Column<'_> {
        let range = if self.body.each.is_empty() { 0..0 } else { range };
        // SAFETY: promised by the caller.
        R::column(unsafe { self.body.each.part(range) })
    }

    fn expect_currents(&mut self) {
        if self.body.each.is_empty() {
            self.body.each = vec![R::ZERO; self.body.n].into();
        }
    }

    fn kick(&mut self, neuron: usize) {
        if self.body.kicks.len() < MAX_KICKS && neuron < self.body.n {
            #[allow(clippy::cast_possible_truncation)]
            self.body.kicks.push(neuron as u32);
        }
    }

    unsafe fn step_part(&self, range: Range<usize>, scratch: &mut Scratch, fired: &mut Vec<u32>) {
        // SAFETY: promised by the caller.
        unsafe { self.kernel.step_part(&self.body, range, R::input(scratch), fired) };
    }

    fn end(&mut self, fired: &[u32]) {
        if let Some(held) = self.kernel.held() {
            for i in fired {
                let steps = self.body.left(held, *i as usize);
                if steps > 0 {
                    self.body.aside.send(*i as usize, &mut self.body.columns[0][*i as usize], steps + 1);
                }
            }
        }
        self.body.ports.iter_mut().for_each(Port::decay);
    }

    fn early(&self, neuron: usize) -> f32 {
        if self.kernel.finds_spikes_inside() { self.body.early.get(neuron).copied().unwrap_or(0.0) } else { 0.0 }
    }

    fn state(&self, column: usize, neuron: usize) -> f64 {
        if column == 0 { self.body.v(neuron).f64() } else { self.body.columns[column][neuron].f64() }
    }

    fn set_state(&mut self, column: usize, neuron: usize, value: f64) {
        let place = &mut self.body.columns[column][neuron];
        *(if column == 0 { self.body.aside.place(neuron, place) } else { place }) = R::of(value);
    }

    fn inputs(&self, neuron: usize) -> (f64, f64, f64) {
        let v = self.body.v(neuron).f64();
        let (current, g) = self.body.ports.iter().map(|p| p.read(neuron, v)).fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
        (current, g, self.body.all.f64() + self.body.each.get(neuron).map_or(0.0, |x| x.f64()))
    }

    fn find_non_finite(&self) -> Option<(usize, usize)> {
        // A sum is finite when all its terms are, and cheap; only a bad one is searched.
        self.body.columns.iter().enumerate().find_map(|(s, column)| {
            let seen = |i: usize, x: &R| if s == 0 { self.body.aside.seen(i, *x) } else { *x };
            let sum = column.iter().enumerate().fold(0.0, |a, (i, x)| a + seen(i, x).f64().abs());
            if sum.is_finite() { None } else { (0..column.len()).find(|i| !seen(*i, &column[*i]).is_finite()).map(|i| (i, s)) }
        })
    }

    fn adopt(&mut self, old: &dyn Cells) -> bool {
        let Some(old) = old.as_any().downcast_ref::<Self>() else { return false };
        if old.body.n != self.body.n {
            return false;
        }
        self.kernel.carry(&old.kernel, &old.body.columns, &mut self.body.columns);
        if old.kernel.held().is_some() {
            self.body.columns[0] = old.plain();
        }
        self.body.clock = old.body.clock;
        self.translate_held(old.kernel.held());
        self.set_aside();
        self.body.each.clone_from(&old.body.each);
        for port in &mut self.body.ports {
            let same = old.body.ports.iter().find(|o| std::mem::discriminant(&o.shape) == std::mem::discriminant(&port.shape));
            if let Some(from) = old.body.ports.iter().find(|o| o.shape == port.shape).or(same) {
                port.adopt(from);
            }
        }
        true
    }

    fn save(&self, to: &mut Sink) {
        // When spikes happened inside the last step has been recorded already.
        // Who stands aside is written as if it did not: that follows from the other columns.
        let Body { n: _, columns, params: _, ports, all, each, kicks, aside: _, clock, dt: _, early: _ } = &self.body;
        let plain = self.kernel.held().map(|_| self.plain());
        columns.iter().enumerate().for_each(|(s, c)| to.put(plain.as_ref().filter(|_| s == 0).unwrap_or(c)));
        to.put(&ports.len());
        ports.iter().for_each(|p| p.save(to));
        to.put(&(all, each, kicks, clock));
    }

    fn load(&mut self, dt: f64, from: &mut Source<'_>) -> Result<(), Damage> {
        for column in &mut self.body.columns {
            column.load(from)?;
        }
        // Ports are made in the order of a session's edits, so their shapes are part of the state.
        let n_ports: usize = from.get()?;
        self.body.ports.clear();
        for _ in 0..n_ports {
            let shape = from.get()?;
            let mut port = Port::new(shape, self.body.n, dt, self.gains(shape, dt));
            port.load(from)?;
            self.body.ports.push(port);
        }
        let kicks: Vec<u32>;
        (self.body.all, self.body.each, kicks, self.body.clock) = from.get()?;
        let fits = self.body.each.is_empty() || self.body.each.len() == self.body.n;
        if !fits || self.body.clock > ROUND || kicks.iter().any(|i| *i as usize >= self.body.n) {
            return Err(Damage::other("inputs do not fit the population"));
        }
        self.body.kicks.clear();
        self.body.kicks.extend(kicks);
        self.set_aside();
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Cells> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::population::Native;
    use crate::model::neuron::Neuron;
    use crate::model::neuron::lif::Lif;

    type Lifs<R> = Population<Native<Lif, R, 2>, R>;

    /// Parameters of a neuron that fires every few ms and is held for `t_ref` in between.
    fn parameters(t_ref: f64, scheme: f64) -> PerNeuron<Vec<f64>> {
        let value = |key| match key {
            "i_e" => 2000.0,
            "t_ref" => t_ref,
            "scheme" => scheme,
            key => Lif::KIND.params.iter().find(|p| p.key == key).expect("a parameter").default,
        };
        PerNeuron::Same(Lif::KIND.params.iter().map(|p| value(p.key)).collect())
    }

    /// Whether neuron 0 fires in each of `n` steps.
    fn run<R: Precise>(cells: &mut Lifs<R>, n: usize) -> Vec<bool> {
        let (mut scratch, mut fired) = (Scratch::default(), Vec::new());
        (0..n)
            .map(|_| {
                fired.clear();
                cells.begin();
                // SAFETY: the population is borrowed exclusively.
                unsafe { cells.step_part(0..2, &mut scratch, &mut fired) };
                cells.end(&fired);
                fired.contains(&0)
            })
            .collect()
    }

    fn clock_starts_anew_unseen<R: Precise>() {
        for t_ref in [0.0, 0.1, 5.0] {
            let new = || Lifs::<R>::new((), 2, &parameters(t_ref, 0.0), 0.1);
            let (mut young, mut old) = (new(), new());
            old.body.clock = ROUND - 99;
            let spikes = run(&mut young, 500);
            assert!(spikes.iter().filter(|x| **x).count() > 5 && run(&mut old, 500) == spikes, "t_ref {t_ref}");
            assert!(old.body.clock < 500);
        }
    }

    #[test]
    fn the_clock_of_a_population_starts_anew_without_a_trace() {
        clock_starts_anew_unseen::<f64>();
        clock_starts_anew_unseen::<f32>();
    }

    #[test]
    fn a_held_neuron_shows_its_reset_and_goes_on_from_what_is_written_to_it() {
        let mut cells = Lifs::<f64>::new((), 2, &parameters(5.0, 0.0), 0.1);
        while !run(&mut cells, 1)[0] {}
        let (mut copy, mut written) = (cells.clone(), cells.clone());
        written.set_state(0, 0, -51.0);
        written.kick(1);
        for step in 1..=50 {
            for (cells, v) in [(&mut cells, -65.0), (&mut written, -51.0)] {
                assert!(!run(cells, 1)[0] && cells.state(0, 0) == v && cells.find_non_finite().is_none(), "step {step}");
            }
        }
        // Neuron 1 was held as long, and fires as soon as it is let go.
        let mut fired = Vec::new();
        written.begin();
        // SAFETY: the population is borrowed exclusively.
        unsafe { written.step_part(0..2, &mut Scratch::default(), &mut fired) };
        assert_eq!(fired, [1]);
        // What is taken over stands aside too.
        let mut heir = Lifs::<f64>::new((), 2, &parameters(5.0, 0.0), 0.1);
        assert!(heir.adopt(&copy));
        assert!(run(&mut heir, 300) == run(&mut copy, 300) && heir.state(0, 0) == copy.state(0, 0));
    }

    #[test]
    fn a_held_neuron_is_held_as_long_when_the_scheme_changes() {
        let (grid, accurate) = (parameters(5.0, 0.0), parameters(5.0, 1.0));
        let after_spike = || {
            let mut cells = Lifs::<f64>::new((), 2, &grid, 0.1);
            while !run(&mut cells, 1)[0] {}
            run(&mut cells, 10);
            cells
        };
        let until_spike = |cells: &mut Lifs<f64>| run(cells, 200).iter().position(|x| *x).expect("a spike");
        let expected = until_spike(&mut after_spike());
        // 40 steps are left to be held, during which v does not move.
        for there_and_back in [false, true] {
            let mut cells = after_spike();
            cells.set_params(&accurate, 0.1);
            if there_and_back {
                run(&mut cells, 10);
                cells.set_params(&grid, 0.1);
                assert_eq!(until_spike(&mut cells) + 10, expected);
            } else {
                assert_eq!(until_spike(&mut cells), expected);
            }
        }
    }
}
