//! The rules, one protocol after the other. Each gives a name and the reason for it.

use super::Recording;

type Verdict = (&'static str, String);

/// Intervals shorter than this share of the longest one lie within a burst.
const WITHIN: f64 = 0.45;

/// Spikes grouped into bursts: a gap begins a new group when it is clearly longer than those before, and well above the shortest.
fn groups(spikes: &[f64]) -> Vec<Vec<f64>> {
    let gaps: Vec<f64> = spikes.windows(2).map(|w| w[1] - w[0]).collect();
    let longest = gaps.iter().copied().fold(0.0, f64::max);
    let mut out: Vec<Vec<f64>> = Vec::new();
    for (k, t) in spikes.iter().enumerate() {
        match out.last_mut() {
            Some(group) if gaps[k - 1] < WITHIN * longest => group.push(*t),
            _ => out.push(vec![*t]),
        }
    }
    out
}

fn gaps(spikes: &[f64]) -> Vec<f64> {
    spikes.windows(2).map(|w| w[1] - w[0]).collect()
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len().max(1) as f64
}

fn cv(x: &[f64]) -> f64 {
    let m = mean(x);
    libm::sqrt(mean(&x.iter().map(|x| (x - m) * (x - m)).collect::<Vec<_>>())) / m
}

/// How often v turned from rising to falling by more than `least` after `from`.
fn rings(r: &Recording<'_>, from: f64, least: f64) -> usize {
    let begin = r.v.len().min((from / r.dt).round().max(0.0) as usize);
    let (mut count, mut rising) = (0, false);
    let mut turn = r.v.get(begin).copied().unwrap_or(0.0);
    for v in &r.v[begin..] {
        if rising {
            if *v > turn {
                turn = *v;
            } else if turn - v > least {
                (rising, turn) = (false, *v);
                count += 1;
            }
        } else if *v < turn {
            turn = *v;
        } else if v - turn > least {
            (rising, turn) = (true, *v);
        }
    }
    count
}

pub fn step(on: f64, r: &Recording<'_>) -> Verdict {
    let spikes = &r.spikes[r.spikes.partition_point(|t| *t < on)..];
    let gaps = gaps(spikes);
    let Some((first, last)) = spikes.first().zip(spikes.last()) else { return ("silent", "no spike under the step".into()) };
    let n = spikes.len();
    let length = r.end - on;
    let longest = gaps.iter().copied().fold(0.0, f64::max);
    // Whether silence to the end is more than another gap could be.
    let quiet = r.end - last > 2.0 * longest.max(0.1 * length);
    if n == 1 && quiet {
        return ("phasic spiking", format!("one spike {:.1} ms after the step began, then silence to the end", first - on));
    }
    if quiet {
        return ("phasic bursting", format!("{n} spikes, then silence for the last {:.0} ms of the step", r.end - last));
    }
    if gaps.len() < 2 {
        return ("tonic spiking", format!("{n} spikes to the end of the step"));
    }
    let groups = groups(spikes);
    let multiple = groups.iter().filter(|g| g.len() > 1).count();
    if multiple >= 2 && groups.len() >= 2 {
        // Whole bursts repeat; the last may be cut off.
        let inner: Vec<f64> = groups[1..groups.len() - 1].iter().map(|g| g.len() as f64).collect();
        let pauses: Vec<f64> = groups.windows(2).map(|w| w[1][0] - w[0][w[0].len() - 1]).collect();
        if (inner.len() < 2 || cv(&inner) < 0.25) && cv(&pauses) < 0.2 {
            let name = if first - on > 0.5 * mean(&pauses) { "delayed regular bursting" } else { "tonic bursting" };
            return (name, format!("{} groups of spikes, {:.1} ms apart, alike", groups.len(), mean(&pauses)));
        }
        let after = &gaps[gaps.len() / 2..];
        if cv(after) > 0.25 {
            return ("irregular spiking", format!("intervals of the later half vary by {:.0} % without a noise", 100.0 * cv(after)));
        }
    }
    let tail = &gaps[gaps.len() / 2..];
    let settled = cv(tail) < 0.15;
    if groups[0].len() > 1 && groups[0].len() < n && multiple == 1 && settled {
        let ratio = gaps[groups[0].len() - 1] / mean(&gaps[..groups[0].len() - 1]);
        // An adapting cell stretches its intervals by and by; a burst ends with one leap.
        let steady_after = gaps[groups[0].len() - 1] < 1.5 * mean(tail) && gaps[groups[0].len() - 1] > mean(tail) / 1.5;
        if ratio > 2.5 && steady_after {
            return ("mixed mode", format!("{} spikes within a burst, then single spikes {:.1} ms apart", groups[0].len(), mean(tail)));
        }
    }
    let (early, later) = (gaps[0], mean(tail));
    if later < 0.75 * early && first - on > 1.2 * early {
        return ("delayed accelerating", format!("the first spike came late ({:.1} ms) and intervals shrank to {later:.1} ms", first - on));
    }
    // A cell whose first interval or two are short fires tonically; adaptation takes several spikes, each slower than the last.
    let last_gap = gaps[gaps.len() - 1];
    let on_the_way = gaps.iter().take_while(|g| **g < 0.9 * last_gap).count();
    if on_the_way >= 3 && gaps.windows(2).all(|w| w[1] > 0.9 * w[0]) {
        return ("spike frequency adaptation", format!("intervals grew spike by spike, from {early:.1} to {last_gap:.1} ms"));
    }
    if cv(tail) > 0.25 {
        return ("irregular spiking", format!("intervals of the later half vary by {:.0} %", 100.0 * cv(tail)));
    }
    ("tonic spiking", format!("{n} spikes at even intervals of {later:.1} ms"))
}

pub fn ramp(on: f64, r: &Recording<'_>) -> Verdict {
    let spikes = &r.spikes[r.spikes.partition_point(|t| *t < on)..];
    let gaps = gaps(spikes);
    if gaps.len() < 3 {
        return ("silent", "fewer than four spikes on the ramp".into());
    }
    // From the first interval to the last of the recording the current more than doubles: a class 1 cell follows.
    let ratio = gaps[0] / gaps[gaps.len() - 1];
    if ratio > 2.2 {
        ("class 1 excitability", format!("the rate grew {ratio:.1} times along the ramp, from {:.0} Hz", 1000.0 / gaps[0]))
    } else {
        ("class 2 excitability", format!("firing began at once at {:.0} Hz and grew only {ratio:.1} times", 1000.0 / gaps[0]))
    }
}

pub fn two_ramps(slow: (f64, f64), quick: (f64, f64), r: &Recording<'_>) -> Verdict {
    let within = |w: (f64, f64)| r.spikes.iter().filter(|t| **t >= w.0 && **t < w.1 + 10.0).count();
    match (within(slow), within(quick)) {
        (0, 1..) => ("accommodation", "silent on the slow ramp, fired by the quick one though it reaches less".into()),
        (0, 0) => ("silent", "no spike on either ramp".into()),
        (n, _) => ("no accommodation", format!("{n} spikes on the slow ramp")),
    }
}

pub fn pulse(on: f64, off: f64, r: &Recording<'_>) -> Verdict {
    let answered = &r.spikes[r.spikes.partition_point(|t| *t < on)..];
    let Some(first) = answered.first() else { return ("silent", "the pulse did not fire the cell".into()) };
    if first - off > 2.0 * (off - on) {
        return ("spike latency", format!("the spike came {:.1} ms after the pulse had ended", first - off));
    }
    let last = answered[answered.len() - 1];
    let rest = r.v.first().copied().unwrap_or(0.0);
    let from = ((last + 2.0) / r.dt).round() as usize;
    if rings(r, last + 5.0, 0.1) >= 2 {
        return ("subthreshold oscillations", "v rings at least twice after the spike, below threshold".into());
    }
    let highest = r.v.iter().skip(from).copied().fold(f64::NEG_INFINITY, f64::max);
    if highest - rest > 5.0 {
        return ("depolarizing after-potential", format!("after the spike v rose to {:.1} mV above rest", highest - rest));
    }
    ("excitable", format!("{} spikes at the pulse, then back to rest", answered.len()))
}

pub fn pairs(pairs: &[(f64, f64)], width: f64, r: &Recording<'_>) -> Verdict {
    let wait = |gap: f64| width + (0.5 * gap).max(10.0);
    let fires: Vec<bool> = pairs.iter().map(|p| r.spikes.iter().any(|t| *t > p.0 && *t < p.1 + wait(p.1 - p.0))).collect();
    let intervals: Vec<f64> = pairs.iter().map(|p| p.1 - p.0).collect();
    let shortest = intervals.iter().copied().fold(f64::INFINITY, f64::min);
    let closest = pairs.iter().zip(&fires).any(|(p, f)| *f && p.1 - p.0 <= shortest);
    match (fires.iter().any(|f| *f), closest) {
        (true, true) => ("integrator", format!("the pair {shortest:.1} ms apart fired the cell; wider ones did not")),
        (true, false) => {
            let best = intervals.iter().zip(&fires).find(|(_, f)| **f).map_or(0.0, |(i, _)| *i);
            ("resonator", format!("pulses {best:.1} ms apart fired the cell, closer ones did not"))
        }
        _ => ("silent", "no pair fired the cell".into()),
    }
}

pub fn inhibition(on: f64, off: f64, short: bool, r: &Recording<'_>) -> Verdict {
    let count = |from: f64, to: f64| r.spikes.iter().filter(|t| **t >= from && **t < to).count();
    if short {
        return match count(off, r.end) {
            0 => ("silent", "inhibition was not followed by a spike".into()),
            1 => ("rebound spike", format!("one spike {:.1} ms after the inhibition ended", r.spikes[0] - off)),
            n => ("rebound burst", format!("{n} spikes after the inhibition ended")),
        };
    }
    // Firing lasts a little past the end of the inhibition.
    let during: Vec<f64> = r.spikes.iter().copied().filter(|t| *t >= on && *t < off + 10.0).collect();
    if during.is_empty() || during.len() < r.spikes.len() {
        return ("excitable", "spikes also without the inhibition, or none with it".into());
    }
    let bursts = groups(&during).iter().filter(|g| g.len() > 2).count();
    if bursts >= 2 {
        ("inhibition-induced bursting", format!("{bursts} bursts, only while the current was lowered"))
    } else {
        ("inhibition-induced spiking", format!("{} single spikes, only while the current was lowered", during.len()))
    }
}

pub fn primed(plain: f64, primed: f64, width: f64, r: &Recording<'_>) -> Verdict {
    let answers = |at: f64| r.spikes.iter().any(|t| *t >= at && *t < at + width + 15.0);
    match (answers(plain), answers(primed)) {
        (false, true) => ("threshold variability", "the same pulse failed alone and fired after inhibition".into()),
        (true, true) => ("excitable", "the pulse fired both times".into()),
        _ => ("silent", "the pulse did not fire the cell after inhibition".into()),
    }
}

pub fn switches(on: f64, off: f64, r: &Recording<'_>) -> Verdict {
    let between: Vec<f64> = r.spikes.iter().copied().filter(|t| *t >= on && *t < off).collect();
    let after = r.spikes.iter().filter(|t| **t >= off + 20.0).count();
    let before = r.spikes.iter().filter(|t| **t < on).count();
    if before == 0 && between.len() > 2 && after == 0 {
        return ("bistability", format!("the first pulse began {} spikes that went on without it, the second ended them", between.len()));
    }
    if after > 0 {
        ("tonic spiking", "the second pulse did not end the firing".into())
    } else {
        ("excitable", "firing did not outlast the first pulse".into())
    }
}
