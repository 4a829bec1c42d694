//! Runs the tasks of a region, and the items of a fan-out, on the pool.
//!
//! A *task* is a chain of nodes that run one after the other in one closure. A *region* is a set of tasks with
//! the order among them, which the macro writes down as a constant [`Plan`]. The code here is not generic: it is
//! compiled once, whatever graphs a program holds, and sees a region's tasks as one `dyn Fn` that takes the task's
//! number. (Each instance of `rayon::join` would cost tens of milliseconds of release build.)
//!
//! Whoever finishes the last task that another one waits for goes on with that one in place; if several become
//! ready, the others are offered to the pool. Where there is no order among the tasks this is a balanced tree of
//! joins. Nothing is allocated.

mod counters;
mod door;
mod fan_out;
mod pool;
mod region;

#[cfg(all(loom, test))]
mod loom;

pub use counters::{Plan, State, Task};
pub use door::{Door, EnterOften, EnterOnce, kind};
pub use fan_out::{Construct, fan_out};
pub use region::{region, task};

use crate::context::Context;
use crate::strategy::Strategy;

/// Whether a run takes the straight line.
#[inline]
pub fn is_serial(context: &Context) -> bool {
    #[cfg(feature = "parallel")]
    {
        context.strategy() == Some(Strategy::Sequential)
    }
    #[cfg(not(feature = "parallel"))]
    {
        let _: Option<Strategy> = context.strategy();
        true
    }
}
