//! A deadline below the current context, of which a context is made only if somebody asks.
//!
//! Most calls with a timeout never ask for their context. So entering one writes two numbers, and whoever calls
//! [`Context::current`] inside makes the context then, as a child of the one that was entered before. What leaves the
//! deadline puts that one back.

use std::rc::Rc;
use std::time::{Duration, Instant};

use super::{
    AWAY, ENTERED, Entered, IN_SCOPE, LIMIT, LIMITED, STATE, below_limit, bits, default_context, entered,
    turn_into,
};
use crate::Context;

#[cfg(all(test, not(loom)))]
mod tests;

/// A limit on the time of a call.
pub(crate) struct Limit {
    at: Instant,
    /// The earliest deadline around it.
    around: Option<Instant>,
    made: Option<Context>,
}

impl Limit {
    /// For some time from now on, by the clock of the current context.
    pub(crate) fn new(after: Duration) -> Self {
        with_surroundings(|context, around| {
            let now = context.now();
            // At the end of what an `Instant` holds, only what is around counts.
            let at = now.checked_add(after).or(around).unwrap_or(now);
            Self { at, around, made: None }
        })
    }

    /// Whether it ends the call, and not what is around.
    pub(crate) fn is_own(&self) -> bool {
        self.around.is_none_or(|around| self.at < around)
    }

    /// How long until it or what is around ends the call, by the clock of the current context.
    pub(crate) fn remaining(&self) -> Duration {
        let until = self.around.map_or(self.at, |around| around.min(self.at));
        with_surroundings(|context, _| until.saturating_duration_since(context.now()))
    }

    /// Whether its time has come, by the clock or by a timer that has `rung`, while that of what is around has not, and the
    /// run goes on.
    pub(crate) fn has_come(&self, rung: bool) -> bool {
        self.is_own()
            && with_surroundings(|context, around| {
                let now = context.now();
                (rung || self.at <= now)
                    && around.is_none_or(|around| now < around)
                    && context.check().is_ok()
            })
    }

    /// Tells who has asked for the context that a timer has seen its end.
    pub(crate) fn expire(&self) {
        if let Some(made) = &self.made {
            made.expire();
        }
    }

    /// Runs a function under the limit.
    pub(crate) fn scope<R>(&mut self, f: impl FnOnce() -> R) -> R {
        if !self.is_own() {
            return f();
        }
        let state = STATE.get();
        if self.made.is_none() && state & AWAY != 0 {
            // What the thread was in before is somebody else's.
            self.made = Some(below(None, self.at));
        }
        if let Some(made) = &self.made {
            return made.help(f);
        }
        let around = LIMIT.replace(Some(self.at));
        turn_into(state | LIMITED);
        let _leave = Leave { state, around, made: &mut self.made };
        f()
    }
}

/// Leaves a limit however its function ends.
struct Leave<'a> {
    state: u8,
    around: Option<Instant>,
    made: &'a mut Option<Context>,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if STATE.get() & LIMITED == 0 {
            let made = ENTERED.try_with(|entered| entered.borrow().clone()).ok().flatten();
            if let Some(Entered::Limited(made)) = made {
                let (context, before) = &*made;
                *self.made = Some(context.clone());
                let ours = ENTERED.try_with(|entered| entered.replace(before.clone()));
                drop(ours);
            }
        }
        turn_into(self.state);
        LIMIT.set(self.around);
    }
}

/// Sets a limit aside, or up again, until it is dropped.
pub(super) struct Set(pub(super) u8);

impl Set {
    pub(super) fn aside(state: u8) -> Self {
        turn_into(STATE.get() & !LIMITED);
        Self(state & LIMITED)
    }
}

impl Drop for Set {
    fn drop(&mut self) {
        turn_into(STATE.get() & !LIMITED | self.0);
    }
}

fn below(parent: Option<&Context>, at: Instant) -> Context {
    Context::builder().parent(parent.unwrap_or(default_context())).deadline(at).build()
}

/// Makes the context of the limit that the thread is under, and enters it.
#[cold]
#[inline(never)]
pub(super) fn made() -> Option<Entered> {
    let before = if STATE.get() & IN_SCOPE == 0 { None } else { below_limit() };
    let made = below(before.as_deref(), LIMIT.get()?);
    let state = bits(&made);
    let made = Entered::Limited(Rc::new((made, before)));
    let old = ENTERED.try_with(|entered| entered.replace(Some(made.clone()))).ok()?;
    drop(old);
    turn_into(state);
    Some(made)
}

/// Lends the context that was entered, and the earliest deadline below and above it, without making a context.
fn with_surroundings<R>(f: impl FnOnce(&Context, Option<Instant>) -> R) -> R {
    let state = STATE.get();
    let (entered, limit) = match state & (LIMITED | AWAY) {
        LIMITED => (if state & IN_SCOPE == 0 { None } else { below_limit() }, LIMIT.get()),
        _ => (entered(), None),
    };
    let context = entered.as_deref().unwrap_or(default_context());
    f(context, limit.into_iter().chain(context.deadline()).min())
}
