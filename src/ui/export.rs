//! Figures and data on their way out of the window: to a file, drawn off the window's thread, or to the clipboard.

use super::app::App;
use super::picker::Purpose;
use super::session::Session;
use super::text;
use crate::elsewhere::files;
use crate::plot::png::Pixels;
use crate::plot::{Figure, Item, Plot, gif, png, svg};
use crate::report;
use spikeground_core::export::{Target, export, npy};
use spikeground_core::protocol::Record;
use spikeground_core::session;
use spikeground_core::spec::NetworkSpec;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};

/// Size of a figure in points unless somebody chose another, and pixels a point in a PNG: 1600 × 1100 pixels, sharp in a report.
pub const SIZE: (f32, f32) = (800.0, 550.0);
const SCALE: f32 = 2.0;

/// How a figure leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// To a file, as its ending says: PNG or SVG.
    File,
    /// Its numbers, to the clipboard.
    Copy,
}

/// What waits for its file.
pub enum Waiting {
    /// With its width and height, points.
    Figure(Figure, (f32, f32)),
    Pixels(Pixels),
    /// Frames, and how long each is shown, s.
    Film(Vec<Pixels>, f32),
    /// The session, to be replayed or gone on from.
    Session(Arc<Record>),
    /// A network for another program.
    Script {
        spec: Box<NetworkSpec>,
        target: Target,
        exact: bool,
        /// What the panels show, for a protocol.
        figures: Vec<Figure>,
    },
}

/// How far a long export is, and whether it is still wanted.
#[derive(Default)]
struct Progress {
    /// Thousandths.
    done: AtomicU32,
    cancelled: AtomicBool,
}

/// Something waiting for its file, and a file being written.
#[derive(Default)]
pub struct Exporter {
    waiting: Option<(Waiting, String)>,
    /// A session waits and nobody has asked for its file yet.
    unasked: bool,
    written: Option<Receiver<Result<PathBuf, String>>>,
    /// Of a script that is being written: the name of its file.
    working: Option<(String, Arc<Progress>)>,
}

impl Exporter {
    /// Holds something until its file is chosen; `title` and `ending` propose a name.
    pub fn wait(&mut self, what: Waiting, title: &str, ending: &str) {
        let plain: String = title.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        let words: Vec<&str> = plain.split('-').filter(|w| !w.is_empty()).collect();
        self.waiting = Some((what, format!("{}.{ending}", words.join("-").to_lowercase())));
    }

    /// Holds a session until its file is chosen.
    pub fn wait_for_session(&mut self, record: Arc<Record>) {
        let title = record.origin.name.clone();
        self.wait(Waiting::Session(record), &title, "session");
        self.unasked = true;
    }

    /// Whether a file must be asked for, once.
    pub fn wants_session_file(&mut self) -> bool {
        std::mem::take(&mut self.unasked)
    }

    /// What the file might be called.
    pub fn file_name(&self) -> String {
        self.waiting.as_ref().map_or_else(|| "figure.png".into(), |w| w.1.clone())
    }

    /// Writes what waits to `path` on a thread of its own.
    pub fn write(&mut self, ctx: &egui::Context, path: &Path) {
        let Some((what, name)) = self.waiting.take() else { return };
        let mut path = path.to_owned();
        if let Some(ending) = Path::new(&name).extension().filter(|_| path.extension().is_none()) {
            path.set_extension(ending);
        }
        let (to, from) = channel();
        let ctx = ctx.clone();
        let progress = Arc::new(Progress::default());
        if matches!(what, Waiting::Script { .. }) {
            self.working = Some((name, Arc::clone(&progress)));
        }
        let work = move || {
            let _ = to.send(write(what, &path, &progress).map(|()| path));
            ctx.request_repaint();
        };
        if std::thread::Builder::new().name("figure".into()).spawn(work).is_ok() {
            self.written = Some(from);
        }
    }

    /// What became of the file, once.
    pub fn poll(&mut self) -> Option<Result<PathBuf, String>> {
        let answer = self.written.as_ref()?.try_recv().ok()?;
        self.written = None;
        let cancelled = self.working.take().is_some_and(|(_, p)| p.cancelled.load(Ordering::Relaxed));
        if cancelled { None } else { Some(answer) }
    }

    /// What is being written that takes long, and how far it is.
    pub fn progress(&self) -> Option<(String, f32)> {
        let (name, progress) = self.working.as_ref()?;
        Some((format!("Writing {name}"), progress.done.load(Ordering::Relaxed) as f32 / 1000.0))
    }

    pub fn cancel(&self) {
        if let Some((_, progress)) = &self.working {
            progress.cancelled.store(true, Ordering::Relaxed);
        }
    }
}

impl App {
    /// The network of the document as a script with its data, or as a protocol.
    pub(super) fn export_document(&mut self, ctx: &egui::Context, target: Target) {
        let spec = self.document.spec().clone();
        self.export_script(ctx, spec, target, true);
    }

    /// Asks where a script is to go.
    pub(super) fn export_script(&mut self, ctx: &egui::Context, spec: NetworkSpec, target: Target, exact: bool) {
        let title = format!("{} {}", spec.name, target.name());
        let figures = if target == Target::Markdown { self.open_figures() } else { Vec::new() };
        self.exporter.wait(Waiting::Script { spec: Box::new(spec), target, exact, figures }, &title, target.extension());
        self.picker.ask(ctx, Purpose::Script, &self.exporter.file_name());
    }

    /// What the panels in sight show, a figure each.
    fn open_figures(&mut self) -> Vec<Figure> {
        let caption = caption(self.document.spec(), &self.session);
        let mut actions = Vec::new();
        let (view, dock) = self.view(&mut actions);
        let named = dock.open_plots(&view).into_iter();
        named.map(|(title, plots)| Figure { title: title.to_owned(), plots, caption: caption.clone(), columns: 1 }).collect()
    }

    /// All panels in sight as one figure.
    pub(super) fn export_sheet(&mut self, ctx: &egui::Context) {
        let titled = |figure: Figure| {
            let Figure { title, plots, .. } = figure;
            plots.into_iter().enumerate().map(move |(i, plot)| {
                let name = if i == 0 && plot.title.is_empty() { title.clone() } else { plot.title };
                Plot { title: name, ..plot }
            })
        };
        let plots: Vec<Plot> = self.open_figures().into_iter().flat_map(titled).collect();
        if plots.is_empty() {
            self.notices.warn("No panel has anything to export yet", "");
            return;
        }
        let spec = self.document.spec();
        let (columns, rows) = (2usize, plots.len().div_ceil(2));
        let size = (2.0 * 560.0, 120.0 + 320.0 * rows as f32);
        let figure = Figure { title: spec.name.clone(), plots, columns, caption: caption(spec, &self.session) };
        let title = format!("{} panels", spec.name);
        self.exporter.wait(Waiting::Figure(figure, size), &title, "svg");
        self.picker.ask(ctx, Purpose::Figure, &self.exporter.file_name());
    }

    /// Sends a panel's plots out.
    pub(super) fn export(&mut self, ctx: &egui::Context, title: &str, plots: Vec<Plot>, form: Form) {
        if plots.is_empty() {
            self.notices.warn(format!("{title} has nothing to export yet"), "");
            return;
        }
        let spec = self.document.spec();
        let figure = Figure { title: format!("{}: {}", spec.name, title), plots, caption: caption(spec, &self.session), columns: 1 };
        match form {
            Form::Copy => {
                ctx.copy_text(table(&figure));
                self.notices.note(format!("Copied the numbers of {title}; paste them into a spreadsheet"));
            }
            Form::File => {
                let title = figure.title.clone();
                self.exporter.wait(Waiting::Figure(figure, self.dock.figure), &title, "png");
                self.picker.ask(ctx, Purpose::Figure, &self.exporter.file_name());
            }
        }
    }
}

/// Writes beside the final name and moves it there, so that no half file is left. The ending says whether a figure is a drawing or a
/// picture.
fn write(what: Waiting, path: &Path, progress: &Progress) -> Result<(), String> {
    let is_svg = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("svg"));
    let bytes = match what {
        Waiting::Figure(figure, (w, h)) if is_svg => svg::write(&figure, w, h).into_bytes(),
        Waiting::Figure(figure, (w, h)) => png::write(&figure, w, h, SCALE)?,
        Waiting::Pixels(p) => png::encode(p.width, p.height, &p.rgba),
        Waiting::Session(record) => return session::save(path, &record),
        Waiting::Script { spec, target, exact, figures } => return script(&spec, target, exact, figures, path, progress),
        Waiting::Film(frames, seconds) => gif::write(frames, seconds, |_| true)?,
    };
    files::fits(path, bytes.len() as u64)?;
    spikeground_core::preset::save(path, bytes)
}

/// A script and, when it is exact, its data beside it.
fn script(spec: &NetworkSpec, target: Target, exact: bool, figures: Vec<Figure>, path: &Path, progress: &Progress) -> Result<(), String> {
    let stem = path.file_stem().map_or_else(|| "network".into(), |s| s.to_string_lossy().into_owned());
    let data = path.with_extension("npz");
    let with_data = exact && target != Target::Markdown;
    // Whoever chose the script to be replaced has not been asked about the data of another.
    let beside = if target == Target::Markdown { Some(report::folder(path)) } else { with_data.then_some(data.clone()) };
    if let Some(beside) = beside.filter(|b| b.exists() && !path.exists()) {
        return Err(format!("{} is there already and would be replaced; choose another name", beside.display()));
    }
    let export = export(spec, target, exact, &stem, &mut |done| {
        progress.done.store((done.clamp(0.0, 1.0) * 1000.0) as u32, Ordering::Relaxed);
        !progress.cancelled.load(Ordering::Relaxed)
    });
    let export = export.map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(|p| format!("{} cannot take this network: {p}", target.name())).collect();
        lines.join("\n")
    })?;
    let Some(export) = export else { return Ok(()) };
    if target == Target::Markdown {
        return report::illustrate(&export.text, spec, &export.run, figures, path)?.write(path);
    }
    if with_data {
        files::write(&data, &npy::npz(&export.arrays)?)?;
    }
    files::write(path, export.text.as_bytes())
}

/// What a reader needs to repeat what a figure shows.
pub fn caption(spec: &NetworkSpec, session: &Session) -> Vec<String> {
    let status = &session.status;
    let synapses: u64 = session.n_synapses.iter().sum();
    let mut lines = vec![format!(
        "{} · {} neurons, {} synapses · dt {} ms · seed {} · t = {} · Spikeground {}",
        spec.name,
        text::count(spec.n_neurons()),
        text::count(synapses),
        text::number(spec.dt, 4),
        spec.seed,
        text::time(status.time(), status.dt),
        env!("CARGO_PKG_VERSION"),
    )];
    for p in spec.populations.iter().take(4) {
        let mut line = format!("{}: {} × {}", p.name, text::count(p.size.into()), p.model.kind.name);
        // What differs from the model's own values; the rest stands in the manual.
        for (param, value) in p.model.kind.params.iter().zip(&p.model.values).filter(|(d, v)| d.default.to_bits() != v.to_bits()) {
            let number = text::with_unit(&text::number(*value, 4), param.unit.symbol());
            let _ = write!(line, ", {} = {number}", param.symbol.replace('_', ""));
        }
        lines.push(line);
    }
    lines
}

/// The numbers of a figure as a table with tabs, one block an item, for a spreadsheet.
pub fn table(figure: &Figure) -> String {
    let mut out = String::new();
    for plot in &figure.plots {
        for item in &plot.items {
            block(&mut out, plot, item);
        }
    }
    out
}

fn block(out: &mut String, plot: &Plot, item: &Item) {
    let mut rows = |name: &str, heads: &[&str], rows: &mut dyn Iterator<Item = Vec<f64>>| {
        if !name.is_empty() {
            let _ = writeln!(out, "# {name}");
        }
        let _ = writeln!(out, "{}", heads.join("\t"));
        for row in rows {
            let cells: Vec<String> = row.iter().map(|v| if v.is_finite() { v.to_string() } else { String::new() }).collect();
            let _ = writeln!(out, "{}", cells.join("\t"));
        }
        out.push('\n');
    };
    let (x, y) = (plot.x.label.as_str(), plot.y.label.as_str());
    match item {
        Item::Line { points, name, .. } | Item::Points { points, name, .. } => {
            rows(name, &[x, y], &mut points.iter().map(|p| p.to_vec()));
        }
        Item::Bars { edges, heights, name, .. } => {
            let from = format!("{x} from");
            rows(name, &[&from, "to", y], &mut edges.windows(2).zip(heights).map(|(e, h)| vec![e[0], e[1], *h]));
        }
        Item::Band { points, .. } => rows("", &[x, "low", "high"], &mut points.iter().map(|p| p.to_vec())),
        Item::Picture(p) => {
            let n = p.rows();
            let mut lines = (0..n).map(|r| p.values[r * p.cols..(r + 1) * p.cols].iter().map(|v| f64::from(*v)).collect());
            rows(&format!("{}: rows {y}, columns {x}", p.label), &[], &mut lines);
        }
        Item::Rule { .. } | Item::Arrows { .. } | Item::Words { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::{Axis, Ink, Pen};

    #[test]
    fn a_table_has_the_axes_as_heads_and_no_nan() {
        let plot = Plot::new(Axis::new("Time (ms)", (0.0, 1.0)), Axis::new("v (mV)", (0.0, 1.0)));
        let plot = plot.line(vec![[0.0, -65.0], [0.1, f64::NAN]], Pen::new(Ink::Accent), "E 0");
        let table = table(&Figure { plots: vec![plot], ..Figure::default() });
        assert_eq!(table, "# E 0\nTime (ms)\tv (mV)\n0\t-65\n0.1\t\n\n");
    }

    #[test]
    fn a_script_has_its_data_beside_it_and_replaces_no_data_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("net.py");
        let mut spec = super::super::library::preset("exact-lif-100").unwrap();
        spec.duration = 5.0;
        let script =
            |spec: &NetworkSpec, target| Waiting::Script { spec: Box::new(spec.clone()), target, exact: true, figures: Vec::new() };
        std::fs::write(folder.path().join("net.npz"), "of another").unwrap();
        let why = write(script(&spec, Target::Nest), &path, &Progress::default()).unwrap_err();
        assert!(why.contains("net.npz"), "{why}");
        std::fs::remove_file(folder.path().join("net.npz")).unwrap();
        write(script(&spec, Target::Nest), &path, &Progress::default()).unwrap();
        assert!(path.exists() && folder.path().join("net.npz").exists());
        let cancelled = Progress { cancelled: AtomicBool::new(true), ..Progress::default() };
        let other = folder.path().join("other.py");
        write(script(&spec, Target::Nest), &other, &cancelled).unwrap();
        assert!(!other.exists(), "a cancelled export leaves nothing");
    }

    #[test]
    fn a_figure_is_written_by_its_ending_and_a_bad_place_says_which() {
        let folder = tempfile::tempdir().unwrap();
        let figure = Figure { title: "x".into(), ..Figure::default() };
        write(Waiting::Figure(figure.clone(), SIZE), &folder.path().join("a.svg"), &Progress::default()).unwrap();
        assert!(std::fs::read_to_string(folder.path().join("a.svg")).unwrap().contains("<svg"));
        write(Waiting::Figure(figure.clone(), SIZE), &folder.path().join("a.png"), &Progress::default()).unwrap();
        assert_eq!(&std::fs::read(folder.path().join("a.png")).unwrap()[1..4], b"PNG");
        let why = write(Waiting::Figure(figure.clone(), SIZE), &folder.path().join("nowhere/a.png"), &Progress::default()).unwrap_err();
        assert!(why.contains("nowhere"), "{why}");
    }
}
