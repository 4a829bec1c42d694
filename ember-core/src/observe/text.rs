//! The beginning of a text that somebody else's code writes.

use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::__discard;

/// How the writing of a text ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It is there as a whole.
    Whole,
    /// There was no room for the rest, which was not asked for.
    Cut,
    /// It said that it cannot be written.
    Failed,
    /// It panicked.
    Panicked,
}

/// Keeps so many bytes at most of what is written, each letter as `shown` has it, and tells how that ended.
pub(super) fn beginning(
    most: usize,
    shown: fn(char) -> char,
    write: impl FnOnce(&mut dyn Write) -> fmt::Result,
) -> (String, Ending) {
    let mut kept = Beginning { text: String::new(), most, shown, is_full: false };
    let ending = match catch_unwind(AssertUnwindSafe(|| write(&mut kept))) {
        Ok(_) if kept.is_full => Ending::Cut,
        Ok(Ok(())) => Ending::Whole,
        Ok(Err(fmt::Error)) => Ending::Failed,
        Err(payload) => {
            __discard(payload);
            Ending::Panicked
        }
    };
    (kept.text, ending)
}

/// The most bytes that are kept of what a check or a load that failed says.
pub(crate) const SAID: usize = 512;

/// What a check or a load that failed says, on one line and bounded.
pub(crate) fn said(shown: &dyn fmt::Display) -> String {
    let on_one_line = |letter: char| if letter.is_control() { ' ' } else { letter };
    match beginning(SAID, on_one_line, |to| write!(to, "{shown}")) {
        (text, Ending::Whole) => text,
        (text, Ending::Cut) => text + "\u{2026}",
        (text, Ending::Failed | Ending::Panicked) => text + " (it cannot be shown)",
    }
}

struct Beginning {
    text: String,
    most: usize,
    shown: fn(char) -> char,
    is_full: bool,
}

impl Write for Beginning {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars().map(self.shown) {
            self.is_full |= self.text.len() + letter.len_utf8() > self.most;
            if self.is_full {
                return Err(fmt::Error);
            }
            self.text.push(letter);
        }
        Ok(())
    }
}
