//! The runtime of ember: errors, contexts, slots and the executor.
//!
//! Applications depend on the facade crate `ember`, which re-exports what is public here. The modules that
//! generated code uses are reached through `ember::__private` and are not covered by version guarantees.

pub mod batch;
pub mod bounds;
pub mod context;
pub mod error;
pub mod executor;
pub mod explain;
pub mod future;
pub mod health;
pub mod home;
#[cfg(feature = "isolate")]
pub mod isolate;
#[cfg(test)]
#[allow(dead_code, unreachable_pub, reason = "it is that of the behaviour tests")]
#[path = "../../tests/src/minute.rs"]
mod minute;
pub mod observe;
pub mod policy;
mod raw;
pub mod read;
pub mod resource;
mod rounded;
pub mod run;
#[cfg_attr(
    not(feature = "parallel"),
    allow(
        dead_code,
        clippy::unused_self,
        clippy::unnecessary_wraps,
        clippy::drop_non_drop,
        dropping_copy_types,
        reason = "without threads there are no pools"
    )
)]
pub mod runtime;
mod seldom;
pub mod strategy;
pub mod stream;
mod sync;
pub mod watch;
mod weigh;

#[cfg(feature = "progress")]
pub use batch::Bar;
pub use batch::{Batch, BatchError, Progress};
#[doc(hidden)]
pub use context::Ambient;
pub use context::{
    Clock, Context, ContextBuilder, InvalidTraceParent, InvalidTraceState, ManualClock, Stopped, SystemClock,
    TraceContext,
};
pub use ember_graph as graph;
pub use error::{At, Counts, Error, NodePanic, Site};
pub use explain::{Explanation, Reason};
#[cfg(feature = "tokio")]
pub use future::TokioClock;
pub use raw::{crossing, slot};
pub use resource::{AsyncResource, Resource};
#[doc(hidden)]
pub use rounded::Rounded as __Rounded;
pub use runtime::{Priority, Runtime, RuntimeBuilder, Shutdown};
pub use strategy::Strategy;
pub use stream::Stream;
pub use weigh::Weigh;
