//! Items that are admitted to a budget of memory when they are pulled.
//!
//! What a batch or a stream is to weigh is a type parameter, so one that weighs nothing pays nothing.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::Weigh;
use crate::policy::{Admission, MemoryBudget, Refused};

/// What a batch or a stream does about the memory of its items of the type `T`: [`Unweighed`] or [`Weighed`].
pub trait Weighing<T> {
    /// What an item keeps while it is in flight.
    #[doc(hidden)]
    type Charge: Charge;

    /// Whether any item is let in as it comes, and has no charge.
    #[doc(hidden)]
    const ADMITS_ALL: bool = false;

    /// How many bytes an item may hold.
    #[doc(hidden)]
    fn weigh(&self, item: &T) -> usize;

    /// Lets an item in, if there is room.
    #[doc(hidden)]
    fn admit_if_free(&self, weight: usize) -> Option<Self::Charge>;

    /// Whether this thread runs what holds room already, and so must not wait for more.
    #[doc(hidden)]
    fn is_inside(&self) -> bool;

    /// Lets an item in when there is room. The thread waits.
    #[doc(hidden)]
    fn admit(&self, weight: usize) -> Result<Self::Charge, Refused>;

    /// The same for a future.
    #[doc(hidden)]
    fn admit_async(&self, weight: usize) -> Admitting<Self::Charge>;
}

/// What an item keeps while it is in flight.
#[doc(hidden)]
pub trait Charge: Send + Sized + 'static {
    /// Runs items that keep it, or goes on with one: what they run never waits for it.
    fn during<R>(kept: Option<&Self>, run: impl FnOnce() -> R) -> R;
}

impl Charge for () {
    #[inline(always)]
    fn during<R>(_: Option<&()>, run: impl FnOnce() -> R) -> R {
        run()
    }
}

impl Charge for Admission {
    fn during<R>(kept: Option<&Self>, run: impl FnOnce() -> R) -> R {
        match kept {
            Some(admission) => admission.during(run),
            None => run(),
        }
    }
}

/// An item, and what it keeps if it has been let in.
type Let<T, C> = (T, Result<C, Refused>);

/// An item on its way in.
type Admitting<C> = Pin<Box<dyn Future<Output = Result<C, Refused>> + Send>>;

/// Items that are not weighed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unweighed;

impl<T> Weighing<T> for Unweighed {
    type Charge = ();

    const ADMITS_ALL: bool = true;

    #[inline(always)]
    fn weigh(&self, _: &T) -> usize {
        0
    }

    #[inline(always)]
    fn admit_if_free(&self, _: usize) -> Option<()> {
        Some(())
    }

    fn is_inside(&self) -> bool {
        false
    }

    fn admit(&self, _: usize) -> Result<(), Refused> {
        Ok(())
    }

    fn admit_async(&self, _: usize) -> Admitting<()> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Items that a budget of memory admits, with what a function says of each.
#[derive(Clone, Debug)]
pub struct Weighed<F> {
    budget: MemoryBudget,
    weigh: F,
}

impl<F> Weighed<F> {
    pub(crate) fn new(budget: &MemoryBudget, weigh: F) -> Self {
        Self { budget: budget.clone(), weigh }
    }
}

/// By its own account.
pub type ByWeight<T> = Weighed<fn(&T) -> usize>;

impl<T: Weigh> ByWeight<T> {
    pub(crate) fn by_weight(budget: &MemoryBudget) -> Self {
        Self::new(budget, T::weight)
    }
}

impl<T, F: Fn(&T) -> usize> Weighing<T> for Weighed<F> {
    type Charge = Admission;

    fn weigh(&self, item: &T) -> usize {
        (self.weigh)(item)
    }

    fn admit_if_free(&self, weight: usize) -> Option<Admission> {
        self.budget.admit_if_free(weight)
    }

    fn is_inside(&self) -> bool {
        self.budget.is_inside()
    }

    fn admit(&self, weight: usize) -> Result<Admission, Refused> {
        self.budget.admit_untold(weight)
    }

    fn admit_async(&self, weight: usize) -> Admitting<Admission> {
        let budget = self.budget.clone();
        Box::pin(async move { budget.admit_async_untold(weight).await })
    }
}

/// Where the items of futures come in, one by one.
pub(crate) struct Door<T, W: Weighing<T>> {
    weighing: W,
    /// It was pulled, and there was no room.
    waits: Option<Box<Waits<T, W::Charge>>>,
}

struct Waits<T, C> {
    item: T,
    weight: usize,
    admitting: Option<Admitting<C>>,
}

// An item is moved, but not while it is pinned.
impl<T, W: Weighing<T>> Unpin for Door<T, W> {}

impl<T, W: Weighing<T>> Door<T, W> {
    pub(crate) const fn new(weighing: W) -> Self {
        Self { weighing, waits: None }
    }

    /// Whether an item was pulled that has not come in.
    pub(crate) const fn is_taken(&self) -> bool {
        self.waits.is_some()
    }

    /// Wants no more.
    pub(crate) fn close(&mut self) {
        self.waits = None;
    }

    /// Lets the next item in, or tells why it cannot come in. With others in flight it is not waited for: when they end it
    /// is time to ask again.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        alone: bool,
        next: impl FnOnce(&mut Context<'_>) -> Poll<Option<T>>,
    ) -> Poll<Option<Let<T, W::Charge>>> {
        let mut waits = match self.waits.take() {
            Some(waits) => waits,
            None => match next(cx) {
                Poll::Ready(Some(item)) => {
                    let weight = self.weighing.weigh(&item);
                    if let Some(charge) = self.weighing.admit_if_free(weight) {
                        return Poll::Ready(Some((item, Ok(charge))));
                    }
                    Box::new(Waits { item, weight, admitting: None })
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            },
        };
        let admitted = if alone {
            let weight = waits.weight;
            let admitting = waits.admitting.get_or_insert_with(|| self.weighing.admit_async(weight));
            admitting.as_mut().poll(cx)
        } else {
            self.weighing.admit_if_free(waits.weight).map_or(Poll::Pending, |charge| Poll::Ready(Ok(charge)))
        };
        match admitted {
            Poll::Ready(admitted) => Poll::Ready(Some((waits.item, admitted))),
            Poll::Pending => {
                self.waits = Some(waits);
                Poll::Pending
            }
        }
    }
}
