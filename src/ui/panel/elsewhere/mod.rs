//! The panel of other simulators: the network as a script for them, and its run there beside our own.

mod draw;

use super::super::fonts;
use super::super::theme::{BODY, SMALL, Theme};
use super::super::view::{Action, ViewCtx};
use super::super::widgets::plot;
use super::{Panel, PanelKind, common};
use crate::elsewhere::{Engine, Job, Options, Outcome, Stage, Trouble};
use crate::plot::Plot;
use egui::{DragValue, Rect, RichText, Sense, TextEdit, Ui, pos2};
use serde::{Deserialize, Serialize};
use spikeground_core::export::Target;
use spikeground_core::spec::NetworkSpec;
use std::path::PathBuf;
use std::sync::Arc;

pub static KIND: PanelKind = PanelKind {
    key: "elsewhere",
    title: "NEST & Brian2",
    help: "The same network in NEST, Brian2 or NEURON. Export writes a script that one can read, change and take to a cluster; an exact one has \
the very connections, weights, starting values and random inputs of our run beside it. Run does that at once with your own Python, and shows both \
runs above each other: grey spikes are in both, rings only here, crosses only there. What came back is kept among the Runs, \
so that raster, traces, weights and measures show it too.",
    make: || Box::<Elsewhere>::default(),
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    engine: usize,
    /// Path of the Python to use; empty: the first one found that has what is needed.
    python: String,
    exact: bool,
    /// Biological time to run, ms; 0: the network's own.
    duration: f64,
}

impl Default for Saved {
    fn default() -> Self {
        Self { engine: 0, python: String::new(), exact: true, duration: 0.0 }
    }
}

#[derive(Default)]
pub struct Elsewhere {
    saved: Saved,
    job: Option<(Engine, Job)>,
    outcome: Option<(Engine, Result<Outcome, Trouble>)>,
    /// Plots of the outcome, made once.
    plots: Vec<Plot>,
}

/// Each program with what a script for it is called.
const TARGETS: [(Target, &str); 4] =
    [(Target::Nest, "NEST script"), (Target::Brian2, "Brian2 script"), (Target::Pynn, "PyNN script"), (Target::Markdown, "Protocol")];

impl Panel for Elsewhere {
    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        if view.spec.n_neurons() == 0 {
            common::empty(ui, view.theme, "This network elsewhere", "Open a network from the gallery, or add a population", None);
            return;
        }
        self.controls(ui, view);
        let area = ui.available_rect_before_wrap();
        match (&self.job, &self.outcome) {
            (Some((engine, job)), _) => {
                let (stage, done) = job.progress();
                ui.add_space(8.0);
                ui.add(egui::ProgressBar::new(done).text(stage_words(stage, *engine)).desired_height(18.0));
                ui.ctx().request_repaint_after(std::time::Duration::from_millis(100));
            }
            (None, Some((engine, Ok(outcome)))) => result(ui, view.theme, &self.plots, &draw::words(outcome, engine.name()), area),
            (None, Some((engine, Err(why)))) => trouble(ui, view.theme, *engine, why),
            (None, None) => {
                let hint = "Run it there and see whether every spike is the same, or export the script and go on with it";
                common::empty(ui, view.theme, "This network in another simulator", hint, None);
            }
        }
    }

    fn tick(&mut self, ctx: &egui::Context, view: &mut ViewCtx<'_>) {
        self.poll(view);
        if self.job.is_some() {
            ctx.request_repaint_after(std::time::Duration::from_millis(250));
        }
    }

    fn plots(&mut self, _view: &ViewCtx<'_>) -> Vec<Plot> {
        self.plots.clone()
    }

    fn save(&self) -> String {
        ron::to_string(&self.saved).unwrap_or_default()
    }

    fn load(&mut self, settings: &str) {
        self.saved = ron::from_str(settings).unwrap_or_default();
    }
}

impl Elsewhere {
    /// Takes what came back: into this panel, and among the kept runs, so that every other panel can show it.
    fn poll(&mut self, view: &mut ViewCtx<'_>) {
        if self.job.as_ref().is_some_and(|(_, job)| job.is_finished())
            && let Some((engine, job)) = self.job.take()
        {
            let outcome = job.wait();
            if let Ok(outcome) = &outcome {
                let kept = view.kept.keep_outcome(engine.name(), outcome);
                let words = format!("{} has answered; its run is kept as {} and lies over ours", engine.name(), kept.name);
                view.act(Action::Notice(words));
            }
            self.plots = outcome.as_ref().map(|o| draw::plots(o, engine.name())).unwrap_or_default();
            self.outcome = Some((engine, outcome));
        }
    }

    /// The network for as long as was asked.
    fn network(&self, spec: &NetworkSpec) -> NetworkSpec {
        let mut spec = spec.clone();
        if self.saved.duration > 0.0 {
            spec.duration = self.saved.duration;
        }
        spec
    }

    fn controls(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        let engine = Engine::ALL[self.saved.engine.min(Engine::ALL.len() - 1)];
        ui.horizontal_wrapped(|ui| {
            egui::ComboBox::from_id_salt("engine").width(90.0).selected_text(engine.name()).show_ui(ui, |ui| {
                for (i, engine) in Engine::ALL.into_iter().enumerate() {
                    ui.selectable_value(&mut self.saved.engine, i, engine.name()).on_hover_text(engine.pip());
                }
            });
            match &self.job {
                None => {
                    let tip = format!("Runs the exact script with your Python; needs {}", engine.modules().join(", "));
                    if ui.button(format!("Run in {}", engine.name())).on_hover_text(tip).clicked() {
                        self.start(engine, view.spec);
                    }
                }
                Some((_, job)) => {
                    if ui.button("Cancel").clicked() {
                        job.cancel();
                    }
                }
            }
            let mut duration = if self.saved.duration > 0.0 { self.saved.duration } else { view.spec.duration };
            ui.label(RichText::new("for").color(view.theme.weak));
            if ui.add(DragValue::new(&mut duration).range(view.spec.dt..=1e6).speed(10.0).suffix(" ms").max_decimals(1)).changed() {
                self.saved.duration = duration;
            }
            ui.label(RichText::new("Python").color(view.theme.weak));
            let hint = "the first one found";
            let edit = TextEdit::singleline(&mut self.saved.python).hint_text(hint).desired_width(150.0);
            let field = ui.add(edit).on_hover_text("Path of a Python that has the modules; an environment's bin/python");
            field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Path of Python"));
        });
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new("Export").color(view.theme.weak));
            for (target, name) in TARGETS {
                if ui.button(format!("{name}…")).clicked() {
                    let spec = Box::new(self.network(view.spec));
                    view.act(Action::ExportScript { spec, target, exact: self.saved.exact });
                }
            }
            ui.checkbox(&mut self.saved.exact, "exact")
                .on_hover_text("With the very connections, weights, starting values and random inputs of our run beside the script (NPZ)");
        });
    }

    fn start(&mut self, engine: Engine, spec: &NetworkSpec) {
        let python = Some(self.saved.python.trim()).filter(|p| !p.is_empty()).map(PathBuf::from);
        match Job::start(Arc::new(self.network(spec)), engine, Options { python, mpi: None }) {
            Ok(job) => (self.job, self.outcome) = (Some((engine, job)), None),
            Err(why) => self.outcome = Some((engine, Err(why))),
        }
        self.plots.clear();
    }
}

fn stage_words(stage: Stage, engine: Engine) -> String {
    match stage {
        Stage::Exporting => "Our own run, to be repeated".into(),
        Stage::Starting => format!("{} starts and builds the network", engine.name()),
        Stage::Running => format!("{} runs", engine.name()),
        Stage::Reading => "Reading what came back".into(),
    }
}

/// The verdict, the details, the plots.
fn result(ui: &mut Ui, theme: &Theme, plots: &[Plot], (verdict, details): &(String, String), area: Rect) {
    ui.label(RichText::new(verdict).font(fonts::semibold(BODY + 1.0)).color(theme.strong));
    let top = ui.cursor().top();
    plot::small_print(ui, theme, Rect::from_min_max(pos2(area.left(), top), pos2(area.right(), top + 16.0)), details);
    let rect = Rect::from_min_max(pos2(area.left(), top + 20.0), area.max);
    // A low panel shows one plot well instead of two that cannot be read.
    let plots = if rect.height() < 220.0 { plots.get(..1).unwrap_or_default() } else { plots };
    let total: f32 = plots.iter().map(|p| p.share.max(1.0)).sum();
    let mut y = rect.top();
    for (i, one) in plots.iter().enumerate() {
        let height = rect.height() * one.share.max(1.0) / total;
        let place = Rect::from_min_max(pos2(rect.left(), y), pos2(rect.right(), y + height - 4.0));
        y += height;
        let painted = ui.push_id(i, |ui| plot::show_in(ui, theme, one, place, Sense::hover())).inner;
        if let Some(at) = painted.at {
            painted.response.on_hover_text_at_pointer(plot::place_text(one, at));
        }
    }
    ui.allocate_rect(area, Sense::hover());
}

fn trouble(ui: &mut Ui, theme: &Theme, engine: Engine, why: &Trouble) {
    ui.add_space(8.0);
    let title = match why {
        Trouble::Refused(_) => format!("{} cannot take this network", engine.name()),
        Trouble::Missing(_) => format!("{} was not found", engine.name()),
        Trouble::Failed(_) => format!("The run in {} failed", engine.name()),
        Trouble::Cancelled => "Cancelled".to_owned(),
    };
    ui.label(RichText::new(title).font(fonts::semibold(BODY)).color(theme.strong));
    if *why != Trouble::Cancelled {
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.add(egui::Label::new(RichText::new(why.to_string()).size(SMALL + 1.0).color(theme.text)).wrap());
        });
    }
}
