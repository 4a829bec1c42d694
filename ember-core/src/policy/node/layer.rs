//! A layer that may be there or not: a line of a graph can take it away, or put another in its place.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::policy::{
    Abandonable, Breaker, Concurrency, ConcurrencyPermit, PolicyError, Rate, TimedCall, Timeout, Timers,
};

/// A policy that stands around one call.
pub trait Layer {
    /// Makes the call, or refuses it.
    ///
    /// # Errors
    ///
    /// What the call failed with, or a refusal.
    fn call<T, E>(&self, next: impl FnOnce() -> Result<T, PolicyError<E>>) -> Result<T, PolicyError<E>>;
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

pin_project! {
    /// A call that waits, through a layer or without.
    ///
    /// The futures of layers have names, and hold the one inside of them once: an `async fn` would hold it twice, and so with
    /// each layer twice as often.
    #[project = Way]
    #[must_use = "futures do nothing unless they are awaited"]
    pub enum Maybe<A, F> {
        Layer { #[pin] call: A },
        Free { #[pin] call: F },
    }
}

impl<T, E, A, F> Future for Maybe<A, F>
where
    A: Future<Output = Result<T, PolicyError<E>>>,
    F: Future<Output = Result<T, PolicyError<E>>>,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match self.project() {
            Way::Layer { call } => call.poll(cx),
            Way::Free { call } => call.poll(cx),
        }
    }
}

macro_rules! waiting {
    ($($(#[$doc:meta])* $through:ident, $keyed:ident: $policy:ty;)*) => { $(
        $(#[$doc])*
        #[inline(always)]
        pub fn $through<T, E, F: Future<Output = Result<T, PolicyError<E>>>>(
            layer: Option<Shared<$policy>>,
            call: F,
        ) -> Maybe<impl Future<Output = Result<T, PolicyError<E>>>, F> {
            match layer {
                Some(Shared(layer)) => Maybe::Layer { call: layer.call_async(call) },
                None => Maybe::Free { call },
            }
        }

        $(#[$doc])*
        ///
        /// # Errors
        ///
        /// What the call failed with, or a refusal of the layer.
        pub async fn $keyed<T, E, F: Future<Output = Result<T, PolicyError<E>>>>(
            layer: Option<Arc<$policy>>,
            call: F,
        ) -> Result<T, PolicyError<E>> {
            let call = Box::pin(call);
            match layer {
                Some(layer) => layer.call_async(call).await,
                None => call.await,
            }
        }
    )* };
}
waiting! {
    /// A call that waits, through a breaker.
    through_breaker, through_keyed_breaker: Breaker;
    /// A call that waits, through a limit on how many run.
    through_concurrency, through_keyed_concurrency: Concurrency;
    /// A call that waits, through a limit on how many start.
    through_rate, through_keyed_rate: Rate;
}

/// Asks for timers, without which a timeout would never come.
#[inline(always)]
pub const fn timers()
where
    for<'never> (): Timers<'never>,
{
}

pin_project! {
    /// A call that waits, with a limit on its time or without.
    #[project = Part]
    #[must_use = "futures do nothing unless they are awaited"]
    pub enum MaybeTimed<F> {
        Timed { #[pin] call: TimedCall<F> },
        Added { call: Pin<Box<TimedCall<F>>> },
        Free { #[pin] call: F },
    }
}

/// A call that waits, through a limit on its time.
#[inline(always)]
pub fn through_timeout<T, E, F>(timeout: Option<Timeout>, call: F) -> MaybeTimed<F>
where
    F: Future<Output = Result<T, PolicyError<E>>>,
{
    match timeout {
        Some(timeout) => MaybeTimed::Timed { call: timeout.call_async(call) },
        None => MaybeTimed::Free { call },
    }
}

/// The same of a limit that only lines of graphs ask for: on the heap, so that other calls carry no room for it.
#[inline(always)]
pub fn added_timeout<T, E, F>(timeout: Option<Timeout>, call: F) -> MaybeTimed<F>
where
    F: Future<Output = Result<T, PolicyError<E>>>,
{
    match timeout {
        Some(timeout) => MaybeTimed::Added { call: Box::pin(timeout.call_async(call)) },
        None => MaybeTimed::Free { call },
    }
}

impl<T, E, F: Future<Output = Result<T, PolicyError<E>>>> Future for MaybeTimed<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match self.project() {
            Part::Timed { call } => call.poll(cx),
            Part::Added { call } => call.as_mut().poll(cx),
            Part::Free { call } => call.poll(cx),
        }
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
pub fn with_permit<L: Deref<Target = Concurrency>, T, E>(
    limit: Option<L>,
    next: impl FnOnce(Option<ConcurrencyPermit<L>>) -> Result<T, PolicyError<E>>,
) -> Result<T, PolicyError<E>> {
    match limit {
        Some(limit) => Concurrency::call_with_permit(limit, |permit| next(Some(permit))),
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
        }
    )* };
}
layers!(Breaker, Concurrency, Rate, Timeout);

impl<L: Layer> Layer for Arc<L> {
    #[inline(always)]
    fn call<T, E>(&self, next: impl FnOnce() -> Result<T, PolicyError<E>>) -> Result<T, PolicyError<E>> {
        L::call(self, next)
    }
}

/// A layer that lives as long as the program. Unlike a reference, its type has no lifetime, which the compiler forgets where
/// it decides whether a future is `Send`.
#[derive(Debug)]
pub struct Shared<P: 'static>(pub &'static P);

impl<P> Clone for Shared<P> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<P> Copy for Shared<P> {}

impl<P> Deref for Shared<P> {
    type Target = P;

    #[inline(always)]
    fn deref(&self) -> &P {
        self.0
    }
}

impl<L: Layer> Layer for Shared<L> {
    #[inline(always)]
    fn call<T, E>(&self, next: impl FnOnce() -> Result<T, PolicyError<E>>) -> Result<T, PolicyError<E>> {
        L::call(self.0, next)
    }
}
