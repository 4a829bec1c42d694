//! A setting of the builder that cannot be.

use std::fmt::Display;

/// A setting of [`ServeBuilder`](crate::ServeBuilder) that is out of its bounds.
///
/// ```
/// use ember_serve::Serve;
///
/// let none = Serve::builder().connections(0).build();
/// assert_eq!(none.unwrap_err().to_string(), "serve: `connections` is 0, and must be between 2 and 4096");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("serve: `{setting}` is {value}, and must be {must}")]
pub struct Invalid {
    setting: &'static str,
    value: String,
    must: &'static str,
}

impl Invalid {
    pub(crate) fn new(setting: &'static str, value: impl Display, must: &'static str) -> Self {
        Self { setting, value: value.to_string(), must }
    }
}
