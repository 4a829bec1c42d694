//! At most so many calls at once.

mod builder;

pub use builder::ConcurrencyBuilder;

use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{self, Poll, Waker};
use std::time::{Duration, Instant};

use super::Refused;
use super::behind::{Behind, Pass};
use super::line::{Full, Line, Ticket};
use crate::Context;
use crate::executor::hold::{self, Inside};
use crate::observe::{Since, What};
use crate::policy::PolicyError;
use crate::policy::time::Time;
use crate::policy::wait::patience::Patience;
use crate::policy::wait::turn::{self, Wait};
use crate::watch::{self, State, Watch};

/// At most so many calls at once; others wait in a line of bounded length. Also known as a bulkhead.
///
/// Permits are given in the order in which calls came for them, threads and futures in one line, and handed from call to
/// call: a permit that comes back while others wait cannot be snatched by who comes just then. It comes back once,
/// however the call ends: by its value, a failure, a panic, or as its future is dropped.
///
/// ```
/// use ember_core::policy::{Concurrency, PolicyError};
///
/// let limit = Concurrency::builder().permits(1).queue(0).build()?;
///
/// let answer = limit.call(|| {
///     assert_eq!(limit.in_use(), 1);
///     // The only permit is out, and nobody may wait.
///     assert!(limit.try_acquire().is_err());
///     Ok::<_, PolicyError<std::io::Error>>(42)
/// });
/// assert_eq!(answer.unwrap(), 42);
/// assert_eq!((limit.in_use(), limit.refused()), (0, 1));
/// # Ok::<(), ember_core::policy::Invalid>(())
/// ```
///
/// # A permit that is needed to come to an end
///
/// A call that holds a permit and waits for a call that waits for the permit would wait for ever. That is so for an
/// operator that calls itself, directly or through a graph. Where the second call stands on the stack of the first, or
/// is a part of what the first one runs, it is refused at once instead, if no permit is free.
///
/// Otherwise a call that holds a permit depends on no call that waits for one: a permit is held while the operator runs,
/// never while a retry waits, and a thread inside of such a call takes up no foreign part of a graph. Two things are
/// beyond that, and need a [`max_wait`](ConcurrencyBuilder::max_wait): operators of two limits that call each other in
/// turns; and an operator that uses rayon by itself under a limit, in jobs of rayon or graphs that run inside of its pool:
/// rayon may start another such call on the stack of a thread that has taken up a piece, as it does under a lock. Give
/// such an operator a graph for its pieces instead.
///
/// # Futures that are left alone
///
/// A future that was given a permit keeps it until it is polled or dropped. So one that waits must not be set aside, as by a
/// `select!` that polls it by reference and goes on without it.
pub struct Concurrency {
    line: Line,
    max_wait: Option<Duration>,
    time: Time,
    refused: AtomicU64,
}

/// As a layer around a call.
impl Concurrency {
    /// 16 permits, if nothing else is said.
    pub fn builder() -> ConcurrencyBuilder {
        ConcurrencyBuilder::default()
    }

    /// Makes a call when there is a permit for it. A thread that waits takes part in other work meanwhile where it can,
    /// and so may go on later than its turn comes.
    ///
    /// # Errors
    /// What the call returns; [`PolicyError::full`] if it was refused, or waited too long; [`PolicyError::stopped`] if
    /// its run was stopped while it waited.
    #[inline]
    pub fn call<T, E>(&self, next: impl FnOnce() -> Result<T, PolicyError<E>>) -> Result<T, PolicyError<E>> {
        let permit = match self.acquire() {
            Ok(permit) => permit,
            Err(refused) => return Err(refused.by(LIMIT)),
        };
        let _inside = permit.enter();
        next()
    }

    /// The same for a call that takes its permit along: to where it runs on when nobody waits for it any more, as behind
    /// [`Timeout::call_abandoning`](crate::policy::Timeout::call_abandoning). Until it ends there, it counts. So the limit
    /// must live as long: behind a reference that does, or an [`Arc`](std::sync::Arc).
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn call_with_permit<L: Deref<Target = Self>, T, E>(
        limit: L,
        next: impl FnOnce(ConcurrencyPermit<L>) -> Result<T, PolicyError<E>>,
    ) -> Result<T, PolicyError<E>> {
        limit.take().map_err(|refused| refused.by(LIMIT))?;
        let _inside = hold::enter(limit.id());
        next(ConcurrencyPermit { limit })
    }

    /// The same for a call that is a future.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn call_async<T, E, F>(&self, next: F) -> impl Future<Output = Result<T, PolicyError<E>>>
    where
        F: Future<Output = Result<T, PolicyError<E>>>,
    {
        Behind::new(self.acquire_async(), next)
    }
}

/// By hand.
impl Concurrency {
    /// Takes a permit if one is free and nobody waits for it.
    ///
    /// # Errors
    /// [`Refused::Full`] if not, which counts as a refusal.
    #[inline]
    pub fn try_acquire(&self) -> Result<ConcurrencyPermit<&Self>, Refused> {
        if self.line.take() { Ok(ConcurrencyPermit { limit: self }) } else { Err(self.refuse()) }
    }

    /// Takes a permit, and blocks the thread until there is one.
    ///
    /// # Errors
    /// [`Refused::Full`] if too many wait, or it waited too long; [`Refused::Stopped`] if the current context was stopped
    /// meanwhile. A permit that is free is given without asking the context.
    #[inline]
    pub fn acquire(&self) -> Result<ConcurrencyPermit<&Self>, Refused> {
        self.take().map(|()| ConcurrencyPermit { limit: self })
    }

    /// Takes a permit, to be given back by whoever holds it.
    #[inline]
    fn take(&self) -> Result<(), Refused> {
        if self.line.take() { Ok(()) } else { self.wait() }
    }

    /// The same without blocking the thread.
    ///
    /// # Errors
    /// As [`acquire`](Self::acquire), for the context in which it is first polled.
    pub fn acquire_async(&self) -> Acquire<'_> {
        Acquire { limit: self, ticket: Ticket::new(&self.line), patience: None }
    }

    #[cold]
    fn wait(&self) -> Result<(), Refused> {
        if hold::is_inside_of(self.id()) {
            return Err(self.refuse());
        }
        let context = Context::current();
        let until = self.until(&context);
        let mut ticket = Ticket::new(&self.line);
        let since = Since::now();
        let outcome = match turn::wait(&mut ticket, until, &self.time, &context) {
            Ok(Some(Ok(()))) => Ok(()),
            Ok(Some(Err(Full)) | None) => Err(self.refuse()),
            Err(stopped) => Err(stopped.into()),
        };
        since.tell(|took| What::PermitWaited { took, granted: outcome.is_ok() });
        outcome
    }

    fn until(&self, context: &Context) -> Option<Instant> {
        self.max_wait.and_then(|time| self.time.now(context).checked_add(time))
    }

    #[cold]
    fn refuse(&self) -> Refused {
        self.refused.fetch_add(1, Relaxed);
        Refused::Full { retry_after: None }
    }

    /// What tells it from other limits while it is there.
    fn id(&self) -> usize {
        ptr::from_ref(self).addr()
    }
}

/// Gauges.
impl Concurrency {
    /// How many permits there are.
    pub fn permits(&self) -> usize {
        self.line.permits() as usize
    }

    /// How many permits are out. One that was given to a call that waited counts at once.
    pub fn in_use(&self) -> usize {
        self.line.in_use() as usize
    }

    /// How many calls wait for a permit.
    pub fn waiting(&self) -> usize {
        self.line.waiting()
    }

    /// How many calls have been refused so far, those among them that waited too long. Runs that were stopped do not
    /// count.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }
}

impl fmt::Debug for Concurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Concurrency")
            .field("permits", &self.permits())
            .field("in_use", &self.in_use())
            .field("waiting", &self.waiting())
            .field("refused", &self.refused())
            .finish_non_exhaustive()
    }
}

/// The name of the limit.
const LIMIT: &str = "concurrency";

/// The right to run one call. It goes back when it is dropped.
#[must_use = "a permit goes back at once if it is not kept"]
pub struct ConcurrencyPermit<L: Deref<Target = Concurrency>> {
    limit: L,
}

impl<L: Deref<Target = Concurrency>> Drop for ConcurrencyPermit<L> {
    #[inline]
    fn drop(&mut self) {
        self.limit.line.give_back();
    }
}

impl<L: Deref<Target = Concurrency>> fmt::Debug for ConcurrencyPermit<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConcurrencyPermit").finish_non_exhaustive()
    }
}

impl<L: Deref<Target = Concurrency>> Pass for ConcurrencyPermit<L> {
    const LIMIT: &'static str = LIMIT;

    #[inline]
    fn enter(&self) -> Option<Inside> {
        Some(hold::enter(self.limit.id()))
    }
}

impl Wait for Ticket<'_> {
    type Output = Result<(), Full>;

    fn poll(&mut self, waker: &Waker) -> Poll<Self::Output> {
        self.poll(waker)
    }

    fn step_aside(&mut self) -> bool {
        self.step_aside()
    }
}

/// The future of [`Concurrency::acquire_async`]. Dropping it leaves the line.
#[must_use = "futures do nothing unless they are awaited"]
pub struct Acquire<'l> {
    limit: &'l Concurrency,
    ticket: Ticket<'l>,
    /// There once it waits.
    patience: Option<Box<(Patience, Since)>>,
}

impl<'l> Acquire<'l> {
    #[cold]
    fn wait(
        &mut self,
        cx: &mut task::Context<'_>,
    ) -> Poll<Result<ConcurrencyPermit<&'l Concurrency>, Refused>> {
        let Self { limit, ticket, patience } = self;
        if patience.is_none() && hold::is_inside_of(limit.id()) {
            return Poll::Ready(Err(limit.refuse()));
        }
        let (patience, since) = &mut **patience.get_or_insert_with(|| {
            let context = Context::current();
            let until = limit.until(&context);
            Box::new((Patience::new(context, until, &limit.time), Since::now()))
        });
        let refused = match patience.register(cx.waker()) {
            Err(stopped) => stopped.into(),
            Ok(()) => match ticket.poll(cx.waker()) {
                Poll::Ready(Ok(())) => {
                    since.tell(|took| What::PermitWaited { took, granted: true });
                    return Poll::Ready(Ok(ConcurrencyPermit { limit }));
                }
                Poll::Pending if !patience.is_over(&limit.time) => return Poll::Pending,
                Poll::Ready(Err(Full)) | Poll::Pending => limit.refuse(),
            },
        };
        since.tell(|took| What::PermitWaited { took, granted: false });
        // Out of the line, however long the future is kept; what it was given meanwhile goes on.
        *ticket = Ticket::new(&limit.line);
        Poll::Ready(Err(refused))
    }
}

impl<'l> Future for Acquire<'l> {
    type Output = Result<ConcurrencyPermit<&'l Concurrency>, Refused>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let limit = self.limit;
        if !self.ticket.is_waiting() && limit.line.take() {
            return Poll::Ready(Ok(ConcurrencyPermit { limit }));
        }
        self.wait(cx)
    }
}

impl fmt::Debug for Acquire<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquire").field("waits", &self.ticket.is_waiting()).finish_non_exhaustive()
    }
}

impl Concurrency {
    /// Who waits for a permit.
    pub(crate) fn seen_line(&self) -> watch::Line {
        watch::Line::new(self.waiting(), self.line.most_waiting(), self.refused())
    }
}

impl Watch for Concurrency {
    fn watch(&self) -> State {
        State::Concurrency { permits: self.permits(), in_use: self.in_use(), line: self.seen_line() }
    }
}
