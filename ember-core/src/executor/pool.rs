//! The one door to the pools: what the executor needs of them, with rayon behind it or nothing.

use std::cell::Cell;
use std::ptr;
#[cfg(feature = "parallel")]
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, PoisonError};

use super::crew;
#[cfg(feature = "parallel")]
use super::hold;
#[cfg(feature = "parallel")]
use super::lot::InALot;
use super::share::Job;
use crate::context::Context;
#[cfg(feature = "parallel")]
use crate::context::Here;

/// Whether this is a thread of the pool that serves what runs here, and no helper. Where no runtime was made that is rayon's
/// global one, or the one that the caller has installed.
///
/// A thread inside of a call that holds a permit counts as one from outside: while it waits in a join, rayon would start
/// any job on its stack, which may wait for the permit.
#[inline]
pub(super) fn is_inside() -> bool {
    #[cfg(feature = "parallel")]
    {
        is_its_thread()
            && !crew::is_at_work()
            && !hold::is_inside()
            && !crew::is_restrained()
            && crew::here().pool().is_mine()
    }
    #[cfg(not(feature = "parallel"))]
    {
        false
    }
}

/// Whether this is a thread of a pool, be it a helper.
#[inline]
pub(crate) fn is_its_thread() -> bool {
    #[cfg(feature = "parallel")]
    {
        rayon::current_thread_index().is_some()
    }
    #[cfg(not(feature = "parallel"))]
    {
        false
    }
}

/// Whether this is a thread of a pool that helps a run from outside of it.
pub(crate) fn is_helper() -> bool {
    is_its_thread() && crew::is_at_work()
}

/// Whether this is the only thread of a pool.
pub(crate) fn is_alone() -> bool {
    #[cfg(feature = "parallel")]
    {
        is_its_thread() && rayon::current_num_threads() == 1
    }
    #[cfg(not(feature = "parallel"))]
    {
        true
    }
}

/// The pool of a runtime.
#[cfg(feature = "parallel")]
pub(crate) type Own = Arc<rayon::ThreadPool>;
/// There is none.
#[cfg(not(feature = "parallel"))]
pub(crate) type Own = std::convert::Infallible;

/// Where the helpers of a crew come from: the pool of a runtime, else the one that serves all others.
pub(crate) struct Home {
    pool: Mutex<Option<Own>>,
    /// Counts the pools that it had.
    moved: AtomicU32,
    #[cfg(feature = "parallel")]
    is_common: bool,
}

thread_local! {
    /// The home that this thread asked last whether it is of its pool, which of its pools that was, and the answer.
    static ASKED: Cell<(*const Home, u32, bool)> = const { Cell::new((ptr::null(), 0, false)) };
}

impl Home {
    pub(super) const fn new(is_common: bool) -> Self {
        #[cfg(not(feature = "parallel"))]
        let _ = is_common;
        Self {
            pool: Mutex::new(None),
            moved: AtomicU32::new(0),
            #[cfg(feature = "parallel")]
            is_common,
        }
    }

    /// Changes the pool, and gives the one that it was.
    pub(super) fn set(&self, pool: Option<Own>) -> Option<Own> {
        let mut place = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        self.moved.fetch_add(1, Relaxed);
        std::mem::replace(&mut *place, pool)
    }

    #[cfg(feature = "parallel")]
    fn pool(&self) -> Option<Own> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs `f` on a thread of the pool, some time.
    pub(crate) fn spawn(&self, f: impl FnOnce() + Send + 'static) {
        #[cfg(feature = "parallel")]
        match self.pool() {
            Some(pool) => pool.spawn(f),
            None if self.is_common => rayon::spawn(f),
            // The runtime is over.
            None => f(),
        }
        #[cfg(not(feature = "parallel"))]
        f();
    }

    /// Whether this thread, which is of some pool, is of this one.
    #[inline]
    pub(crate) fn is_mine(&self) -> bool {
        let (home, moved, answer) = ASKED.get();
        if ptr::eq(home, self) && moved == self.moved.load(Relaxed) { answer } else { self.ask() }
    }

    #[cold]
    fn ask(&self) -> bool {
        let moved = self.moved.load(Relaxed);
        #[cfg(not(feature = "parallel"))]
        let answer = false;
        #[cfg(feature = "parallel")]
        let answer = self.pool().map_or(self.is_common, |pool| pool.current_thread_index().is_some());
        ASKED.set((ptr::from_ref(self), moved, answer));
        answer
    }

    /// How many threads it has.
    pub(super) fn width(&self) -> usize {
        #[cfg(feature = "parallel")]
        {
            self.pool().map_or_else(rayon::current_num_threads, |pool| pool.current_num_threads())
        }
        #[cfg(not(feature = "parallel"))]
        {
            1
        }
    }
}

/// Runs a job of a context's run on a thread of its pool, some time.
pub(crate) fn spawn_job(context: &Context, job: Job) {
    #[cfg(feature = "parallel")]
    {
        let held = hold::Around::here();
        let job = move || held.lend(job);
        let crew = context.crew();
        match context.share().cloned().or_else(|| context.is_bulk().then(|| crew.bulk())) {
            Some(share) => share.spawn(crew, Box::new(job)),
            None => crew.pool().spawn(job),
        }
    }
    #[cfg(not(feature = "parallel"))]
    {
        let _ = context;
        job();
    }
}

/// Lets one other job of the pool go first, if there is one. Called on a thread of the pool.
pub(super) fn yield_now() {
    #[cfg(feature = "parallel")]
    rayon::yield_now();
}

/// Does one job of the pool while this thread of it waits, if there is one.
pub(super) fn do_one() -> bool {
    #[cfg(feature = "parallel")]
    {
        let here = Here::now();
        Here::leave();
        let _no_lot = InALot::leave();
        let did = rayon::yield_now() == Some(rayon::Yield::Executed);
        here.back();
        did
    }
    #[cfg(not(feature = "parallel"))]
    {
        false
    }
}

/// Runs both, the second on another thread of the pool if one is idle. It is told whether that thread may take it up: not
/// if it waits inside of a call that holds a permit.
#[cfg(feature = "parallel")]
pub(super) fn both(context: &Context, a: &mut (dyn FnMut() + Send), b: &mut (dyn FnMut(bool) + Send)) {
    let here = Here::now();
    let held = hold::Around::here();
    rayon::join_context(
        |_| {
            a();
            Here::leave();
        },
        |b_at| {
            if b_at.migrated() {
                let may = !hold::is_inside();
                context.help(|| held.lend(|| b(may)));
            } else {
                here.back();
                b(true);
            }
        },
    );
    here.back();
}

#[cfg(not(feature = "parallel"))]
pub(super) fn both(_: &Context, a: &mut (dyn FnMut() + Send), b: &mut (dyn FnMut(bool) + Send)) {
    a();
    b(true);
}

/// How many threads work side by side here.
pub(crate) fn width() -> usize {
    crew::here().width()
}
