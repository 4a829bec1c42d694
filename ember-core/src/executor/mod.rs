//! Runs the tasks of a region, and the items of a fan-out, on the caller's thread and the pool's.
//!
//! A *task* is a chain of nodes that run one after the other in one closure. A *region* is a set of tasks with
//! the order among them, which the macro writes down as a constant [`Plan`]. The code here is not generic: it is
//! compiled once, whatever graphs a program holds, and sees a region's tasks as one `dyn Fn` that takes the task's
//! number.
//!
//! In reading order: `gauge` decides how a run goes; `region` and `fan_out` run its parts; `crowd` are the threads that do items together; `order` tells which tasks
//! are ready; `crew` brings threads of the pool to callers from outside of it; `pool` is the only place that names rayon;
//! `idle` is what a thread does that waits, and `hold` tells where it must not.

mod crew;
mod crowd;
mod fan_out;
mod gauge;
pub(crate) mod hold;
mod idle;
mod order;
mod plan;
mod pool;
mod region;

pub(crate) use crew::{LINGER, TENURE};
pub(crate) use crowd::{Crowd, Pace};
pub use fan_out::{Construct, fan_out};
pub(crate) use gauge::{ALWAYS_STRAIGHT, nanos, patience};
pub use gauge::{Gauge, Place, Start, Watch, Way, start};
pub(crate) use idle::{may_take_part, take_part, take_part_in_run};
pub use order::State;
pub use plan::{Cost, Plan, Task};
pub(crate) use pool::{is_its_thread, spawn_job, width};
pub use region::region;
