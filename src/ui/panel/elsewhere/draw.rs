//! Both runs of a network above each other, and what they differ in.

use super::super::super::text;
use crate::elsewhere::Outcome;
use crate::plot::{Across, Axis, Ink, Item, Pen, Plot, Sign, number};
use std::cmp::Ordering;

/// Spikes drawn at most; a raster with more shows the first ones.
const MOST: usize = 20_000;
/// Points of a trace drawn at most.
const MOST_POINTS: usize = 4_000;

/// Spikes of both runs: in both, only in ours, only in theirs; (step, neuron).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    pub both: Vec<(u64, u32)>,
    pub ours: Vec<(u64, u32)>,
    pub theirs: Vec<(u64, u32)>,
}

/// Compares two lists of spikes in order of time.
pub fn compare(ours: &[(u64, u32)], theirs: &[(u64, u32)]) -> Compared {
    let mut out = Compared::default();
    let (mut a, mut b) = (ours.iter().peekable(), theirs.iter().peekable());
    loop {
        let order = match (a.peek(), b.peek()) {
            (None, None) => return out,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(x), Some(y)) => x.cmp(y),
        };
        match order {
            Ordering::Less => out.ours.extend(a.next()),
            Ordering::Greater => out.theirs.extend(b.next()),
            Ordering::Equal => {
                out.both.extend(a.next());
                b.next();
            }
        }
    }
}

/// The spikes of our own run.
pub fn own(outcome: &Outcome) -> Vec<(u64, u32)> {
    let spikes = &outcome.ours.spikes;
    let mut all: Vec<(u64, u32)> = spikes.step.iter().zip(&spikes.neuron).map(|(s, n)| (*s as u64, *n)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A raster of both, and the first recorded trace of both.
pub fn plots(outcome: &Outcome, name: &str) -> Vec<Plot> {
    let (spec, dt) = (&outcome.spec, outcome.spec.dt);
    let end = outcome.ours.n_steps as f64 * dt;
    let compared = compare(&own(outcome), &outcome.theirs.spikes);
    let points =
        |spikes: &[(u64, u32)]| -> Vec<[f64; 2]> { spikes.iter().take(MOST).map(|(s, n)| [*s as f64 * dt, f64::from(*n)]).collect() };
    let time = Axis::new("Time (ms)", (0.0, end.max(dt)));
    let marks = |spikes: &[(u64, u32)], ink, sign, name: String| Item::Points { points: points(spikes), ink, sign, size: 2.5, name };
    let mut raster = Plot::new(time.clone(), Axis::new("Neuron", (f64::from(spec.n_neurons() as u32) - 0.5, -0.5)).counting())
        .with(marks(&compared.both, Ink::Weak, Sign::Dot, format!("both, {}", number::count(compared.both.len() as u64))))
        .with(marks(&compared.ours, Ink::Accent, Sign::Ring, format!("only here, {}", number::count(compared.ours.len() as u64))))
        .with(marks(
            &compared.theirs,
            Ink::Warning,
            Sign::Cross,
            format!("only in {name}, {}", number::count(compared.theirs.len() as u64)),
        ));
    let most = compared.both.len().max(compared.ours.len()).max(compared.theirs.len());
    if most > MOST {
        raster.note = format!("the first {} of {} spikes are drawn", number::count(MOST as u64), number::count(most as u64));
    }
    let deviation = outcome.first_deviation_ms.map(|at| Item::Rule {
        across: Across::X,
        at,
        pen: Pen::new(Ink::Warning).thin().dashed(),
        name: "first difference".into(),
    });
    raster.items.extend(deviation.clone());
    raster.share = 2.0;
    let mut all = vec![raster];
    if let (Some(ours), Some(theirs)) = (outcome.ours.traces.first(), outcome.theirs.traces.first())
        && let Some(state) = spec.populations.get(ours.population).and_then(|p| p.model.kind.states.get(ours.state))
    {
        let thin = |values: &[f64]| -> Vec<[f64; 2]> {
            let every = values.len().div_ceil(MOST_POINTS).max(1);
            values.iter().enumerate().step_by(every).map(|(k, v)| [(k + 1) as f64 * dt, *v]).collect()
        };
        let label = format!(
            "{} of {} {} ({})",
            state.symbol.replace('_', ""),
            spec.populations[ours.population].name,
            ours.neuron,
            state.unit.symbol()
        );
        let values = ours.values.iter().chain(theirs).copied();
        let mut plot = Plot::new(time, Axis::around(label, values)).line(thin(&ours.values), Pen::new(Ink::Accent), "here").line(
            thin(theirs),
            Pen::new(Ink::Warning).thin().dashed(),
            name,
        );
        plot.items.extend(deviation.into_iter().map(|item| match item {
            Item::Rule { across, at, pen, .. } => Item::Rule { across, at, pen, name: String::new() },
            other => other,
        }));
        all.push(plot);
    }
    all
}

/// What came of it, in words: the verdict, and the details.
pub fn words(outcome: &Outcome, name: &str) -> (String, String) {
    let n = outcome.theirs.spikes.len() as u64;
    let length = text::with_unit(&text::number(outcome.ours.n_steps as f64 * outcome.spec.dt, 5), "ms");
    let verdict = match outcome.first_deviation_ms {
        None if n == 0 => format!("No spike in {length}, here and in {name}"),
        None => format!("The same {} for {length}", text::counted(n, "spike", "spikes")),
        Some(at) => format!("The first difference is at {}", text::with_unit(&text::number(at, 6), "ms")),
    };
    let mut details = vec![format!("{name} {}", outcome.theirs.version)];
    let furthest = outcome.ours.traces.iter().zip(&outcome.theirs.traces).filter_map(|(a, b)| {
        let state = outcome.spec.populations.get(a.population)?.model.kind.states.get(a.state)?;
        let apart = a.values.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
        (!b.is_empty()).then(|| {
            format!(
                "{} differs by at most {}",
                state.symbol.replace('_', ""),
                text::with_unit(&text::number(apart, 2), state.unit.symbol())
            )
        })
    });
    details.extend(furthest.take(1));
    let weights = outcome.weight_deviation.iter().flatten().copied().fold(None, |m: Option<f64>, w| Some(m.map_or(w, |m| m.max(w))));
    details.extend(weights.map(|w| format!("learned weights within {} of the largest", text::number(w, 2))));
    details.push(format!("{} there, {} here with the export", seconds(outcome.run_s), seconds(outcome.export_s)));
    (verdict, details.join(" · "))
}

fn seconds(s: f64) -> String {
    text::with_unit(&text::number(s, 2), "s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spikes_are_told_apart_by_where_they_are() {
        let compared = compare(&[(1, 0), (2, 1), (5, 0)], &[(1, 0), (2, 2), (5, 0), (9, 9)]);
        assert_eq!(compared, Compared { both: vec![(1, 0), (5, 0)], ours: vec![(2, 1)], theirs: vec![(2, 2), (9, 9)] });
        assert_eq!(compare(&[], &[]), Compared::default());
    }
}
