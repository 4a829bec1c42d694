//! Who of the tasks of a region is to be polled, and how far each is.

use std::any::Any;
use std::iter;
use std::task::{Poll, Waker};

use crate::executor::Plan;
use crate::raw::wakes::Wakers;
use crate::run::{Core, Halted, Level};
use crate::seldom::Seldom;

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

    /// Notes how far those have come that a sweep polled: who of them does not wait has come to its end well.
    #[inline(always)]
    pub(super) fn swept(&mut self, begins: bool, polled: u64, waiting: u64) {
        let finished = self.of_a_sweep(begins) & polled & !waiting;
        self.finished |= finished;
        self.ended |= finished;
        self.running = self.running & !finished | waiting;
    }

    /// Those that a sweep polls: all when they begin, later those that run.
    #[inline(always)]
    pub(super) const fn of_a_sweep(&self, begins: bool) -> u64 {
        if begins { self.all } else { self.running }
    }

    /// Those from a task on are to be polled. `first` is the number of the first of this word.
    pub(super) fn poll_from(&mut self, task: usize, first: usize) {
        let from = u32::try_from(task.saturating_sub(first)).unwrap_or(u32::MAX);
        self.ready |= self.all & u64::MAX.checked_shl(from).unwrap_or(0);
    }
}

/// What does not depend on the types of the tasks.
pub(super) struct Region<'r> {
    pub(super) level: &'r Level<'r>,
    pub(super) path: &'r [usize],
    pub(super) plan: &'static Plan,
    pub(super) stage: Stage,
    /// What had come up against going on when all tasks were last asked.
    pub(super) version: u64,
}

impl<'r> Region<'r> {
    #[inline]
    pub(super) const fn core(&self) -> &'r Core<'r> {
        self.level.core
    }

    /// Whether tasks run one after the other.
    #[inline]
    pub(super) fn is_in_order(&self) -> bool {
        self.core().context.is_in_order()
    }

    /// Whether nobody is told of the nodes.
    #[inline]
    pub(super) fn is_untold(&self) -> bool {
        self.core().teller().is_none()
    }

    /// And besides, no calls may linger.
    #[inline]
    pub(super) fn is_quiet(&self) -> bool {
        self.is_untold() && !self.core().is_held
    }

    /// Counts the operators of all tasks, which have ended well.
    #[inline]
    pub(super) fn count_all(&self) {
        self.core().count(self.plan.operators as usize, 0);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    New,
    UnderWay,
    /// They have been polled twice, if they are many.
    Again,
    /// What ran has been counted.
    Counted,
}

/// Whether any task is as far.
#[derive(Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) ready: bool,
    pub(super) running: bool,
    pub(super) lingering: bool,
}

impl Tally {
    #[inline]
    fn of(word: &Sixty4) -> Self {
        Self { ready: word.ready != 0, running: word.running != 0, lingering: word.lingering != 0 }
    }
}

/// The bit of a task in its word.
const fn bit(task: usize) -> u64 {
    1 << (task % 64)
}

/// Who is to be polled, and how far each task is.
pub(super) struct Order<'p, 'r> {
    pub(super) region: &'p mut Region<'r>,
    /// How far the first 64 tasks are, and the others. Most regions have no others.
    pub(super) word: &'p mut Sixty4,
    pub(super) more: &'p mut [Sixty4],
    /// For how many tasks each waits that have not ended. Nothing where none waits for another.
    pub(super) waits: &'p mut [u32],
}

/// The word of this number, of the first and the others.
#[inline]
pub(super) fn word<'p>(first: &'p mut Sixty4, more: &'p mut [Sixty4], number: usize) -> &'p mut Sixty4 {
    // Behind the last one there is nothing to be polled.
    let last = more.len();
    if number == 0 || last == 0 { first } else { &mut more[number.min(last) - 1] }
}

/// The bits of eight tasks in their word.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the others are those of other tasks")]
pub(super) const fn eight(word: u64, first: usize) -> u8 {
    (word >> (first % 64)) as u8
}

/// Whether a task waits for others.
fn is_waiting(waits: &[u32], task: usize) -> bool {
    waits.get(task).is_some_and(|&waits| waits > 0)
}

impl Order<'_, '_> {
    /// How far any of the tasks is.
    #[inline]
    pub(super) fn tally(&self) -> Tally {
        if self.more.is_empty() { Tally::of(self.word) } else { self.tally_of_many() }
    }

    #[inline(never)]
    fn tally_of_many(&self) -> Tally {
        let all = self.words().map(Tally::of);
        all.fold(Tally::default(), |one, other| Tally {
            ready: one.ready | other.ready,
            running: one.running | other.running,
            lingering: one.lingering | other.lingering,
        })
    }

    fn words(&self) -> impl Iterator<Item = &Sixty4> {
        iter::once(&*self.word).chain(&*self.more)
    }

    /// The word of this number.
    #[inline]
    fn word(&mut self, number: usize) -> &mut Sixty4 {
        word(self.word, self.more, number)
    }

    /// Whether any task of a word is to be polled.
    #[inline]
    pub(super) fn wants_any(&mut self, number: usize) -> bool {
        self.word(number).ready != 0
    }

    /// The word of a task.
    #[inline]
    fn word_of(&mut self, task: usize) -> &mut Sixty4 {
        self.word(task / 64)
    }

    fn under_way(&self) -> usize {
        self.words().map(|word| word.under_way().count_ones() as usize).sum()
    }

    /// Finds out who is to be polled. If they are `MANY`, makes wakers for them.
    ///
    /// At first they get the caller's, which costs nothing where they do not wait. If they do, the next wake-up may be of
    /// any: then they get wakers of their own, unless it is dearer to have these than to poll all: where no more than
    /// `together` wait.
    #[inline]
    pub(super) fn woken<const MANY: bool>(
        &mut self,
        together: usize,
        wakers: &mut Seldom<Wakers>,
        waker: &Waker,
    ) {
        if self.region.stage == Stage::New {
            self.region.stage = Stage::UnderWay;
            self.region.core().close();
            self.start();
        } else if MANY {
            self.woken_of_many(together, wakers, waker);
        } else {
            self.add_all_under_way();
        }
    }

    #[inline(never)]
    fn woken_of_many(&mut self, together: usize, wakers: &mut Seldom<Wakers>, waker: &Waker) {
        if let Some(wakers) = wakers.get() {
            wakers.register(waker);
            wakers.take(|task| self.word_of(task).ready |= bit(task));
            // What has come up is asked in the order of the tasks.
            self.look_up();
            return;
        }
        if self.region.stage == Stage::UnderWay {
            self.region.stage = Stage::Again;
        } else if self.under_way() > together {
            wakers.insert(Wakers::new(self.region.plan.tasks.len())).register(waker);
        }
        self.add_all_under_way();
    }

    #[inline]
    fn start(&mut self) {
        if !self.waits.is_empty() {
            return self.start_in_order();
        }
        for word in iter::once(&mut *self.word).chain(&mut *self.more) {
            word.ready = word.all;
        }
    }

    #[inline(never)]
    fn start_in_order(&mut self) {
        for (task, row) in self.region.plan.tasks.iter().enumerate() {
            self.waits[task] = row.waits;
            if row.waits == 0 {
                self.word_of(task).ready |= bit(task);
            }
        }
    }

    /// Asks all tasks that run if something has come up that may keep them from going on.
    #[inline]
    pub(super) fn look_up(&mut self) {
        let version = self.region.core().version();
        if version != self.region.version {
            self.region.version = version;
            self.add_all_under_way();
        }
    }

    #[inline]
    fn add_all_under_way(&mut self) {
        self.word.ready |= self.word.under_way();
        if !self.more.is_empty() {
            self.add_all_of_many();
        }
    }

    #[inline(never)]
    fn add_all_of_many(&mut self) {
        for word in &mut *self.more {
            word.ready |= word.under_way();
        }
    }

    /// Takes those of a word that are to be polled, from these places. They count as running.
    #[inline]
    pub(super) fn take(&mut self, number: usize, places: u64) -> u64 {
        let in_order = self.region.is_in_order();
        let word = self.word(number);
        let mut ready = word.ready & places;
        word.ready &= !places;
        if (word.ended | word.lost) & ready != 0 || in_order {
            ready = self.sort_out(number, ready);
        }
        let word = self.word(number);
        word.running |= ready;
        word.lingering &= !ready;
        ready
    }

    /// Takes those out that have ended, which a late waker does not know, and those that are lost. And those that cannot
    /// start beside another.
    #[cold]
    fn sort_out(&mut self, number: usize, ready: u64) -> u64 {
        let mut left = 0;
        for task in (64 * number..64 * (number + 1)).filter(|&task| ready & bit(task) != 0) {
            let word = *self.word(number);
            if word.ended & bit(task) != 0 {
                continue;
            }
            if word.lost & bit(task) != 0 {
                self.polled(task, Poll::Ready(Err(Halted)));
                continue;
            }
            let starts = word.under_way() & bit(task) == 0;
            if self.region.is_in_order() && starts && (left != 0 || self.under_way() != 0) {
                continue;
            }
            left |= bit(task);
        }
        left
    }

    /// Notes who of a word has come to its end well.
    #[inline]
    pub(super) fn ended_well(&mut self, number: usize, tasks: u64) {
        let word = self.word(number);
        word.running &= !tasks;
        word.ended |= tasks;
        word.finished |= tasks;
    }

    pub(super) fn polled(&mut self, task: usize, polled: Poll<Outcome>) {
        let (task_bit, settled) = (bit(task), self.is_settled());
        let word = self.word_of(task);
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
                if self.region.is_in_order() || !self.waits.is_empty() {
                    self.pass_on(task);
                }
            }
        }
    }

    #[cold]
    pub(super) fn panicked(&mut self, task: usize, payload: Box<dyn Any + Send>) {
        let Region { level, path, .. } = *self.region;
        let node = level.core.waiting.node();
        level.core.count_around(node, true);
        level.core.panicked(level, node, path, payload);
        self.polled(task, Poll::Ready(Err(Halted)));
    }

    /// Whether nobody is told of the nodes, and no task may start because another has ended.
    #[inline]
    pub(super) fn is_unlinked(&self) -> bool {
        self.waits.is_empty() && self.region.is_untold() && !self.region.is_in_order()
    }

    /// Notes that the node at hand has ended, if somebody is told.
    pub(super) fn close(&self) {
        self.region.core().close();
    }

    /// Whether what was polled last waits for nothing but calls that linger.
    #[inline]
    pub(super) fn is_settled(&self) -> bool {
        self.region.core().waiting.settled()
    }

    #[inline]
    pub(super) fn unsettle(&self) {
        self.region.core().waiting.settle(false);
    }

    /// Lets those go on that waited for a task which has ended.
    #[inline(never)]
    fn pass_on(&mut self, task: usize) {
        let lost = self.word_of(task).finished & bit(task) == 0;
        for &next in self.region.plan.successors(u32::try_from(task).unwrap_or(u32::MAX)) {
            let next = next as usize;
            self.waits[next] -= 1;
            let is_ready = self.waits[next] == 0;
            let word = self.word_of(next);
            if lost {
                word.lost |= bit(next);
            }
            if is_ready {
                word.ready |= bit(next);
            }
        }
        if self.region.is_in_order() {
            // Those that could not start beside it.
            for task in 0..self.region.plan.tasks.len() {
                if is_waiting(self.waits, task) {
                    continue;
                }
                let word = self.word_of(task);
                word.ready |= bit(task) & !(word.ended | word.under_way());
            }
        }
    }

    #[inline]
    pub(super) fn finish(&mut self) -> Outcome {
        // Most have one word.
        if self.more.is_empty() && self.word.finished == self.word.all {
            self.region.count_all();
            return Ok(());
        }
        self.finish_many()
    }

    #[inline(never)]
    fn finish_many(&mut self) -> Outcome {
        if self.words().all(|word| word.finished == word.all) {
            self.region.count_all();
            return Ok(());
        }
        self.count();
        Err(Halted)
    }

    /// Counts what ran and what will not: when all tasks have ended, or the run may be over but for calls that linger.
    #[cold]
    pub(super) fn count(&mut self) {
        if std::mem::replace(&mut self.region.stage, Stage::Counted) == Stage::Counted {
            return;
        }
        let Region { level, plan, .. } = *self.region;
        let (mut finished, mut not_started) = plan.around;
        for (task, row) in plan.tasks.iter().enumerate() {
            let (word, bit) = (*self.word_of(task), bit(task));
            if word.finished & bit != 0 {
                finished += row.operators;
            } else if (word.under_way() | word.ended) & bit == 0
                || word.lost & bit != 0
                || is_waiting(self.waits, task)
            {
                not_started += row.operators;
            }
        }
        level.core.count(finished as usize, not_started as usize);
    }
}
