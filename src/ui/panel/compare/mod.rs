//! The compare panel: up to four neurons on the very same input, their answers above each other and in numbers.

mod job;

use super::super::theme::{BODY, SMALL, Theme};
use super::super::view::ViewCtx;
use super::super::widgets::plot;
use super::super::worker::Worker;
use super::super::{fonts, text};
use super::{Panel, PanelKind, common};
use crate::plot::{Axis, Ink, Pen, Plot};
use egui::{DragValue, Rect, RichText, Sense, Ui, pos2};
use job::{Answer, Contestant, Question, Scale};
use serde::{Deserialize, Serialize};
use spikeground_core::lab::compare::Drive;
use spikeground_core::lab::curve::Cell;
use spikeground_core::model::{find, neuron};
use spikeground_core::part::Part;

pub static KIND: PanelKind = PanelKind {
    key: "compare",
    title: "Compare",
    help: "The same input into up to four neurons: populations of this network with their present parameters, or models with a published set. The \
input is frozen, so every difference is the model's. Γ says how well the spikes coincide with those of the first neuron (1: all, 0: as by \
chance), van Rossum's distance how far the trains are apart, ns what a step of one neuron costs here. Since models take currents of different \
units, the input is given in multiples of each one's rheobase, as the same current over capacitance, or fitted to the rate of the first.",
    make: || Box::<Compare>::default(),
};

/// Neurons compared at most.
const MOST: usize = 4;
/// Points of a current drawn by hand.
const DRAWN: usize = 60;
/// Below this height the numbers stand beside the plots, in so much width.
const LOW: f32 = 300.0;
const TABLE: f32 = 470.0;
/// Width of each of two pulses, ms.
const PULSE: f64 = 4.0;
/// Step of models that are not of the network, ms.
const DT: f64 = 0.05;

/// Who takes part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Who {
    /// A population, by name.
    Population(String),
    /// A model, and the key of a set of values (empty: its defaults).
    Model(String, String),
}

/// The form of the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Shape {
    #[default]
    Step,
    Ramp,
    Noise,
    Chirp,
    Pair,
    Spikes,
    /// A recorded current of the network, by the name of its stimulus.
    Recorded,
    Drawn,
}

impl Shape {
    const ALL: [Self; 8] = [Self::Step, Self::Ramp, Self::Noise, Self::Chirp, Self::Pair, Self::Spikes, Self::Recorded, Self::Drawn];

    fn name(self) -> &'static str {
        match self {
            Self::Step => "Step",
            Self::Ramp => "Ramp",
            Self::Noise => "Frozen noise",
            Self::Chirp => "Chirp",
            Self::Pair => "Pulse pair",
            Self::Spikes => "Frozen spikes",
            Self::Recorded => "Recorded",
            Self::Drawn => "Drawn by hand",
        }
    }

    fn tip(self) -> &'static str {
        match self {
            Self::Step => "On for the middle 80 % of the time",
            Self::Ramp => "From 0 to twice the input",
            Self::Noise => "The same white noise for all, around the input",
            Self::Chirp => "A sine from 2 to 80 Hz",
            Self::Pair => "Two pulses of 4 ms: move their interval",
            Self::Spikes => "The same Poisson train for all, through an exponential synapse of 5 ms",
            Self::Recorded => {
                "The first recorded current of this network (File › Import reads one from a CSV), its largest value as the input"
            }
            Self::Drawn => "Draw it in the lower plot",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    /// Nobody chosen yet: the populations of the network, or three models.
    who: Vec<Who>,
    shape: Shape,
    scale: Scale,
    height: f64,
    sd: f64,
    interval: f64,
    rate: f64,
    ms: f64,
    drawn: Vec<f64>,
}

impl Default for Saved {
    fn default() -> Self {
        Self {
            who: Vec::new(),
            shape: Shape::Step,
            scale: Scale::Rheobase,
            height: 1.5,
            sd: 1.0,
            interval: 20.0,
            rate: 100.0,
            ms: 300.0,
            drawn: vec![0.0; DRAWN],
        }
    }
}

pub struct Compare {
    saved: Saved,
    worker: Worker<Question, Answer>,
    asked: Option<Question>,
    answer: Option<Answer>,
}

impl Default for Compare {
    fn default() -> Self {
        Self { saved: Saved::default(), worker: Worker::new(job::work), asked: None, answer: None }
    }
}

impl Panel for Compare {
    fn ui(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        let who = self.who(view);
        let question = self.question(view, &who);
        if question.contestants.is_empty() {
            if common::empty(ui, view.theme, "Neurons side by side", "Add a neuron to compare", Some("Compare three models")) {
                self.saved.who = models(&["lif", "izhikevich", "hh"]);
            }
            return;
        }
        if self.asked.as_ref() != Some(&question) {
            self.worker.ask(ui.ctx(), question.clone());
            self.asked = Some(question.clone());
        }
        if let Some(answer) = self.worker.answer() {
            self.answer = Some(answer);
        }
        self.members(ui, view, &who);
        self.input(ui, view.theme);
        let Some(answer) = self.answer.clone().filter(|a| a.courses.len() == question.contestants.len()) else {
            common::empty(ui, view.theme, "Neurons side by side", "Being computed", None);
            return;
        };
        // Numbers stand above the plots, in a low panel beside them.
        let whole = ui.available_rect_before_wrap();
        let beside = whole.height() < LOW && whole.width() > 2.0 * TABLE;
        let mut area = whole;
        if beside {
            area.max.x -= TABLE;
            let place = Rect::from_min_max(pos2(area.right() + 12.0, whole.top()), whole.max);
            ui.scope_builder(egui::UiBuilder::new().max_rect(place), |ui| table(ui, view.theme, &question, &answer));
        } else {
            table(ui, view.theme, &question, &answer);
            area = ui.available_rect_before_wrap();
        }
        let plots = plots(&question, &answer);
        let split = area.top() + area.height() * 0.64;
        let upper = Rect::from_min_max(area.min, pos2(area.right(), split - 4.0));
        let painted = ui.push_id("v", |ui| plot::show_in(ui, view.theme, &plots[0], upper, Sense::hover())).inner;
        if let Some(at) = painted.at {
            painted.response.on_hover_text_at_pointer(plot::place_text(&plots[0], at));
        }
        let lower = Rect::from_min_max(pos2(area.left(), split), area.max);
        let painted = ui.push_id("drive", |ui| plot::show_in(ui, view.theme, &plots[1], lower, Sense::click_and_drag())).inner;
        if let (Some(at), true) = (painted.at, painted.response.is_pointer_button_down_on()) {
            self.draw(at);
        }
        painted.response.on_hover_text_at_pointer("Draw the input here with the mouse");
    }

    fn bar(&mut self, ui: &mut Ui, view: &mut ViewCtx<'_>) {
        egui::ComboBox::from_id_salt("scale").width(104.0).selected_text(self.saved.scale.name()).show_ui(ui, |ui| {
            for scale in Scale::ALL {
                ui.selectable_value(&mut self.saved.scale, scale, scale.name()).on_hover_text(scale.tip());
            }
        });
        egui::ComboBox::from_id_salt("shape").width(96.0).selected_text(self.saved.shape.name()).show_ui(ui, |ui| {
            for shape in Shape::ALL {
                let is_there = shape != Shape::Recorded || recorded(view).is_some();
                ui.add_enabled_ui(is_there, |ui| {
                    ui.selectable_value(&mut self.saved.shape, shape, shape.name())
                        .on_hover_text(shape.tip())
                        .on_disabled_hover_text(shape.tip());
                });
            }
        });
    }

    fn plots(&mut self, _view: &ViewCtx<'_>) -> Vec<Plot> {
        match (&self.asked, &self.answer) {
            (Some(question), Some(answer)) if answer.courses.len() == question.contestants.len() => plots(question, answer),
            _ => Vec::new(),
        }
    }

    fn save(&self) -> String {
        ron::to_string(&self.saved).unwrap_or_default()
    }

    fn load(&mut self, settings: &str) {
        self.saved = ron::from_str(settings).unwrap_or_default();
        self.saved.drawn.resize(DRAWN, 0.0);
        self.saved.who.truncate(MOST);
    }
}

fn models(keys: &[&str]) -> Vec<Who> {
    keys.iter().map(|k| Who::Model((*k).into(), String::new())).collect()
}

impl Compare {
    /// Who takes part: those chosen, else the different models of the network, else three models.
    fn who(&self, view: &ViewCtx<'_>) -> Vec<Who> {
        if !self.saved.who.is_empty() {
            return self.saved.who.clone();
        }
        let cells = view.spec.populations.iter().filter(|p| p.size > 0 && !p.model.kind.states.is_empty());
        let mut different: Vec<&spikeground_core::spec::PopulationSpec> = Vec::new();
        for p in cells {
            if different.len() < MOST && different.iter().all(|d| d.model != p.model) {
                different.push(p);
            }
        }
        if different.len() > 1 {
            return different.iter().map(|p| Who::Population(p.name.clone())).collect();
        }
        let mut who: Vec<Who> = different.iter().map(|p| Who::Population(p.name.clone())).collect();
        let own = different.first().map_or("", |p| p.model.kind.key);
        who.extend(models(&["lif", "izhikevich", "hh"]).into_iter().filter(|w| !matches!(w, Who::Model(k, _) if k == own)));
        who
    }

    fn question(&self, view: &ViewCtx<'_>, who: &[Who]) -> Question {
        let contestants = who.iter().filter_map(|w| contestant(view, w)).collect();
        let (s, ms) = (&self.saved, self.saved.ms);
        let drive = match s.shape {
            Shape::Step => Drive::Step { height: s.height, on: 0.1 * ms, off: 0.9 * ms },
            Shape::Ramp => Drive::Ramp { height: 2.0 * s.height, on: 0.1 * ms, off: 0.9 * ms },
            Shape::Noise => Drive::Noise { mean: s.height, sd: s.sd, seed: 1 },
            Shape::Chirp => Drive::Chirp { mean: 0.6 * s.height, height: 0.6 * s.height, from: 2.0, to: 80.0 },
            Shape::Pair => Drive::Pair { height: s.height, on: 0.1 * ms, width: PULSE, interval: s.interval },
            Shape::Spikes => Drive::Spikes { height: s.height, rate: s.rate, tau: 5.0, seed: 1 },
            Shape::Recorded => Drive::Points(recorded(view).map_or_else(Vec::new, |part| {
                let most = part.table.iter().map(|r| r[1].abs()).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
                part.table.iter().map(|r| (r[0], r[1] / most * s.height)).collect()
            })),
            Shape::Drawn => {
                let at = |i: usize| (i as f64 + 0.5) * ms / DRAWN as f64;
                Drive::Points(s.drawn.iter().enumerate().map(|(i, h)| (at(i), *h)).collect())
            }
        };
        Question { contestants, drive, scale: s.scale, ms, precision: 2.0 }
    }

    /// The current becomes what is drawn: first what was there, then what the pointer says.
    fn draw(&mut self, (t, height): (f64, f64)) {
        if self.saved.shape != Shape::Drawn {
            if let Some(q) = &self.asked {
                let samples = q.drive.samples(q.ms, q.ms / DRAWN as f64);
                // Noise of so coarse a step would not be the same noise.
                self.saved.drawn = if self.saved.shape == Shape::Noise { vec![self.saved.height; DRAWN] } else { samples };
                self.saved.drawn.resize(DRAWN, 0.0);
            }
            self.saved.shape = Shape::Drawn;
        }
        let at = ((t / self.saved.ms * DRAWN as f64) as usize).min(DRAWN - 1);
        self.saved.drawn[at] = height;
    }

    /// The neurons as chips in their colours, each with a cross, and what may be added.
    fn members(&mut self, ui: &mut Ui, view: &ViewCtx<'_>, who: &[Who]) {
        let mut next = who.to_vec();
        ui.horizontal_wrapped(|ui| {
            for (i, w) in who.iter().enumerate() {
                let Some(c) = contestant(view, w) else { continue };
                ui.label(RichText::new(format!("● {}", c.name)).color(plot::colour(Ink::Series(i), view.theme)));
                if who.len() > 1 && ui.small_button("×").on_hover_text(format!("Leave {} out", c.name)).clicked() {
                    next.retain(|x| x != w);
                }
            }
            if who.len() < MOST {
                egui::ComboBox::from_id_salt("add").width(70.0).selected_text("Add").height(420.0).show_ui(ui, |ui| {
                    for p in view.spec.populations.iter().filter(|p| p.size > 0 && !p.model.kind.states.is_empty()) {
                        if ui.selectable_label(false, &p.name).clicked() {
                            next.push(Who::Population(p.name.clone()));
                        }
                    }
                    for kind in neuron::ALL.iter().filter(|k| !k.states.is_empty()) {
                        if ui.selectable_label(false, kind.name).clicked() {
                            next.push(Who::Model(kind.key.into(), String::new()));
                        }
                        for set in kind.sets {
                            if ui.selectable_label(false, format!("    {}", set.name)).clicked() {
                                next.push(Who::Model(kind.key.into(), set.key.into()));
                            }
                        }
                    }
                });
            }
        });
        next.truncate(MOST);
        let mut seen: Vec<Who> = Vec::new();
        next.retain(|w| {
            let new = !seen.contains(w);
            seen.push(w.clone());
            new
        });
        if next != who {
            self.saved.who = next;
        }
    }

    fn input(&mut self, ui: &mut Ui, theme: &Theme) {
        let weak = |words: &str| RichText::new(words.to_owned()).color(theme.weak);
        let unit = if self.saved.scale == Scale::Capacitance { " mV/ms" } else { " ×" };
        ui.horizontal_wrapped(|ui| {
            if self.saved.shape != Shape::Drawn {
                ui.label(weak("input"));
                ui.add(DragValue::new(&mut self.saved.height).range(-100.0..=100.0).speed(0.02).max_decimals(2).suffix(unit));
            }
            if self.saved.shape == Shape::Noise {
                ui.label(weak("sd"));
                ui.add(DragValue::new(&mut self.saved.sd).range(0.0..=100.0).speed(0.02).max_decimals(2).suffix(unit));
            }
            if self.saved.shape == Shape::Pair {
                ui.label(weak("interval"));
                ui.add(DragValue::new(&mut self.saved.interval).range(PULSE..=1000.0).speed(0.2).max_decimals(1).suffix(" ms"));
            }
            if self.saved.shape == Shape::Spikes {
                ui.label(weak("at"));
                ui.add(DragValue::new(&mut self.saved.rate).range(0.0..=100_000.0).speed(2.0).max_decimals(0).suffix(" Hz"));
            }
            ui.label(weak("for"));
            ui.add(DragValue::new(&mut self.saved.ms).range(10.0..=20_000.0).speed(5.0).max_decimals(0).suffix(" ms"));
            if self.saved.scale != Scale::Fitted && ui.button("Fit the rate").on_hover_text(Scale::Fitted.tip()).clicked() {
                self.saved.scale = Scale::Fitted;
            }
        });
    }
}

/// The recorded current of the network that is compared on.
fn recorded<'a>(view: &ViewCtx<'a>) -> Option<&'a Part> {
    view.spec.stimuli.iter().map(|s| &s.stimulus).find(|p| p.kind.key == "recorded" && !p.table.is_empty())
}

fn contestant(view: &ViewCtx<'_>, who: &Who) -> Option<Contestant> {
    match who {
        Who::Population(name) => {
            let p = view.spec.populations.iter().find(|p| p.name == *name && !p.model.kind.states.is_empty())?;
            Some(Contestant { name: name.clone(), cell: Cell::new(p.model.clone(), view.spec.dt) })
        }
        Who::Model(key, set) => {
            let kind = find(neuron::ALL, key)?;
            let mut model = Part::new(kind);
            let mut name = kind.name.to_owned();
            if let Some(set) = kind.sets.iter().find(|s| s.key == set) {
                model.apply_set(set, &[]);
                name = set.name.to_owned();
            }
            Some(Contestant { name, cell: Cell::new(model, DT) })
        }
    }
}

fn plots(q: &Question, answer: &Answer) -> Vec<Plot> {
    let time = Axis::new("Time (ms)", (0.0, q.ms));
    let units: Vec<&str> = q.contestants.iter().map(|c| c.cell.model.kind.states.first().map_or("", |s| s.unit.symbol())).collect();
    let unit = if units.windows(2).all(|w| w[0] == w[1]) { units[0] } else { "each in its unit" };
    let label = if unit.is_empty() { "v".to_owned() } else { format!("v ({unit})") };
    let all = answer.courses.iter().flat_map(|c| c.v.iter().map(|p| p[1]));
    let mut upper = Plot::new(time.clone(), Axis::around(label, all));
    for (i, (course, contestant)) in answer.courses.iter().zip(&q.contestants).enumerate() {
        upper = upper.line(course.v.clone(), Pen::new(Ink::Series(i)).thin(), &contestant.name);
    }
    upper.share = 2.0;
    let unit = match q.scale {
        Scale::Rheobase => "× rheobase",
        Scale::Capacitance => "mV/ms",
        Scale::Fitted => "× rheobase of the first",
    };
    let heights = answer.drive.iter().map(|p| p[1]).chain([0.0, 1.0]);
    let lower =
        Plot::new(time, Axis::around(format!("Input ({unit})"), heights)).line(answer.drive.clone(), Pen::new(Ink::Text).thin(), "");
    vec![upper, lower]
}

/// A row for each neuron: spikes, Γ, distance, cost.
fn table(ui: &mut Ui, theme: &Theme, q: &Question, answer: &Answer) {
    let small = |words: String| RichText::new(words).size(SMALL + 1.0);
    egui::Grid::new("compared").num_columns(8).spacing([12.0, 1.0]).min_row_height(16.0).show(ui, |ui| {
        for (head, tip) in [
            ("", ""),
            ("spikes", "In the whole time"),
            ("Γ", "Coincidence factor with the first neuron: spikes within 2 ms, 1 all, 0 as by chance (Kistler et al. 1997)"),
            ("van Rossum", "Distance from the first neuron's train, τ = 10 ms, one spike against none is √½ (van Rossum 2001)"),
            ("starts at", "Rheobase: the constant current from which on it fires on, above its own"),
            ("at twice", "Rate at twice the rheobase"),
            ("ns/step", "Time for one step of one neuron among 1,024 on this machine, now, without input"),
            (
                "operations",
                "Additions, subtractions, multiplications and divisions in one step of one neuron without input, and exponentials; counted by \
making the model's own step with numbers that count. Comparisons are free. – where the number of inner steps varies",
            ),
        ] {
            ui.label(small(head.into()).color(theme.weak)).on_hover_text(tip);
        }
        ui.end_row();
        for (i, (course, contestant)) in answer.courses.iter().zip(&q.contestants).enumerate() {
            let name = RichText::new(&contestant.name).font(fonts::medium(BODY - 1.0)).color(plot::colour(Ink::Series(i), theme));
            let label = ui.label(name);
            if let Some(u) = course.uptake {
                let unit = contestant.cell.model.kind.current_unit.symbol();
                let offset =
                    if u.offset == 0.0 { String::new() } else { format!(" + {}", text::with_unit(&text::number(u.offset, 4), unit)) };
                label.on_hover_text(format!("Input 1 is {}{offset}", text::with_unit(&text::number(u.gain, 4), unit)));
            }
            if !course.why.is_empty() {
                ui.label(small(course.why.clone()).color(theme.warning));
                ui.end_row();
                continue;
            }
            // What is not there yet is not the same as what is not defined.
            let none = || if answer.done { "–".to_owned() } else { "…".to_owned() };
            let or_dash = |x: Option<f64>| x.map_or_else(none, |x| text::number(x, 3));
            ui.label(small(text::count(course.spikes.len() as u64)));
            ui.label(small(if i == 0 { "reference".into() } else { or_dash(course.coincidence) }));
            ui.label(small(if i == 0 { String::new() } else { or_dash(course.van_rossum) }));
            let unit = contestant.cell.model.kind.current_unit.symbol();
            ui.label(small(course.gain.map_or_else(none, |g| text::with_unit(&text::number(g.rheobase, 4), unit))));
            ui.label(small(course.gain.map_or_else(none, |g| text::with_unit(&text::number(g.rate, 3), "Hz"))));
            ui.label(small(or_dash(course.cost)));
            ui.label(small(course.operations.map_or_else(
                none,
                |o| if o.exponentials == 0 { o.plain.to_string() } else { format!("{} + {} exp", o.plain, o.exponentials) },
            )));
            ui.end_row();
        }
    });
}
