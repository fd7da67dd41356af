//! What a panel may see and do: read-only data of this frame, the shared selection, and a list of actions to ask for.

use super::command::UiCommand;
use super::export::Form;
use super::history::History;
use super::kept::Runs;
use super::theme::Theme;
use super::time_view::TimeView;
use crate::plot::Plot;
use spikeground_core::export::Target;
use spikeground_core::protocol::{Command, Probe, Status, Watch};
use spikeground_core::spec::NetworkSpec;
use spikeground_core::spec::path::Path;

/// A thing of the network that can be selected; selecting it anywhere selects it everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Item {
    #[default]
    Network,
    Population(usize),
    Projection(usize),
    Stimulus(usize),
    /// The traces recorded from a population (index into `spec.probes`).
    Probe(usize),
}

/// A parameter whose slider, or whose symbol in an equation, is under the pointer or has just moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Touch {
    pub path: Path,
    /// When that was last so, s of the window's time.
    pub at: f64,
}

/// What is selected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    pub item: Item,
    /// Selected neurons: (population, index in it), the last one clicked first.
    pub neurons: Vec<(usize, u32)>,
    /// A range of biological time, ms (brushed in any time panel).
    pub time: Option<(f64, f64)>,
    /// The window of time that all time panels show.
    pub time_view: TimeView,
    /// The parameter touched last.
    pub touched: Option<Touch>,
    /// A parameter whose slider is asked for: the inspector goes to it.
    pub wanted: Option<Path>,
}

impl Selection {
    /// Nothing selected, with the time window that suits a network just opened.
    pub fn of(spec: &NetworkSpec) -> Self {
        Self { time_view: TimeView::for_speed(spec.speed), ..Self::default() }
    }

    /// Nothing is selected, and the time panels follow the simulation again.
    pub fn clear(&mut self) {
        let mut time_view = std::mem::take(&mut self.time_view);
        time_view.go_live();
        *self = Self { time_view, ..Self::default() };
    }
}

/// What a panel asks the program to do after the frame.
#[derive(Clone, Debug)]
pub enum Action {
    /// Set a parameter in the document. All edits of one `gesture` (a slider drag) are one undo step.
    Set {
        path: Path,
        value: f64,
        gesture: u64,
    },
    /// Replace the document's network (structure changed): one undo step with this label.
    Edit {
        spec: Box<NetworkSpec>,
        label: String,
    },
    /// Talk to the simulation without touching the document (poke, inspect, transport).
    Send(Command),
    /// Plots of a panel, for a file or the clipboard.
    Export {
        title: &'static str,
        plots: Vec<Plot>,
        form: Form,
    },
    /// The network as a script for another program, or as a protocol, to a file.
    ExportScript {
        spec: Box<NetworkSpec>,
        target: Target,
        exact: bool,
    },
    /// Do one of the commands of the menu.
    Run(UiCommand),
    /// One line, bottom right.
    Notice(String),
    /// Open a preset by key, or bring a panel to the front.
    OpenPreset(&'static str),
    ShowPanel(&'static str),
    /// Bring panels to the front so that all of them are in sight.
    ShowTogether(&'static [&'static str]),
}

/// What the panels on screen need recorded; the program sends the union to the engine when it changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Needs {
    pub probes: Vec<Probe>,
    pub watch: Option<Watch>,
    /// A picture of weights wanted once; while there is one it goes before `watch`.
    pub glimpse: Option<Watch>,
}

/// Everything a panel sees while it draws.
pub struct ViewCtx<'a> {
    pub spec: &'a NetworkSpec,
    /// Synapses of each projection as built (empty until built).
    pub n_synapses: &'a [u64],
    pub status: &'a Status,
    pub history: &'a History,
    /// Runs kept to be compared with.
    pub kept: &'a mut Runs,
    pub theme: &'a Theme,
    pub selection: &'a mut Selection,
    pub actions: &'a mut Vec<Action>,
}

impl ViewCtx<'_> {
    pub fn act(&mut self, action: Action) {
        self.actions.push(action);
    }
    /// Population and index of a neuron id.
    pub fn locate(&self, neuron: u32) -> Option<(usize, u32)> {
        let mut rest = neuron;
        for (i, p) in self.spec.populations.iter().enumerate() {
            if rest < p.size {
                return Some((i, rest));
            }
            rest -= p.size;
        }
        None
    }
}
