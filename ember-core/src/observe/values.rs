//! What an operator lets be logged of its arguments and of what it gives.

use std::fmt::{self, Debug, Write};

use super::text::{Ending, beginning};
use super::{What, emit};
use crate::context::is_unprintable;

/// A value that may be logged, with its name. It is made text by those who want it.
#[derive(Clone, Copy)]
pub struct Logged<'a> {
    name: &'static str,
    value: &'a dyn Debug,
}

/// What can be logged.
#[diagnostic::on_unimplemented(
    message = "`log` shows values by their `Debug`, which `{Self}` has not",
    label = "cannot be shown: `{Self}` is not `Debug`",
    note = "derive `Debug` for it, or leave it out; secrets are best kept in a type whose `Debug` hides them"
)]
pub trait Shown: Debug {}
#[diagnostic::do_not_recommend]
impl<T: Debug> Shown for T {}

impl<'a> Logged<'a> {
    /// How many bytes of a value stand where an event is shown as text.
    pub const TEXT: usize = 256;

    #[doc(hidden)]
    #[inline]
    pub fn __new<T: Shown>(name: &'static str, value: &'a T) -> Self {
        Self { name, value }
    }

    /// What it is called in the operator.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its `Debug`, so many bytes of it at most: what is cut ends in `…`, which stands beside them. What would break a line of
    /// a log, or disguise it, is replaced by `U+FFFD`.
    ///
    /// The value's `Debug` is not asked for more than that. If it panics, that is caught, and said in its place.
    pub fn text(&self, most: usize) -> String {
        bounded(most, |to| write!(to, "{:?}", self.value))
    }
}

/// A line of a log, so many bytes of it at most: it says how it ended.
pub(super) fn bounded(most: usize, write: impl FnOnce(&mut dyn Write) -> fmt::Result) -> String {
    let shown = |letter| if is_unprintable(letter) { char::REPLACEMENT_CHARACTER } else { letter };
    let (text, ending) = beginning(most, shown, write);
    text + match ending {
        Ending::Whole => "",
        Ending::Cut => "…",
        Ending::Failed => "(its text fails)",
        Ending::Panicked => "(its text panics)",
    }
}

impl Debug for Logged<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Logged").field(&self.name).finish()
    }
}

/// Tells of the arguments of a call, if somebody wants them: else they are not even looked at.
#[inline(always)]
pub fn arguments<'a, const N: usize>(arguments: impl FnOnce() -> [Logged<'a>; N]) {
    if emit::wants_values() {
        emit::tell(What::CalledWith { arguments: &arguments() });
    }
}

/// Tells of what a call has given.
#[inline(always)]
pub fn returned<T: Shown>(value: &T) {
    if emit::wants_values() {
        emit::tell(What::Gave { value: Logged::__new("returned", value) });
    }
}
