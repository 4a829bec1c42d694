//! The last good value.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::Context;
use crate::sync::{Mutex, lock};

/// Keeps the last value that a call gave, for a time in which the call fails.
///
/// ```
/// use ember_core::policy::LastGood;
///
/// let rates = LastGood::new();
/// assert_eq!(rates.get(), None);
/// rates.set(&1.08);
/// assert_eq!(rates.get(), Some(1.08));
/// ```
pub struct LastGood<T> {
    value: Mutex<Option<(Arc<T>, Instant)>>,
    max_age: Option<Duration>,
}

impl<T: Clone> LastGood<T> {
    /// Keeps a value until there is another.
    pub fn new() -> Self {
        Self { value: Mutex::new(None), max_age: None }
    }

    /// Keeps a value for so long, by the clock of the current context.
    pub fn for_at_most(max_age: Duration) -> Self {
        Self { value: Mutex::new(None), max_age: Some(max_age) }
    }

    /// Notes a good value.
    pub fn set(&self, value: &T) {
        let noted = (Arc::new(value.clone()), Context::__with(Context::now));
        let old = lock(&self.value).replace(noted);
        drop(old);
    }

    /// The last good value, if there is one that is not too old.
    pub fn get(&self) -> Option<T> {
        let now = Context::__with(Context::now);
        let (value, at) = lock(&self.value).clone()?;
        let young = self.max_age.is_none_or(|max_age| now.saturating_duration_since(at) <= max_age);
        young.then(|| T::clone(&value))
    }
}

impl<T: Clone> Default for LastGood<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for LastGood<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastGood").field("max_age", &self.max_age).finish_non_exhaustive()
    }
}
