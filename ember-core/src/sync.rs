//! The standard library's atomics, cells and locks, or loom's, whose tests try every order of the threads.
//!
//! Only what cells, counters and helpers are made of is replaced.

#[cfg(not(all(loom, test)))]
pub(crate) use std::sync::Condvar;
#[cfg(all(target_has_atomic = "64", not(all(loom, test))))]
pub(crate) use std::sync::atomic::AtomicU64;
#[cfg(not(all(loom, test)))]
pub(crate) use std::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicUsize, Ordering,
};
#[cfg(not(all(loom, test)))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(not(all(loom, test)))]
pub(crate) use std::thread::{self, Thread, current as current_thread, park};

#[cfg(all(loom, test))]
pub(crate) use loom::sync::Condvar;
#[cfg(all(loom, test))]
pub(crate) use loom::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
#[cfg(all(loom, test))]
pub(crate) use loom::sync::{Mutex, MutexGuard};

#[cfg(all(loom, test))]
pub(crate) use loom::thread::{self, Thread, current as current_thread, park};

#[cfg(all(loom, test))]
pub(crate) use loom::cell::UnsafeCell;

use std::sync::PoisonError;
use std::time::Duration;

use std::sync::atomic::Ordering::Relaxed;

use self::Ordering::SeqCst;

/// [`std::cell::UnsafeCell`] in loom's words.
#[cfg(not(all(loom, test)))]
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(not(all(loom, test)))]
impl<T> UnsafeCell<T> {
    #[inline]
    pub(crate) const fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    #[inline]
    pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    #[inline]
    pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }

    #[inline]
    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

/// As many nanoseconds as fit, which is 584 years.
pub(crate) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Nanoseconds that threads tell each other.
#[derive(Debug)]
pub(crate) struct Nanos(figure::Figure);

/// Where the target has them, of 64 bits.
#[cfg(target_has_atomic = "64")]
mod figure {
    pub(super) use std::sync::atomic::AtomicU64 as Figure;

    pub(super) const fn wide(nanos: u64) -> u64 {
        nanos
    }

    pub(super) const fn narrow(nanos: u64) -> u64 {
        nanos
    }
}

/// Else of 32: they end at four seconds, which is as good as any longer time to those who ask.
#[cfg(not(target_has_atomic = "64"))]
mod figure {
    pub(super) use std::sync::atomic::AtomicU32 as Figure;

    pub(super) fn wide(nanos: u32) -> u64 {
        nanos.into()
    }

    pub(super) fn narrow(nanos: u64) -> u32 {
        u32::try_from(nanos).unwrap_or(u32::MAX)
    }
}

impl Nanos {
    pub(crate) const fn new() -> Self {
        Self(figure::Figure::new(0))
    }

    #[inline(always)]
    pub(crate) fn get(&self) -> u64 {
        figure::wide(self.0.load(Relaxed))
    }

    #[inline]
    pub(crate) fn set(&self, nanos: u64) {
        self.0.store(figure::narrow(nanos), Relaxed);
    }

    pub(crate) fn add(&self, nanos: u64) {
        let sum = |was| Some(figure::narrow(figure::wide(was).saturating_add(nanos)));
        // It changes nothing to fail, as it cannot.
        let _ = self.0.fetch_update(Relaxed, Relaxed, sum);
    }
}

/// How often a thread that waits looks again before it sleeps: some ten microseconds.
const LOOKS: u32 = if cfg!(all(loom, test)) { 2 } else { 500 };

/// Lets a moment pass for a thread that waits. `false` says that it has waited for long.
#[inline]
pub(crate) fn relax(turns: &mut u32) -> bool {
    *turns += 1;
    #[cfg(not(all(loom, test)))]
    std::hint::spin_loop();
    #[cfg(all(loom, test))]
    thread::yield_now();
    *turns < LOOKS
}

/// Loom takes sequentially consistent accesses for weaker ones; its fences it knows.
#[inline(always)]
fn fence_in_models() {
    #[cfg(all(loom, test))]
    loom::sync::atomic::fence(SeqCst);
}

/// Locks. No code of the user runs under these locks, so a panic cannot leave anything half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for a change of what a lock guards.
pub(crate) fn wait<'m, T>(changed: &Condvar, guard: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
    changed.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

/// Where one thread sleeps until others have made something true.
///
/// Who makes it true does so by a sequentially consistent access, and then calls [`Bed::wake`]; the sleeper looks by
/// one. So either the sleeper sees it, or it is seen asleep. To wake where nobody sleeps is one load.
pub(crate) struct Bed {
    asleep: AtomicBool,
    lock: Mutex<()>,
    woken: Condvar,
}

impl Bed {
    #[cfg(not(all(loom, test)))]
    pub(crate) const fn new() -> Self {
        Self { asleep: AtomicBool::new(false), lock: Mutex::new(()), woken: Condvar::new() }
    }

    #[cfg(all(loom, test))]
    pub(crate) fn new() -> Self {
        Self { asleep: AtomicBool::new(false), lock: Mutex::new(()), woken: Condvar::new() }
    }

    #[cold]
    pub(crate) fn sleep_until(&self, come: impl Fn() -> bool) {
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.asleep.store(true, SeqCst);
        fence_in_models();
        while !come() {
            guard = self.woken.wait(guard).unwrap_or_else(PoisonError::into_inner);
            fence_in_models();
        }
        self.asleep.store(false, SeqCst);
        drop(guard);
    }

    #[inline]
    pub(crate) fn wake(&self) {
        fence_in_models();
        if self.asleep.load(SeqCst) {
            self.rouse();
        }
    }

    #[cold]
    fn rouse(&self) {
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
        self.woken.notify_one();
    }
}
