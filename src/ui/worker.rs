//! Work that takes longer than a frame, on a thread of its own: the newest question wins, answers may come in parts.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Tells work that nobody waits for it any more.
pub struct Stop {
    mine: u64,
    wanted: Arc<AtomicU64>,
}

impl Stop {
    /// For work that is always waited for.
    #[cfg(test)]
    pub fn never() -> Self {
        Self { mine: 0, wanted: Arc::default() }
    }

    /// Whether to give up. Ask this every few milliseconds.
    pub fn is_stopped(&self) -> bool {
        self.wanted.load(Ordering::Relaxed) != self.mine
    }
}

/// What a worker does: takes a question, gives one or several answers (each better than the one before), stops when told.
pub type Work<Q, A> = fn(&Q, &Stop, &mut dyn FnMut(A));

struct Desk<Q> {
    /// The question that waits, with its number; the worker ends when the desk is closed.
    question: Mutex<(Option<(u64, Q)>, bool)>,
    bell: Condvar,
}

/// A thread that answers one question at a time.
pub struct Worker<Q, A> {
    work: Work<Q, A>,
    wanted: Arc<AtomicU64>,
    running: Option<(Arc<Desk<Q>>, Receiver<(u64, Option<A>)>)>,
    /// The question asked last is answered in full.
    done: bool,
}

impl<Q: Send + 'static, A: Send + 'static> Worker<Q, A> {
    /// A worker that has not begun: its thread starts with the first question.
    pub fn new(work: Work<Q, A>) -> Self {
        Self { work, wanted: Arc::new(AtomicU64::new(0)), running: None, done: true }
    }

    /// Asks; what is being worked on is given up.
    pub fn ask(&mut self, ctx: &egui::Context, question: Q) {
        let number = self.wanted.fetch_add(1, Ordering::Relaxed) + 1;
        self.done = false;
        if self.running.is_none() {
            self.running = self.start(ctx);
        }
        if let Some((desk, _)) = &self.running {
            desk.question.lock().unwrap_or_else(PoisonError::into_inner).0 = Some((number, question));
            desk.bell.notify_one();
        }
    }

    /// Gives up what is being worked on; answers given so far may still be taken before.
    pub fn cancel(&mut self) {
        self.wanted.fetch_add(1, Ordering::Relaxed);
        self.done = true;
    }

    /// The newest answer to the question asked last, once.
    pub fn answer(&mut self) -> Option<A> {
        let (_, answers) = self.running.as_ref()?;
        let wanted = self.wanted.load(Ordering::Relaxed);
        let mut newest = None;
        for (number, answer) in answers.try_iter().filter(|(number, _)| *number == wanted) {
            debug_assert_eq!(number, wanted);
            self.done |= answer.is_none();
            newest = answer.or(newest);
        }
        newest
    }

    /// Whether the question asked last is still being worked on.
    pub fn is_busy(&self) -> bool {
        !self.done
    }

    fn start(&self, ctx: &egui::Context) -> Option<(Arc<Desk<Q>>, Receiver<(u64, Option<A>)>)> {
        let desk = Arc::new(Desk { question: Mutex::new((None, false)), bell: Condvar::new() });
        let (to, from) = channel();
        let (inside, wanted, work, ctx) = (Arc::clone(&desk), Arc::clone(&self.wanted), self.work, ctx.clone());
        let thread = std::thread::Builder::new().name("worker".into());
        thread.spawn(move || serve(&inside, &wanted, work, &to, &ctx)).ok()?;
        Some((desk, from))
    }
}

fn serve<Q, A>(desk: &Desk<Q>, wanted: &Arc<AtomicU64>, work: Work<Q, A>, to: &Sender<(u64, Option<A>)>, ctx: &egui::Context) {
    loop {
        let (number, question) = {
            let mut waiting = desk.question.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                if waiting.1 {
                    return;
                }
                if let Some(question) = waiting.0.take() {
                    break question;
                }
                waiting = desk.bell.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            }
        };
        let stop = Stop { mine: number, wanted: Arc::clone(wanted) };
        let tell = |answer: Option<A>| {
            // Nobody listens any more when the window is gone.
            let _ = to.send((number, answer));
            ctx.request_repaint();
        };
        work(&question, &stop, &mut |answer| tell(Some(answer)));
        tell(None);
    }
}

impl<Q, A> Drop for Worker<Q, A> {
    fn drop(&mut self) {
        self.wanted.fetch_add(1, Ordering::Relaxed);
        if let Some((desk, _)) = &self.running {
            desk.question.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
            desk.bell.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the shape of every work")]
    fn count(to: &u32, stop: &Stop, tell: &mut dyn FnMut(u32)) {
        for i in 1..=*to {
            if stop.is_stopped() {
                return;
            }
            tell(i);
            std::thread::yield_now();
        }
    }

    fn wait(worker: &mut Worker<u32, u32>) -> Option<u32> {
        let mut last = None;
        while worker.is_busy() {
            last = worker.answer().or(last);
            std::thread::yield_now();
        }
        last
    }

    #[test]
    fn answers_come_in_parts_and_end() {
        let mut worker = Worker::new(count);
        assert!(!worker.is_busy() && worker.answer().is_none());
        worker.ask(&egui::Context::default(), 5);
        assert_eq!(wait(&mut worker), Some(5));
    }

    #[test]
    fn the_newest_question_wins_over_one_that_never_ends() {
        let mut worker = Worker::new(count);
        worker.ask(&egui::Context::default(), u32::MAX);
        worker.ask(&egui::Context::default(), 3);
        assert_eq!(wait(&mut worker), Some(3));
    }
}
