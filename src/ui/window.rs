//! Opens the real window.

use super::app::App;
use super::document::Document;
use super::settings::Settings;
use spikeground_core::engine::thread;
use spikeground_core::spec::NetworkSpec;
use std::path::PathBuf;

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
}

impl WindowOptions {
    /// A run for pictures or measurement starts from the default look and leaves no traces.
    fn is_ephemeral(&self) -> bool {
        self.quit_after.is_some()
    }
}

/// Opens the window and returns when it is closed.
pub fn run(options: WindowOptions) -> Result<(), String> {
    let (width, height) = options.size.unwrap_or((1280.0, 800.0));
    let viewport = egui::ViewportBuilder::default()
        .with_title("Spikeground")
        .with_app_id("spikeground")
        .with_inner_size([width, height])
        .with_min_inner_size([720.0, 480.0]);
    let native =
        eframe::NativeOptions { viewport, renderer: eframe::Renderer::Glow, persist_window: !options.is_ephemeral(), ..Default::default() };
    let start = move |cc: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, Box<dyn std::error::Error + Send + Sync>> {
        let mut settings = if options.is_ephemeral() { Settings::default() } else { Settings::load(cc.storage) };
        settings.dark = options.dark.or(settings.dark);
        let ctx = cc.egui_ctx.clone();
        let link = thread::spawn(&NetworkSpec::default(), move || ctx.request_repaint());
        let link = link.map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        Ok(Box::new(App::new(&cc.egui_ctx, Document::new(first_network()), Box::new(link), settings)))
    };
    eframe::run_native("Spikeground", native, Box::new(start)).map_err(|e| e.to_string())
}

fn first_network() -> NetworkSpec {
    use spikeground_core::model::neuron;
    use spikeground_core::part::Part;
    use spikeground_core::spec::{PopulationSpec, ProjectionSpec, Role};
    let mut spec = NetworkSpec { name: "E/I balance".into(), ..NetworkSpec::default() };
    spec.populations.push(PopulationSpec::new("Excitatory", 800, Part::new(neuron::ALL[0])));
    spec.populations.push(PopulationSpec { role: Role::Inhibitory, ..PopulationSpec::new("Inhibitory", 200, Part::new(neuron::ALL[0])) });
    spec.projections.push(ProjectionSpec::new("E → I", "Excitatory", "Inhibitory"));
    spec
}
