//! Spike trains and currents from files, taken into the network as stimuli; read off the window's thread.

use super::app::App;
use super::edit;
use super::view::Item;
use spikeground_core::import::{self, Form};
use spikeground_core::spec::{NetworkSpec, StimulusSpec};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};

/// A file being read.
#[derive(Default)]
pub struct Importer {
    waiting: Option<(PathBuf, Item, Receiver<Result<StimulusSpec, String>>)>,
}

/// The population that gets it: the selected one, that of the selected stimulus, else the first that takes input.
fn target(spec: &NetworkSpec, item: Item) -> Option<usize> {
    let takes = |p: usize| spec.populations.get(p).is_some_and(|p| !p.model.kind.states.is_empty());
    let wanted = match item {
        Item::Population(p) => Some(p),
        Item::Stimulus(s) => spec.stimuli.get(s).and_then(|s| spec.population(&s.target)),
        _ => None,
    };
    wanted.filter(|p| takes(*p)).or_else(|| (0..spec.populations.len()).find(|p| takes(*p)))
}

/// The network with what was read: in the selected stimulus's place, or as a new one.
fn taken(spec: &NetworkSpec, item: Item, new: StimulusSpec) -> (NetworkSpec, Item) {
    let mut spec = spec.clone();
    if let Item::Stimulus(i) = item
        && let Some(old) = spec.stimuli.get_mut(i).filter(|s| s.target == new.target)
    {
        let mut part = edit::change_kind(&old.stimulus, new.stimulus.kind);
        part.table = new.stimulus.table;
        old.stimulus = part;
        return (spec, item);
    }
    let name = edit::free_name(&new.name, |n| spec.stimulus(n).is_some());
    spec.stimuli.push(StimulusSpec { name, ..new });
    let item = Item::Stimulus(spec.stimuli.len() - 1);
    (spec, item)
}

impl App {
    /// Reads a file of spikes or of a current for the selected population or stimulus.
    pub(super) fn import_file(&mut self, ctx: &egui::Context, path: PathBuf) {
        let (spec, item) = (self.document.spec().clone(), self.selection.item);
        let Some(target) = target(&spec, item) else {
            self.notices.warn(format!("{} was not read: no population takes input; add one first", file_name(&path)), "");
            return;
        };
        let (to, from) = channel();
        let (inside, ctx) = (path.clone(), ctx.clone());
        let work = move || {
            let name = inside.file_stem().map_or_else(|| "imported".into(), |s| s.to_string_lossy().into_owned());
            let read = import::read(&inside, Form::Guess);
            let _ = to.send(read.and_then(|data| import::stimulus(&data, &spec, target, &name)));
            ctx.request_repaint();
        };
        if std::thread::Builder::new().name("import".into()).spawn(work).is_ok() {
            self.importer.waiting = Some((path, item, from));
        }
    }

    /// Takes in what was read.
    pub(super) fn poll_import(&mut self) {
        let Some((path, item, from)) = &self.importer.waiting else { return };
        let Ok(answer) = from.try_recv() else { return };
        let (name, item) = (file_name(path), *item);
        self.importer.waiting = None;
        match answer {
            Ok(stimulus) => {
                let (rows, what, to) = (stimulus.stimulus.table.len(), stimulus.stimulus.kind.name, stimulus.target.clone());
                let (spec, item) = taken(self.document.spec(), item, stimulus);
                if let Some(problem) = spec.validate().first() {
                    self.notices.error(format!("{name} cannot be used; the network stays as it was"), problem.to_string());
                    return;
                }
                self.document.edit(spec, "import", None);
                self.selection.item = item;
                self.notices.note(format!("{name}: {} with {} rows into {to}", what.to_lowercase(), super::text::count(rows as u64)));
            }
            Err(why) => self.notices.error(format!("{name} could not be read; the network stays as it was"), why),
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::model::stimulus;
    use spikeground_core::part::Part;

    #[test]
    fn a_selected_stimulus_takes_the_data_and_keeps_its_weight() {
        let mut spec = crate::ui::library::preset("exact-lif-100").expect("a preset");
        let target_name = spec.populations[0].name.clone();
        let old = Part::new(&stimulus::POISSON).with("weight", 7.0);
        spec.stimuli = vec![StimulusSpec::new("drive", &target_name, old)];
        let new = StimulusSpec::new("file", &target_name, Part::new(&stimulus::SPIKE_LIST).with_table(vec![vec![1.0, 0.0]]));
        let (changed, item) = taken(&spec, Item::Stimulus(0), new.clone());
        assert_eq!((changed.stimuli.len(), item), (1, Item::Stimulus(0)));
        assert_eq!((changed.stimuli[0].stimulus.get("weight"), changed.stimuli[0].stimulus.table.len()), (7.0, 1));
        let (changed, item) = taken(&spec, Item::Network, StimulusSpec { name: "drive".into(), ..new });
        assert_eq!((changed.stimuli[1].name.as_str(), item), ("drive 2", Item::Stimulus(1)));
        assert_eq!(target(&spec, Item::Stimulus(0)), Some(0));
    }
}
