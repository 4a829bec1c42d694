//! What policies tell.

use super::frame::with_top;
use super::{Event, What, observers};
use crate::context::Context;

/// Whether anybody may listen to a policy: a load, where nobody ever has.
#[inline(always)]
pub(crate) fn is_heard() -> bool {
    observers::any()
}

/// Tells what a policy does at the node at hand, or outside of graphs.
#[inline(always)]
pub(crate) fn emit(what: impl FnOnce() -> What<'static>) {
    if is_heard() {
        emit_cold(what());
    }
}

#[cold]
#[inline(never)]
fn emit_cold(what: What<'static>) {
    let at_hand = with_top(|top| {
        let node = top.open.as_mut().map(|open| {
            let attempt = open.attempt;
            if matches!(what, What::Backoff { .. }) {
                // The one that follows.
                open.attempt += 1;
            }
            (open.site.clone(), attempt)
        });
        (top.run.clone(), node)
    });
    match at_hand {
        Some((run, Some((site, attempt)))) => run.tell(run.now(), Some(&site), attempt, what),
        Some((run, None)) => run.tell(run.now(), None, 1, what),
        None => Context::__with(|context| {
            let Some(observers) = context.observers() else { return };
            let (correlation_id, at) = (context.correlation_id(), context.now());
            observers.tell(&Event { run: None, correlation_id, site: None, attempt: 1, at, what });
        }),
    }
}
