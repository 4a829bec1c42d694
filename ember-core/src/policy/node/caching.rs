//! The cache of an operator.

use std::borrow::Borrow;
use std::convert::Infallible;
use std::future::Future;
use std::hash::{Hash, Hasher};

use super::{Kept, Shared, built};
use crate::policy::{CacheBuilder, CacheKey, CacheValue, Keeps, Lookup, PolicyError};
use crate::sync::{Mutex, lock};

/// An argument that is a part of a cache's key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a cache key",
    label = "a cached operator has an argument of this type, but `{Self}` is not `Hash + Eq + Clone + Send + Sync + 'static`",
    note = "derive what is missing, or say what the result depends on: `key = |name| ..`, made of values that can be compared and hashed, as an id, a name, or `x.to_bits()` of a float"
)]
pub trait KeyPart {
    /// What is kept of it.
    type Owned: CacheKey;

    /// As [`Hash`].
    fn hash_part<H: Hasher>(&self, hasher: &mut H);

    /// Whether it is the same.
    fn is_part(&self, kept: &Self::Owned) -> bool;

    /// As [`ToOwned::to_owned`].
    fn own(&self) -> Self::Owned;
}
#[diagnostic::do_not_recommend]
impl<T: ToOwned<Owned: CacheKey> + Hash + Eq + ?Sized> KeyPart for T {
    type Owned = T::Owned;

    #[inline]
    fn hash_part<H: Hasher>(&self, hasher: &mut H) {
        self.hash(hasher);
    }

    #[inline]
    fn is_part(&self, kept: &T::Owned) -> bool {
        *self == *kept.borrow()
    }

    fn own(&self) -> T::Owned {
        self.to_owned()
    }
}

/// The same of an argument that the operator owns: a call that is made gets a clone.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a cache key",
    label = "a cached operator has an argument of this type, but `{Self}` is not `Hash + Eq + Clone + Send + Sync + 'static`",
    note = "derive what is missing, or say what the result depends on: `key = |name| ..`, made of values that can be compared and hashed, as an id, a name, or `x.to_bits()` of a float"
)]
pub trait OwnedKeyPart: KeyPart {
    /// The clone that a call is given. Were `Clone` asked of it by itself, the compiler would tell what is missing twice.
    #[must_use]
    fn given(&self) -> Self;
}
#[diagnostic::do_not_recommend]
impl<T: CacheKey> OwnedKeyPart for T {
    #[inline(always)]
    fn given(&self) -> Self {
        self.clone()
    }
}

/// An argument by which an entry is looked up. All that it needs is a [`KeyPart`], so what is missing is told once.
#[derive(Debug)]
pub struct Asked<'a, T: ?Sized>(pub &'a T);

impl<T: KeyPart + ?Sized> Hash for Asked<'_, T> {
    #[inline]
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.hash_part(hasher);
    }
}

impl<K, T: KeyPart<Owned = K> + ?Sized> Lookup<K> for Asked<'_, T> {
    #[inline]
    fn is(&self, key: &K) -> bool {
        self.0.is_part(key)
    }

    fn to_key(&self) -> K {
        self.0.own()
    }
}

/// A call whose value may be there already.
///
/// # Errors
///
/// What the call failed with, or failed with before.
#[inline(always)]
pub fn cached<K: CacheKey, V: CacheValue, F: Keeps<E>, E>(
    kept: Option<Shared<Kept>>,
    make: impl FnOnce() -> CacheBuilder<K, V, F>,
    key: impl Lookup<K>,
    next: impl FnOnce() -> Result<V, PolicyError<E>>,
) -> Result<V, PolicyError<E>> {
    match kept {
        Some(Shared(kept)) => kept.watched(|| built(make().build())).call(key, next),
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
    kept: Option<Shared<Kept>>,
    make: impl FnOnce() -> CacheBuilder<K, V, F>,
    key: impl Lookup<K>,
    next: N,
) -> Result<V, PolicyError<E>>
where
    N: Future<Output = Result<V, PolicyError<E>>>,
{
    // Once on the heap, and not twice in each future around it.
    let next = Box::pin(next);
    match kept {
        Some(Shared(kept)) => kept.watched(|| built(make().build())).call_async(key, next).await,
        None => next.await,
    }
}

/// The same of an operator that cannot fail. If the run is stopped while it waits for the call of another, it calls itself.
#[inline(always)]
pub fn cached_value<K: CacheKey, V: CacheValue>(
    kept: Option<Shared<Kept>>,
    make: impl FnOnce() -> CacheBuilder<K, V>,
    key: impl Lookup<K>,
    next: impl FnOnce() -> V,
) -> V {
    let Some(Shared(kept)) = kept else { return next() };
    let mut next = Some(next);
    let mut take = || next.take().expect("a call that was made gives its value");
    let value =
        kept.watched(|| built(make().build())).call(key, || Ok::<V, PolicyError<Infallible>>(take()()));
    value.unwrap_or_else(|_| take()())
}

/// The same of a call that waits.
pub async fn cached_value_async<K: CacheKey, V: CacheValue, N: Future<Output = V>>(
    kept: Option<Shared<Kept>>,
    make: impl FnOnce() -> CacheBuilder<K, V>,
    key: impl Lookup<K>,
    next: N,
) -> V {
    let next = Box::pin(next);
    let Some(Shared(kept)) = kept else { return next.await };
    // Taken by the call that is made.
    let next = Mutex::new(Some(next));
    let call = async {
        let next = lock(&next).take().expect("it is called once");
        Ok::<V, PolicyError<Infallible>>(next.await)
    };
    if let Ok(value) = kept.watched(|| built(make().build())).call_async(key, call).await {
        return value;
    }
    let next = lock(&next).take().expect("a call that was made gives its value");
    next.await
}
