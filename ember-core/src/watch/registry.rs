//! The list itself.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::State;
use crate::error::__discard;

/// The most states that are in the list. Further ones work as well, and are not seen: see [`unwatched`].
pub const MOST: usize = 4096;

type Look = Arc<dyn Fn() -> Option<State> + Send + Sync>;

static LIST: Mutex<List> = Mutex::new(List { next: 0, entries: BTreeMap::new() });
static UNWATCHED: AtomicU64 = AtomicU64::new(0);

struct List {
    next: u64,
    entries: BTreeMap<u64, (Arc<str>, Look)>,
}

/// Nothing of a user's runs under it.
fn list() -> MutexGuard<'static, List> {
    LIST.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many states found no room in the list, since the process began.
pub fn unwatched() -> u64 {
    UNWATCHED.load(Relaxed)
}

/// Puts a state into the list, until the registration is dropped. `look` is asked by whoever wants to see the list, from any
/// thread, and says nothing of a state that is not there just now.
pub fn register(
    owner: impl Into<Arc<str>>,
    look: impl Fn() -> Option<State> + Send + Sync + 'static,
) -> Registration {
    let entry: (Arc<str>, Look) = (owner.into(), Arc::new(look));
    let mut list = list();
    if list.entries.len() < MOST {
        let number = list.next;
        list.next += 1;
        list.entries.insert(number, entry);
        return Registration(Some(number));
    }
    // Before `entry` is dropped, which is of the user.
    drop(list);
    UNWATCHED.fetch_add(1, Relaxed);
    Registration(None)
}

pub(super) fn looks() -> Vec<(u64, Arc<str>, impl FnOnce() -> Option<State>)> {
    let of = |(&number, (owner, look)): (&u64, &(Arc<str>, Look))| (number, owner.clone(), look.clone());
    let looks: Vec<_> = list().entries.iter().map(of).collect();
    // What is the user's is also dropped where panics are caught.
    let guarded =
        |look: Look| move || catch_unwind(AssertUnwindSafe(move || look())).map_err(__discard).ok().flatten();
    looks.into_iter().map(|(number, owner, look)| (number, owner, guarded(look))).collect()
}

/// That a state is in the list. When it is dropped, the state leaves it.
#[must_use = "a state leaves the list when its registration is dropped"]
pub struct Registration(Option<u64>);

impl Registration {
    /// Leaves the state in the list for good, as is right for one in a `static`.
    pub fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let gone = self.0.and_then(|number| list().entries.remove(&number));
        // What the user put there is dropped outside of the lock.
        drop(gone);
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Registration").field(&self.0.is_some()).finish()
    }
}
