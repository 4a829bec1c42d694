//! The tasks of a region as one value, so that the frame around holds one future and not hundreds: the time that the
//! compiler takes for a frame grows with the square of what it holds.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::pass::Pass;
use super::sweep::Sweep;
use crate::observe::Carried;
use crate::run::{Halted, Level, Signs};

type Outcome = Result<(), Halted>;

/// A task of a region.
pub trait Task {
    /// Whether it stands for none.
    const IS_NOBODY: bool;
    /// The number of its node, if it has but one and does not note itself that this is at hand.
    const NODE: Option<u32> = None;

    /// Goes on with it. The level is that of its region. `carried` is where it is while it waits, if somebody observes the run.
    fn poll(
        self: Pin<&mut Self>,
        level: &Level<'_>,
        carried: Option<&mut Option<Carried>>,
        cx: &mut Context<'_>,
    ) -> Poll<Outcome>;

    /// The same, the first time, where nobody observes the run.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn begin(self: Pin<&mut Self>, level: &Level<'_>, _: Signs<'_>, cx: &mut Context<'_>) -> Poll<Outcome> {
        self.poll(level, None, cx)
    }

    /// The same, later.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn go_on(self: Pin<&mut Self>, level: &Level<'_>, _: Signs<'_>, cx: &mut Context<'_>) -> Poll<Outcome> {
        self.poll(level, None, cx)
    }
}

/// A block that does what the task is.
impl<F: Future<Output = Outcome>> Task for F {
    const IS_NOBODY: bool = false;

    /// What waits in it is carried there.
    #[inline(always)]
    fn poll(
        self: Pin<&mut Self>,
        _: &Level<'_>,
        _: Option<&mut Option<Carried>>,
        cx: &mut Context<'_>,
    ) -> Poll<Outcome> {
        Future::poll(self, cx)
    }
}

/// Tasks, one after the other.
pub trait Group {
    /// How many there may be.
    const COUNT: usize;
    /// How many bytes they take.
    const SIZE: usize;

    /// The [`Task::NODE`] of one of them, by its number; that of the first is zero.
    fn node(task: usize) -> Option<u32>;

    /// Begins each of them, or goes on with each that has not ended, as far as nothing comes up. Says whether nothing has. Of a
    /// `FEW` that is done where it is asked for.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sweep<const BEGIN: bool, const FEW: bool>(
        self: Pin<&mut Self>,
        to: &mut Sweep<'_, '_, BEGIN, FEW>,
        caller: &mut Context<'_>,
    ) -> bool {
        if FEW {
            self.sweep_here::<BEGIN, FEW>(to, caller)
        } else {
            self.sweep_apart::<BEGIN, FEW>(to, caller)
        }
    }

    /// The same, in a function of its own.
    fn sweep_apart<const BEGIN: bool, const FEW: bool>(
        self: Pin<&mut Self>,
        to: &mut Sweep<'_, '_, BEGIN, FEW>,
        caller: &mut Context<'_>,
    ) -> bool {
        self.sweep_here::<BEGIN, FEW>(to, caller)
    }

    /// The same, in the function at hand.
    fn sweep_here<const BEGIN: bool, const FEW: bool>(
        self: Pin<&mut Self>,
        to: &mut Sweep<'_, '_, BEGIN, FEW>,
        caller: &mut Context<'_>,
    ) -> bool;

    /// Shows each of them, by its number; that of the first is `first`. If they are `MANY`, they may have wakers of their own.
    fn show<const MANY: bool>(
        self: Pin<&mut Self>,
        first: usize,
        to: &mut Pass<'_, '_>,
        caller: &mut Context<'_>,
    );
}

pin_project! {
    /// Up to eight tasks.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Eight<A, B, C, D, E, F, G, H> {
        #[pin] a: A,
        #[pin] b: B,
        #[pin] c: C,
        #[pin] d: D,
        #[pin] e: E,
        #[pin] f: F,
        #[pin] g: G,
        #[pin] h: H,
    }
}

/// Puts up to eight tasks together; what is left of the places holds [`Nobody`].
#[expect(clippy::many_single_char_names, clippy::too_many_arguments, reason = "they are numbers")]
#[inline]
pub const fn eight<A, B, C, D, E, F, G, H>(
    a: A,
    b: B,
    c: C,
    d: D,
    e: E,
    f: F,
    g: G,
    h: H,
) -> Eight<A, B, C, D, E, F, G, H> {
    Eight { a, b, c, d, e, f, g, h }
}

impl<A, B, C, D, E, F, G, H> Group for Eight<A, B, C, D, E, F, G, H>
where
    A: Task,
    B: Task,
    C: Task,
    D: Task,
    E: Task,
    F: Task,
    G: Task,
    H: Task,
{
    const COUNT: usize = 8;
    const SIZE: usize = size_of::<Self>();

    #[inline]
    fn node(task: usize) -> Option<u32> {
        let nodes = [A::NODE, B::NODE, C::NODE, D::NODE, E::NODE, F::NODE, G::NODE, H::NODE];
        nodes.get(task).copied().flatten()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sweep_here<const BEGIN: bool, const FEW: bool>(
        self: Pin<&mut Self>,
        to: &mut Sweep<'_, '_, BEGIN, FEW>,
        caller: &mut Context<'_>,
    ) -> bool {
        let this = self.project();
        let goes_on = !to.wants_any()
            || to.poll::<0, _>(this.a, caller)
                && to.poll::<1, _>(this.b, caller)
                && to.poll::<2, _>(this.c, caller)
                && to.poll::<3, _>(this.d, caller)
                && to.poll::<4, _>(this.e, caller)
                && to.poll::<5, _>(this.f, caller)
                && to.poll::<6, _>(this.g, caller)
                && to.poll::<7, _>(this.h, caller);
        if goes_on {
            to.leave();
        }
        goes_on
    }

    fn show<const MANY: bool>(
        self: Pin<&mut Self>,
        first: usize,
        to: &mut Pass<'_, '_>,
        caller: &mut Context<'_>,
    ) {
        if !to.goes_to(first) {
            return;
        }
        let this = self.project();
        to.drive::<0, MANY, _>(this.a, caller);
        to.drive::<1, MANY, _>(this.b, caller);
        to.drive::<2, MANY, _>(this.c, caller);
        to.drive::<3, MANY, _>(this.d, caller);
        to.drive::<4, MANY, _>(this.e, caller);
        to.drive::<5, MANY, _>(this.f, caller);
        to.drive::<6, MANY, _>(this.g, caller);
        to.drive::<7, MANY, _>(this.h, caller);
        to.leave();
    }
}

/// A place in a group that no task has.
#[derive(Clone, Copy, Debug)]
pub struct Nobody;

impl Task for Nobody {
    const IS_NOBODY: bool = true;

    #[inline]
    fn poll(
        self: Pin<&mut Self>,
        _: &Level<'_>,
        _: Option<&mut Option<Carried>>,
        _: &mut Context<'_>,
    ) -> Poll<Outcome> {
        Poll::Ready(Err(Halted))
    }
}

/// Tasks that stay where they were made: there may be much of them.
impl<G: Group> Group for Pin<&mut G> {
    const COUNT: usize = G::COUNT;
    const SIZE: usize = G::SIZE;

    #[inline]
    fn node(task: usize) -> Option<u32> {
        G::node(task)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sweep_here<const BEGIN: bool, const FEW: bool>(
        self: Pin<&mut Self>,
        to: &mut Sweep<'_, '_, BEGIN, FEW>,
        caller: &mut Context<'_>,
    ) -> bool {
        self.get_mut().as_mut().sweep_here::<BEGIN, FEW>(to, caller)
    }

    #[inline]
    fn show<const MANY: bool>(
        self: Pin<&mut Self>,
        first: usize,
        to: &mut Pass<'_, '_>,
        caller: &mut Context<'_>,
    ) {
        self.get_mut().as_mut().show::<MANY>(first, to, caller);
    }
}

/// Two groups, one after the other.
#[derive(Debug)]
pub struct Both<A, B> {
    first: A,
    second: B,
}

/// Puts two groups together.
#[inline]
pub const fn both<A, B>(first: A, second: B) -> Both<A, B> {
    Both { first, second }
}

impl<A: Group + Unpin, B: Group + Unpin> Group for Both<A, B> {
    const COUNT: usize = A::COUNT + B::COUNT;
    const SIZE: usize = A::SIZE + B::SIZE;

    #[inline]
    fn node(task: usize) -> Option<u32> {
        if task < A::COUNT { A::node(task) } else { B::node(task - A::COUNT) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sweep_here<const BEGIN: bool, const FEW: bool>(
        self: Pin<&mut Self>,
        to: &mut Sweep<'_, '_, BEGIN, FEW>,
        caller: &mut Context<'_>,
    ) -> bool {
        let this = self.get_mut();
        Pin::new(&mut this.first).sweep::<BEGIN, FEW>(to, caller)
            && Pin::new(&mut this.second).sweep::<BEGIN, FEW>(to, caller)
    }

    fn show<const MANY: bool>(
        self: Pin<&mut Self>,
        first: usize,
        to: &mut Pass<'_, '_>,
        caller: &mut Context<'_>,
    ) {
        let (this, second) = (self.get_mut(), first + A::COUNT);
        // Each eight asks for itself. Of more, those are not gone to that nobody wants.
        let few = Self::COUNT <= 16;
        if few || to.wants_any(first, A::COUNT) {
            Pin::new(&mut this.first).show::<MANY>(first, to, caller);
        }
        if few || to.wants_any(second, B::COUNT) {
            Pin::new(&mut this.second).show::<MANY>(second, to, caller);
        }
    }
}
