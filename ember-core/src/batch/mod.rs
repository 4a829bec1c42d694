//! Many inputs for one graph: a result for each, in order.
//!
//! `answer::batch(inputs)` of a graph `answer` gives a [`Batch`]. In reading order: `call` is what it knows of the graph; `feed`
//! the inputs, `memory` lets them in by their weight, and `lot` is what one thread does with some of them; `working` and `waiting` run a batch of a graph that works,
//! and of an `async` one.

#![allow(clippy::type_complexity, reason = "types say what is weighed, and by what")]

#[cfg(feature = "progress")]
mod bar;
pub mod call;
mod error;
pub(crate) mod feed;
pub(crate) mod lot;
pub(crate) mod memory;
mod progress;
mod report;
mod waiting;
pub(crate) mod working;

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

#[cfg(feature = "progress")]
pub use self::bar::Bar;
pub use self::error::{BatchError, Cause, NotBegun};
pub use self::progress::Progress;
pub use self::report::{Report, Results};

pub use self::memory::{ByWeight, Unweighed, Weighed, Weighing};

use self::progress::{Hook, Meter};
use crate::policy::MemoryBudget;
use crate::{Context, Weigh};

/// Many inputs for one graph, on which it is about to run: `answer::batch(inputs)` of a graph `answer`.
///
/// An input is a tuple of the graph's parameters, or the parameter itself where there is one; a parameter `cx: &Context`
/// does not count. There is one result for each input, in the order of the inputs, and an input that fails or panics costs
/// no other.
///
/// Inputs are pulled from the iterator when there is a thread, or room, for them; by one thread at a time, but not always
/// the same. What the batch holds at any time are the results, and at most [`in_flight`](Self::in_flight) inputs.
///
/// ```
/// use ember_core::batch::call::{ByResult, Call, Graph, One, Working};
/// use ember_core::batch::{Batch, Cause};
/// # use ember_core::graph::Description;
/// # use std::num::ParseIntError;
/// # enum Port {}
/// # static PORT: Description<'static> = Description::__new("port", "src/load.rs", 3, &[], &[], &[], None);
/// # impl Graph for Port {
/// #     type Reading = ByResult;
/// #     fn description() -> &'static Description<'static> { &PORT }
/// # }
/// # type Parsed = Result<u16, ParseIntError>;
/// # impl<'a> Call<(&'a str,), (), Parsed> for Port {
/// #     fn call((text,): (&'a str,)) -> Parsed { text.parse() }
/// # }
/// # struct port {}
/// # impl port {
/// #     fn batch<'a, I: IntoIterator<Item = &'a str>>(inputs: I) -> Batch<'static, One<I::IntoIter>, Working<Port, (), Parsed>> {
/// #         Batch::__new(One::new(inputs.into_iter()))
/// #     }
/// # }
///
/// // `port` is a graph that takes `text: &str`.
/// let ports = port::batch(["80", "8o80", "443"]).run();
///
/// assert_eq!(ports.len(), 3);
/// assert_eq!(ports.values(), [80, 443]);
/// let error = ports.get(1).unwrap().unwrap_err();
/// assert_eq!(error.to_string(), "item 1: invalid digit found in string");
/// assert!(matches!(error.cause(), Cause::Failed(_)));
/// ```
#[must_use = "a batch does nothing until it is run"]
pub struct Batch<'p, I, K, W = Unweighed> {
    inputs: I,
    options: Options<'p>,
    weighing: W,
    kind: PhantomData<fn() -> K>,
}

struct Options<'p> {
    in_flight: Option<usize>,
    fail_fast: bool,
    context: Option<Context>,
    progress: Option<Box<Hook<'p>>>,
    progress_every: Duration,
}

impl<I: Iterator, K> Batch<'_, I, K> {
    #[doc(hidden)]
    pub fn __new(inputs: I) -> Self {
        let options = Options {
            in_flight: None,
            fail_fast: false,
            context: None,
            progress: None,
            progress_every: Duration::from_millis(100),
        };
        Self { inputs, options, weighing: Unweighed, kind: PhantomData }
    }
}

impl<'p, I, K, W> Batch<'p, I, K, W> {
    /// Holds at most so many inputs that were pulled and have no result yet; zero counts as one.
    ///
    /// By default that is 1024 for each thread of the pool, and for an `async` graph, whose inputs all wait at the same
    /// time, 64.
    pub fn in_flight(mut self, most: usize) -> Self {
        self.options.in_flight = Some(most.max(1));
        self
    }

    /// Begins no input behind one that failed or panicked. Those before it come to their end, and so do those behind it that had
    /// begun: so the first failure in the order of the inputs is the one that a plain loop would have stopped at.
    ///
    /// By default all inputs run, whichever fail.
    pub fn fail_fast(mut self) -> Self {
        self.options.fail_fast = true;
        self
    }

    /// Runs in a context other than the current one. When it is cancelled, or its deadline passes, no more inputs begin;
    /// what has a result by then keeps it, and the report tells of the others.
    pub fn context(mut self, context: &Context) -> Self {
        self.options.context = Some(context.clone());
        self
    }

    /// Is told how far the batch has come: at most each 100 ms or as
    /// [`progress_every`](Self::progress_every) says, by the context's clock, when some inputs have ended; and once at the
    /// end.
    ///
    /// It is called on whichever thread has ended some, by one at a time, while the others work on.
    pub fn progress(mut self, hook: impl Fn(&Progress) + Send + Sync + 'p) -> Self {
        self.options.progress = Some(Box::new(hook));
        self
    }

    /// How much time lies between two calls of [`progress`](Self::progress), 100 ms by default.
    pub fn progress_every(mut self, time: Duration) -> Self {
        self.options.progress_every = time;
        self
    }
}

impl<'p, I: Iterator, K, W> Batch<'p, I, K, W> {
    /// Lets an input in only when the budget has room for its weight, which it holds until it has run. So inputs that are large
    /// are fewer at the same time; beside those in flight, one is held that has been pulled and waits for room.
    ///
    /// It waits for others of the budget, or for inputs of its own, in the order of the inputs. One that is heavier than the
    /// whole budget has an error, [`NotBegun::NoRoom`]. So has one of a batch that runs inside of what holds room of the same
    /// budget, if it is not let in when no other of the batch is in flight: it would wait for itself.
    ///
    /// Results are the caller's, and not weighed. If no budget is said there is none, also where the
    /// [context](Context::memory) has one: only weights say what inputs hold, and not all types have one. That budget is given as any other.
    ///
    /// ```
    /// # use ember_core::batch::call::{ByValue, Call, Graph, One, Working};
    /// # use ember_core::graph::Description;
    /// # enum Length {}
    /// # static LENGTH: Description<'static> = Description::__new("length", "src/load.rs", 3, &[], &[], &[], None);
    /// # impl Graph for Length {
    /// #     type Reading = ByValue;
    /// #     fn description() -> &'static Description<'static> { &LENGTH }
    /// # }
    /// # impl Call<(String,), (), usize> for Length {
    /// #     fn call((text,): (String,)) -> usize { text.len() }
    /// # }
    /// # struct length {}
    /// # impl length {
    /// #     fn batch<I: IntoIterator<Item = String>>(inputs: I) -> Batch<'static, One<I::IntoIter>, Working<Length, (), usize>> {
    /// #         Batch::__new(One::new(inputs.into_iter()))
    /// #     }
    /// # }
    /// use ember_core::batch::{Batch, NotBegun};
    /// use ember_core::policy::{MemoryBudget, Refused};
    ///
    /// // `length` is a graph that takes `text: String`.
    /// let budget = MemoryBudget::builder().bytes(1000).build()?;
    /// let texts = [10, 2000, 700, 700].map(|length| "x".repeat(length));
    /// let lengths = length::batch(texts).memory(&budget).run();
    ///
    /// assert_eq!(lengths.values(), [10, 700, 700]);
    /// let why = lengths.errors()[0].not_begun();
    /// assert!(matches!(why, Some(NotBegun::NoRoom(Refused::TooLarge { most: 1000, .. }))));
    /// assert!(budget.peak() <= 1000);
    /// # Ok::<(), ember_core::policy::Invalid>(())
    /// ```
    pub fn memory(self, budget: &MemoryBudget) -> Batch<'p, I, K, ByWeight<I::Item>>
    where
        I::Item: Weigh,
    {
        self.weighing(ByWeight::by_weight(budget))
    }

    /// The same, by what a function says: how many bytes an input holds, and what is made of it while it runs. It is given the
    /// parameters as a tuple, one alone too: `|(text,)| text.len()`.
    pub fn memory_by<F>(self, budget: &MemoryBudget, weigh: F) -> Batch<'p, I, K, Weighed<F>>
    where
        F: Fn(&I::Item) -> usize,
    {
        self.weighing(Weighed::new(budget, weigh))
    }

    fn weighing<V>(self, weighing: V) -> Batch<'p, I, K, V> {
        Batch { inputs: self.inputs, options: self.options, weighing, kind: PhantomData }
    }
}

impl Options<'_> {
    fn meter<'b, G: call::Graph>(&'b self, context: &'b Context, hint: (usize, Option<usize>)) -> Meter<'b> {
        Meter::new(G::description().name, context, self.progress.as_deref(), self.progress_every, exact(hint))
    }
}

/// The number of items, if the hint tells it.
pub(crate) fn exact((least, most): (usize, Option<usize>)) -> Option<usize> {
    most.filter(|&most| most == least)
}

/// The errors of inputs that were not pulled.
fn not_pulled<E>(first: usize, count: usize, why: NotBegun) -> impl Iterator<Item = BatchError<E>> {
    (first..first + count).map(move |index| BatchError::new(index, Cause::NotBegun(why)))
}

impl<I, K, W> fmt::Debug for Batch<'_, I, K, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("in_flight", &self.options.in_flight)
            .field("fail_fast", &self.options.fail_fast)
            .field("context", &self.options.context)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom), feature = "parallel"))]
mod tests;
