//! State by key: a breaker or a limit for each tenant, host or model.

mod shelf;

#[cfg(all(loom, test))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Weak};

use self::shelf::{Room, Shelf};
use crate::sync::{Mutex, lock};
use crate::watch::{State, Watch};

/// State that can be given up when there is no room.
pub trait Idle {
    /// Whether nothing depends on it: no call is under way, and nobody is turned away by it.
    fn is_idle(&self) -> bool;
}

/// How many states are looked at to find one that can go, so that a key without room costs the same for any capacity.
const LOOKS: usize = 32;

/// The states of at most so many keys, each made when its key is first asked for.
///
/// When there is no room, a state goes that is idle and that nobody holds: the one that was not used for the longest
/// time. What is found in use on the way counts as used just then. If 32 states in a row are in use, the key shares one
/// state with all others that find no room, and may get one of its own when it is asked for again. So the number of
/// states is bounded, at one more than the capacity, and nothing that is in use is lost.
///
/// Threads that ask for a key at the same time get the same state; one that they made beside it is dropped. `Hash` and
/// `Eq` of the keys run under a lock, and what makes states, `is_idle` and `Drop` do not.
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
    shelf: Mutex<Shelf<K, S>>,
}

impl<K: Hash + Eq, S: Idle> Keyed<K, S> {
    /// The capacity if nothing else is said.
    pub const CAPACITY: usize = 1024;

    /// States for at most `capacity` keys (at least one), made by `make`.
    pub fn new(capacity: usize, make: impl Fn() -> S + Send + Sync + 'static) -> Self {
        let capacity = capacity.max(1);
        Self { capacity, make: Box::new(make), shelf: Mutex::new(Shelf::new(capacity)) }
    }

    /// The state of a key.
    #[inline]
    pub fn get<Q>(&self, key: &Q) -> Arc<S>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let found = lock(&self.shelf).find(key);
        found.unwrap_or_else(|| self.get_anew(key))
    }

    /// Makes the state of a key, or finds the one that another thread makes meanwhile.
    #[cold]
    fn get_anew<Q>(&self, key: &Q) -> Arc<S>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let mut made = None;
        let mut looks = LOOKS.min(self.capacity);
        while looks > 0 {
            let room = lock(&self.shelf).room(&mut looks);
            let asked = match room {
                Room::Free => None,
                Room::Perhaps(place, state) => Some(Asked { keyed: self, place, state }),
                Room::No => break,
            };
            if asked.as_ref().is_some_and(|asked| !asked.state.is_idle()) {
                continue;
            }
            let state = made.get_or_insert_with(|| Arc::new((self.make)()));
            // Two of them, as the shelf has each key in two places.
            let keys = (key.to_owned(), key.to_owned());
            let mut shelf = lock(&self.shelf);
            if let Some(found) = shelf.find(key) {
                return found;
            }
            let gone = match &asked {
                None => shelf.add(keys, state),
                Some(asked) => shelf.replace(asked.place, &asked.state, keys, state),
            };
            // Whatever goes is dropped outside of the lock.
            drop(shelf);
            if gone.is_ok() {
                return state.clone();
            }
        }
        self.shared(made)
    }

    /// What the keys share that find no room.
    fn shared(&self, made: Option<Arc<S>>) -> Arc<S> {
        if let Some(shared) = lock(&self.shelf).overflow() {
            return shared;
        }
        let made = made.unwrap_or_else(|| Arc::new((self.make)()));
        lock(&self.shelf).share(&made)
    }

    /// How many keys have a state of their own.
    pub fn len(&self) -> usize {
        lock(&self.shelf).len()
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
        lock(&self.shelf).all()
    }
}

/// A state that is asked whether it is idle, and that nobody else asks meanwhile.
struct Asked<'k, K: Hash + Eq, S> {
    keyed: &'k Keyed<K, S>,
    place: usize,
    state: Arc<S>,
}

impl<K: Hash + Eq, S> Drop for Asked<'_, K, S> {
    fn drop(&mut self) {
        lock(&self.keyed.shelf).keep(self.place, &self.state);
    }
}

impl<K, S> fmt::Debug for Keyed<K, S> {
    /// Without the keys, which may be nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

/// Of what has no such number there is none.
fn sum(all: Option<usize>, one: Option<usize>) -> Option<usize> {
    all.zip(one).map(|(all, one)| all + one).or(all).or(one)
}

impl<K: Hash + Eq, S: Idle + Watch> Watch for Keyed<K, S> {
    fn watch(&self) -> State {
        let (states, keys) = {
            let shelf = lock(&self.shelf);
            (shelf.states(), shelf.len())
        };
        let (mut troubled, mut in_use, mut waiting, mut example) = (0, None, None, None);
        for state in states.iter().filter_map(Weak::upgrade) {
            let state = state.watch();
            let is_troubled = state.trouble().is_some();
            in_use = sum(in_use, state.in_use());
            waiting = sum(waiting, state.waiting());
            if example.is_none() || (is_troubled && troubled == 0) {
                example = Some(Box::new(state));
            }
            troubled += usize::from(is_troubled);
        }
        State::ByKey { keys, troubled, in_use, waiting, example }
    }
}
