//! The items of a `for` whose nodes wait.

use std::any::Any;
use std::collections::BTreeSet;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::attend::Waiting;
use crate::error::__discard;
use crate::raw::pinned::Pinned;
use crate::raw::wakes::{Round, Wakers};
use crate::run::{Construct, Halted};

/// How many items may be under way in any case.
const MOST: usize = 1 << 20;

/// For how many items there is room from the start at most.
const ROOM: usize = 1 << 14;

/// Runs `body` for every item, at most so many at the same time, results in order.
///
/// An item is taken from the iterator when there is room for it.
pub fn each<'r, I, B, F, T>(
    construct: &'r Construct<'r>,
    at_once: usize,
    items: I,
    body: B,
) -> Each<'r, I, B, F, T>
where
    I: Iterator,
    B: Fn(usize, I::Item) -> F,
    F: Future<Output = Result<T, Halted>>,
{
    let at_once = if construct.level.core.context.is_in_order() { 1 } else { at_once };
    let (least, most) = items.size_hint();
    let room = most.unwrap_or(usize::MAX).clamp(1, MOST).min(at_once.max(1));
    Each {
        construct,
        room,
        items: Some(items),
        body,
        futures: Pinned::new(least, room),
        slots: Vec::with_capacity(least.min(room).min(ROOM)),
        free: Vec::new(),
        polled: None,
        all: None,
        results: Vec::with_capacity(least.min(ROOM)),
        finished: 0,
        not_started: 0,
        is_counted: false,
        under_way: 0,
        lingering: BTreeSet::new(),
        version: 0,
        wakers: None,
    }
}

/// The items of a `for`.
#[must_use = "futures do nothing unless they are awaited"]
pub struct Each<'r, I, B, F, T> {
    construct: &'r Construct<'r>,
    /// How many items may be under way.
    room: usize,
    /// Those that have not started. Nothing when there are none, or none may start.
    items: Option<I>,
    body: B,
    /// The items under way by their slots.
    futures: Pinned<F>,
    /// The items that are in the slots, and those of these that are free for others.
    slots: Vec<usize>,
    free: Vec<usize>,
    /// The slot that is polled.
    polled: Option<usize>,
    /// The slot to be asked next, while all are.
    all: Option<usize>,
    /// The results by item. Its length is the number of items that have started.
    results: Vec<Option<T>>,
    finished: usize,
    /// How many will never start.
    not_started: usize,
    /// What ran has been counted.
    is_counted: bool,
    /// How many items are under way. And the slots of those that wait for nothing but calls that linger.
    under_way: usize,
    lingering: BTreeSet<usize>,
    /// What had come up against going on when all items were last asked.
    version: u64,
    wakers: Option<Wakers>,
}

// The items' futures are pinned on the heap; nothing else is.
impl<I, B, F, T> Unpin for Each<'_, I, B, F, T> {}

impl<I, B, F, T> Future for Each<'_, I, B, F, T>
where
    I: Iterator,
    B: Fn(usize, I::Item) -> F,
    F: Future<Output = Result<T, Halted>>,
{
    type Output = Result<Vec<T>, Halted>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let mut wakers = this.wakers.take().unwrap_or_else(|| Wakers::new(this.room));
        wakers.register(cx.waker());
        let mut round = Round::default();
        while let Err(payload) = catch_unwind(AssertUnwindSafe(|| this.go_on(&mut round, &mut wakers))) {
            this.panicked(payload);
        }
        if this.under_way > 0 {
            let settled = this.under_way == this.lingering.len();
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
    B: Fn(usize, I::Item) -> F,
    F: Future<Output = Result<T, Halted>>,
{
    fn waiting(&self) -> &'r Waiting {
        &self.construct.level.core.waiting
    }

    /// Polls all that can be, and starts those for which there is room. After a panic it goes on behind it.
    fn go_on(&mut self, round: &mut Round, wakers: &mut Wakers) {
        loop {
            while let Some(slot) = round.next(wakers) {
                self.poll_slot(slot, wakers);
            }
            if self.all.is_some() {
                self.ask_all(wakers);
            }
            let version = self.construct.level.core.version();
            if version != self.version {
                self.version = version;
                self.all = Some(0);
            } else if !self.start_one(wakers) {
                return;
            }
        }
    }

    #[cold]
    fn ask_all(&mut self, wakers: &mut Wakers) {
        while let Some(slot) = self.all.filter(|&slot| slot < self.slots.len()) {
            self.all = Some(slot + 1);
            self.poll_slot(slot, wakers);
        }
        self.all = None;
    }

    /// Starts the next item, if there is one, and room for it.
    fn start_one(&mut self, wakers: &mut Wakers) -> bool {
        if self.under_way >= self.room {
            return false;
        }
        let Some(items) = &mut self.items else { return false };
        let (construct, number) = (self.construct, self.results.len());
        // The first node of a body follows its construct.
        if self.version != 0 && !construct.item(number).begins(construct.node + 1) {
            self.not_started = items.size_hint().0;
            self.items = None;
            return false;
        }
        // A panic of the iterator is the construct's, not that of the item which was polled last.
        construct.level.core.waiting.at(construct.node);
        let Some(item) = items.next() else {
            self.items = None;
            return false;
        };
        let slot = self.free.pop().unwrap_or(self.slots.len());
        self.futures.put(slot, (self.body)(number, item));
        self.results.push(None);
        match self.slots.get_mut(slot) {
            Some(slot) => *slot = number,
            None => self.slots.push(number),
        }
        self.under_way += 1;
        self.poll_slot(slot, wakers);
        true
    }

    /// Polls an item. A waker may be late, so there may be none.
    fn poll_slot(&mut self, slot: usize, wakers: &mut Wakers) {
        if self.construct.level.core.teller().is_some() {
            return self.poll_told(slot, wakers);
        }
        let Some(future) = self.futures.get(slot) else { return };
        self.polled = Some(slot);
        let polled = future.poll(&mut Context::from_waker(&wakers.lend(slot)));
        self.polled = None;
        self.went(slot, polled);
    }

    /// The same in a run that somebody observes: what the item tells is told within the frame of its poll.
    #[cold]
    fn poll_told(&mut self, slot: usize, wakers: &mut Wakers) {
        let Some(future) = self.futures.get(slot) else { return };
        let frame = self.construct.level.core.frame();
        let poll = || future.poll(&mut Context::from_waker(&wakers.lend(slot)));
        match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(polled) => {
                drop(frame);
                self.went(slot, polled);
            }
            Err(payload) => {
                self.polled = Some(slot);
                self.panicked(payload);
                drop(frame);
            }
        }
    }

    /// Notes how the poll of an item went.
    #[inline]
    fn went(&mut self, slot: usize, polled: Poll<Result<T, Halted>>) {
        if self.waiting().settled() || !self.lingering.is_empty() {
            self.lingers(slot, polled.is_pending());
        }
        let Poll::Ready(outcome) = polled else { return };
        if let Ok(value) = outcome {
            self.results[self.slots[slot]] = Some(value);
            self.finished += 1;
        }
        self.end(slot);
    }

    /// Notes whether an item waits for nothing but calls that linger.
    #[cold]
    fn lingers(&mut self, slot: usize, pending: bool) {
        if self.waiting().settled() && pending {
            self.lingering.insert(slot);
        } else {
            self.lingering.remove(&slot);
        }
        self.waiting().settle(false);
    }

    /// Notes that the item which was polled has panicked, or the iterator if none was.
    #[cold]
    fn panicked(&mut self, payload: Box<dyn Any + Send>) {
        let Some(slot) = self.polled.take() else { return self.iterator_panicked(payload) };
        self.lingers(slot, false);
        self.construct.item_panicked(self.slots[slot], self.waiting().node(), payload);
        self.end(slot);
    }

    /// Notes that the iterator has panicked where an item was due, which will never start. Those before it go on.
    #[cold]
    fn iterator_panicked(&mut self, payload: Box<dyn Any + Send>) {
        self.construct.iterator_panicked(self.results.len(), payload);
        self.not_started += 1;
        let items = self.items.take();
        // One panic of it is enough.
        if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(items))) {
            __discard(second);
        }
    }

    /// Frees the slot of an item that has ended.
    #[inline]
    fn end(&mut self, slot: usize) {
        self.under_way -= 1;
        if self.items.is_some() {
            self.free.push(slot);
        }
        // It holds nothing any more.
        self.futures.clear(slot);
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
