//! `spikeground import NAME_OR_FILE DATA --to POPULATION --out FILE`: spikes or a current from another program as a stimulus.

use super::sweep::population;
use super::{Failure, ImportArgs, print};
use crate::elsewhere::files;
use spikeground_core::import::{self, Form};
use spikeground_core::preset;
use std::path::Path;

/// What a file is taken for, as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FormName {
    Spikes,
    Current,
}

/// Writes the network with the stimulus added.
pub fn import(args: &ImportArgs) -> Result<(), Failure> {
    let mut spec = super::open::open(&args.network)?;
    files::refuse_existing(&args.out, args.force).map_err(Failure::usage)?;
    let target = match &args.to {
        Some(name) => population(&spec, name)?,
        None if spec.populations.len() == 1 => 0,
        None => {
            let names: Vec<_> = spec.populations.iter().map(|p| p.name.as_str()).collect();
            return Err(Failure::usage(format!("--to: say which population gets it; there are {}", names.join(", "))));
        }
    };
    let form = match args.form {
        None => Form::Guess,
        Some(FormName::Spikes) => Form::Spikes,
        Some(FormName::Current) => Form::Current,
    };
    let data = import::read(&args.data, form).map_err(Failure::usage)?;
    let name = args.name.clone().unwrap_or_else(|| name_of(&args.data));
    let at = |why: String| Failure::usage(format!("{}: {why}", args.data.display()));
    let stimulus = import::stimulus(&data, &spec, target, &name).map_err(at)?;
    let said = format!(
        "{}: {} with {} rows into {}\n",
        args.out.display(),
        stimulus.stimulus.kind.name.to_lowercase(),
        stimulus.stimulus.table.len(),
        stimulus.target
    );
    spec.stimuli.push(stimulus);
    if let Some(problem) = spec.validate().first() {
        return Err(Failure::usage(format!("{}: {problem}", args.data.display())));
    }
    preset::save(&args.out, preset::write(&spec)).map_err(Failure::work)?;
    print(&said)
}

/// The name of a file without its ending.
pub fn name_of(path: &Path) -> String {
    path.file_stem().map_or_else(|| "imported".into(), |s| s.to_string_lossy().into_owned())
}
