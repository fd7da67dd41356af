//! From a network to text that people read and edit: only what differs from the defaults, every number with its unit.

use crate::param::ParamKind;
use crate::part::Part;
use crate::spec::path::{Path, Place};
use crate::spec::{NetworkSpec, Precision, ProjectionSpec, Role, StimulusSpec, Updates, Wiring};
use std::fmt::Write;

/// Width beyond which long texts are wrapped.
const WIDTH: usize = 120;

/// The network as a file of format 1. Reading it back gives an equal network, except that probes and stimuli are cut to the neurons
/// there are (see [`NetworkSpec::prune`]).
pub fn write(spec: &NetworkSpec) -> String {
    let mut pruned = spec.clone();
    pruned.prune();
    let spec = &pruned;
    let mut w = Writer { spec, out: String::new(), depth: 0 };
    w.out.push_str("// A network for Spikeground. What is not written has its default value; units stand in the comments.\n");
    w.open("(");
    w.line("format: 1,", "");
    let default = NetworkSpec::default();
    w.text("name", &spec.name);
    if !spec.purpose.is_empty() {
        w.text("purpose", &spec.purpose);
    }
    for (key, text) in [("notes", &spec.notes), ("question", &spec.question), ("conclusion", &spec.conclusion)] {
        if !text.is_empty() {
            w.text(key, text);
        }
    }
    w.line(&format!("dt: {},", number(spec.dt)), "ms");
    w.line(&format!("seed: {},", spec.seed), "");
    if spec.duration != default.duration {
        w.line(&format!("duration: {},", number(spec.duration)), "ms, of a run without a window");
    }
    if spec.speed != default.speed {
        w.line(&format!("speed: {},", number(spec.speed)), "biological over wall time; 0: as fast as possible");
    }
    if spec.precision == Precision::Single {
        w.line("precision: single,", "");
    }
    match spec.wiring {
        Wiring::Automatic => {}
        Wiring::Stored => w.line("wiring: stored,", ""),
        Wiring::Procedural => w.line("wiring: procedural,", ""),
    }
    match spec.updates {
        Updates::Automatic => {}
        Updates::Lazy => w.line("updates: lazy,", ""),
        Updates::Eager => w.line("updates: eager,", ""),
    }
    w.list("populations", spec.populations.len(), Writer::population);
    w.list("projections", spec.projections.len(), Writer::projection);
    w.list("stimuli", spec.stimuli.len(), Writer::stimulus);
    w.list("probes", spec.probes.len(), Writer::probe);
    w.list("remarks", spec.remarks.len(), Writer::remark);
    w.close(")");
    w.out
}

/// The shortest text that reads back as the same number.
pub fn number(x: f64) -> String {
    let size = x.abs();
    if size != 0.0 && !(1e-5..1e15).contains(&size) { format!("{x:e}") } else { format!("{x}") }
}

struct Writer<'a> {
    spec: &'a NetworkSpec,
    out: String,
    depth: usize,
}

impl Writer<'_> {
    fn indent(&self) -> String {
        "    ".repeat(self.depth)
    }

    fn line(&mut self, text: &str, comment: &str) {
        let indent = self.indent();
        let _ = if comment.is_empty() { writeln!(self.out, "{indent}{text}") } else { writeln!(self.out, "{indent}{text} // {comment}") };
    }

    fn open(&mut self, text: &str) {
        self.line(text, "");
        self.depth += 1;
    }

    fn close(&mut self, text: &str) {
        self.depth -= 1;
        self.line(text, "");
    }

    fn list(&mut self, key: &str, n: usize, item: impl Fn(&mut Self, usize)) {
        if n > 0 {
            self.open(&format!("{key}: ["));
            for i in 0..n {
                self.open("(");
                item(self, i);
                self.close("),");
            }
            self.close("],");
        }
    }

    /// A text, wrapped with backslashes where it is long; line breaks of the text itself are kept.
    fn text(&mut self, key: &str, text: &str) {
        let indent = "    ".repeat(self.depth + 1);
        let mut line = format!("{}{key}: \"", self.indent());
        let mut rest = text.chars().peekable();
        let mut width = line.chars().count();
        while let Some(c) = rest.next() {
            match c {
                '"' => line.push_str("\\\""),
                '\\' => line.push_str("\\\\"),
                '\n' => line.push_str("\\n"),
                '\t' => line.push_str("\\t"),
                '\r' => line.push_str("\\r"),
                c if c.is_control() => {
                    let _ = write!(line, "\\u{{{:x}}}", u32::from(c));
                }
                c => line.push(c),
            }
            width += 1;
            // A break eats the blanks that follow it, so it may stand before a visible character only.
            let visible = rest.peek().is_some_and(|next| !next.is_whitespace());
            if visible && (c == '\n' || c == ' ' && width > WIDTH - 20) {
                let _ = writeln!(self.out, "{line}\\");
                line.clone_from(&indent);
                width = indent.len();
            }
        }
        let _ = writeln!(self.out, "{line}\",");
    }

    fn population(&mut self, i: usize) {
        let p = &self.spec.populations[i];
        self.text("name", &p.name);
        self.line(&format!("size: {},", p.size), "neurons");
        match p.role {
            Role::Excitatory => {}
            Role::Inhibitory => self.line("role: inhibitory,", ""),
            Role::Other => self.line("role: other,", ""),
        }
        self.part("model", &p.model, Place::Model(i));
        if !p.spread.is_empty() {
            self.open("spread: {");
            for (k, (param, part)) in p.spread.iter().enumerate() {
                self.part(p.model.kind.params.get(*param).map_or("", |p| p.key), part, Place::Spread(i, k));
            }
            self.close("},");
        }
        if !p.initial.is_empty() {
            self.open("initial: {");
            for (k, (state, part)) in p.initial.iter().enumerate() {
                self.part(p.model.kind.states.get(*state).map_or("", |s| s.key), part, Place::Initial(i, k));
            }
            self.close("},");
        }
        if let Some([x, y]) = p.position {
            self.line(&format!("position: ({x}, {y}),"), "in the network graph, from the upper left");
        }
    }

    fn projection(&mut self, i: usize) {
        let p = &self.spec.projections[i];
        let default = ProjectionSpec::new(&format!("{} → {}", p.pre, p.post), &p.pre, &p.post);
        if p.name != default.name {
            self.text("name", &p.name);
        }
        self.text("pre", &p.pre);
        self.text("post", &p.post);
        self.part("synapse", &p.synapse, Place::Synapse(i));
        self.part("connect", &p.connect, Place::Connect(i));
        // Every pair's weight is in the matrix already.
        if p.connect.kind.key != "matrix" || p.weight != default.weight {
            self.part("weight", &p.weight, Place::Weight(i));
        }
        self.part("delay", &p.delay, Place::Delay(i));
        if let Some(rule) = &p.plasticity {
            self.part("plasticity", rule, Place::Plasticity(i));
        }
    }

    fn stimulus(&mut self, i: usize) {
        let s = &self.spec.stimuli[i];
        let default = StimulusSpec::new("", "", s.stimulus.clone());
        self.text("name", &s.name);
        self.text("target", &s.target);
        self.part("stimulus", &s.stimulus, Place::Stimulus(i));
        if s.synapse != default.synapse {
            self.part("synapse", &s.synapse, Place::StimulusSynapse(i));
        }
        if let Some((first, end)) = s.neurons {
            self.line(&format!("neurons: ({first}, {end}),"), "first, and one past the last");
        }
        if !s.enabled {
            self.line("enabled: false,", "");
        }
    }

    fn probe(&mut self, i: usize) {
        let p = &self.spec.probes[i];
        self.text("population", &p.population);
        self.text("variable", &p.variable);
        let neurons: Vec<_> = p.neurons.iter().map(u32::to_string).collect();
        self.line(&format!("neurons: [{}],", neurons.join(", ")), "");
    }

    fn remark(&mut self, i: usize) {
        let remark = &self.spec.remarks[i];
        self.line(&format!("at: {},", number(remark.at)), "ms");
        self.text("text", &remark.text);
    }

    /// `key: kind(param: value, …),` on one line when it has one unit, else a parameter a line.
    fn part(&mut self, key: &str, part: &Part, place: Place) {
        let unit = |param| self.spec.unit_of(Path { place, param });
        let changed: Vec<usize> =
            (0..part.values.len()).filter(|i| part.values[*i].to_bits() != part.kind.params[*i].default.to_bits()).collect();
        let kind = part.kind.key;
        if !part.kind.source.is_empty() {
            return self.equations(key, part, &changed, &unit);
        }
        if kind == "constant" && part.kind.params.len() == 1 && part.kind.params[0].key == "value" {
            let (value, unit) = (number(part.values[0]), unit(0));
            return self.line(&format!("{key}: {value},"), unit);
        }
        let fields: Vec<(String, &str)> = changed.iter().map(|&i| (field(part, i), unit(i))).collect();
        if !part.table.is_empty() {
            self.open(&format!("{key}: {kind}("));
            for (text, unit) in fields {
                self.line(&format!("{text},"), unit);
            }
            self.table(part);
            return self.close("),");
        }
        let units: Vec<&str> = fields.iter().map(|f| f.1).filter(|u| !u.is_empty()).collect();
        let one = units.iter().all(|u| *u == units[0]);
        let text: Vec<&str> = fields.iter().map(|f| f.0.as_str()).collect();
        let text = text.join(", ");
        if fields.is_empty() {
            self.line(&format!("{key}: {kind},"), "");
        } else if fields.len() == 1 || one && (units.len() == fields.len() || units.is_empty()) && text.len() < 70 {
            let unit = units.first().copied().unwrap_or("");
            self.line(&format!("{key}: {kind}({text}),"), unit);
        } else {
            self.open(&format!("{key}: {kind}("));
            for (text, unit) in fields {
                self.line(&format!("{text},"), unit);
            }
            self.close("),");
        }
    }

    /// A model of one's own: its text as it was typed, then what was moved since.
    fn equations(&mut self, key: &str, part: &Part, changed: &[usize], unit: &dyn Fn(usize) -> &'static str) {
        self.open(&format!("{key}: {}(", part.kind.key));
        let mut hashes = String::new();
        while part.kind.source.contains(&format!("\"{hashes}")) {
            hashes.push('#');
        }
        let indent = self.indent();
        let _ = writeln!(self.out, "{indent}source: r{hashes}\"\n{}\n\"{hashes},", part.kind.source);
        for &i in changed {
            self.line(&format!("{},", field(part, i)), unit(i));
        }
        self.close("),");
    }

    fn table(&mut self, part: &Part) {
        let columns = part.kind.columns;
        let what = match columns {
            ["*"] => "a row a presynaptic neuron, a column a postsynaptic one".into(),
            _ => columns.iter().map(|c| c.trim_end_matches('?')).collect::<Vec<_>>().join(", "),
        };
        self.line(
            &format!(
                "// {what}{}",
                if columns.contains(&"delay?") {
                    " (delay in ms)"
                } else if columns.contains(&"time") {
                    " (time in ms)"
                } else {
                    ""
                }
            ),
            "",
        );
        self.open("rows: [");
        let indent = self.indent();
        for row in part.table.iter() {
            self.out.push_str(&indent);
            self.out.push('[');
            for (i, x) in row.iter().enumerate() {
                let _ = write!(self.out, "{}{}", if i == 0 { "" } else { ", " }, number(*x));
            }
            self.out.push_str("],\n");
        }
        self.close("],");
    }
}

fn field(part: &Part, i: usize) -> String {
    let (spec, value) = (&part.kind.params[i], part.values[i]);
    let value = match spec.kind {
        ParamKind::Flag => (value != 0.0).to_string(),
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        ParamKind::Choice(keys) => keys.get(value as usize).copied().unwrap_or(keys[0]).to_owned(),
        _ => number(value),
    };
    format!("{}: {value}", spec.key)
}
