//! Every measure with its default parameters on 10⁶ spikes of 10,000 neurons in 5 s, as a large network in the window has them.

use criterion::{Criterion, criterion_group, criterion_main};
use rand::RngExt;
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
use spikeground_core::analysis::{self, Input, Trains};
use std::time::Duration;

const NEURONS: usize = 10_000;
const SPIKES: usize = 1_000_000;
const WINDOW: (f64, f64) = (0.0, 5000.0);

fn measures(c: &mut Criterion) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut spikes: Vec<(usize, f64)> =
        (0..SPIKES).map(|_| (rng.random_range(0..NEURONS), f64::from(rng.random_range(0..50_000u32)) * 0.1)).collect();
    spikes.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut group = c.benchmark_group("measures");
    group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(2));
    group.bench_function("gather", |b| b.iter(|| Trains::gather(NEURONS, WINDOW, spikes.iter().copied())));
    let trains = Trains::gather(NEURONS, WINDOW, spikes.iter().copied()).expect("finite");
    let input = Input { onsets: &[1000.0, 2000.0, 3000.0], ..Input::new(&trains) };
    let all = |slow: bool| analysis::ALL.iter().filter(move |m| m.slow == slow);
    group.bench_function("all that are not slow", |b| {
        b.iter(|| all(false).filter_map(|m| m.of(&input, &m.defaults(), &mut |_, _| true)).count());
    });
    for measure in all(false).chain(all(true)) {
        let params = measure.defaults();
        group.bench_function(measure.key, |b| b.iter(|| measure.of(&input, &params, &mut |_, _| true)));
    }
    group.finish();
}

criterion_group!(benches, measures);
criterion_main!(benches);
