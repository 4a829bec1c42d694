//! Where the entries are: `quick_cache`, which chooses what gives way, with lives for entries put on top.
//!
//! The user's code under its locks is `Eq` of keys alone: a key brings its hash along, an entry its weight, to clone an
//! entry clones nothing of the user's, and what is taken out is handed out to be dropped.

use std::hash::{BuildHasher, Hash, Hasher};
use std::marker::PhantomData;

use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Lifecycle, OptionsBuilder, Weighter};

use super::Lookup;
use super::entry::Entry;

/// A key with its hash.
struct Hashed<K> {
    hash: u64,
    key: K,
}

impl<K> Hash for Hashed<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl<K: Eq> PartialEq for Hashed<K> {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.key == other.key
    }
}

impl<K: Eq> Eq for Hashed<K> {}

struct Probe<'l, L> {
    hash: u64,
    lookup: &'l L,
}

impl<L> Hash for Probe<'_, L> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl<K, L: Lookup<K>> Equivalent<Hashed<K>> for Probe<'_, L> {
    #[inline]
    fn equivalent(&self, key: &Hashed<K>) -> bool {
        self.hash == key.hash && self.lookup.is(&key.key)
    }
}

/// Hands on the hash that a key brings.
#[derive(Clone, Default)]
pub(super) struct AsIs;

#[derive(Default)]
pub(super) struct Hands(u64);

impl Hasher for Hands {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys bring a hash of 64 bits");
    }

    #[inline]
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl BuildHasher for AsIs {
    type Hasher = Hands;

    #[inline]
    fn build_hasher(&self) -> Hands {
        Hands(0)
    }
}

#[derive(Clone)]
struct Weight;

impl<K, V, X> Weighter<K, Entry<V, X>> for Weight {
    #[inline]
    fn weight(&self, _: &K, entry: &Entry<V, X>) -> u64 {
        entry.weight()
    }
}

/// Hands out what gives way.
struct Out<K, E>(PhantomData<fn() -> (K, E)>);

impl<K, E> Clone for Out<K, E> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<K, E> Lifecycle<Hashed<K>, E> for Out<K, E> {
    type RequestState = Removed<K, E>;

    fn on_evict(&self, removed: &mut Removed<K, E>, key: Hashed<K>, entry: E) {
        removed.0.push((key, entry));
    }
}

/// What was taken out of the store, to be dropped when no lock is held.
pub(super) struct Removed<K, E>(Vec<(Hashed<K>, E)>);

impl<K, E> Default for Removed<K, E> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

type Entries<K, E> = Cache<Hashed<K>, E, Weight, AsIs, Out<K, E>>;

pub(super) struct Store<K, V, X> {
    entries: Entries<K, Entry<V, X>>,
}

impl<K: Eq, V: Clone, X> Store<K, V, X> {
    /// For entries that weigh at most so much together, in so many parts, which is a power of two.
    pub(super) fn new(capacity: u64, parts: u64) -> Self {
        // The store would round what a part holds up.
        let capacity = capacity - capacity % parts;
        let options = OptionsBuilder::new()
            .weight_capacity(capacity)
            // Of entries, as far as they are known: for how many the store remembers that they gave way.
            .estimated_items_capacity(usize::try_from(capacity.min(1 << 20)).unwrap_or(1 << 20))
            .shards(usize::try_from(parts).unwrap_or(1))
            .build()
            .expect("all that must be set is");
        let entries = Cache::with_options(options, Weight, AsIs, Out(PhantomData));
        debug_assert!(entries.capacity() <= capacity);
        Self { entries }
    }

    /// The entry, whose life may be over.
    #[inline]
    pub(super) fn get(&self, hash: u64, lookup: &impl Lookup<K>) -> Option<Entry<V, X>> {
        self.entries.get(&Probe { hash, lookup })
    }

    /// The entry, without any trace of the look.
    pub(super) fn peek(&self, hash: u64, lookup: &impl Lookup<K>, now: u64) -> Option<Entry<V, X>> {
        self.entries.peek(&Probe { hash, lookup }).filter(|entry| entry.is_over(now).is_none())
    }

    /// Takes out an entry whose life is over.
    pub(super) fn bury(&self, hash: u64, lookup: &impl Lookup<K>, now: u64) -> Removed<K, Entry<V, X>> {
        let removed = self.entries.remove_if(&Probe { hash, lookup }, |there| there.is_over(now).is_some());
        Removed(removed.into_iter().collect())
    }

    /// Takes out what is there.
    pub(super) fn remove(&self, hash: u64, lookup: &impl Lookup<K>) -> Removed<K, Entry<V, X>> {
        Removed(self.entries.remove(&Probe { hash, lookup }).into_iter().collect())
    }

    /// Takes out all entries that are there at the time of the call, one by one.
    pub(super) fn drain(&self) -> impl Iterator<Item = Entry<V, X>> {
        self.entries.drain().map(|(_, entry)| entry)
    }

    /// Puts an entry where none is. What gives way comes out: the entry itself, if it weighs too much.
    pub(super) fn insert(&self, hash: u64, key: K, entry: Entry<V, X>) -> Removed<K, Entry<V, X>> {
        let mut removed = Removed::default();
        self.entries.insert_with_lifecycle(Hashed { hash, key }, entry, &mut removed);
        removed
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn weight(&self) -> u64 {
        self.entries.weight()
    }

    /// As much as they may weigh.
    pub(super) fn capacity(&self) -> u64 {
        self.entries.capacity()
    }
}

impl<K, E> Removed<K, E> {
    pub(super) fn entries(&self) -> impl Iterator<Item = &E> {
        self.0.iter().map(|(_, entry)| entry)
    }
}
