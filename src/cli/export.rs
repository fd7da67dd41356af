//! `spikeground export NAME_OR_FILE --to TARGET`: a network as a script for another program, or as a protocol.

use super::progress::Progress;
use super::{ExportArgs, Failure, interrupt, overrides, print};
use crate::elsewhere::files;
use crate::report;
use spikeground_core::export::{Target, export as write, npy};
use std::path::{Path, PathBuf};

/// Where an export goes, as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum TargetName {
    Brian2,
    Nest,
    Pynn,
    Markdown,
}

impl TargetName {
    fn target(self) -> Target {
        match self {
            Self::Brian2 => Target::Brian2,
            Self::Nest => Target::Nest,
            Self::Pynn => Target::Pynn,
            Self::Markdown => Target::Markdown,
        }
    }
}

/// Writes the script, and beside it the data of an exact export; without `--out` into the present folder under the network's name.
pub fn export(args: &ExportArgs) -> Result<(), Failure> {
    let target = args.to.target();
    let mut spec = super::open::open(&args.network)?;
    if let Some(duration) = args.duration {
        super::run::check_duration(duration)?;
        spec.duration = duration;
    }
    if let Some(seed) = args.seed {
        spec.seed = seed;
    }
    overrides::apply(&mut spec, &args.sets)?;
    interrupt::listen();
    let out = args.out.clone().unwrap_or_else(|| default_name(&args.network, target));
    let stem = out.file_stem().map_or_else(|| "network".into(), |s| s.to_string_lossy().into_owned());
    let data = out.with_extension("npz");
    let with_data = args.exact && target != Target::Markdown;
    let figures = report::folder(&out);
    for path in [Some(&out), with_data.then_some(&data), (target == Target::Markdown).then_some(&figures)].into_iter().flatten() {
        files::refuse_existing(path, args.force).map_err(Failure::usage)?;
    }
    let mut progress = Progress::new();
    let written = write(&spec, target, args.exact, &stem, &mut |done| {
        progress.show(f64::from(done), "exporting");
        !interrupt::requested()
    });
    drop(progress);
    let export = match written {
        Ok(Some(export)) => export,
        Ok(None) => return Err(Failure { code: 130, message: "cancelled; no files were written".into() }),
        Err(problems) => {
            let lines: Vec<_> = problems.iter().map(|p| format!("{} cannot take this network: {p}", target.name())).collect();
            return Err(Failure::usage(lines.join("\n")));
        }
    };
    let mut said = format!("{}\n", out.display());
    if with_data {
        let bytes = npy::npz(&export.arrays).map_err(Failure::work)?;
        files::write(&data, &bytes).map_err(Failure::work)?;
        said.push_str(&format!("{}\n", data.display()));
    }
    if target == Target::Markdown {
        let report = report::illustrate(&export.text, &spec, &export.run, Vec::new(), &out).map_err(Failure::work)?;
        report.write(&out).map_err(Failure::work)?;
        return print(&format!("{said}{}\n", figures.display()));
    }
    files::write(&out, export.text.as_bytes()).map_err(Failure::work)?;
    print(&said)
}

fn default_name(network: &str, target: Target) -> PathBuf {
    let stem = Path::new(network).file_stem().map_or_else(|| "network".into(), |s| s.to_string_lossy().into_owned());
    PathBuf::from(format!("{stem}_{}.{}", target.key(), target.extension()))
}
