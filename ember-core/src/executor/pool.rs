//! The one door to the pool: what the executor needs of it, with rayon behind it or nothing.

#[cfg(feature = "parallel")]
use super::crew;
#[cfg(feature = "parallel")]
use super::hold;
use crate::context::Context;
#[cfg(feature = "parallel")]
use crate::context::Here;

/// Whether this is a thread of a pool, of rayon's global one or of one that the caller has installed, and no helper.
///
/// A thread inside of a call that holds a permit counts as one from outside: while it waits in a join, rayon would start
/// any job on its stack, which may wait for the permit.
#[inline]
pub(super) fn is_inside() -> bool {
    #[cfg(feature = "parallel")]
    {
        is_its_thread() && !crew::is_at_work() && !hold::is_inside()
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

/// Runs `f` on a thread of the pool, some time.
pub(super) fn spawn(f: fn()) {
    #[cfg(feature = "parallel")]
    rayon::spawn(f);
    #[cfg(not(feature = "parallel"))]
    f();
}

/// Runs a job on a thread of the pool, some time.
pub(crate) fn spawn_job(job: Box<dyn FnOnce() + Send>) {
    #[cfg(feature = "parallel")]
    {
        let held = hold::Around::here();
        rayon::spawn(move || held.lend(job));
    }
    #[cfg(not(feature = "parallel"))]
    job();
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
    #[cfg(feature = "parallel")]
    {
        rayon::current_num_threads()
    }
    #[cfg(not(feature = "parallel"))]
    {
        1
    }
}
