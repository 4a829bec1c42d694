//! What keeps a call under control that fails, hangs or is hammered.
//!
//! Each policy is a state machine in a file of its own, made by a builder and usable without any macro. A policy
//! stands around a call and decides whether, when and how often it is made:
//!
//! ```text
//! validate( fallback( cache( deadline( retry( breaker( rate( memory( concurrency( timeout( catch( operator )))))))))))
//! ```
//!
//! A [`Batcher`] stands in the place of the call: what is around it is each item's own.
//!
//! The order is fixed. `deadline` is a [`Timeout`] for a node, `timeout` one for an attempt. So what is not valid uses
//! nothing up, a fallback's value is never cached, nothing is held while a retry waits, and what a breaker or a limit
//! turns away is neither retried nor counted as the operator's failure.
//!
//! # The form of a layer
//!
//! The layers have one shape, so that they stack: given the next layer as a closure, a layer returns what that returned
//! or a refusal of its own.
//!
//! - `call(&self, next: impl FnOnce() -> Result<T, PolicyError<E>>) -> Result<T, PolicyError<E>>`;
//! - `call_async(&self, next: impl Future<Output = Result<T, PolicyError<E>>>)`, a future of the same. What it is given is
//!   not polled before the layer lets it through.
//!
//! A retry's closure is `FnMut` and is told the number of the attempt, from one. Every layer is safe to leave by a
//! panic, by dropping its future, and by `?`: what it lent out comes back by a destructor.
//!
//! # Time and chance
//!
//! Layers ask the clock of their builder, else that of the current [`Context`](crate::Context), else the system's;
//! chance is seeded through the builder. No test of a policy sleeps.

mod batch;
mod breaker;
#[cfg(feature = "cache")]
mod cache;
mod catch;
mod failure;
mod fallback;
pub(crate) mod inside;
mod invalid;
mod isolation;
mod keyed;
mod limit;
#[doc(hidden)]
pub mod node;
mod retry;
#[cfg(feature = "settings")]
mod settings;
pub(crate) mod time;
mod timeout;
mod validate;
pub(crate) mod wait;

pub use batch::{Answers, Batcher, BatcherBuilder, WrongCount};
pub use breaker::{
    Breaker, BreakerBuilder, BreakerCall, BreakerCounts, BreakerState, Change, Permit, Verdict,
};
#[cfg(feature = "cache")]
pub use cache::{
    Cache, CacheBuilder, CacheCounts, CacheKey, CacheValue, Failures, KeepErrors, Keeps, Lookup, NoErrors,
};
pub use catch::{Catch, catch, catch_async};
pub use failure::{Exhausted, PolicyError, Span};
pub use fallback::{Fallback, LastGood, Use};
pub use invalid::Invalid;
pub use isolation::{IsolationError, Part};
pub use keyed::{Idle, Keyed};
pub use limit::{
    Acquire, Admission, Concurrency, ConcurrencyBuilder, ConcurrencyPermit, MemoryBudget,
    MemoryBudgetBuilder, Pace, Rate, RateBuilder, Refused,
};
pub(crate) use retry::Delays;
pub use retry::{
    Attempts, Backoff, Before, Budget, Class, Pick, PickAny, PickRetryable, Retry, RetryBuilder, Retryable,
};
#[cfg(feature = "settings")]
pub use settings::{Mistakes, NotInstalled, Settings};
pub(crate) use timeout::MOST_ABANDONED;
#[cfg(all(unix, feature = "isolate"))]
pub(crate) use timeout::Meeting;
pub use timeout::{Abandonable, TimedCall, Timeout, abandoned};
#[cfg(feature = "validate")]
pub use validate::Validatable;
pub use validate::{Problem, Problems, Validation};
pub use wait::Timers;
