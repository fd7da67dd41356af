//! Spike trains: the times of all spikes sorted by neuron, with offsets, in one window of time.

use std::ops::Range;

/// Tolerance, in bins, within which a time belongs to the bin that begins there: times are sums of steps and carry rounding errors.
const BORDER: f64 = 1e-8;
/// Most bins: beyond, a bin is too narrow for its window.
const MOST_BINS: f64 = 5e7;

/// Trains of several neurons. Times are in ms, ascending in each train, within `from` and `to`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trains {
    from: f64,
    to: f64,
    times: Vec<f64>,
    /// Where each train begins in `times`, and the end.
    offsets: Vec<usize>,
}

impl Trains {
    /// From one list of times for each neuron. Spikes outside `window` are left out; both ends belong to it.
    ///
    /// Refuses what is not finite, by neuron.
    pub fn new<T: AsRef<[f64]>>(trains: &[T], window: (f64, f64)) -> Result<Self, String> {
        let spikes = trains.iter().enumerate().flat_map(|(i, train)| train.as_ref().iter().map(move |t| (i, *t)));
        Self::gather(trains.len(), window, spikes)
    }

    /// From (neuron, time) in any order; quickest in order of time. Neurons from `n` on are left out.
    pub fn gather(n: usize, (from, to): (f64, f64), spikes: impl Iterator<Item = (usize, f64)> + Clone) -> Result<Self, String> {
        if !from.is_finite() || !to.is_finite() {
            return Err(format!("the window of time from {from} to {to} ms is not finite"));
        }
        let mut offsets = vec![0usize; n + 1];
        for (neuron, time) in spikes.clone() {
            if !time.is_finite() {
                return Err(format!("a spike time of neuron {neuron} is not a finite number ({time})"));
            }
            if neuron < n && time >= from && time <= to {
                offsets[neuron + 1] += 1;
            }
        }
        for i in 0..n {
            offsets[i + 1] += offsets[i];
        }
        let mut next = offsets.clone();
        let mut times = vec![0.0; offsets[n]];
        for (neuron, time) in spikes {
            if neuron < n && time >= from && time <= to {
                times[next[neuron]] = time;
                next[neuron] += 1;
            }
        }
        for pair in offsets.windows(2) {
            let train = &mut times[pair[0]..pair[1]];
            if !train.is_sorted() {
                train.sort_by(f64::total_cmp);
            }
        }
        Ok(Self { from, to, times, offsets })
    }

    /// How many neurons.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn n_spikes(&self) -> usize {
        self.times.len()
    }

    /// Start and end of the window, ms.
    pub fn window(&self) -> (f64, f64) {
        (self.from, self.to)
    }

    /// Length of the window, ms.
    pub fn duration(&self) -> f64 {
        self.to - self.from
    }

    pub fn train(&self, neuron: usize) -> &[f64] {
        &self.times[self.offsets[neuron]..self.offsets[neuron + 1]]
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f64]> + Clone {
        self.offsets.windows(2).map(|pair| &self.times[pair[0]..pair[1]])
    }

    /// All times, neuron by neuron.
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// Whole bins of this width over the window; what is left at its end is left out.
    pub fn grid(&self, width: f64) -> Result<Grid, String> {
        Grid::new(self.window(), width)
    }

    /// Spikes of all neurons in each bin.
    pub fn counts(&self, grid: &Grid) -> Vec<f64> {
        let mut counts = vec![0.0; grid.n];
        for time in &self.times {
            if let Some(bin) = grid.bin(*time) {
                counts[bin] += 1.0;
            }
        }
        counts
    }

    /// The first `most` neurons that fired at least `least` spikes.
    pub fn active(&self, least: usize, most: usize) -> Vec<usize> {
        (0..self.len()).filter(|i| self.train(*i).len() >= least).take(most).collect()
    }

    /// Only the spikes in a part of the window, which becomes the window.
    pub fn cut(&self, window: (f64, f64)) -> Self {
        let spikes = self.iter().enumerate().flat_map(|(i, train)| train[within(train, window)].iter().map(move |t| (i, *t)));
        Self::gather(self.len(), window, spikes).unwrap_or_default()
    }
}

/// Where the spikes between both times, which belong to it, lie in a train.
pub fn within(train: &[f64], (from, to): (f64, f64)) -> Range<usize> {
    let start = train.partition_point(|t| *t < from);
    start..train.partition_point(|t| *t <= to).max(start)
}

/// Bins of equal width. A bin holds its beginning, not its end; one that ends with the window holds both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Beginning of the first bin, ms.
    pub from: f64,
    /// ms
    pub width: f64,
    pub n: usize,
    /// The last bin ends with the window.
    closed: bool,
}

impl Grid {
    pub fn new((from, to): (f64, f64), width: f64) -> Result<Self, String> {
        let whole = (to - from) / width + BORDER;
        let n = whole.floor();
        if !(n >= 1.0) {
            return Err(format!("a bin of {width} ms is longer than the window of {} ms", to - from));
        }
        if n > MOST_BINS {
            return Err(format!("the window of {} ms has too many bins of {width} ms; use wider ones", to - from));
        }
        Ok(Self { from, width, n: n as usize, closed: whole - n <= 2.0 * BORDER })
    }

    /// The bin of a time, none outside.
    pub fn bin(&self, time: f64) -> Option<usize> {
        let at = (time - self.from) / self.width + BORDER;
        if at < 0.0 {
            return None;
        }
        let bin = at as usize;
        let is_end = self.closed && bin == self.n && at - self.n as f64 <= 2.0 * BORDER;
        if is_end { Some(self.n - 1) } else { (bin < self.n).then_some(bin) }
    }

    /// The n + 1 borders of the bins.
    pub fn edges(&self) -> Vec<f64> {
        (0..=self.n).map(|i| self.from + i as f64 * self.width).collect()
    }

    /// Bin and count of each bin that holds spikes of `train`, ascending.
    pub fn sparse(&self, train: &[f64]) -> Vec<(u32, u32)> {
        let mut found: Vec<(u32, u32)> = Vec::with_capacity(train.len());
        for bin in train.iter().filter_map(|t| self.bin(*t)) {
            match found.last_mut() {
                Some((last, count)) if *last == bin as u32 => *count += 1,
                _ => found.push((bin as u32, 1)),
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spikes_are_sorted_by_neuron_and_cut_to_the_window() {
        let spikes = [(1, 5.0), (0, 3.0), (0, 1.0), (1, 12.0), (7, 2.0)];
        let trains = Trains::gather(3, (1.0, 10.0), spikes.into_iter()).expect("finite");
        assert_eq!(trains.iter().map(<[f64]>::to_vec).collect::<Vec<_>>(), [vec![1.0, 3.0], vec![5.0], vec![]]);
        assert_eq!((trains.len(), trains.n_spikes(), trains.duration()), (3, 3, 9.0));
        assert_eq!(trains.active(1, 9), [0, 1]);
    }

    #[test]
    fn times_that_are_not_finite_are_refused_by_neuron() {
        let why = Trains::new(&[vec![1.0], vec![2.0, f64::NAN]], (0.0, 10.0)).expect_err("refused");
        assert!(why.contains("neuron 1"), "{why}");
        assert!(Trains::new(&[vec![1.0]], (0.0, f64::INFINITY)).is_err());
    }

    #[test]
    fn a_time_that_is_a_sum_of_steps_is_in_the_bin_that_begins_there() {
        let grid = Grid::new((0.0, 1.0), 0.1).expect("bins");
        let time = 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1;
        assert!(time < 0.8 && grid.bin(time) == Some(8));
        assert_eq!((grid.n, grid.bin(-0.01), grid.bin(0.0), grid.bin(1.0), grid.bin(1.01)), (10, None, Some(0), Some(9), None));
    }

    #[test]
    fn a_spike_at_the_end_belongs_to_the_last_bin_only_where_that_is_the_end_of_the_window() {
        let end = |to: f64| Grid::new((0.0, to), 10.0).expect("bins").bin(30.0);
        assert_eq!((end(30.0), end(35.0)), (Some(2), None));
    }

    #[test]
    fn a_bin_wider_than_the_window_and_a_forest_of_bins_are_refused() {
        assert!(Grid::new((0.0, 10.0), 11.0).is_err() && Grid::new((0.0, 1e9), 1e-3).is_err());
        assert!(Grid::new((5.0, 5.0), 1.0).is_err());
    }
}
