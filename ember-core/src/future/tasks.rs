//! The tasks of a region whose nodes wait.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::group::Group;
use super::order::{Order, Outcome, Region, Sixty4, Stage};
use crate::executor::Plan;
use crate::raw::wakes::Wakers;
use crate::run::Level;

/// Of up to so many tasks that wait, all are polled when one is woken.
const FEW: usize = 16;

/// And only where all that they are takes no more bytes than this. It bounds how many futures, those of nested graphs among
/// them, are polled though nobody woke them.
const SMALL: usize = 4096;

/// Runs the tasks of a region, of which there are `N`, in one word and `W` more. `C` is also their number if some wait for others, and
/// zero if none does.
///
/// `path` tells the items around, for the names in errors; `around` how many operators stand before and after the region
/// in the code around, for counts.
#[inline]
pub fn tasks<'r, const N: usize, const W: usize, const C: usize, G: Group>(
    level: &'r Level<'r>,
    path: &'r [usize],
    plan: &'static Plan,
    around: (u32, u32),
    group: G,
) -> Tasks<'r, Words<[Sixty4; W]>, [u32; C], G> {
    let core = level.core;
    let (sequential, untold) = (core.context.is_in_order(), core.teller.is_none());
    let is_linked = sequential || C > 0;
    let together = if G::SIZE <= SMALL { FEW } else { 0 };
    let region = Region {
        core,
        level,
        path,
        plan,
        around,
        sequential,
        is_linked,
        together,
        is_few: N <= together,
        quiet: untold && !core.is_held,
        unlinked: untold && !is_linked,
        stage: Stage::New,
        version: 0,
    };
    let tasks = |n: usize| Sixty4::of(N.saturating_sub(64 * n).clamp(1, 64));
    let words = Words { first: tasks(0), more: std::array::from_fn(|n| tasks(n + 1)) };
    Tasks { region, wakers: None, words, waits: [0; C], group }
}

/// How far the tasks are: the first 64, and the others.
pub struct Words<M> {
    first: Sixty4,
    more: M,
}

/// The tasks of a region.
#[must_use = "futures do nothing unless they are awaited"]
pub struct Tasks<'r, S, T, G> {
    region: Region<'r>,
    /// None while each wake-up is one of all tasks: at first, and for as long as they are few.
    wakers: Option<Wakers>,
    words: S,
    waits: T,
    group: G,
}

impl<const W: usize, const C: usize, G: Group + Unpin> Future for Tasks<'_, Words<[Sixty4; W]>, [u32; C], G> {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let Self { region, wakers, words, waits, group } = &mut *self;
        let Words { first, more } = words;
        let mut order = Order { region, word: first, more, waits };
        order.poll(wakers, cx.waker(), &mut |pass, waker| Pin::new(&mut *group).show(0, pass, waker))
    }
}
