//! What a step of a model costs in operations: counted by making the model's own step with numbers that count what is done to them.
//!
//! Each addition, subtraction, multiplication and division of two numbers is one operation, each exponential one of another kind;
//! comparisons, choices and signs are free, and so is what is computed once per parameter change.

use crate::equations;
use crate::model::neuron::accurate::ACCURATE;
use crate::model::neuron::{Input, Neuron};
use crate::neuron_models;
use crate::part::Part;
use crate::real::{Column, Real};
use std::cell::Cell;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// Operations of one neuron in one step without input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Operations {
    /// Additions, subtractions, multiplications, divisions.
    pub plain: u32,
    /// Exponentials.
    pub exponentials: u32,
}

thread_local! {
    static COUNT: Cell<(u32, u32)> = const { Cell::new((0, 0)) };
}

fn count_plain() {
    COUNT.with(|c| c.set((c.get().0 + 1, c.get().1)));
}

/// A number that counts what is done to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, serde::Serialize, serde::Deserialize)]
struct Counted(f64);

macro_rules! counted {
    ($($trait:ident $method:ident;)*) => {
        $(impl $trait for Counted {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                count_plain();
                Self(self.0.$method(other.0))
            }
        })*
    };
}
counted! { Add add; Sub sub; Mul mul; Div div; }

impl AddAssign for Counted {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
impl SubAssign for Counted {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}
impl MulAssign for Counted {
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}
impl Neg for Counted {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Real for Counted {
    const ZERO: Self = Self(0.0);
    const ONE: Self = Self(1.0);
    fn column(_column: &mut [Self]) -> Column<'_> {
        // Counting numbers live in no population.
        Column::Double(&mut [])
    }
    fn of(value: f64) -> Self {
        Self(value)
    }
    fn f64(self) -> f64 {
        self.0
    }
    fn exp(self) -> Self {
        COUNT.with(|c| c.set((c.get().0, c.get().1 + 1)));
        Self(Real::exp(self.0))
    }
    fn exprel(self) -> Self {
        COUNT.with(|c| c.set((c.get().0, c.get().1 + 1)));
        Self(Real::exprel(self.0))
    }
    fn sqrt(self) -> Self {
        count_plain();
        Self(self.0.sqrt())
    }
    fn of_small(value: u8) -> Self {
        Self(f64::from(value))
    }
    fn abs(self) -> Self {
        Self(self.0.abs())
    }
    fn is_finite(self) -> bool {
        self.0.is_finite()
    }
    fn any_set(values: &[Self]) -> bool {
        values.iter().any(|v| v.0.to_bits() != 0)
    }
    fn pick(condition: bool, yes: Self, no: Self) -> Self {
        if condition { yes } else { no }
    }
    fn mark(condition: bool) -> Self {
        Self(f64::mark(condition))
    }
}

fn of_model<M: Neuron<S>, const S: usize>(p: &[f64], dt: f64) -> Option<Operations> {
    let scheme = M::scheme(p);
    if scheme == ACCURATE {
        return None;
    }
    let constants = M::constants::<Counted>(p, dt);
    let x = M::initial(p).map(Counted);
    COUNT.with(|c| c.set((0, 0)));
    if scheme == 1 {
        M::step::<Counted, false, 1>(&constants, x, Input::default());
    } else {
        M::step::<Counted, false, 0>(&constants, x, Input::default());
    }
    let (plain, exponentials) = COUNT.with(Cell::get);
    Some(Operations { plain, exponentials })
}

macro_rules! per_kind {
    ($($model:ty, $states:literal;)*) => {
        /// Operations of one step of `dt` ms at rest; none for the scheme `accurate`, whose number of inner steps depends on what happens,
        /// and for models that are not integrated.
        pub fn operations(model: &Part, dt: f64) -> Option<Operations> {
            $(if std::ptr::eq(model.kind, <$model as Neuron<$states>>::KIND) { return of_model::<$model, $states>(&model.values, dt); })*
            let typed = equations::of(model.kind)?;
            let (plain, exponentials) = typed.step(equations::Model::scheme(&model.values), false)?.n_operations();
            Some(Operations { plain, exponentials })
        }
    };
}
neuron_models!(per_kind);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{find, neuron};

    fn of(key: &str, scheme: f64) -> Option<Operations> {
        operations(&Part::new(find(neuron::ALL, key).expect("a model")).with("scheme", scheme), 0.1)
    }

    #[test]
    fn operations_are_those_that_one_counts_by_hand() {
        // LIF: v' = E + (v − E)·d + (I_e + I)·k is 4 sums and 2 products; the synaptic jump is a sum.
        assert_eq!(of("lif", 0.0), Some(Operations { plain: 7, exponentials: 0 }));
        let rs = of("izhikevich", 0.0).expect("counted");
        assert!(rs.exponentials == 0 && (10..=35).contains(&rs.plain), "{rs:?}");
        let (staggered, rk4) = (of("hh", 0.0).expect("counted"), of("hh", 1.0).expect("counted"));
        assert!(staggered.exponentials >= 6 && rk4.plain > 2 * staggered.plain, "{staggered:?} {rk4:?}");
        assert_eq!((of("lif", 1.0), of("izhikevich", 3.0)), (None, None), "inner steps vary");
    }
}
