//! The presets that come with the program: `presets/*.ron`, embedded, and the firing patterns of `preset/patterns.rs`.

use super::{Gallery, Preset, patterns, read};
use crate::spec::NetworkSpec;
use std::sync::LazyLock;

/// A built-in preset; its key is the name of its file.
pub struct Builtin {
    /// One of many variations on a theme: galleries show its group folded.
    pub variation: bool,
    pub key: &'static str,
    /// The file with its comments.
    pub text: &'static str,
    pub spec: NetworkSpec,
    pub gallery: Gallery,
}

macro_rules! builtin {
    ($($key:literal),* $(,)?) => {
        const TEXTS: &[(&str, &str)] =
            &[$(($key, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../presets/", $key, ".ron")))),*];
    };
}

builtin![
    "adex-patterns",
    "brunel-ai",
    "brunel-si-fast",
    "brunel-si-slow",
    "brunel-sr",
    "coba-4000",
    "ei-balance",
    "exact-izhikevich-100",
    "exact-lif-100",
    "hodgkin-huxley-single",
    "izhikevich-2003",
    "izhikevich-single",
    "lif-izhikevich-hh",
    "lif-single",
    "own-equations",
    "ring-bump",
    "song-2000",
    "song-2000-fast",
    "stdp-pair",
    "synfire-chain",
    "toy-three-neurons",
    "winner-take-all",
];

/// The preset the program starts with.
pub const START: &str = "ei-balance";

static ALL: LazyLock<Vec<Builtin>> = LazyLock::new(|| {
    let made = |key, text, variation| {
        // A test reads them all, so this default is never met.
        let Preset { spec, gallery } = read(text).unwrap_or_default();
        Builtin { variation, key, text, spec, gallery }
    };
    let files = TEXTS.iter().map(|&(key, text)| made(key, text, false));
    // Made once and kept for the life of the program, like the embedded files.
    let patterns = patterns::texts().into_iter().map(|(key, text)| made(key.leak(), text.leak(), true));
    let mut all: Vec<_> = files.chain(patterns).collect();
    all.sort_by_key(|b| b.gallery.order);
    all
});

/// All presets in gallery order.
pub fn list() -> &'static [Builtin] {
    &ALL
}

/// The preset called `key`.
pub fn find(key: &str) -> Option<&'static Builtin> {
    ALL.iter().find(|b| b.key == key)
}
