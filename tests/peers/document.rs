//! `docs/validation.md`: one part for each comparison, between markers, so that each is replaced without touching the others.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

static WRITING: Mutex<()> = Mutex::new(());

/// Replaces the part called `name`, or appends it.
pub fn write_part(name: &str, text: &str) {
    let _alone = WRITING.lock().expect("no panic while held");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/validation.md");
    let old = fs::read_to_string(&path).unwrap_or_else(|_| "# Validation\n".into());
    fs::write(&path, replaced(&old, name, text)).expect("docs/validation.md can be written");
}

fn replaced(old: &str, name: &str, text: &str) -> String {
    let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->\n"));
    let part = format!("{start}{}\n{end}", text.trim_end());
    match (old.find(&start), old.find(&end)) {
        (Some(from), Some(to)) if from < to => format!("{}{part}{}", &old[..from], &old[to + end.len()..]),
        _ => format!("{}\n\n{part}", old.trim_end()),
    }
}

#[test]
fn a_part_is_replaced_and_the_others_stay() {
    let one = replaced("# Validation\n", "a", "first");
    let two = replaced(&one, "b", "second");
    let three = replaced(&two, "a", "third");
    assert_eq!(three, "# Validation\n\n<!-- a -->\nthird\n<!-- end of a -->\n\n<!-- b -->\nsecond\n<!-- end of b -->\n");
}
