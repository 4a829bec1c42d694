//! The one door to the pool: what the executor needs of it, with rayon behind it or nothing.

#[cfg(feature = "parallel")]
use super::crew;
use crate::context::Context;
#[cfg(feature = "parallel")]
use crate::context::Here;

/// Whether this is a thread of a pool, of rayon's global one or of one that the caller has installed, and no helper.
#[inline]
pub(super) fn is_inside() -> bool {
    #[cfg(feature = "parallel")]
    {
        rayon::current_thread_index().is_some() && !crew::is_at_work()
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
    rayon::spawn(job);
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

/// Runs both, the second on another thread of the pool if one is idle.
#[cfg(feature = "parallel")]
pub(super) fn both(context: &Context, a: &mut (dyn FnMut() + Send), b: &mut (dyn FnMut() + Send)) {
    let here = Here::now();
    rayon::join_context(
        |_| {
            a();
            Here::leave();
        },
        |b_at| {
            if b_at.migrated() {
                context.help(b);
            } else {
                here.back();
                b();
            }
        },
    );
    here.back();
}

#[cfg(not(feature = "parallel"))]
pub(super) fn both(_: &Context, a: &mut (dyn FnMut() + Send), b: &mut (dyn FnMut() + Send)) {
    a();
    b();
}

/// How many threads work side by side here.
pub(super) fn width() -> usize {
    #[cfg(feature = "parallel")]
    {
        rayon::current_num_threads()
    }
    #[cfg(not(feature = "parallel"))]
    {
        1
    }
}
