//! Session files opened in the window: read off its thread, shown as their network, and gone on with where they stand.

use super::app::App;
use super::document::Document;
use super::view::Selection;
use spikeground_core::protocol::{Command, Record};
use spikeground_core::session;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

/// A session file being read.
#[derive(Default)]
pub struct Opening {
    waiting: Option<(PathBuf, Receiver<Result<Record, String>>)>,
}

impl App {
    /// Opens a session besides the document that a window begins with.
    #[must_use]
    pub fn with_session(mut self, record: Record) -> Self {
        self.go_on_with(record);
        self
    }

    /// Reads a session file; what runs goes on until it is there.
    pub(super) fn open_session(&mut self, ctx: &egui::Context, path: PathBuf) {
        let (to, from) = channel();
        let (inside, ctx) = (path.clone(), ctx.clone());
        let work = move || {
            let _ = to.send(session::load(&inside));
            ctx.request_repaint();
        };
        if std::thread::Builder::new().name("session".into()).spawn(work).is_ok() {
            self.opening.waiting = Some((path, from));
        }
    }

    /// Takes in what was read.
    pub(super) fn poll_session(&mut self) {
        let Some((path, from)) = &self.opening.waiting else { return };
        let Ok(read) = from.try_recv() else { return };
        let path = path.clone();
        self.opening.waiting = None;
        match read {
            Ok(record) => {
                self.settings.remember(path);
                self.go_on_with(record);
            }
            Err(why) => self.notices.error("The session could not be opened; the present network stays", why),
        }
    }

    /// Shows the network of a session and lets it run on from where it stands. The session's file stays as it is: saving the network asks
    /// for another.
    fn go_on_with(&mut self, record: Record) {
        self.document = Document::new((*record.network()).clone());
        self.selection = Selection::of(self.document.spec());
        self.session.resume(&self.document, Arc::new(record));
        self.session.send(Command::Run);
    }
}
