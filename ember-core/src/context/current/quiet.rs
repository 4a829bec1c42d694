//! Runs whose context has nothing to say.
//!
//! What a context says to a run is there when it is entered, but for two things: whether it was stopped, and whether somebody
//! observes the default context. The first is nothing to a graph that cannot fail, and the default context is never stopped. So
//! most runs know by one number of the thread that there is nothing to ask, and find the context only when they have failed.
//!
//! The number is the tick at which this was seen, and is compared with the process's (`executor/tick.rs`): so the same comparison
//! tells that no run is to be timed. When somebody begins to observe the default context, another tick begins.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{IN_ORDER, IN_SCOPE, STATE};
use crate::Context;
use crate::executor::tick;

/// Whether the default context has been made, and nobody observes it.
static IS_QUIET: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Up to which tick the context says nothing to a graph, that it cannot stop and that it may, and no run is to be timed.
    static QUIET: [Cell<usize>; 2] = const { [const { Cell::new(0) }; 2] };
}

/// The default context has been made, and is not known yet.
pub(super) fn made(default: &Context) {
    IS_QUIET.store(default.is_quiet(), Ordering::Relaxed);
}

/// The default context, which has been made, is observed from now on.
pub(super) fn end() {
    IS_QUIET.store(false, Ordering::Relaxed);
    // Whoever settles at this tick has seen that.
    tick::begin();
}

/// Sees anew what the context says: the thread has another, or has timed enough runs at this tick, or is to time more.
#[inline]
pub(crate) fn reconsider() {
    let tick = tick::settled();
    QUIET.with(|quiet| {
        for (quiet, stoppable) in quiet.iter().zip([false, true]) {
            quiet.set(if says_nothing(stoppable) { tick } else { 0 });
        }
    });
}

/// Whether the context of this thread says nothing to a run of a graph that it may stop or not, and the run is not to be timed.
/// If not, that may be so all the same.
#[inline(always)]
pub(crate) fn is_silent(stoppable: bool) -> bool {
    QUIET.with(|quiet| quiet[usize::from(stoppable)].get()) == tick::now()
}

/// Whether the context of this thread says nothing to a run, of a graph that it may stop or not.
#[inline(always)]
pub(crate) fn says_nothing(stoppable: bool) -> bool {
    match STATE.get() {
        0 => IS_QUIET.load(Ordering::Relaxed),
        IN_SCOPE => !stoppable,
        _ => false,
    }
}

/// Whether it says that the nodes run one after the other, and no more than this.
#[inline(always)]
pub(crate) fn wants_order(stoppable: bool) -> bool {
    const IN_SCOPE_IN_ORDER: u8 = IN_SCOPE | IN_ORDER;
    !stoppable && STATE.get() == IN_SCOPE_IN_ORDER
}

/// The context around a straight line.
pub trait Around: Copy {
    /// Whether it says nothing to nodes, nor wants to hear of them.
    const IS_QUIET: bool;

    /// Lends the context.
    fn lend<R>(&self, f: impl FnOnce(&Context) -> R) -> R;
}

impl Around for &Context {
    const IS_QUIET: bool = false;

    #[inline(always)]
    fn lend<R>(&self, f: impl FnOnce(&Context) -> R) -> R {
        f(self)
    }
}

/// The current context, which says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Quiet;

impl Around for Quiet {
    const IS_QUIET: bool = true;

    #[inline]
    fn lend<R>(&self, f: impl FnOnce(&Context) -> R) -> R {
        Context::__with(f)
    }
}
