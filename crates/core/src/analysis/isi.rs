//! Inter-spike intervals and their irregularity.

/// Intervals a neuron must have before its CV is used: with fewer it is biased low.
pub const MIN_INTERVALS: u64 = 5;

/// Running count, mean and variance of numbers (Welford's recurrence: no cancellation, no list kept).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    n: u64,
    mean: f64,
    /// Sum of squared deviations from the mean.
    sum_sq: f64,
}

impl Moments {
    pub fn add(&mut self, x: f64) {
        self.n += 1;
        let before = x - self.mean;
        self.mean += before / self.n as f64;
        self.sum_sq += before * (x - self.mean);
    }

    pub fn n(&self) -> u64 {
        self.n
    }

    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Standard deviation of the population (divided by n, not by n − 1), as Elephant's `cv` takes it.
    pub fn sd(&self) -> f64 {
        if self.n == 0 { 0.0 } else { (self.sum_sq / self.n as f64).max(0.0).sqrt() }
    }

    /// Coefficient of variation, sd ÷ mean; none where there is nothing to divide.
    pub fn cv(&self) -> Option<f64> {
        (self.n > 0 && self.mean != 0.0).then(|| self.sd() / self.mean)
    }
}

/// CV of the inter-spike intervals of one train of spike times in ascending order (Elephant: `statistics.cv(isi(train))`).
pub fn cv(train: &[f64]) -> Option<f64> {
    let mut intervals = Moments::default();
    train.windows(2).for_each(|pair| intervals.add(pair[1] - pair[0]));
    intervals.cv()
}

/// Local variation, 3/(n−1) Σ((`I_k` − `I_k+1`)/(`I_k` + `I_k+1`))² over n intervals (Shinomoto et al. 2003; Elephant: `statistics.lv`).
/// Unlike CV, slow changes of the rate leave it alone.
pub fn lv(train: &[f64]) -> Option<f64> {
    let intervals: Vec<f64> = train.windows(2).map(|pair| pair[1] - pair[0]).collect();
    if intervals.len() < 2 {
        return None;
    }
    let sum: f64 = intervals.windows(2).map(|i| ((i[0] - i[1]) / (i[0] + i[1])).powi(2)).sum();
    defined(3.0 * sum / (intervals.len() - 1) as f64)
}

/// Revised local variation, 3/(n−1) Σ(1 − 4 `I_k` `I_k+1`/S²)(1 + 4R/S) with S = `I_k` + `I_k+1` and the refractoriness `r` in ms
/// (Shinomoto et al. 2009; Elephant: `statistics.lvr`).
pub fn lvr(train: &[f64], r: f64) -> Option<f64> {
    if train.len() < 3 {
        return None;
    }
    let term = |w: &[f64]| {
        let (a, b) = (w[1] - w[0], w[2] - w[1]);
        let sum = a + b;
        (1.0 - 4.0 * a * b / (sum * sum)) * (1.0 + 4.0 * r / sum)
    };
    defined(3.0 * train.windows(3).map(term).sum::<f64>() / (train.len() - 2) as f64)
}

/// Two intervals of zero in a row have no ratio.
fn defined(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// CV2, the mean of 2|`I_k+1` − `I_k`|/(`I_k+1` + `I_k`) (Holt et al. 1996; Elephant: `statistics.cv2`).
pub fn cv2(train: &[f64]) -> Option<f64> {
    let intervals: Vec<f64> = train.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let terms: Vec<f64> = intervals.windows(2).map(|i| 2.0 * (i[1] - i[0]).abs() / (i[1] + i[0])).collect();
    if terms.is_empty() { None } else { defined(terms.iter().sum::<f64>() / terms.len() as f64) }
}

/// Intervals of many neurons, collected spike by spike in order of time, so that a long run needs no list of its spikes.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Last spike of each neuron, in steps, and the moments of its intervals.
    neurons: Vec<(Option<u64>, Moments)>,
}

impl Tally {
    pub fn new(n_neurons: usize) -> Self {
        Self { neurons: vec![(None, Moments::default()); n_neurons] }
    }

    /// Adds a spike of `neuron` at `step`. Neurons that do not exist are ignored.
    pub fn spike(&mut self, neuron: usize, step: u64) {
        let Some((last, intervals)) = self.neurons.get_mut(neuron) else { return };
        if let Some(last) = last.replace(step) {
            intervals.add(step.saturating_sub(last) as f64);
        }
    }

    /// Mean CV over those `neurons` that have at least [`MIN_INTERVALS`] intervals; none where there are none.
    pub fn mean_cv(&self, neurons: std::ops::Range<usize>) -> Option<f64> {
        let mut cvs = Moments::default();
        for (_, intervals) in self.neurons.get(neurons).unwrap_or_default() {
            if intervals.n() >= MIN_INTERVALS
                && let Some(cv) = intervals.cv()
            {
                cvs.add(cv);
            }
        }
        (cvs.n() > 0).then(|| cvs.mean())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Values of Elephant 1.2.1 on two trains of 200 ms.
    const A: [f64; 9] = [10.0, 22.0, 31.0, 55.0, 78.0, 99.0, 140.0, 152.0, 190.0];
    const B: [f64; 9] = [12.0, 25.0, 52.0, 58.0, 80.0, 118.0, 142.0, 176.0, 195.0];

    fn close(ours: Option<f64>, elephant: f64) -> bool {
        ours.is_some_and(|x| (x - elephant).abs() < 5e-7)
    }

    #[test]
    fn cv_equals_elephant() {
        assert!(close(cv(&A), 0.494_413) && close(cv(&B), 0.428_570), "{:?} {:?}", cv(&A), cv(&B));
    }

    #[test]
    fn cv2_and_lv_equal_elephant() {
        assert!(close(cv2(&A), 0.586_824) && close(cv2(&B), 0.715_914), "{:?} {:?}", cv2(&A), cv2(&B));
        assert!(close(lv(&A), 0.387_168) && close(lv(&B), 0.465_392), "{:?} {:?}", lv(&A), lv(&B));
    }

    #[test]
    fn lvr_equals_elephant_and_with_no_refractoriness_is_lv() {
        assert!(close(lvr(&A, 5.0), 0.558_808), "{:?}", lvr(&A, 5.0));
        assert!((lvr(&B, 0.0).expect("defined") - lv(&B).expect("defined")).abs() < 1e-14);
    }

    #[test]
    fn two_intervals_of_zero_in_a_row_have_no_local_variation() {
        let train = [1.0, 1.0, 1.0, 5.0];
        assert_eq!((lv(&train), cv2(&train), lvr(&train, 5.0)), (None, None, None));
        assert!(cv(&train).is_some());
    }

    #[test]
    fn the_tally_gives_the_mean_cv_of_its_neurons() {
        let mut tally = Tally::new(3);
        let steps = |train: &[f64]| train.iter().map(|t| *t as u64).collect::<Vec<_>>();
        steps(&A).into_iter().for_each(|s| tally.spike(0, s));
        steps(&B).into_iter().for_each(|s| tally.spike(1, s));
        assert!(close(tally.mean_cv(0..3), f64::midpoint(0.494_413, 0.428_570)), "{:?}", tally.mean_cv(0..3));
    }

    #[test]
    fn neurons_with_fewer_than_five_intervals_do_not_count() {
        let mut tally = Tally::new(2);
        A[..5].iter().for_each(|t| tally.spike(0, *t as u64));
        assert_eq!(tally.mean_cv(0..2), None);
        tally.spike(0, A[5] as u64);
        assert!(tally.mean_cv(0..2).is_some() && tally.mean_cv(1..2).is_none() && tally.mean_cv(0..9).is_none());
    }

    #[test]
    fn a_regular_train_has_no_variation_and_an_empty_one_no_cv() {
        assert_eq!(cv(&[1.0, 3.0, 5.0, 7.0]), Some(0.0));
        assert_eq!((cv(&[]), cv(&[4.0]), lv(&[1.0, 2.0]), cv2(&[1.0])), (None, None, None, None));
    }
}
