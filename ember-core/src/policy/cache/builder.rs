//! Makes a cache.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::counts::Counts;
use super::flights::Flights;
use super::store::Store;
use super::time::Moments;
use super::{Cache, CacheKey, CacheValue, Failures, KeepErrors, NoErrors, Weigher};
use crate::Clock;
use crate::policy::Invalid;
use crate::policy::inside::Rank;

/// The longest life of an entry.
const LONGEST: Duration = Duration::from_hours(100 * 365 * 24);
/// The most that entries can weigh together.
const MOST: u64 = 1 << 40;
/// So many entries at least are in each part of a cache that counts entries. With fewer, keys that happen to come to one
/// part would push each other out though there is room.
const PART: u64 = 256;
const PARTS: u64 = 64;

/// Makes a [`Cache`].
#[must_use = "a builder makes nothing until `build` is called"]
pub struct CacheBuilder<K, V, F = NoErrors> {
    capacity: u64,
    weigher: Option<Weigher<K, V>>,
    time_to_live: Option<Duration>,
    time_to_idle: Option<Duration>,
    moments: Moments,
    failures: F,
}

impl<K, V, F: Failures> Default for CacheBuilder<K, V, F> {
    /// 1024 entries that live until others need their room, and no failures that live longer than those who wait for them.
    fn default() -> Self {
        Self {
            capacity: 1024,
            weigher: None,
            time_to_live: None,
            time_to_idle: None,
            moments: Moments::default(),
            failures: F::default(),
        }
    }
}

impl<K, V, F: Clone> Clone for CacheBuilder<K, V, F> {
    fn clone(&self) -> Self {
        Self {
            capacity: self.capacity,
            weigher: self.weigher.clone(),
            time_to_live: self.time_to_live,
            time_to_idle: self.time_to_idle,
            moments: self.moments.clone(),
            failures: self.failures.clone(),
        }
    }
}

impl<K, V, F> CacheBuilder<K, V, F> {
    /// How many entries there are at most, or with a [`weigher`](Self::weigher), how much they weigh together: from 1 to
    /// 2⁴⁰, if not said 1024.
    ///
    /// There are never more. From 512 entries on the cache is in parts, and rounds down to a multiple of their
    /// number, by 63 at most; there may also be a few less when keys spread unevenly over the parts.
    pub fn capacity(mut self, capacity: u64) -> Self {
        self.capacity = capacity;
        self
    }

    /// Says how much room an entry takes, in units of the capacity; at least 1. It is asked once for each value that comes
    /// in, and outside of all locks. Failures that are kept weigh 1.
    ///
    /// A value that weighs more than 97% of the capacity is not kept. It is returned to those who asked for it,
    /// and counted.
    pub fn weigher(mut self, weigher: impl Fn(&K, &V) -> u64 + Send + Sync + 'static) -> Self {
        self.weigher = Some(Arc::new(weigher));
        self
    }

    /// How long a value is kept after it came: more than zero, at most 100 years. If not said, for ever.
    pub fn time_to_live(mut self, time: Duration) -> Self {
        self.time_to_live = Some(time);
        self
    }

    /// How long a value is kept after it was last asked for: more than zero, at most 100 years. If not said, for ever.
    pub fn time_to_idle(mut self, time: Duration) -> Self {
        self.time_to_idle = Some(time);
        self
    }

    /// Measures lives by another clock than that of the context of each call.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.moments = Moments::of(clock);
        self
    }

    /// Gives a failure of the operator also to those who wait for that very call, and keeps it no longer.
    pub fn share_errors<E: CacheValue>(self) -> CacheBuilder<K, V, KeepErrors<E>> {
        self.with_errors(None)
    }

    /// Keeps failures of the operator for so long: more than zero, at most 100 years. What a policy says in its place is
    /// never kept: that a breaker is open says nothing about the key.
    pub fn cache_errors<E: CacheValue>(self, time_to_live: Duration) -> CacheBuilder<K, V, KeepErrors<E>> {
        self.with_errors(Some(time_to_live))
    }

    fn with_errors<E>(self, time_to_live: Option<Duration>) -> CacheBuilder<K, V, KeepErrors<E>> {
        CacheBuilder {
            capacity: self.capacity,
            weigher: self.weigher,
            time_to_live: self.time_to_live,
            time_to_idle: self.time_to_idle,
            moments: self.moments,
            failures: KeepErrors { time_to_live, of: PhantomData },
        }
    }
}

impl<K, V, F: Failures> CacheBuilder<K, V, F> {
    /// Keeps failures for another time, if it keeps any.
    #[cfg(feature = "settings")]
    pub(in crate::policy) fn errors_for(self, time_to_live: Duration) -> Option<Self> {
        let failures = self.failures.__for(time_to_live)?;
        Some(Self { failures, ..self })
    }

    /// Whether it can be built.
    pub(in crate::policy) fn check(&self) -> Result<(), Invalid> {
        if !(1..=MOST).contains(&self.capacity) {
            let must = "between 1 and 1099511627776";
            return Err(Invalid::new("cache", "capacity", self.capacity, must));
        }
        for (setting, life) in self.lives() {
            if let Some(life) = life.filter(|life| life.is_zero() || *life > LONGEST) {
                let must = "more than zero and at most 36500 days";
                return Err(Invalid::new("cache", setting, format_args!("{life:?}"), must));
            }
        }
        Ok(())
    }

    fn lives(&self) -> [(&'static str, Option<Duration>); 3] {
        [
            ("time_to_live", self.time_to_live),
            ("time_to_idle", self.time_to_idle),
            ("cache_errors", self.failures.time_to_live()),
        ]
    }
}

impl<K: CacheKey, V: CacheValue, F: Failures> CacheBuilder<K, V, F> {
    /// Makes the cache.
    ///
    /// # Errors
    /// If the capacity or one of the lives is out of its bounds.
    pub fn build(self) -> Result<Cache<K, V, F>, Invalid> {
        self.check()?;
        // Where entries are weighed, one may take nearly all the room, and parts would take that from it.
        let parts = if self.weigher.is_some() { 1 } else { parts(self.capacity) };
        let is_timed = self.lives().iter().any(|(_, life)| life.is_some());
        Ok(Cache {
            store: Store::new(self.capacity, parts),
            flights: Flights::new(),
            counts: Counts::default(),
            rank: Rank::new(),
            weigher: self.weigher,
            time_to_live: self.time_to_live,
            time_to_idle: self.time_to_idle,
            is_timed,
            moments: self.moments,
            failures: self.failures,
            hasher: quick_cache::DefaultHashBuilder::default(),
        })
    }
}

/// How many parts a cache of so many entries has: a power of two.
fn parts(capacity: u64) -> u64 {
    let most = (capacity / PART).clamp(1, PARTS);
    1 << most.ilog2()
}

impl<K, V, F> fmt::Debug for CacheBuilder<K, V, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheBuilder")
            .field("capacity", &self.capacity)
            .field("is_weighed", &self.weigher.is_some())
            .field("time_to_live", &self.time_to_live)
            .field("time_to_idle", &self.time_to_idle)
            .finish_non_exhaustive()
    }
}
