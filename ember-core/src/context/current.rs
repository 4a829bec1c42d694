//! The context that a thread is in.

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use super::{Context, OBSERVED};
use crate::executor::Station;
use crate::runtime::Running;

mod ambient;
mod limit;
mod quiet;

pub use ambient::Ambient;
pub(crate) use limit::Limit;
pub use quiet::{Around, Quiet};
pub(crate) use quiet::{is_silent, reconsider, says_nothing, wants_order};

thread_local! {
    static ENTERED: RefCell<Option<Entered>> = const { RefCell::new(None) };
    /// [`IN_SCOPE`] and the other bits: asked first, as a number is had at less cost than what has to be dropped.
    static STATE: Cell<u8> = const { Cell::new(0) };
    /// The deadline of what is [`LIMITED`].
    static LIMIT: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The thread is in a context.
const IN_SCOPE: u8 = 1;
/// Below that, or below the default context, there is a deadline of which no context has been made yet.
const LIMITED: u8 = 2;
/// That wants nodes to run at the same time whatever it costs, or somebody observes it.
const SPEAKS: u8 = 4;
/// That wants nodes to run one after the other.
const IN_ORDER: u8 = 8;
/// The thread waits for other threads, so that what it runs meanwhile may be anybody's.
const AWAY: u8 = 16;

/// A context that a thread is in.
#[derive(Clone)]
enum Entered {
    /// By a scope of the user. Shared by `Rc`, so that asking for the current context touches no counter of other threads.
    Own(Rc<Context>),
    /// Where the thread helps a run. Entering allocates nothing.
    Helping(Context),
    /// Made of a deadline, below what was entered before.
    Limited(Rc<(Context, Option<Entered>)>),
}

impl Deref for Entered {
    type Target = Context;

    fn deref(&self) -> &Context {
        match self {
            Self::Own(context) => context,
            Self::Helping(context) => context,
            Self::Limited(made) => &made.0,
        }
    }
}

/// The context of all runs outside of scopes.
static DEFAULT: OnceLock<Context> = OnceLock::new();

#[inline]
fn default_context() -> &'static Context {
    #[cold]
    #[inline(never)]
    fn make() -> &'static Context {
        DEFAULT.get_or_init(|| {
            let context = Context::builder().build();
            quiet::made(&context);
            context
        })
    }
    DEFAULT.get().unwrap_or_else(make)
}

/// Nothing also while the thread ends, when its locals are gone.
#[inline]
fn entered() -> Option<Entered> {
    match STATE.get() {
        state if is_in_scope(state) => below_limit(),
        state if is_entered(state) => limit::made(),
        _ => None,
    }
}

/// Whether what runs is in the context that was entered.
#[inline(always)]
fn is_in_scope(state: u8) -> bool {
    state & (IN_SCOPE | LIMITED | AWAY) == IN_SCOPE
}

/// Whether what runs is in a context other than the default one.
#[inline(always)]
fn is_entered(state: u8) -> bool {
    (IN_SCOPE..AWAY).contains(&state)
}

/// The context that was entered, whatever deadline there is below it.
#[inline]
fn below_limit() -> Option<Entered> {
    ENTERED.try_with(|entered| entered.borrow().clone()).ok().flatten()
}

/// The bits of a context that was entered. Somebody may begin to observe the default one at any time.
fn bits(context: &Context) -> u8 {
    let speaks = if context.is_quiet() && !context.is_default() { 0 } else { SPEAKS };
    let in_order = if context.is_in_order() { IN_ORDER } else { 0 };
    IN_SCOPE | speaks | in_order
}

/// Sets what the thread is in.
#[inline]
fn turn_into(state: u8) {
    if STATE.replace(state) != state {
        reconsider();
    }
}

fn replace(context: Option<Entered>) -> Option<Entered> {
    let bits = context.as_deref().map_or(0, bits);
    turn_into(STATE.get() & (LIMITED | AWAY) | bits);
    ENTERED.try_with(|entered| entered.replace(context)).ok().flatten()
}

/// Leaves a scope however its function ends.
struct Leave(Option<Entered>);

impl Drop for Leave {
    fn drop(&mut self) {
        drop(replace(self.0.take()));
    }
}

/// Whether the thread waits for other threads in a run of a graph, and does something else meanwhile.
pub(crate) fn is_away() -> bool {
    STATE.get() & AWAY != 0
}

/// Sets whether the thread is away, and gives what it was.
fn turn(away: bool) -> bool {
    let state = STATE.get();
    turn_into(state & !AWAY | if away { AWAY } else { 0 });
    state & AWAY != 0
}

/// Sets whether the thread is away until it is dropped.
struct Turn(bool);

impl Turn {
    fn new(away: bool) -> Self {
        Self(turn(away))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        turn(self.0);
    }
}

/// Where a thread stands that is about to wait for others.
///
/// What it takes up while it waits may be a job of somebody else, which must not find the context of the run that
/// waits. A job that panics may leave the thread as if it had not waited, which does no harm.
#[cfg(feature = "parallel")]
#[derive(Clone, Copy)]
pub(crate) struct Here(bool);

#[cfg(feature = "parallel")]
impl Here {
    #[inline]
    pub(crate) fn now() -> Self {
        Self(is_away())
    }

    /// Waits from now on.
    #[inline]
    pub(crate) fn leave() {
        turn(true);
    }

    /// Waits no more, or does a part of its own run meanwhile.
    #[inline]
    pub(crate) fn back(self) {
        turn(self.0);
    }
}

impl Context {
    /// The context of the innermost scope on this thread, else the default one, which is made once for
    /// the process and has no deadline and a random correlation id.
    pub fn current() -> Self {
        Self::__with(Self::clone)
    }

    /// Runs a function in this context: what it calls finds it as [`Context::current`], on the threads
    /// that run a graph's nodes too. Scopes nest; leaving one, also by a panic, leads back to the one
    /// around it.
    ///
    /// ```
    /// use ember_core::Context;
    ///
    /// let outer = Context::builder().correlation_id("outer").build();
    /// let inner = Context::builder().correlation_id("inner").build();
    /// let seen = outer.scope(|| {
    ///     let seen = inner.scope(|| Context::current().correlation_id().to_owned());
    ///     assert_eq!(Context::current().correlation_id(), "outer");
    ///     seen
    /// });
    /// assert_eq!(seen, "inner");
    /// ```
    pub fn scope<R>(&self, f: impl FnOnce() -> R) -> R {
        let _running = self.home().map(Running::new);
        self.enter(f, |context| Entered::Own(Rc::new(context)))
    }

    /// The same for a thread that helps a run of this context.
    pub(crate) fn help<R>(&self, f: impl FnOnce() -> R) -> R {
        self.enter(f, Entered::Helping)
    }

    /// Another handle of it, if a thread that helps a run of it has to enter it.
    pub(crate) fn unless_current(&self) -> Option<Self> {
        (!self.is_current(STATE.get())).then(|| self.clone())
    }

    #[inline]
    fn is_current(&self, state: u8) -> bool {
        match state {
            // Not by a handle of what was entered: to make one where a thread helps touches a counter that others have.
            state if is_in_scope(state) => ENTERED
                .try_with(|entered| entered.borrow().as_deref().is_some_and(|entered| entered.is(self)))
                .unwrap_or(false),
            // Of the deadline no context has been made, so none can be it.
            state if is_entered(state) => false,
            _ => self.is_default(),
        }
    }

    fn enter<R>(&self, f: impl FnOnce() -> R, how: impl FnOnce(Self) -> Entered) -> R {
        let state = STATE.get();
        if self.is_current(state) {
            return f();
        }
        let _limited = limit::Set::aside(state);
        let _leave = Leave(replace(Some(how(self.clone()))));
        let _turn = Turn::new(false);
        let _station = Station::enter(self.0.place);
        f()
    }

    /// Lends the current context without touching a counter that threads share. `f` may enter scopes.
    #[doc(hidden)]
    #[inline]
    pub fn __with<R>(f: impl FnOnce(&Self) -> R) -> R {
        // Out of line, so that runs outside of scopes do not save registers for it.
        #[inline(never)]
        fn in_scope<R>(f: impl FnOnce(&Context) -> R) -> R {
            match entered() {
                Some(context) => f(&context),
                None => f(default_context()),
            }
        }
        if is_entered(STATE.get()) { in_scope(f) } else { f(default_context()) }
    }

    /// Lets the runs outside of scopes ask who observes them.
    pub(crate) fn observe_default() {
        default_context().0.state.fetch_or(OBSERVED, Ordering::Relaxed);
        quiet::end();
    }

    pub(super) fn is_default(&self) -> bool {
        DEFAULT.get().is_some_and(|default| default.is(self))
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
