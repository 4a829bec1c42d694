//! A layer that may be there or not: a line of a graph can take it away, or put another in its place.

use std::future::Future;
use std::sync::Arc;

use crate::policy::{Abandonable, Breaker, Concurrency, ConcurrencyPermit, PolicyError, Rate, Timeout};

/// A policy that stands around one call.
pub trait Layer {
    /// Makes the call, or refuses it.
    ///
    /// # Errors
    ///
    /// What the call failed with, or a refusal.
    fn call<T, E>(&self, next: impl FnOnce() -> Result<T, PolicyError<E>>) -> Result<T, PolicyError<E>>;

    /// The same of a call that waits.
    fn call_async<T, E, F: Future<Output = Result<T, PolicyError<E>>>>(
        &self,
        next: impl FnOnce() -> F,
    ) -> impl Future<Output = Result<T, PolicyError<E>>>;
}

/// A call through a layer, if it is there.
///
/// # Errors
///
/// What the call failed with, or a refusal of the layer.
#[inline(always)]
pub fn through<L: Layer, T, E>(
    layer: Option<L>,
    next: impl FnOnce() -> Result<T, PolicyError<E>>,
) -> Result<T, PolicyError<E>> {
    match layer {
        Some(layer) => layer.call(next),
        None => next(),
    }
}

/// The same of a call that waits.
///
/// # Errors
///
/// What the call failed with, or a refusal of the layer.
#[inline(always)]
pub async fn through_async<L: Layer, T, E, F: Future<Output = Result<T, PolicyError<E>>>>(
    layer: Option<L>,
    next: impl FnOnce() -> F,
) -> Result<T, PolicyError<E>> {
    match layer {
        Some(layer) => layer.call_async(next).await,
        None => next().await,
    }
}

/// The same of a layer that only lines of graphs ask for: apart, so that other calls carry no room for it.
///
/// # Errors
///
/// What the call failed with, or a refusal of the layer.
#[inline(always)]
pub async fn added_async<L: Layer, T, E, F: Future<Output = Result<T, PolicyError<E>>>>(
    layer: Option<L>,
    next: impl FnOnce() -> F,
) -> Result<T, PolicyError<E>> {
    match layer {
        Some(layer) => Box::pin(layer.call_async(next)).await,
        None => next().await,
    }
}

/// A call that is left behind when its time is up, if it is limited.
///
/// # Errors
///
/// What the call failed with, or that time was up.
#[inline(always)]
pub fn abandoning<T: Abandonable, E: Abandonable>(
    timeout: Option<Timeout>,
    next: impl FnOnce() -> Result<T, PolicyError<E>> + Abandonable,
) -> Result<T, PolicyError<E>> {
    match timeout {
        Some(timeout) => timeout.call_abandoning(next),
        None => next(),
    }
}

/// A call that takes its permit along to where it is left behind.
///
/// # Errors
///
/// What the call failed with, or that the limit admits no more.
#[inline(always)]
pub fn with_permit<T, E>(
    limit: Option<&'static Concurrency>,
    next: impl FnOnce(Option<ConcurrencyPermit<'static>>) -> Result<T, PolicyError<E>>,
) -> Result<T, PolicyError<E>> {
    match limit {
        Some(limit) => limit.call_with_permit(|permit| next(Some(permit))),
        None => next(None),
    }
}

macro_rules! layers {
    ($($policy:ty),*) => { $(
        impl Layer for $policy {
            #[inline(always)]
            fn call<T, E>(
                &self,
                next: impl FnOnce() -> Result<T, PolicyError<E>>,
            ) -> Result<T, PolicyError<E>> {
                <$policy>::call(self, next)
            }

            #[inline(always)]
            fn call_async<T, E, F: Future<Output = Result<T, PolicyError<E>>>>(
                &self,
                next: impl FnOnce() -> F,
            ) -> impl Future<Output = Result<T, PolicyError<E>>> {
                <$policy>::call_async(self, next)
            }
        }
    )* };
}
layers!(Breaker, Concurrency, Rate, Timeout);

impl<L: Layer> Layer for Arc<L> {
    #[inline(always)]
    fn call<T, E>(&self, next: impl FnOnce() -> Result<T, PolicyError<E>>) -> Result<T, PolicyError<E>> {
        L::call(self, next)
    }

    #[inline(always)]
    fn call_async<T, E, F: Future<Output = Result<T, PolicyError<E>>>>(
        &self,
        next: impl FnOnce() -> F,
    ) -> impl Future<Output = Result<T, PolicyError<E>>> {
        L::call_async(self, next)
    }
}

impl<L: Layer> Layer for &L {
    #[inline(always)]
    fn call<T, E>(&self, next: impl FnOnce() -> Result<T, PolicyError<E>>) -> Result<T, PolicyError<E>> {
        L::call(self, next)
    }

    #[inline(always)]
    fn call_async<T, E, F: Future<Output = Result<T, PolicyError<E>>>>(
        &self,
        next: impl FnOnce() -> F,
    ) -> impl Future<Output = Result<T, PolicyError<E>>> {
        L::call_async(self, next)
    }
}
