//! A call in a process of its own.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Outcome, Policed, Shared};
use crate::isolate::{Isolation, Name, serve};

pub use crate::__isolated_entry as isolated_entry;
pub use crate::isolate::{Entry as IsolatedEntry, Isolation as IsolationLayer, Name as IsolatedName};

/// What can go to another process and come back.
#[diagnostic::on_unimplemented(
    message = "`isolate` sends `{Self}` to another process and back, and serde cannot do that",
    label = "must be `Serialize` and `DeserializeOwned`",
    note = "derive both for it, `#[derive(serde::Serialize, serde::Deserialize)]`; of an error type without them, return the text: `.map_err(|error| error.to_string())`"
)]
pub trait Carried: Serialize + DeserializeOwned {}
#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Carried for T {}

/// Calls the operator of that name in a worker.
///
/// # Errors
///
/// The operator's own failure, its panic, or what became of the worker.
pub fn isolated<R: Outcome>(layer: Shared<Isolation>, operator: Name, arguments: impl Serialize) -> Policed<R>
where
    R::Value: Carried,
    R::Failure: Carried,
{
    layer.0.__call(operator, &arguments)
}

/// How a worker serves an operator with arguments `A` that returns `R`.
///
/// Method lookup finds the first of the traits below that the types allow. The second is there so that types which cannot
/// be carried are told once, by the operator's own bounds.
#[derive(Debug)]
pub struct Served<A, R>(PhantomData<fn(A) -> R>);

impl<A, R> Served<A, R> {
    /// For these types.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// Of types that can be carried.
pub trait ServedCarried<A, R> {
    /// The frame of the answer.
    fn serve(&self, arguments: &[u8], most: usize, call: impl FnOnce(A) -> R) -> Vec<u8>;
}

impl<A: DeserializeOwned, R: Outcome> ServedCarried<A, R> for &Served<A, R>
where
    R::Value: Carried,
    R::Failure: Carried,
{
    fn serve(&self, arguments: &[u8], most: usize, call: impl FnOnce(A) -> R) -> Vec<u8> {
        serve(arguments, most, |arguments| call(arguments).outcome())
    }
}

/// Of others.
pub trait ServedNever<A, R> {
    /// Never called: the operator does not compile.
    fn serve(&self, _: &[u8], _: usize, _: impl FnOnce(A) -> R) -> Vec<u8> {
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
