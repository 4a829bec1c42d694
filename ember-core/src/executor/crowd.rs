//! The threads that work on many items together: on those of a `for`, and on those of a batch.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use super::{crew, gauge, idle, pool};
use crate::context::Context;
use crate::sync::{Bed, Nanos, relax};

/// Of what is left, the part that a worker claims is one of so many for each thread: large parts first, so that claiming
/// costs nothing, and small ones last, so that all end together.
const PARTS: usize = 4;

/// How many items one worker claims at a time: about as many as take it a [`MOMENT`], as it learns from lot to lot. So a
/// lot of costly items keeps little from others that have none, wherever the costly ones stand.
#[derive(Clone, Copy)]
pub(crate) struct Pace(usize);

/// Claiming and looking at the clock cost a thousandth of it.
const MOMENT: u64 = 50_000;

impl Pace {
    pub(crate) const START: Self = Self(1);

    /// How many items are to be claimed.
    pub(crate) const fn items(self) -> usize {
        self.0
    }

    /// Notes how long so many items took.
    pub(crate) fn took(&mut self, items: usize, time: Duration) {
        let time = gauge::nanos(time);
        self.0 = if time < MOMENT / 2 {
            self.0.max(items.saturating_mul(2))
        } else {
            let items = u128::from(MOMENT) * items as u128 / u128::from(time);
            usize::try_from(items).unwrap_or(usize::MAX).max(1)
        };
    }
}

/// Claims some of the items left, as the function tells of their number, runs them, and tells how many: none if there are
/// none to be had now.
pub(crate) type Work<'w> = dyn Fn(&dyn Fn(usize) -> usize) -> usize + Sync + 'w;

/// Those who work on items together. What they do is to claim lots until there are none.
pub(crate) struct Crowd<'r> {
    pub(crate) context: &'r Context,
    /// A number of the run's own.
    pub(crate) run: usize,
    pub(crate) work: &'r Work<'r>,
    /// Whether some items have not been claimed.
    pub(crate) left: &'r (dyn Fn() -> bool + Sync),
}

impl Crowd<'_> {
    /// Works on what is left with whoever comes, until nothing is. `busy` is told how long all worked together.
    pub(crate) fn together(&self, pace: Pace, busy: Option<&Nanos>) {
        let (width, inside) = (pool::width(), pool::is_inside());
        let work = |brief: bool| {
            let begun = Instant::now();
            let (mut pace, mut since, mut worked) = (pace, begun, false);
            loop {
                if !inside {
                    // Again and again, for who was asked may be late.
                    crew::call(self.context);
                }
                let items = (self.work)(&|left| pace.0.min(left / (PARTS * width)));
                if items == 0 {
                    break;
                }
                let now = Instant::now();
                pace.took(items, now.duration_since(since));
                (since, worked) = (now, true);
                if brief {
                    break;
                }
            }
            if let Some(busy) = busy {
                busy.add(gauge::nanos(since.duration_since(begun)));
            }
            worked
        };
        if inside {
            self.in_pool(width, &|| work(false));
            // Another may have left with items that were not to be had at that moment.
            while (self.left)() {
                work(false);
            }
            return;
        }
        let helpers = AtomicUsize::new(0);
        let help = |_, owner: &Bed, _| {
            let brief = idle::is_brief();
            if !(self.left)() {
                return false;
            }
            helpers.fetch_add(1, SeqCst);
            let worked = self.context.help(|| work(brief));
            helpers.fetch_sub(1, SeqCst);
            owner.wake();
            worked
        };
        crew::offer(self.context, self.run, &help, |run, owner| {
            work(false);
            // An item may have come to a part of its own.
            let mut looks = 0;
            loop {
                if helpers.load(SeqCst) == 0 {
                    if !(self.left)() {
                        break;
                    }
                    work(false);
                    continue;
                }
                let news = crew::epoch();
                if !crew::assist(run)
                    && !relax(&mut looks)
                    && let Some(owner) = owner
                {
                    owner.sleep_until(|| helpers.load(SeqCst) == 0 || crew::epoch() != news);
                }
            }
        });
    }

    /// Runs items in order until there are none or the patience ends. Gives the pace for the rest, if there is any.
    pub(crate) fn alone(&self, patience: Duration) -> Option<Pace> {
        let mut pace = Pace::START;
        if !patience.is_zero() {
            let start = Instant::now();
            let mut since = start;
            loop {
                let items = (self.work)(&|_| pace.0);
                if items == 0 {
                    return None;
                }
                let now = Instant::now();
                pace.took(items, now.duration_since(since));
                since = now;
                if since.duration_since(start) > patience {
                    break;
                }
            }
        }
        (self.left)().then_some(pace)
    }

    /// Works here, with so many threads of the pool at most.
    fn in_pool(&self, threads: usize, work: &(dyn Fn() -> bool + Sync)) {
        if threads < 2 {
            work();
            return;
        }
        pool::both(
            self.context,
            &mut || {
                work();
            },
            &mut |may| {
                if may && (self.left)() {
                    self.in_pool(threads - 1, work);
                }
            },
        );
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
