//! What the simulation reports, told to the user.

use super::app::App;
use super::command::UiCommand;
use super::notices::Level;
use spikeground_core::protocol::{Event, Frame};
use std::sync::Arc;

/// Turns events into messages.
pub fn handle(app: &mut App, frame: &Frame) {
    for event in &frame.events {
        match event {
            Event::Loaded { lost: Some(lost), .. } => app.notices.note(lost.clone()),
            Event::Refused { what, why } => {
                app.notices.push(
                    Level::Error,
                    format!("{what} was refused; the network runs on as it was"),
                    why.clone(),
                    Some(UiCommand::Undo),
                );
            }
            Event::Diverged { population, neuron, variable, step, advice } => {
                let name = app.document.spec().populations.get(*population).map_or("?", |p| p.name.as_str()).to_owned();
                app.notices.push(
                    Level::Error,
                    format!("The simulation diverged: {variable} of {name} {neuron} is no longer a number; paused"),
                    format!("At step {step}. {advice}"),
                    Some(UiCommand::Reset),
                );
            }
            Event::Fault { message } => app.notices.push(
                Level::Error,
                "The simulation met a fault; the network is safe, reset to go on".into(),
                message.clone(),
                Some(UiCommand::Reset),
            ),
            Event::Session { record } => app.exporter.wait_for_session(Arc::clone(record)),
            Event::Weights { connections } => app.keep_weights(connections),
            _ => {}
        }
    }
}
