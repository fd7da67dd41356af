//! A window for tests: driven in-line, remembering what it told the simulation.

use egui::accesskit::Role as Access;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, Node};
use spikeground::ui::app::App;
use spikeground::ui::document::Document;
use spikeground::ui::picker::{FilePicker, Picked, Purpose};
use spikeground::ui::settings::Settings;
use spikeground_core::engine::{Link, thread::Inline};
use spikeground_core::model::{neuron, plasticity, stimulus};
use spikeground_core::part::Part;
use spikeground_core::protocol::{Command, Frame};
use spikeground_core::spec::{NetworkSpec, PopulationSpec, ProbeSpec, ProjectionSpec, Role, StimulusSpec};
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

/// A simulation that remembers what it was told.
pub struct Told {
    inner: Inline,
    log: Rc<RefCell<Vec<Command>>>,
}

impl Link for Told {
    fn send(&mut self, command: Command) -> u64 {
        self.log.borrow_mut().push(command.clone());
        self.inner.send(command)
    }
    fn take(&mut self) -> Frame {
        self.inner.take()
    }
}

/// A user who always picks the same file.
pub struct Always(PathBuf, Option<Picked>);

impl FilePicker for Always {
    fn ask(&mut self, _ctx: &egui::Context, purpose: Purpose, _name: &str) {
        self.1 = Some(Picked::Path(purpose, self.0.clone()));
    }
    fn poll(&mut self) -> Option<Picked> {
        self.1.take()
    }
}

pub struct Window {
    pub harness: Harness<'static, App>,
    pub log: Rc<RefCell<Vec<Command>>>,
}

pub fn network() -> NetworkSpec {
    let mut spec = NetworkSpec { name: "Test network".into(), ..NetworkSpec::default() };
    let model = Part::new(spikeground_core::model::find(neuron::ALL, "lif").expect("there is a LIF model"));
    spec.populations.push(PopulationSpec::new("Exc", 20, model.clone()));
    spec.populations.push(PopulationSpec { role: Role::Inhibitory, ..PopulationSpec::new("Inh", 5, model) });
    let mut wire = ProjectionSpec::new("Exc → Inh", "Exc", "Inh");
    wire.plasticity = Some(Part::new(plasticity::ALL[0]));
    spec.projections.push(wire);
    spec.stimuli.push(StimulusSpec::new("Drive", "Exc", Part::new(&stimulus::NOISE).with("mean", 250.0).with("sd", 100.0)));
    spec.probes.push(ProbeSpec { population: "Exc".into(), variable: "v".into(), neurons: vec![0, 1] });
    spec
}

impl Window {
    pub fn open() -> Self {
        Self::with(network(), PathBuf::new())
    }

    /// Frame after frame until something that another thread does is seen.
    pub fn wait_until(&mut self, seen: impl Fn(&App) -> bool) {
        for _ in 0..1000 {
            self.frames(1);
            if seen(self.harness.state()) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("never seen");
    }

    /// A window on `spec` whose user picks `file` in every dialog.
    pub fn with(spec: NetworkSpec, file: PathBuf) -> Self {
        let log = Rc::new(RefCell::new(Vec::new()));
        let inner = Inline::new(&NetworkSpec::default(), 20).expect("an empty network can be built");
        let link = Told { inner, log: Rc::clone(&log) };
        let harness = Harness::builder().with_size(egui::vec2(1280.0, 800.0)).with_max_steps(64).build_eframe(move |cc| {
            App::new(&cc.egui_ctx, Document::new(spec), Box::new(link), Settings::default()).with_picker(Box::new(Always(file, None)))
        });
        let mut window = Self { harness, log };
        window.frames(4);
        window
    }

    pub fn frames(&mut self, n: usize) {
        for _ in 0..n {
            self.harness.step();
        }
    }

    pub fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.frames(4);
    }

    pub fn click(&mut self, label: &str) {
        self.harness.get_by_role_and_label(Access::Button, label).click();
        self.frames(4);
    }

    pub fn type_text(&mut self, text: &str) {
        self.harness.event(egui::Event::Text(text.into()));
        self.frames(2);
    }

    pub fn has(&self, label: &str) -> bool {
        self.harness.query_by_role_and_label(Access::Button, label).is_some()
    }

    pub fn slider<'a>(&'a self, key: &'a str) -> Node<'a> {
        self.harness.get_by_role_and_label(Access::Slider, key)
    }

    pub fn set(&mut self, key: &str, value: f64) {
        self.slider(key).set_value_accesskit(value);
        self.frames(3);
    }

    pub fn spec(&self) -> NetworkSpec {
        self.harness.state().document().spec().clone()
    }

    pub fn of_exc(&self, key: &str) -> f64 {
        self.spec().populations[0].model.get(key)
    }

    /// Whether the simulation runs what the document says.
    pub fn in_step(&self) -> bool {
        self.harness.state().session().runs(self.harness.state().document())
    }

    pub fn step(&self) -> u64 {
        self.harness.state().session().status.step
    }

    pub fn runs(&self) -> bool {
        self.harness.state().session().status.running
    }
}
