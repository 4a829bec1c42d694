//! Makes a resource.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;

use super::load::{Awaited, Called, Load, LoadAsync, Source};
use super::machine::Life;
use super::{AsyncResource, Resource};
use crate::Clock;
use crate::policy::time::Time;
use crate::policy::{Backoff, Delays, Invalid};

/// The longest time to live.
const LONGEST: Duration = Duration::from_hours(100 * 365 * 24);

/// What is set.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) name: Option<Arc<str>>,
    time_to_live: Option<Duration>,
    serve_stale: Option<Duration>,
    backoff: Option<Backoff>,
    seed: Option<u64>,
    pub(super) time: Time,
}

impl Settings {
    pub(super) const NONE: Self = Self {
        name: None,
        time_to_live: None,
        serve_stale: None,
        backoff: None,
        seed: None,
        time: Time::NONE,
    };

    pub(super) fn life(&self) -> Option<Life> {
        let fresh = self.time_to_live?;
        Some(Life { fresh, stale: self.serve_stale.unwrap_or(fresh) })
    }

    pub(super) fn delays(&self) -> Option<Delays> {
        let rng = self.seed.map_or_else(Rng::new, Rng::with_seed);
        Some(self.backoff?.delays(rng))
    }

    fn check(&self) -> Result<(), Invalid> {
        let within = |setting, time: Option<Duration>, least, must| match time {
            Some(time) if time < least || time > LONGEST => {
                Err(Invalid::new("resource", setting, format_args!("{time:?}"), must))
            }
            _ => Ok(()),
        };
        let tick = Duration::from_nanos(1);
        within("time_to_live", self.time_to_live, tick, "more than zero and at most 100 years")?;
        within("serve_stale", self.serve_stale, Duration::ZERO, "at most 100 years")?;
        if let Some(time) = self.serve_stale
            && self.time_to_live.is_none()
        {
            let must = "left out where values do not grow old";
            return Err(Invalid::new("resource", "serve_stale", format_args!("{time:?}"), must));
        }
        self.backoff.map_or(Ok(()), |backoff| backoff.check())
    }
}

/// Makes a [`Resource`]; see [`Resource::builder`].
///
/// ```
/// use ember_core::{ManualClock, Resource};
/// use std::convert::Infallible;
/// use std::sync::LazyLock;
/// use std::time::Duration;
///
/// static PRICES: LazyLock<Resource<Vec<u32>>> = LazyLock::new(|| {
///     let prices = Resource::builder().time_to_live(Duration::from_secs(60));
///     prices.build(|| Ok::<_, Infallible>(vec![3, 14])).expect("a minute is within the bounds")
/// });
/// assert_eq!(PRICES.get()?.len(), 2);
///
/// let refused = Resource::builder().time_to_live(Duration::ZERO).build(|| Ok::<_, Infallible>(1));
/// assert!(refused.is_err());
/// # Ok::<(), ember_core::resource::LoadError>(())
/// ```
#[must_use = "a builder makes nothing until `build` is called"]
pub struct ResourceBuilder<T> {
    settings: Settings,
    of: PhantomData<fn() -> T>,
}

impl<T> Default for ResourceBuilder<T> {
    /// Loaded once, for good; a load that failed is tried again by the next who asks, at once.
    fn default() -> Self {
        Self { settings: Settings::NONE, of: PhantomData }
    }
}

impl<T> ResourceBuilder<T> {
    /// What errors call it, if not said its type.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.settings.name = Some(name.into().into());
        self
    }

    /// How long a value is used, more than zero, at most 100 years. The next who asks then gets it all the same, and has it
    /// loaded anew in the background. If not said, it is used for good.
    pub fn time_to_live(mut self, time: Duration) -> Self {
        self.settings.time_to_live = Some(time);
        self
    }

    /// How long a value may serve after its time to live, while the new one is under way or cannot be had: up to 100 years,
    /// if not said as long as the time to live. Then those who ask wait for the load, and get its failure; with zero, at once.
    pub fn serve_stale(mut self, time: Duration) -> Self {
        self.settings.serve_stale = Some(time);
        self
    }

    /// How long nobody tries again after a load that failed: who asks meanwhile gets the failure, with its cause.
    /// [`reload`](Resource::reload) tries all the same. If not said, the next who asks tries at once; and a load in the
    /// background that failed is tried again after a tenth of the time to live.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.settings.backoff = Some(backoff);
        self
    }

    /// Makes the chance in the backoff the same each time.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = Some(seed);
        self
    }

    /// Measures time by another clock than that of the context of each call.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.settings.time = Time::of(clock);
        self
    }
}

impl<T: Send + Sync + 'static> ResourceBuilder<T> {
    /// Makes a resource that a function loads.
    ///
    /// # Errors
    /// If a setting is out of its bounds.
    pub fn build(self, loader: impl Load<T> + 'static) -> Result<Resource<T>, Invalid> {
        let loader: Source<dyn Load<T>> = Source::Shared(Arc::new(loader));
        self.settings.check()?;
        Ok(Resource::<T, Called>::with(loader, self.settings))
    }

    /// Makes a resource that a future loads.
    ///
    /// # Errors
    /// If a setting is out of its bounds.
    pub fn build_async(self, loader: impl LoadAsync<T> + 'static) -> Result<AsyncResource<T>, Invalid> {
        let loader: Source<dyn LoadAsync<T>> = Source::Shared(Arc::new(loader));
        self.settings.check()?;
        Ok(Resource::<T, Awaited>::with(loader, self.settings))
    }
}

impl<T> std::fmt::Debug for ResourceBuilder<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResourceBuilder")
            .field("name", &self.settings.name)
            .field("time_to_live", &self.settings.time_to_live)
            .field("serve_stale", &self.settings.serve_stale)
            .field("backoff", &self.settings.backoff)
            .finish_non_exhaustive()
    }
}
