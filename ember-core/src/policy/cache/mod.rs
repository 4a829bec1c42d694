//! Calls that need not be made again.
//!
//! A [`Cache`] keeps what a call gave, and lets those who ask for the same at the same time share one call.
//!
//! In reading order: `key` is what entries are found by, `errors` what is kept of failures; `entry` is what is kept,
//! and grows old; `store` is where; `flights` are the calls under way, and `policy::inside` says when waiting for one is
//! safe; `counts` and `time` are what their names say.

mod builder;
mod counts;
mod entry;
mod errors;
mod flights;
mod key;
mod store;
mod time;

#[cfg(all(test, not(loom)))]
mod tests;

pub use builder::CacheBuilder;
pub use counts::CacheCounts;
pub use errors::{Failures, KeepErrors, Keeps, NoErrors};
pub use key::{CacheKey, CacheValue, Lookup};

use std::fmt;
use std::future::Future;
use std::hash::BuildHasher;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use quick_cache::DefaultHashBuilder;

use self::counts::{Count, Counts};
use self::entry::{Entry, Life};
use self::flights::{Flights, Joined, Kind, Lead, Ticket, Turn};
use self::store::{Removed, Store};
use self::time::Moments;
use super::PolicyError;
use super::inside::Rank;
use crate::observe::{What, emit};
use crate::policy::time::Time;
use crate::policy::wait::patience;
use crate::policy::wait::turn;
use crate::watch::{State, Watch};
use crate::{Context, Stopped};

type Weigher<K, V> = Arc<dyn Fn(&K, &V) -> u64 + Send + Sync>;
/// An entry with what the cache keeps of failures.
type Of<V, F> = Entry<V, <F as Failures>::Kept>;

/// Keeps what calls gave, by a key, within a fixed capacity; calls for the same key at the same time become one.
///
/// ```
/// use ember_core::policy::{Cache, PolicyError};
///
/// let lengths: Cache<String, usize> = Cache::builder().capacity(100).build()?;
/// let length = |text: &str| lengths.call(text, || Ok::<_, PolicyError<()>>(text.len()));
///
/// assert_eq!(length("seven").ok(), Some(5));
/// assert_eq!(length("seven").ok(), Some(5));
/// let counts = lengths.counts();
/// assert_eq!((counts.loads, counts.hits), (1, 1));
/// # Ok::<(), ember_core::policy::Invalid>(())
/// ```
///
/// # One call for several callers
///
/// Who asks for a key for which a call is under way waits for that. Its value goes to all. If it gives none, because it
/// fails, panics, is dropped or is refused by a policy, then one of those who wait calls for itself, and the others wait for
/// that: so a service that is down gets one call at a time for each key, and not those of all who waited at once. The last of
/// many who wait may so wait for many failures, if each takes long: where failures can be cloned, let them be shared. With
/// [`share_errors`](CacheBuilder::share_errors) or [`cache_errors`](CacheBuilder::cache_errors) an operator's failure goes
/// to all as well. Who waits can be cancelled, and stops at its deadline; a thread that waits does other work of its
/// run or of the pool meanwhile.
///
/// Nobody waits where that might never end, but calls for itself, beside the other call, and keeps nothing:
///
/// - inside of a call for the same cache, as where an operator calls itself;
/// - inside of a call for another cache, if calls of this one have waited for calls of that one before, directly or by way
///   of others: caches have an order, as locks have, which is learnt from who waited first;
/// - a thread for a future, which the thread may have to go on with.
///
/// *Inside* are also the parts of a graph that the call runs, on whichever thread; but not what it spawns as a task of a
/// runtime of its own. A future that waits, or whose turn it is, keeps others waiting while it is neither polled nor
/// dropped.
///
/// # What is forgotten
///
/// An entry that is too old is taken out when somebody finds it so; until then it takes room. What gives way where
/// there is no room is chosen by how often and how recently it was asked for (Clock-PRO, as in `quick_cache`), and can be the newest
/// entry. [`invalidate`](Self::invalidate) also reaches calls that are under way.
///
/// # Keys
///
/// `Eq` of a key runs under a lock, and so must not ask the cache. `Hash` and `Clone`, and all that is the value's, do not.
pub struct Cache<K, V, F: Failures = NoErrors> {
    store: Store<K, V, F::Kept>,
    flights: Flights<K, Of<V, F>>,
    counts: Counts,
    rank: Rank,
    weigher: Option<Weigher<K, V>>,
    time_to_live: Option<Duration>,
    time_to_idle: Option<Duration>,
    /// Whether any entry grows old, so that the time matters.
    is_timed: bool,
    moments: Moments,
    failures: F,
    hasher: DefaultHashBuilder,
}

impl<K, V> Cache<K, V> {
    /// 1024 entries, if nothing else is said.
    pub fn builder() -> CacheBuilder<K, V> {
        CacheBuilder::default()
    }
}

/// As a layer around a call.
#[expect(clippy::needless_pass_by_value, reason = "a lookup is a reference, or a tuple of them")]
impl<K: CacheKey, V: CacheValue, F: Failures> Cache<K, V, F> {
    /// Gives what is kept under the key, else makes the call, or waits for another that makes it.
    ///
    /// # Errors
    ///
    /// What the call returns; a failure that was kept; [`PolicyError::stopped`] if the run was stopped while it waited.
    #[inline]
    pub fn call<E>(
        &self,
        key: impl Lookup<K>,
        next: impl FnOnce() -> Result<V, PolicyError<E>>,
    ) -> Result<V, PolicyError<E>>
    where
        F: Keeps<E>,
    {
        let hash = self.hasher.hash_one(&key);
        match self.hit(hash, &key) {
            Some(entry) => give::<V, F, E>(entry),
            None => self.miss(hash, &key, next),
        }
    }

    /// The same for a call that is a future. Nothing is done before it is polled.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub async fn call_async<E, N: Future<Output = Result<V, PolicyError<E>>>>(
        &self,
        key: impl Lookup<K>,
        next: N,
    ) -> Result<V, PolicyError<E>>
    where
        F: Keeps<E>,
    {
        let hash = self.hasher.hash_one(&key);
        if let Some(entry) = self.hit(hash, &key) {
            return give::<V, F, E>(entry);
        }
        let mut waited = false;
        let load = loop {
            match self.join(hash, &key, Kind::Future, &mut waited) {
                Step::Given(entry) => return give::<V, F, E>(entry),
                Step::Load(load) => break load,
                Step::Wait(ticket) => {
                    match patience::wait(ticket, Context::current()).await.map_err(PolicyError::stopped)? {
                        Turn::Value(entry) => return self.shared(entry),
                        Turn::Lead(lead) => break Load::new(self, Some(lead)),
                        Turn::Again => {}
                    }
                }
            }
        };
        let result = self.rank.enter_async(next).await;
        load.end(hash, &key, result)
    }

    #[inline]
    fn hit(&self, hash: u64, key: &impl Lookup<K>) -> Option<Of<V, F>> {
        let now = self.now();
        let entry = self.store.get(hash, key)?;
        if !entry.is_used(now) {
            self.bury(hash, key, now);
            return None;
        }
        self.counts.add(Count::Hit);
        emit(|| What::CacheHit);
        Some(entry)
    }

    /// Takes out an entry whose life is over, unless another was faster.
    #[cold]
    fn bury(&self, hash: u64, key: &impl Lookup<K>, now: u64) {
        for over in self.store.bury(hash, key, now).entries().filter_map(|entry| entry.is_over(now)) {
            self.counts.add(over.into());
        }
    }

    #[inline(never)]
    fn miss<E>(
        &self,
        hash: u64,
        key: &impl Lookup<K>,
        next: impl FnOnce() -> Result<V, PolicyError<E>>,
    ) -> Result<V, PolicyError<E>>
    where
        F: Keeps<E>,
    {
        let mut waited = false;
        let load = loop {
            match self.join(hash, key, Kind::Thread, &mut waited) {
                Step::Given(entry) => return give::<V, F, E>(entry),
                Step::Load(load) => break load,
                Step::Wait(ticket) => match wait(ticket).map_err(PolicyError::stopped)? {
                    Turn::Value(entry) => return self.shared(entry),
                    Turn::Lead(lead) => break Load::new(self, Some(lead)),
                    Turn::Again => {}
                },
            }
        };
        let inside = self.rank.enter();
        let result = next();
        drop(inside);
        load.end(hash, key, result)
    }

    fn join(&self, hash: u64, key: &impl Lookup<K>, kind: Kind, waited: &mut bool) -> Step<'_, K, V, F> {
        let now = self.now();
        // To be dropped when the flights are not locked any more.
        let mut dead = Vec::new();
        let look = || {
            let entry = self.store.get(hash, key)?;
            if entry.is_used(now) {
                return Some(entry);
            }
            dead.push(entry);
            None
        };
        let joined = self.flights.join(hash, key, kind, look);
        if !dead.is_empty() {
            self.bury(hash, key, now);
        }
        match joined {
            Joined::Found(entry) => {
                self.counts.add(Count::Hit);
                Step::Given(entry)
            }
            Joined::Lead(lead) => Step::Load(Load::new(self, Some(lead))),
            Joined::Wait(ticket) if self.rank.may_wait() => {
                if !mem::replace(waited, true) {
                    self.counts.add(Count::Wait);
                    emit(|| What::CacheJoined);
                }
                Step::Wait(ticket)
            }
            Joined::Wait(_) | Joined::Beside => Step::Load(Load::new(self, None)),
        }
    }

    fn shared<E>(&self, entry: Of<V, F>) -> Result<V, PolicyError<E>>
    where
        F: Keeps<E>,
    {
        self.counts.add(Count::Shared);
        give::<V, F, E>(entry)
    }

    #[inline]
    fn now(&self) -> u64 {
        if self.is_timed { self.moments.now() } else { 0 }
    }
}

/// By hand.
#[expect(clippy::needless_pass_by_value, reason = "a lookup is a reference, or a tuple of them")]
impl<K: CacheKey, V: CacheValue, F: Failures> Cache<K, V, F> {
    /// What is kept under the key, if it is a value. Neither counts nor use of the entry.
    pub fn peek(&self, key: impl Lookup<K>) -> Option<V> {
        let entry = self.store.peek(self.hasher.hash_one(&key), &key, self.now())?;
        entry.outcome(|_, _| ()).ok()
    }

    /// Forgets what is kept under the key. A call that is under way gives its value to those who wait for it already, but
    /// not to who asks from here on, and it is not kept.
    pub fn invalidate(&self, key: impl Lookup<K>) {
        let hash = self.hasher.hash_one(&key);
        let now = self.now();
        let mut removed = None;
        self.flights.invalidate(hash, &key, || removed = Some(self.store.remove(hash, &key)));
        for entry in removed.iter().flat_map(Removed::entries) {
            self.counts.add(entry.is_over(now).map_or(Count::Invalidated, Count::from));
        }
    }

    /// Forgets all, as [`invalidate`](Self::invalidate) does of a key. Takes time for each entry.
    pub fn invalidate_all(&self) {
        let now = self.now();
        self.flights.invalidate_all();
        // What has landed before is in the store, and all else is detached.
        for entry in self.store.drain() {
            self.counts.add(entry.is_over(now).map_or(Count::Invalidated, Count::from));
        }
    }

    /// How many entries there are. Those that are too old count until somebody finds them so, or others need their room.
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the entries weigh together: as many as there are, if nothing else was said.
    pub fn weight(&self) -> u64 {
        self.store.weight()
    }

    /// What they can weigh together.
    pub fn capacity(&self) -> u64 {
        self.store.capacity()
    }

    /// What happened so far.
    pub fn counts(&self) -> CacheCounts {
        self.counts.snapshot()
    }
}

impl<K, V, F: Failures> fmt::Debug for Cache<K, V, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("time_to_live", &self.time_to_live)
            .field("time_to_idle", &self.time_to_idle)
            .field("counts", &self.counts.snapshot())
            .finish_non_exhaustive()
    }
}

/// What a call does next.
enum Step<'c, K: CacheKey, V: CacheValue, F: Failures> {
    Given(Of<V, F>),
    Load(Load<'c, K, V, F>),
    Wait(Ticket<'c, K, Of<V, F>>),
}

/// A call that is made. It counts as failed, unless it ends with a value.
struct Load<'c, K: CacheKey, V: CacheValue, F: Failures> {
    cache: &'c Cache<K, V, F>,
    /// None, if it goes on beside a flight.
    lead: Option<Lead<'c, K, Of<V, F>>>,
    failed: bool,
}

impl<'c, K: CacheKey, V: CacheValue, F: Failures> Load<'c, K, V, F> {
    fn new(cache: &'c Cache<K, V, F>, lead: Option<Lead<'c, K, Of<V, F>>>) -> Self {
        cache.counts.add(Count::Load);
        emit(|| What::CacheMiss);
        if lead.is_none() {
            cache.counts.add(Count::Beside);
        }
        Self { cache, lead, failed: true }
    }

    fn end<E>(
        mut self,
        hash: u64,
        key: &impl Lookup<K>,
        result: Result<V, PolicyError<E>>,
    ) -> Result<V, PolicyError<E>>
    where
        F: Keeps<E>,
    {
        self.failed = result.is_err();
        let Some(lead) = self.lead.take() else { return result };
        let cache = self.cache;
        match &result {
            Ok(value) => {
                let weigh = |weigher: &Weigher<K, V>| weigher(&key.to_key(), value).max(1);
                let weight = cache.weigher.as_ref().map_or(1, weigh);
                let now = cache.now();
                let life = Life::new(now, cache.time_to_live, cache.time_to_idle);
                let entry = Entry::of_value(value.clone(), weight, life);
                cache.land(lead, hash, &entry, now, true);
            }
            Err(failure) => {
                if let Some(kept) = failure.operator().and_then(F::keep) {
                    let time_to_live = cache.failures.time_to_live();
                    let now = cache.now();
                    let life = Life::new(now, time_to_live, None);
                    let entry = Entry::of_failure(kept, failure.attempt(), life);
                    cache.land(lead, hash, &entry, now, time_to_live.is_some());
                }
                // Else the lead is dropped, and goes to one of those who wait.
            }
        }
        result
    }
}

impl<K: CacheKey, V: CacheValue, F: Failures> Drop for Load<'_, K, V, F> {
    fn drop(&mut self) {
        if self.failed {
            self.cache.counts.add(Count::Failed);
        }
    }
}

impl<K: CacheKey, V: CacheValue, F: Failures> Cache<K, V, F> {
    fn land(&self, lead: Lead<'_, K, Of<V, F>>, hash: u64, entry: &Of<V, F>, now: u64, is_kept: bool) {
        // To be dropped when the flights are not locked any more.
        let (mut removed, mut unused) = (None, None);
        let attached = lead.land(entry.clone(), |key| {
            if is_kept {
                removed = Some(self.store.insert(hash, key, entry.clone()));
            } else {
                unused = Some(key);
            }
        });
        if is_kept && !attached {
            self.counts.add(Count::Stale);
        }
        let mut entries = 0;
        for gone in removed.iter().flat_map(Removed::entries) {
            self.counts.add(if gone.is(entry) {
                Count::TooHeavy
            } else {
                entries += 1;
                gone.is_over(now).map_or(Count::ForRoom, Count::from)
            });
        }
        if entries > 0 {
            emit(|| What::CacheEvicted { entries });
        }
    }
}

fn give<V: CacheValue, F: Keeps<E>, E>(entry: Of<V, F>) -> Result<V, PolicyError<E>> {
    entry.outcome(|kept, attempt| PolicyError::from(F::give(kept)).at_attempt(attempt))
}

/// Keeps the thread until it is this one's turn.
///
/// # Errors
///
/// If the context stops first.
fn wait<K, O: Clone>(mut ticket: Ticket<'_, K, O>) -> Result<Turn<'_, K, O>, Stopped> {
    let turn = turn::wait(&mut ticket, None, &Time::default(), &Context::current())?;
    Ok(turn.expect("no moment ends the wait"))
}

impl<K: CacheKey, V: CacheValue, F: Failures> Watch for Cache<K, V, F> {
    fn watch(&self) -> State {
        let counts = self.counts();
        State::Cache {
            len: self.len(),
            weight: self.weight(),
            capacity: self.capacity(),
            hits: counts.hits + counts.shared,
            loads: counts.loads,
            failed: counts.failed,
        }
    }
}
