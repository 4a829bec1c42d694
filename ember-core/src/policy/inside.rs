//! When a thread inside of a call for one cache may wait for a call for another, or for what loads a shared resource.
//!
//! Others may wait for a call that is under way for a cache. If it waits in turn, it must not do so in a circle. So caches,
//! and resources among them, have an order, as locks do in careful programs: it is learnt from who waited inside of whom, and who would have to
//! wait against it calls for itself instead. A cache is never before itself. So no circle of waits comes into being, also
//! where a thread that waits in the midst of a call takes up foreign work, which then waits on top of it.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use crate::executor::hold::{self, Inside};

#[cfg(all(test, not(loom)))]
mod tests;

/// Which caches stand behind a cache.
static ORDER: Mutex<Order> = Mutex::new(Order(BTreeMap::new()));

/// A cache's place in the order. Its number is odd, and so is not that of a limit, which is an address.
pub(crate) struct Rank(usize);

impl Rank {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        Self(NEXT.fetch_add(2, Relaxed))
    }

    /// Enters a call. Those who leave do so in reverse order, on the same thread.
    #[inline]
    pub(crate) fn enter(&self) -> Inside {
        hold::enter(self.0)
    }

    /// The same whenever the future is polled.
    pub(crate) async fn enter_async<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|task| {
            let _inside = self.enter();
            future.as_mut().poll(task)
        })
        .await
    }

    /// Whether this thread is inside of a call of the cache.
    pub(crate) fn is_around(&self) -> bool {
        hold::is_inside_of(self.0)
    }

    /// Whether this thread may wait for a call of the cache.
    pub(crate) fn may_wait(&self) -> bool {
        let mut inside = hold::held();
        inside.retain(|number| number % 2 == 1);
        inside.is_empty() || order(|order| order.put_behind(&inside, self.0))
    }
}

impl Drop for Rank {
    fn drop(&mut self) {
        order(|order| order.forget(self.0));
    }
}

fn order<R>(f: impl FnOnce(&mut Order) -> R) -> R {
    f(&mut ORDER.lock().unwrap_or_else(PoisonError::into_inner))
}

struct Order(BTreeMap<usize, Vec<usize>>);

impl Order {
    /// Puts a cache behind those, if that makes no circle. Tells whether it is behind them.
    fn put_behind(&mut self, those: &[usize], cache: usize) -> bool {
        if those.iter().any(|&before| self.leads_to(cache, before)) {
            return false;
        }
        for &before in those {
            let behind = self.0.entry(before).or_default();
            if !behind.contains(&cache) {
                behind.push(cache);
            }
        }
        true
    }

    fn leads_to(&self, from: usize, to: usize) -> bool {
        let (mut open, mut seen) = (vec![from], vec![from]);
        while let Some(at) = open.pop() {
            if at == to {
                return true;
            }
            for &next in self.0.get(&at).into_iter().flatten() {
                if !seen.contains(&next) {
                    seen.push(next);
                    open.push(next);
                }
            }
        }
        false
    }

    fn forget(&mut self, cache: usize) {
        // Those that were ordered through it alone are so no more: nobody waits there either.
        self.0.remove(&cache);
        for behind in self.0.values_mut() {
            behind.retain(|&other| other != cache);
        }
        self.0.retain(|_, behind| !behind.is_empty());
    }
}
