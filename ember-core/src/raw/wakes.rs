//! Wakers for futures that are polled together: each remembers which of them it is for, and none is an allocation of
//! its own.
//!
//! A [`Wakes`] serves 64 futures. It is aligned to 64 bytes, and a waker points as many bytes into it as the number of
//! its future: so one pointer tells both. Which futures were woken are bits of one word. Whoever sets the first bit wakes
//! the owner; whoever sets another can rely on that, because the owner takes all bits at once, and always after it has
//! left word whom to wake.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Waker};

use crate::sync::Ordering::{AcqRel, Acquire, Relaxed};
use crate::sync::{AtomicUsize, Mutex, lock};

/// The futures that one [`Wakes`] serves.
pub(crate) const MANY: usize = usize::BITS as usize;

/// A waker points so many bytes into its block at most.
const BYTES: usize = 64;

/// Where it is known who polls the futures.
pub(crate) struct Owner(Mutex<Option<Waker>>);

impl Owner {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Leaves word whom to wake.
    pub(crate) fn register(&self, waker: &Waker) {
        let mut known = lock(&self.0);
        if !known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            let old = known.replace(waker.clone());
            drop(known);
            drop(old);
        }
    }

    pub(crate) fn wake(&self) {
        let known = lock(&self.0).take();
        if let Some(waker) = known {
            waker.wake();
        }
    }
}

/// Which of the 64 futures were woken, and who wants to know.
#[repr(align(64))]
pub(crate) struct Wakes {
    woken: AtomicUsize,
    up: Up,
}

enum Up {
    Owner(Owner),
    /// One of many blocks.
    Hub(Arc<Hub>, usize),
}

/// The blocks of more than 64 futures: which of them have woken futures.
pub(crate) struct Hub {
    blocks: Vec<AtomicUsize>,
    owner: Owner,
}

impl Hub {
    /// For so many futures.
    pub(crate) fn new(futures: usize) -> Arc<Self> {
        let words = futures.div_ceil(MANY * MANY).max(1);
        Arc::new(Self { blocks: (0..words).map(|_| AtomicUsize::new(0)).collect(), owner: Owner::new() })
    }

    pub(crate) fn register(&self, waker: &Waker) {
        self.owner.register(waker);
    }

    /// Takes those of the blocks of a word that have woken futures. Nothing behind the last word.
    fn take(&self, word: usize) -> Option<usize> {
        let blocks = self.blocks.get(word)?;
        Some(if blocks.load(Relaxed) == 0 { 0 } else { blocks.swap(0, AcqRel) })
    }

    fn has_woken(&self) -> bool {
        self.blocks.iter().any(|blocks| blocks.load(Relaxed) != 0)
    }
}

// A waker points into the block, at a byte for each of its futures.
const _: () = assert!(MANY <= BYTES && size_of::<Wakes>() >= BYTES && align_of::<Wakes>() == BYTES);

impl Wakes {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { woken: AtomicUsize::new(0), up: Up::Owner(Owner::new()) })
    }

    /// The block of this number among several.
    pub(crate) fn of_many(hub: &Arc<Hub>, number: usize) -> Arc<Self> {
        Arc::new(Self { woken: AtomicUsize::new(0), up: Up::Hub(hub.clone(), number) })
    }

    pub(crate) fn register(&self, waker: &Waker) {
        if let Up::Owner(owner) = &self.up {
            owner.register(waker);
        }
    }

    /// The futures that were woken since it was last asked.
    pub(crate) fn take(&self) -> usize {
        if self.woken.load(Acquire) == 0 { 0 } else { self.woken.swap(0, AcqRel) }
    }

    fn has_woken(&self) -> bool {
        self.woken.load(Relaxed) != 0
    }

    pub(crate) fn wake(&self, future: usize) {
        if self.woken.fetch_or(1 << future, AcqRel) != 0 {
            return;
        }
        match &self.up {
            Up::Owner(owner) => owner.wake(),
            Up::Hub(hub, number) => {
                let bit = 1 << (number % MANY);
                if hub.blocks[number / MANY].fetch_or(bit, AcqRel) & bit == 0 {
                    hub.owner.wake();
                }
            }
        }
    }

    /// The waker of a future.
    #[inline]
    pub(crate) fn lend(self: &Arc<Self>, future: usize) -> Lent<'_> {
        assert!(future < MANY);
        let data = Arc::as_ptr(self).cast::<()>().wrapping_byte_add(future);
        // SAFETY: the functions of `TABLE` treat `data` as a pointer into a block that is alive: this one is, for as long
        // as `self` is borrowed, and what is lent is not dropped, so it takes no count away that it has not added.
        Lent { waker: ManuallyDrop::new(unsafe { Waker::new(data, &TABLE) }), of: PhantomData }
    }
}

/// A waker that is lent, which costs nothing.
pub(crate) struct Lent<'w> {
    waker: ManuallyDrop<Waker>,
    of: PhantomData<&'w Waker>,
}

impl Deref for Lent<'_> {
    type Target = Waker;

    fn deref(&self) -> &Waker {
        &self.waker
    }
}

/// How far somebody is who goes once through those that were woken.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// How many words of blocks have been taken, and the blocks of the last of them that have not.
    words: usize,
    blocks: usize,
    /// The block that was taken last, and its futures that have not been told.
    block: usize,
    futures: usize,
}

impl Round {
    /// The next that was woken. What is woken again on the way is part of the next round, or comes in this one.
    #[inline]
    pub(crate) fn next(&mut self, wakers: &Wakers) -> Option<usize> {
        while self.futures == 0 {
            self.futures = self.next_block(wakers)?;
        }
        let future = lowest(&mut self.futures);
        Some(self.block * MANY + future)
    }

    fn next_block(&mut self, wakers: &Wakers) -> Option<usize> {
        match wakers {
            Wakers::Few(wakes) => {
                let is_first = std::mem::replace(&mut self.words, 1) == 0;
                is_first.then(|| wakes.take())
            }
            Wakers::Many(hub, blocks) => {
                while self.blocks == 0 {
                    self.blocks = hub.take(self.words)?;
                    self.words += 1;
                }
                self.block = (self.words - 1) * MANY + lowest(&mut self.blocks);
                Some(blocks[self.block].take())
            }
        }
    }
}

/// Takes the lowest bit that is set, and gives its place.
fn lowest(word: &mut usize) -> usize {
    let place = word.trailing_zeros() as usize;
    *word &= *word - 1;
    place
}

/// The wakers of a number of futures.
pub(crate) enum Wakers {
    Few(Arc<Wakes>),
    Many(Arc<Hub>, Vec<Arc<Wakes>>),
}

impl Wakers {
    pub(crate) fn new(futures: usize) -> Self {
        if futures <= MANY {
            return Self::Few(Wakes::new());
        }
        Self::Many(Hub::new(futures), Vec::new())
    }

    /// Leaves word whom to wake. Before [`Wakers::take`], so that none is missed.
    pub(crate) fn register(&self, waker: &Waker) {
        match self {
            Self::Few(wakes) => wakes.register(waker),
            Self::Many(hub, _) => hub.register(waker),
        }
    }

    /// Whether there is one that was woken since it was last asked.
    pub(crate) fn has_woken(&self) -> bool {
        match self {
            Self::Few(wakes) => wakes.has_woken(),
            Self::Many(hub, _) => hub.has_woken(),
        }
    }

    /// Tells which futures were woken since it was last asked.
    pub(crate) fn take(&self, mut each: impl FnMut(usize)) {
        let mut round = Round::default();
        while let Some(future) = round.next(self) {
            each(future);
        }
    }

    /// The waker of a future. Out of line, since a region has as many places that lend one as it has tasks.
    #[inline(never)]
    pub(crate) fn lend(&mut self, future: usize) -> Lent<'_> {
        match self {
            Self::Few(wakes) => wakes.lend(future),
            Self::Many(hub, blocks) => {
                if blocks.len() <= future / MANY {
                    add_blocks(hub, blocks, future / MANY);
                }
                blocks[future / MANY].lend(future % MANY)
            }
        }
    }
}

/// Blocks are made when they are needed: the number of futures may be a bound that is never reached.
#[cold]
#[inline(never)]
fn add_blocks(hub: &Arc<Hub>, blocks: &mut Vec<Arc<Wakes>>, last: usize) {
    for number in blocks.len()..=last {
        blocks.push(Wakes::of_many(hub, number));
    }
}

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, release);

/// The block that a waker points into, and its future.
fn parts(data: *const ()) -> (*const Wakes, usize) {
    let future = data.addr() % BYTES;
    (data.wrapping_byte_sub(future).cast(), future)
}

/// # Safety
///
/// As of all four: `data` comes from [`Wakes::lend`] or [`clone`], and its block is alive.
unsafe fn clone(data: *const ()) -> RawWaker {
    let (block, _) = parts(data);
    // SAFETY: `block` comes from `Arc::as_ptr`, and the waker that is cloned keeps it alive, or lends from who does.
    unsafe { Arc::increment_strong_count(block) };
    RawWaker::new(data, &TABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: the waker has a count of its own, which `release` gives back at the end.
    unsafe {
        wake_by_ref(data);
        release(data);
    }
}

unsafe fn wake_by_ref(data: *const ()) {
    let (block, future) = parts(data);
    // SAFETY: the waker keeps its block alive while it is borrowed.
    unsafe { (*block).wake(future) };
}

unsafe fn release(data: *const ()) {
    let (block, _) = parts(data);
    // SAFETY: `clone` has added a count for this waker; it is given back once, because dropping and waking by value
    // use the waker up.
    unsafe { Arc::decrement_strong_count(block) };
}

#[cfg(all(loom, test))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;
