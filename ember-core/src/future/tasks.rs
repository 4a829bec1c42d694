//! The tasks of a region whose nodes wait.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::group::Group;
use super::order::{Order, Outcome, Region, Sixty4, Stage, Tally};
use super::pass::Pass;
use super::sweep::Sweep;
use crate::executor::Plan;
use crate::observe::Carried;
use crate::raw::wakes::Wakers;
use crate::run::{Halted, Level};
use crate::seldom::Seldom;

/// Of up to so many tasks that wait, all are polled when one is woken.
const FEW: usize = 16;

/// And only where all that they are takes no more bytes than this. It bounds how many futures are polled though nobody woke
/// them: those of nested graphs are among them. Those with a frame on the heap know themselves whether they were woken.
const SMALL: usize = 4096;

/// Runs the tasks of a region, of which there are `N`, in one word and `W` more. `C` is also their number if some wait for others, and
/// zero if none does.
///
/// `path` tells the items around, for the names in errors.
#[inline]
pub fn tasks<'r, const N: usize, const W: usize, const C: usize, G: Group>(
    level: &'r Level<'r>,
    path: &'r [usize],
    plan: &'static Plan,
    group: G,
) -> Tasks<'r, N, Words<[Sixty4; W]>, [u32; C], G> {
    let region = Region { level, path, plan, stage: Stage::New, version: 0 };
    let tasks = |n: usize| Sixty4::of(N.saturating_sub(64 * n).clamp(1, 64));
    let words = Words { first: tasks(0), more: std::array::from_fn(|n| tasks(n + 1)) };
    Tasks { region, carried: Seldom::none(), wakers: Seldom::none(), words, waits: [0; C], group }
}

/// Notes that a task's node is at hand, which a sweep does not.
#[inline]
fn note_at_hand<G: Group>(region: &Region<'_>, task: usize) {
    if let Some(node) = G::node(task) {
        region.core().waiting.at(node);
    }
}

/// How far the tasks are: the first 64, and the others.
pub struct Words<M> {
    first: Sixty4,
    more: M,
}

/// The tasks of a region.
#[must_use = "futures do nothing unless they are awaited"]
pub struct Tasks<'r, const N: usize, S, T, G> {
    region: Region<'r>,
    /// The tasks of one node each that wait, if somebody observes the run. They end before what they wait for is dropped.
    carried: Seldom<Box<[Option<Carried>]>>,
    /// None while each wake-up is one of all tasks: at first, and for as long as they are few.
    wakers: Seldom<Wakers>,
    words: S,
    waits: T,
    group: G,
}

impl<const N: usize, const W: usize, const C: usize, G: Group + Unpin>
    Tasks<'_, N, Words<[Sixty4; W]>, [u32; C], G>
{
    /// Whether they may get wakers of their own: they are too many, or take too much room, to be polled all when one is woken.
    const MANY: bool = N > FEW || G::SIZE > SMALL;

    /// Whether there is nothing to ask of each but whether it has ended, and all that have not are to be polled.
    #[inline]
    fn can_be_swept(&self) -> bool {
        let Self { region, .. } = self;
        let is_plain = C == 0 && region.is_quiet() && !region.is_in_order();
        // If they are many they get wakers of their own when they have been polled twice.
        is_plain && (!Self::MANY || matches!(region.stage, Stage::New | Stage::UnderWay))
    }

    /// Polls all that have not ended. Nothing if that is not all there is to do: where something has come up.
    #[inline]
    fn sweep(&mut self, cx: &mut Context<'_>) -> Option<Poll<Outcome>> {
        match (self.region.stage == Stage::New, N <= FEW) {
            (true, true) => self.sweep_as::<true, true>(cx),
            (true, false) => self.sweep_as::<true, false>(cx),
            (false, true) => self.sweep_as::<false, true>(cx),
            (false, false) => self.sweep_as::<false, false>(cx),
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sweep_as<const BEGIN: bool, const FEW: bool>(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Option<Poll<Outcome>> {
        let Self { region, words: Words { first, more }, waits, group, .. } = self;
        let mut sweep = Sweep::<BEGIN, FEW>::new(region.level, first, more);
        let mut group = Pin::new(group);
        let swept = catch_unwind(AssertUnwindSafe(|| group.as_mut().sweep(&mut sweep, cx)));
        if let Ok(true) = swept {
            let any_waits = sweep.end();
            if any_waits {
                region.stage = if BEGIN { Stage::UnderWay } else { Stage::Again };
                return (region.core().version() == region.version).then_some(Poll::Pending);
            }
            // What is dropped next is dropped behind the last of them.
            note_at_hand::<G>(region, N - 1);
            if BEGIN {
                // Who begins and does not wait has come to its end well.
                region.count_all();
                return Some(Poll::Ready(Ok(())));
            }
            return Some(Poll::Ready(Order { region, word: first, more, waits }.finish()));
        }
        let at = sweep.stop();
        self.stopped(BEGIN, at, swept.err());
        None
    }

    /// Notes what has become of the task at which a sweep has stopped.
    #[cold]
    #[inline(never)]
    fn stopped(&mut self, begins: bool, at: usize, panicked: Option<Box<dyn Any + Send>>) {
        let Self { region, words: Words { first, more }, waits, .. } = self;
        region.stage = if begins { Stage::UnderWay } else { Stage::Again };
        note_at_hand::<G>(region, at);
        let mut order = Order { region, word: first, more, waits };
        match panicked {
            None => order.polled(at, Poll::Ready(Err(Halted))),
            Some(payload) => order.panicked(at, payload),
        }
        order.unsettle();
    }

    /// Polls those that are to be, in a function of its own.
    #[inline(never)]
    fn go_on_apart(&mut self, swept: bool, cx: &mut Context<'_>) -> Poll<Outcome> {
        self.go_on(swept, cx)
    }

    /// Polls those that are to be.
    #[inline]
    fn go_on(&mut self, swept: bool, cx: &mut Context<'_>) -> Poll<Outcome> {
        if Self::MANY { self.go_on_as::<true>(swept, cx) } else { self.go_on_as::<false>(swept, cx) }
    }

    #[inline]
    fn go_on_as<const MANY: bool>(&mut self, swept: bool, cx: &mut Context<'_>) -> Poll<Outcome> {
        let Self { region, carried, wakers, words: Words { first, more }, waits, group } = self;
        let core = region.core();
        let mut order = Order { region, word: first, more, waits };
        if !swept {
            let together = if G::SIZE <= SMALL { FEW } else { 0 };
            order.woken::<MANY>(together, wakers, cx.waker());
        }
        let _frame = core.frame();
        let own = if MANY { wakers.get() } else { None };
        let carried = if core.teller().is_some() {
            &mut **carried.get_or_insert_with(|| std::iter::repeat_with(|| None).take(N).collect())
        } else {
            &mut []
        };
        let mut pass = Pass::new(&mut order, own, carried);
        loop {
            pass.begin();
            let show = || Pin::new(&mut *group).show::<MANY>(0, &mut pass, cx);
            if let Err(payload) = catch_unwind(AssertUnwindSafe(show)) {
                pass.panicked(payload);
            }
            let order = pass.order();
            order.look_up();
            let Tally { ready, running, lingering } = order.tally();
            if ready {
                continue;
            }
            if running {
                core.waiting.settle(false);
                return Poll::Pending;
            }
            if lingering {
                order.count();
                core.waiting.settle(true);
                return Poll::Pending;
            }
            return Poll::Ready(order.finish());
        }
    }
}

impl<const N: usize, const W: usize, const C: usize, G: Group + Unpin> Future
    for Tasks<'_, N, Words<[Sixty4; W]>, [u32; C], G>
{
    type Output = Outcome;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let sweeps = self.can_be_swept();
        if sweeps && let Some(polled) = self.sweep(cx) {
            return polled;
        }
        // Those that can be swept seldom come here, or are many.
        if C == 0 { self.go_on_apart(sweeps, cx) } else { self.go_on(sweeps, cx) }
    }
}
