//! What stands in the place of caches without the feature: it says that the feature is off, and nothing else.

use std::future::Future;
use std::marker::PhantomData;
use std::time::Duration;

use super::{Kept, Shared};
use crate::policy::PolicyError;

/// What a cache needs.
#[diagnostic::on_unimplemented(
    message = "`cache` needs ember's feature `cache`",
    label = "there are no caches without it",
    note = "in Cargo.toml: `ember = {{ version = \"..\", features = [\"cache\"] }}`"
)]
pub trait Caching<'never> {}

/// No cache.
#[derive(Debug)]
pub struct Cache<K, V>(PhantomData<(K, V)>);

impl<K, V> Cache<K, V> {
    /// Never called: its bound does not hold.
    pub fn builder() -> Self
    where
        for<'never> (): Caching<'never>,
    {
        Self(PhantomData)
    }

    /// As there.
    #[must_use]
    pub fn capacity(self, _: u64) -> Self {
        self
    }

    /// As there.
    #[must_use]
    pub fn time_to_live(self, _: Duration) -> Self {
        self
    }

    /// As there.
    #[must_use]
    pub fn time_to_idle(self, _: Duration) -> Self {
        self
    }

    /// As there.
    #[must_use]
    pub fn cache_errors(self, _: Duration) -> Self {
        self
    }
}

/// There is nothing to be set.
#[cfg(feature = "settings")]
impl<K, V> crate::policy::settings::Configure for Cache<K, V> {
    const POLICY: &'static str = "cache";
    const SETTINGS: &'static [&'static str] = &[];

    fn set(self, _: &str, _: &crate::policy::settings::Scalar) -> Result<Self, &'static str> {
        Ok(self)
    }

    fn fits(&self) -> Result<(), crate::policy::Invalid> {
        Ok(())
    }
}

/// Any argument.
pub trait KeyPart {
    /// Whatever it is.
    type Owned;
}
impl<T: ToOwned + ?Sized> KeyPart for T {
    type Owned = T::Owned;
}

/// Any argument that is owned.
pub trait OwnedKeyPart {
    /// Its clone.
    #[must_use]
    fn given(&self) -> Self;
}
impl<T: Clone> OwnedKeyPart for T {
    fn given(&self) -> Self {
        self.clone()
    }
}

/// Any value.
pub trait CacheValue {}
impl<T> CacheValue for T {}

/// An argument.
#[derive(Debug)]
pub struct Asked<'a, T: ?Sized>(pub &'a T);

/// As with the feature.
///
/// # Errors
///
/// As there.
pub fn cached<K, V, E, L>(
    _: Option<Shared<Kept>>,
    _: impl FnOnce() -> Cache<K, V>,
    _: L,
    next: impl FnOnce() -> Result<V, PolicyError<E>>,
) -> Result<V, PolicyError<E>> {
    next()
}

/// As with the feature.
///
/// # Errors
///
/// As there.
pub async fn cached_async<K, V, E, L, N: Future<Output = Result<V, PolicyError<E>>>>(
    _: Option<Shared<Kept>>,
    _: impl FnOnce() -> Cache<K, V>,
    _: L,
    next: N,
) -> Result<V, PolicyError<E>> {
    next.await
}

/// As with the feature.
pub fn cached_value<K, V, L>(
    _: Option<Shared<Kept>>,
    _: impl FnOnce() -> Cache<K, V>,
    _: L,
    next: impl FnOnce() -> V,
) -> V {
    next()
}

/// As with the feature.
pub async fn cached_value_async<K, V, L, N: Future<Output = V>>(
    _: Option<Shared<Kept>>,
    _: impl FnOnce() -> Cache<K, V>,
    _: L,
    next: N,
) -> V {
    next.await
}
