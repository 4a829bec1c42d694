//! What runs do, as it happens: events, and those who observe them.
//!
//! A run asks its context once, when it starts, whether anybody observes it; and then, before each node, by the load that
//! it makes anyway to see whether it was stopped. So where nobody listens nothing is noted and no clock is read.
//!
//! In reading order: `event` is what is told; `observer` who is told, and `observers` all of one context; `recorder` an
//! observer for tests; `run` tells of one run, and `frame` knows which node a thread is at.

mod event;
mod frame;
mod observer;
mod observers;
mod recorder;
mod run;
mod since;

#[cfg(all(test, not(loom)))]
mod tests;

pub use self::event::{End, Event, EventKind, Form, What};
pub(crate) use self::frame::{Carried, Frame, Lent, Straight, emit, is_heard};
pub use self::observer::{AlreadyInstalled, Observer, install};
pub use self::observers::observer_panics;
pub(crate) use self::observers::{Observers, installed};
pub use self::recorder::{Recorded, Recorder};
pub(crate) use self::run::{Begun, Run, Teller};
pub(crate) use self::since::Since;
