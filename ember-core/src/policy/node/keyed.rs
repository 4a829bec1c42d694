//! Policies that are kept for each key.

use std::hash::Hash;
use std::sync::Arc;

use super::Kept;
use crate::policy::{Idle, Keyed};
use crate::watch::Watch;

/// What tells calls apart.
#[diagnostic::on_unimplemented(
    message = "a key tells calls apart, and a `{Self}` cannot be compared, hashed or kept",
    label = "`{Self}` is no key",
    note = "a key is owned, and `Hash + Eq + Clone + Send + Sync`, such as a `String` or a number: `key = |tenant| tenant.id.clone()`"
)]
pub trait Key: Hash + Eq + Clone + Send + Sync + 'static {}
#[diagnostic::do_not_recommend]
impl<K: Hash + Eq + Clone + Send + Sync + 'static> Key for K {}

/// The policy of a key, made if it is not there yet.
pub fn keyed<K: Key, S: Idle + Watch + Send + Sync + 'static>(
    kept: &'static Kept,
    key: &K,
    make: fn() -> S,
) -> Arc<S> {
    kept.watched(|| Keyed::<K, S>::new(Keyed::<K, S>::CAPACITY, make)).get(key)
}
