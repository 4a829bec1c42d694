//! The one door to the pool: what the executor needs of it, with rayon behind it or nothing.

use crate::context::Context;
#[cfg(feature = "parallel")]
use crate::context::Here;

/// Runs `f` on a thread of the pool, and there under `context`.
///
/// On a thread of a pool already, `f` runs right here. The pool is rayon's global one, or the one that the
/// caller has installed.
#[cfg(feature = "parallel")]
pub(super) fn enter(context: &Context, f: &mut (dyn FnMut() + Send)) {
    if rayon::current_thread_index().is_some() {
        f();
    } else {
        rayon::scope(|_| context.scope(f));
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
                context.scope(b);
            } else {
                here.back();
                b();
            }
        },
    );
    here.back();
}

#[cfg(not(feature = "parallel"))]
pub(super) fn enter(_: &Context, f: &mut (dyn FnMut() + Send)) {
    f();
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
