//! A call in a process of its own.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Outcome, Policed, PolicyError, Shared};
use crate::isolate::{Isolation, Name, serve};

pub use crate::__isolated_entry as isolated_entry;
pub use crate::isolate::{Entry as IsolatedEntry, Isolation as IsolationLayer, Name as IsolatedName};

/// What can go to another process and come back.
#[diagnostic::on_unimplemented(
    message = "`isolate` sends `{Self}` to another process and back, and serde cannot do that",
    label = "must be `Serialize` and `DeserializeOwned`",
    note = "derive both for it, `#[derive(serde::Serialize, serde::Deserialize)]`; of an error type without them, return the text: `.map_err(|error| error.to_string())`"
)]
pub trait Carried: Sized {
    /// Writes it.
    ///
    /// # Errors
    ///
    /// As the serializer.
    fn carry<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error>;

    /// Reads it.
    ///
    /// # Errors
    ///
    /// As the deserializer.
    fn carried<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error>;
}

/// The two traits are no supertraits: the compiler would tell of each of them besides.
#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Carried for T {
    fn carry<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.serialize(to)
    }

    fn carried<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::deserialize(from)
    }
}

/// What goes to another process, or came from it.
#[derive(Debug)]
pub struct Carry<T>(pub T);

impl<T: Carried> Serialize for Carry<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.carry(to)
    }
}

impl<'de, T: Carried> Deserialize<'de> for Carry<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::carried(from).map(Carry)
    }
}

/// How a worker serves an operator with arguments `A` that returns `R`, and how it is asked to.
///
/// Method lookup finds the first of the traits below that the types allow. The second is there so that types which cannot
/// be carried are told once, by the operator's own bounds.
#[derive(Debug)]
pub struct Served<A, R>(PhantomData<fn(A) -> R>);

impl<A, R> Served<A, R> {
    /// For these types.
    pub const BY: Self = Self(PhantomData);
}

/// Of types that can be carried.
pub trait ServedCarried<A, R> {
    /// The frame of the answer.
    fn serve(&self, arguments: &[u8], most: usize, call: impl FnOnce(A) -> R) -> Vec<u8>;

    /// Calls the operator of that name in a worker.
    ///
    /// # Errors
    ///
    /// The operator's own failure, its panic, or what became of the worker.
    fn call(&self, layer: Shared<Isolation>, operator: Name, arguments: A) -> Policed<R>
    where
        R: Outcome;
}

impl<A: Serialize + DeserializeOwned, R: Outcome> ServedCarried<A, R> for &Served<A, R>
where
    R::Value: Carried,
    R::Failure: Carried,
{
    fn serve(&self, arguments: &[u8], most: usize, call: impl FnOnce(A) -> R) -> Vec<u8> {
        serve(arguments, most, |arguments| call(arguments).outcome().map(Carry).map_err(Carry))
    }

    fn call(&self, layer: Shared<Isolation>, operator: Name, arguments: A) -> Policed<R> {
        let outcome: Result<Carry<R::Value>, Carry<R::Failure>> = layer.0.__call(operator, &arguments)?;
        outcome.map(|Carry(value)| value).map_err(|Carry(failure)| PolicyError::from(failure))
    }
}

/// Of others.
pub trait ServedNever<A, R> {
    /// Never called: the operator does not compile.
    fn serve(&self, _: &[u8], _: usize, _: impl FnOnce(A) -> R) -> Vec<u8> {
        unreachable!("what cannot be carried does not compile")
    }

    /// As above.
    ///
    /// # Errors
    ///
    /// None.
    fn call(&self, _: Shared<Isolation>, _: Name, _: A) -> Policed<R>
    where
        R: Outcome,
    {
        unreachable!("what cannot be carried does not compile")
    }
}

impl<A, R> ServedNever<A, R> for Served<A, R> {}

/// Adds an operator to those that workers find.
#[doc(hidden)]
#[macro_export]
macro_rules! __isolated_entry {
    ($entry:expr) => {
        $crate::isolate::inventory::submit! { $entry }
    };
}
