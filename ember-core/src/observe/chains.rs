//! What is kept for each graph, and found without a lock.

#[cfg(all(test, not(loom)))]
mod tests;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// So many chains, in which few graphs stand behind each other.
const CHAINS: usize = 64;

/// Values that are found by an address, in chains that only grow: so no event waits for another, nor walks past all graphs
/// of a program.
pub(super) struct Chains<V> {
    heads: [Link<V>; CHAINS],
    len: AtomicUsize,
}

type Link<V> = OnceLock<Box<Entry<V>>>;

/// One value, and behind it the next of its chain.
struct Entry<V> {
    /// How many were there before it.
    place: usize,
    value: V,
    next: Link<V>,
}

impl<V> Chains<V> {
    /// How many there are.
    #[cfg(any(feature = "metrics", all(test, not(loom))))]
    pub(super) fn len(&self) -> usize {
        self.len.load(Relaxed)
    }

    /// The one in the chain of this address that `is` it.
    #[inline]
    pub(super) fn get(&self, address: usize, is: impl Fn(&V) -> bool) -> Option<&V> {
        let mut link = self.head(address);
        while let Some(entry) = link.get() {
            if is(&entry.value) {
                return Some(&entry.value);
            }
            link = &entry.next;
        }
        None
    }

    /// The same, which is made if it is not there. Others who ask for it meanwhile wait, so that there is one.
    pub(super) fn get_or_make(&self, address: usize, is: impl Fn(&V) -> bool, make: impl Fn() -> V) -> &V {
        let mut link = self.head(address);
        loop {
            let entry = link.get_or_init(|| {
                let place = self.len.fetch_add(1, Relaxed);
                Box::new(Entry { place, value: make(), next: Link::new() })
            });
            if is(&entry.value) {
                return &entry.value;
            }
            link = &entry.next;
        }
    }

    fn head(&self, address: usize) -> &Link<V> {
        // The lowest bits are those of the alignment; the multiplier is Knuth's.
        let hash = (address >> 3).wrapping_mul(0x9E37_79B1);
        &self.heads[(hash >> 16) % CHAINS]
    }

    /// All, in the order in which they were made.
    pub(super) fn in_order(&self) -> impl DoubleEndedIterator<Item = &V> {
        let mut entries = Vec::new();
        for mut link in &self.heads {
            while let Some(entry) = link.get() {
                entries.push(&**entry);
                link = &entry.next;
            }
        }
        entries.sort_unstable_by_key(|entry| entry.place);
        entries.into_iter().map(|entry| &entry.value)
    }
}

impl<V> Default for Chains<V> {
    fn default() -> Self {
        Self { heads: [const { Link::new() }; CHAINS], len: AtomicUsize::new(0) }
    }
}
