//! A run in one straight line.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::ending::Ending;
use super::failure::{Failure, Sink};
use super::{Info, NOWHERE};
use crate::context::{Around, Context, Stopped};
use crate::error::{__discard, Counts, Error, Site};
use crate::observe::{End, Straight};

/// A run of the straight-line form, in the context of that kind.
pub struct Serial<'r, C> {
    info: &'static Info,
    context: C,
    /// The node that runs. Written before each node, read after a panic.
    node: Cell<u32>,
    /// Operators that finished in bodies that are closed again.
    finished: Cell<u32>,
    /// The item or turn that each loop of the graph is at.
    loops: &'r [Cell<usize>],
    /// Whether somebody listens to what it does.
    is_observed: bool,
}

impl<'r, C: Around> Serial<'r, C> {
    /// A run that is about to start.
    #[inline]
    pub fn new(info: &'static Info, context: C, loops: &'r [Cell<usize>]) -> Self {
        let is_observed = !C::IS_QUIET && context.lend(|context| begins_observed(info, context));
        Self { info, context, node: Cell::new(NOWHERE), finished: Cell::new(0), loops, is_observed }
    }

    #[inline(always)]
    fn is_observed(&self) -> bool {
        !C::IS_QUIET && self.is_observed
    }

    /// Notes that a node starts.
    #[inline(always)]
    pub fn at(&self, node: u32) {
        self.node.set(node);
        if self.is_observed() {
            tell_start(self.info, self.loops, node);
        }
    }

    /// The same out of line, for graphs that are so large that the compiler would take long. It does not unwind.
    #[inline(never)]
    pub extern "C" fn at_call(&self, node: u32) {
        self.at(node);
    }

    /// Notes that a node starts, unless the context says that it must not.
    #[inline(always)]
    pub fn go<R, G>(&self, ending: &Ending<R, G>, node: u32) -> Option<Stopped> {
        self.node.set(node);
        if C::IS_QUIET {
            return None;
        }
        self.context.lend(|context| {
            if context.is_undisturbed(Context::ANY_SIGN) {
                return None;
            }
            go_disturbed(self.info, context, self.loops, node, self.is_observed, ending.stoppable())
        })
    }

    /// Notes that the last node has ended.
    #[inline(always)]
    pub fn end(&self) {
        self.node.set(NOWHERE);
    }

    /// Counts the operators of a body that has been gone through.
    #[inline(always)]
    pub fn finished(&self, operators: u32) {
        self.finished.set(self.finished.get() + operators);
    }

    /// Notes the item or turn that a loop is at.
    #[inline(always)]
    pub fn turn(&self, slot: usize, index: usize) {
        self.loops[slot].set(index);
    }

    /// Where a node stands, with the items that are being worked on.
    #[cold]
    fn site(&self, node: u32) -> Site {
        site(self.info, self.loops, node)
    }

    fn counts(&self, node: u32, stopped: bool, cancelled: bool) -> Counts {
        let (before, after) = self.info.spots.get(node as usize).map_or((0, 0), |spot| spot.serial);
        Counts::__new(
            (self.finished.get() + before) as usize,
            usize::from(!stopped && !cancelled),
            usize::from(cancelled),
            after as usize + usize::from(stopped),
        )
    }

    /// Where a node's failure goes.
    #[inline(always)]
    pub const fn failing<'s, R, G>(
        &'s self,
        ending: &'s Ending<R, G>,
        node: u32,
    ) -> FailingNode<'s, C, R, G> {
        FailingNode { run: self, ending, node }
    }

    /// The outcome for a node's failure.
    #[cold]
    fn failed<R, G>(&self, ending: &Ending<R, G>, failure: Failure<G>) -> R {
        let cancelled = ending.is_stop(&failure);
        let counts = self.counts(self.node.get(), false, cancelled);
        self.tell_end(ending.error(&failure), counts);
        self.conclude(ending, failure, counts)
    }

    /// The outcome for a node that its context did not let start.
    #[cold]
    #[inline(never)]
    pub fn stopped<R, G>(&self, ending: &Ending<R, G>, why: Stopped) -> R {
        let node = self.node.get();
        let error = Error::__stopped(Some(self.site(node)), &self.info.description, why);
        let counts = self.counts(node, true, false);
        self.tell_end(Some(&error), counts);
        self.conclude(ending, Failure::Plain(error), counts)
    }

    /// The outcome for a failure that has been told of.
    fn conclude<R, G>(&self, ending: &Ending<R, G>, failure: Failure<G>, counts: Counts) -> R {
        self.context.lend(|context| ending.conclude(failure, Vec::new(), 0, counts, context.correlation_id()))
    }

    /// The outcome for a loop that went on for too long.
    #[cold]
    #[inline(never)]
    pub fn at_most<R, G>(&self, ending: &Ending<R, G>, node: u32, turns: usize) -> R {
        self.node.set(node);
        self.failed(ending, Failure::Plain(Error::__at_most(self.site(node), turns)))
    }

    #[cold]
    fn panicked(&self, payload: Box<dyn Any + Send>) -> Error {
        let node = self.node.get();
        let (error, counts) = if node == NOWHERE {
            let finished = self.finished.get() as usize + self.info.operators();
            (Error::__panicked_at_end(&self.info.description, payload), Counts::__new(finished, 1, 0, 0))
        } else {
            (Error::__panicked(self.site(node), payload), self.counts(node, false, false))
        };
        self.tell_end(Some(&error), counts);
        self.context.lend(|context| error.__with_run(Vec::new(), 0, counts, context.correlation_id()))
    }

    /// Tells that the run ends with the failure of the node at hand.
    fn tell_end(&self, error: Option<&Error>, counts: Counts) {
        if self.is_observed() {
            Straight::failed(self.node.get(), End::failed(error), counts);
        }
    }

    /// Runs the straight line. A panic in it comes back as an error.
    ///
    /// # Errors
    ///
    /// The panic.
    #[inline(always)]
    pub fn run<R>(&self, body: impl FnOnce() -> R) -> Result<R, Error> {
        let outcome = catch_unwind(AssertUnwindSafe(body)).map_err(|payload| self.panicked(payload));
        if self.is_observed() {
            Straight::leave();
        }
        outcome
    }
}

#[inline(always)]
fn begins_observed(info: &'static Info, context: &Context) -> bool {
    !context.is_undisturbed(Context::IS_OBSERVED) && Straight::enter(info, context)
}

/// Where a node stands, with the items that are being worked on.
fn site(info: &'static Info, loops: &[Cell<usize>], node: u32) -> Site {
    let slots = info.spots.get(node as usize).map_or(&[][..], |spot| spot.loops);
    if slots.is_empty() {
        return Site::__new(&info.description, node, &[]);
    }
    let index: Vec<usize> = slots.iter().map(|&slot| loops[slot as usize].get()).collect();
    Site::__new(&info.description, node, &index)
}

/// Tells that a node starts.
///
/// It is given neither the run nor a way to unwind, so the compiler knows that it does not look at the node's number, and
/// writes that only where an operator may panic.
#[cold]
#[inline(never)]
#[expect(improper_ctypes_definitions, reason = "it is called from here only")]
extern "C" fn tell_start(info: &'static Info, loops: &[Cell<usize>], node: u32) {
    let told = catch_unwind(AssertUnwindSafe(|| Straight::starts(node, || site(info, loops, node))));
    if let Err(payload) = told {
        // It was the context's clock, which is not to break a run by being looked at.
        __discard(payload);
    }
}

/// Asks the context whether a node may start, and tells that it does. In a graph that cannot say otherwise it starts anyway.
#[cold]
#[inline(never)]
fn go_disturbed(
    info: &'static Info,
    context: &Context,
    loops: &[Cell<usize>],
    node: u32,
    is_observed: bool,
    stoppable: bool,
) -> Option<Stopped> {
    let stopped = if stoppable { context.__stopped() } else { None };
    if is_observed {
        match stopped {
            Some(_) => Straight::close(),
            None => tell_start(info, loops, node),
        }
    }
    stopped
}

/// A node that failed in a straight line.
pub struct FailingNode<'s, C, R, G> {
    run: &'s Serial<'s, C>,
    ending: &'s Ending<R, G>,
    node: u32,
}

impl<C: Around, R, G> Sink<G> for FailingNode<'_, C, R, G> {
    type Outcome = R;

    fn site(&self) -> Site {
        self.run.site(self.node)
    }

    fn take(self, failure: Failure<G>) -> R {
        self.run.failed(self.ending, failure)
    }
}
