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

/// Runs the tasks of a region, of which there are `N`, in `W` words.
///
/// `path` tells the items around, for the names in errors; `around` how many operators stand before and after the region
/// in the code around, for counts.
///
/// # Panics
///
/// In a run that is not one of an `async` graph.
#[inline]
pub fn tasks<'r, const N: usize, const W: usize, G: Group>(
    level: &'r Level<'r>,
    path: &'r [usize],
    plan: &'static Plan,
    around: (u32, u32),
    group: G,
) -> Tasks<'r, [Sixty4; W], [u32; N], G> {
    let sequential = level.core.context.is_in_order();
    let region = Region {
        level,
        waiting: level.core.waiting.expect("nodes that wait are those of `async` graphs"),
        path,
        plan,
        around,
        sequential,
        is_linked: sequential || !plan.next.is_empty(),
        together: if G::SIZE <= SMALL { FEW } else { 0 },
        stage: Stage::New,
        version: 0,
    };
    let word = |n| Sixty4::of(N.saturating_sub(64 * n).clamp(1, 64));
    Tasks { region, wakers: None, words: std::array::from_fn(word), waits: [0; N], group }
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

impl<const N: usize, const W: usize, G: Group + Unpin> Future for Tasks<'_, [Sixty4; W], [u32; N], G> {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let Self { region, wakers, words, waits, group } = &mut *self;
        let order = Order { region, words, waits };
        order.poll(wakers, cx.waker(), &mut |pass| Pin::new(&mut *group).show(0, pass))
    }
}
