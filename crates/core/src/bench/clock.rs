//! How fast the clock ticks while a benchmark runs, so that figures of different machines can be read beside each other.
//!
//! Every machine of today does one of a chain of dependent whole-number additions a cycle, whatever its caches and vectors: how many it
//! does a nanosecond of CPU time is the clock it really had, in GHz. Where the clock is given away to others (another thread on the same
//! core, a busy host) this falls too, though less than what wants all of a core does.

use super::cpu_secs;
use std::hint::black_box;
use std::time::Instant;

/// Dependent operations of one measurement: about two milliseconds.
const STEPS: u32 = 8_000_000;
/// In one turn of the loop, so that its own counting stays beside the chain.
const UNROLLED: u32 = 16;
/// Measurements, of which the median counts.
const TURNS: usize = 5;

/// Dependent whole-number operations a nanosecond of this thread's CPU time.
pub fn clock_ghz() -> f64 {
    let mut measured: [f64; TURNS] = std::array::from_fn(|_| once());
    measured.sort_by(f64::total_cmp);
    measured[TURNS / 2]
}

fn once() -> f64 {
    let (cpu, wall) = (cpu_secs(false), Instant::now());
    black_box(chain(black_box(1), black_box(0x9e37_79b9), black_box(0x7f4a_7c15)));
    let seconds = cpu.zip(cpu_secs(false)).map_or_else(|| wall.elapsed().as_secs_f64(), |(a, b)| b - a);
    f64::from(STEPS) / (seconds * 1e9).max(1.0)
}

/// Additions, with an exclusive or between them: a chain of one kind alone would be computed in one go.
fn chain(mut x: u64, a: u64, b: u64) -> u64 {
    for _ in 0..STEPS / UNROLLED {
        for _ in 0..UNROLLED / 2 {
            x = x.wrapping_add(a) ^ b;
        }
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_that_of_a_computer() {
        let ghz = clock_ghz();
        assert!((0.05..20.0).contains(&ghz), "{ghz} GHz");
    }

    #[test]
    fn the_chain_is_as_long_as_it_says() {
        let mut x = 1u64;
        for _ in 0..STEPS / 2 {
            x = x.wrapping_add(black_box(3)) ^ black_box(5);
        }
        assert_eq!(chain(1, 3, 5), x);
    }
}
