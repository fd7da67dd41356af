//! What one neuron of a population does by itself: the name of its pattern, and how far its spikes depend on the step. Made in the background.

use super::{Desk, section};
use crate::ui::worker::{Stop, Worker};
use crate::ui::{text, theme};
use egui::{Label, RichText, Ui};
use spikeground_core::lab::character::{Character, Driven, character};
use spikeground_core::spec::NetworkSpec;

/// How long the neuron is watched, ms: as long as a run lasts, within these.
const SPAN: (f64, f64) = (200.0, 2000.0);

type Answer = Result<Character, String>;

/// The question that was asked last, and what came of it.
pub struct Own {
    worker: Worker<Driven, Answer>,
    asked: Option<Driven>,
    answer: Option<Answer>,
}

impl Default for Own {
    fn default() -> Self {
        Self { worker: Worker::new(work), asked: None, answer: None }
    }
}

fn work(driven: &Driven, stop: &Stop, tell: &mut dyn FnMut(Answer)) {
    match character(driven, &mut || !stop.is_stopped()) {
        Ok(Some(found)) => tell(Ok(found)),
        Ok(None) => {}
        Err(why) => tell(Err(why)),
    }
}

/// The first neuron of a population with the currents that reach it.
fn driven(spec: &NetworkSpec, i: usize) -> Option<Driven> {
    Driven::first_of(spec, i, spec.duration.clamp(SPAN.0, SPAN.1))
}

/// The section of population `i`.
pub fn ui(ui: &mut Ui, desk: &mut Desk<'_, '_>, i: usize) {
    let Some(driven) = driven(desk.view.spec, i) else { return };
    let (theme, own) = (desk.view.theme, &mut *desk.own);
    if own.asked.as_ref() != Some(&driven) {
        own.worker.ask(ui.ctx(), driven.clone());
        own.asked = Some(driven.clone());
    }
    if let Some(answer) = own.worker.answer() {
        own.answer = Some(answer);
    }
    section(ui, theme, "One neuron alone");
    let small = |ui: &mut Ui, words: String, colour| {
        ui.add(Label::new(RichText::new(words).size(theme::SMALL).color(colour)).wrap());
    };
    match &own.answer {
        None => small(ui, "Being computed".into(), theme.weak),
        Some(Err(why)) => small(ui, why.clone(), theme.warning),
        Some(Ok(found)) => {
            if let Some(named) = &found.named {
                let also = named.also.map_or_else(String::new, |a| format!(" ({a})"));
                ui.label(RichText::new(format!("{}{also}", capital(named.name))).color(theme.strong)).on_hover_text(named.why.clone());
                small(ui, named.why.clone(), theme.weak);
            }
            ui.add_space(2.0);
            small(ui, shadow(found, &driven), theme.weak);
            if let Some(warning) = &found.warning {
                small(ui, capital(warning), theme.warning);
            }
        }
    }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The meter: how far the spikes are from those at an eighth of the step.
fn shadow(found: &Character, driven: &Driven) -> String {
    let (coarse, fine) = found.shadow.spikes;
    let ms = |x: f64| text::with_unit(&text::number(x, 2), "ms");
    let (dt, over) = (driven.cell.dt, ms(driven.ms));
    let Some((worst, mean)) = found.shadow.apart else {
        return match (coarse, fine) {
            (0, 0) => format!("No spike in {over} without the network"),
            _ => format!("{} in {over}, {fine} at dt/8", text::counted(coarse as u64, "spike", "spikes")),
        };
    };
    let others = if coarse == fine { String::new() } else { format!("; {fine} at dt/8") };
    let spikes = text::counted(coarse as u64, "spike", "spikes");
    format!(
        "Spike times at dt = {} are at most {} ({} on average) from those at dt/8: {spikes} in {over}{others}",
        ms(dt),
        ms(worst),
        ms(mean)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_s_neuron_is_taken_with_its_currents_and_its_start() {
        let spec = crate::ui::library::preset("izhikevich-2004-b").expect("a preset");
        let driven = driven(&spec, 0).expect("a neuron");
        assert!(!driven.stimuli.is_empty() || driven.cell.model.get("i_e") != 0.0);
        let mut told = None;
        work(&driven, &Stop::never(), &mut |a| told = Some(a));
        let found = told.expect("answered").expect("possible");
        assert_eq!(found.named.as_ref().map(|n| n.name), Some("phasic spiking"));
        assert!(shadow(&found, &driven).contains("dt/8"));
    }
}
