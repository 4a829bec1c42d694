//! The tasks of a region whose nodes wait.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::attend::Waiting;
use super::group::Group;
use crate::executor::Plan;
use crate::raw::wakes::Wakers;
use crate::run::{Halted, Level};

type Outcome = Result<(), Halted>;

/// How far a task is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    state: State,
    /// How many of the tasks that it waits for have not ended.
    waits: u32,
    /// One of these did not come to its end.
    lost: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It has not started.
    Blocked,
    Running,
    /// It waits for nothing but calls that linger.
    Lingering,
    Finished,
    Halted,
    /// It will never start.
    Lost,
}

impl Progress {
    /// Of a task that has not started.
    const NEW: Self = Self { state: State::Blocked, waits: 0, lost: false };
}

/// Runs the tasks of a region, of which there are `N`.
///
/// `path` tells the items around, for the names in errors; `around` how many operators stand before and after the region
/// in the code around, for counts.
#[inline]
pub fn tasks<'r, const N: usize, G: Group>(
    level: &'r Level<'r>,
    path: &'r [usize],
    plan: &'static Plan,
    around: (u32, u32),
    group: G,
) -> Tasks<'r, [Progress; N], G> {
    let order = Order {
        level,
        path,
        plan,
        around,
        left: N,
        running: 0,
        under_way: 0,
        sequential: level.core.context.is_in_order(),
        version: 0,
        ready: Ready::default(),
        wakers: None,
        progress: [Progress::NEW; N],
    };
    Tasks { order, group }
}

pin_project! {
    /// The tasks of a region.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Tasks<'r, P, G> {
        order: Order<'r, P>,
        #[pin]
        group: G,
    }
}

impl<const N: usize, G: Group> Future for Tasks<'_, [Progress; N], G> {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let mut this = self.project();
        let order: &mut Order<'_, [Progress]> = this.order;
        order.poll(cx, &mut |task, cx| this.group.as_mut().poll(task, cx))
    }
}

/// Tasks that can be polled. The first in the source goes first.
#[derive(Default)]
struct Ready {
    few: u64,
    /// Those from the 65th on.
    many: Vec<u64>,
}

impl Ready {
    fn add(&mut self, task: usize) {
        match (task / 64).checked_sub(1) {
            None => self.few |= 1 << task,
            Some(word) => {
                if self.many.len() <= word {
                    self.many.resize(word + 1, 0);
                }
                self.many[word] |= 1 << (task % 64);
            }
        }
    }

    fn pop(&mut self) -> Option<usize> {
        let few = std::iter::once(&mut self.few);
        let (word, bits) = few.chain(&mut self.many).enumerate().find(|(_, bits)| **bits != 0)?;
        let bit = bits.trailing_zeros() as usize;
        *bits &= *bits - 1;
        Some(word * 64 + bit)
    }
}

/// What does not depend on the types of the tasks.
struct Order<'r, P: ?Sized> {
    level: &'r Level<'r>,
    path: &'r [usize],
    plan: &'static Plan,
    around: (u32, u32),
    /// How many tasks have not ended, and how many of these run and do not linger.
    left: usize,
    running: usize,
    /// How many have started and not ended.
    under_way: usize,
    /// One task after the other.
    sequential: bool,
    /// What had come up against going on when all tasks were last asked.
    version: u64,
    ready: Ready,
    wakers: Option<Wakers>,
    /// One entry for each task.
    progress: P,
}

impl<'r> Order<'r, [Progress]> {
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        drive: &mut dyn FnMut(usize, &mut Context<'_>) -> Poll<Outcome>,
    ) -> Poll<Outcome> {
        let mut wakers = match self.wakers.take() {
            Some(wakers) => wakers,
            None => self.start(),
        };
        wakers.register(cx.waker());
        wakers.take(|task| self.ready.add(task));
        self.look_up();
        while let Some(task) = self.ready.pop() {
            if !self.may_be_polled(task) {
                continue;
            }
            self.waiting().settle(false);
            let polled = catch_unwind(AssertUnwindSafe(|| {
                wakers.with(task, |waker| drive(task, &mut Context::from_waker(waker)))
            }));
            match polled {
                Ok(Poll::Pending) => {
                    let settled = self.waiting().settled();
                    self.set(task, if settled { State::Lingering } else { State::Running });
                }
                Ok(Poll::Ready(Ok(()))) => self.ended(task, State::Finished),
                Ok(Poll::Ready(Err(Halted))) => self.ended(task, State::Halted),
                Err(payload) => {
                    let (core, node) = (self.level.core, self.waiting().node());
                    core.count_around(node, true);
                    core.panicked(self.level, node, self.path, payload);
                    self.ended(task, State::Halted);
                }
            }
            self.look_up();
        }
        if self.left == 0 {
            return Poll::Ready(self.finish());
        }
        self.waiting().settle(self.running == 0);
        self.wakers = Some(wakers);
        Poll::Pending
    }

    #[inline(always)]
    fn waiting(&self) -> &'r Waiting {
        self.level.core.waiting.expect("nodes that wait are those of `async` graphs")
    }

    fn start(&mut self) -> Wakers {
        for (task, row) in self.plan.tasks.iter().enumerate() {
            self.progress[task].waits = row.waits;
            if row.waits == 0 {
                self.ready.add(task);
            }
        }
        Wakers::new(self.left)
    }

    /// Asks all tasks that run if something has come up that may keep them from going on.
    #[inline]
    fn look_up(&mut self) {
        let version = self.level.core.version();
        if version != self.version {
            self.ask_all(version);
        }
    }

    #[cold]
    fn ask_all(&mut self, version: u64) {
        self.version = version;
        for task in 0..self.progress.len() {
            if matches!(self.progress[task].state, State::Running | State::Lingering) {
                self.ready.add(task);
            }
        }
    }

    /// Whether a task is to be polled: not if it has ended, which a late waker does not know, nor if it is lost.
    fn may_be_polled(&mut self, task: usize) -> bool {
        let Progress { state, waits, lost } = self.progress[task];
        match state {
            State::Blocked if waits > 0 || self.sequential && self.under_way > 0 => false,
            State::Blocked if lost => {
                self.ended(task, State::Lost);
                false
            }
            State::Blocked | State::Running | State::Lingering => true,
            State::Finished | State::Halted | State::Lost => false,
        }
    }

    fn set(&mut self, task: usize, state: State) {
        let is_under_way = |state| matches!(state, State::Running | State::Lingering);
        let old = std::mem::replace(&mut self.progress[task].state, state);
        self.under_way = self.under_way + usize::from(is_under_way(state)) - usize::from(is_under_way(old));
        self.running -= usize::from(old == State::Running);
        self.running += usize::from(state == State::Running);
    }

    fn ended(&mut self, task: usize, state: State) {
        self.set(task, state);
        self.left -= 1;
        for &next in self.plan.successors(u32::try_from(task).unwrap_or(u32::MAX)) {
            let next = next as usize;
            let progress = &mut self.progress[next];
            progress.waits -= 1;
            progress.lost |= state != State::Finished;
            if progress.waits == 0 {
                self.ready.add(next);
            }
        }
        if self.sequential {
            // Those that could not start beside it.
            let ready = |progress: &Progress| progress.state == State::Blocked && progress.waits == 0;
            (0..self.progress.len())
                .filter(|&task| ready(&self.progress[task]))
                .for_each(|task| self.ready.add(task));
        }
    }

    /// Counts what ran and what did not, if not all did.
    fn finish(&self) -> Outcome {
        let core = self.level.core;
        if self.progress.iter().all(|progress| progress.state == State::Finished) {
            core.count(self.plan.operators as usize, 0);
            return Ok(());
        }
        let (mut finished, mut not_started) = self.around;
        for (progress, task) in self.progress.iter().zip(self.plan.tasks) {
            match progress.state {
                State::Finished => finished += task.operators,
                State::Lost => not_started += task.operators,
                _ => {}
            }
        }
        core.count(finished as usize, not_started as usize);
        Err(Halted)
    }
}
