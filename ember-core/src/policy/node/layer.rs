//! A layer that may be there or not: a line of a graph can take it away, or put another in its place.
//!
//! What waits has a function of its own for each policy. Through a trait the compiler would lose sight of whether a future
//! can be sent, where it borrows: it would have to compare lifetimes that it has forgotten.

use std::future::Future;
use std::sync::Arc;

use crate::policy::{
    Abandonable, Breaker, Concurrency, ConcurrencyPermit, PolicyError, Rate, Timeout, Timers,
};

/// A policy that stands around one call.
pub trait Layer {
    /// Makes the call, or refuses it.
    ///
    /// # Errors
    ///
    /// What the call failed with, or a refusal.
    fn around<T, E>(&self, next: impl FnOnce() -> Result<T, PolicyError<E>>) -> Result<T, PolicyError<E>>;
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
        Some(layer) => layer.around(next),
        None => next(),
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

/// Asks for timers, without which a timeout would never come.
#[inline(always)]
pub const fn timers()
where
    for<'never> (): Timers<'never>,
{
}

/// A call that waits, through a timeout that only lines of graphs ask for: apart, so that other calls carry no room for it.
///
/// # Errors
///
/// What the call failed with, or that time was up.
#[inline(always)]
pub async fn added_timeout_async<T, E, F: Future<Output = Result<T, PolicyError<E>>>>(
    layer: Option<Timeout>,
    next: impl FnOnce() -> F,
) -> Result<T, PolicyError<E>> {
    match layer {
        Some(layer) => Box::pin(layer.call_async(next)).await,
        None => next().await,
    }
}

macro_rules! layers {
    ($($policy:ident, $($through:ident: $layer:ty),+;)*) => { $($(
        impl Layer for $layer {
            #[inline(always)]
            fn around<T, E>(&self, next: impl FnOnce() -> Result<T, PolicyError<E>>) -> Result<T, PolicyError<E>> {
                $policy::call(self, next)
            }
        }

        /// A call that waits, through a layer, if it is there.
        ///
        /// # Errors
        ///
        /// What the call failed with, or a refusal of the layer.
        #[inline(always)]
        pub async fn $through<T, E, F: Future<Output = Result<T, PolicyError<E>>>>(
            layer: Option<$layer>,
            next: impl FnOnce() -> F,
        ) -> Result<T, PolicyError<E>> {
            match layer {
                Some(layer) => $policy::call_async(&layer, next).await,
                None => next().await,
            }
        }
    )+)* };
}
layers! {
    Timeout, through_timeout_async: Timeout;
    Breaker, through_breaker_async: &'static Breaker, through_keyed_breaker_async: Arc<Breaker>;
    Concurrency, through_concurrency_async: &'static Concurrency, through_keyed_concurrency_async: Arc<Concurrency>;
    Rate, through_rate_async: &'static Rate, through_keyed_rate_async: Arc<Rate>;
}
