//! The cache of an operator.

use std::convert::Infallible;
use std::future::Future;

use super::Kept;
use crate::policy::{Cache, CacheKey, CacheValue, Keeps, Lookup, PolicyError};

/// An argument that is a part of a cache's key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a cache key",
    label = "a cached operator has an argument of this type, but `{Self}` is not `Hash + Eq + Clone + Send + Sync + 'static`",
    note = "say what the result depends on: `key = |name| ..`, made of values that can be compared and hashed, as an id, a name, or `x.to_bits()` of a float"
)]
pub trait KeyPart {
    /// What is kept of it.
    type Owned: CacheKey;
}
#[diagnostic::do_not_recommend]
impl<T: ToOwned<Owned: CacheKey> + ?Sized> KeyPart for T {
    type Owned = T::Owned;
}

/// A call whose value may be there already.
///
/// # Errors
///
/// What the call failed with, or failed with before.
#[inline(always)]
pub fn cached<K: CacheKey, V: CacheValue, F: Keeps<E>, E>(
    kept: Option<&'static Kept>,
    make: impl FnOnce() -> Cache<K, V, F>,
    key: impl Lookup<K>,
    next: impl FnOnce() -> Result<V, PolicyError<E>>,
) -> Result<V, PolicyError<E>> {
    match kept {
        Some(kept) => kept.get(make).call(key, next),
        None => next(),
    }
}

/// The same of a call that waits.
///
/// # Errors
///
/// What the call failed with, or failed with before.
#[inline(always)]
pub async fn cached_async<K: CacheKey, V: CacheValue, F: Keeps<E>, E, N>(
    kept: Option<&'static Kept>,
    make: impl FnOnce() -> Cache<K, V, F>,
    key: impl Lookup<K>,
    next: impl FnOnce() -> N,
) -> Result<V, PolicyError<E>>
where
    N: Future<Output = Result<V, PolicyError<E>>>,
{
    match kept {
        Some(kept) => kept.get(make).call_async(key, next).await,
        None => next().await,
    }
}

/// The same of an operator that cannot fail. If the run is stopped while it waits for the call of another, it calls itself.
#[inline(always)]
pub fn cached_value<K: CacheKey, V: CacheValue>(
    kept: Option<&'static Kept>,
    make: impl FnOnce() -> Cache<K, V>,
    key: impl Lookup<K>,
    next: impl FnOnce() -> V,
) -> V {
    let Some(kept) = kept else { return next() };
    let mut next = Some(next);
    let mut take = || next.take().expect("a call that was made gives its value");
    let value = kept.get(make).call(key, || Ok::<V, PolicyError<Infallible>>(take()()));
    value.unwrap_or_else(|_| take()())
}

/// The same of a call that waits.
pub async fn cached_value_async<K: CacheKey, V: CacheValue, N: Future<Output = V>>(
    kept: Option<&'static Kept>,
    make: impl FnOnce() -> Cache<K, V>,
    key: impl Lookup<K>,
    next: impl FnOnce() -> N,
) -> V {
    let Some(kept) = kept else { return next().await };
    let mut next = Some(next);
    let call = || {
        let call = next.take().map(|next| next());
        async { Ok::<V, PolicyError<Infallible>>(call.expect("it is called once").await) }
    };
    match kept.get(make).call_async(key, call).await {
        Ok(value) => value,
        Err(_) => next.take().expect("a call that was made gives its value")().await,
    }
}
