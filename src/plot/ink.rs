//! The colours of the house by what they mean, and their values for paper.

use serde::Deserialize;
use std::sync::LazyLock;

/// A colour by its meaning; each theme has its own value for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ink {
    #[default]
    Strong,
    Text,
    Weak,
    Hairline,
    Accent,
    Excitatory,
    Inhibitory,
    Potentiation,
    Depression,
    Warning,
    Error,
    /// The i-th of a row of colours that are told apart by everybody (Okabe & Ito), going round.
    Series(usize),
}

impl Ink {
    /// Its value on white paper: `#C2501A`.
    pub fn on_paper(self) -> &'static str {
        let paper = &*PAPER;
        match self {
            Self::Strong => &paper.strong,
            Self::Text => &paper.text,
            Self::Weak => &paper.weak,
            Self::Hairline => &paper.hairline,
            Self::Accent => &paper.accent,
            Self::Excitatory => &paper.excitatory,
            Self::Inhibitory => &paper.inhibitory,
            Self::Potentiation => &paper.potentiation,
            Self::Depression => &paper.depression,
            Self::Warning => &paper.warning,
            Self::Error => &paper.error,
            Self::Series(i) => paper.series.get(i % paper.series.len().max(1)).unwrap_or(&paper.text),
        }
    }
}

#[derive(Deserialize)]
struct Paper {
    strong: String,
    text: String,
    weak: String,
    hairline: String,
    accent: String,
    excitatory: String,
    inhibitory: String,
    potentiation: String,
    depression: String,
    warning: String,
    error: String,
    series: Vec<String>,
}

/// The light theme's colours: the only place where they are written.
static PAPER: LazyLock<Paper> =
    LazyLock::new(|| ron::from_str(include_str!("../../assets/theme/light.ron")).expect("the embedded theme parses (tested)"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ink_has_a_value_on_paper() {
        let named = [Ink::Strong, Ink::Text, Ink::Weak, Ink::Hairline, Ink::Accent, Ink::Excitatory, Ink::Inhibitory];
        let more = [Ink::Potentiation, Ink::Depression, Ink::Warning, Ink::Error, Ink::Series(0), Ink::Series(99)];
        for ink in named.into_iter().chain(more) {
            let hex = ink.on_paper();
            assert!(hex.len() == 7 && hex.starts_with('#'), "{ink:?}: {hex}");
        }
        assert_ne!(Ink::Excitatory.on_paper(), Ink::Inhibitory.on_paper());
    }
}
