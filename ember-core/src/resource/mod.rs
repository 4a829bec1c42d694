//! What runs share: models, clients, pools of connections.
//!
//! In reading order: `load` is what loads, `machine` says who does it and who waits, `core` brings both together, for threads
//! and for futures; `errand` is a load on another thread that a future waits for; `builder`, `status` and `error` are what
//! their names say. Waiting is as for [policies](crate::policy).

mod builder;
mod core;
mod errand;
mod error;
mod load;
mod machine;
mod status;

#[cfg(all(test, not(loom)))]
mod tests;

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, OnceLock};

pub use self::builder::ResourceBuilder;
use self::builder::Settings;
use self::core::Core;
pub use self::error::LoadError;
pub use self::load::{Awaited, Called, Load, LoadAsync, Mode};
use self::load::{Source, sealed};
use self::machine::Want;
pub use self::status::{LastFailure, Status};

/// A value that is loaded when it is first asked for, once for all, and lent to whoever asks.
///
/// ```
/// use ember_core::Resource;
/// use std::num::ParseIntError;
/// use std::sync::Arc;
///
/// fn load() -> Result<Vec<u32>, ParseIntError> {
///     "3 14 15".split(' ').map(str::parse).collect()
/// }
///
/// static DIGITS: Resource<Vec<u32>> = Resource::new(&load);
///
/// let digits = DIGITS.get()?;
/// assert_eq!(*digits, [3, 14, 15]);
/// assert!(Arc::ptr_eq(&digits, &DIGITS.get()?));
/// assert_eq!(DIGITS.status().loads, 1);
/// # Ok::<(), ember_core::resource::LoadError>(())
/// ```
///
/// # One load for all
///
/// Who asks while a load is under way waits for it. If it fails, panics, or its future is dropped, the first of those who
/// wait loads in turn, or the next who comes: a failure is not for good. With a [`backoff`](ResourceBuilder::backoff) all who
/// wait get the failure instead, and so do all who come before its time is over: a provider that is down is not hammered.
/// Who waits can be cancelled, and stops at the deadline of its context; a thread that waits does other work of its run or of
/// the pool meanwhile.
///
/// A load that fails when its run has been stopped is given up, and not counted as a failure. A load that asks for itself,
/// directly or by way of others, fails with [`LoadError::is_circular`]. Where waiting might be in a circle with a call for a
/// [cache](crate::policy), a load is made beside the other, and its value is not kept.
///
/// # Growing old
///
/// With a [`time_to_live`](ResourceBuilder::time_to_live) a value is loaded anew in the background, and serves meanwhile; if
/// that fails, it goes on serving, for as long as [`serve_stale`](ResourceBuilder::serve_stale) says. The background is, for
/// a function, a thread that may block (with the feature `tokio`; else one of the pool), and for a future a task of tokio's.
/// Outside of a runtime, who finds the value too old waits for that load himself.
///
/// Each value is lent as an `Arc`, so [`reload`](Self::reload) and [`clear`](Self::clear) take it from nobody: a call keeps
/// the one that it began with.
///
/// # Futures
///
/// [`get_async`](Self::get_async) waits without blocking; the function is called on a thread that may block (with the
/// feature `tokio`; else of the pool), or on one that comes to wait for it before. What a future loads is an [`AsyncResource`], which only futures can ask for: a thread
/// would have to drive it, and could keep what it waits for from going on. A future that waits, or whose turn it is, keeps
/// others waiting while it is neither polled nor dropped.
///
/// # Operators
///
/// An operator names it at a parameter, `#[resource(DIGITS)] digits: &Vec<u32>`, which graphs do not pass. In a
/// [context](crate::ContextBuilder::resource) another value can stand in its place.
pub struct Resource<T: Send + Sync + 'static, L: Mode = Called> {
    loader: Source<<L as sealed::Mode>::Load<T>>,
    settings: Settings,
    core: OnceLock<Arc<Core<T, L>>>,
}

/// A [`Resource`] that a future loads.
///
/// ```
/// use ember_core::{AsyncResource, Resource};
/// use std::io;
///
/// async fn connect() -> Result<String, io::Error> {
///     Ok("a connection".to_owned())
/// }
///
/// static CLIENT: AsyncResource<String> = Resource::new_async(&connect);
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// assert_eq!(*CLIENT.get_async().await?, "a connection");
/// # Ok::<(), ember_core::resource::LoadError>(())
/// # }).unwrap();
/// # Ok::<(), io::Error>(())
/// ```
pub type AsyncResource<T> = Resource<T, Awaited>;

// What changes in it does so under a lock, and a loader is used through `&` alone.
impl<T: Send + Sync + 'static, L: Mode> UnwindSafe for Resource<T, L> {}
impl<T: Send + Sync + 'static, L: Mode> RefUnwindSafe for Resource<T, L> {}

impl<T: Send + Sync + 'static> Resource<T> {
    /// Is loaded by a function, such as `&connect`, for good; for more, see [`builder`](Self::builder).
    pub const fn new(loader: &'static (impl Load<T> + 'static)) -> Self {
        Self { loader: Source::Static(loader), settings: Settings::NONE, core: OnceLock::new() }
    }

    /// Starts one with the documented defaults.
    pub fn builder() -> ResourceBuilder<T> {
        ResourceBuilder::default()
    }

    /// The value, which is loaded if it is not there.
    ///
    /// # Errors
    /// If it could not be loaded, or the run was stopped while this waited for another's load.
    pub fn get(&self) -> Result<Arc<T>, LoadError> {
        let core = self.core();
        core.instead().map_or_else(|| core.get(Want::Any), Ok)
    }

    /// Loads a new value, and returns it. The old one serves until it is there, and for good if the load fails. Of several
    /// who ask while a load is under way, all get the next one.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    ///
    /// ```
    /// use ember_core::Resource;
    /// use std::convert::Infallible;
    /// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    ///
    /// static VERSION: AtomicU32 = AtomicU32::new(1);
    /// static MODEL: Resource<u32> = Resource::new(&|| Ok::<_, Infallible>(VERSION.load(Relaxed)));
    ///
    /// let before = MODEL.get()?;
    /// VERSION.store(2, Relaxed);
    /// assert_eq!(*MODEL.get()?, 1);
    /// assert_eq!(*MODEL.reload()?, 2);
    /// assert_eq!((*before, *MODEL.get()?), (1, 2));
    /// # Ok::<(), ember_core::resource::LoadError>(())
    /// ```
    pub fn reload(&self) -> Result<Arc<T>, LoadError> {
        self.core().get(Want::Newer)
    }
}

impl<T: Send + Sync + 'static> AsyncResource<T> {
    /// Is loaded by a function that gives a future, such as `&connect` for an `async fn`.
    pub const fn new_async(loader: &'static (impl LoadAsync<T> + 'static)) -> Self {
        Self { loader: Source::Static(loader), settings: Settings::NONE, core: OnceLock::new() }
    }
}

impl<T: Send + Sync + 'static, L: Mode> Resource<T, L> {
    const fn with(loader: Source<<L as sealed::Mode>::Load<T>>, settings: Settings) -> Self {
        Self { loader, settings, core: OnceLock::new() }
    }

    /// The value, which is loaded if it is not there, for a future.
    ///
    /// # Errors
    /// If it could not be loaded, or the run was stopped while this waited for another's load.
    pub fn get_async(&self) -> impl Future<Output = Result<Arc<T>, LoadError>> + Send + 'static {
        let core = self.core().clone();
        async move {
            match core.instead() {
                Some(value) => Ok(value),
                None => core.get_async(Want::Any).await,
            }
        }
    }

    /// Loads a new value, and returns it, for a future; see [`reload`](Resource::reload).
    ///
    /// # Errors
    /// As [`get_async`](Self::get_async).
    pub fn reload_async(&self) -> impl Future<Output = Result<Arc<T>, LoadError>> + Send + 'static {
        let core = self.core().clone();
        async move { core.get_async(Want::Newer).await }
    }

    /// Forgets the value, and the last failure: the next who asks loads. A load that is under way goes on, and what comes of
    /// it goes to who made it, and nowhere else; those who wait for it begin anew.
    ///
    /// ```
    /// use ember_core::Resource;
    /// use std::convert::Infallible;
    ///
    /// static MODEL: Resource<Vec<u8>> = Resource::new(&|| Ok::<_, Infallible>(vec![0; 1 << 20]));
    ///
    /// let lent = MODEL.get()?;
    /// MODEL.clear();
    /// assert!(!MODEL.status().is_loaded());
    /// assert_eq!(lent.len(), 1 << 20, "who has it keeps it");
    /// # Ok::<(), ember_core::resource::LoadError>(())
    /// ```
    pub fn clear(&self) {
        self.core().machine.clear();
    }

    /// The value if it is there and not too old, without loading anything.
    pub fn peek(&self) -> Option<Arc<T>> {
        let core = self.core();
        core.instead().or_else(|| core.peek())
    }

    /// What there is, and what happened so far.
    pub fn status(&self) -> Status {
        self.core().status()
    }

    pub(crate) fn anchor(&self) -> Arc<dyn Any + Send + Sync> {
        self.core().anchor()
    }

    fn core(&self) -> &Arc<Core<T, L>> {
        self.core.get_or_init(|| Core::new(&self.loader, &self.settings))
    }
}

impl<T: Send + Sync + 'static, L: Mode> fmt::Debug for Resource<T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let core = self.core();
        f.debug_struct("Resource")
            .field("name", &core.name)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
