//! A graph over a stream of inputs: results come while inputs go.
//!
//! `answer::stream(items)` of a graph `answer` gives a [`Stream`]. In reading order: `flow` is an iterator of the results of a
//! graph that works, `scoped` hands them to a function; `source` is what an `async` graph is given, `driver` polls its futures,
//! and `waiting` is their stream. `kinds` is for who takes the one for the other.

pub(crate) mod driver;
mod flow;
mod helpers;
mod kinds;
mod scoped;
pub mod source;
pub(crate) mod waiting;

use std::fmt;
use std::marker::PhantomData;

pub use self::flow::Results;
pub use self::waiting::AsyncResults;
pub use crate::batch::{BatchError, Cause, NotBegun};

use futures_core::Stream as Items;

use crate::batch::call::{Waiting, Working};
use crate::batch::memory::{ByWeight, Unweighed, Weighed};
use crate::policy::MemoryBudget;
use crate::{Context, Weigh};

/// A graph over a stream of inputs: `answer::stream(items)` of a graph `answer`.
///
/// An item is a tuple of the graph's parameters, or the parameter itself where there is one; a parameter `cx: &Context`
/// does not count. Each gives one result; one that fails or panics ends nothing.
///
/// Of a graph that works, the results come by an iterator ([`IntoIterator`]), if the items are `'static`; or they go to a
/// function ([`for_each`](Self::for_each)), where items may borrow. Of an `async` graph they come by a stream
/// ([`results`](Self::results)), and the items are those of an iterator or of a stream.
///
/// An item is pulled when there is room for it: from there on until its result is taken, it is in flight. There are
/// [`in_flight`](Self::in_flight) items at most, so who takes results slowly never makes the producer run ahead.
///
/// Where the context stops, no more items are pulled; the last result is an error that says so.
///
/// ```
/// use ember_core::batch::call::{ByValue, Call, Graph, One, Working};
/// use ember_core::Stream;
/// # use ember_core::graph::Description;
/// # enum Square {}
/// # static SQUARE: Description<'static> = Description::__new("square", "src/math.rs", 3, &[], &[], &[], None);
/// # impl Graph for Square {
/// #     type Reading = ByValue;
/// #     fn description() -> &'static Description<'static> { &SQUARE }
/// # }
/// # impl Call<(u64,), (), u64> for Square {
/// #     fn call((n,): (u64,)) -> u64 { n * n }
/// # }
/// # struct square {}
/// # impl square {
/// #     fn stream<I: IntoIterator<Item = u64>>(items: I) -> Stream<One<I::IntoIter>, Working<Square, (), u64>> {
/// #         Stream::__new(One::new(items.into_iter()))
/// #     }
/// # }
///
/// // `square` is a graph that takes `n: u64`. There is no end to its items.
/// let squares = square::stream(0..).in_flight(100).into_iter();
/// let sum: u64 = squares.map(|square| square.unwrap()).take(10).sum();
/// assert_eq!(sum, 285);
/// ```
#[must_use = "a stream does nothing until its results are taken"]
pub struct Stream<S, K, W = Unweighed> {
    items: S,
    weighing: W,
    options: Options,
    kind: PhantomData<fn() -> K>,
}

#[derive(Debug, Default)]
struct Options {
    in_flight: Option<usize>,
    unordered: bool,
    context: Option<Context>,
}

impl Options {
    /// The context of a run below that of the options, or the current one: it ends with the run.
    fn own_context(&mut self) -> Context {
        self.context.take().unwrap_or_else(Context::current).own()
    }
}

impl<S, K> Stream<S, K> {
    #[doc(hidden)]
    pub fn __new(items: S) -> Self {
        Self { items, weighing: Unweighed, options: Options::default(), kind: PhantomData }
    }
}

impl<S, K, W> Stream<S, K, W> {
    /// Gives the results in the order of the items, as it does by default: one that takes long holds up those behind it, which
    /// stay in flight.
    pub fn ordered(mut self) -> Self {
        self.options.unordered = false;
        self
    }

    /// Gives each result when it is there. Which item an error is of, it knows; a value does not.
    pub fn unordered(mut self) -> Self {
        self.options.unordered = true;
        self
    }

    /// Holds at most so many items that were pulled and whose result was not taken yet; zero counts as one.
    ///
    /// By default that is 1024 for each thread of the pool, and for an `async` graph 64.
    pub fn in_flight(mut self, most: usize) -> Self {
        self.options.in_flight = Some(most.max(1));
        self
    }

    /// Runs in a context other than the current one. When it is cancelled, or its deadline passes, no more items begin.
    pub fn context(mut self, context: &Context) -> Self {
        self.options.context = Some(context.clone());
        self
    }

    fn weighing<V>(self, weighing: V) -> Stream<S, K, V> {
        Stream { items: self.items, weighing, options: self.options, kind: PhantomData }
    }
}

macro_rules! memory {
    ($items:ident of $kind:ident) => {
        impl<S: $items, G, P, R, W> Stream<S, $kind<G, P, R>, W> {
            /// Lets an item in only when the budget has room for its weight, which it holds until its result has been taken:
            /// so items that are large are fewer in flight. Beside those in flight, one is held that has been pulled and
            /// waits for room.
            ///
            /// Items are let in in their order. One that is heavier than the whole budget gives an error,
            /// [`NotBegun::NoRoom`]. So does one of a stream that runs inside of what holds room of the same budget, if it is
            /// not let in when no other of the stream is in flight: it would wait for itself.
            ///
            /// If no budget is said there is none: that of a [context](Context::memory) is given as any other.
            pub fn memory(self, budget: &MemoryBudget) -> Stream<S, $kind<G, P, R>, ByWeight<S::Item>>
            where
                S::Item: Weigh,
            {
                self.weighing(ByWeight::by_weight(budget))
            }

            /// The same, by what a function says: how many bytes an item may hold until its result is taken, the result
            /// among them. It is given the parameters as a tuple, one alone too: `|(text,)| text.len()`.
            pub fn memory_by<F>(
                self,
                budget: &MemoryBudget,
                weigh: F,
            ) -> Stream<S, $kind<G, P, R>, Weighed<F>>
            where
                F: Fn(&S::Item) -> usize,
            {
                self.weighing(Weighed::new(budget, weigh))
            }
        }
    };
}
memory!(Iterator of Working);
memory!(Items of Waiting);

impl<S, K, W> fmt::Debug for Stream<S, K, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("options", &self.options).finish_non_exhaustive()
    }
}
