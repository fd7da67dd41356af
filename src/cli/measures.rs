//! `--measure rate,cv` and their parameters, as `analyse` and `sweep` take them.

use super::Failure;
use spikeground_core::analysis::{self, Measure};
use spikeground_core::near;
use spikeground_core::param::{ParamKind, ParamSpec};
use spikeground_core::sweep::Measured;

/// The measures that are named, in that order; the message lists all that are not known.
pub fn named(list: &[String], params: &[String]) -> Result<Vec<Measured>, Failure> {
    let keys: Vec<&str> = list.iter().flat_map(|l| l.split(',')).map(str::trim).filter(|k| !k.is_empty()).collect();
    let mut wrong = Vec::new();
    let mut found: Vec<Measured> = Vec::new();
    for key in keys {
        match analysis::find(key) {
            Some(measure) if found.iter().any(|m| m.measure == measure) => {}
            Some(measure) => found.push(Measured::new(measure)),
            None => wrong.push(unknown(key)),
        }
    }
    wrong.extend(params.iter().filter_map(|text| set(&mut found, text).err()));
    if found.is_empty() && wrong.is_empty() {
        wrong.push(format!("--measure: name at least one of {}", keys_of(analysis::ALL)));
    }
    if wrong.is_empty() { Ok(found) } else { Err(Failure::usage(wrong.join("\n"))) }
}

fn keys_of(measures: &[&Measure]) -> String {
    measures.iter().map(|m| m.key).collect::<Vec<_>>().join(", ")
}

fn unknown(key: &str) -> String {
    let near: Vec<_> = analysis::ALL.iter().filter(|m| m.key.contains(key) || near::distance(m.key, key) <= 2).map(|m| m.key).collect();
    if near.is_empty() {
        return format!("--measure {key}: there is no such measure; there are {}", keys_of(analysis::ALL));
    }
    format!("--measure {key}: there is no such measure; did you mean {}?", near.join(", "))
}

/// `key=value` sets the parameter of every measure named that has it, `measure.key=value` of that one.
fn set(measures: &mut [Measured], text: &str) -> Result<(), String> {
    let Some((name, value)) = text.split_once('=') else {
        return Err(format!("{text}: write key=value or measure.key=value, as in rate.width=10"));
    };
    let (of, key) = name.trim().split_once('.').map_or((None, name.trim()), |(m, k)| (Some(m), k));
    let mut is_set = false;
    for m in measures.iter_mut().filter(|m| of.is_none_or(|of| m.measure.key == of)) {
        if let Some(at) = m.measure.param(key) {
            m.params[at] = number(&m.measure.params[at], value.trim())?;
            is_set = true;
        }
    }
    if is_set {
        return Ok(());
    }
    let of_each = |m: &Measured| m.measure.params.iter().map(|p| format!("{}.{}", m.measure.key, p.key)).collect::<Vec<_>>();
    let all: Vec<_> = measures.iter().flat_map(of_each).collect();
    let there = if all.is_empty() { "none of them has parameters".to_owned() } else { format!("there are {}", all.join(", ")) };
    Err(format!("{name}: no measure that is asked for has this parameter; {there}"))
}

fn number(param: &ParamSpec, text: &str) -> Result<f64, String> {
    let value = match param.kind {
        ParamKind::Choice(keys) => match keys.iter().position(|k| *k == text) {
            Some(i) => i as f64,
            None => return Err(format!("{} is one of {}, not {text}", param.key, keys.join(", "))),
        },
        ParamKind::Flag => match text {
            "true" | "yes" | "on" | "1" => 1.0,
            "false" | "no" | "off" | "0" => 0.0,
            _ => return Err(format!("{} is true or false, not {text}", param.key)),
        },
        _ => text.parse().map_err(|_| format!("{text} is not a number; {} takes one in {}", param.key, param.unit.symbol()))?,
    };
    param.check(value).map(|()| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_and_their_parameters_are_found_by_key() {
        let found = named(&["rate,cv".into(), "sttc".into()], &["dt=7".into(), "rate.kernel=gaussian".into()]).expect("known");
        let keys: Vec<_> = found.iter().map(|m| m.measure.key).collect();
        assert_eq!((keys, found[0].params[0], found[2].params[0]), (vec!["rate", "cv", "sttc"], 1.0, 7.0));
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let asked = ["ratee,nonsense,cv".into()];
        let failure = named(&asked, &["bin=1".into(), "words".into()]).expect_err("refused");
        let lines: Vec<_> = failure.message.lines().collect();
        assert!(lines.len() == 4 && lines[0].contains("did you mean rate") && lines[1].contains("there are"), "{lines:?}");
        assert!(named(&[], &[]).is_err() && named(&["rate".into()], &["width=-1".into()]).is_err());
        assert!(named(&["rate".into()], &["kernel=square".into()]).expect_err("refused").message.contains("gaussian"));
    }
}
