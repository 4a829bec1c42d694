//! Runs of `async` graphs: one future that holds the nodes' futures, and drives those that can go on.
//!
//! In reading order: `wait` is a node that waits, `compute` one that a pool works on; `tasks` are those of a region, of which a
//! `group` holds eight, a `sweep` or a `pass` goes over all, and `order` says who is to be polled; a `call` is a task of one node that
//! waits; `each` drives the items of a `for`, `race` and `hedge` what their names say; `attend` is around the body, inside the future, and `launch` is the future itself. `door`
//! is the only place that names tokio.
//!
//! # Who polls what
//!
//! Whoever drives several futures gives each a waker of its own (`raw::wakes`), and polls those that were
//! woken. When a failure or the context stops a run, each driver polls all of its futures once: what waits sees that it
//! must not, and ends its task, which drops what it waited for. Only calls on other threads go on: they *linger*. A
//! run whose outcome depends on nothing but them is over (`Waiting::settled`); its frame is dropped when they are.

mod attend;
mod call;
mod compute;
mod door;
mod each;
mod gate;
mod group;
mod hedge;
mod inside;
mod launch;
mod order;
mod pass;
mod race;
mod sweep;
mod tasks;
mod wait;

pub(crate) use attend::Waiting;
pub use attend::{Turn, attend, attend_held, of_type};
pub use call::{Node, one_call};
pub use compute::{Blocks, Idempotent, Learned, Place, Placed, compute, idempotent, place_of, policies_of};
#[cfg(feature = "tokio")]
pub use door::TokioClock;
pub(crate) use door::{Blocking, Timer, can_spawn, spawn, spawn_aside};
pub use each::{Each, each};
pub use gate::Gate;
pub use group::{Nobody, both, eight};
pub use hedge::{Again, MadeOnce, Timed, again, hedge, hedge_fallible, made_once, timed};
pub use inside::{NodeAsItIs, NodeIsSent, inside};
pub(crate) use launch::{Alarm, drop_quietly};
pub use launch::{Held, Open, Stage, held, open};
pub use race::{Contends, Field, Rivals, contender, contends, field, race, rivals, unasked, winner};
pub use tasks::tasks;
pub use wait::{CHECKED_ONLY, Waits, awaited, future_of, never_run, wait};
