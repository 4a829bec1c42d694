//! Whether a process can do its work, and if not, why.
//!
//! ```
//! use ember_core::health::{Health, Status};
//!
//! let health = Health::builder()
//!     .check("database", || Err("connection refused"))
//!     .degrading_check("spare disk", || Ok::<(), String>(()))
//!     .build()?;
//!
//! let report = health.report();
//! assert_eq!(report.status, Status::Down);
//! let reason = report.reasons.iter().find(|reason| &*reason.of == "database").unwrap();
//! assert_eq!(reason.text, "connection refused");
//! # Ok::<(), ember_core::policy::Invalid>(())
//! ```

#[cfg(all(test, not(loom)))]
mod tests;

use std::collections::HashSet;
use std::fmt::{self, Display};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::error::__discard;
use crate::observe::{observer_panics, said};
use crate::policy::{Invalid, MOST_ABANDONED, abandoned};
use crate::watch;

/// How a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Nothing is known to be wrong.
    Up,
    /// It works, and something is wrong.
    Degraded,
    /// It should be given no work: a check of the user's own failed.
    Down,
}

impl Status {
    /// As one word of lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }
}

impl Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reason {
    /// What it makes of the whole.
    pub status: Status,
    /// The operator, resource or check.
    pub of: Arc<str>,
    /// What kind of thing that is, as `breaker` or `check`.
    pub kind: &'static str,
    /// What is wrong, for a person.
    pub text: String,
}

impl Reason {
    /// That something of this kind is wrong.
    pub fn new(status: Status, of: impl Into<Arc<str>>, kind: &'static str, text: impl Into<String>) -> Self {
        Self { status, of: of.into(), kind, text: text.into() }
    }
}

impl Display for Reason {
    /// As a person reads it: whose it is, what that is, and what is wrong.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.of, self.kind, self.text)
    }
}

/// How a process is, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The worst of the reasons; [`Status::Up`] if there is none.
    pub status: Status,
    /// What is wrong: checks first, in the order in which they were added.
    pub reasons: Vec<Reason>,
}

impl Report {
    /// How a process is of which this is wrong.
    ///
    /// ```
    /// use ember_core::health::{Reason, Report, Status};
    ///
    /// assert_eq!(Report::new(Vec::new()).status, Status::Up);
    /// let behind = Reason::new(Status::Degraded, "mirror", "check", "three hours behind");
    /// assert_eq!(Report::new(vec![behind]).to_string(), "degraded\n- mirror (check): three hours behind");
    /// ```
    pub fn new(reasons: Vec<Reason>) -> Self {
        let status = reasons.iter().map(|reason| reason.status).max().unwrap_or(Status::Up);
        Self { status, reasons }
    }
}

impl Display for Report {
    /// The status, and a line for each reason.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        self.reasons.iter().try_for_each(|reason| write!(f, "\n- {reason}"))
    }
}

type Ask = dyn Fn() -> Option<String> + Send + Sync;

#[derive(Clone)]
struct Check {
    name: Arc<str>,
    status: Status,
    ask: Arc<Ask>,
}

/// Tells how the process is: see the [module](self).
///
/// Degraded it is by itself: while a [state](watch) is in [trouble](watch::State::trouble) (a breaker is open, a queue is full,
/// calls wait for a thread of a bounded set, a load failed), while calls run on that a timeout left behind, once an observer has
/// panicked, and once a state found no room in the list. Down it is by a check alone.
#[derive(Clone)]
pub struct Health {
    checks: Arc<[Check]>,
}

impl Health {
    /// Without checks of the user's own.
    pub const fn builder() -> HealthBuilder {
        HealthBuilder { checks: Vec::new() }
    }

    /// Asks all checks, on this thread and one after the other, and looks at all states. A check that panics has failed.
    pub fn report(&self) -> Report {
        let mut reasons: Vec<_> = self.checks.iter().filter_map(Check::reason).collect();
        reasons.extend(troubles());
        Report::new(reasons)
    }
}

impl Default for Health {
    /// Without checks of the user's own.
    fn default() -> Self {
        Self { checks: Arc::default() }
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.checks.iter().map(|check| &check.name);
        f.debug_list().entries(names).finish()
    }
}

/// Adds checks: see [`Health::builder`].
#[derive(Default)]
#[must_use = "a builder makes nothing until `build` is called"]
pub struct HealthBuilder {
    checks: Vec<Check>,
}

impl HealthBuilder {
    /// Something without which there is no work to be done: while it fails, the process is [down](Status::Down). At most 512
    /// bytes of the failure are told.
    pub fn check<E: Display>(
        self,
        name: impl Into<Arc<str>>,
        check: impl Fn() -> Result<(), E> + Send + Sync + 'static,
    ) -> Self {
        self.with(name.into(), Status::Down, check)
    }

    /// Something that can be done without for a while: while it fails, the process is [degraded](Status::Degraded).
    pub fn degrading_check<E: Display>(
        self,
        name: impl Into<Arc<str>>,
        check: impl Fn() -> Result<(), E> + Send + Sync + 'static,
    ) -> Self {
        self.with(name.into(), Status::Degraded, check)
    }

    fn with<E: Display>(
        mut self,
        name: Arc<str>,
        status: Status,
        check: impl Fn() -> Result<(), E> + Send + Sync + 'static,
    ) -> Self {
        let ask = move || check().err().map(|failed| said(&failed));
        self.checks.push(Check { name, status, ask: Arc::new(ask) });
        self
    }

    /// Makes it.
    ///
    /// # Errors
    ///
    /// If a check has no name, or that of another: a reason could not be told from others.
    pub fn build(self) -> Result<Health, Invalid> {
        let invalid = |name: &str, must| Err(Invalid::new("health", "check", format_args!("{name:?}"), must));
        let mut names = HashSet::new();
        for Check { name, .. } in &self.checks {
            if name.trim().is_empty() {
                return invalid(name, "a name");
            }
            if !names.insert(name) {
                return invalid(name, "a name that no other check has");
            }
        }
        drop(names);
        Ok(Health { checks: self.checks.into() })
    }
}

impl fmt::Debug for HealthBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthBuilder").field("checks", &self.checks.len()).finish()
    }
}

impl Check {
    fn reason(&self) -> Option<Reason> {
        let failed = catch_unwind(AssertUnwindSafe(|| (self.ask)()));
        let text = failed.unwrap_or_else(|payload| {
            __discard(payload);
            Some("the check panicked".to_owned())
        })?;
        Some(Reason::new(self.status, Arc::clone(&self.name), "check", text))
    }
}

/// What is wrong with states, and with the process as a whole.
fn troubles() -> Vec<Reason> {
    let degraded = |of: Arc<str>, kind, text: String| Reason::new(Status::Degraded, of, kind, text);
    let states = watch::states().into_iter().filter_map(|seen| {
        let text = seen.state.trouble()?;
        Some(degraded(seen.owner, seen.state.kind(), text))
    });
    let mut reasons: Vec<_> = states.collect();
    let process = || Arc::from("process");
    let (left, panics) = (abandoned(), observer_panics());
    if left > 0 {
        let text = format!("{left} calls run on after their time was up, of {MOST_ABANDONED} that may");
        reasons.push(degraded(process(), "timeout", text));
    }
    let unseen = watch::unwatched();
    if unseen > 0 {
        let text = format!("{unseen} states found no room in the list, so it is not known how they are");
        reasons.push(degraded(process(), "list", text));
    }
    if panics > 0 {
        reasons.push(degraded(process(), "observer", format!("observers panicked {panics} times")));
    }
    reasons
}
