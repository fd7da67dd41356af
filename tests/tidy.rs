//! The house is tidy: heads, lengths, leftovers, colours, paths, and documents that name what exists.

mod support;

use support::{code_of, read, rust_files, source_files};

/// A file longer than this holds more than one thing.
const MAX_LINES: usize = 500;
/// Half of all files should be well below it.
const MAX_MEDIAN: usize = 200;

#[test]
fn every_file_says_what_it_is() {
    let without: Vec<_> = rust_files().into_iter().filter(|(_, text)| !has_head(text)).map(|(path, _)| path).collect();
    assert!(without.is_empty(), "no //! at the top of {}", without.join(", "));
}

fn has_head(text: &str) -> bool {
    text.lines().find(|l| !l.starts_with("#!") && !l.trim().is_empty()).is_some_and(|l| l.starts_with("//! "))
}

#[test]
fn no_file_is_too_long_and_most_are_short() {
    let mut lengths: Vec<_> = rust_files().into_iter().map(|(path, text)| (text.lines().count(), path)).collect();
    lengths.sort();
    let long: Vec<_> = lengths.iter().filter(|l| l.0 > MAX_LINES).map(|(n, path)| format!("{path} has {n} lines")).collect();
    assert!(long.is_empty(), "more than {MAX_LINES} lines: {}", long.join(", "));
    let median = lengths[lengths.len() / 2].0;
    println!("{} files, median {median} lines", lengths.len());
    assert!(median <= MAX_MEDIAN, "the median file has {median} lines");
}

#[test]
fn nothing_is_left_for_later() {
    let found: Vec<_> = rust_files().iter().flat_map(|(path, text)| leftovers(path, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn leftovers(path: &str, text: &str) -> Vec<String> {
    // Built from halves, so that this file does not find itself.
    let words = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["XX", "X"],
        ["unimplemented", "!"],
        ["to", "do!"],
        ["dbg", "!("],
        ["#[ig", "nore"],
        ["should_", "panic"],
    ];
    let lines = text.lines().enumerate();
    lines
        .flat_map(|(n, line)| words.iter().map(|w| w.concat()).filter(|w| holds_word(line, w)).map(move |w| (n, w)))
        .map(|(n, w)| format!("{path}:{}: {w}", n + 1))
        .collect()
}

fn holds_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !is_part(line[..at].chars().next_back()) && !is_part(line[at + word.len()..].chars().next())
    })
}

#[test]
fn leftovers_are_found() {
    let word = ["TO", "DO"].concat();
    assert_eq!(leftovers("a.rs", &format!("fn f() {{}} // {word}: later\nlet a{word}b = 1;")), [format!("a.rs:1: {word}")]);
    assert!(!has_head("use x;\n//! late") && has_head("#!/bin/x\n//! What it is"));
}

#[test]
fn no_file_names_a_place_on_one_machine() {
    let mut files = rust_files();
    for extension in ["md", "ron", "toml", "csv", "yml"] {
        files.extend(support::files_in("docs", extension));
        files.extend(support::files_in("presets", extension));
        files.extend(support::files_in("crates", extension));
        files.extend(support::files_in("assets", extension));
    }
    for path in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "Cargo.toml"] {
        files.push((path.to_owned(), read(path)));
    }
    let places = [["/ho", "me/"], ["/ro", "ot/"], ["/wo", "rk/"], ["/Use", "rs/"], ["C:", "\\Users"], ["/tm", "p/"]];
    for (path, text) in files {
        for place in places.map(|p| p.concat()) {
            assert!(!text.contains(&place), "{path} names {place}");
        }
    }
}

#[test]
fn colours_stand_in_the_theme_only() {
    let homes = ["src/ui/theme.rs", "src/ui/widgets/colormap.rs"];
    let mut found = Vec::new();
    for (path, text) in source_files().iter().filter(|(p, _)| p.starts_with("src/ui/") && !homes.contains(&p.as_str())) {
        for (n, line) in code_of(text).split("mod tests {").next().unwrap_or_default().lines().enumerate() {
            let literal = ["from_rgb(", "from_gray(", "hex_color!"].iter().any(|f| line.contains(f));
            let named = line.match_indices("Color32::").any(|(at, m)| {
                let name: String = line[at + m.len()..].chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
                // White tints nothing; transparent and placeholder are no colours.
                name.len() > 1 && !["WHITE", "TRANSPARENT", "PLACEHOLDER"].contains(&name.as_str())
            });
            if literal || named {
                found.push(format!("{path}:{}: {}", n + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_tests_named_in_the_documents_exist() {
    let sources: String = rust_files().into_iter().map(|(_, text)| text).collect();
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/numerics.md"] {
        for name in read(document).split('`').skip(1).step_by(2) {
            let is_test_name =
                name.len() > 20 && name.matches('_').count() > 2 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            assert!(!is_test_name || sources.contains(&format!("fn {name}(")), "{document} names {name}, which does not exist");
        }
    }
}

#[test]
fn every_preset_is_commented_and_says_its_purpose() {
    let presets = support::files_in("presets", "ron");
    assert!(presets.len() > 1);
    for (path, text) in presets {
        assert!(text.starts_with("//"), "{path} starts without a comment");
        assert!(text.contains("purpose:"), "{path} says no purpose");
    }
}
