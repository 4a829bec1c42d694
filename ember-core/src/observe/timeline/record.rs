//! What is kept of an event: little, and nothing of the user's but text that has been cut.

use std::fmt;
use std::time::{Duration, Instant};

use ember_graph::Description;

use crate::error::Site;
use crate::observe::text::{Ending, beginning};
use crate::observe::{End, Event, EventKind, Form, What};

/// So many bytes of a text are kept.
pub(super) const MOST_TEXT: usize = 400;

pub(super) struct Record {
    /// The place of the event among all that were told: what one waited for stands before it.
    pub(super) place: u64,
    pub(super) at: Instant,
    pub(super) thread: u32,
    /// Zero outside of graphs.
    pub(super) run: u64,
    pub(super) attempt: u32,
    pub(super) site: Option<Site>,
    pub(super) note: Note,
}

#[derive(Clone)]
pub(super) enum Note {
    RunStarted(Box<Started>),
    RunEnded(Outcome, Box<str>),
    NodeStarted,
    NodeEnded(Outcome, Box<str>),
    /// Until then the call has waited.
    Waited(Wait, Duration),
    /// From then on it waits.
    Backoff(Duration),
    Told(EventKind, Box<str>),
}

#[derive(Clone)]
pub(super) struct Started {
    pub(super) caller: Option<(u64, Site)>,
    pub(super) description: Option<&'static Description<'static>>,
    pub(super) correlation_id: Box<str>,
    pub(super) form: Form,
}

/// How a run or a node has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Finished,
    Failed,
    Panicked,
    Cancelled,
}

/// What a call waits for that is not at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    Permit,
    Rate,
    Memory,
    Backoff,
}

impl Outcome {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
            Self::Cancelled => "cancelled",
        }
    }

    pub(super) const fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Panicked)
    }
}

impl Wait {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Permit => "waits for a permit",
            Self::Rate => "waits for its turn in a rate",
            Self::Memory => "waits for memory",
            Self::Backoff => "waits before the next attempt",
        }
    }
}

impl Note {
    /// Calls the code that displays errors, which is the user's.
    pub(super) fn of(event: &Event<'_>) -> Self {
        match event.what() {
            What::RunStarted { form, .. } => Self::RunStarted(Box::new(Started {
                caller: event.parent().zip(event.caller().cloned()),
                description: event.description(),
                correlation_id: cut(event.correlation_id()),
                form,
            })),
            What::RunEnded { end, .. } => Self::RunEnded(outcome(end), said(end)),
            What::NodeStarted => Self::NodeStarted,
            What::NodeEnded { end, .. } => Self::NodeEnded(outcome(end), said(end)),
            What::PermitWaited { took, granted: true } => Self::Waited(Wait::Permit, took),
            What::RateWaited { took, granted: true } => Self::Waited(Wait::Rate, took),
            What::MemoryWaited { took, granted: true } => Self::Waited(Wait::Memory, took),
            What::Backoff { delay } => Self::Backoff(delay),
            what => Self::Told(event.kind(), cut(what)),
        }
    }
}

fn outcome(end: End<'_>) -> Outcome {
    match end {
        End::Finished => Outcome::Finished,
        End::Failed(_) => Outcome::Failed,
        End::Panicked(_) => Outcome::Panicked,
        End::Cancelled(_) => Outcome::Cancelled,
    }
}

fn said(end: End<'_>) -> Box<str> {
    match end {
        End::Failed(Some(error)) | End::Panicked(error) => cut(format_args!("{error:#}")),
        End::Cancelled(Some(why)) => cut(why),
        _ => Box::default(),
    }
}

/// The beginning of a text in one line. What panics while it displays itself harms the recording no further.
pub(super) fn cut(text: impl fmt::Display) -> Box<str> {
    let shown = |letter: char| if letter.is_control() { ' ' } else { letter };
    let (mut kept, ending) = beginning(MOST_TEXT, shown, |to| write!(to, "{text}"));
    if ending != Ending::Whole {
        kept.push('…');
    }
    kept.into_boxed_str()
}
