//! Straight-line Rust in, a type-checked parallel graph out.
//!
#![doc = include_str!("../docs/guide/first-graph.md")]
#![doc = ""]
#![doc = include_str!("../docs/images/first_graph.svg")]
#![doc = ""]
#![doc = include_str!("../docs/guide/operators.md")]
#![doc = include_str!("../docs/guide/graphs.md")]
#![doc = ""]
#![doc = include_str!("../docs/images/constructs.svg")]
#![doc = ""]
// Its programs use timers.
#![cfg_attr(any(feature = "tokio", not(doctest)), doc = include_str!("../docs/guide/async.md"))]
#![doc = include_str!("../docs/guide/errors.md")]
// Its programs use timers and caches.
#![cfg_attr(
    any(all(feature = "tokio", feature = "cache"), not(doctest)),
    doc = include_str!("../docs/guide/policies.md")
)]
#![doc = include_str!("../docs/guide/batches.md")]
// Its programs use timers.
#![cfg_attr(any(feature = "tokio", not(doctest)), doc = include_str!("../docs/guide/batch-operators.md"))]
#![cfg_attr(
    any(feature = "isolate", not(doctest)),
    doc = include_str!("../docs/guide/isolation.md")
)]
#![cfg_attr(any(feature = "tokio", not(doctest)), doc = include_str!("../docs/guide/resources.md"))]
#![doc = include_str!("../docs/guide/contexts.md")]
// Its pools need threads.
#![cfg_attr(any(feature = "parallel", not(doctest)), doc = include_str!("../docs/guide/runtimes.md"))]
#![doc = include_str!("../docs/guide/events.md")]
// Its programs export.
#![cfg_attr(any(feature = "otel", not(doctest)), doc = include_str!("../docs/guide/logs.md"))]
// Its program reports to a recorder.
#![cfg_attr(any(feature = "metrics", not(doctest)), doc = include_str!("../docs/guide/metrics.md"))]
#![doc = include_str!("../docs/guide/timelines.md")]
#![doc = include_str!("../docs/guide/health.md")]
// Its program serves.
#![cfg_attr(any(feature = "serve", not(doctest)), doc = include_str!("../docs/guide/serve.md"))]
#![doc = include_str!("../docs/guide/descriptions.md")]
#![doc = include_str!("../docs/guide/limits.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "progress")]
pub use ember_core::Bar;
#[cfg(feature = "tokio")]
pub use ember_core::TokioClock;
/// Operators in processes of their own.
#[cfg(feature = "isolate")]
pub mod isolate {
    #[doc(hidden)]
    pub use ember_core::isolate::{Harness, inventory};
    pub use ember_core::isolate::{Isolation, IsolationBuilder, init};

    pub use ember_core::__isolate_in_tests as in_tests;
}
pub use ember_core::{
    AsyncResource, At, Batch, BatchError, Clock, Context, ContextBuilder, Counts, Error, Explanation,
    InvalidTraceParent, InvalidTraceState, ManualClock, NodePanic, Priority, Progress, Reason, Resource,
    Runtime, RuntimeBuilder, Shutdown, Site, Stopped, Strategy, Stream, SystemClock, TraceContext, Weigh,
    batch, graph, health, observe, policy, resource, runtime, stream, watch,
};
/// Health, metrics, graphs and a live page over HTTP.
#[cfg(feature = "serve")]
pub use ember_serve as serve;

/// ```
/// use ember::prelude::*;
///
/// #[operator]
/// fn square(n: u64) -> u64 {
///     n * n
/// }
///
/// graph! {
///     fn hypotenuse_squared(a: u64, b: u64) -> u64 {
///         let x = square(a);
///         let y = square(b);
///         x + y
///     }
/// }
///
/// // In a graph it is a node, elsewhere the function that it was.
/// assert_eq!(hypotenuse_squared(3, 4), square(5));
/// ```
pub use ember_macros::operator;

/// ```
/// use ember::prelude::*;
///
/// #[operator]
/// fn half(n: u64) -> Result<u64, String> {
///     if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) }
/// }
///
/// #[graph_fn(fail_fast)]
/// fn halves(a: u64, b: u64) -> Result<u64, ember::Error> {
///     let x = half(a)?;
///     let y = half(b)?;
///     Ok(x + y)
/// }
///
/// assert_eq!(halves(4, 6).unwrap(), 5);
/// assert_eq!(halves(4, 5).unwrap_err().node(), "y");
/// ```
pub use ember_macros::graph_fn;

/// Composes operators into graphs.
///
/// It holds any number of functions, each a graph. A graph is called like a function, is a node where another graph
/// calls it, and gives its description by `name::describe()`. The [guide](crate#graphs) tells what may stand in it.
///
/// Attributes of its own: `#[fail_fast]` on a graph; `#[after(x)]`, `#[at_most(n)]`, `#[concurrency(n)]` and
/// `#[hedge(..)]` on a line. If the program knows the crate by another name, the macro is called by that name and finds
/// the rest itself.
///
/// ```
/// use ember::prelude::*;
///
/// #[operator]
/// fn words(text: &str) -> usize {
///     text.split_whitespace().count()
/// }
///
/// graph! {
///     /// Counts both at once.
///     pub fn more(a: &str, b: &str) -> usize {
///         let first = words(a);
///         let second = words(b);
///         first.max(second)
///     }
///
///     /// Runs a graph as a node, once per item.
///     pub fn most(pairs: &[(&str, &str)]) -> usize {
///         let counts = for (a, b) in pairs { more(a, b) };
///         counts.into_iter().max().unwrap_or(0)
///     }
/// }
///
/// assert_eq!(most(&[("a b", "c"), ("d", "e f g")]), 3);
/// assert_eq!(most::describe().nodes.len(), 3);
/// ```
#[macro_export]
macro_rules! graph {
    ($($tokens:tt)*) => { $crate::__private::graph! { [$crate] $($tokens)* } };
}

/// What most programs need.
///
/// ```
/// use ember::prelude::*;
///
/// #[operator]
/// fn twice(n: u32) -> u32 {
///     2 * n
/// }
///
/// #[graph_fn]
/// fn quadruple(n: u32) -> u32 {
///     let once = twice(n);
///     twice(once)
/// }
///
/// let cx = Context::builder().strategy(Strategy::Sequential).build();
/// assert_eq!(cx.scope(|| quadruple(3)), 12);
/// ```
pub mod prelude {
    pub use crate::{Context, Strategy, graph, graph_fn, operator};
}

/// The programs in README.md compile and hold.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

/// The door through which generated code reaches the runtime. Not covered by version guarantees.
#[doc(hidden)]
pub mod __private {
    /// What `batch` and `stream` of a graph are made of.
    pub mod batch {
        pub use ember_core::batch::call::{
            ByResult, ByValue, Call, CallAsync, Graph, One, Returns, Waiting, Working, constants,
        };
        pub use ember_core::stream::source::{One as OneOfStream, Source};
    }
    pub use ember_core::bounds::{
        Asynchronous, Captures, Crosses, CrossesByReference, CrossesByValue, Named, NeverReturned, Operator,
        PlainFunction, SharedByNodes, Synchronous, checked, generic_parameter, not_operators, owned,
        parameter,
    };
    pub use ember_core::context::{Around, Quiet};
    pub use ember_core::crossing::{Collected, InPlace, Through};
    pub use ember_core::executor::{
        Cost, Gauge, Plan, Start, State, Task, fan_out, goes_straight, is_plain, is_plain_line, region, start,
    };
    pub use ember_core::explain::{explain, explain_async};
    pub use ember_core::future::{
        Blocks, CHECKED_ONLY, Idempotent, Learned, Nobody, Node, NodeAsItIs, NodeIsSent, Open, Place, Placed,
        Stage, again, attend, attend_held, awaited, both, compute, contender, contends, each, eight, field,
        future_of, hedge, hedge_fallible, held, idempotent, inside, made_once, never_run, of_type, one_call,
        open, place_of, policies_of, race, rivals, tasks, timed, unasked, wait, winner,
    };
    pub use ember_core::home::{Home, Part, Parts, SettleCopied, SettleOwned};
    pub use ember_core::observe::{__arguments as log_arguments, __returned as log_returned, Logged};
    pub use ember_core::policy::node as policed;
    pub use ember_core::read::{Read, ReadCopy, ReadNever};
    pub use ember_core::run::{
        Construct, End, EndAsResult, EndByPanic, Fallible, Given, Halted, Info, Level, NOWHERE, NoFailure,
        OfOperator, OfPolicies, RaiseByBox, RaiseByFrom, RaiseByNode, RaiseNested, RaiseNestedPoliced,
        RaiseOpaque, RaiseRefused, RaiseRefusedPoliced, RaiseSame, RaiseSamePoliced, Serial, Shared, Spot,
        apart, bounded, ending, failing, given, graph_error, same, stoppable,
    };
    pub use ember_core::slot::{Baton, Lent, OpenBaton, OpenLent, OpenSlot, Slot};
    pub use ember_core::{Ambient, Context, graph};
    pub use ember_macros::__graph as graph;
}
