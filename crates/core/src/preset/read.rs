//! From a tree to a network: decoding, with every problem named and placed.
//!
//! Strict: an unknown key, a missing one, a wrong type, a value outside its range or a newer format is a problem, never a guess.

use super::fields::{Fields, Reader};
use super::tree::{self, Field, Node, Pos, Value};
use super::{Gallery, Preset, Problem};
use crate::equations;
use crate::model::{self, connectivity, distribution, neuron, plasticity, stimulus, synapse};
use crate::param::Kind;
use crate::part::Part;
use crate::spec::{PopulationSpec, Precision, ProbeSpec, ProjectionSpec, Remark, Role, StimulusSpec, Updates, Wiring};

/// The format this program writes, and the newest it reads.
pub const FORMAT: u64 = 1;
/// Larger texts are refused: no network file comes near.
pub const MAX_BYTES: usize = 256 << 20;

/// Reads a network file; on failure all its problems, in the order of the text.
pub fn read(text: &str) -> Result<Preset, Vec<Problem>> {
    let root = syntax(text).map_err(|p| vec![p])?;
    let mut reader = Reader::default();
    let preset = network(&mut reader, &root);
    // A network of which parts could not be understood would only give misleading follow-up problems.
    if !reader.incomplete {
        reader.problems.extend(preset.spec.validate().into_iter().map(|p| {
            let pos = locate(&root, &p.at);
            Problem { line: pos.line, column: pos.column, what: format!("{}: {}", p.at, p.what) }
        }));
    }
    in_order(preset, reader)
}

/// Reads what the text says, without asking whether it makes a network that can run.
pub fn decode(text: &str) -> Result<Preset, Vec<Problem>> {
    let root = syntax(text).map_err(|p| vec![p])?;
    let mut reader = Reader::default();
    let preset = network(&mut reader, &root);
    in_order(preset, reader)
}

fn in_order(preset: Preset, mut reader: Reader) -> Result<Preset, Vec<Problem>> {
    reader.problems.sort_by_key(|p| (p.line, p.column));
    if reader.problems.is_empty() { Ok(preset) } else { Err(reader.problems) }
}

/// Reads a network file from bytes as they come from a disk.
pub fn read_bytes(bytes: &[u8]) -> Result<Preset, Vec<Problem>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => read(text),
        Err(e) => {
            let good = String::from_utf8_lossy(&bytes[..e.valid_up_to()]).into_owned();
            let line = good.bytes().filter(|b| *b == b'\n').count() + 1;
            let column = good.rsplit('\n').next().unwrap_or("").chars().count() + 1;
            let what = "this is not text in UTF-8; is it a network file (.ron), and was it saved as UTF-8?".into();
            #[allow(clippy::cast_possible_truncation)]
            Err(vec![Problem { line: line as u32, column: column as u32, what }])
        }
    }
}

fn syntax(text: &str) -> Result<Node, Problem> {
    let at = |pos: Pos, what: String| Problem { line: pos.line, column: pos.column, what };
    if text.len() > MAX_BYTES {
        let what = format!("the file has {} MiB; network files may have up to {} MiB", text.len() >> 20, MAX_BYTES >> 20);
        return Err(at(Pos { line: 1, column: 1 }, what));
    }
    tree::parse(text).map_err(|e| match newer_format(text) {
        // A newer format may use a newer grammar: say the cause, not the symptom.
        Some(format) => at(e.pos, newer(format)),
        None => at(e.pos, e.what),
    })
}

fn newer(format: u64) -> String {
    format!(
        "this file was made by a newer version of Spikeground (format {format}; this version reads up to format {FORMAT}); please update"
    )
}

/// The format a text claims, if it is one that we do not know, found without understanding the rest.
fn newer_format(text: &str) -> Option<u64> {
    let rest = text[text.find("format:")? + "format:".len()..].trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest[..digits].parse().ok().filter(|f| *f > FORMAT)
}

/// The place that a path such as `projections[2].weight.mean` names, or as near to it as the text goes.
fn locate(root: &Node, path: &str) -> Pos {
    let mut here = root;
    let mut pos = root.pos;
    for step in path.split(['.', '[']).filter(|s| !s.is_empty()) {
        let next = match &here.value {
            Value::Group { fields, .. } => {
                let Some(field) = fields.iter().find(|f| f.key == step) else { break };
                pos = field.pos;
                Some(&field.node)
            }
            Value::List(items) => {
                let Some(item) = step.trim_end_matches(']').parse().ok().and_then(|i: usize| items.get(i)) else { break };
                pos = item.pos;
                Some(item)
            }
            _ => None,
        };
        let Some(next) = next else { break };
        here = next;
    }
    pos
}

fn network(r: &mut Reader, root: &Node) -> Preset {
    let mut preset = Preset::default();
    let Some(mut f) = Fields::of(r, root, "the network") else { return preset };
    let Some(format) = f.need(r, "format", "format: 1") else { return preset };
    match format.value {
        Value::Whole(FORMAT) => {}
        Value::Whole(n) if n > FORMAT => {
            r.incomplete(format.pos, newer(n));
            return preset;
        }
        _ => r.incomplete(format.pos, format!("format must be {FORMAT}, the only format there is so far")),
    }
    let spec = &mut preset.spec;
    f.text(r, "name", &mut spec.name);
    f.text(r, "purpose", &mut spec.purpose);
    f.text(r, "notes", &mut spec.notes);
    f.text(r, "question", &mut spec.question);
    f.text(r, "conclusion", &mut spec.conclusion);
    spec.remarks = f.list(r, "remarks", remark);
    f.number(r, "dt", &mut spec.dt);
    f.whole(r, "seed", &mut spec.seed);
    f.number(r, "duration", &mut spec.duration);
    f.number(r, "speed", &mut spec.speed);
    f.choice(r, "precision", &mut spec.precision, &[("double", Precision::Double), ("single", Precision::Single)]);
    let wirings = [("automatic", Wiring::Automatic), ("stored", Wiring::Stored), ("procedural", Wiring::Procedural)];
    f.choice(r, "wiring", &mut spec.wiring, &wirings);
    let updates = [("automatic", Updates::Automatic), ("lazy", Updates::Lazy), ("eager", Updates::Eager)];
    f.choice(r, "updates", &mut spec.updates, &updates);
    if let Some(node) = f.take("gallery") {
        preset.gallery = gallery(r, node);
    }
    let spec = &mut preset.spec;
    spec.populations = f.list(r, "populations", population);
    spec.projections = f.list(r, "projections", projection);
    spec.stimuli = f.list(r, "stimuli", stimulation);
    spec.probes = f.list(r, "probes", probe);
    f.finish(r);
    preset
}

fn gallery(r: &mut Reader, node: &Node) -> Gallery {
    let mut gallery = Gallery::default();
    if let Some(mut f) = Fields::of(r, node, "gallery") {
        f.text(r, "group", &mut gallery.group);
        f.whole(r, "order", &mut gallery.order);
        f.text(r, "source", &mut gallery.source);
        f.finish(r);
    }
    gallery
}

fn population(r: &mut Reader, node: &Node) -> Option<PopulationSpec> {
    let mut f = Fields::of(r, node, "a population")?;
    let mut p = PopulationSpec::new("", 1, Part::new(neuron::ALL[0]));
    f.needed_text(r, "name", "name: \"E\"", &mut p.name);
    let mut size = 1;
    if f.need(r, "size", "size: 100").is_some() {
        f.whole(r, "size", &mut size);
    }
    p.size = u32::try_from(size).unwrap_or(u32::MAX);
    let roles = [("excitatory", Role::Excitatory), ("inhibitory", Role::Inhibitory), ("other", Role::Other)];
    f.choice(r, "role", &mut p.role, &roles);
    let model = f.need(r, "model", "model: lif").and_then(|n| part(r, n, neuron::ALL, "model"));
    let spread = f.take("spread");
    let initial = f.take("initial");
    let mut position = [0.0; 2];
    if f.numbers(r, "position", &mut position) {
        #[allow(clippy::cast_possible_truncation)]
        let p32 = position.map(|x| x as f32);
        p.position = Some(p32);
    }
    f.finish(r);
    p.model = model?;
    let kind = p.model.kind;
    let of = |what: &str| format!("{what} of {}", kind.key);
    p.spread =
        named_parts(r, spread, distribution::spread::ALL, &of("parameter"), |k| kind.param(k), &keys(kind.params.iter().map(|p| p.key)));
    p.initial = named_parts(
        r,
        initial,
        distribution::initial::ALL,
        &of("state variable"),
        |k| kind.state(k),
        &keys(kind.states.iter().map(|s| s.key)),
    );
    Some(p)
}

fn keys(keys: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    keys.collect()
}

/// `{ v_th: normal(sd: 2), … }`
fn named_parts(
    r: &mut Reader,
    node: Option<&Node>,
    family: model::Family,
    what: &str,
    index: impl Fn(&str) -> Option<usize>,
    known: &[&'static str],
) -> Vec<(usize, Part)> {
    let Some(node) = node else { return Vec::new() };
    let Value::Group { kind: None, fields } = &node.value else {
        r.incomplete(node.pos, format!("expected {{ key: distribution }}, where key is a {what}"));
        return Vec::new();
    };
    let mut out = Vec::new();
    for field in fields {
        match index(&field.key) {
            Some(i) => out.extend(part(r, &field.node, family, &field.key).map(|p| (i, p))),
            None => r.unknown(field.pos, what, &field.key, known),
        }
    }
    out
}

fn projection(r: &mut Reader, node: &Node) -> Option<ProjectionSpec> {
    let mut f = Fields::of(r, node, "a projection")?;
    let mut p = ProjectionSpec::new("", "", "");
    f.needed_text(r, "pre", "pre: \"E\"", &mut p.pre);
    f.needed_text(r, "post", "post: \"E\"", &mut p.post);
    p.name = format!("{} → {}", p.pre, p.post);
    f.text(r, "name", &mut p.name);
    f.part(r, "synapse", synapse::ALL, &mut p.synapse);
    f.part(r, "connect", connectivity::ALL, &mut p.connect);
    f.part(r, "weight", distribution::weights::ALL, &mut p.weight);
    f.part(r, "delay", distribution::delays::ALL, &mut p.delay);
    let plastic = f.take("plasticity").filter(|n| n.value != Value::Name("none".into()));
    p.plasticity = plastic.and_then(|n| part(r, n, plasticity::ALL, "plasticity"));
    f.finish(r);
    Some(p)
}

fn stimulation(r: &mut Reader, node: &Node) -> Option<StimulusSpec> {
    let mut f = Fields::of(r, node, "a stimulus")?;
    let mut s = StimulusSpec::new("", "", Part::new(stimulus::ALL[0]));
    f.needed_text(r, "target", "target: \"E\"", &mut s.target);
    s.name = format!("into {}", s.target);
    f.text(r, "name", &mut s.name);
    let kind = f.need(r, "stimulus", "stimulus: constant(amplitude: 100)").and_then(|n| part(r, n, stimulus::ALL, "stimulus"));
    f.part(r, "synapse", synapse::ALL, &mut s.synapse);
    let mut range = [0.0; 2];
    if f.numbers(r, "neurons", &mut range) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let range = range.map(|x| x.clamp(0.0, u32::MAX.into()) as u32);
        s.neurons = Some((range[0], range[1]));
    }
    f.flag(r, "enabled", &mut s.enabled);
    f.finish(r);
    s.stimulus = kind?;
    Some(s)
}

fn remark(r: &mut Reader, node: &Node) -> Option<Remark> {
    let mut remark = Remark::default();
    let mut f = Fields::of(r, node, "a remark")?;
    f.number(r, "at", &mut remark.at);
    f.needed_text(r, "text", "text: \"here it begins\"", &mut remark.text);
    f.finish(r);
    Some(remark)
}

fn probe(r: &mut Reader, node: &Node) -> Option<ProbeSpec> {
    let mut f = Fields::of(r, node, "a probe")?;
    let mut p = ProbeSpec { population: String::new(), variable: String::new(), neurons: vec![0] };
    f.needed_text(r, "population", "population: \"E\"", &mut p.population);
    f.needed_text(r, "variable", "variable: \"v\"", &mut p.variable);
    if let Some(node) = f.take("neurons") {
        p.neurons = r.indices(node, "neurons").unwrap_or_default();
    }
    f.finish(r);
    Some(p)
}

/// A kind with its parameters: `poisson(rate: 1000)`, `all_to_all`, or a bare number where a family has a constant.
pub(super) fn part(r: &mut Reader, node: &Node, family: model::Family, what: &str) -> Option<Part> {
    let (key, fields) = match &node.value {
        Value::Name(key) => (key, &[][..]),
        Value::Group { kind: Some(key), fields } => (key, fields.as_slice()),
        Value::Whole(_) | Value::Number(_) => {
            let Some(kind) = model::find(family, "constant").filter(|k| k.params.len() == 1 && k.params[0].key == "value") else {
                r.incomplete(node.pos, format!("{what}: expected a kind, one of {}, not a number", kinds(family)));
                return None;
            };
            let mut part = Part::new(kind);
            set(r, &mut part, 0, node);
            return Some(part);
        }
        _ => {
            let example = family.first().map_or("", |k| k.key);
            r.incomplete(
                node.pos,
                format!("{what}: expected a kind such as {example} or {example}(key: value); there are {}", kinds(family)),
            );
            return None;
        }
    };
    let (kind, fields) = if key == equations::KEY && std::ptr::eq(family, neuron::ALL) {
        (typed(r, node, fields)?, fields)
    } else if let Some(kind) = model::find(family, key) {
        (kind, fields)
    } else {
        r.unknown(node.pos, what, key, &keys(family.iter().map(|k| k.key)));
        r.incomplete = true;
        return None;
    };
    let mut part = Part::new(kind);
    let mut known: Vec<&'static str> = kind.params.iter().map(|p| p.key).collect();
    if !kind.source.is_empty() {
        known.push("source");
    }
    if !kind.columns.is_empty() {
        known.push("rows");
    }
    for (i, field) in fields.iter().enumerate() {
        if let Some(first) = fields[..i].iter().find(|f| f.key == field.key) {
            r.problem(field.pos, format!("{} is given twice, first in line {}; keep one", field.key, first.pos.line));
        } else if field.key == "rows" && !kind.columns.is_empty() {
            part = part.with_table(rows(r, &field.node, kind));
        } else if field.key == "source" && !kind.source.is_empty() {
            // Read already: it says which parameters there are.
        } else if let Some(param) = kind.param(&field.key) {
            set(r, &mut part, param, &field.node);
        } else {
            r.unknown(field.pos, &format!("parameter of {key}"), &field.key, &known);
        }
    }
    Some(part)
}

/// The kind of a model of one's own, from its text; what is wrong with that stands at its place in the file.
fn typed(r: &mut Reader, node: &Node, fields: &[Field]) -> Option<&'static Kind> {
    let Some(field) = fields.iter().find(|f| f.key == "source") else {
        r.incomplete(node.pos, "equations needs source; write equations(source: r\"dv/dt = …\")");
        return None;
    };
    let Value::Text(text) = &field.node.value else {
        r.incomplete(field.node.pos, "source: expected a text, best as r\"…\" over several lines");
        return None;
    };
    let (source, first) = text.strip_prefix('\n').map_or((text.as_str(), field.node.pos.line), |s| (s, field.node.pos.line + 1));
    match equations::compile(source) {
        Ok(model) => Some(&model.kind),
        Err(fault) => {
            let (line, column) = fault.line_column(source);
            let column = if line == 1 && first == field.node.pos.line { field.node.pos.column } else { column as u32 };
            r.incomplete(Pos { line: first + line as u32 - 1, column }, fault.what);
            None
        }
    }
}

fn kinds(family: model::Family) -> String {
    family.iter().map(|k| k.key).collect::<Vec<_>>().join(", ")
}

/// Sets one parameter from its value in the file.
fn set(r: &mut Reader, part: &mut Part, param: usize, node: &Node) {
    let spec = &part.kind.params[param];
    let Some(value) = r.param(node, spec) else { return };
    match spec.check(value) {
        Ok(()) => part.values[param] = value,
        Err(what) => r.problem(node.pos, what),
    }
}

/// The table of a kind. Rows may be lists or tuples; where one number a row suffices, bare numbers.
fn rows(r: &mut Reader, node: &Node, kind: &Kind) -> Vec<Vec<f64>> {
    let least = kind.columns.iter().filter(|c| !c.ends_with('?')).count();
    let any = kind.columns == ["*"];
    let shape = if any { "numbers".into() } else { kind.columns.join(", ") };
    let mut out = Vec::new();
    match &node.value {
        Value::Numbers(x) if x.is_empty() => {}
        Value::Numbers(x) if least == 1 && !any => out.extend(x.iter().map(|x| vec![*x])),
        Value::List(items) => {
            for item in items {
                match &item.value {
                    Value::Numbers(row) if any || (least..=kind.columns.len()).contains(&row.len()) => out.push(row.clone()),
                    Value::Numbers(row) => {
                        r.problem(item.pos, format!("this row of {} has {} numbers; it needs [{shape}]", kind.key, row.len()));
                    }
                    _ => r.problem(item.pos, format!("expected a row of numbers: [{shape}]")),
                }
            }
        }
        _ => r.problem(node.pos, format!("rows of {} are written as [[…], […]], each row [{shape}]", kind.key)),
    }
    if let Some((i, _)) = out.iter().enumerate().find(|(_, row)| row.iter().any(|x| !x.is_finite())) {
        let pos = if let Value::List(items) = &node.value { items.get(i).map_or(node.pos, |n| n.pos) } else { node.pos };
        r.problem(pos, format!("row {i} of {} has a number that is not finite", kind.key));
    }
    out
}
