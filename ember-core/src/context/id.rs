//! Correlation ids: made, or taken from outside and made harmless.

use std::sync::Arc;

/// The longest id in bytes.
pub(super) const MAX: usize = 128;

/// 32 lower-case hexadecimal digits, never all zero: a trace id as in <https://www.w3.org/TR/trace-context/#trace-id>.
pub(super) fn random() -> Arc<str> {
    format!("{:032x}", fastrand::u128(1..)).into()
}

/// Ids come from request headers and go to logs: no id may break a line, hide text or fill a disk.
///
/// Nothing is left of an empty id.
pub(super) fn sanitized(id: &str) -> Option<Arc<str>> {
    let clean = printable(id, MAX);
    (!clean.is_empty()).then(|| clean.into())
}

/// A text from outside as it may stand in a line of a log: so many bytes of it at most.
pub(crate) fn printable(text: &str, most: usize) -> String {
    let mut clean = String::with_capacity(text.len().min(most));
    for char in text.chars() {
        let char = if is_unprintable(char) { char::REPLACEMENT_CHARACTER } else { char };
        if clean.len() + char.len_utf8() > most {
            break;
        }
        clean.push(char);
    }
    clean
}

/// Control characters, line and paragraph separators, and what reorders or hides the text around it.
pub(crate) fn is_unprintable(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
