//! Neurons that stand aside while they are refractory.
//!
//! Where their v was, there is no number meanwhile (NaN), which whatever the loop over the neurons computes with it leaves as it is and which
//! is above no threshold: so that the loop need not ask who is refractory. They are called back by lists, one for each step to come.

use crate::real::Real;

/// Most steps for which there are lists: who stands aside for longer is looked at once in so many steps.
const MOST_LISTS: usize = 1 << 12;
/// The end of a list.
const NOBODY: u32 = u32::MAX;

/// Who stands aside, what their v is meanwhile, and when they are looked at again.
#[derive(Clone, Default)]
pub struct Aside<R> {
    /// v of who stands aside, NaN for others; empty where nobody ever does.
    kept: Vec<R>,
    /// The next neuron of the same list.
    next: Vec<u32>,
    /// The first of each list.
    lists: Vec<u32>,
    /// The list of this step.
    turn: usize,
}

impl<R: Real> Aside<R> {
    /// Room for `n` neurons that stand aside for at most `longest` steps.
    pub fn new(n: usize, longest: usize) -> Self {
        match lists_for(longest) {
            0 => Self::default(),
            lists => Self { kept: vec![R::of(f64::NAN); n], next: vec![NOBODY; n], lists: vec![NOBODY; lists], turn: 0 },
        }
    }

    /// Whether the room is enough for so many steps.
    pub fn fits(&self, longest: usize) -> bool {
        self.lists.len() >= lists_for(longest)
    }

    /// Neuron `i`, whose v is given, does no step before the `steps`-th from now.
    pub fn send(&mut self, i: usize, v: &mut R, steps: usize) {
        self.kept[i] = std::mem::replace(v, R::of(f64::NAN));
        self.enter(i, steps);
    }

    fn enter(&mut self, i: usize, steps: usize) {
        let slot = (self.turn + steps.min(self.lists.len() - 1)) % self.lists.len();
        self.next[i] = std::mem::replace(&mut self.lists[slot], i as u32);
    }

    /// A step begins: calls back whom `left` does not leave any step to wait.
    pub fn advance(&mut self, v: &mut [R], left: impl Fn(usize) -> usize) {
        if self.lists.is_empty() {
            return;
        }
        self.turn = (self.turn + 1) % self.lists.len();
        let mut i = std::mem::replace(&mut self.lists[self.turn], NOBODY);
        while i != NOBODY {
            let neuron = i as usize;
            i = self.next[neuron];
            match left(neuron) {
                0 => v[neuron] = std::mem::replace(&mut self.kept[neuron], R::of(f64::NAN)),
                steps => self.enter(neuron, steps),
            }
        }
    }

    /// What v of neuron `i` is, where its place holds `v`.
    pub fn seen(&self, i: usize, v: R) -> R {
        match self.kept.get(i) {
            Some(kept) if !is_nan(*kept) => *kept,
            _ => v,
        }
    }

    /// Where v of neuron `i` is to be written.
    pub fn place<'a>(&'a mut self, i: usize, v: &'a mut R) -> &'a mut R {
        match self.kept.get_mut(i) {
            Some(kept) if !is_nan(*kept) => kept,
            _ => v,
        }
    }
}

/// Lists for who stands aside for at most `longest` steps.
fn lists_for(longest: usize) -> usize {
    if longest == 0 { 0 } else { longest.saturating_add(2).min(MOST_LISTS) }
}

fn is_nan<R: Real>(x: R) -> bool {
    x.f64().is_nan()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_stands_aside_comes_back_in_time_also_after_more_steps_than_there_are_lists() {
        let wait = [1usize, 2, 2, 5, MOST_LISTS - 1, MOST_LISTS, 2 * MOST_LISTS + 7];
        let mut aside = Aside::<f32>::new(wait.len() + 1, 3 * MOST_LISTS);
        let mut v: Vec<f32> = (0..=wait.len()).map(|i| i as f32).collect();
        for (i, wait) in wait.iter().enumerate() {
            aside.send(i, &mut v[i], *wait);
        }
        for step in 1..=3 * MOST_LISTS {
            aside.advance(&mut v, |i| wait[i].saturating_sub(step));
            for (i, wait) in wait.iter().enumerate() {
                assert_eq!(v[i].is_nan(), step < *wait, "neuron {i}, step {step}");
                assert_eq!(aside.seen(i, v[i]), i as f32);
            }
            assert_eq!(v[wait.len()], wait.len() as f32);
        }
    }

    #[test]
    fn what_is_written_to_who_stands_aside_is_there_when_it_is_called_back() {
        let (mut aside, mut v) = (Aside::<f64>::new(3, 4), vec![1.0, 2.0, 3.0]);
        aside.send(1, &mut v[1], 4);
        *aside.place(1, &mut v[1]) = 7.0;
        *aside.place(2, &mut v[2]) = 8.0;
        assert!(v[1].is_nan() && aside.seen(1, v[1]) == 7.0);
        (0..4).for_each(|_| aside.advance(&mut v, |_| 0));
        assert_eq!(v, [1.0, 7.0, 8.0]);
    }
}
