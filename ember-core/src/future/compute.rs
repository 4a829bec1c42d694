//! A node that works: a synchronous operator in an `async` graph.
//!
//! It runs on a thread of the pool, so that it does not keep a runtime's thread from others. A call that is known to be
//! short stays where it is instead, since going to another thread and back takes some microseconds. How long calls take is
//! learned at each place in the source.

use std::cell::Cell;
use std::future::Future;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use ember_graph::Policy;

use super::door::spawn_blocking;
use super::gate::Gate;
use super::launch::{Calls, drop_quietly};
use crate::Strategy;
use crate::executor;
use crate::observe::Lent;
use crate::raw::job::{Job, Outcome, Running};
use crate::run::Halted;

/// Where an operator runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On the pool for work, unless it is short.
    Pool,
    /// Where it is called.
    Inline,
    /// On the threads for what blocks.
    Blocking,
}

/// An operator.
pub trait Placed {
    /// Where it wants to run.
    const PLACE: Place;

    /// Its policies, as its attribute says.
    const POLICIES: &'static [Policy<'static>] = &[];
}

/// The policies of the operator that this makes.
#[must_use]
pub const fn policies_of<N: Placed>(_: fn() -> N) -> &'static [Policy<'static>] {
    N::POLICIES
}

/// Where an operator wants to run.
#[inline(always)]
pub const fn place_of<N: Placed>(_: &N) -> Place {
    N::PLACE
}

/// What blocking operators need.
#[diagnostic::on_unimplemented(
    message = "`#[operator(blocking)]` needs threads that may block, which ember has with its feature `tokio`",
    note = "in Cargo.toml: `ember = {{ version = \"..\", features = [\"tokio\"] }}`"
)]
pub trait Blocks {
    /// Where blocking operators run.
    const PLACE: Place;
}
#[cfg(feature = "tokio")]
#[diagnostic::do_not_recommend]
impl<N> Blocks for N {
    const PLACE: Place = Place::Blocking;
}

/// An operator that can be called twice without harm.
#[diagnostic::on_unimplemented(
    message = "`#[hedge(..)]` may call the operator `{Self}` twice, and nothing says that this does no harm",
    label = "not known to be idempotent",
    note = "if it is safe to call it twice with the same arguments, say so: `#[operator(idempotent)]`; if not, remove the `#[hedge(..)]`"
)]
pub trait Idempotent {}

/// Asks that an operator is idempotent.
#[inline(always)]
pub const fn idempotent<N: Idempotent>(_: &N) {}

/// Calls that take no longer stay on the thread of the runtime. Going to the pool and back takes about as long.
const SHORT: u32 = 10_000;

/// How many nanoseconds of short calls a run may make before it lets others have the thread.
const BUDGET: usize = 100_000;

/// How long the calls at one place in the source take: whether the lesser of the last two times is short, since a thread that is
/// interrupted makes any call look long. It is written where this changes, and not by each call: other threads would have to
/// fetch it each time.
#[derive(Debug)]
pub struct Learned(AtomicU8);

/// The last two calls were long, or none is known.
const LONG: u8 = 0;
/// The last call was short.
const BRIEF: u8 = 1;
/// The last call was long, and the one before it short.
const ONCE_LONG: u8 = 2;

impl Learned {
    /// Nothing is known.
    #[expect(clippy::declare_interior_mutable_const, reason = "statics are made from it, nothing else")]
    pub const NEW: Self = Self(AtomicU8::new(LONG));

    fn is_short(&self) -> bool {
        self.0.load(Relaxed) != LONG
    }

    fn took(&self, time: Duration) -> u32 {
        let nanos = u32::try_from(time.as_nanos()).unwrap_or(u32::MAX);
        let known = self.0.load(Relaxed);
        let learned = match known {
            _ if nanos <= SHORT => BRIEF,
            BRIEF => ONCE_LONG,
            _ => LONG,
        };
        if learned != known {
            self.0.store(learned, Relaxed);
        }
        nanos
    }
}

/// A synchronous call.
#[must_use = "futures do nothing unless they are awaited"]
pub struct Compute<'r, F, T> {
    gate: Gate<'r>,
    calls: &'r Arc<Calls>,
    place: Place,
    learned: &'static Learned,
    /// Sends the call to another thread. Kept here because only where this is made it is known that it may be sent.
    go: Go<'r, F, T>,
    state: State<'r, F, T>,
}

/// Sends a call to where it runs.
type Go<'r, F, T> = fn(&Arc<Calls>, Place, Option<Lent>, F) -> Running<'r, (T, Duration)>;

enum State<'r, F, T> {
    Waits(F),
    Runs(Running<'r, (T, Duration)>),
    /// It must not go on, but does.
    Lingers(Running<'r, (T, Duration)>),
    Over,
}

/// What a synchronous operator of an `async` graph returns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot come back from the thread that runs this operator",
    label = "yields `{Self}`, which is not `Send`",
    note = "in an `async` graph an operator that is not `async` runs on a thread of the pool; return what can cross threads (`Arc` for `Rc`, a `Mutex` or an atomic for a `RefCell` or `Cell`), or make it an `async fn`, which runs where the graph is polled"
)]
pub trait ComesBack: Send {}
#[diagnostic::do_not_recommend]
impl<T: Send> ComesBack for T {}

/// Calls `f` where it does not keep a runtime's thread.
#[inline]
pub fn compute<'r, F, T>(
    gate: Gate<'r>,
    calls: &'r Arc<Calls>,
    place: Place,
    learned: &'static Learned,
    f: F,
) -> Compute<'r, F, T>
where
    F: FnOnce() -> T + Send + 'r,
    T: ComesBack + 'r,
{
    Compute { gate, calls, place, learned, go, state: State::Waits(f) }
}

fn go<'r, F, T>(calls: &Arc<Calls>, place: Place, node: Option<Lent>, f: F) -> Running<'r, (T, Duration)>
where
    F: FnOnce() -> T + Send + 'r,
    T: Send + 'r,
{
    let counted = Counted::new(calls);
    let context = calls.context().clone();
    let work = move || {
        let _here = AtCall::enter(place);
        let _frame = node.map(Lent::enter);
        let start = Instant::now();
        let value = context.help(f);
        (value, start.elapsed())
    };
    Running::start(work, |job| {
        let sent = Sent { job, counted };
        let job = Box::new(move || sent.run());
        match place {
            Place::Blocking => spawn_blocking(calls.context(), job),
            Place::Pool | Place::Inline => executor::spawn_job(calls.context(), job),
        }
    })
}

thread_local! {
    static AT_CALL: Cell<bool> = const { Cell::new(false) };
}

/// A call that a thread of the pool works on. If its operator waits for another `async` graph, that one's calls stay with it:
/// else all threads of the pool might wait for calls that none of them is free for.
struct AtCall {
    was: bool,
}

impl AtCall {
    fn enter(place: Place) -> Self {
        Self { was: AT_CALL.replace(place != Place::Blocking) }
    }

    fn is_here() -> bool {
        AT_CALL.get() || executor::is_helper()
    }
}

impl Drop for AtCall {
    fn drop(&mut self) {
        AT_CALL.set(self.was);
    }
}

// What another thread works on is on the heap: a call that runs does not depend on where this is.
impl<F, T> Unpin for Compute<'_, F, T> {}

impl<'r, F: FnOnce() -> T, T> Compute<'r, F, T> {
    /// Waits for a call whose value nobody wants any more, since it borrows from what others may drop.
    fn linger(
        &mut self,
        mut running: Running<'r, (T, Duration)>,
        cx: &Context<'_>,
    ) -> Poll<Result<T, Halted>> {
        match running.poll(cx) {
            Poll::Ready(outcome) => {
                drop_quietly(outcome);
                Poll::Ready(Err(Halted))
            }
            Poll::Pending => {
                self.gate.waiting().settle(true);
                self.state = State::Lingers(running);
                Poll::Pending
            }
        }
    }

    fn stays(&self) -> bool {
        match self.place {
            Place::Inline => true,
            Place::Blocking => false,
            Place::Pool => {
                let apart = self.calls.context().strategy().is_some_and(Strategy::is_parallel);
                executor::is_alone()
                    || AtCall::is_here()
                    || !apart && self.learned.is_short() && self.gate.waiting().spent() < BUDGET
            }
        }
    }

    fn stay(&self, f: F) -> T {
        if self.place == Place::Inline {
            return f();
        }
        let start = Instant::now();
        let value = f();
        let nanos = self.learned.took(start.elapsed());
        self.gate.waiting().spend(nanos);
        value
    }

    fn over(&self, outcome: Option<Outcome<(T, Duration)>>) -> T {
        match outcome {
            Some(Ok((value, time))) => {
                self.learned.took(time);
                value
            }
            Some(Err(payload)) => resume_unwind(payload),
            None => panic!("the threads that should have run this operator were shut down"),
        }
    }
}

/// A job with its place in the count of the run's calls, which it leaves last, also if it never runs.
struct Sent {
    job: Job,
    counted: Counted,
}

impl Sent {
    fn run(self) {
        let Self { job, counted } = self;
        drop_quietly(catch_unwind(AssertUnwindSafe(job)));
        drop(counted);
    }
}

struct Counted(Arc<Calls>);

impl Counted {
    fn new(calls: &Arc<Calls>) -> Self {
        calls.begin();
        Self(calls.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl<F: FnOnce() -> T, T> Future for Compute<'_, F, T> {
    type Output = Result<T, Halted>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let mut running = match mem::replace(&mut this.state, State::Over) {
            State::Waits(f) => {
                this.gate.pass()?;
                if this.stays() {
                    return Poll::Ready(Ok(this.stay(f)));
                }
                let node = this.gate.carry().and_then(|carried| Lent::of(carried));
                (this.go)(this.calls, this.place, node, f)
            }
            State::Runs(running) => match this.gate.pass() {
                Ok(()) => running,
                Err(Halted) => return this.linger(running, cx),
            },
            State::Lingers(running) => return this.linger(running, cx),
            State::Over => unreachable!("a call is not asked again after its end"),
        };
        match running.poll(cx) {
            Poll::Ready(outcome) => {
                if let Some(carried) = this.gate.carried() {
                    carried.put_down();
                }
                Poll::Ready(Ok(this.over(outcome)))
            }
            Poll::Pending => {
                this.state = State::Runs(running);
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Learned, SHORT};

    #[test]
    fn calls_are_short_if_one_of_the_last_two_was() {
        let learned = Learned::NEW;
        assert!(!learned.is_short());
        let (short, long) = (SHORT, SHORT + 1);
        let calls = [
            (long, false),
            (short, true),
            (long, true),
            (long, false),
            (long, false),
            (short, true),
            (short, true),
            (long, true),
        ];
        for (n, (nanos, is_short)) in calls.into_iter().enumerate() {
            assert_eq!(learned.took(Duration::from_nanos(nanos.into())), nanos);
            assert_eq!(learned.is_short(), is_short, "after {} calls", n + 1);
        }
        assert_eq!(learned.took(Duration::from_secs(5)), u32::MAX);
    }
}
