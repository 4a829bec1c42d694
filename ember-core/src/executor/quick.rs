//! Quick regions: helpers take tasks from the board, and nobody comes or goes.
//!
//! To let helpers into a region, and to wait until they have left, takes as long as a short node. So where a helper is awake, and a
//! run asks nothing of it but to run tasks, the region lies open on the board ([`raw::board::quick`](crate::raw::board::quick)).
//! Helpers that have run some stay at its entry for a while: there the next run of their caller will be.

use std::ptr;
use std::time::{Duration, Instant};

use super::gauge::Way;
use super::order::{Bits, Order};
use super::region::{Crew, LOOKS, Outcome, Part, Team};
use super::{crew, idle};
use crate::raw::board::quick::{Claim, Guest, Stage};

/// How many times in a row a helper takes tasks before it looks for others that may want it more.
const TURNS: u32 = 32;
/// And after how many it looks at the clock.
const LOOKS_AT_CLOCK: u32 = 4;

/// Whether a region may be run so: one of the graph's own body that is worth it, in no task of another, and in a run that is not
/// observed, nor measured task by task.
#[inline]
pub(super) fn is_apt(part: Part<'_>) -> bool {
    let core = part.level.core;
    core.way == Way::Quick
        && part.plan.gauge.is_worth_sharing(core.context.parallel_from())
        && part.path.is_empty()
        && !crew::is_at_work()
        && !core.measured()
        && core.teller().is_none()
}

/// Runs the tasks of a region here, and helpers take some.
pub(super) fn run(part: Part<'_>) -> Outcome {
    let Part { level, plan, task, .. } = part;
    let run = ptr::from_ref(level.core).addr();
    let helpers = crew::here();
    level.core.info.gauge.has_called();
    helpers.board().perform(run, Stage { plan, level, task }, |quick| {
        let Some(quick) = quick else { return part.run(Bits::new(plan), Team::with_crew) };
        let order = Bits::of(plan, quick.words());
        // As soon as can be: what else is to be done is done while helpers come.
        let mut hand = order.first();
        let are_laid = order.share(&mut hand);
        if are_laid {
            helpers.tell(run);
            helpers.call();
        }
        let owner = Some(quick.owner());
        let crew = Crew { context: level.core.context, run, owner, owns: true, brief: false };
        let team = part.team(order);
        crew::at_work(run, || team.own(&mut hand, &crew));
        if !team.order.is_whole() {
            return team.finish();
        }
        level.core.count_alone(plan.operators as usize);
        Ok(())
    })
}

/// What a helper does with the tasks that it finds at an entry: of one run alone, if it is told which, and up to a moment. Tells whether
/// there were any.
pub(super) fn help(
    guest: &Guest<'_>,
    only: Option<usize>,
    patience: Duration,
    until: Option<Instant>,
) -> bool {
    let Some(mut claim) = guest.claim() else { return false };
    let visit = Visit { guest, only, patience, until, brief: idle::is_brief() };
    let (mut worked, mut turns) = (false, TURNS);
    while only.is_none_or(|only| only == run_of(&claim)) {
        worked = true;
        let next = match claim.stage().level.core.context.unless_current() {
            None => visit.work(claim, &mut turns),
            Some(context) => context.help(|| visit.work(claim, &mut turns)),
        };
        match next {
            Some(next) => claim = next,
            None => return true,
        }
    }
    drop(claim);
    crew::here().call();
    worked
}

/// Which run tasks are of.
fn run_of(claim: &Claim<'_>) -> usize {
    ptr::from_ref(claim.stage().level.core).addr()
}

struct Visit<'v> {
    guest: &'v Guest<'v>,
    only: Option<usize>,
    patience: Duration,
    until: Option<Instant>,
    brief: bool,
}

impl<'v> Visit<'v> {
    /// Runs tasks, and those that are found behind them, in the context that is entered. Gives tasks that are of another, or not to be run
    /// here.
    fn work(&self, mut claim: Claim<'v>, turns: &mut u32) -> Option<Claim<'v>> {
        loop {
            let run = run_of(&claim);
            let execute = |Stage { plan, level, task }: Stage<'_>, at| {
                Part { level, path: &[], plan, task }.execute_unobserved(at)
            };
            let laid = || {
                self.guest.owner().wake();
                crew::news(run);
                crew::here().call();
            };
            crew::lend(run, || claim.run(self.brief, execute, laid));
            // It may sleep until all have ended.
            self.guest.owner().wake();
            *turns -= 1;
            let looks_at_clock = turns.is_multiple_of(LOOKS_AT_CLOCK);
            if self.brief || *turns == 0 || looks_at_clock && self.is_late(Instant::now()) {
                return None;
            }
            claim = self.wait()?;
            let is_other = self.only.is_some_and(|only| only != run_of(&claim));
            if is_other || claim.stage().level.core.context.unless_current().is_some() {
                return Some(claim);
            }
        }
    }

    /// Waits for tasks, for as long as the patience lasts.
    fn wait(&self) -> Option<Claim<'v>> {
        let (mut looks, mut since) = (0_u32, None);
        loop {
            if let Some(claim) = self.guest.claim() {
                return Some(claim);
            }
            if self.guest.is_called() {
                return None;
            }
            std::hint::spin_loop();
            looks += 1;
            if looks % LOOKS == 0 || self.patience.is_zero() {
                let now = Instant::now();
                if now.duration_since(*since.get_or_insert(now)) >= self.patience || self.is_late(now) {
                    return None;
                }
            }
        }
    }

    fn is_late(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now >= until)
    }
}
