//! The document: the network being edited, where it is stored, and every state it had (undo, redo).

use spikeground_core::spec::NetworkSpec;
use spikeground_core::spec::path::Path;
use std::cell::Cell;
use std::path::PathBuf;

/// How many steps can be undone.
const MOST_STEPS: usize = 500;

/// A former state and what was done to leave it.
struct Step {
    label: String,
    spec: NetworkSpec,
}

/// The network being edited. Only the functions here change it, so that every change can be undone.
pub struct Document {
    spec: NetworkSpec,
    /// The file it was opened from or saved to.
    path: Option<PathBuf>,
    /// Key of the preset it was opened from.
    preset: Option<String>,
    /// As it was opened: what "back to where it was" means for a slider.
    opened: NetworkSpec,
    /// As it was last stored.
    saved: NetworkSpec,
    undo: Vec<Step>,
    redo: Vec<Step>,
    /// The gesture (slider drag) whose edits are still one step.
    gesture: Option<u64>,
    revision: u64,
    /// Whether the network differs from what is stored, and the revision this was found out for: large tables take long to compare.
    edited: Cell<Option<(u64, bool)>>,
}

impl Document {
    pub fn new(spec: NetworkSpec) -> Self {
        Self {
            path: None,
            preset: None,
            opened: spec.clone(),
            saved: spec.clone(),
            spec,
            undo: Vec::new(),
            redo: Vec::new(),
            gesture: None,
            revision: 0,
            edited: Cell::new(None),
        }
    }

    pub fn from_file(spec: NetworkSpec, path: PathBuf) -> Self {
        Self { path: Some(path), ..Self::new(spec) }
    }

    pub fn from_preset(spec: NetworkSpec, key: &str) -> Self {
        Self { preset: Some(key.into()), ..Self::new(spec) }
    }

    /// A recovered document: it differs from what is stored, whatever that is.
    pub fn recovered(spec: NetworkSpec, path: Option<PathBuf>) -> Self {
        Self { path, saved: NetworkSpec::default(), ..Self::new(spec) }
    }

    pub fn spec(&self) -> &NetworkSpec {
        &self.spec
    }

    pub fn opened(&self) -> &NetworkSpec {
        &self.opened
    }

    pub fn path(&self) -> Option<&std::path::Path> {
        self.path.as_deref()
    }

    pub fn preset(&self) -> Option<&str> {
        self.preset.as_deref()
    }

    /// Grows with every change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn is_edited(&self) -> bool {
        match self.edited.get() {
            Some((revision, edited)) if revision == self.revision => edited,
            _ => {
                let edited = self.spec != self.saved;
                self.edited.set(Some((self.revision, edited)));
                edited
            }
        }
    }

    /// Remembers that the present state is stored at `path`.
    pub fn mark_saved(&mut self, path: PathBuf) {
        self.path = Some(path);
        self.saved = self.spec.clone();
        self.edited.set(None);
        self.gesture = None;
    }

    /// Sets one parameter; edits of one `gesture` are one step. Refused with a reason when the value is not valid.
    pub fn set(&mut self, path: Path, value: f64, gesture: u64) -> Result<(), String> {
        let descriptor = self.spec.spec_of(path).ok_or("the parameter no longer exists")?;
        self.spec.check_set(path, value)?;
        let (entity, _) = self.spec.entity_of(path.place);
        let label = format!("{entity}: {}", descriptor.key);
        let now = self.spec.part(path.place).map(|p| p.values[path.param]);
        if now.is_some_and(|v| v.to_bits() == value.to_bits()) {
            return Ok(());
        }
        if self.gesture != Some(gesture) {
            self.push(label);
            self.gesture = Some(gesture);
        }
        if let Some(part) = self.spec.part_mut(path.place) {
            part.values[path.param] = value;
        }
        self.revision += 1;
        Ok(())
    }

    /// Replaces the network by an edited one; one step, or part of the step of the same `gesture`.
    pub fn edit(&mut self, spec: NetworkSpec, label: &str, gesture: Option<u64>) {
        if spec == self.spec {
            return;
        }
        if gesture.is_none() || self.gesture != gesture {
            self.push(label.into());
            self.gesture = gesture;
        }
        self.spec = spec;
        self.revision += 1;
    }

    fn push(&mut self, label: String) {
        self.undo.push(Step { label, spec: self.spec.clone() });
        if self.undo.len() > MOST_STEPS {
            self.undo.remove(0);
        }
        self.redo.clear();
    }

    /// Goes one step back; says what was undone.
    pub fn undo(&mut self) -> Option<String> {
        let step = self.undo.pop()?;
        let spec = std::mem::replace(&mut self.spec, step.spec);
        self.redo.push(Step { label: step.label.clone(), spec });
        self.gesture = None;
        self.revision += 1;
        Some(step.label)
    }

    /// Goes one step forward again.
    pub fn redo(&mut self) -> Option<String> {
        let step = self.redo.pop()?;
        let spec = std::mem::replace(&mut self.spec, step.spec);
        self.undo.push(Step { label: step.label.clone(), spec });
        self.gesture = None;
        self.revision += 1;
        Some(step.label)
    }

    /// What the next undo and redo would take back or do again.
    pub fn next_steps(&self) -> (Option<&str>, Option<&str>) {
        (self.undo.last().map(|s| s.label.as_str()), self.redo.last().map(|s| s.label.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::model::neuron;
    use spikeground_core::part::Part;
    use spikeground_core::spec::PopulationSpec;
    use spikeground_core::spec::path::Place;

    fn document() -> Document {
        let mut spec = NetworkSpec::default();
        spec.populations.push(PopulationSpec::new("E", 10, Part::new(neuron::ALL[0])));
        Document::new(spec)
    }

    const FIRST: Path = Path { place: Place::Model(0), param: 0 };

    #[test]
    fn a_drag_is_one_step_and_two_drags_are_two() {
        let mut d = document();
        let start = d.spec().clone();
        for v in [21.0, 22.0, 23.0] {
            d.set(FIRST, v, 1).unwrap();
        }
        d.set(FIRST, 30.0, 2).unwrap();
        d.undo();
        assert_eq!(d.spec().part(Place::Model(0)).unwrap().values[0], 23.0);
        d.undo();
        assert_eq!(d.spec(), &start);
        assert!(d.undo().is_none() && !d.is_edited());
        d.redo();
        d.redo();
        assert_eq!(d.spec().part(Place::Model(0)).unwrap().values[0], 30.0);
    }

    #[test]
    fn a_hundred_steps_can_be_undone() {
        let mut d = document();
        let start = d.spec().clone();
        for i in 0..150 {
            let mut spec = d.spec().clone();
            spec.populations[0].size = 11 + i;
            d.edit(spec, "size", None);
        }
        while d.undo().is_some() {}
        assert_eq!(d.spec(), &start);
    }

    #[test]
    fn an_invalid_value_is_refused_and_leaves_no_step() {
        let mut d = document();
        assert!(d.set(FIRST, f64::NAN, 1).is_err() && d.set(FIRST, -1e300, 1).is_err());
        assert!(d.undo().is_none());
    }
}
