//! Whether failures are kept.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::time::Duration;

use super::CacheValue;

/// What a cache does about failures.
pub trait Failures: Default + Send + Sync + 'static {
    /// What is kept of one.
    type Kept: Send + Sync + 'static;

    /// The same for another time, if any are kept.
    #[doc(hidden)]
    fn __for(self, time_to_live: Duration) -> Option<Self>;

    /// How long one is kept, if longer than for those who wait for it.
    fn time_to_live(&self) -> Option<Duration>;
}

/// What a cache does about failures of a type.
#[diagnostic::on_unimplemented(
    message = "this cache keeps other failures than `{E}`",
    label = "the operator fails with `{E}`",
    note = "name the operator's own error: `cache_errors::<{E}>(..)`"
)]
pub trait Keeps<E>: Failures {
    /// What is kept of it.
    fn keep(failure: &E) -> Option<Self::Kept>;
    /// One of what was kept.
    fn give(kept: &Self::Kept) -> E;
}

/// Keeps none: each caller calls for itself, until one succeeds.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoErrors;

impl Failures for NoErrors {
    type Kept = Infallible;

    fn __for(self, _: Duration) -> Option<Self> {
        None
    }

    fn time_to_live(&self) -> Option<Duration> {
        None
    }
}

impl<E> Keeps<E> for NoErrors {
    fn keep(_: &E) -> Option<Infallible> {
        None
    }

    fn give(kept: &Infallible) -> E {
        match *kept {}
    }
}

/// Keeps an operator's failures for those who wait for it, and possibly for some time.
#[derive(Debug)]
pub struct KeepErrors<E> {
    pub(super) time_to_live: Option<Duration>,
    pub(super) of: PhantomData<fn() -> E>,
}

impl<E> Default for KeepErrors<E> {
    /// For those who wait, and no longer.
    fn default() -> Self {
        Self { time_to_live: None, of: PhantomData }
    }
}

impl<E> Clone for KeepErrors<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for KeepErrors<E> {}

impl<E: CacheValue> Failures for KeepErrors<E> {
    type Kept = E;

    fn __for(self, time_to_live: Duration) -> Option<Self> {
        Some(Self { time_to_live: Some(time_to_live), ..self })
    }

    fn time_to_live(&self) -> Option<Duration> {
        self.time_to_live
    }
}

impl<E: CacheValue> Keeps<E> for KeepErrors<E> {
    fn keep(failure: &E) -> Option<E> {
        Some(failure.clone())
    }

    fn give(kept: &E) -> E {
        kept.clone()
    }
}
