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

    fn has_woken(&self) -> bool {
        self.blocks.iter().any(|blocks| blocks.load(Relaxed) != 0)
    }

    /// Takes the numbers of the blocks with woken futures.
    pub(crate) fn take(&self, mut each: impl FnMut(usize)) {
        for (word, blocks) in self.blocks.iter().enumerate() {
            if blocks.load(Relaxed) != 0 {
                bits(blocks.swap(0, AcqRel), |bit| each(word * MANY + bit));
            }
        }
    }
}

/// Calls `each` with the places of the bits that are set.
pub(crate) fn bits(mut word: usize, mut each: impl FnMut(usize)) {
    while word != 0 {
        each(word.trailing_zeros() as usize);
        word &= word - 1;
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
        match self {
            Self::Few(wakes) => bits(wakes.take(), each),
            Self::Many(hub, blocks) => {
                hub.take(|block| bits(blocks[block].take(), |bit| each(block * MANY + bit)));
            }
        }
    }

    /// The waker of a future.
    #[inline]
    pub(crate) fn lend(&mut self, future: usize) -> Lent<'_> {
        match self {
            Self::Few(wakes) => wakes.lend(future),
            Self::Many(hub, blocks) => {
                // They are made when they are needed: the number of futures may be a bound that is never reached.
                for number in blocks.len()..=future / MANY {
                    blocks.push(Wakes::of_many(hub, number));
                }
                blocks[future / MANY].lend(future % MANY)
            }
        }
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
