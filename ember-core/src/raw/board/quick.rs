//! A quick region at an entry of the board: its tasks lie there.
//!
//! Who looks for work at the entry sees the table, and takes tasks from it by one exchange. From then on the region cannot end before
//! that thread has told of their ends: so what it takes to run them, which stands on the owner's stack, is there. When the ends of all
//! are told the region is over, and nobody has to be waited for: who has told of its last end looks at the entry alone, which stays.
//!
//! All of that is on one cache line, as each line that two threads share costs about as much as all that is done here.
//!
//! An owner that unwinds in the midst of a region, which no code of a user can bring about, withdraws the table, and waits until no
//! *guest* is there: each thread that takes tasks counts itself before.

use std::cell::Cell;
use std::mem::{ManuallyDrop, transmute};
use std::ptr;

use super::super::prefetch::prefetch;
use super::{Board, Entry};
use crate::executor::{Bits, Fate, Hand, Order, Plan, Words};
use crate::run::{Core, Halted, Level};
use crate::sync::Ordering::{Relaxed, Release, SeqCst};
use crate::sync::{AtomicU64, Bed, UnsafeCell, thread};

/// How many bytes before what runs the tasks, and how many from there on, are fetched ahead: values that the tasks borrow mostly are
/// there, on the stack of their owner.
const AROUND: (usize, usize) = (128, 384);

/// What runs a task of a region.
pub(crate) type Task<'r> = dyn Fn(usize, &Cell<u32>) -> Result<(), Halted> + Sync + 'r;

/// What it takes to run the tasks of a region.
#[derive(Clone, Copy)]
pub(crate) struct Stage<'r> {
    pub(crate) plan: &'static Plan,
    pub(crate) level: &'r Level<'r>,
    pub(crate) task: &'r Task<'r>,
}

/// Threads that help have it too.
const _: () = is_sync::<Stage<'static>>();
const fn is_sync<T: Sync>() {}

/// The same where it may be gone. The level stands beside them in the entry.
#[derive(Clone, Copy)]
struct Pointers {
    plan: &'static Plan,
    core: *const Core<'static>,
    task: *const Task<'static>,
}

impl Pointers {
    fn new(stage: Stage<'_>) -> Self {
        let Stage { plan, level, task } = stage;
        let (core, task) = (ptr::from_ref(level.core).cast(), ptr::from_ref(task));
        #[expect(clippy::transmute_ptr_to_ptr, reason = "a cast may not change the lifetime")]
        // SAFETY: it is as valid as before, whatever lifetime its type tells of.
        let task = unsafe { transmute::<*const Task<'_>, *const Task<'static>>(task) };
        Self { plan, core, task }
    }

    /// # Safety
    ///
    /// The region is not over for as long as what comes out is used.
    #[inline]
    unsafe fn stage<'r>(self, level: *const Level<'static>) -> Stage<'r> {
        // SAFETY: both were references, which are valid until the region is over.
        unsafe { Stage { plan: self.plan, level: &*level.cast(), task: &*self.task } }
    }

    /// Fetches ahead what is read as soon as a task runs.
    #[inline]
    fn prefetch(&self, level: *const Level<'static>) {
        const { assert!((AROUND.0 + AROUND.1).is_multiple_of(64)) };
        prefetch::<_, 64>(level);
        prefetch::<_, 64>(self.core);
        prefetch::<_, { AROUND.0 + AROUND.1 }>(self.task.cast::<u8>().wrapping_sub(AROUND.0));
    }
}

/// The tasks of the quick region of an entry's owner.
#[repr(C)]
pub(super) struct Tasks {
    /// Those that are ready and in nobody's hand.
    table: AtomicU64,
    /// Those that have ended.
    ended: AtomicU64,
    /// Written by the owner before any lie on the table, read by those who have taken some.
    pointers: UnsafeCell<Option<Pointers>>,
}

/// Those that are not to run, and those that did not finish. Mostly there are none, and nobody writes here.
pub(super) struct Failures {
    lost: AtomicU64,
    halted: AtomicU64,
}

macro_rules! constructors {
    ($($constant:ident)?) => {
        impl Tasks {
            pub(super) $($constant)? fn new() -> Self {
                Self { table: AtomicU64::new(0), ended: AtomicU64::new(0), pointers: UnsafeCell::new(None) }
            }
        }

        impl Failures {
            pub(super) $($constant)? fn new() -> Self {
                Self { lost: AtomicU64::new(0), halted: AtomicU64::new(0) }
            }
        }
    };
}

#[cfg(not(all(loom, test)))]
constructors!(const);
#[cfg(all(loom, test))]
constructors!();

// SAFETY: `pointers` alone is not `Sync`. It is written by the owner of the entry, before tasks of its region lie on the table and
// after all of the region before have ended, and read by who has taken such a task and not told of its end. What it points to is
// `Sync`, as `Stage` asks of it.
unsafe impl Sync for Tasks {}
// SAFETY: what it points to is `Sync`, and used from whichever thread.
unsafe impl Send for Tasks {}

impl Words for &Entry {
    #[inline(always)]
    fn table(&self) -> &AtomicU64 {
        &self.quick.table
    }

    #[inline(always)]
    fn ended(&self) -> &AtomicU64 {
        &self.quick.ended
    }

    #[inline(always)]
    fn lost(&self) -> &AtomicU64 {
        &self.failures.lost
    }

    #[inline(always)]
    fn halted(&self) -> &AtomicU64 {
        &self.failures.halted
    }

    /// Nothing: those who wait look at what has ended, which stands beside the table.
    #[inline(always)]
    fn end(&self) {}

    #[inline(always)]
    fn are_over(&self, all: u64) -> bool {
        self.quick.ended.load(SeqCst) == all
    }
}

/// A quick region, for its owner.
pub(crate) struct Quick<'b> {
    entry: &'b Entry,
    all: u64,
}

impl Quick<'_> {
    /// Where the owner may sleep.
    pub(crate) fn owner(&self) -> &Bed {
        &self.entry.owner
    }

    /// What its workers tell each other.
    #[inline]
    pub(crate) fn words(&self) -> impl Words + Copy {
        self.entry
    }

    #[cold]
    fn abandon(&self) {
        // Who has tasks in hand may not lay them out again.
        self.entry.withdraw();
        while self.entry.guests.load(SeqCst) != 0 {
            thread::yield_now();
        }
        self.entry.quick.table.store(0, SeqCst);
    }
}

impl Drop for Quick<'_> {
    #[inline]
    fn drop(&mut self) {
        if !self.entry.are_over(self.all) {
            self.abandon();
        }
        self.entry.owned.0.store(false, Release);
    }
}

impl Board {
    /// Begins a region of a run, if an entry is free: helpers see the tasks that `own` lays on its table. All have ended when `own`
    /// returns.
    pub(crate) fn perform<R>(
        &self,
        run: usize,
        stage: Stage<'_>,
        own: impl FnOnce(Option<&Quick<'_>>) -> R,
    ) -> R {
        let Some((entry, _counted_until_over)) = self.take() else { return own(None) };
        let (Tasks { ended, pointers, .. }, Failures { lost, halted }) = (&entry.quick, &entry.failures);
        ended.store(0, Relaxed);
        entry.bulk.store(false, Relaxed);
        // What is written only if it is another stays with all threads.
        for failures in [lost, halted] {
            if failures.load(Relaxed) != 0 {
                failures.store(0, Relaxed);
            }
        }
        if entry.run.load(Relaxed) != run {
            entry.run.store(run, Relaxed);
        }
        entry.on_stack.store(ptr::from_ref(stage.level).cast::<()>().cast_mut(), Relaxed);
        // SAFETY: all tasks of the region before have ended, or nobody has any; and none of this one is on the table.
        pointers.with_mut(|pointers| unsafe { *pointers = Some(Pointers::new(stage)) });
        // Dropped on any path, before what is borrowed by the stage is gone.
        own(Some(&Quick { entry, all: Bits::of(stage.plan, entry).all() }))
    }

    /// Looks for tasks at an entry, if there are any.
    #[inline]
    pub(crate) fn guest(&self, entry: usize) -> Option<Guest<'_>> {
        let entry = &self.entries[entry];
        entry.has_tasks().then(|| Guest::new(entry))
    }
}

/// A thread that looks for tasks at an entry.
pub(crate) struct Guest<'b> {
    entry: &'b Entry,
}

impl<'b> Guest<'b> {
    fn new(entry: &'b Entry) -> Self {
        entry.guests.fetch_add(1, SeqCst);
        Self { entry }
    }

    /// Takes some of those that lie there.
    #[inline]
    pub(crate) fn claim(&self) -> Option<Claim<'_>> {
        let mut hand = Bits::<&Entry>::EMPTY;
        if !self.entry.take(&mut hand) {
            return None;
        }
        // SAFETY: tasks were on the table, so `perform` has written this before, and it does so again when these have ended.
        let pointers = self.entry.quick.pointers.with(|pointers| unsafe { *pointers });
        let pointers = pointers.expect("tasks lie on the table when the region has begun");
        let level = self.entry.on_stack.load(Relaxed).cast::<Level<'static>>().cast_const();
        pointers.prefetch(level);
        Some(Claim { guest: self, hand, pointers, level })
    }

    /// Whether the entry is open, so that it is to go in there.
    #[inline]
    pub(crate) fn is_called(&self) -> bool {
        self.entry.is_open()
    }

    /// Where the owner may sleep.
    pub(crate) fn owner(&self) -> &Bed {
        &self.entry.owner
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        self.entry.guests.fetch_sub(1, SeqCst);
    }
}

/// Tasks that a guest has taken. What it does not run it lays back when this is dropped.
pub(crate) struct Claim<'g> {
    guest: &'g Guest<'g>,
    /// Not empty, but in `run`.
    hand: Hand,
    pointers: Pointers,
    level: *const Level<'static>,
}

impl Claim<'_> {
    /// What it takes to run them.
    #[inline]
    pub(crate) fn stage(&self) -> Stage<'_> {
        // SAFETY: the hand has tasks of which nobody is told that they have ended. So the region is not over, nor is its owner gone:
        // that waits for this guest.
        unsafe { self.pointers.stage(self.level) }
    }

    /// Runs them, and those that become ready with them; one alone if it is `brief`. `laid` is called when some lie there for others.
    #[inline]
    pub(crate) fn run(self, brief: bool, execute: impl Fn(Stage<'_>, u32) -> Fate, laid: impl Fn()) {
        let Self { guest, hand, pointers, level } = &mut *ManuallyDrop::new(self);
        let order = Bits::of(pointers.plan, guest.entry);
        if guest.entry.has_tasks() {
            laid();
        }
        loop {
            if order.share(hand) {
                laid();
            }
            let Some(task) = order.pop(hand) else { return };
            let fate = if order.is_lost(task) {
                Fate::Lost
            } else {
                // SAFETY: the task was in the hand, and nobody is told yet that it has ended. As above.
                execute(unsafe { pointers.stage(*level) }, task)
            };
            order.ended(task, fate, hand);
            if brief {
                if order.lay_down(hand) {
                    laid();
                }
                return;
            }
        }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        Bits::of(self.pointers.plan, self.guest.entry).lay_down(&mut self.hand);
        self.guest.owner().wake();
    }
}

#[cfg(all(loom, test))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;
