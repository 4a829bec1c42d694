//! Threads inside of calls that others wait for: they hold a permit of a limit, or are made for a cache.
//!
//! A call that holds a permit of a limit has to come to its end by itself, since others wait for it. It does, unless what
//! it waits for is buried on the stack of a thread that took up something else meanwhile, and that waits for the permit.
//! The same goes for a call whose value others wait for.
//! So a thread that is *inside* such a call, as its caller or as a helper in what it runs, takes up nothing but parts of
//! it: helpers that come to such a thread leave again, and it does not look for other work while it waits.

use std::cell::{Cell, RefCell};

use super::crew::Crew;

thread_local! {
    /// The limits whose permits are held by the calls that this thread is inside of, and the caches for which they are
    /// made, the innermost last.
    static HELD: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    /// Whose helper was asked for meanwhile and did not come.
    static ASKED: Cell<Option<&'static Crew>> = const { Cell::new(None) };
}

/// Inside of a call, until this is dropped: of so many limits.
pub(crate) struct Inside(usize);

/// Enters a call that holds a permit of a limit, or is made for a cache. Those who leave do so in reverse order.
#[inline]
pub(crate) fn enter(limit: usize) -> Inside {
    // Where the thread ends, it has nothing to take up any more.
    let _ = HELD.try_with(|held| held.borrow_mut().push(limit));
    Inside(1)
}

/// The same for a call that holds something of several limits.
pub(crate) fn enter_all(limits: impl Iterator<Item = usize> + Clone) -> Inside {
    let count = limits.clone().count();
    let _ = HELD.try_with(|held| held.borrow_mut().extend(limits));
    Inside(count)
}

impl Drop for Inside {
    #[inline]
    fn drop(&mut self) {
        let _ = HELD.try_with(|held| {
            let mut held = held.borrow_mut();
            let left = held.len().saturating_sub(self.0);
            held.truncate(left);
        });
        if let Some(crew) = ASKED.get()
            && !is_inside()
        {
            ASKED.set(None);
            crew.call_again();
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;

/// Sees to it that a helper of a crew is called for when this thread leaves the call that it is inside of.
pub(super) fn on_leaving(crew: &'static Crew) {
    ASKED.set(Some(crew));
}

/// Whether this thread is inside of a call that holds a permit.
#[inline]
pub(crate) fn is_inside() -> bool {
    HELD.try_with(|held| !held.borrow().is_empty()).unwrap_or(false)
}

/// Whether that is a permit of this limit.
pub(crate) fn is_inside_of(limit: usize) -> bool {
    HELD.try_with(|held| held.borrow().contains(&limit)).unwrap_or(false)
}

/// The limits, caches and resources of the calls that this thread is inside of, the innermost last.
pub(crate) fn held() -> Vec<usize> {
    HELD.try_with(|held| held.borrow().clone()).unwrap_or_default()
}

/// The permits that are held around a part of a run, for those who help with it.
#[derive(Clone, Default)]
pub(crate) struct Around(Vec<usize>);

impl Around {
    /// Of this thread. Allocates only if there are any.
    pub(crate) fn here() -> Self {
        Self(HELD.try_with(|held| held.borrow().clone()).unwrap_or_default())
    }

    /// Runs a part of the run on a thread that helps.
    pub(crate) fn lend<R>(&self, f: impl FnOnce() -> R) -> R {
        if self.0.is_empty() && !is_inside() {
            return f();
        }
        let _back = Back(HELD.try_with(|held| held.replace(self.0.clone())).unwrap_or_default());
        f()
    }
}

/// Leaves a part however it ends.
struct Back(Vec<usize>);

impl Drop for Back {
    fn drop(&mut self) {
        let was = std::mem::take(&mut self.0);
        let _ = HELD.try_with(|held| held.replace(was));
    }
}
