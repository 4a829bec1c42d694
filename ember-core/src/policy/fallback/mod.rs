//! What takes the place of a value that is not to be had.

mod last_good;

#[cfg(all(test, not(loom)))]
mod tests;

pub use last_good::LastGood;

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{PolicyError, catch, catch_async};
use crate::Context;
use crate::error::__discard;
use crate::observe::{What, emit};
use crate::watch::{State, Watch};

type Hook = Box<dyn Fn(&Use<'_>) + Send + Sync>;

/// The outermost layer: gives another value where the call failed.
///
/// It takes over from every failure but two: a run that was cancelled wants no value any more, and an invalid argument
/// is the caller's mistake, which a value would hide.
///
/// ```
/// use ember_core::policy::{Fallback, PolicyError};
///
/// let fallback = Fallback::new("greeting");
/// let call = || Err::<String, PolicyError<String>>("down".to_owned().into());
/// let value = fallback.call(call, |_| Ok::<_, PolicyError<String>>("hello".to_owned()));
/// assert_eq!(value.ok().as_deref(), Some("hello"));
/// assert_eq!(fallback.uses(), 1);
/// ```
pub struct Fallback {
    name: &'static str,
    uses: AtomicU64,
    failures: AtomicU64,
    hook: OnceLock<Hook>,
}

/// That a fallback was used.
#[non_exhaustive]
pub struct Use<'a> {
    /// The name that the fallback was given: the operator's.
    pub name: &'static str,
    /// Why.
    pub cause: &'a (dyn fmt::Display + 'a),
    /// Whether it gave a value.
    pub succeeded: bool,
}

impl fmt::Debug for Use<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Use")
            .field("name", &self.name)
            .field("cause", &format_args!("{}", self.cause))
            .field("succeeded", &self.succeeded)
            .finish()
    }
}

impl Fallback {
    /// A fallback for the operator of this name.
    pub const fn new(name: &'static str) -> Self {
        Self { name, uses: AtomicU64::new(0), failures: AtomicU64::new(0), hook: OnceLock::new() }
    }

    /// Tells each use to `hook`, from here on. The first hook stays; gives back whether this is it. A panic of the hook ends
    /// there, and the call goes on.
    ///
    /// ```
    /// use ember_core::policy::Fallback;
    ///
    /// let fallback = Fallback::new("rates");
    /// assert!(fallback.on_use(|used| eprintln!("{}: {}", used.name, used.cause)));
    /// assert!(!fallback.on_use(|_| {}));
    /// ```
    pub fn on_use(&self, hook: impl Fn(&Use<'_>) + Send + Sync + 'static) -> bool {
        self.hook.set(Box::new(hook)).is_ok()
    }

    /// How often it was asked for a value.
    pub fn uses(&self) -> u64 {
        self.uses.load(Ordering::Relaxed)
    }

    /// How often it failed in turn.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Whether a fallback takes over from a failure: not in a run that was cancelled, whatever the failure says of that, and
    /// not from an invalid value.
    pub fn takes_over<E>(failed: &PolicyError<E>) -> bool {
        !failed.is_cancelled() && !failed.is_invalid() && !Context::__with(Context::is_cancelled)
    }

    /// Calls `next`, and if that fails `instead`, which is given the failure.
    ///
    /// # Errors
    ///
    /// The failure, if a fallback does not take over from it; both failures, if `instead` fails or panics too
    /// ([`PolicyError::fell_through`]).
    pub fn call<T, E>(
        &self,
        next: impl FnOnce() -> Result<T, PolicyError<E>>,
        instead: impl FnOnce(&PolicyError<E>) -> Result<T, PolicyError<E>>,
    ) -> Result<T, PolicyError<E>>
    where
        E: fmt::Display,
    {
        self.call_if(next, |_| true, instead)
    }

    /// The same for some failures only, of those that a fallback takes over from at all.
    ///
    /// ```
    /// use ember_core::policy::{Fallback, PolicyError};
    ///
    /// let fallback = Fallback::new("rates");
    /// let down = || Err::<u8, PolicyError<String>>(PolicyError::open(None));
    /// assert_eq!(fallback.call_if(down, PolicyError::is_open, |_| Ok(1)).ok(), Some(1));
    /// assert!(fallback.call_if(down, PolicyError::is_timeout, |_| Ok(1)).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub fn call_if<T, E>(
        &self,
        next: impl FnOnce() -> Result<T, PolicyError<E>>,
        which: impl FnOnce(&PolicyError<E>) -> bool,
        instead: impl FnOnce(&PolicyError<E>) -> Result<T, PolicyError<E>>,
    ) -> Result<T, PolicyError<E>>
    where
        E: fmt::Display,
    {
        match next() {
            Err(failed) if Self::takes_over(&failed) && which(&failed) => {
                let outcome = catch(|| instead(&failed));
                self.used(failed, outcome)
            }
            outcome => outcome,
        }
    }

    /// The same as [`call`](Self::call) for `async` operators. The fallback itself may be `async`.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub async fn call_async<T, E, F>(
        &self,
        next: F,
        instead: impl AsyncFnOnce(&PolicyError<E>) -> Result<T, PolicyError<E>>,
    ) -> Result<T, PolicyError<E>>
    where
        E: fmt::Display,
        F: Future<Output = Result<T, PolicyError<E>>>,
    {
        self.call_async_if(next, |_| true, instead).await
    }

    /// The same as [`call_if`](Self::call_if) for `async` operators.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub async fn call_async_if<T, E, F>(
        &self,
        next: F,
        which: impl FnOnce(&PolicyError<E>) -> bool,
        instead: impl AsyncFnOnce(&PolicyError<E>) -> Result<T, PolicyError<E>>,
    ) -> Result<T, PolicyError<E>>
    where
        E: fmt::Display,
        F: Future<Output = Result<T, PolicyError<E>>>,
    {
        match next.await {
            Err(failed) if Self::takes_over(&failed) && which(&failed) => {
                let outcome = catch_async(instead(&failed)).await;
                self.used(failed, outcome)
            }
            outcome => outcome,
        }
    }

    pub(super) fn used<T, E: fmt::Display>(
        &self,
        failed: PolicyError<E>,
        outcome: Result<T, PolicyError<E>>,
    ) -> Result<T, PolicyError<E>> {
        self.uses.fetch_add(1, Ordering::Relaxed);
        let succeeded = outcome.is_ok();
        if !succeeded {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
        emit(|| What::FallbackUsed { succeeded });
        if let Some(hook) = self.hook.get() {
            let used = Use { name: self.name, cause: &failed, succeeded };
            // A call is not to fail by who watches it.
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| hook(&used))) {
                __discard(payload);
            }
        }
        outcome.map_err(|second| PolicyError::fell_through(failed, second))
    }
}

impl fmt::Debug for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fallback")
            .field("name", &self.name)
            .field("uses", &self.uses())
            .finish_non_exhaustive()
    }
}

impl Watch for Fallback {
    fn watch(&self) -> State {
        State::Fallback { uses: self.uses(), failures: self.failures() }
    }
}
