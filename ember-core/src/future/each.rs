//! The items of a `for` whose nodes wait.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::AtomicUsize;
use std::task::{Context, Poll};

use super::attend::Waiting;
use crate::executor::Construct;
use crate::raw::wakes::Wakers;
use crate::run::{Halted, Level};

/// How many items may be under way in any case.
const MOST: usize = 1 << 20;

/// Runs `body` for every item, at most so many at the same time, results in order.
///
/// An item is taken from the iterator when there is room for it. `first_failed` holds the number of the first item that
/// failed, the largest number if none has.
pub fn each<'r, I, B, F, T>(
    construct: Construct<'r>,
    first_failed: &'r AtomicUsize,
    at_once: usize,
    items: I,
    body: B,
) -> Each<'r, I, B, F, T>
where
    I: Iterator,
    B: Fn(Level<'r>, usize, I::Item) -> F,
    F: Future<Output = Result<T, Halted>>,
{
    let at_once = if construct.level.core.context.is_in_order() { 1 } else { at_once };
    let room = items.size_hint().1.unwrap_or(usize::MAX).clamp(1, MOST).min(at_once.max(1));
    Each {
        construct,
        first_failed,
        room,
        items: Some(items),
        body,
        slots: Vec::new(),
        free: Vec::new(),
        woken: Vec::new(),
        results: Vec::new(),
        finished: 0,
        not_started: 0,
        is_counted: false,
        running: 0,
        lingering: 0,
        version: 0,
        wakers: None,
    }
}

/// The items of a `for`.
#[must_use = "futures do nothing unless they are awaited"]
pub struct Each<'r, I, B, F, T> {
    construct: Construct<'r>,
    first_failed: &'r AtomicUsize,
    /// How many items may be under way.
    room: usize,
    /// Those that have not started. Nothing when there are none, or none may start.
    items: Option<I>,
    body: B,
    /// Places for items under way, and those of them that are free.
    slots: Vec<Slot<F>>,
    free: Vec<usize>,
    /// Places of items that can be polled.
    woken: Vec<usize>,
    /// The results by item. Its length is the number of items that have started.
    results: Vec<Option<T>>,
    finished: usize,
    /// How many will never start.
    not_started: usize,
    /// What ran has been counted.
    is_counted: bool,
    /// How many items are under way and do not linger, and how many do.
    running: usize,
    lingering: usize,
    /// What had come up against going on when all items were last asked.
    version: u64,
    wakers: Option<Wakers>,
}

/// An item that is under way.
struct Slot<F> {
    item: usize,
    /// That of an item which has ended stays until the place is taken again: it holds nothing.
    future: Pin<Box<F>>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    /// It waits for nothing but calls that linger.
    Lingering,
    Ended,
}

// The items' futures are pinned on the heap; nothing else is.
impl<I, B, F, T> Unpin for Each<'_, I, B, F, T> {}

impl<'r, I, B, F, T> Future for Each<'r, I, B, F, T>
where
    I: Iterator,
    B: Fn(Level<'r>, usize, I::Item) -> F,
    F: Future<Output = Result<T, Halted>>,
{
    type Output = Result<Vec<T>, Halted>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let mut wakers = this.wakers.take().unwrap_or_else(|| Wakers::new(this.room));
        wakers.register(cx.waker());
        let mut woken = std::mem::take(&mut this.woken);
        wakers.take(|slot| woken.push(slot));
        loop {
            for slot in woken.drain(..) {
                this.poll_slot(slot, &mut wakers);
            }
            let version = this.construct.level.core.version();
            if version != this.version {
                this.version = version;
                woken.extend((0..this.slots.len()).filter(|&slot| this.slots[slot].state != State::Ended));
            } else if !this.start_one(&mut wakers) {
                break;
            }
        }
        this.woken = woken;
        if this.running + this.lingering > 0 {
            let settled = this.running == 0;
            if settled {
                this.count();
            }
            this.waiting().settle(settled);
            this.wakers = Some(wakers);
            return Poll::Pending;
        }
        Poll::Ready(this.finish())
    }
}

impl<'r, I, B, F, T> Each<'r, I, B, F, T>
where
    I: Iterator,
    B: Fn(Level<'r>, usize, I::Item) -> F,
    F: Future<Output = Result<T, Halted>>,
{
    fn waiting(&self) -> &'r Waiting {
        self.construct.level.core.waiting.expect("nodes that wait are those of `async` graphs")
    }

    /// Starts the next item, if there is one, and room for it.
    fn start_one(&mut self, wakers: &mut Wakers) -> bool {
        if self.running + self.lingering >= self.room {
            return false;
        }
        let waiting = self.waiting();
        let Some(items) = &mut self.items else { return false };
        let (Construct { level, node, .. }, number) = (&self.construct, self.results.len());
        let level = Level::item(level, *node, number, self.first_failed);
        // The first node of a body follows its construct.
        if self.version != 0 && !level.begins(*node + 1) {
            self.not_started = items.size_hint().0;
            self.items = None;
            return false;
        }
        // A panic of the iterator is the construct's, not that of the item which was polled last.
        waiting.at(*node);
        let Some(item) = items.next() else {
            self.items = None;
            return false;
        };
        let future = (self.body)(level, number, item);
        self.results.push(None);
        let slot = match self.free.pop() {
            Some(slot) => {
                let Slot { item, future: place, state } = &mut self.slots[slot];
                place.as_mut().set(future);
                (*item, *state) = (number, State::Running);
                slot
            }
            None => {
                self.slots.push(Slot { item: number, future: Box::pin(future), state: State::Running });
                self.slots.len() - 1
            }
        };
        self.running += 1;
        self.poll_slot(slot, wakers);
        true
    }

    fn poll_slot(&mut self, slot: usize, wakers: &mut Wakers) {
        let waiting = self.waiting();
        let Slot { item, future, state } = &mut self.slots[slot];
        // A waker may be late.
        if *state == State::Ended {
            return;
        }
        waiting.settle(false);
        let frame = self.construct.level.core.frame();
        let polled = catch_unwind(AssertUnwindSafe(|| {
            future.as_mut().poll(&mut Context::from_waker(&wakers.lend(slot)))
        }));
        let (item, old) = (*item, *state);
        *state = match polled {
            Ok(Poll::Pending) if waiting.settled() => State::Lingering,
            Ok(Poll::Pending) => State::Running,
            Ok(Poll::Ready(outcome)) => {
                if let Ok(value) = outcome {
                    self.results[item] = Some(value);
                    self.finished += 1;
                }
                State::Ended
            }
            Err(payload) => {
                self.construct.item_panicked(self.first_failed, item, waiting.node(), payload);
                State::Ended
            }
        };
        drop(frame);
        let state = *state;
        self.running =
            self.running - usize::from(old == State::Running) + usize::from(state == State::Running);
        self.lingering =
            self.lingering - usize::from(old == State::Lingering) + usize::from(state == State::Lingering);
        if state == State::Ended {
            self.free.push(slot);
        }
    }

    fn finish(&mut self) -> Result<Vec<T>, Halted> {
        self.count();
        let results = std::mem::take(&mut self.results);
        if self.finished < results.len() + self.not_started {
            return Err(Halted);
        }
        Ok(results.into_iter().flatten().collect())
    }

    /// Counts what ran and what will not: when all items have ended, or the run may be over but for calls that linger.
    fn count(&mut self) {
        if !std::mem::replace(&mut self.is_counted, true) {
            let (started, waiting) =
                (self.results.len(), self.items.as_ref().map_or(0, |items| items.size_hint().0));
            self.construct.count(self.finished, started, started + self.not_started + waiting);
        }
    }
}
