//! Comparison with other programs, opt-in: `SPIKEGROUND_PEERS=1 cargo test --release --test peers`.
//!
//! The peers are Python packages. `SPIKEGROUND_PYTHON` names a Python that has them; else they are installed from PyPI into a throw-away
//! environment. Each comparison writes its part of `docs/validation.md`, with versions.

mod document;
mod elephant;
mod environment;
mod simulators;
mod snippets;
