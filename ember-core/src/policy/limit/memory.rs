//! At most so much memory at once.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{self, Poll, Waker};
use std::time::{Duration, Instant};

use super::weights::{Claim, Full, Weights};
use super::{MOST_WAITING, Refused};
use crate::executor::hold::{self, Inside};
use crate::observe::{Since, What};
use crate::policy::Invalid;
use crate::policy::time::Time;
use crate::policy::wait::patience::Patience;
use crate::policy::wait::turn::{self, Wait};
use crate::watch::{Line, State, Watch};
use crate::{Clock, Context};

/// A bound on the memory that values hold together: each is admitted with its weight, and waits, or is refused, while there
/// is no room.
///
/// It is a count and no allocator: it holds what those who use it say, by [`Weigh`](crate::Weigh) or as they know better. A
/// handle on it may be cloned; all are the same budget.
///
/// Those who wait are served in the order in which they came, threads and futures in one line. While one waits for much,
/// those behind him wait as well, even if little would do for them: so nobody is overtaken for ever.
///
/// ```
/// use ember_core::Weigh;
/// use ember_core::policy::MemoryBudget;
///
/// let budget = MemoryBudget::builder().bytes(1 << 20).queue(0).build()?;
/// let text = "x".repeat(700_000);
///
/// let admitted = budget.admit(text.weight()).unwrap();
/// assert!(budget.admit(text.weight()).is_err(), "there is no room for another");
/// drop(admitted);
/// assert_eq!(budget.used(), 0);
/// assert_eq!(budget.peak(), text.weight());
/// # Ok::<(), ember_core::policy::Invalid>(())
/// ```
///
/// # Room inside of room
///
/// Who holds a part of a budget and waits for somebody who waits for the same budget would wait for ever, as where an operator
/// holds room and calls another that wants some. So hold it around a [`call`](Self::call): what that call runs is
/// refused with [`Refused::Nested`] where it would have to wait, and let in where there is room, also past those who wait. So is what runs in an item of a batch or a
/// stream [with a budget](crate::Batch::memory).
///
/// An [`Admission`] by hand may be given back by anybody, as by who takes values out of a channel; so it is not known who
/// waits for whom. If you keep one while others are waited for that want room too, give the budget a
/// [`max_wait`](MemoryBudgetBuilder::max_wait). So do for calls that hold room of two budgets in turns.
#[derive(Clone)]
pub struct MemoryBudget(Arc<Inner>);

struct Inner {
    weights: Weights,
    max_wait: Option<Duration>,
    time: Time,
    refused: AtomicU64,
    above: Option<MemoryBudget>,
}

/// Makes a [`MemoryBudget`].
#[derive(Clone)]
#[must_use = "a builder makes nothing until `build` is called"]
pub struct MemoryBudgetBuilder {
    bytes: usize,
    queue: usize,
    max_wait: Option<Duration>,
    time: Time,
    above: Option<MemoryBudget>,
}

impl Default for MemoryBudgetBuilder {
    /// 1 GiB, up to 65 536 that wait, for as long as it takes.
    fn default() -> Self {
        Self { bytes: 1 << 30, queue: MOST_WAITING, max_wait: None, time: Time::default(), above: None }
    }
}

impl MemoryBudgetBuilder {
    /// How many bytes there are in all: from 1 on, if not said 1 GiB.
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// How many may wait for room, if not said 65 536. The next one is refused at once; with 0, everyone who finds no room.
    pub fn queue(mut self, most: usize) -> Self {
        self.queue = most;
        self
    }

    /// How long one may wait for room. If not said, until its run is stopped.
    pub fn max_wait(mut self, time: Duration) -> Self {
        self.max_wait = Some(time);
        self
    }

    /// Puts it below another: what it admits counts there too, and waits there too.
    pub fn within(mut self, above: &MemoryBudget) -> Self {
        self.above = Some(above.clone());
        self
    }

    /// Measures waiting by another clock than that of the context of the call.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.time = Time::of(clock);
        self
    }

    /// Makes the budget.
    ///
    /// # Errors
    /// If it has no bytes, or more than the one that it is below.
    pub fn build(self) -> Result<MemoryBudget, Invalid> {
        let most = self.above.as_ref().map_or(usize::MAX, MemoryBudget::bytes);
        if self.bytes == 0 || self.bytes > most {
            let must = "at least 1, and no more than the budget around it has";
            return Err(Invalid::new("memory budget", "bytes", self.bytes, must));
        }
        Ok(MemoryBudget(Arc::new(Inner {
            weights: Weights::new(self.bytes, self.queue),
            max_wait: self.max_wait,
            time: self.time,
            refused: AtomicU64::new(0),
            above: self.above,
        })))
    }
}

impl MemoryBudget {
    /// 1 GiB, if nothing else is said.
    pub fn builder() -> MemoryBudgetBuilder {
        MemoryBudgetBuilder::default()
    }

    /// Admits so many bytes, if there is room and nobody waits for it.
    ///
    /// # Errors
    /// [`Refused::Full`], or [`Refused::TooLarge`] if it could never be admitted.
    pub fn try_admit(&self, weight: usize) -> Result<Admission, Refused> {
        self.check(weight)?;
        let mut admission = Admission { budget: self.clone(), levels: 0, weight };
        for budget in self.lineage() {
            if !budget.take(weight) {
                return Err(budget.refuse());
            }
            admission.levels += 1;
        }
        Ok(admission)
    }

    /// The same for who asks again and again: that he finds no room does not count as refused.
    pub(crate) fn admit_if_free(&self, weight: usize) -> Option<Admission> {
        let mut admission = Admission { budget: self.clone(), levels: 0, weight };
        for budget in self.lineage() {
            if !budget.take(weight) {
                return None;
            }
            admission.levels += 1;
        }
        Some(admission)
    }

    /// Admits so many bytes when there is room. A thread that waits takes part in other work meanwhile where it can.
    ///
    /// # Errors
    /// [`Refused::Full`], if nobody else may wait, or it waited too long; [`Refused::TooLarge`], if it could never be
    /// admitted; [`Refused::Nested`], if it would wait for the [`call`](Self::call) that it is a part of;
    /// [`Refused::Stopped`], if its run was stopped while it waited.
    pub fn admit(&self, weight: usize) -> Result<Admission, Refused> {
        let mut since = None;
        let admitted = self.admit_noting(weight, &mut since);
        tell(since, admitted)
    }

    /// The same for what belongs to no node, such as an input of a batch: nothing is told of how it waits.
    pub(crate) fn admit_untold(&self, weight: usize) -> Result<Admission, Refused> {
        self.admit_noting(weight, &mut Some(Since::never()))
    }

    /// Notes when it begins to wait.
    fn admit_noting(&self, weight: usize, since: &mut Option<Since>) -> Result<Admission, Refused> {
        self.check(weight)?;
        let mut admission = Admission { budget: self.clone(), levels: 0, weight };
        for budget in self.lineage() {
            if !budget.take(weight) {
                since.get_or_insert_with(Since::now);
                budget.wait(weight)?;
            }
            admission.levels += 1;
        }
        Ok(admission)
    }

    /// Takes a part that is free. What runs inside of a call that holds some passes those who wait: they may wait for that call.
    fn take(&self, weight: usize) -> bool {
        self.0.weights.take(weight) || self.is_inside() && self.0.weights.take_past(weight)
    }

    #[cold]
    fn wait(&self, weight: usize) -> Result<(), Refused> {
        self.refuse_inside()?;
        let context = Context::current();
        let mut claim = Claim::new(&self.0.weights, weight);
        match turn::wait(&mut claim, self.until(&context), &self.0.time, &context)? {
            Some(Ok(())) => Ok(()),
            Some(Err(Full)) | None => Err(self.refuse()),
        }
    }

    /// The same for a future, which leaves the line when it is dropped.
    ///
    /// # Errors
    /// As [`admit`](Self::admit).
    pub async fn admit_async(&self, weight: usize) -> Result<Admission, Refused> {
        let mut since = None;
        let admitted = self.admit_async_noting(weight, &mut since).await;
        tell(since, admitted)
    }

    /// The same for what belongs to no node.
    pub(crate) async fn admit_async_untold(&self, weight: usize) -> Result<Admission, Refused> {
        self.admit_async_noting(weight, &mut Some(Since::never())).await
    }

    async fn admit_async_noting(
        &self,
        weight: usize,
        since: &mut Option<Since>,
    ) -> Result<Admission, Refused> {
        self.check(weight)?;
        let mut admission = Admission { budget: self.clone(), levels: 0, weight };
        for budget in self.lineage() {
            let claim = Claim::new(&budget.0.weights, weight);
            Served { budget, claim, patience: None, since: &mut *since }.await?;
            admission.levels += 1;
        }
        Ok(admission)
    }

    /// Whether this thread runs a call that holds room here, or above, where one waits with room of this one in hand.
    pub(crate) fn is_inside(&self) -> bool {
        self.lineage().any(|budget| hold::is_inside_of(budget.id()))
    }

    /// Refuses to wait for a call that this one is a part of.
    fn refuse_inside(&self) -> Result<(), Refused> {
        if self.is_inside() {
            self.0.refused.fetch_add(1, Relaxed);
            return Err(Refused::Nested);
        }
        Ok(())
    }

    /// What tells it from other limits while it is there.
    fn id(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// This one, the one that it is below, and so on.
    fn lineage(&self) -> impl Iterator<Item = &Self> + Clone {
        std::iter::successors(Some(self), |budget| budget.0.above.as_ref())
    }

    fn check(&self, weight: usize) -> Result<(), Refused> {
        let most = self.bytes();
        if weight <= most {
            return Ok(());
        }
        self.0.refused.fetch_add(1, Relaxed);
        Err(Refused::TooLarge { weight, most })
    }

    #[cold]
    fn refuse(&self) -> Refused {
        self.0.refused.fetch_add(1, Relaxed);
        Refused::Full { retry_after: None }
    }

    fn until(&self, context: &Context) -> Option<Instant> {
        self.0.max_wait.and_then(|time| self.0.time.now(context).checked_add(time))
    }
}

/// Gauges.
impl MemoryBudget {
    /// How many bytes there are in all.
    pub fn bytes(&self) -> usize {
        self.0.weights.whole()
    }

    /// How many bytes are admitted. It may be more than there are, where an [`Admission`] has grown.
    pub fn used(&self) -> usize {
        self.0.weights.used()
    }

    /// The most bytes that were admitted at the same time.
    pub fn peak(&self) -> usize {
        self.0.weights.peak()
    }

    /// How many wait for room.
    pub fn waiting(&self) -> usize {
        self.0.weights.waiting()
    }

    /// How many have been refused so far, those among them that waited too long. Runs that were stopped do not count.
    pub fn refused(&self) -> u64 {
        self.0.refused.load(Relaxed)
    }
}

impl fmt::Debug for MemoryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBudget")
            .field("bytes", &self.bytes())
            .field("used", &self.used())
            .field("peak", &self.peak())
            .field("waiting", &self.waiting())
            .field("refused", &self.refused())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for MemoryBudgetBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBudgetBuilder")
            .field("bytes", &self.bytes)
            .field("queue", &self.queue)
            .field("max_wait", &self.max_wait)
            .finish_non_exhaustive()
    }
}

/// Bytes that were admitted. They go back when it is dropped.
#[must_use = "what was admitted goes back at once if it is not kept"]
pub struct Admission {
    budget: MemoryBudget,
    /// How many budgets have admitted it, from that one upwards.
    levels: usize,
    weight: usize,
}

impl Admission {
    /// How many bytes they are.
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// Enters what runs while they are held, on this thread.
    pub(crate) fn enter(&self) -> Inside {
        hold::enter_all(self.budget.lineage().take(self.levels).map(MemoryBudget::id))
    }

    /// Changes how many bytes they are, as where something becomes of a value. What is there is there: nobody waits, and
    /// there may be more than the budget has; but then nobody else is admitted until it is less.
    ///
    /// ```
    /// use ember_core::policy::MemoryBudget;
    ///
    /// let budget = MemoryBudget::builder().bytes(100).build()?;
    /// let mut admitted = budget.try_admit(10).unwrap();
    /// admitted.resize(120);
    /// assert_eq!(budget.used(), 120);
    /// assert!(budget.try_admit(1).is_err());
    /// # Ok::<(), ember_core::policy::Invalid>(())
    /// ```
    pub fn resize(&mut self, weight: usize) {
        let was = std::mem::replace(&mut self.weight, weight);
        for budget in self.budget.lineage().take(self.levels) {
            match weight.checked_sub(was) {
                Some(more) => budget.0.weights.take_anyway(more),
                None => budget.0.weights.give_back(was - weight),
            }
        }
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        for budget in self.budget.lineage().take(self.levels) {
            budget.0.weights.give_back(self.weight);
        }
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission").field("weight", &self.weight).finish_non_exhaustive()
    }
}

impl Wait for Claim<'_> {
    type Output = Result<(), Full>;

    fn poll(&mut self, waker: &Waker) -> Poll<Self::Output> {
        self.poll(waker)
    }

    fn step_aside(&mut self) -> bool {
        self.step_aside()
    }
}

/// Tells of a call that has waited, or was turned away.
#[inline]
fn tell(since: Option<Since>, admitted: Result<Admission, Refused>) -> Result<Admission, Refused> {
    if since.is_some() || admitted.is_err() {
        let granted = admitted.is_ok();
        since.unwrap_or_else(Since::now).tell(|took| What::MemoryWaited { took, granted });
    }
    admitted
}

/// The turn of a future at one budget.
struct Served<'b, 's> {
    budget: &'b MemoryBudget,
    claim: Claim<'b>,
    /// There once it waits.
    patience: Option<Box<Patience>>,
    /// When the call began to wait, here or below.
    since: &'s mut Option<Since>,
}

impl Future for Served<'_, '_> {
    type Output = Result<(), Refused>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let Self { budget, claim, patience, since } = &mut *self;
        let time = &budget.0.time;
        if !claim.is_waiting() && budget.take(claim.weight()) {
            return Poll::Ready(Ok(()));
        }
        since.get_or_insert_with(Since::now);
        if patience.is_none()
            && let Err(nested) = budget.refuse_inside()
        {
            return Poll::Ready(Err(nested));
        }
        let patience = patience.get_or_insert_with(|| {
            let context = Context::current();
            let until = budget.until(&context);
            Box::new(Patience::new(context, until, time))
        });
        match patience.register(cx.waker()) {
            Err(stopped) => Poll::Ready(Err(stopped.into())),
            Ok(()) => match claim.poll(cx.waker()) {
                Poll::Ready(Ok(())) => Poll::Ready(Ok(())),
                Poll::Pending if !patience.is_over(time) => Poll::Pending,
                Poll::Ready(Err(Full)) | Poll::Pending => Poll::Ready(Err(budget.refuse())),
            },
        }
    }
}

#[cfg(all(loom, test))]
mod loom;

impl Watch for MemoryBudget {
    fn watch(&self) -> State {
        let line = Line::new(self.waiting(), self.0.weights.most_waiting(), self.refused());
        State::Memory { bytes: self.bytes(), used: self.used(), peak: self.peak(), line }
    }
}
