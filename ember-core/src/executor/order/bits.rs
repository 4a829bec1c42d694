//! The order of at most 64 tasks: a bit for each.
//!
//! A worker tells that it has ended tasks by one exchange, and learns which others have ended. Those that wait for one of
//! its tasks and for nobody else that is missing are ready. Of the tasks that another waits for, the last whose end is told
//! completes them, and no exchange before it saw them all: so one worker takes each task.
//!
//! All write the same word, so a worker keeps to itself what need not be told yet: an end that completes all who wait for
//! it, with what this worker knows; for them it is the last that nobody knows of. And one of those that a task waits for
//! while another of them is in the worker's hand. What is untold is told when the hand is empty, and before a task leaves
//! it for the table.

use super::super::plan::{Plan, Task};
use super::{Fate, Order};
use crate::sync::AtomicU64;
use crate::sync::Ordering::{Relaxed, SeqCst};

/// The order of a region, whose words may stand elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Bits<W = Apart> {
    plan: &'static Plan,
    words: W,
}

/// What the workers of a region tell each other: sets of tasks.
pub(crate) trait Words: Sync {
    /// Those that are ready and in nobody's hand.
    fn table(&self) -> &AtomicU64;
    /// Those that have ended.
    fn ended(&self) -> &AtomicU64;
    /// Those that are not to run.
    fn lost(&self) -> &AtomicU64;
    /// Those that did not finish.
    fn halted(&self) -> &AtomicU64;

    /// Takes those tasks from the table that are chosen of all there. Tells whether there were any.
    #[inline]
    fn take_by(&self, hand: &mut Hand, choose: impl Fn(u64) -> u64) -> bool {
        let mut there = self.table().load(SeqCst);
        while there != 0 && there != OVER {
            let chosen = choose(there);
            // Not by clearing bits: meanwhile the region may be over.
            match self.table().compare_exchange(there, there ^ chosen, SeqCst, SeqCst) {
                Ok(_) => {
                    hand.ready = chosen;
                    return true;
                }
                Err(now) => there = now,
            }
        }
        false
    }

    /// Takes about half of the tasks on the table. Tells whether there were any.
    #[inline]
    fn take(&self, hand: &mut Hand) -> bool {
        self.take_by(hand, |there| if there.is_power_of_two() { there } else { there ^ half(there) })
    }

    /// Whether there are some on the table.
    #[inline]
    fn waits(&self) -> bool {
        !matches!(self.table().load(SeqCst), 0 | OVER)
    }

    /// Tells that all have ended.
    #[inline]
    fn end(&self) {
        self.table().store(OVER, SeqCst);
    }

    /// Sees to it that nobody takes any from the table, whatever is laid there. What those who took some did before is known here.
    fn withdraw(&self) {
        self.table().swap(OVER, SeqCst);
    }

    /// Whether all have ended.
    #[inline]
    fn are_over(&self, _all: u64) -> bool {
        self.table().load(SeqCst) == OVER
    }
}

/// Words of which the two that are written most are on cache lines of their own.
#[repr(C)]
pub(crate) struct Apart {
    lost: AtomicU64,
    halted: AtomicU64,
    table: Line<AtomicU64>,
    ended: Line<AtomicU64>,
}

/// On a cache line of its own.
#[repr(align(64))]
struct Line<T>(T);

impl Words for Apart {
    #[inline(always)]
    fn table(&self) -> &AtomicU64 {
        &self.table.0
    }

    #[inline(always)]
    fn ended(&self) -> &AtomicU64 {
        &self.ended.0
    }

    #[inline(always)]
    fn lost(&self) -> &AtomicU64 {
        &self.lost
    }

    #[inline(always)]
    fn halted(&self) -> &AtomicU64 {
        &self.halted
    }
}

/// What lies on the table when all tasks have ended: more than can ever be ready, as a worker keeps one. So those who
/// look for tasks leave the line alone that those write who have some.
pub(super) const OVER: u64 = u64::MAX;

impl Bits {
    #[inline]
    pub(in super::super) fn new(plan: &'static Plan) -> Self {
        let word = || AtomicU64::new(0);
        Self::of(plan, Apart { lost: word(), halted: word(), table: Line(word()), ended: Line(word()) })
    }
}

impl<W: Words> Bits<W> {
    /// The order of a region whose words are clear, or are of that region.
    #[inline]
    pub(crate) fn of(plan: &'static Plan, words: W) -> Self {
        Self { plan, words }
    }

    #[inline(always)]
    pub(super) fn words(&self) -> &W {
        &self.words
    }

    #[inline(always)]
    pub(super) fn table(&self) -> &AtomicU64 {
        self.words.table()
    }

    pub(crate) fn all(&self) -> u64 {
        u64::MAX >> (Plan::FEW - self.plan.tasks.len())
    }

    #[cold]
    fn failed(&self, task: u32, fate: Fate) {
        if fate == Fate::Halted {
            self.words.halted().fetch_or(1 << task, Relaxed);
        }
        let waiting = self.plan.successors(task).iter().fold(0, |set, &waiting| set | 1 << waiting);
        self.words.lost().fetch_or(waiting, Relaxed);
    }
}

/// What one worker has: ready tasks, tasks that it has ended and not told of, and those that it has seen ended.
#[derive(Default)]
pub(crate) struct Hand {
    pub(super) ready: u64,
    untold: u64,
    seen: u64,
}

impl<W: Words> Bits<W> {
    /// Tells what a worker has ended, and learns what all have.
    #[inline]
    fn tell(&self, hand: &mut Hand) -> u64 {
        // Each end is told once, so the sum is the union: and a sum gives what was there before in one access of the line, where
        // a union takes two.
        let before = self.words.ended().fetch_add(hand.untold, SeqCst);
        debug_assert_eq!(before & hand.untold, 0, "an end was told twice");
        let ended = before | hand.untold;
        (hand.untold, hand.seen) = (0, ended);
        if ended == self.all() {
            self.words.end();
        }
        ended
    }

    /// Tells what is untold, if anything is.
    #[inline]
    pub(super) fn tell_rest(&self, hand: &mut Hand) {
        if hand.untold != 0 {
            self.tell(hand);
        }
    }

    /// Lays tasks of a hand on the table.
    #[inline]
    pub(super) fn lay(&self, hand: &mut Hand, given: u64) {
        self.tell_rest(hand);
        hand.ready ^= given;
        self.table().fetch_or(given, SeqCst);
    }
}

/// The upper half of the tasks in a set; of one task, that one.
fn half(set: u64) -> u64 {
    let mut rest = set;
    for _ in 0..set.count_ones() / 2 {
        rest &= rest - 1;
    }
    rest
}

impl<W: Words> Order for Bits<W> {
    type Hand = Hand;

    const EMPTY: Hand = Hand { ready: 0, untold: 0, seen: 0 };

    fn first(&self) -> Hand {
        let roots = self.plan.tasks.iter().enumerate().filter(|(_, task)| task.waits == 0);
        Hand { ready: roots.fold(0, |set, (i, _)| set | 1 << i), ..Hand::default() }
    }

    #[inline]
    fn pop(&self, hand: &mut Hand) -> Option<u32> {
        if hand.ready == 0 {
            self.tell_rest(hand);
            return None;
        }
        let task = hand.ready.trailing_zeros();
        hand.ready &= hand.ready - 1;
        Some(task)
    }

    #[inline]
    fn share(&self, hand: &mut Hand) -> bool {
        let rest = hand.ready & hand.ready.wrapping_sub(1);
        if rest == 0 || self.table().load(Relaxed) != 0 {
            return false;
        }
        self.lay(hand, half(hand.ready));
        true
    }

    fn lay_down(&self, hand: &mut Hand) -> bool {
        let given = hand.ready;
        if given != 0 {
            self.lay(hand, given);
        } else {
            self.tell_rest(hand);
        }
        given != 0
    }

    fn take(&self, hand: &mut Hand) -> bool {
        self.words().take(hand)
    }

    #[inline]
    fn waits(&self) -> bool {
        self.words.waits()
    }

    #[inline]
    fn is_lost(&self, task: u32) -> bool {
        // Whoever set the bit did so before the exchange that made the task ready.
        self.words.lost().load(Relaxed) >> task & 1 != 0
    }

    #[inline]
    fn ended(&self, task: u32, fate: Fate, hand: &mut Hand) {
        if fate != Fate::Finished {
            self.failed(task, fate);
        }
        hand.untold |= 1 << task;
        let successors = self.plan.successors(task);
        let needs = |waiting: u32| self.plan.tasks[waiting as usize].needs;
        let known = hand.untold | hand.seen;
        let mut matters = false;
        for &waiting in successors {
            if known & needs(waiting) == needs(waiting) {
                hand.ready |= 1 << waiting;
            } else {
                matters |= hand.ready & needs(waiting) == 0;
            }
        }
        if matters {
            let ended = self.tell(hand);
            for &waiting in successors {
                if ended & needs(waiting) == needs(waiting) {
                    hand.ready |= 1 << waiting;
                }
            }
        }
    }

    #[inline]
    fn is_over(&self) -> bool {
        self.words.are_over(self.all())
    }

    #[inline]
    fn is_whole(&self) -> bool {
        self.words.lost().load(Relaxed) | self.words.halted().load(Relaxed) == 0
    }

    fn fates(&self) -> impl Iterator<Item = (&'static Task, Fate)> {
        let (lost, halted) = (self.words.lost().load(Relaxed), self.words.halted().load(Relaxed));
        self.plan.tasks.iter().enumerate().map(move |(i, task)| {
            let fate = if lost >> i & 1 != 0 {
                Fate::Lost
            } else if halted >> i & 1 != 0 {
                Fate::Halted
            } else {
                Fate::Finished
            };
            (task, fate)
        })
    }
}
