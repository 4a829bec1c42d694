//! What runs do, as it happens: events, and those who observe them.
//!
//! A run asks its context once, when it starts, whether anybody observes it; and then, before each node, by the load that
//! it makes anyway to see whether it was stopped. So where nobody listens nothing is noted and no clock is read.
//!
//! In reading order: `event` is what is told, with `kind` and `display`; `observer` who is told, and `observers` all of one
//! context; `recorder` an observer for tests, `metrics` one that counts. `run` tells of one run; `frame` knows which node a thread is at, `straight` and
//! `carried` are what is particular to straight lines and to nodes that wait; `emit` and `since` serve policies.

mod carried;
mod display;
mod emit;
mod event;
mod frame;
mod kind;
#[cfg(feature = "metrics")]
mod metrics;
mod observer;
mod observers;
mod recorder;
mod run;
mod since;
mod straight;

#[cfg(all(test, not(loom)))]
mod tests;

pub use self::event::{End, Event, Form, What};
pub use self::kind::EventKind;
#[cfg(feature = "metrics")]
pub use self::metrics::Metrics;
pub use self::observer::{AlreadyInstalled, Observer, install};
pub use self::observers::observer_panics;
pub use self::recorder::{Recorded, Recorder};

pub(crate) use self::carried::{Carried, Lent};
pub(crate) use self::emit::{emit, is_heard};
pub(crate) use self::frame::Frame;
pub(crate) use self::observers::{Observers, installed};
pub(crate) use self::run::{Begun, Run, Teller};
pub(crate) use self::since::Since;
pub(crate) use self::straight::Straight;
