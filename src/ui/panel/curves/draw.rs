//! Curves as plots, and what is read off them in words.

use super::super::super::text;
use super::job::{Found, Kind, Question};
use crate::plot::colormap::Map;
use crate::plot::{Across, Axis, Ink, Item, Pen, Picture, Plot, Sign};
use spikeground_core::lab::curve::{Class, Measures, Pair};
use spikeground_core::param::ParamSpec;

/// A parameter as the name of an axis: `I_e (pA)`.
pub fn label(spec: &ParamSpec) -> String {
    let symbol = spec.symbol.replace('_', "");
    if spec.unit.symbol().is_empty() { symbol } else { format!("{symbol} ({})", spec.unit.symbol()) }
}

fn value_text(spec: &ParamSpec, value: f64) -> String {
    format!("{} = {}", spec.symbol.replace('_', ""), text::with_unit(&text::number(value, 4), spec.unit.symbol()))
}

/// The plots of what was found; `now` is the value of the swept parameter, marked by a dot.
pub fn plots(q: &Question, found: &Found, (now, second_now): (f64, f64)) -> Vec<Plot> {
    let kind = q.cell.model.kind;
    let swept = &kind.params[q.param];
    let x = Axis::new(label(swept), q.range);
    let current = kind.current_unit.symbol();
    match found {
        Found::Sweep { rest, up, down, .. } => vec![along(q.kind, x, rest, up, down, now)],
        Found::Noise(points) => {
            let cv: Vec<[f64; 2]> = points.iter().map(|m| [m.value, m.cv.unwrap_or(f64::NAN)]).collect();
            let rate: Vec<[f64; 2]> = points.iter().map(|m| [m.value, m.rate_hz]).collect();
            let x = Axis::new(format!("Noise, sd ({current})"), q.range);
            let upper = Plot::new(x.clone(), Axis::around("CV of the intervals", cv.iter().map(|p| p[1]).chain([0.0, 1.0])))
                .with(Item::Rule { across: Across::Y, at: 1.0, pen: Pen::new(Ink::Weak).thin().dashed(), name: "Poisson".into() })
                .line(cv, Pen::new(Ink::Accent), "");
            let lower =
                Plot::new(x, Axis::around("Rate (Hz)", rate.iter().map(|p| p[1]).chain([0.0]))).line(rate, Pen::new(Ink::Series(0)), "");
            vec![upper, lower]
        }
        Found::Strength(points) => {
            let line: Vec<[f64; 2]> = points.iter().map(|t| [t.ms, t.current.unwrap_or(f64::NAN)]).collect();
            let y = Axis::around(format!("Weakest current ({current})"), line.iter().map(|p| p[1]).filter(|v| *v > 0.0)).logarithmic();
            vec![Plot::new(Axis::new("Duration of the pulse (ms)", q.range).logarithmic(), y).line(line, Pen::new(Ink::Accent), "")]
        }
        Found::Pairs { points, single, .. } => {
            let line: Vec<[f64; 2]> = points.iter().map(|p| [p.ms, p.current.unwrap_or(f64::NAN)]).collect();
            let y = Axis::around(format!("Weakest pulses ({current})"), line.iter().map(|p| p[1]).chain(*single));
            let mut plot = Plot::new(Axis::new("Interval between the pulses (ms)", q.range), y);
            if let Some(at) = single {
                let pen = Pen::new(Ink::Weak).thin().dashed();
                plot = plot.with(Item::Rule { across: Across::Y, at: *at, pen, name: "a single pulse".into() });
            }
            let dips = dips(points, *single).into_iter().map(|p| [p.ms, p.current.unwrap_or(f64::NAN)]).collect();
            let plot = plot.line(line, Pen::new(Ink::Accent), "two pulses");
            vec![plot.with(Item::Points { points: dips, ink: Ink::Strong, sign: Sign::Ring, size: 6.0, name: String::new() })]
        }
        Found::Impedance(points) => {
            let x = Axis::new("Frequency (Hz)", q.range).logarithmic();
            let unit = if current == "pA" { "GΩ" } else { "mV per unit of current" };
            let size: Vec<[f64; 2]> = points.iter().map(|z| [z.hz, z.magnitude]).collect();
            let phase: Vec<[f64; 2]> = points.iter().map(|z| [z.hz, z.phase]).collect();
            let upper = Plot::new(x.clone(), Axis::around(format!("|Z| ({unit})"), size.iter().map(|p| p[1]).chain([0.0]))).line(
                size,
                Pen::new(Ink::Accent),
                "",
            );
            let lower = Plot::new(x, Axis::around("Phase (°)", phase.iter().map(|p| p[1]).chain([0.0])))
                .with(Item::Rule { across: Across::Y, at: 0.0, pen: Pen::new(Ink::Hairline).thin(), name: String::new() })
                .line(phase, Pen::new(Ink::Series(0)), "");
            vec![upper, lower]
        }
        Found::Bifurcation { points, rests, critical } => {
            let firing: Vec<&Measures> = points.iter().filter(|m| m.rate_hz > 0.0).collect();
            let v = &kind.states[0];
            let all = rests.iter().map(|r| r.state[0]).chain(firing.iter().flat_map(|m| [m.v_min, m.v_max]));
            let y = Axis::around(format!("{} ({})", v.symbol.replace('_', ""), v.unit.symbol()), all);
            let part = |stable: bool| -> Vec<[f64; 2]> {
                rests.iter().map(|r| [r.value, if (r.growth < 0.0) == stable { r.state[0] } else { f64::NAN }]).collect()
            };
            let ends = |f: fn(&Measures) -> f64| -> Vec<[f64; 2]> { firing.iter().map(|m| [m.value, f(m)]).collect() };
            let dots = |points, name: &str| Item::Points { points, ink: Ink::Series(0), sign: Sign::Dot, size: 2.0, name: name.into() };
            let plot = Plot::new(x, y)
                .with(dots(ends(|m| m.v_max), "extrema while it fires"))
                .with(dots(ends(|m| m.v_min), ""))
                .line(part(false), Pen::new(Ink::Weak).dashed(), "unstable rest")
                .line(part(true), Pen::new(Ink::Accent), "stable rest")
                .with(Item::Points {
                    points: critical.iter().map(|c| [c.rest.value, c.rest.state[0]]).collect(),
                    ink: Ink::Strong,
                    sign: Sign::Ring,
                    size: 4.0,
                    name: String::new(),
                })
                .with(here(now));
            // Where the neuron is now: on its rest, and at the ends of its swing.
            let mut dots: Vec<[f64; 2]> = at(&part(true), now).or_else(|| at(&part(false), now)).map(|v| [now, v]).into_iter().collect();
            let step = (q.range.1 - q.range.0) / 80.0;
            if firing.iter().any(|m| (m.value - now).abs() <= step) {
                dots.extend([ends(|m| m.v_max), ends(|m| m.v_min)].iter().filter_map(|line| at(line, now)).map(|v| [now, v]));
            }
            vec![plot.with(dot(dots))]
        }
        Found::Map(points, n) => {
            let second = &kind.params[q.second];
            // Row 0 on top is the highest value of the second parameter.
            let values: Vec<f32> =
                (0..points.len() / n).rev().flat_map(|row| points[row * n..(row + 1) * n].iter().map(|m| m.rate_hz as f32)).collect();
            let most = values.iter().copied().fold(0.0, f32::max).max(1.0);
            let picture = Picture {
                left: q.range.0,
                right: q.range.1,
                top: q.second_range.1,
                bottom: q.second_range.0,
                cols: *n,
                values,
                range: (0.0, most),
                map: Map::Viridis,
                label: "Hz".into(),
            };
            vec![Plot::new(x, Axis::new(label(second), q.second_range)).with(Item::Picture(picture)).with(dot(vec![[now, second_now]]))]
        }
    }
}

/// A unit that stands below a line.
fn bracketed(unit: &str) -> String {
    if unit.contains('/') { format!("({unit})") } else { unit.to_owned() }
}

/// The dot that moves with the sliders.
fn dot(points: Vec<[f64; 2]>) -> Item {
    Item::Points { points, ink: Ink::Strong, sign: Sign::Dot, size: 7.0, name: String::new() }
}

/// Intervals at which two pulses do better than at those around, and better than one alone.
fn dips(points: &[Pair], single: Option<f64>) -> Vec<Pair> {
    let low = |p: &Pair| p.current.unwrap_or(f64::INFINITY);
    let is_dip = |w: &[Pair]| low(&w[1]) < low(&w[0]) && low(&w[1]) <= low(&w[2]) && low(&w[1]) < 0.97 * single.unwrap_or(f64::INFINITY);
    points.windows(3).filter(|w| is_dip(w)).map(|w| w[1]).collect()
}

/// The value of this moment.
fn here(now: f64) -> Item {
    Item::Rule { across: Across::X, at: now, pen: Pen::new(Ink::Weak).thin().dashed(), name: String::new() }
}

fn along(kind: Kind, x: Axis, rest: &[Measures], up: &[Measures], down: &[Measures], now: f64) -> Plot {
    let (name, of): (&str, fn(&Measures) -> f64) = match kind {
        Kind::Latency => ("Latency (ms)", |m| m.first_ms.unwrap_or(f64::NAN)),
        Kind::Adaptation => ("Adaptation index", |m| m.adaptation.unwrap_or(f64::NAN)),
        _ => ("Rate (Hz)", |m| m.rate_hz),
    };
    let line = |points: &[Measures]| -> Vec<[f64; 2]> { points.iter().map(|m| [m.value, of(m)]).collect() };
    let all = rest.iter().chain(up).chain(down).map(of);
    let mut plot = Plot::new(x, Axis::around(name, all.chain([0.0])));
    if !up.is_empty() {
        plot = plot.line(line(up), Pen::new(Ink::Potentiation).thin(), "up, state carried");
    }
    if !down.is_empty() {
        plot = plot.line(line(down), Pen::new(Ink::Depression).thin(), "down, state carried");
    }
    let name = if up.is_empty() { "" } else { "each from rest" };
    plot = plot.line(line(rest), Pen::new(Ink::Accent), name).with(here(now));
    if let Some(y) = at(&line(rest), now) {
        plot.items.push(dot(vec![[now, y]]));
    }
    plot
}

/// The height of a line at `x`; none outside and in gaps.
fn at(line: &[[f64; 2]], x: f64) -> Option<f64> {
    let k = line.partition_point(|p| p[0] <= x);
    let (a, b) = (line.get(k.checked_sub(1)?)?, line.get(k).or(line.last())?);
    let part = if b[0] > a[0] { ((x - a[0]) / (b[0] - a[0])).min(1.0) } else { 0.0 };
    let y = a[1] + part * (b[1] - a[1]);
    (y.is_finite() && x <= line.last()?[0]).then_some(y)
}

/// What can be read off, in words.
pub fn readings(q: &Question, found: &Found, now: f64) -> String {
    let swept = &q.cell.model.kind.params[q.param];
    let current = q.cell.model.kind.current_unit.symbol();
    let mut out: Vec<String> = Vec::new();
    match found {
        Found::Sweep { rest, up, down, onset, class } if q.kind == Kind::Rate => {
            let line: Vec<[f64; 2]> = rest.iter().map(|m| [m.value, m.rate_hz]).collect();
            match (onset, rest.iter().any(|m| m.rate_hz > 0.0)) {
                (_, false) => out.push("does not fire on in this range".into()),
                (None, true) => {}
                (Some(onset), true) => {
                    out.push(format!("fires on from {}", value_text(swept, *onset)));
                    match class {
                        Some(c) if c.class == Class::Two => {
                            let hz = text::with_unit(&text::number(c.rates[2], 3), "Hz");
                            out.push(format!("{}: begins with {hz}", c.class.name()));
                        }
                        Some(c) => {
                            let [_, near, nearest] = c.rates.map(|hz| text::number(hz, 2));
                            out.push(format!("{}: {near} and {nearest} Hz ever nearer to it", c.class.name()));
                        }
                        None => {
                            let least = rest.iter().filter(|m| m.rate_hz > 0.0).map(|m| m.rate_hz).fold(f64::INFINITY, f64::min);
                            out.push(format!("slowest {}", text::with_unit(&text::number(least, 3), "Hz")));
                        }
                    }
                }
            }
            if let Some(rate) = at(&line, now).filter(|r| *r > 0.0) {
                out.push(format!("{} now", text::with_unit(&text::number(rate, 3), "Hz")));
            }
            let step = (q.range.1 - q.range.0) / 100.0;
            if let (Some(a), Some(b)) = (at(&line, now - step), at(&line, now + step)) {
                let unit = if swept.unit.symbol().is_empty() { "Hz".to_owned() } else { format!("Hz/{}", bracketed(swept.unit.symbol())) };
                out.push(format!("gain here {}", text::with_unit(&text::number((b - a) / (2.0 * step), 3), &unit)));
            }
            let apart: Vec<f64> =
                up.iter().zip(down).filter(|(u, d)| (u.rate_hz > 0.0) != (d.rate_hz > 0.0)).map(|(u, _)| u.value).collect();
            if let (Some(first), Some(last), true) = (apart.first(), apart.last(), up.len() == down.len() && apart.len() > 1) {
                out.push(format!("bistable from {} to {}", text::number(*first, 3), text::number(*last, 3)));
            }
        }
        Found::Strength(points) => {
            let longest = points.iter().rev().find_map(|t| t.current);
            if let Some(rheobase) = longest {
                out.push(format!("rheobase {} (longest pulse)", text::with_unit(&text::number(rheobase, 4), current)));
                let double =
                    points.iter().filter(|t| t.current.is_some_and(|c| c <= 2.0 * rheobase)).map(|t| t.ms).fold(f64::INFINITY, f64::min);
                if double.is_finite() {
                    out.push(format!("chronaxie {} (twice the rheobase)", text::with_unit(&text::number(double, 3), "ms")));
                }
            } else {
                out.push("not even the strongest pulse tried makes it fire".into());
            }
        }
        Found::Pairs { points, single, rest } => {
            let dips: Vec<String> = dips(points, *single).iter().take(2).map(|p| text::number(p.ms, 3)).collect();
            out.push(if dips.is_empty() {
                "integrator: the closer, the less is needed".into()
            } else {
                format!("resonator: pulses {} ms apart", dips.join(" or "))
            });
            if let Some(rest) = rest.as_ref().filter(|r| r.growth < 0.0) {
                out.push(if rest.hz > 0.0 {
                    format!("rings every {}", text::with_unit(&text::number(1000.0 / rest.hz, 3), "ms"))
                } else {
                    "its rest does not ring".into()
                });
            }
        }
        Found::Impedance(points) => {
            if let Some(top) = points.iter().max_by(|a, b| a.magnitude.total_cmp(&b.magnitude)) {
                let at_end = points.first().is_some_and(|p| p.hz >= top.hz);
                out.push(if at_end {
                    "largest at the lowest frequency: no resonance".into()
                } else {
                    format!("resonates at {}", text::with_unit(&text::number(top.hz, 3), "Hz"))
                });
            }
        }
        Found::Bifurcation { critical, .. } => out.extend(critical.iter().take(4).map(|c| {
            let how = if c.rest.hz > 0.0 {
                format!("ringing at {}", text::with_unit(&text::number(c.rest.hz, 3), "Hz"))
            } else {
                "without ringing".into()
            };
            format!("rest {} at {}, {how}", if c.lost { "lost" } else { "regained" }, value_text(swept, c.rest.value))
        })),
        Found::Sweep { .. } | Found::Noise(_) | Found::Map(..) => {}
    }
    out.join(" · ")
}
