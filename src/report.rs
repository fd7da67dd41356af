//! The figures of a protocol: what a run did, as plots, without a window.

use crate::plot::{Axis, Figure, Ink, Item, Pen, Plot, Sign, number, png};
use spikeground_core::export::markdown;
use spikeground_core::export::snapshot::Snapshot;
use spikeground_core::spec::{NetworkSpec, Role};
use std::path::{Path, PathBuf};

/// Spikes drawn at most; a raster with more shows the first ones and says so.
const MOST: usize = 200_000;
/// Points of a trace drawn at most.
const MOST_POINTS: usize = 8_000;
/// Size of a figure, points, and pixels a point.
const SIZE: (f32, f32) = (760.0, 460.0);
const SCALE: f32 = 2.0;

/// The ink of a population: of its role where no other has it.
fn ink(spec: &NetworkSpec, population: usize) -> Ink {
    let role = spec.populations[population].role;
    match role {
        _ if spec.populations.iter().filter(|p| p.role == role).count() > 1 => Ink::Series(population),
        Role::Excitatory => Ink::Excitatory,
        Role::Inhibitory => Ink::Inhibitory,
        Role::Other => Ink::Series(population),
    }
}

/// Figures of a run: spikes with rates, recorded traces, learned weights; each with its name.
pub fn figures(spec: &NetworkSpec, run: &Snapshot) -> Vec<(&'static str, Figure)> {
    let caption = vec![format!(
        "{}: {} neurons, dt {} ms, seed {}, Spikeground {}",
        spec.name,
        number::count(spec.n_neurons()),
        number::number(spec.dt, 4),
        spec.seed,
        env!("CARGO_PKG_VERSION")
    )];
    let figure = |title: &str, plots: Vec<Plot>| Figure { title: title.to_owned(), plots, caption: caption.clone(), ..Figure::default() };
    let mut all = vec![("spikes", figure("Spikes and rates", vec![raster(spec, run), rates(spec, run)]))];
    let traces = traces(spec, run);
    if !traces.is_empty() {
        all.push(("traces", figure("Traces", traces)));
    }
    let weights = weights(spec, run);
    if !weights.is_empty() {
        all.push(("weights", figure("Learned weights", weights)));
    }
    all
}

fn time_axis(spec: &NetworkSpec, run: &Snapshot) -> Axis {
    Axis::new("Time (ms)", (0.0, (run.n_steps as f64 * spec.dt).max(spec.dt)))
}

/// (population, index in it, time in ms) of every spike.
fn spikes<'a>(spec: &'a NetworkSpec, run: &'a Snapshot) -> impl Iterator<Item = (usize, u32, f64)> + 'a {
    let firsts = spec.first_ids();
    let shifts: Vec<u64> = (0..spec.populations.len()).map(|p| spec.stamp_shift(p)).collect();
    run.spikes.step.iter().zip(&run.spikes.neuron).filter_map(move |(step, id)| {
        let p = firsts.partition_point(|f| f <= id).checked_sub(1)?;
        Some((p, id - firsts[p], (*step as u64).saturating_sub(shifts[p]) as f64 * spec.dt))
    })
}

fn raster(spec: &NetworkSpec, run: &Snapshot) -> Plot {
    let firsts = spec.first_ids();
    let n = spec.n_neurons() as f64;
    let mut points = vec![Vec::new(); spec.populations.len()];
    for (p, i, time) in spikes(spec, run).take(MOST) {
        points[p].push([time, f64::from(firsts[p] + i) + 0.5]);
    }
    let mut plot = Plot::new(time_axis(spec, run), Axis::new("Neuron", (n.max(1.0), 0.0)));
    let (sign, size) = if n <= 100.0 { (Sign::Bar, 5.0) } else { (Sign::Dot, 1.5) };
    for (p, points) in points.into_iter().enumerate() {
        let population = &spec.populations[p];
        plot.items.push(Item::Points { points, ink: ink(spec, p), sign, size, name: String::new() });
        plot.y.names.push((f64::from(firsts[p]) + 0.5 * f64::from(population.size), population.name.chars().take(8).collect()));
    }
    for remark in &spec.remarks {
        let pen = Pen::new(Ink::Accent).thin().dashed();
        plot.items.push(Item::Rule { across: crate::plot::Across::X, at: remark.at, pen, name: remark.text.clone() });
    }
    if run.spikes.step.len() > MOST {
        plot.note = format!("the first {} of {} spikes", number::count(MOST as u64), number::count(run.spikes.step.len() as u64));
    }
    plot.share = 2.0;
    plot
}

fn rates(spec: &NetworkSpec, run: &Snapshot) -> Plot {
    let end = run.n_steps as f64 * spec.dt;
    // About a hundred bins of 1, 2 or 5 times a power of ten.
    let bin = crate::plot::ticks::step_125((end / 100.0).max(spec.dt));
    let n_bins = (end / bin).ceil().max(1.0) as usize;
    let mut counts = vec![vec![0u32; n_bins]; spec.populations.len()];
    for (p, _, time) in spikes(spec, run) {
        counts[p][((time / bin) as usize).min(n_bins - 1)] += 1;
    }
    let lines: Vec<Vec<[f64; 2]>> = counts
        .iter()
        .zip(&spec.populations)
        .map(|(counts, p)| {
            let per = f64::from(p.size.max(1)) * bin / 1000.0;
            let corner = |(b, n): (usize, &u32)| [[b as f64 * bin, f64::from(*n) / per], [(b + 1) as f64 * bin, f64::from(*n) / per]];
            counts.iter().enumerate().flat_map(corner).collect()
        })
        .collect();
    let most = lines.iter().flatten().map(|p| p[1]).fold(1.0, f64::max);
    let mut plot = Plot::new(time_axis(spec, run), Axis::around("Rate (Hz)", [0.0, most]));
    for (p, line) in lines.into_iter().enumerate() {
        plot = plot.line(line, Pen::new(ink(spec, p)), &spec.populations[p].name);
    }
    plot.note = format!("spikes a second and neuron, bins of {} ms", number::number(bin, 3));
    plot
}

/// One plot for each recorded variable, at most three.
fn traces(spec: &NetworkSpec, run: &Snapshot) -> Vec<Plot> {
    let mut plots: Vec<(String, Plot, usize)> = Vec::new();
    for trace in &run.traces {
        let population = &spec.populations[trace.population];
        let Some(state) = population.model.kind.states.get(trace.state) else { continue };
        let symbol = state.symbol.replace('_', "");
        let unit = state.unit.symbol();
        let label = if unit.is_empty() { symbol } else { format!("{symbol} ({unit})") };
        let every = trace.values.len().div_ceil(MOST_POINTS).max(1);
        let points: Vec<[f64; 2]> = trace.values.iter().enumerate().step_by(every).map(|(k, v)| [(k + 1) as f64 * spec.dt, *v]).collect();
        let name = format!("{} {}", population.name, trace.neuron);
        let values = || points.iter().map(|p| p[1]);
        let at = plots.iter().position(|(l, ..)| *l == label).unwrap_or_else(|| {
            plots.push((label.clone(), Plot::new(time_axis(spec, run), Axis::around(label, values())), 0));
            plots.len() - 1
        });
        let (_, plot, n) = &mut plots[at];
        let around = Axis::around(plot.y.label.clone(), values().chain([plot.y.low, plot.y.high]));
        (plot.y.low, plot.y.high) = (around.low, around.high);
        plot.items.push(Item::Line { points, pen: Pen::new(Ink::Series(*n)).thin(), name });
        *n += 1;
    }
    plots.into_iter().take(3).map(|(_, plot, _)| plot).collect()
}

/// How the weights of each projection that learns were distributed at the start and at the end; at most three.
fn weights(spec: &NetworkSpec, run: &Snapshot) -> Vec<Plot> {
    const BARS: usize = 50;
    let of = |i: usize| {
        let (start, end) = (&run.projections[i].weight, run.last_weights.get(i)?);
        if end.is_empty() {
            return None;
        }
        let all = start.iter().chain(end).copied().filter(|w| w.is_finite());
        let x = Axis::around(format!("weight ({})", spec.weight_unit(i)), all.chain([0.0]));
        let edges: Vec<f64> = (0..=BARS).map(|k| x.low + (x.high - x.low) * k as f64 / BARS as f64).collect();
        let count = |weights: &[f64]| {
            let mut bars = vec![0.0; BARS];
            for w in weights.iter().filter(|w| w.is_finite()) {
                bars[(((w - x.low) / (x.high - x.low) * BARS as f64).max(0.0) as usize).min(BARS - 1)] += 1.0;
            }
            bars
        };
        let (before, after) = (count(start), count(end));
        let most = before.iter().chain(&after).copied().fold(1.0, f64::max);
        let outline = before.iter().enumerate().flat_map(|(k, n)| [[edges[k], *n], [edges[k + 1], *n]]).collect();
        let mut plot = Plot::new(x, Axis::around("Synapses", [0.0, most]).counting());
        plot.title = spec.projections[i].name.clone();
        plot.items.push(Item::Bars { edges, heights: after, ink: Ink::Accent, name: "at the end".into() });
        plot.items.push(Item::Line { points: outline, pen: Pen::new(Ink::Weak), name: "at the start".into() });
        Some(plot)
    };
    (0..spec.projections.len()).filter_map(of).take(3).collect()
}

/// A protocol with its figures: the text with links, and the files that belong into the folder beside it.
pub struct Report {
    pub text: String,
    /// Name and content of each figure.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Where the figures of a protocol at `path` go.
pub fn folder(path: &Path) -> PathBuf {
    let stem = path.file_stem().map_or_else(|| "protocol".into(), |s| s.to_string_lossy().into_owned());
    path.with_file_name(format!("{stem}_figures"))
}

/// Puts figures into a protocol that will be at `path`: those of its run, then `more`.
pub fn illustrate(text: &str, spec: &NetworkSpec, run: &Snapshot, more: Vec<Figure>, path: &Path) -> Result<Report, String> {
    let folder = folder(path);
    let folder = folder.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let own = figures(spec, run).into_iter().map(|(name, figure)| (name.to_owned(), figure));
    let shown = more.into_iter().map(|f| (plain(&f.title), f));
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut links = String::new();
    for (k, (name, figure)) in own.chain(shown).filter(|(_, f)| !f.plots.is_empty()).enumerate() {
        let file = format!("{}-{name}.png", k + 1);
        links += &format!("![{}]({}/{file})\n\n*Figure {}. {}.*\n\n", figure.title, folder.replace(' ', "%20"), k + 1, figure.title);
        files.push((file, png::write(&figure, SIZE.0, SIZE.1, SCALE)?));
    }
    Ok(Report { text: text.replace(markdown::FIGURES, &links), files })
}

/// A title as part of a file name.
fn plain(title: &str) -> String {
    let letters: String = title.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    letters.split('-').filter(|w| !w.is_empty()).collect::<Vec<_>>().join("-").chars().take(40).collect()
}

impl Report {
    /// Writes the figures and then the text, so that no text is there whose figures are missing. Files of an earlier protocol at the same
    /// place are replaced.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        use crate::elsewhere::files;
        let bytes: usize = self.files.iter().map(|f| f.1.len()).sum::<usize>() + self.text.len();
        files::fits(path, bytes as u64)?;
        let folder = folder(path);
        if !self.files.is_empty() {
            std::fs::create_dir_all(&folder).map_err(|e| format!("cannot make the folder {}: {e}", folder.display()))?;
        }
        for (name, content) in &self.files {
            files::write(&folder.join(name), content)?;
        }
        files::write(path, self.text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::export::{Target, export};

    #[test]
    fn a_protocol_carries_what_was_asked_noted_and_concluded_with_its_figures() {
        let mut spec = spikeground_core::preset::find("exact-lif-100").expect("a preset").spec.clone();
        spec.duration = 50.0;
        spec.question = "Does it fire?".into();
        spec.conclusion = "It does.".into();
        spec.remarks = vec![spikeground_core::spec::Remark { at: 20.0, text: "here".into() }];
        let export = export(&spec, Target::Markdown, false, "p", &mut |_| true).expect("expressible").expect("not cancelled");
        let folder_of_test = tempfile::tempdir().expect("a folder");
        let path = folder_of_test.path().join("my protocol.md");
        let report = illustrate(&export.text, &spec, &export.run, Vec::new(), &path).expect("drawn");
        report.write(&path).expect("written");
        let text = std::fs::read_to_string(&path).expect("read");
        assert!(text.contains("Does it fire?") && text.contains("It does.") && text.contains("| 20 | here |"));
        assert!(text.contains("(my%20protocol_figures/1-spikes.png)") && !text.contains(markdown::FIGURES));
        let figure = std::fs::read(folder(&path).join("1-spikes.png")).expect("a figure");
        assert_eq!(&figure[1..4], b"PNG");
        assert!(folder(&path).join("2-traces.png").exists());
    }

    #[test]
    fn every_spike_is_in_the_rates() {
        let mut spec = spikeground_core::preset::find("exact-lif-100").expect("a preset").spec.clone();
        spec.duration = 200.0;
        let run = export(&spec, Target::Markdown, false, "p", &mut |_| true).expect("expressible").expect("not cancelled").run;
        let plot = rates(&spec, &run);
        let mut total = 0.0;
        for (item, p) in plot.items.iter().zip(&spec.populations) {
            let Item::Line { points, .. } = item else { panic!("a line") };
            total += points.chunks_exact(2).map(|c| c[0][1] * f64::from(p.size) * (c[1][0] - c[0][0]) / 1000.0).sum::<f64>();
        }
        assert!((total - run.spikes.step.len() as f64).abs() < 1e-6, "{total}");
    }
}
