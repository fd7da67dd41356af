//! `--set population.parameter=value`: changes numbers of a network before it is built.

use super::Failure;
use spikeground_core::param::{ParamKind, ParamSpec};
use spikeground_core::spec::NetworkSpec;

/// Carries out all changes, then checks the network as a whole. The message lists every change that does not work.
pub fn apply(spec: &mut NetworkSpec, sets: &[String]) -> Result<(), Failure> {
    let errors: Vec<_> = sets.iter().filter_map(|set| apply_one(spec, set).err()).collect();
    if !errors.is_empty() {
        return Err(Failure::usage(errors.join("\n")));
    }
    let problems = spec.validate();
    if problems.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    Err(Failure::usage(lines.join("\n")))
}

fn apply_one(spec: &mut NetworkSpec, set: &str) -> Result<(), String> {
    // Names may hold an equals sign, values never do.
    let Some((address, text)) = set.rsplit_once('=') else {
        return Err(format!("--set {set}: write population.parameter=value"));
    };
    let path = spec.find(address.trim()).map_err(|why| format!("--set {why}"))?;
    let (Some(param), unit) = (spec.spec_of(path), spec.unit_of(path)) else { return Err(format!("--set {set}: no such parameter")) };
    let value = value(param, text.trim()).map_err(|why| format!("--set {address}: {why}"))?;
    param.check(value).map_err(|why| format!("--set {address}: {}", with_unit(&why, param, unit)))?;
    if let Some(part) = spec.part_mut(path.place) {
        part.values[path.param] = value;
    }
    Ok(())
}

/// Where only the network knows the unit of a number, says it.
fn with_unit(why: &str, param: &ParamSpec, unit: &str) -> String {
    if param.unit.symbol().is_empty() && !unit.is_empty() { format!("{why} ({unit})") } else { why.to_owned() }
}

fn value(param: &ParamSpec, text: &str) -> Result<f64, String> {
    match param.kind {
        ParamKind::Flag => match text {
            "true" | "yes" | "on" | "1" => Ok(1.0),
            "false" | "no" | "off" | "0" => Ok(0.0),
            _ => Err(format!("{} is true or false, not {text}", param.key)),
        },
        ParamKind::Choice(keys) => keys
            .iter()
            .position(|k| *k == text)
            .map(|i| i as f64)
            .ok_or_else(|| format!("{} is one of {}, not {text}", param.key, keys.join(", "))),
        ParamKind::Number | ParamKind::Count => {
            let (low, high) = param.valid;
            text.parse()
                .map_err(|_| format!("{text} is not a number; {} takes one from {low} to {high} {}", param.key, param.unit.symbol()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeground_core::model::neuron;
    use spikeground_core::part::Part;
    use spikeground_core::spec::PopulationSpec;

    fn network() -> NetworkSpec {
        let lif = neuron::ALL.iter().find(|k| k.key == "lif").expect("lif");
        NetworkSpec { populations: vec![PopulationSpec::new("E=1", 10, Part::new(lif))], ..NetworkSpec::default() }
    }

    fn set(text: &str) -> Result<NetworkSpec, String> {
        let mut spec = network();
        apply(&mut spec, &[text.to_owned()]).map(|()| spec).map_err(|f| f.message)
    }

    #[test]
    fn a_parameter_is_changed_by_its_address() {
        let spec = set("E=1.tau_m = 12.5").expect("works");
        assert!((spec.populations[0].model.get("tau_m") - 12.5).abs() < 1e-12);
    }

    #[test]
    fn a_value_outside_the_range_is_answered_with_key_value_and_range() {
        let message = set("E=1.tau_m=-3").expect_err("refused");
        assert!(message.contains("tau_m = -3 ms") && message.contains("use a value from"), "{message}");
    }

    #[test]
    fn not_a_number_and_huge_numbers_are_refused() {
        for text in ["E=1.tau_m=abc", "E=1.tau_m=NaN", "E=1.tau_m=1e300", "E=1.tau_m=inf", "E=1.tau_m="] {
            assert!(set(text).expect_err("refused").contains("tau_m"), "{text}");
        }
    }

    #[test]
    fn an_unknown_entity_or_parameter_is_answered_with_those_there_are() {
        assert!(set("F.tau_m=1").expect_err("refused").contains("there are E=1"));
        assert!(set("E=1.nonsense=1").expect_err("refused").contains("it has"));
        assert!(set("just words").expect_err("refused").contains("population.parameter=value"));
    }

    #[test]
    fn all_wrong_changes_are_listed_at_once() {
        let mut spec = network();
        let failure = apply(&mut spec, &["E=1.a=1".into(), "F.b=2".into()]).expect_err("refused");
        assert_eq!((failure.code, failure.message.lines().count()), (2, 2));
    }
}
