//! Finding a Python that has what a script needs.

use super::{Engine, Trouble};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The Python asked for, or the first one found that has the modules: `SPIKEGROUND_PYTHON`, then `python3` and `python` on the path.
pub fn find(engine: Engine, wanted: Option<&Path>) -> Result<PathBuf, Trouble> {
    let candidates: Vec<PathBuf> = match wanted {
        Some(path) => vec![path.to_owned()],
        None => std::env::var_os("SPIKEGROUND_PYTHON").map(PathBuf::from).into_iter().chain(["python3".into(), "python".into()]).collect(),
    };
    let mut first: Option<(PathBuf, Vec<String>)> = None;
    for python in candidates {
        match missing(&python, engine.modules()) {
            Some(lacking) if lacking.is_empty() => return Ok(python),
            Some(lacking) => {
                first.get_or_insert((python, lacking));
            }
            None if wanted.is_some() => {
                return Err(Trouble::Missing(format!(
                    "{} cannot be run as Python; give the path of a Python with --python",
                    python.display()
                )));
            }
            None => {}
        }
    }
    Err(Trouble::Missing(match first {
        Some((python, lacking)) => format!(
            "{} has no module {}; install it with `{} -m {}`, or choose another Python with --python",
            python.display(),
            lacking.join(" and no "),
            python.display(),
            engine.pip()
        ),
        None => format!("there is no Python on the path; install Python 3 and then `{}`, or give its path with --python", engine.pip()),
    }))
}

/// The modules that a Python lacks; none when it is no Python that runs.
fn missing(python: &Path, modules: &[&str]) -> Option<Vec<String>> {
    // Not from the present folder: one called "nest" would pass for the module, also as an empty package without an origin.
    let code = "import importlib.util as u, sys\nsys.path[:] = [p for p in sys.path if p]\n\
                print('lacks', *[m for m in sys.argv[1:] if getattr(u.find_spec(m), 'origin', None) is None])";
    let output = Command::new(python).arg("-c").arg(code).args(modules).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let words = text.lines().find_map(|l| l.strip_prefix("lacks"))?;
    Some(words.split_whitespace().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_that_is_none_is_answered_with_what_to_do() {
        let trouble = find(Engine::Nest, Some(Path::new("no-such-python-anywhere"))).expect_err("none");
        assert!(matches!(trouble, Trouble::Missing(text) if text.contains("no-such-python-anywhere") && text.contains("--python")));
    }
}
