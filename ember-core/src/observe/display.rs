//! Events as text.

use std::fmt;

use super::{End, Event, Form, Logged, What};
use crate::error::Site;
use crate::policy::BreakerState;
use crate::rounded::Rounded;

impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("run", &self.run())
            .field("graph", &self.graph())
            .field("node", &self.site.map(Site::node))
            .field("attempt", &self.attempt)
            .field("correlation_id", &self.correlation_id)
            .field("what", &self.what)
            .finish_non_exhaustive()
    }
}

/// In one line.
impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.run {
            Some(run) => write!(f, "run {} of graph `{}`: ", run.id(), run.description().name)?,
            None => f.write_str("outside of graphs: ")?,
        }
        if let Some(site) = self.site {
            write!(f, "node `{}` ", site.node())?;
            if !site.operator().is_empty() {
                write!(f, "(operator `{}`) ", site.operator())?;
            }
        }
        fmt::Display::fmt(&self.what, f)
    }
}

impl fmt::Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let granted = |granted| if granted { "" } else { " in vain" };
        match self {
            Self::RunStarted { form, reason } => write!(f, "started as {form}: {reason}"),
            Self::RunEnded { end, took, counts } => write!(f, "{end} after {}: {counts}", Rounded(*took)),
            Self::NodeStarted => f.write_str("started"),
            Self::NodeEnded { end, took } => write!(f, "{end} after {}", Rounded(*took)),
            Self::AttemptFailed => f.write_str("failed in one attempt"),
            Self::Backoff { delay } => write!(f, "waits {} for the next attempt", Rounded(*delay)),
            Self::Hedged => f.write_str("is slow, so another attempt was started"),
            Self::BreakerChanged { from, to } => {
                write!(f, "changed its breaker from {} to {}", breaker(*from), breaker(*to))
            }
            Self::BreakerRefused => f.write_str("was turned away by its breaker"),
            Self::CacheHit => f.write_str("had its value in the cache"),
            Self::CacheMiss => f.write_str("had no value in the cache"),
            Self::CacheJoined => f.write_str("waits for a call that is under way"),
            Self::CacheEvicted { entries } => write!(f, "put {entries} entries out of the cache"),
            Self::PermitWaited { took, granted: has } => {
                write!(f, "waited {} for a permit{}", Rounded(*took), granted(*has))
            }
            Self::RateWaited { took, granted: has } => {
                write!(f, "waited {} for its turn{}", Rounded(*took), granted(*has))
            }
            Self::MemoryWaited { took, granted: has } => {
                write!(f, "waited {} for memory{}", Rounded(*took), granted(*has))
            }
            Self::FallbackUsed { succeeded: true } => f.write_str("took its fallback"),
            Self::FallbackUsed { succeeded: false } => f.write_str("took its fallback, which failed too"),
            Self::TimedOut { after } => write!(f, "took longer than {}", Rounded(*after)),
            Self::Abandoned => f.write_str("goes on although nobody waits for it"),
            Self::CalledWith { arguments } => {
                f.write_str("is called with ")?;
                for (number, argument) in arguments.iter().enumerate() {
                    let comma = if number == 0 { "" } else { ", " };
                    write!(f, "{comma}{} = {}", argument.name(), argument.text(Logged::TEXT))?;
                }
                Ok(())
            }
            Self::Gave { value } => write!(f, "gave {}", value.text(Logged::TEXT)),
        }
    }
}

fn breaker(state: BreakerState) -> &'static str {
    match state {
        BreakerState::Closed => "closed",
        BreakerState::Open { .. } => "open",
        BreakerState::HalfOpen => "half open",
        BreakerState::ForcedOpen => "forced open",
        BreakerState::ForcedClosed => "forced closed",
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StraightLine => "a straight line",
            Self::Parallel => "parallel parts",
            Self::Async => "a future",
        })
    }
}

impl fmt::Display for End<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished => f.write_str("finished"),
            Self::Failed(None) => f.write_str("failed"),
            Self::Failed(Some(error)) => write!(f, "failed ({error:#})"),
            Self::Panicked(error) => write!(f, "panicked ({error:#})"),
            Self::Cancelled(None) => f.write_str("was dropped"),
            Self::Cancelled(Some(why)) => write!(f, "was cancelled ({why})"),
        }
    }
}

impl fmt::Debug for End<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished => f.write_str("Finished"),
            Self::Failed(error) => {
                f.debug_tuple("Failed").field(&error.map(|error| format!("{error:#}"))).finish()
            }
            Self::Panicked(error) => f.debug_tuple("Panicked").field(&format!("{error:#}")).finish(),
            Self::Cancelled(why) => f.debug_tuple("Cancelled").field(why).finish(),
        }
    }
}
