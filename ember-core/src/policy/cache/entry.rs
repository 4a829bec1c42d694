//! What is kept under a key, and for how long.

use std::any::{Any, type_name};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::counts::Count;
use crate::sync::nanos;

#[cfg(all(test, not(loom)))]
mod tests;

/// What is kept of a call.
///
/// It is cloned under the locks of the store, where no code of the user may run. So it lies behind an `Arc`, which costs two
/// writes a hit to a counter that all threads share; unless it is a value whose `Clone` is known to be the standard library's
/// and to take no time, about which nothing has to be noted.
pub(super) enum Entry<V, X> {
    Bare { value: V, until: u64 },
    Shared(Arc<Shared<V, X>>),
}

pub(super) struct Shared<V, X> {
    outcome: Result<V, X>,
    /// Of a failure, counted from one.
    attempt: u32,
    weight: u64,
    life: Life,
}

impl<V: Clone, X> Clone for Entry<V, X> {
    #[inline]
    fn clone(&self) -> Self {
        match self {
            Self::Bare { value, until } => Self::Bare { value: value.clone(), until: *until },
            Self::Shared(shared) => Self::Shared(Arc::clone(shared)),
        }
    }
}

/// Texts of more bytes are not cloned under a lock.
const SHORT: usize = 64;

macro_rules! is_one_of {
    ($value:expr; $($type:ty)*) => { $($value.is::<$type>())||* };
}

/// Whether it is an `Arc`, of which a clone is the count of one more, whatever it holds.
///
/// No trait tells that of a type that is not named. The standard library promises no names of types: should it use another,
/// such values are shared as all others are.
#[inline]
fn is_arc<V>() -> bool {
    type_name::<V>().starts_with("alloc::sync::Arc<")
}

/// Whether a clone of it is a copy of a few bytes.
fn is_plain<V: 'static>(value: &V) -> bool {
    if is_arc::<V>() {
        return true;
    }
    let value: &dyn Any = value;
    match value.downcast_ref::<String>() {
        Some(text) => text.len() <= SHORT,
        None => is_one_of!(value; () bool char &'static str Duration
            u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64),
    }
}

impl<V: 'static, X> Entry<V, X> {
    pub(super) fn of_value(value: V, weight: u64, life: Life) -> Self {
        if weight == 1 && life.idle == Life::ENDLESS && is_plain(&value) {
            return Self::Bare { value, until: life.until };
        }
        Self::Shared(Arc::new(Shared { outcome: Ok(value), attempt: 1, weight, life }))
    }
}

impl<V, X> Entry<V, X> {
    pub(super) fn of_failure(kept: X, attempt: u32, life: Life) -> Self {
        Self::Shared(Arc::new(Shared { outcome: Err(kept), attempt, weight: 1, life }))
    }

    /// The value, or what was kept of the failure and the number of its attempt.
    #[inline]
    pub(super) fn outcome<R>(self, give: impl FnOnce(&X, u32) -> R) -> Result<V, R>
    where
        V: Clone,
    {
        match self {
            Self::Bare { value, .. } => Ok(value),
            Self::Shared(shared) => match &shared.outcome {
                Ok(value) => Ok(value.clone()),
                Err(kept) => Err(give(kept, shared.attempt)),
            },
        }
    }

    #[inline]
    pub(super) fn weight(&self) -> u64 {
        match self {
            Self::Bare { .. } => 1,
            Self::Shared(shared) => shared.weight,
        }
    }

    #[inline]
    pub(super) fn is_over(&self, now: u64) -> Option<Over> {
        match self {
            Self::Bare { until, .. } => (*until <= now).then_some(Over::Expired),
            Self::Shared(shared) => shared.life.is_over(now),
        }
    }

    /// Whether it can be used at this moment, which is noted.
    #[inline]
    pub(super) fn is_used(&self, now: u64) -> bool {
        match self {
            Self::Bare { until, .. } => now < *until,
            Self::Shared(shared) => {
                let used = shared.life.is_over(now).is_none();
                if used {
                    shared.life.touch(now);
                }
                used
            }
        }
    }

    /// Whether it is this one, of those that weigh more than the least.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Shared(this), Self::Shared(other)) => Arc::ptr_eq(this, other),
            _ => false,
        }
    }
}

/// Moments are nanoseconds since the cache was made.
pub(super) struct Life {
    /// From this moment on it is over; never, if it is the last one.
    until: u64,
    /// So long after its last use as well.
    idle: u64,
    used: AtomicU64,
}

/// Why an entry's life is over.
#[derive(Clone, Copy)]
pub(super) enum Over {
    Expired,
    Idle,
}

impl From<Over> for Count {
    fn from(over: Over) -> Self {
        match over {
            Over::Expired => Self::Expired,
            Over::Idle => Self::Idle,
        }
    }
}

impl Life {
    const ENDLESS: u64 = u64::MAX;

    pub(super) fn new(now: u64, time_to_live: Option<Duration>, time_to_idle: Option<Duration>) -> Self {
        Self {
            until: time_to_live.map_or(Self::ENDLESS, |time| now.saturating_add(nanos(time))),
            idle: time_to_idle.map_or(Self::ENDLESS, nanos),
            used: AtomicU64::new(now),
        }
    }

    #[inline]
    pub(super) fn is_over(&self, now: u64) -> Option<Over> {
        if self.until <= now {
            Some(Over::Expired)
        } else if self.idle != Self::ENDLESS && self.used.load(Relaxed).saturating_add(self.idle) <= now {
            Some(Over::Idle)
        } else {
            None
        }
    }

    #[inline]
    fn touch(&self, now: u64) {
        if self.idle != Self::ENDLESS && self.used.load(Relaxed) < now {
            self.used.fetch_max(now, Relaxed);
        }
    }
}
