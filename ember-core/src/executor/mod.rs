//! Runs the tasks of a region, and the items of a fan-out, on the caller's thread and the pool's.
//!
//! A *task* is a chain of nodes that run one after the other in one closure. A *region* is a set of tasks with
//! the order among them, which the macro writes down as a constant [`Plan`]. The code here is not generic: it is
//! compiled once, whatever graphs a program holds, and sees a region's tasks as one `dyn Fn` that takes the task's
//! number.
//!
//! In reading order: `gauge` decides how a run goes, and `tick` when what it knows of tiny graphs is measured again, both in part by `chance`; `region` and `fan_out` run its parts, `quick` the shortest; `crowd` are the threads that do
//! many items together; `order` tells which tasks are ready; `crew` brings threads of the pool to callers from outside of it;
//! `pool` is the only place that names rayon; `idle` is what a thread does that waits, and `hold` tells where it must not;
//! `share` bounds how many threads work for a run.

mod chance;
mod crew;
mod crowd;
mod fan_out;
mod gauge;
pub(crate) mod hold;
mod idle;
mod lot;
mod order;
mod plan;
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
mod pool;
#[cfg(target_has_atomic = "64")]
mod quick;
mod region;
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
mod share;
pub(crate) mod tick;

pub(crate) use crew::{Crew, LATE, LINGER, Placement, Station, TENURE};
pub(crate) use crowd::{Crowd, Pace};
pub use fan_out::fan_out;
pub(crate) use fan_out::{InLots, fan_out_in_lots};
pub(crate) use gauge::{ALWAYS_STRAIGHT, nanos, patience};
pub use gauge::{Gauge, Place, Start, Watch, Way, goes_straight, is_plain, is_plain_line, start};
pub(crate) use idle::{may_take_part, take_part, take_part_in_run};
pub(crate) use lot::{InALot, is_among_others};
pub use order::State;
#[cfg(target_has_atomic = "64")]
pub(crate) use order::{Bits, Fate, Hand, Order, Words};
pub use plan::{Cost, Plan, Task};
pub(crate) use pool::{Own as Pool, is_alone, is_helper, is_its_thread, spawn_job, width};
pub(crate) use region::ahead;
pub use region::region;
pub(crate) use share::Share;
