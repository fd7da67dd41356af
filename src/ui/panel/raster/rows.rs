//! Which neurons the raster shows, and on which rows of pixels.

use serde::{Deserialize, Serialize};
use spikeground_core::spec::{NetworkSpec, Role};
use std::ops::Range;

/// Which neurons are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Choice {
    #[default]
    All,
    /// The first so many of each population.
    First(u32),
    /// Every so-manieth of each population.
    EveryNth(u32),
    /// Those selected anywhere.
    Selected,
}

/// The rows of one population.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    pub population: usize,
    pub role: Role,
    /// Neurons shown, indices in the population in rising order, top to bottom; none: the first `n`.
    pub neurons: Option<Vec<u32>>,
    pub n: u32,
    /// Rows of pixels from the top of the plot.
    pub top: f32,
    pub bottom: f32,
}

impl Band {
    pub fn row_height(&self) -> f32 {
        (self.bottom - self.top) / self.n.max(1) as f32
    }

    /// Middle of row i, pixels from the top of the plot.
    pub fn middle(&self, row: u32) -> f32 {
        self.top + (row as f32 + 0.5) * self.row_height()
    }

    pub fn neuron(&self, row: u32) -> Option<u32> {
        if row >= self.n {
            return None;
        }
        self.neurons.as_ref().map_or(Some(row), |list| list.get(row as usize).copied())
    }

    pub fn row_of(&self, neuron: u32) -> Option<u32> {
        match &self.neurons {
            None => (neuron < self.n).then_some(neuron),
            Some(list) => list.binary_search(&neuron).ok().map(|i| i as u32),
        }
    }
}

/// Where each neuron's spikes go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    pub bands: Vec<Band>,
    /// First neuron id of each population, and one past the last.
    pub bounds: Vec<u32>,
    /// Height of the plot, pixels.
    pub height: f32,
    /// Steps by which each population's stamps lie before the end of the step.
    pub shifts: Vec<u64>,
}

/// Between two populations, pixels at scale 1.
pub const GAP: f32 = 5.0;
/// A band is at least so high where there is room, points: its label fits.
const LEAST: f32 = 15.0;

impl Rows {
    /// Lays out `height` pixels (`scale` pixels a point) for the chosen neurons.
    pub fn new(spec: &NetworkSpec, choice: Choice, selected: &[(usize, u32)], height: f32, scale: f32) -> Self {
        let mut bounds = spec.first_ids();
        bounds.push(u32::try_from(spec.n_neurons()).unwrap_or(u32::MAX));
        let shifts = (0..spec.populations.len()).map(|i| spec.stamp_shift(i)).collect();
        let mut bands = Vec::new();
        for (population, p) in spec.populations.iter().enumerate() {
            let (n, neurons) = chosen(choice, p.size, population, selected);
            if n > 0 {
                bands.push(Band { population, role: p.role, neurons, n, top: 0.0, bottom: 0.0 });
            }
        }
        let mut rows = Self { bands, bounds, height, shifts };
        rows.stack(scale);
        rows
    }

    /// Heights in proportion to the numbers of neurons, but not below [`LEAST`].
    fn stack(&mut self, scale: f32) {
        let n_bands = self.bands.len() as f32;
        let gap = (GAP * scale).round().min(self.height / (4.0 * n_bands.max(1.0)));
        let room = (self.height - gap * (n_bands - 1.0)).max(1.0);
        let least = (LEAST * scale).min(room / n_bands.max(1.0));
        let total: f32 = self.bands.iter().map(|b| b.n as f32).sum();
        let wanted: Vec<f32> = self.bands.iter().map(|b| (room * b.n as f32 / total.max(1.0)).max(least)).collect();
        // What the small ones got beyond their share, the others give in proportion.
        let spare: f32 = wanted.iter().map(|h| h - least).sum();
        let over = wanted.iter().sum::<f32>() - room;
        let mut y = 0.0f32;
        for (band, h) in self.bands.iter_mut().zip(wanted) {
            let h = if spare > 0.0 { h - over * (h - least) / spare } else { room / n_bands };
            (band.top, band.bottom) = (y.round(), (y + h).round().min(self.height));
            y += h + gap;
        }
    }

    pub fn n_shown(&self) -> u64 {
        self.bands.iter().map(|b| u64::from(b.n)).sum()
    }

    /// Smallest height of a row, pixels.
    pub fn least_row_height(&self) -> f32 {
        self.bands.iter().map(Band::row_height).fold(f32::INFINITY, f32::min)
    }

    /// Population and index of a neuron id.
    pub fn locate(&self, id: u32) -> Option<(usize, u32)> {
        let i = self.bounds.partition_point(|b| *b <= id).checked_sub(1)?;
        (i + 1 < self.bounds.len()).then(|| (i, id - self.bounds[i]))
    }

    pub fn id(&self, population: usize, index: u32) -> Option<u32> {
        let (low, high) = (*self.bounds.get(population)?, *self.bounds.get(population + 1)?);
        low.checked_add(index).filter(|id| *id < high)
    }

    pub fn shift(&self, population: usize) -> u64 {
        self.shifts.get(population).copied().unwrap_or(0)
    }

    /// Middle of a neuron's row, pixels from the top, and its band; none when it is not shown.
    pub fn place(&self, id: u32) -> Option<(f32, &Band)> {
        let (population, index) = self.locate(id)?;
        let band = self.bands.iter().find(|b| b.population == population)?;
        band.row_of(index).map(|row| (band.middle(row), band))
    }

    /// The neuron (population, index) whose row is at `y` pixels from the top.
    pub fn at(&self, y: f32) -> Option<(usize, u32)> {
        let band = self.bands.iter().find(|b| (b.top..b.bottom).contains(&y))?;
        let row = ((y - band.top) / band.row_height()).floor().max(0.0) as u32;
        band.neuron(row.min(band.n - 1)).map(|n| (band.population, n))
    }

    /// The neurons whose rows lie at least in part between two heights, pixels from the top.
    pub fn between(&self, low: f32, high: f32) -> Vec<(usize, u32)> {
        let of = |band: &Band| {
            let row = |y: f32| ((y - band.top) / band.row_height()).clamp(0.0, band.n as f32);
            let rows = row(low).floor() as u32..row(high).ceil() as u32;
            rows.filter_map(|r| band.neuron(r)).map(|n| (band.population, n)).collect::<Vec<_>>()
        };
        self.bands.iter().filter(|b| b.bottom > low && b.top < high).flat_map(of).collect()
    }

    /// For every neuron id the place of its marks: (first row of pixels, number of rows, shift of the stamp in steps); rows = 0: hidden.
    pub fn table(&self, mark: impl Fn(&Band) -> f32) -> Vec<(u16, u8, u8)> {
        let total = self.bounds.last().copied().unwrap_or(0) as usize;
        let mut table = vec![(0, 0, 0); total];
        for band in &self.bands {
            let ids = self.ids(band.population);
            let h = mark(band).round().clamp(1.0, 255.0);
            let shift = self.shift(band.population).min(255) as u8;
            for row in 0..band.n {
                let Some(neuron) = band.neuron(row) else { continue };
                let top = (band.middle(row) - h / 2.0).round().clamp(band.top, (band.bottom - h).max(band.top));
                if let Some(place) = table.get_mut(ids.start as usize + neuron as usize) {
                    *place = (top.clamp(0.0, 65_535.0) as u16, h as u8, shift);
                }
            }
        }
        table
    }

    fn ids(&self, population: usize) -> Range<u32> {
        let at = |i: usize| self.bounds.get(i).copied().unwrap_or(0);
        at(population)..at(population + 1)
    }
}

fn chosen(choice: Choice, size: u32, population: usize, selected: &[(usize, u32)]) -> (u32, Option<Vec<u32>>) {
    match choice {
        Choice::All => (size, None),
        Choice::First(n) => (n.min(size), None),
        Choice::EveryNth(k) => {
            let list: Vec<u32> = (0..size).step_by(k.max(1) as usize).collect();
            (list.len() as u32, Some(list))
        }
        Choice::Selected => {
            let mut list: Vec<u32> = selected.iter().filter(|s| s.0 == population && s.1 < size).map(|s| s.1).collect();
            list.sort_unstable();
            list.dedup();
            (list.len() as u32, Some(list))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::model::neuron;
    use spikeground_core::part::Part;
    use spikeground_core::spec::PopulationSpec;

    fn network(sizes: &[u32]) -> NetworkSpec {
        let populations = sizes.iter().enumerate().map(|(i, n)| PopulationSpec::new(&format!("P{i}"), *n, Part::new(neuron::ALL[0])));
        NetworkSpec { populations: populations.collect(), ..NetworkSpec::default() }
    }

    #[test]
    fn bands_fill_the_plot_without_overlap_and_small_ones_stay_visible() {
        for sizes in [vec![800, 200], vec![10_000, 3, 1], vec![1], vec![5; 40]] {
            let rows = Rows::new(&network(&sizes), Choice::All, &[], 400.0, 1.0);
            assert_eq!(rows.bands.len(), sizes.len());
            assert!((rows.bands.last().expect("one").bottom - 400.0).abs() <= 1.0, "{sizes:?}");
            assert!(rows.bands.windows(2).all(|w| w[0].bottom < w[1].top));
            let least = if sizes.len() < 10 { 14.0 } else { 5.0 };
            assert!(rows.bands.iter().all(|b| b.bottom - b.top >= least), "{sizes:?}");
        }
    }

    #[test]
    fn rows_lead_to_neurons_and_back() {
        let spec = network(&[100, 20]);
        for choice in [Choice::All, Choice::First(7), Choice::EveryNth(3)] {
            let rows = Rows::new(&spec, choice, &[], 600.0, 1.0);
            for band in &rows.bands {
                for row in 0..band.n {
                    let neuron = band.neuron(row).expect("a neuron");
                    assert_eq!(rows.at(band.middle(row)), Some((band.population, neuron)));
                    let id = rows.id(band.population, neuron).expect("an id");
                    assert_eq!((rows.locate(id), rows.place(id).map(|p| p.0)), (Some((band.population, neuron)), Some(band.middle(row))));
                }
            }
        }
    }

    #[test]
    fn the_choice_says_how_many_are_shown() {
        let spec = network(&[2000, 500]);
        let shown = |c| Rows::new(&spec, c, &[(1, 3), (1, 3), (0, 9), (7, 1)], 300.0, 1.0).n_shown();
        assert_eq!((shown(Choice::All), shown(Choice::First(100)), shown(Choice::EveryNth(10))), (2500, 200, 250));
        assert_eq!(shown(Choice::Selected), 2);
    }

    #[test]
    fn hidden_neurons_have_no_rows_of_pixels() {
        let rows = Rows::new(&network(&[10, 10]), Choice::First(2), &[], 100.0, 1.0);
        let table = rows.table(|_| 3.0);
        assert_eq!(table.len(), 20);
        assert_eq!(table.iter().filter(|t| t.1 > 0).count(), 4);
        assert!(table.iter().all(|t| f32::from(t.0) + f32::from(t.1) <= 100.0));
    }

    #[test]
    fn an_empty_network_has_no_rows() {
        let rows = Rows::new(&NetworkSpec::default(), Choice::All, &[], 100.0, 1.0);
        assert!(rows.bands.is_empty() && rows.at(5.0).is_none() && rows.locate(0).is_none() && rows.place(3).is_none());
    }
}
