//! The bytes of a state: written and read in one order, without names.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why bytes are no state of this network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Damage(String);

impl Damage {
    pub fn other(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// Collects the bytes of a state.
#[derive(Default)]
pub struct Sink {
    bytes: Vec<u8>,
}

impl Sink {
    pub fn put<T: Serialize + ?Sized>(&mut self, value: &T) {
        let bytes = std::mem::take(&mut self.bytes);
        // Every type put here is a plain structure, which cannot fail to be written to memory.
        self.bytes = postcard::to_extend(value, bytes).expect("plain data");
    }

    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads what a [`Sink`] wrote, in the same order.
pub struct Source<'a> {
    rest: &'a [u8],
}

impl<'a> Source<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn get<T: DeserializeOwned>(&mut self) -> Result<T, Damage> {
        let (value, rest) =
            postcard::take_from_bytes(self.rest).map_err(|_| Damage::other("its bytes do not have the form of this version"))?;
        self.rest = rest;
        Ok(value)
    }

    /// A list that must be as long as `column`, into it.
    pub fn fill<T: DeserializeOwned>(&mut self, column: &mut [T]) -> Result<(), Damage> {
        let values: Vec<T> = self.get()?;
        if values.len() != column.len() {
            return Err(Damage::other(format!("a column has {} values where the network needs {}", values.len(), column.len())));
        }
        for (to, value) in column.iter_mut().zip(values) {
            *to = value;
        }
        Ok(())
    }

    /// Everything was read.
    pub fn end(&self) -> Result<(), Damage> {
        if self.rest.is_empty() { Ok(()) } else { Err(Damage::other(format!("{} bytes too many", self.rest.len()))) }
    }
}
