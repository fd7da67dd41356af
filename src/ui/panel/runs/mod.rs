//! The runs panel: what was kept, what it differs in from the present, and whether the other panels show it.

use super::super::command::UiCommand;
use super::super::fonts;
use super::super::history::History;
use super::super::kept::{Kept, differences};
use super::super::text;
use super::super::theme::{BODY, SMALL, Theme};
use super::super::view::{Action, ViewCtx};
use super::super::widgets::icon::{self, Icon};
use super::super::widgets::plot;
use super::super::widgets::time_axis;
use super::{Panel, PanelKind, common};
use crate::plot::{Axis, Item, Plot, Sign};
use egui::{RichText, Sense, Stroke, TextEdit, Ui, vec2};
use spikeground_core::spec::NetworkSpec;

pub static KIND: PanelKind = PanelKind {
    key: "runs",
    title: "Runs",
    help: "Keeps the present result (key K) so that later ones, with other parameters or another seed, can be laid over it. A run that is \
ticked appears in its colour in the raster (rings), in the rates, the traces, the weight histogram and in every measure of the Analysis panel. Spikes and traces \
lie at their own times: press R to run the present network from time zero over a kept one. Runs from NEST, Brian2 and NEURON can be kept too.",
    make: || Box::<RunsPanel>::default(),
};

/// Over so much of its end a run's rates are taken, ms.
const RATE_OVER: f64 = 5000.0;

#[derive(Default)]
pub struct RunsPanel;

impl Panel for RunsPanel {
    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        if view.kept.list().is_empty() {
            let hint =
                "Keep the present result, move a slider or take another seed, and see both in the raster, the traces and every measure";
            if common::empty(ui, view.theme, "Runs side by side", hint, Some("Keep this run")) {
                view.act(Action::Run(UiCommand::KeepRun));
            }
            return;
        }
        ui.horizontal(|ui| {
            if ui.button("Keep this run").on_hover_text("As it is now; key K").clicked() {
                view.act(Action::Run(UiCommand::KeepRun));
            }
            if ui.button("Remove all").clicked() {
                view.kept.clear();
            }
        });
        ui.add_space(4.0);
        let mut remove = None;
        let (spec, theme) = (view.spec, view.theme);
        egui::ScrollArea::both().auto_shrink(false).show(ui, |ui| {
            egui::Grid::new("runs").num_columns(6).spacing(vec2(14.0, 6.0)).striped(true).show(ui, |ui| {
                for (words, tip) in [
                    ("Shown", "Whether the other panels show it"),
                    ("Name", "Click to rename"),
                    ("Differs in", "What tells it from the present network"),
                    ("Rate (Hz)", "Spikes a second and neuron of each population over the last 5 s of the run"),
                    ("Time", "What is at hand of it"),
                    ("", ""),
                ] {
                    ui.label(RichText::new(words).size(SMALL).color(theme.weak)).on_hover_text(tip);
                }
                ui.end_row();
                present(ui, view);
                for (i, kept) in view.kept.list_mut().iter_mut().enumerate() {
                    if row(ui, theme, spec, kept) {
                        remove = Some(i);
                    }
                }
            });
        });
        if let Some(i) = remove {
            view.kept.remove(i);
        }
    }

    fn plots(&mut self, view: &ViewCtx<'_>) -> Vec<Plot> {
        table(view)
    }
}

fn present(ui: &mut Ui, view: &ViewCtx<'_>) {
    ui.label("");
    ui.label(RichText::new("Present").font(fonts::semibold(BODY)).color(view.theme.strong));
    ui.label(RichText::new(format!("seed {}", view.spec.seed)).color(view.theme.weak));
    ui.label(rates(view.spec, view.history, view.status.dt));
    let start = view.history.known_from() as f64 * view.status.dt;
    ui.label(times(start, view.history.step() as f64 * view.status.dt));
    ui.label("");
    ui.end_row();
}

/// One kept run; true when it is to go.
fn row(ui: &mut Ui, theme: &Theme, spec: &NetworkSpec, kept: &mut Kept) -> bool {
    let ink = plot::colour(kept.ink(), theme);
    ui.horizontal(|ui| {
        ui.checkbox(&mut kept.shown, "").on_hover_text("Show in raster, traces, weights and measures");
        let (rect, _) = ui.allocate_exact_size(vec2(12.0, 12.0), Sense::hover());
        ui.painter().circle_stroke(rect.center(), 4.0, Stroke::new(2.0, ink));
    });
    let edit = TextEdit::singleline(&mut kept.name).desired_width(96.0).align(egui::Align2::LEFT_CENTER).frame(egui::Frame::NONE);
    let field = ui.add(edit);
    field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Name of the run"));
    let mut all = differences(&kept.spec, spec);
    if !kept.program.is_empty() {
        all.insert(0, format!("ran in {}", kept.program));
    }
    let words = match all.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [a, b] => format!("{a}, {b}"),
        [a, b, rest @ ..] => format!("{a}, {b} and {} more", rest.len()),
    };
    ui.label(RichText::new(words).color(if all.is_empty() { theme.weak } else { theme.text })).on_hover_text(all.join("\n"));
    ui.label(rates(&kept.spec, &kept.memory, kept.spec.dt));
    ui.label(times(kept.start(), kept.end()));
    let gone = icon::button(ui, Icon::Close, &format!("Remove {}", kept.name), "Remove").clicked();
    ui.end_row();
    gone
}

fn times(from: f64, to: f64) -> String {
    format!("{} to {}", text::number(from / 1000.0, 4), time_axis::duration(to))
}

/// Mean rate of each population over the last seconds of a run.
fn mean_rates(spec: &NetworkSpec, memory: &History, dt: f64) -> Vec<(String, f64)> {
    let base = memory.rates.width() as f64 * dt;
    let wide = super::super::history::rates::LEVELS[2];
    let bin = base * wide as f64;
    let last = (memory.step() as f64 * dt / bin).floor() as u64;
    let first = last.saturating_sub((RATE_OVER / bin) as u64);
    let of = |(p, population): (usize, &spikeground_core::spec::PopulationSpec)| {
        let counts: Vec<u64> = (first..last).filter_map(|b| memory.rates.count(p, b, wide)).collect();
        let seconds = counts.len() as f64 * bin / 1000.0 * f64::from(population.size);
        (seconds > 0.0).then(|| (population.name.clone(), counts.iter().sum::<u64>() as f64 / seconds))
    };
    spec.populations.iter().enumerate().filter_map(of).collect()
}

fn rates(spec: &NetworkSpec, memory: &History, dt: f64) -> String {
    let all: Vec<String> = mean_rates(spec, memory, dt).iter().take(4).map(|(n, r)| format!("{n} {}", text::number(*r, 3))).collect();
    if all.is_empty() { "too short".into() } else { all.join(", ") }
}

/// The rates of all runs, for a figure or a table.
fn table(view: &ViewCtx<'_>) -> Vec<Plot> {
    let mut runs = vec![("Present".to_owned(), crate::plot::Ink::Strong, mean_rates(view.spec, view.history, view.status.dt))];
    runs.extend(view.kept.list().iter().map(|k| (k.name.clone(), k.ink(), mean_rates(&k.spec, &k.memory, k.spec.dt))));
    let names: Vec<String> = view.spec.populations.iter().map(|p| p.name.clone()).collect();
    let mut x = Axis::new("Population", (-0.5, names.len() as f64 - 0.5));
    x.names = names.iter().enumerate().map(|(i, n)| (i as f64, n.clone())).collect();
    let values = runs.iter().flat_map(|r| r.2.iter().map(|v| v.1)).chain([0.0]);
    let mut plot = Plot::new(x, Axis::around("Rate (Hz)", values));
    for (name, ink, rates) in runs {
        let at = |n: &String| names.iter().position(|m| m == n).map(|i| i as f64);
        let points = rates.iter().filter_map(|(n, r)| Some([at(n)?, *r])).collect();
        plot.items.push(Item::Points { points, ink, sign: Sign::Ring, size: 5.0, name });
    }
    vec![plot]
}
