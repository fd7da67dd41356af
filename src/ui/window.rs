//! Opens the real window, and measures it when asked to.

use super::app::App;
use super::document::Document;
use super::library;
use super::settings::Settings;
use spikeground_core::engine::thread::{self, Threads};
use spikeground_core::protocol::Record;
use spikeground_core::session;
use spikeground_core::spec::NetworkSpec;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How to open the window.
#[derive(Clone, Debug, Default)]
pub struct WindowOptions {
    /// Name of a preset or path of a file; none: the network one starts with.
    pub open: Option<String>,
    /// Close after this many milliseconds of wall time.
    pub quit_after: Option<u64>,
    /// Where to leave a picture of the window before it closes.
    pub screenshot: Option<PathBuf>,
    /// Size of the window in points.
    pub size: Option<(f32, f32)>,
    pub dark: Option<bool>,
    /// Where to leave a JSON report when the window closes.
    pub report: Option<PathBuf>,
    /// Threads that share each step; none: as many as prove faster, with one core left to the window.
    pub threads: Option<usize>,
}

impl WindowOptions {
    /// A run for pictures or measurement starts from the default look and leaves no traces.
    fn is_ephemeral(&self) -> bool {
        self.quit_after.is_some()
    }
}

/// Opens the window and returns when it is closed. Fails when the network cannot be read or the window not be opened.
pub fn run(options: WindowOptions) -> Result<(), String> {
    let started = Instant::now();
    let session = first_session(options.open.as_deref())?;
    let document = if session.is_some() { Document::new(NetworkSpec::default()) } else { first_document(options.open.as_deref())? };
    let (width, height) = options.size.unwrap_or((1280.0, 800.0));
    let viewport = egui::ViewportBuilder::default()
        .with_title("Spikeground")
        .with_app_id("spikeground")
        .with_inner_size([width, height])
        .with_min_inner_size([720.0, 480.0])
        .with_icon(icon());
    let native =
        eframe::NativeOptions { viewport, renderer: eframe::Renderer::Glow, persist_window: !options.is_ephemeral(), ..Default::default() };
    let outcome = Arc::new(Mutex::new(Ok(())));
    let told = Arc::clone(&outcome);
    let start = move |cc: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, Box<dyn std::error::Error + Send + Sync>> {
        let mut settings = if options.is_ephemeral() { Settings::default() } else { Settings::load(cc.storage) };
        settings.dark = options.dark.or(settings.dark);
        let ctx = cc.egui_ctx.clone();
        let link =
            thread::spawn(&NetworkSpec::default(), options.threads.map_or(Threads::Auto { spare: 1 }, Threads::Exactly), move || {
                ctx.request_repaint();
            });
        let link = link.map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        let mut app = App::new(&cc.egui_ctx, document, Box::new(link), settings);
        if let Some(record) = session {
            app = app.with_session(record);
        }
        if options.is_ephemeral() {
            app = app.ephemeral();
        } else if let Some(folder) = eframe::storage_dir("spikeground") {
            app = app.with_autosave(&folder);
        }
        Ok(Box::new(Measured { app, options, told, started, first_frame: None, cpu: Vec::new(), picture: Picture::default() }))
    };
    eframe::run_native("Spikeground", native, Box::new(start)).map_err(|e| format!("the window could not be opened: {e}"))?;
    outcome.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// What the window opens with.
fn first_document(open: Option<&str>) -> Result<Document, String> {
    match open {
        None => Ok(library::first()),
        Some(name) if library::presets().iter().any(|p| p.key == name) => Ok(Document::from_preset(library::preset(name)?, name)),
        Some(path) => Ok(Document::from_file(library::read(Path::new(path))?, path.into())),
    }
}

/// The session that the window opens with, when a session file is asked for.
fn first_session(open: Option<&str>) -> Result<Option<Record>, String> {
    match open {
        Some(path) if session::is_session(Path::new(path)) => session::load(Path::new(path)).map(Some),
        _ => Ok(None),
    }
}

/// The picture on its way from the graphics card.
#[derive(Clone, Default)]
struct Picture {
    asked: bool,
    image: Arc<Mutex<Option<Arc<egui::ColorImage>>>>,
}

/// The window with a stopwatch.
struct Measured {
    app: App,
    options: WindowOptions,
    told: Arc<Mutex<Result<(), String>>>,
    started: Instant,
    first_frame: Option<(Instant, u64)>,
    /// CPU seconds of each frame.
    cpu: Vec<f32>,
    picture: Picture,
}

impl eframe::App for Measured {
    fn logic(&mut self, ctx: &egui::Context, frame: &mut eframe::Frame) {
        self.app.logic(ctx, frame);
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        if let Some(secs) = frame.info().cpu_usage.filter(|_| self.cpu.len() < 1_000_000) {
            self.cpu.push(secs);
        }
        self.app.ui(ui, frame);
        if self.first_frame.is_none() {
            self.first_frame = Some((Instant::now(), self.app.session().status.steps_done));
        }
        if let Some(ms) = self.options.quit_after {
            let left = Duration::from_millis(ms).saturating_sub(self.started.elapsed());
            if left.is_zero() {
                self.finish(ui.ctx());
            } else {
                ui.request_repaint_after(left);
            }
        }
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        eframe::App::save(&mut self.app, storage);
    }

    fn on_exit(&mut self, gl: Option<&eframe::glow::Context>) {
        if let Some(path) = self.options.report.clone() {
            let report = self.report();
            self.tell(std::fs::write(&path, report).map_err(|e| format!("{}: {e}", path.display())));
        }
        self.app.on_exit(gl);
    }

    fn persist_egui_memory(&self) -> bool {
        self.app.persist_egui_memory()
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        self.app.clear_color(visuals)
    }
}

impl Measured {
    /// Takes the picture if one is wanted, then closes.
    fn finish(&mut self, ctx: &egui::Context) {
        let Some(path) = self.options.screenshot.clone() else {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            return;
        };
        if !self.picture.asked {
            self.picture.asked = true;
            let to = Arc::clone(&self.picture.image);
            ctx.request_screenshot(move |image| *to.lock().unwrap_or_else(PoisonError::into_inner) = Some(image));
        }
        let image = self.picture.image.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(image) = image {
            self.tell(write_png(&path, &image).map_err(|e| format!("{}: {e}", path.display())));
            self.options.screenshot = None;
        }
        ctx.request_repaint();
    }

    fn tell(&self, result: Result<(), String>) {
        if result.is_err() {
            *self.told.lock().unwrap_or_else(PoisonError::into_inner) = result;
        }
    }

    /// What was measured, as JSON.
    fn report(&mut self) -> String {
        let status = &self.app.session().status;
        self.cpu.sort_by(f32::total_cmp);
        let percentile = |p: f64| {
            let at = (self.cpu.len() as f64 * p) as usize;
            self.cpu.get(at.min(self.cpu.len().saturating_sub(1))).map_or(0.0, |s| f64::from(*s) * 1e3)
        };
        let (first, _) = self.first_frame.unwrap_or((Instant::now(), 0));
        let shown = first.elapsed().as_secs_f64().max(1e-9);
        let report = serde_json::json!({
            "frames": self.cpu.len() + 1,
            "fps": (self.cpu.len() + 1) as f64 / shown,
            "frame_cpu_ms_p50": percentile(0.5),
            "frame_cpu_ms_p99": percentile(0.99),
            "realtime_factor": status.realtime_factor,
            "running": status.running,
            "time_ms": status.time(),
            "sim_steps": status.step,
            "steps_done": status.steps_done,
            "spikes": status.n_spikes,
            "spike_hash": format!("{:016x}", status.spike_hash),
            "first_frame_ms": (first - self.started).as_secs_f64() * 1e3,
            "network": self.app.document().spec().name,
            "edited": self.app.document().is_edited(),
            "notices": self.app.notices().texts().collect::<Vec<_>>(),
        });
        format!("{report:#}\n")
    }
}

fn write_png(path: &Path, image: &egui::ColorImage) -> std::io::Result<()> {
    let [width, height] = image.size;
    let file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let mut encoder = png::Encoder::new(file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let bytes: Vec<u8> = image.pixels.iter().flat_map(|p| [p.r(), p.g(), p.b()]).collect();
    let mut writer = encoder.write_header().map_err(std::io::Error::other)?;
    writer.write_image_data(&bytes).map_err(std::io::Error::other)
}

/// A spike on a rounded ground, in the colours of the theme.
fn icon() -> egui::IconData {
    const SIZE: usize = 64;
    let theme = super::theme::Theme::dark();
    // Baseline, peak, undershoot, baseline.
    let line = [(6.0, 40.0), (22.0, 40.0), (30.0, 10.0), (37.0, 54.0), (42.0, 40.0), (58.0, 40.0)];
    let distance = |x: f32, y: f32| {
        line.windows(2)
            .map(|w| {
                let ((ax, ay), (bx, by)) = (w[0], w[1]);
                let (dx, dy) = (bx - ax, by - ay);
                let t = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
                (x - ax - t * dx).hypot(y - ay - t * dy)
            })
            .fold(f32::MAX, f32::min)
    };
    let mut rgba = Vec::with_capacity(SIZE * SIZE * 4);
    for i in 0..SIZE * SIZE {
        let (x, y) = ((i % SIZE) as f32 + 0.5, (i / SIZE) as f32 + 0.5);
        let corner = (x - 32.0).abs().max(18.0) - 18.0;
        let outside = corner.hypot((y - 32.0).abs().max(18.0) - 18.0) - 13.0;
        let colour = super::theme::Theme::mix(theme.excitatory, theme.window, (distance(x, y) - 2.2).clamp(0.0, 1.0));
        let alpha = (0.5 - outside).clamp(0.0, 1.0) * 255.0;
        rgba.extend([colour.r(), colour.g(), colour.b(), alpha as u8]);
    }
    egui::IconData { rgba, width: SIZE as u32, height: SIZE as u32 }
}
