//! A setting of a policy that cannot be.

use std::fmt::Display;

/// A setting of a policy's builder that is out of its bounds.
///
/// ```
/// use ember_core::policy::Retry;
///
/// let none = Retry::builder().attempts(0).build();
/// assert_eq!(none.unwrap_err().to_string(), "retry: `attempts` is 0, and must be between 1 and 10000");
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
        value: impl Display,
        must: &'static str,
    ) -> Self {
        Self { policy, setting, value: value.to_string(), must }
    }
}
