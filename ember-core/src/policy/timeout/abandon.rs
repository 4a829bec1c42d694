//! Calls that are left behind when their time is up: they run on threads of a bounded set.

mod meeting;
mod threads;

#[cfg(all(loom, test))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::task::Waker;
use std::thread;

use super::Timeout;
use crate::context::{Context, Watch};
use crate::error::__discard;
use crate::executor::hold::Around;
use crate::observe::{Lent, What, emit, is_heard};
use crate::policy::wait::Idle;
use crate::policy::{PolicyError, catch};
use crate::sync::park;
use crate::{Stopped, executor, watch};

pub(crate) use meeting::Meeting;
use threads::{Full, Threads};

/// For all calls of the process that may be left behind, once there is one.
static THREADS: OnceLock<Threads> = OnceLock::new();

/// How many threads there are for them at most.
pub(crate) const MOST: usize = 64;

fn all_threads() -> &'static Threads {
    THREADS.get_or_init(|| {
        watch::register("ember-abandonable", || THREADS.get().map(Threads::seen)).keep();
        Threads::new(MOST)
    })
}

/// What a timeout can leave behind.
#[diagnostic::on_unimplemented(
    message = "a timeout cannot stop this operator: `{Self}` is borrowed, or must not be sent to another thread",
    label = "`{Self}` is not owned (`Send + 'static`)",
    note = "nothing can stop a synchronous function by force, so there are two ways: let it take `cx: &Context` and ask `cx.check()?` now and then; or let it own its arguments and what it returns (`String` for `&str`, `Arc<T>` for `&T`), so that it can be left behind on a thread of its own when its time is up"
)]
pub trait Abandonable: Send + 'static {}
#[diagnostic::do_not_recommend]
impl<T: Send + 'static> Abandonable for T {}

/// How many calls run on after their time was up, in the whole process: at most 64.
pub fn abandoned() -> usize {
    THREADS.get().map_or(0, Threads::abandoned)
}

impl Timeout {
    /// Calls what owns all it works on, on a thread of a bounded set, and leaves it behind when time is up, or when the run is
    /// stopped. Its context says so, it is among the [`abandoned`] until it ends, and what it holds, it holds
    /// until then.
    ///
    /// There are 64 such threads at most, for all calls of the process. They are started as they are needed, and end when
    /// they have had no work for ten seconds. A call that finds none free waits until another one ends, as long as it has
    /// time.
    ///
    /// # Errors
    ///
    /// What `next` fails with; [`PolicyError::timed_out`]; [`PolicyError::stopped`], if the run was stopped meanwhile; or
    /// [`PolicyError::full`], if the call was not made: all threads run calls that were left behind, or none got free in
    /// time, or none is free and it is such a call that asks.
    pub fn call_abandoning<T, E>(
        &self,
        next: impl FnOnce() -> Result<T, PolicyError<E>> + Abandonable,
    ) -> Result<T, PolicyError<E>>
    where
        T: Abandonable,
        E: Abandonable,
    {
        self.call_on(all_threads(), next)
    }

    fn call_on<T, E>(
        self,
        threads: &'static Threads,
        next: impl FnOnce() -> Result<T, PolicyError<E>> + Abandonable,
    ) -> Result<T, PolicyError<E>>
    where
        T: Abandonable,
        E: Abandonable,
    {
        let run = Context::current();
        let context = Context::builder().parent(&run).timeout(self.after).build();
        let meeting = Meeting::new();
        let (inside, there) = (context.clone(), meeting.clone());
        let held = Around::here();
        let node = if is_heard() { Lent::at_hand() } else { None };
        let job = Box::new(move || {
            let _frame = node.map(Lent::enter);
            let outcome = held.lend(|| inside.scope(|| catch(next)));
            if let Err(late) = there.give(outcome) {
                if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(late))) {
                    __discard(payload);
                }
                threads.ended();
            }
        });
        let full = || PolicyError::full("abandonable threads", None);
        let ticket = threads.start(job).map_err(|Full| full())?;
        let waker = Waker::from(meeting.clone());
        let mut watch = Watch::new(&context);
        watch.register(&waker);
        let (mut idle, mut slept) = (Idle::new(), false);
        while context.check().is_ok() {
            if let Some(outcome) = meeting.take(false) {
                return self.judge(outcome, || is_late(&context, &run));
            }
            rest(&context, &mut idle, &mut slept);
        }
        if threads.withdraw(ticket) {
            return Err(run.check().map_or_else(PolicyError::stopped, |()| full()));
        }
        // Counted before the caller is gone, so that the call cannot end in between.
        threads.abandon();
        if let Some(outcome) = meeting.take(true) {
            threads.ended();
            return self.judge(outcome, || is_late(&context, &run));
        }
        emit(|| What::Abandoned);
        // The call finds out what its run does by itself.
        Err(run.check().map_or_else(PolicyError::stopped, |()| {
            context.expire();
            self.timed_out()
        }))
    }
}

/// Waits for a while, or does other work if there is some: the call may itself wait for a thread of the pool, and this may
/// be the only one. Work is looked for after each sleep.
fn rest(context: &Context, idle: &mut Idle, slept: &mut bool) {
    let takes_part = executor::may_take_part();
    if takes_part && std::mem::take(slept) {
        let found = executor::take_part();
        idle.found(found);
        if found {
            return;
        }
    }
    let Some(deadline) = context.deadline() else { return park() };
    let clock = context.clock();
    // The value unparks the thread, whatever the clock.
    if takes_part && clock.has_timers() {
        thread::park_timeout(idle.time().min(deadline.saturating_duration_since(clock.now())));
    } else {
        clock.park_until(deadline);
    }
    *slept = takes_part;
}

/// Whether the time of the call has come, and not that of the run around it.
fn is_late(call: &Context, run: &Context) -> bool {
    call.check() == Err(Stopped::DeadlineExceeded) && run.check().is_ok()
}
