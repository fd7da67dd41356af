//! Which vector instructions the kernels may use: found once at run time, so that one portable binary serves every machine.
//!
//! The kernels are plain Rust, compiled once per level; no level contracts or reorders arithmetic, so all give the same bits.

use std::sync::atomic::{AtomicU8, Ordering};

/// A level of vector instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// What every machine of the target has (SSE2 on x86-64, NEON on 64-bit ARM).
    Portable = 1,
    Avx2 = 2,
    Avx512 = 3,
}

impl Level {
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    pub fn name(self) -> &'static str {
        match self {
            Self::Portable if cfg!(target_arch = "x86_64") => "sse2",
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// The best level of this machine.
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq");
            if wide && is_x86_feature_detected!("avx512vl") && is_x86_feature_detected!("avx512bw") {
                return Self::Avx512;
            }
            if is_x86_feature_detected!("avx2") {
                return Self::Avx2;
            }
        }
        Self::Portable
    }
}

/// 0: not chosen yet.
static CHOSEN: AtomicU8 = AtomicU8::new(0);

/// The level in force: the best of this machine unless [`limit`] lowered it.
#[inline]
pub fn level() -> Level {
    match CHOSEN.load(Ordering::Relaxed) {
        1 => Level::Portable,
        2 => Level::Avx2,
        3 => Level::Avx512,
        _ => {
            limit(Level::Avx512);
            level()
        }
    }
}

/// Uses at most `level` from now on (never more than the machine has). Results do not change, only speed.
pub fn limit(level: Level) {
    CHOSEN.store(level.min(Level::best()) as u8, Ordering::Relaxed);
}

/// Runs a kernel compiled for the level in force. The kernel must be `#[inline(always)]` all the way down.
#[inline]
pub fn dispatch<T>(kernel: impl FnOnce() -> T) -> T {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2")]
        fn avx2<T>(kernel: impl FnOnce() -> T) -> T {
            kernel()
        }
        #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw")]
        fn avx512<T>(kernel: impl FnOnce() -> T) -> T {
            kernel()
        }
        match level() {
            // SAFETY: `level` is never above what `Level::best` found on this machine.
            Level::Avx512 => return unsafe { avx512(kernel) },
            // SAFETY: as above.
            Level::Avx2 => return unsafe { avx2(kernel) },
            Level::Portable => {}
        }
    }
    kernel()
}
