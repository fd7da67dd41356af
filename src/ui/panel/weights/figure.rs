//! The weight matrix as a plot, for a file.

use super::super::super::history::weights::Pictures;
use crate::plot::colormap::Map;
use crate::plot::{Axis, Item, Picture, Plot, number};

/// The matrix as the panel shows it: rows are presynaptic neurons, from the top.
pub fn plot(pictures: &Pictures, names: (&str, &str), range: (f64, f64), map: Map, change: bool, unit: &str) -> Plot {
    let image = &pictures.last;
    let (n_pre, n_post) = (f64::from(image.n_pre), f64::from(image.n_post));
    let values = if change { image.values.iter().zip(&pictures.first.values).map(|(a, b)| a - b).collect() } else { image.values.clone() };
    let symbol = if change { "Δw" } else { "w" };
    #[allow(clippy::cast_possible_truncation)]
    let picture = Picture {
        left: 0.0,
        right: n_post,
        top: 0.0,
        bottom: n_pre,
        cols: image.cols as usize,
        values,
        range: (range.0 as f32, range.1 as f32),
        map,
        label: if unit.is_empty() { symbol.to_owned() } else { format!("{symbol} ({unit})") },
    };
    let x = Axis::new(format!("Postsynaptic neuron ({})", names.1), (0.0, n_post)).counting();
    let y = Axis::new(format!("Presynaptic neuron ({})", names.0), (n_pre, 0.0)).counting();
    let mut plot = Plot::new(x, y).with(Item::Picture(picture));
    plot.note = format!(
        "{} synapses, mean {} ± {}",
        number::count(image.stats.n),
        number::number(image.stats.mean, 3),
        number::number(image.stats.sd, 3)
    );
    if image.rows < image.n_pre || image.cols < image.n_post {
        plot.note += " · block means";
    }
    plot
}
