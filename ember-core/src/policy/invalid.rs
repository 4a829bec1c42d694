//! A setting that no policy can have.

use std::fmt;

/// A setting that a policy cannot have: which, what it is, and what it must be.
///
/// ```
/// use ember_core::policy::Timeout;
/// use std::time::Duration;
///
/// let invalid = Timeout::attempt(Duration::ZERO).unwrap_err();
/// assert_eq!(invalid.to_string(), "timeout: `after` is 0ns, and must be more than zero and at most 365 days");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{policy}: `{setting}` is {value}, and must be {must}")]
pub struct Invalid {
    policy: &'static str,
    setting: &'static str,
    value: String,
    must: &'static str,
}

impl Invalid {
    pub(crate) fn new(
        policy: &'static str,
        setting: &'static str,
        value: impl fmt::Display,
        must: &'static str,
    ) -> Self {
        Self { policy, setting, value: value.to_string(), must }
    }
}
