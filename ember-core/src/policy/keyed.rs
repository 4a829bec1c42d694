//! State by key: a breaker or a limit for each tenant, host or model.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use crate::sync::{Mutex, lock};

/// State that can be given up when there is no room.
pub trait Idle {
    /// Whether nothing depends on it: no call is under way, and nobody is turned away by it.
    fn is_idle(&self) -> bool;
}

/// The states of at most so many keys, each made when its key is first asked for.
///
/// When there is no room, the state that was not used for the longest time goes, of those that are idle and that nobody
/// holds. If all are in use, further keys share one state, so that the number of keys is bounded and nothing that is in use
/// is lost.
///
/// `Hash` and `Eq` of the keys run under a lock.
///
/// ```
/// use ember_core::policy::{Idle, Keyed};
///
/// struct Calls;
/// impl Idle for Calls {
///     fn is_idle(&self) -> bool {
///         true
///     }
/// }
///
/// let calls = Keyed::new(2, || Calls);
/// for host in ["a", "b", "c"] {
///     calls.get(&host);
/// }
/// assert_eq!(calls.len(), 2);
/// ```
pub struct Keyed<K, S> {
    capacity: usize,
    make: Box<dyn Fn() -> S + Send + Sync>,
    states: Mutex<States<K, S>>,
}

struct States<K, S> {
    by_key: HashMap<K, Entry<S>>,
    /// Counts the uses.
    uses: u64,
    overflow: Option<Arc<S>>,
}

struct Entry<S> {
    state: Arc<S>,
    used: u64,
}

impl<K: Hash + Eq, S: Idle> Keyed<K, S> {
    /// The capacity if nothing else is said.
    pub const CAPACITY: usize = 1024;

    /// States for at most `capacity` keys (at least one), made by `make`.
    pub fn new(capacity: usize, make: impl Fn() -> S + Send + Sync + 'static) -> Self {
        let states = States { by_key: HashMap::new(), uses: 0, overflow: None };
        Self { capacity: capacity.max(1), make: Box::new(make), states: Mutex::new(states) }
    }

    /// The state of a key.
    pub fn get<Q>(&self, key: &Q) -> Arc<S>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let mut states = lock(&self.states);
        let states = &mut *states;
        states.uses += 1;
        if let Some(entry) = states.by_key.get_mut(key) {
            entry.used = states.uses;
            return entry.state.clone();
        }
        if states.by_key.len() >= self.capacity && !states.evict() {
            return states.overflow.get_or_insert_with(|| Arc::new((self.make)())).clone();
        }
        let state = Arc::new((self.make)());
        states.by_key.insert(key.to_owned(), Entry { state: state.clone(), used: states.uses });
        state
    }

    /// How many keys have a state of their own.
    pub fn len(&self) -> usize {
        lock(&self.states).by_key.len()
    }

    /// Whether no key has one.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The states of all keys, with their keys.
    pub fn all(&self) -> Vec<(K, Arc<S>)>
    where
        K: Clone,
    {
        lock(&self.states).by_key.iter().map(|(key, entry)| (key.clone(), entry.state.clone())).collect()
    }
}

impl<K: Hash + Eq, S: Idle> States<K, S> {
    /// Makes room, if there is a state that can go. Nobody can get hold of one meanwhile.
    fn evict(&mut self) -> bool {
        let free = |entry: &Entry<S>| Arc::strong_count(&entry.state) == 1 && entry.state.is_idle();
        let oldest = self.by_key.values().filter(|entry| free(entry)).map(|entry| entry.used).min();
        let Some(oldest) = oldest else { return false };
        self.by_key.retain(|_, entry| entry.used != oldest);
        true
    }
}

impl<K, S> fmt::Debug for Keyed<K, S> {
    /// Without the keys, which may be nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
