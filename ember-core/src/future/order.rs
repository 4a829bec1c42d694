//! Who of the tasks of a region is to be polled, and how far each is.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Poll, Waker};

use super::attend::Waiting;
use super::pass::Pass;
use crate::executor::Plan;
use crate::raw::wakes::Wakers;
use crate::run::{Halted, Level};

pub(super) type Outcome = Result<(), Halted>;

/// How far up to 64 tasks are, a bit each.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sixty4 {
    /// Those that there are.
    all: u64,
    /// Those that are to be polled.
    ready: u64,
    running: u64,
    /// Those that wait for nothing but calls that linger.
    lingering: u64,
    ended: u64,
    /// Of those that have ended: who came to their end well.
    finished: u64,
    /// Those that will never start, because one that they wait for did not come to its end.
    lost: u64,
}

impl Sixty4 {
    /// So many tasks, of which none has started.
    #[inline]
    pub(super) fn of(tasks: usize) -> Self {
        Self { all: u64::MAX >> (64 - tasks), ..Self::default() }
    }

    fn under_way(&self) -> u64 {
        self.running | self.lingering
    }
}

/// What does not depend on the types of the tasks.
pub(super) struct Region<'r> {
    pub(super) level: &'r Level<'r>,
    pub(super) waiting: &'r Waiting,
    pub(super) path: &'r [usize],
    pub(super) plan: &'static Plan,
    pub(super) around: (u32, u32),
    /// One task after the other.
    pub(super) sequential: bool,
    /// Other tasks may start when one has ended.
    pub(super) is_linked: bool,
    /// Of up to so many that wait, all are polled when one is woken.
    pub(super) together: usize,
    pub(super) stage: Stage,
    /// What had come up against going on when all tasks were last asked.
    pub(super) version: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    New,
    UnderWay,
    /// What ran has been counted.
    Counted,
}

/// The bit of a task in its word.
const fn bit(task: usize) -> u64 {
    1 << (task % 64)
}

/// The bits of eight tasks in their word.
#[expect(clippy::cast_possible_truncation, reason = "the others are those of other tasks")]
const fn eight(word: u64, first: usize) -> u8 {
    (word >> (first % 64)) as u8
}

/// Who is to be polled, and how far each task is.
pub(super) struct Order<'p, 'r> {
    pub(super) region: &'p mut Region<'r>,
    pub(super) words: &'p mut [Sixty4],
    /// For how many tasks each waits that have not ended.
    pub(super) waits: &'p mut [u32],
}

impl Order<'_, '_> {
    /// Polls those that are to be: `show` shows all of them.
    pub(super) fn poll(
        mut self,
        wakers: &mut Option<Wakers>,
        waker: &Waker,
        show: &mut dyn FnMut(&mut Pass<'_, '_>),
    ) -> Poll<Outcome> {
        self.woken(wakers, waker);
        let _frame = self.region.level.core.frame();
        let mut pass = Pass::new(self, wakers.as_mut(), waker);
        loop {
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| show(&mut pass))) {
                pass.panicked(payload);
            }
            let order = pass.order();
            order.look_up();
            let Sixty4 { ready, running, lingering, .. } = order.any();
            if ready != 0 {
                continue;
            }
            if running | lingering == 0 {
                return Poll::Ready(order.finish());
            }
            let settled = running == 0;
            if settled {
                order.count();
            }
            order.region.waiting.settle(settled);
            return Poll::Pending;
        }
    }

    /// How far any of the tasks is.
    #[inline]
    fn any(&self) -> Sixty4 {
        // Most regions have one word.
        if let [word] = &*self.words { *word } else { self.any_of_many() }
    }

    #[inline(never)]
    fn any_of_many(&self) -> Sixty4 {
        self.words.iter().fold(Sixty4::default(), |any, word| Sixty4 {
            ready: any.ready | word.ready,
            running: any.running | word.running,
            lingering: any.lingering | word.lingering,
            ..any
        })
    }

    fn under_way(&self) -> usize {
        self.words.iter().map(|word| word.under_way().count_ones() as usize).sum()
    }

    /// Finds out who is to be polled, and makes wakers for them.
    ///
    /// At first they get the caller's, which costs nothing where they do not wait. If they do, the next wake-up may be of
    /// any: then they get wakers of their own, unless it is dearer to have these than to poll all.
    fn woken(&mut self, wakers: &mut Option<Wakers>, waker: &Waker) {
        if self.region.stage == Stage::New {
            self.region.stage = Stage::UnderWay;
            self.region.level.core.close();
            self.start();
        } else if let Some(wakers) = wakers {
            self.take_woken(wakers, waker);
        } else {
            let together = self.region.together;
            if together == 0 || self.waits.len() > together && self.under_way() > together {
                wakers.insert(Wakers::new(self.waits.len())).register(waker);
            }
            self.add_all_under_way();
        }
        self.look_up();
    }

    #[inline(never)]
    fn take_woken(&mut self, wakers: &Wakers, waker: &Waker) {
        wakers.register(waker);
        wakers.take(|task| self.words[task / 64].ready |= bit(task));
    }

    #[inline]
    fn start(&mut self) {
        if let ([word], []) = (&mut *self.words, self.region.plan.next) {
            word.ready = word.all;
            return;
        }
        self.start_in_order();
    }

    #[inline(never)]
    fn start_in_order(&mut self) {
        for (task, row) in self.region.plan.tasks.iter().enumerate() {
            self.waits[task] = row.waits;
            if row.waits == 0 {
                self.words[task / 64].ready |= bit(task);
            }
        }
    }

    /// Asks all tasks that run if something has come up that may keep them from going on.
    #[inline]
    fn look_up(&mut self) {
        let version = self.region.level.core.version();
        if version != self.region.version {
            self.region.version = version;
            self.add_all_under_way();
        }
    }

    #[inline]
    fn add_all_under_way(&mut self) {
        match &mut *self.words {
            [word] => word.ready |= word.under_way(),
            _ => self.add_all_of_many(),
        }
    }

    #[inline(never)]
    fn add_all_of_many(&mut self) {
        for word in &mut *self.words {
            word.ready |= word.under_way();
        }
    }

    /// Whether any of so many tasks is to be polled. If they are more than 64, they may be none.
    #[inline]
    pub(super) fn wants_any(&self, first: usize, count: usize) -> bool {
        // Groups of up to 64 do not reach across words: all but the last are of a power of two.
        count > 64 || self.words[first / 64].ready >> (first % 64) << (64 - count) != 0
    }

    /// Takes those of eight tasks, at these places, that are to be polled.
    #[inline]
    pub(super) fn take(&mut self, first: usize, places: u8) -> u8 {
        let Some(word) = self.words.get_mut(first / 64) else { return 0 };
        let ready = eight(word.ready, first) & places;
        word.ready &= !(u64::from(ready) << (first % 64));
        if eight(word.ended | word.lost, first) & ready != 0 || self.region.sequential {
            return self.sort_out(first, ready);
        }
        ready
    }

    /// Takes those out that have ended, which a late waker does not know, and those that are lost. And those that cannot
    /// start beside another.
    #[cold]
    fn sort_out(&mut self, first: usize, ready: u8) -> u8 {
        let mut left = 0;
        for place in (0..8).filter(|place| ready >> place & 1 != 0) {
            let task = first + place;
            let word = &self.words[task / 64];
            if word.ended & bit(task) != 0 {
                continue;
            }
            if word.lost & bit(task) != 0 {
                self.polled(task, Poll::Ready(Err(Halted)));
                continue;
            }
            let starts = word.under_way() & bit(task) == 0;
            if self.region.sequential && starts && (left != 0 || self.under_way() != 0) {
                continue;
            }
            left |= 1 << place;
        }
        left
    }

    /// Leaves those for later that were taken and not polled.
    pub(super) fn give_back(&mut self, first: usize, ready: u8) {
        self.words[first / 64].ready |= u64::from(ready) << (first % 64);
    }

    /// Notes who of eight tasks has come to its end well, and who waits.
    #[inline]
    pub(super) fn went(&mut self, first: usize, finished: u8, waiting: u8) {
        let Some(word) = self.words.get_mut(first / 64) else { return };
        let (finished, waiting) = (u64::from(finished) << (first % 64), u64::from(waiting) << (first % 64));
        word.running = (word.running | waiting) & !finished;
        word.lingering &= !(finished | waiting);
        word.ended |= finished;
        word.finished |= finished;
    }

    pub(super) fn polled(&mut self, task: usize, polled: Poll<Outcome>) {
        let (task_bit, settled) = (bit(task), self.is_settled());
        let word = &mut self.words[task / 64];
        word.running &= !task_bit;
        word.lingering &= !task_bit;
        match polled {
            Poll::Pending if settled => word.lingering |= task_bit,
            Poll::Pending => word.running |= task_bit,
            Poll::Ready(outcome) => {
                word.ended |= task_bit;
                if outcome.is_ok() {
                    word.finished |= task_bit;
                }
                if self.region.is_linked {
                    self.pass_on(task);
                }
            }
        }
    }

    #[cold]
    pub(super) fn panicked(&mut self, task: usize, payload: Box<dyn Any + Send>) {
        let Region { level, waiting, path, .. } = *self.region;
        level.core.count_around(waiting.node(), true);
        level.core.panicked(level, waiting.node(), path, payload);
        self.polled(task, Poll::Ready(Err(Halted)));
    }

    /// Whether nobody is told of the nodes.
    pub(super) fn is_untold(&self) -> bool {
        self.region.level.core.teller.is_none()
    }

    /// Whether others may start when a task has ended.
    pub(super) fn is_linked(&self) -> bool {
        self.region.is_linked
    }

    /// Notes that the node at hand has ended, if somebody is told.
    pub(super) fn close(&self) {
        self.region.level.core.close();
    }

    /// Whether what was polled last waits for nothing but calls that linger.
    #[inline]
    pub(super) fn is_settled(&self) -> bool {
        self.region.waiting.settled()
    }

    #[inline]
    pub(super) fn unsettle(&self) {
        self.region.waiting.settle(false);
    }

    /// Lets those go on that waited for a task which has ended.
    #[inline(never)]
    fn pass_on(&mut self, task: usize) {
        let lost = self.words[task / 64].finished & bit(task) == 0;
        for &next in self.region.plan.successors(u32::try_from(task).unwrap_or(u32::MAX)) {
            let next = next as usize;
            let word = &mut self.words[next / 64];
            self.waits[next] -= 1;
            if lost {
                word.lost |= bit(next);
            }
            if self.waits[next] == 0 {
                word.ready |= bit(next);
            }
        }
        if self.region.sequential {
            // Those that could not start beside it.
            for (task, _) in self.waits.iter().enumerate().filter(|(_, waits)| **waits == 0) {
                let word = &mut self.words[task / 64];
                word.ready |= bit(task) & !(word.ended | word.under_way());
            }
        }
    }

    fn finish(&mut self) -> Outcome {
        if self.words.iter().all(|word| word.finished == word.all) {
            self.region.level.core.count(self.region.plan.operators as usize, 0);
            return Ok(());
        }
        self.count();
        Err(Halted)
    }

    /// Counts what ran and what will not: when all tasks have ended, or the run may be over but for calls that linger.
    #[cold]
    fn count(&mut self) {
        if std::mem::replace(&mut self.region.stage, Stage::Counted) == Stage::Counted {
            return;
        }
        let Region { level, plan, around, .. } = *self.region;
        let (mut finished, mut not_started) = around;
        for (task, row) in plan.tasks.iter().enumerate() {
            let word = &self.words[task / 64];
            if word.finished & bit(task) != 0 {
                finished += row.operators;
            } else if word.lost & bit(task) != 0 || self.waits[task] > 0 {
                not_started += row.operators;
            }
        }
        level.core.count(finished as usize, not_started as usize);
    }
}
