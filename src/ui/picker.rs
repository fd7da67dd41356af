//! Asking the system for a file: behind a trait, off the window's thread, and never in the way.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

/// What a dialog is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Open,
    /// Spikes or a current from another program.
    Import,
    Save,
    /// A figure or picture: PNG, SVG, GIF.
    Figure,
    /// The session so far.
    Session,
    /// A script for another program, or a protocol.
    Script,
}

/// How a dialog ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked {
    Path(Purpose, PathBuf),
    Cancelled,
    /// The system has no dialog to show: ask for the path in the window.
    Unavailable(Purpose),
}

/// Something that asks for a file.
pub trait FilePicker {
    /// Starts asking; `name` is what a new file might be called.
    fn ask(&mut self, ctx: &egui::Context, purpose: Purpose, name: &str);
    /// The answer, once.
    fn poll(&mut self) -> Option<Picked>;
}

/// The system's own dialog.
#[derive(Default)]
pub struct SystemPicker {
    pending: Option<(Purpose, Instant, Receiver<Option<PathBuf>>)>,
}

/// No human cancels a dialog this fast: there was none.
const TOO_FAST: Duration = Duration::from_millis(250);

impl FilePicker for SystemPicker {
    fn ask(&mut self, ctx: &egui::Context, purpose: Purpose, name: &str) {
        if self.pending.is_some() {
            return;
        }
        let dialog = rfd::AsyncFileDialog::new();
        let dialog = match purpose {
            Purpose::Open => dialog.add_filter("Spikeground network or session", &["ron", "session"]),
            Purpose::Save => dialog.add_filter("Spikeground network", &["ron"]),
            Purpose::Import => dialog.add_filter("Spikes or a current", &["csv", "npy"]),
            Purpose::Session => dialog.add_filter("Spikeground session", &["session"]),
            Purpose::Figure => dialog.add_filter("Picture or drawing", &["png", "svg", "gif"]),
            Purpose::Script => dialog.add_filter("Script or protocol", &["py", "md"]),
        };
        let (to, from) = channel();
        let ctx = ctx.clone();
        let wait = move |future: std::pin::Pin<Box<dyn Future<Output = Option<rfd::FileHandle>> + Send>>| {
            std::thread::Builder::new().name("file dialog".into()).spawn(move || {
                let picked = block_on(future).map(|handle| handle.path().to_owned());
                let _ = to.send(picked);
                ctx.request_repaint();
            })
        };
        let started = match purpose {
            Purpose::Open | Purpose::Import => wait(Box::pin(dialog.pick_file())),
            Purpose::Save | Purpose::Figure | Purpose::Session | Purpose::Script => wait(Box::pin(dialog.set_file_name(name).save_file())),
        };
        if started.is_ok() {
            self.pending = Some((purpose, Instant::now(), from));
        }
    }

    fn poll(&mut self) -> Option<Picked> {
        let (purpose, since, from) = self.pending.as_ref()?;
        let answer = match from.try_recv() {
            Ok(Some(path)) => Picked::Path(*purpose, path),
            Ok(None) if since.elapsed() < TOO_FAST => Picked::Unavailable(*purpose),
            Ok(None) => Picked::Cancelled,
            Err(TryRecvError::Disconnected) => Picked::Unavailable(*purpose),
            Err(TryRecvError::Empty) => return None,
        };
        self.pending = None;
        Some(answer)
    }
}

/// Runs a future on this thread.
fn block_on<T>(mut future: std::pin::Pin<Box<dyn Future<Output = T> + Send>>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        std::thread::park();
    }
}
