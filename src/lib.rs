//! Straight-line Rust in, a type-checked parallel graph out.
#![forbid(unsafe_code)]

pub use ember_core::{
    At, Clock, Context, ContextBuilder, Counts, Error, ManualClock, NodePanic, Site, Stopped, Strategy,
    SystemClock, graph,
};
pub use ember_macros::{graph_fn, operator};

/// Composes operators; see the [guide](crate).
#[macro_export]
macro_rules! graph {
    ($($tokens:tt)*) => { $crate::__private::graph! { [$crate] $($tokens)* } };
}

/// What most programs need: `use ember::prelude::*;`.
pub mod prelude {
    pub use crate::{Context, Strategy, graph, graph_fn, operator};
}

/// The door through which generated code reaches the runtime. Not covered by version guarantees.
#[doc(hidden)]
pub mod __private {
    pub use ember_core::bounds::{Crosses, CrossesByReference, CrossesByValue, Operator, PlainFunction, not_operators};
    pub use ember_core::executor::{Construct, Plan, State, Task, fan_out, is_serial, region};
    pub use ember_core::read::{Read, ReadCopy, ReadNever};
    pub use ember_core::run::{
        Conclude, ConcludeByError, ConcludeByPanic, Fallible, Halted, Info, Level, NoFailure, RaiseByBox, RaiseByNode,
        RaiseRefused, RaiseSame, Serial, Shared, Spot, ending, failing, graph_error,
    };
    pub use ember_core::slot::{Baton, Lent, Slot};
    pub use ember_core::{Context, graph};
    pub use ember_macros::__graph as graph;
}
