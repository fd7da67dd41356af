//! A column that several workers write at the same time, each a part of its own.
//!
//! Outside a step it is a plain slice. Inside, a worker takes the part that is its own ([`Parted::part`]): this is the one place where
//! the engine's parallel writing rests on a promise instead of the compiler.

use super::checkpoint::{Damage, Source};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cell::UnsafeCell;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut, Range};

/// Elements that can be lent out in parts through a shared reference.
pub struct Parted<T> {
    cells: Vec<UnsafeCell<T>>,
}

// SAFETY: through a shared reference elements are only read (which `T: Sync` allows), or written by who was lent them alone and may
// send values of `T` into them (`T: Send`); see the promise of `part`.
unsafe impl<T: Send + Sync> Sync for Parted<T> {}

impl<T> Parted<T> {
    /// The elements `range`, to be written.
    ///
    /// # Safety
    /// Until the returned slice is gone nobody else reads or writes any element of `range`, by this or any other way.
    #[inline(always)]
    #[allow(clippy::mut_from_ref, reason = "that the parts are apart is what the caller promises")]
    pub unsafe fn part(&self, range: Range<usize>) -> &mut [T] {
        let cells = &self.cells[range];
        // SAFETY: `UnsafeCell<T>` has the layout of `T` and may be written through a shared reference; the range was checked, and the
        // caller promises that no other reference to its elements is in use.
        unsafe { std::slice::from_raw_parts_mut(UnsafeCell::raw_get(cells.as_ptr()), cells.len()) }
    }
}

impl<T> Parted<T> {
    /// The elements `range`, to be read while others may write elsewhere.
    ///
    /// # Safety
    /// Until the returned slice is gone nobody writes any element of `range`.
    #[inline(always)]
    pub unsafe fn seen(&self, range: Range<usize>) -> &[T] {
        let cells = &self.cells[range];
        // SAFETY: `UnsafeCell<T>` has the layout of `T`, the range was checked, and the caller promises that nobody writes.
        unsafe { std::slice::from_raw_parts(cells.as_ptr().cast::<T>(), cells.len()) }
    }

    /// Where the elements lie.
    #[inline(always)]
    pub fn as_ptr(&self) -> *const T {
        self.cells.as_ptr().cast::<T>()
    }
}

impl<T> Deref for Parted<T> {
    type Target = [T];
    #[inline(always)]
    fn deref(&self) -> &[T] {
        // SAFETY: the layout is the same, and who was lent a part was promised that nobody reads it meanwhile.
        unsafe { std::slice::from_raw_parts(self.cells.as_ptr().cast::<T>(), self.cells.len()) }
    }
}

impl<T> DerefMut for Parted<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: the layout is the same, and the reference is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.cells.as_mut_ptr().cast::<T>(), self.cells.len()) }
    }
}

impl<T> From<Vec<T>> for Parted<T> {
    fn from(values: Vec<T>) -> Self {
        let mut values = ManuallyDrop::new(values);
        // SAFETY: the parts of a vector that is forgotten, and `UnsafeCell<T>` has the layout of `T`.
        let cells = unsafe { Vec::from_raw_parts(values.as_mut_ptr().cast::<UnsafeCell<T>>(), values.len(), values.capacity()) };
        Self { cells }
    }
}

impl<T> Default for Parted<T> {
    fn default() -> Self {
        Self { cells: Vec::new() }
    }
}

impl<T> FromIterator<T> for Parted<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        values.into_iter().collect::<Vec<_>>().into()
    }
}

impl<T: Clone> Clone for Parted<T> {
    fn clone(&self) -> Self {
        self.to_vec().into()
    }

    fn clone_from(&mut self, from: &Self) {
        if self.len() == from.len() {
            self.clone_from_slice(from);
        } else {
            *self = from.clone();
        }
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Parted<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Serialize> Serialize for Parted<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(to)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Parted<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Vec::deserialize(from).map(Into::into)
    }
}

impl<T: DeserializeOwned> Parted<T> {
    /// Takes over a saved list of the same length.
    pub fn load(&mut self, from: &mut Source<'_>) -> Result<(), Damage> {
        from.fill(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_written_by_two_threads_make_one_column() {
        let column: Parted<u32> = vec![0; 1000].into();
        std::thread::scope(|scope| {
            for range in [0..400, 400..1000] {
                let column = &column;
                scope.spawn(move || {
                    // SAFETY: the two ranges are apart, and nobody reads before the scope ends.
                    let part = unsafe { column.part(range.clone()) };
                    part.iter_mut().zip(range).for_each(|(x, i)| *x = i as u32);
                });
            }
        });
        assert!(column.iter().enumerate().all(|(i, x)| *x == i as u32));
    }

    #[test]
    fn a_part_beyond_the_column_is_refused() {
        let column: Parted<u8> = vec![0; 10].into();
        // SAFETY: nobody else knows the column.
        let outside = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| unsafe { column.part(5..11).len() }));
        assert!(outside.is_err());
    }
}
