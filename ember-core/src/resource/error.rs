//! Why a resource is not there.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::Stopped;
use crate::error::BoxedError;
use crate::rounded::Rounded;

/// What a load failed with, told to all who ask.
pub(super) type Cause = Arc<dyn StdError + Send + Sync>;

/// Why a [`Resource`](super::Resource) could not be had.
///
/// The loader's own failure is its [`source`](StdError::source).
///
/// ```
/// use ember_core::Resource;
/// use std::error::Error;
/// use std::io;
///
/// static MODEL: Resource<Vec<u8>> = Resource::new(&|| Err::<_, io::Error>(io::ErrorKind::NotFound.into()));
///
/// let failed = MODEL.get().unwrap_err();
/// assert!(failed.is_failure() && !failed.is_stopped());
/// assert!(failed.source().is_some_and(|cause| cause.is::<io::Error>()));
/// assert_eq!(MODEL.status().failures, 1);
/// ```
#[derive(Clone)]
pub struct LoadError {
    name: Arc<str>,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Failed {
        cause: Cause,
        retry_after: Option<Duration>,
        /// It was not tried now.
        earlier: bool,
    },
    Circular,
    Busy,
    Stopped(Stopped),
}

impl LoadError {
    pub(super) fn failed(name: &Arc<str>, cause: Cause, retry_after: Option<Duration>) -> Self {
        Self { name: name.clone(), kind: Kind::Failed { cause, retry_after, earlier: false } }
    }

    /// It failed before, and is not to be tried again for so long.
    pub(super) fn earlier(name: &Arc<str>, cause: Cause, retry_after: Duration) -> Self {
        let retry_after = Some(retry_after);
        Self { name: name.clone(), kind: Kind::Failed { cause, retry_after, earlier: true } }
    }

    pub(super) fn circular(name: &Arc<str>) -> Self {
        Self { name: name.clone(), kind: Kind::Circular }
    }

    pub(super) fn busy(name: &Arc<str>) -> Self {
        Self { name: name.clone(), kind: Kind::Busy }
    }

    pub(super) fn stopped(name: &Arc<str>, why: Stopped) -> Self {
        Self { name: name.clone(), kind: Kind::Stopped(why) }
    }

    /// What the resource is called: by its builder, else its type.
    pub fn resource(&self) -> &str {
        &self.name
    }

    /// Whether the loader failed, or panicked.
    pub fn is_failure(&self) -> bool {
        matches!(self.kind, Kind::Failed { .. })
    }

    /// Whether it failed before, and was not tried now, since its time had not come.
    pub fn is_held_back(&self) -> bool {
        matches!(self.kind, Kind::Failed { earlier: true, .. })
    }

    /// Whether the load asked for itself, directly or by way of others.
    pub fn is_circular(&self) -> bool {
        matches!(self.kind, Kind::Circular)
    }

    /// Whether too many waited for the load already.
    pub fn is_busy(&self) -> bool {
        matches!(self.kind, Kind::Busy)
    }

    /// Whether the run was stopped meanwhile.
    pub fn is_stopped(&self) -> bool {
        self.why_stopped().is_some()
    }

    pub(crate) fn why_stopped(&self) -> Option<Stopped> {
        match self.kind {
            Kind::Stopped(why) => Some(why),
            _ => None,
        }
    }

    /// How long the next try has to wait, if a backoff says so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.kind {
            Kind::Failed { retry_after, .. } => retry_after,
            _ => None,
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.kind {
            Kind::Failed { retry_after, earlier, .. } => {
                let when = if *earlier { " when it was last tried" } else { "" };
                write!(f, "`{name}` could not be loaded{when}")?;
                retry_after.map_or(Ok(()), |time| {
                    write!(f, "; it is tried again in {} at the earliest", Rounded(time))
                })
            }
            Kind::Circular => write!(f, "`{name}` needs itself to be loaded"),
            Kind::Busy => write!(f, "too many wait for `{name}` to be loaded"),
            Kind::Stopped(why) => write!(f, "gave up on loading `{name}`: {why}"),
        }
    }
}

impl fmt::Debug for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("LoadError");
        debug.field("resource", &self.name);
        match &self.kind {
            Kind::Failed { cause, retry_after, earlier } => {
                debug.field("cause", cause).field("retry_after", retry_after).field("earlier", earlier)
            }
            Kind::Circular => debug.field("circular", &true),
            Kind::Busy => debug.field("busy", &true),
            Kind::Stopped(why) => debug.field("stopped", why),
        };
        debug.finish()
    }
}

impl StdError for LoadError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.kind {
            Kind::Failed { cause, .. } => Some(&**cause),
            Kind::Stopped(why) => Some(why),
            Kind::Circular | Kind::Busy => None,
        }
    }
}

/// The loader panicked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Panicked(pub(super) String);

/// The job that was to load is gone.
#[derive(Debug, thiserror::Error)]
#[error("the threads that should have loaded it were shut down")]
pub(super) struct Gone;

pub(super) fn shared(cause: BoxedError) -> Cause {
    Arc::from(cause)
}
