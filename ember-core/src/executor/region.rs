//! A region: tasks with an order among them.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use super::gauge::Way;
#[cfg(target_has_atomic = "64")]
use super::order::{Bits, Ranked};
use super::order::{Counters, Fate, Order, State};
use super::plan::Plan;
#[cfg(target_has_atomic = "64")]
use super::quick;
use super::{crew, gauge, idle, pool};
use crate::context::Context;
use crate::run::{Halted, Level};
use crate::sync::{Bed, Nanos};

/// What a task says when it returns: whether the tasks that wait for it may go on.
pub(super) type Outcome = Result<(), Halted>;

/// Tells which node of a task runs, for the case that it panics.
type At = Cell<u32>;

/// How often calls for help may nest on the stack of a thread of the pool.
const DEPTH: u32 = 64;
/// How often a worker without tasks looks for some before it looks at the clock.
pub(super) const LOOKS: u32 = 32;

/// Runs the tasks of a region.
///
/// `states` has one entry per task where there are more than 64; `path` tells the items around, for the names in
/// errors.
///
/// # Errors
///
/// If some tasks did not finish. The failures are with the run by then.
pub fn region(
    level: &Level<'_>,
    path: &[usize],
    plan: &'static Plan,
    states: &[State],
    task: &(dyn Fn(usize, &At) -> Outcome + Sync),
) -> Outcome {
    level.core.close();
    let part = Part { level, path, plan, task };
    let open = level.core.way == Way::Parallel || plan.gauge.is_coarse(plan.tasks.len());
    if plan.tasks.len() > Plan::FEW {
        return part.run(Counters::new(plan, open, states), Team::with_crew);
    }
    #[cfg(target_has_atomic = "64")]
    return if open {
        part.run(Ranked::new(plan), Team::with_crew)
    } else if quick::is_apt(part) {
        quick::run(part)
    } else {
        part.run(Bits::new(plan), Team::with_crew)
    };
    #[cfg(not(target_has_atomic = "64"))]
    part.run(
        Counters::new(plan, open, &[const { State::NEW }; Plan::FEW][..plan.tasks.len()]),
        Team::with_crew,
    )
}

/// Calls for help ahead of a region that is to come soon in a run of this level, if threads would have to be woken and it is
/// worth it. To wake one takes about as long as a short node.
pub(crate) fn ahead(level: &Level<'_>) {
    let core = level.core;
    if !core.is_undisturbed() {
        return;
    }
    if (core.way == Way::Parallel || core.info.gauge.is_worth_waking()) && !pool::is_inside() {
        crew::call_ahead(core.context);
    }
}

/// A region of a run.
#[derive(Clone, Copy)]
pub(super) struct Part<'r> {
    pub(super) level: &'r Level<'r>,
    pub(super) path: &'r [usize],
    pub(super) plan: &'static Plan,
    pub(super) task: &'r (dyn Fn(usize, &At) -> Outcome + Sync),
}

impl<'r> Part<'r> {
    pub(super) fn team<O>(self, order: O) -> Team<'r, O> {
        Team { part: self, order, busy: Nanos::new(), here: AtomicU32::new(0), coming: AtomicU32::new(0) }
    }

    pub(super) fn run<O: Order>(self, order: O, beside: impl FnOnce(&Team<'r, O>, O::Hand)) -> Outcome {
        let way = self.level.core.way;
        let team = self.team(order);
        team.run(way, beside);
        team.finish()
    }

    fn execute(&self, task: u32) -> Fate {
        let _frame = self.level.core.frame();
        self.execute_unobserved(task)
    }

    /// The same where nobody listens.
    #[inline]
    pub(super) fn execute_unobserved(&self, task: u32) -> Fate {
        let at = Cell::new(self.plan.tasks[task as usize].node);
        match catch_unwind(AssertUnwindSafe(|| (self.task)(task as usize, &at))) {
            Ok(Ok(())) => Fate::Finished,
            Ok(Err(Halted)) => Fate::Halted,
            Err(payload) => {
                let core = self.level.core;
                core.count_around(at.get(), true);
                core.panicked(self.level, at.get(), self.path, payload);
                Fate::Halted
            }
        }
    }
}

/// How a worker gets others to work beside it.
trait Others<O: Order> {
    /// Called when there are tasks for others. It may take the hand and run it.
    fn call(&self, hand: &mut O::Hand);
    /// Called when there are no more.
    fn over(&self);
    /// Called when there are none for this worker: it may do what else there is of the run, and tell so.
    fn assist(&self) -> bool;
    /// Whether the worker leaves after one task.
    fn is_brief(&self) -> bool {
        false
    }
}

/// Others are helpers, and the owner, who sleeps in a bed if there can be any.
pub(super) struct Crew<'b> {
    pub(super) context: &'b Context,
    pub(super) run: usize,
    pub(super) owner: Option<&'b Bed>,
    /// Whether this is the owner, who may look after other parts of the run. While a helper did, its part could not end.
    pub(super) owns: bool,
    pub(super) brief: bool,
}

impl Crew<'_> {
    /// The owner is awake if it is the one who asks, and does not look: that would take the line away from a helper who is
    /// about to leave.
    fn wake_owner(&self) {
        if let Some(owner) = self.owner.filter(|_| !self.owns) {
            owner.wake();
        }
    }
}

impl<O: Order> Others<O> for Crew<'_> {
    #[inline]
    fn call(&self, _: &mut O::Hand) {
        if self.owner.is_some() {
            self.wake_owner();
            crew::news(self.run);
            crew::call(self.context);
        }
    }

    fn over(&self) {
        self.wake_owner();
    }

    fn assist(&self) -> bool {
        self.owns && crew::assist(self.run)
    }

    fn is_brief(&self) -> bool {
        self.brief
    }
}

/// Others are threads of the pool. They are called from stacks so deep.
struct Pool<'t, 'r, O> {
    team: &'t Team<'r, O>,
    depth: u32,
}

impl<O: Order> Others<O> for Pool<'_, '_, O> {
    fn call(&self, hand: &mut O::Hand) {
        let Team { here, coming, .. } = self.team;
        let wanted = (here.load(Relaxed) as usize) < pool::width();
        if wanted && self.depth < DEPTH && coming.load(Relaxed) == 0 {
            here.fetch_sub(1, Relaxed);
            self.team.with_pool(std::mem::replace(hand, O::EMPTY), self.depth + 1);
            here.fetch_add(1, Relaxed);
        }
    }

    fn over(&self) {}

    fn assist(&self) -> bool {
        false
    }
}

/// Those who run a region together: its *owner*, the thread that came to it, and workers that it called.
pub(super) struct Team<'r, O> {
    part: Part<'r>,
    pub(super) order: O,
    /// Nanoseconds in tasks, if this run is measured.
    busy: Nanos,
    /// If the owner is a thread of the pool: workers that look for tasks or run one, and calls that nobody has answered.
    here: AtomicU32,
    coming: AtomicU32,
}

impl<O: Order> Team<'_, O> {
    fn run(&self, way: Way, beside: impl FnOnce(&Self, O::Hand)) {
        let Part { plan, level, .. } = self.part;
        let patience = plan.gauge.patience(way, level.core.context.parallel_from());
        let measured = level.core.measured();
        let start = (measured || !patience.is_zero()).then(Instant::now);
        let mut hand = self.order.first();
        let alone = start.is_some_and(|start| self.alone(&mut hand, start, patience));
        if !alone {
            level.core.info.gauge.has_called();
        }
        if !alone && pool::is_inside() {
            self.with_pool(hand, 0);
        } else if !alone {
            beside(self, hand);
        }
        let Some(start) = start else { return };
        let took = start.elapsed();
        if alone || !measured {
            // Of a run that began alone, it is what it cost at least.
            plan.gauge.took(took);
        } else {
            level.core.info.gauge.has_measured(plan);
            let busy = Duration::from_nanos(self.busy.get());
            plan.gauge.took(busy);
            level.core.saved(busy, took);
        }
    }

    /// Runs tasks in order until there are none, or the patience ends. Tells whether there are none.
    fn alone(&self, hand: &mut O::Hand, start: Instant, patience: Duration) -> bool {
        if patience.is_zero() {
            return false;
        }
        while let Some(task) = self.order.pop(hand) {
            self.work_on(task, hand);
            if start.elapsed() > patience {
                break;
            }
        }
        self.order.is_over()
    }

    /// Runs the tasks here, and threads of the pool help.
    pub(super) fn with_crew(&self, mut hand: O::Hand) {
        let core = self.part.level.core;
        let help = |run, owner: &Bed, patience| {
            let crew =
                Crew { context: core.context, run, owner: Some(owner), owns: false, brief: idle::is_brief() };
            core.context.help(|| self.work(&mut { O::EMPTY }, patience, &crew))
        };
        crew::offer(core.context, ptr::from_ref(core).addr(), &help, |run, owner| {
            self.own(&mut hand, &Crew { context: core.context, run, owner, owns: true, brief: false });
        });
    }

    /// What the owner does until the region is over.
    pub(super) fn own(&self, hand: &mut O::Hand, crew: &Crew<'_>) {
        loop {
            let news = crew::epoch();
            self.work(hand, crew::LINGER, crew);
            if self.order.is_over() {
                return;
            }
            // A task may have come to a part of its own.
            let come = || self.order.waits() || self.order.is_over() || crew::epoch() != news;
            if let Some(owner) = crew.owner {
                owner.sleep_until(come);
            }
        }
    }

    /// Runs the tasks here, on a thread of the pool, and others of the pool beside.
    ///
    /// A worker that finds no task for a while goes back to the pool, which has other work for it or lets it sleep.
    fn with_pool(&self, mut hand: O::Hand, depth: u32) {
        let context = self.part.level.core.context;
        self.coming.store(1, Relaxed);
        pool::both(context, &mut || self.in_pool(&mut hand, depth), &mut |may| {
            self.coming.store(0, Relaxed);
            if may {
                self.in_pool(&mut { O::EMPTY }, depth);
            }
        });
    }

    fn in_pool(&self, hand: &mut O::Hand, depth: u32) {
        self.here.fetch_add(1, Relaxed);
        self.work(hand, crew::LINGER, &Pool { team: self, depth });
        self.here.fetch_sub(1, Relaxed);
    }

    /// Works for as long as there are tasks and the patience lasts. Tells whether there were any.
    ///
    fn work(&self, hand: &mut O::Hand, patience: Duration, others: &impl Others<O>) -> bool {
        let mut worked = false;
        let mut looks = 0;
        let mut since = None;
        loop {
            loop {
                if self.order.share(hand) {
                    others.call(hand);
                }
                let Some(task) = self.order.pop(hand) else { break };
                self.work_on(task, hand);
                if others.is_brief() {
                    self.leave(hand, others);
                    return true;
                }
                worked = true;
            }
            if self.order.take(hand) {
                (looks, since) = (0, None);
                if self.order.waits() {
                    others.call(hand);
                }
                continue;
            }
            if self.order.is_over() {
                others.over();
                return worked;
            }
            std::hint::spin_loop();
            looks += 1;
            if looks % LOOKS == 0 && others.assist() {
                (worked, since) = (true, None);
            } else if looks % LOOKS == 0 || patience.is_zero() {
                let now = Instant::now();
                if now.duration_since(*since.get_or_insert(now)) >= patience {
                    return worked;
                }
            }
        }
    }

    /// Leaves what is in the hand to others.
    fn leave(&self, hand: &mut O::Hand, others: &impl Others<O>) {
        if self.order.lay_down(hand) {
            others.call(hand);
        } else if self.order.is_over() {
            others.over();
        }
    }

    #[inline]
    fn work_on(&self, task: u32, hand: &mut O::Hand) {
        let fate = if self.order.is_lost(task) {
            Fate::Lost
        } else if self.part.level.core.measured() {
            let start = Instant::now();
            let fate = self.part.execute(task);
            let took = start.elapsed();
            self.part.plan.costs[task as usize].0.took(took);
            self.busy.add(gauge::nanos(took));
            fate
        } else {
            self.part.execute(task)
        };
        self.order.ended(task, fate, hand);
    }

    /// Counts what ran and what did not, if not all did.
    pub(super) fn finish(&self) -> Outcome {
        let core = self.part.level.core;
        if self.order.is_whole() {
            core.count(self.part.plan.operators as usize, 0);
            return Ok(());
        }
        let (mut finished, mut not_started) = self.part.plan.around;
        for (task, fate) in self.order.fates() {
            match fate {
                Fate::Finished => finished += task.operators,
                Fate::Halted => {}
                Fate::Lost => not_started += task.operators,
            }
        }
        core.count(finished as usize, not_started as usize);
        Err(Halted)
    }
}
