//! Workers that share the work of a step: one does its part on the calling thread, the others wait between two rounds, first spinning,
//! then parked.
//!
//! A round neither allocates nor locks. What is computed never depends on who does it: a job gets an item of its own and touches nothing
//! else (see `step.rs`), so any number of workers gives the same spikes.

use std::any::Any;
use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{JoinHandle, Thread};

/// Turns of the waiting loop before a worker parks: a few microseconds, less than parking and waking take.
const PATIENCE: u32 = 256;
/// Turns before the caller, who cannot park, gives its core to others between two looks.
const COURTESY: u32 = 2048;

/// A job as the workers see it: what to call, and with what.
#[derive(Clone, Copy)]
struct Job {
    call: unsafe fn(*const (), usize),
    context: *const (),
}

/// What a worker and the caller share.
struct Desk {
    /// The round that was announced, counted from one.
    round: AtomicUsize,
    job: UnsafeCell<Option<Job>>,
    /// Workers that have not finished the round.
    busy: AtomicUsize,
    parked: Vec<AtomicBool>,
    quit: AtomicBool,
    failed: AtomicBool,
    failure: UnsafeCell<Option<Box<dyn Any + Send>>>,
}

// SAFETY: `job` is written by the caller while no round is on (`busy` is zero) and read by workers after `round` announced it (release,
// acquire); `failure` is written by the one worker that set `failed`, and read by the caller when `busy` is zero again. What a job
// points at lives until its round is over, since the caller waits for that, and may be shared by what `Crew::each` demands of it.
unsafe impl Sync for Desk {}
// SAFETY: as above.
unsafe impl Send for Desk {}

/// Some workers besides the calling thread.
pub struct Crew {
    desk: Arc<Desk>,
    threads: Vec<Thread>,
    handles: Vec<JoinHandle<()>>,
}

impl Crew {
    /// `n` workers in all, the calling thread being one of them. Fewer where the system grants no more threads.
    pub fn new(n: usize) -> Self {
        let helpers = n.max(1) - 1;
        let desk = Arc::new(Desk {
            round: AtomicUsize::new(0),
            job: UnsafeCell::new(None),
            busy: AtomicUsize::new(0),
            parked: (0..helpers).map(|_| AtomicBool::new(false)).collect(),
            quit: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            failure: UnsafeCell::new(None),
        });
        let start = |k: usize| {
            let desk = Arc::clone(&desk);
            std::thread::Builder::new().name(format!("worker {}", k + 1)).spawn(move || desk.work(k)).ok()
        };
        let handles: Vec<_> = (0..helpers).map_while(start).collect();
        let threads = handles.iter().map(|h| h.thread().clone()).collect();
        Self { desk, threads, handles }
    }

    /// Workers, with the calling thread.
    pub fn len(&self) -> usize {
        self.threads.len() + 1
    }

    /// Calls `job` with each of `items`, one worker an item; returns when all are done. There are at most as many items as workers.
    pub fn each<T: Send, F: Fn(&mut T) + Sync>(&mut self, items: &mut [T], job: F) {
        assert!(items.len() <= self.len(), "an item for each worker");
        let Some((first, rest)) = items.split_first_mut() else { return };
        let context = (rest.as_mut_ptr(), &raw const job, rest.len());
        /// One item of a round.
        ///
        /// # Safety
        /// `context` is what `each` made, its round is on, and no two callers have the same `k`.
        unsafe fn call<T, F: Fn(&mut T)>(context: *const (), k: usize) {
            // SAFETY: the caller of the round keeps all three alive, and item `k` is this worker's alone.
            unsafe {
                let (items, job, n) = *context.cast::<(*mut T, *const F, usize)>();
                if k < n {
                    (*job)(&mut *items.add(k));
                }
            }
        }
        self.announce(Job { call: call::<T, F>, context: (&raw const context).cast() });
        let own = catch_unwind(AssertUnwindSafe(|| job(first)));
        self.wait();
        if let Err(panic) = own {
            resume_unwind(panic);
        }
        if self.desk.failed.swap(false, Ordering::Acquire) {
            // SAFETY: no round is on, so no worker writes.
            let failure = unsafe { (*self.desk.failure.get()).take() };
            resume_unwind(failure.unwrap_or_else(|| Box::new("a worker failed")));
        }
    }

    fn announce(&mut self, job: Job) {
        // SAFETY: no round is on, so no worker reads.
        unsafe { *self.desk.job.get() = Some(job) };
        self.desk.busy.store(self.threads.len(), Ordering::Relaxed);
        // Sequentially consistent with the look at `round` that a worker takes after it has said that it parks: one of the two sees the other.
        self.desk.round.fetch_add(1, Ordering::SeqCst);
        for (parked, thread) in self.desk.parked.iter().zip(&self.threads) {
            if parked.load(Ordering::SeqCst) {
                thread.unpark();
            }
        }
    }

    fn wait(&self) {
        let mut turns = 0u32;
        while self.desk.busy.load(Ordering::Acquire) > 0 {
            turns = turns.saturating_add(1);
            if turns < COURTESY {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.desk.quit.store(true, Ordering::SeqCst);
        self.desk.round.fetch_add(1, Ordering::SeqCst);
        for handle in self.handles.drain(..) {
            handle.thread().unpark();
            // A worker's panic was handed on when it happened.
            let _ = handle.join();
        }
    }
}

impl Desk {
    fn work(&self, k: usize) {
        let mut seen = 0;
        loop {
            self.await_round(k, seen);
            seen += 1;
            if self.quit.load(Ordering::SeqCst) {
                return;
            }
            // SAFETY: the round was announced, so the job is there and stays until this worker has said that it is done.
            let done = catch_unwind(AssertUnwindSafe(|| unsafe {
                if let Some(job) = *self.job.get() {
                    (job.call)(job.context, k);
                }
            }));
            if let Err(panic) = done
                && !self.failed.swap(true, Ordering::AcqRel)
            {
                // SAFETY: only the first to fail comes here, and the caller reads when all are done.
                unsafe { *self.failure.get() = Some(panic) };
            }
            self.busy.fetch_sub(1, Ordering::Release);
        }
    }

    /// Until the round after `seen` is announced: spins for a while, then parks.
    fn await_round(&self, k: usize, seen: usize) {
        let mut turns = 0;
        while self.round.load(Ordering::SeqCst) == seen {
            turns += 1;
            if turns < PATIENCE {
                std::hint::spin_loop();
                continue;
            }
            self.parked[k].store(true, Ordering::SeqCst);
            if self.round.load(Ordering::SeqCst) == seen {
                std::thread::park();
            }
            self.parked[k].store(false, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_done_once_a_round() {
        for n in [1, 2, 4] {
            let mut crew = Crew::new(n);
            let mut items = vec![0u32; n];
            for round in 0..2000 {
                crew.each(&mut items, |x| *x += 1);
                if round % 500 == 0 {
                    // Long enough for workers to park.
                    std::thread::sleep(std::time::Duration::from_millis(2));
                }
            }
            assert!(items.iter().all(|x| *x == 2000), "{n} workers: {items:?}");
            crew.each(&mut items[..1], |x| *x = 7);
            assert_eq!(items[0], 7);
        }
    }

    #[test]
    fn a_workers_panic_reaches_the_caller_and_the_crew_goes_on() {
        let mut crew = Crew::new(3);
        let mut items = [0, 1, 2];
        let failed = catch_unwind(AssertUnwindSafe(|| crew.each(&mut items, |x| assert!(*x != 2, "told"))));
        assert!(failed.is_err());
        crew.each(&mut items, |x| *x += 10);
        assert_eq!(items, [10, 11, 12]);
    }
}
