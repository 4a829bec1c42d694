//! Values that are looked at before a call, or behind it.
//!
//! Rules come from the crate [`garde`](https://docs.rs/garde), by the feature `validate`, or are plain conditions.

use std::fmt;

use super::PolicyError;
use crate::context::printable;

#[cfg(test)]
mod tests;

/// How many problems of a call are told.
const MOST: usize = 64;
/// How many bytes of a path, or of what is said of it, are told: both may hold keys of maps, which come from outside.
const MOST_TEXT: usize = 256;

/// What is wrong with the arguments of a call, or with what it gave.
///
/// It names places, `question.text`, and rules, never the values: these may be anybody's secret. Keys of maps are part of a
/// place; of each place and rule at most 256 bytes are told, without characters that would break a line of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    found: Vec<Problem>,
    omitted: usize,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    path: String,
    message: String,
}

impl Problem {
    /// Where: the argument, and the fields that lead to what is wrong.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Which rule it breaks.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl Problems {
    /// What was found, in the order of the arguments: at most 64.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.found.iter()
    }

    fn add(&mut self, path: &str, message: &str) {
        if self.found.len() < MOST {
            let [path, message] = [path, message].map(|text| printable(text, MOST_TEXT));
            self.found.push(Problem { path, message });
        } else {
            self.omitted += 1;
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, Problem { path, message }) in self.found.iter().enumerate() {
            write!(f, "{}{path}: {message}", if n > 0 { "; " } else { "" })?;
        }
        if self.omitted > 0 {
            write!(f, "; and {} more", self.omitted)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Looks at the arguments of one call, or at what it gave.
///
/// ```
/// use ember_core::policy::{PolicyError, Validation};
///
/// fn answer(question: &str, drafts: usize) -> Result<(), PolicyError<std::io::Error>> {
///     Validation::new()
///         .require("question", !question.is_empty(), "must not be empty")
///         .require("drafts", drafts <= 10, "must be at most 10")
///         .finish()
/// }
///
/// let invalid = answer("", 11).unwrap_err();
/// assert!(invalid.is_invalid());
/// let problems = std::error::Error::source(&invalid).unwrap().to_string();
/// assert_eq!(problems, "question: must not be empty; drafts: must be at most 10");
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is refused before `finish`"]
pub struct Validation(Problems);

impl Validation {
    /// Nothing has been looked at.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks a condition of what stands at `path`.
    pub fn require(mut self, path: &str, holds: bool, must: &str) -> Self {
        if !holds {
            self.0.add(path, must);
        }
        self
    }

    /// Asks the rules of a value's type.
    #[cfg(feature = "validate")]
    pub fn value<T>(mut self, name: &str, value: &T) -> Self
    where
        T: Validatable + ?Sized,
    {
        value.find(&mut |path, message| {
            let dot = if path.is_empty() || path.starts_with('[') { "" } else { "." };
            self.0.add(&format!("{name}{dot}{path}"), message);
        });
        self
    }

    /// Ends the look.
    ///
    /// # Errors
    ///
    /// [`PolicyError::invalid`] with the [`Problems`], if there are any.
    pub fn finish<E>(self) -> Result<(), PolicyError<E>> {
        if self.0.found.is_empty() { Ok(()) } else { Err(PolicyError::invalid(self.0)) }
    }
}

/// A value whose type has rules.
#[cfg(feature = "validate")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no rules to validate it by",
    label = "not known how to validate `{Self}`",
    note = "derive `garde::Validate` for it, or ask a condition: `validate(name = |value| ..)`"
)]
pub trait Validatable {
    /// Tells each problem: the path inside of the value, and the rule.
    fn find(&self, tell: &mut dyn FnMut(&str, &str));
}

#[cfg(feature = "validate")]
#[diagnostic::do_not_recommend]
impl<T> Validatable for T
where
    T: garde::Validate<Context: Default> + ?Sized,
{
    fn find(&self, tell: &mut dyn FnMut(&str, &str)) {
        if let Err(report) = self.validate() {
            for (path, error) in report.iter() {
                tell(&path.to_string(), error.message());
            }
        }
    }
}
