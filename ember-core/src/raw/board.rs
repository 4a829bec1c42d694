//! Where a run asks threads of the pool for help.
//!
//! A run that stands on its caller's stack opens an entry of the board; a thread of the pool that looks for work enters
//! it, helps, and leaves. The entry stays when the run is over, so a thread that comes too late touches nothing of the
//! run; and the run does not end while a thread is inside.
//!
//! There is a shorter way for regions of few short tasks, which leaves these where helpers look ([`quick`]).
//!
//! An entry's state is one word: whether it is `OPEN`, and the number of threads inside. To enter is to add one and to
//! look at what was there: if the entry was not open, the one is taken back. Any number of threads may be inside. Whether an
//! owner has the entry stands on a line of its own, which helpers leave alone: so what they look at is written in one go, when
//! all of it is there.

use std::ops::Range;
use std::ptr;
use std::time::Duration;

use super::prefetch::prefetch;
use crate::sync::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use crate::sync::{AtomicBool, AtomicPtr, AtomicU16, AtomicU32, AtomicUsize, Bed, relax};

/// How many runs can ask for help at the same time. More than that need none.
const ENTRIES: usize = if cfg!(all(loom, test)) { 1 } else { 256 };
/// The entries that are taken first. The others are looked at only while so many runs are there.
const NEAR: usize = if cfg!(all(loom, test)) { 1 } else { 8 };
/// What helpers read of a run stands within so many bytes behind its job, on its owner's stack.
const STACK: usize = 1024;
const OPEN: u32 = 1 << 31;

/// What a helper does for a run whose owner may sleep in a bed: works for as long as there is work and the patience
/// lasts, and tells whether there was any.
pub(crate) type Help<'h> = dyn Fn(&Bed, Duration) -> bool + Sync + 'h;

struct Job<'j> {
    help: &'j Help<'j>,
}

// On cache lines of its own: helpers look at all entries while they wait. What they look at is on the first.
#[repr(C, align(128))]
struct Entry {
    state: AtomicU32,
    guests: AtomicU16,
    /// Whether other runs go before that of the last owner.
    bulk: AtomicBool,
    #[cfg(target_has_atomic = "64")]
    quick: quick::Tasks,
    /// Of the last owner, on its stack: the [`Job`] of an entry that was opened, the level of a quick region.
    on_stack: AtomicPtr<()>,
    /// Which run it is, or was, a part of.
    run: AtomicUsize,
    #[cfg(target_has_atomic = "64")]
    failures: quick::Failures,
    owner: Bed,
    /// Whether an owner has it, from before it opens until the owner is gone.
    owned: Apart,
}

/// On a cache line that helpers do not look at.
#[repr(align(64))]
struct Apart(AtomicBool);

/// The same one twice: loom's atomics are made at run time.
macro_rules! constructor {
    ($($constant:ident)?) => {
        $($constant)? fn new() -> Self {
            Self {
                state: AtomicU32::new(0),
                guests: AtomicU16::new(0),
                bulk: AtomicBool::new(false),
                #[cfg(target_has_atomic = "64")]
                quick: quick::Tasks::new(),
                on_stack: AtomicPtr::new(ptr::null_mut()),
                run: AtomicUsize::new(0),
                #[cfg(target_has_atomic = "64")]
                failures: quick::Failures::new(),
                owner: Bed::new(),
                owned: Apart(AtomicBool::new(false)),
            }
        }
    };
}

impl Entry {
    #[cfg(not(all(loom, test)))]
    constructor!(const);
    #[cfg(all(loom, test))]
    constructor!();

    /// Whether helpers may go in.
    #[inline]
    fn is_open(&self) -> bool {
        self.state.load(SeqCst) & OPEN != 0
    }

    /// Whether tasks of a quick region lie here.
    #[inline]
    fn has_tasks(&self) -> bool {
        #[cfg(target_has_atomic = "64")]
        return crate::executor::Words::waits(&self);
        #[cfg(not(target_has_atomic = "64"))]
        false
    }
}

/// The entries through which runs get help.
pub(crate) struct Board {
    entries: [Entry; ENTRIES],
    /// How many owners have, or look for, an entry behind the near ones.
    far: AtomicU32,
}

impl Board {
    #[cfg(not(all(loom, test)))]
    #[expect(clippy::large_stack_arrays, reason = "there is one, which is a static")]
    pub(crate) const fn new() -> Self {
        Self { entries: [const { Entry::new() }; ENTRIES], far: AtomicU32::new(0) }
    }

    #[cfg(all(loom, test))]
    pub(crate) fn new() -> Self {
        Self { entries: [Entry::new()], far: AtomicU32::new(0) }
    }

    /// Lets helpers run `help` while `own` runs, as a part of a run. Returns, or unwinds, when no helper is in `help` any
    /// more.
    ///
    /// `own` is given a bed that helpers know of, unless no entry was free: then nobody helps.
    pub(crate) fn offer<R>(
        &self,
        run: usize,
        bulk: bool,
        help: &Help<'_>,
        own: impl FnOnce(Option<&Bed>) -> R,
    ) -> R {
        let Some((entry, _counted_until_closed)) = self.take() else { return own(None) };
        let job = Job { help };
        entry.run.store(run, Relaxed);
        entry.bulk.store(bulk, Relaxed);
        entry.on_stack.store(ptr::from_ref(&job).cast::<()>().cast_mut(), Relaxed);
        let _closed_behind = Close { entry };
        // Who sees it open sees the above.
        entry.state.fetch_add(OPEN, SeqCst);
        own(Some(&entry.owner))
    }

    /// Takes an entry that is free.
    fn take(&self) -> Option<(&Entry, Option<Far<'_>>)> {
        let free = |entry: &&Entry| {
            let Apart(owned) = &entry.owned;
            !owned.load(Relaxed) && !owned.swap(true, Acquire)
        };
        if let Some(entry) = self.entries[..NEAR].iter().find(free) {
            return Some((entry, None));
        }
        // Before the entry opens, so that who finds it open has looked so far.
        let far = Far::new(&self.far);
        Some((self.entries[NEAR..].iter().find(free)?, Some(far)))
    }

    /// The entries of which some may be open.
    #[inline]
    pub(crate) fn entries(&self) -> Range<usize> {
        0..if self.far.load(SeqCst) == 0 { NEAR } else { ENTRIES }
    }

    /// Whether an entry is, or was, a part of a run.
    pub(crate) fn is_part(&self, entry: usize, run: usize) -> bool {
        self.entries[entry].run.load(SeqCst) == run
    }

    /// Wakes the owners of a run's parts.
    pub(crate) fn wake(&self, run: usize) {
        for entry in self.entries() {
            if self.is_part(entry, run) {
                self.entries[entry].owner.wake();
            }
        }
    }

    /// Whether there may be something to do at an entry.
    #[inline]
    pub(crate) fn is_open(&self, entry: usize) -> bool {
        let entry = &self.entries[entry];
        entry.is_open() || entry.has_tasks()
    }

    /// Whether an entry is open, so that helpers may go in.
    pub(crate) fn may_enter(&self, entry: usize) -> bool {
        self.entries[entry].is_open()
    }

    /// Whether other runs go before the one that an entry is, or was, a part of.
    pub(crate) fn is_bulk(&self, entry: usize) -> bool {
        self.entries[entry].bulk.load(Relaxed)
    }

    /// Goes in at an entry, if it is open.
    pub(crate) fn enter(&self, entry: usize) -> Option<Visit<'_>> {
        let entry = &self.entries[entry];
        if !entry.is_open() {
            return None;
        }
        let was = entry.state.fetch_add(1, AcqRel);
        let leave = Leave { entry };
        (was & OPEN != 0).then(|| {
            let job = entry.on_stack.load(Relaxed).cast::<Job<'static>>().cast_const();
            prefetch::<_, STACK>(job);
            Visit { leave, job }
        })
    }
}

/// A thread inside an entry. It leaves when this is dropped.
pub(crate) struct Visit<'b> {
    leave: Leave<'b>,
    job: *const Job<'static>,
}

impl Visit<'_> {
    /// Helps the run.
    pub(crate) fn help(&self, patience: Duration) -> bool {
        // SAFETY: `job` points to a `Job` on the stack of the owner that opened the entry. It was open when this
        // thread was counted, so the owner's `Close` has not seen the count at zero since: it waits for `leave`, and
        // the `Job` and what it borrows outlive that. An older owner's pointer cannot be seen: the owner has written its
        // own before it opened the entry, which this thread has seen, and a later one writes when the count has been at
        // zero. The pointee is only read, and `help` is `Sync`.
        let job = unsafe { &*self.job };
        (job.help)(&self.leave.entry.owner, patience)
    }
}

/// Takes a helper's count back, also when what it ran unwinds.
struct Leave<'e> {
    entry: &'e Entry,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        // From here on the owner may be gone; the entry stays.
        if self.entry.state.fetch_sub(1, SeqCst) == 1 {
            self.entry.owner.wake();
        }
    }
}

/// Counts an owner whose entry is not near.
struct Far<'b>(&'b AtomicU32);

impl<'b> Far<'b> {
    #[cold]
    fn new(far: &'b AtomicU32) -> Self {
        far.fetch_add(1, SeqCst);
        Self(far)
    }
}

impl Drop for Far<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// Closes an entry, and waits until nobody is inside.
struct Close<'e> {
    entry: &'e Entry,
}

impl Drop for Close<'_> {
    fn drop(&mut self) {
        let Entry { state, owner, owned, .. } = self.entry;
        if state.fetch_sub(OPEN, SeqCst) != OPEN {
            let mut turns = 0;
            // By looking only: who writes here takes the line from the helper who is about to leave.
            while state.load(SeqCst) != 0 {
                if !relax(&mut turns) {
                    owner.sleep_until(|| state.load(SeqCst) == 0);
                }
            }
        }
        owned.0.store(false, Release);
    }
}

#[cfg(target_has_atomic = "64")]
pub(crate) mod quick;

#[cfg(all(loom, test))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;
