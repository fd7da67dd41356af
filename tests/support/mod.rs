//! What the tests of the house share: the repository's files, and Rust text without its comments and strings.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file of the repository.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Path and text of every Rust file of the repository, in order; paths with forward slashes.
pub fn rust_files() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["src", "crates", "tests", "benches"] {
        collect(&root().join(folder), "rs", &mut found);
    }
    found.sort();
    found
}

/// Those that are compiled into the program.
pub fn source_files() -> Vec<(String, String)> {
    rust_files().into_iter().filter(|(path, _)| path.starts_with("src/") || path.contains("/src/")).collect()
}

/// All files below `folder` whose name ends in `.extension`.
pub fn files_in(folder: &str, extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(&root().join(folder), extension, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, extension: &str, found: &mut Vec<(String, String)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|n| n != "target") {
                collect(&path, extension, found);
            }
        } else if path.extension().is_some_and(|e| e == extension) {
            let name = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            found.push((name, std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))));
        }
    }
}

/// Rust text with comments and the insides of strings blanked out; line breaks stay.
pub fn code_of(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut last = ' ';
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('/', Some('/')) => {
                for c in chars.by_ref() {
                    if c == '\n' {
                        out.push('\n');
                        break;
                    }
                }
            }
            ('/', Some('*')) => {
                let mut before = ' ';
                for c in chars.by_ref() {
                    if c == '\n' {
                        out.push('\n');
                    }
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
            }
            ('"', _) if last != '\'' => {
                out.push_str("\"\"");
                let mut escaped = false;
                for c in chars.by_ref() {
                    if c == '\n' {
                        out.push('\n');
                    }
                    if c == '"' && !escaped {
                        break;
                    }
                    escaped = c == '\\' && !escaped;
                }
            }
            _ => out.push(c),
        }
        last = c;
    }
    out
}

#[test]
fn comments_and_strings_are_blanked_out() {
    let code = code_of("let a = \"x // y\"; // crate::z\nlet b = '\"'; /* use\n */ let c = \"\\\"q\";\n");
    assert_eq!(code, "let a = \"\"; \nlet b = '\"'; \n let c = \"\";\n");
}
