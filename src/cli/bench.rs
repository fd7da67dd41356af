//! `spikeground bench`: the canonical networks, timed.

use super::{BenchArgs, Failure, print};
use spikeground_core::bench::{ALL, Case, LARGE, Measurement, SWEEPS, run, units};
use spikeground_core::simd::{self, Level};
use spikeground_core::spec::Precision;

/// Numbers the state columns are kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum PrecisionName {
    Double,
    Single,
}

/// Runs the cases asked for, one line or one JSON object each, as soon as it is done.
pub fn bench(args: &BenchArgs) -> Result<(), Failure> {
    let cases = match &args.sweep {
        Some(name) => sweep(name)?,
        None => cases(args.case.as_deref())?,
    };
    if let Some(name) = &args.simd {
        simd::limit(level(name)?);
    }
    if let Some(seconds) = args.seconds
        && !(seconds > 0.0 && seconds <= 1e6)
    {
        return Err(Failure::usage(format!("--seconds {seconds}: use a time above 0 and up to 1000000 s")));
    }
    if args.units {
        return unit_costs(args.json);
    }
    let precision = if args.precision == PrecisionName::Single { Precision::Single } else { Precision::Double };
    if !args.json {
        print(&header())?;
    }
    for case in cases {
        let measured = run(case, precision, args.seconds, args.threads as usize).map_err(|problems| {
            let lines: Vec<_> = problems.iter().map(|p| format!("{}: {p}", case.key)).collect();
            Failure::work(lines.join("\n"))
        })?;
        let text = if args.json { serde_json::to_string(&measured).map_err(|e| Failure::work(e.to_string()))? } else { line(&measured) };
        print(&format!("{text}\n"))?;
    }
    Ok(())
}

fn cases(name: Option<&str>) -> Result<Vec<&'static Case>, Failure> {
    let Some(name) = name else { return Ok(ALL.iter().collect()) };
    ALL.iter().chain(LARGE).find(|c| c.key == name).map(|c| vec![c]).ok_or_else(|| {
        let known: Vec<_> = ALL.iter().chain(LARGE).map(|c| format!("  {:20} {}", c.key, c.what)).collect();
        Failure::usage(format!("--case {name}: there is no such case; there are\n{}", known.join("\n")))
    })
}

fn sweep(name: &str) -> Result<Vec<&'static Case>, Failure> {
    SWEEPS.iter().find(|s| s.0 == name).map(|s| s.1.iter().collect()).ok_or_else(|| {
        let known: Vec<_> = SWEEPS.iter().map(|s| s.0).collect();
        Failure::usage(format!("--sweep {name}: use one of {}", known.join(", ")))
    })
}

fn unit_costs(json: bool) -> Result<(), Failure> {
    for u in units() {
        let line = if json {
            serde_json::to_string(&u).map_err(|e| Failure::work(e.to_string()))?
        } else {
            format!("{:30} {:>9.3} {:>9.3}  ns per {} (double, single)", u.key, u.double, u.single, u.per)
        };
        print(&format!("{line}\n"))?;
    }
    Ok(())
}

fn level(name: &str) -> Result<Level, Failure> {
    let known = || Level::ALL.map(Level::name).join(", ");
    Level::ALL.into_iter().find(|l| l.name() == name).ok_or_else(|| Failure::usage(format!("--simd {name}: use one of {}", known())))
}

fn header() -> String {
    format!(
        "{:20} {:>8} {:>10} {:>9} {:>9} {:>9} {:>9} {:>8}\n",
        "case", "neurons", "synapses", "build (s)", "CPU s/s", "rate (Hz)", "ns/n·step", "ns/event"
    )
}

fn line(m: &Measurement) -> String {
    let event = m.ns_per_event.map_or_else(|| "–".to_owned(), |ns| format!("{ns:.3}"));
    format!(
        "{:20} {:>8} {:>10} {:>9.3} {:>9.4} {:>9.2} {:>9.2} {event:>8}",
        m.case, m.neurons, m.synapses, m.build_s, m.rtf_cpu, m.rate_hz, m.ns_per_neuron_step
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_case_or_level_is_answered_with_those_there_are() {
        let failure = cases(Some("nonsense")).err().expect("refused");
        assert!(failure.code == 2 && failure.message.contains("brunel-12k"), "{}", failure.message);
        assert!(level("nonsense").expect_err("refused").message.contains("--simd nonsense: use one of"));
    }

    #[test]
    fn an_unknown_sweep_is_answered_with_those_there_are() {
        assert!(sweep("nonsense").err().expect("refused").message.contains("coba, brunel"));
        assert_eq!(sweep("coba").expect("known").len(), 9);
    }

    #[test]
    fn every_level_is_known_by_its_name() {
        for l in Level::ALL {
            assert_eq!(level(l.name()).map(Level::name), Ok(l.name()));
        }
    }
}
