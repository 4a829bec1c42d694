//! Where states stand: by key, and in the order of their last use.
//!
//! The order is a list through the entries, so that each use and each look at the oldest costs the same for any
//! capacity.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::mem::replace;
use std::sync::{Arc, Weak};

/// The states, and one for the keys that find no room.
pub(super) struct Shelf<K, S> {
    capacity: usize,
    places: HashMap<K, usize>,
    entries: Vec<Entry<K, S>>,
    /// Where the list begins and ends, if there are entries.
    oldest: usize,
    newest: usize,
    overflow: Option<Arc<S>>,
}

pub(super) struct Entry<K, S> {
    key: K,
    state: Arc<S>,
    /// Somebody asks whether it is idle, and it was not used since.
    asked: bool,
    older: usize,
    newer: usize,
}

/// Whether there is room for another key.
pub(super) enum Room<S> {
    Free,
    /// If this state, which nobody else holds, is idle.
    Perhaps(usize, Arc<S>),
    No,
}

/// No entry.
const NONE: usize = usize::MAX;

impl<K: Hash + Eq, S> Shelf<K, S> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            places: HashMap::new(),
            entries: Vec::new(),
            oldest: NONE,
            newest: NONE,
            overflow: None,
        }
    }

    pub(super) fn find<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<Arc<S>>
    where
        K: Borrow<Q>,
    {
        let place = *self.places.get(key)?;
        self.touch(place);
        Some(self.entries[place].state.clone())
    }

    /// Looks for room, at no more than `looks` entries, which it counts down. An entry that somebody holds counts as
    /// used.
    pub(super) fn room(&mut self, looks: &mut usize) -> Room<S> {
        let mut place = self.oldest;
        while let Some(left) = looks.checked_sub(1) {
            *looks = left;
            if self.entries.len() < self.capacity {
                return Room::Free;
            }
            let Some(entry) = self.entries.get_mut(place) else { break };
            let newer = entry.newer;
            if !entry.asked {
                // Nobody can get hold of it meanwhile.
                if Arc::strong_count(&entry.state) == 1 {
                    entry.asked = true;
                    return Room::Perhaps(place, entry.state.clone());
                }
                self.touch(place);
            }
            place = newer;
        }
        Room::No
    }

    /// Takes in a state, if there is room. Else the keys come back.
    pub(super) fn add(&mut self, keys: (K, K), state: &Arc<S>) -> Result<Option<Entry<K, S>>, (K, K)> {
        if self.entries.len() >= self.capacity {
            return Err(keys);
        }
        let place = self.entries.len();
        self.entries.push(Entry::new(keys.0, state));
        self.places.insert(keys.1, place);
        self.append(place);
        Ok(None)
    }

    /// Puts a state where the one was that [`room`](Self::room) gave, if that was not used since. Else the keys come
    /// back.
    pub(super) fn replace(
        &mut self,
        place: usize,
        was: &Arc<S>,
        keys: (K, K),
        state: &Arc<S>,
    ) -> Result<Option<Entry<K, S>>, (K, K)> {
        // The other one who holds it is the one who asked.
        let free = |entry: &Entry<K, S>| entry.is_asked(was) && Arc::strong_count(was) == 2;
        if !self.entries.get(place).is_some_and(free) {
            return Err(keys);
        }
        self.unlink(place);
        let gone = replace(&mut self.entries[place], Entry::new(keys.0, state));
        self.places.remove(&gone.key);
        self.places.insert(keys.1, place);
        self.append(place);
        Ok(Some(gone))
    }

    /// A state that was asked stays. It is in use, or who asked has panicked.
    pub(super) fn keep(&mut self, place: usize, state: &Arc<S>) {
        if self.entries.get(place).is_some_and(|entry| entry.is_asked(state)) {
            self.touch(place);
        }
    }

    pub(super) fn overflow(&self) -> Option<Arc<S>> {
        self.overflow.clone()
    }

    /// What the keys share that find no room: the given state, if they have none.
    pub(super) fn share(&mut self, state: &Arc<S>) -> Arc<S> {
        self.overflow.get_or_insert_with(|| state.clone()).clone()
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn all(&self) -> Vec<(K, Arc<S>)>
    where
        K: Clone,
    {
        self.entries.iter().map(|entry| (entry.key.clone(), entry.state.clone())).collect()
    }

    /// The states of all keys, and what those share that found no room. Who looks holds none of them: what is held counts as
    /// in use.
    pub(super) fn states(&self) -> Vec<Weak<S>> {
        self.entries.iter().map(|entry| &entry.state).chain(&self.overflow).map(Arc::downgrade).collect()
    }

    /// Makes an entry the newest.
    fn touch(&mut self, place: usize) {
        self.entries[place].asked = false;
        if self.newest != place {
            self.unlink(place);
            self.append(place);
        }
    }

    fn unlink(&mut self, place: usize) {
        let Entry { older, newer, .. } = self.entries[place];
        *self.newer_of(older) = newer;
        *self.older_of(newer) = older;
    }

    fn append(&mut self, place: usize) {
        let before = replace(&mut self.newest, place);
        *self.newer_of(before) = place;
        self.entries[place].older = before;
        self.entries[place].newer = NONE;
    }

    /// Where it stands what comes behind an entry, or first.
    fn newer_of(&mut self, place: usize) -> &mut usize {
        if place == NONE { &mut self.oldest } else { &mut self.entries[place].newer }
    }

    /// Where it stands what comes before an entry, or last.
    fn older_of(&mut self, place: usize) -> &mut usize {
        if place == NONE { &mut self.newest } else { &mut self.entries[place].older }
    }
}

impl<K, S> Entry<K, S> {
    fn new(key: K, state: &Arc<S>) -> Self {
        Self { key, state: state.clone(), asked: false, older: NONE, newer: NONE }
    }

    fn is_asked(&self, state: &Arc<S>) -> bool {
        self.asked && Arc::ptr_eq(&self.state, state)
    }
}
