//! The layers hold: what a module names is compared with what its layer may use, and the checker itself is tested on planted breaches.

mod support;

use support::{code_of, source_files};

/// What each layer of the core may name; a layer may always name itself.
const CORE: &[(&str, &[&str])] = &[
    ("real", &[]),
    ("simd", &[]),
    ("rng", &["real", "simd"]),
    ("param", &[]),
    ("part", &["param"]),
    ("near", &[]),
    ("equations", &["real", "param", "near"]),
    ("model", &["real", "simd", "rng", "param", "part", "equations"]),
    ("spec", &["rng", "param", "part", "equations", "model"]),
    ("protocol", &["param", "part", "spec"]),
    ("engine", &["real", "simd", "rng", "param", "part", "equations", "model", "spec", "protocol"]),
    ("analysis", &["rng", "param"]),
    ("preset", &["param", "part", "near", "equations", "model", "spec"]),
    ("lab", &["real", "rng", "param", "part", "equations", "model", "spec", "engine"]),
    ("session", &["spec", "protocol", "preset"]),
    ("sweep", &["param", "part", "spec", "protocol", "engine", "analysis"]),
    ("export", &["param", "part", "equations", "model", "spec", "engine", "preset"]),
    ("import", &["param", "part", "model", "spec", "preset", "export"]),
    ("bench", &["rng", "param", "part", "equations", "model", "spec", "protocol", "engine", "analysis", "preset", "simd", "real"]),
];

/// Modules of the core that the window may name.
const WINDOW: &[&str] = &[
    "param",
    "part",
    "rng",
    "equations",
    "model",
    "spec",
    "protocol",
    "engine",
    "analysis",
    "preset",
    "session",
    "lab",
    "sweep",
    "export",
    "import",
];

/// Of the engine, the window knows the link and the thread behind it, nothing of its inside.
const WINDOW_ENGINE: &[&str] = &["Link", "thread"];

/// What a widget may name of the window: it draws what it is given and knows nothing of the program around it.
const WIDGET: &[&str] = &["fonts", "text", "theme", "widgets"];

/// Modules beside the panels that all of them share.
const SHARED_BY_PANELS: &[&str] = &["common", "mod", "remarks", "sketch"];

/// Places that name what their layer forbids, each with the reason; the aim is an empty list.
const EXCEPTIONS: &[(&str, &str)] = &[
    // The shared time axis writes the brushed range into the selection.
    ("src/ui/widgets/time_axis.rs", "ui::view::Selection"),
    ("src/ui/widgets/time_axis.rs", "ui::time_view"),
];

/// A name used in a file: `["crate", "engine", "thread"]`, with `super` resolved and `spikeground_core` kept.
type Name = Vec<String>;

/// What is wrong with the names in `text`, if it were the file at `path`.
fn breaches(path: &str, text: &str) -> Vec<String> {
    let names = names(path, text);
    let mut found = Vec::new();
    let mut check = |allowed: bool, name: &Name, why: &str| {
        let text = name.join("::");
        let excepted = EXCEPTIONS.iter().any(|(file, what)| path == *file && text.contains(what));
        if !allowed && !excepted {
            found.push(format!("{path} names {text}: {why}"));
        }
    };
    if let Some(rest) = path.strip_prefix("crates/core/src/") {
        let own = rest.split(['/', '.']).next().unwrap_or_default();
        let Some((_, may)) = CORE.iter().find(|l| l.0 == own) else {
            return if own == "lib" { Vec::new() } else { vec![format!("{path} belongs to no layer; add `{own}` to the table")] };
        };
        for name in names.iter().filter(|n| n[0] == "crate") {
            let other = name.get(1).map_or("", String::as_str);
            let is_layer = CORE.iter().any(|l| l.0 == other);
            check(!is_layer || other == own || may.contains(&other), name, "its layer may not use that one");
        }
    } else if path.starts_with("src/ui/") {
        for name in &names {
            let (root, first, second) = (name[0].as_str(), part(name, 1), part(name, 2));
            if root == "spikeground_core" {
                check(WINDOW.contains(&first), name, "the window may not use that module");
                check(
                    first != "engine" || WINDOW_ENGINE.contains(&second),
                    name,
                    "of the engine the window knows only the link and the thread",
                );
            } else if root == "crate" {
                check(matches!(first, "ui" | "plot" | "elsewhere" | "report"), name, "the window does not know the command line");
                let widget = path.starts_with("src/ui/widgets/") && first == "ui";
                check(!widget || WIDGET.contains(&second), name, "a widget knows nothing of the program");
                check(!is_other_panel(path, name), name, "panels do not know each other");
            }
        }
    } else if path.starts_with("src/plot/") {
        for name in names.iter().filter(|n| matches!(n[0].as_str(), "crate" | "spikeground_core")) {
            check(name[0] == "crate" && part(name, 1) == "plot", name, "a figure is data and knows neither window nor engine");
        }
    } else if path == "src/report.rs" {
        for name in names.iter().filter(|n| matches!(n[0].as_str(), "crate" | "spikeground_core")) {
            let allowed = if name[0] == "crate" {
                matches!(part(name, 1), "plot" | "elsewhere" | "report")
            } else {
                matches!(part(name, 1), "export" | "spec" | "preset")
            };
            check(allowed, name, "a protocol's figures know a run and figures, neither window nor command line");
        }
    } else if path.starts_with("src/elsewhere/") {
        for name in names.iter().filter(|n| matches!(n[0].as_str(), "crate" | "spikeground_core")) {
            let allowed = if name[0] == "crate" { part(name, 1) == "elsewhere" } else { matches!(part(name, 1), "export" | "spec") };
            check(allowed, name, "a run elsewhere knows exports only, neither window nor command line");
        }
    } else if path.starts_with("src/cli/") {
        for name in names.iter().filter(|n| n[0] == "crate" && part(n, 1) == "ui") {
            check(matches!(part(name, 2), "run" | "WindowOptions"), name, "the command line only opens the window");
        }
    }
    found
}

fn part(name: &Name, i: usize) -> &str {
    name.get(i).map_or("", String::as_str)
}

/// Whether a panel's file names the module of another panel.
fn is_other_panel(path: &str, name: &Name) -> bool {
    let Some(file) = path.strip_prefix("src/ui/panel/") else { return false };
    let own = file.split(['/', '.']).next().unwrap_or_default();
    let other = part(name, 3);
    let is_shared = SHARED_BY_PANELS.iter().any(|s| *s == other || *s == part(name, 4));
    own != "mod" && part(name, 2) == "panel" && other.starts_with(|c: char| c.is_ascii_lowercase()) && other != own && !is_shared
}

/// All paths in a file that start with `crate`, `super`, `self` or `spikeground_core`, groups in braces spread out.
fn names(path: &str, text: &str) -> Vec<Name> {
    let module = module_of(path);
    let code = code_of(text);
    // Tests at the end of a file are a module of their own, one deeper.
    let tests = code.find("mod tests {").unwrap_or(code.len());
    let inner: Name = module.iter().cloned().chain(["tests".to_owned()]).collect();
    let mut found = Vec::new();
    for root in ["crate", "super", "spikeground_core"] {
        for (at, _) in code.match_indices(&format!("{root}::")) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            for name in spread(&code[at..]) {
                found.push(resolve(if at < tests { &module } else { &inner }, name));
            }
        }
    }
    found
}

/// Module path of a file: `src/ui/panel/raster.rs` is `crate::ui::panel::raster`.
fn module_of(path: &str) -> Name {
    let inside = path.strip_prefix("crates/core/").unwrap_or(path);
    let inside = inside.strip_prefix("src/").unwrap_or(inside).trim_end_matches(".rs");
    let parts = inside.split('/').filter(|p| !matches!(*p, "mod" | "lib" | "main"));
    std::iter::once("crate").chain(parts).map(String::from).collect()
}

fn resolve(module: &Name, name: Name) -> Name {
    let n_super = name.iter().take_while(|p| *p == "super").count();
    if n_super == 0 {
        return name;
    }
    let keep = module.len().saturating_sub(n_super).max(1);
    module[..keep].iter().cloned().chain(name.into_iter().skip(n_super)).collect()
}

/// The paths that start at the beginning of `code`: one, or one for each member of a group in braces.
fn spread(code: &str) -> Vec<Name> {
    let mut prefix = Vec::new();
    let mut rest = code;
    loop {
        rest = rest.trim_start();
        if let Some(group) = rest.strip_prefix('{') {
            let members = members(group);
            let paths = members.iter().flat_map(|m| spread(m));
            return paths.map(|p| prefix.iter().cloned().chain(p).collect()).collect();
        }
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        prefix.push(rest[..end].to_owned());
        match rest[end..].strip_prefix("::") {
            Some(after) => rest = after,
            None => return vec![prefix],
        }
    }
}

/// The members of a group, up to its closing brace.
fn members(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (i, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                found.push(&group[start..i]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&group[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    found.retain(|m| !m.trim().is_empty());
    found
}

#[test]
fn every_module_uses_only_the_layers_below_it() {
    let files = source_files();
    assert!(files.len() > 50, "only {} files were found", files.len());
    let found: Vec<_> = files.iter().flat_map(|(path, text)| breaches(path, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_planted_breach_is_found() {
    for (path, text) in [
        ("crates/core/src/model/synapse.rs", "use crate::engine::network::Network;"),
        ("crates/core/src/model/neuron/lif.rs", "fn f() { crate::spec::NetworkSpec::default(); }"),
        ("crates/core/src/model/neuron/lif.rs", "use super::super::super::protocol::Command;"),
        ("crates/core/src/analysis/isi.rs", "use crate::{rng, spec::{NetworkSpec, path}};"),
        ("crates/core/src/preset/read.rs", "use crate::protocol::Command;"),
        ("crates/core/src/nonsense.rs", "fn f() {}"),
        ("src/ui/app.rs", "use spikeground_core::engine::simulation::Simulation;"),
        ("src/ui/app.rs", "use spikeground_core::engine::{Link, network};"),
        ("src/ui/app.rs", "use crate::cli;"),
        ("src/ui/widgets/heatmap.rs", "use super::super::document::Document;"),
        ("src/ui/widgets/heatmap.rs", "use crate::ui::app::App;"),
        ("src/ui/panel/raster.rs", "use super::traces::Traces;"),
        ("src/cli/run.rs", "use crate::ui::app::App;"),
    ] {
        assert!(!breaches(path, text).is_empty(), "not found: {path}: {text}");
    }
}

#[test]
fn what_the_layers_allow_is_no_breach() {
    for (path, text) in [
        ("crates/core/src/engine/network.rs", "use crate::{model::synapse::Shape, rng::mix, spec::NetworkSpec};"),
        ("crates/core/src/model/neuron/lif.rs", "//! See crate::engine.\nuse crate::real::Real; // like crate::spec\nuse super::Neuron;"),
        ("crates/core/src/rng.rs", "mod tests { use super::*; const S: &str = \"crate::engine\"; }"),
        ("src/ui/app.rs", "use spikeground_core::engine::{Link, thread};"),
        ("src/ui/widgets/heatmap.rs", "use super::colormap; use super::super::theme::Theme;"),
        ("src/ui/panel/raster.rs", "use super::Panel; use crate::ui::widgets::axis;"),
        ("src/cli/window.rs", "fn f() { crate::ui::run(crate::ui::WindowOptions::default()); }"),
    ] {
        assert!(breaches(path, text).is_empty(), "{:?}", breaches(path, text));
    }
}

#[test]
fn the_core_depends_on_nothing_that_draws() {
    let manifest = support::read("crates/core/Cargo.toml");
    for name in ["egui", "eframe", "winit", "rfd", "wgpu", "glow", "clap"] {
        assert!(!manifest.lines().any(|l| l.trim_start().starts_with(name)), "spikeground-core depends on {name}");
    }
}
