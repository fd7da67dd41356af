//! The measures that the panel offers, and how their results become plots.

use super::super::super::worker::Stop;
use super::question::{Answer, Question, Result, Shown};
use crate::plot::{Axis, Item, Plot, number};
use spikeground_core::analysis::isi;
use spikeground_core::param::{ParamSpec, Unit};

/// One measure.
pub struct Measure {
    pub key: &'static str,
    pub group: &'static str,
    pub name: &'static str,
    pub definition: &'static str,
    pub formula: &'static str,
    pub source: &'static str,
    pub params: &'static [ParamSpec],
    run: fn(&Question, &Stop) -> Result,
}

static ALL: [Measure; 1] = [Measure {
    key: "isi",
    group: "Single trains",
    name: "Inter-spike intervals",
    definition: "How often which time passes between two spikes of a neuron",
    formula: "Iₖ = tₖ₊₁ − tₖ;  CV = sd(I) / mean(I)",
    source: "Elephant: statistics.isi, statistics.cv",
    params: const { &[ParamSpec::new("bin", "bin", Unit::Ms, 5.0, (0.01, 1e4), "Width of a bar.").slider(0.5, 100.0).log()] },
    run: intervals,
}];

pub fn all() -> &'static [Measure] {
    &ALL
}

/// Answers a question: the worker's whole work.
pub fn answer(question: &Question, stop: &Stop, tell: &mut dyn FnMut(Answer)) {
    let result = (question.measure.run)(question, stop);
    if !stop.is_stopped() {
        tell(Answer { measure: question.measure.key, about: question.about(), result });
    }
}

fn intervals(question: &Question, _stop: &Stop) -> Result {
    let bin = question.params[0];
    let mut shown = Shown::default();
    let trains = question.trains();
    let all: Vec<Vec<f64>> = trains.iter().map(|group| group.iter().flat_map(|t| t.windows(2).map(|w| w[1] - w[0])).collect()).collect();
    let longest = all.iter().flatten().copied().fold(0.0, f64::max);
    let n_bins = ((longest / bin).ceil() as usize + 1).min(2000);
    if longest <= 0.0 {
        return Err("no neuron fired twice in this window; choose a longer one".into());
    }
    let mut plot = Plot::new(Axis::new("Interval (ms)", (0.0, n_bins as f64 * bin)), Axis::default());
    let mut top = 1.0f64;
    for ((group, intervals), trains) in question.groups.iter().zip(&all).zip(&trains) {
        let mut heights = vec![0.0; n_bins];
        for i in intervals {
            heights[((i / bin) as usize).min(n_bins - 1)] += 1.0;
        }
        top = heights.iter().copied().fold(top, f64::max);
        let edges = (0..=n_bins).map(|i| i as f64 * bin).collect();
        plot.items.push(Item::Bars { edges, heights, ink: group.ink, name: group.name.clone() });
        let cvs: Vec<f64> = trains.iter().filter(|t| t.len() > isi::MIN_INTERVALS as usize).filter_map(|t| isi::cv(t)).collect();
        let mean = cvs.iter().sum::<f64>() / cvs.len() as f64;
        let words = if cvs.is_empty() { "not defined: fewer than 5 intervals a neuron".into() } else { number::number(mean, 3) };
        shown.readings.push((format!("{} CV", group.name), words));
    }
    plot.y = Axis::around("Intervals", [0.0, top]).counting();
    plot.note = format!("{} intervals", number::count(all.iter().map(|a| a.len() as u64).sum()));
    shown.plots.push(plot);
    Ok(shown)
}
