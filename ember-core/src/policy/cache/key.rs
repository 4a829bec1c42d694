//! What can be a key, what can be kept, and how an entry is looked up without owning its key.

use std::borrow::Borrow;
use std::hash::Hash;

/// What entries of a cache are told apart by.
///
/// A violation is told in these words rather than in the names of the bounds.
///
/// ```
/// # use ember_core::policy::Cache;
/// Cache::<(u64, String), f64>::builder().build()?;
/// # Ok::<(), ember_core::policy::Invalid>(())
/// ```
///
/// A float cannot be compared to itself, and so is no key:
///
/// ```compile_fail,E0277
/// # use ember_core::policy::Cache;
/// Cache::<(u64, f64), f64>::builder().build()?;
/// # Ok::<(), ember_core::policy::Invalid>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a cache key",
    label = "a cached operator has an argument of this type, but `{Self}` is not `Hash + Eq + Clone + Send + Sync + 'static`",
    note = "say what the result depends on: `key = |args| ..`, made of values that can be compared and hashed, as an id, a name, or `x.to_bits()` of a float"
)]
pub trait CacheKey: Hash + Eq + Clone + Send + Sync + 'static {}
#[diagnostic::do_not_recommend]
impl<T: Hash + Eq + Clone + Send + Sync + 'static> CacheKey for T {}

/// What a cache can keep.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept in a cache",
    label = "a cached operator gives this to several callers, but `{Self}` is not `Clone + Send + Sync + 'static`",
    note = "let the operator return an `Arc<{Self}>`, or derive `Clone`; a value that borrows cannot outlive its run in a cache"
)]
pub trait CacheValue: Clone + Send + Sync + 'static {}
#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> CacheValue for T {}

/// Something by which an entry with a key of type `K` is found: a reference to the key, or to what it
/// [borrows](Borrow) as; of a key that is a tuple, a tuple of those.
///
/// The key itself is made when a call is made, so a hit clones none.
///
/// ```
/// use ember_core::policy::Lookup;
///
/// fn key_of<K>(lookup: impl Lookup<K>) -> K {
///     lookup.to_key()
/// }
/// let key: (String, u32) = key_of(("de", &7));
/// assert_eq!(key, ("de".to_owned(), 7));
/// ```
pub trait Lookup<K>: Hash {
    /// Whether an entry of this key is meant.
    fn is(&self, key: &K) -> bool;

    /// The key.
    fn to_key(&self) -> K;
}

impl<K: Borrow<Q>, Q: Hash + Eq + ToOwned<Owned = K> + ?Sized> Lookup<K> for &Q {
    #[inline]
    fn is(&self, key: &K) -> bool {
        **self == *key.borrow()
    }

    fn to_key(&self) -> K {
        (**self).to_owned()
    }
}

impl Lookup<()> for () {
    #[inline]
    fn is(&self, (): &()) -> bool {
        true
    }

    fn to_key(&self) {}
}

macro_rules! tuples {
    ($(($($lookup:ident $key:ident $i:tt),+))+) => {$(
        impl<$($key, $lookup: Lookup<$key>),+> Lookup<($($key,)+)> for ($($lookup,)+) {
            #[inline]
            fn is(&self, key: &($($key,)+)) -> bool {
                $(self.$i.is(&key.$i))&&+
            }

            fn to_key(&self) -> ($($key,)+) {
                ($(self.$i.to_key(),)+)
            }
        }
    )+};
}

tuples! {
    (A KA 0)
    (A KA 0, B KB 1)
    (A KA 0, B KB 1, C KC 2)
    (A KA 0, B KB 1, C KC 2, D KD 3)
    (A KA 0, B KB 1, C KC 2, D KD 3, E KE 4)
    (A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5)
    (A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5, G KG 6)
    (A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5, G KG 6, H KH 7)
    (A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5, G KG 6, H KH 7, I KI 8)
    (A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5, G KG 6, H KH 7, I KI 8, J KJ 9)
    (A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5, G KG 6, H KH 7, I KI 8, J KJ 9, L KL 10)
    (A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5, G KG 6, H KH 7, I KI 8, J KJ 9, L KL 10, M KM 11)
}
