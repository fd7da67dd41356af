//! The window's cost: CPU time of taking over a frame, drawing raster, traces and weights, and tessellating, without a GPU.
//!
//! The bounds to hold: 4 ms with 1,000 neurons, 100,000 visible spikes, 8 traces and a 1,000 × 1,000 heatmap; 6 ms with 10,000
//! neurons and 1,000,000 visible spikes; 2 ms for the phase plane of one neuron with trajectory, nullclines and fixed points.

use criterion::{Criterion, criterion_group, criterion_main};
use egui::{Rect, UiBuilder, pos2, vec2};
use spikeground::ui::history::History;
use spikeground::ui::kept::Runs;
use spikeground::ui::panel::{self, Panel};
use spikeground::ui::theme::Theme;
use spikeground::ui::view::{Needs, Selection, ViewCtx};
use spikeground_core::model::{find, neuron, plasticity};
use spikeground_core::part::Part;
use spikeground_core::protocol::{Event, Frame, Spike, Status, TraceChunk, Watch, WeightImage, WeightStats};
use spikeground_core::spec::{NetworkSpec, PopulationSpec, ProbeSpec, ProjectionSpec, Role};
use std::sync::Arc;
use std::time::Duration;

const DT: f64 = 0.1;
/// Steps between two frames: real time at 60 frames a second.
const STEPS: u64 = 167;

/// A window's panels with a made-up simulation behind them.
struct Desk {
    ctx: egui::Context,
    spec: Arc<NetworkSpec>,
    history: History,
    status: Status,
    theme: Theme,
    selection: Selection,
    panels: Vec<Box<dyn Panel>>,
    spikes_per_step: f64,
    random: u64,
    wall: f64,
    frames: u64,
    heatmap: u32,
}

fn network(n: u32) -> NetworkSpec {
    let model = Part::new(neuron::ALL[0]);
    let mut spec = NetworkSpec { dt: DT, ..NetworkSpec::default() };
    spec.populations = vec![
        PopulationSpec::new("Excitatory", n / 5 * 4, model.clone()),
        PopulationSpec { role: Role::Inhibitory, ..PopulationSpec::new("Inhibitory", n / 5, model) },
    ];
    spec.projections = vec![ProjectionSpec {
        plasticity: Some(Part::new(plasticity::ALL[0])),
        ..ProjectionSpec::new("E → E", "Excitatory", "Excitatory")
    }];
    spec.probes = vec![ProbeSpec { population: "Excitatory".into(), variable: "v".into(), neurons: (0..8).collect() }];
    spec
}

/// One neuron of a model with a phase plane.
fn cell(key: &str) -> NetworkSpec {
    let model = Part::new(find(neuron::ALL, key).expect("a model"));
    let mut spec = NetworkSpec { dt: DT, ..NetworkSpec::default() };
    spec.populations = vec![PopulationSpec::new("cell", 1, model)];
    spec
}

impl Desk {
    /// `visible` spikes in a window of one second.
    fn new(n: u32, visible: f64, heatmap: u32, keys: &[&str]) -> Self {
        Self::with(network(n), visible, heatmap, keys)
    }

    fn with(spec: NetworkSpec, visible: f64, heatmap: u32, keys: &[&str]) -> Self {
        let ctx = egui::Context::default();
        spikeground::ui::fonts::install(&ctx);
        let theme = Theme::dark();
        theme.apply(&ctx);
        let mut panels: Vec<Box<dyn Panel>> =
            keys.iter().filter_map(|key| panel::ALL.iter().find(|k| k.key == *key)).map(|k| (k.make)()).collect();
        // The gallery opens with its twenty miniatures.
        panels.iter_mut().for_each(|p| p.load("\"Izhikevich 2004: twenty patterns\""));
        let spec = Arc::new(spec);
        let status = Status { running: true, dt: DT, generation: 1, ..Status::default() };
        let mut desk = Self {
            ctx,
            spec,
            history: History::default(),
            status,
            theme,
            selection: Selection::default(),
            panels,
            spikes_per_step: visible * DT / 1000.0,
            random: 1,
            wall: 0.0,
            frames: 0,
            heatmap,
        };
        for _ in 0..130 {
            desk.frame();
        }
        desk
    }

    fn next_random(&mut self) -> u32 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as u32
    }

    /// What the simulation would have sent.
    fn simulate(&mut self) -> Frame {
        let n = self.spec.populations.iter().map(|p| p.size).sum::<u32>();
        let mut frame = Frame::default();
        if self.status.step == 0 {
            let spec = Arc::clone(&self.spec);
            frame.events.push(Event::Loaded { spec, n_synapses: vec![1_000_000], build_secs: 0.0, lost: None });
        }
        let first = self.status.step + 1;
        self.status.step += STEPS;
        let total = (self.spikes_per_step * STEPS as f64) as u64;
        frame.spikes = (0..total).map(|i| Spike { step: first + i * STEPS / total, neuron: self.next_random() % n, early: 0.0 }).collect();
        let mut needs = Needs::default();
        let (history, theme) = (History::default(), self.theme.clone());
        let (mut selection, mut actions) = (Selection::default(), Vec::new());
        let kept = &mut Runs::default();
        let view = ViewCtx {
            spec: &self.spec,
            n_synapses: &[1_000_000],
            status: &self.status,
            history: &history,
            kept,
            theme: &theme,
            selection: &mut selection,
            actions: &mut actions,
        };
        self.panels.iter().for_each(|p| p.needs(&view, &mut needs));
        for probe in 0..needs.probes.len() {
            let values = (0..STEPS).map(|i| -65.0 + 15.0 * (((first + i) as f32 + probe as f32 * 40.0) * 0.01).sin()).collect();
            frame.traces.push(TraceChunk { probe, first, stride: 1, values });
        }
        frame.probes = Arc::new(needs.probes);
        // Twenty pictures a second.
        if let Some(watch) = needs.watch.filter(|_| self.frames.is_multiple_of(3)) {
            frame.weights = Some(Arc::new(self.picture(watch)));
        }
        frame.status = self.status.clone();
        frame
    }

    fn picture(&self, watch: Watch) -> WeightImage {
        let n = self.heatmap;
        let values = (0..n * n).map(|i| ((i as f32 + self.frames as f32) * 0.37).fract()).collect();
        let stats = WeightStats { n: u64::from(n * n), mean: 0.5, sd: 0.3, low: 0.0, high: 1.0, histogram: vec![100; 50] };
        let size = self.spec.populations[0].size;
        WeightImage { watch, n_pre: size, n_post: size, rows: n, cols: n, values, stats, step: self.status.step }
    }

    /// Makes the next frame of the simulation (not part of what is measured).
    fn prepare(&mut self) -> Frame {
        self.frames += 1;
        self.wall += 1.0 / 60.0;
        self.simulate()
    }

    /// Takes it over, draws and tessellates: what is measured.
    fn show(&mut self, mut frame: Frame) -> usize {
        self.history.ingest(&mut frame);
        let screen = Rect::from_min_size(pos2(0.0, 0.0), vec2(1280.0, 800.0));
        let input = egui::RawInput { screen_rect: Some(screen), time: Some(self.wall), ..Default::default() };
        let Self { ctx, spec, history, status, theme, selection, panels, .. } = self;
        let mut actions = Vec::new();
        let mut output = ctx.run_ui(input, |ui| {
            let kept = &mut Runs::default();
            let mut view = ViewCtx { spec, n_synapses: &[1_000_000], status, history, kept, theme, selection, actions: &mut actions };
            let areas = [
                Rect::from_min_max(pos2(300.0, 76.0), pos2(890.0, 490.0)),
                Rect::from_min_max(pos2(300.0, 530.0), pos2(890.0, 770.0)),
                Rect::from_min_max(pos2(900.0, 76.0), pos2(1280.0, 450.0)),
            ];
            for (i, (panel, area)) in panels.iter_mut().zip(areas).enumerate() {
                ui.scope_builder(UiBuilder::new().id_salt(i).max_rect(area), |ui| panel.ui(ui, &mut view));
            }
        });
        output.textures_delta.clear();
        ctx.tessellate(output.shapes, output.pixels_per_point).len()
    }

    fn frame(&mut self) -> usize {
        let frame = self.prepare();
        self.show(frame)
    }
}

fn frames(c: &mut Criterion) {
    let mut group = c.benchmark_group("frame");
    group.sample_size(50).measurement_time(Duration::from_secs(5));
    let all: &[&str] = &["raster", "traces", "weights"];
    for (name, n, visible, keys) in [
        ("1000 neurons, 100000 spikes, 8 traces, 1000x1000 weights", 1000, 1e5, all),
        ("10000 neurons, 1000000 spikes, 8 traces, 1000x1000 weights", 10_000, 1e6, all),
        ("raster alone, 1000 neurons, 15000 spikes as shapes", 1000, 1.5e4, &all[..1]),
        ("raster alone, 10000 neurons, 1000000 spikes", 10_000, 1e6, &all[..1]),
        ("traces alone, 8", 1000, 1e4, &all[1..2]),
    ] {
        group.bench_function(name, |b| {
            let mut desk = Desk::new(n, visible, 1000, keys);
            b.iter_custom(|iterations| {
                let mut took = Duration::ZERO;
                for _ in 0..iterations {
                    let frame = desk.prepare();
                    let start = std::time::Instant::now();
                    std::hint::black_box(desk.show(frame));
                    took += start.elapsed();
                }
                took
            });
        });
    }
    for (name, key, moves) in [
        ("phase plane alone, Izhikevich", "izhikevich", false),
        ("phase plane alone, Izhikevich, its current moving", "izhikevich", true),
        ("phase plane alone, Morris-Lecar, its current moving", "morris_lecar", true),
        ("phase plane alone, Hodgkin-Huxley, its current moving", "hh", true),
    ] {
        group.bench_function(name, |b| {
            let mut desk = Desk::with(cell(key), 0.0, 1, &["phase"]);
            let i_e = desk.spec.populations[0].model.kind.param("i_e").expect("a current");
            b.iter_custom(|iterations| {
                let mut took = Duration::ZERO;
                for k in 0..iterations {
                    if moves {
                        Arc::make_mut(&mut desk.spec).populations[0].model.values[i_e] = 1.0 + 0.001 * (k % 1000) as f64;
                    }
                    let frame = desk.prepare();
                    let start = std::time::Instant::now();
                    std::hint::black_box(desk.show(frame));
                    took += start.elapsed();
                }
                took
            });
        });
    }
    for (name, key) in [("gallery of twenty miniatures", "gallery"), ("equations of Hodgkin-Huxley", "equations")] {
        group.bench_function(name, |b| {
            let mut desk = Desk::with(cell("hh"), 0.0, 1, &[key]);
            std::thread::sleep(Duration::from_secs(1));
            b.iter_custom(|iterations| {
                let mut took = Duration::ZERO;
                for _ in 0..iterations {
                    let frame = desk.prepare();
                    let start = std::time::Instant::now();
                    std::hint::black_box(desk.show(frame));
                    took += start.elapsed();
                }
                took
            });
        });
    }
    group.bench_function("zooming over 1000000 spikes", |b| {
        let mut desk = Desk::new(10_000, 1e6, 1000, &all[..1]);
        let mut factor = 1.02;
        b.iter_custom(|iterations| {
            let mut took = Duration::ZERO;
            for _ in 0..iterations {
                let frame = desk.prepare();
                let view = &mut desk.selection.time_view;
                factor = if view.span > 1100.0 {
                    0.98
                } else if view.span < 900.0 {
                    1.02
                } else {
                    factor
                };
                view.zoom(factor, 0.0);
                let start = std::time::Instant::now();
                std::hint::black_box(desk.show(frame));
                took += start.elapsed();
            }
            took
        });
    });
    group.finish();
}

criterion_group!(benches, frames);
criterion_main!(benches);
