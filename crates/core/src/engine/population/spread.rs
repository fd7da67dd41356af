//! Constants that differ from neuron to neuron, field by field: only fields that do differ are kept for each neuron, so that a step reads two
//! numbers a neuron and not all sixteen; and as columns, so that neighbouring neurons are computed side by side.

use crate::model::neuron::Numbers;
use crate::real::Real;
use std::mem::MaybeUninit;

/// Neurons whose constants are laid out at a time.
pub const WIDTH: usize = 128;
/// Most fields of a model's constants.
const MOST: usize = 24;

/// The constants of [`WIDTH`] neurons: a row a field.
pub type Table<R> = [[R; WIDTH]; MOST];

/// An empty table.
pub fn table<R: Real>() -> Table<R> {
    [[R::ZERO; WIDTH]; MOST]
}

/// The constants of a population, or of each of its neurons.
#[derive(Clone)]
pub enum Spread<C, R> {
    Same(C),
    Each {
        first: C,
        /// The fields that differ, each with a value a neuron.
        columns: Vec<(usize, Vec<R>)>,
    },
}

impl<C: Numbers<R>, R: Real> Spread<C, R> {
    /// Numbers in a `C`.
    const FIELDS: usize = {
        assert!(size_of::<C>().is_multiple_of(size_of::<R>()) && align_of::<C>() == align_of::<R>());
        assert!(size_of::<C>() / size_of::<R>() <= MOST);
        size_of::<C>() / size_of::<R>()
    };

    pub fn each(each: &[C]) -> Self {
        let first = each[0];
        let column = |field: usize| each.iter().map(|c| numbers(c)[field]).collect();
        let same = |a: R, b: R| a.f64().to_bits() == b.f64().to_bits();
        let differs = |field: &usize| each.iter().any(|c| !same(numbers(c)[*field], numbers(&first)[*field]));
        let columns: Vec<_> = (0..Self::FIELDS).filter(differs).map(|field| (field, column(field))).collect();
        if columns.is_empty() { Self::Same(first) } else { Self::Each { first, columns } }
    }

    /// Writes what is the same for all neurons into a table.
    pub fn begin(&self, table: &mut Table<R>) {
        if let Self::Each { first, .. } = self {
            for (row, x) in table.iter_mut().zip(numbers(first)) {
                row.fill(*x);
            }
        }
    }

    /// Writes what differs of neurons `lo..lo + n` into a table that [`Spread::begin`] has prepared.
    #[inline(always)]
    pub fn lay_out(&self, lo: usize, n: usize, table: &mut Table<R>) {
        if let Self::Each { columns, .. } = self {
            for (field, column) in columns {
                table[*field][..n].copy_from_slice(&column[lo..lo + n]);
            }
        }
    }

    /// The constants of neuron `i`.
    #[inline(always)]
    pub fn of(&self, i: usize) -> C {
        match self {
            Self::Same(c) => *c,
            Self::Each { first, columns } => {
                let mut c = *first;
                for (field, column) in columns {
                    // SAFETY: a `C` is `FIELDS` numbers of type `R` and nothing else (`Numbers`), and the columns are for some of them.
                    unsafe { std::ptr::from_mut(&mut c).cast::<R>().add(*field).write(column[i]) };
                }
                c
            }
        }
    }

    /// The constants of the `i`-th neuron of a table.
    #[inline(always)]
    pub fn at(table: &Table<R>, i: usize) -> C {
        let mut c = MaybeUninit::<C>::uninit();
        for (field, row) in table[..Self::FIELDS].iter().enumerate() {
            // SAFETY: a `C` is `FIELDS` numbers of type `R` and nothing else (`Numbers`).
            unsafe { c.as_mut_ptr().cast::<R>().add(field).write(row[i]) };
        }
        // SAFETY: all its numbers have been written.
        unsafe { c.assume_init() }
    }
}

/// The numbers in a structure of nothing else.
fn numbers<C: Numbers<R>, R>(c: &C) -> &[R] {
    // SAFETY: a `C` is so many numbers of type `R` and nothing else (`Numbers`); the slice lives as long as the reference.
    unsafe { std::slice::from_raw_parts(std::ptr::from_ref(c).cast::<R>(), size_of::<C>() / size_of::<R>()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::neuron::Neuron;
    use crate::model::neuron::izhikevich::Izhikevich;

    #[test]
    fn a_table_gives_back_the_constants_of_each_neuron() {
        type C = <Izhikevich as Neuron<2>>::Constants<f64>;
        let base: Vec<f64> = Izhikevich::KIND.params.iter().map(|p| p.default).collect();
        let each: Vec<C> = (0..150)
            .map(|i| {
                let mut p = base.clone();
                (p[2], p[3]) = (-65.0 + f64::from(i % 7), 8.0 - 0.01 * f64::from(i));
                Izhikevich::constants(&p, 0.5)
            })
            .collect();
        let spread = Spread::each(&each);
        let Spread::Each { columns, .. } = &spread else { panic!("they differ") };
        assert_eq!(columns.len(), 2);
        let mut table = table();
        spread.begin(&mut table);
        for lo in (0..each.len()).step_by(WIDTH) {
            let n = WIDTH.min(each.len() - lo);
            spread.lay_out(lo, n, &mut table);
            for i in 0..n {
                let expected = numbers::<C, f64>(&each[lo + i]);
                assert!(numbers::<C, f64>(&Spread::at(&table, i)) == expected && numbers::<C, f64>(&spread.of(lo + i)) == expected);
            }
        }
    }
}
