//! The weights as last seen, and as first seen: for the heatmap, the histogram and "change since start".

use spikeground_core::protocol::{Event, Frame, SynapseInfo, Watch, WeightImage, WeightStats};
use std::sync::Arc;

/// Numbers kept at most, over all pictures (4 bytes each).
const MAX_CELLS: usize = 16_000_000;

/// Bars of a counted list.
const BARS: usize = 64;

/// The first and the newest picture of one projection (or of the whole network) at one resolution.
#[derive(Clone, Debug)]
pub struct Pictures {
    pub first: Arc<WeightImage>,
    pub last: Arc<WeightImage>,
    /// Changes with every picture.
    pub stamp: u64,
}

/// The answer to a question about one synapse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Synapse {
    pub projection: usize,
    /// Neurons counted within their populations.
    pub pre: u32,
    pub post: u32,
    /// None: these two neurons are not connected.
    pub found: Option<SynapseInfo>,
}

#[derive(Clone, Default)]
pub struct WeightHistory {
    /// Oldest first.
    pictures: Vec<Pictures>,
    n_pictures: u64,
    /// Mean weight of each projection seen, kept when its pictures are not.
    means: Vec<Option<f64>>,
    pub synapse: Option<Synapse>,
}

impl WeightHistory {
    /// Takes over the picture and the answers in `frame`.
    pub fn ingest(&mut self, frame: &Frame) {
        for event in &frame.events {
            if let Event::Synapse { projection, pre, post, found } = event {
                self.synapse = Some(Synapse { projection: *projection, pre: *pre, post: *post, found: *found });
            }
        }
        if let Some(image) = &frame.weights {
            self.take(image);
        }
    }

    /// Takes over all weights of a projection as a list, without saying which synapse has which.
    pub fn list(&mut self, projection: usize, values: Vec<f32>, step: u64) {
        let (rows, cols) = (1, values.len() as u32);
        let n = values.len().max(1) as f64;
        let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
        let sd = (values.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / n).sqrt();
        let (low, high) = values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
        let mut histogram = vec![0; BARS];
        let scale = BARS as f32 / (high - low).max(f32::MIN_POSITIVE);
        for v in &values {
            histogram[(((v - low) * scale) as usize).min(BARS - 1)] += 1;
        }
        let stats = WeightStats { n: values.len() as u64, mean, sd, low, high, histogram };
        let watch = Watch { projection: Some(projection), max_rows: rows, max_cols: cols };
        self.take(&Arc::new(WeightImage { watch, n_pre: rows, n_post: cols, rows, cols, values, stats, step }));
    }

    fn take(&mut self, image: &Arc<WeightImage>) {
        if image.values.len() != image.rows as usize * image.cols as usize {
            return;
        }
        self.n_pictures += 1;
        if let Some(i) = image.watch.projection.filter(|i| *i < 65_536) {
            if i >= self.means.len() {
                self.means.resize(i + 1, None);
            }
            self.means[i] = Some(image.stats.mean);
        }
        let same = |p: &Pictures| {
            let (a, b) = (&p.last, image);
            (a.watch.projection, a.n_pre, a.n_post, a.rows, a.cols) == (b.watch.projection, b.n_pre, b.n_post, b.rows, b.cols)
        };
        let first = match self.pictures.iter().position(same) {
            Some(at) => self.pictures.remove(at).first,
            None => Arc::clone(image),
        };
        self.pictures.push(Pictures { first, last: Arc::clone(image), stamp: self.n_pictures });
        let mut cells: usize = self.pictures.iter().map(|p| 2 * p.last.values.len()).sum();
        while cells > MAX_CELLS && self.pictures.len() > 1 {
            cells -= 2 * self.pictures.remove(0).last.values.len();
        }
    }

    /// The newest pictures of `projection` (none: of the whole network).
    pub fn of(&self, projection: Option<usize>) -> Option<&Pictures> {
        self.pictures.iter().rev().find(|p| p.last.watch.projection == projection)
    }

    /// The newest pictures of anything.
    pub fn newest(&self) -> Option<&Pictures> {
        self.pictures.last()
    }

    /// Mean weight of a projection when it was last looked at.
    pub fn mean(&self, projection: usize) -> Option<f64> {
        self.means.get(projection).copied().flatten()
    }

    /// How many pictures came so far.
    pub fn n_pictures(&self) -> u64 {
        self.n_pictures
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::protocol::{Watch, WeightStats};

    fn frame(projection: Option<usize>, side: u32, value: f32, step: u64) -> Frame {
        let watch = Watch { projection, max_rows: 1024, max_cols: 1024 };
        let values = vec![value; (side * side) as usize];
        let stats = WeightStats::default();
        let image = WeightImage { watch, n_pre: side, n_post: side, rows: side, cols: side, values, stats, step };
        Frame { weights: Some(Arc::new(image)), ..Frame::default() }
    }

    #[test]
    fn the_first_picture_of_each_projection_is_kept() {
        let mut history = WeightHistory::default();
        for (projection, value) in [(Some(0), 1.0), (None, 5.0), (Some(0), 2.0), (Some(0), 3.0)] {
            history.ingest(&frame(projection, 2, value, 0));
        }
        let pictures = history.of(Some(0)).unwrap();
        assert_eq!((pictures.first.values[0], pictures.last.values[0]), (1.0, 3.0));
        assert_eq!(history.of(None).unwrap().last.values[0], 5.0);
        assert!(history.of(Some(1)).is_none());
    }

    #[test]
    fn memory_is_bounded_however_many_projections_are_looked_at() {
        let mut history = WeightHistory::default();
        for i in 0..40 {
            history.ingest(&frame(Some(i), 1000, 0.0, 0));
        }
        assert!(history.of(Some(39)).is_some() && history.of(Some(0)).is_none());
        assert!(history.pictures.len() <= 8);
    }

    #[test]
    fn a_picture_that_contradicts_itself_is_not_taken() {
        let mut history = WeightHistory::default();
        let mut wrong = frame(None, 2, 1.0, 0);
        if let Some(image) = wrong.weights.as_mut().and_then(Arc::get_mut) {
            image.values.pop();
        }
        history.ingest(&wrong);
        assert!(history.newest().is_none());
    }
}
