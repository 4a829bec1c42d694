//! What a batch knows of its graph: how it is called with an item, and how its outcome is read.
//!
//! The macro writes a hidden type for each graph, which implements these traits. A signature may elide lifetimes, and an
//! `impl` of a trait for its types could not. A pointer to a function can: `fn(&str, View) -> View` means for any lifetimes what
//! the signature means. So what a graph gives for an item of some type is asked of that type ([`Returns`]).

use std::future::Future;
use std::marker::PhantomData;

use ember_graph::Description;

use crate::Context;

/// What a function gives for a tuple of arguments.
#[diagnostic::on_unimplemented(
    message = "this graph does not take items of the type `{Arguments}`",
    note = "an item is a tuple of the graph's parameters, without its context; or the parameter itself where there is one"
)]
pub trait Returns<Arguments> {
    /// Its value.
    type Output;

    /// Calls it.
    fn invoke(&self, arguments: Arguments) -> Self::Output;
}

macro_rules! returns {
    ($(($($argument:ident)*))*) => { $(
        #[diagnostic::do_not_recommend]
        #[allow(non_snake_case, clippy::too_many_arguments, reason = "one for each number of arguments")]
        impl<F: Fn($($argument),*) -> R, R, $($argument),*> Returns<($($argument,)*)> for F {
            type Output = R;

            #[inline(always)]
            fn invoke(&self, ($($argument,)*): ($($argument,)*)) -> R {
                self($($argument),*)
            }
        }
    )* };
}
returns! {
    () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E G) (A B C D E G H) (A B C D E G H I) (A B C D E G H I J)
    (A B C D E G H I J K) (A B C D E G H I J K L) (A B C D E G H I J K L M)
}

/// A graph, by its hidden type.
pub trait Graph {
    /// How its outcome is read: [`ByResult`] or [`ByValue`].
    type Reading;

    /// The graph as constant data.
    fn description() -> &'static Description<'static>;

    /// Whether its runs in this context take the straight line for now, so that those of a lot need not ask each.
    fn goes_straight(_: &Context) -> bool {
        false
    }
}

/// A graph that works, with its arguments. `P` names its generic parameters, and `R` is what it returns: as an associated type
/// it would have to be as public as the graph.
#[diagnostic::on_unimplemented(
    message = "this graph does not take items of the type `{Arguments}`",
    note = "an item is a tuple of the graph's parameters, without its context; or the parameter itself where there is one"
)]
pub trait Call<Arguments, P, R> {
    /// Runs it.
    fn call(arguments: Arguments) -> R;

    /// Runs it on the straight line, if it has one of its own.
    fn call_straight(arguments: Arguments) -> R {
        Self::call(arguments)
    }
}

/// The arguments of an `async` graph `G`, whose future gives `R`.
#[diagnostic::on_unimplemented(
    message = "this graph does not take items of the type `{Self}`",
    note = "an item is a tuple of the graph's parameters, without its context; or the parameter itself where there is one"
)]
pub trait CallAsync<G, P, R> {
    /// Makes the future of a run.
    fn call(self) -> impl Future<Output = R>;
}

/// How the outcome of a graph is read.
pub trait Reading<R> {
    /// What it is if all goes well.
    type Value;
    /// What the graph says otherwise.
    type Error;

    /// The outcome as a `Result`.
    ///
    /// # Errors
    ///
    /// The graph's own error.
    fn read(outcome: R) -> Result<Self::Value, Self::Error>;
}

/// Of graphs that return a `Result`.
#[derive(Debug)]
pub enum ByResult {}

impl<T, E> Reading<Result<T, E>> for ByResult {
    type Value = T;
    type Error = E;

    #[inline(always)]
    fn read(outcome: Result<T, E>) -> Result<T, E> {
        outcome
    }
}

/// Of others. The error says that the graph panicked, since it has none of its own.
#[derive(Debug)]
pub enum ByValue {}

impl<T> Reading<T> for ByValue {
    type Value = T;
    type Error = crate::Error;

    #[inline(always)]
    fn read(outcome: T) -> Result<T, crate::Error> {
        Ok(outcome)
    }
}

/// What a graph with this outcome gives for an item.
pub type Value<G, R> = <<G as Graph>::Reading as Reading<R>>::Value;
/// What it says where it fails.
pub type Failure<G, R> = <<G as Graph>::Reading as Reading<R>>::Error;

/// The items of a graph that works.
pub struct Working<G, P, R>(PhantomData<(G, P, R)>);
/// The items of an `async` graph.
pub struct Waiting<G, P, R>(PhantomData<(G, P, R)>);

/// The items of a graph with one parameter, which stand for themselves.
#[derive(Clone, Debug)]
pub struct One<I>(I);

impl<I> One<I> {
    /// Of these items.
    pub const fn new(items: I) -> Self {
        Self(items)
    }
}

impl<I: Iterator> Iterator for One<I> {
    type Item = (I::Item,);

    #[inline]
    fn next(&mut self) -> Option<(I::Item,)> {
        self.0.next().map(|item| (item,))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

/// Types for the values of constant parameters, which name a graph's generic parameters beside its types.
#[allow(missing_docs, non_camel_case_types, missing_debug_implementations)]
pub mod constants {
    macro_rules! constants {
        ($($name:ident $of:ty,)*) => { $( pub enum $name<const N: $of> {} )* };
    }
    constants! {
        const_u8 u8, const_u16 u16, const_u32 u32, const_u64 u64, const_u128 u128, const_usize usize,
        const_i8 i8, const_i16 i16, const_i32 i32, const_i64 i64, const_i128 i128, const_isize isize,
        const_bool bool, const_char char,
    }
}
